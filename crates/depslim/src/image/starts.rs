//! Findings on what an image starts: SLIM053 (a language's own server for files that were built before), SLIM051 (a server for
//! development), and who it runs as.

use super::files::ContainerFile;
use super::findings::{finding, line};
use super::written::shipped;
use depslim_engine::Project;
use depslim_formats::dockerfile::{Form, Kind};
use depslim_formats::shell;
use depslim_image::{Server, Tag, catalogue, server};
use depslim_model::{Code, Command, Confidence, Finding, Stage};
use std::path::Path;

/// SLIM053, and the part of SLIM051 that concerns what is started.
pub(super) fn of_start(root: &Path, project: &Project, container: &ContainerFile<'_>) -> Option<Finding> {
    let mut starts = container.observed.commands.iter().filter(|c| c.stage == Stage::Run);
    let (command, shown, found) = starts.find_map(|c| served(root, project, c))?;
    let (path, at) = (container.path, command.line);
    let mut told = if found.files {
        let mut told = finding(
            project,
            Code::RuntimeNotNeeded,
            path,
            (path, at),
            format!("the image serves files with `{shown}`"),
        );
        let language = project.ecosystem.name;
        // A version that is not catalogued weighs at least what the lightest of its family does.
        let lightest = Tag::parse(&container.base.reference, language)
            .and_then(|tag| catalogue::bases(language).filter(|b| b.family == tag.family).map(|b| b.bytes.0).min());
        let server = catalogue::final_of("files").map_or(0, |f| f.bytes);
        told.bytes = lightest.map_or(0, |bytes| bytes.saturating_sub(server));
        told.help.push(format!(
            "build in a stage of its own ({}), and copy the files into the image of a web server",
            found.instead
        ));
        told
    } else {
        let key = format!("{path}:server");
        let mut told = finding(
            project,
            Code::DevInImage,
            &key,
            (path, at),
            format!("the image starts a server for development: `{shown}`"),
        );
        told.help.push(format!("production has {}", found.instead));
        told
    };
    // The command may be another one where the image is started.
    told.confidence = Confidence::Medium;
    told.evidence.push(line(path, at, shown));
    Some(told)
}

/// Whether what the image starts only sends files.
pub(super) fn sends_files(root: &Path, project: &Project, container: &ContainerFile<'_>) -> bool {
    let mut starts = container.observed.commands.iter().filter(|c| c.stage == Stage::Run);
    starts.any(|c| served(root, project, c).is_some_and(|(_, _, found)| found.files))
}

/// The command, as it is to be shown, and what it starts; scripts that clients run by name are looked up.
fn served<'c>(root: &Path, project: &Project, command: &'c Command) -> Option<(&'c Command, String, Server)> {
    let shown = command.words.join(" ");
    if let Some(found) = server(&command.words) {
        return Some((command, shown, found));
    }
    let script = script_of(&command.words)?;
    let text = fs_err::read(root.join(&project.files.folder).join("package.json")).ok()?;
    let value: serde_json::Value = serde_json::from_slice(&text).ok()?;
    let text = value.get("scripts")?.get(script)?.as_str()?.to_owned();
    let commands = shell::read(&text).commands;
    let found = commands.iter().find_map(|c| server(&c.words))?;
    Some((command, format!("{shown} ({text})"), found))
}

/// The program behind a script that a client runs by name, when it is one program of the runtime's and nothing runs before or after it: it
/// gets signals itself then, and no client has to be in the image.
pub(super) fn behind_a_script(root: &Path, project: &Project, form: &Form) -> Option<Form> {
    let words = match form {
        Form::Exec(words) => words.clone(),
        Form::Shell { text, .. } => shell::split(text),
    };
    let name = script_of(&words)?;
    // What follows the script's name are arguments.
    (words.last().map(String::as_str) == Some(name)).then_some(())?;
    let text = fs_err::read(root.join(&project.files.folder).join("package.json")).ok()?;
    let value: serde_json::Value = serde_json::from_slice(&text).ok()?;
    let scripts = value.get("scripts")?;
    if ["pre", "post"].iter().any(|when| scripts.get(format!("{when}{name}")).is_some()) {
        return None;
    }
    let text = scripts.get(name)?.as_str()?;
    let plain = !text.contains(['$', '&', '|', ';', '<', '>', '`', '*', '(', '\'', '"', '\\', '=']);
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    (plain && words.first().is_some_and(|program| program == project.ecosystem.name)).then_some(Form::Exec(words))
}

/// The script that a client runs by name (`npm start`, `yarn run serve`).
fn script_of(words: &[String]) -> Option<&str> {
    let mut rest = words.iter().map(String::as_str).filter(|w| !w.starts_with('-'));
    let client = shell::base_name(rest.next()?);
    if !["npm", "yarn", "pnpm", "bun"].contains(&client) {
        return None;
    }
    match rest.next()? {
        "run" | "run-script" => rest.next(),
        name => Some(name),
    }
}

/// Says so when the image runs as root.
pub(super) fn as_root(container: &ContainerFile<'_>) -> Option<String> {
    let stage = shipped(&container.parsed, container.base.line)?;
    let users = container.parsed.chain(stage).into_iter().rev().filter_map(|at| container.parsed.stages.get(at));
    let last = users
        .flat_map(|s| &s.instructions)
        .filter_map(|i| if let Kind::User(user) = &i.kind { Some((user, i.line)) } else { None })
        .next_back();
    match last {
        None => Some(format!("runs as root: {} names no user", container.path)),
        Some((user, at)) if ["root", "0"].contains(&user.split(':').next().unwrap_or_default()) => {
            Some(format!("runs as root: {}:{at}", container.path))
        }
        Some(_) => None,
    }
}
