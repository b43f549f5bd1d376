//! `depslim prove` for people: what was run, on what, and what that has shown.

use crate::page::{BOLD, DIM, ERROR, GOOD, Line, NOTE, PLACE, PLAIN, Page};
use crate::phrase::{count, spot};
use crate::view::View;
use depslim_model::proof::KINDS;
use depslim_model::report::{Outcome, Proved, PutBack, Trimmed, Watched};
use depslim_model::{Code, Confidence, Finding, Package, Project, Report, human};

/// Reasons for what fails anyway that are shown without `-v`.
const LISTED: usize = 3;

/// What the proofs of a report have shown.
pub fn proof(report: &Report, view: &View) -> String {
    let mut page = Page::new(view);
    for project in &report.projects {
        if let Some(proved) = &project.proof {
            page.blank();
            one(&mut page, report, project, proved, view);
        }
    }
    for note in report.notes.iter().filter(|note| note.message.starts_with("nothing was proved")) {
        page.blank();
        let project = note.project.clone().unwrap_or_default();
        page.wrapped(Line::new().put(NOTE, &project).plain("  "), PLAIN, &note.message);
    }
    page.finish()
}

fn one(page: &mut Page, report: &Report, project: &Project, proved: &Proved, view: &View) {
    headline(page, project, proved);
    if proved.about.is_empty() {
        page.wrapped(label("ran"), PLAIN, &proved.command.join(" "));
    } else {
        let well = if proved.passed == 0 { String::new() } else { format!(": {} went well", proved.passed) };
        page.wrapped(label("ran"), PLAIN, &format!("{}{well}", proved.about));
    }
    let times = if proved.runs == 1 { "once".to_owned() } else { format!("{} times", proved.runs) };
    page.wrapped(label("how"), PLAIN, &format!("{times}, {}", proved.sandbox));
    if proved.outcome != Outcome::Nothing {
        let left = count(proved.left_out.len() as u64, "package");
        let bytes =
            if proved.left_out_bytes > 0 { format!(", {}", human(proved.left_out_bytes)) } else { String::new() };
        page.wrapped(label("left out"), PLAIN, &format!("{left}{bytes}"));
    }
    for note in &proved.notes {
        page.wrapped(label("note"), PLAIN, note);
    }
    anyway(page, proved, view);
    for back in &proved.put_back {
        page.blank();
        put_back(page, project, back, proved.list.is_none(), view);
    }
    if !proved.put_back.is_empty() {
        page.blank();
        closing(page, project, proved);
    }
    if !proved.output.is_empty() {
        page.blank();
        page.line(Line::new().put(DIM, "the end of its output:"));
        for line in &proved.output {
            page.line(Line::new().plain("  ").put(PLAIN, line));
        }
    }
    if let Some(trimmed) = &proved.trimmed {
        page.blank();
        trim(page, trimmed, view);
    }
    if let Some(watched) = &proved.watched {
        page.blank();
        idle(page, project, watched, view);
    }
    let verified = report.findings.iter().filter(|f| f.project == project.id && f.confidence == Confidence::Verified);
    let verified: Vec<&Finding> = verified.filter(|f| matches!(f.code, Code::Unused | Code::DevInProd)).collect();
    if !verified.is_empty() {
        page.blank();
        let what = count(verified.len() as u64, "finding");
        page.line(Line::new().put(BOLD, &format!("{what} verified by the run")));
        for finding in verified {
            let what = format!("{} {}", finding.code, finding.message);
            page.line(Line::new().plain("  ").plain(&what).right(page.width, 3, PLAIN, &human(finding.bytes)));
        }
    }
}

fn headline(page: &mut Page, project: &Project, proved: &Proved) {
    let (style, word, mut text) = match (&proved.outcome, &proved.list) {
        (Outcome::Proved, None) => (GOOD, "proved", "it runs on what production would ship".to_owned()),
        (Outcome::Proved, Some(list)) => (GOOD, "proved", format!("it runs on what {list} installs")),
        (Outcome::Mended, None) => (ERROR, "not proved", format!("it does not run without {}", names(proved))),
        (Outcome::Mended, Some(list)) => {
            (ERROR, "refuted", format!("it does not run on what {list} installs, which lacks {}", names(proved)))
        }
        (Outcome::Nothing, _) => (ERROR, "nothing proved", String::new()),
    };
    if proved.outcome == Outcome::Proved && !proved.is_thorough() {
        text.push_str(", as far as it could be tried");
    }
    let lead = Line::new().put(style, word).put(DIM, &format!("  {}", project.id));
    if text.is_empty() { page.line(lead) } else { page.hanging(lead.plain("  "), 2, BOLD, &text) }
}

fn names(proved: &Proved) -> String {
    let names: Vec<&str> = proved.put_back.iter().map(|back| back.name.as_str()).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

fn label(text: &str) -> Line {
    Line::new().plain("  ").put(DIM, text).to(15)
}

/// What fails with everything installed too says nothing, and is said to say nothing.
fn anyway(page: &mut Page, proved: &Proved, view: &View) {
    if proved.failed_anyway.is_empty() {
        return;
    }
    let all = proved.failed_anyway.len();
    let text = format!("{all} more fail with everything installed too, and say nothing");
    page.wrapped(label("not counted"), PLAIN, &text);
    let most = if view.verbose > 0 { usize::MAX } else { LISTED };
    for failed in proved.failed_anyway.iter().take(most) {
        let short: String = failed.reason.chars().take(120).collect();
        page.hanging(Line::new().to(15).plain(&failed.name).plain("  "), 17, DIM, &short);
    }
    if all > most {
        page.line(Line::new().to(15).put(DIM, &format!("{} more (-v)", all - most)));
    }
}

fn put_back(page: &mut Page, project: &Project, back: &PutBack, own: bool, view: &View) {
    let with = match back.brought.len() {
        0 => String::new(),
        many => format!(" with {} that it requires", count(many as u64, "package")),
    };
    let head = Line::new().put(ERROR, "put back").plain(" ").put(BOLD, &back.pin).plain(&with);
    page.line(head.right(page.width, 3, PLAIN, &human(back.bytes)));
    for piece in &back.evidence {
        match spot(piece, view) {
            Some(spot) => page.line(Line::new().put(PLACE, "  --> ").plain(&spot)),
            None => page.wrapped(Line::new().put(PLACE, "   = "), PLAIN, &piece.text),
        }
    }
    if back.by_trying {
        let text = "no line of the output names it: it was found by leaving packages out and putting them back";
        page.wrapped(Line::new().put(PLACE, "   = "), PLAIN, text);
    }
    if own && package(project, back).is_some_and(|package| !package.direct) {
        let text = "no line of the project brings it to production: declare it";
        page.wrapped(Line::new().put(PLACE, "   = "), PLAIN, text);
    }
}

/// Packages that are shown without `-v`.
const MOST: usize = 10;

/// What went out of the packages that stay, by kind.
fn trim(page: &mut Page, trimmed: &Trimmed, view: &View) {
    let gone = trimmed.before_bytes - trimmed.after_bytes;
    let times = if trimmed.runs == 1 { "once more".to_owned() } else { format!("{} times more", trimmed.runs) };
    let text = format!(
        "it also runs, {times}, without {} of files that nothing loads: {} of packages are {}",
        human(gone),
        human(trimmed.before_bytes),
        human(trimmed.after_bytes)
    );
    page.hanging(Line::new().put(BOLD, "trimmed").plain("  "), 2, PLAIN, &text);
    for kind in trimmed.kinds.iter().filter(|kind| kind.before_bytes > 0) {
        let name = KINDS.iter().find(|(name, ..)| *name == kind.kind).map_or(kind.kind.as_str(), |(_, about, _)| about);
        let sizes = format!("{} -> {}", human(kind.before_bytes), human(kind.after_bytes));
        page.line(Line::new().plain("  ").plain(name).right(page.width, 3, PLAIN, &sizes));
    }
    let most = if view.verbose > 0 { usize::MAX } else { 3 };
    for stays in trimmed.stays.iter().take(most) {
        let name = format!("{} of {} stay", stays.kind, stays.package);
        page.hanging(Line::new().plain("  ").put(DIM, &name).plain("  "), 4, DIM, &stays.why);
    }
    if trimmed.stays.len() > most {
        page.line(Line::new().plain("  ").put(DIM, &format!("{} more stay (-v)", trimmed.stays.len() - most)));
    }
}

/// What is kept and was never loaded, as advice.
fn idle(page: &mut Page, project: &Project, watched: &Watched, view: &View) {
    let packages = count(watched.idle.len() as u64, "package");
    let text = format!(
        "this run loaded nothing of {packages} that stay, {}; another run may: they are not findings",
        human(watched.idle_bytes)
    );
    page.hanging(Line::new().put(BOLD, "watched").plain("  "), 2, PLAIN, &text);
    let most = if view.verbose > 0 { usize::MAX } else { MOST };
    for one in watched.idle.iter().take(most) {
        let package = project.packages.iter().find(|package| package.id == one.package);
        let name = package.map_or(one.package.as_str(), |package| package.name.as_str());
        let why = package.and_then(|package| package.usage.evidence.first()).and_then(|piece| spot(piece, view));
        let line = Line::new().plain("  ").plain(name).plain("  ").put(DIM, &why.unwrap_or_default());
        page.line(line.right(page.width, 3, PLAIN, &human(one.bytes)));
    }
    if watched.idle.len() > most {
        page.line(Line::new().plain("  ").put(DIM, &format!("{} more (-v)", watched.idle.len() - most)));
    }
    page.wrapped(label("seen by"), DIM, &watched.how);
}

fn package<'p>(project: &'p Project, back: &PutBack) -> Option<&'p Package> {
    project.packages.iter().find(|package| package.id == back.package)
}

fn closing(page: &mut Page, project: &Project, proved: &Proved) {
    let declared = proved.put_back.iter().any(|back| package(project, back).is_some_and(|package| package.direct));
    match &proved.list {
        Some(list) => {
            page.line(Line::new().plain(&format!("With these it runs. Add to {list}:")));
            for back in &proved.put_back {
                page.line(Line::new().plain("  ").put(BOLD, &back.pin));
            }
        }
        None if declared => page.line(Line::new().plain("With these it runs. To keep them: depslim prove --write")),
        None => page.line(Line::new().plain("With these it runs.")),
    }
}

#[cfg(test)]
mod tests;
