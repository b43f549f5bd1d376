//! JSON values with their lines and byte spans, read by `jsonc-parser`. Nesting is bounded by the parser.
//!
//! Formats: RFC 8259; on request with comments and trailing commas, as `tsconfig.json`, `bun.lock` and editors' settings have.

use crate::text::LineIndex;
use depslim_model::Problem;
use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use std::fmt;
use std::ops::Range;

/// A parsed file.
pub struct Doc<'t> {
    value: Value<'t>,
    lines: LineIndex<'t>,
}

/// What a file may contain beyond RFC 8259.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Nothing.
    #[default]
    Strict,
    /// Comments and trailing commas.
    Comments,
}

/// Parses a whole file.
///
/// # Errors
/// A fatal problem with the line of the first mistake; an empty file is one.
pub fn parse(text: &str, dialect: Dialect) -> Result<Doc<'_>, Problem> {
    let lines = LineIndex::new(text);
    let relaxed = dialect == Dialect::Comments;
    let options = ParseOptions {
        allow_comments: relaxed,
        allow_trailing_commas: relaxed,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    match parse_to_ast(text, &CollectOptions::default(), &options) {
        Ok(parsed) => match parsed.value {
            Some(value) => Ok(Doc { value, lines }),
            None => Err(Problem::fatal(1, "not valid JSON: the file is empty")),
        },
        Err(error) => {
            let message = format!("not valid JSON: {}", lower_first(&error.kind().to_string()));
            Err(Problem::fatal(lines.line(error.range().start), message))
        }
    }
}

impl<'t> Doc<'t> {
    /// The top-level value.
    pub fn root(&self) -> Node<'_> {
        Node { doc: self, key: None, value: &self.value }
    }

    /// The value under a path of keys.
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
    key: Option<(&'d str, usize)>,
    value: &'d Value<'d>,
}

/// What a [`Node`] holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`.
    Null,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl<'d> Node<'d> {
    /// What it holds.
    pub fn kind(&self) -> Kind {
        match self.value {
            Value::StringLit(_) => Kind::String,
            Value::NumberLit(_) => Kind::Number,
            Value::BooleanLit(_) => Kind::Boolean,
            Value::NullKeyword(_) => Kind::Null,
            Value::Array(_) => Kind::Array,
            Value::Object(_) => Kind::Object,
        }
    }

    /// The value under a key of this object: the last one, as in every reader of JSON. Looks through all entries; to visit
    /// many, use [`Node::entries`].
    pub fn get(&self, key: &str) -> Option<Self> {
        let found = self.object()?.properties.iter().rfind(|property| property.name.as_str() == key)?;
        let start = found.name.range().start;
        Some(Self { doc: self.doc, key: Some((found.name.as_str(), start)), value: &found.value })
    }

    /// The value under a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(*self, |node, key| node.get(key))
    }

    /// The entries of an object, in the order of the file; nothing for other values.
    pub fn entries(&self) -> impl Iterator<Item = (&'d str, Self)> + use<'d> {
        let doc = self.doc;
        self.object().into_iter().flat_map(|object| &object.properties).map(move |property| {
            let name = property.name.as_str();
            (name, Self { doc, key: Some((name, property.name.range().start)), value: &property.value })
        })
    }

    /// The items of an array; nothing for other values.
    pub fn items(&self) -> impl Iterator<Item = Self> + use<'d> {
        let doc = self.doc;
        let array = self.value.as_array();
        array.into_iter().flat_map(|array| &array.elements).map(move |value| Self { doc, key: None, value })
    }

    /// The strings of an array with their lines, or the one string that stands in its place.
    pub fn strings(&self) -> impl Iterator<Item = (&'d str, u32)> + use<'d> {
        let alone = self.text().map(|text| (text, self.value_line()));
        alone.into_iter().chain(self.items().filter_map(|item| Some((item.text()?, item.value_line()))))
    }

    /// The string, when it is one.
    pub fn text(&self) -> Option<&'d str> {
        self.value.as_string_lit().map(|text| text.value.as_ref())
    }

    /// The boolean, when it is one.
    pub fn boolean(&self) -> Option<bool> {
        self.value.as_boolean_lit().map(|boolean| boolean.value)
    }

    /// The number as spelt, when it is one.
    pub fn number(&self) -> Option<&'d str> {
        self.value.as_number_lit().map(|number| number.value)
    }

    /// The key that the value stands under.
    pub fn key(&self) -> Option<&'d str> {
        self.key.map(|(key, _)| key)
    }

    /// Byte range of the value, quotes and brackets included.
    pub fn span(&self) -> Range<usize> {
        let range = self.value.range();
        range.start..range.end
    }

    /// Byte offset of the key, else of the value.
    pub fn start(&self) -> usize {
        self.key.map_or_else(|| self.span().start, |(_, start)| start)
    }

    /// Line of the key, else of the value, from 1.
    pub fn line(&self) -> u32 {
        self.key.map_or_else(|| self.value_line(), |(_, start)| self.doc.lines.line(start))
    }

    /// Line on which the value starts, from 1.
    pub fn value_line(&self) -> u32 {
        self.doc.lines.line(self.span().start)
    }

    fn object(&self) -> Option<&'d Object<'d>> {
        self.value.as_object()
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

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SAMPLE: &str = "{\n  \"name\": \"plum\\u0021\",\n  \"files\": [\n    \"a\",\n    \"ä/b\"\n  ],\n  \"n\": -1.50e3,\n  \"on\": true, \"off\": null,\n  \"deep\": {\"er\": {\"x\": \"y\"}, \"er\": {\"x\": \"z\"}}\n}\n";

    #[test]
    fn values_lines_and_spans() {
        let doc = parse(SAMPLE, Dialect::Strict).expect("valid");
        assert_eq!(doc.at(&["name"]).and_then(|n| n.text()), Some("plum!"));
        assert_eq!(doc.at(&["files"]).expect("files").strings().collect::<Vec<_>>(), [("a", 4), ("ä/b", 5)]);
        assert_eq!(doc.at(&["name"]).expect("name").strings().collect::<Vec<_>>(), [("plum!", 2)]);
        let number = doc.at(&["n"]).expect("n");
        assert_eq!((number.number(), number.line(), &SAMPLE[number.span()]), (Some("-1.50e3"), 7, "-1.50e3"));
        assert_eq!(doc.at(&["on"]).and_then(|n| n.boolean()), Some(true));
        assert_eq!(doc.at(&["off"]).map(|n| (n.kind(), n.line())), Some((Kind::Null, 8)));
        assert_eq!(doc.at(&["deep", "er", "x"]).and_then(|n| n.text()), Some("z"), "the last of equal keys counts");
        let keys: Vec<_> = doc.root().entries().map(|(key, node)| (key, node.line())).collect();
        assert_eq!(keys, [("name", 2), ("files", 3), ("n", 7), ("on", 8), ("off", 8), ("deep", 9)]);
    }

    #[test]
    fn comments_only_on_request() {
        let text = "// top\n{\n  \"a\": [1, 2,], /* why */\n  \"b\": 1,\n}\n";
        assert_eq!(parse(text, Dialect::Comments).expect("valid").at(&["b"]).map(|n| n.line()), Some(4));
        assert_eq!(parse(text, Dialect::Strict).err().map(|problem| problem.line), Some(1));
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        for (text, line) in [
            ("{\n\"a\": 1,\n\"b\" 2}", 3),
            ("", 1),
            ("{\n\"a\": tru\n}", 2),
            ("[1\n2]", 1),
            ("{} x", 1),
            ("{'a': 1}", 1),
        ] {
            let problem = parse(text, Dialect::Strict).expect_err(text);
            assert_eq!((problem.line, problem.fatal), (line, true), "{text:?}: {}", problem.message);
            assert!(problem.message.starts_with("not valid JSON: "), "{}", problem.message);
        }
    }

    #[test]
    fn deep_nesting_is_refused_not_followed() {
        for text in ["[".repeat(200_000), "{\"a\":".repeat(200_000)] {
            assert!(parse(&text, Dialect::Comments).is_err());
        }
    }

    fn walk(node: Node<'_>, text: &str) {
        assert!(text.get(node.span()).is_some());
        assert!(node.line() >= 1 && node.line() <= node.value_line());
        node.entries().for_each(|(_, child)| walk(child, text));
        node.items().for_each(|child| walk(child, text));
    }

    proptest! {
        #[test]
        fn any_text_parses_or_says_why(text in "([\\[\\]{}:,\"\\\\ \\n]|[0-9a-c.-]|true|null|//|/\\*|\\*/|ä|\\PC){0,60}") {
            for dialect in [Dialect::Strict, Dialect::Comments] {
                match parse(&text, dialect) {
                    Ok(doc) => walk(doc.root(), &text),
                    Err(problem) => prop_assert!(problem.line >= 1 && problem.line <= LineIndex::new(&text).count()),
                }
            }
        }

        #[test]
        fn truncated_files_say_why(cut in 0..SAMPLE.len() - 1) {
            if let Some(text) = SAMPLE.get(..cut) {
                prop_assert!(parse(text, Dialect::Strict).is_err());
            }
        }
    }
}
