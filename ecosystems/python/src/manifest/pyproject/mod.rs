//! `pyproject.toml`: [the standard tables](https://packaging.python.org/en/latest/specifications/pyproject-toml/) (PEP 621),
//! [dependency groups](https://peps.python.org/pep-0735/), and the tables of uv, Poetry, PDM, Hatch, Flit, Rye, Pixi and setuptools.

mod groups;
mod inherit;
mod poetry;
#[cfg(test)]
mod tests;
mod tools;

pub(in crate::manifest) use poetry::origin;

use super::classify;
use super::credentials::without_credentials;
use super::place;
use super::requirement::{self, Requirement};
use crate::names::canonical;
use depslim_formats::text;
use depslim_formats::toml::{self, Located, Node};
use depslim_model::{Facts, Group, Include, Manifest, Problem, Require, Role, Settings, Source};
use std::collections::BTreeMap;

/// Reads the file.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    read_with(source, |project, root| {
        standard(project, root);
        groups::read(project, root);
        poetry::read(project, root);
        tools::read(project, root);
        build_system(project, root);
    })
}

/// Reads `hatch.toml`, which holds what stands below `[tool.hatch]` else
/// ([format](https://hatch.pypa.io/latest/intro/#configuration)).
pub(crate) fn read_hatch_toml(source: &Source<'_>) -> Facts {
    read_with(source, tools::read_hatch)
}

fn read_with(source: &Source<'_>, take: fn(&mut Pyproject<'_>, Node<'_>)) -> Facts {
    let decoded = text::decode(source.bytes);
    let doc = match toml::parse(&decoded.text) {
        Ok(doc) => doc,
        Err(problem) => return Facts::broken(Problem { message: without_credentials(&problem.message), ..problem }),
    };
    let mut project = Pyproject {
        doc: &doc,
        offset: decoded.file_offset(),
        settings: source.settings,
        manifest: Manifest::default(),
        facts: Facts { problems: decoded.problems.clone(), ..Facts::default() },
    };
    take(&mut project, doc.root());
    let Pyproject { manifest, mut facts, .. } = project;
    let says = !facts.requires.is_empty()
        || manifest.name.is_some()
        || manifest.manager.is_some()
        || !manifest.includes.is_empty()
        || !manifest.members.is_empty();
    facts.manifest = says.then_some(manifest);
    facts
}

/// What is read so far.
struct Pyproject<'a> {
    doc: &'a toml::Doc<'a>,
    /// What to add to an offset of the text to have one of the file.
    offset: Option<usize>,
    settings: &'a Settings,
    manifest: Manifest,
    facts: Facts,
}

/// Whom a declaration is for.
#[derive(Debug, Clone)]
struct For {
    group: Group,
    name: Option<String>,
}

impl For {
    fn production() -> Self {
        Self { group: Group::Prod, name: None }
    }

    fn dev(name: &str) -> Self {
        Self { group: Group::Dev, name: Some(name.to_owned()) }
    }
}

impl Pyproject<'_> {
    /// The group of this name, as the configuration or the name itself says.
    fn named(&self, name: &str) -> For {
        For { group: classify::group(name, self.settings), name: Some(name.to_owned()) }
    }

    fn problem(&mut self, line: u32, message: impl Into<String>) {
        self.facts.problems.push(Problem::at(line, message));
    }

    /// Takes in an array of requirement strings.
    fn take_array(&mut self, node: Node<'_>, whom: &For) {
        for (index, item) in node.items().enumerate() {
            match item.located() {
                Some(text) => self.take_item(node, index, &text, whom),
                None => self.problem(item.line(), "not a string: a requirement is one"),
            }
        }
        if node.items().next().is_none() && node.kind() != toml::Kind::Array {
            self.problem(node.line(), "not an array of requirement strings");
        }
    }

    /// Takes in one requirement string of an array, by its place there.
    fn take_item(&mut self, list: Node<'_>, index: usize, item: &Located<'_>, whom: &For) {
        // PDM and Rye write `-e file:///…` for editable packages.
        let text = item.text.trim();
        let text = text.strip_prefix("-e ").or_else(|| text.strip_prefix("--editable ")).unwrap_or(text);
        let parsed = requirement::parse(text);
        self.facts.problems.extend(parsed.problem_at(item.line));
        if !parsed.is_void() {
            self.push(parsed, item.line, place::item(list, index), whom);
        }
    }

    fn push(&mut self, parsed: Requirement, line: u32, span: Option<std::ops::Range<usize>>, whom: &For) {
        let span = span.zip(self.offset).map(|(s, o)| s.start + o..s.end + o);
        let lines = self.doc.lines();
        let comment = place::comment(&self.doc.text()[lines.range(line)]);
        self.facts.requires.push(Require {
            group: whom.group,
            group_name: whom.name.clone(),
            span,
            comment,
            ..parsed.declared(line)
        });
    }

    /// Says of requirements where they come from, by canonical name, where they do not say so themselves.
    fn set_origins(&mut self, known: &BTreeMap<String, String>) {
        for require in self.facts.requires.iter_mut().filter(|r| r.origin.is_none() && !known.is_empty()) {
            require.origin = known.get(&canonical(&require.name)).cloned();
        }
    }

    fn include(&mut self, path: &Located<'_>) {
        let Located { text, line, .. } = path;
        self.manifest.includes.push(Include {
            path: text.trim().replace('\\', "/"),
            role: Role::Manifest,
            line: *line,
        });
    }
}

/// `[project]`.
fn standard(project: &mut Pyproject<'_>, root: Node<'_>) {
    let Some(table) = root.get("project") else { return };
    project.manifest.name = table.get("name").and_then(|n| n.text()).map(str::to_owned);
    project.manifest.runtime = table.get("requires-python").and_then(|n| n.text()).map(str::to_owned);
    if let Some(dependencies) = table.get("dependencies") {
        project.take_array(dependencies, &For::production());
    }
    for (extra, requirements) in table.get("optional-dependencies").iter().flat_map(Node::entries) {
        let whom = project.named(extra);
        project.take_array(requirements, &whom);
    }
    groups::expand_own_extras(project);
    let dynamic: Vec<&str> = table.get("dynamic").iter().flat_map(Node::strings).map(|s| s.text).collect();
    if dynamic.contains(&"dependencies") {
        tools::dynamic(project, root, table.get("dynamic").map_or(0, |n| n.line()));
    }
}

/// `[build-system]`: what builds the project, never what runs it.
fn build_system(project: &mut Pyproject<'_>, root: Node<'_>) {
    if let Some(requires) = root.at(&["build-system", "requires"]) {
        project.take_array(requires, &For { group: Group::Build, name: None });
    }
}
