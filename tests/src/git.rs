//! Repositories that the tests make, without anything of the machine's configuration.

use crate::run;
use std::path::Path;
use std::process::Command;

/// `git` in a folder; nobody's configuration but the repository's own.
pub fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).env_remove("GIT_DIR").env_remove("GIT_WORK_TREE");
    for (name, value) in [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_AUTHOR_NAME", "Robin"),
        ("GIT_AUTHOR_EMAIL", "robin@example.invalid"),
        ("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z"),
        ("GIT_COMMITTER_NAME", "Robin"),
        ("GIT_COMMITTER_EMAIL", "robin@example.invalid"),
        ("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z"),
    ] {
        command.env(name, value);
    }
    command
}

/// A new repository, whose first branch is `main`.
///
/// # Panics
/// When git can't make it.
pub fn init(folder: &Path) {
    run(git(folder).args(["init", "--quiet", "--initial-branch", "main"]));
}

/// Commits everything; gives the commit.
///
/// # Panics
/// When git can't.
pub fn commit(folder: &Path, message: &str) -> String {
    run(git(folder).args(["add", "--all"]));
    run(git(folder).args(["commit", "--quiet", "--message", message]));
    head(folder)
}

/// The commit that is checked out.
///
/// # Panics
/// When there is none.
pub fn head(folder: &Path) -> String {
    run(git(folder).args(["rev-parse", "HEAD"])).trim().to_owned()
}

/// Writes a file and the folders above it.
///
/// # Panics
/// When it can't be written.
pub fn put(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    if let Some(parent) = path.parent() {
        fs_err::create_dir_all(parent).unwrap_or_else(|e| panic!("{e}"));
    }
    fs_err::write(path, text).unwrap_or_else(|e| panic!("{e}"));
}
