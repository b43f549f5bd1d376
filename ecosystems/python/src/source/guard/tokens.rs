//! The words of a condition, a handler or a `with`.

use super::is_name_byte;

/// A word or sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A dotted name, or a keyword.
    Name(&'a [u8]),
    Number(u32),
    /// The text between plain quotes.
    String(&'a [u8]),
    Open,
    Close,
    Operator(&'a [u8]),
    End,
}

/// Takes a text apart, without blanks and comments.
#[derive(Clone, Copy)]
pub(super) struct Tokens<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// The next token; [`Token::End`] again and again behind the last one.
    pub(super) fn next(&mut self) -> Token<'a> {
        self.skip_blank();
        let rest = &self.text[self.at.min(self.text.len())..];
        let Some(&first) = rest.first() else { return Token::End };
        let (token, length) = match first {
            b'(' | b'[' | b'{' => (Token::Open, 1),
            b')' | b']' | b'}' => (Token::Close, 1),
            b'"' | b'\'' => {
                let end = rest[1..].iter().position(|&b| b == first || b == b'\n').map_or(rest.len(), |n| n + 1);
                (Token::String(&rest[1..end]), (end + 1).min(rest.len()))
            }
            b'0'..=b'9' => {
                let end = rest.iter().position(|&b| !is_name_byte(b)).unwrap_or(rest.len());
                let number = std::str::from_utf8(&rest[..end]).ok().and_then(|text| text.parse().ok());
                (number.map_or(Token::Operator(&rest[..end]), Token::Number), end)
            }
            _ if is_name_byte(first) => {
                let mut end = 0;
                while rest.get(end).is_some_and(|&b| is_name_byte(b) || b == b'.') {
                    end += 1;
                }
                (Token::Name(&rest[..end]), end)
            }
            b'=' | b'!' | b'<' | b'>' | b':' if rest.get(1) == Some(&b'=') => (Token::Operator(&rest[..2]), 2),
            _ => (Token::Operator(&rest[..1]), 1),
        };
        self.at += length;
        token
    }

    fn skip_blank(&mut self) {
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b'\\' | 0x0c => self.at += 1,
                b'#' => {
                    let rest = &self.text[self.at..];
                    self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                }
                _ => return,
            }
        }
    }
}
