//! Stage 3: `requires ⋈ provides` by canonical name: the package graph for the target platform.

use crate::project::ProjectFiles;
use depslim_model::{Ecosystem, Facts, Group, Owns, Provide, Require, Role, Target};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// Where a package is known from, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// Installed in the environment: its metadata and files are there.
    Installed,
    /// In the lock.
    Locked,
    /// Only named by a declaration; what it requires is told by a table of known facts.
    Listed,
    /// Only named by a declaration.
    Declared,
}

/// A package of the graph.
#[derive(Debug, Clone)]
pub struct Node {
    /// Canonical name.
    pub canonical: String,
    /// What is known of it.
    pub provide: Provide,
    /// The lock's word on it, when it is installed too.
    pub locked: Option<Provide>,
    /// What it requires.
    pub requires: Vec<Require>,
    /// Where it is known from.
    pub known: Known,
    /// Folder that its modules are looked up in, when installed.
    pub site: Option<PathBuf>,
    /// What leads from its metadata up to that folder (`../`), as the paths of what it owns begin.
    pub up: String,
}

/// A declaration of the project.
#[derive(Debug, Clone)]
pub struct Declared {
    /// The declared package.
    pub package: u32,
    /// The declaration.
    pub require: Require,
    /// The file that holds it.
    pub file: String,
    /// What that file is for.
    pub role: Role,
}

/// What a table of known facts tells of a package that neither is installed nor locked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Canonical names of what it requires.
    pub requires: Vec<String>,
    /// It is there only for what it brings: the project uses that, and does not declare it.
    pub gathers: bool,
}

/// The package graph of one project.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// Packages, by canonical name.
    pub nodes: Vec<Node>,
    /// Declarations whose condition holds on the target, in the order of files and lines.
    pub declared: Vec<Declared>,
    /// Declarations that the target does not need: (file, declaration).
    pub elsewhere: Vec<(String, Require)>,
    /// Packages of hand-written production lists: (file, declarations).
    pub lists: Vec<(String, Vec<Require>)>,
    index: HashMap<String, u32>,
}

/// What an installed environment holds, by package: the folder its modules are looked up in, its metadata file, and its facts.
pub type Installed = [(PathBuf, PathBuf, Facts)];

impl Graph {
    /// The package with this canonical name.
    pub fn find(&self, canonical: &str) -> Option<u32> {
        self.index.get(canonical).copied()
    }

    /// The package.
    pub fn node(&self, package: u32) -> &Node {
        &self.nodes[package as usize]
    }

    /// Declarations of a package.
    pub fn declarations(&self, package: u32) -> impl Iterator<Item = &Declared> {
        self.declared.iter().filter(move |d| d.package == package)
    }
}

/// Joins declarations, locks and installed metadata. What neither is installed nor locked gets the requirements that `known` tells.
pub fn link(
    ecosystem: &Ecosystem,
    project: &ProjectFiles,
    installed: &Installed,
    target: &Target,
    known: &dyn Fn(&str) -> Option<Told>,
) -> Graph {
    let mut graph = Graph::default();
    let has_manifest = project.in_role(Role::Manifest).any(|m| m.facts.requires.iter().any(|r| r.from.is_none()));
    let locked = project.in_role(Role::Lock).any(|m| m.facts.requires.iter().any(|r| r.from.is_none()));
    let mut builder = Builder { ecosystem, target, nodes: Vec::new(), index: HashMap::new() };
    for (site, metadata, facts) in installed {
        builder.take(facts, Known::Installed, Some((site, metadata)));
    }
    for lock in project.in_role(Role::Lock) {
        builder.take(&lock.facts, Known::Locked, None);
    }
    for manifest in &project.manifests {
        let role = manifest.facts.manifest.as_ref().map_or(Role::Manifest, |m| m.role);
        let counts = match role {
            Role::Manifest => true,
            // A compiled list is what people install when nothing else declares anything.
            Role::Lock => !has_manifest,
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
            if !holds {
                graph.elsewhere.push((manifest.path.clone(), require.clone()));
                continue;
            }
            let package = builder.named(&require.name);
            graph.declared.push(Declared { package, require: require.clone(), file: manifest.path.clone(), role });
        }
    }
    builder.add_known(known, &graph.declared);
    (graph.nodes, graph.index) = builder.sorted(&mut graph.declared);
    graph
}

struct Builder<'a> {
    ecosystem: &'a Ecosystem,
    target: &'a Target,
    nodes: Vec<Node>,
    index: HashMap<String, u32>,
}

impl Builder<'_> {
    fn named(&mut self, name: &str) -> u32 {
        let canonical = (self.ecosystem.canonical)(name);
        if let Some(&at) = self.index.get(&canonical) {
            return at;
        }
        let at = self.nodes.len() as u32;
        self.nodes.push(Node {
            canonical: canonical.clone(),
            provide: Provide { package: name.to_owned(), ..Provide::default() },
            locked: None,
            requires: Vec::new(),
            known: Known::Declared,
            site: None,
            up: String::new(),
        });
        self.index.insert(canonical, at);
        at
    }

    fn take(&mut self, facts: &Facts, known: Known, place: Option<(&PathBuf, &PathBuf)>) {
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
                    node.up = place.map_or_else(String::new, |(site, metadata)| up(site, metadata));
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

    /// Packages in the order of their names, so that nothing depends on the order of files.
    fn sorted(self, declared: &mut [Declared]) -> (Vec<Node>, HashMap<String, u32>) {
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        order.sort_by(|a, b| self.nodes[*a].canonical.cmp(&self.nodes[*b].canonical));
        let mut place = vec![0_u32; order.len()];
        for (new, old) in order.iter().enumerate() {
            place[*old] = new as u32;
        }
        for d in declared {
            d.package = place[d.package as usize];
        }
        let mut nodes: Vec<Node> = self.nodes;
        nodes.sort_by(|a, b| a.canonical.cmp(&b.canonical));
        let index = nodes.iter().enumerate().map(|(at, n)| (n.canonical.clone(), at as u32)).collect();
        (nodes, index)
    }
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

/// An edge of a closure: `to` is needed by `from`, for the extra `feature` of `from` or always.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Who needs it.
    pub from: u32,
    /// The extra of `from` that asks for it.
    pub feature: Option<String>,
    /// What is needed.
    pub to: u32,
    /// Extras of `to` that this edge turns on.
    pub features: Vec<String>,
}

/// All that some packages need, directly and through others.
#[derive(Debug, Clone, Default)]
pub struct Closure {
    /// Which packages are in it, by package.
    pub holds: Vec<bool>,
    /// Extras that are turned on, by package.
    pub features: Vec<BTreeSet<String>>,
    /// The edges walked.
    pub edges: Vec<Edge>,
    /// Requirements of packages in it that name nothing known: (package, name).
    pub missing: Vec<(u32, String)>,
}

impl Closure {
    /// The packages in it.
    pub fn packages(&self) -> impl Iterator<Item = u32> {
        self.holds.iter().enumerate().filter(|(_, held)| **held).map(|(at, _)| at as u32)
    }

    /// True when the package is in it.
    pub fn has(&self, package: u32) -> bool {
        self.holds.get(package as usize).copied().unwrap_or(false)
    }
}

/// The closure of `roots` (packages with the extras asked for) over the graph, conditions evaluated for `target`.
pub fn closure<'a>(
    graph: &Graph,
    ecosystem: &Ecosystem,
    target: &Target,
    roots: impl IntoIterator<Item = (u32, &'a [String])>,
) -> Closure {
    let count = graph.nodes.len();
    let mut found = Closure { holds: vec![false; count], features: vec![BTreeSet::new(); count], ..Closure::default() };
    // Work: a package without extras (None), or one extra of a package.
    let mut work: Vec<(u32, Option<String>)> = Vec::new();
    let ask = |found: &mut Closure, work: &mut Vec<(u32, Option<String>)>, package: u32, features: &[String]| {
        if !std::mem::replace(&mut found.holds[package as usize], true) {
            work.push((package, None));
        }
        for feature in features {
            let feature = (ecosystem.canonical)(feature);
            if found.features[package as usize].insert(feature.clone()) {
                work.push((package, Some(feature)));
            }
        }
    };
    for (package, features) in roots {
        ask(&mut found, &mut work, package, features);
    }
    while let Some((package, feature)) = work.pop() {
        for require in &graph.node(package).requires {
            if !matters(ecosystem, target, require, feature.as_deref()) {
                continue;
            }
            let Some(to) = graph.find(&(ecosystem.canonical)(&require.name)) else {
                if feature.is_none() {
                    found.missing.push((package, require.name.clone()));
                }
                continue;
            };
            found.edges.push(Edge {
                from: package,
                feature: feature.clone(),
                to,
                features: require.features.iter().map(|f| (ecosystem.canonical)(f)).collect(),
            });
            ask(&mut found, &mut work, to, &require.features);
        }
    }
    found.edges.sort_by(|a, b| (a.from, &a.feature, a.to).cmp(&(b.from, &b.feature, b.to)));
    found.edges.dedup();
    found.missing.sort();
    found.missing.dedup();
    found
}

/// The closure of `roots` together with what `lines` ask of packages in it: a line for something that comes along anyway still turns
/// on its extras.
pub fn closure_with_lines<'a>(
    graph: &Graph,
    ecosystem: &Ecosystem,
    target: &Target,
    roots: &[(u32, &'a [String])],
    lines: &[(u32, &'a [String])],
) -> Closure {
    let mut found = closure(graph, ecosystem, target, roots.iter().copied());
    loop {
        let asked = |(package, features): &&(u32, &'a [String])| {
            found.has(*package)
                && features.iter().any(|f| !found.features[*package as usize].contains(&(ecosystem.canonical)(f)))
        };
        let more: Vec<(u32, &[String])> = lines.iter().filter(asked).copied().collect();
        if more.is_empty() {
            return found;
        }
        let held: Vec<(u32, &[String])> = lines.iter().filter(|(package, _)| found.has(*package)).copied().collect();
        found = closure(graph, ecosystem, target, roots.iter().copied().chain(held));
    }
}

/// Whether a requirement counts for the package alone (`None`), or only because of this extra.
fn matters(ecosystem: &Ecosystem, target: &Target, require: &Require, feature: Option<&str>) -> bool {
    if matches!(require.group, Group::Dev | Group::Build) {
        return false;
    }
    match (&require.condition, feature) {
        (None, None) => true,
        (None, Some(_)) => false,
        (Some(condition), None) => (ecosystem.holds)(condition, target, &[]),
        (Some(condition), Some(feature)) => {
            (ecosystem.holds)(condition, target, &[feature]) && !(ecosystem.holds)(condition, target, &[])
        }
    }
}
