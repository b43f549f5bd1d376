//! Plug-ins of what is used, and what used packages imply.

use super::{Input, Watch};
use crate::link::{Known, closure_with_lines};
use crate::rules::PluginRule;
use depslim_model::{EvidenceKind, Group, How, Plugin, Strength, Use};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// A plug-in that a package registers.
struct Registration<'a> {
    /// What it is called, when that is known.
    name: Option<&'a str>,
    /// How evidence speaks of it.
    text: String,
    /// Packages that look for it.
    hosts: Vec<u32>,
    /// True when they load it without being asked.
    auto: bool,
    /// The language's own runtime looks for it.
    runtime: bool,
}

impl<'a> Watch<'a> {
    /// Plug-ins of what is used, and what used packages imply, until nothing new comes.
    pub(super) fn take_plugins(&mut self) {
        let graph = self.input.graph;
        let named = self.named_strings();
        loop {
            let running = self.running();
            let mut new: Vec<(u32, Group, String, u32, String, Option<String>)> = Vec::new();
            for package in 0..graph.nodes.len() as u32 {
                if !self.out.seen[package as usize].needed() {
                    new.extend(
                        self.plugs_in(package, &named, &running)
                            .map(|(group, file, line, text)| (package, group, file, line, text, None)),
                    );
                }
            }
            let kept: Vec<&str> =
                (0..graph.nodes.len()).filter(|p| running[*p]).map(|p| graph.nodes[p].canonical.as_str()).collect();
            let world = std::mem::take(&mut self.world);
            for hit in self.input.rules.implied_by_packages(&kept, &world) {
                let unseen =
                    |p: &u32| !self.out.seen[*p as usize].needed() && !self.lines[*p as usize].only_development();
                if let Some(package) = graph.find(hit.package).filter(unseen) {
                    let text = format!("{}: {}", kept[hit.at], hit.reason);
                    new.push((package, Group::Prod, String::new(), 0, text, Some(hit.rule.to_owned())));
                }
            }
            self.world = world;
            if new.is_empty() {
                return;
            }
            for (package, group, file, line, text, rule) in new {
                let used =
                    Use { how: How::Text, name: String::new(), value: String::new(), strength: Strength::Lazy, line };
                self.witness(package, group, EvidenceKind::Plugin, &file, &used, text, rule.as_deref());
                if group == Group::Prod {
                    self.start(package, None);
                }
            }
            self.follow();
        }
    }

    /// Strings of production that name a plug-in of a package, and where they stand first.
    fn named_strings(&self) -> FxHashMap<&'a str, (Arc<str>, u32)> {
        let plugins = self.input.graph.nodes.iter().flat_map(|node| &node.provide.plugins);
        let names: FxHashSet<&'a str> = plugins.map(|plugin| plugin.name.as_str()).collect();
        let mut named = FxHashMap::default();
        for (used, placed) in self.uses.iter().zip(&self.placed).filter(|(_, p)| p.group == Group::Prod) {
            // `a+b` of a scheme may be registered as a whole or by its parts; `--kind=b` names `b`.
            let words: Vec<&str> = match used.how {
                How::Text | How::Url => std::iter::once(used.name.as_str()).chain(used.name.split('+')).collect(),
                How::Command => used.value.split(|c: char| c.is_whitespace() || c == '=').collect(),
                How::Setting | How::Call => vec![used.value.rsplit('=').next().unwrap_or_default()],
                _ => continue,
            };
            for name in words.into_iter().filter_map(|word| names.get(word)) {
                named.entry(*name).or_insert_with(|| (Arc::clone(&placed.file), used.line));
            }
        }
        named
    }

    /// By package: whether it runs in production, because it is seen to or because something that is requires it. A tool that only
    /// comes along does not count: nobody builds or tests there.
    fn running(&self) -> Vec<bool> {
        let Input { graph, ecosystem, target, rules, .. } = self.input;
        let needed = |package: u32| self.out.seen[package as usize].needed();
        let lines = graph.declared.iter().filter(|d| matches!(d.require.group, Group::Prod | Group::Optional));
        let lines: Vec<(u32, &[String])> = lines.map(|d| (d.package, d.require.features.as_slice())).collect();
        let roots: Vec<(u32, &[String])> =
            (0..graph.nodes.len() as u32).filter(|p| needed(*p)).map(|p| (p, [].as_slice())).collect();
        let kept = closure_with_lines(graph, ecosystem, target, &roots, &lines);
        let tool = |package: u32| {
            let name = &graph.node(package).canonical;
            rules.scopes.is_dev_tool(name) || rules.scopes.is_build_tool(name)
        };
        (0..graph.nodes.len() as u32).map(|p| needed(p) || (kept.has(p) && !tool(p))).collect()
    }

    /// Whether a package is a plug-in of something that is used: for whom, and what says so.
    fn plugs_in(
        &self,
        package: u32,
        named: &FxHashMap<&str, (Arc<str>, u32)>,
        running: &[bool],
    ) -> Option<(Group, String, u32, String)> {
        let graph = self.input.graph;
        let mut tooling = None;
        if self.input.ecosystem.sees_all && self.lines[package as usize].only_development() && !self.has_development {
            return None;
        }
        let ships = self.may_run(package) && !self.lines[package as usize].only_development();
        for registration in self.registrations(package) {
            let place = registration.name.and_then(|name| named.get(name));
            if registration.runtime && (registration.auto || place.is_some()) {
                let (file, line) = place.map_or_else(Default::default, |(file, line)| (file.to_string(), *line));
                let text = format!("plug-in {}", registration.text);
                if ships {
                    return Some((Group::Prod, file, line, text));
                }
                let already = self.out.seen[package as usize].dev.iter().any(|w| w.kind == EvidenceKind::Plugin);
                tooling = (!already).then_some((Group::Dev, file, line, text));
                continue;
            }
            for host in registration.hosts.iter().copied().filter(|h| *h != package) {
                // What plugs into a build tool works when something is built, and production builds nothing.
                if self.input.rules.scopes.is_build_tool(&graph.node(host).canonical) {
                    continue;
                }
                let seen = &self.out.seen[host as usize];
                let text = format!("plug-in {} of {}", registration.text, graph.node(host).provide.package);
                let wanted = registration.auto || place.is_some();
                if running[host as usize] && wanted && ships {
                    let (file, line) = place.map_or_else(Default::default, |(file, line)| (file.to_string(), *line));
                    return Some((Group::Prod, file, line, text));
                }
                let already = self.out.seen[package as usize].dev.iter().any(|w| w.kind == EvidenceKind::Plugin);
                let beside = self.input.ecosystem.sees_all && wanted && running[host as usize] && !ships;
                if beside && !already {
                    // Tests run with what production runs with, and with this on top of it.
                    tooling = Some((Group::Dev, String::new(), 0, text));
                } else if !seen.needed()
                    && (!seen.dev.is_empty() || self.input.rules.scopes.is_dev_tool(&graph.node(host).canonical))
                    && !already
                {
                    tooling = Some((Group::Dev, String::new(), 0, text));
                }
            }
        }
        tooling
    }

    /// What a package registers: as its metadata says, else, when it is not installed, as its name tells.
    fn registrations(&self, package: u32) -> Vec<Registration<'a>> {
        let Input { graph, ecosystem, rules, .. } = self.input;
        let node = graph.node(package);
        let hosts_of = |rule: &PluginRule| -> Vec<u32> {
            rule.hosts.iter().filter_map(|h| graph.find(&(ecosystem.canonical)(h))).collect()
        };
        if node.known != Known::Installed {
            let named = rules.plugins.of_package(&node.canonical);
            return named
                .map(|rule| Registration {
                    name: None,
                    text: "by its name".into(),
                    hosts: hosts_of(rule),
                    auto: rule.auto,
                    runtime: rule.runtime,
                })
                .collect();
        }
        let registered = |plugin: &'a Plugin| {
            let rule = rules.plugins.of_group(&plugin.group);
            Registration {
                name: Some(plugin.name.as_str()),
                text: format!("\"{}\" ({})", plugin.name, plugin.group),
                hosts: rule
                    .filter(|rule| !rule.hosts.is_empty())
                    .map_or_else(|| self.resolver.owners(&plugin.group.replace(['-', '_'], "_")), hosts_of),
                auto: rule.is_some_and(|r| r.auto),
                runtime: rule.is_some_and(|r| r.runtime),
            }
        };
        node.provide.plugins.iter().map(registered).collect()
    }
}
