//! The comment on a pull request: what it changes and nothing else. Its first line is the whole message, since that is what an
//! e-mail shows of it; a hidden mark in it tells which comment is depslim's.

mod groups;
mod rows;
mod suggestion;

pub use suggestion::{Suggestion, suggestions};

use crate::escape::{markdown as text, markdown_code as code};
use crate::page::shorten;
use crate::phrase::{base_image, count, delta, overall, percent, signed, size};
use crate::shown::Shown;
use crate::view::View;
use depslim_model::difference::{Difference, PackageChange, Side};
use depslim_model::report::Measure;
use depslim_model::{Bytes, Code, Report, Severity, human};
use rows::{Row, rows};
use std::fmt::Write as _;

/// Rows that are not folded.
const ROWS: usize = 5;

/// What a comment is told beside the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentView {
    /// Tells several comments on one pull request apart.
    pub key: String,
    /// What the base is called (`main`).
    pub base: String,
    /// Where all of it can be read: the job's page.
    pub link: Option<String>,
    /// Changes below this many bytes are no reason to speak.
    pub min_delta: Bytes,
    /// Most bytes of the comment; what is longer is cut.
    pub limit: usize,
    /// Fingerprints of findings that get a suggestion on the line itself.
    pub suggested: Vec<String>,
}

/// What there is to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// A new error, or a change that is large enough: reason enough for a comment.
    Much,
    /// Not enough to begin a comment with, but a comment that is there should say it.
    Some,
    /// Nothing: a comment that is there is resolved.
    Nothing,
}

/// The hidden mark of a comment with this key; comments that hold it and are one's own are depslim's.
pub fn mark_of(key: &str) -> String {
    format!("<!-- depslim:sticky v=1 key={} ", word(key))
}

/// Whether a report is reason to speak.
pub fn news(report: &Report, min_delta: Bytes) -> News {
    let shown = Shown::of(report, &View { difference: report.difference.clone(), ..View::default() });
    let change = report.difference.as_ref().filter(|d| d.comparable).map_or(0, |d| d.prod.delta());
    if (change != 0 && change.unsigned_abs() >= min_delta) || shown.count(Severity::Error) > 0 {
        News::Much
    } else if shown.now.is_empty() {
        News::Nothing
    } else {
        News::Some
    }
}

/// Renders the comment for a report that has news.
pub fn comment(report: &Report, view: &CommentView) -> String {
    let all = rows(report, &view.suggested);
    let changes = report.difference.as_ref().map_or(0, |d| d.packages.iter().filter(|p| p.ships()).count());
    // What is folded gives way first, half by half; the rows that everybody sees go last.
    let mut room = (ROWS, all.len(), changes);
    loop {
        let out = render(report, view, &all, room);
        if out.len() <= view.limit {
            return out;
        }
        room = match room {
            (open, folded, listed) if listed > 0 => (open, folded, listed / 2),
            (open, folded, _) if folded > open => (open, open + (folded - open) / 2, 0),
            (open, _, _) if open > 0 => (open - 1, 0, 0),
            _ => return cut(out, view.limit),
        };
    }
}

/// Renders what a comment becomes when all that it said is gone.
pub fn resolved(report: &Report, view: &CommentView) -> String {
    let production = size(report.summary.prod_bytes, overall(report));
    let base = text(&view.base);
    let state = match report.difference.as_ref().filter(|difference| difference.comparable) {
        _ if overall(report) == Measure::Unknown => "no new findings".to_owned(),
        Some(difference) if difference.prod.delta() == 0 => format!("production is {production} (same as {base})"),
        Some(difference) => {
            format!("production is {production} ({} against {base})", about(difference, difference.prod.delta()))
        }
        None => format!("production is {production}"),
    };
    format!("{}\n### depslim: resolved, {state}\n", mark(report, view))
}

/// The mark with the state that the comment is about.
fn mark(report: &Report, view: &CommentView) -> String {
    let head = report.source.head.as_ref().or(report.source.commit.as_ref());
    format!("{}head={} -->", mark_of(&view.key), word(head.map_or("none", String::as_str)))
}

/// Letters, digits and little else: it stands in a comment of HTML.
fn word(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || "._".contains(c) { c } else { '_' }).take(64).collect()
}

fn render(report: &Report, view: &CommentView, all: &[Row], (open, folded, listed): (usize, usize, usize)) -> String {
    let mut out = format!("{}\n### depslim: {}\n\n", mark(report, view), headline(report));
    let shown = &all[..all.len().min(open)];
    table(&mut out, shown);
    details(&mut out, report, view, &all[shown.len()..], folded.saturating_sub(open), listed);
    footer(&mut out, report, view, shown);
    out
}

fn headline(report: &Report) -> String {
    let shown = Shown::of(report, &View { difference: report.difference.clone(), ..View::default() });
    let measure = overall(report);
    let production = size(report.summary.prod_bytes, measure);
    let mut words = Vec::new();
    match report.difference.as_ref().filter(|difference| difference.comparable) {
        Some(difference) if difference.prod.delta() != 0 => {
            let (before, after, delta) = (difference.prod.before, difference.prod.after, difference.prod.delta());
            let verb = if delta > 0 { "grows" } else { "shrinks" };
            let sign = if delta > 0 { '+' } else { '-' };
            let estimated = difference.estimated || measure == Measure::Estimated;
            let mark = if estimated { "~" } else { "" };
            let share = if before == 0 {
                String::new()
            } else {
                format!(", {sign}{} %", percent(delta.unsigned_abs(), before))
            };
            let by = human(delta.unsigned_abs());
            words.push(format!("production {verb} by {mark}{by} ({mark}{} → {}{share})", human(before), human(after)));
        }
        Some(_) => words.push(format!("production stays at {production}")),
        None if measure == Measure::Unknown => {}
        None => words.push(format!("production is {production}")),
    }
    let over = report.findings.iter().find(|f| matches!(f.code, Code::OverBudget | Code::Growth) && f.new);
    if over.is_some_and(|f| f.severity > Severity::Off) {
        words.push("over the budget".to_owned());
    }
    let of_packages = shown.now.iter().filter(|f| !matches!(f.code, Code::OverBudget | Code::Growth));
    let errors = of_packages.filter(|f| f.severity == Severity::Error).count() as u64;
    let warnings = shown.count(Severity::Warn);
    match (errors, warnings) {
        (0, 0) => {}
        (0, warnings) => words.push(count(warnings, "new warning")),
        (errors, _) => words.push(count(errors, "new error")),
    }
    if words.is_empty() { "no change".to_owned() } else { words.join(", ") }
}

fn table(out: &mut String, rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    out.push_str("| change | package | evidence | next step |\n|---:|---|---|---|\n");
    for row in rows {
        let _ = writeln!(out, "| {} | {} | {} | {} |", row.change, row.package, row.evidence, row.next);
    }
    out.push('\n');
}

fn details(out: &mut String, report: &Report, view: &CommentView, rest: &[Row], most: usize, listed: usize) {
    let none = Difference::default();
    let difference = report.difference.as_ref().unwrap_or(&none);
    let changes: Vec<&PackageChange> = difference.packages.iter().filter(|change| change.ships()).collect();
    let mut inside = String::new();
    table(&mut inside, &rest[..rest.len().min(most)]);
    left(&mut inside, rest.len().saturating_sub(most), view);
    if !changes.is_empty() {
        if listed > 0 {
            inside.push_str("| package | version | before | after | change | scope |\n|---|---|---:|---:|---:|---|\n");
        }
        for change in changes.iter().take(listed) {
            let bytes = |side: &Option<Side>| side.as_ref().map_or_else(|| "0".to_owned(), ships);
            let now = change.after.as_ref().or(change.before.as_ref());
            let scope = now.map_or_else(String::new, |side| side.scope.to_string());
            let (name, version) = (code(&change.name), text(&change.describe()));
            let (before, after, delta) = (bytes(&change.before), bytes(&change.after), delta(change));
            let _ = writeln!(inside, "| {name} | {version} | {before} | {after} | {delta} | {scope} |");
        }
        inside.push('\n');
        left(&mut inside, changes.len().saturating_sub(listed), view);
    }
    let mut facts = vec![format!("Development: {}.", development(report, difference))];
    for project in &report.projects {
        let Some(image) = &project.image else { continue };
        let of = if report.projects.len() > 1 { format!(" of {}", code(&project.path)) } else { String::new() };
        facts.extend(base_image(image, "→", code).map(|change| format!("Base image{of}: {change}.")));
    }
    let before = report.findings.iter().filter(|f| f.severity > Severity::Off && !f.new).count() as u64;
    if before > 0 {
        facts.push(format!("Already there before this pull request: {}, not shown.", count(before, "finding")));
    }
    if !difference.resolved.is_empty() {
        facts.push(format!("Resolved by it: {}.", count(difference.resolved.len() as u64, "finding")));
    }
    if difference.base_commit.is_some() && !difference.comparable {
        facts.push("Sizes of the base were found in another way and are not compared.".to_owned());
    }
    let title = match changes.len() as u64 {
        0 => "Base image and totals".to_owned(),
        1 => "The changed package, base image and totals".to_owned(),
        all => format!("All {all} changed packages, base image and totals"),
    };
    let _ = writeln!(out, "<details><summary>{title}</summary>\n\n{inside}{}\n\n</details>\n", facts.join(" "));
}

/// Bytes of a package that production installs on one side.
fn ships(side: &Side) -> String {
    match (side.ships, side.bytes) {
        (false, _) => "0".to_owned(),
        (true, 0) if side.estimated => "?".to_owned(),
        (true, bytes) => size(bytes, if side.estimated { Measure::Estimated } else { Measure::Installed }),
    }
}

fn development(report: &Report, difference: &Difference) -> String {
    let now = size(report.summary.dev_bytes, overall(report));
    match difference.dev.delta() {
        _ if !difference.comparable => now,
        0 => format!("{now} (no change)"),
        change => format!("{now} ({})", about(difference, change)),
    }
}

fn about(difference: &Difference, change: i64) -> String {
    format!("{}{}", if difference.estimated { "~" } else { "" }, signed(change))
}

fn left(out: &mut String, number: usize, view: &CommentView) {
    if number > 0 {
        let place =
            view.link.as_ref().map_or_else(|| "the report".to_owned(), |link| format!("[the job]({})", url(link)));
        let _ = writeln!(out, "{number} more in {place}.\n");
    }
}

fn footer(out: &mut String, report: &Report, view: &CommentView, shown: &[Row]) {
    let mut words = Vec::new();
    words.push(match overall(report) {
        Measure::Installed => "Installed sizes".to_owned(),
        Measure::Binary => "Sizes inside the binary".to_owned(),
        Measure::Estimated => "Sizes estimated from downloads".to_owned(),
        Measure::Source => "Sizes of source code".to_owned(),
        Measure::Unknown => "Sizes unknown".to_owned(),
    });
    words[0] = format!("{}, {}", words[0], text(&report.target));
    if let Some(difference) = &report.difference {
        let commit =
            difference.base_commit.as_ref().map_or_else(String::new, |commit| format!("@{}", shorten(commit, 8)));
        words[0] = format!("{}, base {}", words[0], code(&format!("{}{commit}", view.base).replace('…', "")));
        if difference.estimated {
            words.push("~ marks estimates: the base is not installed".to_owned());
        }
    }
    words.extend(view.link.as_ref().map(|link| format!("[Full report]({})", url(link))));
    if let Some(name) = shown.iter().find_map(|row| row.name.as_ref()) {
        words.push(format!("explain: {}", code(&format!("depslim why {name}"))));
    }
    if let Some(rule) = shown.iter().find_map(|row| row.rule) {
        words.push(format!("accept: {}", code(&format!("# depslim: ignore[{rule}] <reason>"))));
    }
    words.push(format!("mute: {}", code("comment.mode = \"never\"")));
    let _ = writeln!(out, "<sub>{}</sub>", words.join(" · "));
}

/// An address for a link's target: what could end the link is spelled out.
fn url(link: &str) -> String {
    link.chars()
        .filter(|c| !c.is_control())
        .map(|c| match c {
            '(' | ')' | '<' | '>' | ' ' | '"' | '`' | '|' | '\\' => format!("%{:02X}", u32::from(c)),
            c => c.to_string(),
        })
        .collect()
}

/// The last resort: what does not fit is cut, where a line ends, so that no half of a tag or of a code span stays; where there is but
/// one line, where a character ends.
fn cut(mut out: String, limit: usize) -> String {
    const END: &str = "\n\n…\n";
    let mut end = limit.saturating_sub(END.len());
    while !out.is_char_boundary(end) {
        end -= 1;
    }
    out.truncate(end);
    out.truncate(out.rfind('\n').unwrap_or(end));
    out.push_str(END);
    out
}

#[cfg(test)]
mod tests;
