//! What the names of a file stand for: its imports, and the constants that later lines use.

use super::guard::Need;
use super::sink::Sink;
use super::tree::{self, Expr, Node, Statement, Stmt};
use super::walk::Place;
use depslim_model::How;
use rustc_hash::FxHashMap;

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
            Statement::From { level, module, names, lazy } => {
                let need = if lazy { place.need.min(Need::Lazy) } else { place.need };
                let module = format!("{}{module}", ".".repeat(level as usize));
                for alias in names {
                    sink.add(How::Import, module.clone(), alias.name.to_owned(), need, at);
                    if alias.name != "*" {
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
            Statement::Loop { target, values } => self.assign(target, values),
            _ => {}
        }
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
