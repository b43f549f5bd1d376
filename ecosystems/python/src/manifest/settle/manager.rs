//! Which package manager is in charge of a project, and what it installs without being asked.

use super::{Files, declared, is_list};
use depslim_model::{Facts, Group};

/// Sets the manager of every manifest, and the groups that it installs by default.
pub(super) fn decide(files: &mut Files<'_>) {
    let ends = |name: &str| files.iter().any(|f| f.0.rsplit('/').next() == Some(name));
    let says = |facts: &Facts| facts.manifest.as_ref().and_then(|m| m.manager.clone());
    let by_table = files.iter().find(|f| f.0.ends_with("pyproject.toml")).and_then(|f| says(&f.1));
    let lock = [
        ("uv.lock", "uv"),
        ("poetry.lock", "poetry"),
        ("pdm.lock", "pdm"),
        ("Pipfile.lock", "pipenv"),
        ("Pipfile", "pipenv"),
    ];
    let mut by_lock: Vec<&str> = lock.iter().filter(|(file, _)| ends(file)).map(|(_, manager)| *manager).collect();
    by_lock.dedup();
    // Two locks: the project's own tables decide.
    let agreed = by_table.as_deref().filter(|t| by_lock.contains(t));
    let lists = files.iter().any(|f| is_list(&f.0) && declared(&f.1).next().is_some());
    let conda = files.iter().find(|f| says(&f.1).as_deref() == Some("conda")).map(|_| "conda");
    let manager = agreed.or(by_lock.first().copied()).or(by_table.as_deref()).map(str::to_owned);
    let manager = manager.unwrap_or_else(|| if lists { "pip" } else { conda.unwrap_or("pip") }.to_owned());
    for file in files.iter_mut() {
        let groups = development_groups(&file.1);
        let Some(manifest) = &mut file.1.manifest else { continue };
        manifest.manager = Some(manager.clone());
        if manifest.default_groups.is_none() && file.0.ends_with("pyproject.toml") {
            manifest.default_groups = match manager.as_str() {
                "uv" => Some(vec!["dev".into()]),
                "pdm" => Some(groups),
                _ => None,
            };
        }
    }
}

fn development_groups(facts: &Facts) -> Vec<String> {
    let mut groups: Vec<String> =
        declared(facts).filter(|r| r.group == Group::Dev).filter_map(|r| r.group_name.clone()).collect();
    groups.sort();
    groups.dedup();
    groups
}
