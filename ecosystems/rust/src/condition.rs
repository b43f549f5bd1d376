//! `cfg` conditions and features
//! ([platform specific dependencies](https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html#platform-specific-dependencies)).

use depslim_model::Target;

/// Conditions deeper than this hold.
const DEEPEST: u32 = 32;

/// Whether a condition holds on the target. One that is not understood holds, because what it guards may be needed.
pub(crate) fn holds(condition: &str, target: &Target, features: &[&str]) -> bool {
    let text = condition.trim();
    match text.strip_prefix("cfg(").and_then(|rest| rest.strip_suffix(')')) {
        Some(predicate) => evaluate(predicate, target, features, 0).unwrap_or(true),
        None if text.contains("feature") => evaluate(text, target, features, 0).unwrap_or(true),
        // A triple: `x86_64-pc-windows-msvc`.
        None => !text.contains('-') || text.contains("linux") && text.starts_with(target.arch.as_str()),
    }
}

/// `None` when it is not understood.
fn evaluate(text: &str, target: &Target, features: &[&str], depth: u32) -> Option<bool> {
    let text = text.trim();
    if depth > DEEPEST {
        return None;
    }
    if let Some((name, inner)) = text.strip_suffix(')').and_then(|t| t.split_once('(')) {
        let parts: Vec<Option<bool>> =
            parts(inner).into_iter().map(|part| evaluate(part, target, features, depth + 1)).collect();
        return match name.trim() {
            "all" if parts.contains(&Some(false)) => Some(false),
            "any" if parts.contains(&Some(true)) => Some(true),
            "all" | "any" if parts.contains(&None) => None,
            "all" => Some(true),
            "any" => Some(false),
            "not" => parts.first().copied().flatten().map(|held| !held),
            _ => None,
        };
    }
    let Some((key, value)) = text.split_once('=') else {
        return match text {
            "unix" | "panic_unwind" | "true" => Some(true),
            "windows" | "wasm" | "false" | "miri" | "test" | "doc" => Some(false),
            _ => None,
        };
    };
    let value = value.trim().trim_matches('"');
    match key.trim() {
        "target_os" => Some(value == "linux"),
        "target_family" => Some(value == "unix"),
        "target_arch" => Some(value == target.arch),
        "target_env" => Some(value == if target.libc == "musl" { "musl" } else { "gnu" }),
        "target_pointer_width" => Some(value == "64"),
        "target_endian" => Some(value == "little"),
        "target_vendor" => Some(value == "unknown"),
        "feature" => Some(features.contains(&value)),
        _ => None,
    }
}

fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_i32, 0);
    for (at, sign) in text.char_indices() {
        match sign {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_for_the_image() {
        for (condition, expect) in [
            ("cfg(unix)", true),
            ("cfg(windows)", false),
            ("cfg(not(windows))", true),
            ("cfg(all(unix, not(target_os = \"macos\")))", true),
            ("cfg(any(windows, target_os = \"linux\"))", true),
            ("cfg(target_arch = \"wasm32\")", false),
            ("cfg(tokio_unstable)", true),
            ("cfg(any(windows, made_up))", true),
            ("x86_64-pc-windows-msvc", false),
            ("x86_64-unknown-linux-gnu", true),
            ("cfg(((", true),
            ("", true),
        ] {
            assert_eq!(holds(condition, &Target::default(), &[]), expect, "{condition}");
        }
        assert!(holds("feature = \"fast\"", &Target::default(), &["fast"]));
        assert!(!holds("feature = \"fast\"", &Target::default(), &[]));
    }
}
