//! What the report says of a proof.

use super::{Back, Found, Search};
use crate::lacks::Asked;
use depslim_model::report::{Failed, Outcome, Proved, PutBack};
use depslim_model::{Evidence, EvidenceKind};

/// Lines of a failed run that are shown.
const TAIL: usize = 20;

impl Search<'_> {
    pub(super) fn report(&self, found: Found) -> Proved {
        let Found { outcome, last, note } = found;
        let units = &self.case.units;
        let failed = outcome == Outcome::Nothing;
        let mut notes: Vec<String> = self.notes.clone();
        if let Some(note) = note {
            notes.push(format!("{note}: {}", last.ran.end(self.limits.timeout)));
        }
        if self.unwritable
            && !self.slim.is_writable()
            && (failed || self.anyway.as_ref().is_some_and(|a| !a.is_empty()))
        {
            notes.push("it wants to write into the project, which is read-only here: try --writable".to_owned());
        }
        let anyway = self.anyway.iter().flatten();
        Proved {
            outcome,
            list: None,
            command: self.script.words.clone(),
            about: self.script.about.clone(),
            sandbox: self.slim.sandbox.about(self.slim.is_writable()),
            isolated: self.slim.sandbox.is_on() && !self.limits.network,
            runs: self.runs,
            passed: last.well.len() as u32,
            failed_anyway: anyway.map(|(name, reason)| Failed { name: name.clone(), reason: reason.clone() }).collect(),
            left_out: self.out.iter().map(|unit| units[*unit].id.clone()).collect(),
            left_out_bytes: self.out.iter().map(|unit| units[*unit].bytes).sum(),
            put_back: if failed {
                Vec::new()
            } else {
                let parts = self.parts.iter().map(|(name, asked)| part_report(name, asked));
                self.back.iter().map(|back| self.put_back_report(back)).chain(parts).collect()
            },
            notes,
            output: if failed { last.ran.tail(TAIL) } else { Vec::new() },
            watched: None,
            trimmed: None,
        }
    }

    fn put_back_report(&self, back: &Back) -> PutBack {
        let unit = &self.case.units[back.unit];
        let mut evidence = Vec::new();
        if let Some(asked) = &back.asked {
            if let Some((file, line)) = &asked.by {
                let (file, installed) = self.slim.shown(file);
                evidence.push(Evidence {
                    kind: EvidenceKind::Run,
                    file: Some(file),
                    line: (*line > 0).then_some(*line),
                    installed,
                    text: asked.text.clone(),
                    ..Evidence::default()
                });
            }
            let text = format!("line {} of the output: {}", asked.line, asked.text);
            evidence.push(Evidence { kind: EvidenceKind::Run, text, ..Evidence::default() });
        }
        let brought = back.brought.iter().map(|at| &self.case.units[*at]);
        PutBack {
            package: unit.id.clone(),
            name: unit.name.clone(),
            pin: (self.case.proof.pin)(&unit.name, &unit.version),
            bytes: unit.bytes + brought.clone().map(|unit| unit.bytes).sum::<u64>(),
            brought: brought.map(|unit| unit.id.clone()).collect(),
            by_trying: back.asked.is_none(),
            evidence,
        }
    }
}

/// A part of the runtime that had to be added.
fn part_report(name: &str, asked: &Asked) -> PutBack {
    let text = format!("line {} of the output: {}", asked.line, asked.text);
    PutBack {
        package: name.to_owned(),
        name: name.to_owned(),
        pin: name.to_owned(),
        evidence: vec![Evidence { kind: EvidenceKind::Run, text, ..Evidence::default() }],
        ..PutBack::default()
    }
}
