//! `RECORD`: the files of a distribution, as CSV of path, hash and size.

use super::modules;
use depslim_model::{Facts, Owns, Problem, Provide, Source};
use memchr::{memchr, memchr2};
use std::borrow::Cow;

/// One file, relative to the folder that modules are looked up in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row<'a> {
    pub(super) path: Cow<'a, str>,
    /// Bytes, when recorded.
    pub(super) bytes: Option<u64>,
}

/// Problems told for one file; a file with more is broken as a whole.
const TOLD: usize = 10;

/// The reader's view of a file: the package that the folder's name says, with its files.
pub(super) fn read(source: &Source<'_>) -> Facts {
    let (rows, problems) = parse(source.bytes);
    let (package, version) = super::name_and_version(super::folder_name(source));
    let mut provide = Provide { package: package.to_owned(), version: version.to_owned(), ..Provide::default() };
    provide.modules = modules::of(rows.iter().map(|row| &*row.path), &[]);
    provide.programs = programs(&rows);
    provide.owns = Owns::Files(rows.iter().map(|row| from_metadata(&row.path)).collect());
    Facts { provides: vec![provide], problems, ..Facts::default() }
}

/// All rows, and what is wrong with the others.
pub(super) fn parse(bytes: &[u8]) -> (Vec<Row<'_>>, Vec<Problem>) {
    let mut rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // A row is 100 bytes as a rule.
    let (mut rows, mut problems, mut line, mut untold) = (Vec::with_capacity(rest.len() / 96), Vec::new(), 0, 0);
    while !rest.is_empty() {
        line += 1;
        let (path, columns, after, lines) = row(rest);
        rest = after;
        let at = line;
        line += lines;
        if path.is_empty() && columns.is_none_or(<[u8]>::is_empty) {
            continue;
        }
        let size = columns.and_then(|columns| columns.rsplit(|byte| *byte == b',').next()).unwrap_or_default();
        let problem = match cow_str(path) {
            Err(()) => "the path is not UTF-8: its bytes count as nobody's",
            Ok(path) if path.is_empty() || path.contains('\0') => "no path: ignored",
            Ok(path) => {
                rows.push(Row { path, bytes: number(size) });
                if columns.is_some() {
                    continue;
                }
                "cut off: no columns for hash and size"
            }
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
        let Some((folder, file)) = row.path.rsplit_once('/') else { continue };
        let above = folder.trim_start_matches("../");
        // `bin/` itself is where `pip install --target` puts them.
        if matches!(above, "bin" | "Scripts") && !file.ends_with(".pyc") {
            found.push(file.strip_suffix(".exe").unwrap_or(file).to_owned());
        }
    }
    found
}

/// A path relative to the folder that modules are looked up in, made relative to the metadata folder in it.
pub(super) fn from_metadata(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { ["../", path].concat() }
}

/// The first field, the rest of the columns if there are any, the text behind the row, and the number of line ends in the field.
fn row(bytes: &[u8]) -> (Cow<'_, [u8]>, Option<&[u8]>, &[u8], u32) {
    if bytes[0] == b'"'
        && let Some((path, behind, lines)) = quoted(bytes)
    {
        let (line, after) = cut_line(behind);
        return (path, line.strip_prefix(b","), after, lines);
    }
    let end = memchr2(b',', b'\n', bytes).unwrap_or(bytes.len());
    if bytes.get(end) == Some(&b',') {
        let (columns, after) = cut_line(&bytes[end + 1..]);
        // A comma in a path must be quoted, but hash and size are always the last two columns.
        let all = &bytes[..end + 1 + columns.len()];
        if columns.iter().filter(|byte| **byte == b',').count() > 1 {
            let mut commas = all.iter().enumerate().rev().filter(|(_, byte)| **byte == b',').map(|(at, _)| at);
            if let (Some(_), Some(second)) = (commas.next(), commas.next()) {
                return (all[..second].into(), Some(&all[second + 1..]), after, 0);
            }
        }
        return (bytes[..end].into(), Some(columns), after, 0);
    }
    let (line, after) = cut_line(bytes);
    (line.into(), None, after, 0)
}

/// A field in quotes, which two of stand for one in it.
fn quoted(bytes: &[u8]) -> Option<(Cow<'_, [u8]>, &[u8], u32)> {
    let mut field: Cow<'_, [u8]> = Cow::Borrowed(&[]);
    let mut from = 1;
    loop {
        let end = from + memchr(b'"', &bytes[from..])?;
        let again = bytes.get(end + 1) == Some(&b'"');
        let part = &bytes[from..end + usize::from(again)];
        if field.is_empty() {
            field = part.into();
        } else {
            field.to_mut().extend_from_slice(part);
        }
        if !again {
            let lines = field.iter().filter(|byte| **byte == b'\n').count() as u32;
            return Some((field, &bytes[end + 1..], lines));
        }
        from = end + 2;
    }
}

/// A line without its end, and what follows it.
fn cut_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let (line, after) = match memchr(b'\n', bytes) {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &bytes[bytes.len()..]),
    };
    (line.strip_suffix(b"\r").unwrap_or(line), after)
}

fn cow_str(bytes: Cow<'_, [u8]>) -> Result<Cow<'_, str>, ()> {
    match bytes {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(drop),
        Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).map_err(drop),
    }
}

fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(&str, Option<u64>)], expect_problems: &[u32]) {
        let (rows, problems) = parse(text.as_bytes());
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
        let (rows, problems) = parse(b"a\xff.py,,1\nb.py,,99999999999999999999\n");
        assert_eq!((rows.len(), rows[0].bytes, problems[0].line), (1, None, 1));
    }

    #[test]
    fn a_file_that_is_broken_throughout_says_so_once() {
        let text = "x\n".repeat(500);
        let (rows, problems) = parse(text.as_bytes());
        assert_eq!((rows.len(), problems.len()), (500, TOLD + 1));
        assert_eq!(problems[TOLD].message, "490 more broken lines");
    }
}
