//! Source code: the names in a file that may be crates, and what it says about other files. What a name means is decided when all
//! files of the tree are known (see `join`), for which some uses are written in a form of their own:
//!
//! | how | name | value |
//! | --- | --- | --- |
//! | `Import` | first and second part of a path in `use` or `extern crate` | empty |
//! | `Name` | the same anywhere else | empty |
//! | `Text` | the same in a string | `attribute`, or `string` |
//! | `Text` | a string that a function gets, hyphens as code has them | `name` |
//! | `Text` | the same in a link of documentation | `link` |
//! | `Load` | another file: a module's name with those around it, or a path | `mod`, `path`, `include`, `doc` |
//! | `Call` | a macro, with its `!` | the form of its arguments |
//! | `Setting` | a macro that other crates can call, with its `!` | its rules |
//! | `Computed` | `include!` of what the build writes | empty |

mod attributes;
pub(crate) mod cfg;
mod docs;
mod imports;
mod macros;
mod scan;
mod scopes;
pub(crate) mod tokens;

use depslim_formats::text::{LineIndex, decode};
use depslim_model::{Facts, How, Problem, Source, Strength, Use};
use rustc_hash::FxHashSet;
use scan::{By, Form, Scan};

/// Whether a source file has no items: nothing but comments and attributes of its own.
pub(crate) fn holds_no_code(bytes: &[u8]) -> bool {
    let tokens = tokens::Tokens::of(std::str::from_utf8(bytes).unwrap_or("?"));
    let mut at = 0;
    while tokens.is(at, b'#') && tokens.is(at + 1, b'!') && tokens.is_open(at + 2, b'[') {
        at = tokens.close(at + 2) + 1;
    }
    at >= tokens.len()
}

/// Reads a source file.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let mut facts = Facts::default();
    if let Some(problem) = decoded.problems.first() {
        facts.problems.push(Problem::at(problem.line.max(1), "not UTF-8: read as far as it is text"));
    }
    let text: &str = &decoded.text;
    if text.len() > u32::MAX as usize {
        return Facts::broken(Problem::at(1, "too large to be source code: not read"));
    }
    let lines = LineIndex::new(text);
    let line = |offset: usize| lines.line(offset);
    let scan = Scan::of(text);
    let mut writer = Writer { facts, seen: FxHashSet::default() };
    writer.take(&scan, scan.dev, &line);
    for example in docs::in_comments(text, &scan.tokens.docs, &line) {
        writer.take_example(&example);
    }
    for (name, offset) in docs::links(text, &scan.tokens.docs) {
        writer.write(scan.dev, How::Text, name, "link", || line(offset));
    }
    writer.facts
}

/// Reads a Markdown file, which documentation may take in.
pub(crate) fn read_markdown(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let mut writer = Writer { facts: Facts::default(), seen: FxHashSet::default() };
    for example in docs::in_markdown(&decoded.text) {
        writer.take_example(&example);
    }
    writer.facts
}

struct Writer {
    facts: Facts,
    /// What was written: for development or not, how, name, value.
    seen: FxHashSet<(bool, How, String, String)>,
}

impl Writer {
    fn take_example(&mut self, example: &docs::Example) {
        let mut own = Scan::of(&example.text);
        let index = LineIndex::new(&example.text);
        let last = example.lines.last().copied().unwrap_or(1);
        let line = |offset: usize| example.lines.get(index.line(offset) as usize - 1).copied().unwrap_or(last);
        (own.links, own.macros, own.strings, own.generated) = (Vec::new(), Vec::new(), Vec::new(), None);
        own.handed.clear();
        own.candidates.retain(|candidate| candidate.form != Form::Text);
        self.take(&own, true, &line);
    }

    fn take(&mut self, scan: &Scan<'_>, all_dev: bool, line: &dyn Fn(usize) -> u32) {
        for found in &scan.candidates {
            if !found.global && scan.scopes.shadows(found.scope, found.head) {
                continue;
            }
            let (how, value) = match found.form {
                Form::Import if found.global || !scan.scopes.uncertain(found.scope, found.head) => (How::Import, ""),
                Form::Import | Form::Path => (How::Name, ""),
                Form::Text => (How::Text, "attribute"),
            };
            let name = if found.next.is_empty() { found.head.to_owned() } else { [found.head, found.next].join("::") };
            self.write(all_dev || found.dev, how, name, value, || line(found.offset));
        }
        for link in &scan.links {
            let value = match link.by {
                By::Module => "mod",
                By::Path => "path",
                By::Include => "include",
                By::Doc => "doc",
            };
            self.write(all_dev || link.dev, How::Load, link.path.clone(), value, || line(link.offset));
        }
        for call in &scan.calls {
            let form = macros::form(&scan.tokens, call);
            self.write(all_dev || call.dev, How::Call, [call.name, "!"].concat(), &form, || line(call.offset));
        }
        for defined in &scan.macros {
            if let Some(rules) = macros::rules(&scan.tokens, defined) {
                self.write(false, How::Setting, [defined.name, "!"].concat(), &rules, || line(defined.offset));
            }
        }
        for (text, offset) in &scan.strings {
            if text.starts_with("CARGO_FEATURE_") || text.starts_with("DEP_") {
                self.write(all_dev, How::Text, (*text).to_owned(), "variable", || line(*offset));
            }
            let externs = text.match_indices("extern crate ").map(|(at, found)| {
                let rest = &text[at + found.len()..];
                (&rest[..rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())], "")
            });
            for (head, next) in attributes::heads(text).chain(externs) {
                let name = if next.is_empty() { head.to_owned() } else { [head, next].join("::") };
                self.write(all_dev, How::Text, name, "string", || line(*offset));
            }
        }
        for (text, offset) in &scan.handed {
            self.write(all_dev, How::Text, text.replace('-', "_"), "name", || line(*offset));
        }
        if let Some(offset) = scan.generated {
            self.write(all_dev, How::Computed, "include!".into(), "", || line(offset));
        }
    }

    fn write(&mut self, dev: bool, how: How, name: String, value: &str, line: impl Fn() -> u32) {
        if name.len() > 300 || !self.seen.insert((dev, how, name.clone(), value.to_owned())) {
            return;
        }
        let used = Use { how, name, value: value.to_owned(), strength: Strength::Hard, line: line() };
        if dev { self.facts.dev_uses.push(used) } else { self.facts.uses.push(used) }
    }
}

#[cfg(test)]
mod tests;
