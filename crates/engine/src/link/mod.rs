//! Stage 3: `requires ⋈ provides` by canonical name: the package graph for the target platform.

mod closure;
mod graph;
mod sight;

pub use closure::{Closure, Edge, closure, closure_with_lines};
pub use graph::{Declared, Graph, Installed, Known, Node, Place, Told};

use crate::project::{ProjectFiles, join};
use crate::read::Sourced;
use depslim_model::{Ecosystem, Facts, Owns, Provide, Require, Role, Target};
use sight::Sight;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Joins declarations, locks and installed metadata. What neither is installed nor locked gets the requirements that `known` tells.
pub fn link(
    ecosystem: &Ecosystem,
    project: &ProjectFiles,
    place: Place<'_>,
    target: &Target,
    known: &dyn Fn(&str) -> Option<Told>,
) -> Graph {
    let mut graph = Graph::default();
    let has_manifest = project.in_role(Role::Manifest).any(|m| m.facts.requires.iter().any(|r| r.from.is_none()));
    let locked = project.in_role(Role::Lock).any(|m| m.facts.requires.iter().any(|r| r.from.is_none()));
    let mut builder = Builder::new(ecosystem, target);
    builder.take_installed(place);
    for lock in project.in_role(Role::Lock) {
        builder.take_lock(lock, project, place.past);
    }
    for manifest in &project.manifests {
        let role = manifest.facts.manifest.as_ref().map_or(Role::Manifest, |m| m.role);
        let counts = match role {
            Role::Manifest => true,
            // A compiled list is what people install when nothing else declares anything; a workspace's lock speaks of its root.
            Role::Lock => !has_manifest && (ecosystem.home)(&manifest.path) == project.folder,
            // A list for production beside nothing else is the manifest.
            Role::ProductionList if !has_manifest && !locked => true,
            Role::ProductionList => {
                graph.lists.push((
                    manifest.path.clone(),
                    manifest.facts.requires.iter().filter(|r| r.from.is_none()).cloned().collect(),
                ));
                false
            }
            Role::Constraints => false,
        };
        if !counts {
            continue;
        }
        for require in manifest.facts.requires.iter().filter(|r| r.from.is_none() && !r.name.is_empty()) {
            let holds = require.condition.as_deref().is_none_or(|c| (ecosystem.holds)(c, target, &[]));
            if !holds && !ecosystem.by_name {
                graph.elsewhere.push((manifest.path.clone(), require.clone()));
                continue;
            }
            let package = builder.named(&require.name);
            let file = manifest.path.clone();
            graph.declared.push(Declared {
                package,
                require: require.clone(),
                file,
                role,
                here: holds && !require.given,
            });
        }
    }
    builder.add_known(known, &graph.declared);
    builder.finish(&mut graph);
    graph
}

struct Builder<'a> {
    ecosystem: &'a Ecosystem,
    target: &'a Target,
    nodes: Vec<Node>,
    /// What the project means by a name.
    index: HashMap<String, u32>,
    /// Every package of a name.
    copies: HashMap<String, Vec<u32>>,
    installed: Vec<Option<u32>>,
    sight: Sight,
}

impl<'a> Builder<'a> {
    fn new(ecosystem: &'a Ecosystem, target: &'a Target) -> Self {
        Self {
            ecosystem,
            target,
            nodes: Vec::new(),
            index: HashMap::new(),
            copies: HashMap::new(),
            installed: Vec::new(),
            sight: Sight::default(),
        }
    }

    fn named(&mut self, name: &str) -> u32 {
        let canonical = (self.ecosystem.canonical)(name);
        if let Some(&at) = self.index.get(&canonical) {
            return at;
        }
        let at = self.add(name, &canonical);
        self.index.insert(canonical, at);
        at
    }

    fn add(&mut self, name: &str, canonical: &str) -> u32 {
        let at = self.nodes.len() as u32;
        self.nodes.push(Node {
            canonical: canonical.to_owned(),
            provide: Provide { package: name.to_owned(), ..Provide::default() },
            locked: None,
            requires: Vec::new(),
            known: Known::Declared,
            site: None,
            up: String::new(),
            folder: None,
            leads: Vec::new(),
        });
        self.copies.entry(canonical.to_owned()).or_default().push(at);
        at
    }

    fn take_installed(&mut self, place: Place<'_>) {
        if !self.ecosystem.several_versions {
            for (site, metadata, facts) in place.installed {
                self.take(facts, Known::Installed, Some((site, metadata)), None);
                let first = facts.provides.first();
                let package = first.and_then(|p| self.index.get(&(self.ecosystem.canonical)(&p.package)).copied());
                self.installed.push(package);
            }
            return;
        }
        for (site, metadata, facts) in place.installed {
            let Some(provide) = facts.provides.first() else {
                self.installed.push(None);
                continue;
            };
            let canonical = (self.ecosystem.canonical)(&provide.package);
            let at = self.add(&provide.package, &canonical);
            let node = &mut self.nodes[at as usize];
            node.provide = provide.clone();
            node.known = Known::Installed;
            node.site = Some(site.clone());
            node.up = up(site, metadata);
            node.folder = metadata.parent().map(Path::to_owned);
            node.requires = facts.requires.iter().filter(|r| r.from.is_some()).cloned().collect();
            if !provide.first_party {
                self.sight.put(site, canonical, at);
            }
            self.installed.push(Some(at));
        }
        let folders: HashMap<&Path, u32> =
            (0..).zip(&self.nodes).filter_map(|(at, node)| Some((node.folder.as_deref()?, at))).collect();
        let sites: HashSet<&Path> = place.sites.iter().map(PathBuf::as_path).collect();
        for (link, folder) in place.links {
            if let Some(package) = folders.get(folder.as_path())
                && let Some((site, name)) = sight::split(link, self.ecosystem.separator, &sites)
            {
                self.sight.put(site, (self.ecosystem.canonical)(&name), *package);
            }
        }
        if let Some(folder) = place.folder {
            for canonical in self.copies.keys() {
                if let Some(seen) = self.sight.seen_from(folder, canonical) {
                    self.index.insert(canonical.clone(), seen);
                }
            }
        }
    }
    fn take_lock(&mut self, lock: &Sourced, project: &ProjectFiles, past: bool) {
        if !self.ecosystem.several_versions {
            // What the project itself requires is said by its declarations.
            let own = lock.facts.provides.iter().find(|p| is_project(self.ecosystem, p, &lock.path, project));
            let own = own.map(|p| (self.ecosystem.canonical)(&p.package));
            self.take(&lock.facts, Known::Locked, None, own.as_deref());
            if past {
                self.go_back(&lock.facts);
            }
            return;
        }
        let own = lock.facts.provides.iter().find(|p| is_project(self.ecosystem, p, &lock.path, project));
        let mut installed: HashMap<(&str, &str), Vec<u32>> = HashMap::new();
        for (at, node) in (0..).zip(&self.nodes).filter(|(_, node)| node.known == Known::Installed) {
            installed.entry((&node.canonical, &node.provide.version)).or_default().push(at);
        }
        let reach = own.filter(|own| !is_at_home(self.ecosystem, own, &lock.path)).map(|own| reach(&lock.facts, own));
        let ours = |p: &Provide| reach.as_ref().zip(p.key.as_deref()).is_none_or(|(reach, key)| reach.contains(key));
        let mut keys: HashMap<&str, u32> = HashMap::new();
        let mut new: Vec<&Provide> = Vec::new();
        let mut pairs: Vec<(u32, &Provide)> = Vec::new();
        for provide in lock.facts.provides.iter().filter(|p| own.is_none_or(|own| !std::ptr::eq(own, *p))) {
            if !provide.condition.as_deref().is_none_or(|c| (self.ecosystem.holds)(c, self.target, &[])) {
                continue;
            }
            let canonical = (self.ecosystem.canonical)(&provide.package);
            match installed.get(&(canonical.as_str(), provide.version.as_str())) {
                Some(same) => {
                    pairs.extend(same.iter().map(|at| (*at, provide)));
                    if let (Some(key), Some(first)) = (&provide.key, same.first()) {
                        keys.insert(key, *first);
                    }
                }
                None if ours(provide) => new.push(provide),
                None => {}
            }
        }
        for (at, provide) in pairs {
            self.nodes[at as usize].locked.get_or_insert_with(|| provide.clone());
        }
        let first_new = self.nodes.len();
        for provide in new {
            let canonical = (self.ecosystem.canonical)(&provide.package);
            let at = self.add(&provide.package, &canonical);
            let node = &mut self.nodes[at as usize];
            node.provide = provide.clone();
            node.locked = Some(provide.clone());
            node.known = Known::Locked;
            keys.extend(provide.key.as_deref().map(|key| (key, at)));
        }
        let own_key = own.and_then(|own| own.key.as_deref());
        for require in &lock.facts.requires {
            let lead = require.key.as_deref().and_then(|key| keys.get(key).copied());
            let ours = match (require.from.as_deref(), own_key) {
                (None, own) => own.is_none_or(str::is_empty),
                (Some(_), Some(own)) => require.from_key.as_deref() == Some(own),
                (Some(_), None) => false,
            };
            if ours {
                if let Some(lead) = lead {
                    let name = (self.ecosystem.canonical)(&require.name);
                    if past {
                        self.index.insert(name, lead);
                    } else {
                        self.index.entry(name).or_insert(lead);
                    }
                }
            } else if let Some(owner) = require.from_key.as_deref().and_then(|key| keys.get(key)).copied()
                && (owner as usize >= first_new || self.ecosystem.by_name)
            {
                let node = &mut self.nodes[owner as usize];
                node.requires.push(require.clone());
                node.leads.push(lead);
            }
        }
    }

    /// Gives packages that are installed in another version the version and the requirements that the lock names.
    fn go_back(&mut self, lock: &Facts) {
        let mut back = HashSet::new();
        for (at, node) in self.nodes.iter_mut().enumerate().filter(|(_, node)| node.known == Known::Installed) {
            let Some(locked) = &node.locked else { continue };
            if !locked.version.is_empty() && locked.version != node.provide.version {
                node.provide.version.clone_from(&locked.version);
                node.requires.clear();
                back.insert(at as u32);
            }
        }
        for require in lock.requires.iter().filter(|_| !back.is_empty()) {
            let from = require.from.as_deref().map(self.ecosystem.canonical);
            if let Some(at) = from.and_then(|from| self.index.get(&from)).filter(|at| back.contains(at)) {
                self.nodes[*at as usize].requires.push(require.clone());
            }
        }
    }

    fn take(&mut self, facts: &Facts, known: Known, place: Option<(&PathBuf, &PathBuf)>, own: Option<&str>) {
        let target = self.target;
        let meant = |p: &&Provide| p.condition.as_deref().is_none_or(|c| (self.ecosystem.holds)(c, target, &[]));
        // A lock with forks names a package once for every platform it was resolved for.
        let provides: Vec<&Provide> = facts.provides.iter().filter(meant).collect();
        for provide in provides {
            let at = self.named(&provide.package) as usize;
            let node = &mut self.nodes[at];
            match (node.known, known) {
                (Known::Declared, _) => {
                    node.provide = provide.clone();
                    node.known = known;
                    node.site = place.map(|(site, _)| site.clone());
                    node.folder = place.and_then(|(_, metadata)| metadata.parent().map(Path::to_owned));
                    node.up = place.map_or_else(String::new, |(site, metadata)| up(site, metadata));
                    node.folder = place.and_then(|(_, metadata)| metadata.parent()).map(Path::to_owned);
                    if known == Known::Locked {
                        node.locked = Some(provide.clone());
                    }
                }
                (_, Known::Locked) => {
                    // A lock with forks names a package twice: the version that is installed counts, else the first.
                    let better = node.locked.as_ref().is_none_or(|l| l.version != node.provide.version);
                    if better && (node.locked.is_none() || provide.version == node.provide.version) {
                        node.locked = Some(provide.clone());
                    }
                }
                // One distribution found twice in an environment (a stale copy): what the interpreter meets first counts.
                (_, _) => {
                    if matches!(node.provide.owns, Owns::Nothing) {
                        node.provide.owns = provide.owns.clone();
                    }
                }
            }
        }
        for require in &facts.requires {
            let Some(from) = &require.from else { continue };
            if own.is_some_and(|own| own == (self.ecosystem.canonical)(from)) {
                continue;
            }
            let at = self.named(from) as usize;
            let node = &mut self.nodes[at];
            // Installed metadata is the whole truth of what is installed; the lock's edges would only repeat it.
            if node.known == known || (known == Known::Locked && node.known == Known::Declared) {
                node.requires.push(require.clone());
            }
        }
    }

    fn add_known(&mut self, known: &dyn Fn(&str) -> Option<Told>, declared: &[Declared]) {
        for at in 0..self.nodes.len() {
            let node = &mut self.nodes[at];
            if node.known != Known::Declared {
                continue;
            }
            let Some(told) = known(&node.canonical) else { continue };
            let pinned = declared
                .iter()
                .filter(|d| d.package as usize == at)
                .find_map(|d| d.require.version.as_deref()?.trim().strip_prefix("=="));
            let from = Some(node.canonical.clone());
            let names: Vec<&str> = told.requires.iter().filter_map(|name| applies(name, pinned)).collect();
            node.known = Known::Listed;
            node.requires = names
                .iter()
                .map(|name| Require { from: from.clone(), name: (*name).to_owned(), ..Require::default() })
                .collect();
            if told.gathers {
                for name in names {
                    self.named(name);
                }
            }
        }
    }

    /// Puts packages into the order of their names, so that nothing depends on the order of files.
    fn finish(mut self, graph: &mut Graph) {
        if self.ecosystem.several_versions {
            self.choose();
            // Where every line counts for itself, the lock has said already what is meant.
            if !self.ecosystem.by_name {
                self.lead();
            }
        }
        let key = |at: &usize| {
            let node = &self.nodes[*at];
            (&node.canonical, &node.provide.version, &node.folder, &node.provide.key)
        };
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        order.sort_by(|a, b| key(a).cmp(&key(b)));
        let mut numbers = vec![0_u32; order.len()];
        for (new, old) in order.iter().enumerate() {
            numbers[*old] = new as u32;
        }
        let renumber = |package: &mut u32| *package = numbers[*package as usize];
        let mut old: Vec<Option<Node>> = self.nodes.into_iter().map(Some).collect();
        graph.nodes = order.iter().filter_map(|at| old[*at].take()).collect();
        graph.nodes.iter_mut().flat_map(|node| &mut node.leads).flatten().for_each(renumber);
        graph.declared.iter_mut().for_each(|d| renumber(&mut d.package));
        self.index.values_mut().for_each(renumber);
        self.installed.iter_mut().flatten().for_each(renumber);
        self.copies.retain(|_, copies| copies.len() > 1);
        for copies in self.copies.values_mut() {
            copies.iter_mut().for_each(renumber);
            copies.sort_unstable();
        }
        self.sight.renumber(&numbers);
        graph.index = self.index;
        graph.installed = self.installed;
        graph.copies = self.copies;
        graph.sight = self.sight;
    }

    /// What a name means that the project itself does not see: the outermost copy.
    fn choose(&mut self) {
        for (canonical, copies) in &self.copies {
            let depth = |at: &u32| {
                let node = &self.nodes[*at as usize];
                let parts = node.folder.as_ref().map_or(usize::MAX, |folder| folder.components().count());
                (node.known, parts, &node.provide.version, &node.folder, &node.provide.key)
            };
            if !self.index.contains_key(canonical)
                && let Some(first) = copies.iter().min_by(|a, b| depth(a).cmp(&depth(b)))
            {
                self.index.insert(canonical.clone(), *first);
            }
        }
    }

    /// Finds out which copies installed packages mean by what they require.
    fn lead(&mut self) {
        for at in 0..self.nodes.len() {
            let node = &self.nodes[at];
            let Some(folder) = node.folder.as_deref().filter(|_| node.known == Known::Installed) else { continue };
            let lead = |require: &Require| {
                let canonical = (self.ecosystem.canonical)(&require.name);
                let elsewhere = || self.index.get(&canonical).copied();
                self.sight
                    .seen_from(folder, &canonical)
                    .or_else(|| elsewhere().filter(|other| self.nodes[*other as usize].known != Known::Installed))
            };
            let leads = node.requires.iter().map(lead).collect();
            self.nodes[at].leads = leads;
        }
    }
}

/// Whether a package of a lock is the project itself: by its folder, else by its name.
fn is_project(ecosystem: &Ecosystem, provide: &Provide, lock: &str, project: &ProjectFiles) -> bool {
    if !provide.first_party {
        return false;
    }
    if let Some(origin) = &provide.origin {
        return join(&(ecosystem.home)(lock), origin).is_some_and(|folder| folder == project.folder);
    }
    let names = project.manifests.iter().filter_map(|m| m.facts.manifest.as_ref()?.name.as_deref());
    names.into_iter().any(|name| (ecosystem.canonical)(name) == (ecosystem.canonical)(&provide.package))
}

/// Whether a project of a lock lies where the lock does.
fn is_at_home(ecosystem: &Ecosystem, own: &Provide, lock: &str) -> bool {
    let home = (ecosystem.home)(lock);
    own.origin.as_deref().is_none_or(|origin| join(&home, origin).is_none_or(|folder| folder == home))
}

/// Keys of all that one project of a lock needs: the lock of a repository holds the packages of every project in it.
fn reach<'l>(lock: &'l Facts, own: &'l Provide) -> HashSet<&'l str> {
    let mut edges: HashMap<&str, Vec<&str>> = HashMap::new();
    for require in &lock.requires {
        if let (Some(from), Some(to)) = (require.from_key.as_deref(), require.key.as_deref()) {
            edges.entry(from).or_default().push(to);
        }
    }
    let mut reached: HashSet<&str> = own.key.as_deref().into_iter().collect();
    let mut work: Vec<&str> = reached.iter().copied().collect();
    while let Some(from) = work.pop() {
        work.extend(edges.get(from).into_iter().flatten().copied().filter(|to| reached.insert(to)));
    }
    reached
}

/// `../` for each folder that a metadata file lies below the folder that modules are looked up in.
fn up(site: &Path, metadata: &Path) -> String {
    let depth =
        metadata.parent().and_then(|folder| folder.strip_prefix(site).ok()).map_or(0, |p| p.components().count());
    "../".repeat(depth)
}

/// The package of a known requirement: `name`, or `name@3.1` for what is required from version 3.1 of the owner on. An owner whose
/// version is not pinned is taken to be recent.
fn applies<'n>(requirement: &'n str, pinned: Option<&str>) -> Option<&'n str> {
    let Some((name, since)) = requirement.split_once('@') else { return Some(requirement) };
    let numbers = |text: &str| -> Vec<u64> { text.trim().split('.').map_while(|part| part.parse().ok()).collect() };
    pinned.is_none_or(|version| numbers(version) >= numbers(since)).then_some(name)
}
