//! Named lists of requirements that take in other lists: PEP 735's groups, and extras that name the project's own extras.

use depslim_model::Require;
use std::collections::{BTreeMap, BTreeSet};

/// A named list.
pub(super) struct List {
    /// Canonical name.
    pub(super) name: String,
    /// What it asks for itself.
    pub(super) own: Vec<Require>,
    /// Canonical names of the lists that it takes in.
    pub(super) takes: Vec<String>,
}

/// More inherited requirements than any project has; a file that makes more was made to hurt.
const MOST: usize = 20_000;

/// For each list, what it inherits from those that it takes in, directly or through others; circles end where they began. The flag
/// says that all was followed.
pub(super) fn inherited(lists: &[List]) -> (Vec<Vec<&Require>>, bool) {
    let index: BTreeMap<&str, usize> = lists.iter().enumerate().map(|(at, list)| (list.name.as_str(), at)).collect();
    let mut left = MOST;
    let mut all = Vec::with_capacity(lists.len());
    for start in 0..lists.len() {
        let mut seen = BTreeSet::from([start]);
        let mut work = vec![start];
        let mut found = Vec::new();
        while let Some(at) = work.pop() {
            for name in &lists[at].takes {
                let Some(&next) = index.get(name.as_str()) else { continue };
                if !seen.insert(next) {
                    continue;
                }
                let cost = lists[next].own.len() + 1;
                if cost > left {
                    all.resize_with(lists.len(), Vec::new);
                    return (all, false);
                }
                left -= cost;
                found.extend(&lists[next].own);
                work.push(next);
            }
        }
        found.sort_by_key(|r: &&Require| r.line);
        all.push(found);
    }
    (all, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(name: &str, own: &[&str], takes: &[&str]) -> List {
        let require = |name: &&str| Require { name: (*name).to_owned(), ..Require::default() };
        List {
            name: name.into(),
            own: own.iter().map(require).collect(),
            takes: takes.iter().map(|t| (*t).to_owned()).collect(),
        }
    }

    #[test]
    fn lists_inherit_through_others_and_circles_end() {
        let lists = [list("all", &[], &["a", "b"]), list("a", &["plum"], &["b"]), list("b", &["pear"], &["a", "none"])];
        let (found, whole) = inherited(&lists);
        let names: Vec<Vec<&str>> = found.iter().map(|f| f.iter().map(|r| r.name.as_str()).collect()).collect();
        assert_eq!(names, [vec!["plum", "pear"], vec!["pear"], vec!["plum"]]);
        assert!(whole);
    }

    #[test]
    fn a_chain_that_was_made_to_hurt_is_cut() {
        let names: Vec<String> = (0..3000).map(|n| format!("x{n}")).collect();
        let lists: Vec<List> = (0..3000).map(|n| list(&names[n], &["plum"], &[&names[(n + 1) % 3000]])).collect();
        let (found, whole) = inherited(&lists);
        assert!(!whole);
        assert_eq!(found.len(), 3000);
        assert!(found.iter().map(Vec::len).sum::<usize>() <= MOST);
    }
}
