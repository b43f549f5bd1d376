//! Lines of manifests that are needed and say otherwise than they should.

use super::{at, finding};
use crate::judge::{Case, Verdicts};
use crate::link::Known;
use crate::observe::{Seen, Witness};
use depslim_model::ecosystem::{Action, Restated};
use depslim_model::report::Status;
use depslim_model::{Code, Confidence, Evidence, EvidenceKind, Finding, Group, Plugin};

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

/// SLIM010: a line for all of production, where code sees what the line brings while it is compiled, for what is only loaded by name.
pub(super) fn late(case: &Case<'_>, verdicts: &Verdicts, all: &mut Vec<Finding>) {
    if !case.ecosystem.sees_all {
        return;
    }
    // A part of the compiler is registered too, and does not run.
    let for_the_build = |plugin: &Plugin| {
        let hosts = case.rules.plugins.of_group(&plugin.group).map_or(&[][..], |rule| &rule.hosts);
        !hosts.is_empty() && hosts.iter().all(|host| case.rules.scopes.is_build_tool(host))
    };
    for line in case.judged_lines().filter(|d| d.require.group == Group::Prod && !d.require.given) {
        let (package, seen) = (line.package, case.seen(line.package));
        let node = case.graph.node(package);
        let group = line.require.group_name.as_deref().unwrap_or_default().to_ascii_lowercase();
        let by_name = |witness: &Witness| {
            matches!(
                witness.kind,
                EvidenceKind::Plugin | EvidenceKind::Url | EvidenceKind::Setting | EvidenceKind::String
            )
        };
        let late = node.known == Known::Installed
            && verdicts.by_package[package as usize].status == Status::Used
            && !node.provide.modules.is_empty()
            && !seen.prod.is_empty()
            && seen.prod.iter().all(by_name)
            && seen.dev.iter().all(|witness| witness.installed)
            && !node.provide.plugins.iter().any(for_the_build)
            && !["runtime", "provided", "compileonly"].iter().any(|word| group.contains(word));
        if !late {
            continue;
        }
        let name = &node.provide.package;
        let message = format!("{name} is only loaded by name: code need not see it while it is compiled");
        let mut found = finding(case, Code::Misstated, Some(package), message);
        found.confidence = Confidence::Medium;
        found.location = at(&line.file, line.require.line);
        found.evidence = Seen::best(&seen.prod, 3);
        found.help.push("declare it for run time".into());
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
