//! What the production image of a project really needs: analysis as a library.
//!
//! [`analyze`] reads a folder and gives a [`Report`]: every package with its bytes, who needs it and why, and the findings. It
//! runs nothing of the project, writes nothing, and needs no network. [`export`] computes the files that write the answer down;
//! [`policy`] decides which findings count. Rendering is another crate's work (`depslim-report`), and the report's serialised
//! form is the JSON report.
//!
//! ```
//! use depslim::{Options, analyze};
//!
//! let folder = std::env::temp_dir().join(format!("depslim-doc-{}", std::process::id()));
//! std::fs::create_dir_all(&folder)?;
//! std::fs::write(folder.join("requirements.txt"), "tqdm==4.67.1\nblack==24.1.0\n")?;
//! std::fs::write(folder.join("app.py"), "import tqdm\n")?;
//!
//! let report = analyze(&folder, &Options::default())?;
//! let project = &report.projects[0];
//! assert_eq!(project.id, ".#python");
//! // Nothing is installed here, so nothing was measured, and that is said.
//! assert!(report.findings.iter().any(|f| f.code.code() == "SLIM090"));
//! // `black` is a development tool: production does not need it.
//! let finding = report.findings.iter().find(|f| f.package == "pkg:pypi/black").expect("a finding");
//! assert_eq!((finding.code.code(), finding.location.as_ref().map(|l| l.line)), ("SLIM002", Some(2)));
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod analyze;
mod base;
mod debug;
mod export;
pub mod fix;
mod image;
mod install;
mod options;
pub mod policy;
mod prove;
mod rootfs;
mod trace;
pub mod trim;

pub use analyze::analyze;
pub use base::{Compared, compare};
pub use debug::{STAGES, debug};
pub use depslim_model as model;
pub use depslim_model::Report;
pub use export::{Exported, export};
pub use options::{FolderOptions, Keep, Options, Progress, ecosystems};
pub use prove::{ProveOptions, Watcher, configured, prove};
pub use rootfs::{Rootfs, RootfsPart, rootfs};
pub use trace::trace;

use std::path::PathBuf;

/// Why an analysis could not be made at all. What concerns one file or one project is in the report instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No manifest of any known ecosystem was found.
    #[error("nothing to analyse in {} (looked for {looked_for} in every folder)", root.display())]
    Nothing {
        /// The folder.
        root: PathBuf,
        /// Names of manifests that were looked for.
        looked_for: String,
    },
    /// The folder can't be read, or a file can't be written.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The commit to compare with can't be read.
    #[error("{0}")]
    Base(String),
    /// An option is wrong.
    #[error("{0}")]
    Option(String),
    /// Somebody asked to stop.
    #[error("stopped")]
    Stopped,
}
