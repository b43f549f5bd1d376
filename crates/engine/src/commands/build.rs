//! Files of build and task runners: make, just, tox, task tables in TOML, Jenkins pipelines.

use super::{Observed, shell_commands};
use depslim_formats::text::lines;
use depslim_model::Stage;

/// Recipes of a makefile or justfile: indented lines, with their signs (`@`, `-`, `+`) taken off.
pub(super) fn makefile(text: &str) -> Observed {
    let mut observed = Observed::default();
    let mut joined: Option<(String, u32)> = None;
    for line in lines(text) {
        let recipe = line.text.starts_with(['\t', ' ']);
        if joined.is_none() && !recipe {
            continue;
        }
        let (mut all, first, content) = match joined.take() {
            Some((all, first)) => (all, first, line.text.trim()),
            None => (String::new(), line.number, line.text.trim().trim_start_matches(['@', '-', '+'])),
        };
        match content.strip_suffix('\\') {
            Some(part) => {
                all.push_str(part);
                all.push(' ');
                joined = Some((all, first));
            }
            None => {
                all.push_str(content);
                // `$(NAME)` and `{{name}}` are filled in by the runner.
                observed.commands.extend(shell_commands(
                    &all.replace("$(", "${").replace("$$", "$"),
                    first,
                    Stage::Dev,
                ));
            }
        }
    }
    observed
}

/// Command strings of task tables: `tox.ini`'s `commands`, TOML tables of scripts, `[processes]` of a platform file.
pub(super) fn tasks(text: &str) -> Observed {
    let mut observed = Observed::default();
    let mut section = String::new();
    let mut in_commands = false;
    for line in lines(text) {
        let content = line.text.trim();
        if content.starts_with('[') && content.ends_with(']') && !line.text.starts_with([' ', '\t']) {
            section = content.trim_matches(['[', ']']).trim().to_owned();
            in_commands = false;
            continue;
        }
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let processes = section == "processes" || section == "deploy" || section == "start";
        let scripts = processes
            || section.starts_with("testenv")
            || section.ends_with(".scripts")
            || ["tool.poe.tasks", "tool.taskipy.tasks", "tool.pdm.scripts", "tool.rye.scripts", "tool.pixi.tasks"]
                .iter()
                .any(|s| section.starts_with(s));
        if !scripts {
            continue;
        }
        let stage = if processes { Stage::Run } else { Stage::Dev };
        if line.text.starts_with([' ', '\t']) {
            if in_commands {
                observed.commands.extend(shell_commands(unquoted(content.trim_end_matches(',')), line.number, stage));
            }
            continue;
        }
        let Some((key, value)) = content.split_once('=') else { continue };
        let key = key.trim();
        in_commands = key.starts_with("commands") || !section.starts_with("testenv");
        let value = value.trim();
        if in_commands && !value.is_empty() && value != "[" && value != "{" {
            let text = value.find("cmd = ").map_or(value, |at| value[at + 6..].trim_end_matches('}').trim());
            observed.commands.extend(shell_commands(unquoted(text), line.number, stage));
        }
    }
    observed
}

/// `sh '…'` steps of a Jenkins pipeline.
pub(super) fn pipeline(text: &str) -> Observed {
    let mut observed = Observed::default();
    for line in lines(text) {
        let content = line.text.trim();
        if let Some(rest) = content.strip_prefix("sh ").or_else(|| content.strip_prefix("sh(")) {
            observed.commands.extend(shell_commands(unquoted(rest.trim_end_matches(')')), line.number, Stage::Ci));
        }
    }
    observed
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    for quote in ["\"\"\"", "'''", "\"", "'"] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner.split(quote).next().unwrap_or(inner);
        }
    }
    text
}
