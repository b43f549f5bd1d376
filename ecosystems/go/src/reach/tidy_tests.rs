//! Small module caches, and what is to be stated otherwise.

use super::tests::reached;
use depslim_model::ecosystem::{Action, Reached};

/// A module of the cache: its path, what its `go.mod` says behind its name, and files `name: imports`.
type Module<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

fn world(manifest: &str, own: &[(&str, &str)], modules: &[Module<'_>]) -> Reached {
    let source = |imports: &str| {
        let lines: Vec<&str> = imports.split_whitespace().flat_map(|import| ["import _ \"", import, "\"\n"]).collect();
        format!("package x\n{}", lines.concat())
    };
    let mut files = vec![("farm/go.mod".to_owned(), manifest.to_owned())];
    files.extend(own.iter().map(|(name, imports)| (format!("farm/{name}"), source(imports))));
    for (module, rest, sources) in modules {
        let (path, version) = module.split_once('@').unwrap();
        files.push((format!("cache/cache/download/{path}/@v/{version}.mod"), format!("module {path}\n{rest}")));
        files.extend(sources.iter().map(|(name, imports)| (format!("cache/{module}/{name}"), source(imports))));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    reached(&files)
}

/// What is to be stated otherwise: `line package`, and `-`, or the version, with a `*` for the mark.
fn check(manifest: &str, own: &[(&str, &str)], modules: &[Module<'_>], expect: &[&str]) {
    let reached = world(manifest, own, modules);
    assert!(reached.complete, "{manifest}");
    let found: Vec<String> = reached
        .restated
        .iter()
        .map(|restated| match &restated.action {
            Action::State { version, indirect } => {
                format!("{} {} {version}{}", restated.line, restated.package, if *indirect { "*" } else { "" })
            }
            _ => format!("{} {} -", restated.line, restated.package),
        })
        .collect();
    assert_eq!(found, expect, "{manifest}");
}

const BALES: &[Module<'_>] = &[
    ("a.example@v1.0.0", "go 1.21\nrequire b.example v1.1.0\n", &[("a.go", "b.example")]),
    ("b.example@v1.0.0", "go 1.21\n", &[("b.go", "")]),
    ("b.example@v1.1.0", "go 1.21\n", &[("b.go", ""), ("b_test.go", "c.example")]),
    ("c.example@v1.0.0", "go 1.21\n", &[("c.go", "")]),
];

#[test]
fn marks_follow_the_imports_of_the_own_code() {
    let own = [("main.go", "a.example"), ("main_test.go", "b.example")];
    let plain = [BALES[0], ("b.example@v1.1.0", "go 1.21\n", &[("b.go", "")] as &[_])];
    check("module farm\ngo 1.21\nrequire a.example v1.0.0\nrequire b.example v1.1.0\n", &own, &plain, &[]);
    check(
        "module farm\ngo 1.21\nrequire a.example v1.0.0 // indirect\nrequire b.example v1.1.0 // indirect\n",
        &own,
        &plain,
        &["3 a.example v1.0.0", "4 b.example v1.1.0"],
    );
    check(
        "module farm\ngo 1.21\nrequire a.example v1.0.0\nrequire b.example v1.1.0\n",
        &own[..1],
        &plain,
        &["4 b.example v1.1.0*"],
    );
}

#[test]
fn lines_that_lack_and_lines_that_are_twice() {
    let bales = [BALES[0], ("b.example@v1.1.0", "go 1.21\n", &[("b.go", "")] as &[_]), BALES[1]];
    let own = [("main.go", "a.example")];
    check("module farm\ngo 1.21\nrequire a.example v1.0.0\n", &own, &bales, &["0 b.example v1.1.0*"]);
    check(
        "module farm\ngo 1.21\nrequire a.example v1.0.0\nrequire b.example v1.0.0 // indirect\nrequire a.example v1.0.0\n",
        &own,
        &bales,
        &["4 b.example v1.1.0*", "5 a.example -"],
    );
    // Before pruning, what others imply has no line.
    check(
        "module farm\ngo 1.16\nrequire a.example v1.0.0\nrequire b.example v1.1.0 // indirect\n",
        &own,
        &[
            ("a.example@v1.0.0", "go 1.16\nrequire b.example v1.1.0\n", &[("a.go", "b.example")]),
            ("b.example@v1.1.0", "go 1.16\n", &[("b.go", "")]),
        ],
        &["4 b.example -"],
    );
}

#[test]
fn the_language_follows_what_others_ask_for() {
    let asks = [("a.example@v1.0.0", "go 1.22.1\n", &[("a.go", "")] as &[_])];
    check("module farm\ngo 1.21\nrequire a.example v1.0.0\n", &[("main.go", "a.example")], &asks, &["0 go 1.22.1"]);
    check("module farm\ngo 1.23\nrequire a.example v1.0.0\n", &[("main.go", "a.example")], &asks, &[]);
}

#[test]
fn tests_of_others_keep_the_version_that_they_would_miss() {
    let own = [("main.go", "b.example")];
    let listed = "module farm\ngo 1.21\nrequire b.example v1.1.0\nrequire c.example v1.0.0 // indirect\n";
    check(listed, &own, &BALES[2..], &[]);
    let reached = world("module farm\ngo 1.21\nrequire b.example v1.1.0\n", &own, &BALES[2..]);
    // Nobody here can tell which version would be taken.
    assert!(!reached.complete && reached.restated.is_empty());
}

#[test]
fn what_is_not_known_is_not_restated() {
    for (manifest, own, modules) in [
        // No sources, no go directive, an import that nothing supplies.
        ("module farm\ngo 1.21\nrequire a.example v1.0.0 // indirect\n", "a.example", &[][..]),
        ("module farm\nrequire b.example v1.0.0 // indirect\n", "b.example", &BALES[1..2]),
        ("module farm\ngo 1.21\nrequire b.example v1.0.0 // indirect\n", "b.example farm.example/lost", &BALES[1..2]),
    ] {
        let reached = world(manifest, &[("main.go", own)], modules);
        assert!(!reached.complete && reached.restated.is_empty(), "{manifest}");
    }
}
