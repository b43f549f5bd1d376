//! Python source text as facts: uses, folders on the module path, and what could not be read.
//!
//! Two engines read it. [`read`] parses the project's own files and tells everything; [`skim`] scans installed files for their
//! imports alone, at several times the speed. Both get the strength of an import from the same reading of the blocks around it
//! ([`guard`]), and a test over whole environments keeps them in agreement.
//!
//! | where an import stands | strength |
//! | --- | --- |
//! | module or class level, loops, `with` | hard |
//! | a function, a lambda, a `case`, an `except` that forgives nothing, `if __name__ == "__main__"` | lazy |
//! | under a condition that nothing is known about | lazy |
//! | the branch of a Python version test that the newest Python does not take | lazy |
//! | a `try` that forgives a failed import, with its `else` and that handler; `suppress(ImportError)`; `if find_spec("x")` | optional |
//! | the branch for another operating system than Linux, or another implementation than `CPython` | optional |
//! | `if TYPE_CHECKING`, `if False`, stub files | types |
//!
//! Of several blocks the weakest counts.

mod argv;
mod bindings;
pub(crate) mod depth;
mod dynamic;
mod folders;
mod guard;
mod lex;
mod notebook;
mod observe;
mod script;
mod settings;
mod sink;
mod skim;
mod strings;
mod text;
pub(crate) mod tree;
mod walk;

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod tests;

use bindings::Bindings;
use depslim_model::{Facts, How, Problem, Source, Strength, Use};
use depth::Depth;
use guard::Need;
use notebook::Notebook;
use observe::Observer;
use sink::Sink;
use text::Lines;
use tree::{Statement, Tree};
use walk::{Place, walk};

/// Larger files are not parsed: a syntax tree takes many times their size.
const LARGEST: usize = 32 << 20;
/// Stack for files that nest more than people write.
const LARGE_STACK: usize = 256 << 20;

/// Reads a file of the project: a module, a stub, or a notebook.
///
/// A syntax error is a problem at its line, and what could be parsed counts. A file that is too large or nests too deeply to be
/// parsed is a problem too; its imports are read all the same.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let bytes = text::plain(source.bytes);
    let (text, problem) = text::decode(&bytes);
    let mut facts = if source.path.ends_with(".ipynb") {
        match Notebook::read(&text) {
            Ok(notebook) => read_notebook(source.path, &notebook),
            Err(problem) => Facts::broken(problem),
        }
    } else {
        read_text(source.path, &text, None).0
    };
    facts.problems.extend(problem);
    facts
}

/// Reads the imports of an installed file, and nothing else: static ones, `import_module("x")` and `__import__("x")`. Branches for
/// other operating systems or implementations are left out, as an image never runs them.
pub(crate) fn skim(source: &Source<'_>) -> Facts {
    let stub = source.path.ends_with(".pyi");
    let bytes = text::plain(source.bytes);
    let uses = skim::scan(&bytes)
        .into_iter()
        .filter(|found| found.need != Need::Elsewhere)
        .map(|found| used(&found, stub))
        .collect();
    Facts { uses, ..Facts::default() }
}

fn used(found: &skim::Found<'_>, stub: bool) -> Use {
    let name = String::from_utf8_lossy(&found.module).into_owned();
    let strength = if stub { Strength::Types } else { found.need.strength() };
    let (how, value) = match found.function {
        Some(function) => (How::Dynamic, function.to_owned()),
        None => (How::Import, String::from_utf8_lossy(found.member).into_owned()),
    };
    Use { how, name, value, strength, line: found.line }
}

fn read_notebook(path: &str, notebook: &Notebook) -> Facts {
    let (mut facts, commands) = read_text(path, &notebook.text, Some(notebook));
    for one in &mut facts.uses {
        one.line = notebook.line(one.line);
    }
    for problem in &mut facts.problems {
        problem.line = notebook.line(problem.line);
    }
    facts.absorb(commands);
    facts
}

/// What a text says, by its own lines; and what the commands in a notebook say, by the lines of its file.
fn read_text(path: &str, text: &str, notebook: Option<&Notebook>) -> (Facts, Facts) {
    let lines = Lines::new(text.as_bytes());
    let depth = if text.len() > LARGEST { Depth::TooDeep(0) } else { depth::measure(text.as_bytes()) };
    let parsed = match depth {
        Depth::Shallow => parse(path, text, notebook, &lines),
        Depth::Deep => on_large_stack(|| parse(path, text, notebook, &lines)),
        Depth::TooDeep(_) => None,
    };
    let (mut facts, commands) = parsed.unwrap_or_else(|| {
        let message = if text.len() > LARGEST {
            "too large to be parsed; only its imports were read"
        } else {
            "nests too deeply to be parsed; only its imports were read"
        };
        let line = if let Depth::TooDeep(at) = depth { lines.of(at) } else { 0 };
        let stub = path.ends_with(".pyi");
        let uses = skim::scan(text.as_bytes()).iter().map(|found| used(found, stub)).collect();
        (Facts { uses, problems: vec![Problem::at(line, message)], ..Facts::default() }, Facts::default())
    });
    if notebook.is_none() {
        script::read(text, &lines, &mut facts);
    }
    (facts, commands)
}

fn parse(path: &str, text: &str, notebook: Option<&Notebook>, lines: &Lines) -> Option<(Facts, Facts)> {
    let tree = match notebook {
        Some(notebook) => Tree::parse_notebook(text, &notebook.cells)?,
        None => Tree::parse(text)?,
    };
    let mut facts = Facts::default();
    let mut sink = Sink::new(lines);
    let mut bindings = Bindings::default();
    let mut escapes = Vec::new();
    let top = Place { need: Need::Hard, function: false };
    walk(text, tree.statements(), top, &mut |stmt, place| {
        bindings.note(stmt, place, &mut sink);
        if let Statement::Escape { sign: sign @ ("!" | "!!" | "%"), text: command } = tree::statement(stmt) {
            escapes.push((lines.of(tree::start(stmt)), sign, command));
        }
    });
    bindings.bind_stars(text, tree.statements());
    let mut observer = Observer::new(text, path, &bindings, sink);
    walk(text, tree.statements(), top, &mut |stmt, place| observer.statement(stmt, place));
    facts.module_roots = observer.module_roots;
    facts.uses = observer.sink.finish(path.ends_with(".pyi"));
    if let Some((offset, message)) = tree.error() {
        let message = format!("syntax error, read as far as possible: {message}");
        facts.problems.push(Problem::at(lines.of(offset), message));
    }
    let commands = notebook.map_or_else(Facts::default, |notebook| notebook.commands(&escapes));
    Some((facts, commands))
}

/// Runs on a thread with a large stack; `None` when the system gives none.
fn on_large_stack<T: Send>(work: impl FnOnce() -> Option<T> + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(LARGE_STACK).spawn_scoped(scope, work).ok()?;
        thread.join().ok().flatten()
    })
}
