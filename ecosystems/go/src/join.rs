//! All source files of a tree, with its `go.mod` files: which file belongs to which module, and which requirement each import means.
//!
//! What is left of a file's uses says the import path (`name`) and the required module (`value`); an import of the module's own that
//! no folder supplies has no module: somebody may still have to generate it.

use crate::manifest::{IGNORE, TOOL};
use crate::source::{GENERATE, IGNORED};
use depslim_model::ecosystem::Joined;
use depslim_model::{Facts, Group, Host, How, Role, Strength, Use};
use rustc_hash::{FxHashMap, FxHashSet};

/// A module of the tree.
struct Module<'m> {
    folder: &'m str,
    manifest: &'m str,
    facts: &'m Facts,
    path: &'m str,
    requires: FxHashSet<&'m str>,
    ignores: Vec<&'m str>,
}

/// Joins manifests and source files.
pub(crate) fn join(_: &Host<'_>, manifests: &[(String, Facts)], code: Vec<(String, Facts)>) -> Joined {
    let modules: Vec<Module<'_>> = manifests.iter().filter_map(|(path, facts)| Module::of(path, facts)).collect();
    let by_folder: FxHashMap<&str, usize> = modules.iter().enumerate().map(|(at, m)| (m.folder, at)).collect();
    let mut files: Vec<Vec<(String, Facts)>> = modules.iter().map(|_| Vec::new()).collect();
    let mut hidden: Vec<Vec<(String, Facts)>> = modules.iter().map(|_| Vec::new()).collect();
    for (path, facts) in code {
        let Some(owner) = innermost(&path, &by_folder) else { continue };
        match modules[owner].takes(&path) {
            Some(true) => files[owner].push((path, facts)),
            Some(false) => hidden[owner].push((path, facts)),
            None => {}
        }
    }
    let mut joined = Joined::new();
    for (at, module) in modules.iter().enumerate() {
        let own = with_hidden(module, std::mem::take(&mut files[at]), std::mem::take(&mut hidden[at]));
        joined.insert(module.folder.to_owned(), uses_of(module, own));
    }
    joined
}

/// The module whose folder is the innermost around a file.
fn innermost(path: &str, by_folder: &FxHashMap<&str, usize>) -> Option<usize> {
    let mut folder = path;
    while !folder.is_empty() {
        folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
        if let Some(&at) = by_folder.get(folder) {
            return Some(at);
        }
    }
    None
}

impl<'m> Module<'m> {
    fn of(path: &'m str, facts: &'m Facts) -> Option<Self> {
        let about = facts.manifest.as_ref().filter(|about| about.role == Role::Manifest)?;
        let folder = match path.rsplit_once('/') {
            Some((folder, "go.mod")) => folder,
            None if path == "go.mod" => "",
            _ => return None,
        };
        Some(Self {
            folder,
            manifest: path,
            facts,
            path: about.name.as_deref()?,
            requires: facts.requires.iter().map(|r| r.name.as_str()).collect(),
            ignores: facts.uses.iter().filter(|u| u.name == IGNORE).map(|u| u.value.as_str()).collect(),
        })
    }

    /// The part of a file's path within the module.
    fn within<'p>(&self, path: &'p str) -> &'p str {
        path.strip_prefix(self.folder).unwrap_or(path).trim_start_matches('/')
    }

    /// Whether `./...` means a file's package: `Some(false)` if it only counts when something imports it, `None` if it is no part of
    /// the module.
    fn takes(&self, path: &str) -> Option<bool> {
        let within = self.within(path);
        let (folder, name) = within.rsplit_once('/').unwrap_or(("", within));
        if name.starts_with(['_', '.']) || folder.split('/').next() == Some("vendor") {
            return None;
        }
        let aside = |part: &str| part.starts_with(['_', '.']) || part == "testdata" || part == "vendor";
        let ignored =
            |ignore: &&str| folder == *ignore || folder.strip_prefix(*ignore).is_some_and(|r| r.starts_with('/'));
        Some(!folder.split('/').filter(|part| !part.is_empty()).any(aside) && !self.ignores.iter().any(ignored))
    }

    /// The package of a file, as imports name it.
    fn package(&self, path: &str) -> String {
        match self.within(path).rsplit_once('/') {
            Some((folder, _)) => format!("{}/{folder}", self.path),
            None => self.path.to_owned(),
        }
    }

    /// The required module that an import means: the longest path that begins it.
    fn required(&self, import: &str) -> Option<&'m str> {
        beginnings(import).find_map(|beginning| self.requires.get(beginning).copied())
    }
}

/// The import path and all that begin it, longest first.
pub(crate) fn beginnings(import: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(import);
    std::iter::from_fn(move || {
        let here = rest?;
        rest = here.rsplit_once('/').map(|(begin, _)| begin);
        Some(here)
    })
}

/// Whether an import path is below a module's.
pub(crate) fn is_below(import: &str, module: &str) -> bool {
    import.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a path without a module can only be the standard library's: its first part has no dot.
pub(crate) fn is_standard(import: &str) -> bool {
    !import.split('/').next().unwrap_or_default().contains('.')
}

/// Folders that hold programs beside the product, by what people call them.
const ASIDE: &[&str] = &[
    "example",
    "examples",
    "hack",
    "internal/tools",
    "script",
    "scripts",
    "test",
    "testdata",
    "testing",
    "tests",
    "tool",
    "tools",
];

/// Whether a program is an example, a tool or a test.
fn is_aside(path: &str) -> bool {
    ASIDE.iter().any(|folder| is_below(path, folder) || path.contains(&format!("/{folder}/")))
}

/// A module's files, and those of folders that `./...` leaves out but that something imports.
fn with_hidden(
    module: &Module<'_>,
    mut files: Vec<(String, Facts)>,
    mut hidden: Vec<(String, Facts)>,
) -> Vec<(String, Facts)> {
    let mut looked = 0;
    while looked < files.len() && !hidden.is_empty() {
        let wanted: FxHashSet<String> = files[looked..]
            .iter()
            .flat_map(|(_, facts)| imports(facts))
            .filter(|used| is_below(&used.name, module.path))
            .map(|used| used.name.clone())
            .collect();
        looked = files.len();
        let (found, rest) = hidden.into_iter().partition(|(path, _)| wanted.contains(&module.package(path)));
        hidden = rest;
        files.extend::<Vec<(String, Facts)>>(found);
    }
    files
}

fn imports(facts: &Facts) -> impl Iterator<Item = &Use> {
    facts.uses.iter().filter(|u| u.how == How::Import)
}

fn uses_of(module: &Module<'_>, files: Vec<(String, Facts)>) -> Vec<(String, Facts)> {
    let packages: FxHashSet<String> = files.iter().map(|(path, _)| module.package(path)).collect();
    let mut joined = Vec::with_capacity(files.len() + 1);
    for (path, facts) in files {
        let mut taken = Facts { group: facts.group, problems: facts.problems.clone(), ..Facts::default() };
        taken.entries = facts.entries.iter().filter(|_| !is_aside(module.within(&path))).cloned().collect();
        for entry in &mut taken.entries {
            entry.target = module.within(&entry.target).to_owned();
        }
        // No build takes the file in, and `go mod tidy` asks nothing for it: it is run by hand.
        let ignored = facts.uses.iter().any(|u| u.name == IGNORED);
        for used in imports(&facts) {
            let strength = if ignored { Strength::Optional } else { used.strength };
            taken.uses.extend(meant(module, &packages, used).map(|used| Use { strength, ..used }));
        }
        for used in facts.dev_uses.iter().filter(|u| u.name == GENERATE) {
            taken.dev_uses.extend(started(module, used, "go:generate runs "));
        }
        joined.push((path, taken));
    }
    let tools = module.facts.dev_uses.iter().filter(|u| u.name == TOOL);
    let tools: Vec<Use> = tools.filter_map(|used| started(module, used, "")).collect();
    if !tools.is_empty() {
        let facts = Facts { group: Some(Group::Dev), uses: tools, ..Facts::default() };
        joined.push((module.manifest.to_owned(), facts));
    }
    joined
}

/// A use of a required module, or of code of the module's own that is not there.
fn meant(module: &Module<'_>, packages: &FxHashSet<String>, used: &Use) -> Option<Use> {
    let import = used.name.as_str();
    let required = module.required(import);
    let own = is_below(import, module.path).then_some(module.path);
    if required.map(str::len) > own.map(str::len) {
        return Some(Use { value: required?.to_owned(), ..used.clone() });
    }
    // What no requirement supplies may be anything: such code does not build as it is, unless a workspace has the module.
    let there = if own.is_some() { packages.contains(import) } else { is_standard(import) };
    (!there).then(|| Use { value: String::new(), ..used.clone() })
}

/// A use of the module that holds a program which is started.
fn started(module: &Module<'_>, used: &Use, text: &str) -> Option<Use> {
    let required = module.required(&used.value)?;
    Some(Use {
        how: How::Import,
        name: format!("{text}{}", used.value),
        value: required.to_owned(),
        strength: Strength::Lazy,
        line: used.line,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::{Settings, Source};

    fn facts(path: &str, text: &str) -> (String, Facts) {
        let source = Source { path, bytes: text.as_bytes(), settings: &Settings::default() };
        let read = if path.ends_with(".go") { crate::source::read } else { crate::manifest::READERS[0].read };
        (path.to_owned(), read(&source))
    }

    /// `file group import module` of everything that the module in `folder` uses.
    fn check(folder: &str, files: &[(&str, &str)], expect: &[&str]) {
        let all: Vec<(String, Facts)> = files.iter().map(|(path, text)| facts(path, text)).collect();
        let (manifests, code): (Vec<_>, Vec<_>) = all.into_iter().partition(|(path, _)| path.ends_with("go.mod"));
        let (root, settings) = (std::path::Path::new("."), Settings::default());
        let host = Host { project: root, root, variable: &|_| None, settings: &settings };
        let joined = join(&host, &manifests, code);
        let mut found: Vec<String> = joined[folder]
            .iter()
            .flat_map(|(path, facts)| {
                let group = facts.group.unwrap();
                let own = facts.uses.iter().map(move |u| (group, u));
                own.chain(facts.dev_uses.iter().map(|u| (Group::Dev, u)))
                    .map(move |(group, u)| format!("{path} {group:?} {} {}", u.name, u.value).trim_end().to_owned())
            })
            .collect();
        found.sort();
        assert_eq!(found, expect);
    }

    #[test]
    fn the_longest_requirement_is_meant() {
        check(
            "",
            &[
                (
                    "go.mod",
                    "module farm.example/barn\nrequire (\n hay.example v1.0.0\n hay.example/bale v1.0.0\n farm.example/barn/tractor v1.0.0\n)\n",
                ),
                (
                    "main.go",
                    "package main\nimport (\n\"fmt\"\n\"net/http\"\n\"C\"\n\"hay.example/bale/round\"\n\"hay.example/rake\"\n\"farm.example/barn/door\"\n\"farm.example/barn/tractor/wheel\"\n)\n",
                ),
                ("door/door.go", "package door\n"),
            ],
            &[
                "main.go Prod farm.example/barn/tractor/wheel farm.example/barn/tractor",
                "main.go Prod hay.example/bale/round hay.example/bale",
                "main.go Prod hay.example/rake hay.example",
            ],
        );
    }

    #[test]
    fn tests_and_tools_are_for_development() {
        check(
            "",
            &[
                (
                    "go.mod",
                    "module barn\nrequire check.example v1.0.0\nrequire mill.example v1.0.0\nrequire gen.example v1.0.0\ntool mill.example/cmd/mill\n",
                ),
                ("x_test.go", "package barn_test\nimport \"check.example/assert\"\n"),
                ("x.go", "package barn\n//go:generate go run gen.example/cmd/gen -o x\n"),
            ],
            &[
                "go.mod Dev mill.example/cmd/mill mill.example",
                "x.go Dev go:generate runs gen.example/cmd/gen gen.example",
                "x_test.go Dev check.example/assert check.example",
            ],
        );
    }

    #[test]
    fn what_is_no_part_of_the_module_does_not_count() {
        check(
            "",
            &[
                ("go.mod", "module farm.example/barn\nrequire hay.example v1.0.0\nignore ./web\n"),
                ("vendor/a.example/a.go", "package a\nimport \"hay.example\"\n"),
                ("testdata/a.go", "package a\nimport \"hay.example\"\n"),
                ("_old/a.go", "package a\nimport \"hay.example\"\n"),
                ("web/node/a.go", "package a\nimport \"hay.example\"\n"),
                ("nested/go.mod", "module farm.example/nested\n"),
                ("nested/a.go", "package a\nimport \"hay.example\"\n"),
                ("a_test.go", "package barn\nimport \"farm.example/barn/testdata/used\"\n"),
                ("testdata/used/a.go", "package used\nimport \"hay.example/straw\"\n"),
            ],
            &["testdata/used/a.go Prod hay.example/straw hay.example"],
        );
    }

    #[test]
    fn what_is_not_there_is_told() {
        check(
            "a",
            &[
                ("a/go.mod", "module farm.example/a\n"),
                ("b/go.mod", "module farm.example/b\n"),
                (
                    "a/x.go",
                    "package a\nimport (\n\"farm.example/b/in/workspace\"\n\"farm.example/a/generated\"\n\"lost.example\"\n\"a/b\"\n)\n",
                ),
            ],
            &[
                "a/x.go Prod farm.example/a/generated",
                "a/x.go Prod farm.example/b/in/workspace",
                "a/x.go Prod lost.example",
            ],
        );
    }
}
