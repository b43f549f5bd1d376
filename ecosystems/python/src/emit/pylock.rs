//! `pylock.prod.toml` ([PEP 751](https://peps.python.org/pep-0751/)), when the project's lock says where every file is.

use super::{reason, signature, sorted, summary};
use crate::manifest::{wheel_name, without_credentials};
use crate::names::canonical;
use depslim_formats::edit::toml::quote;
use depslim_formats::text::decode;
use depslim_formats::toml::{self, Doc, Node};
use depslim_model::ecosystem::{Kept, Plan};
use depslim_model::{Emission, Source};
use std::fmt::Write as _;

/// The file's name; the format asks for `pylock.*.toml`.
pub(super) const NAME: &str = "pylock.prod.toml";

/// Writes the lock.
pub(super) fn emit(plan: &Plan, sources: &[Source<'_>]) -> Result<Vec<Emission>, String> {
    let kept = sorted(plan);
    if kept.is_empty() {
        return Err("production needs no packages".into());
    }
    let source = lock(sources)?;
    let decoded = decode(source.bytes);
    let doc = toml::parse(&decoded.text).map_err(|p| format!("{}:{}: {}", source.path, p.line, p.message))?;
    let mut text = signature(plan);
    let _ = writeln!(text, "# Install: uv pip sync {NAME}   (or any installer of PEP 751)");
    text += "lock-version = \"1.0\"\n";
    let runtime = ["requires-python"].iter().find_map(|key| doc.at(&[key])?.text());
    if let Some(runtime) = runtime {
        let _ = writeln!(text, "requires-python = {}", quote(runtime));
    }
    text += "created-by = \"depslim\"\n";
    for k in &kept {
        text += &package(k, &doc, source)?;
    }
    let what = format!(", from {}", source.file_name());
    Ok(vec![Emission { path: NAME.into(), content: text, summary: summary(&kept, &what), complete: None }])
}

/// The lock that knows where files are.
fn lock<'s, 'a>(sources: &'s [Source<'a>]) -> Result<&'s Source<'a>, String> {
    let named = |name: &str| sources.iter().find(|s| s.file_name() == name);
    let standard = || sources.iter().find(|s| s.file_name().starts_with("pylock.") && s.file_name() != NAME);
    if let Some(found) = named("uv.lock").or_else(standard).or_else(|| named("pdm.lock")) {
        return Ok(found);
    }
    let other = ["poetry.lock", "Pipfile.lock"].into_iter().find(|name| named(name).is_some());
    Err(match other {
        Some(name) => format!("{name} does not say where files are downloaded from, which PEP 751 asks for"),
        None => "no lock says where files are downloaded from, which PEP 751 asks for (uv.lock does)".into(),
    })
}

fn package(kept: &Kept, doc: &Doc<'_>, source: &Source<'_>) -> Result<String, String> {
    let name = canonical(&kept.package);
    let lacks = |what: &str| format!("{}: {name} {what}", source.path);
    let locked = find(kept, &name, doc).ok_or_else(|| match &kept.version {
        Some(version) => lacks(&format!("{version} is not in it")),
        None => lacks("is not in it"),
    })?;
    let mut out = String::from("\n");
    let why = reason(kept);
    if !why.is_empty() {
        let _ = writeln!(out, "# {why}");
    }
    let _ = writeln!(out, "[[packages]]\nname = {}", quote(&name));
    let version = text(locked, "version").filter(|v| !v.is_empty());
    if let Some(version) = version {
        let _ = writeln!(out, "version = {}", quote(version));
    }
    if let Some(condition) = &kept.condition {
        let _ = writeln!(out, "marker = {}", quote(condition));
    }
    let body = match vcs(locked) {
        Some(vcs) => Some(vcs),
        None => archive(locked).or_else(|| files(locked)),
    };
    out += &body.ok_or_else(|| lacks("comes from a local folder, or without URLs and hashes of its files"))?;
    Ok(out)
}

/// The package of the lock: in the kept version, where it is known.
fn find<'d>(kept: &Kept, name: &str, doc: &'d Doc<'_>) -> Option<Node<'d>> {
    let all = doc.at(&["package"]).or_else(|| doc.at(&["packages"]))?;
    // PDM has an entry for each set of extras; the files stand in the one without.
    let mut named =
        all.items().filter(|p| text(*p, "name").is_some_and(|n| canonical(n) == name) && p.get("extras").is_none());
    match &kept.version {
        Some(version) => named.find(|p| text(*p, "version").is_none_or(|v| v == version)),
        None => named.next(),
    }
}

fn text<'d>(node: Node<'d>, key: &str) -> Option<&'d str> {
    node.get(key)?.text()
}

/// `packages.vcs`: a repository at a commit.
fn vcs(locked: Node<'_>) -> Option<String> {
    if let Some(vcs) = locked.get("vcs") {
        let (url, commit) = (text(vcs, "url")?, text(vcs, "commit-id")?);
        return Some(vcs_table(text(vcs, "type").unwrap_or("git"), url, commit, text(vcs, "subdirectory")));
    }
    if let Some(git) = locked.get("source").and_then(|s| text(s, "git")) {
        let (front, commit) = git.split_once('#')?;
        let (url, query) = front.split_once('?').unwrap_or((front, ""));
        let folder = query.split('&').find_map(|p| p.strip_prefix("subdirectory="));
        return Some(vcs_table("git", url, commit, folder));
    }
    let (url, commit) = (text(locked, "git")?, text(locked, "revision")?);
    Some(vcs_table("git", url, commit, text(locked, "subdirectory")))
}

fn vcs_table(kind: &str, url: &str, commit: &str, folder: Option<&str>) -> String {
    let folder = folder.map_or(String::new(), |f| format!(", subdirectory = {}", quote(f)));
    let url = quote(&without_credentials(url));
    format!("vcs = {{ type = {}, url = {url}, commit-id = {}{folder} }}\n", quote(kind), quote(commit))
}

/// `packages.archive`: one file at a URL of its own.
fn archive(locked: Node<'_>) -> Option<String> {
    if let Some(archive) = locked.get("archive") {
        return Some(format!("archive = {}\n", file(archive, text(archive, "url")?)?));
    }
    let url = locked.get("source").and_then(|s| text(s, "url"))?;
    let one = locked.get("sdist").or_else(|| locked.get("wheels")?.items().next())?;
    Some(format!("archive = {}\n", file(one, url)?))
}

/// `packages.sdist` and `packages.wheels`: what an index offers.
fn files(locked: Node<'_>) -> Option<String> {
    let listed = locked.get("files").or_else(|| locked.get("wheels"));
    let mut wheels = Vec::new();
    let mut sdist = None;
    for entry in listed.iter().flat_map(Node::items).chain(locked.get("sdist")) {
        let url = text(entry, "url")?;
        let table = file(entry, url)?;
        let name = ["name", "file"].into_iter().find_map(|k| text(entry, k));
        if wheel_name(name.unwrap_or(url)).is_some() {
            wheels.push(table);
        } else {
            sdist = Some(table);
        }
    }
    if wheels.is_empty() && sdist.is_none() {
        return None;
    }
    let mut out = String::new();
    let index = text(locked, "index").or_else(|| locked.get("source").and_then(|s| text(s, "registry")));
    if let Some(index) = index.filter(|i| i.contains("://")) {
        let _ = writeln!(out, "index = {}", quote(&without_credentials(index)));
    }
    if let Some(sdist) = sdist {
        let _ = writeln!(out, "sdist = {sdist}");
    }
    if !wheels.is_empty() {
        let _ = writeln!(out, "wheels = [\n    {},\n]", wheels.join(",\n    "));
    }
    Some(out)
}

/// A file's table: URL, size, hashes; its name where the URL does not end in it.
fn file(entry: Node<'_>, url: &str) -> Option<String> {
    let hashes: Vec<(String, String)> = match entry.get("hashes") {
        Some(table) => table.entries().filter_map(|(k, v)| Some((k.to_owned(), v.text()?.to_owned()))).collect(),
        None => text(entry, "hash")?.split_once(':').map(|(k, v)| (k.to_owned(), v.to_owned())).into_iter().collect(),
    };
    if hashes.is_empty() {
        return None;
    }
    let last = url.split(['#', '?']).next()?.rsplit('/').next()?;
    let name = ["name", "file"].into_iter().find_map(|k| text(entry, k)).filter(|name| *name != last);
    let name = name.map_or(String::new(), |n| format!("name = {}, ", quote(n)));
    let size = entry.get("size").and_then(|n| n.integer()).map_or(String::new(), |n| format!("size = {n}, "));
    let hashes = hashes.iter().map(|(k, v)| format!("{k} = {}", quote(v))).collect::<Vec<_>>().join(", ");
    Some(format!("{{ {name}url = {}, {size}hashes = {{ {hashes} }} }}", quote(&without_credentials(url))))
}

#[cfg(test)]
mod tests;
