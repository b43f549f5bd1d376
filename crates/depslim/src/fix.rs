//! Fixes: what manifests look like once findings are resolved. Computes texts and writes nothing.

use crate::Options;
use depslim_model::ecosystem::{Action, Change};
use depslim_model::{Ecosystem, Edit, Finding, Project, Report, Source};
use depslim_registry::ECOSYSTEMS;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

mod leftovers;

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
/// report. The report is one that [`crate::analyze()`] made: one read from JSON has edits, but not the changes behind them.
///
/// All changes to one manifest are made together, by its ecosystem's editor: two that each add the same table do not collide,
/// as their separate byte edits would. A finding is fixed in all files that it touches or in none.
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
    let mut files: BTreeMap<String, Work<'_>> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| chosen(finding)) {
        let (Some(fix), Some(project)) = (&finding.fix, report.projects.iter().find(|p| p.id == finding.project))
        else {
            continue;
        };
        for (file, change) in &fix.changes {
            files.entry(file.clone()).or_insert_with(|| Work::new(project)).plan(&finding.fingerprint, change);
        }
        // A moved line is written into a file that holds no change of its own.
        for edit in fix.edits.iter().filter(|edit| fix.changes.iter().all(|(file, _)| *file != edit.file)) {
            let work = files.entry(edit.file.clone()).or_insert_with(|| Work::new(project));
            work.written.push((finding.fingerprint.clone(), edit.clone()));
        }
    }
    let mut refused: Vec<Refused> = Vec::new();
    let mut texts: BTreeMap<&String, Vec<u8>> = BTreeMap::new();
    for (file, work) in &files {
        match read(file) {
            Ok(bytes) => drop(texts.insert(file, bytes)),
            Err(error) => refused.extend(work.refuse(file, &error.to_string())),
        }
    }
    // What one file refuses is left alone in the others too, which may change what they refuse.
    loop {
        let out: BTreeSet<String> = refused.iter().map(|refused| refused.fingerprint.clone()).collect();
        let mut edited = Vec::new();
        let before = refused.len();
        for (file, bytes) in &texts {
            let Some(work) = files.get(*file) else { continue };
            edited.extend(work.make(ecosystems, options, file, bytes, &out, &mut refused));
        }
        if refused.len() == before {
            leftovers::clear(ecosystems, report, options, &mut edited, &mut read);
            return Fixed { edited, refused };
        }
    }
}

/// A change to a manifest, and the findings that ask for it.
struct Planned {
    fingerprints: Vec<String>,
    change: Change,
}

/// All that is to be done to one file.
struct Work<'r> {
    project: &'r Project,
    planned: Vec<Planned>,
    written: Vec<(String, Edit)>,
}

impl<'r> Work<'r> {
    fn new(project: &'r Project) -> Self {
        Self { project, planned: Vec::new(), written: Vec::new() }
    }

    /// Projects may share a manifest: one change then resolves a finding of each.
    fn plan(&mut self, fingerprint: &str, change: &Change) {
        match self.planned.iter_mut().find(|planned| planned.change == *change) {
            Some(same) => same.fingerprints.push(fingerprint.to_owned()),
            None => self.planned.push(Planned { fingerprints: vec![fingerprint.to_owned()], change: change.clone() }),
        }
    }

    /// Every finding that touches the file, refused.
    fn refuse(&self, file: &str, reason: &str) -> Vec<Refused> {
        let planned = self.planned.iter().flat_map(|planned| &planned.fingerprints);
        let written = self.written.iter().map(|(fingerprint, _)| fingerprint);
        planned.chain(written).map(|fingerprint| refused(fingerprint, file, reason)).collect()
    }

    /// The file without what is `out`; what does not fit is added to `refusals`.
    fn make(
        &self,
        ecosystems: &[&Ecosystem],
        options: &Options,
        file: &str,
        bytes: &[u8],
        out: &BTreeSet<String>,
        refusals: &mut Vec<Refused>,
    ) -> Option<Edited> {
        let ecosystem = ecosystems.iter().find(|known| known.name == self.project.ecosystem)?;
        let settings = options.settings_in(&self.project.ecosystem, &self.project.path);
        let (written, lines) = self.write(file, bytes, out, refusals)?;
        let apply = |planned: &[&Planned]| {
            let changes: Vec<Change> = planned.iter().map(|planned| planned.change.clone()).collect();
            (ecosystem.edit)(&Source { path: file, bytes: written.as_bytes(), settings: &settings }, &changes)
        };
        let wanted = |planned: &&Planned| !planned.fingerprints.iter().any(|fingerprint| out.contains(fingerprint));
        let mut made: Vec<&Planned> = self.planned.iter().filter(wanted).collect();
        let mut after = if made.is_empty() { Ok(written.clone()) } else { apply(&made) };
        if after.is_err() {
            // One that does not fit spoils them all: take those that do.
            let all = std::mem::take(&mut made);
            after = Ok(written.clone());
            for planned in all {
                made.push(planned);
                match apply(&made) {
                    Ok(text) => after = Ok(text),
                    Err(reason) => {
                        made.pop();
                        refusals.extend(planned.fingerprints.iter().map(|of| refused(of, file, &reason)));
                    }
                }
            }
        }
        let after = after.ok().filter(|after| after.as_bytes() != bytes)?;
        let mut changes: Vec<String> = made.iter().map(|planned| words(&planned.change)).collect();
        if lines > 0 {
            changes.push(format!("added {lines} line{}", if lines == 1 { "" } else { "s" }));
        }
        let resolves = made.iter().flat_map(|planned| planned.fingerprints.clone());
        let resolves = resolves.chain(self.written.iter().map(|(of, _)| of.clone()).filter(|of| !out.contains(of)));
        Some(Edited { file: file.to_owned(), before: bytes.to_vec(), after, changes, resolves: resolves.collect() })
    }

    /// The text with the lines that are written into it, and their number; `None` when it is no text.
    fn write(
        &self,
        file: &str,
        bytes: &[u8],
        out: &BTreeSet<String>,
        refusals: &mut Vec<Refused>,
    ) -> Option<(String, usize)> {
        let Ok(text) = std::str::from_utf8(bytes) else {
            let all = self.refuse(file, "not UTF-8: edit it by hand").into_iter();
            refusals.extend(all.filter(|refused| !out.contains(&refused.fingerprint)));
            return None;
        };
        let mut edits: Vec<&(String, Edit)> = self.written.iter().filter(|(of, _)| !out.contains(of)).collect();
        edits.sort_by_key(|(_, edit)| edit.start);
        let (mut result, mut at, mut lines) = (String::with_capacity(text.len()), 0, 0);
        for (fingerprint, edit) in edits {
            match (text.get(at..edit.start), text.get(edit.start..edit.end)) {
                (Some(before), Some(_)) => {
                    result.push_str(before);
                    result.push_str(&edit.text);
                    at = edit.end;
                    lines += 1;
                }
                _ => refusals.push(refused(fingerprint, file, "the file is not the one that was analysed: run again")),
            }
        }
        result.push_str(text.get(at..).unwrap_or_default());
        Some((result, lines))
    }
}

fn refused(fingerprint: &str, file: &str, reason: &str) -> Refused {
    Refused { fingerprint: fingerprint.to_owned(), file: file.to_owned(), reason: reason.to_owned() }
}

fn words(change: &Change) -> String {
    let package = &change.package;
    match &change.action {
        Action::Remove => format!("removed {package}"),
        Action::MoveToDev => format!("moved {package} to development"),
        Action::DropFeature(feature) => format!("dropped {package}[{feature}]"),
        Action::State { version, .. } => format!("corrected {package} {version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::report::{Applicable, Fix, Origin, Summary, Tool};
    use depslim_model::{Code, Confidence, Severity};

    /// A finding that removes (`-`) or moves (`>`) packages, or writes a line (`+`) behind byte 6 of a file: `- app.list:2 probe`.
    fn finding(name: &str, told: &[&str]) -> Finding {
        let (mut changes, mut edits) = (Vec::new(), Vec::new());
        for line in told {
            let (sign, rest) = line.split_once(' ').unwrap();
            let (place, package) = rest.split_once(' ').unwrap();
            let (file, line) = place.split_once(':').unwrap_or((place, "0"));
            let (start, text) = if sign == "+" { (6, format!("{package}\n")) } else { (0, String::new()) };
            edits.push(Edit { file: file.to_owned(), start, end: start, text });
            let action = if sign == ">" { Action::MoveToDev } else { Action::Remove };
            if sign != "+" {
                let change = Change { package: package.to_owned(), line: line.parse().unwrap(), action };
                changes.push((file.to_owned(), change));
            }
        }
        Finding {
            code: Code::Unused,
            name: String::new(),
            severity: Severity::Error,
            confidence: Confidence::High,
            new: true,
            project: ".#toy".to_owned(),
            package: format!("pkg:toy/{name}"),
            bytes: 0,
            packages: 0,
            message: String::new(),
            location: None,
            evidence: Vec::new(),
            help: Vec::new(),
            fix: Some(Fix { applicable: Applicable::Safe, edits, lines: None, changes }),
            fingerprint: name.to_owned(),
            url: None,
        }
    }

    fn report(findings: Vec<Finding>) -> Report {
        let project =
            Project { id: ".#toy".to_owned(), ecosystem: "toy".to_owned(), path: ".".to_owned(), ..Project::default() };
        Report {
            schema: String::new(),
            tool: Tool::default(),
            target: String::new(),
            source: Origin::default(),
            summary: Summary::default(),
            projects: vec![project],
            findings,
            ignored: Vec::new(),
            notes: Vec::new(),
            difference: None,
        }
    }

    /// Fixes all findings in these files; any other is gone.
    fn run(findings: Vec<Finding>, files: &[(&str, &str)]) -> Fixed {
        let read = |file: &str| match files.iter().find(|(name, _)| *name == file) {
            Some((_, text)) => Ok(text.as_bytes().to_vec()),
            None => Err(io::Error::new(io::ErrorKind::NotFound, "gone")),
        };
        fix_with(&[&depslim_toy::ECOSYSTEM], &report(findings), &Options::default(), |_| true, read)
    }

    fn texts(fixed: &Fixed) -> Vec<(&str, &str)> {
        fixed.edited.iter().map(|edited| (edited.file.as_str(), edited.after.as_str())).collect()
    }

    #[test]
    fn all_changes_to_a_manifest_are_made_together() {
        let findings = vec![
            finding("twine", &["- app.list:1 twine"]),
            finding("probe", &["> app.list:2 probe"]),
            finding("lens", &["> app.list:4 lens"]),
        ];
        let fixed = run(findings, &[("app.list", "twine\nprobe # checks\npaint\nlens\n")]);
        assert_eq!(fixed.refused, []);
        let [edited] = fixed.edited.as_slice() else { panic!("one file") };
        assert_eq!(edited.after.matches("dev:").count(), 1, "{}", edited.after);
        assert_eq!(edited.after.lines().next(), Some("paint"));
        assert!(edited.after.contains("probe # checks\n") && edited.after.contains("lens\n"));
        assert_eq!(edited.changes, ["removed twine", "moved probe to development", "moved lens to development"]);
        assert_eq!(edited.resolves.len(), 3);
    }

    #[test]
    fn a_line_can_move_into_another_file() {
        let findings = vec![
            finding("probe", &["> app.list:2 probe", "+ dev.list probe"]),
            finding("lens", &["- app.list:3 lens", "+ dev.list lens"]),
        ];
        let fixed = run(findings, &[("app.list", "paint\nprobe\nlens\n"), ("dev.list", "frame\nwax\n")]);
        assert_eq!(fixed.refused, []);
        assert_eq!(texts(&fixed)[1], ("dev.list", "frame\nprobe\nlens\nwax\n"));
        assert_eq!(fixed.edited[1].changes, ["added 2 lines"]);
    }

    #[test]
    fn a_finding_is_fixed_in_all_its_files_or_in_none() {
        let findings = vec![
            finding("lens", &["- app.list:3 lens", "+ gone.list lens"]),
            finding("probe", &["- app.list:2 probe"]),
            finding("twine", &["- app.list:1 string", "- other.list:1 twine"]),
        ];
        let fixed = run(findings, &[("app.list", "twine\nprobe\nlens\n"), ("other.list", "twine\n")]);
        assert_eq!(texts(&fixed), [("app.list", "twine\nlens\n")]);
        let refused: Vec<_> = fixed.refused.iter().map(|one| (one.fingerprint.as_str(), one.file.as_str())).collect();
        assert_eq!(refused, [("lens", "gone.list"), ("twine", "app.list")]);
        assert_eq!(fixed.edited[0].resolves, BTreeSet::from(["probe".to_owned()]));
    }

    #[test]
    fn a_file_that_changed_since_is_left_alone() {
        for text in ["wax", "wax🎨!"] {
            let findings = vec![finding("lens", &["- app.list:1 lens", "+ dev.list lens"])];
            let fixed = run(findings, &[("app.list", "lens\n"), ("dev.list", text)]);
            assert_eq!((texts(&fixed), fixed.refused.len()), (vec![], 1), "{text}");
        }
    }

    #[test]
    fn a_file_in_another_encoding_is_left_alone() {
        let report = report(vec![finding("lens", &["- app.list:1 lens"])]);
        let read = |_: &str| Ok(b"lens\n\xff\n".to_vec());
        let fixed = fix_with(&[&depslim_toy::ECOSYSTEM], &report, &Options::default(), |_| true, read);
        assert_eq!((texts(&fixed), fixed.refused.len()), (vec![], 1));
    }

    #[test]
    fn projects_that_share_a_manifest_share_a_change() {
        let findings = vec![finding("one", &["- app.list:1 twine"]), finding("two", &["- app.list:1 twine"])];
        let fixed = run(findings, &[("app.list", "twine\npaint\n")]);
        assert_eq!((texts(&fixed), fixed.edited[0].resolves.len()), (vec![("app.list", "paint\n")], 2));
    }

    #[test]
    fn nothing_chosen_changes_nothing() {
        let report = report(vec![finding("twine", &["- app.list:1 twine"])]);
        let fixed = fix_with(&[&depslim_toy::ECOSYSTEM], &report, &Options::default(), |_| false, |_| Ok(Vec::new()));
        assert_eq!(fixed, Fixed::default());
    }
}
