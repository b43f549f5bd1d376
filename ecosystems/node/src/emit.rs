//! What `export` writes: `package.json` and `package-lock.json` with what production needs and nothing else, in the words of the
//! project's own, so that `npm ci` takes them as they are.

use crate::manifest::{npm_lock, package_json};
use depslim_formats::edit::{Edit, apply, json as table};
use depslim_formats::json::{self, Dialect, Doc, Node};
use depslim_model::ecosystem::{Action, Plan};
use depslim_model::{Emission, Emitter, Facts, Source, human};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that can be written.
pub(crate) const EMITTERS: &[Emitter] = &[Emitter { name: "package-lock.json", emit, direct_only: false, reread }];

const MANIFEST: &str = "package.json";

/// Tables of a manifest that an install of production reads.
const SHIPPED: &[&str] = &["dependencies", "optionalDependencies"];

const DEVELOPMENT: &str = "devDependencies";

fn emit(plan: &Plan, sources: &[Source<'_>]) -> Result<Vec<Emission>, String> {
    let at = |name: &str| {
        let path = if plan.project == "." { name.to_owned() } else { format!("{}/{name}", plan.project) };
        sources.iter().find(|source| source.path == path)
    };
    let manifest = at(MANIFEST).ok_or("the project has no package.json")?;
    let lock = ["npm-shrinkwrap.json", "package-lock.json"].into_iter().find_map(at);
    let lock = lock.ok_or("no package-lock.json in the project's folder")?;
    let (manifest_text, lock_text) = (text(manifest)?, text(lock)?);
    let locked = parse(lock_text, lock.path)?;
    let packages =
        locked.at(&["packages"]).ok_or("a lock of the first version: run npm install with npm 7 or later")?;
    let gone: BTreeSet<&str> = plan
        .changes
        .get(manifest.path)
        .into_iter()
        .flatten()
        .filter(|change| !matches!(change.action, Action::DropFeature(_)))
        .map(|change| change.package.as_str())
        .collect();
    let needed: BTreeSet<&str> = plan.keep.iter().map(|kept| kept.package.as_str()).collect();
    let said = parse(manifest_text, manifest.path)?;
    let roots = Roots::of(said.root(), &gone, &needed);
    let held = reached(packages, &roots)?;
    let bytes: Option<u64> = plan.keep.iter().map(|kept| kept.bytes).sum();
    let size = bytes.filter(|bytes| *bytes > 0).map_or(String::new(), |bytes| format!(", {}", human(bytes)));
    let (dropped, count) = (packages.entries().count() - 1 - held.len(), held.len());
    Ok(vec![
        Emission {
            path: MANIFEST.into(),
            content: apply(manifest_text, &roots.edits(said.root()))?,
            summary: format!("{} declarations of production", roots.names.len()),
            complete: None,
        },
        Emission {
            path: lock.file_name().into(),
            content: pruned(lock_text, &locked, packages, &held, &roots)?,
            summary: format!("{count} packages{size}; {dropped} left out"),
            complete: None,
        },
    ])
}

fn reread(source: &Source<'_>) -> Facts {
    if source.file_name() == MANIFEST { package_json::read(source) } else { npm_lock::read(source) }
}

/// The declarations that stay.
struct Roots<'d> {
    names: BTreeSet<&'d str>,
    /// Declared for development, and needed by production.
    moved: BTreeMap<&'d str, &'d str>,
}

impl<'d> Roots<'d> {
    fn of(root: Node<'d>, gone: &BTreeSet<&str>, needed: &BTreeSet<&str>) -> Self {
        let entries = |name: &str| root.get(name).into_iter().flat_map(|table| table.entries());
        let mut names: BTreeSet<&str> =
            SHIPPED.iter().flat_map(|name| entries(name)).map(|(name, _)| name).filter(|n| !gone.contains(n)).collect();
        let missing = |name: &str| needed.contains(name) && !gone.contains(name);
        let moved: BTreeMap<&str, &str> = entries(DEVELOPMENT)
            .filter(|(name, _)| missing(name) && !names.contains(name))
            .filter_map(|(name, node)| Some((name, node.text()?)))
            .collect();
        names.extend(moved.keys());
        Self { names, moved }
    }

    /// What makes a manifest, or the lock's copy of it, one of production.
    fn edits(&self, root: Node<'_>) -> Vec<Edit> {
        let mut edits: Vec<Edit> = table::retain(root, |key, _| key != DEVELOPMENT);
        let tables = SHIPPED.iter().filter_map(|name| root.get(name));
        let shipped: Vec<Node<'_>> = tables.collect();
        edits.extend(shipped.iter().flat_map(|node| table::retain(*node, |name, _| self.names.contains(name))));
        if let Some(first) = shipped.first() {
            // Behind the brace: wherever that is, an object's order means nothing.
            let new: Vec<String> = self.moved.iter().map(|(name, range)| format!("\"{name}\": \"{range}\"")).collect();
            let stays = first.entries().any(|(name, _)| self.names.contains(name));
            if !new.is_empty() {
                let comma = if stays { "," } else { "" };
                edits.push(Edit::insert(first.span().start + 1, format!("{}{comma}", new.join(", "))));
            }
        }
        edits
    }
}

/// The folders that an install of the roots fills: what they require, and the peers that they cannot do without.
fn reached(packages: Node<'_>, roots: &Roots<'_>) -> Result<BTreeSet<String>, String> {
    let entries: BTreeMap<&str, Node<'_>> = packages.entries().collect();
    let find = |from: &str, name: &str| npm_lock::resolve(from, name, |path| entries.contains_key(path));
    let mut held = BTreeSet::new();
    let mut open: Vec<String> = Vec::new();
    for name in &roots.names {
        match find("", name) {
            Some(key) => open.push(key),
            None => return Err(format!("the lock does not have {name}: run npm install first")),
        }
    }
    while let Some(key) = open.pop() {
        if !held.insert(key.clone()) {
            continue;
        }
        let Some(entry) = entries.get(key.as_str()) else { continue };
        if entry.get("link").is_some() {
            return Err(format!("{key} is a member of a workspace: export from its root is not known"));
        }
        for name in ["dependencies", "optionalDependencies", "peerDependencies"] {
            for (required, _) in entry.get(name).into_iter().flat_map(|table| table.entries()) {
                let optional = entry.at(&["peerDependenciesMeta", required, "optional"]);
                let optional = optional.and_then(|node| node.boolean()).unwrap_or(false);
                if name != "peerDependencies" || !optional {
                    open.extend(find(&key, required));
                }
            }
        }
    }
    Ok(held)
}

fn pruned(
    text: &str,
    lock: &Doc<'_>,
    packages: Node<'_>,
    held: &BTreeSet<String>,
    roots: &Roots<'_>,
) -> Result<String, String> {
    let mut edits = table::retain(packages, |key, _| key.is_empty() || held.contains(key));
    for (key, entry) in packages.entries() {
        if key.is_empty() {
            edits.extend(roots.edits(entry));
        } else if held.contains(key) {
            edits.extend(table::retain(entry, |flag, _| !matches!(flag, "dev" | "devOptional")));
        }
    }
    // The second version repeats everything for old clients.
    edits.extend(table::retain(lock.root(), |key, _| key != "dependencies"));
    if let Some(version) = lock.at(&["lockfileVersion"]) {
        edits.push(Edit { span: version.span(), text: "3".into() });
    }
    apply(text, &edits)
}

fn text<'a>(source: &Source<'a>) -> Result<&'a str, String> {
    std::str::from_utf8(source.bytes).map_err(|_| format!("{} is not UTF-8", source.path))
}

fn parse<'t>(text: &'t str, path: &str) -> Result<Doc<'t>, String> {
    json::parse(text, Dialect::Strict).map_err(|problem| format!("{path}:{}: {}", problem.line, problem.message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;
    use depslim_model::ecosystem::{Change, Kept};

    const LOCK: &str = r#"{
  "lockfileVersion": 2,
  "packages": {
    "": {"name": "farm", "dependencies": {"fig": "2", "plum": "^1"}, "devDependencies": {"pear": "1", "pruner": "1"}},
    "node_modules/bird": {"version": "1.0.0", "dev": true, "optional": true},
    "node_modules/fig": {"version": "2.0.0"},
    "node_modules/pear": {"version": "1.0.0", "dev": true},
    "node_modules/plum": {"version": "1.0.0", "dependencies": {"stone": "1"}, "peerDependencies": {"bird": "*"}, "peerDependenciesMeta": {"bird": {"optional": true}}},
    "node_modules/pruner": {"version": "1.0.0", "dev": true},
    "node_modules/stone": {"version": "1.0.0", "devOptional": true}
  },
  "dependencies": {"plum": {"version": "1.0.0"}}
}
"#;

    #[test]
    fn only_production_is_left() {
        let manifest = "{\n  \"name\": \"farm\",\n  \"dependencies\": {\n    \"fig\": \"2\",\n    \"plum\": \"^1\"\n  },\n  \"devDependencies\": {\n    \"pear\": \"1\",\n    \"pruner\": \"1\"\n  }\n}\n";
        let settings = Settings::default();
        let sources = [("package.json", manifest), ("package-lock.json", LOCK)];
        let sources = sources.map(|(path, text)| Source { path, bytes: text.as_bytes(), settings: &settings });
        let kept = |name: &str| Kept { package: name.into(), ..Kept::default() };
        let change = Change { package: "fig".into(), line: 4, action: Action::Remove };
        let plan = Plan {
            project: ".".into(),
            keep: ["plum", "stone", "pear"].map(kept).into(),
            changes: [("package.json".to_owned(), vec![change])].into(),
            ..Plan::default()
        };
        let files = emit(&plan, &sources).unwrap();
        assert_eq!(
            files[0].content,
            "{\n  \"name\": \"farm\",\n  \"dependencies\": {\"pear\": \"1\",\n    \"plum\": \"^1\"\n  }\n}\n"
        );
        let facts = npm_lock::read(&Source {
            path: "package-lock.json",
            bytes: files[1].content.as_bytes(),
            settings: &settings,
        });
        assert_eq!(facts.problems, []);
        let names: Vec<&str> = facts.provides.iter().map(|provide| provide.package.as_str()).collect();
        assert_eq!(names, ["pear", "plum", "stone"]);
        let own: Vec<&str> = facts.requires.iter().filter(|r| r.from.is_none()).map(|r| r.name.as_str()).collect();
        assert_eq!(own, ["pear", "plum"]);
        assert!(files[1].content.contains("\"lockfileVersion\": 3"));
        for gone in ["pruner", "node_modules/bird", "devOptional", "\"dev\"", "fig"] {
            assert!(!files[1].content.contains(gone), "{gone}");
        }
    }
}
