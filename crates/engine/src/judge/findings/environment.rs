//! Environments that are missing or out of date.

use super::{at, finding};
use crate::judge::Case;
use crate::link::Known;
use depslim_model::report::Measure;
use depslim_model::{Code, Finding};
use std::collections::BTreeSet;

/// SLIM090.
pub(super) fn not_measured(case: &Case<'_>, all: &mut Vec<Finding>) {
    if matches!(case.weights.measure, Measure::Installed | Measure::Source | Measure::Binary)
        || case.graph.declared.is_empty()
    {
        return;
    }
    if case.ecosystem.by_name {
        // One word for the whole workspace: its members share a lock.
        let alone = case.lockfile().is_none() && case.project.folder.is_empty();
        if alone || case.speaks_for_lock() {
            let message = "no sources of the locked packages found: sizes are unknown".to_owned();
            let mut found = finding(case, Code::NotMeasured, None, message);
            found.location = case.manifest().and_then(|m| at(&m, 1));
            all.push(found);
        }
        return;
    }
    let message = match case.weights.measure {
        Measure::Estimated => "no installed environment found: sizes are estimated from download sizes in the lock",
        _ => "no installed environment found: sizes are unknown",
    };
    let mut found = finding(case, Code::NotMeasured, None, message.into());
    found.location = case.manifest().and_then(|m| at(&m, 1));
    found.help.push("install the dependencies and run again, or let depslim do it: depslim --install".into());
    all.push(found);
}

/// SLIM091.
pub(super) fn stale(case: &Case<'_>, all: &mut Vec<Finding>) {
    let Some(environment) =
        case.environment.filter(|_| !matches!(case.weights.measure, Measure::Source | Measure::Binary))
    else {
        return;
    };
    let manifest = case.manifest();
    let declared: BTreeSet<u32> =
        case.production_lines().filter(|(_, d)| Some(&d.file) == manifest.as_ref()).map(|(_, d)| d.package).collect();
    let absent: Vec<&str> = declared
        .iter()
        .filter(|p| case.graph.node(**p).known != Known::Installed && case.installable(**p))
        .map(|p| case.graph.node(*p).provide.package.as_str())
        .collect();
    let other: Vec<String> = case
        .graph
        .nodes
        .iter()
        .filter_map(|n| {
            let locked = n.locked.as_ref()?;
            (n.known == Known::Installed
                && !n.provide.first_party
                && !locked.version.is_empty()
                && locked.version != n.provide.version)
                .then(|| format!("{} {} (lock: {})", n.provide.package, n.provide.version, locked.version))
        })
        .collect();
    if absent.is_empty() && other.is_empty() {
        return;
    }
    let mut parts = Vec::new();
    if !absent.is_empty() {
        parts.push(format!(
            "{} declared package{} not installed",
            absent.len(),
            if absent.len() == 1 { " is" } else { "s are" }
        ));
    }
    if !other.is_empty() {
        parts.push(format!("{} of other versions than the lock's", other.len()));
    }
    let mut found =
        finding(case, Code::StaleLock, None, format!("{environment} and the manifest disagree: {}", parts.join(", ")));
    found.location = manifest.and_then(|m| at(&m, 1));
    let few = |list: Vec<String>| -> String {
        let more = list.len().saturating_sub(6);
        let shown = list.into_iter().take(6).collect::<Vec<_>>().join(", ");
        if more > 0 { format!("{shown} and {more} more") } else { shown }
    };
    if !absent.is_empty() {
        found.help.push(format!("not installed: {}", few(absent.into_iter().map(str::to_owned).collect())));
    }
    if !other.is_empty() {
        found.help.push(few(other));
    }
    all.push(found);
}
