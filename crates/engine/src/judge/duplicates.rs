//! SLIM005: one package in several versions, and who asks for each.

use super::findings::{at, finding, listing};
use super::{Case, Verdicts};
use crate::link::Known;
use depslim_model::{Code, Confidence, Evidence, EvidenceKind, Finding, Role};
use std::collections::{BTreeMap, BTreeSet};

/// Versions, each with its copies.
type Versions<'a> = BTreeMap<&'a str, Vec<u32>>;

/// Who requires a package, by that package.
type Askers = BTreeMap<u32, BTreeSet<u32>>;

/// A finding for every package that production has in several versions.
pub(super) fn duplicates(case: &Case<'_>, verdicts: &Verdicts, all: &mut Vec<Finding>) {
    let by_name = case.ecosystem.by_name;
    // The lock of a workspace is everybody's: one of its members speaks for it.
    if by_name && !case.speaks_for_lock() {
        return;
    }
    let mut all_askers: Option<Askers> = None;
    for (name, copies) in case.graph.several() {
        let mut versions: Versions<'_> = BTreeMap::new();
        for copy in copies.iter().filter(|copy| by_name || verdicts.today.has(**copy)) {
            let version = case.graph.node(*copy).provide.version.as_str();
            versions.entry(version).or_default().push(*copy);
        }
        if versions.len() < 2 {
            continue;
        }
        let by = all_askers.get_or_insert_with(|| everybody(case));
        let first = versions.values().flatten().copied().next();
        let message = format!("{name} is there in {} versions", versions.len());
        let mut found = finding(case, Code::Duplicate, first, message);
        found.confidence = if by_name { Confidence::High } else { Confidence::Medium };
        found.bytes = saved(case, &versions);
        found.location = place(case, name);
        if by_name {
            found.help = unify(case, by, &versions);
        }
        found.evidence = versions.iter().map(|(version, copies)| asked(case, by, version, copies)).collect();
        all.push(found);
    }
}

/// A finding for every two packages of production that hold the same modules, where code sees whatever comes first of all that is
/// brought: which of them is loaded is left to chance.
pub(super) fn doubled(case: &Case<'_>, verdicts: &Verdicts, all: &mut Vec<Finding>) {
    if !case.ecosystem.sees_all {
        return;
    }
    let mut owners: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    let ships =
        |p: &u32| verdicts.today.has(*p) && case.installable(*p) && case.graph.node(*p).known == Known::Installed;
    for package in (0..case.graph.nodes.len() as u32).filter(ships) {
        for module in &case.graph.node(package).provide.modules {
            let last = module.rsplit(case.ecosystem.separator).next().unwrap_or_default();
            // Folders of classes may be shared.
            if last.starts_with(|c: char| c.is_ascii_uppercase()) {
                owners.entry(module).or_default().push(package);
            }
        }
    }
    let mut pairs: BTreeMap<(u32, u32), Vec<&str>> = BTreeMap::new();
    for (module, owners) in owners.iter().filter(|(_, owners)| owners.len() > 1) {
        for (at, one) in owners.iter().enumerate() {
            for other in &owners[at + 1..] {
                pairs.entry((*one, *other)).or_default().push(module);
            }
        }
    }
    for ((one, other), modules) in pairs {
        let name = |package: u32| case.graph.node(package).provide.package.as_str();
        let what = match modules.len() {
            1 => "the same class".to_owned(),
            count => format!("{count} of the same classes"),
        };
        let mut found =
            finding(case, Code::Duplicate, Some(one), format!("{} and {} hold {what}", name(one), name(other)));
        found.fingerprint += &["+", name(other)].concat();
        found.location = case.manifest().and_then(|manifest| at(&manifest, 1));
        found.evidence = modules
            .iter()
            .take(3)
            .map(|module| Evidence { kind: EvidenceKind::Metadata, text: (*module).to_owned(), ..Evidence::default() })
            .collect();
        found.help.push("which one is loaded is left to the order of what is brought: leave one of them out".into());
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

/// What would have to change for there to be one copy less, by version: a line of the repository itself, or a package of others.
fn unify(case: &Case<'_>, by: &Askers, versions: &Versions<'_>) -> Vec<String> {
    let newest = versions.keys().copied().max_by_key(|version| numbers(version)).unwrap_or_default();
    let mut help = Vec::new();
    for (version, copies) in versions.iter().filter(|(version, _)| **version != newest) {
        let (ours, others): (Vec<u32>, Vec<u32>) =
            askers(by, copies).into_iter().partition(|asker| case.graph.node(*asker).provide.first_party);
        let names = |list: &[u32]| -> Vec<&str> {
            let mut names: Vec<&str> = list.iter().map(|p| case.graph.node(*p).provide.package.as_str()).collect();
            names.dedup();
            names
        };
        let (ours, others) = (names(&ours), names(&others));
        help.extend(match (ours.as_slice(), others.as_slice()) {
            ([], []) => None,
            (ours, []) => Some(format!("{version} is asked for by {} alone: ask for {newest} there", listing(ours))),
            ([], [one]) => Some(format!("{version} is there for {one} alone: it goes with an update of {one}")),
            ([], _) => None,
            (ours, others) => Some(format!(
                "{version} is asked for by {} here, and by {}: both have to change",
                listing(ours),
                listing(&others[..others.len().min(3)])
            )),
        });
    }
    help
}

/// The numbers of a version, for comparing.
fn numbers(version: &str) -> Vec<u64> {
    version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect()
}

/// Who requires what, of the whole graph: asked once, not for each version.
fn everybody(case: &Case<'_>) -> Askers {
    let graph = case.graph;
    let mut askers = Askers::new();
    for package in 0..graph.nodes.len() as u32 {
        for at in 0..graph.node(package).requires.len() {
            if let Some(to) = graph.required(case.ecosystem, package, at) {
                askers.entry(to).or_default().insert(package);
            }
        }
    }
    askers
}

/// Packages that require one of the copies.
fn askers(by: &Askers, copies: &[u32]) -> BTreeSet<u32> {
    let all = copies.iter().filter_map(|copy| by.get(copy)).flatten().copied();
    all.filter(|package| *package != copies[0]).collect()
}

/// Who asks for a version.
fn asked(case: &Case<'_>, by: &Askers, version: &str, copies: &[u32]) -> Evidence {
    let graph = case.graph;
    let mut askers: BTreeSet<&str> =
        askers(by, copies).into_iter().map(|p| graph.node(p).provide.package.as_str()).collect();
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
