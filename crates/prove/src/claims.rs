//! Which files belong to which unit.

use crate::case::Unit;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// Claims on files, by absolute path.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    files: HashMap<PathBuf, Vec<usize>>,
    trees: HashMap<PathBuf, Vec<usize>>,
}

impl Claims {
    /// What the units claim.
    pub(crate) fn of(units: &[Unit]) -> Self {
        let mut claims = Self::default();
        for (at, unit) in units.iter().enumerate() {
            for file in &unit.files {
                // Files that may leave a package by themselves are nobody else's.
                if unit.cut.is_some() {
                    claims.files.remove(file);
                }
                claims.files.entry(file.clone()).or_default().push(at);
            }
            for tree in &unit.trees {
                claims.trees.entry(tree.clone()).or_default().push(at);
            }
        }
        claims
    }

    /// The owners of a path: who claims the file itself, else who claims the innermost folder around it.
    pub(crate) fn owners(&self, path: &Path) -> &[usize] {
        let own = self.files.get(path).or_else(|| self.trees.get(path));
        own.or_else(|| path.ancestors().skip(1).find_map(|folder| self.trees.get(folder))).map_or(&[], Vec::as_slice)
    }

    /// Files below a folder that somebody claims by name, in order: their paths relative to it, and their owners.
    pub(crate) fn below(&self, folder: &Path) -> Vec<(&Path, &[usize])> {
        let files = self.files.iter().filter_map(|(path, who)| Some((path.strip_prefix(folder).ok()?, who.as_slice())));
        let mut files: Vec<(&Path, &[usize])> = files.collect();
        files.sort();
        files
    }

    /// Owners of a file whose name in `folder` is `name` alone or begins with `name.`, and of what lies below `folder/name`.
    pub(crate) fn named(&self, folder: &Path, name: &str) -> BTreeSet<usize> {
        let whole = folder.join(name);
        let mut owners = BTreeSet::new();
        for (file, who) in self.files.iter().chain(&self.trees) {
            let Ok(below) = file.strip_prefix(folder) else { continue };
            let mut parts = below.components();
            let first = parts.next().map(|part| part.as_os_str().to_string_lossy()).unwrap_or_default();
            let stem = first.split('.').next().unwrap_or_default();
            if file.starts_with(&whole) || (parts.next().is_none() && stem == name) {
                owners.extend(who);
            }
        }
        owners.extend(self.owners(&whole));
        owners
    }

    /// Owners of files with this name, wherever they lie.
    pub(crate) fn called(&self, name: &str) -> BTreeSet<usize> {
        let same = |path: &&PathBuf| path.file_name().is_some_and(|file| file == name);
        self.files.iter().filter(|(path, _)| same(path)).flat_map(|(_, who)| who.iter().copied()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(files: &[&str], trees: &[&str]) -> Unit {
        let paths = |list: &[&str]| list.iter().map(PathBuf::from).collect();
        Unit { files: paths(files), trees: paths(trees), ..Unit::default() }
    }

    #[test]
    fn the_innermost_folder_decides() {
        let claims = Claims::of(&[unit(&[], &["/m/a"]), unit(&[], &["/m/a/m/b"]), unit(&["/m/a/x"], &[])]);
        for (path, expect) in
            [("/m/a/i", vec![0]), ("/m/a/m/b/i", vec![1]), ("/m/a/m", vec![0]), ("/m/a/x", vec![2]), ("/m/c", vec![])]
        {
            assert_eq!(claims.owners(Path::new(path)), expect, "{path}");
        }
    }

    #[test]
    fn modules_are_files_folders_and_libraries() {
        let units = [unit(&["/s/one.py"], &[]), unit(&["/s/two/__init__.py"], &[]), unit(&["/s/_x.abi3.so"], &[])];
        let claims = Claims::of(&units);
        for (name, expect) in [("one", vec![0]), ("two", vec![1]), ("_x", vec![2]), ("on", vec![]), ("tw", vec![])] {
            assert_eq!(claims.named(Path::new("/s"), name).into_iter().collect::<Vec<_>>(), expect, "{name}");
        }
    }
}
