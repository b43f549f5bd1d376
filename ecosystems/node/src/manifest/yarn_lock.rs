//! `yarn.lock`, of the first version (a format of its own) and of the later ones (YAML).
//!
//! A package's key is the first of the descriptors (`name@range`) that mean it. The first version does not say what the project
//! itself asks for: each descriptor stands here as a line of the project until [`super::settle`] sees the manifests.

use super::lock;
use depslim_formats::text::decode;
use depslim_formats::yaml::{self, Kind};
use depslim_model::{Facts, Group, Problem, Require, Source};
use std::collections::HashMap;

const MANAGER: &str = "yarn";

/// Reads a lock of any version.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let text: &str = &decoded.text;
    if text.lines().any(|line| line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>")) {
        return lock::broken(MANAGER, Problem::at(1, "a merge conflict is not resolved: run yarn install"));
    }
    if text.contains("\n__metadata:") || text.starts_with("__metadata:") { later(text) } else { first(text) }
}

/// One block of a first version.
#[derive(Debug, Default)]
struct Block<'t> {
    descriptors: Vec<&'t str>,
    line: u32,
    version: &'t str,
    integrity: Option<&'t str>,
    /// (name, range, line).
    requires: Vec<(&'t str, &'t str, u32)>,
}

fn first(text: &str) -> Facts {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut problem = None;
    let mut in_table = false;
    for (line, number) in text.lines().zip(1..) {
        let said = line.trim();
        if said.is_empty() || said.starts_with('#') {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if indent == 0 {
            let Some(list) = said.strip_suffix(':') else {
                problem.get_or_insert(Problem::at(number, "not a yarn.lock: a block begins with `name@range:`"));
                continue;
            };
            let descriptors = list.split(", ").map(unquoted).collect();
            blocks.push(Block { descriptors, line: number, ..Block::default() });
            in_table = false;
            continue;
        }
        let Some(block) = blocks.last_mut() else {
            problem.get_or_insert(Problem::at(number, "a line before the first block"));
            continue;
        };
        if indent <= 2 {
            in_table = matches!(said, "dependencies:" | "optionalDependencies:");
            match said.split_once(' ') {
                Some(("version", version)) => block.version = unquoted(version),
                Some(("integrity", hash)) => block.integrity = Some(unquoted(hash)),
                _ => {}
            }
        } else if in_table {
            let (name, range) = match said.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
                Some((name, range)) => (name, range.trim()),
                None => said.split_once(' ').unwrap_or((said, "")),
            };
            block.requires.push((name, unquoted(range), number));
        }
    }
    if let Some(problem) = problem {
        return lock::broken(MANAGER, problem);
    }
    let keys: HashMap<&str, &str> = blocks
        .iter()
        .flat_map(|block| {
            block.descriptors.iter().map(|d| (*d, block.descriptors.first().copied().unwrap_or_default()))
        })
        .collect();
    let mut facts = lock::of(MANAGER);
    for block in &blocks {
        let Some((key, (name, _))) = block.descriptors.first().and_then(|key| Some((*key, lock::split(key)?))) else {
            continue;
        };
        let mut provide = lock::package(name, block.version, key, block.line);
        provide.artifacts = lock::archive(name, block.version, block.integrity);
        facts.provides.push(provide);
        for (required, range, line) in &block.requires {
            let found = keys.get(format!("{required}@{range}").as_str()).copied();
            let edge = lock::edge(Some((name, key)), required, found, *line);
            facts.requires.push(Require { version: Some((*range).to_owned()), ..edge });
        }
        for (asked, range) in block.descriptors.iter().filter_map(|descriptor| lock::split(descriptor)) {
            let version = Some(range.to_owned());
            facts.requires.push(Require { version, ..lock::edge(None, asked, Some(key), block.line) });
        }
    }
    facts
}

fn later(text: &str) -> Facts {
    let read = yaml::read(text);
    if let Some(problem) = read.problems.first() {
        return lock::broken(MANAGER, problem.clone());
    }
    let Some(root) = read.first().filter(|root| root.kind() == Kind::Mapping) else {
        return lock::broken(MANAGER, Problem::at(1, "no packages"));
    };
    let mut facts = lock::of(MANAGER);
    let entries: Vec<_> = root.entries().filter(|entry| entry.key != "__metadata").collect();
    let mut keys: HashMap<&str, &str> = HashMap::new();
    for entry in &entries {
        let key = entry.value.get("resolution").and_then(|node| node.text()).unwrap_or(entry.key);
        keys.extend(entry.key.split(", ").map(|descriptor| (descriptor, key)));
    }
    for entry in &entries {
        let node = entry.value;
        let text = |key: &str| node.get(key).and_then(|node| node.text());
        let key = text("resolution").unwrap_or(entry.key);
        let Some((name, reference)) = lock::split(key) else { continue };
        // What the descriptors call it: an alias has another name than the package behind it.
        let name = entry.key.split(", ").find_map(lock::split).map_or(name, |(asked, _)| asked);
        let folder = reference.strip_prefix("workspace:");
        let owner = match folder {
            Some(".") => None,
            Some(folder) => {
                facts.provides.push(lock::member(name, folder, key, entry.line));
                Some((name, key))
            }
            None => {
                let version = text("version").unwrap_or_default();
                let mut provide = lock::package(name, version, key, entry.line);
                provide.condition = text("conditions").map(str::to_owned);
                provide.artifacts = lock::archive(name, version, text("checksum"));
                facts.provides.push(provide);
                Some((name, key))
            }
        };
        for (table, peer) in [("dependencies", false), ("peerDependencies", true)] {
            for required in node.get(table).into_iter().flat_map(|table| table.entries()) {
                let range = required.value.text().unwrap_or_default();
                let meta =
                    node.get("peerDependenciesMeta").and_then(|meta| meta.get(required.key)?.get("optional")?.text());
                let optional = peer && meta == Some("true");
                let found = ["", "npm:"]
                    .iter()
                    .find_map(|protocol| keys.get(format!("{}@{protocol}{range}", required.key).as_str()).copied());
                let version = Some(range.to_owned());
                let edge = lock::edge(owner, required.key, found, required.line);
                let condition = optional.then(|| crate::platform::IF_BROUGHT.to_owned());
                facts.requires.push(Require { version, peer, condition, group: Group::Prod, ..edge });
            }
        }
    }
    facts
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, facts};
    use super::*;

    #[test]
    fn the_first_version_names_descriptors() {
        check(
            read,
            "# yarn lockfile v1\n\n\n\"@fruit/pear@^1.0.0\", \"@fruit/pear@^1.2.0\":\n  version \"1.2.3\"\n  resolved \"https://r.example.invalid/x.tgz#00\"\n  integrity sha512-x\n  dependencies:\n    \"@fruit/pip\" \"^2.0.0\"\n    stone \">= 1 < 3\"\n\n\"@fruit/pip@^2.0.0\":\n  version \"2.0.0\"\n\n\"stone@>= 1 < 3\":\n  version \"1.9.0\"\n",
            &[
                "own @fruit/pear = @fruit/pear@^1.0.0",
                "own @fruit/pear = @fruit/pear@^1.0.0",
                "own @fruit/pip = @fruit/pip@^2.0.0",
                "own stone = stone@>= 1 < 3",
                "@fruit/pear@^1.0.0: @fruit/pear 1.2.3",
                "  @fruit/pip = @fruit/pip@^2.0.0",
                "  stone = stone@>= 1 < 3",
                "@fruit/pip@^2.0.0: @fruit/pip 2.0.0",
                "stone@>= 1 < 3: stone 1.9.0",
            ],
        );
    }

    #[test]
    fn later_versions_know_members_and_platforms() {
        check(
            read,
            "__metadata:\n  version: 8\n\n\"farm@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"farm@workspace:.\"\n  dependencies:\n    plum: \"npm:^1.0.0\"\n    soil: \"workspace:*\"\n  languageName: unknown\n\n\"plum@npm:^1.0.0, plum@npm:^1.1.0\":\n  version: 1.1.0\n  resolution: \"plum@npm:1.1.0\"\n  dependencies:\n    stone: \"npm:1\"\n  conditions: os=linux & libc=musl\n\n\"soil@workspace:*, soil@workspace:packages/soil\":\n  version: 0.0.0-use.local\n  resolution: \"soil@workspace:packages/soil\"\n  dependencies:\n    plum: \"npm:^1.1.0\"\n\n\"stone@npm:1\":\n  version: 1.0.0\n  resolution: \"stone@npm:1.0.0\"\n",
            &[
                "own plum = plum@npm:1.1.0",
                "own soil = soil@workspace:packages/soil",
                "plum@npm:1.1.0: plum 1.1.0 if os=linux & libc=musl",
                "  stone = stone@npm:1.0.0",
                "soil@workspace:packages/soil: soil in packages/soil",
                "  plum = plum@npm:1.1.0",
                "stone@npm:1.0.0: stone 1.0.0",
            ],
        );
    }

    #[test]
    fn half_a_lock_is_none() {
        for text in ["<<<<<<< ours\n", "plum\n", "  version \"1\"\n", "__metadata:\n  version: [\n"] {
            assert!(facts(read, text).problems.iter().any(|p| p.fatal), "{text}");
        }
    }
}
