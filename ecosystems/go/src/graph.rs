//! The build list: which version of each module counts, from the `go.mod` files that the module cache keeps.
//!
//! Minimal version selection and graph pruning: <https://go.dev/ref/mod#minimal-version-selection>,
//! <https://go.dev/ref/mod#graph-pruning>.

use crate::cache;
use crate::gomod::{self, GoMod};
use crate::language;
use crate::version::compare;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What a module's `go.mod` says, as far as the graph needs it.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    pub(crate) requires: Vec<(String, String)>,
    pruned: bool,
    /// Its `go` directive, if that counts for who requires the module: from Go 1.21 on
    /// (<https://go.dev/doc/toolchain#version>).
    go: Option<String>,
}

/// Versions of modules.
#[derive(Debug, Default)]
pub(crate) struct BuildList {
    /// The version of each module that counts.
    pub(crate) selected: BTreeMap<String, String>,
    /// Modules whose `go.mod` is not on this disk.
    pub(crate) missing: Vec<String>,
    /// Modules whose `go.mod` had to be read, with their versions.
    pub(crate) read: BTreeSet<(String, String)>,
    /// The version of the language that the modules ask for.
    pub(crate) go: Option<String>,
}

/// Reads `go.mod` files of modules, each once.
pub(crate) struct Graph<'a> {
    cache: Option<&'a Path>,
    /// The `go.mod` whose replacements count, and its folder.
    main: &'a GoMod,
    folder: &'a Path,
    summaries: FxHashMap<(String, String), Option<Rc<Summary>>>,
    excluded: FxHashSet<(&'a str, &'a str)>,
}

impl<'a> Graph<'a> {
    pub(crate) fn new(cache: Option<&'a Path>, main: &'a GoMod, folder: &'a Path) -> Self {
        let excluded = main.excludes.iter().map(|(m, v)| (m.as_str(), v.as_str())).collect();
        Self { cache, main, folder, summaries: FxHashMap::default(), excluded }
    }

    /// The build list that these requirements make.
    pub(crate) fn build_list<'r>(&mut self, roots: impl Iterator<Item = (&'r str, &'r str)>) -> BuildList {
        self.build_list_of(roots, self.main.at_least(17))
    }

    /// The same, with or without graph pruning.
    pub(crate) fn build_list_of<'r>(
        &mut self,
        roots: impl Iterator<Item = (&'r str, &'r str)>,
        pruned: bool,
    ) -> BuildList {
        let mut list = BuildList::default();
        let mut known: FxHashSet<(String, String, bool)> = FxHashSet::default();
        let mut work: Vec<(String, String, bool)> = Vec::new();
        for (module, version) in roots {
            raise(&mut list.selected, module, version);
            work.push((module.to_owned(), version.to_owned(), pruned));
        }
        while let Some((module, version, pruned)) = work.pop() {
            if !known.insert((module.clone(), version.clone(), pruned)) {
                continue;
            }
            let Some(summary) = self.summary(&module, &version) else {
                list.missing.push(module);
                continue;
            };
            list.read.insert((module, version));
            if let Some(go) = &summary.go
                && list.go.as_deref().is_none_or(|known| language::compare(known, go).is_lt())
            {
                list.go = Some(go.clone());
            }
            for (required, version) in &summary.requires {
                if self.excluded.contains(&(required.as_str(), version.as_str())) || *required == self.main.module {
                    continue;
                }
                raise(&mut list.selected, required, version);
                // Below a module that keeps its whole list, nothing else has to be known.
                if !pruned || !summary.pruned {
                    work.push((required.clone(), version.clone(), pruned && summary.pruned));
                }
            }
        }
        list.missing.sort();
        list.missing.dedup();
        list
    }

    /// What a module requires, as far as it counts here.
    pub(crate) fn required(&mut self, module: &str, version: &str) -> Vec<(String, String)> {
        let Some(summary) = self.summary(module, version) else { return Vec::new() };
        let counts = |(required, version): &&(String, String)| {
            !self.excluded.contains(&(required.as_str(), version.as_str())) && *required != self.main.module
        };
        summary.requires.iter().filter(counts).cloned().collect()
    }

    fn summary(&mut self, module: &str, version: &str) -> Option<Rc<Summary>> {
        let key = (module.to_owned(), version.to_owned());
        if let Some(known) = self.summaries.get(&key) {
            return known.clone();
        }
        let read = self.go_mod(module, version).and_then(|path| fs_err::read(path).ok()).map(|bytes| {
            let found = gomod::parse(&bytes);
            Rc::new(Summary {
                pruned: found.at_least(17),
                go: found.go.clone().filter(|go| language::compare(go, "1.21").is_ge()),
                requires: found.requires.into_iter().map(|r| (r.path, r.version)).collect(),
            })
        });
        self.summaries.insert(key, read.clone());
        read
    }

    fn go_mod(&self, module: &str, version: &str) -> Option<PathBuf> {
        match self.main.replacement(module, version) {
            Some(with) => match &with.with_version {
                Some(version) => cache::go_mod(self.cache?, &with.with, version),
                None => Some(self.folder.join(&with.with).join("go.mod")),
            },
            None => cache::go_mod(self.cache?, module, version),
        }
    }

    /// The name and the version that `go.sum` has a module under; `None` for folders.
    pub(crate) fn summed(&self, module: &str, version: &str) -> Option<(String, String)> {
        match self.main.replacement(module, version) {
            Some(with) => Some((with.with.clone(), with.with_version.clone()?)),
            None => Some((module.to_owned(), version.to_owned())),
        }
    }

    /// The folder of a module's sources.
    pub(crate) fn folder_of(&self, module: &str, version: &str) -> Option<PathBuf> {
        match self.main.replacement(module, version) {
            Some(with) => match &with.with_version {
                Some(version) => cache::folder(self.cache?, &with.with, version),
                None => Some(self.folder.join(&with.with)),
            },
            None => cache::folder(self.cache?, module, version),
        }
    }
}

fn raise(selected: &mut BTreeMap<String, String>, module: &str, version: &str) {
    match selected.get_mut(module) {
        Some(known) => {
            if compare(known, version).is_lt() {
                version.clone_into(known);
            }
        }
        None => {
            selected.insert(module.to_owned(), version.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cache with `go.mod` files: `module version requirement…`.
    fn check(main: &str, modules: &[(&str, &str, &str)], expect: &[(&str, &str)], missing: &[&str]) {
        let outer = tempfile::tempdir().unwrap();
        for (module, version, text) in modules {
            let path = cache::go_mod(outer.path(), module, version).unwrap();
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, text).unwrap();
        }
        let main = gomod::parse(main.as_bytes());
        let mut graph = Graph::new(Some(outer.path()), &main, outer.path());
        let list = graph.build_list(main.requires.iter().map(|r| (r.path.as_str(), r.version.as_str())));
        let found: Vec<(&str, &str)> = list.selected.iter().map(|(m, v)| (m.as_str(), v.as_str())).collect();
        assert_eq!(found, expect);
        assert_eq!(list.missing, missing);
    }

    #[test]
    fn the_highest_version_counts() {
        check(
            "module m\nrequire a.example v1.0.0\nrequire b.example v1.0.0\n",
            &[
                ("a.example", "v1.0.0", "module a.example\nrequire c.example v1.1.0\n"),
                ("b.example", "v1.0.0", "module b.example\nrequire c.example v1.2.0\n"),
                ("c.example", "v1.1.0", "module c.example\n"),
                ("c.example", "v1.2.0", "module c.example\nrequire a.example v1.0.0\n"),
            ],
            &[("a.example", "v1.0.0"), ("b.example", "v1.0.0"), ("c.example", "v1.2.0")],
            &[],
        );
    }

    #[test]
    fn whole_lists_are_not_looked_behind() {
        check(
            "module m\ngo 1.21\nrequire a.example v1.0.0\nrequire d.example v1.0.0\n",
            &[
                ("a.example", "v1.0.0", "module a.example\ngo 1.17\nrequire c.example v1.1.0\n"),
                ("d.example", "v1.0.0", "module d.example\ngo 1.15\nrequire e.example v1.0.0\n"),
                ("e.example", "v1.0.0", "module e.example\ngo 1.20\nrequire f.example v1.0.0\n"),
            ],
            &[
                ("a.example", "v1.0.0"),
                ("c.example", "v1.1.0"),
                ("d.example", "v1.0.0"),
                ("e.example", "v1.0.0"),
                ("f.example", "v1.0.0"),
            ],
            &["f.example"],
        );
    }

    #[test]
    fn replaced_and_excluded() {
        check(
            "module m\nrequire a.example v1.0.0\nreplace a.example => fork.example/a v1.0.5\nexclude c.example v1.9.0\n",
            &[("fork.example/a", "v1.0.5", "module a.example\nrequire c.example v1.9.0\nrequire m v0.0.0\n")],
            &[("a.example", "v1.0.0")],
            &[],
        );
    }
}
