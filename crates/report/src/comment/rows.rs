//! The rows of a comment: what changed, where that is seen, what to do next.

use super::groups::{Group, groups, unversioned};
use crate::escape::{markdown as text, markdown_code as code};
use crate::phrase::{evidence, signed, spot};
use crate::shown::Shown;
use crate::view::View;
use depslim_model::difference::PackageChange;
use depslim_model::report::{Applicable, Status};
use depslim_model::{Code, Finding, Package, Report};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// One row; its cells are Markdown.
#[derive(Debug)]
pub(super) struct Row {
    /// Bytes.
    pub(super) change: String,
    /// Package.
    pub(super) package: String,
    /// Evidence.
    pub(super) evidence: String,
    /// Next step.
    pub(super) next: String,
    /// The package's name, if `depslim why` can say more.
    pub(super) name: Option<String>,
    /// The rule of its finding.
    pub(super) rule: Option<&'static str>,
    size: u64,
}

/// Every row, the largest change first.
pub(super) fn rows(report: &Report, suggested: &[String]) -> Vec<Row> {
    let view = View { difference: report.difference.clone(), ..View::default() };
    let findings = Shown::of(report, &view).now;
    let mut told: BTreeSet<&str> = BTreeSet::new();
    let mut rows = Vec::new();
    let changes = report.difference.iter().flat_map(|d| &d.packages).filter(|change| change.ships());
    let changes: Vec<&PackageChange> = changes.collect();
    let mut projects: Vec<&str> = changes.iter().map(|change| change.project.as_str()).collect();
    projects.sort_unstable();
    projects.dedup();
    for id in projects {
        let packages = report.projects.iter().filter(|project| project.id == id).flat_map(|project| &project.packages);
        let packages: BTreeMap<&str, &Package> = packages.map(|package| (unversioned(&package.id), package)).collect();
        let mut about: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in findings.iter().filter(|finding| finding.project == id) {
            about.entry(unversioned(&finding.package)).or_default().push(finding);
        }
        let own: Vec<&PackageChange> = changes.iter().copied().filter(|change| change.project == id).collect();
        for group in groups(&packages, &own) {
            let about = group.iter().filter_map(|change| about.get(change.package.as_str()));
            let about: Vec<&Finding> = about.flatten().copied().collect();
            told.extend(about.iter().map(|finding| finding.fingerprint.as_str()));
            rows.push(of_group(packages.get(group[0].package.as_str()).copied(), &group, &about, suggested));
        }
    }
    let rest = findings.iter().filter(|finding| !told.contains(finding.fingerprint.as_str()));
    rows.extend(rest.map(|finding| of_finding(report, finding, suggested)));
    rows.sort_by_key(|row| Reverse(row.size));
    rows
}

fn of_group(package: Option<&Package>, group: &Group<'_>, findings: &[&Finding], suggested: &[String]) -> Row {
    let first = group[0];
    let known: Vec<i64> = group.iter().filter_map(|change| change.prod_delta).collect();
    let sum = known.iter().fold(0_i64, |sum, delta| sum.saturating_add(*delta));
    let about = if group.iter().any(|change| change.is_estimated()) { "~" } else { "" };
    let change = if known.is_empty() { "?".to_owned() } else { format!("{about}{}", signed(sum)) };
    let with = match group.len() {
        1 => String::new(),
        2 => format!(" (with {})", code(&group[1].name)),
        more => format!(" (with {}, {} more)", code(&group[1].name), more - 2),
    };
    let mut seen = vec![what(first, package)];
    let used = package.and_then(use_of);
    // That it is used in one place only is what the finding says, too.
    let said = findings.first().filter(|finding| used.is_none() || finding.code != Code::Heavy);
    seen.extend(used);
    seen.extend(said.map(|finding| text(&finding.message)));
    Row {
        change,
        package: format!("{}{with}", code(&first.name)),
        evidence: seen.join(", "),
        next: findings.first().map_or_else(|| next_of(first), |finding| next_step(finding, suggested)),
        name: first.after.as_ref().map(|_| first.name.clone()),
        rule: findings.first().map(|finding| finding.code.code()),
        size: sum.unsigned_abs(),
    }
}

fn of_finding(report: &Report, finding: &Finding, suggested: &[String]) -> Row {
    let package = report.projects.iter().flat_map(|p| &p.packages).find(|p| p.id == finding.package);
    let name = package.map(|package| package.name.clone());
    let view = View::default();
    let mut seen = vec![text(&finding.message)];
    seen.extend(finding.location.as_ref().map(|at| code(&format!("{}:{}", at.file, at.line))));
    if finding.location.is_none() {
        seen.extend(finding.evidence.first().map(|piece| code(&evidence(piece, &view))));
    }
    Row {
        change: "0 B".to_owned(),
        package: name.as_deref().map_or_else(|| format!("{} {}", finding.code, finding.code.name()), code),
        evidence: seen.join(", "),
        next: next_step(finding, suggested),
        name,
        rule: Some(finding.code.code()),
        size: 0,
    }
}

/// `added pyproject.toml:21`, `2.31.0 -> 2.32.0`.
fn what(change: &PackageChange, package: Option<&Package>) -> String {
    let declared =
        package.and_then(|package| package.declared.first()).map(|d| code(&format!("{}:{}", d.file, d.line)));
    match (&change.before, &change.after, declared) {
        (None, Some(_), Some(place)) => format!("added {place}"),
        (None, Some(_), None) => "comes with another package".to_owned(),
        (Some(_), None, _) => "gone".to_owned(),
        (_, _, Some(place)) => format!("{} {place}", text(&change.describe())),
        (_, _, None) => text(&change.describe()),
    }
}

/// `used once: reports/export.py:7 (groupby, to_csv)`.
fn use_of(package: &Package) -> Option<String> {
    let usage = &package.usage;
    if !package.direct || usage.status != Status::Used {
        return None;
    }
    let first = usage.evidence.iter().find(|piece| !piece.installed).and_then(|piece| spot(piece, &View::default()))?;
    let names: Vec<String> = usage.names.iter().take(3).map(|name| code(name)).collect();
    let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    let how = match (usage.sites, usage.files) {
        (0, _) | (_, 0) => "used".to_owned(),
        (1, _) => "used once".to_owned(),
        (_, 1) => "used in 1 file".to_owned(),
        (_, files) => format!("used in {files} files"),
    };
    Some(format!("{how}: {}{names}", code(&first)))
}

fn next_of(change: &PackageChange) -> String {
    if change.after.is_none() { String::new() } else { code(&format!("depslim why {}", change.name)) }
}

fn next_step(finding: &Finding, suggested: &[String]) -> String {
    let below = if suggested.contains(&finding.fingerprint) { " (suggestion below)" } else { "" };
    let safe = finding.fix.as_ref().is_some_and(|fix| fix.applicable == Applicable::Safe);
    let by = if safe && below.is_empty() { format!(": {}", code("depslim --fix")) } else { below.to_owned() };
    match finding.code {
        Code::Unused => format!("remove the line{by}"),
        Code::DevInProd => format!("move it to development{by}"),
        Code::Undeclared => "declare it".to_owned(),
        Code::OverBudget => format!("make room, or raise {}", code("budget.prod-total")),
        Code::Growth => format!("make room, or raise {}", code("budget.prod-growth")),
        code_ => {
            let said = finding.help.first().map(|help| text(help));
            let said = said.unwrap_or_else(|| code(&format!("depslim why {code_}")));
            if code_ == Code::Heavy { format!("{said}, or accept it") } else { said }
        }
    }
}
