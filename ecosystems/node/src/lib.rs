//! JavaScript and TypeScript on Node: readers, module names, `node_modules`, commands and emitters for the engine.
//!
//! | module | what it owns |
//! | --- | --- |
//! | `manifest` | manifests and locks of npm, pnpm, yarn and bun |
//! | `environment`, `installed` | where packages are installed, and what their `package.json` says |
//! | `modules`, `platform` | the files that module names stand for; what operating system, processor and C library decide |
//! | `source`, `config` | source code, and configuration files of tools and frameworks |
//! | `trace` | the files that production loads, one by one |
//! | `command` | what commands run, load and install |
//! | `data/` | facts about packages |

mod command;
mod config;
mod edit;
mod emit;
mod environment;
mod installed;
mod manifest;
mod modules;
mod names;
mod platform;
mod proof;
mod recipe;
mod rules;
mod source;
mod trace;

use depslim_model::{Ecosystem, Layer, Reader};

/// JavaScript and TypeScript, as the engine sees them.
pub const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "node",
    purl: "npm",
    separator: "/",
    readers: READERS,
    markers: &["package.json"],
    made: &[],
    home: names::home,
    canonical: names::canonical,
    environments: environment::environments,
    contents: Some(environment::contents),
    installed: None,
    settle: Some(manifest::settle),
    workspace: Some(manifest::workspace),
    join: None,
    reach: None,
    trace: Some(trace::trace),
    program: None,
    programs: None,
    one_list: false,
    strict: true,
    sees_all: false,
    by_name: false,
    several_versions: true,
    bare_is_package: true,
    choose: platform::choose,
    holds: platform::holds,
    locate: modules::locate,
    types_of: names::types_of,
    absolute: modules::absolute,
    standard: modules::standard,
    derived_from: modules::derived_from,
    command: command::interpret,
    runtime_of_image: names::runtime_of_image,
    edit: edit::edit,
    emitters: emit::EMITTERS,
    installers: environment::installers,
    recipe: Some(recipe::recipe),
    proof: Some(&proof::PROOF),
    requirements: "",
    rules: rules::RULES,
};

/// Every reader, manifests first.
const READERS: &[Reader] = &joined::<
    { manifest::READERS.len() + installed::READERS.len() + source::READERS.len() + config::READERS.len() },
>([manifest::READERS, installed::READERS, source::READERS, config::READERS]);

const fn joined<const N: usize>(parts: [&[Reader]; 4]) -> [Reader; N] {
    let nothing = Reader { name: "", layer: Layer::Manifest, globs: &[], read: manifest::package_json::read };
    let mut all = [nothing; N];
    let (mut part, mut at, mut to) = (0, 0, 0);
    while part < parts.len() {
        if at < parts[part].len() {
            all[to] = parts[part][at];
            (at, to) = (at + 1, to + 1);
        } else {
            (part, at) = (part + 1, 0);
        }
    }
    all
}
