//! The files that production loads, one by one: what a runtime reads when the program starts and works, and what the code names as
//! files beside it. Whatever can't be told is kept.
//!
//! | module | what it owns |
//! | --- | --- |
//! | `package` | which file each of a package's modules is |
//! | `resolve` | the file that a module's name stands for, seen from another file |
//! | `folder` | whole folders, native code, licences |
//!
//! | what is seen | what is kept |
//! | --- | --- |
//! | `require("x")`, `import "x"` | the file of `x`, as the runtime would resolve it |
//! | `require("./lang/" + name)` | the folder `lang` |
//! | `path.join(__dirname, "views", name)` | the folder `views` |
//! | `__dirname` on its own | the whole folder |
//! | a computed name of which nothing is known | what the strings of that file name: modules beside it, packages that its own declares |
//! | a string of the project's own code | the file, folder or package of production of that name |

mod folder;
mod package;
mod resolve;

use crate::source::{Asked, Place, loads};
use depslim_model::ecosystem::{TraceRequest, Traced};
use resolve::{Lies, Resolver, is_installed, normal};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Endings of files that are read for what they load.
const CODE: &[&str] = &["js", "cjs", "mjs", "ts", "cts", "mts", "jsx", "tsx"];

/// Larger files are data or bundles of everything.
const LARGEST: u64 = 32 * 1024 * 1024;

/// Folders that a string hardly means: the code itself, and what is written about it.
const OWN_CODE: &[&str] = &["src", "lib", "test", "tests", "dist", "build", "app", "docs", "node_modules", "."];

/// Finds the files that production loads.
pub(crate) fn trace(request: &TraceRequest<'_>) -> Traced {
    let mut trace = Trace::new(request);
    trace.start();
    trace.run();
    trace.finish()
}

struct Trace<'a> {
    request: &'a TraceRequest<'a>,
    resolver: Resolver<'a>,
    /// Folders of the packages that production keeps, and their names.
    kept: FxHashSet<PathBuf>,
    names: FxHashMap<&'a str, &'a Path>,
    files: BTreeSet<PathBuf>,
    /// Files that are to be read, and whether the program surely comes by.
    open: Vec<(PathBuf, bool)>,
    /// Those that it may not come by.
    later: Vec<PathBuf>,
    homes: FxHashSet<PathBuf>,
    folders: FxHashSet<(PathBuf, String)>,
    notes: BTreeSet<String>,
    platform: String,
}

impl<'a> Trace<'a> {
    fn new(request: &'a TraceRequest<'a>) -> Self {
        let processor = match request.target.arch.as_str() {
            "x86_64" => "x64",
            "aarch64" => "arm64",
            other => other,
        };
        let real = |folder: &PathBuf| fs_err::canonicalize(folder).unwrap_or_else(|_| folder.clone());
        Self {
            request,
            resolver: Resolver::new(request.root, request.target),
            kept: request.packages.iter().map(|package| real(&package.folder)).collect(),
            names: request.packages.iter().map(|package| (package.name.as_str(), package.folder.as_path())).collect(),
            files: BTreeSet::new(),
            open: Vec::new(),
            later: Vec::new(),
            homes: FxHashSet::default(),
            folders: FxHashSet::default(),
            notes: BTreeSet::new(),
            platform: format!("{}-{processor}", request.target.os),
        }
    }

    fn start(&mut self) {
        let started: Vec<PathBuf> =
            self.request.starts.iter().filter_map(|start| self.resolver.file_or_folder(start)).collect();
        if started.is_empty() {
            if !self.request.sources.is_empty() {
                let what =
                    "nothing of what production starts is here; traced from the sources: build the project first";
                self.notes.insert(what.to_owned());
            }
            self.open.extend(self.request.sources.iter().map(|file| (file.clone(), true)));
        }
        self.open.extend(started.into_iter().map(|file| (file, true)));
        for package in self.request.packages.iter().filter(|package| package.loaded) {
            self.whole_start(&package.folder);
        }
    }

    /// What a package starts with when its users load it by its name, and its programs.
    fn whole_start(&mut self, folder: &Path) {
        let from = self.request.project.join("package.json");
        let real = fs_err::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let Some(package) = self.resolver.package(&real) else { return };
        // Seen from the project the link to it is noted too.
        let mut files = self.resolver.module(&from, &package.name, false);
        files.extend(self.resolver.module(&from, &package.name, true));
        if files.is_empty() {
            files.extend(self.resolver.file_or_folder(&real));
        }
        files.extend(package.programs.iter().filter_map(|file| self.resolver.file_or_folder(&real.join(file))));
        self.open.extend(files.into_iter().map(|file| (file, false)));
    }

    fn run(&mut self) {
        // What the program surely comes by goes first: only there counts what else it can't start without.
        while let Some((file, sure)) = self.next() {
            if !file.starts_with(self.request.root) || !self.files.insert(file.clone()) {
                continue;
            }
            let home = self.resolver.home(&file);
            self.manifests(&file, &home);
            if self.homes.insert(home.clone()) && is_installed(&home) {
                self.take_home(&home);
            }
            let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            // A program may have no ending.
            if !(CODE.contains(&ending) || (ending.is_empty() && sure)) {
                continue;
            }
            if fs_err::metadata(&file).is_ok_and(|about| about.len() > LARGEST) {
                continue;
            }
            let Ok(text) = fs_err::read(&file) else { continue };
            let own = !is_installed(&file);
            let Some(path) = file.to_str() else { continue };
            for asked in loads(path, &text, own) {
                self.take(&file, &home, asked, sure, own);
            }
        }
    }

    fn next(&mut self) -> Option<(PathBuf, bool)> {
        while let Some((file, sure)) = self.open.pop() {
            if sure {
                return Some((file, true));
            }
            self.later.push(file);
        }
        self.later.pop().map(|file| (file, false))
    }

    /// The manifests that tell the runtime what a file is.
    fn manifests(&mut self, file: &Path, home: &Path) {
        for folder in file.ancestors().skip(1).take_while(|folder| folder.starts_with(home)) {
            let manifest = folder.join("package.json");
            if self.resolver.lies(&manifest) == Lies::File && !self.files.insert(manifest) {
                return;
            }
        }
    }

    /// An installed package is met for the first time.
    fn take_home(&mut self, home: &Path) {
        self.files.extend(folder::licences(home));
        self.open.extend(folder::native(home, &self.platform).into_iter().map(|file| (file, false)));
        let Some(package) = self.resolver.package(home) else { return };
        if package.platform {
            // Its libraries are loaded by other native code.
            self.take_folder(home, "", false);
        }
        for name in &package.optional {
            let Some(place) = self.resolver.place(home, name) else { continue };
            if self.kept.contains(&place) && self.resolver.package(&place).is_some_and(|package| package.platform) {
                self.open.push((place.join("package.json"), false));
            }
        }
    }

    fn take(&mut self, file: &Path, home: &Path, asked: Asked, sure: bool, own: bool) {
        match asked {
            Asked::Module { name, import, sure: needed } => {
                let mut found = self.resolver.module(file, &name, import);
                if found.is_empty() {
                    found = self.resolver.module(file, &name, !import);
                }
                self.take_modules(found, sure && needed);
            }
            Asked::Beginning(text) => self.take_beginning(file, home, &text),
            Asked::Anything => {}
            Asked::Path(place) => self.take_place(file, home, &place),
            Asked::Text(text) => self.take_text(file, home, &text, own),
        }
    }

    /// Files of other packages only come along where production keeps these, or can't start without.
    fn take_modules(&mut self, found: Vec<PathBuf>, sure: bool) {
        for file in found {
            let home = self.resolver.home(&file);
            if sure || !is_installed(&home) || self.kept.contains(&home) {
                self.open.push((file, sure));
            }
        }
    }

    /// A module whose name begins so.
    fn take_beginning(&mut self, file: &Path, home: &Path, text: &str) {
        if text.starts_with('.') {
            self.take_place(file, home, &Place::here(text, true));
            return;
        }
        let folder = file.parent().unwrap_or(home).to_owned();
        let parts = if text.starts_with('@') { 2 } else { 1 };
        if let Some((at, _)) = text.match_indices('/').nth(parts - 1) {
            // Somewhere in a package.
            if let Some(place) = self.resolver.place(&folder, &text[..at])
                && self.kept.contains(&place)
            {
                let (inside, begins) = text[at + 1..].rsplit_once('/').unwrap_or(("", &text[at + 1..]));
                self.take_folder(&place.join(inside), begins, false);
            }
            return;
        }
        if text.len() < 3 {
            return;
        }
        // Any package of a name that begins so.
        let names: Vec<&str> = self.names.keys().copied().filter(|name| name.starts_with(text)).collect();
        for name in names {
            let found = self.resolver.module(file, name, false);
            self.take_modules(found, false);
            if let Some(place) = self.resolver.place(&folder, name) {
                self.take_modules(vec![place.join("package.json")], false);
            }
        }
    }

    /// A path that code tells.
    fn take_place(&mut self, file: &Path, home: &Path, place: &Place) {
        let base = if place.started { self.request.project } else { file.parent().unwrap_or(home) };
        let (text, open) = cut_at_pattern(&place.path, place.open);
        let Some(path) = normal(&base.join(text)) else { return };
        let inside = if is_installed(home) { home } else { self.request.root };
        if !path.starts_with(inside) {
            return;
        }
        let lies = self.resolver.lies(&path);
        if lies == Lies::Nothing
            && let Some(otherwise) = &place.otherwise
        {
            let place = Place { path: otherwise.clone(), otherwise: None, ..place.clone() };
            return self.take_place(file, home, &place);
        }
        if lies == Lies::File {
            self.open.push((path, false));
        } else if open && !(lies == Lies::Folder && (text.ends_with('/') || text.ends_with('.'))) {
            let begins = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if let Some(folder) = path.parent().filter(|folder| folder.starts_with(inside)) {
                self.take_folder(folder, begins, false);
            }
        } else if lies == Lies::Folder {
            self.take_folder(&path, "", true);
        } else if let Some(module) = self.resolver.file_or_folder(&path) {
            self.open.push((module, false));
        }
    }

    /// A string: in the project's own code a file, a folder or a package; in a package that loads what it is told, a module.
    fn take_text(&mut self, file: &Path, home: &Path, text: &str, own: bool) {
        let dotted = text.starts_with("./") || text.starts_with("../");
        if dotted {
            let found = self.resolver.module(file, text, false);
            let found: Vec<PathBuf> = found.into_iter().filter(|found| found.starts_with(home)).collect();
            self.open.extend(found.into_iter().map(|file| (file, false)));
        }
        if !own {
            let Some(package) = self.resolver.package(home) else { return };
            let known = package.declares.iter().chain(&package.optional).any(|name| text == name);
            if known {
                let found = self.resolver.module(file, text, false);
                self.take_modules(found, false);
            }
            return;
        }
        if self.names.contains_key(text) {
            let found = self.resolver.module(file, text, false);
            self.take_modules(found, false);
        }
        let (path, open) = cut_at_pattern(text, false);
        let path = if open { path.rsplit_once('/').map_or("", |(folder, _)| folder) } else { path };
        let plain = path.trim_start_matches("./").trim_end_matches('/');
        if plain.is_empty() || plain.starts_with("..") || OWN_CODE.contains(&plain) || is_installed(Path::new(plain)) {
            return;
        }
        let path = self.request.project.join(plain);
        match self.resolver.lies(&path) {
            Lies::File => self.open.push((path, false)),
            Lies::Folder => self.take_folder(&path, "", true),
            Lies::Nothing => {}
        }
    }

    /// All of a folder; `begins` is what the names in it begin with.
    fn take_folder(&mut self, folder: &Path, begins: &str, whole: bool) {
        if !self.folders.insert((folder.to_owned(), begins.to_owned())) {
            return;
        }
        // The project's own folder as a whole is nobody's assets.
        if !is_installed(folder)
            && (self.request.project.starts_with(folder)
                || self.resolver.lies(&folder.join("node_modules")) == Lies::Folder)
        {
            if whole || begins.is_empty() {
                let shown = folder.strip_prefix(self.request.root).unwrap_or(folder).display().to_string();
                let shown = if shown.is_empty() { ".".to_owned() } else { shown };
                self.notes.insert(format!(
                    "files of {shown} are loaded by computed names; those were not told apart, and are left out"
                ));
            }
            return;
        }
        self.open.extend(folder::files(folder, begins).into_iter().map(|file| (file, false)));
    }

    fn finish(self) -> Traced {
        let mut files = self.files;
        files.extend(self.resolver.links);
        let bytes = files.iter().filter_map(|file| fs_err::symlink_metadata(file).ok()).map(|about| about.len()).sum();
        Traced { files: files.into_iter().collect(), bytes, notes: self.notes.into_iter().collect() }
    }
}

/// A path up to the first sign of a pattern, and whether it goes on.
fn cut_at_pattern(text: &str, open: bool) -> (&str, bool) {
    match text.find(['*', '{', '?', '[']) {
        Some(at) => (&text[..at], true),
        None => (text, open),
    }
}

#[cfg(test)]
mod tests;
