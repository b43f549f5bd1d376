//! What `export` writes: `go.mod` without what nothing needs, and `go.sum` without what only that needed.

use crate::edit;
use crate::version::compare;
use depslim_model::ecosystem::{Action, Change, Emission, Emitter, Plan};
use depslim_model::{Facts, Require, Settings, Source};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// The files.
pub(crate) const EMITTERS: &[Emitter] = &[Emitter { name: "go.mod", emit, direct_only: true, reread }];

/// The names that were written: those of `go.mod`; what `go.sum` vouches for may be more.
fn reread(source: &Source<'_>) -> Facts {
    let is_sum = source.file_name() == "go.sum";
    let reader = if is_sum { &crate::manifest::READERS[2] } else { &crate::manifest::READERS[0] };
    let facts = (reader.read)(source);
    if is_sum { Facts { problems: facts.problems, ..Facts::default() } } else { facts }
}

fn emit(plan: &Plan, sources: &[Source<'_>]) -> Result<Vec<Emission>, String> {
    let folder = if plan.project == "." { "" } else { plan.project.as_str() };
    let own = |name: &str| sources.iter().find(|s| s.file_name() == name && s.folder() == folder);
    let manifest = own("go.mod").ok_or("there is no go.mod")?;
    let changes: Vec<Change> = plan
        .changes
        .get(manifest.path)
        .into_iter()
        .flatten()
        .filter(|change| matches!(change.action, Action::Remove | Action::State { .. }))
        .cloned()
        .collect();
    let text = edit::edit(manifest, &changes)?;
    let kept = kept(&text);
    let sums = own("go.sum").map(|sums| String::from_utf8_lossy(sums.bytes));
    // A line that stays for another reason (the configuration keeps it) asks for more.
    let asked = plan.lock.as_ref().filter(|asked| kept.values().flatten().all(|line| is_asked(line, asked)));
    let sums = match (sums, asked) {
        (Some(sums), Some(asked)) => Some(only(&sums, asked)),
        (Some(sums), None) => Some(without(&sums, &changes, &kept)),
        (None, Some(asked)) if !asked.is_empty() => Some(only("", asked)),
        (None, _) => None,
    };
    let count = changes.len();
    let before = own("go.sum").map_or("".into(), |sums| String::from_utf8_lossy(sums.bytes));
    if count == 0 && sums.as_ref().is_none_or(|(after, ..)| *after == before) {
        return Err("go.mod and go.sum are as they should be".into());
    }
    let gone = changes.iter().filter(|change| change.action == Action::Remove).count();
    let summary = match (lines(gone, "requirement", "less"), lines(count - gone, "line", "corrected")) {
        (None, None) => "unchanged".to_owned(),
        (Some(one), None) | (None, Some(one)) => one,
        (Some(gone), Some(stated)) => format!("{gone}, {stated}"),
    };
    let mut files = vec![Emission { path: "go.mod".into(), content: text, summary, complete: None }];
    if let Some((content, gone, added)) = sums {
        let more = if asked.is_some() { "" } else { "; go mod tidy may find more that nothing asks for" };
        let summary = match (lines(gone, "line", "less"), lines(added, "line", "more")) {
            (None, None) => "unchanged".to_owned(),
            (Some(one), None) | (None, Some(one)) => one,
            (Some(gone), Some(added)) => format!("{gone}, {added}"),
        };
        let summary = format!("{summary}{more}");
        files.push(Emission { path: "go.sum".into(), content, summary, complete: None });
    }
    Ok(files)
}

/// `2 lines less`; nothing for none.
fn lines(count: usize, what: &str, how: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {what} {how}")),
        _ => Some(format!("{count} {what}s {how}")),
    }
}

/// Whether the line with a beginning is asked for.
fn is_asked(beginning: &str, asked: &[String]) -> bool {
    let at = asked.partition_point(|line| line.as_str() < beginning);
    asked.get(at).is_some_and(|line| line.starts_with(beginning))
}

/// Modules that a `go.mod` requires, with the beginning of the line of `go.sum` that has to be there for its `go.mod`, unless
/// something takes its place.
fn kept(text: &str) -> BTreeMap<String, Option<String>> {
    let settings = Settings::default();
    let source = Source { path: "go.mod", bytes: text.as_bytes(), settings: &settings };
    let facts: Facts = (crate::manifest::READERS[0].read)(&source);
    let line = |r: &Require| {
        let version = r.version.as_ref().filter(|_| r.origin.is_none())?;
        Some(format!("{} {version}/go.mod ", r.name))
    };
    facts.requires.into_iter().map(|r| (r.name.clone(), line(&r))).collect()
}

/// A `go.sum` without the contents of modules that are required no more, and how many lines are gone. What vouches for their `go.mod`
/// stays: the build list may still have to read it.
fn without(text: &str, changes: &[Change], kept: &BTreeMap<String, Option<String>>) -> (String, usize, usize) {
    let gone: BTreeSet<&str> = changes.iter().map(|c| c.package.as_str()).filter(|p| !kept.contains_key(*p)).collect();
    let goes = |line: &&str| {
        let (module, version) = words(line);
        gone.contains(module) && !version.ends_with("/go.mod")
    };
    let count = text.split_inclusive('\n').filter(goes).count();
    (text.split_inclusive('\n').filter(|line| !goes(line)).collect(), count, 0)
}

/// A `go.sum` with the lines alone that somebody asks for, how many are gone, and how many were lacking.
fn only(text: &str, asked: &[String]) -> (String, usize, usize) {
    let start = |line: &str| {
        let (module, version) = words(line);
        format!("{module} {version} ")
    };
    let kept: Vec<&str> = text.lines().filter(|line| is_asked(&start(line), asked)).collect();
    let gone = text.lines().filter(|line| !line.trim().is_empty()).count() - kept.len();
    // Lines that end in a hash are there whole because the file lacks them.
    let lacking: Vec<&str> = asked.iter().map(String::as_str).filter(|line| !line.ends_with(' ')).collect();
    let mut all: Vec<&str> = kept.into_iter().chain(lacking.iter().copied()).collect();
    all.sort_by(|a, b| order(a, b));
    (all.iter().flat_map(|line| [*line, "\n"]).collect(), gone, lacking.len())
}

/// By module, version and kind, as the `go` command sorts them.
fn order(a: &str, b: &str) -> Ordering {
    let ((module, version), (other, late)) = (words(a), words(b));
    let part = |version: &'_ str| {
        version.strip_suffix("/go.mod").map_or((version.to_owned(), false), |v| (v.to_owned(), true))
    };
    let ((version, manifest), (late, other_manifest)) = (part(version), part(late));
    module
        .cmp(other)
        .then_with(|| compare(&version, &late))
        .then_with(|| manifest.cmp(&other_manifest))
        .then_with(|| a.cmp(b))
}

fn words(line: &str) -> (&str, &str) {
    let mut words = line.split_whitespace();
    (words.next().unwrap_or_default(), words.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nothing_needs_is_left_out_of_both() {
        let settings = Settings::default();
        let manifest =
            "module barn\n\ngo 1.21\n\nrequire (\n\thay.example v1.0.0\n\toats.example v1.0.0 // indirect\n)\n";
        let sums = "hay.example v1.0.0 h1:A=\nhay.example v1.0.0/go.mod h1:B=\noats.example v1.0.0 h1:C=\noats.example v1.0.0/go.mod h1:D=\n";
        let sources = [
            Source { path: "farm/go.mod", bytes: manifest.as_bytes(), settings: &settings },
            Source { path: "farm/go.sum", bytes: sums.as_bytes(), settings: &settings },
        ];
        let change = Change { package: "oats.example".into(), line: 7, action: Action::Remove };
        let plan = Plan {
            project: "farm".into(),
            changes: [("farm/go.mod".to_owned(), vec![change])].into(),
            ..Plan::default()
        };
        let files = emit(&plan, &sources).unwrap();
        assert_eq!(files[0].content, "module barn\n\ngo 1.21\n\nrequire hay.example v1.0.0\n");
        assert_eq!(files[1].content, sums.replace("oats.example v1.0.0 h1:C=\n", ""));
        let asked = ["hay.example v1.0.0 ", "hay.example v1.0.0/go.mod "].map(str::to_owned).to_vec();
        let known = emit(&Plan { lock: Some(asked), ..plan }, &sources).unwrap();
        assert_eq!(known[1].content, sums.split_inclusive('\n').take(2).collect::<String>());
        assert!(emit(&Plan { project: "farm".into(), ..Plan::default() }, &sources).is_err());
        let asked =
            ["a.example v1.10.0 h1:E=", "a.example v1.9.0 h1:F=", "hay.example v1.0.0 "].map(str::to_owned).to_vec();
        let more = only(sums, &asked);
        assert_eq!(
            more,
            ("a.example v1.9.0 h1:F=\na.example v1.10.0 h1:E=\nhay.example v1.0.0 h1:A=\n".to_owned(), 3, 2)
        );
    }
}
