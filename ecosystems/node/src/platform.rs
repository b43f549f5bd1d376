//! The platform: which of a package's conditions (`os`, `cpu`, `libc`) hold on the target.

use depslim_formats::json::Node;
use depslim_model::{Artifact, Target};

/// The condition of a peer that its owner takes where its users bring it, and does without where they do not.
pub(crate) const IF_BROUGHT: &str = "optional peer";

/// The condition that the fields `os`, `cpu` and `libc` of a `package.json` or a lock's entry make together.
pub(crate) fn condition(root: Node<'_>) -> Option<String> {
    let part = |field: &&str| {
        let values: Vec<&str> = root.get(field)?.strings().map(|(value, _)| value).collect();
        (!values.is_empty()).then(|| format!("{field}={}", values.join(",")))
    };
    let parts: Vec<String> = ["os", "cpu", "libc"].iter().filter_map(part).collect();
    (!parts.is_empty()).then(|| parts.join(" & "))
}

/// A registry's packages are one archive each.
pub(crate) fn choose(artifacts: &[Artifact], _target: &Target) -> Option<usize> {
    (!artifacts.is_empty()).then_some(0)
}

/// Whether a condition of the form `os=linux,darwin & cpu=!arm & libc=glibc` holds. What is not understood holds.
pub(crate) fn holds(condition: &str, target: &Target, _features: &[&str]) -> bool {
    if condition == IF_BROUGHT {
        return false;
    }
    condition.split('&').all(|part| {
        let Some((field, values)) = part.split_once('=') else { return true };
        let ours = match field.trim() {
            "os" => target.os.as_str(),
            "cpu" => cpu(&target.arch),
            "libc" => target.libc.as_str(),
            _ => return true,
        };
        let values: Vec<&str> = values.split(',').map(str::trim).filter(|v| !v.is_empty() && *v != "any").collect();
        let refused = values.iter().filter_map(|v| v.strip_prefix('!')).any(|v| v == ours);
        let mut wanted = values.iter().filter(|v| !v.starts_with('!')).peekable();
        !refused && (wanted.peek().is_none() || wanted.any(|v| *v == ours))
    })
}

/// The runtime's word for a processor.
fn cpu(arch: &str) -> &str {
    match arch {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_about_the_target() {
        let target = Target::default();
        for (condition, expect) in [
            ("os=linux & cpu=x64 & libc=glibc", true),
            ("os=linux & cpu=x64 & libc=musl", false),
            ("os=darwin,linux", true),
            ("os=!win32", true),
            ("os=!linux", false),
            ("cpu=arm64", false),
            ("cpu=any", true),
            ("moon=full", true),
            ("", true),
        ] {
            assert_eq!(holds(condition, &target, &[]), expect, "{condition}");
        }
    }
}
