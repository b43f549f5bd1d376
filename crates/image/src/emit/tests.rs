//! What is written is held against snapshots, rules and properties.

use crate::emit::{Blueprint, FILES_THERE, Written, base_of, configuration, distribution, write};
use crate::own::{Classify, own};
use depslim_formats::dockerfile;
use depslim_model::recipe::{Recipe, Runtime, Step};

mod lint;

/// A language whose client is called `fig`, on images called `fig`.
fn recipe() -> Recipe {
    let run = |command: &str| Step::Run { command: command.to_owned(), caches: vec!["/root/.cache/fig".to_owned()] };
    Recipe {
        steps: vec![
            Step::CopyExported { sources: vec!["figs.txt".to_owned()], to: "/tmp/slim/".to_owned() },
            run("fig install --list /tmp/slim/figs.txt --into /opt/figs"),
        ],
        results: vec![("/opt/figs".to_owned(), "/opt/figs".to_owned())],
        variables: vec![("PATH".to_owned(), "/opt/figs/bin".to_owned())],
        runners: &[(&["fig", "run"], &["--with"])],
        client_variables: &["FIG_"],
        bootstraps: &["get-fig"],
        environments: &["/figs", "/usr/local/bin"],
        probe_url: &["figvm", "-e", "get('{url}')"],
        probe_port: &["figvm", "-e", "open({port})"],
        ..Recipe::default()
    }
}

fn of(text: &str, alpine: bool, root: Option<&str>) -> Written {
    let recipe = recipe();
    let file = dockerfile::read(text);
    let installs = |words: &[String]| words.first().is_some_and(|w| w == "fig") && words.iter().any(|w| w == "install");
    let is_language = |image: &str| image.starts_with("fig:");
    let classify = Classify {
        is_language: &is_language,
        installs: &installs,
        bootstraps: recipe.bootstraps,
        environments: recipe.environments,
        client_variables: recipe.client_variables,
        exists: None,
    };
    let own = own(text, &file, file.stages.len() - 1, &classify);
    write(&Blueprint {
        recipe: &recipe,
        own: Some(&own),
        base: if alpine { "fig:3-alpine" } else { "fig:3-slim" },
        stands: None,
        registry: None,
        alpine,
        system: &[("libplum5".to_owned(), "plum/core.so links libplum.so.5".to_owned())],
        build: &[],
        project: "",
        own_context: "",
        folder: "",
        out: "slim",
        start: None,
        several: false,
        root,
        because: &[],
        name: "Dockerfile",
        configuration: "nginx.conf",
        tool: "1",
    })
}

/// The final stage alone.
fn check(text: &str) -> String {
    let written = of(text, false, None);
    assert_eq!(dockerfile::read(&written.dockerfile).problems, [], "{}", written.dockerfile);
    lint::check(&written.dockerfile);
    let at = written.dockerfile.rfind("\nFROM").unwrap();
    written.dockerfile[at + 1..].to_owned()
}

#[test]
fn a_single_stage_becomes_two() {
    let text = "FROM fig:3\nWORKDIR /srv\nENV FIG_CACHE=1 MODE=fast\nRUN apt-get update && apt-get install -y gcc libplum-dev tidy && rm -rf /var/lib/apt/lists/*\nCOPY figs.txt .\nRUN fig install --list figs.txt\nCOPY . .\nRUN fig run collect --all\nEXPOSE 8000\nHEALTHCHECK --interval=9s CMD curl -f http://localhost:8000/up || exit 1\nCMD fig run --with x serve --port 8000\n";
    insta::assert_snapshot!(of(text, false, None).dockerfile, @r#"
    # Written by depslim 1: what production needs, and nothing else.
    # Build in the project's folder: docker build -f slim/Dockerfile .

    FROM fig:3-slim AS build
    WORKDIR /app
    COPY slim/figs.txt /tmp/slim/
    RUN --mount=type=cache,target=/root/.cache/fig \
        fig install --list /tmp/slim/figs.txt --into /opt/figs

    FROM fig:3-slim
    # libplum5: plum/core.so links libplum.so.5
    # tidy: line 4 of the project's own file installs it
    RUN apt-get update \
     && apt-get install -y --no-install-recommends libplum5 tidy \
     && rm -rf /var/lib/apt/lists/* \
     && groupadd -r -g 10001 app && useradd -l -r -u 10001 -g app -d /srv app \
     && install -d -o 10001 -g 10001 /srv
    COPY --from=build /opt/figs /opt/figs
    ENV PATH=/opt/figs/bin:$PATH
    WORKDIR /srv
    ENV MODE=fast
    COPY --chown=10001:10001 . /srv/
    USER 10001:10001
    RUN collect --all
    EXPOSE 8000
    HEALTHCHECK --interval=9s \
        CMD ["figvm", "-e", "get('http://localhost:8000/up')"]
    CMD ["serve", "--port", "8000"]
    "#);
}

#[test]
fn stages_of_the_language_are_read_through_and_others_stay() {
    let text = "FROM node:22 AS web\nWORKDIR /w\nCOPY web/ .\n# pack\nRUN npm run build\n\nFROM fig:3 AS build\nWORKDIR /src\nCOPY . .\nRUN fig install && mkdir -p out/deep && make-out\nFROM fig:3-slim\nCOPY --from=build /opt/figs /opt/figs\nCOPY --from=build /src /app\nCOPY --from=web /w/dist /app/static\nWORKDIR /app\nENTRYPOINT [\"/opt/figs/bin/serve\"]\nCMD [\"--fast\"]\n";
    let written = of(text, false, None);
    assert!(
        written.dockerfile.contains("FROM node:22 AS web\nWORKDIR /w\nCOPY web/ .\n# pack\nRUN npm run build\n\n"),
        "{}",
        written.dockerfile
    );
    assert_eq!(written.reads, [".", "slim/figs.txt", "web/"]);
    insta::assert_snapshot!(check(text), @r#"
    FROM fig:3-slim
    # libplum5: plum/core.so links libplum.so.5
    RUN apt-get update \
     && apt-get install -y --no-install-recommends libplum5 \
     && rm -rf /var/lib/apt/lists/* \
     && groupadd -r -g 10001 app && useradd -l -r -u 10001 -g app -d /app app \
     && install -d -o 10001 -g 10001 /app /app/out /app/out/deep
    COPY --from=build /opt/figs /opt/figs
    ENV PATH=/opt/figs/bin:$PATH
    COPY --chown=10001:10001 . /app
    USER 10001:10001
    RUN make-out
    COPY --chown=10001:10001 --from=web /w/dist /app/static
    WORKDIR /app
    ENTRYPOINT ["/opt/figs/bin/serve"]
    CMD ["--fast"]
    "#);
}

#[test]
fn what_starts_it_needs_no_shell_unless_it_uses_one() {
    for (own, expect) in [
        ("CMD serve a 'b c'", r#"CMD ["serve", "a", "b c"]"#),
        ("CMD exec serve", r#"CMD ["serve"]"#),
        ("CMD serve --port $PORT", r#"CMD ["sh", "-c", "exec serve --port $PORT"]"#),
        ("CMD fig run migrate && fig run serve", r#"CMD ["sh", "-c", "migrate && serve"]"#),
        ("CMD [\"fig\", \"run\", \"--with\", \"y\", \"--\", \"serve\"]", r#"CMD ["serve"]"#),
        ("CMD [\"/elsewhere/figs/bin/serve\"]", r#"CMD ["serve"]"#),
        ("CMD [\"sh\", \"-c\", \"fig run serve | tee x\"]", r#"CMD ["sh", "-c", "serve | tee x"]"#),
        ("CMD A=1 serve", r#"CMD ["sh", "-c", "A=1 serve"]"#),
    ] {
        let text = check(&format!("FROM fig:3\nCOPY . /app\n{own}\n"));
        assert_eq!(text.lines().last(), Some(expect), "{own}");
    }
    let written = of("FROM fig:3\nCOPY . /app\n", false, None);
    assert!(written.notes.iter().any(|n| n.contains("no CMD")), "{:?}", written.notes);
}

#[test]
fn users_have_numbers_and_secrets_stay_out() {
    let text = "FROM fig:3\nENV SECRET_KEY=hunter2 TOKEN_FILE=/run/t DATABASE_URL=db://u:pw@h/x\nRUN useradd -m -u 1234 keeper\nCOPY . /app\nRUN serve --prepare\nRUN chown -R keeper /app\nUSER keeper\nCMD [\"serve\"]\n";
    let text = check(text);
    assert!(!text.contains("hunter2") && !text.contains("pw@h") && text.contains("ENV TOKEN_FILE=/run/t\n"), "{text}");
    assert!(text.contains("USER 1234:1234\nRUN export SECRET_KEY=for-the-build-only && export DATABASE_URL=for-the-build-only && serve --prepare\n"), "{text}");
    let root = of("FROM fig:3\nCOPY . /app\nCMD [\"serve\"]\n", false, Some("start.sh:3 runs gosu"));
    assert!(
        !root.dockerfile.contains("USER ") && root.dockerfile.contains("# stays root: start.sh:3 runs gosu\n"),
        "{}",
        root.dockerfile
    );
}

#[test]
fn alpine_has_its_own_words() {
    let written = of("FROM fig:3-alpine\nRUN apk add --no-cache gcc tidy\nCOPY . /app\nCMD [\"serve\"]\n", true, None);
    lint::check(&written.dockerfile);
    assert!(written.dockerfile.contains("RUN apk add --no-cache libplum5 tidy \\\n && addgroup -S -g 10001 app && adduser -S -D -H -u 10001 -G app -h /app app \\\n"), "{}", written.dockerfile);
}

#[test]
fn health_checks_use_what_is_there() {
    for (own, expect) in [
        (
            "HEALTHCHECK CMD wget -qO- localhost:80/x",
            r#"HEALTHCHECK CMD ["figvm", "-e", "get('http://localhost:80/x')"]"#,
        ),
        (
            "HEALTHCHECK CMD curl -f http://localhost:$PORT/x",
            r#"HEALTHCHECK CMD ["sh", "-c", "figvm -e \"get('http://localhost:$PORT/x')\""]"#,
        ),
        ("HEALTHCHECK CMD ask-me || exit 1", r#"HEALTHCHECK CMD ["ask-me"]"#),
        ("HEALTHCHECK NONE", ""),
        ("EXPOSE 8080/tcp", r#"HEALTHCHECK --start-period=30s CMD ["figvm", "-e", "open(8080)"]"#),
        ("EXPOSE 80 81", ""),
        ("LABEL a=b", r#"HEALTHCHECK --start-period=30s CMD ["figvm", "-e", "open(9000)"]"#),
    ] {
        let text = check(&format!("FROM fig:3\nCOPY . /app\n{own}\nCMD [\"serve\", \"--bind\", \"0.0.0.0:9000\"]\n"));
        let found = text.lines().find(|l| l.starts_with("HEALTHCHECK")).unwrap_or("");
        assert_eq!(if own.ends_with("NONE") { "" } else { found }, expect, "{own}");
    }
}

/// What is written for a recipe of another kind.
fn apart(recipe: &Recipe, own_text: &str) -> String {
    let file = dockerfile::read(own_text);
    let classify = Classify {
        is_language: &|_| true,
        installs: &|_| false,
        bootstraps: &[],
        environments: &[],
        client_variables: &[],
        exists: Some(&|path| path == "views"),
    };
    let own = own(own_text, &file, file.stages.len() - 1, &classify);
    let written = write(&Blueprint {
        recipe,
        own: Some(&own),
        base: "plum:1",
        stands: base_of(recipe.runtime),
        registry: Some("mirror.example.invalid/library"),
        alpine: false,
        system: &[],
        build: &[],
        project: "web",
        own_context: "",
        folder: "",
        out: "slim/web",
        start: None,
        several: false,
        root: None,
        because: &[],
        name: "Dockerfile",
        configuration: "nginx.conf",
        tool: "1",
    });
    assert_eq!(dockerfile::read(&written.dockerfile).problems, [], "{}", written.dockerfile);
    written.dockerfile.split("\n\n").skip(1).collect::<Vec<_>>().join("\n")
}

fn step(command: &str) -> Step {
    Step::Run { command: command.to_owned(), caches: Vec::new() }
}

#[test]
fn files_need_a_web_server_only() {
    let recipe = Recipe {
        runtime: Runtime::Files,
        build_variables: vec![("PLUM_API".to_owned(), "/a b".to_owned())],
        steps: vec![
            Step::Folder("/w".to_owned()),
            Step::Copy { sources: vec!["plum.json".to_owned(), "plum.lock".to_owned()], to: "./".to_owned() },
            step("plum ci"),
        ],
        results: vec![("/w/out".to_owned(), FILES_THERE.to_owned())],
        ..Recipe::default()
    };
    insta::assert_snapshot!(apart(&recipe, "FROM plum:1\nENV FAST=1\nEXPOSE 3000\nCMD plum start\n"), @r#"
    FROM plum:1 AS build
    ARG PLUM_API="/a b"
    ENV FAST=1
    WORKDIR /w
    COPY web/plum.json web/plum.lock ./
    RUN plum ci
    FROM mirror.example.invalid/library/nginx:1.31-alpine3.24-slim
    COPY --from=build /w/out /usr/share/nginx/html
    COPY slim/web/nginx.conf /etc/nginx/nginx.conf
    EXPOSE 3000
    USER 101:101
    HEALTHCHECK CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:3000/"]
    CMD ["nginx", "-g", "daemon off;"]
    "#);
    let text = configuration(3000, "1");
    assert!(text.contains("listen 3000;") && text.matches('{').count() == text.matches('}').count(), "{text}");
}

#[test]
fn programs_that_link_nothing_or_little_need_no_runtime() {
    let mut recipe = Recipe {
        runtime: Runtime::Nothing,
        steps: vec![step("plum build --static")],
        results: vec![("/out/serve".to_owned(), "/serve".to_owned())],
        start: vec!["/serve".to_owned()],
        ..Recipe::default()
    };
    insta::assert_snapshot!(apart(&recipe, "FROM plum:1\nENV MODE=x PATH=/y\nEXPOSE 80\nLABEL a=b\n"), @r#"
    FROM plum:1 AS build
    WORKDIR /app
    ENV MODE=x \
        PATH=/y
    RUN plum build --static
    FROM gcr.io/distroless/static-debian13:nonroot
    COPY --from=build /out/serve /serve
    ENV MODE=x
    EXPOSE 80
    LABEL a=b
    USER 65532:65532
    ENTRYPOINT ["/serve"]
    "#);
    recipe.runtime = Runtime::Libraries;
    assert!(apart(&recipe, "FROM plum:1\n").contains("\nFROM gcr.io/distroless/cc-debian13:nonroot\n"));
}

#[test]
fn files_that_a_program_reads_come_along_and_what_a_build_made_does_not() {
    let recipe = Recipe {
        runtime: Runtime::Nothing,
        steps: vec![step("plum build")],
        results: vec![("/out/serve".to_owned(), "/serve".to_owned())],
        start: vec!["/serve".to_owned()],
        ..Recipe::default()
    };
    let text = "FROM plum:1 AS build\nWORKDIR /src\nCOPY . .\nRUN plum build\nFROM plum:1-slim\nWORKDIR /srv\nCOPY --from=build /src/serve /src/made /bin/\nCOPY --from=build /src/views ./views\nCOPY rules.txt .\nHEALTHCHECK CMD curl localhost\nCMD [\"tini\", \"--\", \"/bin/serve\", \"--fast\"]\n";
    let written = apart(&recipe, text);
    insta::assert_snapshot!(written[written.rfind("FROM").unwrap()..], @r#"
    FROM gcr.io/distroless/static-debian13:nonroot
    COPY --from=build /out/serve /serve
    WORKDIR /srv
    COPY --chown=65532:65532 views /srv/views
    COPY --chown=65532:65532 rules.txt /srv/
    USER 65532:65532
    # line 10 of the project's own file asks whether it works: no program is here that could
    ENTRYPOINT ["/serve", "--fast"]
    "#);
}

#[test]
fn a_program_that_needs_more_than_itself_gets_a_distribution() {
    let recipe = |runtime| Recipe {
        runtime,
        results: vec![("/out/serve".to_owned(), "/usr/local/bin/serve".to_owned())],
        ..Recipe::default()
    };
    for (text, runtime, alpine, expect) in [
        ("RUN apk add --no-cache ca-certificates\nCMD [\"/serve\", \"-x\"]", Runtime::Nothing, true, None),
        (
            "RUN apk add --no-cache git tzdata\nCMD [\"/serve\"]",
            Runtime::Nothing,
            true,
            Some(("alpine:3.24", "line 2 of the project's own file installs git")),
        ),
        (
            "RUN apt-get install -y git\nCMD [\"/serve\"]",
            Runtime::Nothing,
            false,
            Some(("debian:trixie-slim", "line 2 of the project's own file installs git")),
        ),
        (
            "ENTRYPOINT [\"./start.sh\"]",
            Runtime::Libraries,
            true,
            Some(("debian:trixie-slim", "line 2 of the project's own file starts something else than what is built")),
        ),
        (
            "CMD serve --port $PORT",
            Runtime::Nothing,
            false,
            Some(("debian:trixie-slim", "line 2 of the project's own file starts something else than what is built")),
        ),
        ("CMD serve --port 80", Runtime::Nothing, false, None),
        ("ENTRYPOINT [\"/sbin/tini\", \"--\", \"/x/serve\"]", Runtime::Libraries, false, None),
        ("CMD [\"npm\", \"start\"]", Runtime::Files, false, None),
    ] {
        let text = format!("FROM plum:1\n{text}\n");
        let file = dockerfile::read(&text);
        let classify = Classify {
            is_language: &|_| true,
            installs: &|_| false,
            bootstraps: &[],
            environments: &[],
            client_variables: &[],
            exists: None,
        };
        let found = distribution(&recipe(runtime), &own(&text, &file, 0, &classify), alpine);
        let found = found.as_ref().map(|(base, why)| (base.image, why.as_str()));
        assert_eq!(found, expect, "{text}");
    }
    // Somebody who says that no shell is needed is believed.
    let text = "FROM plum:1\nCMD [\"sh\", \"-c\", \"plum $OPTIONS serve\"]\n";
    let direct = Recipe { starts_directly: true, ..recipe(Runtime::Libraries) };
    let classify = Classify {
        is_language: &|_| true,
        installs: &|_| false,
        bootstraps: &[],
        environments: &[],
        client_variables: &[],
        exists: None,
    };
    assert_eq!(distribution(&direct, &own(text, &dockerfile::read(text), 0, &classify), false), None);
}

/// Container files as people write them, each with one habit.
const HABITS: &[&str] = &[
    "FROM fig\nADD . .\nRUN cd /app && fig install\nCMD serve\n",
    "FROM fig:latest\nMAINTAINER me\nUSER root\nWORKDIR app\nCOPY a b c\nRUN sudo apt-get install curl\nENTRYPOINT serve $X\n",
    "FROM fig:3 AS a\nCOPY . /x\nFROM a\nRUN adduser --uid 5 z\nRUN wget http://e.example.invalid/x | tar x\nUSER z\nCMD [\"serve\"]\nCMD [\"serve2\"]\n",
    "FROM fig:3\nARG TOKEN=abc\nRUN if x; then fig install; fi\nRUN if x; then y; fi\nVOLUME /data /var/log\nEXPOSE 80\nSTOPSIGNAL SIGINT\nSHELL [\"/bin/bash\", \"-c\"]\nCOPY --chown=1:1 [\"a b\", \"/c d/\"]\nCMD [\"serve\"]\n",
    "FROM fig:3\nRUN apk add x && apt install y\nRUN <<EOF\nfig install\nEOF\nCOPY <<EOF /x\ny\nEOF\nCMD [\"serve\"]\n",
];

#[test]
fn everything_that_is_written_keeps_the_rules() {
    for text in HABITS {
        for alpine in [false, true] {
            let written = of(text, alpine, None);
            assert_eq!(dockerfile::read(&written.dockerfile).problems, [], "{}", written.dockerfile);
            lint::check(&written.dockerfile);
        }
    }
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_written_reads_back(
            lines in proptest::collection::vec("(RUN|COPY|ENV|CMD|USER|WORKDIR|ADD|ENTRYPOINT|HEALTHCHECK|EXPOSE|VOLUME|FROM fig:3 AS|ARG) [ -~]{0,40}", 0..12)
        ) {
            let text = format!("FROM fig:3\n{}\n", lines.join("\n"));
            let file = dockerfile::read(&text);
            prop_assume!(!file.stages.is_empty());
            let written = of(&text, false, None);
            prop_assert!(!dockerfile::read(&written.dockerfile).stages.is_empty());
        }
    }
}
