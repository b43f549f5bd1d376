//! `package.json` of a project or a workspace member.
//!
//! Source: the documentation of `package.json` of npm, and of `workspaces`, `resolutions` and `packageManager` of the other clients.

use crate::installed::exports;
use depslim_formats::json::{self, Dialect, Kind, Node};
use depslim_formats::text::decode;
use depslim_model::{Alias, Entry, Facts, Group, How, Manifest, Require, Role, Source, Strength, Use};

/// The tables that declare packages, later ones giving way to earlier ones for one name.
const TABLES: &[(&str, Group)] = &[
    ("optionalDependencies", Group::Prod),
    ("dependencies", Group::Prod),
    ("devDependencies", Group::Dev),
    ("peerDependencies", Group::Prod),
];

/// Reads a project's manifest.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let doc = match json::parse(&decoded.text, Dialect::Strict) {
        Ok(doc) => doc,
        Err(problem) => return Facts { manifest: Some(Manifest::default()), ..Facts::broken(problem) },
    };
    let root = doc.root();
    let text = |path: &[&str]| root.at(path).and_then(|node| node.text()).map(str::to_owned);
    let name = text(&["name"]);
    let manifest = Manifest {
        role: Role::Manifest,
        manager: text(&["packageManager"]).and_then(|said| said.split('@').next().map(str::to_owned)),
        runtime: text(&["engines", "node"]),
        members: members(root),
        name,
        ..Manifest::default()
    };
    let aliases = aliases(root, manifest.name.as_deref());
    let (requires, entries, uses) = (requires(root), entries(root), imports(root));
    Facts { requires, entries, uses, manifest: Some(manifest), aliases, ..Facts::default() }
}

/// The programs that a package installs, with their files: `bin` is a table, or one file that is called like the package.
pub(crate) fn programs(root: Node<'_>, name: &str) -> Vec<(String, String)> {
    let Some(bin) = root.get("bin") else { return Vec::new() };
    match bin.kind() {
        Kind::String => {
            let program = name.rsplit('/').next().unwrap_or(name).to_owned();
            bin.text().map(|file| (program, file.to_owned())).into_iter().collect()
        }
        _ => bin.entries().filter_map(|(program, node)| Some((program.to_owned(), node.text()?.to_owned()))).collect(),
    }
}

fn requires(root: Node<'_>) -> Vec<Require> {
    let mut found: Vec<Require> = Vec::new();
    for (table, group) in TABLES {
        let Some(node) = root.get(table) else { continue };
        for (name, node) in node.entries() {
            let Some(version) = node.text() else { continue };
            // A package that users bring and that is installed for development too is one copy, for development.
            if let Some(known) = found.iter_mut().find(|r| r.name == name) {
                known.peer |= *table == "peerDependencies" && known.group == Group::Dev;
                continue;
            }
            if name.is_empty() {
                continue;
            }
            found.push(Require {
                name: name.to_owned(),
                group: *group,
                group_name: (*group == Group::Dev).then(|| (*table).to_owned()),
                peer: *table == "peerDependencies",
                version: Some(version.to_owned()),
                line: node.line(),
                ..Require::default()
            });
        }
    }
    found
}

/// Where the package's users enter it.
fn entries(root: Node<'_>) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut add = |node: Node<'_>| {
        if let Some(target) = node.text() {
            found.push(Entry { target: target.to_owned(), group: Group::Prod, line: node.value_line() });
        }
    };
    root.get("main").into_iter().for_each(&mut add);
    if let Some(bin) = root.get("bin") {
        add(bin);
        bin.entries().for_each(|(_, node)| add(node));
    }
    found
}

/// The package's own name and `#imports`, as its own code and other members of the repository write them.
fn aliases(root: Node<'_>, name: Option<&str>) -> Vec<Alias> {
    let mut found = Vec::new();
    let mut add = |name: String, targets: Vec<String>, public: bool, line: u32| {
        if !targets.is_empty() {
            found.push(Alias { name, targets, public, line });
        }
    };
    for (key, node) in root.get("imports").into_iter().flat_map(|imports| imports.entries()) {
        add(
            key.to_owned(),
            exports::files(node).into_iter().filter(|file| file.starts_with('.')).collect(),
            false,
            node.line(),
        );
    }
    let Some(name) = name.filter(|name| !name.is_empty()) else { return found };
    let (line, exports) = (root.get("name").map_or(1, |node| node.line()), root.get("exports"));
    let mut main = Vec::new();
    for (path, node) in exports.into_iter().flat_map(exports::paths) {
        let files = exports::files(node);
        if path == "." {
            main.extend(files);
        } else {
            add(format!("{name}{}", path.trim_start_matches('.')), files, true, node.line());
        }
    }
    main.extend(["source", "main", "module"].iter().filter_map(|key| root.get(key)?.text().map(str::to_owned)));
    // What is built from it later is told by its sources.
    main.extend(["src/index", "index", "src/main", "src"].map(str::to_owned));
    add(name.to_owned(), main, true, line);
    add(format!("{name}/*"), ["*", "src/*"].map(str::to_owned).into(), true, line);
    found
}

/// Packages that `#imports` stand for.
fn imports(root: Node<'_>) -> Vec<Use> {
    let targets = root
        .get("imports")
        .into_iter()
        .flat_map(|imports| imports.entries())
        .flat_map(|(_, node)| exports::files(node).into_iter().map(move |name| (name, node.line())));
    let packages = targets.filter(|(name, _)| !name.starts_with(['.', '#']) && !name.contains('*'));
    packages
        .map(|(name, line)| Use { how: How::Import, name, value: String::new(), strength: Strength::Lazy, line })
        .collect()
}

fn members(root: Node<'_>) -> Vec<String> {
    let Some(workspaces) = root.get("workspaces") else { return Vec::new() };
    let list = workspaces.get("packages").unwrap_or(workspaces);
    list.strings().map(|(pattern, _)| pattern.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;

    fn facts(text: &str) -> Facts {
        read(&Source { path: "package.json", bytes: text.as_bytes(), settings: &Settings::default() })
    }

    #[test]
    fn every_table_declares() {
        let facts = facts(
            "{\n\"name\": \"orchard\",\n\"packageManager\": \"pnpm@9.1.0\",\n\"dependencies\": {\n\"plum\": \"^1\"},\n\
             \"devDependencies\": {\n\"pruner\": \"2\"},\n\"peerDependencies\": {\"pruner\": \"*\", \"soil\": \"*\"}}",
        );
        let said: Vec<_> = facts.requires.iter().map(|r| (r.name.as_str(), r.group, r.line)).collect();
        assert_eq!(said, [("plum", Group::Prod, 5), ("pruner", Group::Dev, 7), ("soil", Group::Prod, 8)]);
        let peers: Vec<_> = facts.requires.iter().filter(|r| r.peer).map(|r| r.name.as_str()).collect();
        assert_eq!(peers, ["pruner", "soil"], "what users bring, installed for development or not");
        let manifest = facts.manifest.unwrap();
        assert_eq!((manifest.name.as_deref(), manifest.manager.as_deref()), (Some("orchard"), Some("pnpm")));
    }

    #[test]
    fn the_packages_name_stands_for_its_files() {
        let facts = facts(
            r##"{"name": "@farm/soil", "main": "./lib/x.js", "imports": {"#log": "./src/log.js", "#fs": "node:fs"},
                "exports": {".": {"types": "./x.d.ts", "import": "./src/x.ts"}, "./worm": "./src/worm.ts"}}"##,
        );
        let said: Vec<_> = facts.aliases.iter().map(|a| (a.name.as_str(), a.targets[0].as_str(), a.public)).collect();
        assert_eq!(
            said,
            [
                ("#log", "./src/log.js", false),
                ("@farm/soil/worm", "./src/worm.ts", true),
                ("@farm/soil", "./src/x.ts", true),
                ("@farm/soil/*", "*", true)
            ]
        );
    }

    #[test]
    fn a_broken_manifest_says_where() {
        let facts = facts("{\n\"name\": }");
        assert_eq!((facts.problems[0].line, facts.problems[0].fatal), (2, true));
        assert_eq!(facts.manifest.unwrap().role, Role::Manifest);
    }
}
