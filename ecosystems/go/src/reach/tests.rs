//! Small module caches, and what a project reaches in them.

use super::*;
use depslim_model::Settings;

/// A root with a project, beside it a cache: what is reached.
pub(super) fn reached(files: &[(&str, &str)]) -> Reached {
    let outer = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = outer.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    let root = outer.path().join("farm");
    let read = |path: &str| {
        let bytes = fs_err::read(root.join(path)).unwrap();
        let reader =
            crate::ECOSYSTEM.readers.iter().find(|r| r.globs.iter().any(|g| path.ends_with(g.trim_start_matches('*'))));
        let source = depslim_model::Source { path, bytes: &bytes, settings: &Settings::default() };
        (path.to_owned(), (reader.unwrap().read)(&source))
    };
    let own = files.iter().filter_map(|(path, _)| path.strip_prefix("farm/"));
    let (manifests, code): (Vec<&str>, Vec<&str>) =
        own.filter(|p| p.ends_with("go.mod") || p.ends_with(".go")).partition(|p| p.ends_with("go.mod"));
    let manifests: Vec<_> = manifests.into_iter().map(read).collect();
    let cache = outer.path().join("cache").to_string_lossy().into_owned();
    let variable = |name: &str| (name == "GOMODCACHE").then(|| cache.clone());
    let settings = Settings::default();
    let host = Host { project: &root, root: &root, variable: &variable, settings: &settings };
    let joined = join::join(&host, &manifests, code.into_iter().map(read).collect());
    reach(&host, &manifests[..1], &joined[""]).unwrap()
}

/// What is said of files: `path group import module`.
fn check(files: &[(&str, &str)], expect: &[&str]) -> Reached {
    let reached = reached(files);
    let mut found: Vec<String> = reached
        .files
        .iter()
        .flat_map(|file| file.facts.uses.iter().map(move |u| (file, u)))
        .map(|(file, used)| {
            let installed = if file.installed { "" } else { " (own)" };
            format!(
                "{}:{} {:?} {} {}{installed}",
                file.path,
                used.line,
                file.facts.group.unwrap(),
                used.name,
                used.value
            )
        })
        .collect();
    found.sort();
    assert_eq!(found, expect);
    reached
}

#[test]
fn packages_are_followed_from_module_to_module() {
    let reached = check(
        &[
            (
                "farm/go.mod",
                "module farm\ngo 1.21\nrequire a.example v1.0.0\nrequire (\n b.example/B v1.0.0 // indirect\n c.example v1.0.0 // indirect\n d.example v1.0.0 // indirect\n)\n",
            ),
            ("farm/main.go", "package main\nimport _ \"a.example/used\"\n"),
            ("cache/cache/download/a.example/@v/v1.0.0.mod", "module a.example\ngo 1.21\nrequire b.example/B v1.0.0\n"),
            ("cache/cache/download/b.example/!b/@v/v1.0.0.mod", "module b.example/B\ngo 1.21\n"),
            ("cache/cache/download/c.example/@v/v1.0.0.mod", "module c.example\ngo 1.21\n"),
            ("cache/cache/download/d.example/@v/v1.0.0.mod", "module d.example\ngo 1.21\n"),
            ("cache/a.example@v1.0.0/used/x.go", "package used\nimport \"fmt\"\nimport \"a.example/deep\"\n"),
            ("cache/a.example@v1.0.0/used/x_test.go", "package used\nimport \"d.example\"\n"),
            (
                "cache/a.example@v1.0.0/deep/x_windows.go",
                "//go:build windows\n\npackage deep\nimport \"b.example/B\"\n",
            ),
            ("cache/a.example@v1.0.0/deep/gen.go", "//go:build ignore\n\npackage main\nimport \"c.example\"\n"),
            ("cache/a.example@v1.0.0/other/x.go", "package other\nimport \"c.example\"\n"),
            ("cache/b.example/!b@v1.0.0/b.go", "package b\n"),
            ("cache/c.example@v1.0.0/c.go", "package c\n"),
            ("cache/d.example@v1.0.0/d.go", "package d\n"),
        ],
        &[
            // Without its line, no version of it would be known to the tests of a.example.
            "a.example@v1.0.0/deep/x_windows.go:4 Prod b.example/B b.example/B",
            "a.example@v1.0.0/used/x_test.go:2 Dev d.example d.example",
        ],
    );
    let provides: Vec<_> =
        reached.installed.iter().map(|(_, f)| (f.provides[0].package.as_str(), f.provides[0].modules.len())).collect();
    assert_eq!(provides, [("a.example", 2), ("b.example/B", 1), ("c.example", 0), ("d.example", 0)]);
    assert_eq!(reached.installed[0].1.requires[0].name, "b.example/B");
}

#[test]
fn versions_that_others_imply_need_no_line() {
    check(
        &[
            ("farm/go.mod", "module farm\ngo 1.21\nrequire a.example v1.0.0\nrequire d.example v1.0.0 // indirect\n"),
            ("farm/main.go", "package main\nimport \"a.example\"\n"),
            ("cache/cache/download/a.example/@v/v1.0.0.mod", "module a.example\ngo 1.21\nrequire d.example v1.0.0\n"),
            ("cache/cache/download/d.example/@v/v1.0.0.mod", "module d.example\ngo 1.21\n"),
            ("cache/a.example@v1.0.0/a.go", "package a\n"),
            ("cache/a.example@v1.0.0/a_test.go", "package a\nimport \"d.example\"\n"),
            ("cache/d.example@v1.0.0/d.go", "package d\n"),
        ],
        &[],
    );
}

#[test]
fn before_modules_kept_whole_lists_tests_of_others_count() {
    check(
        &[
            (
                "farm/go.mod",
                "module farm\ngo 1.11\nrequire a.example v1.0.0\nrequire d.example v1.0.0 // indirect\nrequire e.example v1.0.0 // indirect\n",
            ),
            ("farm/main.go", "package main\nimport \"a.example\"\n"),
            ("cache/cache/download/a.example/@v/v1.0.0.mod", "module a.example\n"),
            ("cache/cache/download/d.example/@v/v1.0.0.mod", "module d.example\n"),
            ("cache/cache/download/e.example/@v/v1.0.0.mod", "module e.example\n"),
            ("cache/a.example@v1.0.0/a.go", "package a\n"),
            ("cache/a.example@v1.0.0/a_test.go", "package a\nimport \"d.example\"\n"),
            ("cache/d.example@v1.0.0/d.go", "package d\n"),
            ("cache/d.example@v1.0.0/d_test.go", "package d\nimport \"e.example\"\n"),
            ("cache/e.example@v1.0.0/e.go", "package e\n"),
        ],
        &[
            "a.example@v1.0.0/a_test.go:2 Dev d.example d.example",
            "d.example@v1.0.0/d_test.go:2 Dev e.example e.example",
            "go.mod:2 Dev go 1.11: tests of other modules count; from go 1.16 on they do not, and go mod tidy drops the line d.example (own)",
            "go.mod:2 Dev go 1.11: tests of other modules count; from go 1.16 on they do not, and go mod tidy drops the line e.example (own)",
        ],
    );
}

#[test]
fn what_is_not_there_keeps_what_others_bring() {
    check(
        &[
            ("farm/go.mod", "module farm\ngo 1.21\nrequire a.example v1.0.0\nrequire b.example v1.0.0 // indirect\n"),
            ("farm/main.go", "package main\nimport \"a.example\"\n"),
        ],
        &[
            "go.mod:4 Prod marked `// indirect`, and a.example is not on this machine: what it needs is not known b.example (own)",
        ],
    );
}

#[test]
fn vendored_sources_count() {
    let reached = check(
        &[
            ("farm/go.mod", "module farm\ngo 1.21\nrequire a.example v1.0.0\nrequire b.example v1.0.0 // indirect\n"),
            ("farm/main.go", "package main\nimport \"a.example/x\"\n"),
            (
                "farm/vendor/modules.txt",
                "# a.example v1.0.0\n## explicit; go 1.21\na.example/x\n# b.example v1.0.0\n## explicit\nb.example\n",
            ),
            ("farm/vendor/a.example/x/x.go", "package x\nimport \"b.example\"\n"),
            ("farm/vendor/b.example/b.go", "package b\n"),
        ],
        &["a.example/x/x.go (v1.0.0):2 Prod b.example b.example"],
    );
    assert_eq!(reached.environment.label, "vendor");
}

#[test]
fn vendor_folders_leave_tests_out() {
    let files = [
        ("farm/go.mod", "module farm\ngo 1.21\nrequire a.example v1.0.0\nrequire b.example v1.0.0 // indirect\n"),
        ("farm/main.go", "package main\nimport \"a.example/x\"\n"),
        (
            "farm/vendor/modules.txt",
            "# a.example v1.0.0\n## explicit; go 1.21\na.example/x\n# b.example v1.0.0\n## explicit\n",
        ),
        ("farm/vendor/a.example/x/x.go", "package x\n"),
        ("cache/cache/download/a.example/@v/v1.0.0.mod", "module a.example\ngo 1.21\n"),
        ("cache/cache/download/b.example/@v/v1.0.0.mod", "module b.example\ngo 1.21\n"),
        ("cache/a.example@v1.0.0/x/x.go", "package x\n"),
        ("cache/a.example@v1.0.0/x/x_test.go", "package x\nimport \"b.example\"\n"),
        ("cache/b.example@v1.0.0/b.go", "package b\n"),
    ];
    check(&files, &["a.example@v1.0.0/x/x_test.go:2 Dev b.example b.example"]);
    check(
        &files[..4],
        &[
            "go.mod:4 Prod marked `// indirect`, and the go.mod file of a.example is not on this machine: what it needs is not known b.example (own)",
        ],
    );
}

#[test]
fn workspaces_and_replaced_folders() {
    check(
        &[
            ("farm/go.mod", "module farm.example\ngo 1.21\nrequire hay.example v1.0.0\nreplace hay.example => ./hay\n"),
            ("farm/go.work", "go 1.21\nuse .\nuse ./barn\n"),
            ("farm/main.go", "package main\nimport \"hay.example/bale\"\nimport \"barn.example\"\n"),
            ("farm/hay/go.mod", "module hay.example\ngo 1.21\n"),
            ("farm/hay/bale/x.go", "package bale\n"),
            ("farm/barn/go.mod", "module barn.example\ngo 1.21\n"),
            ("farm/barn/x.go", "package barn\n"),
        ],
        &[],
    );
}
