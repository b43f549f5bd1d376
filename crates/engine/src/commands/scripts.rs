//! Scripts that a client runs by their names: the table `scripts` of a `package.json`, and who calls them.

use super::paths::{file_name, folder_of, join};
use super::{Observed, Place, paths};
use depslim_formats::json::{self, Dialect};
use depslim_formats::shell;
use depslim_model::{Command, Stage};
use std::collections::BTreeSet;

/// Clients that run scripts.
const CLIENTS: &[&str] = &["npm", "pnpm", "yarn", "bun", "node"];

/// Words of the clients that run the script of their own name.
const OWN: &[&str] = &["start", "test", "stop", "restart"];

/// Programs that run several scripts, whose names may hold `*`.
const RUNNERS: &[&str] = &["run-s", "run-p", "npm-run-all", "npm-run-all2", "concurrently", "conc", "turbo", "wireit"];

/// Reads the table; broken files are for the reader of manifests to report.
pub(super) fn read(text: &str) -> Observed {
    let mut observed = Observed::default();
    let Ok(doc) = json::parse(text, Dialect::Strict) else { return observed };
    for (name, node) in doc.at(&["scripts"]).into_iter().flat_map(|table| table.entries()) {
        let Some(script) = node.text() else { continue };
        let from = observed.commands.len();
        let line = node.value_line();
        observed.shell(script, line, &Place::here(Stage::Dev));
        // Breaks inside the text are no lines of this file.
        observed.commands[from..].iter_mut().for_each(|command| command.line = line);
        observed.scripts.push((name.to_owned(), from, observed.commands.len()));
    }
    // Values of a script's variables are set where it runs.
    for (_, _, at) in &mut observed.variables {
        *at = (*at).min(text.lines().count().max(1) as u32);
    }
    observed
}

/// Words in the name of a script that nobody runs in production, beyond those that say development of any file.
const FOR_DEVELOPMENT: &[&str] = &[
    "watch",
    "format",
    "fmt",
    "prettier",
    "eslint",
    "stylelint",
    "typecheck",
    "tsc",
    "coverage",
    "cov",
    "storybook",
    "husky",
    "commit",
    "release",
    "docs",
    "prepare",
    "prepack",
    "prepublishonly",
    "cypress",
    "cy",
    "playwright",
    "mock",
    "preview",
    "changeset",
    "check",
    "bench",
    "benchmark",
    "analyze",
    "jest",
    "vitest",
    "mocha",
    "unit",
    "integration",
    "spec",
    "audit",
    "hint",
    "fix",
    "precommit",
];

/// Whether a command stands in a script that is named for development, and that nothing of production calls.
pub(crate) fn surely_development(observed: &Observed, command: usize) -> bool {
    let script = observed.scripts.iter().find(|(_, from, to)| (*from..*to).contains(&command));
    let idle = matches!(observed.commands[command].stage, Stage::Dev | Stage::Ci);
    idle && script.is_some_and(|(name, ..)| {
        let name = name.to_ascii_lowercase();
        name.split([':', '-', '_', '.', '/'])
            .any(|word| FOR_DEVELOPMENT.contains(&word) || paths::says_development(word))
    })
}

/// Gives scripts the stage of the command that calls them, and so on for the scripts that those call.
pub(super) fn settle(files: &mut [(String, Observed)]) {
    let tables: Vec<usize> = (0..files.len()).filter(|at| !files[*at].1.scripts.is_empty()).collect();
    if tables.is_empty() {
        return;
    }
    for stage in [Stage::Run, Stage::ImageBuild, Stage::Builder] {
        let mut open: Vec<usize> = (0..files.len()).collect();
        while let Some(caller) = open.pop() {
            let (path, observed) = &files[caller];
            let mut called: BTreeSet<(usize, usize)> = BTreeSet::new();
            for command in observed.commands.iter().filter(|command| command.stage == stage) {
                let names = names(&command.words);
                if names.is_empty() {
                    continue;
                }
                let Some(table) = table_of(files, &tables, path, observed, command, &names) else { continue };
                let scripts = &files[table].1.scripts;
                let hit = |(name, ..): &&(String, usize, usize)| names.iter().any(|wanted| runs(wanted, name));
                let places = scripts.iter().enumerate().filter(|(_, script)| hit(script)).map(|(at, _)| (table, at));
                called.extend(places);
            }
            for (table, script) in called {
                let observed = &mut files[table].1;
                let (_, from, to) = observed.scripts[script].clone();
                let idle = observed.commands[from..to].iter_mut().filter(|c| matches!(c.stage, Stage::Dev | Stage::Ci));
                if idle.map(|command| command.stage = stage).count() > 0 {
                    open.push(table);
                }
            }
        }
    }
}

/// The scripts that a command runs.
fn names(words: &[String]) -> Vec<String> {
    let Some((program, rest)) = words.split_first() else { return Vec::new() };
    let program = shell::base_name(program);
    let plain =
        |words: &[String]| -> Vec<String> { words.iter().filter(|word| !word.starts_with('-')).cloned().collect() };
    if RUNNERS.contains(&program) {
        let named = plain(rest).into_iter().map(|word| word.trim_start_matches("npm:").to_owned());
        return named.filter(|word| word != "run").collect();
    }
    if !CLIENTS.contains(&program) {
        return Vec::new();
    }
    if program == "node" {
        let at = rest.iter().position(|word| word == "--run");
        return at.and_then(|at| rest.get(at + 1)).cloned().into_iter().collect();
    }
    let rest = without_places(rest);
    match rest.as_slice() {
        [first, name, ..] if matches!(first.as_str(), "run" | "run-script" | "rum" | "urn") => vec![name.clone()],
        [first, ..] if OWN.contains(&first.as_str()) => vec![first.clone()],
        [first, ..] if matches!(first.as_str(), "ci" | "install" | "i" | "add") => lifecycle(words),
        [] if matches!(program, "yarn") => lifecycle(words),
        // The other clients take a script's name for a word of their own.
        [first, ..] if program != "npm" => vec![first.clone()],
        _ => Vec::new(),
    }
}

/// What an install runs of the project's own.
fn lifecycle(words: &[String]) -> Vec<String> {
    let never = words.iter().any(|word| word == "--ignore-scripts");
    let hooks = if never { &[][..] } else { &["preinstall", "install", "postinstall"] };
    hooks.iter().map(|name| (*name).to_owned()).collect()
}

/// The words without options and their values.
fn without_places(words: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--" => break,
            "-C" | "--prefix" | "--cwd" | "--dir" | "--filter" | "-F" | "-w" | "--workspace" => {
                // pnpm's `-w` stands alone.
                if word != "-w" || rest.clone().next().is_some_and(|next| next.contains('/')) {
                    rest.next();
                }
            }
            "workspace" if kept.is_empty() => {
                rest.next();
            }
            word if word.starts_with('-') => {}
            _ => kept.push(word.clone()),
        }
    }
    kept
}

/// Whether running `wanted` runs the script `name`: itself, or what its client runs before and behind it.
fn runs(wanted: &str, name: &str) -> bool {
    let is = |name: &str| match wanted.split_once('*') {
        Some((before, after)) => {
            name.strip_prefix(before).is_some_and(|rest| rest.ends_with(after.trim_start_matches('*')))
        }
        None => name == wanted,
    };
    is(name) || ["pre", "post"].iter().any(|hook| name.strip_prefix(hook).is_some_and(is))
}

/// The table that a command's client reads: of the folder that it names, else of its own folder or build context, else of the
/// nearest folder around; the only one that has such a script when none of these has it.
fn table_of(
    files: &[(String, Observed)],
    tables: &[usize],
    path: &str,
    caller: &Observed,
    command: &Command,
    names: &[String],
) -> Option<usize> {
    let has = |at: &usize| files[*at].1.scripts.iter().any(|(name, ..)| names.iter().any(|wanted| runs(wanted, name)));
    let at =
        |folder: &str| tables.iter().copied().find(|table| folder_of(&files[*table].0) == folder).filter(|at| has(at));
    if file_name(path) == "package.json" {
        let own = folder_of(path);
        let named = named_folder(&command.words).and_then(|folder| paths::below_root(own, &folder));
        return named.and_then(|folder| at(&folder)).or_else(|| at(own));
    }
    let workdir = command.workdir.as_deref().unwrap_or(".");
    let mut folders: Vec<String> = Vec::new();
    if let Some(context) = caller.context.as_deref() {
        let manifest = join(workdir, "package.json");
        let sources = caller.layout.sources(&manifest).into_iter();
        folders.extend(sources.filter_map(|s| paths::below_root(context, &s)).map(|s| folder_of(&s).to_owned()));
        folders.push(context.to_owned());
    } else if !workdir.starts_with('/') {
        folders.extend(paths::below_root(folder_of(path), workdir));
        folders.extend(paths::below_root("", workdir));
    }
    if let Some(named) = named_folder(&command.words) {
        let below: Vec<String> = folders.iter().filter_map(|folder| paths::below_root(folder, &named)).collect();
        folders.splice(0..0, below);
    }
    folders.push(folder_of(path).to_owned());
    folders.push(String::new());
    folders.iter().find_map(|folder| at(folder)).or_else(|| {
        let mut all = tables.iter().copied().filter(has);
        all.next().filter(|_| all.next().is_none())
    })
}

/// The folder that a client is told to work in.
fn named_folder(words: &[String]) -> Option<String> {
    let at = words.iter().position(|word| matches!(word.as_str(), "-C" | "--prefix" | "--cwd" | "--dir"));
    let apart = at.and_then(|at| words.get(at + 1)).cloned();
    apart.or_else(|| {
        let options = ["--prefix=", "--cwd=", "--dir="];
        words.iter().find_map(|word| options.iter().find_map(|option| word.strip_prefix(option))).map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages(container: &str, manifest: &str) -> Vec<(String, Stage)> {
        let mut files = vec![
            ("Dockerfile".to_owned(), super::super::read("Dockerfile", container.as_bytes())),
            ("package.json".to_owned(), super::super::read("package.json", manifest.as_bytes())),
        ];
        super::super::settle(&mut files);
        files[1].1.commands.iter().map(|command| (command.words.join(" "), command.stage)).collect()
    }

    #[test]
    fn a_script_runs_where_it_is_called() {
        let manifest = r#"{"scripts": {"start": "npm run serve", "serve": "server .", "build": "builder", "prebuild": "cleaner",
            "test": "tester"}}"#;
        let container = "FROM node:20 AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\n\
             FROM node:20\nWORKDIR /app\nCOPY --from=build /app .\nCMD [\"npm\", \"start\"]\n";
        let expect = [
            ("npm run serve", Stage::Run),
            ("server .", Stage::Run),
            ("builder", Stage::Builder),
            ("cleaner", Stage::Builder),
            ("tester", Stage::Dev),
        ];
        assert_eq!(stages(container, manifest), expect.map(|(words, stage)| (words.to_owned(), stage)));
    }

    #[test]
    fn names_say_development() {
        let manifest = r#"{"scripts": {"dev": "a", "test:unit": "b", "start:dev": "c", "start": "d", "migrate": "e"}}"#;
        let observed = read(manifest);
        let surely: Vec<&str> = (0..observed.commands.len())
            .filter(|at| surely_development(&observed, *at))
            .map(|at| observed.commands[at].words[0].as_str())
            .collect();
        assert_eq!(surely, ["a", "b", "c"]);
    }

    #[test]
    fn clients_name_scripts_in_their_own_ways() {
        for (line, expect) in [
            ("npm run build", &["build"][..]),
            ("npm --prefix web run build", &["build"]),
            ("yarn build --watch", &["build"]),
            ("pnpm --filter web build", &["build"]),
            ("yarn workspace web build", &["build"]),
            ("npm start", &["start"]),
            ("npm audit", &[]),
            ("run-p lint:* types", &["lint:*", "types"]),
            ("concurrently npm:serve", &["serve"]),
            ("node --run serve", &["serve"]),
            ("node server.js", &[]),
            ("npm ci --ignore-scripts", &[]),
            ("npm ci", &["preinstall", "install", "postinstall"]),
        ] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(names(&words), expect, "{line}");
        }
    }

    #[test]
    fn broken_manifests_have_no_scripts() {
        for text in ["", "{", "[]", r#"{"scripts": []}"#, r#"{"scripts": {"a": 1}}"#] {
            assert_eq!(read(text), Observed::default(), "{text}");
        }
    }
}
