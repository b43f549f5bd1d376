//! The list of files that production loads, for ecosystems whose packages ship as files of which only some are loaded.

use crate::{Error, Exported, Options, analyze};
use depslim_engine::Project;
use depslim_model::ecosystem::{TraceRequest, TracedPackage};
use depslim_model::{Emission, EvidenceKind, human};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Name of the list.
const LIST: &str = "production.files";

/// Lists, for every project below `root` that can be traced, the files that production loads: relative to `root`, one a line, as
/// `tar -T` reads them. With `entries`, the program starts with these files, and with nothing else. Writes nothing.
///
/// # Errors
/// As [`crate::analyze()`].
pub fn trace(root: &Path, options: &Options, entries: &[PathBuf]) -> Result<Vec<Exported>, Error> {
    let analysis = analyze::engine(root, options)?;
    let root = fs_err::canonicalize(root)?;
    Ok(analysis.projects.iter().map(|project| one(&root, project, entries)).collect())
}

fn one(root: &Path, project: &Project, entries: &[PathBuf]) -> Exported {
    let mut exported = Exported {
        project: project.report.id.clone(),
        path: project.report.path.clone(),
        files: Vec::new(),
        skipped: Vec::new(),
        refused: project.report.failed.iter().cloned().collect(),
        notes: Vec::new(),
    };
    let Some(trace) = project.ecosystem.trace else {
        exported.skipped.push(format!("{LIST}: packages of {} ship as wholes", project.ecosystem.name));
        return exported;
    };
    if project.environment.is_none() {
        exported.skipped.push(format!("{LIST}: nothing is installed here; install the project first"));
        return exported;
    }
    let starts = if entries.is_empty() { started(root, project) } else { entries.to_vec() };
    let sources: Vec<PathBuf> = project.observed.production.iter().map(|file| root.join(file)).collect();
    let packages = if entries.is_empty() { kept(project) } else { imported(project) };
    let traced = trace(&TraceRequest {
        root,
        project: &root.join(&project.files.folder),
        starts: &starts,
        sources: &sources,
        packages: &packages,
        target: &project.target,
    });
    let mut content = String::new();
    for file in &traced.files {
        // A name with a line break can't stand in the list.
        match file.strip_prefix(root).ok().and_then(|path| path.to_str()).filter(|path| !path.contains(['\n', '\r'])) {
            Some(path) => drop(writeln!(content, "{path}")),
            None => exported.notes.push(format!("{} can't be written into a list of lines", file.display())),
        }
    }
    exported.notes.extend(traced.notes);
    let summary = format!("{} files, {}", traced.files.len(), human(traced.bytes));
    exported.files.push(Emission { path: LIST.to_owned(), content, summary, complete: None });
    exported
}

/// The files that production starts.
fn started(root: &Path, project: &Project) -> Vec<PathBuf> {
    let named = located(root, project, &project.observed.starts);
    if named.is_empty() { located(root, project, &by_script(project)) } else { named }
}

/// Scripts that people start a program with in production, where nothing else says how; the first that is there counts.
const SCRIPTS: &[&str] = &["start:prod", "start:production", "prod", "start"];

/// What the project's own scripts start.
fn by_script(project: &Project) -> BTreeSet<(String, String)> {
    let started = |name: &&str| {
        let mut found = BTreeSet::new();
        for (path, file) in &project.commands {
            for (_, from, to) in file.scripts.iter().filter(|(script, ..)| script == name) {
                for command in file.commands.get(*from..*to).unwrap_or_default() {
                    let facts = (project.ecosystem.command)(command);
                    found.extend(facts.entries.into_iter().map(|entry| (path.clone(), entry.target)));
                }
            }
        }
        found
    };
    SCRIPTS.iter().map(started).find(|found| !found.is_empty()).unwrap_or_default()
}

/// The files behind what is started, those that are there.
fn located(root: &Path, project: &Project, starts: &BTreeSet<(String, String)>) -> Vec<PathBuf> {
    let folder = root.join(&project.files.folder);
    let mut found = BTreeSet::new();
    for (from, target) in starts {
        let beside = root.join(from.rsplit_once('/').map_or("", |(folder, _)| folder));
        let mut rest = target.trim_start_matches('/').trim_start_matches("./");
        // In the image the project lies in some other folder (`/app/dist/main.js`).
        loop {
            let candidates = (project.ecosystem.locate)(rest).into_iter().flatten();
            let here = candidates.flat_map(|path| [folder.join(&path), beside.join(&path)]).find(|path| path.is_file());
            if let Some(here) = here {
                found.extend(fs_err::canonicalize(here));
                break;
            }
            match rest.split_once('/') {
                Some((_, below)) if target.starts_with('/') => rest = below,
                _ => break,
            }
        }
    }
    found.into_iter().collect()
}

/// The installed packages of production.
fn kept(project: &Project) -> Vec<TracedPackage> {
    let kept: BTreeSet<u32> = project.verdicts.kept.packages().collect();
    let packages = kept.into_iter().filter_map(|package| {
        let node = project.graph.node(package);
        let seen = project.observed.seen.get(package as usize)?;
        let loaded = seen.prod.iter().any(|witness| witness.kind != EvidenceKind::Import);
        Some(TracedPackage { name: node.canonical.clone(), folder: node.folder.clone()?, loaded })
    });
    packages.collect()
}

/// The same for a program whose start is given: what other commands of production use is not its own.
fn imported(project: &Project) -> Vec<TracedPackage> {
    let command = |kind| matches!(kind, EvidenceKind::Import | EvidenceKind::Script | EvidenceKind::Dockerfile);
    let mut packages = kept(project);
    for package in &mut packages {
        let seen = project.graph.find(&package.name).and_then(|at| project.observed.seen.get(at as usize));
        package.loaded &= seen.is_some_and(|seen| seen.prod.iter().any(|witness| !command(witness.kind)));
    }
    packages
}
