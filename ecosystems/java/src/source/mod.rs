//! Source code of Java, Kotlin, Scala and Groovy: what a file imports, which full names and class names in strings stand in it.
//!
//! The four share what matters here: `package` and `import` in front, dotted names, the same comments and strings. So one scan
//! serves them; bodies are not parsed.

mod lex;

use crate::names::looks_like_class;
use depslim_formats::text::decode;
use depslim_model::{Facts, How, Source, Strength, Use};
use lex::{Kind, Lexer, Token};
use std::collections::HashSet;

/// Reads one source file.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let scala = source.path.ends_with(".scala") || source.path.ends_with(".sc");
    let mut scan = Scan {
        lexer: Lexer::new(&decoded.text),
        seen: HashSet::new(),
        uses: Vec::new(),
        package: String::new(),
        scala,
    };
    scan.run();
    let Scan { uses, package, .. } = scan;
    let mut facts = Facts { uses, problems: decoded.problems, ..Facts::default() };
    facts.module_roots.extend(root(source.folder(), &package));
    facts
}

/// The package that a source file says it is in; empty when it says none.
pub(crate) fn package_of(bytes: &[u8]) -> String {
    let decoded = decode(bytes);
    let mut lexer = Lexer::new(&decoded.text);
    let mut depth = 0_u32;
    // Annotations and file annotations may stand in front.
    while let Some(token) = lexer.next() {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::Name if depth == 0 && token.text == "package" => {
                return lexer.next().filter(|t| t.kind == Kind::Name).map(|t| plain(&t)).unwrap_or_default();
            }
            Kind::Name if matches!(token.text, "import" | "class" | "interface" | "enum" | "object") => {
                return String::new();
            }
            _ => {}
        }
    }
    String::new()
}

/// The folder that names of a file's package are looked up in: the file's own without the package.
fn root(folder: &str, package: &str) -> Option<String> {
    let path = package.replace('.', "/");
    let rest = if path.is_empty() { folder } else { folder.strip_suffix(path.as_str())? };
    (path.is_empty() || rest.is_empty() || rest.ends_with('/')).then(|| rest.trim_end_matches('/').to_owned())
}

/// A name without the marks that let keywords be names.
fn plain(token: &Token<'_>) -> String {
    token.text.chars().filter(|c| *c != '`' && !c.is_whitespace()).collect()
}

struct Scan<'t> {
    lexer: Lexer<'t>,
    /// Full names and strings that were said already.
    seen: HashSet<String>,
    uses: Vec<Use>,
    package: String,
    scala: bool,
}

/// Calls that load a class by a name.
const LOADERS: [&str; 4] = ["forName", "loadClass", "Class.forName", "findClass"];

impl<'t> Scan<'t> {
    fn run(&mut self) {
        let mut before: Option<Token<'t>> = None;
        while let Some(token) = self.lexer.next() {
            match token.kind {
                Kind::Name => match token.text {
                    "package" if self.package.is_empty() && !after_dot(before.as_ref()) => {
                        if let Some(name) = self.lexer.next_if(Kind::Name) {
                            self.package = plain(&name);
                            self.same_package(name.line);
                        }
                    }
                    "import" => self.import(),
                    _ => self.name(&token),
                },
                Kind::String => self.string(&token),
                _ => {}
            }
            before = Some(token);
        }
    }

    /// Classes of a file's own package need no import, whoever brings them.
    fn same_package(&mut self, line: u32) {
        let (name, value) = (self.package.clone(), "*".to_owned());
        if name.len() < 400 {
            self.uses.push(Use { how: How::Import, name, value, strength: Strength::Optional, line });
        }
    }

    /// What stands behind `import`.
    fn import(&mut self) {
        let Some(mut name) = self.lexer.next_if(Kind::Name) else { return };
        if name.text == "static" || (name.text == "given" && self.scala) || name.text == "type" {
            let Some(next) = self.lexer.next_if(Kind::Name) else { return };
            name = next;
        }
        loop {
            let base = plain(&name);
            let base = base.trim_end_matches('.');
            if let Some(star) = base.strip_suffix("._") {
                self.push(star, "*", name.line);
            } else if self.lexer.accept("*") {
                self.push(base, "*", name.line);
            } else if self.scala && self.lexer.accept("{") {
                self.selectors(base);
            } else {
                self.push(base, "", name.line);
            }
            if !(self.scala && self.lexer.accept(",")) {
                return;
            }
            let Some(next) = self.lexer.next_if(Kind::Name) else { return };
            name = next;
        }
    }

    /// `{A, B => C, _}` of Scala.
    fn selectors(&mut self, base: &str) {
        let mut renamed = false;
        while let Some(token) = self.lexer.next() {
            match token.kind {
                Kind::Name if token.text == "as" => renamed = true,
                Kind::Name if renamed => renamed = false,
                Kind::Name if token.text == "_" => self.push(base, "*", token.line),
                Kind::Name => self.push(&format!("{base}.{}", plain(&token)), "", token.line),
                Kind::Mark if token.text == "=" => renamed = true,
                Kind::Mark if token.text == "*" => self.push(base, "*", token.line),
                Kind::Mark if token.text == "," => renamed = false,
                Kind::Close => return,
                _ => {}
            }
        }
    }

    fn push(&mut self, name: &str, member: &str, line: u32) {
        if !name.is_empty() && name.len() < 400 {
            self.uses.push(Use {
                how: How::Import,
                name: name.to_owned(),
                value: member.to_owned(),
                strength: Strength::Hard,
                line,
            });
        }
    }

    /// A dotted name in the code: a class's full name, or a call that loads one.
    fn name(&mut self, token: &Token<'t>) {
        let last = token.text.rsplit('.').next().unwrap_or_default();
        if LOADERS.contains(&last) && self.lexer.accept("(") {
            if let Some(text) = self.lexer.next_if(Kind::String) {
                self.string(&text);
            } else if token.text.contains("Class.forName") || last == "loadClass" {
                let name = token.text.to_owned();
                self.uses.push(Use {
                    how: How::Computed,
                    name,
                    value: String::new(),
                    strength: Strength::Lazy,
                    line: token.line,
                });
            }
            return;
        }
        let Some(full) = full_name(token.text) else { return };
        if self.seen.insert(full.to_owned()) {
            self.push(full, "", token.line);
        }
    }

    fn string(&mut self, token: &Token<'t>) {
        let text = token.text;
        let mut add = |how: How, name: &str| {
            if self.seen.insert(format!("\"{name}")) {
                let (name, value) = (name.to_owned(), String::new());
                self.uses.push(Use { how, name, value, strength: Strength::Lazy, line: token.line });
            }
        };
        if looks_like_class(text) {
            add(How::Text, text);
        } else if text.len() < 4000 {
            crate::config::mentions(text, &mut |how, name, _| add(how, name));
        }
    }
}

fn after_dot(before: Option<&Token<'_>>) -> bool {
    before.is_some_and(|token| token.kind == Kind::Mark && token.text == ".")
}

/// The class of a dotted name that begins with packages: `barn.loft.Hay` of `barn.loft.Hay.MAX.toString`.
fn full_name(text: &str) -> Option<&str> {
    let mut end = 0;
    for (at, part) in text.split('.').enumerate() {
        let first = part.chars().next()?;
        let start = end;
        end += part.len();
        if first.is_ascii_uppercase() {
            // One part in front may be a variable.
            return (at >= 2).then_some(&text[..end]);
        }
        if !(first.is_ascii_lowercase() || first == '_') || matches!(part, "this" | "super") || start > 200 {
            return None;
        }
        end += 1;
    }
    None
}

#[cfg(test)]
mod tests;
