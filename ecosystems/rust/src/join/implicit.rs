//! Lines that no code names and that do something all the same: they turn on features or hold back versions of packages that others
//! bring, forward features, stand in for the language's own crates, or are known to be wanted.

use super::{Taken, World, key};
use depslim_model::{Facts, Group, How};

/// Notes such lines at the manifest.
pub(super) fn take(world: &World<'_>, taken: &mut Taken<'_, '_>, facts: &mut Facts) {
    let idle: Vec<usize> = taken.idle().collect();
    for line in idle {
        if let Some((reason, at)) = reason(world, taken, line) {
            taken.note_line(line, reason, at, facts);
        }
    }
}

fn reason(world: &World<'_>, taken: &Taken<'_, '_>, line: usize) -> Option<(String, u32)> {
    let package = taken.package;
    let require = package.lines[line].require;
    let at = require.line;
    if require.name == package.name {
        return Some(("the package itself, with other features".into(), at));
    }
    if require.alias.as_deref().is_some_and(|alias| matches!(alias, "core" | "alloc" | "std" | "compiler_builtins")) {
        return Some((format!("stands in for the language's own {}", key(require)), at));
    }
    let settings = package.facts.uses.iter().filter(|u| u.how == How::Setting);
    let ignored = settings.clone().find(|u| u.name.starts_with("ignored by ") && u.value == key(require));
    if let Some(said) = ignored {
        return Some((said.name.clone(), said.line));
    }
    if settings.clone().any(|u| u.name == "artifact" && u.value == key(require)) {
        return Some(("its programs are built for this package".into(), at));
    }
    if world.gather.contains(require.name.as_str()) {
        return Some((format!("{} has no code: it settles the features of what it requires", require.name), at));
    }
    let comment = require.comment.as_deref().unwrap_or_default();
    let words = comment.to_ascii_lowercase();
    let says = |words_of_need: &[&str]| words_of_need.iter().any(|word| words.contains(word));
    if says(&["used in", "used by", "needed", "required", "do not remove", "don't remove", "keep"]) {
        return Some((format!("the line says: {comment}"), at));
    }
    if let Some(writer) = written_for(world, &require.name) {
        return Some((format!("{writer} names itself in code for its callers"), at));
    }
    if !world.others_bring(package.name, &require.name) {
        return None;
    }
    // From here on the package stays without this line: what counts is what the line does to it.
    let forwards = settings
        .filter(|u| u.name.starts_with("features."))
        .find(|u| u.value.split_once('/').is_some_and(|(name, _)| name.trim_end_matches('?') == key(require)));
    if let Some(said) = forwards {
        return Some((format!("feature {} is {}", said.name.trim_start_matches("features."), said.value), said.line));
    }
    let more: Vec<&str> = require
        .features
        .iter()
        .map(String::as_str)
        .filter(|feature| *feature != "default" && !others_turn_on(world, taken, &require.name, feature))
        .collect();
    // Build scripts are compiled apart: their features reach nobody else.
    if !more.is_empty() && require.group != Group::Build {
        return Some((format!("turns on {} of a package that others bring", more.join(", ")), at));
    }
    let version = require.version.as_deref().unwrap_or_default().trim();
    if version.starts_with(['=', '~', '<']) || version.contains('<') {
        return Some((format!("holds a package that others bring at {version}"), at));
    }
    says(&[
        "pin",
        "minimal version",
        "min version",
        "vendored",
        "unif",
        "workaround",
        "transitive",
        "feature",
        "semver",
    ])
    .then(|| (format!("the line says: {comment}"), at))
}

/// A package of the tree that names itself: it can only do so in what becomes code elsewhere.
fn written_for<'m>(world: &World<'m>, name: &str) -> Option<&'m str> {
    world.package(name).filter(|package| world.name_themselves.contains(package.name)).map(|package| package.name)
}

/// Whether another package of the tree turns a feature on, so that it stays on.
fn others_turn_on(world: &World<'_>, taken: &Taken<'_, '_>, name: &str, feature: &str) -> bool {
    let own = taken.package.folder;
    world.packages.iter().filter(|other| other.folder != own).any(|other| {
        other.lines.iter().any(|line| {
            line.require.name == name
                && line.require.group != Group::Dev
                && line.require.features.iter().any(|f| f == feature)
        })
    })
}
