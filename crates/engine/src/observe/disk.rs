//! Which files lie in installed folders. A folder is listed once: modules are looked for under several names each, and most of those
//! names are not there.

use rustc_hash::FxHashMap;
use std::ffi::OsString;
use std::path::Path;

/// Folders that were looked into.
#[derive(Debug, Default)]
pub(super) struct Disk {
    folders: FxHashMap<String, FxHashMap<OsString, Kind>>,
    path: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
    /// A link: what it leads to is asked for when it matters.
    Link,
}

impl Disk {
    /// Whether `relative` is a file below `site`. Links are followed.
    pub(super) fn is_file(&mut self, site: &Path, relative: &str) -> bool {
        match self.kind(site, relative) {
            Some(Kind::File) => true,
            Some(Kind::Link) => site.join(relative).is_file(),
            Some(Kind::Folder) | None => false,
        }
    }

    /// Whether `relative` is anything below `site`. Links are followed.
    pub(super) fn exists(&mut self, site: &Path, relative: &str) -> bool {
        match self.kind(site, relative) {
            Some(Kind::File | Kind::Folder) => true,
            Some(Kind::Link) => site.join(relative).exists(),
            None => false,
        }
    }

    fn kind(&mut self, site: &Path, relative: &str) -> Option<Kind> {
        let (folder, name) = relative.rsplit_once('/').unwrap_or(("", relative));
        let Some(root) = site.to_str() else { return of_path(&site.join(relative)) };
        self.path.clear();
        self.path.push_str(root);
        self.path.push('/');
        self.path.push_str(folder);
        if !self.folders.contains_key(self.path.as_str()) {
            // Nothing is below what is not there: whole branches are ruled out without a look.
            let there = folder.is_empty() || {
                let path = self.path.clone();
                let known = !matches!(self.kind(site, folder), None | Some(Kind::File));
                self.path = path;
                known
            };
            let listing = if there { list(Path::new(&self.path)) } else { FxHashMap::default() };
            self.folders.insert(self.path.clone(), listing);
        }
        self.folders.get(self.path.as_str())?.get(std::ffi::OsStr::new(name)).copied()
    }
}

fn list(folder: &Path) -> FxHashMap<OsString, Kind> {
    let entries = fs_err::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.filter_map(|entry| Some((entry.file_name(), kind_of(entry.file_type().ok()?)))).collect()
}

fn of_path(path: &Path) -> Option<Kind> {
    fs_err::metadata(path).ok().map(|metadata| kind_of(metadata.file_type()))
}

fn kind_of(kind: std::fs::FileType) -> Kind {
    if kind.is_symlink() {
        Kind::Link
    } else if kind.is_dir() {
        Kind::Folder
    } else {
        Kind::File
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_folders_and_links_are_told_apart() {
        let site = tempfile::tempdir().expect("a folder");
        fs_err::create_dir_all(site.path().join("lathe/_vendor")).expect("folders");
        fs_err::write(site.path().join("lathe/chuck.py"), "").expect("a file");
        fs_err::write(site.path().join("spindle.py"), "").expect("a file");
        fs_err::os::unix::fs::symlink(site.path().join("lathe"), site.path().join("linked")).expect("a link");
        fs_err::os::unix::fs::symlink(site.path().join("gone"), site.path().join("dangling.py")).expect("a link");
        let mut disk = Disk::default();
        for (path, file, exists) in [
            ("spindle.py", true, true),
            ("lathe", false, true),
            ("lathe/chuck.py", true, true),
            ("lathe/_vendor", false, true),
            ("lathe/_vendor/none.py", false, false),
            ("linked/chuck.py", true, true),
            ("dangling.py", false, false),
            ("none/none/none.py", false, false),
            ("spindle.py/none.py", false, false),
        ] {
            assert_eq!(disk.is_file(site.path(), path), file, "{path}");
            assert_eq!(disk.exists(site.path(), path), exists, "{path}");
        }
        assert!(!disk.is_file(&site.path().join("nowhere"), "spindle.py"));
    }
}
