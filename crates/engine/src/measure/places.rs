//! Where unowned bytes are, told as few places as possible: whole folders where nothing below is owned, single files else.

use super::PLACES;
use super::claims::NONE;
use std::collections::BinaryHeap;

/// A folder that unowned bytes are noted for. Folders deep inside one that nobody claims are none: their bytes go to it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Number of the place. A place has a higher number than the one above it.
    pub(super) id: u32,
    /// The place above it.
    pub(super) above: u32,
    /// Name of the folder; the tree itself has none.
    pub(super) name: Box<[u8]>,
}

/// All places that one thread came to; in the end all threads'.
#[derive(Debug, Default)]
pub(super) struct Places {
    all: Vec<Place>,
    sums: Vec<Sum>,
    files: Vec<(u32, File)>,
    names: Vec<Box<[u8]>>,
}

/// What one visit found in a place.
#[derive(Debug, Clone, Copy)]
struct Sum {
    place: u32,
    owned: bool,
    bytes: u64,
}

/// The largest files of one folder, at most [`PLACES`]: no more of them can be among the largest of all.
#[derive(Debug, Default)]
pub(super) struct Largest(BinaryHeap<File>);

/// A file; its order puts the smallest last, and of two equal ones the one whose name comes later.
#[derive(Debug, Clone, PartialEq, Eq)]
struct File {
    bytes: u64,
    name: Box<[u8]>,
}

impl Ord for File {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.bytes.cmp(&self.bytes).then_with(|| self.name.cmp(&other.name))
    }
}

impl PartialOrd for File {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Largest {
    /// Takes the file in when it is large enough.
    pub(super) fn push(&mut self, name: &[u8], bytes: u64) {
        if self.0.len() == PLACES {
            let Some(last) = self.0.peek() else { return };
            if (last.bytes, name) >= (bytes, &*last.name) {
                return;
            }
            self.0.pop();
        }
        self.0.push(File { bytes, name: name.into() });
    }
}

impl Places {
    pub(super) fn add(&mut self, place: Place) {
        self.all.push(place);
    }

    /// Notes what a visit found.
    pub(super) fn sum(&mut self, place: u32, owned: bool, bytes: u64) {
        match self.sums.last_mut() {
            Some(last) if last.place == place => {
                last.owned |= owned;
                last.bytes += bytes;
            }
            _ => self.sums.push(Sum { place, owned, bytes }),
        }
    }

    /// Notes the largest unowned files of a place.
    pub(super) fn files(&mut self, place: u32, largest: Largest) {
        self.files.extend(largest.0.into_iter().map(|file| (place, file)));
    }

    /// Keeps a name for [`Places::name`].
    pub(super) fn keep_name(&mut self, name: &[u8]) -> u32 {
        self.names.push(name.into());
        (self.names.len() - 1) as u32
    }

    /// Notes an unowned file with several names.
    pub(super) fn linked(&mut self, place: u32, name: u32, bytes: u64) {
        self.sum(place, false, bytes);
        if name != NONE {
            let name = self.names[name as usize].clone();
            self.files.push((place, File { bytes, name }));
        }
    }

    /// Adds another thread's places; returns by how much its names' indices moved.
    pub(super) fn absorb(&mut self, other: Self) -> u32 {
        let moved = self.names.len() as u32;
        self.all.extend(other.all);
        self.sums.extend(other.sums);
        self.files.extend(other.files);
        self.names.extend(other.names);
        moved
    }

    /// Puts the places in order of their numbers, after the last [`Places::absorb`].
    pub(super) fn index(&mut self) {
        self.all.sort_unstable_by_key(|place| place.id);
    }

    /// The names on the way from the tree to a place, which is itself the last.
    pub(super) fn parts(&self, place: u32) -> Vec<&[u8]> {
        let way = std::iter::successors(self.all.get(place as usize), |place| self.all.get(place.above as usize));
        let mut parts: Vec<&[u8]> = way.map(|place| &*place.name).filter(|name| !name.is_empty()).collect();
        parts.reverse();
        parts
    }

    /// A kept name; empty for [`NONE`].
    pub(super) fn name(&self, name: u32) -> &[u8] {
        self.names.get(name as usize).map_or(&[], |name| name)
    }

    /// The places to tell, the largest first.
    pub(super) fn unowned(&self, limit: usize) -> Vec<(String, u64)> {
        let mut bytes = vec![0_u64; self.all.len()];
        let mut owned = vec![false; self.all.len()];
        for sum in &self.sums {
            bytes[sum.place as usize] += sum.bytes;
            owned[sum.place as usize] |= sum.owned;
        }
        for place in self.all.iter().rev().filter(|place| place.above != NONE) {
            let (at, above) = (place.id as usize, place.above as usize);
            bytes[above] += bytes[at];
            owned[above] |= owned[at];
        }
        let whole = self.all.iter().filter(|place| {
            let (at, above) = (place.id as usize, place.above as usize);
            !owned[at] && bytes[at] > 0 && (place.above == NONE || owned[above])
        });
        let mut told: Vec<(String, u64)> =
            whole.map(|place| (self.shown(place.id, &[]), bytes[place.id as usize])).collect();
        for (place, file) in self.files.iter().filter(|(place, _)| owned[*place as usize]) {
            told.push((self.shown(*place, &file.name), file.bytes));
        }
        told.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        told.truncate(limit);
        told
    }

    /// Path of a place, or of a file in it.
    fn shown(&self, place: u32, file: &[u8]) -> String {
        let mut parts = self.parts(place);
        parts.extend((!file.is_empty()).then_some(file));
        if parts.is_empty() { ".".to_owned() } else { String::from_utf8_lossy(&parts.join(&b'/')).into_owned() }
    }
}
