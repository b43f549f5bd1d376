//! `setup.py`, read and never run: literal lists, names bound to them, and lists that are read from files beside it. Whatever else
//! the code computes is said to be not analysed.

mod layout;

pub(crate) use layout::{development, literal};

use super::classify;
use super::place;
use super::requirement;
use crate::source::depth::{self, Depth};
use crate::source::tree::{self, Block, Call, Constant, Expr, Node, Statement, Stmt, Tree};
use depslim_formats::text::{LineIndex, decode};
use depslim_model::{Facts, Group, Include, Manifest, Problem, Require, Role, Settings, Source};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

/// Reads the file.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let text: &str = &decoded.text;
    if !text.contains("setup") {
        return Facts::default();
    }
    if depth::measure(text.as_bytes()) != Depth::Shallow {
        return Facts::broken(Problem::at(0, "nests too deeply: not analysed"));
    }
    let Some(tree) = Tree::parse(text) else {
        return Facts::broken(Problem::at(0, "can't be parsed: not analysed"));
    };
    let mut known = Known::default();
    known.walk(text, tree.statements(), &[]);
    let Some(call) = known.setup else { return Facts::default() };
    let mut reader = Reader {
        known: &known,
        lines: LineIndex::new(text),
        offset: decoded.file_offset(),
        settings: source.settings,
        manifest: Manifest { role: Role::Manifest, ..Manifest::default() },
        facts: Facts { problems: decoded.problems.clone(), ..Facts::default() },
        steps: Cell::new(MOST_STEPS),
    };
    if let Some((offset, message)) = tree.error() {
        let line = reader.lines.line(offset);
        reader.facts.problems.push(Problem::at(line, format!("syntax error, read as far as possible: {message}")));
    }
    reader.arguments(call);
    let Reader { manifest, mut facts, .. } = reader;
    facts.manifest = Some(manifest);
    facts
}

/// How many names one value may lead through.
const MOST_HOPS: u32 = 16;

/// How many values are looked at in one file: names that are added to themselves multiply.
const MOST_STEPS: u32 = 20_000;

/// Paths in the code, each with its offset.
type Files<'a> = Vec<(&'a str, usize)>;

/// What the file binds and calls.
#[derive(Default)]
struct Known<'a> {
    /// Values by name: what is assigned, and what is added later.
    values: BTreeMap<&'a str, Vec<Bound<'a>>>,
    /// Values by name and constant key (`extras["dev"] = […]`).
    items: BTreeMap<&'a str, Vec<(&'a str, &'a Expr)>>,
    /// Files that look like lists of requirements in the body of a function, by its name.
    functions: BTreeMap<&'a str, Files<'a>>,
    setup: Option<Call<'a>>,
}

struct Bound<'a> {
    value: &'a Expr,
    /// Files that look like lists of requirements in the headers of `with` around it.
    files: Files<'a>,
}

impl<'a> Known<'a> {
    fn walk(&mut self, text: &'a str, statements: &'a [Stmt], files: &[(&'a str, usize)]) {
        for stmt in statements {
            match tree::statement(stmt) {
                Statement::Assign { targets, value } => targets.iter().for_each(|t| self.bind(t, value, files)),
                Statement::Annotated { target, value: Some(value) } | Statement::Augmented { target, value } => {
                    self.bind(target, value, files);
                }
                Statement::Expression(value) => self.expression(value, files),
                _ => {}
            }
            let mut blocks: Vec<(Option<&'a str>, Files<'a>, &'a [Stmt])> = Vec::new();
            tree::blocks(stmt, &mut |block, body| {
                let name = matches!(block, Block::Function).then(|| function_name(text, stmt)).flatten();
                let mut around = files.to_vec();
                if matches!(block, Block::With(_)) {
                    tree::expressions(stmt, &mut |expr, _| around.extend(list_files(expr)));
                }
                blocks.push((name, around, body));
            });
            for (name, around, body) in blocks {
                if let Some(name) = name {
                    let mut found = Vec::new();
                    everything(body, &mut |expr| found.extend(list_files(expr)));
                    self.functions.insert(name, found);
                }
                self.walk(text, body, &around);
            }
        }
    }

    fn bind(&mut self, target: &'a Expr, value: &'a Expr, files: &[(&'a str, usize)]) {
        match tree::node(target) {
            Node::Name(name) => self.values.entry(name).or_default().push(Bound { value, files: files.to_vec() }),
            Node::Subscript(of, key) => {
                if let (Node::Name(name), Node::String(key)) = (tree::node(of), tree::node(key)) {
                    self.items.entry(name).or_default().push((key, value));
                }
            }
            _ => {}
        }
    }

    /// `setup(…)`, and `requirements.append(…)`.
    fn expression(&mut self, expr: &'a Expr, files: &[(&'a str, usize)]) {
        let Node::Call(call) = tree::node(expr) else { return };
        match tree::node(call.callee) {
            Node::Name("setup") => self.setup = Some(call),
            Node::Attribute(of, "setup")
                if matches!(tree::node(of), Node::Name("setuptools" | "core" | "distutils")) =>
            {
                self.setup = Some(call);
            }
            Node::Attribute(of, "append" | "extend" | "insert" | "update") => {
                if let (Node::Name(name), Some(value)) = (tree::node(of), call.positional.last()) {
                    self.values.entry(name).or_default().push(Bound { value, files: files.to_vec() });
                }
            }
            _ => {}
        }
    }
}

/// Whom a list is for.
#[derive(Clone)]
struct For {
    group: Group,
    name: Option<String>,
    condition: Option<String>,
}

struct Reader<'a, 't> {
    known: &'a Known<'a>,
    lines: LineIndex<'t>,
    /// Where the text begins in the file, when what stands in it can be edited.
    offset: Option<usize>,
    settings: &'a Settings,
    manifest: Manifest,
    facts: Facts,
    steps: Cell<u32>,
}

impl<'a> Reader<'a, '_> {
    fn arguments(&mut self, call: Call<'a>) {
        for (name, value) in self.given(call) {
            self.argument(name, value);
        }
    }

    /// Arguments by name.
    fn given(&self, call: Call<'a>) -> Vec<(&'a str, &'a Expr)> {
        let mut given = Vec::new();
        for (name, value) in call.keywords() {
            match name {
                Some(name) => given.push((name, value)),
                // `setup(**arguments)`.
                None => given.extend(self.entries(value, MOST_HOPS)),
            }
        }
        given
    }

    fn argument(&mut self, name: &str, value: &'a Expr) {
        let of = |group, name: Option<&str>| For { group, name: name.map(str::to_owned), condition: None };
        match name {
            "name" => self.manifest.name = self.constant(value, MOST_HOPS).map(str::to_owned),
            "python_requires" => self.manifest.runtime = self.constant(value, MOST_HOPS).map(str::to_owned),
            "install_requires" => self.list(name, value, &of(Group::Prod, None)),
            "setup_requires" => self.list(name, value, &of(Group::Build, None)),
            "tests_require" => self.list(name, value, &of(Group::Dev, Some("test"))),
            "extras_require" => self.extras(value),
            _ => {}
        }
    }

    fn extras(&mut self, value: &'a Expr) {
        let entries = self.entries(value, MOST_HOPS);
        if entries.is_empty() && !matches!(tree::node(value), Node::Dict(_)) {
            self.dynamic("extras_require", value);
        }
        for (key, value) in entries {
            // `"s3:python_version < '3.9'"`, and `":python_version < '3.9'"` for what every install takes.
            let (extra, condition) = key.split_once(':').map_or((key, None), |(e, c)| (e, Some(c.trim().to_owned())));
            let extra = extra.trim();
            let group = if extra.is_empty() { Group::Prod } else { classify::group(extra, self.settings) };
            let name = (!extra.is_empty()).then(|| extra.to_owned());
            self.list("extras_require", value, &For { group, name, condition });
        }
    }

    /// Entries of a dictionary with constant keys, through names, `**` and later assignments.
    fn entries(&self, value: &'a Expr, hops: u32) -> Vec<(&'a str, &'a Expr)> {
        if hops == 0 || !self.step() {
            return Vec::new();
        }
        match tree::node(value) {
            Node::Dict(items) => {
                let mut found = Vec::new();
                for (key, value) in items.iter() {
                    match key.map(tree::node) {
                        Some(Node::String(key)) => found.push((key, value)),
                        Some(_) => {}
                        None => found.extend(self.entries(value, hops - 1)),
                    }
                }
                found
            }
            Node::Name(name) => {
                let bound = self.known.values.get(name).into_iter().flatten();
                let mut found: Vec<_> = bound.flat_map(|b| self.entries(b.value, hops - 1)).collect();
                found.extend(self.known.items.get(name).into_iter().flatten());
                found
            }
            Node::Call(call) if matches!(tree::node(call.callee), Node::Name("dict")) => {
                call.keywords().filter_map(|(name, value)| Some((name?, value))).collect()
            }
            _ => Vec::new(),
        }
    }

    fn constant(&self, value: &'a Expr, hops: u32) -> Option<&'a str> {
        match tree::node(value) {
            Node::String(text) => Some(text),
            Node::Name(name) if hops > 0 => self.constant(self.known.values.get(name)?.last()?.value, hops - 1),
            _ => None,
        }
    }

    /// False when the file has used up what one file may cost.
    fn step(&self) -> bool {
        self.steps.set(self.steps.get().saturating_sub(1));
        self.steps.get() > 0
    }

    /// A list of requirements, however it is written; what is computed is a problem.
    fn list(&mut self, argument: &str, value: &'a Expr, whom: &For) {
        if !self.take(value, whom, MOST_HOPS) {
            self.dynamic(argument, value);
        }
    }

    fn dynamic(&mut self, argument: &str, value: &'a Expr) {
        let line = self.lines.line(tree::start(value));
        self.facts.problems.push(Problem::at(line, format!("{argument} is computed: not analysed")));
    }

    /// True when all of it was understood.
    fn take(&mut self, value: &'a Expr, whom: &For, hops: u32) -> bool {
        if hops == 0 || !self.step() {
            return false;
        }
        match tree::node(value) {
            Node::Constant(Constant::Word("None")) => true,
            Node::String(text) => {
                self.text(text, tree::start(value), whom, None);
                true
            }
            Node::Template(prefix) => self.prefix(prefix, tree::start(value), whom),
            Node::Sequence(items) => {
                let places = layout::places(self.lines.text(), value, items);
                let mut whole = true;
                for (index, item) in items.iter().enumerate() {
                    if !self.step() {
                        return false;
                    }
                    match tree::node(item) {
                        Node::String(text) if !text.contains('\n') => {
                            let span = places
                                .as_ref()
                                .and_then(|(list, items)| place::part(self.lines.text(), list, items, index));
                            self.text(text, tree::start(item), whom, span.as_ref());
                        }
                        _ => whole &= self.take(item, whom, hops),
                    }
                }
                whole
            }
            Node::Starred(inner) => self.take(inner, whom, hops),
            // `"plum>=" + VERSION`, `"plum==%s" % VERSION`, `BASE + MORE`.
            Node::Binary(left, sign, right) => match (tree::node(left), sign) {
                (Node::String(text), Some('+' | '%')) => {
                    self.prefix(text.split('%').next().unwrap_or(text), tree::start(left), whom)
                }
                (_, Some('+' | '|')) => self.take(left, whom, hops) & self.take(right, whom, hops),
                _ => false,
            },
            Node::Conditional(one, other) => self.take(one, whom, hops) & self.take(other, whom, hops),
            Node::Either(all) => all.iter().fold(true, |whole, one| self.take(one, whom, hops) & whole),
            Node::Name(name) => self.name(name, whom, hops - 1),
            Node::Subscript(of, key) => {
                let Node::String(key) = tree::node(key) else { return false };
                let found: Vec<_> = self.entries(of, hops - 1).into_iter().filter(|(k, _)| *k == key).collect();
                !found.is_empty() && found.into_iter().fold(true, |whole, (_, v)| self.take(v, whom, hops - 1) & whole)
            }
            Node::Call(call) => self.call(call, value, whom, hops - 1),
            _ => self.files(list_files(value), whom),
        }
    }

    fn name(&mut self, name: &str, whom: &For, hops: u32) -> bool {
        let known = self.known;
        let Some(bound) = known.values.get(name) else { return false };
        let mut whole = true;
        for one in bound {
            // `with open("requirements.txt") as f: required = f.read().splitlines()`.
            whole &= self.take(one.value, whom, hops) || self.files(one.files.clone(), whom);
        }
        whole
    }

    fn call(&mut self, call: Call<'a>, value: &'a Expr, whom: &For, hops: u32) -> bool {
        match tree::node(call.callee) {
            Node::Name("list" | "sorted" | "set" | "tuple" | "str" | "dedent") => {
                return call.positional.first().is_none_or(|inner| self.take(inner, whom, hops));
            }
            // `"plum pear".split()`.
            Node::Attribute(of, "split") if call.positional.is_empty() && matches!(tree::node(of), Node::String(_)) => {
                let Node::String(words) = tree::node(of) else { return false };
                words.split_whitespace().for_each(|word| self.text(word, tree::start(of), whom, None));
                return true;
            }
            Node::Attribute(of, "split" | "splitlines" | "strip" | "copy")
                if matches!(tree::node(of), Node::String(_) | Node::Name(_) | Node::Call(_))
                    && self.take(of, whom, hops) =>
            {
                return true;
            }
            Node::Name(name) => {
                let known = self.known;
                if let Some(files) = known.functions.get(name).filter(|f| !f.is_empty())
                    && list_files(value).is_empty()
                {
                    return self.files(files.clone(), whom);
                }
            }
            _ => {}
        }
        self.files(list_files(value), whom)
    }

    /// Lists in other files; true when there is one.
    fn files(&mut self, files: Files<'a>, whom: &For) -> bool {
        let any = !files.is_empty();
        // What an extra reads from a file has that file's own name to say whom it is for.
        for (path, at) in files.into_iter().filter(|_| whom.group == Group::Prod) {
            let line = self.lines.line(at);
            let path = path.trim_start_matches("./").to_owned();
            self.manifest.includes.push(Include { path, role: Role::Manifest, line });
        }
        any
    }

    /// Requirements in a string: one, or one a line; `span` is what goes from the file with the string.
    fn text(&mut self, text: &str, at: usize, whom: &For, span: Option<&Range<usize>>) {
        let first = self.lines.line(at);
        for (number, line) in (0_u32..).zip(text.split('\n')) {
            let requirement = line.split(" #").next().unwrap_or(line).trim();
            if requirement.is_empty() || requirement.starts_with(['#', '-']) {
                continue;
            }
            let line = (first + number).min(self.lines.count());
            let parsed = requirement::parse(requirement);
            self.facts.problems.extend(parsed.problem_at(line));
            if !parsed.is_void() {
                let span = span.zip(self.offset).map(|(span, at)| span.start + at..span.end + at);
                self.push(Require { span, ..parsed.declared(line) }, whom);
            }
        }
    }

    /// The constant beginning of a string: its name counts when it is whole.
    fn prefix(&mut self, prefix: &str, at: usize, whom: &For) -> bool {
        let end = prefix.find(['=', '<', '>', '~', '!', ';', '@', ' ']).unwrap_or(0);
        let parsed = requirement::parse(&prefix[..end]);
        if parsed.name.is_empty() {
            return false;
        }
        let line = self.lines.line(at);
        self.push(parsed.declared(line), whom);
        true
    }

    fn push(&mut self, require: Require, whom: &For) {
        let line = self.lines.range(require.line);
        let condition = crate::marker::both([whom.condition.clone(), require.condition.clone()]);
        self.facts.requires.push(Require {
            group: whom.group,
            group_name: whom.name.clone(),
            condition,
            comment: place::comment(&self.lines.text()[line]),
            ..require
        });
    }
}

/// Constant strings in an expression that look like the path of a list of requirements, each with its offset.
fn list_files(expr: &Expr) -> Files<'_> {
    let mut found = Vec::new();
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        if let Node::String(text) = tree::node(expr)
            && is_list_file(text)
        {
            found.push((text, tree::start(expr)));
        }
        tree::children(expr, &mut |child| open.push(child));
    }
    found.sort_by_key(|(_, at)| *at);
    found
}

fn is_list_file(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let named = ["req", "depend", "deps", "install"].iter().any(|word| lower.contains(word));
    named && (lower.ends_with(".txt") || lower.ends_with(".in")) && !lower.contains(['\n', '*', ' '])
}

/// Calls `each` with the outermost expressions of a block and of the blocks in it.
fn everything<'a>(statements: &'a [Stmt], each: &mut dyn FnMut(&'a Expr)) {
    for stmt in statements {
        tree::expressions(stmt, &mut |expr, _| each(expr));
        let mut inner = Vec::new();
        tree::blocks(stmt, &mut |_, body| inner.push(body));
        for body in inner {
            everything(body, each);
        }
    }
}

fn function_name<'a>(text: &'a str, stmt: &Stmt) -> Option<&'a str> {
    let (_, rest) = text.get(tree::start(stmt)..)?.split_once("def ")?;
    rest.split('(').next().map(str::trim)
}

#[cfg(test)]
mod tests;
