//! The packages of a project as rules see them.

use super::pattern::{is_literal, matches};
use std::collections::BTreeMap;

/// The packages of a project, by canonical name. What is neither declared nor installed nor used is not in it.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// The packages.
    pub packages: BTreeMap<String, Known>,
}

/// What is known about one package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The project declares it.
    pub declared: bool,
    /// It is installed, or locked.
    pub installed: bool,
    /// Groups that it registers plug-ins in.
    pub groups: Vec<String>,
}

impl World {
    /// A world of declared packages.
    pub fn declared<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let known = || Known { declared: true, ..Known::default() };
        Self { packages: names.into_iter().map(|name| (name.to_owned(), known())).collect() }
    }

    /// Packages that a pattern names.
    pub(super) fn named<'a>(&'a self, pattern: &str) -> impl Iterator<Item = (&'a str, &'a Known)> {
        let literal = is_literal(pattern);
        let exact = literal.then(|| self.packages.get_key_value(pattern)).flatten();
        // Names that a pattern matches begin with what stands before its first star.
        let start = pattern.split('*').next().unwrap_or_default();
        let below = (!literal).then(|| {
            self.packages
                .range::<str, _>((std::ops::Bound::Included(start), std::ops::Bound::Unbounded))
                .take_while(move |(name, _)| name.starts_with(start))
                .filter(move |(name, _)| matches(pattern, name))
        });
        exact.into_iter().chain(below.into_iter().flatten()).map(|(name, known)| (name.as_str(), known))
    }

    pub(super) fn has(&self, pattern: &str) -> bool {
        self.named(pattern).next().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::World;

    #[test]
    fn patterns_name_packages() {
        let world = World::declared(["a", "paint", "paint-blue", "paint-red", "z-stubs"]);
        for (pattern, expect) in [
            ("paint", &["paint"][..]),
            ("paint-*", &["paint-blue", "paint-red"]),
            ("paint*", &["paint", "paint-blue", "paint-red"]),
            ("*-stubs", &["z-stubs"]),
            ("b*", &[]),
            ("b", &[]),
        ] {
            assert_eq!(world.named(pattern).map(|(name, _)| name).collect::<Vec<_>>(), expect, "{pattern}");
        }
    }
}
