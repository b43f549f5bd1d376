//! A copy of the project that runs may write to.

use crate::tree::{copy_file, link};
use fs_err as fs;
use std::io;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// Copies what lies below `root`, less the trees of what is installed, repositories and caches, which no run needs.
pub(crate) fn copy(root: &Path, into: &Path, without: &[PathBuf], stop: &dyn Fn() -> bool) -> io::Result<()> {
    let mut walk = WalkDir::new(root).min_depth(1).sort_by_file_name().into_iter();
    fs::create_dir_all(into)?;
    let mut count = 0_usize;
    while let Some(entry) = walk.next() {
        let entry = entry.map_err(io::Error::from)?;
        count += 1;
        if count.is_multiple_of(256) && stop() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let (path, kind) = (entry.path(), entry.file_type());
        let to = into.join(path.strip_prefix(root).unwrap_or(path));
        if kind.is_dir() {
            if is_left_out(path, without) {
                walk.skip_current_dir();
            } else {
                fs::create_dir_all(&to)?;
            }
        } else if kind.is_symlink() {
            link(&fs::read_link(path)?, &to)?;
        } else if kind.is_file() {
            copy_file(path, &to)?;
        }
    }
    Ok(())
}

/// Repositories, environments, and what says of itself that it is a cache
/// ([Cache Directory Tagging](https://bford.info/cachedir/)).
fn is_left_out(folder: &Path, without: &[PathBuf]) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    [".git", ".hg", ".svn"].contains(&name)
        || without.iter().any(|other| other == folder)
        || folder.join("CACHEDIR.TAG").is_file()
        || folder.join("pyvenv.cfg").is_file()
}
