//! Questions to git, by its plumbing alone: which commit is meant, which files it has, what is in them.
//!
//! A repository's configuration may name programs (hooks, a file-system monitor, filters, pagers, credential helpers, transports).
//! Nothing of the user's or the system's configuration is read here; what the repository's own could start is switched off or not
//! asked for: no work tree is compared, no filter is applied, nothing is fetched.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// Larger contents are no manifests and no sources.
const LARGEST: u64 = 64 * 1024 * 1024;

/// What a repository's configuration may not decide here.
const SETTINGS: &[&str] = &[
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.askPass=",
    "core.sshCommand=false",
    "core.gitProxy=",
    "core.alternateRefsCommand=",
    "core.untrackedCache=false",
    "credential.helper=",
    "diff.external=",
    "protocol.allow=never",
    "submodule.recurse=false",
    "gc.auto=0",
    "maintenance.auto=false",
];

/// A repository.
#[derive(Debug)]
pub(super) struct Git {
    program: PathBuf,
    /// Where programs are looked for, without folders that are given relative to the current one.
    path: OsString,
    /// `.git`.
    folder: PathBuf,
    /// The work tree.
    pub(super) top: PathBuf,
}

/// A file of a commit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Name of its content.
    pub(super) object: String,
    /// True for a link.
    pub(super) link: bool,
    /// Path from the folder that was asked about.
    pub(super) path: String,
}

impl Git {
    /// The repository around a folder.
    ///
    /// # Errors
    /// When there is none, or no git to ask.
    pub(super) fn around(root: &Path) -> Result<Self, String> {
        let top = root.ancestors().find(|folder| folder.join(".git").exists());
        let top = top.ok_or_else(|| format!("{} is in no git repository", root.display()))?.to_owned();
        let marker = top.join(".git");
        let folder = if marker.is_dir() { marker } else { linked(&top, &marker)? };
        // A folder given relative to the current one could be the project's own.
        let folders = std::env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = std::env::split_paths(&folders).filter(|folder| folder.is_absolute()).collect();
        let name = if cfg!(windows) { "git.exe" } else { "git" };
        let program = folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file());
        let program = program.ok_or("git is not installed; compare with a report file instead")?;
        let path = std::env::join_paths(folders).unwrap_or_default();
        Ok(Self { program, path, folder, top })
    }

    /// The commit that a reference means.
    ///
    /// # Errors
    /// When there is no such commit.
    pub(super) fn commit(&self, reference: &str) -> Result<String, String> {
        let nothing = || {
            let shallow = if self.folder.join("shallow").exists() {
                "; this clone has no full history: git fetch --unshallow, or fetch-depth: 0 in actions/checkout"
            } else {
                "; git fetch may bring it"
            };
            format!("`{reference}` is neither a report file nor a commit of this repository{shallow}")
        };
        if reference.starts_with('-') || reference.contains(['\n', '\0']) {
            return Err(nothing());
        }
        let asked = format!("{reference}^{{commit}}");
        let said = self.ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", &asked]);
        name(&said?.stdout).ok_or_else(nothing)
    }

    /// Where the present commit and another one parted.
    pub(super) fn fork_point(&self, commit: &str) -> Option<String> {
        let said = self.ask(&["merge-base", "--end-of-options", "HEAD", commit]).ok()?;
        name(&said.stdout)
    }

    /// The files of a commit below a folder of the work tree.
    ///
    /// # Errors
    /// When git can't tell.
    pub(super) fn files(&self, commit: &str, below: &Path) -> Result<Vec<Entry>, String> {
        let below = below.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        let what = if below.is_empty() { commit.to_owned() } else { format!("{commit}:{below}") };
        let said = self.ask(&["ls-tree", "-r", "-z", "--full-tree", "--end-of-options", &what])?;
        if !said.status.success() {
            // The folder is new.
            let known = self.ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", &what])?;
            return if known.status.success() { Err(failure(&said)) } else { Ok(Vec::new()) };
        }
        Ok(said.stdout.split(|byte| *byte == 0).filter_map(entry).collect())
    }

    /// Hands over the contents of objects, in the order of the list.
    ///
    /// # Errors
    /// When one of them is not in this clone, or `take` fails.
    pub(super) fn contents(
        &self,
        objects: &[&str],
        mut take: impl FnMut(usize, Vec<u8>) -> std::io::Result<()>,
    ) -> Result<(), String> {
        if objects.is_empty() {
            return Ok(());
        }
        let mut child = self
            .command(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("git can't be started: {error}"))?;
        let (Some(mut into), Some(out)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("git has no streams".to_owned());
        };
        let list = objects.join("\n") + "\n";
        // Both pipes have an end to their room: one side writes while the other reads.
        let read = std::thread::scope(|scope| {
            scope.spawn(move || into.write_all(list.as_bytes()));
            answers(&mut BufReader::new(out), objects, &mut take)
        });
        end(&mut child);
        read
    }

    fn ask(&self, words: &[&str]) -> Result<Output, String> {
        let mut command = self.command(words);
        command.stdin(Stdio::null()).output().map_err(|error| format!("git can't be started: {error}"))
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.top).env_clear().env("PATH", &self.path);
        for keep in ["SYSTEMROOT", "TMPDIR", "TEMP"] {
            if let Some(value) = std::env::var_os(keep) {
                command.env(keep, value);
            }
        }
        // Where the repository is given, git neither looks for one nor asks who owns it.
        command.env("GIT_DIR", &self.folder).env("GIT_WORK_TREE", &self.top).env("LC_ALL", "C");
        for (name, value) in [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_SYSTEM", "/dev/null"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_ATTR_NOSYSTEM", "1"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            ("GIT_ALLOW_PROTOCOL", ""),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_LITERAL_PATHSPECS", "1"),
        ] {
            command.env(name, value);
        }
        command.arg("--no-pager");
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command.args(words);
        command
    }
}

/// The folder that a work tree's `.git` file names (gitrepository-layout(5)).
fn linked(top: &Path, marker: &Path) -> Result<PathBuf, String> {
    let text = fs_err::read_to_string(marker).map_err(|error| error.to_string())?;
    let folder =
        text.trim().strip_prefix("gitdir: ").ok_or_else(|| format!("{}: names no folder", marker.display()))?;
    Ok(top.join(folder))
}

/// A full object name, which is all that git said.
fn name(said: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(said).ok()?.trim();
    let is_name = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_name.then(|| text.to_owned())
}

/// `100644 blob 1f7a7a47…\tapp/main.py`
fn entry(record: &[u8]) -> Option<Entry> {
    let text = std::str::from_utf8(record).ok()?;
    let (about, path) = text.split_once('\t')?;
    let mut words = about.split(' ');
    let (mode, kind, object) = (words.next()?, words.next()?, words.next()?);
    // What a tree may hold, but no checkout would make.
    let strange =
        |part: &str| matches!(part, "" | "." | "..") || part.contains('\\') || part.eq_ignore_ascii_case(".git");
    if kind != "blob" || path.split('/').any(strange) {
        return None;
    }
    Some(Entry { object: object.to_owned(), link: mode == "120000", path: path.to_owned() })
}

/// What `cat-file --batch` answers: a line `NAME blob SIZE`, the content, a line break; or `NAME missing`.
fn answers(
    out: &mut impl BufRead,
    objects: &[&str],
    take: &mut impl FnMut(usize, Vec<u8>) -> std::io::Result<()>,
) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("git's answer can't be read: {error}");
    for (at, object) in objects.iter().enumerate() {
        let mut line = String::new();
        out.read_line(&mut line).map_err(failed)?;
        let size = line.trim_end().strip_prefix(object).and_then(|rest| rest.strip_prefix(" blob "));
        let Some(size) = size.and_then(|size| size.parse::<u64>().ok()) else {
            return Err(format!("object {object} of the base is not in this clone; git fetch brings it"));
        };
        let mut content = Vec::new();
        let read = out.take(size.min(LARGEST)).read_to_end(&mut content).map_err(failed)? as u64;
        let whole = size.saturating_add(1);
        let rest = std::io::copy(&mut out.take(whole - read), &mut std::io::sink()).map_err(failed)?;
        if read.saturating_add(rest) != whole {
            return Err("git ended before its answer did".to_owned());
        }
        take(at, content).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn failure(said: &Output) -> String {
    let text = String::from_utf8_lossy(&said.stderr);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("no message");
    format!("git: {}", line.trim().trim_start_matches("fatal: "))
}

fn end(child: &mut Child) {
    // It has nothing more to say: that it is gone already is no failure.
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "1111111111111111111111111111111111111111";

    #[test]
    fn records_of_a_tree_are_read() {
        let path = |record: &str| entry(record.as_bytes()).map(|entry| (entry.path, entry.link));
        let of = |mode: &str, kind: &str, path: &str| format!("{mode} {kind} {ONE}\t{path}");
        assert_eq!(path(&of("100644", "blob", "app/main file.py")), Some(("app/main file.py".to_owned(), false)));
        assert_eq!(path(&of("120000", "blob", "link")), Some(("link".to_owned(), true)));
        for (mode, kind, name) in [
            ("160000", "commit", "module"),
            ("100644", "blob", "../outside"),
            ("100644", "blob", "a/../b"),
            ("100644", "blob", "/etc/passwd"),
            ("100644", "blob", ".git/config"),
            ("100644", "blob", "a/.GIT/config"),
            ("100644", "blob", "a\\..\\b"),
        ] {
            assert_eq!(path(&of(mode, kind, name)), None, "{name}");
        }
        assert_eq!(path("nonsense"), None);
    }

    #[test]
    fn answers_are_taken_apart() {
        let read = |text: &str| {
            let mut found = Vec::new();
            let result = answers(&mut text.as_bytes(), &[ONE, ONE], &mut |_, content| {
                found.push(String::from_utf8_lossy(&content).into_owned());
                Ok(())
            });
            (result.err(), found)
        };
        assert_eq!(
            read(&format!("{ONE} blob 3\na\nb\n{ONE} blob 0\n\n")),
            (None, vec!["a\nb".to_owned(), String::new()])
        );
        let missing = format!("object {ONE} of the base is not in this clone; git fetch brings it");
        assert_eq!(read(&format!("{ONE} missing\n")), (Some(missing), Vec::new()));
        assert_eq!(read(&format!("{ONE} blob 9\nabc")).0.as_deref(), Some("git ended before its answer did"));
        assert!(read(&format!("{ONE} blob 18446744073709551615\nabc")).0.is_some());
    }

    #[test]
    fn only_whole_names_are_names() {
        assert_eq!(name(format!("{ONE}\n").as_bytes()).as_deref(), Some(ONE));
        for text in ["", "main", "1111", "\u{fffd}"] {
            assert_eq!(name(text.as_bytes()), None, "{text}");
        }
    }
}
