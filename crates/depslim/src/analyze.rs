//! From a folder to a report: runs the engine with the registry's ecosystems and puts its results together.

use crate::policy::inline;
use crate::{Error, Options, image, install};
use depslim_engine::{Analysis, Memory, Past, Request, Sized, run};
use depslim_model::report::{Measure, Note, Origin, SCHEMA, Summary, Tool};
use depslim_model::{Ecosystem, Report, Severity};
use depslim_registry::ECOSYSTEMS;
use std::path::Path;

/// Analyses the tree below `root`: a [`Report`] with every project that was found.
///
/// # Errors
/// [`Error::Nothing`] when no manifest was found, [`Error::Io`] when the folder can't be read, [`Error::Option`] when an option names
/// something unknown. A broken manifest is no error here: its project says so in the report.
pub fn analyze(root: &Path, options: &Options) -> Result<Report, Error> {
    let mut analysis = engine(root, options)?;
    image::add(&fs_err::canonicalize(root)?, &mut analysis, options);
    Ok(report(analysis, options))
}

/// Runs the engine for a tree whose earlier state will be looked at too.
pub(crate) fn present(root: &Path, options: &Options, memory: &Memory) -> Result<Analysis, Error> {
    with_request(root, options, |request| {
        let mut analysis = run(&Request { memory: Some(memory), ..*request })?;
        if analysis.projects.is_empty() {
            return Err(nothing(request));
        }
        choose(&mut analysis, &options.projects)?;
        Ok(analysis)
    })
}

/// Runs the engine on an earlier state of the tree. That there was nothing is no error.
pub(crate) fn past(root: &Path, options: &Options, memory: &Memory, past: Past<'_>) -> Result<Analysis, Error> {
    with_request(root, options, |request| {
        Ok(run(&Request { memory: Some(memory), past: Some(past), install: &|_, _, _| None, ..*request })?)
    })
}

/// Runs the engine.
pub(crate) fn engine(root: &Path, options: &Options) -> Result<Analysis, Error> {
    with_request(root, options, |request| {
        let mut analysis = run(request)?;
        if analysis.projects.is_empty() {
            return Err(nothing(request));
        }
        choose(&mut analysis, &options.projects)?;
        Ok(analysis)
    })
}

/// Runs the engine as far as the sizes of what is installed.
pub(crate) fn sizes(root: &Path, options: &Options) -> Result<Vec<Sized>, Error> {
    with_request(root, options, |request| {
        let sized = depslim_engine::sizes(request)?;
        if sized.is_empty() { Err(nothing(request)) } else { Ok(sized) }
    })
}

fn nothing(request: &Request<'_>) -> Error {
    let mut looked_for: Vec<&str> = request.ecosystems.iter().flat_map(|e| e.markers).copied().collect();
    looked_for.dedup();
    Error::Nothing { root: request.root.to_owned(), looked_for: looked_for.join(", ") }
}

fn with_request<T>(
    root: &Path,
    options: &Options,
    work: impl FnOnce(&Request<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let root = fs_err::canonicalize(root)?;
    let ecosystems = chosen(options)?;
    let threads =
        options.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, std::num::NonZero::get)).max(1);
    depslim_engine::set_threads(threads);
    work(&Request {
        root: &root,
        ecosystems: &ecosystems,
        exclude: &options.exclude,
        wants: &|ecosystem, folder| options.wants(ecosystem, folder),
        target: &|folder| options.target_in(folder).clone(),
        heavy: options.heavy,
        settings: &|ecosystem, folder| options.settings_in(ecosystem, folder),
        keep: &|ecosystem, folder, package| options.keeps(ecosystem, folder, package).map(str::to_owned),
        keep_lines: &|file, text| inline::kept(file, text),
        threads,
        variable: &|name| options.variables.get(name).cloned(),
        install: &|ecosystem, project, target| {
            install::fill(&root, options.install_into.as_deref()?, ecosystem, project, target)
        },
        progress: &|stage| {
            if let Some(tell) = &options.progress {
                tell(stage);
            }
        },
        version: env!("CARGO_PKG_VERSION"),
        memory: None,
        past: None,
    })
}

fn chosen(options: &Options) -> Result<Vec<&'static Ecosystem>, Error> {
    let named = options.ecosystems.iter().chain(options.folders.iter().flat_map(|f| f.ecosystems.iter().flatten()));
    for name in named {
        if !ECOSYSTEMS.iter().any(|e| e.name == name) {
            let known: Vec<&str> = ECOSYSTEMS.iter().map(|e| e.name).collect();
            return Err(Error::Option(format!("no ecosystem is called {name:?}; depslim knows {}", known.join(", "))));
        }
    }
    let everywhere = options.ecosystems.is_empty() || options.folders.iter().any(|f| f.ecosystems.is_some());
    Ok(ECOSYSTEMS.iter().copied().filter(|e| everywhere || options.ecosystems.iter().any(|n| n == e.name)).collect())
}

/// The report of an analysis: rows, findings, totals.
pub(crate) fn report(analysis: Analysis, options: &Options) -> Report {
    let mut report = Report {
        schema: SCHEMA.into(),
        tool: Tool { name: "depslim".into(), version: env!("CARGO_PKG_VERSION").into() },
        target: options.target.to_string(),
        source: Origin::default(),
        summary: Summary::default(),
        projects: Vec::new(),
        findings: Vec::new(),
        ignored: Vec::new(),
        notes: analysis.notes,
        difference: None,
    };
    for project in analysis.projects {
        let summary = &mut report.summary;
        summary.prod_bytes += project.report.prod_bytes;
        summary.dev_bytes += project.report.dev_bytes;
        summary.removable_bytes += project.report.removable_bytes;
        summary.with_change_bytes += project.report.with_change_bytes;
        summary.not_measured += u32::from(project.report.measure != Measure::Installed);
        summary.projects += 1;
        report.projects.push(project.report);
        report.findings.extend(project.findings);
        report.notes.extend(project.notes);
    }
    let count = |severity| report.findings.iter().filter(|f| f.severity == severity).count() as u32;
    report.summary.errors = count(Severity::Error);
    report.summary.warnings = count(Severity::Warn);
    report.notes.sort_by(|a: &Note, b| {
        (!a.fatal, &a.project, &a.file, a.line, &a.message).cmp(&(!b.fatal, &b.project, &b.file, b.line, &b.message))
    });
    report.notes.dedup();
    report
}

/// Leaves the projects of these names; all of them when none is given.
fn choose(analysis: &mut Analysis, wanted: &[String]) -> Result<(), Error> {
    if wanted.is_empty() {
        return Ok(());
    }
    let names = |project: &depslim_engine::Project| -> Vec<String> {
        project.files.manifests.iter().filter_map(|m| m.facts.manifest.as_ref()?.name.clone()).collect()
    };
    let all: Vec<String> = analysis.projects.iter().flat_map(names).collect();
    if let Some(unknown) = wanted.iter().find(|name| !all.contains(name)) {
        return Err(Error::Option(format!("no package is called {unknown:?}; there are {}", all.join(", "))));
    }
    analysis.projects.retain(|project| names(project).iter().any(|name| wanted.contains(name)));
    Ok(())
}
