//! The copy of one tree of what is installed: every file but those of units that are left out.

use crate::claims::Claims;
use fs_err as fs;
use globset::{Glob, GlobSet, GlobSetBuilder};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::{Component, Path, PathBuf};
use walkdir::WalkDir;

/// A tree and its copy.
#[derive(Debug)]
pub(crate) struct Tree {
    /// The original.
    pub(crate) original: PathBuf,
    /// The copy.
    pub(crate) copy: PathBuf,
    /// Where a run sees the copy.
    pub(crate) seen: PathBuf,
    /// Whether it holds files that are made from others.
    pub(crate) derived: bool,
    entries: Vec<Entry>,
    /// Files are linked, not copied.
    link: bool,
    placed: GlobSet,
}

#[derive(Debug)]
struct Entry {
    /// Relative to the tree.
    path: PathBuf,
    kind: Kind,
    /// Units that it belongs to; it is there while one of them is, or when it belongs to nobody.
    owners: Vec<usize>,
    /// The same file less something, for when a unit is out.
    lean: Option<(usize, PathBuf)>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Absent,
    Whole,
    Lean,
}

#[derive(Debug)]
enum Kind {
    File,
    Link(PathBuf),
    /// A folder that is empty in the original.
    Folder,
}

/// How a tree is copied.
#[derive(Debug)]
pub(crate) struct How<'a> {
    pub(crate) claims: &'a Claims,
    /// Folders that modules are looked up in.
    pub(crate) sites: &'a [PathBuf],
    pub(crate) derived_from: fn(&str) -> Option<String>,
    /// Files that speak of the place where the tree lies.
    pub(crate) placed: &'a [&'a str],
    /// Whether files may be linked: nothing can write through them.
    pub(crate) link: bool,
    /// Whether the tree holds what is others': then it is made of what units claim alone.
    pub(crate) shared: bool,
}

impl Tree {
    /// Looks through a tree.
    pub(crate) fn of(original: &Path, copy: PathBuf, seen: PathBuf, how: &How<'_>) -> io::Result<Self> {
        let mut entries = Vec::new();
        let mut derived = false;
        if how.shared {
            let claimed = how.claims.below(original);
            let entry = |(path, owners): (&Path, &[usize])| Entry {
                path: path.to_owned(),
                kind: Kind::File,
                owners: owners.to_vec(),
                lean: None,
                state: State::Absent,
            };
            entries.extend(claimed.into_iter().filter(|(path, _)| original.join(path).is_file()).map(entry));
            let (original, placed) = (original.to_owned(), globs(how.placed));
            return Ok(Self { original, copy, seen, derived, entries, link: how.link, placed });
        }
        let walk = WalkDir::new(original).min_depth(1).sort_by_file_name();
        let mut children: HashMap<PathBuf, usize> = HashMap::new();
        for entry in walk {
            let entry = entry.map_err(io::Error::from)?;
            let path = entry.path();
            *children.entry(path.parent().unwrap_or(original).to_owned()).or_default() += 1;
            let kind = match entry.file_type() {
                kind if kind.is_symlink() => Kind::Link(fs::read_link(path)?),
                kind if kind.is_dir() => Kind::Folder,
                kind if kind.is_file() => Kind::File,
                // A socket or a pipe is nothing that could be shipped.
                _ => continue,
            };
            let mut owners = match (&kind, made_from(path, how.derived_from)) {
                (Kind::File, Some(source)) => {
                    derived = true;
                    let own = how.claims.owners(path);
                    if own.is_empty() { how.claims.owners(&source).to_vec() } else { own.to_vec() }
                }
                _ => how.claims.owners(path).to_vec(),
            };
            if let Kind::Link(_) = kind
                && let Ok(to) = fs::canonicalize(path)
                && to.starts_with(original)
            {
                // A link is of no use without what it leads to.
                let leads = how.claims.owners(&to);
                if !leads.is_empty() {
                    owners = leads.to_vec();
                }
            }
            let path = path.strip_prefix(original).unwrap_or(path).to_owned();
            entries.push(Entry { path, kind, owners, lean: None, state: State::Absent });
        }
        entries.retain(|e| !matches!(e.kind, Kind::Folder) || !children.contains_key(&original.join(&e.path)));
        adopt(original, how.sites, &mut entries);
        let link = how.link;
        Ok(Self { original: original.to_owned(), copy, seen, derived, entries, link, placed: globs(how.placed) })
    }

    /// Makes the copy hold what belongs to nobody or to a unit that is in, and nothing else.
    pub(crate) fn shape(&mut self, is_out: &dyn Fn(usize) -> bool, stop: &dyn Fn() -> bool) -> io::Result<()> {
        fs::create_dir_all(&self.copy)?;
        for at in 0..self.entries.len() {
            let entry = &self.entries[at];
            let there = entry.owners.is_empty() || entry.owners.iter().any(|owner| !is_out(*owner));
            let wanted = match &entry.lean {
                _ if !there => State::Absent,
                Some((unit, _)) if is_out(*unit) => State::Lean,
                _ => State::Whole,
            };
            if wanted == entry.state {
                continue;
            }
            if at.is_multiple_of(256) && stop() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            if entry.state != State::Absent {
                self.take(at)?;
            }
            if wanted != State::Absent {
                self.put(at, wanted == State::Lean)?;
            }
            self.entries[at].state = wanted;
        }
        Ok(())
    }

    /// Files that are there in another form when a unit is out: original, unit, the other form.
    pub(crate) fn lean(&mut self, files: &[(PathBuf, usize, PathBuf)]) {
        for entry in &mut self.entries {
            let path = self.original.join(&entry.path);
            entry.lean = files.iter().find(|(file, ..)| *file == path).map(|(_, unit, to)| (*unit, to.clone()));
        }
    }

    fn put(&self, at: usize, lean: bool) -> io::Result<()> {
        let entry = &self.entries[at];
        let (from, to) = (self.original.join(&entry.path), self.copy.join(&entry.path));
        let from = entry.lean.as_ref().filter(|_| lean).map_or(from, |(_, other)| other.clone());
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        match &entry.kind {
            Kind::Folder => fs::create_dir_all(&to),
            Kind::Link(leads) => {
                // A link into the tree by its whole path leads to the original.
                let inside = leads.strip_prefix(&self.original).map(|below| self.seen.join(below));
                link(inside.as_ref().unwrap_or(leads), &to)
            }
            Kind::File if self.link && fs::hard_link(&from, &to).is_ok() => Ok(()),
            Kind::File => {
                copy_file(&from, &to)?;
                if self.seen != self.original && self.placed.is_match(&entry.path) {
                    self.move_words(&to)?;
                }
                Ok(())
            }
        }
    }

    fn take(&self, at: usize) -> io::Result<()> {
        let entry = &self.entries[at];
        let path = self.copy.join(&entry.path);
        if matches!(entry.kind, Kind::Folder) {
            fs::remove_dir(&path)?;
        } else {
            fs::remove_file(&path)?;
        }
        // An empty folder may count as a module.
        let mut folder = path.parent();
        while let Some(empty) = folder.filter(|folder| *folder != self.copy && fs::remove_dir(folder).is_ok()) {
            folder = empty.parent();
        }
        Ok(())
    }

    /// Rewrites a file that speaks of the original's place.
    fn move_words(&self, file: &Path) -> io::Result<()> {
        let Ok(text) = fs::read_to_string(file) else { return Ok(()) };
        let (from, to) = (self.original.to_string_lossy(), self.seen.to_string_lossy());
        if text.contains(&*from) {
            fs::write(file, text.replace(&*from, &to))?;
        }
        Ok(())
    }
}

/// Files that nobody claims in a folder of packages belong to those whose files lie around them: what a package wrote there when it
/// ran makes its folder look like a module without it.
fn adopt(original: &Path, sites: &[PathBuf], entries: &mut [Entry]) {
    let sites: Vec<&Path> = sites.iter().filter_map(|site| site.strip_prefix(original).ok()).collect();
    let mut around: BTreeMap<PathBuf, BTreeSet<usize>> = BTreeMap::new();
    let site_of =
        |path: &Path| sites.iter().filter(|site| path.starts_with(site)).max_by_key(|s| s.components().count());
    for entry in entries.iter().filter(|entry| !entry.owners.is_empty()) {
        let Some(site) = site_of(&entry.path) else { continue };
        for folder in entry.path.ancestors().skip(1).take_while(|folder| folder != site) {
            around.entry(folder.to_owned()).or_default().extend(&entry.owners);
        }
    }
    for entry in entries.iter_mut().filter(|entry| entry.owners.is_empty()) {
        let Some(site) = site_of(&entry.path) else { continue };
        let mut folders = entry.path.ancestors().skip(1).take_while(|folder| folder != site);
        if let Some(owners) = folders.find_map(|folder| around.get(folder)) {
            entry.owners = owners.iter().copied().collect();
        }
    }
}

/// The file that this one was made from.
pub(crate) fn made_from(path: &Path, derived_from: fn(&str) -> Option<String>) -> Option<PathBuf> {
    let folder = path.parent()?;
    let name = path.file_name()?.to_str()?;
    let two = format!("{}/{name}", folder.file_name()?.to_str()?);
    let source = derived_from(&two).map(|source| folder.parent().unwrap_or(folder).join(source));
    source.or_else(|| derived_from(name).map(|source| folder.join(source))).map(|source| plain(&source))
}

/// A path with `.` and `..` taken out by name: what a record says is relative to where the package lies.
pub fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

/// Copies a file with its times: what was made from it is compared by them.
pub(crate) fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    let about = fs::metadata(from)?;
    let times = std::fs::FileTimes::new().set_modified(about.modified()?);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // A file that nobody may write to takes no times either.
        let mode = about.permissions().mode();
        if mode & 0o200 == 0 {
            fs::set_permissions(to, std::fs::Permissions::from_mode(mode | 0o200))?;
            fs::OpenOptions::new().write(true).open(to)?.file().set_times(times)?;
            return fs::set_permissions(to, std::fs::Permissions::from_mode(mode));
        }
    }
    fs::OpenOptions::new().write(true).open(to)?.file().set_times(times)
}

/// Makes a symbolic link.
pub(crate) fn link(leads: &Path, at: &Path) -> io::Result<()> {
    #[cfg(unix)]
    return fs::os::unix::fs::symlink(leads, at);
    #[cfg(not(unix))]
    return fs::copy(at.parent().unwrap_or(at).join(leads), at).map(|_| ());
}

pub(crate) fn globs(patterns: &[&str]) -> GlobSet {
    let mut builder = GlobSetBuilder::new();
    // A glob that does not compile is a mistake in an ecosystem's table; a test over the registry finds it.
    patterns.iter().filter_map(|pattern| Glob::new(pattern).ok()).for_each(|glob| {
        builder.add(glob);
    });
    builder.build().unwrap_or_else(|_| GlobSet::empty())
}
