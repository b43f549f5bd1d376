//! What packages are called: by their modules, by what those come down to, and as rules see them.

use super::Input;
use crate::link::{Graph, Known};
use crate::rules::World;
use rustc_hash::FxHashMap;

/// Whether a package is the project itself: called like it, and its modules are files of the project's own.
pub(super) fn is_itself(input: Input<'_>, package: u32) -> bool {
    if !input.project.is_called(input.ecosystem, &input.graph.node(package).canonical) {
        return false;
    }
    let lies_in = |root: &str, module: &str| {
        let steps = (input.ecosystem.locate)(module);
        let mut last = steps.last().into_iter().flatten().filter_map(|file| crate::project::join(root, file));
        last.any(|file| input.inventory.set.contains(&file))
    };
    let folder = input.project.folder.as_str();
    let source = crate::project::join(folder, "src").unwrap_or_default();
    modules_of(input, package).iter().any(|module| lies_in(folder, module) || lies_in(&source, module))
}

/// The modules that a package supplies: what its files say, else what is known of it, else what its name suggests.
pub(super) fn modules_of(input: Input<'_>, package: u32) -> Vec<String> {
    let node = input.graph.node(package);
    if !node.provide.modules.is_empty() {
        return node.provide.modules.clone();
    }
    input.rules.names.modules_of(&node.canonical).names
}

/// Packages that only a table or a guess tells the modules of, by what those modules come down to.
pub(super) fn alike(input: Input<'_>) -> FxHashMap<String, Vec<u32>> {
    let mut alike: FxHashMap<String, Vec<u32>> = FxHashMap::default();
    for (package, node) in (0..).zip(&input.graph.nodes) {
        if node.known == Known::Installed || !node.provide.modules.is_empty() {
            continue;
        }
        let modules = input.rules.names.modules_of(&node.canonical);
        for name in &modules.names {
            alike.entry(bare(name)).or_default().push(package);
        }
    }
    for packages in alike.values_mut() {
        packages.dedup();
    }
    alike
}

/// A name without what it may be written with or without: case and separators.
pub(crate) fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The packages as rules see them.
pub(super) fn world(graph: &Graph) -> World {
    let mut world = World::default();
    for (at, node) in graph.nodes.iter().enumerate() {
        // Copies of one name are one package to rules.
        let known = world.packages.entry(node.canonical.clone()).or_default();
        known.declared |= graph.declarations(at as u32).next().is_some();
        known.installed |= node.known < Known::Listed;
        known.groups.extend(node.provide.plugins.iter().map(|p| p.group.clone()));
    }
    world
}
