//! Which lists were compiled from which manifests.

use super::{Files, declared, is_list, production, role, set_role};
use crate::manifest::list::exact;
use crate::names::canonical;
use depslim_model::{Facts, Provide, Role};
use std::collections::BTreeSet;

/// Gives compiled lists the role of a lock, also where no comment of the compiler says so.
pub(super) fn find(files: &mut Files<'_>) {
    let locked: BTreeSet<String> = files
        .iter()
        .filter(|f| role(&f.1) == Some(Role::Lock) && !is_list(&f.0))
        .flat_map(|f| f.1.provides.iter().map(|p| canonical(&p.package)))
        .collect();
    let pipfile: BTreeSet<String> =
        files.iter().filter(|f| f.0.ends_with("Pipfile")).flat_map(|f| production(&f.1)).collect();
    for at in 0..files.len() {
        let (path, facts) = (&files[at].0, &files[at].1);
        if !is_list(path) || !matches!(role(facts), Some(Role::Manifest | Role::ProductionList)) || !is_pinned(facts) {
            continue;
        }
        let names: BTreeSet<String> = declared(facts).map(|r| canonical(&r.name)).collect();
        let known = names.intersection(&locked).count();
        // `poetry export`, `pipenv requirements` and their like write subsets of the lock.
        let exported = names.len() > 2 && known * 10 >= names.len() * 9;
        let of_pipfile = !pipfile.is_empty() && pipfile.is_subset(&names);
        if exported || of_pipfile || compiled_from_a_sibling(files, at) {
            lock(&mut files[at].1);
        }
    }
}

/// `requirements.txt` beside `requirements.in`.
fn compiled_from_a_sibling(files: &Files<'_>, at: usize) -> bool {
    let Some(stem) = files[at].0.strip_suffix(".txt") else { return false };
    let takes_in = files[at].1.manifest.iter().flat_map(|m| &m.includes).any(|i| i.path.ends_with(".in"));
    !takes_in && files.iter().any(|f| f.0.strip_suffix(".in") == Some(stem) && f.1.manifest.is_some())
}

/// Every line names one version, and there is one.
fn is_pinned(facts: &Facts) -> bool {
    let pinned =
        |r: &depslim_model::Require| r.origin.is_some() || r.version.as_deref().is_some_and(|v| exact(v).is_some());
    declared(facts).next().is_some() && declared(facts).all(pinned)
}

fn lock(facts: &mut Facts) {
    set_role(facts, Role::Lock);
    if facts.provides.is_empty() {
        facts.provides = declared(facts)
            .map(|r| Provide {
                package: r.name.clone(),
                version: r.version.as_deref().and_then(exact).unwrap_or_default().to_owned(),
                origin: r.origin.clone(),
                line: r.line,
                ..Provide::default()
            })
            .collect();
    }
}
