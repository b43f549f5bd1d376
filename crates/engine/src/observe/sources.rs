//! The project's own files: which are its, under which names, and what is taken from each layer of them.

use super::Watch;
use crate::read::{Readers, Sourced, read};
use depslim_model::{Alias, Facts, Group, How, Layer, Stage, Strength, Use};
use std::sync::Arc;

impl<'a> Watch<'a> {
    /// Files of this project: below its folder, and not below another project's.
    pub(super) fn own_files(&self) -> Vec<&'a str> {
        self.files_of(&self.input.project.folder)
    }

    /// Files below a project's folder, and not below another project's in it.
    pub(super) fn files_of(&self, folder: &str) -> Vec<&'a str> {
        let below = |other: &&str| *other != folder && inside(other, folder);
        let nested: Vec<&str> = self.input.others.iter().map(|o| o.folder.as_str()).filter(below).collect();
        let files = self.input.inventory.files.iter().map(String::as_str);
        files.filter(|file| inside(file, folder) && !nested.iter().any(|n| inside(file, n))).collect()
    }

    pub(super) fn read_code(&mut self) -> Vec<Sourced> {
        let files = self.own_files();
        let code = self.read_own(&files);
        let folder = self.input.project.folder.clone();
        self.resolver.set_aliases(self.aliases(&code));
        let by_convention = !self.input.ecosystem.bare_is_package;
        let mut roots = if by_convention { vec![folder.clone()] } else { Vec::new() };
        for sourced in &code {
            for root in &sourced.facts.module_roots {
                let root = root.trim_matches('/');
                let known = if self.input.inventory.folders.contains(root) {
                    Some(root.to_owned())
                } else {
                    crate::project::join(&folder, root)
                };
                if let Some(root) = known.filter(|r| self.input.inventory.folders.contains(r) && !roots.contains(r)) {
                    roots.push(root);
                }
            }
        }
        if !by_convention {
            self.resolver.set_roots(roots);
            return code;
        }
        let src = if folder.is_empty() { "src".to_owned() } else { format!("{folder}/src") };
        if self.input.inventory.folders.contains(&src) && !roots.contains(&src) {
            roots.push(src);
        }
        // Other projects of the repository may be this one's libraries.
        for other in self.input.others.iter().map(|other| &other.folder) {
            for root in [format!("{other}/src"), other.clone()] {
                if self.input.inventory.folders.contains(&root) && !roots.contains(&root) {
                    roots.push(root);
                }
            }
        }
        self.resolver.set_roots(roots);
        code
    }

    /// Names that stand for other modules: what the project's files say, and what other projects say for all.
    pub(super) fn aliases(&self, code: &[Sourced]) -> Vec<(String, Alias)> {
        let manifests = self.input.project.manifests.iter().map(|m| &**m);
        let own = manifests.chain(code).flat_map(|sourced| {
            let folder = sourced.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            sourced.facts.aliases.iter().map(move |alias| (folder.to_owned(), alias.clone()))
        });
        let public = self.input.others.iter().flat_map(|other| &other.aliases).cloned();
        own.chain(public).collect()
    }

    pub(super) fn take_code(&mut self, code: Vec<Sourced>, scopes: &[Group]) {
        self.searched(&format!("{} source", self.input.ecosystem.name), !code.is_empty());
        for (sourced, group) in code.into_iter().zip(scopes) {
            self.has_development |= *group == Group::Dev && !sourced.facts.uses.is_empty();
            if *group == Group::Prod {
                self.out.production.insert(sourced.path.clone());
            }
            if sourced.facts.problems.is_empty() {
                self.out.files_read += 1;
            } else {
                self.out.files_unread += 1;
                self.out.problems.extend(sourced.facts.problems.iter().map(|p| (sourced.path.clone(), p.clone())));
            }
            self.take_facts(&sourced.path, *group, None, sourced.facts);
        }
        // What the walk could not enter may hold code.
        let folder = self.input.project.folder.as_str();
        let unseen = self.input.inventory.problems.iter().filter(|(path, _)| inside(path, folder)).count();
        self.out.files_unread += unseen as u32;
        self.out.absent = self.absent(folder);
    }

    /// Whether a submodule that belongs into the project's folder was not checked out.
    ///
    /// Source of the format: gitmodules(5).
    fn absent(&self, folder: &str) -> bool {
        const LIST: &str = ".gitmodules";
        let inventory = self.input.inventory;
        if !inventory.set.contains(LIST) {
            return false;
        }
        let text = fs_err::read_to_string(inventory.root.join(LIST)).unwrap_or_default();
        let paths = text.lines().filter_map(|line| line.trim().strip_prefix("path")?.trim_start().strip_prefix('='));
        paths
            .map(|path| path.trim().trim_matches(['"', '/']))
            .any(|path| inside(path, folder) && !path.is_empty() && !inventory.folders.contains(path))
    }

    pub(super) fn take_config(&mut self) {
        let files = self.own_files();
        let config =
            read(self.input.inventory, &files, &Readers::of(self.input.ecosystem, Layer::Config), self.input.settings);
        self.searched("settings", true);
        self.searched("configuration files", !config.is_empty());
        for sourced in config {
            self.out.problems.extend(sourced.facts.problems.iter().map(|p| (sourced.path.clone(), p.clone())));
            let group = self.group_of(&sourced.path);
            self.take_facts(&sourced.path, group, None, sourced.facts);
        }
    }

    /// What manifests say beside requirements: where execution starts, what their tools use.
    pub(super) fn take_manifests(&mut self) {
        for sourced in &self.input.project.manifests {
            let group = self.group_of(&sourced.path);
            // Not all of it: what a lock provides and requires is a thousand times what is taken here.
            let Facts { installs, entries, uses, .. } = &sourced.facts;
            let (installs, entries, uses) = (installs.clone(), entries.clone(), uses.clone());
            self.take_facts(&sourced.path, group, None, Facts { installs, entries, uses, ..Facts::default() });
        }
    }

    pub(super) fn searched(&mut self, place: &str, really: bool) {
        if really && !self.out.places.iter().any(|p| p == place) {
            self.out.places.push(place.to_owned());
        }
    }

    pub(super) fn take_facts(&mut self, file: &str, group: Group, stage: Option<Stage>, facts: Facts) {
        let file: Arc<str> = file.into();
        for mut install in facts.installs {
            install.stage = stage.unwrap_or(install.stage);
            self.out.installs.push((file.to_string(), install));
        }
        for entry in facts.entries {
            let used = Use {
                how: How::Load,
                name: entry.target,
                value: String::new(),
                strength: Strength::Hard,
                line: entry.line,
            };
            let group = if stage.is_some() { group } else { group.max(entry.group) };
            self.take_use(&file, group, stage, used);
        }
        for used in facts.uses {
            self.take_use(&file, group, stage, used);
        }
    }
}

pub(super) fn inside(file: &str, folder: &str) -> bool {
    folder.is_empty() || file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
