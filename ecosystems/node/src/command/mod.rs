//! What a command means: the file that a runtime starts, the modules that it loads first, the program that a client runs, installs.

mod install;

use depslim_model::{Command, Entry, Facts, Group, How, Stage, Strength, Use};

/// Programs that run a file of the project.
const RUNTIMES: &[&str] = &[
    "node",
    "nodejs",
    "bun",
    "ts-node",
    "ts-node-dev",
    "ts-node-esm",
    "tsnd",
    "tsx",
    "babel-node",
    "vite-node",
    "nodemon",
    "node-dev",
    "swc-node",
    "esno",
    "jiti",
    "electron",
    "forever",
    "micro",
    "pm2",
    "pm2-runtime",
    "pm2-dev",
    "esr",
    "sucrase-node",
];

/// The runtime itself, which no package brings.
const ITSELF: &[&str] = &["node", "nodejs"];

/// Options of runtimes and test runners that name a module to load.
const LOADS: &[&str] = &["-r", "--require", "--import", "--loader", "--experimental-loader", "--preload"];

/// Options of runtimes with a value of their own.
const VALUES: &[&str] = &[
    "-C",
    "--conditions",
    "--env-file",
    "--env-file-if-exists",
    "-P",
    "--project",
    "--tsconfig",
    "-O",
    "--compiler-options",
    "--ext",
    "-e",
    "--watch",
    "-w",
    "-i",
    "--ignore",
    "--name",
    "-n",
    "--title",
    "--test-reporter",
    "--inspect-port",
    "--config",
    "--delay",
    "--cwd",
    "--instances",
];

/// Words of the clients that run something else than a script or a program.
const CLIENT_WORDS: &[&str] = &[
    "install",
    "i",
    "ci",
    "add",
    "remove",
    "rm",
    "uninstall",
    "un",
    "update",
    "up",
    "upgrade",
    "run",
    "run-script",
    "exec",
    "dlx",
    "x",
    "create",
    "init",
    "publish",
    "pack",
    "link",
    "unlink",
    "config",
    "cache",
    "audit",
    "outdated",
    "prune",
    "dedupe",
    "ls",
    "list",
    "why",
    "info",
    "view",
    "version",
    "workspaces",
    "workspace",
    "set",
    "plugin",
    "rebuild",
    "import",
    "login",
    "logout",
    "whoami",
    "help",
    "deploy",
    "fetch",
    "store",
    "patch",
    "patch-commit",
    "env",
    "global",
    "node",
    "dist-tag",
    "pm",
    "build",
    "--version",
    "-v",
    "start",
    "test",
    "stop",
    "restart",
    "t",
    "cit",
    "install-test",
    "shrinkwrap",
    "pkg",
    "explain",
    "setup",
];

/// What a command means.
pub(crate) fn interpret(command: &Command) -> Facts {
    let mut facts = Facts::default();
    let Some((program, arguments)) = command.words.split_first() else { return facts };
    let name = program.rsplit('/').next().unwrap_or(program);
    if name.contains(['=', '$', '{', '*', '(']) {
        return facts;
    }
    // A program named by its place among the installed ones.
    if program.contains("node_modules/") && !program.contains("node_modules/.bin/") {
        let module = program.rsplit("node_modules/").next().unwrap_or(program);
        facts.uses.push(used(How::Load, module, name, command));
        return facts;
    }
    facts.installs.extend(install::read(name, arguments, command));
    if matches!(name, "npm" | "pnpm" | "yarn" | "bun") && client(name, arguments, command, &mut facts) {
        return facts;
    }
    if !ITSELF.contains(&name) {
        facts.uses.push(used(How::Command, name, &arguments.join(" "), command));
    }
    loads(name, arguments, command, &mut facts);
    if RUNTIMES.contains(&name) {
        started(name, arguments, command, &mut facts);
    } else if matches!(name, "npx" | "bunx" | "pnpx" | "pnpm" | "npm") {
        packages_asked_for(arguments, command, &mut facts);
    } else if (program.starts_with("./") && !program.contains("node_modules/"))
        || program.ends_with(".js")
        || program.ends_with(".mjs")
        || program.ends_with(".cjs")
    {
        facts.entries.push(entry(program, command));
    }
    facts
}

/// `yarn eslint .` runs the script of that name, else the program. True when the client runs something itself.
fn client(name: &str, arguments: &[String], command: &Command, facts: &mut Facts) -> bool {
    let mut rest = arguments;
    while let [first, behind @ ..] = rest {
        match first.as_str() {
            "-C" | "--dir" | "--filter" | "-F" | "--cwd" | "--prefix" => rest = behind.get(1..).unwrap_or_default(),
            option if option.starts_with('-') => rest = behind,
            _ => break,
        }
    }
    let Some((first, behind)) = rest.split_first() else { return true };
    let runs = name != "npm" && !CLIENT_WORDS.contains(&first.as_str());
    if runs && name == "bun" && (first.contains('.') || first.contains('/')) {
        facts.entries.push(entry(first, command));
    } else if runs && !first.contains(['/', '$']) {
        facts.uses.push(used(How::Command, first, &behind.join(" "), command));
    }
    if matches!(first.as_str(), "exec" | "dlx" | "x") {
        packages_asked_for(behind, command, facts);
    }
    true
}

/// `npx -p PACKAGE program`: what is fetched for one run is used by it.
fn packages_asked_for(arguments: &[String], command: &Command, facts: &mut Facts) {
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        let asked = match word.as_str() {
            "-p" | "--package" => rest.next().map(String::as_str),
            "--" => return,
            word if word.starts_with('-') => word.strip_prefix("--package="),
            _ => return,
        };
        if let Some(package) = asked {
            facts.uses.push(used(How::Load, install::name_of(package), "npx", command));
        }
    }
}

/// `-r dotenv/config`, `--import=tsx`, and the same in the variable that the runtime reads.
fn loads(name: &str, arguments: &[String], command: &Command, facts: &mut Facts) {
    let variable = command.variables.iter().filter(|(variable, _)| variable == "NODE_OPTIONS");
    let said: Vec<&str> = variable.flat_map(|(_, value)| value.split_whitespace()).collect();
    let mut words = said.into_iter().chain(arguments.iter().map(String::as_str));
    while let Some(word) = words.next() {
        let loaded = match word.split_once('=') {
            Some((option, module)) if LOADS.contains(&option) => Some(module),
            None if LOADS.contains(&word) => words.next(),
            _ => None,
        };
        if let Some(module) = loaded.filter(|module| !module.is_empty() && !module.starts_with('-')) {
            if module.starts_with('.') || module.starts_with('/') {
                facts.entries.push(entry(module, command));
            } else {
                facts.uses.push(used(How::Load, module, name, command));
            }
        }
    }
}

/// The file that a runtime starts.
fn started(name: &str, arguments: &[String], command: &Command, facts: &mut Facts) {
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--" => {}
            // Code on the command line.
            "--eval" | "-p" | "--print" => return,
            "-e" if ITSELF.contains(&name) => return,
            option if LOADS.contains(&option) || VALUES.contains(&option) => {
                rest.next();
            }
            option if option.starts_with('-') => {}
            // `pm2 start app.js`, `tsx watch app.ts`.
            "start" | "restart" | "reload" | "watch" | "run" if !ITSELF.contains(&name) => {}
            file => {
                if let Some((_, module)) =
                    file.rsplit_once("node_modules/").filter(|(_, module)| !module.starts_with(".bin/"))
                {
                    facts.uses.push(used(How::Load, module, name, command));
                } else if let Some((_, program)) = file.rsplit_once("node_modules/.bin/") {
                    facts.uses.push(used(How::Command, program, &rest.cloned().collect::<Vec<_>>().join(" "), command));
                } else {
                    facts.entries.push(entry(file, command));
                }
                return;
            }
        }
    }
}

fn entry(target: &str, command: &Command) -> Entry {
    let group = match command.stage {
        Stage::Run | Stage::ImageBuild | Stage::Builder => Group::Prod,
        Stage::Dev | Stage::Ci => Group::Dev,
    };
    Entry { target: target.trim_start_matches("./").to_owned(), group, line: command.line }
}

fn used(how: How, name: &str, value: &str, command: &Command) -> Use {
    Use { how, name: name.to_owned(), value: value.to_owned(), strength: Strength::Hard, line: command.line }
}

#[cfg(test)]
mod tests;
