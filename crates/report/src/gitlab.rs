//! GitLab's Code Quality report: a JSON array that the merge-request widget compares with that of the target branch.

use crate::escape::visible;
use crate::phrase::{frees, level, place};
use crate::shown::Shown;
use crate::view::View;
use depslim_model::Report;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Entry {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// Renders the findings, those of the base included: GitLab itself compares two reports by `fingerprint`.
pub fn gitlab(report: &Report, view: &View) -> String {
    let shown = Shown::of(report, view);
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let mut entries = Vec::new();
    for finding in shown.listed(view).chain(shown.before.iter().copied()) {
        let (path, line) = place(report, finding, view).map_or_else(
            || (view.path(finding.project.split('#').next().unwrap_or_default()), 1),
            |(file, line, _)| (file, line),
        );
        let times = seen.entry(&finding.fingerprint).or_default();
        *times += 1;
        // GitLab shows only the first of several entries with one fingerprint.
        let nth = if *times > 1 { format!("#{times}") } else { String::new() };
        let frees = frees(report, finding).map_or_else(String::new, |frees| format!(" ({frees})"));
        entries.push(Entry {
            description: format!("{} {}: {}{frees}", finding.code, finding.code.name(), visible(&finding.message)),
            check_name: finding.code.name().to_owned(),
            fingerprint: format!("{}{nth}", visible(&finding.fingerprint)),
            severity: match level(finding) {
                "error" => "major",
                "warning" => "minor",
                _ => "info",
            },
            location: Location { path: visible(&path).into_owned(), lines: Lines { begin: line } },
        });
    }
    serde_json::to_string_pretty(&entries).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use serde_json::Value;
    use std::collections::BTreeSet;

    #[test]
    fn findings_become_entries() {
        insta::assert_snapshot!(gitlab(&fixtures::django(), &View::default()), @r#"
        [
          {
            "description": "SLIM002 dev-in-prod: pytest (and 4 more only it needs) is used by tests/ only (frees 11.2 MB)",
            "check_name": "dev-in-prod",
            "fingerprint": "SLIM002:.#python:pypi/pytest",
            "severity": "major",
            "location": {
              "path": "pyproject.toml",
              "lines": {
                "begin": 22
              }
            }
          },
          {
            "description": "SLIM001 unused-dependency: twilio is never used (frees 9.8 MB)",
            "check_name": "unused-dependency",
            "fingerprint": "SLIM001:.#python:pypi/twilio",
            "severity": "major",
            "location": {
              "path": "pyproject.toml",
              "lines": {
                "begin": 18
              }
            }
          },
          {
            "description": "SLIM003 heavy-dependency: pandas is used in 1 file (frees 118.6 MB)",
            "check_name": "heavy-dependency",
            "fingerprint": "SLIM003:.#python:pypi/pandas",
            "severity": "minor",
            "location": {
              "path": "reports/export.py",
              "lines": {
                "begin": 7
              }
            }
          }
        ]
        "#);
    }

    #[test]
    fn every_entry_has_what_gitlab_asks_for() {
        let mut report = fixtures::hostile();
        report.findings.extend(report.findings.clone());
        let out = gitlab(&report, &View { verbose: 1, ..View::default() });
        let entries: Vec<Value> = serde_json::from_str(&out).unwrap();
        assert_eq!(entries.len(), report.findings.len());
        let fingerprints: BTreeSet<&str> = entries.iter().map(|e| e["fingerprint"].as_str().unwrap()).collect();
        assert_eq!(fingerprints.len(), entries.len(), "fingerprints are unique");
        for entry in &entries {
            assert!(entry["description"].is_string() && entry["check_name"].is_string());
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&entry["severity"].as_str().unwrap()));
            assert!(entry["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
            let path = entry["location"]["path"].as_str().unwrap();
            assert!(!path.starts_with("./") && !path.starts_with('/'), "{path}");
        }
    }

    #[test]
    fn without_findings_there_is_an_empty_list() {
        assert_eq!(gitlab(&fixtures::clean(), &View::default()), "[]\n");
    }
}
