//! The policy: which findings count, how much, and which are hidden. Pure functions over a finished [`Report`].
//!
//! [`apply`] turns what an analysis found into what a run says: severities, ignores, baseline, budgets, and the check that
//! every ignore still earns its place. [`Policy::exit_code`] turns that into the exit code.

mod baseline;
mod budget;
mod date;
mod ignore;
pub mod inline;
mod unused;

pub use baseline::Baseline;
pub use budget::{Budget, Limit};
pub use date::{Date, NoDate};
pub use ignore::{Ignore, PackagePattern};
pub use inline::InlineIgnore;

use depslim_model::report::Ignored;
use depslim_model::{Bytes, Code, Confidence, Finding, Project, Report, Severity, exit};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Which findings count. `Policy::new(today)` is what a run without flags and configuration does.
#[derive(Debug, Clone)]
pub struct Policy {
    /// What day it is, for ignores with an end.
    pub today: Date,
    /// Severities that differ from the default.
    pub rules: BTreeMap<Code, Severity>,
    /// Only these rules; `None` for all that are not off.
    pub select: Option<BTreeSet<Code>>,
    /// Not these rules.
    pub deselect: BTreeSet<Code>,
    /// The lowest severity that makes a run fail.
    pub fail_on: FailOn,
    /// Ignores of the configuration.
    pub ignores: Vec<Ignore>,
    /// How large production may be.
    pub budget: Budget,
    /// What differs in parts of the tree; the deepest folder that says something wins.
    pub folders: Vec<FolderPolicy>,
    /// Known findings to hide.
    pub baseline: Option<Baseline>,
}

/// What differs in one folder and below.
#[derive(Debug, Clone, Default)]
pub struct FolderPolicy {
    /// The folder, relative to the analysed root.
    pub path: String,
    /// Severities.
    pub rules: BTreeMap<Code, Severity>,
    /// The lowest severity that makes a run fail.
    pub fail_on: Option<FailOn>,
    /// Budgets.
    pub budget: Budget,
    /// Threshold of SLIM003 in bytes. It can only hide what the analysis found with its own, lower one.
    pub heavy: Option<Bytes>,
}

/// The lowest severity that makes a run fail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum FailOn {
    /// Errors do.
    #[default]
    Error,
    /// Warnings do too.
    Warn,
    /// Nothing does.
    Never,
}

impl FailOn {
    /// Whether a finding of this severity makes a run fail.
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            Self::Error => severity >= Severity::Error,
            Self::Warn => severity >= Severity::Warn,
            Self::Never => false,
        }
    }
}

impl Policy {
    /// The policy of a run without flags and configuration, on a given day.
    pub fn new(today: Date) -> Self {
        Self {
            today,
            rules: BTreeMap::new(),
            select: None,
            deselect: BTreeSet::new(),
            fail_on: FailOn::default(),
            ignores: Vec::new(),
            budget: Budget::default(),
            folders: Vec::new(),
            baseline: None,
        }
    }

    /// Severity of a rule in a project's folder.
    pub fn severity(&self, code: Code, folder: &str) -> Severity {
        let chosen = self.select.as_ref().is_some_and(|select| select.contains(&code));
        if self.deselect.contains(&code) || (self.select.is_some() && !chosen) {
            return Severity::Off;
        }
        let severity = self.configured(code, folder).unwrap_or_else(|| code.severity());
        // Who asks for a rule by name on the command line wants to see it.
        if chosen { severity.max(Severity::Warn) } else { severity }
    }

    /// What the configuration says of a rule's severity in a project's folder.
    fn configured(&self, code: Code, folder: &str) -> Option<Severity> {
        self.nearest(folder, |f| f.rules.get(&code).copied()).or_else(|| self.rules.get(&code).copied())
    }

    /// The exit code of a run that ends with this report.
    pub fn exit_code(&self, report: &Report) -> u8 {
        let broken = report.notes.iter().any(|note| note.fatal) || report.projects.iter().any(|p| p.failed.is_some());
        let fails = |finding: &Finding| {
            let folder = project_of(report, finding).map_or("", |project| project.path.as_str());
            let level = self.nearest(folder, |f| f.fail_on).unwrap_or(self.fail_on);
            finding.new && level.fails(finding.severity)
        };
        if broken {
            exit::ERROR
        } else if report.findings.iter().any(fails) {
            exit::FINDINGS
        } else {
            exit::CLEAN
        }
    }

    /// The budget of a project's folder.
    fn budget(&self, folder: &str) -> Budget {
        let total = self.nearest(folder, |f| f.budget.prod_total.clone());
        let growth = self.nearest(folder, |f| f.budget.prod_growth.clone());
        Budget {
            prod_total: total.or_else(|| self.budget.prod_total.clone()),
            prod_growth: growth.or_else(|| self.budget.prod_growth.clone()),
        }
    }

    /// What the deepest folder that holds `folder` says, if any says something.
    fn nearest<T>(&self, folder: &str, get: impl Fn(&FolderPolicy) -> Option<T>) -> Option<T> {
        let holding = self.folders.iter().filter(|f| within(folder, &f.path));
        holding.filter_map(|f| Some((f.path.len(), get(f)?))).max_by_key(|(depth, _)| *depth).map(|(_, value)| value)
    }
}

/// Applies a policy to a report.
///
/// `inline` are the ignores that stand in the project's files ([`inline::scan`] of [`inline::files`]); `base` is the report to
/// compare with, so that only findings which it does not have count for the exit code.
pub fn apply(report: &mut Report, policy: &Policy, inline: &[InlineIgnore], base: Option<&Report>) {
    let budgets = budget::check(report, policy, base);
    report.findings.extend(budgets);
    grade(report, policy);
    let known: BTreeSet<&str> = base.into_iter().flat_map(fingerprints).collect();
    for finding in &mut report.findings {
        finding.new = !known.contains(finding.fingerprint.as_str());
    }

    let mut uses = unused::Uses::new(policy, inline);
    let mut shown = Vec::new();
    for finding in std::mem::take(&mut report.findings) {
        match hidden(&finding, report, policy, inline, &mut uses) {
            Some(ignored) => report.ignored.push(ignored),
            None => shown.push(finding),
        }
    }
    report.findings = shown;

    let mut useless = uses.findings(report, policy, inline);
    for finding in &mut useless {
        finding.new = !known.contains(finding.fingerprint.as_str());
    }
    useless.retain(|finding| !policy.baseline.as_ref().is_some_and(|baseline| baseline.knows(&finding.fingerprint)));
    report.findings.extend(useless);
    sort(report);
    recount(report);
}

/// Brings the totals of a report in line with its findings.
fn recount(report: &mut Report) {
    let count = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warn));
    report.summary.errors = u32::try_from(errors).unwrap_or(u32::MAX);
    report.summary.warnings = u32::try_from(warnings).unwrap_or(u32::MAX);
}

/// True when a project's folder is `folder` or below it; `.` and the empty folder hold everything.
pub(crate) fn within(path: &str, folder: &str) -> bool {
    let folder = folder.trim_start_matches("./").trim_end_matches('/');
    matches!(folder, "" | ".") || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Gives every finding its severity and drops what is off.
fn grade(report: &mut Report, policy: &Policy) {
    for mut finding in std::mem::take(&mut report.findings) {
        let folder = project_of(report, &finding).map_or(".", |project| project.path.as_str());
        // A rule may think less of one case than of the others; only the user thinks more of it.
        let milder = finding.severity < finding.code.severity() && policy.configured(finding.code, folder).is_none();
        let severity = policy.severity(finding.code, folder);
        finding.severity = if milder { severity.min(finding.severity) } else { severity };
        // Doubt never becomes an error, and is never fixed.
        if finding.confidence == Confidence::Low {
            finding.severity = finding.severity.min(Severity::Warn);
            finding.fix = None;
        }
        let light = finding.code == Code::Heavy
            && policy.nearest(folder, |f| f.heavy).is_some_and(|heavy| finding.bytes < heavy);
        if finding.severity > Severity::Off && !light {
            report.findings.push(finding);
        }
    }
}

/// What hides a finding: a comment beside it, the configuration, or the baseline, in this order.
fn hidden(
    finding: &Finding,
    report: &Report,
    policy: &Policy,
    inline: &[InlineIgnore],
    uses: &mut unused::Uses,
) -> Option<Ignored> {
    let project = project_of(report, finding);
    let ignored = |by: &str, reason: Option<&String>| Ignored {
        fingerprint: finding.fingerprint.clone(),
        by: by.to_owned(),
        reason: reason.cloned(),
    };
    // All that match are marked as used, not only the one that is named as the reason.
    let beside: Vec<_> = (0..inline.len()).filter(|&index| speaks_about(&inline[index], finding, project)).collect();
    let configured: Vec<_> =
        (0..policy.ignores.len()).filter(|&index| policy.ignores[index].hides(finding, project)).collect();
    for &index in &beside {
        uses.inline(index, finding.code);
    }
    for &index in &configured {
        uses.config(index, finding.code);
    }
    let current = configured.iter().map(|&index| &policy.ignores[index]).find(|ignore| !expired(ignore, policy.today));
    if let Some(&index) = beside.first() {
        Some(ignored("inline", inline[index].reason.as_ref()))
    } else if let Some(ignore) = current {
        Some(ignored("config", ignore.reason.as_ref()))
    } else if policy.baseline.as_ref().is_some_and(|baseline| baseline.knows(&finding.fingerprint)) {
        Some(ignored("baseline", None))
    } else {
        None
    }
}

/// Whether an ignore comment stands at the finding's place, or where its package is declared.
fn speaks_about(ignore: &InlineIgnore, finding: &Finding, project: Option<&Project>) -> bool {
    let here = |file: &str, line: u32| ignore.file == file && (ignore.target == line || ignore.line == line);
    ignore.rules.contains(&finding.code)
        && (finding.location.as_ref().is_some_and(|at| here(&at.file, at.line))
            || project
                .into_iter()
                .flat_map(|project| &project.packages)
                .filter(|package| !finding.package.is_empty() && package.id == finding.package)
                .flat_map(|package| &package.declared)
                .any(|place| here(&place.file, place.line)))
}

fn expired(ignore: &Ignore, today: Date) -> bool {
    ignore.until.is_some_and(|until| today > until)
}

fn project_of<'r>(report: &'r Report, finding: &Finding) -> Option<&'r Project> {
    report.projects.iter().find(|project| project.id == finding.project)
}

/// Every finding that a report has, hidden ones included.
fn fingerprints(report: &Report) -> impl Iterator<Item = &str> {
    let shown = report.findings.iter().map(|finding| finding.fingerprint.as_str());
    shown.chain(report.ignored.iter().map(|ignored| ignored.fingerprint.as_str()))
}

/// Findings in the order of the projects, then errors first, then most bytes first; ignored ones by fingerprint.
fn sort(report: &mut Report) {
    let order: BTreeMap<String, usize> =
        report.projects.iter().enumerate().map(|(index, project)| (project.id.clone(), index)).collect();
    report.findings.sort_by_cached_key(|finding| {
        let project = order.get(&finding.project).copied().unwrap_or(usize::MAX);
        let worst = (Reverse(finding.severity), Reverse(finding.bytes), Reverse(finding.packages));
        (project, worst, finding.code, finding.package.clone(), finding.location.clone(), finding.fingerprint.clone())
    });
    report.ignored.sort_by(|a, b| (&a.fingerprint, &a.by).cmp(&(&b.fingerprint, &b.by)));
}

#[cfg(test)]
mod tests;
