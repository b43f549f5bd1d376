//! Findings: one function a rule, each from facts and verdicts to findings. Severities and ignores are policy, applied later.

use super::report::{brought_by_extra, bytes_of, exclusive, extra_used};
use super::verdict::searched;
use super::{Case, Verdicts};
use crate::link::{Known, closure};
use crate::observe::Seen;
use crate::rules::SwapKind;
use crate::weigh::{Item, Retained};
use depslim_model::report::{Measure, Status};
use depslim_model::{Code, Confidence, Evidence, EvidenceKind, Finding, Group, Location, Require, Stage, human};
use std::collections::{BTreeMap, BTreeSet};

/// A package is heavy for what it does only when few files use it.
const FEW_FILES: usize = 2;

/// Every finding on the project, sorted: errors first, most bytes first.
pub fn findings(case: &Case<'_>, verdicts: &Verdicts, weights: &BTreeMap<Item, Retained>) -> Vec<Finding> {
    let mut all = Vec::new();
    declared_without_need(case, verdicts, weights, &mut all);
    idle_lines(case, verdicts, weights, &mut all);
    heavy(case, verdicts, weights, &mut all);
    undeclared(case, verdicts, &mut all);
    extras(case, verdicts, weights, &mut all);
    lighter(case, verdicts, weights, &mut all);
    development_in_image(case, verdicts, &mut all);
    production_lists(case, verdicts, &mut all);
    super::duplicates::duplicates(case, verdicts, &mut all);
    not_measured(case, &mut all);
    stale(case, &mut all);
    all.sort_by(|a, b| {
        (std::cmp::Reverse(a.severity), std::cmp::Reverse(a.bytes), a.code, &a.package, &a.location).cmp(&(
            std::cmp::Reverse(b.severity),
            std::cmp::Reverse(b.bytes),
            b.code,
            &b.package,
            &b.location,
        ))
    });
    all
}

pub(super) fn finding(case: &Case<'_>, code: Code, package: Option<u32>, message: String) -> Finding {
    let project = case.id();
    let purl = package.map(|p| case.purl(p)).unwrap_or_default();
    let name =
        package.map_or_else(String::new, |p| format!("{}/{}", case.ecosystem.purl, case.graph.node(p).canonical));
    Finding {
        code,
        name: code.name().into(),
        severity: code.severity(),
        confidence: Confidence::High,
        new: true,
        fingerprint: format!("{code}:{project}:{name}"),
        project,
        package: purl,
        bytes: 0,
        message,
        location: None,
        evidence: Vec::new(),
        help: Vec::new(),
        fix: None,
        url: code.url().into(),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every caller fills an optional field with it")]
pub(super) fn at(file: &str, line: u32) -> Option<Location> {
    Some(Location { file: file.to_owned(), line: line.max(1), column: 1 })
}

/// The declaration that production installs from, among those of a package.
fn primary<'a>(case: &'a Case<'_>, package: u32) -> Option<&'a crate::link::Declared> {
    let manifest = case.manifest();
    let mut lines: Vec<_> = case.judged_lines().filter(|d| d.package == package).collect();
    lines.sort_by_key(|d| (Some(&d.file) != manifest.as_ref(), d.require.group, d.file.clone(), d.require.line));
    lines.first().copied()
}

/// SLIM001 and SLIM002.
fn declared_without_need(
    case: &Case<'_>,
    verdicts: &Verdicts,
    weights: &BTreeMap<Item, Retained>,
    all: &mut Vec<Finding>,
) {
    let declared: BTreeSet<u32> = case.judged_lines().map(|d| d.package).collect();
    let in_production: BTreeSet<u32> = case.production_lines().map(|(_, d)| d.package).collect();
    for package in declared {
        let verdict = &verdicts.by_package[package as usize];
        let ships = in_production.contains(&package);
        let name = &case.graph.node(package).provide.package;
        let retained = exclusive(case, weights, package);
        let with = match retained.packages {
            0 | 1 => String::new(),
            n => format!(" (and {} more only it needs)", n - 1),
        };
        let mut found = match verdict.status {
            Status::Unused => finding(case, Code::Unused, Some(package), format!("{name}{with} is never used")),
            Status::Development if ships && !case.tooling => {
                let how = used_by(case, package);
                finding(case, Code::DevInProd, Some(package), format!("{name}{with} {how}"))
            }
            _ => continue,
        };
        let Some(line) = primary(case, package) else { continue };
        found.bytes = if ships { retained.bytes } else { 0 };
        found.confidence = verdict.confidence;
        found.location = at(&line.file, line.require.line);
        found.evidence.clone_from(&verdict.evidence);
        if !ships {
            found.help.push("declared for development: production does not install it".into());
        }
        let elsewhere: Vec<String> = case
            .judged_lines()
            .filter(|d| d.package == package && (&d.file, d.require.line) != (&line.file, line.require.line))
            .map(|d| format!("{}:{}", d.file, d.require.line))
            .collect();
        if !elsewhere.is_empty() {
            found.help.push(format!("also declared at {}", elsewhere.join(", ")));
        }
        if ships && case.weights.measure == Measure::Installed && retained.packages == 0 {
            found.help.push("frees nothing by itself: something else that is installed needs it".into());
        }
        if let Some(note) = line.require.comment.as_deref().filter(|c| !c.is_empty()) {
            found.help.push(format!("the line says: {note}"));
        }
        all.push(found);
    }
}

/// SLIM001 for lines that production does not install: nothing uses them either.
fn idle_lines(case: &Case<'_>, verdicts: &Verdicts, weights: &BTreeMap<Item, Retained>, all: &mut Vec<Finding>) {
    let idle: BTreeSet<u32> = case.idle_lines().map(|d| d.package).collect();
    for package in idle {
        let production = case.production_lines().any(|(_, d)| d.package == package);
        if production && verdicts.by_package[package as usize].status == Status::Unused {
            continue;
        }
        let lines: Vec<_> = case.idle_lines().filter(|d| d.package == package).collect();
        let Some(line) = lines.first() else { continue };
        let table = line.require.group_name.as_deref().unwrap_or("development");
        let name = &case.graph.node(package).provide.package;
        let mut found = finding(case, Code::Unused, Some(package), format!("{name} in {table} is never used"));
        found.severity = depslim_model::Severity::Warn;
        found.fingerprint += &[":", table].concat();
        let retained = if production { Retained::default() } else { exclusive(case, weights, package) };
        found.bytes = retained.bytes;
        found.confidence = if case.observed.files_unread == 0 { Confidence::High } else { Confidence::Medium };
        found.location = at(&line.file, line.require.line);
        found.evidence = vec![searched(case)];
        if let [_, more @ ..] = lines.as_slice()
            && !more.is_empty()
        {
            let more: Vec<String> = more.iter().map(|d| format!("{}:{}", d.file, d.require.line)).collect();
            found.help.push(format!("also declared at {}", more.join(", ")));
        }
        if let Some(note) = line.require.comment.as_deref().filter(|c| !c.is_empty()) {
            found.help.push(format!("the line says: {note}"));
        }
        all.push(found);
    }
}

fn used_by(case: &Case<'_>, package: u32) -> String {
    let seen = case.seen(package);
    let within = |file: &'_ str| {
        file.strip_prefix(case.project.folder.as_str())
            .map_or(0, |rest| file.len() - rest.trim_start_matches('/').len())
    };
    let folders: BTreeSet<&str> = seen
        .dev
        .iter()
        .map(|w| &w.file[within(&w.file)..])
        .map(|file| file.split_once('/').map_or(file, |(top, _)| top))
        .filter(|f| !f.is_empty())
        // Tests may stand beside what they test.
        .map(|folder| if case.ecosystem.by_name && folder == "src" { "unit tests" } else { folder })
        .collect();
    match folders.len() {
        0 if case.rules.scopes.is_dev_tool(&case.graph.node(package).canonical) => "is a development tool".into(),
        0 => "is needed by development tools only".into(),
        1..=3 => format!("is used by {} only", folders.into_iter().collect::<Vec<_>>().join(", ")),
        _ => "is used by tests and tooling only".into(),
    }
}

/// SLIM003.
fn heavy(case: &Case<'_>, verdicts: &Verdicts, weights: &BTreeMap<Item, Retained>, all: &mut Vec<Finding>) {
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

/// SLIM004: production code imports it, and what stays would not bring it.
fn undeclared(case: &Case<'_>, verdicts: &Verdicts, all: &mut Vec<Finding>) {
    let lines: Vec<(u32, &[String])> = case
        .production_lines()
        .filter(|(_, d)| verdicts.kept.has(d.package))
        .map(|(_, d)| (d.package, d.require.features.as_slice()))
        .collect();
    let brought = closure(case.graph, case.ecosystem, case.target, lines);
    let declared: BTreeSet<u32> = case.production_lines().map(|(_, d)| d.package).collect();
    let needed = (0..case.graph.nodes.len() as u32).filter(|p| case.seen(*p).needed());
    let running = closure(case.graph, case.ecosystem, case.target, needed.map(|p| (p, [].as_slice())));
    for package in 0..case.graph.nodes.len() as u32 {
        let seen = case.seen(package);
        if declared.contains(&package) || !case.installable(package) || !seen.needed() {
            continue;
        }
        let node = case.graph.node(package);
        let name = &node.provide.package;
        let own: Vec<_> = seen
            .prod
            .iter()
            .filter(|w| w.strength == depslim_model::Strength::Hard && w.kind == EvidenceKind::Import)
            .cloned()
            .collect();
        let dev = case.graph.declarations(package).next();
        // Whoever brings it is what is lacking.
        if own.is_empty() && running.edges.iter().any(|e| e.to == package && e.from != package) {
            continue;
        }
        let certain = if own.is_empty() { &seen.hidden } else { &own };
        let Some(witness) = certain.first() else { continue };
        let (message, confidence) = if brought.has(package) {
            if own.is_empty() {
                continue;
            }
            (format!("{name} is imported, but only comes along with another package"), Confidence::Low)
        } else if let Some(dev) = dev {
            // A script at the top that nothing imports or starts is most often a developer's own.
            let loose = own.iter().all(|w| is_loose(case, &w.file)) && !own.is_empty();
            (
                format!(
                    "{name} runs in production, but is declared for {} only",
                    dev.require.group_name.as_deref().unwrap_or("development")
                ),
                if loose { Confidence::Low } else { Confidence::High },
            )
        } else if own.is_empty() {
            (format!("{name} is loaded by a package that does not require it"), Confidence::High)
        } else {
            (format!("{name} is imported, but nothing that production declares brings it"), Confidence::High)
        };
        let mut found = finding(case, Code::Undeclared, Some(package), message);
        found.confidence = confidence;
        found.location = if own.is_empty() {
            dev.and_then(|d| at(&d.file, d.require.line))
        } else {
            at(&witness.file, witness.line)
        };
        found.evidence = Seen::best(certain, 3);
        found.help.push(format!("declare {name} for production"));
        all.push(found);
    }
}

/// A file that no other file and no command of production is seen to need, at the top of the project or in a folder of such files.
fn is_loose(case: &Case<'_>, file: &str) -> bool {
    let reached = &case.observed.reached;
    let within = file.strip_prefix(case.project.folder.as_str()).unwrap_or(file).trim_start_matches('/');
    let Some((folder, _)) = file.rsplit_once('/').filter(|_| within.contains('/')) else {
        return !reached.contains(file);
    };
    let beside = |other: &String| other.rsplit_once('/').is_some_and(|(around, _)| around == folder);
    !reached.is_empty() && !reached.iter().any(beside)
}

/// SLIM008.
fn extras(case: &Case<'_>, verdicts: &Verdicts, weights: &BTreeMap<Item, Retained>, all: &mut Vec<Finding>) {
    let mut done = BTreeSet::new();
    for (_, declared) in case.production_lines() {
        let package = declared.package;
        let verdict = &verdicts.by_package[package as usize];
        if !matches!(verdict.status, Status::Used | Status::Transitive)
            || case.graph.node(package).known >= Known::Listed
            || case.is_itself(package)
        {
            continue;
        }
        for extra in declared.require.features.iter().map(|f| (case.ecosystem.canonical)(f)) {
            if extra_used(case, verdicts, package, &extra) || !done.insert((package, extra.clone())) {
                continue;
            }
            let name = &case.graph.node(package).provide.package;
            let brought: Vec<String> = brought_by_extra(case, verdicts, package, &extra)
                .iter()
                .map(|p| case.graph.node(*p).provide.package.clone())
                .collect();
            let mut found = finding(
                case,
                Code::UnusedExtra,
                Some(package),
                format!("{name}[{extra}]: nothing that the extra brings is used"),
            );
            found.fingerprint += &["[", &extra, "]"].concat();
            found.bytes = weights.get(&Item::Extra(package, extra.clone())).map_or(0, |r| r.bytes);
            found.confidence =
                if verdict.confidence == Confidence::High { Confidence::Medium } else { Confidence::Low };
            found.location = at(&declared.file, declared.require.line);
            found.evidence = vec![searched(case)];
            found.help.push(format!("the extra brings {}", brought.join(", ")));
            all.push(found);
        }
    }
}

/// SLIM009.
fn lighter(case: &Case<'_>, verdicts: &Verdicts, weights: &BTreeMap<Item, Retained>, all: &mut Vec<Finding>) {
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

/// SLIM051, the part that concerns packages: the image's install line takes development groups along.
fn development_in_image(case: &Case<'_>, verdicts: &Verdicts, all: &mut Vec<Finding>) {
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
            *held = *held && !verdicts.today.holds[at];
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
fn production_lists(case: &Case<'_>, verdicts: &Verdicts, all: &mut Vec<Finding>) {
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

/// `a, b and c`.
pub(super) fn listing(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// SLIM090.
fn not_measured(case: &Case<'_>, all: &mut Vec<Finding>) {
    if matches!(case.weights.measure, Measure::Installed | Measure::Source) || case.graph.declared.is_empty() {
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
fn stale(case: &Case<'_>, all: &mut Vec<Finding>) {
    let Some(environment) = case.environment.filter(|_| case.weights.measure != Measure::Source) else { return };
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
