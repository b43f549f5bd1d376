//! What observation saw of each package: witnesses, with their places.

use depslim_model::{Evidence, EvidenceKind, How, Stage, Strength};
use std::collections::{BTreeMap, BTreeSet};

/// One thing that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// What kind.
    pub kind: EvidenceKind,
    /// File: relative to the analysed root, or to the environment's tree for installed files.
    pub file: String,
    /// Line; 0 when the whole file says it.
    pub line: u32,
    /// What stands there.
    pub text: String,
    /// How badly the package is needed.
    pub strength: Strength,
    /// The rule that led here.
    pub rule: Option<String>,
    /// The file is an installed one: a package uses it, not the project's own code.
    pub installed: bool,
}

impl Witness {
    /// As the report shows it.
    pub fn evidence(&self) -> Evidence {
        Evidence {
            kind: self.kind,
            file: (!self.file.is_empty()).then(|| self.file.clone()),
            line: (self.line > 0).then_some(self.line),
            text: self.text.clone(),
            rule: self.rule.clone(),
            installed: self.installed,
            ..Evidence::default()
        }
    }
}

/// All that was seen of one package.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Uses by production: the project's code, commands, settings, rules.
    pub prod: Vec<Witness>,
    /// Hard imports in installed files that production reaches.
    pub hidden: Vec<Witness>,
    /// Guarded or late imports in installed files that production reaches.
    pub optional: Vec<Witness>,
    /// Rules that say that something used would load it if it were there.
    pub maybe: Vec<Witness>,
    /// Uses that only type checkers see.
    pub types: Vec<Witness>,
    /// Uses by tests and tooling.
    pub dev: Vec<Witness>,
    /// Uses by the build, where its lines are judged apart ([`depslim_model::Ecosystem::by_name`]).
    pub build: Vec<Witness>,
    /// Names of it that production code uses.
    pub names: BTreeSet<String>,
    /// Places in production code, by file.
    pub sites: BTreeMap<String, u32>,
}

impl Seen {
    /// True when production needs it: the project uses it, or something that runs loads it.
    pub fn needed(&self) -> bool {
        !self.prod.is_empty() || !self.hidden.is_empty()
    }

    /// Counts one place in a file.
    pub(super) fn site(&mut self, file: &str) {
        match self.sites.get_mut(file) {
            Some(count) => *count += 1,
            None => drop(self.sites.insert(file.to_owned(), 1)),
        }
    }

    /// The strongest witnesses first, one a file, at most `most`.
    pub fn best(witnesses: &[Witness], most: usize) -> Vec<Evidence> {
        let mut order: Vec<&Witness> = witnesses.iter().collect();
        order.sort_by(|a, b| {
            (rank(a.kind), std::cmp::Reverse(a.strength), &a.file, a.line).cmp(&(
                rank(b.kind),
                std::cmp::Reverse(b.strength),
                &b.file,
                b.line,
            ))
        });
        let mut files = BTreeSet::new();
        order.into_iter().filter(|w| files.insert(&w.file)).take(most).map(Witness::evidence).collect()
    }
}

/// Plain imports convince most; strings and tables least.
fn rank(kind: EvidenceKind) -> u8 {
    match kind {
        EvidenceKind::Import => 0,
        EvidenceKind::Dockerfile => 1,
        EvidenceKind::Setting => 2,
        EvidenceKind::DynamicImport => 3,
        EvidenceKind::Url | EvidenceKind::Trigger => 4,
        EvidenceKind::Script | EvidenceKind::EntryPoint => 5,
        EvidenceKind::Plugin => 6,
        EvidenceKind::Ci => 8,
        EvidenceKind::Rule | EvidenceKind::Searched => 9,
        _ => 7,
    }
}

/// The kind of evidence that a use of this kind is.
pub(super) fn kind_of(how: How) -> EvidenceKind {
    match how {
        How::Import | How::Name => EvidenceKind::Import,
        How::Dynamic | How::Computed => EvidenceKind::DynamicImport,
        How::Call => EvidenceKind::Trigger,
        How::Setting => EvidenceKind::Setting,
        How::Url => EvidenceKind::Url,
        How::Text => EvidenceKind::String,
        How::Command | How::Load => EvidenceKind::Script,
    }
}

/// The kind of evidence that a command is, by where it stands.
pub(super) fn kind_of_stage(file: &str, stage: Stage) -> EvidenceKind {
    let name = file.rsplit('/').next().unwrap_or(file).to_ascii_lowercase();
    match stage {
        Stage::Ci => EvidenceKind::Ci,
        Stage::Run | Stage::ImageBuild | Stage::Builder
            if name.contains("dockerfile") || name.contains("containerfile") || name.contains("compose") =>
        {
            EvidenceKind::Dockerfile
        }
        _ => EvidenceKind::Script,
    }
}
