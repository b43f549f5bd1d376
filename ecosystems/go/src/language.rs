//! Versions of the language, as the `go` directive has them, compared: <https://go.dev/doc/toolchain#version>.

use std::cmp::Ordering;

/// Which of two versions is later. From 1.21 on a version without a third number comes before all with one.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    parts(a).cmp(&parts(b))
}

/// Numbers and what comes before a release: `1.22rc1` is earlier than `1.22.0`, and later than `1.22`.
fn parts(text: &str) -> (u32, u32, Option<u32>, String, u32) {
    let mut numbers = text.split('.');
    let major = number(numbers.next().unwrap_or_default());
    let second = numbers.next().unwrap_or_default();
    let cut = second.find(|c: char| !c.is_ascii_digit()).unwrap_or(second.len());
    let (minor, before) = (number(&second[..cut]), &second[cut..]);
    let kind = before.trim_end_matches(|c: char| c.is_ascii_digit());
    let third = numbers.next().map(number);
    let patch = if third.is_none() && kind.is_empty() && minor < 21 { Some(0) } else { third };
    (major, minor, patch, kind.to_owned(), number(&before[kind.len()..]))
}

/// A number; 0 for what is none, the largest for what is larger.
fn number(text: &str) -> u32 {
    if text.is_empty() || !text.bytes().all(|c| c.is_ascii_digit()) {
        return 0;
    }
    text.parse().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_early_to_late() {
        let order = [
            "",
            "1.9",
            "1.20rc1",
            "1.20",
            "1.20.1",
            "1.21",
            "1.21rc1",
            "1.21rc2",
            "1.21.0",
            "1.21.10",
            "1.22",
            "1.99999999999",
        ];
        for pair in order.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        assert_eq!(compare("1.20", "1.20.0"), Ordering::Equal);
    }
}
