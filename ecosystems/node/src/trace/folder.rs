//! Whole folders of a trace: what of them can be told to be for people and tools alone stays behind.

use std::path::{Path, PathBuf};

/// More files than a folder of assets has.
const MOST: usize = 40_000;

/// Folders that are never a program's own files.
const LEFT: &[&str] = &["node_modules", ".git", ".svn"];

/// Endings of code.
const CODE: &[&str] = &["js", "cjs", "mjs", "ts", "cts", "mts", "jsx", "tsx"];

/// The files of a folder and of those in it, in order; `begins` is what the first part of their paths begins with.
pub(super) fn files(folder: &Path, begins: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(at) = open.pop() {
        let Ok(entries) = fs_err::read_dir(&at) else { continue };
        for entry in entries.flatten() {
            let (Ok(kind), name) = (entry.file_type(), entry.file_name()) else { continue };
            let Some(name) = name.to_str() else { continue };
            if (at == folder && !name.starts_with(begins)) || LEFT.contains(&name) {
                continue;
            }
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
            if found.len() >= MOST {
                return found;
            }
        }
    }
    found.sort();
    let derived: Vec<bool> = found.iter().map(|file| is_derived(file, &found)).collect();
    let mut derived = derived.into_iter();
    found.retain(|_| !derived.next().unwrap_or(false));
    found
}

/// Files beside a package's manifest that have to go where the package goes.
pub(super) fn licences(folder: &Path) -> Vec<PathBuf> {
    let entries = fs_err::read_dir(folder).into_iter().flatten().flatten();
    let named = entries.filter(|entry| {
        entry.file_type().is_ok_and(|kind| kind.is_file()) && entry.file_name().to_str().is_some_and(is_licence)
    });
    named.map(|entry| entry.path()).collect()
}

/// Native code that a package was built with, or brings for several platforms: its folders are the same in all packages.
pub(super) fn native(folder: &Path, platform: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for place in ["build/Release", "build/Debug", "lib/binding", "compiled", "prebuilds", "bin"] {
        let place = folder.join(place);
        if !place.is_dir() {
            continue;
        }
        found.extend(files(&place, "").into_iter().filter(|file| is_native(file) && is_for(file, &place, platform)));
    }
    found
}

/// Whether what lies in a folder for one platform is for this one.
fn is_for(file: &Path, place: &Path, platform: &str) -> bool {
    if !place.ends_with("prebuilds") {
        return true;
    }
    let first = file.strip_prefix(place).ok().and_then(|inside| inside.iter().next()).and_then(|name| name.to_str());
    // `linux-x64`, `darwin-x64+arm64`
    let (system, processor) = platform.split_once('-').unwrap_or((platform, ""));
    first.is_none_or(|name| name.starts_with(system) && name.contains(processor))
}

fn is_native(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.ends_with(".node")
        || name.ends_with(".so")
        || name.contains(".so.")
        || name.ends_with(".dylib")
        || name.ends_with(".dll")
}

fn is_licence(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["licen", "copying", "notice", "copyright"].iter().any(|begin| name.starts_with(begin))
        && !CODE.iter().any(|end| name.ends_with(&format!(".{end}")))
}

/// Source maps and declarations beside the code that they speak of, and notes of the build: no program loads them.
fn is_derived(file: &Path, all: &[PathBuf]) -> bool {
    let Some(text) = file.to_str() else { return false };
    let has = |path: String| all.binary_search(&PathBuf::from(path)).is_ok();
    if let Some(of) = text.strip_suffix(".map") {
        return has(of.to_owned());
    }
    for (ending, code) in [(".d.ts", "js"), (".d.mts", "mjs"), (".d.cts", "cjs")] {
        if let Some(stem) = text.strip_suffix(ending) {
            return has(format!("{stem}.{code}"));
        }
    }
    text.ends_with(".tsbuildinfo") || text.strip_suffix(".flow").is_some_and(|of| has(of.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn below(folder: &Path, files: &[PathBuf]) -> Vec<String> {
        files.iter().map(|file| file.strip_prefix(folder).unwrap().to_string_lossy().into_owned()).collect()
    }

    fn make(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, "x").unwrap();
        }
        folder
    }

    #[test]
    fn what_no_program_loads_stays_behind() {
        let folder =
            make(&["a.js", "a.js.map", "a.d.ts", "lib.d.ts", "b.css", "x.map", "node_modules/p/x.js", "c/d.html"]);
        assert_eq!(below(folder.path(), &files(folder.path(), "")), ["a.js", "b.css", "c/d.html", "lib.d.ts", "x.map"]);
        assert_eq!(below(folder.path(), &files(folder.path(), "a.")), ["a.js"]);
    }

    #[test]
    fn native_code_is_that_of_the_platform() {
        let folder = make(&[
            "build/Release/x.node",
            "build/Release/obj/x.o",
            "prebuilds/linux-x64/a.node",
            "prebuilds/win32-x64/a.node",
        ]);
        assert_eq!(
            below(folder.path(), &native(folder.path(), "linux-x64")),
            ["build/Release/x.node", "prebuilds/linux-x64/a.node"]
        );
    }

    #[test]
    fn licences_go_along() {
        let folder = make(&["LICENSE", "license.md", "NOTICE.txt", "licenses.js", "README.md"]);
        let mut names = below(folder.path(), &licences(folder.path()));
        names.sort();
        assert_eq!(names, ["LICENSE", "NOTICE.txt", "license.md"]);
    }
}
