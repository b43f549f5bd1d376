//! The head of the text format: what was analysed, how many bytes production has, what changed against a base.

use crate::page::{BOLD, DIM, ERROR, GOOD, Line, PLAIN, Page, width};
use crate::phrase::{absent, count, is_dev, number, percent, plural, signed, size, size_of, sum, weight};
use crate::view::View;
use depslim_model::report::Measure;
use depslim_model::{Code, Package, Project, Report, Scope, human};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// `depslim 0.1.0   python   pyproject.toml + uv.lock + .venv   84 packages measured on disk in 0.2 s`.
pub(super) fn header(page: &mut Page, report: &Report, view: &View) {
    let mut words = Vec::new();
    let timing = view.timing.as_ref().map_or_else(String::new, |timing| format!(" in {timing}"));
    match report.projects.as_slice() {
        [] => words.push("nothing to analyse".to_owned()),
        [project] => {
            words.push(project.ecosystem.clone());
            if !matches!(project.path.as_str(), "" | ".") {
                words.push(project.path.clone());
            }
            let inside = |file: &String| {
                let folder = format!("{}/", project.path);
                file.strip_prefix(&folder).unwrap_or(file).to_owned()
            };
            let sources = [&project.manifest, &project.lockfile, &project.environment];
            let sources: Vec<String> = sources.into_iter().flatten().map(inside).collect();
            if !sources.is_empty() {
                words.push(sources.join(" + "));
            }
            if project.failed.is_none() {
                words.push(packages_found(project) + &timing);
            }
        }
        projects => {
            words.push(count(projects.len() as u64, "project"));
            let ecosystems: BTreeSet<&str> = projects.iter().map(|p| p.ecosystem.as_str()).collect();
            words.push(ecosystems.into_iter().collect::<Vec<_>>().join(", "));
            // The members of a workspace share packages: each counts once.
            let packages: BTreeSet<&str> = projects.iter().flat_map(|p| &p.packages).map(|p| p.id.as_str()).collect();
            words.push(count(packages.len() as u64, "package") + &timing);
        }
    }
    let line = Line::new().put(BOLD, &report.tool.name).plain(&format!(" {}", report.tool.version));
    page.wrapped(line.plain("   "), PLAIN, &words.join("   "));
}

fn packages_found(project: &Project) -> String {
    let all = project.packages.len() as u64;
    match project.measure {
        Measure::Installed => {
            let measured = project.packages.iter().filter(|p| p.installed_bytes.is_some()).count() as u64;
            format!("{} measured on disk", count(measured, "package"))
        }
        Measure::Binary => format!("{}, measured in the binary", count(all, "package")),
        Measure::Estimated => format!("{}, sizes estimated", count(all, "package")),
        Measure::Source => format!("{}, sizes of source code", count(all, "package")),
        Measure::Unknown => format!("{}, sizes unknown", count(all, "package")),
    }
}

struct Row {
    label: &'static str,
    size: String,
    number: String,
    rest: String,
}

/// The aligned block of totals of one project.
pub(super) fn block(page: &mut Page, report: &Report, project: &Project, view: &View) {
    let mut rows = rows(report, project);
    if view.scope == crate::ScopeFilter::Dev {
        rows.retain(|row| row.label == "Development");
    }
    let sizes = rows.iter().map(|row| width(&row.size)).max().unwrap_or(0);
    let numbers = rows.iter().map(|row| width(&row.number)).max().unwrap_or(0);
    for row in rows {
        let style = match row.label {
            "Removable" => GOOD,
            "Production" => BOLD,
            _ => PLAIN,
        };
        let line = Line::new().plain("  ").plain(row.label).to(16).right(16 + sizes, 0, style, &row.size);
        let line = line.plain("   ").right(19 + sizes + numbers, 0, PLAIN, &row.number);
        page.wrapped(line.plain(" "), PLAIN, &row.rest);
    }
}

fn rows(report: &Report, project: &Project) -> Vec<Row> {
    let measure = project.measure;
    let ships = project.packages.iter().filter(|p| p.ships).count() as u64;
    let mut rest = plural(ships, "package");
    match (measure, &project.lockfile) {
        (Measure::Estimated, Some(lock)) => {
            let _ = write!(rest, "   estimated from {lock} download sizes");
        }
        (Measure::Estimated, None) => rest.push_str("   estimated"),
        (Measure::Binary, _) => rest.push_str("   inside the binary"),
        (Measure::Source, _) => rest.push_str("   source code, which does not ship"),
        _ => {}
    }
    if let Some(absent) = absent(project, project.packages.iter().filter(|p| p.ships)) {
        let _ = write!(rest, "   {absent}");
    }
    let row = |label, size: String, number: String, rest: String| Row { label, size, number, rest };
    let mut rows = vec![row("Production", size(project.prod_bytes, measure), number(ships), rest)];
    let dev = project.packages.iter().filter(|p| is_dev(p)).count() as u64;
    if dev > 0 || project.dev_bytes > 0 {
        let mut rest = format!("{}   does not need to ship", plural(dev, "package"));
        if let Some(absent) = absent(project, project.packages.iter().filter(|p| is_dev(p))) {
            let _ = write!(rest, "; {absent}");
        }
        rows.push(row("Development", size(project.dev_bytes, measure), number(dev), rest));
    }
    let stray: Vec<&Package> = project.packages.iter().filter(|p| is_stray(p)).collect();
    if !stray.is_empty() {
        let bytes = sum(stray.iter().filter_map(|p| p.installed_bytes));
        let rest = format!(
            "{}   installed, but nothing asks for {}",
            plural(stray.len() as u64, "package"),
            if stray.len() == 1 { "it" } else { "them" }
        );
        rows.push(row("Not declared", size(bytes, measure), number(stray.len() as u64), rest));
    }
    let share = |bytes| percent(bytes, project.prod_bytes);
    if project.removable_bytes > 0 && measure != Measure::Unknown {
        let rest = "% of production, no code change".to_owned();
        rows.push(row("Removable", size(project.removable_bytes, measure), share(project.removable_bytes), rest));
    }
    if project.with_change_bytes > 0 && measure != Measure::Unknown {
        let rest = format!("% of production{}", files_to_change(report, project));
        rows.push(row(
            "With a change",
            size(project.with_change_bytes, measure),
            share(project.with_change_bytes),
            rest,
        ));
    }
    rows
}

/// Installed, but neither production nor development brings it.
pub(super) fn is_stray(package: &Package) -> bool {
    !package.ships && package.scope == Scope::Unused && package.installed_bytes.is_some()
}

/// `, 1 file`: how many files the findings that need a change are about. Exact when all their places are known.
fn files_to_change(report: &Report, project: &Project) -> String {
    let (mut files, mut exact) = (BTreeSet::new(), true);
    let findings =
        report.findings.iter().filter(|f| f.project == project.id && matches!(f.code, Code::Heavy | Code::Lighter));
    for finding in findings {
        let Some(package) = project.packages.iter().find(|p| p.id == finding.package) else { continue };
        let own = package.usage.evidence.iter().filter(|e| !e.installed).filter_map(|e| e.file.as_deref());
        let own: BTreeSet<&str> = own.collect();
        exact &= own.len() == package.usage.files as usize;
        files.extend(own);
    }
    match files.len() {
        0 => String::new(),
        known => format!(", {}{}", if exact { "" } else { "at least " }, count(known as u64, "file")),
    }
}

/// What changed against the base, when the run compared.
pub(super) fn against_base(page: &mut Page, report: &Report, view: &View) {
    let Some(difference) = &view.difference else { return };
    page.blank();
    let base =
        difference.base_commit.as_ref().map_or_else(|| "base".to_owned(), |commit| crate::page::shorten(commit, 12));
    let lead = Line::new().plain("  ").plain("Against base").to(16);
    if difference.comparable {
        let delta = difference.prod.delta();
        let style = if delta > 0 { ERROR } else { GOOD };
        let about = if difference.estimated { "~" } else { "" };
        let (before, after) = (human(difference.prod.before), human(report.summary.prod_bytes));
        let sizes = format!("   {about}{before} -> {after}   ({base})");
        let sizes = if delta == 0 { format!("no change of production   ({base})") } else { sizes };
        let line = if delta == 0 { lead } else { lead.put(style, &format!("{about}{}", signed(delta))) };
        page.line(line.plain(&sizes));
    } else {
        page.line(lead.plain(&format!("sizes were found in different ways and are not compared   ({base})")));
    }
    let most = if view.verbose > 0 { usize::MAX } else { 5 };
    let rows: Vec<_> = difference.packages.iter().filter(|p| p.ships()).collect();
    let delta = crate::phrase::delta;
    let column = rows.iter().take(most).map(|p| width(&delta(p))).max().unwrap_or(0);
    for change in rows.iter().take(most) {
        let line = Line::new().plain("    ").right(4 + column, 0, PLAIN, &delta(change));
        page.line(line.plain("   ").put(BOLD, &change.name).plain(" ").plain(&change.describe()));
    }
    if rows.len() > most {
        page.line(
            Line::new().plain("    ").put(DIM, &format!("{} more changed (-v)", number((rows.len() - most) as u64))),
        );
    }
}

/// The largest packages, with `-v`.
pub(super) fn largest(page: &mut Page, report: &Report, view: &View) {
    if view.verbose == 0 {
        return;
    }
    let all = report.projects.iter().flat_map(|project| &project.packages).filter(|p| view.scope.shows(p));
    let mut packages: Vec<&Package> = all.filter(|p| weight(p).is_some()).collect();
    packages.sort_by_key(|p| (Reverse(weight(p).map_or(0, |(bytes, _)| bytes)), &p.id));
    packages.truncate(view.top);
    if packages.is_empty() {
        return;
    }
    page.blank();
    page.line(Line::new().put(BOLD, &format!("Largest of {}", view.scope.title())));
    let column = packages.iter().map(|p| width(&size_of(p))).max().unwrap_or(0);
    for package in packages {
        let line = Line::new().plain("  ").right(2 + column, 0, PLAIN, &size_of(package)).plain("   ");
        let line = line.plain(&format!("{} {}", package.name, package.version.as_deref().unwrap_or("")));
        let more = weight(package).filter(|(bytes, _)| package.exclusive_bytes > *bytes);
        page.line(match more {
            Some((_, measure)) => {
                line.put(DIM, &format!("   with what only it needs {}", size(package.exclusive_bytes, measure)))
            }
            None => line,
        });
    }
}

/// Where the environment's bytes are, with `-v`: the parts sum to what `du --apparent-size` prints.
pub(super) fn tree(page: &mut Page, project: &Project, view: &View) {
    let Some(tree) = project.tree.as_ref().filter(|_| view.verbose > 0) else { return };
    page.blank();
    let label = project.environment.as_deref().unwrap_or("the environment");
    page.line(Line::new().put(BOLD, &format!("All of {label}")));
    let rows = [
        (tree.packages_bytes, "files of packages".to_owned()),
        (tree.unowned_bytes, "files of no package".to_owned()),
        (tree.folders_bytes, "the folders themselves".to_owned()),
        (tree.total_bytes, format!("in {} ({} on disk)", count(tree.entries, "entry"), human(tree.on_disk_bytes))),
    ];
    let column = rows.iter().map(|(bytes, _)| width(&human(*bytes))).max().unwrap_or(0);
    for (bytes, text) in rows {
        page.line(Line::new().plain("  ").right(2 + column, 0, PLAIN, &human(bytes)).plain("   ").plain(&text));
        if text == "files of no package" {
            for place in tree.unowned.iter().take(view.top) {
                let line = Line::new().plain("  ").to(2 + column + 5).put(DIM, &format!("{} ", human(place.bytes)));
                page.line(line.put(DIM, &place.path));
            }
        }
    }
}
