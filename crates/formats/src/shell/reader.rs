//! One pass over a shell text: tokens to simple commands.

use super::words::{assignment, variable};
use super::{Output, Simple, base_name, is_script, is_shell, wrappers};
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Reader<'t, 'o> {
    text: &'t str,
    at: usize,
    line: u32,
    variables: BTreeMap<String, String>,
    folder: Option<String>,
    /// Quotes of this kind are not closed anywhere behind: they are taken as characters.
    open_single: bool,
    open_double: bool,
    /// What [`Reader::skip_past`] looked for in vain: it need not look again.
    missing: Vec<&'static str>,
    documents: Vec<Document>,
    /// Functions that the text defines: calling one runs no program.
    functions: BTreeSet<String>,
    out: &'o mut Output,
}

/// A here-document whose body starts behind the current line.
struct Document {
    delimiter: String,
    tabs: bool,
    owner_is_shell: bool,
}

/// A command that is being read.
#[derive(Default)]
struct Pending {
    words: Vec<Word>,
    line: u32,
    documents: usize,
}

struct Word {
    text: String,
    quoted: bool,
}

/// What is open around the current command.
enum Frame {
    /// `case … in`: true while a pattern is being read.
    Case(bool),
    /// `( … )`, with the folder to return to.
    Group(Option<String>),
}

/// How deep variables may hold variables.
const MAX_EXPANSION: u32 = 5;

/// Words that introduce a command list and are no command themselves.
const OPENERS: &[&str] = &["if", "then", "else", "elif", "while", "until", "do", "!", "{"];
/// Words that end a compound command.
const CLOSERS: &[&str] = &["fi", "done", "esac", "}"];

impl<'t, 'o> Reader<'t, 'o> {
    pub(super) fn new(text: &'t str, line: u32, variables: BTreeMap<String, String>, out: &'o mut Output) -> Self {
        Self {
            text,
            at: 0,
            line,
            variables,
            folder: Some(String::new()),
            open_single: false,
            open_double: false,
            missing: Vec::new(),
            documents: Vec::new(),
            functions: BTreeSet::new(),
            out,
        }
    }

    /// Continues in a folder that is known already.
    pub(super) fn in_folder(mut self, folder: Option<String>) -> Self {
        self.folder = folder;
        self
    }

    pub(super) fn run(mut self) {
        let before = self.out.script.commands.len();
        self.list(false);
        if !self.functions.is_empty() {
            let calls =
                |command: &Simple| command.words.first().is_some_and(|program| self.functions.contains(program));
            let own = self.out.script.commands.split_off(before);
            self.out.script.commands.extend(own.into_iter().filter(|command| !calls(command)));
        }
    }

    /// Reads commands to the end of the text, or to the `)` that closes a substitution.
    fn list(&mut self, closing: bool) {
        let mut frames: Vec<Frame> = Vec::new();
        let mut pending = Pending::default();
        loop {
            self.blanks();
            let Some(byte) = self.byte(0) else { break };
            match byte {
                b'#' => self.at = self.line_end(),
                b'\n' if !pending.words.is_empty() && self.documents.is_empty() && self.option_follows() => {
                    self.advance(1);
                }
                b'\n' => {
                    self.finish(&mut pending, &mut frames);
                    self.advance(1);
                    self.bodies();
                }
                b';' => {
                    self.finish(&mut pending, &mut frames);
                    self.advance(1);
                    if matches!(self.byte(0), Some(b';' | b'&'))
                        && let Some(Frame::Case(pattern)) = frames.last_mut()
                    {
                        *pattern = true;
                        while matches!(self.byte(0), Some(b';' | b'&')) {
                            self.advance(1);
                        }
                    }
                }
                b'&' if self.byte(1) == Some(b'>') => self.redirection(&mut pending),
                b'&' | b'|' => {
                    match frames.last() {
                        // `a | b)` are two patterns.
                        Some(Frame::Case(true)) => pending = Pending::default(),
                        _ => self.finish(&mut pending, &mut frames),
                    }
                    self.advance(1);
                }
                b'(' => self.open(&mut pending, &mut frames),
                b')' => {
                    self.advance(1);
                    match frames.last_mut() {
                        Some(Frame::Case(pattern)) if *pattern => {
                            *pattern = false;
                            pending = Pending::default();
                        }
                        Some(Frame::Group(_)) => {
                            self.finish(&mut pending, &mut frames);
                            if let Some(Frame::Group(folder)) = frames.pop() {
                                self.folder = folder;
                            }
                        }
                        _ if closing => {
                            self.finish(&mut pending, &mut frames);
                            return;
                        }
                        // The end of a pattern whose `case` was not seen.
                        _ => pending = Pending::default(),
                    }
                }
                b'<' | b'>' => self.redirection(&mut pending),
                _ => self.take_word(&mut pending, &mut frames),
            }
        }
        self.finish(&mut pending, &mut frames);
    }

    /// True when the next line starts with an option: no program does, so somebody forgot the backslash, or a folded text of
    /// another format kept its line ends.
    fn option_follows(&self) -> bool {
        let next = self.text[self.at + 1..].trim_start_matches([' ', '\t']).as_bytes();
        matches!(next, [b'-', b'a'..=b'z' | b'A'..=b'Z', ..] | [b'-', b'-', b'a'..=b'z' | b'A'..=b'Z', ..])
    }

    fn open(&mut self, pending: &mut Pending, frames: &mut Vec<Frame>) {
        if matches!(frames.last(), Some(Frame::Case(true))) {
            self.advance(1);
            return;
        }
        if pending.words.is_empty() && self.byte(1) == Some(b'(') && self.skip_arithmetic() {
            return;
        }
        self.advance(1);
        if pending.words.len() == 1 {
            // `name () { … }`: the commands of a function are taken as if it were called.
            let rest = self.text[self.at..].trim_start_matches([' ', '\t']);
            if rest.starts_with(')') {
                self.at = self.text.len() - rest.len() + 1;
                self.functions.extend(std::mem::take(pending).words.into_iter().map(|word| word.text));
                return;
            }
        }
        self.finish(pending, frames);
        frames.push(Frame::Group(self.folder.clone()));
    }

    fn take_word(&mut self, pending: &mut Pending, frames: &mut Vec<Frame>) {
        let line = self.line;
        let word = self.word();
        let digits = !word.quoted && !word.text.is_empty() && word.text.bytes().all(|b| b.is_ascii_digit());
        if digits && matches!(self.byte(0), Some(b'<' | b'>')) {
            return;
        }
        if !word.quoted && word.text.ends_with('=') && self.byte(0) == Some(b'(') {
            self.array(&word.text, line);
            return;
        }
        if pending.words.is_empty() {
            pending.line = line;
            if !word.quoted {
                let text = word.text.as_str();
                let is_pattern = matches!(frames.last(), Some(Frame::Case(true)));
                if OPENERS.contains(&text) && !is_pattern {
                    return;
                }
                if CLOSERS.contains(&text) {
                    if text == "esac" && matches!(frames.last(), Some(Frame::Case(_))) {
                        frames.pop();
                    }
                    return;
                }
                if text == "[[" && self.skip_past("]]") {
                    return;
                }
            }
        }
        pending.words.push(word);
        match pending.words.as_slice() {
            [first, _, third] if first.is("case") && third.is("in") => {
                frames.push(Frame::Case(true));
                *pending = Pending::default();
            }
            [first, name] if first.is("function") => {
                self.functions.insert(name.text.clone());
                *pending = Pending::default();
            }
            _ => {}
        }
    }

    /// Ends the current command.
    fn finish(&mut self, pending: &mut Pending, frames: &mut [Frame]) {
        let Pending { words, line, documents } = std::mem::take(pending);
        if matches!(frames.last(), Some(Frame::Case(true))) {
            return;
        }
        let Some(first) = words.first() else { return };
        if ["for", "select", "case", "function"].iter().any(|word| first.is(word)) {
            return;
        }
        let assigned = words.iter().take_while(|word| assignment(&word.text).is_some()).count();
        let assignments: Vec<_> = words[..assigned].iter().filter_map(|word| self.assigned(&word.text)).collect();
        let words = self.expand(&words[assigned..]);
        let Some(program) = words.first() else {
            for (name, value) in assignments {
                self.set(name, value, line);
            }
            return;
        };
        match program.as_str() {
            "export" | "declare" | "readonly" | "local" | "typeset" => {
                let assigned: Vec<_> = words.iter().filter_map(|word| self.assigned(word)).collect();
                for (name, value) in assigned {
                    self.set(name, value, line);
                }
            }
            "cd" | "pushd" => self.change_folder(words.iter().skip(1).find(|word| !word.starts_with('-'))),
            _ => {}
        }
        let before = self.out.script.commands.len();
        let command = Simple { words, assignments, line, folder: self.folder.clone() };
        wrappers::emit(command, &self.variables, self.out);
        let last = self.out.script.commands[before..].last().map(|command| command.words.as_slice());
        let owner_is_shell = last.is_some_and(|words| words.first().is_some_and(|word| is_shell(base_name(word))));
        for document in self.documents.iter_mut().rev().take(documents) {
            document.owner_is_shell = owner_is_shell;
        }
    }

    /// Name and value that a word sets; `NAME+=more` adds to what is known.
    fn assigned(&self, word: &str) -> Option<(String, String)> {
        let (name, value) = assignment(word)?;
        let before = self.variables.get(name).filter(|_| word[name.len()..].starts_with('+'));
        Some((name.to_owned(), before.map_or_else(String::new, Clone::clone) + value))
    }

    fn set(&mut self, name: String, value: String, line: u32) {
        self.variables.insert(name.clone(), value.clone());
        self.out.script.variables.push((name, value, line));
    }

    fn change_folder(&mut self, target: Option<&String>) {
        self.folder = match (target, self.folder.take()) {
            // `cd "$(dirname "$0")"`: the script's own folder, which is where relative paths of a file start.
            (Some(target), _) if target.contains("dirname") => Some(".".to_owned()),
            (Some(target), _) if target.starts_with('/') && !target.contains(['$', '`']) => Some(target.clone()),
            (Some(target), Some(folder)) if !target.contains(['$', '`', '~']) && target != "-" => {
                Some(join(&folder, target))
            }
            _ => None,
        };
    }

    /// Replaces words that are one variable with the constant that it holds.
    fn expand(&self, words: &[Word]) -> Vec<String> {
        let mut expanded = Vec::with_capacity(words.len());
        for word in words {
            self.expand_word(&word.text, word.quoted && !word.text.contains('['), 0, &mut expanded);
        }
        // A quoted empty word can be an argument, never a program.
        while expanded.first().is_some_and(String::is_empty) {
            expanded.remove(0);
        }
        expanded
    }

    fn expand_word(&self, word: &str, quoted: bool, depth: u32, expanded: &mut Vec<String>) {
        let known =
            variable(word).filter(|_| depth < MAX_EXPANSION && expanded.len() < 1000).and_then(|(name, default)| {
                let value = self.variables.get(name).map(String::as_str);
                value.filter(|value| !value.contains(['`', '(']) && !value.is_empty()).or(default)
            });
        match known {
            None => expanded.push(word.to_owned()),
            Some(value) if quoted => expanded.push(value.to_owned()),
            Some(value) => {
                value.split_whitespace().for_each(|part| self.expand_word(part, false, depth + 1, expanded));
            }
        }
    }

    /// Reads one word; the current byte starts one.
    fn word(&mut self) -> Word {
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

    fn redirection(&mut self, pending: &mut Pending) {
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
    fn array(&mut self, start: &str, line: u32) {
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
    fn bodies(&mut self) {
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
    fn blanks(&mut self) {
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
    fn skip_past(&mut self, end: &'static str) -> bool {
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
    fn skip_arithmetic(&mut self) -> bool {
        let length =
            closing(&self.text[self.at..], *b"()").filter(|length| self.text[..self.at + length].ends_with("))"));
        length.is_some_and(|length| {
            self.advance(length);
            true
        })
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
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

    fn line_end(&self) -> usize {
        memchr::memchr(b'\n', &self.text.as_bytes()[self.at..]).map_or(self.text.len(), |length| self.at + length)
    }

    /// Moves on by `length` bytes, counting lines.
    fn advance(&mut self, length: usize) {
        self.line += newlines(&self.text[self.at..self.at + length]);
        self.at += length;
    }
}

impl Word {
    /// True when the word is this keyword, unquoted.
    fn is(&self, keyword: &str) -> bool {
        !self.quoted && self.text == keyword
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

/// Joins a folder and a relative path, resolving `.` and `..`.
fn join(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    let joined = parts.join("/");
    if folder.starts_with('/') { format!("/{joined}") } else { joined }
}
