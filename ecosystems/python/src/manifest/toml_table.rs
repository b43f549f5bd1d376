//! Manifests in TOML whose tables hold one entry a package, under its name: `Pipfile`, `pixi.toml`.

use super::credentials::without_credentials;
use super::place;
use crate::marker;
use depslim_formats::text::decode;
use depslim_formats::toml::{self, Doc, Kind, Node};
use depslim_model::{Facts, Problem, Require, Source};

/// Keys of an entry that are markers of PEP 508.
const MARKERS: &[&str] = &[
    "implementation_name",
    "implementation_version",
    "os_name",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_full_version",
    "python_version",
    "sys_platform",
];

/// A file that is being read.
pub(super) struct Tables<'d> {
    pub(super) doc: &'d Doc<'d>,
    /// What to add to an offset of the text to have one of the file.
    offset: Option<usize>,
    /// What the file says so far.
    pub(super) facts: Facts,
}

/// Reads a file: `take` gets the parsed one.
pub(super) fn read(source: &Source<'_>, take: impl FnOnce(&mut Tables<'_>)) -> Facts {
    let decoded = decode(source.bytes);
    let doc = match toml::parse(&decoded.text) {
        Ok(doc) => doc,
        Err(problem) => return Facts::broken(Problem { message: without_credentials(&problem.message), ..problem }),
    };
    let facts = Facts { problems: decoded.problems.clone(), ..Facts::default() };
    let mut tables = Tables { doc: &doc, offset: decoded.file_offset(), facts };
    take(&mut tables);
    tables.facts
}

impl Tables<'_> {
    /// Takes in what `settle` makes of each entry of a table: nothing when it declares no package.
    pub(super) fn take(&mut self, table: Node<'_>, mut settle: impl FnMut(Node<'_>, Require) -> Option<Require>) {
        for (name, value) in table.entries() {
            if !matches!(value.kind(), Kind::String | Kind::Table) {
                let message = format!("{name}: neither a version constraint nor a table");
                self.facts.problems.push(Problem::at(value.line(), message));
                continue;
            }
            let Some(require) = settle(value, required(name, value)) else { continue };
            let span = place::entry(value, table).zip(self.offset);
            self.facts.requires.push(Require {
                span: span.map(|(s, offset)| s.start + offset..s.end + offset),
                comment: place::comment(&self.doc.text()[self.doc.lines().range(value.line())]),
                ..require
            });
        }
    }
}

fn required(name: &str, value: Node<'_>) -> Require {
    let text = |key: &str| value.get(key).and_then(|n| n.text());
    let version = value.text().or_else(|| text("version")).map(str::trim).filter(|v| *v != "*" && !v.is_empty());
    let markers = MARKERS.iter().filter_map(|key| Some(Some(format!("{key} {}", text(key)?.trim()))));
    Require {
        name: name.to_owned(),
        features: value.get("extras").iter().flat_map(Node::strings).map(|s| s.text.to_owned()).collect(),
        version: version.map(str::to_owned),
        condition: marker::both(text("markers").map(|m| Some(m.to_owned())).into_iter().chain(markers)),
        origin: super::pyproject::origin(value),
        line: value.line(),
        ..Require::default()
    }
}
