//! What is declared and not needed, needed and not declared, or declared with extras that nobody uses.

use super::{at, finding, primary};
use crate::judge::report::{brought_by_extra, exclusive, extra_used};
use crate::judge::verdict::searched;
use crate::judge::{Case, Verdicts};
use crate::link::{Declared, Known, closure};
use crate::observe::{Seen, Witness};
use crate::weigh::{Item, Retained};
use depslim_model::report::{Measure, Status};
use depslim_model::{Code, Confidence, Evidence, EvidenceKind, Finding, Group, Require, Role};
use std::collections::{BTreeMap, BTreeSet};

/// A declared package as its line calls it, and by its own name where that is another one.
fn said(case: &Case<'_>, package: u32, line: &Require) -> String {
    let node = case.graph.node(package);
    let package = &node.provide.package;
    match &line.alias {
        Some(alias) if alias != package => format!("{alias} ({package})"),
        None if (case.ecosystem.canonical)(&line.name) != node.canonical => format!("{} ({package})", line.name),
        _ => package.clone(),
    }
}

/// SLIM001 and SLIM002.
pub(super) fn declared_without_need(
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
        let Some(line) = primary(case, package) else { continue };
        let name = said(case, package, &line.require);
        let retained = exclusive(case, weights, package);
        let with = match retained.packages {
            0 | 1 => String::new(),
            n => format!(" (and {} more only it needs)", n - 1),
        };
        let mut found = match verdict.status {
            Status::Unused => finding(case, Code::Unused, Some(package), format!("{name}{with} is never used")),
            // It holds the version of what others bring, for tests too.
            Status::Development
                if case.graph.declarations(package).all(|d| d.require.indirect)
                    && case.seen(package).dev.iter().all(|witness| witness.installed) =>
            {
                continue;
            }
            Status::Development if ships && !case.tooling => {
                let how = used_by(case, package);
                finding(case, Code::DevInProd, Some(package), format!("{name}{with} {how}"))
            }
            _ => continue,
        };
        found.bytes = if ships { retained.bytes } else { 0 };
        leaving(case, package, &mut found, retained);
        if case.ecosystem.one_list && found.code == Code::DevInProd {
            found.severity = depslim_model::Severity::Warn;
            found.bytes = 0;
            let help = if case.seen(package).hidden.is_empty() {
                "nothing of it ships: the manifest has one list for all"
            } else {
                "other packages bring it to production all the same"
            };
            found.help.push(help.into());
        }
        found.confidence = verdict.confidence;
        found.location = at(&line.file, line.require.line);
        found.evidence.clone_from(&verdict.evidence);
        // What production does not install costs it nothing.
        if !ships {
            found.severity = depslim_model::Severity::Warn;
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
pub(super) fn idle_lines(
    case: &Case<'_>,
    verdicts: &Verdicts,
    weights: &BTreeMap<Item, Retained>,
    all: &mut Vec<Finding>,
) {
    let idle: BTreeSet<u32> = case.idle_lines().map(|d| d.package).collect();
    for package in idle {
        let production = case.production_lines().any(|(_, d)| d.package == package);
        if production && verdicts.by_package[package as usize].status == Status::Unused {
            continue;
        }
        let lines: Vec<_> = case.idle_lines().filter(|d| d.package == package).collect();
        let Some(line) = lines.first() else { continue };
        let table = line.require.group_name.as_deref().unwrap_or("development");
        let name = said(case, package, &line.require);
        let mut found = finding(case, Code::Unused, Some(package), format!("{name} in {table} is never used"));
        found.severity = depslim_model::Severity::Warn;
        found.fingerprint += &[":", table].concat();
        let retained = if production { Retained::default() } else { exclusive(case, weights, package) };
        found.bytes = retained.bytes;
        leaving(case, package, &mut found, retained);
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

/// What leaves the lock with a line, where every line is judged and a lock tells.
fn leaving(case: &Case<'_>, package: u32, found: &mut Finding, retained: Retained) {
    // A package of the repository stays in the lock for its own sake.
    if !case.ecosystem.by_name || !case.installable(package) || case.project.in_role(Role::Lock).next().is_none() {
        return;
    }
    found.packages = if found.code == Code::Unused { retained.packages } else { 0 };
    if found.code == Code::Unused && retained.packages == 0 {
        found.help.push("frees no package by itself: something else in the lock needs it".into());
    }
}

/// SLIM008 for features that the ecosystem itself found nothing for.
pub(super) fn idle_features(case: &Case<'_>, all: &mut Vec<Finding>) {
    for (file, idle) in &case.observed.idle {
        let package = case.graph.find(&(case.ecosystem.canonical)(&idle.package));
        let message = format!("{}[{}]: nothing that the feature offers is used", idle.package, idle.feature);
        let mut found = finding(case, Code::UnusedExtra, package, message);
        found.fingerprint += &["[", &idle.feature, "]:", file].concat();
        found.packages = idle.frees.len() as u32;
        let bytes_of = |name: &String| -> u64 {
            let package = case.graph.find(&(case.ecosystem.canonical)(name));
            package.and_then(|p| case.weights.bytes.get(p as usize).copied()).unwrap_or(0)
        };
        found.bytes = idle.frees.iter().map(bytes_of).sum();
        found.confidence = Confidence::Medium;
        found.location = at(file, idle.line);
        found.evidence = vec![Evidence {
            kind: EvidenceKind::Searched,
            files: Some(idle.searched),
            places: vec![format!("names that only {}[{}] offers", idle.package, idle.feature)],
            ..Evidence::default()
        }];
        let names: Vec<&str> = idle.frees.iter().map(String::as_str).collect();
        let (shown, more) = names.split_at(names.len().min(4));
        let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        found.help.push(format!("the feature brings {}{more}", shown.join(", ")));
        found.help.push(idle.instead.clone());
        all.push(found);
    }
}

fn used_by(case: &Case<'_>, package: u32) -> String {
    let below = |file: &'_ str| {
        file.strip_prefix(case.project.folder.as_str()).unwrap_or(file).trim_start_matches('/').to_owned()
    };
    let top = |file: &'_ str| {
        let below = below(file);
        below.split_once('/').map_or(below.as_str(), |(top, _)| top).to_owned()
    };
    // By convention a test in a folder that is not all for development; where lines of all kinds are judged by name, what else.
    let scopes = &case.rules.scopes;
    let tests = |file: &'_ str| {
        let below = below(file);
        let beside = || scopes.is_dev_path(&below) && !scopes.is_dev_path(&format!("{}/x", top(file)));
        below.contains('/') && (case.ecosystem.by_name || beside())
    };
    let own = |witness: &&Witness| !witness.installed;
    let ships: BTreeSet<String> = case
        .observed
        .seen
        .iter()
        .filter(|_| case.ecosystem.by_name)
        .flat_map(|seen| seen.prod.iter().filter(own))
        .map(|witness| witness.file.as_str())
        .chain(case.observed.production.iter().map(String::as_str))
        .map(top)
        .collect();
    // What a manifest says stands in no folder.
    let stated = |witness: &&Witness| case.project.manifests.iter().any(|m| m.path == witness.file);
    let folders: BTreeSet<String> = case
        .seen(package)
        .dev
        .iter()
        .filter(|witness| own(witness) && !(stated(witness) && case.ecosystem.reach.is_some()))
        .map(|witness| (top(&witness.file), tests(&witness.file)))
        .filter(|(folder, _)| !folder.is_empty())
        // Tests may stand beside what they test.
        .map(|(folder, tests)| if tests && ships.contains(&folder) { format!("tests in {folder}") } else { folder })
        .collect();
    match folders.len() {
        0 if case.rules.scopes.is_dev_tool(&case.graph.node(package).canonical) => "is a development tool".into(),
        0 if case.seen(package).dev.iter().any(|witness| witness.installed) => {
            "is used by tests of other packages only".into()
        }
        0 if !case.seen(package).types.is_empty() => "is imported for its types only".into(),
        0 => "is needed by development tools only".into(),
        1..=3 => format!("is used by {} only", folders.into_iter().collect::<Vec<_>>().join(", ")),
        _ => "is used by tests and tooling only".into(),
    }
}

/// SLIM004: production code imports it, and what stays would not bring it.
pub(super) fn undeclared(case: &Case<'_>, verdicts: &Verdicts, all: &mut Vec<Finding>) {
    let lines: Vec<(u32, &[String])> = case
        .production_lines()
        // What somebody else brings is there, with all that it needs.
        .filter(|(_, d)| d.require.given || verdicts.kept.has(d.package))
        .map(|(_, d)| (d.package, d.require.features.as_slice()))
        .collect();
    let brought = closure(case.graph, case.ecosystem, case.target, lines);
    let declared: BTreeSet<u32> = case.production_lines().map(|(_, d)| d.package).collect();
    let needed = (0..case.graph.nodes.len() as u32).filter(|p| case.seen(*p).needed());
    let running = closure(case.graph, case.ecosystem, case.target, needed.map(|p| (p, [].as_slice())));
    let untold = perhaps_brought(case, &brought);
    let name = |declared: &Declared| case.graph.node(declared.package).canonical.as_str();
    // What is put together by the build need not be installed beside the result.
    let bundled = case.graph.declared.iter().any(|declared| case.rules.scopes.is_bundler(name(declared)));
    for package in 0..case.graph.nodes.len() as u32 {
        let seen = case.seen(package);
        if declared.contains(&package) || !case.installable(package) || !seen.needed() || case.is_itself(package) {
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
        if dev.is_none() && supplied_by_another(case, verdicts, package) {
            continue;
        }
        let certain = if own.is_empty() { &seen.hidden } else { &own };
        let Some(witness) = certain.first() else { continue };
        let aside = !own.is_empty() && own.iter().all(|w| is_aside(case, &w.file));
        let (message, confidence) = if brought.has(package) {
            if own.is_empty() {
                continue;
            }
            (format!("{name} is imported, but only comes along with another package"), Confidence::Low)
        } else if let Some(dev) = dev {
            // Whoever uses a tool of the repository has what is there for development, and a peer's users bring it.
            if case.tooling || dev.require.peer {
                continue;
            }
            // A script at the top that nothing imports or starts is most often a developer's own.
            let loose = own.iter().all(|w| is_loose(case, &w.file)) && !own.is_empty();
            // Whatever imports a tool of development, and nothing says so, is most often for development too.
            let loose = loose || case.rules.scopes.is_dev_tool(&node.canonical);
            (
                format!(
                    "{name} runs in production, but is declared for {} only",
                    dev.require.group_name.as_deref().unwrap_or("development")
                ),
                if loose || aside || bundled || untold.contains(&package) { Confidence::Low } else { Confidence::High },
            )
        } else if own.is_empty() {
            (format!("{name} is loaded by a package that does not require it"), Confidence::High)
        } else {
            (
                format!("{name} is imported, but nothing that production declares brings it"),
                if aside || untold.contains(&package) { Confidence::Low } else { Confidence::High },
            )
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

/// Whether another package that production declares and keeps has the same modules, as variants for other machines do.
fn supplied_by_another(case: &Case<'_>, verdicts: &Verdicts, package: u32) -> bool {
    let modules = |p: u32| {
        let node = case.graph.node(p);
        let known = case.rules.names.modules_of(&node.canonical);
        if node.provide.modules.is_empty() && known.sure { known.names } else { node.provide.modules.clone() }
    };
    let own = modules(package);
    let kept = case.production_lines().map(|(_, d)| d.package).filter(|p| *p != package && verdicts.kept.has(*p));
    kept.into_iter().any(|p| modules(p).iter().any(|module| own.contains(module)))
}

/// Packages that production may bring although nothing says so: a lock that names packages without what they require holds them for
/// production, or nobody can tell what something that stays requires.
fn perhaps_brought(case: &Case<'_>, brought: &crate::link::Closure) -> BTreeSet<u32> {
    if brought.packages().any(|p| case.graph.node(p).known == Known::Declared && case.installable(p)) {
        return (0..case.graph.nodes.len() as u32).collect();
    }
    let flat = |lock: &&crate::read::Sourced| lock.facts.requires.iter().all(|r| r.from.is_none());
    let locked = case.project.in_role(Role::Lock).filter(flat).flat_map(|lock| &lock.facts.requires);
    let ships = locked.filter(|r| matches!(r.group, Group::Prod | Group::Optional));
    ships.filter_map(|r| case.graph.find(&(case.ecosystem.canonical)(&r.name))).collect()
}

/// A file of tests that production imports only in passing, or one of another project: whoever installs this one has not lost
/// anything before it is asked for.
fn is_aside(case: &Case<'_>, file: &str) -> bool {
    let within = file.strip_prefix(case.project.folder.as_str()).unwrap_or(file).trim_start_matches('/');
    case.observed.borrowed.contains(file) || case.rules.scopes.is_dev_path(within)
}

/// A file that no other file and no command of production is seen to need: a script of a developer's own, or a part that its users
/// ask for themselves.
fn is_loose(case: &Case<'_>, file: &str) -> bool {
    let reached = &case.observed.reached;
    let within = file.strip_prefix(case.project.folder.as_str()).unwrap_or(file).trim_start_matches('/');
    !reached.contains(file) && (!within.contains('/') || !reached.is_empty())
}

/// SLIM008.
pub(super) fn extras(case: &Case<'_>, verdicts: &Verdicts, weights: &BTreeMap<Item, Retained>, all: &mut Vec<Finding>) {
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
