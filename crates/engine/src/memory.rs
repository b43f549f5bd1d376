//! What one run learned of files, for the next run in the same process: two states of one tree share nearly all of their files and
//! all that is installed.

use crate::run::Environments;
use depslim_model::{Facts, Reader, Settings};
use rustc_hash::{FxHashMap, FxHasher};
use std::cell::RefCell;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

/// Facts of files and environments. Files must not change between the runs that share one.
#[derive(Default)]
pub struct Memory {
    pub(crate) facts: Arc<FactsByFile>,
    pub(crate) environments: RefCell<Environments>,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}

/// Facts, by the file's place on this disk, by reader and settings.
#[derive(Debug, Default)]
pub(crate) struct FactsByFile(RwLock<FxHashMap<PathBuf, Vec<Remembered>>>);

/// A reader's name, the settings that it was given, and what it found.
type Remembered = (&'static str, u64, Arc<Facts>);

impl FactsByFile {
    /// What a reader found in a file, if it was read.
    pub(crate) fn get(&self, file: &Path, reader: &Reader, settings: &Settings) -> Option<Arc<Facts>> {
        let settings = key(settings);
        let all = self.0.read().ok()?;
        let found = all.get(file)?.iter().find(|(name, of, _)| *name == reader.name && *of == settings)?;
        Some(Arc::clone(&found.2))
    }

    /// Remembers what a reader found in a file.
    pub(crate) fn put(&self, file: PathBuf, reader: &Reader, settings: &Settings, facts: Arc<Facts>) {
        if let Ok(mut all) = self.0.write() {
            all.entry(file).or_default().push((reader.name, key(settings), facts));
        }
    }
}

fn key(settings: &Settings) -> u64 {
    let mut hasher = FxHasher::default();
    settings.hash(&mut hasher);
    hasher.finish()
}
