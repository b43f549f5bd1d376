//! The text format: what a person reads at a terminal. One project is shown in full, several as a table.

mod closing;
mod findings;
mod kept;
mod table;
mod totals;

use crate::page::Page;
use crate::shown::Shown;
use crate::view::View;
use depslim_model::Report;

pub(crate) use findings::blocks as finding_blocks;
pub(crate) use kept::{looks_unused, reason};

/// Renders a report for a terminal.
pub fn text(report: &Report, view: &View) -> String {
    let mut page = Page::new(view);
    let shown = Shown::of(report, view);
    if view.quiet {
        closing::failures(&mut page, report, view);
        findings::blocks(&mut page, report, view, &shown.now);
        findings::worth_a_look(&mut page, report, view, &shown);
        return page.finish();
    }
    totals::header(&mut page, report, view);
    page.blank();
    match report.projects.as_slice() {
        [] => {}
        [project] => {
            if project.failed.is_none() {
                totals::block(&mut page, report, project, view);
            }
            totals::against_base(&mut page, report, view);
            page.blank();
            findings::blocks(&mut page, report, view, &shown.now);
            findings::worth_a_look(&mut page, report, view, &shown);
            if view.verbose > 0 {
                page.blank();
            }
            kept::lines(&mut page, project, view);
            totals::largest(&mut page, report, view);
            totals::tree(&mut page, project, view);
        }
        projects => {
            table::projects(&mut page, report, projects);
            totals::against_base(&mut page, report, view);
            page.blank();
            findings::top(&mut page, report, view, &shown);
            findings::worth_a_look(&mut page, report, view, &shown);
            totals::largest(&mut page, report, view);
        }
    }
    if view.verbose > 0 || report.projects.len() > 1 {
        page.blank();
    }
    closing::failures(&mut page, report, view);
    closing::notes(&mut page, report, view);
    page.blank();
    if let [project] = report.projects.as_slice() {
        closing::image(&mut page, project, view);
    }
    closing::summary(&mut page, report, view, &shown);
    page.finish()
}

#[cfg(test)]
mod tests;
