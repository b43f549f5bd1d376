//! How an image of a Python project is built: an environment made in a stage of its own from the exported list, and copied.

use depslim_formats::text::decode;
use depslim_formats::toml;
use depslim_model::recipe::{Recipe, RecipeRequest, Runtime, Step};
use depslim_model::{Command, Source, Stage};

/// The list that is installed.
const LIST: &str = "requirements.prod.txt";
/// Where the environment lies when the project does not say.
const ENVIRONMENT: &str = "/opt/venv";
/// The image that brings uv, for projects that use it.
const UV_IMAGE: &str = "ghcr.io/astral-sh/uv:0.13.8";
/// Where the list is put in the builder stage: outside of the project's folder, which may have one of the same name.
const LISTS: &str = "/tmp/slim/";

const PROBE_URL: &[&str] =
    &["python", "-c", "import urllib.request; urllib.request.urlopen('{url}', timeout=4).read(1)"];
const PROBE_PORT: &[&str] =
    &["python", "-c", "import socket; socket.create_connection(('127.0.0.1', {port}), timeout=4).close()"];
/// Programs that start another one inside of an environment, with those of their options that take a value.
const RUNNERS: &[(&[&str], &[&str])] = &[
    (
        &["uv", "run"],
        &["--package", "--project", "--directory", "--group", "--extra", "--with", "--python", "-p", "--env-file"],
    ),
    (&["poetry", "run"], &[]),
    (&["pipenv", "run"], &[]),
    (&["pdm", "run"], &["-p", "--project"]),
];
const CLIENT_VARIABLES: &[&str] = &["PIP_", "UV_", "POETRY_", "PDM_", "PIPENV_", "VIRTUAL_ENV"];
const BOOTSTRAPS: &[&str] = &[
    "install.python-poetry.org",
    "astral.sh/uv",
    "astral-sh/uv",
    "bootstrap.pypa.io",
    "-m venv",
    "-mvenv",
    "-m ensurepip",
    "virtualenv ",
    "uv venv",
    "poetry config",
    "poetry export",
    "poetry self",
    "poetry env",
    "poetry lock",
    "uv export",
    "uv lock",
    "uv pip compile",
    "pip config",
    "pip cache",
    "pip wheel",
    "pipenv lock",
    "pipenv requirements",
    "pip uninstall",
    "/activate",
];
const ENVIRONMENTS: &[&str] =
    &["site-packages", "dist-packages", "/.local", "/usr/local/bin", "/usr/local/lib", "venv", "/wheels", "/install"];

/// The recipe.
pub(crate) fn recipe(request: &RecipeRequest<'_>) -> Result<Recipe, String> {
    let listed = request.exported.iter().any(|path| path == LIST);
    if !listed && !request.plan.keep.is_empty() {
        return Err(format!("it installs {LIST}, which could not be written"));
    }
    let uv = request.plan.manager.as_deref() == Some("uv");
    let place = environment(request);
    let mut recipe = Recipe {
        runtime: Runtime::Language,
        results: vec![(place.clone(), place.clone())],
        variables: vec![("PATH".to_owned(), format!("{place}/bin")), ("VIRTUAL_ENV".to_owned(), place.clone())],
        runners: RUNNERS,
        client_variables: CLIENT_VARIABLES,
        bootstraps: BOOTSTRAPS,
        environments: ENVIRONMENTS,
        probe_url: PROBE_URL,
        probe_port: PROBE_PORT,
        ..Recipe::default()
    };
    if !request.variables.iter().any(|(name, _)| name == "PYTHONUNBUFFERED") {
        recipe.variables.push(("PYTHONUNBUFFERED".to_owned(), "1".to_owned()));
    }
    let index = index_options(request);
    let client = Client { uv, place: &place, index: &index };
    client.make(&mut recipe, request.base);
    if listed {
        let locals: Vec<String> = request
            .plan
            .keep
            .iter()
            .filter_map(|k| k.origin.as_deref())
            .filter(|o| !o.contains("://") && *o != "." && !o.starts_with('/'))
            .map(|o| o.trim_start_matches("./").to_owned())
            .collect();
        for local in locals {
            recipe.steps.push(Step::Copy { sources: vec![local.clone()], to: local });
        }
        recipe.steps.push(Step::CopyExported { sources: vec![LIST.to_owned()], to: LISTS.to_owned() });
        recipe
            .steps
            .push(client.run(&format!("{}-r {LISTS}{LIST}", if is_whole(request) { "--no-deps " } else { "" })));
        recipe.remarks.push(
            "bytecode is left out: it would add about a third to the packages and make every start faster".to_owned(),
        );
    }
    if let Some(editable) = own_package(request) {
        // A build reads the description that the manifest names, and ignore files like to leave it out.
        recipe.steps.extend(readme(request).map(|file| Step::Copy { sources: vec![file.clone()], to: file }));
        recipe.steps.push(Step::Copy { sources: vec![".".to_owned()], to: ".".to_owned() });
        recipe.steps.push(client.run(if editable { "--no-deps -e ." } else { "--no-deps ." }));
    }
    Ok(recipe)
}

/// Makes environments and fills them.
struct Client<'a> {
    uv: bool,
    place: &'a str,
    /// Options that say where packages come from, each with a space in front.
    index: &'a str,
}

impl Client<'_> {
    fn make(&self, recipe: &mut Recipe, base: &str) {
        // Images of those versions bring setuptools, and packages of that age import it without saying so.
        let sees_image = ["3.8", "3.9", "3.10", "3.11"].iter().any(|old| base.contains(&format!(":{old}-")));
        let sees = if sees_image { " --system-site-packages" } else { "" };
        if self.uv {
            recipe.steps.push(Step::CopyFrom {
                image: UV_IMAGE.to_owned(),
                source: "/uv".to_owned(),
                to: "/usr/local/bin/uv".to_owned(),
            });
            let set = [("UV_LINK_MODE", "copy"), ("UV_PYTHON_DOWNLOADS", "never")];
            recipe.steps.push(Step::Variables(set.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec()));
            recipe.steps.push(run(format!("uv venv --no-project{sees} {}", self.place), &[]));
        } else {
            recipe.steps.push(run(format!("python -m venv --without-pip{sees} {}", self.place), &[]));
        }
    }

    fn run(&self, what: &str) -> Step {
        let Self { place, index, .. } = self;
        if self.uv {
            run(format!("uv pip install --python {place}{index} {what}"), &["/root/.cache/uv"])
        } else {
            let pip = format!("pip --python {place} install --no-compile{index} {what}");
            run(pip, &["/root/.cache/pip"])
        }
    }
}

fn run(command: String, caches: &[&str]) -> Step {
    Step::Run { command, caches: caches.iter().map(|c| (*c).to_owned()).collect() }
}

/// Where the project's image has its environment now: scripts and settings may name the place.
fn environment(request: &RecipeRequest<'_>) -> String {
    let is_one = |path: &str| {
        let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        path.starts_with('/') && !path.contains('$') && last.trim_start_matches('.').ends_with("env")
    };
    let set = request.variables.iter().filter(|(name, _)| name == "VIRTUAL_ENV").map(|(_, value)| value.as_str());
    let taken = request.taken.iter().map(|(_, to)| to.as_str());
    let made = request.commands.iter().filter(|c| c.words.iter().any(|w| w == "venv" || w == "virtualenv"));
    let made = made.filter_map(|c| c.words.last().map(String::as_str));
    set.chain(taken).chain(made).find(|p| is_one(p)).unwrap_or(ENVIRONMENT).trim_end_matches('/').to_owned()
}

/// Where the project's own container file has packages come from, when that is written out and holds no credentials.
fn index_options(request: &RecipeRequest<'_>) -> String {
    const OPTIONS: &[&str] = &["--index-url", "-i", "--extra-index-url", "--trusted-host", "--find-links", "-f"];
    let mut found: Vec<String> = Vec::new();
    for command in request.commands.iter().filter(|c| !crate::command::interpret(c).installs.is_empty()) {
        let mut words = command.words.iter().peekable();
        while let Some(word) = words.next() {
            let (option, value) = match word.split_once('=') {
                Some((option, value)) => (option, Some(value.to_owned())),
                None => (word.as_str(), words.peek().map(|w| (*w).clone())),
            };
            let Some(value) = value.filter(|_| OPTIONS.contains(&option)) else { continue };
            let plain = value.chars().all(|c| c.is_ascii_alphanumeric() || "-._~:/?#%+=".contains(c));
            let told = format!(" {option} {value}");
            if plain && !value.is_empty() && !found.contains(&told) {
                found.push(told);
            }
        }
    }
    found.concat()
}

/// Whether the list holds everything that will be there, so that the client need not look for more.
fn is_whole(request: &RecipeRequest<'_>) -> bool {
    request.plan.keep.iter().all(|k| k.version.is_some() && (k.bytes.is_some() || !k.artifacts.is_empty()))
}

/// Whether the project itself is installed into the environment, and then, whether its files stay where they are.
fn own_package(request: &RecipeRequest<'_>) -> Option<bool> {
    let named = |name: &str| request.sources.iter().find(|s| s.file_name() == name && is_at_home(request, s.path));
    let described = match named("pyproject.toml") {
        Some(source) => is_package(source)?,
        None => named("setup.py").or_else(|| named("setup.cfg")).is_some(),
    };
    if !described {
        return None;
    }
    if request.commands.iter().all(|command| command.stage == Stage::Run) {
        return Some(false);
    }
    request.commands.iter().filter_map(installs_project).next_back()
}

/// The file that `pyproject.toml` names as the project's description.
fn readme(request: &RecipeRequest<'_>) -> Option<String> {
    let source = request.sources.iter().find(|s| s.file_name() == "pyproject.toml" && is_at_home(request, s.path))?;
    let text = decode(source.bytes).text.into_owned();
    let document = toml::parse(&text).ok()?;
    let named = [&["project", "readme"][..], &["project", "readme", "file"], &["tool", "poetry", "readme"]];
    named.into_iter().find_map(|path| document.at(path)?.text().map(str::to_owned))
}

/// Whether a manifest lies in the project's own folder.
fn is_at_home(request: &RecipeRequest<'_>, path: &str) -> bool {
    let folder = if request.plan.project == "." { "" } else { request.plan.project.as_str() };
    path.rsplit_once('/').map_or("", |(above, _)| above) == folder
}

/// Whether a `pyproject.toml` describes something that can be installed; `None` when it says it does not.
fn is_package(source: &Source<'_>) -> Option<bool> {
    let text = decode(source.bytes).text.into_owned();
    let Ok(document) = toml::parse(&text) else { return Some(false) };
    let says_no = |path: &[&str]| document.at(path).is_some_and(|node| node.boolean() == Some(false));
    if says_no(&["tool", "poetry", "package-mode"]) || says_no(&["tool", "uv", "package"]) {
        return None;
    }
    Some(document.at(&["build-system"]).is_some())
}

/// Whether a command installs the project itself, and then, whether it leaves its files where they are.
fn installs_project(command: &Command) -> Option<bool> {
    let facts = crate::command::interpret(command);
    let install = facts.installs.iter().find(|i| i.project)?;
    let has = |flag: &str| command.words.iter().any(|w| w == flag);
    let apart = ["--no-root", "--no-install-project", "--no-self", "--no-install-workspace", "--only-deps"];
    if apart.into_iter().any(has) || install.client == "pipenv" {
        return None;
    }
    Some(if install.client == "pip" { has("-e") || has("--editable") } else { !has("--no-editable") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::ecosystem::{Kept, Plan};
    use depslim_model::{Settings, Stage};

    fn ask(manifest: &str, manager: &str, base: &str, own: &[&str]) -> Recipe {
        let settings = Settings::default();
        let kept =
            Kept { package: "plum".to_owned(), version: Some("1".to_owned()), bytes: Some(1), ..Kept::default() };
        let plan =
            Plan { project: ".".to_owned(), manager: Some(manager.to_owned()), keep: vec![kept], ..Plan::default() };
        let sources = [Source { path: "pyproject.toml", bytes: manifest.as_bytes(), settings: &settings }];
        let commands: Vec<Command> = own
            .iter()
            .map(|line| Command {
                words: line.split(' ').map(str::to_owned).collect(),
                stage: Stage::ImageBuild,
                line: 1,
                workdir: None,
                variables: Vec::new(),
            })
            .collect();
        recipe(&RecipeRequest {
            plan: &plan,
            sources: &sources,
            exported: &[LIST.to_owned()],
            commands: &commands,
            variables: &[],
            taken: &[("/app/.venv".to_owned(), "/srv/.venv".to_owned())],
            folder: None,
            base,
            from_source: &[],
            sends_files: None,
            set: &[],
            texts: &[],
            entries: &[],
            needs: &[],
        })
        .unwrap()
    }

    fn check(manifest: &str, manager: &str, base: &str, own: &[&str], expect: &[&str]) {
        let recipe = ask(manifest, manager, base, own);
        let commands: Vec<&str> = recipe
            .steps
            .iter()
            .filter_map(|s| if let Step::Run { command, .. } = s { Some(command.as_str()) } else { None })
            .collect();
        assert_eq!(commands, expect);
        assert_eq!(recipe.results[0].1, "/srv/.venv", "where the project has it now");
    }

    #[test]
    fn the_list_is_installed_by_the_projects_client() {
        check(
            "",
            "pip",
            "python:3.12-slim",
            &["pip install -r requirements.txt"],
            &[
                "python -m venv --without-pip /srv/.venv",
                "pip --python /srv/.venv install --no-compile --no-deps -r /tmp/slim/requirements.prod.txt",
            ],
        );
        check(
            "",
            "uv",
            "python:3.11-slim",
            &[],
            &[
                "uv venv --no-project --system-site-packages /srv/.venv",
                "uv pip install --python /srv/.venv --no-deps -r /tmp/slim/requirements.prod.txt",
            ],
        );
    }

    #[test]
    fn the_project_is_installed_as_its_own_file_does_it() {
        let package = "[project]\nname = 'orchard'\n[build-system]\nrequires = ['hatchling']\n";
        let last = |manifest: &str, own: &[&str]| {
            let recipe = ask(manifest, "pip", "python:3.12-slim", own);
            match recipe.steps.last() {
                Some(Step::Run { command, .. }) => command.rsplit(' ').take(2).collect::<Vec<_>>().join(" "),
                other => format!("{other:?}"),
            }
        };
        assert_eq!(last(package, &["poetry install --only main"]), ". -e");
        assert_eq!(last(package, &["pip install ."]), ". --no-deps");
        assert_eq!(last(package, &["uv sync --no-editable"]), ". --no-deps");
        for own in [&["poetry install --no-root"][..], &["uv sync --no-install-project"], &["pip install -r x.txt"]] {
            assert!(last(package, own).starts_with("/tmp/slim/"), "{own:?}");
        }
        assert!(
            last("[tool.poetry]\npackage-mode = false\n[build-system]\n", &["poetry install"])
                .starts_with("/tmp/slim/")
        );
    }

    #[test]
    fn an_index_of_the_companys_own_is_asked_too() {
        let own = [
            "pip install --index-url=https://mirror.example.invalid/simple --trusted-host mirror.example.invalid -r a.txt",
            "pip install -i https://u:p@secret.example.invalid/x b",
            "pip install --index-url $INDEX c",
        ];
        let recipe = ask("", "pip", "python:3.12-slim", &own);
        let Some(Step::Run { command, .. }) = recipe.steps.last() else { panic!("{recipe:?}") };
        assert_eq!(
            command,
            "pip --python /srv/.venv install --no-compile --index-url https://mirror.example.invalid/simple --trusted-host mirror.example.invalid --no-deps -r /tmp/slim/requirements.prod.txt"
        );
    }
}
