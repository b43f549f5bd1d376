//! Source code: JavaScript and TypeScript of the project and of installed packages.

use depslim_model::Reader;

/// Readers of source code.
pub(crate) const READERS: &[Reader] = &[];
