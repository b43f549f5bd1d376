//! The requirements that `go mod tidy` would leave: which modules have a line, at which version, marked or not.
//!
//! From Go 1.17 on a file lists every module that has a package which the project's packages or tests reach
//! (<https://go.dev/ref/mod#graph-pruning>); before, only what other lines do not imply (<https://go.dev/ref/mod#mvs-req>).

use super::Main;
use super::modules::holds;
use super::packages::Walk;
use crate::graph::{BuildList, Graph};
use crate::join::beginnings;
use crate::layout::{Stated, Wanted};
use crate::version::compare;
use crate::{gomod, language};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// Requirements, and what follows from them.
#[derive(Debug)]
pub(super) struct Tidy {
    pub(super) wanted: Wanted,
    /// The language version that the modules ask for, if the file asks for an older one.
    pub(super) go: Option<String>,
    /// The build list that the requirements make.
    pub(super) list: BuildList,
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Outcome {
    Tidy(Tidy),
    /// With these roots other versions count: packages have to be looked up anew.
    Again(BTreeMap<String, String>),
    /// Not all is known.
    Unknown,
}

/// The requirements, after a walk that followed tests of other modules too.
pub(super) fn tidied(main: &Main, graph: &mut Graph<'_>, walk: &Walk, selected: &BuildList) -> Outcome {
    let module = &main.module;
    let complete = walk.unresolved.is_none() && walk.unread.is_empty() && walk.modules.missing.is_empty();
    let Some(own) = module.go.as_deref().filter(|_| complete && main.own.len() == 1) else { return Outcome::Unknown };
    let pruned = module.at_least(17);
    let roots = if pruned { pruned_roots(graph, walk, selected) } else { unpruned_roots(graph, walk, selected) };
    let list = graph.build_list(roots.iter().map(|(path, version)| (path.as_str(), version.as_str())));
    if !list.missing.is_empty() {
        return Outcome::Unknown;
    }
    let moved = |(path, version): (&String, &String)| list.selected.get(path).is_some_and(|other| other != version);
    if roots.iter().any(moved) {
        return Outcome::Again(list.selected.into_iter().filter(|(path, _)| roots.contains_key(path)).collect());
    }
    let go = list.go.clone().filter(|go| language::compare(go, own).is_gt());
    if go.as_deref().is_some_and(|go| gomod::language(Some(go)) >= 17) && !pruned {
        return Outcome::Unknown;
    }
    let direct: FxHashSet<&str> = walk.direct.keys().map(|at| walk.modules.all[*at].path.as_str()).collect();
    let wanted = roots
        .into_iter()
        .map(|(path, version)| {
            let indirect = !direct.contains(path.as_str());
            (path, Stated { version, indirect })
        })
        .collect();
    Outcome::Tidy(Tidy { wanted, go, list })
}

/// A line for each module with a package that the project reaches; for those too that only tests of other modules need, where they
/// would get an earlier version otherwise, the nearest to these tests first.
fn pruned_roots(graph: &mut Graph<'_>, walk: &Walk, selected: &BuildList) -> BTreeMap<String, String> {
    let mut roots: BTreeMap<String, String> = BTreeMap::new();
    for (at, known) in &walk.known {
        if !known.packages.is_empty() {
            let module = &walk.modules.all[*at];
            roots.insert(module.path.clone(), module.version.clone());
        }
    }
    let mut list = list_of(graph, &roots);
    for level in &walk.tested {
        let before = roots.len();
        for (_, at) in level {
            let module = &walk.modules.all[*at];
            let earlier = list.selected.get(&module.path).is_none_or(|v| compare(v, &module.version).is_lt());
            if earlier && !roots.contains_key(&module.path) {
                roots.insert(module.path.clone(), module.version.clone());
            }
        }
        if roots.len() > before {
            list = list_of(graph, &roots);
        }
    }
    // Without its line, a module that has a package may be one of several that do.
    loop {
        let before = roots.len();
        for (import, at) in walk.tested.iter().flatten() {
            let path = &walk.modules.all[*at].path;
            if roots.contains_key(path) {
                continue;
            }
            let candidates: Vec<&str> = beginnings(import).filter(|b| list.selected.contains_key(*b)).collect();
            if candidates.iter().any(|b| roots.contains_key(*b)) || candidates.len() < 2 {
                continue;
            }
            let supplies = |beginning: &&&str| {
                let folder = graph.folder_of(beginning, &list.selected[**beginning]);
                folder.is_some_and(|folder| holds(&folder.join(import[beginning.len()..].trim_start_matches('/'))))
            };
            if candidates.iter().filter(supplies).count() > 1
                && let Some(version) = selected.selected.get(path)
            {
                roots.insert(path.clone(), version.clone());
            }
        }
        if roots.len() == before {
            return roots;
        }
        list = list_of(graph, &roots);
    }
}

fn list_of(graph: &mut Graph<'_>, roots: &BTreeMap<String, String>) -> BuildList {
    graph.build_list(roots.iter().map(|(path, version)| (path.as_str(), version.as_str())))
}

/// The fewest lines that make the same build list: those of modules that the project's own code imports, and of what these do not
/// imply.
fn unpruned_roots(graph: &mut Graph<'_>, walk: &Walk, selected: &BuildList) -> BTreeMap<String, String> {
    let mut keep: BTreeMap<String, String> = BTreeMap::new();
    let mut others: BTreeMap<&str, &str> = BTreeMap::new();
    let reached = walk.known.iter().flat_map(|(at, known)| known.packages.keys().map(move |import| (import, *at)));
    let tested = walk.tested.iter().flatten().map(|(import, at)| (import, *at));
    for (import, at) in reached.chain(tested) {
        let module = &walk.modules.all[at];
        keep.insert(module.path.clone(), module.version.clone());
        let known = beginnings(import).filter_map(|b| selected.selected.get_key_value(b));
        others.extend(known.filter(|(b, _)| **b != module.path).map(|(b, v)| (b.as_str(), v.as_str())));
    }
    let direct: Vec<&str> = walk.direct.keys().map(|at| walk.modules.all[*at].path.as_str()).collect();
    let least = required(graph, &keep, &direct);
    // What could supply an import, and stays, must not become earlier.
    let list = list_of(graph, &keep);
    let before = keep.len();
    for (path, version) in others {
        if list.selected.get(path).is_some_and(|v| compare(v, version).is_lt()) {
            keep.insert(path.to_owned(), version.to_owned());
        }
    }
    if keep.len() == before { least } else { required(graph, &keep, &direct) }
}

/// The fewest requirements that, with those of `base`, imply the build list of `keep`.
fn required(graph: &mut Graph<'_>, keep: &BTreeMap<String, String>, base: &[&str]) -> BTreeMap<String, String> {
    let list = list_of(graph, keep);
    let mut implies: FxHashMap<(String, String), Vec<(String, String)>> = FxHashMap::default();
    let mut order: Vec<(String, String)> = Vec::new();
    // Behind what it implies.
    let mut work: Vec<((String, String), bool)> =
        list.selected.iter().rev().map(|(path, version)| ((path.clone(), version.clone()), false)).collect();
    while let Some((module, done)) = work.pop() {
        if done {
            order.push(module);
            continue;
        }
        if implies.contains_key(&module) {
            continue;
        }
        let requires = graph.required(&module.0, &module.1);
        work.push((module.clone(), true));
        work.extend(requires.iter().rev().map(|required| (required.clone(), false)));
        implies.insert(module, requires);
    }
    let mut have: FxHashSet<&(String, String)> = FxHashSet::default();
    let mut least = BTreeMap::new();
    let first = base.iter().filter_map(|path| list.selected.get_key_value(*path));
    let first: Vec<(String, String)> = first.map(|(path, version)| (path.clone(), version.clone())).collect();
    let rest = order.iter().rev().filter(|(path, version)| list.selected.get(path) == Some(version));
    for (at, module) in first.iter().chain(rest).enumerate() {
        if at >= first.len() && have.contains(module) {
            continue;
        }
        least.insert(module.0.clone(), module.1.clone());
        let mut work = vec![module];
        while let Some(module) = work.pop() {
            if have.insert(module) {
                work.extend(implies.get(module).into_iter().flatten());
            }
        }
    }
    least
}
