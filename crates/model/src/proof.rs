//! How it is shown that what ships runs: what an ecosystem says of copies, trials and the words of failures, as plain data.

use std::path::{Path, PathBuf};

/// What an ecosystem says of a proof.
#[derive(Debug, Clone, Copy)]
pub struct Proof {
    /// What the copy is made of.
    pub copy: Copied,
    /// Folders of an installed tree that hold programs, relative to it; they are looked through before any other.
    pub programs: &'static [&'static str],
    /// Files of an installed tree that speak of the place where it lies (first lines of scripts, activation): globs relative to the
    /// tree. They are rewritten when the copy is run in another place.
    pub placed: &'static [&'static str],
    /// Variables of every run; see [`Variable`].
    pub variables: fn(&Trial<'_>) -> Vec<Variable>,
    /// What is run when the user names no command, or why there is nothing.
    pub trial: fn(&Trial<'_>) -> Result<Script, String>,
    /// What a line of a run's output says is missing, most likely last.
    pub missing: fn(line: &str) -> Vec<Missing>,
    /// The place that a line of a run's output names as one on the way to the failure: a file and a line.
    pub place: fn(line: &str) -> Option<(String, u32)>,
    /// Whether such places stand behind the line that says what is missing, not before it. Line 0 when only the file is named.
    pub places_follow: bool,
    /// How a list of production's packages names this one in this version.
    pub pin: fn(name: &str, version: &str) -> String,
}

/// What the copy is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// What is installed, less the files of packages.
    Installed,
    /// The project, with manifests that declare less: it is built.
    Declared,
}

/// What a trial is written for.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    /// The project's folder, as the run sees it.
    pub folder: &'a Path,
    /// The trees of what is installed, as the run sees them.
    pub trees: &'a [PathBuf],
    /// Folders that modules are looked up in, as the run sees them.
    pub sites: &'a [PathBuf],
    /// Whether the trees hold files that are made from others (bytecode).
    pub derived: bool,
    /// A folder that the run may write to and that holds the script's files.
    pub scratch: &'a Path,
    /// Files of production, relative to the project's folder, in order.
    pub files: &'a [String],
    /// Modules of packages that production's code names, in order.
    pub modules: &'a [String],
    /// Small files at the top of the project's folder and of its `src`: path and text.
    pub texts: &'a [(String, String)],
}

/// A variable of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    /// Has this value.
    Set(String, String),
    /// Is not set.
    Unset(String),
}

/// What is run to see whether production starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// The command.
    pub words: Vec<String>,
    /// Files that it needs in the scratch folder: name and text.
    pub files: Vec<(String, String)>,
    /// Name of the file in the scratch folder that it writes a line to for everything that it tried: `ok NAME` or `fail NAME`.
    /// What fails with everything installed too says nothing about what was left out. `None` when only its exit status counts.
    pub results: Option<String>,
    /// What it does, for people (`imports 41 modules`).
    pub about: String,
}

/// Something that a run lacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Missing {
    /// What kind of thing.
    pub what: Lack,
    /// Its name, as the output says it.
    pub name: String,
}

impl Missing {
    /// Something of this name.
    pub fn new(what: Lack, name: impl Into<String>) -> Self {
        Self { what, name: name.into() }
    }
}

/// Kinds of things that a run may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lack {
    /// A module, with the ecosystem's separator.
    Module,
    /// A package, or its metadata.
    Package,
    /// A shared library, by file name.
    Library,
    /// A program.
    Program,
    /// A file, by its path or the end of it.
    File,
}

/// For languages whose lists name packages as `name==version`.
pub fn pinned(name: &str, version: &str) -> String {
    if version.is_empty() { name.to_owned() } else { format!("{name}=={version}") }
}
