//! Configuration files as a list of strings with the keys that they stand under, whatever they are written in.

use crate::source;
use depslim_formats::{json, toml, yaml};

/// One string, or one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Keys from the outermost to the innermost, joined by `/`; items of a list stand under the list's key.
    pub(super) path: String,
    pub(super) text: String,
    pub(super) line: u32,
    /// It is a key of the object at the path.
    pub(super) key: bool,
}

/// More strings than any configuration has.
const MOST: usize = 50_000;
/// Deeper than any configuration nests.
const DEEPEST: usize = 40;

/// The strings of a file; none when it is broken: its tool says so.
pub(super) fn entries(path: &str, text: &str) -> Vec<Entry> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map_or("", |(_, ending)| ending);
    let mut entries = Vec::new();
    match ending {
        "js" | "cjs" | "mjs" | "ts" | "cts" | "mts" | "jsx" | "tsx" => {
            for (said, line) in source::strings(path, text) {
                entries.push(Entry { path: said.path, text: said.text.to_owned(), line, key: said.key });
            }
        }
        "yml" | "yaml" => from_yaml(text, &mut entries),
        "toml" => {
            if let Ok(doc) = toml::parse(text) {
                from_toml(doc.root(), "", 0, &mut entries);
            }
        }
        _ => match json::parse(text, json::Dialect::Comments) {
            Ok(doc) => from_json(doc.root(), "", 0, &mut entries),
            // `.eslintrc` and its like may be YAML.
            Err(_) if ending.is_empty() => from_yaml(text, &mut entries),
            Err(_) => {}
        },
    }
    entries.truncate(MOST);
    entries
}

fn from_json(node: json::Node<'_>, path: &str, depth: usize, out: &mut Vec<Entry>) {
    if depth > DEEPEST || out.len() > MOST {
        return;
    }
    let value =
        |text: &str| Entry { path: path.to_owned(), text: text.to_owned(), line: node.value_line(), key: false };
    if let Some(text) = node.text() {
        out.push(value(text));
    } else if node.boolean() == Some(true) {
        out.push(value("true"));
    }
    for item in node.items() {
        from_json(item, path, depth + 1, out);
    }
    for (key, child) in node.entries() {
        out.push(Entry { path: path.to_owned(), text: key.to_owned(), line: child.line(), key: true });
        from_json(child, &below(path, key), depth + 1, out);
    }
}

fn from_toml(node: toml::Node<'_>, path: &str, depth: usize, out: &mut Vec<Entry>) {
    if depth > DEEPEST || out.len() > MOST {
        return;
    }
    if let Some(text) = node.text() {
        out.push(Entry { path: path.to_owned(), text: text.to_owned(), line: node.line(), key: false });
    }
    for item in node.items() {
        from_toml(item, path, depth + 1, out);
    }
    for (key, child) in node.entries() {
        out.push(Entry { path: path.to_owned(), text: key.to_owned(), line: child.line(), key: true });
        from_toml(child, &below(path, key), depth + 1, out);
    }
}

fn from_yaml(text: &str, out: &mut Vec<Entry>) {
    let read = yaml::read(text);
    let mut steps = MOST;
    for document in read.documents() {
        yaml_node(document, "", 0, &mut steps, out);
    }
}

/// Aliases multiply nodes without a string in them: steps are counted, not strings.
fn yaml_node(node: yaml::Node<'_>, path: &str, depth: usize, steps: &mut usize, out: &mut Vec<Entry>) {
    if depth > DEEPEST || *steps == 0 {
        return;
    }
    *steps -= 1;
    if let Some(text) = node.text() {
        out.push(Entry { path: path.to_owned(), text: text.to_owned(), line: node.text_line(), key: false });
    }
    for item in node.items() {
        yaml_node(item, path, depth + 1, steps, out);
    }
    for entry in node.entries() {
        out.push(Entry { path: path.to_owned(), text: entry.key.to_owned(), line: entry.line, key: true });
        yaml_node(entry.value, &below(path, entry.key), depth + 1, steps, out);
    }
}

fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}/{key}") }
}
