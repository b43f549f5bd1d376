//! Edits of TOML files: items of lists, keys of tables.

use super::Edit;
use super::list::{self, behind_line, line_start, starts_line};
use crate::text::line_end;
use crate::toml::{Doc, Node};
use std::ops::Range;

/// Takes items out of a list; comments that stand on lines of their own stay, the comment behind an item goes with it.
pub fn remove_items(list: &Node<'_>, indices: &[usize]) -> Vec<Edit> {
    let text = list.doc().text();
    let spans: Vec<_> = list.items().map(|item| item.span()).collect();
    list::remove(text, &list.span(), &spans, indices)
}

/// Puts an item behind the last one of a list, in the list's own layout. `value` is TOML: see [`quote`].
pub fn add_item(list: &Node<'_>, value: &str) -> Vec<Edit> {
    let spans: Vec<_> = list.items().map(|item| item.span()).collect();
    list::add(list.doc().text(), &list.span(), &spans, value)
}

/// Takes a key with its value out of the table that it stands in, with the comment behind it. Nothing for values without a
/// key and for tables under a header of their own: see [`remove_table`].
pub fn remove_key(entry: &Node<'_>) -> Vec<Edit> {
    let text = entry.doc().text();
    let value = entry.span();
    let Some(key) = entry.key_span() else { return Vec::new() };
    if value.start <= key.start || text[value.clone()].starts_with('[') && starts_line(text, value.start) {
        return Vec::new();
    }
    let line = line_start(text, key.start);
    // In front of the last part of a dotted key stand the others; anything else means that the key stands inside a value.
    let before = &text[line..key.start];
    if before.chars().all(|c| c.is_alphanumeric() || "_-.\"' \t".contains(c)) {
        return vec![Edit::remove(line..behind_line(text, value.end))];
    }
    let own = key.start..value.end;
    let Some((table, pairs)) = container(text, &own) else { return Vec::new() };
    let index = pairs.iter().position(|pair| pair.start <= own.start && own.end <= pair.end);
    index.map(|index| list::remove(text, &table, &pairs, &[index])).unwrap_or_default()
}

/// Takes a table with its header, its keys and the empty lines behind it out of the file, not the tables below it.
pub fn remove_table(table: &Node<'_>) -> Option<Edit> {
    let text = table.doc().text();
    let header = table.span();
    if table.is_inline() || !text[header.clone()].starts_with('[') {
        return None;
    }
    let end = own_entries_end(table).unwrap_or(header.end);
    let mut end = behind_line(text, end);
    while let Some(blank) = text[end..].split_inclusive('\n').next().filter(|line| line.trim().is_empty()) {
        end += blank.len();
    }
    Some(Edit::remove(line_start(text, header.start)..end))
}

/// Adds `key = value` to the table under `path`, behind its other keys; the table is made at the end of the file when it is
/// missing. `None` when something else stands under the path.
pub fn add_key(doc: &Doc<'_>, path: &[&str], key: &str, value: &str) -> Option<Edit> {
    let text = doc.text();
    let newline = line_end(text);
    let key = quote_key(key);
    let Some(table) = doc.at(path).filter(|table| text[table.span()].starts_with('[') || table.is_inline()) else {
        let path: Vec<_> = path.iter().map(|part| quote_key(part)).collect();
        let gap = match text {
            "" => "",
            text if text.ends_with('\n') => newline,
            _ => {
                if newline == "\n" {
                    "\n\n"
                } else {
                    "\r\n\r\n"
                }
            }
        };
        return Some(Edit::insert(text.len(), format!("{gap}[{}]{newline}{key} = {value}{newline}", path.join("."))));
    };
    if table.is_inline() {
        let span = table.span();
        if !text[span.clone()].starts_with('{') {
            return None;
        }
        let last = table.entries().map(|(_, entry)| entry.span().end).max();
        return Some(match last {
            Some(last) => Edit::insert(last, format!(", {key} = {value}")),
            None => Edit { span, text: format!("{{ {key} = {value} }}") },
        });
    }
    let last = own_entries_end(&table).unwrap_or(table.span().end);
    let end = behind_line(text, last);
    let gap = if text[..end].ends_with('\n') { "" } else { newline };
    Some(Edit::insert(end, format!("{gap}{key} = {value}{newline}")))
}

/// A string as TOML, in the quotes that need no escapes.
pub fn quote(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

/// A string in place of another one, in the same quotes where they can hold it.
pub fn replace_string(before: &str, text: &str) -> String {
    let literal = before.starts_with('\'') && !before.starts_with("'''");
    if literal && !text.contains(['\'', '\n', '\r']) && !text.chars().any(char::is_control) {
        return format!("'{text}'");
    }
    quote(text)
}

fn quote_key(key: &str) -> String {
    let bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if bare { key.to_owned() } else { quote(key) }
}

/// End of the last key that stands below the table's own header.
fn own_entries_end(table: &Node<'_>) -> Option<usize> {
    fn end(node: &Node<'_>, text: &str) -> Option<usize> {
        let span = node.span();
        if node.is_inline() {
            return Some(span.end);
        }
        // Tables and lists of tables with headers of their own stand elsewhere; dotted keys make tables without one.
        let header = text[span].starts_with('[');
        if header { None } else { node.entries().filter_map(|(_, entry)| end(&entry, text)).max() }
    }
    let text = table.doc().text();
    let start = table.span().start;
    table.entries().filter_map(|(_, entry)| end(&entry, text)).filter(|end| *end > start).max()
}

/// The inline table around a `key = value`, and the places of its pairs.
fn container(text: &str, own: &Range<usize>) -> Option<(Range<usize>, Vec<Range<usize>>)> {
    let doc = crate::toml::parse(text).ok()?;
    let table = innermost(doc.root(), own)?;
    let pairs = table.entries().filter_map(|(_, entry)| {
        let start = entry.key_span()?.start;
        let end = entry.span().end;
        (start < end).then_some(start..end)
    });
    Some((table.span(), pairs.collect()))
}

fn innermost<'d>(node: Node<'d>, own: &Range<usize>) -> Option<Node<'d>> {
    let mut children = node.entries().map(|(_, child)| child).chain(node.items());
    let span = node.span();
    let around = node.is_inline() && span.start < own.start && own.end < span.end;
    children.find_map(|child| innermost(child, own)).or_else(|| around.then_some(node))
}

#[cfg(test)]
mod tests;
