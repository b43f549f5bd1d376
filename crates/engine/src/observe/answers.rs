//! Answers by three names, remembered: thousands of files ask for the same few modules.

use super::Found;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// What was found out, by three names. Asking for a known answer allocates nothing.
#[derive(Debug, Default)]
pub(super) struct Answers {
    known: FxHashMap<String, Arc<Found>>,
    /// Answers that were forgotten. They stay, so that one answer's address is never another's.
    retired: Vec<Arc<Found>>,
    key: String,
}

impl Answers {
    /// The answer, if it is known.
    pub(super) fn get(&mut self, names: [&str; 3]) -> Option<Arc<Found>> {
        self.key.clear();
        for name in names {
            self.key.push_str(name);
            self.key.push('\0');
        }
        self.known.get(self.key.as_str()).cloned()
    }

    /// Remembers an answer.
    pub(super) fn put(&mut self, names: [&str; 3], found: Found) -> Arc<Found> {
        let found = Arc::new(found);
        let key = names.iter().flat_map(|name| [*name, "\0"]).collect();
        self.known.insert(key, Arc::clone(&found));
        found
    }

    /// Forgets everything: the same question is looked into again.
    pub(super) fn clear(&mut self) {
        self.retired.extend(self.known.drain().map(|(_, found)| found));
    }
}

/// Answers that were dealt with already, told apart by identity: a resolver never gives the same address to two of them.
#[derive(Debug, Default)]
pub(super) struct Done(FxHashSet<usize>);

impl Done {
    /// True the first time.
    pub(super) fn is_new(&mut self, found: &Arc<Found>) -> bool {
        self.0.insert(Arc::as_ptr(found) as usize)
    }
}
