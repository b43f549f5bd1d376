//! Stage 2b: manifests to projects: which files speak of which folder, and which lock belongs to it.

use crate::read::Sourced;
pub use depslim_formats::path::join;
use depslim_model::{Alias, Ecosystem, Group, Provide, Role};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A project: one folder, one ecosystem, and the manifests and locks that speak of it.
#[derive(Debug, Clone)]
pub struct ProjectFiles {
    /// Folder relative to the root; empty at the root.
    pub folder: String,
    /// Manifests and locks, settled. Projects of one tree share the lock of a folder above them.
    pub manifests: Vec<Arc<Sourced>>,
}

impl ProjectFiles {
    /// `.` at the root, else the folder.
    pub fn path(&self) -> &str {
        if self.folder.is_empty() { "." } else { &self.folder }
    }

    /// Whether a package, by its canonical name, is called like the project. A lock of a folder above speaks of another one.
    pub fn is_called(&self, ecosystem: &Ecosystem, canonical: &str) -> bool {
        let own = |m: &&Arc<Sourced>| !is_lock(m) || (ecosystem.home)(&m.path) == self.folder;
        let names = self.manifests.iter().filter(own).filter_map(|m| m.facts.manifest.as_ref()?.name.as_deref());
        names.into_iter().any(|name| (ecosystem.canonical)(name) == canonical)
    }

    /// The manifests in one role.
    pub fn in_role(&self, role: Role) -> impl Iterator<Item = &Sourced> {
        self.manifests
            .iter()
            .map(|m| &**m)
            .filter(move |m| m.facts.manifest.as_ref().is_some_and(|about| about.role == role))
    }
}

/// What a project has to know of another one of the same ecosystem.
#[derive(Debug, Clone)]
pub struct Other {
    /// Its folder relative to the root; empty at the root.
    pub folder: String,
    /// Canonical names that it calls itself by.
    pub names: BTreeSet<String>,
    /// Canonical names of what it declares.
    pub declares: BTreeSet<String>,
    /// Canonical names of what other manifests declare for it.
    pub inherits: BTreeSet<String>,
    /// Those of them that it declares for production.
    pub ships: BTreeSet<String>,
    /// What it asks of others: canonical names, and the features of them.
    pub asks: BTreeSet<(String, String)>,
    /// Names that stand for its modules everywhere, each with the folder of the file that says so.
    pub aliases: Vec<(String, Alias)>,
}

impl Other {
    /// What others have to know of a project.
    pub fn of(ecosystem: &Ecosystem, project: &ProjectFiles) -> Self {
        // What a workspace's lock lists as its own is its root's.
        let here = |m: &&std::sync::Arc<Sourced>| !is_lock(m) || (ecosystem.home)(&m.path) == project.folder;
        let all = || project.manifests.iter().filter(here).flat_map(|m| &m.facts.requires).filter(|r| r.from.is_none());
        // Where code sees nothing but what its own project declares, the others' lines are nobody's business.
        let own = || all().filter(|r| !ecosystem.by_name && !r.inherited);
        let production = |r: &&depslim_model::Require| matches!(r.group, Group::Prod | Group::Optional);
        let public = project.manifests.iter().flat_map(|m| {
            let folder = m.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            m.facts.aliases.iter().filter(|alias| alias.public).map(move |alias| (folder.to_owned(), alias.clone()))
        });
        Self {
            folder: project.folder.clone(),
            names: project
                .manifests
                .iter()
                .filter_map(|m| m.facts.manifest.as_ref()?.name.as_deref())
                .map(ecosystem.canonical)
                .collect(),
            inherits: all().filter(|r| r.inherited).map(|r| (ecosystem.canonical)(&r.name)).collect(),
            declares: own().map(|r| (ecosystem.canonical)(&r.name)).collect(),
            ships: own().filter(production).map(|r| (ecosystem.canonical)(&r.name)).collect(),
            asks: own()
                .flat_map(|r| r.features.iter().map(|f| ((ecosystem.canonical)(&r.name), (ecosystem.canonical)(f))))
                .collect(),
            aliases: public.collect(),
        }
    }
}

/// Sorts an ecosystem's manifests into projects.
pub fn assemble(ecosystem: &Ecosystem, all: Vec<Sourced>) -> Vec<ProjectFiles> {
    let all: Vec<Arc<Sourced>> = all.into_iter().map(Arc::new).collect();
    let mut by_home: BTreeMap<String, Vec<Arc<Sourced>>> = BTreeMap::new();
    let pool: BTreeMap<String, Arc<Sourced>> = all.iter().map(|s| (s.path.clone(), Arc::clone(s))).collect();
    for sourced in all {
        by_home.entry((ecosystem.home)(&sourced.path)).or_default().push(sourced);
    }
    let real: BTreeSet<String> = by_home
        .iter()
        .filter(|(_, files)| files.iter().any(|file| declares_production(file)))
        .map(|(h, _)| h.clone())
        .collect();
    let mut projects: BTreeMap<String, Vec<Arc<Sourced>>> = BTreeMap::new();
    let mut leftover = Vec::new();
    for (home, files) in by_home {
        if real.contains(&home) {
            projects.entry(home).or_default().extend(files);
        } else {
            leftover.push((home, files));
        }
    }
    // Lists for documentation, tests and tooling belong to the project around them; alone, they are one of their own.
    for (home, files) in leftover {
        let declares = files
            .iter()
            .any(|f| f.facts.requires.iter().any(|r| r.from.is_none()) || f.facts.problems.iter().any(|p| p.fatal));
        // A list that adds to another project's own is that one's.
        let included = files.iter().find_map(|file| {
            let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let includes = file.facts.manifest.iter().flat_map(|about| &about.includes);
            let mut homes = includes.filter_map(|i| Some((ecosystem.home)(&join(folder, &i.path)?)));
            homes.find(|home| real.contains(home))
        });
        let around = included.or_else(|| ancestors(&home).find(|a| real.contains(*a)).map(str::to_owned));
        match around {
            Some(owner) if declares => projects.entry(owner).or_default().extend(files),
            None if declares => projects.entry(home).or_default().extend(files),
            _ => {}
        }
    }
    let locks: BTreeMap<String, Vec<Arc<Sourced>>> =
        pool.values().filter(|s| is_lock(s) && !s.facts.provides.is_empty()).fold(BTreeMap::new(), |mut map, s| {
            map.entry((ecosystem.home)(&s.path)).or_insert_with(Vec::new).push(Arc::clone(s));
            map
        });
    projects
        .into_iter()
        .map(|(folder, mut manifests)| {
            take_in_includes(&mut manifests, &pool);
            inherit_lock(ecosystem, &folder, &mut manifests, &locks);
            manifests.sort_by(|a, b| a.path.cmp(&b.path));
            manifests.dedup_by(|a, b| a.path == b.path);
            settle(ecosystem, &mut manifests);
            ProjectFiles { folder, manifests }
        })
        .collect()
}

/// Names of folders whose projects are input of somebody's tests: nobody installs them.
const TEST_DATA: &[&str] =
    &["fixtures", "__fixtures__", "testdata", "test_data", "test-data", "test_fixtures", "test-fixtures", "__tests__"];

/// The folders whose resources are their tests' input.
const TESTS: &[&str] = &["test", "tests", "testing"];

/// Where a plug-in of a build keeps the projects that its tests build.
const INVOKED: [&str; 2] = ["src", "it"];

/// True for a folder of test data, or one below it.
pub fn is_test_data(folder: &str) -> bool {
    let parts: Vec<&str> = folder.split('/').collect();
    parts.iter().any(|part| TEST_DATA.contains(part))
        || parts
            .windows(2)
            .any(|pair| TESTS.contains(&pair[0]) && (pair[1].starts_with("resources") || pair[1] == "projects"))
        || parts.windows(2).any(|pair| pair == INVOKED)
}

/// A folder's parents, nearest first, ending with the root (empty).
pub fn ancestors(folder: &str) -> impl Iterator<Item = &str> {
    let mut rest = (!folder.is_empty()).then_some(folder);
    std::iter::from_fn(move || {
        let here = rest?;
        let parent = here.rsplit_once('/').map_or("", |(p, _)| p);
        rest = (!parent.is_empty()).then_some(parent);
        Some(parent)
    })
}

fn is_lock(sourced: &Sourced) -> bool {
    sourced.facts.manifest.as_ref().is_some_and(|m| m.role == Role::Lock)
}

fn declares_production(sourced: &Sourced) -> bool {
    let Some(about) = &sourced.facts.manifest else { return false };
    let own =
        sourced.facts.requires.iter().any(|r| r.from.is_none() && r.group != Group::Dev && r.group != Group::Build);
    match about.role {
        Role::Manifest | Role::ProductionList => {
            own || about.name.is_some()
                || sourced.facts.problems.iter().any(|p| p.fatal)
                || (!about.includes.is_empty() && sourced.facts.requires.is_empty())
        }
        Role::Lock => own,
        Role::Constraints => false,
    }
}

fn take_in_includes(manifests: &mut Vec<Arc<Sourced>>, pool: &BTreeMap<String, Arc<Sourced>>) {
    let mut at = 0;
    while at < manifests.len() {
        let here = &manifests[at];
        let folder = here.path.rsplit_once('/').map_or("", |(f, _)| f).to_owned();
        let wanted: Vec<String> = here
            .facts
            .manifest
            .iter()
            .flat_map(|m| &m.includes)
            .filter_map(|include| join(&folder, &include.path))
            .filter(|path| !manifests.iter().any(|m| &m.path == path))
            .collect();
        manifests.extend(wanted.iter().filter_map(|path| pool.get(path).cloned()));
        at += 1;
    }
}

fn inherit_lock(
    ecosystem: &Ecosystem,
    folder: &str,
    manifests: &mut Vec<Arc<Sourced>>,
    locks: &BTreeMap<String, Vec<Arc<Sourced>>>,
) {
    if manifests.iter().any(|m| is_lock(m) && !m.facts.provides.is_empty()) {
        return;
    }
    let canonical = ecosystem.canonical;
    let name = manifests.iter().find_map(|m| m.facts.manifest.as_ref()?.name.as_deref().map(canonical));
    for around in ancestors(folder) {
        let Some(found) = locks.get(around) else { continue };
        // A lock of a folder above is this project's only when it says so: the project is one of its members.
        let within = |p: &Provide| p.origin.as_deref().and_then(|origin| join(around, origin));
        let own = |p: &Provide| Some(canonical(&p.package)) == name || within(p).as_deref() == Some(folder);
        let member = |lock: &&Arc<Sourced>| lock.facts.provides.iter().any(|p| p.first_party && own(p));
        if let Some(lock) = found.iter().find(member) {
            manifests.push(Arc::clone(lock));
            return;
        }
    }
}

fn settle(ecosystem: &Ecosystem, manifests: &mut [Arc<Sourced>]) {
    let Some(settle) = ecosystem.settle else { return };
    let mut facts: Vec<_> =
        manifests.iter_mut().map(|m| (m.path.clone(), std::mem::take(&mut Arc::make_mut(m).facts))).collect();
    settle(&mut facts);
    for (manifest, (_, facts)) in manifests.iter_mut().zip(facts) {
        Arc::make_mut(manifest).facts = facts;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_come_nearest_first() {
        assert_eq!(ancestors("a/b/c").collect::<Vec<_>>(), ["a/b", "a", ""]);
        assert_eq!(ancestors("").count(), 0);
    }
}
