//! Source code, and settings, which are written in the same language:
//!
//! ```text
//! use paint.brush Brush      # hard; indented, that is inside a function: lazy
//! try use rocket             # optional
//! type use shapes            # types
//! load paint.oil             # an import by name
//! computed load paint.       # an import with a name that only running tells, and how it begins, if that is known
//! call soup.Soup fast
//! set QUEUE = pigeon://farm
//! text "paint.oil"
//! root lib                   # adds a folder that modules are looked up in
//! ```

use crate::text;
use depslim_model::{Facts, How, Problem, Source, Strength, Use};

/// Reads a source file, of the project or of an installed package.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let (text, problem) = text::decode(source.bytes);
    let mut facts = Facts { problems: problem.into_iter().collect(), ..Facts::default() };
    for line in text::lines(&text) {
        let strength = if line.indented { Strength::Lazy } else { Strength::Hard };
        let mut add = |how, name: &str, value: &str, strength| {
            let (name, value) = (name.to_owned(), value.to_owned());
            facts.uses.push(Use { how, name, value, strength, line: line.number });
        };
        match line.text.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["use", module, names @ ..] => imports(module, names, strength, &mut add),
            ["try", "use", module, names @ ..] => imports(module, names, Strength::Optional, &mut add),
            ["type", "use", module, names @ ..] => imports(module, names, Strength::Types, &mut add),
            ["load", module] => add(How::Dynamic, module, "load", strength),
            ["computed", function, start @ ..] => add(How::Computed, function, start.first().unwrap_or(&""), strength),
            ["call", function, values @ ..] => {
                add(How::Name, function, "", strength);
                add(How::Call, function, values.first().unwrap_or(&""), strength);
            }
            ["set", name, "=", value] => {
                add(How::Setting, name, value, Strength::Lazy);
                if let Some((scheme, _)) = value.split_once("://") {
                    add(How::Url, scheme, name, Strength::Lazy);
                }
            }
            ["text", string] => match string.split_once("://") {
                Some((scheme, _)) => add(How::Url, scheme.trim_start_matches('"'), "", Strength::Lazy),
                None => add(How::Text, string.trim_matches('"'), "", Strength::Lazy),
            },
            ["root", folder] => facts.module_roots.push((*folder).to_owned()),
            _ => facts.problems.push(Problem::at(line.number, format!("`{}` is no statement", line.text))),
        }
    }
    facts
}

/// The imports of an installed file, and nothing else.
pub(crate) fn skim(source: &Source<'_>) -> Facts {
    let mut uses = read(source).uses;
    uses.retain(|used| matches!(used.how, How::Import | How::Dynamic));
    Facts { uses, ..Facts::default() }
}

/// `use module`, or one import for each name that is taken out of it.
fn imports(module: &str, names: &[&str], strength: Strength, add: &mut dyn FnMut(How, &str, &str, Strength)) {
    if names.is_empty() {
        add(How::Import, module, "", strength);
    }
    for name in names {
        add(How::Import, module, name, strength);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;

    /// Every use as `line how name value strength`, then every problem as `line: message`.
    fn check(text: &str, expect: &[&str]) {
        let facts = read(&Source { path: "farm/main.toy", bytes: text.as_bytes(), settings: &Settings::default() });
        let uses = facts.uses.iter().map(|u| format!("{} {:?} {} {} {:?}", u.line, u.how, u.name, u.value, u.strength));
        let problems = facts.problems.iter().map(|p| format!("{}: {}", p.line, p.message));
        assert_eq!(uses.chain(problems).collect::<Vec<_>>(), expect, "{text}");
    }

    #[test]
    fn imports_have_a_strength() {
        check("use paint", &["1 Import paint  Hard"]);
        check("\n  use paint.oil # late", &["2 Import paint.oil  Lazy"]);
        check("try use ..paint", &["1 Import ..paint  Optional"]);
        check("type use paint", &["1 Import paint  Types"]);
        check("use paint Oil Ink", &["1 Import paint Oil Hard", "1 Import paint Ink Hard"]);
    }

    #[test]
    fn uses_by_name_are_told_apart() {
        check("load paint.oil", &["1 Dynamic paint.oil load Hard"]);
        check("computed load", &["1 Computed load  Hard"]);
        check("  computed load paint.", &["1 Computed load paint. Lazy"]);
        check("call soup.Soup fast", &["1 Name soup.Soup  Hard", "1 Call soup.Soup fast Hard"]);
        check("text \"paint.oil\"", &["1 Text paint.oil  Lazy"]);
        check("text \"pigeon+fast://farm\"", &["1 Url pigeon+fast  Lazy"]);
        check("set ENGINE = paint.oil", &["1 Setting ENGINE paint.oil Lazy"]);
        check("set QUEUE = pigeon://farm", &["1 Setting QUEUE pigeon://farm Lazy", "1 Url pigeon QUEUE Lazy"]);
    }

    #[test]
    fn a_strange_line_is_named_and_the_rest_counts() {
        check(
            "use\nuse paint\nwish upon",
            &["2 Import paint  Hard", "1: `use` is no statement", "3: `wish upon` is no statement"],
        );
    }
}
