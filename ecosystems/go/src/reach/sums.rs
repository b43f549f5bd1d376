//! The lines that `go.sum` needs for a list of requirements: <https://go.dev/ref/mod#go-sum-files>.
//!
//! A line that the file lacks is made from what the module cache holds, which the `go` command checked when it stored it.

use super::Main;
use super::packages::Walk;
use super::tidy::Tidy;
use crate::cache;
use crate::gomod::language;
use crate::graph::{BuildList, Graph};
use crate::join::beginnings;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustc_hash::FxHashSet;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

/// From this minor version on, `go.mod` files of modules that packages come from are vouched for, whether or not the build list is
/// made from them.
const OF_PACKAGES: u32 = 21;

/// Beginnings of the lines: for contents of modules that packages or tests are looked up in, and for every `go.mod` that the build list
/// is made from. `None` where not all is known.
pub(super) fn asked(
    graph: &mut Graph<'_>,
    main: &Main,
    walk: &Walk,
    tidy: &Tidy,
    cache: Option<&Path>,
) -> Option<Vec<String>> {
    let mut asked = BTreeSet::new();
    let minor = language(main.module.go.as_deref());
    take(graph, &tidy.list, walk, Some(tidy).filter(|_| minor >= 17), minor, &mut asked);
    if minor == 17 {
        // For the version before, which reads the whole graph.
        let roots = tidy.wanted.iter().map(|(path, stated)| (path.as_str(), stated.version.as_str()));
        let whole = graph.build_list_of(roots, false);
        if !whole.missing.is_empty() {
            return None;
        }
        take(graph, &whole, walk, None, minor, &mut asked);
    }
    let text = fs_err::read(main.folder.join("go.sum")).unwrap_or_default();
    let known: FxHashSet<String> = String::from_utf8_lossy(&text)
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some(format!("{} {} ", words.next()?, words.next()?))
        })
        .collect();
    asked.into_iter().map(|beginning| whole(beginning, &known, cache)).collect()
}

fn take(
    graph: &Graph<'_>,
    list: &BuildList,
    walk: &Walk,
    pruned: Option<&Tidy>,
    minor: u32,
    asked: &mut BTreeSet<String>,
) {
    let mut ask = |module: &str, version: &str, whole: bool| {
        if let Some((module, version)) = graph.summed(module, version) {
            asked.insert(if whole { format!("{module} {version} ") } else { format!("{module} {version}/go.mod ") });
        }
    };
    for (module, version) in &list.read {
        ask(module, version, false);
    }
    let reached = walk.known.iter().flat_map(|(at, known)| known.packages.keys().map(move |import| (import, *at)));
    let tested = walk.tested.iter().flatten().map(|(import, at)| (import, *at));
    for (import, at) in reached.chain(tested) {
        let module = &walk.modules.all[at];
        if minor >= OF_PACKAGES {
            ask(&module.path, &module.version, false);
        }
        // What a line supplies is looked up among the lines alone.
        let listed = pruned.filter(|tidy| tidy.wanted.get(&module.path).is_some_and(|s| s.version == module.version));
        for beginning in beginnings(import) {
            if let Some(version) = list.selected.get(beginning)
                && listed.is_none_or(|tidy| tidy.wanted.contains_key(beginning))
            {
                ask(beginning, version, true);
            }
        }
    }
}

/// The whole line where `go.sum` lacks it; `None` when the module cache does not hold what the line vouches for.
fn whole(beginning: String, known: &FxHashSet<String>, cache: Option<&Path>) -> Option<String> {
    if known.contains(beginning.as_str()) {
        return Some(beginning);
    }
    let (module, version) = beginning.trim_end().split_once(' ')?;
    let hash = match version.strip_suffix("/go.mod") {
        Some(version) => of_go_mod(&fs_err::read(cache::go_mod(cache?, module, version)?).ok()?),
        None => fs_err::read_to_string(cache::hash(cache?, module, version)?).ok()?.trim().to_owned(),
    };
    hash.starts_with("h1:").then(|| format!("{beginning}{hash}"))
}

/// The hash of a `go.mod`, as of a tree with this file alone: <https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash#Hash1>.
fn of_go_mod(bytes: &[u8]) -> String {
    let mut list = String::new();
    for byte in Sha256::digest(bytes) {
        let _ = write!(list, "{byte:02x}");
    }
    list.push_str("  go.mod\n");
    format!("h1:{}", STANDARD.encode(Sha256::digest(list.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_go_command() {
        // As every go.sum with version 0.9.1 of the module has it.
        let text = b"module github.com/pkg/errors\n";
        assert_eq!(of_go_mod(text), "h1:bwawxfHBFNV+L2hUp1rHADufV3IMtnDRdf1r5NINEl0=");
    }
}
