//! The parser's reading, on the smallest text that shows each point.

mod expressions;
mod files;
mod imports;

use super::{read, skim};
use depslim_model::{Facts, How, Settings, Source};
use std::fmt::Write;

pub(super) fn facts(path: &str, bytes: &[u8]) -> Facts {
    read(&Source { path, bytes, settings: &Settings::default() })
}

/// The uses of some kinds, one a line: line, strength, name, value.
#[track_caller]
pub(super) fn uses(text: &str, kinds: &[How]) -> String {
    let facts = facts("shop/app.py", text.as_bytes());
    assert_eq!(facts.problems, [], "{text}");
    shown(&facts, kinds)
}

pub(super) fn shown(facts: &Facts, kinds: &[How]) -> String {
    let mut out = String::new();
    for one in facts.uses.iter().filter(|one| kinds.contains(&one.how)) {
        let strength = format!("{:?}", one.strength).to_lowercase();
        let how = if kinds.len() > 1 { format!("{:?} ", one.how).to_lowercase() } else { String::new() };
        let value = if one.value.is_empty() { String::new() } else { format!(" {}", one.value) };
        writeln!(out, "{} {strength} {how}{}{value}", one.line, one.name).expect("a string");
    }
    out
}

#[track_caller]
pub(super) fn imports(text: &str) -> String {
    let parsed = uses(text, &[How::Import]);
    let scanned = skim(&Source { path: "shop/app.py", bytes: text.as_bytes(), settings: &Settings::default() });
    let scanned = shown(&scanned, &[How::Import]);
    assert_eq!(parsed, scanned, "the parser, and the scanner");
    parsed
}
