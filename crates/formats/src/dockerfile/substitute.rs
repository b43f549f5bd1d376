//! Variables in container files: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:+other}`.

/// Longer values are kept as written: a file can double a value on each line.
const MAX_LENGTH: usize = 1 << 14;

/// Fills in the variables that `lookup` knows; the others stay as written.
pub(super) fn substitute(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    fill(text, lookup, 0)
}

fn fill(text: &str, lookup: &dyn Fn(&str) -> Option<String>, depth: u32) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (length, value) = variable(rest, lookup, depth);
        out.push_str(value.as_deref().unwrap_or(&rest[..length]));
        rest = &rest[length..];
        if out.len() > MAX_LENGTH {
            return text.to_owned();
        }
    }
    out.push_str(rest);
    out
}

/// Length of the variable at the start of `text`, and its value.
fn variable(text: &str, lookup: &dyn Fn(&str) -> Option<String>, depth: u32) -> (usize, Option<String>) {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let Some(inside) = text.strip_prefix("${") else {
        let name = &text[1..];
        let length = name.find(|c| !is_name(c)).unwrap_or(name.len());
        return (1 + length, (length > 0).then(|| lookup(&name[..length])).flatten());
    };
    let Some(end) = closing(inside).filter(|_| depth < 8) else { return (1, None) };
    let body = &inside[..end];
    let (name, operator) = body.split_at(body.find(|c| !is_name(c)).unwrap_or(body.len()));
    let known = lookup(name);
    let set = known.as_deref().is_some_and(|value| !value.is_empty());
    let value = match (operator.strip_prefix(':').unwrap_or(operator), operator.starts_with(':')) {
        ("", _) => known,
        (word, colon) => match (word.chars().next(), known) {
            (Some('-'), Some(value)) if set || !colon => Some(value),
            (Some('-'), _) => Some(fill(&word[1..], lookup, depth + 1)),
            (Some('+'), _) if set => Some(fill(&word[1..], lookup, depth + 1)),
            (Some('+'), _) => Some(String::new()),
            (Some('?'), known) => known,
            _ => None,
        },
    };
    (2 + end + 1, value)
}

fn closing(text: &str) -> Option<usize> {
    let mut depth = 1_u32;
    text.bytes().take(1000).position(|byte| {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        depth == 0
    })
}

#[cfg(test)]
mod tests {
    use super::substitute;

    #[test]
    fn known_variables_are_filled_in() {
        let lookup = |name: &str| match name {
            "TAG" => Some("3.13-slim".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        for (text, expect) in [
            ("python:$TAG", "python:3.13-slim"),
            ("python:${TAG}-x", "python:3.13-slim-x"),
            ("${MISSING:-fig}", "fig"),
            ("${MISSING:-$TAG}", "3.13-slim"),
            ("${EMPTY:-fig}|${EMPTY-fig}", "fig|"),
            ("${TAG:+set}${MISSING:+set}", "set"),
            ("$MISSING/${MISSING}", "$MISSING/${MISSING}"),
            ("${TAG#3}", "${TAG#3}"),
            ("a$ ${open", "a$ ${open"),
        ] {
            assert_eq!(substitute(text, &lookup), expect, "{text}");
        }
    }
}
