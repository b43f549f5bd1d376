//! The pipeline, one module a stage: discover, read, link, measure, observe, judge, prescribe. The only crate that walks and stats.
//!
//! Data flows one way. Everything up to [`observe`] gathers facts and touches the disk; [`judge`] and [`prescribe`] are pure. No
//! language is named here: what a language knows comes in as a [`depslim_model::Ecosystem`].

mod among;
pub mod commands;
pub mod discover;
pub mod judge;
pub mod link;
pub mod measure;
mod memory;
pub mod observe;
pub mod prescribe;
pub mod project;
pub mod read;
pub mod rules;
mod run;
mod together;
pub mod weigh;

pub use memory::Memory;
pub use run::{Analysis, Fill, Past, Project, Request, Sized, run, set_threads, sizes};
