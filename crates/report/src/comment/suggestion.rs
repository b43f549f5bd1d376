//! Suggestions on the lines of a pull request: edits that one click applies.

use super::word;
use crate::escape::markdown as text;
use depslim_model::report::Applicable;
use depslim_model::{Confidence, Report};

/// A suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Fingerprint of the finding that it resolves.
    pub fingerprint: String,
    /// File, relative to the analysed root.
    pub file: String,
    /// First line that it replaces, from 1.
    pub first: u32,
    /// Last line that it replaces.
    pub last: u32,
    /// Hidden mark that tells whether it was made before.
    pub mark: String,
    /// What is said, without the suggested lines.
    pub message: String,
    /// The lines that stand there afterwards.
    pub lines: Vec<String>,
}

impl Suggestion {
    /// The text of the comment on the line. `kind` is what the forge calls the block of code (`suggestion`, `suggestion:-0+0`).
    pub fn body(&self, kind: &str) -> String {
        let longest = self.lines.iter().flat_map(|line| line.split(|c| c != '`')).map(str::len).max().unwrap_or(0);
        let fence = "`".repeat((longest + 1).max(3));
        let lines: String = self.lines.iter().flat_map(|line| [line, "\n"]).collect();
        format!("{}\n{}\n\n{fence}{kind}\n{lines}{fence}\n", self.mark, self.message)
    }
}

/// Every suggestion that new findings allow: certain ones, on whole lines in one place, largest first.
pub fn suggestions(report: &Report) -> Vec<Suggestion> {
    let certain = |confidence| matches!(confidence, Confidence::High | Confidence::Verified);
    report
        .findings
        .iter()
        .filter(|finding| finding.new && certain(finding.confidence))
        .filter_map(|finding| {
            let fix = finding.fix.as_ref().filter(|fix| fix.applicable == Applicable::Safe)?;
            let place = fix.lines.as_ref()?;
            // A line that acts on the reader's screen is no line to accept with one click.
            let acts = |line: &String| crate::escape::visible(line) != line.replace('\t', " ");
            if place.text.iter().any(acts) {
                return None;
            }
            Some(Suggestion {
                fingerprint: finding.fingerprint.clone(),
                file: place.file.clone(),
                first: place.first,
                last: place.last,
                mark: format!("<!-- depslim:suggestion {} -->", name(&finding.fingerprint)),
                message: format!("**{}** {}", finding.code, text(&finding.message)),
                lines: place.text.clone(),
            })
        })
        .collect()
}

/// A fingerprint as one word that nothing can break out of, and that two fingerprints never share.
fn name(fingerprint: &str) -> String {
    // FNV-1a: short, and the same in every version.
    let sum = fingerprint
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{}.{sum:016x}", word(fingerprint))
}
