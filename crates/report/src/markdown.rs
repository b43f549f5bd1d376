//! The Markdown format: a job summary. The first line is the whole message; long lists are folded and cut.

use crate::escape::{markdown as text, markdown_code as code};
use crate::page::shorten;
use crate::phrase::{
    absent, base_image, count, delta, evidence, frees, is_dev, number, overall, percent, place, plural, size, size_of,
    weight,
};
use crate::shown::{Shown, compared};
use crate::text::{looks_unused, reason};
use crate::view::View;
use depslim_model::difference::PackageChange;
use depslim_model::report::Measure;
use depslim_model::{Confidence, Finding, Package, Project, Report, Severity, human};
use std::cmp::Reverse;
use std::fmt::Write as _;

/// Findings, packages and notes a table holds; a platform cuts a summary at 1 MiB.
const ROWS: usize = 200;

/// Renders a job summary.
pub fn markdown(report: &Report, view: &View) -> String {
    let shown = Shown::of(report, view);
    let mut out = String::new();
    let _ = writeln!(out, "### depslim: {}\n", headline(report, view, &shown));
    totals(&mut out, report);
    changes(&mut out, view);
    findings(&mut out, report, view, &shown);
    for project in report.projects.iter().filter(|project| project.failed.is_none()) {
        image(&mut out, report, project);
    }
    kept(&mut out, report, view);
    largest(&mut out, report, view);
    notes(&mut out, report, view);
    footer(&mut out, report, view);
    out
}

fn headline(report: &Report, view: &View, shown: &Shown<'_>) -> String {
    let failed = report.projects.iter().filter(|p| p.failed.is_some()).count() as u64;
    if report.projects.is_empty() {
        return "nothing to analyse".to_owned();
    }
    if failed == report.projects.len() as u64 {
        return format!("{} could not be analysed", count(failed, "project"));
    }
    let measure = overall(report);
    let mut words = Vec::new();
    match view.difference.as_ref().filter(|difference| difference.comparable) {
        Some(difference) if difference.prod.delta() != 0 => {
            let (before, after, delta) = (difference.prod.before, difference.prod.after, difference.prod.delta());
            let verb = if delta > 0 { "grows" } else { "shrinks" };
            let about = if difference.estimated { "~" } else { "" };
            let by = size(delta.unsigned_abs(), if difference.estimated { Measure::Estimated } else { measure });
            words.push(format!("production {verb} by {by} ({about}{} → {})", human(before), human(after)));
        }
        Some(_) => words.push(format!("production stays at {}", size(report.summary.prod_bytes, measure))),
        None => words.push(format!("production is {}", size(report.summary.prod_bytes, measure))),
    }
    let sized = report.projects.iter().filter(|p| p.failed.is_none() && p.measure != Measure::Unknown).count();
    if sized < report.projects.len() && sized > 0 {
        words.push(format!("sizes of {sized} of {} are known", count(report.projects.len() as u64, "project")));
    }
    if report.summary.removable_bytes > 0 && measure != Measure::Unknown {
        let share = percent(report.summary.removable_bytes, report.summary.prod_bytes);
        words.push(format!(
            "{} ({share} %) can go without a code change",
            size(report.summary.removable_bytes, measure)
        ));
    }
    let (errors, warnings) = (shown.count(Severity::Error), shown.count(Severity::Warn));
    words.push(match (errors, warnings) {
        (0, 0) => "no findings".to_owned(),
        (0, warnings) => count(warnings, "warning"),
        (errors, 0) => count(errors, "error"),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    });
    if failed > 0 {
        words.push(format!("{} could not be analysed", count(failed, "project")));
    }
    words.join("; ")
}

fn totals(out: &mut String, report: &Report) {
    if report.projects.len() == 1 && report.projects[0].failed.is_none() {
        let project = &report.projects[0];
        out.push_str("| | size | packages | |\n|---|---:|---:|---|\n");
        let mut row = |label: &str, bytes: u64, packages: u64, remark: &str| {
            let _ = writeln!(out, "| {label} | {} | {} | {remark} |", size(bytes, project.measure), number(packages));
        };
        let ships = project.packages.iter().filter(|p| p.ships).count() as u64;
        let dev = project.packages.iter().filter(|p| is_dev(p)).count() as u64;
        let remark = match project.measure {
            Measure::Installed => "installed on disk",
            Measure::Binary => "inside the binary",
            Measure::Estimated => "estimated from download sizes",
            Measure::Source => "source code, which does not ship",
            Measure::Unknown => "",
        };
        row("Production", project.prod_bytes, ships, remark);
        if dev > 0 || project.dev_bytes > 0 {
            let absent = absent(project, project.packages.iter().filter(|p| is_dev(p)));
            let absent = absent.map_or_else(String::new, |absent| format!("; {absent}"));
            row("Development", project.dev_bytes, dev, &format!("does not need to ship{absent}"));
        }
        out.push('\n');
    } else if report.projects.len() > 1 {
        out.push_str("| project | ecosystem | production | removable | errors |\n|---|---|---:|---:|---:|\n");
        for project in report.projects.iter().take(ROWS) {
            let path = code(if project.path.is_empty() { "." } else { &project.path });
            let ecosystem = text(&project.ecosystem);
            if let Some(reason) = &project.failed {
                let _ = writeln!(out, "| {path} | {ecosystem} | failed: {} | | |", code(reason));
                continue;
            }
            let errors = report
                .findings
                .iter()
                .filter(|f| f.project == project.id && f.severity == Severity::Error && f.confidence > Confidence::Low)
                .count();
            let removable = if project.measure == Measure::Unknown {
                "-".to_owned()
            } else {
                size(project.removable_bytes, project.measure)
            };
            let _ = writeln!(
                out,
                "| {path} | {ecosystem} | {} | {removable} | {errors} |",
                size(project.prod_bytes, project.measure)
            );
        }
        more(out, report.projects.len(), "project");
        out.push('\n');
    }
}

fn changes(out: &mut String, view: &View) {
    let Some(difference) = &view.difference else { return };
    if !difference.comparable {
        out.push_str("Sizes of the base were found in another way and are not compared.\n\n");
    }
    let news: Vec<_> = difference.packages.iter().filter(|change| change.ships()).collect();
    if news.is_empty() {
        return;
    }
    out.push_str("| change | package | version |\n|---:|---|---|\n");
    let row = |out: &mut String, change: &PackageChange| {
        let delta = delta(change);
        let _ = writeln!(out, "| {delta} | {} | {} |", code(&change.name), text(&change.describe()));
    };
    news.iter().take(5).for_each(|change| row(out, change));
    out.push('\n');
    if news.len() > 5 {
        let _ =
            writeln!(out, "<details><summary>{}</summary>\n", count((news.len() - 5) as u64, "more changed package"));
        out.push_str("| change | package | version |\n|---:|---|---|\n");
        news.iter().skip(5).take(ROWS).for_each(|change| row(out, change));
        more(out, news.len() - 5, "package");
        out.push_str("\n</details>\n\n");
    }
}

fn findings(out: &mut String, report: &Report, view: &View, shown: &Shown<'_>) {
    if !shown.now.is_empty() {
        out.push_str("| | finding | where | frees |\n|---|---|---|---:|\n");
        for finding in shown.now.iter().take(ROWS) {
            row(out, report, finding, view);
        }
        more(out, shown.now.len(), "finding");
        out.push('\n');
        details(out, view, shown);
    }
    if !shown.low.is_empty() {
        let _ = writeln!(
            out,
            "<details><summary>{} worth a look (low confidence)</summary>\n",
            number(shown.low.len() as u64)
        );
        out.push_str("| | finding | where | frees |\n|---|---|---|---:|\n");
        for finding in shown.low.iter().take(ROWS) {
            row(out, report, finding, view);
        }
        more(out, shown.low.len(), "finding");
        out.push_str("\n</details>\n\n");
    }
}

/// What led to the findings, folded.
fn details(out: &mut String, view: &View, shown: &Shown<'_>) {
    let told = |f: &&&Finding| !f.evidence.is_empty() || !f.help.is_empty() || f.confidence == Confidence::Medium;
    let findings: Vec<&&Finding> = shown.now.iter().take(ROWS).filter(told).collect();
    if findings.is_empty() {
        return;
    }
    out.push_str("<details><summary>Evidence</summary>\n\n");
    for finding in findings {
        let _ = writeln!(out, "**{}** {}", finding.code, text(&finding.message));
        for piece in finding.evidence.iter().take(5) {
            let _ = writeln!(out, "- {}", code(&evidence(piece, view)));
        }
        for help in &finding.help {
            let _ = writeln!(out, "- {}", text(help));
        }
        if finding.confidence == Confidence::Medium {
            out.push_str("- confidence: medium\n");
        }
        out.push('\n');
    }
    out.push_str("</details>\n\n");
}

fn row(out: &mut String, report: &Report, finding: &Finding, view: &View) {
    let level = match finding.severity {
        _ if finding.confidence == Confidence::Low => "note",
        Severity::Error => "**error**",
        Severity::Warn | Severity::Off => "warning",
    };
    let place =
        place(report, finding, view).map_or_else(String::new, |(file, line, _)| code(&format!("{file}:{line}")));
    let frees = frees(report, finding).map_or_else(String::new, |frees| frees.trim_start_matches("frees ").to_owned());
    let rule = finding.code.code();
    let link = finding.code.url().map_or_else(|| rule.to_owned(), |url| format!("[{rule}]({url})"));
    let _ = writeln!(out, "| {level} | {link} {} | {place} | {frees} |", text(&finding.message));
}

fn image(out: &mut String, report: &Report, project: &Project) {
    let Some(image) = &project.image else { return };
    let path = if report.projects.len() > 1 { format!(" of {}", code(&project.path)) } else { String::new() };
    let Some(change) = base_image(image, "→", code) else { return };
    let reasons: Vec<String> = image.reasons.iter().take(5).map(|reason| text(reason)).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join("; ")) };
    let _ = writeln!(out, "Base image{path}: {change}{reasons}\n");
}

fn kept(out: &mut String, report: &Report, view: &View) {
    let all = report.projects.iter().flat_map(|project| &project.packages);
    let kept: Vec<&Package> = all.filter(|package| looks_unused(package)).collect();
    if kept.is_empty() {
        return;
    }
    let number = kept.len() as u64;
    let _ = writeln!(
        out,
        "<details><summary>{number} kept though no import uses {}</summary>\n",
        if number == 1 { "it" } else { "them" }
    );
    for package in kept.iter().take(ROWS) {
        let _ = writeln!(out, "- {} {}", code(&package.name), code(&reason(package, view)));
    }
    more(out, kept.len(), "package");
    out.push_str("\n</details>\n\n");
}

fn largest(out: &mut String, report: &Report, view: &View) {
    let all = report.projects.iter().flat_map(|project| &project.packages).filter(|p| view.scope.shows(p));
    let mut packages: Vec<&Package> = all.filter(|p| weight(p).is_some()).collect();
    packages.sort_by_key(|p| (Reverse(weight(p).map_or(0, |(bytes, _)| bytes)), &p.id));
    packages.truncate(view.top.min(ROWS));
    if packages.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "<details><summary>Largest {} of {}</summary>\n",
        plural(packages.len() as u64, "package"),
        view.scope.title()
    );
    out.push_str("| package | version | size | frees when its line goes |\n|---|---|---:|---:|\n");
    for package in packages {
        let version = package.version.as_deref().map_or_else(String::new, code);
        let measure = weight(package).map_or(Measure::Unknown, |(_, measure)| measure);
        // What others bring can't be taken out by itself.
        let frees = if package.direct { size(package.exclusive_bytes, measure) } else { String::new() };
        let _ = writeln!(out, "| {} | {version} | {} | {frees} |", code(&package.name), size_of(package));
    }
    out.push_str("\n</details>\n\n");
}

fn notes(out: &mut String, report: &Report, view: &View) {
    let (fatal, rest): (Vec<_>, Vec<_>) = report.notes.iter().partition(|note| note.fatal);
    let line = |out: &mut String, note: &depslim_model::report::Note| {
        let place = note.file.as_ref().map_or_else(String::new, |file| {
            let line = note.line.map_or_else(String::new, |line| format!(":{line}"));
            format!("{} ", code(&format!("{}{line}", view.path(file))))
        });
        let _ = writeln!(out, "- {place}{}", text(&note.message));
    };
    if !fatal.is_empty() {
        out.push_str("**Could not be read**\n\n");
        fatal.iter().take(ROWS).for_each(|note| line(out, note));
        more(out, fatal.len(), "file");
        out.push('\n');
    }
    if !rest.is_empty() {
        let _ = writeln!(out, "<details><summary>{}</summary>\n", count(rest.len() as u64, "note"));
        rest.iter().take(ROWS).for_each(|note| line(out, note));
        more(out, rest.len(), "note");
        out.push_str("\n</details>\n\n");
    }
}

fn footer(out: &mut String, report: &Report, view: &View) {
    let mut words = Vec::new();
    if compared(report, view) {
        let before = report.findings.iter().filter(|f| f.severity > Severity::Off && !f.new).count() as u64;
        let base = report
            .source
            .base_commit
            .as_ref()
            .map_or_else(|| "the base".to_owned(), |commit| code(&shorten(commit, 12)));
        let there =
            if before > 0 { format!("; {} there already, not shown", count(before, "finding")) } else { String::new() };
        words.push(format!("compared with {base}{there}"));
        if view.difference.as_ref().is_some_and(|difference| difference.estimated) {
            words.push("changes with ~ rest on estimates: the base is not installed".to_owned());
        }
    }
    if !report.ignored.is_empty() {
        words.push(format!("{} ignored", count(report.ignored.len() as u64, "finding")));
    }
    let unmeasured: Vec<&str> =
        report.projects.iter().filter(|p| p.measure == Measure::Estimated).map(|p| p.path.as_str()).collect();
    if !unmeasured.is_empty() {
        words.push("sizes with ~ are estimates".to_owned());
    }
    words.push(text(&report.target));
    words.push(format!("{} {}", text(&report.tool.name), text(&report.tool.version)));
    let _ = writeln!(out, "<sub>{}</sub>", words.join(" · "));
}

fn more(out: &mut String, all: usize, noun: &str) {
    if all > ROWS {
        let _ = writeln!(out, "\n{} more in the report.", count((all - ROWS) as u64, noun));
    }
}

#[cfg(test)]
mod tests;
