//! `yarn.lock` with what production needs, and nothing else: the first version and the later ones.
//!
//! Source: the documentation of `yarn install --frozen-lockfile` and `--immutable`. The first refuses a lock that lacks a descriptor
//! of a manifest; the second one that is not letter by letter what it would write, so no descriptor may stay that nobody asks for.

use super::lines::{Block, blocks};
use super::roots::{Roots, parse};
use super::{Job, closure, no_members, text};
use crate::manifest::{lock, package_json, yarn_lock};
use depslim_formats::json::Node;
use depslim_model::ecosystem::Plan;
use depslim_model::{Emission, Facts, Source};
use std::collections::{BTreeMap, BTreeSet};

const LOCK: &str = "yarn.lock";

pub(super) fn emit(plan: &Plan, sources: &[Source<'_>]) -> Result<Vec<Emission>, String> {
    let job = Job::of(plan, sources, &[LOCK])?;
    let said = parse(text(job.manifest)?, job.manifest.path)?;
    let roots = Roots::of(said.root(), plan, job.manifest.path);
    let facts = yarn_lock::read(job.lock);
    if let Some(problem) = facts.problems.iter().find(|problem| problem.fatal) {
        return Err(format!("{}:{}: {}", job.lock.path, problem.line, problem.message));
    }
    let whole = text(job.lock)?;
    let (before, all) = blocks(whole.split_inclusive('\n'), 0);
    let later = all.iter().any(|block| block.key() == "__metadata");
    let table = Table::of(&all, said.root());
    let mut starts: Vec<&str> = Vec::new();
    for (name, range) in &roots.ranges {
        starts.extend(
            table
                .find(name, range)
                .ok_or_else(|| format!("the lock does not have {name}@{range}: run yarn install first"))?,
        );
    }
    let (held, asked) = held(&facts, &table, &starts, &roots);
    no_members(&facts, &held.iter().copied().collect())?;
    let trims = said.root().get("resolutions").is_none();
    let name = said.root().get("name").and_then(|node| node.text()).unwrap_or_default();
    let mut out = before.concat();
    let place = if job.member.is_empty() { "." } else { job.member.as_str() };
    for block in &all {
        let descriptors = descriptors(block);
        let own = descriptors
            .iter()
            .any(|d| *d == format!("{name}@workspace:{place}") || (place == "." && d.ends_with("@workspace:.")));
        if block.key() == "__metadata" {
            block.write(&mut out);
        } else if own {
            workspace(block, name, &roots, &mut out);
        } else if held.contains(key(block)) {
            let live: Vec<&str> = descriptors.iter().copied().filter(|d| !trims || asked.contains(*d)).collect();
            write(block, if live.is_empty() { &descriptors } else { &live }, later, &mut out);
        }
    }
    let count = facts.provides.iter().filter(|p| !p.first_party).count();
    job.written(plan, &roots, format!("{}\n", out.trim_end()), count, held.len())
}

pub(super) fn reread(source: &Source<'_>) -> Facts {
    if source.file_name() == LOCK { yarn_lock::read(source) } else { package_json::read(source) }
}

/// Which block a descriptor means, by what the reader of locks calls it.
struct Table<'t> {
    keys: BTreeMap<&'t str, &'t str>,
    /// Ranges that the manifest puts in the place of others, by package.
    resolutions: BTreeMap<&'t str, &'t str>,
}

impl<'t> Table<'t> {
    fn of(all: &[Block<'t>], manifest: Node<'t>) -> Self {
        let keys = all.iter().flat_map(|block| {
            let key = key(block);
            descriptors(block).into_iter().map(move |descriptor| (descriptor, key))
        });
        let resolutions = manifest.get("resolutions").into_iter().flat_map(|table| table.entries());
        let resolutions = resolutions.filter_map(|(pattern, node)| {
            let pattern = pattern.rsplit_once("**/").map_or(pattern, |(_, last)| last);
            let name = if pattern.starts_with('@') { pattern } else { pattern.rsplit('/').next().unwrap_or(pattern) };
            Some((lock::split(name).map_or(name, |(name, _)| name), node.text()?))
        });
        Self { keys: keys.collect(), resolutions: resolutions.collect() }
    }

    /// The blocks that a requirement means: the package, and its patched form.
    fn find(&self, name: &str, range: &str) -> Option<Vec<&'t str>> {
        let found = self.descriptors(name, range);
        (!found.is_empty()).then(|| found.iter().filter_map(|d| self.keys.get(d).copied()).collect())
    }

    /// The lock's descriptors for a requirement.
    fn descriptors(&self, name: &str, range: &str) -> Vec<&'t str> {
        let resolved = self.resolutions.get(name).copied();
        let mut found = Vec::new();
        for range in [Some(range), resolved].into_iter().flatten() {
            let plain = range.strip_prefix("npm:").unwrap_or(range);
            for descriptor in [format!("{name}@{range}"), format!("{name}@npm:{plain}")] {
                found.extend(self.keys.get_key_value(descriptor.as_str()).map(|(known, _)| *known));
            }
            // `fsevents@patch:fsevents@npm%3A^2#…`: the client's own patches stand beside what they patch.
            let escaped: String = format!("npm:{plain}").replace(':', "%3A").replace(' ', "%20").replace('|', "%7C");
            let patched = format!("{name}@patch:{name}@{escaped}#");
            found.extend(self.keys.keys().filter(|known| known.starts_with(&patched)));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The blocks that production needs, and all descriptors that somebody asks for.
fn held<'f>(
    facts: &'f Facts,
    table: &Table<'f>,
    starts: &[&'f str],
    roots: &Roots<'_>,
) -> (BTreeSet<&'f str>, BTreeSet<&'f str>) {
    let mut held: BTreeSet<&str> = BTreeSet::new();
    let mut open = closure(facts, starts.iter().copied());
    let mut asked: BTreeSet<&str> = BTreeSet::new();
    for (name, range) in &roots.ranges {
        asked.extend(table.descriptors(name, range));
    }
    for descriptor in asked.clone() {
        let base = base(table, descriptor);
        open.extend(base.iter().filter_map(|base| table.keys.get(base)));
        asked.extend(base);
    }
    // Ranges in the place of others, and patches, lead on to what the lock's own edges do not say.
    while let Some(key) = open.pop_first() {
        if !held.insert(key) {
            continue;
        }
        for require in facts.requires.iter().filter(|r| r.from_key.as_deref() == Some(key) && !r.peer) {
            for descriptor in table.descriptors(&require.name, require.version.as_deref().unwrap_or_default()) {
                for one in base(table, descriptor).into_iter().chain([descriptor]) {
                    asked.insert(one);
                    open.extend(table.keys.get(one));
                }
            }
        }
    }
    (held, asked)
}

/// The descriptors of what a patch is applied to.
fn base<'t>(table: &Table<'t>, descriptor: &str) -> Vec<&'t str> {
    let Some((name, rest)) = descriptor.split_once("@patch:") else { return Vec::new() };
    let range = rest.strip_prefix(name).and_then(|rest| rest.strip_prefix('@')).and_then(|rest| rest.split('#').next());
    let plain = |range: &str| range.replace("%3A", ":").replace("%20", " ").replace("%7C", "|");
    let found = range.map(|range| table.descriptors(name, &plain(range))).unwrap_or_default();
    found.into_iter().filter(|found| *found != descriptor).collect()
}

/// What the reader of locks calls a block: what it resolves to, or its first descriptor.
fn key<'t>(block: &Block<'t>) -> &'t str {
    let said = block.body.iter().find_map(|line| line.trim().strip_prefix("resolution: "));
    said.map(|said| said.trim_matches('"')).or_else(|| descriptors(block).first().copied()).unwrap_or_default()
}

/// The descriptors of a block: one text in quotes (later versions), or each in its own (the first).
fn descriptors<'t>(block: &Block<'t>) -> Vec<&'t str> {
    let head = block.head.trim_start_matches("? ");
    let head = head.strip_suffix(':').unwrap_or(head);
    head.split(", ").map(|part| part.trim_matches('"')).filter(|part| !part.is_empty()).collect()
}

/// A block under the descriptors that stay, in their order.
fn write(block: &Block<'_>, live: &[&str], later: bool, out: &mut String) {
    if live.len() == descriptors(block).len() {
        return block.write(out);
    }
    let head = if later {
        format!("\"{}\"", live.join(", "))
    } else {
        let quote = |d: &&str| {
            d.starts_with('@')
                || d.contains([' ', ':', ',', '#', '"'])
                || d.starts_with(|c: char| !c.is_ascii_alphabetic())
        };
        live.iter().map(|d| if quote(d) { format!("\"{d}\"") } else { (*d).to_owned() }).collect::<Vec<_>>().join(", ")
    };
    out.extend([head.as_str(), ":\n"]);
    // What was a long key stood on lines of its own.
    out.extend(block.body.iter().copied().skip_while(|line| line.trim() == ":"));
}

/// The project itself, in the folder of the lock, with what stays of its dependencies.
fn workspace(block: &Block<'_>, name: &str, roots: &Roots<'_>, out: &mut String) {
    let known = descriptors(block);
    let own =
        if name.is_empty() { known.first().map_or("", |d| d.split("@workspace:").next().unwrap_or(d)) } else { name };
    out.extend(["\"", own, "@workspace:.\":\n"]);
    for field in blocks(block.body.iter().copied(), 2).1 {
        match field.key() {
            "resolution" => out.extend(["  resolution: \"", own, "@workspace:.\"\n"]),
            "dependencies" => {
                let all = blocks(field.body.iter().copied(), 4).1;
                let kept: Vec<&Block<'_>> = all.iter().filter(|entry| roots.names.contains(entry.key())).collect();
                if !kept.is_empty() {
                    out.push_str(field.line);
                    for entry in kept {
                        entry.write(out);
                    }
                }
            }
            _ => field.write(out),
        }
    }
}
