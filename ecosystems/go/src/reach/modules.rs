//! From an import path to the module and the folder that supply it.

use super::Main;
use crate::graph::{BuildList, Graph};
use crate::join::{beginnings, is_below};
use crate::manifest;
use depslim_model::{Settings, Source};
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::{Path, PathBuf};

/// A module of the build list.
pub(crate) struct Module {
    /// Path, as `go.mod` requires it.
    pub(crate) path: String,
    /// Version that counts.
    pub(crate) version: String,
    /// Where its sources lie; they need not be there.
    pub(crate) folder: Option<PathBuf>,
    /// Whether the folder is there, once somebody asked.
    there: Option<bool>,
    /// A folder of the project replaces it.
    pub(crate) first_party: bool,
    /// `go.mod` lists it.
    listed: bool,
}

/// A package that was found.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Number of the module; `None` for the main module's own.
    pub(crate) module: Option<usize>,
    pub(crate) folder: PathBuf,
    /// Names of its source files.
    pub(crate) files: Vec<String>,
}

/// All modules that imports may mean.
pub(crate) struct Modules {
    pub(crate) all: Vec<Module>,
    by_path: FxHashMap<String, usize>,
    own: Vec<(String, PathBuf)>,
    /// Package → folder below the vendor folder, and its module.
    vendored: Option<FxHashMap<String, usize>>,
    vendor: Option<PathBuf>,
    cache: Option<PathBuf>,
    found: FxHashMap<String, Option<Place>>,
    /// Modules whose sources are not there though an import may mean them.
    pub(crate) missing: FxHashSet<usize>,
}

impl Modules {
    pub(crate) fn of(
        main: &Main,
        graph: &Graph<'_>,
        list: &BuildList,
        vendor: Option<&Path>,
        cache: Option<&Path>,
    ) -> Self {
        let listed: FxHashSet<&str> = main.module.requires.iter().map(|r| r.path.as_str()).collect();
        let mut all: Vec<Module> = Vec::with_capacity(list.selected.len());
        for (path, version) in &list.selected {
            if main.own.iter().any(|(own, _)| own == path) {
                continue;
            }
            let replaced = main.module.replacement(path, version);
            all.push(Module {
                folder: graph.folder_of(path, version),
                there: None,
                first_party: replaced.is_some_and(|with| with.with_version.is_none()),
                listed: listed.contains(path.as_str()),
                path: path.clone(),
                version: version.clone(),
            });
        }
        let by_path = all.iter().enumerate().map(|(at, m)| (m.path.clone(), at)).collect();
        let mut modules = Self {
            all,
            by_path,
            own: main.own.clone(),
            vendored: None,
            vendor: vendor.map(Path::to_owned),
            cache: cache.map(Path::to_owned),
            found: FxHashMap::default(),
            missing: FxHashSet::default(),
        };
        if let Some(vendor) = vendor {
            modules.read_vendored(vendor);
        }
        modules
    }

    fn read_vendored(&mut self, vendor: &Path) {
        let Ok(bytes) = fs_err::read(vendor.join("modules.txt")) else { return };
        let source = Source { path: "vendor/modules.txt", bytes: &bytes, settings: &Settings::default() };
        let mut packages = FxHashMap::default();
        for provide in (manifest::READERS[3].read)(&source).provides {
            let at = self.by_path.get(&provide.package).copied().unwrap_or_else(|| {
                self.all.push(Module {
                    path: provide.package.clone(),
                    version: provide.version.clone(),
                    folder: None,
                    there: None,
                    first_party: provide.first_party,
                    listed: false,
                });
                self.by_path.insert(provide.package.clone(), self.all.len() - 1);
                self.all.len() - 1
            });
            packages.extend(provide.modules.into_iter().map(|package| (package, at)));
        }
        self.vendored = Some(packages);
    }

    pub(crate) fn find(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// Whether the sources of a module are on this disk.
    pub(crate) fn is_there(&mut self, module: usize) -> bool {
        let module = &mut self.all[module];
        *module.there.get_or_insert_with(|| module.folder.as_deref().is_some_and(Path::is_dir))
    }

    /// Where a package lies; `None` for the standard library, and for what is not there.
    pub(crate) fn place(&mut self, import: &str) -> Option<&Place> {
        if !self.found.contains_key(import) {
            let place = self.look_up(import);
            self.found.insert(import.to_owned(), place);
        }
        self.found.get(import)?.as_ref()
    }

    /// The same package where its tests lie too: vendor folders leave them out. A module that is only vendored is noted as missing.
    pub(crate) fn with_tests(&mut self, place: Place) -> Place {
        let Some((vendor, module)) = self.vendor.as_deref().zip(place.module) else { return place };
        let Ok(import) = place.folder.strip_prefix(vendor) else { return place };
        let import = import.to_string_lossy().into_owned();
        if self.is_there(module) {
            let path = &self.all[module].path;
            let rest = import.strip_prefix(path.as_str()).unwrap_or_default().trim_start_matches('/').to_owned();
            let whole = self.all[module].folder.as_deref().and_then(|folder| sources(folder.join(rest)));
            return whole.map_or_else(|| place.clone(), |(folder, files)| Place { folder, files, ..place.clone() });
        }
        self.missing.insert(module);
        place
    }

    fn look_up(&mut self, import: &str) -> Option<Place> {
        if !super::is_foreign(import) && !self.own.iter().any(|(own, _)| is_below(import, own)) {
            // A module may be called like a part of the standard library, if a folder replaces it.
            beginnings(import).find(|b| self.by_path.contains_key(*b))?;
        }
        let own = self.own.iter().filter(|(own, _)| is_below(import, own)).max_by_key(|(own, _)| own.len());
        if let Some((path, folder)) = own {
            let rest = import[path.len()..].trim_start_matches('/');
            let longer = beginnings(import).any(|b| b.len() > path.len() && self.by_path.contains_key(b));
            if let Some((folder, files)) = (!longer).then(|| sources(folder.join(rest))).flatten() {
                return Some(Place { module: None, folder, files });
            }
        }
        if let (Some(vendored), Some(vendor)) = (&self.vendored, &self.vendor)
            && let Some(&module) = vendored.get(import)
            && let Some((folder, files)) = sources(vendor.join(import))
        {
            return Some(Place { module: Some(module), folder, files });
        }
        // What the whole list of a pruned graph can supply is looked for there first.
        for listed in [true, false] {
            for beginning in beginnings(import) {
                let Some(&module) = self.by_path.get(beginning) else { continue };
                if self.all[module].listed != listed {
                    continue;
                }
                if !self.is_there(module) {
                    // A shorter path that has the package is as good a guess as any, but a guess.
                    if self.vendored.is_none() || self.cache.is_some() {
                        self.missing.insert(module);
                    }
                    continue;
                }
                let Some(folder) = &self.all[module].folder else { continue };
                let rest = import[beginning.len()..].trim_start_matches('/');
                if let Some((folder, files)) = sources(folder.join(rest)) {
                    return Some(Place { module: Some(module), folder, files });
                }
            }
        }
        None
    }
}

/// Whether a folder has Go files.
pub(super) fn holds(folder: &Path) -> bool {
    sources(folder.to_owned()).is_some()
}

/// A folder's Go files, if it has any.
fn sources(folder: PathBuf) -> Option<(PathBuf, Vec<String>)> {
    let entries = fs_err::read_dir(&folder).ok()?;
    let mut files: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".go") && !name.starts_with(['_', '.']))
        .collect();
    files.sort();
    (!files.is_empty()).then_some((folder, files))
}
