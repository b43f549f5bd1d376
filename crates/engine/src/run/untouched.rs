//! Which projects of an earlier state of a tree are those of the present one: nothing that they are judged by has changed since.

use super::{Past, Project, id};
use crate::commands::is_command_file;
use crate::discover::Inventory;
use crate::project::ProjectFiles;
use crate::read::Readers;
use depslim_model::{Ecosystem, Layer};

/// For each project of the earlier state, the present one when it is the same.
///
/// A project is the same when no container, process or CI file has changed, nothing that a reader of its language asks for, and no
/// file came or went below its folder. That is coarse on purpose: what several projects mean together is looked into anew.
pub(super) fn untouched<'p>(
    past: &Past<'p>,
    inventory: &Inventory,
    all: &[(&'static Ecosystem, ProjectFiles)],
) -> Vec<Option<&'p Project>> {
    let present = &past.present.tree;
    let changed: Vec<&str> = inventory.elsewhere.keys().map(String::as_str).collect();
    let gone = inventory.files.iter().filter(|file| !present.set.contains(*file));
    let new = present.files.iter().filter(|file| !inventory.set.contains(*file));
    let moved: Vec<&str> = gone.chain(new).map(String::as_str).collect();
    let either = || changed.iter().chain(&moved).copied();
    let folders = inventory.folders == present.folders;
    if (!moved.is_empty() && !folders) || either().any(is_command_file) || inventory.problems != present.problems {
        return vec![None; all.len()];
    }
    let same = |(ecosystem, files): &(&'static Ecosystem, ProjectFiles)| {
        let readers = Readers::of_all(&[ecosystem], &[Layer::Manifest, Layer::Code, Layer::Config]);
        let inside = |file: &str| {
            files.folder.is_empty() || file.strip_prefix(&files.folder).is_some_and(|rest| rest.starts_with('/'))
        };
        if either().any(|file| readers.ask_for(file)) || moved.iter().any(|file| inside(file)) {
            return None;
        }
        let name = id(ecosystem, files);
        past.present.projects.iter().find(|project| project.report.id == name)
    };
    all.iter().map(same).collect()
}
