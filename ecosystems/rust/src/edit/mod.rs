//! Edits that keep everything else as it is: a declaration goes, moves to the development table, or loses a feature; a lock loses an
//! edge and all that nobody needs then.

mod lock;

use crate::manifest::workspace::key;
use crate::manifest::{Declaration, INHERITED, declarations};
use depslim_formats::edit::{self as bytes, Edit};
use depslim_formats::text::decode;
use depslim_formats::toml::{self, Doc, Kind, Node};
use depslim_model::ecosystem::{Action, Change};
use depslim_model::{Group, Source};

/// Applies the changes to the file's text. A change whose declaration is not on its line (any more) changes nothing.
///
/// # Errors
/// What stands in the way, as a fragment that names the line; nothing is to be written then.
pub(crate) fn edit(source: &Source<'_>, changes: &[Change]) -> Result<String, String> {
    let decoded = decode(source.bytes);
    if decoded.file_offset().is_none() {
        return Err("not UTF-8: save it as UTF-8 first".into());
    }
    let text = if source.file_name() == "Cargo.lock" {
        lock::edit(&decoded.text, changes)?
    } else {
        manifest(source, decoded.text.clone().into_owned(), changes)?
    };
    if let Err(problem) = toml::parse(&text) {
        return Err(format!(
            "{}: the edit would not read back (line {}: {})",
            source.path, problem.line, problem.message
        ));
    }
    Ok(if decoded.bom { format!("\u{FEFF}{text}") } else { text })
}

fn manifest(source: &Source<'_>, mut text: String, changes: &[Change]) -> Result<String, String> {
    // From the bottom up: a change moves no line above it.
    let mut changes: Vec<&Change> = changes.iter().collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.line));
    let mut moved: Vec<(String, Option<String>, String)> = Vec::new();
    let mut gone: Vec<(String, bool)> = Vec::new();
    for change in changes {
        let doc = toml::parse(&text).map_err(|p| p.message)?;
        let fits = |d: &Declaration<'_>| {
            let last = d.node.doc().lines().line(d.node.span().end);
            // What a member inherits may be told by the name that the root knows.
            let named = d.require.name == change.package || d.require.origin.as_deref() == Some(INHERITED);
            named && (d.node.line()..=last.max(d.node.line())).contains(&change.line)
        };
        let Some(found) = declarations(&doc).into_iter().find(fits) else { continue };
        let by_hand = || {
            format!(
                "{}:{}: {} is not written in a way that can be edited safely: edit it by hand",
                source.path, change.line, change.package
            )
        };
        let edits = match &change.action {
            Action::DropFeature(feature) => drop_feature(&found, feature),
            Action::State { .. } => return Err(by_hand()),
            Action::MoveToDev if found.group == Group::Dev => continue,
            Action::MoveToDev => {
                if found.require.group == Group::Optional {
                    return Err(format!(
                        "{}:{}: {} is optional: move it by hand, features may name it",
                        source.path, change.line, change.package
                    ));
                }
                let value = value(&found).ok_or_else(by_hand)?;
                moved.push((key(&found.require).to_owned(), found.require.condition.clone(), value));
                gone.push((key(&found.require).to_owned(), false));
                removal(found.node).ok_or_else(by_hand)?
            }
            Action::Remove => {
                gone.push((key(&found.require).to_owned(), found.require.group == Group::Optional));
                removal(found.node).ok_or_else(by_hand)?
            }
        };
        text = bytes::apply(&text, &edits)?;
    }
    for (name, optional) in &gone {
        text = without_features(text, name, *optional)?;
    }
    moved.reverse();
    for (name, condition, value) in &moved {
        let doc = toml::parse(&text).map_err(|p| p.message)?;
        let path: Vec<&str> = match condition {
            Some(condition) => vec!["target", condition, "dev-dependencies"],
            None => vec!["dev-dependencies"],
        };
        if doc.at(&path).and_then(|table| table.get(name)).is_some() {
            continue;
        }
        let edit = bytes::toml::add_key(&doc, &path, name, value)
            .ok_or_else(|| format!("{}: {name} could not be moved: move it by hand", source.path))?;
        text = bytes::apply(&text, &[edit])?;
    }
    Ok(text)
}

/// What takes an entry out: a key, a table with a header of its own, or the dotted keys of one.
fn removal(node: Node<'_>) -> Option<Vec<Edit>> {
    let edits = if node.kind() == Kind::Table && !node.is_inline() {
        let text = node.doc().text();
        if text.get(node.span())?.starts_with('[') {
            vec![bytes::toml::remove_table(&node)?]
        } else {
            node.entries().flat_map(|(_, child)| bytes::toml::remove_key(&child)).collect()
        }
    } else {
        bytes::toml::remove_key(&node)
    };
    (!edits.is_empty()).then_some(edits)
}

/// A declaration's value as it can stand behind `=`.
fn value(found: &Declaration<'_>) -> Option<String> {
    let node = found.node;
    let text = node.doc().text();
    if node.kind() != Kind::Table || node.is_inline() {
        return text.get(node.span()).map(str::to_owned);
    }
    let mut pairs = Vec::new();
    for (name, child) in node.entries() {
        let value = text.get(child.span()).filter(|value| child.is_inline() && !value.contains('#'))?;
        pairs.push(format!("{name} = {value}"));
    }
    Some(format!("{{ {} }}", pairs.join(", ")))
}

fn drop_feature(found: &Declaration<'_>, feature: &str) -> Vec<Edit> {
    let Some(list) = found.node.get("features") else { return Vec::new() };
    let at: Vec<usize> =
        list.items().enumerate().filter(|(_, item)| item.text() == Some(feature)).map(|(at, _)| at).collect();
    bytes::toml::remove_items(&list, &at)
}

/// Features that name what is gone. An optional dependency was a feature itself unless something says `dep:`: that name stays, empty,
/// because others may turn it on.
fn without_features(text: String, name: &str, optional: bool) -> Result<String, String> {
    let doc = toml::parse(&text).map_err(|p| p.message)?;
    if declarations(&doc).iter().any(|d| key(&d.require) == name && d.group != Group::Dev && d.group != Group::Build) {
        return Ok(text);
    }
    let hidden = format!("dep:{name}");
    let mut edits = Vec::new();
    let (mut explicit, mut said) = (false, false);
    for (feature, values) in features(&doc) {
        explicit |= feature == name;
        let gone = |value: &str| {
            value == hidden || value.split_once('/').is_some_and(|(n, _)| n.trim_end_matches('?') == name)
        };
        let at: Vec<usize> =
            values.items().enumerate().filter(|(_, item)| item.text().is_some_and(gone)).map(|(at, _)| at).collect();
        said |= values.strings().any(|value| value.text == hidden);
        edits.extend(bytes::toml::remove_items(&values, &at));
    }
    if optional && !explicit && !said {
        edits.extend(bytes::toml::add_key(&doc, &["features"], name, "[]"));
    }
    bytes::apply(&text, &edits)
}

fn features<'d>(doc: &'d Doc<'_>) -> Vec<(&'d str, Node<'d>)> {
    doc.at(&["features"]).iter().flat_map(Node::entries).collect()
}

#[cfg(test)]
mod tests;
