//! Patterns: literal text with `*` for any run of characters.

/// One pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Box<str>);

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        Self(text.into())
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// True when it names exactly one thing.
    pub(super) fn is_literal(&self) -> bool {
        !self.0.contains('*')
    }

    /// Whether the whole of `text` matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        wildcard(self.0.as_bytes(), text.as_bytes())
    }

    /// Whether `path`, or something that it lies below, matches; `.x` matches a path that ends in `.x` or is `.x`.
    pub(super) fn matches_path(&self, path: &str, separator: &str) -> bool {
        if let Some(tail) = self.tail(separator) {
            return path.strip_suffix(tail).is_some_and(|rest| rest.ends_with(separator));
        }
        if !self.is_literal() {
            return self.matches(path);
        }
        path.strip_prefix(&*self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with(separator))
    }

    /// `x` of the pattern `.x`.
    pub(super) fn tail(&self, separator: &str) -> Option<&str> {
        self.0.strip_prefix(separator).filter(|rest| !rest.is_empty() && !rest.contains('*'))
    }

    /// The first segment when it is literal: the key that this pattern is found under.
    pub(super) fn head(&self, separator: &str) -> Option<&str> {
        let head = self.0.split(separator).next().unwrap_or(&self.0);
        (!head.is_empty() && !head.contains('*')).then_some(head)
    }

    /// Whether the pattern's words match consecutive words of a command's arguments.
    pub(super) fn matches_words(&self, arguments: &str) -> bool {
        let wanted: Vec<&str> = self.0.split_whitespace().collect();
        let words: Vec<&str> = arguments.split_whitespace().collect();
        words
            .windows(wanted.len().max(1))
            .any(|window| window.iter().zip(&wanted).all(|(word, want)| wildcard(want.as_bytes(), word.as_bytes())))
    }
}

/// Matches with `*`, in time proportional to both lengths at worst.
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
    use super::Pattern;

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
            ("", "", true),
            ("*", "", true),
            ("", "x", false),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), expect, "{pattern} {text}");
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
            assert_eq!(Pattern::new(pattern).matches_path(path, "."), expect, "{pattern} {path}");
        }
        assert!(Pattern::new("a/b").matches_path("a/b/c", "/"));
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
            assert_eq!(Pattern::new(pattern).matches_words(arguments), expect, "{pattern} {arguments}");
        }
    }

    #[test]
    fn a_pattern_made_to_be_slow_is_not() {
        let pattern = Pattern::new(&"*a".repeat(30));
        assert!(!pattern.matches(&"a".repeat(29)));
        assert!(pattern.matches(&"a".repeat(3000)));
    }
}
