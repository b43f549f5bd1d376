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
mod tests {
    use super::*;
    use crate::names::canonical;
    use proptest::prelude::*;
    use std::fmt::Write as _;

    /// `name [extras] {constraint} ; condition @ origin !problem`, each part only when there is one.
    fn told(r: &Requirement) -> String {
        let mut out = r.name.clone();
        if !r.extras.is_empty() {
            _ = write!(out, " [{}]", r.extras.join("|"));
        }
        for (sign, part) in [(" {", &r.constraint), (" ; ", &r.condition), (" @ ", &r.origin), (" !", &r.problem)] {
            if let Some(part) = part {
                _ = write!(out, "{sign}{part}");
            }
        }
        out.trim().to_owned()
    }

    fn check(text: &str, expect: &str) {
        assert_eq!(told(&parse(text)), expect, "{text}");
    }

    #[test]
    fn names_and_specifiers() {
        check("plum", "plum");
        check("  plum==1.2.3 ", "plum {==1.2.3");
        check("Plum_Tree.x==2024.1", "Plum_Tree.x {==2024.1");
        check("plum == 1.2", "plum {== 1.2");
        check("plum>=1,<2", "plum {>=1,<2");
        check("plum >=1, <2,", "plum {>=1, <2");
        check("plum (>=1.0)", "plum {>=1.0");
        check("plum[a, b_c,]~=1.0", "plum [a|b_c] {~=1.0");
        check("plum [a]", "plum [a]");
        check("plum[]", "plum");
        check("plum==1.0.*", "plum {==1.0.*");
        check("plum===anything-goes", "plum {===anything-goes");
        check("plum==1.0rc1", "plum {==1.0rc1");
        check("plum==1.0+cu118", "plum {==1.0+cu118");
        check("plum!=1.5,>=1", "plum {!=1.5,>=1");
    }

    #[test]
    fn markers() {
        check("plum;python_version<'3.8'", "plum ; python_version<'3.8'");
        check("plum>=1 ; os_name == 'nt' and extra == 'x'", "plum {>=1 ; os_name == 'nt' and extra == 'x'");
        check("plum[a]==1.0 ; (sys_platform == \"linux\")", "plum [a] {==1.0 ; (sys_platform == \"linux\")");
        check("plum==1.0;", "plum {==1.0");
    }

    #[test]
    fn urls_after_a_name() {
        check("plum @ https://h.example.invalid/p.zip", "plum @ https://h.example.invalid/p.zip");
        check(
            "plum[x]@git+https://a:b@h.example.invalid/r.git@v1 ; os_name=='nt'",
            "plum [x] ; os_name=='nt' @ git+https://h.example.invalid/r.git@v1",
        );
        check("plum @ file:///srv/a;b.zip", "plum @ file:///srv/a;b.zip");
        check(
            "plum @ https://h.example.invalid/p.zip; os_name=='nt'",
            "plum ; os_name=='nt' @ https://h.example.invalid/p.zip",
        );
        check("plum @", "plum !`plum @`: no URL after `@`");
    }

    #[test]
    fn urls_alone_are_named_by_their_egg_only() {
        check(
            "git+https://h.example.invalid/o/pear-repo.git@1.0#egg=plum",
            "plum @ git+https://h.example.invalid/o/pear-repo.git@1.0#egg=plum",
        );
        check(
            "git+https://h.example.invalid/r#subdirectory=py&egg=plum[a,b]",
            "plum [a|b] @ git+https://h.example.invalid/r#subdirectory=py&egg=plum[a,b]",
        );
        check(
            "git+https://h.example.invalid/r#egg=plum==1.0 ; os_name=='nt'",
            "plum ; os_name=='nt' @ git+https://h.example.invalid/r#egg=plum==1.0",
        );
        check(
            "git+ssh://git@h.example.invalid/o/r.git#egg=plum-tree",
            "plum-tree @ git+ssh://git@h.example.invalid/o/r.git#egg=plum-tree",
        );
        check(
            "git+https://t0k:en@h.example.invalid/o/pear.git",
            "@ git+https://h.example.invalid/o/pear.git !`git+https://h.example.invalid/o/pear.git`: the URL does not say the package's name; write `name @ URL`",
        );
        check(
            "https://h.example.invalid/o/pear/archive/v1.tar.gz",
            "@ https://h.example.invalid/o/pear/archive/v1.tar.gz !`https://h.example.invalid/o/pear/archive/v1.tar.gz`: the URL does not say the package's name; write `name @ URL`",
        );
    }

    #[test]
    fn wheels_say_their_name_and_version() {
        check(
            "https://h.example.invalid/w/plum_tree-1.2-py3-none-any.whl#sha256=00",
            "plum_tree {==1.2 @ https://h.example.invalid/w/plum_tree-1.2-py3-none-any.whl#sha256=00",
        );
        check(
            "./w/plum-1.2-1-cp311-cp311-manylinux_2_17_x86_64.whl[x]",
            "plum [x] {==1.2 @ ./w/plum-1.2-1-cp311-cp311-manylinux_2_17_x86_64.whl",
        );
        check(
            "plum-1.2%2Bcpu-py3-none-any.whl ; os_name=='nt'",
            "plum {==1.2+cpu ; os_name=='nt' @ plum-1.2%2Bcpu-py3-none-any.whl",
        );
        check(
            "notawheel.whl",
            "@ notawheel.whl !`notawheel.whl`: the URL does not say the package's name; write `name @ URL`",
        );
    }

    #[test]
    fn folders_have_no_name_and_need_none() {
        check(".", "@ .");
        check(".[dev,test]", "[dev|test] @ .");
        check("./libs/plum", "@ ./libs/plum");
        check("libs/plum[a]", "[a] @ libs/plum");
        check("../plum ; python_version > '3'", "; python_version > '3' @ ../plum");
        check("/srv/plum", "@ /srv/plum");
        check("file:./plum", "@ file:./plum");
        check(r"C:\plum", r"@ C:\plum");
    }

    #[test]
    fn what_pip_refuses_is_said_and_the_name_counts() {
        check("plum>=1.x", "plum {>=1.x !plum: `>=1.x` is not a version specifier that pip accepts");
        check("plum=1.0", "plum {=1.0 !plum: `=1.0` is not a version specifier that pip accepts");
        check("plum 1.0", "plum {1.0 !plum: `1.0` is not a version specifier that pip accepts");
        check("plum[a", "plum !`plum[a`: the extras have no closing bracket");
        for text in ["", "==1.0", "plum- >=1", "-plum", "plüm", "{{ x }}==1", "@ https://x.example.invalid"] {
            let found = parse(text);
            assert!(found.is_void() && found.problem.is_some(), "{text}: {found:?}");
        }
        check("{{ x }}", "!`{{ x }}`: a template, not a requirement; not read");
    }

    #[test]
    fn messages_hold_no_secrets_and_are_short() {
        let found = parse(&format!("%https://a:hunter2@h.example.invalid/{}", "x".repeat(500)));
        let message = found.problem.expect("it is no requirement");
        assert!(!message.contains("hunter2") && message.len() < 200, "{message}");
    }

    /// On what both accept, the fields are those of `pep508_rs`.
    fn agrees(text: &str) {
        let Ok(theirs) = pep508_rs::Requirement::<pep508_rs::VerbatimUrl>::from_str(text) else { return };
        let ours = parse(text);
        assert_eq!(canonical(&ours.name), theirs.name.to_string(), "{text}");
        assert_eq!(
            ours.extras.iter().map(|e| canonical(e)).collect::<Vec<_>>(),
            theirs.extras.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "{text}"
        );
        if let Some(pep508_rs::VersionOrUrl::VersionSpecifier(specifiers)) = theirs.version_or_url {
            let ours = ours.constraint.map_or_else(VersionSpecifiers::empty, |c| c.parse().expect("theirs parsed it"));
            assert_eq!(ours, specifiers, "{text}");
        }
    }

    proptest! {
        #[test]
        fn fields_are_those_of_pep508_rs(
            name in "[A-Za-z0-9]([A-Za-z0-9._-]{0,6}[A-Za-z0-9])?",
            extras in proptest::option::of("\\[[a-z0-9]{1,3}( ?, ?[a-z0-9]{1,3}){0,2}\\]"),
            constraint in proptest::option::of(" ?(==|>=|<|~=|!=) ?[0-9]\\.[0-9](, ?<[0-9]{1,2})?"),
            marker in proptest::option::of(" ?; ?(os_name|python_version) ?== ?'[0-9]\\.[0-9]'"),
        ) {
            let part = |p: Option<String>| p.unwrap_or_default();
            agrees(&format!("{name}{}{}{}", part(extras), part(constraint), part(marker)));
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            parse(&text);
        }

        #[test]
        fn no_requirement_like_text_panics(text in "[a-z0-9.@#;\\[\\]=<>%/: \\\\é-]{0,30}") {
            let found = parse(&text);
            prop_assert!(!found.is_void() || found.problem.is_some());
        }
    }
}
