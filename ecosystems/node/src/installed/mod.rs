//! What the `package.json` of an installed package says.

pub(crate) mod exports;

use crate::manifest::package_json;
use crate::platform;
use depslim_formats::json::{self, Dialect, Node};
use depslim_formats::text::decode;
use depslim_model::{Facts, How, Layer, Owns, Plugin, Problem, Provide, Reader, Require, Source, Strength, Use};

/// Readers of installed metadata.
pub(crate) const READERS: &[Reader] = &[
    Reader { name: "installed package.json", layer: Layer::Installed, globs: &["package.json"], read },
    Reader { name: "folder's package.json", layer: Layer::InstalledCode, globs: &["package.json"], read: read_folder },
];

/// The group under which a package's programs are registered: the file that each of them runs.
const PROGRAMS: &str = "bin:";

/// Reads the metadata of one installed package. The folder's name is the package's: that is what code and manifests call it, also
/// where it is an alias of another. A path that begins with `/` lies outside of `node_modules`: a member of the workspace.
fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let doc = match json::parse(&decoded.text, Dialect::Strict) {
        Ok(doc) => doc,
        Err(problem) => return unreadable(source, problem),
    };
    let root = doc.root();
    let text = |key: &str| root.get(key).and_then(|node| node.text());
    let member = source.path.starts_with('/');
    let own_name = text("name").map(str::to_owned);
    let name = if member { own_name } else { name_of_folder(source.folder()).or(own_name) };
    let Some(name) = name.filter(|name| !name.is_empty()) else { return Facts::broken(Problem::at(0, "no name")) };
    let (modules, exports) = exports::read(root, &name);
    let programs = package_json::programs(root, &name);
    let provide = Provide {
        version: text("version").unwrap_or_default().to_owned(),
        modules,
        exports,
        typed: ["types", "typings"].iter().any(|key| root.get(key).is_some()) || exports::has_types(root),
        plugins: programs
            .iter()
            .map(|(program, file)| Plugin {
                group: PROGRAMS.into(),
                name: program.clone(),
                target: format!("{name}/{}", file.trim_start_matches("./")),
            })
            .collect(),
        programs: programs.into_iter().map(|(program, _)| program).collect(),
        owns: if member { Owns::Nothing } else { Owns::Trees(vec![String::new()]) },
        first_party: member,
        condition: platform::condition(root),
        license: license(root),
        package: name.clone(),
        ..Provide::default()
    };
    Facts { requires: requires(root, &name), provides: vec![provide], ..Facts::default() }
}

/// What is there is there, even if nobody can read what it says.
fn unreadable(source: &Source<'_>, problem: Problem) -> Facts {
    let mut facts = Facts::broken(Problem { fatal: false, ..problem });
    if let Some(package) = name_of_folder(source.folder()).filter(|_| !source.path.starts_with('/')) {
        let owns = Owns::Trees(vec![String::new()]);
        facts.provides.push(Provide { modules: vec![package.clone()], package, owns, ..Provide::default() });
    }
    facts
}

/// Reads the `package.json` of a folder that is imported: its `main` is what is meant, else its `index`.
fn read_folder(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let Ok(doc) = json::parse(&decoded.text, Dialect::Strict) else { return Facts::default() };
    let main = doc.root().get("main").or_else(|| doc.root().get("module"));
    let (name, line) = main.and_then(|node| Some((node.text()?, node.value_line()))).unwrap_or(("index", 1));
    let name = format!("./{}", name.trim_start_matches("./"));
    let used = Use { how: How::Import, name, value: String::new(), strength: Strength::Hard, line };
    Facts { uses: vec![used], ..Facts::default() }
}

/// What a package requires to work: its own dependencies, those that it takes when they are there, and the peers that it leaves to
/// its users. A peer that may be missing has a condition that never holds.
pub(crate) fn requires(root: Node<'_>, owner: &str) -> Vec<Require> {
    let mut found: Vec<Require> = Vec::new();
    let optional = |name: &str| {
        let meta = root.at(&["peerDependenciesMeta", name, "optional"]);
        meta.and_then(|node| node.boolean()).unwrap_or(false)
    };
    for (table, peer) in [("dependencies", false), ("optionalDependencies", false), ("peerDependencies", true)] {
        for (name, node) in root.get(table).into_iter().flat_map(|table| table.entries()) {
            let Some(version) = node.text() else { continue };
            let known = found.iter().any(|require| require.name == name);
            if name.is_empty() || known {
                continue;
            }
            found.push(Require {
                from: Some(owner.to_owned()),
                name: name.to_owned(),
                version: Some(version.to_owned()),
                condition: (peer && optional(name)).then(|| platform::IF_BROUGHT.to_owned()),
                line: node.line(),
                peer,
                ..Require::default()
            });
        }
    }
    found
}

/// `"MIT"`, `{"type": "MIT"}`, or a list of such from before 2014.
fn license(root: Node<'_>) -> Option<String> {
    let one = |node: Node<'_>| node.text().or_else(|| node.get("type")?.text()).map(str::to_owned);
    root.get("license").and_then(one).or_else(|| {
        let all: Vec<String> = root.get("licenses")?.items().filter_map(one).collect();
        (!all.is_empty()).then(|| all.join(" OR "))
    })
}

/// `@scope/name` or `name`, from the last folders of a path.
fn name_of_folder(folder: &str) -> Option<String> {
    let mut parts = folder.rsplit('/');
    let (last, before) = (parts.next().filter(|last| !last.is_empty())?, parts.next());
    Some(
        before
            .filter(|scope| scope.starts_with('@'))
            .map_or_else(|| last.to_owned(), |scope| format!("{scope}/{last}")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;

    fn facts(path: &str, text: &str) -> Facts {
        read(&Source { path, bytes: text.as_bytes(), settings: &Settings::default() })
    }

    #[test]
    fn a_package_says_what_it_brings_and_requires() {
        let text = r#"{"name": "plum", "version": "1.2.0", "bin": {"pit": "./bin/pit"}, "types": "index.d.ts",
"dependencies": {"stone": "^1"}, "optionalDependencies": {"leaf": "2"},
"peerDependencies": {"tree": ">=1", "bird": "*"}, "peerDependenciesMeta": {"bird": {"optional": true}},
"os": ["linux"], "cpu": ["x64"], "libc": ["musl"], "license": "MIT"}"#;
        let facts = facts("plum/package.json", text);
        let said: Vec<_> =
            facts.requires.iter().map(|r| (r.name.as_str(), r.peer, r.condition.is_some(), r.line)).collect();
        let (stone, leaf) = (("stone", false, false, 2), ("leaf", false, false, 2));
        assert_eq!(said, [stone, leaf, ("tree", true, false, 3), ("bird", true, true, 3)]);
        let plum = &facts.provides[0];
        assert_eq!((plum.package.as_str(), plum.version.as_str(), plum.typed), ("plum", "1.2.0", true));
        assert_eq!(plum.programs, ["pit"]);
        assert_eq!(plum.plugins[0].target, "plum/bin/pit");
        assert_eq!(plum.condition.as_deref(), Some("os=linux & cpu=x64 & libc=musl"));
        assert_eq!(plum.owns, Owns::Trees(vec![String::new()]));
    }

    #[test]
    fn the_folder_names_the_package() {
        for (path, text, expect) in [
            ("lodash4/package.json", r#"{"name": "lodash"}"#, "lodash4"),
            (".pnpm/@fruit+pear@2.0.0/node_modules/@fruit/pear/package.json", "{}", "@fruit/pear"),
            ("plum/package.json", "{", "plum"),
        ] {
            assert_eq!(facts(path, text).provides[0].package, expect, "{path}");
        }
    }

    #[test]
    fn a_member_is_the_projects_own() {
        let facts =
            facts("/farm/packages/soil/package.json", r#"{"name": "@farm/soil", "dependencies": {"worm": "1"}}"#);
        let soil = &facts.provides[0];
        assert_eq!((soil.package.as_str(), soil.first_party, &soil.owns), ("@farm/soil", true, &Owns::Nothing));
        assert_eq!(facts.requires[0].from.as_deref(), Some("@farm/soil"));
    }

    #[test]
    fn a_folder_means_its_main_file() {
        let main = |text: &str| {
            let source =
                Source { path: "plum/esm/package.json", bytes: text.as_bytes(), settings: &Settings::default() };
            read_folder(&source).uses.remove(0).name
        };
        assert_eq!(main(r#"{"main": "./lib/x.js"}"#), "./lib/x.js");
        assert_eq!(main(r#"{"type": "module"}"#), "./index");
    }
}
