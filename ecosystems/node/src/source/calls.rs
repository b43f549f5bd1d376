//! Names reached through imports, calls with constant arguments, settings, URLs: what rules about packages look at.

use super::bytes::plain;
use super::found::{Found, Said};
use super::lex::{Kind, Token};
use super::scan::{Block, Detail, Scan};
use depslim_model::{How, Strength};
use std::borrow::Cow;

/// Longer strings are prose or data.
const LONGEST: usize = 120;

/// The folder that packages are installed in.
const MODULES: &str = "node_modules/";

/// Functions that run what their first argument says.
const RUNNERS: &[&[u8]] = &[
    b"exec",
    b"execSync",
    b"execFile",
    b"execFileSync",
    b"spawn",
    b"spawnSync",
    b"execa",
    b"execaSync",
    b"execaCommand",
    b"execaCommandSync",
    b"execPromise",
    b"execAsync",
    b"x",
];

/// Keys of lists that say how to treat packages which others use.
const HINTS: &[&[u8]] = &[
    b"transpilePackages",
    b"serverExternalPackages",
    b"serverComponentsExternalPackages",
    b"optimizePackageImports",
    b"external",
    b"externals",
    b"noExternal",
    b"optimizeDeps",
    b"manualChunks",
    b"dedupe",
    b"ignoreDependencies",
    b"nohoist",
];

/// `@scope/name`, or words with dashes between them.
fn is_package_name(text: &str) -> bool {
    let plain = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'_'))
    };
    match text.strip_prefix('@') {
        Some(scoped) => scoped.split_once('/').is_some_and(|(scope, name)| plain(scope) && plain(name)),
        None => text.len() > 4 && text.contains('-') && plain(text) && !text.ends_with('-'),
    }
}

/// What is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Callee<'a> {
    /// Something imported: `express/Router`.
    Known(String),
    /// A method of something unknown.
    Method(&'a [u8]),
}

impl<'a> Scan<'a> {
    /// A word that may stand for something imported.
    pub(super) fn name(&mut self, token: Token, word: &'a [u8]) {
        let Some(binding) = self.bindings.get(word) else { return };
        // `{ name: … }` is a key.
        let in_object = self.frames.last().is_some_and(|frame| frame.block == Block::Object);
        if in_object && self.peek_is(0, b':') && matches!(self.back[0].kind, Kind::Object | Kind::Sign(b',')) {
            return;
        }
        if binding.member.is_some() {
            return;
        }
        let need = self.need();
        match self.peek(0).kind {
            Kind::Sign(b'.') | Kind::Chain => {
                if let Ok(member) = std::str::from_utf8(self.peek_word(1))
                    && !member.is_empty()
                {
                    self.add_name(binding.module, member, need, token.start);
                }
            }
            _ => self.add_name(binding.module, "default", need, token.start),
        }
    }

    /// What the parenthesis that opens now calls.
    pub(super) fn callee(&self) -> Option<Callee<'a>> {
        let word = self.word_before(0);
        if word.is_empty() {
            return None;
        }
        if !matches!(self.back[1].kind, Kind::Sign(b'.') | Kind::Chain) {
            if matches!(word, b"define" | b"require" | b"requirejs") {
                return Some(Callee::Method(word));
            }
            let binding = self.bindings.get(word)?;
            return Some(Callee::Known(format!("{}/{}", binding.module, binding.member.unwrap_or("default"))));
        }
        let method = std::str::from_utf8(word).ok()?;
        let receiver = self.word_before(2);
        let plain = !matches!(self.back[3].kind, Kind::Sign(b'.') | Kind::Chain);
        match self.bindings.get(receiver).filter(|_| plain && !receiver.is_empty()) {
            Some(binding) => Some(Callee::Known(match binding.member {
                Some(member) => format!("{}/{member}/{method}", binding.module),
                None => format!("{}/{method}", binding.module),
            })),
            None => Some(Callee::Method(word)),
        }
    }

    /// A string: an argument, a setting's value, a URL.
    pub(super) fn text(&mut self, token: Token) {
        let Some(text) = plain(self.lexer.slice(token)) else { return };
        let next = self.peek(0).kind;
        let key = self.is_key(next);
        // What is imported is told as that.
        let imported = matches!(self.word_before(0), b"from" | b"import")
            || (self.back[0].is(b'(') && matches!(self.word_before(1), b"require" | b"import"));
        if self.detail == Detail::Strings && !imported {
            let path = self.path(if key { None } else { self.key() });
            self.said.push(Said { path, text, at: token.start, key });
        }
        let need = self.need().min(Strength::Lazy);
        if key {
            self.named(text, need, token.start);
        }
        if key || text.len() > LONGEST || text.is_empty() {
            return;
        }
        if let Some((scheme, _)) = text.split_once("://")
            && !matches!(scheme, "http" | "https" | "file" | "data" | "blob" | "ws" | "wss" | "")
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        {
            let value = self.key().map(String::from_utf8_lossy).unwrap_or_default();
            self.found.push(Found {
                how: How::Url,
                name: text[..scheme.len()].into(),
                value,
                strength: need,
                at: token.start,
            });
            return;
        }
        self.command(text, need, token.start);
        if self.amd(text, need, token.start) {
            return;
        }
        if text.bytes().any(|byte| byte.is_ascii_whitespace() || byte == b'<' || byte == b'(') {
            return;
        }
        self.installed_path(text, need, token.start);
        self.argument(text, need, token.start);
        self.named(text, need, token.start);
        let key = self.key().or_else(|| {
            let frame = self.frames.last()?;
            (frame.block == Block::Bracket).then_some(frame.key).flatten()
        });
        if let Some(key) = key {
            let name = String::from_utf8_lossy(key);
            self.found.push(Found { how: How::Setting, name, value: text.into(), strength: need, at: token.start });
        }
    }

    /// A path into the installed packages: `node_modules/plum/dist`, or what follows `"node_modules"` in a list of a path's parts.
    pub(super) fn installed_path(&mut self, text: &'a str, need: Strength, at: usize) {
        let behind = text.rsplit_once(MODULES).map(|(_, inside)| inside);
        let part = || {
            let before = self.back[1];
            let folder = before.kind == Kind::Text && self.back[0].is(b',');
            (folder && plain(self.lexer.slice(before)).is_some_and(|t| t.ends_with("node_modules"))).then_some(text)
        };
        if let Some(inside) = behind.or_else(part).filter(|inside| !inside.is_empty() && !inside.starts_with('.')) {
            let name = inside.trim_end_matches(['/', '*', '`']);
            self.found.push(Found {
                how: How::Dynamic,
                name: name.into(),
                value: "node_modules/".into(),
                strength: need.min(Strength::Lazy),
                at,
            });
        }
    }

    /// A part of a template with substitutions: a path into the installed packages, for what it begins with may be computed.
    pub(super) fn template_part(&mut self, token: Token) {
        let slice = self.lexer.slice(token);
        if let Some(at) = memchr::memmem::find(slice, MODULES.as_bytes())
            && let Ok(text) = std::str::from_utf8(&slice[at..])
        {
            let text = text.strip_suffix("${").or_else(|| text.strip_suffix('`')).unwrap_or(text);
            let need = self.need().min(Strength::Lazy);
            // What is cut off by a substitution is a name only behind a separator.
            let whole =
                if slice.ends_with(b"${") { text.rsplit_once('/').map_or("", |(whole, _)| whole) } else { text };
            if whole.len() > MODULES.len() && !whole.contains(char::is_whitespace) {
                self.installed_path(whole, need, token.start);
            }
        }
    }

    /// A dependency of an AMD module: `define(["plum"], …)`, `require(["plum"], …)`.
    fn amd(&mut self, text: &'a str, need: Strength, at: usize) -> bool {
        let mut frames = self.frames.iter().rev();
        let list = frames.next().is_some_and(|frame| frame.block == Block::Bracket);
        let loads = |frame: &super::scan::Frame<'a>| {
            matches!(frame.callee, Some(Callee::Method(b"define" | b"require" | b"requirejs")))
        };
        let amd = list && frames.next().is_some_and(loads);
        if amd {
            self.found.push(Found {
                how: How::Dynamic,
                name: text.into(),
                value: "require".into(),
                strength: need,
                at,
            });
        }
        amd
    }

    /// What a string says that is run as a command: `execSync("tsc -p .")`, `spawn("npx", ["serve"])`.
    fn command(&mut self, text: &'a str, need: Strength, at: usize) {
        let mut frames = self.frames.iter().rev();
        let Some(mut frame) = frames.next() else { return };
        let mut first = self.back[0].is(b'(');
        if frame.block == Block::Bracket
            && let Some(outer) = frames.next()
        {
            frame = outer;
            // Options may stand before the program: `["-y", "serve"]`.
            first = true;
        }
        let name = match &frame.callee {
            Some(Callee::Known(name)) => name.as_bytes(),
            Some(Callee::Method(method)) => method,
            None => return,
        };
        let name = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        if matches!(frame.block, Block::Paren(_))
            && first
            && RUNNERS.contains(&name)
            && !text.starts_with(['-', '.', '/'])
        {
            self.found.push(Found { how: How::Command, name: text.into(), value: "".into(), strength: need, at });
        }
    }

    /// A string that can hardly be anything but a package's name: whatever loads it later, it is there for that.
    fn named(&mut self, text: &'a str, need: Strength, at: usize) {
        let hint = self.frames.iter().rev().take(3).filter_map(|frame| frame.key).any(|key| HINTS.contains(&key));
        let imported = matches!(self.word_before(0), b"from" | b"import")
            || (self.back[0].is(b'(') && matches!(self.word_before(1), b"require" | b"import" | b"resolve"));
        if self.detail == Detail::All && !hint && !imported && is_package_name(text) {
            let value = self.key().or_else(|| self.frames.last()?.key).map(String::from_utf8_lossy);
            let value = value.unwrap_or(Cow::Borrowed("string"));
            self.found.push(Found { how: How::Text, name: text.into(), value, strength: need, at });
        }
    }

    /// The string as an argument of the call around it, or as a value in an object that is one.
    fn argument(&mut self, text: &'a str, need: Strength, at: usize) {
        let Some(frame) = self.frames.last() else { return };
        let direct = matches!(self.back[0].kind, Kind::Sign(b'(' | b','));
        let (callee, value) = match (frame.block, &frame.callee) {
            (Block::Paren(_), Some(Callee::Method(b"require" | b"define"))) => return,
            (Block::Paren(_), Some(callee)) if direct => (callee, Cow::Borrowed(text)),
            (Block::Object, _) => {
                let Some(key) = self.key() else { return };
                let outer = self.frames.iter().rev().nth(1).and_then(|outer| outer.callee.as_ref());
                let Some(callee @ Callee::Known(_)) = outer else { return };
                (callee, Cow::Owned(format!("{}={text}", String::from_utf8_lossy(key))))
            }
            _ => return,
        };
        let name = match callee {
            Callee::Known(name) => Cow::Owned(name.clone()),
            Callee::Method(method) => Cow::Owned(format!(".{}", String::from_utf8_lossy(method))),
        };
        self.found.push(Found { how: How::Call, name, value, strength: need, at });
    }

    /// A key that is written without quotes.
    pub(super) fn said_key(&mut self, token: Token) {
        let next = self.peek(0).kind;
        if self.is_key(next)
            && let Ok(text) = std::str::from_utf8(self.lexer.slice(token))
        {
            let path = self.path(None);
            self.said.push(Said { path, text, at: token.start, key: true });
        }
    }

    /// True when a string here is the key of an object.
    fn is_key(&self, next: Kind) -> bool {
        next == Kind::Sign(b':')
            && matches!(self.back[0].kind, Kind::Object | Kind::Sign(b','))
            && self.frames.last().is_some_and(|frame| frame.block == Block::Object)
    }

    fn path(&self, key: Option<&[u8]>) -> String {
        let mut path = String::new();
        for part in self.frames.iter().filter_map(|frame| frame.key).chain(key) {
            if path.len() > 500 {
                break;
            }
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(&String::from_utf8_lossy(part));
        }
        path
    }
}
