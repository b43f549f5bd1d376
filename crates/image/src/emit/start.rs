//! What starts the program, without a shell where none is needed.

use super::{Blueprint, File};
use crate::own::Own;
use depslim_formats::dockerfile::Form;
use depslim_formats::shell;

/// A command of another file of the project, that starts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The command.
    pub form: Form,
    /// Where it stands: `Procfile:1`.
    pub place: String,
}

/// Writes `ENTRYPOINT` and `CMD`.
pub(super) fn write(blueprint: &Blueprint<'_>, own: &Own, file: &mut File) {
    if let Some((form, _)) = &own.entrypoint {
        let words = exec(form, blueprint);
        if !words.is_empty() {
            file.line(&format!("ENTRYPOINT {}", json(&words)));
        }
    }
    if let Some((form, _)) = &own.command {
        let words = exec(form, blueprint);
        if own.entrypoint.is_some() && matches!(form, Form::Exec(_)) {
            // They may be arguments, of which nothing may be taken off.
            let Form::Exec(words) = form else { return };
            file.line(&format!("CMD {}", json(words)));
        } else {
            file.line(&format!("CMD {}", json(&words)));
        }
    } else if own.entrypoint.is_none() {
        if let Some(start) = blueprint.start {
            file.comment(&format!("from {}", start.place));
            file.line(&format!("CMD {}", json(&exec(&start.form, blueprint))));
        } else if !blueprint.recipe.start.is_empty() {
            file.line(&format!("CMD {}", json(&blueprint.recipe.start)));
        } else {
            file.comment("no file of the project says what starts it: add CMD [\"program\", \"argument\"]");
            file.notes.push("no file of the project says what starts it: the container file has no CMD".to_owned());
        }
    }
}

/// The words that are started.
pub(super) fn exec(form: &Form, blueprint: &Blueprint<'_>) -> Vec<String> {
    match form {
        Form::Exec(words) => match words.as_slice() {
            [program, flag, text]
                if shell::is_shell(shell::base_name(program)) && flag.ends_with('c') && flag.starts_with('-') =>
            {
                vec![program.clone(), flag.clone(), without_runners(text, blueprint)]
            }
            words => direct(words.to_vec(), blueprint),
        },
        Form::Shell { text, .. } => {
            if let Some(words) = plain(text) {
                return direct(words, blueprint);
            }
            let flat = text.replace("\\\n", " ");
            let text = without_runners(flat.trim(), blueprint);
            // One command takes the place of the shell, so that signals reach it.
            let alone = crate::own::split(&text).is_some_and(|c| c.len() == 1) && !text.starts_with("exec ");
            let begins_with_a_program = text.split_whitespace().next().is_some_and(|w| !shell::is_assignment(w));
            let exec = if alone && begins_with_a_program { "exec " } else { "" };
            vec!["sh".to_owned(), "-c".to_owned(), format!("{exec}{text}")]
        }
    }
}

/// The words of a text that needs no shell.
pub(super) fn plain(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    let text = text.strip_prefix("exec ").unwrap_or(text);
    let commands = crate::own::split(text)?;
    let [command] = commands.as_slice() else { return None };
    let special = command.contains(['$', '*', '?', '~', '>', '<', '`', '{', '[']);
    let words = shell::split(command);
    let first = words.first()?;
    (!special && !shell::is_assignment(first) && first != "cd").then_some(words)
}

/// Without a program that only starts another one, which the image lacks; by its name where the path is that of an environment
/// which lies elsewhere now.
fn direct(words: Vec<String>, blueprint: &Blueprint<'_>) -> Vec<String> {
    let mut words = words;
    for (runner, valued) in blueprint.recipe.runners {
        if words.len() > runner.len() && runner.iter().zip(&words).all(|(r, w)| *r == w) {
            let mut rest = &words[runner.len()..];
            while let [first, behind @ ..] = rest {
                if first == "--" {
                    rest = behind;
                    break;
                }
                if !first.starts_with('-') {
                    break;
                }
                let takes = valued.contains(&first.as_str());
                rest = if takes { behind.get(1..).unwrap_or(&[]) } else { behind };
            }
            if !rest.is_empty() {
                words = rest.to_vec();
            }
        }
    }
    if let Some(program) = words.first_mut() {
        let kept = blueprint.recipe.results.iter().any(|(_, to)| program.starts_with(&format!("{to}/")));
        let environment = blueprint.recipe.environments.iter().any(|e| program.contains(e));
        if program.contains('/') && environment && !kept {
            *program = shell::base_name(program).to_owned();
        }
    }
    words
}

/// A shell text without them.
pub(super) fn without_runners(text: &str, blueprint: &Blueprint<'_>) -> String {
    let mut text = text.to_owned();
    for (runner, _) in blueprint.recipe.runners {
        let prefix = format!("{} ", runner.join(" "));
        while let Some(at) = text.find(&prefix) {
            let mut end = at + prefix.len();
            while let Some(flag) = text[end..].strip_prefix("--") {
                end = text.len() - flag.len() + flag.find(' ').map_or(flag.len(), |s| s + 1);
            }
            text.replace_range(at..end, "");
        }
    }
    text
}

/// An argument list as container files write it.
pub(super) fn json(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|w| serde_json::to_string(w).unwrap_or_default()).collect();
    format!("[{}]", words.join(", "))
}
