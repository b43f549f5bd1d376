//! Folders inside a project that distributions were copied into: `pip install --target`, layers of cloud functions, `vendor`.

use super::label;
use super::layout::{at, holds_distributions};
use depslim_model::{Environment, Host};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};

/// How many folders below the project such a folder may lie: `layers/tools/python/lib/python3.11/site-packages` is six.
const DEEPEST: usize = 6;
/// Folders looked into before giving up: a project that has more has its distributions elsewhere.
const MOST: usize = 4000;

/// All such folders of the project, in order.
pub(super) fn find(host: &Host<'_>) -> Vec<Environment> {
    let mut found = Vec::new();
    let mut queue: VecDeque<(PathBuf, usize)> = VecDeque::from([(host.project.to_owned(), 0)]);
    let mut looked = 0;
    while let Some((folder, depth)) = queue.pop_front() {
        looked += 1;
        if looked > MOST {
            break;
        }
        if depth > 0 && holds_distributions(&folder) {
            let tree = prefix(&folder).filter(|prefix| !host.project.starts_with(prefix)).unwrap_or(&folder);
            let place = at(tree, host.project).filter(|place| place.sites.contains(&folder));
            found.extend(place.or_else(|| at(&folder, host.project)).and_then(|p| p.environment(label(host, tree))));
            continue;
        }
        if depth < DEEPEST {
            queue.extend(below(&folder).into_iter().map(|folder| (folder, depth + 1)));
        }
    }
    found.sort_by(|a, b| a.tree.cmp(&b.tree));
    found.dedup_by(|a, b| a.tree == b.tree);
    found
}

/// The folder that `lib/python3.11/site-packages` lies in.
fn prefix(site: &Path) -> Option<&Path> {
    let (python, library) = (site.parent()?, site.parent()?.parent()?);
    let named =
        |path: &Path, start: &str| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(start));
    (named(site, "site-packages") && named(python, "python") && named(library, "lib")).then(|| library.parent())?
}

/// Folders in a folder where distributions may have been put on purpose; tests bring broken ones as fixtures.
fn below(folder: &Path) -> Vec<PathBuf> {
    const NEVER: &[&str] =
        &["node_modules", "target", "build", "dist", "tests", "test", "docs", "doc", "fixtures", "examples"];
    let Ok(entries) = fs_err::read_dir(folder) else { return Vec::new() };
    let wanted = |name: &str| {
        (!name.starts_with('.') || name == ".python_packages") && !name.starts_with("__") && !NEVER.contains(&name)
    };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter(|entry| entry.file_name().to_str().is_some_and(wanted))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}
