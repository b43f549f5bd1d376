//! What is to be proved, as plain data: the project, what is installed for it, and what production would do without.

use depslim_model::ecosystem::Change;
use depslim_model::{Bytes, Ecosystem, Proof, Settings};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// What is to be proved.
#[derive(Debug, Clone)]
pub struct Case {
    /// The language.
    pub ecosystem: &'static Ecosystem,
    /// What it says of proofs.
    pub proof: &'static Proof,
    /// The analysed folder.
    pub root: PathBuf,
    /// The project's folder in it.
    pub folder: PathBuf,
    /// The trees of what is installed.
    pub trees: Vec<PathBuf>,
    /// Whether those trees hold packages of others too: then only what the units claim is copied, and packages are files.
    pub shared: bool,
    /// Folders of other projects of the same tree that this one requires.
    pub own: Vec<PathBuf>,
    /// Folders that modules are looked up in.
    pub sites: Vec<PathBuf>,
    /// Everything that can be left out or be there.
    pub units: Vec<Unit>,
    /// The user's command; empty for the ecosystem's default.
    pub command: Vec<String>,
    /// Files of production, relative to the project's folder.
    pub files: Vec<String>,
    /// Modules of packages that production's code names.
    pub modules: Vec<String>,
    /// Small files at the top of the project's folder and of its `src`: path and text.
    pub texts: Vec<(String, String)>,
    /// What production's own code imports of the language's runtime, and where first.
    pub runtime: BTreeMap<String, String>,
    /// The project's manifests, where the copy declares less.
    pub manifests: Vec<Manifest>,
    /// The ecosystem's table of the configuration.
    pub settings: Settings,
}

/// A package, or a line of a manifest.
#[derive(Debug, Clone, Default)]
pub struct Unit {
    /// Package id.
    pub id: String,
    /// Name as its metadata writes it.
    pub name: String,
    /// Name for comparing.
    pub canonical: String,
    /// Exact version; empty when unknown.
    pub version: String,
    /// Apparent bytes.
    pub bytes: Bytes,
    /// Its files, absolute.
    pub files: Vec<PathBuf>,
    /// Folders of which everything that nobody else claims is its own, absolute.
    pub trees: Vec<PathBuf>,
    /// Modules that it supplies.
    pub modules: Vec<String>,
    /// Programs that it installs.
    pub programs: Vec<String>,
    /// Units that come along with it, by their place: what it requires.
    pub needs: Vec<usize>,
    /// Changes by which manifests, relative to the root, do without it.
    pub changes: Vec<(String, Change)>,
    /// Places that are known to use it: file and line, relative to the root or to a tree.
    pub seen: Vec<(String, u32)>,
    /// Whether production would do without it.
    pub out: bool,
    /// What it is a part of, when it is files inside of a package that stays.
    pub cut: Option<Cut>,
}

/// Files inside of a package that nothing may load.
#[derive(Debug, Clone, Default)]
pub struct Cut {
    /// The package, by its place.
    pub of: usize,
    /// Their kind.
    pub kind: &'static str,
    /// The folder that they fill, relative to the tree.
    pub folder: Option<PathBuf>,
    /// Their paths relative to the tree.
    pub paths: Vec<PathBuf>,
    /// Shared objects with debug sections, absolute; then there is nothing to remove.
    pub objects: Vec<PathBuf>,
    /// Code that names them: `file:line`.
    pub named: Option<String>,
}

/// A manifest.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Path relative to the root.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// How a proof may run.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Longest time of one run.
    pub timeout: Duration,
    /// Whether runs may use the network.
    pub network: bool,
    /// Whether runs get a copy of the project that they may write to.
    pub writable: bool,
    /// Variables of every run.
    pub variables: Vec<(String, String)>,
    /// Whether to tell what of what stays is never loaded.
    pub watch: bool,
    /// Kinds of files to take out of packages that stay ([`depslim_model::proof::KINDS`]).
    pub trim: Vec<&'static str>,
    /// Folder for copies; on the disk of what is installed, files are linked rather than copied.
    pub scratch: PathBuf,
}
