//! What is for development or for the build by convention: packages by name, files by path.

use super::pattern::Pattern;
use globset::{Glob, GlobSet, GlobSetBuilder};

/// The `[scopes]` table.
#[derive(Debug, Default)]
pub struct Scopes {
    dev: Vec<Pattern>,
    dev_except: Vec<Pattern>,
    build: Vec<Pattern>,
    dev_paths: GlobSet,
    dev_paths_except: GlobSet,
    build_paths: GlobSet,
}

pub(super) struct Text<'a> {
    pub(super) dev: &'a [String],
    pub(super) dev_except: &'a [String],
    pub(super) build: &'a [String],
    pub(super) dev_paths: &'a [String],
    pub(super) dev_paths_except: &'a [String],
    pub(super) build_paths: &'a [String],
}

impl Scopes {
    /// `Err` holds the path pattern that can't be used.
    pub(super) fn new(text: &Text<'_>) -> Result<Self, String> {
        let patterns = |list: &[String]| list.iter().map(|text| Pattern::new(text)).collect();
        Ok(Self {
            dev: patterns(text.dev),
            dev_except: patterns(text.dev_except),
            build: patterns(text.build),
            dev_paths: globs(text.dev_paths)?,
            dev_paths_except: globs(text.dev_paths_except)?,
            build_paths: globs(text.build_paths)?,
        })
    }

    /// Whether a package is a known development tool. One that production code imports or a start command runs is not for
    /// development all the same: ask this last.
    pub fn is_dev_tool(&self, package: &str) -> bool {
        any(&self.dev, package) && !any(&self.dev_except, package)
    }

    /// Whether a package is a known build tool.
    pub fn is_build_tool(&self, package: &str) -> bool {
        any(&self.build, package)
    }

    /// Whether a file of the project is a test, documentation or tooling by convention. The path is relative to the project.
    pub fn is_dev_path(&self, path: &str) -> bool {
        self.dev_paths.is_match(path) && !self.dev_paths_except.is_match(path)
    }

    /// Whether a file of the project only builds it. The path is relative to the project.
    pub fn is_build_path(&self, path: &str) -> bool {
        self.build_paths.is_match(path)
    }
}

fn any(patterns: &[Pattern], name: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(name))
}

/// A set of path patterns; one without `/` is about the last component.
pub(super) fn globs(patterns: &[String]) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let anywhere = if pattern.contains('/') { pattern.clone() } else { format!("**/{pattern}") };
        set.add(Glob::new(&anywhere).map_err(|_| pattern.clone())?);
    }
    set.build().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::Rules;

    #[test]
    fn tools_and_files_of_development_are_told_by_name() {
        let rules = Rules::parse(
            r#"
            [scopes]
            dev = ["checker*", "*-stubs"]
            dev-except = ["shop-stubs"]
            build = ["maker"]
            dev-paths = ["tests/**", "**/tests/**", "test_*.x", "docs/**"]
            dev-paths-except = ["**/shop/tests/data/**"]
            build-paths = ["setup.x"]
            "#,
            ".",
            str::to_owned,
        )
        .unwrap();
        let scopes = &rules.scopes;
        for (package, expect) in [("checker-cov", true), ("paint-stubs", true), ("shop-stubs", false), ("maker", false)]
        {
            assert_eq!(scopes.is_dev_tool(package), expect, "{package}");
        }
        assert!(scopes.is_build_tool("maker") && !scopes.is_build_tool("checker"));
        for (path, expect) in [
            ("tests/a.x", true),
            ("app/tests/b/c.x", true),
            ("app/test_c.x", true),
            ("test_c.x", true),
            ("app/contest_c.x", false),
            ("app/docs/a.x", false),
            ("app/shop/tests/data/a.x", false),
        ] {
            assert_eq!(scopes.is_dev_path(path), expect, "{path}");
        }
        assert!(scopes.is_build_path("lib/setup.x") && !scopes.is_build_path("setup.y"));
    }
}
