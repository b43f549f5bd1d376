//! Programs that start another program: what they wrap is a command of its own.

use super::reader::Reader;
use super::table::{Rest, WRAPPERS, Wrapper};
use super::words::assignment;
use super::{Output, Simple, base_name, is_shell};
use std::collections::BTreeMap;

/// Adds a command, and what it wraps behind it. Of a wrapper only its own words are kept.
pub(super) fn emit(mut command: Simple, variables: &BTreeMap<String, String>, out: &mut Output) {
    let Some(program) = command.words.first() else { return };
    if matches!(program.as_str(), "" | "[" | ":") {
        return;
    }
    let Some(inner) = unwrap(&command.words) else {
        out.script.commands.push(command);
        return;
    };
    let (line, folder) = (command.line, command.folder.clone());
    let assignments = inner.assignments;
    command.words.truncate(inner.own);
    out.script.commands.push(command);
    for text in inner.texts {
        if out.enter(text.len()) {
            Reader::new(&text, line, variables.clone(), out).in_folder(folder.clone()).run();
            out.leave();
        }
    }
    if !inner.words.is_empty() && out.enter(inner.words.len()) {
        emit(Simple { words: inner.words, assignments, line, folder }, variables, out);
        out.leave();
    }
}

/// What stands inside a wrapper.
#[derive(Default)]
struct Inner {
    /// How many words belong to the wrapper itself.
    own: usize,
    /// The wrapped argument list, or empty.
    words: Vec<String>,
    /// Wrapped shell texts.
    texts: Vec<String>,
    assignments: Vec<(String, String)>,
}

fn unwrap(words: &[String]) -> Option<Inner> {
    let program = base_name(words.first()?);
    if is_shell(program) && program != "busybox" {
        return shell_text(words);
    }
    match program {
        "trap" => return trap(words),
        "find" => return find_exec(words),
        _ => {}
    }
    WRAPPERS.iter().filter(|wrapper| is_one_of(wrapper.program, program)).find_map(|wrapper| wrapped(wrapper, words))
}

fn wrapped(wrapper: &Wrapper, words: &[String]) -> Option<Inner> {
    let mut inner = Inner::default();
    let mut subcommands = wrapper.sub.iter().peekable();
    let mut skip = wrapper.skip;
    let mut at = 1;
    while let Some(word) = words.get(at) {
        if word == "--" {
            if subcommands.peek().is_some() {
                return None;
            }
            // What `--` separates from the options is the command, unless a word of the wrapper's own still has to come.
            at += 1 + if wrapper.rest == Rest::Dashes { 0 } else { skip.min(1) };
            return take(inner, words, at, wrapper);
        }
        if wrapper.texts.contains(&word.as_str()) {
            inner.texts.extend(words.get(at + 1).cloned());
            inner.own = at + 1;
            return (!inner.texts.is_empty()).then_some(inner);
        }
        if word.len() > 1 && word.starts_with('-') {
            if matches!(word.as_str(), "-m" | "--module") && wrapper.program == "uv" && subcommands.peek().is_none() {
                // `uv run -m tool` runs `python -m tool`.
                inner.own = at;
                inner.words = ["python", "-m"].map(String::from).into_iter().chain(words[at + 1..].to_vec()).collect();
                return (inner.words.len() > 2).then_some(inner);
            }
            if matches!((wrapper.program, word.as_str()), ("env", "-S" | "--split-string")) {
                inner.own = at + 1;
                inner.texts.extend(words.get(at + 1).cloned());
                return Some(inner);
            }
            if wrapper.program == "command" {
                // `command -v NAME` asks, it does not run.
                return None;
            }
            at += if wrapper.values.contains(&word.as_str()) { 2 } else { 1 };
            continue;
        }
        if let Some(sub) = subcommands.peek() {
            if !is_one_of(sub, word) {
                return None;
            }
            subcommands.next();
            at += 1;
            continue;
        }
        if let Some((name, value)) = assignment(word)
            && wrapper.rest == Rest::Command
        {
            inner.assignments.push((name.to_owned(), value.to_owned()));
            at += 1;
            continue;
        }
        if wrapper.rest == Rest::Dashes || skip > 0 {
            skip = skip.saturating_sub(1);
            at += 1;
            continue;
        }
        break;
    }
    if subcommands.peek().is_some() || wrapper.rest == Rest::Dashes {
        return None;
    }
    take(inner, words, at, wrapper)
}

fn take(mut inner: Inner, words: &[String], at: usize, wrapper: &Wrapper) -> Option<Inner> {
    let rest = words.get(at..).filter(|rest| !rest.is_empty())?;
    inner.own = at;
    match wrapper.rest {
        Rest::Text => inner.texts.push(rest.join(" ")),
        Rest::Texts => inner.texts.extend(rest.iter().filter(|word| !word.contains("://")).cloned()),
        _ => inner.words = rest.to_vec(),
    }
    Some(inner)
}

/// `sh -c TEXT NAME ARGS…`, `bash -lc TEXT`.
fn shell_text(words: &[String]) -> Option<Inner> {
    let mut is_text = false;
    let mut at = 1;
    while let Some(word) = words.get(at) {
        if !word.starts_with(['-', '+']) || word.len() < 2 {
            break;
        }
        let short = !word.starts_with("--");
        is_text |= short && word.contains('c');
        let takes_value = (short && word.ends_with(['o', 'O'])) || matches!(word.as_str(), "--rcfile" | "--init-file");
        at += if takes_value { 2 } else { 1 };
    }
    let text = words.get(at).filter(|_| is_text)?;
    let mut inner = Inner { own: at, texts: vec![text.clone()], ..Inner::default() };
    if text.contains("$@") || text.contains("$*") {
        inner.words = words.get(at + 2..).unwrap_or_default().to_vec();
    }
    Some(inner)
}

/// `trap TEXT SIGNAL…`.
fn trap(words: &[String]) -> Option<Inner> {
    let text = words.get(1).filter(|text| words.len() > 2 && !text.starts_with('-') && !text.is_empty())?;
    Some(Inner { own: 1, texts: vec![text.clone()], ..Inner::default() })
}

/// `find … -exec COMMAND {} +`.
fn find_exec(words: &[String]) -> Option<Inner> {
    let own = words.iter().position(|word| matches!(word.as_str(), "-exec" | "-execdir" | "-ok"))? + 1;
    let inner: Vec<_> = words[own..].iter().take_while(|word| !matches!(word.as_str(), ";" | "+")).cloned().collect();
    (!inner.is_empty()).then_some(Inner { own, words: inner, ..Inner::default() })
}

fn is_one_of(names: &str, name: &str) -> bool {
    names == name || names.contains('|') && names.split('|').any(|candidate| candidate == name)
}
