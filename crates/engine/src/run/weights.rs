//! Bytes of packages, from what is installed, else from what the lock tells.

use super::environments::Environments;
use super::id;
use super::linked::Linked;
use crate::judge::Weights;
use crate::measure::{Claim, Measured, measure};
use crate::project::ProjectFiles;
use depslim_model::report::{Measure, Note, Place, Tree};
use depslim_model::{Ecosystem, Facts, Owns};
use std::path::{Path, PathBuf};
use std::rc::Rc;

pub(super) fn weights_of(
    ecosystem: &'static Ecosystem,
    linked: &Linked,
    threads: usize,
    environments: &mut Environments,
    notes: &mut Vec<Note>,
    files: &ProjectFiles,
) -> Weights {
    let Linked { graph, environment, target, .. } = linked;
    let (environment, project) = (environment.as_ref(), &id(ecosystem, files));
    let count = graph.nodes.len();
    let mut weights = Weights { measure: Measure::Unknown, bytes: vec![0; count], files: vec![0; count], tree: None };
    // Estimates first: what is declared but not installed keeps its own.
    for (at, node) in graph.nodes.iter().enumerate() {
        if let Some(locked) = &node.locked
            && let Some(bytes) = (ecosystem.choose)(&locked.artifacts, target).and_then(|i| locked.artifacts[i].bytes)
        {
            weights.bytes[at] = bytes;
            weights.measure = Measure::Estimated;
        }
    }
    let Some((environment, loaded)) = environment else { return weights };
    if environment.shared {
        for (at, (_, path, _)) in loaded.facts.iter().enumerate() {
            let (Some(folder), Some(package)) = (path.parent(), graph.installed.get(at).copied().flatten()) else {
                continue;
            };
            let entry = &loaded.facts[at..=at];
            if environment.ships {
                let (bytes, files) = single_files(folder, &entry[0].2);
                weights.bytes[package as usize] += bytes;
                weights.files[package as usize] += files;
                weights.measure = Measure::Installed;
                continue;
            }
            if let Some((bytes, files)) = claimed(folder, &loaded.facts[at].2) {
                weights.bytes[package as usize] += bytes;
                weights.files[package as usize] += files;
                weights.measure = Measure::Source;
                continue;
            }
            if let Some(measured) = measured_tree(folder, entry, ecosystem, threads, environments, notes, project) {
                weights.bytes[package as usize] += measured.owners.iter().map(|w| w.bytes).sum::<u64>();
                weights.files[package as usize] += measured.owners.iter().map(|w| w.files).sum::<u32>();
                weights.measure = Measure::Source;
            }
        }
        return weights;
    }
    let (mut whole, mut first, mut counted) = (Tree::default(), 0, None);
    let trees: Vec<&Path> = std::iter::once(&environment.tree).chain(&environment.more).map(PathBuf::as_path).collect();
    let around = environment.tree.parent().unwrap_or(&environment.tree);
    for (tree, number) in trees.into_iter().zip(&loaded.counts) {
        let entries = &loaded.facts[first..first + number];
        if let Some(measured) = measured_tree(tree, entries, ecosystem, threads, environments, notes, project) {
            let (bytes, files) = counted.get_or_insert_with(|| (vec![0; count], vec![0; count]));
            for (owner, weight) in measured.owners.iter().enumerate() {
                if let Some(package) = graph.installed.get(first + owner).copied().flatten() {
                    bytes[package as usize] += weight.bytes;
                    files[package as usize] += weight.files;
                }
            }
            let elsewhere = (tree != environment.tree).then(|| tree.strip_prefix(around).unwrap_or(tree));
            add_tree(&mut whole, &measured, elsewhere.map(|path| Path::new("..").join(path)).as_deref());
        }
        first += number;
    }
    let Some((bytes, files)) = counted else { return weights };
    (weights.bytes, weights.files, weights.measure) = (bytes, files, Measure::Installed);
    whole.unowned.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
    whole.unowned.truncate(20);
    weights.tree = Some(whole);
    weights
}

/// Bytes and number of the files that a package says are its own, where packages lie beside others of the same folder.
fn single_files(folder: &Path, facts: &Facts) -> (u64, u32) {
    let owned = facts.provides.iter().filter_map(|provide| match &provide.owns {
        depslim_model::Owns::Files(paths) => Some(paths),
        _ => None,
    });
    let sizes = owned.flatten().filter_map(|path| fs_err::metadata(folder.join(path)).ok()).map(|about| about.len());
    sizes.fold((0, 0), |(bytes, files), size| (bytes + size, files + 1))
}

/// Bytes and number of the files that a package names one by one; `None` when it owns more than it names. In a shared tree the rest
/// of its folder is nobody's business.
fn claimed(folder: &Path, facts: &Facts) -> Option<(u64, u32)> {
    let Owns::Files(files) = &facts.provides.first()?.owns else { return None };
    if files.iter().any(|file| file.ends_with('/')) {
        return None;
    }
    let sizes = files.iter().filter_map(|file| Some(fs_err::symlink_metadata(folder.join(file)).ok()?.len()));
    Some(sizes.fold((0, 0), |(bytes, count), size| (bytes + size, count + 1)))
}

/// One tree's sizes; a monorepo's projects share them.
pub(super) fn measured_tree(
    tree: &Path,
    entries: &[(PathBuf, PathBuf, Facts)],
    ecosystem: &Ecosystem,
    threads: usize,
    environments: &mut Environments,
    notes: &mut Vec<Note>,
    project: &str,
) -> Option<Rc<Measured>> {
    let measured = if let Some(measured) = environments.measured.get(tree) {
        measured.clone()
    } else {
        let claims = claims(tree, entries);
        let claims: Vec<Claim<'_>> =
            claims.iter().map(|(owner, base, owns)| Claim { owner: *owner, base, owns }).collect();
        match measure(tree, &claims, ecosystem.derived_from, threads) {
            Ok(measured) => {
                let measured = Rc::new(measured);
                environments.measured.insert(tree.to_owned(), measured.clone());
                measured
            }
            Err(error) => {
                notes.push(Note { project: Some(project.to_owned()), message: error.to_string(), ..Note::default() });
                return None;
            }
        }
    };
    for (path, message) in &measured.unreadable {
        notes.push(Note {
            project: Some(project.to_owned()),
            file: Some(path.clone()),
            message: message.clone(),
            ..Note::default()
        });
    }
    if let Some(first) = measured.conflicts.first() {
        let name = |owner: u32| {
            entries.get(owner as usize).and_then(|(_, _, f)| f.provides.first()).map_or("?", |p| p.package.as_str())
        };
        let message = format!(
            "{} files are claimed by two packages; the first is claimed by {} and {}, and counted to {}",
            measured.conflicts.len(),
            name(first.counted),
            name(first.other),
            name(first.counted)
        );
        notes.push(Note {
            project: Some(project.to_owned()),
            file: Some(first.path.clone()),
            message,
            ..Note::default()
        });
    }
    Some(measured)
}

/// Adds one tree's sums to the environment's; `prefix` leads to it when it is not the first.
pub(super) fn add_tree(whole: &mut Tree, measured: &Measured, prefix: Option<&Path>) {
    whole.total_bytes += measured.total;
    whole.on_disk_bytes += measured.on_disk;
    whole.entries += measured.entries;
    whole.packages_bytes += measured.owners.iter().map(|w| w.bytes).sum::<u64>();
    whole.unowned_bytes += measured.unowned.bytes;
    whole.folders_bytes += measured.folders.bytes;
    whole.unowned.extend(measured.unowned_places.iter().take(20).map(|(path, bytes)| Place {
        path: prefix.map_or_else(|| path.clone(), |prefix| prefix.join(path).to_string_lossy().into_owned()),
        bytes: *bytes,
    }));
}

pub(super) fn claims<'f>(
    tree: &Path,
    entries: &'f [(PathBuf, PathBuf, Facts)],
) -> Vec<(u32, String, &'f depslim_model::Owns)> {
    entries
        .iter()
        .enumerate()
        .flat_map(|(owner, (_, path, facts))| {
            let base = path
                .parent()
                .and_then(|p| p.strip_prefix(tree).ok())
                .map(|p| p.to_string_lossy().into_owned())
                .unwrap_or_default();
            facts.provides.iter().take(1).map(move |p| (owner as u32, base.clone(), &p.owns))
        })
        .collect()
}
