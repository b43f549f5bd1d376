//! Who claims which path of a tree: a trie over the parts of the paths, looked up one folder at a time while walking.

use super::{Claim, Outside, Weight};
use depslim_model::Owns;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;
use std::path::{Component, Path, PathBuf};

/// No node, or no owner.
pub(super) const NONE: u32 = u32::MAX;
/// The tree itself.
const ROOT: u32 = 0;

/// All claims on one tree.
#[derive(Debug)]
pub(super) struct Claims {
    /// The nodes; [`ROOT`] is the tree itself. A node is made after the node above it.
    nodes: Vec<Node>,
    /// The names of the nodes, one after the other.
    names: Vec<u8>,
    /// Nodes by the node above them and their name.
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// Number of different paths that each owner claims in the tree.
    pub(super) claimed: Vec<u32>,
    /// Further owners of a node: (node, owner).
    pub(super) clashes: BTreeSet<(u32, u32)>,
    outside: Vec<(u32, PathBuf, String)>,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    above: u32,
    name: u32,
    length: u32,
    owner: u32,
    /// The owner owns what lies below as well.
    deep: bool,
    parent: bool,
    clash: bool,
}

impl Claims {
    pub(super) fn new(tree: &Path, claims: &[Claim<'_>]) -> Self {
        let paths = claims.iter().map(|c| match c.owns {
            Owns::Nothing => 0,
            Owns::Files(paths) | Owns::Trees(paths) => paths.len(),
        });
        let (count, owners) = (paths.sum::<usize>(), claims.iter().map(|c| c.owner as usize + 1).max().unwrap_or(0));
        let mut all = Self {
            nodes: Vec::with_capacity(count + count / 8 + 1),
            names: Vec::with_capacity(count * 16),
            table: HashTable::with_capacity(count + count / 8),
            hasher: DefaultHashBuilder::default(),
            claimed: vec![0; owners],
            clashes: BTreeSet::new(),
            outside: Vec::new(),
        };
        all.nodes.push(Node { above: NONE, name: 0, length: 0, owner: NONE, deep: false, parent: false, clash: false });
        let mut roots = None;
        for claim in claims {
            let (paths, deep) = match claim.owns {
                Owns::Nothing => continue,
                Owns::Files(paths) => (paths, false),
                Owns::Trees(paths) => (paths, true),
            };
            let base = all.descend(ROOT, claim.base);
            // The lists are sorted as a rule: most paths lie in the folder of the one before.
            let (mut folder, mut folder_node) = ("", base);
            for path in paths {
                let (place, name) = path.rsplit_once('/').unwrap_or(("", path));
                if path.starts_with('/') {
                    (folder, folder_node) = ("/", None);
                } else if place != folder {
                    (folder, folder_node) = (place, base.and_then(|base| all.descend(base, place)));
                }
                let node = folder_node.and_then(|folder| all.descend(folder, name)).or_else(|| {
                    let roots = roots.get_or_insert_with(|| absolute_roots(tree));
                    let inside = inside(roots, claim.base, path)?;
                    all.descend(ROOT, &inside)
                });
                match node {
                    Some(node) => all.own(node, claim.owner, deep || name.is_empty()),
                    None => all.outside.push((claim.owner, tree.join(claim.base).join(path), path.clone())),
                }
            }
        }
        all
    }

    /// The node of `name` below `node`.
    pub(super) fn child(&self, node: u32, name: &[u8]) -> Option<u32> {
        let found = |&at: &u32| {
            let entry = &self.nodes[at as usize];
            entry.above == node && self.name(entry) == name
        };
        self.table.find(self.hash(node, name), found).copied()
    }

    /// Who owns exactly this path.
    pub(super) fn owner(&self, node: u32) -> u32 {
        self.nodes[node as usize].owner
    }

    /// Who owns what lies below this folder, if someone says so.
    pub(super) fn deep_owner(&self, node: u32) -> Option<u32> {
        let node = &self.nodes[node as usize];
        (node.deep && node.owner != NONE).then_some(node.owner)
    }

    /// True when something below the node is claimed.
    pub(super) fn has_children(&self, node: u32) -> bool {
        self.nodes[node as usize].parent
    }

    /// True when several owners claim the path.
    pub(super) fn is_clash(&self, node: u32) -> bool {
        self.nodes[node as usize].clash
    }

    /// The path of a node, relative to the tree.
    pub(super) fn path(&self, node: u32) -> String {
        let mut parts = Vec::new();
        let mut at = node;
        while at != ROOT {
            let node = &self.nodes[at as usize];
            parts.push(String::from_utf8_lossy(self.name(node)));
            at = node.above;
        }
        parts.reverse();
        if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
    }

    /// Looks at what is claimed outside the tree. Returns its weight by owner, and how much of it does not exist.
    pub(super) fn weigh_outside(&self) -> (Vec<Outside>, Vec<(u32, u32)>) {
        let mut found: BTreeMap<u32, Outside> = BTreeMap::new();
        let mut absent: BTreeMap<u32, u32> = BTreeMap::new();
        for (owner, path, claimed) in &self.outside {
            match fs_err::symlink_metadata(path) {
                Ok(meta) => {
                    let stat = super::portable::stat(&meta);
                    let outside = found.entry(*owner).or_insert_with(|| Outside {
                        owner: *owner,
                        weight: Weight::default(),
                        example: claimed.clone(),
                    });
                    outside.weight.add(stat.bytes, stat.on_disk);
                }
                Err(_) => *absent.entry(*owner).or_default() += 1,
            }
        }
        (found.into_values().collect(), absent.into_iter().collect())
    }

    /// Goes along `path` from `node`, making nodes; `None` when the path leaves the tree.
    fn descend(&mut self, node: u32, path: &str) -> Option<u32> {
        let mut at = node;
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    at = self.nodes[at as usize].above;
                    if at == NONE {
                        return None;
                    }
                }
                name => at = self.step(at, name.as_bytes()),
            }
        }
        Some(at)
    }

    /// The node of `name` below `node`, made when there is none.
    fn step(&mut self, node: u32, name: &[u8]) -> u32 {
        if let Some(child) = self.child(node, name) {
            return child;
        }
        let child = self.nodes.len() as u32;
        self.nodes.push(Node {
            above: node,
            name: self.names.len() as u32,
            length: name.len() as u32,
            owner: NONE,
            deep: false,
            parent: false,
            clash: false,
        });
        self.names.extend_from_slice(name);
        self.nodes[node as usize].parent = true;
        let hash = self.hash(node, name);
        let (nodes, names, hasher) = (&self.nodes, &self.names, &self.hasher);
        self.table.insert_unique(hash, child, |&at| {
            let node = &nodes[at as usize];
            hasher.hash_one((node.above, slice(names, node)))
        });
        child
    }

    fn own(&mut self, node: u32, owner: u32, deep: bool) {
        let at = &mut self.nodes[node as usize];
        if at.owner == NONE {
            (at.owner, at.deep) = (owner, deep);
        } else if at.owner == owner {
            at.deep |= deep;
            return;
        } else {
            at.clash = true;
            if !self.clashes.insert((node, owner)) {
                return;
            }
        }
        self.claimed[owner as usize] += 1;
    }

    fn name(&self, node: &Node) -> &[u8] {
        slice(&self.names, node)
    }

    fn hash(&self, above: u32, name: &[u8]) -> u64 {
        self.hasher.hash_one((above, name))
    }
}

fn slice<'n>(names: &'n [u8], node: &Node) -> &'n [u8] {
    &names[node.name as usize..(node.name + node.length) as usize]
}

/// The tree's absolute path, as given and as the system resolves it.
fn absolute_roots(tree: &Path) -> Vec<PathBuf> {
    let given = std::path::absolute(tree).ok();
    let real = fs_err::canonicalize(tree).ok();
    given.into_iter().chain(real).collect()
}

/// The path relative to the tree, of a claim that is absolute or leaves the tree and comes back.
fn inside(roots: &[PathBuf], base: &str, path: &str) -> Option<String> {
    roots.iter().find_map(|root| {
        let mut whole = PathBuf::new();
        for part in root.join(base).join(path).components() {
            match part {
                Component::ParentDir => {
                    whole.pop();
                }
                Component::CurDir => {}
                part => whole.push(part),
            }
        }
        whole.strip_prefix(root).ok()?.to_str().map(|inside| inside.replace(std::path::MAIN_SEPARATOR, "/"))
    })
}
