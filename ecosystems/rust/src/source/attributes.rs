//! Attributes: conditions, tests, paths, and the strings in which derive macros are told what to call.

use super::cfg;
use super::scan::{By, Form, Link, Scan};
use super::tokens::Kind;
use std::ops::Range;

/// Conditional attributes inside of conditional attributes end here.
const DEEPEST: u32 = 8;

/// What attributes said of the item behind them.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is what one kind of attribute says")]
pub(super) struct Pending<'t> {
    /// It is there for tests only.
    pub(super) dev: bool,
    /// It is there under a condition.
    pub(super) conditional: bool,
    /// `#[path]` of a module.
    pub(super) paths: Vec<&'t str>,
    /// The path holds under a condition only.
    pub(super) path_is_conditional: bool,
    /// `#[macro_export]`.
    pub(super) exported: bool,
}

impl Scan<'_> {
    /// Reads the attribute that begins at a `#`; gives the token behind it, or nothing when it is none.
    pub(super) fn attribute(&mut self, at: usize) -> Option<usize> {
        let inner = self.tokens.is(at + 1, b'!');
        let open = if inner { at + 2 } else { at + 1 };
        if !self.tokens.is_open(open, b'[') {
            return None;
        }
        let close = self.tokens.close(open);
        let kept = inner.then(|| std::mem::take(&mut self.pending));
        self.content(open + 1..close, false, 0);
        if let Some(kept) = kept {
            let said = std::mem::replace(&mut self.pending, kept);
            if said.dev {
                self.all_dev();
            }
        }
        Some(close + 1)
    }

    fn content(&mut self, range: Range<usize>, conditional: bool, depth: u32) {
        let mut behind = range.start + 1;
        let mut last = self.tokens.word(range.start).unwrap_or("");
        while self.tokens.kind(behind) == Some(Kind::Path) && self.tokens.word(behind + 1).is_some() {
            last = self.tokens.text(behind + 1);
            behind += 2;
        }
        let single = behind == range.start + 1;
        // `unsafe(no_mangle)`, and anything that is no name.
        if single && matches!(last, "" | "unsafe") {
            return;
        }
        let inside = behind + 1..self.tokens.close(behind).min(range.end);
        match last {
            "cfg" if single => {
                self.pending.conditional = true;
                self.pending.dev |= cfg::only_tests(&self.tokens, inside);
            }
            "cfg_attr" if single && depth < DEEPEST => {
                let mut parts = cfg::parts(&self.tokens, inside).into_iter();
                let Some(condition) = parts.next() else { return };
                let dev = cfg::only_tests(&self.tokens, condition);
                for part in parts {
                    let before = if dev { Some(self.dev_up_to(part.end)) } else { None };
                    self.content(part, true, depth + 1);
                    if let Some(before) = before {
                        self.set_dev_until(before);
                    }
                }
            }
            "path" if single => {
                self.pending.paths.extend(self.tokens.string(behind + 1));
                self.pending.path_is_conditional |= conditional;
            }
            "doc" if single => self.documentation(behind, range),
            "macro_export" if single => self.pending.exported = true,
            "allow" | "warn" | "deny" | "forbid" | "expect" if single => {}
            "test" | "bench" => {
                if !single {
                    self.names(range);
                }
                self.pending.dev |= !conditional;
            }
            _ => self.names(range),
        }
    }

    /// `#[doc = include_str!("…")]`, and other macros that write documentation.
    fn documentation(&mut self, behind: usize, range: Range<usize>) {
        if self.tokens.kind(behind + 1) == Some(Kind::Word) && self.tokens.word(behind + 1) != Some("include_str") {
            self.names(range);
        } else if self.tokens.is(behind, b'=')
            && self.tokens.word(behind + 1) == Some("include_str")
            && let Some(path) = self.tokens.string(behind + 4)
        {
            let (path, offset) = (path.to_owned(), self.tokens.offset(behind));
            self.links.push(Link { by: By::Doc, path, offset, dev: true });
        }
    }

    /// Names in an attribute's arguments, and in its strings.
    fn names(&mut self, range: Range<usize>) {
        for at in range.clone() {
            match self.tokens.kind(at) {
                Some(Kind::Word) if self.tokens.kind(at + 1) == Some(Kind::Path) => {
                    let first = at == range.start || self.tokens.kind(at - 1) != Some(Kind::Path);
                    let global = !first && (at < range.start + 2 || self.tokens.kind(at - 2) != Some(Kind::Word));
                    if first || global {
                        let next = self.tokens.word(at + 2).unwrap_or("");
                        self.found(self.tokens.text(at), next, at, global, Form::Path);
                    }
                }
                Some(Kind::Word)
                    if self.tokens.is(at + 1, b'!') && matches!(self.tokens.kind(at + 2), Some(Kind::Open(_))) =>
                {
                    self.call(self.tokens.text(at), at);
                }
                Some(Kind::Text) => self.text(&range, at),
                _ => {}
            }
        }
    }

    fn text(&mut self, range: &Range<usize>, at: usize) {
        let Some(text) = self.tokens.string(at) else { return };
        for (head, next) in heads(text) {
            self.found(head, next, at, false, Form::Text);
        }
        let key = (at >= range.start + 2 && self.tokens.is(at - 1, b'=')).then(|| self.tokens.text(at - 2));
        let named = key.is_some_and(|key| KEYS_OF_PATHS.contains(&key));
        if named && is_name(text) {
            self.found(text, "", at, false, Form::Text);
        }
    }
}

/// Keys of attributes whose string is a path even when it has one part only.
const KEYS_OF_PATHS: &[&str] = &[
    "with",
    "crate",
    "krate",
    "crate_path",
    "serialize_with",
    "deserialize_with",
    "remote",
    "module",
    "serde_as",
    "path",
    "crate_root",
];

/// First and second parts of the paths in a text: `a`, `b` of `Vec<a::b::C>`.
pub(super) fn heads(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let in_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices("::").filter_map(move |(at, _)| {
        let before = &text[..at];
        let start =
            before.rfind(|c| !in_name(c)).map_or(0, |end| end + before[end..].chars().next().map_or(1, char::len_utf8));
        let head = &before[start..];
        let continues = before[..start].ends_with("::")
            && before[..start].trim_end_matches(':').ends_with(|c: char| in_name(c) || c == '>');
        let behind = &text[at + 2..];
        let next = &behind[..behind.find(|c| !in_name(c)).unwrap_or(behind.len())];
        (is_name(head) && !continues).then_some((head, next))
    })
}

/// True for an identifier.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_') && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_strings_begin_with_names() {
        for (text, expect) in [
            ("a::b::C", &[("a", "b")][..]),
            ("Vec<a::B>, ::c::D", &[("a", "B"), ("c", "D")]),
            ("{krate}::uumain", &[]),
            ("plain", &[]),
            ("é::x :: ", &[("é", "x")]),
            ("::", &[]),
        ] {
            assert_eq!(heads(text).collect::<Vec<_>>(), expect, "{text}");
        }
    }
}
