//! Files of development are read for their imports alone: most of a project's code is tests, and whether a test uses a package is
//! nearly always told by its imports. Where that leaves a line of production that nobody is seen to use, the files that hold a word
//! which could be a use of it are read in full.

use super::Watch;
use crate::read::{Readers, Sourced, load, read, read_own};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use depslim_model::{Facts, Group, Layer, Source};
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// What a reading found, and whether it was of the imports alone.
type Glanced = (Sourced, bool);

impl<'a> Watch<'a> {
    /// The project's own code, in the order of `files`.
    pub(super) fn read_own(&mut self, files: &[&'a str]) -> Vec<Sourced> {
        let super::Input { ecosystem, inventory, settings, rules, .. } = self.input;
        let full = Readers::of(ecosystem, Layer::Code);
        let Some(telling) = finder(rules.scopes.dev_in_full()).filter(|telling| telling.patterns_len() > 0) else {
            return read(inventory, files, &full, settings);
        };
        let fast = Readers::of(ecosystem, Layer::InstalledCode);
        let (code, glanced): (Vec<Sourced>, Vec<bool>) = files
            .par_iter()
            .filter_map(|path| -> Option<Glanced> {
                let reader = full.for_path(path)?;
                let sourced = |facts: Facts| Sourced { path: (*path).to_owned(), reader: reader.name, facts };
                let glance = (self.group_of(path) == Group::Dev).then(|| fast.for_path(path)).flatten();
                let file = inventory.absolute(path);
                // A glance that an earlier run took is the same one now.
                let memory = inventory.memory.as_ref();
                let known = memory.zip(glance).and_then(|(memory, glance)| memory.get(&file, glance, settings));
                if let Some(known) = known {
                    return Some((sourced((*known).clone()), true));
                }
                let known = memory.and_then(|memory| memory.get(&file, reader, settings));
                let glance = if known.is_some() { None } else { glance };
                let Some((glance, bytes)) = glance.zip(load(&file).ok()) else {
                    return Some((sourced(read_own(inventory, path, reader, settings)), false));
                };
                let source = Source { path, bytes: &bytes, settings };
                let whole = telling.is_match(&bytes);
                let by = if whole { reader } else { glance };
                let facts = (by.read)(&source);
                if let Some(memory) = memory {
                    memory.put(file, by, settings, Arc::new(facts.clone()));
                }
                Some((sourced(facts), !whole))
            })
            .unzip();
        self.glanced = code.iter().zip(glanced).filter(|(_, g)| *g).map(|(s, _)| s.path.clone()).collect();
        code
    }

    /// Reads in full what production turned out to reach.
    pub(super) fn read_closely(&mut self, code: &mut [Sourced], places: &[usize]) {
        let again: Vec<usize> = places.iter().copied().filter(|at| self.glanced.remove(&code[*at].path)).collect();
        let paths: Vec<&str> = again.iter().map(|at| code[*at].path.as_str()).collect();
        let readers = Readers::of(self.input.ecosystem, Layer::Code);
        let fresh = read(self.input.inventory, &paths, &readers, self.input.settings);
        for (at, sourced) in again.into_iter().zip(fresh) {
            code[at] = sourced;
        }
    }

    /// Reads in full the files of development that may use what nobody is seen to use.
    pub(super) fn take_glanced(&mut self) {
        if self.glanced.is_empty() || !self.somebody_is_unseen() {
            return;
        }
        let words = self.words_of_unseen();
        let finder = words.and_then(|words| finder(words.iter().map(String::as_str)));
        let mut paths: Vec<String> = std::mem::take(&mut self.glanced).into_iter().collect();
        paths.sort();
        let readers = Readers::of(self.input.ecosystem, Layer::Code);
        let super::Input { inventory, settings, .. } = self.input;
        let found: Vec<(String, Facts)> = paths
            .into_par_iter()
            .filter_map(|path| {
                let bytes = load(&inventory.absolute(&path)).ok()?;
                if finder.as_ref().is_some_and(|finder| !finder.is_match(&bytes)) {
                    return None;
                }
                let facts = (readers.for_path(&path)?.read)(&Source { path: &path, bytes: &bytes, settings });
                Some((path, facts))
            })
            .collect();
        let before = self.uses.len();
        for (path, facts) in found {
            if !facts.problems.is_empty() {
                self.out.files_read = self.out.files_read.saturating_sub(1);
                self.out.files_unread += 1;
                self.out.problems.extend(facts.problems.iter().map(|p| (path.clone(), p.clone())));
            }
            self.take_facts(&path, Group::Dev, None, facts);
        }
        self.take_implied(before);
    }

    /// What a text must hold to be a use of a package that nobody is seen to use. `None` when there is nothing to go by.
    fn words_of_unseen(&self) -> Option<FxHashSet<String>> {
        let super::Input { graph, rules, ecosystem, .. } = self.input;
        let mut words = FxHashSet::default();
        let mut names = Vec::new();
        for package in self.unseen() {
            let node = graph.node(package);
            words.extend(super::names::modules_of(self.input, package));
            words.extend(node.provide.programs.iter().cloned());
            words.extend(rules.names.programs_of(&node.canonical).map(str::to_owned));
            words.extend(node.provide.plugins.iter().map(|p| p.name.clone()));
            words.extend([node.canonical.clone(), node.canonical.replace('-', "_")]);
            names.push(node.canonical.as_str());
        }
        words.extend(rules.words_about(&names, &self.world)?);
        // Relative names and the like are no words.
        words.retain(|word| word.len() > 1 && word.as_str() != ecosystem.separator);
        Some(words)
    }

    /// Packages whose declarations are judged and that nobody is seen to use.
    fn unseen(&self) -> impl Iterator<Item = u32> {
        let graph = self.input.graph;
        let all = self.input.ecosystem.strict;
        let judged = move |d: &&crate::link::Declared| all || matches!(d.require.group, Group::Prod | Group::Optional);
        let declared = graph.declared.iter().filter(judged);
        declared.map(|d| d.package).filter(|p| self.is_unseen(*p))
    }

    /// True when nothing was seen of a package that is declared for production.
    pub(super) fn somebody_is_unseen(&self) -> bool {
        self.unseen().next().is_some()
    }

    fn is_unseen(&self, package: u32) -> bool {
        let seen = &self.out.seen[package as usize];
        !seen.needed() && seen.dev.is_empty()
    }
}

/// Finds any of some words in a text, whatever their case.
fn finder<'w>(words: impl IntoIterator<Item = &'w str>) -> Option<AhoCorasick> {
    let mut builder = AhoCorasick::builder();
    builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(words).ok()
}
