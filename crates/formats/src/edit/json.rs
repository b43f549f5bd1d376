//! Entries of JSON objects: taken out with the comma and the space that go with them, put in as their neighbours are written.

use super::Edit;
use crate::json::Node;
use crate::text::line_end;

/// Keeps the entries that `keep` says, and takes out the others.
pub fn retain(object: Node<'_>, keep: impl Fn(&str, Node<'_>) -> bool) -> Vec<Edit> {
    let entries: Vec<(Node<'_>, bool)> = object.entries().map(|(key, node)| (node, keep(key, node))).collect();
    if entries.iter().all(|(_, kept)| !kept) {
        let inside = object.span().start + 1..object.span().end.saturating_sub(1);
        return if entries.is_empty() { Vec::new() } else { vec![Edit::remove(inside)] };
    }
    let mut edits = Vec::new();
    let mut at = 0;
    while at < entries.len() {
        let from = at;
        while entries.get(at).is_some_and(|(_, kept)| !kept) {
            at += 1;
        }
        if at > from {
            // With the comma before them; the first ones with the comma behind.
            let span = match (from.checked_sub(1), entries.get(at)) {
                (Some(before), _) => entries[before].0.span().end..entries[at - 1].0.span().end,
                (None, Some((next, _))) => entries[from].0.start()..next.start(),
                (None, None) => break,
            };
            edits.push(Edit::remove(span));
        }
        at += 1;
    }
    edits
}

/// Puts an entry into an object: before the first key that is greater when the keys are in order, else at the end. `text` is the
/// text of the whole file, `entry` what is to stand there (`"key": value`).
pub fn insert(text: &str, object: Node<'_>, key: &str, entry: &str) -> Edit {
    let entries: Vec<(&str, Node<'_>)> = object.entries().collect();
    let ordered = entries.windows(2).all(|pair| pair[0].0 <= pair[1].0);
    let next = entries.iter().find(|(name, _)| ordered && *name > key);
    match (next, entries.last()) {
        (Some((_, next)), _) => Edit::insert(next.start(), format!("{entry},{}", gap(text, next.start()))),
        (None, Some((_, last))) => Edit::insert(last.span().end, format!(",{}{entry}", gap(text, last.start()))),
        (None, None) => {
            let around = gap(text, object.start());
            let inner = if around.contains('\n') { format!("{around}{}", indent(&around)) } else { String::new() };
            let span = object.span().start + 1..object.span().end.saturating_sub(1);
            Edit { span, text: format!("{inner}{entry}{}", if inner.is_empty() { "" } else { &around }) }
        }
    }
}

/// The space before an offset: from the last line end on, when nothing else stands between.
fn gap(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or_default();
    let space = &before[before.trim_end_matches([' ', '\t']).len()..];
    if before.trim_end_matches([' ', '\t']).ends_with('\n') {
        format!("{}{space}", line_end(text))
    } else {
        " ".repeat(usize::from(!space.is_empty()))
    }
}

/// One more level, as the file indents.
fn indent(around: &str) -> &str {
    match around.trim_start_matches(['\r', '\n']) {
        "" => "  ",
        tabs if tabs.starts_with('\t') => "\t",
        spaces if spaces.len() % 4 == 0 && spaces.len() < 8 => "    ",
        _ => "  ",
    }
}

#[cfg(test)]
mod tests {
    use super::super::apply;
    use super::*;
    use crate::json::{Dialect, parse};

    const TABLE: &str = "{\n  \"a\": 1,\n  \"b\": [2],\n  \"d\": 3\n}\n";

    fn kept(text: &str, keep: &[&str]) -> String {
        let doc = parse(text, Dialect::Strict).expect("valid");
        apply(text, &retain(doc.root(), |key, _| keep.contains(&key))).expect("apart")
    }

    #[test]
    fn what_is_left_is_valid_and_as_it_was() {
        assert_eq!(kept(TABLE, &["a", "b", "d"]), TABLE);
        assert_eq!(kept(TABLE, &["b", "d"]), "{\n  \"b\": [2],\n  \"d\": 3\n}\n");
        assert_eq!(kept(TABLE, &["d"]), "{\n  \"d\": 3\n}\n");
        assert_eq!(kept(TABLE, &["b"]), "{\n  \"b\": [2]\n}\n");
        assert_eq!(kept(TABLE, &["a", "d"]), "{\n  \"a\": 1,\n  \"d\": 3\n}\n");
        assert_eq!(kept(TABLE, &["a"]), "{\n  \"a\": 1\n}\n");
        assert_eq!(kept(TABLE, &[]), "{}\n");
        assert_eq!(kept("{}", &[]), "{}");
        assert_eq!(kept("{\"a\":1,\"b\":2}", &["b"]), "{\"b\":2}");
    }

    #[test]
    fn a_new_entry_is_written_like_its_neighbours() {
        let put = |text: &str, key: &str| {
            let doc = parse(text, Dialect::Strict).expect("valid");
            apply(text, &[insert(text, doc.root(), key, &format!("\"{key}\": 0"))]).expect("apart")
        };
        assert_eq!(put("{\n  \"a\": 1,\n  \"d\": 3\n}\n", "c"), "{\n  \"a\": 1,\n  \"c\": 0,\n  \"d\": 3\n}\n");
        assert_eq!(put("{\n  \"a\": 1\n}\n", "c"), "{\n  \"a\": 1,\n  \"c\": 0\n}\n");
        assert_eq!(put("{\r\n\t\"d\": 1\r\n}", "c"), "{\r\n\t\"c\": 0,\r\n\t\"d\": 1\r\n}");
        assert_eq!(put("{\"a\": 1}", "c"), "{\"a\": 1,\"c\": 0}");
        let inner = "{\n  \"t\": {}\n}\n";
        let doc = parse(inner, Dialect::Strict).expect("valid");
        let table = doc.at(&["t"]).expect("table");
        let text = apply(inner, &[insert(inner, table, "c", "\"c\": 0")]).expect("apart");
        assert_eq!(text, "{\n  \"t\": {\n    \"c\": 0\n  }\n}\n");
    }
}
