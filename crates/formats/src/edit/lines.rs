//! Byte edits as whole lines: what a reader of a patch can accept with one click.

use depslim_model::Edit;
use depslim_model::report::Lines;

/// More lines than this are no small suggestion.
const MOST: usize = 10;

/// The edits of one file as one replacement of neighbouring lines; `None` when they are in several files or too far apart, or when
/// the text is not what can be shown as plain lines.
pub fn as_lines(edits: &[Edit], bytes: &[u8]) -> Option<Lines> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\r'))?;
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| (edit.start, edit.end));
    let (first, end) = (edits.first()?, edits.iter().map(|edit| edit.end).max()?);
    let same = edits.iter().all(|edit| edit.file == first.file && edit.start <= edit.end);
    if !same
        || edits.windows(2).any(|pair| pair[0].end > pair[1].start)
        || !text.is_char_boundary(end)
        || end > text.len()
    {
        return None;
    }
    let from = text.get(..first.start)?.rfind('\n').map_or(0, |at| at + 1);
    // An edit that ends where a line begins leaves that line alone, unless something is put before it.
    let last = if end > first.start { end - 1 } else { end };
    let to = bytes.get(last..)?.iter().position(|byte| *byte == b'\n').map_or(text.len(), |at| last + at + 1);
    let (mut new, mut at) = (String::new(), from);
    for edit in &edits {
        new.push_str(text.get(at..edit.start)?);
        new.push_str(&edit.text);
        at = edit.end;
    }
    new.push_str(text.get(at..to)?);
    let number = |at: usize| bytes[..at].split(|byte| *byte == b'\n').count();
    let (start, stop) = (number(from), number(to.saturating_sub(1).max(from)));
    let ends = new.is_empty() || new.ends_with('\n') || to == text.len();
    if !ends || from == to || stop - start >= MOST || new.lines().count() > 2 * MOST {
        return None;
    }
    Some(Lines {
        file: first.file.clone(),
        first: u32::try_from(start).ok()?,
        last: u32::try_from(stop).ok()?,
        text: new.lines().map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = "one\ntwo\nthree\nfour\n";

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit { file: "deps.txt".into(), start, end, text: text.into() }
    }

    fn check(text: &str, edits: &[Edit], expect: Option<(u32, u32, &[&str])>) {
        let lines = as_lines(edits, text.as_bytes());
        let lines = lines.as_ref().map(|l| (l.first, l.last, l.text.iter().map(String::as_str).collect::<Vec<_>>()));
        assert_eq!(lines, expect.map(|(first, last, text)| (first, last, text.to_vec())), "{edits:?}");
    }

    #[test]
    fn edits_become_lines() {
        check(TEXT, &[edit(4, 8, "")], Some((2, 2, &[])));
        check(TEXT, &[edit(4, 14, "")], Some((2, 3, &[])));
        check(TEXT, &[edit(5, 6, "W")], Some((2, 2, &["tWo"])));
        check(TEXT, &[edit(4, 4, "new\n")], Some((2, 2, &["new", "two"])));
        check(TEXT, &[edit(0, 3, "1"), edit(14, 18, "4")], Some((1, 4, &["1", "two", "three", "4"])));
        // The comma of the line before goes, too.
        check("[\n 1,\n 2\n]\n", &[edit(4, 8, "")], Some((2, 3, &[" 1"])));
        check("a\nb", &[edit(2, 3, "")], Some((2, 2, &[])));
    }

    #[test]
    fn what_is_no_small_block_of_lines_is_none() {
        check(TEXT, &[edit(3, 4, "")], None);
        check("a\r\nb\r\n", &[edit(0, 3, "")], None);
        check(TEXT, &[], None);
        check(TEXT, &[edit(2, 99, "")], None);
        check(TEXT, &[edit(0, 5, ""), edit(3, 8, "")], None);
        check(&"x\n".repeat(40), &[edit(0, 2, ""), edit(70, 72, "")], None);
        let other = Edit { file: "other.txt".into(), ..edit(8, 14, "") };
        check(TEXT, &[edit(4, 8, ""), other], None);
        assert_eq!(as_lines(&[edit(0, 1, "")], b"\xff\n"), None);
    }

    proptest! {
        #[test]
        fn lines_say_what_the_edits_say(text in "[ab\\né]{0,30}", start in 0..40_usize, len in 0..10_usize, new in "[x\\n]{0,4}") {
            if let Some(lines) = as_lines(&[edit(start, start + len, &new)], text.as_bytes()) {
                let whole = format!("{}{new}{}", &text[..start], &text[start + len..]);
                let mut all: Vec<&str> = text.lines().collect();
                all.splice(lines.first as usize - 1..lines.last as usize, lines.text.iter().map(String::as_str));
                prop_assert_eq!(all, whole.lines().collect::<Vec<_>>());
            }
        }
    }
}
