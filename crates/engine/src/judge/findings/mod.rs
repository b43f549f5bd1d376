//! Findings: one function a rule, each from facts and verdicts to findings. Severities and ignores are policy, applied later.

mod declarations;
mod environment;
mod shipped;
mod stated;
mod weight;

use crate::judge::{Case, Verdicts};
use crate::weigh::{Item, Retained};
use declarations::{declared_without_need, extras, idle_features, idle_lines, undeclared};
use depslim_model::{Code, Confidence, Finding, Location};
use environment::{not_measured, stale};
use shipped::{development_in_image, production_lists};
use stated::{late, misstated};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use weight::{heavy, lighter};

/// A package is heavy for what it does only when few files use it.
const FEW_FILES: usize = 2;

/// Every finding on the project, sorted: errors first, most bytes first.
pub fn findings(case: &Case<'_>, verdicts: &Verdicts, weights: &BTreeMap<Item, Retained>) -> Vec<Finding> {
    let mut all = Vec::new();
    declared_without_need(case, verdicts, weights, &mut all);
    idle_lines(case, verdicts, weights, &mut all);
    heavy(case, verdicts, weights, &mut all);
    undeclared(case, verdicts, &mut all);
    misstated(case, &mut all);
    extras(case, verdicts, weights, &mut all);
    idle_features(case, &mut all);
    lighter(case, verdicts, weights, &mut all);
    development_in_image(case, verdicts, &mut all);
    production_lists(case, verdicts, &mut all);
    super::duplicates::duplicates(case, verdicts, &mut all);
    super::duplicates::doubled(case, verdicts, &mut all);
    late(case, verdicts, &mut all);
    not_measured(case, &mut all);
    stale(case, &mut all);
    all.sort_by(|a, b| {
        let effect = |f: &Finding| (Reverse(f.severity), Reverse(f.bytes), Reverse(f.packages), f.code);
        (effect(a), &a.package, &a.location).cmp(&(effect(b), &b.package, &b.location))
    });
    all
}

pub(in crate::judge) fn finding(case: &Case<'_>, code: Code, package: Option<u32>, message: String) -> Finding {
    let project = case.id();
    let purl = package.map(|p| case.purl(p)).unwrap_or_default();
    let name =
        package.map_or_else(String::new, |p| format!("{}/{}", case.ecosystem.purl, case.graph.node(p).canonical));
    Finding {
        code,
        name: code.name().into(),
        severity: code.severity(),
        confidence: Confidence::High,
        new: true,
        fingerprint: format!("{code}:{project}:{name}"),
        project,
        package: purl,
        bytes: 0,
        packages: 0,
        message,
        location: None,
        evidence: Vec::new(),
        help: Vec::new(),
        fix: None,
        url: code.url().map(Into::into),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every caller fills an optional field with it")]
pub(in crate::judge) fn at(file: &str, line: u32) -> Option<Location> {
    Some(Location { file: file.to_owned(), line: line.max(1), column: 1 })
}

/// The declaration that production installs from, among those of a package.
fn primary<'a>(case: &'a Case<'_>, package: u32) -> Option<&'a crate::link::Declared> {
    let manifest = case.manifest();
    let mut lines: Vec<_> = case.judged_lines().filter(|d| d.package == package).collect();
    lines.sort_by_key(|d| (Some(&d.file) != manifest.as_ref(), d.require.group, d.file.clone(), d.require.line));
    lines.first().copied()
}

/// `a, b and c`.
pub(in crate::judge) fn listing(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
