//! Tables of dependencies: for all targets or some, for code, tests and build scripts, and those that members inherit.

use super::{INHERITED, WORKSPACE};
use depslim_formats::toml::{Doc, Kind, Node};
use depslim_model::{Facts, Group, Problem, Require};

/// The three tables, in both spellings that cargo reads.
const TABLES: [(&str, Group); 5] = [
    ("dependencies", Group::Prod),
    ("dev-dependencies", Group::Dev),
    ("dev_dependencies", Group::Dev),
    ("build-dependencies", Group::Build),
    ("build_dependencies", Group::Build),
];

/// A declaration and the entry that makes it.
pub(crate) struct Declaration<'d> {
    /// The entry.
    pub(crate) node: Node<'d>,
    /// The table's group.
    pub(crate) group: Group,
    /// What it says.
    pub(crate) require: Require,
}

/// Every declaration of a manifest.
pub(super) fn read(doc: &Doc<'_>, facts: &mut Facts) {
    facts.requires.extend(declarations(doc).into_iter().map(|d| d.require));
    for (name, value) in doc.at(&["target"]).iter().flat_map(Node::entries) {
        if value.kind() != Kind::Table {
            facts.problems.push(Problem::at(value.line(), format!("target.{name} is no table: not read")));
        }
    }
}

/// Declarations as the file writes them, those last that members may inherit.
pub(crate) fn declarations<'d>(doc: &'d Doc<'_>) -> Vec<Declaration<'d>> {
    let mut all = Vec::new();
    for (node, group, condition) in entries(doc) {
        let mut require = requirement(node);
        require.group = if require.group == Group::Optional && group == Group::Prod { Group::Optional } else { group };
        require.group_name = match group {
            Group::Dev => Some("dev-dependencies".into()),
            Group::Build => Some("build-dependencies".into()),
            _ => None,
        };
        require.condition = condition.map(str::to_owned);
        all.push(Declaration { node, group, require });
    }
    for (_, node) in doc.at(&["workspace", "dependencies"]).iter().flat_map(Node::entries) {
        let require = Require { from: Some(WORKSPACE.into()), ..requirement(node) };
        all.push(Declaration { node, group: Group::Dev, require });
    }
    all
}

/// Entries of all tables, with their table's group and target.
fn entries<'d>(doc: &'d Doc<'_>) -> Vec<(Node<'d>, Group, Option<&'d str>)> {
    let mut all = Vec::new();
    let root = doc.root();
    for (table, group) in TABLES {
        all.extend(root.get(table).iter().flat_map(Node::entries).map(|(_, entry)| (entry, group, None)));
    }
    for (target, tables) in root.get("target").iter().flat_map(Node::entries) {
        for (table, group) in TABLES {
            let entries = tables.get(table);
            all.extend(entries.iter().flat_map(Node::entries).map(|(_, entry)| (entry, group, Some(target))));
        }
    }
    all
}

/// What one entry says. Its group is [`Group::Optional`] when it says `optional = true`, else production.
fn requirement(entry: Node<'_>) -> Require {
    let key = entry.key().unwrap_or_default();
    let text = |name: &str| entry.get(name).and_then(|n| n.text());
    let flag = |name: &str| entry.get(name).and_then(|n| n.boolean());
    let package = text("package");
    let mut features: Vec<String> =
        entry.get("features").iter().flat_map(Node::strings).map(|s| s.text.to_owned()).collect();
    let inherited = flag("workspace") == Some(true);
    // An inherited line has the root's default features, unless the root turns them off and the line on.
    if flag("default-features").or_else(|| flag("default_features")) != Some(false)
        && (!inherited || flag("default-features") == Some(true))
    {
        features.push("default".into());
    }
    let origin = if inherited {
        Some(INHERITED.to_owned())
    } else {
        text("path").map(str::to_owned).or_else(|| text("git").map(without_credentials))
    };
    Require {
        name: package.unwrap_or(key).to_owned(),
        alias: package.filter(|package| *package != key).map(|_| key.to_owned()),
        features,
        group: if flag("optional") == Some(true) { Group::Optional } else { Group::Prod },
        version: entry.text().or_else(|| text("version")).map(str::to_owned),
        line: entry.line(),
        span: entry.key_span().map(|key| key.start..entry.span().end.max(key.end)),
        comment: comment(entry),
        origin,
        ..Require::default()
    }
}

/// A comment behind the entry, else the lines of comment directly above it.
fn comment(entry: Node<'_>) -> Option<String> {
    let (doc, line) = (entry.doc(), entry.line());
    let text = doc.text();
    let end = doc.lines().line(entry.span().end);
    let behind =
        &text[entry.span().end.min(text.len())..doc.lines().range(end).end.max(entry.span().end).min(text.len())];
    if let Some((_, said)) = behind.split_once('#') {
        return Some(said.trim().to_owned()).filter(|said| !said.is_empty());
    }
    let mut above: Vec<&str> = (1..line)
        .rev()
        .map_while(|number| text[doc.lines().range(number)].trim().strip_prefix('#'))
        .take(3)
        .map(|said| said.trim_start_matches('#').trim())
        .collect();
    if above.is_empty() {
        return heading(entry);
    }
    above.reverse();
    // A heading of several lines is no note on the first of them.
    let alone = text[doc.lines().range(line + 1)].trim().is_empty() || above.len() > 1;
    let said = above.join(" ");
    (!said.is_empty() && (alone || speaks_of(&said, entry.key().unwrap_or_default()))).then_some(said)
}

/// A heading over several entries that says why versions are named: it speaks of all of them.
fn heading(entry: Node<'_>) -> Option<String> {
    let (doc, text) = (entry.doc(), entry.doc().text());
    let above = (1..entry.line()).rev().take(12).map(|number| text[doc.lines().range(number)].trim());
    let said =
        above.take_while(|line| !line.is_empty() && !line.starts_with('[')).find(|line| line.starts_with('#'))?;
    let said = said.trim_start_matches('#').trim();
    said.to_ascii_lowercase().replace('-', " ").contains("minimal version").then(|| said.to_owned())
}

/// Whether a comment is about this entry more than about what follows.
fn speaks_of(comment: &str, key: &str) -> bool {
    let comment = comment.to_ascii_lowercase();
    comment.contains(&key.to_ascii_lowercase())
        || ["pin", "keep", "version", "feature", "needed", "required", "workaround"]
            .iter()
            .any(|word| comment.contains(word))
}

/// A URL without user and password.
pub(crate) fn without_credentials(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            match rest[..end].rfind('@') {
                Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
                None => url.to_owned(),
            }
        }
        None => url.to_owned(),
    }
}
