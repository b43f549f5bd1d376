//! Edits of `go.mod` that keep everything else byte for byte: a requirement goes with its line, a block with its last one.

use crate::gomod::{self, GoMod, Line};
use crate::layout::{Layout, Stated, Wanted};
use depslim_model::Source;
use depslim_model::ecosystem::{Action, Change};
use std::ops::Range;

/// The name that the language goes by where modules are required: <https://go.dev/doc/toolchain#version>.
pub(crate) const LANGUAGE: &str = "go";

/// Applies the changes. A change whose requirement is not on its line (any more) changes nothing.
///
/// # Errors
/// What stands in the way, as a fragment that names the line; nothing is to be written then.
pub(crate) fn edit(source: &Source<'_>, changes: &[Change]) -> Result<String, String> {
    let text = std::str::from_utf8(source.bytes).map_err(|_| "not UTF-8: save it as UTF-8 first".to_owned())?;
    if source.file_name() != "go.mod" {
        return Ok(text.to_owned());
    }
    let found = gomod::parse(source.bytes);
    let mut gone = Vec::new();
    let mut stated: Vec<(&str, Stated)> = Vec::new();
    for change in changes {
        let place = || format!("{}:{}", source.path, change.line);
        if let (0, Action::State { version, indirect }) = (change.line, &change.action) {
            stated.push((&change.package, Stated { version: version.clone(), indirect: *indirect }));
            continue;
        }
        let Some(line) = found.requires.iter().find(|l| l.at == change.line && l.path == change.package) else {
            continue;
        };
        match &change.action {
            Action::Remove => gone.push(line),
            Action::State { version, indirect } => {
                stated.push((&change.package, Stated { version: version.clone(), indirect: *indirect }));
            }
            Action::MoveToDev => return Err(format!("{}: go.mod has one list for all: it stays", place())),
            Action::DropFeature(_) => return Err(format!("{}: {} has no features", place(), change.package)),
        }
    }
    if stated.is_empty() {
        let spans: Vec<Range<usize>> = gone.iter().map(|line| line.span.clone()).collect();
        return Ok(without(text, &spans));
    }
    restated(text, &found, &gone, &stated)
        .ok_or_else(|| format!("{}: not written as the go command reads it: run go mod tidy", source.path))
}

/// The text with all its requirements in their places.
fn restated(text: &str, found: &GoMod, gone: &[&Line], stated: &[(&str, Stated)]) -> Option<String> {
    let mut layout = Layout::read(text)?;
    let mut wanted = Wanted::new();
    for line in found.requires.iter().filter(|line| !gone.iter().any(|g| g.at == line.at)) {
        let stated = Stated { version: line.version.clone(), indirect: line.indirect };
        wanted.entry(line.path.clone()).or_insert(stated);
    }
    let mut language = gomod::language(found.go.as_deref());
    for (path, stated) in stated {
        if *path == LANGUAGE {
            layout.language(&stated.version);
            language = gomod::language(Some(&stated.version));
        } else {
            wanted.insert((*path).to_owned(), stated.clone());
        }
    }
    layout.require(&wanted, language);
    let new = layout.text();
    Some(if text.contains("\r\n") { new.replace('\n', "\r\n") } else { new })
}

/// The text without some of its lines. A block that lost one goes when nothing is left in it, with the empty line in front of it, and
/// becomes a line when one is left: so does `go mod tidy`.
fn without(text: &str, gone: &[Range<usize>]) -> String {
    let mut at = 0;
    let lines: Vec<(&str, bool)> = text
        .split_inclusive('\n')
        .map(|line| {
            let goes = gone.iter().any(|span| span.contains(&at));
            at += line.len();
            (line, goes)
        })
        .collect();
    let mut kept: Vec<String> = Vec::with_capacity(lines.len());
    let mut at = 0;
    while let Some((line, goes)) = lines.get(at) {
        at += 1;
        if *goes {
            continue;
        }
        let opens = line.split("//").next().is_some_and(|l| l.split_whitespace().eq(["require", "("]));
        let length = lines[at..].iter().take_while(|(l, _)| l.trim() != ")").count();
        let inside = &lines[at..at + length];
        if !opens || at + length == lines.len() || inside.iter().all(|(_, goes)| !goes) {
            kept.push((*line).to_owned());
            continue;
        }
        let left: Vec<&str> =
            inside.iter().filter(|(l, goes)| !goes && !l.trim().is_empty()).map(|(l, _)| l.trim_start()).collect();
        match left.as_slice() {
            [] => {
                if kept.last().is_some_and(|l| l.trim().is_empty()) {
                    kept.pop();
                }
            }
            [one] if !one.starts_with("//") => kept.push(format!("require {one}")),
            _ => {
                kept.push((*line).to_owned());
                continue;
            }
        }
        at += length + 1;
    }
    kept.concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;

    fn edited(text: &str, changes: &[(&str, u32, Action)]) -> Result<String, String> {
        let changes: Vec<Change> = changes
            .iter()
            .map(|(package, line, action)| Change { package: (*package).into(), line: *line, action: action.clone() })
            .collect();
        edit(&Source { path: "go.mod", bytes: text.as_bytes(), settings: &Settings::default() }, &changes)
    }

    const TEXT: &str = "module barn\r\n\ngo 1.21 // as the image has it\n\nrequire hay.example v1.0.0\n\nrequire (\n\t// the roof\n\tstraw.example v1.0.0 // for rain\n\toats.example v1.2.3 // indirect\n)\n";

    #[test]
    fn a_line_goes_and_nothing_else() {
        let without = edited(TEXT, &[("straw.example", 9, Action::Remove)]).unwrap();
        assert_eq!(without, TEXT.replace("\tstraw.example v1.0.0 // for rain\n", ""));
        let without = edited(TEXT, &[("hay.example", 5, Action::Remove)]).unwrap();
        assert_eq!(without, TEXT.replace("require hay.example v1.0.0\n", ""));
    }

    #[test]
    fn a_block_goes_with_its_last_line() {
        let text = "module barn\n\nrequire (\n\thay.example v1.0.0\n\n)\n\nexclude x v1.0.0\n";
        assert_eq!(edited(text, &[("hay.example", 4, Action::Remove)]).unwrap(), "module barn\n\nexclude x v1.0.0\n");
    }

    #[test]
    fn a_block_with_one_line_left_becomes_that_line() {
        let text = "require (\n\thay.example v1.0.0\n\n\tstraw.example v1.0.0 // indirect\n)\n";
        let without = edited(text, &[("hay.example", 2, Action::Remove)]).unwrap();
        assert_eq!(without, "require straw.example v1.0.0 // indirect\n");
        let open = "require (\n\thay.example v1.0.0\n";
        assert_eq!(edited(open, &[("hay.example", 2, Action::Remove)]).unwrap(), "require (\n");
    }

    #[test]
    fn lines_are_stated_otherwise() {
        let state = |version: &str, indirect| Action::State { version: version.into(), indirect };
        let changes = [
            ("straw.example", 9, state("v1.1.0", true)),
            ("oats.example", 10, Action::Remove),
            ("rye.example", 0, state("v1.0.0", false)),
            (LANGUAGE, 0, state("1.22.0", false)),
        ];
        let text = edited(TEXT, &changes).unwrap();
        let expect = "module barn\r\n\r\ngo 1.22.0 // as the image has it\r\n\r\nrequire (\r\n\thay.example v1.0.0\r\n\trye.example v1.0.0\r\n)\r\n\r\n// the roof\r\nrequire straw.example v1.1.0 // indirect; for rain\r\n";
        assert_eq!(text, expect);
        assert!(edited("require (\n\thay.example v1.0.0\n", &[("hay.example", 2, state("v1.0.0", true))]).is_err());
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        for change in [("hay.example", 6, Action::Remove), ("rye.example", 5, Action::Remove)] {
            assert_eq!(edited(TEXT, &[change]).unwrap(), TEXT);
        }
        assert!(edited(TEXT, &[("hay.example", 5, Action::MoveToDev)]).is_err());
        assert!(edited(TEXT, &[("hay.example", 5, Action::DropFeature("x".into()))]).is_err());
    }
}
