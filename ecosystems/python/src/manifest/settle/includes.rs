//! What an include makes of the list that it takes in, and of the project's own extras.

use super::{Files, by_name, folder, is_list, join, role, set_role};
use crate::names::canonical;
use depslim_model::{Facts, Group, Problem, Role};
use std::collections::{BTreeMap, BTreeSet};

/// Follows `-r`, `-c`, `file:` and `-e .[extra]`.
pub(super) fn follow(files: &mut Files<'_>) {
    missing(files);
    let edges = edges(files);
    constraints(files, &edges);
    let names = names(files);
    own_paths(files, &names);
    locked_addresses(files);
    production(files, &edges);
    development(files, &edges);
}

/// Include edges: from, to, role.
type Edges = Vec<(usize, usize, Role)>;

fn edges(files: &Files<'_>) -> Edges {
    let index: BTreeMap<&str, usize> = files.iter().enumerate().map(|(at, f)| (f.0.as_str(), at)).collect();
    let mut edges = Vec::new();
    for (from, file) in files.iter().enumerate() {
        for include in file.1.manifest.iter().flat_map(|m| &m.includes) {
            let path = join(folder(&file.0), &include.path);
            if let Some(to) = path.and_then(|p| index.get(p.as_str()).copied()).filter(|to| *to != from) {
                edges.push((from, to, include.role));
            }
        }
    }
    edges
}

fn missing(files: &mut Files<'_>) {
    let known: BTreeSet<String> = files.iter().map(|f| f.0.clone()).collect();
    for file in files.iter_mut() {
        let folder = folder(&file.0).to_owned();
        let lost = file
            .1
            .manifest
            .iter()
            .flat_map(|m| &m.includes)
            .filter(|i| join(&folder, &i.path).is_none_or(|path| !known.contains(&path)));
        let problems: Vec<Problem> = lost
            .map(|i| {
                Problem::at(
                    i.line,
                    format!("`{}` is taken in here and was not found among the lists that are read", i.path),
                )
            })
            .collect();
        file.1.problems.extend(problems);
    }
}

/// A file that is only ever used as constraints, and not named like a list of requirements, asks for nothing.
fn constraints(files: &mut Files<'_>, edges: &Edges) {
    for (at, file) in files.iter_mut().enumerate() {
        let roles: Vec<Role> = edges.iter().filter(|(_, to, _)| *to == at).map(|(.., role)| *role).collect();
        let only = !roles.is_empty() && roles.iter().all(|r| *r == Role::Constraints);
        let plain = file.0.rsplit('/').next().is_some_and(|f| f.contains("requirements"));
        if only && !plain && role(&file.1) == Some(Role::Manifest) {
            set_role(&mut file.1, Role::Constraints);
        }
    }
}

/// The projects' names by folder.
fn names(files: &Files<'_>) -> BTreeMap<String, String> {
    let own = |f: &(String, Facts)| f.1.manifest.as_ref().filter(|m| m.role == Role::Manifest)?.name.clone();
    files.iter().filter_map(|f| Some((folder(&f.0).to_owned(), own(f)?))).collect()
}

/// `-e .[web]` asks for the extra of the project that stands there, for whom the list is; `./libs/plum` has the name that the
/// project there gives itself.
fn own_paths(files: &mut Files<'_>, names: &BTreeMap<String, String>) {
    let mut asked: Vec<(String, String, Group)> = Vec::new();
    for file in files.iter_mut() {
        let here = folder(&file.0).to_owned();
        let counts = role(&file.1) != Some(Role::Constraints);
        for require in file.1.requires.iter_mut().filter(|r| r.from.is_none() && r.name.is_empty()) {
            let Some(path) = require.origin.as_deref().filter(|o| !o.contains("://")) else { continue };
            let Some(target) = join(&here, path.strip_prefix("file:").unwrap_or(path)) else { continue };
            if counts {
                asked.extend(require.features.iter().map(|f| (target.clone(), canonical(f), require.group)));
            }
            // The project itself is no dependency of its own.
            if target != super::home(&file.0)
                && let Some(name) = names.get(&target)
            {
                require.name.clone_from(name);
            }
        }
    }
    for (target, extra, group) in asked.into_iter().filter(|(.., group)| *group != Group::Optional) {
        for file in files.iter_mut().filter(|f| folder(&f.0) == target && !is_list(&f.0)) {
            let of_extra = file.1.requires.iter_mut().filter(|r| {
                r.from.is_none()
                    && r.group == Group::Optional
                    && r.group_name.as_deref().map(canonical).as_deref() == Some(&extra)
            });
            of_extra.for_each(|r| r.group = group);
        }
    }
}

/// A bare URL has the name that a lock of the project gives to the same URL.
fn locked_addresses(files: &mut Files<'_>) {
    let plain = |origin: &str| origin.split('#').next().unwrap_or_default().trim_end_matches('/').to_owned();
    let known: BTreeMap<String, String> = files
        .iter()
        .flat_map(|f| &f.1.provides)
        .filter_map(|p| Some((plain(p.origin.as_deref()?), p.package.clone())))
        .collect();
    for file in files.iter_mut() {
        let facts = &mut file.1;
        for require in facts.requires.iter_mut().filter(|r| r.name.is_empty()) {
            let Some(origin) = require.origin.as_deref().filter(|o| o.contains("://")) else { continue };
            let Some(name) = known.get(&plain(origin)) else { continue };
            require.name.clone_from(name);
            let shown = crate::manifest::requirement::shown(origin);
            facts.problems.retain(|p| p.line != require.line || !p.message.starts_with(&shown));
        }
    }
}

/// What a list of production takes in is of production.
fn production(files: &mut Files<'_>, edges: &Edges) {
    let named: Vec<_> = files.iter().map(|f| is_list(&f.0).then(|| by_name(&f.0))).collect();
    let of_production = |at: usize| named[at].as_ref().is_some_and(|n| n.role == Role::ProductionList);
    let has_own_list = (0..files.len()).any(of_production);
    let starts = |at: usize, files: &Files<'_>| {
        let live = matches!(role(&files[at].1), Some(Role::Manifest | Role::ProductionList));
        live && named[at].as_ref().is_none_or(|n| n.group == Group::Prod) && !is_dev(&files[at].1)
    };
    let mut work: Vec<usize> = (0..files.len()).filter(|at| starts(*at, files)).collect();
    let mut done: BTreeSet<usize> = work.iter().copied().collect();
    while let Some(at) = work.pop() {
        for (_, to, _) in edges.iter().filter(|(from, _, role)| *from == at && *role == Role::Manifest) {
            let development = named[*to].as_ref().is_some_and(|n| n.group == Group::Dev);
            // `requirements.txt` that takes in everything for convenience, beside lists that say what production is.
            if done.contains(to) || (development && has_own_list && !of_production(at)) {
                continue;
            }
            done.insert(*to);
            work.push(*to);
            if matches!(role(&files[*to].1), Some(Role::Manifest | Role::ProductionList)) {
                regroup(&mut files[*to].1, Group::Prod, None);
            }
        }
    }
}

/// What only lists of development take in, and no name says to be of production, is of development; not so the list of a feature
/// that the project offers under the same name.
fn development(files: &mut Files<'_>, edges: &Edges) {
    let offered: BTreeSet<String> = files
        .iter()
        .filter(|f| !is_list(&f.0))
        .flat_map(|f| {
            f.1.requires.iter().filter(|r| r.group == Group::Optional).filter_map(|r| r.group_name.as_deref())
        })
        .map(canonical)
        .collect();
    for at in 0..files.len() {
        let taken: Vec<usize> =
            edges.iter().filter(|(_, to, r)| *to == at && *r == Role::Manifest).map(|(from, ..)| *from).collect();
        let unclear = |r: &&depslim_model::Require| {
            r.group == Group::Optional && r.group_name.as_deref().is_some_and(|n| !offered.contains(&canonical(n)))
        };
        let all_unclear = files[at].1.requires.iter().filter(|r| r.from.is_none()).all(|r| unclear(&r));
        let by_development = taken.iter().all(|from| is_dev(&files[*from].1) || is_dev_name(&files[*from].0));
        if !taken.is_empty() && all_unclear && is_list(&files[at].0) && by_development {
            let name = by_name(&files[taken[0]].0).name;
            regroup(&mut files[at].1, Group::Dev, name.as_deref());
        }
    }
}

fn is_dev_name(path: &str) -> bool {
    is_list(path) && by_name(path).group == Group::Dev
}

/// All that the file declares is for development.
fn is_dev(facts: &Facts) -> bool {
    let mut own = facts.requires.iter().filter(|r| r.from.is_none()).peekable();
    own.peek().is_some() && own.all(|r| r.group == Group::Dev)
}

fn regroup(facts: &mut Facts, group: Group, name: Option<&str>) {
    for require in facts.requires.iter_mut().filter(|r| r.from.is_none()) {
        require.group = group;
        require.group_name = name.map(str::to_owned);
    }
}
