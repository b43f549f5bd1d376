//! Files whose uses name packages already: the ecosystem has settled what they say together.

use super::{Placed, Watch};
use crate::observe::witness::{self, Witness};
use depslim_model::{Facts, Group, Use};

impl Watch<'_> {
    /// Takes the project's files, each for those whom it is said to be for.
    pub(super) fn take_joined(&mut self, files: &[(String, Facts)]) {
        for (path, facts) in files {
            if facts.problems.is_empty() {
                self.out.files_read += 1;
            } else {
                self.out.files_unread += 1;
                self.out.problems.extend(facts.problems.iter().map(|p| (path.clone(), p.clone())));
            }
            let group = facts.group.unwrap_or_default();
            self.out.entries.extend(facts.entries.iter().filter(|e| e.group == Group::Prod).map(|e| e.target.clone()));
            self.out.idle.extend(facts.idle.iter().map(|idle| (path.clone(), idle.clone())));
            for used in &facts.uses {
                self.take_named(path, group, used);
            }
            for used in &facts.dev_uses {
                self.take_named(path, Group::Dev, used);
            }
        }
        let folder = self.input.project.folder.as_str();
        let unseen =
            self.input.inventory.problems.iter().filter(|(path, _)| super::sources::inside(path, folder)).count();
        self.out.files_unread += unseen as u32;
        self.searched(&format!("{} source", self.input.ecosystem.name), !files.is_empty());
        self.searched("manifests", true);
    }

    /// Takes what the ecosystem found beyond the project's own files.
    pub(super) fn take_reached(&mut self) {
        let reached = self.input.reached;
        for file in reached {
            let group = file.facts.group.unwrap_or_default();
            for used in &file.facts.uses {
                if file.installed {
                    self.take_named_installed(&file.path, group, used);
                } else {
                    self.take_named(&file.path, group, used);
                }
            }
        }
        self.out.installed_read += reached.iter().filter(|file| file.installed).count() as u32;
    }

    /// A use in an installed file: another package needs it, for whoever needs that one.
    fn take_named_installed(&mut self, file: &str, group: Group, used: &Use) {
        let Some(package) = self.input.graph.find(&(self.input.ecosystem.canonical)(&used.value)) else { return };
        let seen = &mut self.out.seen[package as usize];
        let list = if group == Group::Prod { &mut seen.hidden } else { &mut seen.dev };
        list.push(Witness {
            kind: witness::kind_of(used.how),
            file: file.to_owned(),
            line: used.line,
            text: used.name.clone(),
            strength: used.strength,
            rule: None,
            installed: true,
        });
    }

    /// A use that says what stands there (`name`) and which package that is (`value`).
    fn take_named(&mut self, file: &str, group: Group, used: &Use) {
        if used.how == depslim_model::How::Computed {
            if group == Group::Prod {
                self.out.blind.push((file.to_owned(), used.line, used.name.clone()));
            }
            return;
        }
        if used.value.is_empty() {
            // Code that is not there yet hides what it uses, whoever imports it.
            if group == Group::Prod || self.input.ecosystem.reach.is_some() {
                self.out.unresolved.push((used.name.clone(), file.to_owned(), used.line));
            }
            return;
        }
        let Some(package) = self.input.graph.find(&(self.input.ecosystem.canonical)(&used.value)) else { return };
        self.witness(package, group, witness::kind_of(used.how), file, used, used.name.clone(), None);
        if group == Group::Prod {
            let seen = &mut self.out.seen[package as usize];
            seen.site(file);
            if let Some((_, name)) = used.name.split_once(self.input.ecosystem.separator) {
                seen.names.insert(name.to_owned());
            }
        }
        self.uses.push(used.clone());
        self.placed.push(Placed { file: file.into(), group, stage: None });
    }
}
