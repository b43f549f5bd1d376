//! SARIF 2.1.0, the parts that depslim needs ([the standard](https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html)).

use crate::escape::{uri, visible};
use crate::explain::{todo, why_it_matters};
use crate::phrase::{evidence, frees, level, place};
use crate::shown::{Shown, compared};
use crate::view::View;
use depslim_model::{Code, Finding, Report, Severity};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Renders one run: the rules that are used, and a result for each finding.
pub fn sarif(report: &Report, view: &View) -> String {
    let shown = Shown::of(report, view);
    let findings: Vec<&Finding> = shown.listed(view).chain(shown.before.iter().copied()).collect();
    let codes: Vec<Code> = findings.iter().map(|f| f.code).collect::<BTreeSet<_>>().into_iter().collect();
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: vec![Run {
            tool: Tool {
                driver: Driver {
                    name: "depslim",
                    version: visible(&report.tool.version).into_owned(),
                    information_uri: Some(env!("CARGO_PKG_HOMEPAGE")).filter(|home| !home.is_empty()),
                    rules: codes.iter().map(|code| rule(*code)).collect(),
                },
            },
            invocations: vec![invocation(report, view)],
            results: findings.iter().map(|f| result(report, f, view, &codes)).collect(),
            column_kind: "unicodeCodePoints",
        }],
    };
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

fn rule(code: Code) -> Rule {
    let level = match code.severity() {
        Severity::Error => "error",
        Severity::Warn | Severity::Off => "warning",
    };
    Rule {
        id: code.code(),
        name: code.name(),
        short_description: Message { text: code.definition().to_owned() },
        full_description: Message { text: why_it_matters(code).to_owned() },
        help: Message { text: todo(code).to_owned() },
        help_uri: code.url(),
        default_configuration: Configuration { enabled: code.severity() > Severity::Off, level },
    }
}

fn invocation(report: &Report, view: &View) -> Invocation {
    let failed = report.projects.iter().filter_map(|project| {
        let reason = project.failed.as_ref()?;
        Some(Notification {
            level: "error",
            message: message(&format!("{}: {reason}", project.id)),
            locations: project.manifest.iter().map(|file| location(&view.path(file), 1, None)).collect(),
        })
    });
    let notes = report.notes.iter().map(|note| Notification {
        level: if note.fatal { "error" } else { "note" },
        message: message(&note.message),
        locations: note.file.iter().map(|file| location(&view.path(file), note.line.unwrap_or(1), None)).collect(),
    });
    let notifications: Vec<Notification> = failed.chain(notes).collect();
    Invocation {
        execution_successful: notifications.iter().all(|n| n.level != "error"),
        tool_execution_notifications: notifications,
    }
}

fn result(report: &Report, finding: &Finding, view: &View, codes: &[Code]) -> ResultOf {
    let frees = frees(report, finding).map_or_else(String::new, |frees| format!(" ({frees})"));
    let mut text = vec![format!("{}{frees}", finding.message)];
    text.extend(finding.evidence.iter().map(|piece| evidence(piece, view)));
    text.extend(finding.help.iter().cloned());
    let text: Vec<String> = text.iter().map(|line| message(line).text).collect();
    // Code scanning shows only results that have a place.
    let (file, line, column) = place(report, finding, view)
        .unwrap_or_else(|| (view.path(finding.project.split('#').next().unwrap_or_default()), 1, None));
    let related = finding.evidence.iter().filter(|e| !e.installed).filter_map(|e| {
        let spot = location(&view.path(e.file.as_ref()?), e.line.unwrap_or(1), None);
        Some(Location { message: (!e.text.is_empty()).then(|| message(&e.text)), ..spot })
    });
    ResultOf {
        rule_id: finding.code.code(),
        rule_index: codes.iter().position(|code| *code == finding.code).unwrap_or(0),
        level: level(finding),
        message: Message { text: text.join("\n") },
        locations: vec![location(&file, line, column)],
        related_locations: related.collect(),
        partial_fingerprints: BTreeMap::from([("depslim/v1", visible(&finding.fingerprint).into_owned())]),
        baseline_state: compared(report, view).then_some(if finding.new { "new" } else { "unchanged" }),
        fixes: fixes(finding, view),
        properties: Properties {
            bytes: finding.bytes,
            confidence: finding.confidence.to_string(),
            package: visible(&finding.package).into_owned(),
            project: visible(&finding.project).into_owned(),
        },
    }
}

/// A report knows bytes, not the text around them, so the replacements are of the standard's binary kind (3.57).
fn fixes(finding: &Finding, view: &View) -> Vec<FixOf> {
    let Some(fix) = &finding.fix else { return Vec::new() };
    let mut files: BTreeMap<&str, Vec<Replacement>> = BTreeMap::new();
    for edit in &fix.edits {
        files.entry(&edit.file).or_default().push(Replacement {
            deleted_region: Bytes { byte_offset: edit.start, byte_length: edit.end.saturating_sub(edit.start) },
            inserted_content: (!edit.text.is_empty()).then(|| Content { binary: base64(edit.text.as_bytes()) }),
        });
    }
    let change = |(file, replacements): (&str, _)| ArtifactChange {
        artifact_location: artifact(&view.path(file)),
        replacements,
    };
    let changes: Vec<ArtifactChange> = files.into_iter().map(change).collect();
    if changes.is_empty() {
        return Vec::new();
    }
    let text = format!("depslim --fix ({})", fix.applicable);
    vec![FixOf { description: Message { text }, artifact_changes: changes }]
}

/// Viewers make `[text](target)` in a message a link (3.11.6): foreign text gets none.
fn message(text: &str) -> Message {
    Message { text: visible(text).replace("](", "] (") }
}

fn artifact(path: &str) -> Artifact {
    // The root itself is a file's name to no one; consumers want something that is not empty.
    let uri = uri(path);
    Artifact { uri: if uri.is_empty() { ".".to_owned() } else { uri }, uri_base_id: "%SRCROOT%" }
}

fn location(file: &str, line: u32, column: Option<u32>) -> Location {
    let region = Region { start_line: line.max(1), start_column: column };
    Location { physical_location: Physical { artifact_location: artifact(file), region }, message: None }
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let letter = ALPHABET[(group >> (18 - 6 * at)) as usize & 63];
            out.push(if at <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: Vec<Run>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    invocations: Vec<Invocation>,
    results: Vec<ResultOf>,
    column_kind: &'static str,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    information_uri: Option<&'static str>,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    name: &'static str,
    short_description: Message,
    full_description: Message,
    help: Message,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<&'static str>,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    enabled: bool,
    level: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Message,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultOf {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixOf>,
    properties: Properties,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FixOf {
    description: Message,
    artifact_changes: Vec<ArtifactChange>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: Artifact,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Bytes,
    #[serde(skip_serializing_if = "Option::is_none")]
    inserted_content: Option<Content>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bytes {
    byte_offset: usize,
    byte_length: usize,
}

#[derive(Serialize)]
struct Content {
    binary: String,
}

#[derive(Serialize)]
struct Properties {
    bytes: u64,
    confidence: String,
    package: String,
    project: String,
}

#[cfg(test)]
mod tests;
