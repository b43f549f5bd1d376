//! PEP 751 locks from locks that know where files are.

use super::emit;
use crate::manifest::read_any;
use crate::names::canonical;
use depslim_model::ecosystem::{Kept, Plan};
use depslim_model::{Settings, Source};
use std::collections::BTreeMap;

static SETTINGS: Settings = Settings(BTreeMap::new());

fn source<'a>(path: &'a str, text: &'a str) -> Source<'a> {
    Source { path, bytes: text.as_bytes(), settings: &SETTINGS }
}

fn plan(packages: &[(&str, &str)]) -> Plan {
    let kept = |(name, version): &(&str, &str)| Kept {
        package: (*name).to_owned(),
        version: (!version.is_empty()).then(|| (*version).to_owned()),
        why: "imported at a.py:1".into(),
        ..Kept::default()
    };
    Plan { project: ".".into(), tool: "0.1.0".into(), keep: packages.iter().map(kept).collect(), ..Plan::default() }
}

/// The file; it reads back without a problem as the same packages, and gives itself when it is the lock.
fn check(plan: &Plan, sources: &[Source<'_>]) -> String {
    let emissions = emit(plan, sources).expect("a lock");
    let content = &emissions[0].content;
    let facts = read_any(&source("pylock.prod.toml", content));
    assert_eq!(facts.problems, []);
    let names: Vec<_> = facts.provides.iter().map(|p| p.package.clone()).collect();
    let mut wanted: Vec<_> = plan.keep.iter().map(|k| canonical(&k.package)).collect();
    wanted.sort();
    assert_eq!(names, wanted);
    let again = emit(plan, &[source("pylock.toml", content)]).expect("a lock");
    assert_eq!(again[0].content, *content);
    content.clone()
}

const UV: &str = r#"version = 1
requires-python = ">=3.11"
[[package]]
name = "plum-tree"
version = "1.0"
source = { registry = "https://r.example.invalid/simple" }
sdist = { url = "https://r.example.invalid/f/plum_tree-1.0.tar.gz", hash = "sha256:aa", size = 10, upload-time = "2026-01-01T00:00:00Z" }
wheels = [
    { url = "https://r.example.invalid/f/plum_tree-1.0-py3-none-any.whl", hash = "sha256:bb", size = 20 },
]
[[package]]
name = "fig"
version = "0.2"
source = { git = "https://u:secret@h.example.invalid/fig?subdirectory=py&rev=main#abc" }
[[package]]
name = "pear"
version = "3"
source = { url = "https://h.example.invalid/pear-3.zip" }
sdist = { hash = "sha256:cc" }
[[package]]
name = "shed"
version = "0"
source = { directory = "libs/shed" }
[[package]]
name = "sloe"
version = "1"
source = { registry = "../wheels" }
wheels = [{ path = "sloe-1-py3-none-any.whl" }]
"#;

#[test]
fn from_uv() {
    let mut plan = plan(&[("Plum_Tree", "1.0"), ("pear", "3"), ("fig", "")]);
    plan.keep[0].condition = Some("sys_platform == 'linux'".into());
    insta::assert_snapshot!(check(&plan, &[source("uv.lock", UV)]), @r#"
    # Written by depslim 0.1.0: what production needs, and why (linux-x86_64-glibc).
    # Install: uv pip sync pylock.prod.toml   (or any installer of PEP 751)
    lock-version = "1.0"
    requires-python = ">=3.11"
    created-by = "depslim"

    # imported at a.py:1
    [[packages]]
    name = "fig"
    version = "0.2"
    vcs = { type = "git", url = "https://h.example.invalid/fig", commit-id = "abc", subdirectory = "py" }

    # imported at a.py:1
    [[packages]]
    name = "pear"
    version = "3"
    archive = { url = "https://h.example.invalid/pear-3.zip", hashes = { sha256 = "cc" } }

    # imported at a.py:1
    [[packages]]
    name = "plum-tree"
    version = "1.0"
    marker = "sys_platform == 'linux'"
    index = "https://r.example.invalid/simple"
    sdist = { url = "https://r.example.invalid/f/plum_tree-1.0.tar.gz", size = 10, hashes = { sha256 = "aa" } }
    wheels = [
        { url = "https://r.example.invalid/f/plum_tree-1.0-py3-none-any.whl", size = 20, hashes = { sha256 = "bb" } },
    ]
    "#);
}

#[test]
fn from_pdm_with_static_urls() {
    let pdm = "[[package]]\nname = 'plum'\nversion = '1'\nextras = ['x']\n[[package]]\nname = 'plum'\nversion = '1'\nfiles = [{url = 'https://r.example.invalid/plum-1-py3-none-any.whl', hash = 'sha256:aa'}]\n";
    insta::assert_snapshot!(check(&plan(&[("plum", "1")]), &[source("pdm.lock", pdm)]), @r#"
    # Written by depslim 0.1.0: what production needs, and why (linux-x86_64-glibc).
    # Install: uv pip sync pylock.prod.toml   (or any installer of PEP 751)
    lock-version = "1.0"
    created-by = "depslim"

    # imported at a.py:1
    [[packages]]
    name = "plum"
    version = "1"
    wheels = [
        { url = "https://r.example.invalid/plum-1-py3-none-any.whl", hashes = { sha256 = "aa" } },
    ]
    "#);
}

#[test]
fn what_the_format_asks_for_and_is_not_there() {
    let refused =
        |packages: &[(&str, &str)], sources: &[Source<'_>]| emit(&plan(packages), sources).expect_err("a reason");
    let uv = [source("uv.lock", UV)];
    insta::assert_snapshot!(refused(&[], &uv), @"production needs no packages");
    insta::assert_snapshot!(refused(&[("fig", "9")], &uv), @"uv.lock: fig 9 is not in it");
    insta::assert_snapshot!(refused(&[("kiwi", "")], &uv), @"uv.lock: kiwi is not in it");
    insta::assert_snapshot!(refused(&[("shed", "0")], &uv), @"uv.lock: shed comes from a local folder, or without URLs and hashes of its files");
    insta::assert_snapshot!(refused(&[("sloe", "1")], &uv), @"uv.lock: sloe comes from a local folder, or without URLs and hashes of its files");
    insta::assert_snapshot!(refused(&[("fig", "1")], &[source("poetry.lock", "")]), @"poetry.lock does not say where files are downloaded from, which PEP 751 asks for");
    insta::assert_snapshot!(refused(&[("fig", "1")], &[source("requirements.txt", "fig")]), @"no lock says where files are downloaded from, which PEP 751 asks for (uv.lock does)");
    insta::assert_snapshot!(refused(&[("fig", "1")], &[source("uv.lock", "x = ")]), @"uv.lock:1: not valid TOML: string values must be quoted, expected literal string");
}
