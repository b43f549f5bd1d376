//! Logical lines of a container file: continuations, comments, here-documents.

use crate::text::{Line, lines};

/// One instruction before its words are told apart.
#[derive(Debug, Clone)]
pub(super) struct Logical {
    /// Line of the keyword.
    pub(super) number: u32,
    /// The physical lines that hold something: number and text without the continuation sign.
    parts: Vec<(u32, String)>,
    /// Bodies of its here-documents, with the lines of their first lines.
    pub(super) documents: Vec<(String, u32)>,
    /// The here-documents as they stand in the file, for a shell to read: starts with a line end, or is empty.
    pub(super) tail: String,
}

const KEYWORDS: &[&str] = &[
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

/// The instructions of a file.
pub(super) fn logical(text: &str) -> Vec<Logical> {
    let escape = escape_directive(text);
    let mut all: Vec<Logical> = Vec::new();
    let mut open = false;
    let mut physical = lines(text).peekable();
    while let Some(Line { number, text: line, .. }) = physical.next() {
        let content = line.trim_start();
        // Comments and empty lines are skipped inside a continued line too.
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let bare = line.trim_end_matches([' ', '\t']);
        let continues = bare.ends_with(escape);
        let part = if continues { &bare[..bare.len() - 1] } else { line };
        match all.last_mut() {
            Some(last) if open => last.parts.push((number, part.to_owned())),
            _ => all.push(Logical {
                number,
                parts: vec![(number, part.trim_start().to_owned())],
                documents: Vec::new(),
                tail: String::new(),
            }),
        }
        open = continues;
        if open {
            continue;
        }
        let Some(last) = all.last_mut().filter(|last| last.takes_documents()) else { continue };
        for (delimiter, tabs) in last.delimiters() {
            let mut body = String::new();
            let mut first = None;
            for Line { number, text: line, .. } in physical.by_ref() {
                last.tail.push('\n');
                last.tail.push_str(line);
                let line = if tabs { line.trim_start_matches('\t') } else { line };
                if line == delimiter {
                    break;
                }
                first.get_or_insert(number);
                body.push_str(line);
                body.push('\n');
            }
            last.documents.push((body, first.unwrap_or(last.number)));
        }
    }
    all
}

/// Name and whether leading tabs go, for a word that announces a here-document.
pub(super) fn here_document(word: &str) -> Option<(String, bool)> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")?;
    let (rest, tabs) = rest.strip_prefix('-').map_or((rest, false), |rest| (rest, true));
    let name: String = rest.chars().filter(|c| !matches!(c, '\'' | '"')).collect();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_.-".contains(c));
    is_name.then_some((name, tabs))
}

impl Logical {
    /// Takes the first word off and returns it in capitals.
    pub(super) fn take_keyword(&mut self) -> String {
        let Some((_, first)) = self.first_part() else { return String::new() };
        let end = first.find(char::is_whitespace).unwrap_or(first.len());
        let keyword = first[..end].to_ascii_uppercase();
        first.drain(..end);
        keyword
    }

    /// Takes the leading `--name=value` words off.
    pub(super) fn take_flags(&mut self) -> Vec<(String, String)> {
        let mut flags = Vec::new();
        while let Some((_, first)) = self.first_part() {
            let Some(rest) = first.strip_prefix("--") else { break };
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let (name, value) = rest[..end].split_once('=').unwrap_or((&rest[..end], ""));
            flags.push((name.to_owned(), value.to_owned()));
            first.drain(..end + 2);
        }
        flags
    }

    /// The arguments in one line.
    pub(super) fn joined(&self) -> String {
        self.parts.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// The arguments as words with their lines; quotes and escapes are kept.
    pub(super) fn words(&self) -> Vec<(u32, String)> {
        let mut words: Vec<(u32, String)> = Vec::new();
        let mut inside = false;
        let mut quote = None;
        for (number, text) in &self.parts {
            let mut characters = text.chars();
            while let Some(character) = characters.next() {
                if quote.is_none() && character.is_whitespace() {
                    inside = false;
                    continue;
                }
                if !inside {
                    words.push((*number, String::new()));
                    inside = true;
                }
                let Some((_, word)) = words.last_mut() else { continue };
                word.push(character);
                match (character, quote) {
                    ('\\', None | Some('"')) => word.extend(characters.next()),
                    ('\'' | '"', None) => quote = Some(character),
                    (_, Some(open)) if open == character => quote = None,
                    _ => {}
                }
            }
        }
        words
    }

    /// The arguments for a shell: as many lines as in the file, joined the way a shell joins them.
    pub(super) fn shell_text(&self) -> String {
        let mut text = String::new();
        let first = self.argument_line();
        let mut line = first;
        for (number, part) in self.parts.iter().filter(|(number, _)| *number >= first) {
            while line < *number {
                text.push_str("\\\n");
                line += 1;
            }
            text.push_str(part);
        }
        text.trim().to_owned()
    }

    /// Line on which the arguments start.
    pub(super) fn argument_line(&self) -> u32 {
        let part = self.parts.iter().find(|(_, text)| !text.trim().is_empty());
        part.map_or(self.number, |(number, _)| *number)
    }

    /// The first part that holds something, white space before it taken off.
    fn first_part(&mut self) -> Option<&mut (u32, String)> {
        let part = self.parts.iter_mut().find(|(_, text)| !text.trim().is_empty())?;
        part.1.drain(..part.1.len() - part.1.trim_start().len());
        Some(part)
    }

    fn takes_documents(&self) -> bool {
        let text = self.joined().to_ascii_uppercase();
        let mut words = text.split_whitespace();
        let keyword = words.next().map(|word| if word == "ONBUILD" { words.next().unwrap_or("") } else { word });
        matches!(keyword, Some("RUN" | "COPY" | "ADD")) && text.contains("<<")
    }

    fn delimiters(&self) -> Vec<(String, bool)> {
        self.words().iter().filter_map(|(_, word)| here_document(word)).collect()
    }
}

/// The character of an `# escape=` directive; directives stand before everything else.
fn escape_directive(text: &str) -> char {
    for line in lines(text) {
        let Some((name, value)) = line.text.trim().strip_prefix('#').and_then(|rest| rest.split_once('=')) else {
            break;
        };
        match name.trim().to_ascii_lowercase().as_str() {
            "escape" => return if value.trim() == "`" { '`' } else { '\\' },
            "syntax" | "check" => {}
            _ => break,
        }
    }
    '\\'
}
