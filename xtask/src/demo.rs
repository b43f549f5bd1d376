//! `cargo xtask demo`: the bundled application, installed with real packages, and what depslim says of it.

use crate::say;
use crate::tools::{call, python_tools, release_build, root, target};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Sets the application up below `target/demo` and runs depslim on it, with the arguments given.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let application = set_up("storefront")?;
    let binary = release_build(&["--package", "depslim-cli", "--bin", "depslim"])?.join("depslim");
    say(&format!("$ depslim {}\n", application.display()));
    let status = Command::new(binary)
        .arg("check")
        .arg(&application)
        .args(arguments)
        .status()
        .context("depslim can't be started")?;
    // Findings are what a demonstration is for: exit code 1 says that there are some.
    match status.code() {
        Some(0 | 1) => Ok(()),
        _ => anyhow::bail!("depslim failed ({status})"),
    }
}

/// Copies an application of `fixtures/apps` and installs it as its developer would: `uv lock`, `uv sync`.
pub(crate) fn set_up(name: &str) -> Result<PathBuf> {
    let bin = python_tools()?;
    let from = root().join("fixtures").join("apps").join(name);
    let into = target().join("demo").join(name);
    copy(&from, &into)?;
    let uv = || {
        let mut command = Command::new(bin.join("uv"));
        command.current_dir(&into).env_remove("VIRTUAL_ENV").env("UV_NO_PROGRESS", "1");
        command
    };
    if !into.join("uv.lock").exists() {
        say(&format!("locking {name} …"));
        call(uv().args(["lock", "--quiet"]))?;
    }
    say(&format!("installing {name} …"));
    call(uv().args(["sync", "--frozen", "--quiet"]))?;
    Ok(into)
}

fn copy(from: &Path, into: &Path) -> Result<()> {
    fs_err::create_dir_all(into)?;
    for entry in fs_err::read_dir(from)? {
        let entry = entry?;
        let target = into.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs_err::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
