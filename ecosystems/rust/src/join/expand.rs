//! What macros name where they are called: those by rules, from their text; procedural ones, from what their crate writes.

use super::{Package, Seen, Taken, World, rules};
use depslim_model::{Facts, How, Strength, Use};
use rustc_hash::{FxHashMap, FxHashSet};

/// Macros of the tree that other crates can call.
pub(super) struct Macros<'f> {
    /// By name with `!`: the package that has it, and its rules.
    by_name: FxHashMap<&'f str, Vec<(String, &'f str)>>,
    /// By package that holds procedural macros: names that its code writes.
    written: FxHashMap<String, FxHashSet<&'f str>>,
}

/// Collects the macros of all packages.
pub(super) fn macros<'f>(world: &World<'_>, reached: &[Vec<Seen<'f>>]) -> Macros<'f> {
    let mut macros = Macros { by_name: FxHashMap::default(), written: FxHashMap::default() };
    for (package, files) in world.packages.iter().zip(reached) {
        let procedural = package.holds_macros();
        for file in files {
            for used in &file.facts.uses {
                match used.how {
                    How::Setting => {
                        let rules = (package.name.to_owned(), used.value.as_str());
                        macros.by_name.entry(&used.name).or_default().push(rules);
                    }
                    How::Import | How::Name | How::Text if procedural => {
                        let head = used.name.split("::").next().unwrap_or_default();
                        macros.written.entry(package.name.to_owned()).or_default().insert(head);
                    }
                    _ => {}
                }
            }
        }
    }
    macros
}

impl Macros<'_> {
    /// The names that a call leads to in another package, as uses at the place of the call.
    pub(super) fn names(&self, package: &Package<'_>, call: &Use) -> Vec<Use> {
        let mut uses = Vec::new();
        for (owner, text) in self.by_name.get(call.name.as_str()).into_iter().flatten() {
            if owner == package.name {
                continue;
            }
            for name in rules::names(text, &call.value) {
                let value = format!("{} of {owner}, which names {name}", call.name);
                uses.push(Use {
                    how: How::Text,
                    name: name.to_owned(),
                    value,
                    strength: Strength::Hard,
                    line: call.line,
                });
            }
        }
        uses
    }
}

/// Lines that nothing names, but what a procedural macro writes may.
pub(super) fn take_procedural<'m>(
    world: &World<'m>,
    taken: &mut Taken<'_, 'm>,
    macros: &Macros<'_>,
    facts: &mut Facts,
) {
    let idle: Vec<usize> = taken.idle().collect();
    if idle.is_empty() || macros.written.is_empty() {
        return;
    }
    let near = nearby(world, taken.package);
    for line in idle {
        let code = taken.package.lines[line].code.clone();
        let writer =
            near.iter().find(|name| macros.written.get(**name).is_some_and(|names| names.contains(code.as_str())));
        if let Some(writer) = writer {
            let at = taken.package.lines[line].require.line;
            taken.note_line(line, format!("code that macros of {writer} write may name {code}"), at, facts);
        }
    }
}

/// Packages of the tree that a package requires, directly or through others of the tree.
pub(super) fn nearby<'m>(world: &World<'m>, package: &Package<'m>) -> Vec<&'m str> {
    let mut found: Vec<&'m str> = Vec::new();
    let mut work: Vec<&Package<'m>> = vec![package];
    while let Some(here) = work.pop() {
        for line in &here.lines {
            if let Some(next) = world.package(&line.require.name)
                && !found.contains(&next.name)
            {
                found.push(next.name);
                if let Some(at) = world.by_name.get(next.name) {
                    work.push(&world.packages[*at]);
                }
            }
        }
    }
    found.sort_unstable();
    found
}
