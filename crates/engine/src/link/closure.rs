//! All that some packages need, through requirements whose conditions hold on the target.

use super::Graph;
use depslim_model::{Ecosystem, Group, Require, Target};
use std::collections::BTreeSet;

/// An edge of a closure: `to` is needed by `from`, for the extra `feature` of `from` or always.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Who needs it.
    pub from: u32,
    /// The extra of `from` that asks for it.
    pub feature: Option<String>,
    /// What is needed.
    pub to: u32,
    /// Extras of `to` that this edge turns on.
    pub features: Vec<String>,
    /// `from` leaves it to its users to declare `to`.
    pub peer: bool,
}

/// All that some packages need, directly and through others.
#[derive(Debug, Clone, Default)]
pub struct Closure {
    /// Which packages are in it, by package.
    pub holds: Vec<bool>,
    /// Extras that are turned on, by package.
    pub features: Vec<BTreeSet<String>>,
    /// The edges walked.
    pub edges: Vec<Edge>,
    /// Requirements of packages in it that name nothing known: (package, name).
    pub missing: Vec<(u32, String)>,
}

impl Closure {
    /// The packages in it.
    pub fn packages(&self) -> impl Iterator<Item = u32> {
        self.holds.iter().enumerate().filter(|(_, held)| **held).map(|(at, _)| at as u32)
    }

    /// True when the package is in it.
    pub fn has(&self, package: u32) -> bool {
        self.holds.get(package as usize).copied().unwrap_or(false)
    }
}

/// The closure of `roots` (packages with the extras asked for) over the graph, conditions evaluated for `target`.
pub fn closure<'a>(
    graph: &Graph,
    ecosystem: &Ecosystem,
    target: &Target,
    roots: impl IntoIterator<Item = (u32, &'a [String])>,
) -> Closure {
    let count = graph.nodes.len();
    let mut found = Closure { holds: vec![false; count], features: vec![BTreeSet::new(); count], ..Closure::default() };
    // Work: a package without extras (None), or one extra of a package.
    let mut work: Vec<(u32, Option<String>)> = Vec::new();
    let ask = |found: &mut Closure, work: &mut Vec<(u32, Option<String>)>, package: u32, features: &[String]| {
        if !std::mem::replace(&mut found.holds[package as usize], true) {
            work.push((package, None));
        }
        for feature in features {
            let feature = (ecosystem.canonical)(feature);
            if found.features[package as usize].insert(feature.clone()) {
                work.push((package, Some(feature)));
            }
        }
    };
    for (package, features) in roots {
        ask(&mut found, &mut work, package, features);
    }
    while let Some((package, feature)) = work.pop() {
        for (at, require) in graph.node(package).requires.iter().enumerate() {
            if !matters(ecosystem, target, require, feature.as_deref()) {
                continue;
            }
            let Some(to) = graph.required(ecosystem, package, at) else {
                if feature.is_none() {
                    found.missing.push((package, require.name.clone()));
                }
                continue;
            };
            found.edges.push(Edge {
                from: package,
                feature: feature.clone(),
                to,
                features: require.features.iter().map(|f| (ecosystem.canonical)(f)).collect(),
                peer: require.peer,
            });
            ask(&mut found, &mut work, to, &require.features);
        }
    }
    found.edges.sort_by(|a, b| (a.from, &a.feature, a.to, a.peer).cmp(&(b.from, &b.feature, b.to, b.peer)));
    found.edges.dedup();
    found.missing.sort();
    found.missing.dedup();
    found
}

/// The closure of `roots` together with what `lines` ask of packages in it: a line for something that comes along anyway still turns
/// on its extras.
pub fn closure_with_lines<'a>(
    graph: &Graph,
    ecosystem: &Ecosystem,
    target: &Target,
    roots: &[(u32, &'a [String])],
    lines: &[(u32, &'a [String])],
) -> Closure {
    let mut found = closure(graph, ecosystem, target, roots.iter().copied());
    loop {
        let asked = |(package, features): &&(u32, &'a [String])| {
            found.has(*package)
                && features.iter().any(|f| !found.features[*package as usize].contains(&(ecosystem.canonical)(f)))
        };
        let more: Vec<(u32, &[String])> = lines.iter().filter(asked).copied().collect();
        if more.is_empty() {
            return found;
        }
        let held: Vec<(u32, &[String])> = lines.iter().filter(|(package, _)| found.has(*package)).copied().collect();
        found = closure(graph, ecosystem, target, roots.iter().copied().chain(held));
    }
}

/// Whether a requirement counts for the package alone (`None`), or only because of this extra.
fn matters(ecosystem: &Ecosystem, target: &Target, require: &Require, feature: Option<&str>) -> bool {
    if matches!(require.group, Group::Dev | Group::Build) {
        return false;
    }
    match (&require.condition, feature) {
        (None, None) => true,
        (None, Some(_)) => false,
        (Some(condition), None) => (ecosystem.holds)(condition, target, &[]),
        (Some(condition), Some(feature)) => {
            (ecosystem.holds)(condition, target, &[feature]) && !(ecosystem.holds)(condition, target, &[])
        }
    }
}
