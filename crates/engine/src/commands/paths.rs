//! Which files hold commands, told by their paths; which of them are for development; paths put together.

use depslim_model::Stage;

/// The kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Dockerfile, Containerfile.
    Container,
    /// A compose file, by its name.
    Compose,
    /// YAML whose content has to tell: Kubernetes, charts, compose files under other names.
    Yaml,
    /// CI.
    Workflow,
    /// Git hooks: pre-commit, lefthook.
    Hooks,
    /// Jenkins.
    Pipeline,
    /// A hosting platform's file: YAML, JSON or TOML.
    Platform,
    /// Procfile.
    Procfile,
    /// Crontab.
    Crontab,
    /// supervisord, circus, uwsgi: the content has to tell.
    Ini,
    /// systemd units.
    Systemd,
    /// `.env` files.
    Dotenv,
    /// Makefiles.
    Make,
    /// Justfiles.
    Just,
    /// TOML with tables of tasks.
    Tasks,
    /// Taskfiles.
    TaskYaml,
    /// `tox.ini`, `setup.cfg`.
    Tox,
    /// `noxfile.py` and its like.
    PythonTasks,
    /// Scripts in the manifest of a client that runs them by name.
    Scripts,
    /// Shell scripts.
    Script,
}

/// Endings that no such file has: most of a project is told apart here.
const NEVER: &[&str] = &[
    "js",
    "ts",
    "tsx",
    "jsx",
    "css",
    "scss",
    "html",
    "md",
    "rst",
    "svg",
    "png",
    "jpg",
    "po",
    "mo",
    "go",
    "rs",
    "java",
    "pyc",
    "pyi",
    "lock",
    "csv",
    "txt",
    "map",
    "xml",
    "so",
    "ipynb",
    "pdf",
    "gif",
    "woff",
    "woff2",
    "ttf",
    "mjs",
    "cjs",
    "vue",
    "sql",
    "graphql",
    "dockerignore",
    "parquet",
    "gz",
    "zip",
    "bin",
    "exe",
    "dll",
    "class",
    "jar",
    "h",
    "c",
    "cpp",
    "proto",
];

/// Platform files, by their names.
const PLATFORM: &[&str] = &[
    "app.json",
    "heroku.yml",
    "fly.toml",
    "render.yaml",
    "render.yml",
    "railway.json",
    "railway.toml",
    "railpack.json",
    "nixpacks.toml",
    "nixpacks.json",
    "serverless.yml",
    "serverless.yaml",
    "app.yaml",
    "app.yml",
    "project.toml",
    "vercel.json",
    "netlify.toml",
    "apprunner.yaml",
    "apprunner.yml",
    ".platform.app.yaml",
    "zappa_settings.json",
    "zappa_settings.yml",
    "template.yaml",
    "template.yml",
    "samconfig.yaml",
    "dockerrun.aws.json",
    "devcontainer.json",
    ".devcontainer.json",
    "captain-definition",
    "koyeb.yaml",
    "porter.yaml",
    ".upsun",
    "digitalocean.yaml",
];

/// CI files, by their names.
const WORKFLOW: &[&str] = &[
    ".gitlab-ci.yml",
    ".gitlab-ci.yaml",
    ".travis.yml",
    "bitbucket-pipelines.yml",
    ".drone.yml",
    ".woodpecker.yml",
    ".woodpecker.yaml",
    "appveyor.yml",
    ".appveyor.yml",
    ".cirrus.yml",
    "buildspec.yml",
    "buildspec.yaml",
    "wercker.yml",
    "shippable.yml",
    "codeship-steps.yml",
    "action.yml",
    "action.yaml",
    ".semaphore.yml",
];

/// Endings of shell scripts.
const SHELLS: &[&str] = &["sh", "bash", "ash", "ksh", "zsh"];

/// What kind of file a path may be.
pub(super) fn kind(path: &str) -> Option<Kind> {
    let name = file_name(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if ending == "py" {
        return matches!(name, "noxfile.py" | "tasks.py" | "fabfile.py").then_some(Kind::PythonTasks);
    }
    if NEVER.contains(&ending) {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let container = ["dockerfile", "containerfile"].iter().any(|word| {
        let rest = lower.strip_prefix(word);
        lower.ends_with(&format!(".{word}"))
            || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
    });
    if container {
        return Some(Kind::Container);
    }
    if PLATFORM.contains(&lower.as_str()) || path.ends_with(".do/app.yaml") || path.ends_with(".upsun/config.yaml") {
        return Some(Kind::Platform);
    }
    if matches!(ending, "yml" | "yaml") {
        return yaml(path, &lower);
    }
    match lower.as_str() {
        "makefile" | "gnumakefile" | "makefile.am" => return Some(Kind::Make),
        "justfile" | ".justfile" => return Some(Kind::Just),
        "pyproject.toml" | "pipfile" | "pixi.toml" | "mise.toml" | ".mise.toml" | "hatch.toml" | "pdm.toml" => {
            return Some(Kind::Tasks);
        }
        "package.json" => return Some(Kind::Scripts),
        "tox.ini" | "setup.cfg" => return Some(Kind::Tox),
        "crontab" => return Some(Kind::Crontab),
        ".env" | ".flaskenv" => return Some(Kind::Dotenv),
        _ => {}
    }
    if lower.starts_with("procfile") && !SHELLS.contains(&ending) {
        return Some(Kind::Procfile);
    }
    if lower.starts_with("jenkinsfile") || ending == "jenkinsfile" {
        return Some(Kind::Pipeline);
    }
    if lower.starts_with(".env.") || lower.ends_with(".env") {
        let tests =
            lower.split(['.', '-', '_']).any(|word| matches!(word, "test" | "tests" | "testing" | "ci" | "e2e"));
        return (!tests).then_some(Kind::Dotenv);
    }
    if folders(path).any(|folder| matches!(folder, "cron.d" | "crontabs")) {
        return Some(Kind::Crontab);
    }
    if is_hook(path) {
        return Some(Kind::Script);
    }
    match ending {
        "mk" => Some(Kind::Make),
        "just" => Some(Kind::Just),
        _ if SHELLS.contains(&ending) => Some(Kind::Script),
        "service" => Some(Kind::Systemd),
        "cron" | "crontab" => Some(Kind::Crontab),
        "conf" | "ini" => Some(Kind::Ini),
        "" => (!name.contains('.') && looks_like_script(name)).then_some(Kind::Script),
        _ => None,
    }
}

fn yaml(path: &str, lower: &str) -> Option<Kind> {
    let stem = lower.trim_end_matches(".yaml").trim_end_matches(".yml");
    let is_in = |folder: &str| folders(path).any(|part| part == folder);
    if WORKFLOW.contains(&lower)
        || is_in(".github")
        || is_in(".circleci")
        || is_in(".gitlab")
        || is_in(".gitlab-ci")
        || is_in(".buildkite")
        || is_in(".woodpecker")
        || is_in(".semaphore")
        || is_in(".azure-pipelines")
        || ["azure-pipelines", "cloudbuild", "azure-pipeline"].iter().any(|word| stem.starts_with(word))
    {
        return Some(Kind::Workflow);
    }
    if matches!(stem, ".pre-commit-config" | ".pre-commit-hooks" | "lefthook" | ".lefthook") {
        return Some(Kind::Hooks);
    }
    if stem == "taskfile" || stem.starts_with("taskfile.") {
        return Some(Kind::TaskYaml);
    }
    if stem.split(['.', '-', '_']).any(|part| part == "compose" || part == "stack") {
        return Some(Kind::Compose);
    }
    // Recorded answers, translations and data are the bulk of other YAML.
    let bulk =
        ["cassettes", "fixtures", "locale", "locales", "i18n", "translations", "testdata", "tests", "test", "docs"];
    let lock = lower.ends_with("-lock.yaml") || lower.ends_with("-lock.yml") || lower.ends_with(".lock.yml");
    (!lock && !folders(path).any(|part| bulk.contains(&part))).then_some(Kind::Yaml)
}

/// Names that people give to scripts without an ending; hashes and licences are none.
fn looks_like_script(name: &str) -> bool {
    let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
    plain && name.len() <= 32 && name.bytes().filter(u8::is_ascii_digit).count() <= 3
}

/// True for scripts whose name says that they are shell scripts.
pub(super) fn has_ending(path: &str) -> bool {
    file_name(path).contains('.')
}

/// Who runs a script, when its place says so: the folders of process supervisors.
pub(super) fn stage_of_script(path: &str) -> Stage {
    let supervised = folders(path)
        .any(|folder| matches!(folder, "services.d" | "s6-rc.d" | "cont-init.d" | "docker-entrypoint.d"))
        || path.contains("etc/service/");
    if supervised { Stage::Run } else { Stage::Dev }
}

/// Words that name development.
const DEV: &[&str] = &[
    "dev",
    "devel",
    "develop",
    "development",
    "test",
    "tests",
    "testing",
    "unittest",
    "unittests",
    "local",
    "ci",
    "debug",
    "devcontainer",
    "override",
    "e2e",
    "lint",
    "jupyter",
    "playground",
    "sandbox",
    "skaffold",
    "docs",
    "benchmark",
    "benchmarks",
    "example",
    "examples",
    "sample",
];

/// True for a name (of a file, a build stage, a compose profile) that says development.
pub(super) fn says_development(name: &str) -> bool {
    name.to_ascii_lowercase().split(['.', '-', '_', '/', ' ']).any(|word| DEV.contains(&word))
}

/// Files whose name or folder says that they are for development or tests.
pub(super) fn is_for_development(path: &str) -> bool {
    let folder = |part: &str| {
        let part = part.trim_start_matches('.').to_ascii_lowercase();
        DEV.contains(&part.as_str()) || part == "github"
    };
    says_development(file_name(path)) || folders(path).any(folder)
}

/// A shell text that git runs, whether or not its first line says so.
pub(super) fn is_hook(path: &str) -> bool {
    !file_name(path).contains('.')
        && folders(path).next_back().is_some_and(|folder| matches!(folder, ".husky" | ".githooks"))
}

/// The last component of a path.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The path without its last component; empty at the root.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn folders(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    folder_of(path).split('/')
}

/// `../..` from the folder of a file up to the analysed root: where CI runs.
pub(super) fn root_from(path: &str) -> String {
    let depth = path.matches('/').count();
    if depth == 0 { ".".to_owned() } else { vec![".."; depth].join("/") }
}

/// Joins two paths and resolves `.` and `..`; `.` when nothing is left. An absolute second path stands alone.
pub(super) fn join(base: &str, path: &str) -> String {
    let absolute = path.starts_with('/') || base.starts_with('/');
    let base = if path.starts_with('/') { "" } else { base };
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            other => parts.push(other),
        }
    }
    let joined = parts.join("/");
    match (absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// A path below the analysed root, with the root itself as the empty path; `None` above the root.
pub(super) fn below_root(base: &str, path: &str) -> Option<String> {
    let joined = join(base, path);
    match joined.as_str() {
        "." => Some(String::new()),
        outside if outside.starts_with("..") || outside.starts_with('/') => None,
        _ => Some(joined),
    }
}

/// The way from one folder below the root to another, both as [`below_root`] gives them.
pub(super) fn relative(from: &str, to: &str) -> String {
    let up = from.split('/').filter(|part| !part.is_empty()).count();
    let shared = from.split('/').zip(to.split('/')).take_while(|(a, b)| a == b && !a.is_empty()).count();
    let ups = vec![".."; up.saturating_sub(shared)];
    let downs = to.split('/').filter(|part| !part.is_empty()).skip(shared);
    let all: Vec<&str> = ups.into_iter().chain(downs).collect();
    if all.is_empty() { ".".to_owned() } else { all.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_kind() {
        for (path, expect) in [
            ("Dockerfile", Some(Kind::Container)),
            ("api/Dockerfile.prod", Some(Kind::Container)),
            ("web.Dockerfile", Some(Kind::Container)),
            ("Dockerfile-worker", Some(Kind::Container)),
            ("Containerfile", Some(Kind::Container)),
            ("Dockerfile.dockerignore", None),
            ("docker-compose.prod.yml", Some(Kind::Compose)),
            ("compose.yaml", Some(Kind::Compose)),
            ("production.yml", Some(Kind::Yaml)),
            ("pnpm-lock.yaml", None),
            ("tests/cassettes/a.yaml", None),
            (".github/workflows/ci.yml", Some(Kind::Workflow)),
            ("pkg/.gitlab-ci.yml", Some(Kind::Workflow)),
            (".pre-commit-config.yaml", Some(Kind::Hooks)),
            ("Taskfile.yml", Some(Kind::TaskYaml)),
            ("Jenkinsfile.deploy", Some(Kind::Pipeline)),
            ("Procfile", Some(Kind::Procfile)),
            ("Procfile.dev", Some(Kind::Procfile)),
            ("Procfile.sh", Some(Kind::Script)),
            ("deploy/crontab", Some(Kind::Crontab)),
            ("etc/cron.d/backup", Some(Kind::Crontab)),
            ("conf/supervisord.conf", Some(Kind::Ini)),
            ("web.service", Some(Kind::Systemd)),
            (".env.example", Some(Kind::Dotenv)),
            (".env.test", None),
            ("Makefile", Some(Kind::Make)),
            ("tools.mk", Some(Kind::Make)),
            ("justfile", Some(Kind::Just)),
            ("pyproject.toml", Some(Kind::Tasks)),
            ("tox.ini", Some(Kind::Tox)),
            ("noxfile.py", Some(Kind::PythonTasks)),
            ("app/main.py", None),
            ("run.sh", Some(Kind::Script)),
            ("bin/start-web", Some(Kind::Script)),
            ("LICENSE", None),
            ("data/0a1b2c3d4e5f", None),
            ("fly.toml", Some(Kind::Platform)),
            ("README.md", None),
            ("data/x.json", None),
        ] {
            assert_eq!(kind(path), expect, "{path}");
        }
    }

    #[test]
    fn development_is_told_by_words() {
        for (path, expect) in [
            ("Dockerfile.dev", true),
            ("docker-compose.override.yml", true),
            ("compose/local/web/Dockerfile", true),
            (".devcontainer/Dockerfile", true),
            ("Dockerfile", false),
            ("docker-compose.prod.yml", false),
            ("devices/Dockerfile", false),
            ("latest/Dockerfile", false),
        ] {
            assert_eq!(is_for_development(path), expect, "{path}");
        }
    }

    #[test]
    fn paths_are_put_together() {
        assert_eq!(join("a/b", "../c/./d"), "a/c/d");
        assert_eq!(join(".", ""), ".");
        assert_eq!(join("../..", "web"), "../../web");
        assert_eq!(join("/app", "../../x"), "/x");
        assert_eq!(join("a", "/srv"), "/srv");
        assert_eq!(below_root("a", ".."), Some(String::new()));
        assert_eq!(below_root("a", "../.."), None);
        assert_eq!(relative("docker/web", "api"), "../../api");
        assert_eq!(relative("api/docker", "api"), "..");
        assert_eq!(relative("", "api"), "api");
        assert_eq!(relative("api", "api"), ".");
        assert_eq!(root_from(".github/workflows/ci.yml"), "../..");
    }
}
