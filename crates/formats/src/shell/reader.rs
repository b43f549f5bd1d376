//! One pass over a shell text: tokens to simple commands.

use super::words::{assignment, variable};
use super::{Output, Simple, base_name, is_shell, wrappers};
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Reader<'t, 'o> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) line: u32,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) folder: Option<String>,
    /// Quotes of this kind are not closed anywhere behind: they are taken as characters.
    pub(super) open_single: bool,
    pub(super) open_double: bool,
    /// What [`Reader::skip_past`] looked for in vain: it need not look again.
    pub(super) missing: Vec<&'static str>,
    pub(super) documents: Vec<Document>,
    /// Functions that the text defines: calling one runs no program.
    functions: BTreeSet<String>,
    pub(super) out: &'o mut Output,
}

/// A here-document whose body starts behind the current line.
pub(super) struct Document {
    pub(super) delimiter: String,
    pub(super) tabs: bool,
    pub(super) owner_is_shell: bool,
}

/// A command that is being read.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) words: Vec<Word>,
    pub(super) line: u32,
    pub(super) documents: usize,
}

pub(super) struct Word {
    pub(super) text: String,
    pub(super) quoted: bool,
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
    pub(super) fn list(&mut self, closing: bool) {
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
    pub(super) fn assigned(&self, word: &str) -> Option<(String, String)> {
        let (name, value) = assignment(word)?;
        let before = self.variables.get(name).filter(|_| word[name.len()..].starts_with('+'));
        Some((name.to_owned(), before.map_or_else(String::new, Clone::clone) + value))
    }

    pub(super) fn set(&mut self, name: String, value: String, line: u32) {
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
}

impl Word {
    /// True when the word is this keyword, unquoted.
    fn is(&self, keyword: &str) -> bool {
        !self.quoted && self.text == keyword
    }
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
