//! Where a project's distributions are installed. Looks, and never runs or loads anything: no interpreter is started, and
//! `bin/python` of an environment is not even followed.

mod central;
mod layout;
mod vendored;

use depslim_model::{Environment, Host};
use layout::{Place, at};
use std::path::{Path, PathBuf};

/// Names that people give to environments inside their project, in the order in which they are looked for.
const NAMES: &[&str] = &[".venv", "venv", "env", ".env", ".pixi/envs/default"];

/// The environments of the project, the first kind that is there:
/// 1. what the settings name (`environment`), and nothing else when they do;
/// 2. `UV_PROJECT_ENVIRONMENT`, and an active environment inside the analysed root;
/// 3. one inside the project, then inside the folders above it up to the root, and the ones that poetry and pipenv keep elsewhere;
/// 4. `__pypackages__` ([PEP 582](https://peps.python.org/pep-0582/));
/// 5. folders that distributions were copied into (`pip install --target`), all of them;
/// 6. an active environment elsewhere, which may have nothing to do with the project.
///
/// One without distributions counts as absent.
pub(crate) fn environments(host: &Host<'_>) -> Vec<Environment> {
    if host.settings.has("environment") {
        let named = host.settings.list("environment").iter();
        return named.filter_map(|text| named_in(host, text)).collect();
    }
    let active = active(host);
    let belongs = |path: &PathBuf| path.starts_with(host.root) || path.starts_with(host.project);
    let one = explicit(host)
        .or_else(|| active.iter().filter(|path| belongs(path)).find_map(|path| found(host, path)))
        .or_else(|| own(host))
        .or_else(|| folders(host).find_map(|folder| pypackages(host, folder)));
    if let Some(one) = one {
        return vec![one];
    }
    let vendored = vendored::find(host);
    if !vendored.is_empty() {
        return vendored;
    }
    active.iter().find_map(|path| found(host, path)).into_iter().collect()
}

/// An environment that the settings name: relative to the project, else to the root; `~` is the home folder.
fn named_in(host: &Host<'_>, text: &str) -> Option<Environment> {
    let path = match text.strip_prefix("~/") {
        Some(rest) => Path::new(&(host.variable)("HOME")?).join(rest),
        None => PathBuf::from(text),
    };
    [host.project, host.root].into_iter().find_map(|base| found(host, &base.join(&path)))
}

/// `UV_PROJECT_ENVIRONMENT`: relative to the workspace, whose folder is the project's or one above.
fn explicit(host: &Host<'_>) -> Option<Environment> {
    let path = (host.variable)("UV_PROJECT_ENVIRONMENT").filter(|path| !path.is_empty())?;
    folders(host).find_map(|folder| found(host, &folder.join(&path)))
}

/// Environments that are active in the shell. The base environment of conda is everybody's.
fn active(host: &Host<'_>) -> Vec<PathBuf> {
    let variable = |name| (host.variable)(name).filter(|value| !value.is_empty());
    let conda = variable("CONDA_PREFIX").filter(|_| variable("CONDA_DEFAULT_ENV").is_none_or(|name| name != "base"));
    [variable("VIRTUAL_ENV"), conda].into_iter().flatten().map(PathBuf::from).collect()
}

/// The project's own environment: in its folder or the nearest above it, or kept elsewhere for that folder.
fn own(host: &Host<'_>) -> Option<Environment> {
    folders(host).find_map(|folder| {
        NAMES
            .iter()
            .find_map(|name| found(host, &folder.join(name)))
            .or_else(|| other_names(folder).into_iter().find_map(|path| found(host, &path)))
            .or_else(|| central::find(host, folder).into_iter().find_map(|path| found(host, &path)))
    })
}

/// Environments in the folder under other names (`.venv-3.12`, `.conda`), in order.
fn other_names(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs_err::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .filter(|path| path.join("pyvenv.cfg").is_file() || path.join("conda-meta").is_dir())
        .collect();
    paths.sort();
    paths
}

/// `__pypackages__/3.11/lib`, the highest version.
fn pypackages(host: &Host<'_>, folder: &Path) -> Option<Environment> {
    let Ok(entries) = fs_err::read_dir(folder.join("__pypackages__")) else { return None };
    let versions =
        entries.flatten().filter_map(|entry| Some((layout::version(entry.file_name().to_str()?)?, entry.path())));
    let mut versions: Vec<(Vec<u32>, PathBuf)> = versions.collect();
    versions.sort();
    versions.into_iter().rev().find_map(|(version, path)| {
        let version = version.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
        let place =
            Place { tree: path.clone(), sites: vec![path.join("lib")], runtime: Some(version), sees_system: false };
        place.environment(label(host, &path))
    })
}

/// The environment in this folder, if it is one that has distributions.
fn found(host: &Host<'_>, path: &Path) -> Option<Environment> {
    at(path, host.project)?.environment(label(host, path))
}

/// The project's folder and the ones above it, up to the root.
fn folders<'h>(host: &Host<'h>) -> impl Iterator<Item = &'h Path> {
    let (project, root) = (host.project, host.root);
    project.ancestors().take_while(move |folder| *folder == project || folder.starts_with(root))
}

/// What people call it: its path from the project, else from the root, else all of it.
fn label(host: &Host<'_>, path: &Path) -> String {
    let inside = [host.project, host.root].into_iter().find_map(|base| path.strip_prefix(base).ok());
    let shown = inside.filter(|inside| !inside.as_os_str().is_empty()).unwrap_or(path);
    shown.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

#[cfg(test)]
mod tests;
