//! Features that a line turns on for nothing: without them packages leave the lock, and no name that they offer stands in the code.
//!
//! Few lines are looked at closely: those whose package alone brings another one. What features do beyond offering names is not
//! understood, and then nothing is said (see `resolve::offers`).

use super::{Package, Seen, World, key};
use crate::manifest::WORKSPACE;
use crate::resolve::{Locked, Without, offers};
use depslim_model::facts::IdleFeature;
use depslim_model::{Group, Host, Require};
use rustc_hash::{FxHashMap, FxHashSet};

/// Lines that turn on the same features: one of a package's own, or one of the workspace with all that inherit it.
struct Asking<'m> {
    manifest: &'m str,
    line: &'m Require,
    /// Packages of the tree that have the line, by place in the world.
    packages: Vec<usize>,
}

/// By manifest: the features that it turns on for nothing.
pub(super) fn find(host: &Host<'_>, world: &World<'_>, reached: &[Vec<Seen<'_>>]) -> Vec<(String, IdleFeature)> {
    let mut found = Vec::new();
    for asking in asking(world) {
        let Some(&first) = asking.packages.first() else { continue };
        let Some((locked, member)) = world.locked(world.packages[first].name) else { continue };
        let Some(package) = locked.target(member, &asking.line.name, asking.line.version.as_deref()) else { continue };
        if !locked.is_foreign(package) || locked.alone(package).is_empty() {
            continue;
        }
        let mut words: Option<(FxHashSet<String>, u32)> = None;
        for (feature, left) in candidates(locked, package, &asking.line.features) {
            let Some((frees, names)) = vain(world, locked, &asking, package, &feature, &left) else { continue };
            let (words, searched) = words.get_or_insert_with(|| words_of(host, &asking, reached));
            if names.iter().any(|name| words.contains(name)) {
                continue;
            }
            found.push((
                asking.manifest.to_owned(),
                IdleFeature {
                    package: asking.line.name.clone(),
                    instead: instead(asking.line, &feature, &left),
                    feature,
                    line: asking.line.line,
                    frees,
                    searched: *searched,
                },
            ));
        }
    }
    found
}

/// Lines of code that production names, each with all packages that have it.
fn asking<'m>(world: &World<'m>) -> Vec<Asking<'m>> {
    let mut all: Vec<Asking<'m>> = Vec::new();
    let mut inherited: FxHashMap<(&str, &str), usize> = FxHashMap::default();
    for (at, package) in world.packages.iter().enumerate() {
        let heads = world.heads.get(package.name);
        for line in &package.lines {
            let ships = matches!(line.require.group, Group::Prod | Group::Optional);
            if !ships || line.require.features.is_empty() || !heads.is_some_and(|h| h.contains(line.code.as_str())) {
                continue;
            }
            let Some((manifest, root)) = root_line(world, package, line.require) else {
                all.push(Asking { manifest: package.manifest, line: line.require, packages: vec![at] });
                continue;
            };
            let known = *inherited.entry((manifest, key(root))).or_insert_with(|| {
                all.push(Asking { manifest, line: root, packages: Vec::new() });
                all.len() - 1
            });
            all[known].packages.push(at);
        }
    }
    all
}

/// The line of the workspace that a package's line inherits.
fn root_line<'m>(world: &World<'m>, package: &Package<'m>, line: &Require) -> Option<(&'m str, &'m Require)> {
    let above = |path: &str| {
        let folder = path.strip_suffix("Cargo.toml").unwrap_or(path);
        package.manifest.starts_with(folder)
    };
    let same = |root: &&Require| {
        root.from.as_deref() == Some(WORKSPACE)
            && key(root) == key(line)
            && root.name == line.name
            && root.version == line.version
            && root.features.iter().all(|feature| line.features.contains(feature))
    };
    let mut manifests = world.manifests.iter().filter(|(path, _)| above(path));
    manifests.find_map(|(path, facts)| Some((path.as_str(), facts.requires.iter().find(same)?)))
}

/// Features that a line turns on, each with what it would turn on instead: for one that is on by default, all others by name.
fn candidates(locked: &Locked<'_>, package: usize, features: &[String]) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    for feature in features {
        let rest = || features.iter().filter(|other| *other != feature);
        if feature != "default" {
            all.push((feature.clone(), rest().cloned().collect()));
            continue;
        }
        let defaults = locked.defaults(package);
        for one in defaults.iter().filter(|one| !one.contains(['/', ':']) && !features.contains(one)) {
            let others = defaults.iter().filter(|other| *other != one && !other.contains(['/', ':']));
            all.push((one.clone(), rest().chain(others).cloned().collect()));
        }
    }
    all
}

/// The packages that leave without a feature and the names that it offers, when it does nothing else.
fn vain(
    world: &World<'_>,
    locked: &Locked<'_>,
    asking: &Asking<'_>,
    package: usize,
    feature: &str,
    left: &[String],
) -> Option<(Vec<String>, FxHashSet<String>)> {
    let expansion = locked.expansion(package, feature)?;
    // Another feature that stays may lead to the same.
    let stays: Vec<String> =
        left.iter().flat_map(|other| locked.expansion(package, other).unwrap_or_default()).collect();
    let own: Vec<&String> = expansion.iter().filter(|value| !stays.contains(value)).collect();
    if !own.iter().any(|value| value.starts_with("dep:") || value.contains('/')) || !own.iter().any(|v| *v == feature) {
        return None;
    }
    let mut features: Vec<(usize, &str, &[String])> = Vec::new();
    let more: Vec<(usize, Vec<String>)> =
        asking.packages.iter().filter_map(|at| instead_of(world, locked, asking, *at, left)).collect();
    for (member, left) in &more {
        features.push((*member, key(asking.line), left.as_slice()));
    }
    let freed = locked.freed(&Without { features: &features, ..Without::default() });
    let leaves = |name: &str| freed.iter().any(|at| locked.name(*at).replace('_', "-") == name.replace('_', "-"));
    // What it does to packages that stay, nobody can tell.
    let does_more =
        own.iter().any(|value| value.split_once('/').is_some_and(|(name, _)| !name.ends_with('?') && !leaves(name)));
    if freed.is_empty() || does_more {
        return None;
    }
    let flags: Vec<&str> = own.iter().filter(|v| !v.contains(['/', ':'])).map(|v| v.as_str()).collect();
    let names = offers::names(&locked.folder(package)?, &flags)?;
    let mut frees: Vec<String> = freed.into_iter().map(|at| locked.name(at).to_owned()).collect();
    frees.sort();
    Some((frees, names))
}

/// What a package of the tree would turn on: its own line may say more than the workspace's.
fn instead_of(
    world: &World<'_>,
    locked: &Locked<'_>,
    asking: &Asking<'_>,
    at: usize,
    left: &[String],
) -> Option<(usize, Vec<String>)> {
    let package = &world.packages[at];
    let own = package.lines.iter().find(|line| key(line.require) == key(asking.line))?;
    let added = own.require.features.iter().filter(|feature| !asking.line.features.contains(feature));
    Some((locked.member(package.name)?, left.iter().chain(added).cloned().collect()))
}

/// All identifiers in the code of the packages, and the number of files.
fn words_of(host: &Host<'_>, asking: &Asking<'_>, reached: &[Vec<Seen<'_>>]) -> (FxHashSet<String>, u32) {
    let paths: FxHashSet<&str> =
        asking.packages.iter().flat_map(|at| reached[*at].iter().map(|file| file.path)).collect();
    let mut words = FxHashSet::default();
    for path in &paths {
        let bytes = fs_err::read(host.root.join(path)).unwrap_or_default();
        offers::words(&String::from_utf8_lossy(&bytes), &mut words);
    }
    (words, paths.len() as u32)
}

/// What to write in the line.
fn instead(line: &Require, feature: &str, left: &[String]) -> String {
    if line.features.iter().any(|asked| asked == feature) {
        return format!("take \"{feature}\" out of its features");
    }
    let features: Vec<String> = left.iter().map(|name| format!("\"{name}\"")).collect();
    format!("it is on by default: write default-features = false, features = [{}]", features.join(", "))
}
