//! The house's rules that no compiler checks.

use crate::tools::root;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// What each crate may depend on, of ours. A new crate has to be entered here, so that an arrow is always somebody's decision.
const ARROWS: &[(&str, &[&str])] = &[
    ("depslim-model", &[]),
    ("depslim-formats", &["depslim-model"]),
    ("depslim-engine", &["depslim-model", "depslim-formats"]),
    ("depslim-image", &["depslim-model", "depslim-formats"]),
    ("depslim-prove", &["depslim-model"]),
    ("depslim-report", &["depslim-model"]),
    ("depslim-toy", &["depslim-model"]),
    ("depslim-java", &["depslim-model", "depslim-formats"]),
    ("depslim-node", &["depslim-model", "depslim-formats"]),
    ("depslim-python", &["depslim-model", "depslim-formats"]),
    ("depslim-rust", &["depslim-model", "depslim-formats"]),
    ("depslim-go", &["depslim-model"]),
    (
        "depslim-registry",
        &["depslim-model", "depslim-go", "depslim-java", "depslim-node", "depslim-python", "depslim-rust"],
    ),
    (
        "depslim",
        &["depslim-engine", "depslim-formats", "depslim-image", "depslim-model", "depslim-prove", "depslim-registry"],
    ),
    ("depslim-cli", &["depslim", "depslim-model", "depslim-report", "depslim-formats"]),
    ("depslim-tests", &["depslim-image"]),
    ("xtask", &[]),
];

pub(crate) fn run() -> Result<()> {
    let mut broken = arrows()?;
    for file in tracked_files()? {
        let text =
            fs_err::read(root().join(&file)).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default();
        if file.ends_with(".rs") {
            broken.extend(source(&file, &text));
        }
        broken.extend(everywhere(&file, &text));
    }
    broken.extend(rule_pages()?);
    if broken.is_empty() { Ok(()) } else { bail!("the house's rules are broken:\n  {}", broken.join("\n  ")) }
}

/// The arrows between crates, from cargo's own word.
fn arrows() -> Result<Vec<String>> {
    let output = Command::new("cargo")
        .current_dir(root())
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .output()?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut broken = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let Some(may) = allowed.get(name) else {
            broken.push(format!("{name}: not in xtask's table of arrows"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let to = dependency["name"].as_str().unwrap_or_default();
            if dependency["kind"].is_null() && to.starts_with("depslim") && !may.contains(&to) {
                broken.push(format!("{name} may not depend on {to}"));
            }
        }
    }
    Ok(broken)
}

fn tracked_files() -> Result<Vec<String>> {
    let output = Command::new("git").current_dir(root()).args(["ls-files", "-z"]).output().context("git ls-files")?;
    Ok(String::from_utf8_lossy(&output.stdout).split('\0').filter(|f| !f.is_empty()).map(str::to_owned).collect())
}

fn source(file: &str, text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let first = text.lines().next().unwrap_or_default();
    if !first.starts_with("//!") && !first.starts_with("#![") {
        broken.push(format!("{file}:1: a module's first line says what it owns (`//! …`)"));
    }
    for (at, line) in text.lines().enumerate() {
        let line = line.trim_start();
        let attribute = concat!("#[", "allow(");
        if line.starts_with(attribute) || line.starts_with(concat!("#![", "allow(")) {
            broken.push(format!("{file}:{}: `expect` with a reason, not `allow`", at + 1));
        }
        if line.starts_with(concat!("#[", "expect(")) && !text.lines().skip(at).take(6).any(|l| l.contains("reason = "))
        {
            broken.push(format!("{file}:{}: an `expect` says its reason", at + 1));
        }
        if line.contains(concat!("to", "do!(")) || line.contains(concat!("unimple", "mented!(")) {
            broken.push(format!("{file}:{}: unfinished", at + 1));
        }
    }
    broken
}

/// What no file of the repository may hold.
fn everywhere(file: &str, text: &str) -> Vec<String> {
    // Lock files of cargo name the registry's protocol by themselves.
    if file == "Cargo.lock" {
        return Vec::new();
    }
    let hosts = [
        concat!("files.python", "hosted.org"),
        concat!("pypi", ".org"),
        concat!("registry.npm", "js.org"),
        concat!("repo.maven", ".apache.org"),
    ];
    let here = root();
    let machine = here
        .parent()
        .map(|p| format!("{}/", p.display()))
        .filter(|p| Path::new(p).components().count() > 2)
        .unwrap_or_default();
    let mut broken = Vec::new();
    for (at, line) in text.lines().enumerate() {
        for host in hosts {
            if line.contains(host) {
                broken.push(format!("{file}:{}: names the host {host}", at + 1));
            }
        }
        if !machine.is_empty() && line.contains(&machine) && file != "xtask/src/tidy.rs" {
            broken.push(format!("{file}:{}: holds a path of this machine", at + 1));
        }
    }
    broken
}

/// Every rule has its page.
fn rule_pages() -> Result<Vec<String>> {
    let codes = fs_err::read_to_string(root().join("crates/model/src/code.rs"))?;
    // A rule's line holds three strings: code, name, definition.
    let rules = codes.lines().filter(|l| l.matches('"').count() == 6);
    let named = rules.filter_map(|l| l.split('"').nth(1)).filter(|w| w.starts_with("SLIM") && w.len() == 7);
    Ok(named
        .filter(|code| !root().join(format!("docs/rules/{code}.md")).exists())
        .map(|code| format!("docs/rules/{code}.md is missing"))
        .collect())
}
