//! The stages in order, for every ecosystem and project below a root.

mod beside;
mod environments;
mod inside;
mod kin;
mod linked;
mod untouched;
mod weights;

use crate::commands::Observed as CommandFile;
use crate::discover::{Inventory, discover};
use crate::judge::{Case, Verdicts, decide, findings, packages, roles, totals, weigh};
use crate::link::Graph;
use crate::memory::Memory;
use crate::observe::{Input, Observed, observe};
use crate::project::{ProjectFiles, assemble, is_test_data};
use crate::read::{Readers, load, read};
use crate::together;
use beside::beside_code;
use depslim_model::ecosystem::Plan;
use depslim_model::report::{Measure, Note, Tree};
use depslim_model::{Code, Ecosystem, Environment, Facts, Finding, Host, Layer, Settings, Target};
pub(crate) use environments::Environments;
use kin::Kin;
use linked::{Linked, command_files, commands_of, linked};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use untouched::untouched;
use weights::weights_of;

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
    /// What several runs share, when there are several.
    pub memory: Option<&'a Memory>,
    /// An earlier state of the tree, to be looked at in place of the present one.
    pub past: Option<Past<'a>>,
}

/// An earlier state of a tree. What is installed was installed for the present state: where a lock of the earlier one names another
/// version, the lock is right.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// Its files, in place of those that a walk finds.
    pub tree: &'a Inventory,
    /// The present state. Projects that nothing has changed for since are the same.
    pub present: &'a Analysis,
}

/// All that a run found out.
#[derive(Debug, Default)]
pub struct Analysis {
    /// One per project, by folder and ecosystem.
    pub projects: Vec<Project>,
    /// Things to know that belong to no project.
    pub notes: Vec<Note>,
    /// Files of the tree.
    pub tree: Inventory,
}

/// One project, stage by stage.
#[derive(Debug, Clone)]
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
    let own = Memory::default();
    let mut environments = request.memory.unwrap_or(&own).environments.borrow_mut();
    let (inventory, all) = found(request, &mut environments)?;
    let mut analysis = Analysis::default();
    for (file, message) in &inventory.problems {
        analysis.notes.push(Note {
            file: (!file.is_empty()).then(|| file.clone()),
            message: message.clone(),
            ..Note::default()
        });
    }
    analysis.notes.extend(inventory.notes.iter().map(|message| Note { message: message.clone(), ..Note::default() }));
    if all.is_empty() {
        return Ok(Analysis { tree: inventory, ..analysis });
    }
    let same = request.past.map_or_else(|| vec![None; all.len()], |past| untouched(&past, &inventory, &all));
    analysis.projects.extend(same.iter().flatten().copied().cloned());
    let is_new = |at: &usize| same[*at].is_none();
    let asked: BTreeSet<&str> = (0..all.len()).filter(is_new).map(|at| all[at].0.name).collect();
    let commands = if asked.is_empty() { Vec::new() } else { command_files(&inventory) };
    let joining: Vec<_> = all.iter().filter(|(ecosystem, _)| asked.contains(ecosystem.name)).cloned().collect();
    let joined =
        together::joined(&inventory, &joining, &|ecosystem| (request.settings)(ecosystem, ""), request.variable);
    let kin = kin::acquainted(&all);
    for (at, (ecosystem, files)) in all.iter().enumerate().filter(|(at, _)| is_new(at)) {
        let kin = kin.beside(at);
        let own = joined.get(ecosystem.name);
        let own = own.map(|by_folder| by_folder.get(&files.folder).map_or(&[][..], Vec::as_slice));
        analysis.projects.push(one(request, &inventory, ecosystem, files, &kin, own, &commands, &mut environments));
    }
    analysis.projects.sort_by(|a, b| a.report.id.cmp(&b.report.id));
    kin::once_per_lock(&mut analysis.projects);
    analysis.tree = inventory;
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

/// Runs the stages up to [`measure`](mod@crate::measure), and no further: no source file is read, but where they tell what of a package
/// is built.
///
/// # Errors
/// As [`run`].
pub fn sizes(request: &Request<'_>) -> io::Result<Vec<Sized>> {
    let mut environments = Environments::default();
    let (inventory, all) = found(request, &mut environments)?;
    let mut sized = Vec::new();
    let reaching: Vec<_> = all.iter().filter(|(ecosystem, _)| ecosystem.reach.is_some()).cloned().collect();
    let joined =
        together::joined(&inventory, &reaching, &|ecosystem| (request.settings)(ecosystem, ""), request.variable);
    for (ecosystem, files) in &all {
        let own = joined.get(ecosystem.name).and_then(|by_folder| by_folder.get(&files.folder)).map(Vec::as_slice);
        let linked = linked(request, &inventory, ecosystem, files, Vec::new(), own, &mut environments);
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
    let mut inventory = match request.past {
        Some(past) => past.tree.clone(),
        None => discover(request.root, request.exclude, request.threads)?,
    };
    inventory.memory = request.memory.map(|memory| Arc::clone(&memory.facts));
    let mut all = projects(request, &inventory);
    let owned = environments.among(request, &inventory, &all);
    if inventory.files.iter().any(|file| owned.has(file)) {
        inventory.files.retain(|file| !owned.has(file));
        let Inventory { problems, elsewhere, memory, files, .. } = inventory;
        inventory = Inventory { problems, elsewhere, memory, ..Inventory::of(request.root, files) };
        all = projects(request, &inventory);
    }
    let before = all.len();
    all.retain(|(_, project)| !is_test_data(&project.folder));
    if inventory.memory.is_none() && all.iter().filter(|(ecosystem, _)| ecosystem.sees_all).nth(1).is_some() {
        // Where each project sees what others bring, several read the same files.
        inventory.memory = Some(Arc::default());
    }
    let made = if request.past.is_none() { made_by_builds(request, &all) } else { Vec::new() };
    if !made.is_empty() {
        let Inventory { problems, notes, elsewhere, memory, mut files, .. } = inventory;
        files.extend(made);
        inventory = Inventory { problems, notes, elsewhere, memory, ..Inventory::of(request.root, files) };
    }
    let (left, one) = (before - all.len(), before - all.len() == 1);
    if left > 0 {
        let what = if one { "1 project lies in a folder" } else { "projects lie in folders" };
        let what = if one { what.to_owned() } else { format!("{left} {what}") };
        let message = format!("{what} of test data (fixtures, testdata): left out; name the folder to analyse it");
        inventory.notes.push(message);
    }
    Ok((inventory, all))
}

/// Code that the builds of the projects made.
fn made_by_builds(request: &Request<'_>, all: &[(&'static Ecosystem, ProjectFiles)]) -> Vec<String> {
    let mut files = Vec::new();
    for ecosystem in request.ecosystems.iter().filter(|ecosystem| !ecosystem.made.is_empty()) {
        let readers = Readers::of(ecosystem, Layer::Code);
        let projects = all.iter().filter(|(other, _)| other.name == ecosystem.name);
        let folders = projects.flat_map(|(_, project)| {
            ecosystem.made.iter().filter_map(|made| crate::project::join(&project.folder, made))
        });
        let folders: Vec<String> = folders.collect();
        let wanted = |file: &str| readers.for_path(file).is_some();
        files.extend(crate::discover::made(request.root, &folders, request.exclude, &wanted));
    }
    files
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
        let projects = beside_code(inventory, ecosystem, assemble(ecosystem, manifests)).into_iter();
        all.extend(projects.filter(|p| (request.wants)(ecosystem.name, &p.folder)).map(|p| (*ecosystem, p)));
    }
    all
}

#[expect(clippy::too_many_arguments, reason = "one call, and each is what another stage found")]
fn one(
    request: &Request<'_>,
    inventory: &Inventory,
    ecosystem: &'static Ecosystem,
    files: &ProjectFiles,
    kin: &Kin,
    joined: Option<&[(String, Facts)]>,
    commands: &[(String, CommandFile)],
    environments: &mut Environments,
) -> Project {
    let mine = commands_of(files, &kin.others, commands);
    let mut linked = linked(request, inventory, ecosystem, files, mine, joined, environments);
    let mut notes = std::mem::take(&mut linked.notes);
    let mut weights = weights_of(ecosystem, &linked, request.threads, environments, &mut notes, files);
    let folder = inventory.absolute(&files.folder);
    let host = Host { project: &folder, root: request.root, variable: request.variable, settings: &linked.settings };
    inside::weigh(ecosystem, &host, &id(ecosystem, files), &linked.graph, &mut weights, &mut notes);
    let (restated, complete) = (std::mem::take(&mut linked.restated), linked.complete);
    let Linked { settings, environment, target, runtime, rules, graph, commands: mine, reached, needs, lock, .. } =
        linked;

    (request.progress)("observing uses");
    let mut observed = observe(Input {
        ecosystem,
        target: &target,
        inventory,
        project: files,
        others: &kin.others,
        graph: &graph,
        settings: &settings,
        rules: &rules,
        commands: &mine,
        environment: environment.as_ref().map(|(e, _)| e),
        all_commands: commands,
        joined,
        reached: &reached,
    });
    observed.needs = needs;
    observed.restated = restated;
    observed.complete = complete;
    if complete {
        observed.unresolved.clear();
    }
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
    let asked = kin.asked(ecosystem, files);
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
        tooling: kin.tooling,
        asked: &asked,
    };
    let verdicts = decide(&case);
    let retained = weigh(&case, &verdicts);
    let mut found = findings(&case, &verdicts, &retained);
    notes.extend(roles(&case, &verdicts));
    let manager = files.manifests.iter().find_map(|m| m.facts.manifest.as_ref()?.manager.clone());
    let mut report = totals(&case, &verdicts, manager.clone(), runtime);
    report.packages = packages(&case, &verdicts, &retained);
    report.with_change_bytes = found.iter().filter(|f| f.code == Code::Heavy).map(|f| f.bytes).sum();
    let fatal: Vec<&Note> = notes.iter().filter(|n| n.fatal).collect();
    if !fatal.is_empty() && graph.declared.is_empty() {
        report.failed = fatal.first().map(|n| format!("{}: {}", place(n), n.message));
        found.clear();
    }
    let mut plan = crate::prescribe::plan(&case, &verdicts, manager, request.version);
    plan.lock = lock;
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
