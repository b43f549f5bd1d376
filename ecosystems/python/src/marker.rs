//! Conditions of requirements: environment markers of PEP 508 and the group markers of PEP 751, decided for the target.
//!
//! One comparison is what `pep508_rs` makes of it; `and`, `or` and parentheses are walked here. Its own trees of comparisons are
//! canonical decision diagrams in one table for the whole process: they grow without bound on hostile text, recurse as deep as the
//! text does, and know nothing of PEP 751.

use crate::names::canonical;
use depslim_model::Target;
use pep440_rs::Version;
use pep508_rs::{ExtraOperator, MarkerEnvironment, MarkerEnvironmentBuilder, MarkerExpression, MarkerOperator};
use pep508_rs::{MarkerValueExtra, MarkerValueString};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

/// Parentheses nested deeper than any person or tool writes: such text is not understood.
const DEEPEST: u32 = 64;

/// Minor versions of Python 3 that were supported when the table was last looked at (November 2026); tried when the target's own
/// version is not known.
const SUPPORTED: std::ops::RangeInclusive<u64> = 10..=14;

/// A patch release later than any that exists.
const LATEST_PATCH: u64 = 99;

/// Texts remembered for each process before the memory starts afresh.
const REMEMBERED: usize = 16_384;

/// Whether a requirement's condition holds on the target, for an owner with these extras (or groups, for PEP 751) turned on.
///
/// What is not known keeps the requirement: text that is not a marker, a comparison that means nothing, the kernel's release, and,
/// where only `3.11` or nothing is known of the runtime, every patch release of it or every supported version.
pub(crate) fn holds(condition: &str, target: &Target, features: &[&str]) -> bool {
    let condition = condition.trim();
    condition.is_empty() || compiled(condition, target).eval(features)
}

/// The condition that holds when all of these do.
pub(crate) fn both(parts: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().filter(|p| !p.trim().is_empty()).collect();
    match parts.len() {
        0 => None,
        1 => parts.into_iter().next(),
        _ => {
            let closed = parts.iter().map(|p| if p.contains(" or ") { format!("({p})") } else { p.clone() });
            Some(closed.collect::<Vec<_>>().join(" and "))
        }
    }
}

/// The extras and groups whose presence a condition of PEP 751 asks for (`'dev' in dependency_groups`), in the order of the text.
pub(crate) fn memberships(condition: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = condition;
    while let Some(at) = rest.find(['\'', '"']) {
        let Some((text, after)) = rest[at + 1..].split_once(&rest[at..=at]) else { break };
        let mut words = after.split([' ', '\t', ')']).filter(|w| !w.is_empty());
        if words.next() == Some("in") && matches!(words.next(), Some("extras" | "dependency_groups")) {
            found.push(text.to_owned());
        }
        rest = after;
    }
    found
}

/// A condition with all that the target decides decided.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Rest {
    Always(bool),
    Feature { name: String, wanted: bool },
    All(Vec<Rest>),
    Any(Vec<Rest>),
}

impl Rest {
    fn eval(&self, features: &[&str]) -> bool {
        match self {
            Self::Always(answer) => *answer,
            Self::Feature { name, wanted } => features.iter().any(|f| canonical(f) == *name) == *wanted,
            Self::All(parts) => parts.iter().all(|p| p.eval(features)),
            Self::Any(parts) => parts.iter().any(|p| p.eval(features)),
        }
    }
}

type Memory = HashMap<Target, (Arc<[MarkerEnvironment]>, HashMap<Box<str>, Arc<Rest>>)>;

static MEMORY: LazyLock<RwLock<Memory>> = LazyLock::new(RwLock::default);

fn compiled(condition: &str, target: &Target) -> Arc<Rest> {
    let known = MEMORY.read().unwrap_or_else(PoisonError::into_inner);
    let place = known.get(target);
    if let Some(rest) = place.and_then(|(_, texts)| texts.get(condition)) {
        return Arc::clone(rest);
    }
    let environments = place.map_or_else(|| environments(target).into(), |(found, _)| Arc::clone(found));
    drop(known);
    let rest = Arc::new(compile(condition, &environments));
    let mut known = MEMORY.write().unwrap_or_else(PoisonError::into_inner);
    if known.len() > 64 {
        known.clear();
    }
    let (_, texts) = known.entry(target.clone()).or_insert_with(|| (environments, HashMap::new()));
    if texts.len() > REMEMBERED {
        texts.clear();
    }
    texts.insert(condition.into(), Arc::clone(&rest));
    rest
}

/// The condition in each of the environments that the target may turn out to be; it holds if it holds in one.
fn compile(condition: &str, environments: &[MarkerEnvironment]) -> Rest {
    let mut found: Vec<Rest> = Vec::new();
    for environment in environments {
        let rest = Parser { text: condition, at: 0, environment }.whole().unwrap_or(Rest::Always(true));
        if rest == Rest::Always(true) {
            return rest;
        }
        if !found.contains(&rest) {
            found.push(rest);
        }
    }
    join(found, false)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    environment: &'a MarkerEnvironment,
}

impl<'a> Parser<'a> {
    fn whole(mut self) -> Option<Rest> {
        let rest = self.either(0)?;
        self.skip_space();
        (self.at == self.text.len()).then_some(rest)
    }

    fn either(&mut self, depth: u32) -> Option<Rest> {
        let mut parts = vec![self.both(depth)?];
        while self.word("or") {
            parts.push(self.both(depth)?);
        }
        Some(join(parts, false))
    }

    fn both(&mut self, depth: u32) -> Option<Rest> {
        let mut parts = vec![self.one(depth)?];
        while self.word("and") {
            parts.push(self.one(depth)?);
        }
        Some(join(parts, true))
    }

    fn one(&mut self, depth: u32) -> Option<Rest> {
        self.skip_space();
        if self.rest().starts_with('(') {
            if depth >= DEEPEST {
                return None;
            }
            self.at += 1;
            let inner = self.either(depth + 1)?;
            self.skip_space();
            self.rest().starts_with(')').then(|| self.at += 1)?;
            return Some(inner);
        }
        let comparison = self.comparison()?;
        decide(comparison, self.environment)
    }

    /// The text up to the next `and`, `or` or `)` outside quotes.
    fn comparison(&mut self) -> Option<&'a str> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            match byte {
                b'"' | b'\'' => self.at += 2 + bytes[self.at + 1..].iter().position(|b| *b == byte)?,
                b'(' => return None,
                b')' => break,
                _ if word_byte(byte) => {
                    let end = bytes[self.at..].iter().position(|b| !word_byte(*b)).map_or(bytes.len(), |n| self.at + n);
                    if matches!(&self.text[self.at..end], "and" | "or") {
                        break;
                    }
                    self.at = end;
                }
                _ => self.at += 1,
            }
        }
        Some(self.text[start..self.at].trim())
    }

    fn word(&mut self, word: &str) -> bool {
        self.skip_space();
        let hit = self.rest().strip_prefix(word).is_some_and(|r| !r.bytes().next().is_some_and(word_byte));
        if hit {
            self.at += word.len();
        }
        hit
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }
}

/// Bytes above ASCII count as parts of words, so that a slice never starts or ends inside a character.
fn word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.' || !byte.is_ascii()
}

/// One comparison; `None` when it is none at all.
fn decide(comparison: &str, environment: &MarkerEnvironment) -> Option<Rest> {
    if comparison.ends_with("extras") || comparison.ends_with("dependency_groups") {
        return membership(comparison);
    }
    let mut expression = MarkerExpression::from_str(comparison).ok()?;
    if expression.is_none() && comparison.contains(',') {
        // `python_version not in '3.0, 3.1'`, as pipenv writes it.
        expression = MarkerExpression::from_str(&comparison.replace(',', " ")).ok()?;
    }
    Some(match expression {
        Some(MarkerExpression::Version { key, specifier }) => {
            Rest::Always(specifier.contains(environment.get_version(&key)))
        }
        Some(MarkerExpression::VersionIn { key, versions, negated }) => {
            Rest::Always(versions.contains(environment.get_version(&key)) != negated)
        }
        Some(MarkerExpression::String { key, operator, value }) => {
            Rest::Always(text_holds(&key, operator, &value, environment))
        }
        Some(MarkerExpression::Extra { operator, name }) => {
            let name = match name {
                MarkerValueExtra::Extra(name) => name.to_string(),
                MarkerValueExtra::Arbitrary(name) => name,
            };
            Rest::Feature { name: canonical(&name), wanted: operator == ExtraOperator::Equal }
        }
        // Well formed, and meaningless (`os_name ~= "x"`).
        None => Rest::Always(true),
    })
}

/// `'x' in extras`, `'x' not in dependency_groups` ([PEP 751](https://peps.python.org/pep-0751/)).
fn membership(comparison: &str) -> Option<Rest> {
    let quote = comparison.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (name, rest) = comparison[1..].split_once(quote)?;
    let words: Vec<&str> = rest.split_whitespace().collect();
    let wanted = match words[..] {
        ["in", _] => true,
        ["not", "in", _] => false,
        _ => return None,
    };
    Some(Rest::Feature { name: canonical(name), wanted })
}

fn text_holds(key: &MarkerValueString, operator: MarkerOperator, value: &str, environment: &MarkerEnvironment) -> bool {
    // Facts of the machine that will run the image, not of the image.
    if matches!(
        key,
        MarkerValueString::PlatformRelease
            | MarkerValueString::PlatformVersion
            | MarkerValueString::PlatformVersionDeprecated
    ) {
        return true;
    }
    let actual = environment.get_string(key);
    match operator {
        MarkerOperator::Equal => actual == value,
        MarkerOperator::NotEqual => actual != value,
        MarkerOperator::GreaterThan => actual > value,
        MarkerOperator::GreaterEqual => actual >= value,
        MarkerOperator::LessThan => actual < value,
        MarkerOperator::LessEqual => actual <= value,
        MarkerOperator::In => value.contains(actual),
        MarkerOperator::NotIn => !value.contains(actual),
        MarkerOperator::Contains => actual.contains(value),
        MarkerOperator::NotContains => !actual.contains(value),
        MarkerOperator::TildeEqual => true,
    }
}

fn join(mut parts: Vec<Rest>, all: bool) -> Rest {
    // In a conjunction what is true says nothing, and one that is false says everything; in a disjunction the other way round.
    if parts.contains(&Rest::Always(!all)) {
        return Rest::Always(!all);
    }
    parts.retain(|p| *p != Rest::Always(all));
    match parts.len() {
        0 => Rest::Always(all),
        1 => parts.swap_remove(0),
        _ if all => Rest::All(parts),
        _ => Rest::Any(parts),
    }
}

/// The environments that the target may turn out to be: one when the full version of the runtime is known.
fn environments(target: &Target) -> Vec<MarkerEnvironment> {
    let release = target.runtime.as_deref().map(release).unwrap_or_default();
    let versions: Vec<(u64, u64, u64)> = match release[..] {
        [major, minor, patch, ..] => vec![(major, minor, patch)],
        [major, minor] => vec![(major, minor, 0), (major, minor, LATEST_PATCH)],
        _ => SUPPORTED.flat_map(|minor| [(3, minor, 0), (3, minor, LATEST_PATCH)]).collect(),
    };
    versions.into_iter().filter_map(|version| environment(target, version)).collect()
}

/// The leading numbers of a version: `3.11-slim` has 3 and 11.
fn release(text: &str) -> Vec<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text[..end].split('.').map_while(|part| part.parse().ok()).collect()
}

fn environment(target: &Target, (major, minor, patch): (u64, u64, u64)) -> Option<MarkerEnvironment> {
    let full = Version::new([major, minor, patch]).to_string();
    let system = match target.os.as_str() {
        "linux" => "Linux",
        other => other,
    };
    MarkerEnvironment::try_from(MarkerEnvironmentBuilder {
        implementation_name: "cpython",
        implementation_version: &full,
        os_name: "posix",
        platform_machine: &target.arch,
        platform_python_implementation: "CPython",
        platform_release: "",
        platform_system: system,
        platform_version: "",
        python_full_version: &full,
        python_version: &format!("{major}.{minor}"),
        sys_platform: &target.os,
    })
    .ok()
}

#[cfg(test)]
mod tests;
