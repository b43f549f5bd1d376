//! `requirements.prod.txt`: every package of production, pinned, with hashes where the lock has them for all, and why it stays.

use super::{options, read_all, reason, signature, sorted, summary};
use crate::manifest::{self, is_archive, without_credentials};
use crate::names::canonical;
use depslim_model::ecosystem::{Kept, Plan};
use depslim_model::{Emission, Facts, Source};
use pep440_rs::Version;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::str::FromStr;

/// The file's name.
pub(super) const NAME: &str = "requirements.prod.txt";

/// Writes the list.
pub(super) fn emit(plan: &Plan, sources: &[Source<'_>]) -> Result<Vec<Emission>, String> {
    let kept = sorted(plan);
    if kept.is_empty() {
        return Err("production needs no packages".into());
    }
    let facts = read_all(sources);
    let known = locked_hashes(&facts);
    let hashes: Vec<Vec<String>> = kept.iter().map(|k| hashes(k, &known)).collect();
    // pip takes hashes for all lines or for none.
    let lacking: Vec<&str> = kept
        .iter()
        .zip(&hashes)
        .filter(|(k, h)| h.is_empty() || !can_be_hashed(k))
        .map(|(k, _)| k.package.as_str())
        .collect();
    let all_hashed = lacking.is_empty();
    let (options, secret) = options::of(sources);
    let mut text = signature(plan);
    let _ = writeln!(text, "# Install: pip install --no-deps -r {NAME}   (or: uv pip sync {NAME})");
    if !all_hashed && lacking.len() < kept.len() {
        let _ = writeln!(
            text,
            "# No hashes, since pip takes them for all or for none: there is none for {}.",
            few(&lacking)
        );
    }
    if secret {
        text += "# Credentials of package indexes are left out: set them in pip's or uv's own configuration.\n";
    }
    for option in &options {
        let _ = writeln!(text, "{option}");
    }
    for (k, hashes) in kept.iter().zip(&hashes) {
        text += &line(k, if all_hashed { hashes } else { &[] });
    }
    let what = if all_hashed {
        format!(", pinned with hashes{}", lock_name(&facts))
    } else if kept.iter().all(|k| k.version.is_some() || k.origin.is_some()) {
        ", pinned".to_owned()
    } else {
        ", versions of some unknown".to_owned()
    };
    Ok(vec![Emission { path: NAME.into(), content: text, summary: summary(&kept, &what), complete: None }])
}

/// Reads the list back. A local folder has no name of its own there; the comment behind it says it.
pub(super) fn reread(source: &Source<'_>) -> Facts {
    let mut facts = manifest::read_any(source);
    for require in facts.requires.iter_mut().filter(|r| r.name.is_empty()) {
        if let Some((name, _)) = require.comment.as_deref().and_then(|c| c.split_once(':')) {
            name.clone_into(&mut require.name);
        }
    }
    facts
}

fn line(kept: &Kept, hashes: &[String]) -> String {
    let mut out = requirement(kept);
    for hash in hashes {
        let _ = write!(out, " \\\n    --hash={hash}");
    }
    let mut why = reason(kept);
    if is_folder(kept) {
        why = [kept.package.as_str(), ":", if why.is_empty() { "" } else { " " }, &why].concat();
    }
    if !why.is_empty() {
        out += if hashes.is_empty() { "  # " } else { "\n    # " };
        out += &why;
    }
    out.push('\n');
    out
}

fn requirement(kept: &Kept) -> String {
    let extras = if kept.features.is_empty() { String::new() } else { format!("[{}]", kept.features.join(",")) };
    let condition = kept.condition.as_ref().map_or(String::new(), |c| format!(" ; {c}"));
    let body = match (&kept.origin, &kept.version) {
        (Some(origin), _) if is_folder(kept) => format!("{}{extras}", path(origin)),
        (Some(origin), _) => format!("{}{extras} @ {}", kept.package, without_credentials(origin)),
        // What PEP 440 does not know can only be compared as text.
        (None, Some(version)) => {
            let sign = if Version::from_str(version).is_ok() { "==" } else { "===" };
            format!("{}{extras}{sign}{version}", kept.package)
        }
        (None, None) => {
            format!("{}{extras}{}", kept.package, kept.constraint.as_deref().filter(|c| is_specifier(c)).unwrap_or(""))
        }
    };
    format!("{body}{condition}")
}

/// Poetry's `^1.2` is no specifier for pip.
fn is_specifier(constraint: &str) -> bool {
    constraint.starts_with(['=', '<', '>', '!']) || constraint.starts_with("~=")
}

fn is_folder(kept: &Kept) -> bool {
    kept.origin.as_deref().is_some_and(|o| !o.contains("://"))
}

/// A path that pip takes for one.
fn path(origin: &str) -> String {
    if origin.starts_with(['.', '/']) { origin.to_owned() } else { format!("./{origin}") }
}

/// A clone or a folder has no bytes to hash.
fn can_be_hashed(kept: &Kept) -> bool {
    let Some(origin) = &kept.origin else { return kept.version.is_some() };
    origin.starts_with("http") && is_archive(origin.split(['#', '?']).next().unwrap_or(origin))
}

type Locked = BTreeMap<(String, String), Vec<String>>;

/// Hashes by canonical name and version, from all that the project's files say.
fn locked_hashes(facts: &[(&str, Facts)]) -> Locked {
    let mut known = Locked::new();
    for provide in facts.iter().flat_map(|(_, f)| &f.provides) {
        let hashes = provide.artifacts.iter().filter_map(|a| a.hash.clone());
        known.entry((canonical(&provide.package), provide.version.clone())).or_default().extend(hashes);
    }
    known
}

fn hashes(kept: &Kept, known: &Locked) -> Vec<String> {
    let mut own: Vec<String> = kept.artifacts.iter().filter_map(|a| a.hash.clone()).collect();
    if own.is_empty() {
        let key = (canonical(&kept.package), kept.version.clone().unwrap_or_default());
        own = known.get(&key).cloned().unwrap_or_default();
    }
    own.retain(|h| h.split_once(':').is_some_and(|(name, digest)| pip_takes(name) && !digest.is_empty()));
    own.sort();
    own.dedup();
    own
}

/// The algorithms that pip accepts in `--hash`.
fn pip_takes(algorithm: &str) -> bool {
    matches!(algorithm, "sha256" | "sha384" | "sha512")
}

fn lock_name(facts: &[(&str, Facts)]) -> String {
    let mut named: Vec<&str> = facts
        .iter()
        .filter(|(_, f)| f.provides.iter().any(|p| p.artifacts.iter().any(|a| a.hash.is_some())))
        .map(|(path, _)| path.rsplit('/').next().unwrap_or(path))
        .collect();
    named.sort_unstable();
    named.dedup();
    if named.is_empty() { String::new() } else { format!(" from {}", named.join(", ")) }
}

fn few(names: &[&str]) -> String {
    let more = names.len().saturating_sub(3);
    let shown = names.iter().take(3).copied().collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

#[cfg(test)]
mod tests;
