//! Forges: the pull request that a run is about, its comments, its changed lines, over the API of GitHub or GitLab.

mod detect;
mod github;
mod gitlab;
mod http;
mod patch;

pub(crate) use detect::{Forge, Nobody, Wanted, detect};
pub(crate) use http::Failed;

use depslim_report::Suggestion;
use std::collections::{BTreeMap, BTreeSet};

/// A comment on a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comment {
    /// The forge's number for it.
    pub(crate) id: u64,
    /// Who wrote it.
    pub(crate) author: String,
    /// What it says.
    pub(crate) body: String,
}

/// A pull request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Request {
    /// The commit that it ends in.
    pub(crate) head: String,
    /// The merge that the forge made to test it.
    pub(crate) merge: Option<String>,
    /// The branch that it goes into.
    pub(crate) into: String,
    /// What positions of line comments are relative to (GitLab).
    pub(crate) start: Option<String>,
    /// The same.
    pub(crate) base: Option<String>,
}

/// What a forge can be asked and told.
pub(crate) trait Api {
    /// Most bytes of a comment, with room for what the forge adds.
    fn limit(&self) -> usize;
    /// The login that the token belongs to.
    fn me(&self) -> Result<String, Failed>;
    /// The pull request.
    fn request(&self) -> Result<Request, Failed>;
    /// All comments on it.
    fn comments(&self) -> Result<Vec<Comment>, Failed>;
    /// Writes a comment.
    fn create(&self, body: &str) -> Result<(), Failed>;
    /// Writes a comment anew.
    fn update(&self, id: u64, body: &str) -> Result<(), Failed>;
    /// All comments on lines of it.
    fn line_comments(&self) -> Result<Vec<Comment>, Failed>;
    /// The lines that it adds, by file.
    fn added(&self) -> Result<BTreeMap<String, BTreeSet<u32>>, Failed>;
    /// Puts suggestions on lines; each with its file's path in the repository.
    fn suggest(&self, request: &Request, suggestions: &[(String, &Suggestion)]) -> Result<(), Failed>;
}
