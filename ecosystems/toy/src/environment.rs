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

/// How a locked set, or else what a manifest declares, gets into a folder of depslim's own.
pub(crate) fn installers(plan: &InstallPlan<'_>) -> Vec<Vec<Vec<String>>> {
    let lists = plan.manifests.iter().filter(|path| path.ends_with(".list")).flat_map(|path| ["-r", path]);
    let what: Vec<&str> = match plan.pins {
        [] => lists.collect(),
        pins => pins.iter().map(String::as_str).collect(),
    };
    if what.is_empty() {
        return Vec::new();
    }
    let into = plan.into.to_string_lossy();
    let words = ["toyget", "install", "--into", &into].into_iter().chain(what);
    vec![vec![words.map(str::to_owned).collect()]]
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
        ..Environment::default()
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
    fn pins_are_installed_or_else_the_lists() {
        let (target, into) = (Target::default(), Path::new("/cache/farm"));
        let check = |pins: &[&str], manifests: &[&str], expect: &[&str]| {
            let [pins, manifests] = [pins, manifests].map(|l| l.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
            let plan = InstallPlan { pins: &pins, manifests: &manifests, into, target: &target };
            assert_eq!(installers(&plan).concat().concat(), expect);
        };
        check(
            &["paint==2", "oil==1"],
            &["toy.list"],
            &["toyget", "install", "--into", "/cache/farm", "paint==2", "oil==1"],
        );
        check(&[], &["toy.list", "toy.lock"], &["toyget", "install", "--into", "/cache/farm", "-r", "toy.list"]);
        check(&[], &["toy.lock"], &[]);
    }
}
