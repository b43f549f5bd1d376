//! One use at a time: what an import, a load or a name in code says about packages.

use super::names::bare;
use super::witness;
use super::{Placed, Watch, Witness};
use depslim_model::{EvidenceKind, Group, How, Stage, Strength, Use};
use std::sync::Arc;

impl Watch<'_> {
    pub(super) fn take_use(&mut self, place: &Arc<str>, group: Group, stage: Option<Stage>, one: Use) {
        let (file, used) = (&**place, &one);
        match used.how {
            How::Import | How::Dynamic | How::Load => self.take_import(file, group, stage, used),
            How::Name => {
                if group == Group::Prod {
                    self.take_name(file, used);
                }
            }
            How::Text | How::Setting => self.take_text(file, group, used, witness::kind_of(used.how)),
            How::Command => self.take_program(file, group, stage, used),
            How::Computed => {
                if group == Group::Prod {
                    self.out.blind.push((file.to_owned(), used.line, used.name.clone()));
                }
                self.take_beginning(file, group, stage, used);
            }
            How::Call | How::Url => {}
        }
        if !matches!(used.how, How::Computed) && used.strength != Strength::Types {
            self.uses.push(one);
            self.placed.push(Placed { file: Arc::clone(place), group, stage });
        }
    }

    pub(super) fn take_import(&mut self, file: &str, group: Group, stage: Option<Stage>, used: &Use) {
        let mut found = self.resolver.own(file, &used.name, member_of(used));
        if found.packages.is_empty() && found.own.is_empty() && !found.standard && !found.whole {
            let alike = self.named_alike(&used.name);
            if !alike.is_empty() {
                Arc::make_mut(&mut found).packages = alike;
            }
        }
        if group == Group::Prod && found.packages.len() > 1 && found.packages.iter().any(|p| self.may_run(*p)) {
            // Of several that supply it, production meets those that its lines bring.
            let met: Vec<u32> = found.packages.iter().copied().filter(|p| self.may_run(*p)).collect();
            if met.len() < found.packages.len() {
                let found = Arc::make_mut(&mut found);
                found.files.retain(|(package, _)| met.contains(package));
                found.packages = met;
            }
        }
        let kind = stage.map_or_else(|| witness::kind_of(used.how), |stage| witness::kind_of_stage(file, stage));
        for package in &found.packages {
            let text = import_text(used);
            let run = used.how == How::Load && stage.is_some();
            let group = match used.how {
                How::Load if run => self.group_of_run(*package, group, stage),
                How::Load => self.group_of_start(*package, group),
                _ => group,
            };
            self.witness(*package, group, kind, file, used, text, None);
            if group == Group::Prod {
                self.out.seen[*package as usize].site(file);
            }
        }
        let sure = used.strength > Strength::Optional && used.how != How::Load;
        if group == Group::Prod && sure && !found.packages.is_empty() {
            self.out.named.insert(used.name.clone());
        }
        if group == Group::Prod && found.standard && used.strength > Strength::Types {
            let place = || format!("{file}:{}", used.line);
            self.out.runtime.entry(used.name.clone()).or_insert_with(place);
        }
        if group == Group::Dev && used.strength > Strength::Types {
            self.dev_frontier.extend(found.files.iter().cloned());
        }
        if group == Group::Prod && used.strength > Strength::Types {
            self.frontier.extend(found.files.iter().cloned());
            let nowhere = found.packages.is_empty() && found.own.is_empty() && !found.standard && !found.whole;
            let first = used.name.split(self.input.ecosystem.separator).next().unwrap_or_default();
            let silent = used.how == How::Load || used.strength <= Strength::Optional || first.is_empty();
            if nowhere && !silent && !self.is_of_the_tree(&used.name, first) {
                self.out.unresolved.push((used.name.clone(), file.to_owned(), used.line));
            }
        }
    }

    /// Whether a name begins as folders of the tree do. Where names begin with whom they are of (`org.farm.barn`), the first three
    /// parts have to agree.
    fn is_of_the_tree(&mut self, name: &str, first: &str) -> bool {
        if !self.input.ecosystem.sees_all {
            return self.is_folder(first);
        }
        let parts: Vec<&str> = name.split(self.input.ecosystem.separator).collect();
        let path = parts[..parts.len().saturating_sub(1).clamp(1, 3)].join("/");
        let ends = |folder: &String| {
            folder.strip_suffix(path.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        };
        if let Some(known) = self.own_beginnings.get(&path) {
            return *known;
        }
        let known = self.input.inventory.folders.iter().any(ends);
        self.own_beginnings.insert(path, known);
        known
    }

    /// Whether any folder of the tree has this name.
    pub(super) fn is_folder(&mut self, name: &str) -> bool {
        let folders = &self.input.inventory.folders;
        let names = self
            .folder_names
            .get_or_insert_with(|| folders.iter().map(|f| f.rsplit('/').next().unwrap_or_default()).collect());
        names.contains(name)
    }

    /// A computed name that begins with a constant module: whatever it ends in, something of that module is imported.
    pub(super) fn take_beginning(&mut self, file: &str, group: Group, stage: Option<Stage>, used: &Use) {
        if let Some(module) = beginning_of(used, self.input.ecosystem.separator) {
            let (name, value) = (module.to_owned(), used.name.clone());
            let import = Use { how: How::Dynamic, name, value, strength: Strength::Lazy, line: used.line };
            self.take_import(file, group, stage, &import);
        }
    }

    /// Packages that nothing tells the modules of, and whose name is that of an imported module but for case and separators.
    pub(super) fn named_alike(&self, module: &str) -> Vec<u32> {
        if self.alike.is_empty() {
            return Vec::new();
        }
        let separator = self.input.ecosystem.separator;
        let ends = module.match_indices(separator).map(|(at, _)| at).chain([module.len()]);
        let mut beginnings: Vec<&str> = ends.take(3).map(|end| &module[..end]).collect();
        beginnings.reverse();
        let known = |name: &str| self.alike.get(&bare(name)).cloned();
        // `cloud.logging_v2` is a version of `cloud.logging`.
        let versioned =
            |name: &str| known(name.rsplit_once("_v").filter(|(_, v)| v.starts_with(|c: char| c.is_ascii_digit()))?.0);
        beginnings.into_iter().find_map(|name| known(name).or_else(|| versioned(name))).unwrap_or_default()
    }

    pub(super) fn take_name(&mut self, file: &str, used: &Use) {
        for package in self.resolver.owners(&used.name) {
            let seen = &mut self.out.seen[package as usize];
            let short =
                used.name.split_once(self.input.ecosystem.separator).map_or(used.name.as_str(), |(_, rest)| rest);
            // Thousands of files use the same few names.
            if !seen.names.contains(short) {
                seen.names.insert(short.to_owned());
            }
            seen.site(file);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "each is one field of the witness; a struct would only repeat it")]
    pub(super) fn witness(
        &mut self,
        package: u32,
        group: Group,
        kind: EvidenceKind,
        file: &str,
        used: &Use,
        text: String,
        rule: Option<&str>,
    ) {
        let seen = &mut self.out.seen[package as usize];
        let list = match (group, used.strength) {
            (Group::Build, _) if self.input.ecosystem.by_name => &mut seen.build,
            (Group::Dev | Group::Build, _) => &mut seen.dev,
            (_, Strength::Types) => &mut seen.types,
            (_, _) => &mut seen.prod,
        };
        list.push(Witness {
            kind,
            file: file.to_owned(),
            line: used.line,
            text,
            strength: used.strength,
            rule: rule.map(str::to_owned),
            installed: false,
        });
    }
}

pub(super) fn import_text(used: &Use) -> String {
    match (used.how, used.value.as_str()) {
        (How::Import, "") => format!("import {}", used.name),
        (How::Import, member) => format!("from {} import {member}", used.name),
        (How::Dynamic, function) => format!("{function}(\"{}\")", used.name),
        (_, "") => used.name.clone(),
        (_, value) => format!("{value} {}", used.name),
    }
}

/// `plugins` of a computed name that begins with `plugins.`.
pub(super) fn beginning_of<'u>(used: &'u Use, separator: &str) -> Option<&'u str> {
    let (module, _) = used.value.rsplit_once(separator)?;
    (!module.is_empty()).then_some(module)
}

/// What an import takes out of its module. An import by name, or by a command, takes nothing: its value says who imports.
pub(super) fn member_of(used: &Use) -> &str {
    if used.how == How::Import { &used.value } else { "" }
}
