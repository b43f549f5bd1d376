//! The few lexical facts that let a scanner step over strings, comments and blanks without a parser.

/// Nested f-strings beyond this are not followed: Python itself refuses 150 of them.
const DEEPEST_TEMPLATE: u32 = 100;

/// The end of the string whose opening quote stands at `quote`: behind the closing quote; at the line's end or at the end of the
/// text when nothing closes it.
///
/// f-strings and t-strings are read by the grammar of [PEP 701](https://peps.python.org/pep-0701/), where strings with the same
/// quotes may stand in the replacement fields. `weight` counts what could nest in those fields.
pub(super) fn string_end(text: &[u8], quote: usize, weight: &mut u32) -> usize {
    nested_string_end(text, quote, weight, 0)
}

fn nested_string_end(text: &[u8], quote: usize, weight: &mut u32, depth: u32) -> usize {
    let mark = text[quote];
    let triple = text.get(quote + 1) == Some(&mark) && text.get(quote + 2) == Some(&mark);
    if is_template(text, quote) {
        return template_end(text, if triple { quote + 3 } else { quote + 1 }, mark, triple, weight, depth);
    }
    if triple {
        let mut at = quote + 3;
        while let Some(hit) = memchr::memchr2(mark, b'\\', &text[at.min(text.len())..]) {
            at += hit;
            if text[at] == b'\\' {
                at += 2;
            } else if text.get(at + 1) == Some(&mark) && text.get(at + 2) == Some(&mark) {
                return at + 3;
            } else {
                at += 1;
            }
        }
        return text.len();
    }
    let mut at = quote + 1;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\\' => at += line_continues(text, at).unwrap_or(2),
            b'\n' => return at,
            _ if byte == mark => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// How many bytes a backslash and the line end behind it take.
fn line_continues(text: &[u8], backslash: usize) -> Option<usize> {
    (text.get(backslash + 1) == Some(&b'\r') && text.get(backslash + 2) == Some(&b'\n')).then_some(3)
}

/// True when the letters before the quote make it an f-string or a t-string.
fn is_template(text: &[u8], quote: usize) -> bool {
    let before = &text[quote.saturating_sub(3)..quote];
    let letters = before.iter().rev().take_while(|&&byte| super::guard::is_name_byte(byte)).count();
    let prefix = &before[before.len() - letters..];
    match prefix {
        [b'f' | b'F' | b't' | b'T'] => true,
        [a, b] => {
            let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
            matches!((a, b), (b'r', b'f' | b't') | (b'f' | b't', b'r'))
        }
        _ => false,
    }
}

fn template_end(text: &[u8], start: usize, mark: u8, triple: bool, weight: &mut u32, depth: u32) -> usize {
    let mut at = start;
    while let Some(&byte) = text.get(at) {
        match byte {
            // A brace behind a backslash is still a brace.
            b'\\' if matches!(text.get(at + 1), Some(b'{' | b'}')) => at += 1,
            b'\\' => at += line_continues(text, at).unwrap_or(2),
            b'{' if text.get(at + 1) == Some(&b'{') => at += 2,
            b'{' => {
                if depth == DEEPEST_TEMPLATE {
                    *weight = u32::MAX;
                    return text.len();
                }
                at = field_end(text, at + 1, mark, triple, weight, depth + 1);
            }
            b'\n' if !triple => return at,
            _ if byte == mark => {
                if !triple {
                    return at + 1;
                }
                if text.get(at + 1) == Some(&mark) && text.get(at + 2) == Some(&mark) {
                    return at + 3;
                }
                at += 1;
            }
            _ => at += 1,
        }
    }
    text.len()
}

/// The end of a replacement field: behind its closing brace.
fn field_end(text: &[u8], start: usize, mark: u8, triple: bool, weight: &mut u32, depth: u32) -> usize {
    let mut at = start;
    let mut brackets = 0_u32;
    *weight = weight.saturating_add(1);
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' | b'\'' => {
                at = nested_string_end(text, at, weight, depth);
                continue;
            }
            b'(' | b'[' | b'{' => {
                brackets += 1;
                *weight = weight.saturating_add(1);
            }
            b'}' if brackets == 0 => return at + 1,
            b')' | b']' | b'}' => brackets = brackets.saturating_sub(1),
            b'#' => {
                at += memchr::memchr(b'\n', &text[at..]).unwrap_or(text.len() - at);
                continue;
            }
            b':' if brackets == 0 => return specification_end(text, at + 1, mark, triple, weight, depth),
            b' ' | b'\t' | b'\n' | b'.' | b'+' | b'-' | b'*' | b'/' | b'%' | b'~' | b'|' | b'&' | b'^' | b'@'
            | b':' => {
                *weight = weight.saturating_add(1);
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// The end of a format specification, and of the replacement field that it belongs to.
fn specification_end(text: &[u8], start: usize, mark: u8, triple: bool, weight: &mut u32, depth: u32) -> usize {
    let mut at = start;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'}' => return at + 1,
            b'{' => {
                if depth == DEEPEST_TEMPLATE {
                    *weight = u32::MAX;
                    return text.len();
                }
                at = field_end(text, at + 1, mark, triple, weight, depth + 1);
            }
            // Nothing closes the field: the string is what ends.
            b'\n' if !triple => return at,
            _ if byte == mark && !triple => return at,
            _ if byte == mark && text[at..].starts_with(&[mark; 3]) => return at,
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::string_end;

    /// The string starts at the first quote and ends before `|`.
    #[track_caller]
    fn check(text: &str) {
        let expect = text.find('|').expect("a mark");
        let text = text.replace('|', "");
        let quote = text.find(['"', '\'']).expect("a quote");
        assert_eq!(string_end(text.as_bytes(), quote, &mut 0), expect, "{text}");
    }

    #[test]
    fn strings_end_where_python_ends_them() {
        check(r"'a'|b'");
        check(r"'it\'s'| x");
        check("'open|\nx'");
        check("'a\\\nb'|");
        check("'a\\\r\nb'|");
        check("\"\"\"a \"\" b\"\"\"| \"");
        check("'''a''b\n\\'''c'''|");
        check(r"r'\''| '");
    }

    #[test]
    fn templates_may_hold_their_own_quotes() {
        check(r#"f"{x["a"]}"| "b""#);
        check(r#"f"{{{x}}}"|"#);
        check(r#"f"{f"{f"{1}"}"}"|"#);
        check(r#"rf"\{x['"']}"|"#);
        check(r#"f"{x:{'>'}{w}}"|"#);
        check(r#"f"{x!r:%H:%M}"|"#);
        check("f'''{\nx # '''\n}'''|");
        check(r#"t"{x}"|"#);
        check(r#"f"{ {'a': 1}['a'] }"|"#);
    }

    #[test]
    fn other_prefixes_do_not_make_templates() {
        check(r#"rb"{"|"#);
        check(r#"if"{"|"#);
        check(r#"elf"{"|"#);
    }

    #[test]
    fn endless_nesting_ends() {
        let mut weight = 0;
        let text = "f'{".repeat(100_000);
        assert_eq!(string_end(text.as_bytes(), 1, &mut weight), text.len());
        assert_eq!(weight, u32::MAX);
    }
}
