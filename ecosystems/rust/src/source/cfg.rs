//! Whether a `cfg` predicate can hold only when tests are built.

use super::tokens::Tokens;
use std::ops::Range;

/// Predicates deeper than this are no predicates that anybody wrote.
const DEEPEST: u32 = 32;

/// True when the predicate between two tokens holds in no build but that of tests.
pub(crate) fn only_tests(tokens: &Tokens<'_>, range: Range<usize>) -> bool {
    predicate(tokens, &range, 0)
}

fn predicate(tokens: &Tokens<'_>, range: &Range<usize>, depth: u32) -> bool {
    let Some(word) = tokens.word(range.start) else { return false };
    let inner = range.start + 2..tokens.close(range.start + 1).min(range.end);
    let grouped = tokens.is_open(range.start + 1, b'(') && depth < DEEPEST;
    match word {
        "test" | "doctest" => range.len() == 1 || tokens.is(range.start + 1, b','),
        "all" if grouped => parts(tokens, inner).iter().any(|part| predicate(tokens, part, depth + 1)),
        "any" if grouped => {
            let parts = parts(tokens, inner);
            !parts.is_empty() && parts.iter().all(|part| predicate(tokens, part, depth + 1))
        }
        _ => false,
    }
}

/// What commas part, outside of brackets.
pub(crate) fn parts(tokens: &Tokens<'_>, range: Range<usize>) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (range.start, range.start);
    while at < range.end {
        if tokens.is(at, b',') {
            parts.push(start..at);
            start = at + 1;
        }
        at = tokens.close(at).min(range.end) + 1;
    }
    if start < range.end {
        parts.push(start..range.end);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_predicate_is_for_tests_when_it_needs_them() {
        for (text, expect) in [
            ("test", true),
            ("doctest", true),
            ("all(test, unix)", true),
            ("all(unix, any(test, test))", true),
            ("any(test, feature = \"x\")", false),
            ("not(test)", false),
            ("feature = \"test\"", false),
            ("any()", false),
            ("all(", false),
            ("", false),
        ] {
            let tokens = Tokens::of(text);
            assert_eq!(only_tests(&tokens, 0..tokens.len()), expect, "{text}");
        }
    }
}
