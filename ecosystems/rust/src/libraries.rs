//! Packages whose library has another name than the package, as data: most are asked for by the name that code knows.

use std::collections::HashMap;
use std::sync::OnceLock;

/// The name by which code knows a package, when it is known to differ.
pub(crate) fn of(package: &str) -> Option<&'static str> {
    static TABLE: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        include_str!("../data/libraries.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(' '))
            .collect()
    });
    table.get(package).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_with_other_names_are_known() {
        assert_eq!(of("rust-ini"), Some("ini"));
        assert_eq!(of("serde"), None);
    }

    #[test]
    fn the_table_is_sorted_and_says_nothing_that_follows_from_the_name() {
        let lines: Vec<&str> = include_str!("../data/libraries.txt").lines().filter(|l| !l.starts_with('#')).collect();
        assert!(lines.is_sorted());
        for line in lines {
            let (package, library) = line.split_once(' ').unwrap();
            assert_ne!(crate::names::code_name(package), library, "{line}");
        }
    }
}
