//! What a module's code reaches among other modules, package by package: as `go mod tidy` looks at it, for all platforms and tags.
//!
//! Sources are read where `go` keeps them: in a vendor folder, in the module cache, in folders that replace modules. Nothing is run.

mod modules;
mod needs;
mod packages;
mod restate;
mod said;
mod sums;
#[cfg(test)]
mod tests;
mod tidy;
#[cfg(test)]
mod tidy_tests;

use crate::gomod::{self, GoMod, Line};
use crate::graph::{BuildList, Graph};
use crate::version::compare;
use crate::{cache, join};
use depslim_model::ecosystem::{Host, Reached};
use depslim_model::{Facts, Group, How, Strength};
use modules::Modules;
use packages::Walk;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tidy::Outcome;

/// The module that is looked at, and those that a workspace builds beside it.
pub(crate) struct Main {
    /// Its `go.mod`; in a workspace, with the lines of all.
    pub(crate) module: GoMod,
    /// Folder of the file whose replacements count.
    pub(crate) folder: PathBuf,
    /// Paths and folders of the modules that are built from these folders.
    pub(crate) own: Vec<(String, PathBuf)>,
}

/// How often versions are looked up anew because of lines that are lacking.
const MOST_ROUNDS: usize = 4;

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
    let mut roots: Vec<(String, String)> =
        main.module.requires.iter().map(|r| (r.path.clone(), r.version.clone())).collect();
    let mut rounds = 0;
    let (mut walk, list, missing, tidy) = loop {
        let list = settled(&mut graph, &mut roots);
        let modules = Modules::of(&main, &graph, &list, vendor.as_deref(), cache.as_deref());
        let (walk, missing) = walked(host, &main, modules, files);
        rounds += 1;
        match tidy::tidied(&main, &mut graph, &walk, &list) {
            Outcome::Again(more) if rounds < MOST_ROUNDS => roots.extend(more),
            Outcome::Tidy(tidy) => break (walk, list, missing, Some(tidy)),
            _ => break (walk, list, missing, None),
        }
    };
    walk.needs.settle();
    // What the lines imply that something reaches, without the others.
    let implied = if tidy.is_none() && lines.iter().any(|line| !walk.reached(&line.path)) {
        let roots = lines.iter().filter(|line| walk.reached(&line.path));
        graph.build_list(roots.map(|r| (r.path.as_str(), r.version.as_str())))
    } else {
        BuildList::default()
    };
    let kept = match &tidy {
        Some(tidy) => walk.kept_in(&lines, &tidy.wanted),
        None => walk.kept_for_tests(&lines, &implied.selected),
    };
    let unsure = match &tidy {
        Some(_) => Vec::new(),
        None => unsure(&walk, &lines, &implied.selected, &missing, &list),
    };
    let lock = tidy.as_ref().and_then(|tidy| sums::asked(&mut graph, &main, &walk, tidy, cache.as_deref()));
    let restated = tidy.as_ref().map_or_else(Vec::new, |tidy| restate::restated(path, &main.module, &walk, tidy));
    let told = Tests::told(&main.module);
    let counts = told.as_ref();
    let sure = tidy.is_some();
    let mut told =
        said::told(host, path, &lines, walk, &kept, &unsure, cache.as_deref(), vendor.as_deref(), sure, counts);
    told.lock = lock;
    told.restated = restated;
    told.complete = sure;
    Some(told)
}

/// The build list, with every line at the version that counts.
fn settled(graph: &mut Graph<'_>, roots: &mut [(String, String)]) -> BuildList {
    loop {
        let list = graph.build_list(roots.iter().map(|(path, version)| (path.as_str(), version.as_str())));
        let mut same = true;
        for (path, version) in roots.iter_mut() {
            if let Some(selected) = list.selected.get(path).filter(|selected| *selected != version) {
                selected.clone_into(version);
                same = false;
            }
        }
        if same {
            return list;
        }
    }
}

/// Follows all imports, and says which modules the project's own code may need that are not there.
fn walked(host: &Host<'_>, main: &Main, modules: Modules, files: &[(String, Facts)]) -> (Walk, FxHashSet<usize>) {
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
    let missing = walk.modules.missing.clone();
    walk.follow_tests(Tests::of(&main.module) == Tests::All);
    (walk, missing)
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
    let marked = |line: &Line| line.indirect || lines.iter().any(|other| other.indirect && other.path == line.path);
    let open = lines.iter().filter(|line| marked(line) && !walk.reached(&line.path));
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

    /// The line that makes tests of other modules count, and what to know of it.
    fn told(main: &GoMod) -> Option<(u32, String)> {
        let go = main.go.as_ref().filter(|_| Self::of(main) == Self::All)?;
        let text = format!(
            "go {go}: tests of other modules count; from go 1.16 on they do not, and go mod tidy drops the line"
        );
        Some((main.go_line, text))
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
