//! The lines of `go.mod` and `go.work`: words, blocks and comments, each with its place. Format: <https://go.dev/ref/mod#go-mod-file-lexical>.

use std::ops::Range;

/// One directive, inside a block or alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Directive {
    /// `require`, `replace` …
    pub(crate) verb: String,
    /// The words behind the verb.
    pub(crate) words: Vec<String>,
    /// What stands behind `//` on the same line.
    pub(crate) comment: Option<String>,
    /// Line, from 1.
    pub(crate) line: u32,
    /// Bytes of the whole line with its line break.
    pub(crate) span: Range<usize>,
    /// True when it stands in a block (`require ( … )`).
    pub(crate) in_block: bool,
}

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text {
    /// In the order of the file.
    pub(crate) directives: Vec<Directive>,
    /// Lines that make no sense.
    pub(crate) problems: Vec<(u32, String)>,
}

/// Reads a file. Any bytes are taken.
pub(crate) fn parse(bytes: &[u8]) -> Text {
    let mut text = Text::default();
    let mut block: Option<String> = None;
    let mut start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut line = 0;
    // What a raw string or a block comment began and did not end makes the rest of the line a word; the next line starts anew.
    while start < bytes.len() {
        line += 1;
        let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at + 1);
        let content = String::from_utf8_lossy(&bytes[start..end]);
        let (mut words, comment) = words(&content);
        let span = start..end;
        start = end;
        if words.is_empty() {
            continue;
        }
        match (&block, words[0].as_str()) {
            (Some(_), ")") => block = None,
            (Some(verb), _) => {
                text.directives.push(Directive { verb: verb.clone(), words, comment, line, span, in_block: true });
            }
            (None, ")" | "(") => text.problems.push((line, "a bracket that belongs to nothing".into())),
            (None, _) => {
                let verb = words.remove(0);
                match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                    ["("] => block = Some(verb),
                    ["(", ")"] => {}
                    _ => text.directives.push(Directive { verb, words, comment, line, span, in_block: false }),
                }
            }
        }
    }
    if let Some(verb) = block {
        text.problems.push((line.max(1), format!("the block of {verb} is not closed")));
    }
    text
}

/// The words of a line and its comment.
fn words(content: &str) -> (Vec<String>, Option<String>) {
    let mut words = Vec::new();
    let mut rest = content.trim();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return (words, None);
        }
        if let Some(comment) = rest.strip_prefix("//") {
            return (words, Some(comment.trim().to_owned()));
        }
        if let Some(after) = rest.strip_prefix("/*") {
            rest = after.split_once("*/").map_or("", |(_, rest)| rest);
            continue;
        }
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '`'));
        if let Some(quote) = quote {
            let inner = &rest[1..];
            let (word, after) = inner.split_once(quote).unwrap_or((inner, ""));
            words.push(word.to_owned());
            rest = after;
            continue;
        }
        if let Some(first) = rest.chars().next().filter(|c| matches!(c, '(' | ')' | '[' | ']' | ',')) {
            words.push(first.to_string());
            rest = &rest[1..];
            continue;
        }
        let end = rest
            .char_indices()
            .find(|(at, c)| {
                c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | ',') || rest[*at..].starts_with("//")
            })
            .map_or(rest.len(), |(at, _)| at);
        words.push(rest[..end].to_owned());
        rest = &rest[end..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(&str, &[&str], Option<&str>, u32)]) {
        let parsed = parse(text.as_bytes());
        let found: Vec<(String, Vec<String>, Option<String>, u32)> =
            parsed.directives.into_iter().map(|d| (d.verb, d.words, d.comment, d.line)).collect();
        let expect: Vec<(String, Vec<String>, Option<String>, u32)> = expect
            .iter()
            .map(|(verb, words, comment, line)| {
                ((*verb).into(), words.iter().map(|w| (*w).into()).collect(), comment.map(Into::into), *line)
            })
            .collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn words_blocks_and_comments() {
        check(
            "module example.invalid/barn // the barn\n",
            &[("module", &["example.invalid/barn"], Some("the barn"), 1)],
        );
        check(
            "require (\n\t// a heading\n\thay.example v1.0.0 // indirect\n\n\t\"straw.example\" v2.0.0\n)\nrequire oats.example v1.2.3\r\n",
            &[
                ("require", &["hay.example", "v1.0.0"], Some("indirect"), 3),
                ("require", &["straw.example", "v2.0.0"], None, 5),
                ("require", &["oats.example", "v1.2.3"], None, 7),
            ],
        );
        check("retract [v1.0.0, v1.9.9]", &[("retract", &["[", "v1.0.0", ",", "v1.9.9", "]"], None, 1)]);
        check("\u{feff}go 1.21", &[("go", &["1.21"], None, 1)]);
        check("replace a => ../b//c", &[("replace", &["a", "=>", "../b"], Some("c"), 1)]);
    }

    #[test]
    fn strange_files() {
        assert_eq!(parse(b"").problems, []);
        assert_eq!(parse(b"require (\n").problems, [(1, "the block of require is not closed".into())]);
        assert_eq!(parse(b")\n").problems, [(1, "a bracket that belongs to nothing".into())]);
        check("require ()\n", &[]);
        check("a \"open\nb c", &[("a", &["open"], None, 1), ("b", &["c"], None, 2)]);
    }
}
