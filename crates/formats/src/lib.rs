//! Text to values with line numbers; format-keeping edits; knows no package manager.
//!
//! Every reader here takes any text, returns what it could read, never panics and never recurses without a bound. Lines are
//! 1-based. Byte spans lie in the decoded text that was passed in (see [`text::decode`]), on character boundaries.

pub mod dockerfile;
pub mod edit;
pub mod ini;
pub mod json;
pub mod path;
pub mod requirements;
pub mod shell;
pub mod text;
pub mod toml;
pub mod yaml;
