//! Lines that no code names and that do something all the same: they turn on features or hold back versions of packages that others
//! bring, forward features, stand in for the language's own crates, or are known to be wanted.

use super::{Seen, Taken, World, key};
use depslim_model::{Facts, Group, How};

/// Features that add nothing but names: only code that names the package can use them.
const NAMES_ONLY: &[&str] = &["default", "derive", "macros"];

/// Notes such lines at the manifest.
pub(super) fn take<'m>(world: &World<'m>, taken: &mut Taken<'_, 'm>, files: &[Seen<'_>], facts: &mut Facts) {
    let idle: Vec<usize> = taken.idle().collect();
    for line in idle {
        if let Some((reason, at)) = reason(world, taken, line) {
            taken.note_line(line, reason, at, facts);
        }
    }
    // What only tests name may be in the right table all the same.
    let tested: Vec<usize> = taken.tested().collect();
    for line in tested {
        if let Some((reason, at)) = on_purpose(taken, line) {
            taken.note_line(line, reason, at, facts);
        }
    }
    let linked: Vec<usize> = taken.idle().chain(taken.tested()).collect();
    for line in linked {
        if let Some((reason, at)) = linked_to(taken, line, files) {
            taken.note_line(line, reason, at, facts);
        }
    }
}

/// The author says that the line is there for a reason.
fn on_purpose(taken: &Taken<'_, '_>, line: usize) -> Option<(String, u32)> {
    let require = taken.package.lines[line].require;
    let mut settings = taken.package.facts.uses.iter().filter(|u| u.how == How::Setting);
    if let Some(said) = settings.find(|u| u.name.starts_with("ignored by ") && u.value == key(require)) {
        return Some((said.name.clone(), said.line));
    }
    let comment = require.comment.as_deref().unwrap_or_default();
    let words = comment.to_ascii_lowercase().replace('-', " ");
    ["used in", "used by", "needed", "required", "do not remove", "don't remove", "keep", "because", "on purpose"]
        .iter()
        .any(|word| words.contains(word))
        .then(|| (format!("the line says: {comment}"), require.line))
}

/// A feature of the package turns on one of the line's.
fn forwarded(taken: &Taken<'_, '_>, line: usize) -> Option<(String, u32)> {
    let require = taken.package.lines[line].require;
    let mut settings = taken.package.facts.uses.iter().filter(|u| u.how == How::Setting);
    let said = settings.find(|u| {
        u.name.starts_with("features.")
            && u.value.split_once('/').is_some_and(|(name, _)| name.trim_end_matches('?') == key(require))
    })?;
    Some((format!("feature {} is {}", said.name.trim_start_matches("features."), said.value), said.line))
}

/// Documentation links to one of its items: without the line in this table the link leads nowhere.
fn linked_to(taken: &Taken<'_, '_>, line: usize, files: &[Seen<'_>]) -> Option<(String, u32)> {
    let line = &taken.package.lines[line];
    if !matches!(line.require.group, Group::Prod | Group::Optional) {
        return None;
    }
    files.iter().filter(|file| file.group == Group::Prod).find_map(|file| {
        let mut texts = file.facts.uses.iter().filter(|u| u.how == How::Text && u.value == "link");
        let link = texts.find(|u| u.name.split("::").next() == Some(line.code.as_str()))?;
        Some((format!("documentation links to {} ({}:{})", link.name, file.path, link.line), line.require.line))
    })
}

fn reason<'m>(world: &World<'m>, taken: &Taken<'_, 'm>, line: usize) -> Option<(String, u32)> {
    let package = taken.package;
    let require = package.lines[line].require;
    let at = require.line;
    if require.name == package.name {
        return Some(("the package itself, with other features".into(), at));
    }
    if require.alias.as_deref().is_some_and(|alias| matches!(alias, "core" | "alloc" | "std" | "compiler_builtins")) {
        return Some((format!("stands in for the language's own {}", key(require)), at));
    }
    let mut settings = package.facts.uses.iter().filter(|u| u.how == How::Setting);
    if let Some(said) = on_purpose(taken, line) {
        return Some(said);
    }
    if settings.any(|u| u.name == "artifact" && u.value == key(require)) {
        return Some(("its programs are built for this package".into(), at));
    }
    if world.gather.contains(require.name.as_str()) {
        return Some((format!("{} has no code: it settles the features of what it requires", require.name), at));
    }
    if let Some(writer) = written_for(world, &require.name) {
        return Some((format!("{writer} names itself in code for its callers"), at));
    }
    if !world.others_bring(package.name, &require.name) {
        return None;
    }
    // From here on the package stays without this line: what counts is what the line does to it.
    if let Some(said) = forwarded(taken, line) {
        return Some(said);
    }
    let more: Vec<&str> = require
        .features
        .iter()
        .map(String::as_str)
        .filter(|feature| !NAMES_ONLY.contains(feature) && !others_turn_on(world, taken, &require.name, feature))
        .collect();
    // What the resolver sees is certain: the same features are on without the line.
    if !more.is_empty() && world.lost(package.name, require).is_none_or(|lost| !lost.is_empty()) {
        return Some((format!("turns on {} of a package that others bring", more.join(", ")), at));
    }
    let native = require.name.ends_with("-sys") || require.name.ends_with("-src");
    if native && require.group == Group::Optional {
        return Some(("turned on, it says how a native library is linked".into(), at));
    }
    let version = require.version.as_deref().unwrap_or_default().trim();
    if version.starts_with(['=', '~', '<']) || version.contains('<') {
        return Some((format!("holds a package that others bring at {version}"), at));
    }
    let comment = require.comment.as_deref().unwrap_or_default();
    let words = comment.to_ascii_lowercase().replace('-', " ");
    ["pin", "minimal version", "min version", "vendored", "unif", "workaround", "transitive", "feature", "semver"]
        .iter()
        .any(|word| words.contains(word))
        .then(|| (format!("the line says: {comment}"), at))
}

/// A package of the tree that names itself: it can only do so in what becomes code elsewhere.
fn written_for<'m>(world: &World<'m>, name: &str) -> Option<&'m str> {
    world.package(name).filter(|package| world.name_themselves.contains(package.name)).map(|package| package.name)
}

/// Whether another package of the workspace, or one that comes along, turns a feature on for code of its own.
/// Features of what links a native library say how it is linked, and nobody knows who counts on whom.
fn others_turn_on<'m>(world: &World<'m>, taken: &Taken<'_, 'm>, name: &str, feature: &str) -> bool {
    if name.ends_with("-sys") || name.ends_with("-src") {
        return false;
    }
    world.around(taken.package).into_iter().any(|other| {
        let named =
            |line: &super::Line<'_>| world.heads.get(other.name).is_some_and(|h| h.contains(line.code.as_str()));
        other.lines.iter().any(|line| {
            line.require.name == name
                && line.require.group != Group::Dev
                && line.require.features.iter().any(|f| f == feature)
                && named(line)
        })
    })
}

/// Endings of crates that hold the macros of another one: what they write names that one.
const MACRO_CRATES: &[&str] =
    &["_derive", "_macros", "_macro", "_derives", "_proc_macro", "_proc_macros", "_codegen", "_attributes"];

/// Lines that the code of macros names, which come in a crate of their own.
pub(super) fn take_families(taken: &mut Taken<'_, '_>, facts: &mut Facts) {
    let lines: Vec<usize> = taken.idle().chain(taken.tested()).collect();
    for line in lines {
        let code = taken.package.lines[line].code.clone();
        let families = MACRO_CRATES.iter().filter_map(|ending| taken.package.names.get(&[&code, *ending].concat()));
        let used: Vec<usize> = families.flatten().copied().filter(|other| taken.lines[*other]).collect();
        let Some(writer) = used.iter().copied().find(|other| !taken.only_tests[*other]).or(used.first().copied())
        else {
            continue;
        };
        if taken.lines[line] && taken.only_tests[writer] {
            continue;
        }
        let at = taken.package.lines[line].require.line;
        let text = format!("code that {} writes names {code}", taken.package.lines[writer].require.name);
        taken.note_line_for(line, text, at, taken.only_tests[writer], facts);
    }
}
