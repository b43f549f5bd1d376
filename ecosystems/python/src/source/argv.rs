//! Command lines in code: a list or a call's arguments that start a program, and modules that the interpreter is told to run.

use super::observe::constant;
use super::tree::{self, Expr, Node};

/// What a command line in code starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Started {
    /// `python -m module`.
    Module(String),
    /// A program and its arguments.
    Program(String, String),
}

/// Functions that start a program: their module, and how their names begin.
const STARTERS: &[(&str, &[&str])] = &[
    ("subprocess", &["run", "call", "check_", "Popen", "getoutput", "getstatusoutput"]),
    ("os", &["system", "popen", "exec", "spawn", "posix_spawn"]),
    ("asyncio", &["create_subprocess_"]),
    ("anyio", &["run_process", "open_process"]),
    ("trio", &["run_process"]),
    ("shutil", &["which"]),
];

/// True for a function that starts a program, by its qualified name.
pub(super) fn is_starter(callee: &str) -> bool {
    callee.split_once('.').is_some_and(|(module, function)| {
        let function = function.rsplit('.').next().unwrap_or(function);
        STARTERS.iter().any(|(m, starts)| *m == module && starts.iter().any(|start| function.starts_with(start)))
    })
}

/// What a call of a starter with this first argument runs: one string is a shell's line or a program's name.
pub(super) fn of_text(text: &str) -> Option<Started> {
    let words: Vec<Word<'_>> = text.split_whitespace().map(Word::Constant).collect();
    started(&words, true)
}

/// What a list's items, or a call's arguments, start. Without `sure`, only what can not be anything else counts: the interpreter
/// with a module, or a program with an option behind it.
pub(super) fn of_items(items: &[Expr], sure: bool) -> Option<Started> {
    let words: Vec<Word<'_>> = items.iter().take(MOST).map(word).collect();
    started(&words, sure)
}

/// Longer lists are data.
const MOST: usize = 40;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word<'a> {
    Constant(&'a str),
    /// `sys.executable`.
    Interpreter,
    Computed,
}

fn word(expr: &Expr) -> Word<'_> {
    if let Some(text) = constant(expr) {
        return Word::Constant(text);
    }
    match tree::node(expr) {
        Node::Attribute(value, "executable") if matches!(tree::node(value), Node::Name("sys")) => Word::Interpreter,
        _ => Word::Computed,
    }
}

fn started(words: &[Word<'_>], sure: bool) -> Option<Started> {
    // A computed program may be an interpreter, by whatever name it goes.
    let interpreter = match words.first()? {
        Word::Interpreter | Word::Computed => true,
        // The rest of a line: an option that is grown together with its module.
        Word::Constant(option) if option.starts_with('-') => {
            let grown = option.strip_prefix("-m").filter(|name| is_module(name));
            return grown.map(|name| Started::Module(name.to_owned()));
        }
        Word::Constant(program) => is_interpreter(program),
    };
    if interpreter || (sure && words.contains(&Word::Interpreter)) {
        return module_of(words).map(Started::Module);
    }
    let Word::Constant(program) = words[0] else { return None };
    let program = program.rsplit('/').next().unwrap_or(program);
    let arguments: Vec<&str> =
        words[1..].iter().filter_map(|w| if let Word::Constant(text) = w { Some(*text) } else { None }).collect();
    let option = arguments.iter().any(|a| is_option(a));
    (is_program(program) && (sure || option)).then(|| Started::Program(program.to_owned(), arguments.join(" ")))
}

/// The module behind the first `-m`: a word of its own, or grown onto it.
fn module_of(words: &[Word<'_>]) -> Option<String> {
    let mut rest = words.iter().skip(1);
    while let Some(word) = rest.next() {
        let Word::Constant(text) = word else { continue };
        let name = match text.strip_prefix("-m") {
            Some("") => match rest.next()? {
                Word::Constant(name) => name,
                _ => return None,
            },
            Some(grown) => grown,
            None if text.starts_with('-') => continue,
            None => return None,
        };
        return is_module(name).then(|| name.to_owned());
    }
    None
}

fn is_interpreter(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    ["python", "pypy"]
        .iter()
        .any(|p| name.strip_prefix(p).is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.')))
}

fn is_module(name: &str) -> bool {
    name.split('.').all(|part| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

fn is_program(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'+'))
}

fn is_option(argument: &str) -> bool {
    let name = argument.trim_start_matches('-');
    name.len() < argument.len() && name.starts_with(|c: char| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_start_programs() {
        for (callee, expect) in [
            ("subprocess.run", true),
            ("subprocess.check_output", true),
            ("os.execvp", true),
            ("asyncio.create_subprocess_exec", true),
            ("shutil.which", true),
            ("os.environ.get", false),
            ("orchard.run", false),
            ("run", false),
        ] {
            assert_eq!(is_starter(callee), expect, "{callee}");
        }
    }

    #[test]
    fn lines_of_a_shell() {
        let program = |name: &str, rest: &str| Some(Started::Program(name.into(), rest.into()));
        for (text, expect) in [
            ("orchard-worker --jobs 2", program("orchard-worker", "--jobs 2")),
            ("/usr/bin/orchard", program("orchard", "")),
            ("python3 -W error -morchard.jobs", None),
            ("python3 -I -morchard.jobs x", Some(Started::Module("orchard.jobs".into()))),
            ("python -m orchard", Some(Started::Module("orchard".into()))),
            ("python orchard.py -m x", None),
            ("", None),
            ("$ORCHARD run", None),
        ] {
            assert_eq!(of_text(text), expect, "{text}");
        }
    }
}
