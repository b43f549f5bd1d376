//! `cargo xtask bench`: what depslim costs beside `du` and beside other tools, as ratios taken in one paired run.

use crate::say;
use crate::tools::{call, python_tools, release_build, root, target};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Tools with a similar purpose, pinned.
const PEERS: &[&str] = &["deptry==0.25.1", "fawltydeps==0.20.0", "creosote==5.2.0"];

/// `cargo xtask bench [--rounds N] [--base REF] PROJECT...`: each project with its environment in `.venv` (or without one); the bundled
/// application when none is named. With a git reference, also what a comparison with it costs beside the check alone.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let (mut rounds, mut base) = (5, None);
    let mut projects: Vec<PathBuf> = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--rounds" => rounds = rest.next().context("--rounds takes a number")?.parse()?,
            "--base" => base = Some(rest.next().context("--base takes a git reference")?.as_str()),
            path => projects.push(fs_err::canonicalize(path)?),
        }
    }
    if projects.is_empty() {
        projects.push(crate::demo::set_up("storefront")?);
    }
    let python = python_tools()?;
    let peers = peers(&python)?;
    let depslim = release_build(&["--package", "depslim-cli", "--bin", "depslim"])?.join("depslim");
    let release = release_build(&["--package", "depslim-engine", "--example", "sizes"])?;
    let mut groups = vec![json!({"title": "start", "commands": [
        {"name": "depslim --version", "command": [depslim, "--version"], "folder": root()},
        {"name": "uv --version", "command": [python.join("uv"), "--version"], "folder": root()},
    ]})];
    for project in &projects {
        groups.extend(of_project(project, &depslim, &release, &peers));
        groups.extend(base.map(|base| comparison(project, base, &depslim)));
    }
    let plan = json!({"rounds": rounds, "groups": groups});
    let mut child =
        Command::new(python.join("python")).arg(root().join("xtask/src/bench.py")).stdin(Stdio::piped()).spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(plan.to_string().as_bytes())?;
    }
    if !child.wait()?.success() {
        bail!("the measurement failed");
    }
    Ok(())
}

fn of_project(project: &Path, depslim: &Path, release: &Path, peers: &Path) -> Vec<Value> {
    let name = project.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let environment = project.join(".venv");
    let mut groups = Vec::new();
    if environment.exists() {
        groups.push(json!({"title": format!("sizes of {name}'s environment"), "commands": [
            {"name": "sizes, every byte attributed", "command": [depslim, "debug", "sizes", project, "--ecosystem", "python"], "folder": project},
            {"name": "sizes, tree only", "command": [release.join("examples/sizes"), environment], "folder": project},
            {"name": "du -s", "command": ["du", "-s", environment], "folder": project},
        ]}));
    }
    let list = project.join("requirements.txt");
    let mut commands = vec![
        json!({"name": "depslim check", "command": [depslim, "check", project, "--exit-zero", "--ecosystem", "python"], "folder": project}),
    ];
    if list.exists() {
        let sites = environment.join("lib");
        commands.push(json!({"name": "fawltydeps", "command": [peers.join("fawltydeps"), "--deps", list, "--code", project, "--pyenv", environment], "folder": project}));
        commands.push(json!({"name": "creosote", "command": [peers.join("creosote"), "--deps-file", list, "--path", project, "--venv", sites], "folder": project}));
    }
    commands.push(json!({"name": "deptry", "command": [peers.join("deptry"), "."], "folder": project}));
    groups.push(json!({"title": format!("check of {name}"), "commands": commands}));
    groups
}

/// A comparison with an earlier commit, beside the check alone.
fn comparison(project: &Path, base: &str, depslim: &Path) -> Value {
    let name = project.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    json!({"title": format!("comparison of {name} with {base}"), "commands": [
        {"name": "depslim check --base", "command": [depslim, "check", project, "--exit-zero", "--base", base], "folder": project},
        {"name": "depslim check", "command": [depslim, "check", project, "--exit-zero"], "folder": project},
    ]})
}

/// Installs the other tools below `target/tools/peers`; gives the folder of their programs.
fn peers(python: &Path) -> Result<PathBuf> {
    let folder = target().join("tools").join("peers");
    let stamp = folder.join("installed");
    let wanted = PEERS.join("\n");
    if fs_err::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(folder.join("bin"));
    }
    say("installing deptry, fawltydeps, creosote …");
    call(
        Command::new(python.join("uv"))
            .args(["venv", "--quiet", "--clear", "--python"])
            .arg(python.join("python"))
            .arg(&folder),
    )?;
    call(
        Command::new(python.join("uv"))
            .args(["pip", "install", "--quiet", "--python"])
            .arg(folder.join("bin/python"))
            .args(PEERS),
    )?;
    fs_err::write(stamp, wanted)?;
    Ok(folder.join("bin"))
}
