//! Verdicts: who needs each package, and how sure that is. Pure: facts in, verdicts out.

use super::Case;
use super::confidence::{Doubt, confidence};
use crate::link::{Closure, Edge, Known, closure, closure_with_lines};
use crate::observe::{Seen, Witness};
use depslim_model::report::Status;
use depslim_model::{Confidence, Evidence, EvidenceKind, Group, Require, Strength};

/// The verdict on one package.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// Who needs it.
    pub status: Status,
    /// How sure.
    pub confidence: Confidence,
    /// What led to it, best first.
    pub evidence: Vec<Evidence>,
}

/// Verdicts on all packages, and the sets that follow from them.
#[derive(Debug, Clone, Default)]
pub struct Verdicts {
    /// By package.
    pub by_package: Vec<Verdict>,
    /// What the manifest installs for production today.
    pub today: Closure,
    /// What production needs: used packages and all that they require.
    pub kept: Closure,
    /// What development brings, production's packages included where it needs them.
    pub development: Closure,
}

/// Decides on every package of the project.
pub fn decide(case: &Case<'_>) -> Verdicts {
    let graph = case.graph;
    let count = graph.nodes.len() as u32;
    let production = |d: &&crate::link::Declared| matches!(d.require.group, Group::Prod | Group::Optional);
    let lines = || graph.declared.iter().filter(production);
    let today = close(case, lines().filter(|d| d.here).map(|d| (d.package, d.require.features.as_slice())).collect());

    let needed: Vec<bool> = (0..count).map(|p| case.seen(p).needed()).collect();
    let production: Vec<(u32, &[String])> = lines().map(|d| (d.package, d.require.features.as_slice())).collect();
    let close_with_lines =
        |roots: Vec<(u32, &[String])>| closure_with_lines(graph, case.ecosystem, case.target, &roots, &production);
    let running = close_with_lines((0..count).filter(|p| needed[*p as usize]).map(|p| (p, [].as_slice())).collect());
    let mut optional: Vec<bool> = (0..count).map(|p| is_optional(case, p, &running)).collect();
    let brings = if case.ecosystem.by_name { vec![None; needed.len()] } else { bringers(case, &needed) };

    let brings_for_development = bringers_for_development(case);

    // Roots of what production needs, with the extras that its lines ask for.
    let declared: Vec<bool> = (0..count).map(|p| lines().any(|d| d.package == p)).collect();
    let root = |p: u32| -> Vec<(u32, &[String])> {
        let mut roots: Vec<(u32, &[String])> =
            lines().filter(|d| d.package == p).map(|d| (p, d.require.features.as_slice())).collect();
        if roots.is_empty() {
            roots.push((p, &[]));
        }
        roots
    };
    let at = |p: u32| p as usize;
    // What somebody else brings is used like all else, and does not ship.
    let given = |p: u32| lines().any(|d| d.package == p) && lines().filter(|d| d.package == p).all(|d| d.require.given);
    let wanted = |p: &u32| needed[at(*p)] || brings[at(*p)].is_some() || (optional[at(*p)] && declared[at(*p)]);
    // Code of the repository that is declared like a package (a path, a workspace's member) is not judged: what it requires stays.
    let by_name = case.ecosystem.by_name;
    let member = |p: u32| !case.installable(p) && declared[at(p)] && !case.is_itself(p) && (!by_name || wanted(&p));
    let roots: Vec<u32> =
        (0..count).filter(|p| !given(*p) && if case.installable(*p) { wanted(p) } else { member(*p) }).collect();
    let seen = close_with_lines(roots.iter().copied().flat_map(root).collect());
    // What the configuration keeps stays, but is judged like everything else: policy has to tell a needed entry from a vain one.
    let configured = (0..count).filter(|p| case.keeps(*p).is_some() && declared[at(*p)]);
    for p in 0..count {
        optional[at(p)] = optional[at(p)] && declared[at(p)] && only_itself(p, &seen);
    }

    let tools: Vec<u32> = (0..count)
        .filter(|p| !case.seen(*p).dev.is_empty() || case.rules.scopes.is_dev_tool(&graph.node(*p).canonical))
        .collect();
    let dev_lines = graph
        .declared
        .iter()
        .filter(|d| matches!(d.require.group, Group::Dev | Group::Build))
        .map(|d| (d.package, d.require.features.as_slice()));
    let own = case.ecosystem.strict.then(|| Own::of(case, &seen));
    let development = close(
        case,
        dev_lines
            .chain(tools.iter().filter(|p| graph.declarations(**p).next().is_some()).map(|p| (*p, [].as_slice())))
            .collect(),
    );

    let doubt = Doubt::of(case, &needed);
    let by_package = (0..count)
        .map(|p| {
            let witnesses = case.seen(p);
            let mut verdict = Verdict::default();
            if own_tests_alone(case, p) {
                verdict.status = Status::Development;
                verdict.evidence = Seen::best(&witnesses.dev, 5);
                verdict.evidence.extend(Seen::best(&witnesses.hidden, 1));
            } else if witnesses.needed() {
                verdict.status = Status::Used;
                verdict.evidence = if witnesses.prod.is_empty() {
                    Seen::best(&witnesses.hidden, 3)
                } else {
                    Seen::best(&witnesses.prod, 5)
                };
            } else if by_name && declared[p as usize] && case.judged(p) {
                (verdict.status, verdict.evidence) = by_line(case, witnesses);
            } else if let Some(part) = brings[p as usize] {
                verdict.status = Status::Used;
                let text = format!("brings {}, which is used", graph.node(part).provide.package);
                verdict.evidence = vec![Evidence { kind: EvidenceKind::Metadata, text, ..Evidence::default() }];
                verdict.evidence.extend(Seen::best(&case.seen(part).prod, 2));
            } else if seen.has(p) && !optional[p as usize] && (own.is_none() || Own::wants(case, p, &seen)) {
                verdict.status = Status::Transitive;
                verdict.evidence = requirers(case, p, &seen);
            } else if optional[p as usize] {
                verdict.status = Status::Optional;
                verdict.evidence = optional_evidence(witnesses);
                if let Some(reason) = accelerates(case, p, &running) {
                    verdict
                        .evidence
                        .insert(0, Evidence { kind: EvidenceKind::Rule, text: reason, ..Evidence::default() });
                }
            } else if !witnesses.dev.is_empty() {
                verdict.status = Status::Development;
                verdict.evidence = Seen::best(&witnesses.dev, 5);
            } else if let Some(part) = brings_for_development[p as usize] {
                verdict.status = Status::Development;
                let text = format!("brings {}, which tests use", graph.node(part).provide.package);
                verdict.evidence = vec![Evidence { kind: EvidenceKind::Metadata, text, ..Evidence::default() }];
                verdict.evidence.extend(Seen::best(&case.seen(part).dev, 2));
            } else if let Some(own) = own.as_ref().filter(|_| Own::judges(case, p)) {
                (verdict.status, verdict.evidence) = own.verdict(case, p);
            } else if development.has(p) {
                verdict.status = Status::Development;
                verdict.evidence = if case.rules.scopes.is_dev_tool(&graph.node(p).canonical) {
                    vec![Evidence {
                        kind: EvidenceKind::Rule,
                        text: "a known development tool; no production use found".into(),
                        ..Evidence::default()
                    }]
                } else {
                    requirers(case, p, &development)
                };
                verdict.evidence.push(searched(case));
            } else {
                verdict.status = Status::Unused;
                verdict.evidence = vec![searched(case)];
                // Worth knowing before the line goes: who would have loaded it.
                verdict.evidence.extend(Seen::best(&witnesses.optional, 2));
            }
            verdict.confidence = confidence(case, p, verdict.status, &doubt);
            let silent = matches!(verdict.status, Status::Unused);
            if silent && (case.observed.absent || own.as_ref().is_some_and(|own| own.takes(case, p))) {
                verdict.confidence = Confidence::Low;
            }
            verdict
        })
        .collect::<Vec<Verdict>>();
    // What is doubtful is said, and stays.
    let doubtful = (0..count).filter(|p| {
        let verdict = &by_package[at(*p)];
        declared[at(*p)]
            && verdict.confidence == Confidence::Low
            && matches!(verdict.status, Status::Unused | Status::Development)
    });
    let kept = close_with_lines(roots.iter().copied().chain(configured).chain(doubtful).flat_map(root).collect());
    Verdicts { by_package, today, kept, development }
}

/// Where a declaration serves its own project alone: what that uses, for production or for development, and all that comes along.
struct Own {
    used: Closure,
}

impl Own {
    fn of(case: &Case<'_>, production: &Closure) -> Self {
        let at_work = |p: &u32| {
            let seen = case.seen(*p);
            production.has(*p) || seen.needed() || !seen.dev.is_empty() || !seen.types.is_empty()
        };
        let roots = (0..case.graph.nodes.len() as u32).filter(at_work).map(|p| (p, [].as_slice())).collect();
        Self { used: close(case, roots) }
    }

    /// Whether a line for something that others bring anyway serves somebody: whoever leaves it to its users to bring it.
    fn wants(case: &Case<'_>, package: u32, within: &Closure) -> bool {
        !Self::judges(case, package) || within.edges.iter().any(|e| is_peer(e, package))
    }

    fn judges(case: &Case<'_>, package: u32) -> bool {
        case.graph.declarations(package).next().is_some()
    }

    /// The verdict on a declared package that the project is not seen to use.
    fn verdict(&self, case: &Case<'_>, package: u32) -> (Status, Vec<Evidence>) {
        let scopes = &case.rules.scopes;
        let name = &case.graph.node(package).canonical;
        let types = &case.seen(package).types;
        if !types.is_empty() {
            return (Status::Development, Seen::best(types, 3));
        }
        let hosts: Vec<&Edge> = self.used.edges.iter().filter(|e| is_peer(e, package)).collect();
        if !hosts.is_empty() {
            let evidence = hosts.iter().take(3).map(|e| {
                let text = format!("left to its users by {}", case.graph.node(e.from).provide.package);
                Evidence { kind: EvidenceKind::Metadata, text, ..Evidence::default() }
            });
            return (Status::Development, evidence.collect());
        }
        if let Some(text) = self.described(case, package) {
            let evidence = Evidence { kind: EvidenceKind::Metadata, text, ..Evidence::default() };
            return (Status::Development, vec![evidence]);
        }
        let seen = case.seen(package);
        if let Some(list) = [&seen.types, &seen.maybe].into_iter().find(|list| !list.is_empty()) {
            return (Status::Development, Seen::best(list, 3));
        }
        let production = case.production_lines().any(|(_, d)| d.package == package);
        // Where the project is a tool itself, what it takes is named in its code like anything else.
        if production && scopes.is_dev_tool(name) && !case.tooling {
            let text = "a known development tool; no production use found".to_owned();
            let rule = Evidence { kind: EvidenceKind::Rule, text, ..Evidence::default() };
            return (Status::Development, vec![rule, searched(case)]);
        }
        let mut evidence = vec![searched(case)];
        evidence.extend(Seen::best(&case.seen(package).optional, 2));
        (Status::Unused, evidence)
    }
}

impl Own {
    /// Whether something that the project declares and uses says that it takes the package where its users bring it: few declare such
    /// a line by accident.
    fn takes(&self, case: &Case<'_>, package: u32) -> bool {
        let name = &case.graph.node(package).canonical;
        let offered = |r: &Require| {
            r.peer
                && (case.ecosystem.canonical)(&r.name) == *name
                && r.condition.as_deref().is_some_and(|c| !(case.ecosystem.holds)(c, case.target, &[]))
        };
        (0..case.graph.nodes.len() as u32)
            .filter(|p| *p != package && self.used.has(*p) && case.graph.declarations(*p).next().is_some())
            .any(|p| case.graph.node(p).requires.iter().any(offered))
    }

    /// What a package that only tells types tells them of, if the project uses that and it does not tell them itself.
    fn described(&self, case: &Case<'_>, package: u32) -> Option<String> {
        let of = (case.ecosystem.types_of)(&case.graph.node(package).canonical)?;
        let Some(described) = case.graph.find(&of) else {
            // The runtime, or what a page or a test runner brings: nothing in the project names it.
            return Some(format!("types of {of}, which no package brings"));
        };
        let seen = case.seen(described);
        let used = seen.needed()
            || [&seen.dev, &seen.types, &seen.maybe].iter().any(|list| !list.is_empty())
            || (self.used.has(described) && case.graph.declarations(described).next().is_some())
            || (self.used.has(described) && case.rules.scopes.is_dev_tool(&of));
        (used && !case.graph.node(described).provide.typed).then(|| format!("types of {of}"))
    }
}

fn is_peer(edge: &Edge, package: u32) -> bool {
    edge.peer && edge.to == package && edge.from != package
}

/// Where packages are reached import by import: of the project's own code only tests and tools use a package that is declared for it,
/// though other packages may need it in production.
fn own_tests_alone(case: &Case<'_>, package: u32) -> bool {
    let seen = case.seen(package);
    case.ecosystem.reach.is_some()
        && seen.prod.is_empty()
        && seen.dev.iter().any(|witness| !witness.installed)
        && case.graph.declarations(package).next().is_some()
}

/// Where code sees nothing but what its own project declares, a line counts for what is seen of it, whoever else brings the package.
fn by_line(case: &Case<'_>, seen: &Seen) -> (Status, Vec<Evidence>) {
    if seen.dev.is_empty() {
        let mut evidence = vec![searched(case)];
        // The build has lines of its own: this one it can not see.
        evidence.extend(Seen::best(&seen.build, 1));
        return (Status::Unused, evidence);
    }
    (Status::Development, Seen::best(&seen.dev, 5))
}

/// What was searched in vain.
pub(super) fn searched(case: &Case<'_>) -> Evidence {
    // The number is of all files that were read, so the places say that most of them are not the project's.
    let installed = (case.observed.installed_read > 0).then(|| "installed packages".to_owned());
    Evidence {
        kind: EvidenceKind::Searched,
        files: Some(case.observed.files_read + case.observed.installed_read),
        places: case.observed.places.iter().cloned().chain(installed).collect(),
        ..Evidence::default()
    }
}

fn close<'a>(case: &'a Case<'_>, roots: Vec<(u32, &'a [String])>) -> Closure {
    closure(case.graph, case.ecosystem, case.target, roots)
}

/// Uses that only type checkers see, or a known accelerator of something used. That an installed package would load it if it were
/// there is no use: hundreds of packages look for dozens of others.
fn is_optional(case: &Case<'_>, package: u32, running: &Closure) -> bool {
    let seen = case.seen(package);
    if seen.needed() || case.rules.scopes.is_dev_tool(&case.graph.node(package).canonical) {
        return false;
    }
    // A rule that says "if it were there" wants to see somebody look for it, as long as what is installed can be looked into.
    let told =
        !seen.maybe.is_empty() && (case.graph.node(package).known != Known::Installed || !seen.optional.is_empty());
    !seen.types.is_empty() || told || offered(case, package, running) || accelerates(case, package, running).is_some()
}

/// The project declares the package for those who ask for it, and something that runs looks for it and names it among its own
/// extras: to ask for the one is to ask for the other.
fn offered(case: &Case<'_>, package: u32, running: &Closure) -> bool {
    let seen = case.seen(package);
    let mut lines = case.production_lines().filter(|(_, d)| d.package == package).peekable();
    if seen.optional.is_empty() || lines.peek().is_none() || lines.any(|(_, d)| d.require.group != Group::Optional) {
        return false;
    }
    let holds = |condition: &str, features: &[&str]| (case.ecosystem.holds)(condition, case.target, features);
    let offers = |host: u32| {
        let node = case.graph.node(host);
        let name = &case.graph.node(package).canonical;
        let of_extra = |condition: &str| {
            !holds(condition, &[]) && node.provide.features.iter().any(|feature| holds(condition, &[feature]))
        };
        let requires = node.requires.iter().filter(|r| (case.ecosystem.canonical)(&r.name) == *name);
        requires.filter_map(|r| r.condition.as_deref()).any(of_extra)
    };
    let looks = |host: u32| {
        let modules = &case.graph.node(host).provide.modules;
        seen.optional.iter().filter(|w| w.installed).any(|w| {
            modules.iter().any(|module| {
                let path = module.replace(case.ecosystem.separator, "/");
                w.file.strip_prefix(&path).is_some_and(|rest| rest.starts_with(['/', '.']))
            })
        })
    };
    running.packages().any(|host| host != package && offers(host) && looks(host))
}

fn optional_evidence(seen: &Seen) -> Vec<Evidence> {
    [&seen.maybe, &seen.optional, &seen.types]
        .into_iter()
        .find(|list| !list.is_empty())
        .map(|list| Seen::best(list, 3))
        .unwrap_or_default()
}

fn accelerates(case: &Case<'_>, package: u32, running: &Closure) -> Option<String> {
    let name = &case.graph.node(package).canonical;
    // Nothing runs faster by a build tool; it only supplies a module, and then somebody looks for it.
    if case.rules.scopes.is_build_tool(name) && case.seen(package).optional.is_empty() {
        return None;
    }
    let canonical = case.ecosystem.canonical;
    case.rules
        .accelerators
        .iter()
        .filter(|a| a.packages.iter().any(|p| canonical(p) == *name))
        .find(|a| a.hosts.iter().filter_map(|h| case.graph.find(&canonical(h))).any(|h| running.has(h)))
        .map(|a| a.reason.clone())
}

/// Declared packages that are needed for what they bring: without their line, something that is used would be missing. Gives the
/// used package that each of them brings.
///
/// A package with modules of its own (an exporter that only gathers others, a meta package with a version file) is no different from
/// one without: what counts is that no other line holds what is used.
fn bringers(case: &Case<'_>, needed: &[bool]) -> Vec<Option<u32>> {
    let mut brings = vec![None; needed.len()];
    let lines: Vec<(u32, &[String])> =
        case.production_lines().map(|(_, d)| (d.package, d.require.features.as_slice())).collect();
    let own: Vec<(u32, &[String])> = lines.iter().filter(|(p, _)| needed[*p as usize]).copied().collect();
    let held = closure_with_lines(case.graph, case.ecosystem, case.target, &own, &lines);
    // Where each package sees its own requirements alone, only the project's own imports can miss what somebody brings.
    let looks = |p: u32| {
        let own = |w: &Witness| w.kind == EvidenceKind::Import && !w.installed && w.strength == Strength::Hard;
        !case.ecosystem.strict || case.ecosystem.sees_all || case.seen(p).prod.iter().any(own)
    };
    let orphans: Vec<u32> = (0..needed.len() as u32)
        .filter(|p| needed[*p as usize] && !held.has(*p) && case.installable(*p) && looks(*p))
        .collect();
    let idle = lines.iter().filter(|(p, _)| !needed[*p as usize]);
    for (package, features) in idle {
        let aggregator = case
            .rules
            .aggregators
            .iter()
            .any(|a| (case.ecosystem.canonical)(&a.package) == case.graph.node(*package).canonical)
            || only_gathers(case, *package);
        if orphans.is_empty() && !aggregator {
            continue;
        }
        let brought = close(case, vec![(*package, features)]);
        let found = orphans.iter().copied().find(|o| brought.has(*o));
        let gathered = || brought.packages().find(|p| *p != *package && needed[*p as usize]);
        if let Some(part) = found.or_else(|| aggregator.then(gathered).flatten()) {
            brings[*package as usize] = Some(part);
        }
    }
    brings
}

/// A package that is installed and supplies nothing itself, where code sees what it brings.
fn only_gathers(case: &Case<'_>, package: u32) -> bool {
    let node = case.graph.node(package);
    let empty = node.provide.modules.is_empty() && node.provide.plugins.is_empty() && node.provide.programs.is_empty();
    case.ecosystem.sees_all && node.known == Known::Installed && empty
}

/// The same for lines that nothing of production uses: what tests use and only such a line brings.
fn bringers_for_development(case: &Case<'_>) -> Vec<Option<u32>> {
    let count = case.graph.nodes.len();
    let mut brings = vec![None; count];
    if !case.ecosystem.sees_all {
        return brings;
    }
    let used = |p: u32| case.seen(p).needed() || !case.seen(p).dev.is_empty();
    let lines: Vec<u32> = case.judged_lines().map(|d| d.package).collect();
    let held = close(
        case,
        case.graph.declared.iter().filter(|d| used(d.package)).map(|d| (d.package, [].as_slice())).collect(),
    );
    for package in lines.into_iter().filter(|p| !used(*p)) {
        let brought = close(case, vec![(package, [].as_slice())]);
        let part = |p: &u32| *p != package && used(*p) && (only_gathers(case, package) || !held.has(*p));
        brings[package as usize] = brought.packages().find(part);
    }
    brings
}

/// True when the package is there for its own sake only: nothing else in the closure requires it.
fn only_itself(package: u32, within: &Closure) -> bool {
    !within.edges.iter().any(|e| e.to == package && e.from != package)
}

fn requirers(case: &Case<'_>, package: u32, within: &Closure) -> Vec<Evidence> {
    let mut names: Vec<String> = within
        .edges
        .iter()
        .filter(|e| e.to == package && e.from != package)
        .map(|e| {
            let name = &case.graph.node(e.from).provide.package;
            e.feature.as_ref().map_or_else(|| name.clone(), |f| format!("{name}[{f}]"))
        })
        .collect();
    names.dedup();
    names.truncate(5);
    names
        .into_iter()
        .map(|n| Evidence { kind: EvidenceKind::Metadata, text: format!("required by {n}"), ..Evidence::default() })
        .collect()
}
