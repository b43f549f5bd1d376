//! YAML values with their lines.
//!
//! Format: YAML 1.2, read by `saphyr-parser`. What stands before a mistake is kept. Anchors are never expanded: an alias is
//! followed when it is looked at, a bounded number of times, so an alias bomb is as small here as its text.

use crate::text::{LineIndex, lines};
use depslim_model::Problem;
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::borrow::Cow;
use std::collections::HashMap;

/// A file: its documents and what could not be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Yaml {
    nodes: Vec<Data>,
    roots: Vec<usize>,
    /// At most one: the mistake that ended the reading, fatal when nothing stood before it.
    pub problems: Vec<Problem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Data {
    line: u32,
    content: Content,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Scalar {
        text: String,
        style: Style,
    },
    Sequence(Vec<usize>),
    /// Keys and values; keys are nodes too.
    Mapping(Vec<(usize, usize)>),
    Alias(Option<usize>),
}

/// How a scalar is spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Quoted,
    /// `|` or `>`: the parser's place is that of the first line that is not empty.
    Block,
}

/// What a node holds; an alias holds what its anchor holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string, number, boolean.
    Scalar,
    /// `null`, `~` or nothing.
    Null,
    /// A list.
    Sequence,
    /// A mapping.
    Mapping,
}

/// Deeper values are left out, with a problem.
const MAX_DEPTH: usize = 128;
/// How many aliases or merges one look-up follows.
const MAX_HOPS: u32 = 16;

/// Reads a whole file.
pub fn read(text: &str) -> Yaml {
    let (mut yaml, mut strict) = attempt(text);
    let mut text = Cow::Borrowed(text);
    for _ in 0..MAX_REPAIRS {
        let Some(line) = strict else { break };
        text = Cow::Owned(indented(&text, line));
        (yaml, strict) = attempt(&text);
    }
    yaml
}

/// Lines of a flow list that are indented less than the specification wants, and that every other reader takes, are moved to
/// the right; no more often than this, for each time costs a reading.
const MAX_REPAIRS: u32 = 20;

/// Reads a file; with it comes the line of a mistake that is only one of indentation inside `[ ]` or `{ }`.
fn attempt(text: &str) -> (Yaml, Option<u32>) {
    let mut yaml = Yaml::default();
    let mut parser = Parser::new_from_str(text);
    let mut builder = Builder::default();
    let mut strict = None;
    let last_line = LineIndex::new(text).count();
    // The parser's places can lie behind the end of a broken text.
    let line_of = |line: usize| u32::try_from(line).unwrap_or(u32::MAX).clamp(1, last_line);
    loop {
        match parser.next_event() {
            None => break,
            Some(Ok((event, span))) => {
                builder.event(&mut yaml, event, line_of(span.start.line()));
            }
            Some(Err(error)) => {
                let line = line_of(error.marker().line());
                if matches!(error.info(), "invalid indentation" | "invalid indentation in flow construct") {
                    strict = Some(line);
                }
                let message = format!("not valid YAML: {}; what stands before it was read", error.info());
                let problem =
                    if yaml.nodes.is_empty() { Problem::fatal(line, message) } else { Problem::at(line, message) };
                yaml.problems.push(problem);
                break;
            }
        }
    }
    builder.finish(&mut yaml);
    (yaml, strict)
}

/// The text with the lines from `line` to the next closing bracket moved to the right.
fn indented(text: &str, line: u32) -> String {
    let mut out = String::with_capacity(text.len() + 256);
    let mut inside = false;
    let mut done = false;
    for found in lines(text) {
        let whole = &text[found.start..];
        let whole = &whole[..whole.find('\n').map_or(whole.len(), |end| end + 1)];
        inside |= found.number == line && !done;
        if inside && !found.text.trim().is_empty() {
            out.push_str(&" ".repeat(64));
        }
        if inside && found.text.trim_start().starts_with([']', '}']) {
            (inside, done) = (false, true);
        }
        out.push_str(whole);
    }
    out
}

#[derive(Default)]
struct Builder {
    open: Vec<usize>,
    /// The key that waits for its value, for each open mapping.
    keys: Vec<Option<usize>>,
    anchors: HashMap<usize, usize>,
    /// How many containers beyond the depth limit are open.
    skipped: usize,
}

impl Builder {
    fn event(&mut self, yaml: &mut Yaml, event: Event<'_>, line: u32) {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                self.add(yaml, line, Content::Scalar { text: text.into_owned(), style }, anchor);
            }
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).copied();
                self.add(yaml, line, Content::Alias(target), 0);
            }
            Event::SequenceStart(anchor, _) => self.start(yaml, line, Content::Sequence(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => self.start(yaml, line, Content::Mapping(Vec::new()), anchor),
            Event::SequenceEnd | Event::MappingEnd => self.end(yaml),
            Event::DocumentStart(_) => self.anchors.clear(),
            Event::DocumentEnd | Event::Nothing | Event::StreamStart | Event::StreamEnd => {}
        }
    }

    fn start(&mut self, yaml: &mut Yaml, line: u32, content: Content, anchor: usize) {
        if self.skipped > 0 || self.open.len() >= MAX_DEPTH {
            if self.skipped == 0 && yaml.problems.is_empty() {
                yaml.problems.push(Problem::at(line, "values nested deeper than 128 levels were left out"));
            }
            self.skipped += 1;
            return;
        }
        let node = self.add(yaml, line, content, anchor);
        self.open.extend(node);
        self.keys.push(None);
    }

    fn end(&mut self, yaml: &mut Yaml) {
        if self.skipped > 0 {
            self.skipped -= 1;
            if self.skipped == 0 {
                // What was left out still takes its place as a key or value.
                let line = self.open.last().and_then(|open| yaml.nodes.get(*open)).map_or(1, |data| data.line);
                self.add(yaml, line, Content::Alias(None), 0);
            }
            return;
        }
        self.close_pair(yaml);
        self.open.pop();
        self.keys.pop();
    }

    fn finish(&mut self, yaml: &mut Yaml) {
        while !self.open.is_empty() {
            self.close_pair(yaml);
            self.open.pop();
            self.keys.pop();
        }
    }

    /// A key whose value the text does not reach any more has none.
    fn close_pair(&mut self, yaml: &mut Yaml) {
        if let Some(Some(key)) = self.keys.last().copied() {
            let line = yaml.nodes.get(key).map_or(1, |data| data.line);
            self.add(yaml, line, Content::Alias(None), 0);
        }
    }

    fn add(&mut self, yaml: &mut Yaml, line: u32, content: Content, anchor: usize) -> Option<usize> {
        if self.skipped > 0 {
            return None;
        }
        let node = yaml.nodes.len();
        yaml.nodes.push(Data { line, content });
        if anchor > 0 {
            self.anchors.insert(anchor, node);
        }
        match (self.open.last(), self.keys.last_mut()) {
            (Some(parent), Some(key)) => match yaml.nodes.get_mut(*parent).map(|data| &mut data.content) {
                Some(Content::Sequence(items)) => items.push(node),
                Some(Content::Mapping(entries)) => match key.take() {
                    Some(key) => entries.push((key, node)),
                    None => *key = Some(node),
                },
                _ => {}
            },
            _ => yaml.roots.push(node),
        }
        Some(node)
    }
}

impl Yaml {
    /// The values of the documents, in order.
    pub fn documents(&self) -> impl Iterator<Item = Node<'_>> {
        self.roots.iter().map(|id| Node { yaml: self, id: *id })
    }

    /// The value of the first document.
    pub fn first(&self) -> Option<Node<'_>> {
        self.documents().next()
    }

    /// Every node of the file once, in the order of the text; aliases are not followed. For looking everywhere without being
    /// led in circles.
    pub fn every(&self) -> impl Iterator<Item = Node<'_>> {
        (0..self.nodes.len()).map(|id| Node { yaml: self, id })
    }
}

/// A value in a [`Yaml`] file.
#[derive(Clone, Copy)]
pub struct Node<'y> {
    yaml: &'y Yaml,
    id: usize,
}

/// One entry of a mapping.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'y> {
    /// The key; empty when it is no scalar.
    pub key: &'y str,
    /// Line of the key.
    pub line: u32,
    /// The value.
    pub value: Node<'y>,
}

impl<'y> Node<'y> {
    /// What it holds.
    pub fn kind(&self) -> Kind {
        match self.content() {
            Some(Content::Scalar { text, style: Style::Plain })
                if matches!(text.as_str(), "" | "~" | "null" | "Null") =>
            {
                Kind::Null
            }
            Some(Content::Scalar { .. }) => Kind::Scalar,
            Some(Content::Sequence(_)) => Kind::Sequence,
            Some(Content::Mapping(_)) => Kind::Mapping,
            Some(Content::Alias(_)) | None => Kind::Null,
        }
    }

    /// Line on which it starts: of the first line that is not empty for `|` and `>` texts.
    pub fn line(&self) -> u32 {
        self.yaml.nodes.get(self.id).map_or(1, |data| data.line)
    }

    /// Line on which the text of a scalar starts.
    pub fn text_line(&self) -> u32 {
        match self.target() {
            Some(Data { line, content: Content::Scalar { text, style: Style::Block } }) => {
                let empty = text.len() - text.trim_start_matches('\n').len();
                line.saturating_sub(u32::try_from(empty).unwrap_or(u32::MAX)).max(1)
            }
            target => target.map_or(1, |data| data.line),
        }
    }

    /// The text of a scalar, as spelt for numbers and booleans; nothing for `null`.
    pub fn text(&self) -> Option<&'y str> {
        match self.content() {
            Some(Content::Scalar { text, .. }) if self.kind() == Kind::Scalar => Some(text),
            _ => None,
        }
    }

    /// The items of a sequence; nothing for other values.
    pub fn items(&self) -> impl Iterator<Item = Self> + use<'y> {
        let items: &[usize] = match self.content() {
            Some(Content::Sequence(items)) => items,
            _ => &[],
        };
        let yaml = self.yaml;
        items.iter().map(move |id| Self { yaml, id: *id })
    }

    /// The scalars of a sequence, or the one scalar that stands in its place.
    pub fn strings(&self) -> impl Iterator<Item = (&'y str, u32)> + use<'y> {
        let alone = self.text().map(|text| (text, self.text_line()));
        alone.into_iter().chain(self.items().filter_map(|item| Some((item.text()?, item.text_line()))))
    }

    /// The entries that a mapping writes itself; `<<` is one of them.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'y>> + use<'y> {
        let entries: &[(usize, usize)] = match self.content() {
            Some(Content::Mapping(entries)) => entries,
            _ => &[],
        };
        let yaml = self.yaml;
        entries.iter().map(move |(key, value)| {
            let key = Self { yaml, id: *key };
            Entry { key: key.text().unwrap_or(""), line: key.line(), value: Self { yaml, id: *value } }
        })
    }

    /// The value under a key: the last one that the mapping writes, else what it merges in with `<<`.
    pub fn get(&self, key: &str) -> Option<Self> {
        self.find(key, MAX_HOPS)
    }

    /// The value under a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(*self, |node, key| node.get(key))
    }

    fn find(&self, key: &str, hops: u32) -> Option<Self> {
        let own = self.entries().filter(|entry| entry.key == key).last();
        if own.is_some() || hops == 0 {
            return own.map(|entry| entry.value);
        }
        let merged = self.entries().filter(|entry| entry.key == "<<").last()?.value;
        // A list of mappings is tried in order; only its first few, each with the hops that are left.
        match merged.kind() {
            Kind::Sequence => merged.items().take(4).find_map(|item| item.find(key, hops / 2)),
            _ => merged.find(key, hops - 1),
        }
    }

    fn target(&self) -> Option<&'y Data> {
        let mut data = self.yaml.nodes.get(self.id)?;
        for _ in 0..MAX_HOPS {
            match data.content {
                Content::Alias(target) => data = self.yaml.nodes.get(target?)?,
                _ => return Some(data),
            }
        }
        None
    }

    fn content(&self) -> Option<&'y Content> {
        self.target().map(|data| &data.content)
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node").field("line", &self.line()).field("kind", &self.kind()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One line for each value: its line and its path.
    fn show(text: &str) -> String {
        fn walk(node: Node<'_>, path: &str, depth: u32, out: &mut Vec<String>) {
            if depth == 0 {
                return;
            }
            match node.kind() {
                Kind::Scalar => out.push(format!("{}: {path} = {:?}", node.text_line(), node.text().unwrap_or("?"))),
                Kind::Null => out.push(format!("{}: {path} is null", node.line())),
                Kind::Sequence => node.items().for_each(|item| walk(item, &format!("{path}[]"), depth - 1, out)),
                Kind::Mapping => {
                    for entry in node.entries() {
                        walk(entry.value, &format!("{path}.{}", entry.key), depth - 1, out);
                    }
                }
            }
        }
        let yaml = read(text);
        let mut out = Vec::new();
        yaml.documents().for_each(|document| walk(document, "", 9, &mut out));
        out.extend(yaml.problems.iter().map(|problem| format!("problem {}: {}", problem.line, problem.message)));
        out.join("\n")
    }

    #[test]
    fn values_and_their_lines() {
        insta::assert_snapshot!(show("# top\nservices:\n  web:\n    command: [serve, '--all', \"x\\ty\"]\n    ports:\n      - 80:80\n      - plain\n        folded\n    run: |\n\n      one\n      two\n    fold: >-\n      a\n      b\n    none:\n    yes: ~\n"), @r#"
        4: .services.web.command[] = "serve"
        4: .services.web.command[] = "--all"
        4: .services.web.command[] = "x\ty"
        6: .services.web.ports[] = "80:80"
        7: .services.web.ports[] = "plain folded"
        10: .services.web.run = "\none\ntwo\n"
        14: .services.web.fold = "a b"
        16: .services.web.none is null
        17: .services.web.yes is null
        "#);
    }

    #[test]
    fn several_documents_and_crlf() {
        insta::assert_snapshot!(show("a: 1\r\n---\r\nb: 2\r\n...\r\n---\r\n- c\r\n"), @r#"
        1: .a = "1"
        3: .b = "2"
        6: [] = "c"
        "#);
    }

    #[test]
    fn aliases_and_merges_are_followed() {
        let yaml = read(
            "base: &base\n  command: serve\n  env: &env [x]\nweb:\n  <<: *base\n  port: 1\nboth:\n  <<: [*none, *base]\n  env: *env\ntwice: 1\ntwice: 2\n",
        );
        let root = yaml.first().expect("a document");
        let command = root.at(&["web", "command"]).expect("merged");
        assert_eq!((command.text(), command.line()), (Some("serve"), 2));
        let yaml = read("base: &base\n  command: serve\nboth:\n  <<: [*base]\n  env: 1\ntwice: 1\ntwice: 2\n");
        let root = yaml.first().expect("a document");
        assert_eq!(root.at(&["both", "command"]).and_then(|n| n.text()), Some("serve"));
        assert_eq!(root.at(&["twice"]).and_then(|n| n.text()), Some("2"), "the last of equal keys counts");
        assert_eq!(root.at(&["both", "missing"]).map(|n| n.line()), None);
    }

    #[test]
    fn a_mistake_ends_the_reading_and_is_named() {
        insta::assert_snapshot!(show("a: 1\nb:\n  - x\n  - {y: [\nc: 2\n"), @r#"
        1: .a = "1"
        3: .b[] = "x"
        5: .b[].y[].c = "2"
        problem 6: not valid YAML: while parsing a flow mapping, did not find expected ',' or '}'; what stands before it was read
        "#);
        assert!(read("\"open").problems.iter().any(|problem| problem.fatal && problem.line == 1));
        assert_eq!(read("").problems, []);
    }

    #[test]
    fn flow_lists_may_be_indented_as_people_do() {
        insta::assert_snapshot!(show("a:\n  b: [\n    'x',\n  'y'\n  ]\n  c: {\n    d: 1\n  }\ne: [\nz\n]\nf: 2\n"), @r#"
        3: .a.b[] = "x"
        4: .a.b[] = "y"
        7: .a.c.d = "1"
        10: .e[] = "z"
        12: .f = "2"
        "#);
    }

    #[test]
    fn circles_and_bombs_are_harmless() {
        let circle = read("a: &a\n  <<: *a\n  b: *a\n");
        assert_eq!(circle.first().and_then(|root| root.at(&["a", "missing"])).map(|n| n.line()), None);
        let first = "a0: &a0 [x, x, x, x, x, x, x, x]\n".to_owned();
        let rest = (1..60).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}, *a{0}, *a{0}, *a{0}]\n", n - 1));
        let bomb: Vec<_> = std::iter::once(first).chain(rest).collect();
        let bomb = bomb.concat();
        let yaml = read(&bomb);
        assert!(yaml.problems.is_empty() && yaml.every().count() < 1000);
    }

    #[test]
    fn deep_nesting_is_cut() {
        for text in ["[".repeat(20_000), "{a: ".repeat(5_000), "- ".repeat(5_000), "? ".repeat(5_000)] {
            let yaml = read(&text);
            assert!(!yaml.problems.is_empty(), "{text:.10}");
            assert!(yaml.every().count() <= 2 * text.len());
        }
    }

    proptest! {
        #[test]
        fn any_text_reads(text in "([a-c:{}\\[\\],&*?|>'\"#!%@~ \\n\\t-]|<<: |- |: |---\\n|ä|\\PC){0,60}") {
            let count = LineIndex::new(&text).count();
            let yaml = read(&text);
            prop_assert!(yaml.problems.iter().all(|problem| problem.line >= 1 && problem.line <= count));
            for node in yaml.every() {
                prop_assert!(node.line() >= 1 && node.line() <= count);
                node.get("a");
                node.strings().count();
            }
        }
    }
}
