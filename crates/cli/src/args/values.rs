//! Values of flags: words to meanings, with suggestions where a word means nothing.

use crate::config::{ECOSYSTEM_NAMES, LEVELS, level, rule_words};
use crate::suggest::hint;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use depslim::policy::FailOn;
use depslim_model::Code;
use depslim_report::{Format, ScopeFilter};
use std::path::PathBuf;

/// A rule, by code or name.
pub(super) fn rule(text: &str) -> Result<Code, String> {
    Code::find(text.trim()).ok_or_else(|| format!("no such rule{}", hint(text, rule_words())))
}

/// Levels of `--fail-on`.
pub(super) fn levels() -> impl TypedValueParser<Value = FailOn> {
    PossibleValuesParser::new(LEVELS.iter().copied()).map(|word| level(&word).unwrap_or_default())
}

/// Formats of `--output-format`: those that make sense on a stream.
pub(super) fn formats() -> impl TypedValueParser<Value = Format> {
    let names = Format::ALL.into_iter().filter(|format| *format != Format::Html).map(Format::name);
    PossibleValuesParser::new(names).map(|name| Format::find(&name).unwrap_or_default())
}

/// Scopes of `--scope`.
pub(super) fn scopes() -> impl TypedValueParser<Value = ScopeFilter> {
    PossibleValuesParser::new(["prod", "dev", "all"]).map(|word| match word.as_str() {
        "dev" => ScopeFilter::Dev,
        "all" => ScopeFilter::All,
        _ => ScopeFilter::Prod,
    })
}

/// Names of ecosystems.
pub(super) fn ecosystems() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(ECOSYSTEM_NAMES.iter().copied())
}

/// `NAME=VALUE`.
pub(super) fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

/// A file whose name tells a format.
pub(super) fn output_file(text: &str) -> Result<PathBuf, String> {
    match Format::of_file(text) {
        Some(_) => Ok(text.into()),
        None => Err("the extension tells the kind of report: .json .jsonl .sarif .md .html".to_owned()),
    }
}
