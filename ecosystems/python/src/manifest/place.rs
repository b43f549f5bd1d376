//! Where a declaration stands: what goes from the text when it goes, and what people wrote beside it.

use super::credentials::without_credentials;
use depslim_formats::edit::{self, Edit};
use depslim_formats::toml::Node;
use std::ops::Range;

/// Places in longer lists are looked up by looking at all of it, once for each: beyond this they are left out.
const LONGEST: usize = 2000;

/// Bytes that go with one item of a list; `None` when they are not of one piece.
pub(crate) fn item(list: Node<'_>, index: usize) -> Option<Range<usize>> {
    (index < LONGEST && list.items().nth(LONGEST).is_none())
        .then(|| whole(edit::toml::remove_items(&list, &[index])))?
}

/// Bytes that go with a table's entry: a key and its value, or a table under a header of its own. `None` when they are spread over
/// the file (dotted keys).
pub(crate) fn entry(entry: Node<'_>, table: Node<'_>) -> Option<Range<usize>> {
    if table.is_inline() && table.entries().nth(LONGEST / 10).is_some() {
        return None;
    }
    whole(edit::toml::remove_key(&entry)).or_else(|| whole(edit::toml::remove_table(&entry).into_iter().collect()))
}

/// The same for an item of a list in code, given the places of the list and of all its items.
pub(crate) fn part(text: &str, list: &Range<usize>, items: &[Range<usize>], index: usize) -> Option<Range<usize>> {
    (items.len() <= LONGEST).then(|| whole(edit::list::remove(text, list, items, &[index])))?
}

fn whole(edits: Vec<Edit>) -> Option<Range<usize>> {
    let mut edits = edits.into_iter();
    let only = edits.next().filter(|e| !e.span.is_empty())?;
    edits.next().is_none().then_some(only.span)
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

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_formats::toml;

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

    /// What of the text goes with the entry under the path.
    fn check(path: &[&str], expect: &str) {
        const TEXT: &str = "[t]\na = \"1\" # why\nb = { version = \"2\", x = 1 }\nd.version = 3\ne.x = 1\ne.y = 2\n[t.f]\nversion = 1\n\n[z]\n";
        let doc = toml::parse(TEXT).expect("valid");
        let table = doc.at(&path[..path.len() - 1]).expect("a table");
        let range = entry(doc.at(path).expect("a node"), table);
        assert_eq!(range.map_or("spread", |r| &TEXT[r]), expect, "{path:?}");
    }

    #[test]
    fn entries_of_tables() {
        check(&["t", "a"], "a = \"1\" # why\n");
        check(&["t", "b"], "b = { version = \"2\", x = 1 }\n");
        check(&["t", "b", "x"], ", x = 1");
        check(&["t", "f"], "[t.f]\nversion = 1\n\n");
        check(&["t", "e"], "spread");
    }

    #[test]
    fn items_of_lists() {
        let text = "x = [\n  'a', # one\n  'b',\n]\ny = ['a', 'b']\n";
        let doc = toml::parse(text).expect("valid");
        let gone = |key: &str, index: usize| &text[item(doc.at(&[key]).expect("a list"), index).expect("of one piece")];
        assert_eq!(gone("x", 0), "  'a', # one\n");
        assert_eq!(gone("y", 0), "'a', ");
        assert_eq!(gone("y", 1), ", 'b'");
    }
}
