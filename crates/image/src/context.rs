//! What a build context sends, and how much of it no production image needs.

use crate::dockerignore::Ignores;
use depslim_model::Bytes;
use std::collections::BTreeMap;
use std::path::Path;

/// What a context holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// Apparent bytes that are sent.
    pub bytes: Bytes,
    /// Files that are sent.
    pub files: u64,
    /// Places that production does not need, with their bytes, most first.
    pub needless: Vec<(String, Bytes)>,
    /// Folders that could not be read.
    pub unread: Vec<String>,
    /// True when there were too many files to look at all of them.
    pub cut: bool,
}

impl Context {
    /// Bytes of all needless places.
    pub fn needless_bytes(&self) -> Bytes {
        self.needless.iter().map(|(_, bytes)| bytes).sum()
    }
}

/// More files than a build context has on purpose.
const MAX_ENTRIES: u64 = 1_000_000;

/// Folders that no production image needs, by name: version control, caches, editors, tests of the project.
pub(crate) const NEEDLESS: &[&str] = &[
    ".git",
    ".hg",
    ".svn",
    ".tox",
    ".nox",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".cache",
    ".hypothesis",
    "__pycache__",
    "node_modules",
    "htmlcov",
    ".eggs",
    ".idea",
    ".vscode",
    ".github",
    ".ipynb_checkpoints",
    ".terraform",
];

/// Folders that no production image needs when they stand at the top of the context.
pub(crate) const NEEDLESS_AT_TOP: &[&str] = &["tests", "test", "docs", "doc"];

/// Adds up what a context sends.
pub fn weigh(folder: &Path, ignores: &Ignores) -> Context {
    let mut context = Context::default();
    let mut places: BTreeMap<String, Bytes> = BTreeMap::new();
    // Folder relative to the context, and the needless place that it belongs to.
    let mut open: Vec<(String, Option<String>)> = vec![(String::new(), None)];
    let mut seen = 0;
    while let Some((relative, place)) = open.pop() {
        let Ok(entries) = fs_err::read_dir(folder.join(&relative)) else {
            context.unread.push(relative);
            continue;
        };
        for entry in entries.flatten() {
            seen += 1;
            if seen > MAX_ENTRIES {
                context.cut = true;
                break;
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if relative.is_empty() { name.clone() } else { format!("{relative}/{name}") };
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                if !ignores.leaves_out_all_of(&path) {
                    let place = place.clone().or_else(|| needless(folder, &path, &name, relative.is_empty()));
                    open.push((path, place));
                }
            } else if kind.is_file() && !ignores.leaves_out(&path) {
                let bytes = entry.metadata().map_or(0, |m| m.len());
                context.bytes += bytes;
                context.files += 1;
                if let Some(place) = &place {
                    *places.entry(place.clone()).or_default() += bytes;
                }
            }
        }
        if context.cut {
            break;
        }
    }
    context.unread.sort();
    context.needless = places.into_iter().collect();
    context.needless.sort_by(|a, b| (std::cmp::Reverse(a.1), &a.0).cmp(&(std::cmp::Reverse(b.1), &b.0)));
    context
}

/// The files of a folder that a production image may need, relative to it with `/`, in order: all but those that `leaves_out` names,
/// hidden ones (`.env`, `.git` …) and what no production image needs. `made` tells folders that are a tool's own.
pub fn needed(folder: &Path, leaves_out: &dyn Fn(&str) -> bool, made: &dyn Fn(&Path) -> bool) -> Vec<String> {
    let mut files = Vec::new();
    let mut open = vec![String::new()];
    while let Some(relative) = open.pop() {
        for entry in fs_err::read_dir(folder.join(&relative)).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if relative.is_empty() { name.clone() } else { format!("{relative}/{name}") };
            if files.len() as u64 > MAX_ENTRIES || name.starts_with('.') && name != ".well-known" {
                continue;
            }
            // Links are taken as what they lead to, but a folder's only as they are.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if needless(folder, &path, &name, relative.is_empty()).is_none() && !made(&entry.path()) {
                    open.push(path);
                }
            } else if !leaves_out(&path) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The place that a folder is needless for: itself, or, for what lies everywhere, its name.
fn needless(root: &Path, path: &str, name: &str, top: bool) -> Option<String> {
    if NEEDLESS.contains(&name) {
        return Some(if top { name.to_owned() } else { format!("**/{name}") });
    }
    let environment = || root.join(path).join("pyvenv.cfg").is_file();
    ((top && NEEDLESS_AT_TOP.contains(&name)) || environment()).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, usize)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, bytes) in files {
            let path = folder.path().join(path);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, vec![b'x'; *bytes]).unwrap();
        }
        folder
    }

    #[test]
    fn bytes_are_those_that_the_ignore_file_lets_through() {
        let folder = tree(&[
            ("app/main.py", 100),
            ("app/__pycache__/main.pyc", 30),
            ("app/deep/__pycache__/x.pyc", 5),
            ("app/tests/kept.py", 7),
            ("tests/t.py", 50),
            (".git/objects/pack", 900),
            ("myenv/pyvenv.cfg", 10),
            ("myenv/lib/big.so", 400),
        ]);
        let all = weigh(folder.path(), &Ignores::default());
        assert_eq!((all.bytes, all.files), (1502, 8));
        let expect = [(".git", 900), ("myenv", 410), ("tests", 50), ("**/__pycache__", 35)];
        assert_eq!(all.needless, expect.map(|(place, bytes)| (place.to_owned(), bytes)));
        assert_eq!(all.needless_bytes(), 1395);
        let less = weigh(folder.path(), &Ignores::read(".git\nmyenv\n**/__pycache__\n"));
        assert_eq!((less.bytes, less.needless), (157, vec![("tests".to_owned(), 50)]));
    }

    #[test]
    fn exceptions_are_looked_for_below_what_is_left_out() {
        let folder = tree(&[("a/keep/x", 3), ("a/y", 5)]);
        assert_eq!(weigh(folder.path(), &Ignores::read("a\n!a/keep\n")).bytes, 3);
    }

    #[test]
    fn a_folder_that_is_not_there_is_said() {
        assert_eq!(weigh(Path::new("/no/such/place"), &Ignores::default()).unread, [""]);
    }
}
