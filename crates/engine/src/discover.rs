//! Stage 1: one parallel walk of the project, ignore rules honoured. Every later stage reads this inventory; nobody walks again.

use crate::memory::FactsByFile;
use depslim_model::EXPORTED;
use ignore::{WalkBuilder, WalkState};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Files that mark a folder as made by a tool: an environment or a cache, never the project's own code.
const MADE_BY_TOOLS: &[&str] = &["pyvenv.cfg", "CACHEDIR.TAG", "conda-meta"];

/// Folders that are never the project's own code, whatever they hold.
const NEVER: &[&str] = &[
    ".git",
    ".hg",
    ".svn",
    "node_modules",
    "__pycache__",
    ".tox",
    ".nox",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".eggs",
    "__pypackages__",
    "site-packages",
];

const OUTSIDE: &str = "a link to a folder outside of what is analysed: not read";

/// The project's own files.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// The analysed folder.
    pub root: PathBuf,
    /// Files, relative to the root with `/`, sorted.
    pub files: Vec<String>,
    /// The same as a set.
    pub set: FxHashSet<String>,
    /// Every folder that holds a file somewhere below it; the root is the empty string.
    pub folders: FxHashSet<String>,
    /// What could not be read, and why.
    pub problems: Vec<(String, String)>,
    /// What was left out on purpose, and why.
    pub notes: Vec<String>,
    /// Where files lie that are not at their place below the root: those of another state of the tree.
    pub elsewhere: BTreeMap<String, PathBuf>,
    /// What earlier runs learned of files, where several share it.
    pub(crate) memory: Option<Arc<FactsByFile>>,
}

impl Inventory {
    /// Makes the inventory of a list of files.
    pub fn of(root: &Path, mut files: Vec<String>) -> Self {
        files.sort_unstable();
        files.dedup();
        let mut folders = FxHashSet::from_iter([String::new()]);
        for file in &files {
            let mut folder = file.as_str();
            while let Some((parent, _)) = folder.rsplit_once('/') {
                if !folders.insert(parent.to_owned()) {
                    break;
                }
                folder = parent;
            }
        }
        let set = files.iter().cloned().collect();
        Self { root: root.to_owned(), files, set, folders, ..Self::default() }
    }

    /// The file's place on this disk.
    pub fn absolute(&self, relative: &str) -> PathBuf {
        if relative.is_empty() || relative == "." {
            return self.root.clone();
        }
        self.elsewhere.get(relative).cloned().unwrap_or_else(|| self.root.join(relative))
    }
}

/// Whether the walk never enters a folder of this name, whatever it holds.
pub fn is_never_entered(name: &str) -> bool {
    NEVER.contains(&name)
}

/// Walks the tree below `root`, honouring ignore files and the globs of `exclude`.
///
/// # Errors
/// When the root itself can't be read, or a glob is wrong.
pub fn discover(root: &Path, exclude: &[String], threads: usize) -> io::Result<Inventory> {
    fs_err::read_dir(root)?;
    let mut overrides = ignore::overrides::OverrideBuilder::new(root);
    for glob in exclude {
        overrides
            .add(&format!("!{glob}"))
            .map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, format!("exclude {glob:?}: {e}")))?;
    }
    let overrides = overrides.build().map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, e.to_string()))?;
    let files = Mutex::new(Vec::new());
    let problems = Mutex::new(Vec::new());
    WalkBuilder::new(root)
        .hidden(false)
        // The user's own global ignore file must not change what a team's report says.
        .git_global(false)
        .require_git(false)
        .overrides(overrides)
        .threads(threads.max(1))
        .filter_entry(|entry| {
            if entry.depth() == 0 || !entry.file_type().is_some_and(|t| t.is_dir()) {
                return true;
            }
            let name = entry.file_name().to_string_lossy();
            !NEVER.contains(&&*name) && !MADE_BY_TOOLS.iter().any(|mark| entry.path().join(mark).exists())
        })
        .build_parallel()
        .run(|| {
            let mut batch = Batch { files: Vec::new(), into: &files };
            let problems = &problems;
            Box::new(move |entry| {
                match entry {
                    Ok(entry) if entry.file_type().is_some_and(|t| t.is_file() || t.is_symlink()) => {
                        // A link to a folder isn't followed: its files are met where they are.
                        let link = entry.path_is_symlink();
                        let Ok(relative) = entry.path().strip_prefix(root) else { return WalkState::Continue };
                        if !link || entry.path().is_file() {
                            batch.files.push(slashes(relative));
                        } else if leads_out(root, entry.path())
                            && let Ok(mut list) = problems.lock()
                        {
                            list.push((slashes(relative), OUTSIDE.to_owned()));
                        }
                    }
                    Ok(_) => {}
                    Err(error) => {
                        if let Ok(mut list) = problems.lock() {
                            list.push((String::new(), error.to_string()));
                        }
                    }
                }
                WalkState::Continue
            })
        });
    let mut inventory = Inventory::of(root, without_exported(root, files.into_inner().unwrap_or_default()));
    inventory.problems = problems.into_inner().unwrap_or_default();
    inventory.problems.sort();
    Ok(inventory)
}

/// Deeper folders are nobody's output.
const DEEPEST: usize = 48;

/// More files of one build are not looked at.
const MOST_MADE: usize = 200_000;

/// Files below the folders that builds fill, given relative to the root: version control ignores them, so the walk left them out.
/// Links are not followed.
pub(crate) fn made(root: &Path, folders: &[String], exclude: &[String], wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut overrides = ignore::overrides::OverrideBuilder::new(root);
    for glob in exclude {
        // A wrong one was said when the tree was walked.
        let _ = overrides.add(&format!("!{glob}"));
    }
    let Ok(overrides) = overrides.build() else { return Vec::new() };
    let mut files = Vec::new();
    for folder in folders {
        let folder = root.join(folder);
        // Nor is a link that stands for the folder as a whole.
        if fs_err::symlink_metadata(&folder).is_ok_and(|about| about.is_dir()) {
            let walk = WalkBuilder::new(&folder)
                .standard_filters(false)
                .max_depth(Some(DEEPEST))
                .overrides(overrides.clone())
                .build();
            let found = walk.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
            let found = found.filter_map(|entry| Some(slashes(entry.path().strip_prefix(root).ok()?)));
            files.extend(found.filter(|file| wanted(file)).take(MOST_MADE));
        }
    }
    files
}

/// Without what `export` wrote: it follows from the other files.
fn without_exported(root: &Path, mut files: Vec<String>) -> Vec<String> {
    let is_list = |file: &&String| file.rsplit('/').next() == Some(EXPORTED);
    let mut exported: FxHashSet<String> = FxHashSet::default();
    for list in files.iter().filter(is_list) {
        let folder = list.strip_suffix(EXPORTED).unwrap_or_default();
        let text = fs_err::read_to_string(root.join(list)).unwrap_or_default();
        exported.extend(text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{folder}{line}")));
        exported.insert(list.clone());
    }
    files.retain(|file| !exported.contains(file));
    files
}

/// A relative path with `/` between its parts. Bytes that are no UTF-8 become U+FFFD: such a file is listed but not read.
fn slashes(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace(std::path::MAIN_SEPARATOR, "/") }
}

/// True for a link to a folder that is not below the root: nobody meets its files.
fn leads_out(root: &Path, link: &Path) -> bool {
    match (fs_err::canonicalize(root), fs_err::canonicalize(link)) {
        (Ok(root), Ok(target)) => target.is_dir() && !target.starts_with(root),
        _ => false,
    }
}

/// One thread's files, handed over at once when the thread is done.
struct Batch<'a> {
    files: Vec<String>,
    into: &'a Mutex<Vec<String>>,
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        if let Ok(mut all) = self.into.lock() {
            all.append(&mut self.files);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            let path = dir.path().join(file);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, if *file == ".gitignore" { "secret/\n" } else { "" }).unwrap();
        }
        dir
    }

    #[test]
    fn what_export_wrote_is_left_out() {
        let dir = tree(&["app/main.py", "deploy/prod.txt", "deploy/sub/prod.txt", "deploy/Dockerfile", "prod.txt"]);
        fs_err::write(dir.path().join("deploy").join(EXPORTED), "# by depslim\nprod.txt\nsub/prod.txt\n").unwrap();
        let inventory = discover(dir.path(), &[], 2).unwrap();
        assert_eq!(inventory.files, ["app/main.py", "deploy/Dockerfile", "prod.txt"]);
    }

    #[test]
    fn environments_caches_and_ignored_files_are_left_out() {
        let dir = tree(&[
            ".gitignore",
            ".github/workflows/ci.yml",
            "app/main.py",
            "secret/key.py",
            "kept-env/pyvenv.cfg",
            "kept-env/lib/x.py",
            "build-cache/CACHEDIR.TAG",
            "build-cache/y.py",
            "node_modules/a/index.js",
            "examples/e.py",
        ]);
        let inventory = discover(dir.path(), &["examples/**".into()], 2).unwrap();
        assert_eq!(inventory.files, [".github/workflows/ci.yml", ".gitignore", "app/main.py"]);
        assert!(
            inventory.folders.contains(".github")
                && inventory.folders.contains("")
                && !inventory.folders.contains("secret")
        );
    }

    #[test]
    fn what_builds_make_is_found_below_their_folders() {
        let dir = tree(&[
            ".gitignore",
            "secret/made/a/A.class",
            "secret/made/a/A.txt",
            "secret/made/b/B.class",
            "secret/other/C.class",
        ]);
        assert_eq!(discover(dir.path(), &[], 1).unwrap().files, [".gitignore"]);
        let folders = ["secret/made".to_owned(), "gone".to_owned()];
        let found = made(dir.path(), &folders, &["**/b/**".into()], &|file| file.ends_with(".class"));
        assert_eq!(found, ["secret/made/a/A.class"]);
    }

    #[test]
    fn a_missing_root_is_an_error_that_names_it() {
        let error = discover(Path::new("/no/such/folder"), &[], 1).unwrap_err();
        assert!(error.to_string().contains("/no/such/folder"), "{error}");
    }
}
