//! What the project's own container file puts into its image beside the installed packages: copies, steps, variables, what it starts.
//!
//! Stages of the language itself are read through: what they copy from the project counts, what they install is replaced. Stages
//! of anything else (a front end that is built in the same file) stay as they are written.

mod chain;
mod step;

use depslim_formats::dockerfile::{Copy, Dockerfile, Form, Kind, Stage};
use std::collections::BTreeMap;

pub(crate) use chain::split;
pub use step::Classify;

/// What it puts there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own {
    /// What is done, in order.
    pub items: Vec<Item>,
    /// What is started.
    pub entrypoint: Option<(Form, u32)>,
    /// The same, or its arguments.
    pub command: Option<(Form, u32)>,
    /// The options and the command of the health check, with its line.
    pub health: Option<(Vec<String>, Form, u32)>,
    /// The last `USER`.
    pub user: Option<String>,
    /// The working folder at the end.
    pub folder: Option<String>,
    /// Stages of other languages that the image takes files from, as they are written.
    pub stages: Vec<String>,
    /// Paths of the build context that those stages read, with the lines.
    pub stages_read: Vec<(String, u32)>,
    /// Numbers of the users that it makes, by name.
    pub ids: BTreeMap<String, String>,
    /// System packages that it installs, without those of which only a build has a use, with the lines.
    pub system: BTreeMap<String, u32>,
    /// Lines of steps that are left out because what they do is done otherwise.
    pub replaced: Vec<u32>,
    /// The stage that ships builds or installs by itself: what it copies may be for that alone.
    pub builds_there: bool,
    /// Variables whose values nobody should find in an image, with the lines.
    pub secrets: Vec<(String, u32)>,
}

/// One thing that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Files of the build context.
    Copy {
        /// What; `.` for all.
        sources: Vec<String>,
        /// Absolute path in the image, ending in `/` when it is a folder for sure.
        to: String,
        /// Line.
        line: u32,
    },
    /// Files of another stage or image, or of an address: the instruction as it is to be written.
    Other(String),
    /// Folders that are made.
    Folders(Vec<String>),
    /// A command.
    Run {
        /// The command, for a shell.
        command: String,
        /// Whether it only moves files of the system about, which only root may.
        system: bool,
        /// Line.
        line: u32,
    },
    /// Variables.
    Variables(Vec<(String, String)>),
    /// The working folder.
    Folder(String),
}

/// Reads one stage of a container file, and what it takes from the others.
pub fn own(text: &str, file: &Dockerfile, stage: usize, classify: &Classify<'_>) -> Own {
    let mut reader =
        Reader { text, file, classify, own: Own::default(), depth: 0, taken: Vec::new(), done: file.chain(stage) };
    let items = reader.chain(stage, true);
    let mut own = reader.own;
    own.items = items;
    own.replaced.sort_unstable();
    own.replaced.dedup();
    own
}

/// Stages can copy from each other in many ways.
const MAX_DEPTH: u32 = 8;
/// More than any real file does.
const MAX_ITEMS: usize = 2000;

struct Reader<'a> {
    text: &'a str,
    file: &'a Dockerfile,
    classify: &'a Classify<'a>,
    own: Own,
    depth: u32,
    /// Stages that stay as they are.
    taken: Vec<usize>,
    /// The stages of the image itself.
    done: Vec<usize>,
}

impl Reader<'_> {
    /// What a stage and those below it do; only of the one that ships (`last`) do the settings count.
    fn chain(&mut self, stage: usize, last: bool) -> Vec<Item> {
        let mut items = Vec::new();
        let mut folder: Option<String> = None;
        for number in self.file.chain(stage).into_iter().rev() {
            let file = self.file;
            let Some(stage) = file.stages.get(number) else { continue };
            // What the image has from a stage below it is not done twice.
            let again = !last && self.done.contains(&number);
            for (at, instruction) in stage.instructions.iter().enumerate().filter(|(_, i)| !i.on_build) {
                if items.len() > MAX_ITEMS {
                    return items;
                }
                let line = instruction.line;
                match &instruction.kind {
                    Kind::Workdir(path) if again => folder = Some(absolute(folder.as_deref(), path)),
                    _ if again => {}
                    Kind::Copy(copy) => {
                        self.copy(copy, line, folder.as_deref(), &raw(self.text, stage, at), &mut items);
                    }
                    Kind::Add(copy) => self.add(copy, line, folder.as_deref(), &raw(self.text, stage, at), &mut items),
                    Kind::Run { command, mounts } => {
                        let mut done = step::step(command, mounts, line, &stage.variables, self.classify);
                        self.own.system.extend(std::mem::take(&mut done.system));
                        self.own.ids.extend(std::mem::take(&mut done.ids));
                        self.own.builds_there |= last && done.installs;
                        if done.replaced {
                            self.own.replaced.push(line);
                        }
                        items.extend(done.items.into_iter().map(|item| in_folder(item, folder.as_deref())));
                    }
                    Kind::Workdir(path) => {
                        let path = absolute(folder.as_deref(), path);
                        if last {
                            items.push(Item::Folder(path.clone()));
                        }
                        folder = Some(path);
                    }
                    kind if last => self.setting(kind, line, &raw(self.text, stage, at), &mut items),
                    _ => {}
                }
            }
        }
        if last {
            self.own.folder = folder;
        }
        items
    }

    fn setting(&mut self, kind: &Kind, line: u32, raw: &str, items: &mut Vec<Item>) {
        match kind {
            Kind::Env(set) => {
                let mut kept = Vec::new();
                for variable in set {
                    let value = variable.value.clone().unwrap_or_default();
                    if self.classify.is_client_variable(&variable.name) {
                        continue;
                    }
                    if is_secret(&variable.name, &value) {
                        self.own.secrets.push((variable.name.clone(), line));
                    } else {
                        kept.push((variable.name.clone(), value));
                    }
                }
                if !kept.is_empty() {
                    items.push(Item::Variables(kept));
                }
            }
            Kind::Arg(set) => {
                for variable in set.iter().filter(|v| !is_secret(&v.name, v.value.as_deref().unwrap_or_default())) {
                    let value = variable.value.as_ref().map_or(String::new(), |v| format!("={}", quoted(v)));
                    items.push(Item::Other(format!("ARG {}{value}", variable.name)));
                }
            }
            Kind::User(user) => self.own.user = Some(user.clone()),
            Kind::Entrypoint(form) => {
                self.own.entrypoint = Some((form.clone(), line));
                self.own.command = None;
            }
            Kind::Cmd(form) => self.own.command = Some((form.clone(), line)),
            Kind::Healthcheck(form) => {
                let flags = raw.split_whitespace().skip(1).take_while(|w| w.starts_with("--")).map(str::to_owned);
                self.own.health = form.clone().map(|form| (flags.collect(), form, line));
            }
            Kind::Other(keyword, _) if keyword != "MAINTAINER" => items.push(Item::Other(raw.to_owned())),
            _ => {}
        }
    }

    fn copy(&mut self, copy: &Copy, line: u32, folder: Option<&str>, raw: &str, items: &mut Vec<Item>) {
        let to = target(folder, copy);
        match (copy.stage, &copy.from) {
            (Some(from), _) if !self.is_own(from) => {
                self.keep_stage(from);
                items.push(Item::Other(with_target(raw, &to)));
            }
            (Some(from), _) => self.through(from, copy, &to, items),
            (None, Some(_)) => {
                if !self.classify.is_bootstrap(raw) {
                    items.push(Item::Other(with_target(raw, &to)));
                }
            }
            (None, None) if !copy.documents.is_empty() => items.push(Item::Other(self.with_documents(line))),
            // What was built outside of the image is built in it now.
            (None, None)
                if self.classify.exists.is_some() && copy.sources.iter().all(|s| self.classify.is_environment(s)) =>
            {
                self.own.replaced.push(line);
            }
            (None, None) => {
                items.push(Item::Copy { sources: copy.sources.iter().map(|s| plain(s)).collect(), to, line });
            }
        }
    }

    /// An instruction with the files that it writes in place, up to the next one.
    fn with_documents(&self, line: u32) -> String {
        let stages = self.file.stages.iter();
        let lines = stages.flat_map(|s| s.instructions.iter().map(|i| i.line).chain([s.line]));
        lines_of(self.text, line, lines.filter(|l| *l > line).min().unwrap_or(u32::MAX))
    }

    fn add(&mut self, copy: &Copy, line: u32, folder: Option<&str>, raw: &str, items: &mut Vec<Item>) {
        let unpacked = |s: &String| {
            s.contains("://") || [".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2"].iter().any(|e| s.ends_with(e))
        };
        if copy.sources.iter().any(unpacked) {
            items.push(Item::Other(with_target(raw, &target(folder, copy))));
        } else {
            self.copy(copy, line, folder, raw, items);
        }
    }

    /// What comes out of a stage of the same language: its own copies and steps, unless it is installed packages.
    fn through(&mut self, from: usize, copy: &Copy, to: &str, items: &mut Vec<Item>) {
        if self.depth >= MAX_DEPTH {
            return;
        }
        for source in copy.sources.iter().filter(|s| !self.classify.is_environment(s)) {
            self.depth += 1;
            let inner = self.chain(from, false);
            self.depth -= 1;
            let source = absolute(None, source);
            if let Some(exists) = self.classify.exists {
                items.extend(written_there(&inner, &source, to, exists));
                continue;
            }
            for item in inner {
                match item {
                    Item::Copy { sources, to: place, line } => {
                        if let Some(to) = moved(&place, &source, to) {
                            items.push(Item::Copy { sources, to, line });
                        }
                    }
                    Item::Folders(paths) => {
                        items.push(Item::Folders(paths.iter().filter_map(|p| moved(p, &source, to)).collect()));
                    }
                    Item::Run { command, system, line } => {
                        // The folder may lie elsewhere now.
                        let command = match to.trim_end_matches('/') {
                            to if to == source || source == "/" => command,
                            to => command.replace(&source, to),
                        };
                        items.push(Item::Run { command, system, line });
                    }
                    Item::Other(text) if text.starts_with("COPY") || text.starts_with("ADD") => {
                        items.push(Item::Other(text));
                    }
                    _ => {}
                }
            }
        }
    }

    /// Whether a stage is built on an image of the language.
    fn is_own(&self, stage: usize) -> bool {
        let root = self.file.chain(stage).last().and_then(|at| self.file.stages.get(*at));
        root.is_some_and(|stage| (self.classify.is_language)(&stage.image))
    }

    /// Keeps a stage and those that it needs, as they are written.
    fn keep_stage(&mut self, stage: usize) {
        for number in self.file.chain(stage).into_iter().rev() {
            if self.taken.contains(&number) || self.depth > MAX_DEPTH * 4 {
                continue;
            }
            self.taken.push(number);
            let file = self.file;
            let Some(found) = file.stages.get(number) else { continue };
            for instruction in &found.instructions {
                let (Kind::Copy(copy) | Kind::Add(copy)) = &instruction.kind else { continue };
                if let Some(from) = copy.stage.filter(|from| *from < number) {
                    self.depth += 1;
                    self.keep_stage(from);
                    self.depth -= 1;
                } else if copy.from.is_none() {
                    let read = copy.sources.iter().filter(|s| !s.contains("://"));
                    self.own.stages_read.extend(read.map(|s| (plain(s), instruction.line)));
                }
            }
            let next = file.stages.get(number + 1).map_or(u32::MAX, |s| s.line);
            self.own.stages.push(lines_of(self.text, found.line, next));
        }
    }
}

/// The files of the project that a path of a stage stands for, where that stage compiles: what the build made is not among them.
fn written_there(inner: &[Item], source: &str, to: &str, exists: &dyn Fn(&str) -> bool) -> Option<Item> {
    inner.iter().rev().find_map(|item| {
        let Item::Copy { sources, to: place, line } = item else { return None };
        let place = place.trim_end_matches('/');
        let named = |path: String| Some(Item::Copy { sources: vec![path], to: to.to_owned(), line: *line });
        if source.trim_end_matches('/') == place {
            return Some(Item::Copy { sources: sources.clone(), to: to.to_owned(), line: *line });
        }
        let rest = source.strip_prefix(place).and_then(|rest| rest.strip_prefix('/'))?;
        let all = sources.iter().any(|s| s == ".");
        let below = |folder: &String| format!("{}/{rest}", folder.trim_end_matches('/'));
        // A folder's content is copied, a file under its own name.
        let mut candidates = sources.iter().map(|s| if all { rest.to_owned() } else { below(s) });
        let same = || sources.iter().find(|s| s.rsplit('/').next() == Some(rest)).cloned();
        candidates.find(|path| exists(path)).or_else(same).and_then(named)
    })
}

/// `/app/x` copied from `/app` to `/srv`: `/srv/x`. What lies above the source comes along as it is.
fn moved(place: &str, source: &str, to: &str) -> Option<String> {
    let source = source.trim_end_matches('/');
    let bare = place.trim_end_matches('/');
    if bare == source {
        return Some(to.to_owned());
    }
    if source.strip_prefix(bare).is_some_and(|rest| rest.starts_with('/')) {
        return Some(place.to_owned());
    }
    let rest = place.strip_prefix(source)?.strip_prefix('/')?;
    Some(format!("{}/{rest}", to.trim_end_matches('/')))
}

fn in_folder(item: Item, folder: Option<&str>) -> Item {
    match item {
        Item::Folders(paths) => Item::Folders(paths.iter().map(|p| absolute(folder, p)).collect()),
        other => other,
    }
}

/// The instruction as it is written, continued lines joined.
fn raw(text: &str, stage: &Stage, at: usize) -> String {
    let Some(instruction) = stage.instructions.get(at) else { return String::new() };
    let mut out = String::new();
    for line in text.lines().skip(instruction.line.saturating_sub(1) as usize) {
        let content = line.trim_start();
        if !out.is_empty() && (content.starts_with('#') || content.is_empty()) {
            continue;
        }
        let bare = line.trim_end();
        if let Some(part) = bare.strip_suffix('\\') {
            out.push_str(part.trim());
            out.push(' ');
        } else {
            out.push_str(bare.trim());
            break;
        }
    }
    out
}

/// Lines `first` to before `next`, comments at their end left out.
fn lines_of(text: &str, first: u32, next: u32) -> String {
    let mut lines: Vec<&str> =
        text.lines().skip(first.saturating_sub(1) as usize).take(next.saturating_sub(first) as usize).collect();
    while lines.last().is_some_and(|l| l.trim().is_empty() || l.trim_start().starts_with('#')) {
        lines.pop();
    }
    lines.join("\n")
}

/// The instruction with an absolute target: it may stand in another working folder now.
fn with_target(raw: &str, to: &str) -> String {
    match raw.rsplit_once(char::is_whitespace) {
        Some((front, last)) if !last.ends_with(']') && !last.starts_with('"') => format!("{front} {to}"),
        _ => raw.to_owned(),
    }
}

fn target(folder: Option<&str>, copy: &Copy) -> String {
    let mut to = absolute(folder, &copy.destination);
    let is_folder =
        copy.destination.ends_with('/') || copy.sources.len() > 1 || matches!(copy.destination.as_str(), "." | "./");
    if is_folder && !to.ends_with('/') {
        to.push('/');
    }
    to
}

/// A path in the image made absolute; working folders start at the root.
fn absolute(folder: Option<&str>, path: &str) -> String {
    if path.starts_with('$') {
        return path.to_owned();
    }
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", folder.unwrap_or("")) };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// A path in the build context, without `./`; `.` for all of it.
fn plain(source: &str) -> String {
    let path = absolute(None, source);
    match path.trim_start_matches('/') {
        "" => ".".to_owned(),
        rest if source.ends_with('/') => format!("{rest}/"),
        rest => rest.to_owned(),
    }
}

/// Whether a variable holds what nobody should find in an image.
fn is_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let words: Vec<&str> = name.split('_').collect();
    let has = |word: &str| words.contains(&word);
    let says = has("SECRET")
        || has("PASSWORD")
        || has("PASSWD")
        || has("TOKEN")
        || has("CREDENTIALS")
        || name.ends_with("API_KEY")
        || name.ends_with("ACCESS_KEY")
        || name.ends_with("PRIVATE_KEY")
        || name.ends_with("SECRET_KEY");
    // A path to a secret is none.
    let path = value.starts_with('/') || name.ends_with("_FILE") || name.ends_with("_PATH") || value.is_empty();
    let address = value
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('@'))
        .is_some_and(|(who, _)| who.contains(':') && !who.contains(['/', '$']));
    (says && !path) || address
}

/// A text with the variables in it that are known.
pub(crate) fn filled(text: &str, variables: &BTreeMap<String, String>) -> String {
    let mut out = text.to_owned();
    // Longest names first: `$HOMES` is not `$HOME` with an `S` behind it.
    let mut names: Vec<&String> = variables.keys().collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    for name in names {
        let Some(value) = variables.get(name).filter(|v| v.len() < 1000 && !v.contains('$')) else { continue };
        if out.contains('$') && out.len() < 10_000 {
            out = out.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value);
        }
    }
    out
}

/// A value as a container file writes it.
pub(crate) fn quoted(value: &str) -> String {
    let plain = !value.is_empty() && value.chars().all(|c| c.is_alphanumeric() || "_-./:,=+@%$~{}".contains(c));
    if plain { value.to_owned() } else { format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")) }
}

#[cfg(test)]
mod tests;
