//! The difference of two reports: what grew, what came, what went, which findings are new.

use crate::phrase;
use depslim_model::difference::{Change, Difference, PackageChange, ProjectChange, ProjectSide, Side};
use depslim_model::report::Measure;
use depslim_model::{Project, Report, Severity};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Compares two reports.
pub fn difference(base: &Report, head: &Report) -> Difference {
    let (old, new) = (by_id(base), by_id(head));
    let ids: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let mut out = Difference { base_commit: base.source.commit.clone(), comparable: true, ..Difference::default() };
    for id in ids {
        let (before, after) = (old.get(id).copied(), new.get(id).copied());
        let comparable = match (before, after) {
            (Some(a), Some(b)) => a.measure == b.measure && is_sized(a) && is_sized(b),
            (Some(only), None) | (None, Some(only)) => is_sized(only),
            (None, None) => true,
        };
        // Sizes that are known on neither side are in neither total.
        let unknown = |side: Option<&Project>| side.is_none_or(|p| p.failed.is_none() && p.measure == Measure::Unknown);
        out.comparable &= comparable || (unknown(before) && unknown(after));
        out.packages.extend(packages(id, before, after, comparable));
        out.projects.push(ProjectChange {
            project: id.to_owned(),
            before: before.map(side),
            after: after.map(side),
            comparable,
        });
    }
    out.comparable &= out.projects.is_empty() || out.projects.iter().any(|project| project.comparable);
    // Packages that several projects of a workspace share count once in the summary, so the totals are the summaries' own.
    out.prod = Change { before: base.summary.prod_bytes, after: head.summary.prod_bytes };
    out.dev = Change { before: base.summary.dev_bytes, after: head.summary.dev_bytes };
    out.packages.sort_by_cached_key(|p| {
        (Reverse(p.prod_delta.map_or(0, i64::unsigned_abs)), p.project.clone(), p.package.clone())
    });
    out.estimated = out.packages.iter().any(|change| change.is_estimated() && change.prod_delta.is_some());
    let (known, found) = (fingerprints(base, true), fingerprints(head, true));
    out.new = fingerprints(head, false).difference(&known).map(|f| (*f).to_owned()).collect();
    out.resolved = fingerprints(base, false).difference(&found).map(|f| (*f).to_owned()).collect();
    out
}

/// Writes into the head's report what the comparison found out: which findings are new, what production was, what changed.
pub fn mark(difference: &Difference, head: &mut Report) {
    for finding in &mut head.findings {
        finding.new = difference.new.binary_search(&finding.fingerprint).is_ok();
    }
    head.summary.base_prod_bytes = difference.comparable.then_some(difference.prod.before);
    head.source.base_commit.clone_from(&difference.base_commit);
    head.difference = Some(difference.clone());
}

fn by_id(report: &Report) -> BTreeMap<&str, &Project> {
    report.projects.iter().map(|project| (project.id.as_str(), project)).collect()
}

fn is_sized(project: &Project) -> bool {
    project.failed.is_none() && project.measure != Measure::Unknown
}

fn side(project: &Project) -> ProjectSide {
    ProjectSide {
        measure: project.measure,
        prod_bytes: project.prod_bytes,
        dev_bytes: project.dev_bytes,
        prod_packages: project.packages.iter().filter(|p| p.ships).count() as u32,
    }
}

fn packages(id: &str, before: Option<&Project>, after: Option<&Project>, comparable: bool) -> Vec<PackageChange> {
    // Nothing is known of the packages of a project that could not be analysed: none of them came or went.
    if [before, after].into_iter().flatten().any(|project| project.failed.is_some()) {
        return Vec::new();
    }
    let (mut old, mut new) = (sides(before), sides(after));
    let names: BTreeSet<String> = old.keys().chain(new.keys()).cloned().collect();
    let mut change = |package: String| {
        let (name, before) = old.remove(&package).unzip();
        let (new_name, after) = new.remove(&package).unzip();
        let prod = |side: &Option<Side>| side.as_ref().map_or(0, |side: &Side| side.prod_bytes);
        let delta = Change { before: prod(&before), after: prod(&after) }.delta();
        let same = match (&before, &after) {
            (Some(a), Some(b)) => {
                a.versions == b.versions
                    && a.ships == b.ships
                    && a.scope == b.scope
                    && (!comparable || a.bytes == b.bytes)
            }
            _ => false,
        };
        (!same).then(|| PackageChange {
            project: id.to_owned(),
            name: new_name.or(name).unwrap_or_default(),
            package,
            before,
            after,
            prod_delta: comparable.then_some(delta),
        })
    };
    names.into_iter().filter_map(&mut change).collect()
}

fn sides(project: Option<&Project>) -> BTreeMap<String, (String, Side)> {
    let mut all: BTreeMap<String, (String, Side)> = BTreeMap::new();
    for package in project.into_iter().flat_map(|project| &project.packages) {
        let (_, side) =
            all.entry(unversioned(&package.id).to_owned()).or_insert_with(|| (package.name.clone(), Side::default()));
        let weight = phrase::weight(package);
        let bytes = weight.map_or(0, |(bytes, _)| bytes);
        side.estimated |= weight.is_none_or(|(_, measure)| measure == Measure::Estimated);
        side.bytes = side.bytes.saturating_add(bytes);
        if package.ships {
            side.prod_bytes = side.prod_bytes.saturating_add(bytes);
        }
        // `Prod` sorts first: the strongest need of any version counts.
        side.scope = if side.versions.is_empty() { package.scope } else { side.scope.min(package.scope) };
        side.ships |= package.ships;
        side.versions.push(package.version.clone().unwrap_or_else(|| "?".to_owned()));
        side.versions.sort();
    }
    all
}

/// A package id without its version: names spell `@` as `%40`.
fn unversioned(id: &str) -> &str {
    id.rsplit_once('@').map_or(id, |(name, _)| name)
}

fn fingerprints(report: &Report, hidden: bool) -> BTreeSet<&str> {
    let shown = report.findings.iter().filter(|f| f.severity > Severity::Off).map(|f| f.fingerprint.as_str());
    let ignored = report.ignored.iter().filter(|_| hidden).map(|i| i.fingerprint.as_str());
    shown.chain(ignored).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, add_up, django};
    use depslim_model::Code;

    fn show(difference: &Difference) -> Vec<String> {
        let line = |p: &PackageChange| {
            let delta = p.prod_delta.map_or_else(|| "?".to_owned(), phrase::signed);
            format!("{delta} {} {}", p.name, p.describe())
        };
        difference.packages.iter().map(line).collect()
    }

    /// The application before pandas, with an older celery and pytest in development.
    fn base() -> Report {
        let mut base = django();
        base.source.commit = Some("9c1d0e7".into());
        let project = &mut base.projects[0];
        project
            .packages
            .retain(|p| !["pandas", "numpy", "pytz", "tzdata", "python-dateutil"].contains(&p.name.as_str()));
        for package in &mut project.packages {
            match package.name.as_str() {
                "celery" => {
                    package.id = "pkg:pypi/celery@5.3.0".into();
                    package.version = Some("5.3.0".into());
                    package.installed_bytes = Some(6_000_000);
                }
                "pytest" => package.ships = false,
                _ => {}
            }
        }
        base.findings.retain(|f| f.code == Code::Unused);
        base.findings.push(fixtures::finding(Code::Heavy, ".#python", "pkg:pypi/scipy@1.0", 1, "scipy", "a.py", 1));
        add_up(base)
    }

    #[test]
    fn what_changed_is_said_by_package() {
        let difference = difference(&base(), &django());
        assert_eq!(
            show(&difference),
            [
                "+72.3 MB pandas new 2.2.3",
                "+44.1 MB numpy new 2.1.3",
                "+3.4 MB pytest 8.3.4, now ships",
                "+900.0 kB python-dateutil new 2.9.0",
                "+700.0 kB pytz new 2024.2",
                "+600.0 kB tzdata new 2024.2",
                "-100.0 kB celery 5.3.0 -> 5.4.0",
            ]
        );
        assert_eq!(difference.new, ["SLIM002:.#python:pypi/pytest", "SLIM003:.#python:pypi/pandas"]);
        assert_eq!(difference.resolved, ["SLIM003:.#python:pypi/scipy"]);
        assert!(difference.comparable);
        let sum: i64 = difference.packages.iter().filter_map(|p| p.prod_delta).sum();
        assert_eq!(difference.prod.delta(), sum, "the parts sum to the whole");
    }

    #[test]
    fn a_report_does_not_differ_from_itself() {
        for report in [django(), fixtures::monorepo(), fixtures::empty()] {
            let difference = difference(&report, &report);
            assert!(difference.is_empty(), "{difference:?}");
            assert_eq!(difference.prod.delta(), 0);
        }
    }

    #[test]
    fn the_way_back_is_the_opposite() {
        let (there, back) = (difference(&base(), &django()), difference(&django(), &base()));
        assert_eq!(there.prod.delta(), -back.prod.delta());
        assert_eq!(there.new, back.resolved);
        assert_eq!(there.packages.len(), back.packages.len());
    }

    #[test]
    fn estimates_are_not_compared_with_measurements() {
        let difference = difference(&fixtures::estimated(), &django());
        assert!(!difference.comparable);
        assert!(difference.packages.iter().all(|p| p.prod_delta.is_none()));
        // Only a change of version or scope counts then.
        assert_eq!(show(&difference), ["? pip new 24.3.1"]);
        let mut head = django();
        mark(&difference, &mut head);
        assert_eq!(head.summary.base_prod_bytes, None);
    }

    #[test]
    fn a_broken_project_loses_nothing() {
        let mut head = django();
        head.projects[0].failed = Some("pyproject.toml:3: expected a value".into());
        head.projects[0].packages.clear();
        let difference = difference(&django(), &head);
        assert!(!difference.comparable);
        assert_eq!(show(&difference), Vec::<String>::new());
    }

    #[test]
    fn findings_are_marked_by_their_fingerprint() {
        let mut head = django();
        head.findings.iter_mut().for_each(|f| f.location = None);
        mark(&difference(&base(), &head), &mut head);
        let new: Vec<_> = head.findings.iter().filter(|f| f.new).map(|f| f.fingerprint.as_str()).collect();
        assert_eq!(new, ["SLIM003:.#python:pypi/pandas", "SLIM002:.#python:pypi/pytest"]);
        assert_eq!(head.source.base_commit.as_deref(), Some("9c1d0e7"));
        assert_eq!(head.summary.base_prod_bytes, Some(base().summary.prod_bytes));
    }

    #[test]
    fn several_versions_are_one_package() {
        let with = |versions: &[&str]| {
            let mut report = fixtures::clean();
            for version in versions {
                let mut package = fixtures::package("@acme/ui", version, 1000);
                package.id = format!("pkg:npm/%40acme/ui@{version}");
                report.projects[0].packages.push(package);
            }
            add_up(report)
        };
        let difference = difference(&with(&["1.0.0", "2.0.0"]), &with(&["2.0.0"]));
        assert_eq!(show(&difference), ["-1.0 kB @acme/ui 1.0.0, 2.0.0 -> 2.0.0"]);
    }
}
