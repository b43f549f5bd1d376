//! Stage 5: `uses ⋈ provides`: what production and development use, through the project's code, its commands and settings, and
//! through the installed packages that production reaches.

mod alias;
mod answers;
mod disk;
mod follow;
mod glance;
mod implied;
mod joined;
mod names;
mod plugins;
mod programs;
mod reach;
mod resolve;
mod sources;
mod text;
mod uses;
mod witness;

pub(crate) use names::bare;
pub(crate) use resolve::Installed;
pub use resolve::{Found, Resolver};
pub use witness::{Seen, Witness};

use crate::commands::Observed as CommandFile;
use crate::discover::Inventory;
use crate::link::{Graph, closure};
use crate::project::{Other, ProjectFiles};
use crate::rules::{Rules, World};
use depslim_model::ecosystem::{Need, ReachedFile, Restated};
use depslim_model::{
    Ecosystem, Environment, Facts, Group, IdleFeature, Install, Problem, Settings, Stage, Target, Use,
};
use names::{alike, is_itself, modules_of, world};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};
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
    pub others: &'a [Arc<Other>],
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
    /// Files that say more, where the ecosystem finds what the project reaches ([`Ecosystem::reach`]).
    pub reached: &'a [ReachedFile],
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
    /// Folders whose code is a program of its own, where the ecosystem settles that ([`Ecosystem::join`]).
    pub entries: BTreeSet<String>,
    /// What the code that production reaches needs of the system ([`Ecosystem::reach`]).
    pub needs: Vec<Need>,
    /// Every import was followed to code that is there ([`Ecosystem::reach`]).
    pub complete: bool,
    /// Lines of the manifest that are needed and say otherwise than they should ([`Ecosystem::reach`]).
    pub restated: Vec<Restated>,
    /// Files of production that something else of production imports or starts.
    pub reached: BTreeSet<String>,
    /// What production starts, as commands and manifests name it, each with the file that says so.
    pub starts: BTreeSet<(String, String)>,
    /// Source files of production, in order; empty where the ecosystem settles what files say together.
    pub production: BTreeSet<String>,
    /// What production's own code imports of the language's runtime, and where first.
    pub runtime: BTreeMap<String, String>,
    /// Modules of packages that production's code imports, guarded imports left out.
    pub named: BTreeSet<String>,
    /// A start command of production was seen.
    pub started: bool,
    /// Files of production that are another project's: what they import is for that one to declare.
    pub borrowed: BTreeSet<String>,
    /// Packages that projects in folders below use, and declare themselves: nobody can tell which of the lists they are run from.
    pub below: BTreeSet<u32>,
    /// Source files read.
    pub files_read: u32,
    /// Source files that could not be read, or only in part.
    pub files_unread: u32,
    /// Part of the project's code is kept in a repository of its own that is not there: nobody can tell what it uses.
    pub absent: bool,
    /// Installed files read.
    pub installed_read: u32,
    /// Kinds of places that were searched.
    pub places: Vec<String>,
    /// Features (extras) that a line turns on and nothing needs, with the line's file.
    pub idle: Vec<(String, IdleFeature)>,
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

/// Observes one project.
pub fn observe(input: Input<'_>) -> Observed {
    let mut watch = Watch::new(input);
    if let Some(files) = input.joined {
        watch.take_joined(files);
        watch.take_reached();
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
    watch.remember();
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
    /// What answers about installed modules depend on, where a later run may ask for them again.
    installed_world: Option<u64>,
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
    /// Whether folders of the tree begin as a name does, by that beginning.
    own_beginnings: FxHashMap<String, bool>,
    /// Whether the project has files that only development has.
    has_development: bool,
    /// By package: what production's lines bring, where code sees all of that.
    brought: Option<Vec<bool>>,
    /// What each package brings, once somebody asked; by the same.
    brings: FxHashMap<u32, Vec<bool>>,
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
            .filter(|package| !is_itself(input, *package))
            .flat_map(|package| modules_of(input, package).into_iter().map(move |m| (m, package)))
            .collect();
        let mut resolver = Resolver::new(
            input.ecosystem,
            input.target,
            input.inventory,
            input.graph,
            &input.project.folder,
            vec![input.project.folder.clone()],
            modules.into_iter(),
        );
        let memory = input.inventory.memory.as_deref().filter(|_| input.joined.is_none());
        let installed_world = memory.map(|_| resolver.world());
        if let Some(installed) = memory.zip(installed_world).and_then(|(memory, world)| memory.answers(world)) {
            resolver.know(installed);
        }
        let out = Observed { seen: vec![Seen::default(); input.graph.nodes.len()], ..Observed::default() };
        Self {
            input,
            resolver,
            out,
            uses: Vec::new(),
            placed: Vec::new(),
            world: world(input.graph),
            installed_world,
            folder_names: None,
            frontier: Vec::new(),
            dev_frontier: Vec::new(),
            visited: std::collections::HashSet::new(),
            glanced: FxHashSet::default(),
            started: BTreeSet::new(),
            surely_development: false,
            lines: Lines::of(input.graph),
            alike: alike(input),
            brought: input.ecosystem.sees_all.then(|| brought(input)),
            brings: FxHashMap::default(),
            own_beginnings: FxHashMap::default(),
            has_development: false,
        }
    }

    /// Whether production can meet a package at all.
    fn may_run(&self, package: u32) -> bool {
        self.brought.as_ref().is_none_or(|brought| brought[package as usize])
    }

    /// Leaves what was found out about installed modules for the next run over the same installed world.
    fn remember(&mut self) {
        if let (Some(memory), Some(world)) = (self.input.inventory.memory.as_deref(), self.installed_world) {
            memory.keep(world, self.resolver.known());
        }
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

/// What the lines of production bring.
fn brought(input: Input<'_>) -> Vec<bool> {
    let production = |d: &&crate::link::Declared| matches!(d.require.group, Group::Prod | Group::Optional);
    let lines = input.graph.declared.iter().filter(production);
    let roots = lines.map(|d| (d.package, d.require.features.as_slice()));
    closure(input.graph, input.ecosystem, input.target, roots).holds
}

fn group_of_stage(stage: Stage) -> Group {
    match stage {
        Stage::Run | Stage::ImageBuild | Stage::Builder => Group::Prod,
        Stage::Dev | Stage::Ci => Group::Dev,
    }
}
