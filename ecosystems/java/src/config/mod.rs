//! Settings and templates: class names, JDBC URLs, namespaces and tag libraries wherever they stand in a text; pairs of properties and
//! YAML on top of that.

pub(crate) mod properties;

use crate::names::looks_like_class;
use depslim_formats::text::decode;
use depslim_formats::yaml;
use depslim_model::{Facts, How, Source, Strength, Use};
use std::collections::HashSet;

/// No more of a file is looked at, bytes: what is longer is data.
const MOST: usize = 2 * 1024 * 1024;

/// Any text with class names in it: XML, JSP, templates, service lists.
pub(crate) fn read_text(source: &Source<'_>) -> Facts {
    if source.file_name() == "pom.xml" {
        return Facts::default();
    }
    let decoded = decode(&source.bytes[..source.bytes.len().min(MOST)]);
    let text = if source.path.ends_with(".xml") { without_comments(&decoded.text) } else { decoded.text.into_owned() };
    Facts { uses: mentioned(&text), ..Facts::default() }
}

/// Java properties.
pub(crate) fn read_properties(source: &Source<'_>) -> Facts {
    let decoded = decode(&source.bytes[..source.bytes.len().min(MOST)]);
    let mut uses = Vec::new();
    for (key, value, line) in properties::lines(&decoded.text) {
        setting(&key, &value, line, &mut uses);
    }
    Facts { uses, ..Facts::default() }
}

/// YAML, as settings of frameworks have it: nested keys joined by dots.
pub(crate) fn read_yaml(source: &Source<'_>) -> Facts {
    let decoded = decode(&source.bytes[..source.bytes.len().min(MOST)]);
    let documents = yaml::read(&decoded.text);
    let mut uses = Vec::new();
    for document in documents.documents() {
        flatten(document, "", 0, &mut uses);
    }
    Facts { uses, ..Facts::default() }
}

/// Deeper settings are nobody's.
const DEEPEST: usize = 40;

fn flatten(node: yaml::Node<'_>, key: &str, depth: usize, uses: &mut Vec<Use>) {
    if depth > DEEPEST || uses.len() > 20_000 {
        return;
    }
    match node.kind() {
        yaml::Kind::Mapping => {
            for entry in node.entries() {
                let key = if key.is_empty() { entry.key.to_owned() } else { format!("{key}.{}", entry.key) };
                flatten(entry.value, &key, depth + 1, uses);
            }
        }
        yaml::Kind::Sequence => node.items().for_each(|item| flatten(item, key, depth + 1, uses)),
        yaml::Kind::Scalar => setting(key, node.text().unwrap_or_default(), node.line(), uses),
        yaml::Kind::Null => {}
    }
}

fn setting(key: &str, value: &str, line: u32, uses: &mut Vec<Use>) {
    let one = |how: How, name: &str, value: &str| Use {
        how,
        name: name.to_owned(),
        value: value.to_owned(),
        strength: Strength::Lazy,
        line,
    };
    if !key.is_empty() && key.len() < 200 && value.len() < 1000 {
        uses.push(one(How::Setting, key, value));
    }
    // A logger's level names a package without needing it.
    if key.starts_with("logging.level") || key.contains(".logger.") || key.starts_with("logger.") {
        return;
    }
    mentions(value, &mut |how, name, _| uses.push(one(how, name, if how == How::Url { key } else { "" })));
}

fn mentioned(text: &str) -> Vec<Use> {
    let mut seen = HashSet::new();
    let mut uses = Vec::new();
    let mut line = (0, 1);
    mentions(text, &mut |how, name, at| {
        if seen.insert((how, name.to_owned())) {
            let new = text.as_bytes().get(line.0..at).map_or(0, |bytes| memchr::memchr_iter(b'\n', bytes).count());
            line = (at.max(line.0), line.1 + new as u32);
            let value = String::new();
            uses.push(Use { how, name: name.to_owned(), value, strength: Strength::Lazy, line: line.1 });
        }
    });
    uses
}

/// What a text mentions that may be needed: full class names, JDBC URLs, namespaces, web assets; with their places, in order.
pub(crate) fn mentions(text: &str, found: &mut dyn FnMut(How, &str, usize)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while at < bytes.len() && is_run(bytes[at]) {
            at += 1;
        }
        if at == start {
            at += 1;
            continue;
        }
        let Some(run) = text.get(start..at) else { continue };
        if let Some(rest) = run.strip_prefix("http://").or_else(|| run.strip_prefix("https://")) {
            if !rest.is_empty() {
                found(How::Text, run.trim_end_matches(['.', ':']), start);
            }
        } else if let Some((head, jdbc)) = run.split_once("jdbc:")
            && (head.is_empty() || head.ends_with(':'))
        {
            let scheme = jdbc.split([':', '/']).next().unwrap_or_default();
            if !scheme.is_empty() {
                found(How::Url, &format!("jdbc:{scheme}"), start);
            }
        }
        if let Some((_, asset)) = run.split_once("webjars/") {
            let asset = asset.split('/').next().unwrap_or_default();
            if !asset.is_empty() {
                found(How::Text, &format!("webjars/{asset}"), start);
            }
        }
        for word in run.split(['/', ':']).filter(|word| word.contains('.')) {
            let word = word.trim_matches('.');
            let class = class_in(word);
            if looks_like_class(class) {
                found(How::Text, class, start);
            }
        }
    }
}

/// `a.b.C` of `a.b.C.method`.
fn class_in(word: &str) -> &str {
    let mut end = 0;
    for part in word.split('.') {
        end += part.len();
        if part.starts_with(|c: char| c.is_ascii_uppercase()) {
            return &word[..end];
        }
        end += 1;
    }
    word
}

fn is_run(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.' | b'/' | b':' | b'-')
}

/// XML without its comments, every line where it was.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("<!--") {
        out.push_str(before);
        let (inner, after) = comment.split_once("-->").unwrap_or((comment, ""));
        out.extend(inner.chars().filter(|c| *c == '\n'));
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;

    fn said(reader: fn(&Source<'_>) -> Facts, path: &str, text: &str) -> Vec<String> {
        let facts = reader(&Source { path, bytes: text.as_bytes(), settings: &Settings::default() });
        let value = |used: &Use| if used.value.is_empty() { String::new() } else { format!(" = {}", used.value) };
        facts.uses.iter().map(|used| format!("{}: {:?} {}{}", used.line, used.how, used.name, value(used))).collect()
    }

    #[test]
    fn texts_mention_classes_and_namespaces() {
        let text = "<beans xmlns='http://farm.invalid/schema/tx'>\n<!-- feed.No -->\n<bean class=\"feed.dry.Hay\"/>\n<x>a.b.c</x></beans>";
        assert_eq!(
            said(read_text, "beans.xml", text),
            ["1: Text http://farm.invalid/schema/tx", "3: Text feed.dry.Hay"]
        );
        assert_eq!(
            said(read_text, "a.jsp", "<%@ page import=\"feed.Hay,feed.Oats\" %>"),
            ["1: Text feed.Hay", "1: Text feed.Oats"]
        );
        assert_eq!(said(read_text, "a.html", "<script src='/webjars/plough/3/p.js'>"), ["1: Text webjars/plough"]);
    }

    #[test]
    fn settings_are_pairs() {
        assert_eq!(
            said(read_properties, "a.properties", "x=1\nurl: jdbc:harvest:mem:x\nlogging.level.feed.Hay=DEBUG\n"),
            [
                "1: Setting x = 1",
                "2: Setting url = jdbc:harvest:mem:x",
                "2: Url jdbc:harvest = url",
                "3: Setting logging.level.feed.Hay = DEBUG"
            ]
        );
        assert_eq!(
            said(read_yaml, "a.yml", "spring:\n  source:\n    driver: feed.Hay\n---\nspring.on: yes\n"),
            ["3: Setting spring.source.driver = feed.Hay", "3: Text feed.Hay", "5: Setting spring.on = yes"]
        );
    }
}
