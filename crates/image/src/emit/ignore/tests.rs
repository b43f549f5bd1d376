//! Builds with and without the ignore file get the same.

use super::*;
use depslim_formats::dockerfile::{self, Kind};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn lines(paths: &[&str], own: Option<(&str, &str)>, used: &[&str]) -> Vec<String> {
    let strings = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    let text = ignore(&Reads {
        paths: &strings(paths),
        own,
        used: &strings(used),
        environments: &["figs".to_owned()],
        tool: "1",
    });
    text.lines().filter(|l| !l.starts_with('#')).map(str::to_owned).collect()
}

fn has(lines: &[String], line: &str) -> bool {
    lines.iter().any(|l| l == line)
}

#[test]
fn a_step_that_reads_all_gets_all_but_what_nobody_needs() {
    let all = lines(&[".", "slim/list"], None, &[]);
    assert!(has(&all, "**/.git") && has(&all, "tests") && has(&all, "figs") && !has(&all, "*"), "{all:?}");
    let used = lines(&["."], None, &["tests/data.py"]);
    assert!(!has(&used, "tests") && has(&used, "docs"), "{used:?}");
    let named = lines(&[".", "docs/api"], None, &[]);
    assert!(!has(&named, "docs"), "{named:?}");
}

#[test]
fn steps_that_name_what_they_read_get_that_only() {
    let some = lines(&["app", "serve.toml"], None, &[]);
    assert_eq!(&some[..3], ["*", "!app", "!serve.toml"]);
    let ignores = Ignores::read(&some.join("\n"));
    for (path, out) in [("app/x", false), ("app/deep/__pycache__/x.pyc", true), ("notes", true), ("serve.toml", false)]
    {
        assert_eq!(ignores.leaves_out(path), out, "{path}");
    }
}

#[test]
fn the_projects_own_patterns_stay_and_never_hide_what_is_read() {
    let own = lines(&[".", "slim/list.txt", "pyproject.toml"], Some(("*.toml\nslim\nsecret\n!x.toml\n", "")), &[]);
    let ignores = Ignores::read(&own.join("\n"));
    for (path, out) in
        [("secret/a", true), ("slim/list.txt", false), ("pyproject.toml", false), ("y.toml", true), ("x.toml", false)]
    {
        assert_eq!(ignores.leaves_out(path), out, "{path}");
    }
    let deeper = lines(&["api"], Some(("/data\n!data/keep", "api")), &[]);
    assert!(has(&deeper, "api/data") && has(&deeper, "!api/data/keep"), "{deeper:?}");
}

/// What the copies of a container file would put into images: image path and context path, as a builder does it.
fn built(text: &str, files: &[&str], ignores: &Ignores) -> BTreeSet<(String, String)> {
    let file = dockerfile::read(text);
    let mut out = BTreeSet::new();
    for (number, stage) in file.stages.iter().enumerate() {
        for instruction in &stage.instructions {
            let Kind::Copy(copy) = &instruction.kind else { continue };
            if copy.from.is_some() {
                continue;
            }
            for source in &copy.sources {
                let source = source.trim_start_matches("./").trim_end_matches('/');
                for path in files.iter().filter(|p| !ignores.leaves_out(p)) {
                    let all = source == "." || source.is_empty();
                    let inside = path.strip_prefix(source).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
                    if all || inside {
                        out.insert((format!("{number}:{}:{source}", copy.destination), (*path).to_owned()));
                    }
                }
            }
        }
    }
    out
}

/// Whether nothing that a production image runs lies at a path.
fn is_needless(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    parts.iter().any(|p| NEEDLESS.contains(p))
        || NEEDLESS_AT_TOP.contains(&parts[0])
        || parts[0] == "figs"
        || [".pyc", ".DS_Store", ".swp"].iter().any(|e| path.ends_with(e))
}

const FILES: &[&str] = &[
    "main.fig",
    "list.txt",
    "README.md",
    "app/a.fig",
    "app/b/c.fig",
    "app/__pycache__/a.pyc",
    "app/tests/t.fig",
    "app/.git/x",
    "tests/t.fig",
    "tests/data/big",
    "docs/index.md",
    "docs/api/spec",
    ".git/HEAD",
    "node_modules/x/y",
    "figs/lib/z",
    "slim/list.txt",
    "web/src/a",
    "web/node_modules/k/l",
    "secret/key",
    "conf/prod.toml",
    "conf/.cache/x",
    ".github/w.yml",
    "data/.DS_Store",
];

const SOURCES: &[&str] = &[
    ".",
    "app",
    "app/",
    "./app/b",
    "main.fig",
    "list.txt",
    "tests",
    "tests/data",
    "docs/api",
    "web",
    "web/node_modules",
    "slim/list.txt",
    "conf/prod.toml",
    ".github",
    "node_modules",
    "secret",
    "figs/lib",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// With and without the ignore file, a build gets the same, needless files and what the project's own file hides left aside.
    #[test]
    fn a_build_gets_the_same_with_and_without_it(
        picks in proptest::collection::vec(0..SOURCES.len(), 1..5),
        own in proptest::option::of(proptest::sample::subsequence(vec!["*.txt", "secret", "docs", "!docs/api", "slim", "*.md", "app/b", "*"], 0..4)),
    ) {
        let sources: Vec<&str> = picks.iter().map(|p| SOURCES[*p]).collect();
        let text: String = std::iter::once("FROM x:1\n".to_owned()).chain(sources.iter().map(|s| format!("COPY {s} /at/\n"))).collect();
        let own_text = own.map(|o| o.join("\n"));
        let plain: Vec<String> = sources.iter().map(|s| s.trim_start_matches("./").to_owned()).map(|s| if s.is_empty() { ".".to_owned() } else { s }).collect();
        let ignored = ignore(&Reads {
            paths: &plain,
            own: own_text.as_deref().map(|t| (t, "")),
            used: &[],
            environments: &["figs".to_owned()],
            tool: "1",
        });
        let with = built(&text, FILES, &Ignores::read(&ignored));
        let without = built(&text, FILES, &Ignores::read(own_text.as_deref().unwrap_or("")));
        for (place, path) in without.difference(&with) {
            prop_assert!(is_needless(path), "{path} of {place} is hidden by\n{ignored}");
            // What a step names by itself is never needless.
            let named = plain.iter().any(|s| s != "." && path == s.trim_end_matches('/'));
            prop_assert!(!named, "{path} is named and hidden by\n{ignored}");
        }
        // What is named is there, even if the project's own file hides it.
        for source in plain.iter().map(|s| s.trim_end_matches('/')).filter(|s| *s != ".") {
            let any = FILES.iter().filter(|f| **f == source || f.starts_with(&format!("{source}/")));
            let left: Vec<_> = any.filter(|f| !Ignores::read(&ignored).leaves_out(f)).collect();
            prop_assert!(!left.is_empty(), "nothing of {source} is left by\n{ignored}");
        }
    }
}
