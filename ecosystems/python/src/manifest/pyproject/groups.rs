//! `[dependency-groups]` ([PEP 735](https://peps.python.org/pep-0735/)).

use super::Pyproject;
use crate::names::canonical;
use depslim_formats::toml::{Kind, Node};
use depslim_model::Require;

/// Takes in all groups; a group that includes another asks for all that the other asks for.
pub(super) fn read(project: &mut Pyproject<'_>, root: Node<'_>) {
    let Some(table) = root.get("dependency-groups") else { return };
    let mut groups: Vec<Group> = Vec::new();
    for (name, items) in table.entries() {
        let whom = project.named(name);
        let before = project.facts.requires.len();
        let mut includes = Vec::new();
        if items.kind() != Kind::Array {
            project.problem(items.line(), format!("group {name}: not an array"));
        }
        for (index, item) in items.items().enumerate() {
            match (item.located(), item.get("include-group").and_then(|n| n.located())) {
                (Some(text), _) => project.take_item(items, index, &text, &whom),
                (None, Some(other)) => includes.push((canonical(other.text), other.line)),
                (None, None) => {
                    project.problem(item.line(), format!("group {name}: neither a requirement nor an include-group"));
                }
            }
        }
        groups.push(Group { name: canonical(name), whom, own: project.facts.requires[before..].to_vec(), includes });
    }
    for group in &groups {
        for (other, line) in &group.includes {
            if !groups.iter().any(|g| g.name == *other) {
                project.problem(*line, format!("group {other} is included and does not exist"));
            }
        }
        for other in reached(group, &groups) {
            let copies = other.own.iter().map(|r| Require {
                group: group.whom.group,
                group_name: group.whom.name.clone(),
                // The line belongs to the other group; it goes once.
                span: None,
                ..r.clone()
            });
            project.facts.requires.extend(copies);
        }
    }
}

struct Group {
    name: String,
    whom: super::For,
    own: Vec<Require>,
    includes: Vec<(String, u32)>,
}

/// The groups that a group takes in, directly or through others, without itself; circles end where they began.
fn reached<'g>(start: &'g Group, all: &'g [Group]) -> Vec<&'g Group> {
    let mut found: Vec<&Group> = vec![start];
    let mut at = 0;
    while at < found.len() {
        for (name, _) in &found[at].includes {
            let next = all.iter().find(|g| g.name == *name);
            found.extend(next.filter(|next| !found.iter().any(|f| f.name == next.name)));
        }
        at += 1;
    }
    found.remove(0);
    found
}
