//! Go: readers, what source files say together, what they reach in the module cache, built programs, edits for the engine.
//!
//! | module | what it owns |
//! | --- | --- |
//! | `syntax`, `gomod`, `manifest` | `go.mod`, `go.work`, `go.sum`, `vendor/modules.txt` |
//! | `header`, `constraint`, `source` | the head of a source file |
//! | `join` | which file belongs to which module, which requirement an import means |
//! | `cache`, `version`, `language`, `graph`, `reach` | the build list, the walk from package to package, and the lines that follow |
//! | `program` | a built program, taken apart |
//! | `edit`, `layout`, `emit`, `recipe` | what is written: edits, `go.mod` and `go.sum`, images |
//! | `data/` | facts about modules |

mod cache;
mod constraint;
mod edit;
mod emit;
mod gomod;
mod graph;
mod header;
mod join;
mod language;
mod layout;
mod manifest;
mod program;
mod proof;
mod reach;
mod recipe;
mod source;
mod syntax;
mod version;

use depslim_model::ecosystem::InstallPlan;
use depslim_model::{Ecosystem, Layer, Reader};

/// Go, as the engine sees it.
pub const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "go",
    purl: "golang",
    separator: "/",
    readers: &[
        manifest::READERS[0],
        manifest::READERS[1],
        manifest::READERS[2],
        manifest::READERS[3],
        Reader { name: "Go source", layer: Layer::Code, globs: &["*.go"], read: source::read },
    ],
    markers: &["go.mod"],
    made: &[],
    home: manifest::home,
    canonical: depslim_model::ecosystem::verbatim,
    environments: cache::vendored,
    contents: None,
    installed: Some(cache::beside_list),
    settle: Some(manifest::settle),
    workspace: Some(manifest::vendored),
    join: Some(join::join),
    reach: Some(reach::reach),
    trace: None,
    program: Some(program::read),
    programs: Some(program::find),
    one_list: true,
    strict: false,
    by_name: true,
    sees_all: false,
    several_versions: false,
    bare_is_package: false,
    choose: |_, _| None,
    holds: |_, _, _| true,
    locate: |_| Vec::new(),
    types_of: depslim_model::ecosystem::types_of_nothing,
    absolute: |_, _| None,
    standard: |module, _| join::is_standard(module),
    derived_from: |_| None,
    command: recipe::command,
    runtime_of_image,
    edit: edit::edit,
    emitters: emit::EMITTERS,
    installers,
    recipe: Some(recipe::recipe),
    proof: Some(&proof::PROOF),
    requirements: "",
    rules: include_str!("../data/rules.toml"),
};

/// The compiler's version that an image has (`golang:1.26-alpine` → `1.26`).
fn runtime_of_image(reference: &str) -> Option<String> {
    let (name, tag) = reference.rsplit_once(':')?;
    (name.rsplit('/').next() == Some("golang")).then_some(())?;
    let version: String = tag.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    (version.contains('.')).then_some(version)
}

/// Modules are read where `go` keeps them, or not at all.
fn installers(_: &InstallPlan<'_>) -> Vec<Vec<Vec<String>>> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compilers_of_images() {
        for (image, version) in [
            ("golang:1.26.1-alpine3.23", Some("1.26.1")),
            ("docker.example/library/golang:1.25", Some("1.25")),
            ("golang:latest", None),
            ("python:3.13", None),
            ("golang", None),
        ] {
            assert_eq!((ECOSYSTEM.runtime_of_image)(image).as_deref(), version, "{image}");
        }
    }
}
