//! The statements of a file, read and written. Format: <https://go.dev/ref/mod#go-mod-file-lexical>.

use std::fmt::Write;

/// A file: what stands at its top level, an empty line between any two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(super) items: Vec<Item>,
}

/// What stands at the top level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// Comments that belong to nothing.
    Comments(Vec<String>),
    Line(Line),
    Block(Block),
}

/// A directive, or a line of a block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// Comments on lines of their own in front of it; an empty one is an empty line.
    pub(super) before: Vec<String>,
    /// As written, with quotes. A line without words is gone.
    pub(super) words: Vec<String>,
    /// The comment behind it, with its sign.
    pub(super) behind: Option<String>,
}

/// A directive with several lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) before: Vec<String>,
    pub(super) verb: String,
    pub(super) behind_open: Option<String>,
    pub(super) lines: Vec<Line>,
    /// Comments behind the last line.
    pub(super) last: Vec<String>,
    pub(super) behind_close: Option<String>,
}

impl Layout {
    /// Reads a file; `None` when it is not one that the `go` command would read.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut items = Vec::new();
        let mut comments: Vec<String> = Vec::new();
        let mut block: Option<Block> = None;
        for line in text.strip_prefix('\u{feff}').unwrap_or(text).lines() {
            let (mut words, behind) = words(line)?;
            match (&mut block, words.first().map(String::as_str)) {
                (Some(open), None) => match behind {
                    Some(comment) => comments.push(comment),
                    // An empty line counts where something stands in front of it.
                    None if comments.last().map_or(!open.lines.is_empty(), |last| !last.is_empty()) => {
                        comments.push(String::new());
                    }
                    None => {}
                },
                (Some(open), Some(")")) => {
                    if comments.iter().any(|comment| !comment.is_empty()) {
                        open.last = std::mem::take(&mut comments);
                    }
                    comments.clear();
                    open.behind_close = behind;
                    items.extend(block.take().map(Item::Block));
                }
                (Some(open), Some(_)) => {
                    open.lines.push(Line { before: std::mem::take(&mut comments), words, behind });
                }
                (None, None) => match behind {
                    Some(comment) => comments.push(comment),
                    None if comments.is_empty() => {}
                    None => items.push(Item::Comments(std::mem::take(&mut comments))),
                },
                (None, Some(_)) => {
                    let before = std::mem::take(&mut comments);
                    if words.len() == 2 && words[1] == "(" {
                        let verb = words.swap_remove(0);
                        block = Some(Block { before, verb, behind_open: behind, ..Block::default() });
                    } else if words.len() == 3 && words[1] == "(" && words[2] == ")" {
                        let verb = words.swap_remove(0);
                        items.push(Item::Block(Block { before, verb, behind_close: behind, ..Block::default() }));
                    } else {
                        items.push(Item::Line(Line { before, words, behind }));
                    }
                }
            }
        }
        if !comments.is_empty() {
            items.push(Item::Comments(comments));
        }
        block.is_none().then_some(Self { items })
    }

    /// The file as the `go` command formats it.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for item in &self.items {
            if !text.is_empty() {
                text.push('\n');
            }
            match item {
                Item::Comments(comments) => write_comments(&mut text, "", comments),
                Item::Line(line) => write_line(&mut text, "", line),
                Item::Block(block) => {
                    write_comments(&mut text, "", &block.before);
                    let _ = writeln!(text, "{} ({}", block.verb, spaced(block.behind_open.as_deref()));
                    for line in &block.lines {
                        write_line(&mut text, "\t", line);
                    }
                    write_comments(&mut text, "\t", &block.last);
                    let _ = writeln!(text, "){}", spaced(block.behind_close.as_deref()));
                }
            }
        }
        text
    }
}

fn spaced(comment: Option<&str>) -> String {
    comment.map_or_else(String::new, |comment| format!(" {comment}"))
}

fn write_comments(text: &mut String, indent: &str, comments: &[String]) {
    for comment in comments {
        let _ = if comment.is_empty() { writeln!(text) } else { writeln!(text, "{indent}{comment}") };
    }
}

fn write_line(text: &mut String, indent: &str, line: &Line) {
    write_comments(text, indent, &line.before);
    text.push_str(indent);
    let mut glued = true;
    for word in &line.words {
        if !glued && !matches!(word.as_str(), "," | ")" | "]") {
            text.push(' ');
        }
        text.push_str(word);
        glued = matches!(word.as_str(), "(" | "[");
    }
    let _ = writeln!(text, "{}", spaced(line.behind.as_deref()));
}

/// The words of a line, quotes and all, and the comment behind them; `None` for a string that does not end, or a comment that may go
/// on for several lines.
fn words(line: &str) -> Option<(Vec<String>, Option<String>)> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        if rest.starts_with("//") {
            return Some((words, Some(rest.to_owned())));
        }
        if rest.starts_with("/*") {
            return None;
        }
        let first = rest.chars().next()?;
        let length = match first {
            '"' | '`' => rest[1..].find(first)? + 2,
            '(' | ')' | '[' | ']' | ',' => 1,
            _ => {
                let ends = |(at, c): &(usize, char)| {
                    c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | ',') || rest[*at..].starts_with("//")
                };
                rest.char_indices().find(ends).map_or(rest.len(), |(at, _)| at)
            }
        };
        words.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    Some((words, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_formatted_file_stays_as_it_is() {
        for text in [
            "",
            "module barn\n",
            "// Licence\n\n// The barn.\nmodule barn // here\n\ngo 1.21\n\nrequire (\n\t// roof\n\thay.example v1.0.0 // indirect\n\n\t\"straw.example\" v1.0.0\n\t// the end\n) // all\n\nretract [v1.0.0, v1.2.0]\n\n// last\n",
            "module barn\n\nexclude ( // not these\n\thay.example v1.0.0\n)\n",
        ] {
            assert_eq!(Layout::read(text).unwrap().text(), text);
        }
    }

    #[test]
    fn other_files_are_formatted() {
        let text = "\u{feff}module   barn\r\ngo 1.21\r\nrequire(\r\n\r\n  hay.example  v1.0.0 //indirect\r\n\r\n)\r\nrequire ()\nreplace a=>../b\n";
        let expect = "module barn\n\ngo 1.21\n\nrequire (\n\thay.example v1.0.0 //indirect\n)\n\nrequire (\n)\n\nreplace a=>../b\n";
        assert_eq!(Layout::read(text).unwrap().text(), expect);
    }

    #[test]
    fn what_go_would_not_read() {
        for text in ["require (\n", "module \"barn\n", "/* x */ module barn\n"] {
            assert_eq!(Layout::read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text(text in "(require|module|\\(|\\)|//| |\n|\t|\"|`|\\[|,|a|é|\r){0,40}") {
            if let Some(read) = Layout::read(&text) {
                let written = read.text();
                let again = Layout::read(&written).map(|again| again.text());
                prop_assert_eq!(again, Some(written));
            }
        }
    }
}
