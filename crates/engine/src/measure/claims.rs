//! Who claims which path of a tree, laid out for a walk: the claimed names of one folder lie side by side.

use super::folders::{Folders, Way};
use super::{Claim, Outside, Weight};
use depslim_model::Owns;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// No folder, or no owner.
pub(super) const NONE: u32 = u32::MAX;
/// The tree itself, as a folder.
pub(super) const ROOT: u32 = 0;

/// All claims on one tree.
#[derive(Debug)]
pub(super) struct Claims {
    folders: Folders,
    /// Claimed names, by folder; those of a large folder by hash.
    entries: Vec<Entry>,
    /// While claims are taken in: the folder of each entry.
    folder_of: Vec<u32>,
    /// Where the entries of each folder begin, and the end.
    starts: Vec<u32>,
    names: Vec<u8>,
    /// Who claims the tree itself.
    root: u32,
    /// Number of different paths that each owner claims in the tree.
    pub(super) claimed: Vec<u32>,
    /// Further owners of an entry: (entry, owner).
    pub(super) clashes: BTreeSet<(u32, u32)>,
    outside: Vec<(u32, PathBuf, String)>,
}

/// Folders with at most so many claimed names are searched from end to end.
const SMALL: usize = 16;

/// A claimed name in a folder.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    hash: u32,
    /// Where its name begins, and its length.
    name: u32,
    length: u16,
    /// The owner owns what lies below as well.
    deep: bool,
    clash: bool,
    owner: u32,
}

/// A claim, as a walk asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Claimed {
    /// Number of the entry.
    pub(super) entry: u32,
    /// The first owner that claims it.
    pub(super) owner: u32,
    /// The owner owns what lies below as well.
    pub(super) deep: bool,
    /// Others claim it too.
    pub(super) clash: bool,
}

impl Claims {
    pub(super) fn new(tree: &Path, claims: &[Claim<'_>]) -> Self {
        let paths = claims.iter().map(|c| match c.owns {
            Owns::Nothing => 0,
            Owns::Files(paths) | Owns::Trees(paths) => paths.len(),
        });
        let (count, owners) = (paths.sum::<usize>(), claims.iter().map(|c| c.owner as usize + 1).max().unwrap_or(0));
        let mut all = Self {
            folders: Folders::new(tree),
            entries: Vec::with_capacity(count),
            folder_of: Vec::with_capacity(count),
            starts: Vec::new(),
            names: Vec::with_capacity(count * 20),
            root: NONE,
            claimed: vec![0; owners],
            clashes: BTreeSet::new(),
            outside: Vec::new(),
        };
        let mut roots = None;
        for claim in claims {
            let (paths, deep) = match claim.owns {
                Owns::Nothing => continue,
                Owns::Files(paths) => (paths, false),
                Owns::Trees(paths) => (paths, true),
            };
            let base = all.folders.descend(ROOT, claim.base);
            let mut way = Way::new(base);
            for path in paths {
                let slash = memchr::memrchr(b'/', path.as_bytes());
                let (place, name) = slash.map_or(("", path.as_str()), |slash| (&path[..slash], &path[slash + 1..]));
                let folder = if path.starts_with('/') { None } else { way.to(place, &mut all.folders) };
                let deep = deep || name.is_empty();
                let inside = folder.and_then(|folder| all.own(folder, name, claim.owner, deep)).or_else(|| {
                    let roots = roots.get_or_insert_with(|| absolute_roots(tree));
                    let inside = inside(roots, claim.base, path)?;
                    let (place, name) = inside.rsplit_once('/').unwrap_or(("", &inside));
                    let folder = all.folders.descend(ROOT, place)?;
                    all.own(folder, name, claim.owner, deep)
                });
                if inside.is_none() {
                    all.outside.push((claim.owner, tree.join(claim.base).join(path), path.clone()));
                }
            }
        }
        all.arrange();
        all
    }

    /// The claim on `name` in `folder`.
    pub(super) fn find(&self, folder: u32, name: &[u8]) -> Option<Claimed> {
        let (from, to) = (self.starts[folder as usize] as usize, self.starts[folder as usize + 1] as usize);
        let entries = &self.entries[from..to];
        if entries.is_empty() {
            return None;
        }
        let hash = self.folders.hash(name);
        let is_same = |entry: &Entry| entry.hash == hash && self.name(entry) == name;
        let at = if entries.len() <= SMALL {
            entries.iter().position(is_same)?
        } else {
            let first = entries.partition_point(|entry| entry.hash < hash);
            first + entries[first..].iter().take_while(|entry| entry.hash == hash).position(is_same)?
        };
        let entry = &entries[at];
        Some(Claimed { entry: (from + at) as u32, owner: entry.owner, deep: entry.deep, clash: entry.clash })
    }

    /// The folder of this name in `folder`, when something below it is claimed.
    pub(super) fn folder(&self, folder: u32, name: &[u8]) -> Option<u32> {
        self.folders.find(folder, name)
    }

    /// Who owns all of the tree that nobody claims more closely.
    pub(super) fn root_owner(&self) -> u32 {
        self.root
    }

    /// Whether anything below the tree itself is claimed.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The first owner and the path of an entry, relative to the tree.
    pub(super) fn told(&self, entry: u32) -> (u32, String) {
        let number = entry as usize;
        let entry = &self.entries[number];
        let mut parts = vec![String::from_utf8_lossy(self.name(entry))];
        let mut at = self.starts.partition_point(|start| *start as usize <= number) as u32 - 1;
        while let Some((above, name)) = self.folders.place(at) {
            parts.push(String::from_utf8_lossy(name));
            at = above;
        }
        parts.reverse();
        (entry.owner, parts.join("/"))
    }

    /// Looks at what is claimed outside the tree. Returns its weight by owner, and how much of it does not exist.
    pub(super) fn weigh_outside(&self) -> (Vec<Outside>, Vec<(u32, u32)>) {
        let mut found: BTreeMap<u32, Outside> = BTreeMap::new();
        let mut absent: BTreeMap<u32, u32> = BTreeMap::new();
        for (owner, path, claimed) in &self.outside {
            match fs_err::symlink_metadata(path) {
                Ok(meta) => {
                    let stat = super::portable::stat(&meta);
                    let outside = found.entry(*owner).or_insert_with(|| Outside {
                        owner: *owner,
                        weight: Weight::default(),
                        example: claimed.clone(),
                    });
                    outside.weight.add(stat.bytes, stat.on_disk);
                }
                Err(_) => *absent.entry(*owner).or_default() += 1,
            }
        }
        (found.into_values().collect(), absent.into_iter().collect())
    }

    /// Claims `name` in `folder`; `None` when that leaves the tree.
    fn own(&mut self, folder: u32, name: &str, owner: u32, deep: bool) -> Option<()> {
        let (mut folder, mut name) = (folder, name.as_bytes());
        let taken;
        // `plum/`, `plum/.` and `plum/..` mean a folder by another name.
        if matches!(name, b"" | b"." | b"..") {
            if name == b".." {
                folder = self.folders.above(folder)?;
            }
            if folder == ROOT {
                if self.root == NONE && deep {
                    self.root = owner;
                }
                return Some(());
            }
            let (above, last) = self.folders.place(folder)?;
            taken = last.to_vec();
            (folder, name) = (above, &taken);
        }
        let Ok(length) = u16::try_from(name.len()) else {
            // No file system has such a name.
            self.claimed[owner as usize] += 1;
            return Some(());
        };
        let (hash, at) = (self.folders.hash(name), self.names.len() as u32);
        self.entries.push(Entry { hash, name: at, length, deep, clash: false, owner });
        self.folder_of.push(folder);
        self.names.extend_from_slice(name);
        Some(())
    }

    /// Puts the entries side by side by folder, each name once.
    fn arrange(&mut self) {
        // Counted into their folders: they come nearly in that order, and stay in it within a folder.
        let mut starts = vec![0_u32; self.folders.len() + 1];
        for folder in &self.folder_of {
            starts[*folder as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut sorted = vec![Entry::default(); self.entries.len()];
        for (folder, entry) in self.folder_of.iter().zip(&self.entries) {
            let slot = &mut next[*folder as usize];
            sorted[*slot as usize] = *entry;
            *slot += 1;
        }
        self.folder_of = Vec::new();

        self.entries.clear();
        for folder in 0..starts.len() - 1 {
            let entries = &mut sorted[starts[folder] as usize..starts[folder + 1] as usize];
            if entries.len() > SMALL {
                // Of one name the first claim stays first, because this sort is stable.
                entries.sort_by_key(|entry| entry.hash);
            }
            let start = self.entries.len();
            starts[folder] = start as u32;
            for entry in entries.iter() {
                self.arrange_one(start, entry);
            }
        }
        if let Some(end) = starts.last_mut() {
            *end = self.entries.len() as u32;
        }
        self.starts = starts;
    }

    /// Takes an entry in behind all that have been, unless one of its name is among those of the folder that begins at `start`.
    fn arrange_one(&mut self, start: usize, entry: &Entry) {
        let here = &self.entries[start..];
        let is_same = |other: &Entry| other.hash == entry.hash && self.name(other) == self.name(entry);
        let same = if here.len() <= SMALL {
            here.iter().position(is_same)
        } else {
            // In order of the hashes.
            let mut back = here.iter().rev().take_while(|other| other.hash == entry.hash);
            back.position(is_same).map(|back| here.len() - 1 - back)
        };
        match same.map(|at| start + at) {
            None => self.entries.push(*entry),
            Some(at) if self.entries[at].owner == entry.owner => {
                self.entries[at].deep |= entry.deep;
                return;
            }
            Some(at) => {
                self.entries[at].clash = true;
                if !self.clashes.insert((at as u32, entry.owner)) {
                    return;
                }
            }
        }
        self.claimed[entry.owner as usize] += 1;
    }

    fn name(&self, entry: &Entry) -> &[u8] {
        &self.names[entry.name as usize..entry.name as usize + entry.length as usize]
    }
}

/// The tree's absolute path, as given and as the system resolves it.
fn absolute_roots(tree: &Path) -> Vec<PathBuf> {
    let given = std::path::absolute(tree).ok();
    let real = fs_err::canonicalize(tree).ok();
    given.into_iter().chain(real).collect()
}

/// The path relative to the tree, of a claim that is absolute or leaves the tree and comes back.
fn inside(roots: &[PathBuf], base: &str, path: &str) -> Option<String> {
    if !path.starts_with('/') && !leaves(base, path) {
        return None;
    }
    roots.iter().find_map(|root| {
        let mut whole = PathBuf::new();
        for part in root.join(base).join(path).components() {
            match part {
                Component::ParentDir => {
                    whole.pop();
                }
                Component::CurDir => {}
                part => whole.push(part),
            }
        }
        whole.strip_prefix(root).ok()?.to_str().map(|inside| inside.replace(std::path::MAIN_SEPARATOR, "/"))
    })
}

/// Whether the path, as text, goes above where it starts.
fn leaves(base: &str, path: &str) -> bool {
    let mut depth = 0_i64;
    base.split('/').chain(path.split('/')).any(|part| {
        depth += match part {
            "" | "." => 0,
            ".." => -1,
            _ => 1,
        };
        depth < 0
    })
}
