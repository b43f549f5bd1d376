//! How a production image of a project is built: what an ecosystem says of it, as plain data. The image's writer puts it into stages.

use crate::ecosystem::{Need, Plan, Source};
use crate::facts::Command;

/// What an ecosystem is told when it is asked for a recipe.
#[derive(Debug, Clone, Copy)]
pub struct RecipeRequest<'a> {
    /// What production installs.
    pub plan: &'a Plan,
    /// The project's manifests and locks.
    pub sources: &'a [Source<'a>],
    /// What `export` writes for the project beside the container file, relative to the output folder.
    pub exported: &'a [String],
    /// What the project's own container file runs, its builder stages too; empty when it has none.
    pub commands: &'a [Command],
    /// The variables that its final stage sets.
    pub variables: &'a [(String, String)],
    /// What its final stage copies out of other stages and where to.
    pub taken: &'a [(String, String)],
    /// The folder that its final stage ends in, absolute.
    pub folder: Option<&'a str>,
    /// The base of the final stage, by the repository and the tag that were chosen (`python:3.13-slim-trixie`).
    pub base: &'a str,
    /// Packages that have to be built from source, or may have to be: their names.
    pub from_source: &'a [String],
    /// Whether what starts the image now only sends files that were built before, where that is known.
    pub sends_files: Option<bool>,
    /// Variables that files of the project set where the program is started.
    pub set: &'a [(String, String)],
    /// Small files at the top of the project's folder and of its `src`: path and text.
    pub texts: &'a [(String, String)],
    /// Folders of the project, relative to its own, whose code is a program of its own, where [`crate::Ecosystem::join`] says so.
    pub entries: &'a [String],
    /// What the reached code needs of the system, where [`crate::Ecosystem::reach`] says so.
    pub needs: &'a [Need],
}

/// How the image is built: a stage that installs or compiles, and what the final stage takes from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recipe {
    /// The image of the builder stage; `None` for the base of the final stage.
    pub builder: Option<String>,
    /// What the final stage stands on.
    pub runtime: Runtime,
    /// Variables that are read while it is built, with their defaults: arguments of the build.
    pub build_variables: Vec<(String, String)>,
    /// The builder stage's instructions, in order.
    pub steps: Vec<Step>,
    /// What the final stage copies from the builder stage: absolute path there, absolute path in the image.
    pub results: Vec<(String, String)>,
    /// Variables of the final stage. What `PATH` holds is put in front of what it had.
    pub variables: Vec<(String, String)>,
    /// What starts the program when no file of the project says it; empty when only the project can say it.
    pub start: Vec<String>,
    /// What the builder stage makes for a runtime of the language.
    pub makes: Makes,
    /// [`Recipe::start`] does all that the project's own container file starts, so that no shell is needed for it.
    pub starts_directly: bool,
    /// Commands in front of a program that the image does not have any more (`uv run`), each with the options that take a value.
    pub runners: &'static [(&'static [&'static str], &'static [&'static str])],
    /// Beginnings of variables that only the client of the installation reads.
    pub client_variables: &'static [&'static str],
    /// Parts of command lines that make or fetch the client (`install.example.invalid`): the builder stage does that already.
    pub bootstraps: &'static [&'static str],
    /// Parts of paths that hold installed packages: what the project's own container file copies from there is in `results`.
    pub environments: &'static [&'static str],
    /// Whether an address answers, in words that use nothing but the runtime; `{url}` stands for it. Empty when there is no way.
    pub probe_url: &'static [&'static str],
    /// Whether a port is open; `{port}` stands for it.
    pub probe_port: &'static [&'static str],
    /// What people should know of it, as comments above the stage.
    pub remarks: Vec<String>,
    /// Folders of the project that builds fill and none reads (`target`).
    pub needless: &'static [&'static str],
    /// A build may read any file of the project, those of tests and documentation too.
    pub reads_all: bool,
}

impl Recipe {
    /// Whether the builder stage makes something of the project's own files, rather than installing packages alone.
    pub fn builds(&self) -> bool {
        self.runtime != Runtime::Language || self.makes != Makes::Packages
    }
}

/// What a builder stage makes for a runtime of the language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Makes {
    /// Installed packages: the program is the project's own files.
    #[default]
    Packages,
    /// The program too; other files of the project may be read beside it.
    Program,
    /// All that the image needs of the project.
    Everything,
}

/// What a final stage stands on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Runtime {
    /// The image of the language's runtime, with the project's own files beside what was installed.
    #[default]
    Language,
    /// A web server for files that the builder stage wrote.
    Files,
    /// Nothing: the builder stage wrote a program that links no shared library.
    Nothing,
    /// The C and C++ libraries, for a program that links them.
    Libraries,
}

/// One instruction of a builder stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The working folder.
    Folder(String),
    /// Variables.
    Variables(Vec<(String, String)>),
    /// Files of the project, relative to its folder; `.` for all.
    Copy {
        /// What.
        sources: Vec<String>,
        /// Where to.
        to: String,
    },
    /// Files that `export` writes, relative to the output folder.
    CopyExported {
        /// What.
        sources: Vec<String>,
        /// Where to.
        to: String,
    },
    /// A file of another image.
    CopyFrom {
        /// The image.
        image: String,
        /// The file.
        source: String,
        /// Where to.
        to: String,
    },
    /// A command.
    Run {
        /// The command, for a shell.
        command: String,
        /// Folders that are kept between builds and never part of a layer.
        caches: Vec<String>,
    },
}
