//! Commands that install packages.

use depslim_model::{Command, Install, Require};

/// What leaves development packages out, in the words of the clients.
const WITHOUT: &[&str] =
    &["--omit=dev", "--production", "--prod", "-P", "--only=prod", "--only=production", "--production=true"];

/// What takes them along in spite of the environment.
const WITH: &[&str] = &["--include=dev", "--production=false", "--dev", "-D"];

/// Options with a value of their own.
const VALUES: &[&str] = &[
    "--registry",
    "--prefix",
    "-C",
    "--dir",
    "--cwd",
    "--filter",
    "-F",
    "--workspace",
    "--cache",
    "--loglevel",
    "--network-timeout",
];

/// The install that a command is.
pub(super) fn read(client: &str, arguments: &[String], command: &Command) -> Option<Install> {
    if !matches!(client, "npm" | "pnpm" | "yarn" | "bun") {
        return None;
    }
    let words = plain(arguments);
    let named = match words.as_slice() {
        ["install" | "i" | "add" | "in", packages @ ..] => packages.to_vec(),
        ["ci" | "clean-install" | "install-clean" | "prune" | "fetch"] => Vec::new(),
        ["global", "add", packages @ ..] if client == "yarn" => packages.to_vec(),
        ["workspaces", "focus", ..] | [] if client == "yarn" => Vec::new(),
        _ => return None,
    };
    let packages: Vec<Require> = named
        .into_iter()
        .filter(|word| !word.contains(['$', '{']))
        .map(|word| {
            let name = name_of(word);
            let version = word.strip_prefix(name).and_then(|rest| rest.strip_prefix('@')).map(str::to_owned);
            Require { name: name.to_owned(), version, line: command.line, ..Require::default() }
        })
        .collect();
    let production = |(name, value): &(String, String)| name == "NODE_ENV" && value == "production";
    let omits = arguments.windows(2).any(|pair| pair[0] == "--omit" && pair[1] == "dev");
    let without = omits || arguments.iter().any(|word| WITHOUT.contains(&word.as_str()));
    let with = arguments.iter().any(|word| WITH.contains(&word.as_str()));
    let by_environment = command.variables.iter().rev().any(production);
    let project = packages.is_empty();
    Some(Install {
        client: client.to_owned(),
        stage: command.stage,
        project,
        dev: Some(project && (with || !(without || by_environment))),
        packages,
        line: command.line,
        text: command.words.join(" "),
        ..Install::default()
    })
}

/// The name in `name@version`.
pub(super) fn name_of(word: &str) -> &str {
    let start = usize::from(word.starts_with('@'));
    word[start..].find('@').map_or(word, |at| &word[..start + at])
}

/// The words without options and their values.
fn plain(arguments: &[String]) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = arguments.iter().map(String::as_str);
    while let Some(word) = rest.next() {
        if VALUES.contains(&word) || word == "--omit" || word == "--include" {
            rest.next();
        } else if !word.starts_with('-') {
            words.push(word);
        }
    }
    words
}
