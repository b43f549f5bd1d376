//! What the code that production reaches needs of the system: certificates, users, time zones, C.

use super::is_foreign;
use super::modules::Place;
use crate::constraint::{is_for_linux, is_set_on_linux};
use crate::header::Header;
use depslim_model::ecosystem::Need;
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::PathBuf;

/// Packages of the standard library that read files of the system.
const READERS: &[(&str, &str)] = &[
    ("crypto/tls", Need::CERTIFICATES),
    ("crypto/x509", Need::CERTIFICATES),
    ("net/http", Need::CERTIFICATES),
    ("os/user", Need::USERS),
];

/// Packages that bring along what others read from the system: `package: what`, one a line.
const BROUGHT: &str = include_str!("../../data/brought.txt");

/// Packages whose variant without C only says that it does nothing, one a line.
const MOCKED: &str = include_str!("../../data/cgo.txt");

/// Where something is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) what: &'static str,
    /// Number of the module that the file belongs to; `None` for the project's own.
    pub(crate) of: Option<usize>,
    pub(crate) file: String,
    pub(crate) line: u32,
}

/// What is needed, the first place of each kind.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    pub(crate) found: Vec<Found>,
    /// What each package imports in a build for Linux without C; the project's own files under the empty name.
    imports: FxHashMap<String, Vec<String>>,
    /// Packages that do not work without C, with the places that say so.
    c: FxHashMap<String, Found>,
    /// Files of other modules that may ask for a time zone, with their paths for people.
    clocks: Vec<(PathBuf, Option<usize>, String)>,
    /// What the code brings along.
    brought: Vec<&'static str>,
}

impl Needs {
    /// Whether everything is known to be needed that can be.
    pub(crate) fn lacks(&self, what: &str) -> bool {
        !self.found.iter().any(|found| found.what == what)
    }

    pub(crate) fn add(&mut self, what: &'static str, of: Option<usize>, file: String, line: u32) {
        if self.lacks(what) {
            self.found.push(Found { what, of, file, line });
        }
    }

    /// Notes that a package does not work without C.
    pub(crate) fn add_c(&mut self, package: &str, of: Option<usize>, file: String, line: u32) {
        self.c.insert(package.to_owned(), Found { what: Need::C_LIBRARY, of, file, line });
    }

    /// Settles whether C is needed: whether a build without it reaches a package that does not work so. A package that is only
    /// imported where C is there to be used can be left out with it.
    pub(crate) fn settle(&mut self) {
        let mut known: FxHashSet<&str> = FxHashSet::default();
        let mut work: Vec<&str> = vec![""];
        let mut places: Vec<&Found> = Vec::new();
        while let Some(package) = work.pop() {
            if !known.insert(package) {
                continue;
            }
            places.extend(self.c.get(package));
            work.extend(self.imports.get(package).into_iter().flatten().map(String::as_str));
        }
        let first = places.into_iter().min_by(|a, b| (a.of, &a.file, a.line).cmp(&(b.of, &b.file, b.line))).cloned();
        self.found.extend(first);
        // Other modules' files are only read whole where they decide whether anything is needed at all.
        if self.found.is_empty() {
            for (path, of, file) in std::mem::take(&mut self.clocks) {
                if let Some(line) = fs_err::read(path).ok().and_then(|bytes| zone(&bytes)) {
                    self.add(Need::ZONES, of, file, line);
                    break;
                }
            }
        }
        self.found.retain(|found| !self.brought.contains(&found.what));
    }

    /// What the head of a file of a package asks for.
    pub(crate) fn take(
        &mut self,
        package: &str,
        file: &str,
        header: &Header<'_>,
        place: &Place,
        path: &dyn Fn() -> String,
    ) {
        let without_c = header.constraints.holds(&|tag| is_set_on_linux(tag, false));
        if without_c && header.imports.iter().all(|import| import.path != "C") {
            let foreign = header.imports.iter().filter(|import| is_foreign(import.path));
            let imports = self.imports.entry(package.to_owned()).or_default();
            imports.extend(foreign.map(|import| import.path.to_owned()));
        }
        for import in &header.imports {
            if import.path == "time" && place.module.is_some() && self.found.is_empty() {
                self.clocks.push((place.folder.join(file), place.module, path()));
            }
            let brings = |line: &&str| line.split_once(": ").is_some_and(|(package, _)| package == import.path);
            if let Some((_, what)) = BROUGHT.lines().find(brings).and_then(|line| line.split_once(": ")) {
                self.brought.push(what);
            }
            if let Some((_, what)) = READERS.iter().find(|(package, _)| *package == import.path)
                && self.lacks(what)
            {
                self.add(what, place.module, path(), import.line);
            }
        }
    }

    /// What the text of a file of the project's own asks for.
    pub(crate) fn take_text(&mut self, bytes: &[u8], path: &str) {
        if self.lacks(Need::ZONES)
            && let Some(line) = zone(bytes)
        {
            self.add(Need::ZONES, None, path.to_owned(), line);
        }
    }
}

/// The line on which a file asks for a time zone.
fn zone(bytes: &[u8]) -> Option<u32> {
    let at = memchr::memmem::find(bytes, b"time.LoadLocation(")?;
    Some(memchr::memchr_iter(b'\n', &bytes[..at]).count() as u32 + 1)
}

/// A package, while its files are read: whether it works without C.
#[derive(Debug, Default)]
pub(crate) struct Cgo {
    /// File and line of an import of C that a build for Linux takes in.
    pub(crate) at: Option<(String, u32)>,
    /// A file takes its place in builds without C.
    pub(crate) instead: bool,
}

impl Cgo {
    pub(crate) fn take(&mut self, file: &str, header: &Header<'_>) {
        if !is_for_linux(file) {
            return;
        }
        let with = header.constraints.holds(&|tag| is_set_on_linux(tag, true));
        let without = header.constraints.holds(&|tag| is_set_on_linux(tag, false));
        let c = header.imports.iter().find(|import| import.path == "C");
        match c {
            Some(import) if with && self.at.is_none() => self.at = Some((file.to_owned(), import.line)),
            None => self.instead |= without && !with,
            Some(_) => {}
        }
    }

    /// Where C is needed, if the package does not work without it.
    pub(crate) fn needed(self, import: &str) -> Option<(String, u32)> {
        let mocked = || MOCKED.lines().any(|line| line.trim() == import);
        self.at.filter(|_| !self.instead || mocked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header;

    fn check(files: &[(&str, &str)], import: &str) -> Option<(String, u32)> {
        let mut cgo = Cgo::default();
        for (name, text) in files {
            cgo.take(name, &header::read(text.as_bytes()));
        }
        cgo.needed(import)
    }

    #[test]
    fn packages_that_work_without_c_do_not_need_it() {
        let c = ("c.go", "package x\nimport \"C\"\n");
        let pure = ("pure.go", "//go:build !cgo\n\npackage x\n");
        assert_eq!(check(&[c], "hay.example"), Some(("c.go".into(), 2)));
        assert_eq!(check(&[c, pure], "hay.example"), None);
        assert_eq!(check(&[("c_darwin.go", c.1)], "hay.example"), None);
        assert_eq!(check(&[("c.go", "//go:build windows\n\npackage x\nimport \"C\"\n")], "hay.example"), None);
        let of = |text: &'static str| {
            let mut needs = Needs::default();
            let place = Place { module: None, folder: std::path::PathBuf::new(), files: Vec::new() };
            needs.take("", "main.go", &header::read(text.as_bytes()), &place, &|| "main.go".into());
            needs.add_c("hay.example", Some(0), "hay.go".into(), 2);
            needs.settle();
            needs.found.into_iter().map(|found| found.what).collect::<Vec<_>>()
        };
        let brought = BROUGHT.lines().find(|line| !line.starts_with('#')).unwrap().split_once(": ").unwrap();
        assert_eq!(brought, ("time/tzdata", Need::ZONES));
        assert_eq!(of("package main\nimport (\n\"net/http\"\n\"os/user\"\n)\n"), [Need::CERTIFICATES, Need::USERS]);
        let roots = "package main\nimport (\n\"net/http\"\n_ \"golang.org/x/crypto/x509roots/fallback\"\n)\n";
        assert_eq!(of(roots), <[&str; 0]>::default());
        assert_eq!(of("package main\nimport \"hay.example\"\n"), [Need::C_LIBRARY]);
        assert_eq!(of("//go:build cgo\n\npackage main\nimport \"hay.example\"\n"), <[&str; 0]>::default());
        let mocked = MOCKED.lines().find(|line| !line.starts_with('#')).unwrap();
        assert_eq!(check(&[c, pure], mocked), Some(("c.go".into(), 2)));
    }
}
