//! Edits that keep the rest of a file as its author wrote it: byte ranges, unified diffs.
//!
//! [`toml`] and [`json`] know how to take an item out of a list or table or put one in; removing a requirement is one edit over
//! [`crate::requirements::Line::removal`].

pub mod json;
mod lines;
pub mod list;
pub mod toml;

pub use lines::as_lines;

use similar::{DiffOp, TextDiff};
use std::ops::Range;

/// One change: the bytes of `span` become `text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Bytes that go; empty for an insertion.
    pub span: Range<usize>,
    /// What comes in their place.
    pub text: String,
}

impl Edit {
    /// Takes bytes out.
    pub fn remove(span: Range<usize>) -> Self {
        Self { span, text: String::new() }
    }

    /// Puts text in.
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self { span: at..at, text: text.into() }
    }
}

/// Applies edits, in any order; insertions at one place keep theirs.
///
/// # Errors
/// When two edits overlap, or one lies outside the text or inside a character.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, String> {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for Edit { span, text: new } in edits {
        if span.start < at {
            return Err(format!("two edits overlap at byte {}", span.start));
        }
        let kept = text.get(at..span.start).filter(|_| text.get(span.clone()).is_some());
        let Some(kept) = kept else {
            return Err(format!("bytes {}..{} are no part of the text", span.start, span.end));
        };
        out.push_str(kept);
        out.push_str(new);
        at = span.end;
    }
    out.push_str(&text[at..]);
    Ok(out)
}

/// The edits that turn `before` into `after`, as few bytes as lines allow.
pub fn between(before: &str, after: &str) -> Vec<Edit> {
    let diff = TextDiff::from_lines(before, after);
    let (mut old, mut new) = (0, 0);
    let mut edits = Vec::new();
    for op in diff.ops() {
        let span = old..old + op.old_range().filter_map(|line| diff.old_slice(line)).map(str::len).sum::<usize>();
        let text = new..new + op.new_range().filter_map(|line| diff.new_slice(line)).map(str::len).sum::<usize>();
        (old, new) = (span.end, text.end);
        if !matches!(op, DiffOp::Equal { .. }) {
            edits.push(narrow(before, span, &after[text]));
        }
    }
    edits
}

/// A unified diff with three lines of context, as `git diff` prints it for `path`; empty when nothing changed.
pub fn unified(path: &str, before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    diff.unified_diff().context_radius(3).header(&format!("a/{path}"), &format!("b/{path}")).to_string()
}

/// Leaves out what an edit does not change at its two ends.
fn narrow(before: &str, span: Range<usize>, text: &str) -> Edit {
    let old = &before[span.clone()];
    let head: usize = old.chars().zip(text.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (old, text) = (&old[head..], &text[head..]);
    let tail: usize =
        old.chars().rev().zip(text.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    Edit { span: span.start + head..span.end - tail, text: text[..text.len() - tail].to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Applies a unified diff: what the patch says must be in the text, at the line it says.
    fn patched(before: &str, patch: &str) -> Option<String> {
        let old: Vec<&str> = before.split_inclusive('\n').collect();
        let mut out = String::new();
        let mut at = 0;
        for line in patch.split_inclusive('\n').skip(2) {
            if let Some(header) = line.strip_prefix("@@ -") {
                let start: usize = header.split([',', ' ']).next()?.parse().ok()?;
                let empty = header.split(' ').next()?.ends_with(",0");
                let start = if empty { start } else { start - 1 };
                out.extend(old.get(at..start)?.iter().copied());
                at = start;
            } else if let Some(kept) = line.strip_prefix(' ') {
                out.push_str(old.get(at).filter(|own| **own == kept)?);
                at += 1;
            } else if let Some(gone) = line.strip_prefix('-') {
                old.get(at).filter(|own| **own == gone)?;
                at += 1;
            } else if let Some(new) = line.strip_prefix('+') {
                out.push_str(new);
            }
        }
        out.extend(old.get(at..)?.iter().copied());
        Some(out)
    }

    #[test]
    fn edits_apply_in_any_order() {
        let edits = [Edit::insert(6, "new "), Edit::remove(0..2), Edit { span: 3..5, text: "X".into() }];
        assert_eq!(apply("abcdefgh", &edits).as_deref(), Ok("cXfnew gh"));
        assert_eq!(apply("ab", &[]).as_deref(), Ok("ab"));
    }

    #[test]
    fn impossible_edits_are_refused() {
        for edits in [vec![Edit::remove(0..3), Edit::remove(2..4)], vec![Edit::remove(3..9)], vec![Edit::remove(1..2)]]
        {
            assert!(apply("äbcd", &edits).is_err(), "{edits:?}");
        }
    }

    #[test]
    fn a_diff_reads_like_a_patch() {
        insta::assert_snapshot!(unified("py/requirements.txt", "a\nb\nc\nd\ne\n", "a\nb\nd\ne\n"), @"
        --- a/py/requirements.txt
        +++ b/py/requirements.txt
        @@ -1,5 +1,4 @@
         a
         b
        -c
         d
         e
        ");
        assert_eq!(unified("x", "a\n", "a\n"), "");
    }

    #[test]
    fn edits_between_texts_are_small() {
        assert_eq!(between("x = [\"a\", \"b\"]\ny\n", "x = [\"b\"]\ny\n"), [Edit::remove(6..11)]);
        assert_eq!(between("a\nb\nc\n", "a\nc\n"), [Edit::remove(2..4)]);
        assert_eq!(between("a\n", "a\nb\n"), [Edit::insert(2, "b\n")]);
    }

    proptest! {
        #[test]
        fn edits_between_two_texts_lead_from_one_to_the_other(before in "([ab\\n\\r]|ä){0,40}", after in "([ab\\n\\r]|ä|é){0,40}") {
            let edits = between(&before, &after);
            prop_assert_eq!(apply(&before, &edits), Ok(after.clone()));
            prop_assert_eq!(unified("f", &before, &after).is_empty(), before == after);
        }

        #[test]
        fn patches_apply(before in "([a-c]?\\n){0,9}", after in "([a-c]?\\n){0,9}") {
            let patch = unified("f", &before, &after);
            if patch.is_empty() {
                prop_assert_eq!(before, after);
            } else {
                prop_assert_eq!(patched(&before, &patch), Some(after), "{}", patch);
            }
        }
    }
}
