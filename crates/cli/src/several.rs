//! Several analysed folders in one report: every path as seen from the folder that holds them all.

use depslim_model::report::{Origin, Summary, Tool};
use depslim_model::{Finding, Project, Report};
use std::path::{Component, Path, PathBuf};

/// The deepest folder that holds all paths, which are absolute; `None` without a path.
pub(crate) fn common(paths: &[PathBuf]) -> Option<PathBuf> {
    let (first, rest) = paths.split_first()?;
    Some(rest.iter().fold(first.clone(), |common, path| {
        common.components().zip(path.components()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
    }))
}

/// Folders without those that lie in another one of them: they are analysed with it.
pub(crate) fn outermost(paths: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut kept: Vec<PathBuf> = Vec::new();
    for path in paths {
        if kept.iter().any(|other| path.starts_with(other)) {
            continue;
        }
        kept.retain(|other| !other.starts_with(&path));
        kept.push(path);
    }
    kept
}

/// One report of several, each with its folder relative to the common one.
pub(crate) fn merge(reports: Vec<(String, Report)>) -> Option<Report> {
    let mut merged: Option<Report> = None;
    for (folder, mut report) in reports {
        move_below(&mut report, &folder);
        match &mut merged {
            None => merged = Some(report),
            Some(merged) => absorb(merged, report),
        }
    }
    if let Some(merged) = &mut merged {
        merged.projects.sort_by(|a, b| a.id.cmp(&b.id));
    }
    merged
}

/// The part of a merged report that is about one folder, as a report of that folder alone.
pub(crate) fn part(report: &Report, folder: &str) -> Report {
    let own = |id: &str| {
        let (path, ecosystem) = id.split_once('#')?;
        let rest = if folder == "." {
            path
        } else if path == folder {
            "."
        } else {
            path.strip_prefix(folder)?.strip_prefix('/')?
        };
        Some(format!("{rest}#{ecosystem}"))
    };
    let project = |project: &Project| Some(Project { id: own(&project.id)?, ..project.clone() });
    let finding = |finding: &Finding| {
        let project = own(&finding.project)?;
        let fingerprint = finding.fingerprint.replacen(&finding.project, &project, 1);
        Some(Finding { project, fingerprint, ..finding.clone() })
    };
    Report {
        schema: report.schema.clone(),
        tool: Tool::default(),
        target: report.target.clone(),
        source: Origin::default(),
        summary: Summary::default(),
        projects: report.projects.iter().filter_map(project).collect(),
        findings: report.findings.iter().filter_map(finding).collect(),
        ignored: Vec::new(),
        notes: Vec::new(),
        difference: None,
    }
}

fn absorb(merged: &mut Report, report: Report) {
    let (all, one) = (&mut merged.summary, report.summary);
    all.prod_bytes += one.prod_bytes;
    all.dev_bytes += one.dev_bytes;
    all.base_prod_bytes = all.base_prod_bytes.zip(one.base_prod_bytes).map(|(a, b)| a + b);
    all.removable_bytes += one.removable_bytes;
    all.with_change_bytes += one.with_change_bytes;
    all.errors += one.errors;
    all.warnings += one.warnings;
    all.projects += one.projects;
    all.not_measured += one.not_measured;
    merged.projects.extend(report.projects);
    merged.findings.extend(report.findings);
    merged.ignored.extend(report.ignored);
    merged.notes.extend(report.notes);
}

/// Every path and id of a report on a folder, as seen from a folder above it.
fn move_below(report: &mut Report, folder: &str) {
    if folder == "." {
        return;
    }
    for project in &mut report.projects {
        id(&mut project.id, folder);
        project.path = join(folder, &project.path);
        for file in [&mut project.manifest, &mut project.lockfile].into_iter().flatten() {
            *file = join(folder, file);
        }
        for package in &mut project.packages {
            for declared in &mut package.declared {
                declared.file = join(folder, &declared.file);
            }
            evidence(&mut package.usage.evidence, folder);
        }
    }
    for finding in &mut report.findings {
        let before = finding.project.clone();
        id(&mut finding.project, folder);
        finding.fingerprint = moved(&finding.fingerprint, &before, &finding.project);
        if let Some(at) = &mut finding.location {
            at.file = join(folder, &at.file);
        }
        evidence(&mut finding.evidence, folder);
        for edit in finding.fix.iter_mut().flat_map(|fix| &mut fix.edits) {
            edit.file = join(folder, &edit.file);
        }
    }
    for ignored in &mut report.ignored {
        let project = ignored.fingerprint.split(':').nth(1).unwrap_or_default().to_owned();
        let mut below = project.clone();
        id(&mut below, folder);
        ignored.fingerprint = moved(&ignored.fingerprint, &project, &below);
    }
    for note in &mut report.notes {
        if let Some(project) = &mut note.project {
            id(project, folder);
        }
        if let Some(file) = &mut note.file {
            *file = join(folder, file);
        }
    }
}

/// Installed files keep their paths: they are relative to their environment.
fn evidence(all: &mut [depslim_model::Evidence], folder: &str) {
    for file in all.iter_mut().filter(|piece| !piece.installed).filter_map(|piece| piece.file.as_mut()) {
        *file = join(folder, file);
    }
}

/// `api#python` below `services` is `services/api#python`.
fn id(id: &mut String, folder: &str) {
    if let Some((path, ecosystem)) = id.split_once('#') {
        *id = format!("{}#{ecosystem}", join(folder, path));
    }
}

fn moved(fingerprint: &str, before: &str, after: &str) -> String {
    if before.is_empty() { fingerprint.to_owned() } else { fingerprint.replacen(before, after, 1) }
}

/// A path below a folder, without the detours of a file above it.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in Path::new(folder).join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if parts.last().is_some_and(|last| last != "..") => {
                parts.pop();
            }
            part => parts.push(part.as_os_str().to_string_lossy().into_owned()),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::report::{Declared, Ignored, Note, Usage};
    use depslim_model::{Code, Confidence, Evidence, EvidenceKind, Location, Package, Severity};

    fn report(path: &str, bytes: u64) -> Report {
        let id = format!("{path}#zig");
        let used = |file: &str, installed| Evidence {
            kind: EvidenceKind::Import,
            file: Some(file.to_owned()),
            installed,
            ..Evidence::default()
        };
        let package = Package {
            declared: vec![Declared { file: "deps.txt".to_owned(), line: 3, ..Declared::default() }],
            usage: Usage { evidence: vec![used("src/a.zig", false), used("lib/b.zig", true)], ..Usage::default() },
            ..Package::default()
        };
        let finding = Finding {
            code: Code::Unused,
            name: String::new(),
            severity: Severity::Error,
            confidence: Confidence::High,
            new: true,
            project: id.clone(),
            package: "pkg:zig/x".to_owned(),
            bytes: 1,
            packages: 0,
            message: String::new(),
            location: Some(Location { file: "../depslim.toml".to_owned(), line: 3, column: 1 }),
            evidence: Vec::new(),
            help: Vec::new(),
            fix: None,
            fingerprint: format!("SLIM001:{id}:zig/x"),
            url: None,
        };
        Report {
            schema: String::new(),
            tool: Tool::default(),
            target: String::new(),
            source: Origin::default(),
            summary: Summary { prod_bytes: bytes, errors: 1, projects: 1, ..Summary::default() },
            projects: vec![Project {
                id: id.clone(),
                path: path.to_owned(),
                manifest: Some("deps.txt".to_owned()),
                packages: vec![package],
                ..Project::default()
            }],
            findings: vec![finding],
            ignored: vec![Ignored {
                fingerprint: format!("SLIM002:{id}:zig/y"),
                by: "config".to_owned(),
                reason: None,
            }],
            notes: vec![Note { project: Some(id), file: Some("deps.txt".to_owned()), ..Note::default() }],
            difference: None,
        }
    }

    #[test]
    fn paths_are_seen_from_the_common_folder() {
        let merged =
            merge(vec![("web".to_owned(), report(".", 5)), ("services/api".to_owned(), report("sub", 7))]).unwrap();
        assert_eq!(merged.summary.prod_bytes, 12);
        assert_eq!((merged.summary.errors, merged.summary.projects), (2, 2));
        let ids: Vec<_> = merged.projects.iter().map(|project| (project.id.as_str(), project.path.as_str())).collect();
        assert_eq!(ids, [("services/api/sub#zig", "services/api/sub"), ("web#zig", "web")]);
        let web = &merged.projects[1];
        assert_eq!(
            (web.manifest.as_deref(), web.packages[0].declared[0].file.as_str()),
            (Some("web/deps.txt"), "web/deps.txt")
        );
        let files: Vec<_> = web.packages[0].usage.evidence.iter().filter_map(|piece| piece.file.as_deref()).collect();
        assert_eq!(files, ["web/src/a.zig", "lib/b.zig"]);
        let prints: Vec<_> = merged.findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
        assert_eq!(prints, ["SLIM001:web#zig:zig/x", "SLIM001:services/api/sub#zig:zig/x"]);
        assert_eq!(merged.findings[1].location.as_ref().unwrap().file, "services/depslim.toml");
        assert_eq!(merged.ignored[1].fingerprint, "SLIM002:services/api/sub#zig:zig/y");
        assert_eq!(merged.notes[0].file.as_deref(), Some("web/deps.txt"));
        assert_eq!(merged.notes[0].project.as_deref(), Some("web#zig"));
    }

    #[test]
    fn a_part_of_a_merged_report_is_the_report_that_it_came_from() {
        let merged =
            merge(vec![("web".to_owned(), report(".", 5)), ("services/api".to_owned(), report("sub", 7))]).unwrap();
        for (folder, id) in [("web", ".#zig"), ("services/api", "sub#zig"), (".", "web#zig")] {
            let part = part(&merged, folder);
            assert!(part.projects.iter().any(|project| project.id == id), "{folder}");
            assert!(part.findings.iter().any(|f| f.project == id && f.fingerprint == format!("SLIM001:{id}:zig/x")));
        }
        assert!(part(&merged, "we").projects.is_empty());
    }

    #[test]
    fn a_folder_in_another_is_analysed_once() {
        let paths = |list: &[&str]| list.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(outermost(paths(&["/r/a/b", "/r/c", "/r/a", "/r/c"])), paths(&["/r/c", "/r/a"]));
        assert_eq!(common(&paths(&["/r/a/b", "/r/a/c"])), Some(PathBuf::from("/r/a")));
        assert_eq!(common(&paths(&["/r/ab", "/r/a"])), Some(PathBuf::from("/r")));
        assert_eq!(common(&[]), None);
    }
}
