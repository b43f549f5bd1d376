//! Metadata of installed distributions: what is installed, what it needs, which modules, programs and files it brings.
//!
//! Formats: `*.dist-info` ([recording installed
//! projects](https://packaging.python.org/en/latest/specifications/recording-installed-packages/), [core
//! metadata](https://packaging.python.org/en/latest/specifications/core-metadata/), [entry
//! points](https://packaging.python.org/en/latest/specifications/entry-points/), [direct
//! URLs](https://packaging.python.org/en/latest/specifications/direct-url-data-structure/)), `*.egg-info` and `*.egg-link` of
//! setuptools, `.pth` files of the `site` module, `conda-meta/*.json`.

mod conda;
mod derived;
mod direct_url;
mod dist_info;
mod egg;
mod entry_points;
mod headers;
mod license;
mod modules;
mod path_file;
mod record;
mod requires;

pub(crate) use derived::derived_from;
pub(crate) use path_file::{folders, plain};

use depslim_model::{Facts, Layer, Problem, Reader, Source};
use fs_err::File;
use std::borrow::Cow;
use std::io::{self, Read};
use std::path::Path;

/// Readers for single files of an environment. [`read`] joins what the files of one distribution say together.
pub(crate) const READERS: &[Reader] = &[
    Reader {
        name: "METADATA",
        layer: Layer::Installed,
        globs: &["METADATA", "PKG-INFO", "*.egg-info"],
        read: headers::read,
    },
    Reader { name: "RECORD", layer: Layer::Installed, globs: &["RECORD"], read: record::read },
    Reader {
        name: "entry_points.txt",
        layer: Layer::Installed,
        globs: &["entry_points.txt"],
        read: entry_points::read,
    },
    Reader { name: "direct_url.json", layer: Layer::Installed, globs: &["direct_url.json"], read: direct_url::read },
    Reader { name: "requires.txt", layer: Layer::Installed, globs: &["requires.txt"], read: requires::read },
    Reader { name: "egg-link", layer: Layer::Installed, globs: &["*.egg-link"], read: egg::read_link },
    Reader { name: "pth", layer: Layer::Installed, globs: &["*.pth"], read: path_file::read },
    Reader { name: "conda-meta", layer: Layer::Installed, globs: &["conda-meta/*.json"], read: conda::read },
];

/// A file larger than this is no metadata.
const LARGEST: u64 = 64 * 1024 * 1024;

/// What is said of a file that is not there.
const MISSING: &str = "is missing";

/// Reads one distribution, given the file of it that an environment lists. Never fails: what can't be read is a problem, and all
/// else counts.
pub(crate) fn read(metadata: &Path) -> Facts {
    let name = metadata.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let folder = metadata.parent().unwrap_or(Path::new(""));
    let folder_name = folder.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    if name == "METADATA" {
        dist_info::read(metadata, folder, &folder_name)
    } else if name == "PKG-INFO" {
        egg::read_folder(metadata, folder, &folder_name)
    } else if name.ends_with(".egg-info") {
        egg::read_file(metadata, folder, &name)
    } else if name.ends_with(".egg-link") {
        whole(metadata).map_or_else(broken, |bytes| egg::link(&name, &bytes))
    } else if name.ends_with(".pth") {
        whole(metadata).map_or_else(broken, |bytes| path_file::facts(folder, &bytes))
    } else if name.ends_with(".json") {
        whole(metadata).map_or_else(broken, |bytes| conda::facts(folder.parent(), &bytes))
    } else {
        Facts::default()
    }
}

/// A whole file, or why not.
pub(crate) fn whole(path: &Path) -> Result<Vec<u8>, String> {
    let (mut file, bytes) = open(path)?;
    if bytes > LARGEST {
        return Err(format!("larger than {}: not read", depslim_model::human(LARGEST)));
    }
    let mut out = Vec::with_capacity(bytes as usize + 1);
    file.by_ref().take(LARGEST).read_to_end(&mut out).map_err(|error| unreadable(&error))?;
    Ok(out)
}

/// An open file and its size. Only a regular file: a named pipe would be waited for.
fn open(path: &Path) -> Result<(File, u64), String> {
    let meta = fs_err::metadata(path).map_err(|error| unreadable(&error))?;
    if !meta.is_file() {
        return Err("not a regular file: not read".to_owned());
    }
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    Ok((file, meta.len()))
}

/// A file that a distribution may have or not; a problem when it has it, and it can't be read.
fn optional(folder: &Path, name: &str, problems: &mut Vec<Problem>) -> Option<Vec<u8>> {
    match whole(&folder.join(name)) {
        Ok(bytes) => Some(bytes),
        Err(why) => {
            if why != MISSING {
                problems.push(Problem::at(0, format!("{name}: {why}")));
            }
            None
        }
    }
}

/// Problems of another file than the one whose facts they are put into.
fn of_file(file: &str, problems: Vec<Problem>) -> impl Iterator<Item = Problem> {
    problems.into_iter().map(move |problem| {
        let message = match problem.line {
            0 => format!("{file}: {}", problem.message),
            line => format!("{file}:{line}: {}", problem.message),
        };
        Problem::at(0, message)
    })
}

fn broken(why: String) -> Facts {
    Facts { problems: vec![Problem::at(0, why)], ..Facts::default() }
}

fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => MISSING.to_owned(),
        kind => format!("can't be read: {kind}"),
    }
}

/// The name and version that a metadata folder's or file's name says: `plum_jam-1.2.dist-info`, `plum-1.2-py3.11.egg-info`.
fn name_and_version(folder: &str) -> (&str, &str) {
    let stem = [".dist-info", ".egg-info", ".egg-link", ".egg"].iter().find_map(|end| folder.strip_suffix(end));
    let mut parts = stem.unwrap_or(folder).splitn(3, '-');
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// Bytes as text, what is not UTF-8 replaced. Checking first is much faster for what is text throughout, as nearly all is.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// The lines of a small text file with their numbers, trimmed, empty ones and a byte order mark left out.
fn lines(text: &str) -> impl Iterator<Item = (u32, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    (1..).zip(text.lines()).map(|(line, text)| (line, text.trim())).filter(|(_, text)| !text.is_empty())
}

/// The folder that a source's path lies in, by name.
fn folder_name<'a>(source: &Source<'a>) -> &'a str {
    source.folder().rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
