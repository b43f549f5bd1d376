//! From a project that was analysed to what is to be proved of it.

use super::ProveOptions;
use depslim_engine::Project;
use depslim_engine::link::{Known, Node, closure};
use depslim_model::ecosystem::Change;
use depslim_model::proof::Copied;
use depslim_model::{Owns, Source};
use depslim_prove::{Case, Manifest, Unit, plain};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Whether there is something to run a project on.
pub(super) fn is_able(project: &Project) -> bool {
    let Some(proof) = project.ecosystem.proof else { return false };
    project.report.failed.is_none() && (proof.copy == Copied::Declared || project.environment.is_some())
}

/// Whether the copy would differ from the original where that takes a build.
pub(super) fn has_something(root: &Path, project: &Project) -> bool {
    let builds = project.ecosystem.proof.is_some_and(|proof| proof.copy == Copied::Declared);
    !builds || !lines(root, project).is_empty()
}

/// What production would ship.
pub(super) fn kept(project: &Project) -> BTreeSet<u32> {
    project.verdicts.kept.packages().collect()
}

/// A package of this name, with all that it requires.
pub(super) fn named(project: &Project, name: &str) -> Option<BTreeSet<u32>> {
    let package = project.graph.find(&(project.ecosystem.canonical)(name))?;
    let roots = [(package, [].as_slice())];
    Some(closure(&project.graph, project.ecosystem, &project.target, roots).packages().collect())
}

/// The case of a project from which everything but `wanted` is left out.
pub(super) fn build(root: &Path, project: &Project, wanted: &BTreeSet<u32>, how: &ProveOptions) -> Option<Case> {
    let proof = project.ecosystem.proof?;
    let folder = if project.files.folder.is_empty() { root.to_owned() } else { root.join(&project.files.folder) };
    let real = |path: &PathBuf| fs_err::canonicalize(path).unwrap_or_else(|_| path.clone());
    let environment = project.environment.as_ref();
    let mut trees: Vec<PathBuf> =
        environment.iter().flat_map(|e| [&e.tree].into_iter().chain(&e.more)).map(real).collect();
    trees.retain(|tree| tree.is_dir());
    trees.sort();
    trees.dedup();
    let all = trees.clone();
    trees.retain(|tree| !all.iter().any(|other| other != tree && tree.starts_with(other)));
    let sites: Vec<PathBuf> = environment.iter().flat_map(|e| &e.sites).map(real).collect();
    // In a place that others share, a folder's name says nothing of modules.
    let shared = environment.is_some_and(|environment| environment.shared);
    let prefix = if project.files.folder.is_empty() { String::new() } else { format!("{}/", project.files.folder) };
    let inside = |file: &String| file.strip_prefix(&prefix).map(str::to_owned);
    let declared = proof.copy == Copied::Declared;
    Some(Case {
        ecosystem: project.ecosystem,
        proof,
        root: root.to_owned(),
        folder,
        trees: if declared { Vec::new() } else { trees },
        shared,
        own: if declared { Vec::new() } else { own(project) },
        sites: if shared { Vec::new() } else { sites },
        units: if declared { lines(root, project) } else { installed(project, wanted) },
        command: how.command.clone(),
        files: project.observed.production.iter().filter_map(inside).collect(),
        modules: project.observed.named.iter().cloned().collect(),
        texts: crate::image::texts(root, project),
        runtime: project.plan.runtime.clone(),
        manifests: if declared { manifests(root, project) } else { Vec::new() },
        settings: project.settings.clone(),
    })
}

/// Folders of other projects of the same tree among what is installed.
fn own(project: &Project) -> Vec<PathBuf> {
    let own = project.graph.nodes.iter().filter(|node| node.known == Known::Installed && node.provide.first_party);
    own.filter_map(|node| node.folder.clone()).collect()
}

/// What is installed, other people's only.
fn installed(project: &Project, wanted: &BTreeSet<u32>) -> Vec<Unit> {
    let graph = &project.graph;
    let is_unit = |node: &Node| node.known == Known::Installed && !node.provide.first_party;
    let places: BTreeMap<u32, usize> =
        (0_u32..).zip(&graph.nodes).filter(|(_, node)| is_unit(node)).map(|(p, _)| p).zip(0..).collect();
    let everything = (0..graph.nodes.len() as u32).map(|p| (p, [].as_slice()));
    let mut needs: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for edge in closure(graph, project.ecosystem, &project.target, everything).edges {
        if let Some(place) = places.get(&edge.to).filter(|_| edge.from != edge.to && edge.feature.is_none()) {
            needs.entry(edge.from).or_default().push(*place);
        }
    }
    let bytes = bytes(project);
    let unit = |package: &u32| {
        let node = graph.node(*package);
        let id = node.purl(project.ecosystem);
        let (files, trees) = owned(node);
        Unit {
            bytes: bytes.get(id.as_str()).copied().unwrap_or(0),
            id,
            name: node.provide.package.clone(),
            canonical: node.canonical.clone(),
            version: node.provide.version.clone(),
            files,
            trees,
            modules: node.provide.modules.clone(),
            programs: node.provide.programs.clone(),
            needs: needs.remove(package).unwrap_or_default(),
            changes: Vec::new(),
            seen: seen(project, *package),
            out: !wanted.contains(package),
            cut: None,
        }
    };
    places.keys().map(unit).collect()
}

/// Declarations that production does without, by package.
fn lines(root: &Path, project: &Project) -> Vec<Unit> {
    let manifests = manifests(root, project);
    // What a manifest has no form for stays (a list for development, where there is one list).
    let can = |file: &str, change: &Change| {
        manifests.iter().find(|manifest| manifest.path == file).is_some_and(|manifest| {
            let source = Source { path: file, bytes: &manifest.bytes, settings: &project.settings };
            (project.ecosystem.edit)(&source, std::slice::from_ref(change)).is_ok()
        })
    };
    let mut units: BTreeMap<String, Unit> = BTreeMap::new();
    for (file, changes) in &project.plan.changes {
        for change in changes.iter().filter(|change| can(file, change)) {
            let canonical = (project.ecosystem.canonical)(&change.package);
            let node = project.graph.find(&canonical).map(|package| project.graph.node(package));
            let unit = units.entry(canonical.clone()).or_insert_with(|| Unit {
                id: node.map_or_else(|| canonical.clone(), |node| node.purl(project.ecosystem)),
                name: change.package.clone(),
                version: node.map(|node| node.provide.version.clone()).unwrap_or_default(),
                modules: node.map(|node| node.provide.modules.clone()).unwrap_or_default(),
                programs: node.map(|node| node.provide.programs.clone()).unwrap_or_default(),
                canonical,
                out: true,
                ..Unit::default()
            });
            unit.changes.push((file.clone(), change.clone()));
        }
    }
    units.into_values().collect()
}

fn manifests(root: &Path, project: &Project) -> Vec<Manifest> {
    let changed = project.plan.changes.keys();
    changed
        .filter_map(|path| Some(Manifest { path: path.clone(), bytes: fs_err::read(root.join(path)).ok()? }))
        .collect()
}

/// Apparent bytes by package id.
fn bytes(project: &Project) -> BTreeMap<&str, u64> {
    let packages = project.report.packages.iter();
    packages.filter_map(|package| Some((package.id.as_str(), package.installed_bytes?))).collect()
}

/// Places that use a package: file and line.
fn seen(project: &Project, package: u32) -> Vec<(String, u32)> {
    let Some(seen) = project.observed.seen.get(package as usize) else { return Vec::new() };
    let all = [&seen.prod, &seen.hidden, &seen.optional, &seen.maybe, &seen.dev];
    all.into_iter().flatten().map(|witness| (witness.file.clone(), witness.line)).collect()
}

/// The files of a package, and the folders of which the rest is its own.
fn owned(node: &Node) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let Some(folder) = &node.folder else { return (Vec::new(), Vec::new()) };
    let folder = fs_err::canonicalize(folder).unwrap_or_else(|_| folder.clone());
    let path = |text: &String| plain(&folder.join(text.trim_end_matches('/')));
    match &node.provide.owns {
        Owns::Nothing => (Vec::new(), Vec::new()),
        Owns::Trees(trees) => (Vec::new(), trees.iter().map(path).collect()),
        Owns::Files(files) => {
            let (folders, files): (Vec<&String>, Vec<&String>) = files.iter().partition(|file| file.ends_with('/'));
            (files.into_iter().map(path).collect(), folders.into_iter().map(path).collect())
        }
    }
}
