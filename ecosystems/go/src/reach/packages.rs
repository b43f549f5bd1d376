//! The walk from package to package, by the heads of their files.

use super::modules::{Modules, Place};
use super::needs::{Cgo, Needs};
use super::{import_of, is_foreign};
use crate::constraint::{IGNORED, is_for_linux};
use crate::gomod::Line;
use crate::header;
use crate::layout::Wanted;
use crate::version::compare;
use depslim_model::{Group, Strength, Use};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes of a file that are read at first: few heads are longer.
const FIRST: usize = 4096;

/// Places that are kept for each module: more would convince nobody.
const MOST_PLACES: usize = 3;

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Number of the module that the file belongs to; `None` for the project's own.
    pub(crate) of: Option<usize>,
    /// Relative to the module, or to the analysed root for the project's own.
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) import: String,
    pub(crate) group: Group,
}

/// What is known of a module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// Import paths of its packages that are reached, with their folders and files.
    pub(crate) packages: BTreeMap<String, Place>,
    pub(crate) seen: Vec<Seen>,
    /// Modules that packages of it import.
    pub(crate) imports: BTreeSet<usize>,
}

/// The walk.
pub(crate) struct Walk {
    pub(crate) modules: Modules,
    pub(crate) known: FxHashMap<usize, Known>,
    /// Uses in the project's own files that mean another module than its list of requirements tells.
    pub(crate) other: Vec<(String, Use, Group, usize)>,
    visited: FxHashSet<String>,
    work: Vec<String>,
    /// Modules of packages that only tests of other modules' packages need, each with the first place.
    pub(crate) for_tests: FxHashMap<usize, Seen>,
    /// These packages with their modules, by their distance from such tests.
    pub(crate) tested: Vec<Vec<(String, usize)>>,
    /// Modules whose packages the project's own code imports, each with the first place.
    pub(crate) direct: FxHashMap<usize, (String, Use)>,
    /// The first import that nothing supplies.
    pub(crate) unresolved: Option<String>,
    /// Files that could not be read.
    pub(crate) unread: Vec<String>,
    /// What production needs of the system.
    pub(crate) needs: Needs,
}

impl Walk {
    pub(crate) fn new(modules: Modules) -> Self {
        Self {
            modules,
            known: FxHashMap::default(),
            other: Vec::new(),
            visited: FxHashSet::default(),
            work: Vec::new(),
            for_tests: FxHashMap::default(),
            tested: Vec::new(),
            direct: FxHashMap::default(),
            unresolved: None,
            unread: Vec::new(),
            needs: Needs::default(),
        }
    }

    /// Whether a package of the module is reached.
    pub(crate) fn reached(&self, module: &str) -> bool {
        self.modules.find(module).is_some_and(|at| self.known.get(&at).is_some_and(|k| !k.packages.is_empty()))
    }

    /// Takes a use of the project's own.
    pub(crate) fn start(&mut self, file: &str, used: &Use, group: Group) {
        let import = import_of(&used.name);
        let Some(place) = self.modules.place(import) else {
            self.unresolved.get_or_insert_with(|| import.to_owned());
            return;
        };
        if let Some(module) = place.module {
            if self.modules.all[module].path != used.value {
                self.other.push((file.to_owned(), used.clone(), group, module));
            }
            // What tools and generators start is no import.
            if used.strength == Strength::Hard {
                self.direct.entry(module).or_insert_with(|| (file.to_owned(), used.clone()));
            }
        }
        self.reach(import);
    }

    fn reach(&mut self, import: &str) {
        if self.visited.insert(import.to_owned()) {
            self.work.push(import.to_owned());
        }
    }

    /// Follows imports until nothing new is found.
    pub(crate) fn follow(&mut self, group: Group) {
        while let Some(import) = self.work.pop() {
            let Some(place) = self.modules.place(&import).cloned() else { continue };
            if let Some(module) = place.module {
                self.known.entry(module).or_default().packages.insert(import.clone(), place.clone());
            }
            let imports = self.read(&place, false, (group == Group::Prod).then_some(import.as_str()));
            for (file, line, import) in imports {
                self.import(&place, &file, line, &import, group);
            }
        }
    }

    fn import(&mut self, place: &Place, file: &str, line: u32, import: &str, group: Group) {
        let Some(to) = self.modules.place(import) else {
            self.unresolved.get_or_insert_with(|| import.to_owned());
            return;
        };
        if let Some(module) = to.module.filter(|to| Some(*to) != place.module) {
            if let Some(of) = place.module {
                self.known.entry(of).or_default().imports.insert(module);
            }
            let known = self.known.entry(module).or_default();
            if known.seen.iter().filter(|seen| seen.group == group).count() < MOST_PLACES {
                let of = place.module;
                let file = self.modules_file(place, file);
                let seen = Seen { of, file, line, import: import.to_owned(), group };
                self.known.entry(module).or_default().seen.push(seen);
            }
        }
        self.reach(import);
    }

    /// A file's path within its module.
    fn modules_file(&self, place: &Place, file: &str) -> String {
        let top = place.module.and_then(|module| self.modules.all[module].folder.as_deref());
        let path = place.folder.join(file);
        top.and_then(|top| path.strip_prefix(top).ok()).unwrap_or(&path).to_string_lossy().into_owned()
    }

    /// Imports in the files of a package that some build takes in.
    fn imports_of(&mut self, place: &Place, tests: bool) -> Vec<(String, u32, String)> {
        self.read(place, tests, None)
    }

    /// The same, and what the package of this name needs of the system.
    fn read(&mut self, place: &Place, tests: bool, needing: Option<&str>) -> Vec<(String, u32, String)> {
        let mut cgo = Cgo::default();
        let mut found = Vec::new();
        let mut buffer = Vec::new();
        for file in place.files.iter().filter(|file| file.ends_with("_test.go") == tests) {
            let path = place.folder.join(file);
            if head(&path, &mut buffer).is_none() {
                self.unread.push(path.to_string_lossy().into_owned());
                continue;
            }
            let header = header::read(&buffer);
            if header.constraints.may_hold(IGNORED) {
                if let Some(package) = needing {
                    cgo.take(file, &header);
                    if is_for_linux(file) {
                        let mut needs = std::mem::take(&mut self.needs);
                        needs.take(package, file, &header, place, &|| self.modules_file(place, file));
                        self.needs = needs;
                    }
                }
                let foreign = header.imports.iter().filter(|i| is_foreign(i.path));
                found.extend(foreign.map(|i| (file.clone(), i.line, i.path.to_owned())));
            }
        }
        if let Some((package, (file, line))) = needing.and_then(|package| Some((package, cgo.needed(package)?))) {
            let file = self.modules_file(place, &file);
            self.needs.add_c(package, place.module, file, line);
        }
        found
    }

    /// Takes what the project's own files of production need.
    pub(crate) fn own_needs<'f>(&mut self, root: &Path, files: impl Iterator<Item = &'f str>) {
        let place = Place { module: None, folder: PathBuf::new(), files: Vec::new() };
        let mut by_folder: BTreeMap<&str, Cgo> = BTreeMap::new();
        for file in files {
            let Ok(bytes) = fs_err::read(root.join(file)) else { continue };
            let header = header::read(&bytes);
            let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
            by_folder.entry(folder).or_default().take(name, &header);
            if is_for_linux(name) {
                self.needs.take("", name, &header, &place, &|| file.to_owned());
                self.needs.take_text(&bytes, file);
            }
        }
        for (folder, cgo) in by_folder {
            if let Some((name, line)) = cgo.needed("") {
                let file = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                self.needs.add_c("", None, file, line);
            }
        }
    }

    /// Follows the imports of tests of other modules' packages; of the tests of packages too that these reach, if `closed`.
    pub(crate) fn follow_tests(&mut self, closed: bool) {
        let mut here: Vec<Place> = self.known.values().flat_map(|known| known.packages.values().cloned()).collect();
        here.sort_by(|a, b| a.folder.cmp(&b.folder));
        let mut seen: FxHashSet<String> = self.visited.clone();
        let mut first = true;
        while !here.is_empty() {
            let mut level = Vec::new();
            let mut next = Vec::new();
            for place in here {
                let place = if first || closed { self.modules.with_tests(place) } else { place };
                let mut imports = Vec::new();
                if !first {
                    imports.extend(self.imports_of(&place, false));
                }
                if first || closed {
                    imports.extend(self.imports_of(&place, true));
                }
                for (file, line, import) in imports {
                    self.test_import(&place, &file, line, &import);
                    if seen.insert(import.clone())
                        && let Some(to) = self.modules.place(&import).cloned()
                    {
                        level.extend(to.module.map(|module| (import, module)));
                        next.push(to);
                    }
                }
            }
            self.tested.push(level);
            here = next;
            first = false;
        }
    }

    fn test_import(&mut self, place: &Place, file: &str, line: u32, import: &str) {
        let Some(to) = self.modules.place(import) else {
            self.unresolved.get_or_insert_with(|| import.to_owned());
            return;
        };
        if let Some(module) = to.module
            && Some(module) != place.module
            && !self.for_tests.contains_key(&module)
        {
            let file = self.modules_file(place, file);
            let seen = Seen { of: place.module, file, line, import: import.to_owned(), group: Group::Dev };
            self.for_tests.insert(module, seen);
        }
    }

    /// Lines that nothing reaches, but that are wanted for tests of other modules' packages.
    pub(crate) fn kept_in(&self, lines: &[Line], wanted: &Wanted) -> Vec<(String, Seen)> {
        let idle = lines.iter().filter(|line| wanted.contains_key(&line.path) && !self.reached(&line.path));
        idle.filter_map(|line| {
            let seen = self.for_tests.get(&self.modules.find(&line.path)?)?;
            Some((line.path.clone(), seen.clone()))
        })
        .collect()
    }

    /// Lines that nothing reaches, but that hold a version which tests of other modules' packages would miss otherwise. `selected` is the
    /// build list that the lines alone make for which something is reached.
    pub(crate) fn kept_for_tests(&self, lines: &[Line], selected: &BTreeMap<String, String>) -> Vec<(String, Seen)> {
        let candidates = lines
            .iter()
            .filter(|line| !self.reached(&line.path))
            .filter_map(|line| Some((line, self.for_tests.get(&self.modules.find(&line.path)?)?)));
        let implied = |line: &Line| selected.get(&line.path).is_some_and(|v| compare(v, &line.version).is_ge());
        candidates.filter(|(line, _)| !implied(line)).map(|(line, seen)| (line.path.clone(), seen.clone())).collect()
    }
}

/// Reads a file as far as its head goes.
fn head(path: &Path, buffer: &mut Vec<u8>) -> Option<()> {
    let mut file = fs_err::File::open(path).ok()?;
    buffer.clear();
    let mut size = FIRST;
    loop {
        let before = buffer.len();
        (&mut file).take((size - before) as u64).read_to_end(buffer).ok()?;
        if buffer.len() < size || header::read(buffer).whole {
            return Some(());
        }
        size *= 4;
        if size > 1 << 24 {
            return Some(());
        }
    }
}
