//! Proof: what production would ship is built beside the original, run, and either stands or tells what it lacks.
//!
//! * [`case`]: what is to be proved, as plain data.
//! * `copy`: the slimmed copy, by hard links where nothing can write through them.
//! * `sandbox`: what a run is kept from, and what it sees where.
//! * `process`: one run: its time, its output, and everything that it started.
//! * `lacks`: from the words of a failure to the package that is missing.
//! * `watch`: what a run loads.
//! * `trim`: files inside of packages that stay, and debug sections.
//! * `search`: runs, puts back, runs again; and tries one by one where the words say nothing.
//!
//! This is the only crate that runs anything of the user's, and only the user's command or the ecosystem's default.

pub mod case;

mod claims;
mod copy;
mod error;
mod lacks;
mod place;
mod process;
mod project;
mod sandbox;
mod search;
mod tree;
mod trim;
mod watch;

pub use case::{Case, Cut, Limits, Manifest, Unit};
pub use error::Error;
pub use search::prove;
pub use tree::plain;
