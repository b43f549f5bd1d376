//! What images install beside production, and second lists that do not agree with the manifest.

use super::{at, finding, listing};
use crate::judge::report::bytes_of;
use crate::judge::{Case, Verdicts};
use crate::link::{Known, closure};
use crate::observe::Seen;
use depslim_model::report::Status;
use depslim_model::{Code, Confidence, Evidence, EvidenceKind, Finding, Group, Require, Stage};
use std::collections::BTreeSet;

/// SLIM051, the part that concerns packages: the image's install line takes development groups along.
pub(super) fn development_in_image(case: &Case<'_>, verdicts: &Verdicts, all: &mut Vec<Finding>) {
    let groups: BTreeSet<&str> = case
        .graph
        .declared
        .iter()
        .filter(|d| d.require.group == Group::Dev)
        .map(|d| d.require.group_name.as_deref().unwrap_or(&d.file))
        .collect();
    let for_development = |file: &str| {
        let lines = case.graph.declared.iter().filter(|d| d.file == file);
        lines.into_iter().all(|d| matches!(d.require.group, Group::Dev | Group::Build))
    };
    // What production uses though nobody declares it for that is another finding.
    let uses =
        |p: &u32| !case.seen(*p).prod.is_empty() && !case.rules.scopes.is_dev_tool(&case.graph.node(*p).canonical);
    let used = (0..case.graph.nodes.len() as u32).filter(uses).map(|p| (p, [].as_slice()));
    let used = closure(case.graph, case.ecosystem, case.target, used);
    for (file, install) in &case.observed.installs {
        if install.stage != Stage::ImageBuild && install.stage != Stage::Builder {
            continue;
        }
        let names = |f: &String| f.rsplit('/').next().unwrap_or(f).to_owned();
        let listed: BTreeSet<String> = install.files.iter().map(names).collect();
        let taken: Vec<(u32, &[String])> = case
            .graph
            .declared
            .iter()
            .filter(|d| d.require.group == Group::Dev)
            .filter(|d| {
                let group = d.require.group_name.as_deref();
                let left_out = install.without.iter().any(|w| w == "*" || Some(w.as_str()) == group);
                let asked = group.is_some_and(|g| install.groups.iter().any(|x| x == g || x == "*"));
                let by_default = install.project && install.dev == Some(true);
                // A file that is named for all it holds brings its sections for development only when they are asked for.
                let file = listed.contains(&names(&d.file)) && (install.dev == Some(true) || for_development(&d.file));
                (file && !left_out) || asked || (by_default && !left_out)
            })
            .map(|d| (d.package, d.require.features.as_slice()))
            .collect();
        if taken.is_empty() {
            continue;
        }
        let brought = closure(case.graph, case.ecosystem, case.target, taken);
        let mut extra = brought.clone();
        for (at, held) in extra.holds.iter_mut().enumerate() {
            *held = *held && !verdicts.today.holds[at] && !used.has(at as u32);
        }
        let count = extra.packages().filter(|p| case.installable(*p)).count();
        if count == 0 {
            continue;
        }
        let mut found = finding(
            case,
            Code::DevInImage,
            None,
            format!(
                "the image installs {count} package{} that only development needs",
                if count == 1 { "" } else { "s" }
            ),
        );
        found.fingerprint += &["dev:", file].concat();
        found.bytes = bytes_of(case, &extra);
        found.location = at(file, install.line);
        found.evidence = vec![Evidence {
            kind: EvidenceKind::Dockerfile,
            file: Some(file.clone()),
            line: Some(install.line),
            text: install.text.clone(),
            ..Evidence::default()
        }];
        let mut heaviest: Vec<(u64, &str)> = extra
            .packages()
            .map(|p| {
                (case.weights.bytes.get(p as usize).copied().unwrap_or(0), case.graph.node(p).provide.package.as_str())
            })
            .collect();
        heaviest.sort_by(|a, b| b.cmp(a));
        found
            .help
            .push(format!("among them {}", heaviest.iter().take(4).map(|(_, n)| *n).collect::<Vec<_>>().join(", ")));
        if !groups.is_empty() {
            found.help.push(format!("leave out: {}", groups.iter().copied().collect::<Vec<_>>().join(", ")));
        }
        all.push(found);
    }
}

/// SLIM057.
pub(super) fn production_lists(case: &Case<'_>, verdicts: &Verdicts, all: &mut Vec<Finding>) {
    for (file, list) in &case.graph.lists {
        let holds = |r: &&Require| r.condition.as_deref().is_none_or(|c| (case.ecosystem.holds)(c, case.target, &[]));
        let roots: Vec<(u32, &[String])> = list
            .iter()
            .filter(holds)
            .filter_map(|r| case.graph.find(&(case.ecosystem.canonical)(&r.name)).map(|p| (p, r.features.as_slice())))
            .collect();
        let brought = closure(case.graph, case.ecosystem, case.target, roots);
        let missing: Vec<u32> = (0..case.graph.nodes.len() as u32)
            .filter(|p| case.installable(*p) && !brought.has(*p))
            .filter(|p| {
                let seen = case.seen(*p);
                seen.prod.iter().any(|w| w.strength >= depslim_model::Strength::Lazy) || !seen.hidden.is_empty()
            })
            .collect();
        if missing.is_empty() {
            continue;
        }
        let missing = spoken_for(case, missing);
        let lines: Vec<u32> = missing.iter().map(|p| line_of(case, verdicts, *p)).collect();
        let mut names: Vec<&str> = Vec::new();
        for name in lines.iter().map(|p| case.graph.node(*p).provide.package.as_str()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let mut found = finding(case, Code::UnprovedList, None, format!("{file} lacks {}", listing(&names)));
        found.fingerprint.push_str(file);
        found.location = at(file, 1);
        for package in &missing {
            let seen = case.seen(*package);
            let mut best = Seen::best(if seen.prod.is_empty() { &seen.hidden } else { &seen.prod }, 1);
            for evidence in &mut best {
                evidence.text = format!("{}: {}", case.graph.node(*package).provide.package, evidence.text);
            }
            found.evidence.append(&mut best);
        }
        let known = case.graph.nodes.iter().filter(|n| n.known < Known::Listed).count();
        found.confidence = if known > 0 { Confidence::High } else { Confidence::Medium };
        let needless: Vec<&str> = list
            .iter()
            .filter_map(|r| case.graph.find(&(case.ecosystem.canonical)(&r.name)))
            .filter(|p| matches!(verdicts.by_package[*p as usize].status, Status::Unused | Status::Development))
            .map(|p| case.graph.node(p).provide.package.as_str())
            .collect();
        if !needless.is_empty() {
            found.help.push(format!("and keeps {} without need", listing(&needless)));
        }
        all.push(found);
    }
}

/// Of what a list lacks, what has to be written into it: the rest comes along with that.
fn spoken_for(case: &Case<'_>, missing: Vec<u32>) -> Vec<u32> {
    let comes_with = |package: u32| {
        missing.iter().filter(|m| **m != package).any(|other| {
            let features: Vec<String> =
                case.graph.declarations(*other).flat_map(|d| d.require.features.clone()).collect();
            let brought = closure(case.graph, case.ecosystem, case.target, vec![(*other, features.as_slice())]);
            // Of two that bring each other, the first one stays.
            let back = closure(case.graph, case.ecosystem, case.target, vec![(package, [].as_slice())]);
            brought.has(package) && (!back.has(*other) || *other < package)
        })
    };
    let alone: Vec<u32> =
        missing.iter().copied().filter(|m| case.graph.declarations(*m).next().is_some() || !comes_with(*m)).collect();
    if alone.is_empty() { missing } else { alone }
}

/// The package that a list has to name for a package to come along: itself, or what the project declares to get it.
fn line_of(case: &Case<'_>, verdicts: &Verdicts, package: u32) -> u32 {
    if case.graph.declarations(package).next().is_some() {
        return package;
    }
    let bring = |d: &crate::link::Declared| {
        verdicts.by_package[d.package as usize].status == Status::Used
            && closure(case.graph, case.ecosystem, case.target, vec![(d.package, d.require.features.as_slice())])
                .has(package)
    };
    let mut lines = case.production_lines().map(|(_, d)| d).filter(|d| case.installable(d.package) && bring(d));
    match (lines.next(), lines.next()) {
        (Some(only), None) => only.package,
        _ => package,
    }
}
