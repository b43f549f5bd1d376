//! What looks unused but is kept, what is only optional, what a declaration only pins.

use super::totals::is_stray;
use crate::page::{BOLD, DIM, Line, PLAIN, Page, shorten, width};
use crate::phrase::{evidence, size_of, spot, weight};
use crate::view::View;
use depslim_model::report::Status;
use depslim_model::{Evidence, EvidenceKind, Package, Project};
use std::cmp::Reverse;

/// Packages that a line names.
const NAMED: usize = 6;

/// `kept:` and `optional:`, in a line each; with `-v` a package a line with the whole reason, and also `transitive pins:` and
/// `not declared:`.
pub(super) fn lines(page: &mut Page, project: &Project, view: &View) {
    let kept = sorted(project, looks_unused);
    let optional = sorted(project, |p| p.direct && p.ships && p.usage.status == Status::Optional);
    if view.verbose == 0 {
        line(page, "kept: ", &kept, |p| reason(p, view));
        line(page, "optional: ", &optional, |p| reason(p, view));
        return;
    }
    list(page, "kept:", &kept, view);
    list(page, "optional:", &optional, view);
    let pins = sorted(project, |p| p.direct && p.ships && p.usage.status == Status::Transitive);
    line(page, "transitive pins: ", &pins, |p| reason(p, view));
    let stray = sorted(project, is_stray);
    line(page, "not declared: ", &stray, size_of);
}

/// Declared and kept, though no import in the project's own code uses it.
pub(crate) fn looks_unused(package: &Package) -> bool {
    let imported = |e: &Evidence| e.kind == EvidenceKind::Import && !e.installed;
    package.direct
        && package.ships
        && package.usage.status == Status::Used
        && !package.usage.evidence.is_empty()
        && !package.usage.evidence.iter().any(imported)
}

fn sorted(project: &Project, wanted: impl Fn(&Package) -> bool) -> Vec<&Package> {
    let mut packages: Vec<&Package> = project.packages.iter().filter(|p| wanted(p)).collect();
    packages.sort_by_key(|p| (Reverse(weight(p).map_or(0, |(bytes, _)| bytes)), &p.id));
    packages
}

fn line(page: &mut Page, label: &str, packages: &[&Package], why: impl Fn(&Package) -> String) {
    if packages.is_empty() {
        return;
    }
    let item = |p: &&Package| {
        let why = why(p);
        let name = Line::new().plain(&p.name);
        if why.is_empty() { name } else { name.put(DIM, &format!(" ({why})")) }
    };
    let mut items: Vec<Line> = packages.iter().take(NAMED).map(item).collect();
    if packages.len() > NAMED {
        items.push(Line::new().put(DIM, &format!("{} more (-v)", packages.len() - NAMED)));
    }
    page.items(Line::new().put(BOLD, label), &items);
}

fn list(page: &mut Page, label: &str, packages: &[&Package], view: &View) {
    if packages.is_empty() {
        return;
    }
    page.line(Line::new().put(BOLD, label));
    let column = packages.iter().map(|p| width(&p.name)).filter(|w| *w <= 30).max().unwrap_or(0);
    for package in packages {
        let best = package.usage.evidence.first().map_or_else(String::new, |best| evidence(best, view));
        page.entry(PLAIN, &package.name, column, &best);
    }
}

/// The best evidence in a few words: `Dockerfile:31 gunicorn shop.wsgi…`.
pub(crate) fn reason(package: &Package, view: &View) -> String {
    let Some(best) = package.usage.evidence.first() else { return String::new() };
    let text = match &best.rule {
        // A rule's name is shorter than its reason, which `why` gives.
        Some(rule) if !best.installed => rule,
        // The name of a setting says enough: its value is in the line.
        _ if best.kind == EvidenceKind::Setting => best.text.split(" = ").next().unwrap_or_default(),
        _ => &best.text,
    };
    let text = shorten(text.trim(), 28);
    match spot(best, view) {
        None => text,
        // An import in an installed file says all with its place.
        Some(place) if best.installed => shorten_path(&place),
        Some(place) if text.is_empty() => place,
        Some(place) => format!("{place} {text}"),
    }
}

/// The end of a long path in an environment: `installed …/authlib/oauth2/client.py:12`.
fn shorten_path(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    if parts.len() > 4 { format!("installed …/{}", parts[parts.len() - 3..].join("/")) } else { path.to_owned() }
}
