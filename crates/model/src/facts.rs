//! Facts: what one file says, in words that belong to no language.

use serde::Serialize;
use std::ops::Range;

/// Everything one file says. Always partial and never an error: what could not be read is a [`Problem`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// Set when the file declares dependencies of a project, or locks them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Manifest>,
    /// Dependency edges that the file declares, locks or records.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Require>,
    /// Packages that the file says are locked or installed, and what they bring.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub provides: Vec<Provide>,
    /// Uses of modules, programs, settings, drivers …
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<Use>,
    /// The same, in parts of the file that only tests have (`#[cfg(test)]`, examples in documentation).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dev_uses: Vec<Use>,
    /// Who the file is for, where more than its path tells; then conventions about paths are not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    /// Places where execution starts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<Entry>,
    /// Commands that install packages (a `RUN pip install …` line).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub installs: Vec<Install>,
    /// Folders, relative to the project, that the program adds to the places where modules are looked up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub module_roots: Vec<String>,
    /// Names that stand for other modules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Alias>,
    /// Features (extras) that a declaration turns on and that nothing of what it is seen to use needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub idle: Vec<IdleFeature>,
    /// What could not be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

/// A feature (extra) that a declaration turns on, and that nothing needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IdleFeature {
    /// The package whose feature it is.
    pub package: String,
    /// The feature.
    pub feature: String,
    /// Line of the declaration that turns it on.
    pub line: u32,
    /// Packages that leave the lock without it.
    pub frees: Vec<String>,
    /// Number of source files in which what it offers was searched for.
    pub searched: u32,
    /// What to write instead.
    pub instead: String,
}

impl Facts {
    /// Facts that hold one problem and nothing else.
    pub fn broken(problem: Problem) -> Self {
        Self { problems: vec![problem], ..Self::default() }
    }

    /// Adds all that `other` says behind what is here already; `other.manifest` and `other.group` fill an empty place only.
    pub fn absorb(&mut self, other: Self) {
        if self.manifest.is_none() {
            self.manifest = other.manifest;
        }
        self.requires.extend(other.requires);
        self.provides.extend(other.provides);
        self.uses.extend(other.uses);
        self.dev_uses.extend(other.dev_uses);
        self.group = self.group.or(other.group);
        self.entries.extend(other.entries);
        self.installs.extend(other.installs);
        self.module_roots.extend(other.module_roots);
        self.aliases.extend(other.aliases);
        self.idle.extend(other.idle);
        self.problems.extend(other.problems);
    }
}

/// What a file that declares or locks dependencies says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// What the file is for.
    pub role: Role,
    /// Name of the project, if it says one.
    pub name: Option<String>,
    /// The package manager that this file belongs to, by its command's name (`uv`, `poetry`, `npm` …).
    pub manager: Option<String>,
    /// Constraint on the language's runtime (`>=3.11`).
    pub runtime: Option<String>,
    /// Other files that belong to this one.
    pub includes: Vec<Include>,
    /// Workspace member patterns, relative to the file's folder.
    pub members: Vec<String>,
    /// Named groups of requirements that an install takes in without being asked (`tool.uv.default-groups`).
    pub default_groups: Option<Vec<String>>,
}

/// What a manifest-like file is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// People write their dependencies here.
    #[default]
    Manifest,
    /// Made by a tool from a manifest: pins the closure (a lockfile, a compiled `requirements.txt`).
    Lock,
    /// A second list, written by hand, of what production installs.
    ProductionList,
    /// Pins versions without asking for anything.
    Constraints,
}

/// Another file that a manifest takes in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Include {
    /// Path as written, relative to the including file's folder.
    pub path: String,
    /// What the included file is for.
    pub role: Role,
    /// Line of the include.
    pub line: u32,
}

/// Who needs something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Production.
    #[default]
    Prod,
    /// Production, but only when a named feature or extra is asked for.
    Optional,
    /// Tests and tooling.
    Dev,
    /// The build of the project itself.
    Build,
}

/// One dependency edge: declared by the project, written in a lockfile, or recorded in installed metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each says one thing of its own about the edge")]
pub struct Require {
    /// Who requires it: `None` for the project itself, else a package name.
    pub from: Option<String>,
    /// The required package, as written.
    pub name: String,
    /// The name that the code of whoever requires it knows it by, where that is not the package's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Features (extras) of the required package that this edge turns on.
    pub features: Vec<String>,
    /// Production, development …
    pub group: Group,
    /// The group's or extra's own name (`test`, `docs`, `s3`).
    pub group_name: Option<String>,
    /// Version constraint, or the exact version in a lock.
    pub version: Option<String>,
    /// Condition in the ecosystem's own words (an environment marker, a `cfg`), evaluated by [`crate::Ecosystem::holds`].
    pub condition: Option<String>,
    /// Line of the declaration, from 1; 0 when the whole file says it.
    pub line: u32,
    /// Byte range that goes when the declaration goes, where the format allows such an edit.
    pub span: Option<Range<usize>>,
    /// What the author wrote beside it (`# via -r requirements.in`, `# pinned for CVE-…`), without the comment sign.
    pub comment: Option<String>,
    /// Where it is to come from when not from a registry: a URL or path as written, credentials removed.
    pub origin: Option<String>,
    /// The owner does not bring it: whoever uses the owner has to declare it.
    #[serde(skip_serializing_if = "is_false")]
    pub peer: bool,
    /// Production needs it and somebody else brings it there (a container that the program runs in): it does not ship.
    #[serde(skip_serializing_if = "is_false")]
    pub given: bool,
    /// Another manifest of the tree says it for this project too (a parent): it is judged there.
    #[serde(skip_serializing_if = "is_false")]
    pub inherited: bool,
    /// The line holds the version of what others bring: the project's own code is not meant to use it, and it stays as long as
    /// anything does.
    #[serde(skip_serializing_if = "is_false")]
    pub indirect: bool,
    /// In a lock where one name may stand for several packages: the [`Provide::key`] of the owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_key: Option<String>,
    /// In such a lock: the [`Provide::key`] of what is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// A package that is locked or installed, and what it brings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Provide {
    /// Package name, as written.
    pub package: String,
    /// Exact version.
    pub version: String,
    /// Modules (import packages) it supplies, with the ecosystem's separator; empty when unknown.
    pub modules: Vec<String>,
    /// Programs it installs.
    pub programs: Vec<String>,
    /// Plug-ins it registers.
    pub plugins: Vec<Plugin>,
    /// Features (extras) that it offers.
    pub features: Vec<String>,
    /// The files it owns.
    pub owns: Owns,
    /// Downloadable files, from a lockfile.
    pub artifacts: Vec<Artifact>,
    /// True when it is the project's own code (an editable install, a workspace member, a path source).
    pub first_party: bool,
    /// Where it comes from when not from a registry: a URL or path as written, credentials removed.
    pub origin: Option<String>,
    /// Condition under which a lock means this version of the package, in the ecosystem's own words (see [`Require::condition`]); a
    /// lock with forks names a package several times.
    pub condition: Option<String>,
    /// Licence expression or name, as the metadata says it.
    pub license: Option<String>,
    /// Line that says so; 0 when the whole file does.
    pub line: u32,
    /// What a lock calls it, where one name may stand for several packages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// It says the types of what it brings itself.
    #[serde(skip_serializing_if = "is_false")]
    pub typed: bool,
    /// Modules whose files its metadata names, where the name alone does not tell them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exports: Vec<Export>,
}

/// Which files a module of a package stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Export {
    /// The module's whole name; one `*` stands for any text.
    pub module: String,
    /// Files relative to the folder that the metadata file lies in, a `*` standing for the same text: one inner list per file that
    /// gets executed, alternatives in order of preference.
    pub files: Vec<Vec<String>>,
}

/// A name that stands for other modules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Alias {
    /// The name; one `*` stands for any text.
    pub name: String,
    /// What it stands for, in order of preference: modules relative to the folder of the file that says so, a `*` standing for the
    /// same text.
    pub targets: Vec<String>,
    /// True when it holds everywhere in the repository, not only below the folder of the file that says so.
    pub public: bool,
    /// Line.
    pub line: u32,
}

/// A plug-in registration: `group` is what the host looks up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plugin {
    /// Entry-point group, service interface …
    pub group: String,
    /// Registered name.
    pub name: String,
    /// Module (with optional attribute) it points to.
    pub target: String,
}

/// Which bytes belong to a package. The engine alone counts them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Owns {
    /// Nothing on this disk.
    #[default]
    Nothing,
    /// These files, relative to the folder that the metadata file lies in; may start with `../`, may be absolute. One that ends
    /// in `/` is a folder: what lies below it and is claimed by nobody else belongs to the package.
    Files(Vec<String>),
    /// Everything below these folders or files, relative to the folder that the metadata file lies in.
    Trees(Vec<String>),
}

/// One downloadable file of a locked package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Artifact {
    /// File name (`cryptography-42.0.0-cp37-abi3-manylinux_2_28_x86_64.whl`).
    pub file: String,
    /// `sha256:…`.
    pub hash: Option<String>,
    /// Compressed bytes, when the lock says them.
    pub bytes: Option<u64>,
}

/// One use, with its line and strength. Which fields mean what is said by [`How`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Use {
    /// The kind of use.
    pub how: How,
    /// What is used: a module, a program, a setting's name … see [`How`].
    pub name: String,
    /// More about it: imported member, argument, value … see [`How`]; may be empty.
    pub value: String,
    /// How badly it is needed.
    pub strength: Strength,
    /// Line, from 1.
    pub line: u32,
}

/// The kind of a use, and what `name` and `value` of the [`Use`] hold for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Static import. `name`: module as written (relative ones keep their dots); `value`: member, or empty.
    Import,
    /// Import through a function with a constant name. `name`: module; `value`: the function.
    Dynamic,
    /// Import through a function with a computed name: a blind spot. `name`: the function; `value`: constant prefix, if any.
    Computed,
    /// A name reached through an import. `name`: qualified name (`django.db.models.ImageField`); `value`: empty.
    Name,
    /// A call with constant strings. `name`: qualified callee, or `.method` when the receiver is unknown;
    /// `value`: one string argument, `keyword=value` for keywords; empty for a call of `.method` that has no constant string.
    Call,
    /// A named setting holds a string. `name`: the setting (`INSTALLED_APPS`, `DATABASES.default.ENGINE`); `value`: the string.
    Setting,
    /// A URL in a string, or in a setting or variable. `name`: scheme (`postgresql+asyncpg`); `value`: what it was assigned to.
    Url,
    /// A string that looks like a dotted path to a module. `name`: the path; `value`: where it stood (a setting's name, a callee).
    Text,
    /// A program is run. `name`: program; `value`: its arguments, space-separated.
    Command,
    /// A module is run or loaded by a command. `name`: module; `value`: the program that loads it.
    Load,
}

/// How badly a use needs its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// Only type checkers look at it.
    Types,
    /// Guarded: its absence is foreseen.
    Optional,
    /// Needed later: inside a function, by name, by a plug-in.
    Lazy,
    /// Needed to start.
    Hard,
}

/// Where execution starts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Entry {
    /// A file, relative to the project's root, or a module name.
    pub target: String,
    /// For whom.
    pub group: Group,
    /// Line that says so.
    pub line: u32,
}

/// A command that installs packages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Install {
    /// The client (`pip`, `uv`, `poetry`, `npm` …).
    pub client: String,
    /// Where the command stands.
    pub stage: Stage,
    /// Manifest or list files that it names, as written.
    pub files: Vec<String>,
    /// Packages named on the command line.
    pub packages: Vec<Require>,
    /// Groups and extras that it adds to the default.
    pub groups: Vec<String>,
    /// Groups that it leaves out; `*` for all that are not named.
    pub without: Vec<String>,
    /// True when the project's own manifest decides (no file and no package named).
    pub project: bool,
    /// Whether development groups come along: `None` when the client's default decides.
    pub dev: Option<bool>,
    /// Line.
    pub line: u32,
    /// The command as written, one line.
    pub text: String,
}

/// Where a command stands: what runs it, and for whom.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Starts or checks the production program (`CMD`, `ENTRYPOINT`, `HEALTHCHECK`, compose `command`, Procfile, systemd …).
    Run,
    /// Runs while the final image stage is built.
    ImageBuild,
    /// Runs while another image stage is built.
    Builder,
    /// Development: Makefile, task runner, test container.
    Dev,
    /// Continuous integration.
    #[default]
    Ci,
}

/// One command found in a container, process, build or CI file; observed once, for all ecosystems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Command {
    /// The words, after the shell's quoting rules; variables stay as written.
    pub words: Vec<String>,
    /// Where it stands.
    pub stage: Stage,
    /// Line, from 1.
    pub line: u32,
    /// Folder it runs in, relative to the file that holds it, when that is known.
    pub workdir: Option<String>,
    /// Variables that are set for it: in front of it, or by the container file before it.
    pub variables: Vec<(String, String)>,
}

/// Something that could not be read, with its line (0: the whole file).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Line, from 1; 0 for the whole file.
    pub line: u32,
    /// What is wrong and what to do, one lower-case fragment.
    pub message: String,
    /// True when the file as a whole can't be used: a broken manifest, not a strange line.
    pub fatal: bool,
}

impl Problem {
    /// A strange line: the rest of the file counts.
    pub fn at(line: u32, message: impl Into<String>) -> Self {
        Self { line, message: message.into(), fatal: false }
    }

    /// The whole file is unusable.
    pub fn fatal(line: u32, message: impl Into<String>) -> Self {
        Self { line, message: message.into(), fatal: true }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}
