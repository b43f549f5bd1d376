//! How this module's tests show facts: one line each, in the order of the file.

use depslim_model::{Facts, Group, Require, Role, Settings, Source};
use std::fmt::Write as _;

static NO_SETTINGS: Settings = Settings(std::collections::BTreeMap::new());

pub(super) fn source<'a>(path: &'a str, bytes: &'a [u8]) -> Source<'a> {
    Source { path, bytes, settings: &NO_SETTINGS }
}

/// Facts as text. For a declaration, what its span covers is shown behind `-`.
pub(super) fn show(bytes: &[u8], facts: &Facts) -> String {
    let mut out = String::new();
    if let Some(m) = &facts.manifest {
        let role = match m.role {
            Role::Manifest => "manifest",
            Role::Lock => "lock",
            Role::ProductionList => "production list",
            Role::Constraints => "constraints",
        };
        out += role;
        for (label, value) in [("name", &m.name), ("manager", &m.manager), ("runtime", &m.runtime)] {
            if let Some(value) = value {
                let _ = write!(out, " {label}={value}");
            }
        }
        if !m.members.is_empty() {
            let _ = write!(out, " members={}", m.members.join(","));
        }
        if let Some(groups) = &m.default_groups {
            let _ = write!(out, " default-groups={}", groups.join(","));
        }
        for include in &m.includes {
            let role = if include.role == Role::Constraints { "as constraints" } else { "as requirements" };
            let _ = write!(out, "\n{}: includes {} {role}", include.line, include.path);
        }
    }
    for require in &facts.requires {
        let _ = write!(out, "\n{}", line(bytes, require));
    }
    for p in &facts.provides {
        let _ = write!(out, "\n{}: provides {} {}", p.line, p.package, p.version);
        if p.first_party {
            out += " first-party";
        }
        if !p.features.is_empty() {
            let _ = write!(out, " [{}]", p.features.join(","));
        }
        if let Some(origin) = &p.origin {
            let _ = write!(out, " @ {origin}");
        }
        if let Some(condition) = &p.condition {
            let _ = write!(out, " ; {condition}");
        }
        for a in &p.artifacts {
            let _ = write!(
                out,
                " <{} {} {}>",
                a.file,
                a.hash.as_deref().unwrap_or("-"),
                a.bytes.map_or("-".into(), |b| b.to_string())
            );
        }
    }
    for p in &facts.problems {
        let _ = write!(out, "\n{}: {}: {}", p.line, if p.fatal { "fatal" } else { "problem" }, p.message);
    }
    out.trim_start().to_owned()
}

fn line(bytes: &[u8], r: &Require) -> String {
    let mut out = format!("{}: ", r.line);
    if let Some(from) = &r.from {
        let _ = write!(out, "{from} -> ");
    }
    out += if r.name.is_empty() { "?" } else { &r.name };
    if !r.features.is_empty() {
        let _ = write!(out, "[{}]", r.features.join(","));
    }
    if let Some(version) = &r.version {
        let _ = write!(out, " {version}");
    }
    if let Some(condition) = &r.condition {
        let _ = write!(out, " ; {condition}");
    }
    if let Some(origin) = &r.origin {
        let _ = write!(out, " @ {origin}");
    }
    let group = match r.group {
        Group::Prod => "",
        Group::Optional => "optional",
        Group::Dev => "dev",
        Group::Build => "build",
    };
    match (&r.group_name, group) {
        (Some(name), "") => _ = write!(out, " ({name})"),
        (Some(name), group) => _ = write!(out, " ({group}:{name})"),
        (None, "") => {}
        (None, group) => _ = write!(out, " ({group})"),
    }
    if let Some(comment) = &r.comment {
        let _ = write!(out, " # {comment}");
    }
    if let Some(span) = &r.span {
        let _ = write!(out, " -{}", String::from_utf8_lossy(&bytes[span.clone()]).escape_default());
    }
    out
}

/// What holds for the facts of any bytes: lines and spans exist, and no message spans lines.
pub(super) fn check_facts(bytes: &[u8], facts: &Facts) {
    let lines = bytes.split(|b| *b == b'\n').count() as u32;
    for require in &facts.requires {
        assert!(require.line <= lines, "{require:?}");
        if let Some(span) = &require.span {
            assert!(span.start < span.end && span.end <= bytes.len(), "{require:?}");
        }
    }
    assert!(facts.provides.iter().all(|p| p.line <= lines));
    for problem in &facts.problems {
        assert!(problem.line <= lines && !problem.message.contains('\n'), "{problem:?}");
    }
}
