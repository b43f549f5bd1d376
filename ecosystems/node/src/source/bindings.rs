//! Names that a text gives to what it imports.

use rustc_hash::FxHashMap;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Binding<'a> {
    pub(super) module: &'a str,
    /// The member; `None` for the module as a whole.
    pub(super) member: Option<&'a str>,
}

/// The names of one text. Where two blocks use one name for two things, the later one counts: what is reached through a name is only
/// told for those who look for lighter packages.
#[derive(Debug, Default)]
pub(super) struct Bindings<'a> {
    names: FxHashMap<&'a [u8], Binding<'a>>,
    /// Functions that work like `require`.
    requires: Vec<&'a [u8]>,
}

impl<'a> Bindings<'a> {
    pub(super) fn bind(&mut self, name: &'a [u8], module: &'a str, member: Option<&'a str>) {
        self.names.insert(name, Binding { module, member });
    }

    pub(super) fn get(&self, name: &[u8]) -> Option<Binding<'a>> {
        if self.names.is_empty() { None } else { self.names.get(name).copied() }
    }

    pub(super) fn add_require(&mut self, name: &'a [u8]) {
        self.requires.push(name);
    }

    pub(super) fn requires(&self, name: &[u8]) -> bool {
        self.requires.contains(&name)
    }
}
