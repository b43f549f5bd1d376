//! One source file of the project: its imports, and what it tells about who it is for.

use crate::constraint::{self, TOOLS};
use crate::header;
use depslim_model::{Entry, Facts, Group, How, Problem, Source, Strength, Use};

/// Name of the use that says that no build takes the file in.
pub(crate) const IGNORED: &str = "go:build ignore";

/// Name of the use that a command behind `//go:generate` is.
pub(crate) const GENERATE: &str = "go:generate";

/// Reads a source file. What tests and tools alone see is for development.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let header = header::read(source.bytes);
    let mut facts = Facts::default();
    if header.package.is_empty() {
        if !source.bytes.iter().all(u8::is_ascii_whitespace) {
            facts.problems.push(Problem::at(1, "no package clause: nothing of the file could be read"));
        }
        return facts;
    }
    if let Some(line) = header.broken {
        facts.problems.push(Problem::at(line, "an import that is none: what follows could not be read"));
    }
    let test = source.file_name().ends_with("_test.go");
    let tool = !header.constraints.may_hold(TOOLS);
    facts.group = Some(if test || tool { Group::Dev } else { Group::Prod });
    if header.package == "main" && !test && !tool {
        let target = source.folder().to_owned();
        facts.entries.push(Entry { target, group: Group::Prod, line: header.package_line });
    }
    if !header.constraints.may_hold(constraint::IGNORED) {
        facts.uses.push(said(IGNORED, "", header.package_line));
    }
    facts.uses.extend(header.imports.iter().filter(|i| !i.path.is_empty()).map(|import| Use {
        how: How::Import,
        name: import.path.to_owned(),
        value: import.name.to_owned(),
        strength: Strength::Hard,
        line: import.line,
    }));
    generated(source.bytes, &mut facts);
    facts
}

fn said(name: &str, value: &str, line: u32) -> Use {
    Use { how: How::Setting, name: name.to_owned(), value: value.to_owned(), strength: Strength::Hard, line }
}

/// Packages that `//go:generate go run …` starts.
fn generated(bytes: &[u8], facts: &mut Facts) {
    for at in memchr::memmem::find_iter(bytes, b"//go:generate ") {
        if at > 0 && bytes[at - 1] != b'\n' {
            continue;
        }
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
        let command = String::from_utf8_lossy(&bytes[at + 14..end]);
        let line = memchr::memchr_iter(b'\n', &bytes[..at]).count() as u32 + 1;
        if let Some(package) = program(&command) {
            facts.dev_uses.push(said(GENERATE, package, line));
        }
    }
}

/// The package that a command starts: `go run example.invalid/tools/mill -o x` or `go tool …`. One with a version is none of the
/// project's requirements.
pub(crate) fn program(command: &str) -> Option<&str> {
    let mut words = command.split_whitespace();
    (words.next() == Some("go") && matches!(words.next(), Some("run" | "tool" | "build" | "install"))).then_some(())?;
    let package = words.find(|word| !word.starts_with('-') && word.contains('.') && word.contains('/'))?;
    (!package.contains('@') && !package.starts_with('.') && !package.ends_with(".go")).then_some(package)
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;

    fn facts(path: &str, text: &str) -> Facts {
        read(&Source { path, bytes: text.as_bytes(), settings: &Settings::default() })
    }

    #[test]
    fn who_a_file_is_for() {
        for (path, text, group) in [
            ("barn/hay.go", "package barn\n", Group::Prod),
            ("barn/hay_test.go", "package barn_test\n", Group::Dev),
            ("tools.go", "//go:build tools\n\npackage tools\n", Group::Dev),
            ("gen.go", "// +build ignore\n\npackage main\n", Group::Dev),
            ("barn/hay_windows.go", "//go:build windows\n\npackage barn\n", Group::Prod),
        ] {
            assert_eq!(facts(path, text).group, Some(group), "{path}");
        }
    }

    #[test]
    fn programs_that_generate() {
        let found = facts(
            "x.go",
            "package x\n\n//go:generate go run golang.example/x/tools/cmd/stringer -type=Hay\n//go:generate go run mill.example/cmd@v1.2.3\n//go:generate go run ./gen.go\n// //go:generate go run no.example/x\n//go:generate mockgen -source=x.go\n",
        );
        let names: Vec<_> = found.dev_uses.iter().map(|u| (u.value.as_str(), u.line)).collect();
        assert_eq!(names, [("golang.example/x/tools/cmd/stringer", 3)]);
    }

    #[test]
    fn what_is_no_source() {
        assert_eq!(facts("x.go", "").problems, []);
        assert_eq!(facts("x.go", "{{ template }}").problems.len(), 1);
        assert_eq!(facts("x.go", "package x\nimport (\n1)").problems[0].line, 3);
    }
}
