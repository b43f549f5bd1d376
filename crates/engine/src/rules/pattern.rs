//! Patterns: literal text with `*` for any run of characters. And the words of a rules file.

/// The words of a text; `#` starts a comment.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('#').next().unwrap_or(line).split_ascii_whitespace())
}

/// True when the pattern names exactly one thing.
pub(super) fn is_literal(pattern: &str) -> bool {
    !pattern.contains('*')
}

/// Whether the whole of `text` matches.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    // What stands behind the last star decides most comparisons.
    match pattern.iter().rposition(|byte| *byte == b'*') {
        None => pattern == text,
        Some(star) => text.ends_with(&pattern[star + 1..]) && wildcard(pattern, text),
    }
}

/// A pattern taken apart for many comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape<'p> {
    /// All of the text.
    Whole(&'p str),
    /// All of it, or what it lies below.
    Path(&'p str),
    /// `.x`: the end of a path.
    Tail(&'p str),
    /// `*x`
    End(&'p str),
    /// Anything else.
    Glob(&'p str),
}

impl<'p> Shape<'p> {
    pub(super) fn whole(pattern: &'p str) -> Self {
        match pattern.strip_prefix('*') {
            _ if is_literal(pattern) => Self::Whole(pattern),
            Some(end) if is_literal(end) => Self::End(end),
            _ => Self::Glob(pattern),
        }
    }

    pub(super) fn path(pattern: &'p str, separator: &str) -> Self {
        match tail(pattern, separator) {
            Some(tail) => Self::Tail(tail),
            None if is_literal(pattern) => Self::Path(pattern),
            None => Self::whole(pattern),
        }
    }

    pub(super) fn matches(self, text: &str, separator: &str) -> bool {
        match self {
            Self::Whole(pattern) => text == pattern,
            Self::Path(pattern) => {
                text.strip_prefix(pattern).is_some_and(|rest| rest.is_empty() || rest.starts_with(separator))
            }
            Self::Tail(tail) => text.strip_suffix(tail).is_some_and(|rest| rest.ends_with(separator)),
            Self::End(end) => text.ends_with(end),
            Self::Glob(pattern) => matches(pattern, text),
        }
    }
}

/// `x` of the pattern `.x`.
pub(super) fn tail<'p>(pattern: &'p str, separator: &str) -> Option<&'p str> {
    pattern.strip_prefix(separator).filter(|rest| !rest.is_empty() && is_literal(rest))
}

/// The first segment when it is literal: the key that the pattern is found under.
pub(super) fn head<'p>(pattern: &'p str, separator: &str) -> Option<&'p str> {
    Some(first(pattern, separator)).filter(|head| !head.is_empty() && is_literal(head))
}

/// The first segment of a path.
pub(super) fn first<'p>(path: &'p str, separator: &str) -> &'p str {
    // Called for every use: comparing bytes costs a fraction of a search for a text.
    let (bytes, end) = (path.as_bytes(), separator.as_bytes());
    let Some(byte) = end.first() else { return path };
    let found = bytes.iter().enumerate().find(|(at, b)| *b == byte && bytes[*at..].starts_with(end));
    found.map_or(path, |(at, _)| &path[..at])
}

/// The last segment of a path that has several.
pub(super) fn last<'p>(path: &'p str, separator: &str) -> Option<&'p str> {
    let (bytes, end) = (path.as_bytes(), separator.as_bytes());
    let byte = end.first()?;
    let found = bytes.iter().enumerate().rev().find(|(at, b)| *b == byte && bytes[*at..].starts_with(end));
    found.map(|(at, _)| &path[at + separator.len()..])
}

/// Whether the pattern's words match consecutive words of a command's arguments.
pub(super) fn matches_words(pattern: &str, arguments: &str) -> bool {
    let wanted: Vec<&str> = pattern.split_whitespace().collect();
    let words: Vec<&str> = arguments.split_whitespace().collect();
    words.windows(wanted.len().max(1)).any(|window| window.iter().zip(&wanted).all(|(word, want)| matches(want, word)))
}

/// Matches with `*`, in time proportional to the product of the lengths at worst.
fn wildcard(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p, t));
                p += 1;
            }
            Some(byte) if *byte == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((star, from)) => {
                    p = star + 1;
                    t = from + 1;
                    retry = Some((star, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::{Shape, first, last, matches, matches_words, words};

    #[test]
    fn words_end_at_space_and_at_comments() {
        assert_eq!(words("a b\n# no c\n  d # e\n").collect::<Vec<_>>(), ["a", "b", "d"]);
    }

    #[test]
    fn a_star_stands_for_any_run() {
        for (pattern, text, expect) in [
            ("pytest*", "pytest-cov", true),
            ("pytest*", "pytest", true),
            ("*-stubs", "pandas-stubs", true),
            ("*-stubs", "django-stubs-ext", false),
            ("DATABASES.*.ENGINE", "DATABASES.default.ENGINE", true),
            ("DATABASES.*.ENGINE", "DATABASES.ENGINE", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("a*aa", "aa", false),
            ("", "", true),
            ("*", "", true),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, text), expect, "{pattern} {text}");
        }
    }

    #[test]
    fn paths_match_at_their_separators() {
        for (pattern, path, expect) in [
            ("shop.forms", "shop.forms.EmailField", true),
            ("shop.forms", "shop.formset", false),
            ("shop.forms.EmailField", "shop.forms", false),
            (".to_sheet", ".to_sheet", true),
            (".to_sheet", "table.Frame.to_sheet", true),
            (".to_sheet", "to_sheet", false),
            ("shop.*.Field", "shop.forms.Field", true),
        ] {
            assert_eq!(Shape::path(pattern, ".").matches(path, "."), expect, "{pattern} {path}");
        }
        assert!(Shape::path("a::b", "::").matches("a::b::c", "::"));
        assert!(!Shape::path("a::b", "::").matches("a::b:c", "::"));
    }

    #[test]
    fn shapes_match_like_patterns() {
        for pattern in ["", "*", "a", "*a", "a*", "*a*", "a*b", "*.b"] {
            for text in ["", "a", "b", "ab", "ba", "a.b", "aab"] {
                assert_eq!(Shape::whole(pattern).matches(text, "."), matches(pattern, text), "{pattern} {text}");
            }
        }
    }

    #[test]
    fn segments_end_at_separators() {
        for (path, separator, expect) in [
            ("a.b.c", ".", ("a", Some("c"))),
            ("a", ".", ("a", None)),
            (".a", ".", ("", Some("a"))),
            ("a::b:c::d", "::", ("a", Some("d"))),
            ("a:b", "::", ("a:b", None)),
            ("ä.ö", ".", ("ä", Some("ö"))),
            ("", ".", ("", None)),
        ] {
            assert_eq!((first(path, separator), last(path, separator)), expect, "{path}");
        }
    }

    #[test]
    fn words_of_a_command_match_side_by_side() {
        for (pattern, arguments, expect) in [
            ("flower", "-A shop.queue flower --port=5555", true),
            ("flower", "-A shop.flower worker", false),
            ("-k gevent*", "-k geventlet", true),
            ("-k gevent", "-k sync gevent", false),
            ("--pool=gevent", "--pool=gevent", true),
            ("beat", "", false),
        ] {
            assert_eq!(matches_words(pattern, arguments), expect, "{pattern} {arguments}");
        }
    }

    #[test]
    fn a_pattern_made_to_be_slow_is_not() {
        let pattern = "*a".repeat(30);
        assert!(!matches(&pattern, &"a".repeat(29)));
        assert!(matches(&pattern, &"a".repeat(3000)));
    }
}
