//! Edits of TOML files: items of lists, keys of tables.

use super::Edit;
use crate::text::line_end;
use crate::toml::{Doc, Node};
use std::ops::Range;

/// Takes items out of a list; comments that stand on lines of their own stay, the comment behind an item goes with it.
pub fn remove_items(list: &Node<'_>, indices: &[usize]) -> Vec<Edit> {
    let text = list.doc().text();
    let spans: Vec<_> = list.items().map(|item| item.span()).collect();
    remove_parts(text, &list.span(), &spans, indices)
}

/// Puts an item behind the last one of a list, in the list's own layout. `value` is TOML: see [`quote`].
pub fn add_item(list: &Node<'_>, value: &str) -> Vec<Edit> {
    let text = list.doc().text();
    let span = list.span();
    let newline = line_end(text);
    let multiline = text[span.clone()].contains('\n');
    let Some(bottom) = list.items().last().map(|item| item.span()) else {
        let indent = format!("{}    ", indentation(text, span.start));
        return vec![Edit::insert(
            span.start + 1,
            if multiline { format!("{newline}{indent}{value},") } else { value.to_owned() },
        )];
    };
    let comma = comma_after(text, bottom.end, span.end);
    if !starts_line(text, bottom.start) {
        return vec![match comma {
            Some(comma) => Edit::insert(comma + 1, format!(" {value},")),
            None => Edit::insert(bottom.end, format!(", {value}")),
        }];
    }
    let indent = indentation(text, bottom.start);
    if let Some(comma) = comma {
        let end = end_of_line(text, comma, span.end);
        return vec![Edit::insert(end, format!("{newline}{indent}{value},"))];
    }
    let end = end_of_line(text, bottom.end, span.end);
    vec![Edit::insert(bottom.end, ","), Edit::insert(end, format!("{newline}{indent}{value}"))]
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
    index.map(|index| remove_parts(text, &table, &pairs, &[index])).unwrap_or_default()
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

/// Takes the parts of a bracketed list out of it.
fn remove_parts(text: &str, list: &Range<usize>, parts: &[Range<usize>], indices: &[usize]) -> Vec<Edit> {
    let gone = |index: usize| indices.contains(&index) && index < parts.len();
    let mut edits = Vec::new();
    let mut index = 0;
    while index < parts.len() {
        if !gone(index) {
            index += 1;
            continue;
        }
        let first = index;
        while gone(index) {
            index += 1;
        }
        edits.extend(remove_run(text, list, parts, first..index));
    }
    edits
}

/// Takes neighbouring parts out.
fn remove_run(text: &str, brackets: &Range<usize>, parts: &[Range<usize>], run: Range<usize>) -> Vec<Edit> {
    let comma = |index: usize| {
        let bound = parts.get(index + 1).map_or(brackets.end, |next| next.start);
        comma_after(text, parts[index].end, bound)
    };
    let whole_line = |index: usize| {
        let part = &parts[index];
        let end = comma(index).map_or(part.end, |comma| comma + 1);
        let alone = starts_line(text, part.start) && !text[part.end..end].contains('\n');
        let behind = end_of_line(text, end, text.len());
        let rest = text[end..behind].trim_start();
        (alone && (rest.is_empty() || rest.starts_with('#')))
            .then(|| Edit::remove(line_start(text, part.start)..behind_line(text, end)))
    };
    let lines: Option<Vec<_>> = run.clone().map(whole_line).collect();
    if let Some(lines) = lines {
        return lines;
    }
    let (first, end_part) = (&parts[run.start], &parts[run.end - 1]);
    let before = run.start.checked_sub(1).map(|index| parts[index].end);
    let (start, end) = match (before, parts.get(run.end), comma(run.end - 1)) {
        (_, Some(next), _) => (first.start, next.start),
        // The last items: the comma before them goes unless the list ends with one anyway.
        (Some(before), None, None) => (before, end_part.end),
        (Some(_), None, Some(comma)) => (text[..first.start].trim_end_matches([' ', '\t']).len(), comma + 1),
        (None, None, comma) => (first.start, comma.map_or(end_part.end, |comma| comma + 1)),
    };
    if !text[start..end].contains(['#', '\n']) {
        return vec![Edit::remove(start..end)];
    }
    // Comments or line ends stand in between and stay: each item goes, and its comma.
    let mut edits = Vec::new();
    for index in run.clone() {
        let part = &parts[index];
        let before = run.start.checked_sub(1).filter(|_| index == run.start).and_then(&comma);
        match (comma(index), before) {
            (Some(own), _) if text[part.end..own].contains('#') => {
                edits.extend([Edit::remove(part.clone()), Edit::remove(own..own + 1)]);
            }
            (Some(own), _) => edits.push(Edit::remove(part.start..own + 1)),
            (None, Some(before)) if !text[before..part.start].contains('#') => {
                edits.push(Edit::remove(before..part.end));
            }
            // A comma that stays behind the new last item is allowed.
            (None, _) => edits.push(Edit::remove(part.clone())),
        }
    }
    edits
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

/// Offset of the comma behind `from`, when only white space and comments stand before it.
fn comma_after(text: &str, from: usize, bound: usize) -> Option<usize> {
    let mut rest = text[from..bound].char_indices();
    while let Some((at, character)) = rest.next() {
        match character {
            ',' => return Some(from + at),
            '#' => {
                rest.find(|(_, c)| *c == '\n');
            }
            c if c.is_whitespace() => {}
            _ => return None,
        }
    }
    None
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// True when only white space stands before `at` on its line.
fn starts_line(text: &str, at: usize) -> bool {
    let start = line_start(text, at);
    text[start..at].trim().is_empty()
}

fn indentation(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// End of the line that holds `at`, before its line end; `bound` when that comes first and no comment stands before it.
fn end_of_line(text: &str, at: usize, bound: usize) -> usize {
    let newline = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    let end = at + text[at..newline].trim_end_matches(['\r', ' ', '\t']).len();
    if end >= bound { bound.saturating_sub(1).max(at) } else { end }
}

/// Start of the line behind the one that holds `at`.
fn behind_line(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1)
}

#[cfg(test)]
mod tests;
