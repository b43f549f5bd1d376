//! Fixes: what manifests look like once findings are resolved. Computes texts and writes nothing.

use crate::Options;
use depslim_model::ecosystem::{Action, Change};
use depslim_model::{Code, Ecosystem, Finding, Package, Project, Report, Source};
use depslim_registry::ECOSYSTEMS;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// What fixing gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fixed {
    /// Manifests with their new texts, by path.
    pub edited: Vec<Edited>,
    /// Findings that could not be fixed, and why.
    pub refused: Vec<Refused>,
}

/// A manifest with its new text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// Path relative to the analysed root.
    pub file: String,
    /// The bytes that were read.
    pub before: Vec<u8>,
    /// The text that resolves the findings.
    pub after: String,
    /// What changed, in words: `removed twilio`, `moved pytest to development`.
    pub changes: Vec<String>,
    /// Fingerprints of the findings that it resolves.
    pub resolves: BTreeSet<String>,
}

/// A finding that could not be fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its fingerprint.
    pub fingerprint: String,
    /// The manifest.
    pub file: String,
    /// Why.
    pub reason: String,
}

/// Fixes those findings of a report that have a fix and are chosen. `read` gives the bytes of a manifest by its path in the
/// report.
///
/// All changes to one manifest are made together, by its ecosystem's editor: two that each add the same table do not collide,
/// as their separate byte edits would.
pub fn fix(
    report: &Report,
    options: &Options,
    chosen: impl Fn(&Finding) -> bool,
    read: impl FnMut(&str) -> io::Result<Vec<u8>>,
) -> Fixed {
    fix_with(ECOSYSTEMS, report, options, chosen, read)
}

fn fix_with(
    ecosystems: &[&Ecosystem],
    report: &Report,
    options: &Options,
    chosen: impl Fn(&Finding) -> bool,
    mut read: impl FnMut(&str) -> io::Result<Vec<u8>>,
) -> Fixed {
    let mut files: BTreeMap<String, Vec<Planned>> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.fix.is_some() && chosen(finding)) {
        let Some(project) = report.projects.iter().find(|project| project.id == finding.project) else { continue };
        for planned in plan(finding, project) {
            let list = files.entry(planned.file.clone()).or_default();
            // Projects may share a manifest: one change then resolves a finding of each.
            match list.iter_mut().find(|other| other.change == planned.change) {
                Some(same) => same.fingerprints.extend(planned.fingerprints),
                None => list.push(planned),
            }
        }
    }
    let mut fixed = Fixed::default();
    for (file, planned) in files {
        match read(&file) {
            Ok(bytes) => edit(ecosystems, options, &file, bytes, &planned, &mut fixed),
            Err(error) => fixed.refused.extend(planned.iter().flat_map(|one| one.refused(&error.to_string()))),
        }
    }
    // A finding is resolved when all manifests that it touches are.
    let refused: BTreeSet<&String> = fixed.refused.iter().map(|refused| &refused.fingerprint).collect();
    for edited in &mut fixed.edited {
        edited.resolves.retain(|fingerprint| !refused.contains(fingerprint));
    }
    fixed
}

/// A change to one manifest that a finding asks for.
#[derive(Debug, Clone)]
struct Planned {
    fingerprints: Vec<String>,
    file: String,
    ecosystem: String,
    folder: String,
    change: Change,
}

impl Planned {
    fn refused(&self, reason: &str) -> Vec<Refused> {
        let refused = |fingerprint: &String| Refused {
            fingerprint: fingerprint.clone(),
            file: self.file.clone(),
            reason: reason.to_owned(),
        };
        self.fingerprints.iter().map(refused).collect()
    }

    fn words(&self) -> String {
        let package = &self.change.package;
        match &self.change.action {
            Action::Remove => format!("removed {package}"),
            Action::MoveToDev => format!("moved {package} to development"),
            Action::DropFeature(feature) => format!("dropped {package}[{feature}]"),
        }
    }
}

/// The changes behind a finding's edits: one for every line that declares its package in a manifest that they touch.
fn plan(finding: &Finding, project: &Project) -> Vec<Planned> {
    let action_for = |package: &Package| match finding.code {
        // A line that development has already just goes.
        Code::DevInProd if package.declared.iter().all(|declared| declared.group != "dev") => Action::MoveToDev,
        _ => Action::Remove,
    };
    if !matches!(finding.code, Code::Unused | Code::DevInProd) {
        return Vec::new();
    }
    let files: BTreeSet<&str> = finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.file.as_str()).collect();
    let packages = project.packages.iter().filter(|package| package.id == finding.package);
    packages
        .flat_map(|package| package.declared.iter().map(move |declared| (package, declared)))
        .filter(|(_, declared)| {
            files.contains(declared.file.as_str()) && matches!(&*declared.group, "prod" | "optional")
        })
        .map(|(package, declared)| Planned {
            fingerprints: vec![finding.fingerprint.clone()],
            file: declared.file.clone(),
            ecosystem: project.ecosystem.clone(),
            folder: project.path.clone(),
            change: Change { package: package.name.clone(), line: declared.line, action: action_for(package) },
        })
        .collect()
}

/// Makes all planned changes of one manifest; where they can't be made together, as many as can.
fn edit(
    ecosystems: &[&Ecosystem],
    options: &Options,
    file: &str,
    bytes: Vec<u8>,
    planned: &[Planned],
    fixed: &mut Fixed,
) {
    let Some(first) = planned.first() else { return };
    let Some(ecosystem) = ecosystems.iter().find(|known| known.name == first.ecosystem) else { return };
    let settings = options.settings_in(&first.ecosystem, &first.folder);
    let source = Source { path: file, bytes: &bytes, settings: &settings };
    let apply = |planned: &[&Planned]| {
        let changes: Vec<Change> = planned.iter().map(|one| one.change.clone()).collect();
        (ecosystem.edit)(&source, &changes)
    };
    let mut made: Vec<&Planned> = planned.iter().collect();
    let mut text = apply(&made);
    if text.is_err() {
        made.clear();
        for one in planned {
            made.push(one);
            match apply(&made) {
                Ok(after) => text = Ok(after),
                Err(reason) => {
                    made.pop();
                    fixed.refused.extend(one.refused(&reason));
                }
            }
        }
    }
    let Ok(after) = text else { return };
    if made.is_empty() || after.as_bytes() == bytes {
        return;
    }
    fixed.edited.push(Edited {
        file: file.to_owned(),
        changes: made.iter().map(|one| one.words()).collect(),
        resolves: made.iter().flat_map(|one| one.fingerprints.clone()).collect(),
        before: bytes,
        after,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::report::{Applicable, Declared, Fix, Origin, Summary, Tool};
    use depslim_model::{Confidence, Edit, Package, Severity};

    /// A finding: rule, package, and the lines that declare it (file, line, group).
    type Told<'t> = (Code, &'t str, &'t [(&'t str, u32, &'t str)]);

    /// A report on the lists `deps/app.list` and `deps/more.list`, with a finding for each (code, package, places).
    fn report(findings: &[Told<'_>]) -> Report {
        let package = |(_, name, places): &Told<'_>| Package {
            id: format!("pkg:toy/{name}"),
            name: (*name).to_owned(),
            declared: places
                .iter()
                .map(|(file, line, group)| Declared {
                    file: (*file).to_owned(),
                    line: *line,
                    group: (*group).to_owned(),
                    group_name: None,
                })
                .collect(),
            ..Package::default()
        };
        let finding = |(code, name, places): &Told<'_>| Finding {
            code: *code,
            name: String::new(),
            severity: Severity::Error,
            confidence: Confidence::High,
            new: true,
            project: ".#toy".to_owned(),
            package: format!("pkg:toy/{name}"),
            bytes: 0,
            message: String::new(),
            location: None,
            evidence: Vec::new(),
            help: Vec::new(),
            fix: Some(Fix {
                applicable: Applicable::Safe,
                edits: places
                    .iter()
                    .map(|(file, ..)| Edit { file: (*file).to_owned(), start: 0, end: 0, text: String::new() })
                    .collect(),
            }),
            fingerprint: format!("{code}:{name}"),
            url: String::new(),
        };
        Report {
            schema: String::new(),
            tool: Tool::default(),
            target: String::new(),
            source: Origin::default(),
            summary: Summary::default(),
            projects: vec![Project {
                id: ".#toy".to_owned(),
                ecosystem: "toy".to_owned(),
                path: ".".to_owned(),
                packages: findings.iter().map(package).collect(),
                ..Project::default()
            }],
            findings: findings.iter().map(finding).collect(),
            ignored: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Fixes all findings, with `text` in every file.
    fn run(report: &Report, text: &str) -> Fixed {
        let read = |file: &str| match file {
            "gone.list" => Err(io::Error::new(io::ErrorKind::NotFound, "gone")),
            _ => Ok(text.as_bytes().to_vec()),
        };
        fix_with(&[&depslim_toy::ECOSYSTEM], report, &Options::default(), |_| true, read)
    }

    #[test]
    fn all_changes_to_a_manifest_are_made_together() {
        let places: [&[(&str, u32, &str)]; 3] =
            [&[("app.list", 1, "prod")], &[("app.list", 2, "prod")], &[("app.list", 4, "prod")]];
        let report = report(&[
            (Code::Unused, "twine", places[0]),
            (Code::DevInProd, "probe", places[1]),
            (Code::DevInProd, "lens", places[2]),
        ]);
        let fixed = run(&report, "twine\nprobe # checks\npaint\nlens\n");
        assert_eq!(fixed.refused, []);
        let [edited] = fixed.edited.as_slice() else { panic!("one file") };
        assert_eq!(edited.after.matches("dev:").count(), 1, "{}", edited.after);
        assert_eq!(edited.after.lines().next(), Some("paint"));
        assert!(edited.after.contains("probe # checks\n") && edited.after.contains("lens\n"));
        assert_eq!(edited.changes, ["removed twine", "moved probe to development", "moved lens to development"]);
        assert_eq!(edited.resolves.len(), 3);
    }

    #[test]
    fn what_does_not_fit_is_refused_and_the_rest_is_done() {
        let report = report(&[
            (Code::Unused, "twine", &[("app.list", 3, "prod")]),
            (Code::Unused, "probe", &[("app.list", 2, "prod"), ("gone.list", 2, "prod")]),
        ]);
        let fixed = run(&report, "twine\nprobe\npaint\n");
        let reasons: Vec<_> = fixed.refused.iter().map(|one| (one.fingerprint.as_str(), one.file.as_str())).collect();
        assert_eq!(reasons, [("SLIM001:twine", "app.list"), ("SLIM001:probe", "gone.list")]);
        assert_eq!(fixed.edited[0].after, "twine\npaint\n");
        // One of its two lines is left: it is not resolved.
        assert!(fixed.edited[0].resolves.is_empty());
    }

    #[test]
    fn development_lines_and_other_rules_are_left_alone() {
        let report = report(&[
            (Code::Unused, "twine", &[("app.list", 1, "prod"), ("app.list", 3, "dev")]),
            (Code::Heavy, "paint", &[("app.list", 2, "prod")]),
        ]);
        let fixed = run(&report, "twine\npaint\ntwine\n");
        assert_eq!(fixed.edited[0].after, "paint\ntwine\n");
        assert_eq!(fixed.edited[0].changes, ["removed twine"]);
    }

    #[test]
    fn nothing_chosen_changes_nothing() {
        let report = report(&[(Code::Unused, "twine", &[("app.list", 1, "prod")])]);
        let fixed = fix_with(&[&depslim_toy::ECOSYSTEM], &report, &Options::default(), |_| false, |_| Ok(Vec::new()));
        assert_eq!(fixed, Fixed::default());
    }
}
