//! `.dockerignore`: what a build context leaves out.
//!
//! Format: the section on `.dockerignore` of Docker's documentation: one pattern a line, anchored at the context's root, `**` for any
//! number of folders, `!` for exceptions; the last pattern that matches decides, and a folder's fate is that of all below it.

use globset::{GlobBuilder, GlobMatcher};

/// The patterns of one file.
#[derive(Debug, Clone, Default)]
pub struct Ignores {
    patterns: Vec<(GlobMatcher, bool)>,
    has_exceptions: bool,
}

/// More patterns than any real file has.
const MAX_PATTERNS: usize = 2000;

impl Ignores {
    /// Reads the file's text. A pattern that makes no sense is left out: a builder would refuse the file.
    pub fn read(text: &str) -> Self {
        let mut ignores = Self::default();
        for line in text.trim_start_matches('\u{feff}').lines().take(MAX_PATTERNS) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (exception, pattern) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest.trim()));
            let pattern = clean(pattern);
            if pattern.is_empty() || pattern == "." {
                continue;
            }
            if let Ok(glob) = GlobBuilder::new(&pattern).literal_separator(true).backslash_escape(true).build() {
                ignores.has_exceptions |= exception;
                ignores.patterns.push((glob.compile_matcher(), exception));
            }
        }
        ignores
    }

    /// Whether a path, relative to the context with `/`, is left out.
    pub fn leaves_out(&self, path: &str) -> bool {
        let above = || std::iter::successors(Some(path), |p| p.rsplit_once('/').map(|(parent, _)| parent));
        let hits = |glob: &GlobMatcher| above().any(|p| glob.is_match(p));
        self.patterns.iter().rfind(|(glob, _)| hits(glob)).is_some_and(|(_, exception)| !exception)
    }

    /// Whether nothing below a folder that is left out can come back.
    pub fn leaves_out_all_of(&self, folder: &str) -> bool {
        !self.has_exceptions && self.leaves_out(folder)
    }
}

/// `./a//b/../c/` → `a/c`.
fn clean(pattern: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, out: &[&str], kept: &[&str]) {
        let ignores = Ignores::read(text);
        for path in out {
            assert!(ignores.leaves_out(path), "{path} should be left out by {text:?}");
        }
        for path in kept {
            assert!(!ignores.leaves_out(path), "{path} should be sent with {text:?}");
        }
    }

    #[test]
    fn patterns_are_anchored_at_the_root() {
        check("tests\n/docs/\n", &["tests", "tests/a.py", "docs/x/y.md"], &["app/tests/a.py", "testsuite"]);
        check("**/__pycache__\n**/*.pyc\n", &["__pycache__/a", "app/x/__pycache__/b", "a.pyc", "app/b.pyc"], &["a.py"]);
        check("*.md\n", &["README.md"], &["docs/README.md"]);
        check("a?/b\n[xy].txt\n", &["ab/b", "x.txt"], &["a/b", "z.txt"]);
        check("app/**/data\n", &["app/data/x", "app/a/b/data"], &["data"]);
    }

    #[test]
    fn the_last_pattern_decides() {
        check(
            "*\n!app\n!pyproject.toml\napp/secret\n",
            &["notes", "tests/x.py", "app/secret/key"],
            &["app/main.py", "pyproject.toml"],
        );
        check("*.md\n!README.md\n", &["NOTES.md"], &["README.md"]);
        check("\u{feff}# note\r\n\r\n  tests  \r\n", &["tests/x"], &["# note"]);
        assert!(!Ignores::read("app\n!app/keep\n").leaves_out_all_of("app"));
        assert!(Ignores::read("app\n").leaves_out_all_of("app"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(.{0,20}\n){0,6}", path in "[a-z/.]{0,30}") {
            let _ = Ignores::read(&text).leaves_out(&path);
        }
    }
}
