//! What `export` writes: every emitter's files, read again and checked before anybody calls them done.

use crate::{Error, Options, analyze, image};
use depslim_engine::Project;
use depslim_model::{Emission, Emitter, Settings, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

/// What `export` wrote or would write for one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Project id.
    pub project: String,
    /// Project folder, `.` at the root.
    pub path: String,
    /// The files, relative to the output folder.
    pub files: Vec<Emission>,
    /// Formats that the project has no use or no data for, and why.
    pub skipped: Vec<String>,
    /// What should have been written and is not right, and why: a mistake of depslim's or of a client's.
    pub refused: Vec<String>,
    /// Notes for the user (a client that was not found …).
    pub notes: Vec<String>,
}

/// Computes what `export` writes for every project below `root`, read again and checked; writes nothing below `root` itself. A file
/// that a client completes (a lock) is completed in a temporary folder, without running anything of the project.
///
/// # Errors
/// As [`crate::analyze()`].
pub fn export(root: &Path, options: &Options) -> Result<Vec<Exported>, Error> {
    let analysis = analyze::engine(root, options)?;
    let root = fs_err::canonicalize(root)?;
    // Two projects of one folder can't have their container files under the same name.
    let mut taken = BTreeSet::new();
    let mut all = Vec::new();
    for project in &analysis.projects {
        let prefix = taken.contains(&project.report.path).then_some(project.ecosystem.name);
        let exported = one(&root, project, options, prefix)?;
        if exported.files.iter().any(|f| f.path == ".dockerignore") {
            taken.insert(exported.path.clone());
        }
        all.push(exported);
    }
    Ok(all)
}

fn one(root: &Path, project: &Project, options: &Options, prefix: Option<&str>) -> Result<Exported, Error> {
    let mut exported = Exported {
        project: project.report.id.clone(),
        path: project.report.path.clone(),
        files: Vec::new(),
        skipped: Vec::new(),
        refused: Vec::new(),
        notes: Vec::new(),
    };
    if let Some(why) = &project.report.failed {
        exported.refused.push(why.clone());
        return Ok(exported);
    }
    let texts: BTreeMap<&str, Vec<u8>> = project
        .files
        .manifests
        .iter()
        .filter_map(|m| Some((m.path.as_str(), fs_err::read(root.join(&m.path)).ok()?)))
        .collect();
    let sources: Vec<Source<'_>> =
        texts.iter().map(|(path, bytes)| Source { path, bytes, settings: &project.settings }).collect();
    for emitter in project.ecosystem.emitters {
        match (emitter.emit)(&project.plan, &sources) {
            Err(why) => exported.skipped.push(format!("{}: {why}", emitter.name)),
            Ok(emissions) => {
                match complete(emissions, &mut exported.notes)?.and_then(|files| check(project, emitter, files)) {
                    Ok(files) => exported.files.extend(files),
                    Err(why) => exported.refused.push(format!("{}: {why}", emitter.name)),
                }
            }
        }
    }
    match image::written(root, project, options, &sources, &exported.files, prefix) {
        Err(why) => exported.skipped.push(format!("Dockerfile: {why}")),
        Ok(written) => {
            exported.files.extend(written.files);
            exported.notes.extend(written.notes);
        }
    }
    exported.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(exported)
}

/// Lets the client finish what it has to finish, in a folder of its own.
fn complete(mut emissions: Vec<Emission>, notes: &mut Vec<String>) -> Result<Result<Vec<Emission>, String>, Error> {
    let Some(words) = emissions.iter().find_map(|e| e.complete.clone()) else { return Ok(Ok(emissions)) };
    let Some((client, arguments)) = words.split_first() else { return Ok(Ok(emissions)) };
    let folder = tempfile::tempdir()?;
    for emission in &emissions {
        let path = folder.path().join(&emission.path);
        if let Some(parent) = path.parent() {
            fs_err::create_dir_all(parent)?;
        }
        fs_err::write(path, &emission.content)?;
    }
    let run = Command::new(client).args(arguments).current_dir(folder.path()).stdin(Stdio::null()).output();
    match run {
        Err(_) => {
            notes
                .push(format!("{client} is not here: run `{}` in the output folder to make the lock", words.join(" ")));
            emissions.retain(|e| e.complete.is_some());
        }
        Ok(output) if !output.status.success() => {
            let text = String::from_utf8_lossy(&output.stderr);
            let last = text
                .lines()
                .map(str::trim)
                .rfind(|l| !l.is_empty())
                .unwrap_or("no message")
                .chars()
                .take(300)
                .collect::<String>();
            return Ok(Err(format!("{client} does not accept it: {last}")));
        }
        Ok(_) => {
            for emission in &mut emissions {
                emission.content = fs_err::read_to_string(folder.path().join(&emission.path))?;
            }
        }
    }
    Ok(Ok(emissions))
}

/// Reads what was written: all that the plan keeps has to be in it, and nothing else.
fn check(project: &Project, emitter: &Emitter, files: Vec<Emission>) -> Result<Vec<Emission>, String> {
    let canonical = project.ecosystem.canonical;
    let settings = Settings::default();
    let mut named: BTreeSet<String> = BTreeSet::new();
    for file in &files {
        let facts = (emitter.reread)(&Source { path: &file.path, bytes: file.content.as_bytes(), settings: &settings });
        if let Some(problem) = facts.problems.first() {
            return Err(format!("{}:{} does not read back: {}", file.path, problem.line, problem.message));
        }
        named.extend(facts.requires.iter().filter(|r| r.from.is_none()).map(|r| canonical(&r.name)));
        named.extend(facts.provides.iter().filter(|p| !p.first_party).map(|p| canonical(&p.package)));
    }
    let wanted = project.plan.keep.iter().filter(|k| !emitter.direct_only || k.direct).map(|k| canonical(&k.package));
    let lacking: Vec<String> = wanted.filter(|name| !named.contains(name)).collect();
    if lacking.is_empty() { Ok(files) } else { Err(format!("it would lack {}: not written", lacking.join(", "))) }
}
