//! The text format as people see it.

use super::text;
use crate::fixtures;
use crate::view::{ScopeFilter, View};
use depslim_model::Report;

/// What a person sees: links are there, but not seen.
fn seen(report: &Report, view: &View) -> String {
    let out = text(report, view);
    let mut plain = String::new();
    let mut rest = out.as_str();
    while let Some((before, after)) = rest.split_once("\x1b]8;;") {
        plain.push_str(before);
        rest = after.split_once("\x1b\\").map_or("", |(_, rest)| rest);
    }
    plain + rest
}

fn view() -> View {
    View { timing: Some("0.2 s".into()), hyperlinks: true, ..View::default() }
}

#[test]
fn the_first_run() {
    insta::assert_snapshot!(seen(&fixtures::django(), &view()));
}

#[test]
fn the_first_run_into_a_pipe() {
    insta::assert_snapshot!(text(&fixtures::django(), &View::default()));
}

#[test]
fn with_more_detail() {
    insta::assert_snapshot!(seen(&fixtures::django(), &View { verbose: 1, top: 4, ..view() }));
}

#[test]
fn development_only() {
    insta::assert_snapshot!(seen(&fixtures::django(), &View { scope: ScopeFilter::Dev, verbose: 1, ..view() }));
}

#[test]
fn findings_only() {
    insta::assert_snapshot!(seen(&fixtures::django(), &View { quiet: true, ..view() }));
}

#[test]
fn what_is_said_of_many_places_is_said_once() {
    let mut report = fixtures::monorepo();
    let one = report.findings.iter().find(|f| f.code == depslim_model::Code::NotMeasured).unwrap().clone();
    for number in 1..=4 {
        let location = depslim_model::report::Location { file: format!("part{number}/Cargo.toml"), line: 1, column: 1 };
        report.findings.push(depslim_model::Finding {
            fingerprint: format!("{}{number}", one.fingerprint),
            location: Some(location),
            ..one.clone()
        });
    }
    let plain = text(&report, &View { top: 99, ..View::default() });
    assert_eq!(plain.matches("no release binary found").count(), 2, "once in the table, once below it: {plain}");
    let (_, below) = plain.split_once("warning[SLIM090]").unwrap();
    insta::assert_snapshot!(below.lines().skip(1).take(6).collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_clean_project() {
    insta::assert_snapshot!(seen(&fixtures::clean(), &view()));
    assert_eq!(text(&fixtures::clean(), &View { quiet: true, ..view() }), "");
}

#[test]
fn nothing_at_all() {
    insta::assert_snapshot!(seen(&fixtures::empty(), &view()));
}

#[test]
fn sizes_from_the_lock() {
    insta::assert_snapshot!(seen(&fixtures::estimated(), &view()));
}

#[test]
fn a_monorepo() {
    insta::assert_snapshot!(seen(&fixtures::monorepo(), &View { top: 3, ..view() }));
}

#[test]
fn a_project_that_failed() {
    let mut report = fixtures::monorepo();
    report.projects.retain(|project| project.failed.is_some());
    report.findings.clear();
    insta::assert_snapshot!(seen(&report, &view()));
}

#[test]
fn compared_with_a_base() {
    let base = fixtures::clean();
    let mut head = fixtures::django();
    let mut difference = crate::difference(&base, &head);
    difference.base_commit = Some("9c1d0e7f2ab34cd".into());
    crate::mark(&difference, &mut head);
    head.findings[1].new = false;
    insta::assert_snapshot!(seen(&head, &View { difference: Some(difference), ..view() }));
}

#[test]
fn a_narrow_terminal() {
    insta::assert_snapshot!(seen(&fixtures::django(), &View { width: 48, ..view() }));
}

#[test]
fn from_another_folder() {
    let out = seen(&fixtures::django(), &View { prefix: "apps/shop".into(), ..view() });
    assert!(out.contains("--> apps/shop/pyproject.toml:18\n"), "{out}");
    assert!(out.contains("depslim --fix --diff apps/shop | depslim export apps/shop | depslim why pandas"), "{out}");
}

#[test]
fn colours_are_off_unless_asked_for() {
    for report in [fixtures::django(), fixtures::monorepo(), fixtures::hostile()] {
        for verbose in [0, 2] {
            assert!(!text(&report, &View { verbose, ..View::default() }).contains('\x1b'));
        }
    }
    let out = text(&fixtures::django(), &View { color: true, ..View::default() });
    assert!(out.contains("\x1b[1m\x1b[31merror\x1b[0m"), "{out}");
}

#[test]
fn the_same_report_gives_the_same_text() {
    for report in [fixtures::django(), fixtures::monorepo()] {
        assert_eq!(text(&report, &view()), text(&report.clone(), &view()));
    }
}

#[test]
fn foreign_text_does_nothing_to_a_terminal_or_a_log() {
    for width in [40, 100] {
        let out = text(&fixtures::hostile(), &View { verbose: 2, width, ..View::default() });
        assert!(!out.chars().any(|c| c.is_control() && c != '\n'), "{out}");
        assert!(!out.contains('\u{202e}') && !out.contains("##["), "{out}");
        for line in out.lines() {
            assert!(!line.trim_start().starts_with("::"), "{line}");
        }
    }
}

#[test]
fn lines_keep_to_the_width_where_words_allow_it() {
    for width in [80, 100, 160] {
        let out = text(&fixtures::django(), &View { width, verbose: 2, ..View::default() });
        for line in out.lines().filter(|line| line.trim().contains(' ')) {
            assert!(crate::page::width(line) <= width, "{width}: {line}");
        }
    }
}
