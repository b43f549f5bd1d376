//! A file system of its own for one program: the interpreter, its library, the kept packages, and all that these take from the
//! system, so that nothing else has to be in the image.
//!
//! Everything keeps the path that it has where it is collected: environments and scripts hold absolute paths. Nothing is run: shared
//! libraries are looked up by the loader's own rules ([`search`]), and what is loaded by name or read is told by two tables and by
//! what kept files say ([`mentions`]).

mod cache;
mod mentions;
mod records;
mod search;
mod source;
mod tables;
mod tree;

pub use source::Source;
pub use tree::{Part, Sum, Tree};

use crate::elf::{self, Elf};
use globset::{Glob, GlobSet, GlobSetBuilder};
use mentions::Mentions;
use rayon::prelude::*;
use search::{Loader, Object};
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use tables::{Runtime, What, When};

/// What is to be collected. Paths are those of the collected system.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The language.
    pub language: String,
    /// The first two parts of its runtime's version.
    pub version: String,
    /// The folder of the environment.
    pub environment: PathBuf,
    /// Files of the packages that stay.
    pub packages: Vec<PathBuf>,
    /// Those of these files whose word on libraries that they load by name does not count: another package that stays brings them.
    pub supplied: Vec<PathBuf>,
    /// The project's own files.
    pub application: Vec<PathBuf>,
    /// Libraries that packages load by name: package, and the names of which one is enough.
    pub by_name: Vec<(String, Vec<String>)>,
    /// Number of the user that the program is to run as.
    pub user: u32,
}

/// What was collected.
#[derive(Debug, Default)]
pub struct Collected {
    /// The files.
    pub tree: Tree,
    /// Where the interpreter lies.
    pub interpreter: PathBuf,
    /// What is needed and was not found.
    pub missing: Vec<Missing>,
    /// Packages of the distribution that collected files belong to.
    pub records: BTreeSet<String>,
}

/// Something that is needed and was not found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// A shared library that a file links.
    Library {
        /// Its name.
        name: String,
        /// The first file that links it.
        by: PathBuf,
    },
    /// Libraries of which a package loads one by name.
    ByName {
        /// The names.
        names: Vec<String>,
        /// The package.
        by: String,
    },
    /// A program that a script starts with (`#!`).
    Program {
        /// Its path.
        path: PathBuf,
        /// The first such script.
        by: PathBuf,
    },
}

/// Collects.
///
/// # Errors
/// When there is no interpreter, or no library of the runtime beside it: nothing could be started.
pub fn collect(source: &Source, wanted: &Wanted) -> io::Result<Collected> {
    let Some(runtime) = tables::runtime(&wanted.language, &wanted.version) else {
        return Err(nothing(format!("no runtime of {} is known that could be collected", wanted.language)));
    };
    let mut tree = Tree::default();
    let (interpreter, program) = interpreter(source, wanted, &runtime, &mut tree)?;
    for path in &wanted.packages {
        tree.add(source, path, Part::Packages);
    }
    for path in &wanted.application {
        tree.add(source, path, Part::Application);
    }
    standard_library(source, &runtime, &interpreter, &mut tree)?;

    let loader = Loader::of(source, &program);
    let mut closure = Closure::new(source, &loader, &tree);
    closure.follow_all(&mut tree, &interpreter, &program);
    closure.system(&mut tree, wanted);
    let mut missing = closure.missing();
    missing.extend(scripts(source, &tree));
    missing.sort();
    users(&mut tree, wanted.user);
    if let Some(cache) = closure.cache(program.machine) {
        tree.write_text("/etc/ld.so.cache", cache, Part::Libraries);
    }
    let records = records::add(source, &mut tree);
    Ok(Collected { tree, interpreter, missing, records })
}

fn nothing(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, message)
}

/// Adds the programs of the environment and what lies beside them; gives the first one's real path.
fn interpreter(source: &Source, wanted: &Wanted, runtime: &Runtime, tree: &mut Tree) -> io::Result<(PathBuf, Elf)> {
    let mut first: Option<(PathBuf, Elf)> = None;
    for name in &runtime.programs {
        // One that lies outside of the environment is the same runtime again.
        if first.is_some() && name.starts_with('/') {
            continue;
        }
        let path = wanted.environment.join(name);
        let Some(real) = tree.add(source, &path, Part::Interpreter) else { continue };
        if first.is_some() {
            continue;
        }
        let file = fs_err::File::open(source.on_disk(&real))?;
        match elf::read(file) {
            Ok(Some(program)) => first = Some((real, program)),
            Ok(None) => return Err(nothing(format!("{} is a script, not the interpreter itself", real.display()))),
            Err(why) => return Err(nothing(format!("{}: {why}", real.display()))),
        }
    }
    for name in &runtime.files {
        let path = wanted.environment.join(name);
        tree.add(source, &path, Part::Interpreter);
    }
    first.ok_or_else(|| {
        let path = wanted.environment.join(runtime.programs.first().unwrap_or(&""));
        nothing(format!("no interpreter: {} leads to no program here", path.display()))
    })
}

/// Adds the runtime's own folders.
fn standard_library(source: &Source, runtime: &Runtime, interpreter: &Path, tree: &mut Tree) -> io::Result<()> {
    let own: Vec<(&Path, &Path)> =
        tree.copies().filter(|(_, _, part)| *part == Part::Application).map(|(path, place, _)| (path, place)).collect();
    let words: Vec<&str> = runtime.except.iter().filter_map(|(_, unless)| *unless).collect();
    let said = mentions::look(&own, &words);
    let left_out = runtime.except.iter().filter(|(_, unless)| unless.is_none_or(|word| !said.words.contains(word)));
    let except = globs(left_out.map(|(glob, _)| *glob));
    let prefix = interpreter.parent().and_then(Path::parent).unwrap_or(Path::new("/"));
    let folder = |path: &str| format!("{path}/x");
    let keep = |path: &str| !except.is_match(path) && !except.is_match(folder(path));
    let mut found = false;
    for library in &runtime.libraries {
        found |= !tree.add_all(source, &prefix.join(library), Part::StandardLibrary, &keep).is_empty();
    }
    let Some(library) = runtime.libraries.first().filter(|_| !found) else { return Ok(()) };
    Err(nothing(format!("no standard library: {} is not here", prefix.join(library).display())))
}

fn globs<'g>(patterns: impl Iterator<Item = &'g str>) -> GlobSet {
    let mut builder = GlobSetBuilder::new();
    for glob in patterns.filter_map(|pattern| Glob::new(pattern).ok()) {
        builder.add(glob);
    }
    builder.build().unwrap_or_else(|_| GlobSet::empty())
}

/// Follows what files link, from object to object.
struct Closure<'s> {
    source: &'s Source,
    loader: &'s Loader<'s>,
    /// Names of libraries that packages bring: one of these may be there already when a file of another package asks for it.
    bundled: HashSet<String>,
    seen: HashSet<Object>,
    /// Libraries of the system: name → path that it is opened by.
    libraries: BTreeMap<String, PathBuf>,
    /// Loaders that programs ask for.
    interpreters: BTreeSet<String>,
    lacking: BTreeMap<String, PathBuf>,
    unknown: Vec<Missing>,
}

impl<'s> Closure<'s> {
    fn new(source: &'s Source, loader: &'s Loader<'s>, tree: &Tree) -> Self {
        let packages = tree.copies().filter(|(_, _, part)| *part == Part::Packages);
        let bundled = packages.filter_map(|(path, _, _)| Some(path.file_name()?.to_str()?.to_owned()));
        Self {
            source,
            loader,
            bundled: bundled.filter(|name| name.contains(".so")).collect(),
            seen: HashSet::new(),
            libraries: BTreeMap::new(),
            interpreters: BTreeSet::new(),
            lacking: BTreeMap::new(),
            unknown: Vec::new(),
        }
    }

    /// Follows every compiled file of the tree. What the interpreter passes on counts for all that it loads.
    fn follow_all(&mut self, tree: &mut Tree, interpreter: &Path, program: &Elf) {
        let start = Object { path: interpreter.to_owned(), inherited: Vec::new() };
        let inherited = self.loader.passed_on(&start, program);
        let files: Vec<PathBuf> = tree.copies().map(|(path, _, _)| path.to_owned()).collect();
        let compiled = compiled(self.source, files);
        let objects = compiled.into_iter().map(|path| Object { path, inherited: inherited.clone() });
        self.follow(tree, std::iter::once(start).chain(objects).collect());
    }

    fn follow(&mut self, tree: &mut Tree, mut open: VecDeque<Object>) {
        while let Some(object) = open.pop_front() {
            if !self.seen.insert(object.clone()) {
                continue;
            }
            let Some(elf) = self.loader.elf(&object.path) else { continue };
            if let Some(path) = &elf.interpreter
                && self.interpreters.insert(path.clone())
            {
                let path = PathBuf::from(path);
                if tree.add(self.source, &path, Part::Libraries).is_none() {
                    self.lacking.entry(path.to_string_lossy().into_owned()).or_insert_with(|| object.path.clone());
                }
                open.push_back(Object { path, inherited: Vec::new() });
            }
            let inherited = self.loader.passed_on(&object, &elf);
            for name in &elf.needed {
                if let Some(path) = self.loader.find(name, &object, &elf) {
                    self.take(tree, name, &path);
                    open.push_back(Object { path, inherited: inherited.clone() });
                } else if !self.loader.is_loader(name) && !self.bundled.contains(name) {
                    let known = self.lacking.entry(name.clone()).or_insert_with(|| object.path.clone());
                    if object.path < *known {
                        known.clone_from(&object.path);
                    }
                }
            }
        }
    }

    fn take(&mut self, tree: &mut Tree, name: &str, path: &Path) {
        let Some(real) = tree.add(self.source, path, Part::Libraries) else { return };
        if !self.source.is_own(&real) {
            self.libraries.entry(name.to_owned()).or_insert_with(|| path.to_owned());
        }
    }

    /// Adds what is loaded by name, and what programs read of the system, until nothing new comes.
    fn system(&mut self, tree: &mut Tree, wanted: &Wanted) {
        let rows: Vec<tables::Row> = tables::system().collect();
        let words: Vec<&str> =
            rows.iter().filter_map(|row| if let When::Mention(word) = row.when { Some(word) } else { None }).collect();
        let kept = |part| matches!(part, Part::Packages | Part::Application);
        let files: Vec<(&Path, &Path)> =
            tree.copies().filter(|(_, _, part)| kept(*part)).map(|(path, place, _)| (path, place)).collect();
        let said = mentions::look(&files, &words);
        let mut open: VecDeque<Object> = VecDeque::new();
        self.by_name(tree, &said, wanted, &mut open);
        self.follow(tree, open);
        let mut done: HashSet<(usize, PathBuf)> = HashSet::new();
        loop {
            let mut open = VecDeque::new();
            for (at, row) in rows.iter().enumerate() {
                for folder in self.folders(row.when, &said) {
                    if done.insert((at, folder.clone())) {
                        self.row(tree, row, &folder, &mut open);
                    }
                }
            }
            if open.is_empty() {
                break;
            }
            self.follow(tree, open);
        }
    }

    /// Libraries that files or the catalogue name.
    fn by_name(&mut self, tree: &mut Tree, said: &Mentions, wanted: &Wanted, open: &mut VecDeque<Object>) {
        let supplied: HashSet<&PathBuf> = wanted.supplied.iter().collect();
        for ((name, short), by) in &said.libraries {
            if by.iter().all(|path| supplied.contains(path)) {
                continue;
            }
            let found = if *short { self.loader.find_short(name) } else { self.loader.find_by_name(name) };
            if let Some(path) = found {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                self.take(tree, &name, &path);
                open.push_back(Object { path, inherited: Vec::new() });
            }
        }
        for (package, names) in &wanted.by_name {
            let mut any = names.iter().any(|name| self.bundled.contains(name));
            for name in names {
                if let Some(path) = self.loader.find_by_name(name) {
                    any = true;
                    self.take(tree, name, &path);
                    open.push_back(Object { path, inherited: Vec::new() });
                }
            }
            if !any && !names.is_empty() {
                self.unknown.push(Missing::ByName { names: names.clone(), by: package.clone() });
            }
        }
    }

    /// The folders that a row counts for: none when its condition does not hold, the root when it names no library.
    fn folders(&self, when: When, said: &Mentions) -> Vec<PathBuf> {
        let holds = match when {
            When::Always => true,
            When::Loader(name) => self.interpreters.iter().any(|path| file_name(path).starts_with(name)),
            When::Mention(word) => said.words.contains(word),
            When::Library(prefix) => {
                let named = self.libraries.iter().filter(|(name, _)| name.starts_with(prefix));
                return named.filter_map(|(_, path)| path.parent().map(Path::to_owned)).collect();
            }
        };
        if holds { vec![PathBuf::from("/")] } else { Vec::new() }
    }

    fn row(&mut self, tree: &mut Tree, row: &tables::Row, folder: &Path, open: &mut VecDeque<Object>) {
        match &row.what {
            What::Library(name) => {
                if let Some(path) = self.loader.find_by_name(name) {
                    self.take(tree, name, &path);
                    open.push_back(Object { path, inherited: Vec::new() });
                }
            }
            What::Path(path, except) => {
                let path = path.replace("{folder}", &folder.to_string_lossy());
                let keep = |below: &str| !except.contains(&below);
                let files = tree.add_all(self.source, Path::new(&path), row.part, &keep);
                let compiled = compiled(self.source, files);
                open.extend(compiled.into_iter().map(|path| Object { path, inherited: Vec::new() }));
            }
        }
    }

    fn missing(&self) -> Vec<Missing> {
        let linked = self.lacking.iter().map(|(name, by)| Missing::Library { name: name.clone(), by: by.clone() });
        linked.chain(self.unknown.iter().cloned()).collect()
    }

    /// A cache for the loader of glibc; others have none.
    fn cache(&self, machine: u16) -> Option<Vec<u8>> {
        if !self.interpreters.iter().any(|path| file_name(path).starts_with("ld-linux")) {
            return None;
        }
        let libraries: Vec<(String, PathBuf)> = self.libraries.iter().map(|(n, p)| (n.clone(), p.clone())).collect();
        cache::make(&libraries, machine)
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The files that are ELF files, in order.
fn compiled(source: &Source, files: Vec<PathBuf>) -> Vec<PathBuf> {
    files
        .into_par_iter()
        .filter(|path| {
            use std::io::Read as _;
            let mut magic = [0; 4];
            fs_err::File::open(source.on_disk(path)).is_ok_and(|mut f| f.read_exact(&mut magic).is_ok())
                && magic == *b"\x7FELF"
        })
        .collect()
}

/// Programs of packages that are scripts of something that was not collected.
fn scripts(source: &Source, tree: &Tree) -> Vec<Missing> {
    let mut missing: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    let in_bin = |path: &Path| path.parent().is_some_and(|folder| folder.ends_with("bin"));
    for (path, place, _) in tree.copies().filter(|(path, _, part)| *part == Part::Packages && in_bin(path)) {
        use std::io::Read as _;
        let mut start = Vec::new();
        let Ok(file) = fs_err::File::open(place) else { continue };
        if file.take(512).read_to_end(&mut start).is_err() || !start.starts_with(b"#!") {
            continue;
        }
        let line = String::from_utf8_lossy(&start[2..]).lines().next().unwrap_or("").trim().to_owned();
        let program = PathBuf::from(line.split([' ', '\t']).next().unwrap_or(""));
        let there = source.resolve(&program).is_some_and(|found| tree.has(&found.real));
        if !there {
            missing.entry(program).or_insert_with(|| path.to_owned());
        }
    }
    missing.into_iter().map(|(path, by)| Missing::Program { path, by }).collect()
}

/// Users, groups, where names come from, and folders that programs write to.
fn users(tree: &mut Tree, user: u32) {
    let passwd = format!(
        "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\napp:x:{user}:{user}:app:/tmp:/sbin/nologin\n"
    );
    tree.write_text("/etc/passwd", passwd, Part::System);
    tree.write_text("/etc/group", format!("root:x:0:\nnogroup:x:65534:\napp:x:{user}:\n"), Part::System);
    tree.write_text(
        "/etc/nsswitch.conf",
        "passwd: files\ngroup: files\nhosts: files dns\nservices: files\n",
        Part::System,
    );
    tree.make_folder("/tmp", 0o1777);
    tree.make_folder("/var/tmp", 0o1777);
    tree.make_folder("/dev", 0o755);
    tree.make_folder("/proc", 0o755);
    tree.make_folder("/sys", 0o755);
    tree.make_folder("/run", 0o755);
    tree.make_folder("/root", 0o755);
}

#[cfg(unix)]
#[cfg(test)]
mod tests;
