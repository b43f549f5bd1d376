//! Stage 5: `uses ⋈ provides`: what production and development use, through the project's code, its commands and settings, and
//! through the installed packages that production reaches.

mod alias;
mod answers;
mod disk;
mod follow;
mod glance;
mod joined;
mod programs;
mod reach;
mod resolve;
mod witness;

pub use resolve::{Found, Resolver};
pub use witness::{Seen, Witness};

use crate::commands::Observed as CommandFile;
use crate::discover::Inventory;
use crate::link::{Graph, Known, closure_with_lines};
use crate::project::{Other, ProjectFiles};
use crate::read::{Readers, Sourced, read};
use crate::rules::{PluginRule, Rules, World};
use depslim_model::{
    Alias, Ecosystem, Environment, EvidenceKind, Facts, Group, How, Install, Layer, Plugin, Problem, Settings, Stage,
    Strength, Target, Use,
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::sync::Arc;

/// All that observation reads.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The language.
    pub ecosystem: &'static Ecosystem,
    /// The platform of the image.
    pub target: &'a Target,
    /// The project's files.
    pub inventory: &'a Inventory,
    /// The project.
    pub project: &'a ProjectFiles,
    /// Other projects of the same ecosystem: what is theirs is not ours.
    pub others: &'a [Other],
    /// The package graph.
    pub graph: &'a Graph,
    /// The ecosystem's table of the configuration.
    pub settings: &'a Settings,
    /// What the ecosystem knows of packages.
    pub rules: &'a Rules,
    /// Container, process, build and CI files that concern the project: (path, what they run).
    pub commands: &'a [(String, CommandFile)],
    /// The environment, if one was found.
    pub environment: Option<&'a Environment>,
    /// The project's files, where the ecosystem settles what they say together ([`Ecosystem::join`]).
    pub joined: Option<&'a [(String, Facts)]>,
    /// Container, process, build and CI files of all projects.
    pub all_commands: &'a [(String, CommandFile)],
}

/// What was seen.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// Per package of the graph.
    pub seen: Vec<Seen>,
    /// Install commands, with their file.
    pub installs: Vec<(String, Install)>,
    /// Imports with a computed name in production code: (file, line, function).
    pub blind: Vec<(String, u32, String)>,
    /// Production imports that nothing known supplies: (module, file, line).
    pub unresolved: Vec<(String, String, u32)>,
    /// Files of production that something else of production imports or starts.
    pub reached: BTreeSet<String>,
    /// Source files of production, in order; empty where the ecosystem settles what files say together.
    pub production: BTreeSet<String>,
    /// Modules of packages that production's code imports, guarded imports left out.
    pub named: BTreeSet<String>,
    /// Source files read.
    pub files_read: u32,
    /// Source files that could not be read, or only in part.
    pub files_unread: u32,
    /// Installed files read.
    pub installed_read: u32,
    /// Kinds of places that were searched.
    pub places: Vec<String>,
    /// Problems of sources and command files: (file, problem).
    pub problems: Vec<(String, Problem)>,
}

/// Where a use stands.
#[derive(Debug, Clone)]
struct Placed {
    /// File, relative to the root.
    file: Arc<str>,
    /// Production or development.
    group: Group,
    /// Where the command stands, for uses that come from one.
    stage: Option<Stage>,
}

/// A plug-in that a package registers.
struct Registration<'a> {
    /// What it is called, when that is known.
    name: Option<&'a str>,
    /// How evidence speaks of it.
    text: String,
    /// Packages that look for it.
    hosts: Vec<u32>,
    /// True when they load it without being asked.
    auto: bool,
}

/// Observes one project.
pub fn observe(input: Input<'_>) -> Observed {
    let mut watch = Watch::new(input);
    if let Some(files) = input.joined {
        watch.take_joined(files);
        watch.take_implied(0);
        return watch.finish();
    }
    let mut code = watch.read_code();
    let scopes = watch.scopes(&mut code);
    watch.take_code(code, &scopes);
    watch.take_config();
    watch.take_manifests();
    watch.take_commands();
    watch.follow();
    watch.take_rules();
    watch.take_plugins();
    watch.take_nested();
    watch.take_glanced();
    watch.follow_development();
    watch.finish()
}

struct Watch<'a> {
    input: Input<'a>,
    resolver: Resolver<'a>,
    out: Observed,
    /// Every use, and where it stands.
    uses: Vec<Use>,
    placed: Vec<Placed>,
    world: World,
    /// Names of the tree's folders, once somebody asked.
    folder_names: Option<FxHashSet<&'a str>>,
    frontier: Vec<(u32, std::path::PathBuf)>,
    /// The same for tests and tooling.
    dev_frontier: Vec<(u32, std::path::PathBuf)>,
    visited: std::collections::HashSet<std::path::PathBuf>,
    /// Files of development that were read for their imports alone.
    glanced: FxHashSet<String>,
    /// Packages whose own start was followed.
    started: BTreeSet<u32>,
    /// What is being taken stands where only development runs it.
    surely_development: bool,
    /// By package: who declares it.
    lines: Vec<Lines>,
    /// Packages that are not installed, by what the names of their modules come down to.
    alike: FxHashMap<String, Vec<u32>>,
}

/// For whom the project declares a package.
#[derive(Debug, Clone, Copy, Default)]
struct Lines {
    production: bool,
    development: bool,
}

impl Lines {
    fn of(graph: &Graph) -> Vec<Self> {
        let mut lines = vec![Self::default(); graph.nodes.len()];
        for declared in &graph.declared {
            let line = &mut lines[declared.package as usize];
            match declared.require.group {
                Group::Prod | Group::Optional => line.production = true,
                Group::Dev | Group::Build => line.development = true,
            }
        }
        lines
    }

    /// True when production works without it today: the people who declare it say so.
    fn only_development(self) -> bool {
        self.development && !self.production
    }
}

impl<'a> Watch<'a> {
    fn new(input: Input<'a>) -> Self {
        let packages = if input.joined.is_some() { 0 } else { input.graph.nodes.len() as u32 };
        let modules: Vec<(String, u32)> = (0..packages)
            .flat_map(|package| modules_of(input, package).into_iter().map(move |m| (m, package)))
            .collect();
        let resolver = Resolver::new(
            input.ecosystem,
            input.target,
            input.inventory,
            input.graph,
            &input.project.folder,
            vec![input.project.folder.clone()],
            modules.into_iter(),
        );
        let out = Observed { seen: vec![Seen::default(); input.graph.nodes.len()], ..Observed::default() };
        Self {
            input,
            resolver,
            out,
            uses: Vec::new(),
            placed: Vec::new(),
            world: world(input.graph),
            folder_names: None,
            frontier: Vec::new(),
            dev_frontier: Vec::new(),
            visited: std::collections::HashSet::new(),
            glanced: FxHashSet::default(),
            started: BTreeSet::new(),
            surely_development: false,
            lines: Lines::of(input.graph),
            alike: alike(input),
        }
    }

    /// Files of this project: below its folder, and not below another project's.
    fn own_files(&self) -> Vec<&'a str> {
        self.files_of(&self.input.project.folder)
    }

    /// Files below a project's folder, and not below another project's in it.
    fn files_of(&self, folder: &str) -> Vec<&'a str> {
        let below = |other: &&str| *other != folder && inside(other, folder);
        let nested: Vec<&str> = self.input.others.iter().map(|o| o.folder.as_str()).filter(below).collect();
        let files = self.input.inventory.files.iter().map(String::as_str);
        files.filter(|file| inside(file, folder) && !nested.iter().any(|n| inside(file, n))).collect()
    }

    fn read_code(&mut self) -> Vec<Sourced> {
        let files = self.own_files();
        let code = self.read_own(&files);
        let folder = self.input.project.folder.clone();
        self.resolver.set_aliases(self.aliases(&code));
        let by_convention = !self.input.ecosystem.bare_is_package;
        let mut roots = if by_convention { vec![folder.clone()] } else { Vec::new() };
        for sourced in &code {
            for root in &sourced.facts.module_roots {
                let root = root.trim_matches('/');
                let known = if self.input.inventory.folders.contains(root) {
                    Some(root.to_owned())
                } else {
                    crate::project::join(&folder, root)
                };
                if let Some(root) = known.filter(|r| self.input.inventory.folders.contains(r) && !roots.contains(r)) {
                    roots.push(root);
                }
            }
        }
        if !by_convention {
            self.resolver.set_roots(roots);
            return code;
        }
        let src = if folder.is_empty() { "src".to_owned() } else { format!("{folder}/src") };
        if self.input.inventory.folders.contains(&src) && !roots.contains(&src) {
            roots.push(src);
        }
        // Other projects of the repository may be this one's libraries.
        for Other { folder: other, .. } in self.input.others {
            for root in [format!("{other}/src"), other.clone()] {
                if self.input.inventory.folders.contains(&root) && !roots.contains(&root) {
                    roots.push(root);
                }
            }
        }
        self.resolver.set_roots(roots);
        code
    }

    /// Names that stand for other modules: what the project's files say, and what other projects say for all.
    fn aliases(&self, code: &[Sourced]) -> Vec<(String, Alias)> {
        let own = self.input.project.manifests.iter().chain(code).flat_map(|sourced| {
            let folder = sourced.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            sourced.facts.aliases.iter().map(move |alias| (folder.to_owned(), alias.clone()))
        });
        let public = self.input.others.iter().flat_map(|other| &other.aliases).cloned();
        own.chain(public).collect()
    }

    fn take_code(&mut self, code: Vec<Sourced>, scopes: &[Group]) {
        self.searched(&format!("{} source", self.input.ecosystem.name), !code.is_empty());
        for (sourced, group) in code.into_iter().zip(scopes) {
            if *group == Group::Prod {
                self.out.production.insert(sourced.path.clone());
            }
            if sourced.facts.problems.is_empty() {
                self.out.files_read += 1;
            } else {
                self.out.files_unread += 1;
                self.out.problems.extend(sourced.facts.problems.iter().map(|p| (sourced.path.clone(), p.clone())));
            }
            self.take_facts(&sourced.path, *group, None, sourced.facts);
        }
        // What the walk could not enter may hold code.
        let folder = self.input.project.folder.as_str();
        let unseen = self.input.inventory.problems.iter().filter(|(path, _)| inside(path, folder)).count();
        self.out.files_unread += unseen as u32;
    }

    fn take_config(&mut self) {
        let files = self.own_files();
        let config =
            read(self.input.inventory, &files, &Readers::of(self.input.ecosystem, Layer::Config), self.input.settings);
        self.searched("settings", true);
        self.searched("configuration files", !config.is_empty());
        for sourced in config {
            self.out.problems.extend(sourced.facts.problems.iter().map(|p| (sourced.path.clone(), p.clone())));
            let group = self.group_of(&sourced.path);
            self.take_facts(&sourced.path, group, None, sourced.facts);
        }
    }

    /// What manifests say beside requirements: where execution starts, what their tools use.
    fn take_manifests(&mut self) {
        for sourced in &self.input.project.manifests {
            let group = self.group_of(&sourced.path);
            self.take_facts(&sourced.path, group, None, sourced.facts.clone());
        }
    }

    fn searched(&mut self, place: &str, really: bool) {
        if really && !self.out.places.iter().any(|p| p == place) {
            self.out.places.push(place.to_owned());
        }
    }

    fn take_facts(&mut self, file: &str, group: Group, stage: Option<Stage>, facts: Facts) {
        let file: Arc<str> = file.into();
        for mut install in facts.installs {
            install.stage = stage.unwrap_or(install.stage);
            self.out.installs.push((file.to_string(), install));
        }
        for entry in facts.entries {
            let used = Use {
                how: How::Load,
                name: entry.target,
                value: String::new(),
                strength: Strength::Hard,
                line: entry.line,
            };
            let group = if stage.is_some() { group } else { group.max(entry.group) };
            self.take_use(&file, group, stage, used);
        }
        for used in facts.uses {
            self.take_use(&file, group, stage, used);
        }
    }

    fn take_use(&mut self, place: &Arc<str>, group: Group, stage: Option<Stage>, one: Use) {
        let (file, used) = (&**place, &one);
        match used.how {
            How::Import | How::Dynamic | How::Load => self.take_import(file, group, stage, used),
            How::Name => {
                if group == Group::Prod {
                    self.take_name(file, used);
                }
            }
            How::Text | How::Setting => self.take_text(file, group, used, witness::kind_of(used.how)),
            How::Command => self.take_program(file, group, stage, used),
            How::Computed => {
                if group == Group::Prod {
                    self.out.blind.push((file.to_owned(), used.line, used.name.clone()));
                }
                self.take_beginning(file, group, stage, used);
            }
            How::Call | How::Url => {}
        }
        if !matches!(used.how, How::Computed) && used.strength != Strength::Types {
            self.uses.push(one);
            self.placed.push(Placed { file: Arc::clone(place), group, stage });
        }
    }

    fn take_import(&mut self, file: &str, group: Group, stage: Option<Stage>, used: &Use) {
        let mut found = self.resolver.own(file, &used.name, member_of(used));
        if found.packages.is_empty() && found.own.is_empty() && !found.standard && !found.whole {
            let alike = self.named_alike(&used.name);
            if !alike.is_empty() {
                Arc::make_mut(&mut found).packages = alike;
            }
        }
        let kind = stage.map_or_else(|| witness::kind_of(used.how), |stage| witness::kind_of_stage(file, stage));
        for package in &found.packages {
            let text = import_text(used);
            let run = used.how == How::Load && stage.is_some();
            let group = if run { self.group_of_run(*package, group, stage) } else { group };
            self.witness(*package, group, kind, file, used, text, None);
            if group == Group::Prod {
                *self.out.seen[*package as usize].sites.entry(file.to_owned()).or_default() += 1;
            }
        }
        let sure = used.strength > Strength::Optional && used.how != How::Load;
        if group == Group::Prod && sure && !found.packages.is_empty() {
            self.out.named.insert(used.name.clone());
        }
        if group == Group::Dev && used.strength > Strength::Types {
            self.dev_frontier.extend(found.files.iter().cloned());
        }
        if group == Group::Prod && used.strength > Strength::Types {
            self.frontier.extend(found.files.iter().cloned());
            let nowhere = found.packages.is_empty() && found.own.is_empty() && !found.standard && !found.whole;
            let first = used.name.split(self.input.ecosystem.separator).next().unwrap_or_default();
            let silent = used.how == How::Load || used.strength <= Strength::Optional || first.is_empty();
            if nowhere && !silent && !self.is_folder(first) {
                self.out.unresolved.push((used.name.clone(), file.to_owned(), used.line));
            }
        }
    }

    /// Whether any folder of the tree has this name.
    fn is_folder(&mut self, name: &str) -> bool {
        let folders = &self.input.inventory.folders;
        let names = self
            .folder_names
            .get_or_insert_with(|| folders.iter().map(|f| f.rsplit('/').next().unwrap_or_default()).collect());
        names.contains(name)
    }

    /// A computed name that begins with a constant module: whatever it ends in, something of that module is imported.
    fn take_beginning(&mut self, file: &str, group: Group, stage: Option<Stage>, used: &Use) {
        if let Some(module) = beginning_of(used, self.input.ecosystem.separator) {
            let (name, value) = (module.to_owned(), used.name.clone());
            let import = Use { how: How::Dynamic, name, value, strength: Strength::Lazy, line: used.line };
            self.take_import(file, group, stage, &import);
        }
    }

    /// Packages that nothing tells the modules of, and whose name is that of an imported module but for case and separators.
    fn named_alike(&self, module: &str) -> Vec<u32> {
        if self.alike.is_empty() {
            return Vec::new();
        }
        let separator = self.input.ecosystem.separator;
        let ends = module.match_indices(separator).map(|(at, _)| at).chain([module.len()]);
        let mut beginnings: Vec<&str> = ends.take(3).map(|end| &module[..end]).collect();
        beginnings.reverse();
        let known = |name: &str| self.alike.get(&bare(name)).cloned();
        // `cloud.logging_v2` is a version of `cloud.logging`.
        let versioned =
            |name: &str| known(name.rsplit_once("_v").filter(|(_, v)| v.starts_with(|c: char| c.is_ascii_digit()))?.0);
        beginnings.into_iter().find_map(|name| known(name).or_else(|| versioned(name))).unwrap_or_default()
    }

    fn take_name(&mut self, file: &str, used: &Use) {
        for package in self.resolver.owners(&used.name) {
            let seen = &mut self.out.seen[package as usize];
            let short =
                used.name.split_once(self.input.ecosystem.separator).map_or(used.name.as_str(), |(_, rest)| rest);
            seen.names.insert(short.to_owned());
            *seen.sites.entry(file.to_owned()).or_default() += 1;
        }
    }

    /// A string that names a module of a package that the project declares: whoever reads it will load that. What only comes along
    /// is named by many words that mean something else.
    fn take_declared_name(&mut self, file: &str, group: Group, used: &Use, kind: EvidenceKind) {
        let found = self.resolver.package(&used.name, "");
        for package in found.packages.iter().copied() {
            if self.input.graph.declarations(package).next().is_none() {
                continue;
            }
            let value = if used.value.is_empty() { "string" } else { used.value.as_str() };
            let weak = Use { strength: used.strength.min(Strength::Lazy), ..used.clone() };
            self.witness(package, group, kind, file, &weak, format!("{value}: \"{}\"", used.name), None);
            let files = found.files.iter().filter(|(owner, _)| *owner == package).cloned();
            if group == Group::Prod { self.frontier.extend(files) } else { self.dev_frontier.extend(files) }
        }
    }

    /// A string that may name a module. It counts when the module is really there, not when it only looks like one.
    fn take_text(&mut self, file: &str, group: Group, used: &Use, kind: EvidenceKind) {
        let (text, setting) = match used.how {
            How::Setting => (used.value.as_str(), true),
            _ => (used.name.as_str(), is_setting(&used.value)),
        };
        if self.input.ecosystem.bare_is_package && used.how == How::Text {
            self.take_declared_name(file, group, used, kind);
            return;
        }
        let name = module_of(text, self.input.ecosystem.separator);
        let separator = self.input.ecosystem.separator;
        if !looks_like_module(name, separator) {
            return;
        }
        let parts = name.matches(separator).count() + 1;
        if parts == 1 && !(used.how == How::Setting && is_setting(&used.name)) {
            return;
        }
        if self.resolver.is_own(file, name) {
            return;
        }
        let mut found = self.resolver.package(name, "");
        let known = found.packages.iter().any(|p| self.input.graph.node(*p).known == Known::Installed);
        if known && !found.whole {
            let parent = name.rfind(separator).map_or("", |at| &name[..at]);
            let above = self.resolver.package(parent, "");
            let deep = parent.contains(separator) || setting;
            if parent.is_empty() || !above.whole || !deep {
                return;
            }
            found = above;
        }
        if parts == 1 {
            // One word may be any word (`STYLE = "black"`).
            let tool = |p: u32| self.input.rules.scopes.is_dev_tool(&self.input.graph.node(p).canonical);
            let meant = |p: u32| !self.lines[p as usize].only_development() && !tool(p);
            let found = Arc::make_mut(&mut found);
            found.packages.retain(|p| meant(*p));
            found.files.retain(|(p, _)| meant(*p));
        }
        for package in found.packages.iter().copied() {
            let text = if used.how == How::Setting {
                format!("{} = {text}", used.name)
            } else if used.value.is_empty() {
                format!("\"{text}\"")
            } else {
                format!("{}: \"{text}\"", used.value)
            };
            let weak = Use { strength: used.strength.min(Strength::Lazy), ..used.clone() };
            self.witness(package, group, kind, file, &weak, text, None);
        }
        if group == Group::Prod {
            self.frontier.extend(found.files.iter().cloned());
        }
    }

    #[expect(clippy::too_many_arguments, reason = "each is one field of the witness; a struct would only repeat it")]
    fn witness(
        &mut self,
        package: u32,
        group: Group,
        kind: EvidenceKind,
        file: &str,
        used: &Use,
        text: String,
        rule: Option<&str>,
    ) {
        let seen = &mut self.out.seen[package as usize];
        let list = match (group, used.strength) {
            (Group::Build, _) if self.input.ecosystem.by_name => &mut seen.build,
            (Group::Dev | Group::Build, _) => &mut seen.dev,
            (_, Strength::Types) => &mut seen.types,
            (_, _) => &mut seen.prod,
        };
        list.push(Witness {
            kind,
            file: file.to_owned(),
            line: used.line,
            text,
            strength: used.strength,
            rule: rule.map(str::to_owned),
            installed: false,
        });
    }

    /// Uses that no import shows, from what stands in the project: from the use at `first` on.
    fn take_implied(&mut self, first: usize) {
        let rules = self.input.rules;
        let world = std::mem::take(&mut self.world);
        let uses = std::mem::take(&mut self.uses);
        for hit in rules.implied(&uses[first..], &world) {
            let at = first + hit.at;
            let placed = &self.placed[at];
            let kind = match uses[at].how {
                How::Url => EvidenceKind::Url,
                How::Setting => EvidenceKind::Setting,
                How::Command => witness::kind_of_stage(&placed.file, placed.stage.unwrap_or_default()),
                _ => EvidenceKind::Trigger,
            };
            let used = Use { strength: hit.strength, ..uses[at].clone() };
            let (mut group, stage, file) = (placed.group, placed.stage, Arc::clone(&placed.file));
            // What a command needs beside its program is needed where the program is.
            if used.how == How::Command
                && let Some(package) = self.input.graph.find(hit.package)
            {
                group = self.group_of_run(package, group, stage);
            }
            self.implied(hit.package, group, kind, &file, &used, hit.reason, hit.rule);
        }
        self.uses = uses;
        self.world = world;
    }

    /// Uses that no import shows, from what stands in the project and from which files it has.
    fn take_rules(&mut self) {
        self.take_implied(0);
        let rules = self.input.rules;
        let world = std::mem::take(&mut self.world);
        let folder = self.input.project.folder.as_str();
        let files: Vec<&str> = self.own_files();
        let within: Vec<&str> =
            files.iter().map(|f| f.strip_prefix(folder).unwrap_or(f).trim_start_matches('/')).collect();
        for hit in rules.implied_by_files(&within, &world) {
            // A development tool's own file is there for development, wherever it lies.
            let tool = rules.scopes.is_dev_tool(hit.package);
            let group = if tool || rules.scopes.is_dev_path(within[hit.at]) { Group::Dev } else { Group::Prod };
            let used =
                Use { how: How::Load, name: String::new(), value: String::new(), strength: hit.strength, line: 0 };
            self.implied(hit.package, group, EvidenceKind::Trigger, files[hit.at], &used, hit.reason, hit.rule);
        }
        self.world = world;
        self.follow();
    }

    #[expect(clippy::too_many_arguments, reason = "each is one field of the witness; a struct would only repeat it")]
    fn implied(
        &mut self,
        name: &str,
        group: Group,
        kind: EvidenceKind,
        file: &str,
        used: &Use,
        reason: &str,
        rule: &str,
    ) {
        let Some(package) = self.input.graph.find(name) else { return };
        // Production does without what is declared for development only; what it imports or runs all the same is seen as such.
        let group = if self.lines[package as usize].only_development() { Group::Dev } else { group };
        if used.strength == Strength::Optional && group == Group::Prod {
            let (file, text, rule) = (file.to_owned(), reason.to_owned(), Some(rule.to_owned()));
            let witness =
                Witness { kind, file, line: used.line, text, strength: used.strength, rule, installed: false };
            self.out.seen[package as usize].maybe.push(witness);
            return;
        }
        self.witness(package, group, kind, file, used, reason.to_owned(), Some(rule));
        if group == Group::Prod {
            self.start(package, None);
        }
    }

    /// Plug-ins of what is used, and what used packages imply, until nothing new comes.
    fn take_plugins(&mut self) {
        let graph = self.input.graph;
        let named = self.named_strings();
        loop {
            let running = self.running();
            let mut new: Vec<(u32, Group, String, u32, String, Option<String>)> = Vec::new();
            for package in 0..graph.nodes.len() as u32 {
                if !self.out.seen[package as usize].needed() {
                    new.extend(
                        self.plugs_in(package, &named, &running)
                            .map(|(group, file, line, text)| (package, group, file, line, text, None)),
                    );
                }
            }
            let kept: Vec<&str> =
                (0..graph.nodes.len()).filter(|p| running[*p]).map(|p| graph.nodes[p].canonical.as_str()).collect();
            let world = std::mem::take(&mut self.world);
            for hit in self.input.rules.implied_by_packages(&kept, &world) {
                let unseen =
                    |p: &u32| !self.out.seen[*p as usize].needed() && !self.lines[*p as usize].only_development();
                if let Some(package) = graph.find(hit.package).filter(unseen) {
                    let text = format!("{}: {}", kept[hit.at], hit.reason);
                    new.push((package, Group::Prod, String::new(), 0, text, Some(hit.rule.to_owned())));
                }
            }
            self.world = world;
            if new.is_empty() {
                return;
            }
            for (package, group, file, line, text, rule) in new {
                let used =
                    Use { how: How::Text, name: String::new(), value: String::new(), strength: Strength::Lazy, line };
                self.witness(package, group, EvidenceKind::Plugin, &file, &used, text, rule.as_deref());
                if group == Group::Prod {
                    self.start(package, None);
                }
            }
            self.follow();
        }
    }

    /// Strings of production that name a plug-in of a package, and where they stand first.
    fn named_strings(&self) -> FxHashMap<&'a str, (Arc<str>, u32)> {
        let plugins = self.input.graph.nodes.iter().flat_map(|node| &node.provide.plugins);
        let names: FxHashSet<&'a str> = plugins.map(|plugin| plugin.name.as_str()).collect();
        let mut named = FxHashMap::default();
        for (used, placed) in self.uses.iter().zip(&self.placed).filter(|(_, p)| p.group == Group::Prod) {
            // `a+b` of a scheme may be registered as a whole or by its parts; `--kind=b` names `b`.
            let words: Vec<&str> = match used.how {
                How::Text | How::Url => std::iter::once(used.name.as_str()).chain(used.name.split('+')).collect(),
                How::Command => used.value.split(|c: char| c.is_whitespace() || c == '=').collect(),
                How::Setting | How::Call => vec![used.value.rsplit('=').next().unwrap_or_default()],
                _ => continue,
            };
            for name in words.into_iter().filter_map(|word| names.get(word)) {
                named.entry(*name).or_insert_with(|| (Arc::clone(&placed.file), used.line));
            }
        }
        named
    }

    /// By package: whether it runs in production, because it is seen to or because something that is requires it. A tool that only
    /// comes along does not count: nobody builds or tests there.
    fn running(&self) -> Vec<bool> {
        let Input { graph, ecosystem, target, rules, .. } = self.input;
        let needed = |package: u32| self.out.seen[package as usize].needed();
        let lines = graph.declared.iter().filter(|d| matches!(d.require.group, Group::Prod | Group::Optional));
        let lines: Vec<(u32, &[String])> = lines.map(|d| (d.package, d.require.features.as_slice())).collect();
        let roots: Vec<(u32, &[String])> =
            (0..graph.nodes.len() as u32).filter(|p| needed(*p)).map(|p| (p, [].as_slice())).collect();
        let kept = closure_with_lines(graph, ecosystem, target, &roots, &lines);
        let tool = |package: u32| {
            let name = &graph.node(package).canonical;
            rules.scopes.is_dev_tool(name) || rules.scopes.is_build_tool(name)
        };
        (0..graph.nodes.len() as u32).map(|p| needed(p) || (kept.has(p) && !tool(p))).collect()
    }

    /// Whether a package is a plug-in of something that is used: for whom, and what says so.
    fn plugs_in(
        &self,
        package: u32,
        named: &FxHashMap<&str, (Arc<str>, u32)>,
        running: &[bool],
    ) -> Option<(Group, String, u32, String)> {
        let graph = self.input.graph;
        let mut tooling = None;
        for registration in self.registrations(package) {
            for host in registration.hosts.iter().copied().filter(|h| *h != package) {
                // What plugs into a build tool works when something is built, and production builds nothing.
                if self.input.rules.scopes.is_build_tool(&graph.node(host).canonical) {
                    continue;
                }
                let seen = &self.out.seen[host as usize];
                let text = format!("plug-in {} of {}", registration.text, graph.node(host).provide.package);
                let place = registration.name.and_then(|name| named.get(name));
                let wanted = registration.auto || place.is_some();
                if running[host as usize] && wanted && !self.lines[package as usize].only_development() {
                    let (file, line) = place.map_or_else(Default::default, |(file, line)| (file.to_string(), *line));
                    return Some((Group::Prod, file, line, text));
                }
                let already = self.out.seen[package as usize].dev.iter().any(|w| w.kind == EvidenceKind::Plugin);
                if !seen.needed()
                    && (!seen.dev.is_empty() || self.input.rules.scopes.is_dev_tool(&graph.node(host).canonical))
                    && !already
                {
                    tooling = Some((Group::Dev, String::new(), 0, text));
                }
            }
        }
        tooling
    }

    /// What a package registers: as its metadata says, else, when it is not installed, as its name tells.
    fn registrations(&self, package: u32) -> Vec<Registration<'a>> {
        let Input { graph, ecosystem, rules, .. } = self.input;
        let node = graph.node(package);
        let hosts_of = |rule: &PluginRule| -> Vec<u32> {
            rule.hosts.iter().filter_map(|h| graph.find(&(ecosystem.canonical)(h))).collect()
        };
        if node.known != Known::Installed {
            let named = rules.plugins.of_package(&node.canonical);
            return named
                .map(|rule| Registration {
                    name: None,
                    text: "by its name".into(),
                    hosts: hosts_of(rule),
                    auto: rule.auto,
                })
                .collect();
        }
        let registered = |plugin: &'a Plugin| {
            let rule = rules.plugins.of_group(&plugin.group);
            Registration {
                name: Some(plugin.name.as_str()),
                text: format!("\"{}\" ({})", plugin.name, plugin.group),
                hosts: rule.map_or_else(|| self.resolver.owners(&plugin.group.replace(['-', '_'], "_")), hosts_of),
                auto: rule.is_some_and(|r| r.auto),
            }
        };
        node.provide.plugins.iter().map(registered).collect()
    }

    fn finish(mut self) -> Observed {
        for seen in &mut self.out.seen {
            for list in
                [&mut seen.prod, &mut seen.hidden, &mut seen.optional, &mut seen.types, &mut seen.dev, &mut seen.build]
            {
                list.sort_by(|a, b| (&a.file, a.line, a.kind, &a.text).cmp(&(&b.file, b.line, b.kind, &b.text)));
                list.dedup();
            }
        }
        self.out.unresolved.sort();
        self.out.unresolved.dedup_by(|a, b| a.0 == b.0);
        self.out.blind.sort();
        self.out.installs.sort_by(|a, b| (&a.0, a.1.line).cmp(&(&b.0, b.1.line)));
        self.out.problems.sort_by(|a, b| (&a.0, a.1.line, &a.1.message).cmp(&(&b.0, b.1.line, &b.1.message)));
        self.out
    }
}

fn inside(file: &str, folder: &str) -> bool {
    folder.is_empty() || file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// The modules that a package supplies: what its files say, else what is known of it, else what its name suggests.
fn modules_of(input: Input<'_>, package: u32) -> Vec<String> {
    let node = input.graph.node(package);
    if !node.provide.modules.is_empty() {
        return node.provide.modules.clone();
    }
    input.rules.names.modules_of(&node.canonical).names
}

/// Packages that only a table or a guess tells the modules of, by what those modules come down to.
fn alike(input: Input<'_>) -> FxHashMap<String, Vec<u32>> {
    let mut alike: FxHashMap<String, Vec<u32>> = FxHashMap::default();
    for (package, node) in (0..).zip(&input.graph.nodes) {
        if node.known == Known::Installed || !node.provide.modules.is_empty() {
            continue;
        }
        let modules = input.rules.names.modules_of(&node.canonical);
        for name in &modules.names {
            alike.entry(bare(name)).or_default().push(package);
        }
    }
    for packages in alike.values_mut() {
        packages.dedup();
    }
    alike
}

/// A name without what it may be written with or without: case and separators.
pub(crate) fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The packages as rules see them.
fn world(graph: &Graph) -> World {
    let mut world = World::default();
    for (at, node) in graph.nodes.iter().enumerate() {
        // Copies of one name are one package to rules.
        let known = world.packages.entry(node.canonical.clone()).or_default();
        known.declared |= graph.declarations(at as u32).next().is_some();
        known.installed |= node.known < Known::Listed;
        known.groups.extend(node.provide.plugins.iter().map(|p| p.group.clone()));
    }
    world
}

fn import_text(used: &Use) -> String {
    match (used.how, used.value.as_str()) {
        (How::Import, "") => format!("import {}", used.name),
        (How::Import, member) => format!("from {} import {member}", used.name),
        (How::Dynamic, function) => format!("{function}(\"{}\")", used.name),
        (_, "") => used.name.clone(),
        (_, value) => format!("{value} {}", used.name),
    }
}

fn group_of_stage(stage: Stage) -> Group {
    match stage {
        Stage::Run | Stage::ImageBuild | Stage::Builder => Group::Prod,
        Stage::Dev | Stage::Ci => Group::Dev,
    }
}

/// `plugins` of a computed name that begins with `plugins.`.
fn beginning_of<'u>(used: &'u Use, separator: &str) -> Option<&'u str> {
    let (module, _) = used.value.rsplit_once(separator)?;
    (!module.is_empty()).then_some(module)
}

/// What an import takes out of its module. An import by name, or by a command, takes nothing: its value says who imports.
fn member_of(used: &Use) -> &str {
    if used.how == How::Import { &used.value } else { "" }
}

/// The module of `module:attribute`; any other text as it is.
fn module_of<'t>(text: &'t str, separator: &str) -> &'t str {
    match text.split_once(':') {
        Some((module, attribute)) if looks_like_module(attribute, separator) => module,
        _ => text,
    }
}

fn looks_like_module(text: &str, separator: &str) -> bool {
    !text.is_empty()
        && text.len() < 200
        && text.split(separator).all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
}

/// Settings are written in capitals, by every framework's convention.
fn is_setting(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or_default();
    first.len() > 1 && first.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}
