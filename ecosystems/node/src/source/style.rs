//! Style sheets: what CSS, Sass, Less and `PostCSS` files import.
//!
//! A style sheet is compiled, never run: like a type, what it names is looked at when the project is built and loaded by nothing later.

use super::Sink;
use depslim_formats::text::{LineIndex, decode};
use depslim_model::{Facts, How, Source, Strength, Use};

/// Reads a style sheet.
pub(super) fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let lines = LineIndex::new(&decoded.text);
    let ending = source.path.rsplit('.').next().unwrap_or_default();
    let mut sink = Sink::default();
    let language = if matches!(ending, "scss" | "sass" | "less" | "styl") { ending } else { "" };
    if !language.is_empty() {
        let (name, value) = ("style.lang".to_owned(), language.to_owned());
        sink.add(Use { how: How::Setting, name, value, strength: Strength::Lazy, line: 1 });
    }
    text(&decoded.text, language, |at| lines.line(at), &mut sink);
    let mut facts = sink.facts(false);
    facts.problems.extend(decoded.problems.iter().cloned());
    facts
}

/// Reads the rules of a style sheet in this language; empty for CSS.
pub(super) fn text(text: &str, language: &str, line: impl Fn(usize) -> u32, sink: &mut Sink) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = memchr::memmem::find(&bytes[at + 2..], b"*/").map_or(bytes.len(), |end| at + end + 4);
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') && !language.is_empty() => {
                at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
            }
            quote @ (b'"' | b'\'') => {
                at = memchr::memchr2(quote, b'\n', &bytes[at + 1..]).map_or(bytes.len(), |end| at + end + 2);
            }
            b'@' => {
                let end = memchr::memchr3(b';', b'{', b'}', &bytes[at..]).map_or(bytes.len(), |end| at + end);
                // The indented syntax ends statements with lines.
                let end = if matches!(language, "sass" | "styl") {
                    memchr::memchr(b'\n', &bytes[at..end]).map_or(end, |line| at + line)
                } else {
                    end
                };
                rule(&text[at + 1..end], line(at), sink);
                at = end.max(at + 1);
            }
            b'u' if bytes[at..].starts_with(b"url(") => {
                let end = memchr::memchr(b')', &bytes[at..]).map_or(bytes.len(), |end| at + end);
                let target = text[at + 4..end.max(at + 4)].trim().trim_matches(['"', '\'']);
                if let Some(target) =
                    target.strip_prefix('~').or_else(|| target.split_once("node_modules/").map(|(_, rest)| rest))
                {
                    add(target, "url", line(at), sink);
                }
                at = end;
            }
            _ => at += 1,
        }
    }
}

/// One rule behind its `@`.
fn rule(text: &str, line: u32, sink: &mut Sink) {
    let name_end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(text.len());
    let (name, rest) = text.split_at(name_end);
    if !matches!(
        name,
        "import" | "use" | "forward" | "plugin" | "config" | "require" | "reference" | "source" | "tailwind" | "apply"
    ) {
        return;
    }
    if name == "tailwind" || name == "apply" {
        return add("tailwindcss", name, line, sink);
    }
    for target in quoted(rest) {
        // Less puts its options into parentheses; a media query has no quotes.
        let target = target.trim_start_matches('~');
        let outside =
            target.contains("://") || target.starts_with("//") || target.ends_with(')') || target.starts_with("sass:");
        if target.is_empty() || outside || target.contains(char::is_whitespace) {
            continue;
        }
        if name == "source" {
            if let Some((_, inside)) = target.split_once("node_modules/") {
                add(inside, name, line, sink);
            }
            continue;
        }
        let inside = target.split_once("node_modules/").map_or(target, |(_, inside)| inside);
        add(inside, name, line, sink);
        if name == "import" && rest.contains("source(") {
            // `@import "tailwindcss" source("…")` names a folder.
            break;
        }
    }
    // `@import url(~x/y.css)`
    if let Some((_, url)) = rest.split_once("url(") {
        let target = url.split(')').next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        if let Some(target) = target.strip_prefix('~') {
            add(target, name, line, sink);
        }
    }
}

/// The strings of a rule.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find(['"', '\''])?;
        let quote = rest.as_bytes()[start] as char;
        let inside = &rest[start + 1..];
        let end = inside.find(quote)?;
        rest = &inside[end + 1..];
        Some(&inside[..end])
    })
}

fn add(name: &str, value: &str, line: u32, sink: &mut Sink) {
    sink.add(Use {
        how: How::Dynamic,
        name: name.to_owned(),
        value: format!("@{value}"),
        strength: Strength::Types,
        line,
    });
}
