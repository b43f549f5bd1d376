//! Packages that do the same job and are both used: worth knowing, and no mistake.

use super::{Case, Verdicts};
use crate::observe::Witness;
use depslim_model::report::{Note, Status};
use depslim_model::{EvidenceKind, Strength};

/// A note for every role that several packages have which production declares and imports itself, with a place of each.
pub fn roles(case: &Case<'_>, verdicts: &Verdicts) -> Vec<Note> {
    case.rules.roles.iter().filter_map(|role| shared(case, verdicts, &role.packages, &role.note)).collect()
}

fn shared(case: &Case<'_>, verdicts: &Verdicts, packages: &[String], note: &str) -> Option<Note> {
    let mut found: Vec<(&crate::link::Declared, &Witness)> = Vec::new();
    for name in packages {
        let Some(package) = case.graph.find(&(case.ecosystem.canonical)(name)) else { continue };
        let line = case.production_lines().map(|(_, d)| d).find(|d| d.package == package);
        let used = verdicts.by_package[package as usize].status == Status::Used;
        let import = case.seen(package).prod.iter().find(|w| {
            w.kind == EvidenceKind::Import && w.strength >= Strength::Lazy && w.rule.is_none() && !w.file.is_empty()
        });
        if let (Some(line), Some(import), true) = (line, import, used) {
            found.push((line, import));
        }
    }
    let (last, _) = found.last().filter(|_| found.len() > 1)?;
    let named: Vec<String> = found
        .iter()
        .map(|(d, w)| format!("{} ({}:{})", case.graph.node(d.package).provide.package, w.file, w.line))
        .collect();
    Some(Note {
        project: Some(case.id()),
        file: Some(last.file.clone()),
        line: Some(last.require.line).filter(|line| *line > 0),
        message: format!(
            "{} do the same job: {note}",
            super::findings::listing(&named.iter().map(String::as_str).collect::<Vec<_>>())
        ),
        ..Note::default()
    })
}
