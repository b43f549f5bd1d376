//! Strings and settings that may name a module: when they count, and for what.

use super::Watch;
use crate::link::Known;
use depslim_model::{EvidenceKind, Group, How, Strength, Use};
use std::sync::Arc;

impl Watch<'_> {
    /// A string that names a module of a package that the project declares: whoever reads it will load that. What only comes along
    /// is named by many words that mean something else.
    pub(super) fn take_declared_name(&mut self, file: &str, group: Group, used: &Use, kind: EvidenceKind) {
        let found = self.resolver.package(&used.name, "");
        for package in found.packages.iter().copied() {
            if self.input.graph.declarations(package).next().is_none() {
                continue;
            }
            let value = if used.value.is_empty() { "string" } else { used.value.as_str() };
            let weak = Use { strength: used.strength.min(Strength::Lazy), ..used.clone() };
            self.witness(package, group, kind, file, &weak, format!("{value}: \"{}\"", used.name), None);
            let files = found.files.iter().filter(|(owner, _)| *owner == package).cloned();
            if group == Group::Prod { self.frontier.extend(files) } else { self.dev_frontier.extend(files) }
        }
    }

    /// A string that may name a module. It counts when the module is really there, not when it only looks like one.
    pub(super) fn take_text(&mut self, file: &str, group: Group, used: &Use, kind: EvidenceKind) {
        let (text, setting) = match used.how {
            How::Setting => (used.value.as_str(), true),
            _ => (used.name.as_str(), is_setting(&used.value)),
        };
        if self.input.ecosystem.bare_is_package && used.how == How::Text {
            self.take_declared_name(file, group, used, kind);
            return;
        }
        let name = module_of(text, self.input.ecosystem.separator);
        let separator = self.input.ecosystem.separator;
        if !looks_like_module(name, separator) {
            return;
        }
        let parts = name.matches(separator).count() + 1;
        if parts == 1 && !(used.how == How::Setting && is_setting(&used.name)) {
            return;
        }
        if self.resolver.is_own(file, name) {
            return;
        }
        let mut found = self.resolver.package(name, "");
        let known = found.packages.iter().any(|p| self.input.graph.node(*p).known == Known::Installed);
        if known && !found.whole {
            let parent = name.rfind(separator).map_or("", |at| &name[..at]);
            let above = self.resolver.package(parent, "");
            let deep = parent.contains(separator) || setting;
            if parent.is_empty() || !above.whole || !deep {
                return;
            }
            found = above;
        }
        if parts == 1 {
            // One word may be any word (`STYLE = "black"`).
            let tool = |p: u32| self.input.rules.scopes.is_dev_tool(&self.input.graph.node(p).canonical);
            let meant = |p: u32| !self.lines[p as usize].only_development() && !tool(p);
            let found = Arc::make_mut(&mut found);
            found.packages.retain(|p| meant(*p));
            found.files.retain(|(p, _)| meant(*p));
        }
        for package in found.packages.iter().copied() {
            let text = if used.how == How::Setting {
                format!("{} = {text}", used.name)
            } else if used.value.is_empty() {
                format!("\"{text}\"")
            } else {
                format!("{}: \"{text}\"", used.value)
            };
            let weak = Use { strength: used.strength.min(Strength::Lazy), ..used.clone() };
            self.witness(package, group, kind, file, &weak, text, None);
        }
        if group == Group::Prod {
            self.frontier.extend(found.files.iter().cloned());
        }
    }
}

/// The module of `module:attribute`; any other text as it is.
pub(super) fn module_of<'t>(text: &'t str, separator: &str) -> &'t str {
    match text.split_once(':') {
        Some((module, attribute)) if looks_like_module(attribute, separator) => module,
        _ => text,
    }
}

pub(super) fn looks_like_module(text: &str, separator: &str) -> bool {
    !text.is_empty()
        && text.len() < 200
        && text.split(separator).all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
}

/// Settings are written in capitals, by every framework's convention.
pub(super) fn is_setting(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or_default();
    first.len() > 1 && first.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}
