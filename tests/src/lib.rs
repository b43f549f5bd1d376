//! What the stories share: the bundled applications, really installed, and the real binary.

pub mod api;
pub mod bases;
pub mod browser;
pub mod git;
pub mod images;
pub mod node;
pub mod python;
pub mod small;
pub mod system;
pub mod venv;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// Where the tests' tools are: a folder of programs with `uv` and `python`, made by `cargo xtask tools`.
///
/// # Panics
/// When the variable is not set: a test that needs tools and has none fails; it does not pass by doing nothing.
pub fn tools() -> PathBuf {
    match std::env::var_os("DEPSLIM_TEST_TOOLS") {
        Some(folder) => folder.into(),
        None => panic!("DEPSLIM_TEST_TOOLS is not set: run `cargo xtask test`"),
    }
}

/// The depslim binary of this build.
///
/// # Panics
/// When it was not built: `cargo test --workspace` builds it.
pub fn binary() -> PathBuf {
    // Tests lie one folder deeper than programs.
    let own = std::env::current_exe().unwrap_or_default();
    let beside = own.parent().map(Path::to_owned).unwrap_or_default();
    let folder =
        if beside.ends_with("deps") { beside.parent().map(Path::to_owned).unwrap_or_default() } else { beside };
    let binary = folder.join("depslim");
    assert!(binary.exists(), "{} is missing: run `cargo build --workspace` first", binary.display());
    binary
}

/// Runs depslim in a folder, with an environment that holds nothing of the machine's.
///
/// # Panics
/// When it can't be started.
pub fn depslim(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap_or_else(|e| panic!("depslim can't be started: {e}"))
}

/// The command that [`depslim`] runs.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.current_dir(folder).args(arguments).env_clear().env("PATH", path).env("HOME", folder);
    command
}

/// The same with the machine's environment: for what lets a client reach its registry. `uv` is the pinned one.
pub fn with_clients(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    let path = format!("{}:{}", tools().display(), std::env::var("PATH").unwrap_or_default());
    command
        .current_dir(folder)
        .args(arguments)
        .env("PATH", path)
        .env_remove("VIRTUAL_ENV")
        .env_remove("GITHUB_ACTIONS");
    command
}

/// Standard output as text.
pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Standard error as text.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs a client and fails with its words.
///
/// # Panics
/// When it fails.
pub fn run(command: &mut Command) -> String {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().unwrap_or_else(|e| panic!("{program} can't be started: {e}"));
    assert!(output.status.success(), "{program} failed:\n{}\n{}", stdout(&output), stderr(&output));
    stdout(&output)
}

/// The storefront with everything that its lock names installed, made once a run. Tests read it and never write into it.
///
/// # Panics
/// When it can't be installed.
pub fn storefront() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
        let into = binary().parent().map_or_else(PathBuf::new, Path::to_owned).join("stories").join("storefront");
        copy(&root.join("fixtures/apps/storefront"), &into);
        let lock = into.join("uv.lock");
        if !lock.exists() {
            run(uv().current_dir(&into).args(["lock", "--quiet"]));
        }
        run(uv().current_dir(&into).args(["sync", "--frozen", "--quiet"]));
        into
    })
}

/// `uv`, without anything of the caller's environment that would lead it elsewhere.
pub fn uv() -> Command {
    let mut command = Command::new(tools().join("uv"));
    command.env_remove("VIRTUAL_ENV").env("UV_NO_PROGRESS", "1");
    command
}

/// Copies a folder; what is there already is overwritten, nothing is removed.
///
/// # Panics
/// When a file can't be copied.
pub fn copy(from: &Path, into: &Path) {
    let fail = |e: std::io::Error| -> ! { panic!("{e}") };
    fs_err::create_dir_all(into).unwrap_or_else(|e| fail(e));
    for entry in fs_err::read_dir(from).unwrap_or_else(|e| fail(e)) {
        let entry = entry.unwrap_or_else(|e| fail(e));
        let target = into.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs_err::copy(entry.path(), target).map_or_else(|e| fail(e), |_| ());
        }
    }
}

/// Writes files into a new temporary folder.
///
/// # Panics
/// When a file can't be written.
pub fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    for (path, text) in files {
        let path = folder.path().join(path);
        if let Some(parent) = path.parent() {
            fs_err::create_dir_all(parent).unwrap_or_else(|e| panic!("{e}"));
        }
        fs_err::write(path, text).unwrap_or_else(|e| panic!("{e}"));
    }
    folder
}
