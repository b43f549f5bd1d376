//! Words of a shell text: quotes, escapes, names of variables.

/// Splits a command line into words as a shell would, without looking at operators: for lists of arguments in files that no
/// shell reads. An open quote takes the rest of the text.
pub fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut current: Option<String> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            c if c.is_whitespace() => words.extend(current.take()),
            '\'' => {
                let word = current.get_or_insert_default();
                word.extend(characters.by_ref().take_while(|c| *c != '\''));
            }
            '"' => {
                let word = current.get_or_insert_default();
                while let Some(inner) = characters.next() {
                    match inner {
                        '"' => break,
                        '\\' => match characters.next() {
                            Some(next @ ('"' | '\\' | '$' | '`')) => word.push(next),
                            Some('\n') | None => {}
                            Some(next) => word.extend(['\\', next]),
                        },
                        other => word.push(other),
                    }
                }
            }
            '\\' => match characters.next() {
                Some('\n') => {}
                next => current.get_or_insert_default().extend(next),
            },
            other => current.get_or_insert_default().push(other),
        }
    }
    words.extend(current);
    words
}

/// True for `NAME=value` and `NAME+=value`.
pub fn is_assignment(word: &str) -> bool {
    assignment(word).is_some()
}

/// Name and value of `NAME=value` or `NAME+=value`.
pub(super) fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let name = name.strip_suffix('+').unwrap_or(name);
    is_name(name).then_some((name, value))
}

/// True for the name of a variable.
pub(super) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A word that is one variable and nothing else: its name, and its default (`${NAME:-default}`).
pub(super) fn variable(word: &str) -> Option<(&str, Option<&str>)> {
    let rest = word.strip_prefix('$')?;
    let Some(inside) = rest.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
        return is_name(rest).then_some((rest, None));
    };
    let end = inside.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inside.len());
    let (name, operator) = inside.split_at(end);
    if !is_name(name) {
        return None;
    }
    match operator {
        // All items of an array.
        "" | "[@]" | "[*]" => Some((name, None)),
        _ => {
            let default = operator
                .strip_prefix(":-")
                .or_else(|| operator.strip_prefix(":="))
                .or_else(|| operator.strip_prefix('-').or_else(|| operator.strip_prefix('=')))?;
            (!default.contains(['$', '`', '}'])).then_some((name, Some(default)))
        }
    }
}
