//! Files of hosting platforms: what they start, what they build with, which functions they call.

use super::paths::{below_root, file_name, folder_of};
use super::services::{folder, pairs};
use super::{Build, Observed, Place};
use depslim_formats::json::{self, Dialect};
use depslim_formats::{toml, yaml};
use depslim_model::Stage;

/// Keys whose text or list starts something in production.
const RUN: &[&str] = &[
    "startCommand",
    "start_command",
    "run_command",
    "runCommand",
    "preDeployCommand",
    "release_command",
    "entrypoint",
    "start",
    "post_deploy",
    "deploy",
    "postdeploy",
    "command",
    "run",
    "job_command",
    "healthCheckCommand",
];

/// Keys whose text or list runs while the image is built.
const BUILD: &[&str] =
    &["buildCommand", "build_command", "installCommand", "build", "pre-build", "post-build", "cmds", "prerelease"];

/// Keys that run in development environments only.
const DEVELOPMENT: &[&str] = &[
    "postCreateCommand",
    "postStartCommand",
    "onCreateCommand",
    "updateContentCommand",
    "postAttachCommand",
    "initializeCommand",
];

/// Keys that name a function.
const HANDLERS: &[&str] = &["handler", "Handler", "app_function", "lambda_handler"];

/// Reads one such file by its ending.
pub(super) fn read(path: &str, text: &str) -> Observed {
    let name = file_name(path);
    let mut observed = match name.rsplit('.').next() {
        Some("toml") => read_toml(path, text),
        Some("yml" | "yaml") => read_yaml(text, name.starts_with("heroku")),
        _ => read_json(text),
    };
    if matches!(name, "netlify.toml" | "vercel.json") {
        // These build sites, not images.
        for command in observed.commands.iter_mut().filter(|command| command.stage == Stage::ImageBuild) {
            command.stage = Stage::Ci;
        }
    }
    observed
}

/// Who runs what stands under a key.
fn stage_of(key: &str) -> Option<Stage> {
    if RUN.contains(&key) {
        Some(Stage::Run)
    } else if BUILD.contains(&key) {
        Some(Stage::ImageBuild)
    } else if DEVELOPMENT.contains(&key) {
        Some(Stage::Dev)
    } else {
        None
    }
}

fn read_yaml(text: &str, heroku: bool) -> Observed {
    let yaml = yaml::read(text);
    let mut observed = Observed { problems: yaml.problems.clone(), ..Observed::default() };
    for node in yaml.every() {
        let code = folder(node, &["CodeUri", "rootDir", "source_dir", "build_dir"]);
        let workdir = code.as_deref().unwrap_or(".");
        for entry in node.entries() {
            if let Some(stage) = stage_of(entry.key) {
                let place = Place { workdir: Some(workdir), ..Place::here(stage) };
                run_yaml(entry.value, &place, &mut observed);
                // `run:` of a `heroku.yml` holds processes by name.
                for process in entry.value.entries().filter(|_| heroku && entry.key == "run") {
                    run_yaml(process.value, &place, &mut observed);
                }
            }
            if HANDLERS.contains(&entry.key)
                && let Some(name) = entry.value.text().filter(|name| name.contains('.'))
            {
                observed.handler(name, code.as_deref(), entry.value.line(), &Place::here(Stage::Run));
            }
            let variables = [
                "environment",
                "env",
                "envVars",
                "envs",
                "env_variables",
                "variables",
                "Variables",
                "build_env_variables",
            ];
            if variables.contains(&entry.key) {
                for (name, value, line) in pairs(entry.value) {
                    observed.variable(&name, &value, line);
                }
            }
        }
    }
    observed
}

/// A text, or a list of texts.
fn run_yaml(node: yaml::Node<'_>, place: &Place<'_>, observed: &mut Observed) {
    for (text, line) in node.strings() {
        if text != "true" && text != "false" {
            observed.shell(text, line, place);
        }
    }
}

fn read_toml(path: &str, text: &str) -> Observed {
    let mut observed = Observed::default();
    let doc = match toml::parse(text) {
        Ok(doc) => doc,
        Err(problem) => {
            observed.problems.push(depslim_model::Problem { fatal: false, ..problem });
            return observed;
        }
    };
    for (_, process) in doc.at(&["processes"]).into_iter().flat_map(|table| table.entries()) {
        run_toml(process, Stage::Run, &mut observed);
    }
    for table in [&["deploy"][..], &["build"], &["start"], &["experimental"]] {
        for (key, node) in doc.at(table).into_iter().flat_map(|table| table.entries()) {
            let stage = match key {
                "cmd" => Some(Stage::Run),
                "command" if table == ["build"] => Some(Stage::ImageBuild),
                key => stage_of(key),
            };
            if let Some(stage) = stage {
                run_toml(node, stage, &mut observed);
            }
        }
    }
    for (_, phase) in doc.at(&["phases"]).into_iter().flat_map(|table| table.entries()) {
        phase.get("cmds").into_iter().for_each(|commands| run_toml(commands, Stage::ImageBuild, &mut observed));
    }
    for table in [&["env"][..], &["variables"], &["build", "environment"]] {
        for (name, node) in doc.at(table).into_iter().flat_map(|table| table.entries()) {
            node.scalar().into_iter().for_each(|value| observed.variable(name, value, node.line()));
        }
    }
    for variable in doc.at(&["io", "buildpacks", "build", "env"]).into_iter().flat_map(|list| list.items()) {
        let field = |key| variable.get(key).and_then(|node| node.text());
        let (Some(name), Some(value)) = (field("name"), field("value")) else { continue };
        let line = variable.get("value").map_or(variable.line(), |node| node.line());
        observed.variable(name, value, line);
        if name == "GOOGLE_ENTRYPOINT" {
            observed.shell(value, line, &Place::here(Stage::Run));
        }
    }
    if let Some(build) = doc.at(&["build"]) {
        let field = |key| build.get(key).and_then(|node| node.text());
        let context = folder_of(path).to_owned();
        if let Some(file) = field("dockerfile").or_else(|| field("dockerfilePath"))
            && let Some(file) = below_root(&context, file)
        {
            let target = field("build-target").map(str::to_owned);
            observed.builds.push(Build { context, file, target, line: build.line(), ..Build::default() });
        }
    }
    observed
}

fn run_toml(node: toml::Node<'_>, stage: Stage, observed: &mut Observed) {
    for found in node.strings() {
        observed.shell(found.text, found.line, &Place::here(stage));
    }
}

fn read_json(text: &str) -> Observed {
    let mut observed = Observed::default();
    match json::parse(text, Dialect::Comments) {
        Ok(doc) => walk_json(doc.root(), "", &mut observed),
        Err(problem) => observed.problems.push(depslim_model::Problem { fatal: false, ..problem }),
    }
    observed
}

/// Nesting is bounded by the parser.
fn walk_json(node: json::Node<'_>, above: &str, observed: &mut Observed) {
    for (key, child) in node.entries() {
        let stage = stage_of(key).filter(|_| above != "build" || key != "command").or(match (above, key) {
            ("build", "command") => Some(Stage::ImageBuild),
            // `scripts` of an `app.json`.
            ("scripts", _) => Some(Stage::Run),
            _ => None,
        });
        if let Some(stage) = stage {
            if key == "command" && child.kind() == json::Kind::Array {
                let words: Vec<String> = child.strings().map(|(word, _)| word.to_owned()).collect();
                observed.exec(&words, child.value_line(), &Place::here(stage));
            } else {
                for (text, line) in child.strings() {
                    observed.shell(text, line, &Place::here(stage));
                }
            }
        }
        if HANDLERS.contains(&key)
            && let Some(name) = child.text().filter(|name| name.contains('.'))
        {
            observed.handler(name, None, child.value_line(), &Place::here(Stage::Run));
        }
        if matches!(key, "env" | "environment" | "environment_variables" | "aws_environment_variables") {
            for (name, value) in child.entries() {
                let text = value.text().or_else(|| value.get("value").and_then(|value| value.text()));
                observed.variable(name, text.unwrap_or_default(), value.line());
            }
            for item in child.items() {
                let field = |key| item.get(key).and_then(|node| node.text());
                if let (Some(name), Some(value)) = (field("name"), field("value")) {
                    observed.variable(name, value, item.line());
                }
            }
        }
        walk_json(child, key, observed);
    }
    node.items().for_each(|item| walk_json(item, above, observed));
}
