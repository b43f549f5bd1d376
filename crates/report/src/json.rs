//! The JSON formats: the model as it is, in one piece (`json`) or one record a line (`jsonl`).

use depslim_model::report::{Ignored, Note, Origin, Summary, Tool};
use depslim_model::{Finding, Package, Project, Report};
use serde::Serialize;

/// Renders `depslim.report/1`. The same report gives the same bytes.
pub fn json(report: &Report) -> String {
    // Structs with string keys only: serialising them can't fail.
    serde_json::to_string_pretty(report).unwrap_or_default() + "\n"
}

/// Renders the same records one a line, `record` first: `summary`, then for each project `project` and its `package` lines, then
/// `finding`, `ignored`, `note`. Packages name their project; a project does not repeat its packages.
pub fn jsonl(report: &Report) -> String {
    let mut out = String::new();
    let mut line = |record: &Record<'_>| {
        let mut text = serde_json::to_string(record).unwrap_or_default();
        // The packages of a project follow as records of their own.
        if let Some(head) = text.strip_suffix(NO_PACKAGES) {
            text = format!("{head}}}");
        }
        out.push_str(&text);
        out.push('\n');
    };
    line(&Record::Summary {
        schema: &report.schema,
        tool: &report.tool,
        target: &report.target,
        source: &report.source,
        summary: &report.summary,
    });
    for project in &report.projects {
        line(&Record::Project(Box::new(Project { packages: Vec::new(), ..project.clone() })));
        for package in &project.packages {
            line(&Record::Package { project: &project.id, package });
        }
    }
    report.findings.iter().for_each(|finding| line(&Record::Finding(finding)));
    report.ignored.iter().for_each(|ignored| line(&Record::Ignored(ignored)));
    report.notes.iter().for_each(|note| line(&Record::Note(note)));
    out
}

const NO_PACKAGES: &str = r#","packages":[]}"#;

#[derive(Serialize)]
#[serde(tag = "record", rename_all = "lowercase")]
enum Record<'a> {
    Summary {
        schema: &'a str,
        tool: &'a Tool,
        target: &'a str,
        source: &'a Origin,
        summary: &'a Summary,
    },
    Project(Box<Project>),
    Package {
        project: &'a str,
        #[serde(flatten)]
        package: &'a Package,
    },
    Finding(&'a Finding),
    Ignored(&'a Ignored),
    Note(&'a Note),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use serde_json::Value;
    use std::collections::BTreeSet;

    fn records(report: &Report) -> Vec<Value> {
        jsonl(report).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn json_reads_back() {
        for report in
            [fixtures::django(), fixtures::monorepo(), fixtures::empty(), fixtures::hostile(), fixtures::estimated()]
        {
            let text = json(&report);
            assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
            assert_eq!(text, json(&report.clone()));
        }
    }

    #[test]
    fn json_of_a_clean_project() {
        insta::assert_snapshot!(json(&fixtures::clean()));
    }

    #[test]
    fn each_line_is_a_record_and_says_which_first() {
        let report = fixtures::monorepo();
        let text = jsonl(&report);
        assert!(text.lines().all(|line| line.starts_with(r#"{"record":""#)), "{text}");
        let kinds: Vec<String> = records(&report).iter().map(|r| r["record"].as_str().unwrap().to_owned()).collect();
        let count = |kind: &str| kinds.iter().filter(|k| *k == kind).count();
        assert_eq!(kinds[0], "summary");
        assert_eq!(count("project"), report.projects.len());
        assert_eq!(count("package"), report.projects.iter().map(|p| p.packages.len()).sum::<usize>());
        assert_eq!(count("finding"), report.findings.len());
        assert_eq!(count("ignored"), report.ignored.len());
        assert_eq!(count("note"), report.notes.len());
    }

    /// Nothing that the report says is missing from the records, and nothing is said twice.
    #[test]
    fn records_hold_the_whole_report() {
        let report = fixtures::monorepo();
        let whole: Value = serde_json::from_str(&json(&report)).unwrap();
        let mut packages = Vec::new();
        for record in records(&report) {
            let keys: BTreeSet<&String> = record.as_object().unwrap().keys().collect();
            match record["record"].as_str().unwrap() {
                "project" => {
                    let id = &record["id"];
                    let same = whole["projects"].as_array().unwrap().iter().find(|p| &p["id"] == id).unwrap();
                    let mut expect: BTreeSet<String> = same.as_object().unwrap().keys().cloned().collect();
                    expect.remove("packages");
                    expect.insert("record".into());
                    assert_eq!(keys.into_iter().cloned().collect::<BTreeSet<_>>(), expect);
                }
                "package" => packages.push((record["project"].as_str().unwrap().to_owned(), record["id"].clone())),
                _ => {}
            }
        }
        let expect: Vec<(String, Value)> = report
            .projects
            .iter()
            .flat_map(|p| p.packages.iter().map(|package| (p.id.clone(), Value::from(package.id.clone()))))
            .collect();
        assert_eq!(packages, expect);
    }
}
