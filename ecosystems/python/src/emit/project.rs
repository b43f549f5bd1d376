//! The project's own `pyproject.toml` without what production does not need, and its lock, which the manager's client trims.

use crate::edit::edit;
use crate::manifest;
use depslim_formats::text::decode;
use depslim_formats::toml::{self, Node};
use depslim_model::ecosystem::Plan;
use depslim_model::{Emission, Facts, Source};

/// Writes the trimmed manifest, a copy of the lock beside it, and the client's command that makes the two agree.
pub(super) fn emit(plan: &Plan, sources: &[Source<'_>]) -> Result<Vec<Emission>, String> {
    let client = match plan.manager.as_deref() {
        Some("uv") => Client::Uv,
        Some("poetry") => Client::Poetry,
        Some("pdm") => Client::Pdm,
        _ => return Err("only projects of uv, Poetry and PDM have a manifest that a client can lock again".into()),
    };
    let path = if plan.project == "." || plan.project.is_empty() {
        "pyproject.toml".to_owned()
    } else {
        format!("{}/pyproject.toml", plan.project)
    };
    let source = sources.iter().find(|s| s.path == path).ok_or_else(|| format!("{path} is not there"))?;
    let changes =
        plan.changes.get(&path).filter(|c| !c.is_empty()).ok_or_else(|| format!("{path}: nothing to trim"))?;
    lockable(source)?;
    let content = edit(source, changes)?;
    let beside = |name: &str| sources.iter().find(|s| s.path == path.replace("pyproject.toml", name));
    let lock = beside(client.lock());
    let old = lock.map(|l| String::from_utf8_lossy(l.bytes).into_owned());
    let count = changes.len();
    let noun = if count == 1 { "line" } else { "lines" };
    let mut out = vec![Emission {
        path: "pyproject.toml".into(),
        content,
        summary: format!("{count} {noun} of {path} changed"),
        // Without a lock there is nothing whose versions would have to stay.
        complete: old.as_deref().map(|old| client.command(old)),
    }];
    out.extend(old.map(|text| Emission {
        path: client.lock().into(),
        content: text,
        summary: format!("its lock, made by {}", client.name()),
        complete: None,
    }));
    Ok(out)
}

/// Reads a written file back. What was strange in the project's own file before is no reason against it.
pub(super) fn reread(source: &Source<'_>) -> Facts {
    let mut facts = manifest::read_any(source);
    facts.problems.retain(|p| p.fatal);
    facts
}

#[derive(Clone, Copy)]
enum Client {
    Uv,
    Poetry,
    Pdm,
}

impl Client {
    fn name(self) -> &'static str {
        match self {
            Self::Uv => "uv",
            Self::Poetry => "poetry",
            Self::Pdm => "pdm",
        }
    }

    fn lock(self) -> &'static str {
        match self {
            Self::Uv => "uv.lock",
            Self::Poetry => "poetry.lock",
            Self::Pdm => "pdm.lock",
        }
    }

    /// Locks again, changing no version that may stay, building nothing, running no plug-in.
    fn command(self, old: &str) -> Vec<String> {
        let words: &[&str] = match self {
            Self::Uv => &["uv", "lock", "--no-build", "--no-python-downloads"],
            Self::Poetry => &["poetry", "lock", "--no-interaction", "--no-plugins"],
            Self::Pdm => &["PDM_ONLY_BINARY=:all:", "PDM_CHECK_UPDATE=0", "pdm", "lock", "--update-reuse"],
        };
        let mut words: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
        // Poetry 1 takes every newest version unless told not to; Poetry 2 knows no such option.
        let first = old.lines().next().unwrap_or_default();
        if matches!(self, Self::Poetry) && first.contains("Poetry 1.") {
            words.push("--no-update".into());
        }
        words
    }
}

/// A manifest that names files beside it can't be locked in another folder.
fn lockable(source: &Source<'_>) -> Result<(), String> {
    let decoded = decode(source.bytes);
    let doc = toml::parse(&decoded.text).map_err(|p| format!("{}:{}: {}", source.path, p.line, p.message))?;
    let refuse = |node: Node<'_>, what: &str| {
        Err(format!("{}:{}: {what}: use --fix, and lock in place", source.path, node.line()))
    };
    if let Some(workspace) = doc.at(&["tool", "uv", "workspace"]) {
        return refuse(workspace, "a workspace of several projects");
    }
    let sources = doc.at(&["tool", "uv", "sources"]);
    let groups = doc.at(&["tool", "poetry", "group"]);
    let tables = sources.into_iter().chain(doc.at(&["tool", "poetry", "dependencies"])).chain(doc.at(&[
        "tool",
        "poetry",
        "dev-dependencies",
    ]));
    let tables = tables.chain(groups.iter().flat_map(Node::entries).filter_map(|(_, g)| g.get("dependencies")));
    for (_, entry) in tables.flat_map(|t| t.entries()) {
        let local = |n: &Node<'_>| ["path", "file", "workspace"].iter().any(|key| n.get(key).is_some());
        if local(&entry) || entry.items().any(|n| local(&n)) {
            return refuse(entry, "a dependency from a local folder");
        }
    }
    if let Some(dynamic) =
        doc.at(&["project", "dynamic"]).filter(|d| d.strings().any(|s| s.text.ends_with("dependencies")))
    {
        return refuse(dynamic, "dependencies that the build computes");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
