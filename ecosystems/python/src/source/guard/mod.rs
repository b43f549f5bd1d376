//! Guards: what the text around an import says about how badly it is needed. Both engines judge by this text alone, so that
//! they cannot disagree.

mod condition;
#[cfg(test)]
mod tests;
mod tokens;

pub(super) use condition::branches;

use depslim_model::Strength;
use tokens::{Token, Tokens};

/// How badly code inside a block is needed. Ordered: of several enclosing blocks the weakest word counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// Only type checkers look at it.
    Types,
    /// It runs on other operating systems or other interpreters only.
    Elsewhere,
    /// Its absence is foreseen.
    Optional,
    /// It may run, later or under a condition.
    Lazy,
    /// It runs when the module is loaded.
    Hard,
}

impl Need {
    /// The strength for the project's own files. What runs elsewhere is foreseen to be absent here, and must not look unused to
    /// the people who develop on that other system.
    pub(super) fn strength(self) -> Strength {
        match self {
            Self::Types => Strength::Types,
            Self::Elsewhere | Self::Optional => Strength::Optional,
            Self::Lazy => Strength::Lazy,
            Self::Hard => Strength::Hard,
        }
    }
}

/// True when a handler with this text between `except` and `:` catches a failed import.
pub(super) fn catches_import_error(handler: &[u8]) -> bool {
    let mut tokens = Tokens::new(handler);
    let mut empty = true;
    loop {
        match tokens.next() {
            Token::End => return empty,
            Token::Name(name) if is_import_error(last_part(name)) => return true,
            // `except*` catches groups, and is otherwise the same.
            Token::Operator(b"*") => {}
            _ => empty = false,
        }
    }
}

/// What a handler says about the imports in itself: the fall-back for a failed import, or what runs when something went wrong.
pub(super) fn handler_need(catches_import_error: bool, gives_up: bool) -> Need {
    if catches_import_error && !gives_up { Need::Optional } else { Need::Lazy }
}

/// True when the statement that starts here ends the program or raises: a handler with such a statement does not forgive.
pub(super) fn gives_up(statement: &[u8]) -> bool {
    const CALLS: [&[u8]; 5] = [b"sys.exit(", b"exit(", b"quit(", b"os._exit(", b"os.abort("];
    statement.strip_prefix(b"raise").is_some_and(|rest| rest.first().is_none_or(|&next| !is_name_byte(next)))
        || CALLS.iter().any(|call| statement.starts_with(call))
}

/// True when a `with` over these items swallows a failed import: `suppress(ImportError)`, `pytest.raises(ImportError)`.
pub(super) fn suppresses(items: &[u8]) -> bool {
    let mut tokens = Tokens::new(items);
    let mut inside = None;
    let mut depth = 0_u32;
    let mut called = false;
    loop {
        let token = tokens.next();
        match token {
            Token::End => return false,
            Token::Open => {
                depth += 1;
                if called && inside.is_none() {
                    inside = Some(depth);
                }
            }
            Token::Close => {
                if inside == Some(depth) {
                    inside = None;
                }
                depth = depth.saturating_sub(1);
            }
            Token::Name(name) if inside.is_some() && is_import_error(last_part(name)) => return true,
            _ => {}
        }
        called = matches!(token, Token::Name(name) if matches!(last_part(name), b"suppress" | b"raises"));
    }
}

fn is_import_error(name: &[u8]) -> bool {
    matches!(name, b"ImportError" | b"ModuleNotFoundError" | b"Exception" | b"BaseException")
}

/// True for bytes that can stand in a name; every byte of a non-ASCII letter counts.
pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

pub(super) fn last_part(name: &[u8]) -> &[u8] {
    memchr::memrchr(b'.', name).map_or(name, |dot| &name[dot + 1..])
}
