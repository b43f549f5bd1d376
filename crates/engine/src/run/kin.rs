//! What the projects of one tree are to each other: what each has to know of the rest, who is a tool of others, and what a lock that
//! several share says once.

use super::Project;
use crate::project::{Other, ProjectFiles};
use depslim_model::{Code, Ecosystem, Finding, Location};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The projects around one.
pub(super) struct Kin {
    /// Projects of the same language.
    pub(super) others: Vec<Arc<Other>>,
    /// Some of them declare this one, and whoever does for production is such a tool too.
    pub(super) tooling: bool,
}

impl Kin {
    /// Features of a project that the others ask for.
    pub(super) fn asked(&self, ecosystem: &Ecosystem, files: &ProjectFiles) -> BTreeSet<String> {
        let asks = self.others.iter().flat_map(|other| &other.asks);
        asks.filter(|(name, _)| files.is_called(ecosystem, name)).map(|(_, feature)| feature.clone()).collect()
    }
}

/// All projects of a tree, as the others see them.
pub(super) struct Tree<'a> {
    all: &'a [(&'static Ecosystem, ProjectFiles)],
    seen: Vec<Arc<Other>>,
    tooling: Vec<bool>,
}

/// Looks at every project once.
pub(super) fn acquainted<'a>(all: &'a [(&'static Ecosystem, ProjectFiles)]) -> Tree<'a> {
    let seen: Vec<Arc<Other>> = all.iter().map(|(ecosystem, files)| Arc::new(Other::of(ecosystem, files))).collect();
    let mut tree = Tree { all, seen, tooling: vec![false; all.len()] };
    // A tool's own tools are tools: one round for each step between them.
    loop {
        let more: Vec<usize> = (0..all.len()).filter(|at| !tree.tooling[*at] && tree.is_tool(*at)).collect();
        if more.is_empty() {
            return tree;
        }
        for at in more {
            tree.tooling[at] = true;
        }
    }
}

impl Tree<'_> {
    /// What the project at a place has around it.
    pub(super) fn beside(&self, at: usize) -> Kin {
        Kin { others: self.around(at).map(|other| Arc::clone(&self.seen[other])).collect(), tooling: self.tooling[at] }
    }

    fn around(&self, at: usize) -> impl Iterator<Item = usize> {
        let (ecosystem, files) = &self.all[at];
        let (name, folder) = (ecosystem.name, files.folder.as_str());
        (0..self.all.len()).filter(move |other| {
            let (ecosystem, files) = &self.all[*other];
            ecosystem.name == name && files.folder != folder
        })
    }

    fn is_tool(&self, at: usize) -> bool {
        let names = &self.seen[at].names;
        let declared = |other: &usize| names.iter().any(|name| self.seen[*other].declares.contains(name));
        let ships = |other: usize| names.iter().any(|name| self.seen[other].ships.contains(name));
        self.around(at).any(|other| declared(&other))
            && self.around(at).filter(declared).all(|other| self.tooling[other] || !ships(other))
    }
}

/// Projects that share a lock have its duplicates in common: each is told once, by the project that would gain most.
pub(super) fn once_per_lock(projects: &mut [Project]) {
    type Gain = (u64, usize, std::cmp::Reverse<usize>);
    let gain =
        |at: usize, finding: &Finding| -> Gain { (finding.bytes, finding.evidence.len(), std::cmp::Reverse(at)) };
    let mut best: BTreeMap<(Location, String), Gain> = BTreeMap::new();
    for (at, project) in projects.iter().enumerate() {
        for finding in project.findings.iter().filter(|finding| finding.code == Code::Duplicate) {
            let Some(key) = shared_key(finding) else { continue };
            let own = gain(at, finding);
            best.entry(key).and_modify(|best| *best = own.max(*best)).or_insert(own);
        }
    }
    for (at, project) in projects.iter_mut().enumerate() {
        project.findings.retain(|finding| {
            let key = (finding.code == Code::Duplicate).then(|| shared_key(finding)).flatten();
            key.is_none_or(|key| best.get(&key) == Some(&gain(at, finding)))
        });
    }
}

/// The line of a lock that a duplicate is found at, and the name that it has there.
fn shared_key(finding: &Finding) -> Option<(Location, String)> {
    let (_, name) = finding.fingerprint.rsplit_once(':')?;
    Some((finding.location.clone()?, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::Sourced;
    use depslim_model::{Facts, Group, Manifest, Require};

    /// A project with a name and what it declares: `name!` for production, `name` for development.
    fn project(name: &str, declares: &str) -> (&'static Ecosystem, ProjectFiles) {
        let requires = declares.split_whitespace().map(|word| Require {
            name: word.trim_end_matches('!').to_owned(),
            group: if word.ends_with('!') { Group::Prod } else { Group::Dev },
            ..Require::default()
        });
        let facts = Facts {
            manifest: Some(Manifest { name: Some(name.to_owned()), ..Manifest::default() }),
            requires: requires.collect(),
            ..Facts::default()
        };
        let manifest = Sourced { path: format!("{name}/toy.toml"), reader: "by hand", facts };
        (&depslim_toy::ECOSYSTEM, ProjectFiles { folder: name.to_owned(), manifests: vec![Arc::new(manifest)] })
    }

    fn tools(projects: &[(&str, &str)]) -> BTreeSet<String> {
        let all: Vec<_> = projects.iter().map(|(name, declares)| project(name, declares)).collect();
        let tree = acquainted(&all);
        all.iter().enumerate().filter(|(at, _)| tree.beside(*at).tooling).map(|(_, (_, p))| p.folder.clone()).collect()
    }

    #[test]
    fn a_tool_is_what_nobody_ships() {
        let check = |projects: &[(&str, &str)], expect: &[&str]| {
            assert_eq!(tools(projects), expect.iter().map(|name| (*name).to_owned()).collect(), "{projects:?}");
        };
        check(&[("app", "lint"), ("lint", "")], &["lint"]);
        check(&[("app", "lint!"), ("lint", "")], &[]);
        // What a tool ships, it ships to tools.
        check(&[("app", "config"), ("config", "plugin!"), ("plugin", "")], &["config", "plugin"]);
        check(&[("app", "config"), ("site", "plugin!"), ("config", "plugin!"), ("plugin", "")], &["config"]);
        // Nobody's tool: nobody declares it, or they declare each other.
        check(&[("one", ""), ("two", "")], &[]);
        check(&[("one", "two!"), ("two", "one!")], &[]);
    }
}
