//! What `cargo slim-deps` takes beside the flags of depslim: the ones that every subcommand of cargo has.

mod locked;

use super::{Cli, Command};
use clap::{Args, ValueEnum};
use depslim_formats::toml;
use depslim_report::Format;
use std::path::{Path, PathBuf};

/// Flags of cargo.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Packages, as cargo has them")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of cargo's")]
pub(crate) struct Cargo {
    /// Report on this package only; may be given several times
    #[arg(short, long = "package", global = true, value_name = "SPEC")]
    package: Vec<String>,
    /// Report on every package of the workspace
    #[arg(long, visible_alias = "all", global = true, conflicts_with = "package")]
    workspace: bool,
    /// The manifest of the package or workspace
    #[arg(long, global = true, value_name = "PATH")]
    manifest_path: Option<PathBuf>,
    /// Count what production has with these features; code under any feature is looked at all the same
    #[arg(
        short = 'F',
        long,
        global = true,
        value_name = "FEATURES",
        value_delimiter = ',',
        conflicts_with = "all_features"
    )]
    features: Vec<String>,
    /// Count what production has with every feature, as without any of these flags
    #[arg(long, global = true)]
    all_features: bool,
    /// Count what production has without default features
    #[arg(long, global = true, conflicts_with = "all_features")]
    no_default_features: bool,
    /// Fail when there is no Cargo.lock, or when it lacks what a manifest declares
    #[arg(long, global = true)]
    locked: bool,
    /// Fail when something would use the network; without --install nothing does
    #[arg(long, global = true)]
    offline: bool,
    /// The same as --locked and --offline
    #[arg(long, global = true)]
    frozen: bool,
    /// How findings are told, by cargo's names; --output-format has more
    #[arg(long, global = true, value_name = "FMT", value_enum)]
    message_format: Option<MessageFormat>,
}

/// Cargo's names for formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MessageFormat {
    /// For people
    Human,
    /// One line a finding
    Short,
    /// One JSON record a line
    Json,
}

impl MessageFormat {
    fn meant(self) -> Format {
        match self {
            Self::Human => Format::Text,
            Self::Short => Format::Concise,
            Self::Json => Format::Jsonl,
        }
    }
}

impl Cargo {
    /// Finds the workspace, as cargo does, and tells every command what it is to look at.
    ///
    /// # Errors
    /// When a named manifest or the lock that has to be there is missing, as a message.
    pub(super) fn apply(&self, cli: &mut Cli, here: &Path) -> Result<(), String> {
        if let Some(format) = self.message_format {
            let output = match &mut cli.command {
                Some(Command::Check(check)) => &mut check.output,
                None => &mut cli.check.output,
                Some(_) => return Err("--message-format is for check".into()),
            };
            output.output_format.get_or_insert(format.meant());
        }
        let features = self.turned_on();
        for analysis in cli.analyses() {
            if analysis.install && (self.offline || self.frozen) {
                return Err("--install uses the network, and --offline forbids it".into());
            }
            analysis.features.clone_from(&features);
        }
        let named = paths(cli).into_iter().any(|path| path != Path::new("."));
        if named && self.manifest_path.is_none() {
            for analysis in cli.analyses() {
                analysis.packages.clone_from(&self.package);
            }
            return Ok(());
        }
        let start = match &self.manifest_path {
            Some(path) if !here.join(path).is_file() => return Err(format!("{}: no such manifest", path.display())),
            Some(path) => here.join(path).parent().unwrap_or(here).to_owned(),
            None => here.to_owned(),
        };
        let Some(member) = nearest(&start, |_| true) else { return Ok(()) };
        let root = workspace(&member).unwrap_or_else(|| member.clone());
        if self.locked || self.frozen {
            locked::check(&root)?;
        }
        let mut packages = self.package.clone();
        if packages.is_empty() && !self.workspace && member != root {
            packages.extend(package(&member));
        }
        for path in paths(cli) {
            path.clone_from(&root);
        }
        for analysis in cli.analyses() {
            analysis.packages.clone_from(&packages);
        }
        Ok(())
    }
}

impl Cargo {
    /// The features that are asked for, the default ones by their name; `None` for all that there are.
    fn turned_on(&self) -> Option<Vec<String>> {
        let told = self.no_default_features || !self.features.is_empty();
        let default = (!self.no_default_features).then(|| "default".to_owned());
        let words = self.features.iter().flat_map(|list| list.split_whitespace()).map(str::to_owned);
        told.then(|| default.into_iter().chain(words).collect())
    }
}

/// The folders that the commands look at.
fn paths(cli: &mut Cli) -> Vec<&mut PathBuf> {
    let command = match &mut cli.command {
        Some(Command::Check(check)) => check.paths.iter_mut().collect(),
        Some(Command::Why(why)) => vec![&mut why.path],
        Some(Command::Export(export)) => vec![&mut export.path],
        Some(Command::Prove(prove)) => vec![&mut prove.path],
        Some(Command::Debug(debug)) => vec![&mut debug.path],
        _ => Vec::new(),
    };
    let mut all: Vec<&mut PathBuf> = command;
    all.extend(&mut cli.check.paths);
    all
}

/// The nearest folder with a manifest that fits, from `start` up.
fn nearest(start: &Path, fits: impl Fn(&str) -> bool) -> Option<PathBuf> {
    let manifest = |folder: &Path| fs_err::read_to_string(folder.join("Cargo.toml")).ok();
    start.ancestors().find(|folder| manifest(folder).is_some_and(|text| fits(&text))).map(Path::to_owned)
}

/// The workspace that a package belongs to: its own folder, the one it names, or the nearest one above.
fn workspace(member: &Path) -> Option<PathBuf> {
    let text = fs_err::read_to_string(member.join("Cargo.toml")).ok()?;
    let doc = toml::parse(&text).ok()?;
    if let Some(named) = doc.at(&["package", "workspace"]).and_then(|node| node.text()) {
        return Some(crate::config::clean(&member.join(named)));
    }
    nearest(member, |text| toml::parse(text).is_ok_and(|doc| doc.at(&["workspace"]).is_some()))
}

fn package(folder: &Path) -> Option<String> {
    let text = fs_err::read_to_string(folder.join("Cargo.toml")).ok()?;
    let doc = toml::parse(&text).ok()?;
    doc.at(&["package", "name"]).and_then(|node| node.text()).map(str::to_owned)
}
