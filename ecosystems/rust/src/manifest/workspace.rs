//! Workspaces: members inherit lines from the root, and lines that nobody inherits are left over.

use super::{INHERITED, WORKSPACE};
use depslim_model::{Facts, Group, Require};
use std::collections::{BTreeMap, BTreeSet};

/// Settles what the manifests of a tree say together.
pub(crate) fn settle(all: &mut [(String, Facts)]) {
    let roots: BTreeMap<String, BTreeMap<String, Require>> = all
        .iter()
        .filter(|(_, facts)| facts.requires.iter().any(|r| r.from.as_deref() == Some(WORKSPACE)))
        .map(|(path, facts)| {
            let lines = facts.requires.iter().filter(|r| r.from.as_deref() == Some(WORKSPACE));
            (crate::names::home(path), lines.map(|r| (key(r).to_owned(), r.clone())).collect())
        })
        .collect();
    let mut taken: BTreeSet<(String, String)> = BTreeSet::new();
    for (path, facts) in all.iter_mut() {
        let folder = crate::names::home(path);
        for require in facts.requires.iter_mut().filter(|r| r.origin.as_deref() == Some(INHERITED)) {
            let above =
                around(&folder).find(|folder| roots.get(*folder).is_some_and(|lines| lines.contains_key(key(require))));
            let Some(above) = above else {
                require.origin = None;
                continue;
            };
            taken.insert((above.to_owned(), key(require).to_owned()));
            inherit(require, &roots[above][key(require)]);
        }
    }
    // A member that can't be read may inherit anything.
    if all.iter().any(|(_, facts)| facts.problems.iter().any(|problem| problem.fatal)) {
        return;
    }
    for (path, facts) in all.iter_mut() {
        let folder = crate::names::home(path);
        leftovers(facts, |key| taken.contains(&(folder.clone(), key.to_owned())));
    }
}

/// The name that a line stands under.
pub(crate) fn key(require: &Require) -> &str {
    require.alias.as_deref().unwrap_or(&require.name)
}

fn inherit(require: &mut Require, from: &Require) {
    if require.name != from.name {
        require.alias = Some(std::mem::replace(&mut require.name, from.name.clone()));
    }
    require.version.clone_from(&from.version);
    require.origin.clone_from(&from.origin);
    let more = from.features.iter().filter(|f| !require.features.contains(f)).cloned().collect::<Vec<_>>();
    require.features.extend(more);
    if require.comment.is_none() {
        require.comment.clone_from(&from.comment);
    }
}

/// Lines of the root that no member inherits become declarations of the root, for which nothing can speak.
fn leftovers(facts: &mut Facts, taken: impl Fn(&str) -> bool) {
    let own: BTreeSet<String> = facts.requires.iter().filter(|r| r.from.is_none()).map(|r| key(r).to_owned()).collect();
    for require in &mut facts.requires {
        if require.from.as_deref() == Some(WORKSPACE) && !taken(key(require)) && !own.contains(key(require)) {
            require.from = None;
            require.group = Group::Dev;
            require.group_name = Some(WORKSPACE.into());
        }
    }
}

/// A folder and those around it, innermost first.
fn around(folder: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(folder);
    std::iter::from_fn(move || {
        let here = rest?;
        rest = if here.is_empty() { None } else { Some(here.rsplit_once('/').map_or("", |(above, _)| above)) };
        Some(here)
    })
}
