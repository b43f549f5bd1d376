//! Findings in the text format: a headline with what following it frees, the place, the evidence.

use super::closing::next_path;
use crate::page::{BOLD, DIM, ERROR, Line, NOTE, PLACE, PLAIN, Page, WARNING, width};
use crate::phrase::{count, evidence, frees, level, place};
use crate::shown::Shown;
use crate::view::View;
use depslim_model::{Code, Confidence, Finding, Report};
use std::collections::BTreeSet;

/// Evidence lines that a finding shows without `-v`.
const EVIDENCE: usize = 4;
/// Places that findings which say the same show without `-v`.
const PLACES: usize = 3;

/// All findings of a list, in full.
pub(crate) fn blocks(page: &mut Page, report: &Report, view: &View, findings: &[&Finding]) {
    list(page, report, view, findings, true);
}

/// The findings that free most, for several projects; all of them with `-v`.
pub(super) fn top(page: &mut Page, report: &Report, view: &View, shown: &Shown<'_>) {
    if shown.now.is_empty() {
        return;
    }
    let most = if view.verbose > 0 { usize::MAX } else { view.top };
    let first: Vec<&Finding> = alike(report, &shown.now).into_iter().take(most).flatten().copied().collect();
    let title = if shown.now.len() > first.len() {
        format!("Top {} of {}", first.len(), count(shown.now.len() as u64, "finding"))
    } else {
        count(shown.now.len() as u64, "finding")
    };
    let line =
        Line::new().put(BOLD, &title).plain(&format!(" across {}", count(report.projects.len() as u64, "project")));
    page.line(match next_path(report, view) {
        Some(path) => line.right(page.width, 3, DIM, &format!("depslim {path}   to zoom in")),
        None => line,
    });
    page.blank();
    list(page, report, view, &first, view.verbose > 0);
}

/// Findings of low confidence, with `-v`.
pub(super) fn worth_a_look(page: &mut Page, report: &Report, view: &View, shown: &Shown<'_>) {
    if view.verbose > 0 && !shown.low.is_empty() {
        page.blank();
        page.line(Line::new().put(BOLD, "Worth a look").put(DIM, "   low confidence: never an error, never fixed"));
        list(page, report, view, &shown.low, true);
    }
}

fn list(page: &mut Page, report: &Report, view: &View, findings: &[&Finding], full: bool) {
    let groups = alike(report, findings);
    let gains: Vec<Option<String>> = groups.iter().map(|group| frees(report, group[0])).collect();
    let heads: Vec<Line> = groups.iter().map(|group| head(group[0])).collect();
    // What is freed ends in one column, as far left as the longest headline that leaves it in the line allows.
    let end = |(head, gain): (&Line, &Option<String>)| gain.as_ref().map(|gain| head.width() + 3 + width(gain));
    let column = heads.iter().zip(&gains).filter_map(end).filter(|end| *end <= page.width).max().unwrap_or(page.width);
    let mut told = BTreeSet::new();
    for ((group, head), gain) in groups.iter().zip(heads).zip(gains) {
        let finding = group[0];
        let crowded = gain.as_ref().is_some_and(|gain| head.width() + 3 + width(gain) > page.width);
        match &gain {
            Some(gain) if !crowded => page.line(head.right(column, 3, BOLD, gain)),
            _ => long_head(page, finding),
        }
        let most = if view.verbose > 0 { usize::MAX } else { PLACES };
        for (file, line, _) in group.iter().take(most).filter_map(|finding| place(report, finding, view)) {
            page.line(Line::new().put(PLACE, "  --> ").plain(&format!("{file}:{line}")));
        }
        if group.len() > most {
            page.line(equals().plain(&format!("{} (-v)", count((group.len() - most) as u64, "more place"))));
        }
        if let Some(gain) = gain.filter(|_| crowded) {
            page.line(equals().put(BOLD, &gain));
        }
        let url = told.insert(finding.code) && page.spells_links();
        details(page, finding, view, full, url);
    }
}

/// Neighbours that say the same of several places, and free nothing.
fn alike<'l, 'r>(report: &Report, findings: &'l [&'r Finding]) -> Vec<&'l [&'r Finding]> {
    let words = |f: &'r Finding| (f.code, f.severity, f.confidence, &f.message, &f.evidence, &f.help);
    findings.chunk_by(|a, b| words(a) == words(b) && a.package.is_empty() && frees(report, a).is_none()).collect()
}

/// The headline as it stands alone in its line.
fn head(finding: &Finding) -> Line {
    let lead = lead(finding);
    lead.put(BOLD, &finding.message)
}

fn lead(finding: &Finding) -> Line {
    let level = level(finding);
    let style = match level {
        "error" => ERROR,
        "warning" => WARNING,
        _ => NOTE,
    };
    let code: Code = finding.code;
    let line = Line::new().put(style, level).put(style, "[").link(style, code.code(), code.url()).put(style, "]");
    line.plain(&format!(" {}: ", code.name()))
}

/// A headline that may need more than its line.
fn long_head(page: &mut Page, finding: &Finding) {
    page.hanging(lead(finding), 4, BOLD, &finding.message);
}

fn details(page: &mut Page, finding: &Finding, view: &View, full: bool, url: bool) {
    if full {
        let most = if view.verbose > 0 { usize::MAX } else { EVIDENCE };
        for piece in finding.evidence.iter().take(most) {
            let here = finding
                .location
                .as_ref()
                .is_some_and(|at| piece.file.as_ref() == Some(&at.file) && piece.line == Some(at.line));
            // The place stands above already.
            let text = if here && !piece.text.is_empty() { piece.text.clone() } else { evidence(piece, view) };
            page.wrapped(equals(), PLAIN, &text);
        }
        let more = finding.evidence.len().saturating_sub(most);
        if more > 0 {
            page.line(equals().put(DIM, &format!("{more} more (-v)")));
        }
        for help in &finding.help {
            page.wrapped(equals(), PLAIN, help);
        }
        if finding.confidence == Confidence::Medium {
            page.line(equals().plain("confidence: medium"));
        }
    }
    if url {
        page.line(equals().put(DIM, &format!("explained by depslim why {}", finding.code)));
    }
}

fn equals() -> Line {
    Line::new().put(PLACE, "   = ")
}
