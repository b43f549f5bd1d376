//! Small steps over the text: names, blanks, constants, lines.

use super::Scanner;
use crate::source::guard::is_name_byte;
use std::borrow::Cow;

impl<'a> Scanner<'a> {
    /// Steps over the blanks at the start of a line and gives the column, by Python's rule for tabs.
    pub(super) fn indentation(&mut self) -> u32 {
        let mut column = 0;
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b' ' => column += 1,
                b'\t' => column = (column / 8 + 1) * 8,
                0x0c => column = 0,
                _ => break,
            }
            self.at += 1;
        }
        column
    }

    /// A plain string constant at the position.
    pub(super) fn constant(&mut self) -> Option<&'a [u8]> {
        self.skip_filler(true);
        if matches!(self.text.get(self.at), Some(b'u' | b'U' | b'r' | b'R')) {
            self.at += 1;
        }
        let quote = *self.text.get(self.at).filter(|&&byte| matches!(byte, b'"' | b'\''))?;
        let rest = &self.text[self.at + 1..];
        let length = memchr::memchr3(quote, b'\\', b'\n', rest)?;
        if rest[length] != quote {
            return None;
        }
        self.at += length + 2;
        Some(&rest[..length])
    }

    /// The name at the position, stepped over; empty when there is none.
    pub(super) fn word(&mut self) -> &'a [u8] {
        let word = self.peek_word();
        self.at += word.len();
        word
    }

    pub(super) fn peek_word(&self) -> &'a [u8] {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest.iter().position(|&byte| !is_name_byte(byte)).unwrap_or(rest.len());
        &rest[..end]
    }

    /// A dotted name at the position, stepped over; blanks may stand around its dots.
    pub(super) fn dotted(&mut self) -> Option<Cow<'a, [u8]>> {
        let start = self.at;
        let mut end = start;
        loop {
            if self.word().is_empty() {
                break;
            }
            end = self.at;
            self.skip_blanks();
            if self.text.get(self.at) != Some(&b'.') {
                break;
            }
            self.at += 1;
            self.skip_blanks();
        }
        (end > start).then(|| without_blanks(&self.text[start..end]))
    }

    /// Steps over blanks and continued lines; true when there were any.
    pub(super) fn skip_blanks(&mut self) -> bool {
        let start = self.at;
        loop {
            match self.text.get(self.at) {
                Some(b' ' | b'\t' | 0x0c) => self.at += 1,
                Some(b'\\') if self.text.get(self.at + 1) == Some(&b'\n') => self.at += 2,
                Some(b'\\') if self.text[self.at..].starts_with(b"\\\r\n") => self.at += 3,
                _ => return self.at > start,
            }
        }
    }

    /// Inside brackets, line ends and comments are blanks too.
    pub(super) fn skip_filler(&mut self, in_brackets: bool) {
        loop {
            self.skip_blanks();
            match self.text.get(self.at) {
                Some(b'\n' | b'\r') if in_brackets => self.at += 1,
                Some(b'#') if in_brackets => self.at = self.line_end(),
                _ => return,
            }
        }
    }

    pub(super) fn line_ends(&self) -> bool {
        let rest = &self.text[self.at.min(self.text.len())..];
        let next = rest.iter().find(|byte| !matches!(byte, b' ' | b'\t' | 0x0c));
        matches!(next, None | Some(b'\n' | b'\r' | b'#'))
    }

    /// The offset of the next line feed, or of the end.
    pub(super) fn line_end(&self) -> usize {
        let rest = &self.text[self.at.min(self.text.len())..];
        memchr::memchr(b'\n', rest).map_or(self.text.len(), |length| self.at + length)
    }

    pub(super) fn line_of(&mut self, offset: usize) -> u32 {
        if offset < self.line_at {
            (self.line, self.line_at) = (1, 0);
        }
        self.line += memchr::memchr_iter(b'\n', &self.text[self.line_at..offset]).count() as u32;
        self.line_at = offset;
        self.line
    }
}

/// A dotted name without the blanks and continued lines in it.
pub(super) fn without_blanks(text: &[u8]) -> Cow<'_, [u8]> {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\\' | b'\n' | b'\r' | 0x0c);
    if text.iter().any(blank) {
        Cow::Owned(text.iter().copied().filter(|byte| !blank(byte)).collect())
    } else {
        Cow::Borrowed(text)
    }
}
