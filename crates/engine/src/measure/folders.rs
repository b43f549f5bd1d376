//! The folders on the way to claimed paths, each once.

use super::claims::{NONE, ROOT};
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;
use std::path::{Path, PathBuf};

/// Folders on the way to claimed paths. A folder is made after the one above it.
#[derive(Debug)]
pub(super) struct Folders {
    tree: PathBuf,
    all: Vec<Folder>,
    names: Vec<u8>,
    /// Names in the tree itself that are links to folders in it, and which (`lib64`, a link to `lib`).
    links: Vec<(Box<[u8]>, u32)>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

#[derive(Debug, Clone, Copy)]
struct Folder {
    above: u32,
    /// Where its name begins, and its length.
    name: u32,
    length: u32,
}

/// The way to the folder of the path before. Lists are sorted as a rule, so that most paths lie in that folder or near it.
pub(super) struct Way<'p> {
    base: Option<u32>,
    place: &'p str,
    /// For each part of `place`: where it ends, and its folder.
    steps: Vec<(usize, u32)>,
    folder: Option<u32>,
}

impl<'p> Way<'p> {
    pub(super) fn new(base: Option<u32>) -> Self {
        Self { base, place: "", steps: Vec::new(), folder: base }
    }

    /// The folder at `place` from the base; `None` when that leaves the tree.
    pub(super) fn to(&mut self, place: &'p str, folders: &mut Folders) -> Option<u32> {
        if place == self.place {
            return self.folder;
        }
        let (old, new) = (self.place.as_bytes(), place.as_bytes());
        let common = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let is_shared = |end: usize| end <= common && new.get(end).is_none_or(|byte| *byte == b'/');
        while self.steps.last().is_some_and(|(end, _)| !is_shared(*end)) {
            self.steps.pop();
        }
        let (mut end, mut at) = match self.steps.last() {
            Some((end, folder)) => (*end, Some(*folder)),
            None => (0, self.base),
        };
        while let Some(folder) = at.filter(|_| end < place.len()) {
            let from = if end == 0 && new[0] != b'/' { 0 } else { end + 1 };
            end = memchr::memchr(b'/', &new[from..]).map_or(place.len(), |length| from + length);
            at = folders.descend(folder, &place[from..end]);
            self.steps.extend(at.map(|folder| (end, folder)));
        }
        (self.place, self.folder) = (place, at);
        at
    }
}

impl Folders {
    pub(super) fn new(tree: &Path) -> Self {
        let all = vec![Folder { above: NONE, name: 0, length: 0 }];
        let (table, hasher) = (HashTable::new(), DefaultHashBuilder::default());
        Self { tree: tree.to_owned(), all, names: Vec::new(), links: Vec::new(), table, hasher }
    }

    pub(super) fn find(&self, above: u32, name: &[u8]) -> Option<u32> {
        let is_same =
            |&at: &u32| self.all[at as usize].above == above && name_of(&self.names, &self.all[at as usize]) == name;
        self.table.find(self.hash_in(above, name), is_same).copied()
    }

    pub(super) fn above(&self, folder: u32) -> Option<u32> {
        Some(self.all[folder as usize].above).filter(|above| *above != NONE)
    }

    /// Goes along `path` from `folder`, making folders; `None` when the path leaves the tree.
    pub(super) fn descend(&mut self, folder: u32, path: &str) -> Option<u32> {
        let mut at = folder;
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => at = self.above(at)?,
                name => at = self.step(at, name.as_bytes()),
            }
        }
        Some(at)
    }

    /// The number of folders.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The folder above, and the name in it; nothing for the tree itself.
    pub(super) fn place(&self, folder: u32) -> Option<(u32, &[u8])> {
        let folder = &self.all[folder as usize];
        (folder.above != NONE).then(|| (folder.above, name_of(&self.names, folder)))
    }

    /// The folder of `name` in `above`, made when there is none.
    fn step(&mut self, above: u32, name: &[u8]) -> u32 {
        if let Some(known) = self.find(above, name) {
            return known;
        }
        if above == ROOT {
            if let Some((_, folder)) = self.links.iter().find(|(link, _)| **link == *name) {
                return *folder;
            }
            if let Some(target) = self.linked(name) {
                // What the link stands for has no link on its own way.
                let folder = self.descend(ROOT, &target).unwrap_or(ROOT);
                self.links.push((name.into(), folder));
                return folder;
            }
        }
        let new = self.all.len() as u32;
        let hash = self.hash_in(above, name);
        self.all.push(Folder { above, name: self.names.len() as u32, length: name.len() as u32 });
        self.names.extend_from_slice(name);
        let (all, names, hasher) = (&self.all, &self.names, &self.hasher);
        self.table.insert_unique(hash, new, |&at| {
            let folder = &all[at as usize];
            hasher.hash_one((folder.above, name_of(names, folder)))
        });
        new
    }

    /// The folder of the tree that a link in it stands for. Claims go through such links, the walk does not. Only the few names in
    /// the tree itself are looked at: to ask for all folders would take as long as the walk.
    fn linked(&self, name: &[u8]) -> Option<String> {
        let path = self.tree.join(std::str::from_utf8(name).ok()?);
        if !fs_err::symlink_metadata(&path).ok()?.is_symlink() {
            return None;
        }
        let (target, tree) = (fs_err::canonicalize(&path).ok()?, fs_err::canonicalize(&self.tree).ok()?);
        let inside = target.strip_prefix(tree).ok()?.to_str()?;
        target.is_dir().then(|| inside.replace(std::path::MAIN_SEPARATOR, "/"))
    }

    fn hash_in(&self, above: u32, name: &[u8]) -> u64 {
        self.hasher.hash_one((above, name))
    }

    /// A hash of a name, for whatever folder.
    pub(super) fn hash(&self, name: &[u8]) -> u32 {
        self.hasher.hash_one(name) as u32
    }
}

fn name_of<'n>(names: &'n [u8], folder: &Folder) -> &'n [u8] {
    &names[folder.name as usize..(folder.name + folder.length) as usize]
}
