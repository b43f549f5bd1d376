//! Shell text to simple commands with their lines.
//!
//! The reading follows the POSIX shell command language (quoting, operators, here-documents, compound commands) with the
//! additions of bash that scripts rely on (`[[ … ]]`, `<(…)`, arrays, `$'…'`). It takes anything: what a shell would refuse
//! (templates, half a script) still gives the commands that can be told. Nothing is expanded but constants that the same text
//! assigns, and only where a whole word is one variable.

mod reader;
mod table;
mod tokens;
mod words;
mod wrappers;

pub use words::{is_assignment, split};

use reader::Reader;
use std::collections::BTreeMap;

/// One simple command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Simple {
    /// The words after quoting; variables and substitutions stay as written. The first is the program, never empty.
    pub words: Vec<String>,
    /// Variables set for this command alone (`PORT=80 serve`).
    pub assignments: Vec<(String, String)>,
    /// Line on which it starts.
    pub line: u32,
    /// Folder it runs in when `cd` commands before it say so, relative to where the text started; `None` when a computed `cd`
    /// hides it. An absolute `cd` gives an absolute path, and `cd "$(dirname "$0")"` gives `.`, the script's own folder.
    pub folder: Option<String>,
}

/// What a text runs and sets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// The commands in the order of the text; a wrapper (`exec`, `sudo`, `tini --`, `sh -c`) comes before what it wraps.
    pub commands: Vec<Simple>,
    /// Variables that it sets or exports, with their lines; values as written.
    pub variables: Vec<(String, String, u32)>,
}

/// Reads a script whose first line has number 1.
pub fn read(text: &str) -> Script {
    read_at(text, 1, &BTreeMap::new())
}

/// Reads a script that begins on line `line` of its file, where `variables` are known to be set.
pub fn read_at(text: &str, line: u32, variables: &BTreeMap<String, String>) -> Script {
    let mut out = Output::new(text.len());
    Reader::new(text, line, variables.clone(), &mut out).run();
    out.script
}

/// The commands of an argument list that no shell touches (exec form): the command itself, and what it wraps.
pub fn exec(words: &[String], line: u32, variables: &BTreeMap<String, String>) -> Vec<Simple> {
    let mut out = Output::new(words.iter().map(String::len).sum());
    let command = Simple { words: words.to_vec(), line, folder: Some(String::new()), ..Simple::default() };
    wrappers::emit(command, variables, &mut out);
    out.script.commands
}

/// True for text that a POSIX-like shell runs: it starts with `#!` and names one.
pub fn is_script(text: &str) -> bool {
    let first = text.lines().next().unwrap_or("");
    let Some(line) = first.strip_prefix("#!") else { return false };
    let mut words = line.split_whitespace().map(base_name);
    let program = match words.next() {
        Some("env") => words.find(|word| !word.starts_with('-') && !is_assignment(word)),
        Some("with-contenv") => Some("sh"),
        other => other,
    };
    program.is_some_and(is_shell)
}

/// The last component of a program's path.
pub fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// True for the names of POSIX-like shells.
pub fn is_shell(program: &str) -> bool {
    matches!(program, "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh" | "mksh" | "busybox")
}

/// What is being collected, and how much more may be read: nested texts are read again from inside their quotes, so hostile
/// nesting would cost exponential time without a limit.
struct Output {
    script: Script,
    budget: usize,
    depth: u32,
}

impl Output {
    fn new(length: usize) -> Self {
        Self { script: Script::default(), budget: length.saturating_mul(16).saturating_add(1 << 16), depth: 0 }
    }

    /// Asks to read `length` more bytes one level deeper; [`Output::leave`] must follow when it says yes.
    fn enter(&mut self, length: usize) -> bool {
        let allowed = self.depth < MAX_DEPTH && length < self.budget;
        if allowed {
            self.budget -= length + 1;
            self.depth += 1;
        }
        allowed
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }
}

const MAX_DEPTH: u32 = 40;

#[cfg(test)]
mod tests;
