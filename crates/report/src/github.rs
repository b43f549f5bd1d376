//! Workflow commands that GitHub turns into annotations. GitHub shows ten a level and step and drops the rest without a word, so
//! no more are written and the number of the others is said.

use crate::escape::{workflow_message, workflow_property};
use crate::phrase::{count, evidence, frees, level, place};
use crate::shown::Shown;
use crate::view::View;
use depslim_model::Report;
use std::fmt::Write as _;

/// Annotations a level.
pub const ANNOTATIONS: usize = 10;

struct Annotation {
    place: Option<(String, u32, Option<u32>)>,
    title: String,
    lines: Vec<String>,
}

/// Renders annotations, errors first, and one line about those that are left out.
pub fn github(report: &Report, view: &View) -> String {
    let mut out = String::new();
    let mut left_out = Vec::new();
    let annotations = annotations(report, view);
    for (level, noun) in [("error", "error"), ("warning", "warning"), ("notice", "notice")] {
        let all: Vec<&Annotation> = annotations.iter().filter(|(of, _)| *of == level).map(|(_, a)| a).collect();
        for annotation in all.iter().take(ANNOTATIONS) {
            write(&mut out, level, annotation);
        }
        if all.len() > ANNOTATIONS {
            left_out.push(count((all.len() - ANNOTATIONS) as u64, noun));
        }
    }
    if !left_out.is_empty() {
        let _ = writeln!(
            out,
            "depslim: {} more without an annotation; the log and the report have them all",
            left_out.join(", ")
        );
    }
    out
}

fn annotations(report: &Report, view: &View) -> Vec<(&'static str, Annotation)> {
    let mut all = Vec::new();
    for project in &report.projects {
        if let Some(reason) = &project.failed {
            let place = project.manifest.as_ref().map(|file| (view.path(file), 1, None));
            let title = format!("depslim: {} failed", project.id);
            all.push(("error", Annotation { place, title, lines: vec![reason.clone()] }));
        }
    }
    for note in report.notes.iter().filter(|note| note.fatal) {
        let place = note.file.as_ref().map(|file| (view.path(file), note.line.unwrap_or(1).max(1), None));
        all.push(("error", Annotation { place, title: "depslim".into(), lines: vec![note.message.clone()] }));
    }
    for finding in Shown::of(report, view).listed(view) {
        let frees = frees(report, finding).map_or_else(String::new, |frees| format!(" ({frees})"));
        let mut lines = vec![format!("{}{frees}", finding.message)];
        lines.extend(finding.evidence.iter().take(3).map(|piece| evidence(piece, view)));
        lines.extend(finding.help.iter().cloned());
        let level = match level(finding) {
            "note" => "notice",
            level => level,
        };
        let title = format!("{} {}", finding.code, finding.code.name());
        all.push((level, Annotation { place: place(report, finding, view), title, lines }));
    }
    all
}

fn write(out: &mut String, level: &str, annotation: &Annotation) {
    let mut properties = Vec::new();
    if let Some((file, line, column)) = &annotation.place {
        properties.push(format!("file={}", workflow_property(file)));
        properties.push(format!("line={line}"));
        if let Some(column) = column {
            properties.push(format!("col={column}"));
        }
    }
    properties.push(format!("title={}", workflow_property(&annotation.title)));
    let _ = writeln!(out, "::{level} {}::{}", properties.join(","), workflow_message(&annotation.lines));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn findings_become_annotations() {
        let view = View { prefix: "services/shop".into(), ..View::default() };
        insta::assert_snapshot!(github(&fixtures::django(), &view), @r"
        ::error file=services/shop/pyproject.toml,line=22,col=5,title=SLIM002 dev-in-prod::pytest (and 4 more only it needs) is used by tests/ only (frees 11.2 MB)%0Aservices/shop/tests/test_orders.py:1: import pytest
        ::error file=services/shop/pyproject.toml,line=18,col=5,title=SLIM001 unused-dependency::twilio is never used (frees 9.8 MB)%0Asearched 212 files (python source, settings, templates, Dockerfile, Procfile, CI): no use
        ::warning file=services/shop/reports/export.py,line=7,col=5,title=SLIM003 heavy-dependency::pandas is used in 1 file (frees 118.6 MB)%0Apandas 72.3 MB + numpy 44.1 MB + 3 others 2.2 MB that nothing else needs%0Aservices/shop/reports/export.py:7: import pandas as pd%0Aused: groupby, to_csv. The standard library has csv and itertools.groupby
        ");
    }

    #[test]
    fn doubt_is_a_notice_and_only_when_asked_for() {
        let view = View { verbose: 1, ..View::default() };
        let out = github(&fixtures::django(), &view);
        assert!(
            out.lines()
                .last()
                .unwrap()
                .starts_with("::notice file=pyproject.toml,line=1,title=SLIM001 unused-dependency::")
        );
        assert!(!github(&fixtures::django(), &View::default()).contains("::notice"));
    }

    #[test]
    fn ten_a_level_and_the_rest_as_a_number() {
        let mut report = fixtures::django();
        let twilio = report.findings[2].clone();
        for at in 0..30_u32 {
            let mut finding = twilio.clone();
            finding.fingerprint = format!("SLIM001:.#python:pypi/x{at}");
            if at % 2 == 0 {
                finding.severity = depslim_model::Severity::Warn;
            }
            report.findings.push(finding);
        }
        let out = github(&report, &View::default());
        assert_eq!(out.lines().filter(|l| l.starts_with("::error ")).count(), ANNOTATIONS);
        assert_eq!(out.lines().filter(|l| l.starts_with("::warning ")).count(), ANNOTATIONS);
        assert_eq!(
            out.lines().last(),
            Some("depslim: 7 errors, 6 warnings more without an annotation; the log and the report have them all")
        );
    }

    #[test]
    fn foreign_text_can_not_add_a_command() {
        let out = github(&fixtures::hostile(), &View { verbose: 1, ..View::default() });
        for line in out.lines() {
            let (command, message) = line.strip_prefix("::").and_then(|rest| rest.split_once("::")).unwrap();
            assert!(!message.contains("##["));
            let keys: Vec<&str> = command
                .split_once(' ')
                .unwrap()
                .1
                .split(',')
                .map(|property| property.split_once('=').unwrap().0)
                .collect();
            assert!(keys.iter().all(|key| ["file", "line", "col", "title"].contains(key)), "{command}");
        }
        assert_eq!(out.lines().count(), 5);
    }

    #[test]
    fn what_failed_is_an_error() {
        let out = github(&fixtures::monorepo(), &View::default());
        assert!(
            out.contains("::error title=depslim%3A services/billing#java failed::services/billing/pom.xml:7: "),
            "{out}"
        );
    }
}
