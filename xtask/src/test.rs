//! `cargo xtask test`: everything that has to hold, in the order of what it costs.

use crate::tools::{call, install, root, target};
use crate::{say, tidy};
use anyhow::Result;
use std::process::Command;

/// Turns the tests on that install real packages; without it they are left out, and `cargo test` says so.
const REAL_INSTALLS: &str = "DEPSLIM_TEST_TOOLS";

/// A folder with installed packages, on which the two readers of Python source have to agree.
const CORPUS: &str = "DEPSLIM_CORPUS";

/// Where the pictures of the documentation are kept.
const PICTURES: &str = "DEPSLIM_PICTURES";

pub(crate) fn run() -> Result<()> {
    let tools = install()?;
    step("formatting");
    call(cargo().args(["fmt", "--all", "--check"]))?;
    step("house rules");
    tidy::run()?;
    step("licences and bans");
    // The checker asks about all platforms' packages, and a build fetches only this one's.
    call(cargo().args(["fetch", "--quiet", "--locked"]))?;
    call(Command::new(&tools.deny).current_dir(root()).args(["--offline", "check", "licenses", "bans", "sources"]))?;
    step("lints");
    call(cargo().args(["clippy", "--quiet", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))?;
    step("the fuzz target compiles");
    let fuzz = root().join("fuzz").join("Cargo.toml");
    call(cargo().args(["check", "--quiet", "--manifest-path"]).arg(fuzz).arg("--target-dir").arg(target()))?;
    step("tests, with real packages");
    let corpus = tools.python.parent().map(|venv| venv.join("lib")).unwrap_or_default();
    // Whoever waited for all of them wants to see all that fail.
    call(
        cargo()
            .args(["test", "--workspace", "--locked", "--no-fail-fast", "--", "--include-ignored"])
            .env(REAL_INSTALLS, &tools.python)
            .env(CORPUS, &corpus),
    )?;
    step("done");
    Ok(())
}

/// Takes the pictures of the documentation: a test opens the report in a browser, and keeps what it sees.
pub(crate) fn pictures() -> Result<()> {
    call(cargo().args(["build", "--package", "depslim-cli"]))?;
    let test = ["test", "--package", "depslim-tests", "--test", "page", "--", "--include-ignored", "pictures_show"];
    call(cargo().args(test).env(PICTURES, root().join("docs")))
}

fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root());
    command
}

fn step(name: &str) {
    say(&format!("== {name}"));
}
