//! `RECORD`: the files of a distribution, as CSV of path, hash and size.

use super::modules;
use depslim_model::{Facts, Owns, Problem, Provide, Source};
use memchr::{memchr, memrchr};
use std::borrow::Cow;

/// One file, relative to the folder that modules are looked up in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row<'a> {
    pub(super) path: Cow<'a, str>,
    /// Bytes, when recorded.
    pub(super) bytes: Option<u64>,
}

impl Row<'_> {
    /// The folder and the file's own name; the folder is empty at the top.
    pub(super) fn parts(&self) -> (&str, &str) {
        parts(&self.path)
    }
}

/// Problems told for one file; a file with more is broken as a whole.
const TOLD: usize = 10;

/// The reader's view of a file: the package that the folder's name says, with its files.
pub(super) fn read(source: &Source<'_>) -> Facts {
    let text = super::text(source.bytes);
    let (rows, problems) = parse(&text, matches!(text, Cow::Owned(_)));
    let (package, version) = super::name_and_version(super::folder_name(source));
    let mut provide = Provide { package: package.to_owned(), version: version.to_owned(), ..Provide::default() };
    provide.modules = modules::of(rows.iter().map(|row| &*row.path), &[]);
    provide.programs = programs(&rows);
    provide.owns = Owns::Files(rows.iter().map(|row| from_metadata(&row.path)).collect());
    Facts { provides: vec![provide], problems, ..Facts::default() }
}

/// All rows, and what is wrong with the others. `is_lossy` when the file is not UTF-8 throughout: then each replaced character of
/// `text` stands for a byte that was none.
pub(super) fn parse(text: &str, is_lossy: bool) -> (Vec<Row<'_>>, Vec<Problem>) {
    let has_nul = memchr(0, text.as_bytes()).is_some();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    // A row is 100 bytes as a rule.
    let (mut rows, mut problems, mut line, mut untold) = (Vec::with_capacity(rest.len() / 96), Vec::new(), 0, 0);
    while !rest.is_empty() {
        line += 1;
        let (path, size, after, lines) = row(rest);
        rest = after;
        let at = line;
        line += lines;
        if path.is_empty() && size.is_none() {
            continue;
        }
        let problem = if is_lossy && path.contains('\u{fffd}') {
            "the path is not UTF-8: its bytes count as nobody's"
        } else if path.is_empty() || has_nul && path.contains('\0') {
            "no path: ignored"
        } else {
            rows.push(Row { path, bytes: size.and_then(|size| size.trim().parse().ok()) });
            if size.is_some() {
                continue;
            }
            "cut off: no columns for hash and size"
        };
        if problems.len() < TOLD {
            problems.push(Problem::at(at, problem));
        } else {
            untold += 1;
        }
    }
    if untold > 0 {
        problems.push(Problem::at(0, format!("{untold} more broken lines")));
    }
    (rows, problems)
}

/// The programs among the files: what lies in a folder for such.
pub(super) fn programs(rows: &[Row<'_>]) -> Vec<String> {
    let mut found = Vec::new();
    for row in rows {
        // `bin/` itself is where `pip install --target` puts them.
        if !["../", "bin/", "Scripts/"].iter().any(|start| row.path.starts_with(start)) {
            continue;
        }
        let (folder, file) = row.parts();
        if matches!(folder.trim_start_matches("../"), "bin" | "Scripts") && !file.ends_with(".pyc") {
            found.push(file.strip_suffix(".exe").unwrap_or(file).to_owned());
        }
    }
    found
}

/// A path's folder and its last part.
pub(super) fn parts(path: &str) -> (&str, &str) {
    parts_at(path, b'/')
}

fn parts_at(text: &str, separator: u8) -> (&str, &str) {
    match memrchr(separator, text.as_bytes()) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => ("", text),
    }
}

/// A path relative to the folder that modules are looked up in, made relative to the metadata folder in it.
pub(super) fn from_metadata(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { ["../", path].concat() }
}

/// The path, the size if the row has further columns, the text behind the row, and the number of line ends in the path.
fn row(text: &str) -> (Cow<'_, str>, Option<&str>, &str, u32) {
    if text.starts_with('"')
        && let Some((path, behind, lines)) = quoted(text)
    {
        let (line, after) = cut_line(behind);
        let columns = line.strip_prefix(',');
        return (path, columns.map(|columns| parts_at(columns, b',').1), after, lines);
    }
    let (line, after) = cut_line(text);
    // A comma in a path must be quoted, but hash and size are always the last two columns.
    let (front, size) = match memrchr(b',', line.as_bytes()) {
        Some(comma) => (&line[..comma], &line[comma + 1..]),
        None => return (line.into(), None, after, 0),
    };
    let path = memrchr(b',', front.as_bytes()).map_or(front, |comma| &front[..comma]);
    (path.into(), Some(size), after, 0)
}

/// A field in quotes, which two of stand for one in it.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str, u32)> {
    let bytes = text.as_bytes();
    let mut field: Cow<'_, str> = Cow::Borrowed("");
    let mut from = 1;
    loop {
        let end = from + memchr(b'"', &bytes[from..])?;
        let again = bytes.get(end + 1) == Some(&b'"');
        // `+=` on an empty borrowed text borrows the other.
        field += &text[from..end + usize::from(again)];
        if !again {
            let lines = field.bytes().filter(|byte| *byte == b'\n').count() as u32;
            return Some((field, &text[end + 1..], lines));
        }
        from = end + 2;
    }
}

/// A line without its end, and what follows it.
fn cut_line(text: &str) -> (&str, &str) {
    let (line, after) = match memchr(b'\n', text.as_bytes()) {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, ""),
    };
    (line.strip_suffix('\r').unwrap_or(line), after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(&str, Option<u64>)], expect_problems: &[u32]) {
        let (rows, problems) = parse(text, false);
        let rows: Vec<(&str, Option<u64>)> = rows.iter().map(|row| (&*row.path, row.bytes)).collect();
        assert_eq!(rows, expect, "{text:?}");
        assert_eq!(problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), expect_problems, "{text:?}");
    }

    #[test]
    fn rows_as_installers_write_them() {
        check(
            "plum/__init__.py,sha256=abc,12\nplum-1.dist-info/RECORD,,\n",
            &[("plum/__init__.py", Some(12)), ("plum-1.dist-info/RECORD", None)],
            &[],
        );
        check("\u{feff}a.py,,\r\n\r\nb.py,,7\r\n", &[("a.py", None), ("b.py", Some(7))], &[]);
        check("../../../bin/plum,sha256=x,9", &[("../../../bin/plum", Some(9))], &[]);
        check("", &[], &[]);
    }

    #[test]
    fn quoted_paths() {
        check("\"a,b.py\",sha256=x,1\nc,,", &[("a,b.py", Some(1)), ("c", None)], &[]);
        check("\"say \"\"hi\"\".txt\",,2", &[("say \"hi\".txt", Some(2))], &[]);
        check("\"\"\"\",,\n", &[("\"", None)], &[]);
        check("\"two\nlines\",,3\nlast", &[("two\nlines", Some(3)), ("last", None)], &[3]);
        // Not closed: the line as it stands.
        check("\"open,,1\nnext,,2", &[("\"open", Some(1)), ("next", Some(2))], &[]);
    }

    #[test]
    fn commas_that_should_be_quoted() {
        check("data/a,b,c.txt,sha256=x,5\n", &[("data/a,b,c.txt", Some(5))], &[]);
    }

    #[test]
    fn broken_lines_are_told_and_the_rest_counts() {
        check("a.py,,1\n,sha256=x,2\nplu", &[("a.py", Some(1)), ("plu", None)], &[2, 3]);
        check("nul\0.py,,1\nb,,", &[("b", None)], &[1]);
        let text = String::from_utf8_lossy(b"a\xff.py,,1\nb.py,,99999999999999999999\n");
        let (rows, problems) = parse(&text, true);
        assert_eq!((rows.len(), rows[0].bytes, problems[0].line), (1, None, 1));
    }

    #[test]
    fn a_file_that_is_broken_throughout_says_so_once() {
        let text = "x\n".repeat(500);
        let (rows, problems) = parse(&text, false);
        assert_eq!((rows.len(), problems.len()), (500, TOLD + 1));
        assert_eq!(problems[TOLD].message, "490 more broken lines");
    }
}
