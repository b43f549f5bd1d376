//! `use` declarations: the crates that they begin with, and the names that they bind.

use super::scan::{Form, Scan};
use super::tokens::Kind;

/// Nobody nests braces deeper.
const DEEPEST: u32 = 64;

/// How a tree begins: the first two parts of its paths.
#[derive(Debug, Clone, Copy)]
struct Start<'t> {
    head: &'t str,
    next: &'t str,
    at: usize,
    global: bool,
}

impl<'t> Scan<'t> {
    /// Reads what stands behind `use`; gives the token behind it.
    pub(super) fn imports(&mut self, at: usize) -> usize {
        self.tree(at, None, "", 0)
    }

    fn tree(&mut self, from: usize, start: Option<Start<'t>>, around: &'t str, depth: u32) -> usize {
        let (mut at, mut start, mut last) = (from, start, around);
        let mut global = start.is_some_and(|start| start.global);
        if self.tokens.kind(at) == Some(Kind::Path) {
            global = true;
            at += 1;
        }
        loop {
            match self.tokens.kind(at) {
                Some(Kind::Word) => {
                    let word = self.tokens.text(at);
                    match &mut start {
                        None => start = Some(Start { head: word, next: "", at, global }),
                        Some(start) if start.next.is_empty() => start.next = word,
                        Some(_) => {}
                    }
                    let before = std::mem::replace(&mut last, word);
                    at += 1;
                    if self.tokens.kind(at) == Some(Kind::Path) {
                        at += 1;
                        continue;
                    }
                    let own = if last == "self" { before } else { last };
                    let alias = if self.tokens.word(at) == Some("as") { self.tokens.word(at + 1) } else { None };
                    if let Some(start) = start {
                        self.leaf(start, alias.unwrap_or(own));
                    }
                    return if alias.is_some() { at + 2 } else { at };
                }
                Some(Kind::Open(b'{')) if depth < DEEPEST => {
                    let close = self.tokens.close(at);
                    let mut inner = at + 1;
                    if inner == close
                        && let Some(start) = start
                    {
                        self.head(start);
                    }
                    while inner < close {
                        let next = self.tree(inner, start, last, depth + 1).max(inner + 1);
                        inner = (next..close).find(|at| self.tokens.is(*at, b',')).map_or(close, |comma| comma + 1);
                    }
                    return close + 1;
                }
                Some(Kind::Sign(b'*')) => {
                    if let Some(start) = start {
                        self.glob(start);
                    }
                    return at + 1;
                }
                _ => {
                    if let Some(start) = start {
                        self.head(start);
                    }
                    return at;
                }
            }
        }
    }

    fn leaf(&mut self, start: Start<'t>, name: &'t str) {
        self.head(start);
        // `use x_macros::x` brings a macro: in front of `::` the name stays the crate's.
        let macros = start.head.strip_prefix(name).is_some_and(|rest| rest.starts_with('_'));
        if !(self.is_conditional(start.at) || macros) || name == start.head {
            let scope = self.own_scope();
            self.scopes.bind(scope, name, start.head);
        }
    }

    fn glob(&mut self, start: Start<'t>) {
        self.head(start);
        let local = matches!(start.head, "crate" | "self" | "super") || start.head.starts_with(char::is_uppercase);
        if local {
            let scope = self.own_scope();
            self.scopes.glob(scope, start.head == "super" && start.next.is_empty());
        }
    }

    fn head(&mut self, start: Start<'t>) {
        let next = if start.next == "self" { "" } else { start.next };
        self.found(start.head, next, start.at, start.global, Form::Import);
    }
}
