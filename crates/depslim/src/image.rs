//! The image: joins what the engine found with the catalogue of base images, and reads what container files leave behind.

mod compiled;
pub(crate) mod files;
mod findings;
mod needless;
mod starts;
mod written;

use crate::Options;
use depslim_engine::link::{Known, Node};
use depslim_engine::{Analysis, Project};
use depslim_formats::shell::base_name;
use depslim_image::{Fit, Needs, Package, Situation, catalogue, choose, scan};
use depslim_model::report::{Image, Note};
use depslim_model::{Stage, Target};
use files::ContainerFile;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub(crate) use written::{texts, written};

/// Adds to every project what its final image stage has and needs, and the findings on its container files.
pub(crate) fn add(root: &Path, analysis: &mut Analysis, options: &Options) {
    let today = options.today.map_or_else(|| catalogue::day().to_owned(), |day| day.to_string());
    let mut told = BTreeSet::new();
    let tree = analysis.tree.clone();
    for project in analysis.projects.iter_mut().filter(|p| p.report.failed.is_none()) {
        let language = project.ecosystem.name;
        let catalogued = catalogue::bases(language).next().is_some();
        let containers = files::of(&|path| tree.absolute(path), project);
        let alone = if catalogued { None } else { compiled::image(root, project, &containers) };
        if containers.is_empty() {
            project.report.image = alone;
            continue;
        }
        let mut notes = Vec::new();
        let needs = (catalogued && project.environment.is_some()).then(|| look(root, project, &mut notes));
        let packages = packages(project);
        let settings = options.settings_in("image", &project.files.folder);
        let mut found = Vec::new();
        if let (Some(image), Some(container)) = (&alone, containers.first()) {
            found.extend(compiled::heavier(project, container, image));
        }
        let mut image: Option<Image> = alone;
        for container in &containers {
            let programs = programs(container);
            found.extend(starts::of_start(root, project, container));
            found.extend(findings::of_leftovers(root, project, container));
            found.extend(findings::of_context(root, project, container));
            if !catalogued {
                continue;
            }
            let mut choice = choose(&Situation {
                language,
                current: &container.base.reference,
                version: project.target.runtime.as_deref().and_then(|v| catalogue::version_of(language, v)),
                today: &today,
                flavors: settings.list("flavors"),
                registry: settings.one("registry"),
                needs: needs.as_ref(),
                packages: &packages,
                programs: &programs,
            });
            found.extend(findings::of_base(project, container, &choice, needs.as_ref()));
            choice.image.reasons.extend(starts::as_root(container));
            image.get_or_insert(choice.image);
        }
        // Files that stand above several projects concern all of them, but are spoken of once.
        found.retain(|f| told.insert((f.code, f.location.clone(), f.message.clone())));
        project.notes.extend(notes);
        project.report.image = image;
        project.findings.extend(found);
        project.findings.sort_by(|a, b| {
            let key = |f: &depslim_model::Finding| (std::cmp::Reverse(f.severity), std::cmp::Reverse(f.bytes), f.code);
            (key(a), &a.package, &a.location).cmp(&(key(b), &b.package, &b.location))
        });
    }
}

/// Reads the compiled files of what production keeps; damaged ones are named in the project's notes.
fn look(root: &Path, project: &Project, notes: &mut Vec<Note>) -> Needs {
    let installed: Vec<_> = kept(project).filter_map(files::installed).collect();
    let needs = scan(&installed, &project.target.arch);
    let site = installed.first().map(|i| i.site.clone()).unwrap_or_default();
    for (file, why) in &needs.damaged {
        notes.push(Note {
            project: Some(project.report.id.clone()),
            file: Some(files::relative(root, &site.join(file))),
            message: why.clone(),
            ..Note::default()
        });
    }
    needs
}

/// The packages that production keeps, other people's only.
fn kept(project: &Project) -> impl Iterator<Item = &Node> {
    project.verdicts.kept.packages().map(|p| project.graph.node(p)).filter(|n| !n.provide.first_party)
}

fn packages(project: &Project) -> Vec<Package> {
    let bytes: BTreeMap<&str, u64> = project
        .report
        .packages
        .iter()
        .filter_map(|p| Some((p.name.as_str(), p.installed_bytes.or(p.estimated_bytes)?)))
        .collect();
    let of = |libc: &str| Target { libc: libc.to_owned(), ..project.target.clone() };
    let (glibc, musl) = (of("glibc"), of("musl"));
    kept(project)
        .map(|node| Package {
            name: node.canonical.clone(),
            installed: node.known == Known::Installed,
            bytes: bytes.get(node.provide.package.as_str()).copied().unwrap_or(0),
            glibc: fit(project, node, &glibc),
            musl: fit(project, node, &musl),
        })
        .collect()
}

/// What the lock could install on a target.
fn fit(project: &Project, node: &Node, target: &Target) -> Fit {
    let artifacts = &node.locked.as_ref().unwrap_or(&node.provide).artifacts;
    let chosen = (project.ecosystem.choose)(artifacts, target).and_then(|at| artifacts.get(at));
    chosen.map_or(Fit::Unknown, |artifact| Fit::of(&artifact.file, artifact.bytes))
}

/// What the image starts: programs with their places.
fn programs(container: &ContainerFile<'_>) -> Vec<(String, String)> {
    let run = container.observed.commands.iter().filter(|c| c.stage == Stage::Run);
    run.filter_map(|c| Some((base_name(c.words.first()?).to_owned(), format!("{}:{}", container.path, c.line))))
        .collect()
}
