//! `pdm.lock` ([format](https://pdm-project.org/en/latest/usage/lockfile/)).

use super::credentials::without_credentials;
use super::lock_file::{self, artifact, edge, extra, text};
use super::requirement;
use crate::marker;
use crate::names::canonical;
use depslim_formats::toml::{Doc, Node};
use depslim_model::{Facts, Manifest, Problem, Provide, Require, Role, Source};
use std::collections::BTreeMap;

/// Reads the file.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    lock_file::read(source, |doc, _| take(doc))
}

fn take(doc: &Doc<'_>) -> Facts {
    let root = doc.root();
    let runtime = root
        .at(&["metadata", "requires_python"])
        .or_else(|| root.at(&["metadata", "targets"])?.items().next()?.get("requires_python"));
    let mut facts = Facts {
        manifest: Some(Manifest {
            role: Role::Lock,
            manager: Some("pdm".into()),
            runtime: runtime.and_then(|n| n.text()).map(str::to_owned),
            ..Manifest::default()
        }),
        ..Facts::default()
    };
    let old_files = root.at(&["metadata", "files"]);
    let mut places = BTreeMap::new();
    for package in root.get("package").iter().flat_map(Node::items) {
        let Some(name) = text(package, "name") else {
            facts.problems.push(Problem::at(package.line(), "a package without a name"));
            continue;
        };
        let extras: Vec<&str> = package.get("extras").iter().flat_map(Node::strings).map(|s| s.text).collect();
        take_edges(package, name, &extras, &mut facts);
        // `uvicorn[standard]` has an entry of its own beside `uvicorn`: it is the same package.
        let version = text(package, "version").unwrap_or_default();
        let known = places.get(&(canonical(name), version)).and_then(|at: &usize| facts.provides.get_mut(*at));
        if let Some(known) = known {
            known.features.extend(extras.iter().map(|e| (*e).to_owned()));
        } else {
            places.insert((canonical(name), version), facts.provides.len());
            facts.provides.push(provide(package, name, version, &extras, old_files));
        }
    }
    facts
}

fn provide(package: Node<'_>, name: &str, version: &str, extras: &[&str], old_files: Option<Node<'_>>) -> Provide {
    let files = package.get("files").or_else(|| old_files?.get(&format!("{name} {version}")));
    let git = text(package, "git").map(|url| {
        let at = text(package, "revision").or_else(|| text(package, "ref"));
        format!("git+{url}{}", at.map_or(String::new(), |at| format!("@{at}")))
    });
    let path = text(package, "path");
    let origin = git.or_else(|| path.or_else(|| text(package, "url")).map(str::to_owned));
    let archive = path.is_some_and(|p| p.ends_with(".whl") || p.ends_with(".gz") || p.ends_with(".zip"));
    Provide {
        package: name.to_owned(),
        version: version.to_owned(),
        features: extras.iter().map(|e| (*e).to_owned()).collect(),
        artifacts: files.iter().flat_map(Node::items).map(artifact).collect(),
        first_party: path.is_some() && !archive,
        origin: origin.map(|o| without_credentials(&o)),
        condition: text(package, "marker").map(str::to_owned),
        line: package.line(),
        ..Provide::default()
    }
}

fn take_edges(package: Node<'_>, from: &str, extras: &[&str], facts: &mut Facts) {
    let feature = (!extras.is_empty()).then(|| extras.iter().map(|e| extra(e)).collect::<Vec<_>>().join(" or "));
    for dependency in package.get("dependencies").iter().flat_map(Node::strings) {
        let parsed = requirement::parse(dependency.text);
        facts.problems.extend(parsed.problem_at(dependency.line));
        // The entry of an extra names its own package first.
        if parsed.name.is_empty() || (feature.is_some() && canonical(&parsed.name) == canonical(from)) {
            continue;
        }
        let condition = marker::both([feature.clone(), parsed.condition.clone()]);
        let plain = edge(from, "", dependency.line);
        facts.requires.push(Require { from: plain.from, condition, ..parsed.declared(dependency.line) });
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_facts, show, source};
    use super::*;
    use proptest::prelude::*;

    const SAMPLE: &str = r#"[metadata]
groups = ["default", "dev"]
strategy = ["inherit_metadata"]
lock_version = "4.5.0"
content_hash = "sha256:00"

[[metadata.targets]]
requires_python = ">=3.11"

[[package]]
name = "plum"
version = "1.0"
requires_python = ">=3.8"
groups = ["default"]
marker = "os_name == 'posix'"
dependencies = ["pear>=1", "kiwi[x]; python_version < '3.11'"]
files = [{file = "plum-1.0-py3-none-any.whl", hash = "sha256:aa"}]

[[package]]
name = "plum"
version = "1.0"
extras = ["jam"]
dependencies = ["plum==1.0", "sugar>=2"]

[[package]]
name = "fig"
version = "2"
git = "https://u:secret@h.example.invalid/fig.git"
ref = "main"
revision = "abc"

[[package]]
name = "shed"
version = "0"
path = "./libs/shed"
editable = true
"#;

    fn check(text: &str) -> String {
        show(text.as_bytes(), &read(&source("pdm.lock", text.as_bytes())))
    }

    #[test]
    fn packages_edges_and_extras() {
        insta::assert_snapshot!(check(SAMPLE), @"
        lock manager=pdm runtime=>=3.11
        16: plum -> pear >=1
        16: plum -> kiwi[x] ; python_version < '3.11'
        23: plum -> sugar >=2 ; extra == 'jam'
        10: provides plum 1.0 [jam] ; os_name == 'posix' <plum-1.0-py3-none-any.whl sha256:aa ->
        25: provides fig 2 @ git+https://h.example.invalid/fig.git@abc
        32: provides shed 0 first-party @ ./libs/shed
        ");
    }

    #[test]
    fn files_of_older_locks() {
        insta::assert_snapshot!(check("[[package]]\nname = 'plum'\nversion = '1'\n[metadata]\nlock_version = '4.0'\n[metadata.files]\n'plum 1' = [{url = 'https://r.example.invalid/plum-1-py3-none-any.whl', hash = 'sha256:aa'}]\n"), @"
        lock manager=pdm
        1: provides plum 1 <plum-1-py3-none-any.whl sha256:aa ->
        ");
    }

    proptest! {
        #[test]
        fn no_cut_panics(cut in 0..SAMPLE.len()) {
            check_facts(&SAMPLE.as_bytes()[..cut], &read(&source("pdm.lock", &SAMPLE.as_bytes()[..cut])));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            check_facts(&bytes, &read(&source("pdm.lock", &bytes)));
        }
    }
}
