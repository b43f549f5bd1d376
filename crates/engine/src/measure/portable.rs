//! The walk through the standard library, for systems without `statx`; and the second opinion of the tests.

use super::queue;
use super::tally::{Folder, Stat, Survey, Tally};
use std::ffi::OsStr;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

/// Walks the tree.
pub(super) fn walk<'s>(tree: &Path, survey: &'s Survey<'s>, threads: usize) -> io::Result<Vec<Tally<'s>>> {
    fs_err::read_dir(tree)?;
    let tree = fs_err::canonicalize(tree)?;
    let first = Job { disk: tree, path: Vec::new(), folder: survey.root() };
    Ok(queue::run(threads, first, || Tally::new(survey), |job, stack, tally| visit(&job, stack, tally), |tally| tally))
}

struct Job {
    disk: PathBuf,
    /// Relative to the tree, with `/`.
    path: Vec<u8>,
    folder: Folder,
}

fn visit(job: &Job, stack: &mut Vec<Job>, tally: &mut Tally<'_>) {
    match fs_err::symlink_metadata(&job.disk) {
        Ok(meta) => tally.folder(stat(&meta)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
        Err(error) => return tally.unreadable(&job.path, error.kind()),
    }
    let entries = match fs_err::read_dir(&job.disk) {
        Ok(entries) => entries,
        Err(error) => return tally.unreadable(&job.path, error.kind()),
    };
    let mut visit = tally.visit(job.folder, last(&job.path));
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                visit.unreadable(&job.path, error.kind());
                break;
            }
        };
        let file_name = entry.file_name();
        let name = bytes_of(&file_name);
        match fs_err::symlink_metadata(entry.path()) {
            Ok(meta) if meta.is_dir() => {
                let folder = visit.folder(&name);
                stack.push(Job { disk: entry.path(), path: join(&job.path, &name), folder });
            }
            Ok(meta) => visit.file(&name, stat(&meta)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => visit.unreadable(&join(&job.path, &name), error.kind()),
        }
    }
}

/// A path's last part.
pub(super) fn last(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

/// A path one part longer; `.` and the empty path are the tree itself.
pub(super) fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    match (folder, name) {
        (folder, b"." | b"") => folder.to_vec(),
        (b"." | b"", name) => name.to_vec(),
        (folder, name) => [folder, b"/", name].concat(),
    }
}

#[cfg(unix)]
pub(super) fn stat(meta: &Metadata) -> Stat {
    use std::os::unix::fs::MetadataExt;
    // The kernel's packing of a device number, undone: 12 bits and 20 bits.
    let device = meta.dev();
    let (major, minor) = (device >> 8 & 0xfff, device & 0xff | device >> 12 & 0xf_ff00);
    Stat {
        device: (major << 20 | minor) as u32,
        inode: meta.ino(),
        links: u32::try_from(meta.nlink()).unwrap_or(u32::MAX),
        bytes: meta.len(),
        on_disk: meta.blocks() * 512,
    }
}

/// Without inodes and blocks each name is a file of its own, and takes what it holds.
#[cfg(not(unix))]
pub(super) fn stat(meta: &Metadata) -> Stat {
    Stat { device: 0, inode: 0, links: 1, bytes: meta.len(), on_disk: meta.len() }
}

#[cfg(unix)]
fn bytes_of(name: &OsStr) -> std::borrow::Cow<'_, [u8]> {
    std::os::unix::ffi::OsStrExt::as_bytes(name).into()
}

#[cfg(not(unix))]
fn bytes_of(name: &OsStr) -> std::borrow::Cow<'_, [u8]> {
    name.to_string_lossy().into_owned().into_bytes().into()
}
