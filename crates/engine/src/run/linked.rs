//! A project, ready for observation: its environment, its target, its package graph.

use super::environments::{Environments, Loaded};
use super::{Request, id, manifest_notes, note};
use crate::commands::Observed as CommandFile;
use crate::discover::Inventory;
use crate::link::Place as InstalledAt;
use crate::link::{Graph, Told, link};
use crate::project::{Other, ProjectFiles, ancestors};
use crate::read::load;
use crate::rules::Rules;
use depslim_model::ecosystem::{Need, Reach, Reached, ReachedFile, Restated};
use depslim_model::report::Note;
use depslim_model::{Ecosystem, Environment, Facts, Host, Settings, Target};
use rayon::prelude::*;
use std::rc::Rc;
use std::sync::Arc;

/// A project, its environment and its package graph.
pub(super) struct Linked {
    pub(super) settings: Settings,
    pub(super) environment: Option<(Environment, Rc<Loaded>)>,
    pub(super) target: Target,
    pub(super) runtime: Option<String>,
    pub(super) rules: Rc<Rules>,
    pub(super) graph: Graph,
    pub(super) notes: Vec<Note>,
    pub(super) commands: Vec<(String, CommandFile)>,
    /// Files that say more of what the project uses ([`Ecosystem::reach`]).
    pub(super) reached: Vec<ReachedFile>,
    /// What the reached code needs of the system.
    pub(super) needs: Vec<Need>,
    /// Beginnings of the lock's lines that stay needed.
    pub(super) lock: Option<Vec<String>>,
    /// Lines that are needed and say otherwise than they should.
    pub(super) restated: Vec<Restated>,
    /// Every import was followed to code that is there.
    pub(super) complete: bool,
}

pub(super) fn linked(
    request: &Request<'_>,
    inventory: &Inventory,
    ecosystem: &'static Ecosystem,
    files: &ProjectFiles,
    commands: Vec<(String, CommandFile)>,
    joined: Option<&[(String, Facts)]>,
    environments: &mut Environments,
) -> Linked {
    let settings = (request.settings)(ecosystem.name, &files.folder);
    let mut notes = manifest_notes(ecosystem, files);
    let folder = inventory.absolute(&files.folder);
    let host = Host { project: &folder, root: request.root, variable: request.variable, settings: &settings };
    let mut found = ecosystem.reach.map(|reach| reached(reach, &host, files, joined.unwrap_or_default()));
    let mut environment = match &mut found {
        Some(found) => {
            let (installed, environment) = (std::mem::take(&mut found.installed), found.environment.clone());
            let loaded = (!installed.is_empty()).then(|| Environments::reached(installed, &environment));
            loaded.map(|loaded| (environment, loaded))
        }
        None => environments.first(ecosystem, &host, files),
    };
    let Reached { files: reached, needs, lock, restated, complete, .. } = found.unwrap_or_default();
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
    let rules = environments.rules(ecosystem, &settings);
    let at = InstalledAt {
        installed,
        sites: environment.as_ref().map_or(&[], |(_, loaded)| &loaded.sites),
        links: environment.as_ref().map_or(&[], |(_, loaded)| &loaded.links),
        folder: Some(&folder),
        past: request.past.is_some(),
    };
    let graph = link(ecosystem, files, at, &target, &|name| told(ecosystem, &rules, name));
    (request.progress)("measuring");
    Linked {
        settings,
        environment,
        target,
        runtime,
        rules,
        graph,
        notes,
        commands,
        reached,
        needs,
        lock,
        restated,
        complete,
    }
}

/// What the project's code reaches among installed packages.
fn reached(reach: Reach, host: &Host<'_>, files: &ProjectFiles, joined: &[(String, Facts)]) -> Reached {
    let manifests: Vec<(String, Facts)> = files.manifests.iter().map(|m| (m.path.clone(), m.facts.clone())).collect();
    reach(host, &manifests, joined).unwrap_or_default()
}

pub(super) fn command_files(inventory: &Inventory) -> Vec<(String, CommandFile)> {
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
pub(super) fn commands_of(
    files: &ProjectFiles,
    others: &[Arc<Other>],
    all: &[(String, CommandFile)],
) -> Vec<(String, CommandFile)> {
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
pub(super) fn target_of(
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
pub(super) fn told(ecosystem: &Ecosystem, rules: &Rules, package: &str) -> Option<Told> {
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
pub(super) fn lower_bound(constraint: &str) -> Option<String> {
    let start = constraint.find(|c: char| c.is_ascii_digit())?;
    let text: String = constraint[start..].chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let mut parts = text.split('.');
    let (major, minor) = (parts.next()?, parts.next().unwrap_or("0"));
    Some(format!("{major}.{minor}"))
}
