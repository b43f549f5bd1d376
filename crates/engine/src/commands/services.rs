//! YAML files that start services: compose files, Kubernetes manifests, charts.

use super::paths::{below_root, folder_of, join, says_development};
use super::{Build, Image, Observed, Place};
use depslim_formats::shell;
use depslim_formats::yaml::{Kind, Node, Yaml, read};
use depslim_model::Stage;

/// A compose file ([the Compose specification](https://github.com/compose-spec/compose-spec)): services with their commands,
/// health checks, builds and variables.
pub(super) fn compose(path: &str, text: &str, dev: bool) -> Observed {
    let yaml = read(text);
    let mut observed = Observed { problems: yaml.problems.clone(), ..Observed::default() };
    services(&yaml, path, dev, &mut observed);
    observed
}

/// Any other YAML file, by what is in it.
pub(super) fn any_yaml(path: &str, text: &str, dev: bool) -> Observed {
    let mut observed = Observed::default();
    let has = |word: &str| text.contains(word);
    let is_manifest = has("kind:") && has("apiVersion:");
    let has_services = has("services:") && (has("image:") || has("build:"));
    let has_commands = has("command:") || has("args:");
    if !is_manifest && !has_services && !has_commands {
        return observed;
    }
    let plain = without_templates(text);
    let yaml = read(&plain);
    let is_template = plain != text;
    // A template is YAML only when it has been filled in.
    if !is_template && (is_manifest || has_services) {
        observed.problems.clone_from(&yaml.problems);
    }
    if has_services && !is_manifest && yaml.documents().any(|document| document.get("services").is_some()) {
        services(&yaml, path, dev, &mut observed);
        return observed;
    }
    let values = super::paths::file_name(path).contains("values");
    if is_manifest || is_template || values {
        containers(&yaml, dev, &mut observed);
    }
    observed
}

fn services(yaml: &Yaml, path: &str, dev: bool, observed: &mut Observed) {
    for document in yaml.documents() {
        for service in document.get("services").into_iter().flat_map(|services| services.entries()) {
            self::service(service.value, path, dev, observed);
        }
    }
}

fn service(service: Node<'_>, path: &str, dev: bool, observed: &mut Observed) {
    let profile =
        service.get("profiles").into_iter().any(|profiles| profiles.strings().any(|(name, _)| says_development(name)));
    let dev = dev || profile;
    let stage = if dev { Stage::Dev } else { Stage::Run };
    let mut variables = Vec::new();
    if let Some(environment) = service.get("environment") {
        for (name, value, line) in pairs(environment) {
            observed.variable(&name, &value, line);
            variables.push((name, value));
        }
    }
    variables.retain(|(name, value)| name.len() + value.len() < 256);
    variables.truncate(32);
    let workdir = service.get("working_dir").and_then(|node| node.text());
    let place = Place { stage, workdir, variables: &variables };
    let build = service.get("build");
    let mounts_project = service
        .get("volumes")
        .into_iter()
        .any(|volumes| volumes.strings().any(|(volume, _)| volume.starts_with("./:") || volume.starts_with(".:")));
    // An image that is only pulled is somebody else's program, unless the project is mounted into it.
    let foreign = build.is_none() && !mounts_project && service.get("image").is_some();
    if let Some(image) = service.get("image").filter(|_| build.is_none())
        && let Some(reference) = image.text()
    {
        let reference = defaults(reference);
        observed.images.push(Image { reference, line: image.line(), final_stage: mounts_project && !dev });
    }
    let mut own = (Vec::new(), 0);
    for key in ["entrypoint", "command"] {
        if let Some(node) = service.get(key) {
            own = (arguments(node), first_line(node));
            run(node, &place, observed);
        }
    }
    if let Some(test) = service.at(&["healthcheck", "test"]).filter(|_| !foreign) {
        health(test, &place, observed);
    }
    for hook in ["post_start", "pre_stop"] {
        for item in service.get(hook).into_iter().flat_map(|hook| hook.items()) {
            if let Some(command) = item.get("command") {
                run(command, &place, observed);
            }
        }
    }
    if let Some(build) = build {
        let command = if service.get("entrypoint").is_some() { (Vec::new(), 0) } else { own };
        observed.builds.extend(build_of(build, path, dev, command));
    }
}

fn build_of(build: Node<'_>, path: &str, dev: bool, command: (Vec<String>, u32)) -> Option<Build> {
    let context = build.text().or_else(|| build.get("context").and_then(|node| node.text())).unwrap_or(".");
    let context = below_root(folder_of(path), &defaults(context))?;
    let file = build.get("dockerfile").and_then(|node| node.text()).unwrap_or("Dockerfile");
    Some(Build {
        file: below_root(&context, &defaults(file))?,
        context,
        target: build.get("target").and_then(|node| node.text()).map(defaults),
        command: command.0,
        command_line: command.1,
        dev,
        line: build.line(),
    })
}

/// `command` and `entrypoint`: an argument list, or a text that compose splits. Operators in it would reach the program as they
/// are, so a text that has some was meant for a shell.
fn run(node: Node<'_>, place: &Place<'_>, observed: &mut Observed) {
    match node.kind() {
        Kind::Scalar => {
            if let Some(text) = node.text() {
                observed.shell(&text.replace("$$", "$"), node.text_line(), place);
            }
        }
        Kind::Sequence => {
            let words = arguments(node);
            let line = node.strings().next().map_or(node.line(), |(_, line)| line);
            observed.exec(&words, line, place);
        }
        Kind::Mapping | Kind::Null => {}
    }
}

fn arguments(node: Node<'_>) -> Vec<String> {
    match node.kind() {
        Kind::Scalar => node.text().map(shell::split).unwrap_or_default(),
        _ => node.strings().map(|(word, _)| word.replace("$$", "$")).collect(),
    }
}

/// `["CMD", "probe"]`, `["CMD-SHELL", "probe || exit 1"]`, a text, or `NONE`.
fn health(test: Node<'_>, place: &Place<'_>, observed: &mut Observed) {
    if test.kind() == Kind::Scalar {
        run(test, place, observed);
        return;
    }
    let mut words = test.strings();
    let Some((kind, line)) = words.next() else { return };
    let rest: Vec<String> = words.map(|(word, _)| word.replace("$$", "$")).collect();
    match kind {
        "CMD" => observed.exec(&rest, line, place),
        "CMD-SHELL" => observed.shell(&rest.join(" "), line, place),
        _ => {}
    }
}

/// Kubernetes manifests and charts: wherever a container names its command, arguments and variables.
fn containers(yaml: &Yaml, dev: bool, observed: &mut Observed) {
    for node in yaml.every() {
        let stage = if dev { Stage::Dev } else { Stage::Run };
        let workdir = node.get("workingDir").and_then(|node| node.text());
        let place = Place { stage, workdir, variables: &[] };
        let (command, args) = (node.get("command"), node.get("args"));
        match (command, args) {
            (Some(command), Some(args)) if command.kind() == Kind::Sequence => {
                let words: Vec<String> = arguments(command).into_iter().chain(arguments(args)).collect();
                observed.exec(&words, first_line(command), &place);
            }
            (command, args) => {
                for found in command.into_iter().chain(args) {
                    run(found, &place, observed);
                }
            }
        }
        if let Some(script) = node.get("script").filter(|_| node.get("image").is_some()) {
            run(script, &place, observed);
        }
        for key in ["env", "envVars", "extraEnv", "extraEnvVars", "environment"] {
            if let Some(variables) = node.get(key) {
                for (name, value, line) in pairs(variables) {
                    observed.variable(&name, &value, line);
                }
            }
        }
        let is_data =
            node.get("kind").and_then(|kind| kind.text()).is_some_and(|kind| kind == "ConfigMap" || kind == "Secret");
        for key in ["data", "stringData"].iter().filter(|_| is_data) {
            for entry in node.get(key).into_iter().flat_map(|data| data.entries()) {
                if let Some(value) = entry.value.text().filter(|value| value.len() < 1000) {
                    observed.variable(entry.key, value, entry.line);
                }
            }
        }
    }
}

fn first_line(node: Node<'_>) -> u32 {
    node.strings().next().map_or(node.line(), |(_, line)| line)
}

/// Variables: a mapping, a list of `NAME=value`, or a list of `name:`/`value:` pairs.
pub(super) fn pairs(node: Node<'_>) -> Vec<(String, String, u32)> {
    let mut found: Vec<_> = node
        .entries()
        .filter_map(|entry| Some((entry.key.to_owned(), entry.value.text()?.to_owned(), entry.line)))
        .filter(|(name, _, _)| name != "name" && name != "value")
        .collect();
    for item in node.items() {
        if let Some((name, value)) = item.text().and_then(|text| text.split_once('=')) {
            found.push((name.to_owned(), value.to_owned(), item.line()));
        }
        let name = item.get("name").or_else(|| item.get("key")).and_then(|name| name.text());
        if let (Some(name), Some(value)) = (name, item.get("value").and_then(|value| value.text())) {
            found.push((name.to_owned(), value.to_owned(), item.line()));
        }
    }
    found
}

/// `${NAME:-default}` as compose fills it in when nothing is set.
fn defaults(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("${") {
        let Some((variable, behind)) = inside.split_once('}') else { break };
        out.push_str(before);
        let default = variable.split_once(":-").or_else(|| variable.split_once('-')).map(|(_, default)| default);
        match default {
            Some(default) => out.push_str(default),
            None => out.extend(["${", variable, "}"]),
        }
        rest = behind;
    }
    out + rest
}

/// Template actions taken out, so that what is left is YAML with the same line numbers.
fn without_templates(text: &str) -> String {
    if !text.contains("{{") && !text.contains("{%") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        let action = |open: &str, close: &str| content.starts_with(open) && content.ends_with(close);
        if action("{{", "}}") && content.matches("{{").count() == 1 || action("{%", "%}") {
            out.push('\n');
            continue;
        }
        let mut rest = line;
        while let Some((before, inside)) = rest.split_once("{{") {
            out.push_str(before);
            let Some((_, behind)) = inside.split_once("}}") else {
                // An action over several lines: its other lines are no YAML either.
                rest = if line.ends_with('\n') { "\n" } else { "" };
                break;
            };
            out.push_str("template");
            rest = behind;
        }
        out.push_str(rest);
    }
    out
}

/// The folder of a service's code for platforms that name one, from the folder of the file.
pub(super) fn folder(node: Node<'_>, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| node.get(key)?.text()).map(|folder| join(".", folder.trim_start_matches('/')))
}
