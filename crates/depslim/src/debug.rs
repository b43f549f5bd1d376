//! One stage's data as JSON, for people who want to see where a verdict comes from.

use crate::{Error, Options, analyze};
use serde_json::{Value, json};
use std::path::Path;

/// The stages that [`debug`] can show.
pub const STAGES: &[&str] = &["facts", "graph", "uses", "plan", "sizes"];

/// One stage's data as JSON text: `facts` (what manifests and locks say), `graph` (packages and edges), `uses` (what was seen of each
/// package), `plan` (what production installs), `sizes` (the environment's bytes, part by part).
///
/// # Errors
/// As [`crate::analyze()`]; [`Error::Option`] when there is no such stage.
pub fn debug(root: &Path, options: &Options, stage: &str) -> Result<String, Error> {
    if !STAGES.contains(&stage) {
        return Err(Error::Option(format!("no stage is called {stage:?}; there are {}", STAGES.join(", "))));
    }
    if stage == "sizes" {
        return printed(&analyze::sizes(root, options)?.iter().map(sizes).collect::<Vec<_>>());
    }
    let analysis = analyze::engine(root, options)?;
    let projects: Vec<Value> = analysis
        .projects
        .iter()
        .map(|project| {
            let data = match stage {
                "facts" => json!(
                    project
                        .files
                        .manifests
                        .iter()
                        .map(|m| json!({"file": m.path, "reader": m.reader, "facts": m.facts}))
                        .collect::<Vec<_>>()
                ),
                "graph" => graph(project),
                "uses" => uses(project),
                _ => plan(project),
            };
            json!({"project": project.report.id, stage: data})
        })
        .collect();
    printed(&projects)
}

fn printed(projects: &[Value]) -> Result<String, Error> {
    serde_json::to_string_pretty(projects).map_err(|e| Error::Option(e.to_string()))
}

fn sizes(project: &depslim_engine::Sized) -> Value {
    let packages = project.packages.iter().map(|(id, bytes, files)| json!({"id": id, "bytes": bytes, "files": files}));
    let data = json!({
        "environment": project.environment,
        "measure": project.measure,
        "tree": project.tree,
        "packages": packages.collect::<Vec<_>>(),
    });
    json!({"project": project.id, "sizes": data})
}

fn graph(project: &depslim_engine::Project) -> Value {
    let name = |p: u32| project.graph.node(p).canonical.clone();
    let edges = |closure: &depslim_engine::link::Closure| -> Vec<Value> {
        closure
            .edges
            .iter()
            .map(|e| json!({"from": name(e.from), "extra": e.feature, "to": name(e.to), "features": e.features}))
            .collect()
    };
    json!({
        "target": project.target,
        "packages": project.graph.nodes.iter().map(|n| json!({"name": n.canonical, "version": n.provide.version, "modules": n.provide.modules})).collect::<Vec<_>>(),
        "today": edges(&project.verdicts.today),
        "kept": project.verdicts.kept.packages().map(name).collect::<Vec<_>>(),
        "missing": project.verdicts.today.missing.iter().map(|(p, wanted)| json!({"from": name(*p), "name": wanted})).collect::<Vec<_>>(),
    })
}

fn uses(project: &depslim_engine::Project) -> Value {
    let show = |list: &[depslim_engine::observe::Witness]| -> Vec<Value> {
        list.iter().map(|w| json!({"kind": w.kind, "file": w.file, "line": w.line, "text": w.text, "strength": w.strength, "rule": w.rule})).collect()
    };
    let packages: serde_json::Map<String, Value> = project
        .graph
        .nodes
        .iter()
        .zip(&project.observed.seen)
        .map(|(node, seen)| {
            let data = json!({
                "prod": show(&seen.prod), "hidden": show(&seen.hidden), "optional": show(&seen.optional),
                "types": show(&seen.types), "dev": show(&seen.dev), "names": seen.names,
            });
            (node.canonical.clone(), data)
        })
        .collect();
    json!({
        "packages": packages,
        "computed": project.observed.blind,
        "unresolved": project.observed.unresolved,
        "installs": project.observed.installs,
        "files_read": project.observed.files_read,
        "installed_files_read": project.observed.installed_read,
    })
}

fn plan(project: &depslim_engine::Project) -> Value {
    json!({
        "keep": project.plan.keep.iter().map(|k| json!({"package": k.package, "version": k.version, "why": k.why, "needed_by": k.needed_by, "bytes": k.bytes})).collect::<Vec<_>>(),
        "changes": project.plan.changes.iter().map(|(file, changes)| json!({"file": file, "changes": changes.iter().map(|c| json!({"line": c.line, "package": c.package, "action": format!("{:?}", c.action)})).collect::<Vec<_>>()})).collect::<Vec<_>>(),
    })
}
