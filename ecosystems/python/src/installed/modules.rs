//! From files to the names that can be imported: top-level modules and packages, and the portions of namespace packages.

use super::record::parts;
use memchr::memchr_iter;
use std::collections::HashSet;

/// The modules that these files make, in order. Paths are relative to the folder that modules are looked up in.
///
/// A package is a folder with an `__init__` file; what lies below it is part of it. A folder without one, or one of `namespaces`,
/// belongs to nobody alone ([PEP 420](https://peps.python.org/pep-0420/)), so that the packages and modules in it are named.
pub(super) fn of<'a>(paths: impl Iterator<Item = &'a str> + Clone, namespaces: &[String]) -> Vec<String> {
    let namespaces: HashSet<String> = namespaces.iter().map(|name| name.replace('.', "/")).collect();
    let mut packages = HashSet::new();
    let mut last = "";
    for path in paths.clone() {
        let (folder, file) = parts(path);
        if file.starts_with("__init__.")
            && !folder.is_empty()
            && stem(file) == Some("__init__")
            // One in a package that is known already is part of it.
            && !is_below(folder, last)
            && !namespaces.contains(folder)
        {
            packages.insert(folder);
            last = folder;
        }
    }
    let mut found: Vec<String> = Vec::new();
    // Lists are sorted as a rule, so a package's files follow each other.
    let mut package = "";
    for path in paths {
        if is_below(path, package) {
            continue;
        }
        let (folder, file) = parts(path);
        let Some(stem) = stem(file).filter(|stem| *stem != "__init__") else {
            if file.starts_with("__init__.")
                && let Some(outer) = outer_package(folder, &packages)
            {
                package = outer;
                found.push(dotted(outer));
            }
            continue;
        };
        if folder.ends_with("__pycache__") {
            continue;
        }
        if let Some(outer) = outer_package(folder, &packages) {
            package = outer;
            found.push(dotted(outer));
        } else if is_name(stem) && (folder.is_empty() || folder.split('/').all(is_name)) {
            found.push(if folder.is_empty() { stem.to_owned() } else { format!("{}.{stem}", dotted(folder)) });
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The module that a file is, if it can be imported: `core.py`, `core.abi3.so`, `core.cpython-311-x86_64-linux-gnu.so`, `core.pyd`.
pub(super) fn stem(file: &str) -> Option<&str> {
    let (before, extension) = file.rsplit_once('.')?;
    match extension {
        "py" | "pyc" => Some(before),
        "so" | "pyd" => before.split('.').next(),
        _ => None,
    }
}

/// The outermost folder on the way to `folder` that is a package, when all names on the way can be imported.
fn outer_package<'a>(folder: &'a str, packages: &HashSet<&str>) -> Option<&'a str> {
    let mut from = 0;
    for end in memchr_iter(b'/', folder.as_bytes()).chain([folder.len()]) {
        if !is_name(&folder[from..end]) {
            return None;
        }
        if packages.contains(&folder[..end]) {
            return Some(&folder[..end]);
        }
        from = end + 1;
    }
    None
}

fn is_below(path: &str, folder: &str) -> bool {
    !folder.is_empty() && path.as_bytes().get(folder.len()) == Some(&b'/') && path.starts_with(folder)
}

/// Whether a statement can import it: an identifier.
fn is_name(part: &str) -> bool {
    !part.is_empty()
        && !part.as_bytes()[0].is_ascii_digit()
        && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii())
}

fn dotted(folder: &str) -> String {
    folder.replace('/', ".")
}

#[cfg(test)]
mod tests {
    use super::of;

    fn check(paths: &[&str], expect: &[&str]) {
        let (mut forth, mut back) = (paths.to_vec(), paths.to_vec());
        forth.sort_unstable();
        back.reverse();
        assert_eq!(of(forth.into_iter(), &[]), expect, "{paths:?}");
        assert_eq!(of(back.into_iter(), &[]), expect, "{paths:?}");
    }

    #[test]
    fn packages_and_single_modules() {
        check(
            &[
                "plum/__init__.py",
                "plum/core.py",
                "plum/deep/er.py",
                "plum/data/x.txt",
                "six.py",
                "__pycache__/six.cpython-311.pyc",
            ],
            &["plum", "six"],
        );
        check(&["plum_jam.py", "plum/__init__.py", "plum/a.py"], &["plum", "plum_jam"]);
        check(&["only.pyc", "pack/__init__.pyc"], &["only", "pack"]);
    }

    #[test]
    fn extension_modules() {
        check(
            &[
                "_cffi.cpython-311-x86_64-linux-gnu.so",
                "fast.abi3.so",
                "old.so",
                "win.cp312-win_amd64.pyd",
                "built/__init__.cpython-313-aarch64-linux-gnu.so",
                "plum.libs/libz-1a2b.so.1.2",
            ],
            &["_cffi", "built", "fast", "old", "win"],
        );
    }

    #[test]
    fn namespace_packages_are_named_by_their_portions() {
        check(
            &[
                "google/cloud/storage/__init__.py",
                "google/cloud/storage/blob.py",
                "google/cloud/version.py",
                "google/api/x.so",
            ],
            &["google.api.x", "google.cloud.storage", "google.cloud.version"],
        );
        let paths = ["zope/__init__.py", "zope/interface/__init__.py", "zope/interface/ro.py"];
        assert_eq!(of(paths.into_iter(), &["zope".to_owned()]), ["zope.interface"]);
        let paths = ["a/__init__.py", "a/b/__init__.py", "a/b/c/__init__.py"];
        assert_eq!(of(paths.into_iter(), &["a".to_owned(), "a.b".to_owned()]), ["a.b.c"]);
    }

    #[test]
    fn what_no_statement_can_import_is_left_out() {
        check(
            &[
                "plum-1.0.dist-info/METADATA",
                "plum-1.0.data/scripts/run.py",
                "types-stubs/__init__.pyi",
                "plum-stubs/__init__.py",
                "../../../bin/tool.py",
                "30fc__mypyc.cpython-311-x86_64-linux-gnu.so",
                "share/doc/readme.txt",
            ],
            &[],
        );
    }

    #[test]
    fn the_real_traps() {
        // Distributions that ship folders with names of everybody's own.
        check(
            &["notify_utils/__init__.py", "scripts/run.py", "tests/test_a.py"],
            &["notify_utils", "scripts.run", "tests.test_a"],
        );
        check(&["_pytest/__init__.py", "pytest/__init__.py", "py.py"], &["_pytest", "py", "pytest"]);
    }
}
