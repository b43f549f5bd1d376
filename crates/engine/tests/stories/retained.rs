//! Retained bytes against their definition: what can't be reached any more when an item is taken away.

use depslim_engine::link::{Closure, Edge};
use depslim_engine::weigh::{Item, Line, retained};
use proptest::prelude::*;
use std::collections::BTreeSet;

const PACKAGES: u32 = 6;

/// Declarations, each of a package and perhaps its extra; edges of packages or of their extra, with or without the target's extra.
fn graphs() -> impl Strategy<Value = (Vec<Line>, Vec<Edge>, Vec<u64>)> {
    let extra = || any::<bool>().prop_map(|on| on.then(|| "x".to_owned()));
    let line = (0..PACKAGES, extra());
    let edge = (0..PACKAGES, extra(), 0..PACKAGES, extra());
    let lines = prop::collection::vec(line, 1..4).prop_map(|lines| {
        let lines = lines.into_iter().zip(0..);
        lines
            .map(|((package, extra), number)| Line { number, package, features: extra.into_iter().collect() })
            .collect()
    });
    let edges = prop::collection::vec(edge, 0..10).prop_map(|edges| {
        let edges = edges.into_iter();
        edges
            .map(|(from, feature, to, on)| Edge { from, feature, to, features: on.into_iter().collect(), peer: false })
            .collect()
    });
    (lines, edges, prop::collection::vec(0..1000_u64, PACKAGES as usize))
}

/// Packages that the lines reach when one item is not there.
fn reached(lines: &[Line], edges: &[Edge], without: Option<&Item>) -> BTreeSet<u32> {
    let gone = |item: &Item| Some(item) == without;
    let mut work: Vec<Item> = Vec::new();
    for line in lines.iter().filter(|line| !gone(&Item::Line(line.number))) {
        work.push(Item::Package(line.package));
        work.extend(line.features.iter().map(|extra| Item::Extra(line.package, extra.clone())));
    }
    let mut seen: BTreeSet<Item> = BTreeSet::new();
    while let Some(item) = work.pop() {
        if gone(&item) || !seen.insert(item.clone()) {
            continue;
        }
        for edge in edges {
            let from = match &edge.feature {
                None => Item::Package(edge.from),
                Some(extra) => Item::Extra(edge.from, extra.clone()),
            };
            if from == item {
                work.push(Item::Package(edge.to));
                work.extend(edge.features.iter().map(|extra| Item::Extra(edge.to, extra.clone())));
            }
        }
    }
    seen.into_iter().filter_map(|item| if let Item::Package(package) = item { Some(package) } else { None }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_an_item_retains_is_out_of_reach_without_it((lines, edges, bytes) in graphs()) {
        let closure = Closure { edges: edges.clone(), ..Closure::default() };
        let retained = retained(&lines, &closure, &bytes);
        let all = reached(&lines, &edges, None);
        let items = lines.iter().map(|line| Item::Line(line.number)).chain(all.iter().map(|p| Item::Package(*p)));
        for item in items.chain(all.iter().map(|p| Item::Extra(*p, "x".into()))) {
            let left = reached(&lines, &edges, Some(&item));
            let lost: Vec<u32> = all.difference(&left).copied().collect();
            let found = retained.get(&item).copied().unwrap_or_default();
            prop_assert_eq!(found.packages as usize, lost.len(), "{:?} retains {:?}", &item, &lost);
            prop_assert_eq!(found.bytes, lost.iter().map(|p| bytes[*p as usize]).sum::<u64>());
            if let Item::Package(package) = item {
                prop_assert!(found.bytes >= bytes[package as usize]);
            }
        }
    }
}
