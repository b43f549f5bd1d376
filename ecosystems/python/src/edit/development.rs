//! Where a declaration goes that is for development: the group that the file already has for it, else a new one.

use super::{Form, Kind, Moved, find, kind};
use crate::manifest::{self, group_of};
use crate::names::canonical;
use depslim_formats::edit::toml::{add_item, add_key, quote};
use depslim_formats::edit::{Edit, apply, list};
use depslim_formats::ini::{self, Dialect};
use depslim_formats::text::{LineIndex, line_end};
use depslim_formats::toml::{self, Doc, Kind as Value, Node};
use depslim_model::{Group, Require, Source};

/// Adds the declaration; one that is there already is not added twice.
pub(super) fn add(source: &Source<'_>, text: &str, moved: &Moved) -> Result<String, String> {
    let refused =
        || format!("{}:{}: {} has no group to move to here: move it by hand", source.path, moved.line, moved.name);
    match (&moved.form, kind(source)) {
        (Form::Elsewhere, _) => Ok(text.to_owned()),
        (Form::Text(requirement), Kind::Config) => {
            let edit = config(source, text, requirement, &moved.name).ok_or_else(refused)?;
            apply(text, &edit)
        }
        (Form::Text(literal), Kind::Code) => {
            let facts = manifest::read(&Source { bytes: text.as_bytes(), ..*source }).unwrap_or_default();
            let same = |r: &Require| r.group == Group::Dev && canonical(&r.name) == canonical(&moved.name);
            if facts.requires.iter().any(same) {
                return Ok(text.to_owned());
            }
            let (list, items) = manifest::setup_py::development(text, source.settings).ok_or_else(refused)?;
            apply(text, &list::add(text, &list, &items, literal))
        }
        (form, _) => {
            let doc = toml::parse(text).map_err(|p| p.message)?;
            let edits = match form {
                Form::Value(value) => value_entry(source, &doc, &moved.name, value),
                Form::Text(requirement) => item(source, &doc, &moved.name, requirement),
                Form::Elsewhere => None,
            };
            apply(text, &edits.ok_or_else(refused)?)
        }
    }
}

/// A key of Poetry's or Pipenv's tables.
fn value_entry(source: &Source<'_>, doc: &Doc<'_>, name: &str, value: &str) -> Option<Vec<Edit>> {
    let path: &[&str] = if source.file_name() == "Pipfile" { &["dev-packages"] } else { poetry_path(doc) };
    key(doc, path, name, value)
}

fn poetry_path(doc: &Doc<'_>) -> &'static [&'static str] {
    let old: &[&str] = &["tool", "poetry", "dev-dependencies"];
    let new: &[&str] = &["tool", "poetry", "group", "dev", "dependencies"];
    if doc.at(new).is_none() && doc.at(old).is_some() { old } else { new }
}

fn key(doc: &Doc<'_>, path: &[&str], name: &str, value: &str) -> Option<Vec<Edit>> {
    let there = doc.at(path).iter().flat_map(Node::entries).any(|(key, _)| canonical(key) == canonical(name));
    if there { Some(Vec::new()) } else { Some(vec![add_key(doc, path, name, value)?]) }
}

/// An item of an array: PEP 735, the tables of uv and PDM, Poetry's group, an extra for development; PEP 735 when there is none.
fn item(source: &Source<'_>, doc: &Doc<'_>, name: &str, requirement: &str) -> Option<Vec<Edit>> {
    let groups = doc.at(&["dependency-groups"]);
    let list = |path: &[&str]| doc.at(path).filter(|n| n.kind() == Value::Array);
    if let Some(dev) = list(&["dependency-groups", "dev"]) {
        return Some(into_list(dev, name, requirement));
    }
    if groups.is_some() {
        return new_group(doc, requirement);
    }
    if let Some(dev) = list(&["tool", "uv", "dev-dependencies"]) {
        return Some(into_list(dev, name, requirement));
    }
    let pdm = doc.at(&["tool", "pdm", "dev-dependencies"]);
    let first = pdm.and_then(|t| t.get("dev").or_else(|| t.entries().next().map(|(_, n)| n)));
    if let Some(dev) = first.filter(|n| n.kind() == Value::Array) {
        return Some(into_list(dev, name, requirement));
    }
    if doc.at(&["tool", "poetry"]).is_some() {
        return key(doc, poetry_path(doc), name, &find::poetry_value(requirement)?);
    }
    let extras = doc.at(&["project", "optional-dependencies"]);
    let for_development =
        |(name, n): &(&str, Node<'_>)| n.kind() == Value::Array && group_of(name, source.settings) == Group::Dev;
    let mut candidates: Vec<_> = extras.iter().flat_map(Node::entries).filter(for_development).collect();
    candidates.sort_by_key(|(name, _)| *name != "dev");
    match candidates.first() {
        Some((_, list)) => Some(into_list(*list, name, requirement)),
        None => new_group(doc, requirement),
    }
}

fn into_list(list: Node<'_>, name: &str, requirement: &str) -> Vec<Edit> {
    let there = list.strings().any(|s| find::names(s.text, name));
    if there { Vec::new() } else { add_item(&list, &quote(requirement)) }
}

fn new_group(doc: &Doc<'_>, requirement: &str) -> Option<Vec<Edit>> {
    Some(vec![add_key(doc, &["dependency-groups"], "dev", &format!("[{}]", quote(requirement)))?])
}

/// A line below an extra of `setup.cfg` that is for development.
fn config(source: &Source<'_>, text: &str, requirement: &str, name: &str) -> Option<Vec<Edit>> {
    let ini = ini::read(text, Dialect::Python);
    let extras = ini.sections.iter().filter(|s| s.name == "options.extras_require").flat_map(|s| &s.entries);
    let mut candidates: Vec<_> = extras.filter(|e| group_of(&e.key, source.settings) == Group::Dev).collect();
    candidates.sort_by_key(|e| e.key != "dev");
    let extra = candidates.into_iter().find(|e| e.values.last().is_some_and(|v| v.line != e.line))?;
    if extra.values.iter().any(|v| find::names(&v.text, name)) {
        return Some(Vec::new());
    }
    let last = extra.values.last()?;
    let index = LineIndex::new(text);
    let line = &text[index.range(last.line)];
    let indent = &line[..line.len() - line.trim_start().len()];
    let at = index.range(last.line).end;
    Some(vec![Edit::insert(at, format!("{}{indent}{requirement}", line_end(text)))])
}
