//! What came with what: a new package that is declared, and the new packages that only it needs.

use depslim_model::Package;
use depslim_model::difference::PackageChange;
use std::collections::{BTreeMap, BTreeSet};

/// Changes that are told in one row, the one that people decided on first.
pub(super) type Group<'d> = Vec<&'d PackageChange>;

/// Groups the changes of one project, whose packages are given by id without version: each new package that only one new declaration needs goes with that one.
pub(super) fn groups<'d>(packages: &BTreeMap<&str, &Package>, changes: &[&'d PackageChange]) -> Vec<Group<'d>> {
    let is_new = |change: &&PackageChange| change.before.as_ref().is_none_or(|side| !side.ships);
    let is_direct = |change: &&PackageChange| packages.get(change.package.as_str()).is_some_and(|p| p.direct);
    let new: BTreeMap<&str, &'d PackageChange> = changes
        .iter()
        .copied()
        .filter(|change| is_new(change) && change.after.as_ref().is_some_and(|side| side.ships))
        .map(|change| (change.package.as_str(), change))
        .collect();
    // By package: the new ones that it brings, and how many packages bring each of those.
    let mut needs: BTreeMap<&str, Vec<(&str, usize)>> = BTreeMap::new();
    for package in new.values().filter(|change| !is_direct(change)).map(|change| change.package.as_str()) {
        let by = packages.get(package).map_or(&[][..], |p| p.required_by.as_slice());
        let by: BTreeSet<&str> = by.iter().map(|id| unversioned(id)).collect();
        for one in &by {
            needs.entry(one).or_default().push((package, by.len()));
        }
    }
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    let mut groups: Vec<Group<'d>> = Vec::new();
    for change in changes.iter().copied().filter(|change| is_direct(change)) {
        let mut group = vec![change];
        if new.contains_key(change.package.as_str()) {
            let mut held: BTreeSet<&str> = BTreeSet::new();
            let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
            let mut next = vec![change.package.as_str()];
            // A package comes in with the last of those that need it.
            while let Some(package) = next.pop() {
                for (other, needed_by) in needs.get(package).into_iter().flatten() {
                    let left = missing.entry(other).or_insert(*needed_by);
                    *left -= 1;
                    if *left == 0 && taken.insert(other) {
                        held.insert(other);
                        next.push(other);
                    }
                }
            }
            let mut with: Vec<&PackageChange> = held.iter().filter_map(|package| new.get(package).copied()).collect();
            with.sort_by_key(|c| (std::cmp::Reverse(c.prod_delta), &c.name));
            group.extend(with);
        }
        groups.push(group);
    }
    let rest = changes.iter().copied().filter(|change| !is_direct(change) && !taken.contains(change.package.as_str()));
    groups.extend(rest.map(|change| vec![change]));
    groups
}

/// A package id without its version: names spell `@` as `%40`.
pub(super) fn unversioned(id: &str) -> &str {
    id.rsplit_once('@').map_or(id, |(name, _)| name)
}
