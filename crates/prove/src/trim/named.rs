//! Folders that look as if nobody needed them, and that code which stays names: `from . import tests` somewhere is enough.

use crate::case::{Case, Unit};
use depslim_model::ecosystem::Layer;
use depslim_model::{How, Reader};
use depslim_model::{Source, Strength};
use fs_err as fs;
use globset::GlobSet;
use memchr::memmem;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Marks the folders among `units` that code names: files of the packages that stay, and modules that production itself names.
pub(super) fn mark(case: &Case, code: &[(usize, PathBuf)], units: &mut [Unit]) {
    // The folders as modules are named: below the folders that these are looked up in.
    let mut folders: BTreeMap<PathBuf, Vec<usize>> = BTreeMap::new();
    for (at, unit) in units.iter().enumerate() {
        let Some(folder) = unit.cut.as_ref().and_then(|cut| cut.folder.as_ref()) else { continue };
        for tree in &case.trees {
            let whole = tree.join(folder);
            let sites = case.sites.iter().filter_map(|site| whole.strip_prefix(site).ok());
            if let Some(below) = sites.min_by_key(|below| below.components().count()) {
                folders.entry(below.to_owned()).or_default().push(at);
            }
        }
    }
    if folders.is_empty() {
        return;
    }
    let words: BTreeSet<String> =
        folders.keys().filter_map(|folder| Some(folder.file_name()?.to_string_lossy().into_owned())).collect();
    let words: Vec<memmem::Finder<'_>> = words.iter().map(|word| memmem::Finder::new(word.as_bytes())).collect();
    let readers: Vec<(GlobSet, &Reader)> = case
        .ecosystem
        .readers
        .iter()
        .filter(|reader| reader.layer == Layer::InstalledCode)
        .map(|reader| (crate::tree::globs(reader.globs), reader))
        .collect();
    let names = |path: &PathBuf| -> Vec<(usize, String)> {
        let Some(name) = path.file_name() else { return Vec::new() };
        let Some((_, reader)) = readers.iter().find(|(globs, _)| globs.is_match(name)) else { return Vec::new() };
        let Ok(bytes) = fs::read(path) else { return Vec::new() };
        if !words.iter().any(|word| word.find(&bytes).is_some()) {
            return Vec::new();
        }
        let Some(below) =
            case.sites.iter().filter_map(|site| path.strip_prefix(site).ok()).min_by_key(|p| p.components().count())
        else {
            return Vec::new();
        };
        let below = below.to_string_lossy();
        let facts = (reader.read)(&Source { path: &below, bytes: &bytes, settings: &case.settings });
        let mut found = Vec::new();
        for used in facts.uses.iter().filter(|used| matches!(used.how, How::Import | How::Dynamic | How::Text)) {
            if used.strength == Strength::Types {
                continue;
            }
            let name = (case.ecosystem.absolute)(&below, &used.name).unwrap_or_else(|| used.name.clone());
            let member = format!("{name}{}{}", case.ecosystem.separator, used.value);
            for name in [name, member] {
                found.extend(meant(case, &folders, &name).map(|unit| (unit, format!("{below}:{}", used.line))));
            }
        }
        found
    };
    let mut all: Vec<(usize, String)> = code.par_iter().flat_map_iter(|(_, path)| names(path)).collect();
    for name in &case.modules {
        all.extend(meant(case, &folders, name).map(|unit| (unit, "the project's own code".to_owned())));
    }
    all.sort();
    for (unit, place) in all.into_iter().rev() {
        if let Some(cut) = &mut units[unit].cut {
            cut.named = Some(place);
        }
    }
}

/// The folders that a module may lie in.
fn meant<'a>(case: &Case, folders: &'a BTreeMap<PathBuf, Vec<usize>>, name: &str) -> impl Iterator<Item = usize> + 'a {
    let files = (case.ecosystem.locate)(name).into_iter().flatten();
    let around: BTreeSet<PathBuf> =
        files.flat_map(|file| Path::new(&file).ancestors().skip(1).map(Path::to_owned).collect::<Vec<_>>()).collect();
    folders.iter().filter(move |(folder, _)| around.contains(*folder)).flat_map(|(_, units)| units.iter().copied())
}
