//! The fast reader of installed files: a scanner that steps from statement to statement, keeps the stack of enclosing blocks,
//! and reads nothing but imports. It agrees with the parser (see `agreement`), at several times its speed.

mod blocks;
mod cursor;
mod lambda;

use super::guard::{self, Need, is_name_byte};
use super::{dynamic, lex};
use blocks::{Blocks, Clause, Kind};
use cursor::without_blanks;
use lambda::{in_lambda, open_lambdas};
use memchr::memmem;
use std::borrow::Cow;

/// An import that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found<'a> {
    /// The module as written, without blanks; relative ones keep their dots.
    pub(super) module: Cow<'a, [u8]>,
    /// What is imported from it; empty for the module itself.
    pub(super) member: &'a [u8],
    /// The function that imports, for an import through a function with a constant name.
    pub(super) function: Option<&'static str>,
    pub(super) need: Need,
    pub(super) line: u32,
}

/// Finds the imports of a file whose bytes went through [`super::text::plain`].
pub(super) fn scan(text: &[u8]) -> Vec<Found<'_>> {
    // Searching forward is vectorised; backward it is not.
    let Some(last) = memmem::find_iter(text, b"import").last() else { return Vec::new() };
    let mut scanner = Scanner {
        text,
        at: 0,
        statement: 0,
        last,
        found: Vec::new(),
        blocks: Blocks::default(),
        calls: calls(text),
        next_call: 0,
        line: 1,
        line_at: 0,
    };
    scanner.run();
    scanner.found
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    /// Where the current statement starts.
    statement: usize,
    /// Nothing is imported behind this offset.
    last: usize,
    found: Vec<Found<'a>>,
    blocks: Blocks,
    /// Opening parentheses of calls that import, and the next one to come by.
    calls: Vec<(usize, &'static str)>,
    next_call: usize,
    /// The line of the byte at `line_at`.
    line: u32,
    line_at: usize,
}

/// What ended a run of code.
#[derive(PartialEq, Eq)]
enum Stop {
    Line,
    Semicolon,
    Colon,
}

impl<'a> Scanner<'a> {
    fn run(&mut self) {
        while self.at < self.text.len() {
            let column = self.indentation();
            match self.text.get(self.at) {
                None => break,
                Some(b'\n') => self.at += 1,
                Some(b'#') => self.at = self.line_end() + 1,
                Some(b'\r') if self.text.get(self.at + 1) == Some(&b'\n') => self.at += 2,
                Some(_) => {
                    if self.at > self.last && !self.blocks.waits_for_handlers() {
                        break;
                    }
                    self.logical_line(column);
                }
            }
        }
        self.blocks.close_all(self.text, &mut self.found);
    }

    fn logical_line(&mut self, column: u32) {
        self.statement = self.at;
        let mut word = self.word();
        self.blocks.dedent(column, Clause::of(word), self.text, &mut self.found);
        let mut first = true;
        loop {
            // Only the first statement of a line can open a block, or go on with one.
            if std::mem::take(&mut first) && self.opens(word, column) {
                self.skip_blanks();
                if matches!(self.text.get(self.at), None | Some(b'\n' | b'\r' | b'#')) {
                    self.at = self.line_end() + 1;
                    return;
                }
            } else {
                self.simple(word);
                if self.skip::<false>() == Stop::Line {
                    return;
                }
                self.skip_blanks();
            }
            self.statement = self.at;
            word = self.word();
        }
    }

    /// Reads the header of a compound statement and opens its block; the position is behind the colon then.
    fn opens(&mut self, word: &[u8], column: u32) -> bool {
        let kind = match word {
            b"def" => Kind::Function,
            b"class" | b"for" | b"while" | b"finally" => Kind::Plain,
            b"if" | b"elif" => Kind::If,
            b"else" => Kind::Else,
            b"with" => Kind::With,
            b"try" => Kind::TRY,
            b"except" => Kind::HANDLER,
            b"async" => {
                self.skip_blanks();
                return match self.word() {
                    b"def" => self.opens(b"def", column),
                    b"with" => self.opens(b"with", column),
                    b"for" => self.opens(b"for", column),
                    _ => false,
                };
            }
            b"match" => Kind::Match,
            b"case" if self.blocks.in_match() => Kind::Case,
            _ => return false,
        };
        let start = self.at;
        if self.skip::<true>() != Stop::Colon {
            // Not a header after all: the rest of the line was consumed as the statement that it is.
            self.at = self.at.saturating_sub(1).max(start);
            return false;
        }
        let header = start..self.at - 1;
        if kind == Kind::Match && !self.line_ends() {
            return false;
        }
        self.blocks.open(column, kind, header, self.found.len());
        true
    }

    fn simple(&mut self, word: &'a [u8]) {
        match word {
            b"import" => self.import(Need::Hard),
            b"from" => self.import_from(Need::Hard),
            b"lazy" => {
                self.skip_blanks();
                match self.word() {
                    b"import" => self.import(Need::Lazy),
                    b"from" => self.import_from(Need::Lazy),
                    _ => {}
                }
            }
            b"raise" | b"sys" | b"os" | b"exit" | b"quit"
                if self.blocks.in_handler() && guard::gives_up(&self.text[self.statement..]) =>
            {
                self.blocks.handler_gives_up();
            }
            _ => {}
        }
    }

    /// `import a.b as c, d`, the position being behind the keyword.
    fn import(&mut self, most: Need) {
        loop {
            self.skip_blanks();
            let Some(module) = self.dotted() else { return };
            self.add(module, b"", most);
            if !self.next_name(false) {
                return;
            }
        }
    }

    /// `from ..a import (b as c, d)`, the position being behind the keyword.
    fn import_from(&mut self, most: Need) {
        self.skip_blanks();
        let start = self.at;
        while matches!(self.text.get(self.at), Some(b'.' | b' ' | b'\t' | b'\\' | b'\n' | b'\r')) {
            if matches!(self.text[self.at], b'.') {
                self.at += 1;
            } else if !self.skip_blanks() {
                break;
            }
        }
        let end = self.at;
        let mut module = without_blanks(&self.text[start..end]);
        if self.peek_word() != b"import" {
            let Some(name) = self.dotted() else { return };
            module = if module.is_empty() { name } else { without_blanks(&self.text[start..self.at]) };
            self.skip_blanks();
        }
        if self.word() != b"import" {
            return;
        }
        self.skip_blanks();
        let parenthesised = self.text.get(self.at) == Some(&b'(');
        if parenthesised {
            self.at += 1;
        }
        loop {
            self.skip_filler(parenthesised);
            let member = if self.text.get(self.at) == Some(&b'*') {
                self.at += 1;
                b"*".as_slice()
            } else {
                self.word()
            };
            if member.is_empty() {
                break;
            }
            self.add(module.clone(), member, most);
            if !self.next_name(parenthesised) {
                break;
            }
        }
        // What is left of a parenthesised list is its end, and a broken one must not swallow the file.
        if parenthesised {
            self.skip_filler(true);
            if self.text.get(self.at) == Some(&b')') {
                self.at += 1;
            }
        }
    }

    /// Steps over `as name` and the comma that another name follows.
    fn next_name(&mut self, parenthesised: bool) -> bool {
        self.skip_filler(parenthesised);
        if self.peek_word() == b"as" {
            self.at += 2;
            self.skip_filler(parenthesised);
            self.word();
            self.skip_filler(parenthesised);
        }
        let comma = self.text.get(self.at) == Some(&b',');
        if comma {
            self.at += 1;
        }
        comma
    }

    fn add(&mut self, module: Cow<'a, [u8]>, member: &'a [u8], most: Need) {
        let need = self.blocks.need(self.text).min(most);
        let line = self.line_of(self.statement);
        self.found.push(Found { module, member, function: None, need, line });
    }

    /// An import through a function whose opening parenthesis stands at the position.
    fn call(&mut self, function: &'static str) {
        let mut argument =
            Scanner { at: self.at + 1, found: Vec::new(), blocks: Blocks::default(), calls: Vec::new(), ..*self };
        let Some(name) = argument.constant() else { return };
        argument.skip_filler(true);
        let mut package = None;
        if argument.text.get(argument.at) == Some(&b',') {
            argument.at += 1;
            argument.skip_filler(true);
            let before = argument.at;
            if argument.word() == b"package" {
                argument.skip_filler(true);
                if argument.text.get(argument.at) == Some(&b'=') {
                    argument.at += 1;
                    argument.skip_filler(true);
                }
            } else {
                argument.at = before;
            }
            package = argument.constant();
        } else if argument.text.get(argument.at) != Some(&b')') {
            return;
        }
        let Some(module) = dynamic::module(function, name, package) else { return };
        let mut need = self.blocks.need(self.text);
        if in_lambda(&self.text[self.statement..self.at]) {
            need = need.min(Need::Lazy);
        }
        let line = self.line_of(self.at);
        self.found.push(Found { module, member: b"", function: Some(function), need, line });
    }

    /// Steps to the end of the statement, or behind the colon of a header. Calls that import are met on the way.
    fn skip<const HEADER: bool>(&mut self) -> Stop {
        let stops = if HEADER { &HEADER_STOPS } else { &STOPS };
        let start = self.at;
        let (mut depth, mut colons) = (0_u32, 0_usize);
        loop {
            while self.at < self.text.len() && !stops[self.text[self.at] as usize] {
                self.at += 1;
            }
            let Some(&byte) = self.text.get(self.at) else { return Stop::Line };
            match byte {
                b'\n' => {
                    self.at += 1;
                    if depth == 0 {
                        return Stop::Line;
                    }
                }
                b'"' | b'\'' => self.at = lex::string_end(self.text, self.at, &mut 0),
                b'#' => self.at = self.line_end(),
                b'(' => {
                    depth += 1;
                    if self.next_call < self.calls.len() {
                        self.met_call();
                    }
                    self.at += 1;
                }
                b'[' | b'{' => {
                    depth += 1;
                    self.at += 1;
                }
                b')' | b']' | b'}' => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                }
                b'\\' => self.at += if self.text[self.at..].starts_with(b"\\\r\n") { 3 } else { 2 },
                b';' => {
                    self.at += 1;
                    if depth == 0 {
                        return Stop::Semicolon;
                    }
                }
                // The colon of a header, unless it belongs to `:=` or to a lambda.
                _ => {
                    self.at += 1;
                    if depth == 0 && self.text.get(self.at) != Some(&b'=') {
                        if colons >= open_lambdas(&self.text[start..self.at]) {
                            return Stop::Colon;
                        }
                        colons += 1;
                    }
                }
            }
        }
    }

    fn met_call(&mut self) {
        while let Some(&(parenthesis, function)) = self.calls.get(self.next_call) {
            if parenthesis > self.at {
                return;
            }
            self.next_call += 1;
            if parenthesis == self.at {
                self.call(function);
                return;
            }
        }
    }
}

/// The opening parentheses behind the names of functions that import.
fn calls(text: &[u8]) -> Vec<(usize, &'static str)> {
    let mut calls = Vec::new();
    for function in dynamic::SKIMMED {
        for at in memmem::find_iter(text, function) {
            let end = at + function.len();
            let alone = at == 0 || !is_name_byte(text[at - 1]);
            let rest = &text[end..];
            let gap = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t'));
            if alone
                && let Some(gap) = gap
                && rest[gap] == b'('
            {
                calls.push((end + gap, function));
            }
        }
    }
    calls.sort_unstable();
    calls
}

const STOPS: [bool; 256] = stops(false);
const HEADER_STOPS: [bool; 256] = stops(true);

const fn stops(header: bool) -> [bool; 256] {
    let mut table = [false; 256];
    let bytes = b"\n\"'#()[]{}\\;";
    let mut index = 0;
    while index < bytes.len() {
        table[bytes[index] as usize] = true;
        index += 1;
    }
    table[b':' as usize] = header;
    table
}
