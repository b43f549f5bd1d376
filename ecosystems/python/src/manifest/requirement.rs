//! One requirement: what PEP 508 and pip's looser habits write on a line, taken apart into its fields.
//!
//! The fields are cut here and not by `pep508_rs::Requirement`, because facts keep the author's spelling of names and markers
//! (that parser normalises both), because pip accepts more than PEP 508, and because it panics on names that end in `-`. The tests
//! compare the two on what both accept.

use super::credentials::without_credentials;
use depslim_model::{Problem, Require};
use pep440_rs::VersionSpecifiers;
use std::str::FromStr;

/// One requirement's fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Requirement {
    /// The distribution's name as written; empty when the text does not say it (a path, a URL without `#egg=`).
    pub(crate) name: String,
    /// Extras as written.
    pub(crate) extras: Vec<String>,
    /// Version specifiers as written, without parentheses.
    pub(crate) constraint: Option<String>,
    /// Environment marker as written.
    pub(crate) condition: Option<String>,
    /// URL or path, credentials removed.
    pub(crate) origin: Option<String>,
    /// What is wrong with the text, and what to do.
    pub(crate) problem: Option<String>,
}

impl Requirement {
    /// The requirement as the project's own declaration on this line.
    pub(crate) fn declared(self, line: u32) -> Require {
        Require {
            name: self.name,
            features: self.extras,
            version: self.constraint,
            condition: self.condition,
            origin: self.origin,
            line,
            ..Require::default()
        }
    }

    /// The problem, if there is one, at this line.
    pub(crate) fn problem_at(&self, line: u32) -> Option<Problem> {
        self.problem.as_ref().map(|message| Problem::at(line, message.clone()))
    }

    /// True when it says nothing that could be installed.
    pub(crate) fn is_void(&self) -> bool {
        self.name.is_empty() && self.origin.is_none()
    }
}

/// Takes a requirement apart: no options, no comment, no line continuation in it.
pub(crate) fn parse(text: &str) -> Requirement {
    let text = text.trim();
    if let Some(pinned) = pinned(text) {
        return pinned;
    }
    if looks_like_address(text) { address(text) } else { named(text) }
}

/// `name==1.2.3`, by far the most frequent form.
fn pinned(text: &str) -> Option<Requirement> {
    let (name, version) = text.split_once("==")?;
    let plain = |part: &str| {
        part.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
            && part.as_bytes().last().is_some_and(u8::is_ascii_alphanumeric)
            && part.bytes().all(name_byte)
    };
    (plain(name) && plain(version) && version.as_bytes()[0].is_ascii_digit() && simple_version(version)).then(|| {
        Requirement { name: name.to_owned(), constraint: Some(format!("=={version}")), ..Requirement::default() }
    })
}

fn simple_version(version: &str) -> bool {
    version.bytes().all(|b| b.is_ascii_digit() || b == b'.') && !version.contains("..")
}

fn name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// `name[extras] constraint ; marker` or `name[extras] @ url ; marker`.
fn named(text: &str) -> Requirement {
    let end = text.bytes().position(|b| !name_byte(b)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if !valid_name(name) || !rest.is_empty() && !rest.as_bytes()[0].is_ascii() {
        return broken(text);
    }
    let mut requirement = Requirement { name: name.to_owned(), ..Requirement::default() };
    let mut rest = rest.trim_start();
    if let Some(inner) = rest.strip_prefix('[') {
        let Some((extras, after)) = inner.split_once(']') else {
            requirement.problem = Some(format!("{}: the extras have no closing bracket", shown(text)));
            return requirement;
        };
        requirement.extras = split_extras(extras);
        rest = after.trim_start();
    }
    if let Some(url) = rest.strip_prefix('@') {
        let (url, condition) = split_url(url);
        requirement.condition = condition;
        if url.is_empty() {
            requirement.problem = Some(format!("{}: no URL after `@`", shown(text)));
        } else {
            requirement.origin = Some(without_credentials(url));
        }
        return requirement;
    }
    let (constraint, condition) = match rest.split_once(';') {
        Some((constraint, marker)) => (constraint, Some(marker.trim().to_owned()).filter(|m| !m.is_empty())),
        None => (rest, None),
    };
    requirement.condition = condition;
    let constraint = constraint.trim();
    let constraint = constraint.strip_prefix('(').and_then(|c| c.strip_suffix(')')).unwrap_or(constraint);
    let constraint = constraint.trim().trim_end_matches(',').trim_end();
    if !constraint.is_empty() {
        requirement.problem = constraint_problem(name, constraint);
        requirement.constraint = Some(constraint.to_owned());
    }
    requirement
}

/// pip refuses what PEP 440 does not know; the name still counts.
fn constraint_problem(name: &str, constraint: &str) -> Option<String> {
    if constraint.len() < 1000 && VersionSpecifiers::from_str(constraint).is_ok() {
        return None;
    }
    // `===` compares text, whatever the text is.
    let arbitrary = constraint.strip_prefix("===").is_some_and(|v| !v.trim().contains(char::is_whitespace));
    (!arbitrary).then(|| format!("{name}: {} is not a version specifier that pip accepts", shown(constraint)))
}

/// A URL, a path or an archive's file name, with what it says of the name.
fn address(text: &str) -> Requirement {
    let (url, condition) = split_url(text);
    let (url, mut extras) = match url.strip_suffix(']').and_then(|u| u.rsplit_once('[')) {
        // `./plum[s3]`, `plum-1.0-py3-none-any.whl[s3]`; brackets of a fragment are looked at below.
        Some((front, extras)) if !front.is_empty() && !front.contains('#') => (front, split_extras(extras)),
        _ => (url, Vec::new()),
    };
    let (mut name, mut constraint) = (String::new(), None);
    if let Some(egg) = url.split_once('#').and_then(|(_, f)| f.split('&').find_map(|p| p.strip_prefix("egg="))) {
        let egg = decode_percent(egg);
        let (front, inner) = match egg.split_once('[') {
            Some((front, inner)) => (front, inner.split(']').next().unwrap_or_default()),
            None => (egg.as_str(), ""),
        };
        // Old URLs pin in the egg: `#egg=plum==1.0`.
        let end = front.bytes().position(|b| !name_byte(b)).unwrap_or(front.len());
        if valid_name(&front[..end]) {
            front[..end].clone_into(&mut name);
            extras.extend(split_extras(inner));
        }
    } else if let Some((wheel, version)) = wheel_name(url) {
        name = wheel;
        constraint = Some(format!("=={version}"));
    }
    let folder = !url.contains("://") && !is_archive(url.split('#').next().unwrap_or(url));
    let problem = (name.is_empty() && !folder).then(|| {
        format!("{}: the URL does not say the package's name; write `name @ URL`", shown(&without_credentials(url)))
    });
    Requirement { name, extras, constraint, condition, origin: Some(without_credentials(url)), problem }
}

/// Name and version of a wheel's file name ([specification](https://packaging.python.org/en/latest/specifications/binary-distribution-format/)).
pub(crate) fn wheel_name(url: &str) -> Option<(String, String)> {
    let file = url.split(['#', '?']).next()?.rsplit(['/', '\\']).next()?;
    let file = decode_percent(file);
    let stem = file.strip_suffix(".whl")?;
    let mut parts = stem.split('-');
    let (name, version) = (parts.next()?, parts.next()?);
    // At least interpreter, ABI and platform follow.
    (parts.count() >= 3 && valid_name(name) && !version.is_empty()).then(|| (name.to_owned(), version.to_owned()))
}

/// The URL and the marker behind it: in a URL, only a semicolon next to white space ends it.
fn split_url(text: &str) -> (&str, Option<String>) {
    let text = text.trim();
    let bytes = text.as_bytes();
    let space = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_none_or(u8::is_ascii_whitespace);
    let cut = text.match_indices(';').map(|(at, _)| at).find(|at| space(at.checked_sub(1)) || space(Some(at + 1)));
    match cut {
        Some(at) => (text[..at].trim(), Some(text[at + 1..].trim().to_owned()).filter(|m| !m.is_empty())),
        None => (text, None),
    }
}

fn looks_like_address(text: &str) -> bool {
    if text.starts_with(['.', '/', '\\', '~']) {
        return true;
    }
    let word = text.split(|c: char| c.is_whitespace() || c == ';').next().unwrap_or_default();
    let name_end = word.bytes().position(|b| !name_byte(b)).unwrap_or(word.len());
    match word.as_bytes().get(name_end) {
        // `C:\x`, `https://`, `git+ssh://`, `file:x`, `folder/x`
        Some(b':' | b'+' | b'/' | b'\\') => true,
        Some(b'[' | b'#' | b'%' | b'!') | None => is_archive(word.split(['[', '#']).next().unwrap_or(word)),
        _ => false,
    }
}

/// True for the file names of wheels and source distributions.
pub(crate) fn is_archive(path: &str) -> bool {
    [".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar"].iter().any(|end| path.ends_with(end))
}

fn valid_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.iter().copied().all(name_byte)
}

fn split_extras(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|e| !e.is_empty()).map(str::to_owned).collect()
}

fn broken(text: &str) -> Requirement {
    let problem = if text.contains("{{") || text.contains("{%") {
        format!("{}: a template, not a requirement; not read", shown(text))
    } else {
        format!("{}: not a requirement; write `name`, `name==1.0` or `name @ URL`", shown(text))
    };
    Requirement { problem: Some(problem), ..Requirement::default() }
}

/// Text as an error message shows it: short, one line, without secrets.
pub(crate) fn shown(text: &str) -> String {
    let text = without_credentials(text);
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("`{short}`")
}

/// `%2B` as `+`, and so on.
pub(crate) fn decode_percent(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |n: usize| bytes.get(at + n).and_then(|b| char::from(*b).to_digit(16));
        match (bytes[at], hex(1), hex(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests;
