//! `depslim check`: analyse, apply the policy, say what was found, write files, fix.

use super::{Analysed, analyse, analyse_since};
use crate::args::{Check, Rules};
use crate::config::clean;
use crate::fix;
use crate::origin::origin;
use crate::session::{Session, repository};
use crate::several::{common, merge, outermost, part};
use crate::stop::{Outcome, Stop};
use crate::write::{cause, print, say, write};
use depslim::policy::{self, Baseline, FailOn, Policy};
use depslim_model::{Report, exit};
use depslim_report::{Format, View, difference, mark, render};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Where `--write-baseline` records findings unless it is told otherwise.
const BASELINE: &str = "depslim-baseline.json";

pub(crate) fn run(session: &Session, flags: &Check) -> Outcome {
    let start = Instant::now();
    let roots = flags.paths.iter().map(|path| session.root(path)).collect::<Outcome<Vec<_>>>()?;
    let roots = outermost(roots);
    let top = common(&roots).unwrap_or_else(|| session.here.clone());
    // What an input of a CI step becomes when nobody fills it.
    let base = flags.rules.base.as_deref().filter(|name| !name.is_empty());
    let base = base.map(|name| Base::named(session, name)).transpose()?;

    let mut code = exit::CLEAN;
    let (mut parts, mut bases, mut commit) = (Vec::new(), Vec::new(), None);
    let mut nothing = Vec::new();
    for root in &roots {
        let folder = crate::config::relative(&top, root);
        let analysed = match &base {
            Some(Base::Commit(reference)) => analyse_since(session, root, &flags.analysis, reference)
                .map(|(analysed, before)| (analysed, Some(before))),
            Some(Base::Report(report)) => {
                analyse(session, root, &flags.analysis).map(|analysed| (analysed, Some(part(report, &folder))))
            }
            None => analyse(session, root, &flags.analysis).map(|analysed| (analysed, None)),
        };
        let (analysed, mut before) = match analysed {
            Ok(analysed) => analysed,
            Err(Stop::Message(exit::NOTHING, lines)) => {
                nothing.extend(lines);
                continue;
            }
            Err(stop) => return Err(stop),
        };
        let is_fresh = matches!(base, Some(Base::Commit(_)));
        let (report, part_code) = judge(session, flags, analysed, before.as_mut(), is_fresh)?;
        code = worse(code, part_code);
        commit = commit.or_else(|| before.as_ref()?.source.commit.clone());
        bases.extend(before.filter(|_| is_fresh).map(|before| (folder.clone(), before)));
        parts.push((folder, report));
    }
    let Some(mut report) = merge(parts) else {
        if !flags.allow_empty {
            return Err(Stop::Message(exit::NOTHING, nothing));
        }
        for line in nothing.iter().filter(|_| session.quiet < 2) {
            say(format_args!("depslim: {line}"));
        }
        return Ok(exit::CLEAN);
    };
    for line in &nothing {
        say(format_args!("depslim: {line}"));
    }
    report.source = origin(&top, |name| std::env::var(name).ok());

    let timing = format!("{:.1} s", start.elapsed().as_secs_f64());
    let mut view =
        View { top: flags.output.top, scope: flags.output.scope, timing: Some(timing), ..session.view(&top) };
    let base = match base {
        Some(Base::Report(report)) => Some(*report),
        Some(Base::Commit(_)) => merge(bases),
        None => None,
    };
    if let Some(mut base) = base {
        base.source.commit = base.source.commit.or(commit);
        let difference = difference(&base, &report);
        mark(&difference, &mut report);
        view.difference = Some(difference);
    }
    show(session, flags, &top, &report, &view)?;
    Ok(code)
}

/// Applies the policy to what was found below one root, fixes what should be fixed, and gives the exit code.
///
/// A base that was just analysed has no budgets yet and no severities: `is_fresh` gives it some.
fn judge(
    session: &Session,
    flags: &Check,
    analysed: Analysed,
    base: Option<&mut Report>,
    is_fresh: bool,
) -> Outcome<(Report, u8)> {
    let Analysed { root, config, mut report, inline } = analysed;
    let mut policy = config.policy;
    set(&mut policy, &flags.rules);
    let base = base.map(|base| {
        if is_fresh {
            policy::apply(base, &policy, &[], None);
        }
        &*base
    });
    let baseline_file = flags.rules.baseline.as_ref().map(|file| clean(&session.here.join(file))).or(config.baseline);
    if flags.rules.write_baseline {
        let file = baseline_file.unwrap_or_else(|| session.here.join(BASELINE));
        let mut baseline = if file.exists() { read_baseline(&file, &root)? } else { empty_baseline(&file, &root) };
        // What is hidden by ignores needs no place in the baseline.
        let mut shown = report.clone();
        policy::apply(&mut shown, &policy, &inline, base);
        baseline.record(&shown);
        write(&file, baseline.render().as_bytes())?;
        say(format_args!("wrote {}   {} findings", session.shown(&file), shown.findings.len()));
        policy.baseline = Some(baseline);
    } else if let Some(file) = baseline_file {
        policy.baseline = Some(read_baseline(&file, &root)?);
    }
    policy::apply(&mut report, &policy, &inline, base);
    if flags.fix.diff || flags.fix.fix {
        let changes = fix::run(session, &root, &report, &config.options, &flags.fix)?;
        if flags.fix.diff {
            let code = policy.exit_code(&report);
            let found = if changes.is_empty() { exit::CLEAN } else { exit::FINDINGS };
            return Ok((report, if code == exit::ERROR { code } else { found }));
        }
        if !changes.is_empty() {
            // What the run says is about the manifests as they are now.
            let again = analyse(session, &root, &flags.analysis)?;
            report = again.report;
            policy::apply(&mut report, &policy, &again.inline, base);
        }
    }
    let code = policy.exit_code(&report);
    Ok((report, code))
}

/// Flags over the configuration.
fn set(policy: &mut Policy, flags: &Rules) {
    policy.select = flags.select.as_ref().map(|rules| rules.iter().copied().collect());
    policy.deselect = flags.ignore.iter().copied().collect();
    let level = if flags.exit_zero { Some(FailOn::Never) } else { flags.fail_on };
    if let Some(level) = level {
        policy.fail_on = level;
        for folder in &mut policy.folders {
            folder.fail_on = None;
        }
    }
}

/// Prints the result and writes the files that were asked for.
fn show(session: &Session, flags: &Check, top: &Path, report: &Report, view: &View) -> Outcome<()> {
    // What platforms read is about the repository, wherever the run was started.
    let from = repository(top).unwrap_or(&session.here);
    let prefix = crate::config::relative(from, top);
    let platform = View { prefix, color: false, hyperlinks: false, timing: None, ..view.clone() };
    let view_of = |format| if matches!(format, Format::Text | Format::Concise) { view } else { &platform };
    for file in &flags.output.output_file {
        let format = Format::of_file(&file.to_string_lossy()).unwrap_or_default();
        write(&session.here.join(file), render(format, report, view_of(format)).as_bytes())?;
    }
    if let Some(summary) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|_| on_github(flags)) {
        append(Path::new(&summary), &render(Format::Markdown, report, &platform));
    }
    if flags.fix.diff || session.quiet > 1 {
        return Ok(());
    }
    let format = flags.output.output_format.unwrap_or_default();
    print(&render(format, report, view_of(format)))?;
    if on_github(flags) {
        print(&render(Format::Github, report, &platform))?;
    }
    Ok(())
}

/// GitHub Actions runs depslim and nobody asked for a format.
fn on_github(flags: &Check) -> bool {
    crate::terminal::on_github() && flags.output.output_format.is_none() && !flags.fix.diff
}

/// Adds to the summary of the job; a summary that can't be written is no reason to fail.
fn append(file: &Path, text: &str) {
    use std::io::Write as _;
    let open = fs_err::OpenOptions::new().append(true).create(true).open(file);
    if let Err(error) = open.and_then(|mut file| file.write_all(text.as_bytes())) {
        say(format_args!("depslim: GITHUB_STEP_SUMMARY: {error}"));
    }
}

/// What could not be read comes first, then findings.
fn worse(a: u8, b: u8) -> u8 {
    let rank = |code| [exit::CLEAN, exit::FINDINGS, exit::ERROR].iter().position(|known| *known == code);
    if rank(a) >= rank(b) { a } else { b }
}

/// What a run is compared with.
#[derive(Debug)]
enum Base {
    /// The report of an earlier run.
    Report(Box<Report>),
    /// A commit of the repository around the folder.
    Commit(String),
}

impl Base {
    fn named(session: &Session, name: &str) -> Outcome<Self> {
        let file = Path::new(name);
        if session.here.join(file).is_file() {
            return Ok(Self::Report(Box::new(read_report(session, file, "--base ")?)));
        }
        if name.ends_with(".json") {
            return Err(Stop::error(format_args!("--base {name}: no such file; make one with depslim -o {name}")));
        }
        Ok(Self::Commit(name.to_owned()))
    }
}

/// Reads a report; `flag` is how it was named on the command line.
///
/// # Errors
/// When it can't be read, or is no report that this version understands.
pub(super) fn read_report(session: &Session, file: &Path, flag: &str) -> Outcome<Report> {
    let path = session.here.join(file);
    let shown = file.display();
    let text =
        fs_err::read_to_string(&path).map_err(|error| Stop::error(format_args!("{flag}{shown}: {}", cause(&error))))?;
    let schema = serde_json::from_str::<serde_json::Value>(&text)
        .map(|value| value["schema"].as_str().unwrap_or_default().to_owned());
    match schema {
        Ok(schema) if schema == depslim_model::report::SCHEMA => {}
        Ok(schema) => {
            let wanted = depslim_model::report::SCHEMA;
            return Err(Stop::error(format_args!(
                "{flag}{shown}: schema is `{schema}`; this version reads `{wanted}`"
            )));
        }
        Err(error) => return Err(Stop::error(format_args!("{flag}{shown}: not valid JSON: {error}"))),
    }
    serde_json::from_str(&text).map_err(|error| Stop::error(format_args!("{flag}{shown}: not a report: {error}")))
}

fn read_baseline(file: &Path, root: &Path) -> Outcome<Baseline> {
    let shown = file.display();
    if !file.is_file() {
        return Err(Stop::error(format_args!("{shown}: no such baseline; make it with depslim --write-baseline")));
    }
    let text = fs_err::read_to_string(file).map_err(|error| Stop::error(format_args!("{shown}: {}", cause(&error))))?;
    let baseline =
        Baseline::parse(&text).map_err(|error| Stop::error(format_args!("{shown}: not a baseline: {error}")))?;
    Ok(Baseline { root: empty_baseline(file, root).root, ..baseline })
}

/// A baseline that knows nothing, for a root.
fn empty_baseline(file: &Path, root: &Path) -> Baseline {
    let folder = file.parent().unwrap_or(Path::new(""));
    let below = root.strip_prefix(folder).map(Path::to_owned).unwrap_or_default();
    let parts: PathBuf = below;
    Baseline { root: parts.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"), ..Baseline::default() }
}
