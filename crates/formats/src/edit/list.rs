//! Edits of lists in brackets with commas between the items and `#` before comments, as TOML and Python write them.

use super::Edit;
use crate::text::line_end;
use std::ops::Range;

/// Takes items out of a list, given its place with the brackets and the places of all its items; comments that stand on lines of
/// their own stay, the comment behind an item goes with it.
pub fn remove(text: &str, list: &Range<usize>, parts: &[Range<usize>], indices: &[usize]) -> Vec<Edit> {
    let gone = |index: usize| indices.contains(&index) && index < parts.len();
    let mut edits = Vec::new();
    let mut index = 0;
    while index < parts.len() {
        if !gone(index) {
            index += 1;
            continue;
        }
        let first = index;
        while gone(index) {
            index += 1;
        }
        edits.extend(remove_run(text, list, parts, first..index));
    }
    edits
}

/// Puts an item behind the last one of a list, in the list's own layout.
pub fn add(text: &str, list: &Range<usize>, items: &[Range<usize>], value: &str) -> Vec<Edit> {
    let newline = line_end(text);
    let multiline = text[list.clone()].contains('\n');
    let Some(bottom) = items.last() else {
        let indent = format!("{}    ", indentation(text, list.start));
        return vec![Edit::insert(
            list.start + 1,
            if multiline { format!("{newline}{indent}{value},") } else { value.to_owned() },
        )];
    };
    let comma = comma_after(text, bottom.end, list.end);
    if !starts_line(text, bottom.start) {
        return vec![match comma {
            Some(comma) => Edit::insert(comma + 1, format!(" {value},")),
            None => Edit::insert(bottom.end, format!(", {value}")),
        }];
    }
    let indent = indentation(text, bottom.start);
    if let Some(comma) = comma {
        let end = end_of_line(text, comma, list.end);
        return vec![Edit::insert(end, format!("{newline}{indent}{value},"))];
    }
    let end = end_of_line(text, bottom.end, list.end);
    vec![Edit::insert(bottom.end, ","), Edit::insert(end, format!("{newline}{indent}{value}"))]
}

/// Takes neighbouring parts out.
fn remove_run(text: &str, brackets: &Range<usize>, parts: &[Range<usize>], run: Range<usize>) -> Vec<Edit> {
    let comma = |index: usize| {
        let bound = parts.get(index + 1).map_or(brackets.end, |next| next.start);
        comma_after(text, parts[index].end, bound)
    };
    let whole_line = |index: usize| {
        let part = &parts[index];
        let end = comma(index).map_or(part.end, |comma| comma + 1);
        let alone = starts_line(text, part.start) && !text[part.end..end].contains('\n');
        let behind = end_of_line(text, end, text.len());
        let rest = text[end..behind].trim_start();
        (alone && (rest.is_empty() || rest.starts_with('#')))
            .then(|| Edit::remove(line_start(text, part.start)..behind_line(text, end)))
    };
    let lines: Option<Vec<_>> = run.clone().map(whole_line).collect();
    if let Some(lines) = lines {
        return lines;
    }
    let (first, end_part) = (&parts[run.start], &parts[run.end - 1]);
    let before = run.start.checked_sub(1).map(|index| parts[index].end);
    let (start, end) = match (before, parts.get(run.end), comma(run.end - 1)) {
        (_, Some(next), _) => (first.start, next.start),
        // The last items: the comma before them goes unless the list ends with one anyway.
        (Some(before), None, None) => (before, end_part.end),
        (Some(_), None, Some(comma)) => (text[..first.start].trim_end_matches([' ', '\t']).len(), comma + 1),
        (None, None, comma) => (first.start, comma.map_or(end_part.end, |comma| comma + 1)),
    };
    if !text[start..end].contains(['#', '\n']) {
        return vec![Edit::remove(start..end)];
    }
    // Comments or line ends stand in between and stay: each item goes, and its comma.
    let mut edits = Vec::new();
    for index in run.clone() {
        let part = &parts[index];
        let before = run.start.checked_sub(1).filter(|_| index == run.start).and_then(&comma);
        match (comma(index), before) {
            (Some(own), _) if text[part.end..own].contains('#') => {
                edits.extend([Edit::remove(part.clone()), Edit::remove(own..own + 1)]);
            }
            (Some(own), _) => edits.push(Edit::remove(part.start..own + 1)),
            (None, Some(before)) if !text[before..part.start].contains('#') => {
                edits.push(Edit::remove(before..part.end));
            }
            // A comma that stays behind the new last item is allowed.
            (None, _) => edits.push(Edit::remove(part.clone())),
        }
    }
    edits
}

/// Offset of the comma behind `from`, when only white space and comments stand before it.
fn comma_after(text: &str, from: usize, bound: usize) -> Option<usize> {
    let mut rest = text[from..bound].char_indices();
    while let Some((at, character)) = rest.next() {
        match character {
            ',' => return Some(from + at),
            '#' => {
                rest.find(|(_, c)| *c == '\n');
            }
            c if c.is_whitespace() => {}
            _ => return None,
        }
    }
    None
}

pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// True when only white space stands before `at` on its line.
pub(super) fn starts_line(text: &str, at: usize) -> bool {
    let start = line_start(text, at);
    text[start..at].trim().is_empty()
}

fn indentation(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// End of the line that holds `at`, before its line end; `bound` when that comes first and no comment stands before it.
fn end_of_line(text: &str, at: usize, bound: usize) -> usize {
    let newline = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    let end = at + text[at..newline].trim_end_matches(['\r', ' ', '\t']).len();
    if end >= bound { bound.saturating_sub(1).max(at) } else { end }
}

/// Start of the line behind the one that holds `at`.
pub(super) fn behind_line(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1)
}
