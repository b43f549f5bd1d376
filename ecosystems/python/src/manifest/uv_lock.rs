//! `uv.lock`, version 1 ([format](https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile)).

use super::classify;
use super::credentials::without_credentials;
use super::lock_file::{self, artifact, edge, extra, text};
use crate::marker;
use depslim_formats::toml::{Doc, Node};
use depslim_model::{Facts, Group, Manifest, Problem, Provide, Require, Role, Settings, Source};

/// Reads the file.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    lock_file::read(source, |doc, source| take(doc, source.settings))
}

/// The newest version of the format that is understood.
const VERSION: i64 = 1;

fn take(doc: &Doc<'_>, settings: &Settings) -> Facts {
    let root = doc.root();
    let mut facts = Facts::default();
    if let Some(version) = root.get("version").filter(|v| v.integer().is_some_and(|n| n > VERSION)) {
        let number = version.integer().unwrap_or_default();
        facts.problems.push(Problem::at(version.line(), format!("version {number} of the lock's format is newer than {VERSION}, the one known here: some of it may be read wrongly")));
    }
    let mut manifest = Manifest {
        role: Role::Lock,
        manager: Some("uv".into()),
        runtime: text(root, "requires-python").map(str::to_owned),
        ..Manifest::default()
    };
    for package in root.get("package").iter().flat_map(Node::items) {
        let Some(name) = text(package, "name") else {
            facts.problems.push(Problem::at(package.line(), "a package without a name"));
            continue;
        };
        let place = place(package);
        if place == Place::Root {
            manifest.name = Some(name.to_owned());
        }
        facts.provides.push(provide(package, name, &place));
        take_edges(package, name, &place, settings, &mut facts.requires);
    }
    for (name, requirements) in root.at(&["manifest", "dependency-groups"]).iter().flat_map(Node::entries) {
        facts.requires.extend(requirements.items().filter_map(|r| grouped(r, name, settings)));
    }
    for requirement in root.at(&["manifest", "requirements"]).iter().flat_map(Node::items) {
        facts.requires.extend(required(requirement));
    }
    facts.manifest = Some(manifest);
    facts
}

/// Where a package comes from.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Registry,
    /// The project that the lock belongs to.
    Root,
    /// Other code of the same people.
    Own(String),
    Elsewhere(String),
}

fn place(package: Node<'_>) -> Place {
    let Some(source) = package.get("source") else { return Place::Registry };
    let own = ["virtual", "editable", "directory"].into_iter().find_map(|key| text(source, key));
    match own {
        Some("." | "") => return Place::Root,
        Some(path) => return Place::Own(path.to_owned()),
        None => {}
    }
    let git = text(source, "git").map(git_address);
    match git.or_else(|| ["url", "path"].into_iter().find_map(|key| text(source, key)).map(str::to_owned)) {
        Some(origin) => Place::Elsewhere(without_credentials(&origin)),
        None => Place::Registry,
    }
}

/// uv writes `URL?rev=main&subdirectory=py#COMMIT`; pip understands `git+URL@COMMIT#subdirectory=py`.
fn git_address(git: &str) -> String {
    let (front, commit) = git.split_once('#').unwrap_or((git, ""));
    let (url, query) = front.split_once('?').unwrap_or((front, ""));
    let folder = query.split('&').find_map(|p| p.strip_prefix("subdirectory="));
    let folder = folder.map_or(String::new(), |f| format!("#subdirectory={f}"));
    let at = if commit.is_empty() { String::new() } else { format!("@{commit}") };
    format!("git+{url}{at}{folder}")
}

fn provide(package: Node<'_>, name: &str, place: &Place) -> Provide {
    let wheels = package.get("wheels");
    let artifacts = wheels.iter().flat_map(Node::items).chain(package.get("sdist")).map(artifact).collect();
    let forks: Vec<&str> = package.get("resolution-markers").iter().flat_map(Node::strings).map(|s| s.text).collect();
    Provide {
        package: name.to_owned(),
        version: text(package, "version").unwrap_or_default().to_owned(),
        features: package
            .get("optional-dependencies")
            .iter()
            .flat_map(Node::entries)
            .map(|(n, _)| n.to_owned())
            .collect(),
        artifacts,
        first_party: matches!(place, Place::Root | Place::Own(_)),
        origin: match place {
            Place::Registry => None,
            Place::Root => Some(".".into()),
            Place::Own(origin) | Place::Elsewhere(origin) => Some(origin.clone()),
        },
        condition: either(&forks),
        line: package.line(),
        ..Provide::default()
    }
}

/// The condition that holds when one of these does.
fn either(conditions: &[&str]) -> Option<String> {
    match conditions {
        [] => None,
        [one] => Some((*one).to_owned()),
        several => Some(several.iter().map(|c| format!("({c})")).collect::<Vec<_>>().join(" or ")),
    }
}

fn take_edges(package: Node<'_>, name: &str, place: &Place, settings: &Settings, out: &mut Vec<Require>) {
    let root = *place == Place::Root;
    let from = |require: Require| if root { require } else { Require { from: Some(name.to_owned()), ..require } };
    if root {
        // Other members of the workspace may require it, and all that it brings.
        take_edges(package, name, &Place::Own(String::new()), settings, out);
    }
    for requirement in package.get("dependencies").iter().flat_map(Node::items) {
        out.extend(required(requirement).map(from));
    }
    for (feature, requirements) in package.get("optional-dependencies").iter().flat_map(Node::entries) {
        for requirement in requirements.items() {
            if root {
                out.extend(grouped(requirement, feature, settings));
            } else if let Some(require) = required(requirement) {
                let condition = marker::both([Some(extra(feature)), require.condition.clone()]);
                out.push(Require { condition, ..from(require) });
            }
        }
    }
    // Older locks call the table of groups `dev-dependencies` too.
    for (group, requirements) in package.get("dev-dependencies").iter().flat_map(Node::entries) {
        for requirement in requirements.items() {
            let require = grouped(requirement, group, settings);
            // A group is never part of what a package brings.
            let whom = |r: &Require| if root { r.group } else { Group::Dev };
            out.extend(require.map(|r| from(Require { group: whom(&r), ..r })));
        }
    }
}

fn grouped(requirement: Node<'_>, name: &str, settings: &Settings) -> Option<Require> {
    let require = required(requirement)?;
    Some(Require { group: classify::group(name, settings), group_name: Some(name.to_owned()), ..require })
}

fn required(requirement: Node<'_>) -> Option<Require> {
    let name = text(requirement, "name")?;
    let extras = requirement.get("extra").or_else(|| requirement.get("extras"));
    Some(Require {
        from: None,
        features: extras.iter().flat_map(Node::strings).map(|s| s.text.to_owned()).collect(),
        version: text(requirement, "version").or_else(|| text(requirement, "specifier")).map(str::to_owned),
        condition: text(requirement, "marker").map(str::to_owned),
        ..edge("", name, requirement.line())
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_facts, show, source};
    use super::*;
    use proptest::prelude::*;

    const SAMPLE: &str = r#"version = 1
revision = 3
requires-python = ">=3.11"

[manifest]
members = ["orchard", "shed"]
[manifest.dependency-groups]
ops = [{ name = "quince", specifier = ">=1" }]

[[package]]
name = "orchard"
version = "0.1.0"
source = { virtual = "." }
dependencies = [
    { name = "plum", extra = ["jam"] },
    { name = "pear", version = "1.0", source = { registry = "https://r.example.invalid/simple" }, marker = "python_full_version < '3.12'" },
    { name = "shed" },
]
[package.optional-dependencies]
s3 = [{ name = "kiwi" }]
[package.dev-dependencies]
test = [{ name = "pytest" }]

[[package]]
name = "shed"
source = { editable = "libs/shed" }
dependencies = [{ name = "fig" }]
[package.dev-dependencies]
main = [{ name = "ruff" }]

[[package]]
name = "plum"
version = "2.0"
source = { registry = "https://r.example.invalid/simple" }
dependencies = [{ name = "sloe", marker = "sys_platform == 'win32' or sys_platform == 'linux'" }]
sdist = { url = "https://r.example.invalid/f/plum-2.0.tar.gz", hash = "sha256:aa", size = 10 }
wheels = [
    { url = "https://r.example.invalid/f/plum-2.0%2Bcpu-py3-none-any.whl", hash = "sha256:bb", size = 20 },
]
[package.optional-dependencies]
jam = [{ name = "sugar", marker = "sys_platform == 'win32' or sys_platform == 'linux'" }]

[[package]]
name = "pear"
version = "1.0"
source = { registry = "https://r.example.invalid/simple" }
resolution-markers = ["python_full_version < '3.12'", "python_full_version >= '3.14'"]

[[package]]
name = "fig"
version = "1.0"
source = { git = "https://u:secret@h.example.invalid/fig?subdirectory=py&rev=main#abc" }
"#;

    fn check(text: &str) -> String {
        show(text.as_bytes(), &read(&source("uv.lock", text.as_bytes())))
    }

    #[test]
    fn packages_edges_groups_and_forks() {
        insta::assert_snapshot!(check(SAMPLE), @"
        lock name=orchard manager=uv runtime=>=3.11
        15: orchard -> plum[jam]
        16: orchard -> pear 1.0 ; python_full_version < '3.12'
        17: orchard -> shed
        20: orchard -> kiwi ; extra == 's3'
        22: orchard -> pytest (dev:test)
        15: plum[jam]
        16: pear 1.0 ; python_full_version < '3.12'
        17: shed
        20: kiwi (optional:s3)
        22: pytest (dev:test)
        27: shed -> fig
        29: shed -> ruff (dev:main)
        35: plum -> sloe ; sys_platform == 'win32' or sys_platform == 'linux'
        41: plum -> sugar ; extra == 'jam' and (sys_platform == 'win32' or sys_platform == 'linux')
        8: quince >=1 (optional:ops)
        10: provides orchard 0.1.0 first-party [s3] @ .
        24: provides shed  first-party @ libs/shed
        31: provides plum 2.0 [jam] <plum-2.0+cpu-py3-none-any.whl sha256:bb 20> <plum-2.0.tar.gz sha256:aa 10>
        43: provides pear 1.0 ; (python_full_version < '3.12') or (python_full_version >= '3.14')
        49: provides fig 1.0 @ git+https://h.example.invalid/fig@abc#subdirectory=py
        ");
    }

    #[test]
    fn what_can_go_wrong() {
        insta::assert_snapshot!(check("version = 9\n[[package]]\nversion = '1'\n[[package]]\nname = 'plum'\ndependencies = 'x'\nwheels = [1]\n"), @"
        lock manager=uv
        4: provides plum  < - ->
        1: problem: version 9 of the lock's format is newer than 1, the one known here: some of it may be read wrongly
        2: problem: a package without a name
        ");
        insta::assert_snapshot!(check("version = 1\n[[package]\n"), @"2: fatal: not valid TOML: unclosed array table, expected `]`");
    }

    proptest! {
        #[test]
        fn no_cut_panics(cut in 0..SAMPLE.len()) {
            check_facts(&SAMPLE.as_bytes()[..cut], &read(&source("uv.lock", &SAMPLE.as_bytes()[..cut])));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            check_facts(&bytes, &read(&source("uv.lock", &bytes)));
        }
    }
}
