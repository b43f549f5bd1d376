//! What `export` writes: `package.json` and the lock with what production needs and nothing else, in the words of the project's own,
//! so that its client takes them as they are.

mod lines;
mod npm;
mod pnpm;
mod roots;
mod yarn;

use crate::platform::IF_BROUGHT;
use depslim_model::ecosystem::Plan;
use depslim_model::{Emission, Emitter, Facts, Source, human};
use roots::Roots;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that can be written.
pub(crate) const EMITTERS: &[Emitter] = &[
    Emitter { name: "package-lock.json", emit: npm::emit, direct_only: false, reread: npm::reread },
    Emitter { name: "pnpm-lock.yaml", emit: pnpm::emit, direct_only: false, reread: pnpm::reread },
    Emitter { name: "yarn.lock", emit: yarn::emit, direct_only: false, reread: yarn::reread },
];

const MANIFEST: &str = "package.json";

/// What all emitters start from: the project's manifest, and the lock of their client.
struct Job<'s> {
    manifest: &'s Source<'s>,
    lock: &'s Source<'s>,
    /// The project's folder, relative to the lock's; empty for the lock's own.
    member: String,
}

impl<'s> Job<'s> {
    /// The manifest in the project's folder, and the nearest lock in it or above.
    fn of(plan: &Plan, sources: &'s [Source<'s>], locks: &[&str]) -> Result<Self, String> {
        let folder = if plan.project == "." { "" } else { plan.project.as_str() };
        let at = |folder: &str, name: &str| {
            let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            sources.iter().find(|source| source.path == path)
        };
        let manifest = at(folder, MANIFEST).ok_or("the project has no package.json in its folder")?;
        let mut around = folder;
        loop {
            if let Some(lock) = locks.iter().find_map(|name| at(around, name)) {
                let member = folder.strip_prefix(around).unwrap_or(folder).trim_start_matches('/').to_owned();
                return Ok(Self { manifest, lock, member });
            }
            if around.is_empty() {
                return Err(format!("no {} in the project's folder or above", locks.join(" or ")));
            }
            around = around.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }

    /// The two files, with what the lock's line says about its packages.
    fn written(
        &self,
        plan: &Plan,
        roots: &Roots<'_>,
        lock: String,
        all: usize,
        held: usize,
    ) -> Result<Vec<Emission>, String> {
        let bytes: Option<u64> = plan.keep.iter().map(|kept| kept.bytes).sum();
        let size = bytes.filter(|bytes| *bytes > 0).map_or(String::new(), |bytes| format!(", {}", human(bytes)));
        let summary = format!("{held} packages{size}; {} left out", all.saturating_sub(held));
        Ok(vec![
            Emission {
                path: MANIFEST.into(),
                content: roots.manifest(text(self.manifest)?)?,
                summary: format!("{} declarations of production", roots.names.len()),
                complete: None,
            },
            Emission { path: self.lock.file_name().into(), content: lock, summary, complete: None },
        ])
    }
}

/// The keys of all packages of a lock that some of them lead to, what is taken only where somebody brings it left out.
fn closure<'f>(facts: &'f Facts, roots: impl IntoIterator<Item = &'f str>) -> BTreeSet<&'f str> {
    let mut edges: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for require in facts.requires.iter().filter(|require| require.condition.as_deref() != Some(IF_BROUGHT)) {
        if let (Some(from), Some(to)) = (&require.from_key, &require.key) {
            edges.entry(from).or_default().push(to);
        }
    }
    let mut held = BTreeSet::new();
    let mut open: Vec<&str> = roots.into_iter().collect();
    while let Some(key) = open.pop() {
        if held.insert(key) {
            open.extend(edges.get(key).into_iter().flatten());
        }
    }
    held
}

/// Refuses what is held and no package: the code of a member of the workspace is not in the lock.
fn no_members(facts: &Facts, held: &BTreeSet<&str>) -> Result<(), String> {
    let packages: BTreeSet<&str> =
        facts.provides.iter().filter(|p| !p.first_party).filter_map(|p| p.key.as_deref()).collect();
    match held.iter().find(|key| !packages.contains(*key)) {
        Some(key) => Err(format!("it needs {key}, a member of the workspace, whose code has to come along")),
        None => Ok(()),
    }
}

fn text<'a>(source: &Source<'a>) -> Result<&'a str, String> {
    std::str::from_utf8(source.bytes).map_err(|_| format!("{} is not UTF-8", source.path))
}

#[cfg(test)]
mod tests;
