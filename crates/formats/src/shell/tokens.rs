//! The tokens of a shell text: words with quotes and substitutions, redirections, here-documents.

use super::is_script;
use super::reader::{Document, Pending, Reader, Word};

impl Reader<'_, '_> {
    /// Reads one word; the current byte starts one.
    pub(super) fn word(&mut self) -> Word {
        let mut word = Word { text: String::new(), quoted: false };
        while let Some(byte) = self.byte(0) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>' => break,
                b'\\' => match self.byte(1) {
                    Some(b'\n') => self.advance(2),
                    Some(b'\r') if self.byte(2) == Some(b'\n') => self.advance(3),
                    _ => {
                        self.advance(1);
                        self.push_character(&mut word.text);
                    }
                },
                b'\'' if !self.open_single => self.single(&mut word),
                b'"' if !self.open_double => self.double(&mut word),
                b'$' => self.dollar(&mut word.text, &mut word.quoted, false),
                b'`' => self.backticks(&mut word.text),
                _ => self.push_plain(&mut word.text),
            }
        }
        word
    }

    fn single(&mut self, word: &mut Word) {
        let Some(length) = self.text[self.at + 1..].find('\'') else {
            self.open_single = true;
            return;
        };
        word.quoted = true;
        word.text.push_str(&self.text[self.at + 1..self.at + 1 + length]);
        self.advance(length + 2);
    }

    fn double(&mut self, word: &mut Word) {
        if !self.closes_double() {
            self.open_double = true;
            return;
        }
        word.quoted = true;
        self.advance(1);
        while let Some(byte) = self.byte(0) {
            match byte {
                b'"' => {
                    self.advance(1);
                    return;
                }
                b'\\' => match self.byte(1) {
                    Some(b'\n') => self.advance(2),
                    Some(b'"' | b'\\' | b'$' | b'`') => {
                        self.advance(1);
                        self.push_character(&mut word.text);
                    }
                    _ => self.push_character(&mut word.text),
                },
                b'$' => self.dollar(&mut word.text, &mut word.quoted, true),
                b'`' => self.backticks(&mut word.text),
                _ => self.push_character(&mut word.text),
            }
        }
    }

    /// Whether any `"` follows the current one.
    fn closes_double(&self) -> bool {
        memchr::memchr(b'"', &self.text.as_bytes()[self.at + 1..]).is_some()
    }

    fn dollar(&mut self, text: &mut String, quoted: &mut bool, in_double: bool) {
        let start = self.at;
        match self.byte(1) {
            Some(b'(') if self.byte(2) == Some(b'(') && self.skip_arithmetic() => {}
            Some(b'(') if self.out.enter(0) => {
                self.advance(2);
                let folder = self.folder.clone();
                self.list(true);
                self.folder = folder;
                self.out.leave();
            }
            Some(b'{') => self.braces(),
            Some(b'\'') if !in_double => {
                // `$'…'`: escapes inside; the few that matter in commands.
                let rest = &self.text[self.at + 2..];
                let Some(length) = closing_quote(rest) else {
                    self.push_character(text);
                    return;
                };
                *quoted = true;
                text.push_str(&rest[..length].replace("\\n", "\n").replace("\\t", "\t").replace("\\'", "'"));
                self.advance(length + 3);
                return;
            }
            Some(b'"') if !in_double => {
                self.advance(1);
                return;
            }
            _ => self.advance(1),
        }
        text.push_str(&self.text[start..self.at]);
    }

    /// `${ … }` with nested braces; substitutions inside are read.
    fn braces(&mut self) {
        let Some(length) = closing(&self.text[self.at..], *b"{}") else {
            self.advance(1);
            return;
        };
        let end = self.at + length;
        self.advance(2);
        while self.at < end {
            if self.text[self.at..].starts_with("$(") && self.out.enter(0) {
                self.advance(2);
                self.list(true);
                self.out.leave();
            } else {
                self.advance(self.text[self.at..].chars().next().map_or(1, char::len_utf8));
            }
        }
    }

    fn backticks(&mut self, text: &mut String) {
        let rest = &self.text[self.at + 1..];
        let mut escaped = false;
        let close = rest.bytes().position(|byte| {
            let found = byte == b'`' && !escaped;
            escaped = byte == b'\\' && !escaped;
            found
        });
        let Some(length) = close else {
            self.push_character(text);
            return;
        };
        let inner = rest[..length].replace("\\`", "`");
        if self.out.enter(inner.len()) {
            let variables = self.variables.clone();
            Reader::new(&inner, self.line, variables, self.out).in_folder(self.folder.clone()).run();
            self.out.leave();
        }
        text.push_str(&self.text[self.at..self.at + length + 2]);
        self.advance(length + 2);
    }

    pub(super) fn redirection(&mut self, pending: &mut Pending) {
        let rest = &self.text[self.at..];
        let operators = ["&>>", "&>", "<<<", "<<-", "<<", "<&", "<>", "<(", "<", ">>", ">&", ">|", ">(", ">"];
        let Some(operator) = operators.iter().find(|operator| rest.starts_with(**operator)) else {
            self.advance(1);
            return;
        };
        self.advance(operator.len());
        if operator.ends_with('(') {
            if self.out.enter(0) {
                self.list(true);
                self.out.leave();
            }
            return;
        }
        self.blanks();
        let is_word = self.byte(0).is_some_and(|byte| !b"\n;|()<>&#".contains(&byte));
        if !is_word {
            return;
        }
        let target = self.word();
        if *operator == "<<" || *operator == "<<-" {
            pending.documents += 1;
            self.documents.push(Document { delimiter: target.text, tabs: *operator == "<<-", owner_is_shell: false });
        }
    }

    /// `NAME=( … )`: kept as one text, split again where it is used.
    pub(super) fn array(&mut self, start: &str, line: u32) {
        let mut items: Vec<String> = Vec::new();
        self.advance(1);
        loop {
            self.blanks();
            match self.byte(0) {
                None => break,
                Some(b')') => {
                    self.advance(1);
                    break;
                }
                Some(b'#') => self.at = self.line_end(),
                Some(b'\n' | b';' | b'&' | b'|' | b'(' | b'<' | b'>') => self.advance(1),
                Some(_) => items.push(self.word().text),
            }
        }
        if let Some((name, before)) = self.assigned(start) {
            self.set(name, format!("{before} {}", items.join(" ")).trim().to_owned(), line);
        }
    }

    /// Takes the bodies of the here-documents that were announced on the line before.
    pub(super) fn bodies(&mut self) {
        for document in std::mem::take(&mut self.documents) {
            let (start, first_line) = (self.at, self.line);
            let mut end = self.text.len();
            while self.at < self.text.len() {
                let stop = self.line_end();
                let line = self.text[self.at..stop].trim_end_matches('\r');
                let line = if document.tabs { line.trim_start_matches('\t') } else { line };
                let found = line == document.delimiter;
                if found {
                    end = self.at;
                }
                self.advance(stop - self.at + usize::from(stop < self.text.len()));
                if found {
                    break;
                }
            }
            let body = &self.text[start..end];
            if (document.owner_is_shell || is_script(body)) && self.out.enter(body.len()) {
                Reader::new(body, first_line, self.variables.clone(), self.out).run();
                self.out.leave();
            }
        }
    }

    /// Skips white space and joined lines.
    pub(super) fn blanks(&mut self) {
        loop {
            match (self.byte(0), self.byte(1), self.byte(2)) {
                (Some(b' ' | b'\t' | b'\r'), _, _) => self.advance(1),
                (Some(b'\\'), Some(b'\n'), _) => self.advance(2),
                (Some(b'\\'), Some(b'\r'), Some(b'\n')) => self.advance(3),
                _ => return,
            }
        }
    }

    /// Moves behind the next `end`, when there is one.
    pub(super) fn skip_past(&mut self, end: &'static str) -> bool {
        if self.missing.contains(&end) {
            return false;
        }
        let Some(length) = self.text[self.at..].find(end) else {
            self.missing.push(end);
            return false;
        };
        self.advance(length + end.len());
        true
    }

    /// Moves behind `$(( … ))` or `(( … ))`.
    pub(super) fn skip_arithmetic(&mut self) -> bool {
        let length =
            closing(&self.text[self.at..], *b"()").filter(|length| self.text[..self.at + length].ends_with("))"));
        length.is_some_and(|length| {
            self.advance(length);
            true
        })
    }

    pub(super) fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn push_character(&mut self, text: &mut String) {
        if let Some(character) = self.text[self.at..].chars().next() {
            text.push(character);
            self.line += u32::from(character == '\n');
            self.at += character.len_utf8();
        }
    }

    /// Takes a character and those behind it that mean nothing to a shell.
    fn push_plain(&mut self, text: &mut String) {
        let rest = &self.text[self.at..];
        let special = |byte: &u8| b" \t\r\n;&|()<>\\'\"$`".contains(byte);
        match rest.bytes().position(|byte| special(&byte)) {
            Some(0) => self.push_character(text),
            length => {
                let length = length.unwrap_or(rest.len());
                text.push_str(&rest[..length]);
                self.at += length;
            }
        }
    }

    pub(super) fn line_end(&self) -> usize {
        memchr::memchr(b'\n', &self.text.as_bytes()[self.at..]).map_or(self.text.len(), |length| self.at + length)
    }

    /// Moves on by `length` bytes, counting lines.
    pub(super) fn advance(&mut self, length: usize) {
        self.line += newlines(&self.text[self.at..self.at + length]);
        self.at += length;
    }
}

fn newlines(text: &str) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', text.as_bytes()).count()).unwrap_or(u32::MAX)
}

/// Offset of the `'` that ends a `$'…'` word.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let found = byte == b'\'' && !escaped;
        escaped = byte == b'\\' && !escaped;
        found
    })
}

/// Length of the text up to and with the bracket that closes the first `open`, on one line. Real ones are short; the limit
/// keeps a file full of open brackets from costing quadratic time.
fn closing(text: &str, [open, close]: [u8; 2]) -> Option<usize> {
    let mut depth = 0_u32;
    for (at, byte) in text.bytes().enumerate().take(1000) {
        match byte {
            b if b == open => depth += 1,
            b if b == close && depth == 1 => return Some(at + 1),
            b if b == close => depth = depth.saturating_sub(1),
            b'\n' => return None,
            _ => {}
        }
    }
    None
}
