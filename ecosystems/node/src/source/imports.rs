//! Imports and exports: the statements, `import()`, `require` and what works like them.

use super::bytes::plain;
use super::found::Found;
use super::lex::{Kind, Token};
use super::scan::{Detail, Scan};
use depslim_model::{How, Strength};
use std::borrow::Cow;

/// More words than any import has between its braces.
const LONGEST: usize = 20_000;

/// The names that one statement takes out of a module.
#[derive(Default)]
struct Clause<'a> {
    /// (member, local name); the member `*` is the whole module.
    names: Vec<(&'a str, &'a [u8])>,
    /// Only types are taken.
    types: bool,
}

impl<'a> Scan<'a> {
    pub(super) fn import(&mut self, token: Token) {
        let next = self.peek(0);
        match next.kind {
            Kind::Sign(b'(') => self.import_call(token),
            Kind::Sign(b'.') => self.import_meta(token),
            Kind::Text => {
                if let Some(module) = plain(self.lexer.slice(next)) {
                    self.add(How::Import, module, "", self.need(), token.start);
                }
            }
            Kind::Word | Kind::Object | Kind::Block | Kind::Sign(b'*') => self.import_statement(token),
            _ => {}
        }
    }

    fn import_statement(&mut self, token: Token) {
        let mut clause = Clause::default();
        // `import type X from`, but also `import type from` and `import type, { y } from`.
        if self.peek_word(0) == b"type" || self.peek_word(0) == b"typeof" {
            let second = self.peek(1);
            let second_word = self.peek_word(1);
            clause.types = matches!(second.kind, Kind::Object | Kind::Block | Kind::Sign(b'*'))
                || (second.kind == Kind::Word && (second_word != b"from" || self.peek_word(2) == b"from"));
            if clause.types {
                self.skip();
            }
        }
        if self.peek(0).kind == Kind::Word {
            let local = self.peek_word(0);
            match self.peek(1).kind {
                // `import x = require("y")`
                Kind::Sign(b'=') => return self.import_equals(token, local, clause.types),
                Kind::Word if self.peek_word(1) == b"from" => {}
                Kind::Sign(b',') => {}
                _ => return,
            }
            clause.names.push(("default", local));
            self.skip();
            if self.peek_is(0, b',') {
                self.skip();
            }
        }
        match self.peek(0).kind {
            Kind::Sign(b'*') if self.peek_word(1) == b"as" => {
                let local = self.peek_word(2);
                clause.names.push(("*", local));
                (0..3).for_each(|_| self.skip());
            }
            Kind::Object | Kind::Block => self.members(&mut clause),
            _ => {}
        }
        if self.peek_word(0) != b"from" || self.peek(1).kind != Kind::Text {
            return;
        }
        let source = self.peek(1);
        if let Some(module) = plain(self.lexer.slice(source)) {
            self.take_clause(&clause, module, token.start);
        }
    }

    fn import_equals(&mut self, token: Token, local: &'a [u8], types: bool) {
        let (call, open, source) = (self.peek_word(2), self.peek_is(3, b'('), self.peek(4));
        if call != b"require" || !open || source.kind != Kind::Text {
            return;
        }
        (0..3).for_each(|_| self.skip());
        if let Some(module) = plain(self.lexer.slice(source)) {
            let need = if types { Strength::Types } else { self.need() };
            self.add(How::Import, module, "", need, token.start);
            self.bindings.bind(local, module, None);
        }
    }

    /// `{ a, b as c, type D, "e" as f }`, braces included.
    fn members(&mut self, clause: &mut Clause<'a>) {
        self.skip();
        let (mut all, mut types) = (0, 0);
        for _ in 0..LONGEST {
            let token = self.take();
            match token.kind {
                Kind::Close | Kind::End => break,
                Kind::Word | Kind::Text => {
                    let mut named = token;
                    let after = self.peek(0).kind;
                    let is_type = self.lexer.slice(token) == b"type"
                        && (after == Kind::Text
                            || (after == Kind::Word && (self.peek_word(0) != b"as" || self.peek_word(1) == b"as")));
                    if is_type {
                        named = self.take();
                        types += 1;
                    }
                    all += 1;
                    let text = self.lexer.slice(named);
                    let member = if named.kind == Kind::Text { plain(text) } else { std::str::from_utf8(text).ok() };
                    let mut local = text;
                    if self.peek_word(0) == b"as" {
                        self.skip();
                        local = self.peek_word(0);
                        self.skip();
                    }
                    if let Some(member) = member.filter(|_| !is_type) {
                        clause.names.push((member, local));
                    }
                }
                _ => {}
            }
        }
        // An import of types alone leaves nothing to load; an empty one loads the module.
        clause.types |= all > 0 && all == types;
    }

    fn take_clause(&mut self, clause: &Clause<'a>, module: &'a str, at: usize) {
        let need = if clause.types { Strength::Types } else { self.need() };
        self.add(How::Import, module, "", need, at);
        for (member, local) in &clause.names {
            match *member {
                "*" => self.bindings.bind(local, module, None),
                "default" => {
                    self.bindings.bind(local, module, None);
                }
                member => {
                    self.bindings.bind(local, module, Some(member));
                    self.add_name(module, member, need, at);
                }
            }
        }
    }

    pub(super) fn export(&mut self, token: Token) {
        let mut clause = Clause::default();
        let mut skipped = 0;
        if self.peek_word(0) == b"type" && matches!(self.peek(1).kind, Kind::Object | Kind::Block | Kind::Sign(b'*')) {
            clause.types = true;
            skipped = 1;
        }
        match self.peek(skipped).kind {
            Kind::Sign(b'*') => {
                (0..=skipped).for_each(|_| self.skip());
                if self.peek_word(0) == b"as" {
                    self.skip();
                    self.skip();
                }
                clause.names.push(("*", b""));
            }
            Kind::Object | Kind::Block => {
                (0..skipped).for_each(|_| self.skip());
                self.members(&mut clause);
            }
            _ => return,
        }
        if self.peek_word(0) != b"from" || self.peek(1).kind != Kind::Text {
            return;
        }
        let source = self.peek(1);
        let Some(module) = plain(self.lexer.slice(source)) else { return };
        let need = if clause.types { Strength::Types } else { self.need() };
        self.add(How::Import, module, "", need, token.start);
        for (member, _) in &clause.names {
            self.add_name(module, member, need, token.start);
        }
    }

    /// `import("x")`
    fn import_call(&mut self, token: Token) {
        let source = self.peek(1);
        let constant = self.constant(source, 2);
        let after = if constant.is_some() && self.peek_is(2, b')') { 3 } else { 0 };
        let mut need = self.need().min(Strength::Lazy);
        if after > 0 && matches!(self.peek(after).kind, Kind::Sign(b'.') | Kind::Chain) {
            match self.peek_word(after + 1) {
                b"catch" => need = need.min(Strength::Optional),
                // A type: `import("x").Y`.
                member
                    if self.dialect.types
                        && !matches!(member, b"then" | b"finally" | b"default")
                        && self.word_before(0) != b"await" =>
                {
                    need = Strength::Types;
                }
                _ => {}
            }
        }
        if self.word_before(0) == b"typeof" || self.word_before(0) == b"keyof" {
            need = Strength::Types;
        }
        match constant {
            Some(module) => {
                self.add(How::Dynamic, module, "import", need, token.start);
                if need > Strength::Types {
                    let awaited = usize::from(self.word_before(0) == b"await");
                    self.bind_call(module, awaited);
                }
            }
            None => self.computed(source, "import", need, token.start),
        }
    }

    /// `import.meta.resolve("x")`
    fn import_meta(&mut self, token: Token) {
        if self.peek_word(1) == b"meta"
            && self.peek_is(2, b'.')
            && self.peek_word(3) == b"resolve"
            && self.peek_is(4, b'(')
        {
            let source = self.peek(5);
            match self.constant(source, 6) {
                Some(module) => {
                    self.add(How::Dynamic, module, "import.meta.resolve", self.need().min(Strength::Lazy), token.start);
                }
                None => self.computed(source, "import.meta.resolve", Strength::Lazy, token.start),
            }
        }
    }

    /// `require("x")`, `require.resolve("x")`
    pub(super) fn require(&mut self, token: Token) {
        let need = self.need();
        let (at, function) = match self.peek(0).kind {
            Kind::Sign(b'(') => (1, "require"),
            Kind::Sign(b'.') if self.peek_word(1) == b"resolve" && self.peek_is(2, b'(') => (3, "require.resolve"),
            _ => return,
        };
        let source = self.peek(at);
        match self.constant(source, at + 1) {
            Some(module) if at == 1 => {
                self.add(How::Import, module, "", need, token.start);
                self.bind_require(module, need, token.start);
            }
            Some(module) => self.add(How::Dynamic, module, function, need.min(Strength::Lazy), token.start),
            None if source.kind == Kind::End || source.is(b')') => {}
            None => self.computed(source, function, need.min(Strength::Lazy), token.start),
        }
    }

    /// What the result of `require("x")` is called, and what is taken out of it.
    fn bind_require(&mut self, module: &'a str, need: Strength, at: usize) {
        if self.detail == Detail::Imports {
            return;
        }
        match self.peek(3).kind {
            Kind::Sign(b'.') | Kind::Chain => {
                if let Ok(member) = std::str::from_utf8(self.peek_word(4))
                    && !member.is_empty()
                {
                    self.add_name(module, member, need, at);
                    if self.back[0].is(b'=') && self.back[1].kind == Kind::Word {
                        self.bindings.bind(self.word_before(1), module, Some(member));
                    }
                }
            }
            Kind::Sign(b'(') => self.add_name(module, "default", need, at),
            _ => self.bind_call(module, 0),
        }
    }

    /// `name = call(…)` and `{ a, b: c } = call(…)`, `skipped` words before the call left out.
    fn bind_call(&mut self, module: &'a str, skipped: usize) {
        if self.detail == Detail::Imports || !self.back[skipped].is(b'=') {
            return;
        }
        let target = self.back[skipped + 1];
        match target.kind {
            Kind::Word => self.bindings.bind(self.lexer.slice(target), module, None),
            Kind::Close if self.braces.0 <= self.braces.1 => {
                let pattern = &self.lexer.text[self.braces.0..self.braces.1];
                for part in pattern.split(|byte| *byte == b',').take(200) {
                    let part = part.split(|byte| *byte == b'=').next().unwrap_or_default();
                    let mut names = part.splitn(2, |byte| *byte == b':').map(<[u8]>::trim_ascii);
                    let member = names.next().unwrap_or_default();
                    let local = names.next().unwrap_or(member);
                    if let Some(member) = std::str::from_utf8(member).ok().filter(|name| is_name(name)) {
                        self.bindings.bind(local, module, Some(member));
                        self.add_name(module, member, Strength::Lazy, target.start);
                    }
                }
            }
            _ => {}
        }
    }

    /// `name = createRequire(…)`, `before` tokens of `module.` in between.
    pub(super) fn made_require(&mut self, before: usize) {
        if self.peek_is(0, b'(') && self.back[before].is(b'=') && self.back[before + 1].kind == Kind::Word {
            let name = self.word_before(before + 1);
            if name != b"require" {
                self.bindings.add_require(name);
            }
        }
    }

    /// `new URL("x", import.meta.url)`: a file beside this one.
    pub(super) fn url(&mut self, token: Token) {
        let source = self.peek(1);
        if self.word_before(0) != b"new"
            || !self.peek_is(0, b'(')
            || source.kind != Kind::Text
            || !self.peek_is(2, b',')
            || self.peek_word(3) != b"import"
            || self.peek_word(5) != b"meta"
        {
            return;
        }
        let Some(text) = plain(self.lexer.slice(source)) else { return };
        if text.contains("://") || text.starts_with('/') || text.is_empty() {
            return;
        }
        let name = if text.starts_with('.') { Cow::Borrowed(text) } else { Cow::Owned(format!("./{text}")) };
        let need = self.need().min(Strength::Lazy);
        self.found.push(Found { how: How::Dynamic, name, value: "new URL".into(), strength: need, at: token.start });
    }

    /// `jest.mock("x")` and its kin.
    pub(super) fn mock(&mut self, token: Token) {
        let method = self.peek_word(1);
        let known: &[&[u8]] = &[
            b"mock",
            b"doMock",
            b"unmock",
            b"dontMock",
            b"setMock",
            b"requireActual",
            b"requireMock",
            b"createMockFromModule",
            b"genMockFromModule",
            b"importActual",
            b"importMock",
            b"unstable_mockModule",
        ];
        if !self.peek_is(0, b'.') || !known.contains(&method) {
            return;
        }
        // `vi.importActual<typeof import("x")>("x")` names it twice.
        if self.peek_is(2, b'(') {
            let source = self.peek(3);
            if let Some(module) = self.constant(source, 4) {
                self.add(How::Dynamic, module, "mock", self.need().min(Strength::Lazy), token.start);
            }
        }
    }

    /// `new Worker("./x.js")`, `proxyquire("./x", …)`: files by their paths.
    pub(super) fn loader(&mut self, token: Token) {
        let source = self.peek(1);
        if self.peek_is(0, b'(')
            && let Some(path) = self.constant(source, 2)
            && path.starts_with("./")
        {
            self.add(How::Dynamic, path, "load", self.need().min(Strength::Lazy), token.start);
        }
    }

    /// The text of a constant argument: a string with `)` or `,` behind it.
    fn constant(&mut self, token: Token, after: usize) -> Option<&'a str> {
        if token.kind != Kind::Text || !matches!(self.peek(after).kind, Kind::Sign(b')' | b',')) {
            return None;
        }
        plain(self.lexer.slice(token)).filter(|text| !text.is_empty())
    }

    /// A computed name, with the constant text that it begins with.
    fn computed(&mut self, source: Token, function: &'a str, need: Strength, at: usize) {
        let text = self.lexer.slice(source);
        let prefix = match source.kind {
            Kind::Text => plain(text),
            Kind::TemplateHead => {
                text.get(1..text.len().saturating_sub(2)).and_then(|text| std::str::from_utf8(text).ok())
            }
            _ => None,
        };
        self.add(How::Computed, function, prefix.unwrap_or_default(), need, at);
    }

    pub(super) fn add(&mut self, how: How, name: &'a str, value: &'a str, strength: Strength, at: usize) {
        self.found.push(Found { how, name: name.into(), value: value.into(), strength, at });
    }

    pub(super) fn add_name(&mut self, module: &str, member: &str, strength: Strength, at: usize) {
        if self.detail != Detail::Imports && !module.starts_with('.') {
            let name = Cow::Owned(format!("{module}/{member}"));
            self.found.push(Found { how: How::Name, name, value: "".into(), strength, at });
        }
    }

    /// Takes a token that needs no more looking at.
    fn skip(&mut self) {
        let token = self.take();
        self.note(token);
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$')
}
