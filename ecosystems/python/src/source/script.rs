//! Inline metadata of scripts (PEP 723).

use super::text::Lines;
use super::tree::Metadata;
use crate::manifest::requirement;
use depslim_model::{Facts, Group, Problem, Require};

/// Reads the `# /// script` block of a file. What a lone script asks for is installed for that script when somebody runs it (`uv
/// run x.py`), never with the project: its lines belong to development, in a group called `script`, and the file does not count
/// as a manifest.
pub(super) fn read(text: &str, lines: &Lines, facts: &mut Facts) {
    if memchr::memmem::find(text.as_bytes(), b"# /// script").is_none() {
        return;
    }
    let Some(metadata) = Metadata::find(text) else { return };
    let toml = metadata.toml();
    let document = match toml_edit::Document::parse(toml) {
        Ok(document) => document,
        Err(error) => {
            let line = lines.of(metadata.offset(error.span().map_or(0, |span| span.start)));
            let message = error.message().lines().next().unwrap_or_default();
            facts.problems.push(Problem::at(line, format!("script metadata is not TOML: {message}")));
            return;
        }
    };
    let Some(dependencies) = document.get("dependencies").and_then(toml_edit::Item::as_array) else { return };
    for dependency in dependencies {
        let line = lines.of(metadata.offset(dependency.span().map_or(0, |span| span.start)));
        let Some(text) = dependency.as_str() else {
            facts.problems.push(Problem::at(line, "script metadata: a dependency that is not a string"));
            continue;
        };
        let requirement = requirement::parse(text);
        facts.problems.extend(requirement.problem_at(line));
        if !requirement.is_void() {
            let group_name = Some("script".to_owned());
            facts.requires.push(Require { group: Group::Dev, group_name, ..requirement.declared(line) });
        }
    }
}
