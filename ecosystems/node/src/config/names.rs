//! Strings that may name modules.

/// The modules that a string of a configuration may name: mostly one; loaders are chained with `!`.
pub(super) fn modules(text: &str) -> Vec<String> {
    if text.len() > 300 {
        return Vec::new();
    }
    text.split('!').filter_map(module).map(str::to_owned).collect()
}

fn module(text: &str) -> Option<&str> {
    let text = text.split('?').next().unwrap_or_default().trim_start_matches('~');
    let inside = text.rsplit_once("node_modules/").map_or(text, |(_, inside)| inside);
    let mut parts = inside.splitn(3, '/');
    let first = parts.next()?;
    let is_name = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['.', '_'])
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
    };
    let named = match first.strip_prefix('@') {
        Some(scope) => is_name(scope) && parts.next().is_some_and(is_name),
        None => is_name(first) && !first.bytes().all(|b| b.is_ascii_digit() || b == b'.'),
    };
    let plain = inside
        .bytes()
        .all(|b| b.is_ascii_graphic() && !matches!(b, b'*' | b'$' | b'{' | b'(' | b'<' | b'|' | b':' | b'\\'));
    (named && plain).then_some(inside)
}

#[cfg(test)]
mod tests {
    use super::modules;

    #[test]
    fn names_are_told_from_other_texts() {
        for (text, expect) in [
            ("plum", &["plum"][..]),
            ("@orchard/plum/deep.js", &["@orchard/plum/deep.js"]),
            ("./node_modules/plum/a.css", &["plum/a.css"]),
            ("style-loader!css-loader?modules", &["style-loader", "css-loader"]),
            ("~plum/a", &["plum/a"]),
            ("./plum", &[]),
            ("/plum", &[]),
            ("**/*.ts", &[]),
            ("a plum", &[]),
            ("https://a.example.invalid", &[]),
            ("<rootDir>/plum", &[]),
            ("@orchard", &[]),
            ("18.2", &[]),
            ("", &[]),
        ] {
            assert_eq!(modules(text), expect, "{text}");
        }
    }
}
