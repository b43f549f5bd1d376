//! Where a declaration stands: what goes from the text when it goes (an item with its separator, or whole lines), and what people
//! wrote beside it.
//!
//! TOML and Python agree on commas, brackets and `#` comments, so both are handled here. Offsets lie in the decoded text.

use super::credentials::without_credentials;
use depslim_formats::toml::{Kind, Node};
use std::ops::Range;

/// Byte range of an array's item (or of a key and its value between braces) with its separator and, when nothing else stands on
/// its lines, with these lines and the comment behind it.
pub(crate) fn item(text: &str, span: Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (span.start, span.end);
    let comma = next_sign(text, end).filter(|at| text[*at..].starts_with(','));
    match comma {
        Some(at) => end = at + 1,
        None => {
            // The last one: the comma before it separates nothing any more.
            let before = text[..start].trim_end_matches([' ', '\t']);
            if before.ends_with(',') {
                start = before.len() - 1;
            }
        }
    }
    let line = line_start(text, start);
    let rest_start = end + spaces(&text[end..]);
    let rest = &text[rest_start..];
    let ends_line = rest.is_empty() || rest.starts_with(['\n', '\r', '#']);
    if text[line..start].trim().is_empty() && ends_line {
        return line..line_end(text, end);
    }
    if comma.is_some() && !ends_line {
        end = rest_start;
    }
    start..end
}

/// Byte range of the whole lines that `span` touches, the last line end included.
pub(crate) fn lines(text: &str, span: &Range<usize>) -> Range<usize> {
    line_start(text, span.start)..line_end(text, span.end)
}

/// Byte range of a table's entry: key and value. `None` when it is spread over the file (dotted keys).
pub(crate) fn entry(text: &str, node: Node<'_>, parent: Node<'_>) -> Option<Range<usize>> {
    let key = node.key_span()?;
    let span = node.span();
    if parent.is_inline() {
        return Some(item(text, key.start..span.end));
    }
    if node.kind() != Kind::Table || node.is_inline() {
        return (span.start >= key.start).then(|| lines(text, &(key.start..span.end)));
    }
    if !text[span.clone()].starts_with('[') {
        let mut entries = node.entries();
        let (_, only) = entries.next()?;
        return (entries.next().is_none() && !only.span().is_empty())
            .then(|| lines(text, &(key.start..only.span().end)));
    }
    let last = node.entries().map(|(_, n)| n.span().end).max().unwrap_or(span.end);
    Some(lines(text, &(span.start..last.max(span.end))))
}

/// What stands behind a `#` on a line, when the sign is in no string; credentials removed.
pub(crate) fn comment(line: &str) -> Option<String> {
    let mut quote = None;
    let mut before = ' ';
    let sign = line.char_indices().find(|(_, c)| {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(*c),
            (Some(open), c) if open == *c => quote = None,
            _ => {}
        }
        // A fragment (`x.git#egg=plum`) is no comment.
        let starts = !before.is_alphanumeric() && before != '/';
        before = *c;
        quote.is_none() && *c == '#' && starts
    });
    let comment = line[sign?.0..].trim_start_matches('#').trim();
    (!comment.is_empty()).then(|| without_credentials(comment))
}

/// Offset of the next byte that is neither white space nor part of a comment.
fn next_sign(text: &str, mut at: usize) -> Option<usize> {
    loop {
        let rest = text.get(at..)?;
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        if !trimmed.starts_with('#') {
            return (!trimmed.is_empty()).then_some(at);
        }
        at += trimmed.find('\n')?;
    }
}

fn spaces(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |n| n + 1)
}

/// The offset behind the line end that follows `at`.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |n| at + n + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_formats::toml;

    /// Takes out the item that is written `X` in the text.
    fn check(text: &str, expect: &str) {
        let at = text.find('X').expect("an X");
        let range = item(text, at..at + 1);
        assert_eq!(format!("{}{}", &text[..range.start], &text[range.end..]), expect, "{text}");
    }

    #[test]
    fn items_on_one_line() {
        check("[X]", "[]");
        check("[X, b]", "[b]");
        check("[a, X, c]", "[a, c]");
        check("[a, X]", "[a]");
        check("[a,X]", "[a]");
        check("[ a, X ]", "[ a ]");
        check("[ X, ]", "[ ]");
        check("{ a = 1, X }", "{ a = 1 }");
        check("[ X, # why\n b]", "[  # why\n b]");
    }

    #[test]
    fn items_on_their_own_lines() {
        check("[\n  a, # one\n  X, # two\n  b,\n]", "[\n  a, # one\n  b,\n]");
        check("[\n  a,\n  X\n]", "[\n  a,\n]");
        check("[\r\n  X,\r\n  b\r\n]", "[\r\n  b\r\n]");
        check("[\n  X # why\n  , b\n]", "[\n  b\n]");
        check("[\n  a\n  , X\n]", "[\n  a\n]");
        check("[\n  X", "[\n");
    }

    #[test]
    fn comments_beside_a_declaration() {
        assert_eq!(comment("'plum', # see #12").as_deref(), Some("see #12"));
        assert_eq!(
            comment("'plum#1', \"#\" ## https://u:secret@h.example.invalid").as_deref(),
            Some("https://h.example.invalid")
        );
        assert_eq!(comment("plum #"), None);
        assert_eq!(comment("- https://h.example.invalid/x#egg=plum"), None);
    }

    fn entry_gone(text: &str, path: &[&str]) -> String {
        let doc = toml::parse(text).expect("valid");
        let (parent, node) = (doc.at(&path[..path.len() - 1]).expect("parent"), doc.at(path).expect("node"));
        match entry(text, node, parent) {
            Some(range) => format!("{}{}", &text[..range.start], &text[range.end..]),
            None => "spread".to_owned(),
        }
    }

    #[test]
    fn entries_of_tables() {
        let text = "[t]\na = \"1\" # why\nb = { version = \"2\" }\nc = [\n 1,\n]\nd.version = 3\ne.x = 1\ne.y = 2\n[t.f]\nversion = 1\n\n[z]\n";
        for (key, gone) in [
            ("a", "a = \"1\" # why\n"),
            ("b", "b = { version = \"2\" }\n"),
            ("c", "c = [\n 1,\n]\n"),
            ("d", "d.version = 3\n"),
            ("f", "[t.f]\nversion = 1\n"),
        ] {
            assert_eq!(entry_gone(text, &["t", key]), text.replace(gone, ""), "{key}");
        }
        assert_eq!(entry_gone(text, &["t", "e"]), "spread");
        assert_eq!(entry_gone("t = { a = 1, b = 2 }\n", &["t", "b"]), "t = { a = 1 }\n");
        assert_eq!(entry_gone("t = { a = 1, b = 2 }\n", &["t", "a"]), "t = { b = 2 }\n");
    }
}
