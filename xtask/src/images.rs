//! `cargo xtask images`: what images of the bundled applications weigh before and after, built and measured.

use crate::say;
use crate::tools::{call, python_tools, root, target};
use anyhow::Result;
use std::process::Command;

/// Builds what measures, and has it measure: all applications, or those that are named.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let tools = python_tools()?;
    say("building depslim …");
    call(Command::new("cargo").current_dir(root()).args([
        "build",
        "--quiet",
        "--locked",
        "--package",
        "depslim-cli",
        "--package",
        "depslim-tests",
        "--bins",
    ]))?;
    call(Command::new(target().join("debug").join("images")).args(arguments).env("DEPSLIM_TEST_TOOLS", tools))
}
