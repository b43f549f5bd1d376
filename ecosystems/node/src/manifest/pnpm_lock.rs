//! `pnpm-lock.yaml` of the versions 5, 6 and 9, also where several documents stand in one file.
//!
//! A package's key is what the lock calls it (`/name/1.0.0_peer`, `/name@1.0.0(peer)`, `name@1.0.0(peer)`).

use super::lock;
use depslim_formats::text::decode;
use depslim_formats::yaml::{self, Kind, Node};
use depslim_model::{Facts, Problem, Require, Source};
use std::collections::HashMap;

const MANAGER: &str = "pnpm";

/// How a version of the format writes keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `/name/1.0.0_peer`.
    Slashes,
    /// `/name@1.0.0(peer)`.
    Slash,
    /// `name@1.0.0(peer)`.
    Plain,
}

/// Reads a lock.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let yaml = yaml::read(&decoded.text);
    if let Some(problem) = yaml.problems.first() {
        return lock::broken(MANAGER, problem.clone());
    }
    let mut facts = lock::of(MANAGER);
    let documents: Vec<Node<'_>> = yaml.documents().filter(|doc| doc.get("lockfileVersion").is_some()).collect();
    if documents.is_empty() {
        return lock::broken(MANAGER, Problem::at(1, "no lockfileVersion: run pnpm install to make the lock again"));
    }
    // The last document is the project's; one before it locks the client itself.
    if let Some(document) = documents.last() {
        take(*document, &mut facts);
    }
    facts
}

fn take(root: Node<'_>, facts: &mut Facts) {
    let version = root.get("lockfileVersion").and_then(|node| node.text()).unwrap_or_default();
    let form = match version.split('.').next().and_then(|major| major.parse::<u32>().ok()) {
        Some(..=5) => Form::Slashes,
        Some(6..=8) => Form::Slash,
        _ => Form::Plain,
    };
    match root.get("importers") {
        Some(importers) => {
            let names = member_names(importers);
            for entry in importers.entries() {
                importer(entry.key, entry.value, entry.line, form, &names, facts);
            }
        }
        None => importer(".", root, 0, form, &HashMap::new(), facts),
    }
    let packages = root.get("packages");
    let edges = root.get("snapshots").or(packages);
    let told: HashMap<&str, Node<'_>> =
        packages.into_iter().flat_map(|packages| packages.entries()).map(|entry| (entry.key, entry.value)).collect();
    for entry in edges.into_iter().flat_map(|table| table.entries()) {
        let key = entry.key;
        let Some((name, version)) = parts(key, form) else { continue };
        let about = if form == Form::Plain { told.get(base(key)).copied() } else { Some(entry.value) };
        let text = |path: [&str; 2]| about.and_then(|node| node.get(path[0])?.get(path[1])?.text());
        if let Some(folder) = text(["resolution", "directory"]) {
            facts.provides.push(lock::member(name, folder, key, entry.line));
        } else {
            let mut provide = lock::package(name, version, key, entry.line);
            provide.condition = about.and_then(condition);
            provide.artifacts = lock::archive(name, version, text(["resolution", "integrity"]));
            facts.provides.push(provide);
        }
        for table in ["dependencies", "optionalDependencies"] {
            for required in entry.value.get(table).into_iter().flat_map(|table| table.entries()) {
                let Some(version) = required.value.text() else { continue };
                let found = target(required.key, version, form);
                let edge = lock::edge(Some((name, key)), required.key, Some(&found), required.line);
                // Peers stand among what a package got; that it left them to its users is said beside.
                let peer = about.and_then(|node| node.get("peerDependencies")?.get(required.key)).is_some();
                let optional = about
                    .and_then(|node| node.get("peerDependenciesMeta")?.get(required.key)?.get("optional")?.text())
                    .is_some_and(|said| said == "true");
                let condition = (peer && optional).then(|| crate::platform::IF_BROUGHT.to_owned());
                facts.requires.push(Require { peer, condition, ..edge });
            }
        }
    }
}

/// What the projects of the workspace are called, by folder. The lock does not say it of them, only of who links to them.
fn member_names(importers: Node<'_>) -> HashMap<String, &str> {
    let mut names = HashMap::new();
    for importer in importers.entries() {
        let tables = lock::TABLES.iter().filter_map(|(table, ..)| importer.value.get(table));
        for required in tables.flat_map(|table| table.entries()) {
            let version = required.value.text().or_else(|| required.value.get("version")?.text()).unwrap_or_default();
            let folder = version.strip_prefix("link:").and_then(|path| member_folder(importer.key, path));
            let specifier = required.value.get("specifier").and_then(|node| node.text()).unwrap_or_default();
            if let Some(folder) = folder {
                // `npm:name@1` and `workspace:name@*` say what the link is called where it comes from.
                let said = specifier.strip_prefix("npm:").or_else(|| specifier.strip_prefix("workspace:"));
                let said = said.map(|said| lock::split(said).map_or(said, |(name, _)| name));
                let name = said.filter(|name| name.starts_with(|c: char| c == '@' || c.is_ascii_alphabetic()));
                names.entry(folder).or_insert(name.unwrap_or(required.key));
            }
        }
    }
    names
}

/// A project of the workspace; the one in the lock's own folder is the project itself.
fn importer(folder: &str, node: Node<'_>, line: u32, form: Form, names: &HashMap<String, &str>, facts: &mut Facts) {
    let name = names.get(folder).copied().unwrap_or(folder);
    let owner = (folder != ".").then_some((name, folder));
    if owner.is_some() {
        facts.provides.push(lock::member(name, folder, folder, line));
    }
    for (table, group, _) in lock::TABLES.iter().filter(|(_, _, peer)| !peer) {
        for required in node.get(table).into_iter().flat_map(|table| table.entries()) {
            let version = required.value.text().or_else(|| required.value.get("version")?.text()).unwrap_or_default();
            let found = match version.strip_prefix("link:") {
                Some(path) => member_folder(folder, path),
                None => Some(target(required.key, version, form)),
            };
            let edge = lock::edge(owner, required.key, found.as_deref(), required.line);
            let said = required.value.get("specifier").and_then(|node| node.text()).map(str::to_owned);
            facts.requires.push(Require { group: *group, version: said, ..edge });
        }
    }
}

/// The folder of a member that a path from another one leads to.
fn member_folder(from: &str, path: &str) -> Option<String> {
    let from = if from == "." { "x".to_owned() } else { format!("{from}/x") };
    crate::modules::absolute(&from, &format!("./{path}"))
}

/// The key that a name and a version mean together.
fn target(name: &str, version: &str, form: Form) -> String {
    let whole = match form {
        Form::Slashes | Form::Slash => version.starts_with('/') || version.contains(':') || version.contains(".com/"),
        // An alias says the whole key.
        Form::Plain => !version.starts_with(|c: char| c.is_ascii_digit()) && base(version).contains('@'),
    };
    match form {
        _ if whole => version.to_owned(),
        Form::Slashes => format!("/{name}/{version}"),
        Form::Slash => format!("/{name}@{version}"),
        Form::Plain => format!("{name}@{version}"),
    }
}

/// Name and version of a key.
fn parts(key: &str, form: Form) -> Option<(&str, &str)> {
    match form {
        Form::Slashes => {
            let rest = key.strip_prefix('/')?;
            let scope = if rest.starts_with('@') { rest.find('/')? + 1 } else { 0 };
            let at = scope + rest[scope..].find('/')?;
            let version = &rest[at + 1..];
            Some((&rest[..at], version.split('_').next().unwrap_or(version)))
        }
        Form::Slash | Form::Plain => lock::split(base(key.trim_start_matches('/'))),
    }
}

/// The key without what its peers are.
fn base(key: &str) -> &str {
    key.split('(').next().unwrap_or(key)
}

fn condition(about: Node<'_>) -> Option<String> {
    let part = |field: &&str| {
        let values: Vec<&str> = about.get(field)?.strings().map(|(value, _)| value).collect();
        (!values.is_empty()).then(|| format!("{field}={}", values.join(",")))
    };
    let parts: Vec<String> = ["os", "cpu", "libc"].iter().filter_map(part).collect();
    (about.kind() == Kind::Mapping && !parts.is_empty()).then(|| parts.join(" & "))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, facts};
    use super::*;

    #[test]
    fn version_nine_has_snapshots_and_importers() {
        check(
            read,
            "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    devDependencies:\n      fig:\n        specifier: ^2\n        version: 2.0.0\n\n  apps/web:\n    dependencies:\n      plum:\n        specifier: ^1\n        version: 1.0.0(tree@3.0.0)\n      old:\n        specifier: npm:stone@1\n        version: stone@1.0.0\n      soil:\n        specifier: workspace:*\n        version: link:../../packages/soil\n\n  packages/soil: {}\n\npackages:\n\n  fig@2.0.0:\n    resolution: {integrity: sha512-a}\n    os: [linux]\n\n  plum@1.0.0:\n    resolution: {integrity: sha512-b}\n    peerDependencies:\n      tree: '*'\n\n  stone@1.0.0:\n    resolution: {integrity: sha512-c}\n\n  tree@3.0.0:\n    resolution: {integrity: sha512-d}\n\nsnapshots:\n\n  fig@2.0.0: {}\n\n  plum@1.0.0(tree@3.0.0):\n    dependencies:\n      tree: 3.0.0\n\n  stone@1.0.0: {}\n\n  tree@3.0.0: {}\n",
            &[
                "own fig = fig@2.0.0 (dev)",
                "apps/web: apps/web in apps/web",
                "  plum = plum@1.0.0(tree@3.0.0)",
                "  old = stone@1.0.0",
                "  soil = packages/soil",
                "fig@2.0.0: fig 2.0.0 if os=linux",
                "packages/soil: soil in packages/soil",
                "plum@1.0.0(tree@3.0.0): plum 1.0.0",
                "  tree = tree@3.0.0 (peer)",
                "stone@1.0.0: stone 1.0.0",
                "tree@3.0.0: tree 3.0.0",
            ],
        );
    }

    #[test]
    fn older_versions_write_slashes() {
        check(
            read,
            "lockfileVersion: 5.4\nspecifiers:\n  '@fruit/pear': ^1\ndependencies:\n  '@fruit/pear': 1.0.0_tree@3.0.0\npackages:\n\n  /@fruit/pear/1.0.0_tree@3.0.0:\n    resolution: {integrity: sha512-a}\n    dependencies:\n      stone: 2.0.0\n    dev: false\n\n  /stone/2.0.0:\n    resolution: {integrity: sha512-b}\n    dev: false\n",
            &[
                "own @fruit/pear = /@fruit/pear/1.0.0_tree@3.0.0",
                "/@fruit/pear/1.0.0_tree@3.0.0: @fruit/pear 1.0.0",
                "  stone = /stone/2.0.0",
                "/stone/2.0.0: stone 2.0.0",
            ],
        );
        check(
            read,
            "lockfileVersion: '6.0'\ndependencies:\n  plum:\n    specifier: ^1\n    version: 1.0.0(tree@3.0.0)\npackages:\n\n  /plum@1.0.0(tree@3.0.0):\n    resolution: {integrity: sha512-a}\n",
            &["own plum = /plum@1.0.0(tree@3.0.0)", "/plum@1.0.0(tree@3.0.0): plum 1.0.0"],
        );
    }

    #[test]
    fn of_several_documents_the_last_is_the_projects() {
        check(
            read,
            "---\nlockfileVersion: '9.0'\nimporters:\n  .:\n    packageManagerDependencies:\n      pnpm:\n        version: 11.0.0\n---\nlockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      plum:\n        specifier: ^1\n        version: 1.0.0\nsnapshots:\n  plum@1.0.0: {}\n",
            &["own plum = plum@1.0.0", "plum@1.0.0: plum 1.0.0"],
        );
    }

    #[test]
    fn half_a_lock_is_none() {
        for text in ["", "packages: {}\n", "lockfileVersion: [\n", "<<<<<<< ours\nlockfileVersion: 5\n"] {
            assert!(facts(read, text).problems.iter().any(|p| p.fatal), "{text}");
        }
    }
}
