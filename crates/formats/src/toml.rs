//! TOML values with their lines and byte spans: a thin, read-only layer over `toml_edit`.
//!
//! Format: TOML 1.0, and what `toml_edit` accepts of 1.1 (line breaks in inline tables). Nesting is bounded by the parser.

use crate::text::LineIndex;
use depslim_model::Problem;
use std::fmt;
use std::ops::Range;
use toml_edit::{Document, Item, Key, TableLike, Value};

/// A parsed file.
pub struct Doc<'t> {
    document: Document<&'t str>,
    lines: LineIndex<'t>,
}

/// Parses a whole file.
///
/// # Errors
/// A fatal problem with the line of the first mistake.
pub fn parse(text: &str) -> Result<Doc<'_>, Problem> {
    let lines = LineIndex::new(text);
    match Document::parse(text) {
        Ok(document) => Ok(Doc { document, lines }),
        Err(error) => {
            let line = error.span().map_or(0, |span| lines.line(span.start));
            let message: Vec<_> = error.message().split_whitespace().collect();
            Err(Problem::fatal(line, format!("not valid TOML: {}", message.join(" "))))
        }
    }
}

impl<'t> Doc<'t> {
    /// The top-level table.
    pub fn root(&self) -> Node<'_> {
        Node { doc: self, key: None, value: Ref::Table(self.document.as_table()) }
    }

    /// The value under a path of keys (`&["tool", "uv", "sources"]`), whichever way the file spells the tables.
    pub fn at(&self, path: &[&str]) -> Option<Node<'_>> {
        self.root().at(path)
    }

    /// The text that was parsed.
    pub fn text(&self) -> &'t str {
        self.lines.text()
    }

    /// Line numbers of the text.
    pub fn lines(&self) -> &LineIndex<'t> {
        &self.lines
    }
}

impl fmt::Debug for Doc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doc").field("lines", &self.lines.count()).finish_non_exhaustive()
    }
}

/// A value somewhere in a [`Doc`], with the key that it stands under.
#[derive(Clone, Copy)]
pub struct Node<'d> {
    doc: &'d Doc<'d>,
    key: Option<&'d Key>,
    value: Ref<'d>,
}

/// A string with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<'d> {
    /// The string's value, after escapes.
    pub text: &'d str,
    /// Line on which it starts, from 1.
    pub line: u32,
    /// Byte range, quotes included.
    pub span: Range<usize>,
}

/// What a [`Node`] holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    String,
    /// An integer, a float, a boolean or a date.
    Scalar,
    /// An array, or an array of tables.
    Array,
    /// A table of any spelling.
    Table,
}

#[derive(Clone, Copy)]
enum Ref<'d> {
    Item(&'d Item),
    Value(&'d Value),
    Table(&'d toml_edit::Table),
}

impl<'d> Node<'d> {
    /// What it holds.
    pub fn kind(&self) -> Kind {
        match (self.table(), self.value.as_value()) {
            (Some(_), _) => Kind::Table,
            (None, Some(Value::String(_))) => Kind::String,
            (None, Some(Value::Array(_)) | None) => Kind::Array,
            (None, Some(_)) => Kind::Scalar,
        }
    }

    /// The value under a key of this table.
    pub fn get(&self, key: &str) -> Option<Self> {
        let (key, item) = self.table()?.get_key_value(key)?;
        Some(Self { doc: self.doc, key: Some(key), value: Ref::Item(item) })
    }

    /// The value under a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(*self, |node, key| node.get(key))
    }

    /// The entries of a table, in the order of the file; nothing for other values.
    pub fn entries(&self) -> impl Iterator<Item = (&'d str, Self)> + use<'d> {
        let doc = self.doc;
        let table = self.table();
        table.into_iter().flat_map(move |table| {
            table.iter().map(move |(name, item)| (name, Self { doc, key: table.key(name), value: Ref::Item(item) }))
        })
    }

    /// The items of an array or of an array of tables; nothing for other values.
    pub fn items(&self) -> impl Iterator<Item = Self> + use<'d> {
        let doc = self.doc;
        let values = self.value.as_value().and_then(Value::as_array);
        let tables = match self.value {
            Ref::Item(item) => item.as_array_of_tables(),
            _ => None,
        };
        let values = values.into_iter().flatten().map(Ref::Value);
        let tables = tables.into_iter().flatten().map(Ref::Table);
        values.chain(tables).map(move |value| Self { doc, key: None, value })
    }

    /// The strings of an array, or the one string that stands in its place; items of other kinds are left out.
    pub fn strings(&self) -> impl Iterator<Item = Located<'d>> + use<'d> {
        self.located().into_iter().chain(self.items().filter_map(|item| item.located()))
    }

    /// The string, when it is one.
    pub fn text(&self) -> Option<&'d str> {
        self.value.as_value().and_then(Value::as_str)
    }

    /// The string with its place, when it is one.
    pub fn located(&self) -> Option<Located<'d>> {
        let text = self.text()?;
        let span = self.span();
        Some(Located { text, line: self.doc.lines.line(span.start), span })
    }

    /// The boolean, when it is one.
    pub fn boolean(&self) -> Option<bool> {
        self.value.as_value().and_then(Value::as_bool)
    }

    /// The integer, when it is one.
    pub fn integer(&self) -> Option<i64> {
        self.value.as_value().and_then(Value::as_integer)
    }

    /// A string's value, or the spelling of a number, boolean or date (`python = 3.10` reads `3.10`).
    pub fn scalar(&self) -> Option<&'d str> {
        match self.kind() {
            Kind::String => self.text(),
            Kind::Scalar => self.doc.text().get(self.span()),
            _ => None,
        }
    }

    /// The key that the value stands under; `None` for the root and for items of arrays.
    pub fn key(&self) -> Option<&'d str> {
        self.key.map(Key::get)
    }

    /// Byte range of that key, as spelt.
    pub fn key_span(&self) -> Option<Range<usize>> {
        self.key.and_then(Key::span)
    }

    /// Byte range of the value, quotes and brackets included; of the header (`[a.b]`) for tables that have one; empty for
    /// the root.
    pub fn span(&self) -> Range<usize> {
        let span = match self.value {
            Ref::Item(item) => item.span(),
            Ref::Value(value) => value.span(),
            Ref::Table(table) => table.span(),
        };
        span.or_else(|| self.key_span()).unwrap_or(0..0)
    }

    /// Line of the key, else of the value or header, from 1.
    pub fn line(&self) -> u32 {
        let start = self.key_span().map_or(self.span().start, |span| span.start);
        self.doc.lines.line(start)
    }

    /// The file that it stands in.
    pub fn doc(&self) -> &'d Doc<'d> {
        self.doc
    }

    /// True for `{ … }` and for the values of an array: what stands inside a value cannot hold headers.
    pub fn is_inline(&self) -> bool {
        self.value.as_value().is_some()
    }

    fn table(&self) -> Option<&'d dyn TableLike> {
        match self.value {
            Ref::Item(item) => item.as_table_like(),
            Ref::Value(value) => value.as_inline_table().map(|table| table as &dyn TableLike),
            Ref::Table(table) => Some(table),
        }
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node")
            .field("key", &self.key())
            .field("kind", &self.kind())
            .field("line", &self.line())
            .finish()
    }
}

impl<'d> Ref<'d> {
    fn as_value(self) -> Option<&'d Value> {
        match self {
            Ref::Item(item) => item.as_value(),
            Ref::Value(value) => Some(value),
            Ref::Table(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SAMPLE: &str = r#"# top
name = "plum"
dotted.inner.flag = true
list = [
    "first>=1", # why
    'second',
    { group = "x" },
]

[deep."quo.ted".table]
python = 3.10
one = "alone"

[[entry]]
id = 1
[[entry]]
id = 2
inline = { extras = ["s3"], version = "^2" }
"#;

    fn sample() -> Doc<'static> {
        parse(SAMPLE).expect("the sample is valid")
    }

    #[test]
    fn paths_reach_every_spelling_of_a_table() {
        let doc = sample();
        assert_eq!(doc.at(&["dotted", "inner", "flag"]).and_then(|n| n.boolean()), Some(true));
        assert_eq!(doc.at(&["deep", "quo.ted", "table", "one"]).and_then(|n| n.text()), Some("alone"));
        assert_eq!(doc.at(&["deep", "missing"]).map(|n| n.line()), None);
        assert_eq!(doc.at(&["name", "x"]).map(|n| n.line()), None);
    }

    #[test]
    fn strings_come_with_line_and_span() {
        let doc = sample();
        let found: Vec<_> = doc.at(&["list"]).expect("list").strings().collect();
        let seen: Vec<_> = found.iter().map(|s| (s.text, s.line, &SAMPLE[s.span.clone()])).collect();
        assert_eq!(seen, [("first>=1", 5, "\"first>=1\""), ("second", 6, "'second'")]);
        let one = doc.at(&["deep", "quo.ted", "table", "one"]).expect("one");
        assert_eq!(one.strings().map(|s| s.line).collect::<Vec<_>>(), [12]);
    }

    #[test]
    fn arrays_of_tables_and_inline_tables() {
        let doc = sample();
        let entries: Vec<_> = doc.at(&["entry"]).expect("entry").items().collect();
        assert_eq!(entries.iter().map(Node::line).collect::<Vec<_>>(), [14, 16]);
        assert_eq!(entries[1].get("id").and_then(|n| n.integer()), Some(2));
        let extras = entries[1].at(&["inline", "extras"]).expect("extras");
        assert_eq!((extras.line(), extras.kind(), &SAMPLE[extras.span()]), (18, Kind::Array, "[\"s3\"]"));
        let third = doc.at(&["list"]).expect("list").items().nth(2).expect("third");
        assert_eq!((third.kind(), third.is_inline(), third.line()), (Kind::Table, true, 7));
    }

    #[test]
    fn scalars_keep_their_spelling() {
        let doc = sample();
        assert_eq!(doc.at(&["deep", "quo.ted", "table", "python"]).and_then(|n| n.scalar()), Some("3.10"));
        assert_eq!(doc.at(&["name"]).and_then(|n| n.scalar()), Some("plum"));
        assert_eq!(doc.at(&["list"]).and_then(|n| n.scalar()), None);
    }

    #[test]
    fn entries_keep_the_order_of_the_file() {
        let doc = sample();
        let seen: Vec<_> = doc.root().entries().map(|(key, node)| (key, node.line())).collect();
        assert_eq!(seen, [("name", 2), ("dotted", 3), ("list", 4), ("deep", 10), ("entry", 14)]);
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        for (text, line, words) in [
            ("a = 1\nb = \n", 2, "string values must be quoted"),
            ("a = 1\na = 2\n", 2, "duplicate key"),
            ("x = 1\n[a\n", 2, "unclosed table"),
            ("a = 1\n\nb = \"open\nc = 1\n", 3, "invalid basic string"),
        ] {
            let problem = parse(text).expect_err(text);
            assert_eq!((problem.line, problem.fatal), (line, true), "{text:?}: {}", problem.message);
            assert!(
                problem.message.starts_with("not valid TOML: ") && problem.message.contains(words),
                "{}",
                problem.message
            );
        }
    }

    #[test]
    fn deep_nesting_is_refused_not_followed() {
        for text in [format!("a = {}", "[".repeat(200_000)), format!("{}x = 1", "a.".repeat(200_000))] {
            assert!(parse(&text).is_err());
        }
    }

    fn walk(node: Node<'_>, text: &str, depth: usize) {
        assert!(depth < 500);
        assert!(text.get(node.span()).is_some());
        assert!(node.line() >= 1);
        for (_, child) in node.entries() {
            assert!(child.key_span().is_some_and(|span| text.get(span).is_some()));
            walk(child, text, depth + 1);
        }
        node.items().for_each(|child| walk(child, text, depth + 1));
    }

    proptest! {
        #[test]
        fn any_text_parses_or_says_why(text in "([a-c\"'.=\\[\\]{}, #0-9\\n\\r\\\\ä]|\\PC){0,80}") {
            match parse(&text) {
                Ok(doc) => walk(doc.root(), &text, 0),
                Err(problem) => prop_assert!(problem.line <= LineIndex::new(&text).count() && !problem.message.contains('\n')),
            }
        }

        #[test]
        fn spans_of_valid_files_lie_inside(cut in 0..SAMPLE.len()) {
            if let Ok(doc) = parse(&SAMPLE[..cut]) {
                walk(doc.root(), &SAMPLE[..cut], 0);
            }
        }
    }
}
