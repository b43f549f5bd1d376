//! The engine, told in stories: small projects in a language that nobody speaks, and who needs which package of them.
//!
//! Each story is one text: `== path` begins a file of the project, `++ name version` an installed package (see [`teller`]).

#![expect(clippy::unwrap_used, reason = "a story that can't be told fails")]

mod teller;

mod broken;
mod commands;
mod findings;
mod hints;
mod images;
mod installed;
mod modules;
mod monorepo;
mod packages;
mod plan;
mod properties;
mod retained;
mod rules;
mod scopes;
mod several;
mod sizes;
mod uninstalled;
