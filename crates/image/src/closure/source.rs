//! The file system that is collected from: a machine's own, or one that lies in a folder. Links are followed inside of it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::Metadata;
use std::path::{Component, Path, PathBuf};

/// As many links in a row as Linux follows (`path_resolution(7)`).
const MAX_LINKS: usize = 40;

/// Where paths of the collected system lie on this disk.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The folder that is `/` there.
    pub root: PathBuf,
    /// Folders that keep their own path although they may lie outside of `root`: the project, its environment.
    pub own: Vec<PathBuf>,
}

/// A path that is there, and what led to it.
#[derive(Debug, Clone)]
pub(super) struct Resolved {
    /// Links that were met, each with its text.
    pub(super) links: Vec<(PathBuf, PathBuf)>,
    /// The path without links.
    pub(super) real: PathBuf,
    /// What lies there.
    pub(super) about: Metadata,
}

impl Source {
    /// A path of the collected system on this disk.
    pub fn on_disk(&self, path: &Path) -> PathBuf {
        if self.own.iter().any(|own| path.starts_with(own)) {
            return path.to_owned();
        }
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// A path of this disk as it is called in the collected system.
    pub fn inside(&self, path: &Path) -> PathBuf {
        if self.own.iter().any(|own| path.starts_with(own)) {
            return path.to_owned();
        }
        Path::new("/").join(path.strip_prefix(&self.root).unwrap_or(path))
    }

    /// Whether the path belongs to the project and not to the system.
    pub(super) fn is_own(&self, path: &Path) -> bool {
        self.own.iter().any(|own| path.starts_with(own))
    }

    /// Follows a path's links; `None` when it leads nowhere.
    pub(super) fn resolve(&self, path: &Path) -> Option<Resolved> {
        let mut links = Vec::new();
        let mut open: VecDeque<OsString> = parts(path).collect();
        let mut real = PathBuf::from("/");
        while let Some(part) = open.pop_front() {
            if part == ".." {
                real.pop();
                continue;
            }
            let next = real.join(&part);
            // What leads to the project's own folders need not be there in the other system.
            if self.own.iter().any(|own| own.starts_with(&next)) {
                real = next;
                continue;
            }
            let place = self.on_disk(&next);
            if !fs_err::symlink_metadata(&place).ok()?.is_symlink() {
                real = next;
                continue;
            }
            let text = fs_err::read_link(&place).ok()?;
            if links.len() == MAX_LINKS {
                return None;
            }
            if text.is_absolute() {
                real = PathBuf::from("/");
            }
            let ahead: Vec<OsString> = parts(&text).collect();
            ahead.into_iter().rev().for_each(|part| open.push_front(part));
            links.push((next, text));
        }
        let about = fs_err::symlink_metadata(self.on_disk(&real)).ok()?;
        Some(Resolved { links, real, about })
    }
}

/// A path's names, and `..` between them.
fn parts(path: &Path) -> impl Iterator<Item = OsString> {
    path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    })
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_are_followed_inside_the_other_root() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs_err::create_dir_all(root.join("usr/lib/deep")).unwrap();
        fs_err::write(root.join("usr/lib/deep/libplum.so.1.2"), "x").unwrap();
        symlink("usr/lib", root.join("lib")).unwrap();
        symlink("/lib/deep/libplum.so.1.2", root.join("usr/lib/libplum.so.1")).unwrap();
        symlink("round", root.join("round")).unwrap();
        let source = Source { root, own: vec![PathBuf::from("/srv/shop")] };
        let found = source.resolve(Path::new("/lib/libplum.so.1")).unwrap();
        assert_eq!(found.real, Path::new("/usr/lib/deep/libplum.so.1.2"));
        let links: Vec<&str> = found.links.iter().filter_map(|(path, _)| path.to_str()).collect();
        assert_eq!(links, ["/lib", "/usr/lib/libplum.so.1", "/lib"]);
        assert!(source.resolve(Path::new("/round")).is_none());
        assert!(source.resolve(Path::new("/lib/../../../nothing")).is_none());
        assert_eq!(source.on_disk(Path::new("/srv/shop/x")), Path::new("/srv/shop/x"));
    }
}
