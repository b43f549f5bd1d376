//! Lines that edits leave over: what the root of a workspace holds for its members, once the last of them asks for it no more.

use super::{Edited, words};
use crate::Options;
use depslim_model::ecosystem::{Action, Change, Settle};
use depslim_model::{Ecosystem, Facts, Layer, Project, Report, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// What a declaration is known by, whatever line and table it stands in: package and name in code.
type Known = (String, Option<String>);

/// Takes out what the edits leave over. Where not all manifests of a workspace are known, nothing is.
pub(super) fn clear(
    ecosystems: &[&Ecosystem],
    report: &Report,
    options: &Options,
    edited: &mut Vec<Edited>,
    read: &mut impl FnMut(&str) -> io::Result<Vec<u8>>,
) {
    // Other members may ask for what these leave.
    if !options.projects.is_empty() {
        return;
    }
    for ecosystem in ecosystems {
        let Some(settle) = ecosystem.workspace else { continue };
        let projects: Vec<&Project> = report.projects.iter().filter(|p| p.ecosystem == ecosystem.name).collect();
        if projects.iter().any(|p| p.failed.is_some()) {
            continue;
        }
        let manifests: BTreeSet<&str> = projects.iter().filter_map(|p| p.manifest.as_deref()).collect();
        if !edited.iter().any(|e| manifests.contains(e.file.as_str())) {
            continue;
        }
        let paths: BTreeSet<String> = manifests.into_iter().flat_map(with_those_around).collect();
        let before: BTreeMap<String, Vec<u8>> =
            paths.into_iter().filter_map(|path| read(&path).ok().map(|bytes| (path, bytes))).collect();
        let mut after = before.clone();
        for change in edited.iter().filter(|e| before.contains_key(&e.file)) {
            after.insert(change.file.clone(), change.after.clone().into_bytes());
        }
        let known = declared(ecosystem, options, settle, &before);
        for (path, now) in declared(ecosystem, options, settle, &after) {
            let had = known.get(&path).cloned().unwrap_or_default();
            // A line that a fix writes is no leftover of another.
            let new = now.into_iter().filter(|(key, _)| !had.contains_key(key) && !states(report, &path, &key.0));
            let changes: Vec<Change> =
                new.map(|((package, _), line)| Change { package, line, action: Action::Remove }).collect();
            take_out(ecosystem, options, &path, &after[&path], &before[&path], &changes, edited);
        }
    }
}

/// Whether a fix of the report states what a manifest has to say of a package.
fn states(report: &Report, path: &str, package: &str) -> bool {
    let changes = report.findings.iter().filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| &fix.changes);
    changes.into_iter().any(|(file, change)| {
        file == path && change.package == package && matches!(change.action, Action::State { .. })
    })
}

/// A manifest and those of the same name in the folders around it.
fn with_those_around(path: &str) -> Vec<String> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut all = vec![path.to_owned()];
    let mut rest = folder;
    while !rest.is_empty() {
        rest = rest.rsplit_once('/').map_or("", |(above, _)| above);
        all.push(if rest.is_empty() { name.to_owned() } else { format!("{rest}/{name}") });
    }
    all
}

/// By manifest: what it declares itself once all are settled, with the lines.
fn declared(
    ecosystem: &Ecosystem,
    options: &Options,
    settle: Settle,
    texts: &BTreeMap<String, Vec<u8>>,
) -> BTreeMap<String, BTreeMap<Known, u32>> {
    let mut all: Vec<(String, Facts)> = texts
        .iter()
        .filter_map(|(path, bytes)| {
            let name = path.rsplit('/').next().unwrap_or(path);
            let reads = |layer: Layer, globs: &[&str]| layer == Layer::Manifest && globs.contains(&name);
            let reader = ecosystem.readers.iter().find(|r| reads(r.layer, r.globs))?;
            let settings = options.settings_in(ecosystem.name, "");
            Some((path.clone(), (reader.read)(&Source { path, bytes, settings: &settings })))
        })
        .collect();
    settle(&mut all);
    all.into_iter()
        .map(|(path, facts)| {
            let own = facts.requires.into_iter().filter(|r| r.from.is_none());
            (path, own.map(|r| ((r.name, r.alias), r.line)).collect())
        })
        .collect()
}

fn take_out(
    ecosystem: &Ecosystem,
    options: &Options,
    path: &str,
    now: &[u8],
    before: &[u8],
    changes: &[Change],
    edited: &mut Vec<Edited>,
) {
    if changes.is_empty() {
        return;
    }
    let settings = options.settings_in(ecosystem.name, "");
    let Ok(text) = (ecosystem.edit)(&Source { path, bytes: now, settings: &settings }, changes) else { return };
    let said = changes.iter().map(words);
    match edited.iter_mut().find(|e| e.file == path) {
        Some(same) => {
            same.after = text;
            same.changes.extend(said);
        }
        None => edited.push(Edited {
            file: path.to_owned(),
            before: before.to_vec(),
            after: text,
            changes: said.collect(),
            resolves: BTreeSet::new(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::with_those_around;

    #[test]
    fn a_manifest_may_belong_to_any_folder_around_it() {
        assert_eq!(with_those_around("a/b/app.list"), ["a/b/app.list", "a/app.list", "app.list"]);
        assert_eq!(with_those_around("app.list"), ["app.list"]);
    }
}
