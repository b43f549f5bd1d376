//! What an analysis is told: which part of the tree, which target, which settings.

use crate::policy::{Date, PackagePattern, within};
use depslim_model::{Bytes, Settings, Target};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Told the name of each stage that begins.
pub type Progress = Arc<dyn Fn(&str) + Send + Sync>;

/// What [`crate::analyze`] is told. `Options::default()` is what `depslim` does without flags and configuration.
#[derive(Clone)]
pub struct Options {
    /// Ecosystems to look for, by name; empty for all.
    pub ecosystems: Vec<String>,
    /// Globs, relative to the root, that are left out beside what ignore files say.
    pub exclude: Vec<String>,
    /// The platform that locks and conditions are read for.
    pub target: Target,
    /// Threshold in bytes of what only one package brings (SLIM003).
    pub heavy: Bytes,
    /// Ecosystem tables of the configuration, by ecosystem name (`[python]`).
    pub settings: BTreeMap<String, Settings>,
    /// What differs in parts of the tree; the deepest folder that says something wins.
    pub folders: Vec<FolderOptions>,
    /// Names of the projects to report on, as their manifests say them; empty for all. The others are read all the same: what they
    /// say may concern these.
    pub projects: Vec<String>,
    /// Packages that stay although no use of them is seen. Findings on them are made all the same, so that a policy can tell
    /// an ignore that is needed from one that is not; totals, plan and `export` count them as used.
    pub keep: Vec<Keep>,
    /// What day it is, for releases that get no fixes any more; `None` for the day on which the catalogue of images was made.
    pub today: Option<Date>,
    /// Threads; `None` for the number of cores.
    pub jobs: Option<usize>,
    /// Environment variables that a search for environments may read.
    pub variables: BTreeMap<String, String>,
    /// Fill depslim's own cache with the locked set when a project has no environment (`--install`), below this folder.
    pub install_into: Option<PathBuf>,
    /// Where `export` writes to, relative to the root: container files name what lies there. `None` when it is not below the root.
    pub out_dir: Option<String>,
    /// Told which stage begins; for progress bars.
    pub progress: Option<Progress>,
}

/// What differs in one folder and below.
#[derive(Debug, Clone, Default)]
pub struct FolderOptions {
    /// The folder, relative to the root.
    pub path: String,
    /// Ecosystems to look for.
    pub ecosystems: Option<Vec<String>>,
    /// The platform.
    pub target: Option<Target>,
    /// Keys of ecosystem tables, by ecosystem name; the other keys stay as they are above.
    pub settings: BTreeMap<String, Settings>,
}

/// A package that stays although no use of it is seen.
#[derive(Debug, Clone)]
pub struct Keep {
    /// Which.
    pub package: PackagePattern,
    /// Folder, relative to the root, that a project has to be in; `None` for all.
    pub path: Option<String>,
    /// Why, in the user's words.
    pub reason: String,
}

/// Names of the ecosystems that this build can analyse.
pub fn ecosystems() -> Vec<&'static str> {
    depslim_registry::ECOSYSTEMS.iter().map(|ecosystem| ecosystem.name).collect()
}

impl Options {
    /// Whether projects of an ecosystem are looked for in a folder.
    pub fn wants(&self, ecosystem: &str, folder: &str) -> bool {
        let listed = self.above(folder).filter_map(|f| f.ecosystems.as_ref()).next_back().unwrap_or(&self.ecosystems);
        listed.is_empty() || listed.iter().any(|name| name == ecosystem)
    }

    /// The platform of projects in a folder.
    pub fn target_in(&self, folder: &str) -> &Target {
        self.above(folder).filter_map(|f| f.target.as_ref()).next_back().unwrap_or(&self.target)
    }

    /// The ecosystem's table for projects in a folder: deeper folders override key by key.
    pub fn settings_in(&self, ecosystem: &str, folder: &str) -> Settings {
        let mut settings = self.settings.get(ecosystem).cloned().unwrap_or_default();
        for table in self.above(folder).filter_map(|f| f.settings.get(ecosystem)) {
            settings.0.extend(table.0.iter().map(|(key, values)| (key.clone(), values.clone())));
        }
        settings
    }

    /// Why the configuration keeps a package of a project in a folder, if it does.
    pub fn keeps(&self, ecosystem: &str, folder: &str, package: &str) -> Option<&str> {
        let here = |keep: &&Keep| keep.path.as_deref().is_none_or(|path| within(folder, path));
        self.keep.iter().filter(here).find(|k| k.package.matches(ecosystem, package)).map(|keep| keep.reason.as_str())
    }

    /// What is said for the folders around `folder`, outermost first.
    fn above(&self, folder: &str) -> impl DoubleEndedIterator<Item = &FolderOptions> {
        let mut above: Vec<_> = self.folders.iter().filter(|f| within(folder, &f.path)).collect();
        above.sort_by_key(|f| f.path.len());
        above.into_iter()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ecosystems: Vec::new(),
            exclude: Vec::new(),
            target: Target::default(),
            heavy: 25_000_000,
            settings: BTreeMap::new(),
            folders: Vec::new(),
            projects: Vec::new(),
            keep: Vec::new(),
            today: None,
            jobs: None,
            variables: BTreeMap::new(),
            install_into: None,
            out_dir: Some("slim".to_owned()),
            progress: None,
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("ecosystems", &self.ecosystems)
            .field("exclude", &self.exclude)
            .field("target", &self.target)
            .field("heavy", &self.heavy)
            .field("folders", &self.folders)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(entries: &[(&str, &str)]) -> BTreeMap<String, Settings> {
        let table = entries.iter().map(|(key, value)| ((*key).to_owned(), vec![(*value).to_owned()])).collect();
        [("zig".to_owned(), Settings(table))].into()
    }

    fn options() -> Options {
        Options {
            settings: settings(&[("environment", "top")]),
            folders: vec![
                FolderOptions {
                    path: "web/admin".to_owned(),
                    ecosystems: Some(vec!["elm".to_owned()]),
                    settings: settings(&[("environment", "deep")]),
                    ..FolderOptions::default()
                },
                FolderOptions {
                    path: "web".to_owned(),
                    target: Target::parse("linux-x86_64-musl"),
                    settings: settings(&[("environment", "web"), ("binary", "app")]),
                    ..FolderOptions::default()
                },
            ],
            keep: vec![Keep {
                package: PackagePattern::parse("zig:run*").unwrap(),
                path: Some("web".to_owned()),
                reason: "started by the platform".to_owned(),
            }],
            ..Options::default()
        }
    }

    #[test]
    fn the_deepest_folder_wins_key_by_key() {
        let options = options();
        for (folder, environment, binary) in
            [("", "top", None), ("api", "top", None), ("web", "web", Some("app")), ("web/admin/x", "deep", Some("app"))]
        {
            let settings = options.settings_in("zig", folder);
            assert_eq!((settings.one("environment"), settings.one("binary")), (Some(environment), binary), "{folder}");
        }
        assert_eq!(options.target_in("web/admin").libc, "musl");
        assert_eq!(options.target_in("website").libc, "glibc");
    }

    #[test]
    fn ecosystems_can_be_narrowed_per_folder() {
        let options = options();
        assert!(options.wants("zig", "web"));
        assert!(!options.wants("zig", "web/admin"));
        assert!(options.wants("elm", "web/admin"));
    }

    #[test]
    fn packages_are_kept_where_the_configuration_says() {
        let options = options();
        assert_eq!(options.keeps("zig", "web", "runner"), Some("started by the platform"));
        assert_eq!(options.keeps("zig", "api", "runner"), None);
        assert_eq!(options.keeps("elm", "web", "runner"), None);
    }
}
