//! The stage that installs or compiles.

use super::{Blueprint, File, env, joined};
use crate::own::Item;
use depslim_model::Runtime;
use depslim_model::recipe::Step;

/// Writes the stage, unless the recipe has none.
pub(super) fn write(blueprint: &Blueprint<'_>, file: &mut File) {
    let recipe = blueprint.recipe;
    if recipe.steps.is_empty() {
        return;
    }
    for remark in &recipe.remarks {
        file.comment(remark);
    }
    file.line(&format!("FROM {} AS {}", recipe.builder.as_deref().unwrap_or(blueprint.base), stage(blueprint)));
    if !blueprint.build.is_empty() {
        for (package, why) in blueprint.build {
            file.comment(&format!("{package}: {why}"));
        }
        let names: Vec<&str> = blueprint.build.iter().map(|(name, _)| name.as_str()).collect();
        file.line(&format!("RUN {}", install(&names, blueprint.alpine)));
    }
    let folder = if blueprint.folder.is_empty() { super::FOLDER } else { blueprint.folder };
    if !matches!(recipe.steps.first(), Some(Step::Folder(_))) {
        file.line(&format!("WORKDIR {folder}"));
    }
    if recipe.runtime != Runtime::Language {
        settings(blueprint, file);
    }
    for step in &recipe.steps {
        match step {
            Step::Folder(path) => file.line(&format!("WORKDIR {path}")),
            Step::Variables(set) => file.line(&env(set)),
            Step::Copy { sources, to } => {
                let sources: Vec<String> = sources.iter().map(|s| joined(blueprint.project, s)).collect();
                file.reads.extend(sources.iter().cloned());
                let shared = sources.len() > 1 && !to.ends_with('/');
                // A folder's content is copied: of a folder to a folder of its name.
                file.line(&format!("COPY {} {to}{}", sources.join(" "), if shared { "/" } else { "" }));
            }
            Step::CopyExported { sources, to } => {
                let sources: Vec<String> = sources.iter().map(|s| joined(blueprint.out, s)).collect();
                file.reads.extend(sources.iter().cloned());
                file.line(&format!("COPY {} {to}", sources.join(" ")));
            }
            Step::CopyFrom { image, source, to } => file.line(&format!("COPY --from={image} {source} {to}")),
            Step::Run { command, caches } => {
                let mounts = caches.iter().map(|c| format!("--mount=type=cache,target={c} \\\n    "));
                file.line(&format!("RUN {}{command}", mounts.collect::<Vec<_>>().concat()));
            }
        }
    }
    file.text.push('\n');
}

/// What the stage is called: a name that no stage of the project's own file has.
pub(super) fn stage(blueprint: &Blueprint<'_>) -> &'static str {
    let names = ["build", "depslim", "depslim-build"];
    let taken = |name: &str| {
        let lines = blueprint.own.iter().flat_map(|own| &own.stages).filter_map(|stage| stage.lines().next());
        let mut words = lines.filter_map(|line| line.split_whitespace().last());
        words.any(|word| word.eq_ignore_ascii_case(name))
    };
    names.into_iter().find(|name| !taken(name)).unwrap_or("depslim-builder")
}

/// What the own container file sets for its one stage is set for what is built.
fn settings(blueprint: &Blueprint<'_>, file: &mut File) {
    for (name, value) in &blueprint.recipe.build_variables {
        file.line(&format!("ARG {name}={}", crate::own::quoted(value)));
    }
    for item in blueprint.own.iter().flat_map(|own| &own.items) {
        match item {
            Item::Variables(set) => file.line(&env(set)),
            Item::Other(text) if text.starts_with("ARG ") => file.line(text),
            _ => {}
        }
    }
}

/// The command that installs system packages and leaves no lists behind.
pub(super) fn install(names: &[&str], alpine: bool) -> String {
    if alpine {
        return format!("apk add --no-cache {}", names.join(" "));
    }
    format!(
        "apt-get update \\\n && apt-get install -y --no-install-recommends {} \\\n && rm -rf /var/lib/apt/lists/*",
        names.join(" ")
    )
}
