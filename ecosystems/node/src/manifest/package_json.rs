//! `package.json` of a project or a workspace member.
//!
//! Source: the documentation of `package.json` of npm, and of `workspaces`, `resolutions` and `packageManager` of the other clients.

use depslim_formats::json::{self, Dialect, Kind, Node};
use depslim_formats::text::decode;
use depslim_model::{Entry, Facts, Group, Manifest, Require, Role, Source};

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
    Facts { requires: requires(root), entries: entries(root), manifest: Some(manifest), ..Facts::default() }
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
            if name.is_empty() || found.iter().any(|r| r.name == name) {
                continue;
            }
            found.push(Require {
                name: name.to_owned(),
                group: *group,
                group_name: (*group == Group::Dev).then(|| (*table).to_owned()),
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
        let manifest = facts.manifest.unwrap();
        assert_eq!((manifest.name.as_deref(), manifest.manager.as_deref()), (Some("orchard"), Some("pnpm")));
    }

    #[test]
    fn a_broken_manifest_says_where() {
        let facts = facts("{\n\"name\": }");
        assert_eq!((facts.problems[0].line, facts.problems[0].fatal), (2, true));
        assert_eq!(facts.manifest.unwrap().role, Role::Manifest);
    }
}
