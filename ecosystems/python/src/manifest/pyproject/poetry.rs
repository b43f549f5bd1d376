//! `[tool.poetry]`, of Poetry 1 and 2.

use super::{For, Pyproject, place};
use crate::manifest::credentials::without_credentials;
use crate::manifest::poetry_version;
use crate::manifest::requirement::Requirement;
use crate::names::canonical;
use depslim_formats::toml::{Kind, Node};
use depslim_model::Group;
use std::collections::BTreeMap;

/// Takes in Poetry's own tables.
pub(super) fn read(project: &mut Pyproject<'_>, root: Node<'_>) {
    let Some(poetry) = root.at(&["tool", "poetry"]) else { return };
    project.manifest.manager = Some("poetry".into());
    if project.manifest.name.is_none() {
        project.manifest.name = poetry.get("name").and_then(|n| n.text()).map(str::to_owned);
    }
    let standard = root.at(&["project", "dependencies"]).is_some_and(|list| list.items().next().is_some());
    if let Some(table) = poetry.get("dependencies") {
        if let Some(python) = table.get("python").and_then(|n| n.text())
            && project.manifest.runtime.is_none()
        {
            project.manifest.runtime = poetry_version::specifiers(python);
        }
        if standard {
            // Poetry 2: `[project]` declares, this table only says where things come from; an empty list there declares nothing.
            enrich(project, table);
        } else {
            main(project, table, poetry.get("extras"));
        }
    }
    let mut defaults = Vec::new();
    if let Some(table) = poetry.get("dev-dependencies") {
        let whom = For { group: Group::Dev, name: Some("dev".into()) };
        entries(project, table, &whom);
        defaults.push("dev".to_owned());
    }
    let optional = |name: &str| poetry.at(&["group", name, "optional"]).and_then(|n| n.boolean()) == Some(true);
    for (name, group) in poetry.get("group").iter().flat_map(Node::entries) {
        let whom = project.named(name);
        if let Some(table) = group.get("dependencies") {
            entries(project, table, &whom);
        }
        if !optional(name) {
            defaults.push(name.to_owned());
        }
    }
    for (name, _) in root.get("dependency-groups").iter().flat_map(Node::entries) {
        if !optional(name) && !defaults.iter().any(|d| d == name) {
            defaults.push(name.to_owned());
        }
    }
    project.manifest.default_groups = Some(defaults);
}

/// `[tool.poetry.dependencies]`: what is marked optional comes with the extras that name it.
fn main(project: &mut Pyproject<'_>, table: Node<'_>, extras: Option<Node<'_>>) {
    let mut asking: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (extra, list) in extras.iter().flat_map(Node::entries) {
        for item in list.strings() {
            let end = item.text.find(['[', ' ', '(', '<', '>', '=', '~', '!', '^']).unwrap_or(item.text.len());
            asking.entry(canonical(&item.text[..end])).or_default().push(extra);
        }
    }
    for (name, value) in table.entries().filter(|(name, _)| canonical(name) != "python") {
        let optional = alternatives(value).iter().any(|v| v.get("optional").and_then(|n| n.boolean()) == Some(true));
        let extras = asking.get(&canonical(name)).filter(|_| optional);
        match extras {
            Some(extras) => {
                for extra in extras {
                    let whom = project.named(extra);
                    entry(project, table, name, value, &whom);
                }
            }
            None if optional => entry(project, table, name, value, &For { group: Group::Optional, name: None }),
            None => entry(project, table, name, value, &For::production()),
        }
    }
}

fn entries(project: &mut Pyproject<'_>, table: Node<'_>, whom: &For) {
    for (name, value) in table.entries().filter(|(name, _)| canonical(name) != "python") {
        entry(project, table, name, value, whom);
    }
}

/// One key: its value is a constraint, a table, or several of them for different conditions.
fn entry(project: &mut Pyproject<'_>, table: Node<'_>, name: &str, value: Node<'_>, whom: &For) {
    let span = place::entry(value, table);
    let all = alternatives(value);
    if all.is_empty() {
        project.problem(value.line(), format!("{name}: neither a version constraint nor a table"));
    }
    for alternative in all {
        let requirement = Requirement {
            name: name.to_owned(),
            extras: alternative.get("extras").iter().flat_map(Node::strings).map(|s| s.text.to_owned()).collect(),
            constraint: constraint(alternative),
            condition: condition(alternative),
            origin: origin(alternative),
            problem: None,
        };
        let line = if alternative.kind() == Kind::Table && !alternative.is_inline() {
            value.line()
        } else {
            alternative.line()
        };
        project.push(requirement, line, span.clone(), whom);
    }
}

fn alternatives(value: Node<'_>) -> Vec<Node<'_>> {
    match value.kind() {
        Kind::Array => value.items().filter(|v| matches!(v.kind(), Kind::String | Kind::Table)).collect(),
        Kind::String | Kind::Table => vec![value],
        Kind::Scalar => Vec::new(),
    }
}

fn constraint(value: Node<'_>) -> Option<String> {
    let text = value.text().or_else(|| value.get("version")?.text())?.trim();
    (text != "*" && !text.is_empty()).then(|| text.to_owned())
}

/// The marker that `markers`, `python` and `platform` say together.
fn condition(value: Node<'_>) -> Option<String> {
    let text = |key: &str| value.get(key).and_then(|n| n.text());
    let python = text("python").and_then(poetry_version::marker);
    let platform = text("platform").map(|p| format!("sys_platform == '{}'", p.replace('\'', "")));
    crate::marker::both([text("markers").map(str::to_owned), python, platform])
}

/// Where `git`, `url`, `path` or `file` say that it comes from.
pub(in crate::manifest) fn origin(value: Node<'_>) -> Option<String> {
    let text = |key: &str| value.get(key).and_then(|n| n.text());
    let origin = if let Some(git) = text("git") {
        let revision =
            ["rev", "tag", "ref", "branch"].into_iter().find_map(text).map_or(String::new(), |r| format!("@{r}"));
        let folder = text("subdirectory").map_or(String::new(), |f| format!("#subdirectory={f}"));
        format!("git+{git}{revision}{folder}")
    } else {
        ["url", "path", "file"].into_iter().find_map(text)?.to_owned()
    };
    Some(without_credentials(&origin))
}

fn enrich(project: &mut Pyproject<'_>, table: Node<'_>) {
    let known = table
        .entries()
        .filter_map(|(name, value)| Some((canonical(name), alternatives(value).into_iter().find_map(origin)?)));
    project.set_origins(&known.collect());
}
