//! What the production image of a project really needs: analysis as a library.

mod options;
pub mod policy;

pub use depslim_model as model;
pub use options::{FolderOptions, Keep, Options, Progress};

use depslim_model::Report;
use std::path::{Path, PathBuf};

/// Why an analysis could not be made at all. What concerns one file or one project is in the report instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No manifest of any known ecosystem was found.
    #[error("nothing to analyse in {} (looked for {looked_for}; {depth} levels down)", root.display())]
    Nothing {
        /// The folder.
        root: PathBuf,
        /// Names of manifests that were looked for.
        looked_for: String,
        /// How deep.
        depth: usize,
    },
    /// The folder can't be read.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// An option is wrong.
    #[error("{0}")]
    Option(String),
}

/// What `export` wrote or would write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Project id.
    pub project: String,
    /// The files, relative to the output folder.
    pub files: Vec<model::Emission>,
    /// What could not be written, and why.
    pub refused: Vec<String>,
    /// Notes for the user (a client that was not found …).
    pub notes: Vec<String>,
}

/// Analyses the tree below `root`.
pub fn analyze(root: &Path, options: &Options) -> Result<Report, Error> {
    let _ = options;
    Err(Error::Nothing { root: root.into(), looked_for: String::new(), depth: 3 })
}

/// Computes what `export` writes for every project below `root`, checked; writes nothing itself.
pub fn export(root: &Path, options: &Options) -> Result<Vec<Exported>, Error> {
    let _ = options;
    Err(Error::Nothing { root: root.into(), looked_for: String::new(), depth: 3 })
}

/// One stage's data as JSON text, for `depslim debug`: `facts`, `graph`, `uses`, `plan`, `sizes`.
pub fn debug(root: &Path, options: &Options, stage: &str) -> Result<String, Error> {
    let _ = (options, stage);
    Err(Error::Nothing { root: root.into(), looked_for: String::new(), depth: 3 })
}
