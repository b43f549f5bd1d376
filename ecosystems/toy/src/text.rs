//! Bytes to lines, as every format of this language has them: UTF-8, one fact a line, `#` starts a comment.

use depslim_model::Problem;
use std::borrow::Cow;

/// One line that says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// Number, from 1.
    pub(crate) number: u32,
    /// What it says, without the comment and the space around it; never empty.
    pub(crate) text: &'a str,
    /// The comment, without its sign; empty when there is none.
    pub(crate) comment: &'a str,
    /// True when it begins with a space.
    pub(crate) indented: bool,
    /// Byte offset of its start in the text.
    pub(crate) start: usize,
    /// Byte offset behind its line end.
    pub(crate) end: usize,
}

/// The text behind the bytes. What is no UTF-8 becomes U+FFFD, and is a problem of the line that it stands in.
pub(crate) fn decode(bytes: &[u8]) -> (Cow<'_, str>, Option<Problem>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), None),
        Err(error) => {
            let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let line = good.matches('\n').count() as u32 + 1;
            (String::from_utf8_lossy(bytes), Some(Problem::at(line, "not UTF-8: save the file in that encoding")))
        }
    }
}

/// The lines that say something.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').zip(1..).filter_map(move |(whole, number)| {
        let at = start;
        start += whole.len();
        let plain = whole.trim_start_matches('\u{feff}');
        let (said, comment) = plain.split_once('#').unwrap_or((plain, ""));
        let line = Line {
            number,
            text: said.trim(),
            comment: comment.trim(),
            indented: plain.starts_with([' ', '\t']),
            start: at,
            end: start,
        };
        (!line.text.is_empty()).then_some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_numbers_and_places() {
        let text = "\u{feff}one # why\r\n\n# nothing\n  two\r\n";
        let found: Vec<_> = lines(text).map(|l| (l.number, l.text, l.comment, l.indented)).collect();
        assert_eq!(found, [(1, "one", "why", false), (4, "two", "", true)]);
        assert!(lines(text).all(|l| text[l.start..l.end].contains(l.text)));
    }

    #[test]
    fn bytes_that_are_no_text_are_named_with_their_line() {
        let (text, problem) = decode(b"one\ntw\xff\nthree");
        assert_eq!(text, "one\ntw\u{fffd}\nthree");
        assert_eq!(problem.unwrap().line, 2);
    }
}
