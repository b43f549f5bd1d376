//! What a module's code reaches among other modules, package by package: as `go mod tidy` looks at it, for all platforms and tags.
//!
//! Sources are read where `go` keeps them: in a vendor folder, in the module cache, in folders that replace modules. Nothing is run.

mod modules;
mod needs;
mod packages;
mod said;
#[cfg(test)]
mod tests;

use crate::gomod::{self, GoMod, Line};
use crate::graph::{BuildList, Graph};
use crate::version::compare;
use crate::{cache, join};
use depslim_model::ecosystem::{Host, Reached};
use depslim_model::{Facts, Group, How, Strength};
use modules::Modules;
use packages::Walk;
use rustc_hash::FxHashSet;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The module that is looked at, and those that a workspace builds beside it.
pub(crate) struct Main {
    /// Its `go.mod`; in a workspace, with the lines of all.
    pub(crate) module: GoMod,
    /// Folder of the file whose replacements count.
    pub(crate) folder: PathBuf,
    /// Paths and folders of the modules that are built from these folders.
    pub(crate) own: Vec<(String, PathBuf)>,
}

/// Follows the imports of a project's files.
pub(crate) fn reach(host: &Host<'_>, manifests: &[(String, Facts)], files: &[(String, Facts)]) -> Option<Reached> {
    let (path, _) = manifests.iter().find(|(path, _)| path == "go.mod" || path.ends_with("/go.mod"))?;
    let manifest = host.root.join(path);
    let module = gomod::parse(&fs_err::read(&manifest).ok()?);
    let lines = module.requires.clone();
    let main = workspace(host, module, manifest.parent()?);
    let cache = cache::find(host.variable).filter(|cache| cache.is_dir());
    let vendor = vendor(host, &main);
    let mut graph = Graph::new(cache.as_deref(), &main.module, &main.folder);
    let roots = || main.module.requires.iter().map(|r| (r.path.as_str(), r.version.as_str()));
    let list = graph.build_list(roots());
    let modules = Modules::of(&main, &graph, &list, vendor.as_deref(), cache.as_deref());
    let mut walk = Walk::new(modules);
    let own = files.iter().filter(|(_, facts)| facts.group == Some(Group::Prod));
    walk.own_needs(host.root, own.map(|(file, _)| file.as_str()).filter(|file| file.ends_with(".go")));
    for group in [Group::Prod, Group::Dev] {
        for (file, facts) in files {
            let own = facts.group.unwrap_or_default();
            let uses = facts.uses.iter().map(|used| (own, used));
            for (of, used) in uses.chain(facts.dev_uses.iter().map(|used| (Group::Dev, used))) {
                if of == group && used.how == How::Import && used.strength > Strength::Optional {
                    walk.start(file, used, of);
                }
            }
        }
        walk.follow(group);
    }
    walk.needs.settle();
    let missing = walk.modules.missing.clone();
    let tests = Tests::of(&main.module);
    if tests == Tests::All {
        walk.follow_tests(true);
    } else if lines.iter().any(|line| line.indirect && !walk.reached(&line.path)) {
        walk.follow_tests(false);
    }
    // What the lines imply that something reaches, without the others.
    let idle = lines.iter().any(|line| !walk.reached(&line.path));
    let implied = if idle {
        let roots = lines.iter().filter(|line| walk.reached(&line.path));
        graph.build_list(roots.map(|r| (r.path.as_str(), r.version.as_str())))
    } else {
        BuildList::default()
    };
    let kept = walk.kept_for_tests(&lines, &implied.selected);
    let unsure = unsure(&walk, &lines, &implied.selected, &missing, &list);
    // A workspace has sums of its own beside those of its modules.
    let sure = idle && unsure.is_empty() && main.own.len() == 1 && walk.modules.missing.is_empty();
    let lock = sure.then(|| sums(&mut graph, &walk, &lines, &kept)).flatten();
    let mut told = said::told(host, path, &lines, walk, &kept, &unsure, cache.as_deref(), vendor.as_deref());
    told.lock = lock;
    Some(told)
}

/// Beginnings of the lines of `go.sum` that are asked for when the lines of `go.mod` are gone that nothing needs: contents of modules
/// that packages or tests are looked up in, and every `go.mod` that the build list is made from.
fn sums(graph: &mut Graph<'_>, walk: &Walk, lines: &[Line], kept: &[(String, packages::Seen)]) -> Option<Vec<String>> {
    let stays = |line: &&Line| walk.reached(&line.path) || kept.iter().any(|(path, _)| *path == line.path);
    let list = graph.build_list(lines.iter().filter(stays).map(|r| (r.path.as_str(), r.version.as_str())));
    if !list.missing.is_empty() {
        return None;
    }
    let mut asked: BTreeSet<String> = BTreeSet::new();
    for (module, version) in &list.read {
        let (module, version) = graph.summed(module, version).unwrap_or_default();
        asked.insert(format!("{module} {version}/go.mod "));
    }
    let packages = walk
        .known
        .iter()
        .flat_map(|(at, known)| known.packages.keys().map(String::as_str).chain([walk.modules.all[*at].path.as_str()]));
    let tested =
        walk.for_tests.iter().flat_map(|(at, seen)| [walk.modules.all[*at].path.as_str(), seen.import.as_str()]);
    for beginning in packages.chain(tested).flat_map(join::beginnings) {
        if let Some(version) = list.selected.get(beginning)
            && let Some((module, version)) = graph.summed(beginning, version)
        {
            asked.insert(format!("{module} {version} "));
            asked.insert(format!("{module} {version}/go.mod "));
        }
    }
    Some(asked.into_iter().collect())
}

/// Lines for what others bring of which nobody can say whether it is needed, each with the reason. Code that could not be followed may
/// need anything that it may require; tests of other modules may need what is required at an earlier version.
fn unsure<'l>(
    walk: &Walk,
    lines: &'l [Line],
    selected: &BTreeMap<String, String>,
    missing: &FxHashSet<usize>,
    list: &BuildList,
) -> Vec<(&'l Line, String)> {
    let name = |missing: &FxHashSet<usize>| missing.iter().map(|at| walk.modules.all[*at].path.as_str()).min();
    let code = name(missing).map(|module| format!("{module} is not on this machine"));
    let tests = name(&walk.modules.missing).map(|module| format!("{module} is not on this machine"));
    let graph = list.missing.first().map(|module| format!("the go.mod file of {module} is not on this machine"));
    let reason = |line: &Line| {
        let earlier = selected.get(&line.path).is_some_and(|v| compare(v, &line.version).is_lt());
        let why = code.as_ref().or(graph.as_ref()).or(tests.as_ref().filter(|_| earlier))?;
        Some(format!("marked `// indirect`, and {why}: what it needs is not known"))
    };
    let open = lines.iter().filter(|line| line.indirect && !walk.reached(&line.path));
    open.filter_map(|line| Some((line, reason(line)?))).collect()
}

/// Whose tests a module's `all` holds: <https://go.dev/ref/mod#glos-all>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tests {
    /// Of all packages, those of other modules too.
    All,
    /// Of the main module's packages.
    Own,
}

impl Tests {
    fn of(main: &GoMod) -> Self {
        if main.at_least(16) && main.go.is_some() { Self::Own } else { Self::All }
    }
}

/// A module with what its workspace adds. A workspace is told by the nearest `go.work` that uses the module, never above the root.
fn workspace(host: &Host<'_>, module: GoMod, folder: &Path) -> Main {
    let alone = |module: GoMod| {
        let own = vec![(module.module.clone(), folder.to_owned())];
        Main { module, folder: folder.to_owned(), own }
    };
    let named = (host.variable)("GOWORK").filter(|value| !value.is_empty());
    if named.as_deref() == Some("off") {
        return alone(module);
    }
    let mut around = folder.ancestors().take_while(|above| above.starts_with(host.root));
    let Some((work, at)) = around.find_map(|at| Some((fs_err::read(at.join("go.work")).ok()?, at))) else {
        return alone(module);
    };
    let work = gomod::parse(&work);
    let members: Vec<PathBuf> = work.uses.iter().map(|(member, _)| normal(&at.join(member))).collect();
    if !members.contains(&normal(folder)) {
        return alone(module);
    }
    let mut whole = alone(module);
    for member in members.iter().filter(|member| **member != normal(folder)) {
        let Ok(bytes) = fs_err::read(member.join("go.mod")) else { continue };
        let other = gomod::parse(&bytes);
        whole.own.push((other.module.clone(), member.clone()));
        whole.module.requires.extend(other.requires);
        // Folders stand relative to the file that names them.
        whole.module.replaces.extend(other.replaces.into_iter().map(|mut replace| {
            if replace.with_version.is_none() {
                replace.with = member.join(&replace.with).to_string_lossy().into_owned();
            }
            replace
        }));
        whole.module.excludes.extend(other.excludes);
    }
    whole.module.replaces.extend(work.replaces.into_iter().map(|mut replace| {
        if replace.with_version.is_none() {
            replace.with = at.join(&replace.with).to_string_lossy().into_owned();
        }
        replace
    }));
    whole
}

/// A path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts
}

/// The vendor folder, if `go mod vendor` filled it.
fn vendor(host: &Host<'_>, main: &Main) -> Option<PathBuf> {
    let around = main.folder.ancestors().take_while(|above| above.starts_with(host.root));
    let around = if main.own.len() > 1 { around.collect() } else { vec![main.folder.as_path()] };
    around.into_iter().map(|folder| folder.join("vendor")).find(|vendor| vendor.join("modules.txt").is_file())
}

/// The import path that a use says, without the words in front of it.
pub(crate) fn import_of(name: &str) -> &str {
    name.rsplit(' ').next().unwrap_or(name)
}

/// Whether an import may be another module's.
pub(crate) fn is_foreign(import: &str) -> bool {
    import != "C" && !import.is_empty() && !import.starts_with(['.', '/']) && !join::is_standard(import)
}
