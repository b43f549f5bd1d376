//! The tables of base images, releases and libraries: dated data with its sources, in `data/`; made by `cargo xtask image-data`.

use crate::elf::Version;
use crate::scan::{Needs, Place, VERSION_SETS};

const BASES: &str = include_str!("../data/bases.tsv");
const CONTENTS: &str = include_str!("../data/contents.tsv");
const RELEASES: &str = include_str!("../data/releases.tsv");
const NEEDS: &str = include_str!("../data/needs.tsv");
const INSTEAD: &str = include_str!("../data/instead.tsv");
const PROGRAMS: &str = include_str!("../data/programs.tsv");
const FINALS: &str = include_str!("../data/finals.tsv");
const SONAMES: &str = include_str!("../data/sonames.tsv");

/// A base image that could be recommended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Base {
    /// `python:3.12-slim-trixie`.
    pub image: &'static str,
    /// What kind of it: `slim`, `alpine`, `full`, `distroless`.
    pub family: &'static str,
    /// The language's version.
    pub version: &'static str,
    /// `debian`, `alpine`.
    pub os: &'static str,
    /// `12`, `3.22`.
    pub os_version: &'static str,
    /// `glibc`, `musl`.
    pub libc: &'static str,
    /// Bytes, uncompressed: the lowest and the highest that they may be; equal when they were measured.
    pub bytes: (u64, u64),
    contents: &'static str,
    further: &'static str,
}

impl Base {
    /// The middle of the range of bytes.
    pub fn about(&self) -> u64 {
        u64::midpoint(self.bytes.0, self.bytes.1)
    }

    /// Whether the bytes were measured, and not taken from the other members of the family.
    pub fn is_measured(&self) -> bool {
        self.bytes.0 == self.bytes.1
    }

    /// Whether the image holds a shared library.
    pub fn has(&self, soname: &str) -> bool {
        soname.starts_with("libpython")
            || Contents::find(self.contents).is_some_and(|contents| contents.has(soname))
            || self.further.split(' ').any(|name| name == soname)
    }

    /// Versions of its C and C++ libraries: GLIBC, GLIBCXX, CXXABI.
    pub fn versions(&self) -> [Option<Version>; 3] {
        Contents::find(self.contents).map(Contents::versions).unwrap_or_default()
    }

    /// Name of the release that it is built on: `trixie`; on Alpine the number.
    pub fn suite(&self) -> &'static str {
        Release::find(self.os, self.os_version).and_then(|r| r.codename).unwrap_or(self.os_version)
    }
}

/// What a root file system holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contents {
    versions: [&'static str; 3],
    libraries: &'static str,
}

impl Contents {
    /// Nothing: `scratch`, and distroless images for static programs.
    pub const NOTHING: Self = Self { versions: ["-"; 3], libraries: "" };

    /// By name: `debian-bookworm-slim`, `dl-cc-debian12`, `alpine-3.20`.
    pub fn find(name: &str) -> Option<Self> {
        let mut row = row(CONTENTS, name)?;
        Some(Self { versions: [row.next()?, row.next()?, row.next()?], libraries: row.next()? })
    }

    /// Whether it holds a shared library.
    pub fn has(self, soname: &str) -> bool {
        self.libraries.split(' ').any(|name| name == soname)
    }

    /// Versions of its C and C++ libraries: GLIBC, GLIBCXX, CXXABI.
    pub fn versions(self) -> [Option<Version>; 3] {
        self.versions.map(Version::parse)
    }

    /// What files need and it does not hold, each with the file: `libz.so.1`, `GLIBC_2.38`, the loader of another C library.
    pub fn lacks(self, needs: &Needs) -> Vec<(String, Place)> {
        let mut lacking = Vec::new();
        let musl = self.libraries.split(' ').any(|name| name.starts_with("libc.musl-"));
        let foreign = [(&needs.glibc, "ld-linux", self.has("libc.so.6")), (&needs.musl, "ld-musl", musl)];
        for (packages, loader, here) in foreign {
            let first = packages.values().min().filter(|_| !here);
            lacking.extend(first.map(|place| (loader.to_owned(), place.clone())));
        }
        if !lacking.is_empty() {
            return lacking;
        }
        for (soname, place) in needs.libraries.iter().filter(|(soname, _)| !self.has(soname)) {
            lacking.push((soname.clone(), place.clone()));
        }
        for ((set, has), need) in VERSION_SETS.iter().zip(self.versions()).zip(&needs.versions) {
            if let (Some(has), Some((version, place))) = (has, need)
                && *version > has
            {
                lacking.push((format!("{set}_{version}"), place.clone()));
            }
        }
        lacking
    }
}

/// The base images of a language, in the order of their names.
pub fn bases(language: &str) -> impl Iterator<Item = Base> {
    rows(BASES).filter_map(move |line| {
        let column: Vec<&'static str> = line.split('\t').collect();
        let at = |index: usize| column.get(index).copied().unwrap_or_default();
        let family = at(1).strip_prefix(language).map_or(at(1), |f| f.trim_start_matches('-'));
        let family = family.strip_suffix(language).map_or(family, |f| f.trim_end_matches('-'));
        (at(2) == language).then_some(Base {
            image: at(0),
            family,
            version: at(3),
            os: at(4),
            os_version: at(5),
            libc: at(6),
            bytes: (at(8).parse().ok()?, at(9).parse().ok()?),
            contents: at(11),
            further: at(12),
        })
    })
}

/// What a final stage stands on that needs no runtime of a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Final {
    /// The image.
    pub image: &'static str,
    /// Number of the user that its programs run as.
    pub user: &'static str,
    /// Bytes, uncompressed.
    pub bytes: u64,
    /// The release that it is built on.
    pub release: Option<Release>,
    packages: &'static str,
}

impl Final {
    /// Whether nobody has to install a package there, by the name that some distribution has for it.
    pub fn has(&self, package: &str) -> bool {
        self.packages.split(' ').any(|name| name == package)
    }
}

/// The base of a kind: `files`, `nothing`, `libraries`; with a shell and a package manager: `debian`, `alpine`.
pub fn final_of(kind: &str) -> Option<Final> {
    let columns: Vec<&'static str> = row(FINALS, kind)?.collect();
    let at = |index: usize| columns.get(index).copied();
    Some(Final {
        image: at(0)?,
        user: at(1)?,
        bytes: at(2)?.parse().ok()?,
        release: Release::find(at(4)?, at(5)?),
        packages: at(6)?,
    })
}

/// The day on which the catalogue was made, `2026-11-21`: what it says holds for then.
pub fn day() -> &'static str {
    BASES.lines().next().and_then(|line| line.split("catalogued on ").nth(1)).map_or("", |rest| {
        rest.trim_end_matches(|c: char| c != '.' && !c.is_ascii_digit()).split('.').next().unwrap_or("")
    })
}

/// A release of a language or a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// `python`, `debian`, `alpine`.
    pub name: &'static str,
    /// `3.9`, `12`.
    pub version: &'static str,
    /// `bookworm`.
    pub codename: Option<&'static str>,
    /// Day of the last security fix, long-term support included.
    pub end: &'static str,
}

impl Release {
    /// A release by name and version.
    pub fn find(name: &str, version: &str) -> Option<Self> {
        releases().find(|release| release.name == name && release.version == version)
    }

    /// A distribution's release by its code name.
    pub fn of_codename(codename: &str) -> Option<Self> {
        releases().find(|release| release.codename == Some(codename))
    }

    /// Whether it gets no fixes any more on a day (`2026-11-21`).
    pub fn has_ended(&self, today: &str) -> bool {
        self.end < today
    }

    /// As people call it: `Debian 10 (buster)`.
    pub fn shown(&self) -> String {
        let mut name = self.name.to_owned();
        if let Some(first) = name.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        self.codename
            .map_or_else(|| format!("{name} {}", self.version), |code| format!("{name} {} ({code})", self.version))
    }
}

/// All releases that are known.
pub fn releases() -> impl Iterator<Item = Release> {
    rows(RELEASES).filter_map(|line| {
        let mut columns = line.split('\t');
        let (name, version, codename, end) = (columns.next()?, columns.next()?, columns.next()?, columns.next()?);
        let extended = columns.next().filter(|e| *e != "-");
        Some(Release { name, version, codename: Some(codename).filter(|c| *c != "-"), end: extended.unwrap_or(end) })
    })
}

/// The package of a Debian release that holds a shared library.
pub fn package_of(soname: &str, suite: &str) -> Option<&'static str> {
    let mut columns = row(SONAMES, soname)?;
    let first = columns.next()?;
    let package = match suite {
        "bookworm" => first,
        "trixie" => columns.next().map(|second| if second == "=" { first } else { second })?,
        _ => return None,
    };
    (package != "-").then_some(package)
}

/// What a package of an older Debian release is called in a newer one, by the libraries that it holds; `None` when its name is the same, or
/// not known. Libraries that got another version have another name, which is none of theirs.
pub fn renamed(package: &str, suite: &str) -> Option<&'static str> {
    if suite != "trixie" {
        return None;
    }
    let pairs = || {
        rows(SONAMES).filter_map(|line| {
            let mut columns = line.split('\t').skip(1);
            Some((columns.next()?, columns.next()?))
        })
    };
    let there = |(old, new): (&str, &str)| new == package || (new == "=" && old == package);
    if pairs().any(there) {
        return None;
    }
    pairs().find(|(old, new)| *old == package && *new != "-").map(|(_, new)| new)
}

/// The Debian package of a program that slim images lack.
pub fn package_of_program(program: &str) -> Option<&'static str> {
    row(PROGRAMS, program)?.next()
}

/// A version with as many parts as the images of the language have (`3.11.4` → `3.11`, `22.3` → `22`); `None` when it has fewer.
pub fn version_of<'v>(language: &str, version: &'v str) -> Option<&'v str> {
    let parts = bases(language).next().map_or(2, |base| base.version.split('.').count());
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let ends = version.match_indices('.').map(|(at, _)| at).chain([version.len()]);
    let cut = ends.take(parts).last().filter(|_| version.split('.').count() >= parts)?;
    version.get(..cut).filter(|v| v.split('.').all(digits))
}

/// The programs for which a Debian package is installed; none for packages that are not catalogued.
pub fn programs_of(package: &str) -> impl Iterator<Item = &'static str> {
    rows(PROGRAMS)
        .filter_map(move |line| line.split_once('\t').filter(|(_, p)| *p == package).map(|(program, _)| program))
}

/// The shared libraries that a Debian package holds, of whatever release.
pub fn libraries_of(package: &str) -> impl Iterator<Item = &'static str> {
    rows(SONAMES).filter_map(move |line| {
        let mut columns = line.split('\t');
        let soname = columns.next()?;
        columns.any(|p| p == package).then_some(soname)
    })
}

/// The newest version of a language that gets fixes on a day.
pub fn maintained(language: &str, today: &str) -> Option<&'static str> {
    let kept = |version: &str| Release::find(language, version).is_some_and(|r| !r.has_ended(today));
    bases(language).map(|b| b.version).filter(|v| kept(v)).max_by_key(|v| Version::parse(v))
}

/// What a package needs of the system when it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// `link`, `dlopen`, `exec`, `data`.
    pub load: &'static str,
    bookworm: &'static str,
    trixie: &'static str,
    /// The shared libraries, by soname.
    pub libraries: &'static str,
    /// Shared libraries that the published wheel takes from the system; `None` when no wheel was published.
    pub wheel: Option<&'static str>,
    debian_build: &'static str,
    alpine_build: &'static str,
}

impl Need {
    /// What is known of a package, by its canonical name.
    pub fn of(language: &str, package: &str) -> Option<Self> {
        let line = rows(NEEDS).find(|line| {
            let mut columns = line.split('\t');
            columns.next() == Some(language) && columns.next() == Some(package)
        })?;
        let column: Vec<&'static str> = line.split('\t').collect();
        let at = |index: usize| column.get(index).copied().unwrap_or_default();
        Some(Self {
            load: at(2),
            bookworm: at(3),
            trixie: at(4),
            libraries: at(5),
            wheel: Some(at(6)).filter(|w| *w != "-"),
            debian_build: at(7),
            alpine_build: at(8),
        })
    }

    /// The system packages that building it from source takes.
    pub fn build(&self, musl: bool) -> impl Iterator<Item = &'static str> {
        let list = if musl { self.alpine_build } else { self.debian_build };
        list.split(' ').filter(|name| !name.is_empty())
    }

    /// The packages of a Debian release that supply it; none when the release is not known or has none.
    pub fn packages(&self, suite: &str) -> impl Iterator<Item = &'static str> {
        let list = match suite {
            "bookworm" => self.bookworm,
            "trixie" => self.trixie,
            _ => "",
        };
        list.split(' ').filter(|name| !name.is_empty())
    }
}

/// Packages that bring with them what another one would take from the system (`psycopg-binary` for `psycopg`).
pub fn instead_of(package: &str) -> impl Iterator<Item = &'static str> {
    row(INSTEAD, package).into_iter().flatten().flat_map(|names| names.split(' '))
}

fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// The columns behind the first one of the row that begins with a key.
fn row(table: &'static str, key: &str) -> Option<std::str::Split<'static, char>> {
    let line = rows(table).find(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with('\t')))?;
    let mut columns = line.split('\t');
    columns.next();
    Some(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_base_stands_on_a_release_that_is_known() {
        assert!(bases("python").count() > 20);
        for base in bases("python") {
            assert!(Release::find(base.os, base.os_version).is_some(), "{}", base.image);
            assert!(Release::find("python", base.version).is_some(), "{}", base.image);
            assert!(base.bytes.0 <= base.bytes.1 && base.bytes.0 > 10_000_000, "{}", base.image);
            assert!(["slim", "alpine", "full", "distroless"].contains(&base.family), "{}", base.family);
            assert!(base.libc == "musl" || base.versions()[0].is_some(), "{}", base.image);
        }
        assert_eq!(day().len(), 10, "{}", day());
    }

    #[test]
    fn releases_have_days() {
        for release in releases() {
            let parts: Vec<&str> = release.end.split('-').collect();
            assert!(
                release.end.len() == 10 && parts.len() == 3 && parts.iter().all(|p| p.parse::<u32>().is_ok()),
                "{release:?}"
            );
        }
        let bookworm = Release::of_codename("bookworm").unwrap();
        assert!(!bookworm.has_ended("2026-11-21") && bookworm.has_ended("2029-01-01"), "long-term support counts");
        assert_eq!(bookworm.shown(), "Debian 12 (bookworm)");
    }

    #[test]
    fn packages_are_named_for_the_release() {
        for (soname, bookworm, trixie) in [
            ("libpq.so.5", Some("libpq5"), Some("libpq5")),
            ("libmagic.so.1", Some("libmagic1"), Some("libmagic1t64")),
            ("libldap-2.5.so.0", Some("libldap-2.5-0"), None),
            ("libldap.so.2", None, Some("libldap2")),
            ("libGL.so.1", Some("libgl1"), Some("libgl1")),
            ("libnobody.so.9", None, None),
        ] {
            assert_eq!((package_of(soname, "bookworm"), package_of(soname, "trixie")), (bookworm, trixie), "{soname}");
        }
        assert_eq!(package_of("libpq.so.5", "buster"), None);
        assert_eq!(package_of_program("curl"), Some("curl"));
    }

    #[test]
    fn packages_of_an_older_release_have_other_names() {
        for (package, suite, expect) in [
            ("libmagic1", "trixie", Some("libmagic1t64")),
            ("libssl3", "trixie", Some("libssl3t64")),
            ("libpq5", "trixie", None),
            ("libmagic1t64", "trixie", None),
            ("libmagic1", "bookworm", None),
            ("gettext", "trixie", None),
            ("libldap-2.5-0", "trixie", None),
        ] {
            assert_eq!(renamed(package, suite), expect, "{package}");
        }
    }

    #[test]
    fn needs_that_no_header_shows() {
        let magic = Need::of("python", "python-magic").unwrap();
        assert_eq!(
            (magic.load, magic.packages("trixie").collect::<Vec<_>>()),
            ("dlopen", vec!["libmagic-mgc", "libmagic1t64"])
        );
        let gomp = Need::of("python", "lightgbm").unwrap();
        assert!(gomp.wheel.unwrap().split(' ').any(|l| l == "libgomp.so.1"));
        assert_eq!(Need::of("python", "psycopg2").unwrap().wheel, None);
        assert_eq!(Need::of("python", "requests"), None);
        assert!(instead_of("psycopg").any(|p| p == "psycopg-binary"));
    }

    #[test]
    fn bases_without_a_language_are_maintained() {
        for kind in ["files", "nothing", "libraries", "debian", "alpine"] {
            let found = final_of(kind).unwrap();
            assert!(!found.release.unwrap().has_ended(day()) && found.bytes > 1_000_000, "{found:?}");
            assert!(found.user.parse::<u32>().unwrap() > 0, "{found:?}");
        }
        assert_eq!(final_of("anything"), None);
    }

    #[test]
    fn versions_have_as_many_parts_as_the_images() {
        for (language, version, expect) in [
            ("python", "3.11.4", Some("3.11")),
            ("python", "3", None),
            ("python", "3.x", None),
            ("node", "22.3.1", Some("22")),
            ("node", "22", Some("22")),
            ("node", "lts", None),
            ("node", "", None),
        ] {
            assert_eq!(version_of(language, version), expect, "{language} {version}");
        }
        let families: Vec<&str> = bases("node").map(|b| b.family).collect();
        assert!(["slim", "alpine", "full", "distroless"].iter().all(|f| families.contains(f)), "{families:?}");
    }

    #[test]
    fn slim_holds_what_its_package_manager_needs() {
        let slim = bases("python").find(|b| b.image == "python:3.12-slim-bookworm").unwrap();
        for (soname, expect) in [
            ("libc.so.6", true),
            ("libz.so.1", true),
            ("libssl.so.3", true),
            ("libpq.so.5", false),
            ("libGL.so.1", false),
            ("libpython3.12.so.1.0", true),
        ] {
            assert_eq!(slim.has(soname), expect, "{soname}");
        }
        assert_eq!(slim.suite(), "bookworm");
    }
}
