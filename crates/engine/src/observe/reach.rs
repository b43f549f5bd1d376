//! The walk through the project's own code: who each file is for, and which files outside of the project's folder run with it.

use super::answers::Done;
use super::sources::inside;
use super::text::{is_setting, looks_like_module, module_of};
use super::uses::member_of;
use super::{Placed, Watch, group_of_stage};
use crate::commands::surely_development;
use crate::project::{Other, join};
use crate::read::{Readers, Sourced, read};
use depslim_model::{Command, Group, How, Layer, Strength, Use};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

impl Watch<'_> {
    /// Who a file is for, by convention.
    pub(super) fn group_of(&self, path: &str) -> Group {
        self.group_below(&self.input.project.folder, path)
    }

    fn group_below(&self, folder: &str, path: &str) -> Group {
        let within = path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/');
        if self.input.rules.scopes.is_dev_path(within) {
            Group::Dev
        } else if self.input.rules.scopes.is_build_path(within) {
            Group::Build
        } else {
            Group::Prod
        }
    }

    /// Who each file is for: what conventions say, and on top of that what production starts and imports. Files of the tree that are
    /// imported from outside of the project's folder (code that several services share) are added to `code`.
    pub(super) fn scopes(&mut self, code: &mut Vec<Sourced>) -> Vec<Group> {
        let mut scopes: Vec<Group> = code.par_iter().map(|s| self.group_of(&s.path)).collect();
        for (source, scope) in code.iter().zip(&mut scopes).filter(|(_, scope)| **scope == Group::Prod) {
            let imports = source.facts.uses.iter().filter(|used| used.how == How::Import);
            if imports.into_iter().any(|used| self.input.rules.scopes.is_dev_import(&used.name)) {
                *scope = Group::Dev;
            }
        }
        let started = self.started_files();
        self.reach(code, &mut scopes, Group::Prod, started);
        self.reach(code, &mut scopes, Group::Dev, Vec::new());
        let borrowed = code.iter().map(|s| &s.path).filter(|path| self.is_borrowed(path));
        self.out.borrowed = borrowed.cloned().collect();
        scopes
    }

    /// Whether the innermost project around a file is another one.
    fn is_borrowed(&self, path: &str) -> bool {
        let own = self.input.project.folder.as_str();
        let around = self.input.others.iter().map(|o| o.folder.as_str()).filter(|folder| inside(path, folder));
        around.map(str::len).max().is_some_and(|other| !inside(path, own) || other > own.len())
    }

    /// Uses by projects in folders below of packages that they do not declare themselves: people install the outer list for all of
    /// them. Where what members install may lie in the folder around them, the project around them sees it too. Asked only
    /// while a line is there that nobody is seen to use.
    pub(super) fn take_nested(&mut self) {
        let folder = self.input.project.folder.as_str();
        let dependents: Vec<String> = self.dependents().into_iter().map(str::to_owned).collect();
        let shared = self.input.ecosystem.several_versions && !self.input.ecosystem.by_name;
        let near = |o: &&Other| {
            inside(&o.folder, folder) || (shared && inside(folder, &o.folder)) || dependents.contains(&o.folder)
        };
        let nested: Vec<&Other> = self.input.others.iter().map(|o| &**o).filter(near).collect();
        if nested.is_empty() || !self.somebody_is_unseen() {
            return;
        }
        let sees_all = self.input.ecosystem.sees_all;
        let first = self.uses.len();
        let layers: &[Layer] = if sees_all { &[Layer::Code, Layer::Config] } else { &[Layer::Code] };
        for (layer, other) in layers.iter().flat_map(|layer| nested.iter().map(move |other| (*layer, *other))) {
            let readers = Readers::of(self.input.ecosystem, layer);
            let theirs = self.files_of(&other.folder);
            for sourced in read(self.input.inventory, &theirs, &readers, self.input.settings) {
                let group = self.group_below(&other.folder, &sourced.path);
                for used in &sourced.facts.uses {
                    let import = (sees_all && used.how == How::Text) || matches!(used.how, How::Import | How::Dynamic);
                    if import && (used.strength > Strength::Types || self.input.ecosystem.bare_is_package) {
                        self.take_nested_import(other, &sourced.path, group, used);
                    }
                }
                if sees_all {
                    // Rules say what else follows from them.
                    let place: Arc<str> = sourced.path.as_str().into();
                    let placed = Placed { file: place, group, stage: None };
                    self.placed.extend(std::iter::repeat_n(placed, sourced.facts.uses.len()));
                    self.uses.extend(sourced.facts.uses);
                }
            }
        }
        self.take_implied(first);
        for (path, file) in self.input.all_commands {
            let innermost = self
                .input
                .others
                .iter()
                .map(|o| &**o)
                .filter(|o| inside(path, &o.folder))
                .max_by_key(|o| o.folder.len());
            let Some(other) = innermost.filter(|o| near(o)) else { continue };
            for (at, command) in file.commands.iter().enumerate() {
                self.surely_development = surely_development(file, at);
                self.take_nested_command(other, path, command);
            }
        }
        self.surely_development = false;
        self.follow();
        self.take_plugins();
    }

    /// Folders of projects that see what this one's lines bring: those that declare it, directly or through others, and those that
    /// inherit its lines. Only where code sees everything that is brought.
    fn dependents(&self) -> Vec<&str> {
        let super::Input { ecosystem, project, others, graph, .. } = self.input;
        if !ecosystem.sees_all {
            return Vec::new();
        }
        let own = project.manifests.iter().filter_map(|m| m.facts.manifest.as_ref()?.name.as_deref());
        let mut names: BTreeSet<String> = own.map(ecosystem.canonical).collect();
        let mut found: Vec<&str> = Vec::new();
        loop {
            let new = others
                .iter()
                .map(|o| &**o)
                .filter(|o| !found.contains(&o.folder.as_str()) && !o.declares.is_disjoint(&names));
            let new: Vec<&Other> = new.collect();
            if new.is_empty() {
                break;
            }
            found.extend(new.iter().map(|o| o.folder.as_str()));
            names.extend(new.iter().flat_map(|o| o.names.iter().cloned()));
        }
        let own = |d: &&crate::link::Declared| !d.require.inherited;
        let lines: BTreeSet<&str> =
            graph.declared.iter().filter(own).map(|d| graph.node(d.package).canonical.as_str()).collect();
        let heirs = others.iter().filter(|o| o.inherits.iter().any(|name| lines.contains(name.as_str())));
        found.extend(heirs.map(|o| o.folder.as_str()));
        found
    }

    /// A program that a project below runs and that only the list around it brings.
    fn take_nested_command(&mut self, other: &Other, file: &str, command: &Command) {
        let graph = self.input.graph;
        let facts = (self.input.ecosystem.command)(command);
        for used in facts.uses.iter().filter(|used| used.how == How::Command) {
            for package in self.supplies_program(used.name.rsplit('/').next().unwrap_or(&used.name)) {
                let canonical = &graph.node(package).canonical;
                // Under another name it stays beside the copy of whoever declares it by its own.
                let renamed =
                    |d: &crate::link::Declared| (self.input.ecosystem.canonical)(&d.require.name) != *canonical;
                let mut declared = graph.declarations(package).peekable();
                let missing = declared.peek().is_none();
                if missing || other.declares.contains(canonical) && !declared.any(renamed) {
                    continue;
                }
                let group = self.group_of_run(package, group_of_stage(command.stage), Some(command.stage));
                let text = format!("{} {}", used.name, used.value).trim_end().chars().take(80).collect();
                let kind = super::witness::kind_of_stage(file, command.stage);
                self.witness(package, group, kind, file, used, text, None);
            }
        }
    }

    fn take_nested_import(&mut self, other: &Other, file: &str, group: Group, used: &Use) {
        let found = self.resolver.own(file, &used.name, member_of(used));
        let graph = self.input.graph;
        let sees_all = self.input.ecosystem.sees_all;
        let declared = |package: &u32| graph.declarations(*package).next().is_some();
        let theirs = |package: &u32| other.declares.contains(&graph.node(*package).canonical);
        // Where one place holds all that is installed, the folder around them may be it.
        if !self.input.ecosystem.several_versions && !self.input.ecosystem.by_name && group == Group::Prod {
            let both = found.packages.iter().copied().filter(|package| declared(package) && theirs(package));
            self.out.below.extend(both);
        }
        let ours = |package: &u32| (sees_all || declared(package)) && !theirs(package);
        for package in found.packages.iter().copied().filter(ours) {
            self.witness(
                package,
                group,
                super::witness::kind_of(used.how),
                file,
                used,
                super::uses::import_text(used),
                None,
            );
            if group == Group::Prod {
                self.frontier.extend(found.files.iter().filter(|(owner, _)| *owner == package).cloned());
            }
        }
    }

    /// Follows imports from the files of one group, and from `reached`.
    fn reach(&mut self, code: &mut Vec<Sourced>, scopes: &mut Vec<Group>, group: Group, mut reached: Vec<String>) {
        let readers = Readers::of(self.input.ecosystem, Layer::Code);
        let mut place: HashMap<String, usize> = code.iter().enumerate().map(|(at, s)| (s.path.clone(), at)).collect();
        let mut work: Vec<usize> =
            (0..code.len()).filter(|at| (scopes[*at] == Group::Prod) == (group == Group::Prod)).collect();
        let mut done = Done::default();
        loop {
            let mut outside: Vec<String> = Vec::new();
            if group == Group::Prod {
                self.out.reached.extend(reached.iter().cloned());
            }
            for file in reached.drain(..) {
                match place.get(&file) {
                    Some(&at) if group == Group::Prod && scopes[at] != Group::Prod => {
                        scopes[at] = Group::Prod;
                        work.push(at);
                    }
                    Some(_) => {}
                    None => outside.push(file),
                }
            }
            outside.sort();
            outside.dedup();
            let paths: Vec<&str> = outside.iter().map(String::as_str).collect();
            for sourced in read(self.input.inventory, &paths, &readers, self.input.settings) {
                place.insert(sourced.path.clone(), code.len());
                work.push(code.len());
                code.push(sourced);
                scopes.push(group);
            }
            if work.is_empty() {
                return;
            }
            if group == Group::Prod {
                self.read_closely(code, &work);
            }
            for at in work.drain(..) {
                let here = &code[at];
                // Guarded imports run too where they can.
                for used in here.facts.uses.iter().filter(|u| u.strength > Strength::Types) {
                    self.own_files_of(&here.path, group, used, &mut done, &mut reached);
                }
            }
        }
    }

    /// The project's own files that one use in its code executes, unless the same answer was given already.
    fn own_files_of(&mut self, file: &str, group: Group, used: &Use, done: &mut Done, reached: &mut Vec<String>) {
        let (module, member) = match used.how {
            How::Import | How::Dynamic => (used.name.as_str(), member_of(used)),
            // A setting of production names its parts.
            How::Setting if group == Group::Prod && is_setting(&used.name) => {
                (module_of(&used.value, self.input.ecosystem.separator), "")
            }
            // Any module below the beginning may be meant.
            How::Computed if group == Group::Prod => {
                let beginning = super::uses::beginning_of(used, self.input.ecosystem.separator);
                if let Some(module) = beginning {
                    reached.extend(self.resolver.all_below(file, module));
                }
                return;
            }
            _ => return,
        };
        if used.how == How::Setting && !looks_like_module(module, self.input.ecosystem.separator) {
            return;
        }
        let found = self.resolver.own(file, module, member);
        let settled = found.whole || found.standard || !found.packages.is_empty();
        if settled && !done.is_new(&found) {
            return;
        }
        reached.extend(found.own.iter().cloned());
        if !settled {
            reached.extend(self.resolver.left_out(file, module, member));
        }
    }

    /// The project's own files that the image's commands and the manifests start.
    fn started_files(&mut self) -> Vec<String> {
        let mut targets: Vec<(&str, String)> = Vec::new();
        for (path, file) in self.input.commands {
            for command in file.commands.iter().filter(|c| group_of_stage(c.stage) == Group::Prod) {
                let facts = (self.input.ecosystem.command)(command);
                let loads = facts.uses.into_iter().filter(|u| u.how == How::Load).map(|u| u.name);
                targets.extend(facts.entries.into_iter().map(|e| e.target).chain(loads).map(|t| (path.as_str(), t)));
            }
        }
        for sourced in &self.input.project.manifests {
            let entries = sourced.facts.entries.iter().filter(|e| e.group == Group::Prod);
            targets.extend(entries.map(|e| (sourced.path.as_str(), e.target.clone())));
        }
        self.out.starts.extend(targets.iter().map(|(path, target)| ((*path).to_owned(), target.clone())));
        targets.into_iter().flat_map(|(path, target)| self.own_target(path, &target)).collect()
    }

    /// The own files behind a target: a file, by its path in the project or in the image, or a module.
    fn own_target(&mut self, from: &str, target: &str) -> Vec<String> {
        let folders = [self.input.project.folder.as_str(), from.rsplit_once('/').map_or("", |(folder, _)| folder)];
        let mut rest = target.trim_start_matches('/');
        loop {
            let found =
                folders.iter().filter_map(|folder| join(folder, rest)).find(|f| self.input.inventory.set.contains(f));
            if let Some(file) = found {
                return vec![file];
            }
            // In the image the project lies in some other folder (`/app/tools/seed`).
            let Some((_, below)) = rest.split_once('/') else { break };
            rest = below;
        }
        self.resolver.own(from, target, "").own.clone()
    }
}
