//! The pipeline, one module a stage. The only crate that walks and stats.

pub mod measure;
pub mod rules;
