//! `conda-meta/*.json`: what conda installed, Python distributions and all else.
//!
//! A Python distribution in a conda environment has its `*.dist-info` as well, with the name that manifests use and better edges.
//! Conda's own list has more files. So one JSON file says both: the distributions in it by their own metadata, the remaining files
//! for the first of them, or for conda's package when there is none.

use super::{dist_info, egg};
use crate::manifest::without_credentials;
use depslim_model::{Facts, Owns, Problem, Provide, Require, Source};
use serde::Deserialize;
use std::collections::HashSet;
use std::path::Path;

/// The parts that count.
#[derive(Debug, Default, Deserialize)]
struct Package {
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    depends: Vec<String>,
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    license: Option<String>,
    #[serde(default)]
    url: Option<String>,
}

/// The reader's view of a file: conda's package with all its files.
pub(super) fn read(source: &Source<'_>) -> Facts {
    facts(None, source.bytes)
}

/// Reads one package; `prefix` is the environment's folder, in which its distributions' own metadata is looked up.
pub(super) fn facts(prefix: Option<&Path>, bytes: &[u8]) -> Facts {
    let package: Package = match serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)) {
        Ok(package) => package,
        Err(error) => {
            let message = format!("not a conda package: {}", shortened(&error));
            return Facts { problems: vec![Problem::at(error.line() as u32, message)], ..Facts::default() };
        }
    };
    let mut facts = prefix.map(|prefix| distributions(prefix, &package)).unwrap_or_default();
    let lists = facts.provides.iter().filter_map(|provide| match &provide.owns {
        Owns::Files(paths) => Some(paths),
        _ => None,
    });
    let claimed: HashSet<&str> = lists.flatten().filter_map(|path| path.strip_prefix("../")).collect();
    let rest = package.files.iter().filter(|file| !claimed.contains(file.as_str()) && !file.contains('\0'));
    let rest: Vec<String> = rest.map(|file| format!("../{file}")).collect();

    if facts.provides.is_empty() {
        facts.provides.push(Provide {
            package: package.name.clone(),
            version: package.version,
            license: package.license,
            origin: package.url.as_deref().map(without_credentials),
            ..Provide::default()
        });
        if package.name.is_empty() {
            facts.problems.push(Problem::at(0, "a conda package without a name"));
        }
    }
    let from = facts.provides[0].package.clone();
    if let Owns::Files(files) = &mut facts.provides[0].owns {
        files.extend(rest);
    } else {
        facts.provides[0].owns = Owns::Files(rest);
    }
    // Conda's own names, which for Python distributions are not always the ones of the index.
    facts.requires.extend(package.depends.iter().filter_map(|text| {
        let (name, version) = text.split_once(' ').unwrap_or((text, ""));
        let version = (!version.is_empty()).then(|| version.trim().to_owned());
        (!name.is_empty()).then(|| Require {
            from: Some(from.clone()),
            name: name.to_owned(),
            version,
            ..Require::default()
        })
    }));
    facts
}

/// The metadata of Python distributions among a conda package's files, relative to the environment's folder.
pub(crate) fn metadata(files: &[String]) -> impl Iterator<Item = &str> {
    files.iter().map(String::as_str).filter(|file| {
        file.ends_with(".dist-info/METADATA") || file.ends_with(".egg-info/PKG-INFO") || file.ends_with(".egg-info")
    })
}

/// The metadata of Python distributions that a JSON file covers; empty when it can't be read.
pub(crate) fn covers(bytes: &[u8]) -> Vec<String> {
    let package: Package = serde_json::from_slice(bytes).unwrap_or_default();
    metadata(&package.files).map(str::to_owned).collect()
}

/// What the package's distributions say themselves. Their paths are made relative to `conda-meta`.
fn distributions(prefix: &Path, package: &Package) -> Facts {
    let mut all = Facts::default();
    for metadata in metadata(&package.files) {
        let path = prefix.join(metadata);
        let (folder, file) = metadata.rsplit_once('/').unwrap_or(("", metadata));
        let folder_name = folder.rsplit('/').next().unwrap_or_default();
        let parent = path.parent().unwrap_or(prefix);
        let mut facts = match file {
            "METADATA" => dist_info::read(&path, parent, folder_name),
            "PKG-INFO" => egg::read_folder(&path, parent, folder_name),
            name => egg::read_file(&path, parent, name),
        };
        for provide in &mut facts.provides {
            if let Owns::Files(paths) | Owns::Trees(paths) = &mut provide.owns {
                for path in paths {
                    if let Some(inside) = of_prefix(folder, path) {
                        *path = format!("../{inside}");
                    }
                }
            }
            if provide.version.is_empty() {
                provide.version.clone_from(&package.version);
            }
        }
        // The metadata is another file than the one that is asked for.
        let problems = std::mem::take(&mut facts.problems);
        facts.problems = super::of_file(metadata, problems).collect();
        all.absorb(facts);
    }
    all
}

/// The path of a claim made in `folder`, relative to the environment's folder; `None` when it is absolute or leaves that folder.
fn of_prefix(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    // What ends in a slash is a folder with all below it.
    let slash = if path.ends_with('/') { "/" } else { "" };
    Some(format!("{}{slash}", parts.join("/")))
}

/// A parser's words without the place, which is told by line.
fn shortened(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}
