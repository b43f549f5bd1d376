//! Verdicts as the report shows them: packages and a project's totals.

use super::{Case, Verdicts};
use crate::link::{Closure, Known, closure};
use crate::weigh::{Item, Retained};
use depslim_model::report::{Declared, Extra, Measure, Status, Usage};
use depslim_model::{Group, Package, Project, Scope};
use std::collections::{BTreeMap, BTreeSet};

/// Every package of the project, by id.
pub fn packages(case: &Case<'_>, verdicts: &Verdicts, weights: &BTreeMap<Item, Retained>) -> Vec<Package> {
    let graph = case.graph;
    let mut required_by: Vec<BTreeSet<u32>> = vec![BTreeSet::new(); graph.nodes.len()];
    for edge in verdicts.today.edges.iter().chain(&verdicts.kept.edges).chain(&verdicts.development.edges) {
        if edge.from != edge.to {
            required_by[edge.to as usize].insert(edge.from);
        }
    }
    let mut packages: Vec<Package> = (0..graph.nodes.len() as u32)
        .filter(|p| case.installable(*p))
        .map(|p| {
            let node = graph.node(p);
            let verdict = &verdicts.by_package[p as usize];
            let seen = case.seen(p);
            let bytes = case.weights.bytes.get(p as usize).copied();
            let gone = exclusive(case, weights, p);
            Package {
                id: case.purl(p),
                name: node.provide.package.clone(),
                version: (!node.provide.version.is_empty()).then(|| node.provide.version.clone()),
                scope: scope(verdicts, p),
                ships: verdicts.today.has(p),
                direct: graph.declarations(p).next().is_some(),
                files: case.weights.files.get(p as usize).copied().unwrap_or(0),
                installed_bytes: bytes
                    .filter(|_| case.weights.measure == Measure::Installed && node.known == Known::Installed),
                source_bytes: bytes
                    .filter(|_| case.weights.measure == Measure::Source && node.known == Known::Installed),
                estimated_bytes: bytes.filter(|b| case.weights.measure == Measure::Estimated && *b > 0),
                binary_bytes: bytes.filter(|_| case.weights.measure == Measure::Binary),
                exclusive_bytes: gone.bytes,
                exclusive_packages: gone.packages,
                extras: extras(case, verdicts, weights, p),
                required_by: required_by[p as usize].iter().map(|r| case.purl(*r)).collect(),
                declared: graph
                    .declarations(p)
                    .map(|d| Declared {
                        file: d.file.clone(),
                        line: d.require.line,
                        group: group(d.require.group).into(),
                        group_name: d.require.group_name.clone(),
                    })
                    .collect(),
                usage: Usage {
                    status: verdict.status,
                    confidence: verdict.confidence,
                    evidence: verdict.evidence.clone(),
                    names: seen.names.iter().take(50).cloned().collect(),
                    sites: seen.sites.values().sum(),
                    files: seen.sites.len() as u32,
                },
            }
        })
        .collect();
    packages.sort_by(|a, b| a.id.cmp(&b.id));
    packages
}

/// What goes when the package's production lines go; for a package that no line names, when it alone goes.
pub(super) fn exclusive(case: &Case<'_>, weights: &BTreeMap<Item, Retained>, package: u32) -> Retained {
    let mut lines: Vec<u32> = case.production_lines().filter(|(_, d)| d.package == package).map(|(at, _)| at).collect();
    if lines.is_empty() {
        lines = case
            .graph
            .declared
            .iter()
            .enumerate()
            .filter(|(_, d)| d.package == package)
            .map(|(at, _)| at as u32)
            .collect();
    }
    let weight = |item: &Item| weights.get(item).copied().unwrap_or_default();
    match lines.as_slice() {
        [only] => weight(&Item::Line(*only)),
        // No line names it; or two lines hold the same package: no single one frees it, both together free what only it brings.
        _ => weight(&Item::Package(package)),
    }
}

fn extras(case: &Case<'_>, verdicts: &Verdicts, weights: &BTreeMap<Item, Retained>, package: u32) -> Vec<Extra> {
    let asked: BTreeSet<String> = case
        .production_lines()
        .filter(|(_, d)| d.package == package)
        .flat_map(|(_, d)| &d.require.features)
        .map(|f| (case.ecosystem.canonical)(f))
        .collect();
    asked
        .into_iter()
        .map(|name| {
            let sum = weights.get(&Item::Extra(package, name.clone())).copied().unwrap_or_default();
            let used = extra_used(case, verdicts, package, &name);
            Extra { exclusive_bytes: sum.bytes, used, name }
        })
        .collect()
}

/// An extra is used when something that it brings is used, or would be loaded by what runs.
pub(super) fn extra_used(case: &Case<'_>, verdicts: &Verdicts, package: u32, extra: &str) -> bool {
    let brought: Vec<u32> = brought_by_extra(case, verdicts, package, extra);
    // An extra that brings nothing more, or nothing that is known, costs nothing and proves nothing.
    brought.is_empty()
        || brought.iter().any(|p| {
            let seen = case.seen(*p);
            seen.needed()
                || !seen.optional.is_empty()
                || !seen.maybe.is_empty()
                || !seen.types.is_empty()
                || case.graph.node(*p).provide.modules.is_empty()
        })
}

/// Packages that only this extra brings.
pub(super) fn brought_by_extra(case: &Case<'_>, verdicts: &Verdicts, package: u32, extra: &str) -> Vec<u32> {
    let direct: Vec<(u32, &[String])> = verdicts
        .today
        .edges
        .iter()
        .filter(|e| e.from == package && e.feature.as_deref() == Some(extra))
        .map(|e| (e.to, e.features.as_slice()))
        .collect();
    let all = closure(case.graph, case.ecosystem, case.target, direct);
    let host: Vec<(u32, &[String])> = vec![(package, &[])];
    let without = closure(case.graph, case.ecosystem, case.target, host);
    all.packages().filter(|p| !without.has(*p)).collect()
}

fn scope(verdicts: &Verdicts, package: u32) -> Scope {
    match verdicts.by_package[package as usize].status {
        Status::Optional => Scope::Optional,
        _ if verdicts.kept.has(package) => Scope::Prod,
        Status::Development => Scope::Dev,
        _ if verdicts.development.has(package) => Scope::Dev,
        _ => Scope::Unused,
    }
}

fn group(group: Group) -> &'static str {
    match group {
        Group::Prod => "prod",
        Group::Optional => "optional",
        Group::Dev => "dev",
        Group::Build => "build",
    }
}

/// Bytes of a closure's packages.
pub(super) fn bytes_of(case: &Case<'_>, closure: &Closure) -> u64 {
    closure
        .packages()
        .filter(|p| case.installable(*p))
        .map(|p| case.weights.bytes.get(p as usize).copied().unwrap_or(0))
        .sum()
}

/// The project's own row.
pub fn totals(case: &Case<'_>, verdicts: &Verdicts, manager: Option<String>, runtime: Option<String>) -> Project {
    let today = bytes_of(case, &verdicts.today);
    let stays: u64 = (0..case.graph.nodes.len() as u32)
        .filter(|p| verdicts.today.has(*p) && verdicts.kept.has(*p) && case.installable(*p))
        .map(|p| case.weights.bytes.get(p as usize).copied().unwrap_or(0))
        .sum();
    let dev: u64 = verdicts
        .development
        .packages()
        .filter(|p| !verdicts.today.has(*p) && case.installable(*p))
        .map(|p| case.weights.bytes.get(p as usize).copied().unwrap_or(0))
        .sum();
    Project {
        id: case.id(),
        ecosystem: case.ecosystem.name.into(),
        path: case.project.path().into(),
        manager,
        manifest: case.manifest(),
        lockfile: case.lockfile(),
        environment: case.environment.map(str::to_owned),
        runtime,
        measure: case.weights.measure,
        prod_bytes: today,
        dev_bytes: dev,
        removable_bytes: today - stays,
        with_change_bytes: 0,
        tree: case.weights.tree.clone(),
        files_read: case.observed.files_read + case.observed.installed_read,
        files_unread: case.observed.files_unread,
        failed: None,
        image: None,
        proof: None,
        packages: Vec::new(),
    }
}
