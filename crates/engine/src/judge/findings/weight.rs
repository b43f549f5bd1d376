//! Heavy packages, what makes them heavy, and lighter ones.

use super::{FEW_FILES, at, finding, primary};
use crate::judge::report::{exclusive, extra_used};
use crate::judge::{Case, Verdicts};
use crate::link::closure;
use crate::observe::Seen;
use crate::rules::SwapKind;
use crate::weigh::{Item, Retained};
use depslim_model::report::Status;
use depslim_model::{Code, Confidence, EvidenceKind, Finding, human};
use std::collections::{BTreeMap, BTreeSet};

/// SLIM003.
pub(super) fn heavy(case: &Case<'_>, verdicts: &Verdicts, weights: &BTreeMap<Item, Retained>, all: &mut Vec<Finding>) {
    let declared: BTreeSet<u32> =
        case.production_lines().map(|(_, d)| d.package).filter(|p| case.installable(*p)).collect();
    for package in declared {
        let seen = case.seen(package);
        let retained = exclusive(case, weights, package);
        let imported = seen.prod.iter().all(|w| matches!(w.kind, EvidenceKind::Import | EvidenceKind::DynamicImport))
            && !seen.prod.is_empty();
        let few = (1..=FEW_FILES).contains(&seen.sites.len());
        if verdicts.by_package[package as usize].status != Status::Used
            || retained.bytes < case.heavy
            || !imported
            || !few
        {
            continue;
        }
        let node = case.graph.node(package);
        let files = if seen.sites.len() == 1 { "1 file".to_owned() } else { format!("{} files", seen.sites.len()) };
        let mut found =
            finding(case, Code::Heavy, Some(package), format!("{} is used in {files}", node.provide.package));
        found.bytes = retained.bytes;
        found.confidence = Confidence::Medium;
        found.evidence = Seen::best(&seen.prod, 3);
        found.location = seen.prod.first().and_then(|w| at(&w.file, w.line));
        found.help.push(breakdown(case, package, retained));
        if !seen.names.is_empty() {
            let names: Vec<&str> = seen.names.iter().map(String::as_str).take(6).collect();
            let more = seen.names.len().saturating_sub(6);
            found.help.push(format!(
                "used: {}{}",
                names.join(", "),
                if more > 0 { format!(" and {more} more") } else { String::new() }
            ));
        }
        all.push(found);
    }
}

/// `pandas 72.3 MB + numpy 44.1 MB + 3 others 2.2 MB that nothing else needs`.
fn breakdown(case: &Case<'_>, package: u32, retained: Retained) -> String {
    let own = case.weights.bytes.get(package as usize).copied().unwrap_or(0);
    let name = &case.graph.node(package).provide.package;
    let features: Vec<String> = case
        .production_lines()
        .filter(|(_, d)| d.package == package)
        .flat_map(|(_, d)| d.require.features.clone())
        .collect();
    let below = closure(case.graph, case.ecosystem, case.target, vec![(package, features.as_slice())]);
    let rest: Vec<(u32, &[String])> = case
        .production_lines()
        .filter(|(_, d)| d.package != package)
        .map(|(_, d)| (d.package, d.require.features.as_slice()))
        .collect();
    let others = closure(case.graph, case.ecosystem, case.target, rest);
    let mut only: Vec<(u64, &str)> = below
        .packages()
        .filter(|p| *p != package && !others.has(*p))
        .map(|p| {
            (case.weights.bytes.get(p as usize).copied().unwrap_or(0), case.graph.node(p).provide.package.as_str())
        })
        .collect();
    only.sort_by(|a, b| b.cmp(a));
    let mut parts = vec![format!("{name} {}", human(own))];
    parts.extend(only.iter().take(1).map(|(bytes, n)| format!("{n} {}", human(*bytes))));
    if only.len() > 1 {
        let sum: u64 = only.iter().skip(1).map(|(b, _)| b).sum();
        let count = only.len() - 1;
        parts.push(format!("{count} other{} {}", if count == 1 { "" } else { "s" }, human(sum)));
    }
    let _ = retained;
    if parts.len() == 1 {
        format!("{} itself", parts[0])
    } else {
        format!("{} that nothing else needs", parts.join(" + "))
    }
}

/// SLIM009.
pub(super) fn lighter(
    case: &Case<'_>,
    verdicts: &Verdicts,
    weights: &BTreeMap<Item, Retained>,
    all: &mut Vec<Finding>,
) {
    for swap in &case.rules.lighter {
        let Some(package) = case.graph.find(&(case.ecosystem.canonical)(&swap.heavy)) else { continue };
        let Some(line) = primary(case, package) else { continue };
        if verdicts.by_package[package as usize].status != Status::Used {
            continue;
        }
        let seen = case.seen(package);
        if let Some(extra) = &swap.extra {
            let extra = (case.ecosystem.canonical)(extra);
            // Only an extra that is asked for can be dropped, and SLIM008 says when nothing of it is used.
            if !line.require.features.iter().any(|f| (case.ecosystem.canonical)(f) == extra)
                || extra_used(case, verdicts, package, &extra)
            {
                continue;
            }
        } else if !matches!(swap.kind, SwapKind::DropIn | SwapKind::Part | SwapKind::Code)
            || !swap.covers(seen.names.iter().map(String::as_str))
        {
            continue;
        }
        let Some(target) = &swap.lighter else { continue };
        let now = exclusive(case, weights, package);
        let after = swap.lighter_closure.or(swap.lighter_own).unwrap_or(0);
        let present =
            case.graph.find(&(case.ecosystem.canonical)(target)).is_some_and(|p| p != package && verdicts.kept.has(p));
        let cost = if present { 0 } else { after };
        if now.bytes <= cost {
            continue;
        }
        let mut found = finding(
            case,
            Code::Lighter,
            Some(package),
            format!("{target} does what this project uses of {}", case.graph.node(package).provide.package),
        );
        found.bytes = now.bytes - cost;
        found.confidence = Confidence::Medium;
        found.location = at(&line.file, line.require.line);
        found.evidence = Seen::best(&seen.prod, 2);
        found.help.push(format!("about {} instead of {}: {}", human(after), human(now.bytes), swap.note));
        all.push(found);
    }
}
