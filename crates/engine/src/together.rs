//! What an ecosystem settles over the whole tree: manifests that inherit from others, source files that mean something together.

use crate::discover::Inventory;
use crate::project::ProjectFiles;
use crate::read::{Readers, Sourced, read};
use depslim_model::ecosystem::{Joined, Settle};
use depslim_model::{Ecosystem, Facts, Host, Layer, Settings};
use std::collections::{BTreeMap, HashMap};

/// Settles what the manifests of a tree say together.
pub(crate) fn settle(workspace: Option<Settle>, manifests: &mut [Sourced]) {
    let Some(workspace) = workspace else { return };
    let mut facts: Vec<_> = manifests.iter_mut().map(|m| (m.path.clone(), std::mem::take(&mut m.facts))).collect();
    workspace(&mut facts);
    for (manifest, (_, facts)) in manifests.iter_mut().zip(facts) {
        manifest.facts = facts;
    }
}

/// The source files of ecosystems that look at all of them at once, by ecosystem and folder of the project.
pub(crate) fn joined(
    inventory: &Inventory,
    all: &[(&'static Ecosystem, ProjectFiles)],
    settings: &dyn Fn(&str) -> Settings,
    variable: &dyn Fn(&str) -> Option<String>,
) -> HashMap<&'static str, Joined> {
    let mut joined = HashMap::new();
    for (ecosystem, _) in all {
        let Some(join) = ecosystem.join.filter(|_| !joined.contains_key(ecosystem.name)) else { continue };
        let own = all.iter().filter(|(other, _)| other.name == ecosystem.name);
        let manifests: BTreeMap<&str, &Facts> =
            own.flat_map(|(_, files)| &files.manifests).map(|m| (m.path.as_str(), &m.facts)).collect();
        let manifests: Vec<(String, Facts)> =
            manifests.into_iter().map(|(path, facts)| (path.to_owned(), facts.clone())).collect();
        let paths: Vec<&str> = inventory.files.iter().map(String::as_str).collect();
        let own_settings = settings(ecosystem.name);
        let code = read(inventory, &paths, &Readers::of(ecosystem, Layer::Code), &own_settings);
        let code = code.into_iter().map(|sourced| (sourced.path, sourced.facts)).collect();
        let host = Host { project: &inventory.root, root: &inventory.root, variable, settings: &own_settings };
        joined.insert(ecosystem.name, join(&host, &manifests, code));
    }
    joined
}
