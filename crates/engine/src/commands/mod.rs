//! Container, process, build and CI files: which commands they run, where, and which images they build on. Read once, for all
//! ecosystems; what a command means to a language is said by [`depslim_model::Ecosystem::command`].
//!
//! [`is_command_file`] tells by the path alone whether a file may matter, [`read()`] says what one file says, and [`settle`] what
//! they say together: which stage of a container file ships, and whose scripts production runs.

mod ci;
mod container;
mod layout;
mod make;
mod paths;
mod platform;
mod process;
mod scripts;
mod services;
mod settle;
mod tasks;

pub use layout::Layout;
pub(crate) use scripts::surely_development;
pub use settle::settle;

use depslim_formats::dockerfile::Dockerfile;
use depslim_formats::shell::{self, Simple};
use depslim_formats::text::decode;
use depslim_model::{Command, Problem, Stage};
use paths::Kind;
use std::collections::BTreeMap;

/// The program of a [`Command`] that stands for a function which a platform calls: its second word is the function as the
/// platform's file names it (`src/handler.main`), the third the folder of its code when that is said.
pub const HANDLER: &str = "handler:";

/// What one such file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// The commands, in the order of the file.
    pub commands: Vec<Command>,
    /// Images that it builds on.
    pub images: Vec<Image>,
    /// What it copies into images.
    pub copies: Vec<CopyLine>,
    /// Variables that it sets for what it runs: (name, value, line). Values may be secret: look at them, never print them.
    pub variables: Vec<(String, String, u32)>,
    /// Images that it wants built from container files.
    pub builds: Vec<Build>,
    /// For container files: the folder, relative to the analysed root, that `COPY` copies from; empty for the root itself.
    pub context: Option<String>,
    /// For container files: which file of the build context a path in the image is.
    pub layout: Layout,
    /// For container files: lines of stages whose packages do not ship, from the first to the one behind the last.
    pub left_behind: Vec<(u32, u32)>,
    /// Commands that a client runs by a name, as places in `commands`: (name, from, to).
    pub scripts: Vec<(String, usize, usize)>,
    /// For container files: the file itself, until [`settle`] knows which stage ships.
    parsed: Option<Box<Dockerfile>>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// An image that a stage builds on, or that a service runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// The reference, `ARG` defaults filled in.
    pub reference: String,
    /// Line.
    pub line: u32,
    /// True when what is shipped is built on it.
    pub final_stage: bool,
}

/// A `COPY` or `ADD` from the build context or from another stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CopyLine {
    /// What is copied.
    pub sources: Vec<String>,
    /// Where to: absolute when the working folder is known.
    pub destination: String,
    /// The stage or image that it comes from; `None` for the build context.
    pub from: Option<String>,
    /// True when it stands in what is shipped.
    pub final_stage: bool,
    /// Line.
    pub line: u32,
}

/// An image that a file wants built (a compose service, a platform's file, a `docker build` command).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Build {
    /// The build context, relative to the analysed root.
    pub context: String,
    /// The container file, relative to the analysed root.
    pub file: String,
    /// The stage asked for.
    pub target: Option<String>,
    /// The command that is run instead of the image's own, with the words that a shell would make of it.
    pub command: Vec<String>,
    /// Line of that command.
    pub command_line: u32,
    /// True for development.
    pub dev: bool,
    /// Line.
    pub line: u32,
}

/// Commands that start something of production, as far as the names of files tell.
pub(crate) fn starts<'o>(path: &str, observed: &'o Observed) -> impl Iterator<Item = &'o Command> {
    let develops = paths::is_for_development(path);
    let script =
        |command: &Command| command.words.first().is_some_and(|word| paths::says_development(paths::file_name(word)));
    observed.commands.iter().filter(move |c| !develops && c.stage == Stage::Run && !script(c))
}

/// True when the path is that of a file whose commands may count. Cheap: no file is opened.
pub fn is_command_file(path: &str) -> bool {
    paths::kind(path).is_some()
}

/// Reads one such file, whose path is relative to the analysed root.
pub fn read(path: &str, bytes: &[u8]) -> Observed {
    let Some(kind) = paths::kind(path) else { return Observed::default() };
    if bytes.iter().take(1024).any(|byte| *byte == 0)
        && !bytes.starts_with(b"\xFF\xFE")
        && !bytes.starts_with(b"\xFE\xFF")
    {
        return Observed::default();
    }
    let decoded = decode(bytes);
    let text: &str = &decoded.text;
    let dev = paths::is_for_development(path);
    let mut observed = match kind {
        Kind::Container => container::read(path, text, dev),
        Kind::Compose => services::compose(path, text, dev),
        Kind::Yaml => services::any_yaml(path, text, dev),
        Kind::Workflow => ci::workflow(path, text),
        Kind::Hooks => ci::hooks(path, text),
        Kind::Pipeline => ci::pipeline(path, text),
        Kind::Platform => platform::read(path, text),
        Kind::Procfile => process::procfile(text, dev),
        Kind::Crontab => process::crontab(path, text),
        Kind::Ini => process::ini(text, dev),
        Kind::Systemd => process::systemd(text),
        Kind::Dotenv => process::dotenv(text),
        Kind::Make => make::makefile(text),
        Kind::Just => make::justfile(text),
        Kind::Tasks => tasks::toml(text),
        Kind::TaskYaml => tasks::yaml(text),
        Kind::Tox => tasks::tox(text),
        Kind::Scripts => scripts::read(text),
        Kind::PythonTasks => tasks::python(text),
        Kind::Script if shell::is_script(text) || paths::has_ending(path) || paths::is_hook(path) => {
            read_script(text, paths::stage_of_script(path))
        }
        Kind::Script => Observed::default(),
    };
    if !observed.commands.is_empty() || !observed.variables.is_empty() {
        observed.problems.extend(decoded.problems.iter().cloned());
    }
    observed
}

/// A shell script's commands, for who calls it.
pub fn read_script(text: &str, stage: Stage) -> Observed {
    let mut observed = Observed::default();
    // Who calls the script, and from where, is not known here.
    observed.shell(text, 1, &Place { stage, workdir: None, variables: &[] });
    observed
}

/// What every shell does itself and no package supplies; and the arguments of a script, which stand where it is called.
const BUILT_IN: &[&str] = &[
    "exec", "eval", "builtin", "command", "trap", "$@", "$*", "${@}", "echo", "printf", "exit", "return", "shift",
    "true", "false", "break", "continue", "read", "set", "unset", "shopt", "test", "wait", "umask", "cd", "pushd",
    "popd", "pwd", "local", "declare", "readonly", "typeset", "export", "alias", "ulimit", "sleep",
];

/// More commands than any real file has.
const MAX_COMMANDS: usize = 10_000;

/// Where commands stand.
#[derive(Debug, Clone, Copy)]
struct Place<'a> {
    stage: Stage,
    workdir: Option<&'a str>,
    /// Variables that are set for them.
    variables: &'a [(String, String)],
}

impl Place<'_> {
    /// A place where commands run in the folder of the file.
    fn here(stage: Stage) -> Self {
        Self { stage, workdir: Some("."), variables: &[] }
    }
}

impl Observed {
    /// Adds the commands of a shell text that starts on a line of the file.
    fn shell(&mut self, text: &str, line: u32, place: &Place<'_>) {
        let known: BTreeMap<String, String> = place.variables.iter().cloned().collect();
        let script = shell::read_at(text, line, &known);
        self.variables.extend(script.variables);
        self.add(script.commands, place);
    }

    /// Adds the commands of an argument list.
    fn exec(&mut self, words: &[String], line: u32, place: &Place<'_>) {
        if words.first().is_some_and(|word| !word.trim().is_empty()) {
            let known: BTreeMap<String, String> = place.variables.iter().cloned().collect();
            self.add(shell::exec(words, line, &known), place);
        }
    }

    fn add(&mut self, mut commands: Vec<Simple>, place: &Place<'_>) {
        // What starts with a dash are options for an entry point that is not known here.
        let runs = |program: &String| !BUILT_IN.contains(&program.as_str()) && !program.starts_with('-');
        commands.retain(|simple| simple.words.first().is_some_and(runs));
        commands.truncate(MAX_COMMANDS.saturating_sub(self.commands.len()));
        for simple in commands {
            for (name, value) in &simple.assignments {
                self.variables.push((name.clone(), value.clone(), simple.line));
            }
            let mut variables = place.variables.to_vec();
            variables.extend(simple.assignments);
            let workdir = match (place.workdir, simple.folder) {
                (_, None) => None,
                (_, Some(folder)) if folder.starts_with('/') => Some(folder),
                // The script's own folder, whoever calls it.
                (None, Some(folder)) if folder == "." => Some(folder),
                (base, Some(folder)) => base.map(|base| paths::join(base, &folder)),
            };
            self.commands.push(Command {
                words: simple.words,
                stage: place.stage,
                line: simple.line,
                workdir,
                variables,
            });
        }
    }

    fn variable(&mut self, name: &str, value: &str, line: u32) {
        if !name.is_empty() && !value.is_empty() {
            self.variables.push((name.to_owned(), value.to_owned(), line));
        }
    }

    /// Adds a function that a platform calls.
    fn handler(&mut self, name: &str, folder: Option<&str>, line: u32, place: &Place<'_>) {
        let words = [HANDLER, name].into_iter().chain(folder).map(str::to_owned).collect();
        let workdir = place.workdir.map(str::to_owned);
        self.commands.push(Command { words, stage: place.stage, line, workdir, variables: Vec::new() });
    }
}

#[cfg(test)]
mod tests;
