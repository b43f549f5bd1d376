//! `pylock.toml` and `pylock.*.toml` ([PEP 751](https://peps.python.org/pep-0751/)).

use super::classify;
use super::credentials::without_credentials;
use super::lock_file::{self, artifact, edge, text};
use crate::marker;
use crate::names::canonical;
use depslim_formats::toml::{Doc, Node};
use depslim_model::{Facts, Group, Manifest, Problem, Provide, Require, Role, Settings, Source};
use std::collections::BTreeSet;

/// Reads the file.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    lock_file::read(source, |doc, source| take(doc, source.settings))
}

fn take(doc: &Doc<'_>, settings: &Settings) -> Facts {
    let root = doc.root();
    let mut facts = Facts::default();
    match root.get("lock-version") {
        Some(version) if version.text().is_some_and(|v| v.starts_with("1.") || v == "1") => {}
        Some(version) => facts.problems.push(Problem::at(
            version.line(),
            "a version of the format that is not known here (1.0 is): some of it may be read wrongly",
        )),
        None => facts.problems.push(Problem::at(0, "no lock-version: PEP 751 asks for one")),
    }
    facts.manifest = Some(Manifest {
        role: Role::Lock,
        runtime: text(root, "requires-python").map(str::to_owned),
        default_groups: root.get("default-groups").map(|n| n.strings().map(|s| s.text.to_owned()).collect()),
        ..Manifest::default()
    });
    let mut wanted = BTreeSet::new();
    let mut packages = Vec::new();
    for package in root.get("packages").iter().flat_map(Node::items) {
        let Some(name) = text(package, "name") else {
            facts.problems.push(Problem::at(package.line(), "a package without a name"));
            continue;
        };
        facts.provides.push(provide(package, name));
        for needed in package.get("dependencies").iter().flat_map(Node::items) {
            if let Some(to) = text(needed, "name") {
                wanted.insert(canonical(to));
                let version = text(needed, "version").map(|v| format!("=={v}"));
                facts.requires.push(Require { version, ..edge(name, to, needed.line()) });
            }
        }
        packages.push((name, package));
    }
    // The format has no roots: what nothing else needs was asked for.
    for (name, package) in packages.into_iter().filter(|(name, _)| !wanted.contains(&canonical(name))) {
        facts.requires.push(root_require(package, name, settings));
    }
    facts
}

fn provide(package: Node<'_>, name: &str) -> Provide {
    let vcs = package.get("vcs");
    let directory = package.get("directory").and_then(|d| text(d, "path"));
    let archive = package.get("archive");
    let origin = vcs
        .and_then(|vcs| {
            let url = text(vcs, "url").or_else(|| text(vcs, "path"))?;
            let at = text(vcs, "commit-id").or_else(|| text(vcs, "requested-revision"));
            Some(format!(
                "{}+{url}{}",
                text(vcs, "type").unwrap_or("git"),
                at.map_or(String::new(), |at| format!("@{at}"))
            ))
        })
        .or_else(|| {
            directory.or_else(|| archive.and_then(|a| text(a, "url").or_else(|| text(a, "path")))).map(str::to_owned)
        });
    let wheels = package.get("wheels");
    let files = wheels.iter().flat_map(Node::items).chain(package.get("sdist")).chain(archive);
    Provide {
        package: name.to_owned(),
        version: text(package, "version").unwrap_or_default().to_owned(),
        artifacts: files.map(artifact).collect(),
        first_party: directory.is_some(),
        origin: origin.map(|o| without_credentials(&o)),
        condition: text(package, "marker").filter(|m| marker::memberships(m).is_empty()).map(str::to_owned),
        line: package.line(),
        ..Provide::default()
    }
}

/// The declaration that a package without dependents stands for: its marker says of which extra or group.
fn root_require(package: Node<'_>, name: &str, settings: &Settings) -> Require {
    let condition = text(package, "marker");
    let members = condition.map(marker::memberships).unwrap_or_default();
    let version = text(package, "version").map(|v| format!("=={v}"));
    let plain = Require { from: None, version, ..edge("", name, package.line()) };
    match members.first() {
        None => Require { condition: condition.map(str::to_owned), ..plain },
        Some(first) => {
            // Of several groups, the one that ships counts.
            let ships = members.iter().map(|m| (classify::group(m, settings), m)).find(|(g, _)| *g != Group::Dev);
            let (group, name) = ships.unwrap_or((Group::Dev, first));
            Require { group, group_name: Some(name.clone()), ..plain }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_facts, show, source};
    use super::*;
    use proptest::prelude::*;

    const SAMPLE: &str = r#"lock-version = "1.0"
requires-python = ">=3.12"
extras = ["s3"]
dependency-groups = ["dev"]
default-groups = ["dev"]
created-by = "a-tool"

[[packages]]
name = "plum"
version = "1.0"
marker = "sys_platform == 'linux'"
dependencies = [{ name = "pear" }, { name = "fig", version = "2" }]
[[packages.wheels]]
name = "plum-1.0-py3-none-any.whl"
url = "https://r.example.invalid/x/y"
size = 10
hashes = { md5 = "0", sha256 = "aa" }

[[packages]]
name = "pear"
version = "3"
sdist = { url = "https://r.example.invalid/pear-3.tar.gz", hashes = { blake2b = "bb" } }

[[packages]]
name = "pytest"
version = "8"
marker = "'dev' in dependency_groups"

[[packages]]
name = "kiwi"
version = "8"
marker = "'dev' in dependency_groups or 's3' in extras"

[[packages]]
name = "fig"
vcs = { type = "git", url = "https://u:secret@h.example.invalid/fig", commit-id = "abc" }

[[packages]]
name = "shed"
directory = { path = "libs/shed", editable = true }

[[packages]]
name = "ball"
archive = { url = "https://h.example.invalid/ball.zip", hashes = { sha256 = "cc" } }
"#;

    fn check(text: &str) -> String {
        show(text.as_bytes(), &read(&source("pylock.toml", text.as_bytes())))
    }

    #[test]
    fn packages_and_their_sources() {
        insta::assert_snapshot!(check(SAMPLE), @"
        lock runtime=>=3.12 default-groups=dev
        12: plum -> pear
        12: plum -> fig ==2
        8: plum ==1.0 ; sys_platform == 'linux'
        24: pytest ==8 (dev:dev)
        29: kiwi ==8 (optional:s3)
        38: shed
        42: ball
        8: provides plum 1.0 ; sys_platform == 'linux' <plum-1.0-py3-none-any.whl sha256:aa 10>
        19: provides pear 3 <pear-3.tar.gz blake2b:bb ->
        24: provides pytest 8
        29: provides kiwi 8
        34: provides fig  @ git+https://h.example.invalid/fig@abc
        38: provides shed  first-party @ libs/shed
        42: provides ball  @ https://h.example.invalid/ball.zip <ball.zip sha256:cc ->
        ");
    }

    #[test]
    fn what_can_go_wrong() {
        insta::assert_snapshot!(check("lock-version = '2.0'\n[[packages]]\nversion = '1'\n"), @"
        lock
        1: problem: a version of the format that is not known here (1.0 is): some of it may be read wrongly
        2: problem: a package without a name
        ");
        insta::assert_snapshot!(check("packages = [1, 'x', {name = 'plum', wheels = 'x', vcs = []}]\n"), @"
        lock
        1: plum
        1: provides plum 
        0: problem: no lock-version: PEP 751 asks for one
        1: problem: a package without a name
        1: problem: a package without a name
        ");
    }

    proptest! {
        #[test]
        fn no_cut_panics(cut in 0..SAMPLE.len()) {
            check_facts(&SAMPLE.as_bytes()[..cut], &read(&source("pylock.toml", &SAMPLE.as_bytes()[..cut])));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            check_facts(&bytes, &read(&source("pylock.toml", &bytes)));
        }
    }
}
