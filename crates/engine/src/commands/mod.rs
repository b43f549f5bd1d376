//! Container, process, build and CI files: which commands they run, where, and which images they build on. Read once, for all
//! ecosystems; what a command means to a language is said by [`depslim_model::Ecosystem::command`].

mod build;
mod container;
mod process;
mod services;

use depslim_formats::shell::{self, Simple};
use depslim_formats::text::decode;
use depslim_model::{Command, Problem, Stage};

/// What one such file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// The commands, in the order of the file.
    pub commands: Vec<Command>,
    /// Images that it builds on.
    pub images: Vec<Image>,
    /// What it copies into images.
    pub copies: Vec<CopyLine>,
    /// Variables that it sets for what it runs: (name, value, line).
    pub variables: Vec<(String, String, u32)>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// An image that a stage builds on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// The reference, `ARG` defaults filled in.
    pub reference: String,
    /// Line.
    pub line: u32,
    /// True when what is shipped is built on it.
    pub final_stage: bool,
}

/// A `COPY` or `ADD` from the build context or from another stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CopyLine {
    /// What is copied.
    pub sources: Vec<String>,
    /// Where to.
    pub destination: String,
    /// The stage or image that it comes from; `None` for the build context.
    pub from: Option<String>,
    /// True when it stands in what is shipped.
    pub final_stage: bool,
    /// Line.
    pub line: u32,
}

/// The kinds of files, told apart by path alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Container,
    Compose,
    Kubernetes,
    Workflow,
    Procfile,
    Units,
    Make,
    Script,
    Tasks,
    Pipeline,
}

/// True when the path is that of a file whose commands count. Cheap: no file is opened.
pub fn is_command_file(path: &str) -> bool {
    kind(path).is_some()
}

/// Reads one such file.
pub fn read(path: &str, bytes: &[u8]) -> Observed {
    let decoded = decode(bytes);
    let text: &str = &decoded.text;
    let dev = is_for_development(path);
    let mut observed = match kind(path) {
        Some(Kind::Container) => container::read(text, dev),
        Some(Kind::Compose) => services::compose(text, dev),
        Some(Kind::Kubernetes) => services::kubernetes(text),
        Some(Kind::Workflow) => services::workflow(text),
        Some(Kind::Procfile) => process::procfile(text),
        Some(Kind::Units) => process::units(text),
        Some(Kind::Make) => build::makefile(text),
        Some(Kind::Tasks) => build::tasks(text),
        Some(Kind::Pipeline) => build::pipeline(text),
        Some(Kind::Script) => read_script(text, Stage::Dev),
        None => Observed::default(),
    };
    observed.problems.extend(decoded.problems.iter().cloned());
    observed
}

/// A shell script's commands, for who calls it.
pub fn read_script(text: &str, stage: Stage) -> Observed {
    let mut observed = Observed::default();
    let script = shell::read(text);
    observed.commands = script.commands.into_iter().map(|simple| command(simple, stage, None, &[])).collect();
    observed.variables = script.variables;
    observed
}

fn kind(path: &str) -> Option<Kind> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let lower = name.to_ascii_lowercase();
    let yaml = lower.ends_with(".yml") || lower.ends_with(".yaml");
    if lower == "dockerfile"
        || lower.starts_with("dockerfile.")
        || lower.ends_with(".dockerfile")
        || lower.starts_with("dockerfile-")
        || lower.starts_with("containerfile")
    {
        return (!lower.ends_with(".dockerignore")).then_some(Kind::Container);
    }
    if yaml && (lower.contains("compose") || lower.starts_with("docker-stack")) {
        return Some(Kind::Compose);
    }
    let ci = path.starts_with(".github/")
        || path.contains("/.github/")
        || path.starts_with(".circleci/")
        || lower == ".gitlab-ci.yml"
        || lower.starts_with("azure-pipelines")
        || lower == ".travis.yml"
        || lower == "bitbucket-pipelines.yml"
        || lower == ".drone.yml"
        || lower.starts_with("cloudbuild")
        || lower == "appveyor.yml"
        || path.starts_with(".buildkite/");
    if yaml && ci {
        return Some(Kind::Workflow);
    }
    if yaml
        && ["render.yaml", "app.yaml", "serverless.yml", "taskfile.yml", "taskfile.yaml", ".pre-commit-config.yaml"]
            .contains(&lower.as_str())
    {
        return Some(if lower == "render.yaml" || lower == "app.yaml" { Kind::Kubernetes } else { Kind::Workflow });
    }
    let deployed = [
        "k8s",
        "kubernetes",
        "helm",
        "chart",
        "charts",
        "deploy",
        "deployment",
        "deployments",
        "manifests",
        "kustomize",
        "infra",
        "ops",
    ];
    if yaml
        && (path.split('/').any(|part| deployed.contains(&part.to_ascii_lowercase().as_str()))
            || ["deployment", "cronjob", "statefulset", "daemonset"].iter().any(|k| lower.contains(k)))
    {
        return Some(Kind::Kubernetes);
    }
    match lower.as_str() {
        "procfile" | "procfile.dev" | "crontab" => return Some(Kind::Procfile),
        "makefile" | "gnumakefile" | "justfile" | ".justfile" => return Some(Kind::Make),
        "jenkinsfile" => return Some(Kind::Pipeline),
        "tox.ini" | "pyproject.toml" | "fly.toml" | "railway.toml" | "nixpacks.toml" | "app.json" => {
            return Some(Kind::Tasks);
        }
        _ => {}
    }
    if lower.ends_with(".mk") {
        return Some(Kind::Make);
    }
    if lower.ends_with(".sh") || lower.ends_with(".bash") || lower == "entrypoint" || lower == "docker-entrypoint" {
        return Some(Kind::Script);
    }
    let unit = lower.ends_with(".service")
        || ((lower.ends_with(".conf") || lower.ends_with(".ini"))
            && (path.to_ascii_lowercase().contains("supervisor")
                || lower.contains("uwsgi")
                || lower.contains("circus")));
    if unit {
        return Some(Kind::Units);
    }
    // A script without an ending, in the places where people keep such.
    let folder = path.rsplit('/').nth(1).unwrap_or_default();
    (!name.contains('.') && ["bin", "scripts", "script", "docker", "start", "hooks"].contains(&folder))
        .then_some(Kind::Script)
}

/// Container and compose files whose name says that they are for development or tests.
fn is_for_development(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let word = |text: &str| {
        text.split(['.', '-', '_', '/']).any(|p| {
            [
                "dev",
                "development",
                "test",
                "tests",
                "testing",
                "ci",
                "local",
                "debug",
                "devcontainer",
                "jupyter",
                "override",
                "e2e",
            ]
            .contains(&p)
        })
    };
    word(name) || lower.split('/').any(|part| part == ".devcontainer" || part == "tests" || part == "test")
}

/// A command as the ecosystems get it.
fn command(simple: Simple, stage: Stage, workdir: Option<&str>, variables: &[(String, String)]) -> Command {
    let mut all = variables.to_vec();
    all.extend(simple.assignments);
    let workdir = match (workdir, simple.folder) {
        (base, Some(folder)) if folder.is_empty() => base.map(str::to_owned),
        (_, Some(folder)) if folder.starts_with('/') => Some(folder),
        (Some(base), Some(folder)) => Some(format!("{}/{folder}", base.trim_end_matches('/'))),
        (None, folder) => folder,
        (Some(_), None) => None,
    };
    Command { words: simple.words, stage, line: simple.line, workdir, variables: all }
}

/// The commands of a shell text that stands on a line of another file.
fn shell_commands(text: &str, line: u32, stage: Stage) -> Vec<Command> {
    let script = shell::read_at(text, line, &std::collections::BTreeMap::new());
    script.commands.into_iter().map(|simple| command(simple, stage, None, &[])).collect()
}

/// The commands of an argument list.
fn exec_commands(words: &[String], line: u32, stage: Stage) -> Vec<Command> {
    if words.is_empty() {
        return Vec::new();
    }
    shell::exec(words, line, &std::collections::BTreeMap::new())
        .into_iter()
        .map(|simple| command(simple, stage, None, &[]))
        .collect()
}

#[cfg(test)]
mod tests;
