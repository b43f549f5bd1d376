//! How it is shown that trimmed manifests still build: `cargo check` on a copy of the workspace, and the words of the compiler.

use depslim_model::proof::{Copied, Lack, Missing, Proof, Script, Trial, Variable, pinned};

/// What is said of proofs.
pub(crate) const PROOF: Proof = Proof {
    copy: Copied::Declared,
    programs: &[],
    placed: &[],
    variables,
    trial,
    missing,
    place,
    places_follow: true,
    pin: pinned,
};

fn variables(trial: &Trial<'_>) -> Vec<Variable> {
    let target = trial.scratch.join("target").to_string_lossy().into_owned();
    let set = |name: &str, value: &str| Variable::Set(name.to_owned(), value.to_owned());
    vec![
        set("CARGO_TARGET_DIR", &target),
        set("CARGO_TERM_COLOR", "never"),
        set("CARGO_NET_OFFLINE", "true"),
        set("CARGO_INCREMENTAL", "0"),
    ]
}

/// All targets: lines for tests and the build are judged too. Nothing but build scripts and macros is run.
#[expect(clippy::unnecessary_wraps, reason = "other languages have projects without anything to run")]
fn trial(_trial: &Trial<'_>) -> Result<Script, String> {
    let words = ["cargo", "check", "--all-targets", "--offline", "--quiet"];
    Ok(Script {
        words: words.map(str::to_owned).to_vec(),
        about: "cargo check --all-targets".to_owned(),
        ..Script::default()
    })
}

/// Words before the name of a crate that is not there.
const LACKS: &[&str] = &[
    "unresolved import `",
    "unresolved imports `",
    "can't find crate for `",
    "use of unresolved module or unlinked crate `",
    "use of undeclared crate or module `",
    "undeclared crate or module `",
    "cannot find crate `",
    "maybe a missing crate `",
    "you might be missing crate `",
    "no matching package named `",
    "does not have these dependencies: `",
];

fn missing(line: &str) -> Vec<Missing> {
    let mut found = Vec::new();
    for (_, rest) in LACKS.iter().filter_map(|words| line.split_once(words)) {
        let name = rest.split(['`', ':', ',']).next().unwrap_or_default().trim();
        // Code writes a package's hyphens as underscores.
        found.push(Missing::new(Lack::Package, name.replace('_', "-")));
        found.push(Missing::new(Lack::Package, name));
        found.push(Missing::new(Lack::Module, name));
    }
    found
}

/// `  --> src/main.rs:3:5`.
fn place(line: &str) -> Option<(String, u32)> {
    let mut parts = line.trim().strip_prefix("--> ")?.rsplitn(3, ':');
    let (_column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
    Some((file.to_owned(), line.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_name_what_is_missing() {
        for (line, expect) in [
            ("error[E0432]: unresolved import `serde_json`", "serde_json"),
            ("error[E0433]: failed to resolve: use of unresolved module or unlinked crate `tracing`", "tracing"),
            ("error[E0463]: can't find crate for `big_tree`", "big_tree"),
            ("error[E0432]: unresolved import `proptest::prelude`", "proptest"),
        ] {
            let names: Vec<String> = missing(line).into_iter().map(|missing| missing.name).collect();
            assert!(names.iter().any(|name| name == expect), "{line}: {names:?}");
        }
        assert_eq!(missing("warning: unused import: `x`"), []);
    }

    #[test]
    fn arrows_are_places() {
        assert_eq!(place("  --> src/main.rs:3:5"), Some(("src/main.rs".to_owned(), 3)));
        for line in ["-->", "--> x", "--> x:y:z", "x --> y:1:1", ""] {
            assert_eq!(place(line), None, "{line}");
        }
    }
}
