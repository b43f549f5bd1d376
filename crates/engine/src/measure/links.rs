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

    /// Moves its name's index by `names`.
    pub(super) fn renumber(&mut self, names: u32) {
        if self.name != NONE {
            self.name += names;
        }
    }
}

/// Chooses one name for each inode, notes it in the places, and hands it to `count` with the number of its names in the tree.
/// The choice does not depend on the order in which the names were found: a name with an owner before one without, then by path.
pub(super) fn settle(all: &[Vec<Link>], places: &mut Places, mut count: impl FnMut(&Link, u32)) {
    let mut take = |link: &Link, places: &mut Places, names: u32| {
        count(link, names);
        if link.owner == NONE {
            places.linked(link.place, link.name, link.stat.bytes);
        }
    };
    // In an environment that was linked from a cache every file has further names, but hardly one has two of them in here.
    // Sorting all to find those would cost more than all else after the walk, so a sieve finds the few that may.
    let sieve = Sieve::new(all);
    let mut rest = Vec::new();
    for link in all.iter().flatten() {
        if sieve.may_repeat(link) {
            rest.push(*link);
        } else {
            take(link, places, 1);
        }
    }
    rest.sort_unstable_by_key(Link::key);
    for same in rest.chunk_by(|a, b| a.key() == b.key()) {
        if let Some(best) = same.iter().min_by(|a, b| order(a, b, places)) {
            take(best, places, same.len() as u32);
        }
    }
}

/// Two bits for each of many slots that inodes fall into: one is here, several are here.
struct Sieve {
    one: Vec<u64>,
    several: Vec<u64>,
    shift: u32,
}

impl Sieve {
    fn new(all: &[Vec<Link>]) -> Self {
        // 32 slots for each name: one in 32 shares its slot by chance.
        let slots = (all.iter().map(Vec::len).sum::<usize>() * 32).next_power_of_two().max(64);
        let words = vec![0; slots / 64];
        let mut sieve = Self { one: words.clone(), several: words, shift: 64 - slots.trailing_zeros() };
        for link in all.iter().flatten() {
            let (word, bit) = sieve.slot(link);
            sieve.several[word] |= sieve.one[word] & bit;
            sieve.one[word] |= bit;
        }
        sieve
    }

    fn may_repeat(&self, link: &Link) -> bool {
        let (word, bit) = self.slot(link);
        self.several[word] & bit != 0
    }

    fn slot(&self, link: &Link) -> (usize, u64) {
        let (device, inode) = link.key();
        // Multiplicative hashing: the upper bits of a product with 2^64 divided by the golden ratio.
        let slot = (inode ^ u64::from(device).rotate_left(40)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift;
        ((slot / 64) as usize, 1 << (slot % 64))
    }
}

fn order(a: &Link, b: &Link, places: &Places) -> Ordering {
    let nobody = |link: &Link| link.owner == NONE;
    nobody(a)
        .cmp(&nobody(b))
        .then_with(|| places.parts(a.place).cmp(&places.parts(b.place)))
        .then_with(|| a.owner.cmp(&b.owner))
        .then_with(|| places.name(a.name).cmp(places.name(b.name)))
}
