//! What a run loads: the ecosystem's own hooks, and every file that is opened where `strace` may look on.

use crate::copy::Slim;
use crate::tree::made_from;
use depslim_model::proof::Watching;
use fs_err as fs;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How a run is watched.
#[derive(Debug)]
pub(crate) struct Watch {
    watching: Watching,
    scratch: PathBuf,
    /// `strace`, where it may look on.
    tracer: Option<PathBuf>,
}

/// What a run loaded.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// Files of what is installed, where they lie.
    pub(crate) files: BTreeSet<PathBuf>,
    /// How that is known, for people.
    pub(crate) how: &'static str,
}

impl Watch {
    /// Puts in place what it takes; `None` where there is no way to watch.
    pub(crate) fn new(slim: &Slim<'_>, watching: Watching) -> io::Result<Option<Self>> {
        let scratch = slim.scratch();
        for (name, text) in &watching.files {
            let path = scratch.join(name);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(path, text)?;
        }
        if !watching.into.is_empty() {
            let into = scratch.join(&watching.into);
            let _ = fs::remove_dir_all(&into);
            fs::create_dir_all(into)?;
        }
        let tracer = program("strace").filter(|_| !watching.opens_all);
        let mut watch = Self { watching, scratch, tracer };
        // Nobody may look on where the kernel or a container says so.
        if watch.tracer.is_some() {
            let mut trial = slim.command(&["true".to_owned()], Some(&watch));
            trial.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            if !trial.status().is_ok_and(|status| status.success()) {
                watch.tracer = None;
            }
        }
        Ok(Some(watch).filter(|watch| watch.tracer.is_some() || !watch.watching.into.is_empty()))
    }

    /// The command that runs `words` under watch.
    pub(crate) fn around(&self, words: &[String]) -> Vec<String> {
        let Some(tracer) = &self.tracer else { return words.to_vec() };
        let into = self.scratch.join(TRACE).to_string_lossy().into_owned();
        let mut all: Vec<String> = vec![tracer.to_string_lossy().into_owned()];
        all.extend(["-f", "-qq", "-y", "-z", "-e", CALLS, "-o"].map(str::to_owned));
        all.extend([into, "--".to_owned()]);
        all.extend(words.iter().cloned());
        all
    }

    /// Sets the variables of the hooks, beside what the run has in them.
    pub(crate) fn variables(&self, command: &mut Command) {
        for (name, value, between) in &self.watching.variables {
            let has = command.get_envs().find(|(key, _)| *key == name.as_str()).map(|(_, value)| value.map(Into::into));
            let has: Option<std::ffi::OsString> = has.unwrap_or_else(|| std::env::var_os(name));
            let joined = match has.filter(|has| !has.is_empty() && !between.is_empty()) {
                Some(has) => format!("{value}{between}{}", has.to_string_lossy()),
                None => value.clone(),
            };
            command.env(name, joined);
        }
    }

    /// What the run has loaded.
    pub(crate) fn loaded(
        &self,
        slim: &Slim<'_>,
        told: fn(&str) -> Option<String>,
        from: fn(&str) -> Option<String>,
    ) -> Loaded {
        let mut paths: BTreeSet<PathBuf> = BTreeSet::new();
        if !self.watching.into.is_empty() {
            for entry in fs::read_dir(self.scratch.join(&self.watching.into)).into_iter().flatten().flatten() {
                let text = fs::read(entry.path()).unwrap_or_default();
                paths.extend(String::from_utf8_lossy(&text).lines().filter_map(told).map(PathBuf::from));
            }
        }
        let trace = fs::read(self.scratch.join(TRACE)).unwrap_or_default();
        paths.extend(String::from_utf8_lossy(&trace).lines().filter_map(opened).map(PathBuf::from));
        let mut files = BTreeSet::new();
        for path in paths.iter().filter_map(|path| slim.original(path)) {
            // Hooks name files as programs do: through links.
            let path = fs::canonicalize(&path).unwrap_or(path);
            if let Some(source) = made_from(&path, from) {
                files.insert(source);
            }
            files.insert(path);
        }
        let how = match (&self.tracer, self.watching.into.is_empty()) {
            (Some(_), true) => "every file that it opens (strace)",
            (Some(_), false) => {
                "what the language's runtime says that it loads, and every file that is opened (strace)"
            }
            (None, _) if self.watching.opens_all => "what the language's runtime says that it loads",
            (None, _) => "what the language's runtime says that it loads; strace would see every file",
        };
        Loaded { files, how }
    }
}

const TRACE: &str = "opened.txt";

/// What opens or starts a file.
const CALLS: &str = "trace=?open,openat,?openat2,execve,?execveat";

/// The file that a line of a trace opens for reading or starts.
fn opened(line: &str) -> Option<String> {
    if ["O_DIRECTORY", "O_WRONLY", "O_CREAT"].iter().any(|flag| line.contains(flag)) {
        return None;
    }
    if line.contains("execve") {
        return line.split('"').nth(1).map(str::to_owned);
    }
    // What a call gave stands at the end, with the path behind the number.
    let (_, result) = line.rsplit_once(" = ")?;
    let (_, path) = result.split_once('<')?;
    path.trim_end().strip_suffix('>').filter(|path| path.starts_with('/')).map(str::to_owned)
}

/// A program of the machine.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| Path::is_file(program))
}

#[cfg(test)]
mod tests {
    use super::opened;

    #[test]
    fn lines_of_a_trace_name_files() {
        for (line, expect) in [
            ("7 openat(AT_FDCWD</app>, \"x/y.py\", O_RDONLY|O_CLOEXEC) = 3</app/x/y.py>", Some("/app/x/y.py")),
            ("7 openat(AT_FDCWD</app>, \"x\", O_RDONLY|O_DIRECTORY) = 3</app/x>", None),
            ("7 openat(AT_FDCWD</app>, \"log\", O_WRONLY|O_CREAT, 0644) = 3</app/log>", None),
            ("7 <... openat resumed>) = 4</usr/lib/libz.so.1>", Some("/usr/lib/libz.so.1")),
            ("7 execve(\"/app/.venv/bin/tool\", [\"tool\"], 0x7ff /* 3 vars */) = 0", Some("/app/.venv/bin/tool")),
            ("7 +++ exited with 0 +++", None),
            ("", None),
        ] {
            assert_eq!(opened(line).as_deref(), expect, "{line}");
        }
    }
}
