//! Container files and compose files.

use super::*;

#[test]
fn stages_tell_what_ships() {
    let observed = check(
        "api/Dockerfile",
        "ARG V=2\nFROM builder:1 AS build\nRUN compile --fast\nFROM runner:$V AS base\nRUN fetch a && \\\n    # why\n    fetch b\nFROM base\nCOPY --from=build /x /x\nRUN --mount=type=cache,target=/c fetch c\nHEALTHCHECK CMD probe\nCMD [\"serve\", \"app\"]\n",
        &[
            "3 builder compile --fast in ?",
            "5 image fetch a in ?",
            "7 image fetch b in ?",
            "10 image fetch c in ?",
            "11 run probe in ?",
            "12 run serve app in ?",
        ],
    );
    let images: Vec<_> = observed.images.iter().map(|i| (i.reference.as_str(), i.line, i.final_stage)).collect();
    assert_eq!(images, [("builder:1", 2, false), ("runner:2", 4, true)]);
    assert_eq!(observed.context.as_deref(), Some("api"));
}

#[test]
fn the_last_entry_point_and_command_start() {
    check(
        "Dockerfile",
        "FROM a\nCMD first\nCMD second $PORT\nENTRYPOINT [\"tini\", \"--\"]\n",
        &["3 run sh -c in ?", "3 run second $PORT in ?", "4 run tini -- in ?"],
    );
    check("Dockerfile", "FROM a\nENTRYPOINT [\"serve\"]\nCMD [\"--port\", \"80\"]\n", &["2 run serve --port 80 in ?"]);
    check(
        "Dockerfile",
        "FROM a\nENTRYPOINT [\"/start.sh\"]\nCMD [\"serve\", \"app\"]\n",
        &["2 run /start.sh serve app in ?", "3 run serve app in ?"],
    );
    check("Dockerfile", "FROM a AS one\nCMD base\nFROM one\nENTRYPOINT serve now\n", &["4 run serve now in ?"]);
}

#[test]
fn folders_go_back_to_the_context() {
    let observed = check(
        "web/docker/Dockerfile",
        "FROM a\nWORKDIR /srv\nCOPY . .\nWORKDIR api\nRUN build it\nWORKDIR /tmp\nRUN other\nWORKDIR /srv\nCMD cd api && serve\n",
        &["5 image build it in ../api", "7 image other in /tmp", "9 run serve in ../api"],
    );
    assert_eq!(observed.context.as_deref(), Some("web"));
    assert_eq!(observed.layout.sources("/srv/api/start.sh"), ["api/start.sh"]);
    let copies: Vec<_> =
        observed.copies.iter().map(|c| (c.sources.join(" "), c.destination.as_str(), c.final_stage)).collect();
    assert_eq!(copies, [(".".to_owned(), "/srv", true)]);
}

#[test]
fn variables_go_with_the_commands_behind_them() {
    let observed = check(
        "Dockerfile",
        "FROM a\nARG GROUPS=main\nENV NO_DEV=1 URL=pg://x\nRUN install --only $GROUPS\nENV LATE=1\n",
        &["4 image install --only main in ?"],
    );
    check_variables(&observed, &[("GROUPS", "main", 2), ("NO_DEV", "1", 3), ("URL", "pg://x", 3), ("LATE", "1", 5)]);
    let variables: Vec<_> = observed.commands[0].variables.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(variables, ["GROUPS", "NO_DEV", "URL"]);
}

#[test]
fn stages_for_tests_do_not_ship() {
    check(
        "Dockerfile",
        "FROM a AS base\nCMD serve\nFROM base AS dev\nRUN fetch tools\nCMD watch-it\n",
        &["2 run serve in ?", "4 dev fetch tools in ?", "5 dev watch-it in ?"],
    );
    check("Dockerfile.test", "FROM a\nRUN fetch\nCMD check\n", &["2 dev fetch in ?", "3 dev check in ?"]);
    check(
        "Dockerfile",
        "FROM a AS worker\nCMD work\nFROM a\nCMD serve\n",
        &["2 builder work in ?", "4 run serve in ?"],
    );
}

#[test]
fn here_documents_run_and_scripts_written_in_place_too() {
    check(
        "Dockerfile",
        "FROM a\nRUN <<EOF\nfetch a\nfetch b\nEOF\nCOPY <<'EOF' /start.sh\n#!/bin/sh\nexec serve \"$@\"\nEOF\nRUN cat <<X > /y\nno command\nX\n",
        &["3 image fetch a in ?", "4 image fetch b in ?", "8 run serve $@ in ?", "10 image cat in ?"],
    );
}

#[test]
fn only_container_files_have_problems() {
    let problems =
        |path: &str, text: &str| read(path, text.as_bytes()).problems.iter().map(|p| p.line).collect::<Vec<_>>();
    assert_eq!(problems("Dockerfile", "FROM a\nFETCH it\nCMD serve\n"), [2]);
    assert_eq!(problems("Dockerfile.j2", "FROM a\n{% if x %}\nCMD serve\n"), [0_u32; 0]);
    assert_eq!(problems("Dockerfile", "somebody else's notes\n"), [0_u32; 0]);
}

#[test]
fn services_tell_commands_builds_and_variables() {
    let observed = check(
        "docker-compose.yml",
        "x-env: &env\n  MODE: fast\nservices:\n  web:\n    build:\n      context: ./api\n      target: prod\n    command: serve app --n $$N\n    environment:\n      <<: *env\n      DB_URL: pg://x\n    healthcheck:\n      test: [\"CMD\", \"probe\", \"x\"]\n  job:\n    image: ${IMG:-runner:3}\n    volumes: [\".:/code\"]\n    working_dir: /code\n    command: [\"sh\", \"-c\", \"migrate && work\"]\n  db:\n    image: postgres:16\n    command: postgres -c x=1\n    healthcheck:\n      test: pg_isready\n  tool:\n    profiles: [dev]\n    build: .\n    entrypoint: look --at\n",
        &[
            "8 run serve app --n $N in ?",
            "13 run probe x in ?",
            "18 run sh -c in /code",
            "18 run migrate in /code",
            "18 run work in /code",
            "21 run postgres -c x=1 in ?",
            "27 dev look --at in ?",
        ],
    );
    check_variables(&observed, &[("DB_URL", "pg://x", 11)]);
    let images: Vec<_> = observed.images.iter().map(|i| (i.reference.as_str(), i.line, i.final_stage)).collect();
    assert_eq!(images, [("runner:3", 15, true), ("postgres:16", 20, false)]);
    let builds: Vec<_> = observed.builds.iter().map(|b| (b.file.as_str(), b.target.as_deref(), b.dev)).collect();
    assert_eq!(builds, [("api/Dockerfile", Some("prod"), false), ("Dockerfile", None, true)]);
    check("docker-compose.override.yml", "services:\n  web:\n    command: watch-it\n", &["3 dev watch-it in ?"]);
    check("production.yml", "services:\n  web:\n    build: .\n    command: /start\n", &["4 run /start in ?"]);
}

#[test]
fn manifests_and_charts_tell_their_containers() {
    let observed = check(
        "k8s/web.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - image: api:1\n          command: [\"serve\"]\n          args:\n            - app\n          env:\n            - name: DB_URL\n              value: pg://x\n          livenessProbe:\n            exec:\n              command:\n                - probe\n---\napiVersion: batch/v1\nkind: CronJob\nspec:\n  containers:\n    - args: [\"work\", \"--once\"]\n---\napiVersion: v1\nkind: ConfigMap\ndata:\n  BROKER: amqp://y\n",
        &["8 run serve app in ?", "17 run probe in ?", "23 run work --once in ?"],
    );
    check_variables(&observed, &[("DB_URL", "pg://x", 12), ("BROKER", "amqp://y", 28)]);
    let observed = check(
        "chart/templates/web.yaml",
        "{{- if .Values.on }}\napiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: {{ .Values.name | quote }}\n    {{- with .Values.extra }}\n    command: [serve, \"{{ .Values.app }}\"]\n    {{- end }}\n{{- end }}\n",
        &["8 run serve template in ?"],
    );
    assert_eq!(observed.problems, []);
    check("chart/values.yaml", "worker:\n  command: [\"work\"]\n", &["2 run work in ?"]);
}

#[test]
fn a_lone_file_for_development_ships() {
    check_settled(
        &[("Dockerfile.dev", "FROM a\nRUN fetch\nCMD serve\n")],
        &[("Dockerfile.dev", &["2 image fetch in ?", "3 run serve in ?"])],
    );
    check_settled(
        &[("Dockerfile.dev", "FROM a\nCMD watch-it\n"), ("Dockerfile", "FROM a\nCMD serve\n")],
        &[("Dockerfile.dev", &["2 dev watch-it in ?"]), ("Dockerfile", &["2 run serve in ?"])],
    );
    check_settled(
        &[(".devcontainer/Dockerfile", "FROM a\nCMD x\n")],
        &[(".devcontainer/Dockerfile", &["2 dev x in ?"])],
    );
}

#[test]
fn builds_say_which_stage_ships_and_from_where() {
    let container = "FROM a AS prod\nWORKDIR /app\nCOPY api /app\nENTRYPOINT [\"runner\"]\nCMD [\"serve\"]\nFROM prod AS extra\nRUN fetch tools\n";
    check_settled(
        &[
            ("build/api.Dockerfile", container),
            (
                "compose.yml",
                "services:\n  web:\n    build: {context: ., dockerfile: build/api.Dockerfile, target: prod}\n    command: [work, --all]\n",
            ),
        ],
        &[
            ("build/api.Dockerfile", &["4 run runner serve in ../api", "7 builder fetch tools in ../api"]),
            ("compose.yml", &["4 run work --all in ?", "4 run runner work --all in ?"]),
        ],
    );
    check_settled(
        &[
            ("svc/Dockerfile", "FROM a AS prod\nCMD serve\nFROM prod AS extra\nCMD other\n"),
            ("Makefile", "image:\n\tdocker build -t x --target prod -f svc/Dockerfile svc\n"),
        ],
        &[
            ("svc/Dockerfile", &["2 run serve in ?", "4 builder other in ?"]),
            ("Makefile", &["2 dev docker build -t x --target prod -f svc/Dockerfile svc"]),
        ],
    );
}

#[test]
fn workflows_say_what_they_push() {
    check_settled(
        &[
            (
                "docker/web/Dockerfile",
                "FROM a AS prod\nWORKDIR /x\nCOPY . .\nCMD serve\nFROM prod AS extra\nCMD other\n",
            ),
            (
                ".github/workflows/push.yml",
                "jobs:\n  a:\n    steps:\n    - uses: docker/build-push-action@v6\n      with:\n        context: web\n        file: docker/web/Dockerfile\n        target: prod\n        push: true\n",
            ),
        ],
        &[
            ("docker/web/Dockerfile", &["4 run serve in ../../web", "6 builder other in ../../web"]),
            (".github/workflows/push.yml", &[]),
        ],
    );
}

#[test]
fn scripts_run_where_they_are_called() {
    check_settled(
        &[
            (
                "Dockerfile",
                "FROM a\nCOPY docker/start.sh /usr/local/bin/start\nCOPY . /app\nRUN sh /app/tools/setup.sh\nCMD [\"start\"]\n",
            ),
            ("docker/start.sh", "#!/bin/sh\n. /app/docker/env.sh\nexec serve\n"),
            ("docker/env.sh", "#!/bin/sh\nload env\n"),
            ("tools/setup.sh", "fetch it\n"),
            ("tools/lint.sh", "look\n"),
            ("web/env.sh", "other\n"),
        ],
        &[
            ("Dockerfile", &["4 image sh /app/tools/setup.sh in ?", "5 run start in ?"]),
            ("docker/start.sh", &["2 run . /app/docker/env.sh in ?", "3 run serve in ?"]),
            ("docker/env.sh", &["2 run load env in ?"]),
            ("tools/setup.sh", &["1 image fetch it in ?"]),
            ("tools/lint.sh", &["1 dev look in ?"]),
            ("web/env.sh", &["1 dev other in ?"]),
        ],
    );
}
