//! Installed packages: a folder `toybox` that modules are looked up in, with `meta/NAME.meta` for each package.

use depslim_model::ecosystem::InstallPlan;
use depslim_model::{Environment, Host};
use std::path::{Path, PathBuf};

/// The configured folder, else the active one, else `toybox` in the project's folder and in those above it, up to the root.
pub(crate) fn find(host: &Host<'_>) -> Vec<Environment> {
    if let Some(configured) = host.settings.one("environment") {
        return open(&host.project.join(configured), host).into_iter().collect();
    }
    let active = (host.variable)("TOYBOX").map(PathBuf::from);
    let above = host.project.ancestors().take_while(|folder| folder.starts_with(host.root)).map(|f| f.join("toybox"));
    active.into_iter().chain(above).filter_map(|folder| open(&folder, host)).collect()
}

/// How a locked set gets into a folder of depslim's own.
pub(crate) fn installers(plan: &InstallPlan<'_>) -> Vec<Vec<Vec<String>>> {
    let Some(lock) = plan.manifests.iter().find(|path| path.ends_with("toy.lock")) else { return Vec::new() };
    let (lock, into) = (plan.project.join(lock), plan.into);
    let words = ["toyget", "install", "--locked", &lock.to_string_lossy(), "--into", &into.to_string_lossy()];
    vec![vec![words.map(str::to_owned).to_vec()]]
}

/// The environment in a folder, if it is one.
fn open(folder: &Path, host: &Host<'_>) -> Option<Environment> {
    let mut metadata: Vec<PathBuf> = fs_err::read_dir(folder.join("meta"))
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "meta"))
        .collect();
    metadata.sort();
    let label = folder.strip_prefix(host.root).unwrap_or(folder).to_string_lossy().into_owned();
    Some(Environment {
        label,
        tree: folder.to_owned(),
        sites: vec![folder.to_owned()],
        metadata,
        runtime: fs_err::read_to_string(folder.join("runtime")).ok().map(|version| version.trim().to_owned()),
        sees_system: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::{Settings, Target};

    #[test]
    fn the_nearest_toybox_comes_first_and_none_above_the_root() {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("farm");
        for folder in [outer.path(), &root, &root.join("barn/attic")] {
            fs_err::create_dir_all(folder.join("toybox/meta")).unwrap();
        }
        fs_err::write(root.join("toybox/meta/paint.meta"), "package paint 1").unwrap();
        fs_err::write(root.join("toybox/runtime"), "2.1\n").unwrap();
        let project = root.join("barn/attic");
        let host = Host { project: &project, root: &root, variable: &|_| None, settings: &Settings::default() };
        let found = find(&host);
        assert_eq!(found.iter().map(|e| e.label.as_str()).collect::<Vec<_>>(), ["barn/attic/toybox", "toybox"]);
        assert_eq!(found[1].metadata, [root.join("toybox/meta/paint.meta")]);
        assert_eq!(found[1].runtime.as_deref(), Some("2.1"));
    }

    #[test]
    fn what_is_configured_decides() {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["toybox", "other", "active"] {
            fs_err::create_dir_all(dir.path().join(folder).join("meta")).unwrap();
        }
        let settings = Settings([("environment".to_owned(), vec!["other".to_owned()])].into());
        let active = dir.path().join("active").to_string_lossy().into_owned();
        let variable = |name: &str| (name == "TOYBOX").then(|| active.clone());
        let host = Host { project: dir.path(), root: dir.path(), variable: &variable, settings: &settings };
        let labels = |host| find(host).into_iter().map(|e| e.label).collect::<Vec<_>>();
        assert_eq!(labels(&host), ["other"]);
        assert_eq!(labels(&Host { settings: &Settings::default(), ..host }), ["active", "toybox"]);
    }

    #[test]
    fn a_lock_can_be_installed() {
        let manifests = ["toy.list".to_owned(), "toy.lock".to_owned()];
        let (target, into) = (Target::default(), Path::new("/cache/farm"));
        let plan = |manifests| InstallPlan { project: Path::new("/farm"), manifests, into, target: &target };
        let expect = [[["toyget", "install", "--locked", "/farm/toy.lock", "--into", "/cache/farm"]]];
        assert_eq!(installers(&plan(&manifests)), expect);
        assert!(installers(&plan(&manifests[..1])).is_empty());
    }
}
