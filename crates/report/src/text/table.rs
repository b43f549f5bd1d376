//! Several projects as a table.

use crate::page::{BOLD, DIM, ERROR, GOOD, Line, PLAIN, Page, width};
use crate::phrase::{number, size, sum};
use depslim_model::report::Measure;
use depslim_model::{Code, Confidence, Project, Report, Severity, human};

struct Row {
    cells: [String; 5],
    remark: String,
}

/// One row a project; a project that could not be analysed says why in its row.
pub(super) fn projects(page: &mut Page, report: &Report, projects: &[Project]) {
    let head = ["PROJECT", "ECOSYSTEM", "PRODUCTION", "REMOVABLE", "ERRORS"].map(str::to_owned);
    let rows: Vec<Row> = projects.iter().map(|project| row(report, project)).collect();
    let total = total(report, projects);
    let mut widths = [0; 5];
    for cells in rows.iter().map(|row| &row.cells).chain([&head, &total.cells]) {
        for (at, cell) in cells.iter().enumerate() {
            widths[at] = widths[at].max(width(cell));
        }
    }
    let line = |cells: &[String; 5], styles: [anstyle::Style; 5]| {
        let mut line = Line::new().plain("  ");
        let mut column = 2;
        for (at, cell) in cells.iter().enumerate() {
            if at < 2 {
                line = line.put(styles[at], cell).to(column + widths[at]);
            } else {
                line = line.right(column + widths[at], 0, styles[at], cell);
            }
            column += widths[at] + 2;
            line = if at < 4 { line.plain("  ") } else { line };
        }
        line
    };
    page.line(line(&head, [DIM; 5]));
    for (project, row) in projects.iter().zip(&rows) {
        if let Some(reason) = &project.failed {
            let lead = Line::new().plain("  ").plain(&row.cells[0]).to(2 + widths[0]).plain("  ");
            let lead = lead.plain(&row.cells[1]).to(4 + widths[0] + widths[1]).plain("  ");
            page.wrapped(lead.put(ERROR, "failed: "), PLAIN, reason);
            continue;
        }
        let errors = if row.cells[4] == "0" { PLAIN } else { ERROR };
        let line = line(&row.cells, [PLAIN, PLAIN, BOLD, GOOD, errors]);
        page.line(if row.remark.is_empty() { line } else { line.put(DIM, &format!("     {}", row.remark)) });
    }
    let line = line(&total.cells, [BOLD, PLAIN, BOLD, GOOD, PLAIN]);
    page.line(if total.remark.is_empty() { line } else { line.put(DIM, &format!("     {}", total.remark)) });
}

fn errors(report: &Report, project: Option<&str>) -> u64 {
    let counts = |f: &&depslim_model::Finding| {
        f.severity == Severity::Error && f.confidence > Confidence::Low && project.is_none_or(|id| f.project == id)
    };
    report.findings.iter().filter(counts).count() as u64
}

fn row(report: &Report, project: &Project) -> Row {
    let path = if project.path.is_empty() { "." } else { &project.path };
    let star = if project.measure == Measure::Binary { "*" } else { "" };
    let removable = match project.measure {
        Measure::Unknown => "-".to_owned(),
        measure => size(project.removable_bytes, measure),
    };
    let unmeasured = report.findings.iter().find(|f| f.project == project.id && f.code == Code::NotMeasured);
    let remark = match project.measure {
        Measure::Binary => "* inside the binary".to_owned(),
        Measure::Estimated => "estimated from download sizes (SLIM090)".to_owned(),
        Measure::Unknown => unmeasured.map_or_else(
            || "not measured".to_owned(),
            |f| {
                let reason = f.message.split(". ").next().unwrap_or(&f.message);
                format!("{reason} ({})", f.code)
            },
        ),
        Measure::Source => "source code, which does not ship".to_owned(),
        Measure::Installed => String::new(),
    };
    Row {
        cells: [
            path.to_owned(),
            project.ecosystem.clone(),
            format!("{}{star}", size(project.prod_bytes, project.measure)),
            removable,
            number(errors(report, Some(&project.id))),
        ],
        remark,
    }
}

fn total(report: &Report, projects: &[Project]) -> Row {
    let sized: Vec<&Project> =
        projects.iter().filter(|p| p.failed.is_none() && p.measure != Measure::Unknown).collect();
    let mark = if sized.iter().any(|p| p.measure == Measure::Estimated) { "~" } else { "" };
    let sum = sum(sized.iter().map(|p| p.prod_bytes));
    let mut remarks = Vec::new();
    if sized.len() < projects.len() {
        remarks.push(format!("of {} projects with sizes", sized.len()));
    }
    if sum > report.summary.prod_bytes {
        remarks.push("packages that projects share count once".to_owned());
    }
    Row {
        cells: [
            "total".to_owned(),
            String::new(),
            format!("{mark}{}", human(report.summary.prod_bytes)),
            format!("{mark}{}", human(report.summary.removable_bytes)),
            number(errors(report, None)),
        ],
        remark: remarks.join("; "),
    }
}
