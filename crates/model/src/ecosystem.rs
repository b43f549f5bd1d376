//! The seam: one language, described to the engine as a table of data and pure functions.

use crate::facts::{Artifact, Command, Facts, Group};
use crate::program::Program;
use crate::proof::Proof;
use crate::recipe::{Recipe, RecipeRequest};
use crate::target::Target;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One language. A value, not a trait: a missing stage is an empty slice, and what a table can say is data.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "a table: each answers one question of its own about the language")]
pub struct Ecosystem {
    /// `python`.
    pub name: &'static str,
    /// Package URL type (`pypi`), from the purl specification.
    pub purl: &'static str,
    /// Separator between the parts of a module's name (`.`, `/`, `::`).
    pub separator: &'static str,
    /// Readers, one per format.
    pub readers: &'static [Reader],
    /// File names (globs over the last path component) that make their folder a project.
    pub markers: &'static [&'static str],
    /// Folders, relative to the project's, in which its build leaves source code that it makes and compiled code: they are read although
    /// version control ignores them.
    pub made: &'static [&'static str],
    /// The folder of the project that a manifest's path speaks of (`requirements/prod.txt` speaks of its parent).
    pub home: fn(&str) -> String,
    /// The canonical form of a package name, for comparing.
    pub canonical: fn(&str) -> String,
    /// Where the project's packages are installed. The only function here that may look at the disk.
    pub environments: fn(&Host<'_>) -> Vec<Environment>,
    /// What an environment's tree holds, for languages whose trees several projects share: asked once for each tree, with the
    /// analysed root, above which it must not look. It may look at the disk, as `environments` may, which leaves the lists of its
    /// answer empty then.
    pub contents: Option<fn(&Path, &Path) -> Contents>,
    /// Reads one installed package, given its file in [`Environment::metadata`]: for metadata that is spread over several files,
    /// which it reads itself, all of the same package and the same installation. The problems of other files than the given one
    /// name their file. `None` when the readers of [`Layer::Installed`] say all there is to say.
    pub installed: Option<fn(&Path) -> Facts>,
    /// Settles what several files say together (which list is the lock of which); pure. Gets the facts of one project.
    pub settle: Option<Settle>,
    /// Settles what the manifests of the whole tree say together (members inherit from their workspace's root); pure. Comes before
    /// [`Ecosystem::settle`].
    pub workspace: Option<Settle>,
    /// Settles what the source files of the whole tree say together (module trees, a macro of one project that another one calls).
    /// It may look at the disk where a question needs what is installed, and never runs anything. The uses that it leaves say what stands there (`name`) and which declared package that is
    /// (`value`; empty for an import that nothing supplies).
    pub join: Option<Join>,
    /// Finds what the project's code reaches among installed packages, import by import, where that decides whether a line is
    /// needed; instead of `environments`, `contents` and `installed`. It may look at the disk, and never runs anything.
    pub reach: Option<Reach>,
    /// Finds the files that production loads, one by one, where packages ship as files of which only some are loaded. It may look at
    /// the disk, and never runs anything.
    pub trace: Option<Trace>,
    /// Takes a program apart that was built from a project.
    pub program: Option<ReadProgram>,
    /// Where programs lie that were built from the project as it is, the one that ships first. It may look at the disk, and it never
    /// looks above the root. Packages then weigh what the first of them holds of each.
    pub programs: Option<fn(&Host<'_>) -> Vec<PathBuf>>,
    /// Manifests have one list for production, tests and tools, and what only tests use is not shipped: to declare it there is no
    /// mistake.
    pub one_list: bool,
    /// Whether code sees nothing but what its own project declares, and nothing runs by being installed: a line that nothing names
    /// is unused even if another package brings the same package, lines for development and for the build are judged too, and
    /// so are the other projects of the repository that a project declares.
    pub strict: bool,
    /// Code sees everything that is installed for its project, whoever brings it: a line is used when what it brings is, and nobody
    /// else brings that.
    pub sees_all: bool,
    /// Nothing runs by being installed: only code that names a package uses it. Each line is judged by the code that can see it, for
    /// production, tests or the build, on every platform, and so are lines for other projects of the repository.
    pub by_name: bool,
    /// One name may be installed several times, each copy seen from the folders around it ([`Environment::sites`]) or told apart by
    /// a lock's keys ([`crate::Provide::key`]).
    pub several_versions: bool,
    /// A name that does not begin with a dot is a package's, unless an alias or a module root is declared.
    pub bare_is_package: bool,
    /// Which of a locked package's artifacts the target would install, by its place in the list.
    pub choose: fn(&[Artifact], &Target) -> Option<usize>,
    /// Whether a requirement's condition holds on the target with these features of its owner turned on.
    pub holds: fn(condition: &str, target: &Target, features: &[&str]) -> bool,
    /// Files that a module name may stand for, relative to a module root: one inner list per part that gets executed,
    /// alternatives in order of preference.
    pub locate: fn(module: &str) -> Vec<Vec<String>>,
    /// The package whose types a package of this canonical name tells (`@types/express` those of `express`), if that is all it does.
    pub types_of: fn(&str) -> Option<String>,
    /// A relative module name made absolute, for a file given relative to its module root.
    pub absolute: fn(file: &str, module: &str) -> Option<String>,
    /// Whether the runtime itself supplies the module.
    pub standard: fn(module: &str, target: &Target) -> bool,
    /// The source that a derived file was made from (`__pycache__/x.cpython-311.pyc` from `x.py`), both relative to the
    /// same folder. It is asked with the last one or two parts of a path.
    pub derived_from: fn(&str) -> Option<String>,
    /// What a command means to this language: uses, entries, installs.
    pub command: fn(&Command) -> Facts,
    /// The runtime version that a container image supplies (`python:3.11-slim` → `3.11`).
    pub runtime_of_image: fn(&str) -> Option<String>,
    /// Applies changes to a manifest's text, keeping comments and order.
    pub edit: fn(&Source<'_>, &[Change]) -> Result<String, String>,
    /// What `export` writes.
    pub emitters: &'static [Emitter],
    /// How a locked set is installed into a folder of depslim's own by the ecosystem's client (`--install`): alternatives in order
    /// of preference, each a sequence of command lines whose first word is the client. Nothing is run here.
    pub installers: fn(&InstallPlan<'_>) -> Vec<Vec<Vec<String>>>,
    /// How a production image is built: what `export` writes into a container file; `None` when the ecosystem can't say. An error
    /// says why there is none for this project.
    pub recipe: Option<Prescribe>,
    /// How it is shown that what ships runs; `None` when the ecosystem can't say.
    pub proof: Option<&'static Proof>,
    /// What well-known packages require, for those that are neither installed nor locked: lines `package: requirement requirement`
    /// of canonical names, sorted; `name@3.1` is required from version 3.1 of the package on; `#` starts a comment.
    pub requirements: &'static str,
    /// The ecosystem's `rules.toml`.
    pub rules: &'static str,
}

/// Says how a production image of a project is built.
pub type Prescribe = fn(&RecipeRequest<'_>) -> Result<Recipe, String>;

/// Settles what several files of one project say together; the strings are their paths.
pub type Settle = fn(&mut [(String, Facts)]);

/// Settles what all source files of a tree say together: where to look (the project is the whole tree), manifests and locks, then
/// source files, with their paths. A project that it does not name has no files.
pub type Join = fn(&Host<'_>, &[(String, Facts)], Vec<(String, Facts)>) -> Joined;

/// Files by the folder of their project, each with its path; a file may stand there several times, for different groups.
pub type Joined = BTreeMap<String, Vec<(String, Facts)>>;

/// Finds what a project's files reach among installed packages: given where to look, the project's manifests, and its files as
/// [`Ecosystem::join`] left them. `None` when nothing of it is on this disk.
pub type Reach = fn(&Host<'_>, &[(String, Facts)], &[(String, Facts)]) -> Option<Reached>;

/// Finds the files that production loads.
pub type Trace = fn(&TraceRequest<'_>) -> Traced;

/// What a trace starts from.
#[derive(Debug, Clone, Copy)]
pub struct TraceRequest<'a> {
    /// The analysed root, without links on the way to it: nothing outside of it is listed.
    pub root: &'a Path,
    /// The project's folder.
    pub project: &'a Path,
    /// Files that production starts: absolute, as commands and manifests name them, so that an ending may be left out.
    pub starts: &'a [PathBuf],
    /// The project's source files of production, absolute: for where nothing is there of what is started.
    pub sources: &'a [PathBuf],
    /// The installed packages that production keeps.
    pub packages: &'a [TracedPackage],
    /// The platform.
    pub target: &'a Target,
}

/// An installed package that production keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TracedPackage {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Something else than an import uses it: a command, a setting, a rule.
    pub loaded: bool,
}

/// The files that production loads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traced {
    /// Files and links, absolute, in order.
    pub files: Vec<PathBuf>,
    /// Their bytes.
    pub bytes: u64,
    /// What could not be told, or was kept for safety.
    pub notes: Vec<String>,
}

/// What a project reaches among installed packages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached {
    /// Where the packages lie.
    pub environment: Environment,
    /// Packages, each with a file at the top of its folder: its [`crate::Provide`], and what it requires.
    pub installed: Vec<(PathBuf, Facts)>,
    /// Files that say more of what the project uses, as [`Ecosystem::join`] would: installed ones ([`ReachedFile::installed`]), and the
    /// project's own.
    pub files: Vec<ReachedFile>,
    /// What the code that production reaches needs of the system.
    pub needs: Vec<Need>,
    /// Beginnings of the lock's lines that somebody asks for when the lines are gone that nothing needs; the whole line where the lock
    /// lacks it. `None` where not all is known.
    pub lock: Option<Vec<String>>,
    /// Lines of the manifest that are needed and say otherwise than the language's own client would.
    pub restated: Vec<Restated>,
    /// Every import was followed to code that is there: what names alone do not tell was found all the same.
    pub complete: bool,
}

/// A requirement that a manifest states wrongly though it is needed, or does not state: it lacks a mark, has another version …
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restated {
    /// The package, as the manifest writes it.
    pub package: String,
    /// The manifest, relative to the analysed root.
    pub file: String,
    /// Line, from 1; 0 for a line that is lacking.
    pub line: u32,
    /// What makes it right: [`Action::State`], or [`Action::Remove`] for a line that says nothing.
    pub action: Action,
    /// What is wrong, behind the package's name: `is listed twice`.
    pub why: String,
    /// A place in the project's own code that shows it: file, line and text.
    pub seen: Option<(String, u32, String)>,
}

/// Something that code needs of the system that it runs on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Need {
    /// What: one of the constants here, or another word that the ecosystem's recipe of images knows.
    pub what: String,
    /// Where that is seen: relative to the analysed root, or as people know it where it is installed.
    pub file: String,
    /// Line, from 1; 0 for the whole file.
    pub line: u32,
}

impl Need {
    /// The C library, and with it a loader.
    pub const C_LIBRARY: &str = "the C library";
    /// Certificates of authorities, for TLS.
    pub const CERTIFICATES: &str = "certificates";
    /// Rules of time zones.
    pub const ZONES: &str = "time zones";
    /// Names of users and groups.
    pub const USERS: &str = "users";
}

/// A file and the uses in it that name packages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReachedFile {
    /// Relative to the analysed root, or as people know it where it is installed (`hay.example@v1.0.0/bale.go`).
    pub path: String,
    /// Its uses; the group says for whom.
    pub facts: Facts,
    /// It is an installed package's.
    pub installed: bool,
}

/// Takes a built program apart, given its bytes; `None` when no compiler of the language made it.
pub type ReadProgram = fn(&[u8]) -> Option<Program>;

/// A reader: one per format, asked for the files that match.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// Name of the format (`uv.lock`).
    pub name: &'static str,
    /// What kind of file it reads.
    pub layer: Layer,
    /// Globs over the path; one without `/` is matched against the last component.
    pub globs: &'static [&'static str],
    /// The whole of what the file says.
    pub read: fn(&Source<'_>) -> Facts,
}

/// What kind of file a reader reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// Manifests and lockfiles.
    Manifest,
    /// Metadata of installed packages, below an [`Environment`].
    Installed,
    /// The project's own source code.
    Code,
    /// Source code of installed packages: hard, lazy and guarded imports are enough, and it must be fast.
    InstalledCode,
    /// Configuration of the project's tools and frameworks.
    Config,
}

/// A file as a reader sees it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Path with `/`: relative to the analysed root, or to the environment's tree for installed files.
    pub path: &'a str,
    /// The bytes.
    pub bytes: &'a [u8],
    /// The ecosystem's table of the configuration.
    pub settings: &'a Settings,
}

impl<'a> Source<'a> {
    /// The last component of the path.
    pub fn file_name(&self) -> &'a str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// The path without its last component; empty at the root.
    pub fn folder(&self) -> &'a str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

/// The ecosystem's own table of the configuration (`[python]`), every value a list of strings; nested keys joined by a dot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Settings(pub BTreeMap<String, Vec<String>>);

impl Settings {
    /// The values under a key; empty when it is not set.
    pub fn list(&self, key: &str) -> &[String] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    /// The first value under a key.
    pub fn one(&self, key: &str) -> Option<&str> {
        self.list(key).first().map(String::as_str)
    }

    /// True when the key is set.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }
}

/// What a search for environments may look at.
#[derive(Clone, Copy)]
pub struct Host<'a> {
    /// The project's folder.
    pub project: &'a Path,
    /// The analysed root: never look above it.
    pub root: &'a Path,
    /// Environment variables.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The ecosystem's table of the configuration.
    pub settings: &'a Settings,
}

impl std::fmt::Debug for Host<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").field("project", &self.project).field("root", &self.root).finish_non_exhaustive()
    }
}

/// What a tree of installed packages holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// As [`Environment::sites`].
    pub sites: Vec<PathBuf>,
    /// As [`Environment::metadata`].
    pub metadata: Vec<PathBuf>,
    /// As [`Environment::links`].
    pub links: Vec<(PathBuf, PathBuf)>,
}

/// A package that was read when it was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Folder that its modules are looked up in.
    pub site: PathBuf,
    /// Its metadata file, or the one file that it is.
    pub metadata: PathBuf,
    /// What it says.
    pub facts: Facts,
}

/// A place where packages are installed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// What people call it (`.venv`).
    pub label: String,
    /// The folder whose bytes are counted.
    pub tree: PathBuf,
    /// Further folders of it that lie elsewhere; their bytes are counted too.
    pub more: Vec<PathBuf>,
    /// Folders that modules are looked up in, in order. Where one name may be installed several times, what lies in a folder sees
    /// the sites that lie in it or in a folder around it, the innermost first.
    pub sites: Vec<PathBuf>,
    /// Packages that are found in a site though they lie elsewhere: (path in the site, the package's folder).
    pub links: Vec<(PathBuf, PathBuf)>,
    /// Installed metadata files to read.
    pub metadata: Vec<PathBuf>,
    /// Version of the runtime it was made for.
    pub runtime: Option<String>,
    /// True when packages of the machine's own installation can be used from it too; those are neither read nor counted.
    pub sees_system: bool,
    /// True when the tree holds packages of other projects too (a cache of the machine's): only those of [`Environment::metadata`]
    /// are counted.
    pub shared: bool,
    /// True when what lies in a shared tree is what ships, not the source that it is made from.
    pub ships: bool,
    /// The packages, where finding them meant reading them: then neither [`Environment::metadata`] nor a reader is asked.
    pub found: Option<Vec<Found>>,
}

/// One change to a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The package, as written in the manifest.
    pub package: String,
    /// Line of the declaration, from 1.
    pub line: u32,
    /// What to do.
    pub action: Action,
}

/// What to do with a declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Take it out.
    Remove,
    /// Move it to the development group of the same manifest.
    MoveToDev,
    /// Turn off one feature (extra) of it.
    DropFeature(String),
    /// Make it state this version, and whether it only holds the version of what others bring; a line is added where there is none.
    State {
        /// Exact version.
        version: String,
        /// As [`crate::Require::indirect`].
        indirect: bool,
    },
}

/// What production installs, and what leaves the manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Project folder relative to the analysed root (`.` at the root).
    pub project: String,
    /// The package manager.
    pub manager: Option<String>,
    /// The platform.
    pub target: Target,
    /// Every package of production, by canonical name.
    pub keep: Vec<Kept>,
    /// Changes by manifest path.
    pub changes: BTreeMap<String, Vec<Change>>,
    /// What production's own code imports of the language's runtime, and where first.
    pub runtime: BTreeMap<String, String>,
    /// Version of depslim, for headers.
    pub tool: String,
    /// As [`Reached::lock`].
    pub lock: Option<Vec<String>>,
}

/// One package of production.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// Name as the lock or the metadata writes it.
    pub package: String,
    /// Exact version, when known.
    pub version: Option<String>,
    /// Version constraint of the declaration, used when no exact version is known.
    pub constraint: Option<String>,
    /// Extras of it that stay on.
    pub features: Vec<String>,
    /// Its condition in the manifest, if any.
    pub condition: Option<String>,
    /// URL or path it comes from, when not from a registry.
    pub origin: Option<String>,
    /// True when the manifest declares it for production.
    pub direct: bool,
    /// Hashes and files of the lock.
    pub artifacts: Vec<Artifact>,
    /// Why it stays: `imported at app/main.py:6`, `needed by fastapi`.
    pub why: String,
    /// Packages that need it, by canonical name.
    pub needed_by: Vec<String>,
    /// Installed bytes, if measured.
    pub bytes: Option<u64>,
    /// The files that it is, on this disk, where packages ship as the files that they are.
    pub files: Vec<PathBuf>,
}

/// Writes one kind of file for `export`.
#[derive(Debug, Clone, Copy)]
pub struct Emitter {
    /// Name of the format (`requirements.prod.txt`).
    pub name: &'static str,
    /// The files, or why it does not apply. Sources are the project's manifests and locks.
    pub emit: fn(&Plan, &[Source<'_>]) -> Result<Vec<Emission>, String>,
    /// True when the file names what the project declares and leaves the rest to the client (a manifest); false when it names all.
    pub direct_only: bool,
    /// Reads what was written: the names it would install, for the check before depslim says it is done.
    pub reread: fn(&Source<'_>) -> Facts,
}

/// A file to write, and a client's command that completes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Emission {
    /// Path relative to the output folder.
    pub path: String,
    /// The text.
    pub content: String,
    /// What it is, for the line that `export` prints.
    pub summary: String,
    /// A command of the ecosystem's client, run in the output folder when the client is present (`uv lock`); it must not run the
    /// project's code.
    pub complete: Option<Vec<String>>,
}

/// What `--install` asks for.
#[derive(Debug, Clone, Copy)]
pub struct InstallPlan<'a> {
    /// The locked set for the target, as `name==version`; empty without a lock.
    pub pins: &'a [String],
    /// Manifests of the project, relative to its folder, for when there is no lock.
    pub manifests: &'a [String],
    /// Folder to fill.
    pub into: &'a Path,
    /// The platform.
    pub target: &'a Target,
}

/// A canonical-name helper for ecosystems whose names compare as they are.
pub fn verbatim(name: &str) -> String {
    name.to_owned()
}

/// A group's default reading from its name: the names that every language's people use for development.
pub fn group_from_name(name: &str) -> Group {
    let name = name.to_ascii_lowercase();
    let dev = [
        "dev",
        "develop",
        "development",
        "test",
        "tests",
        "testing",
        "lint",
        "linting",
        "docs",
        "doc",
        "typing",
        "types",
        "ci",
        "format",
        "qa",
        "check",
        "bench",
        "benchmark",
        "tools",
        "tooling",
        "debug",
        "local",
        "pre-commit",
        "coverage",
        "style",
        "quality",
        "notebook",
        "notebooks",
        "examples",
    ];
    let hit = dev.contains(&name.as_str())
        || name.split(['-', '_', '.']).any(|part| {
            ["dev", "test", "tests", "testing", "lint", "docs", "doc", "typing", "develop", "development"]
                .contains(&part)
        });
    if hit { Group::Dev } else { Group::Optional }
}

/// For languages without packages that only tell types.
pub fn types_of_nothing(_name: &str) -> Option<String> {
    None
}
