//! `pnpm-lock.yaml` with what production needs, and nothing else.
//!
//! Source: the lockfile specifications of pnpm. With `--frozen-lockfile` pnpm compares the specifiers of an importer with its
//! manifest, and the overrides and catalogs with its settings: these stay as they are.

use super::lines::{Block, blocks};
use super::roots::{Roots, parse};
use super::{Job, closure, no_members, text};
use crate::manifest::{package_json, pnpm_lock};
use depslim_model::ecosystem::Plan;
use depslim_model::{Emission, Facts, Source};
use std::collections::{BTreeMap, BTreeSet};

const LOCK: &str = "pnpm-lock.yaml";

/// Sections of an importer that hold packages, in the order in which they are written.
const SECTIONS: &[&str] = &["specifiers", "dependencies", "optionalDependencies", "devDependencies"];

pub(super) fn emit(plan: &Plan, sources: &[Source<'_>]) -> Result<Vec<Emission>, String> {
    let job = Job::of(plan, sources, &[LOCK])?;
    let said = parse(text(job.manifest)?, job.manifest.path)?;
    let roots = Roots::of(said.root(), plan, job.manifest.path);
    let facts = pnpm_lock::read(job.lock);
    if let Some(problem) = facts.problems.iter().find(|problem| problem.fatal) {
        return Err(format!("{}:{}: {}", job.lock.path, problem.line, problem.message));
    }
    let importer = if job.member.is_empty() { None } else { Some(job.member.as_str()) };
    let own: BTreeMap<&str, &str> = facts
        .requires
        .iter()
        .filter(
            |require| if importer.is_none() { require.from.is_none() } else { require.from_key.as_deref() == importer },
        )
        .filter_map(|require| Some((require.name.as_str(), require.key.as_deref()?)))
        .collect();
    let found = roots.names.iter().map(|name| own.get(name).copied().ok_or_else(|| unlocked(name)));
    let held = closure(&facts, found.collect::<Result<Vec<_>, _>>()?);
    no_members(&facts, &held)?;
    let lock = pruned(text(job.lock)?, &job.member, &facts, &held, &roots)?;
    job.written(plan, &roots, lock, facts.provides.iter().filter(|p| !p.first_party).count(), held.len())
}

pub(super) fn reread(source: &Source<'_>) -> Facts {
    if source.file_name() == LOCK { pnpm_lock::read(source) } else { package_json::read(source) }
}

fn unlocked(name: &str) -> String {
    format!("the lock does not have {name}: run pnpm install first")
}

fn pruned(
    whole: &str,
    member: &str,
    facts: &Facts,
    held: &BTreeSet<&str>,
    roots: &Roots<'_>,
) -> Result<String, String> {
    // One document before the project's locks the client itself.
    let from = whole.rfind("\n---\n").map_or(0, |at| at + 5);
    let mut out = whole[..from].to_owned();
    let (before, top) = blocks(whole[from..].split_inclusive('\n'), 0);
    out.extend(before.iter().copied());
    let has_importers = top.iter().any(|block| block.key() == "importers");
    let mut flat: Vec<&Block<'_>> = Vec::new();
    for block in &top {
        match block.key() {
            "importers" => {
                let (space, all) = blocks(block.body.iter().copied(), 2);
                let wanted = if member.is_empty() { "." } else { member };
                let own = all
                    .iter()
                    .find(|b| b.key() == wanted)
                    .ok_or("the lock does not have the project: run pnpm install first")?;
                let (_, sections) = blocks(own.body.iter().copied(), 4);
                let inner = importer(&sections.iter().collect::<Vec<_>>(), 4, roots);
                out.push_str(block.line);
                out.extend(space.iter().copied());
                out.extend(if inner.is_empty() { ["  .: {}\n", "", "\n"] } else { ["  .:\n", &inner, "\n"] });
            }
            key if !has_importers && SECTIONS.contains(&key) => flat.push(block),
            "patchedDependencies" => {
                let patched = blocks(block.body.iter().copied(), 2).1;
                let name = |key: &str| key.get(1..).and_then(|rest| rest.find('@')).map_or(key.len(), |at| at + 1);
                let stays = |b: &&Block<'_>| {
                    held.iter().any(|key| key.trim_start_matches('/').starts_with(&b.key()[..name(b.key())]))
                };
                if let Some(gone) = patched.iter().find(|b| !stays(b)) {
                    return Err(format!(
                        "{} is patched and left out: take its patch out of the settings first",
                        gone.key()
                    ));
                }
                block.write(&mut out);
            }
            "packages" | "snapshots" => {
                if !flat.is_empty() {
                    out.push_str(&importer(&std::mem::take(&mut flat), 0, roots));
                }
                packages(block, facts, held, &mut out);
            }
            _ => block.write(&mut out),
        }
    }
    out.push_str(&importer(&flat, 0, roots));
    Ok(format!("{}\n", out.trim_end()))
}

/// The sections of an importer with what stays. Those of a lock with one importer stand apart, by empty lines.
fn importer(sections: &[&Block<'_>], indent: usize, roots: &Roots<'_>) -> String {
    let mut entries: BTreeMap<&str, BTreeMap<&str, Block<'_>>> = BTreeMap::new();
    for section in sections {
        let (_, inner) = blocks(section.body.iter().copied(), indent + 2);
        for entry in inner {
            let name = entry.key();
            let into = match section.key() {
                "devDependencies" if roots.moved.contains_key(name) => "dependencies",
                "devDependencies" => continue,
                other => other,
            };
            if roots.names.contains(name) {
                entries.entry(into).or_default().insert(name, entry);
            }
        }
    }
    let mut out = String::new();
    for section in SECTIONS {
        let Some(kept) = entries.get(section) else { continue };
        out.extend([" ".repeat(indent).as_str(), section, ":\n"]);
        for entry in kept.values() {
            out.push_str(entry.line);
            out.extend(entry.body.iter().copied().filter(|line| !line.trim().is_empty()));
        }
        if indent == 0 {
            out.push('\n');
        }
    }
    out
}

/// The packages that are held; of what they list only what is held too.
fn packages(section: &Block<'_>, facts: &Facts, held: &BTreeSet<&str>, out: &mut String) {
    let bases: BTreeSet<&str> = held.iter().map(|key| base(key)).collect();
    let (space, all) = blocks(section.body.iter().copied(), 2);
    out.push_str(section.line);
    out.extend(space.iter().copied());
    let mut missing: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for require in &facts.requires {
        if let (Some(from), Some(to)) = (require.from_key.as_deref(), require.key.as_deref())
            && held.contains(from)
            && !held.contains(to)
        {
            missing.entry(from).or_default().insert(&require.name);
        }
    }
    let details = section.key() == "packages"
        && facts.provides.iter().any(|p| p.key.as_deref().is_some_and(|k| !k.starts_with('/')));
    for package in &all {
        let key = package.key();
        if !(held.contains(key) || (details && bases.contains(key))) {
            continue;
        }
        let gone = missing.get(key).filter(|_| !details);
        let mut inner = String::new();
        for field in blocks(package.body.iter().copied(), 4).1 {
            if matches!(field.key(), "dependencies" | "optionalDependencies") && gone.is_some() {
                let stays = |b: &Block<'_>| !gone.is_some_and(|gone| gone.contains(b.key()));
                let kept: Vec<Block<'_>> =
                    blocks(field.body.iter().copied(), 6).1.into_iter().filter(|b| stays(b)).collect();
                if !kept.is_empty() {
                    inner.push_str(field.line);
                    for entry in &kept {
                        entry.write(&mut inner);
                    }
                }
            } else if field.head == "dev: true" {
                inner.push_str("    dev: false\n");
            } else {
                field.write(&mut inner);
            }
        }
        if inner.trim().is_empty() && !package.head.ends_with('}') {
            out.extend([package.line.trim_end(), " {}\n"]);
        } else {
            out.push_str(package.line);
        }
        out.push_str(inner.trim_end_matches('\n'));
        out.push_str(if inner.trim().is_empty() { "\n" } else { "\n\n" });
    }
}

/// A key without what its peers are.
fn base(key: &str) -> &str {
    key.split('(').next().unwrap_or(key)
}
