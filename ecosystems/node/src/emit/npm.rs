//! `package-lock.json` with what production needs, and nothing else.
//!
//! Source: the documentation of `package-lock.json` and `npm ci`.

use super::roots::{DEVELOPMENT, Roots, parse};
use super::{Job, MANIFEST, text};
use crate::manifest::{npm_lock, package_json};
use depslim_formats::edit::{Edit, apply, json as table};
use depslim_formats::json::{Doc, Node};
use depslim_model::ecosystem::Plan;
use depslim_model::{Emission, Facts, Source};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn emit(plan: &Plan, sources: &[Source<'_>]) -> Result<Vec<Emission>, String> {
    let job = Job::of(plan, sources, &["npm-shrinkwrap.json", "package-lock.json"])?;
    if !job.member.is_empty() {
        return Err("a member of a workspace: its packages lie among those of others in the lock of npm".into());
    }
    let lock_text = text(job.lock)?;
    let locked = parse(lock_text, job.lock.path)?;
    let packages =
        locked.at(&["packages"]).ok_or("a lock of the first version: run npm install with npm 7 or later")?;
    let said = parse(text(job.manifest)?, job.manifest.path)?;
    let roots = Roots::of(said.root(), plan, job.manifest.path);
    let held = reached(packages, &roots)?;
    let lock = pruned(lock_text, &locked, packages, &held, &roots)?;
    job.written(plan, &roots, lock, packages.entries().count() - 1, held.len())
}

pub(super) fn reread(source: &Source<'_>) -> Facts {
    if source.file_name() == MANIFEST { package_json::read(source) } else { npm_lock::read(source) }
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
            edits.extend(table::retain(entry, |field, _| !matches!(field, DEVELOPMENT | "workspaces")));
            edits.extend(roots.of_tables(entry));
        } else if held.contains(key) {
            edits.extend(table::retain(entry, |flag, _| !matches!(flag, "dev" | "devOptional")));
        }
    }
    // The second version repeats everything for old clients.
    edits.extend(table::retain(lock.root(), |key, _| key != "dependencies"));
    if let Some(version) = lock.at(&["lockfileVersion"]) {
        edits.push(Edit { span: version.span(), text: "3".into() });
    }
    roots.with_moved(apply(text, &edits)?, &["packages", ""])
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;
    use depslim_model::ecosystem::{Action, Change, Kept};

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
            "{\n  \"name\": \"farm\",\n  \"dependencies\": {\n    \"pear\": \"1\",\n    \"plum\": \"^1\"\n  }\n}\n"
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
