//! `package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3.
//!
//! Source: the documentation of `package-lock.json` of npm. A package's key is the folder that it is installed in.

use super::lock;
use crate::platform;
use depslim_formats::json::{self, Dialect, Node};
use depslim_formats::text::decode;
use depslim_model::{Facts, Problem, Require, Source};
use std::collections::{BTreeMap, BTreeSet};

const MANAGER: &str = "npm";
const MODULES: &str = "node_modules/";

/// How deep packages of a first version lie in one another.
const DEEPEST: u32 = 100;

/// Reads a lock.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let doc = match json::parse(&decoded.text, Dialect::Strict) {
        Ok(doc) => doc,
        Err(problem) => return lock::broken(MANAGER, problem),
    };
    let root = doc.root();
    match (root.get("packages"), root.get("dependencies")) {
        (Some(packages), _) => second(packages),
        (None, Some(dependencies)) => first(dependencies),
        // A project without dependencies.
        (None, None) if root.get("lockfileVersion").is_some() => lock::of(MANAGER),
        (None, None) => lock::broken(MANAGER, Problem::at(1, "no packages: run npm install to make the lock again")),
    }
}

/// Versions 2 and 3: a flat table of folders.
fn second(packages: Node<'_>) -> Facts {
    let mut facts = lock::of(MANAGER);
    let entries: BTreeMap<&str, Node<'_>> = packages.entries().collect();
    let real = |key: &str| -> Option<String> {
        let entry = entries.get(key)?;
        let link = entry.get("link").and_then(|node| node.boolean()).unwrap_or(false);
        if link { entry.get("resolved")?.text().map(str::to_owned) } else { Some(key.to_owned()) }
    };
    for (key, entry) in &entries {
        let (key, line) = (*key, entry.line());
        let flag = |name: &str| entry.get(name).and_then(|node| node.boolean()).unwrap_or(false);
        let text = |name: &str| entry.get(name).and_then(|node| node.text());
        if flag("link") || flag("extraneous") {
            continue;
        }
        let installed = key.rsplit_once(MODULES).map(|(_, name)| name);
        let name = installed.or_else(|| text("name")).unwrap_or(key);
        if installed.is_some() {
            let version = text("version").unwrap_or_default();
            let mut provide = lock::package(name, version, key, line);
            provide.artifacts = lock::archive(name, version, text("integrity"));
            provide.condition = platform::condition(*entry);
            facts.provides.push(provide);
        } else if !key.is_empty() {
            facts.provides.push(lock::member(name, key, key, line));
        }
        let owner = (!key.is_empty()).then_some((name, key));
        for (table, group, peer) in lock::TABLES {
            for (required, node) in entry.get(table).into_iter().flat_map(|table| table.entries()) {
                let optional = entry.at(&["peerDependenciesMeta", required, "optional"]);
                let optional = *peer && optional.and_then(|node| node.boolean()).unwrap_or(false);
                if installed.is_some() && *table == "devDependencies" {
                    continue;
                }
                let found = resolve(key, required, |path| entries.contains_key(path)).and_then(|path| real(&path));
                let edge = lock::edge(owner, required, found.as_deref(), node.line());
                let version = node.text().map(str::to_owned);
                let condition = optional.then(|| platform::IF_BROUGHT.to_owned());
                facts.requires.push(Require { group: *group, peer: *peer, version, condition, ..edge });
            }
        }
    }
    facts
}

/// Version 1: packages lie in one another as their folders do.
fn first(dependencies: Node<'_>) -> Facts {
    let mut all: Vec<(String, Node<'_>)> = Vec::new();
    collect(dependencies, "", &mut all, 0);
    let known: BTreeSet<&str> = all.iter().map(|(key, _)| key.as_str()).collect();
    let mut facts = lock::of(MANAGER);
    for (key, node) in &all {
        let name = key.rsplit_once(MODULES).map_or(key.as_str(), |(_, name)| name);
        let version = node.get("version").and_then(|node| node.text()).unwrap_or_default();
        if let Some(folder) = version.strip_prefix("file:") {
            facts.provides.push(lock::member(name, folder, key, node.line()));
        } else {
            // `npm:lodash@4.17.21` is an alias.
            let version = version.strip_prefix("npm:").and_then(lock::split).map_or(version, |(_, version)| version);
            let mut provide = lock::package(name, version, key, node.line());
            let hash = node.get("integrity").and_then(|node| node.text());
            provide.artifacts = lock::archive(name, version, hash);
            facts.provides.push(provide);
        }
        for (required, range) in node.get("requires").into_iter().flat_map(|table| table.entries()) {
            let found = resolve(key, required, |path| known.contains(path));
            let edge = lock::edge(Some((name, key)), required, found.as_deref(), range.line());
            facts.requires.push(Require { version: range.text().map(str::to_owned), ..edge });
        }
    }
    facts
}

fn collect<'d>(dependencies: Node<'d>, around: &str, all: &mut Vec<(String, Node<'d>)>, depth: u32) {
    if depth > DEEPEST {
        return;
    }
    for (name, node) in dependencies.entries() {
        let key = if around.is_empty() { format!("{MODULES}{name}") } else { format!("{around}/{MODULES}{name}") };
        if let Some(inner) = node.get("dependencies") {
            collect(inner, &key, all, depth + 1);
        }
        all.push((key, node));
    }
}

/// The folder that a name means in a folder: `node_modules` in it, else in the folders around it.
pub(crate) fn resolve(from: &str, name: &str, exists: impl Fn(&str) -> bool) -> Option<String> {
    let mut around = from;
    loop {
        if !around.ends_with("node_modules") {
            let path = if around.is_empty() { format!("{MODULES}{name}") } else { format!("{around}/{MODULES}{name}") };
            if exists(&path) {
                return Some(path);
            }
        }
        if around.is_empty() {
            return None;
        }
        around = around.rsplit_once('/').map_or("", |(above, _)| above);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn folders_are_keys() {
        check(
            read,
            r#"{"lockfileVersion": 3, "packages": {
"": {"name": "farm", "dependencies": {"plum": "^1"}, "devDependencies": {"fig": "2"}},
"node_modules/plum": {"version": "1.2.0", "integrity": "sha512-x", "dependencies": {"stone": "^1"}, "peerDependencies": {"fig": "*", "bird": "*"}, "peerDependenciesMeta": {"bird": {"optional": true}}},
"node_modules/plum/node_modules/stone": {"version": "1.0.0", "os": ["linux"]},
"node_modules/stone": {"version": "2.0.0"},
"node_modules/fig": {"version": "2.0.0", "dev": true},
"node_modules/@farm/soil": {"resolved": "packages/soil", "link": true},
"packages/soil": {"name": "@farm/soil", "dependencies": {"stone": "2"}}
}}"#,
            &[
                "own fig = node_modules/fig (dev)",
                "own plum = node_modules/plum",
                "node_modules/fig: fig 2.0.0",
                "node_modules/plum: plum 1.2.0",
                "  stone = node_modules/plum/node_modules/stone",
                "  fig = node_modules/fig (peer)",
                "  bird = ? (optional peer)",
                "node_modules/plum/node_modules/stone: stone 1.0.0 if os=linux",
                "node_modules/stone: stone 2.0.0",
                "packages/soil: @farm/soil in packages/soil",
                "  stone = node_modules/stone",
            ],
        );
    }

    #[test]
    fn the_first_version_is_nested() {
        check(
            read,
            r#"{"lockfileVersion": 1, "dependencies": {"plum": {"version": "1.0.0", "requires": {"stone": "^1"},
"dependencies": {"stone": {"version": "1.5.0"}}}, "stone": {"version": "npm:rock@2.0.0"}, "soil": {"version": "file:soil"}}}"#,
            &[
                "node_modules/plum: plum 1.0.0",
                "  stone = node_modules/plum/node_modules/stone",
                "node_modules/plum/node_modules/stone: stone 1.5.0",
                "node_modules/soil: soil in soil",
                "node_modules/stone: stone 2.0.0",
            ],
        );
    }

    #[test]
    fn half_a_lock_is_none() {
        for text in ["", "{", "{}", "<<<<<<< ours\n{}", "[1]"] {
            let facts = super::super::testing::facts(read, text);
            assert!(facts.problems.iter().any(|p| p.fatal), "{text}");
        }
    }
}
