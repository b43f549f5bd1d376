//! What a file loads while it runs: modules, with the system that asks for them, and files whose paths are told from its own place.
//!
//! Paths are worked out from the expressions that programs write them in: `path.join(__dirname, "views", name)`, `__dirname + "/x"`,
//! a template, `fileURLToPath(new URL("./x", import.meta.url))`, `process.cwd()`, and names that such an expression is bound to.

use super::bytes::plain;
use super::lex::{Kind, Lexer, Token};
use super::scan::{Detail, scan};
use super::{declares_only, dialect};
use depslim_model::{How, Strength};
use memchr::memmem;
use rustc_hash::FxHashMap;

/// One thing that a file asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A module.
    Module {
        name: String,
        /// An import asks for it, not `require`.
        import: bool,
        /// The file does not work without it.
        sure: bool,
    },
    /// A module whose name is computed, and begins so.
    Beginning(String),
    /// A module whose name is computed, and nothing of it is known.
    Anything,
    /// A file or folder.
    Path(Place),
    /// A string that may be a path.
    Text(String),
}

/// A path that was worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Relative to the file's folder, or to where the program was started.
    pub(crate) path: String,
    /// More follows that only the running program knows.
    pub(crate) open: bool,
    /// Relative to where the program was started.
    pub(crate) started: bool,
    /// What is meant when nothing lies at the path.
    pub(crate) otherwise: Option<String>,
}

impl Place {
    /// A path relative to the file's folder.
    pub(crate) fn here(path: impl Into<String>, open: bool) -> Self {
        Self { path: path.into(), open, started: false, otherwise: None }
    }
}

/// More brackets in one another than any path has.
const DEEPEST: u32 = 16;

/// More strings than one file names files with.
const MOST: usize = 4_000;

/// Reads what one file of JavaScript or TypeScript asks for. `strings`: all strings that may be paths, too.
pub(crate) fn loads(path: &str, text: &[u8], strings: bool) -> Vec<Asked> {
    let mut asked = Vec::new();
    if declares_only(path) {
        return asked;
    }
    let has = |word: &str| memmem::find(text, word.as_bytes()).is_some();
    let imports = has("require") || has("import") || has("export");
    let mut computed = false;
    if imports {
        for found in scan(text, dialect(path), Detail::Imports).found {
            if found.strength == Strength::Types {
                continue;
            }
            let word = &text[found.at.min(text.len())..];
            let import = word.starts_with(b"import") || word.starts_with(b"export");
            match found.how {
                How::Import | How::Dynamic if found.value == "new URL" => {
                    asked.push(Asked::Path(Place::here(found.name, false)));
                }
                How::Import | How::Dynamic => asked.push(Asked::Module {
                    name: found.name.into_owned(),
                    import,
                    sure: found.strength == Strength::Hard,
                }),
                How::Computed if found.value.is_empty() => {
                    computed = true;
                    asked.push(Asked::Anything);
                }
                How::Computed => {
                    computed = true;
                    asked.push(Asked::Beginning(found.value.into_owned()));
                }
                _ => {}
            }
        }
    }
    let places = ["__dirname", "__filename", "import.meta", "cwd("].into_iter().any(has);
    if places || computed || strings {
        let paths = Paths::new(path, text);
        paths.read(computed || strings, &mut asked);
    }
    asked
}

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Text(String),
    Place(Place),
    Unknown,
}

struct Paths<'a> {
    lexer: Lexer<'a>,
    tokens: Vec<Token>,
    /// The name of the file itself.
    name: &'a str,
    bound: FxHashMap<&'a [u8], Place>,
}

impl<'a> Paths<'a> {
    fn new(path: &'a str, text: &'a [u8]) -> Self {
        let mut lexer = Lexer::new(text, dialect(path));
        let mut tokens = Vec::new();
        loop {
            let token = lexer.next();
            if token.kind == Kind::End {
                break;
            }
            tokens.push(token);
        }
        Self { lexer, tokens, name: path.rsplit('/').next().unwrap_or(path), bound: FxHashMap::default() }
    }

    fn read(mut self, strings: bool, asked: &mut Vec<Asked>) {
        let mut at = 0;
        let mut said = 0;
        while at < self.tokens.len() {
            let kind = self.tokens[at].kind;
            if strings && kind == Kind::Text && said < MOST {
                let text = plain(self.slice(at)).filter(|text| is_path(text) && !self.is_import(at));
                if let Some(text) = text {
                    said += 1;
                    asked.push(Asked::Text(text.to_owned()));
                }
                at += 1;
                continue;
            }
            // `require("path").join(…)`: whatever it is a method of, it works out a path.
            let method = || is_path_function(self.slice(at)) && self.is(at + 1, b'(');
            let starts = matches!(kind, Kind::Word | Kind::TemplateHead) && (!self.is_property(at) || method());
            if !starts {
                at += 1;
                continue;
            }
            match self.expression(at, 0) {
                (Value::Place(place), end) => {
                    self.take(place, at, end, asked);
                    at = end.max(at + 1);
                }
                _ => at += 1,
            }
        }
    }

    /// A path was found between two tokens: bound to a name, loaded as a module, or used in some other way.
    fn take(&mut self, place: Place, start: usize, end: usize, asked: &mut Vec<Asked>) {
        let word = |back: usize| start.checked_sub(back).map_or(&b""[..], |at| self.slice(at));
        let (before, function) = (word(1), word(2));
        if before == b"=" {
            let name = start.checked_sub(2).filter(|at| self.tokens[*at].kind == Kind::Word).map(|at| self.slice(at));
            let ends = self.tokens.get(end).is_none_or(|next| {
                next.breaks
                    || matches!(next.kind, Kind::Sign(b';' | b',' | b')') | Kind::Close)
                    || next.kind == Kind::Word
            });
            if let Some(name) = name.filter(|_| ends) {
                self.bound.insert(name, place.clone());
                // A folder is told for what is looked up in it.
                if !place.open && (is_up(&place.path) || place.path == self.name) {
                    return;
                }
            }
        }
        if before == b"(" && matches!(function, b"require" | b"import") && !place.started {
            let import = function == b"import";
            let name = format!("./{}", place.path);
            asked.push(if place.open { Asked::Beginning(name) } else { Asked::Module { name, import, sure: false } });
            return;
        }
        if place.path != self.name || place.open {
            asked.push(Asked::Path(place));
        }
    }

    /// The value of the expression that begins at a token, and the first token behind it.
    fn expression(&self, at: usize, depth: u32) -> (Value, usize) {
        let (mut value, mut end) = self.operand(at, depth);
        while value != Value::Unknown && depth < DEEPEST && self.is(end, b'+') {
            let (more, behind) = self.operand(end + 1, depth + 1);
            value = concatenated(value, more);
            end = behind.max(end + 2);
        }
        (value, end)
    }

    fn operand(&self, at: usize, depth: u32) -> (Value, usize) {
        let Some(token) = self.tokens.get(at) else { return (Value::Unknown, at + 1) };
        if depth >= DEEPEST {
            return (Value::Unknown, at + 1);
        }
        match token.kind {
            Kind::Text => (plain(self.slice(at)).map_or(Value::Unknown, |text| Value::Text(text.to_owned())), at + 1),
            Kind::TemplateHead => self.template(at, depth),
            Kind::Sign(b'(') => {
                let (value, end) = self.expression(at + 1, depth + 1);
                if self.is(end, b')') { (value, end + 1) } else { (Value::Unknown, at + 1) }
            }
            Kind::Word => self.word(at, depth),
            _ => (Value::Unknown, at + 1),
        }
    }

    fn word(&self, at: usize, depth: u32) -> (Value, usize) {
        let here = |path: &str| Value::Place(Place::here(path, false));
        let word = self.slice(at);
        match word {
            b"__dirname" => return (here("."), at + 1),
            b"__filename" => return (here(self.name), at + 1),
            b"await" => return self.operand(at + 1, depth + 1),
            b"import" if self.is(at + 1, b'.') && self.slice(at + 2) == b"meta" && self.is(at + 3, b'.') => {
                return match self.slice(at + 4) {
                    b"dirname" => (here("."), at + 5),
                    b"url" | b"filename" => (here(self.name), at + 5),
                    _ => (Value::Unknown, at + 5),
                };
            }
            b"process" if self.is(at + 1, b'.') && self.slice(at + 2) == b"cwd" && self.is(at + 3, b'(') => {
                let place = Place { started: true, ..Place::here(".", false) };
                return (Value::Place(place), at + 5);
            }
            b"new" if self.slice(at + 1) == b"URL" && self.is(at + 2, b'(') => return self.url(at + 3, depth),
            _ => {}
        }
        // A call, its function behind dots.
        let mut name = at;
        while self.is(name + 1, b'.') && self.kind(name + 2) == Some(Kind::Word) && name < at + 8 {
            name += 2;
        }
        if self.is(name + 1, b'(') {
            return self.call(self.slice(name), name + 2, depth);
        }
        // `(0, path.join)(…)`
        if self.is(name + 1, b')') && self.is(name + 2, b'(') {
            return self.call(self.slice(name), name + 3, depth);
        }
        match self.bound.get(word) {
            Some(place) if name == at => (Value::Place(place.clone()), at + 1),
            _ => (Value::Unknown, at + 1),
        }
    }

    fn call(&self, function: &[u8], arguments: usize, depth: u32) -> (Value, usize) {
        let known = is_path_function(function);
        // In code that was made small, functions have other names.
        let told = || {
            let first = self.slice(arguments);
            let place = matches!(first, b"__dirname" | b"__filename") || self.bound.contains_key(first);
            let text = || {
                self.kind(arguments + 2) == Some(Kind::Text) && plain(self.slice(arguments + 2)).is_some_and(is_path)
            };
            place && self.is(arguments + 1, b',') && text()
        };
        if !known && !told() {
            return (Value::Unknown, arguments);
        }
        let (values, end) = self.arguments(arguments, depth + 1);
        let joins = !known || matches!(function, b"join" | b"resolve");
        let mut values = values.into_iter();
        let Some(Value::Place(mut place)) = values.next() else { return (Value::Unknown, arguments) };
        if !known {
            place.otherwise = Some(place.path.clone());
        }
        if function == b"dirname" {
            place.path = if place.path == "." { "..".into() } else { folder_of(&place.path).to_owned() };
        }
        if joins {
            for value in values {
                match value {
                    Value::Text(text) if !place.open => place.path = joined(&place.path, &text),
                    Value::Text(_) => {}
                    _ => {
                        if !place.open && !place.path.ends_with('/') {
                            place.path.push('/');
                        }
                        place.open = true;
                    }
                }
            }
        }
        (Value::Place(place), end)
    }

    /// `"./x", import.meta.url)` of a URL.
    fn url(&self, at: usize, depth: u32) -> (Value, usize) {
        let (values, mut end) = self.arguments(at, depth + 1);
        if self.is(end, b'.') && matches!(self.slice(end + 1), b"href" | b"pathname") {
            end += 2;
        }
        let mut values = values.into_iter();
        match (values.next(), values.next()) {
            (Some(place @ Value::Place(_)), None) => (place, end),
            (Some(Value::Text(text)), Some(Value::Place(base))) if !text.contains("://") => {
                let base = if base.path == self.name { "." } else { base.path.as_str() };
                (Value::Place(Place::here(joined(base, &text), false)), end)
            }
            (Some(Value::Unknown), Some(Value::Place(_))) => (Value::Place(Place::here("./", true)), end),
            _ => (Value::Unknown, end),
        }
    }

    /// The arguments from a token on, and the first token behind their parenthesis.
    fn arguments(&self, mut at: usize, depth: u32) -> (Vec<Value>, usize) {
        let mut values = Vec::new();
        while at < self.tokens.len() && values.len() < 32 {
            if self.is(at, b')') {
                return (values, at + 1);
            }
            let (mut value, mut end) = self.expression(at, depth);
            // What goes on behind the value makes another one of it.
            if !self.is(end, b',') && !self.is(end, b')') {
                value = Value::Unknown;
                end = self.end_of_argument(end.min(self.tokens.len()));
            }
            values.push(value);
            at = if self.is(end, b',') { end + 1 } else { end };
        }
        (values, at)
    }

    /// The comma or parenthesis that ends the argument around a token.
    fn end_of_argument(&self, from: usize) -> usize {
        let mut open = 0_u32;
        for (at, token) in self.tokens.iter().enumerate().skip(from).take(2_000) {
            match token.kind {
                Kind::Sign(b'(' | b'[') | Kind::Block | Kind::Object => open += 1,
                Kind::Sign(b',' | b')') if open == 0 => return at,
                Kind::Sign(b')' | b']') | Kind::Close => open = open.saturating_sub(1),
                _ => {}
            }
        }
        self.tokens.len()
    }

    /// `` `${__dirname}/views/${name}.html` ``
    fn template(&self, at: usize, depth: u32) -> (Value, usize) {
        let mut end = at + 1;
        let head = std::str::from_utf8(self.slice(at)).ok().and_then(|text| text.get(1..text.len().checked_sub(2)?));
        let mut value = match head {
            Some("") => None,
            Some(text) => Some(Value::Text(text.to_owned())),
            None => return (Value::Unknown, end),
        };
        for _ in 0..64 {
            let (inner, behind) = self.expression(end, depth + 1);
            let inner = if self.kind(behind) == Some(Kind::TemplateRest) { inner } else { Value::Unknown };
            let rest = (end..self.tokens.len().min(end + 500)).find(|at| self.kind(*at) == Some(Kind::TemplateRest));
            value = Some(match value {
                None => inner,
                Some(value) => concatenated(value, inner),
            });
            let Some(rest) = rest else { return (Value::Unknown, at + 1) };
            let slice = self.slice(rest);
            let last = slice.ends_with(b"`");
            let text = std::str::from_utf8(slice).ok();
            let text = text.and_then(|t| t.get(1..t.len().checked_sub(if last { 1 } else { 2 })?)).unwrap_or_default();
            value = value.map(|value| concatenated(value, Value::Text(text.to_owned())));
            end = rest + 1;
            if last {
                break;
            }
        }
        (value.unwrap_or(Value::Unknown), end)
    }

    fn slice(&self, at: usize) -> &'a [u8] {
        self.tokens.get(at).map_or(b"", |token| self.lexer.slice(*token))
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn is(&self, at: usize, sign: u8) -> bool {
        self.kind(at) == Some(Kind::Sign(sign))
    }

    /// Whether a string names the module of a statement or call that was read as one.
    fn is_import(&self, at: usize) -> bool {
        let word = |back: usize| at.checked_sub(back).map_or(&b""[..], |at| self.slice(at));
        matches!(word(1), b"from" | b"import") || (word(1) == b"(" && matches!(word(2), b"require" | b"import"))
    }

    fn is_property(&self, at: usize) -> bool {
        at.checked_sub(1).is_some_and(|before| matches!(self.tokens[before].kind, Kind::Sign(b'.') | Kind::Chain))
    }
}

/// Functions that make a path of paths.
fn is_path_function(name: &[u8]) -> bool {
    matches!(
        name,
        b"join"
            | b"resolve"
            | b"dirname"
            | b"normalize"
            | b"realpathSync"
            | b"realpath"
            | b"fileURLToPath"
            | b"pathToFileURL"
    )
}

/// One value directly behind another one.
fn concatenated(value: Value, more: Value) -> Value {
    match (value, more) {
        (Value::Text(text), Value::Text(more)) => Value::Text(text + &more),
        (Value::Place(mut place), Value::Text(more)) => {
            if !place.open {
                place.path = if place.path == "." { joined(".", &more) } else { place.path + &more };
                if more.ends_with('/') && !place.path.ends_with('/') {
                    place.path.push('/');
                }
            }
            Value::Place(place)
        }
        (Value::Place(mut place), _) => {
            place.open = true;
            Value::Place(place)
        }
        _ => Value::Unknown,
    }
}

/// Two parts of a path; `..` at the beginning stay.
fn joined(base: &str, more: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(more.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(folder, _)| folder)
}

/// `.`, `..`, `../..`: a folder around.
fn is_up(path: &str) -> bool {
    path.split('/').all(|part| matches!(part, "" | "." | ".."))
}

/// What may be the path of a file, or a module beside this one.
fn is_path(text: &str) -> bool {
    text.len() < 160
        && text.len() > 1
        && !text.contains("://")
        && !text.starts_with('/')
        && !text
            .bytes()
            .any(|b| b.is_ascii_whitespace() || matches!(b, b'<' | b'>' | b'"' | b'\'' | b'=' | b';' | b'|'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paths of a text, `…` behind those that go on, `^` before those that are told from where the program was started.
    fn check(text: &str, expect: &[&str]) {
        let shown = |asked: Asked| match asked {
            Asked::Path(place) => Some(format!(
                "{}{}{}",
                if place.started { "^" } else { "" },
                place.path,
                if place.open { "…" } else { "" }
            )),
            Asked::Module { name, import, .. } => Some(format!("{} {name}", if import { "import" } else { "require" })),
            Asked::Beginning(text) => Some(format!("{text}*")),
            Asked::Anything => Some("?".to_owned()),
            Asked::Text(_) => None,
        };
        let found: Vec<String> = loads("lib/x.js", text.as_bytes(), false).into_iter().filter_map(shown).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn both_systems_of_modules_are_told_apart() {
        check(
            "import a from 'a'; const b = require('b'); export * from './c'",
            &["import a", "require b", "import ./c"],
        );
        check("await import('a'); require.resolve('b')", &["import a", "require b"]);
        check("import type { T } from 'a'; let x", ["import a"][1..].as_ref());
        check("require('./lang/' + name); require(name); import(`./x/${y}.js`)", &["./lang/*", "?", "./x/*"]);
    }

    #[test]
    fn paths_are_worked_out() {
        check("fs.readFileSync(path.join(__dirname, 'views', 'a.html'))", &["views/a.html"]);
        check("fs.readFileSync(path.resolve(__dirname, '..', 'x', name))", &["../x/…"]);
        check("fs.readFileSync(__dirname + '/views/' + name + '.html')", &["views/…"]);
        check("fs.readFileSync(`${__dirname}/views/${name}.html`)", &["views/…"]);
        check("fs.readFileSync(`${__dirname}/x.txt`)", &["x.txt"]);
        check("express.static(join(process.cwd(), 'public'))", &["^public"]);
        check("const here = dirname(fileURLToPath(import.meta.url));\nread(join(here, '../a.txt'))", &["../a.txt"]);
        check("const root = path.join(__dirname, '..');\nread(path.join(root, 'a.txt'), root)", &["../a.txt", ".."]);
        check("read(new URL('./a.txt', import.meta.url))", &["./a.txt", "a.txt"]);
        check("read(path.join(import.meta.dirname, 'a.txt'))", &["a.txt"]);
        check("require(path.join(__dirname, 'x'))", &["?", "require ./x"]);
        check("exports.root = () => __dirname", &["."]);
        check("y18n({ directory: re(__dirname, '../locales'), updateFiles: !1 })", &["../locales"]);
        check("read((0, x.resolve)(__dirname, '../data'))", &["../data"]);
        check("read(require('path').join(__dirname, '../data', 'x.json'))", &["require path", "../data/x.json"]);
        check("read(path.join(name, 'x'), __filename, a.__dirname)", &[]);
    }

    #[test]
    fn strings_are_asked_for() {
        let asked = loads("x.js", b"app.set('views', './views'); 'a b'", true);
        assert_eq!(asked, [Asked::Text("views".into()), Asked::Text("./views".into())]);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            loads("x.js", &bytes, true);
        }

        #[test]
        fn no_pieces_make_it_panic(parts in proptest::collection::vec(
            proptest::sample::select(vec!["__dirname", "+", "(", ")", ",", "'x'", "`${", "}`", "path.join(", "new URL(", "import.meta.url", ".", "[", "{", "x", "=", "\n"]), 0..40,
        )) {
            loads("x.ts", parts.concat().as_bytes(), true);
        }
    }
}
