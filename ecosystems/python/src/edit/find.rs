//! A declaration's own text in its file.

use crate::manifest::requirement;
use crate::names::canonical;
use depslim_formats::edit::toml::quote;
use depslim_formats::text::LineIndex;
use depslim_formats::toml::{Doc, Kind, Located, Node};
use depslim_model::Require;

/// The string of an array that declares it.
pub(super) fn item<'d>(doc: &'d Doc<'_>, require: &Require) -> Option<Located<'d>> {
    everything(doc.root())
        .into_iter()
        .filter(|n| n.key().is_none())
        .filter_map(|n| n.located())
        .find(|text| text.line == require.line && names(text.text.trim_start_matches("-e "), &require.name))
}

/// The key under the package's name that declares it.
pub(super) fn entry<'d>(doc: &'d Doc<'_>, require: &Require) -> Option<Node<'d>> {
    let name = canonical(&require.name);
    everything(doc.root()).into_iter().find(|node| {
        let lines = node.line()..=doc.lines().line(node.span().end);
        node.key().is_some_and(|key| canonical(key) == name) && lines.contains(&require.line)
    })
}

/// An entry's value as it can stand behind `=`.
pub(super) fn value(entry: Node<'_>) -> String {
    if entry.kind() == Kind::Table && !entry.is_inline() {
        let text = entry.doc().text();
        let pairs = entry.entries().map(|(key, value)| format!("{key} = {}", &text[value.span()]));
        return format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "));
    }
    entry.doc().text()[entry.span()].to_owned()
}

/// True when the requirement's text names the package.
pub(super) fn names(text: &str, package: &str) -> bool {
    canonical(&requirement::parse(text).name) == canonical(package)
}

/// The requirement's text where it has a line of its own, comment left out.
pub(super) fn line_text<'t>(text: &'t str, require: &Require) -> &'t str {
    let index = LineIndex::new(text);
    let line = depslim_formats::ini::without_comment(&text[index.range(require.line)], &['#']).trim();
    // On the key's line (`install_requires = plum`), the value counts.
    match line.split_once('=') {
        Some((key, value)) if !names(line, &require.name) && !key.is_empty() => value.trim(),
        _ => line,
    }
}

/// A PEP 508 requirement as Poetry's tables write it; `None` when it comes from a URL.
pub(super) fn poetry_value(text: &str) -> Option<String> {
    let parsed = requirement::parse(text);
    if parsed.origin.is_some() {
        return None;
    }
    let version = quote(parsed.constraint.as_deref().unwrap_or("*"));
    if parsed.extras.is_empty() && parsed.condition.is_none() {
        return Some(version);
    }
    let mut pairs = vec![format!("version = {version}")];
    if !parsed.extras.is_empty() {
        pairs.push(format!("extras = [{}]", parsed.extras.iter().map(|e| quote(e)).collect::<Vec<_>>().join(", ")));
    }
    pairs.extend(parsed.condition.map(|c| format!("markers = {}", quote(&c))));
    Some(format!("{{ {} }}", pairs.join(", ")))
}

/// Every value of the file, in its order.
fn everything(root: Node<'_>) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        found.push(node);
        let mut below: Vec<Node<'_>> = node.entries().map(|(_, n)| n).chain(node.items()).collect();
        below.reverse();
        open.extend(below);
    }
    found
}
