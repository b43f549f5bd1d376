//! Stage 7: what production installs and what leaves the manifests: a plan, and edits that carry it out. Pure.

use crate::judge::{Case, Verdicts};
use crate::link::{Declared, Known};
use crate::read::Readers;
use depslim_formats::edit::as_lines;
use depslim_model::ecosystem::{Action, Change, Kept, Plan, Restated};
use depslim_model::report::{Applicable, Status};
use depslim_model::{Code, Confidence, Edit, Evidence, EvidenceKind, Finding, Fix, Group, Layer, Owns, Role, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What production installs, and the changes that the findings ask for.
pub fn plan(case: &Case<'_>, verdicts: &Verdicts, manager: Option<String>, version: &str) -> Plan {
    let mut needed_by: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    for edge in verdicts.kept.edges.iter().filter(|e| e.from != e.to) {
        needed_by.entry(edge.to).or_default().insert(case.graph.node(edge.from).canonical.clone());
    }
    let keep = verdicts
        .kept
        .packages()
        .filter(|p| case.installable(*p))
        .map(|p| kept(case, verdicts, p, &needed_by))
        .collect();
    Plan {
        project: case.project.path().into(),
        manager,
        target: case.target.clone(),
        keep,
        changes: changes(case, verdicts),
        runtime: case.observed.runtime.clone(),
        tool: version.to_owned(),
        lock: None,
    }
}

fn kept(case: &Case<'_>, verdicts: &Verdicts, package: u32, needed_by: &BTreeMap<u32, BTreeSet<String>>) -> Kept {
    let node = case.graph.node(package);
    let lines: Vec<_> = case.production_lines().filter(|(_, d)| d.package == package).map(|(_, d)| d).collect();
    let version = (!node.provide.version.is_empty()).then(|| node.provide.version.clone());
    // The lock's hashes belong to the lock's version; of another one they would be wrong.
    let locked = node.locked.as_ref().filter(|l| version.as_ref().is_none_or(|v| *v == l.version));
    let verdict = &verdicts.by_package[package as usize];
    let bytes = case.weights.bytes.get(package as usize).copied().filter(|_| node.known == Known::Installed);
    Kept {
        package: node.provide.package.clone(),
        version: version.or_else(|| locked.map(|l| l.version.clone())),
        constraint: lines.iter().find_map(|d| d.require.version.clone()),
        features: verdicts.kept.features[package as usize].iter().cloned().collect(),
        // What something else requires too is there on every platform that has that.
        condition: match lines.as_slice() {
            [line] if !needed_by.contains_key(&package) => line.require.condition.clone(),
            _ => None,
        },
        origin: node.provide.origin.clone().or_else(|| lines.iter().find_map(|d| d.require.origin.clone())),
        direct: !lines.is_empty(),
        artifacts: locked.map(|l| l.artifacts.clone()).unwrap_or_default(),
        why: match case.keeps(package) {
            Some(reason) if matches!(verdict.status, Status::Unused | Status::Development) => format!("kept: {reason}"),
            None if matches!(verdict.status, Status::Unused | Status::Development) => {
                "kept: no use was found, but not all could be seen".into()
            }
            _ => why(verdict.status, &verdict.evidence),
        },
        needed_by: needed_by.get(&package).map(|s| s.iter().cloned().collect()).unwrap_or_default(),
        bytes,
        files: files_of(case, package),
    }
}

/// The files of a package that lies beside others of the same folder, as itself.
fn files_of(case: &Case<'_>, package: u32) -> Vec<PathBuf> {
    let node = case.graph.node(package);
    match (&node.folder, &node.provide.owns) {
        (Some(folder), Owns::Files(paths)) if case.ecosystem.sees_all => paths.iter().map(|p| folder.join(p)).collect(),
        _ => Vec::new(),
    }
}

/// Why a package stays, in a few words.
fn why(status: Status, evidence: &[Evidence]) -> String {
    let Some(best) = evidence.first() else { return String::new() };
    let place = match (&best.file, best.line) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        (Some(file), None) => file.clone(),
        _ => String::new(),
    };
    let words = match best.kind {
        EvidenceKind::Import | EvidenceKind::DynamicImport if status == Status::Optional => "used when present, at",
        EvidenceKind::Import | EvidenceKind::DynamicImport => "imported at",
        EvidenceKind::Metadata | EvidenceKind::Rule | EvidenceKind::Plugin => "",
        EvidenceKind::Dockerfile | EvidenceKind::Script | EvidenceKind::Ci => "run at",
        _ => "used at",
    };
    let detail =
        if matches!(best.kind, EvidenceKind::Import | EvidenceKind::DynamicImport) { "" } else { best.text.as_str() };
    match (words.is_empty(), place.is_empty(), detail.is_empty()) {
        (_, true, _) => detail.to_owned(),
        (true, false, _) => format!("{detail} ({place})"),
        (false, false, true) => format!("{words} {place}"),
        (false, false, false) => format!("{words} {place} ({detail})"),
    }
}

/// Changes by manifest that the verdicts ask for, low confidence left out.
fn changes(case: &Case<'_>, verdicts: &Verdicts) -> BTreeMap<String, Vec<Change>> {
    let mut changes: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    for declared in case.judged_lines() {
        let verdict = &verdicts.by_package[declared.package as usize];
        let ships = matches!(declared.require.group, Group::Prod | Group::Optional);
        let action = match verdict.status {
            _ if verdict.confidence == Confidence::Low || case.keeps(declared.package).is_some() => continue,
            Status::Unused => Action::Remove,
            Status::Development if ships && !case.tooling => to_development(case, declared.package),
            _ => continue,
        };
        changes.entry(declared.file.clone()).or_default().push(Change {
            package: declared.require.name.clone(),
            line: declared.require.line,
            action,
        });
    }
    for restated in &case.observed.restated {
        let of_file = changes.entry(restated.file.clone()).or_default();
        let goes = |c: &Change| c.action == Action::Remove && c.line == restated.line && c.package == restated.package;
        if !of_file.iter().any(goes) {
            of_file.push(changed(restated));
        }
    }
    changes
}

fn changed(restated: &Restated) -> Change {
    Change { package: restated.package.clone(), line: restated.line, action: restated.action.clone() }
}

/// What moves a line to development: it just goes when there is one already.
fn to_development(case: &Case<'_>, package: u32) -> Action {
    let already = case.graph.declarations(package).any(|d| d.require.group == Group::Dev);
    if already { Action::Remove } else { Action::MoveToDev }
}

/// Adds to each finding the edits that resolve it, as the ecosystem's editor makes them. `texts` are the manifests' bytes.
pub fn fix(
    case: &Case<'_>,
    findings: &mut [Finding],
    texts: &BTreeMap<String, Vec<u8>>,
    settings: &depslim_model::Settings,
) {
    for finding in findings {
        if finding.code == Code::Misstated {
            restate(case, finding, texts, settings);
        }
        if !matches!(finding.code, Code::Unused | Code::DevInProd) || finding.confidence == Confidence::Low {
            continue;
        }
        let mut changes: BTreeMap<&str, Vec<Change>> = BTreeMap::new();
        let mut gone = Vec::new();
        for declared in lines_of(case, finding) {
            let action = match finding.code {
                Code::Unused => Action::Remove,
                _ => to_development(case, declared.package),
            };
            if action == Action::Remove {
                gone.push(declared);
            }
            let package = declared.require.name.clone();
            changes.entry(&declared.file).or_default().push(Change { package, line: declared.require.line, action });
        }
        for (file, change) in locked_edges(case, &gone) {
            changes.entry(file).or_default().push(change);
        }
        let (mut edits, mut made) = (Vec::new(), Vec::new());
        let mut lost = false;
        for (file, changes) in changes {
            let Some(bytes) = texts.get(file) else { continue };
            let source = Source { path: file, bytes, settings };
            let Ok(new) = (case.ecosystem.edit)(&source, &changes) else { continue };
            edits.extend(difference(file, bytes, new.as_bytes()));
            let moved = changes.iter().filter(|c| c.action == Action::MoveToDev);
            for change in moved.filter(|c| !still_names(case, file, &new, &c.package, settings)) {
                match written_elsewhere(case, file, bytes, change, texts) {
                    Some(edit) => edits.push(edit),
                    None => lost = true,
                }
            }
            made.extend(changes.into_iter().map(|change| (file.to_owned(), change)));
        }
        if lost {
            // Nothing is lost: a line that has nowhere to go stays until somebody says where.
            finding.help.push("move the line to a list for development by hand: the project has none".into());
        } else if !edits.is_empty() {
            let safe = finding.confidence >= Confidence::High;
            let applicable = if safe { Applicable::Safe } else { Applicable::Unsafe };
            let of = edits.first().and_then(|edit| texts.get(&edit.file));
            let lines = of.and_then(|bytes| as_lines(&edits, bytes));
            finding.fix = Some(Fix { applicable, edits, lines, changes: made });
        }
    }
}

/// Adds the edits that make a manifest state a package as it should.
fn restate(
    case: &Case<'_>,
    finding: &mut Finding,
    texts: &BTreeMap<String, Vec<u8>>,
    settings: &depslim_model::Settings,
) {
    let about = |restated: &&Restated| finding.message.split(' ').next() == Some(restated.package.as_str());
    let mut edits = Vec::new();
    let mut made = Vec::new();
    let mut by_file: BTreeMap<&str, Vec<Change>> = BTreeMap::new();
    for restated in case.observed.restated.iter().filter(about) {
        by_file.entry(&restated.file).or_default().push(changed(restated));
    }
    for (file, changes) in by_file {
        let Some(bytes) = texts.get(file) else { continue };
        let Ok(new) = (case.ecosystem.edit)(&Source { path: file, bytes, settings }, &changes) else { continue };
        edits.extend(difference(file, bytes, new.as_bytes()));
        made.extend(changes.into_iter().map(|change| (file.to_owned(), change)));
    }
    if !edits.is_empty() {
        let of = edits.first().and_then(|edit| texts.get(&edit.file));
        let lines = of.and_then(|bytes| as_lines(&edits, bytes));
        finding.fix = Some(Fix { applicable: Applicable::Safe, edits, lines, changes: made });
    }
}

/// The declarations that a finding is about.
fn lines_of<'a>(case: &'a Case<'_>, finding: &Finding) -> Vec<&'a Declared> {
    let of_package = |d: &&Declared| case.purl(d.package) == finding.package;
    let production: Vec<&Declared> = case.judged_lines().filter(of_package).collect();
    let idle = case.idle_lines().filter(of_package);
    let here =
        |d: &&Declared| finding.location.as_ref().is_some_and(|at| at.file == d.file && at.line == d.require.line);
    match finding.code {
        Code::Unused if !production.iter().any(here) => idle.collect(),
        Code::Unused => production.into_iter().chain(idle).collect(),
        _ => production,
    }
}

/// Where every line counts, the project's own edges in the lock go with the last of its lines for a package.
fn locked_edges<'a>(case: &'a Case<'_>, gone: &[&Declared]) -> Vec<(&'a str, Change)> {
    if !case.ecosystem.by_name {
        return Vec::new();
    }
    let stays = |package: u32| {
        let same = |d: &&Declared, other: &Declared| d.file == other.file && d.require.line == other.require.line;
        case.graph.declarations(package).any(|d| !gone.iter().any(|g| same(g, d)))
    };
    let canonical = case.ecosystem.canonical;
    let names: Vec<String> = case
        .project
        .manifests
        .iter()
        .filter_map(|m| m.facts.manifest.as_ref()?.name.as_deref().map(canonical))
        .collect();
    let mut edges = Vec::new();
    for lock in case.project.in_role(Role::Lock) {
        for require in &lock.facts.requires {
            let ours = require.from.as_deref().is_some_and(|from| names.contains(&canonical(from)));
            let meant = |d: &&&Declared| canonical(&d.require.name) == canonical(&require.name);
            if ours && gone.iter().find(meant).is_some_and(|d| !stays(d.package)) {
                let change = Change { package: require.name.clone(), line: require.line, action: Action::Remove };
                edges.push((lock.path.as_str(), change));
            }
        }
    }
    edges
}

/// True when the changed manifest still names the package: the move ended inside the same file.
fn still_names(case: &Case<'_>, file: &str, new: &str, package: &str, settings: &depslim_model::Settings) -> bool {
    let canonical = case.ecosystem.canonical;
    let Some(reader) = Readers::of(case.ecosystem, Layer::Manifest).for_path(file) else { return false };
    let facts = (reader.read)(&Source { path: file, bytes: new.as_bytes(), settings });
    facts.requires.iter().any(|r| r.from.is_none() && canonical(&r.name) == canonical(package))
}

/// The edit that writes a declaration, as it stands, behind the last line of the project's list for development.
fn written_elsewhere(
    case: &Case<'_>,
    file: &str,
    bytes: &[u8],
    change: &Change,
    texts: &BTreeMap<String, Vec<u8>>,
) -> Option<Edit> {
    let from = case.project.manifests.iter().find(|m| m.path == file)?;
    let declared = from.facts.requires.iter().find(|r| r.line == change.line && r.name == change.package)?;
    let line = std::str::from_utf8(bytes.get(declared.span.clone()?)?).ok()?.trim_end();
    let for_development = |m: &&crate::read::Sourced| {
        let mut own = m.facts.requires.iter().filter(|r| r.from.is_none()).peekable();
        m.path != file && m.reader == from.reader && own.peek().is_some() && own.all(|r| r.group == Group::Dev)
    };
    let list = case.project.in_role(Role::Manifest).find(for_development)?;
    let text = texts.get(&list.path)?;
    let gap = if text.last().is_none_or(|b| *b == b'\n') { "" } else { "\n" };
    Some(Edit { file: list.path.clone(), start: text.len(), end: text.len(), text: format!("{gap}{line}\n") })
}

/// The edit between two texts: the run of whole lines that differs.
fn difference(file: &str, old: &[u8], new: &[u8]) -> Vec<Edit> {
    let (Ok(old), Ok(new)) = (std::str::from_utf8(old), std::str::from_utf8(new)) else { return Vec::new() };
    if old == new {
        return Vec::new();
    }
    let same = |a: &mut dyn Iterator<Item = &str>, b: &mut dyn Iterator<Item = &str>| -> usize {
        a.zip(b).take_while(|(x, y)| x == y).map(|(x, _)| x.len()).sum()
    };
    let start = same(&mut old.split_inclusive('\n'), &mut new.split_inclusive('\n'));
    let end = same(&mut old[start..].split_inclusive('\n').rev(), &mut new[start..].split_inclusive('\n').rev());
    vec![Edit { file: file.to_owned(), start, end: old.len() - end, text: new[start..new.len() - end].to_owned() }]
}
