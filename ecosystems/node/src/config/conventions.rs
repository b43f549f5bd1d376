//! How tools make package names out of the words of their configuration: `data/conventions.txt`, parsed.

use globset::{Glob, GlobMatcher};
use std::sync::OnceLock;

/// All tools.
#[derive(Debug)]
pub(super) struct Conventions {
    tools: Vec<Tool>,
}

/// One tool.
#[derive(Debug)]
pub(super) struct Tool {
    /// What it names is for type checkers.
    pub(super) types: bool,
    /// Packages that a key of `package.json` is for.
    pub(super) packages: Vec<&'static str>,
    files: Vec<GlobMatcher>,
    /// Keys of `package.json` that configure it.
    keys: Vec<&'static str>,
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    path: &'static str,
    /// It is about the keys of the object at the path.
    of_keys: bool,
    meaning: Meaning,
}

/// What a string at a path is.
#[derive(Debug)]
pub(super) enum Meaning {
    Ignore,
    Command,
    Names(Vec<Template>),
}

/// How a text becomes a name.
#[derive(Debug)]
pub(super) enum Template {
    /// `x-{}`: the parts around the text.
    Around(&'static str, &'static str),
    /// `FROM=>TO`
    Rewrite(&'static str, &'static str),
}

impl Conventions {
    /// The conventions that ship with depslim.
    pub(super) fn known() -> &'static Self {
        static KNOWN: OnceLock<Conventions> = OnceLock::new();
        KNOWN.get_or_init(|| parse(include_str!("../../data/conventions.txt")).0)
    }

    /// Tools that a file configures.
    pub(super) fn tools_of<'c>(&'c self, path: &str) -> impl Iterator<Item = &'c Tool> {
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        self.tools.iter().filter(move |tool| tool.files.iter().any(|glob| glob.is_match(&name)))
    }

    /// Tools that a key of `package.json` configures.
    pub(super) fn tools_of_key(&self, key: &str) -> Vec<&Tool> {
        self.tools.iter().filter(|tool| tool.keys.contains(&key)).collect()
    }
}

impl Tool {
    /// What a string, or a key, at a path is. Whoever ignores a path ignores what lies below it, unless a longer line knows better.
    pub(super) fn meanings<'c>(&'c self, path: &str, key: bool) -> Vec<&'c Meaning> {
        let exact: Vec<&Line> = self
            .lines
            .iter()
            .filter(|line| line.of_keys == key && (line.path == "*" || ends_with(path, line.path)))
            .collect();
        if !exact.is_empty() {
            return exact.into_iter().map(|line| &line.meaning).collect();
        }
        let ignored =
            self.lines.iter().find(|line| matches!(line.meaning, Meaning::Ignore) && lies_below(path, line.path));
        ignored.map(|line| &line.meaning).into_iter().collect()
    }
}

/// `overrides/extends` ends with `extends`.
fn ends_with(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

/// A part of the path, with the parts that follow, is `above`.
fn lies_below(path: &str, above: &str) -> bool {
    let whole = format!("/{path}/");
    whole.contains(&format!("/{above}/"))
}

impl Template {
    pub(super) fn rewrites(&self) -> bool {
        matches!(self, Self::Rewrite(..))
    }

    /// The name that a text stands for; `None` when it is not of this form.
    pub(super) fn name(&self, text: &str) -> Option<String> {
        let text = text.trim();
        match self {
            Self::Around("", "") => Some(text.to_owned()),
            Self::Around(before, after) => {
                if text.is_empty() || text.starts_with(['.', '/']) || text.contains(char::is_whitespace) {
                    return None;
                }
                // `@types/{}` and other templates with a scope of their own take the name without its scope.
                if before.starts_with('@') {
                    let name = text.strip_prefix('@').map_or_else(|| text.to_owned(), |name| name.replace('/', "__"));
                    return Some(format!("{before}{name}{after}"));
                }
                let Some(scoped) = text.strip_prefix('@') else { return Some(format!("{before}{text}{after}")) };
                Some(match scoped.split_once('/') {
                    None => format!("@{scoped}/{}", format!("{before}{after}").trim_matches('-')),
                    Some((scope, name)) => format!("@{scope}/{before}{name}{after}"),
                })
            }
            Self::Rewrite(from, to) => rewritten(text, from, to),
        }
    }
}

/// `plugin:a/b` by `plugin:{}/*` to what `{}` stands for.
fn rewritten(text: &str, from: &str, to: &'static str) -> Option<String> {
    let Some((before, after)) = from.split_once("{}") else {
        return (text == from).then(|| to.to_owned());
    };
    let rest = text.strip_prefix(before)?;
    let shared = match after.strip_suffix('*') {
        Some("") => rest,
        Some(separator) => &rest[..rest.rfind(separator)?],
        None => rest.strip_suffix(after)?,
    };
    if shared.is_empty() {
        return None;
    }
    match to.split_once("{}") {
        Some(("", after)) => Some(format!("{shared}{after}")),
        // A scope of its own stays in front of the name.
        Some((before, after)) if before.starts_with('@') => Some(format!("{before}{shared}{after}")),
        Some((before, after)) => Template::Around(before, after).name(shared),
        None => Some(to.to_owned()),
    }
}

/// The table, and the lines that can't be used.
fn parse(text: &'static str) -> (Conventions, Vec<&'static str>) {
    let mut tools: Vec<Tool> = Vec::new();
    let mut bad = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        if !line.starts_with(' ') {
            let Some((name, files)) = line.split_once(": ") else {
                bad.push(line);
                continue;
            };
            let mut tool = Tool {
                packages: Vec::new(),
                types: name.ends_with("(types)"),
                files: Vec::new(),
                keys: Vec::new(),
                lines: Vec::new(),
            };
            for file in files.split_whitespace() {
                match (file.strip_prefix("package.json/"), Glob::new(file)) {
                    (Some(key), _) => tool.keys.push(key),
                    (None, Ok(glob)) => tool.files.push(glob.compile_matcher()),
                    (None, Err(_)) => bad.push(line),
                }
            }
            tools.push(tool);
            continue;
        }
        let line = line.trim();
        if let Some(packages) = line.strip_prefix("tool: ") {
            tools.last_mut().into_iter().for_each(|tool| tool.packages = packages.split_whitespace().collect());
            continue;
        }
        let (of_keys, rest) = line.strip_prefix("keys: ").map_or((false, line), |rest| (true, rest));
        let mut words = rest.split_whitespace();
        let (Some(path), Some(tool)) = (words.next(), tools.last_mut()) else {
            bad.push(line);
            continue;
        };
        let words: Vec<&'static str> = words.collect();
        let meaning = match words.as_slice() {
            [] => {
                bad.push(line);
                continue;
            }
            ["ignore"] => Meaning::Ignore,
            ["command"] => Meaning::Command,
            templates => Meaning::Names(
                templates
                    .iter()
                    .filter_map(|template| {
                        if let Some((from, to)) = template.split_once("=>") {
                            return Some(Template::Rewrite(from, to));
                        }
                        let around = template.split_once("{}");
                        if around.is_none() {
                            bad.push(line);
                        }
                        around.map(|(before, after)| Template::Around(before, after))
                    })
                    .collect(),
            ),
        };
        tool.lines.push(Line { path, of_keys, meaning });
    }
    (Conventions { tools }, bad)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn every_line_of_the_table_can_be_used() {
        let (conventions, bad) = parse(include_str!("../../data/conventions.txt"));
        assert_eq!(bad, Vec::<&str>::new());
        assert!(conventions.tools.iter().all(|tool| !tool.lines.is_empty()));
    }
}
