//! Rust: readers, what source files say together, where sources of packages are, and edits for the engine.
//!
//! | module | what it owns |
//! | --- | --- |
//! | `manifest` | `Cargo.toml` and `Cargo.lock`, and what members inherit |
//! | `source` | the names in one source file that may be crates |
//! | `join` | what all files of a tree say together: module trees, macros, generated code, lines that nothing names |
//! | `resolve` | features of a lock's packages, with a line and without it |
//! | `environment`, `installed` | where sources of packages are, and what their manifests say |
//! | `condition`, `names`, `libraries` | platforms, names |
//! | `edit`, `emit` | edits of manifests and locks, exported ones |
//! | `program`, `unwind` | a built program, taken apart |
//! | `recipe` | how an image of a program is built |
//! | `data/` | facts about packages |

mod condition;
mod edit;
mod emit;
mod environment;
mod installed;
mod join;
mod libraries;
mod manifest;
mod names;
mod program;
mod proof;
mod recipe;
mod resolve;
mod source;
mod unwind;

use depslim_model::ecosystem::InstallPlan;
use depslim_model::{Command, Ecosystem, Facts, Layer, Reader, Target};

/// Rust, as the engine sees it.
pub const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "rust",
    purl: "cargo",
    separator: "::",
    readers: &[
        manifest::READERS[0],
        manifest::READERS[1],
        Reader { name: "Rust source", layer: Layer::Code, globs: &["*.rs"], read: source::read },
        Reader { name: "Markdown", layer: Layer::Code, globs: &["*.md"], read: source::read_markdown },
        Reader {
            name: "manifest of a package's sources",
            layer: Layer::Installed,
            globs: &["Cargo.toml"],
            read: installed::read,
        },
    ],
    markers: &["Cargo.toml"],
    made: &[],
    home: names::home,
    canonical: names::canonical,
    environments: environment::environments,
    contents: None,
    installed: None,
    settle: None,
    workspace: Some(manifest::workspace::settle),
    join: Some(join::join),
    reach: None,
    trace: None,
    program: Some(program::read),
    programs: Some(environment::programs),
    one_list: false,
    strict: false,
    sees_all: false,
    by_name: true,
    several_versions: true,
    bare_is_package: false,
    choose: |_, _| None,
    holds: condition::holds,
    locate: |_| Vec::new(),
    types_of: depslim_model::ecosystem::types_of_nothing,
    absolute: |_, _| None,
    standard,
    derived_from: |_| None,
    command,
    runtime_of_image: recipe::runtime_of_image,
    edit: edit::edit,
    emitters: emit::EMITTERS,
    installers,
    recipe: Some(recipe::recipe),
    proof: Some(&proof::PROOF),
    requirements: "",
    rules: include_str!("../data/rules.toml"),
};

fn standard(module: &str, _: &Target) -> bool {
    matches!(module.split("::").next(), Some("std" | "core" | "alloc" | "proc_macro" | "test"))
}

/// Nothing that a command runs makes a dependency needed: programs are not found through manifests.
fn command(_: &Command) -> Facts {
    Facts::default()
}

/// Sources are measured where cargo keeps them, or not at all.
fn installers(_: &InstallPlan<'_>) -> Vec<Vec<Vec<String>>> {
    Vec::new()
}
