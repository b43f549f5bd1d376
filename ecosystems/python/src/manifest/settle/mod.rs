//! What the manifests of one project say together: which list is the lock of which, what an include makes of a list, whether a
//! production list is the manifest, which manager is in charge.

mod includes;
mod locks;
mod manager;

use super::classify::{self, home};
use crate::names::canonical;
use depslim_formats::path::join;
use depslim_model::{Facts, Group, Require, Role, Source};
use std::collections::BTreeSet;

/// Settles the facts of one project. The order of the files does not matter.
pub(crate) fn settle(files: &mut [(String, Facts)]) {
    let mut files: Vec<&mut (String, Facts)> = files.iter_mut().collect();
    files.sort_by(|a, b| a.0.cmp(&b.0));
    let files = files.as_mut_slice();
    locks::find(files);
    includes::follow(files);
    production_lists(files);
    promote(files);
    manager::decide(files);
}

type Files<'a> = [&'a mut (String, Facts)];

fn role(facts: &Facts) -> Option<Role> {
    facts.manifest.as_ref().map(|m| m.role)
}

fn set_role(facts: &mut Facts, role: Role) {
    if let Some(manifest) = &mut facts.manifest {
        manifest.role = role;
    }
}

/// True for the format that pip reads.
fn is_list(path: &str) -> bool {
    [".txt", ".in", ".pip"].iter().any(|end| path.ends_with(end))
        || path.ends_with(".lock")
            && !["uv.lock", "poetry.lock", "Pipfile.lock"].iter().any(|end| path.ends_with(end))
            && !path.rsplit('/').next().is_some_and(|f| f.starts_with("pdm."))
}

/// The project's own declarations in a file.
fn declared(facts: &Facts) -> impl Iterator<Item = &Require> {
    facts.requires.iter().filter(|r| r.from.is_none() && !r.name.is_empty())
}

/// Canonical names of what a file declares for production.
fn production(facts: &Facts) -> BTreeSet<String> {
    declared(facts).filter(|r| r.group == Group::Prod).map(|r| canonical(&r.name)).collect()
}

/// What the file's own name says of it, without configuration.
fn by_name(path: &str) -> classify::Listed {
    let settings = depslim_model::Settings::default();
    classify::list(&Source { path, bytes: b"", settings: &settings })
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A production list is a second list only beside a manifest that declares more; else people maintain it as the manifest.
fn production_lists(files: &mut Files<'_>) {
    let declares: Vec<(String, Option<Role>, BTreeSet<String>)> =
        files.iter().map(|f| (home(&f.0), role(&f.1), production(&f.1))).collect();
    for at in 0..files.len() {
        let (here, Some(Role::ProductionList), own) = &declares[at] else { continue };
        let includes = files[at].1.manifest.iter().flat_map(|m| &m.includes).any(|i| i.role == Role::Manifest);
        let manifests = declares.iter().filter(|(home, role, _)| home == here && *role == Some(Role::Manifest));
        let larger = manifests.map(|(_, _, names)| names.len()).max().unwrap_or(0) > own.len();
        if includes || !larger {
            set_role(&mut files[at].1, Role::Manifest);
        }
    }
}

/// Where nothing declares for production, lists of unclear names do (`requirements/api.txt`), and so does a compiled list whose
/// source is not there.
fn promote(files: &mut Files<'_>) {
    let declares = |files: &Files<'_>| {
        let counts = |facts: &Facts| matches!(role(facts), Some(Role::Manifest | Role::ProductionList));
        files.iter().any(|f| counts(&f.1) && declared(&f.1).any(|r| matches!(r.group, Group::Prod | Group::Optional)))
            // A package without dependencies says so by its name alone.
            || files.iter().any(|f| f.1.manifest.as_ref().is_some_and(|m| m.name.is_some() && m.role == Role::Manifest))
    };
    if !declares(files) {
        for file in files.iter_mut().filter(|f| is_list(&f.0) && role(&f.1) == Some(Role::Lock)) {
            if !production(&file.1).is_empty() {
                set_role(&mut file.1, Role::Manifest);
            }
        }
    }
    let prod = files.iter().any(|f| role(&f.1) == Some(Role::Manifest) && !production(&f.1).is_empty());
    if !prod {
        for file in files.iter_mut().filter(|f| is_list(&f.0) && role(&f.1) == Some(Role::Manifest)) {
            for require in file.1.requires.iter_mut().filter(|r| r.from.is_none() && r.group == Group::Optional) {
                require.group = Group::Prod;
            }
        }
    }
}

#[cfg(test)]
mod tests;
