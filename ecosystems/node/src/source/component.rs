//! Components and pages: the code in Vue, Svelte, Astro, MDX and HTML files.

use super::lex::Dialect;
use super::{Sink, dialect, style};
use depslim_formats::text::{LineIndex, decode};
use depslim_model::{Facts, How, Source, Strength, Use};

/// Reads a file that holds code in blocks.
pub(super) fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let text: &str = &decoded.text;
    let mut sink = Sink::default();
    match source.path.rsplit('.').next().unwrap_or_default() {
        "mdx" => mdx(text, &mut sink),
        ending => {
            if ending == "astro" {
                front_matter(text, &mut sink);
            }
            blocks(source.path, text, matches!(ending, "html" | "htm"), &mut sink);
        }
    }
    let mut facts = sink.facts(false);
    facts.problems.extend(decoded.problems.iter().cloned());
    facts
}

/// `<script>`, `<style>` and `<template>` with what their tags say.
fn blocks(path: &str, text: &str, page: bool, sink: &mut Sink) {
    let lines = LineIndex::new(text);
    let mut at = 0;
    while let Some(found) = text[at..].find('<') {
        let start = at + found;
        let rest = &text[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            at = comment.find("-->").map_or(text.len(), |end| start + 4 + end + 3);
            continue;
        }
        let name_end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len());
        let name = rest[..name_end].to_ascii_lowercase();
        if !matches!(name.as_str(), "script" | "style" | "template" | "link") {
            at = start + 1;
            continue;
        }
        let Some(tag_end) = end_of_tag(rest) else { return };
        let tag = &rest[name_end..tag_end];
        let body = start + 1 + tag_end + 1;
        let line = lines.line(start);
        at = body.min(text.len());
        let lang = attribute(tag, "lang").unwrap_or_default();
        let source = attribute(tag, "src").or_else(|| attribute(tag, "href"));
        if let Some(source) = source {
            file(source, page, line, sink);
        }
        if name == "template" || name == "style" {
            setting(&format!("{name}.lang"), lang, line, sink);
        }
        if name == "template" || name == "link" || tag.trim_end().ends_with('/') {
            continue;
        }
        let close = format!("</{name}");
        let length = find_ignoring_case(&text[at..], &close).unwrap_or(text.len() - at);
        let code = &text[at..at + length];
        if name == "style" {
            style::text(code, lang, |offset| lines.line(at + offset), sink);
        } else if !matches!(attribute(tag, "type"), Some(kind) if !kind.contains("javascript") && kind != "module" && kind != "text/babel")
        {
            let typed = matches!(lang, "ts" | "tsx" | "typescript") || path.ends_with(".astro");
            let dialect = Dialect { jsx: matches!(lang, "tsx" | "jsx" | ""), types: typed };
            sink.text(path, text, code, at, Dialect { jsx: dialect.jsx && !typed || lang == "tsx", ..dialect });
        }
        at += length;
    }
}

/// A file that a tag names: a path into `node_modules`, or a file of the project.
fn file(source: &str, page: bool, line: u32, sink: &mut Sink) {
    if let Some((_, inside)) = source.split_once("node_modules/") {
        add(How::Dynamic, inside, "src", line, sink);
    } else if page && !source.contains("://") && !source.starts_with("//") && !source.contains(['{', '<', '%']) {
        let path = source.split(['?', '#']).next().unwrap_or_default();
        let relative = format!("./{}", path.trim_start_matches('/').trim_start_matches("./"));
        add(How::Dynamic, &relative, "src", line, sink);
    } else if source.starts_with("./") || source.starts_with("../") {
        add(How::Dynamic, source, "src", line, sink);
    }
}

fn setting(name: &str, value: &str, line: u32, sink: &mut Sink) {
    if !value.is_empty() {
        let (name, value) = (name.to_owned(), value.to_owned());
        sink.add(Use { how: How::Setting, name, value, strength: Strength::Lazy, line });
    }
}

fn add(how: How, name: &str, value: &str, line: u32, sink: &mut Sink) {
    sink.add(Use { how, name: name.to_owned(), value: value.to_owned(), strength: Strength::Lazy, line });
}

/// The `>` that ends a tag, quoted values skipped.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            (None, b'>') => return Some(at),
            _ => {}
        }
    }
    None
}

/// The value of an attribute.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    for (at, _) in tag.match_indices(name) {
        let before = tag[..at].chars().next_back();
        let Some(rest) = tag[at + name.len()..].trim_start().strip_prefix('=') else { continue };
        if !before.is_some_and(char::is_whitespace) {
            continue;
        }
        let rest = rest.trim_start();
        return match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => rest[1..].split(quote).next(),
            _ => rest.split(|c: char| c.is_whitespace() || c == '>').next(),
        };
    }
    None
}

fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    let wanted = wanted.as_bytes();
    memchr::memchr_iter(b'<', text.as_bytes())
        .find(|at| text.as_bytes().get(*at..at + wanted.len()).is_some_and(|found| found.eq_ignore_ascii_case(wanted)))
}

/// The code between the fences at the top of an Astro component.
fn front_matter(text: &str, sink: &mut Sink) {
    let Some(rest) = text.trim_start().strip_prefix("---") else { return };
    let start = text.len() - rest.len();
    let length = rest.find("\n---").unwrap_or(rest.len());
    sink.text("front.ts", text, &rest[..length], start, dialect("front.ts"));
}

/// Imports and exports of an MDX document: paragraphs that begin with one of the words.
fn mdx(text: &str, sink: &mut Sink) {
    let mut start = 0;
    let mut fence = false;
    let mut code = String::with_capacity(text.len());
    let mut open = false;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            fence = !fence;
        }
        let begins =
            !fence && (line.starts_with("import ") || line.starts_with("export ") || line.starts_with("import{"));
        open = begins || (open && !trimmed.trim_end().is_empty() && !fence);
        // What is no code becomes blanks, so that offsets stay.
        if open {
            code.push_str(line);
        } else {
            code.extend(line.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        }
        start += line.len();
    }
    debug_assert_eq!(start, text.len());
    sink.text("page.jsx", text, &code, 0, dialect("page.jsx"));
}
