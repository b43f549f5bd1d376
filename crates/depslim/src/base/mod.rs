//! An analysis of two states of a tree: the folder as it is, and an earlier commit of it.
//!
//! Files that the commit has in the same state are read once for both, and so is all that is installed; what names mean in what is
//! installed is found out once; and projects that nothing has changed for are not looked at twice. What is installed was
//! installed for the present state; sizes of what the commit's lock names in another version are estimates and marked as such.

mod git;
mod sizes;
mod tree;

use crate::analyze::{past, present, report};
use crate::{Error, Options, image};
use depslim_engine::{Analysis, Memory, Past};
use depslim_model::Report;
use git::Git;
use std::path::Path;

/// A folder and an earlier commit of it.
#[derive(Debug)]
pub struct Compared {
    /// The folder as it is.
    pub head: Report,
    /// As it was at the commit. Its [`Origin`](depslim_model::report::Origin) says which commit that is.
    pub base: Report,
}

/// Analyses the tree below `root`, and the tree as it was where the present commit left the line of `reference` (their merge base;
/// the commit itself when they have none, or when the history is cut off).
///
/// Git is asked for the names and the content of files only, with everything switched off that its configuration could start.
///
/// # Errors
/// As [`analyze`](crate::analyze()), and [`Error::Base`] when there is no git, no repository or no such commit.
pub fn compare(root: &Path, options: &Options, reference: &str) -> Result<Compared, Error> {
    let root = fs_err::canonicalize(root)?;
    let git = Git::around(&root).map_err(Error::Base)?;
    let named = git.commit(reference).map_err(Error::Base)?;
    let commit = git.fork_point(&named).unwrap_or(named);

    let memory = Memory::default();
    let mut head = present(&root, options, &memory)?;
    let folder = tempfile::tempdir()?;
    let earlier = tree::of(&root, &head, &git, &commit, options, folder.path()).map_err(Error::Base)?;
    let mut base = past(&root, options, &memory, Past { tree: &earlier, present: &head })?;
    for analysis in [&mut head, &mut base] {
        image::add(&root, analysis, options);
    }
    // Notes of the earlier state speak of files that may be gone.
    base.notes.clear();
    base.projects.iter_mut().for_each(|project| project.notes.clear());
    let shown: Vec<&str> = head.projects.iter().map(|project| project.report.id.as_str()).collect();
    if !options.projects.is_empty() {
        base.projects.retain(|project| shown.contains(&project.report.id.as_str()));
    }
    sizes::forget(&mut base, &head);
    sizes::estimate(&mut base, &head);
    let mut base = report(base, options);
    base.source.commit = Some(commit);
    Ok(Compared { head: report(head, options), base })
}

/// The project of the other analysis that is the same.
fn same<'a>(analysis: &'a Analysis, id: &str) -> Option<&'a depslim_engine::Project> {
    analysis.projects.iter().find(|project| project.report.id == id)
}
