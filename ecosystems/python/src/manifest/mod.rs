//! Manifests and locks: which files are read, and what they say together.

mod classify;
mod conda;
mod conda_names;
mod credentials;
mod list;
mod lock_file;
mod pdm_lock;
mod pipfile;
mod pipfile_lock;
mod pixi;
mod place;
mod poetry_lock;
mod poetry_version;
mod pylock;
mod pyproject;
pub(crate) mod requirement;
mod settle;
mod setup_cfg;
pub(crate) mod setup_py;
#[cfg(test)]
mod testing;
mod toml_table;
mod uv_lock;

pub(crate) use classify::{group as group_of, home};
pub(crate) use credentials::without_credentials;
#[cfg(test)]
pub(crate) use list::exact;
pub(crate) use requirement::{is_archive, wheel_name};
pub(crate) use settle::settle;

use depslim_model::{Facts, Group, Layer, Reader, Source};

/// Readers of manifests and locks; of two that ask for a file, the first gets it.
pub(crate) const READERS: &[Reader] = &[
    reader("pyproject.toml", &["pyproject.toml"], pyproject::read),
    reader("setup.cfg", &["setup.cfg"], setup_cfg::read),
    reader("setup.py", &["setup.py"], setup_py::read),
    reader("uv.lock", &["uv.lock"], uv_lock::read),
    reader("poetry.lock", &["poetry.lock"], poetry_lock::read),
    reader("pdm.lock", &["pdm.lock", "pdm.*.lock"], pdm_lock::read),
    reader("pylock.toml", &["pylock.toml", "pylock.*.toml"], pylock::read),
    reader("Pipfile", &["Pipfile"], pipfile::read),
    reader("pixi.toml", &["pixi.toml"], pixi::read),
    reader("hatch.toml", &["hatch.toml"], pyproject::read_hatch_toml),
    reader("Pipfile.lock", &["Pipfile.lock"], pipfile_lock::read),
    reader(
        "environment.yml",
        &[
            "environment.{yml,yaml}",
            "environment[-_.]*.{yml,yaml}",
            "*[-_]environment.{yml,yaml}",
            "conda.{yml,yaml}",
            "conda[-_]env*.{yml,yaml}",
        ],
        conda::read,
    ),
    reader(
        "requirements.txt",
        &[
            "*requirements*.{txt,in,lock,pip}",
            "requirement.txt",
            "reqs*.{txt,in}",
            "*constraints*.{txt,in}",
            "{requirements,reqs,requires,requirement}/**/*.{txt,in,lock,pip}",
        ],
        list::read,
    ),
];

/// Reads a manifest (not a lock) by its name, for edits; `None` when no manifest has such a name.
pub(crate) fn read(source: &Source<'_>) -> Option<Facts> {
    let name = source.file_name();
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    Some(match name {
        "pyproject.toml" => pyproject::read(source),
        "Pipfile" => pipfile::read(source),
        "pixi.toml" => pixi::read(source),
        "hatch.toml" => pyproject::read_hatch_toml(source),
        "setup.cfg" => setup_cfg::read(source),
        "setup.py" => setup_py::read(source),
        _ if ends(&[".yml", ".yaml"]) => conda::read(source),
        _ if ends(&[".txt", ".in", ".lock", ".pip"]) => list::read(source),
        _ => return None,
    })
}

/// Reads a manifest or a lock by its name; nothing when no reader knows it.
pub(crate) fn read_any(source: &Source<'_>) -> Facts {
    match source.file_name() {
        "setup.cfg" => setup_cfg::read(source),
        "uv.lock" => uv_lock::read(source),
        "poetry.lock" => poetry_lock::read(source),
        "Pipfile.lock" => pipfile_lock::read(source),
        name if name.starts_with("pdm.") && name.ends_with(".lock") => pdm_lock::read(source),
        name if name.starts_with("pylock.") && name.ends_with(".toml") => pylock::read(source),
        _ => read(source).unwrap_or_default(),
    }
}

/// Whom a requirements list is for, by its name and the configuration.
pub(crate) fn group_of_list(source: &Source<'_>) -> Group {
    classify::list(source).group
}

const fn reader(name: &'static str, globs: &'static [&'static str], read: fn(&Source<'_>) -> Facts) -> Reader {
    Reader { name, layer: Layer::Manifest, globs, read }
}

#[cfg(test)]
mod tests;
