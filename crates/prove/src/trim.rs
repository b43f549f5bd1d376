//! Files inside of packages that stay and that nothing may load, by kind, package and folder; and shared objects without their debug
//! sections. What is found here are candidates: a watched run and a proof decide.

mod named;
mod objects;

pub(crate) use objects::{Stripped, strip};

use crate::case::{Case, Cut, Unit};
use crate::claims::Claims;
use crate::tree::globs;
use depslim_model::proof::{KINDS, Trim};
use fs_err as fs;
use globset::GlobSet;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// The kind whose files stay, less a part of them.
pub(crate) const DEBUG: &str = "debug";

/// Names of files that nobody may leave out, whatever they lie beside.
const LICENCES: &[&str] = &["license", "licence", "copying", "notice", "copyright", "authors", "unlicense", "patents"];

/// The units that may leave packages which stay: of these kinds, package by package.
pub(crate) fn units(case: &Case, claims: &Claims, kinds: &[&'static str]) -> Vec<Unit> {
    let rules: Vec<Rule> = case.proof.trims.iter().filter(|trim| kinds.contains(&trim.kind)).map(Rule::of).collect();
    let about = globs(case.proof.about);
    let debug = kinds.contains(&DEBUG);
    let mut found: BTreeMap<(usize, &'static str, Option<PathBuf>), Cut> = BTreeMap::new();
    let mut code: Vec<(usize, PathBuf)> = Vec::new();
    let mut sizes: BTreeMap<(usize, &'static str, Option<PathBuf>), u64> = BTreeMap::new();
    for tree in &case.trees {
        let files = WalkDir::new(tree).sort_by_file_name().into_iter().flatten();
        for entry in files.filter(|entry| entry.file_type().is_file()) {
            let path = entry.path();
            let ([owner], Ok(below)) = (claims.owners(path), path.strip_prefix(tree)) else { continue };
            if case.units[*owner].out || about.is_match(below) || is_licence(below) {
                continue;
            }
            let size = entry.metadata().map(|about| about.len()).unwrap_or_default();
            let hit = rules.iter().map(|rule| (rule.kind, rule.hit(below))).find(|(_, hit)| *hit != Hit::None);
            if let Some((kind, hit)) = hit {
                let folder = if let Hit::Folder(folder) = hit { Some(folder) } else { None };
                let key = (*owner, kind, folder);
                let cut = found.entry(key.clone()).or_insert_with(|| Cut {
                    of: *owner,
                    kind,
                    folder: key.2.clone(),
                    ..Cut::default()
                });
                cut.paths.push(below.to_owned());
                *sizes.entry(key).or_default() += size;
            } else if debug && objects::has_debug(path) {
                let key = (*owner, DEBUG, None);
                let cut = found.entry(key.clone()).or_insert_with(|| Cut { of: *owner, kind: DEBUG, ..Cut::default() });
                cut.paths.push(below.to_owned());
                cut.objects.push(path.to_owned());
                *sizes.entry(key).or_default() += size;
            } else {
                code.push((*owner, path.to_owned()));
            }
        }
    }
    let mut units: Vec<Unit> = Vec::new();
    for (key, cut) in found {
        let of = &case.units[cut.of];
        let name = format!("{} of {}", cut.kind, of.name);
        let absolute = |below: &PathBuf| case.trees.iter().map(|tree| tree.join(below)).find(|path| path.is_file());
        let files = if cut.kind == DEBUG { Vec::new() } else { cut.paths.iter().filter_map(absolute).collect() };
        units.push(Unit {
            id: of.id.clone(),
            // No package has such a name.
            canonical: format!("\0{name}"),
            name,
            bytes: sizes.get(&key).copied().unwrap_or_default(),
            files,
            cut: Some(cut),
            ..Unit::default()
        });
    }
    named::mark(case, &code, &mut units);
    units
}

/// The globs of one kind.
struct Rule {
    kind: &'static str,
    folders: GlobSet,
    files: GlobSet,
}

impl Rule {
    fn of(trim: &Trim) -> Self {
        let (folders, files): (Vec<&str>, Vec<&str>) = trim.globs.iter().partition(|glob| glob.ends_with("/**"));
        let folders: Vec<&str> = folders.into_iter().map(|glob| glob.trim_end_matches("/**")).collect();
        // The name is looked up in the list of kinds: one that is not there could not be asked for.
        let kind = KINDS.iter().map(|(kind, ..)| *kind).find(|kind| *kind == trim.kind).unwrap_or(trim.kind);
        Self { kind, folders: globs(&folders), files: globs(&files) }
    }

    fn hit(&self, below: &Path) -> Hit {
        let around: Vec<&Path> = below.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()).collect();
        if let Some(folder) = around.into_iter().rev().find(|folder| self.folders.is_match(folder)) {
            return Hit::Folder(folder.to_owned());
        }
        if self.files.is_match(below) { Hit::File } else { Hit::None }
    }
}

/// What a rule means of a path.
#[derive(Debug, PartialEq, Eq)]
enum Hit {
    None,
    /// The file alone.
    File,
    /// The outermost folder around it that is meant as a whole.
    Folder(PathBuf),
}

fn is_licence(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    LICENCES.iter().any(|start| name.starts_with(start)) || path.components().any(|part| part.as_os_str() == "licenses")
}

/// Bytes of a file, as `ls` shows them.
pub(crate) fn size(path: &Path) -> u64 {
    fs::metadata(path).map(|about| about.len()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_means_whole_folders_or_single_files() {
        let rule = Rule::of(&Trim { kind: "tests", globs: &["**/tests/**", "**/test_*.py"] });
        let folder = Hit::Folder(PathBuf::from("lib/site/pandas/tests"));
        for (path, expect) in [
            ("lib/site/pandas/tests/io/tests/x.py", folder),
            ("lib/site/pandas/test_x.py", Hit::File),
            ("lib/site/jinja2/tests.py", Hit::None),
            ("lib/site/pytest/x.py", Hit::None),
        ] {
            assert_eq!(rule.hit(Path::new(path)), expect, "{path}");
        }
    }

    #[test]
    fn licences_are_never_meant() {
        for path in ["a/tests/LICENSE.txt", "a/docs/COPYING", "a/licenses/x.md", "docs/Notice"] {
            assert!(is_licence(Path::new(path)), "{path}");
        }
        assert!(!is_licence(Path::new("a/tests/test_license.py")));
    }
}
