//! What the projects of one tree share: environments that were found, read and measured, and the rules.

use super::Request;
use crate::among::Owned;
use crate::discover::Inventory;
use crate::measure::Measured;
use crate::project::ProjectFiles;
use crate::read::{Readers, read_one};
use crate::rules::Rules;
use depslim_model::{Contents, Ecosystem, Environment, Facts, Group, Host, Layer, Require, Role, Settings};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What the settings begin with that say which modules a package supplies.
const MODULE_MAP: &str = "module-map.";

/// An environment's packages: folder that modules are looked up in, metadata file, facts.
#[derive(Debug, Clone, Default)]
pub(super) struct Loaded {
    pub(super) facts: Rc<Vec<(PathBuf, PathBuf, Facts)>>,
    /// How many of them lie in each of the environment's trees.
    pub(super) counts: Vec<usize>,
    pub(super) sites: Vec<PathBuf>,
    pub(super) links: Vec<(PathBuf, PathBuf)>,
}

/// Environments that were read and measured: a monorepo's projects may share one.
#[derive(Default)]
pub(crate) struct Environments {
    pub(super) loaded: HashMap<PathBuf, Rc<Loaded>>,
    pub(super) measured: HashMap<PathBuf, Rc<Measured>>,
    rules: HashMap<&'static str, Rc<Rules>>,
}

impl Environments {
    /// What the ecosystem knows of packages, with what the user says of them.
    pub(super) fn rules(&mut self, ecosystem: &'static Ecosystem, settings: &Settings) -> Rc<Rules> {
        let mapped = |key: &'_ str| key.starts_with(MODULE_MAP);
        if !settings.0.keys().any(|key| mapped(key)) {
            let shared = self.rules.entry(ecosystem.name);
            return Rc::clone(shared.or_insert_with(|| Rc::new(Rules::of(ecosystem))));
        }
        let mut rules = Rules::of(ecosystem);
        for (key, modules) in settings.0.iter().filter_map(|(k, v)| k.strip_prefix(MODULE_MAP).map(|k| (k, v))) {
            rules.names.add(key, modules);
        }
        Rc::new(rules)
    }

    /// The first environment that has at least some of what the project declares.
    pub(super) fn first(
        &mut self,
        ecosystem: &'static Ecosystem,
        host: &Host<'_>,
        files: &ProjectFiles,
    ) -> Option<(Environment, Rc<Loaded>)> {
        let lines = files.in_role(Role::Manifest).flat_map(|m| &m.facts.requires).filter(|r| r.from.is_none());
        // An image's environment has nothing of development.
        let (production, rest): (Vec<&Require>, Vec<&Require>) =
            lines.partition(|r| matches!(r.group, Group::Prod | Group::Optional));
        let lines = if production.is_empty() { rest } else { production };
        let declared: Vec<String> = lines.into_iter().map(|r| (ecosystem.canonical)(&r.name)).collect();
        for environment in (ecosystem.environments)(host) {
            let loaded = self.load(ecosystem, &environment, host.root, host.settings);
            let provides = loaded.facts.iter().flat_map(|(_, _, facts)| &facts.provides);
            let here: HashSet<String> = provides.map(|p| (ecosystem.canonical)(&p.package)).collect();
            let hits = declared.iter().filter(|name| here.contains(*name)).count();
            // Somebody else's environment (a workspace root's, an activated one) tells nothing about this project.
            if declared.is_empty() || hits * 4 >= declared.len() || host.settings.has("environment") {
                return Some((environment, loaded));
            }
        }
        None
    }

    /// What the project's code reaches, where that is found import by import.
    pub(super) fn reached(installed: Vec<(PathBuf, Facts)>, environment: &Environment) -> Rc<Loaded> {
        let facts: Vec<_> =
            installed.into_iter().map(|(path, facts)| (environment.tree.clone(), path, facts)).collect();
        let counts = vec![facts.len()];
        Rc::new(Loaded { facts: Rc::new(facts), counts, sites: environment.sites.clone(), links: Vec::new() })
    }

    /// What packages own of the walked tree, in every environment that any project could use.
    pub(super) fn among(
        &mut self,
        request: &Request<'_>,
        inventory: &Inventory,
        projects: &[(&'static Ecosystem, ProjectFiles)],
    ) -> Owned {
        let mut owned = Owned::default();
        for (ecosystem, files) in projects {
            let settings = (request.settings)(ecosystem.name, &files.folder);
            let project = inventory.absolute(&files.folder);
            let host = Host { project: &project, root: request.root, variable: request.variable, settings: &settings };
            for environment in (ecosystem.environments)(&host) {
                if Owned::may_be_in(inventory, &environment) {
                    let loaded = self.load(ecosystem, &environment, request.root, &settings);
                    owned.add(request.root, loaded.facts.iter().map(|(_, path, facts)| (path, facts)));
                }
            }
        }
        owned
    }

    pub(super) fn load(
        &mut self,
        ecosystem: &'static Ecosystem,
        environment: &Environment,
        root: &Path,
        settings: &Settings,
    ) -> Rc<Loaded> {
        if let Some(found) = &environment.found {
            let facts = found.iter().map(|f| (f.site.clone(), f.metadata.clone(), f.facts.clone())).collect::<Vec<_>>();
            let (sites, links) = (environment.sites.clone(), environment.links.clone());
            return Rc::new(Loaded { counts: vec![facts.len()], facts: Rc::new(facts), sites, links });
        }
        let Some(contents) = ecosystem.contents else {
            return self.tree(ecosystem, &environment.tree, settings, || Contents {
                sites: environment.sites.clone(),
                metadata: environment.metadata.clone(),
                links: environment.links.clone(),
            });
        };
        let mut whole: Option<Loaded> = None;
        for tree in std::iter::once(&environment.tree).chain(&environment.more) {
            let part = self.tree(ecosystem, tree, settings, || contents(tree, root));
            match &mut whole {
                None => whole = Some((*part).clone()),
                Some(whole) => {
                    if !part.facts.is_empty() {
                        Rc::make_mut(&mut whole.facts).extend(part.facts.iter().cloned());
                    }
                    whole.counts.extend(&part.counts);
                    whole.sites.extend(part.sites.iter().cloned());
                    whole.links.extend(part.links.iter().cloned());
                }
            }
        }
        Rc::new(whole.unwrap_or_default())
    }

    pub(super) fn tree(
        &mut self,
        ecosystem: &'static Ecosystem,
        tree: &Path,
        settings: &Settings,
        contents: impl FnOnce() -> Contents,
    ) -> Rc<Loaded> {
        if let Some(loaded) = self.loaded.get(tree) {
            return loaded.clone();
        }
        let Contents { sites, metadata, links } = contents();
        let readers = Readers::of(ecosystem, Layer::Installed);
        let known: HashSet<&Path> = sites.iter().map(PathBuf::as_path).collect();
        let facts: Vec<(PathBuf, PathBuf, Facts)> = metadata
            .par_iter()
            .map(|path| {
                let site = path.ancestors().find(|folder| known.contains(folder)).unwrap_or(tree).to_owned();
                let facts = if let Some(installed) = ecosystem.installed {
                    installed(path)
                } else {
                    let relative = path.strip_prefix(tree).unwrap_or(path).to_string_lossy().into_owned();
                    readers.for_path(&relative).map(|r| read_one(tree, &relative, r, settings)).unwrap_or_default()
                };
                (site, path.clone(), facts)
            })
            .collect();
        let loaded = Rc::new(Loaded { counts: vec![facts.len()], facts: Rc::new(facts), sites, links });
        self.loaded.insert(tree.to_owned(), loaded.clone());
        loaded
    }
}
