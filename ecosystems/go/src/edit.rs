//! Edits of `go.mod` that keep everything else byte for byte: a requirement goes with its line, a block with its last one.

use crate::gomod;
use depslim_model::Source;
use depslim_model::ecosystem::{Action, Change};

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
    for change in changes {
        let place = || format!("{}:{}", source.path, change.line);
        let Some(line) = found.requires.iter().find(|l| l.at == change.line && l.path == change.package) else {
            continue;
        };
        match &change.action {
            Action::Remove => gone.push(line.span.clone()),
            Action::MoveToDev => return Err(format!("{}: go.mod has one list for all: it stays", place())),
            Action::DropFeature(_) => return Err(format!("{}: {} has no features", place(), change.package)),
        }
    }
    gone.sort_by_key(|span| std::cmp::Reverse(span.start));
    let mut text = text.to_owned();
    for span in gone {
        text.replace_range(span, "");
    }
    Ok(without_empty_blocks(&text))
}

/// Takes out `require ( )` that holds nothing, with the empty line in front of it.
fn without_empty_blocks(text: &str) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut kept: Vec<&str> = Vec::with_capacity(lines.len());
    let mut at = 0;
    while at < lines.len() {
        let opens = lines[at].split("//").next().is_some_and(|l| l.split_whitespace().eq(["require", "("]));
        let inside = lines[at + 1..].iter().take_while(|l| l.trim().is_empty()).count();
        let closes = lines.get(at + 1 + inside).is_some_and(|l| l.trim() == ")");
        if opens && closes {
            at += inside + 2;
            if kept.last().is_some_and(|l| l.trim().is_empty()) {
                kept.pop();
            }
            continue;
        }
        kept.push(lines[at]);
        at += 1;
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
    fn what_does_not_fit_changes_nothing() {
        for change in [("hay.example", 6, Action::Remove), ("rye.example", 5, Action::Remove)] {
            assert_eq!(edited(TEXT, &[change]).unwrap(), TEXT);
        }
        assert!(edited(TEXT, &[("hay.example", 5, Action::MoveToDev)]).is_err());
        assert!(edited(TEXT, &[("hay.example", 5, Action::DropFeature("x".into()))]).is_err());
    }
}
