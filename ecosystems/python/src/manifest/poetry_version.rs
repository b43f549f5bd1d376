//! Poetry's way of writing versions of Python (`^3.8`, `~3.9`, `3.9.*`, `>=3.8,<3.11 || >=3.12`), as PEP 440 and PEP 508 say it.

/// The constraint as PEP 440 specifiers; `None` for alternatives (`||`) and for what is not understood.
pub(crate) fn specifiers(text: &str) -> Option<String> {
    if text.contains('|') {
        return None;
    }
    let parts = simple(text)?;
    (!parts.is_empty())
        .then(|| parts.iter().map(|(sign, version)| format!("{sign}{version}")).collect::<Vec<_>>().join(","))
}

/// The constraint as an environment marker; `None` when it allows all, or is not understood.
pub(crate) fn marker(text: &str) -> Option<String> {
    let mut alternatives = Vec::new();
    for alternative in text.split("||").flat_map(|t| t.split('|')) {
        let parts = simple(alternative)?;
        if parts.is_empty() {
            return None;
        }
        let parts: Vec<_> = parts.iter().map(|(sign, version)| comparison(sign, version)).collect();
        alternatives.push(parts.join(" and "));
    }
    let several = alternatives.len() > 1;
    Some(
        alternatives
            .iter()
            .map(|a| if several { format!("({a})") } else { a.clone() })
            .collect::<Vec<_>>()
            .join(" or "),
    )
}

fn comparison(sign: &str, version: &str) -> String {
    let full = version.split('.').count() > 2 && !version.ends_with(".*");
    format!("{} {sign} '{version}'", if full { "python_full_version" } else { "python_version" })
}

/// Comma- or space-separated parts, each as a sign and a version; empty for `*`.
fn simple(text: &str) -> Option<Vec<(&'static str, String)>> {
    let mut out = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let signs = ["~=", "==", "!=", ">=", "<=", "^", "~", ">", "<", "="];
        let sign = signs.into_iter().find(|sign| rest.starts_with(sign)).unwrap_or("");
        rest = rest[sign.len()..].trim_start();
        let end = rest.find(|c: char| c == ',' || c.is_whitespace()).unwrap_or(rest.len());
        let version = &rest[..end];
        rest = rest[end..].trim_start_matches(|c: char| c == ',' || c.is_whitespace());
        if version == "*" && sign.is_empty() {
            continue;
        }
        let numbers: Option<Vec<u64>> =
            version.strip_suffix(".*").unwrap_or(version).split('.').map(|n| n.parse().ok()).collect();
        let numbers = numbers.filter(|n| n.len() <= 3)?;
        match sign {
            "^" => {
                // The first number that is not zero may not change.
                let fixed = numbers.iter().position(|n| *n != 0).unwrap_or(numbers.len() - 1);
                out.extend([(">=", version.to_owned()), ("<", above(&numbers, fixed))]);
            }
            "~" => out.extend([(">=", version.to_owned()), ("<", above(&numbers, usize::from(numbers.len() > 1)))]),
            "~=" if numbers.len() > 1 => {
                out.extend([(">=", version.to_owned()), ("<", above(&numbers, numbers.len() - 2))]);
            }
            "" | "=" | "==" => out.push(("==", version.to_owned())),
            "!=" => out.push(("!=", version.to_owned())),
            ">=" => out.push((">=", version.to_owned())),
            "<=" => out.push(("<=", version.to_owned())),
            ">" => out.push((">", version.to_owned())),
            "<" => out.push(("<", version.to_owned())),
            _ => return None,
        }
    }
    Some(out)
}

/// The least version above all that keep the numbers up to `fixed`.
fn above(numbers: &[u64], fixed: usize) -> String {
    let mut out: Vec<String> = numbers[..=fixed].iter().map(u64::to_string).collect();
    if let (Some(last), Some(number)) = (out.last_mut(), numbers.get(fixed)) {
        *last = number.saturating_add(1).to_string();
    }
    if out.len() == 1 {
        out.push("0".into());
    }
    out.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, as_specifiers: &str, as_marker: &str) {
        assert_eq!(specifiers(text).unwrap_or_default(), as_specifiers, "{text}");
        assert_eq!(marker(text).unwrap_or_default(), as_marker, "{text}");
    }

    #[test]
    fn carets_and_tildes() {
        check("^3.8", ">=3.8,<4.0", "python_version >= '3.8' and python_version < '4.0'");
        check("^3.8.1", ">=3.8.1,<4.0", "python_full_version >= '3.8.1' and python_version < '4.0'");
        check("~3.9", ">=3.9,<3.10", "python_version >= '3.9' and python_version < '3.10'");
        check("~3", ">=3,<4.0", "python_version >= '3' and python_version < '4.0'");
        check("~=3.9", ">=3.9,<4.0", "python_version >= '3.9' and python_version < '4.0'");
    }

    #[test]
    fn plain_ones() {
        check(">=3.8,<3.12", ">=3.8,<3.12", "python_version >= '3.8' and python_version < '3.12'");
        check(">= 3.8 < 3.12", ">=3.8,<3.12", "python_version >= '3.8' and python_version < '3.12'");
        check("3.11", "==3.11", "python_version == '3.11'");
        check("3.9.*", "==3.9.*", "python_version == '3.9.*'");
        check("*", "", "");
    }

    #[test]
    fn alternatives_are_no_specifiers() {
        check("<3.8 || >=3.10", "", "(python_version < '3.8') or (python_version >= '3.10')");
    }

    #[test]
    fn what_is_not_understood_says_nothing() {
        for text in ["latest", "^", ">=x", "3.9.1.2", "99999999999999999999999"] {
            check(text, "", "");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[0-9.^~=<>!*|, a]{0,20}") {
            specifiers(&text);
            marker(&text);
        }
    }
}
