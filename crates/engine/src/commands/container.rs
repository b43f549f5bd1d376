//! Dockerfiles and Containerfiles.

use super::{CopyLine, Image, Observed, command};
use depslim_formats::dockerfile::{self, Dockerfile, Form, Kind};
use depslim_formats::shell;
use depslim_model::{Command, Stage};
use std::collections::BTreeMap;

/// Reads a container file. With `dev`, it builds no production image.
pub(super) fn read(text: &str, dev: bool) -> Observed {
    let file = dockerfile::read(text);
    let mut observed = Observed { problems: file.problems.clone(), ..Observed::default() };
    // What is not a container file is somebody else's file of that name: nothing to say about it.
    if file.stages.is_empty() {
        observed.problems.clear();
    }
    let shipped = file.final_stage().map(|last| file.chain(last)).unwrap_or_default();
    for (number, stage) in file.stages.iter().enumerate() {
        let ships = shipped.contains(&number);
        if stage.base.is_none() {
            observed.images.push(Image {
                reference: stage.image.clone(),
                line: stage.line,
                final_stage: ships && !dev,
            });
        }
        take_stage(&file, number, ships, dev, &mut observed);
    }
    observed.commands.sort_by_key(|c| c.line);
    observed
}

fn take_stage(file: &Dockerfile, number: usize, ships: bool, dev: bool, observed: &mut Observed) {
    let stage = &file.stages[number];
    let last = file.final_stage() == Some(number);
    let build = match (dev, ships) {
        (true, _) => Stage::Dev,
        (false, true) => Stage::ImageBuild,
        (false, false) => Stage::Builder,
    };
    // Only what the last stage starts is started in production; an earlier CMD is replaced or never shipped.
    let run = if dev {
        Stage::Dev
    } else if last || ships {
        Stage::Run
    } else {
        Stage::Builder
    };
    let mut workdir: Option<String> = None;
    let mut environment: Vec<(String, String)> = Vec::new();
    let known: BTreeMap<String, String> = stage.variables.clone();
    for instruction in &stage.instructions {
        match &instruction.kind {
            Kind::Run { command: form, .. } => observed.commands.extend(commands(
                form,
                instruction.line,
                build,
                workdir.as_deref(),
                &environment,
                &known,
            )),
            Kind::Cmd(form) | Kind::Entrypoint(form) | Kind::Healthcheck(Some(form)) => {
                observed.commands.extend(commands(
                    form,
                    instruction.line,
                    run,
                    workdir.as_deref(),
                    &environment,
                    &known,
                ));
            }
            Kind::Workdir(path) => workdir = Some(path.clone()),
            Kind::Env(variables) => {
                for variable in variables {
                    if let Some(value) = &variable.value {
                        environment.push((variable.name.clone(), value.clone()));
                        observed.variables.push((variable.name.clone(), value.clone(), variable.line));
                    }
                }
            }
            Kind::Copy(copy) | Kind::Add(copy) => observed.copies.push(CopyLine {
                sources: copy.sources.clone(),
                destination: copy.destination.clone(),
                from: copy.from.clone(),
                final_stage: ships && !dev,
                line: instruction.line,
            }),
            _ => {}
        }
    }
}

fn commands(
    form: &Form,
    line: u32,
    stage: Stage,
    workdir: Option<&str>,
    environment: &[(String, String)],
    known: &BTreeMap<String, String>,
) -> Vec<Command> {
    let simple = match form {
        Form::Exec(words) if words.is_empty() => Vec::new(),
        Form::Exec(words) => shell::exec(words, line, known),
        Form::Shell { text, line } => shell::read_at(text, *line, known).commands,
    };
    simple.into_iter().map(|s| command(s, stage, workdir, environment)).collect()
}
