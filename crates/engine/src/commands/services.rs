//! YAML files that start things: compose files, Kubernetes manifests and charts, CI workflows.

use super::{Image, Observed, exec_commands, shell_commands};
use depslim_formats::yaml::{Kind, Node, read};
use depslim_model::{Command, Stage};

/// A compose file ([the Compose specification](https://github.com/compose-spec/compose-spec)): services with their commands,
/// health checks and variables.
pub(super) fn compose(text: &str, dev: bool) -> Observed {
    let yaml = read(text);
    let mut observed = Observed { problems: yaml.problems.clone(), ..Observed::default() };
    let stage = if dev { Stage::Dev } else { Stage::Run };
    for document in yaml.documents() {
        for service in document.get("services").into_iter().flat_map(|s| s.entries()) {
            // A service with an image and without a build is somebody else's program.
            let foreign = service.value.get("image").is_some() && service.value.get("build").is_none();
            for key in ["command", "entrypoint"] {
                if let Some(node) = service.value.get(key) {
                    observed.commands.extend(words(node, stage));
                }
            }
            if let (false, Some(test)) = (foreign, service.value.at(&["healthcheck", "test"])) {
                let mut found = words(test, stage);
                for command in &mut found {
                    if command.words.first().is_some_and(|w| w == "CMD" || w == "CMD-SHELL") {
                        command.words.remove(0);
                    }
                }
                observed.commands.extend(found.into_iter().filter(|c| !c.words.is_empty()));
            }
            if let Some(environment) = service.value.get("environment") {
                for entry in environment.entries() {
                    if let Some(value) = entry.value.text() {
                        observed.variables.push((entry.key.to_owned(), value.to_owned(), entry.line));
                    }
                }
                for (item, line) in environment.strings() {
                    if let Some((name, value)) = item.split_once('=') {
                        observed.variables.push((name.to_owned(), value.to_owned(), line));
                    }
                }
            }
        }
    }
    observed
}

/// Kubernetes manifests, charts and platform files: wherever a container names its command, arguments and variables. Templates are
/// read as far as they are YAML; what a template engine would fill in hides only itself.
pub(super) fn kubernetes(text: &str) -> Observed {
    let plain = without_templates(text);
    let yaml = read(&plain);
    let mut observed = Observed::default();
    for node in yaml.every() {
        let command = ["command", "args", "startCommand", "entrypoint", "buildCommand", "preDeployCommand"];
        let mut line = None;
        let mut all = Vec::new();
        for entry in node.entries().filter(|e| command.contains(&e.key)) {
            let from = entry.value;
            match from.kind() {
                Kind::Sequence => all.extend(from.strings().map(|(w, _)| w.to_owned())),
                Kind::Scalar => observed.commands.extend(words(from, Stage::Run)),
                _ => continue,
            }
            line.get_or_insert(from.text_line());
        }
        // `command` and `args` are one argument list.
        if let Some(line) = line {
            observed.commands.extend(exec_commands(&all, line, Stage::Run));
        }
        for key in ["env", "envVars"] {
            for variable in node.get(key).into_iter().flat_map(|e| e.items()) {
                let name = variable.get("name").or_else(|| variable.get("key")).and_then(|n| n.text());
                if let (Some(name), Some(value)) = (name, variable.get("value")) {
                    observed.variables.push((
                        name.to_owned(),
                        value.text().unwrap_or_default().to_owned(),
                        value.line(),
                    ));
                }
            }
        }
    }
    observed
}

/// CI workflows and task files: everything that is run by a key for commands.
pub(super) fn workflow(text: &str) -> Observed {
    let yaml = read(text);
    let mut observed = Observed::default();
    for node in yaml.every() {
        for entry in node.entries() {
            if [
                "run",
                "script",
                "before_script",
                "after_script",
                "command",
                "commands",
                "cmd",
                "cmds",
                "bash",
                "install",
                "entry",
                "args",
            ]
            .contains(&entry.key)
            {
                observed.commands.extend(words(entry.value, Stage::Ci));
            }
            if entry.key == "image" && entry.value.kind() == Kind::Scalar {
                let reference = entry.value.text().unwrap_or_default().to_owned();
                observed.images.push(Image { reference, line: entry.value.line(), final_stage: false });
            }
        }
    }
    // CI images say nothing about what ships.
    observed.images.clear();
    observed
}

/// The commands of a node: a string for the shell, an argument list, or a list of strings for the shell.
fn words(node: Node<'_>, stage: Stage) -> Vec<Command> {
    match node.kind() {
        Kind::Scalar => node.text().map(|text| shell_commands(text, node.text_line(), stage)).unwrap_or_default(),
        Kind::Sequence => {
            let list: Vec<(&str, u32)> = node.strings().collect();
            let line = list.first().map_or(node.line(), |(_, line)| *line);
            // An argument list has words without spaces in front; a list of scripts has whole commands.
            let scripts = stage == Stage::Ci || list.first().is_some_and(|(first, _)| first.trim().contains(' '));
            if scripts {
                list.iter().flat_map(|(text, line)| shell_commands(text, *line, stage)).collect()
            } else {
                let all: Vec<String> = list.iter().map(|(w, _)| (*w).to_owned()).collect();
                exec_commands(&all, line, stage)
            }
        }
        _ => Vec::new(),
    }
}

/// Template actions blanked out, line by line, so that what is left is YAML with the same line numbers.
fn without_templates(text: &str) -> String {
    if !text.contains("{{") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        if trimmed.starts_with("{{") && trimmed.ends_with("}}") {
            out.push('\n');
            continue;
        }
        let mut rest = line;
        while let Some(start) = rest.find("{{") {
            out.push_str(&rest[..start]);
            match rest[start..].find("}}") {
                Some(end) => {
                    out.push_str("template");
                    rest = &rest[start + end + 2..];
                }
                None => {
                    rest = "\n";
                }
            }
        }
        out.push_str(rest);
    }
    out
}
