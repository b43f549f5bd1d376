//! Tables of uv, PDM, Hatch, Rye, Flit, Pixi and setuptools.

use super::{For, Pyproject, place, poetry};
use crate::manifest::conda_names;
use crate::manifest::requirement::{self, Requirement};
use crate::names::canonical;
use depslim_formats::toml::{Kind, Node};
use depslim_model::{Group, Require};

/// Takes in the tables of tools.
pub(super) fn read(project: &mut Pyproject<'_>, root: Node<'_>) {
    let Some(tool) = root.get("tool") else { return };
    if let Some(uv) = tool.get("uv") {
        read_uv(project, root, uv);
    }
    if let Some(pdm) = tool.get("pdm") {
        for (name, requirements) in pdm.get("dev-dependencies").iter().flat_map(Node::entries) {
            project.take_array(requirements, &For::dev(name));
            project.manifest.manager.get_or_insert_with(|| "pdm".into());
        }
    }
    if let Some(hatch) = tool.get("hatch") {
        read_hatch(project, hatch);
    }
    if let Some(requirements) = tool.at(&["rye", "dev-dependencies"]) {
        project.take_array(requirements, &For::dev("dev"));
    }
    if let Some(flit) = tool.at(&["flit", "metadata"]) {
        read_flit(project, flit);
    }
    if let Some(pixi) = tool.get("pixi") {
        read_pixi(project, pixi, "");
        for (name, feature) in pixi.get("feature").iter().flat_map(Node::entries) {
            read_pixi(project, feature, name);
        }
    }
}

/// `dynamic = ["dependencies"]`: the files that a build backend reads them from, where its table says so.
pub(super) fn dynamic(project: &mut Pyproject<'_>, root: Node<'_>, line: u32) {
    let before = project.manifest.includes.len();
    if let Some(files) = root.at(&["tool", "setuptools", "dynamic", "dependencies", "file"]) {
        files.strings().for_each(|file| project.include(&file));
    }
    // The plug-in hatch-requirements-txt.
    if let Some(files) = root.at(&["tool", "hatch", "metadata", "hooks", "requirements_txt", "files"]) {
        files.strings().for_each(|file| project.include(&file));
    }
    let backend = root.at(&["build-system", "build-backend"]).and_then(|n| n.text()).unwrap_or("setuptools.build_meta");
    // setuptools has setup.py and setup.cfg, Poetry has its own tables.
    let elsewhere = backend.starts_with("setuptools") || backend.starts_with("poetry");
    if project.manifest.includes.len() == before && !elsewhere {
        project.problem(line, format!("dependencies are computed by the build backend ({backend}): not read"));
    }
}

fn read_uv(project: &mut Pyproject<'_>, root: Node<'_>, uv: Node<'_>) {
    project.manifest.manager = Some("uv".into());
    if let Some(requirements) = uv.get("dev-dependencies") {
        project.take_array(requirements, &For::dev("dev"));
    }
    if let Some(groups) = uv.get("default-groups") {
        project.manifest.default_groups = Some(match groups.text() {
            Some("all") => {
                root.get("dependency-groups").iter().flat_map(Node::entries).map(|(n, _)| n.to_owned()).collect()
            }
            _ => groups.strings().map(|s| s.text.to_owned()).collect(),
        });
    }
    project.manifest.members =
        uv.at(&["workspace", "members"]).iter().flat_map(Node::strings).map(|s| s.text.to_owned()).collect();
    let sources = uv.get("sources");
    let known = sources.iter().flat_map(Node::entries).filter_map(|(name, source)| {
        let origin = match source.kind() {
            Kind::Array => source.items().find_map(uv_origin),
            _ => uv_origin(source),
        };
        Some((canonical(name), origin?))
    });
    project.set_origins(&known.collect());
}

/// Where `[tool.uv.sources]` says that a package comes from; another index is no origin of this kind.
fn uv_origin(source: Node<'_>) -> Option<String> {
    if source.get("workspace").and_then(|n| n.boolean()) == Some(true) {
        return Some("workspace".into());
    }
    poetry::origin(source)
}

/// `[tool.hatch.envs]`: every one of them is a place to work in.
pub(super) fn read_hatch(project: &mut Pyproject<'_>, hatch: Node<'_>) {
    for (name, environment) in hatch.get("envs").iter().flat_map(Node::entries) {
        for key in ["dependencies", "extra-dependencies"] {
            if let Some(requirements) = environment.get(key) {
                project.take_array(requirements, &For::dev(name));
            }
        }
        let features: Vec<String> =
            environment.get("features").iter().flat_map(Node::strings).map(|s| canonical(s.text)).collect();
        let asked = |r: &&Require| r.group_name.as_deref().is_some_and(|n| features.contains(&canonical(n)));
        let copies: Vec<_> = project.facts.requires.iter().filter(asked).cloned().collect();
        project.facts.requires.extend(copies.into_iter().map(|r| Require {
            group: Group::Dev,
            group_name: Some(name.to_owned()),
            span: None,
            ..r
        }));
    }
}

/// The tables of Flit before it knew `[project]`.
fn read_flit(project: &mut Pyproject<'_>, flit: Node<'_>) {
    if let Some(requirements) = flit.get("requires") {
        project.take_array(requirements, &For::production());
    }
    for (name, requirements) in flit.get("requires-extra").iter().flat_map(Node::entries) {
        let whom = project.named(name);
        project.take_array(requirements, &whom);
    }
    if project.manifest.name.is_none() {
        project.manifest.name =
            flit.get("dist-name").or_else(|| flit.get("module")).and_then(|n| n.text()).map(str::to_owned);
    }
}

/// `[tool.pixi.dependencies]` (conda's names) and `[tool.pixi.pypi-dependencies]`, at the top or of one feature.
fn read_pixi(project: &mut Pyproject<'_>, table: Node<'_>, feature: &str) {
    let whom = if feature.is_empty() { For::production() } else { project.named(feature) };
    for (key, conda) in [("dependencies", true), ("pypi-dependencies", false)] {
        let Some(entries) = table.get(key) else { continue };
        project.manifest.manager.get_or_insert_with(|| "pixi".into());
        for (name, value) in entries.entries() {
            let Some(name) = (if conda { conda_names::pypi(name) } else { Some(name.to_owned()) }) else { continue };
            if project.manifest.name.as_deref().map(canonical) == Some(canonical(&name)) {
                // The project itself, installed editable.
                continue;
            }
            let constraint = value.text().or_else(|| value.get("version")?.text()).map(str::trim).filter(|v| *v != "*");
            let parsed = Requirement {
                extras: value.get("extras").iter().flat_map(Node::strings).map(|s| s.text.to_owned()).collect(),
                constraint: constraint.map(str::to_owned),
                origin: poetry::origin(value),
                ..requirement::parse(&name)
            };
            let span = place::entry(value, entries);
            project.push(parsed, value.line(), span, &whom);
        }
    }
}
