//! The end of the text format: base image, what failed, notes, counts, and what to do next.

use crate::page::{BOLD, DIM, ERROR, Line, NOTE, PLACE, PLAIN, Page, WARNING};
use crate::phrase::{base_image, count, hidden_by, is_dev, is_word, number, weight};
use crate::shown::{Shown, compared};
use crate::view::View;
use depslim_model::report::{Applicable, Note};
use depslim_model::{Project, Report, Severity};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Notes that are shown without `-v`.
const NOTES: usize = 5;

/// `Base image  python:3.12 -> python:3.12-slim-bookworm + libpq5   (not alpine: …)`.
pub(super) fn image(page: &mut Page, project: &Project, view: &View) {
    let Some(image) = &project.image else { return };
    let Some(change) = base_image(image, "->", str::to_owned) else { return };
    let reason = image.reasons.first().map_or_else(String::new, |reason| format!("   ({reason})"));
    page.wrapped(Line::new().put(BOLD, "Base image").plain("  "), PLAIN, &format!("{change}{reason}"));
    for reason in image.reasons.iter().skip(1).filter(|_| view.verbose > 0) {
        page.wrapped(Line::new().to(12), DIM, reason);
    }
}

/// Projects that could not be analysed and manifests that could not be read: these make the run fail.
pub(super) fn failures(page: &mut Page, report: &Report, view: &View) {
    let single = report.projects.len() == 1;
    for project in report.projects.iter().filter(|_| single || view.quiet) {
        if let Some(reason) = &project.failed {
            page.wrapped(Line::new().put(ERROR, "failed: "), PLAIN, reason);
        }
    }
    for note in report.notes.iter().filter(|note| note.fatal) {
        one(page, note, view);
    }
}

/// Things to know; all of them with `-v`.
pub(super) fn notes(page: &mut Page, report: &Report, view: &View) {
    let notes: Vec<&Note> = report.notes.iter().filter(|note| !note.fatal).collect();
    let most = if view.verbose > 0 { usize::MAX } else { NOTES };
    for note in notes.iter().take(most) {
        one(page, note, view);
    }
    if notes.len() > most {
        page.line(Line::new().put(DIM, &format!("{} more (-v)", count((notes.len() - most) as u64, "note"))));
    }
    ignored(page, report, view);
}

fn one(page: &mut Page, note: &Note, view: &View) {
    let lead = if note.fatal { Line::new().put(ERROR, "error: ") } else { Line::new().put(NOTE, "note: ") };
    page.wrapped(lead, PLAIN, &note.message);
    if let Some(file) = &note.file {
        let line = note.line.map_or_else(String::new, |line| format!(":{line}"));
        page.line(Line::new().put(PLACE, "  --> ").plain(&format!("{}{line}", view.path(file))));
    }
}

fn ignored(page: &mut Page, report: &Report, view: &View) {
    if report.ignored.is_empty() {
        return;
    }
    let mut by: BTreeMap<&str, u64> = BTreeMap::new();
    for ignored in &report.ignored {
        *by.entry(&ignored.by).or_default() += 1;
    }
    let several = by.len() > 1;
    let kind = |(by, count): (&str, u64)| {
        let count = if several { format!("{} ", number(count)) } else { String::new() };
        format!("{count}by {}", hidden_by(by))
    };
    let kinds: Vec<String> = by.into_iter().map(kind).collect();
    let line = format!("ignored: {} ({})", count(report.ignored.len() as u64, "finding"), kinds.join(", "));
    page.line(Line::new().put(DIM, &line));
    if view.verbose > 0 {
        for ignored in &report.ignored {
            let reason = ignored.reason.as_ref().map_or_else(|| "no reason given".to_owned(), Clone::clone);
            page.wrapped(Line::new().plain("  "), DIM, &format!("{}: {reason}", ignored.fingerprint));
        }
    }
}

/// `2 errors, 1 warning.  Next: depslim --fix --diff | depslim export | depslim why pandas`.
pub(super) fn summary(page: &mut Page, report: &Report, view: &View, shown: &Shown<'_>) {
    if report.projects.is_empty() {
        return;
    }
    let (errors, warnings) = (shown.count(Severity::Error), shown.count(Severity::Warn));
    let mut line = Line::new();
    if errors > 0 {
        line = line.put(ERROR, &count(errors, "error"));
    }
    if errors > 0 && warnings > 0 {
        line = line.plain(", ");
    }
    if warnings > 0 {
        line = line.put(WARNING, &count(warnings, "warning"));
    }
    let failed = report.projects.iter().filter(|project| project.failed.is_some()).count();
    let analysed = report.projects.iter().any(|project| project.failed.is_none());
    if errors + warnings == 0 {
        line = line.plain(if analysed { "no findings" } else { "nothing could be analysed" });
    }
    if compared(report, view) && errors + warnings > 0 {
        line = line.plain(" that the base does not have");
    }
    if failed > 0 && analysed {
        line = line.plain(", ").put(ERROR, &format!("{} failed", count(failed as u64, "project")));
    }
    let mut asides = Vec::new();
    if !shown.before.is_empty() {
        asides.push(format!("{} in the base already", count(shown.before.len() as u64, "finding")));
    }
    if !shown.low.is_empty() && view.verbose == 0 {
        asides.push(format!("{} worth a look (-v)", number(shown.low.len() as u64)));
    }
    if !asides.is_empty() {
        line = line.plain("; ").put(DIM, &asides.join(", "));
    }
    line = line.plain(".");
    let next = next(report, view, shown);
    if next.is_empty() {
        page.line(line);
        return;
    }
    let next = format!("Next: {}", next.join(" | "));
    if line.width() + 2 + next.len() <= page.width {
        page.line(line.plain("  ").plain(&next));
    } else {
        page.line(line);
        page.line(Line::new().plain(&next));
    }
}

/// Commands that apply to this report.
fn next(report: &Report, view: &View, shown: &Shown<'_>) -> Vec<String> {
    let path = match view.prefix.trim_end_matches('/') {
        "" | "." => String::new(),
        path if is_word(path) => format!(" {path}"),
        _ => return Vec::new(),
    };
    let mut commands = Vec::new();
    let fixes = |kind| shown.now.iter().any(|f| f.fix.as_ref().is_some_and(|fix| fix.applicable == kind));
    if fixes(Applicable::Safe) {
        commands.push(format!("depslim --fix --diff{path}"));
    } else if fixes(Applicable::Unsafe) {
        commands.push(format!("depslim --fix --unsafe-fixes --diff{path}"));
    }
    let leaves_out = |p: &Project| p.removable_bytes > 0 || p.packages.iter().any(is_dev);
    if report.projects.iter().any(|p| p.failed.is_none() && leaves_out(p)) {
        commands.push(format!("depslim export{path}"));
    }
    if let Some(name) = ask_about(report, shown) {
        commands.push(format!("depslim why {name}"));
    }
    commands
}

/// The package that is most worth a question: that of the largest finding, else the largest one that ships.
fn ask_about(report: &Report, shown: &Shown<'_>) -> Option<String> {
    let found = shown.now.iter().filter(|f| !f.package.is_empty()).max_by_key(|f| (f.bytes, Reverse(&f.fingerprint)));
    let all = || report.projects.iter().flat_map(|project| &project.packages);
    let package = match found {
        Some(finding) => all().find(|p| p.id == finding.package),
        None => all().filter(|p| p.ships).max_by_key(|p| (weight(p).map_or(0, |(bytes, _)| bytes), Reverse(&p.id))),
    };
    package.map(|p| p.name.clone()).filter(|name| is_word(name))
}

/// The project of several where most can be removed.
pub(super) fn next_path(report: &Report, view: &View) -> Option<String> {
    let best =
        report.projects.iter().filter(|p| p.failed.is_none()).max_by_key(|p| (p.removable_bytes, Reverse(&p.id)))?;
    let path = view.path(&best.path);
    is_word(&path).then_some(path)
}
