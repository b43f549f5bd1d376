//! The walk over the statements of a parsed file, with the need of each place.

use super::guard::{self, Need};
use super::tree::{self, Block, Stmt};

/// Where a statement stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// What the blocks around it say together.
    pub(super) need: Need,
    /// True inside a function.
    pub(super) function: bool,
}

/// Calls `each` with every statement, outer ones before the ones inside them.
pub(super) fn walk<'a>(text: &str, statements: &'a [Stmt], place: Place, each: &mut dyn FnMut(&'a Stmt, Place)) {
    for stmt in statements {
        each(stmt, place);
        // What the failed conditions of the earlier branches of an `if` say.
        let mut earlier = Need::Hard;
        let mut forgives = false;
        tree::blocks(stmt, &mut |block, body| {
            let need = match &block {
                Block::Function | Block::Case => Need::Lazy,
                Block::Branch(None) => earlier,
                Block::Branch(Some(condition)) => {
                    let branches = guard::branches(&text.as_bytes()[tree::range(condition)]);
                    let need = earlier.min(branches.then);
                    earlier = earlier.min(branches.otherwise);
                    need
                }
                Block::With(items) if guard::suppresses(&text.as_bytes()[items.clone()]) => Need::Optional,
                Block::Try { handlers } => {
                    let first = handlers.iter().find(|handler| catches(text, handler));
                    forgives = first.is_some_and(|handler| !gives_up(text, handler));
                    if forgives { Need::Optional } else { Need::Hard }
                }
                Block::Handler(handler) => guard::handler_need(catches(text, handler), gives_up(text, handler)),
                Block::TryElse if forgives => Need::Optional,
                Block::Plain | Block::With(_) | Block::TryElse => Need::Hard,
            };
            let inner =
                Place { need: place.need.min(need), function: place.function || matches!(block, Block::Function) };
            walk(text, body, inner, each);
        });
    }
}

fn catches(text: &str, handler: &tree::Handler<'_>) -> bool {
    guard::catches_import_error(&text.as_bytes()[handler.caught.clone()])
}

fn gives_up(text: &str, handler: &tree::Handler<'_>) -> bool {
    handler.body.iter().any(|stmt| guard::gives_up(&text.as_bytes()[tree::start(stmt)..]))
}
