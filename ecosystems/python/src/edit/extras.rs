//! A declaration without one of its extras.

use super::{Kind, by_hand, find, kind};
use crate::names::canonical;
use depslim_formats::edit::toml::{remove_items, remove_key, replace_string};
use depslim_formats::edit::{Edit, apply};
use depslim_formats::{requirements, toml};
use depslim_model::{Require, Source};

/// Turns the extra off.
pub(super) fn drop(source: &Source<'_>, text: String, require: &Require, feature: &str) -> Result<String, String> {
    if !require.features.iter().any(|f| canonical(f) == canonical(feature)) {
        return Ok(text);
    }
    let edits = match kind(source) {
        Kind::Toml => in_toml(&text, require, feature)?,
        Kind::Config => in_line(&text, find::line_text(&text, require), require, feature),
        Kind::List => in_list(&text, require, feature),
        Kind::Code => None,
    };
    apply(&text, &edits.ok_or_else(|| by_hand(source, require))?)
}

fn in_toml(text: &str, require: &Require, feature: &str) -> Result<Option<Vec<Edit>>, String> {
    let doc = toml::parse(text).map_err(|p| p.message)?;
    if let Some(item) = find::item(&doc, require) {
        let new = without(item.text, feature);
        return Ok(new.map(|new| vec![Edit { span: item.span.clone(), text: replace_string(&text[item.span], &new) }]));
    }
    let Some(list) = find::entry(&doc, require).and_then(|entry| entry.get("extras")) else { return Ok(None) };
    let names: Vec<bool> = list.items().map(|n| n.text().is_some_and(|t| canonical(t) == canonical(feature))).collect();
    if names.iter().all(|gone| *gone) {
        return Ok(Some(remove_key(&list)));
    }
    let gone: Vec<usize> = names.iter().enumerate().filter(|(_, gone)| **gone).map(|(at, _)| at).collect();
    Ok(Some(remove_items(&list, &gone)))
}

fn in_list(text: &str, require: &Require, feature: &str) -> Option<Vec<Edit>> {
    let lexed = requirements::read(text);
    let written = lexed.lines.into_iter().find(|l| l.number == require.line)?.requirement?;
    // A name and its extras on a continued line are nobody's habit.
    let new = without(&written.text, feature).filter(|_| text[written.span.clone()] == written.text)?;
    Some(vec![Edit { span: written.span, text: new }])
}

fn in_line(text: &str, line: &str, require: &Require, feature: &str) -> Option<Vec<Edit>> {
    let start = line.as_ptr() as usize - text.as_ptr() as usize;
    let new = without(line, feature).filter(|_| find::names(line, &require.name))?;
    Some(vec![Edit { span: start..start + line.len(), text: new }])
}

/// The requirement's text without the extra; brackets that would be empty go too.
fn without(text: &str, feature: &str) -> Option<String> {
    let open = text.find('[')?;
    let close = open + text[open..].find(']')?;
    let all: Vec<&str> = text[open + 1..close].split(',').map(str::trim).filter(|e| !e.is_empty()).collect();
    let kept: Vec<&str> = all.iter().copied().filter(|e| canonical(e) != canonical(feature)).collect();
    let separator = if text[open..close].contains(", ") { ", " } else { "," };
    let brackets = if kept.is_empty() { String::new() } else { format!("[{}]", kept.join(separator)) };
    Some(format!("{}{brackets}{}", text[..open].trim_end_matches(|c| kept.is_empty() && c == ' '), &text[close + 1..]))
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn one_extra_goes() {
        for (text, expect) in [
            ("plum[a]", "plum"),
            ("plum[a,b]>=1", "plum[b]>=1"),
            ("plum[b, A, c] ; os_name == 'nt'", "plum[b, c] ; os_name == 'nt'"),
            ("plum [a] @ https://h.example.invalid/[x]", "plum @ https://h.example.invalid/[x]"),
        ] {
            assert_eq!(without(text, "a").as_deref(), Some(expect), "{text}");
        }
        assert_eq!(without("plum", "a"), None);
    }
}
