//! A `go.mod` file as statements, for edits that are more than a line less: requirements with other versions and marks, each in the
//! block that `go mod tidy` puts it in, written as the `go` command writes it.
//!
//! What goes where: <https://go.dev/ref/mod#go-mod-file-updates>. From Go 1.17 on, lines that are marked `// indirect` have a block of
//! their own.

mod lines;
mod require;

pub(crate) use lines::Layout;

use std::collections::BTreeMap;

/// A requirement as the file is to state it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stated {
    pub(crate) version: String,
    pub(crate) indirect: bool,
}

/// All requirements of a file, by path.
pub(crate) type Wanted = BTreeMap<String, Stated>;
