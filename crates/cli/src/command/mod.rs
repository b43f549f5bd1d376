//! The commands.

pub(crate) mod check;
pub(crate) mod comment;
pub(crate) mod debug;
pub(crate) mod export;
pub(crate) mod generate;
pub(crate) mod prove;
pub(crate) mod why;

use crate::args::Analysis;
use crate::config::Config;
use crate::session::{Session, failed};
use crate::stop::Outcome;
use crate::write::say;
use depslim::policy::inline::{self, InlineIgnore};
use depslim_model::Report;
use std::path::{Path, PathBuf};

/// A folder that was analysed, before any policy.
#[derive(Debug)]
pub(crate) struct Analysed {
    pub(crate) root: PathBuf,
    pub(crate) config: Config,
    pub(crate) report: Report,
    pub(crate) inline: Vec<InlineIgnore>,
}

/// Analyses a folder with its configuration.
///
/// # Errors
/// When the folder or its configuration can't be read, or when there is nothing to analyse.
pub(crate) fn analyse(session: &Session, root: &Path, flags: &Analysis) -> Outcome<Analysed> {
    with_progress(session, root, flags, |options| Ok((depslim::analyze(root, options)?, ())))
        .map(|(analysed, ())| analysed)
}

/// The same, and the report on an earlier commit of the folder.
///
/// # Errors
/// As [`analyse`], and when the commit can't be read.
pub(crate) fn analyse_since(
    session: &Session,
    root: &Path,
    flags: &Analysis,
    reference: &str,
) -> Outcome<(Analysed, Report)> {
    with_progress(session, root, flags, |options| {
        let depslim::Compared { head, base } = depslim::compare(root, options, reference)?;
        Ok((head, base))
    })
}

fn with_progress<T>(
    session: &Session,
    root: &Path,
    flags: &Analysis,
    work: impl FnOnce(&depslim::Options) -> Result<(Report, T), depslim::Error>,
) -> Outcome<(Analysed, T)> {
    let mut config = session.config(root, flags)?;
    let progress = session.progress();
    config.options.progress = progress.as_ref().map(crate::progress::Progress::listener);
    let (report, more) = work(&config.options).map_err(|error| failed(&error))?;
    drop(progress);
    if session.verbose > 1 {
        say(format_args!("{}: {} projects", session.shown(root), report.projects.len()));
    }
    let inline = ignores(root, &report);
    Ok((Analysed { root: root.to_owned(), config, report, inline }, more))
}

/// The ignores that stand in the files of a report. A file that is gone holds none; one that can't be read is in the report.
pub(crate) fn ignores(root: &Path, report: &Report) -> Vec<InlineIgnore> {
    let mut found = Vec::new();
    for file in inline::files(report) {
        let Ok(bytes) = fs_err::read(root.join(&file)) else { continue };
        found.extend(inline::scan(&file, &String::from_utf8_lossy(&bytes)));
    }
    found
}
