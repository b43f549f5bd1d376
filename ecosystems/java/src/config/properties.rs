//! Java properties (`java.util.Properties.load`): keys and values with their lines; continued lines are one, escapes are undone.

/// Key, value and line of each entry.
pub(crate) fn lines(text: &str) -> Vec<(String, String, u32)> {
    let mut all = Vec::new();
    let mut line = 0;
    let mut open: Option<(String, u32)> = None;
    for raw in text.lines() {
        line += 1;
        let trimmed = raw.trim_start();
        let (mut whole, first) = match open.take() {
            Some(begun) => begun,
            None if trimmed.is_empty() || trimmed.starts_with(['#', '!']) => continue,
            None => (String::new(), line),
        };
        let continued = trimmed.len() - trimmed.trim_end_matches('\\').len();
        if continued % 2 == 1 {
            whole.push_str(&trimmed[..trimmed.len() - 1]);
            open = Some((whole, first));
        } else {
            whole.push_str(trimmed);
            all.push(entry(&whole, first));
        }
    }
    all.extend(open.map(|(whole, first)| entry(&whole, first)));
    all
}

/// Keys and values.
pub(crate) fn pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    lines(text).into_iter().map(|(key, value, _)| (key, value))
}

fn entry(whole: &str, line: u32) -> (String, String, u32) {
    let mut escaped = false;
    let end = whole.char_indices().find(|(_, c)| {
        let here = !escaped && (matches!(c, '=' | ':') || c.is_whitespace());
        escaped = !escaped && *c == '\\';
        here
    });
    let end = end.map_or(whole.len(), |(at, _)| at);
    let value = whole[end..].trim_start();
    let value = value.strip_prefix(['=', ':']).unwrap_or(value).trim();
    (unescaped(&whole[..end]), unescaped(value), line)
}

fn unescaped(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some('u') => {
                    let code: String = chars.by_ref().take(4).collect();
                    out.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
                }
                Some(other) => out.push(other),
                None => {}
            },
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_as_java_reads_them() {
        for (text, expect) in [
            ("a=b", vec![("a", "b", 1)]),
            ("a : b c ", vec![("a", "b c", 1)]),
            ("a b", vec![("a", "b", 1)]),
            ("# no\n! no\n\na=\\\n  b,\\\n  c\nd", vec![("a", "b,c", 4), ("d", "", 7)]),
            ("http\\://x=y", vec![("http://x", "y", 1)]),
            ("a=\\u0041\\u12", vec![("a", "A\u{12}", 1)]),
            ("a=b\\", vec![("a", "b", 1)]),
        ] {
            let found = lines(text);
            let found: Vec<(&str, &str, u32)> = found.iter().map(|(k, v, l)| (k.as_str(), v.as_str(), *l)).collect();
            assert_eq!(found, expect, "{text}");
        }
    }
}
