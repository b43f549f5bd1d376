//! `Cargo.toml` ([the manifest format](https://doc.rust-lang.org/cargo/reference/manifest.html)): what is declared, what the targets
//! are, which features lead to which dependencies. Cargo itself is never asked: a project's own configuration could make it run
//! anything.
//!
//! What has no place of its own in [`Facts`] is written as uses that `join` reads:
//!
//! | how | name | value |
//! | --- | --- | --- |
//! | `Setting` | `features.NAME` | one value of the feature (`dep:x`, `x/y`, `x?/y`, `x`) |
//! | `Setting` | `ignored by TOOL` | a dependency's key |
//! | `Setting` | `artifact` | a dependency's key: its programs are built, its library is not linked |

mod dependencies;
mod features;
pub(crate) mod lock;
pub(crate) mod workspace;

pub(crate) use dependencies::{Declaration, declarations};

use depslim_formats::text::decode;
use depslim_formats::toml::{self, Doc, Node};
use depslim_model::facts::{Entry, Plugin};
use depslim_model::{Facts, Group, How, Layer, Manifest, Problem, Provide, Reader, Role, Source, Strength, Use};

/// Manifests and locks.
pub(crate) const READERS: [Reader; 2] = [
    Reader { name: "Cargo.toml", layer: Layer::Manifest, globs: &["Cargo.toml"], read },
    Reader { name: "Cargo.lock", layer: Layer::Manifest, globs: &["Cargo.lock"], read: lock::read },
];

/// What stands in [`depslim_model::Plugin::group`] of a package whose macros run in the compiler.
pub(crate) const PROC_MACRO: &str = "proc-macro";

/// What [`depslim_model::Require::from`] says of lines that members may inherit.
pub(crate) const WORKSPACE: &str = "workspace.dependencies";

/// What [`depslim_model::Require::origin`] says of a line whose content is inherited, until [`workspace::settle`] knows it.
pub(crate) const INHERITED: &str = "workspace = true";

/// Reads a manifest.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let doc = match toml::parse(&decoded.text) {
        Ok(doc) => doc,
        Err(problem) => return Facts::broken(problem),
    };
    let mut facts = Facts::default();
    facts.problems.extend(decoded.problems.iter().map(|p| Problem::at(p.line.max(1), p.message.clone())));
    read_doc(&doc, &mut facts);
    features::choose(&doc, source.settings, &mut facts);
    facts
}

/// Reads a parsed manifest.
pub(crate) fn read_doc(doc: &Doc<'_>, facts: &mut Facts) {
    let root = doc.root();
    let package = root.get("package").or_else(|| root.get("project"));
    let name = package.and_then(|p| p.get("name")).and_then(|n| n.text()).map(str::to_owned);
    let members = doc.at(&["workspace", "members"]);
    if package.is_none() && root.get("workspace").is_none() {
        facts.problems.push(Problem::at(1, "neither a package nor a workspace: nothing to read"));
    }
    facts.manifest = Some(Manifest {
        role: Role::Manifest,
        name: name.clone(),
        manager: Some("cargo".into()),
        members: members.iter().flat_map(Node::strings).map(|s| s.text.to_owned()).collect(),
        ..Manifest::default()
    });
    dependencies::read(doc, facts);
    if let Some(name) = name {
        facts.provides.push(own(doc, package, &name));
    }
    if let Some(package) = package {
        targets(doc, package, facts);
    }
    for (feature, values) in root.get("features").iter().flat_map(Node::entries) {
        for value in values.strings() {
            setting(facts, format!("features.{feature}"), value.text, value.line);
        }
    }
    ignored(doc, facts);
    for found in declarations(doc).iter().filter(|found| found.node.get("artifact").is_some()) {
        setting(facts, "artifact".into(), workspace::key(&found.require), found.node.line());
    }
}

/// The package that the manifest makes: the name that code knows its library by, and whether it holds macros for the compiler.
fn own(doc: &Doc<'_>, package: Option<Node<'_>>, name: &str) -> Provide {
    let lib = doc.at(&["lib"]);
    let text = |key: &str| package.and_then(|p| p.get(key)).and_then(|n| n.text()).unwrap_or_default().to_owned();
    let flag = |key: &str| lib.and_then(|l| l.get(key)).and_then(|n| n.boolean()) == Some(true);
    let known = lib.and_then(|l| l.get("name")).and_then(|n| n.text());
    let macros = flag("proc-macro") || flag("proc_macro");
    Provide {
        package: name.to_owned(),
        version: text("version"),
        modules: vec![known.map_or_else(|| crate::names::code_name(name), crate::names::code_name)],
        plugins: if macros {
            vec![Plugin { group: PROC_MACRO.into(), name: name.to_owned(), target: String::new() }]
        } else {
            Vec::new()
        },
        features: doc.at(&["features"]).iter().flat_map(Node::entries).map(|(name, _)| name.to_owned()).collect(),
        first_party: true,
        license: package.and_then(|p| p.get("license")).and_then(|n| n.text()).map(str::to_owned),
        line: package.map_or(1, |p| p.line().max(1)),
        ..Provide::default()
    }
}

/// Files that the manifest names as targets.
fn targets(doc: &Doc<'_>, package: Node<'_>, facts: &mut Facts) {
    let mut add = |path: Option<Node<'_>>, group| {
        if let Some(path) = path.and_then(|p| p.located()) {
            facts.entries.push(Entry { target: path.text.to_owned(), group, line: path.line });
        }
    };
    add(doc.at(&["lib", "path"]), Group::Prod);
    for (table, group) in [("bin", Group::Prod), ("test", Group::Dev), ("bench", Group::Dev), ("example", Group::Dev)] {
        for target in doc.at(&[table]).iter().flat_map(Node::items) {
            add(target.get("path"), group);
        }
    }
    add(package.get("build"), Group::Build);
}

/// Dependencies that other tools were told to leave alone.
fn ignored(doc: &Doc<'_>, facts: &mut Facts) {
    for above in ["package", "workspace"] {
        for (tool, keys) in [
            ("cargo-machete", &["ignored"][..]),
            ("cargo-shear", &["ignored"]),
            ("cargo-udeps", &["ignore", "normal"]),
            ("cargo-udeps", &["ignore", "development"]),
            ("cargo-udeps", &["ignore", "build"]),
        ] {
            let path: Vec<&str> = [above, "metadata", tool].into_iter().chain(keys.iter().copied()).collect();
            for name in doc.at(&path).iter().flat_map(Node::strings) {
                setting(facts, format!("ignored by {tool}"), name.text, name.line);
            }
        }
    }
}

fn setting(facts: &mut Facts, name: String, value: &str, line: u32) {
    facts.uses.push(Use { how: How::Setting, name, value: value.to_owned(), strength: Strength::Lazy, line });
}

#[cfg(test)]
mod tests;
