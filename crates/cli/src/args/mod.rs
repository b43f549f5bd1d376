//! The command line: every command and flag, once. Help, man page and completions come from here.

mod cargo;
mod values;

use cargo::Cargo;
use clap::builder::FalseyValueParser;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{
    ArgAction, ArgMatches, Args, ColorChoice, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum,
};
use depslim::policy::FailOn;
use depslim_model::Code;
use depslim_report::{Format, ScopeFilter};
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use values::{ecosystems, formats, levels, output_file, rule, scopes, variable};

/// Which of the two programs was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `depslim`.
    Depslim,
    /// `cargo slim-deps`: the same for Rust.
    CargoSlimDeps,
}

/// What the production image of a project really needs
///
/// Measures what is installed, splits it into production and development, and reports what production does not need.
/// Reads files only: nothing of the project is run, nothing is written unless --fix or -o asks for it.
#[derive(Debug, Parser)]
#[command(
    name = "depslim",
    version,
    disable_help_subcommand = true,
    max_term_width = 100,
    after_help = "A folder that is called like a command: depslim ./export",
    after_long_help = "A folder that is called like a command: depslim ./export

Flags that write nothing also have an environment variable (DEPSLIM_FAIL_ON=warn), and most have a key in depslim.toml. A flag
beats the variable, the variable beats the file.

Exit codes: 0 nothing to fix, 1 findings at or above --fail-on, 2 bad usage, bad configuration or an unreadable manifest,
3 nothing to analyse."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) check: Check,
    #[command(flatten)]
    pub(crate) global: Global,
}

/// A command.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Measure, split production from development, report findings (the default)
    Check(Check),
    /// Explain a package (size, who needs it, every use, what its removal frees) or a rule
    Why(Why),
    /// Write what production needs: requirements, lockfile, manifest
    Export(Export),
    /// Run the project on what production would ship; put back what it turns out to need, and say why
    Prove(Prove),
    /// Make, update or resolve the comment on a pull request, from a finished report
    Comment(Comment),
    /// Print one stage's data as JSON
    Debug(Debug),
    /// Print completions, the man page or a JSON Schema
    #[command(hide = true)]
    Generate(Generate),
}

/// Flags of `check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Folders to analyse
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) rules: Rules,
    #[command(flatten)]
    pub(crate) output: Printing,
    #[command(flatten)]
    pub(crate) fix: Fixing,
    #[command(flatten)]
    pub(crate) analysis: Analysis,
    /// Exit 0 when there is nothing to analyse
    #[arg(long, env = "DEPSLIM_ALLOW_EMPTY", value_parser = FalseyValueParser::new())]
    pub(crate) allow_empty: bool,
}

/// Which findings count.
#[derive(Debug, Args)]
#[command(next_help_heading = "Findings")]
pub(crate) struct Rules {
    /// Compare with a git reference, or with the JSON report of an earlier run: only findings that the base lacks make the run fail
    #[arg(long, value_name = "GIT-REF|REPORT.json", env = "DEPSLIM_BASE")]
    pub(crate) base: Option<String>,
    /// Report these rules only (code or name)
    #[arg(long, value_name = "RULES", value_delimiter = ',', value_parser = rule, env = "DEPSLIM_SELECT")]
    pub(crate) select: Option<Vec<Code>>,
    /// Do not report these rules (code or name)
    #[arg(long, value_name = "RULES", value_delimiter = ',', value_parser = rule, env = "DEPSLIM_IGNORE")]
    pub(crate) ignore: Vec<Code>,
    /// Lowest severity that makes the run exit with 1 [default: error]
    #[arg(long, value_name = "LEVEL", value_parser = levels(), env = "DEPSLIM_FAIL_ON")]
    pub(crate) fail_on: Option<FailOn>,
    /// The same as --fail-on never
    #[arg(long, env = "DEPSLIM_EXIT_ZERO", value_parser = FalseyValueParser::new())]
    pub(crate) exit_zero: bool,
    /// Hide the findings that this file knows
    #[arg(long, value_name = "FILE", env = "DEPSLIM_BASELINE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Record today's findings in the baseline file [default: depslim-baseline.json]
    #[arg(long)]
    pub(crate) write_baseline: bool,
}

/// What is printed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Printing {
    /// Format of what is printed
    #[arg(long, value_name = "FORMAT", value_parser = formats(), env = "DEPSLIM_OUTPUT_FORMAT")]
    pub(crate) output_format: Option<Format>,
    /// Also write a file; its extension tells the kind: .json .jsonl .sarif .md .html
    #[arg(short, long, value_name = "FILE", value_parser = output_file)]
    pub(crate) output_file: Vec<PathBuf>,
    /// Length of the lists of what is largest
    #[arg(long, value_name = "N", default_value_t = 10, env = "DEPSLIM_TOP")]
    pub(crate) top: usize,
    /// Packages that the lists show
    #[arg(long, default_value = "prod", value_parser = scopes(), env = "DEPSLIM_SCOPE")]
    pub(crate) scope: ScopeFilter,
}

/// Changes to manifests.
#[derive(Debug, Args)]
#[command(next_help_heading = "Fixing")]
pub(crate) struct Fixing {
    /// Take unused lines out of manifests and move development lines, where that is certain
    #[arg(long)]
    pub(crate) fix: bool,
    /// Also where it is likely only
    #[arg(long)]
    pub(crate) unsafe_fixes: bool,
    /// Print the changes as a patch instead of making them; exit 1 when there are some
    #[arg(long)]
    pub(crate) diff: bool,
}

/// How projects are analysed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Analysis")]
pub(crate) struct Analysis {
    /// Ecosystems to look for [default: all]
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = ecosystems(), env = "DEPSLIM_ECOSYSTEM")]
    pub(crate) ecosystem: Vec<String>,
    /// Where nothing is installed, install the locked packages into depslim's cache and measure that; runs no code of packages
    #[arg(long, env = "DEPSLIM_INSTALL", value_parser = FalseyValueParser::new())]
    pub(crate) install: bool,
    /// Folder for what --install installs
    #[arg(long, value_name = "DIR", env = "DEPSLIM_CACHE_DIR")]
    pub(crate) cache_dir: Option<PathBuf>,
    /// Names of the packages to report on; empty for all.
    #[arg(skip)]
    pub(crate) packages: Vec<String>,
    /// Features that are on, as cargo's flags say; `None` for all.
    #[arg(skip)]
    pub(crate) features: Option<Vec<String>>,
}

/// Flags of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global")]
pub(crate) struct Global {
    /// Another configuration file, or one key: --config heavy="5 MB"
    #[arg(long, global = true, value_name = "FILE|KEY=VALUE", env = "DEPSLIM_CONFIG")]
    pub(crate) config: Vec<String>,
    /// Read no configuration file
    #[arg(long, global = true, env = "DEPSLIM_ISOLATED", value_parser = FalseyValueParser::new())]
    pub(crate) isolated: bool,
    /// Threads [default: number of cores]
    #[arg(long, global = true, value_name = "N", env = "DEPSLIM_JOBS")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Findings only; twice: nothing
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "verbose")]
    pub(crate) quiet: u8,
    /// More detail
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", env = "DEPSLIM_COLOR")]
    pub(crate) color: ColorChoice,
    /// Show no progress
    #[arg(long, global = true, env = "DEPSLIM_NO_PROGRESS", value_parser = FalseyValueParser::new())]
    pub(crate) no_progress: bool,
}

/// Flags of `why`.
#[derive(Debug, Args)]
pub(crate) struct Why {
    /// A package, or a rule by code or name
    #[arg(value_name = "PACKAGE or RULE")]
    pub(crate) subject: String,
    /// Folder to analyse
    #[arg(default_value = ".", hide_default_value = true)]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) analysis: Analysis,
}

/// Flags of `export`.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Folder to analyse
    #[arg(default_value = ".", hide_default_value = true)]
    pub(crate) path: PathBuf,
    /// Folder to write to [default: slim]
    #[arg(short, long, value_name = "DIR", env = "DEPSLIM_OUT_DIR")]
    pub(crate) out_dir: Option<PathBuf>,
    /// Write nothing; exit 1 when the files are not what export would write
    #[arg(long)]
    pub(crate) check: bool,
    /// Collect all that the program needs to run (interpreter, packages, shared libraries, certificates) into a new folder, for an
    /// image FROM scratch; writes only that and its Dockerfile.scratch
    #[arg(long, value_name = "DIR", conflicts_with = "check")]
    pub(crate) rootfs: Option<PathBuf>,
    /// Write the list of the files that production loads instead (production.files), for `tar -T`: only what is needed of each
    /// package
    #[arg(long, conflicts_with = "rootfs")]
    pub(crate) files: bool,
    /// With --files: the program starts with this file [default: what the image and the manifest start]
    #[arg(long, value_name = "FILE", requires = "files")]
    pub(crate) entry: Vec<PathBuf>,
    /// Root of the file system that --rootfs collects from
    #[arg(long, value_name = "ROOT", requires = "rootfs", default_value = "/")]
    pub(crate) from: PathBuf,
    #[command(flatten)]
    pub(crate) analysis: Analysis,
}

/// Flags of `prove`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 it runs on what production would ship, 1 something had to be put back, 2 nothing could be shown.

What would ship is built beside the original: neither the project nor its environment is changed. The command runs in a sandbox
where bubblewrap (bwrap) is installed: without network, with a read-only view of the machine. The output says so when it does not."
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Prove {
    /// Folder to analyse
    #[arg(default_value = ".", hide_default_value = true)]
    pub(crate) path: PathBuf,
    /// Command to run [default: import every production module, load what production names, or build]
    #[arg(last = true, value_name = "CMD")]
    pub(crate) command: Vec<String>,
    /// Judge this list of production's packages instead of what depslim would ship
    #[arg(long, value_name = "FILE")]
    pub(crate) list: Option<PathBuf>,
    /// Packages that are there beside that, to run tests: names, or `dev` for all that development needs
    #[arg(long, value_name = "PACKAGES", value_delimiter = ',')]
    pub(crate) with: Vec<String>,
    /// Record what had to be put back in the configuration, with the reason; with --trim, what goes in depslim-trim.txt
    #[arg(long, conflicts_with = "list")]
    pub(crate) write: bool,
    /// Tell what of what stays the run never loads
    #[arg(long)]
    pub(crate) watch: bool,
    /// Take files that nothing loads out of the packages that stay, and show that it runs without them: kinds, `all`, or by default
    /// those that no other run could load either
    #[arg(long, value_name = "KINDS", value_delimiter = ',', num_args = 0..=1, require_equals = true, default_missing_value = "default", value_parser = kind)]
    pub(crate) trim: Vec<String>,
    /// Seconds that one run may take
    #[arg(long, value_name = "SECONDS", default_value_t = 300, env = "DEPSLIM_TIMEOUT", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) timeout: u64,
    /// Set a variable for the command
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    pub(crate) env: Vec<(String, String)>,
    /// Let the command use the network
    #[arg(long)]
    pub(crate) with_network: bool,
    /// Run on a copy of the project that the command may write to
    #[arg(long)]
    pub(crate) writable: bool,
    /// Format of what is printed
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"], env = "DEPSLIM_OUTPUT_FORMAT")]
    pub(crate) output_format: String,
    #[command(flatten)]
    pub(crate) analysis: Analysis,
}

/// A kind of files that may be trimmed.
fn kind(text: &str) -> Result<String, String> {
    let kinds = depslim_model::proof::KINDS;
    if ["default", "all"].contains(&text) || kinds.iter().any(|(kind, ..)| *kind == text) {
        return Ok(text.to_owned());
    }
    let names: Vec<&str> = kinds.iter().map(|(kind, ..)| *kind).collect();
    Err(format!("no kind of files; the kinds are {}", names.join(", ")))
}

/// Flags of `comment`.
#[derive(Debug, Args)]
pub(crate) struct Comment {
    /// The JSON report of the run: depslim --base … -o depslim.json
    #[arg(value_name = "REPORT.json")]
    pub(crate) report: PathBuf,
    /// Folder whose configuration says how to comment
    #[arg(default_value = ".", hide_default_value = true)]
    pub(crate) path: PathBuf,
    /// Print the comment instead of posting it
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Tells several comments on one pull request apart
    #[arg(long, value_name = "WORD", default_value = "default", env = "DEPSLIM_COMMENT_KEY")]
    pub(crate) key: String,
    /// Number of the pull request [default: what CI says]
    #[arg(long, value_name = "N", env = "DEPSLIM_PULL_REQUEST")]
    pub(crate) pull_request: Option<u64>,
    /// Login that the comments are written under [default: the token's]
    #[arg(long, value_name = "LOGIN", env = "DEPSLIM_COMMENT_AUTHOR")]
    pub(crate) author: Option<String>,
    /// The forge [default: what CI says]
    #[arg(long, env = "DEPSLIM_FORGE")]
    pub(crate) forge: Option<crate::forge::Forge>,
    /// What the base is called, for --dry-run [default: the branch that the pull request goes into]
    #[arg(long, value_name = "NAME")]
    pub(crate) base_name: Option<String>,
    /// Where the whole report can be read [default: the job's page]
    #[arg(long, value_name = "URL", env = "DEPSLIM_COMMENT_LINK")]
    pub(crate) link: Option<String>,
}

impl Analysis {
    /// What an analysis is told by default, for commands that analyse nothing.
    pub(crate) fn unasked() -> Self {
        Self { ecosystem: Vec::new(), install: false, cache_dir: None, packages: Vec::new(), features: None }
    }
}

/// Flags of `debug`.
#[derive(Debug, Args)]
pub(crate) struct Debug {
    /// The stage
    pub(crate) stage: Stage,
    /// Folder to analyse
    #[arg(default_value = ".", hide_default_value = true)]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) analysis: Analysis,
}

/// A stage of the analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Stage {
    /// What each file says
    Facts,
    /// Packages and what they require
    Graph,
    /// Who uses what, and where
    Uses,
    /// What production installs and what leaves the manifests
    Plan,
    /// Bytes of every package
    Sizes,
}

impl Stage {
    /// The word for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Facts => "facts",
            Self::Graph => "graph",
            Self::Uses => "uses",
            Self::Plan => "plan",
            Self::Sizes => "sizes",
        }
    }
}

/// What `generate` prints.
#[derive(Debug, Args)]
pub(crate) struct Generate {
    #[command(subcommand)]
    pub(crate) what: Generated,
}

/// What `generate` prints.
#[derive(Debug, Subcommand)]
pub(crate) enum Generated {
    /// Completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// The man page
    Man,
    /// A JSON Schema
    Schema {
        /// Of what
        of: Schema,
    },
}

/// What a JSON Schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Schema {
    /// The JSON report
    Report,
    /// The configuration
    Config,
}

/// The command line's definition for a program.
pub(crate) fn definition(program: Program) -> clap::Command {
    let command = variables(Cli::command());
    match program {
        Program::Depslim => command.override_usage("depslim [OPTIONS] [PATH]...\n       depslim <COMMAND>"),
        Program::CargoSlimDeps => Cargo::augment_args(command)
            .name("cargo-slim-deps")
            .bin_name("cargo slim-deps")
            .about("Find what the packages of a Cargo workspace do not need, prove it, and take it out")
            .long_about(None)
            .override_usage("cargo slim-deps [OPTIONS] [PATH]...\n       cargo slim-deps <COMMAND>"),
    }
}

/// Keeps the variables out of the help, which says once that there are some. An empty one counts as not set: that is what an
/// input of a CI step becomes when nobody fills it.
fn variables(command: clap::Command) -> clap::Command {
    let unset = |arg: &clap::Arg| {
        arg.get_env().is_some_and(|name| std::env::var_os(name).is_some_and(|value| value.is_empty()))
    };
    let quiet = |arg: clap::Arg| if unset(&arg) { arg.env(None::<&'static str>) } else { arg.hide_env(true) };
    command.mut_args(quiet).mut_subcommands(variables)
}

/// Reads the command line. The first argument is the program's own name.
///
/// # Errors
/// What clap says about wrong usage, and about help and version.
pub(crate) fn parse(program: Program, mut arguments: Vec<OsString>) -> Result<Cli, clap::Error> {
    // cargo calls its subcommands with their name.
    if program == Program::CargoSlimDeps && arguments.get(1).is_some_and(|argument| argument == "slim-deps") {
        arguments.remove(1);
    }
    let mut definition = definition(program);
    let matches = definition.try_get_matches_from_mut(arguments)?;
    let mut cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut definition))?;
    if let Some(message) = misplaced(&definition, &matches).or_else(|| contradiction(&matches, &mut cli)) {
        return Err(definition.error(ErrorKind::ArgumentConflict, message));
    }
    if program == Program::CargoSlimDeps {
        for analysis in cli.analyses() {
            if analysis.ecosystem.is_empty() {
                analysis.ecosystem.push("rust".to_owned());
            }
        }
        let cargo = Cargo::from_arg_matches(&matches).map_err(|error| error.format(&mut definition))?;
        let here = std::env::current_dir().unwrap_or_default();
        cargo.apply(&mut cli, &here).map_err(|message| definition.error(ErrorKind::ValueValidation, message))?;
    }
    Ok(cli)
}

/// Flags that exclude each other. One that is typed beats the other's variable; two that are typed are a mistake.
fn contradiction(matches: &ArgMatches, cli: &mut Cli) -> Option<String> {
    let (check, of_check) = match (&mut cli.command, matches.subcommand()) {
        (Some(Command::Check(check)), Some((_, matches))) => (check, matches),
        _ => (&mut cli.check, matches),
    };
    if check.fix.unsafe_fixes && !check.fix.fix && !check.fix.diff {
        return Some("--unsafe-fixes widens --fix and --diff; add one of them".to_owned());
    }
    let rules = &mut check.rules;
    match (is_typed(of_check, "exit_zero"), is_typed(of_check, "fail_on")) {
        (true, true) => return Some("--exit-zero is --fail-on never; leave one of them out".to_owned()),
        (false, true) => rules.exit_zero = false,
        (true | false, false) => {}
    }
    let global = &mut cli.global;
    let names_file = global.config.iter().any(|value| !is_key(value));
    match (is_typed(matches, "isolated"), is_typed(matches, "config") && names_file) {
        (true, true) => {
            return Some(
                "--isolated reads no configuration file, --config names one; leave one of them out".to_owned(),
            );
        }
        (false, true) => global.isolated = false,
        (true, false) => global.config.retain(|value| is_key(value)),
        (false, false) => {}
    }
    None
}

/// Whether a value of `--config` is a key rather than a file.
pub(crate) fn is_key(value: &str) -> bool {
    value.contains('=') && !std::path::Path::new(value).exists()
}

/// Whether an argument stands on the command line: not a default, not from a variable.
fn is_typed(matches: &ArgMatches, id: &str) -> bool {
    // `value_source` panics on names that a command does not have.
    matches.try_contains_id(id).is_ok() && matches.value_source(id) == Some(ValueSource::CommandLine)
}

impl Cli {
    fn analyses(&mut self) -> impl Iterator<Item = &mut Analysis> {
        let command = match &mut self.command {
            Some(Command::Check(check)) => Some(&mut check.analysis),
            Some(Command::Why(why)) => Some(&mut why.analysis),
            Some(Command::Export(export)) => Some(&mut export.analysis),
            Some(Command::Prove(prove)) => Some(&mut prove.analysis),
            Some(Command::Debug(debug)) => Some(&mut debug.analysis),
            Some(Command::Comment(_) | Command::Generate(_)) | None => None,
        };
        command.into_iter().chain([&mut self.check.analysis])
    }
}

/// A flag of `check` before another command would be read by nobody: say so.
fn misplaced(definition: &clap::Command, matches: &ArgMatches) -> Option<String> {
    let (command, _) = matches.subcommand()?;
    let given = |arg: &&clap::Arg| !arg.is_global_set() && is_typed(matches, arg.get_id().as_str());
    let arg = definition.get_arguments().find(given)?;
    let flag = arg.get_long().map_or_else(|| "PATH".to_owned(), |long| format!("--{long}"));
    Some(format!("{flag} stands before `{command}`; put it behind: depslim {command} {flag}"))
}

#[cfg(test)]
mod tests;
