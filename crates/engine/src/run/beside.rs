//! Which folder a project is about: the one that its code lies in.

use crate::discover::Inventory;
use crate::project::{ProjectFiles, ancestors};
use crate::read::Readers;
use depslim_model::{Ecosystem, Layer};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Folders that help to ship a project and are none themselves, whatever scripts they hold.
const HELPERS: &[&str] =
    &["build", "ci", "config", "deploy", "deployment", "deployments", "docker", "infra", "ops", "scripts", "tools"];

/// How many times more code lies around a folder than in it when it is not what its manifest is about.
const MOST: usize = 10;

/// Projects in the folders that their code lies in. Where each folder is a package, its manifest says which folder; but one that is
/// put into the folder around it before anything is installed (`install/package.json`) speaks of that, when it is the only one and
/// nearly all code lies there. Lists may lie in a folder that holds no code (`deploy/lists/production.txt`): they
/// speak of the nearest folder around them that does, unless that is another project's.
pub(super) fn beside_code(
    inventory: &Inventory,
    ecosystem: &'static Ecosystem,
    projects: Vec<ProjectFiles>,
) -> Vec<ProjectFiles> {
    let readers = Readers::of(ecosystem, Layer::Code);
    let folders: Vec<String> = projects.iter().map(|p| p.folder.clone()).collect();
    let inside = |file: &str, folder: &str| {
        folder.is_empty() || file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    };
    let has_code = |folder: &str| {
        let others: Vec<&String> = folders.iter().filter(|f| f.as_str() != folder && inside(f, folder)).collect();
        let own = |file: &&String| inside(file, folder) && !others.iter().any(|other| inside(file, other));
        inventory.files.iter().filter(own).any(|file| readers.for_path(file).is_some())
    };
    let code_in = |folder: &str| {
        inventory.files.iter().filter(|file| inside(file, folder) && readers.for_path(file).is_some()).count()
    };
    let alone = projects.len() == 1;
    let mut moved: BTreeMap<String, ProjectFiles> = BTreeMap::new();
    for mut project in projects {
        if alone && ecosystem.bare_is_package && !project.folder.is_empty() {
            let own = code_in(&project.folder);
            let around = ancestors(&project.folder).next().filter(|around| code_in(around) > own * MOST);
            if let Some(around) = around.map(str::to_owned) {
                project.folder = around;
            }
        }
        let moves = !ecosystem.strict && !ecosystem.by_name && !project.folder.is_empty();
        if moves && !has_code(&project.folder) {
            let helper = |a: &str| HELPERS.contains(&a.rsplit('/').next().unwrap_or(a));
            let around =
                ancestors(&project.folder).find(|a| folders.iter().any(|f| f == a) || (!helper(a) && has_code(a)));
            let around = around.filter(|a| !folders.iter().any(|f| f == a)).map(str::to_owned);
            project.folder = around.unwrap_or(project.folder);
        }
        match moved.entry(project.folder.clone()) {
            Entry::Vacant(place) => {
                place.insert(project);
            }
            Entry::Occupied(mut place) => place.get_mut().manifests.extend(project.manifests),
        }
    }
    moved.into_values().collect()
}
