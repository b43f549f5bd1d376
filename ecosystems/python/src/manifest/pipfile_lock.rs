//! `Pipfile.lock` ([format](https://github.com/pypa/pipfile#pipfilelock)): the closure of each category, without its edges.

use super::credentials::without_credentials;
use super::list::exact;
use super::pipfile::category_group;
use crate::marker;
use depslim_formats::json::{self, Dialect, Kind, Node};
use depslim_formats::text::decode;
use depslim_model::{Artifact, Facts, Manifest, Problem, Provide, Require, Role, Source};
use std::collections::BTreeSet;

/// Reads the file.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let doc = match json::parse(&decoded.text, Dialect::Strict) {
        Ok(doc) => doc,
        Err(problem) => return Facts::broken(Problem { message: without_credentials(&problem.message), ..problem }),
    };
    let root = doc.root();
    let requires = |key: &str| doc.at(&["_meta", "requires", key]).and_then(|n| n.text().or_else(|| n.number()));
    let runtime = requires("python_full_version").map(|v| format!("=={v}"));
    let runtime = runtime.or_else(|| requires("python_version").map(|v| format!("=={v}.*")));
    let mut facts = Facts {
        manifest: Some(Manifest { role: Role::Lock, manager: Some("pipenv".into()), runtime, ..Manifest::default() }),
        problems: decoded.problems.clone(),
        ..Facts::default()
    };
    if root.kind() != Kind::Object {
        return Facts::broken(Problem::fatal(1, "not a Pipfile.lock: no object"));
    }
    let mut known = BTreeSet::new();
    for (category, packages) in root.entries().filter(|(name, _)| *name != "_meta") {
        let (group, group_name) = category_group(category, source.settings);
        for (name, value) in packages.entries() {
            if value.kind() != Kind::Object {
                facts.problems.push(Problem::at(value.line(), format!("{name}: not an object")));
                continue;
            }
            let require = required(name, value);
            let exact = require.version.as_deref().and_then(exact).unwrap_or_default();
            if known.insert((name.to_owned(), exact.to_owned())) {
                facts.provides.push(provide(name, exact, value, &require));
            }
            facts.requires.push(Require { group, group_name: group_name.clone(), ..require });
        }
    }
    facts
}

fn text<'d>(value: Node<'d>, key: &str) -> Option<&'d str> {
    value.get(key)?.text()
}

fn required(name: &str, value: Node<'_>) -> Require {
    let git = text(value, "git")
        .map(|url| format!("git+{url}{}", text(value, "ref").map_or(String::new(), |at| format!("@{at}"))));
    let origin = git.or_else(|| ["file", "path"].into_iter().find_map(|key| text(value, key)).map(str::to_owned));
    Require {
        name: name.to_owned(),
        features: value.get("extras").iter().flat_map(Node::strings).map(|(e, _)| e.to_owned()).collect(),
        version: text(value, "version").filter(|v| *v != "*").map(str::to_owned),
        condition: marker::both([text(value, "markers").map(str::to_owned)]),
        origin: origin.map(|o| without_credentials(&o)),
        line: value.line(),
        ..Require::default()
    }
}

fn provide(name: &str, version: &str, value: Node<'_>, require: &Require) -> Provide {
    let archive = |path: &str| [".whl", ".gz", ".zip"].iter().any(|end| path.ends_with(end));
    let hash = |hash: &str| Artifact { hash: Some(hash.to_owned()), ..Artifact::default() };
    Provide {
        package: name.to_owned(),
        version: version.to_owned(),
        artifacts: value.get("hashes").iter().flat_map(Node::strings).map(|(h, _)| hash(h)).collect(),
        first_party: text(value, "path").is_some_and(|p| !archive(p)),
        origin: require.origin.clone(),
        line: require.line,
        ..Provide::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_facts, show, source};
    use super::*;
    use proptest::prelude::*;

    const SAMPLE: &str = r#"{
    "_meta": {"hash": {"sha256": "00"}, "requires": {"python_version": "3.12"}},
    "default": {
        "plum": {
            "extras": ["jam"],
            "hashes": ["sha256:aa", "sha256:bb"],
            "markers": "python_version >= '3.9'",
            "version": "==1.0"
        },
        "fig": {"git": "https://u:secret@h.example.invalid/fig.git", "ref": "abc"},
        "shed": {"editable": true, "path": "./shed"},
        "odd": 1
    },
    "develop": {"plum": {"version": "==1.0"}, "pytest": {"version": "==8.0"}},
    "docs": {"sphinx": {"version": "*"}}
}
"#;

    fn check(text: &str) -> String {
        show(text.as_bytes(), &read(&source("Pipfile.lock", text.as_bytes())))
    }

    #[test]
    fn categories_and_packages() {
        insta::assert_snapshot!(check(SAMPLE), @"
        lock manager=pipenv runtime===3.12.*
        4: plum[jam] ==1.0 ; python_version >= '3.9'
        10: fig @ git+https://h.example.invalid/fig.git@abc
        11: shed @ ./shed
        14: plum ==1.0 (dev:dev)
        14: pytest ==8.0 (dev:dev)
        15: sphinx (dev:docs)
        4: provides plum 1.0 < sha256:aa -> < sha256:bb ->
        10: provides fig  @ git+https://h.example.invalid/fig.git@abc
        11: provides shed  first-party @ ./shed
        14: provides pytest 8.0
        15: provides sphinx 
        12: problem: odd: not an object
        ");
    }

    #[test]
    fn what_can_go_wrong() {
        insta::assert_snapshot!(check("{\n  \"default\": {\n"), @"2: fatal: not valid JSON: unterminated object");
        insta::assert_snapshot!(check("[]"), @"1: fatal: not a Pipfile.lock: no object");
        insta::assert_snapshot!(check(""), @"1: fatal: not valid JSON: the file is empty");
    }

    proptest! {
        #[test]
        fn no_cut_panics(cut in 0..SAMPLE.len()) {
            check_facts(&SAMPLE.as_bytes()[..cut], &read(&source("Pipfile.lock", &SAMPLE.as_bytes()[..cut])));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            check_facts(&bytes, &read(&source("Pipfile.lock", &bytes)));
        }
    }
}
