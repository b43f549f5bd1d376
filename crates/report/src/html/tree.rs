//! The tree behind the treemap: projects, then what each declared dependency alone brings, then packages. Laid out twice, for
//! wide and for tall screens, in whole units, so that the page's script only scales.

use super::squarify::{Rect, squarify};
use crate::escape::visible;
use crate::phrase::{size, sum, weight};
use depslim_model::report::{Measure, Status};
use depslim_model::{Package, Project, Report, Scope};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Units of a side of the whole map.
pub(super) const UNIT: u32 = 100_000;

/// Width to height of the two layouts.
const WIDE: f64 = 1.7;
const TALL: f64 = 0.75;

/// One rectangle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Node {
    /// Index of the node around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parent: Option<usize>,
    /// Index of the package; groups have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) package: Option<usize>,
    /// What a group is called.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) name: String,
    pub(super) bytes: u64,
    /// The bytes as people read them, marked when there is an estimate among them.
    pub(super) size: String,
    /// x, y, width, height for wide screens.
    pub(super) wide: [u32; 4],
    /// The same for tall ones.
    pub(super) tall: [u32; 4],
}

struct Branch {
    name: String,
    package: Option<usize>,
    bytes: u64,
    measure: Measure,
    children: Vec<Branch>,
}

/// The map of what ships, a node before those in it; empty when no size is known.
pub(super) fn nodes(report: &Report) -> Vec<Node> {
    let mut first = 0;
    let mut projects = Vec::new();
    for project in &report.projects {
        projects.push(branch(visible(&project.path).into_owned(), groups(project, first)));
        first += project.packages.len();
    }
    projects.retain(|project| project.bytes > 0);
    let mut root = if projects.len() == 1 { projects.remove(0) } else { branch(String::new(), projects) };
    sort(&mut root);
    let mut nodes = Vec::new();
    if root.bytes > 0 {
        let space = |ratio: f64| Rect { x: 0.0, y: 0.0, w: ratio, h: 1.0 };
        lay(&root, None, space(WIDE), space(TALL), &mut nodes);
    }
    nodes
}

/// How a package stands to production, in one word.
pub(super) fn verdict(package: &Package) -> &'static str {
    match (package.usage.status, package.scope) {
        (Status::Unused, Scope::Unused) if !package.ships && !package.direct => "not declared",
        (_, Scope::Dev) | (Status::Development, _) => "development",
        (Status::Unused, _) | (_, Scope::Unused) => "unused",
        (Status::Optional, _) | (_, Scope::Optional) => "optional",
        (Status::Transitive, _) => "needed",
        (Status::Used, _) => "used",
    }
}

fn branch(name: String, children: Vec<Branch>) -> Branch {
    let estimated = children.iter().any(|child| child.measure == Measure::Estimated);
    let measure = if estimated { Measure::Estimated } else { Measure::Installed };
    Branch { name, package: None, bytes: sum(children.iter().map(|child| child.bytes)), measure, children }
}

/// What ships, by the declared package that alone brings it; what several bring is shared.
fn groups(project: &Project, first: usize) -> Vec<Branch> {
    let ships: Vec<(usize, &Package)> = project.packages.iter().enumerate().filter(|(_, p)| p.ships).collect();
    let owners = owners(&ships);
    let mut groups: BTreeMap<Option<usize>, Vec<Branch>> = BTreeMap::new();
    for (place, (at, package)) in ships.iter().enumerate() {
        if let Some((bytes, measure)) = weight(package).filter(|(bytes, _)| *bytes > 0) {
            let leaf = Branch { name: String::new(), package: Some(first + at), bytes, measure, children: Vec::new() };
            groups.entry(owners[place]).or_default().push(leaf);
        }
    }
    let name = |owner: Option<usize>| {
        owner.map_or_else(|| "shared".to_owned(), |owner| visible(&ships[owner].1.name).into_owned())
    };
    let group = |(owner, mut leaves): (Option<usize>, Vec<Branch>)| {
        if leaves.len() == 1 { leaves.remove(0) } else { branch(name(owner), leaves) }
    };
    groups.into_iter().map(group).collect()
}

/// For each package the one declared package (by place in the list) that reaches it; itself when declared, `None` when several.
fn owners(ships: &[(usize, &Package)]) -> Vec<Option<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Owner {
        Unknown,
        One(usize),
        Several,
    }
    let place: BTreeMap<&str, usize> = ships.iter().enumerate().map(|(at, (_, p))| (p.id.as_str(), at)).collect();
    let mut needs: Vec<Vec<usize>> = vec![Vec::new(); ships.len()];
    for (at, (_, package)) in ships.iter().enumerate() {
        for by in package.required_by.iter().filter_map(|id| place.get(id.as_str())) {
            needs[*by].push(at);
        }
    }
    let mut owners = vec![Owner::Unknown; ships.len()];
    let mut work: Vec<usize> = Vec::new();
    for (at, (_, package)) in ships.iter().enumerate() {
        if package.direct {
            owners[at] = Owner::One(at);
            work.push(at);
        }
    }
    // Each package changes at most twice: from unknown to one owner, from one to several.
    while let Some(at) = work.pop() {
        for &next in needs[at].iter().filter(|next| !ships[**next].1.direct) {
            let merged = match (owners[next], owners[at]) {
                (Owner::Unknown, new) => new,
                (old, new) if old == new => old,
                _ => Owner::Several,
            };
            if merged != owners[next] {
                owners[next] = merged;
                work.push(next);
            }
        }
    }
    owners.into_iter().map(|owner| if let Owner::One(at) = owner { Some(at) } else { None }).collect()
}

fn sort(branch: &mut Branch) {
    branch.children.sort_by_key(|child| (Reverse(child.bytes), child.package, child.name.clone()));
    branch.children.iter_mut().for_each(sort);
}

fn lay(branch: &Branch, parent: Option<usize>, wide: Rect, tall: Rect, nodes: &mut Vec<Node>) {
    let at = nodes.len();
    nodes.push(Node {
        parent,
        package: branch.package,
        name: branch.name.clone(),
        bytes: branch.bytes,
        size: size(branch.bytes, branch.measure),
        wide: units(wide, WIDE),
        tall: units(tall, TALL),
    });
    let weights: Vec<f64> = branch.children.iter().map(|child| child.bytes as f64).collect();
    for ((child, wide), tall) in branch.children.iter().zip(squarify(&weights, wide)).zip(squarify(&weights, tall)) {
        lay(child, Some(at), wide, tall, nodes);
    }
}

/// Edges are rounded, not sizes: what touched before touches after.
fn units(rect: Rect, ratio: f64) -> [u32; 4] {
    #[expect(clippy::cast_sign_loss, reason = "clamped to zero and above in the same expression")]
    let edge = |value: f64| (value * f64::from(UNIT)).round().clamp(0.0, f64::from(UNIT)) as u32;
    let (x, y) = (edge(rect.x / ratio), edge(rect.y));
    [x, y, edge((rect.x + rect.w) / ratio) - x, edge(rect.y + rect.h) - y]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    fn show(report: &Report) -> Vec<String> {
        let names: Vec<&str> = report.projects.iter().flat_map(|p| &p.packages).map(|p| p.name.as_str()).collect();
        let nodes = nodes(report);
        let name = |node: &Node| node.package.map_or(node.name.as_str(), |at| names[at]).to_owned();
        let path = |mut at: usize| {
            let mut path = vec![name(&nodes[at])];
            while let Some(parent) = nodes[at].parent {
                path.insert(0, name(&nodes[parent]));
                at = parent;
            }
            path.join("/")
        };
        (0..nodes.len()).map(path).collect()
    }

    #[test]
    fn packages_are_grouped_by_who_brings_them() {
        let paths = show(&fixtures::django());
        for expect in
            ["./pandas", "./pandas/numpy", "./pandas/pandas", "./pytest/pygments", "./django", "./uvicorn/uvloop"]
        {
            assert!(paths.contains(&expect.to_owned()), "{expect} in {paths:?}");
        }
        // Two declared packages need vine; what does not ship is not on the map.
        assert!(paths.contains(&"./vine".to_owned()), "{paths:?}");
        assert!(!paths.iter().any(|path| path.contains("mypy") || path.contains("pip")), "{paths:?}");
    }

    #[test]
    fn several_projects_are_the_first_level() {
        let paths = show(&fixtures::monorepo());
        for expect in
            ["/services/api", "/services/api/django", "/web", "/web/next", "/tools/gateway/github.com/go-chi/chi"]
        {
            assert!(paths.iter().any(|path| path == expect), "{expect} in {paths:?}");
        }
        assert!(!paths.iter().any(|path| path.contains("billing")));
    }

    #[test]
    fn children_cover_their_parent_in_both_layouts() {
        for report in [fixtures::django(), fixtures::monorepo(), fixtures::large(5000)] {
            let nodes = nodes(&report);
            let area = |[_, _, w, h]: [u32; 4]| u64::from(w) * u64::from(h);
            for (layout, all) in [("wide", area(nodes[0].wide)), ("tall", area(nodes[0].tall))] {
                let rect = |node: &Node| if layout == "wide" { node.wide } else { node.tall };
                assert_eq!(all, u64::from(UNIT) * u64::from(UNIT));
                let leaves: u64 = nodes.iter().filter(|n| n.package.is_some()).map(|n| area(rect(n))).sum();
                assert_eq!(leaves, all, "{layout}: rounding loses nothing");
                for node in &nodes {
                    if let Some(parent) = node.parent {
                        let ([x, y, w, h], [px, py, pw, ph]) = (rect(node), rect(&nodes[parent]));
                        assert!(x >= px && y >= py && x + w <= px + pw && y + h <= py + ph, "{layout}");
                    }
                }
            }
        }
    }

    #[test]
    fn bytes_add_up() {
        let report = fixtures::monorepo();
        let nodes = nodes(&report);
        assert_eq!(nodes[0].bytes, report.summary.prod_bytes);
        for (at, node) in nodes.iter().enumerate().filter(|(_, n)| n.package.is_none()) {
            let children: u64 = nodes.iter().filter(|n| n.parent == Some(at)).map(|n| n.bytes).sum();
            assert_eq!(children, node.bytes);
        }
    }

    #[test]
    fn without_sizes_there_is_no_map() {
        assert_eq!(nodes(&fixtures::empty()), []);
        let mut report = fixtures::clean();
        report.projects[0].packages.iter_mut().for_each(|p| p.installed_bytes = None);
        assert_eq!(nodes(&report), []);
    }
}
