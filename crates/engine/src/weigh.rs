//! Retained bytes: what goes when a declaration, a package or an extra goes, from the dominator tree of the package graph.

use crate::link::{Closure, Edge};
use petgraph::algo::dominators::simple_fast;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::{BTreeMap, HashMap};

/// Something that could be taken away.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Item {
    /// A declaration, by its number.
    Line(u32),
    /// A package.
    Package(u32),
    /// An extra of a package.
    Extra(u32, String),
}

/// What an item retains.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retained {
    /// Bytes of the packages that go with it.
    pub bytes: u64,
    /// Number of packages that go with it.
    pub packages: u32,
}

/// A root of the graph: a declaration, the package it names, and the extras it asks for.
#[derive(Debug, Clone)]
pub struct Line {
    /// Number of the declaration.
    pub number: u32,
    /// The package.
    pub package: u32,
    /// Extras, canonical.
    pub features: Vec<String>,
}

/// What each item retains, given the declarations, the closure that they span and the packages' own bytes.
///
/// An extra is a node of its own between who asks for it and what only it brings, so its bytes are told apart from its package's.
pub fn retained(lines: &[Line], closure: &Closure, bytes: &[u64]) -> BTreeMap<Item, Retained> {
    let mut graph: DiGraph<Option<Item>, ()> = DiGraph::new();
    let root = graph.add_node(None);
    let mut nodes: HashMap<Item, NodeIndex> = HashMap::new();
    let mut node = |graph: &mut DiGraph<Option<Item>, ()>, item: Item| {
        *nodes.entry(item.clone()).or_insert_with(|| graph.add_node(Some(item)))
    };
    for line in lines {
        let from = node(&mut graph, Item::Line(line.number));
        graph.update_edge(root, from, ());
        let to = node(&mut graph, Item::Package(line.package));
        graph.update_edge(from, to, ());
        for feature in &line.features {
            let extra = node(&mut graph, Item::Extra(line.package, feature.clone()));
            graph.update_edge(from, extra, ());
        }
    }
    for Edge { from, feature, to, features, .. } in &closure.edges {
        let from = match feature {
            None => node(&mut graph, Item::Package(*from)),
            Some(feature) => node(&mut graph, Item::Extra(*from, feature.clone())),
        };
        let target = node(&mut graph, Item::Package(*to));
        graph.update_edge(from, target, ());
        for feature in features {
            let extra = node(&mut graph, Item::Extra(*to, feature.clone()));
            graph.update_edge(from, extra, ());
        }
    }
    let dominators = simple_fast(&graph, root);
    let mut retained: BTreeMap<Item, Retained> = BTreeMap::new();
    for index in graph.node_indices() {
        let Some(Some(Item::Package(package))) = graph.node_weight(index) else { continue };
        let own = bytes.get(*package as usize).copied().unwrap_or(0);
        for above in dominators.dominators(index).into_iter().flatten() {
            if let Some(Some(item)) = graph.node_weight(above) {
                let sum = retained.entry(item.clone()).or_default();
                sum.bytes += own;
                sum.packages += 1;
            }
        }
    }
    for item in graph.node_weights().flatten() {
        retained.entry(item.clone()).or_default();
    }
    retained
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: u32, feature: Option<&str>, to: u32) -> Edge {
        Edge { from, feature: feature.map(str::to_owned), to, features: Vec::new(), peer: false }
    }

    fn line(number: u32, package: u32, features: &[&str]) -> Line {
        Line { number, package, features: features.iter().map(|f| (*f).to_owned()).collect() }
    }

    #[test]
    fn a_shared_package_is_retained_by_neither() {
        let closure = Closure { edges: vec![edge(0, None, 2), edge(1, None, 2)], ..Closure::default() };
        let retained = retained(&[line(0, 0, &[]), line(1, 1, &[])], &closure, &[10, 20, 500]);
        assert_eq!(retained[&Item::Line(0)], Retained { bytes: 10, packages: 1 });
        assert_eq!(retained[&Item::Package(2)], Retained { bytes: 500, packages: 1 });
    }

    #[test]
    fn what_someone_else_needs_frees_nothing() {
        let closure = Closure { edges: vec![edge(0, None, 1)], ..Closure::default() };
        let retained = retained(&[line(0, 0, &[]), line(1, 1, &[])], &closure, &[10, 20]);
        assert_eq!(retained[&Item::Line(1)], Retained::default());
        assert_eq!(retained[&Item::Line(0)], Retained { bytes: 10, packages: 1 });
    }

    #[test]
    fn an_extra_has_bytes_of_its_own() {
        let closure = Closure { edges: vec![edge(0, None, 1), edge(0, Some("fast"), 2)], ..Closure::default() };
        let retained = retained(&[line(0, 0, &["fast"])], &closure, &[1, 2, 300]);
        assert_eq!(retained[&Item::Extra(0, "fast".into())], Retained { bytes: 300, packages: 1 });
        assert_eq!(retained[&Item::Line(0)], Retained { bytes: 303, packages: 3 });
        assert_eq!(retained[&Item::Package(0)], Retained { bytes: 3, packages: 2 });
    }

    #[test]
    fn a_circle_is_counted_once() {
        let closure =
            Closure { edges: vec![edge(0, None, 1), edge(1, None, 2), edge(2, None, 1)], ..Closure::default() };
        let retained = retained(&[line(0, 0, &[])], &closure, &[1, 10, 100]);
        assert_eq!(retained[&Item::Line(0)], Retained { bytes: 111, packages: 3 });
        assert_eq!(retained[&Item::Package(1)], Retained { bytes: 110, packages: 2 });
    }
}
