//! The declarations that stay, and a manifest with them alone.

use depslim_formats::edit::{apply, json as table};
use depslim_formats::json::{self, Dialect, Doc, Node};
use depslim_model::ecosystem::{Action, Plan};
use std::collections::{BTreeMap, BTreeSet};

/// Tables of a manifest that an install of production reads.
pub(super) const SHIPPED: &[&str] = &["dependencies", "optionalDependencies"];

pub(super) const DEVELOPMENT: &str = "devDependencies";

/// Scripts that clients run when somebody has checked the project out, to prepare its development.
const PREPARATION: &[&str] = &["prepare", "preprepare", "postprepare", "prepublish"];

/// The declarations that stay.
pub(super) struct Roots<'d> {
    /// Names of all of them.
    pub(super) names: BTreeSet<&'d str>,
    /// Declared for development, and needed by production: with their ranges.
    pub(super) moved: BTreeMap<&'d str, &'d str>,
    /// The ranges of all of them, as written.
    pub(super) ranges: BTreeMap<&'d str, &'d str>,
}

impl<'d> Roots<'d> {
    pub(super) fn of(root: Node<'d>, plan: &Plan, manifest: &str) -> Self {
        let changes = plan.changes.get(manifest).into_iter().flatten();
        let gone: BTreeSet<&str> = changes
            .filter(|change| !matches!(change.action, Action::DropFeature(_)))
            .map(|change| change.package.as_str())
            .collect();
        let needed: BTreeSet<&str> = plan.keep.iter().map(|kept| kept.package.as_str()).collect();
        let entries = |name: &str| root.get(name).into_iter().flat_map(|table| table.entries());
        let shipped = SHIPPED.iter().flat_map(|name| entries(name));
        let mut ranges: BTreeMap<&str, &str> =
            shipped.filter(|(n, _)| !gone.contains(n)).filter_map(|(n, node)| Some((n, node.text()?))).collect();
        let missing = |name: &str| needed.contains(name) && !gone.contains(name);
        let moved: BTreeMap<&str, &str> = entries(DEVELOPMENT)
            .filter(|(name, _)| missing(name) && !ranges.contains_key(name))
            .filter_map(|(name, node)| Some((name, node.text()?)))
            .collect();
        ranges.extend(moved.iter().map(|(name, range)| (*name, *range)));
        Self { names: ranges.keys().copied().collect(), moved, ranges }
    }

    /// The manifest of production: without what development declares, and without the members of a workspace.
    pub(super) fn manifest(&self, text: &str) -> Result<String, String> {
        let doc = parse(text, "package.json")?;
        let root = doc.root();
        let mut edits = table::retain(root, |key, _| !matches!(key, DEVELOPMENT | "workspaces"));
        edits.extend(self.of_tables(root));
        if let Some(scripts) = root.get("scripts") {
            edits.extend(table::retain(scripts, |name, _| !PREPARATION.contains(&name)));
        }
        self.with_moved(apply(text, &edits)?, &[])
    }

    /// The edits that leave in the tables of a manifest, or of a lock's copy of it, what stays.
    pub(super) fn of_tables(&self, root: Node<'_>) -> Vec<depslim_formats::edit::Edit> {
        let tables = SHIPPED.iter().filter_map(|name| root.get(name));
        tables.flat_map(|node| table::retain(node, |name, _| self.names.contains(name))).collect()
    }

    /// The text with what moves from development to production, below a path of keys.
    pub(super) fn with_moved(&self, mut text: String, path: &[&str]) -> Result<String, String> {
        for (name, range) in &self.moved {
            let doc = parse(&text, "the exported file")?;
            let Some(root) = doc.at(path) else { break };
            let entry = format!("\"{name}\": \"{range}\"");
            let edit = match root.get(SHIPPED[0]) {
                Some(table) => table::insert(&text, table, name, &entry),
                None => table::insert(&text, root, SHIPPED[0], &format!("\"{}\": {{{entry}}}", SHIPPED[0])),
            };
            let new = apply(&text, &[edit])?;
            drop(doc);
            text = new;
        }
        Ok(text)
    }
}

/// A JSON document, or where it is broken.
pub(super) fn parse<'t>(text: &'t str, path: &str) -> Result<Doc<'t>, String> {
    json::parse(text, Dialect::Strict).map_err(|problem| format!("{path}:{}: {}", problem.line, problem.message))
}
