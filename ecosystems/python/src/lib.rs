//! Python: readers, resolution and emitters for the engine.

mod command;
mod environment;
mod installed;
mod manifest;
mod names;
mod source;
