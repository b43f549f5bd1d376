//! Whatever a report holds, every format renders it, and nothing in it acts.

use crate::{Format, ScopeFilter, View, difference, fixtures, render, why};
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\\x00-\\x7f]{0,40}",
        "(::|##\\[|`|\\||@|#1|<|>|\"|'|&|%0A|\\]\\(|\\{\\{|\\{%|https://|\x1b|\u{9b}|\u{202e}|\u{2028}| |\n|a){0,20}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_format_is_fooled(
        foreign in text(),
        size in proptest::option::of(any::<u64>()),
        width in 0..200_usize,
        verbose in 0..3_u8,
    ) {
        let report = fixtures::foreign(&foreign, size);
        let base = fixtures::foreign("", size.map(|size| size / 2));
        for changed in [None, Some(difference(&base, &report))] {
            let view = View { width, verbose, scope: ScopeFilter::All, difference: changed, ..View::default() };
            for format in Format::ALL {
                let out = render(format, &report, &view);
                let acts = |c: char| c.is_control() && c != '\n';
                if !matches!(format, Format::Json | Format::Jsonl) {
                    prop_assert!(!out.contains(acts), "{format:?}: {out}");
                    prop_assert!(!out.contains(['\u{202e}', '\u{2028}']), "{format:?}: {out}");
                }
                match format {
                    Format::Text | Format::Concise => {
                        prop_assert!(!out.contains("##["), "{out}");
                        prop_assert!(out.lines().all(|line| !line.trim_start().starts_with("::")), "{out}");
                    }
                    Format::Github => prop_assert_eq!(out.lines().filter(|line| line.starts_with("::")).count(), out.lines().count()),
                    Format::Json | Format::Gitlab | Format::Sarif => {
                        prop_assert!(serde_json::from_str::<serde_json::Value>(&out).is_ok());
                    }
                    Format::Jsonl => {
                        let all = out.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok());
                        prop_assert!(all, "{out}");
                    }
                    Format::Html => {
                        prop_assert_eq!(out.matches("<script").count(), 2);
                        prop_assert_eq!(out.matches("</script").count(), 2);
                        prop_assert_eq!(out.matches("<img").count(), 0);
                    }
                    Format::Markdown => {}
                }
            }
            for package in &report.projects[0].packages {
                let out = why(&report, &package.id, &view);
                prop_assert!(out.is_ok_and(|out| !out.contains(|c: char| c.is_control() && c != '\n')));
            }
        }
        let _ = why(&report, &foreign, &View::default()).map_err(|error| error.to_string());
    }
}
