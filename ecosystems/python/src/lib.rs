//! Python: readers, module names, environments, commands and emitters for the engine.
//!
//! | module | what it owns |
//! | --- | --- |
//! | `manifest` | manifests and locks |
//! | `marker`, `wheel`, `runtime` | what the image's interpreter and platform decide |
//! | `environment`, `installed` | where distributions are installed, and what their metadata says |
//! | `source`, `modules`, `stdlib` | source code, and the files that module names stand for |
//! | `command`, `config` | what commands and configuration files use |
//! | `edit`, `emit`, `install`, `recipe` | what is written: edits, exported files, installed environments, images |
//! | `data/` | facts about distributions |

mod command;
mod config;
mod edit;
mod emit;
mod environment;
mod install;
mod installed;
mod manifest;
mod marker;
mod modules;
mod names;
mod proof;
mod recipe;
mod rules;
mod runtime;
mod source;
mod stdlib;
mod wheel;

use depslim_model::{Ecosystem, Layer, Reader, Target};

/// Python, as the engine sees it.
pub const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "python",
    purl: "pypi",
    separator: ".",
    readers: READERS,
    markers: &[
        "pyproject.toml",
        "requirements*.txt",
        "Pipfile",
        "setup.cfg",
        "setup.py",
        "environment.yml",
        "pixi.toml",
    ],
    made: &[],
    home: manifest::home,
    canonical: names::canonical,
    environments: environment::environments,
    contents: None,
    installed: Some(installed::read),
    settle: Some(manifest::settle),
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
    choose: wheel::choose,
    holds: marker::holds,
    locate: modules::locate,
    types_of: depslim_model::ecosystem::types_of_nothing,
    absolute: modules::absolute,
    standard,
    derived_from: installed::derived_from,
    command: command::interpret,
    runtime_of_image: runtime::of_image,
    edit: edit::edit,
    emitters: emit::EMITTERS,
    installers: install::installers,
    recipe: Some(recipe::recipe),
    proof: Some(&proof::PROOF),
    requirements: include_str!("../data/requirements.txt"),
    rules: rules::RULES,
};

const CODE: [Reader; 4] = [
    Reader {
        name: "Python source",
        layer: Layer::Code,
        globs: &["*.py", "*.pyw", "*.pyi", "*.ipynb"],
        read: source::read,
    },
    // Templates of Python files parse only in part; their imports are read all the same.
    Reader {
        name: "Python template",
        layer: Layer::Code,
        globs: &["*.py.{j2,jinja,jinja2,tmpl,tpl,in,mako}", "*.py-tpl"],
        read: source::skim,
    },
    Reader { name: "installed Python source", layer: Layer::InstalledCode, globs: &["*.py"], read: source::skim },
    config::READER,
];

/// Every reader, manifests first.
const READERS: &[Reader] = &joined::<{ manifest::READERS.len() + installed::READERS.len() + CODE.len() }>(
    manifest::READERS,
    installed::READERS,
    &CODE,
);

const fn joined<const N: usize>(a: &[Reader], b: &[Reader], c: &[Reader]) -> [Reader; N] {
    let mut all = [CODE[0]; N];
    let mut at = 0;
    while at < N {
        all[at] = if at < a.len() {
            a[at]
        } else if at < a.len() + b.len() {
            b[at - a.len()]
        } else {
            c[at - a.len() - b.len()]
        };
        at += 1;
    }
    all
}

fn standard(module: &str, target: &Target) -> bool {
    stdlib::standard(module, target.runtime.as_deref())
}
