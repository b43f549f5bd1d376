//! What `export` writes: `go.mod` without what nothing needs, and `go.sum` without what only that needed.

use crate::edit;
use depslim_model::ecosystem::{Action, Change, Emission, Emitter, Plan};
use depslim_model::{Facts, Require, Settings, Source};
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
        .filter(|change| change.action == Action::Remove)
        .cloned()
        .collect();
    if changes.is_empty() {
        return Err("go.mod has nothing that could go".into());
    }
    let count = changes.len();
    let text = edit::edit(manifest, &changes)?;
    let lines = if count == 1 { "1 requirement".to_owned() } else { format!("{count} requirements") };
    let mut files = vec![Emission {
        path: "go.mod".into(),
        content: text.clone(),
        summary: format!("{lines} less"),
        complete: None,
    }];
    if let Some(sums) = own("go.sum") {
        let sums = String::from_utf8_lossy(sums.bytes);
        let kept = kept(&text);
        // A line that stays for another reason (the configuration keeps it) asks for more.
        let told =
            plan.lock.as_ref().filter(|asked| kept.values().flatten().all(|line| asked.binary_search(line).is_ok()));
        let (content, gone) = match told {
            Some(asked) => only(&sums, asked),
            None => without(&sums, &changes, &kept),
        };
        let more = if told.is_some() { "" } else { "; go mod tidy may find more that nothing asks for" };
        let summary = format!("{gone} line{} less{more}", if gone == 1 { "" } else { "s" });
        files.push(Emission { path: "go.sum".into(), content, summary, complete: None });
    }
    Ok(files)
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

/// A `go.sum` without the contents of modules that are required no more. What vouches for their `go.mod` stays: the build list may
/// still have to read it.
fn without(text: &str, changes: &[Change], kept: &BTreeMap<String, Option<String>>) -> (String, usize) {
    let gone: BTreeSet<&str> = changes.iter().map(|c| c.package.as_str()).filter(|p| !kept.contains_key(*p)).collect();
    let goes = |line: &&str| {
        let mut words = line.split_whitespace();
        let (module, version) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        gone.contains(module) && !version.ends_with("/go.mod")
    };
    let count = text.split_inclusive('\n').filter(goes).count();
    (text.split_inclusive('\n').filter(|line| !goes(line)).collect(), count)
}

/// A `go.sum` with the lines alone that somebody asks for, and how many are gone.
fn only(text: &str, asked: &[String]) -> (String, usize) {
    let stays = |line: &str| {
        let mut words = line.split_whitespace();
        let start = format!("{} {} ", words.next().unwrap_or_default(), words.next().unwrap_or_default());
        asked.binary_search(&start).is_ok()
    };
    let kept: Vec<&str> = text.split_inclusive('\n').filter(|line| stays(line)).collect();
    let gone = text.split_inclusive('\n').count() - kept.len();
    (kept.concat(), gone)
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
    }
}
