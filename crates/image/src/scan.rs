//! What the files of the packages that production keeps need of the system, from their ELF headers.

use crate::elf::{self, Elf, Version};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

/// An installed package and its files.
#[derive(Debug, Clone)]
pub struct Installed {
    /// Canonical name.
    pub package: String,
    /// Folder that the files are relative to.
    pub site: PathBuf,
    /// Its files.
    pub files: Vec<String>,
}

/// A file of a package, as people are told of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Canonical name of the package.
    pub package: String,
    /// The file, relative to the folder that packages are installed in.
    pub file: String,
}

/// What they need together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Shared libraries that nothing installed supplies, with the first file that links each.
    pub libraries: BTreeMap<String, Place>,
    /// Highest versions of GLIBC, GLIBCXX and CXXABI, with the file that needs each.
    pub versions: [Option<(Version, Place)>; 3],
    /// Packages with files that are linked to the GNU C library, each with the first such file.
    pub glibc: BTreeMap<String, Place>,
    /// Packages with files that are linked to musl.
    pub musl: BTreeMap<String, Place>,
    /// Names of shared libraries that are installed with packages.
    pub bundled: BTreeSet<String>,
    /// Files that could not be read: file, and why.
    pub damaged: Vec<(String, String)>,
    /// Compiled files for another processor than the one asked for: they were not looked into.
    pub foreign: usize,
    /// ELF files that were read.
    pub read: usize,
}

/// Names of the three that `Needs::versions` holds, as symbols carry them.
pub(crate) const VERSION_SETS: [&str; 3] = ["GLIBC", "GLIBCXX", "CXXABI"];

/// Reads the headers of all that may be compiled, in parallel. `machine` is the processor (`x86_64`, `aarch64`).
pub fn scan(installed: &[Installed], machine: &str) -> Needs {
    let files: Vec<(&Installed, &str)> = installed
        .iter()
        .flat_map(|i| i.files.iter().filter(|f| may_be_compiled(f)).map(move |f| (i, f.as_str())))
        .collect();
    let read: Vec<(&Installed, &str, Result<Elf, String>)> = files
        .par_iter()
        .filter_map(|(owner, file)| {
            let opened = match fs_err::File::open(owner.site.join(file)) {
                Ok(opened) => opened,
                // What the record names and is not there is another rule's matter.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
                Err(_) => return Some((*owner, *file, Err("can't be opened".to_owned()))),
            };
            elf::read(opened).transpose().map(|elf| (*owner, *file, elf))
        })
        .collect();
    let names: HashSet<&str> = files.iter().map(|(_, file)| base_name(file)).collect();
    let mut needs = Needs {
        bundled: names.iter().filter(|n| n.contains(".so")).map(|n| (*n).to_owned()).collect(),
        ..Needs::default()
    };
    for (owner, file, elf) in read {
        match elf {
            Err(why) => needs.damaged.push((file.to_owned(), why)),
            Ok(elf) if elf.machine != machine_number(machine) => needs.foreign += 1,
            Ok(elf) => needs.take(owner, file, &elf, &names),
        }
    }
    needs.damaged.sort();
    needs
}

impl Needs {
    fn take(&mut self, owner: &Installed, file: &str, elf: &Elf, names: &HashSet<&str>) {
        let place = Place { package: owner.package.clone(), file: file.to_owned() };
        self.read += 1;
        let musl = elf.needed.iter().any(|n| n == "libc.so" || n.starts_with("libc.musl-"));
        let loader = elf.interpreter.as_deref().unwrap_or("");
        if musl || loader.contains("ld-musl") {
            lowest(&mut self.musl, &owner.package, &place);
        } else if elf.glibc.is_some() || elf.needed.iter().any(|n| n == "libc.so.6") || !loader.is_empty() {
            lowest(&mut self.glibc, &owner.package, &place);
        }
        for (highest, version) in self.versions.iter_mut().zip([&elf.glibc, &elf.glibcxx, &elf.cxxabi]) {
            let Some(version) = version else { continue };
            let better =
                highest.as_ref().is_none_or(|(known, at)| version > known || (version == known && place < *at));
            if better {
                *highest = Some((version.clone(), place.clone()));
            }
        }
        for soname in &elf.needed {
            if !names.contains(soname.as_str()) && !beside(owner, file, elf, soname) && !is_musl(soname) {
                lowest(&mut self.libraries, soname, &place);
            }
        }
    }
}

fn lowest(map: &mut BTreeMap<String, Place>, key: &str, place: &Place) {
    let known = map.entry(key.to_owned()).or_insert_with(|| place.clone());
    if place < known {
        *known = place.clone();
    }
}

/// Names that musl's loader answers to itself.
fn is_musl(soname: &str) -> bool {
    soname == "libc.so" || soname.starts_with("libc.musl-")
}

/// Whether the library lies in a folder that the file says to look in, relative to itself.
fn beside(owner: &Installed, file: &str, elf: &Elf, soname: &str) -> bool {
    let path = owner.site.join(file);
    let Some(origin) = path.parent() else { return false };
    elf.search.iter().filter_map(|s| s.strip_prefix("$ORIGIN").or_else(|| s.strip_prefix("${ORIGIN}"))).any(|rest| {
        let folder = origin.join(rest.trim_start_matches('/'));
        !soname.contains('/') && fs_err::symlink_metadata(Path::new(&folder).join(soname)).is_ok()
    })
}

/// Whether a name is one that compiled files have: a shared object, or a program.
fn may_be_compiled(file: &str) -> bool {
    let name = base_name(file);
    let program = file.strip_suffix(name).is_some_and(|folder| folder.ends_with("bin/")) && !name.contains('.');
    program || name.ends_with(".so") || name.ends_with(".node") || name.contains(".so.")
}

fn base_name(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

/// The number of a processor in ELF headers (`e_machine`).
fn machine_number(machine: &str) -> u16 {
    if machine == "aarch64" { 183 } else { 62 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Made, library};

    fn tree(files: &[(&str, &str, Vec<u8>)]) -> (tempfile::TempDir, Vec<Installed>) {
        let folder = tempfile::tempdir().unwrap();
        let mut installed: Vec<Installed> = Vec::new();
        for (package, file, bytes) in files {
            let path = folder.path().join(file);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, bytes).unwrap();
            if installed.last().is_none_or(|i| i.package != *package) {
                installed.push(Installed {
                    package: (*package).to_owned(),
                    site: folder.path().to_owned(),
                    files: Vec::new(),
                });
            }
            installed.last_mut().unwrap().files.push((*file).to_owned());
        }
        (folder, installed)
    }

    fn made(needed: &[&str], search: Option<&str>, glibc: &[&str]) -> Vec<u8> {
        library(&Made { needed, search, versions: &[("libc.so.6", glibc)] })
    }

    #[test]
    fn what_is_bundled_is_not_needed_of_the_system() {
        let (_folder, installed) = tree(&[
            (
                "plum",
                "plum/_speed.so",
                made(&["libc.so.6", "libjam-1a2b.so.3", "libpq.so.5"], Some("$ORIGIN/../plum.libs"), &["GLIBC_2.17"]),
            ),
            ("plum", "plum.libs/libjam-1a2b.so.3", made(&["libc.so.6", "libz.so.1"], None, &["GLIBC_2.28"])),
            ("pear", "pear/core.abi3.so", made(&["libc.so.6", "libpq.so.5"], None, &["GLIBC_2.28"])),
        ]);
        let needs = scan(&installed, "x86_64");
        assert_eq!(needs.libraries.keys().collect::<Vec<_>>(), ["libc.so.6", "libpq.so.5", "libz.so.1"]);
        assert_eq!(needs.libraries["libpq.so.5"].file, "pear/core.abi3.so");
        let (version, place) = needs.versions[0].clone().unwrap();
        assert_eq!((version.to_string().as_str(), place.file.as_str()), ("2.28", "pear/core.abi3.so"));
        assert_eq!(needs.glibc.keys().collect::<Vec<_>>(), ["pear", "plum"]);
        assert!(needs.musl.is_empty() && needs.damaged.is_empty());
    }

    #[test]
    fn files_beside_count_though_no_package_records_them() {
        let (folder, installed) =
            tree(&[("plum", "plum/_speed.so", made(&["libown.so.1"], Some("$ORIGIN/lib"), &["GLIBC_2.4"]))]);
        fs_err::create_dir_all(folder.path().join("plum/lib")).unwrap();
        fs_err::write(folder.path().join("plum/lib/libown.so.1"), "x").unwrap();
        assert!(scan(&installed, "x86_64").libraries.is_empty());
    }

    #[test]
    fn musl_is_told_apart_and_other_processors_are_left_out() {
        let (_folder, installed) =
            tree(&[("plum", "plum/_speed.so", made(&["libc.musl-x86_64.so.1", "libstdc++.so.6"], None, &[]))]);
        let needs = scan(&installed, "x86_64");
        assert_eq!(needs.musl.keys().collect::<Vec<_>>(), ["plum"]);
        assert_eq!(needs.libraries.keys().collect::<Vec<_>>(), ["libstdc++.so.6"]);
        let other = scan(&installed, "aarch64");
        assert_eq!((other.foreign, other.read), (1, 0));
    }

    #[test]
    fn damage_is_named_and_text_is_no_program() {
        let (_folder, installed) = tree(&[
            ("plum", "plum/cut.so", b"\x7FELF\x02\x01\x01\0\0".to_vec()),
            ("plum", "bin/plum", b"#!/usr/bin/python\n".to_vec()),
            ("plum", "plum/gone.py", b"".to_vec()),
        ]);
        let needs = scan(&installed, "x86_64");
        assert_eq!(needs.damaged.iter().map(|(f, _)| f.as_str()).collect::<Vec<_>>(), ["plum/cut.so"]);
        assert_eq!(needs.read, 0);
    }
}
