//! A list of production's packages that somebody else wrote: what it would install.

use crate::Error;
use crate::image::files::relative;
use depslim_engine::Project;
use depslim_engine::link::{Known, closure};
use depslim_engine::project::join;
use depslim_engine::read::{Readers, read_one};
use depslim_model::{Facts, Group, Layer, Require, Role};
use std::collections::BTreeSet;
use std::path::Path;

/// Packages that a list installs, with what they require. What it names and nobody has installed is said in `notes`.
///
/// # Errors
/// When it can't be read as a list.
pub(super) fn packages(
    root: &Path,
    project: &Project,
    list: &Path,
    notes: &mut Vec<String>,
) -> Result<BTreeSet<u32>, Error> {
    let list = fs_err::canonicalize(list)?;
    let file = relative(root, &list);
    let requires = read(root, project, &file)?;
    let ecosystem = project.ecosystem;
    let holds = |r: &&Require| r.condition.as_deref().is_none_or(|c| (ecosystem.holds)(c, &project.target, &[]));
    let mut roots: Vec<(u32, &[String])> = Vec::new();
    for require in requires.iter().filter(|r| matches!(r.group, Group::Prod | Group::Optional)).filter(holds) {
        let found = project.graph.find(&(ecosystem.canonical)(&require.name));
        let Some(package) = found.filter(|p| project.graph.node(*p).known == Known::Installed) else {
            notes.push(format!("{file}:{} asks for {}, which is not installed here", require.line, require.name));
            continue;
        };
        let here = &project.graph.node(package).provide.version;
        if let Some(version) = exact(require).filter(|version| version != here) {
            let name = &require.name;
            notes.push(format!(
                "{file}:{} asks for {name} {version}; {here} is installed here and was run",
                require.line
            ));
        }
        roots.push((package, &require.features));
    }
    if roots.is_empty() {
        return Err(Error::Option(format!("{file} names no package that is installed here")));
    }
    Ok(closure(&project.graph, ecosystem, &project.target, roots).packages().collect())
}

/// What a list and the lists that it takes in ask for.
fn read(root: &Path, project: &Project, file: &str) -> Result<Vec<Require>, Error> {
    let readers = Readers::of(project.ecosystem, Layer::Manifest);
    let mut done: BTreeSet<String> = BTreeSet::new();
    let mut open = vec![file.to_owned()];
    let mut all = Vec::new();
    while let Some(file) = open.pop().filter(|file| !done.contains(file)) {
        let known = project.files.manifests.iter().find(|m| m.path == file).map(|m| m.facts.clone());
        let facts: Facts = match (known, readers.for_path(&file)) {
            (Some(facts), _) => facts,
            (None, Some(reader)) => read_one(root, &file, reader, &project.settings),
            (None, None) => {
                let language = project.ecosystem.name;
                return Err(Error::Option(format!("{file} is no list that depslim can read for {language}")));
            }
        };
        if let Some(problem) = facts.problems.iter().find(|problem| problem.fatal) {
            return Err(Error::Option(format!("{file}: {}", problem.message)));
        }
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let includes = facts.manifest.iter().flat_map(|about| &about.includes);
        open.extend(includes.filter(|i| i.role != Role::Constraints).filter_map(|i| join(folder, &i.path)));
        all.extend(facts.requires.into_iter().filter(|r| r.from.is_none() && !r.name.is_empty()));
        done.insert(file);
    }
    Ok(all)
}

/// The one version that a line allows, where it is written as one.
fn exact(require: &Require) -> Option<String> {
    let text = require.version.as_deref()?.trim();
    let version = text.trim_start_matches('=').trim();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '+' | '-' | '_');
    (version.starts_with(|c: char| c.is_ascii_digit()) && version.chars().all(plain)).then(|| version.to_owned())
}
