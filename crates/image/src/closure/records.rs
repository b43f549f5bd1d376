//! What Debian and its like say of the collected files: their packages' records and licences, so that scanners see them.
//!
//! Formats: `deb-control(5)` for `/var/lib/dpkg/status`; one record a file below `/var/lib/dpkg/status.d` is how distroless images
//! keep them, and what scanners read there.

use super::source::Source;
use super::tree::{Part, Tree};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

/// Adds the record and the licence of every package that a collected file of the system belongs to. Gives the packages' names.
pub(super) fn add(source: &Source, tree: &mut Tree) -> BTreeSet<String> {
    let files: HashSet<PathBuf> =
        tree.copies().map(|(path, _, _)| path).filter(|path| !source.is_own(path)).map(without_usr).collect();
    let folder = source.on_disk(Path::new("/var/lib/dpkg/info"));
    let lists: Vec<PathBuf> = fs_err::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "list"))
        .collect();
    let owners: BTreeSet<String> = lists
        .par_iter()
        .filter(|list| {
            let text = fs_err::read(list).unwrap_or_default();
            String::from_utf8_lossy(&text).lines().any(|line| files.contains(&without_usr(Path::new(line))))
        })
        .filter_map(|list| list.file_stem()?.to_str().map(|name| name.split(':').next().unwrap_or(name).to_owned()))
        .collect();
    if owners.is_empty() {
        return owners;
    }
    let status = fs_err::read(source.on_disk(Path::new("/var/lib/dpkg/status"))).unwrap_or_default();
    for record in String::from_utf8_lossy(&status).split("\n\n") {
        let name = record.lines().find_map(|line| line.strip_prefix("Package: ")).unwrap_or_default().trim();
        if owners.contains(name) {
            let record = format!("{}\n", record.trim());
            tree.write_text(&format!("/var/lib/dpkg/status.d/{name}"), record, Part::Records);
        }
    }
    for owner in &owners {
        tree.add(source, Path::new(&format!("/usr/share/doc/{owner}/copyright")), Part::Records);
    }
    owners
}

/// Lists still name `/lib/x` where `/lib` is a link to `/usr/lib`.
fn without_usr(path: &Path) -> PathBuf {
    path.strip_prefix("/usr").or_else(|_| path.strip_prefix("/")).unwrap_or(path).to_owned()
}
