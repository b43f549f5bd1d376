//! One `RUN` of the project's own container file: what of it is done otherwise now, and what has to stay.

use super::{Item, chain};
use crate::leftovers::is_build_tool;
use depslim_formats::dockerfile::Form;
use depslim_formats::shell;
use std::collections::BTreeMap;

/// What is known of the language, to tell its own steps from the others.
#[derive(Clone, Copy)]
pub struct Classify<'a> {
    /// Whether an image is one of the language's.
    pub is_language: &'a dyn Fn(&str) -> bool,
    /// Whether a command installs packages of the language.
    pub installs: &'a dyn Fn(&[String]) -> bool,
    /// [`depslim_model::Recipe::bootstraps`].
    pub bootstraps: &'a [&'a str],
    /// [`depslim_model::Recipe::environments`].
    pub environments: &'a [&'a str],
    /// [`depslim_model::Recipe::client_variables`].
    pub client_variables: &'a [&'a str],
    /// Where the builder stage compiles, whether a path of the build context is there: what is taken out of a stage of the language
    /// is then a file of the project or the result of a build, and the latter is made otherwise. A pattern may stand for it.
    pub exists: Option<&'a dyn Fn(&str) -> bool>,
}

impl Classify<'_> {
    pub(super) fn is_bootstrap(&self, text: &str) -> bool {
        self.bootstraps.iter().any(|b| text.contains(b))
    }

    pub(super) fn is_environment(&self, path: &str) -> bool {
        self.environments.iter().any(|e| path.contains(e))
    }

    pub(super) fn is_client_variable(&self, name: &str) -> bool {
        self.client_variables.iter().any(|v| name.starts_with(v))
    }
}

/// What a step comes to.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) items: Vec<Item>,
    pub(super) system: BTreeMap<String, u32>,
    pub(super) ids: BTreeMap<String, String>,
    /// Whether part of it is done otherwise.
    pub(super) replaced: bool,
    /// Whether a command installs packages of the language, or builds.
    pub(super) installs: bool,
}

/// What to do with one command.
enum Fate {
    Drop,
    Keep,
    Folders(Vec<String>),
}

/// Takes a `RUN` apart.
pub(super) fn step(
    form: &Form,
    mounts: &[String],
    line: u32,
    variables: &BTreeMap<String, String>,
    classify: &Classify<'_>,
) -> Done {
    let mut done = Done::default();
    let text = match form {
        Form::Exec(words) => words.iter().map(|w| super::quoted(w)).collect::<Vec<_>>().join(" "),
        Form::Shell { text, .. } => text.clone(),
    };
    let script = shell::read_at(&text, line, &BTreeMap::new());
    done.installs = script.commands.iter().any(|command| (classify.installs)(&command.words));
    let Some(commands) = chain::split(&text) else {
        whole(&text, line, classify, &mut done);
        return done;
    };
    let mut kept: Vec<String> = Vec::new();
    let flush = |kept: &mut Vec<String>, done: &mut Done| {
        // What only prepares for something else has nothing to prepare for.
        while kept.last().is_some_and(|c| prepares(c)) {
            kept.pop();
        }
        if !kept.is_empty() {
            let system = kept.iter().all(|c| prepares(c) || is_system(c));
            done.items.push(Item::Run { command: kept.join(" && "), system, line });
            kept.clear();
        }
    };
    for command in commands {
        done.ids.extend(user_id(&command));
        match fate(&command, line, classify, &mut done.system) {
            Fate::Drop => done.replaced = true,
            Fate::Keep => kept.push(command),
            Fate::Folders(paths) => {
                let paths: Vec<String> = paths.iter().map(|p| super::filled(p, variables)).collect();
                if paths.iter().any(|p| p.contains(['$', '{', '*'])) {
                    kept.push(command);
                    continue;
                }
                let moved = kept.iter().any(|c| c.starts_with("cd "));
                if moved && paths.iter().any(|p| !p.starts_with('/')) {
                    kept.push(command);
                } else {
                    flush(&mut kept, &mut done);
                    done.items.push(Item::Folders(paths));
                }
            }
        }
    }
    // What a mount brings is there for this step only, and only for what is done otherwise now.
    if !mounts.is_empty() && done.replaced && kept.iter().all(|c| prepares(c)) {
        kept.clear();
    }
    flush(&mut kept, &mut done);
    done
}

/// A text that can't be taken apart goes when all that it runs is done otherwise, else it stays.
fn whole(text: &str, line: u32, classify: &Classify<'_>, done: &mut Done) {
    let script = shell::read_at(text, line, &BTreeMap::new());
    let mut system = BTreeMap::new();
    let goes = classify.is_bootstrap(text)
        || script.commands.iter().all(|command| {
            let program = command.words.first().map(String::as_str).unwrap_or_default();
            let quiet = ["[", "[[", "test", "echo", "true", "false", ":", "exit", "set"].contains(&program);
            quiet || matches!(fate(&command.words.join(" "), line, classify, &mut system), Fate::Drop)
        });
    if goes {
        done.replaced = true;
        done.system.extend(system);
    } else {
        let flat = text.replace("\\\n", " ");
        let command = if flat.contains('\n') {
            // Several lines stay what they are for the shell.
            format!("<<'DEPSLIM'\n{}\nDEPSLIM", text.trim_end())
        } else {
            flat.trim().to_owned()
        };
        let system = script.commands.iter().all(|c| is_system(&c.words.join(" ")));
        done.items.push(Item::Run { command, system, line });
    }
}

fn prepares(command: &str) -> bool {
    let mut words = command.split_whitespace();
    match words.next() {
        None | Some("cd" | "export" | "set" | "umask") => true,
        Some(word) => shell::is_assignment(word) && words.next().is_none(),
    }
}

/// Programs that only move files of the system about.
const SYSTEM: &[&str] = &[
    "chmod",
    "ln",
    "cp",
    "mv",
    "rm",
    "sed",
    "tar",
    "unzip",
    "curl",
    "wget",
    "install",
    "tee",
    "locale-gen",
    "localedef",
    "update-ca-certificates",
    "ldconfig",
    "dos2unix",
    "gunzip",
    "dpkg-reconfigure",
    "update-locale",
    "cat",
    "find",
    "echo",
    "printf",
    "dpkg",
    "setcap",
    "fc-cache",
    "sh",
    "bash",
];

fn is_system(command: &str) -> bool {
    let words = shell::split(command);
    let program = words.iter().find(|w| !shell::is_assignment(w)).map(|w| shell::base_name(w)).unwrap_or_default();
    SYSTEM.contains(&program)
}

fn fate(command: &str, line: u32, classify: &Classify<'_>, system: &mut BTreeMap<String, u32>) -> Fate {
    let all = shell::split(command);
    let words: Vec<String> =
        all.iter().skip_while(|w| shell::is_assignment(w) || *w == "sudo" || *w == "exec").cloned().collect();
    let Some((program, rest)) = words.split_first() else { return Fate::Keep };
    if prepares(command) {
        return Fate::Keep;
    }
    let verb = rest.iter().find(|w| !w.starts_with('-')).map(String::as_str).unwrap_or_default();
    let plain = || rest.iter().filter(|w| !w.starts_with('-')).cloned().collect::<Vec<_>>();
    match shell::base_name(program) {
        "apt-get" | "apt" | "aptitude" => {
            if verb == "install" {
                let names = plain()
                    .into_iter()
                    .skip(1)
                    .filter(|p| !is_build_tool(p) && !p.contains('$') && !p.starts_with('/'));
                system.extend(names.map(|p| (name_of(&p), line)));
            }
            Fate::Drop
        }
        "apk" => {
            if verb == "add" && !rest.iter().any(|w| w.starts_with("--virtual") || w == "-t") {
                let names = plain().into_iter().skip(1).filter(|p| !is_build_tool(p) && !p.contains('$'));
                system.extend(names.map(|p| (name_of(&p), line)));
            }
            Fate::Drop
        }
        "useradd" | "adduser" | "groupadd" | "addgroup" | "usermod" | "groupmod" | "passwd" | "chown" | "chgrp"
        | "apt-mark" => Fate::Drop,
        "rm" if !plain().is_empty() && plain().iter().all(|p| is_cache(p)) => Fate::Drop,
        "mkdir" => Fate::Folders(plain()),
        _ if (classify.installs)(&words) || classify.is_bootstrap(command) => Fate::Drop,
        _ => Fate::Keep,
    }
}

/// Name and number of a user that a command makes.
fn user_id(command: &str) -> Option<(String, String)> {
    let words = shell::split(command);
    if !matches!(shell::base_name(words.first()?), "useradd" | "adduser") {
        return None;
    }
    let number = words
        .iter()
        .zip(words.iter().skip(1))
        .find(|(flag, _)| ["-u", "--uid"].contains(&flag.as_str()))
        .map(|(_, v)| v.clone());
    let number = number.or_else(|| words.iter().find_map(|w| w.strip_prefix("--uid=").map(str::to_owned)))?;
    Some((words.last()?.clone(), number))
}

/// `libpq5=15.3-1` → `libpq5`.
fn name_of(package: &str) -> String {
    package.split(['=', '~', '<', '>', '/']).next().unwrap_or(package).to_owned()
}

/// Whether a path holds only what package managers leave.
fn is_cache(path: &str) -> bool {
    [
        "/var/lib/apt",
        "/var/cache/",
        "/var/apt",
        "/root/.cache",
        "~/.cache",
        "/tmp",
        "/var/tmp",
        "/root/.npm",
        "/usr/share/doc",
        "/usr/share/man",
    ]
    .iter()
    .any(|folder| path.starts_with(folder))
}
