//! What `export` writes: `go.mod` without what nothing needs, and `go.sum` without what only that needed.

use crate::edit;
use depslim_model::ecosystem::{Action, Change, Emission, Emitter, Plan};
use depslim_model::{Facts, Settings, Source};
use std::collections::BTreeSet;

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
        let (content, gone) = without(&String::from_utf8_lossy(sums.bytes), &changes, &kept(&text));
        let summary = format!("{gone} lines less; go mod tidy may find more that only unlisted versions needed");
        files.push(Emission { path: "go.sum".into(), content, summary, complete: None });
    }
    Ok(files)
}

/// Modules that a `go.mod` requires.
fn kept(text: &str) -> BTreeSet<String> {
    let settings = Settings::default();
    let source = Source { path: "go.mod", bytes: text.as_bytes(), settings: &settings };
    let facts: Facts = (crate::manifest::READERS[0].read)(&source);
    facts.requires.into_iter().map(|r| r.name).collect()
}

/// A `go.sum` without the contents of modules that are required no more. What vouches for their `go.mod` stays: the build list may
/// still have to read it.
fn without(text: &str, changes: &[Change], kept: &BTreeSet<String>) -> (String, usize) {
    let gone: BTreeSet<&str> = changes.iter().map(|c| c.package.as_str()).filter(|p| !kept.contains(*p)).collect();
    let goes = |line: &&str| {
        let mut words = line.split_whitespace();
        let (module, version) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        gone.contains(module) && !version.ends_with("/go.mod")
    };
    let count = text.split_inclusive('\n').filter(goes).count();
    (text.split_inclusive('\n').filter(|line| !goes(line)).collect(), count)
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
        assert!(emit(&Plan { project: "farm".into(), ..Plan::default() }, &sources).is_err());
    }
}
