//! What one run learned of files, for the next run in the same process: two states of one tree share nearly all of their files and
//! all that is installed.

use crate::observe::Installed;
use crate::run::Environments;
use depslim_model::{Facts, Reader, Settings};
use rustc_hash::{FxHashMap, FxHasher};
use std::cell::RefCell;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, RwLock};

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

/// Facts, by the file's place on this disk, by reader and settings; and what names mean in what is installed.
#[derive(Debug, Default)]
pub(crate) struct FactsByFile {
    facts: RwLock<FxHashMap<PathBuf, Vec<Remembered>>>,
    /// The same of installed code.
    installed: RwLock<FxHashMap<PathBuf, Vec<RememberedInstalled>>>,
    /// By all that the answers depend on.
    answers: Mutex<FxHashMap<u64, Installed>>,
}

/// A reader's name, the settings that it was given, and what it found.
type Remembered = (&'static str, u64, Arc<Facts>);

/// What stands for the language and the settings, and what was found.
type RememberedInstalled = (u64, Arc<Facts>);

impl FactsByFile {
    /// What a reader found in a file, if it was read.
    pub(crate) fn get(&self, file: &Path, reader: &Reader, settings: &Settings) -> Option<Arc<Facts>> {
        let settings = key(settings);
        let all = self.facts.read().ok()?;
        let found = all.get(file)?.iter().find(|(name, of, _)| *name == reader.name && *of == settings)?;
        Some(Arc::clone(&found.2))
    }

    /// Remembers what a reader found in a file.
    pub(crate) fn put(&self, file: PathBuf, reader: &Reader, settings: &Settings, facts: Arc<Facts>) {
        if let Ok(mut all) = self.facts.write() {
            all.entry(file).or_default().push((reader.name, key(settings), facts));
        }
    }

    /// What readers of installed code are given, as a key: asked for once, not for each of thousands of files.
    pub(crate) fn installed_key(ecosystem: &str, settings: &Settings) -> u64 {
        let mut hasher = FxHasher::default();
        (ecosystem, settings).hash(&mut hasher);
        hasher.finish()
    }

    /// What an installed file says, if it was read.
    pub(crate) fn installed(&self, file: &Path, key: u64) -> Option<Arc<Facts>> {
        let all = self.installed.read().ok()?;
        all.get(file)?.iter().find(|(of, _)| *of == key).map(|(_, facts)| Arc::clone(facts))
    }

    /// Remembers what an installed file says.
    pub(crate) fn put_installed(&self, file: PathBuf, key: u64, facts: Arc<Facts>) {
        if let Ok(mut all) = self.installed.write() {
            all.entry(file).or_default().push((key, facts));
        }
    }

    /// What an earlier run found out about the names of an installed world. It is given away: one run at a time asks.
    pub(crate) fn answers(&self, world: u64) -> Option<Installed> {
        self.answers.lock().ok()?.remove(&world)
    }

    /// Keeps what a run found out about an installed world.
    pub(crate) fn keep(&self, world: u64, answers: Installed) {
        if let Ok(mut all) = self.answers.lock() {
            all.insert(world, answers);
        }
    }
}

fn key(settings: &Settings) -> u64 {
    let mut hasher = FxHasher::default();
    settings.hash(&mut hasher);
    hasher.finish()
}
