//! Core metadata: the headers of `METADATA` and `PKG-INFO`.

use super::license::License;
use super::{name_and_version, open, unreadable};
use crate::manifest::requirement;
use depslim_model::{Facts, Group, Problem, Provide, Require, Source};
use memchr::memmem;
use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

/// Headers end at an empty line, and the description behind it can be a hundred times as long: read until there.
const STEP: usize = 16 * 1024;
/// Headers longer than this are none.
const LONGEST: usize = 4 * 1024 * 1024;

/// What the headers say.
#[derive(Debug, Default)]
pub(super) struct Headers {
    pub(super) name: String,
    pub(super) version: String,
    /// Requirements as written, with their lines.
    requires: Vec<(u32, String)>,
    extras: Vec<String>,
    license: License,
    /// Lines that are no headers.
    problems: Vec<Problem>,
}

/// The reader's view of a file: a package with what its headers say, without its files.
pub(super) fn read(source: &Source<'_>) -> Facts {
    let folder = match source.file_name() {
        name @ ("METADATA" | "PKG-INFO") => (super::folder_name(source), name),
        name => (name, name),
    };
    parse(source.bytes).facts(folder.0, folder.1)
}

/// The headers at the start of a file, or why it can't be read.
pub(super) fn load(path: &Path) -> Result<Headers, String> {
    let (mut file, _) = open(path)?;
    let mut bytes = vec![0; STEP];
    let mut filled = 0;
    loop {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(more) => {
                // The end may lie across two steps.
                let from = filled.saturating_sub(2);
                filled += more;
                if has_end(&bytes[from..filled]) || filled > LONGEST {
                    break;
                }
                if bytes.len() - filled < STEP / 2 {
                    bytes.resize(bytes.len() * 2, 0);
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(&error)),
        }
    }
    let bytes = &bytes[..filled];
    let end = memmem::find(bytes, b"\n\n").or_else(|| memmem::find(bytes, b"\n\r\n"));
    Ok(parse(end.map_or(bytes, |end| &bytes[..=end])))
}

fn has_end(bytes: &[u8]) -> bool {
    memmem::find(bytes, b"\n\n").is_some() || memmem::find(bytes, b"\n\r\n").is_some()
}

/// Reads headers: RFC 822 without its refinements. Names in any case; lines that start with white space go on from the one before.
pub(super) fn parse(bytes: &[u8]) -> Headers {
    let text = super::text(bytes);
    let mut out = Headers::default();
    let mut header: Option<(u32, Field, String)> = None;
    for (number, line) in (1..).zip(text.strip_prefix('\u{feff}').unwrap_or(&text).lines()) {
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) {
            if let Some((_, _, value)) = &mut header {
                value.push('\n');
                value.push_str(line.trim());
            }
            continue;
        }
        out.take(header.take());
        match line.split_once(':') {
            Some((name, value)) if is_header_name(name) => {
                header = Field::of(name, value.trim()).map(|field| (number, field, value.trim().to_owned()));
            }
            _ => out.problems.push(Problem::at(number, "not a `Name: value` header: ignored")),
        }
    }
    out.take(header);
    out
}

/// The headers that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Name,
    Version,
    RequiresDist,
    ProvidesExtra,
    LicenseExpression,
    License,
    LicenseClassifier,
}

impl Field {
    fn of(name: &str, value: &str) -> Option<Self> {
        let all = [
            ("name", Self::Name),
            ("version", Self::Version),
            ("requires-dist", Self::RequiresDist),
            ("provides-extra", Self::ProvidesExtra),
            ("license-expression", Self::LicenseExpression),
            ("license", Self::License),
            ("classifier", Self::LicenseClassifier),
        ];
        let field = all.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, field)| *field)?;
        (field != Self::LicenseClassifier || value.starts_with("License ::")).then_some(field)
    }
}

fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

impl Headers {
    fn take(&mut self, header: Option<(u32, Field, String)>) {
        let Some((line, field, value)) = header else { return };
        match field {
            Field::Name if self.name.is_empty() => self.name = value,
            Field::Version if self.version.is_empty() => self.version = value,
            // Folded lines mean one line.
            Field::RequiresDist => self.requires.push((line, value.replace('\n', " "))),
            Field::ProvidesExtra => self.extras.push(value),
            Field::LicenseExpression => self.license.expression = Some(value),
            Field::License => self.license.text = Some(value),
            Field::LicenseClassifier => self.license.classifier(&value),
            Field::Name | Field::Version => {}
        }
    }

    /// What the name of `folder` says alone.
    pub(super) fn named(folder: &str) -> Facts {
        let (name, version) = name_and_version(folder);
        let provide = Provide { package: name.to_owned(), version: version.to_owned(), ..Provide::default() };
        Facts { provides: vec![provide], ..Facts::default() }
    }

    /// The facts, with what `folder` (`plum-1.2.dist-info`) says where the headers say nothing.
    pub(super) fn facts(mut self, folder: &str, file: &str) -> Facts {
        let (named, versioned) = name_and_version(folder);
        if self.name.is_empty() {
            self.problems.push(Problem::at(0, format!("{file} has no Name: taken from the name of {folder}")));
            named.clone_into(&mut self.name);
        }
        if self.version.is_empty() {
            self.problems.push(Problem::at(0, format!("{file} has no Version: taken from the name of {folder}")));
            versioned.clone_into(&mut self.version);
        }
        let mut facts = Facts { problems: self.problems, ..Facts::default() };
        for (line, text) in self.requires {
            let (require, problem) = edge(&self.name, &text, line);
            facts.requires.extend(require);
            facts.problems.extend(problem);
        }
        facts.provides.push(Provide {
            package: self.name,
            version: self.version,
            features: self.extras,
            license: self.license.said(),
            ..Provide::default()
        });
        facts
    }
}

/// One requirement of an installed distribution. A version specifier that pip would refuse today is no problem here: it did its
/// work when the distribution was installed.
pub(super) fn edge(from: &str, text: &str, line: u32) -> (Option<Require>, Option<Problem>) {
    let parsed = requirement::parse(text);
    if parsed.name.is_empty() {
        let problem = parsed.problem_at(line);
        return (None, problem.or_else(|| Some(Problem::at(line, "a requirement without a name: ignored"))));
    }
    let mut require = parsed.declared(line);
    require.from = Some(from.to_owned());
    if let Some(extra) = require.condition.as_deref().and_then(extra_of) {
        require.group = Group::Optional;
        require.group_name = Some(extra.into_owned());
    }
    (Some(require), None)
}

/// The extra that a marker asks for: `extra == 's3'`, the first if there are several.
fn extra_of(condition: &str) -> Option<Cow<'_, str>> {
    let (_, after) = condition.split_once("extra")?;
    let value = after.trim_start().strip_prefix("==")?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let (extra, _) = value[1..].split_once(quote)?;
    Some(extra.trim().into())
}
