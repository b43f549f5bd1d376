//! What a scan finds, before it becomes facts.

use depslim_model::{How, Strength};
use std::borrow::Cow;

/// One use and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found<'a> {
    pub(super) how: How,
    pub(super) name: Cow<'a, str>,
    pub(super) value: Cow<'a, str>,
    pub(super) strength: Strength,
    /// Offset in the text.
    pub(super) at: usize,
}

/// A string of a configuration file, and the keys that it stands under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said<'a> {
    /// Keys from the outermost to the innermost, joined by `/`; items of an array stand under the array's key.
    pub(crate) path: String,
    pub(crate) text: &'a str,
    /// Offset in the text.
    pub(crate) at: usize,
    /// It is a key itself.
    pub(crate) key: bool,
}
