//! Counting while walking: each thread keeps a [`Tally`], in the end they are summed.

use super::claims::{Claimed, Claims, NONE, ROOT};
use super::links::{self, Link};
use super::places::{Largest, Place, Places};
use super::{Conflict, Measured, Outside, PLACES, Weight};
use std::sync::atomic::{AtomicU32, Ordering};

/// What one walk is about; shared by its threads.
#[derive(Debug)]
pub(super) struct Survey<'c> {
    claims: &'c Claims,
    derived_from: fn(&str) -> Option<String>,
    next_place: AtomicU32,
}

/// What the system says about a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) device: u32,
    pub(super) inode: u64,
    pub(super) links: u32,
    pub(super) bytes: u64,
    pub(super) on_disk: u64,
}

/// A folder that is still to be visited, as attribution sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Folder {
    /// Its number among the claims' folders, when something below it is claimed.
    node: u32,
    /// The number of the folder above it, likewise.
    above: u32,
    /// Who owns what nobody claims more closely.
    owner: u32,
    /// The place that its unowned bytes belong to.
    place: u32,
    /// It is a place of its own, below `place`.
    own_place: bool,
}

/// One thread's counts.
#[derive(Debug)]
pub(super) struct Tally<'s> {
    survey: &'s Survey<'s>,
    /// Bytes by owner; the last one is nobody.
    owners: Vec<Weight>,
    /// Claimed paths that exist, by owner.
    present: Vec<u32>,
    folders: Weight,
    entries: u64,
    links: Vec<Link>,
    places: Places,
    /// Existing entries with several owners.
    clashes: Vec<u32>,
    unreadable: Vec<(String, String)>,
    text: String,
}

impl<'c> Survey<'c> {
    pub(super) fn new(claims: &'c Claims, derived_from: fn(&str) -> Option<String>) -> Self {
        Self { claims, derived_from, next_place: AtomicU32::new(0) }
    }

    /// The tree's own folder.
    pub(super) fn root(&self) -> Folder {
        let node = if self.claims.is_empty() { NONE } else { ROOT };
        Folder { node, above: NONE, owner: self.claims.root_owner(), place: NONE, own_place: true }
    }
}

impl<'s> Tally<'s> {
    pub(super) fn new(survey: &'s Survey<'s>) -> Self {
        let owners = survey.claims.claimed.len();
        Self {
            survey,
            owners: vec![Weight::default(); owners + 1],
            present: vec![0; owners],
            folders: Weight::default(),
            entries: 0,
            links: Vec::new(),
            places: Places::default(),
            clashes: Vec::new(),
            unreadable: Vec::new(),
            text: String::new(),
        }
    }

    /// Something that can't be looked at.
    pub(super) fn unreadable(&mut self, path: &[u8], why: impl std::fmt::Display) {
        self.unreadable.push((String::from_utf8_lossy(path).into_owned(), why.to_string()));
    }

    /// Counts a folder's own entry.
    pub(super) fn folder(&mut self, stat: Stat) {
        self.entries += 1;
        self.folders.add(stat.bytes, stat.on_disk);
    }

    /// Begins a folder, given its name; the tree itself has none.
    pub(super) fn visit(&mut self, folder: Folder, name: &[u8]) -> Visit<'_, 's> {
        let mut place = folder.place;
        if folder.own_place {
            place = self.survey.next_place.fetch_add(1, Ordering::Relaxed);
            self.places.add(Place { id: place, above: folder.place, name: name.into() });
        }
        // Only a name that is text can be a part of a derived file's path.
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        if let (true, Ok(name)) = (folder.above != NONE, std::str::from_utf8(name)) {
            text.push_str(name);
            text.push('/');
        }
        let prefix = text.len();
        Visit {
            tally: self,
            folder: Folder { place, ..folder },
            text,
            prefix,
            owned: false,
            unowned: 0,
            largest: Largest::default(),
        }
    }

    /// The sum of all threads' counts.
    pub(super) fn sum(
        tallies: Vec<Self>,
        claims: &Claims,
        (outside, outside_absent): (Vec<Outside>, Vec<(u32, u32)>),
    ) -> Measured {
        let mut owners = vec![Weight::default(); claims.claimed.len() + 1];
        let mut missing = claims.claimed.clone();
        let mut out = Measured { outside, ..Measured::default() };
        let (mut all_links, mut places, mut clashes) = (Vec::new(), Places::default(), Vec::new());
        for tally in tallies {
            for (sum, part) in owners.iter_mut().zip(&tally.owners) {
                sum.absorb(*part);
            }
            for (missing, present) in missing.iter_mut().zip(&tally.present) {
                *missing -= present;
            }
            out.folders.absorb(tally.folders);
            out.entries += tally.entries;
            out.unreadable.extend(tally.unreadable);
            let names = places.absorb(tally.places);
            let mut links = tally.links;
            if names > 0 {
                for link in &mut links {
                    link.renumber(names);
                }
            }
            all_links.push(links);
            clashes.extend(tally.clashes);
        }
        places.index();
        links::settle(&all_links, &mut places, |link, inside| {
            let owner = (link.owner as usize).min(claims.claimed.len());
            owners[owner].add(link.bytes, link.on_disk);
            if link.links > inside {
                out.shared_outside += link.bytes;
            }
        });

        for entry in clashes {
            for &(_, other) in claims.clashes.range((entry, 0)..=(entry, NONE)) {
                missing[other as usize] -= 1;
                let (counted, path) = claims.told(entry);
                out.conflicts.push(Conflict { path, counted, other });
            }
        }
        for (owner, count) in outside_absent {
            missing[owner as usize] += count;
        }
        out.absent = (0..).zip(missing).filter(|(_, missing)| *missing > 0).collect();
        out.unowned = owners.pop().unwrap_or_default();
        out.owners = owners;
        let parts = || out.owners.iter().chain([&out.unowned, &out.folders]);
        let (total, on_disk) = (parts().map(|w| w.bytes).sum(), parts().map(|w| w.on_disk).sum());
        (out.total, out.on_disk) = (total, on_disk);
        out.unowned_places = places.unowned(PLACES);
        out.conflicts.sort_unstable();
        out.unreadable.sort_unstable();
        out
    }
}

/// One folder while its entries are read.
#[derive(Debug)]
pub(super) struct Visit<'t, 's> {
    tally: &'t mut Tally<'s>,
    folder: Folder,
    /// The folder's name and a slash, when derived files are looked for; reused for the names of files.
    text: String,
    prefix: usize,
    owned: bool,
    unowned: u64,
    /// The largest of its unowned files.
    largest: Largest,
}

impl Visit<'_, '_> {
    /// Counts an entry that is no folder.
    pub(super) fn file(&mut self, name: &[u8], stat: Stat) {
        let owner = self.owner(name);
        let tally = &mut *self.tally;
        tally.entries += 1;
        self.owned |= owner != NONE;
        let named = owner == NONE && stat.bytes > 0 && self.folder.nameable();
        if stat.links > 1 {
            let name = if named { tally.places.keep_name(name) } else { NONE };
            tally.links.push(Link { stat, owner, place: self.folder.place, name });
            return;
        }
        let slot = (owner as usize).min(tally.owners.len() - 1);
        tally.owners[slot].add(stat.bytes, stat.on_disk);
        if owner == NONE {
            self.unowned += stat.bytes;
        }
        if named {
            self.largest.push(name, stat.bytes);
        }
    }

    /// A folder below this one, for later.
    pub(super) fn folder(&mut self, name: &[u8]) -> Folder {
        let claims = self.tally.survey.claims;
        let here = self.folder;
        let mut below = Folder {
            node: NONE,
            above: here.node,
            owner: here.owner,
            place: here.place,
            own_place: here.node != NONE || here.above != NONE,
        };
        if here.node != NONE {
            below.node = claims.folder(here.node, name).unwrap_or(NONE);
            if let Some(claimed) = self.claimed(name).filter(|claimed| claimed.deep) {
                below.owner = claimed.owner;
            }
        }
        below
    }

    /// Something in this folder can't be looked at; `path` is its path relative to the tree.
    pub(super) fn unreadable(&mut self, path: &[u8], why: impl std::fmt::Display) {
        self.tally.unreadable(path, why);
    }

    /// The file's owner: who claims it, else who owns its source, else who owns the folder.
    fn owner(&mut self, name: &[u8]) -> u32 {
        if !self.folder.nameable() {
            return self.folder.owner;
        }
        let exact = self.claimed(name).map(|claimed| claimed.owner);
        exact.or_else(|| self.owner_of_source(name)).unwrap_or(self.folder.owner)
    }

    /// The claim on an entry, which exists.
    fn claimed(&mut self, name: &[u8]) -> Option<Claimed> {
        if self.folder.node == NONE {
            return None;
        }
        let claimed = self.tally.survey.claims.find(self.folder.node, name)?;
        self.tally.present[claimed.owner as usize] += 1;
        if claimed.clash {
            self.tally.clashes.push(claimed.entry);
        }
        Some(claimed)
    }

    fn owner_of_source(&mut self, name: &[u8]) -> Option<u32> {
        let Survey { claims, derived_from, .. } = self.tally.survey;
        self.text.truncate(self.prefix);
        self.text.push_str(std::str::from_utf8(name).ok()?);
        let source = derived_from(&self.text)?;
        let mut node = if self.prefix == 0 { self.folder.node } else { self.folder.above };
        let (way, file) = source.rsplit_once('/').unwrap_or(("", &source));
        for part in way.split('/').filter(|part| !part.is_empty()) {
            node = claims.folder(node, part.as_bytes())?;
        }
        (node != NONE).then(|| claims.find(node, file.as_bytes()))?.map(|claimed| claimed.owner)
    }
}

impl Drop for Visit<'_, '_> {
    fn drop(&mut self) {
        self.tally.text = std::mem::take(&mut self.text);
        if self.owned || self.unowned > 0 {
            self.tally.places.sum(self.folder.place, self.owned, self.unowned);
        }
        self.tally.places.files(self.folder.place, std::mem::take(&mut self.largest));
    }
}

impl Folder {
    /// Its unowned files may have to be named one by one, because something beside them can be owned.
    fn nameable(&self) -> bool {
        self.node != NONE || self.above != NONE
    }
}
