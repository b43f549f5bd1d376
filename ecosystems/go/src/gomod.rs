//! What `go.mod` and `go.work` say. Format: <https://go.dev/ref/mod#go-mod-file>, <https://go.dev/ref/mod#workspaces>.

use crate::syntax::{self, Directive};
use std::ops::Range;

/// A `go.mod` file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GoMod {
    pub(crate) module: String,
    /// Line of the `module` directive.
    pub(crate) module_line: u32,
    /// The `go` directive (`1.21.3`).
    pub(crate) go: Option<String>,
    /// Line of the `go` directive; 0 without one.
    pub(crate) go_line: u32,
    pub(crate) requires: Vec<Line>,
    pub(crate) replaces: Vec<Replace>,
    /// Module and version.
    pub(crate) excludes: Vec<(String, String)>,
    /// Packages of the `tool` directive, with their lines.
    pub(crate) tools: Vec<(String, u32)>,
    /// Folders of the `ignore` directive.
    pub(crate) ignores: Vec<String>,
    /// Folders of the `use` directive of a workspace, with their lines.
    pub(crate) uses: Vec<(String, u32)>,
    pub(crate) problems: Vec<(u32, String)>,
}

/// A line of `require`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) path: String,
    pub(crate) version: String,
    /// Marked `// indirect`.
    pub(crate) indirect: bool,
    /// What else the comment says.
    pub(crate) comment: Option<String>,
    /// Line of the file, from 1.
    pub(crate) at: u32,
    pub(crate) span: Range<usize>,
}

/// A line of `replace`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Replace {
    pub(crate) path: String,
    /// Only this version is replaced; `None` for all.
    pub(crate) version: Option<String>,
    /// A module path or a folder.
    pub(crate) with: String,
    /// `None` for a folder.
    pub(crate) with_version: Option<String>,
}

impl GoMod {
    /// Whether the language version is at least `1.minor`. Without a directive it is 1.16.
    pub(crate) fn at_least(&self, minor: u32) -> bool {
        language(self.go.as_deref()) >= minor
    }

    /// What takes the place of a module.
    pub(crate) fn replacement(&self, path: &str, version: &str) -> Option<&Replace> {
        let of = |r: &&Replace| r.path == path && r.version.as_deref().is_none_or(|v| v == version);
        self.replaces.iter().filter(of).max_by_key(|r| r.version.is_some())
    }
}

/// The minor version of a `go` directive.
pub(crate) fn language(go: Option<&str>) -> u32 {
    let Some(go) = go else { return 16 };
    let minor = go.split('.').nth(1).unwrap_or("0");
    let digits: String = minor.chars().take_while(char::is_ascii_digit).take(6).collect();
    digits.parse().unwrap_or(0)
}

/// Whether a replacement is a folder, not a module.
pub(crate) fn is_folder(path: &str) -> bool {
    path.starts_with("./") || path.starts_with("../") || path.starts_with('/') || path == "." || path == ".."
}

/// Reads a file. Any bytes are taken.
pub(crate) fn parse(bytes: &[u8]) -> GoMod {
    let text = syntax::parse(bytes);
    let mut found = GoMod { problems: text.problems, ..GoMod::default() };
    for directive in &text.directives {
        if !take(directive, &mut found) {
            let words = directive.words.join(" ");
            let shown: String = format!("{} {words}", directive.verb).chars().take(60).collect();
            found.problems.push((directive.line, format!("`{}` is not understood", shown.trim_end())));
        }
    }
    found
}

/// Takes a directive; false when it makes no sense.
fn take(directive: &Directive, found: &mut GoMod) -> bool {
    let words: Vec<&str> = directive.words.iter().map(String::as_str).collect();
    let line = directive.line;
    match (directive.verb.as_str(), words.as_slice()) {
        ("module", [path]) => {
            (*path).clone_into(&mut found.module);
            found.module_line = line;
        }
        ("go", [version]) => {
            found.go = Some((*version).to_owned());
            found.go_line = line;
        }
        ("require", [path, version]) => {
            let (indirect, comment) = mark(directive.comment.as_deref());
            found.requires.push(Line {
                path: (*path).to_owned(),
                version: (*version).to_owned(),
                indirect,
                comment,
                at: line,
                span: directive.span.clone(),
            });
        }
        ("replace", _) => {
            let Some(at) = words.iter().position(|w| *w == "=>") else { return false };
            let (old, new) = (&words[..at], &words[at + 1..]);
            if !(1..=2).contains(&old.len()) || !(1..=2).contains(&new.len()) {
                return false;
            }
            found.replaces.push(Replace {
                path: old[0].to_owned(),
                version: old.get(1).map(|v| (*v).to_owned()),
                with: new[0].to_owned(),
                with_version: new.get(1).map(|v| (*v).to_owned()),
            });
        }
        ("exclude", [path, version]) => found.excludes.push(((*path).to_owned(), (*version).to_owned())),
        ("tool", [path]) => found.tools.push(((*path).to_owned(), line)),
        ("ignore", [folder]) => {
            found.ignores.push(folder.trim_start_matches("./").trim_end_matches('/').to_owned());
        }
        ("use", [folder]) => found.uses.push(((*folder).to_owned(), line)),
        ("toolchain", [_]) | ("retract" | "godebug", [_, ..]) => {}
        _ => return false,
    }
    true
}

/// Whether a comment says `indirect`, and what else it says.
fn mark(comment: Option<&str>) -> (bool, Option<String>) {
    let Some(comment) = comment else { return (false, None) };
    if comment == "indirect" {
        return (true, None);
    }
    match comment.strip_prefix("indirect;") {
        Some(rest) => (true, Some(rest.trim().to_owned())),
        None => (false, Some(comment.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_a_file_can_say() {
        let found = parse(
            b"module example.invalid/barn\n\ngo 1.21.3\ntoolchain go1.22.0\nrequire (\n\thay.example v1.0.0 // indirect\n\tstraw.example/v2 v2.1.0 // indirect; pinned for the fire brigade\n\toats.example v0.1.0 // our own\n)\nreplace hay.example v1.0.0 => ../hay\nreplace straw.example/v2 => fork.example/straw v2.2.0\nexclude oats.example v0.0.9\ntool oats.example/cmd/mill\nignore ./static\nretract [v1.0.0, v1.2.0] // broken\ngodebug default=go1.21\n",
        );
        assert_eq!(found.module, "example.invalid/barn");
        assert_eq!(found.go.as_deref(), Some("1.21.3"));
        assert_eq!(found.problems, []);
        let lines: Vec<_> =
            found.requires.iter().map(|r| (r.path.as_str(), r.indirect, r.comment.as_deref(), r.at)).collect();
        assert_eq!(
            lines,
            [
                ("hay.example", true, None, 6),
                ("straw.example/v2", true, Some("pinned for the fire brigade"), 7),
                ("oats.example", false, Some("our own"), 8)
            ]
        );
        assert_eq!(found.replacement("hay.example", "v1.0.0").map(|r| r.with.as_str()), Some("../hay"));
        assert_eq!(found.replacement("hay.example", "v1.1.0"), None);
        assert_eq!(
            found.replacement("straw.example/v2", "v2.1.0").and_then(|r| r.with_version.as_deref()),
            Some("v2.2.0")
        );
        assert_eq!(found.tools, [("oats.example/cmd/mill".to_owned(), 13)]);
        assert_eq!(found.ignores, ["static"]);
        assert!(found.at_least(17) && !found.at_least(22));
    }

    #[test]
    fn versions_of_the_language() {
        for (text, minor) in
            [(None, 16), (Some("1.9"), 9), (Some("1.21rc1"), 21), (Some("x"), 0), (Some("1.99999999999999"), 999_999)]
        {
            assert_eq!(language(text), minor, "{text:?}");
        }
    }

    #[test]
    fn strange_lines_are_told() {
        let found = parse(b"module\nrequire hay.example\nreplace a b\nfrobnicate\n");
        assert_eq!(found.problems.iter().map(|p| p.0).collect::<Vec<_>>(), [1, 2, 3, 4]);
    }
}
