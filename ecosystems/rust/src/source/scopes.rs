//! Scopes: which names a module or block binds itself, so that the same name in front of `::` means no crate.

use rustc_hash::{FxHashMap, FxHashSet};

/// The scope of the file as a whole.
pub(super) const FILE: u32 = 0;

/// All scopes of a file.
#[derive(Debug)]
pub(super) struct Scopes<'t> {
    all: Vec<Scope<'t>>,
}

#[derive(Debug, Default)]
struct Scope<'t> {
    /// The scope around it.
    around: u32,
    /// A module sees nothing of what is around it unless it says so.
    module: bool,
    /// `use super::*`.
    takes_all: bool,
    /// Some local name may come from a glob.
    glob: bool,
    /// Name → the first segment of what it stands for; empty for something that is declared here.
    names: FxHashMap<&'t str, &'t str>,
    /// Names that are declared under a condition.
    perhaps: FxHashSet<&'t str>,
}

impl<'t> Scopes<'t> {
    pub(super) fn new() -> Self {
        Self { all: vec![Scope { module: true, ..Scope::default() }] }
    }

    /// A new scope inside another one.
    pub(super) fn open(&mut self, around: u32, module: bool) -> u32 {
        self.all.push(Scope { around, module, ..Scope::default() });
        self.all.len() as u32 - 1
    }

    /// A name of the scope, and the first segment of what it stands for (empty: declared here).
    pub(super) fn bind(&mut self, scope: u32, name: &'t str, head: &'t str) {
        let names = &mut self.all[scope as usize].names;
        // What is declared here counts; of two imports, the one that leads to a crate of that name.
        let known = names.get(name).copied();
        if known != Some("") && (known != Some(name) || head.is_empty()) {
            names.insert(name, head);
        }
    }

    /// A name that is declared here under a condition.
    pub(super) fn may_bind(&mut self, scope: u32, name: &'t str) {
        self.all[scope as usize].perhaps.insert(name);
    }

    /// A glob import of the project's own names.
    pub(super) fn glob(&mut self, scope: u32, of_parent: bool) {
        let scope = &mut self.all[scope as usize];
        scope.glob = true;
        scope.takes_all |= of_parent;
    }

    /// Whether the name means something local there, and no crate.
    pub(super) fn shadows(&self, scope: u32, name: &str) -> bool {
        let mut at = scope;
        loop {
            let here = &self.all[at as usize];
            if let Some(head) = here.names.get(name) {
                return *head != name;
            }
            if at == FILE || (here.module && !here.takes_all) {
                return false;
            }
            at = here.around;
        }
    }

    /// Whether a glob or a conditional declaration could bring the name.
    pub(super) fn uncertain(&self, scope: u32, name: &str) -> bool {
        let mut at = scope;
        loop {
            let here = &self.all[at as usize];
            if here.glob || here.perhaps.contains(name) {
                return true;
            }
            if at == FILE || here.module {
                return false;
            }
            at = here.around;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_scope_binds_is_no_crate_there() {
        let mut scopes = Scopes::new();
        scopes.bind(FILE, "http", "");
        scopes.bind(FILE, "serde", "serde");
        scopes.bind(FILE, "libc", "nix");
        let block = scopes.open(FILE, false);
        let module = scopes.open(FILE, true);
        let tests = scopes.open(FILE, true);
        scopes.glob(tests, true);
        for (scope, name, expect) in [
            (FILE, "http", true),
            (FILE, "serde", false),
            (FILE, "libc", true),
            (block, "http", true),
            (module, "http", false),
            (tests, "http", true),
            (tests, "time", false),
        ] {
            assert_eq!(scopes.shadows(scope, name), expect, "{name} in {scope}");
        }
        assert!(scopes.uncertain(tests, "x") && !scopes.uncertain(block, "x"));
    }
}
