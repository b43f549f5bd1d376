//! Where lists and their items stand in `setup.py`, for edits.

use super::{Expr, Known, MOST_HOPS, MOST_STEPS, Reader, classify};
use crate::source::depth::{self, Depth};
use crate::source::tree::{self, Node, Tree};
use depslim_formats::text::LineIndex;
use depslim_model::{Facts, Group, Manifest, Settings};
use std::cell::Cell;
use std::ops::Range;

/// A list with its brackets, and its items.
type Places = (Range<usize>, Vec<Range<usize>>);

/// The list that requirements for development stand in: an extra for it, the one called `dev` first, else `tests_require`. Only a list
/// that is written out can get another item.
pub(crate) fn development(text: &str, settings: &Settings) -> Option<Places> {
    if depth::measure(text.as_bytes()) != Depth::Shallow {
        return None;
    }
    let tree = Tree::parse(text)?;
    let mut known = Known::default();
    known.walk(text, tree.statements(), &[]);
    let reader = Reader {
        known: &known,
        lines: LineIndex::new(text),
        offset: None,
        settings,
        manifest: Manifest::default(),
        facts: Facts::default(),
        steps: Cell::new(MOST_STEPS),
    };
    let (mut extras, mut tests) = (Vec::new(), Vec::new());
    for (name, value) in reader.given(known.setup?) {
        match name {
            "extras_require" => extras.extend(reader.entries(value, MOST_HOPS)),
            "tests_require" => tests.push((name, value)),
            _ => {}
        }
    }
    extras.retain(|(extra, _)| classify::group(extra, settings) == Group::Dev);
    extras.sort_by_key(|(extra, _)| *extra != "dev");
    extras.into_iter().chain(tests).find_map(|(_, value)| written_out(text, &known, value))
}

/// The list that a value is, or that its name is bound to and nothing else.
fn written_out(text: &str, known: &Known<'_>, value: &Expr) -> Option<Places> {
    match tree::node(value) {
        Node::Sequence(items) => places(text, value, items),
        Node::Name(name) => match known.values.get(name)?.as_slice() {
            [only] => match tree::node(only.value) {
                Node::Sequence(items) => places(text, only.value, items),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// The places of a list in brackets and of its items; `None` when more than commas, blanks and comments stands between them.
pub(super) fn places(text: &str, list: &Expr, items: &[Expr]) -> Option<Places> {
    let list = tree::range(list);
    let written = text.get(list.clone())?;
    if !written.starts_with('[') || !written.ends_with(']') {
        return None;
    }
    let items: Vec<Range<usize>> = items.iter().map(tree::range).collect();
    let mut from = list.start + 1;
    let ends = items.iter().map(|item| item.start).chain([list.end - 1]);
    for (at, end) in ends.enumerate() {
        if !is_gap(text.get(from..end)?) {
            return None;
        }
        from = items.get(at).map_or(end, |item| item.end);
    }
    Some((list, items))
}

/// True for what may stand between items: a comma, blanks, comments.
fn is_gap(text: &str) -> bool {
    text.lines().all(|line| {
        let code = line.split('#').next().unwrap_or_default();
        code.chars().all(|c| c == ',' || c.is_whitespace())
    })
}

/// The string of an item, as it is written, in what goes from the file with the item; `None` when it is not one plain string.
pub(crate) fn literal(item: &str) -> Option<&str> {
    let item = item.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
    let open = item.find(['"', '\''])?;
    let quote = item[open..].chars().next()?;
    let close = open + 1 + item[open + 1..].find(quote)?;
    let (string, behind) = item.split_at(close + 1);
    let plain = string[..open].chars().all(|c| c.is_ascii_alphabetic()) && !string.contains(['\\', '\n']);
    let alone = is_gap(behind) && close > open + 1;
    (plain && alone).then_some(string)
}
