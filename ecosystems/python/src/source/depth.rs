//! How deeply a file nests, bounded before it is parsed: a syntax tree is walked and dropped by recursion, and a hostile file
//! must not overflow the stack.

use super::lex;

/// Python's own tokenizer refuses more open brackets than this.
const MOST_BRACKETS: usize = 200;
/// Python's own tokenizer refuses more levels of indentation than this.
const MOST_INDENTS: usize = 100;
/// A tree with this bound fits on any thread's stack.
const SHALLOW: usize = 1_000;
/// Expressions without a comma are not longer than this when people write them.
const DEEP: usize = 40_000;

/// What the measure says about parsing a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Any stack will do.
    Shallow,
    /// It needs a large stack.
    Deep,
    /// It is not to be parsed: too deep at this offset.
    TooDeep(usize),
}

/// Bounds the nesting of the syntax tree. Operators, attributes and calls nest as they go on, and each of them takes a byte: so
/// a tree is not deeper than the code since the last comma is long, summed over the open brackets. Strings and comments do
/// not count.
pub(crate) fn measure(text: &[u8]) -> Depth {
    let mut indents: Vec<usize> = Vec::new();
    // For every open bracket: where the expression around it started to count.
    let mut outer: Vec<usize> = Vec::new();
    // Bytes that count: `at - segment` in the innermost brackets, `below` around them.
    let (mut segment, mut below, mut deepest) = (0_usize, 0_usize, 0_usize);
    let mut at = 0;
    let mut line_start = true;
    while at < text.len() {
        if line_start {
            let start = at;
            at += blanks(&text[at..]);
            if matches!(text.get(at), Some(b'\n' | b'\r' | b'#') | None) {
                at = line_end(text, at) + 1;
                continue;
            }
            let column = at - start;
            while indents.last().is_some_and(|&last| last >= column) {
                indents.pop();
            }
            indents.push(column);
            if indents.len() > MOST_INDENTS {
                return Depth::TooDeep(at);
            }
            line_start = false;
            segment = at;
        }
        while at < text.len() && !STOPS[text[at] as usize] {
            at += 1;
        }
        let now = below + (at - segment);
        deepest = deepest.max(now);
        if deepest > DEEP {
            return Depth::TooDeep(at.min(text.len() - 1));
        }
        let Some(&byte) = text.get(at) else { break };
        match byte {
            b',' | b';' => {
                at += 1;
                segment = at;
            }
            b'(' | b'[' | b'{' => {
                if outer.len() == MOST_BRACKETS {
                    return Depth::TooDeep(at);
                }
                at += 1;
                let around = at - segment;
                outer.push(around);
                below += around;
                segment = at;
            }
            b')' | b']' | b'}' => {
                at += 1;
                // What is in the brackets hangs beside what comes after them.
                if let Some(around) = outer.pop() {
                    below -= around;
                    segment = at - around;
                }
            }
            b'"' | b'\'' => {
                let start = at;
                let mut weight = 0;
                at = lex::string_end(text, at, &mut weight);
                // Strings side by side are one string, however many: tables and pictures are written so.
                while let Some(quote) = adjacent_string(text, at, !outer.is_empty()) {
                    at = lex::string_end(text, quote, &mut weight);
                }
                deepest = deepest.max(now.saturating_add(weight as usize));
                if deepest > DEEP {
                    return Depth::TooDeep(start);
                }
                segment += at - start;
            }
            b'#' => {
                let start = at;
                at = line_end(text, at);
                segment += at - start;
            }
            b'\\' => at += if text[at..].starts_with(b"\\\r\n") { 3 } else { 2 },
            _ => {
                at += 1;
                if outer.is_empty() {
                    line_start = true;
                } else {
                    let blanks = blanks(&text[at..]);
                    at += blanks;
                    segment += blanks;
                }
            }
        }
    }
    if deepest > SHALLOW { Depth::Deep } else { Depth::Shallow }
}

fn blanks(text: &[u8]) -> usize {
    text.iter().position(|byte| !matches!(byte, b' ' | b'\t' | 0x0c)).unwrap_or(text.len())
}

fn line_end(text: &[u8], at: usize) -> usize {
    text.get(at..).map_or(text.len(), |rest| memchr::memchr(b'\n', rest).map_or(text.len(), |length| at + length))
}

/// The opening quote of a string that follows with nothing but blanks in between.
fn adjacent_string(text: &[u8], mut at: usize, in_brackets: bool) -> Option<usize> {
    loop {
        match *text.get(at)? {
            b' ' | b'\t' | b'\r' | 0x0c => at += 1,
            b'\n' if in_brackets => at += 1,
            b'#' if in_brackets => at = line_end(text, at),
            b'\\' if matches!(text.get(at + 1), Some(b'\n' | b'\r')) => at += 2,
            _ => break,
        }
    }
    let letters = text[at..].iter().take(2).take_while(|byte| byte.is_ascii_alphabetic()).count();
    matches!(text.get(at + letters), Some(b'"' | b'\'')).then_some(at + letters)
}

const STOPS: [bool; 256] = {
    let mut table = [false; 256];
    let bytes = b"\n\"'#()[]{}\\;,";
    let mut index = 0;
    while index < bytes.len() {
        table[bytes[index] as usize] = true;
        index += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::{Depth, measure};

    #[track_caller]
    fn check(text: &str, expect: Depth) {
        assert_eq!(measure(text.as_bytes()), expect, "{}", &text[..text.len().min(60)]);
    }

    #[test]
    fn code_that_people_write_is_shallow() {
        check("", Depth::Shallow);
        check("def f(x):\n    return [a for a in x if a.b(c)[0] + 1]\n", Depth::Shallow);
        check(&format!("x = [{}]", "-1.5, ".repeat(100_000)), Depth::Shallow);
        check(&format!("x = [\n{}]", "    ('a', {1: 2}),\n".repeat(10_000)), Depth::Shallow);
        check(&format!("x = '''{}'''", "((((".repeat(10_000)), Depth::Shallow);
        check(&format!("x = (\n{})", "    b'a' # one\n    'b'\n".repeat(10_000)), Depth::Shallow);
        check(&format!("x = 'a'{}", " \\\n  u'b'".repeat(10_000)), Depth::Shallow);
        check(&format!("# {}\nx = 1", "((((".repeat(10_000)), Depth::Shallow);
        check(&"if a:\n    pass\n".repeat(1_000), Depth::Shallow);
        check(&format!("x = f({})", "                    a, # why\n".repeat(1_000)), Depth::Shallow);
    }

    #[test]
    fn long_chains_need_a_large_stack() {
        check(&format!("x = 1{}", " + 1".repeat(300)), Depth::Deep);
        check(&format!("x = a{}", ".b()".repeat(400)), Depth::Deep);
        check(&format!("x = f'{}'", "{1 + 1}".repeat(600)), Depth::Deep);
        check(&format!("x = {}1", "lambda:".repeat(300)), Depth::Deep);
        check(&format!("x = {}1", "not ".repeat(300)), Depth::Deep);
        check(&format!("x = {}1", "-".repeat(1_100)), Depth::Deep);
    }

    #[test]
    fn what_python_refuses_is_not_parsed() {
        check(&"(".repeat(10_000), Depth::TooDeep(200));
        assert!(matches!(measure(format!("x = 1{}", " + 1".repeat(20_000)).as_bytes()), Depth::TooDeep(_)));
        let nested: Vec<String> = (0..500).map(|level| format!("{}if x:", " ".repeat(level))).collect();
        assert!(matches!(measure(nested.join("\n").as_bytes()), Depth::TooDeep(_)));
        assert!(matches!(measure("f'{".repeat(1_000).as_bytes()), Depth::TooDeep(_)));
    }
}
