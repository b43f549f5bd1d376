//! `Cargo.lock` as cargo would write it without some edges: what nobody needs goes, and edges name no more than they have to.
//!
//! Cargo compares the text of the file with what it would write, so every line counts. Versions 3 and 4 of the format.

use depslim_model::ecosystem::{Action, Change};
use std::collections::{BTreeSet, HashMap};

/// One `[[package]]`.
struct Package<'t> {
    name: &'t str,
    version: &'t str,
    source: Option<&'t str>,
    /// Its lines, the edges left out.
    lines: Vec<&'t str>,
    /// Its edges: packages by place.
    edges: Vec<usize>,
    /// Where among the lines the edges stand.
    place: usize,
}

/// Takes edges out, each given by its line, and all packages that only they led to.
///
/// # Errors
/// When the file is not written as cargo writes it.
pub(super) fn edit(text: &str, changes: &[Change]) -> Result<String, String> {
    let gone: BTreeSet<u32> = changes.iter().filter(|c| c.action == Action::Remove).map(|c| c.line).collect();
    if gone.is_empty() {
        return Ok(text.to_owned());
    }
    let named = |line: u32, name: &str| changes.iter().any(|c| c.line == line && c.package == name);
    let strange =
        |line: usize| format!("Cargo.lock:{line}: not as cargo writes it: run cargo update --workspace --offline");
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut head: Vec<&str> = Vec::new();
    let mut tail: Vec<&str> = Vec::new();
    let mut packages: Vec<Package<'_>> = Vec::new();
    let mut written: Vec<Vec<&str>> = Vec::new();
    let mut inside = false;
    for (at, line) in text.lines().enumerate() {
        let number = at as u32 + 1;
        if line == "[[package]]" {
            packages.push(Package {
                name: "",
                version: "",
                source: None,
                lines: Vec::new(),
                edges: Vec::new(),
                place: 0,
            });
            written.push(Vec::new());
            (inside, tail) = (false, Vec::new());
        } else if line.starts_with('[') {
            if packages.is_empty() || line == "[root]" || line == "[metadata]" {
                return Err(strange(at + 1));
            }
            tail.push(line);
        } else if !tail.is_empty() {
            tail.push(line);
        } else if let (Some(package), Some(edges)) = (packages.last_mut(), written.last_mut()) {
            if inside {
                if line == "]" {
                    inside = false;
                    continue;
                }
                let edge =
                    line.trim().strip_prefix('"').and_then(|l| l.strip_suffix("\",")).ok_or_else(|| strange(at + 1))?;
                let name = edge.split(' ').next().unwrap_or_default();
                if !(gone.contains(&number) && named(number, name)) {
                    edges.push(edge);
                }
                continue;
            }
            let value = |key: &str| {
                line.strip_prefix(key).and_then(|v| v.strip_prefix(" = \"")).and_then(|v| v.strip_suffix('"'))
            };
            if line == "dependencies = [" {
                inside = true;
                package.place = package.lines.len();
            } else if let Some(name) = value("name") {
                package.name = name;
                package.lines.push(line);
            } else if let Some(version) = value("version") {
                package.version = version;
                package.lines.push(line);
            } else if !line.is_empty() {
                package.source = value("source").or(package.source);
                package.lines.push(line);
            }
        } else {
            head.push(line);
        }
    }
    resolve(&mut packages, &written).map_err(|line| format!("Cargo.lock: {line} names no package of the lock"))?;
    Ok(render(&head, &packages, &needed(&packages), &tail, newline))
}

fn resolve<'t>(packages: &mut [Package<'t>], written: &[Vec<&'t str>]) -> Result<(), String> {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, package) in packages.iter().enumerate() {
        by_name.entry(package.name).or_default().push(at);
    }
    for (at, edges) in written.iter().enumerate() {
        let mut found = Vec::new();
        for edge in edges {
            let mut words = edge.splitn(3, ' ');
            let (name, version, source) = (words.next().unwrap_or_default(), words.next(), words.next());
            let to = by_name.get(name).into_iter().flatten().copied().find(|to| {
                let package = &packages[*to];
                version.is_none_or(|v| v == package.version)
                    && source.is_none_or(|s| package.source == Some(s.trim_start_matches('(').trim_end_matches(')')))
            });
            found.push(to.ok_or_else(|| (*edge).to_owned())?);
        }
        packages[at].edges = found;
    }
    Ok(())
}

/// By package: whether something of the repository needs it.
fn needed(packages: &[Package<'_>]) -> Vec<bool> {
    let mut needed = vec![false; packages.len()];
    let mut work: Vec<usize> = (0..packages.len()).filter(|at| packages[*at].source.is_none()).collect();
    while let Some(at) = work.pop() {
        if !std::mem::replace(&mut needed[at], true) {
            work.extend(&packages[at].edges);
        }
    }
    needed
}

fn render(head: &[&str], packages: &[Package<'_>], needed: &[bool], tail: &[&str], newline: &str) -> String {
    let mut names: HashMap<&str, u32> = HashMap::new();
    let mut versions: HashMap<(&str, &str), u32> = HashMap::new();
    for (package, _) in packages.iter().zip(needed).filter(|(_, needed)| **needed) {
        *names.entry(package.name).or_default() += 1;
        *versions.entry((package.name, package.version)).or_default() += 1;
    }
    let edge = |to: &usize| {
        let package = &packages[*to];
        if names.get(package.name) == Some(&1) {
            return package.name.to_owned();
        }
        match package.source {
            Some(source) if versions.get(&(package.name, package.version)) != Some(&1) => {
                format!("{} {} ({source})", package.name, package.version)
            }
            _ => format!("{} {}", package.name, package.version),
        }
    };
    let mut lines: Vec<String> = head.iter().map(|line| (*line).to_owned()).collect();
    for (package, _) in packages.iter().zip(needed).filter(|(_, needed)| **needed) {
        lines.push("[[package]]".into());
        let (before, after) = package.lines.split_at(package.place.min(package.lines.len()));
        let before = if package.edges.is_empty() { &package.lines } else { before };
        lines.extend(before.iter().map(|line| (*line).to_owned()));
        if !package.edges.is_empty() {
            lines.push("dependencies = [".into());
            lines.extend(package.edges.iter().map(|to| format!(" \"{}\",", edge(to))));
            lines.push("]".into());
            lines.extend(after.iter().map(|line| (*line).to_owned()));
        }
        lines.push(String::new());
    }
    lines.extend(tail.iter().map(|line| (*line).to_owned()));
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join(newline) + newline
}
