//! Lines of `go.mod` that are needed and say otherwise than `go mod tidy` would: a wrong mark, another version, a line that is lacking
//! or there twice.

use super::packages::Walk;
use super::tidy::Tidy;
use crate::edit::LANGUAGE;
use crate::gomod::{GoMod, Line};
use crate::layout::Stated;
use depslim_model::ecosystem::{Action, Restated};
use rustc_hash::FxHashSet;

/// What is to be said otherwise, in the order of the file; then what is lacking.
pub(super) fn restated(file: &str, main: &GoMod, walk: &Walk, tidy: &Tidy) -> Vec<Restated> {
    let new = |package: &str, line: u32, action: Action, why: String| Restated {
        package: package.to_owned(),
        file: file.to_owned(),
        line,
        action,
        why,
        seen: None,
    };
    let mut found = Vec::new();
    let mut known: FxHashSet<&str> = FxHashSet::default();
    if let Some(go) = &tidy.go {
        let state = Action::State { version: go.clone(), indirect: false };
        found.push(new(LANGUAGE, 0, state, format!("modules that are required ask for Go {go}")));
    }
    for line in &main.requires {
        if !known.insert(&line.path) {
            found.push(new(&line.path, line.at, Action::Remove, "is listed twice".to_owned()));
            continue;
        }
        let Some(stated) = tidy.wanted.get(&line.path) else {
            if walk.reached(&line.path) {
                let why = "is implied by other lines at this version: go.mod need not list it".to_owned();
                found.push(new(&line.path, line.at, Action::Remove, why));
            }
            continue;
        };
        if let Some(why) = otherwise(line, stated) {
            let mut restated = new(&line.path, line.at, state(stated), why);
            restated.seen = seen(walk, &line.path, stated);
            found.push(restated);
        }
    }
    for (path, stated) in tidy.wanted.iter().filter(|(path, _)| !known.contains(path.as_str())) {
        let why = if stated.indirect {
            "is part of the build, and go.mod does not list it"
        } else {
            "is imported, and go.mod does not list it"
        };
        let mut restated = new(path, 0, state(stated), why.to_owned());
        restated.seen = seen(walk, path, stated);
        found.push(restated);
    }
    found
}

fn state(stated: &Stated) -> Action {
    Action::State { version: stated.version.clone(), indirect: stated.indirect }
}

/// What a line says wrongly.
fn otherwise(line: &Line, stated: &Stated) -> Option<String> {
    if line.version != stated.version {
        return Some(format!("is built at {}, as others require; go.mod says {}", stated.version, line.version));
    }
    match (line.indirect, stated.indirect) {
        (true, false) => Some("is marked `// indirect`, and imported by the project itself".to_owned()),
        (false, true) => Some("is not imported by the project itself, and not marked `// indirect`".to_owned()),
        _ => None,
    }
}

/// An import of the project's own that shows it.
fn seen(walk: &Walk, path: &str, stated: &Stated) -> Option<(String, u32, String)> {
    let (file, used) = walk.direct.get(&walk.modules.find(path)?).filter(|_| !stated.indirect)?;
    Some((file.clone(), used.line, used.name.clone()))
}
