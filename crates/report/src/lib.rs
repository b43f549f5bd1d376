//! Renders reports: pure functions from a report to text. No disk, no clock, no environment: the same report and the same
//! [`View`] give the same bytes.
//!
//! * [`render`] is all output formats behind one function; each also stands alone ([`text`], [`sarif`] …).
//! * [`why`] and [`explain`] answer `depslim why`.
//! * [`proof`] says what `depslim prove` has shown.
//! * [`difference`] compares two reports.
//! * [`escape`] makes foreign text harmless. Package names, paths and lines of code come from outside: what reaches a terminal,
//!   Markdown, a workflow log or a page went through it.

pub mod escape;

mod comment;
mod concise;
mod difference;
mod explain;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod foreign;
mod github;
mod gitlab;
mod html;
mod json;
mod markdown;
mod page;
mod phrase;
mod proof;
mod sarif;
mod shown;
mod text;
mod view;
mod why;

pub use comment::{CommentView, News, Suggestion, comment, mark_of, news, resolved, suggestions};
pub use concise::concise;
pub use difference::{difference, mark};
pub use explain::explain;
pub use github::{ANNOTATIONS, github};
pub use gitlab::gitlab;
pub use html::html;
pub use json::{json, jsonl};
pub use markdown::markdown;
pub use proof::proof;
pub use sarif::sarif;
pub use text::text;
pub use view::{Format, ScopeFilter, View};
pub use why::{NoPackage, why};

use depslim_model::Report;

/// Renders a report in one of the formats.
///
/// ```
/// use depslim_report::{Format, View, render};
/// # let report = depslim_model::Report {
/// #     schema: depslim_model::report::SCHEMA.into(), tool: Default::default(), target: String::new(), source: Default::default(),
/// #     summary: Default::default(), projects: vec![], findings: vec![], ignored: vec![], notes: vec![], difference: None,
/// # };
/// let json = render(Format::Json, &report, &View::default());
/// assert!(json.starts_with("{\n  \"schema\": \"depslim.report/1\""));
/// ```
pub fn render(format: Format, report: &Report, view: &View) -> String {
    match format {
        Format::Text => text(report, view),
        Format::Concise => concise(report, view),
        Format::Json => json(report),
        Format::Jsonl => jsonl(report),
        Format::Github => github(report, view),
        Format::Gitlab => gitlab(report, view),
        Format::Sarif => sarif(report, view),
        Format::Markdown => markdown(report, view),
        Format::Html => html(report, view),
    }
}
