//! What the walk found, in the engine's words.

use super::packages::{Known, Seen, Walk};
use crate::gomod::Line;
use depslim_model::ecosystem::{Environment, Host, Need, Reached, ReachedFile};
use depslim_model::{Facts, Group, How, Owns, Provide, Require, Strength, Use};
use std::path::{Path, PathBuf};

/// Modules that are there, and files that use others.
#[expect(clippy::too_many_arguments, reason = "one call, and each is what another step found")]
pub(super) fn told(
    host: &Host<'_>,
    manifest: &str,
    lines: &[Line],
    mut walk: Walk,
    kept: &[(String, Seen)],
    unsure: &[(&Line, String)],
    cache: Option<&Path>,
    vendor: Option<&Path>,
    sure: bool,
    counts: Option<&(u32, String)>,
) -> Reached {
    let mut reached = Reached::default();
    let mut order: Vec<usize> = walk.known.keys().copied().collect();
    order.sort_unstable();
    for at in &order {
        let known = walk.known.get(at).cloned().unwrap_or_default();
        if known.packages.is_empty() {
            continue;
        }
        reached.files.extend(known.seen.iter().map(|seen| file_of(&walk, seen, *at, vendor)));
        reached.installed.push(module(&walk, *at, &known));
    }
    for (path, seen) in kept {
        if let Some(at) = walk.modules.find(path) {
            reached.files.push(file_of(&walk, seen, at, vendor));
            reached.files.extend(counts.map(|counts| counted(manifest, counts, path)));
        }
    }
    for (file, used, group, module) in &walk.other {
        let value = walk.modules.all[*module].path.clone();
        let facts = Facts { group: Some(*group), uses: vec![Use { value, ..used.clone() }], ..Facts::default() };
        reached.files.push(ReachedFile { path: file.clone(), facts, installed: false });
    }
    // Lines for what is there and nothing needs: known, and nothing of it is built.
    for line in lines {
        let Some(at) = walk.modules.find(&line.path).filter(|at| !order.contains(at)) else { continue };
        // Where every import leads somewhere else, what is not there is not needed either.
        if walk.modules.is_there(at) || (sure && walk.modules.all[at].folder.is_some()) {
            reached.installed.push(module(&walk, at, &Known::default()));
        }
    }
    reached.needs = (walk.needs.found.iter())
        .map(|found| Need {
            what: found.what.to_owned(),
            file: shown(&walk, found.of, &found.file, vendor),
            line: found.line,
        })
        .collect();
    doubt(manifest, kept, unsure, &mut reached);
    let (label, tree) = match (vendor, cache) {
        (Some(vendor), _) => {
            let shown = vendor.strip_prefix(host.root).unwrap_or(vendor).to_string_lossy().into_owned();
            (shown, vendor.to_owned())
        }
        (None, Some(cache)) => ("the module cache".to_owned(), cache.to_owned()),
        (None, None) => (String::new(), PathBuf::new()),
    };
    let sites = vec![tree.clone()];
    reached.environment = Environment { label, tree, sites, shared: true, ..Environment::default() };
    reached
}

/// A use in an installed file, or in a file of the project's own that the walk alone found.
fn file_of(walk: &Walk, seen: &Seen, module: usize, vendor: Option<&Path>) -> ReachedFile {
    let used = Use {
        how: How::Import,
        name: seen.import.clone(),
        value: walk.modules.all[module].path.clone(),
        strength: Strength::Hard,
        line: seen.line,
    };
    let facts = Facts { group: Some(seen.group), uses: vec![used], ..Facts::default() };
    let path = shown(walk, seen.of, &seen.file, vendor);
    ReachedFile { path, facts, installed: true }
}

/// The directive that makes tests of other modules count.
fn counted(manifest: &str, (line, text): &(u32, String), module: &str) -> ReachedFile {
    let used =
        Use { how: How::Setting, name: text.clone(), value: module.to_owned(), strength: Strength::Lazy, line: *line };
    let facts = Facts { group: Some(Group::Dev), uses: vec![used], ..Facts::default() };
    ReachedFile { path: manifest.to_owned(), facts, installed: false }
}

/// A file as people know it.
fn shown(walk: &Walk, of: Option<usize>, file: &str, vendor: Option<&Path>) -> String {
    match of.map(|of| &walk.modules.all[of]) {
        Some(of) if Path::new(file).is_absolute() => {
            let within = vendor.and_then(|vendor| Path::new(file).strip_prefix(vendor).ok());
            within.map_or_else(|| file.to_owned(), |path| format!("{} ({})", path.display(), of.version))
        }
        Some(of) if of.first_party => format!("{}/{file}", of.path),
        Some(of) => format!("{}@{}/{file}", of.path, of.version),
        None => file.to_owned(),
    }
}

/// A module: its packages that are built, their files, and the modules that they import.
fn module(walk: &Walk, at: usize, known: &Known) -> (PathBuf, Facts) {
    let module = &walk.modules.all[at];
    let folder = module.folder.clone().filter(|folder| folder.is_dir());
    let first = known.packages.values().next().map(|place| place.folder.clone());
    // A vendored module has no folder of its own: its packages lie in the folders of their paths.
    let top = match (folder, first) {
        (Some(folder), Some(first)) if first.starts_with(&folder) => folder,
        (Some(folder), None) => folder,
        (_, first) => first.or_else(|| module.folder.clone()).unwrap_or_default(),
    };
    let mut files = Vec::new();
    for place in known.packages.values() {
        files.extend(place.files.iter().filter(|f| !f.ends_with("_test.go")).map(|file| {
            let path = place.folder.join(file);
            path.strip_prefix(&top).unwrap_or(&path).to_string_lossy().into_owned()
        }));
    }
    let requires = known.imports.iter().map(|to| Require {
        from: Some(module.path.clone()),
        name: walk.modules.all[*to].path.clone(),
        version: Some(walk.modules.all[*to].version.clone()),
        ..Require::default()
    });
    let facts = Facts {
        provides: vec![Provide {
            package: module.path.clone(),
            version: module.version.clone(),
            modules: known.packages.keys().cloned().collect(),
            owns: Owns::Files(files),
            first_party: module.first_party,
            ..Provide::default()
        }],
        requires: requires.collect(),
        ..Facts::default()
    };
    (top.join("go.mod"), facts)
}

/// A line that nobody can judge counts as used, and says why.
fn doubt(manifest: &str, kept: &[(String, Seen)], unsure: &[(&Line, String)], reached: &mut Reached) {
    for (line, why) in unsure {
        if kept.iter().any(|(path, _)| *path == line.path) {
            continue;
        }
        let used = Use {
            how: How::Setting,
            name: why.clone(),
            value: line.path.clone(),
            strength: Strength::Lazy,
            line: line.at,
        };
        let facts = Facts { group: Some(Group::Prod), uses: vec![used], ..Facts::default() };
        reached.files.push(ReachedFile { path: manifest.to_owned(), facts, installed: false });
    }
}
