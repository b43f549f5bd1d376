//! Edits of manifests that keep comments, order, indentation and line ends: a declaration goes, moves to the development group of
//! the same file, or loses an extra.

mod development;
mod extras;
mod find;

use crate::manifest;
use crate::names::canonical;
use depslim_formats::edit::{self as bytes, Edit};
use depslim_formats::text::decode;
use depslim_formats::toml;
use depslim_model::ecosystem::{Action, Change};
use depslim_model::{Facts, Group, Require, Source};

/// Applies the changes to the file's text. A change whose declaration is not on its line (any more) changes nothing, so that applying
/// the same changes twice is applying them once.
///
/// # Errors
/// What stands in the way, as a fragment that names the line; nothing is to be written then.
pub(crate) fn edit(source: &Source<'_>, changes: &[Change]) -> Result<String, String> {
    let decoded = decode(source.bytes);
    if decoded.file_offset().is_none() {
        return Err("not UTF-8: save it as UTF-8 first".into());
    }
    let mut text = decoded.text.clone().into_owned();
    // From the bottom up: a change moves no line above it.
    let mut changes: Vec<&Change> = changes.iter().collect();
    changes.sort_by_key(|c| std::cmp::Reverse(c.line));
    let mut moved = Vec::new();
    for change in changes {
        text = apply(source, text, change, &mut moved)?;
    }
    moved.reverse();
    for declaration in &moved {
        text = development::add(source, &text, declaration)?;
    }
    check(source, &text, &moved)?;
    Ok(if decoded.bom { format!("\u{FEFF}{text}") } else { text })
}

/// A declaration that was taken out and is to be put back for development.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Moved {
    name: String,
    line: u32,
    form: Form,
}

/// How a declaration is written.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// PEP 508; in code the string as it is written there, with its quotes.
    Text(String),
    /// A value under the package's name, as TOML.
    Value(String),
    /// A line of a list for pip: its development lists are other files.
    Elsewhere,
}

fn read(source: &Source<'_>, text: &str) -> Option<Facts> {
    manifest::read(&Source { bytes: text.as_bytes(), ..*source })
}

fn apply(source: &Source<'_>, text: String, change: &Change, moved: &mut Vec<Moved>) -> Result<String, String> {
    let facts = read(source, &text).ok_or_else(|| format!("{}: not a manifest that can be edited", source.path))?;
    let name = canonical(&change.package);
    let declares = |r: &&Require| {
        r.from.is_none() && r.line == change.line && canonical(&r.name) == name && r.group != Group::Build
    };
    let Some(require) = facts.requires.iter().find(declares) else { return Ok(text) };
    match &change.action {
        Action::DropFeature(feature) => extras::drop(source, text, require, feature),
        Action::State { .. } => Err(format!("{}: a lock states versions, not this list", source.path)),
        Action::MoveToDev if require.group == Group::Dev => Ok(text),
        Action::MoveToDev => {
            let form = form(source, &text, require)?;
            let text = remove(source, &text, require)?;
            moved.push(Moved { name: require.name.clone(), line: change.line, form });
            Ok(text)
        }
        Action::Remove => remove(source, &text, require),
    }
}

fn form(source: &Source<'_>, text: &str, require: &Require) -> Result<Form, String> {
    match kind(source) {
        Kind::List => Ok(Form::Elsewhere),
        Kind::Config => Ok(Form::Text(find::line_text(text, require).to_owned())),
        Kind::Toml => {
            let doc = toml::parse(text).map_err(|p| p.message)?;
            if let Some(item) = find::item(&doc, require) {
                return Ok(Form::Text(item.text.to_owned()));
            }
            let entry = find::entry(&doc, require).ok_or_else(|| by_hand(source, require))?;
            Ok(Form::Value(find::value(entry)))
        }
        Kind::Code => {
            let item = require.span.clone().and_then(|span| manifest::setup_py::literal(text.get(span)?));
            item.map(|item| Form::Text(item.to_owned())).ok_or_else(|| by_hand(source, require))
        }
    }
}

fn remove(source: &Source<'_>, text: &str, require: &Require) -> Result<String, String> {
    let span = require.span.clone().ok_or_else(|| by_hand(source, require))?;
    let text = bytes::apply(text, &[Edit::remove(span)])?;
    if kind(source) == Kind::Toml { remove_from_extras(text, require) } else { Ok(text) }
}

/// Poetry's table of extras names dependencies, and must not name what is gone.
fn remove_from_extras(text: String, require: &Require) -> Result<String, String> {
    let doc = toml::parse(&text).map_err(|p| p.message)?;
    let mut edits = Vec::new();
    for (_, list) in doc.at(&["tool", "poetry", "extras"]).iter().flat_map(toml::Node::entries) {
        let named = |item: &toml::Node<'_>| item.text().is_some_and(|t| find::names(t, &require.name));
        let gone: Vec<usize> = list.items().enumerate().filter(|(_, item)| named(item)).map(|(at, _)| at).collect();
        edits.extend(bytes::toml::remove_items(&list, &gone));
    }
    if edits.is_empty() {
        return Ok(text);
    }
    bytes::apply(&text, &edits)
}

/// Reads the result: it must be a manifest still, and have what was moved.
fn check(source: &Source<'_>, text: &str, moved: &[Moved]) -> Result<(), String> {
    let facts = read(source, text).unwrap_or_default();
    let before = std::str::from_utf8(source.bytes).ok().and_then(|old| read(source, old)).unwrap_or_default();
    if kind(source) == Kind::Code && facts.problems.len() > before.problems.len() {
        return Err(format!("{}: the edit would not read back: edit it by hand", source.path));
    }
    if let Some(problem) = facts.problems.iter().find(|p| p.fatal) {
        return Err(format!(
            "{}: the edit would not read back (line {}: {})",
            source.path, problem.line, problem.message
        ));
    }
    let lost = moved.iter().find(|m| {
        let there = facts.requires.iter().any(|r| r.group == Group::Dev && canonical(&r.name) == canonical(&m.name));
        m.form != Form::Elsewhere && !there
    });
    match lost {
        Some(lost) => Err(format!("{}:{}: {} could not be moved: move it by hand", source.path, lost.line, lost.name)),
        None => Ok(()),
    }
}

/// How a file of this name is edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Toml,
    /// `setup.cfg`.
    Config,
    /// One requirement a line; nothing can be moved inside it.
    List,
    /// `setup.py`.
    Code,
}

fn kind(source: &Source<'_>) -> Kind {
    match source.file_name() {
        "pyproject.toml" | "Pipfile" | "hatch.toml" => Kind::Toml,
        "setup.cfg" => Kind::Config,
        "setup.py" => Kind::Code,
        _ => Kind::List,
    }
}

fn by_hand(source: &Source<'_>, require: &Require) -> String {
    format!(
        "{}:{}: {} is not written in a way that can be edited safely: edit it by hand",
        source.path, require.line, require.name
    )
}

#[cfg(test)]
mod tests;
