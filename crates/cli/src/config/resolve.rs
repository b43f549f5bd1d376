//! From a checked tree of values to what an analysis and a policy are told.

use super::keys::{ECOSYSTEM_NAMES, LEVELS, SEVERITIES};
use super::place::{Base, relative};
use super::tree::{Node, Place, Value};
use super::{CommentMode, CommentSettings, Config};
use depslim::policy::{Budget, Date, FailOn, FolderPolicy, Ignore, Limit, PackagePattern, Policy};
use depslim::{FolderOptions, Keep, Options};
use depslim_model::{Bytes, Code, Location, Settings, Severity, Target, size};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What the values of a tree mean for the root of `base`. The tree has been checked: what is not as it should be is left out.
pub(super) fn resolve(tree: &Node, file: Option<PathBuf>, base: &Base, today: Date) -> Config {
    let defaults = Options::default();
    let heavy = bytes(tree.get("heavy")).unwrap_or(defaults.heavy);
    let mut options = Options {
        ecosystems: texts(tree.get("ecosystems")),
        exclude: texts(tree.get("exclude")).iter().filter_map(|glob| base.glob(glob)).collect(),
        target: target(tree).unwrap_or_default(),
        heavy,
        settings: settings(tree),
        ..defaults
    };
    let mut policy = Policy {
        rules: rules(tree),
        fail_on: fail_on(tree).unwrap_or_default(),
        budget: budget(tree, base),
        ignores: ignores(tree, base, None),
        ..Policy::new(today)
    };
    for project in tree.get("project").into_iter().flat_map(Node::items) {
        let Some(written) = project.get("path").and_then(Node::text) else { continue };
        policy.ignores.extend(ignores(project, base, Some(written)));
        let Some(path) = base.folder(written) else { continue };
        let ecosystems = project.get("ecosystems").map(|_| texts(project.get("ecosystems")));
        let there = Base { folder: base.path(written), ..base.clone() };
        let excluded = texts(project.get("exclude"));
        options.exclude.extend(excluded.iter().filter_map(|glob| below(glob, &path).or_else(|| there.glob(glob))));
        options.folders.push(FolderOptions {
            path: path.clone(),
            ecosystems,
            target: target(project),
            settings: settings(project),
        });
        policy.folders.push(FolderPolicy {
            path,
            rules: rules(project),
            fail_on: fail_on(project),
            budget: budget(project, base),
            heavy: bytes(project.get("heavy")),
        });
    }
    // The analysis looks with the lowest threshold; the policy then gives every folder its own.
    if let Some(lowest) = policy.folders.iter().filter_map(|folder| folder.heavy).min().filter(|lowest| *lowest < heavy)
    {
        options.heavy = lowest;
        policy.folders.insert(0, FolderPolicy { path: ".".to_owned(), heavy: Some(heavy), ..FolderPolicy::default() });
    }
    options.keep = keep(&policy.ignores, today);
    Config {
        file,
        options,
        policy,
        baseline: tree.get("baseline").and_then(Node::text).map(|path| base.path(path)),
        out_dir: tree.at(&["export", "out-dir"]).and_then(Node::text).map(|path| base.path(path)),
        comment: comment(tree),
    }
}

fn comment(tree: &Node) -> CommentSettings {
    let defaults = CommentSettings::default();
    let mode = match tree.at(&["comment", "mode"]).and_then(Node::text) {
        Some("always") => CommentMode::Always,
        Some("never") => CommentMode::Never,
        _ => defaults.mode,
    };
    let suggestions = tree.at(&["comment", "suggestions"]).and_then(|node| match &node.value {
        Value::Integer(number) => usize::try_from(*number).ok(),
        _ => None,
    });
    CommentSettings {
        mode,
        min_delta: bytes(tree.at(&["comment", "min-delta"])).unwrap_or(defaults.min_delta),
        // Every one of them is a notification for somebody.
        suggestions: suggestions.unwrap_or(defaults.suggestions).min(3),
    }
}

/// A glob of a folder below the root, as a glob of the root.
fn below(glob: &str, folder: &str) -> Option<String> {
    if folder == "." {
        return None;
    }
    let anchored = glob.trim_end_matches('/').contains('/');
    let glob = glob.trim_start_matches('/');
    Some(if anchored { format!("/{folder}/{glob}") } else { format!("/{folder}/**/{glob}") })
}

/// Packages that an ignore keeps: who hides that a package is unused says that it is needed.
fn keep(ignores: &[Ignore], today: Date) -> Vec<Keep> {
    let current = |ignore: &&Ignore| ignore.until.is_none_or(|until| today <= until);
    let about_use = |ignore: &&Ignore| {
        ignore.rules.is_empty() || ignore.rules.iter().any(|rule| matches!(rule, Code::Unused | Code::DevInProd))
    };
    let kept = ignores.iter().filter(current).filter(about_use).filter_map(|ignore| {
        Some(Keep {
            package: ignore.package.clone().or_else(|| PackagePattern::parse("*").ok())?,
            path: ignore.path.clone(),
            reason: ignore.reason.clone().unwrap_or_else(|| "ignored without a reason".to_owned()),
        })
    });
    kept.collect()
}

fn ignores(tree: &Node, base: &Base, project: Option<&str>) -> Vec<Ignore> {
    let one = |node: &Node| {
        let own = node.get("path").and_then(Node::text);
        let written = match (project, own) {
            (Some(project), Some(own)) => Some(format!("{project}/{own}")),
            (project, own) => project.or(own).map(str::to_owned),
        };
        let path = match &written {
            Some(written) => Some(base.folder(written)?),
            None => None,
        };
        Some(Ignore {
            package: node.get("package").and_then(Node::text).and_then(|text| PackagePattern::parse(text).ok()),
            rules: texts(node.get("rules")).iter().filter_map(|rule| Code::find(rule)).collect(),
            path: path.filter(|path| path != "."),
            reason: node.get("reason").and_then(Node::text).map(str::to_owned),
            until: node.get("until").and_then(|until| match &until.value {
                Value::Text(text) | Value::Other(text) => text.parse().ok(),
                _ => None,
            }),
            place: location(&node.place, base),
            only_here: base.holds(written.as_deref().unwrap_or(".")),
        })
    };
    tree.get("ignore").into_iter().flat_map(Node::items).filter_map(one).collect()
}

fn rules(tree: &Node) -> BTreeMap<Code, Severity> {
    let severity = |word: &str| {
        let words = [Severity::Error, Severity::Warn, Severity::Off];
        SEVERITIES.iter().position(|known| *known == word).map(|at| words[at])
    };
    let entries = tree.get("rules").map_or(&[][..], Node::entries).iter();
    entries.filter_map(|(name, value)| Some((Code::find(name)?, severity(value.text()?)?))).collect()
}

fn budget(tree: &Node, base: &Base) -> Budget {
    let limit = |key| {
        let node = tree.at(&["budget", key])?;
        Some(Limit { bytes: bytes(Some(node))?, place: location(&node.place, base) })
    };
    Budget { prod_total: limit("prod-total"), prod_growth: limit("prod-growth") }
}

/// Every ecosystem's table, and the one of the image.
fn settings(tree: &Node) -> BTreeMap<String, Settings> {
    let named = ECOSYSTEM_NAMES.iter().chain(&["image"]).filter_map(|name| Some((*name, tree.get(name)?)));
    named.map(|(name, table)| (name.to_owned(), flat(table))).collect()
}

/// A table as lists of strings, nested keys joined by a dot.
fn flat(table: &Node) -> Settings {
    fn add(node: &Node, path: &str, into: &mut BTreeMap<String, Vec<String>>) {
        let values = match &node.value {
            Value::Table(entries) => {
                for (key, node) in entries {
                    add(node, &if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, into);
                }
                return;
            }
            Value::Flag(flag) => vec![flag.to_string()],
            Value::Integer(number) => vec![number.to_string()],
            Value::Other(text) => vec![text.clone()],
            Value::Text(_) | Value::List(_) => node.texts().into_iter().map(str::to_owned).collect(),
        };
        into.insert(path.to_owned(), values);
    }
    let mut settings = Settings::default();
    add(table, "", &mut settings.0);
    settings
}

fn target(tree: &Node) -> Option<Target> {
    tree.get("target").and_then(Node::text).and_then(Target::parse)
}

fn fail_on(tree: &Node) -> Option<FailOn> {
    tree.get("fail-on").and_then(Node::text).and_then(level)
}

/// The level that a word stands for.
pub(crate) fn level(word: &str) -> Option<FailOn> {
    let levels = [FailOn::Error, FailOn::Warn, FailOn::Never];
    LEVELS.iter().position(|known| *known == word).map(|at| levels[at])
}

fn bytes(node: Option<&Node>) -> Option<Bytes> {
    match &node?.value {
        Value::Text(text) => size::parse(text),
        Value::Integer(bytes) => Bytes::try_from(*bytes).ok(),
        _ => None,
    }
}

fn texts(node: Option<&Node>) -> Vec<String> {
    node.map(|node| node.texts().into_iter().map(str::to_owned).collect()).unwrap_or_default()
}

fn location(place: &Place, base: &Base) -> Option<Location> {
    let file = place.file.as_ref()?;
    Some(Location { file: relative(&base.root, file), line: place.line, column: 1 })
}
