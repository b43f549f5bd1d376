//! `depslim prove`: runs the project on what production would ship.

mod keep;

use super::ignores;
use crate::args::Prove;
use crate::config::clean;
use crate::session::{Session, cache, failed};
use crate::stop::{Outcome, Stop};
use crate::write::{print, say, write as replace};
use depslim::{ProveOptions, Watcher, policy, prove, trim};
use depslim_model::exit;
use depslim_model::proof::KINDS;
use depslim_model::report::{Outcome as Shown, Report};
use depslim_report::{Format, proof, render};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub(crate) fn run(session: &Session, flags: &Prove) -> Outcome {
    let root = session.root(&flags.path)?;
    let mut config = session.config(&root, &flags.analysis)?;
    let how = ProveOptions {
        command: flags.command.clone(),
        list: flags.list.as_ref().map(|list| existing(session, list)).transpose()?,
        with: flags.with.clone(),
        timeout: Duration::from_secs(flags.timeout),
        network: flags.with_network,
        writable: flags.writable,
        watch: flags.watch,
        trim: kinds(&flags.trim),
        variables: flags.env.clone(),
        scratch: scratch(session, flags),
    };
    let stop = stopping();
    let progress = session.progress();
    config.options.progress = progress.as_ref().map(crate::progress::Progress::listener);
    let listener = config.options.progress.clone();
    let tell = |what: &str| {
        if let Some(listener) = &listener {
            listener(what);
        }
        if session.verbose > 0 && listener.is_none() {
            say(what);
        }
    };
    let watcher = Watcher { tell: &tell, stop: &|| stop.load(Ordering::Relaxed) };
    let proved = prove(&root, &config.options, &how, &watcher);
    drop(progress);
    let mut report = match proved {
        Err(depslim::Error::Stopped) => {
            return Err(Stop::Message(STOPPED, vec!["stopped; nothing was left behind".into()]));
        }
        proved => proved.map_err(|error| failed(&error))?,
    };
    let inline = ignores(&root, &report);
    policy::apply(&mut report, &config.policy, &inline, None);
    if session.quiet < 2 {
        let view = session.view(&root);
        print(&if flags.output_format == "json" {
            render(Format::Json, &report, &view)
        } else {
            proof(&report, &view)
        })?;
    }
    if flags.write {
        keep::write(session, &root, config.file.as_deref(), &report)?;
        write_trim(session, &root, &report)?;
    }
    Ok(code(&report))
}

/// The kinds of files that are meant by what the flag names.
fn kinds(named: &[String]) -> Vec<&'static str> {
    let meant = |kind: &str, usual: bool| {
        named.iter().any(|name| name == kind || name == "all" || (name == "default" && usual))
    };
    KINDS.iter().filter(|(kind, _, usual)| meant(kind, *usual)).map(|(kind, ..)| *kind).collect()
}

/// Writes down what goes out of the packages that stay, beside each project.
fn write_trim(session: &Session, root: &Path, report: &Report) -> Outcome<()> {
    for project in &report.projects {
        let file = if project.path == "." { root.join(trim::LIST) } else { root.join(&project.path).join(trim::LIST) };
        let before = fs_err::read_to_string(&file).unwrap_or_default();
        let Some(text) = project.proof.as_ref().and_then(|proof| trim::list(proof, &before)) else { continue };
        replace(&file, text.as_bytes())?;
        say(format_args!("wrote {}   depslim export takes it out of the image", session.shown(&file)));
    }
    Ok(())
}

/// What a shell says of a program that an interrupt ended.
const STOPPED: u8 = 130;

fn code(report: &Report) -> u8 {
    let outcomes = || report.projects.iter().filter_map(|project| project.proof.as_ref()).map(|proof| proof.outcome);
    if outcomes().any(|outcome| outcome == Shown::Nothing) {
        exit::ERROR
    } else if outcomes().any(|outcome| outcome == Shown::Mended) {
        exit::FINDINGS
    } else {
        exit::CLEAN
    }
}

fn existing(session: &Session, file: &PathBuf) -> Outcome<PathBuf> {
    let path = clean(&session.here.join(file));
    if path.is_file() { Ok(path) } else { Err(Stop::error(format_args!("{}: no such file", file.display()))) }
}

/// The folder for copies: the cache, which mostly is on the disk of the projects.
fn scratch(session: &Session, flags: &Prove) -> PathBuf {
    let named = flags.analysis.cache_dir.as_ref().map(|folder| clean(&session.here.join(folder)));
    named.or_else(cache).unwrap_or_else(|| std::env::temp_dir().join("depslim")).join("prove")
}

/// Set when somebody asks the process to end: then the copy is removed first.
fn stopping() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    #[cfg(unix)]
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        // Without the handler, the next run removes what this one leaves.
        let _ = signal_hook::flag::register(signal, Arc::clone(&flag));
    }
    flag
}
