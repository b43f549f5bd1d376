//! JavaScript, TypeScript, components and style sheets as facts: uses, and what could not be read.
//!
//! One scanner reads the project's own files and installed ones; for the latter it only tells imports. The strength of an import follows
//! from the blocks around it:
//!
//! | where an import stands | strength |
//! | --- | --- |
//! | the top level, a block, a loop, a class, a function that runs where it stands, `if (process.env.NODE_ENV …)`, tests for a module system | hard |
//! | a function, `import()`, a condition that nothing is known about, a `catch` | lazy |
//! | a `try` whose `catch` does not give up; `import("x").catch(…)` | optional |
//! | `import type`, `export type`, types that import, `.d.ts` files, references, comments | types |
//!
//! Of several blocks the weakest counts.

mod bindings;
mod bytes;
mod calls;
mod comments;
mod component;
mod found;
mod imports;
mod jsx;
mod lex;
mod loads;
mod scan;
mod style;

#[cfg(test)]
mod tests;

use depslim_formats::shell;
use depslim_formats::text::{LineIndex, decode};
use depslim_model::{Command, Facts, How, Layer, Reader, Source, Stage, Strength, Use};
use found::Found;
pub(crate) use found::Said;
use lex::Dialect;
pub(crate) use loads::{Asked, Place, loads};
use rustc_hash::FxHashSet;
use scan::{Detail, Scanned, scan};
use std::collections::BTreeMap;

/// Readers of source code.
pub(crate) const READERS: &[Reader] = &[
    Reader { name: "JavaScript", layer: Layer::Code, globs: &["*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}", "*.es6"], read },
    Reader {
        name: "component",
        layer: Layer::Code,
        globs: &["*.{vue,svelte,astro,mdx,html,htm}"],
        read: component::read,
    },
    Reader {
        name: "style sheet",
        layer: Layer::Code,
        globs: &["*.{css,scss,sass,less,styl,pcss,postcss}"],
        read: style::read,
    },
    Reader { name: "Node script", layer: Layer::Code, globs: &["bin/*", "cli/*", "scripts/*"], read: script },
    Reader { name: "installed JavaScript", layer: Layer::InstalledCode, globs: &["*.{js,mjs,cjs,jsx}"], read: skim },
];

/// Reads a file of the project.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let text: &str = &decoded.text;
    let mut sink = Sink::default();
    sink.text(source.path, text, text, 0, dialect(source.path));
    let mut facts = sink.facts(declares_only(source.path));
    facts.problems.extend(decoded.problems.iter().cloned());
    facts
}

/// Reads a file without a known ending when its first line says that Node runs it.
fn script(source: &Source<'_>) -> Facts {
    let first = source.bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first = &first[..first.len().min(200)];
    let runs = |name: &str| memchr::memmem::find(first, name.as_bytes()).is_some();
    if first.starts_with(b"#!") && ["node", "tsx", "ts-node", "bun", "zx"].into_iter().any(runs) {
        read(source)
    } else {
        Facts::default()
    }
}

/// Reads the imports of an installed file, and nothing else.
pub(crate) fn skim(source: &Source<'_>) -> Facts {
    let has = |word: &str| memchr::memmem::find(source.bytes, word.as_bytes()).is_some();
    if !has("require") && !has("import") && !has("export") {
        return Facts::default();
    }
    let scanned = scan(source.bytes, Dialect { jsx: true, types: false }, Detail::Imports);
    let mut lines = Counter::new(source.bytes);
    let mut known = FxHashSet::default();
    let uses = scanned.found.into_iter();
    let uses = uses.filter(|found| known.insert((found.how, found.name.clone(), found.strength)));
    Facts { uses: uses.map(|found| used(&found, lines.line(found.at))).collect(), ..Facts::default() }
}

/// What a configuration file in JavaScript says: strings with their keys, and their lines.
pub(crate) fn strings<'t>(path: &str, text: &'t str) -> Vec<(Said<'t>, u32)> {
    let lines = LineIndex::new(text);
    let said = scan(text.as_bytes(), dialect(path), Detail::Strings).said;
    said.into_iter().map(|said| (lines.line(said.at), said)).map(|(line, said)| (said, line)).collect()
}

fn used(found: &Found<'_>, line: u32) -> Use {
    Use {
        how: found.how,
        name: found.name.clone().into_owned(),
        value: found.value.clone().into_owned(),
        strength: found.strength,
        line,
    }
}

/// What a file's ending adds to the language.
fn dialect(path: &str) -> Dialect {
    match path.rsplit('.').next().unwrap_or_default() {
        "ts" | "mts" | "cts" => Dialect { jsx: false, types: true },
        "tsx" => Dialect { jsx: true, types: true },
        _ => Dialect { jsx: true, types: false },
    }
}

/// True for files that only declare types.
fn declares_only(path: &str) -> bool {
    [".d.ts", ".d.mts", ".d.cts"].iter().any(|ending| path.ends_with(ending))
}

/// The uses of one file, each once.
#[derive(Debug, Default)]
struct Sink {
    facts: Facts,
    known: FxHashSet<(How, String, String, Strength)>,
}

impl Sink {
    /// Takes in a piece of code that starts at `from` of the whole text.
    fn text(&mut self, path: &str, whole: &str, text: &str, from: usize, dialect: Dialect) {
        let lines = LineIndex::new(whole);
        let scanned = scan(text.as_bytes(), dialect, Detail::All);
        for found in &scanned.found {
            let used = used(found, lines.line(from + found.at));
            if used.how == How::Command {
                self.command(&used);
            } else {
                self.add(used);
            }
        }
        self.comments(path, text, &scanned, |at| lines.line(from + at));
    }

    /// A command line that the code runs.
    fn command(&mut self, line: &Use) {
        for simple in shell::read_at(&line.name, line.line, &BTreeMap::new()).commands {
            let (words, stage) = (simple.words, Stage::Dev);
            let command = Command { words, stage, line: line.line, workdir: None, variables: Vec::new() };
            for used in crate::command::interpret(&command).uses {
                self.add(Use { strength: line.strength, ..used });
            }
        }
    }

    fn comments(&mut self, path: &str, text: &str, scanned: &Scanned<'_>, line: impl Fn(usize) -> u32) {
        let mut pragma = false;
        for (start, end) in &scanned.comments {
            let Some(comment) = text.get(*start..*end) else { continue };
            for (at, found) in comments::read(comment) {
                pragma |= found.value == "JSX";
                self.add(Use { line: line(start + at), ..found });
            }
        }
        if let Some(at) = scanned.jsx.filter(|_| !pragma && !declares_only(path)) {
            let (name, value) = ("react/jsx-runtime".to_owned(), "JSX".to_owned());
            self.add(Use { how: How::Dynamic, name, value, strength: Strength::Hard, line: line(at) });
        }
    }

    fn add(&mut self, used: Use) {
        if self.known.insert((used.how, used.name.clone(), used.value.clone(), used.strength)) {
            self.facts.uses.push(used);
        }
    }

    fn facts(mut self, declares_only: bool) -> Facts {
        if declares_only {
            for used in &mut self.facts.uses {
                used.strength = Strength::Types;
            }
        }
        self.facts
    }
}

/// Lines of offsets that mostly grow: newlines are counted on from the last one.
struct Counter<'a> {
    text: &'a [u8],
    at: usize,
    line: u32,
}

impl<'a> Counter<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, line: 1 }
    }

    fn line(&mut self, at: usize) -> u32 {
        if at < self.at {
            (self.at, self.line) = (0, 1);
        }
        let between = memchr::memchr_iter(b'\n', &self.text[self.at..at]).count();
        self.line = self.line.saturating_add(u32::try_from(between).unwrap_or(u32::MAX));
        self.at = at;
        self.line
    }
}
