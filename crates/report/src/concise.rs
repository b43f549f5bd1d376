//! The concise format: one line a finding, for editors and `grep`.

use crate::escape::terminal;
use crate::phrase::{frees, place};
use crate::shown::Shown;
use crate::view::View;
use depslim_model::Report;
use std::fmt::Write as _;

/// Renders one line a finding: `file:line: SLIM001 message`. What makes the run fail otherwise comes first, as `error`.
pub fn concise(report: &Report, view: &View) -> String {
    let mut out = String::new();
    let mut line = |place: &str, text: &str| {
        let colon = if place.is_empty() { "" } else { ": " };
        // A CI runner takes a line that begins with `::` for a command.
        let place =
            if place.trim_start().starts_with(':') { place.replacen(':', "\\u{3a}", 1) } else { place.to_owned() };
        let _ = writeln!(out, "{}{colon}{}", terminal(&place), terminal(text));
    };
    for project in &report.projects {
        if let Some(reason) = &project.failed {
            line(&view.path(&project.path), &format!("error {reason}"));
        }
    }
    for note in report.notes.iter().filter(|note| note.fatal) {
        let file = note.file.as_ref().map_or_else(String::new, |file| view.path(file));
        let place = note.line.map_or_else(|| file.clone(), |line| format!("{file}:{line}"));
        line(&place, &format!("error {}", note.message));
    }
    for finding in Shown::of(report, view).listed(view) {
        let folder = || view.path(finding.project.split('#').next().unwrap_or_default());
        let place = place(report, finding, view).map_or_else(folder, |(file, line, _)| format!("{file}:{line}"));
        let frees = frees(report, finding).map_or_else(String::new, |frees| format!(" ({frees})"));
        line(&place, &format!("{} {}{frees}", finding.code, finding.message));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn a_finding_is_one_line() {
        insta::assert_snapshot!(concise(&fixtures::django(), &View::default()), @r"
        pyproject.toml:22: SLIM002 pytest (and 4 more only it needs) is used by tests/ only (frees 11.2 MB)
        pyproject.toml:18: SLIM001 twilio is never used (frees 9.8 MB)
        reports/export.py:7: SLIM003 pandas is used in 1 file (frees 118.6 MB)
        ");
    }

    #[test]
    fn what_failed_is_said_first() {
        let view = View { prefix: "shop".into(), ..View::default() };
        insta::assert_snapshot!(concise(&fixtures::monorepo(), &view), @r"
        shop/services/billing: error services/billing/pom.xml:7: the element `dependencies` is not closed
        shop/web/package.json:14: SLIM002 typescript is used by scripts only (frees 32.1 MB)
        shop/services/api/pyproject.toml:22: SLIM002 pytest (and 4 more only it needs) is used by tests/ only (frees 11.2 MB)
        shop/services/api/pyproject.toml:18: SLIM001 twilio is never used (frees 9.8 MB)
        shop/services/api/reports/export.py:7: SLIM003 pandas is used in 1 file (frees 118.6 MB)
        shop/engine: SLIM090 no release binary found. For sizes: cargo build --release && depslim
        ");
    }

    #[test]
    fn a_clean_report_is_silent() {
        assert_eq!(concise(&fixtures::clean(), &View::default()), "");
        assert_eq!(concise(&fixtures::empty(), &View::default()), "");
    }

    #[test]
    fn foreign_text_stays_in_its_line() {
        let out = concise(&fixtures::hostile(), &View { verbose: 1, ..View::default() });
        assert_eq!(out.lines().count(), 5, "{out}");
        assert!(!out.replace('\n', "").chars().any(char::is_control));
        assert!(!out.contains("##[") && out.lines().all(|line| !line.trim_start().starts_with("::")), "{out}");
    }
}
