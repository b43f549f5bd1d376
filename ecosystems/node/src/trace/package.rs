//! What a trace wants to know of a package: which file each of its modules is, for the system that asks.
//!
//! Source: "Modules: Packages" in the documentation of Node.

use crate::manifest::package_json::programs;
use depslim_formats::json::{self, Dialect, Kind, Node};
use std::path::{Path, PathBuf};

/// How deep conditions are followed.
const DEEPEST: u32 = 12;

/// Conditions that hold on a server, whoever asks.
const HOLD: &[&str] = &["node", "node-addons", "module-sync", "default"];

/// One `package.json`.
#[derive(Debug, Clone, Default)]
pub(super) struct Package {
    /// Its folder.
    pub(super) folder: PathBuf,
    pub(super) name: String,
    /// Its code is of ECMAScript modules unless a file's ending says otherwise.
    pub(super) module: bool,
    pub(super) main: Option<String>,
    exports: Option<Vec<(String, Target)>>,
    imports: Vec<(String, Target)>,
    /// The files of its programs.
    pub(super) programs: Vec<String>,
    /// It was made for one platform.
    pub(super) platform: bool,
    /// Packages that it declares, and those of them that may be missing.
    pub(super) declares: Vec<String>,
    pub(super) optional: Vec<String>,
}

/// What a path of `exports` or `imports` stands for.
#[derive(Debug, Clone)]
enum Target {
    File(String),
    Conditions(Vec<(String, Target)>),
    Alternatives(Vec<Target>),
    Nothing,
}

impl Package {
    /// Reads it; one that nobody can read says nothing.
    pub(super) fn read(folder: &Path, text: &str) -> Self {
        let mut package = Self { folder: folder.to_owned(), ..Self::default() };
        let Ok(doc) = json::parse(text.trim_start_matches('\u{feff}'), Dialect::Strict) else { return package };
        let root = doc.root();
        let said = |key: &str| root.get(key).and_then(|node| node.text()).map(str::to_owned);
        package.name = said("name").unwrap_or_default();
        package.module = said("type").as_deref() == Some("module");
        package.main = said("main").filter(|main| !main.is_empty());
        package.exports = root.get("exports").filter(|node| node.kind() != Kind::Null).map(|node| {
            let by_path = node.kind() == Kind::Object && node.entries().any(|(key, _)| key.starts_with('.'));
            if by_path { table(node) } else { vec![(".".to_owned(), target(node, 0))] }
        });
        package.imports = root.get("imports").map(table).unwrap_or_default();
        package.programs = programs(root, &package.name).into_iter().map(|(_, file)| file).collect();
        package.platform = ["os", "cpu"].iter().any(|key| root.get(key).is_some());
        for key in ["dependencies", "peerDependencies", "optionalDependencies"] {
            let names = root.get(key).into_iter().flat_map(|table| table.entries()).map(|(name, _)| name.to_owned());
            if key == "optionalDependencies" {
                package.optional.extend(names);
            } else {
                package.declares.extend(names);
            }
        }
        package
    }

    /// The file of a path (`.`, `./x`), as the package's `exports` say. `None`: it has none, and every file may be asked for.
    pub(super) fn exported(&self, path: &str, import: bool) -> Option<Vec<String>> {
        self.exports.as_deref().map(|exports| found(exports, path, import))
    }

    /// What `#x` stands for in the package's own code.
    pub(super) fn imported(&self, name: &str, import: bool) -> Vec<String> {
        found(&self.imports, name, import)
    }

    /// Whether its code may name it as others do.
    pub(super) fn names_itself(&self) -> bool {
        self.exports.is_some()
    }
}

fn table(node: Node<'_>) -> Vec<(String, Target)> {
    node.entries().map(|(key, node)| (key.to_owned(), target(node, 0))).collect()
}

fn target(node: Node<'_>, depth: u32) -> Target {
    if depth > DEEPEST {
        return Target::Nothing;
    }
    match node.kind() {
        Kind::String => node.text().map_or(Target::Nothing, |file| Target::File(file.to_owned())),
        Kind::Array => Target::Alternatives(node.items().map(|node| target(node, depth + 1)).collect()),
        Kind::Object => {
            Target::Conditions(node.entries().map(|(key, node)| (key.to_owned(), target(node, depth + 1))).collect())
        }
        _ => Target::Nothing,
    }
}

/// The files of the entry that matches best. Where a condition depends on the runtime's age, both ways.
fn found(table: &[(String, Target)], path: &str, import: bool) -> Vec<String> {
    let mut best: Option<(usize, String, &Target)> = None;
    for (key, target) in table {
        let rest = if key == path {
            Some(String::new())
        } else if let Some(folder) = key.strip_suffix('/').filter(|_| path.starts_with(key.as_str())) {
            path.get(folder.len() + 1..).map(str::to_owned)
        } else if let Some((before, after)) = key.split_once('*') {
            let rest = path.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            rest.filter(|rest| !rest.is_empty()).map(str::to_owned)
        } else {
            None
        };
        let Some(rest) = rest else { continue };
        let length = if key == path { usize::MAX } else { key.find('*').unwrap_or(key.len()) };
        if best.as_ref().is_none_or(|(longest, ..)| length > *longest) {
            best = Some((length, rest, target));
        }
    }
    let mut files = Vec::new();
    if let Some((_, rest, target)) = best {
        leaves(target, import, &mut files);
        for file in &mut files {
            *file = if file.ends_with('/') { format!("{file}{rest}") } else { file.replace('*', &rest) };
        }
    }
    files
}

/// Adds what a target stands for; `true` when it stands for something.
fn leaves(target: &Target, import: bool, files: &mut Vec<String>) -> bool {
    match target {
        Target::File(file) => {
            files.push(file.clone());
            true
        }
        Target::Conditions(table) => {
            let mut any = false;
            for (condition, target) in table {
                let holds =
                    HOLD.contains(&condition.as_str()) || condition == if import { "import" } else { "require" };
                if holds && leaves(target, import, files) {
                    any = true;
                    // Only new runtimes know this one.
                    if condition != "module-sync" {
                        break;
                    }
                }
            }
            any
        }
        Target::Alternatives(list) => list.iter().any(|target| leaves(target, import, files)),
        Target::Nothing => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, path: &str, import: bool, expect: &[&str]) {
        let package = Package::read(Path::new("plum"), text);
        assert_eq!(package.exported(path, import).unwrap_or_default(), expect, "{text} {path}");
    }

    #[test]
    fn the_first_condition_that_holds_counts() {
        let both = r#"{"exports": {".": {"types": "./x.d.ts", "import": "./x.mjs", "require": "./x.cjs"}}}"#;
        check(both, ".", true, &["./x.mjs"]);
        check(both, ".", false, &["./x.cjs"]);
        check(
            r#"{"exports": {"browser": "./b.js", "node": {"import": "./n.mjs", "default": "./n.cjs"}}}"#,
            ".",
            false,
            &["./n.cjs"],
        );
        check(
            r#"{"exports": {".": {"module-sync": "./m.mjs", "default": "./d.cjs"}}}"#,
            ".",
            false,
            &["./m.mjs", "./d.cjs"],
        );
        check(r#"{"exports": {".": [{"browser": "./b.js"}, "./n.js"]}}"#, ".", false, &["./n.js"]);
        check(r#"{"exports": {".": {"import": "./x.mjs"}}}"#, ".", false, &[]);
    }

    #[test]
    fn patterns_stand_for_what_they_hold() {
        let text = r#"{"exports": {"./*": "./lib/*.js", "./deep/*": "./deep/*", "./old/": "./o/", "./no/*": null}}"#;
        check(text, "./a", false, &["./lib/a.js"]);
        check(text, "./deep/a.js", false, &["./deep/a.js"]);
        check(text, "./old/a.js", false, &["./o/a.js"]);
        check(text, "./no/a", false, &[]);
        check(text, ".", false, &[]);
    }

    #[test]
    fn what_it_imports_is_its_own_business() {
        let package =
            Package::read(Path::new("plum"), "{\"imports\": {\"#x\": {\"node\": \"./x.js\"}, \"#y/*\": \"y\"}}");
        assert_eq!(package.imported("#x", true), ["./x.js"]);
        assert_eq!(package.imported("#y/1", true), ["y"]);
        assert!(Package::read(Path::new("plum"), "{").exported(".", true).is_none());
    }
}
