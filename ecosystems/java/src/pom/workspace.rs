//! What the `pom.xml` files of a tree say together: parents hand properties, managed scopes and dependencies to their children.

use super::MANAGED;
use super::property::interpolate;
use depslim_formats::path::join;
use depslim_model::{Facts, Group, Require};
use std::collections::{BTreeMap, HashMap};

/// More parents in a row are a mistake.
const DEEPEST: usize = 40;

/// Settles all `pom.xml` files among the manifests of a tree.
pub(crate) fn settle(files: &mut [(String, Facts)]) {
    let at: HashMap<String, usize> = (0..files.len()).map(|number| (files[number].0.clone(), number)).collect();
    let is_pom = |path: &str| path.rsplit('/').next() == Some("pom.xml");
    let parents: Vec<Option<usize>> = files
        .iter()
        .map(|(path, facts)| {
            let include = facts.manifest.as_ref().filter(|_| is_pom(path))?.includes.first()?;
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let file = join(folder, &include.path)?;
            [file.clone(), join(&file, "pom.xml")?].iter().find_map(|path| at.get(path).copied())
        })
        .collect();
    let lineages: Vec<Vec<usize>> = (0..files.len()).map(|number| lineage(number, &parents)).collect();
    let settled: Vec<Option<Facts>> =
        files.iter().zip(&lineages).map(|((path, _), line)| is_pom(path).then(|| one(files, line))).collect();
    for ((_, facts), settled) in files.iter_mut().zip(settled) {
        if let Some(settled) = settled {
            *facts = settled;
        }
    }
}

/// A file and its parents in the tree, nearest first.
fn lineage(number: usize, parents: &[Option<usize>]) -> Vec<usize> {
    let mut line = vec![number];
    while let Some(next) = line.last().and_then(|last| parents[*last]) {
        if line.contains(&next) || line.len() > DEEPEST {
            break;
        }
        line.push(next);
    }
    line
}

fn one(files: &[(String, Facts)], lineage: &[usize]) -> Facts {
    let all = || lineage.iter().map(|number| &files[*number].1);
    let mut facts = files[lineage[0]].1.clone();
    let mut properties: BTreeMap<&str, &str> = BTreeMap::new();
    for alias in all().flat_map(|f| &f.aliases) {
        properties.entry(&alias.name).or_insert_with(|| alias.targets.first().map_or("", String::as_str));
    }
    let look_up = |key: &str| {
        let key = key.strip_prefix("pom.").map_or_else(|| key.to_owned(), |rest| format!("project.{rest}"));
        properties.get(key.as_str()).map(|value| (*value).to_owned())
    };
    let plain = |text: &str| interpolate(text, &look_up);
    let filled = |require: &Require| Require {
        name: plain(&require.name),
        version: require.version.as_deref().map(plain),
        group_name: require.group_name.as_deref().map(plain),
        ..require.clone()
    };
    let mut managed: HashMap<String, Require> = HashMap::new();
    for require in all().flat_map(|f| &f.requires).filter(|r| r.from.as_deref() == Some(MANAGED)) {
        let require = filled(require);
        managed.entry(require.name.clone()).or_insert(require);
    }
    let own = facts.requires.iter().filter(|r| r.from.is_none()).map(|r| (r, false));
    let parents = all().skip(1).flat_map(|f| &f.requires).filter(|r| r.from.is_none()).map(|r| (r, true));
    let mut requires: Vec<Require> = Vec::new();
    for (require, inherited) in own.chain(parents) {
        let mut require = filled(require);
        if inherited && requires.iter().any(|other| other.name == require.name) {
            continue;
        }
        if let Some(rule) = managed.get(&require.name) {
            if require.version.is_none() {
                require.version.clone_from(&rule.version);
            }
            let unsaid = !["compile", "runtime", "test", "provided", "system"]
                .contains(&require.group_name.as_deref().unwrap_or_default());
            if unsaid && rule.group_name.is_some() {
                (require.group, require.given) = (rule.group, rule.given);
                require.group_name.clone_from(&rule.group_name);
            }
        }
        require.inherited = inherited;
        requires.push(require);
    }
    facts.requires = requires;
    facts.aliases.clear();
    if let Some(manifest) = &mut facts.manifest {
        manifest.name = manifest.name.as_deref().map(plain);
        manifest.includes.clear();
        manifest.members.clear();
        manifest.runtime =
            manifest.runtime.clone().or_else(|| all().find_map(|f| f.manifest.as_ref()?.runtime.clone()));
    }
    debug_assert!(facts.requires.iter().all(|r| r.group != Group::Optional));
    facts
}
