//! One small file of each kind.

use super::*;

fn check(path: &str, text: &str, expect: &[(&str, Stage, u32)]) {
    assert!(is_command_file(path), "{path}");
    let observed = read(path, text.as_bytes());
    let found: Vec<(String, Stage, u32)> =
        observed.commands.iter().map(|c| (c.words.join(" "), c.stage, c.line)).collect();
    let found: Vec<(&str, Stage, u32)> = found.iter().map(|(w, s, l)| (w.as_str(), *s, *l)).collect();
    assert_eq!(found, expect, "{path}");
}

#[test]
fn container_files_tell_what_is_built_and_what_is_started() {
    check(
        "api/Dockerfile",
        "FROM builder:1 AS build\nRUN compile --fast\nFROM runner:2\nCOPY --from=build /x /x\nRUN fetch a && \\\n    fetch b\nHEALTHCHECK CMD probe\nCMD [\"serve\", \"app\"]\n",
        &[
            ("compile --fast", Stage::Builder, 2),
            ("fetch a", Stage::ImageBuild, 5),
            ("fetch b", Stage::ImageBuild, 6),
            ("probe", Stage::Run, 7),
            ("serve app", Stage::Run, 8),
        ],
    );
    let observed = read("Dockerfile", b"FROM a:1 AS x\nFROM b:2\n");
    assert_eq!(
        observed.images.iter().map(|i| (i.reference.as_str(), i.final_stage)).collect::<Vec<_>>(),
        [("a:1", false), ("b:2", true)]
    );
    check("Dockerfile.dev", "FROM a\nCMD serve\n", &[("serve", Stage::Dev, 2)]);
}

#[test]
fn services_tell_their_commands_and_variables() {
    let text = "services:\n  web:\n    build: .\n    command: serve app\n    environment:\n      DB_URL: pg://x\n  job:\n    command: [\"work\", \"--now\"]\n    environment:\n      - MODE=fast\n";
    check("compose.prod.yml", text, &[("serve app", Stage::Run, 4), ("work --now", Stage::Run, 8)]);
    let observed = read("docker-compose.yml", text.as_bytes());
    assert_eq!(observed.variables, [("DB_URL".into(), "pg://x".into(), 6), ("MODE".into(), "fast".into(), 10)]);
    check(
        "deploy/web.yaml",
        "spec:\n  containers:\n  - name: {{ .Values.name }}\n    command: [serve]\n    args:\n    - app\n    env:\n    - name: X\n      value: y\n",
        &[("serve app", Stage::Run, 4)],
    );
    check(
        ".github/workflows/ci.yml",
        "jobs:\n  t:\n    steps:\n      - run: |\n          check a\n          check b\n",
        &[("check a", Stage::Ci, 5), ("check b", Stage::Ci, 6)],
    );
    check(
        ".gitlab-ci.yml",
        "t:\n  script:\n    - check a\n    - check b --all\n",
        &[("check a", Stage::Ci, 3), ("check b --all", Stage::Ci, 4)],
    );
}

#[test]
fn process_managers_start_production() {
    check(
        "Procfile",
        "web: serve app --port $PORT\n# x\nrelease: migrate\n",
        &[("serve app --port $PORT", Stage::Run, 1), ("migrate", Stage::Run, 3)],
    );
    check("deploy/crontab", "0 3 * * * clean --all\n", &[("clean --all", Stage::Run, 1)]);
    check("conf/supervisord.conf", "[program:web]\ncommand=serve app\n", &[("serve app", Stage::Run, 2)]);
    check("web.service", "[Service]\nExecStart=-/usr/bin/serve app\n", &[("/usr/bin/serve app", Stage::Run, 2)]);
}

#[test]
fn task_runners_are_development() {
    check("Makefile", "test:\n\t@check \\\n\t  --all\nX = 1\n", &[("check --all", Stage::Dev, 2)]);
    check(
        "tox.ini",
        "[tox]\nenvlist = a\n[testenv]\ndeps = x\ncommands =\n    check --all\n",
        &[("check --all", Stage::Dev, 6)],
    );
    check(
        "pyproject.toml",
        "[tool.poe.tasks]\nlint = \"look .\"\nserve = { cmd = \"serve app\" }\n",
        &[("look .", Stage::Dev, 2), ("serve app", Stage::Dev, 3)],
    );
    check("scripts/start", "#!/bin/sh\nserve app\n", &[("serve app", Stage::Dev, 2)]);
}

#[test]
fn other_files_are_not_asked() {
    for path in ["README.md", "values.yaml", "app/main.py", "Dockerfile.dockerignore", "data/x.json"] {
        assert!(!is_command_file(path), "{path}");
    }
}

#[test]
fn broken_files_are_harmless() {
    for path in [
        "Dockerfile",
        "compose.yml",
        "deploy/x.yaml",
        "Makefile",
        "Procfile",
        "x.service",
        "tox.ini",
        "a.sh",
        "Jenkinsfile",
        ".gitlab-ci.yml",
    ] {
        for text in [&b"\xff\xfe\x00"[..], b"[[[", b"{{", b"\t\\\n\\", b"FROM\n\nRUN <<X", b": : :\n - -", b""] {
            let _ = read(path, text);
        }
    }
}
