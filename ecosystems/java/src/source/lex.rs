//! Words of source code: dotted names, strings, brackets and marks; comments are skipped. One pass, any text, no recursion.

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name with all that hangs on it by dots, as written (`a.b.C`); may end in a dot in front of `*` or `{`.
    Name,
    /// The inside of a string.
    String,
    /// An opening bracket.
    Open,
    /// A closing one.
    Close,
    /// Any other character.
    Mark,
}

/// A token and its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind,
    pub(super) text: &'t str,
    pub(super) line: u32,
}

pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    /// The next token when it is of a kind.
    pub(super) fn next_if(&mut self, kind: Kind) -> Option<Token<'t>> {
        let (at, line) = (self.at, self.line);
        let token = self.next();
        if token.as_ref().is_some_and(|token| token.kind == kind) {
            return token;
        }
        (self.at, self.line) = (at, line);
        None
    }

    /// Takes the next token when it is this text.
    pub(super) fn accept(&mut self, text: &str) -> bool {
        let (at, line) = (self.at, self.line);
        if self.next().is_some_and(|token| token.text == text && token.kind != Kind::String) {
            return true;
        }
        (self.at, self.line) = (at, line);
        false
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// Goes on by some bytes, counting lines.
    fn skip(&mut self, bytes: usize) {
        let end = (self.at + bytes).min(self.text.len());
        self.line += memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.at..end]).count() as u32;
        self.at = end;
    }

    fn skip_space(&mut self) {
        loop {
            let space = self.rest().iter().take_while(|b| b.is_ascii_whitespace()).count();
            self.skip(space);
            match (self.byte(0), self.byte(1)) {
                (b'/', b'/') => {
                    let end = memchr::memchr(b'\n', self.rest()).unwrap_or(self.rest().len());
                    self.skip(end);
                }
                (b'/', b'*') => {
                    let end = memchr::memmem::find(&self.rest()[2..], b"*/").map_or(self.rest().len(), |end| end + 4);
                    self.skip(end);
                }
                _ if space == 0 => return,
                _ => {}
            }
        }
    }

    fn string(&mut self) -> Token<'t> {
        let line = self.line;
        if self.rest().starts_with(b"\"\"\"") {
            let inner = self.at + 3;
            let end = memchr::memmem::find(&self.rest()[3..], b"\"\"\"").map_or(self.text.len(), |end| inner + end);
            self.skip(end + 3 - self.at);
            return Token { kind: Kind::String, text: self.text.get(inner..end).unwrap_or_default(), line };
        }
        let inner = self.at + 1;
        let mut end = inner;
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(end) {
            match byte {
                b'"' | b'\n' => break,
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        let end = end.min(bytes.len());
        self.skip(end + usize::from(bytes.get(end) == Some(&b'"')) - self.at);
        Token { kind: Kind::String, text: self.text.get(inner..end).unwrap_or_default(), line }
    }

    /// `'c'`, `'\n'`, or a string of Groovy.
    fn quoted(&mut self) -> Token<'t> {
        let line = self.line;
        let (start, bytes) = (self.at + 1, self.text.as_bytes());
        let mut end = start;
        while let Some(byte) = bytes.get(end) {
            match byte {
                b'\'' | b'\n' => break,
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        let end = end.min(bytes.len());
        if bytes.get(end) == Some(&b'\'') {
            self.skip(end + 1 - self.at);
            return Token { kind: Kind::String, text: self.text.get(start..end).unwrap_or_default(), line };
        }
        // A symbol of Scala, or a mark of a type.
        self.skip(1);
        Token { kind: Kind::Mark, text: "'", line }
    }

    fn name(&mut self) -> Token<'t> {
        let (start, line) = (self.at, self.line);
        loop {
            if self.byte(0) == b'`' {
                let end = self.rest()[1..].iter().position(|b| *b == b'`' || *b == b'\n').map_or(1, |end| end + 2);
                self.skip(end);
            } else {
                let length = self.rest().iter().take_while(|b| is_name_byte(**b)).count();
                self.skip(length);
            }
            if self.byte(0) == b'.' && (is_name_byte(self.byte(1)) || self.byte(1) == b'`') {
                self.skip(1);
            } else if self.byte(0) == b'.' && matches!(self.byte(1), b'*' | b'{') {
                let token = Token { kind: Kind::Name, text: self.text.get(start..self.at).unwrap_or_default(), line };
                self.skip(1);
                return token;
            } else {
                return Token { kind: Kind::Name, text: self.text.get(start..self.at).unwrap_or_default(), line };
            }
        }
    }
}

impl<'t> Iterator for Lexer<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        self.skip_space();
        let first = *self.rest().first()?;
        let line = self.line;
        Some(match first {
            b'"' => self.string(),
            b'\'' => self.quoted(),
            _ if is_name_byte(first) || first == b'`' => self.name(),
            _ => {
                let length = self.text[self.at..].chars().next().map_or(1, char::len_utf8);
                let text = &self.text[self.at..self.at + length];
                self.skip(length);
                let kind = match first {
                    b'(' | b'[' | b'{' => Kind::Open,
                    b')' | b']' | b'}' => Kind::Close,
                    _ => Kind::Mark,
                };
                Token { kind, text, line }
            }
        })
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}
