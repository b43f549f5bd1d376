//! Commands: what `node` runs. Any other program is run as it is.

use depslim_model::{Command, Entry, Facts, Group, How, Stage, Strength, Use};

/// What a command means.
pub(crate) fn interpret(command: &Command) -> Facts {
    let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
    let Some((program, arguments)) = words.split_first() else { return Facts::default() };
    let program = program.rsplit('/').next().unwrap_or(program);
    if program == "node" {
        let file = arguments.iter().find(|word| !word.starts_with('-'));
        let entries = file.map(|file| entry(file, command)).into_iter().collect();
        return Facts { entries, ..Facts::default() };
    }
    let (name, value) = (program.to_owned(), arguments.join(" "));
    let used = Use { how: How::Command, name, value, strength: Strength::Hard, line: command.line };
    Facts { uses: vec![used], ..Facts::default() }
}

fn entry(target: &str, command: &Command) -> Entry {
    let group = match command.stage {
        Stage::Run | Stage::ImageBuild | Stage::Builder => Group::Prod,
        Stage::Dev | Stage::Ci => Group::Dev,
    };
    Entry { target: target.to_owned(), group, line: command.line }
}
