//! What an analysis is told: which part of the tree, which target, which settings.

use depslim_model::{Bytes, Settings, Target};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Told the name of each stage that begins.
pub type Progress = Arc<dyn Fn(&str) + Send + Sync>;

/// What [`crate::analyze`] is told. `Options::default()` is what `depslim` does without flags and configuration.
#[derive(Clone)]
pub struct Options {
    /// Ecosystems to look for, by name; empty for all.
    pub ecosystems: Vec<String>,
    /// Globs, relative to the root, that are left out beside what ignore files say.
    pub exclude: Vec<String>,
    /// The platform that locks and conditions are read for.
    pub target: Target,
    /// Threshold in bytes of what only one package brings (SLIM003).
    pub heavy: Bytes,
    /// Ecosystem tables of the configuration, by ecosystem name (`[python]`).
    pub settings: BTreeMap<String, Settings>,
    /// Per-folder overrides of the ecosystem tables: (folder relative to the root, ecosystem, table).
    pub folder_settings: Vec<(String, String, Settings)>,
    /// Packages that stay whatever is found, `ecosystem:name` with globs, and why.
    pub keep: Vec<(String, String)>,
    /// Threads; `None` for the number of cores.
    pub jobs: Option<usize>,
    /// Environment variables that a search for environments may read.
    pub variables: BTreeMap<String, String>,
    /// Fill depslim's own cache with the locked set when a project has no environment (`--install`), below this folder.
    pub install_into: Option<std::path::PathBuf>,
    /// Told which stage begins; for progress bars.
    pub progress: Option<Progress>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ecosystems: Vec::new(),
            exclude: Vec::new(),
            target: Target::default(),
            heavy: 25_000_000,
            settings: BTreeMap::new(),
            folder_settings: Vec::new(),
            keep: Vec::new(),
            jobs: None,
            variables: BTreeMap::new(),
            install_into: None,
            progress: None,
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("ecosystems", &self.ecosystems)
            .field("exclude", &self.exclude)
            .field("target", &self.target)
            .field("heavy", &self.heavy)
            .finish_non_exhaustive()
    }
}
