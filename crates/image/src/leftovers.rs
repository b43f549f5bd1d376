//! What a container file leaves in the image that only its build needs: compilers, headers, caches of package managers.

use depslim_formats::dockerfile::{Dockerfile, Form, Kind};
use depslim_formats::shell;
use std::collections::BTreeMap;

/// A kind of leftovers of one container file, with the lines that leave them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// Which kind; also a stable key.
    pub kind: Kept,
    /// The lines: number, and what is left.
    pub lines: Vec<(u32, String)>,
}

/// Kinds of leftovers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kept {
    /// Compilers and headers.
    Tools,
    /// Lists and caches of the system's package manager.
    Lists,
    /// The cache of the language's client.
    Cache,
    /// Files that an earlier layer has already, with another owner or mode.
    Doubled,
}

impl Kept {
    /// A word for it that does not change.
    pub fn key(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Lists => "lists",
            Self::Cache => "cache",
            Self::Doubled => "doubled",
        }
    }
}

/// Packages of compilers and build tools, whatever distribution.
const TOOLS: &[&str] = &[
    "gcc",
    "g++",
    "clang",
    "build-essential",
    "build-base",
    "make",
    "cmake",
    "ninja-build",
    "autoconf",
    "automake",
    "libtool",
    "gfortran",
    "rustc",
    "cargo",
    "golang",
    "golang-go",
    "pkg-config",
    "pkgconf",
    "swig",
];

/// Whether a system package is a compiler, a build tool, or headers.
pub(crate) fn is_build_tool(package: &str) -> bool {
    package.ends_with("-dev") || TOOLS.contains(&package) || package.starts_with("gcc-") || package.starts_with("g++-")
}

/// Reads the stages that ship; `ships` tells it of the line of an instruction.
pub fn leftovers(file: &Dockerfile, ships: &dyn Fn(u32) -> bool) -> Vec<Leftover> {
    let mut found: BTreeMap<Kept, Vec<(u32, String)>> = BTreeMap::new();
    for stage in &file.stages {
        let mut variables = BTreeMap::new();
        let mut copied: Vec<String> = Vec::new();
        let mut folder = "/".to_owned();
        for instruction in stage.instructions.iter().filter(|i| !i.on_build) {
            match &instruction.kind {
                Kind::Env(set) | Kind::Arg(set) => {
                    variables.extend(set.iter().filter_map(|v| Some((v.name.clone(), v.value.clone()?))));
                }
                Kind::Workdir(path) => folder = inside(&folder, path),
                Kind::Copy(copy) | Kind::Add(copy) => copied.push(inside(&folder, &copy.destination)),
                Kind::Run { command, mounts } if ships(instruction.line) => {
                    let run = Run::of(command, mounts, &variables, instruction.line);
                    for (line, path) in run.changes_owners() {
                        let path = inside(&folder, &path);
                        let under = |file: &String| {
                            path == "/" || file == &path || file.strip_prefix(&path).is_some_and(|r| r.starts_with('/'))
                        };
                        if copied.iter().any(|c| under(c) || path.starts_with(&format!("{}/", c.trim_end_matches('/'))))
                        {
                            found.entry(Kept::Doubled).or_default().push((line, path));
                        }
                    }
                    for (kind, line, what) in run.left() {
                        found.entry(kind).or_default().push((line, what));
                    }
                }
                _ => {}
            }
        }
    }
    found.into_iter().map(|(kind, lines)| Leftover { kind, lines }).collect()
}

/// A path of the image made absolute.
fn inside(folder: &str, path: &str) -> String {
    let whole =
        if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", folder.trim_end_matches('/')) };
    let plain: Vec<&str> = whole.split('/').filter(|p| !p.is_empty() && *p != ".").collect();
    format!("/{}", plain.join("/"))
}

/// One `RUN`: it makes one layer, so what it removes itself is gone, and what a later one removes is not.
struct Run<'a> {
    commands: Vec<shell::Simple>,
    mounts: &'a [String],
    variables: &'a BTreeMap<String, String>,
}

impl<'a> Run<'a> {
    fn of(form: &Form, mounts: &'a [String], variables: &'a BTreeMap<String, String>, line: u32) -> Self {
        let commands = match form {
            Form::Exec(words) => shell::exec(words, line, variables),
            Form::Shell { text, line } => shell::read_at(text, *line, variables).commands,
        };
        Self { commands, mounts, variables }
    }

    /// Paths whose owners or modes it changes with all that lies below them.
    fn changes_owners(&self) -> Vec<(u32, String)> {
        let mut found = Vec::new();
        for command in &self.commands {
            let program = command.words.first().map(|p| shell::base_name(p)).unwrap_or_default();
            let deep = command
                .words
                .iter()
                .any(|w| w.starts_with('-') && !w.starts_with("--") && w.contains('R') || w == "--recursive");
            if matches!(program, "chown" | "chgrp" | "chmod") && deep {
                // Options, then the owner or mode, then the paths.
                let paths = command.words.iter().skip(1).filter(|w| !w.starts_with('-')).skip(1);
                found.extend(paths.filter(|p| !p.contains('$')).map(|p| (command.line, p.clone())));
            }
        }
        found
    }

    fn left(&self) -> Vec<(Kept, u32, String)> {
        let mut left = Vec::new();
        for command in &self.commands {
            let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
            let Some((program, rest)) = words.split_first() else { continue };
            let verb = rest.iter().find(|w| !w.starts_with('-')).copied().unwrap_or_default();
            match (shell::base_name(program), verb) {
                ("apt-get" | "apt" | "aptitude", "install") => {
                    self.tools(rest, command.line, &mut left);
                    if !self.removes("/var/lib/apt/lists") && !self.mounted("/var/lib/apt") {
                        left.push((Kept::Lists, command.line, "the package lists of apt".to_owned()));
                    }
                }
                ("apk", "add") => {
                    self.tools(rest, command.line, &mut left);
                    if !rest.contains(&"--no-cache")
                        && !self.removes("/var/cache/apk")
                        && !self.mounted("/var/cache/apk")
                        && !self.mounted("/etc/apk/cache")
                    {
                        left.push((Kept::Lists, command.line, "the index of apk".to_owned()));
                    }
                }
                _ => self.cache(&words, command, &mut left),
            }
        }
        left
    }

    fn tools(&self, words: &[&str], line: u32, left: &mut Vec<(Kept, u32, String)>) {
        let name = |word: &str| word.split(['=', '~', '<', '>', '/']).next().unwrap_or(word).to_owned();
        let tools: Vec<String> =
            words.iter().filter(|w| !w.starts_with('-')).map(|w| name(w)).filter(|w| is_build_tool(w)).collect();
        let virtual_set =
            words.iter().position(|w| *w == "--virtual" || *w == "-t").and_then(|at| words.get(at + 1)).copied();
        let virtual_set = virtual_set.or_else(|| words.iter().find_map(|w| w.strip_prefix("--virtual=")));
        let kept: Vec<String> = tools.into_iter().filter(|tool| !self.uninstalls(tool, virtual_set)).collect();
        if !kept.is_empty() {
            left.push((Kept::Tools, line, kept.join(", ")));
        }
    }

    /// Whether the same layer takes a package away again.
    fn uninstalls(&self, package: &str, virtual_set: Option<&str>) -> bool {
        self.commands.iter().any(|command| {
            let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
            let removing = words.iter().any(|w| ["purge", "remove", "autoremove", "del"].contains(w));
            // A computed list (`apt-mark showmanual`) can't be followed: whoever writes one clears up.
            let computed = words.iter().any(|w| w.contains('$') || *w == "autoremove" || *w == "--auto-remove");
            removing && (computed || words.contains(&package) || virtual_set.is_some_and(|set| words.contains(&set)))
        })
    }

    fn cache(&self, words: &[&str], command: &shell::Simple, left: &mut Vec<(Kept, u32, String)>) {
        let has = |word: &str| words.contains(&word);
        let program = words.first().map(|p| shell::base_name(p)).unwrap_or_default();
        let module = words.iter().position(|w| *w == "-m").and_then(|at| words.get(at + 1)).copied();
        let client = module.filter(|_| program.starts_with("python")).unwrap_or(program);
        let set = |name: &str| {
            let here = command.assignments.iter().find(|(n, _)| n == name).map(|(_, v)| v);
            here.or_else(|| self.variables.get(name))
                .is_some_and(|v| !["", "0", "false", "off", "no"].contains(&v.to_ascii_lowercase().as_str()))
        };
        let (what, off) = match client {
            _ if client.starts_with("pip") && has("install") => {
                ("pip", has("--no-cache-dir") || set("PIP_NO_CACHE_DIR"))
            }
            "uv" if has("sync") || has("install") => ("uv", has("--no-cache") || has("-n") || set("UV_NO_CACHE")),
            "poetry" if has("install") => ("pypoetry", has("--no-cache") || set("POETRY_NO_CACHE")),
            _ => return,
        };
        let cleared = self.removes(".cache")
            || self.commands.iter().any(|c| c.words.iter().any(|w| w == "purge" || w == "clean" || w == "cache"));
        if !off && !cleared && !self.mounted(".cache") {
            left.push((
                Kept::Cache,
                command.line,
                format!("the cache of {}", if what == "pypoetry" { "poetry" } else { what }),
            ));
        }
    }

    /// Whether the same layer removes a path.
    fn removes(&self, path: &str) -> bool {
        self.commands.iter().any(|c| {
            c.words.first().is_some_and(|p| p == "rm" || p == "find") && c.words.iter().any(|w| w.contains(path))
        })
    }

    /// Whether a mount keeps a path out of the layer.
    fn mounted(&self, path: &str) -> bool {
        let field = |mount: &str, names: &[&str]| {
            let mut fields = mount.split(',').filter_map(|part| part.split_once('='));
            fields.find(|(name, _)| names.contains(name)).map(|(_, value)| value.to_owned())
        };
        self.mounts.iter().any(|mount| {
            let out_of_layer = field(mount, &["type"]).is_some_and(|kind| kind == "cache" || kind == "tmpfs");
            out_of_layer && field(mount, &["target", "dst", "destination"]).is_some_and(|target| target.contains(path))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expect: &[(&str, u32, &str)]) {
        let file = depslim_formats::dockerfile::read(&format!("FROM python:3.12\n{text}"));
        let found = leftovers(&file, &|_| true);
        let shown: Vec<(&str, u32, &str)> = found
            .iter()
            .flat_map(|l| l.lines.iter().map(|(line, what)| (l.kind.key(), *line, what.as_str())))
            .collect();
        assert_eq!(shown, expect, "{text}");
    }

    #[test]
    fn compilers_and_headers() {
        check(
            "RUN apt-get update && apt-get install -y --no-install-recommends gcc=4:12 libpq-dev libpq5 \\\n && rm -rf /var/lib/apt/lists/*\n",
            &[("tools", 2, "gcc, libpq-dev")],
        );
        check(
            "RUN apt-get update && apt-get install -y gcc && pip install --no-cache-dir x && apt-get purge -y gcc && rm -rf /var/lib/apt/lists/*\n",
            &[],
        );
        check(
            "RUN apk add --no-cache --virtual .build gcc musl-dev && pip install --no-cache-dir x && apk del .build\n",
            &[],
        );
        check("RUN apk add --no-cache build-base\nRUN apk del build-base\n", &[("tools", 2, "build-base")]);
    }

    #[test]
    fn lists_of_package_managers() {
        check("RUN apt-get update\nRUN apt-get install -y libpq5\n", &[("lists", 3, "the package lists of apt")]);
        check("RUN --mount=type=cache,target=/var/lib/apt apt-get update && apt-get install -y libpq5\n", &[]);
        check("RUN apk add libpq\n", &[("lists", 2, "the index of apk")]);
    }

    #[test]
    fn owners_of_files_that_are_there_already() {
        check("WORKDIR /srv\nCOPY . .\nRUN useradd x && chown -R x:x /srv\n", &[("doubled", 4, "/srv")]);
        check(
            "COPY a /srv/a\nRUN chown -Rh x . && chmod --recursive 755 /srv\n",
            &[("doubled", 3, "/"), ("doubled", 3, "/srv")],
        );
        check("COPY . /srv\nRUN mkdir /data && chown -R x /data && chown x /srv\n", &[]);
        check("RUN mkdir /srv && chown -R x /srv\nCOPY . /srv\n", &[]);
    }

    #[test]
    fn caches_of_clients() {
        check("RUN pip install -r requirements.txt\n", &[("cache", 2, "the cache of pip")]);
        check("RUN python3 -m pip install x\n", &[("cache", 2, "the cache of pip")]);
        check("RUN --mount=type=cache,target=/root/.cache/pip pip install x\n", &[]);
        check("ENV PIP_NO_CACHE_DIR=1\nRUN pip install x\n", &[]);
        check("ENV PIP_NO_CACHE_DIR=off\nRUN pip install x\n", &[("cache", 3, "the cache of pip")]);
        check("RUN pip install x && rm -rf ~/.cache\n", &[]);
        check("RUN uv sync --frozen\n", &[("cache", 2, "the cache of uv")]);
        check("RUN poetry install --only main --no-cache\n", &[]);
    }

    #[test]
    fn stages_that_do_not_ship_may_keep_anything() {
        let file = depslim_formats::dockerfile::read(
            "FROM python:3.12 AS build\nRUN apt-get install gcc\nFROM python:3.12-slim\nRUN pip install x\n",
        );
        let found = leftovers(&file, &|line| line > 3);
        assert_eq!(found.iter().map(|l| l.kind).collect::<Vec<_>>(), [Kept::Cache]);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(.{0,40}\n){0,5}") {
            let file = depslim_formats::dockerfile::read(&format!("FROM x\nRUN {text}"));
            let _ = leftovers(&file, &|_| true);
        }
    }
}
