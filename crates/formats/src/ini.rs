//! INI values with their lines: sections, keys, values over several lines.
//!
//! Formats: Python's `configparser` (`setup.cfg`, `tox.ini`, `supervisord.conf`, `alembic.ini`), where an indented line continues
//! a value; systemd's unit files (`systemd.syntax`), where a trailing backslash does.

use crate::text::{Line, lines};
use depslim_model::Problem;
use std::ops::Range;

/// How values continue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Indented lines belong to the value above; `=` or `:` ends a key.
    #[default]
    Python,
    /// A trailing backslash continues the line; only `=` ends a key.
    Systemd,
}

/// A file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ini {
    /// The sections in order; one that is opened twice is here twice, and keys before the first are in one without a name.
    pub sections: Vec<Section>,
    /// Lines that say nothing.
    pub problems: Vec<Problem>,
}

/// A section.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    /// The text between the brackets.
    pub name: String,
    /// Line of the header, from 1.
    pub line: u32,
    /// Its keys in order; a key that is set twice is here twice.
    pub entries: Vec<Entry>,
}

/// A key with its value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The key as written.
    pub key: String,
    /// Line of the key, from 1.
    pub line: u32,
    /// The lines of the value that hold something.
    pub values: Vec<Value>,
    /// Bytes of the whole entry: from the key to the end of its last line, line end included.
    pub span: Range<usize>,
}

/// One line of a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Value {
    /// The text without white space around it.
    pub text: String,
    /// Its line, from 1.
    pub line: u32,
    /// Where the text stands.
    pub span: Range<usize>,
}

impl Entry {
    /// The whole value; its lines are joined by line ends for Python's dialect, by spaces for systemd's.
    pub fn text(&self, dialect: Dialect) -> String {
        let lines: Vec<_> = self.values.iter().map(|value| value.text.as_str()).collect();
        lines.join(if dialect == Dialect::Python { "\n" } else { " " })
    }
}

impl Section {
    /// The last entry with this key, in any letter case.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().rfind(|entry| entry.key.eq_ignore_ascii_case(key))
    }
}

impl Ini {
    /// The last entry with this key, in any letter case, of the sections with this name.
    pub fn get(&self, section: &str, key: &str) -> Option<&Entry> {
        self.sections.iter().rev().filter(|candidate| candidate.name == section).find_map(|section| section.get(key))
    }
}

/// Strange lines beyond these say nothing new: the file is no INI file.
const MAX_PROBLEMS: usize = 20;

/// Reads a whole file.
pub fn read(text: &str, dialect: Dialect) -> Ini {
    let mut ini = Ini::default();
    let mut continued = false;
    for line in lines(text) {
        let trimmed = line.text.trim();
        if trimmed.is_empty() {
            continued = false;
            continue;
        }
        if trimmed.starts_with(['#', ';']) {
            continue;
        }
        let end = line_end(text, &line);
        let indented = line.text.starts_with([' ', '\t']);
        let belongs_above = if dialect == Dialect::Python { indented } else { continued };
        continued = trimmed.ends_with('\\');
        if belongs_above && let Some(entry) = ini.sections.last_mut().and_then(|section| section.entries.last_mut()) {
            entry.values.extend(value(&line, 0, dialect));
            entry.span.end = end;
            continue;
        }
        if let Some(name) = header(trimmed) {
            ini.sections.push(Section { name: name.to_owned(), line: line.number, entries: Vec::new() });
            continue;
        }
        if ini.sections.is_empty() {
            ini.sections.push(Section { name: String::new(), line: line.number, entries: Vec::new() });
        }
        let Some(section) = ini.sections.last_mut() else { continue };
        let delimiters: &[char] = if dialect == Dialect::Python { &['=', ':'] } else { &['='] };
        let split = line.text.find(delimiters);
        if split.is_none() && ini.problems.len() < MAX_PROBLEMS {
            ini.problems.push(Problem::at(line.number, "neither a section nor a key with a value"));
        }
        let (key, values) = match split {
            Some(at) => (line.text[..at].trim(), value(&line, at + 1, dialect)),
            None => (trimmed, None),
        };
        section.entries.push(Entry {
            key: key.to_owned(),
            line: line.number,
            values: values.into_iter().collect(),
            span: line.start..end,
        });
    }
    ini
}

/// The text before an inline comment: a sign behind white space, as `supervisord.conf` has them.
pub fn without_comment<'t>(text: &'t str, signs: &[char]) -> &'t str {
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        if signs.contains(&character) && before.is_whitespace() {
            return text[..at].trim_end();
        }
        before = character;
    }
    text
}

fn header(trimmed: &str) -> Option<&str> {
    let inside = trimmed.strip_prefix('[')?;
    // What follows the bracket can only be a comment.
    inside.split_once(']').map(|(name, _)| name.trim())
}

fn value(line: &Line<'_>, from: usize, dialect: Dialect) -> Option<Value> {
    let mut text = line.text[from..].trim();
    if dialect == Dialect::Systemd {
        text = text.strip_suffix('\\').unwrap_or(text).trim_end();
    }
    if text.is_empty() {
        return None;
    }
    let start = line.start + line.text.len() - line.text[from..].trim_start().len();
    Some(Value { text: text.to_owned(), line: line.number, span: start..start + text.len() })
}

fn line_end(text: &str, line: &Line<'_>) -> usize {
    let behind = &text[line.start + line.text.len()..];
    line.start + line.text.len() + behind.find('\n').map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn show(text: &str, dialect: Dialect) -> String {
        let ini = read(text, dialect);
        let mut out = Vec::new();
        for section in &ini.sections {
            out.push(format!("{}: [{}]", section.line, section.name));
            for entry in &section.entries {
                let values: Vec<_> =
                    entry.values.iter().map(|value| format!("{}:{:?}", value.line, value.text)).collect();
                out.push(format!("  {}: {} = {}", entry.line, entry.key, values.join(" ")));
                for value in &entry.values {
                    assert_eq!(text[value.span.clone()], value.text);
                }
            }
        }
        out.extend(ini.problems.iter().map(|problem| format!("problem {}: {}", problem.line, problem.message)));
        out.join("\n")
    }

    #[test]
    fn python_values_continue_by_indentation() {
        insta::assert_snapshot!(show("# top\n[metadata]\nname: plum\n\n[options]\ninstall_requires =\n    quince>=1\n    # a note\n    fig ; python_version < '3'\n\n    medlar\nzip_safe=False\n", Dialect::Python), @r#"
        2: [metadata]
          3: name = 3:"plum"
        5: [options]
          6: install_requires = 7:"quince>=1" 9:"fig ; python_version < '3'" 11:"medlar"
          12: zip_safe = 12:"False"
        "#);
    }

    #[test]
    fn systemd_values_continue_by_backslash() {
        insta::assert_snapshot!(show("[Service]\nEnvironment=A=1\nExecStart=/bin/serve \\\n  --all \\\n# note\n  --fast\nExecStart=second:x\n", Dialect::Systemd), @r#"
        1: [Service]
          2: Environment = 2:"A=1"
          3: ExecStart = 3:"/bin/serve" 4:"--all" 6:"--fast"
          7: ExecStart = 7:"second:x"
        "#);
    }

    #[test]
    fn strange_lines_are_said() {
        insta::assert_snapshot!(show("early = 1\r\n[a] ; note\r\nnothing here\r\n[a]\r\nk = v\r\n", Dialect::Python), @r#"
        1: []
          1: early = 1:"1"
        2: [a]
          3: nothing here = 
        4: [a]
          5: k = 5:"v"
        problem 3: neither a section nor a key with a value
        "#);
    }

    #[test]
    fn look_up_takes_the_last_and_joins_lines() {
        let text = "[a]\nK = 1\n[b]\n[a]\nk = x\n  y\n";
        let ini = read(text, Dialect::Python);
        let entry = ini.get("a", "k").expect("set");
        assert_eq!(
            (entry.line, entry.text(Dialect::Python), entry.text(Dialect::Systemd)),
            (5, "x\ny".into(), "x y".into())
        );
        assert_eq!(&text[entry.span.clone()], "k = x\n  y\n");
        assert_eq!(ini.get("b", "k"), None);
    }

    #[test]
    fn inline_comments_need_white_space_before() {
        assert_eq!(without_comment("serve --a=1;2 ; note", &[';']), "serve --a=1;2");
        assert_eq!(without_comment("; all", &[';']), "");
        assert_eq!(without_comment("serve #x", &[';']), "serve #x");
    }

    proptest! {
        #[test]
        fn any_text_reads(text in "([\\[\\]=:#;a-c \\\\\\n\\r\\t]|ä|\\PC){0,80}", systemd: bool) {
            let dialect = if systemd { Dialect::Systemd } else { Dialect::Python };
            let count = text.matches('\n').count() + 1;
            let ini = read(&text, dialect);
            for section in &ini.sections {
                prop_assert!(section.line >= 1 && section.line as usize <= count);
                for entry in &section.entries {
                    prop_assert!(text.get(entry.span.clone()).is_some());
                    for value in &entry.values {
                        prop_assert_eq!(text.get(value.span.clone()), Some(value.text.as_str()));
                        prop_assert!(entry.span.start <= value.span.start && value.span.end <= entry.span.end);
                    }
                }
            }
        }
    }
}
