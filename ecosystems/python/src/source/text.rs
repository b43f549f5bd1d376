//! Bytes of a source file as text, and offsets as lines.

use depslim_model::Problem;
use std::borrow::Cow;

/// The bytes without a byte order mark, and with every lone carriage return (the line end of old Macs) as a line feed.
pub(super) fn plain(bytes: &[u8]) -> Cow<'_, [u8]> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let lone = |&at: &usize| bytes.get(at + 1) != Some(&b'\n');
    if memchr::memchr_iter(b'\r', bytes).any(|at| lone(&at)) {
        let mut owned = bytes.to_vec();
        for at in memchr::memchr_iter(b'\r', bytes).filter(lone) {
            owned[at] = b'\n';
        }
        return Cow::Owned(owned);
    }
    Cow::Borrowed(bytes)
}

/// The text of a source file, as [PEP 263](https://peps.python.org/pep-0263/) decodes it: UTF-8, unless a coding cookie in one of
/// the first two lines says otherwise. Any other encoding is read byte by byte: names of modules
/// are ASCII in practice, and line ends are the same. Bytes that are not UTF-8 without a cookie become replacement characters
/// and a problem.
pub(super) fn decode(bytes: &[u8]) -> (Cow<'_, str>, Option<Problem>) {
    let broken = match std::str::from_utf8(bytes) {
        Ok(text) => return (Cow::Borrowed(text), None),
        Err(error) => error.valid_up_to(),
    };
    if declared_encoding(bytes).is_some_and(|name| !is_utf8(name)) {
        return (Cow::Owned(bytes.iter().map(|&byte| char::from(byte)).collect()), None);
    }
    let line = Lines::new(bytes).of(broken);
    let problem =
        Problem::at(line, "not UTF-8, and no coding cookie says what it is; read with replacement characters");
    (String::from_utf8_lossy(bytes), Some(problem))
}

fn declared_encoding(bytes: &[u8]) -> Option<&[u8]> {
    let mut lines = bytes.split(|&byte| byte == b'\n');
    let first = lines.next()?;
    cookie(first).or_else(|| {
        // The second line counts only below a comment or nothing.
        let blank = first.trim_ascii().first().is_none_or(|&byte| byte == b'#');
        if blank { cookie(lines.next()?) } else { None }
    })
}

fn cookie(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii_start();
    if line.first() != Some(&b'#') {
        return None;
    }
    let at = memchr::memmem::find(line, b"coding")? + "coding".len();
    let rest = line[at..].strip_prefix(b":").or_else(|| line[at..].strip_prefix(b"="))?.trim_ascii_start();
    let end = rest.iter().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')));
    let name = &rest[..end.unwrap_or(rest.len())];
    (!name.is_empty()).then_some(name)
}

fn is_utf8(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"utf-8") || name.eq_ignore_ascii_case(b"utf8") || name.eq_ignore_ascii_case(b"utf_8")
}

/// Where lines start.
#[derive(Debug)]
pub(super) struct Lines(Vec<u32>);

impl Lines {
    /// Finds the line ends of text that went through [`plain`].
    pub(super) fn new(bytes: &[u8]) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', bytes).map(|at| at as u32 + 1));
        Self(starts)
    }

    /// The line, from 1, that holds the byte at `offset`.
    pub(super) fn of(&self, offset: usize) -> u32 {
        self.0.partition_point(|&start| start as usize <= offset) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::{Lines, decode, plain};

    fn check(bytes: &[u8], text: &str, problem_line: Option<u32>) {
        let bytes = plain(bytes);
        let (decoded, problem) = decode(&bytes);
        assert_eq!(decoded, text);
        assert_eq!(problem.map(|problem| problem.line), problem_line);
    }

    #[test]
    fn decodes_what_python_decodes() {
        check(b"import a", "import a", None);
        check(b"\xef\xbb\xbfimport a", "import a", None);
        check("import ä".as_bytes(), "import ä", None);
        check(b"# -*- coding: latin-1 -*-\nx = '\xe4'", "# -*- coding: latin-1 -*-\nx = 'ä'", None);
        check(
            b"#!/bin/python\n# vim: set fileencoding=cp1252 :\n\xe4",
            "#!/bin/python\n# vim: set fileencoding=cp1252 :\nä",
            None,
        );
    }

    #[test]
    fn says_what_it_can_not_decode() {
        check(b"import a\nx = '\xe4'", "import a\nx = '\u{fffd}'", Some(2));
        check(b"# coding: utf-8\n\xff", "# coding: utf-8\n\u{fffd}", Some(2));
        // Only the first two lines can hold a cookie, and the second only below a comment.
        check(b"x = 1\n# coding: latin-1\n\xe4", "x = 1\n# coding: latin-1\n\u{fffd}", Some(3));
        check(b"\n\n# coding: latin-1\n\xe4", "\n\n# coding: latin-1\n\u{fffd}", Some(4));
    }

    #[test]
    fn counts_lines_in_every_convention() {
        for text in ["a\nb\nc", "a\rb\rc", "\u{feff}a\nb\rc"] {
            let lines = Lines::new(&plain(text.as_bytes()));
            assert_eq!((0..5).map(|at| lines.of(at)).collect::<Vec<_>>(), [1, 1, 2, 2, 3], "{text:?}");
        }
        let lines = Lines::new(&plain(b"a\r\nb\r\rc"));
        assert_eq!((0..7).map(|at| lines.of(at)).collect::<Vec<_>>(), [1, 1, 1, 2, 2, 3, 4]);
        assert_eq!(Lines::new(b"").of(0), 1);
    }
}
