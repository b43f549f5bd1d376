//! One pass over the tokens of a file: paths that may begin with a crate's name, modules, macros, and what only tests have.

use super::attributes::Pending;
use super::scopes::{FILE, Scopes};
use super::tokens::{Kind, Tokens};
use std::ops::Range;

/// How a name was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Form {
    /// `use x`, `extern crate x`: what stands there is a name that has to exist.
    Import,
    /// The first part of a path anywhere else.
    Path,
    /// A path in the string of an attribute.
    Text,
}

/// A name that may be a crate's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'t> {
    pub(super) head: &'t str,
    /// The part behind it; empty when there is none.
    pub(super) next: &'t str,
    pub(super) offset: usize,
    pub(super) scope: u32,
    pub(super) dev: bool,
    /// Written with `::` in front: nothing local can be meant.
    pub(super) global: bool,
    pub(super) form: Form,
}

/// Another file that belongs to this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// What leads there.
    pub(super) by: By,
    /// Path as written, or the module's name with the names of the modules around it.
    pub(super) path: String,
    pub(super) offset: usize,
    pub(super) dev: bool,
}

/// What leads to another file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// `mod x;`
    Module,
    /// `#[path = "…"] mod x;`
    Path,
    /// `include!("…")`
    Include,
    /// `#[doc = include_str!("…")]`
    Doc,
}

/// A call of a macro.
#[derive(Debug)]
pub(super) struct Call<'t> {
    pub(super) name: &'t str,
    /// The tokens between its brackets.
    pub(super) arguments: Range<usize>,
    pub(super) offset: usize,
    pub(super) dev: bool,
}

/// A macro that other crates can call.
#[derive(Debug)]
pub(super) struct Macro<'t> {
    pub(super) name: &'t str,
    /// The tokens of its rules.
    pub(super) rules: Range<usize>,
    pub(super) offset: usize,
}

/// What a file says.
#[derive(Debug)]
pub(super) struct Scan<'t> {
    pub(super) tokens: Tokens<'t>,
    pub(super) scopes: Scopes<'t>,
    pub(super) candidates: Vec<Candidate<'t>>,
    pub(super) links: Vec<Link>,
    pub(super) calls: Vec<Call<'t>>,
    pub(super) macros: Vec<Macro<'t>>,
    /// String literals that hold paths or speak of the build, with their offsets.
    pub(super) strings: Vec<(&'t str, usize)>,
    /// String literals that are a name and handed to a function (`crate_name("x")`), with their offsets.
    pub(super) handed: Vec<(&'t str, usize)>,
    /// Where code is taken in that the build writes.
    pub(super) generated: Option<usize>,
    /// The whole file is for tests (`#![cfg(test)]`).
    pub(super) dev: bool,
    frames: Vec<Frame<'t>>,
    /// Everything before this token is for tests.
    dev_until: usize,
    /// Everything before this token stands under a condition, seen from this scope.
    conditional: (usize, u32),
    pub(super) pending: Pending<'t>,
    /// The token behind the last attribute: a path there continues nothing.
    behind_attribute: usize,
}

/// Braces that are open.
#[derive(Debug)]
struct Frame<'t> {
    close: usize,
    scope: u32,
    /// The module's name, when they are a module's.
    module: Option<&'t str>,
    /// False while the scope is that of the frame around.
    own: bool,
}

impl<'t> Scan<'t> {
    /// Reads a text.
    pub(super) fn of(text: &'t str) -> Self {
        let mut scan = Self {
            tokens: Tokens::of(text),
            scopes: Scopes::new(),
            candidates: Vec::new(),
            links: Vec::new(),
            calls: Vec::new(),
            macros: Vec::new(),
            strings: Vec::new(),
            handed: Vec::new(),
            generated: None,
            dev: false,
            frames: Vec::new(),
            dev_until: 0,
            conditional: (0, FILE),
            pending: Pending::default(),
            behind_attribute: 0,
        };
        let mut at = 0;
        while at < scan.tokens.len() {
            at = scan.step(at).max(at + 1);
        }
        scan
    }

    /// Reads what begins at a token; gives the next one to look at.
    fn step(&mut self, at: usize) -> usize {
        while self.frames.last().is_some_and(|frame| frame.close <= at) {
            self.frames.pop();
        }
        let Some(kind) = self.tokens.kind(at) else { return at + 1 };
        if kind == Kind::Sign(b'#')
            && let Some(next) = self.attribute(at)
        {
            self.behind_attribute = next;
            return next;
        }
        let item = std::mem::take(&mut self.pending);
        if item.dev || item.conditional {
            let end = self.item_end(at);
            if item.dev {
                self.dev_until = self.dev_until.max(end);
            }
            self.conditional = (end, self.scope());
        }
        match kind {
            Kind::Open(b'{') => {
                let scope = self.scope();
                self.frames.push(Frame { close: self.tokens.close(at), scope, module: None, own: false });
                at + 1
            }
            Kind::Path => {
                if self.is_global(at) {
                    self.path(at + 1, true);
                }
                at + 1
            }
            Kind::Text => {
                self.string(at);
                at + 1
            }
            Kind::Word => self.word(at, &item),
            _ => at + 1,
        }
    }

    fn word(&mut self, at: usize, item: &Pending<'t>) -> usize {
        let tokens = &self.tokens;
        match tokens.text(at) {
            "use" if !tokens.is(at + 1, b'<') => self.imports(at + 1),
            "extern" if tokens.word(at + 1) == Some("crate") => self.extern_crate(at + 2),
            "mod" if tokens.word(at + 1).is_some() => self.module(at + 1, item),
            "macro_rules" if tokens.is(at + 1, b'!') => self.define(at + 2, item),
            "struct" | "enum" | "union" | "trait" | "type" => {
                if let Some(name) = tokens.word(at + 1).filter(|name| name.starts_with(|c: char| c.is_lowercase())) {
                    let scope = self.scope();
                    self.scopes.bind(scope, name, "");
                }
                at + 1
            }
            _ if tokens.kind(at + 1) == Some(Kind::Path) => {
                if !self.continues(at) {
                    self.path(at, false);
                }
                at + 1
            }
            name if tokens.is(at + 1, b'!') && matches!(tokens.kind(at + 2), Some(Kind::Open(_))) => {
                self.call(name, at);
                at + 2
            }
            _ => at + 1,
        }
    }

    /// The innermost scope.
    pub(super) fn scope(&self) -> u32 {
        self.frames.last().map_or(FILE, |frame| frame.scope)
    }

    /// The innermost scope, made for what is about to be bound in it.
    pub(super) fn own_scope(&mut self) -> u32 {
        let Some(frame) = self.frames.last_mut() else { return FILE };
        if !frame.own {
            frame.scope = self.scopes.open(frame.scope, false);
            frame.own = true;
        }
        frame.scope
    }

    /// Whether the token belongs to what only tests have.
    pub(super) fn is_dev(&self, at: usize) -> bool {
        self.dev || at < self.dev_until
    }

    /// Whether the token stands under a condition that its scope as a whole does not.
    pub(super) fn is_conditional(&self, at: usize) -> bool {
        at < self.conditional.0 && self.conditional.1 == self.scope()
    }

    /// Marks what is around the token (a module, the file) as something that only tests have.
    pub(super) fn all_dev(&mut self) {
        match self.frames.last() {
            Some(frame) => self.dev_until = self.dev_until.max(frame.close),
            None => self.dev = true,
        }
    }

    /// Marks a range as something that only tests have.
    pub(super) fn dev_up_to(&mut self, end: usize) -> usize {
        let before = self.dev_until;
        self.dev_until = before.max(end);
        before
    }

    pub(super) fn set_dev_until(&mut self, until: usize) {
        self.dev_until = until;
    }

    /// True for the second part of a path, a method, a macro's variable: anything that is no first part.
    fn continues(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else { return false };
        match self.tokens.kind(before) {
            Some(Kind::Path | Kind::Sign(b'$')) => true,
            // `x.y::<T>()` is a method; `..y::END` is a range.
            Some(Kind::Sign(b'.')) => !(before > 0 && self.tokens.is(before - 1, b'.')),
            _ => false,
        }
    }

    /// `::x`, with nothing in front that it could continue.
    fn is_global(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else { return true };
        match self.tokens.kind(before) {
            // In the arguments of a macro a path may stand behind any word; then there is a gap.
            Some(Kind::Word) => {
                let word = self.tokens.text(before);
                let end = self.tokens.offset(before) + word.len();
                KEYWORDS_BEFORE_PATHS.contains(&word) || end < self.tokens.offset(at)
            }
            Some(Kind::Sign(b'>')) => {
                before > 0 && matches!(self.tokens.kind(before - 1), Some(Kind::Sign(b'-' | b'=')))
            }
            Some(Kind::Close) => at == self.behind_attribute,
            _ => true,
        }
    }

    fn path(&mut self, at: usize, global: bool) {
        let Some(head) = self.tokens.word(at) else { return };
        let next =
            if self.tokens.kind(at + 1) == Some(Kind::Path) { self.tokens.word(at + 2).unwrap_or("") } else { "" };
        self.found(head, next, at, global, Form::Path);
    }

    /// A name that may be a crate's.
    pub(super) fn found(&mut self, head: &'t str, next: &'t str, at: usize, global: bool, form: Form) {
        // Crates begin with a small letter; types and variants do not.
        if !global && head.starts_with(char::is_uppercase) || NO_CRATES.contains(&head) {
            return;
        }
        let (offset, scope, dev) = (self.tokens.offset(at), self.scope(), self.is_dev(at));
        self.candidates.push(Candidate { head, next, offset, scope, dev, global, form });
    }

    fn extern_crate(&mut self, at: usize) -> usize {
        let Some(name) = self.tokens.word(at).filter(|name| *name != "self") else { return at };
        self.found(name, "", at, true, Form::Import);
        let alias = if self.tokens.word(at + 1) == Some("as") { self.tokens.word(at + 2) } else { None };
        let scope = self.own_scope();
        self.scopes.bind(scope, alias.unwrap_or(name), name);
        at + 1
    }

    /// `mod x;`, `mod x { … }`
    fn module(&mut self, at: usize, item: &Pending<'t>) -> usize {
        let name = self.tokens.text(at);
        let inline = self.tokens.is_open(at + 1, b'{');
        if !inline && !self.tokens.is(at + 1, b';') {
            return at;
        }
        let conditional = self.is_conditional(at);
        let scope = self.own_scope();
        if conditional {
            self.scopes.may_bind(scope, name);
        } else {
            self.scopes.bind(scope, name, "");
        }
        if inline {
            let around = self.scope();
            let scope = self.scopes.open(around, true);
            let close = self.tokens.close(at + 1);
            self.frames.push(Frame { close, scope, module: Some(name), own: true });
            return at + 2;
        }
        let (dev, offset) = (self.is_dev(at), self.tokens.offset(at));
        let mut around: Vec<&str> = self.frames.iter().filter_map(|frame| frame.module).collect();
        for path in &item.paths {
            let path = if around.is_empty() { (*path).to_owned() } else { format!("{}/{path}", around.join("/")) };
            self.links.push(Link { by: By::Path, path, offset, dev });
        }
        if item.paths.is_empty() || item.path_is_conditional {
            around.push(name);
            self.links.push(Link { by: By::Module, path: around.join("/"), offset, dev });
        }
        at + 2
    }

    fn define(&mut self, at: usize, item: &Pending<'t>) -> usize {
        let Some(name) = self.tokens.word(at) else { return at };
        self.scopes.may_bind(FILE, name);
        if let Some(Kind::Open(_)) = self.tokens.kind(at + 1)
            && item.exported
        {
            let rules = at + 2..self.tokens.close(at + 1);
            self.macros.push(Macro { name, rules, offset: self.tokens.offset(at) });
        }
        at + 1
    }

    /// A call of a macro.
    pub(super) fn call(&mut self, name: &'t str, at: usize) {
        let arguments = at + 3..self.tokens.close(at + 2);
        let (offset, dev) = (self.tokens.offset(at), self.is_dev(at));
        if name == "include" {
            match self.tokens.string(arguments.start) {
                Some(path) => self.links.push(Link { by: By::Include, path: path.to_owned(), offset, dev }),
                None => self.generated = self.generated.or(Some(offset)),
            }
        } else if name.starts_with("include_") && !matches!(name, "include_str" | "include_bytes") {
            self.generated = self.generated.or(Some(offset));
        }
        if !COMMON_MACROS.contains(&name) {
            self.calls.push(Call { name, arguments, offset, dev });
        }
    }

    /// Strings of build scripts and procedural macros become code.
    fn string(&mut self, at: usize) {
        let Some(text) = self.tokens.string(at) else { return };
        if text.contains("::")
            || text.starts_with("CARGO_FEATURE_")
            || text.starts_with("DEP_")
            || text.contains("extern crate ")
        {
            self.strings.push((text, self.tokens.offset(at)));
        } else if self.is_handed(at) && is_package_name(text) {
            self.handed.push((text, self.tokens.offset(at)));
        }
    }

    /// Whether a literal is the first argument of a call that may make a name of it, and not one that compares.
    fn is_handed(&self, at: usize) -> bool {
        let first = at >= 2 && self.tokens.is_open(at - 1, b'(');
        let callee = if first && self.tokens.is(at - 2, b'!') { at.checked_sub(3) } else { at.checked_sub(2) };
        let Some(callee) = callee.filter(|_| first).and_then(|callee| self.tokens.word(callee)) else { return false };
        !COMPARING.contains(&callee) && !COMMON_MACROS.contains(&callee)
    }

    /// The token behind what begins here: an item, a statement, a field, a variant.
    fn item_end(&self, start: usize) -> usize {
        let tokens = &self.tokens;
        let end = self.frames.last().map_or(tokens.len(), |frame| frame.close);
        let mut first = start;
        // `pub`, `pub(crate)`, `unsafe`, `async` … stand before what the item is.
        while matches!(tokens.word(first), Some("pub" | "unsafe" | "async" | "default" | "extern")) {
            first += 1;
            if matches!(tokens.kind(first), Some(Kind::Open(b'('))) {
                first = tokens.close(first) + 1;
            } else if matches!(tokens.kind(first), Some(Kind::Text)) {
                first += 1;
            }
        }
        let word = tokens.word(first).unwrap_or("");
        let item = ITEMS.contains(&word);
        let to_semicolon =
            matches!(word, "use" | "const" | "static" | "type" | "let") && tokens.word(first + 1) != Some("fn");
        let mut at = start;
        while at < end {
            match tokens.kind(at) {
                Some(Kind::Sign(b';')) => return at + 1,
                Some(Kind::Sign(b',')) if !item => return at + 1,
                Some(Kind::Open(b'{')) if !to_semicolon => return tokens.close(at) + 1,
                Some(Kind::Open(_)) => at = tokens.close(at),
                Some(Kind::Close) => return at,
                _ => {}
            }
            at += 1;
        }
        end
    }
}

/// Words that begin an item; in front of a field or variant stands none of them.
const ITEMS: &[&str] = &[
    "fn",
    "mod",
    "struct",
    "enum",
    "union",
    "trait",
    "impl",
    "use",
    "const",
    "static",
    "type",
    "let",
    "macro_rules",
    "macro",
    "crate",
];

/// Keywords that a path can stand behind.
const KEYWORDS_BEFORE_PATHS: &[&str] = &[
    "as",
    "break",
    "const",
    "dyn",
    "else",
    "for",
    "if",
    "impl",
    "in",
    "let",
    "match",
    "move",
    "mut",
    "ref",
    "return",
    "unsafe",
    "use",
    "where",
    "while",
    "yield",
    "crate_in_paths",
    "pub",
    "await",
    "box",
    "raw",
];

/// First parts of paths that are no crate of a registry: the language's own, and its primitive types.
const NO_CRATES: &[&str] = &[
    "crate",
    "self",
    "super",
    "Self",
    "std",
    "core",
    "alloc",
    "proc_macro",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "f16",
    "f32",
    "f64",
    "f128",
    "str",
    "char",
    "bool",
    "clippy",
    "rustdoc",
    "rustfmt",
    "diagnostic",
    "_",
];

/// Functions that only look whether something has a name.
const COMPARING: &[&str] = &[
    "is_ident",
    "eq",
    "ne",
    "contains",
    "starts_with",
    "ends_with",
    "strip_prefix",
    "strip_suffix",
    "expect",
    "push_str",
    "peek",
    "var",
    "var_os",
];

/// Whether a text may be the name of a package.
fn is_package_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// Macros of the standard library, which name no crate.
const COMMON_MACROS: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "cfg",
    "column",
    "compile_error",
    "concat",
    "dbg",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "env",
    "eprint",
    "eprintln",
    "file",
    "format",
    "format_args",
    "include",
    "include_bytes",
    "include_str",
    "line",
    "matches",
    "module_path",
    "option_env",
    "panic",
    "print",
    "println",
    "stringify",
    "thread_local",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];
