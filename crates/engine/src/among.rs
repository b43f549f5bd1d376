//! Installed files that lie among the project's own: a folder of packages beside the code is walked like the rest of the tree, but
//! what packages own in it is theirs, and none of the project's uses.

use crate::discover::Inventory;
use crate::project::join;
use depslim_model::{Environment, Facts, Owns};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Paths relative to the root that installed packages own.
#[derive(Debug, Default)]
pub(crate) struct Owned {
    files: HashSet<String>,
    folders: HashSet<String>,
}

impl Owned {
    /// Whether the walk went into the environment: most lie elsewhere, or are left out of the walk, and need no look.
    pub(crate) fn may_be_in(inventory: &Inventory, environment: &Environment) -> bool {
        relative(&inventory.root, &environment.tree).is_some_and(|place| inventory.folders.contains(&place))
    }

    /// Adds what the packages of an environment own: metadata files and what they say. The project's own code stays its own, however
    /// it is installed.
    pub(crate) fn add<'f>(&mut self, root: &Path, packages: impl Iterator<Item = (&'f PathBuf, &'f Facts)>) {
        for (metadata, facts) in packages {
            let Some(base) = metadata.parent().and_then(|folder| relative(root, folder)) else { continue };
            for provide in facts.provides.iter().filter(|p| !p.first_party) {
                let (paths, deep) = match &provide.owns {
                    Owns::Nothing => continue,
                    Owns::Files(paths) => (paths, false),
                    Owns::Trees(paths) => (paths, true),
                };
                for path in paths {
                    // A path that leaves the root is no file of the project.
                    let Some(owned) = join(&base, path).filter(|owned| !owned.is_empty()) else { continue };
                    if deep || path.ends_with('/') {
                        self.folders.insert(owned.clone());
                    }
                    self.files.insert(owned);
                }
            }
        }
    }

    /// Whether a package owns the file.
    pub(crate) fn has(&self, file: &str) -> bool {
        self.files.contains(file) || crate::project::ancestors(file).any(|folder| self.folders.contains(folder))
    }
}

fn relative(root: &Path, path: &Path) -> Option<String> {
    Some(path.strip_prefix(root).ok()?.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Provide;

    #[test]
    fn files_and_folders_of_packages_are_told_from_what_lies_beside_them() {
        let facts = |owns, first_party| Facts {
            provides: vec![Provide { owns, first_party, ..Provide::default() }],
            ..Facts::default()
        };
        let files = |paths: &[&str]| Owns::Files(paths.iter().map(|p| (*p).to_owned()).collect());
        let paint = facts(files(&["../paint/a.x", "hay/", "../../../etc/b.x", "/c.x"]), false);
        let ink = facts(Owns::Trees(vec!["../ink".into()]), false);
        let own = facts(files(&["../own.x"]), true);
        let at = |name: &str| PathBuf::from(format!("/farm/box/{name}/META"));
        let (one, two, three) = (at("paint-1"), at("ink-1"), at("own-1"));
        let mut owned = Owned::default();
        owned.add(Path::new("/farm"), [(&one, &paint), (&two, &ink), (&three, &own)].into_iter());
        for (file, expect) in [
            ("box/paint/a.x", true),
            ("box/paint/mine.x", false),
            ("box/paint-1/hay/deep/d.x", true),
            ("box/ink/e/f.x", true),
            ("box/inkling.x", false),
            ("box/own.x", false),
            ("etc/b.x", false),
            ("c.x", false),
        ] {
            assert_eq!(owned.has(file), expect, "{file}");
        }
    }
}
