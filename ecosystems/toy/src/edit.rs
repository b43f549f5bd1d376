//! Edits of a list that keep every other line, comment and line end as they are.

use crate::names::canonical;
use crate::{requirement, text};
use depslim_model::Source;
use depslim_model::ecosystem::{Action, Change};

/// Applies the changes, or says which one does not fit the text.
pub(crate) fn apply(source: &Source<'_>, changes: &[Change]) -> Result<String, String> {
    let text = std::str::from_utf8(source.bytes).map_err(|_| "not UTF-8".to_owned())?;
    let mut lines: Vec<Option<String>> = text.split_inclusive('\n').map(|line| Some(line.to_owned())).collect();
    let mut moved = Vec::new();
    for change in changes {
        let line = declaration(&mut lines, change)?;
        match &change.action {
            Action::Remove => *line = None,
            Action::MoveToDev => moved.extend(line.take()),
            Action::DropFeature(feature) => *line = line.take().map(|line| without_feature(&line, feature)),
            Action::State { version, .. } => {
                let package = &change.package;
                *line = line.take().map(|line| line.replacen(line.trim_end(), &format!("{package}=={version}"), 1));
            }
        }
    }
    let mut kept: Vec<String> = lines.into_iter().flatten().collect();
    if !moved.is_empty() {
        insert_in_dev(&mut kept, moved);
    }
    Ok(kept.concat())
}

/// The line that a change speaks of, if it still declares the package.
fn declaration<'l>(lines: &'l mut [Option<String>], change: &Change) -> Result<&'l mut Option<String>, String> {
    let at = (change.line as usize).wrapping_sub(1);
    lines
        .get_mut(at)
        .filter(|line| {
            line.as_deref().and_then(declared).is_some_and(|name| canonical(&name) == canonical(&change.package))
        })
        .ok_or_else(|| format!("line {} does not declare {}: read the file again", change.line, change.package))
}

fn declared(line: &str) -> Option<String> {
    text::lines(line).next().and_then(|line| requirement::parse(line.text, line.number)).map(|require| require.name)
}

fn without_feature(line: &str, feature: &str) -> String {
    let Some((before, (inside, after))) = line.split_once('[').and_then(|(b, rest)| Some((b, rest.split_once(']')?)))
    else {
        return line.to_owned();
    };
    let left: Vec<&str> =
        inside.split(',').map(str::trim).filter(|name| canonical(name) != canonical(feature)).collect();
    match left.as_slice() {
        [] => format!("{}{after}", before.trim_end()),
        left => format!("{before}[{}]{after}", left.join(",")),
    }
}

/// Puts lines behind the last requirement of the section `dev:`, which is made when there is none.
fn insert_in_dev(lines: &mut Vec<String>, mut moved: Vec<String>) {
    let end = if lines.iter().chain(&moved).any(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" };
    for line in lines.last_mut().into_iter().chain(&mut moved) {
        if !line.ends_with('\n') {
            line.push_str(end);
        }
    }
    let said = |line: &String| text::lines(line).next().map(|line| line.text.to_owned());
    let Some(section) = lines.iter().position(|line| said(line).as_deref() == Some("dev:")) else {
        lines.push(format!("dev:{end}"));
        lines.append(&mut moved);
        return;
    };
    let next = lines[section + 1..].iter().position(|line| said(line).is_some_and(|text| text.ends_with(':')));
    let body = next.map_or(lines.len(), |next| section + 1 + next);
    let last = (section..body).rev().find(|at| said(&lines[*at]).is_some()).unwrap_or(section);
    lines.splice(last + 1..=last, moved);
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;

    fn check(text: &str, changes: &[(&str, u32, Action)], expect: Result<&str, &str>) {
        let changes: Vec<Change> = changes
            .iter()
            .map(|(package, line, action)| Change { package: (*package).into(), line: *line, action: action.clone() })
            .collect();
        let source = Source { path: "toy.list", bytes: text.as_bytes(), settings: &Settings::default() };
        assert_eq!(apply(&source, &changes), expect.map(str::to_owned).map_err(str::to_owned), "{text}");
    }

    #[test]
    fn other_lines_stay_as_they_are() {
        let text = "\u{feff}# all\r\npaint\r\n\r\nink # why\r\nglue\r\n";
        check(
            text,
            &[("Paint", 2, Action::Remove), ("glue", 5, Action::Remove)],
            Ok("\u{feff}# all\r\n\r\nink # why\r\n"),
        );
    }

    #[test]
    fn a_move_goes_behind_the_last_line_of_its_section() {
        let moved = [("checker", 1, Action::MoveToDev)];
        check(
            "checker # c\npaint\ndev:\nmirror\n\nbuild:\nglue\n",
            &moved,
            Ok("paint\ndev:\nmirror\nchecker # c\n\nbuild:\nglue\n"),
        );
        check("checker\npaint\ndev:\n", &moved, Ok("paint\ndev:\nchecker\n"));
        check("checker\r\npaint", &moved, Ok("paint\r\ndev:\r\nchecker\r\n"));
    }

    #[test]
    fn an_extra_is_dropped_alone() {
        let drop = [("paint", 1, Action::DropFeature("gold".into()))];
        check("paint >=1 [gold, silver] if musl # x", &drop, Ok("paint >=1 [silver] if musl # x"));
        check("paint >=1 [Gold]\n", &drop, Ok("paint >=1\n"));
    }

    #[test]
    fn a_text_that_changed_meanwhile_is_left_alone() {
        for line in [0, 1, 9] {
            let error = format!("line {line} does not declare paint: read the file again");
            check("ink\npaint\n", &[("paint", line, Action::Remove)], Err(&error));
        }
    }
}
