//! Module trees: from a package's targets along `mod`, `#[path]` and `include!` to its files, and who has each of them.

use super::{Package, World};
use depslim_formats::path::join;
use depslim_model::{Facts, Group, How};
use rustc_hash::FxHashMap;

/// Which targets have a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Reached {
    /// The library or a program.
    pub(super) code: bool,
    /// The build script.
    pub(super) build: bool,
    /// Tests, benchmarks, examples.
    pub(super) tests: bool,
}

/// By package: the files below its folder that belong to no package in it, sorted.
pub(super) fn owners<'c>(world: &World<'_>, code: &'c FxHashMap<String, Facts>) -> Vec<Vec<&'c str>> {
    let mut folders: Vec<(&str, usize)> = world.packages.iter().enumerate().map(|(at, p)| (p.folder, at)).collect();
    folders.sort_unstable();
    let place: FxHashMap<&str, usize> = folders.into_iter().collect();
    let mut owned = vec![Vec::new(); world.packages.len()];
    for path in code.keys() {
        let mut folder = path.as_str();
        loop {
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
            if let Some(&at) = place.get(folder) {
                owned[at].push(path.as_str());
                break;
            }
            if folder.is_empty() {
                break;
            }
        }
    }
    for files in &mut owned {
        files.sort_unstable();
    }
    owned
}

/// The files of a package, and which targets have them. Files that nothing leads to are told by their folder.
pub(super) fn reach<'c>(
    package: &Package<'_>,
    own: &[&'c str],
    code: &'c FxHashMap<String, Facts>,
) -> Vec<(&'c str, Reached)> {
    let mut reached: FxHashMap<&'c str, Reached> = FxHashMap::default();
    let mut work: Vec<(&'c str, Group, bool)> = Vec::new();
    for (path, group) in targets(package, own) {
        if let Some((path, _)) = code.get_key_value(&path) {
            work.push((path, group, true));
        }
    }
    while let Some((path, group, root)) = work.pop() {
        let to = reached.entry(path).or_default();
        let flag = match group {
            Group::Build => &mut to.build,
            Group::Dev => &mut to.tests,
            _ => &mut to.code,
        };
        if std::mem::replace(flag, true) {
            continue;
        }
        let facts = &code[path];
        for (used, dev) in facts.uses.iter().map(|u| (u, false)).chain(facts.dev_uses.iter().map(|u| (u, true))) {
            if used.how == How::Load {
                let group = if dev { Group::Dev } else { group };
                let target = candidates(path, root, &used.name, &used.value);
                work.extend(
                    target
                        .iter()
                        .filter_map(|t| code.get_key_value(t))
                        .map(|(p, _)| (p.as_str(), group, false))
                        .take(1),
                );
            }
        }
    }
    // Markdown counts only where documentation takes it in.
    for path in
        own.iter().filter(|path| path.ends_with(".rs") && !reached.contains_key(**path)).copied().collect::<Vec<_>>()
    {
        let to = Reached { tests: is_for_tests(within(package, path)), ..Reached::default() };
        reached.insert(path, Reached { code: !to.tests, ..to });
    }
    let mut all: Vec<_> = reached.into_iter().collect();
    all.sort_unstable_by_key(|(path, _)| *path);
    all
}

fn within<'p>(package: &Package<'_>, path: &'p str) -> &'p str {
    path.strip_prefix(package.folder).unwrap_or(path).trim_start_matches('/')
}

/// Files where a target begins: those that the manifest names, and those that cargo finds by their place
/// (<https://doc.rust-lang.org/cargo/guide/project-layout.html>).
fn targets(package: &Package<'_>, own: &[&str]) -> Vec<(String, Group)> {
    let mut all: Vec<(String, Group)> = Vec::new();
    for entry in &package.facts.entries {
        all.extend(join(package.folder, &entry.target).map(|path| (path, entry.group)));
    }
    let named_build = package.facts.entries.iter().any(|e| e.group == Group::Build);
    for path in own {
        let place = within(package, path);
        let group = match place.split('/').collect::<Vec<_>>().as_slice() {
            ["src", "lib.rs" | "main.rs"] | ["src", "bin", _] | ["src", "bin", _, "main.rs"] => Group::Prod,
            ["tests" | "benches" | "examples", _] | ["tests" | "benches" | "examples", _, "main.rs"] => Group::Dev,
            ["build.rs"] if !named_build => Group::Build,
            _ => continue,
        };
        if path.ends_with(".rs") {
            all.push(((*path).to_owned(), group));
        }
    }
    all
}

/// Where a link may lead, likeliest first.
fn candidates(from: &str, root: bool, name: &str, by: &str) -> Vec<String> {
    let (folder, file) = from.rsplit_once('/').unwrap_or(("", from));
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let below = if folder.is_empty() { stem.to_owned() } else { format!("{folder}/{stem}") };
    let folders = if root || stem == "mod" { [folder, &below] } else { [below.as_str(), folder] };
    match by {
        "mod" => {
            let files = [format!("{name}.rs"), format!("{name}/mod.rs")];
            let paths = folders
                .iter()
                .flat_map(|folder| files.iter().filter_map(|file| join(folder, &file.replace('\\', "/"))));
            paths.collect()
        }
        _ => [folder, below.as_str()].iter().filter_map(|folder| join(folder, &name.replace('\\', "/"))).collect(),
    }
}

fn is_for_tests(place: &str) -> bool {
    let mut folders: Vec<&str> = place.split('/').collect();
    let file = folders.pop().unwrap_or_default();
    folders.iter().any(|f| matches!(*f, "tests" | "benches" | "examples" | "test" | "fuzz"))
        || matches!(file, "tests.rs" | "test.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_lie_beside_roots_and_below_other_files() {
        for (from, root, name, by, expect) in [
            ("a/src/lib.rs", true, "x", "mod", "a/src/x.rs"),
            ("a/src/x.rs", false, "y", "mod", "a/src/x/y.rs"),
            ("a/src/x/mod.rs", false, "y/z", "mod", "a/src/x/y/z.rs"),
            ("a/src/lib.rs", true, "../shared/s.rs", "path", "a/shared/s.rs"),
            ("build.rs", true, "src/x.rs", "include", "src/x.rs"),
        ] {
            assert_eq!(candidates(from, root, name, by)[0], expect, "{from} {name}");
        }
        assert!(candidates("lib.rs", true, "../../x.rs", "path").is_empty());
    }
}
