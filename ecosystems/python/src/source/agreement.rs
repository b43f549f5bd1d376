//! The two engines on the same text: what the scanner finds is what the parser finds.

use super::{read, skim, text, used};
use depslim_model::{How, Settings, Source, Use};
use std::path::Path;

/// The static imports of both engines, in one order; `None` when the file has syntax errors, which the parser recovers from in
/// its own way.
///
/// [`skim`] then drops what runs elsewhere. Of imports through functions the scanner knows two functions, with plain constants and
/// outside f-strings: those are not compared here.
pub(super) fn imports(path: &str, bytes: &[u8]) -> Option<(Vec<Use>, Vec<Use>)> {
    let settings = Settings::default();
    let parsed = read(&Source { path, bytes, settings: &settings });
    if !parsed.problems.is_empty() {
        return None;
    }
    let bytes = text::plain(bytes);
    let scanned = skim::scan(&bytes).into_iter().map(|found| used(&found, false)).collect();
    Some((in_order(parsed.uses), in_order(scanned)))
}

fn in_order(mut uses: Vec<Use>) -> Vec<Use> {
    uses.retain(|one| one.how == How::Import);
    uses.sort_by(|a, b| (a.line, &a.name, &a.value, a.strength).cmp(&(b.line, &b.name, &b.value, b.strength)));
    uses
}

#[test]
#[ignore = "reads the tree that DEPSLIM_CORPUS names"]
fn engines_agree_on_a_real_environment() {
    let root = std::env::var("DEPSLIM_CORPUS").expect("DEPSLIM_CORPUS names a folder with installed packages");
    let (mut files, mut broken, mut all, mut differences) = (0, 0, 0, Vec::new());
    let mut folders = vec![Path::new(&root).to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(&folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let path = entry.path();
            if entry.file_type().expect("a type").is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "py") && path.is_file() {
                files += 1;
                let bytes = fs_err::read(&path).expect("a file");
                let Some((parsed, scanned)) = imports("x.py", &bytes) else {
                    println!("not compared, it has syntax errors: {}", path.display());
                    broken += 1;
                    continue;
                };
                all += parsed.len();
                for (list, other, engine) in [(&parsed, &scanned, "parser"), (&scanned, &parsed, "scanner")] {
                    let alone = list.iter().filter(|one| !other.contains(one));
                    differences.extend(alone.map(|one| format!("{}: only the {engine}: {one:?}", path.display())));
                }
                if parsed.len() != scanned.len() {
                    differences.push(format!("{}: {} and {}", path.display(), parsed.len(), scanned.len()));
                }
            }
        }
    }
    println!("{files} files, {all} imports; {broken} files with syntax errors were not compared");
    assert!(all > 0, "no imports below {root}");
    let first = differences[..differences.len().min(40)].join("\n");
    assert!(differences.is_empty(), "{} differences, the first ones:\n{first}", differences.len());
}

/// Writes a random but valid program from a list of choices.
struct Writer<'c> {
    choices: &'c [u8],
    text: String,
    names: u32,
}

impl Writer<'_> {
    fn choose(&mut self, from: usize) -> usize {
        let Some((first, rest)) = self.choices.split_first() else { return 0 };
        self.choices = rest;
        *first as usize % from
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        let index = self.choose(from.len());
        from[index]
    }

    fn line(&mut self, depth: usize, text: &str) {
        self.text.push_str(&" ".repeat(depth * 2));
        self.text.push_str(text);
        let end = self.pick(&["\n", " # import no\n", "\n\n", "\n# import no\n"]);
        self.text.push_str(end);
    }

    fn import(&mut self, depth: usize) {
        self.names += 1;
        let name = format!("m{}", self.names);
        let text = match self.choose(8) {
            0 => format!("import {name}.x as y, {name}b"),
            1 => format!("from {name} import (a, # import no\n b as c,\n)"),
            2 => format!("x = ['import no', 1]; import {name}"),
            3 => format!("from ..{name} import *"),
            4 => format!("x = f\"{{y[\"import no\"]:>{{z}}}}\"; from . import {name}"),
            5 => format!("x = '''\nimport no\n'''; import {name}"),
            6 => format!("import \\\n {name}"),
            _ => format!("import {name}"),
        };
        self.line(depth, &text);
    }

    fn block(&mut self, depth: usize) {
        for _ in 0..=self.choose(2) {
            self.statement(depth);
        }
    }

    fn condition(&mut self) -> &'static str {
        self.pick(&[
            "x",
            "TYPE_CHECKING",
            "not t.TYPE_CHECKING",
            "sys.version_info >= (3, 9)",
            "sys.version_info[0] < 3",
            "sys.platform == 'win32'",
            "find_spec('x')",
            "__name__ == '__main__'",
            "x and TYPE_CHECKING",
            "x or (lambda: y)()",
            "(x,\n # import no\n y)",
            "os.name != 'nt' and not x",
        ])
    }

    fn statement(&mut self, depth: usize) {
        if depth >= 6 {
            return self.import(depth);
        }
        match self.choose(10) {
            0 => {
                let condition = self.condition();
                self.line(depth, &format!("if {condition}:"));
                self.block(depth + 1);
                for _ in 0..self.choose(3) {
                    let condition = self.condition();
                    self.line(depth, &format!("elif {condition}:"));
                    self.block(depth + 1);
                }
                if self.choose(2) == 0 {
                    self.line(depth, "else:");
                    self.block(depth + 1);
                }
            }
            1 => {
                self.line(depth, "try:");
                self.block(depth + 1);
                for _ in 0..=self.choose(2) {
                    let caught = self.pick(&[
                        " ImportError",
                        " (KeyError, Exception) as e",
                        " KeyError",
                        " a.ModuleNotFoundError",
                    ]);
                    self.line(depth, &format!("except{caught}:"));
                    self.block(depth + 1);
                    let end = self.pick(&["pass", "raise", "raise X from e", "sys.exit(1)", "x = 1"]);
                    self.line(depth + 1, end);
                }
                if self.choose(2) == 0 {
                    self.line(depth, "else:");
                    self.block(depth + 1);
                }
                if self.choose(2) == 0 {
                    self.line(depth, "finally:");
                    self.block(depth + 1);
                }
            }
            2 => {
                let header =
                    self.pick(&["def f(x: {1: 2} = lambda: 3) -> y[1:2]:", "async def f():", "class C(a[1:2]):"]);
                self.line(depth, header);
                self.block(depth + 1);
            }
            3 => {
                let header =
                    self.pick(&["with suppress(ImportError):", "with a as b, c:", "for x in y:", "while x := y:"]);
                self.line(depth, header);
                self.block(depth + 1);
            }
            4 => {
                self.line(depth, "match x:");
                for case in ["case {'a': 1}:", "case [*_] if x:"] {
                    self.line(depth + 1, case);
                    self.block(depth + 2);
                }
            }
            5 => {
                let header =
                    self.pick(&["if x: ", "class C: ", "def f(): ", "for x in y: ", "with suppress(Exception): "]);
                self.names += 1;
                let text = format!("{header}import m{}; x = 1", self.names);
                self.line(depth, &text);
            }
            6 => {
                let text = self.pick(&[
                    "x = y[1:2]",
                    "match = 1",
                    "case = {1: 2}",
                    "x: int = 1",
                    "print('try:')",
                    "lazy = 1",
                    "x = \\\n 1",
                ]);
                self.line(depth, text);
            }
            _ => self.import(depth),
        }
    }
}

proptest::proptest! {
    #[test]
    fn engines_agree_on_random_programs(choices in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        let mut writer = Writer { choices: &choices, text: String::new(), names: 0 };
        while !writer.choices.is_empty() {
            writer.statement(0);
        }
        let (parsed, scanned) = imports("x.py", writer.text.as_bytes()).expect("a valid program");
        assert_eq!(parsed, scanned, "{}", writer.text);
    }
}
