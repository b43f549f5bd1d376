//! Java and the languages beside it: builds, class paths, jars, class files, source code and settings for the engine.
//!
//! | module | what it owns |
//! | --- | --- |
//! | `pom` | `pom.xml`: as it stands, with what it inherits, and what a tree of them says |
//! | `gradle` | scripts, catalogs, properties and locks of Gradle, read without running them |
//! | `repository`, `resolve`, `environment` | where artifacts lie, which of them are on the class path, what those are |
//! | `archive`, `class`, `jar`, `jar_code` | jars and class files, read raw |
//! | `source` | the names in one file of source code |
//! | `config` | settings and templates |
//! | `jdk`, `jre`, `emit` | the runtime's modules, which of them production needs, and what `export` writes of that |
//! | `recipe` | how an image of a program is built |
//! | `proof` | how it is shown that a trimmed class path carries production |
//! | `edit`, `command`, `names` | edits of manifests, commands, coordinates |
//! | `data/` | facts about packages |

mod archive;
mod class;
mod command;
mod config;
mod edit;
mod emit;
mod environment;
mod gradle;
mod jar;
mod jar_code;
mod jdk;
mod jre;
mod names;
mod pom;
mod proof;
mod recipe;
mod repository;
mod resolve;
mod source;

use depslim_model::ecosystem::InstallPlan;
use depslim_model::{Ecosystem, Facts, Layer, Reader};

/// Java, as the engine sees it.
pub const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "java",
    purl: "maven",
    separator: ".",
    readers: &[
        pom::READER,
        gradle::READERS[0],
        gradle::READERS[1],
        gradle::READERS[2],
        Reader {
            name: "source",
            layer: Layer::Code,
            globs: &["*.java", "*.kt", "*.scala", "*.groovy"],
            read: source::read,
        },
        Reader { name: "class file", layer: Layer::Code, globs: &["*.class"], read: jar_code::read_class },
        Reader { name: "jar", layer: Layer::InstalledCode, globs: &["*.jar", "*.war", "*.aar"], read: jar_code::read },
        Reader {
            name: "properties",
            layer: Layer::Config,
            globs: &["*.properties", "spring.factories"],
            read: config::read_properties,
        },
        Reader {
            name: "YAML",
            layer: Layer::Config,
            globs: &[
                "application*.yml",
                "application*.yaml",
                "bootstrap*.yml",
                "bootstrap*.yaml",
                "resources/**/*.yml",
                "resources/**/*.yaml",
            ],
            read: config::read_yaml,
        },
        Reader {
            name: "text with class names",
            layer: Layer::Config,
            globs: &[
                "*.xml",
                "*.jsp",
                "*.jspx",
                "*.jspf",
                "*.tag",
                "*.xhtml",
                "*.html",
                "*.ftl",
                "*.ftlh",
                "*.vm",
                "*.jelly",
                "*.conf",
                "*.imports",
                "META-INF/services/*",
                "resources/**/*.json",
            ],
            read: config::read_text,
        },
    ],
    markers: &["pom.xml", "build.gradle", "build.gradle.kts"],
    made: &[
        "target/classes",
        "target/test-classes",
        "target/generated-sources",
        "target/generated-test-sources",
        "build/classes",
        "build/generated",
    ],
    home: names::home,
    canonical: names::canonical,
    environments: environment::environments,
    contents: None,
    installed: None,
    settle: None,
    workspace: Some(workspace),
    join: None,
    reach: None,
    trace: None,
    program: None,
    programs: None,
    one_list: false,
    strict: true,
    sees_all: true,
    by_name: false,
    several_versions: false,
    bare_is_package: false,
    choose: |_, _| None,
    holds: |_, _, _| true,
    locate: names::locate,
    types_of: depslim_model::ecosystem::types_of_nothing,
    absolute: |_, _| None,
    standard: names::standard,
    derived_from: |_| None,
    command: command::command,
    runtime_of_image: command::runtime_of_image,
    edit: edit::edit,
    emitters: emit::EMITTERS,
    installers,
    recipe: Some(recipe::recipe),
    proof: Some(&proof::PROOF),
    requirements: "",
    rules: concat!(include_str!("../data/rules.toml"), "\n", include_str!("../data/names.toml")),
};

/// What the builds of a tree say together.
fn workspace(files: &mut [(String, Facts)]) {
    pom::settle(files);
    gradle::settle(files);
}

/// Artifacts are measured where the build keeps them, or not at all.
fn installers(_: &InstallPlan<'_>) -> Vec<Vec<Vec<String>>> {
    Vec::new()
}

#[cfg(test)]
mod tests;
