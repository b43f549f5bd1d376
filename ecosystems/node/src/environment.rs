//! Where packages are installed: `node_modules`, in every layout that the clients make.
//!
//! npm, yarn and bun lay packages out flat and nest those that differ (`node_modules/a/node_modules/b`); pnpm and npm's linked
//! strategy keep each package once in a store below `node_modules` and link it to where it is seen; workspaces link their members.

use depslim_model::ecosystem::InstallPlan;
use depslim_model::{Contents, Environment, Host};
use std::path::{Component, Path, PathBuf};

/// Files that clients leave in the `node_modules` that they install into: the one of a workspace's root, not of its members.
const MARKS: &[&str] = &[".package-lock.json", ".modules.yaml", ".yarn-integrity", ".yarn-state.yml", ".pnpm"];

/// Folders of a store, with one folder for each package that holds a `node_modules` of its own.
const STORES: &[&str] = &[".pnpm", ".store"];

/// How deep folders `node_modules` may lie in one another; links can make circles.
const DEEPEST: usize = 40;

/// The `node_modules` that the project's code sees: its own, and those of the folders above it up to the one that a client
/// installed into. The outermost is the tree, because a workspace keeps nearly everything there.
pub(crate) fn environments(host: &Host<'_>) -> Vec<Environment> {
    if let Some(configured) = host.settings.one("environment") {
        let tree = host.project.join(configured);
        let inside = tree.join("node_modules");
        return place(vec![if inside.is_dir() { inside } else { tree }], host).into_iter().collect();
    }
    let above = host.project.ancestors().take_while(|folder| folder.starts_with(host.root));
    let trees: Vec<PathBuf> = above.map(|folder| folder.join("node_modules")).filter(|tree| tree.is_dir()).collect();
    let installed = trees.iter().position(|tree| MARKS.iter().any(|mark| tree.join(mark).exists()));
    place(trees.into_iter().take(installed.map_or(1, |at| at + 1)).collect(), host).into_iter().collect()
}

/// What one `node_modules` holds.
pub(crate) fn contents(tree: &Path, root: &Path) -> Contents {
    let mut contents = Contents::default();
    collect(tree, &mut contents, 0);
    // Members of the workspace are seen through links, and say in their own folder what they require.
    let mut members: Vec<PathBuf> = contents
        .links
        .iter()
        .map(|(_, folder)| folder)
        .filter(|folder| folder.starts_with(root) && !folder.components().any(|part| is_node_modules(part)))
        .map(|folder| folder.join("package.json"))
        .filter(|manifest| manifest.is_file())
        .collect();
    contents.metadata.append(&mut members);
    contents.metadata.sort();
    contents.metadata.dedup();
    contents.sites.sort();
    contents.links.sort();
    contents
}

/// A locked set is installed by the client that wrote the lock; there is none that takes pins alone.
pub(crate) fn installers(_plan: &InstallPlan<'_>) -> Vec<Vec<Vec<String>>> {
    Vec::new()
}

/// An environment of these trees, innermost first.
fn place(mut trees: Vec<PathBuf>, host: &Host<'_>) -> Option<Environment> {
    let tree = trees.pop()?;
    let label = tree.strip_prefix(host.root).unwrap_or(&tree).to_string_lossy().into_owned();
    Some(Environment { label, tree, more: trees, ..Environment::default() })
}

fn collect(site: &Path, contents: &mut Contents, depth: usize) {
    let Ok(entries) = fs_err::read_dir(site) else { return };
    contents.sites.push(site.to_owned());
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let Ok(kind) = entry.file_type() else { continue };
        if STORES.contains(&name) {
            if kind.is_dir() && depth < DEEPEST {
                store(&entry.path(), contents, depth + 1);
            }
        } else if name.starts_with('.') {
        } else if name.starts_with('@') && kind.is_dir() {
            for scoped in fs_err::read_dir(entry.path()).into_iter().flatten().flatten() {
                if let Ok(kind) = scoped.file_type() {
                    package(&scoped.path(), kind, contents, depth);
                }
            }
        } else {
            package(&entry.path(), kind, contents, depth);
        }
    }
}

/// `.pnpm/NAME@VERSION/node_modules/NAME`, and links beside it to what the package requires.
fn store(folder: &Path, contents: &mut Contents, depth: usize) {
    for entry in fs_err::read_dir(folder).into_iter().flatten().flatten() {
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        // The store's own `node_modules` holds links for packages that forgot to declare something.
        let site = if entry.file_name() == "node_modules" { entry.path() } else { entry.path().join("node_modules") };
        collect(&site, contents, depth);
    }
}

fn package(path: &Path, kind: std::fs::FileType, contents: &mut Contents, depth: usize) {
    if kind.is_symlink() {
        if let Ok(target) = fs_err::read_link(path)
            && let Some(folder) = path.parent().and_then(|site| normal(&site.join(target)))
        {
            contents.links.push((path.to_owned(), folder));
        }
        return;
    }
    if !kind.is_dir() {
        return;
    }
    let manifest = path.join("package.json");
    if manifest.is_file() {
        contents.metadata.push(manifest);
    }
    let nested = path.join("node_modules");
    if depth < DEEPEST && nested.is_dir() {
        collect(&nested, contents, depth + 1);
    }
}

/// The path without `.` and `..`, told by its text alone.
fn normal(path: &Path) -> Option<PathBuf> {
    let mut whole = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if !whole.pop() {
                    return None;
                }
            }
            part => whole.push(part),
        }
    }
    Some(whole)
}

fn is_node_modules(part: Component<'_>) -> bool {
    part.as_os_str() == "node_modules"
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;

    fn make(root: &Path, folders: &[&str]) {
        for folder in folders {
            fs_err::create_dir_all(root.join(folder)).unwrap();
            fs_err::write(root.join(folder).join("package.json"), "{}").unwrap();
        }
    }

    fn below(root: &Path, paths: &[PathBuf]) -> Vec<String> {
        paths.iter().map(|path| path.strip_prefix(root).unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn packages_are_found_in_scopes_and_in_one_another() {
        let dir = tempfile::tempdir().unwrap();
        let tree = dir.path().join("node_modules");
        make(&tree, &["plum", "@fruit/pear", "plum/node_modules/stone", ".bin", ".cache/x"]);
        let found = contents(&tree, dir.path());
        assert_eq!(
            below(&tree, &found.metadata),
            ["@fruit/pear/package.json", "plum/node_modules/stone/package.json", "plum/package.json"]
        );
        assert_eq!(below(&tree, &found.sites), ["", "plum/node_modules"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_into_the_store_and_to_members() {
        let dir = tempfile::tempdir().unwrap();
        let tree = dir.path().join("node_modules");
        make(&tree, &[".pnpm/plum@1.0.0/node_modules/plum", ".pnpm/@fruit+pear@2.0.0/node_modules/@fruit/pear"]);
        make(dir.path(), &["packages/soil"]);
        let link = |from: &str, to: &str| {
            let from = tree.join(from);
            fs_err::create_dir_all(from.parent().unwrap()).unwrap();
            fs_err::os::unix::fs::symlink(to, from).unwrap();
        };
        link("plum", ".pnpm/plum@1.0.0/node_modules/plum");
        link(".pnpm/plum@1.0.0/node_modules/@fruit/pear", "../../../@fruit+pear@2.0.0/node_modules/@fruit/pear");
        link("@farm/soil", "../../packages/soil");
        link("nowhere", "../../../../../../../../../../../../../../../x");
        let found = contents(&tree, dir.path());
        assert_eq!(
            below(dir.path(), &found.metadata),
            [
                "node_modules/.pnpm/@fruit+pear@2.0.0/node_modules/@fruit/pear/package.json",
                "node_modules/.pnpm/plum@1.0.0/node_modules/plum/package.json",
                "packages/soil/package.json"
            ]
        );
        let to = |name: &str| found.links.iter().find(|(from, _)| from.ends_with(name)).map(|(_, to)| to.clone());
        assert_eq!(to("node_modules/plum"), Some(tree.join(".pnpm/plum@1.0.0/node_modules/plum")));
        assert_eq!(to("@fruit/pear"), Some(tree.join(".pnpm/@fruit+pear@2.0.0/node_modules/@fruit/pear")));
        assert_eq!(to("@farm/soil"), Some(dir.path().join("packages/soil")));
    }

    #[test]
    fn a_member_sees_its_own_and_the_roots_packages() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        make(root, &["apps/web/node_modules/plum", "node_modules/pear", "alone/node_modules/fig"]);
        fs_err::write(root.join("node_modules/.package-lock.json"), "{}").unwrap();
        fs_err::write(root.join("alone/node_modules/.package-lock.json"), "{}").unwrap();
        let found = |project: &str| {
            let project = root.join(project);
            let settings = Settings::default();
            let host = Host { project: &project, root, variable: &|_| None, settings: &settings };
            environments(&host).into_iter().map(|e| (e.label, e.more.len())).collect::<Vec<_>>()
        };
        assert_eq!(found("apps/web"), [("node_modules".to_owned(), 1)]);
        assert_eq!(found("alone"), [("alone/node_modules".to_owned(), 0)]);
        assert_eq!(found("lib"), [("node_modules".to_owned(), 0)]);
    }
}
