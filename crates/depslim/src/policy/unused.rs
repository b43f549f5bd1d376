//! Ignores that earn nothing: they matched no finding, their date has passed, or they name no rule (SLIM092).

use super::{InlineIgnore, Policy, expired, within};
use depslim_model::report::Measure;
use depslim_model::{Code, Confidence, Finding, Location, Report, Severity};
use std::collections::BTreeSet;

/// Which ignores matched which rules.
pub(super) struct Uses {
    inline: Vec<BTreeSet<Code>>,
    config: Vec<BTreeSet<Code>>,
}

impl Uses {
    pub(super) fn new(policy: &Policy, inline: &[InlineIgnore]) -> Self {
        Self { inline: vec![BTreeSet::new(); inline.len()], config: vec![BTreeSet::new(); policy.ignores.len()] }
    }

    /// An inline ignore matched a finding.
    pub(super) fn inline(&mut self, index: usize, code: Code) {
        self.inline[index].insert(code);
    }

    /// An ignore of the configuration matched a finding.
    pub(super) fn config(&mut self, index: usize, code: Code) {
        self.config[index].insert(code);
    }

    /// The findings. Nothing is said about a rule that this run did not look for, nor about a part of the tree that it did not see.
    pub(super) fn findings(&self, report: &Report, policy: &Policy, inline: &[InlineIgnore]) -> Vec<Finding> {
        let broken = report.projects.iter().any(|project| project.failed.is_some());
        let idle = |rules: &[Code], used: &BTreeSet<Code>, folder: &str| -> Vec<&'static str> {
            let looked_for = |code: &&Code| policy.severity(**code, folder) > Severity::Off && !broken;
            rules.iter().filter(looked_for).filter(|code| !used.contains(code)).map(|code| code.code()).collect()
        };
        let mut findings = Vec::new();
        for (ignore, used) in inline.iter().zip(&self.inline) {
            let folder = folder_of(report, &ignore.file);
            let idle = idle(&ignore.rules, used, &folder);
            let mut messages: Vec<_> =
                ignore.problems.iter().map(|problem| format!("this ignore does nothing: {problem}")).collect();
            if !idle.is_empty() {
                messages.push(format!("this ignore of {} matches no finding", idle.join(", ")));
            }
            let place = Location { file: ignore.file.clone(), line: ignore.line, column: 1 };
            let name = ignore.rules.iter().map(|rule| rule.code()).collect::<Vec<_>>().join("+");
            let name = format!("{}/{name}", ignore.file);
            findings.extend(
                messages
                    .into_iter()
                    .map(|message| finding(report, policy, &folder, Some(place.clone()), &name, message)),
            );
        }
        for (ignore, used) in policy.ignores.iter().zip(&self.config) {
            let folder = ignore.path.clone().unwrap_or_else(|| ".".to_owned());
            let label = ignore.label();
            let message = if let Some(until) = ignore.until.filter(|_| expired(ignore, policy.today)) {
                format!("the ignore of {label} ended on {until}")
            } else if !ignore.only_here || !seen(report, ignore) {
                continue;
            } else if ignore.rules.is_empty() {
                if !used.is_empty() || broken {
                    continue;
                }
                format!("the ignore of {label} matches no finding")
            } else {
                match idle(&ignore.rules, used, &folder).join(", ") {
                    rules if rules.is_empty() => continue,
                    rules => format!("the ignore of {label} matches no finding of {rules}"),
                }
            };
            let rules = ignore.rules.iter().map(|rule| rule.code()).collect::<Vec<_>>().join("+");
            findings.push(finding(report, policy, &folder, ignore.place.clone(), &format!("{label}/{rules}"), message));
        }
        findings.retain(|finding| finding.severity > Severity::Off);
        findings
    }
}

/// Whether the run saw what a configured ignore is about: a project in its folder, of its ecosystem.
fn seen(report: &Report, ignore: &super::Ignore) -> bool {
    report.projects.iter().any(|project| {
        let path = ignore.path.as_deref().is_none_or(|path| within(&project.path, path));
        let purl = depslim_registry::ECOSYSTEMS.iter().find(|e| e.name == project.ecosystem).map_or("", |e| e.purl);
        let wanted = ignore.package.as_ref().and_then(|package| package.ecosystem());
        path && wanted.is_none_or(|wanted| wanted == project.ecosystem || wanted == purl)
    })
}

/// Folder of the deepest project that holds a file.
fn folder_of(report: &Report, file: &str) -> String {
    let folders = report.projects.iter().map(|project| project.path.as_str()).filter(|path| within(file, path));
    folders.max_by_key(|path| path.len()).unwrap_or(".").to_owned()
}

fn finding(
    report: &Report,
    policy: &Policy,
    folder: &str,
    place: Option<Location>,
    name: &str,
    message: String,
) -> Finding {
    let code = Code::UnusedIgnore;
    // What was not measured may hide the finding that the ignore is for.
    let blind = report.projects.iter().any(|project| {
        within(&project.path, folder) && !matches!(project.measure, Measure::Installed | Measure::Binary)
    });
    let project = report.projects.iter().find(|project| project.path == folder);
    let project = project.map(|project| project.id.clone()).unwrap_or_default();
    Finding {
        code,
        name: code.name().to_owned(),
        severity: policy.severity(code, folder),
        confidence: if blind { Confidence::Low } else { Confidence::High },
        new: true,
        fingerprint: format!("{code}:{project}:{name}"),
        project,
        package: String::new(),
        bytes: 0,
        packages: 0,
        message,
        location: place,
        evidence: Vec::new(),
        help: vec!["take it out, or correct it".to_owned()],
        fix: None,
        url: code.url().map(str::to_owned),
    }
}
