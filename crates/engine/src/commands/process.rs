//! Files of process managers: Procfile, crontab, supervisord, circus, uwsgi, systemd; and `.env` files.

use super::{Observed, Place};
use depslim_formats::ini::{self, Dialect, Section};
use depslim_formats::shell;
use depslim_formats::text::lines;
use depslim_model::Stage;

/// `name: command` lines.
pub(super) fn procfile(text: &str, dev: bool) -> Observed {
    let mut observed = Observed::default();
    let place = Place::here(if dev { Stage::Dev } else { Stage::Run });
    for line in lines(text) {
        let content = line.text.trim();
        let Some((name, command)) = content.split_once(':').filter(|_| !content.starts_with('#')) else { continue };
        if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
            observed.shell(command.trim(), line.number, &place);
        }
    }
    observed
}

/// Times, then a command; in `cron.d` a user stands between.
pub(super) fn crontab(path: &str, text: &str) -> Observed {
    let mut observed = Observed::default();
    let place = Place { stage: Stage::Run, workdir: None, variables: &[] };
    let system = path.split('/').any(|part| part == "cron.d");
    for line in lines(text) {
        let content = line.text.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let is_time = |field: &str| {
            field.chars().all(|c| c.is_ascii_alphanumeric() || "*,-/?LW#".contains(c)) && !field.contains('=')
        };
        let fields = usize::from(system) + if content.starts_with('@') { 1 } else { 5 };
        let mut rest = content;
        let mut times = 0;
        while times < fields {
            let Some((field, behind)) = rest.split_once(char::is_whitespace) else { break };
            let user = system && times + 1 == fields;
            if !is_time(field) && !user && !field.starts_with('@') {
                break;
            }
            rest = behind.trim_start();
            times += 1;
        }
        if times == fields {
            // `%` ends the command unless escaped.
            let command = rest.replace("\\%", "\u{1}");
            let command = command.split('%').next().unwrap_or("").replace('\u{1}', "%");
            observed.shell(&command, line.number, &place);
        } else if let Some((name, value)) = content.split_once('=') {
            observed.variable(name.trim(), value.trim().trim_matches(['"', '\'']), line.number);
        }
    }
    observed
}

/// supervisord, circus and uwsgi, told by their sections.
pub(super) fn ini(text: &str, dev: bool) -> Observed {
    let mut observed = Observed::default();
    if !["[program:", "[eventlistener:", "[fcgi-program:", "[watcher:", "[uwsgi]"]
        .iter()
        .any(|sign| text.contains(sign))
    {
        return observed;
    }
    let stage = if dev { Stage::Dev } else { Stage::Run };
    for section in &ini::read(text, Dialect::Python).sections {
        let kind = section.name.split(':').next().unwrap_or("");
        match kind {
            "program" | "eventlistener" | "fcgi-program" => {
                program(section, "command", "directory", stage, &mut observed);
            }
            "watcher" => program(section, "cmd", "working_dir", stage, &mut observed),
            "supervisord" | "env" => environment(section, &mut observed),
            "uwsgi" => uwsgi(section, stage, &mut observed),
            _ => {}
        }
    }
    observed
}

fn program(section: &Section, command: &str, directory: &str, stage: Stage, observed: &mut Observed) {
    let folder = section.get(directory).map(|entry| value(&entry.text(Dialect::Python)));
    let place = Place { stage, workdir: folder.as_deref(), variables: &[] };
    if let Some(entry) = section.get(command) {
        let line = entry.values.first().map_or(entry.line, |value| value.line);
        // The lines of a value are one command.
        let mut text = entry.values.iter().map(|v| value(&v.text)).collect::<Vec<_>>().join(" \\\n");
        for arguments in section.get("args").into_iter().filter(|_| command == "cmd") {
            text = format!("{text} {}", value(&arguments.text(Dialect::Systemd)));
        }
        observed.shell(&text, line, &place);
    }
    environment(section, observed);
}

/// `environment=KEY="value",OTHER=value`, over several lines.
fn environment(section: &Section, observed: &mut Observed) {
    if section.name.starts_with("env") {
        section
            .entries
            .iter()
            .for_each(|entry| observed.variable(&entry.key, &value(&entry.text(Dialect::Systemd)), entry.line));
    }
    for line in section.get("environment").into_iter().flat_map(|entry| &entry.values) {
        for word in shell::split(&line.text.replace(',', " ")) {
            if let Some((name, value)) = word.split_once('=') {
                observed.variable(name, value, line.line);
            }
        }
    }
}

fn uwsgi(section: &Section, stage: Stage, observed: &mut Observed) {
    let folder = section.get("chdir").map(|entry| value(&entry.text(Dialect::Python)));
    let place = Place { stage, workdir: folder.as_deref(), variables: &[] };
    observed.exec(&["uwsgi".to_owned()], section.line, &place);
    for entry in &section.entries {
        let value = value(&entry.text(Dialect::Python));
        let option = match entry.key.as_str() {
            "module" | "wsgi" | "mount" => "--module",
            "wsgi-file" | "file" => "--wsgi-file",
            key if key.starts_with("attach-daemon") || key.starts_with("hook-") || key.starts_with("exec-") => {
                observed.shell(value.strip_prefix("exec:").unwrap_or(&value), entry.line, &place);
                continue;
            }
            "env" => {
                if let Some((name, value)) = value.split_once('=') {
                    observed.variable(name, value, entry.line);
                }
                continue;
            }
            _ => continue,
        };
        let target = value.rsplit('=').next().unwrap_or(&value);
        observed.exec(&["uwsgi", option, target].map(str::to_owned), entry.line, &place);
    }
}

/// A value without the comment behind it; `%(ENV_NAME)s` and uwsgi's `$(NAME)` are variables, `%%` is a percent sign.
fn value(text: &str) -> String {
    let mut out = String::new();
    let mut rest = ini::without_comment(text, &[';']);
    while let Some(at) = rest.find("%(").or_else(|| rest.find("$(")) {
        let Some((name, behind)) = rest[at + 2..].split_once(')') else { break };
        out.push_str(&rest[..at]);
        out.extend(["${", name.strip_prefix("ENV_").unwrap_or(name), "}"]);
        rest = behind.strip_prefix(['s', 'd']).unwrap_or(behind);
    }
    (out + rest).replace("%%", "%")
}

/// `Exec…=` and `Environment=` of units (`systemd.service`, `systemd.exec`).
pub(super) fn systemd(text: &str) -> Observed {
    let mut observed = Observed::default();
    for section in &ini::read(text, Dialect::Systemd).sections {
        let folder = section.get("WorkingDirectory").map(|entry| entry.text(Dialect::Systemd));
        let folder = folder.as_deref().map(|folder| folder.trim_start_matches('-'));
        let place = Place { stage: Stage::Run, workdir: folder, variables: &[] };
        for entry in &section.entries {
            if entry.key.starts_with("Exec") && entry.key != "ExecSearchPath" {
                let text: Vec<_> = entry.values.iter().map(|value| value.text.as_str()).collect();
                let line = entry.values.first().map_or(entry.line, |value| value.line);
                // Signs in front of the program change how it is run, not what.
                let text = text.join(" \\\n");
                observed.shell(text.trim_start_matches(['-', '@', '+', '!', ':']), line, &place);
            }
            if entry.key == "Environment" {
                for word in entry.values.iter().flat_map(|value| shell::split(&value.text)) {
                    if let Some((name, value)) = word.split_once('=') {
                        observed.variable(name, value, entry.line);
                    }
                }
            }
        }
    }
    observed
}

/// `NAME=value` lines.
pub(super) fn dotenv(text: &str) -> Observed {
    let mut observed = Observed::default();
    for line in lines(text) {
        let content = line.text.trim();
        let content = content.strip_prefix("export ").unwrap_or(content);
        if let Some((name, value)) = content.split_once('=').filter(|_| !content.starts_with('#')) {
            let value = ini::without_comment(value.trim(), &['#']).trim_matches(['"', '\'']);
            observed.variable(name.trim(), value, line.number);
        }
    }
    observed
}
