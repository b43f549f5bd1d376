//! The files that the image is made of: a project's container files, and the installed files of a package.

use depslim_engine::Project;
use depslim_engine::commands::{Image, Observed};
use depslim_engine::link::Node;
use depslim_formats::dockerfile::{self, Dockerfile};
use depslim_formats::text::decode;
use depslim_image::Installed;
use depslim_model::{Owns, Stage};
use depslim_prove::plain;
use std::path::{Path, PathBuf};

/// A container file that makes an image which ships.
#[derive(Debug)]
pub(crate) struct ContainerFile<'p> {
    /// Path relative to the analysed root.
    pub(crate) path: &'p str,
    /// What the engine saw in it.
    pub(crate) observed: &'p Observed,
    /// What the final stage is built on.
    pub(crate) base: &'p Image,
    /// The whole of it.
    pub(crate) parsed: Dockerfile,
}

impl ContainerFile<'_> {
    /// Whether the instruction on a line is part of what ships: one of the commands that it runs is.
    pub(crate) fn ships(&self, line: u32) -> bool {
        let lines = self.parsed.stages.iter().flat_map(|s| s.instructions.iter().map(|i| i.line).chain([s.line]));
        let next = lines.filter(|l| *l > line).min().unwrap_or(u32::MAX);
        self.observed.commands.iter().any(|c| c.stage == Stage::ImageBuild && (line..next).contains(&c.line))
    }
}

/// The container files whose image runs the project's language; the one nearest to the root first.
pub(crate) fn of<'p>(place: &dyn Fn(&str) -> PathBuf, project: &'p Project) -> Vec<ContainerFile<'p>> {
    let language = project.ecosystem;
    let mut found: Vec<ContainerFile<'p>> = project
        .commands
        .iter()
        .filter(|(_, observed)| observed.context.is_some())
        .filter_map(|(path, observed)| {
            let runs = |i: &&Image| i.final_stage && (language.runtime_of_image)(&i.reference).is_some();
            let own = |i: &&Image| i.final_stage && depslim_image::Tag::parse(&i.reference, language.name).is_some();
            // What is compiled needs its language in the stage that builds only.
            let builds = |i: &Image| (language.runtime_of_image)(&i.reference).is_some();
            let compiled =
                || observed.images.iter().any(builds).then(|| observed.images.iter().rfind(|i| i.final_stage));
            let base = observed.images.iter().rfind(own).or_else(|| observed.images.iter().rfind(runs));
            let base = base.or_else(|| compiled().flatten().filter(|_| language.by_name))?;
            let bytes = fs_err::read(place(path)).ok()?;
            Some(ContainerFile { path, observed, base, parsed: dockerfile::read(&decode(&bytes).text) })
        })
        .collect();
    found.sort_by_key(|f| (f.path.matches('/').count(), !f.path.ends_with("Dockerfile"), f.path));
    found
}

/// The files of an installed package, relative to the folder that its modules are looked up in.
pub(crate) fn installed(node: &Node) -> Option<Installed> {
    let site = node.site.clone()?;
    // Paths of what a package owns begin where its metadata lies.
    let metadata = node.folder.as_deref().and_then(|folder| folder.strip_prefix(&site).ok());
    let here = metadata.map(|folder| folder.to_string_lossy().replace('\\', "/")).unwrap_or_default();
    let own = |path: &String| match path.strip_prefix(&node.up) {
        _ if path.starts_with('/') => None,
        Some(path) => Some(path.to_owned()),
        None if path.is_empty() => Some(here.clone()),
        None if path.starts_with("..") => None,
        None => Some(format!("{here}/{path}")),
    };
    let files = match &node.provide.owns {
        Owns::Nothing => return None,
        Owns::Files(files) => {
            let (folders, plain): (Vec<String>, Vec<String>) =
                files.iter().filter_map(own).partition(|f| f.ends_with('/'));
            plain
                .into_iter()
                .chain(folders.iter().flat_map(|folder| below(&site, folder.trim_end_matches('/'))))
                .collect()
        }
        Owns::Trees(trees) => {
            trees.iter().filter_map(own).flat_map(|tree| below(&site, tree.trim_end_matches('/'))).collect()
        }
    };
    Some(Installed { package: node.canonical.clone(), site, files })
}

/// More files than a package has.
const MAX_FILES: usize = 200_000;

/// All files below a path, or the file that it is.
fn below(site: &Path, path: &str) -> Vec<String> {
    let (mut files, mut open) = (Vec::new(), vec![path.to_owned()]);
    while let Some(path) = open.pop() {
        let Ok(about) = fs_err::symlink_metadata(site.join(&path)) else { continue };
        if about.is_file() {
            files.push(path);
        } else if about.is_dir() && files.len() + open.len() < MAX_FILES {
            let entries = fs_err::read_dir(site.join(&path)).into_iter().flatten().flatten();
            open.extend(entries.map(|e| format!("{path}/{}", e.file_name().to_string_lossy())));
        }
    }
    files.sort();
    files
}

/// A path as the report gives it: relative to the root, or absolute outside of it; `..` resolved by name.
pub(crate) fn relative(root: &Path, path: &Path) -> String {
    let plain = plain(path);
    plain.strip_prefix(root).unwrap_or(&plain).to_string_lossy().replace('\\', "/")
}
