//! The files of an earlier commit: those that are still the same are the ones of the work tree, the others are written to a folder of
//! depslim's own.

use super::git::{Entry, Git};
use crate::Options;
use depslim_engine::Analysis;
use depslim_engine::commands::is_command_file;
use depslim_engine::discover::{Inventory, is_never_entered};
use depslim_engine::read::Readers;
use depslim_model::{Ecosystem, Layer};
use depslim_registry::ECOSYSTEMS;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use sha1::Digest as _;
use std::fmt::Write as _;
use std::path::Path;

/// Larger files of the work tree are not read to see whether they changed: they are media or models, and no reader asks for them.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The inventory of a commit. Files of the work tree that git does not know yet are not in it.
///
/// # Errors
/// When git can't tell, or `folder` can't be written to.
pub(super) fn of(
    root: &Path,
    head: &Analysis,
    git: &Git,
    commit: &str,
    options: &Options,
    folder: &Path,
) -> Result<Inventory, String> {
    let below = root.strip_prefix(&git.top).unwrap_or(Path::new(""));
    let excluded = excluded(&options.exclude);
    let spoken: Vec<&'static Ecosystem> = head.projects.iter().map(|project| project.ecosystem).collect();
    let (is_read, was_read) = (readers(&spoken), readers(ECOSYSTEMS));
    let head = &head.tree;
    let (mut same, mut other): (Vec<String>, Vec<Entry>) = (Vec::new(), Vec::new());
    for entry in git.files(commit, below)? {
        if head.set.contains(&entry.path) {
            if entry.link || !is_read(&entry.path) || is_same(&root.join(&entry.path), &entry.object) {
                same.push(entry.path);
            } else {
                other.push(entry);
            }
        } else if !entry.link && is_gone(root, &entry.path) && !is_left_out(&excluded, &entry.path) {
            if was_read(&entry.path) {
                other.push(entry);
            } else {
                same.push(entry.path);
            }
        }
    }
    let mut inventory = Inventory::of(root, same.into_iter().chain(other.iter().map(|e| e.path.clone())).collect());
    // Who may not be entered now was not read then.
    inventory.problems.clone_from(&head.problems);
    let objects: Vec<&str> = other.iter().map(|entry| entry.object.as_str()).collect();
    git.contents(&objects, |at, content| {
        let path = &other[at].path;
        let file = folder.join(path);
        if let Some(parent) = file.parent() {
            fs_err::create_dir_all(parent)?;
        }
        fs_err::write(&file, content)?;
        inventory.elsewhere.insert(path.clone(), file);
        Ok(())
    })?;
    Ok(inventory)
}

/// Tells which files somebody may read where these languages are spoken: of the others, nothing but their names is asked for. A
/// manifest of any language may make a project.
fn readers(spoken: &[&'static Ecosystem]) -> impl Fn(&str) -> bool {
    let manifests = Readers::of_all(ECOSYSTEMS, &[Layer::Manifest]);
    let code = Readers::of_all(spoken, &[Layer::Code, Layer::Config]);
    move |path| code.ask_for(path) || manifests.ask_for(path) || is_command_file(path)
}

/// Whether a file of the work tree holds what git calls `object`.
fn is_same(file: &Path, object: &str) -> bool {
    if fs_err::metadata(file).is_ok_and(|about| about.len() > LARGEST) {
        return true;
    }
    fs_err::read(file).is_ok_and(|bytes| name(&bytes, object.len()) == object)
}

/// Git's name of a content, of as many digits as its repository uses (gitformat-pack(5)).
fn name(bytes: &[u8], digits: usize) -> String {
    let head = format!("blob {}\0", bytes.len());
    let sum: Vec<u8> = if digits == 64 {
        sha2::Sha256::new().chain_update(&head).chain_update(bytes).finalize().to_vec()
    } else {
        sha1::Sha1::new().chain_update(&head).chain_update(bytes).finalize().to_vec()
    };
    sum.iter().fold(String::with_capacity(digits), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// True when the work tree has nothing there. What is there and was not walked is left out now and was then.
fn is_gone(root: &Path, path: &str) -> bool {
    fs_err::symlink_metadata(root.join(path)).is_err()
}

fn is_left_out(excluded: &GlobSet, path: &str) -> bool {
    excluded.is_match(path)
        || path.rsplit_once('/').is_some_and(|(folders, _)| folders.split('/').any(is_never_entered))
}

/// The globs of the configuration, as ignore files mean them: without a slash before the end they hold in every folder.
fn excluded(globs: &[String]) -> GlobSet {
    let mut builder = GlobSetBuilder::new();
    for glob in globs {
        let plain = glob.trim_start_matches('/').trim_end_matches('/');
        let anywhere = !glob.trim_end_matches('/').contains('/');
        let plain = if anywhere { format!("**/{plain}") } else { plain.to_owned() };
        for glob in [plain.clone(), format!("{plain}/**")] {
            if let Ok(glob) = GlobBuilder::new(&glob).literal_separator(true).build() {
                builder.add(glob);
            }
        }
    }
    builder.build().unwrap_or_else(|_| GlobSet::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_named_as_git_names_them() {
        // `printf 'hello\n' | git hash-object --stdin`, in repositories of both kinds.
        assert_eq!(name(b"hello\n", 40), "ce013625030ba8dba906f756967f9e9ca394464a");
        assert_eq!(name(b"hello\n", 64), "2cf8d83d9ee29543b34a87727421fdecb7e3f3a183d337639025de576db9ebb4");
        assert_eq!(name(b"", 40), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
    }

    #[test]
    fn what_is_left_out_now_was_left_out_then() {
        let globs = excluded(&["examples/**".to_owned(), "*.tmp".to_owned(), "/docs".to_owned(), "old/".to_owned()]);
        for (path, expect) in [
            ("examples/a.py", true),
            ("app/examples/a.py", false),
            ("app/x.tmp", true),
            ("docs/conf.py", true),
            ("app/old/x.py", true),
            ("web/node_modules/a/index.js", true),
            ("node_modules", false),
            ("app/main.py", false),
        ] {
            assert_eq!(is_left_out(&globs, path), expect, "{path}");
        }
    }
}
