//! Unified diffs: which lines a pull request adds.

use std::collections::BTreeSet;

/// Numbers, in the new file, of the lines that a patch adds.
///
/// Format: the unified format of diff(1), as forges give it, one file a patch.
pub(super) fn added(patch: &str) -> BTreeSet<u32> {
    let mut added = BTreeSet::new();
    // What the hunk still has of each side: a line that begins with `@@` may be content.
    let (mut old, mut new, mut at) = (0_u32, 0_u32, 0_u32);
    for line in patch.lines() {
        if old == 0 && new == 0 {
            if let Some(hunk) = line.strip_prefix("@@ -").and_then(hunk) {
                (old, at, new) = hunk;
            }
            continue;
        }
        match line.as_bytes().first() {
            Some(b'+') => {
                added.insert(at);
                (new, at) = (new.saturating_sub(1), at.saturating_add(1));
            }
            Some(b'-') => old = old.saturating_sub(1),
            Some(b'\\') => {}
            _ => (old, new, at) = (old.saturating_sub(1), new.saturating_sub(1), at.saturating_add(1)),
        }
    }
    added
}

/// `1,7 +1,6 @@ …`: lines of the old side, first line and lines of the new side.
fn hunk(text: &str) -> Option<(u32, u32, u32)> {
    let (ranges, _) = text.split_once(" @@")?;
    let (old, new) = ranges.split_once(" +")?;
    let range = |text: &str| -> Option<(u32, u32)> {
        match text.split_once(',') {
            Some((start, count)) => Some((start.parse().ok()?, count.parse().ok()?)),
            None => Some((text.parse().ok()?, 1)),
        }
    };
    let ((_, old), (at, new)) = (range(old)?, range(new)?);
    Some((old, at, new))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(patch: &str, expect: &[u32]) {
        assert_eq!(added(patch).into_iter().collect::<Vec<_>>(), expect, "{patch}");
    }

    #[test]
    fn added_lines_are_numbered_in_the_new_file() {
        check("@@ -1,3 +1,4 @@\n a\n+b\n c\n d", &[2]);
        check("@@ -0,0 +1,2 @@\n+a\n+b\n\\ No newline at end of file", &[1, 2]);
        check("@@ -3,2 +3,2 @@ def x():\n-a\n+b\n c\n@@ -10 +10,2 @@\n a\n+z", &[3, 11]);
        // Content that looks like a patch.
        check("@@ -1 +1,3 @@\n a\n+@@ -9,9 +9,9 @@\n+++ b\n@@ -7 +8 @@\n+c", &[2, 3, 8]);
    }

    #[test]
    fn nonsense_adds_nothing() {
        for patch in ["", "@@", "@@ -x +y @@\n+a", "@@ -1,1 @@\n+a", "+a", "@@ -1 +4294967296 @@\n+a"] {
            check(patch, &[]);
        }
        check("@@ -1,9 +4294967295,9 @@\n+a\n+b", &[u32::MAX]);
    }
}
