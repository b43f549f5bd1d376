//! What a command means to Python: programs that distributions bring, modules that they load, and installs.

mod install;
mod load;

use crate::source;
use depslim_model::{Command, Facts, How, Settings, Source, Strength, Use};

/// Words of the shell itself: never a program of a distribution.
const SHELL: &[&str] = &[
    ".", ":", "[", "[[", "alias", "bg", "break", "case", "cd", "command", "continue", "declare", "do", "done", "echo",
    "elif", "else", "esac", "eval", "exec", "exit", "export", "false", "fg", "fi", "for", "function", "getopts",
    "hash", "if", "jobs", "let", "local", "printf", "pwd", "read", "readonly", "return", "select", "set", "shift",
    "source", "test", "then", "time", "times", "trap", "true", "type", "ulimit", "umask", "unset", "until", "wait",
    "while",
];

/// Uses and installs of one command.
pub(crate) fn interpret(command: &Command) -> Facts {
    let mut facts = Facts::default();
    let Some((program, arguments)) = command.words.split_first() else { return facts };
    let name = program.rsplit('/').next().unwrap_or(program);
    if SHELL.contains(&name) || name.contains(['=', '$', '{', '*']) {
        return facts;
    }
    if let Some(install) = install::read(name, arguments, command) {
        facts.installs.push(install);
        facts.uses.push(used(How::Command, name, &arguments.join(" "), command));
        return facts;
    }
    if is_interpreter(name) {
        interpreter(arguments, command, &mut facts);
        return facts;
    }
    facts.uses.push(used(How::Command, name, &arguments.join(" "), command));
    for module in load::modules(name, arguments) {
        facts.uses.push(used(How::Load, &module, name, command));
    }
    facts
}

/// `python`, `python3`, `python3.12`, `pypy3`.
fn is_interpreter(name: &str) -> bool {
    ["python", "pypy"]
        .iter()
        .any(|p| name.strip_prefix(p).is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.')))
}

/// `python -m module …`, `python -c code`, `python script.py …`.
fn interpreter(arguments: &[String], command: &Command, facts: &mut Facts) {
    let mut rest = arguments.iter().enumerate();
    while let Some((at, argument)) = rest.next() {
        match argument.as_str() {
            "-m" => {
                let Some(module) = arguments.get(at + 1) else { return };
                facts.uses.push(used(How::Load, module, "python -m", command));
                facts.uses.push(used(How::Load, &format!("{module}.__main__"), "python -m", command));
                // What stands behind is what the module's own program would get.
                let inner = Command { words: arguments[at + 1..].to_vec(), ..command.clone() };
                facts.absorb(interpret(&inner));
                return;
            }
            "-c" => {
                let Some(code) = arguments.get(at + 1) else { return };
                let read = source::read(&Source {
                    path: "command.py",
                    bytes: code.as_bytes(),
                    settings: &Settings::default(),
                });
                facts.uses.extend(read.uses.into_iter().map(|u| Use { line: command.line, ..u }));
                return;
            }
            // Options with a value of their own.
            "-W" | "-X" | "--check-hash-based-pycs" => {
                rest.next();
            }
            option if option.starts_with('-') => {}
            script => {
                let name = script.rsplit('/').next().unwrap_or(script);
                facts.uses.push(used(How::Command, name, &arguments[at + 1..].join(" "), command));
                if let Some(path) = script.strip_suffix(".py") {
                    let module = path.trim_start_matches("./").trim_start_matches('/').replace('/', ".");
                    facts.uses.push(used(How::Load, &module, "python", command));
                }
                return;
            }
        }
    }
}

fn used(how: How, name: &str, value: &str, command: &Command) -> Use {
    // Arguments may hold the URL of an index, with its password.
    let value = crate::manifest::without_credentials(value);
    Use { how, name: name.to_owned(), value, strength: Strength::Hard, line: command.line }
}

#[cfg(test)]
mod tests;
