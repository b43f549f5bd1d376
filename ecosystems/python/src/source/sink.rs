//! Where uses are gathered: each distinct one once, with the first line of its strongest place.

use super::guard::Need;
use super::text::Lines;
use depslim_model::{How, Strength, Use};
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::{Hash, Hasher};

/// Gathers the uses of one file.
#[derive(Debug)]
pub(super) struct Sink<'a> {
    lines: &'a Lines,
    uses: Vec<Use>,
    /// Index of each use that is kept once, by hash.
    known: FxHashMap<u64, u32>,
}

impl<'a> Sink<'a> {
    pub(super) fn new(lines: &'a Lines) -> Self {
        Self { lines, uses: Vec::new(), known: FxHashMap::default() }
    }

    pub(super) fn line(&self, offset: usize) -> u32 {
        self.lines.of(offset)
    }

    /// Adds a use, however often it was seen before.
    pub(super) fn add(&mut self, how: How, name: String, value: String, need: Need, offset: usize) {
        let line = self.line(offset);
        self.uses.push(Use { how, name, value, strength: need.strength(), line });
    }

    /// Adds a use unless it is known; a stronger place replaces a weaker one.
    pub(super) fn add_once(&mut self, how: How, name: &str, value: &str, need: Need, offset: usize) {
        let mut hasher = FxHasher::default();
        (how, name, value).hash(&mut hasher);
        let mut hash = hasher.finish();
        while let Some(&index) = self.known.get(&hash) {
            let known = &mut self.uses[index as usize];
            if known.how == how && known.name == name && known.value == value {
                if known.strength < need.strength() {
                    known.strength = need.strength();
                    known.line = self.lines.of(offset);
                }
                return;
            }
            // Another use with the same hash: look in the next place.
            hash = hash.wrapping_add(1);
        }
        self.known.insert(hash, self.uses.len() as u32);
        self.add(how, name.to_owned(), value.to_owned(), need, offset);
    }

    /// The uses by line; all of them for type checkers only when `stub` says that the file is.
    pub(super) fn finish(mut self, stub: bool) -> Vec<Use> {
        self.uses.sort_by_key(|one| one.line);
        if stub {
            for one in &mut self.uses {
                one.strength = Strength::Types;
            }
        }
        self.uses
    }
}
