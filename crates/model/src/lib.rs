//! The plain data that every part of depslim speaks.
//!
//! * [`facts`]: what one file says. Readers return it, the engine joins it.
//! * [`ecosystem`]: the table that describes one language to the engine.
//! * [`program`]: a built program, taken apart.
//! * [`recipe`]: how a production image is built.
//! * [`proof`]: how it is shown that what ships runs.
//! * [`report`]: what depslim says in the end; its serialised form is the JSON report.
//! * [`difference`]: what changed from one report to another.
//! * [`code`]: the rules, their names and their default severities.
//!
//! Nothing here touches a disk, a clock, a thread or an environment variable, and no type names a language.

pub mod code;
pub mod difference;
pub mod ecosystem;
pub mod exit;
pub mod facts;
pub mod program;
pub mod proof;
pub mod recipe;
pub mod report;
pub mod size;
pub mod target;

pub use code::{Code, Severity};
pub use ecosystem::{Contents, Ecosystem, Emission, Emitter, Environment, Host, Layer, Reader, Settings, Source};
pub use facts::{
    Alias, Artifact, Command, Entry, Export, Facts, Group, How, IdleFeature, Include, Install, Manifest, Owns, Plugin,
    Problem, Provide, Require, Role, Stage, Strength, Use,
};
pub use program::Program;
pub use proof::Proof;
pub use recipe::{Makes, Recipe, RecipeRequest, Runtime, Step};
pub use report::{Confidence, Edit, Evidence, EvidenceKind, Finding, Fix, Location, Package, Project, Report, Scope};
pub use size::human;
pub use target::Target;

/// A size in bytes.
pub type Bytes = u64;

/// The file beside what `export` wrote that lists it, a path relative to its own folder a line, `#` for comments: `export` may
/// replace what is listed, and an analysis leaves it out.
pub const EXPORTED: &str = ".depslim-export";
