//! `prove`: runs a project on what production would ship, and says what that has shown.

mod case;
mod list;

use crate::policy::PackagePattern;
use crate::{Error, Keep, Options, analyze, image};
use depslim_engine::Project;
use depslim_model::report::{Note, Outcome, Proved, PutBack};
use depslim_model::{Code, Confidence, Report};
use depslim_prove::{Case, Limits};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a proof is told beside [`Options`].
#[derive(Debug, Clone)]
pub struct ProveOptions {
    /// The user's command; empty for the default: import every production module, load what production names, build.
    pub command: Vec<String>,
    /// A list of production's packages to judge in place of what depslim would ship.
    pub list: Option<PathBuf>,
    /// Packages that are there beside that: names, or `dev` for all that development needs.
    pub with: Vec<String>,
    /// Longest time of one run.
    pub timeout: Duration,
    /// Whether runs may use the network.
    pub network: bool,
    /// Whether runs get a copy of the project that they may write to.
    pub writable: bool,
    /// Whether to tell what of what stays is never loaded.
    pub watch: bool,
    /// Kinds of files to take out of packages that stay, by name ([`depslim_model::proof::KINDS`]).
    pub trim: Vec<&'static str>,
    /// Variables of every run.
    pub variables: Vec<(String, String)>,
    /// Folder for copies. On the disk of what is installed, files are linked; elsewhere they are copied.
    pub scratch: PathBuf,
}

/// What a proof tells and asks while it goes on.
pub struct Watcher<'a> {
    /// Told what happens.
    pub tell: &'a dyn Fn(&str),
    /// Asked whether to end.
    pub stop: &'a dyn Fn() -> bool,
}

impl std::fmt::Debug for Watcher<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watcher").finish_non_exhaustive()
    }
}

/// Runs what is below `root` on what production would ship. This runs code of the project: the command, or else the default. Nothing of
/// the project or its environment is changed.
///
/// The report is that of [`crate::analyze()`] with what was shown: each proved project has its proof, and findings on what was
/// left out while it ran are verified, if nearly all of it could be tried. What had to be put back is kept, and no finding speaks of it.
///
/// # Errors
/// As [`crate::analyze()`]; [`Error::Option`] when nothing here can be run, or a command is given and several projects could be meant;
/// [`Error::Stopped`] when the watcher says so.
pub fn prove(root: &Path, options: &Options, how: &ProveOptions, watcher: &Watcher<'_>) -> Result<Report, Error> {
    let analysis = analyze::engine(root, options)?;
    let root = fs_err::canonicalize(root)?;
    let able: Vec<&Project> = analysis.projects.iter().filter(|project| case::is_able(project)).collect();
    if able.is_empty() {
        return Err(Error::Option(unable(&analysis.projects)));
    }
    let able: Vec<&Project> = able.into_iter().filter(|project| case::has_something(&root, project)).collect();
    if able.is_empty() {
        let mut report = analyze::analyze(&root, options)?;
        let message = "nothing was proved: nothing would be left out".to_owned();
        report.notes.push(Note { message, ..Note::default() });
        return Ok(report);
    }
    if able.len() > 1 && (!how.command.is_empty() || how.list.is_some()) {
        let folders: Vec<&str> = able.iter().map(|p| p.report.id.as_str()).collect();
        let what = if how.command.is_empty() { "a list is" } else { "a command is" };
        return Err(Error::Option(format!(
            "{what} for one project, and here are {}: name one of {} (with --ecosystem where they share a folder)",
            able.len(),
            folders.join(", ")
        )));
    }
    let mut proofs: BTreeMap<String, Proved> = BTreeMap::new();
    let mut failures: Vec<(String, String)> = Vec::new();
    for project in able {
        let id = project.report.id.clone();
        match one(&root, project, how, watcher) {
            Ok(proved) => {
                proofs.insert(id, proved);
            }
            Err(Error::Option(why)) => failures.push((id, why)),
            Err(error) => return Err(error),
        }
    }
    if proofs.is_empty() {
        return Err(Error::Option(
            failures.into_iter().map(|(id, why)| format!("{id}: {why}")).collect::<Vec<_>>().join("; "),
        ));
    }
    drop(analysis);
    let mut report = told(&root, options, how, &proofs)?;
    for (project, why) in failures {
        let message = format!("nothing was proved: {why}");
        report.notes.push(Note { project: Some(project), message, ..Note::default() });
    }
    Ok(report)
}

/// Proves one project.
fn one(root: &Path, project: &Project, how: &ProveOptions, watcher: &Watcher<'_>) -> Result<Proved, Error> {
    let (case, mut notes) = case(root, project, how)?;
    let limits = Limits {
        timeout: how.timeout,
        network: how.network,
        writable: how.writable,
        variables: how.variables.clone(),
        watch: how.watch,
        trim: how.trim.clone(),
        scratch: how.scratch.clone(),
    };
    let mut proved = depslim_prove::prove(&case, &limits, watcher.tell, watcher.stop).map_err(|error| match error {
        depslim_prove::Error::Stopped => Error::Stopped,
        depslim_prove::Error::Io(error) => Error::Io(error),
        other => Error::Option(other.to_string()),
    })?;
    notes.append(&mut proved.notes);
    proved.notes = notes;
    proved.list = how.list.as_ref().map(|list| image::files::relative(root, list));
    Ok(proved)
}

fn case(root: &Path, project: &Project, how: &ProveOptions) -> Result<(Case, Vec<String>), Error> {
    let mut notes = Vec::new();
    let mut wanted = match &how.list {
        None => case::kept(project),
        Some(list) => list::packages(root, project, list, &mut notes)?,
    };
    for name in &how.with {
        if name == "dev" {
            wanted.extend(project.verdicts.development.packages());
        } else {
            wanted.extend(case::named(project, name).ok_or_else(|| {
                Error::Option(format!("--with {name}: no package of this name is installed in {}", project.report.path))
            })?);
        }
    }
    let case = case::build(root, project, &wanted, how);
    let case = case.ok_or_else(|| Error::Option(unable(std::slice::from_ref(project))))?;
    Ok((case, notes))
}

/// The report after the proofs: what was put back stays.
fn told(
    root: &Path,
    options: &Options,
    how: &ProveOptions,
    proofs: &BTreeMap<String, Proved>,
) -> Result<Report, Error> {
    let mut options = options.clone();
    // What a list lacks says nothing of what depslim would ship.
    for (id, proved) in proofs.iter().filter(|_| how.list.is_none()) {
        let path = id.split('#').next().filter(|path| *path != ".").map(str::to_owned);
        for back in &proved.put_back {
            let Some(package) = pattern(back) else { continue };
            let reason = "it does not run without it".to_owned();
            options.keep.push(Keep { package, path: path.clone(), reason });
        }
    }
    let mut report = analyze::analyze(root, &options)?;
    for project in &mut report.projects {
        project.proof = proofs.get(&project.id).cloned();
    }
    let about_use = |code: Code| matches!(code, Code::Unused | Code::DevInProd | Code::UnprovedList);
    report.findings.retain_mut(|finding| {
        let Some(proved) = proofs.get(&finding.project).filter(|p| p.outcome != Outcome::Nothing && p.list.is_none())
        else {
            return true;
        };
        if proved.put_back.iter().any(|back| back.package == finding.package) {
            return !matches!(finding.code, Code::Unused | Code::DevInProd);
        }
        if about_use(finding.code) && proved.is_thorough() && proved.left_out.contains(&finding.package) {
            finding.confidence = Confidence::Verified;
        }
        true
    });
    Ok(report)
}

/// `pkg:pypi/httpx@0.28.1` as a pattern of the configuration.
fn pattern(back: &PutBack) -> Option<PackagePattern> {
    PackagePattern::parse(&configured(back)?).ok()
}

/// How the configuration names a package that was put back: `pypi:httpx`.
pub fn configured(back: &PutBack) -> Option<String> {
    let (kind, rest) = back.package.strip_prefix("pkg:")?.split_once('/')?;
    // A URL writes a name of several parts as a path.
    if rest.contains('/') {
        return Some(format!("{kind}:{}", back.name));
    }
    let name = rest.split_once('@').map_or(rest, |(name, _)| name);
    Some(format!("{kind}:{}", name.replace("%40", "@")))
}

fn unable(projects: &[Project]) -> String {
    let names: BTreeSet<&str> = projects.iter().map(|p| p.ecosystem.name).collect();
    if projects.iter().all(|project| project.ecosystem.proof.is_none()) {
        let names: Vec<&str> = names.into_iter().collect();
        return format!("this version of depslim can't prove projects of {}", names.join(", "));
    }
    "nothing is installed here, so there is nothing to run on: install the project first, or let --install do it"
        .to_owned()
}
