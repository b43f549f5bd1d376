//! Macros by rules that name crates, and the form of the calls of macros: enough to tell which rule a call means.

use super::scan::{Call, Macro};
use super::tokens::{Kind, Tokens};
use std::fmt::Write;
use std::ops::Range;

/// A call that is longer is not told apart from others.
const LONGEST: usize = 120;

/// The form of a call's arguments: `E` for an expression of several tokens, `I` for a name, `L` for a literal, `G` for a group, and
/// `,` `;` `=>` between them. Long ones end in `…`.
pub(super) fn form(tokens: &Tokens<'_>, call: &Call<'_>) -> String {
    let mut form = String::new();
    let (mut run, mut single) = (0, ' ');
    let flush = |form: &mut String, run: &mut u32, single: char| {
        if *run > 0 {
            form.push(if *run == 1 { single } else { 'E' });
            *run = 0;
        }
    };
    let mut at = call.arguments.start;
    while at < call.arguments.end {
        if form.len() > LONGEST {
            form.push('…');
            return form;
        }
        match tokens.kind(at) {
            Some(Kind::Sign(sign @ (b',' | b';'))) => {
                flush(&mut form, &mut run, single);
                form.push(char::from(sign));
            }
            Some(Kind::Sign(b'=')) if tokens.is(at + 1, b'>') => {
                flush(&mut form, &mut run, single);
                form.push_str("=>");
                at += 1;
            }
            Some(kind) => {
                run += 1;
                single = match kind {
                    Kind::Word => 'I',
                    Kind::Text | Kind::Literal => 'L',
                    Kind::Open(_) => 'G',
                    _ => 'E',
                };
                at = tokens.close(at);
            }
            None => break,
        }
        at += 1;
    }
    flush(&mut form, &mut run, single);
    form
}

/// The rules of a macro, one a line: what it matches, a tab, and the names that may be crates in what it becomes. `None` when no rule
/// names anything.
pub(super) fn rules(tokens: &Tokens<'_>, defined: &Macro<'_>) -> Option<String> {
    let mut text = String::new();
    let mut any = false;
    let mut at = defined.rules.start;
    while at < defined.rules.end {
        let pattern = at + 1..tokens.close(at).min(defined.rules.end);
        if !matches!(tokens.kind(at), Some(Kind::Open(_))) {
            at += 1;
            continue;
        }
        let body = pattern.end + 3;
        if !(tokens.is(pattern.end + 1, b'=') && matches!(tokens.kind(body), Some(Kind::Open(_)))) {
            at = pattern.end + 1;
            continue;
        }
        let inside = body + 1..tokens.close(body).min(defined.rules.end);
        let names = names(tokens, inside.clone());
        any |= !names.is_empty();
        let _ = writeln!(text, "{}\t{}", pattern_text(tokens, pattern), names.join(" "));
        at = inside.end + 1;
    }
    any.then_some(text)
}

/// A matcher as text: `$x:kind` without the name, everything else as written.
fn pattern_text(tokens: &Tokens<'_>, range: Range<usize>) -> String {
    let mut words = Vec::new();
    let mut at = range.start;
    while at < range.end {
        if tokens.is(at, b'$') && tokens.word(at + 1).is_some() && tokens.is(at + 2, b':') {
            words.push(format!("${}", tokens.text(at + 3)));
            at += 4;
            continue;
        }
        if tokens.is(at, b'=') && tokens.is(at + 1, b'>') {
            words.push("=>".to_owned());
            at += 2;
            continue;
        }
        words.push(tokens.text(at).split_whitespace().collect());
        at += 1;
    }
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

/// First parts of the paths in what a rule becomes, those left out that begin with a variable.
fn names<'t>(tokens: &Tokens<'t>, range: Range<usize>) -> Vec<&'t str> {
    let mut names = Vec::new();
    for at in range {
        let Some(name) = tokens.word(at) else { continue };
        let before = at.checked_sub(1).and_then(|before| tokens.kind(before));
        let first = match before {
            Some(Kind::Path) => {
                !matches!(at.checked_sub(2).and_then(|at| tokens.kind(at)), Some(Kind::Word | Kind::Sign(b'>')))
            }
            Some(Kind::Sign(b'$' | b'.')) => false,
            _ => true,
        };
        let head = first
            && tokens.kind(at + 1) == Some(Kind::Path)
            && name.starts_with(|c: char| c.is_lowercase() || c == '_');
        let import = matches!(before, Some(Kind::Word)) && tokens.word(at - 1) == Some("crate");
        let language = ["crate", "self", "super", "std", "core", "alloc"].contains(&name);
        if (head || import) && !language && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use crate::source::scan::Scan;

    fn forms(text: &str) -> Vec<(String, String)> {
        let scan = Scan::of(text);
        scan.calls.iter().map(|call| (call.name.to_owned(), super::form(&scan.tokens, call))).collect()
    }

    #[test]
    fn calls_have_forms() {
        let found = forms("fn x() { say!(\"a\"); say!(\"a\", k => b.c(d)); other!{a, [b]; C} }");
        let found: Vec<(&str, &str)> = found.iter().map(|(n, f)| (n.as_str(), f.as_str())).collect();
        assert_eq!(found, [("say", "L"), ("say", "L,I=>E"), ("other", "I,G;I")]);
    }

    #[test]
    fn rules_tell_what_they_match_and_name() {
        let text = r"
            #[macro_export]
            macro_rules! say {
                ($id:expr) => { $crate::one($id) };
                ($id:expr, $($k:expr => $v:expr),+ $(,)?) => {{ let a = big_fluent::Args::new(); ::other::f(); $v::x(); a }};
            }
        ";
        let scan = Scan::of(text);
        assert_eq!(scan.macros.len(), 1);
        let rules = super::rules(&scan.tokens, &scan.macros[0]).unwrap();
        assert_eq!(rules, "$expr\t\n$expr , $ ( $expr => $expr ) , + $ ( , ) ?\tbig_fluent other\n");
    }

    #[test]
    fn a_macro_that_names_nothing_is_not_told() {
        let scan = Scan::of("#[macro_export] macro_rules! a { () => { $crate::b::c() } }");
        assert_eq!(super::rules(&scan.tokens, &scan.macros[0]), None);
    }
}
