//! Notebooks: the code cells of the [Jupyter format](https://nbformat.readthedocs.io/en/latest/format_description.html) as one
//! text, with the line in the file of each line of code.

use depslim_model::{Command, Facts, Problem, Stage};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::ops::Range;

/// The Python code of a notebook.
#[derive(Debug, Default)]
pub(super) struct Notebook {
    /// The code cells, separated by one line feed.
    pub(super) text: String,
    /// Where each cell stands in the text.
    pub(super) cells: Vec<Range<usize>>,
    /// For each line of the text: its line in the file.
    lines: Vec<u32>,
    /// Lines of cells that a shell runs.
    shell: Vec<(u32, String)>,
}

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow, default)]
    cells: Vec<Cell<'a>>,
    /// Where version 3 of the format keeps its cells.
    #[serde(borrow, default)]
    worksheets: Vec<Sheet<'a>>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Sheet<'a> {
    #[serde(borrow, default)]
    cells: Vec<Cell<'a>>,
}

#[derive(Deserialize)]
struct Cell<'a> {
    #[serde(default, rename = "cell_type")]
    kind: String,
    #[serde(borrow)]
    source: Option<&'a RawValue>,
    /// What version 3 calls the source.
    #[serde(borrow)]
    input: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    kernelspec: Kernel,
    #[serde(default)]
    language_info: Language,
}

#[derive(Default, Deserialize)]
struct Kernel {
    #[serde(default)]
    language: serde_json::Value,
}

#[derive(Default, Deserialize)]
struct Language {
    #[serde(default)]
    name: serde_json::Value,
}

impl Notebook {
    /// Takes the code out of a notebook; one of another language has none.
    pub(super) fn read(json: &str) -> Result<Self, Problem> {
        let file: File<'_> = match serde_json::from_str(json) {
            Ok(file) => file,
            Err(error) => return Err(Problem::at(error.line() as u32, format!("not a notebook: {error}"))),
        };
        let mut notebook = Self::default();
        let language = file.metadata.language_info.name.as_str().or(file.metadata.kernelspec.language.as_str());
        if language.is_some_and(|name| !name.to_ascii_lowercase().contains("python")) {
            return Ok(notebook);
        }
        let lines = super::text::Lines::new(json.as_bytes());
        for cell in file.cells.iter().chain(file.worksheets.iter().flat_map(|sheet| &sheet.cells)) {
            if cell.kind == "code"
                && let Some(source) = cell.source.or(cell.input)
            {
                notebook.add(pieces(json, source, &lines));
            }
        }
        Ok(notebook)
    }

    /// The line in the file of a line of the text, both from 1.
    pub(super) fn line(&self, line: u32) -> u32 {
        let index = (line as usize).saturating_sub(1);
        self.lines.get(index).or(self.lines.last()).copied().unwrap_or(0)
    }

    /// What the cells run in a shell: `!command`, `%pip install`, and cells that start with `%%bash`. Escapes are given with
    /// their sign and their line in the text.
    pub(super) fn commands(&self, escapes: &[(u32, &str, &str)]) -> Facts {
        let mut facts = Facts::default();
        let escapes = escapes
            .iter()
            .filter(|(_, sign, text)| *sign != "%" || text.starts_with("pip ") || text.starts_with("conda "))
            .map(|(line, _, text)| (self.line(*line), *text));
        let cells = self.shell.iter().map(|(line, text)| (*line, text.as_str()));
        for (line, text) in escapes.chain(cells) {
            for command in depslim_formats::shell::read(text).commands {
                let command = Command {
                    words: command.words,
                    stage: Stage::Dev,
                    line,
                    workdir: command.folder,
                    variables: command.assignments,
                };
                facts.absorb(crate::command::interpret(&command));
            }
        }
        facts
    }

    /// Adds a cell, given as lines with their line in the file.
    fn add(&mut self, mut lines: Vec<(String, u32)>) {
        while lines.last().is_some_and(|(text, _)| text.trim().is_empty()) {
            lines.pop();
        }
        let first = lines.iter().position(|(text, _)| !text.trim().is_empty()).unwrap_or(0);
        if let Some(magic) = lines.get(first).and_then(|(text, _)| text.trim().strip_prefix("%%")) {
            match magic.split_whitespace().next().unwrap_or_default() {
                // These run their cell as Python.
                "time" | "timeit" | "capture" | "prun" | "memit" | "mprun" | "python" | "python3" | "py" => {
                    lines[first].0.clear();
                }
                "bash" | "sh" | "shell" | "!" => {
                    self.shell.extend(lines.drain(first + 1..).map(|(text, line)| (line, text)));
                    return;
                }
                _ => return,
            }
        }
        if lines.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let start = self.text.len();
        for (index, (text, line)) in lines.iter().enumerate() {
            if index > 0 {
                self.text.push('\n');
            }
            self.text.push_str(text);
            self.lines.push(*line);
        }
        self.cells.push(start..self.text.len());
    }
}

/// The lines of a source, which is a string or a list of strings.
fn pieces(json: &str, source: &RawValue, lines: &super::text::Lines) -> Vec<(String, u32)> {
    let mut out = Vec::new();
    let list: Vec<&RawValue> = serde_json::from_str(source.get()).unwrap_or_else(|_| vec![source]);
    for piece in list {
        let Ok(text) = serde_json::from_str::<String>(piece.get()) else { continue };
        let offset = (piece.get().as_ptr() as usize).saturating_sub(json.as_ptr() as usize);
        let line = lines.of(offset);
        // A carriage return or a NUL inside a cell is a blank to Python's line rules here.
        let text = text.replace(['\r', '\0'], " ");
        let whole = text.ends_with('\n');
        let mut parts: Vec<&str> = text.split('\n').collect();
        if whole {
            parts.pop();
        }
        out.extend(parts.into_iter().map(|part| (part.to_owned(), line)));
    }
    out
}
