//! What every command starts from: the folders, the flags of all commands, the configuration of a folder.

use crate::args::{Analysis, Cli, Global, is_key};
use crate::clock::today;
use crate::config::{Config, Mistake, Sources, clean, load, relative};
use crate::progress::Progress;
use crate::stop::{Outcome, Stop};
use crate::terminal::Terminal;
use crate::write::say;
use depslim::policy::Date;
use depslim_model::exit;
use depslim_report::View;
use std::path::{Path, PathBuf};

/// One run.
#[derive(Debug)]
pub(crate) struct Session {
    /// Streams and colours.
    pub(crate) terminal: Terminal,
    /// The current folder.
    pub(crate) here: PathBuf,
    /// What day it is.
    pub(crate) today: Date,
    /// Number of `-q`.
    pub(crate) quiet: u8,
    /// Number of `-v`.
    pub(crate) verbose: u8,
    sources: Sources,
    jobs: Option<usize>,
}

impl Session {
    /// Looks around.
    ///
    /// # Errors
    /// When the current folder is gone, or two flags contradict each other.
    pub(crate) fn new(global: &Global) -> Outcome<Self> {
        let here = std::env::current_dir().map_err(|error| Stop::error(format_args!("the current folder: {error}")))?;
        Ok(Self {
            terminal: Terminal::of_process(global.color, global.no_progress || global.quiet > 0),
            here,
            today: today(),
            quiet: global.quiet,
            verbose: global.verbose,
            sources: sources(global)?,
            jobs: global.jobs.map(usize::from),
        })
    }

    /// A folder that the user named, absolute.
    ///
    /// # Errors
    /// When there is none, with what may have been meant.
    pub(crate) fn root(&self, path: &Path) -> Outcome<PathBuf> {
        let root = clean(&self.here.join(path));
        let shown = path.display();
        if root.is_dir() {
            return Ok(root);
        }
        if root.is_file() {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            return Err(Stop::error(format_args!("{shown} is a file; name its folder: depslim {}", folder.display())));
        }
        let hint =
            crate::suggest::nearest(&path.to_string_lossy(), ["check", "why", "export", "comment", "prove", "debug"]);
        let hint =
            hint.map(|command| format!(", and no command; did you mean `depslim {command}`?")).unwrap_or_default();
        Err(Stop::error(format_args!("{shown}: no such folder{hint}")))
    }

    /// The configuration of a folder, with the flags over it.
    ///
    /// # Errors
    /// All that is wrong with the configuration; or exit code 3 when this version knows none of the ecosystems asked for.
    pub(crate) fn config(&self, root: &Path, analysis: &Analysis) -> Outcome<Config> {
        let mut config =
            load(root, &self.here, &self.sources, self.today).map_err(|mistakes| self.mistakes(&mistakes))?;
        if self.verbose > 0 {
            let file = config.file.as_ref().map_or_else(|| "none".to_owned(), |file| relative(&self.here, file));
            say(format_args!("configuration: {file}"));
        }
        let options = &mut config.options;
        if !analysis.ecosystem.is_empty() {
            options.ecosystems.clone_from(&analysis.ecosystem);
            for folder in &mut options.folders {
                folder.ecosystems = None;
            }
        }
        let known = depslim::ecosystems();
        if !options.ecosystems.is_empty() && options.ecosystems.iter().all(|name| !known.contains(&name.as_str())) {
            let (known, asked) = (known.join(", "), options.ecosystems.join(", "));
            let message = format!("nothing to analyse: this version of depslim knows {known}, not {asked}");
            return Err(Stop::Message(exit::NOTHING, vec![message]));
        }
        // A configuration may speak of ecosystems that this version does not know yet.
        let listed = options.folders.iter_mut().filter_map(|folder| folder.ecosystems.as_mut());
        listed.chain([&mut options.ecosystems]).for_each(|names| names.retain(|name| known.contains(&name.as_str())));
        options.projects.clone_from(&analysis.packages);
        if let Some(features) = &analysis.features {
            let rust = options.settings.entry("rust".to_owned()).or_default();
            rust.0.insert("features".to_owned(), features.clone());
        }
        options.jobs = self.jobs;
        options.today = Some(self.today);
        options.variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        if analysis.install {
            let cache = analysis.cache_dir.as_ref().map(|folder| clean(&self.here.join(folder))).or_else(cache);
            let none = "no folder for --install: neither --cache-dir, XDG_CACHE_HOME nor HOME is set";
            options.install_into = Some(cache.ok_or_else(|| Stop::error(none))?);
        }
        Ok(config)
    }

    /// The moving line of a run, where it helps.
    pub(crate) fn progress(&self) -> Option<Progress> {
        self.terminal.progress.then(Progress::start)
    }

    /// How text for the terminal looks.
    pub(crate) fn view(&self, root: &Path) -> View {
        View {
            width: self.terminal.width,
            color: self.terminal.color,
            hyperlinks: self.terminal.hyperlinks,
            verbose: self.verbose,
            quiet: self.quiet > 0,
            prefix: below(&relative(&self.here, root)),
            ..View::default()
        }
    }

    /// A path as people at this folder write it.
    pub(crate) fn shown(&self, path: &Path) -> String {
        match path.strip_prefix(&self.here) {
            Ok(below) if below.as_os_str().is_empty() => ".".to_owned(),
            Ok(below) => below.display().to_string(),
            Err(_) => path.display().to_string(),
        }
    }

    fn mistakes(&self, mistakes: &[Mistake]) -> Stop {
        let here = format!("{}/", self.here.display());
        let one = |mistake: &Mistake| format!("{}: {}", mistake.place, mistake.message).replace(&here, "");
        Stop::Message(exit::ERROR, mistakes.iter().map(one).collect())
    }
}

/// A prefix for paths inside the current folder; a folder elsewhere is named once, and what is in it is named from there.
fn below(prefix: &str) -> String {
    if prefix.starts_with("..") { String::new() } else { prefix.to_owned() }
}

/// The folder that holds the repository around a path, if there is one.
pub(crate) fn repository(root: &Path) -> Option<&Path> {
    root.ancestors().find(|folder| folder.join(".git").exists())
}

/// What a run ends with when an analysis could not be made.
pub(crate) fn failed(error: &depslim::Error) -> Stop {
    let code = if matches!(error, depslim::Error::Nothing { .. }) { exit::NOTHING } else { exit::ERROR };
    Stop::Message(code, vec![error.to_string()])
}

/// `--config FILE` and `--config KEY=VALUE`, told apart.
fn sources(global: &Global) -> Outcome<Sources> {
    let mut sources = Sources { isolated: global.isolated, ..Sources::default() };
    for value in &global.config {
        if is_key(value) {
            sources.keys.push(value.clone());
        } else if sources.file.replace(value.into()).is_some() {
            return Err(Stop::error("--config names two files; one may `extends` the other"));
        }
    }
    Ok(sources)
}

/// The folder for caches of this user, by the XDG Base Directory Specification.
pub(crate) fn cache() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = if cfg!(windows) { folder("LOCALAPPDATA") } else { None };
    let xdg = || folder("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    cache.or_else(xdg).or_else(|| Some(folder("HOME")?.join(".cache"))).map(|cache| cache.join("depslim"))
}

impl Cli {
    /// The command, with `check` where none is named.
    pub(crate) fn into_command(self) -> (crate::args::Command, Global) {
        (self.command.unwrap_or(crate::args::Command::Check(self.check)), self.global)
    }
}
