//! Python: readers, resolution and emitters for the engine.

mod command;
mod edit;
mod emit;
mod environment;
mod installed;
mod manifest;
mod marker;
mod names;
mod source;
mod stdlib;
