//! Which rules of a macro a call may mean, by the form of its arguments.

/// Steps after which any rule may be meant.
const MOST_STEPS: u32 = 4000;

/// Whether a pattern matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    Yes,
    No,
    Maybe,
}

/// The names in the rules that a call may mean, each once.
pub(super) fn names<'r>(rules: &'r str, form: &str) -> Vec<&'r str> {
    let mut names: Vec<&str> = Vec::new();
    let mut sure = false;
    for rule in rules.lines() {
        let Some((pattern, named)) = rule.split_once('\t') else { continue };
        let matched = matches(pattern, form);
        if matched != Match::No {
            names.extend(named.split(' ').filter(|name| !name.is_empty()));
        }
        if matched == Match::Yes {
            sure = true;
            break;
        }
    }
    if !sure && names.is_empty() {
        // Nothing matched: what a call looks like is not all that there is to it.
        names = rules
            .lines()
            .filter_map(|rule| rule.split_once('\t'))
            .flat_map(|(_, n)| n.split(' '))
            .filter(|n| !n.is_empty())
            .collect();
    }
    names.sort_unstable();
    names.dedup();
    names
}

#[derive(Debug)]
enum Piece<'p> {
    /// `$x:kind`
    Part(&'p str),
    /// `,` `;` `=>` as written.
    Between(&'p str),
    /// Any other token.
    Word,
    /// `$( … ) sep op`: what repeats, what stands between, whether it may be absent, whether it may come again.
    Again(Vec<Piece<'p>>, Option<&'p str>, bool, bool),
}

fn matches(pattern: &str, form: &str) -> Match {
    if form.ends_with('…') {
        return Match::Maybe;
    }
    let words: Vec<&str> = pattern.split(' ').filter(|w| !w.is_empty()).collect();
    let mut at = 0;
    let pieces = parse(&words, &mut at, 0);
    let symbols = symbols(form);
    let mut steps = 0;
    let refs: Vec<&Piece<'_>> = pieces.iter().collect();
    let (exact, maybe) = run(&refs, &symbols, &mut steps);
    match (exact, maybe) {
        _ if steps > MOST_STEPS => Match::Maybe,
        (true, _) => Match::Yes,
        (false, true) => Match::Maybe,
        (false, false) => Match::No,
    }
}

fn symbols(form: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < form.len() {
        let len = if form[at..].starts_with("=>") { 2 } else { 1 };
        all.push(&form[at..at + len]);
        at += len;
    }
    all
}

fn parse<'p>(words: &[&'p str], at: &mut usize, depth: u32) -> Vec<Piece<'p>> {
    let mut pieces = Vec::new();
    while let Some(word) = words.get(*at) {
        *at += 1;
        match *word {
            ")" if depth > 0 => return pieces,
            "$" if words.get(*at) == Some(&"(") && depth < 16 => {
                *at += 1;
                let inner = parse(words, at, depth + 1);
                let op = |w: Option<&&str>| matches!(w, Some(&("*" | "+" | "?")));
                let between = if op(words.get(*at)) { None } else { words.get(*at).copied() };
                *at += usize::from(between.is_some());
                let sign = words.get(*at).copied().unwrap_or("*");
                *at += 1;
                pieces.push(Piece::Again(inner, between, sign != "+", sign != "?"));
            }
            "," | ";" | "=>" => pieces.push(Piece::Between(word)),
            other => pieces.push(other.strip_prefix('$').filter(|k| !k.is_empty()).map_or(Piece::Word, Piece::Part)),
        }
    }
    pieces
}

/// Whether the pieces match all symbols: for certain, or perhaps.
fn run(pieces: &[&Piece<'_>], symbols: &[&str], steps: &mut u32) -> (bool, bool) {
    *steps += 1;
    if *steps > MOST_STEPS {
        return (false, true);
    }
    let Some((first, rest)) = pieces.split_first() else { return (symbols.is_empty(), false) };
    match first {
        Piece::Between(sign) => match symbols.split_first() {
            Some((symbol, behind)) if symbol == sign => run(rest, behind, steps),
            _ => (false, false),
        },
        // What else stands there is no part of a form.
        Piece::Word => (false, symbols.first().is_some_and(|s| matches!(*s, "E" | "I" | "G" | "L"))),
        Piece::Part(kind) => match symbols.split_first() {
            Some((symbol, behind)) if matches!(*symbol, "E" | "I" | "L" | "G") => match (*kind, *symbol) {
                ("ident", "L" | "G") | ("literal", "I" | "G") | ("block", "I" | "L") => (false, false),
                ("tt" | "ident" | "literal" | "lifetime" | "vis" | "item", "E") | ("vis" | "item", _) => (false, true),
                _ => run(rest, behind, steps),
            },
            _ if *kind == "vis" => run(rest, symbols, steps),
            _ if *kind == "tt" && !symbols.is_empty() => run(rest, &symbols[1..], steps),
            _ => (false, false),
        },
        Piece::Again(inner, between, absent, again) => {
            let mut maybe = false;
            let mut once: Vec<&Piece<'_>> = inner.iter().collect();
            // Once more: then what stands between and the repetition again, or what follows.
            let separator = between.map(Piece::Between);
            if *absent {
                let (exact, perhaps) = run(rest, symbols, steps);
                if exact {
                    return (true, perhaps);
                }
                maybe |= perhaps;
            }
            once.extend(rest);
            let (exact, perhaps) = run(&once, symbols, steps);
            if exact {
                return (true, perhaps);
            }
            maybe |= perhaps;
            if *again && !symbols.is_empty() && !inner.is_empty() {
                let mut twice: Vec<&Piece<'_>> = inner.iter().collect();
                twice.extend(separator.as_ref());
                twice.push(first);
                twice.extend(rest);
                // A repetition of nothing ends with the steps.
                let (exact, perhaps) = run(&twice, symbols, steps);
                return (exact, perhaps || maybe);
            }
            (false, maybe)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAY: &str = "$expr\t\n$expr , $ ( $expr => $expr ) , + $ ( , ) ?\tbig_fluent\n";

    fn check(rules: &str, form: &str, expect: &[&str]) {
        assert_eq!(names(rules, form), expect, "{form}");
    }

    #[test]
    fn the_rule_that_is_meant_tells_the_names() {
        check(SAY, "L", &[]);
        check(SAY, "E", &[]);
        check(SAY, "L,L=>I", &["big_fluent"]);
        check(SAY, "L,L=>I,L=>E,", &["big_fluent"]);
        check("\t\n$ ( $tt ) *\tapple\n", "", &[]);
        check("\t\n$ ( $tt ) *\tapple\n", "L,E", &["apple"]);
    }

    #[test]
    fn what_can_not_be_told_names_all() {
        check("target : $expr\tapple\n$expr\tpear\n", "E", &["apple", "pear"]);
        check(SAY, "L;L", &["big_fluent"]);
        check(SAY, "L,…", &["big_fluent"]);
    }

    #[test]
    fn repetitions_of_nothing_end() {
        check("$ ( $ ( ) * ) *\tapple\n", "L,L,L", &["apple"]);
    }
}
