//! One package in full: its size, who brings it, every use that was seen, what its removal frees.

use crate::page::{BOLD, DIM, Line, PLACE, PLAIN, Page, width};
use crate::phrase::{count, evidence, number, size, size_of, spot, sum, weight};
use crate::view::View;
use depslim_model::report::{Measure, Status};
use depslim_model::{EvidenceKind, Finding, Package, Project, Report, Scope, Severity};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

/// Paths, names and packages that a list shows without `-v`.
const LISTED: usize = 8;

/// The report has no such package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoPackage {
    /// What was asked for.
    pub query: String,
    /// Names that are near.
    pub similar: Vec<String>,
}

impl fmt::Display for NoPackage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no package `{}` in this project", crate::escape::terminal(&self.query))?;
        match self.similar.as_slice() {
            [] => f.write_str("; `depslim -v --scope all` lists the largest ones"),
            names => {
                let names: Vec<String> =
                    names.iter().map(|name| format!("`{}`", crate::escape::terminal(name))).collect();
                write!(f, "; did you mean {}?", names.join(" or "))
            }
        }
    }
}

impl std::error::Error for NoPackage {}

/// Explains a package. The query is a name in any letter case, a package URL with or without version, or `ecosystem:name`; `-`,
/// `_` and `.` mean the same unless there is an exact match. A package of several projects is explained for each.
///
/// # Errors
/// The report has no such package; the error names those with a similar name.
pub fn why(report: &Report, query: &str, view: &View) -> Result<String, NoPackage> {
    let found = find(report, query)?;
    let mut page = Page::new(view);
    for (project, package) in found {
        page.blank();
        one(&mut page, report, project, package, view);
    }
    Ok(page.finish())
}

fn find<'r>(report: &'r Report, query: &str) -> Result<Vec<(&'r Project, &'r Package)>, NoPackage> {
    let all =
        || report.projects.iter().flat_map(|project| project.packages.iter().map(move |package| (project, package)));
    let loose = |text: &str| text.to_lowercase().replace(['_', '.'], "-");
    let kind_and_name = query.split_once(':').map(|(kind, name)| (kind, loose(name)));
    let matches = |attempt: u8, project: &Project, package: &Package| match attempt {
        0 => package.id == query || unversioned(&package.id) == query,
        1 => package.name == query,
        2 => kind_and_name.as_ref().is_some_and(|(kind, name)| {
            let purl = package.id.strip_prefix("pkg:").and_then(|rest| rest.split('/').next()).unwrap_or_default();
            (*kind == project.ecosystem || *kind == purl) && *name == loose(&package.name)
        }),
        _ => loose(&package.name) == loose(query),
    };
    // The most exact way that finds something counts.
    for attempt in 0..4 {
        let found: Vec<_> = all().filter(|(project, package)| matches(attempt, project, package)).collect();
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let mut near: Vec<(usize, &str)> = all()
        .map(|(_, package)| (strsim::damerau_levenshtein(&loose(&package.name), &loose(query)), package.name.as_str()))
        .filter(|(distance, name)| *distance <= 1 + name.len().min(query.len()) / 4)
        .collect();
    near.sort_unstable();
    near.dedup();
    Err(NoPackage {
        query: query.to_owned(),
        similar: near.into_iter().take(3).map(|(_, name)| name.to_owned()).collect(),
    })
}

fn unversioned(id: &str) -> &str {
    id.rsplit_once('@').map_or(id, |(name, _)| name)
}

fn one(page: &mut Page, report: &Report, project: &Project, package: &Package, view: &View) {
    let version = package.version.as_ref().map_or_else(String::new, |version| format!(" {version}"));
    let line = Line::new().put(BOLD, &package.name).plain(&version).put(DIM, &format!("   {}", package.id));
    page.line(if report.projects.len() > 1 { line.plain(&format!("   {}", project.path)) } else { line });
    page.blank();
    let row = |page: &mut Page, label: &str, text: &str| {
        page.wrapped(Line::new().plain("  ").put(DIM, label).to(12), PLAIN, text);
    };
    row(page, "Size", &own_size(project, package));
    row(page, "Removal", &removal(project, package));
    row(page, "Verdict", &verdict(package));
    let declared: Vec<String> = package
        .declared
        .iter()
        .map(|d| {
            let group = d.group_name.as_ref().map_or_else(|| d.group.clone(), |name| format!("{}: {name}", d.group));
            format!("{}:{} ({group})", view.path(&d.file), d.line)
        })
        .collect();
    row(
        page,
        "Declared",
        &if declared.is_empty() { "nowhere; other packages bring it".to_owned() } else { declared.join(", ") },
    );
    paths(page, project, package, view);
    let about = |f: &&Finding| f.project == project.id && f.package == package.id && f.severity > Severity::Off;
    let findings: Vec<&Finding> = report.findings.iter().filter(about).collect();
    uses(page, package, &findings, view);
    extras(page, project, package);
    if !findings.is_empty() {
        page.blank();
        crate::text::finding_blocks(page, report, view, &findings);
    }
}

fn own_size(project: &Project, package: &Package) -> String {
    let files =
        if package.files > 0 { format!(", {}", count(u64::from(package.files), "file")) } else { String::new() };
    match weight(package) {
        None => "unknown".to_owned(),
        Some((_, Measure::Installed)) => format!("{} installed{files}", size_of(package)),
        Some((_, Measure::Binary)) => format!("{} inside the binary", size_of(package)),
        Some((_, Measure::Source)) => format!("{} of source code{files}", size_of(package)),
        Some(_) => {
            let lock = project.lockfile.as_ref().map_or_else(String::new, |lock| format!(" of {lock}"));
            format!("{}, estimated from the download size{lock}", size_of(package))
        }
    }
}

fn removal(project: &Project, package: &Package) -> String {
    let Some((_, measure)) = weight(package) else { return "unknown, because sizes are".to_owned() };
    let place = if package.ships { "production" } else { "the environment" };
    if package.exclusive_packages == 0 && package.exclusive_bytes == 0 {
        return format!("frees nothing from {place}: others need it too");
    }
    let bytes = size(package.exclusive_bytes, measure);
    // Nobody can take out what others bring; it goes when they go.
    let place =
        if package.direct || !package.ships { format!("from {place}") } else { "once nothing needs it".to_owned() };
    let others = u64::from(package.exclusive_packages.saturating_sub(1));
    if others == 0 {
        return format!("frees {bytes} {place}");
    }
    let names = goes_with(project, package).map_or_else(String::new, |gone| {
        let mut names: Vec<String> = gone.iter().take(LISTED).map(|p| format!("{} {}", p.name, size_of(p))).collect();
        if gone.len() > LISTED {
            names.push(format!("{} more", number((gone.len() - LISTED) as u64)));
        }
        format!(": {}", names.join(", "))
    });
    format!("frees {bytes} {place}: itself and {} that only it needs{names}", count(others, "package"))
}

/// The packages that leave with this one, largest first: those that the other declared packages do not reach. They are named
/// only when they add up to what the analysis says, which knows more (extras, conditions) than the edges of the report.
fn goes_with<'r>(project: &'r Project, package: &Package) -> Option<Vec<&'r Package>> {
    let ships: BTreeMap<&str, &Package> =
        project.packages.iter().filter(|p| p.ships == package.ships).map(|p| (p.id.as_str(), p)).collect();
    let mut needs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, p) in &ships {
        for by in &p.required_by {
            needs.entry(by.as_str()).or_default().push(*id);
        }
    }
    let mut stays: BTreeSet<&str> = BTreeSet::new();
    let mut work: Vec<&str> =
        ships.values().filter(|p| p.direct && p.id != package.id).map(|p| p.id.as_str()).collect();
    while let Some(id) = work.pop() {
        // What is declared leaves with its declaration; what is not can only leave as a whole.
        if (package.direct || id != package.id) && ships.contains_key(id) && stays.insert(id) {
            work.extend(needs.get(id).into_iter().flatten());
        }
    }
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    let mut work = vec![package.id.as_str()];
    while let Some(id) = work.pop() {
        if ships.contains_key(id) && reached.insert(id) {
            work.extend(needs.get(id).into_iter().flatten());
        }
    }
    let gone: Vec<&Package> = reached.difference(&stays).filter_map(|id| ships.get(id).copied()).collect();
    let bytes = sum(gone.iter().filter_map(|p| weight(p)).map(|(bytes, _)| bytes));
    if gone.len() != package.exclusive_packages as usize || bytes != package.exclusive_bytes {
        return None;
    }
    let mut others: Vec<&Package> = gone.into_iter().filter(|p| p.id != package.id).collect();
    others.sort_by_key(|p| (std::cmp::Reverse(weight(p).map_or(0, |(bytes, _)| bytes)), &p.id));
    Some(others)
}

fn verdict(package: &Package) -> String {
    let verdict = match (package.usage.status, package.scope) {
        (Status::Used, _) => "used",
        (Status::Transitive, _) if package.direct => {
            "not used itself, but something used needs it: the declaration only pins it"
        }
        (Status::Transitive, _) => "needed by something that is used",
        (Status::Development, _) if package.ships => "only tests or tooling use it, yet production installs it",
        (Status::Development, _) => "only tests or tooling use it",
        (Status::Optional, _) => "only guarded uses: the program runs without it",
        (Status::Unused, Scope::Unused) if !package.ships && !package.direct => "installed, but nothing asks for it",
        (Status::Unused, _) => "no use was found",
    };
    format!("{verdict} ({} confidence)", package.usage.confidence)
}

/// Shortest ways from what is declared to the package.
fn paths(page: &mut Page, project: &Project, package: &Package, view: &View) {
    let paths = chains(project, package);
    if paths.is_empty() {
        return;
    }
    page.blank();
    page.line(Line::new().put(BOLD, "Brought in by"));
    let most = if view.verbose > 0 { usize::MAX } else { LISTED };
    for path in paths.iter().take(most) {
        page.wrapped(Line::new().plain("  "), PLAIN, &path.join(" -> "));
    }
    if paths.len() > most {
        page.line(Line::new().plain("  ").put(DIM, &format!("{} more (-v)", number((paths.len() - most) as u64))));
    }
}

/// One shortest path from each declared package that reaches this one, shortest first; names, declared first.
fn chains<'r>(project: &'r Project, package: &'r Package) -> Vec<Vec<&'r str>> {
    let by_id: BTreeMap<&str, &Package> = project.packages.iter().map(|p| (p.id.as_str(), p)).collect();
    let mut toward: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([package.id.as_str()]);
    let mut roots = Vec::new();
    while let Some(id) = queue.pop_front() {
        let Some(current) = by_id.get(id) else { continue };
        if current.direct && id != package.id {
            roots.push(id);
        }
        for by in &current.required_by {
            if by != &package.id && by_id.contains_key(by.as_str()) && !toward.contains_key(by.as_str()) {
                toward.insert(by, id);
                queue.push_back(by);
            }
        }
    }
    let name = |id: &str| by_id.get(id).map_or("?", |p| p.name.as_str());
    let walk = |root: &'r str| {
        let mut path = vec![name(root)];
        let mut at = root;
        while let Some(next) = toward.get(at) {
            path.push(name(next));
            at = next;
        }
        path
    };
    roots.into_iter().map(walk).collect()
}

fn uses(page: &mut Page, package: &Package, findings: &[&Finding], view: &View) {
    let usage = &package.usage;
    let (seen, said): (Vec<_>, Vec<_>) = usage.evidence.iter().partition(|e| e.file.is_some());
    // Who requires it stands above; what a finding says stands below.
    let told = |e: &&depslim_model::Evidence| {
        (e.kind == EvidenceKind::Metadata && usage.status == Status::Transitive)
            || findings.iter().any(|f| f.evidence.contains(e))
    };
    let said: Vec<_> = said.into_iter().filter(|e| !told(e)).collect();
    if seen.is_empty() && said.is_empty() {
        return;
    }
    page.blank();
    let sites = if usage.sites > 0 {
        let files = count(u64::from(usage.files), "file");
        format!("   {} in {files} of the project", count(u64::from(usage.sites), "place"))
    } else {
        String::new()
    };
    let title = if seen.is_empty() { "Looked for uses" } else { "Used at" };
    page.line(Line::new().put(BOLD, title).put(DIM, &sites));
    let column =
        seen.iter().filter_map(|e| spot(e, view)).map(|spot| width(&spot)).filter(|w| *w <= 48).max().unwrap_or(0);
    for piece in &seen {
        let place = spot(piece, view).unwrap_or_default();
        let text = if piece.text.is_empty() { piece.kind.to_string() } else { piece.text.clone() };
        let rule = piece.rule.as_ref().map_or_else(String::new, |rule| format!("   [{rule}]"));
        page.entry(PLACE, &place, column, &format!("{text}{rule}"));
    }
    let own = seen.iter().filter(|e| !e.installed).filter_map(|e| e.file.as_ref()).collect::<BTreeSet<_>>().len();
    if (usage.files as usize) > own {
        let more = count((usage.files as usize - own) as u64, "more file");
        page.line(Line::new().plain("  ").put(DIM, &format!("and in {more}")));
    }
    for piece in &said {
        page.wrapped(Line::new().plain("  "), PLAIN, &evidence(piece, view));
    }
    if !usage.names.is_empty() {
        page.blank();
        let most = if view.verbose > 0 { usize::MAX } else { LISTED };
        let mut names: Vec<&str> = usage.names.iter().take(most).map(String::as_str).collect();
        let more = usage.names.len().saturating_sub(most);
        let rest = format!("{more} more (-v)");
        if more > 0 {
            names.push(&rest);
        }
        page.wrapped(Line::new().put(BOLD, "Names used").plain("  "), PLAIN, &names.join(", "));
    }
}

fn extras(page: &mut Page, project: &Project, package: &Package) {
    if package.extras.is_empty() {
        return;
    }
    page.blank();
    page.line(Line::new().put(BOLD, "Extras"));
    let names = package.extras.iter().map(|extra| width(&extra.name)).max().unwrap_or(0);
    for extra in &package.extras {
        let bytes = if project.measure == Measure::Unknown {
            "unknown".to_owned()
        } else {
            size(extra.exclusive_bytes, project.measure)
        };
        let used = if extra.used { "used" } else { "not used" };
        let line = Line::new().plain("  ").plain(&extra.name).to(2 + names).plain("   ").right(
            2 + names + 13,
            0,
            PLAIN,
            &bytes,
        );
        page.line(line.plain("   ").plain(used));
    }
}

#[cfg(test)]
mod tests;
