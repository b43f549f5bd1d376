//! The comment as people read it, in the stories that the documentation tells, and what it does with hostile and huge reports.

use super::*;
use crate::fixtures::{self, add_up, django};
use crate::{difference, mark};
use depslim_model::report::{Applicable, Lines};
use depslim_model::{Code, Fix};
use proptest::prelude::*;

fn view() -> CommentView {
    CommentView {
        key: "default".into(),
        base: "main".into(),
        link: Some("https://example.invalid/jobs/7".into()),
        min_delta: 1_000_000,
        limit: 60_000,
        suggested: Vec::new(),
    }
}

/// The head's report, compared with a base.
fn compared(mut base: Report, mut head: Report) -> Report {
    base.source.commit = Some("9c1d0e7f2ab4c3d5e6f708192a3b4c5d6e7f8091".into());
    head.source.commit = Some("4f2c1ab0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4".into());
    mark(&difference(&base, &head), &mut head);
    head
}

/// The application without some packages.
fn without(names: &[&str]) -> Report {
    let mut base = django();
    base.projects[0].packages.retain(|package| !names.contains(&package.name.as_str()));
    base.findings.retain(|finding| !names.iter().any(|name| finding.package.contains(&format!("/{name}@"))));
    add_up(base)
}

const PANDAS: &[&str] = &["pandas", "numpy", "pytz", "tzdata", "python-dateutil"];

fn pandas_for_one_aggregation() -> Report {
    compared(without(PANDAS), django())
}

fn a_development_tool_in_production() -> Report {
    let mut head = django();
    for finding in &mut head.findings {
        if let Some(fix) = &mut finding.fix {
            fix.lines = Some(Lines { file: "pyproject.toml".into(), first: 22, last: 22, text: Vec::new() });
        }
    }
    compared(without(&["pytest", "pluggy", "iniconfig", "packaging", "pygments"]), head)
}

#[test]
fn story_pandas_for_one_aggregation() {
    insta::assert_snapshot!(comment(&pandas_for_one_aggregation(), &view()));
}

#[test]
fn story_a_development_tool_in_production() {
    let report = a_development_tool_in_production();
    let all = suggestions(&report);
    let prints: Vec<&str> = all.iter().map(|suggestion| suggestion.fingerprint.as_str()).collect();
    assert_eq!(prints, ["SLIM002:.#python:pypi/pytest"]);
    let view = CommentView { suggested: all.iter().map(|s| s.fingerprint.clone()).collect(), ..view() };
    insta::assert_snapshot!(format!(
        "{}\n~~~~ pyproject.toml:22\n{}",
        comment(&report, &view),
        all[0].body("suggestion")
    ));
}

#[test]
fn story_everything_is_resolved() {
    let report = compared(without(PANDAS), without(PANDAS));
    assert_eq!(news(&report, 1_000_000), News::Nothing);
    insta::assert_snapshot!(resolved(&report, &view()), @r"
    <!-- depslim:sticky v=1 key=default head=4f2c1ab0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4 -->
    ### depslim: resolved, production is 94.5 MB (same as main)
    ");
}

#[test]
fn only_news_is_reason_to_speak() {
    assert_eq!(news(&pandas_for_one_aggregation(), 1_000_000), News::Much);
    assert_eq!(news(&pandas_for_one_aggregation(), u64::MAX), News::Some, "a warning is new");
    assert_eq!(news(&a_development_tool_in_production(), u64::MAX), News::Much, "an error is new");
    assert_eq!(news(&compared(django(), django()), 0), News::Nothing);
    let small = compared(without(&["whitenoise"]), django());
    assert_eq!(news(&small, 1_000_000), News::Nothing);
    assert_eq!(news(&small, 1), News::Much);
}

#[test]
fn a_comment_that_is_too_long_is_cut_where_it_hurts_least() {
    let report = compared(fixtures::empty(), fixtures::large(3000));
    let whole = comment(&report, &CommentView { limit: usize::MAX, ..view() });
    assert!(whole.len() > 200_000, "{}", whole.len());
    let mut last = usize::MAX;
    for limit in [60_000, 8_000, 2_500, 300] {
        let text = comment(&report, &CommentView { limit, ..view() });
        assert!(text.len() <= limit, "{} > {limit}", text.len());
        assert!(text.starts_with("<!-- depslim:sticky v=1 key=default head="), "{text}");
        assert!(text.len() < last, "{text}");
        last = text.len();
    }
    let text = comment(&report, &view());
    assert!(text.contains("more in [the job](https://example.invalid/jobs/7)."), "{text}");
    assert!(text.trim_end().ends_with("</sub>"), "the end is there");
}

#[test]
fn suggestions_are_certain_and_new() {
    let mut report = a_development_tool_in_production();
    assert_eq!(suggestions(&report).len(), 1);
    for finding in &mut report.findings {
        finding.confidence = depslim_model::Confidence::Medium;
    }
    assert_eq!(suggestions(&report), []);
    let mut report = compared(django(), a_development_tool_in_production());
    assert_eq!(suggestions(&report), [], "the base has it too");
    report.findings.iter_mut().for_each(|finding| finding.new = true);
    report.findings.iter_mut().for_each(|finding| {
        if let Some(fix) = &mut finding.fix {
            fix.applicable = Applicable::Unsafe;
        }
    });
    assert_eq!(suggestions(&report), []);
}

#[test]
fn a_suggested_line_can_not_end_its_block() {
    let mut report = a_development_tool_in_production();
    let set = |report: &mut Report, line: &str| {
        for fix in report.findings.iter_mut().filter_map(|finding| finding.fix.as_mut()) {
            fix.lines = Some(Lines { file: "x".into(), first: 1, last: 1, text: vec![line.to_owned()] });
        }
    };
    set(&mut report, "a = '```'\t# ````");
    let body = suggestions(&report)[0].body("suggestion");
    assert!(body.contains("\n`````suggestion\na = '```'\t# ````\n`````\n"), "{body}");
    set(&mut report, "a = 1 # \u{202e}evil");
    assert_eq!(suggestions(&report), []);
}

#[test]
fn the_mark_holds_words_only() {
    assert_eq!(mark_of("a b-->c"), "<!-- depslim:sticky v=1 key=a_b___c ");
    let mut report = compared(django(), django());
    report.source.head = Some("--><script>".into());
    assert!(resolved(&report, &view()).starts_with("<!-- depslim:sticky v=1 key=default head=____script_ -->\n"));
}

#[test]
fn links_can_not_be_broken_out_of() {
    assert_eq!(url("https://x/a(b)<c>|`d`\n"), "https://x/a%28b%29%3Cc%3E%7C%60d%60");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn foreign_text_is_only_text(
        foreign in "(::|`|\\||@|#1|<|>|\"|'|&|\\]\\(|https://|-->|\x1b|\u{202e}| |\n|a|```){0,20}",
        size in proptest::option::of(any::<u64>()),
        limit in 200..4_000_usize,
    ) {
        let head = fixtures::foreign(&foreign, size);
        let mut report = compared(fixtures::empty(), head);
        let fix = Fix {
            applicable: Applicable::Safe,
            edits: Vec::new(),
            lines: Some(Lines { file: foreign.clone(), first: 1, last: 1, text: vec![foreign.clone()] }),
            changes: Vec::new(),
        };
        report.findings.iter_mut().for_each(|finding| finding.fix = Some(fix.clone()));
        let view = CommentView { key: foreign.clone(), base: foreign.clone(), limit, ..view() };
        for out in [comment(&report, &view), resolved(&report, &CommentView { limit: usize::MAX, ..view.clone() })] {
            prop_assert!(!out.chars().any(|c| c.is_control() && c != '\n'), "{out}");
            prop_assert!(!out.contains('\u{202e}'), "{out}");
            // HTML begins where a line does, and on these lines only.
            let html: Vec<&str> = out.lines().filter(|line| line.trim_start().starts_with('<')).collect();
            let known = |line: &&str| ["<details><summary>", "</details>", "<sub>"].iter().any(|tag| line.starts_with(tag));
            prop_assert!(html[0].starts_with("<!-- depslim:sticky v=1 key=") && html[0].ends_with(" -->"), "{out}");
            prop_assert!(!html[0][4..html[0].len() - 4].contains(['<', '>']), "{out}");
            prop_assert!(html[1..].iter().all(known), "{out}");
        }
        for suggestion in suggestions(&report) {
            prop_assert_eq!(suggestion.mark.matches("-->").count(), 1);
            prop_assert!(!suggestion.mark.contains('\n'));
        }
        let _ = (news(&report, 0), Code::ALL);
    }
}

#[test]
fn the_documentation_shows_the_comments_as_they_are() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/ci.md");
    let page = fs_err::read_to_string(file).unwrap();
    let pytest = a_development_tool_in_production();
    let all = suggestions(&pytest);
    let suggested = CommentView { suggested: all.iter().map(|s| s.fingerprint.clone()).collect(), ..view() };
    let calm = compared(without(PANDAS), without(PANDAS));
    for story in [
        comment(&pandas_for_one_aggregation(), &view()),
        comment(&pytest, &suggested),
        all[0].body("suggestion"),
        resolved(&calm, &view()),
    ] {
        assert!(page.contains(story.trim_end()), "docs/ci.md shows another text than\n{story}");
    }
}
