//! The configuration: found, read, checked, and turned into what an analysis and a policy are told.

mod check;
mod discover;
mod json;
mod keys;
mod place;
mod resolve;
mod schema;
mod tree;

pub(crate) use check::Mistake;
pub(crate) use keys::{ECOSYSTEM_NAMES, LEVELS, rule_words};
pub(crate) use place::{clean, relative};
pub(crate) use resolve::level;
pub(crate) use schema::schema;

use depslim::Options;
use depslim::policy::{Date, Policy};
use depslim_model::Bytes;
use place::Base;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tree::{Node, Place, beside};

/// Where the configuration of a run comes from.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// A file in place of the one that would be found.
    pub(crate) file: Option<PathBuf>,
    /// `KEY=VALUE`, each over those before it and over the file.
    pub(crate) keys: Vec<String>,
    /// Read no file.
    pub(crate) isolated: bool,
}

/// What the configuration says; what it does not say has its default.
#[derive(Debug)]
pub(crate) struct Config {
    /// The file that it was read from.
    pub(crate) file: Option<PathBuf>,
    /// For the analysis.
    pub(crate) options: Options,
    /// For what the run says.
    pub(crate) policy: Policy,
    /// The file of known findings.
    pub(crate) baseline: Option<PathBuf>,
    /// The folder that `export` writes to.
    pub(crate) out_dir: Option<PathBuf>,
    /// How pull requests are commented on.
    pub(crate) comment: CommentSettings,
}

/// How pull requests are commented on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommentSettings {
    /// When.
    pub(crate) mode: CommentMode,
    /// Below this many bytes, a change is no reason to begin a comment.
    pub(crate) min_delta: Bytes,
    /// Most suggestions on one pull request.
    pub(crate) suggestions: usize,
}

/// When a comment is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum CommentMode {
    /// When there is something to say.
    #[default]
    OnChange,
    /// On every pull request.
    Always,
    /// Never.
    Never,
}

impl Default for CommentSettings {
    fn default() -> Self {
        Self { mode: CommentMode::default(), min_delta: 1_000_000, suggestions: 3 }
    }
}

/// Loads the configuration of the folder `root`. `here` is the current folder; both are absolute.
///
/// # Errors
/// All that is wrong with it.
pub(crate) fn load(root: &Path, here: &Path, sources: &Sources, today: Date) -> Result<Config, Vec<Mistake>> {
    let found = match &sources.file {
        Some(file) => Some(discover::open(&here.join(file), &Place::command_line()).map_err(|mistake| vec![mistake])?),
        None if sources.isolated => None,
        None => discover::discover(root, here).map_err(|mistake| vec![mistake])?,
    };
    let mut mistakes = Vec::new();
    let mut tree = Node::empty(Place::command_line());
    for key in sources.keys.iter().rev() {
        match Node::from_argument(key) {
            Ok(node) => layer(&mut tree, node, &mut mistakes),
            Err(message) => mistakes.push(Mistake { place: Place::command_line(), message }),
        }
    }
    // Paths in a file that was named are about the analysed folder, so that one file serves many.
    let folder = match (&found, &sources.file) {
        (Some(found), None) => found.file.parent().unwrap_or(root).to_owned(),
        _ => root.to_owned(),
    };
    let file = found.as_ref().map(|found| found.file.clone());
    let mut seen = BTreeSet::new();
    let mut next = found;
    while let Some(found) = next {
        seen.insert(found.file.clone());
        let extends = found.tree.get("extends").and_then(|node| Some((node.place.clone(), node.text()?.to_owned())));
        let file = found.file;
        layer(&mut tree, found.tree, &mut mistakes);
        next = match extends.map(|(place, path)| (place, beside(&file, &path))) {
            Some((place, base)) if seen.contains(&base) => {
                mistakes
                    .push(Mistake { place, message: format!("`extends` goes round in circles: {}", base.display()) });
                None
            }
            Some((place, base)) => discover::open(&base, &place).map_err(|mistake| mistakes.push(mistake)).ok(),
            None => None,
        };
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    Ok(resolve::resolve(&tree, file, &Base { folder, root: root.to_owned() }, today))
}

/// Puts a table under what is there already, and collects what is wrong with it.
fn layer(tree: &mut Node, below: Node, mistakes: &mut Vec<Mistake>) {
    mistakes.extend(check::check(&below));
    tree.merge_under(below);
}

#[cfg(test)]
mod tests;
