//! `[dependency-groups]` ([PEP 735](https://peps.python.org/pep-0735/)), and extras that take in the project's own extras.

use super::inherit::{List, inherited};
use super::{For, Pyproject};
use crate::names::canonical;
use depslim_formats::toml::{Kind, Node};
use depslim_model::{Group, Require};

/// Takes in all groups; a group that includes another asks for all that the other asks for.
pub(super) fn read(project: &mut Pyproject<'_>, root: Node<'_>) {
    let Some(table) = root.get("dependency-groups") else { return };
    let mut groups: Vec<(For, List)> = Vec::new();
    let mut includes: Vec<(String, u32)> = Vec::new();
    for (name, items) in table.entries() {
        let whom = project.named(name);
        let before = project.facts.requires.len();
        let mut takes = Vec::new();
        if items.kind() != Kind::Array {
            project.problem(items.line(), format!("group {name}: not an array"));
        }
        for (index, item) in items.items().enumerate() {
            match (item.located(), item.get("include-group").and_then(|n| n.located())) {
                (Some(text), _) => project.take_item(items, index, &text, &whom),
                (None, Some(other)) => {
                    takes.push(canonical(other.text));
                    includes.push((canonical(other.text), other.line));
                }
                (None, None) => {
                    project.problem(item.line(), format!("group {name}: neither a requirement nor an include-group"));
                }
            }
        }
        let own = project.facts.requires[before..].to_vec();
        groups.push((whom, List { name: canonical(name), own, takes }));
    }
    let (whom, lists): (Vec<_>, Vec<_>) = groups.into_iter().unzip();
    for (other, line) in includes {
        if !lists.iter().any(|list| list.name == other) {
            project.problem(line, format!("group {other} is included and does not exist"));
        }
    }
    let (found, whole) = inherited(&lists);
    for (whom, found) in whom.iter().zip(found) {
        project.facts.requires.extend(found.into_iter().map(|r| copy(r, whom.group, whom.name.as_deref())));
    }
    if !whole {
        project.problem(table.line(), "groups include each other beyond measure: not all was followed");
    }
}

/// `all = ["plum[s3,redis]"]` in the project `plum`: the extra asks for what the other extras ask for.
pub(super) fn expand_own_extras(project: &mut Pyproject<'_>) {
    let Some(own) = project.manifest.name.as_deref().map(canonical) else { return };
    let (references, real): (Vec<_>, Vec<_>) = std::mem::take(&mut project.facts.requires)
        .into_iter()
        .partition(|r| !r.features.is_empty() && canonical(&r.name) == own);
    project.facts.requires = real;
    if references.is_empty() {
        return;
    }
    let mut lists: Vec<(String, Group, List)> = Vec::new();
    for require in project.facts.requires.iter().chain(&references) {
        let Some(extra) = &require.group_name else { continue };
        let name = canonical(extra);
        let at = lists.iter().rposition(|(.., list)| list.name == name).unwrap_or(lists.len());
        if at == lists.len() {
            lists.push((extra.clone(), require.group, List { name, own: Vec::new(), takes: Vec::new() }));
        }
        let list = &mut lists[at].2;
        if canonical(&require.name) == own {
            list.takes.extend(require.features.iter().map(|f| canonical(f)));
        } else {
            list.own.push(require.clone());
        }
    }
    let (about, lists): (Vec<_>, Vec<_>) = lists.into_iter().map(|(name, group, list)| ((name, group), list)).unzip();
    let (found, whole) = inherited(&lists);
    for ((name, group), found) in about.iter().zip(found) {
        // What is for development in its own extra stays so in `all`.
        let whom = |own: Group| if own == Group::Dev { Group::Dev } else { *group };
        project.facts.requires.extend(found.into_iter().map(|r| copy(r, whom(r.group), Some(name))));
    }
    if !whole {
        project.problem(references[0].line, "extras take each other in beyond measure: not all was followed");
    }
}

/// The same declaration for another list. Its line belongs to the list that wrote it, and goes once.
fn copy(require: &Require, group: Group, name: Option<&str>) -> Require {
    Require { group, group_name: name.map(str::to_owned), span: None, ..require.clone() }
}
