//! Reads TOML of the plain form that rules files are written in, at several times the speed of a whole reader: one key a line, whose
//! value is a string (perhaps of several lines), a number, `true`, `false`, or a list of such on that line. Any other text is left to
//! the whole reader, which also tells what is wrong in it.

use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use std::borrow::Cow;

/// A value that borrows from the text where it can.
#[derive(Debug, Clone)]
enum Value<'t> {
    Text(Cow<'t, str>),
    Whole(i64),
    Float(f64),
    Truth(bool),
    List(Vec<Self>),
    Table(Table<'t>),
}

/// Keys and values, in their order.
type Table<'t> = Vec<(&'t str, Value<'t>)>;

/// The whole of the text as `T`; `None` when the text is not of that form or does not fit.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    T::deserialize(Value::Table(tables(text)?)).ok()
}

fn tables(text: &str) -> Option<Table<'_>> {
    let mut top: Table<'_> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            rest = after;
        } else if let Some(name) = line.strip_prefix("[[").and_then(|line| line.strip_suffix("]]")) {
            let name = key(name)?;
            match top.iter_mut().find(|(other, _)| *other == name) {
                Some((_, Value::List(items))) => items.push(Value::Table(Vec::new())),
                Some(_) => return None,
                None => top.push((name, Value::List(vec![Value::Table(Vec::new())]))),
            }
            // The last one is the one that is being filled.
            let at = top.iter().position(|(other, _)| *other == name)?;
            let filled = top.remove(at);
            top.push(filled);
            rest = after;
        } else if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let name = key(name)?;
            if top.iter().any(|(other, _)| *other == name) {
                return None;
            }
            top.push((name, Value::Table(Vec::new())));
            rest = after;
        } else {
            let (name, value) = rest.split_once('=')?;
            let name = key(name.trim())?;
            let (value, after) = one(value.trim_start_matches([' ', '\t']))?;
            let (behind, after) = after.split_once('\n').unwrap_or((after, ""));
            if !matches!(behind.trim().chars().next(), None | Some('#')) {
                return None;
            }
            let table = match top.last_mut()? {
                (_, Value::Table(table)) => table,
                (_, Value::List(items)) => match items.last_mut()? {
                    Value::Table(table) => table,
                    _ => return None,
                },
                _ => return None,
            };
            if table.iter().any(|(other, _)| *other == name) {
                return None;
            }
            table.push((name, value));
            rest = after;
        }
    }
    Some(top)
}

/// A bare key.
fn key(text: &str) -> Option<&str> {
    let bare = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    bare.then_some(text)
}

/// The value that the text begins with, and what is behind it.
fn one(text: &str) -> Option<(Value<'_>, &str)> {
    for fence in ["\"\"\"", "'''"] {
        if let Some(inside) = text.strip_prefix(fence) {
            let (body, after) = inside.split_once(fence)?;
            // More quotes than three, escapes and other line ends are for the whole reader.
            if after.starts_with(['"', '\'']) || body.contains('\r') || fence.starts_with('"') && body.contains('\\') {
                return None;
            }
            return Some((Value::Text(body.strip_prefix('\n').unwrap_or(body).into()), after));
        }
    }
    if let Some(inside) = text.strip_prefix('\'') {
        let (body, after) = inside.split_once('\'')?;
        return (!body.contains('\n')).then_some((Value::Text(body.into()), after));
    }
    if text.starts_with('"') {
        return quoted(text);
    }
    if let Some(inside) = text.strip_prefix('[') {
        return list(inside);
    }
    let end = text.find([',', ']', '\n', ' ', '#']).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    let value = match word {
        "true" => Value::Truth(true),
        "false" => Value::Truth(false),
        _ => match word.split_once('.') {
            None if is_number(word) => Value::Whole(word.parse().ok()?),
            Some((whole, part)) if is_number(whole) && part.bytes().all(|b| b.is_ascii_digit()) && !part.is_empty() => {
                Value::Float(word.parse().ok()?)
            }
            _ => return None,
        },
    };
    Some((value, after))
}

/// Digits without zeros in front.
fn is_number(word: &str) -> bool {
    let digits = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    digits && (word == "0" || !word.starts_with('0'))
}

/// A string in double quotes, with escaped quotes, backslashes, line ends and tabs at most.
fn quoted(text: &str) -> Option<(Value<'_>, &str)> {
    let inside = &text[1..];
    let end = memchr::memchr3(b'"', b'\\', b'\n', inside.as_bytes())?;
    if inside.as_bytes()[end] == b'"' {
        return Some((Value::Text(inside[..end].into()), &inside[end + 1..]));
    }
    let mut out = String::new();
    let mut chars = inside.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((Value::Text(out.into()), &inside[at + 1..])),
            '\\' => match chars.next()?.1 {
                c @ ('"' | '\\') => out.push(c),
                'n' => out.push('\n'),
                't' => out.push('\t'),
                _ => return None,
            },
            '\n' => return None,
            c => out.push(c),
        }
    }
    None
}

/// The items behind an opening bracket, on one line.
fn list(text: &str) -> Option<(Value<'_>, &str)> {
    let mut items = Vec::new();
    let mut rest = text.trim_start_matches(' ');
    loop {
        if let Some(after) = rest.strip_prefix(']') {
            return Some((Value::List(items), after));
        }
        if rest.starts_with('[') {
            return None;
        }
        let (item, after) = one(rest)?;
        items.push(item);
        let after = after.trim_start_matches(' ');
        rest = match after.strip_prefix(',') {
            Some(more) => more.trim_start_matches(' '),
            None if after.starts_with(']') => after,
            None => return None,
        };
    }
}

impl<'de> IntoDeserializer<'de, Error> for Value<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Self::Text(Cow::Owned(text)) => visitor.visit_string(text),
            Self::Whole(number) => visitor.visit_i64(number),
            Self::Float(number) => visitor.visit_f64(number),
            Self::Truth(truth) => visitor.visit_bool(truth),
            Self::List(items) => SeqDeserializer::new(items.into_iter()).deserialize_any(visitor),
            Self::Table(entries) => MapDeserializer::new(entries.into_iter()).deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self {
            Self::Text(text) => text.into_deserializer().deserialize_enum(name, variants, visitor),
            other => other.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct seq
        tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What both readers make of a text.
    fn check(text: &str, quick: bool) {
        let whole: Option<toml::Table> = toml::from_str(text).ok();
        let read: Option<toml::Table> = read(text);
        assert_eq!(read.is_some(), quick, "{text:?}");
        assert!(read.is_none() || read == whole, "{text:?}: {read:?}, not {whole:?}");
    }

    #[test]
    fn the_plain_form_is_read() {
        check(
            "# rules\n[[use]]\nid = \"a\"\n\n[[use]]\nid = 'b' # two\nvalue = [\"x\", 'y']\n[scopes]\ndev = \"\"\"\na b\n# c\n\"\"\"\n",
            true,
        );
        check(
            "[[lighter]]\nown_mb = [1.5, 20, 0.25]\nkind = \"swap\"\n[[use]]\nid=\"q\"\n[[lighter]]\nauto = true\n",
            true,
        );
        check("[urls]\nexample = \"say \\\"hi\\\" \\\\ \\n\\t\"\nnote = '''\n\"\\x\n'''\nnone = []\n", true);
        check("", true);
    }

    #[test]
    fn whatever_else_is_left_to_the_whole_reader() {
        for text in [
            "a = 1\n",
            "[a.b]\nc = 1\n",
            "[a]\n\"b\" = 1\n",
            "[a]\nb.c = 1\n",
            "[a]\nb = { c = 1 }\n",
            "[a]\nb = \"\\u0041\"\n",
            "[a]\nb = \"\"\"x\\\n y\"\"\"\n",
            "[a]\nb = [\n1]\n",
            "[a]\nb = [[1]]\n",
            "[a]\nb = 1979-05-27\n",
            "[a]\nb = 1 c\n",
            "[a]\nb = \"x\n",
            "[a]\nb =\n",
            "[a]\n[a]\n",
            "[[a]]\n[a]\n",
            "[a]\n[[a]]\n",
        ] {
            check(text, false);
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_the_whole_reader_reads(text in "([a-c\\[\\]\"'=\\\\#\n ,.0-2]|true|\\[\\[a\\]\\]\n|\"\"\"|''')*") {
            if let Some(read) = read::<toml::Table>(&text) {
                prop_assert_eq!(Some(read), toml::from_str(&text).ok());
            }
        }
    }
}
