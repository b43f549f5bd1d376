//! The action, the workflow for forks, the pre-commit hooks and the GitLab job: their own shell commands, run on a repository that the
//! test makes.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage up has to fail")]

use depslim_formats::yaml::{self, Node, Yaml};
use depslim_tests::api::{Answer, Server};
use depslim_tests::git::{commit, git, head, init, put};
use depslim_tests::{binary, project, run, stderr, stdout};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn parsed(file: &str) -> Yaml {
    yaml::read(&fs_err::read_to_string(root().join(file)).unwrap())
}

/// A repository with a branch that adds a development tool, as CI checks it out, and folders for what CI makes.
struct Stage {
    work: TempDir,
    temp: TempDir,
}

impl Stage {
    fn new() -> Self {
        let work = project(&[("requirements.txt", "tqdm==4.67.1\n"), ("main.py", "import tqdm\n")]);
        init(work.path());
        commit(work.path(), "first");
        run(git(work.path()).args(["update-ref", "refs/remotes/origin/main", "HEAD"]));
        run(git(work.path()).args(["checkout", "--quiet", "-b", "topic"]));
        put(work.path(), "requirements.txt", "tqdm==4.67.1\nblack==24.1.0\n");
        commit(work.path(), "a tool");
        let temp = tempfile::tempdir().unwrap();
        fs_err::create_dir(temp.path().join("bin")).unwrap();
        for file in ["output", "path", "summary"] {
            put(temp.path(), file, "");
        }
        Self { work, temp }
    }

    /// A program on the PATH, before all others.
    fn program(&self, name: &str, script: &str) {
        put(self.temp.path(), &format!("bin/{name}"), script);
        run(Command::new("chmod").arg("+x").arg(self.temp.path().join("bin").join(name)));
    }

    /// Runs a script as a runner does: `bash -eo pipefail`, an own environment, the built depslim on the PATH.
    fn shell(&self, script: &str, variables: &[(&str, &str)]) -> Output {
        let temp = self.temp.path();
        let path = format!(
            "{}:{}:{}",
            temp.join("bin").display(),
            binary().parent().unwrap().display(),
            std::env::var("PATH").unwrap()
        );
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .current_dir(self.work.path())
            .env_clear();
        command.env("PATH", path).env("HOME", temp).env("NO_PROXY", "*").env("RUNNER_TEMP", temp);
        command.env("GITHUB_OUTPUT", temp.join("output")).env("GITHUB_PATH", temp.join("path"));
        command.env("GITHUB_STEP_SUMMARY", temp.join("summary")).env("GITHUB_ACTIONS", "true").env("CI", "true");
        command.env("GITHUB_REPOSITORY", "robin/shop").envs(variables.iter().copied()).output().unwrap()
    }

    /// What steps said to later ones.
    fn outputs(&self) -> BTreeMap<String, String> {
        let text = fs_err::read_to_string(self.temp.path().join("output")).unwrap();
        text.lines().filter_map(|line| line.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
    }

    fn file(&self, name: &str) -> String {
        fs_err::read_to_string(self.temp.path().join(name)).unwrap()
    }
}

/// The step of a list that has this name.
fn step<'y>(steps: Node<'y>, name: &str) -> Node<'y> {
    let found = steps.items().find(|step| step.get("name").and_then(|n| n.text()) == Some(name));
    found.unwrap_or_else(|| panic!("no step is called {name}"))
}

/// Runs a step: its expressions have these values.
fn act(stage: &Stage, step: Node<'_>, values: &[(&str, &str)]) -> Output {
    let script = step.get("run").and_then(|run| run.text()).unwrap();
    let entries = step.get("env").into_iter().flat_map(|env| env.entries());
    let variables: Vec<(&str, String)> = entries
        .map(|entry| {
            let value = entry.value.text().unwrap_or_default();
            let expression = value.strip_prefix("${{ ").and_then(|v| v.strip_suffix(" }}"));
            let value = expression.map_or(value.to_owned(), |expression| {
                let known = values.iter().find(|(name, _)| *name == expression);
                known.unwrap_or_else(|| panic!("nothing said what {expression} is")).1.to_owned()
            });
            (entry.key, value)
        })
        .collect();
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    stage.shell(script, &variables)
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A server that knows pull request 7 with this head, and takes comments.
fn forge(head: String) -> Server {
    Server::new(move |asked| match (asked.method.as_str(), asked.path.split('?').next().unwrap()) {
        ("GET", "/repos/robin/shop/pulls") => Answer::json(200, &json!([{ "number": 7, "head": { "sha": head } }])),
        ("GET", "/repos/robin/shop/pulls/7") => {
            Answer::json(200, &json!({ "head": { "sha": head }, "base": { "ref": "main" } }))
        }
        ("GET", "/user") => Answer::json(403, &json!({})),
        ("GET", _) => Answer::json(200, &json!([])),
        _ => Answer::json(201, &json!({})),
    })
}

#[test]
fn the_action_checks_a_pull_request_and_comments() {
    let (stage, action) = (Stage::new(), parsed("action.yml"));
    let steps = action.first().unwrap().at(&["runs", "steps"]).unwrap();
    let installed = act(&stage, step(steps, "Install"), &[("inputs.version", VERSION)]);
    assert!(installed.status.success(), "{}", stderr(&installed));
    assert_eq!(stage.file("path"), "", "the depslim that is there is the right one");

    stage.program("gh", "#!/bin/sh\nexit 1\n");
    let token = ("inputs.token", "hunter2");
    let found = act(&stage, step(steps, "Find the base"), &[("inputs.base", ""), ("github.base_ref", "main"), token]);
    assert!(found.status.success(), "{}", stderr(&found));
    assert_eq!(stage.outputs()["base"], "origin/main");

    let values = [
        ("inputs.args", "--select SLIM001,SLIM002 --top 3"),
        ("steps.base.outputs.base", "origin/main"),
        ("inputs.working-directory", "."),
        ("inputs.fail-on", "warn"),
    ];
    let checked = act(&stage, step(steps, "Check"), &values);
    assert!(checked.status.success(), "{}", stderr(&checked));
    let said = stdout(&checked);
    assert!(said.contains("\n::error file=requirements.txt,line=2,"), "{said}");
    assert!(stage.file("summary").starts_with("### depslim: "), "{}", stage.file("summary"));
    let (code, report) = (stage.outputs()["exit-code"].clone(), stage.outputs()["report"].clone());
    assert_eq!(code, "1");
    assert!(Path::new(&report).join("depslim.html").exists());

    let server = forge(head(stage.work.path()));
    put(stage.temp.path(), "event.json", &json!({ "pull_request": { "number": 7 } }).to_string());
    let script = step(steps, "Comment").get("run").unwrap().text().unwrap();
    let event = stage.temp.path().join("event.json").display().to_string();
    let variables = [
        ("GITHUB_TOKEN", "hunter2"),
        ("REPORT", &*report),
        ("DIRECTORY", "."),
        ("GITHUB_API_URL", &*server.url),
        ("GITHUB_EVENT_PATH", &*event),
    ];
    let said = stage.shell(script, &variables);
    assert!(said.status.success() && stderr(&said).starts_with("made a comment"), "{}", stderr(&said));
    assert!(!(stdout(&said) + &stderr(&said)).contains("hunter2"));

    assert_eq!(act(&stage, step(steps, "Result"), &[("steps.check.outputs.exit-code", &code)]).status.code(), Some(1));
}

#[test]
fn the_action_believes_the_report_of_the_bases_own_run() {
    let (stage, action) = (Stage::new(), parsed("action.yml"));
    let steps = action.first().unwrap().at(&["runs", "steps"]).unwrap();
    // What `gh` is asked for is the artifact of the commit that the branch began at, of a run of this repository.
    stage.program(
        "gh",
        "#!/bin/sh\necho \"$COMMIT $*\" >> \"$RUNNER_TEMP/gh.log\"\ncase \"$1\" in\napi) echo 41; echo 42 ;;\n\
         run) while [ \"$1\" != --dir ]; do shift; done; mkdir -p \"$2\" && echo '{}' > \"$2/depslim.json\" ;;\nesac\n",
    );
    let values = [("inputs.base", ""), ("github.base_ref", "main"), ("inputs.token", "hunter2")];
    let found = act(&stage, step(steps, "Find the base"), &values);
    assert!(found.status.success(), "{}", stderr(&found));
    let base = stage.outputs()["base"].clone();
    assert_eq!(PathBuf::from(&base), stage.temp.path().join("depslim-base/depslim.json"));
    let began = run(git(stage.work.path()).args(["rev-parse", "origin/main"]));
    let began = began.trim();
    let log = stage.file("gh.log");
    assert!(
        log.starts_with(&format!("{began} api repos/robin/shop/actions/artifacts?name=depslim-{began} --jq ")),
        "{log}"
    );
    assert!(log.contains(".head_sha == env.COMMIT and .head_repository_id == .repository_id"), "{log}");
    assert!(log.contains(&format!("run download 41 --repo robin/shop --name depslim-{began}")), "{log}");
    // A base that is named is taken as it is.
    let values = [("inputs.base", "v1"), ("github.base_ref", "main"), ("inputs.token", "")];
    stage.program("gh", "#!/bin/sh\nexit 1\n");
    run(git(stage.work.path()).args(["tag", "v1", "origin/main"]));
    act(&stage, step(steps, "Find the base"), &values);
    assert_eq!(stage.outputs()["base"], "v1");
}

#[test]
fn the_workflow_for_forks_posts_what_the_fork_may_not() {
    let (stage, workflow) = (Stage::new(), parsed(".github/workflows/depslim-comment.yml"));
    let job = workflow.first().unwrap().at(&["jobs", "comment"]).unwrap();
    let steps = job.get("steps").unwrap();
    let words: Vec<&str> = steps.items().filter_map(|step| step.get("uses")?.text()).collect();
    assert!(
        words.iter().all(|uses| !uses.contains("checkout")),
        "nothing of the pull request is checked out: {words:?}"
    );
    // The fork's own run: no token.
    let made = stage.shell("depslim --base origin/main -q -o \"$RUNNER_TEMP/depslim-report/depslim.json\"", &[]);
    assert_eq!(made.status.code(), Some(2), "the folder is not there yet: {}", stderr(&made));
    fs_err::create_dir(stage.temp.path().join("depslim-report")).unwrap();
    let made = stage.shell("depslim --base origin/main -q -o \"$RUNNER_TEMP/depslim-report/depslim.json\"", &[]);
    assert_eq!(made.status.code(), Some(1), "{}", stderr(&made));
    let silent = stage.shell("depslim comment \"$RUNNER_TEMP/depslim-report/depslim.json\"", &[]);
    assert_eq!((silent.status.code(), &*stderr(&silent)), (Some(0), "no comment: GITHUB_TOKEN is not set\n"));

    let comment = |reported: &str, server: &Server| {
        let run = json!({ "head_sha": reported, "head_branch": "topic", "head_repository": { "owner": { "login": "mallory" } } });
        put(stage.temp.path(), "event.json", &json!({ "workflow_run": run }).to_string());
        let script = step(steps, "Comment").get("run").unwrap().text().unwrap();
        let event = stage.temp.path().join("event.json").display().to_string();
        let report = stage.temp.path().join("depslim-report").display().to_string();
        let variables = [
            ("GITHUB_TOKEN", "hunter2"),
            ("REPORT", &*report),
            ("GITHUB_API_URL", &*server.url),
            ("GITHUB_EVENT_PATH", &*event),
        ];
        let said = stage.shell(script, &variables);
        assert!(said.status.success());
        stderr(&said)
    };
    let own = head(stage.work.path());
    let server = forge(own.clone());
    assert!(comment(&own, &server).starts_with("made a comment"));
    // A run of another commit, and a report about another commit than its run: neither is posted.
    let (other, server) = ("1".repeat(40), forge(own));
    assert!(comment(&other, &server).contains("about no open pull request"));
    let server = forge(other.clone());
    assert!(comment(&other, &server).contains("another commit than the pull request's head"));
    assert_eq!(server.changes(), Vec::<String>::new());
}

#[test]
fn everything_is_pinned_and_nothing_is_pasted_into_scripts() {
    let mut uses = 0;
    for file in ["action.yml", ".github/workflows/depslim-comment.yml"] {
        let (parsed, text) = (parsed(file), fs_err::read_to_string(root().join(file)).unwrap());
        for node in parsed.every() {
            if let Some(script) = node.get("run").and_then(|run| run.text()) {
                assert!(!script.contains("${{"), "{file}: an expression in a script: {script}");
            }
            if let Some(action) = node.get("uses").and_then(|uses| uses.text()) {
                let (_, commit) = action.split_once('@').unwrap();
                assert!(commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()), "{file}: {action}");
                uses += 1;
            }
        }
        assert!(!text.contains("pull_request_target"), "{file}");
        assert!(text.contains(&format!("default: \"{VERSION}\"")), "{file} is about another version");
    }
    assert_eq!(uses, 2);
    for file in ["ci/pre-commit/pyproject.toml", "ci/gitlab/depslim.gitlab-ci.yml"] {
        let text = fs_err::read_to_string(root().join(file)).unwrap();
        assert!(text.contains(VERSION), "{file} is about another version");
    }
}

#[test]
fn the_hooks_of_pre_commit_fail_and_pass() {
    let (stage, hooks) = (Stage::new(), parsed("ci/pre-commit/.pre-commit-hooks.yaml"));
    let entry = |id: &str| {
        let hook = hooks.first().unwrap().items().find(|hook| hook.get("id").unwrap().text() == Some(id)).unwrap();
        assert_eq!(hook.get("language").unwrap().text(), Some("python"), "a hook never compiles");
        assert_eq!(hook.get("pass_filenames").unwrap().text(), Some("false"));
        hook.get("entry").unwrap().text().unwrap().to_owned()
    };
    let found = stage.shell(&entry("depslim"), &[]);
    assert_eq!(found.status.code(), Some(1), "{}", stderr(&found));
    assert!(stdout(&found).contains("requirements.txt:2: SLIM002"), "{}", stdout(&found));
    assert_eq!(stage.shell(&entry("depslim-export"), &[]).status.code(), Some(1), "nothing was exported");
    stage.shell("depslim export", &[]);
    let checked = stage.shell(&entry("depslim-export"), &[]);
    assert_eq!(checked.status.code(), Some(0), "{}", stderr(&checked));
    put(stage.work.path(), "requirements.txt", "tqdm==4.67.1\n");
    assert_eq!(stage.shell(&entry("depslim"), &[]).status.code(), Some(0));
}

#[test]
fn the_job_of_gitlab_reports_and_comments() {
    let (stage, file) = (Stage::new(), parsed("ci/gitlab/depslim.gitlab-ci.yml"));
    let job = file.first().unwrap().get(".depslim").unwrap();
    let script: Vec<&str> = job.get("script").unwrap().items().filter_map(|line| line.text()).collect();
    assert_eq!(script.len(), 4, "a line is no text: {script:?}");
    let sha = head(stage.work.path());
    let server = Server::new(move |asked| match (asked.method.as_str(), asked.path.split('?').next().unwrap()) {
        ("GET", "/user") => Answer::json(200, &json!({ "username": "bot" })),
        ("GET", "/projects/5/merge_requests/3") => Answer::json(200, &json!({ "sha": sha, "target_branch": "main" })),
        ("GET", _) => Answer::json(200, &json!([])),
        _ => Answer::json(201, &json!({})),
    });
    let base = run(git(stage.work.path()).args(["rev-parse", "origin/main"]));
    let merge =
        [("CI_MERGE_REQUEST_DIFF_BASE_SHA", base.trim()), ("CI_MERGE_REQUEST_IID", "3"), ("CI_PROJECT_ID", "5")];
    let shared = [
        ("DEPSLIM_VERSION", VERSION),
        ("CI_API_V4_URL", &*server.url),
        ("GITLAB_TOKEN", "hunter2"),
        ("GITHUB_REPOSITORY", ""),
        ("GITHUB_ACTIONS", ""),
    ];
    let done = stage.shell(&script.join("\n"), &[&merge[..], &shared].concat());
    assert_eq!(done.status.code(), Some(1), "{}", stderr(&done));
    assert!(stderr(&done).contains("made a comment"), "{}", stderr(&done));
    let quality: Value =
        serde_json::from_str(&fs_err::read_to_string(stage.work.path().join("gl-code-quality-report.json")).unwrap())
            .unwrap();
    assert_eq!(quality[0]["location"]["path"], "requirements.txt");
    assert!(!stderr(&done).contains("hunter2"));
    // On a branch there is nothing to compare with and nobody to comment to.
    let done = stage.shell(&script.join("\n"), &shared);
    assert_eq!((done.status.code(), server.changes().len()), (Some(1), 1), "{}", stderr(&done));
}
