//! The health check: the project's own, in words that the image has.

use super::start::{exec, json};
use super::{Blueprint, File, words};
use crate::own::{Item, Own};
use depslim_formats::dockerfile::Form;
use depslim_formats::shell;

/// Programs that ask a web server, which slim images lack.
const ASKING: &[&str] = &["curl", "wget", "http", "httpie"];

/// Writes `HEALTHCHECK`.
pub(super) fn write(blueprint: &Blueprint<'_>, own: &Own, file: &mut File) {
    if let Some((flags, form, _)) = &own.health {
        let flags = if flags.is_empty() { String::new() } else { format!("{} \\\n    ", flags.join(" ")) };
        file.line(&format!("HEALTHCHECK {flags}CMD {}", check(form, blueprint)));
    } else if let Some(port) =
        port(blueprint, own).filter(|_| !blueprint.several && !blueprint.recipe.probe_port.is_empty())
    {
        let probe = filled(blueprint.recipe.probe_port, "{port}", &port);
        file.line(&format!("HEALTHCHECK --start-period=30s CMD {}", json(&probe)));
    }
}

/// Whether a health check asks by a program that is replaced here.
pub fn asks(form: &Form) -> bool {
    let text = text_of(form);
    shell::read(&text).commands.iter().any(|c| c.words.first().is_some_and(|p| ASKING.contains(&shell::base_name(p))))
}

fn check(form: &Form, blueprint: &Blueprint<'_>) -> String {
    if asks(form)
        && !blueprint.recipe.probe_url.is_empty()
        && let Some(url) = url(&text_of(form))
    {
        if url.contains('$') {
            let words = filled(blueprint.recipe.probe_url, "{url}", &url);
            let line = words.iter().map(|w| if w.contains([' ', '(']) { format!("\"{w}\"") } else { w.clone() });
            return json(&["sh".to_owned(), "-c".to_owned(), line.collect::<Vec<_>>().join(" ")]);
        }
        return json(&filled(blueprint.recipe.probe_url, "{url}", &url));
    }
    let bare = match form {
        // Any failure is one: there is nothing to add.
        Form::Shell { text, line } => Form::Shell {
            text: text.trim().trim_end_matches("|| exit 1").trim_end_matches("|| false").trim().to_owned(),
            line: *line,
        },
        exec @ Form::Exec(_) => exec.clone(),
    };
    match words(&bare) {
        Some(words) => json(&exec(&Form::Exec(words), blueprint)),
        None => json(&exec(form, blueprint)),
    }
}

fn text_of(form: &Form) -> String {
    match form {
        Form::Exec(words) if words.len() > 2 && shell::is_shell(shell::base_name(&words[0])) => words[2..].join(" "),
        Form::Exec(words) => words.join(" "),
        Form::Shell { text, .. } => text.clone(),
    }
}

/// The address that a check asks for.
fn url(text: &str) -> Option<String> {
    let commands = shell::read(text).commands;
    let command = commands.iter().find(|c| c.words.first().is_some_and(|p| ASKING.contains(&shell::base_name(p))))?;
    let words = || command.words.iter().skip(1).filter(|w| !w.starts_with('-'));
    let found = words().find(|w| w.starts_with("http://") || w.starts_with("https://")).or_else(|| {
        words().find(|w| w.starts_with("localhost") || w.starts_with("127.0.0.1") || w.starts_with("0.0.0.0"))
    })?;
    // Quotes would end the program text that it is put into.
    let sound = !found.contains(['\'', '"', '\\', ' ', '`', '(']);
    let whole = if found.contains("://") { found.clone() } else { format!("http://{found}") };
    sound.then_some(whole)
}

fn filled(words: &[&str], mark: &str, value: &str) -> Vec<String> {
    words.iter().map(|w| w.replace(mark, value)).collect()
}

/// The only port there is: exposed, or named where the program is started.
fn port(blueprint: &Blueprint<'_>, own: &Own) -> Option<String> {
    let exposed: Vec<String> = own
        .items
        .iter()
        .filter_map(|i| if let Item::Other(text) = i { text.strip_prefix("EXPOSE ") } else { None })
        .flat_map(str::split_whitespace)
        .map(|p| p.trim_end_matches("/tcp").to_owned())
        .collect();
    let numbers = |text: &String| !text.is_empty() && text.len() < 6 && text.bytes().all(|b| b.is_ascii_digit());
    if !exposed.is_empty() {
        return <[String; 1]>::try_from(exposed).ok().map(|[port]| port).filter(numbers);
    }
    let form = own.command.as_ref().map(|(form, _)| form).or(blueprint.start.map(|s| &s.form))?;
    let words = words(form)?;
    let named = words.iter().zip(words.iter().skip(1)).find_map(|(flag, value)| match flag.as_str() {
        "--port" | "-p" => Some(value.clone()),
        "--bind" | "-b" | "--http" => value.rsplit_once(':').map(|(_, port)| port.to_owned()),
        _ => None,
    });
    let joined = || {
        words.iter().find_map(|w| {
            w.strip_prefix("--port=")
                .map(str::to_owned)
                .or_else(|| w.strip_prefix("--bind=").and_then(|v| v.rsplit_once(':')).map(|(_, p)| p.to_owned()))
        })
    };
    named.or_else(joined).filter(numbers)
}
