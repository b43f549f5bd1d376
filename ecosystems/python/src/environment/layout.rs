//! The folders inside an environment: where modules are, which distributions there are, for which Python.

use crate::installed;
use depslim_model::Environment;
use fs_err::read_dir;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// A folder with installed distributions, before they are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) tree: PathBuf,
    pub(super) sites: Vec<PathBuf>,
    pub(super) runtime: Option<String>,
    pub(super) sees_system: bool,
}

/// What kind of environment is in this folder, if any. `project` is never taken as a tree: it is not installed.
pub(super) fn at(folder: &Path, project: &Path) -> Option<Place> {
    let config =
        installed::whole(&folder.join("pyvenv.cfg")).ok().map(|bytes| Config::parse(&String::from_utf8_lossy(&bytes)));
    let (sites, from_name) = sites(folder);
    if config.is_none() && sites.is_empty() {
        return target(folder, project);
    }
    let tree = folder.to_owned();
    if config.is_none() && project.starts_with(&tree) {
        // `pip install --prefix .`: the rest of the folder is the project.
        let tree = sites[0].clone();
        return Some(Place { tree, sites, runtime: from_name, sees_system: false });
    }
    let config = config.unwrap_or_default();
    Some(Place { tree, sites, runtime: config.runtime.or(from_name), sees_system: config.sees_system })
}

/// A folder that distributions lie in directly, as `pip install --target` leaves them, or `site-packages` itself.
fn target(folder: &Path, project: &Path) -> Option<Place> {
    if folder == project || !holds_distributions(folder) {
        return None;
    }
    let runtime = folder.ancestors().skip(1).take(1).find_map(|above| version_of_folder(above.file_name()?.to_str()?));
    Some(Place { tree: folder.to_owned(), sites: vec![folder.to_owned()], runtime, sees_system: false })
}

/// Whether distributions lie in the folder directly.
pub(super) fn holds_distributions(folder: &Path) -> bool {
    let Ok(entries) = read_dir(folder) else { return false };
    entries.flatten().any(|entry| {
        entry.file_name().to_str().is_some_and(|name| name.ends_with(".dist-info"))
            && (entry.path().join("RECORD").is_file() || entry.path().join("METADATA").is_file())
    })
}

impl Place {
    /// The environment with its distributions; `None` when there are none.
    pub(super) fn environment(self, label: String) -> Option<Environment> {
        let Self { tree, sites, mut runtime, sees_system } = self;
        let (mut metadata, mut all_sites) = (Vec::new(), Vec::new());
        for site in sites {
            let (listed, more) = listed(&site, &tree);
            metadata.extend(listed);
            all_sites.push(site);
            all_sites.extend(more);
        }
        // Behind the distributions: what conda knows of those it says with less.
        let (packages, python) = conda(&tree);
        metadata.extend(packages);
        runtime = python.or(runtime);
        let mut seen = HashSet::new();
        all_sites.retain(|site| seen.insert(site.clone()));
        (!metadata.is_empty()).then_some(Environment {
            label,
            tree,
            sites: all_sites,
            metadata,
            runtime,
            sees_system,
            ..Environment::default()
        })
    }
}

/// What `pyvenv.cfg` says ([PEP 405](https://peps.python.org/pep-0405/)).
#[derive(Debug, Default, PartialEq, Eq)]
struct Config {
    runtime: Option<String>,
    sees_system: bool,
}

impl Config {
    fn parse(text: &str) -> Self {
        let mut out = Self::default();
        for line in text.lines() {
            let Some((key, value)) = line.split_once('=') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            match key.as_str() {
                // `venv` writes the first, `virtualenv` both, `uv` the second; `3.11.7.final.0` is a version too.
                "version" | "version_info" if out.runtime.is_none() => {
                    let numbers: Vec<&str> = value.split('.').take(3).take_while(|part| is_number(part)).collect();
                    out.runtime = (numbers.len() >= 2).then(|| numbers.join("."));
                }
                "include-system-site-packages" => out.sees_system = value.eq_ignore_ascii_case("true"),
                _ => {}
            }
        }
        out
    }
}

/// The folders of modules below an environment's folder, and the version that their path says.
fn sites(tree: &Path) -> (Vec<PathBuf>, Option<String>) {
    let mut found: Vec<(Option<Vec<u32>>, PathBuf)> = Vec::new();
    for library in ["lib", "lib64", "Lib", "local/lib"] {
        let library = tree.join(library);
        // `lib64` is a link to `lib` as a rule; where it is not, it holds the distributions with extension modules.
        if library.is_symlink() {
            continue;
        }
        // Windows has no folder for the version.
        let direct = library.join("site-packages");
        if direct.is_dir() {
            found.push((None, direct));
        }
        let Ok(entries) = read_dir(&library) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            if !name.starts_with("python") && !name.starts_with("pypy") {
                continue;
            }
            let numbers = version_of_folder(name).and_then(|version| version_numbers(&version));
            for kind in ["site-packages", "dist-packages"] {
                let site = entry.path().join(kind);
                if site.is_dir() {
                    found.push((numbers.clone(), site));
                }
            }
        }
    }
    // The highest version first: an environment that was upgraded in place keeps the old folder.
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    // On systems where letters' case does not count, `lib` and `Lib` are one.
    let mut real = HashSet::new();
    found.retain(|(_, site)| fs_err::canonicalize(site).is_ok_and(|path| real.insert(path)));
    let numbers = found.first().and_then(|(numbers, _)| numbers.clone());
    let version = numbers.map(|numbers| numbers.iter().map(u32::to_string).collect::<Vec<_>>().join("."));
    (found.into_iter().map(|(_, site)| site).collect(), version)
}

/// `python3.11` → `3.11`; `python3` and `python` say nothing.
fn version_of_folder(name: &str) -> Option<String> {
    let version = name.strip_prefix("python").or_else(|| name.strip_prefix("pypy"))?;
    // `python3.13t`: the build without the global lock.
    let version = version.strip_suffix('t').unwrap_or(version);
    (version.contains('.') && version.split('.').all(is_number)).then(|| version.to_owned())
}

/// The numbers of a version such as `3.11`.
pub(super) fn version(text: &str) -> Option<Vec<u32>> {
    version_numbers(text).filter(|numbers| numbers.len() >= 2)
}

fn version_numbers(text: &str) -> Option<Vec<u32>> {
    text.split('.').map(|part| part.parse().ok()).collect()
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// The metadata of the distributions in a site, in order, and further folders inside the tree that its `.pth` files add.
fn listed(site: &Path, tree: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let Ok(entries) = read_dir(site) else { return (Vec::new(), Vec::new()) };
    let (mut metadata, mut paths) = (Vec::new(), Vec::new());
    for entry in entries.flatten() {
        let name = entry.file_name();
        // What pip could not take away it leaves behind as `~lum-1.0.dist-info`, and takes no notice of.
        let Some(name) = name.to_str().filter(|name| !name.starts_with(['~', '-'])) else { continue };
        let Some((_, extension)) = name.rsplit_once('.') else { continue };
        if !matches!(extension, "dist-info" | "egg-info" | "egg" | "egg-link" | "pth") {
            continue;
        }
        let path = entry.path();
        let is_folder = path.is_dir();
        match extension {
            "dist-info" if is_folder => metadata.push(path.join("METADATA")),
            "egg-info" if is_folder => metadata.push(path.join("PKG-INFO")),
            "egg" if is_folder => metadata.push(path.join("EGG-INFO/PKG-INFO")),
            "egg-info" | "egg-link" => metadata.push(path),
            "pth" if !is_folder => paths.push(path),
            _ => {}
        }
    }
    metadata.sort();
    paths.sort();
    let mut more = Vec::new();
    for path in paths {
        let Ok(bytes) = installed::whole(&path) else { continue };
        let folders = installed::folders(&bytes).into_iter().map(|folder| installed::plain(&site.join(folder)));
        let (inside, outside): (Vec<PathBuf>, Vec<PathBuf>) = folders.partition(|folder| folder.starts_with(tree));
        more.extend(inside.into_iter().filter(|folder| folder.is_dir()));
        // Folders outside are somebody's own code, and so is what an editable install's loader points to.
        let is_editable = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("__editable__"));
        if !outside.is_empty() || is_editable {
            metadata.push(path);
        }
    }
    (metadata, more)
}

/// The packages of a conda environment, and the version of its Python.
fn conda(tree: &Path) -> (Vec<PathBuf>, Option<String>) {
    let Ok(entries) = read_dir(tree.join("conda-meta")) else { return (Vec::new(), None) };
    let files = entries.flatten().map(|entry| entry.path());
    let mut packages: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    packages.sort();
    let python = packages.iter().find_map(|path| {
        // `python-3.11.7-hab00c5b_1_cpython.json`
        let version = path.file_name()?.to_str()?.strip_prefix("python-")?.split('-').next()?;
        version_numbers(version).map(|_| version.to_owned())
    });
    (packages, python)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations() {
        for (text, runtime, sees_system) in [
            ("home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.7\n", Some("3.11.7"), false),
            (
                "implementation = CPython\nuv = 0.5.1\nversion_info = 3.12.4\ninclude-system-site-packages = true",
                Some("3.12.4"),
                true,
            ),
            ("version_info = 3.9.2.final.0\r\nInclude-System-Site-Packages = True\r\n", Some("3.9.2"), true),
            ("version = unknown\nversion_info = 3", None, false),
            ("", None, false),
        ] {
            assert_eq!(Config::parse(text), Config { runtime: runtime.map(str::to_owned), sees_system }, "{text}");
        }
    }

    #[test]
    fn versions_in_the_names_of_folders() {
        for (name, expect) in [
            ("python3.11", Some("3.11")),
            ("python3.13t", Some("3.13")),
            ("pypy3.10", Some("3.10")),
            ("python3", None),
            ("python", None),
            ("python3.x", None),
            ("ruby3.1", None),
        ] {
            assert_eq!(version_of_folder(name).as_deref(), expect, "{name}");
        }
    }
}
