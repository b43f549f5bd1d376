//! The baseline: findings that are known and hidden, by fingerprint. A sorted JSON file that merges well.

use depslim_model::{Report, Severity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The schema that this version writes.
const SCHEMA: &str = "depslim.baseline/1";

/// Known findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Their fingerprints, as they are in a report whose root is the folder of the baseline file.
    pub fingerprints: BTreeSet<String>,
    /// The analysed root, relative to the folder of the baseline file; empty when they are the same.
    pub root: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: String,
    findings: BTreeSet<String>,
}

impl Baseline {
    /// Reads a baseline file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if file.schema != SCHEMA {
            return Err(format!("schema is `{}`; this version reads `{SCHEMA}`", file.schema));
        }
        Ok(Self { fingerprints: file.findings, root: String::new() })
    }

    /// The file's text.
    pub fn render(&self) -> String {
        let file = File { schema: SCHEMA.to_owned(), findings: self.fingerprints.clone() };
        // Strings and a set of strings can't fail to serialise.
        serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
    }

    /// Whether it knows a finding of a report.
    pub fn knows(&self, fingerprint: &str) -> bool {
        self.fingerprints.contains(&rooted(fingerprint, &self.root))
    }

    /// Takes in every finding of a report that is shown, in place of those that it had for the same part of the tree.
    pub fn record(&mut self, report: &Report) {
        let root = self.root.clone();
        self.fingerprints.retain(|known| !below(known, &root));
        let shown = report.findings.iter().filter(|finding| finding.severity > Severity::Off);
        self.fingerprints.extend(shown.map(|finding| rooted(&finding.fingerprint, &root)));
    }
}

/// A fingerprint (`code:project:package`) of a report on `root`, as it is in a report on the folder above.
fn rooted(fingerprint: &str, root: &str) -> String {
    let mut parts = fingerprint.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(code), Some(project), Some(rest)) if !root.is_empty() => {
            let (folder, kind) = project.split_once('#').unwrap_or((project, ""));
            let folder = if folder == "." { root.to_owned() } else { format!("{root}/{folder}") };
            format!("{code}:{folder}#{kind}:{rest}")
        }
        _ => fingerprint.to_owned(),
    }
}

/// Whether a fingerprint is about a project in a folder.
fn below(fingerprint: &str, folder: &str) -> bool {
    let project = fingerprint.split(':').nth(1).unwrap_or_default();
    super::within(project.split('#').next().unwrap_or_default(), folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline(root: &str, fingerprints: &[&str]) -> Baseline {
        Baseline { fingerprints: fingerprints.iter().map(|&f| f.to_owned()).collect(), root: root.to_owned() }
    }

    #[test]
    fn a_file_reads_back_sorted() {
        let known = baseline("", &["SLIM003:web#node:npm/b", "SLIM001:.#zig:zig/a"]);
        insta::assert_snapshot!(known.render(), @r#"
        {
          "schema": "depslim.baseline/1",
          "findings": [
            "SLIM001:.#zig:zig/a",
            "SLIM003:web#node:npm/b"
          ]
        }
        "#);
        assert_eq!(Baseline::parse(&known.render()), Ok(known));
    }

    #[test]
    fn other_files_are_refused() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"schema": "depslim.baseline/2", "findings": []}"#,
            r#"{"schema": "depslim.baseline/1"}"#,
        ] {
            assert!(Baseline::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_part_of_the_tree_is_known_under_its_own_paths() {
        let known = baseline("services/api", &["SLIM001:services/api#zig:zig/a", "SLIM001:services/api/sub#zig:zig/b"]);
        assert!(known.knows("SLIM001:.#zig:zig/a"));
        assert!(known.knows("SLIM001:sub#zig:zig/b"));
        assert!(!known.knows("SLIM001:other#zig:zig/a"));
    }
}
