//! The standard library: which top-level modules the interpreter itself supplies, by version.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Minor versions, of Python 3, that have a module.
#[derive(Debug, Clone, Copy)]
struct Versions {
    since: u32,
    until: u32,
}

/// The version that stands for an unknown one: what the newest interpreter has gone without must come from a package there, and
/// what only it has is in the library of whoever imports it.
const NEWEST: u32 = 14;

static MODULES: LazyLock<HashMap<&'static str, Versions>> = LazyLock::new(|| {
    let lines = include_str!("../data/stdlib.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(module).collect()
});

/// True when Python supplies the module: its top-level name is in the standard library of `runtime` (`3.11`, `3.11.7`). An unknown
/// version is read as 3.14; versions older than 3.8 count as 3.8.
pub(crate) fn standard(module: &str, runtime: Option<&str>) -> bool {
    let top = module.split('.').next().unwrap_or(module);
    let minor = runtime.and_then(minor).map_or(NEWEST, |minor| minor.max(8));
    MODULES.get(top).is_some_and(|versions| (versions.since..=versions.until).contains(&minor))
}

/// The minor version of a Python 3.
fn minor(runtime: &str) -> Option<u32> {
    let rest = runtime.trim().strip_prefix("3.")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest[..digits].parse().ok()
}

/// A line of the table: `name`, `name since 3.11`, `name until 3.11`.
fn module(line: &'static str) -> Option<(&'static str, Versions)> {
    let mut words = line.split(' ');
    let name = words.next().filter(|name| !name.is_empty())?;
    let mut versions = Versions { since: 0, until: u32::MAX };
    while let (Some(word), Some(version)) = (words.next(), words.next()) {
        match word {
            "since" => versions.since = minor(version)?,
            _ => versions.until = minor(version)?,
        }
    }
    Some((name, versions))
}

#[cfg(test)]
mod tests {
    use super::{MODULES, standard};

    #[track_caller]
    fn check(module: &str, runtimes: &[(&str, bool)]) {
        for (runtime, expect) in runtimes {
            let runtime = Some(*runtime).filter(|runtime| !runtime.is_empty());
            assert_eq!(standard(module, runtime), *expect, "{module} in {runtime:?}");
        }
    }

    #[test]
    fn modules_come_and_go() {
        check("os.path", &[("3.8", true), ("3.14", true), ("", true)]);
        check("tomllib", &[("3.10", false), ("3.10.13", false), ("3.11", true), ("3.11.0rc1", true), ("", true)]);
        check("zoneinfo", &[("3.8", false), ("3.9", true)]);
        check("graphlib", &[("3.8", false), ("3.9", true)]);
        check("annotationlib", &[("3.13", false), ("3.14", true), ("", true)]);
        check("compression.zstd", &[("3.13", false), ("3.14", true)]);
        check("string.templatelib", &[("3.14", true)]);
        for gone in ["distutils.core", "imp", "asyncore", "asynchat", "smtpd"] {
            check(gone, &[("3.11", true), ("3.12", false), ("", false)]);
        }
        for gone in ["cgi", "crypt", "telnetlib", "imghdr", "lib2to3.pgen2", "uu"] {
            check(gone, &[("3.12.1", true), ("3.13", false), ("", false)]);
        }
        check("binhex", &[("3.10", true), ("3.11", false)]);
        check("parser", &[("3.9", true), ("3.10", false)]);
        check("dummy_threading", &[("3.8", true), ("3.9", false)]);
    }

    #[test]
    fn the_implementation_has_modules_of_its_own() {
        for name in ["_thread", "_ctypes", "__future__", "__main__", "sys", "builtins"] {
            check(name, &[("3.8", true), ("3.14", true), ("", true)]);
        }
        for name in [
            "_pytest",
            "_cffi_backend",
            "_yaml",
            "pkg_resources",
            "setuptools",
            "pip",
            "typing_extensions",
            "six",
            "test",
            "",
        ] {
            check(name, &[("3.8", false), ("3.14", false), ("", false)]);
        }
    }

    #[test]
    fn odd_versions_are_read_as_the_nearest_known_one() {
        check("zoneinfo", &[("3.6", false), ("2.7", true), ("four", true), ("3.", true), ("3.99", true)]);
    }

    #[test]
    fn every_line_of_the_table_counts() {
        let table = include_str!("../data/stdlib.txt");
        let names: Vec<&str> =
            table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(MODULES.len(), names.len(), "a line that is no entry, or two for one name");
        assert!(names.iter().all(|name| MODULES.contains_key(name)));
    }
}
