//! The HTML format: one page that needs nothing else. What ships as a treemap, findings with their evidence, every package in a
//! table that can be searched. The template is in `page.html`; all data in it is escaped here or by the template engine.

mod squarify;
mod tree;

use crate::escape::{script_json, visible};
use crate::phrase::{absent, count, evidence, frees, hidden_by, is_dev, level, overall, place, size, size_of, weight};
use crate::shown::{Shown, compared};
use crate::text::{looks_unused, reason};
use crate::view::View;
use depslim_model::report::{Measure, Status};
use depslim_model::{Finding, Package, Project, Report};
use minijinja::value::Serde;
use minijinja::{Environment, Value};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

const TEMPLATE: &str = include_str!("page.html");

/// Renders the page.
pub fn html(report: &Report, view: &View) -> String {
    let mut environment = Environment::new();
    let context = Value::from(Serde(page(report, view)));
    let rendered = environment
        .add_template("page.html", TEMPLATE)
        .and_then(|()| environment.get_template("page.html"))
        .and_then(|template| template.render(context));
    // The template is part of this program and rendered by its tests; were it broken, the page would say so.
    rendered.unwrap_or_else(|error| {
        format!("<!doctype html><title>depslim</title><p>{}</p>\n", crate::escape::html(&error.to_string()))
    })
}

#[derive(Serialize)]
struct PageData {
    title: String,
    tool: String,
    target: String,
    rows: Vec<Total>,
    projects: Vec<ProjectRow>,
    findings: Vec<FindingRow>,
    low: Vec<FindingRow>,
    before: usize,
    images: Vec<ImageRow>,
    notes: Vec<NoteRow>,
    ignored: Vec<[String; 3]>,
    has_map: bool,
    data: Value,
}

#[derive(Serialize)]
struct Total {
    label: &'static str,
    size: String,
    packages: String,
    remark: String,
}

#[derive(Serialize)]
struct ProjectRow {
    path: String,
    ecosystem: String,
    production: String,
    development: String,
    removable: String,
    failed: Option<String>,
}

#[derive(Serialize)]
struct FindingRow {
    level: &'static str,
    code: &'static str,
    name: &'static str,
    url: Option<&'static str>,
    message: String,
    place: String,
    frees: String,
    evidence: Vec<String>,
}

#[derive(Serialize)]
struct ImageRow {
    project: String,
    current: String,
    recommended: String,
    packages: Vec<String>,
    reasons: Vec<String>,
}

#[derive(Serialize)]
struct NoteRow {
    fatal: bool,
    place: String,
    message: String,
}

/// What the page's script gets: packages with the places of their rectangles.
#[derive(Serialize)]
struct Data {
    unit: u32,
    packages: Vec<PackageRow>,
    nodes: Vec<tree::Node>,
}

#[derive(Serialize)]
struct PackageRow {
    name: String,
    version: String,
    project: String,
    bytes: u64,
    size: String,
    frees: String,
    others: u32,
    verdict: &'static str,
    ships: bool,
    dev: bool,
    by: Vec<String>,
    declared: Vec<String>,
    evidence: Vec<String>,
    kept: Option<String>,
}

fn page(report: &Report, view: &View) -> PageData {
    let shown = Shown::of(report, view);
    let rows = |findings: &[&Finding]| findings.iter().map(|finding| finding_row(report, finding, view)).collect();
    let nodes = tree::nodes(report);
    let has_map = !nodes.is_empty();
    let packages = report.projects.iter().flat_map(|project| {
        let several = report.projects.len() > 1;
        let names: BTreeMap<&str, &str> = project.packages.iter().map(|p| (p.id.as_str(), p.name.as_str())).collect();
        project.packages.iter().map(move |package| package_row(project, package, &names, several, view))
    });
    let data = Data { unit: tree::UNIT, packages: packages.collect(), nodes };
    let json = serde_json::to_string(&data).unwrap_or_default();
    let title = report.source.repo.as_deref().unwrap_or_default();
    PageData {
        title: clean(title),
        tool: clean(&format!("{} {}", report.tool.name, report.tool.version)),
        target: clean(&report.target),
        rows: totals(report),
        projects: if report.projects.len() > 1 {
            report.projects.iter().map(|p| project_row(p, view)).collect()
        } else {
            Vec::new()
        },
        findings: rows(&shown.now),
        low: rows(&shown.low),
        before: if compared(report, view) { shown.before.len() } else { 0 },
        images: report.projects.iter().filter_map(|p| image_row(p, report.projects.len() > 1)).collect(),
        notes: notes(report, view),
        ignored: report
            .ignored
            .iter()
            .map(|i| {
                [
                    clean(&i.fingerprint),
                    clean(hidden_by(&i.by)),
                    clean(i.reason.as_deref().unwrap_or("no reason given")),
                ]
            })
            .collect(),
        has_map,
        data: Value::from_safe_string(script_json(&json)),
    }
}

fn clean(text: &str) -> String {
    visible(text).into_owned()
}

fn totals(report: &Report) -> Vec<Total> {
    let all = || report.projects.iter().flat_map(|project| &project.packages);
    if report.projects.iter().all(|project| project.failed.is_some()) {
        return Vec::new();
    }
    let measure = overall(report);
    let summary = &report.summary;
    let ships = all().filter(|p| p.ships).count() as u64;
    let dev = all().filter(|p| is_dev(p)).count() as u64;
    let row = |label, bytes, packages: Option<u64>, remark: &str| Total {
        label,
        size: size(bytes, measure),
        packages: packages.map_or_else(String::new, |packages| count(packages, "package")),
        remark: remark.to_owned(),
    };
    let how = how_found(report);
    let mut rows = vec![row("Production", summary.prod_bytes, Some(ships), &how)];
    if dev > 0 || summary.dev_bytes > 0 {
        let absent: Vec<String> = report
            .projects
            .iter()
            .filter_map(|project| absent(project, project.packages.iter().filter(|p| is_dev(p))))
            .collect();
        let remark = [vec!["does not need to ship".to_owned()], absent].concat().join("; ");
        rows.push(row("Development", summary.dev_bytes, Some(dev), &remark));
    }
    if summary.removable_bytes > 0 && measure != Measure::Unknown {
        let share = crate::phrase::percent(summary.removable_bytes, summary.prod_bytes);
        rows.push(row("Removable", summary.removable_bytes, None, &format!("{share} % of production, no code change")));
    }
    if summary.with_change_bytes > 0 && measure != Measure::Unknown {
        let share = crate::phrase::percent(summary.with_change_bytes, summary.prod_bytes);
        rows.push(row("With a change", summary.with_change_bytes, None, &format!("{share} % of production")));
    }
    rows
}

/// How the total was found; a total over projects may have been found in several ways.
fn how_found(report: &Report) -> String {
    let sized = report.projects.iter().filter(|p| p.failed.is_none() && p.measure != Measure::Unknown);
    let measures: BTreeSet<Measure> = sized.clone().map(|p| p.measure).collect();
    let how = match (measures.len(), measures.first()) {
        (1, Some(Measure::Installed)) => "installed on disk",
        (1, Some(Measure::Binary)) => "inside the binary",
        (1, Some(Measure::Source)) => "source code, which does not ship",
        (1, _) => "estimated from download sizes",
        (0, _) => "sizes are unknown",
        _ => "measured in different ways, see the projects",
    };
    match (sized.count(), report.projects.len()) {
        (some, all) if some > 0 && some < all => format!("{how}; {some} of {all} projects have sizes"),
        _ => how.to_owned(),
    }
}

fn project_row(project: &Project, view: &View) -> ProjectRow {
    let bytes = |bytes| size(bytes, project.measure);
    ProjectRow {
        path: clean(&view.path(&project.path)),
        ecosystem: clean(&project.ecosystem),
        production: bytes(project.prod_bytes),
        development: bytes(project.dev_bytes),
        removable: bytes(project.removable_bytes),
        failed: project.failed.as_deref().map(clean),
    }
}

fn finding_row(report: &Report, finding: &Finding, view: &View) -> FindingRow {
    let pieces = finding.evidence.iter().map(|piece| clean(&evidence(piece, view)));
    FindingRow {
        level: level(finding),
        code: finding.code.code(),
        name: finding.code.name(),
        url: finding.code.url(),
        message: clean(&finding.message),
        place: place(report, finding, view)
            .map_or_else(String::new, |(file, line, _)| clean(&format!("{file}:{line}"))),
        frees: frees(report, finding).unwrap_or_default(),
        evidence: pieces.chain(finding.help.iter().map(|help| clean(help))).collect(),
    }
}

fn image_row(project: &Project, several: bool) -> Option<ImageRow> {
    let image = project.image.as_ref()?;
    let text = |text: &Option<String>| text.as_deref().map_or_else(String::new, clean);
    Some(ImageRow {
        project: if several { clean(&project.path) } else { String::new() },
        current: text(&image.current),
        recommended: text(&image.recommended),
        packages: image.system_packages.iter().map(|p| clean(p)).collect(),
        reasons: image.reasons.iter().map(|r| clean(r)).collect(),
    })
}

fn notes(report: &Report, view: &View) -> Vec<NoteRow> {
    let failed = report.projects.iter().filter(|_| report.projects.len() == 1).filter_map(|project| {
        Some(NoteRow { fatal: true, place: clean(&view.path(&project.path)), message: clean(project.failed.as_ref()?) })
    });
    let notes = report.notes.iter().map(|note| {
        let line = note.line.map_or_else(String::new, |line| format!(":{line}"));
        let place = note.file.as_ref().map_or_else(String::new, |file| format!("{}{line}", view.path(file)));
        NoteRow { fatal: note.fatal, place: clean(&place), message: clean(&note.message) }
    });
    failed.chain(notes).collect()
}

fn package_row(
    project: &Project,
    package: &Package,
    names: &BTreeMap<&str, &str>,
    several: bool,
    view: &View,
) -> PackageRow {
    let measure = weight(package).map_or(Measure::Unknown, |(_, measure)| measure);
    let by = package.required_by.iter().filter_map(|id| names.get(id.as_str()));
    PackageRow {
        name: clean(&package.name),
        version: package.version.as_deref().map_or_else(String::new, clean),
        project: if several { clean(&project.path) } else { String::new() },
        bytes: weight(package).map_or(0, |(bytes, _)| bytes),
        size: size_of(package),
        // What others bring can't be taken out by itself.
        frees: if measure == Measure::Unknown || !package.direct {
            String::new()
        } else {
            size(package.exclusive_bytes, measure)
        },
        others: package.exclusive_packages.saturating_sub(1),
        verdict: tree::verdict(package),
        ships: package.ships,
        dev: is_dev(package),
        by: by.take(12).map(|name| clean(name)).collect(),
        declared: package.declared.iter().map(|d| clean(&format!("{}:{}", view.path(&d.file), d.line))).collect(),
        evidence: package.usage.evidence.iter().take(5).map(|piece| clean(&evidence(piece, view))).collect(),
        kept: (looks_unused(package) || package.usage.status == Status::Optional)
            .then(|| clean(&reason(package, view))),
    }
}

#[cfg(test)]
mod tests;
