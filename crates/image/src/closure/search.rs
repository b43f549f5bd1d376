//! Where the dynamic loader finds a shared library: its rules, without running it.
//!
//! Rules: `ld.so(8)` for glibc (`DT_RPATH` of the file and of those that load it, unless it has `DT_RUNPATH`; `DT_RUNPATH`; the cache;
//! the default folders), and musl's `ldso/dynlink.c` (either kind of path, then `/etc/ld-musl-*.path` or its default folders).

use super::cache;
use super::source::Source;
use crate::elf::{self, Elf};
use globset::Glob;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Folders that `ld.so` knows itself; those with the processor's name on Debian and its like.
const GLIBC_FOLDERS: &[&str] =
    &["/lib/{arch}-linux-gnu", "/usr/lib/{arch}-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"];

/// Folders that musl knows itself.
const MUSL_FOLDERS: &[&str] = &["/lib", "/usr/local/lib", "/usr/lib"];

/// Files of `/etc/ld.so.conf` that include each other deeper than any real ones.
const MAX_INCLUDES: usize = 8;

/// A file that links libraries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Object {
    /// The path that it is opened by: `$ORIGIN` is its folder.
    pub(super) path: PathBuf,
    /// Folders that those who load it pass on.
    pub(super) inherited: Vec<PathBuf>,
}

/// Looks libraries up for programs of one processor and one C library.
#[derive(Debug)]
pub(super) struct Loader<'s> {
    source: &'s Source,
    machine: u16,
    musl: bool,
    cached: HashMap<String, Vec<PathBuf>>,
    folders: Vec<PathBuf>,
    read: RefCell<HashMap<PathBuf, Option<Elf>>>,
}

impl<'s> Loader<'s> {
    /// The loader that a program asks for.
    pub(super) fn of(source: &'s Source, program: &Elf) -> Self {
        let musl = program.interpreter.as_deref().is_some_and(|name| name.contains("ld-musl"));
        let arch = match program.machine {
            3 => "i386",
            183 => "aarch64",
            _ => "x86_64",
        };
        let mut cached: HashMap<String, Vec<PathBuf>> = HashMap::new();
        let mut folders = Vec::new();
        let text = |path: &str| fs_err::read(source.on_disk(Path::new(path))).unwrap_or_default();
        if musl {
            let own = String::from_utf8_lossy(&text(&format!("/etc/ld-musl-{arch}.path"))).into_owned();
            folders.extend(own.split([':', '\n']).filter(|f| f.starts_with('/')).map(PathBuf::from));
            if folders.is_empty() {
                folders.extend(MUSL_FOLDERS.iter().map(PathBuf::from));
            }
        } else {
            for library in cache::read(&text("/etc/ld.so.cache")).into_iter().filter(|c| c.hwcap == 0) {
                cached.entry(library.name).or_default().push(library.path);
            }
            // Without a cache, or with an old one, what a new one would hold: one is written for the collected system.
            configured(source, "/etc/ld.so.conf", 0, &mut folders);
            folders.extend(GLIBC_FOLDERS.iter().map(|f| PathBuf::from(f.replace("{arch}", arch))));
        }
        Self { source, machine: program.machine, musl, cached, folders, read: RefCell::default() }
    }

    /// What a file says of itself; `None` for other files, damaged ones, and those of another processor.
    pub(super) fn elf(&self, path: &Path) -> Option<Elf> {
        let real = self.source.resolve(path)?;
        if let Some(known) = self.read.borrow().get(&real.real) {
            return known.clone();
        }
        let read = fs_err::File::open(self.source.on_disk(&real.real)).ok().and_then(|f| elf::read(f).ok()?);
        let read = read.filter(|elf| elf.machine == self.machine);
        self.read.borrow_mut().insert(real.real, read.clone());
        read
    }

    /// Whether the loader answers to the name itself.
    pub(super) fn is_loader(&self, name: &str) -> bool {
        self.musl && (name == "libc.so" || name.starts_with("libc.musl-"))
    }

    /// Where a library is found for an object, by the path that it is opened by.
    pub(super) fn find(&self, name: &str, object: &Object, elf: &Elf) -> Option<PathBuf> {
        let here = |path: PathBuf| self.elf(&path).is_some().then_some(path);
        if name.contains('/') {
            return here(PathBuf::from(name));
        }
        let own = self.folders_of(object, elf);
        let inherited: &[PathBuf] =
            if elf.search.is_empty() || elf.passes_on || self.musl { &object.inherited } else { &[] };
        own.iter().chain(inherited).find_map(|folder| here(folder.join(name))).or_else(|| self.find_by_name(name))
    }

    /// Where a library is found that a program loads by name.
    pub(super) fn find_by_name(&self, name: &str) -> Option<PathBuf> {
        let here = |path: PathBuf| self.elf(&path).is_some().then_some(path);
        let cached = self.cached.get(name).into_iter().flatten().cloned();
        cached.chain(self.folders.iter().map(|folder| folder.join(name))).find_map(here)
    }

    /// The library that a short name stands for (`magic` → `libmagic.so.1`), as `find_library` functions find it.
    pub(super) fn find_short(&self, short: &str) -> Option<PathBuf> {
        let stem = format!("lib{short}.so");
        let fits = |name: &str| name.strip_prefix(&stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let mut names: Vec<String> = self.cached.keys().filter(|name| fits(name)).cloned().collect();
        if names.is_empty() {
            for folder in &self.folders {
                let Some(real) = self.source.resolve(folder) else { continue };
                let entries = fs_err::read_dir(self.source.on_disk(&real.real)).into_iter().flatten().flatten();
                names.extend(entries.map(|e| e.file_name().to_string_lossy().into_owned()).filter(|n| fits(n)));
            }
        }
        // The name with one number is what programs are linked with; `libx.so` alone is there to build with.
        names.sort_by_key(|name| (name == &stem, name.len(), name.clone()));
        names.iter().find_map(|name| self.find_by_name(name))
    }

    /// The folders that a file says to look in, its own folder and the system's names filled in.
    fn folders_of(&self, object: &Object, elf: &Elf) -> Vec<PathBuf> {
        let origin = object.path.parent().unwrap_or(Path::new("/")).to_string_lossy();
        let arch = if self.machine == 183 { "aarch64" } else { "x86_64" };
        elf.search
            .iter()
            .map(|text| {
                let text = text.replace("${ORIGIN}", &origin).replace("$ORIGIN", &origin);
                let lib = format!("lib/{arch}-linux-gnu");
                text.replace("${LIB}", &lib)
                    .replace("$LIB", &lib)
                    .replace("${PLATFORM}", arch)
                    .replace("$PLATFORM", arch)
            })
            .filter(|text| text.starts_with('/'))
            .map(PathBuf::from)
            .collect()
    }

    /// What a file passes on to the libraries that it links.
    pub(super) fn passed_on(&self, object: &Object, elf: &Elf) -> Vec<PathBuf> {
        let mut folders = if elf.passes_on || self.musl { self.folders_of(object, elf) } else { Vec::new() };
        let mut known: HashSet<PathBuf> = folders.iter().cloned().collect();
        folders.extend(object.inherited.iter().filter(|f| known.insert((*f).clone())).cloned());
        folders
    }
}

/// Folders of `/etc/ld.so.conf` and what it includes (`ldconfig(8)`).
fn configured(source: &Source, path: &str, depth: usize, folders: &mut Vec<PathBuf>) {
    let bytes =
        source.resolve(Path::new(path)).and_then(|r| fs_err::read(source.on_disk(&r.real)).ok()).unwrap_or_default();
    for line in String::from_utf8_lossy(&bytes).lines() {
        let line = line.split('#').next().unwrap_or("").trim();
        if let Some(pattern) = line.strip_prefix("include").filter(|rest| rest.starts_with([' ', '\t'])) {
            if depth < MAX_INCLUDES {
                for file in matching(source, pattern.trim()) {
                    configured(source, &file, depth + 1, folders);
                }
            }
        } else if line.starts_with('/') {
            folders.push(PathBuf::from(line.split(['=', ' ', '\t']).next().unwrap_or(line)));
        }
    }
}

/// The files of a pattern such as `/etc/ld.so.conf.d/*.conf`; only the last part may hold signs.
fn matching(source: &Source, pattern: &str) -> Vec<String> {
    let pattern = if pattern.starts_with('/') { pattern.to_owned() } else { format!("/etc/{pattern}") };
    let Some((folder, name)) = pattern.rsplit_once('/') else { return Vec::new() };
    let Ok(glob) = Glob::new(name).map(|g| g.compile_matcher()) else { return Vec::new() };
    let entries = fs_err::read_dir(source.on_disk(Path::new(folder))).into_iter().flatten().flatten();
    let mut files: Vec<String> = entries
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .filter(|n| glob.is_match(n))
        .map(|n| format!("{folder}/{n}"))
        .collect();
    files.sort();
    files
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Made, library};

    struct Bench {
        _folder: tempfile::TempDir,
        source: Source,
    }

    fn bench(files: &[(&str, &[u8])]) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for (path, bytes) in files {
            let place = root.join(path.trim_start_matches('/'));
            fs_err::create_dir_all(place.parent().unwrap()).unwrap();
            fs_err::write(place, bytes).unwrap();
        }
        Bench { _folder: folder, source: Source { root, own: Vec::new() } }
    }

    fn check(files: &[(&str, &[u8])], program: &Elf, inherited: &[&str], expect: Option<&str>) {
        let bench = bench(&[files, &[("/opt/app/bin/till", b"")]].concat());
        let program = Elf { machine: 62, ..program.clone() };
        let loader = Loader::of(&bench.source, &program);
        let object = Object {
            path: PathBuf::from("/opt/app/bin/till"),
            inherited: inherited.iter().map(PathBuf::from).collect(),
        };
        let found = loader.find("libplum.so.1", &object, &program);
        assert_eq!(found.as_deref(), expect.map(Path::new));
    }

    #[test]
    fn folders_are_asked_in_the_loaders_order() {
        let plum = library(&Made::default());
        let there = |path: &'static str| (path, plum.as_slice());
        let conf: (&str, &[u8]) = ("/etc/ld.so.conf", b"include ld.so.conf.d/*.conf # x\n");
        let more: (&str, &[u8]) = ("/etc/ld.so.conf.d/a.conf", b"/opt/lib\n");
        let plain = Elf::default();
        let search = |folder: &str, passes_on| Elf { search: vec![folder.into()], passes_on, ..Elf::default() };
        let (own, lib, opt) =
            (there("/opt/app/lib/libplum.so.1"), there("/usr/lib/libplum.so.1"), there("/opt/lib/libplum.so.1"));
        check(&[own, lib], &search("$ORIGIN/../lib", false), &[], Some("/opt/app/bin/../lib/libplum.so.1"));
        check(&[own, lib], &plain, &[], Some("/usr/lib/libplum.so.1"));
        check(&[own, lib], &plain, &["/opt/app/lib"], Some("/opt/app/lib/libplum.so.1"));
        check(&[own, lib], &search("/nowhere", true), &["/opt/app/lib"], Some("/opt/app/lib/libplum.so.1"));
        check(&[own, lib], &search("/nowhere", false), &["/opt/app/lib"], Some("/usr/lib/libplum.so.1"));
        check(&[lib, opt, conf, more], &plain, &[], Some("/opt/lib/libplum.so.1"));
        check(&[there("/lib/x86_64-linux-gnu/libplum.so.1")], &plain, &[], Some("/lib/x86_64-linux-gnu/libplum.so.1"));
        check(&[there("/srv/libplum.so.1")], &plain, &[], None);
    }

    #[test]
    fn what_is_no_library_of_this_processor_is_passed_by() {
        let plum = library(&Made::default());
        let mut other = plum.clone();
        other[18] = 183;
        let search = Elf { search: vec!["/a".into(), "/b".into(), "/c".into()], ..Elf::default() };
        check(
            &[("/a/libplum.so.1", b"text"), ("/b/libplum.so.1", &other), ("/c/libplum.so.1", &plum)],
            &search,
            &[],
            Some("/c/libplum.so.1"),
        );
    }

    #[test]
    fn musl_has_its_own_folders() {
        let plum = library(&Made::default());
        let program = Elf { interpreter: Some("/lib/ld-musl-x86_64.so.1".into()), ..Elf::default() };
        let there = [("/usr/local/lib/libplum.so.1", plum.as_slice()), ("/usr/lib/libplum.so.1", &plum)];
        check(&there, &program, &[], Some("/usr/local/lib/libplum.so.1"));
        let file: (&str, &[u8]) = ("/etc/ld-musl-x86_64.path", b"/lib\n/usr/lib\n");
        check(&[there[0], there[1], file], &program, &[], Some("/usr/lib/libplum.so.1"));
    }

    #[test]
    fn the_cache_is_asked_before_the_default_folders_and_short_names_are_found() {
        let plum = library(&Made::default());
        let cache = cache::make(&[("libplum.so.1".into(), "/usr/local/lib/libplum.so.1".into())], 62).unwrap();
        let files: [(&str, &[u8]); 3] =
            [("/etc/ld.so.cache", &cache), ("/usr/local/lib/libplum.so.1", &plum), ("/usr/lib/libplum.so.1", &plum)];
        check(&files, &Elf::default(), &[], Some("/usr/local/lib/libplum.so.1"));
        let bench = bench(&files);
        let loader = Loader::of(&bench.source, &Elf { machine: 62, ..Elf::default() });
        assert_eq!(loader.find_short("plum"), Some(PathBuf::from("/usr/local/lib/libplum.so.1")));
        assert_eq!(loader.find_short("plu"), None);
    }
}
