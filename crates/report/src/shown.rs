//! Which findings a reader sees, and in what order: the worst first, then what frees most.

use crate::view::View;
use depslim_model::{Confidence, Finding, Report, Severity};
use std::cmp::Reverse;

/// The findings of a report, sorted out for a reader.
#[derive(Debug, Default)]
pub(crate) struct Shown<'r> {
    /// Findings to act on; when the run compared with a base, those that the base does not have.
    pub(crate) now: Vec<&'r Finding>,
    /// New findings of low confidence: worth a look, no more.
    pub(crate) low: Vec<&'r Finding>,
    /// Findings that the base has too.
    pub(crate) before: Vec<&'r Finding>,
}

impl<'r> Shown<'r> {
    pub(crate) fn of(report: &'r Report, view: &View) -> Self {
        let compared = compared(report, view);
        let mut shown = Self::default();
        for finding in report.findings.iter().filter(|finding| finding.severity > Severity::Off) {
            match () {
                () if compared && !finding.new => shown.before.push(finding),
                () if finding.confidence == Confidence::Low => shown.low.push(finding),
                () => shown.now.push(finding),
            }
        }
        for list in [&mut shown.now, &mut shown.low, &mut shown.before] {
            list.sort_by_key(|finding| {
                (Reverse(finding.severity), Reverse(finding.bytes), finding.code, &finding.fingerprint)
            });
        }
        shown
    }

    /// What formats list that show one level of detail: findings to act on, and with `-v` those worth a look.
    pub(crate) fn listed(&self, view: &View) -> impl Iterator<Item = &'r Finding> + use<'r> {
        let low = if view.verbose > 0 { self.low.clone() } else { Vec::new() };
        self.now.clone().into_iter().chain(low)
    }

    /// Number of findings to act on with a severity.
    pub(crate) fn count(&self, severity: Severity) -> u64 {
        self.now.iter().filter(|finding| finding.severity == severity).count() as u64
    }
}

/// True when the run compared with a base.
pub(crate) fn compared(report: &Report, view: &View) -> bool {
    view.difference.is_some() || report.source.base_commit.is_some() || report.summary.base_prod_bytes.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn findings_of_the_base_are_set_aside_only_when_compared() {
        let mut report = fixtures::django();
        report.findings[0].new = false;
        let view = View::default();
        assert!(Shown::of(&report, &view).before.is_empty());
        report.source.base_commit = Some("9c1d0e7".into());
        let shown = Shown::of(&report, &view);
        assert_eq!(shown.before.len(), 1);
        assert_eq!(shown.before[0].fingerprint, report.findings[0].fingerprint);
        assert!(!shown.now.iter().any(|f| f.fingerprint == report.findings[0].fingerprint));
    }

    #[test]
    fn what_is_off_is_not_shown() {
        let mut report = fixtures::django();
        report.findings.iter_mut().for_each(|f| f.severity = Severity::Off);
        let shown = Shown::of(&report, &View { verbose: 2, ..View::default() });
        assert_eq!((shown.now.len(), shown.low.len(), shown.before.len()), (0, 0, 0));
    }
}
