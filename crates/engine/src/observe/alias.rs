//! Names with one `*` that stand for other names.

/// What the `*` of a pattern stands for in a name: empty for a pattern without one that is the name itself.
pub(super) fn matched<'n>(pattern: &str, name: &'n str) -> Option<&'n str> {
    match pattern.split_once('*') {
        None => (pattern == name).then_some(""),
        Some((before, after)) => name.strip_prefix(before)?.strip_suffix(after),
    }
}

#[cfg(test)]
mod tests {
    use super::matched;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name, expect) in [
            ("@/*", "@/paint/oil", Some("paint/oil")),
            ("@/*", "@paint/oil", None),
            ("paint", "paint", Some("")),
            ("paint", "paint/oil", None),
            ("*.css", "a.css", Some("a")),
            ("ab*ba", "aba", None),
        ] {
            assert_eq!(matched(pattern, name), expect, "{pattern} {name}");
        }
    }
}
