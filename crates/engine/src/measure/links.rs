//! Files with several names: each counts once, for the right owner.

use super::claims::NONE;
use super::places::Places;
use super::tally::Stat;
use std::cmp::Ordering;

/// One name of a file that has several.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) stat: Stat,
    pub(super) owner: u32,
    pub(super) place: u32,
    /// Index of its kept name, or [`NONE`].
    pub(super) name: u32,
}

impl std::ops::Deref for Link {
    type Target = Stat;

    fn deref(&self) -> &Stat {
        &self.stat
    }
}

impl Link {
    /// What tells two files apart.
    pub(super) fn key(&self) -> (u32, u64) {
        (self.stat.device, self.stat.inode)
    }

    /// The link with its name's index moved by `names`.
    pub(super) fn renumbered(self, names: u32) -> Self {
        Self { name: if self.name == NONE { NONE } else { self.name + names }, ..self }
    }
}

/// Chooses one name for each inode, notes it in the places, and hands it to `count` with the number of its names in the tree.
/// `all` is sorted in runs by [`Link::key`]. The choice does not depend on the order in which the names were found: a name with
/// an owner before one without, then by path.
pub(super) fn settle(mut all: Vec<Link>, places: &mut Places, mut count: impl FnMut(&Link, u32)) {
    // Stable on purpose: this sort finds the sorted runs and merges them.
    all.sort_by_key(Link::key);
    for same in all.chunk_by(|a, b| a.key() == b.key()) {
        let Some(best) = same.iter().min_by(|a, b| order(a, b, places)) else { continue };
        count(best, same.len() as u32);
        if best.owner == NONE {
            places.linked(best.place, best.name, best.stat.bytes);
        }
    }
}

fn parts(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    // The tree itself has no part.
    path.split(|byte| *byte == b'/').filter(|part| !part.is_empty())
}

fn order(a: &Link, b: &Link, places: &Places) -> Ordering {
    let nobody = |link: &Link| link.owner == NONE;
    nobody(a)
        .cmp(&nobody(b))
        .then_with(|| parts(places.path(a.place)).cmp(parts(places.path(b.place))))
        .then_with(|| a.owner.cmp(&b.owner))
        .then_with(|| places.name(a.name).cmp(places.name(b.name)))
}
