//! Names of conda packages that differ from the names of the same projects on `PyPI`.

/// One line each: conda's name, a tab, `PyPI`'s name; nothing behind the tab when it is no Python distribution.
const NAMES: &str = include_str!("conda_names.tsv");

/// `PyPI`'s name of a conda package; `None` when it is no Python distribution (an interpreter, a compiler, a C library).
pub(crate) fn pypi(conda: &str) -> Option<String> {
    let lower = conda.to_ascii_lowercase();
    let known = NAMES.lines().filter_map(|line| line.split_once('\t')).find(|(name, _)| *name == lower);
    match known {
        Some((_, "")) => None,
        Some((_, name)) => Some(name.to_owned()),
        None => Some(conda.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_and_names_that_do_not() {
        for (conda, expect) in [
            ("pytorch", Some("torch")),
            ("opencv", Some("opencv-python")),
            ("msgpack-python", Some("msgpack")),
            ("PyYAML", Some("PyYAML")),
            ("python", None),
            ("cudatoolkit", None),
            ("libpq", None),
            ("librosa", Some("librosa")),
            ("_libgcc_mutex", None),
        ] {
            assert_eq!(pypi(conda).as_deref(), expect, "{conda}");
        }
    }

    #[test]
    fn the_table_is_sorted_and_names_nothing_twice() {
        let names: Vec<&str> = NAMES.lines().map(|l| l.split_once('\t').expect("a tab").0).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
        assert!(names.iter().all(|n| !n.is_empty() && *n == n.to_ascii_lowercase()));
    }
}
