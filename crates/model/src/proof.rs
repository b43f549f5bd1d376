//! How it is shown that what ships runs: what an ecosystem says of copies, trials and the words of failures, as plain data.

use std::collections::BTreeMap;
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
    /// What is made once in the scratch folder before anything is run there: its command, the files that it needs. Its last line of
    /// output is shown. `None` when nothing has to be made.
    pub prepare: Option<fn(&Trial<'_>) -> Script>,
    /// Folders of the scratch folder that hold programs which were made there; they are looked through before any other.
    pub made: &'static [&'static str],
    /// How a run is made to tell what it loads.
    pub watch: fn(&Trial<'_>) -> Watching,
    /// The path of a file that a line says was loaded: a line of what [`Watching::into`] holds in the end.
    pub loaded: fn(line: &str) -> Option<String>,
    /// Files that tell of a package and are none of its code: globs relative to an installed tree. That they are loaded does not mean
    /// that the package is, and they are never trimmed.
    pub about: &'static [&'static str],
    /// Files of installed packages that are there for others than those who run them.
    pub trims: &'static [Trim],
}

/// How a run is made to tell what it loads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watching {
    /// Variables. Where a run has one of that name already, both are joined by the text: name, value, text between.
    pub variables: Vec<(String, String, String)>,
    /// Files that it needs in the scratch folder: path below it and text.
    pub files: Vec<(String, String)>,
    /// A folder of the scratch folder whose files hold what was loaded, a line each.
    pub into: String,
    /// That a file is opened says nothing: all are searched, whether something of them is loaded or not.
    pub opens_all: bool,
}

/// For what is built rather than run.
pub fn unwatched(_: &Trial<'_>) -> Watching {
    Watching::default()
}

/// Files of one kind inside of installed packages that programs seldom load. That a name looks like one of these decides nothing:
/// only what no run loads and no code names may go.
#[derive(Debug, Clone, Copy)]
pub struct Trim {
    /// Its kind, one of [`KINDS`].
    pub kind: &'static str,
    /// Globs over paths relative to an installed tree; `*` crosses no `/`. One that ends with `/**` means the folder as a whole.
    pub globs: &'static [&'static str],
}

/// Kinds of files that may be trimmed: name, what they are, and whether `--trim` alone means them. The others are trimmed only when
/// they are named: what one run does not load another one may.
pub const KINDS: &[(&str, &str, bool)] = &[
    ("tests", "tests", true),
    ("stubs", "type stubs", true),
    ("headers", "headers and sources of compiled code", true),
    ("archives", "static archives", true),
    ("maps", "source maps", true),
    ("docs", "documentation", true),
    ("platforms", "binaries for other platforms", true),
    ("debug", "debug sections of shared objects", true),
    ("locales", "translations", false),
    ("data", "data files", false),
];

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
    /// Files of the packages that are there, where packages are files of a place that others share, as the run sees them.
    pub packages: &'a [PathBuf],
    /// Folders of other projects of the same tree that this one requires, as the run sees them.
    pub own: &'a [PathBuf],
    /// What production's own code imports of the language's runtime, and where first.
    pub runtime: &'a BTreeMap<String, String>,
    /// Parts of the runtime that a run asked for.
    pub parts: &'a [String],
    /// Whether the default is run, not a command of the user's.
    pub default: bool,
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
    /// A part of the language's runtime, where the copy's is made of parts.
    Part,
}

/// For languages whose lists name packages as `name==version`.
pub fn pinned(name: &str, version: &str) -> String {
    if version.is_empty() { name.to_owned() } else { format!("{name}=={version}") }
}
