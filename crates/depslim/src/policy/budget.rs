//! Budgets: how large production may be (SLIM006) and how much it may grow against a base (SLIM007).

use super::Policy;
use depslim_model::report::Measure;
use depslim_model::{
    Bytes, Code, Confidence, Evidence, EvidenceKind, Finding, Location, Package, Project, Report, human,
};

/// How large production may be. Nothing is checked until it is set.
#[derive(Debug, Clone, Default)]
pub struct Budget {
    /// Most bytes of production (`budget.prod-total`).
    pub prod_total: Option<Limit>,
    /// Most bytes that production may grow against the base (`budget.prod-growth`).
    pub prod_growth: Option<Limit>,
}

/// A number of bytes, and where it is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// The bytes.
    pub bytes: Bytes,
    /// Where it is set, when that is in a file.
    pub place: Option<Location>,
}

/// Findings about projects over their budgets.
pub(super) fn check(report: &Report, policy: &Policy, base: Option<&Report>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for project in report.projects.iter().filter(|project| project.failed.is_none()) {
        let budget = policy.budget(&project.path);
        if let Some(limit) = budget.prod_total.filter(|limit| project.prod_bytes > limit.bytes) {
            let over = project.prod_bytes - limit.bytes;
            let message = format!(
                "production is {}, {} over the budget of {}",
                size(project, project.prod_bytes),
                human(over),
                human(limit.bytes)
            );
            findings.push(finding(Code::OverBudget, project, over, message, &limit));
        }
        let before = base.and_then(|base| base.projects.iter().find(|before| before.id == project.id));
        let (Some(before), Some(limit)) = (before, budget.prod_growth) else { continue };
        // Sizes that were found in different ways can't be compared.
        if before.measure != project.measure || before.failed.is_some() {
            continue;
        }
        let growth = project.prod_bytes.saturating_sub(before.prod_bytes);
        if growth > limit.bytes {
            let message = format!(
                "production grows by {} ({} → {}), more than the {} that the budget allows",
                human(growth),
                size(before, before.prod_bytes),
                size(project, project.prod_bytes),
                human(limit.bytes)
            );
            findings.push(finding(Code::Growth, project, growth, message, &limit));
        }
    }
    findings
}

/// A size of a project, marked when it is an estimate.
fn size(project: &Project, bytes: Bytes) -> String {
    // A base holds packages that are not installed any more.
    let guessed = |p: &Package| p.ships && p.installed_bytes.is_none() && p.estimated_bytes.is_some();
    let estimated = project.measure == Measure::Estimated || project.packages.iter().any(guessed);
    let mark = if estimated { "~" } else { "" };
    format!("{mark}{}", human(bytes))
}

fn finding(code: Code, project: &Project, bytes: Bytes, message: String, limit: &Limit) -> Finding {
    let evidence = Evidence {
        kind: EvidenceKind::Setting,
        file: limit.place.as_ref().map(|place| place.file.clone()),
        line: limit.place.as_ref().map(|place| place.line),
        text: if code == Code::Growth { "budget.prod-growth" } else { "budget.prod-total" }.to_owned(),
        ..Evidence::default()
    };
    Finding {
        code,
        name: code.name().to_owned(),
        severity: code.severity(),
        confidence: if project.measure == Measure::Installed { Confidence::High } else { Confidence::Medium },
        new: true,
        project: project.id.clone(),
        package: String::new(),
        bytes,
        packages: 0,
        message,
        location: limit.place.clone(),
        evidence: vec![evidence],
        help: Vec::new(),
        fix: None,
        fingerprint: format!("{code}:{}:", project.id),
        url: code.url().map(str::to_owned),
    }
}
