//! The walk through installed files: hard imports are followed, late and guarded ones are only noted. First for production; then,
//! for what is left over, what tests and tooling load.

use super::witness::Witness;
use super::{Input, Watch};
use crate::link::closure;
use crate::memory::FactsByFile;
use crate::read::{Readers, load};
use depslim_model::{EvidenceKind, Facts, Group, How, Layer, Plugin, Source, Strength};
use rayon::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

impl Watch<'_> {
    /// Reads what production has reached so far in installed packages, and all that it needs at once.
    pub(super) fn follow(&mut self) {
        self.walk(Group::Prod);
    }

    /// The same for tests and tooling, as long as a line of production is there that nobody is seen to use.
    pub(super) fn follow_development(&mut self) {
        self.frontier = std::mem::take(&mut self.dev_frontier);
        self.walk(Group::Dev);
    }

    fn walk(&mut self, group: Group) {
        let readers = Readers::of(self.input.ecosystem, Layer::InstalledCode);
        let key = FactsByFile::installed_key(self.input.ecosystem.name, self.input.settings);
        loop {
            let mut frontier: Vec<(u32, PathBuf)> = std::mem::take(&mut self.frontier);
            frontier.sort();
            frontier.retain(|(_, file)| self.visited.insert(file.clone()));
            if frontier.is_empty() || (group == Group::Dev && !self.somebody_is_unseen()) {
                return;
            }
            let settings = self.input.settings;
            let memory = self.input.inventory.memory.as_deref();
            let read: Vec<Option<Arc<Facts>>> = frontier
                .par_iter()
                .map(|(_, file)| {
                    if let Some(known) = memory.and_then(|memory| memory.installed(file, key)) {
                        return Some(known);
                    }
                    let reader = readers.for_path(file.to_str()?)?;
                    let bytes = load(file).ok()?;
                    let facts = Arc::new((reader.read)(&Source { path: file.to_str()?, bytes: &bytes, settings }));
                    if let Some(memory) = memory {
                        memory.put_installed(file.clone(), key, Arc::clone(&facts));
                    }
                    Some(facts)
                })
                .collect();
            for ((package, file), facts) in frontier.into_iter().zip(read) {
                let Some(facts) = facts else { continue };
                self.out.installed_read += 1;
                self.take_installed(package, &file, &facts, group);
            }
        }
    }

    fn take_installed(&mut self, package: u32, file: &std::path::Path, facts: &Facts, group: Group) {
        let site = self.input.graph.node(package).site.as_deref();
        let relative = site.and_then(|s| file.strip_prefix(s).ok()).unwrap_or(file).to_string_lossy().into_owned();
        for used in facts.uses.iter().filter(|u| matches!(u.how, How::Import | How::Dynamic)) {
            if used.strength == Strength::Types {
                continue;
            }
            let found = self.resolver.from_installed(package, &relative, &used.name, super::uses::member_of(used));
            let first = used.name.split(self.input.ecosystem.separator).next().unwrap_or_default();
            if found.packages.iter().any(|p| *p != package) && self.carries_its_own(site, &relative, first) {
                continue;
            }
            for other in found.packages.iter().filter(|p| **p != package) {
                if self.input.ecosystem.strict && self.brings(package, *other) {
                    continue;
                }
                let (may_run, tests_only) = (self.may_run(*other), self.lines[*other as usize].only_development());
                // Nobody runs tests where there are none.
                if tests_only && self.input.ecosystem.sees_all && !self.has_development {
                    continue;
                }
                let seen = &mut self.out.seen[*other as usize];
                let list = match (group, used.strength) {
                    // What only tests have beside it is there when they run.
                    (Group::Prod, Strength::Hard) if tests_only && self.input.ecosystem.sees_all => &mut seen.dev,
                    (Group::Prod, _) if !may_run => continue,
                    (Group::Prod, Strength::Hard) => &mut seen.hidden,
                    (Group::Prod, _) => &mut seen.optional,
                    (_, Strength::Hard) => &mut seen.dev,
                    _ => continue,
                };
                // A few places are enough evidence: one big framework imports the same helper a hundred times.
                if list.len() < 8 {
                    let text = super::uses::import_text(used);
                    list.push(Witness {
                        kind: EvidenceKind::Import,
                        file: relative.clone(),
                        line: used.line,
                        text,
                        strength: used.strength,
                        rule: None,
                        installed: true,
                    });
                }
            }
            if used.strength == Strength::Hard {
                self.frontier.extend(found.files.iter().cloned());
            }
        }
    }

    /// Whether a package brings another one itself: that it loads it says nothing about the project's own declaration.
    fn brings(&mut self, package: u32, other: u32) -> bool {
        let Input { graph, ecosystem, target, .. } = self.input;
        if ecosystem.sees_all {
            let brings = self.brings.entry(package);
            let brings = brings.or_insert_with(|| closure(graph, ecosystem, target, [(package, [].as_slice())]).holds);
            return brings[other as usize]
                && !graph
                    .node(package)
                    .requires
                    .iter()
                    .any(|r| r.peer && (ecosystem.canonical)(&r.name) == graph.node(other).canonical);
        }
        let name = &graph.node(other).canonical;
        let own = graph.node(package).requires.iter().filter(|r| !r.peer);
        own.map(|r| (ecosystem.canonical)(&r.name)).any(|required| required == *name)
    }

    /// A package that is used by name: what its own start loads is loaded too.
    pub(super) fn start(&mut self, package: u32, program: Option<&str>) {
        let provide = &self.input.graph.node(package).provide;
        if self.started.insert(package) {
            for module in provide.modules.iter().take(8) {
                let found = self.resolver.package(module, "");
                self.frontier.extend(found.files.iter().cloned());
            }
        }
        // What is registered for tools alone is not loaded where none of them runs.
        let for_tools = |plugin: &Plugin| {
            let Input { rules, .. } = self.input;
            let hosts = rules.plugins.of_group(&plugin.group).map_or(&[][..], |rule| &rule.hosts);
            let tool = |host: &String| rules.scopes.is_dev_tool(host) || rules.scopes.is_build_tool(host);
            !hosts.is_empty() && hosts.iter().all(tool)
        };
        let targets: Vec<&str> = provide
            .plugins
            .iter()
            .filter(|p| program.is_none_or(|name| p.name == name) && !for_tools(p))
            .map(|p| p.target.split(':').next().unwrap_or_default().trim())
            .filter(|t| !t.is_empty())
            .take(8)
            .collect();
        for target in targets {
            let found = self.resolver.package(target, "");
            self.frontier.extend(found.files.iter().cloned());
        }
    }
}

/// Folders in which packages carry copies of others that they put on the module path themselves.
const VENDORED: &[&str] = &["_vendor", "_vendored", "vendor", "vendored"];

impl Watch<'_> {
    /// True when the package that a file belongs to carries its own copy of a module: it does not need the one that is installed.
    fn carries_its_own(&mut self, site: Option<&std::path::Path>, file: &str, module: &str) -> bool {
        let (Some(site), Some((top, _))) = (site, file.split_once('/')) else { return false };
        top != module
            && !module.is_empty()
            && VENDORED.iter().any(|folder| self.resolver.exists(site, &format!("{top}/{folder}/{module}")))
    }
}
