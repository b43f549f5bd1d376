//! How it is shown that trimmed manifests still build: `cargo check` on a copy of the workspace, and the words of the compiler.

use depslim_model::proof::{Copied, Lack, Missing, Proof, Script, Trial, Variable, pinned, unwatched};

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
    prepare: None,
    made: &[],
    watch: unwatched,
    loaded: |_| None,
    about: &[],
    trims: &[],
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

/// All targets, with the features that are on by default, with all and with none: lines for tests and the build are judged too, and
/// optional ones. Nothing but build scripts and macros is run.
#[expect(clippy::unnecessary_wraps, reason = "other languages have projects without anything to run")]
fn trial(trial: &Trial<'_>) -> Result<Script, String> {
    let script = trial.scratch.join(SCRIPT);
    Ok(Script {
        words: vec!["sh".to_owned(), script.to_string_lossy().into_owned()],
        files: vec![(SCRIPT.to_owned(), CHECK.to_owned())],
        results: Some("results".to_owned()),
        about: "cargo check --all-targets with default, all and no features".to_owned(),
    })
}

const SCRIPT: &str = "check.sh";

/// A set of features that does not build with every line in place says nothing about lines.
const CHECK: &str = r#"here=$(dirname "$0")
failed=0
for features in "" --all-features --no-default-features; do
    if cargo check --all-targets --offline --quiet $features; then
        echo "ok cargo check --all-targets $features" >> "$here/results"
    else
        echo "fail cargo check --all-targets $features" >> "$here/results"
        failed=1
    fi
done
exit $failed
"#;

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
    fn every_set_of_features_is_tried_and_noted() {
        let folder = tempfile::tempdir().unwrap();
        let trial = Trial {
            folder: folder.path(),
            trees: &[],
            sites: &[],
            derived: false,
            scratch: folder.path(),
            files: &[],
            modules: &[],
            texts: &[],
            packages: &[],
            own: &[],
            runtime: &std::collections::BTreeMap::new(),
            parts: &[],
            default: true,
        };
        let script = (PROOF.trial)(&trial).unwrap();
        fs_err::write(folder.path().join(&script.files[0].0), &script.files[0].1).unwrap();
        // In place of cargo: one that fails with all features.
        let cargo = folder.path().join("cargo");
        fs_err::write(&cargo, "#!/bin/sh\ncase \"$*\" in *--all-features*) exit 1;; esac\n").unwrap();
        #[cfg(unix)]
        fs_err::set_permissions(&cargo, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
        let run = std::process::Command::new(&script.words[0]).args(&script.words[1..]).env("PATH", path).status();
        assert_eq!(run.unwrap().code(), Some(1));
        let results = fs_err::read_to_string(folder.path().join(script.results.unwrap())).unwrap();
        assert_eq!(
            results,
            "ok cargo check --all-targets \nfail cargo check --all-targets --all-features\nok cargo check --all-targets --no-default-features\n"
        );
    }

    #[test]
    fn arrows_are_places() {
        assert_eq!(place("  --> src/main.rs:3:5"), Some(("src/main.rs".to_owned(), 3)));
        for line in ["-->", "--> x", "--> x:y:z", "x --> y:1:1", ""] {
            assert_eq!(place(line), None, "{line}");
        }
    }
}
