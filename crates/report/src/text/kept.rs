//! What looks unused but is kept, what is only optional, what a declaration only pins.

use super::totals::is_stray;
use crate::page::{BOLD, DIM, Line, Page, shorten};
use crate::phrase::{size_of, spot, weight};
use crate::view::View;
use depslim_model::report::Status;
use depslim_model::{Evidence, EvidenceKind, Package, Project};
use std::cmp::Reverse;

/// Packages that a line names without `-v`.
const NAMED: usize = 6;

/// `kept:`, `optional:`, and with `-v` `transitive pins:` and `not declared:`.
pub(super) fn lines(page: &mut Page, project: &Project, view: &View) {
    let kept = sorted(project, looks_unused);
    line(page, view, "kept: ", &kept, |p| reason(p, view));
    let optional = sorted(project, |p| p.direct && p.ships && p.usage.status == Status::Optional);
    line(page, view, "optional: ", &optional, |p| reason(p, view));
    if view.verbose > 0 {
        let pins = sorted(project, |p| p.direct && p.ships && p.usage.status == Status::Transitive);
        line(page, view, "transitive pins: ", &pins, |p| reason(p, view));
        let stray = sorted(project, is_stray);
        line(page, view, "not declared: ", &stray, size_of);
    }
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

fn line(page: &mut Page, view: &View, label: &str, packages: &[&Package], why: impl Fn(&Package) -> String) {
    if packages.is_empty() {
        return;
    }
    let most = if view.verbose > 0 { usize::MAX } else { NAMED };
    let item = |p: &&Package| {
        let why = why(p);
        let name = Line::new().plain(&p.name);
        if why.is_empty() { name } else { name.put(DIM, &format!(" ({why})")) }
    };
    let mut items: Vec<Line> = packages.iter().take(most).map(item).collect();
    if packages.len() > most {
        items.push(Line::new().put(DIM, &format!("{} more (-v)", packages.len() - most)));
    }
    page.items(Line::new().put(BOLD, label), &items);
}

/// The best evidence in a few words: `Dockerfile:31 gunicorn shop.wsgi…`.
pub(crate) fn reason(package: &Package, view: &View) -> String {
    let Some(best) = package.usage.evidence.first() else { return String::new() };
    // The name of a setting says enough: its value is in the line.
    let text =
        if best.kind == EvidenceKind::Setting { best.text.split(" = ").next().unwrap_or_default() } else { &best.text };
    let text = shorten(text.trim(), 28);
    match spot(best, view) {
        None => text,
        // An import in an installed file says all with its place.
        Some(place) if best.installed || text.is_empty() => shorten_path(&place),
        Some(place) => format!("{place} {text}"),
    }
}

/// The end of a long path: `…/authlib/oauth2/client.py:12`.
fn shorten_path(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    if parts.len() > 4 { format!("installed …/{}", parts[parts.len() - 3..].join("/")) } else { path.to_owned() }
}
