//! Examples in documentation: they are compiled as tests.

use std::ops::Range;

/// An example: its text, and for each of its lines the line of the file (from 0, counted from where the documentation begins).
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Example {
    pub(super) text: String,
    pub(super) lines: Vec<u32>,
}

/// Examples in the documentation comments of a file. `line` gives an offset's line.
pub(super) fn in_comments(text: &str, docs: &[Range<usize>], line: &dyn Fn(usize) -> u32) -> Vec<Example> {
    let mut reader = Reader::default();
    let mut end = 0;
    for doc in docs {
        let comment = &text[doc.clone()];
        // Comments that something stands between belong to different items.
        if text.get(end..doc.start).is_some_and(|gap| !gap.trim().is_empty()) {
            reader.interrupt();
        }
        end = doc.end;
        if comment.starts_with("/*") {
            reader.interrupt();
            if comment.contains("```") {
                let first = line(doc.start);
                for (at, text) in comment.lines().enumerate() {
                    reader.line(text.trim_start().trim_start_matches('*'), first + at as u32);
                }
            }
            reader.interrupt();
        } else if reader.open.is_some() || comment.contains("```") || comment.contains("~~~") {
            reader.line(comment.get(3..).unwrap_or(""), line(doc.start));
        }
    }
    reader.interrupt();
    reader.found
}

/// What documentation links to as items ([intra-doc links](https://doc.rust-lang.org/rustdoc/write-documentation/linking-to-items-by-name.html)):
/// first and second part of the path, with the offset.
pub(super) fn links(text: &str, docs: &[Range<usize>]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for doc in docs {
        let comment = &text[doc.clone()];
        for (at, _) in comment.match_indices("::") {
            let name = |c: char| c.is_alphanumeric() || c == '_';
            let start = comment[..at]
                .rfind(|c| !name(c))
                .map_or(0, |end| end + comment[end..].chars().next().map_or(1, char::len_utf8));
            // `[x::Y]`, `[`x::Y`]`, `(x::Y)`, behind a kind of item (`struct@`) or not.
            let before = comment[..start].trim_end_matches('`').trim_end_matches("::");
            let next = &comment[at + 2..];
            let next = &next[..next.find(|c| !name(c)).unwrap_or(next.len())];
            let opens =
                before.ends_with('[') || before.ends_with("](") || before.ends_with('@') || before.ends_with("]: ");
            if opens && start < at && !next.is_empty() {
                found.push((format!("{}::{next}", &comment[start..at]), doc.start + start));
            }
        }
    }
    found
}

/// Examples in a Markdown file.
pub(super) fn in_markdown(text: &str) -> Vec<Example> {
    let mut reader = Reader::default();
    for (at, line) in text.lines().enumerate() {
        reader.line(line, at as u32 + 1);
    }
    reader.interrupt();
    reader.found
}

#[derive(Default)]
struct Reader {
    found: Vec<Example>,
    /// The fence that closes the block that is open, and the example if it is one.
    open: Option<(String, Option<Example>)>,
}

impl Reader {
    fn line(&mut self, text: &str, number: u32) {
        let trimmed = text.trim();
        let Some((fence, example)) = &mut self.open else {
            let mark = trimmed.chars().next().filter(|c| matches!(c, '`' | '~'));
            let count = mark.map_or(0, |mark| trimmed.chars().take_while(|c| *c == mark).count());
            if count >= 3 {
                let (fence, info) = trimmed.split_at(count);
                self.open = Some((fence.to_owned(), is_rust(info).then(Example::default)));
            }
            return;
        };
        if trimmed.starts_with(fence.as_str()) {
            let example = example.take();
            self.open = None;
            self.found.extend(example.filter(|example| !example.text.is_empty()));
        } else if let Some(example) = example {
            // A line that starts with `#` is hidden from readers and compiled.
            let code = trimmed.strip_prefix("# ").or_else(|| trimmed.strip_prefix("##")).unwrap_or(trimmed);
            example.text.push_str(if trimmed == "#" { "" } else { code });
            example.text.push('\n');
            example.lines.push(number);
        }
    }

    /// What is open here is never closed.
    fn interrupt(&mut self) {
        if let Some((_, Some(example))) = self.open.take() {
            self.found.extend((!example.text.is_empty()).then_some(example));
        }
    }
}

/// Whether a block is Rust: it says so, or says nothing of a language.
fn is_rust(info: &str) -> bool {
    info.split([',', ' ', '{', '}']).map(str::trim).all(|word| {
        matches!(word, "" | "rust" | "no_run" | "should_panic" | "ignore" | "compile_fail" | "no_compile")
            || word.starts_with("edition")
            || word.starts_with("ignore-")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_blocks_are_examples() {
        let text =
            "a\n```\nuse big_tree::X;\n# use leaf::Y;\n```\n```toml\nx = 1\n```\n```rust,no_run\nz\n```\n```text\nno\n";
        let found = in_markdown(text);
        let texts: Vec<(&str, &[u32])> = found.iter().map(|e| (e.text.as_str(), e.lines.as_slice())).collect();
        assert_eq!(texts, [("use big_tree::X;\nuse leaf::Y;\n", &[3, 4][..]), ("z\n", &[10])]);
    }

    #[test]
    fn comments_of_two_items_are_two_texts() {
        let text = "/// ```\n/// a::b()\nfn x() {}\n/// c::d()\n/// ```\n/// e::f()\n";
        let docs: Vec<_> = crate::source::tokens::Tokens::of(text).docs;
        let found = in_comments(text, &docs, &|offset| text[..offset].matches('\n').count() as u32 + 1);
        assert_eq!(
            found,
            [Example { text: "a::b()\n".into(), lines: vec![2] }, Example { text: "e::f()\n".into(), lines: vec![6] }]
        );
    }
}
