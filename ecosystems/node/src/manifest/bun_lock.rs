//! `bun.lock`, which is JSON with trailing commas. A package's key is its way from the root (`plum/stone`).

use super::lock;
use crate::platform;
use depslim_formats::json::{self, Dialect, Node};
use depslim_formats::text::decode;
use depslim_model::{Facts, Problem, Require, Source};
use std::collections::BTreeMap;

const MANAGER: &str = "bun";

/// Reads a lock.
pub(super) fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let doc = match json::parse(&decoded.text, Dialect::Comments) {
        Ok(doc) => doc,
        Err(problem) => return lock::broken(MANAGER, problem),
    };
    let (Some(workspaces), packages) = (doc.at(&["workspaces"]), doc.at(&["packages"])) else {
        return lock::broken(MANAGER, Problem::at(1, "no workspaces: run bun install to make the lock again"));
    };
    let entries: BTreeMap<&str, Node<'_>> = packages.into_iter().flat_map(|packages| packages.entries()).collect();
    let mut facts = lock::of(MANAGER);
    for (folder, node) in workspaces.entries() {
        let name = node.get("name").and_then(|name| name.text()).unwrap_or(folder);
        let owner = (!folder.is_empty()).then_some((name, folder));
        if owner.is_some() {
            facts.provides.push(lock::member(name, folder, folder, node.line()));
        }
        requires(node, owner, name, &entries, &mut facts);
    }
    for (key, node) in &entries {
        let items: Vec<Node<'_>> = node.items().collect();
        let Some((name, version)) = items.first().and_then(|first| lock::split(first.text()?)) else { continue };
        if version.starts_with("workspace:") {
            continue;
        }
        let about = items.iter().copied().find(|item| item.kind() == json::Kind::Object);
        let shown = last(key);
        let mut provide = lock::package(shown, version, key, node.line());
        provide.condition = about.and_then(platform::condition);
        let hash = items.last().and_then(Node::text).filter(|hash| hash.starts_with("sha"));
        provide.artifacts = lock::archive(name, version, hash);
        facts.provides.push(provide);
        if let Some(about) = about {
            requires(about, Some((shown, key)), key, &entries, &mut facts);
        }
    }
    facts
}

fn requires(
    node: Node<'_>,
    owner: Option<(&str, &str)>,
    from: &str,
    entries: &BTreeMap<&str, Node<'_>>,
    facts: &mut Facts,
) {
    let optional: Vec<&str> =
        node.get("optionalPeers").into_iter().flat_map(|peers| peers.strings()).map(|(name, _)| name).collect();
    for (table, group, peer) in lock::TABLES {
        for (name, range) in node.get(table).into_iter().flat_map(|table| table.entries()) {
            let condition = (*peer && optional.contains(&name)).then(|| crate::platform::IF_BROUGHT.to_owned());
            let found = resolve(from, name, entries);
            let version = range.text().map(str::to_owned);
            let edge = lock::edge(owner, name, found.as_deref(), range.line());
            facts.requires.push(Require { group: *group, peer: *peer, version, condition, ..edge });
        }
    }
}

/// The key that a name means below another key; a member's is its folder.
fn resolve(from: &str, name: &str, entries: &BTreeMap<&str, Node<'_>>) -> Option<String> {
    let mut around = from;
    loop {
        let key = if around.is_empty() { name.to_owned() } else { format!("{around}/{name}") };
        if let Some(node) = entries.get(key.as_str()) {
            let said = node.items().next().and_then(|first| first.text()).unwrap_or_default();
            return Some(match said.split_once("@workspace:") {
                Some((_, folder)) => folder.to_owned(),
                None => key,
            });
        }
        if around.is_empty() {
            return None;
        }
        around = around.strip_suffix(last(around)).unwrap_or_default().trim_end_matches('/');
    }
}

/// The last package's name in a key.
fn last(key: &str) -> &str {
    let name = key.rsplit('/').next().unwrap_or(key);
    let before = key[..key.len() - name.len()].trim_end_matches('/');
    match before.rsplit('/').next().filter(|scope| scope.starts_with('@')) {
        Some(scope) => &key[before.len() - scope.len()..],
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, facts};
    use super::*;

    #[test]
    fn keys_lead_from_the_root() {
        check(
            read,
            r#"{
  "lockfileVersion": 1,
  "workspaces": {
    "": {"name": "farm", "dependencies": {"plum": "^1", "@fruit/pear": "1",}, "devDependencies": {"soil": "workspace:*"}},
    "packages/soil": {"name": "soil", "dependencies": {"stone": "2"}},
  },
  "packages": {
    "@fruit/pear": ["@fruit/pear@1.0.0", "", {"dependencies": {"stone": "1"}}, "sha512-a"],
    "@fruit/pear/stone": ["stone@1.0.0", "", {"os": "linux"}, "sha512-b"],
    "plum": ["plum@1.2.0", "", {"peerDependencies": {"stone": "*", "bird": "*"}, "optionalPeers": ["bird"]}, "sha512-c"],
    "soil": ["soil@workspace:packages/soil"],
    "stone": ["stone@2.0.0", "", {}, "sha512-d"],
  }
}"#,
            &[
                "own @fruit/pear = @fruit/pear",
                "own plum = plum",
                "own soil = packages/soil (dev)",
                "@fruit/pear: @fruit/pear 1.0.0",
                "  stone = @fruit/pear/stone",
                "@fruit/pear/stone: stone 1.0.0 if os=linux",
                "packages/soil: soil in packages/soil",
                "  stone = stone",
                "plum: plum 1.2.0",
                "  stone = stone (peer)",
                "  bird = ? (optional peer)",
                "stone: stone 2.0.0",
            ],
        );
    }

    #[test]
    fn half_a_lock_is_none() {
        for text in ["", "{", "{}"] {
            assert!(facts(read, text).problems.iter().any(|p| p.fatal), "{text}");
        }
    }
}
