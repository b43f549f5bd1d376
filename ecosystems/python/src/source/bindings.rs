//! What the names of a file stand for: its imports, and the constants that later lines use.

use super::guard::Need;
use super::sink::Sink;
use super::tree::{self, Expr, Node, Statement, Stmt};
use super::walk::{Place, walk};
use depslim_model::How;
use rustc_hash::{FxHashMap, FxHashSet};

/// What an imported name stands for.
#[derive(Debug)]
pub(super) struct Binding {
    /// The qualified name; relative ones keep their dots.
    pub(super) qualified: String,
    /// The need of the import.
    pub(super) need: Need,
}

/// The names of one file. Scopes are not told apart: a name that is imported anywhere stands for that import everywhere, and for
/// all of them when several imports give it.
#[derive(Debug, Default)]
pub(super) struct Bindings<'a> {
    imported: FxHashMap<&'a str, Vec<Binding>>,
    /// Expressions that were assigned to plain names, or looped over.
    assigned: FxHashMap<&'a str, Vec<&'a Expr>>,
    /// Functions and classes of the file.
    defined: FxHashSet<&'a str>,
    /// Modules that all names are imported from.
    stars: Vec<(&'a str, Need)>,
}

impl<'a> Bindings<'a> {
    /// The imports that a name may stand for.
    pub(super) fn imported(&self, name: &str) -> &[Binding] {
        self.imported.get(name).map_or(&[], Vec::as_slice)
    }

    /// What was assigned to a name outside functions, and what loops gave to it.
    pub(super) fn assigned(&self, name: &str) -> &[&'a Expr] {
        self.assigned.get(name).map_or(&[], Vec::as_slice)
    }

    /// Notes what a statement binds, and its imports as uses.
    pub(super) fn note(&mut self, stmt: &'a Stmt, place: Place, sink: &mut Sink<'_>) {
        let at = tree::start(stmt);
        match tree::statement(stmt) {
            Statement::Import { names, lazy } => {
                let need = if lazy { place.need.min(Need::Lazy) } else { place.need };
                for alias in names {
                    sink.add(How::Import, alias.name.to_owned(), String::new(), need, at);
                    let top = alias.name.split('.').next().unwrap_or(alias.name);
                    let (name, qualified) = alias.renamed.map_or((top, top), |renamed| (renamed, alias.name));
                    self.bind(name, qualified.to_owned(), need);
                }
            }
            Statement::From { level, module: name, names, lazy } => {
                let need = if lazy { place.need.min(Need::Lazy) } else { place.need };
                let module = format!("{}{name}", ".".repeat(level as usize));
                for alias in names {
                    sink.add(How::Import, module.clone(), alias.name.to_owned(), need, at);
                    if alias.name == "*" {
                        self.stars.extend((level == 0).then_some((name, need)));
                    } else {
                        let dot = if module.ends_with('.') { "" } else { "." };
                        let qualified = format!("{module}{dot}{}", alias.name);
                        self.bind(alias.renamed.unwrap_or(alias.name), qualified, need);
                    }
                }
            }
            Statement::Assign { targets, value } if !place.function => {
                for target in targets {
                    self.assign(target, value);
                }
            }
            Statement::Annotated { target, value: Some(value) } if !place.function => self.assign(target, value),
            Statement::Define(name) => {
                self.defined.insert(name);
            }
            Statement::Loop { target, values } => self.assign(target, values),
            _ => {}
        }
    }

    /// Binds the names that can only come from a star import: capitalised ones (classes, by convention) that nothing else in the
    /// file gives. With several stars each of them may be the one.
    pub(super) fn bind_stars(&mut self, text: &str, statements: &'a [Stmt]) {
        if self.stars.is_empty() {
            return;
        }
        let mut unknown = FxHashSet::default();
        let top = Place { need: Need::Hard, function: false };
        walk(text, statements, top, &mut |stmt, _| {
            tree::expressions(stmt, &mut |expr, _| self.unknown_names(expr, &mut unknown));
        });
        for name in unknown {
            for (module, need) in self.stars.clone() {
                self.bind(name, format!("{module}.{name}"), need);
            }
        }
    }

    fn unknown_names(&self, expr: &'a Expr, unknown: &mut FxHashSet<&'a str>) {
        if let Node::Name(name) = tree::node(expr) {
            let known =
                [self.imported.contains_key(name), self.assigned.contains_key(name), self.defined.contains(name)];
            if name.starts_with(|first: char| first.is_ascii_uppercase()) && !known.contains(&true) {
                unknown.insert(name);
            }
        }
        tree::children(expr, &mut |child| self.unknown_names(child, unknown));
    }

    fn bind(&mut self, name: &'a str, qualified: String, need: Need) {
        let known = self.imported.entry(name).or_default();
        match known.iter_mut().find(|binding| binding.qualified == qualified) {
            Some(binding) => binding.need = binding.need.max(need),
            None => known.push(Binding { qualified, need }),
        }
    }

    fn assign(&mut self, target: &'a Expr, value: &'a Expr) {
        if let Node::Name(name) = tree::node(target) {
            self.assigned.entry(name).or_default().push(value);
        }
    }
}
