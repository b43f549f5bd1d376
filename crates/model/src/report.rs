//! The report: what depslim says in the end. Its serialised form is the JSON report, `depslim.report/1`.
//!
//! Integers are bytes. Paths are relative to the analysed root, with `/`. Everything is sorted; nothing depends on time.

use crate::code::{Code, Severity};
use crate::difference::Difference;
use crate::ecosystem::Change;
use serde::{Deserialize, Serialize};

/// The schema that this version writes.
pub const SCHEMA: &str = "depslim.report/1";

macro_rules! data {
    ($($(#[$meta:meta])* $kind:ident $name:ident { $($body:tt)* })*) => {
        $($(#[$meta])*
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub $kind $name { $($body)* })*
    };
}

data! {
    /// All that one run says.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Report {
        /// `depslim.report/1`.
        pub schema: String,
        /// Who wrote it.
        pub tool: Tool,
        /// Platform that locks were read for (`linux-x86_64-glibc`).
        pub target: String,
        /// What was analysed.
        #[serde(default)]
        pub source: Origin,
        /// Totals over all projects.
        pub summary: Summary,
        /// One per folder and ecosystem.
        pub projects: Vec<Project>,
        /// Findings, most bytes first within a project.
        pub findings: Vec<Finding>,
        /// Findings that an ignore or a baseline hides.
        #[serde(default)]
        pub ignored: Vec<Ignored>,
        /// Things to know: what could not be read, what lowers confidence.
        #[serde(default)]
        pub notes: Vec<Note>,
        /// What changed, when the run compared with a base.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub difference: Option<Difference>,
    }

    /// Who wrote the report.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    struct Tool {
        /// `depslim`.
        pub name: String,
        /// Version.
        pub version: String,
    }

    /// Where the analysed files come from; all empty outside a repository.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    struct Origin {
        /// Repository name, if the run was told (`owner/name`).
        #[serde(skip_serializing_if = "Option::is_none")]
        pub repo: Option<String>,
        /// Commit of the work tree.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub commit: Option<String>,
        /// Commit that a pull request ends in, where the analysed commit is a merge made for the run.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub head: Option<String>,
        /// The analysed folder, relative to the repository; none at its root.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub folder: Option<String>,
        /// Commit compared with.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub base_commit: Option<String>,
    }

    /// Totals over all projects.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    struct Summary {
        /// Bytes that production needs.
        pub prod_bytes: u64,
        /// Bytes that only development needs.
        pub dev_bytes: u64,
        /// Production bytes of the base, when compared.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub base_prod_bytes: Option<u64>,
        /// Bytes of production that can go without a code change: what goes when every finding that removes or moves a line is followed.
        pub removable_bytes: u64,
        /// Bytes that a code change would free.
        #[serde(default)]
        pub with_change_bytes: u64,
        /// Findings that are errors.
        pub errors: u32,
        /// Findings that are warnings.
        pub warnings: u32,
        /// Number of projects.
        pub projects: u32,
        /// Projects whose sizes are estimated or unknown.
        pub not_measured: u32,
    }

    /// One project: a folder and an ecosystem.
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
    struct Project {
        /// `services/api#python`.
        pub id: String,
        /// `python`.
        pub ecosystem: String,
        /// Folder, `.` at the root.
        pub path: String,
        /// Package manager.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub manager: Option<String>,
        /// The manifest that production installs from.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub manifest: Option<String>,
        /// Its lock.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub lockfile: Option<String>,
        /// The installed environment that was measured.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub environment: Option<String>,
        /// Runtime version that conditions were evaluated for, and where it was read.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub runtime: Option<String>,
        /// How sizes were found.
        pub measure: Measure,
        /// Bytes that production needs.
        pub prod_bytes: u64,
        /// Bytes that only development needs.
        pub dev_bytes: u64,
        /// Bytes that go without a code change.
        #[serde(default)]
        pub removable_bytes: u64,
        /// Bytes that a code change would free.
        #[serde(default)]
        pub with_change_bytes: u64,
        /// The environment's bytes, part by part, when one was measured.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub tree: Option<Tree>,
        /// Source files read, and those that could not be.
        #[serde(default)]
        pub files_read: u32,
        /// Source files that could not be read.
        #[serde(default)]
        pub files_unread: u32,
        /// Why the project could not be analysed; then everything else is empty.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub failed: Option<String>,
        /// What the final image stage has and needs.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub image: Option<Image>,
        /// What running it on what would ship has shown, when that was asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub proof: Option<Proved>,
        /// Every package, by id.
        pub packages: Vec<Package>,
    }

    /// What running a project on what would ship has shown.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    struct Proved {
        /// What came out.
        pub outcome: Outcome,
        /// The list that was judged, when it was not depslim's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub list: Option<String>,
        /// What was run, word by word.
        pub command: Vec<String>,
        /// The same for people, where depslim chose it (`imports 41 modules`).
        #[serde(default, skip_serializing_if = "String::is_empty")]
        pub about: String,
        /// What the run was kept from, for people.
        pub sandbox: String,
        /// True when something outside of the project kept it from reaching the network and from writing into the project.
        pub isolated: bool,
        /// How often it was run.
        pub runs: u32,
        /// Things that were tried and went well in the end, for a command that tries several.
        #[serde(default)]
        pub passed: u32,
        /// Things that fail with everything installed too, with the reason: they say nothing.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub failed_anyway: Vec<Failed>,
        /// Ids of the packages that were not there in the last run.
        pub left_out: Vec<String>,
        /// Apparent bytes of those.
        pub left_out_bytes: u64,
        /// What had to be put back, in that order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub put_back: Vec<PutBack>,
        /// What else there is to know, a sentence each.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub notes: Vec<String>,
        /// The last lines of the last run that failed, when nothing was proved.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub output: Vec<String>,
        /// What the run itself loaded, when that was watched.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub watched: Option<Watched>,
        /// What went out of the packages that stay, when that was asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub trimmed: Option<Trimmed>,
    }

    /// What a run loaded of what is installed: advice, for another run may load more.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    struct Watched {
        /// How it was watched, for people.
        pub how: String,
        /// Files of packages that it loaded.
        pub files: u32,
        /// Packages of which it loaded something.
        pub packages: u32,
        /// Packages that production keeps and of which it loaded nothing, most bytes first.
        pub idle: Vec<Idle>,
        /// Apparent bytes of those.
        pub idle_bytes: u64,
    }

    /// A package that is kept and of which a run loaded nothing.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    struct Idle {
        /// Package id.
        pub package: String,
        /// Apparent bytes.
        pub bytes: u64,
    }

    /// What went out of the packages that stay, with a run that passed without it.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    struct Trimmed {
        /// Apparent bytes of the packages that stay, before.
        pub before_bytes: u64,
        /// The same after.
        pub after_bytes: u64,
        /// By kind, most bytes first.
        pub kinds: Vec<TrimmedKind>,
        /// What goes, package by package.
        pub packages: Vec<TrimmedPackage>,
        /// Files that look as if they could go and stay: something loads or names them.
        pub stays: Vec<Stays>,
        /// How often it was run for that.
        pub runs: u32,
    }

    /// Files of one kind.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    struct TrimmedKind {
        /// The kind (`tests`).
        pub kind: String,
        /// Files that were looked at.
        pub files: u32,
        /// Apparent bytes of those.
        pub before_bytes: u64,
        /// Apparent bytes of what stays of them.
        pub after_bytes: u64,
    }

    /// What goes out of one package.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    struct TrimmedPackage {
        /// Package id.
        pub package: String,
        /// Apparent bytes that go.
        pub bytes: u64,
        /// Folders (with `/` at the end) and files that go, relative to the installed tree.
        pub remove: Vec<String>,
        /// Shared objects that lose their debug sections, relative to the installed tree.
        pub strip: Vec<String>,
    }

    /// Files that stay although they look as if they could go.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    struct Stays {
        /// Package id.
        pub package: String,
        /// The kind (`tests`).
        pub kind: String,
        /// Apparent bytes.
        pub bytes: u64,
        /// Why: what loads or names them.
        pub why: String,
    }

    /// Something that a command tried and that failed with everything installed too.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    struct Failed {
        /// What was tried.
        pub name: String,
        /// The reason, as the output says it.
        pub reason: String,
    }

    /// A package without which the run failed.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    struct PutBack {
        /// Package id.
        pub package: String,
        /// Name as its metadata writes it.
        pub name: String,
        /// How a list names it (`httpx==0.28.1`).
        pub pin: String,
        /// Apparent bytes of it and of what came with it.
        pub bytes: u64,
        /// Ids of packages that it requires and that came with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub brought: Vec<String>,
        /// True when no line of the output names it: it was found by trying.
        #[serde(default)]
        pub by_trying: bool,
        /// What the output said: its line and text, and the place that asked.
        pub evidence: Vec<Evidence>,
    }

    /// Where an environment's bytes are. The parts sum to `total_bytes`, which is what `du -s --apparent-size -B1` prints.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    struct Tree {
        /// Apparent bytes of the whole tree, each hard-linked file once.
        pub total_bytes: u64,
        /// Bytes of disk blocks.
        pub on_disk_bytes: u64,
        /// Files, links and folders.
        pub entries: u64,
        /// Bytes of files that packages own.
        pub packages_bytes: u64,
        /// Bytes of files that no package owns.
        pub unowned_bytes: u64,
        /// The largest unowned places, `path` and bytes.
        pub unowned: Vec<Place>,
        /// Bytes of the folders' own entries.
        pub folders_bytes: u64,
    }

    /// A path and its bytes.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    struct Place {
        /// Path relative to the tree.
        pub path: String,
        /// Bytes.
        pub bytes: u64,
    }

    /// What the final image stage has, and what is recommended.
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
    struct Image {
        /// Base image today.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub current: Option<String>,
        /// Recommended base image.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub recommended: Option<String>,
        /// How sure.
        pub confidence: Confidence,
        /// What decided.
        pub reasons: Vec<String>,
        /// Runtime system packages to add.
        pub system_packages: Vec<String>,
    }

    /// One package of a project.
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
    struct Package {
        /// Package URL (`pkg:pypi/pandas@2.2.3`).
        pub id: String,
        /// Name as its metadata writes it.
        pub name: String,
        /// Version, if known.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub version: Option<String>,
        /// Who needs it.
        pub scope: Scope,
        /// Declared by the project itself.
        pub direct: bool,
        /// Production installs it today, needed or not: it is part of `prod_bytes`.
        #[serde(default)]
        pub ships: bool,
        /// Files it owns.
        #[serde(default)]
        pub files: u32,
        /// Apparent bytes on disk.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub installed_bytes: Option<u64>,
        /// Bytes in the binary.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub binary_bytes: Option<u64>,
        /// Estimate (compressed bytes of the lock).
        #[serde(skip_serializing_if = "Option::is_none")]
        pub estimated_bytes: Option<u64>,
        /// Apparent bytes of its source code, where that is what is measured.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub source_bytes: Option<u64>,
        /// Bytes of what disappears from production (or from the environment, for what is not in production) if this package goes.
        pub exclusive_bytes: u64,
        /// Number of packages that disappear with it, itself included.
        #[serde(default)]
        pub exclusive_packages: u32,
        /// Extras that are turned on, with the bytes that each alone brings.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub extras: Vec<Extra>,
        /// Ids of the packages that need it.
        pub required_by: Vec<String>,
        /// Where it is declared.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub declared: Vec<Declared>,
        /// Whether and where it is used.
        #[serde(rename = "use")]
        pub usage: Usage,
    }

    /// An extra that is turned on.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    struct Extra {
        /// Name.
        pub name: String,
        /// Bytes of what it alone brings.
        pub exclusive_bytes: u64,
        /// Whether something that it brings is used.
        pub used: bool,
    }

    /// A declaration.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    struct Declared {
        /// File.
        pub file: String,
        /// Line.
        pub line: u32,
        /// `prod`, `dev`, `build`, `optional`.
        pub group: String,
        /// Group's own name.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub group_name: Option<String>,
    }

    /// Whether and where a package is used.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    struct Usage {
        /// The verdict.
        pub status: Status,
        /// How sure.
        pub confidence: Confidence,
        /// Places that led to it, best first.
        pub evidence: Vec<Evidence>,
        /// Names of it that the project's own code uses (`DataFrame.groupby`).
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub names: Vec<String>,
        /// Number of places in the project's own code.
        #[serde(default)]
        pub sites: u32,
        /// Number of the project's own files.
        #[serde(default)]
        pub files: u32,
    }

    /// One piece of evidence.
    #[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    struct Evidence {
        /// What kind.
        pub kind: EvidenceKind,
        /// File, relative to the analysed root; for installed files, relative to the environment's tree.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub file: Option<String>,
        /// Line.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub line: Option<u32>,
        /// True when `file` is an installed one: a package uses it, not the project's own code.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub installed: bool,
        /// What stands there, or what was found out.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        pub text: String,
        /// Number of files searched, for `searched`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub files: Option<u32>,
        /// Kinds of places searched, for `searched`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub places: Vec<String>,
        /// The rule that led to it.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub rule: Option<String>,
    }

    /// A finding.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    struct Finding {
        /// Rule.
        pub code: Code,
        /// Rule's name.
        pub name: String,
        /// Severity after configuration.
        pub severity: Severity,
        /// How sure.
        pub confidence: Confidence,
        /// False when the base has it too.
        #[serde(default)]
        pub new: bool,
        /// Project id.
        pub project: String,
        /// Package id; empty when the finding is about none.
        #[serde(default)]
        pub package: String,
        /// Bytes that following it frees.
        pub bytes: u64,
        /// Packages that leave the lock when it is followed, where a lock tells.
        #[serde(default, skip_serializing_if = "is_zero")]
        pub packages: u32,
        /// One sentence.
        pub message: String,
        /// Where.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub location: Option<Location>,
        /// What led to it.
        pub evidence: Vec<Evidence>,
        /// What to do next, if not obvious.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub help: Vec<String>,
        /// Edit that resolves it.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub fix: Option<Fix>,
        /// Stable identity: code, project, package; no line numbers.
        pub fingerprint: String,
        /// The rule's page, when the documentation has an address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub url: Option<String>,
    }

    /// A place in a file.
    #[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    struct Location {
        /// File.
        pub file: String,
        /// Line, from 1.
        pub line: u32,
        /// Column, from 1.
        #[serde(default)]
        pub column: u32,
    }

    /// Edits that resolve a finding.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    struct Fix {
        /// `safe` (high confidence) or `unsafe`.
        pub applicable: Applicable,
        /// Byte edits.
        pub edits: Vec<Edit>,
        /// The same as whole lines, when all edits lie in neighbouring lines of one file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub lines: Option<Lines>,
        /// The changes to manifests that the edits carry out, by file; not in the JSON report. Several findings are fixed at once
        /// from these: edits that were made one finding at a time may collide.
        #[serde(skip)]
        pub changes: Vec<(String, Change)>,
    }

    /// Replaces lines `first..=last` of a file, from 1.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    struct Lines {
        /// File.
        pub file: String,
        /// First line.
        pub first: u32,
        /// Last line.
        pub last: u32,
        /// Replacement, a line each, without line breaks; empty when the lines go.
        pub text: Vec<String>,
    }

    /// Replaces bytes `start..end` of a file with `text`.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    struct Edit {
        /// File.
        pub file: String,
        /// First byte.
        pub start: usize,
        /// Byte after the last.
        pub end: usize,
        /// Replacement.
        pub text: String,
    }

    /// A finding that is hidden, and why.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    struct Ignored {
        /// Fingerprint.
        pub fingerprint: String,
        /// `inline`, `config`, `baseline`.
        pub by: String,
        /// The reason given.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub reason: Option<String>,
    }

    /// Something to know.
    #[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    struct Note {
        /// Project id, if it is about one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub project: Option<String>,
        /// File.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub file: Option<String>,
        /// Line.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub line: Option<u32>,
        /// One sentence.
        pub message: String,
        /// True when it makes the run fail (exit 2): an unreadable manifest.
        #[serde(default)]
        pub fatal: bool,
    }
}

impl Proved {
    /// Whether nearly all that was tried could be tried: what fails with everything installed too says nothing of what was left out.
    pub fn is_thorough(&self) -> bool {
        self.failed_anyway.len() as u64 * 10 <= u64::from(self.passed) + self.failed_anyway.len() as u64
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

macro_rules! words {
    ($($(#[$meta:meta])* $name:ident $case:literal { $($(#[$vmeta:meta])* $variant:ident $text:literal,)* })*) => {
        $($(#[$meta])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = $case)]
        pub enum $name { $($(#[$vmeta])* $variant,)* }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self { $(Self::$variant => $text,)* })
            }
        })*
    };
}

words! {
    /// How sizes were found.
    Measure "lowercase" {
        /// Apparent bytes of installed files.
        Installed "installed",
        /// Bytes inside a linked binary.
        Binary "binary",
        /// From a lockfile's download sizes.
        Estimated "estimated",
        /// Apparent bytes of the packages' source code, which is compiled and does not ship.
        Source "source",
        /// No size is known.
        #[default]
        Unknown "unknown",
    }

    /// Who needs a package.
    Scope "lowercase" {
        /// Production.
        Prod "prod",
        /// Only tests and tooling.
        Dev "dev",
        /// Only optional or guarded uses.
        Optional "optional",
        /// Nobody that could be found.
        #[default]
        Unused "unused",
    }

    /// Whether a package is used.
    Status "kebab-case" {
        /// Used by production code, a command, a plug-in, a setting …
        Used "used",
        /// Not used itself, but something used needs it: the declaration only pins it.
        Transitive "transitive",
        /// Only tests or tooling use it.
        Development "development",
        /// Only guarded uses were found.
        Optional "optional",
        /// No use was found.
        #[default]
        Unused "unused",
    }

    /// How sure a verdict is. Low is never an error and never fixed.
    Confidence "lowercase" {
        /// Something could hide a use.
        #[default]
        Low "low",
        /// Likely.
        Medium "medium",
        /// Everything was seen.
        High "high",
        /// Shown by running.
        Verified "verified",
    }

    /// Kinds of evidence.
    EvidenceKind "kebab-case" {
        /// A static import.
        Import "import",
        /// An import by name.
        DynamicImport "dynamic-import",
        /// A string that names it.
        String "string",
        /// A setting that names it.
        Setting "setting",
        /// A URL whose scheme needs it.
        Url "url",
        /// A framework feature that needs it.
        Trigger "trigger",
        /// An entry point.
        EntryPoint "entry-point",
        /// A plug-in of something used.
        Plugin "plugin",
        /// A script or task.
        Script "script",
        /// A container file.
        Dockerfile "dockerfile",
        /// A CI file.
        Ci "ci",
        /// Metadata of another package.
        Metadata "metadata",
        /// A shared library.
        LinkedLibrary "linked-library",
        /// A table of known facts.
        Rule "rule",
        /// The output of a run.
        Run "run",
        /// What was searched in vain.
        #[default]
        Searched "searched",
    }

    /// What a proof came to.
    Outcome "kebab-case" {
        /// It runs on what would ship.
        Proved "proved",
        /// It does not run on what would ship; it runs with what was put back.
        Mended "mended",
        /// It does not run with everything installed either: nothing is shown.
        #[default]
        Nothing "nothing",
    }

    /// Whether a fix may be applied without being asked.
    Applicable "lowercase" {
        /// High confidence.
        Safe "safe",
        /// Needs `--unsafe-fixes`.
        #[default]
        Unsafe "unsafe",
    }
}
