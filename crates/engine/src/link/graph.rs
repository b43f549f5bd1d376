//! The package graph of one project: what is known of each package, and what its names mean.

use super::sight::Sight;
use depslim_model::{Ecosystem, Facts, Provide, Require, Role};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Where a package is known from, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// Installed in the environment: its metadata and files are there.
    Installed,
    /// In the lock.
    Locked,
    /// Only named by a declaration; what it requires is told by a table of known facts.
    Listed,
    /// Only named by a declaration.
    Declared,
}

/// A package of the graph.
#[derive(Debug, Clone)]
pub struct Node {
    /// Canonical name.
    pub canonical: String,
    /// What is known of it.
    pub provide: Provide,
    /// The lock's word on it, when it is installed too.
    pub locked: Option<Provide>,
    /// What it requires.
    pub requires: Vec<Require>,
    /// Where it is known from.
    pub known: Known,
    /// Folder that its modules are looked up in, when installed.
    pub site: Option<PathBuf>,
    /// What leads from its metadata up to that folder (`../`), as the paths of what it owns begin.
    pub up: String,
    /// The folder that its metadata lies in, when installed.
    pub folder: Option<PathBuf>,
    /// Which packages are meant by what it requires, where one name may stand for several; else empty.
    pub(super) leads: Vec<Option<u32>>,
}

impl Node {
    /// The package's URL ([purl](https://github.com/package-url/purl-spec)).
    pub fn purl(&self, ecosystem: &Ecosystem) -> String {
        // What stands before a colon is the package's namespace.
        let name = self.canonical.replace('@', "%40").replace(':', "/");
        let version = &self.provide.version;
        if version.is_empty() {
            format!("pkg:{}/{name}", ecosystem.purl)
        } else {
            format!("pkg:{}/{name}@{version}", ecosystem.purl)
        }
    }
}

/// A declaration of the project.
#[derive(Debug, Clone)]
pub struct Declared {
    /// The declared package.
    pub package: u32,
    /// The declaration.
    pub require: Require,
    /// The file that holds it.
    pub file: String,
    /// What that file is for.
    pub role: Role,
    /// False when the target does not need it. Such lines are judged only where every line is ([`Ecosystem::by_name`]).
    pub here: bool,
}

/// What a table of known facts tells of a package that neither is installed nor locked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Canonical names of what it requires.
    pub requires: Vec<String>,
    /// It is there only for what it brings: the project uses that, and does not declare it.
    pub gathers: bool,
}

/// The package graph of one project.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// Packages, by canonical name.
    pub nodes: Vec<Node>,
    /// Declarations whose condition holds on the target, in the order of files and lines.
    pub declared: Vec<Declared>,
    /// Declarations that the target does not need: (file, declaration).
    pub elsewhere: Vec<(String, Require)>,
    /// Packages of hand-written production lists: (file, declarations).
    pub lists: Vec<(String, Vec<Require>)>,
    /// The package of each entry of what is installed, in that order.
    pub installed: Vec<Option<u32>>,
    /// What the project means by a name.
    pub(super) index: HashMap<String, u32>,
    /// All packages of a name that has several.
    pub(super) copies: HashMap<String, Vec<u32>>,
    pub(super) sight: Sight,
}

/// What an installed environment holds, by package: the folder its modules are looked up in, its metadata file, and its facts.
pub type Installed = [(PathBuf, PathBuf, Facts)];

impl Graph {
    /// The package with this canonical name: the one that the project means, where there are several.
    pub fn find(&self, canonical: &str) -> Option<u32> {
        self.index.get(canonical).copied()
    }

    /// Every name that stands for several packages, with those, in the order of names.
    pub fn several(&self) -> Vec<(&str, &[u32])> {
        let mut all: Vec<(&str, &[u32])> =
            self.copies.iter().map(|(name, copies)| (name.as_str(), copies.as_slice())).collect();
        all.sort_unstable();
        all
    }

    /// What a package means by a name: its own copy, where there are several.
    pub fn seen_by(&self, package: u32, canonical: &str) -> Option<u32> {
        match self.copies.get(canonical) {
            None => self.find(canonical),
            Some(_) if self.node(package).canonical == canonical => Some(package),
            Some(_) => {
                let folder = self.node(package).folder.as_deref();
                folder.and_then(|folder| self.sight.seen_from(folder, canonical)).or_else(|| self.find(canonical))
            }
        }
    }

    /// The package that is meant by one of the requirements of `package`, given its place in the list.
    pub fn required(&self, ecosystem: &Ecosystem, package: u32, at: usize) -> Option<u32> {
        let node = self.node(package);
        match node.leads.get(at) {
            Some(lead) => *lead,
            None => self.find(&(ecosystem.canonical)(&node.requires.get(at)?.name)),
        }
    }

    /// True when the name stands for several packages.
    pub fn has_several(&self, canonical: &str) -> bool {
        self.copies.contains_key(canonical)
    }

    /// The package.
    pub fn node(&self, package: u32) -> &Node {
        &self.nodes[package as usize]
    }

    /// Declarations of a package.
    pub fn declarations(&self, package: u32) -> impl Iterator<Item = &Declared> {
        self.declared.iter().filter(move |d| d.package == package)
    }
}

/// What an environment holds, as linking needs it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place<'a> {
    /// By package.
    pub installed: &'a Installed,
    /// Folders that modules are looked up in.
    pub sites: &'a [PathBuf],
    /// Packages that are found in a site though they lie elsewhere.
    pub links: &'a [(PathBuf, PathBuf)],
    /// The project's folder on this disk.
    pub folder: Option<&'a Path>,
    /// It was installed for a later state of the project: where the lock names another version, the lock is right.
    pub past: bool,
}
