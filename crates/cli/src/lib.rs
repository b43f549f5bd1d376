//! The depslim command: flags, configuration, exit codes, what goes to which stream. What it prints is made by
//! `depslim-report`, what it knows by `depslim`.
//!
//! Standard output is the result; standard error is progress and messages. A run ends with one of the codes of
//! [`depslim_model::exit`].

mod args;
mod clock;
mod command;
mod config;
mod fix;
mod forge;
mod origin;
mod panic;
mod progress;
mod session;
mod several;
mod stop;
mod suggest;
mod terminal;
mod write;

pub use args::Program;

use args::Command;
use depslim_model::exit;
use session::Session;
use std::ffi::OsString;
use std::process::ExitCode;
use stop::{Outcome, Stop};

/// Runs a program with the process's arguments, from start to exit code.
pub fn main(program: Program) -> ExitCode {
    panic::install();
    let outcome = std::panic::catch_unwind(|| run(program, std::env::args_os().collect()));
    let code = match outcome {
        Ok(Ok(code)) => code,
        Ok(Err(Stop::Closed)) => exit::CLEAN,
        Ok(Err(Stop::Message(code, lines))) => {
            for line in lines {
                write::say(format_args!("depslim: {line}"));
            }
            code
        }
        // The hook has said all there is to say.
        Err(_) => exit::ERROR,
    };
    ExitCode::from(code)
}

fn run(program: Program, arguments: Vec<OsString>) -> Outcome {
    let cli = match args::parse(program, arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results, wrong usage is a message: clap knows which stream is whose.
            error.print()?;
            return Ok(if error.use_stderr() { exit::ERROR } else { exit::CLEAN });
        }
    };
    let (command, global) = cli.into_command();
    match command {
        Command::Check(flags) => command::check::run(&Session::new(&global)?, &flags),
        Command::Comment(flags) => command::comment::run(&Session::new(&global)?, &flags),
        Command::Why(flags) => command::why::run(&Session::new(&global)?, &flags),
        Command::Export(flags) => command::export::run(&Session::new(&global)?, &flags),
        Command::Prove(flags) => command::prove::run(&Session::new(&global)?, &flags),
        Command::Debug(flags) => command::debug::run(&Session::new(&global)?, &flags),
        Command::Generate(flags) => command::generate::run(program, &flags),
    }
}
