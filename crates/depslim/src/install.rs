//! `--install`: fills a folder of depslim's own with a project's locked set through the ecosystem's client. Wheels and the like only:
//! nothing is built, no code of the project runs.

use depslim_engine::link::{Known, Place, closure, link};
use depslim_engine::project::ProjectFiles;
use depslim_model::ecosystem::InstallPlan;
use depslim_model::{Ecosystem, Role, Target};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Fills a folder below `cache`; gives it, or why it could not be filled. `None` when the ecosystem has no way.
pub(crate) fn fill(
    root: &Path,
    cache: &Path,
    ecosystem: &'static Ecosystem,
    project: &ProjectFiles,
    target: &Target,
) -> Option<Result<PathBuf, String>> {
    let folder = if project.folder.is_empty() { root.to_owned() } else { root.join(&project.folder) };
    let manifests: Vec<String> = project
        .in_role(Role::Manifest)
        .map(|m| m.path.strip_prefix(&project.folder).unwrap_or(&m.path).trim_start_matches('/').to_owned())
        .collect();
    let pins = pins(ecosystem, project, target);
    let into = cache.join("environments").join(key(&folder, &manifests, &pins, target));
    if into.join(DONE).exists() {
        return Some(Ok(into));
    }
    let alternatives = (ecosystem.installers)(&InstallPlan { pins: &pins, manifests: &manifests, into: &into, target });
    if alternatives.is_empty() {
        return None;
    }
    let mut failures = Vec::new();
    for steps in alternatives {
        match steps.iter().try_for_each(|step| execute(step, &folder)) {
            Ok(()) => {
                return Some(fs_err::write(into.join(DONE), "").map(|()| into).map_err(|e| e.to_string()));
            }
            Err(why) => failures.push(why),
        }
        let _ = fs_err::remove_dir_all(&into);
    }
    Some(Err(format!("--install could not fill an environment: {}", failures.join("; "))))
}

/// What the lock would install on the target, development included.
fn pins(ecosystem: &'static Ecosystem, project: &ProjectFiles, target: &Target) -> Vec<String> {
    let graph = link(ecosystem, project, Place::default(), target, &|_| None);
    let roots = graph.declared.iter().map(|d| (d.package, d.require.features.as_slice()));
    closure(&graph, ecosystem, target, roots)
        .packages()
        .map(|p| graph.node(p))
        .filter(|n| n.known == Known::Locked && !n.provide.first_party && !n.provide.version.is_empty())
        .map(|n| format!("{}=={}", n.provide.package, n.provide.version))
        .collect()
}

/// Says that a folder was filled to the end.
const DONE: &str = ".depslim-complete";

/// A folder's name for a project in the state that its manifests are in.
fn key(folder: &Path, manifests: &[String], pins: &[String], target: &Target) -> String {
    let mut hasher = DefaultHasher::new();
    (folder, pins, target).hash(&mut hasher);
    if pins.is_empty() {
        for manifest in manifests {
            (manifest, fs_err::read(folder.join(manifest)).unwrap_or_default()).hash(&mut hasher);
        }
    }
    format!("{:016x}", hasher.finish())
}

fn execute(words: &[String], folder: &Path) -> Result<(), String> {
    let Some((client, arguments)) = words.split_first() else { return Ok(()) };
    let output = Command::new(client)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("{client} can't be started: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(format!("{client} failed: {}", last_line(&text)))
}

/// The last thing that a client said, cut at 300 characters.
pub(crate) fn last_line(text: &str) -> String {
    let last = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("no message");
    last.chars().take(300).collect()
}
