//! The job summary as people see it, and that nothing foreign in it is markup.

use super::*;
use crate::fixtures;

#[test]
fn a_project() {
    insta::assert_snapshot!(markdown(&fixtures::django(), &View::default()));
}

#[test]
fn several_projects() {
    insta::assert_snapshot!(markdown(&fixtures::monorepo(), &View::default()));
}

#[test]
fn nothing_to_say() {
    insta::assert_snapshot!(markdown(&fixtures::clean(), &View::default()));
    insta::assert_snapshot!(markdown(&fixtures::empty(), &View::default()));
}

#[test]
fn estimates_are_marked() {
    insta::assert_snapshot!(markdown(&fixtures::estimated(), &View::default()));
}

#[test]
fn a_comparison() {
    let base = fixtures::clean();
    let mut head = fixtures::django();
    let difference = crate::difference(&base, &head);
    crate::mark(&difference, &mut head);
    let view = View { difference: Some(difference), ..View::default() };
    insta::assert_snapshot!(markdown(&head, &view));
}

#[test]
fn foreign_text_makes_no_markup() {
    let out = markdown(&fixtures::hostile(), &View { verbose: 1, ..View::default() });
    assert!(!out.replace('\n', "").chars().any(char::is_control));
    let tags = ["<details>", "</details>", "<summary>", "</summary>", "<sub>", "</sub>"];
    let mut rest = out.clone();
    for tag in tags {
        rest = rest.replace(tag, "");
    }
    // What is left of `<` stands in code, where it is text.
    for line in rest.lines() {
        let outside: String = outside_code(line);
        assert!(!outside.contains(['<', '>']), "{line}");
        assert!(!outside.replace("@&#8203;", "").contains('@'), "{line}");
    }
    // A table's rows keep their number of cells.
    for table in out.split("\n\n").filter(|block| block.starts_with('|')) {
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        let first = cells(table.lines().next().unwrap());
        for line in table.lines() {
            assert_eq!(cells(line), first, "{line}");
        }
    }
}

/// A line without its code spans, as `CommonMark` finds them: a run of backticks up to the next run of the same length.
fn outside_code(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        if rest[..start].ends_with('\\') {
            out.push_str(&rest[..=start]);
            rest = &rest[start + 1..];
            continue;
        }
        out.push_str(&rest[..start]);
        let run = rest[start..].chars().take_while(|c| *c == '`').count();
        let after = &rest[start + run..];
        let fence = "`".repeat(run);
        let mut at = 0;
        let end = loop {
            let Some(next) = after[at..].find(&fence).map(|next| at + next) else { break None };
            let length = after[next..].chars().take_while(|c| *c == '`').count();
            if length == run {
                break Some(next + run);
            }
            at = next + length;
        };
        if let Some(end) = end {
            rest = &after[end..];
        } else {
            out.push_str(&fence);
            rest = after;
        }
    }
    out + rest
}

#[test]
fn a_large_report_stays_below_the_limit() {
    let mut report = fixtures::large(5000);
    let finding = fixtures::finding(
        depslim_model::Code::Unused,
        ".#python",
        "pkg:pypi/package-1@1.1",
        1,
        "package-1 is never used",
        "requirements.txt",
        2,
    );
    report.findings = vec![finding; 3000];
    let out = markdown(&report, &View { top: 100_000, ..View::default() });
    assert!(out.len() < 1_048_576, "{}", out.len());
    assert!(out.contains("\n2 800 findings more in the report.\n"));
}
