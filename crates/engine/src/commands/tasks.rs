//! Tables of tasks: TOML of project managers, Taskfiles, tox, and task files in Python.

use super::{Observed, Place};
use depslim_formats::ini::{self, Dialect};
use depslim_formats::text::LineIndex;
use depslim_formats::toml::{Kind, Node, parse};
use depslim_formats::yaml;
use depslim_model::Stage;

/// Tables of tasks in `pyproject.toml`, `Pipfile`, `pixi.toml`, `mise.toml`. Broken files are for the reader of manifests to
/// report.
pub(super) fn toml(text: &str) -> Observed {
    let mut observed = Observed::default();
    let Ok(doc) = parse(text) else { return observed };
    let root = doc.root();
    for path in [
        &["tool", "poe", "tasks"][..],
        &["tool", "taskipy", "tasks"],
        &["tool", "pdm", "scripts"],
        &["tool", "rye", "scripts"],
        &["tool", "pixi", "tasks"],
        &["tool", "thx", "jobs"],
        &["tool", "uvr", "scripts"],
        &["scripts"],
        &["tasks"],
    ] {
        root.at(path).into_iter().for_each(|table| table_of_tasks(table, &mut observed));
    }
    for path in [&["tool", "hatch", "envs"][..], &["envs"], &["tool", "pixi", "feature"], &["feature"]] {
        for (_, environment) in root.at(path).into_iter().flat_map(|table| table.entries()) {
            for key in ["scripts", "tasks"] {
                environment.get(key).into_iter().for_each(|table| table_of_tasks(table, &mut observed));
            }
        }
    }
    if let Some(old) = root.at(&["tool", "tox", "legacy_tox_ini"]).and_then(|node| node.located()) {
        // The text starts behind the quotes, and behind the line break that may follow them.
        let source = &doc.text()[old.span.clone()];
        let skipped = u32::from(source.starts_with("\"\"\"\n") || source.starts_with("'''\n"));
        tox_text(old.text, old.line + skipped - 1, &mut observed);
    }
    for (key, environment) in root.at(&["tool", "tox"]).into_iter().flat_map(|table| table.entries()) {
        let environments: Vec<Node<'_>> =
            if key == "env" { environment.entries().map(|(_, node)| node).collect() } else { vec![environment] };
        for commands in environments.iter().filter_map(|node| node.get("commands")) {
            for command in commands.items() {
                let words: Vec<String> = command.items().filter_map(|word| word.text().map(str::to_owned)).collect();
                observed.exec(&words, command.line(), &Place::here(Stage::Dev));
            }
        }
    }
    observed
}

fn table_of_tasks(table: Node<'_>, observed: &mut Observed) {
    for (_, node) in table.entries() {
        task(node, observed, 0);
    }
}

/// A text, a list of texts, or a table with the text under one of several keys.
fn task(node: Node<'_>, observed: &mut Observed, depth: u32) {
    let place = Place::here(Stage::Dev);
    match node.kind() {
        Kind::String => {
            let Some(found) = node.located() else { return };
            // Texts in three quotes start on the line behind them.
            let source = &node.doc().text()[found.span.clone()];
            let skipped = u32::from(source.starts_with("\"\"\"\n") || source.starts_with("'''\n"));
            observed.shell(found.text, found.line + skipped, &place);
        }
        Kind::Array if depth < 4 => node.items().for_each(|item| task(item, observed, depth + 1)),
        Kind::Table if depth < 4 => {
            for key in ["cmd", "shell", "run", "sequence", "chain", "composite", "parallel"] {
                match node.get(key) {
                    // A list under `cmd` is one argument list.
                    Some(list) if key == "cmd" && list.kind() == Kind::Array => {
                        let words: Vec<String> = list.strings().map(|word| word.text.to_owned()).collect();
                        observed.exec(&words, list.line(), &place);
                    }
                    Some(found) => task(found, observed, depth + 1),
                    None => {}
                }
            }
        }
        _ => {}
    }
}

/// A [Taskfile](https://taskfile.dev/reference/schema): `cmds` and `cmd` of its tasks.
pub(super) fn yaml(text: &str) -> Observed {
    let yaml = yaml::read(text);
    let mut observed = Observed { problems: yaml.problems.clone(), ..Observed::default() };
    for node in yaml.every() {
        let place =
            Place { workdir: node.get("dir").and_then(|dir| dir.text()).or(Some(".")), ..Place::here(Stage::Dev) };
        for entry in node.entries().filter(|entry| matches!(entry.key, "cmds" | "cmd" | "preconditions" | "status")) {
            for (text, line) in entry.value.strings() {
                observed.shell(&text.replace("{{", "${").replace("}}", "}"), line, &place);
            }
        }
    }
    observed
}

/// `commands` of the test environments in `tox.ini` or `setup.cfg`.
pub(super) fn tox(text: &str) -> Observed {
    let mut observed = Observed::default();
    tox_text(text, 0, &mut observed);
    observed
}

fn tox_text(text: &str, before: u32, observed: &mut Observed) {
    for section in ini::read(text, Dialect::Python).sections.iter().filter(|section| section.name.contains("testenv")) {
        let folder = section
            .get("changedir")
            .or_else(|| section.get("change_dir"))
            .map(|e| placeholders(&e.text(Dialect::Python)));
        let folder = folder.as_deref().filter(|folder| !folder.contains(['{', '$'])).unwrap_or(".");
        let place = Place { workdir: Some(folder), ..Place::here(Stage::Dev) };
        for entry in section.entries.iter().filter(|entry| entry.key.starts_with("commands")) {
            let mut open: Option<(u32, String)> = None;
            for value in &entry.values {
                let (line, mut command) = open.take().unwrap_or((value.line, String::new()));
                let part = value.text.strip_suffix('\\');
                command.push_str(part.unwrap_or(&value.text));
                if part.is_some() {
                    open = Some((line, command));
                } else {
                    observed.shell(&placeholders(without_factors(&command)), before + line, &place);
                }
            }
            if let Some((line, command)) = open {
                observed.shell(&placeholders(without_factors(&command)), before + line, &place);
            }
        }
    }
}

/// `py312,lint: command` runs in some environments only; `-` and `!` in front change how a failure counts.
fn without_factors(command: &str) -> &str {
    let factors = command.split_once(": ").filter(|(factors, _)| {
        !factors.is_empty() && factors.chars().all(|c| c.is_ascii_alphanumeric() || "{},!-._".contains(c))
    });
    factors.map_or(command, |(_, command)| command).trim_start().trim_start_matches(['-', '!']).trim_start()
}

/// tox's `{posargs:default}`, `{env:NAME:default}` and paths.
fn placeholders(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, behind)) = inside.split_once('}') else {
            rest = inside;
            continue;
        };
        let mut parts = name.splitn(2, ':');
        match (parts.next().unwrap_or(""), parts.next()) {
            ("posargs", default) => out.push_str(default.unwrap_or("")),
            ("envpython" | "basepython", _) => out.push_str("python"),
            ("toxinidir" | "tox_root", _) => out.push('.'),
            ("env", Some(variable)) => match variable.split_once(':') {
                Some((_, default)) => out.push_str(default),
                None => out.extend(["${", variable, "}"]),
            },
            (other, _) => out.extend(["${", other, "}"]),
        }
        rest = behind;
    }
    out + rest
}

/// `session.run("check", "--all")` of nox, `c.run("check --all")` of invoke: the constant words.
pub(super) fn python(text: &str) -> Observed {
    let mut observed = Observed::default();
    let index = LineIndex::new(text);
    let place = Place::here(Stage::Dev);
    let mut at = 0;
    while let Some(found) = text[at..].find(".run") {
        let start = at + found;
        at = start + 4;
        let rest = &text[at..];
        let rest = rest.strip_prefix("_always").or_else(|| rest.strip_prefix("_install")).unwrap_or(rest);
        let Some(mut rest) = rest.strip_prefix('(') else { continue };
        let mut words: Vec<String> = Vec::new();
        while words.len() < 100 {
            rest = rest.trim_start();
            let Some(quote) = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| rest.starts_with(quote)) else {
                break;
            };
            let Some((word, behind)) = rest[quote.len()..].split_once(quote) else { break };
            words.push(word.to_owned());
            rest = behind.trim_start();
            match rest.strip_prefix(',') {
                Some(behind) => rest = behind,
                None => break,
            }
        }
        let line = index.line(start);
        match words.as_slice() {
            [text] if text.contains(' ') => observed.shell(text, line, &place),
            words => observed.exec(words, line, &place),
        }
    }
    observed
}
