//! Where packages are installed: `node_modules` of the project's folder and of those above it, up to the root.

use depslim_model::ecosystem::InstallPlan;
use depslim_model::{Environment, Host};
use std::path::{Path, PathBuf};

/// How deep folders `node_modules` may lie in one another; links can make circles.
const DEEPEST: usize = 40;

/// The nearest `node_modules` first.
pub(crate) fn environments(host: &Host<'_>) -> Vec<Environment> {
    let above = host.project.ancestors().take_while(|folder| folder.starts_with(host.root));
    above.map(|folder| folder.join("node_modules")).filter(|tree| tree.is_dir()).map(|tree| open(tree, host)).collect()
}

/// A locked set is installed by the client that wrote the lock; there is none that takes pins alone.
pub(crate) fn installers(_plan: &InstallPlan<'_>) -> Vec<Vec<Vec<String>>> {
    Vec::new()
}

fn open(tree: PathBuf, host: &Host<'_>) -> Environment {
    let label = tree.strip_prefix(host.root).unwrap_or(&tree).to_string_lossy().into_owned();
    let mut environment = Environment { label, ..Environment::default() };
    collect(&tree, &mut environment, 0);
    environment.metadata.sort();
    environment.tree = tree;
    environment
}

fn collect(site: &Path, environment: &mut Environment, depth: usize) {
    let Ok(entries) = fs_err::read_dir(site) else { return };
    environment.sites.push(site.to_owned());
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if !entry.file_type().is_ok_and(|t| t.is_dir()) {
            continue;
        }
        match name.to_string_lossy().as_bytes().first() {
            Some(b'.') | None => {}
            Some(b'@') => {
                for scoped in fs_err::read_dir(&path).into_iter().flatten().flatten() {
                    if scoped.file_type().is_ok_and(|t| t.is_dir()) {
                        package(&scoped.path(), environment, depth);
                    }
                }
            }
            Some(_) => package(&path, environment, depth),
        }
    }
}

fn package(folder: &Path, environment: &mut Environment, depth: usize) {
    let manifest = folder.join("package.json");
    if manifest.is_file() {
        environment.metadata.push(manifest);
    }
    let nested = folder.join("node_modules");
    if depth < DEEPEST && nested.is_dir() {
        collect(&nested, environment, depth + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;

    #[test]
    fn packages_are_found_in_scopes_and_in_one_another() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for folder in ["plum", "@fruit/pear", "plum/node_modules/stone", ".bin"] {
            fs_err::create_dir_all(root.join("node_modules").join(folder)).unwrap();
            fs_err::write(root.join("node_modules").join(folder).join("package.json"), "{}").unwrap();
        }
        let host = Host { project: root, root, variable: &|_| None, settings: &Settings::default() };
        let found = environments(&host);
        let below: Vec<_> =
            found[0].metadata.iter().map(|m| m.strip_prefix(&found[0].tree).unwrap().to_str().unwrap()).collect();
        assert_eq!(below, ["@fruit/pear/package.json", "plum/node_modules/stone/package.json", "plum/package.json"]);
        assert_eq!(found[0].label, "node_modules");
    }
}
