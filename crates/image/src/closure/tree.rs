//! The collected files: what goes where, what each counts as, and how they are written into a folder.

use super::source::Source;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};

/// What a file counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The program that the language is run with.
    Interpreter,
    /// The runtime's own folders.
    StandardLibrary,
    /// Files of packages that production keeps.
    Packages,
    /// The project's own files.
    Application,
    /// Shared libraries of the system, with the loader.
    Libraries,
    /// Certificates of authorities, and settings of TLS.
    Certificates,
    /// Time zones.
    TimeZones,
    /// Users, groups, and what else programs read.
    System,
    /// What the distribution says of the collected files: package records and licences.
    Records,
}

impl Part {
    /// The words for it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Interpreter => "interpreter",
            Self::StandardLibrary => "standard library",
            Self::Packages => "packages",
            Self::Application => "application",
            Self::Libraries => "shared libraries",
            Self::Certificates => "certificates",
            Self::TimeZones => "time zones",
            Self::System => "system files",
            Self::Records => "package records",
        }
    }
}

/// What lies at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A folder, with its mode.
    Folder(u32),
    /// A link, with its text.
    Link(PathBuf),
    /// A copy of a file of this disk.
    Copy { from: PathBuf, bytes: u64, executable: bool },
    /// A file that is written.
    Text(Vec<u8>),
    /// Another name of a file that is there already.
    Same(PathBuf),
}

/// Files by their path in the new system.
#[derive(Debug, Default)]
pub struct Tree {
    entries: BTreeMap<PathBuf, (Kind, Part)>,
    /// Files with several names: (device, inode) → the first.
    names: HashMap<(u64, u64), PathBuf>,
}

/// Files and bytes of one part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// Files; other names and links do not count.
    pub files: u64,
    /// Bytes of files, and of the texts of links.
    pub bytes: u64,
}

impl Tree {
    /// Adds a file or an empty folder, and the links that lead to it. Gives its path without links; `None` when nothing is there,
    /// or something that can't be copied.
    pub(super) fn add(&mut self, source: &Source, path: &Path, part: Part) -> Option<PathBuf> {
        let found = source.resolve(path)?;
        let kind = if found.about.is_dir() {
            Kind::Folder(0o755)
        } else if found.about.is_file() {
            self.file(source, &found.real, &found.about)
        } else {
            return None;
        };
        for (link, text) in found.links {
            self.put(link, Kind::Link(text), part);
        }
        self.put(found.real.clone(), kind, part);
        Some(found.real)
    }

    /// Adds a file, or all below a folder that `keep` lets in; it is asked with paths relative to the folder. Gives the files that
    /// are new.
    pub(super) fn add_all(
        &mut self,
        source: &Source,
        path: &Path,
        part: Part,
        keep: &dyn Fn(&str) -> bool,
    ) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut open = vec![(path.to_owned(), String::new())];
        while let Some((path, relative)) = open.pop() {
            let known = self.entries.len();
            let Some(real) = self.add(source, &path, part) else { continue };
            if !self.is_folder(&real) {
                if self.entries.len() > known {
                    files.push(real);
                }
                continue;
            }
            // A link that leads back up would never end.
            if relative.matches('/').count() > MAX_DEPTH || (real != path && path.starts_with(&real)) {
                continue;
            }
            for entry in fs_err::read_dir(source.on_disk(&real)).into_iter().flatten().flatten() {
                let name = entry.file_name();
                let shown = name.to_string_lossy();
                let below = if relative.is_empty() { shown.into_owned() } else { format!("{relative}/{shown}") };
                if keep(&below) {
                    open.push((real.join(&name), below));
                }
            }
        }
        files.sort();
        files
    }

    /// Adds a file with this content.
    pub(super) fn write_text(&mut self, path: &str, content: impl Into<Vec<u8>>, part: Part) {
        self.put(PathBuf::from(path), Kind::Text(content.into()), part);
    }

    /// Adds a folder with this mode.
    pub(super) fn make_folder(&mut self, path: &str, mode: u32) {
        self.put(PathBuf::from(path), Kind::Folder(mode), Part::System);
    }

    /// Whether something lies at the path itself; links are not followed.
    pub fn has(&self, path: &Path) -> bool {
        self.entries.contains_key(path)
    }

    /// Copied files: path in the new system, place on this disk, part.
    pub fn copies(&self) -> impl Iterator<Item = (&Path, &Path, Part)> {
        self.entries.iter().filter_map(|(path, (kind, part))| match kind {
            Kind::Copy { from, .. } => Some((path.as_path(), from.as_path(), *part)),
            _ => None,
        })
    }

    /// Files and bytes by part.
    pub fn sums(&self) -> BTreeMap<Part, Sum> {
        let mut sums: BTreeMap<Part, Sum> = BTreeMap::new();
        for (kind, part) in self.entries.values() {
            let (files, bytes) = match kind {
                Kind::Copy { bytes, .. } => (1, *bytes),
                Kind::Text(text) => (1, text.len() as u64),
                Kind::Link(text) => (0, text.as_os_str().len() as u64),
                Kind::Folder(_) | Kind::Same(_) => continue,
            };
            let sum = sums.entry(*part).or_default();
            sum.files += files;
            sum.bytes += bytes;
        }
        sums
    }

    /// Writes everything into a new folder: whoever looks sees all of it or nothing.
    ///
    /// # Errors
    /// When the folder holds something already, or can't be written.
    pub fn write(&self, into: &Path) -> io::Result<()> {
        if fs_err::read_dir(into).is_ok_and(|mut entries| entries.next().is_some()) {
            let message = format!("{} is not empty; name a folder that does not exist yet", into.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
        }
        let parent = into.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs_err::create_dir_all(parent)?;
        let made = tempfile::Builder::new().prefix(".depslim-").tempdir_in(parent)?;
        // Further names come when what they name is there.
        let (names, plain): (Vec<_>, Vec<_>) =
            self.entries.iter().partition(|(_, (kind, _))| matches!(kind, Kind::Same(_)));
        for (path, (kind, _)) in plain.into_iter().chain(names) {
            let place = made.path().join(path.strip_prefix("/").unwrap_or(path));
            lay(&place, kind, made.path())?;
        }
        // Last, since a folder that nobody may write to would take no files.
        for (path, (kind, _)) in self.entries.iter().rev() {
            if let Kind::Folder(mode) = kind {
                set_mode(&made.path().join(path.strip_prefix("/").unwrap_or(path)), *mode)?;
            }
        }
        set_mode(made.path(), 0o755)?;
        fs_err::rename(made.keep(), into)
    }

    fn is_folder(&self, path: &Path) -> bool {
        matches!(self.entries.get(path), Some((Kind::Folder(_), _)))
    }

    fn put(&mut self, path: PathBuf, kind: Kind, part: Part) {
        if path.as_os_str().is_empty() || path == Path::new("/") || self.entries.contains_key(&path) {
            return;
        }
        if let Some(parent) = path.parent() {
            self.put(parent.to_owned(), Kind::Folder(0o755), part);
        }
        self.entries.insert(path, (kind, part));
    }

    fn file(&mut self, source: &Source, real: &Path, about: &std::fs::Metadata) -> Kind {
        if let Some(several) = several_names(about) {
            match self.names.get(&several) {
                Some(first) if first != real => return Kind::Same(first.clone()),
                Some(_) => {}
                None => {
                    self.names.insert(several, real.to_owned());
                }
            }
        }
        Kind::Copy { from: source.on_disk(real), bytes: about.len(), executable: is_executable(about) }
    }
}

/// Deeper folders than any package has.
const MAX_DEPTH: usize = 60;

fn lay(place: &Path, kind: &Kind, root: &Path) -> io::Result<()> {
    match kind {
        Kind::Folder(_) => fs_err::create_dir(place),
        Kind::Link(text) => link(text, place),
        Kind::Same(first) => fs_err::hard_link(root.join(first.strip_prefix("/").unwrap_or(first)), place),
        Kind::Text(text) => {
            fs_err::write(place, text)?;
            set_mode(place, 0o644)
        }
        Kind::Copy { from, executable, .. } => {
            fs_err::copy(from, place)?;
            // Before the mode, which may forbid to open it. So that two builds of an image give the same layer.
            if let Ok(day) = fs_err::metadata(from).and_then(|about| about.modified()) {
                fs_err::File::open(place)?.into_parts().0.set_modified(day)?;
            }
            // For everybody, whoever could read it here; never set-user-id.
            set_mode(place, if *executable { 0o755 } else { 0o644 })
        }
    }
}

#[cfg(unix)]
fn link(text: &Path, place: &Path) -> io::Result<()> {
    fs_err::os::unix::fs::symlink(text, place)
}

#[cfg(not(unix))]
fn link(_: &Path, place: &Path) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, format!("{}: links need a Unix file system", place.display())))
}

#[cfg(unix)]
fn set_mode(place: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs_err::set_permissions(place, std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn is_executable(about: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    about.mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    false
}

#[cfg(unix)]
fn several_names(about: &std::fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    (about.nlink() > 1).then(|| (about.dev(), about.ino()))
}

#[cfg(not(unix))]
fn several_names(_: &std::fs::Metadata) -> Option<(u64, u64)> {
    None
}
