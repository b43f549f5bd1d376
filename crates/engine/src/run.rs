//! The stages in order, for every ecosystem and project below a root.

use crate::among::Owned;
use crate::commands::Observed as CommandFile;
use crate::discover::{Inventory, discover};
use crate::judge::{Case, Verdicts, Weights, decide, findings, packages, totals, weigh};
use crate::link::{Graph, Place as InstalledAt, Told, link};
use crate::measure::{Claim, Measured, measure};
use crate::observe::{Input, Observed, observe};
use crate::project::{Other, ProjectFiles, ancestors, assemble};
use crate::read::{Readers, load, read, read_one};
use crate::rules::Rules;
use crate::together;
use depslim_model::ecosystem::Plan;
use depslim_model::report::{Measure, Note, Place, Tree};
use depslim_model::{
    Contents, Ecosystem, Environment, Facts, Finding, Group, Host, Layer, Require, Role, Settings, Target,
};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Fills a folder for a project: the folder, or why it could not be filled; `None` when nobody asked or there is no way.
pub type Fill<'a> = dyn Fn(&'static Ecosystem, &ProjectFiles, &Target) -> Option<Result<PathBuf, String>> + 'a;

/// What a run is told.
pub struct Request<'a> {
    /// The analysed folder.
    pub root: &'a Path,
    /// Ecosystems to look for.
    pub ecosystems: &'a [&'static Ecosystem],
    /// Globs that are left out.
    pub exclude: &'a [String],
    /// Whether an ecosystem is wanted in a folder.
    pub wants: &'a dyn Fn(&str, &str) -> bool,
    /// The platform of projects in a folder.
    pub target: &'a dyn Fn(&str) -> Target,
    /// Threshold of SLIM003, bytes.
    pub heavy: u64,
    /// The ecosystem's table of the configuration, for a folder.
    pub settings: &'a dyn Fn(&str, &str) -> Settings,
    /// Packages that stay: (ecosystem, folder, canonical name) → reason.
    pub keep: &'a dyn Fn(&str, &str, &str) -> Option<String>,
    /// Lines of a manifest whose packages stay because a comment says so: (path, text) → line → reason.
    pub keep_lines: &'a dyn Fn(&str, &str) -> BTreeMap<u32, String>,
    /// Threads.
    pub threads: usize,
    /// Environment variables.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Fills a folder with a project's locked set when it has no environment; gives the folder.
    pub install: &'a Fill<'a>,
    /// Told which stage begins.
    pub progress: &'a dyn Fn(&str),
    /// Version of the tool, for headers.
    pub version: &'a str,
}

/// All that a run found out.
#[derive(Debug, Default)]
pub struct Analysis {
    /// One per project, by folder and ecosystem.
    pub projects: Vec<Project>,
    /// Things to know that belong to no project.
    pub notes: Vec<Note>,
    /// Files of the tree.
    pub files: usize,
}

/// One project, stage by stage.
#[derive(Debug)]
pub struct Project {
    /// The language.
    pub ecosystem: &'static Ecosystem,
    /// Manifests and locks.
    pub files: ProjectFiles,
    /// The package graph.
    pub graph: Graph,
    /// What was seen.
    pub observed: Observed,
    /// Verdicts on packages.
    pub verdicts: Verdicts,
    /// What production installs and what leaves the manifests.
    pub plan: Plan,
    /// The report's row.
    pub report: depslim_model::Project,
    /// The findings.
    pub findings: Vec<Finding>,
    /// Things to know.
    pub notes: Vec<Note>,
    /// The environment, if one was found.
    pub environment: Option<Environment>,
    /// Container files that concern the project.
    pub commands: Vec<(String, CommandFile)>,
    /// The platform, with the runtime that the image has.
    pub target: Target,
    /// The ecosystem's table of the configuration.
    pub settings: Settings,
}

/// Sets the number of threads for the whole process. Only the first call counts; the pool is not made before it is needed.
pub fn set_threads(threads: usize) {
    // A pool that is there already keeps its size: results never depend on it.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
}

/// Runs every stage.
///
/// # Errors
/// When the root can't be read or an option is wrong. What concerns one file or one project is in the result.
pub fn run(request: &Request<'_>) -> io::Result<Analysis> {
    let mut environments = Environments::default();
    let (inventory, all) = found(request, &mut environments)?;
    let mut analysis = Analysis { files: inventory.files.len(), ..Analysis::default() };
    for (file, message) in &inventory.problems {
        analysis.notes.push(Note {
            file: (!file.is_empty()).then(|| file.clone()),
            message: message.clone(),
            ..Note::default()
        });
    }
    if all.is_empty() {
        return Ok(analysis);
    }
    let commands = command_files(&inventory);
    let joined = together::joined(&inventory, &all, &|ecosystem| (request.settings)(ecosystem, ""));
    for (at, (ecosystem, files)) in all.iter().enumerate() {
        let others = others(&all, at);
        let own = joined.get(ecosystem.name);
        let own = own.map(|by_folder| by_folder.get(&files.folder).map_or(&[][..], Vec::as_slice));
        analysis.projects.push(one(request, &inventory, ecosystem, files, &others, own, &commands, &mut environments));
    }
    analysis.projects.sort_by(|a, b| a.report.id.cmp(&b.report.id));
    Ok(analysis)
}

/// The installed bytes of one project, package by package.
#[derive(Debug)]
pub struct Sized {
    /// `services/api#python`.
    pub id: String,
    /// What people call the environment.
    pub environment: Option<String>,
    /// How the bytes are known.
    pub measure: Measure,
    /// The whole environment.
    pub tree: Option<Tree>,
    /// Package URL, bytes and number of files of each package that has some.
    pub packages: Vec<(String, u64, u32)>,
}

/// Runs the stages up to [`measure`](mod@crate::measure), and no further: no source file is read.
///
/// # Errors
/// As [`run`].
pub fn sizes(request: &Request<'_>) -> io::Result<Vec<Sized>> {
    let mut environments = Environments::default();
    let (inventory, all) = found(request, &mut environments)?;
    let mut sized = Vec::new();
    for (ecosystem, files) in &all {
        let linked = linked(request, &inventory, ecosystem, files, Vec::new(), &mut environments);
        let weights = weights_of(ecosystem, &linked, request.threads, &mut environments, &mut Vec::new(), files);
        let counts = weights.bytes.iter().zip(&weights.files).zip(&linked.graph.nodes);
        let packages = counts.filter(|((bytes, files), _)| **bytes > 0 || **files > 0);
        sized.push(Sized {
            id: id(ecosystem, files),
            environment: linked.environment.map(|(e, _)| e.label),
            measure: weights.measure,
            tree: weights.tree,
            packages: packages.map(|((bytes, files), node)| (node.purl(ecosystem), *bytes, *files)).collect(),
        });
    }
    sized.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(sized)
}

/// The tree's files, and the projects in it.
fn found(
    request: &Request<'_>,
    environments: &mut Environments,
) -> io::Result<(Inventory, Vec<(&'static Ecosystem, ProjectFiles)>)> {
    (request.progress)("looking at files");
    let mut inventory = discover(request.root, request.exclude, request.threads)?;
    let mut all = projects(request, &inventory);
    let owned = environments.among(request, &inventory, &all);
    if inventory.files.iter().any(|file| owned.has(file)) {
        inventory.files.retain(|file| !owned.has(file));
        inventory = Inventory { problems: inventory.problems, ..Inventory::of(request.root, inventory.files) };
        all = projects(request, &inventory);
    }
    Ok((inventory, all))
}

/// The projects of the same language beside the one at a place of the list.
fn others(all: &[(&'static Ecosystem, ProjectFiles)], at: usize) -> Vec<Other> {
    let (ecosystem, files) = &all[at];
    let beside = all.iter().filter(|(e, p)| e.name == ecosystem.name && p.folder != files.folder);
    beside.map(|(_, p)| Other::of(ecosystem, p)).collect()
}

/// Every project that an ecosystem finds in the inventory.
fn projects(request: &Request<'_>, inventory: &Inventory) -> Vec<(&'static Ecosystem, ProjectFiles)> {
    let mut all = Vec::new();
    for ecosystem in request.ecosystems {
        (request.progress)("reading manifests");
        let settings = (request.settings)(ecosystem.name, "");
        let paths: Vec<&str> = inventory.files.iter().map(String::as_str).collect();
        let mut manifests = read(inventory, &paths, &Readers::of(ecosystem, Layer::Manifest), &settings);
        together::settle(ecosystem.workspace, &mut manifests);
        let projects = assemble(ecosystem, manifests).into_iter();
        all.extend(projects.filter(|p| (request.wants)(ecosystem.name, &p.folder)).map(|p| (*ecosystem, p)));
    }
    all
}

/// A project, its environment and its package graph.
struct Linked {
    settings: Settings,
    environment: Option<(Environment, Rc<Loaded>)>,
    target: Target,
    runtime: Option<String>,
    rules: Rules,
    graph: Graph,
    notes: Vec<Note>,
    commands: Vec<(String, CommandFile)>,
}

fn linked(
    request: &Request<'_>,
    inventory: &Inventory,
    ecosystem: &'static Ecosystem,
    files: &ProjectFiles,
    commands: Vec<(String, CommandFile)>,
    environments: &mut Environments,
) -> Linked {
    let settings = (request.settings)(ecosystem.name, &files.folder);
    let mut notes = manifest_notes(ecosystem, files);
    let folder = inventory.absolute(&files.folder);
    let host = Host { project: &folder, root: request.root, variable: request.variable, settings: &settings };
    let mut environment = environments.first(ecosystem, &host, files);
    let (mut target, runtime) =
        target_of(&(request.target)(&files.folder), ecosystem, &commands, environment.as_ref().map(|e| &e.0), files);
    if environment.is_none() {
        match (request.install)(ecosystem, files, &target) {
            Some(Ok(into)) => {
                let given = Settings([("environment".to_owned(), vec![into.to_string_lossy().into_owned()])].into());
                environment = environments.first(ecosystem, &Host { settings: &given, ..host }, files);
            }
            Some(Err(message)) => notes.push(Note { project: Some(id(ecosystem, files)), message, ..Note::default() }),
            None => {}
        }
    }
    if target.runtime.is_none() {
        target.runtime = environment.as_ref().and_then(|(e, _)| e.runtime.clone());
    }
    (request.progress)("linking packages");
    let installed = environment.as_ref().map_or(&[][..], |(_, loaded)| &loaded.facts);
    for (path, facts) in installed.iter().map(|(_, p, f)| (p, f)) {
        for problem in &facts.problems {
            let place = path.strip_prefix(request.root).unwrap_or(path).to_string_lossy();
            notes.push(note(ecosystem, files, &place, problem.line, &problem.message, false));
        }
    }
    let mut rules = Rules::of(ecosystem);
    let at = InstalledAt {
        installed,
        sites: environment.as_ref().map_or(&[], |(_, loaded)| &loaded.sites),
        links: environment.as_ref().map_or(&[], |(_, loaded)| &loaded.links),
        folder: Some(&folder),
    };
    let graph = link(ecosystem, files, at, &target, &|name| told(ecosystem, &rules, name));
    for (key, modules) in settings.0.iter().filter_map(|(k, v)| k.strip_prefix("module-map.").map(|k| (k, v))) {
        rules.names.add(key, modules);
    }
    (request.progress)("measuring");
    Linked { settings, environment, target, runtime, rules, graph, notes, commands }
}

#[expect(clippy::too_many_arguments, reason = "one call, and each is what another stage found")]
fn one(
    request: &Request<'_>,
    inventory: &Inventory,
    ecosystem: &'static Ecosystem,
    files: &ProjectFiles,
    others: &[Other],
    joined: Option<&[(String, Facts)]>,
    commands: &[(String, CommandFile)],
    environments: &mut Environments,
) -> Project {
    let mine = commands_of(files, others, commands);
    let mut linked = linked(request, inventory, ecosystem, files, mine, environments);
    let mut notes = std::mem::take(&mut linked.notes);
    let weights = weights_of(ecosystem, &linked, request.threads, environments, &mut notes, files);
    let Linked { settings, environment, target, runtime, rules, graph, commands: mine, .. } = linked;

    (request.progress)("observing uses");
    let observed = observe(Input {
        ecosystem,
        target: &target,
        inventory,
        project: files,
        others,
        graph: &graph,
        settings: &settings,
        rules: &rules,
        commands: &mine,
        environment: environment.as_ref().map(|(e, _)| e),
        joined,
    });
    for (file, problem) in &observed.problems {
        notes.push(note(ecosystem, files, file, problem.line, &problem.message, false));
    }

    (request.progress)("judging");
    let texts: BTreeMap<String, Vec<u8>> = files
        .manifests
        .iter()
        .filter_map(|m| load(&inventory.absolute(&m.path)).ok().map(|b| (m.path.clone(), b)))
        .collect();
    let keep = kept(request, ecosystem, files, &graph, &texts);
    let label = environment.as_ref().map(|(e, _)| e.label.clone());
    let case = Case {
        ecosystem,
        target: &target,
        project: files,
        graph: &graph,
        observed: &observed,
        weights: &weights,
        rules: &rules,
        heavy: request.heavy,
        keep: &keep,
        environment: label.as_deref(),
    };
    let verdicts = decide(&case);
    let retained = weigh(&case, &verdicts);
    let mut found = findings(&case, &verdicts, &retained);
    let manager = files.manifests.iter().find_map(|m| m.facts.manifest.as_ref()?.manager.clone());
    let mut report = totals(&case, &verdicts, manager.clone(), runtime);
    report.packages = packages(&case, &verdicts, &retained);
    report.with_change_bytes = found.iter().filter(|f| f.code == depslim_model::Code::Heavy).map(|f| f.bytes).sum();
    let fatal: Vec<&Note> = notes.iter().filter(|n| n.fatal).collect();
    if !fatal.is_empty() && graph.declared.is_empty() {
        report.failed = fatal.first().map(|n| format!("{}: {}", place(n), n.message));
        found.clear();
    }
    let plan = crate::prescribe::plan(&case, &verdicts, manager, request.version);
    crate::prescribe::fix(&case, &mut found, &texts, &settings);
    Project {
        ecosystem,
        files: files.clone(),
        observed,
        verdicts,
        plan,
        report,
        findings: found,
        notes,
        environment: environment.map(|(e, _)| e),
        commands: mine,
        graph,
        target,
        settings,
    }
}

/// Packages that stay although no use of them is seen, with the reason: by the configuration, or by a comment beside their line.
fn kept(
    request: &Request<'_>,
    ecosystem: &Ecosystem,
    files: &ProjectFiles,
    graph: &Graph,
    texts: &BTreeMap<String, Vec<u8>>,
) -> BTreeMap<String, String> {
    let configured = graph.nodes.iter().filter_map(|n| {
        (request.keep)(ecosystem.name, &files.folder, &n.canonical).map(|why| (n.canonical.clone(), why))
    });
    let comments: BTreeMap<&str, BTreeMap<u32, String>> = texts
        .iter()
        .map(|(file, bytes)| (file.as_str(), (request.keep_lines)(file, &String::from_utf8_lossy(bytes))))
        .collect();
    let commented = graph.declared.iter().filter_map(|declared| {
        let why = comments.get(declared.file.as_str())?.get(&declared.require.line)?;
        Some((graph.node(declared.package).canonical.clone(), why.clone()))
    });
    commented.chain(configured).collect()
}

fn id(ecosystem: &Ecosystem, files: &ProjectFiles) -> String {
    format!("{}#{}", files.path(), ecosystem.name)
}

fn place(note: &Note) -> String {
    match (&note.file, note.line) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        (Some(file), None) => file.clone(),
        _ => String::new(),
    }
}

fn note(ecosystem: &Ecosystem, files: &ProjectFiles, file: &str, line: u32, message: &str, fatal: bool) -> Note {
    Note {
        project: Some(id(ecosystem, files)),
        file: Some(file.to_owned()),
        line: (line > 0).then_some(line),
        message: message.to_owned(),
        fatal,
    }
}

fn manifest_notes(ecosystem: &Ecosystem, files: &ProjectFiles) -> Vec<Note> {
    files
        .manifests
        .iter()
        .flat_map(|m| {
            m.facts.problems.iter().map(move |p| note(ecosystem, files, &m.path, p.line, &p.message, p.fatal))
        })
        .collect()
}

fn command_files(inventory: &Inventory) -> Vec<(String, CommandFile)> {
    let mut files: Vec<(String, CommandFile)> = inventory
        .files
        .par_iter()
        .filter(|path| crate::commands::is_command_file(path))
        .filter_map(|path| {
            let bytes = load(&inventory.absolute(path)).ok()?;
            Some((path.clone(), crate::commands::read(path, &bytes)))
        })
        .collect();
    crate::commands::settle(&mut files);
    files
}

/// Container and process files that concern a project: those below its folder, and those beside or above all projects.
fn commands_of(files: &ProjectFiles, others: &[Other], all: &[(String, CommandFile)]) -> Vec<(String, CommandFile)> {
    let inside = |file: &str, folder: &str| {
        folder.is_empty() || file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    };
    all.iter()
        .filter(|(path, _)| {
            // The innermost project around a file owns it; a file that no project is around concerns all of them.
            let owner = others
                .iter()
                .map(|o| &o.folder)
                .chain([&files.folder])
                .filter(|f| inside(path, f))
                .max_by_key(|f| f.len());
            owner.is_none_or(|o| *o == files.folder || ancestors(&files.folder).any(|a| a == o))
        })
        .cloned()
        .collect()
}

/// The platform with the runtime that the image has, and where that was read.
fn target_of(
    base: &Target,
    ecosystem: &Ecosystem,
    commands: &[(String, CommandFile)],
    environment: Option<&Environment>,
    files: &ProjectFiles,
) -> (Target, Option<String>) {
    let mut target = base.clone();
    let mut images: Vec<(bool, &str, u32, String)> = commands
        .iter()
        .flat_map(|(path, file)| {
            file.images.iter().filter_map(move |i| {
                Some((!i.final_stage, path.as_str(), i.line, (ecosystem.runtime_of_image)(&i.reference)?))
            })
        })
        .collect();
    images.sort();
    let mut said = None;
    if let Some((_, path, line, version)) = images.into_iter().next() {
        said = Some(format!("{version} ({path}:{line})"));
        target.runtime = Some(version);
    } else if let Some(version) = environment.and_then(|e| e.runtime.clone()) {
        said = environment.map(|e| format!("{version} ({})", e.label));
        target.runtime = Some(version);
    } else if let Some((path, version)) = files
        .manifests
        .iter()
        .find_map(|m| Some((&m.path, lower_bound(m.facts.manifest.as_ref()?.runtime.as_deref()?)?)))
    {
        said = Some(format!("{version} ({path})"));
        target.runtime = Some(version);
    }
    (target, said)
}

/// What the ecosystem's tables tell of a package.
fn told(ecosystem: &Ecosystem, rules: &Rules, package: &str) -> Option<Told> {
    let of_package = |line: &&str| line.strip_prefix(package).is_some_and(|rest| rest.starts_with(':'));
    let line = ecosystem.requirements.lines().find(of_package);
    let brings = rules.aggregators.iter().find(|a| a.package == package).map_or(&[][..], |a| &a.brings);
    if line.is_none() && brings.is_empty() {
        return None;
    }
    let listed = line.and_then(|line| line.split_once(':')).map_or("", |(_, names)| names);
    let mut requires: Vec<String> =
        listed.split_whitespace().chain(brings.iter().map(String::as_str)).map(str::to_owned).collect();
    requires.sort();
    requires.dedup();
    Some(Told { requires, gathers: !brings.is_empty() })
}

/// The first `X.Y` of a constraint: `>=3.11,<4` asks for 3.11 or later.
fn lower_bound(constraint: &str) -> Option<String> {
    let start = constraint.find(|c: char| c.is_ascii_digit())?;
    let text: String = constraint[start..].chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let mut parts = text.split('.');
    let (major, minor) = (parts.next()?, parts.next().unwrap_or("0"));
    Some(format!("{major}.{minor}"))
}

/// An environment's packages: folder that modules are looked up in, metadata file, facts.
#[derive(Debug, Clone, Default)]
struct Loaded {
    facts: Rc<Vec<(PathBuf, PathBuf, Facts)>>,
    /// How many of them lie in each of the environment's trees.
    counts: Vec<usize>,
    sites: Vec<PathBuf>,
    links: Vec<(PathBuf, PathBuf)>,
}

/// Environments that were read and measured: a monorepo's projects may share one.
#[derive(Default)]
struct Environments {
    loaded: HashMap<PathBuf, Rc<Loaded>>,
    measured: HashMap<PathBuf, Rc<Measured>>,
}

impl Environments {
    /// The first environment that has at least some of what the project declares.
    fn first(
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
            let here = |name: &String| {
                loaded
                    .facts
                    .iter()
                    .flat_map(|(_, _, f)| &f.provides)
                    .any(|p| (ecosystem.canonical)(&p.package) == *name)
            };
            let hits = declared.iter().filter(|n| here(n)).count();
            // Somebody else's environment (a workspace root's, an activated one) tells nothing about this project.
            if declared.is_empty() || hits * 4 >= declared.len() || host.settings.has("environment") {
                return Some((environment, loaded));
            }
        }
        None
    }

    /// What packages own of the walked tree, in every environment that any project could use.
    fn among(
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

    fn load(
        &mut self,
        ecosystem: &'static Ecosystem,
        environment: &Environment,
        root: &Path,
        settings: &Settings,
    ) -> Rc<Loaded> {
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

    fn tree(
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

fn weights_of(
    ecosystem: &'static Ecosystem,
    linked: &Linked,
    threads: usize,
    environments: &mut Environments,
    notes: &mut Vec<Note>,
    files: &ProjectFiles,
) -> Weights {
    let Linked { graph, environment, target, .. } = linked;
    let (environment, project) = (environment.as_ref(), &id(ecosystem, files));
    let count = graph.nodes.len();
    let mut weights = Weights { measure: Measure::Unknown, bytes: vec![0; count], files: vec![0; count], tree: None };
    // Estimates first: what is declared but not installed keeps its own.
    for (at, node) in graph.nodes.iter().enumerate() {
        if let Some(locked) = &node.locked
            && let Some(bytes) = (ecosystem.choose)(&locked.artifacts, target).and_then(|i| locked.artifacts[i].bytes)
        {
            weights.bytes[at] = bytes;
            weights.measure = Measure::Estimated;
        }
    }
    let Some((environment, loaded)) = environment else { return weights };
    let (mut whole, mut first, mut counted) = (Tree::default(), 0, None);
    let trees: Vec<&Path> = std::iter::once(&environment.tree).chain(&environment.more).map(PathBuf::as_path).collect();
    let around = environment.tree.parent().unwrap_or(&environment.tree);
    for (tree, number) in trees.into_iter().zip(&loaded.counts) {
        let entries = &loaded.facts[first..first + number];
        if let Some(measured) = measured_tree(tree, entries, ecosystem, threads, environments, notes, project) {
            let (bytes, files) = counted.get_or_insert_with(|| (vec![0; count], vec![0; count]));
            for (owner, weight) in measured.owners.iter().enumerate() {
                if let Some(package) = graph.installed.get(first + owner).copied().flatten() {
                    bytes[package as usize] += weight.bytes;
                    files[package as usize] += weight.files;
                }
            }
            let elsewhere = (tree != environment.tree).then(|| tree.strip_prefix(around).unwrap_or(tree));
            add_tree(&mut whole, &measured, elsewhere.map(|path| Path::new("..").join(path)).as_deref());
        }
        first += number;
    }
    let Some((bytes, files)) = counted else { return weights };
    (weights.bytes, weights.files, weights.measure) = (bytes, files, Measure::Installed);
    whole.unowned.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
    whole.unowned.truncate(20);
    weights.tree = Some(whole);
    weights
}

/// One tree's sizes; a monorepo's projects share them.
fn measured_tree(
    tree: &Path,
    entries: &[(PathBuf, PathBuf, Facts)],
    ecosystem: &Ecosystem,
    threads: usize,
    environments: &mut Environments,
    notes: &mut Vec<Note>,
    project: &str,
) -> Option<Rc<Measured>> {
    let measured = if let Some(measured) = environments.measured.get(tree) {
        measured.clone()
    } else {
        let claims = claims(tree, entries);
        let claims: Vec<Claim<'_>> =
            claims.iter().map(|(owner, base, owns)| Claim { owner: *owner, base, owns }).collect();
        match measure(tree, &claims, ecosystem.derived_from, threads) {
            Ok(measured) => {
                let measured = Rc::new(measured);
                environments.measured.insert(tree.to_owned(), measured.clone());
                measured
            }
            Err(error) => {
                notes.push(Note { project: Some(project.to_owned()), message: error.to_string(), ..Note::default() });
                return None;
            }
        }
    };
    for (path, message) in &measured.unreadable {
        notes.push(Note {
            project: Some(project.to_owned()),
            file: Some(path.clone()),
            message: message.clone(),
            ..Note::default()
        });
    }
    if let Some(first) = measured.conflicts.first() {
        let name = |owner: u32| {
            entries.get(owner as usize).and_then(|(_, _, f)| f.provides.first()).map_or("?", |p| p.package.as_str())
        };
        let message = format!(
            "{} files are claimed by two packages; the first is claimed by {} and {}, and counted to {}",
            measured.conflicts.len(),
            name(first.counted),
            name(first.other),
            name(first.counted)
        );
        notes.push(Note {
            project: Some(project.to_owned()),
            file: Some(first.path.clone()),
            message,
            ..Note::default()
        });
    }
    Some(measured)
}

/// Adds one tree's sums to the environment's; `prefix` leads to it when it is not the first.
fn add_tree(whole: &mut Tree, measured: &Measured, prefix: Option<&Path>) {
    whole.total_bytes += measured.total;
    whole.on_disk_bytes += measured.on_disk;
    whole.entries += measured.entries;
    whole.packages_bytes += measured.owners.iter().map(|w| w.bytes).sum::<u64>();
    whole.unowned_bytes += measured.unowned.bytes;
    whole.folders_bytes += measured.folders.bytes;
    whole.unowned.extend(measured.unowned_places.iter().take(20).map(|(path, bytes)| Place {
        path: prefix.map_or_else(|| path.clone(), |prefix| prefix.join(path).to_string_lossy().into_owned()),
        bytes: *bytes,
    }));
}

fn claims<'f>(tree: &Path, entries: &'f [(PathBuf, PathBuf, Facts)]) -> Vec<(u32, String, &'f depslim_model::Owns)> {
    entries
        .iter()
        .enumerate()
        .flat_map(|(owner, (_, path, facts))| {
            let base = path
                .parent()
                .and_then(|p| p.strip_prefix(tree).ok())
                .map(|p| p.to_string_lossy().into_owned())
                .unwrap_or_default();
            facts.provides.iter().take(1).map(move |p| (owner as u32, base.clone(), &p.owns))
        })
        .collect()
}
