//! `export --rootfs`: a file system of its own for one project, written into a new folder, and the container file around it.

mod application;
mod start;

use crate::image::files;
use crate::{Error, Options, analyze};
use depslim_engine::Project;
use depslim_engine::link::{Known, Node};
use depslim_image::catalogue::{Need, instead_of};
use depslim_image::closure::{Missing, Source, Wanted, collect};
use depslim_model::{Bytes, Emission};
use depslim_prove::plain;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The user that the program runs as: a number, since nobody but the image itself knows its names.
const USER: u32 = 10_001;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rootfs {
    /// Project id.
    pub project: String,
    /// Project folder, `.` at the root.
    pub path: String,
    /// Files and bytes by part, most bytes first: interpreter, packages, shared libraries …
    pub parts: Vec<RootfsPart>,
    /// What is needed and was not found, a fragment each.
    pub missing: Vec<String>,
    /// What else there is to say.
    pub notes: Vec<String>,
    /// The container file, relative to the output folder.
    pub dockerfile: Emission,
}

/// One part of the file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootfsPart {
    /// What it is called.
    pub name: &'static str,
    /// Files.
    pub files: u64,
    /// Bytes of its files and links.
    pub bytes: Bytes,
}

impl Rootfs {
    /// Bytes of all parts.
    pub fn bytes(&self) -> Bytes {
        self.parts.iter().map(|part| part.bytes).sum()
    }

    /// Files of all parts.
    pub fn files(&self) -> u64 {
        self.parts.iter().map(|part| part.files).sum()
    }
}

/// Collects what the project below `root` needs to run from the file system `from` (`/` for this machine's), and writes it into the
/// new folder `into`. Nothing of the project is run, and no loader or `ldd` either.
///
/// # Errors
/// As [`crate::analyze()`]; [`Error::Option`] when there is not exactly one project with an environment, or its interpreter is not
/// there; [`Error::Io`] when `into` holds something already or can't be written.
pub fn rootfs(root: &Path, options: &Options, from: &Path, into: &Path) -> Result<Rootfs, Error> {
    let analysis = analyze::engine(root, options)?;
    let root = fs_err::canonicalize(root)?;
    let mut with: Vec<&Project> = analysis.projects.iter().filter(|p| p.environment.is_some()).collect();
    let (Some(project), None) = (with.pop(), with.pop()) else {
        return Err(Error::Option(not_one(&analysis.projects)));
    };
    let Some(environment) = &project.environment else { return Err(Error::Option(not_one(&analysis.projects))) };

    let system = fs_err::canonicalize(from)?;
    let folder = if project.files.folder.is_empty() { root.clone() } else { root.join(&project.files.folder) };
    let tree = fs_err::canonicalize(&environment.tree)?;
    // What lies in the other system is called there as it is called in it.
    let own = if system == Path::new("/") || folder.starts_with(&system) {
        Vec::new()
    } else {
        vec![folder.clone(), tree.clone()]
    };
    let source = Source { root: system, own };
    let containers = files::of(&|path| root.join(path), project);
    let container = containers.first();
    let place = |path: &Path| source.inside(&plain(path));
    let names: BTreeSet<&str> = kept(project).map(|node| node.canonical.as_str()).collect();
    let supplied = |node: &&Node| instead_of(&node.canonical).any(|other| names.contains(other));
    let wanted = Wanted {
        language: project.ecosystem.name.to_owned(),
        version: two_parts(environment.runtime.as_deref().or(project.target.runtime.as_deref()).unwrap_or_default()),
        environment: place(&tree),
        packages: kept(project).flat_map(|node| package(project, node)).map(|path| place(&path)).collect(),
        supplied: kept(project)
            .filter(supplied)
            .flat_map(|node| package(project, node))
            .map(|path| place(&path))
            .collect(),
        application: application::files(&root, &folder, container, into).iter().map(|path| place(path)).collect(),
        by_name: kept(project).filter(|node| !supplied(node)).filter_map(|node| by_name(project, node)).collect(),
        user: USER,
    };
    let collected = collect(&source, &wanted).map_err(|error| Error::Option(error.to_string()))?;
    collected.tree.write(into)?;

    let mut parts: Vec<RootfsPart> = collected
        .tree
        .sums()
        .into_iter()
        .map(|(part, sum)| RootfsPart { name: part.label(), files: sum.files, bytes: sum.bytes })
        .collect();
    parts.sort_by(|a, b| (std::cmp::Reverse(a.bytes), a.name).cmp(&(std::cmp::Reverse(b.bytes), b.name)));
    let mut notes = Vec::new();
    let dockerfile = start::dockerfile(&start::Start {
        container,
        environment: &wanted.environment,
        programs: tree.join("bin").is_dir(),
        interpreter: &collected.interpreter,
        folder: &place(&folder),
        has: &|path| collected.tree.has(path),
        user: USER,
        tool: &project.plan.tool,
        into,
    });
    notes.extend(dockerfile.note);
    notes.extend(programs(project));
    Ok(Rootfs {
        project: project.report.id.clone(),
        path: project.report.path.clone(),
        parts,
        missing: collected.missing.iter().map(said).collect(),
        notes,
        dockerfile: Emission {
            path: "Dockerfile.scratch".to_owned(),
            content: dockerfile.text,
            summary: format!("FROM scratch, USER {USER}"),
            complete: None,
        },
    })
}

fn not_one(projects: &[Project]) -> String {
    let with: Vec<&str> = projects.iter().filter(|p| p.environment.is_some()).map(|p| p.report.path.as_str()).collect();
    if with.is_empty() {
        "nothing is installed here, so there is nothing to collect: install the project first".to_owned()
    } else {
        format!("--rootfs collects one project, and here are {}: name one of {}", with.len(), with.join(", "))
    }
}

/// What production keeps and what is installed of it, the project's own packages too: their metadata and paths lie there.
fn kept(project: &Project) -> impl Iterator<Item = &Node> {
    let nodes = project.verdicts.kept.packages().map(|p| project.graph.node(p));
    let own = project.graph.nodes.iter().filter(|n| n.provide.first_party);
    let mut seen = BTreeSet::new();
    nodes.chain(own).filter(move |n| n.known == Known::Installed && seen.insert((&n.canonical, &n.folder)))
}

/// The files of a package, without those that are made anew from others.
fn package(project: &Project, node: &Node) -> Vec<PathBuf> {
    let Some(installed) = files::installed(node) else { return Vec::new() };
    let derived = |file: &String| {
        let last: Vec<&str> = file.rsplitn(3, '/').take(2).collect();
        let name = last.first().copied().unwrap_or_default();
        let two = last.get(1).map(|folder| format!("{folder}/{name}"));
        [Some(name.to_owned()), two].into_iter().flatten().any(|path| (project.ecosystem.derived_from)(&path).is_some())
    };
    let files = installed.files.iter().filter(|file| !derived(file));
    files.map(|file| installed.site.join(file)).collect()
}

/// The libraries that a package loads by name, of which each system has one.
fn by_name(project: &Project, node: &Node) -> Option<(String, Vec<String>)> {
    let need = Need::of(project.ecosystem.name, &node.canonical).filter(|need| need.load == "dlopen")?;
    let names: Vec<String> = need.libraries.split(' ').filter(|n| !n.is_empty()).map(str::to_owned).collect();
    (!names.is_empty()).then(|| (node.canonical.clone(), names))
}

/// Packages that run programs of the system, which are not collected: what these need in turn is not known.
fn programs(project: &Project) -> Vec<String> {
    kept(project)
        .filter_map(|node| {
            let need = Need::of(project.ecosystem.name, &node.canonical).filter(|need| need.load == "exec")?;
            let packages: Vec<&str> = need.packages("bookworm").collect();
            let shown = if packages.is_empty() { "a program".to_owned() } else { packages.join(", ") };
            Some(format!("{} runs {shown}, which is not collected", node.canonical))
        })
        .collect()
}

fn said(missing: &Missing) -> String {
    match missing {
        Missing::Library { name, by } => format!("{name}, which {} links", by.display()),
        Missing::ByName { names, by } => format!("{}, which {by} loads by name", names.join(" or ")),
        Missing::Program { path, by } => format!("{}, which {} starts with", path.display(), by.display()),
    }
}

/// `3.11.4` → `3.11`.
fn two_parts(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}
