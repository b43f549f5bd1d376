//! Bytes of JavaScript text: what names are made of, where strings and regular expressions end.

use memchr::memchr3;

const START: u8 = 1;
const PART: u8 = 2;

/// What each byte may be in a name. Bytes beyond ASCII count as letters: no sign of the language has them, save a few spaces.
static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "the loop ends at 255")]
        let this = byte as u8;
        if this.is_ascii_alphabetic() || this == b'_' || this == b'$' || this >= 0x80 || this == b'\\' || this == b'#' {
            table[byte] = START | PART;
        } else if this.is_ascii_digit() {
            table[byte] = PART;
        }
        byte += 1;
    }
    table
}

/// Whether a name may begin with the byte.
pub(super) fn is_start(byte: u8) -> bool {
    CLASSES[usize::from(byte)] & START != 0
}

/// Whether a name may go on with the byte.
pub(super) fn is_part(byte: u8) -> bool {
    CLASSES[usize::from(byte)] & PART != 0
}

/// The end of a name that goes on at `at`.
pub(super) fn end_of_word(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(|byte| is_part(*byte)) {
        at += 1;
    }
    at
}

/// The end of the string that begins at `start`: behind its quote, or at the end of a line that cuts it off.
pub(super) fn end_of_string(text: &[u8], start: usize) -> usize {
    let quote = text[start];
    let mut at = start + 1;
    while let Some(found) = memchr3(quote, b'\\', b'\n', text.get(at..).unwrap_or_default()) {
        at += found;
        match text[at] {
            b'\\' => at += if text[at..].starts_with(b"\\\r\n") { 3 } else { 2 },
            b'\n' => return at,
            _ => return at + 1,
        }
    }
    text.len()
}

/// The end of the regular expression that begins at `start`, flags included; at the end of the line when it is not closed.
pub(super) fn end_of_regex(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    let mut class = false;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\\' => at += 1,
            b'[' => class = true,
            b']' => class = false,
            b'/' if !class => return end_of_word(text, at + 1),
            b'\n' => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// The text between the quotes of a string or template without substitutions, when no escape is in it.
pub(super) fn plain(quoted: &[u8]) -> Option<&str> {
    let [_, inner @ .., _] = quoted else { return None };
    (!inner.contains(&b'\\')).then(|| std::str::from_utf8(inner).ok()).flatten()
}
