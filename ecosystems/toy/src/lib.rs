//! The template for a new ecosystem, and the double that the engine is tested with: a language that nobody speaks, so that the
//! engine's tests name none that somebody does.
//!
//! Start with [`ECOSYSTEM`], the table that is all the engine ever sees, and read the modules in the order of its fields. The
//! made-up formats are shown in the README.

mod command;
mod condition;
mod edit;
mod emit;
mod environment;
mod list;
mod modules;
mod names;
mod package;
mod requirement;
mod source;
mod text;

use depslim_model::{Ecosystem, Layer, Reader};

/// The toy language.
pub static ECOSYSTEM: Ecosystem = Ecosystem {
    name: "toy",
    purl: "toy",
    separator: ".",
    readers: &[
        Reader { name: "toy.list", layer: Layer::Manifest, globs: &["*.list", "toy.prod"], read: list::read },
        Reader { name: "toy.lock", layer: Layer::Manifest, globs: &["toy.lock"], read: package::read_lock },
        Reader { name: "toy metadata", layer: Layer::Installed, globs: &["*.meta"], read: package::read_installed },
        Reader { name: "toy source", layer: Layer::Code, globs: &["*.toy"], read: source::read },
        Reader { name: "installed toy source", layer: Layer::InstalledCode, globs: &["*.toy"], read: source::skim },
        Reader { name: "toy settings", layer: Layer::Config, globs: &["*.toyrc"], read: source::read },
    ],
    markers: &["toy.list", "toy.lock"],
    made: &[],
    home: names::home,
    canonical: names::canonical,
    environments: environment::find,
    contents: None,
    installed: None,
    settle: None,
    workspace: None,
    join: None,
    reach: None,
    trace: None,
    program: None,
    programs: None,
    one_list: false,
    strict: false,
    sees_all: false,
    by_name: false,
    several_versions: false,
    bare_is_package: false,
    choose: package::choose,
    holds: condition::holds,
    locate: modules::locate,
    types_of: depslim_model::ecosystem::types_of_nothing,
    absolute: modules::absolute,
    standard: modules::standard,
    derived_from: modules::derived_from,
    command: command::read,
    runtime_of_image: names::runtime_of_image,
    edit: edit::apply,
    emitters: emit::EMITTERS,
    installers: environment::installers,
    recipe: None,
    proof: None,
    requirements: include_str!("../data/requirements.txt"),
    rules: include_str!("../data/rules.toml"),
};
