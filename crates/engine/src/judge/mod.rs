//! Stage 6: verdicts, retained bytes and findings. Pure functions over facts; can be tested with data written by hand.

mod confidence;
mod duplicates;
mod findings;
mod report;
mod roles;
#[cfg(test)]
mod tests;
mod verdict;

pub use findings::findings;
pub use report::{packages, totals};
pub use roles::roles;
pub use verdict::{Verdict, Verdicts, decide};

use crate::link::{Graph, Known};
use crate::observe::{Observed, Seen};
use crate::project::ProjectFiles;
use crate::rules::Rules;
use crate::weigh::{Item, Line, Retained, retained};
use depslim_model::report::{Measure, Tree};
use depslim_model::{Ecosystem, Group, Role, Target};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of the packages, and where they come from.
#[derive(Debug, Clone, Default)]
pub struct Weights {
    /// How they were found.
    pub measure: Measure,
    /// Bytes by package.
    pub bytes: Vec<u64>,
    /// Files by package.
    pub files: Vec<u32>,
    /// The environment's bytes, part by part.
    pub tree: Option<Tree>,
}

/// All the facts that judging one project needs.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The language.
    pub ecosystem: &'static Ecosystem,
    /// The platform of the image.
    pub target: &'a Target,
    /// The project.
    pub project: &'a ProjectFiles,
    /// The package graph.
    pub graph: &'a Graph,
    /// What was seen.
    pub observed: &'a Observed,
    /// Sizes.
    pub weights: &'a Weights,
    /// What the ecosystem knows of packages.
    pub rules: &'a Rules,
    /// Threshold of SLIM003, bytes.
    pub heavy: u64,
    /// Packages that the configuration keeps: canonical name → reason.
    pub keep: &'a BTreeMap<String, String>,
    /// What people call the environment, if one was found.
    pub environment: Option<&'a str>,
    /// Other projects of the repository declare this one, and all of them for development: it is a tool of theirs.
    pub tooling: bool,
    /// Features of this project that others of the repository ask for, by canonical name.
    pub asked: &'a BTreeSet<String>,
}

impl Case<'_> {
    /// What was seen of a package.
    pub fn seen(&self, package: u32) -> &Seen {
        &self.observed.seen[package as usize]
    }

    /// The reason when the configuration keeps it.
    pub fn keeps(&self, package: u32) -> Option<&str> {
        self.keep.get(&self.graph.node(package).canonical).map(String::as_str)
    }

    /// False for the project's own code, which no list installs from a registry.
    pub fn installable(&self, package: u32) -> bool {
        let node = self.graph.node(package);
        !node.provide.first_party || node.known >= Known::Listed
    }

    /// Whether the project's lines for it are judged: what is installed from a registry, and where every line counts, its own code too.
    pub fn judged(&self, package: u32) -> bool {
        self.installable(package) || ((self.ecosystem.by_name || self.ecosystem.strict) && !self.is_itself(package))
    }

    /// Whether a line for development or for the build is used. Tests see what production uses.
    pub fn aside_is_used(&self, declared: &crate::link::Declared) -> bool {
        let seen = self.seen(declared.package);
        match declared.require.group {
            Group::Dev => !seen.dev.is_empty() || !seen.prod.is_empty(),
            Group::Build => !seen.build.is_empty(),
            Group::Prod | Group::Optional => true,
        }
    }

    /// Lines for development and for the build that nothing uses, where every line is judged.
    pub fn idle_lines(&self) -> impl Iterator<Item = &crate::link::Declared> {
        let all: &[crate::link::Declared] = if self.ecosystem.by_name { &self.graph.declared } else { &[] };
        all.iter().filter(|d| self.judged(d.package) && !self.aside_is_used(d))
    }

    /// True for the package that the project itself is, when it is installed beside what it needs.
    pub fn is_itself(&self, package: u32) -> bool {
        self.project.is_called(self.ecosystem, &self.graph.node(package).canonical)
    }

    /// Whether this project is the one that speaks for a lock which it shares with others: the first of the lock's own packages.
    pub fn speaks_for_lock(&self) -> bool {
        let first =
            |lock: &crate::read::Sourced| lock.facts.provides.iter().find(|p| p.first_party).map(|p| p.package.clone());
        let name = self.project.in_role(Role::Lock).find_map(first);
        let names = self.project.manifests.iter().filter_map(|m| m.facts.manifest.as_ref()?.name.as_deref());
        name.is_some_and(|name| names.into_iter().any(|own| own == name))
    }

    /// Number and declaration of the production lines.
    pub fn production_lines(&self) -> impl Iterator<Item = (u32, &crate::link::Declared)> {
        self.graph
            .declared
            .iter()
            .enumerate()
            .filter(|(_, d)| matches!(d.require.group, Group::Prod | Group::Optional))
            .map(|(at, d)| (at as u32, d))
    }

    /// The declarations that are judged: those of production, and where a declaration serves its own project alone, all others too.
    pub fn judged_lines(&self) -> impl Iterator<Item = &crate::link::Declared> {
        let all = self.ecosystem.strict;
        self.graph
            .declared
            .iter()
            .filter(move |d| all || matches!(d.require.group, Group::Prod | Group::Optional))
            // What users of the project bring is a promise of theirs, used or not.
            .filter(|d| !d.require.inherited && !d.require.peer && self.judged(d.package))
    }

    /// `services/api#python`.
    pub fn id(&self) -> String {
        format!("{}#{}", self.project.path(), self.ecosystem.name)
    }

    /// The package's URL.
    pub fn purl(&self, package: u32) -> String {
        self.graph.node(package).purl(self.ecosystem)
    }

    /// The manifest that production installs from: the one that an image installs, else the one that declares most.
    pub fn manifest(&self) -> Option<String> {
        let named: Vec<&str> = self
            .observed
            .installs
            .iter()
            .filter(|(_, i)| matches!(i.stage, depslim_model::Stage::ImageBuild | depslim_model::Stage::Builder))
            .flat_map(|(_, i)| i.files.iter().map(|f| f.rsplit('/').next().unwrap_or(f)))
            .collect();
        let mut manifests: Vec<(bool, usize, &str)> = self
            .project
            .in_role(Role::Manifest)
            .map(|m| {
                let production = m.facts.requires.iter().filter(|r| r.from.is_none() && r.group == Group::Prod).count();
                let name = m.path.rsplit('/').next().unwrap_or(&m.path);
                (named.contains(&name) && production > 0, production, m.path.as_str())
            })
            .collect();
        manifests.sort_by(|a, b| (b.0, b.1, a.2).cmp(&(a.0, a.1, b.2)));
        let lock = || self.project.in_role(Role::Lock).next().map(|m| m.path.clone());
        manifests.first().map(|m| m.2.to_owned()).or_else(lock)
    }

    /// The lock that belongs to the manifest.
    pub fn lockfile(&self) -> Option<String> {
        let manifest = self.manifest();
        self.project.in_role(Role::Lock).map(|m| m.path.clone()).find(|p| Some(p) != manifest.as_ref())
    }
}

/// Retained bytes of every production line, package and extra; of development's for what production does not hold.
pub fn weigh(case: &Case<'_>, verdicts: &Verdicts) -> BTreeMap<Item, Retained> {
    let canonical = |features: &[String]| features.iter().map(|f| (case.ecosystem.canonical)(f)).collect();
    let line = |(number, d): (u32, &crate::link::Declared)| Line {
        number,
        package: d.package,
        features: canonical(&d.require.features),
    };
    let mut lines: Vec<Line> = case.production_lines().map(line).collect();
    // What runs without being declared holds what it needs, as a line of its own would.
    let undeclared = verdicts.kept.packages().filter(|p| !verdicts.today.has(*p));
    lines.extend((case.graph.declared.len() as u32..).zip(undeclared).map(|(number, package)| Line {
        number,
        package,
        features: Vec::new(),
    }));
    let mut both = verdicts.today.clone();
    both.edges.extend(verdicts.kept.edges.iter().cloned());
    if case.ecosystem.by_name {
        return hold_together(case);
    }
    let mut result = retained(&lines, &both, &case.weights.bytes);
    let all: Vec<Line> = case.graph.declared.iter().enumerate().map(|(at, d)| line((at as u32, d))).collect();
    let mut everything = verdicts.development.clone();
    everything.edges.extend(verdicts.today.edges.iter().cloned());
    for (item, sum) in retained(&all, &everything, &case.weights.bytes) {
        result.entry(item).or_insert(sum);
    }
    result
}

/// Retained bytes where a line's effect is what leaves the lock: all lines hold what they need, and so do the other projects of the
/// repository.
fn hold_together(case: &Case<'_>) -> BTreeMap<Item, Retained> {
    let declared = &case.graph.declared;
    let mut lines: Vec<Line> =
        declared.iter().zip(0..).map(|(d, number)| Line { number, package: d.package, features: Vec::new() }).collect();
    let others = (0..case.graph.nodes.len() as u32).filter(|p| !case.installable(*p) && !case.is_itself(*p));
    lines.extend((declared.len() as u32..).zip(others).map(|(number, package)| Line {
        number,
        package,
        features: Vec::new(),
    }));
    let roots = lines.iter().map(|line| (line.package, [].as_slice()));
    let all = crate::link::closure(case.graph, case.ecosystem, case.target, roots);
    retained(&lines, &all, &case.weights.bytes)
}
