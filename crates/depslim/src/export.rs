//! What `export` writes: every emitter's files, read again and checked before anybody calls them done.

use crate::install::last_line;
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
    // As in a shell, variables may come first.
    let variables: Vec<(&str, &str)> = words.iter().map_while(|word| word.split_once('=')).collect();
    let Some((client, arguments)) = words[variables.len()..].split_first() else { return Ok(Ok(emissions)) };
    let folder = tempfile::tempdir()?;
    for emission in &emissions {
        let path = folder.path().join(&emission.path);
        if let Some(parent) = path.parent() {
            fs_err::create_dir_all(parent)?;
        }
        fs_err::write(path, &emission.content)?;
    }
    let mut command = Command::new(client);
    let run = command.args(arguments).envs(variables).current_dir(folder.path()).stdin(Stdio::null()).output();
    match run {
        Err(_) => {
            notes
                .push(format!("{client} is not here: run `{}` in the output folder to make the lock", words.join(" ")));
            emissions.retain(|e| e.complete.is_some());
        }
        Ok(output) if !output.status.success() => {
            let text = String::from_utf8_lossy(&output.stderr);
            if is_out_of_reach(&text) {
                let lacking = lacking(&emissions);
                notes.push(format!(
                    "{client} could not reach its registry, so the lock of {lacking} was not made: run `{}` in the output folder",
                    words.join(" ")
                ));
                // A half-made lock would be worse than none.
                emissions.retain(|e| e.complete.is_some());
                return Ok(Ok(emissions));
            }
            return Ok(Err(format!("{client} does not accept it: {}", last_line(&text))));
        }
        Ok(_) => {
            for emission in &mut emissions {
                emission.content = fs_err::read_to_string(folder.path().join(&emission.path))?;
            }
        }
    }
    Ok(Ok(emissions))
}

/// What the client was to complete.
fn lacking(emissions: &[Emission]) -> String {
    let files = emissions.iter().filter(|e| e.complete.is_some()).map(|e| e.path.as_str());
    files.collect::<Vec<_>>().join(", ")
}

/// True when a client's words say that it found no way to its registry; what it was given may be right all the same.
fn is_out_of_reach(words: &str) -> bool {
    const SIGNS: [&str; 10] = [
        "dns error",
        "failed to lookup address",
        "name or service not known",
        "temporary failure in name resolution",
        "error sending request",
        "connection refused",
        "network is unreachable",
        "network connectivity is disabled",
        "failed to establish a new connection",
        "connection error",
    ];
    let words = words.to_lowercase();
    SIGNS.iter().any(|sign| words.contains(sign))
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

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::complete;
    use depslim_model::Emission;

    /// A manifest that a client completes, and the lock that it starts from.
    fn completed(script: &str) -> (Result<Vec<String>, String>, Vec<String>) {
        let words = ["sh", "-c", script].map(str::to_owned).to_vec();
        let manifest = Emission { path: "toy.list".into(), complete: Some(words), ..emission() };
        let lock = Emission { path: "toy.lock".into(), ..emission() };
        let mut notes = Vec::new();
        let done = complete(vec![manifest, lock], &mut notes).unwrap();
        (done.map(|files| files.into_iter().map(|f| f.path).collect()), notes)
    }

    fn emission() -> Emission {
        Emission { path: String::new(), content: String::new(), summary: String::new(), complete: None }
    }

    #[test]
    fn a_client_that_succeeds_completes_all() {
        let (files, notes) = completed("true");
        assert_eq!(files.unwrap(), ["toy.list", "toy.lock"]);
        assert!(notes.is_empty(), "{notes:?}");
    }

    #[test]
    fn a_registry_out_of_reach_costs_the_lock_alone() {
        let (files, notes) = completed("echo 'error: dns error: no such host' >&2; exit 2");
        assert_eq!(files.unwrap(), ["toy.list"]);
        assert_eq!(notes.len(), 1);
        assert!(
            notes[0].starts_with("sh could not reach its registry, so the lock of toy.list was not made"),
            "{notes:?}"
        );
    }

    #[test]
    fn a_client_that_refuses_is_believed() {
        let (files, notes) = completed("echo 'error: no solution found' >&2; exit 1");
        assert_eq!(files.unwrap_err(), "sh does not accept it: error: no solution found");
        assert!(notes.is_empty(), "{notes:?}");
    }
}
