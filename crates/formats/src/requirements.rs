//! The lexical part of pip's requirements files: logical lines, comments, options. What a requirement means is left to the
//! ecosystem.
//!
//! Format: pip's "requirements file format" documentation and its behaviour: a trailing backslash joins lines, a comment starts
//! with `#` at the start of a line or behind white space, options follow the requirement and are split as a shell would,
//! `${NAME}` is kept as written.

use crate::text::{Line as Physical, lines};
use depslim_model::Problem;
use std::ops::Range;

/// A file's logical lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requirements {
    /// Every line that holds something, comments that stand alone too.
    pub lines: Vec<Line>,
    /// Lines that pip would refuse.
    pub problems: Vec<Problem>,
}

/// One logical line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Line on which it starts, from 1.
    pub number: u32,
    /// Bytes of the logical line, its last line end included.
    pub span: Range<usize>,
    /// Bytes that go when the requirement goes: `span`, and the indented comments below that speak of it (`# via …`).
    pub removal: Range<usize>,
    /// The requirement as written: name, extras, version, URL, marker; not the options behind it.
    pub requirement: Option<Requirement>,
    /// Options of the file (`--index-url`, `-r`) or of the requirement (`--hash`), in order.
    pub options: Vec<Opt>,
    /// The comment on the line, without its sign.
    pub comment: Option<String>,
    /// The indented comments directly below a requirement, without their signs: what `pip-compile` and `uv` write there.
    pub below: Vec<String>,
}

/// The requirement's own text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The text, joined over continued lines.
    pub text: String,
    /// Where it stands; covers the line ends of continued lines.
    pub span: Range<usize>,
}

/// One option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opt {
    /// The long name with its dashes (`--requirement` for `-r` too); as written when pip does not know it.
    pub name: String,
    /// The value, quotes removed.
    pub value: Option<String>,
    /// Line on which the option starts, from 1.
    pub line: u32,
}

impl Line {
    /// The value of the first option with this long name (`--requirement`).
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|option| option.name == name).and_then(|option| option.value.as_deref())
    }

    /// The values of all options with this long name (`--hash`).
    pub fn option_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.options.iter().filter(move |option| option.name == name).filter_map(|option| option.value.as_deref())
    }
}

/// Reads a whole file.
pub fn read(text: &str) -> Requirements {
    let mut found = Requirements::default();
    for joined in join(text) {
        let (body, comment) = split_comment(&joined.text);
        if body.trim().is_empty() {
            if let Some(comment) = comment {
                add_comment(&mut found.lines, &joined, comment, text);
            }
            continue;
        }
        let mut line = Line {
            number: joined.number,
            span: joined.span.clone(),
            removal: joined.span.clone(),
            comment: comment.map(str::to_owned).filter(|comment| !comment.is_empty()),
            ..Line::default()
        };
        let options_at = options_start(body);
        let requirement = trim(body, 0..options_at);
        if !requirement.is_empty() {
            line.requirement = Some(Requirement {
                text: body[requirement.clone()].to_owned(),
                // The end of the last character, which stands in the same piece as its first byte.
                span: joined.source(requirement.start)..joined.source(requirement.end - 1) + 1,
            });
        }
        read_options(body, options_at, &joined, &mut line, &mut found.problems);
        found.lines.push(line);
    }
    found
}

/// pip's options that take a value, with their short forms.
const WITH_VALUE: &[(&str, &str)] = &[
    ("--requirement", "-r"),
    ("--constraint", "-c"),
    ("--editable", "-e"),
    ("--index-url", "-i"),
    ("--pypi-url", ""),
    ("--extra-index-url", ""),
    ("--find-links", "-f"),
    ("--no-binary", ""),
    ("--only-binary", ""),
    ("--trusted-host", ""),
    ("--use-feature", ""),
    ("--hash", ""),
    ("--config-settings", "-C"),
    ("--global-option", ""),
    ("--install-option", ""),
];

/// pip's options that stand alone.
const ALONE: &[&str] = &["--no-index", "--pre", "--prefer-binary", "--require-hashes", "--always-unzip", "-Z"];

/// A logical line before it is taken apart, with the way back to the source.
struct Joined {
    text: String,
    number: u32,
    span: Range<usize>,
    /// Starts of the pieces: offset in `text`, offset in the source, line.
    pieces: Vec<(usize, usize, u32)>,
}

impl Joined {
    fn piece(&self, offset: usize) -> (usize, usize, u32) {
        let index = self.pieces.partition_point(|(start, _, _)| *start <= offset).saturating_sub(1);
        self.pieces.get(index).copied().unwrap_or((0, self.span.start, self.number))
    }

    fn source(&self, offset: usize) -> usize {
        let (start, source, _) = self.piece(offset);
        source + (offset - start)
    }
}

fn join(text: &str) -> Vec<Joined> {
    let mut all: Vec<Joined> = Vec::new();
    let mut open = false;
    for Physical { number, start, text: line } in lines(text) {
        let next = text[start..].find('\n').map_or(text.len(), |at| start + at + 1);
        let is_comment = line.trim_start().starts_with('#');
        let continues = line.ends_with('\\') && !is_comment;
        let piece = if continues { line.trim_end_matches('\\') } else { line };
        match all.last_mut() {
            Some(last) if open => {
                // A comment inside a continued line ends it, and must still be seen as a comment.
                if is_comment {
                    last.text.push(' ');
                }
                last.pieces.push((last.text.len(), start, number));
                last.text.push_str(piece);
                last.span.end = next;
            }
            _ => {
                all.push(Joined {
                    text: piece.to_owned(),
                    number,
                    span: start..next,
                    pieces: vec![(0, start, number)],
                });
            }
        }
        open = continues;
    }
    all
}

/// The text before the comment, and the comment without its sign.
fn split_comment(text: &str) -> (&str, Option<&str>) {
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        if character == '#' && before.is_whitespace() {
            return (&text[..at], Some(text[at..].trim_start_matches('#').trim()));
        }
        before = character;
    }
    (text, None)
}

fn add_comment(lines: &mut Vec<Line>, joined: &Joined, comment: &str, text: &str) {
    let indented = text[joined.span.clone()].starts_with([' ', '\t']);
    if let Some(last) = lines.last_mut()
        && indented
        && last.removal.end == joined.span.start
        && (last.requirement.is_some() || !last.options.is_empty())
    {
        last.removal.end = joined.span.end;
        if !comment.is_empty() {
            last.below.push(comment.to_owned());
        }
        return;
    }
    lines.push(Line {
        number: joined.number,
        span: joined.span.clone(),
        removal: joined.span.clone(),
        comment: Some(comment.to_owned()),
        ..Line::default()
    });
}

/// Offset of the first word that starts with a dash.
fn options_start(body: &str) -> usize {
    let mut before = ' ';
    for (at, character) in body.char_indices() {
        if character == '-' && before.is_whitespace() {
            return at;
        }
        before = character;
    }
    body.len()
}

fn trim(body: &str, range: Range<usize>) -> Range<usize> {
    // A backslash that is left here stood before a comment: it joins nothing.
    let strange = |c: char| c.is_whitespace() || c == '\\';
    let part = body[range.clone()].trim_end_matches(strange);
    let start = range.start + (part.len() - part.trim_start().len());
    start..(range.start + part.len()).max(start)
}

fn read_options(body: &str, from: usize, joined: &Joined, line: &mut Line, problems: &mut Vec<Problem>) {
    let (words, closed) = split_words(&body[from..]);
    if !closed {
        problems.push(Problem::at(joined.number, "a quote is not closed in the options of this line"));
    }
    let mut words = words.into_iter().peekable();
    while let Some((at, word)) = words.next() {
        if !word.starts_with('-') || word == "-" || word == "--" {
            continue;
        }
        let number = joined.piece(from + at).2;
        let (spelling, mut value) = match word.split_once('=') {
            Some((spelling, value)) if word.starts_with("--") => (spelling.to_owned(), Some(value.to_owned())),
            _ => (word.clone(), None),
        };
        let known = canonical(&spelling);
        let attached = short_with_value(&word);
        let name = match (known, attached) {
            (Some((name, takes_value)), _) => {
                if takes_value && value.is_none() {
                    value = words.next().map(|(_, value)| value);
                    if value.is_none() {
                        problems.push(Problem::at(number, format!("option {name} has no value")));
                    }
                }
                name.to_owned()
            }
            (None, Some((name, rest))) => {
                value = Some(rest.to_owned());
                name.to_owned()
            }
            (None, None) => {
                problems.push(Problem::at(number, format!("option {spelling} is unknown to pip")));
                if value.is_none() {
                    value = words.next_if(|(_, next)| !next.starts_with('-')).map(|(_, value)| value);
                }
                spelling
            }
        };
        line.options.push(Opt { name, value, line: number });
    }
}

/// The long name of an option, and whether it takes a value. Unambiguous beginnings of long names count, as they do for pip.
fn canonical(spelling: &str) -> Option<(&'static str, bool)> {
    let exact = WITH_VALUE
        .iter()
        .find(|(long, short)| *long == spelling || (!short.is_empty() && *short == spelling))
        .map(|(long, _)| (*long, true))
        .or_else(|| ALONE.iter().find(|name| **name == spelling).map(|name| (*name, false)));
    if exact.is_some() || !spelling.starts_with("--") || spelling.len() < 4 {
        return exact;
    }
    let mut starts = WITH_VALUE
        .iter()
        .map(|(long, _)| (*long, true))
        .chain(ALONE.iter().map(|name| (*name, false)))
        .filter(|(long, _)| long.starts_with(spelling));
    match (starts.next(), starts.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// `-rbase.txt`: a short option with its value attached.
fn short_with_value(word: &str) -> Option<(&'static str, &str)> {
    WITH_VALUE.iter().find_map(|(long, short)| {
        let rest = word.strip_prefix(short).filter(|_| !short.is_empty())?;
        (!rest.is_empty()).then_some((*long, rest))
    })
}

/// Words as Python's `shlex.split` makes them, each with its offset; false when a quote is left open.
fn split_words(text: &str) -> (Vec<(usize, String)>, bool) {
    let mut words: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    let mut quote = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if quote.is_none() && character.is_whitespace() {
            inside = false;
            continue;
        }
        if !inside {
            words.push((at, String::new()));
            inside = true;
        }
        let Some((_, word)) = words.last_mut() else { continue };
        match (character, quote) {
            (_, Some(open)) if character == open => quote = None,
            ('\'' | '"', None) => quote = Some(character),
            ('\\', None) => word.extend(characters.next().map(|(_, next)| next)),
            ('\\', Some('"')) => match characters.next_if(|(_, next)| matches!(next, '"' | '\\')) {
                Some((_, next)) => word.push(next),
                None => word.push('\\'),
            },
            _ => word.push(character),
        }
    }
    (words, quote.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `line | requirement | options | comment | below`, one logical line each.
    fn show(text: &str) -> String {
        let found = read(text);
        let lines = found.lines.iter().map(|line| {
            let options =
                line.options.iter().map(|o| format!("{}:{}={}", o.line, o.name, o.value.as_deref().unwrap_or("-")));
            let options = options.collect::<Vec<_>>().join(" ");
            let requirement = line.requirement.as_ref().map_or("", |r| r.text.as_str());
            let comment = line.comment.as_deref().unwrap_or("");
            format!("{} | {requirement} | {options} | {comment} | {}", line.number, line.below.join(" / "))
        });
        let problems = found.problems.iter().map(|problem| format!("problem {}: {}", problem.line, problem.message));
        lines.chain(problems).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn requirements_comments_and_blank_lines() {
        insta::assert_snapshot!(show("\n# Web\nPlum-Server[fast]>=1.2,<2 ; python_version < '3.12'   # keep: CVE-1\n\n  quince\n#\nname @ https://example.invalid/a#egg=b\n"), @"
        2 |  |  | Web | 
        3 | Plum-Server[fast]>=1.2,<2 ; python_version < '3.12' |  | keep: CVE-1 | 
        5 | quince |  |  | 
        6 |  |  |  | 
        7 | name @ https://example.invalid/a#egg=b |  |  |
        ");
    }

    #[test]
    fn hashes_over_continued_lines() {
        insta::assert_snapshot!(show("amber==1.0 \\\n    --hash=sha256:aa \\\n    --hash sha256:bb\n    # via\n    #   -r base.in\n    #   cobalt\nbasil==2 ; \\\n  sys_platform == 'linux'\n"), @"
        1 | amber==1.0 | 2:--hash=sha256:aa 3:--hash=sha256:bb |  | via / -r base.in / cobalt
        7 | basil==2 ;   sys_platform == 'linux' |  |  |
        ");
    }

    #[test]
    fn every_spelling_of_an_option() {
        insta::assert_snapshot!(show("-r base.txt\n-rbase.txt\n--requirement=base.txt\n--requirement base.txt\n-c \"my file.txt\"\n-e git+https://example.invalid/x.git@v1#egg=dill&subdirectory=sub\n-i https://u:${TOKEN}@example.invalid/simple --extra-index-url https://e.example.invalid\n--pre\n--find lib\ndill --config-settings=\"a=b c\" -C k=v\n"), @"
        1 |  | 1:--requirement=base.txt |  | 
        2 |  | 2:--requirement=base.txt |  | 
        3 |  | 3:--requirement=base.txt |  | 
        4 |  | 4:--requirement=base.txt |  | 
        5 |  | 5:--constraint=my file.txt |  | 
        6 |  | 6:--editable=git+https://example.invalid/x.git@v1#egg=dill&subdirectory=sub |  | 
        7 |  | 7:--index-url=https://u:${TOKEN}@example.invalid/simple 7:--extra-index-url=https://e.example.invalid |  | 
        8 |  | 8:--pre=- |  | 
        9 |  | 9:--find-links=lib |  | 
        10 | dill | 10:--config-settings=a=b c 10:--config-settings=k=v |  |
        ");
    }

    #[test]
    fn what_pip_refuses_is_a_problem_of_its_line() {
        insta::assert_snapshot!(show("elder\n--frobnicate=3\n-r\nfig --hash='sha256:x\n"), @"
        1 | elder |  |  | 
        2 |  | 2:--frobnicate=3 |  | 
        3 |  | 3:--requirement=- |  | 
        4 | fig | 4:--hash=sha256:x |  | 
        problem 2: option --frobnicate is unknown to pip
        problem 3: option --requirement has no value
        problem 4: a quote is not closed in the options of this line
        ");
    }

    #[test]
    fn comments_and_continuations_meet_as_they_do_in_pip() {
        insta::assert_snapshot!(show("grape==1 \\\n  # said here\n  --hash=sha256:aa\nhazel \\ # not joined\niris#1\njuniper \\"), @r"
        1 | grape==1 |  | said here | 
        3 |  | 3:--hash=sha256:aa |  | 
        4 | hazel |  | not joined | 
        5 | iris#1 |  |  | 
        6 | juniper |  |  |
        ");
    }

    #[test]
    fn crlf_and_a_missing_last_line_end() {
        insta::assert_snapshot!(show("kale==1 \\\r\n  --hash=sha256:a\r\nlime # c\r\nmint"), @"
        1 | kale==1 | 2:--hash=sha256:a |  | 
        3 | lime |  | c | 
        4 | mint |  |  |
        ");
    }

    #[test]
    fn spans_cover_what_goes() {
        let text = "# top\nnutmeg==1 \\\n  --hash=sha256:a\n  # via olive\nparsley[x]>2 # y\n";
        let found = read(text);
        let nutmeg = &found.lines[1];
        assert_eq!(&text[nutmeg.removal.clone()], "nutmeg==1 \\\n  --hash=sha256:a\n  # via olive\n");
        assert_eq!(&text[nutmeg.span.clone()], "nutmeg==1 \\\n  --hash=sha256:a\n");
        let parsley = found.lines[2].requirement.as_ref().expect("a requirement");
        assert_eq!(&text[parsley.span.clone()], "parsley[x]>2");
        assert_eq!(nutmeg.option("--hash"), Some("sha256:a"));
    }

    proptest! {
        #[test]
        fn any_text_reads(text in "([a-c#\\\\ \\t\\n\\r\"'=;-]|--hash=|-r |ä|\\PC){0,60}") {
            let found = read(&text);
            let count = text.matches('\n').count() + 1;
            let mut end = 0;
            for line in &found.lines {
                prop_assert!(line.number >= 1 && line.number as usize <= count);
                prop_assert!(line.span.start >= end && line.removal.end >= line.span.end);
                prop_assert!(text.get(line.removal.clone()).is_some() && text.get(line.span.clone()).is_some());
                end = line.removal.end;
                if let Some(requirement) = &line.requirement {
                    let source = text.get(requirement.span.clone());
                    prop_assert!(source.is_some());
                    prop_assert!(line.span.start <= requirement.span.start && requirement.span.end <= line.span.end);
                    if !source.unwrap_or("\n").contains('\n') {
                        prop_assert_eq!(source, Some(requirement.text.as_str()));
                    }
                }
                prop_assert!(line.options.iter().all(|o| o.line >= line.number && o.line as usize <= count));
            }
        }
    }
}
