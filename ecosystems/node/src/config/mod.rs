//! Configuration files of tools and frameworks.

use depslim_model::Reader;

/// Readers of configuration files.
pub(crate) const READERS: &[Reader] = &[];
