//! Conditions of requirements: `if musl and not extra gold`.

use depslim_model::Target;

/// Whether every part of the condition holds. A part is `extra NAME`, or a word that names the target's system, processor or C
/// library, each with or without `not` before it. A word that is none of these holds: what we do not understand may be needed.
pub(crate) fn holds(condition: &str, target: &Target, features: &[&str]) -> bool {
    condition.split(" and ").all(|part| {
        let part = part.trim();
        match part.strip_prefix("not ") {
            Some(part) => part_holds(part.trim(), target, features) != Some(true),
            None => part_holds(part, target, features) != Some(false),
        }
    })
}

/// `None` when the part says nothing that we know.
fn part_holds(part: &str, target: &Target, features: &[&str]) -> Option<bool> {
    if let Some(name) = part.strip_prefix("extra ") {
        return Some(features.contains(&name.trim()));
    }
    let kinds: [(&[&str], &str); 3] = [
        (&["linux", "windows", "macos"], &target.os),
        (&["x86_64", "aarch64"], &target.arch),
        (&["glibc", "musl"], &target.libc),
    ];
    kinds.iter().find(|(words, _)| words.contains(&part)).map(|(_, ours)| *ours == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_about_the_target_and_the_extras() {
        let target = Target::default();
        for (condition, features, expect) in [
            ("x86_64", &[][..], true),
            ("aarch64", &[], false),
            ("not windows", &[], true),
            ("not linux", &[], false),
            ("extra gold", &[], false),
            ("extra gold", &["gold"], true),
            ("extra gold and musl", &["gold"], false),
            ("x86_64 and glibc", &[], true),
            ("moonlight", &[], true),
            ("not moonlight", &[], true),
            ("", &[], true),
        ] {
            assert_eq!(holds(condition, &target, features), expect, "{condition} {features:?}");
        }
    }
}
