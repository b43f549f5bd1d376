//! `--locked`: whether a lock holds what the manifests of its workspace declare.

use depslim_formats::toml::{self, Doc, Node};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Tables of dependencies.
const TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Fails when there is no lock, or when it lacks something.
pub(super) fn check(root: &Path) -> Result<(), String> {
    let path = root.join("Cargo.lock");
    let text = fs_err::read_to_string(&path)
        .map_err(|_| format!("{}: no Cargo.lock, and --locked asks for one", root.display()))?;
    let lock = toml::parse(&text).map_err(|p| format!("{}:{}: {}", path.display(), p.line, p.message))?;
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in lock.at(&["package"]).iter().flat_map(Node::items).filter(|p| p.get("source").is_none()) {
        let Some(name) = package.get("name").and_then(|n| n.text()) else { continue };
        let to = package
            .get("dependencies")
            .into_iter()
            .flat_map(|list| list.strings().filter_map(|edge| edge.text.split(' ').next()).collect::<Vec<_>>());
        edges.entry(name).or_default().extend(to);
    }
    let above = fs_err::read_to_string(root.join("Cargo.toml")).unwrap_or_default();
    let Ok(above) = toml::parse(&above) else { return Ok(()) };
    for manifest in manifests(root, &above) {
        let Ok(text) = fs_err::read_to_string(&manifest) else { continue };
        let Ok(doc) = toml::parse(&text) else { continue };
        let Some(name) = doc.at(&["package", "name"]).and_then(|n| n.text()) else { continue };
        let Some(known) = edges.get(name) else {
            return Err(format!("{}: the lock does not know {name}: run cargo update --workspace", path.display()));
        };
        for (package, line) in declared(&doc, &above) {
            if !known.contains(package.as_str()) && package != name {
                return Err(format!(
                    "{}:{line}: the lock does not know {package}: run cargo update --workspace",
                    manifest.display()
                ));
            }
        }
    }
    Ok(())
}

/// The manifests of a workspace: the root's own and those of its members.
fn manifests(root: &Path, doc: &Doc<'_>) -> Vec<PathBuf> {
    let mut all = vec![root.join("Cargo.toml")];
    let said = |key: &str| -> Vec<String> {
        doc.at(&["workspace", key]).iter().flat_map(Node::strings).map(|s| s.text.to_owned()).collect()
    };
    let excluded = said("exclude");
    for pattern in said("members") {
        let folders = match pattern.strip_suffix("/*") {
            Some(folder) => {
                let entries = fs_err::read_dir(root.join(folder)).into_iter().flatten().flatten();
                entries.map(|entry| format!("{folder}/{}", entry.file_name().to_string_lossy())).collect()
            }
            None => vec![pattern],
        };
        all.extend(folders.iter().filter(|f| !excluded.contains(f)).map(|f| root.join(f).join("Cargo.toml")));
    }
    all
}

/// Packages that a manifest declares, in whatever table, with their lines.
fn declared(doc: &Doc<'_>, above: &Doc<'_>) -> Vec<(String, u32)> {
    let root = doc.root();
    let targets: Vec<Node<'_>> = root.get("target").iter().flat_map(Node::entries).map(|(_, node)| node).collect();
    let places = targets.into_iter().chain([root]);
    let tables = places.flat_map(|place| TABLES.iter().filter_map(move |table| place.get(table)).collect::<Vec<_>>());
    let mut all = Vec::new();
    for (key, entry) in tables.flat_map(|table| table.entries().collect::<Vec<_>>()) {
        let inherited = entry.get("workspace").and_then(|n| n.boolean()) == Some(true);
        let line = entry.line();
        let from = if inherited { above.at(&["workspace", "dependencies", key]) } else { Some(entry) };
        let package = from.and_then(|node| node.get("package")?.text().map(str::to_owned));
        all.push((package.unwrap_or_else(|| key.to_owned()), line));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::check;

    fn run(manifest: &str, lock: Option<&str>) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        fs_err::write(folder.path().join("Cargo.toml"), manifest).unwrap();
        if let Some(lock) = lock {
            fs_err::write(folder.path().join("Cargo.lock"), lock).unwrap();
        }
        fs_err::create_dir_all(folder.path().join("crates/shed")).unwrap();
        let shed = "[package]\nname = \"shed\"\n[dev-dependencies]\nfeed.workspace = true\n";
        fs_err::write(folder.path().join("crates/shed/Cargo.toml"), shed).unwrap();
        check(folder.path())
    }

    #[test]
    fn a_lock_has_to_know_every_line() {
        let manifest = "[package]\nname = \"barn\"\n[dependencies]\nhay = \"1\"\n[target.'cfg(unix)'.dependencies]\nrope = { version = \"1\", package = \"cord\" }\n";
        let lock = |edges: &str| format!("[[package]]\nname = \"barn\"\ndependencies = [{edges}]\n");
        assert!(run(manifest, None).unwrap_err().contains("no Cargo.lock"));
        assert_eq!(run(manifest, Some(&lock("\"hay 1.0.0\", \"cord\""))), Ok(()));
        assert!(run(manifest, Some(&lock("\"hay\""))).unwrap_err().contains(":6: the lock does not know cord"));
        assert!(run(manifest, Some("")).unwrap_err().contains("does not know barn"));
        assert!(run(manifest, Some("[")).is_err());
    }

    #[test]
    fn members_are_asked_too() {
        let manifest = "[workspace]\nmembers = [\"crates/*\"]\n[workspace.dependencies]\nfeed = { package = \"oats\", version = \"1\" }\n";
        let lock = |edge: &str| format!("[[package]]\nname = \"shed\"\ndependencies = [\"{edge}\"]\n");
        assert_eq!(run(manifest, Some(&lock("oats"))), Ok(()));
        assert!(run(manifest, Some(&lock("feed"))).unwrap_err().contains("does not know oats"));
    }
}
