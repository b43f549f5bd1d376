//! What several files say together: which descriptors of a lock are the project's own, which folders are members of a workspace.

use depslim_model::{Facts, Role};
use std::collections::BTreeSet;

/// Of the descriptors that a lock lists, only those that the project's manifests write are its own.
pub(crate) fn settle(files: &mut [(String, Facts)]) {
    let written: BTreeSet<(String, String)> = files
        .iter()
        .filter(|(_, facts)| role(facts) == Some(Role::Manifest))
        .flat_map(|(_, facts)| &facts.requires)
        .filter_map(|require| Some((require.name.clone(), require.version.clone()?)))
        .collect();
    for (path, facts) in files {
        if path.rsplit('/').next() == Some("yarn.lock") && role(facts) == Some(Role::Lock) {
            facts.requires.retain(|require| {
                let descriptor = || (require.name.clone(), require.version.clone().unwrap_or_default());
                require.from.is_some() || require.version.is_none() || written.contains(&descriptor())
            });
        }
    }
}

/// Members of a workspace whose lock does not name them: told by the patterns of the manifest beside the lock.
pub(crate) fn workspace(files: &mut [(String, Facts)]) {
    let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let members: Vec<(String, String)> =
        files.iter().filter_map(|(path, facts)| Some((folder(path), facts.manifest.as_ref()?.name.clone()?))).collect();
    let roots: Vec<(String, Vec<String>)> = files
        .iter()
        .filter_map(|(path, facts)| Some((folder(path), facts.manifest.as_ref()?.members.clone())))
        .filter(|(_, patterns)| !patterns.is_empty())
        .collect();
    for (path, facts) in files.iter_mut().filter(|(path, _)| path.rsplit('/').next() == Some("yarn.lock")) {
        let around = folder(path);
        if role(facts) != Some(Role::Lock) || facts.provides.iter().any(|provide| provide.first_party) {
            continue;
        }
        let Some((_, patterns)) = roots.iter().find(|(root, _)| *root == around) else { continue };
        for (member, name) in &members {
            let Some(below) = below(&around, member) else { continue };
            if patterns.iter().any(|pattern| matches(pattern, below)) {
                facts.provides.push(super::lock::member(name, below, &format!("{name}@workspace:{below}"), 0));
            }
        }
    }
}

fn role(facts: &Facts) -> Option<Role> {
    facts.manifest.as_ref().map(|manifest| manifest.role)
}

fn below<'f>(around: &str, folder: &'f str) -> Option<&'f str> {
    let rest = if around.is_empty() { folder } else { folder.strip_prefix(around)?.strip_prefix('/')? };
    (!rest.is_empty()).then_some(rest)
}

/// Whether a folder is one of a pattern's: `packages/*`, `apps/**`.
fn matches(pattern: &str, folder: &str) -> bool {
    fn parts(pattern: &[&str], folder: &[&str]) -> bool {
        match (pattern, folder) {
            ([], []) => true,
            (["**", rest @ ..], _) => {
                parts(rest, folder) || folder.split_first().is_some_and(|(_, below)| parts(pattern, below))
            }
            ([first, rest @ ..], [part, below @ ..]) => {
                let fits = match first.split_once('*') {
                    Some((before, after)) => part.strip_prefix(before).is_some_and(|tail| tail.ends_with(after)),
                    None => first == part,
                };
                fits && parts(rest, below)
            }
            _ => false,
        }
    }
    let pattern: Vec<&str> = pattern.trim_start_matches("./").trim_end_matches('/').split('/').take(30).collect();
    parts(&pattern, &folder.split('/').collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::{Manifest, Require};

    fn require(name: &str, version: &str) -> Require {
        Require { name: name.into(), version: Some(version.into()), ..Require::default() }
    }

    fn file(path: &str, manifest: Manifest, requires: Vec<Require>) -> (String, Facts) {
        (path.into(), Facts { manifest: Some(manifest), requires, ..Facts::default() })
    }

    #[test]
    fn only_written_descriptors_are_the_projects() {
        let lock = Manifest { role: Role::Lock, ..Manifest::default() };
        let mut files = [
            file("package.json", Manifest::default(), vec![require("plum", "^1")]),
            file("yarn.lock", lock, vec![require("plum", "^1"), require("plum", "^2"), require("fig", "*")]),
        ];
        settle(&mut files);
        assert_eq!(files[1].1.requires, [require("plum", "^1")]);
    }

    #[test]
    fn members_are_told_by_patterns() {
        for (pattern, folder, expect) in [
            ("packages/*", "packages/soil", true),
            ("packages/*", "packages/soil/deep", false),
            ("./apps/**", "apps/a/b", true),
            ("libs/lib-*", "libs/lib-x", true),
            ("web", "web", true),
            ("web", "webs", false),
        ] {
            assert_eq!(matches(pattern, folder), expect, "{pattern} {folder}");
        }
        let named = |name: &str| Manifest { name: Some(name.into()), ..Manifest::default() };
        let mut files = [
            file("package.json", Manifest { members: vec!["packages/*".into()], ..named("farm") }, Vec::new()),
            file("packages/soil/package.json", named("soil"), Vec::new()),
            file("other/package.json", named("other"), Vec::new()),
            file("yarn.lock", Manifest { role: Role::Lock, ..Manifest::default() }, Vec::new()),
        ];
        workspace(&mut files);
        let found: Vec<_> = files[3].1.provides.iter().map(|p| (p.package.as_str(), p.origin.as_deref())).collect();
        assert_eq!(found, [("soil", Some("packages/soil"))]);
    }
}
