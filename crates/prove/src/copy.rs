//! The slimmed copy as a whole: trees of what is installed, manifests that declare less, and what a run sees of them.

use crate::case::{Case, Limits};
use crate::claims::Claims;
use crate::error::Error;
use crate::place::Place;
use crate::project;
use crate::sandbox::{Mount, Sandbox};
use crate::tree::{How, Tree};
use crate::watch::Watch;
use depslim_model::Source;
use depslim_model::ecosystem::Change;
use depslim_model::proof::{Copied, Trial, Variable};
use fs_err as fs;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The copy, and how a run sees it.
#[derive(Debug)]
pub(crate) struct Slim<'a> {
    case: &'a Case,
    limits: &'a Limits,
    place: Place,
    /// What runs are kept from.
    pub(crate) sandbox: Sandbox,
    trees: Vec<Tree>,
    /// The copy of the analysed folder, when runs get one.
    project: Option<PathBuf>,
    /// The project's folder, as runs see it.
    folder: PathBuf,
    sites: Vec<PathBuf>,
    own: Vec<PathBuf>,
    /// Files of the packages that are there, where packages are files.
    packages: Vec<PathBuf>,
    /// Parts of the runtime that runs asked for.
    pub(crate) parts: Vec<String>,
}

impl<'a> Slim<'a> {
    /// Looks through what is installed. Nothing is copied yet.
    pub(crate) fn new(
        case: &'a Case,
        limits: &'a Limits,
        claims: &Claims,
        stop: &dyn Fn() -> bool,
    ) -> Result<Self, Error> {
        let place = Place::new(&limits.scratch).map_err(|error| Error::copying(error, &limits.scratch))?;
        let sandbox = Sandbox::find(limits.network);
        fs::create_dir_all(place.folder().join(SCRATCH))?;
        let builds = case.proof.copy == Copied::Declared;
        let own = !sandbox.is_on() || limits.writable || builds;
        let project = own.then(|| place.folder().join("project"));
        if let Some(into) = &project {
            project::copy(&case.root, into, &case.trees, stop).map_err(|e| Error::copying(e, place.folder()))?;
        }
        // Without a sandbox, runs see the copies where they are.
        let moved = |path: &Path| match (&project, path.strip_prefix(&case.root)) {
            (Some(project), Ok(below)) if !sandbox.is_on() => project.join(below),
            _ => path.to_owned(),
        };
        let how = How {
            claims,
            sites: &case.sites,
            derived_from: case.ecosystem.derived_from,
            placed: case.proof.placed,
            link: sandbox.is_on(),
            shared: case.shared,
        };
        let mut trees = Vec::new();
        let installed = if builds { &[][..] } else { &case.trees };
        for (at, original) in installed.iter().enumerate() {
            let inside = original.starts_with(&case.root);
            let (copy, seen) = if sandbox.is_on() {
                (place.folder().join(format!("tree-{at}")), original.clone())
            } else if inside {
                (moved(original), moved(original))
            } else {
                let copy = place.folder().join(format!("tree-{at}"));
                (copy.clone(), copy)
            };
            trees.push(Tree::of(original, copy, seen, &how)?);
        }
        let place_of = |path: &PathBuf| {
            let tree = trees.iter().find(|tree| path.starts_with(&tree.original));
            tree.map_or_else(|| moved(path), |tree| tree.seen.join(path.strip_prefix(&tree.original).unwrap_or(path)))
        };
        let sites = case.sites.iter().map(place_of).collect();
        let folder = moved(&case.folder);
        let own = case.own.iter().map(|folder| moved(folder)).collect();
        let (packages, parts) = (Vec::new(), Vec::new());
        Ok(Self { case, limits, place, sandbox, trees, project, folder, sites, own, packages, parts })
    }

    /// Makes the copy lack the units that are out, and nothing else.
    pub(crate) fn shape(&mut self, is_out: &dyn Fn(usize) -> bool, stop: &dyn Fn() -> bool) -> Result<(), Error> {
        let folder = self.place.folder().to_owned();
        for tree in &mut self.trees {
            tree.shape(is_out, stop).map_err(|error| Error::copying(error, &folder))?;
        }
        if self.case.shared {
            let inside = self.case.units.iter().enumerate().filter(|(at, _)| !is_out(*at));
            self.packages = inside.flat_map(|(_, unit)| &unit.files).map(|file| self.seen(file)).collect();
        }
        if let (Some(project), Copied::Declared) = (&self.project, self.case.proof.copy) {
            self.declare(project, is_out)?;
        }
        Ok(())
    }

    /// Where a run sees a file of what is installed.
    fn seen(&self, file: &Path) -> PathBuf {
        let below = |tree: &Tree| Some(tree.seen.join(file.strip_prefix(&tree.original).ok()?));
        self.trees.iter().find_map(below).unwrap_or_else(|| file.to_owned())
    }

    /// The original of a file of what is installed that a run has named; `None` for any other file.
    pub(crate) fn original(&self, path: &Path) -> Option<PathBuf> {
        let below = |tree: &Tree| Some(tree.original.join(path.strip_prefix(&tree.seen).ok()?));
        self.trees.iter().find_map(below)
    }

    /// A path relative to the tree that it lies in.
    pub(crate) fn below_tree(&self, path: &Path) -> Option<PathBuf> {
        self.trees.iter().find_map(|tree| path.strip_prefix(&tree.original).ok()).map(Path::to_owned)
    }

    /// Files that are there in another form when a unit is out.
    pub(crate) fn lean(&mut self, files: &[(PathBuf, usize, PathBuf)]) {
        self.trees.iter_mut().for_each(|tree| tree.lean(files));
    }

    /// Writes manifests that do without the units that are out.
    fn declare(&self, project: &Path, is_out: &dyn Fn(usize) -> bool) -> Result<(), Error> {
        let mut changes: BTreeMap<&str, Vec<Change>> = BTreeMap::new();
        for (_, unit) in self.case.units.iter().enumerate().filter(|(at, _)| is_out(*at)) {
            for (file, change) in &unit.changes {
                changes.entry(file).or_default().push(change.clone());
            }
        }
        for manifest in &self.case.manifests {
            let to = project.join(&manifest.path);
            let source = Source { path: &manifest.path, bytes: &manifest.bytes, settings: &self.case.settings };
            match changes.get(manifest.path.as_str()) {
                None => fs::write(to, &manifest.bytes)?,
                Some(changes) => {
                    let text = (self.case.ecosystem.edit)(&source, changes)
                        .map_err(|why| Error::NoTrial(format!("{}: {why}", manifest.path)))?;
                    fs::write(to, text)?;
                }
            }
        }
        Ok(())
    }

    /// Whether the program that is run is the one of what is installed, where that has one: another one of the same name would show
    /// nothing.
    pub(crate) fn check(&self, words: &[String]) -> Result<(), Error> {
        let Some(name) = words.first().filter(|name| !name.contains('/')) else { return Ok(()) };
        let places =
            self.trees.iter().flat_map(|t| self.case.proof.programs.iter().map(|p| t.original.join(p).join(name)));
        for program in places {
            if fs::symlink_metadata(&program).is_ok() && fs::canonicalize(&program).is_err() {
                let leads = std::iter::successors(Some(program.clone()), |link| {
                    Some(link.parent()?.join(fs::read_link(link).ok()?))
                });
                let end = leads.take(16).last().unwrap_or_default();
                return Err(Error::NoTrial(format!(
                    "{} leads to {}, which is not there",
                    program.display(),
                    end.display()
                )));
            }
        }
        Ok(())
    }

    /// A folder that runs may write to.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.place.folder().join(SCRATCH)
    }

    /// The folder that marks what runs start.
    pub(crate) fn mark(&self) -> &Path {
        self.place.folder()
    }

    /// Whether runs may write into what they see as the project.
    pub(crate) fn is_writable(&self) -> bool {
        self.project.is_some()
    }

    /// What a script is written for.
    pub(crate) fn trial<T>(&self, work: impl FnOnce(&Trial<'_>) -> T) -> T {
        let trees: Vec<PathBuf> = self.trees.iter().map(|tree| tree.seen.clone()).collect();
        work(&Trial {
            folder: &self.folder,
            trees: &trees,
            sites: &self.sites,
            scratch: &self.scratch(),
            derived: self.trees.iter().any(|tree| tree.derived),
            files: &self.case.files,
            modules: &self.case.modules,
            texts: &self.case.texts,
            packages: &self.packages,
            own: &self.own,
            runtime: &self.case.runtime,
            parts: &self.parts,
            default: self.case.command.is_empty(),
        })
    }

    /// A command that runs on the copy.
    pub(crate) fn command(&self, words: &[String], watch: Option<&Watch>) -> Command {
        let path = self.search_path();
        let words = watch.map_or_else(|| words.to_vec(), |watch| watch.around(words));
        let mut command = self.sandbox.command(&words, &self.folder, &self.mounts(), &path);
        command.env("TMPDIR", if self.sandbox.is_on() { PathBuf::from("/tmp") } else { self.scratch() });
        command.env("PATH", std::env::join_paths(&path).unwrap_or_else(|_| OsString::from("/usr/bin:/bin")));
        for variable in self.trial(self.case.proof.variables) {
            match variable {
                Variable::Set(name, value) => command.env(name, value),
                Variable::Unset(name) => command.env_remove(name),
            };
        }
        command.envs(self.limits.variables.iter().map(|(name, value)| (name, value)));
        if let Some(watch) = watch {
            watch.variables(&mut command);
        }
        self.place.mark(&mut command);
        command
    }

    /// Folders with the copy's programs, then what the caller has; those of the original are not among them where they lie elsewhere.
    fn search_path(&self) -> Vec<PathBuf> {
        let made = self.case.proof.made.iter().map(|folder| self.scratch().join(folder)).filter(|made| made.is_dir());
        let own = self.trees.iter().flat_map(|t| self.case.proof.programs.iter().map(|folder| t.seen.join(folder)));
        let theirs = std::env::var_os("PATH").unwrap_or_default();
        let elsewhere = |path: &PathBuf| {
            self.trees.iter().all(|tree| tree.seen == tree.original || !path.starts_with(&tree.original))
        };
        made.chain(own)
            .chain(std::env::split_paths(&theirs).filter(elsewhere))
            .filter(|path| path.is_absolute())
            .collect()
    }

    fn mounts(&self) -> Vec<Mount> {
        let mount = |from: &Path, at: &Path, writable| Mount { from: from.to_owned(), at: at.to_owned(), writable };
        let root = self.project.as_deref().map_or_else(
            || mount(&self.case.root, &self.case.root, false),
            |project| mount(project, &self.case.root, true),
        );
        let trees = self.trees.iter().map(|tree| mount(&tree.copy, &tree.seen, false));
        let scratch = mount(&self.scratch(), &self.scratch(), true);
        [root].into_iter().chain(trees).chain([scratch]).collect()
    }

    /// A path that a run has named, as the report gives it: relative to the analysed folder, else to a tree (then it is true).
    pub(crate) fn shown(&self, path: &str) -> (String, bool) {
        let path = crate::tree::plain(&self.folder.join(path));
        let text = |path: &Path| path.to_string_lossy().replace('\\', "/");
        for tree in &self.trees {
            if let Ok(below) = path.strip_prefix(&tree.seen) {
                return (text(below), true);
            }
        }
        let root = if self.sandbox.is_on() { Some(&self.case.root) } else { self.project.as_ref() };
        let below = root.and_then(|root| path.strip_prefix(root).ok());
        (text(below.unwrap_or(&path)), false)
    }
}

const SCRATCH: &str = "scratch";
