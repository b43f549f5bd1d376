//! Features, resolved without cargo and without a network: which packages of a lock are there, and with which features, with a line of
//! a manifest and without it ([features](https://doc.rust-lang.org/cargo/reference/features.html)).
//!
//! Versions are the lock's. What packages of registries require is read from their sources on this disk, where they are; a package
//! without sources has no lines that are known, and nothing is said about what hangs on it.

mod activate;
mod lines;
pub(crate) mod offers;
mod sources;

pub(crate) use activate::{Scope, Without};

use crate::manifest::workspace::key;
use activate::On;
use depslim_model::{Facts, Host, Role};
use lines::{Line, lines};
use rustc_hash::{FxHashMap, FxHashSet};
use sources::Sources;
use std::cell::OnceCell;
use std::path::PathBuf;

/// A lock with what its packages require.
pub(crate) struct Locked<'m> {
    sources: Sources,
    packages: Vec<Package<'m>>,
    /// By name: its copies.
    by_name: FxHashMap<&'m str, Vec<usize>>,
    /// Packages of the tree itself.
    pub(crate) members: Vec<usize>,
    /// Requirements of all packages; read when they are asked for first.
    all: OnceCell<Vec<Requires>>,
}

/// A package of the lock.
struct Package<'m> {
    name: &'m str,
    version: &'m str,
    /// Its manifest, when it is one of the tree.
    manifest: Option<&'m Facts>,
    /// Packages that it leads to.
    edges: Vec<usize>,
}

/// What a package requires.
#[derive(Debug, Default)]
struct Requires {
    /// False when its manifest is not on this disk.
    known: bool,
    lines: Vec<Line>,
    /// By feature: what it turns on.
    features: FxHashMap<String, Vec<String>>,
}

impl<'m> Locked<'m> {
    /// A lock and the manifests of its tree, by package name.
    pub(crate) fn of(
        host: &Host<'_>,
        folder: &str,
        lock: &'m Facts,
        manifests: &FxHashMap<&'m str, &'m Facts>,
    ) -> Option<Self> {
        lock.manifest.as_ref().filter(|about| about.role == Role::Lock)?;
        let mut places: FxHashMap<&str, usize> = FxHashMap::default();
        let mut by_name: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        let mut packages: Vec<Package<'m>> = Vec::new();
        let mut members = Vec::new();
        for (at, provide) in lock.provides.iter().enumerate() {
            places.insert(provide.key.as_deref().unwrap_or_default(), at);
            by_name.entry(&provide.package).or_default().push(at);
            let manifest = manifests.get(provide.package.as_str()).copied().filter(|_| provide.first_party);
            if manifest.is_some() {
                members.push(at);
            }
            let (name, version) = (provide.package.as_str(), provide.version.as_str());
            packages.push(Package { name, version, manifest, edges: Vec::new() });
        }
        for require in &lock.requires {
            let place = |key: &Option<String>| key.as_deref().and_then(|key| places.get(key)).copied();
            if let (Some(from), Some(to)) = (place(&require.from_key), place(&require.key)) {
                packages[from].edges.push(to);
            }
        }
        let sources = Sources::of(host, folder);
        (!members.is_empty()).then(|| Self { sources, packages, by_name, members, all: OnceCell::new() })
    }

    /// The place of a package of the tree.
    pub(crate) fn member(&self, name: &str) -> Option<usize> {
        self.by_name.get(name)?.iter().copied().find(|at| self.packages[*at].manifest.is_some())
    }

    /// The package that a line of a package leads to, told by the names that the line has.
    pub(crate) fn target(&self, from: usize, name: &str, version: Option<&str>) -> Option<usize> {
        let named = || self.packages[from].edges.iter().copied().filter(|to| self.packages[*to].name == name);
        let wanted = version.unwrap_or_default().trim_start_matches(['=', '^', '~', '>', '<', ' ', 'v']);
        // A lock has at most one package for what is compatible with each other.
        let fits = |to: &usize| {
            let (mut have, mut want) = (self.packages[*to].version.split('.'), wanted.split('.'));
            let (major, asked) = (have.next(), want.next());
            major == asked && (major != Some("0") || want.next().is_none_or(|minor| have.next() == Some(minor)))
        };
        named().find(fits).or_else(|| named().next())
    }

    /// The name of a package.
    pub(crate) fn name(&self, at: usize) -> &'m str {
        self.packages[at].name
    }

    /// Whether it is none of the tree's own.
    pub(crate) fn is_foreign(&self, at: usize) -> bool {
        self.packages[at].manifest.is_none()
    }

    /// Packages that only this one leads to.
    pub(crate) fn alone(&self, at: usize) -> Vec<usize> {
        let counted = |to: &&usize| self.packages.iter().filter(|p| p.edges.contains(to)).count() == 1;
        self.packages[at].edges.iter().filter(counted).copied().collect()
    }

    /// The folder of a package's sources.
    pub(crate) fn folder(&self, at: usize) -> Option<PathBuf> {
        self.sources.folder(self.packages[at].name, self.packages[at].version)
    }

    /// What a feature of a package leads to in the package itself: its features, and the keys of its lines (`dep:x`, `x/y`).
    /// `None` when its sources are not there, or it has no such feature.
    pub(crate) fn expansion(&self, at: usize, feature: &str) -> Option<Vec<String>> {
        let requires = match self.all.get() {
            Some(all) => &all[at],
            None => &self.read(at),
        };
        if !requires.known || !requires.has(feature) {
            return None;
        }
        let (mut seen, mut work): (Vec<String>, Vec<String>) = (Vec::new(), vec![feature.to_owned()]);
        while let Some(value) = work.pop() {
            if seen.contains(&value) {
                continue;
            }
            match requires.features.get(&value) {
                Some(values) => work.extend(values.iter().cloned()),
                None if requires.has(&value) => work.push(format!("dep:{value}")),
                None => {}
            }
            seen.push(value);
        }
        Some(seen)
    }

    /// Features that a package has on by default.
    pub(crate) fn defaults(&self, at: usize) -> Vec<String> {
        let requires = match self.all.get() {
            Some(all) => &all[at],
            None => &self.read(at),
        };
        requires.features.get("default").cloned().unwrap_or_default()
    }

    /// Packages that leave the lock for good, by place.
    pub(crate) fn freed(&self, without: &Without<'_>) -> Vec<usize> {
        let nothing = Without::default();
        let (before, after) = (self.everything(&nothing), self.everything(without));
        (0..self.packages.len()).filter(|at| before.has(*at) && !after.has(*at)).collect()
    }

    /// Features that packages lose which stay when a line goes: `feature of package`. `None` when too little is known.
    pub(crate) fn lost(&self, member: usize, line: &str, table: &str) -> Option<Vec<String>> {
        let all = self.requires();
        let gone = all[member].lines.iter().position(|l| l.key == line && l.table == table)?;
        let target = all[member].lines[gone].target?;
        if !all[target].known {
            return None;
        }
        let removed = [(member, gone)];
        let (nothing, without) = (Without::default(), Without { lines: &removed, ..Without::default() });
        let mut lost = FxHashSet::default();
        let narrow = Scope { kept: Some((member, gone)), ..Scope::narrow(table) };
        // What is there on some platforms only may lack there what it has everywhere else.
        let scopes = [narrow, Scope { conditional: true, ..narrow }];
        for (roots, features) in [
            (vec![member], Asked::Nothing),
            (vec![member], Asked::Default),
            (vec![member], Asked::All),
            (self.members.clone(), Asked::Default),
            (self.members.clone(), Asked::All),
        ] {
            for scope in &scopes {
                let before = self.activate(&roots, features, scope, &nothing);
                let after = self.activate(&roots, features, scope, &without);
                for at in (0..self.packages.len()).filter(|at| after.has(*at) && *at != member) {
                    lost.extend(before.more_than(&after, at).into_iter().map(|feature| (feature, at)));
                }
            }
        }
        let mut lost: Vec<String> =
            lost.into_iter().map(|(feature, at)| format!("{feature} of {}", self.packages[at].name)).collect();
        lost.sort();
        Some(lost)
    }

    /// All that a lock holds packages for.
    fn everything<'r>(&'r self, without: &'r Without<'r>) -> On<'r> {
        self.activate(&self.members, Asked::All, &Scope::wide(), without)
    }

    fn activate<'r>(&'r self, roots: &[usize], asked: Asked, scope: &Scope, without: &'r Without<'r>) -> On<'r> {
        activate::activate(self.requires(), roots, asked, scope, without)
    }

    fn requires(&self) -> &[Requires] {
        self.all.get_or_init(|| (0..self.packages.len()).map(|at| self.read(at)).collect())
    }

    fn read(&self, at: usize) -> Requires {
        let package = &self.packages[at];
        let read;
        let facts = match package.manifest {
            Some(facts) => facts,
            None => match self.sources.manifest(package.name, package.version) {
                Some(facts) => {
                    read = facts;
                    &read
                }
                None => return Requires::default(),
            },
        };
        let target = |name: &str, version: Option<&str>| self.target(at, name, version);
        Requires { known: true, lines: lines(facts, target, key), features: lines::features(facts) }
    }
}

/// Which features of the roots are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Nothing,
    Default,
    All,
}

impl Requires {
    /// Whether it is a feature: of the table, or the name of an optional line that nothing hides.
    fn has(&self, name: &str) -> bool {
        self.features.contains_key(name) || self.lines.iter().any(|line| line.optional && line.key == name)
    }
}

#[cfg(test)]
mod tests;
