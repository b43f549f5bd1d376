//! What is for development or for the build by convention: packages by name, files by path.

use super::pattern::{is_literal, matches, words};
use globset::{Glob, GlobSet, GlobSetBuilder};
use rustc_hash::FxHashSet;
use std::sync::OnceLock;

/// The `[scopes]` table. Patterns are put together when the first package or path is asked about.
#[derive(Debug, Default)]
pub struct Scopes {
    pub(super) dev: Tools,
    pub(super) dev_except: Tools,
    pub(super) build: Tools,
    pub(super) bundle: Tools,
    pub(super) dev_paths: Paths,
    pub(super) dev_paths_except: Paths,
    pub(super) build_paths: Paths,
    pub(super) dev_imports: Tools,
    pub(super) dev_in_full: String,
    pub(super) started: Tools,
    pub(super) dev_servers: String,
}

/// Path patterns; one without `/` is about the last component.
#[derive(Debug, Default)]
pub(super) struct Paths {
    pub(super) patterns: String,
    set: OnceLock<GlobSet>,
}

/// Patterns of package names, sorted out when the first package is asked about: a tree of many projects asks often.
#[derive(Debug, Default)]
pub(super) struct Tools {
    patterns: String,
    sorted: OnceLock<Sorted>,
}

#[derive(Debug, Default)]
struct Sorted {
    literal: FxHashSet<String>,
    wild: Vec<String>,
}

impl Scopes {
    /// Whether a package is a known development tool. One that production code imports or a start command runs is not for
    /// development all the same: ask this last.
    pub fn is_dev_tool(&self, package: &str) -> bool {
        self.dev.any(package) && !self.dev_except.any(package)
    }

    /// Whether a package is a known build tool.
    pub fn is_build_tool(&self, package: &str) -> bool {
        self.build.any(package)
    }

    /// Whether a package is a known build tool whose result holds the code of the packages that it was made from.
    pub fn is_bundler(&self, package: &str) -> bool {
        self.bundle.any(package)
    }

    /// Whether a package is one whose program starts others (a server, an agent): a platform may do so without the project saying it.
    pub fn is_started_from_outside(&self, package: &str) -> bool {
        self.started.any(package)
    }

    /// Whether a word of a command says that it starts a server as people do while they develop.
    pub fn starts_for_development(&self, word: &str) -> bool {
        words(&self.dev_servers).any(|known| known == word)
    }

    /// Whether a file of the project is a test, documentation or tooling by convention. The path is relative to the project.
    pub fn is_dev_path(&self, path: &str) -> bool {
        self.dev_paths.any(path) && !self.dev_paths_except.any(path)
    }

    /// Whether a file that imports a module is a test or documentation by that alone, wherever it lies.
    pub fn is_dev_import(&self, module: &str) -> bool {
        self.dev_imports.any(module)
    }

    /// Words that make a file of development worth a full reading at once. Without any, all of them are read in full.
    pub fn dev_in_full(&self) -> impl Iterator<Item = &str> {
        words(&self.dev_in_full)
    }

    /// Whether a file of the project only builds it. The path is relative to the project.
    pub fn is_build_path(&self, path: &str) -> bool {
        self.build_paths.any(path)
    }
}

impl Tools {
    pub(super) fn new(patterns: String) -> Self {
        Self { patterns, sorted: OnceLock::new() }
    }

    fn any(&self, name: &str) -> bool {
        let sorted = self.sorted.get_or_init(|| {
            let mut sorted = Sorted::default();
            for pattern in words(&self.patterns) {
                if is_literal(pattern) {
                    sorted.literal.insert(pattern.to_owned());
                } else {
                    sorted.wild.push(pattern.to_owned());
                }
            }
            sorted
        });
        sorted.literal.contains(name) || sorted.wild.iter().any(|pattern| matches(pattern, name))
    }
}

impl Paths {
    pub(super) fn new(patterns: String) -> Self {
        Self { patterns, set: OnceLock::new() }
    }

    fn any(&self, path: &str) -> bool {
        // A pattern that can't be used was refused when the file was checked.
        self.set.get_or_init(|| globs(words(&self.patterns)).unwrap_or_default()).is_match(path)
    }
}

/// A set of path patterns; `Err` holds the one that can't be used.
pub(super) fn globs<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let anywhere = if pattern.contains('/') { pattern.to_owned() } else { format!("**/{pattern}") };
        set.add(Glob::new(&anywhere).map_err(|_| pattern.to_owned())?);
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
            dev = "checker* *-stubs"
            dev-except = "shop-stubs"
            build = "maker"
            dev-paths = "tests/** **/tests/** test_*.x docs/**"
            dev-paths-except = "**/shop/tests/data/**"
            build-paths = "setup.x"
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
