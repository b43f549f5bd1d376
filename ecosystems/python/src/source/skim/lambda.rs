//! Lambdas: their colons end no header, and what is in them runs later.

use crate::source::guard::is_name_byte;
use crate::source::lex;
use memchr::memmem;

/// Words `lambda` outside brackets; each has a colon of its own.
pub(super) fn open_lambdas(header: &[u8]) -> usize {
    if memmem::find(header, b"lambda").is_none() {
        return 0;
    }
    let (mut at, mut depth, mut lambdas) = (0, 0_u32, 0);
    while let Some(&byte) = header.get(at) {
        match byte {
            b'"' | b'\'' => {
                at = lex::string_end(header, at, &mut 0);
                continue;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'l' if depth == 0 && is_lambda(header, at) => lambdas += 1,
            _ => {}
        }
        at += 1;
    }
    lambdas
}

/// True when code behind this start of a statement stands in a lambda.
pub(super) fn in_lambda(before: &[u8]) -> bool {
    if memmem::find(before, b"lambda").is_none() {
        return false;
    }
    // Depth of the brackets around each lambda whose end was not seen, and whether its colon was.
    let mut open: Vec<(u32, bool)> = Vec::new();
    let (mut at, mut depth) = (0, 0_u32);
    while let Some(&byte) = before.get(at) {
        match byte {
            b'"' | b'\'' => {
                at = lex::string_end(before, at, &mut 0);
                continue;
            }
            b'#' => {
                at += memchr::memchr(b'\n', &before[at..]).unwrap_or(before.len() - at);
                continue;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                open.retain(|&(around, _)| around <= depth);
            }
            b':' => {
                if let Some(lambda) = open.iter_mut().rev().find(|(around, colon)| *around == depth && !colon) {
                    lambda.1 = true;
                }
            }
            b',' => open.retain(|&(around, colon)| around < depth || !colon),
            b'l' if is_lambda(before, at) => open.push((depth, false)),
            _ => {}
        }
        at += 1;
    }
    !open.is_empty()
}

fn is_lambda(text: &[u8], at: usize) -> bool {
    text[at..].starts_with(b"lambda")
        && (at == 0 || !is_name_byte(text[at - 1]))
        && text.get(at + 6).is_none_or(|&byte| !is_name_byte(byte))
}
