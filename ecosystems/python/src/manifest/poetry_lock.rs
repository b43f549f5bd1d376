//! `poetry.lock`, of Poetry 1 (files in `[metadata.files]` or beside the package) and 2 (groups and markers of each package).

use super::credentials::without_credentials;
use super::lock_file::{self, artifact, edge, extra, text};
use super::poetry_version;
use crate::marker;
use crate::names::canonical;
use depslim_formats::toml::{Doc, Kind, Node};
use depslim_model::{Facts, Manifest, Problem, Provide, Require, Role, Source};
use std::collections::BTreeMap;

/// Reads the file.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    lock_file::read(source, |doc, _| take(doc))
}

fn take(doc: &Doc<'_>) -> Facts {
    let root = doc.root();
    let mut facts = Facts::default();
    let python = root.at(&["metadata", "python-versions"]).and_then(|n| n.text());
    facts.manifest = Some(Manifest {
        role: Role::Lock,
        manager: Some("poetry".into()),
        runtime: python.and_then(poetry_version::specifiers),
        ..Manifest::default()
    });
    let old_files = root.at(&["metadata", "files"]).or_else(|| root.at(&["metadata", "hashes"]));
    for package in root.get("package").iter().flat_map(Node::items) {
        let Some(name) = text(package, "name") else {
            facts.problems.push(Problem::at(package.line(), "a package without a name"));
            continue;
        };
        facts.provides.push(provide(package, name, old_files));
        take_edges(package, name, &mut facts.requires);
    }
    facts
}

fn provide(package: Node<'_>, name: &str, old_files: Option<Node<'_>>) -> Provide {
    let files = package.get("files").or_else(|| old_files?.get(name));
    let source = package.get("source");
    let kind = source.and_then(|s| text(s, "type")).unwrap_or_default();
    let url = source.and_then(|s| text(s, "url"));
    let origin = match kind {
        "git" => url.map(|url| {
            let at = source.and_then(|s| text(s, "resolved_reference").or_else(|| text(s, "reference")));
            format!("git+{url}{}", at.map_or(String::new(), |at| format!("@{at}")))
        }),
        // A package index of one's own is no origin of this kind.
        "directory" | "file" | "url" => url.map(str::to_owned),
        _ => None,
    };
    Provide {
        package: name.to_owned(),
        version: text(package, "version").unwrap_or_default().to_owned(),
        features: package.get("extras").iter().flat_map(Node::entries).map(|(n, _)| n.to_owned()).collect(),
        artifacts: files.iter().flat_map(Node::items).filter(|f| f.kind() == Kind::Table).map(artifact).collect(),
        first_party: kind == "directory",
        origin: origin.map(|o| without_credentials(&o)),
        // Markers that name extras mean those of the project, which nobody asks a package for.
        condition: text(package, "markers").filter(|m| !m.contains("extra")).map(str::to_owned),
        line: package.line(),
        ..Provide::default()
    }
}

fn take_edges(package: Node<'_>, from: &str, out: &mut Vec<Require>) {
    let extras = extras(package);
    for (name, value) in package.get("dependencies").iter().flat_map(Node::entries) {
        match value.kind() {
            Kind::Array => out.extend(value.items().map(|v| required(&extras, from, name, v))),
            Kind::String | Kind::Table => out.push(required(&extras, from, name, value)),
            Kind::Scalar => {}
        }
    }
}

fn required(extras: &BTreeMap<String, Vec<String>>, from: &str, name: &str, value: Node<'_>) -> Require {
    let flag = |key: &str| value.get(key).and_then(|n| n.boolean()).unwrap_or(false);
    let markers = text(value, "markers");
    let python = text(value, "python").and_then(poetry_version::marker);
    // Before the lock said so in markers, only the package's table of extras told which one brings an optional dependency.
    let unnamed = flag("optional") && !markers.is_some_and(|m| m.contains("extra"));
    // One that no extra brings is never wanted.
    let brought = unnamed.then(|| extras.get(&canonical(name)).map_or_else(|| extra(""), |e| e.join(" or ")));
    Require {
        features: value.get("extras").iter().flat_map(Node::strings).map(|s| s.text.to_owned()).collect(),
        version: value.text().or_else(|| text(value, "version")).filter(|v| *v != "*").map(str::to_owned),
        condition: marker::both([markers.map(str::to_owned), python, brought]),
        origin: super::pyproject::origin(value),
        ..edge(from, name, value.line())
    }
}

/// The extras of a package, by the canonical name of what they bring.
fn extras(package: Node<'_>) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, list) in package.get("extras").iter().flat_map(Node::entries) {
        for item in list.strings() {
            let end = item.text.find([' ', '[', '(', ';', '<', '>', '=', '~', '!']).unwrap_or(item.text.len());
            found.entry(canonical(&item.text[..end])).or_default().push(extra(name));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_facts, show, source};
    use super::*;
    use proptest::prelude::*;

    const SAMPLE: &str = r#"# This file is automatically @generated by Poetry 2.1.4
[[package]]
name = "Plum"
version = "1.0"
optional = false
groups = ["main", "dev"]
markers = "python_version < '3.12'"
files = [{file = "plum-1.0-py3-none-any.whl", hash = "sha256:aa"}, {file = "plum-1.0.tar.gz", hash = "sha256:bb"}]

[package.dependencies]
pear = ">=1"
any = "*"
sugar = {version = "*", optional = true, markers = "extra == \"jam\""}
salt = {version = ">=2", optional = true}
pepper = {version = "*", optional = true}
kiwi = [
    {version = "1", markers = "python_version < \"3.11\""},
    {version = "2", markers = "python_version >= \"3.11\"", extras = ["x"]},
]

[package.extras]
jam = ["sugar"]
pickle = ["salt (>=2)"]

[[package]]
name = "fig"
version = "0.1"
markers = {main = "extra == \"s3\"", dev = "os_name == 'nt'"}
develop = true
files = []

[package.source]
type = "git"
url = "https://u:secret@h.example.invalid/fig.git"
reference = "main"
resolved_reference = "abc"

[[package]]
name = "shed"
version = "0.2"
[package.source]
type = "directory"
url = "../shed"

[[package]]
name = "own"
version = "3"
[package.source]
type = "legacy"
url = "https://r.example.invalid/simple"
reference = "own"

[metadata]
lock-version = "2.1"
python-versions = "^3.10"
content-hash = "00"
"#;

    fn check(text: &str) -> String {
        show(text.as_bytes(), &read(&source("poetry.lock", text.as_bytes())))
    }

    #[test]
    fn packages_edges_and_sources() {
        insta::assert_snapshot!(check(SAMPLE), @r#"
        lock manager=poetry runtime=>=3.10,<4.0
        11: Plum -> pear >=1
        12: Plum -> any
        13: Plum -> sugar ; extra == "jam"
        14: Plum -> salt >=2 ; extra == 'pickle'
        15: Plum -> pepper ; extra == ''
        17: Plum -> kiwi 1 ; python_version < "3.11"
        18: Plum -> kiwi[x] 2 ; python_version >= "3.11"
        2: provides Plum 1.0 [jam,pickle] ; python_version < '3.12' <plum-1.0-py3-none-any.whl sha256:aa -> <plum-1.0.tar.gz sha256:bb ->
        25: provides fig 0.1 @ git+https://h.example.invalid/fig.git@abc
        38: provides shed 0.2 first-party @ ../shed
        45: provides own 3
        "#);
    }

    #[test]
    fn files_of_older_locks() {
        insta::assert_snapshot!(check("[[package]]\nname = 'plum'\nversion = '1'\ncategory = 'dev'\n[package.dependencies]\npear = {version = '*', python = '<3.8'}\n[metadata]\npython-versions = '*'\n[metadata.files]\nplum = [{file = 'plum-1.whl', hash = 'sha256:aa'}]\n"), @"
        lock manager=poetry
        6: plum -> pear ; python_version < '3.8'
        1: provides plum 1 <plum-1.whl sha256:aa ->
        ");
        insta::assert_snapshot!(check("[[package]]\nname = 'plum'\nversion = '1'\n[metadata.hashes]\nplum = ['aa']\n"), @"
        lock manager=poetry
        1: provides plum 1
        ");
    }

    #[test]
    fn what_can_go_wrong() {
        insta::assert_snapshot!(check("[[package]]\nname = 3\n[[package]]\nname = 'plum'\ndependencies = {a = 1, b = [1, {}]}\nsource = 'x'\n"), @"
        lock manager=poetry
        5: plum -> b
        5: plum -> b
        3: provides plum 
        1: problem: a package without a name
        ");
        insta::assert_snapshot!(check("[[package]]\n<<<<<<< HEAD\n"), @"2: fatal: not valid TOML: key with no value, expected `=`");
    }

    proptest! {
        #[test]
        fn no_cut_panics(cut in 0..SAMPLE.len()) {
            check_facts(&SAMPLE.as_bytes()[..cut], &read(&source("poetry.lock", &SAMPLE.as_bytes()[..cut])));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            check_facts(&bytes, &read(&source("poetry.lock", &bytes)));
        }
    }
}
