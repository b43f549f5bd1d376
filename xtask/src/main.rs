//! Development tasks: `cargo xtask demo`, `cargo xtask test`, `cargo xtask tidy`, `cargo xtask bench`.

mod bench;
mod demo;
mod image_data;
mod images;
mod requirements;
mod test;
mod tidy;
mod tools;

use anyhow::{Result, bail};
use std::process::ExitCode;

const HELP: &str = "cargo xtask <task>

  demo    set up the bundled application with real packages, and run depslim on it
  test    install what the tests need, then run all of them (formatting, lints, licences, house rules included)
  bench [--rounds N] [--base REF] [PROJECT...]
          what depslim costs beside du and beside other tools, and a comparison beside a check, as ratios of one paired run
  images [APPLICATION...]
          build images of the bundled applications before and after, and measure them (as root, or with sudo; docs/image-sizes.md)
  pictures
          take the pictures of the HTML report in docs again, in a headless browser
  tools   install what the tests need
  requirements ENVIRONMENT...
          add what installed distributions require to the table of known requirements
  image-data FILE...
          make the tables of base images, system packages and shared libraries again (docs/image.md says from what)
  tidy    check the house's rules: arrows between crates, first lines of modules, reasons of exceptions
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("demo") => demo::run(&arguments[1..]),
        Some("test") => test::run(),
        Some("tools") => tools::install().map(|_| ()),
        Some("bench") => bench::run(&arguments[1..]),
        Some("requirements") => requirements::run(&arguments[1..]),
        Some("images") => images::run(&arguments[1..]),
        Some("pictures") => test::pictures(),
        Some("image-data") => image_data::run(&arguments[1..]),
        Some("tidy") => tidy::run(),
        Some("help" | "--help" | "-h") | None => {
            say(HELP);
            Ok(())
        }
        Some(other) => bail!("no task is called {other:?}\n\n{HELP}"),
    }
}

/// Tells the person at the terminal.
#[expect(clippy::print_stderr, reason = "tasks talk to a person; this is the one place where they do")]
pub(crate) fn say(text: &str) {
    eprintln!("{text}");
}
