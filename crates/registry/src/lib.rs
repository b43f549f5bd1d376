//! The list of ecosystems.

use depslim_model::Ecosystem;

/// Every ecosystem that depslim knows.
pub const ECOSYSTEMS: &[&Ecosystem] = &[&depslim_python::ECOSYSTEM];
