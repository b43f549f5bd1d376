//! Files of process managers: Procfile, crontab, supervisord and systemd units.

use super::{Observed, shell_commands};
use depslim_formats::text::lines;
use depslim_model::Stage;

/// `name: command` lines, and crontab lines (five fields of times, then a command).
pub(super) fn procfile(text: &str) -> Observed {
    let mut observed = Observed::default();
    for line in lines(text) {
        let content = line.text.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let times = content
            .split_whitespace()
            .take(5)
            .filter(|f| f.chars().all(|c| c.is_ascii_digit() || "*,-/".contains(c)))
            .count();
        let command = if times == 5 {
            content.splitn(6, char::is_whitespace).nth(5)
        } else {
            content
                .split_once(':')
                .filter(|(name, _)| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'))
                .map(|(_, c)| c)
        };
        if let Some(command) = command {
            observed.commands.extend(shell_commands(command.trim(), line.number, Stage::Run));
        }
    }
    observed
}

/// `command = …` of supervisord and circus, `ExecStart=…` of systemd, `Environment=…`, uwsgi's programs.
pub(super) fn units(text: &str) -> Observed {
    let mut observed = Observed::default();
    let uwsgi = text.lines().any(|l| l.trim() == "[uwsgi]");
    if uwsgi {
        let line = text.lines().position(|l| l.trim() == "[uwsgi]").map_or(1, |at| at as u32 + 1);
        observed.commands.extend(shell_commands("uwsgi", line, Stage::Run));
    }
    for line in lines(text) {
        let content = line.text.trim();
        if content.starts_with(['#', ';']) {
            continue;
        }
        let Some((key, value)) = content.split_once('=') else { continue };
        let (key, value) = (key.trim(), value.trim());
        match key {
            "command" | "cmd" | "ExecStart" | "ExecStartPre" | "ExecStartPost" | "ExecReload" | "attach-daemon"
            | "attach-daemon2" | "hook-pre-app" | "exec-asap" => {
                // systemd puts signs in front of the program that change how it is run, not what.
                let value = value.trim_start_matches(['-', '@', '+', '!', ':']);
                observed.commands.extend(shell_commands(value, line.number, Stage::Run));
            }
            "module" | "wsgi" | "mount" | "callable" if uwsgi && key != "callable" => {
                let module = value.split('=').next_back().unwrap_or(value);
                observed.commands.extend(shell_commands(&format!("uwsgi --module {module}"), line.number, Stage::Run));
            }
            "Environment" | "environment" => {
                for pair in value.split([',', ' ']) {
                    if let Some((name, value)) = pair.trim_matches('"').split_once('=') {
                        observed.variables.push((
                            name.trim().to_owned(),
                            value.trim_matches(['"', '\'']).to_owned(),
                            line.number,
                        ));
                    }
                }
            }
            _ => {}
        }
    }
    observed
}
