//! Version catalogs (`gradle/libs.versions.toml`): which coordinates the names of build scripts stand for.

use depslim_formats::toml::{self, Doc, Node};
use std::collections::BTreeMap;

/// What a catalog's names stand for: `group:artifact` and a version, if there is one.
pub(crate) type Catalog = BTreeMap<String, Vec<(String, Option<String>)>>;

/// Reads a catalog. Names are as build scripts write them, without what stands for the catalog (`spring.boot.web`).
///
/// # Errors
/// When it is no TOML.
pub(crate) fn read(text: &str) -> Result<Catalog, depslim_model::Problem> {
    let doc = toml::parse(text)?;
    let mut catalog = Catalog::new();
    let libraries = doc.at(&["libraries"]);
    for (alias, node) in libraries.iter().flat_map(Node::entries) {
        if let Some(library) = library(&doc, node) {
            catalog.insert(dotted(alias), vec![library]);
        }
    }
    let bundles = doc.at(&["bundles"]);
    for (alias, node) in bundles.iter().flat_map(Node::entries) {
        let parts = node.strings().filter_map(|part| catalog.get(&dotted(part.text)).cloned()).flatten().collect();
        catalog.insert(format!("bundles.{}", dotted(alias)), parts);
    }
    Ok(catalog)
}

fn library(doc: &Doc<'_>, node: Node<'_>) -> Option<(String, Option<String>)> {
    if let Some(text) = node.text() {
        let mut parts = text.splitn(3, ':');
        let name = format!("{}:{}", parts.next()?, parts.next()?);
        return Some((name, parts.next().map(str::to_owned)));
    }
    let name = match node.get("module").and_then(|n| n.text()) {
        Some(module) => module.to_owned(),
        None => format!("{}:{}", node.get("group")?.text()?, node.get("name")?.text()?),
    };
    let version = node.get("version");
    let referred = version.and_then(|v| v.get("ref")).and_then(|r| r.text());
    let version = match referred {
        Some(alias) => doc.at(&["versions", alias]).and_then(|v| plain(v)),
        None => version.and_then(plain),
    };
    Some((name, version))
}

fn plain(node: Node<'_>) -> Option<String> {
    let text = node.text().or_else(|| node.get("strictly")?.text()).or_else(|| node.get("require")?.text())?;
    Some(text.to_owned())
}

fn dotted(alias: &str) -> String {
    alias.replace(['-', '_'], ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_for_coordinates() {
        let text = "[versions]\nhay = '3'\n[libraries]\nfeed-hay = { module = 'feed:hay', version.ref = 'hay' }\noats = 'feed:oats:1'\nbare = { group = 'feed', name = 'bare' }\n[bundles]\nall = ['feed-hay', 'oats']\n";
        let catalog = read(text).unwrap();
        let said = |name: &str| -> Vec<String> {
            catalog[name]
                .iter()
                .map(|(name, version)| format!("{name} {}", version.as_deref().unwrap_or("-")))
                .collect()
        };
        assert_eq!(said("feed.hay"), ["feed:hay 3"]);
        assert_eq!(said("oats"), ["feed:oats 1"]);
        assert_eq!(said("bare"), ["feed:bare -"]);
        assert_eq!(said("bundles.all"), ["feed:hay 3", "feed:oats 1"]);
        assert!(read("[").is_err());
    }
}
