//! `conda-meta/*.json`: what conda installed, Python distributions and all else.
//!
//! A Python distribution in a conda environment has its `*.dist-info` as well, with the name that manifests use and better edges.
//! Conda's own list has more files. So a package with a distribution in it is called as that is called, and owns what that does not
//! list itself.

use super::{dist_info, egg};
use crate::manifest::without_credentials;
use depslim_formats::path::join;
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
    let (name, claimed) = prefix.map(|prefix| distributions(prefix, &package)).unwrap_or_default();
    let rest = package.files.iter().filter(|file| !claimed.contains(file.as_str()) && !file.contains('\0'));
    let owns = Owns::Files(rest.map(|file| format!("../{file}")).collect());
    let provide = Provide {
        package: name.unwrap_or(package.name),
        version: package.version,
        license: package.license,
        origin: package.url.as_deref().map(without_credentials),
        owns,
        ..Provide::default()
    };
    let mut facts = Facts::default();
    if provide.package.is_empty() {
        facts.problems.push(Problem::at(0, "a conda package without a name"));
    }
    // Conda's own names, which for Python distributions are not always the ones of the index.
    let depends = package.depends.iter().map(|text| text.split_once(' ').unwrap_or((text, "")));
    facts.requires.extend(depends.filter(|(name, _)| !name.is_empty()).map(|(name, version)| Require {
        from: Some(provide.package.clone()),
        name: name.to_owned(),
        version: (!version.is_empty()).then(|| version.trim().to_owned()),
        ..Require::default()
    }));
    facts.provides.push(provide);
    facts
}

/// The name of the first Python distribution among the package's files, and what all of them claim, relative to the prefix.
fn distributions(prefix: &Path, package: &Package) -> (Option<String>, HashSet<String>) {
    let (mut name, mut claimed) = (None, HashSet::new());
    for metadata in &package.files {
        let (folder, file) = metadata.rsplit_once('/').unwrap_or(("", metadata));
        let folder_name = folder.rsplit('/').next().unwrap_or_default();
        let path = prefix.join(metadata);
        let parent = path.parent().unwrap_or(prefix);
        let facts = match file {
            "METADATA" if folder_name.ends_with(".dist-info") => dist_info::read(&path, parent, folder_name),
            "PKG-INFO" if folder_name.ends_with(".egg-info") => egg::read_folder(&path, parent, folder_name),
            file if file.ends_with(".egg-info") => egg::read_file(&path, parent, file),
            _ => continue,
        };
        for provide in facts.provides {
            if let Owns::Files(paths) | Owns::Trees(paths) = &provide.owns {
                claimed.extend(paths.iter().filter_map(|path| join(folder, path)));
            }
            name = name.or(Some(provide.package));
        }
    }
    (name, claimed)
}

/// A parser's words without the place, which is told by line.
fn shortened(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}
