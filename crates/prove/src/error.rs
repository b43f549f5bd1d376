//! Why nothing could be shown, where that is nobody's verdict.

use std::io;

/// Why a proof could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The copy can't be made or changed.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The copy does not fit.
    #[error("no space left for the copy in {0}; name a folder on another disk with --cache-dir")]
    Full(String),
    /// There is nothing that could be run.
    #[error("{0}")]
    NoTrial(String),
    /// Somebody asked to stop.
    #[error("stopped")]
    Stopped,
}

impl Error {
    /// An error while the copy below `folder` was made.
    pub(crate) fn copying(error: io::Error, folder: &std::path::Path) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(folder.display().to_string()),
            io::ErrorKind::Interrupted => Self::Stopped,
            _ => Self::Io(error),
        }
    }
}
