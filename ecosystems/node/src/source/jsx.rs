//! JSX in the lexer: which `<` opens an element, what stands in tags and between them.

use super::bytes::{self, is_part, is_start};
use super::lex::{Kind, Lexer, Open, Token};
use memchr::{memchr, memchr2, memmem};

impl Lexer<'_> {
    /// Whether a `<` in front of an operand opens an element: its tag closes itself, or its closing tag is there. Else it is a list
    /// of type parameters, or an assertion.
    pub(super) fn opens_jsx(&mut self, start: usize) -> bool {
        let mut at = start + 1;
        while self.text.get(at).is_some_and(|byte| is_part(*byte) || matches!(byte, b'-' | b'.' | b':')) {
            at += 1;
        }
        let name = &self.text[start + 1..at];
        if name.first().is_some_and(u8::is_ascii_digit) || (name.is_empty() && self.text.get(at) != Some(&b'>')) {
            return false;
        }
        let Some((end, closed)) = self.end_of_tag(at) else { return false };
        if closed {
            return true;
        }
        let mut closing = b"</".to_vec();
        closing.extend_from_slice(name);
        let rest = &self.text[end..self.text.len().min(end.saturating_add(self.budget))];
        let found = memmem::find(rest, &closing);
        // Texts that open and never close are looked through a few times only.
        self.budget -= found.unwrap_or(rest.len());
        found.is_some()
    }

    /// The end of a tag whose attributes begin at `at`, and whether it closes itself; `None` for what is no tag.
    fn end_of_tag(&mut self, mut at: usize) -> Option<(usize, bool)> {
        let from = at;
        let mut depth = 0usize;
        let mut angles = 0usize;
        loop {
            if at - from >= self.budget {
                return None;
            }
            match *self.text.get(at)? {
                b'{' => depth += 1,
                b'}' => depth = depth.checked_sub(1)?,
                // An apostrophe behind a letter is one in a text.
                b'"' | b'\'' | b'`' if !is_part(self.text[at - 1]) => at = bytes::end_of_string(self.text, at) - 1,
                _ if depth > 0 => {}
                b'<' => angles += 1,
                b'>' if angles > 0 => angles -= 1,
                b'>' => {
                    self.budget -= at - from;
                    return Some((at + 1, self.text[at - 1] == b'/'));
                }
                b'(' | b')' | b';' | b',' if angles == 0 => return None,
                _ => {}
            }
            at += 1;
        }
    }

    pub(super) fn in_jsx(&mut self) -> Option<Token> {
        match self.frames.last()?.open {
            Open::JsxTag => self.jsx_tag(),
            Open::JsxChildren => self.jsx_children(),
            _ => None,
        }
    }

    /// A token of an opening or closing tag.
    fn jsx_tag(&mut self) -> Option<Token> {
        loop {
            let breaks = self.skip_space();
            let start = self.at;
            let byte = *self.text.get(start)?;
            let token = |kind, end| Some(Token { kind, start, end, breaks });
            match byte {
                b'>' => {
                    self.at += 1;
                    self.frames.pop();
                    self.push(Open::JsxChildren);
                    return self.jsx_children();
                }
                b'/' => {
                    self.at += 1;
                    self.skip_space();
                    if self.text.get(self.at) == Some(&b'>') {
                        self.at += 1;
                        self.frames.pop();
                        return Some(self.jsx_end(start));
                    }
                }
                b'{' => {
                    self.at += 1;
                    self.push(Open::JsxBrace);
                    self.before = Kind::JsxBrace;
                    return token(Kind::JsxBrace, self.at);
                }
                b'\'' | b'"' => {
                    let end = memchr(byte, &self.text[start + 1..]).map_or(self.text.len(), |found| start + found + 2);
                    self.at = end;
                    self.before = Kind::JsxText;
                    return token(Kind::JsxText, end);
                }
                b'<' if self.before == Kind::JsxName => self.skip_type_arguments(),
                b'<' => {
                    self.at += 1;
                    self.push(Open::JsxTag);
                    self.before = Kind::JsxOpen;
                    return token(Kind::JsxOpen, self.at);
                }
                _ if is_start(byte) => {
                    let mut end = start;
                    while self.text.get(end).is_some_and(|byte| is_part(*byte) || matches!(byte, b'-' | b':' | b'.')) {
                        end += 1;
                    }
                    self.at = end;
                    let opened = self.before == Kind::JsxOpen;
                    self.before = Kind::JsxName;
                    if opened {
                        return token(Kind::JsxName, end);
                    }
                    self.before = Kind::JsxText;
                }
                _ => self.at += 1,
            }
        }
    }

    fn skip_type_arguments(&mut self) {
        let mut depth = 0usize;
        while let Some(&byte) = self.text.get(self.at) {
            self.at += 1;
            match byte {
                b'<' => depth += 1,
                b'>' if self.text.get(self.at.wrapping_sub(2)) != Some(&b'=') => {
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                b';' => return,
                _ => {}
            }
        }
    }

    /// Text between tags, up to a tag or an expression.
    fn jsx_children(&mut self) -> Option<Token> {
        loop {
            let Some(found) = memchr2(b'<', b'{', self.text.get(self.at..)?) else {
                self.at = self.text.len();
                return None;
            };
            self.at += found;
            let start = self.at;
            if self.text[start] == b'{' {
                self.at += 1;
                self.push(Open::JsxBrace);
                self.before = Kind::JsxBrace;
                return Some(Token { kind: Kind::JsxBrace, start, end: self.at, breaks: false });
            }
            self.at += 1;
            let after = self.text.get(self.at).copied()?;
            if after == b'/' {
                let end = memchr(b'>', &self.text[self.at..]).map_or(self.text.len(), |found| self.at + found + 1);
                self.at = end;
                self.frames.pop();
                return Some(self.jsx_end(start));
            }
            if is_start(after) || after == b'>' {
                self.push(Open::JsxTag);
                self.before = Kind::JsxOpen;
                return Some(Token { kind: Kind::JsxOpen, start, end: self.at, breaks: false });
            }
        }
    }

    /// Behind an element: its parent's children go on, or the expression does.
    fn jsx_end(&mut self, start: usize) -> Token {
        self.before = Kind::JsxEnd;
        Token { kind: Kind::JsxEnd, start, end: self.at, breaks: false }
    }
}
