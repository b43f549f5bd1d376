//! `cargo slim-deps`.

use depslim_cli::Program;
use std::process::ExitCode;

fn main() -> ExitCode {
    depslim_cli::main(Program::CargoSlimDeps)
}
