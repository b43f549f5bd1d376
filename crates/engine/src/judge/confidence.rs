//! How sure a verdict is: what could not be seen of a project, and of one package.

use super::Case;
use crate::link::{Known, closure};
use crate::observe::{Witness, bare};
use crate::read::Readers;
use depslim_model::report::Status;
use depslim_model::{Confidence, EvidenceKind, Group, Layer};

/// How sure a verdict is: what could not be seen lowers it.
pub(super) fn confidence(case: &Case<'_>, package: u32, status: Status, doubtful: &Doubt) -> Confidence {
    let node = case.graph.node(package);
    if matches!(status, Status::Used | Status::Transitive | Status::Optional) {
        return if node.known == Known::Installed { Confidence::High } else { Confidence::Medium };
    }
    if case.ecosystem.by_name {
        return confidence_by_name(case, package, doubtful);
    }
    // Tests use it, or it is a tool: that was seen, not concluded from silence.
    let positive = !case.seen(package).dev.is_empty() || case.rules.scopes.is_dev_tool(&node.canonical);
    // A lock names packages, not what they supply, unless a module's name is its package's.
    let known_modules = case.ecosystem.bare_is_package
        || node.known == Known::Installed
        || !node.provide.modules.is_empty()
        || case.rules.names.modules_of(&node.canonical).sure;
    let mut confidence = if node.known == Known::Installed { Confidence::High } else { Confidence::Medium };
    if node.known != Known::Installed && doubtful.brings(&node.canonical) {
        return Confidence::Low;
    }
    if positive {
        // Whoever ships the project does not ship what only its users may ask for.
        let mut lines = case.production_lines().filter(|(_, d)| d.package == package).peekable();
        let offered = lines.peek().is_some() && lines.all(|(_, d)| d.require.group == Group::Optional);
        return if offered || only_configured(case, package) { Confidence::Low } else { confidence };
    }
    let unseen = doubtful.modules || case.environment.is_none() || case.ecosystem.sees_all;
    if !known_modules && unseen || without_code(case) || only_below(case, package) {
        // What nobody told anything about may be what is imported under a name that nobody knows, or loaded by something that cannot
        // be looked into. Beside a list without any code nobody can tell who uses it.
        confidence = Confidence::Low;
    }
    if !case.observed.started && case.rules.scopes.is_started_from_outside(&node.canonical) {
        confidence = Confidence::Low;
    }
    if asked_by_others(case, package) {
        confidence = Confidence::Low;
    }
    if (doubtful.requirers && pinned(case, package)) || doubtful.may_require(case, package) {
        // A list may name what others require, and what those require is not known for all of them.
        confidence = Confidence::Low;
    }
    if case.ecosystem.sees_all && (imports_what_is_made(case) || brings_what_is_not_here(case, package)) {
        confidence = Confidence::Low;
    }
    let looked_for = !case.seen(package).optional.is_empty();
    if (doubtful.blind || looked_for) && confidence == Confidence::High {
        confidence = Confidence::Medium;
    }
    confidence
}

/// Whether each of a package's lines belongs to a feature that another project of the repository asks for: that one may use it.
fn asked_by_others(case: &Case<'_>, package: u32) -> bool {
    let mut lines = case.production_lines().filter(|(_, d)| d.package == package).peekable();
    let asked = |name: &str| case.asked.contains(&(case.ecosystem.canonical)(name));
    lines.peek().is_some()
        && lines.all(|(_, d)| d.require.group == Group::Optional && d.require.group_name.as_deref().is_some_and(asked))
}

/// Whether all that development is seen to do with a package is to name it in files of settings that are no code: they say how one
/// installation is set up, and those of production, which are often kept elsewhere, may well say the same. Those of tests do not.
fn only_configured(case: &Case<'_>, package: u32) -> bool {
    let dev = &case.seen(package).dev;
    let says = |w: &Witness| matches!(w.kind, EvidenceKind::Setting | EvidenceKind::Url | EvidenceKind::String);
    if dev.is_empty() || !dev.iter().all(says) {
        return false;
    }
    let code = Readers::of(case.ecosystem, Layer::Code);
    let of_tests = |file: &str| file.split('/').any(|part| part.to_ascii_lowercase().contains("test"));
    dev.iter().all(|w| !of_tests(&w.file) && code.for_path(&w.file).is_none())
}

/// Whether a project has no code of its own: its manifest serves something else. What its commands start elsewhere is another's.
fn without_code(case: &Case<'_>) -> bool {
    let all = case.observed.files_read + case.observed.files_unread;
    all as usize <= case.observed.borrowed.len()
}

/// Whether a package is used by projects in folders below which declare it too, and the folder around them has no production of its own:
/// nobody can tell which of the lists those are run from.
fn only_below(case: &Case<'_>, package: u32) -> bool {
    let observed = case.observed;
    observed.below.contains(&package) && observed.production.iter().all(|file| observed.borrowed.contains(file))
}

/// Whether production imports code of the project's own that is not there, as the names tell: it is made when the project is built,
/// and may use anything.
fn imports_what_is_made(case: &Case<'_>) -> bool {
    case.observed.unresolved.iter().any(|(module, file, _)| {
        let beginning: Vec<&str> = module.split(case.ecosystem.separator).take(2).collect();
        beginning.len() == 2 && file.contains(&format!("/{}/", beginning.join("/")))
    })
}

/// Whether production imports what nothing that is here supplies, and part of what the package brings is not here.
fn brings_what_is_not_here(case: &Case<'_>, package: u32) -> bool {
    let graph = case.graph;
    !case.observed.unresolved.is_empty()
        && closure(graph, case.ecosystem, case.target, vec![(package, [].as_slice())]).packages().any(|p| {
            let requires = graph.node(p).requires.iter().filter(|r| !r.peer);
            requires.into_iter().any(|r| graph.find(&(case.ecosystem.canonical)(&r.name)).is_none())
        })
}

/// Names lead to packages without anything installed; what can hide a use is a file that was not read whole, code that nobody can
/// read, and a name that nothing declared supplies.
fn confidence_by_name(case: &Case<'_>, package: u32, doubtful: &Doubt) -> Confidence {
    // Where packages are reached import by import, what does not resolve is the project's own code that is not there.
    let known = case.graph.node(package).known == Known::Installed || !case.installable(package);
    let sure = known && case.ecosystem.reach.is_none();
    if !case.seen(package).dev.is_empty() {
        return if doubtful.blind { Confidence::Medium } else { Confidence::High };
    }
    // A manifest beside which there is no code serves something else.
    if without_code(case) {
        return Confidence::Low;
    }
    match (case.observed.unresolved.is_empty() || sure, doubtful.blind) {
        (false, _) => Confidence::Low,
        (true, true) => Confidence::Medium,
        (true, false) => Confidence::High,
    }
}

/// What could not be seen of the project as a whole.
pub(super) struct Doubt {
    /// Of several things that production uses, nobody could tell what they require.
    requirers: bool,
    /// The things that production uses and nobody could tell the requirements of.
    untold: Vec<u32>,
    /// A source file was not read whole, or production imports something under a computed name.
    blind: bool,
    /// Production imports something of which nothing known tells who supplies it.
    modules: bool,
    /// What production imports and nothing known supplies, without case and separators.
    unresolved: Vec<String>,
}

impl Doubt {
    pub(super) fn of(case: &Case<'_>, needed: &[bool]) -> Self {
        let unknown =
            |p: &u32| needed[*p as usize] && case.graph.node(*p).known == Known::Declared && case.installable(*p);
        let untold: Vec<u32> = (0..case.graph.nodes.len() as u32).filter(unknown).collect();
        Self {
            requirers: untold.len() * 10 > case.graph.declared.len(),
            untold,
            blind: case.observed.files_unread > 0 || !case.observed.blind.is_empty(),
            modules: case.observed.unresolved.iter().any(|(module, ..)| !case.rules.names.knows(module)),
            unresolved: case
                .observed
                .unresolved
                .iter()
                .flat_map(|(module, ..)| {
                    let first = module.split(case.ecosystem.separator).find(|part| !part.is_empty());
                    // Where names begin with whom they are of, the first part is of half the world.
                    let first = first.filter(|_| !case.ecosystem.sees_all);
                    [Some(module.as_str()), first].into_iter().flatten().map(bare)
                })
                .collect(),
        }
    }

    /// True when something of which nobody could tell what it requires may well require a package: other packages are known to, or
    /// both are of one family (`carrack-client`, `carrack-core`).
    fn may_require(&self, case: &Case<'_>, package: u32) -> bool {
        let node = case.graph.node(package);
        if self.untold.is_empty() || node.known <= Known::Locked {
            return false;
        }
        let family = |name: &str| name.split('-').next().unwrap_or_default().len() >= MEANINGFUL - 1;
        let related = |other: &u32| {
            let other = &case.graph.node(*other).canonical;
            family(other) && other.split('-').next() == node.canonical.split('-').next()
        };
        let listed = |line: &str| {
            line.split_once(':').is_some_and(|(_, names)| {
                names.split_whitespace().any(|name| name.split('@').next() == Some(node.canonical.as_str()))
            })
        };
        self.untold.iter().any(related) || case.ecosystem.requirements.lines().any(listed)
    }

    /// True when something that production imports is named after a package, a part of it that comes as a package of its own
    /// (`checker_parts` of `checker`), or the package is named after what is imported, as forks are (`soup-ng`, `soup-v2`).
    fn brings(&self, package: &str) -> bool {
        let name = bare(package);
        name.len() >= MEANINGFUL
            && self.unresolved.iter().any(|module| {
                module.starts_with(&name) || (module.len() >= MEANINGFUL && name.contains(module.as_str()))
            })
    }
}

/// Shorter names begin too many others.
const MEANINGFUL: usize = 5;

/// True when every production line of the package names one exact version, as a frozen list does.
fn pinned(case: &Case<'_>, package: u32) -> bool {
    case.production_lines()
        .filter(|(_, d)| d.package == package)
        .all(|(_, d)| d.require.version.as_deref().is_some_and(|v| v.trim_start().starts_with("==")))
}
