//! Container files: which stage ships, what is run while it is built, what it starts.

use super::layout::{Copied, Layout};
use super::paths::{below_root, folder_of, join, relative, says_development};
use super::{CopyLine, Image, Observed, Place};
use depslim_formats::dockerfile::{self, Copy, Dockerfile, Form, Instruction, Kind};
use depslim_formats::shell;
use depslim_model::Stage;

/// Reads a container file. With `dev`, it builds no production image.
pub(super) fn read(path: &str, text: &str, dev: bool) -> Observed {
    let mut file = dockerfile::read(text);
    if file.stages.is_empty() {
        // Somebody else's file of that name: nothing to say about it.
        return Observed::default();
    }
    let ending = path.rsplit('.').next().unwrap_or_default();
    if text.contains("{%") || ["j2", "jinja", "jinja2", "tmpl", "tpl", "template", "in"].contains(&ending) {
        // A template is no container file before it has been filled in: that a builder would refuse it is expected.
        file.problems.clear();
    }
    observe(path, file, dev, &[], &usual_context(path))
}

/// What a container file says when these stages ship (its last one, if none is given) and `context` is its build context.
pub(super) fn observe(path: &str, file: Dockerfile, dev: bool, targets: &[usize], context: &str) -> Observed {
    let default: Vec<usize> = last_for_production(&file, dev).into_iter().collect();
    let finals = if targets.is_empty() { &default } else { targets };
    let mut reader = Reader {
        file: &file,
        dev,
        shipped: finals.iter().flat_map(|stage| file.chain(*stage)).collect(),
        folder: relative(folder_of(path), context),
        ends: Vec::new(),
        observed: Observed {
            context: Some(context.to_owned()),
            problems: file.problems.clone(),
            ..Observed::default()
        },
    };
    reader.observed.layout = layout_of(&file, finals);
    for stage in 0..file.stages.len() {
        reader.stage(stage);
    }
    for stage in finals {
        reader.start(*stage);
    }
    let mut observed = reader.observed;
    let lines = |number: usize| {
        let end = file.stages.get(number + 1).map_or(u32::MAX, |next| next.line);
        file.stages.get(number).map(|stage| (stage.line, end))
    };
    let stays = (0..file.stages.len()).filter(|stage| !observed.layout.may_ship(*stage));
    observed.left_behind = stays.filter_map(lines).collect();
    observed.commands.sort_by_key(|command| command.line);
    observed.parsed = Some(Box::new(file));
    observed
}

/// The effective exec-form `ENTRYPOINT` of the stage that ships: what a service's command is put behind.
pub(super) fn entrypoint(file: &Dockerfile, stage: usize) -> Option<Vec<String>> {
    match effective(file, stage).0 {
        Some(Instruction { kind: Kind::Entrypoint(Form::Exec(words)), .. }) => Some(words.clone()),
        _ => None,
    }
}

/// Folders that hold container files and not what they copy.
const CONTAINER_FOLDERS: &[&str] = &[
    "docker",
    ".docker",
    "dockerfiles",
    "containers",
    "container",
    "build",
    "deploy",
    "deployment",
    "infra",
    "ops",
    "ci",
    "compose",
    "packaging",
    "devops",
    ".devcontainer",
    "images",
    "containerfiles",
    "podman",
    "docker-images",
];

/// The build context that people usually give: the folder of the file, or the one above the folders for container files.
fn usual_context(path: &str) -> String {
    let parts: Vec<&str> = folder_of(path).split('/').filter(|part| !part.is_empty()).collect();
    let end = parts.iter().position(|part| CONTAINER_FOLDERS.contains(part)).unwrap_or(parts.len());
    parts[..end].join("/")
}

/// The stage that a build makes by default; when its name says development, the last one whose name does not.
pub(super) fn last_for_production(file: &Dockerfile, dev: bool) -> Option<usize> {
    let last = file.final_stage()?;
    let says =
        |stage: usize| file.stages.get(stage).and_then(|stage| stage.name.as_deref()).is_some_and(says_development);
    if dev || !says(last) {
        return Some(last);
    }
    Some((0..last).rev().find(|stage| !says(*stage)).unwrap_or(last))
}

/// Working folder and variables.
type End = (Option<String>, Vec<(String, String)>);

struct Reader<'f> {
    file: &'f Dockerfile,
    dev: bool,
    shipped: Vec<usize>,
    /// The build context, from the folder of the file.
    folder: String,
    /// Working folder and variables at the end of each stage.
    ends: Vec<End>,
    observed: Observed,
}

/// Bytes of variables beyond these are left out: each command carries them.
const MAX_VARIABLES: usize = 8192;

impl Reader<'_> {
    fn stage(&mut self, number: usize) {
        let file = self.file;
        let Some(stage) = file.stages.get(number) else { return };
        let ships = self.shipped.contains(&number) && !self.dev;
        if stage.base.is_none() {
            let reference = stage.image.clone();
            self.observed.images.push(Image { reference, line: stage.line, final_stage: ships });
        }
        let for_tests = stage.name.as_deref().is_some_and(says_development) && !ships;
        let build = match (self.dev || for_tests, ships) {
            (true, _) => Stage::Dev,
            (false, true) => Stage::ImageBuild,
            (false, false) => Stage::Builder,
        };
        let (mut workdir, mut variables) = stage.base.and_then(|base| self.ends.get(base)).cloned().unwrap_or_default();
        for instruction in &stage.instructions {
            match &instruction.kind {
                Kind::Run { command, .. } => {
                    self.form(command, instruction.line, build, number, workdir.as_deref(), &variables);
                }
                Kind::Workdir(path) => workdir = Some(absolute(workdir.as_deref(), path)),
                Kind::Env(set) | Kind::Arg(set) => {
                    for variable in set {
                        let Some(value) = &variable.value else { continue };
                        variables.retain(|(name, _)| *name != variable.name);
                        let size: usize = variables.iter().map(|(name, value)| name.len() + value.len()).sum();
                        if size + variable.name.len() + value.len() < MAX_VARIABLES {
                            variables.push((variable.name.clone(), value.clone()));
                        }
                        self.observed.variable(&variable.name, value, variable.line);
                    }
                }
                Kind::Copy(copy) | Kind::Add(copy) => {
                    self.observed.copies.push(CopyLine {
                        sources: copy.sources.clone(),
                        destination: absolute(workdir.as_deref(), &copy.destination),
                        from: copy.from.clone(),
                        final_stage: ships,
                        line: instruction.line,
                    });
                    for (body, line) in copy.documents.iter().filter(|(body, _)| shell::is_script(body)) {
                        let stage = if ships { Stage::Run } else { build };
                        let form = Form::Shell { text: body.clone(), line: *line };
                        self.form(&form, *line, stage, number, workdir.as_deref(), &variables);
                    }
                }
                // What a stage starts that does not ship here may be another image, or only for tests.
                Kind::Cmd(form) | Kind::Entrypoint(form) | Kind::Healthcheck(Some(form))
                    if !self.shipped.contains(&number) =>
                {
                    self.form(form, instruction.line, build, number, workdir.as_deref(), &variables);
                }
                _ => {}
            }
        }
        self.ends.push((workdir, variables));
    }

    /// What a final stage starts: the last `ENTRYPOINT` with the last `CMD` behind it, and the last `HEALTHCHECK`.
    fn start(&mut self, number: usize) {
        let file = self.file;
        let run = if self.dev { Stage::Dev } else { Stage::Run };
        let (workdir, variables) = self.ends.get(number).cloned().unwrap_or_default();
        let workdir = workdir.as_deref();
        let (entrypoint, command, health) = effective(file, number);
        if let Some(Instruction { kind: Kind::Healthcheck(Some(form)), line, .. }) = health {
            self.form(form, *line, run, number, workdir, &variables);
        }
        let command = command.and_then(|instruction| match &instruction.kind {
            Kind::Cmd(form) => Some((form, instruction.line)),
            _ => None,
        });
        let Some(Instruction { kind: Kind::Entrypoint(entry), line, .. }) = entrypoint else {
            if let Some((form, line)) = command {
                self.form(form, line, run, number, workdir, &variables);
            }
            return;
        };
        let (Form::Exec(words), Some((form, command_line))) = (entry, command) else {
            self.form(entry, *line, run, number, workdir, &variables);
            if let Some((form, line)) = command {
                // A shell-form entry point drops the command; who wrote both meant it to run.
                self.form(form, line, run, number, workdir, &variables);
            }
            return;
        };
        let behind = match form {
            Form::Exec(behind) => behind.clone(),
            Form::Shell { text, .. } => vec!["sh".to_owned(), "-c".to_owned(), text.clone()],
        };
        let all: Vec<String> = words.iter().chain(&behind).cloned().collect();
        let before = self.observed.commands.len();
        self.form(&Form::Exec(all), *line, run, number, workdir, &variables);
        // What comes out of the command's own words stands on its line.
        let mut taken = 0;
        let mut wrapped = false;
        for found in &mut self.observed.commands[before..] {
            if taken >= words.len() {
                found.line = command_line;
                wrapped = true;
            }
            taken += found.words.len();
        }
        let is_script =
            words.iter().any(|word| word.ends_with(".sh") || word.contains("entrypoint") || word.contains("/entry"));
        if !wrapped && is_script {
            // Such scripts end in `exec "$@"`.
            self.form(form, command_line, run, number, workdir, &variables);
        }
    }

    fn form(
        &mut self,
        form: &Form,
        line: u32,
        stage: Stage,
        number: usize,
        workdir: Option<&str>,
        variables: &[(String, String)],
    ) {
        let known = workdir.and_then(|path| self.observed.layout.folder(number, path));
        let folder = known.map(|source| join(&self.folder, &source)).or_else(|| workdir.map(str::to_owned));
        let place = Place { stage, workdir: folder.as_deref(), variables };
        match form {
            Form::Exec(words) => self.observed.exec(words, line, &place),
            Form::Shell { text, line } => {
                let known = place.variables.iter().cloned().collect();
                let script = shell::read_at(text, *line, &known);
                self.observed.variables.extend(script.variables);
                self.observed.add(script.commands, &place);
            }
        }
    }
}

/// `ENTRYPOINT`, `CMD` and `HEALTHCHECK` as a build of the stage leaves them: an `ENTRYPOINT` drops the `CMD` of the images below.
fn effective(file: &Dockerfile, stage: usize) -> (Option<&Instruction>, Option<&Instruction>, Option<&Instruction>) {
    let (mut entrypoint, mut command, mut health) = (None, None, None);
    for number in file.chain(stage).into_iter().rev() {
        let Some(stage) = file.stages.get(number) else { continue };
        let last = |wanted: fn(&Kind) -> bool| {
            stage.instructions.iter().rfind(|instruction| !instruction.on_build && wanted(&instruction.kind))
        };
        if let Some(own) = last(|kind| matches!(kind, Kind::Entrypoint(_))) {
            entrypoint = Some(own);
            command = None;
        }
        command = last(|kind| matches!(kind, Kind::Cmd(_))).or(command);
        health = last(|kind| matches!(kind, Kind::Healthcheck(_))).or(health);
    }
    (entrypoint, command, health)
}

/// Where the files of each stage come from.
fn layout_of(file: &Dockerfile, finals: &[usize]) -> Layout {
    let mut layout = Layout::default();
    let mut ends: Vec<Option<String>> = Vec::new();
    for stage in &file.stages {
        layout.add_stage(stage.base);
        let mut workdir = stage.base.and_then(|base| ends.get(base)).cloned().flatten();
        for instruction in &stage.instructions {
            match &instruction.kind {
                Kind::Workdir(path) => workdir = Some(absolute(workdir.as_deref(), path)),
                Kind::Copy(copy) | Kind::Add(copy) => add_copy(&mut layout, copy, workdir.as_deref()),
                Kind::Run { mounts, .. } => {
                    for mount in mounts {
                        add_mount(&mut layout, mount, workdir.as_deref(), file);
                    }
                }
                _ => {}
            }
        }
        ends.push(workdir);
    }
    for stage in finals {
        layout.ship(*stage);
    }
    layout
}

fn add_copy(layout: &mut Layout, copy: &Copy, workdir: Option<&str>) {
    if copy.from.is_some() && copy.stage.is_none() {
        return;
    }
    let destination = absolute(workdir, &copy.destination);
    for source in copy.sources.iter().filter(|source| !source.contains("://")) {
        let source = match copy.stage {
            Some(_) => join("/", source),
            // The context is the root of what can be copied.
            None => {
                below_root("", source.trim_start_matches('/')).map_or_else(|| ".".to_owned(), |path| join(".", &path))
            }
        };
        let shared = copy.sources.len() > 1;
        layout.add_copy(Copied { source, stage: copy.stage, destination: destination.clone(), shared });
    }
}

/// `RUN --mount=type=bind,source=…,target=…`.
fn add_mount(layout: &mut Layout, mount: &str, workdir: Option<&str>, file: &Dockerfile) {
    let field = |names: &[&str]| {
        let mut fields = mount.split(',').filter_map(|part| part.split_once('='));
        fields.find(|(name, _)| names.contains(name)).map(|(_, value)| value.to_owned())
    };
    if field(&["type"]).is_some_and(|kind| kind != "bind") {
        return;
    }
    let from = field(&["from"]);
    let Some(target) = field(&["target", "dst", "destination"]) else { return };
    let copy = Copy {
        sources: vec![field(&["source", "src"]).unwrap_or_else(|| ".".to_owned())],
        destination: target,
        stage: from.as_deref().and_then(|from| file.find(from)),
        from,
        documents: Vec::new(),
    };
    add_copy(layout, &copy, workdir);
}

/// A path in the image made absolute; working folders start at the root.
fn absolute(workdir: Option<&str>, path: &str) -> String {
    if path.starts_with('$') {
        return path.to_owned();
    }
    join(workdir.filter(|base| base.starts_with('/')).unwrap_or("/"), path)
}
