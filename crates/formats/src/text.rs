//! Bytes to text, and byte offsets to lines.
//!
//! Spans everywhere else in this crate are offsets into [`Decoded::text`], which has no byte order mark and keeps its line
//! ends as they are.

use depslim_model::Problem;
use std::borrow::Cow;
use std::ops::Range;

/// Text that was read from bytes, and what is needed to write it back the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text, without a byte order mark.
    pub text: Cow<'a, str>,
    /// How the bytes were read.
    pub encoding: Encoding,
    /// True when the bytes began with a byte order mark.
    pub bom: bool,
    /// At most one: what could not be decoded, with its line.
    pub problems: Vec<Problem>,
}

/// The encodings that files of this field come in. UTF-16 is what the redirections of older `PowerShell` versions write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-16, least significant byte first.
    Utf16Le,
    /// UTF-16, most significant byte first.
    Utf16Be,
    /// ISO 8859-1, only when a `coding:` comment on one of the first two lines says so (PEP 263).
    Latin1,
}

/// Decodes as the field does: by byte order mark, else UTF-8, else by a PEP 263 `coding` comment. Bytes that fit nowhere become
/// U+FFFD and a problem.
pub fn decode(bytes: &[u8]) -> Decoded<'_> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest, true),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, Encoding::Utf16Le),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, Encoding::Utf16Be),
        _ => utf8(bytes, false),
    }
}

impl Decoded<'_> {
    /// Bytes of the byte order mark: what to add to a span to get an offset in a UTF-8 file. `None` when offsets in the text are
    /// not offsets in the file.
    pub fn file_offset(&self) -> Option<usize> {
        match self.encoding {
            Encoding::Utf8 if self.problems.is_empty() => Some(if self.bom { 3 } else { 0 }),
            Encoding::Latin1 if self.text.is_ascii() => Some(0),
            _ => None,
        }
    }

    /// Writes `text` in the encoding and with the byte order mark of the file that was read.
    pub fn encode(&self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(text.len() + 3);
        match self.encoding {
            Encoding::Utf8 => {
                if self.bom {
                    bytes.extend([0xEF, 0xBB, 0xBF]);
                }
                bytes.extend(text.as_bytes());
            }
            Encoding::Utf16Le => {
                bytes.extend([0xFF, 0xFE]);
                bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
            }
            Encoding::Utf16Be => {
                bytes.extend([0xFE, 0xFF]);
                bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
            }
            Encoding::Latin1 => bytes.extend(text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))),
        }
        bytes
    }
}

/// Line numbers of a text. A line ends with `\n`; a `\r` before it belongs to the line end.
#[derive(Debug, Clone)]
pub struct LineIndex<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> LineIndex<'a> {
    /// Finds the lines; one pass.
    pub fn new(text: &'a str) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        Self { text, starts }
    }

    /// The text.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// How many lines there are; what follows the last line end counts, even when empty.
    pub fn count(&self) -> u32 {
        number(self.starts.len())
    }

    /// Line of a byte offset, from 1; the last line for offsets behind the end.
    pub fn line(&self, offset: usize) -> u32 {
        number(self.starts.partition_point(|start| *start <= offset))
    }

    /// Column of a byte offset in characters, from 1.
    pub fn column(&self, offset: usize) -> u32 {
        let start = self.start(self.line(offset));
        let end = self.text.floor_char_boundary(offset);
        number(self.text[start..end.max(start)].chars().count() + 1)
    }

    /// Byte offset of the first character of a line (from 1); the end of the text for lines that do not exist.
    pub fn start(&self, line: u32) -> usize {
        let index = (line as usize).saturating_sub(1);
        self.starts.get(index).copied().unwrap_or(self.text.len())
    }

    /// Byte range of a line, from 1, without its line end.
    pub fn range(&self, line: u32) -> Range<usize> {
        let start = self.start(line);
        let whole = &self.text[start..self.start(line.saturating_add(1))];
        start..start + trim_line_end(whole).len()
    }

    /// Byte range of a line, from 1, with its line end.
    pub fn full_range(&self, line: u32) -> Range<usize> {
        self.start(line)..self.start(line.saturating_add(1))
    }
}

/// One line of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Line number, from 1.
    pub number: u32,
    /// Byte offset of the first character.
    pub start: usize,
    /// The line without its line end.
    pub text: &'a str,
}

/// The lines of a text, without their line ends. An empty line behind the last line end is not one of them.
pub fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').enumerate().map(move |(index, whole)| {
        let line = Line { number: number(index + 1), start, text: trim_line_end(whole) };
        start += whole.len();
        line
    })
}

/// The line end that most lines of the text have: `\r\n` or `\n`.
pub fn line_end(text: &str) -> &'static str {
    let all = memchr::memchr_iter(b'\n', text.as_bytes()).count();
    let with_return = text.matches("\r\n").count();
    if with_return * 2 > all { "\r\n" } else { "\n" }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn trim_line_end(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

fn utf8(bytes: &[u8], bom: bool) -> Decoded<'_> {
    let (text, encoding, problems) = match str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), Encoding::Utf8, Vec::new()),
        Err(_) if !bom && says_latin1(bytes) => {
            (Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()), Encoding::Latin1, Vec::new())
        }
        Err(error) => {
            let line = number(memchr::memchr_iter(b'\n', &bytes[..error.valid_up_to()]).count() + 1);
            let problem = Problem::at(line, "not valid UTF-8; the bytes that do not fit were replaced");
            (String::from_utf8_lossy(bytes), Encoding::Utf8, vec![problem])
        }
    };
    Decoded { text, encoding, bom, problems }
}

fn utf16(bytes: &[u8], encoding: Encoding) -> Decoded<'_> {
    let mut line = 1;
    let mut broken = None;
    let units = bytes.as_chunks::<2>();
    let mut text: String = char::decode_utf16(units.0.iter().map(|pair| match encoding {
        Encoding::Utf16Be => u16::from_be_bytes(*pair),
        _ => u16::from_le_bytes(*pair),
    }))
    .map(|unit| {
        let character = unit.unwrap_or_else(|_| {
            broken.get_or_insert(line);
            char::REPLACEMENT_CHARACTER
        });
        line += u32::from(character == '\n');
        character
    })
    .collect();
    if !units.1.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
        broken.get_or_insert(line);
    }
    let problems = broken
        .map(|line| Problem::at(line, "not valid UTF-16; the bytes that do not fit were replaced"))
        .into_iter()
        .collect();
    Decoded { text: Cow::Owned(text), encoding, bom: true, problems }
}

/// PEP 263: a comment on one of the first two lines names the encoding.
fn says_latin1(bytes: &[u8]) -> bool {
    let mut head = bytes.split(|byte| *byte == b'\n').take(2);
    head.any(|line| {
        let line = String::from_utf8_lossy(&line[..line.len().min(200)]).to_ascii_lowercase();
        let Some(comment) = line.trim_start().strip_prefix('#') else { return false };
        let Some((_, after)) = comment.split_once("coding") else { return false };
        let Some(name) = after.strip_prefix([':', '=']) else { return false };
        let name: String =
            name.trim_start().chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
        matches!(name.replace(['_', '.'], "-").as_str(), "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(bytes: &[u8], text: &str, encoding: Encoding, problem_lines: &[u32]) {
        let decoded = decode(bytes);
        assert_eq!(decoded.text, text);
        assert_eq!(decoded.encoding, encoding);
        assert_eq!(decoded.problems.iter().map(|p| p.line).collect::<Vec<_>>(), problem_lines);
    }

    #[test]
    fn utf8_with_and_without_a_mark() {
        check("a = 'ä'\r\n".as_bytes(), "a = 'ä'\r\n", Encoding::Utf8, &[]);
        check(b"\xEF\xBB\xBFname\n", "name\n", Encoding::Utf8, &[]);
        check(b"", "", Encoding::Utf8, &[]);
        assert!(decode(b"\xEF\xBB\xBFname").bom);
        assert_eq!(decode(b"\xEF\xBB\xBFname").file_offset(), Some(3));
        assert_eq!(decode(b"name").file_offset(), Some(0));
    }

    #[test]
    fn utf16_by_its_mark() {
        check(b"\xFF\xFEa\0\n\0", "a\n", Encoding::Utf16Le, &[]);
        check(b"\xFE\xFF\0a\0\n", "a\n", Encoding::Utf16Be, &[]);
        check(
            "\u{FEFF}𝄞".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>().as_slice(),
            "𝄞",
            Encoding::Utf16Le,
            &[],
        );
        assert_eq!(decode(b"\xFF\xFEa\0").file_offset(), None);
    }

    #[test]
    fn what_does_not_fit_is_replaced_and_its_line_is_said() {
        check(b"ok\nbad \xFF here\n", "ok\nbad \u{FFFD} here\n", Encoding::Utf8, &[2]);
        check(b"\xFF\xFEa\0\n\0\x00\xD8b\0", "a\n\u{FFFD}b", Encoding::Utf16Le, &[2]);
        check(b"\xFF\xFEa\0b", "a\u{FFFD}", Encoding::Utf16Le, &[1]);
    }

    #[test]
    fn latin1_only_when_the_file_says_so() {
        check(b"# -*- coding: latin-1 -*-\n# caf\xE9\n", "# -*- coding: latin-1 -*-\n# café\n", Encoding::Latin1, &[]);
        check(b"# coding=iso_8859_1\n\xE9", "# coding=iso_8859_1\né", Encoding::Latin1, &[]);
        check(b"# caf\xE9\n", "# caf\u{FFFD}\n", Encoding::Utf8, &[1]);
    }

    #[test]
    fn lines_and_offsets_agree() {
        let index = LineIndex::new("one\r\nzwö\n\nlast");
        assert_eq!(index.count(), 4);
        assert_eq!((index.line(0), index.line(4), index.line(5), index.line(99)), (1, 1, 2, 4));
        assert_eq!(index.column(9), 4, "columns count characters");
        assert_eq!(&index.text()[index.range(1)], "one");
        assert_eq!(&index.text()[index.full_range(1)], "one\r\n");
        assert_eq!(&index.text()[index.range(4)], "last");
        assert_eq!(index.range(77), 15..15);
    }

    #[test]
    fn lines_come_without_their_ends() {
        let found: Vec<_> = lines("a\r\n\nb").map(|l| (l.number, l.start, l.text)).collect();
        assert_eq!(found, [(1, 0, "a"), (2, 3, ""), (3, 4, "b")]);
        assert_eq!(lines("").count(), 0);
        assert_eq!(lines("x\n").count(), 1);
    }

    #[test]
    fn the_usual_line_end_wins() {
        assert_eq!(line_end("a\r\nb\r\nc\n"), "\r\n");
        assert_eq!(line_end("a\nb"), "\n");
        assert_eq!(line_end(""), "\n");
    }

    proptest! {
        #[test]
        fn any_bytes_decode(bytes in prop::collection::vec(any::<u8>(), 0..200), mark in 0..4_usize) {
            let mark: &[u8] = [&b""[..], b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF"][mark];
            let bytes = [mark, &bytes].concat();
            let decoded = decode(&bytes);
            let index = LineIndex::new(&decoded.text);
            for problem in &decoded.problems {
                prop_assert!(problem.line >= 1 && problem.line <= index.count());
            }
            if decoded.problems.is_empty() {
                prop_assert_eq!(decoded.encode(&decoded.text), bytes, "what was read whole is written back the same");
            }
        }

        #[test]
        fn every_offset_lies_in_its_line(text in "[a-zä\\n\\r]{0,60}", offset in 0..80_usize) {
            let index = LineIndex::new(&text);
            let line = index.line(offset);
            prop_assert!(index.full_range(line).start <= offset);
            prop_assert!(index.column(offset) >= 1);
            for line in lines(&text) {
                prop_assert_eq!(&text[index.range(line.number)], line.text);
                prop_assert_eq!(index.line(line.start), line.number);
            }
        }
    }
}
