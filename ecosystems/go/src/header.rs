//! The head of a Go source file: build constraints, package clause, imports. Nothing behind the imports is looked at.
//!
//! Format: <https://go.dev/ref/spec#Source_file_organization>. The parts borrow from the file.

use crate::constraint::Constraints;

/// The head of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Header<'a> {
    /// Name in the package clause; empty when there is none.
    pub(crate) package: &'a str,
    /// Line of the package clause.
    pub(crate) package_line: u32,
    pub(crate) imports: Vec<Import<'a>>,
    pub(crate) constraints: Constraints,
    /// True when the end of the imports was seen: more of the file would not tell more.
    pub(crate) whole: bool,
    /// Line at which something stood that is no import declaration, though it began as one.
    pub(crate) broken: Option<u32>,
}

/// One import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Import<'a> {
    pub(crate) path: &'a str,
    /// `_`, `.`, a name, or empty.
    pub(crate) name: &'a str,
    pub(crate) line: u32,
}

/// Reads the head of a file, of which only the beginning has to be given.
pub(crate) fn read(bytes: &[u8]) -> Header<'_> {
    let mut scanner = Scanner { bytes, at: 0, line: 1, constraints: Constraints::default(), old: Vec::new() };
    if bytes.starts_with(b"\xef\xbb\xbf") {
        scanner.at = 3;
    }
    let mut header = Header::default();
    scanner.skip(true);
    header.package_line = scanner.line;
    if scanner.word() != b"package" {
        header.constraints = scanner.constraints;
        header.whole = scanner.at + 1 < bytes.len();
        return header;
    }
    scanner.skip(false);
    header.package = text(scanner.word());
    loop {
        scanner.skip(false);
        if scanner.eat(b';') {
            continue;
        }
        let before = scanner.at;
        if scanner.word() != b"import" {
            // Half a word at the end of what was given may be one.
            header.whole = scanner.at + usize::from(scanner.at == before) < bytes.len();
            break;
        }
        scanner.skip(false);
        let done = if scanner.eat(b'(') { scanner.block(&mut header) } else { scanner.one(&mut header) };
        if !done {
            header.whole = scanner.at < bytes.len();
            break;
        }
    }
    header.constraints = scanner.constraints;
    header
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or("")
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
    constraints: Constraints,
    /// Old constraint lines that no empty line followed yet.
    old: Vec<String>,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let here = self.peek() == Some(byte);
        self.at += usize::from(here);
        here
    }

    fn word(&mut self) -> &'a [u8] {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || c == b'_' || c >= 0x80) {
            self.at += 1;
        }
        &self.bytes[start..self.at]
    }

    /// Skips blanks and comments; in front of the package clause, comments may be constraints.
    fn skip(&mut self, constraints: bool) {
        let mut empty = true;
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => {
                    // An empty line ends the comments that may hold old constraints.
                    if empty && constraints {
                        self.constraints.lines.append(&mut self.old);
                    }
                    empty = true;
                    self.line += 1;
                    self.at += 1;
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'/' => match self.bytes.get(self.at + 1) {
                    Some(b'/') => {
                        let end =
                            memchr::memchr(b'\n', &self.bytes[self.at..]).map_or(self.bytes.len(), |at| self.at + at);
                        if constraints {
                            self.comment(text(&self.bytes[self.at + 2..end]));
                        }
                        self.at = end;
                        empty = false;
                    }
                    Some(b'*') => {
                        let start = self.at + 2;
                        let end = memchr::memmem::find(&self.bytes[start..], b"*/")
                            .map_or(self.bytes.len(), |at| start + at + 2);
                        self.line += memchr::memchr_iter(b'\n', &self.bytes[start..end]).count() as u32;
                        self.at = end;
                        empty = false;
                    }
                    _ => return,
                },
                _ => return,
            }
        }
    }

    fn comment(&mut self, comment: &str) {
        let comment = comment.trim_end();
        if let Some(expression) = comment.strip_prefix("go:build ") {
            self.constraints.expression.get_or_insert_with(|| expression.trim().to_owned());
        } else if let Some(line) = comment.trim_start().strip_prefix("+build")
            && line.starts_with([' ', '\t'])
        {
            self.old.push(line.trim().to_owned());
        }
    }

    /// The inside of `import ( … )`.
    fn block(&mut self, header: &mut Header<'a>) -> bool {
        loop {
            self.skip(false);
            header.broken = Some(self.line);
            if self.eat(b')') {
                header.broken = None;
                return true;
            }
            if self.eat(b';') {
                continue;
            }
            if !self.one(header) {
                return false;
            }
        }
    }

    /// An import's name and path.
    fn one(&mut self, header: &mut Header<'a>) -> bool {
        header.broken = Some(self.line);
        let name = if self.eat(b'.') { "." } else { text(self.word()) };
        self.skip(false);
        let line = self.line;
        let Some(quote) = self.peek().filter(|c| matches!(c, b'"' | b'`')) else { return false };
        let start = self.at + 1;
        let Some(length) = memchr::memchr2(quote, b'\n', &self.bytes[start..]) else {
            self.at = self.bytes.len();
            return false;
        };
        let end = start + length;
        if self.bytes[end] != quote {
            return false;
        }
        header.imports.push(Import { path: text(&self.bytes[start..end]), name, line });
        self.at = end + 1;
        header.broken = None;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check<'a>(source: &'a str, expect: &[(&str, &str, u32)]) -> Header<'a> {
        let header = read(source.as_bytes());
        let found: Vec<_> = header.imports.iter().map(|i| (i.path, i.name, i.line)).collect();
        assert_eq!(found, expect, "{source}");
        header
    }

    #[test]
    fn imports_in_all_forms() {
        check("package barn\nimport \"hay.example\"\n", &[("hay.example", "", 2)]);
        check(
            "package barn; import (\n\t\"a\"; _ \"b\" // why\n\t. \"c\"\n\n\t/* x\n */ d \"e\"\n\tö `f`\n)\nimport \"g\"\nvar x = `import \"no\"`\n",
            &[("a", "", 2), ("b", "_", 2), ("c", ".", 3), ("e", "d", 6), ("f", "ö", 7), ("g", "", 9)],
        );
        check("package barn\r\n\r\nimport (\r\n\"a\"\r\n)\r\n", &[("a", "", 4)]);
        check("// Package x\n\n/* import \"no\" */\npackage x\n\nfunc f() { import_(\"no\") }", &[]);
        check("\u{feff}package x\nimport\"a\"\nimport(\"b\")", &[("a", "", 2), ("b", "", 3)]);
        assert_eq!(check("package main\n", &[]).package, "main");
    }

    #[test]
    fn constraints_stand_in_front_of_the_package() {
        let header = check("// Copyright\n\n//go:build ignore\n// +build ignore\n\npackage x\n//go:build later\n", &[]);
        assert_eq!(header.constraints.expression.as_deref(), Some("ignore"));
        assert_eq!(header.constraints.lines, ["ignore"]);
        assert_eq!(header.package_line, 6);
        // Without an empty line it is documentation.
        assert_eq!(check("// +build ignore\npackage x\n", &[]).constraints.lines, Vec::<String>::new());
    }

    #[test]
    fn broken_files() {
        assert_eq!(check("package x\nimport (\n\"a\"\n42\n", &[("a", "", 3)]).broken, Some(4));
        assert_eq!(check("", &[]).package, "");
        assert_eq!(check("import \"a\"", &[]).package, "");
        assert!(!check("package x\nimport (\n\"a\"\n", &[("a", "", 3)]).whole);
        assert!(!check("package x\nimp", &[]).whole);
        assert!(!check("package x\n/* open", &[]).whole);
        assert!(check("package x\nvar y int", &[]).whole);
        check("package x\nimport \"a\nb\"\n", &[]);
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
        }

        #[test]
        fn pieces_of_heads(pieces in prop::collection::vec(prop::sample::select(vec![
            "package ", "import ", "(", ")", "\"a/b\"", "`c`", "\"", "`", "\n", ";", "//", "/*", "*/", "//go:build x\n", ". ", "_ ", "é", "\0",
        ]), 0..40)) {
            let source = pieces.concat();
            let lines = source.lines().count() as u32 + 1;
            let header = read(source.as_bytes());
            prop_assert!(header.imports.iter().all(|i| (1..=lines).contains(&i.line)));
        }

        #[test]
        fn a_whole_head_does_not_change_with_what_follows(cut in 0_usize..200) {
            let source = "// c\n\npackage barn\n\nimport (\n\t\"a\"\n\tb \"c\"\n)\n\nimport \"d\"\n\nfunc main() {}\n".to_owned();
            let cut = cut.min(source.len());
            let part = read(&source.as_bytes()[..cut]);
            if part.whole {
                prop_assert_eq!(part.imports, read(source.as_bytes()).imports);
            }
        }
    }
}
