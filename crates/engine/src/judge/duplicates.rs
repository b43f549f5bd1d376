//! SLIM005: one package in several versions, and who asks for each.

use super::findings::{at, finding};
use super::{Case, Verdicts};
use depslim_model::{Code, Confidence, Evidence, EvidenceKind, Finding, Role};
use std::collections::{BTreeMap, BTreeSet};

/// Versions, each with its copies.
type Versions<'a> = BTreeMap<&'a str, Vec<u32>>;

/// A finding for every package that production has in several versions.
pub(super) fn duplicates(case: &Case<'_>, verdicts: &Verdicts, all: &mut Vec<Finding>) {
    let by_name = case.ecosystem.by_name;
    // The lock of a workspace is everybody's: one of its members speaks for it.
    if by_name && !case.speaks_for_lock() {
        return;
    }
    for (name, copies) in case.graph.several() {
        let mut versions: Versions<'_> = BTreeMap::new();
        for copy in copies.iter().filter(|copy| by_name || verdicts.today.has(**copy)) {
            let version = case.graph.node(*copy).provide.version.as_str();
            versions.entry(version).or_default().push(*copy);
        }
        if versions.len() < 2 {
            continue;
        }
        let first = versions.values().flatten().copied().next();
        let message = format!("{name} is there in {} versions", versions.len());
        let mut found = finding(case, Code::Duplicate, first, message);
        found.confidence = if by_name { Confidence::High } else { Confidence::Medium };
        found.bytes = saved(case, &versions);
        found.location = place(case, name);
        found.evidence = versions.iter().map(|(version, copies)| asked(case, version, copies)).collect();
        all.push(found);
    }
}

/// The bytes of all versions but the largest.
fn saved(case: &Case<'_>, versions: &Versions<'_>) -> u64 {
    let sizes = versions.values().map(|copies| -> u64 {
        copies.iter().map(|copy| case.weights.bytes.get(*copy as usize).copied().unwrap_or(0)).sum()
    });
    let sizes: Vec<u64> = sizes.collect();
    sizes.iter().sum::<u64>() - sizes.iter().max().copied().unwrap_or(0)
}

/// Where the lock names it first.
fn place(case: &Case<'_>, name: &str) -> Option<depslim_model::Location> {
    case.project.in_role(Role::Lock).find_map(|lock| {
        let provide = lock.facts.provides.iter().find(|p| (case.ecosystem.canonical)(&p.package) == name)?;
        at(&lock.path, provide.line)
    })
}

/// Who asks for a version.
fn asked(case: &Case<'_>, version: &str, copies: &[u32]) -> Evidence {
    let graph = case.graph;
    let mut askers: BTreeSet<&str> = BTreeSet::new();
    for package in 0..graph.nodes.len() as u32 {
        let node = graph.node(package);
        let asks = (0..node.requires.len())
            .any(|at| graph.required(case.ecosystem, package, at).is_some_and(|to| copies.contains(&to)));
        if asks && package != copies[0] {
            askers.insert(&node.provide.package);
        }
    }
    if graph.declared.iter().any(|d| copies.contains(&d.package)) {
        askers.insert("this project");
    }
    let count = askers.len();
    let mut text = askers.into_iter().take(3).collect::<Vec<_>>().join(", ");
    if count > 3 {
        text.push_str(&[" and ", &(count - 3).to_string(), " others"].concat());
    }
    let text = if count == 0 { version.to_owned() } else { format!("{version} required by {text}") };
    Evidence { kind: EvidenceKind::Metadata, text, ..Evidence::default() }
}
