//! Writes a container file in stages and the ignore file beside it: what is installed in a stage of its own, the result and the
//! project's files in one that has nothing else.

mod apart;
mod builder;
mod ending;
mod health;
mod ignore;
mod start;

use crate::catalogue::Final;
use crate::own::{Item, Own, quoted};
use depslim_formats::dockerfile::Form;
use depslim_model::{Makes, Recipe};
use std::fmt::Write as _;

pub use apart::{FILES_THERE, base as base_of, configuration, distribution, port};
pub use health::asks;
pub use ignore::{Reads, ignore};
pub use start::Start;

/// What is written from.
#[derive(Debug, Clone, Copy)]
pub struct Blueprint<'a> {
    /// How the language builds it.
    pub recipe: &'a Recipe,
    /// What the project's own container file does beside that.
    pub own: Option<&'a Own>,
    /// The base of the final stage, unless it is one that needs no runtime of the language.
    pub base: &'a str,
    /// That one.
    pub stands: Option<Final>,
    /// The registry and folder that images come from, when the configuration says.
    pub registry: Option<&'a str>,
    /// Whether it is of the Alpine family.
    pub alpine: bool,
    /// What the system has to supply, each with its reason.
    pub system: &'a [(String, String)],
    /// What the builder stage's system has to supply, each with its reason.
    pub build: &'a [(String, String)],
    /// The project's folder, relative to the build context; empty for the context itself.
    pub project: &'a str,
    /// What the own container file's build context is, relative to the build context; empty for the same.
    pub own_context: &'a str,
    /// Where the project's folder lies in the image.
    pub folder: &'a str,
    /// The output folder, relative to the build context.
    pub out: &'a str,
    /// What starts the program when the own container file does not say, with its place.
    pub start: Option<&'a Start>,
    /// Whether the same image is started with other commands too, so that a check of a port would fail there.
    pub several: bool,
    /// Why the program has to start as root, if it has to.
    pub root: Option<&'a str>,
    /// What was decided, for the comment above.
    pub because: &'a [String],
    /// Name of the container file, in the output folder.
    pub name: &'a str,
    /// Name of the web server's configuration there.
    pub configuration: &'a str,
    /// Version of depslim.
    pub tool: &'a str,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The container file.
    pub dockerfile: String,
    /// Paths of the build context that it reads, for the ignore file.
    pub reads: Vec<String>,
    /// What people should know of it.
    pub notes: Vec<String>,
}

/// User and group that the program runs as, unless the project names a number of its own.
const USER: &str = "10001";
/// Where the user is at home when the project's folder is one of the system's.
const HOME: &str = "/home/app";
/// The project's folder in the image, unless its own container file names one.
const FOLDER: &str = "/app";

/// Writes the container file.
pub fn write(blueprint: &Blueprint<'_>) -> Written {
    let mut file = File { text: String::new(), reads: Vec::new(), notes: Vec::new() };
    file.header(blueprint);
    if let Some(own) = blueprint.own {
        for stage in &own.stages {
            let _ = writeln!(file.text, "{stage}\n");
        }
        for (path, _) in &own.stages_read {
            file.reads.push(joined(blueprint.own_context, path));
        }
    }
    builder::write(blueprint, &mut file);
    match blueprint.stands {
        Some(stands) => apart::write(blueprint, blueprint.own.unwrap_or(&Own::default()), &stands, &mut file),
        None => final_stage(blueprint, &mut file),
    }
    file.reads.sort();
    file.reads.dedup();
    Written { dockerfile: file.text, reads: file.reads, notes: file.notes }
}

/// What is being written.
struct File {
    text: String,
    reads: Vec<String>,
    notes: Vec<String>,
}

impl File {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn comment(&mut self, text: &str) {
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        // A comment's last backslash is none of a continued line, but no reader should have to know that.
        let _ = writeln!(self.text, "# {}", flat.trim_end_matches('\\').trim_end());
    }

    fn header(&mut self, blueprint: &Blueprint<'_>) {
        let path = joined(blueprint.out, blueprint.name);
        self.comment(&format!("Written by depslim {}: what production needs, and nothing else.", blueprint.tool));
        let place = if blueprint.project.is_empty() {
            "in the project's folder".to_owned()
        } else {
            format!("in the folder that holds {}", blueprint.project)
        };
        self.comment(&format!("Build {place}: docker build -f {path} ."));
        for reason in blueprint.because {
            self.comment(reason);
        }
        self.text.push('\n');
    }
}

fn final_stage(blueprint: &Blueprint<'_>, file: &mut File) {
    let nothing = Own::default();
    let own = blueprint.own.unwrap_or(&nothing);
    let folder = own.folder.clone().unwrap_or_else(|| FOLDER.to_owned());
    let (user, group) = user(own, blueprint.root);
    file.line(&format!("FROM {}", blueprint.base));
    ending::system(blueprint, own, &folder, (&user, &group), file);
    for (from, to) in &blueprint.recipe.results {
        file.line(&format!("COPY --from={} {from} {to}", builder::stage(blueprint)));
    }
    variables(blueprint, own, file);
    if !own.items.iter().any(|i| matches!(i, Item::Folder(_))) {
        file.line(&format!("WORKDIR {folder}"));
    }
    let mut as_user = false;
    let chown = if user == "0" { String::new() } else { format!("--chown={user}:{group} ") };
    for item in merged(&own.items) {
        match item {
            Item::Copy { sources, to, .. } => {
                let sources: Vec<String> = sources.iter().map(|s| joined(blueprint.own_context, s)).collect();
                file.reads.extend(sources.iter().cloned());
                file.line(&copy(&chown, &sources, &to));
            }
            Item::Other(text) => file.line(&chowned(&text, &chown)),
            Item::Folders(_) => {}
            Item::Run { command, system, .. } => {
                if user != "0" && as_user == system {
                    file.line(if system { "USER 0".to_owned() } else { format!("USER {user}:{group}") }.as_str());
                    as_user = !system;
                }
                file.line(&format!("RUN {}", with_secrets(&start::without_runners(&command, blueprint), own, system)));
            }
            Item::Variables(set) => {
                let set: Vec<_> = set.into_iter().filter(|(name, _)| !given(blueprint, name)).collect();
                if !set.is_empty() {
                    file.line(&env(&set));
                }
            }
            Item::Folder(path) => file.line(&format!("WORKDIR {path}")),
        }
    }
    if blueprint.own.is_none() && blueprint.recipe.makes != Makes::Everything {
        let source = if blueprint.project.is_empty() { ".".to_owned() } else { blueprint.project.to_owned() };
        file.reads.push(source.clone());
        file.line(&copy(&chown, &[if source == "." { source } else { format!("{source}/") }], &format!("{folder}/")));
    }
    for (name, line) in &own.secrets {
        file.comment(&format!(
            "{name} (line {line} of the project's own file) is no value for an image: give it when the container starts"
        ));
        file.notes.push(format!("{name}, a secret that the project's own container file sets, is left out: give it when the container starts"));
    }
    match blueprint.root {
        Some(why) => file.comment(&format!("stays root: {why}")),
        None if !as_user => file.line(&format!("USER {user}:{group}")),
        None => {}
    }
    health::write(blueprint, own, file);
    start::write(blueprint, own, file);
}

/// Consecutive commands of the same kind are one layer.
fn merged(items: &[Item]) -> Vec<Item> {
    let mut out: Vec<Item> = Vec::new();
    for item in items {
        match (out.last_mut(), item) {
            (Some(Item::Run { command, system, .. }), Item::Run { command: next, system: same, .. })
                if system == same && !command.contains('\n') && !next.contains('\n') && !command.starts_with("cd ") =>
            {
                *command = format!("{command} && {next}");
            }
            // A list that is copied before everything is, is copied twice.
            (_, Item::Copy { sources, to, .. }) if is_copied_later(items, item, sources, to) => {}
            (Some(last), item) if last == item => {}
            _ => out.push(item.clone()),
        }
    }
    out
}

fn is_copied_later(items: &[Item], item: &Item, sources: &[String], to: &str) -> bool {
    let Some(at) = items.iter().position(|i| std::ptr::eq(i, item)) else { return false };
    // What runs in between may need it.
    let behind = items[at + 1..].iter().take_while(|i| !matches!(i, Item::Run { .. }));
    sources.iter().all(|s| s != ".")
        && behind.filter_map(|i| if let Item::Copy { sources, to, .. } = i { Some((sources, to)) } else { None }).any(
            |(all, place)| {
                let place = place.trim_end_matches('/');
                all.iter().any(|s| s == ".")
                    && sources.iter().all(|s| {
                        let there = format!("{place}/{}", s.trim_end_matches('/'));
                        to.trim_end_matches('/') == there || (to.trim_end_matches('/') == place && !s.contains('/'))
                    })
            },
        )
}

fn copy(chown: &str, sources: &[String], to: &str) -> String {
    if sources.iter().any(|s| s.contains(' ')) || to.contains(' ') {
        let words: Vec<&str> = sources.iter().map(String::as_str).chain([to]).collect();
        return format!("COPY {chown}{}", serde_json::to_string(&words).unwrap_or_default());
    }
    format!("COPY {chown}{} {to}", sources.join(" "))
}

/// A kept `COPY` with the owner that the other files have.
fn chowned(text: &str, chown: &str) -> String {
    // The files that it writes in place stand below it.
    let (first, files) = text.split_at(text.find('\n').unwrap_or(text.len()));
    match first.strip_prefix("COPY ") {
        Some(rest) => {
            let words = rest.split_whitespace().filter(|w| !w.starts_with("--chown="));
            format!("COPY {chown}{}{files}", words.collect::<Vec<_>>().join(" "))
        }
        None => text.to_owned(),
    }
}

/// The final stage's own variables: what the recipe says, and the project's `PATH` behind it.
fn variables(blueprint: &Blueprint<'_>, own: &Own, file: &mut File) {
    let all = own.items.iter().filter_map(|i| if let Item::Variables(set) = i { Some(set) } else { None }).flatten();
    let path: Vec<&str> = all
        .filter(|(name, _)| name == "PATH")
        .flat_map(|(_, value)| value.split(':'))
        .filter(|p| p.starts_with('/') && !blueprint.recipe.environments.iter().any(|e| p.contains(e)))
        .filter(|p| !p.contains("/sbin") && *p != "/bin" && *p != "/usr/bin")
        .collect();
    let set: Vec<(String, String)> = blueprint
        .recipe
        .variables
        .iter()
        .map(|(name, value)| {
            let value = if name == "PATH" {
                [&[value.as_str()], path.as_slice(), &["$PATH"]].concat().join(":")
            } else {
                value.clone()
            };
            (name.clone(), value)
        })
        .collect();
    if !set.is_empty() {
        file.line(&env(&set));
    }
}

fn given(blueprint: &Blueprint<'_>, name: &str) -> bool {
    blueprint.recipe.variables.iter().any(|(n, _)| n == name)
}

fn env(set: &[(String, String)]) -> String {
    let pairs: Vec<String> = set.iter().map(|(name, value)| format!("{name}={}", quoted(value))).collect();
    format!("ENV {}", pairs.join(" \\\n    "))
}

/// Steps of the program itself may need a secret to be set, whatever its value.
fn with_secrets(command: &str, own: &Own, system: bool) -> String {
    if system || own.secrets.is_empty() {
        return command.to_owned();
    }
    let set: Vec<String> = own.secrets.iter().map(|(name, _)| format!("export {name}=for-the-build-only")).collect();
    format!("{} && {command}", set.join(" && "))
}

fn user(own: &Own, root: Option<&str>) -> (String, String) {
    if root.is_some() {
        return ("0".to_owned(), "0".to_owned());
    }
    let number =
        |text: &str| !text.is_empty() && text.len() < 8 && text.bytes().all(|b| b.is_ascii_digit()) && text != "0";
    let named = own.user.as_deref().unwrap_or_default();
    let (user, group) = named.split_once(':').unwrap_or((named, ""));
    let user = own.ids.get(user).map_or(user, String::as_str);
    let user = if number(user) { user } else { USER };
    let group = if number(group) { group } else { user };
    (user.to_owned(), group.to_owned())
}

/// A path below a folder of the build context.
fn joined(folder: &str, path: &str) -> String {
    match (folder, path) {
        ("" | ".", path) => path.to_owned(),
        (folder, "." | "") => folder.to_owned(),
        (folder, path) if path == ".." || path.starts_with("../") => {
            let above = folder.trim_end_matches('/').rsplit_once('/').map_or("", |(above, _)| above);
            let rest = path.trim_start_matches("..").trim_start_matches('/');
            joined(above, if rest.is_empty() { "." } else { rest })
        }
        (folder, path) => format!("{}/{path}", folder.trim_end_matches('/')),
    }
}

/// The words of a command, if no shell is needed to start it.
fn words(form: &Form) -> Option<Vec<String>> {
    match form {
        Form::Exec(words) => Some(words.clone()),
        Form::Shell { text, .. } => start::plain(text),
    }
}

#[cfg(test)]
mod tests;
