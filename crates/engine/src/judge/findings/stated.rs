//! Lines of manifests that are needed and say otherwise than they should.

use super::{at, finding};
use crate::judge::Case;
use depslim_model::ecosystem::{Action, Restated};
use depslim_model::{Code, Evidence, EvidenceKind, Finding};

/// SLIM010: what the language's own client would write otherwise, a finding for each package.
pub(super) fn misstated(case: &Case<'_>, all: &mut Vec<Finding>) {
    let mut told: Vec<&str> = Vec::new();
    for restated in &case.observed.restated {
        if told.contains(&restated.package.as_str()) {
            continue;
        }
        told.push(&restated.package);
        let package = case.graph.find(&(case.ecosystem.canonical)(&restated.package));
        let message = format!("{} {}", restated.package, restated.why);
        let mut found = finding(case, Code::Misstated, package, message);
        if package.is_none() {
            found.fingerprint += &restated.package;
        }
        let line = (restated.line > 0).then_some(restated.line);
        let seen = restated.seen.as_ref();
        found.location = match (line, seen) {
            (Some(line), _) => at(&restated.file, line),
            (None, Some((file, line, _))) => at(file, *line),
            (None, None) => at(&restated.file, 1),
        };
        found.evidence.extend(seen.map(|(file, line, text)| Evidence {
            kind: EvidenceKind::Import,
            file: Some(file.clone()),
            line: Some(*line),
            text: text.clone(),
            ..Evidence::default()
        }));
        found.help.push(help(restated));
        all.push(found);
    }
}

fn help(restated: &Restated) -> String {
    match &restated.action {
        Action::State { version, .. } if restated.line == 0 => {
            format!("add {} {version} to {}, as `depslim --fix` does", restated.package, restated.file)
        }
        Action::State { .. } => "correct the line, as `depslim --fix` does".to_owned(),
        _ => "take the line out, as `depslim --fix` does".to_owned(),
    }
}
