//! What the files say together: which stages of the container files ship, which scripts production runs.

use super::paths::{self, below_root, file_name, folder_of, join, says_development};
use super::{Build, Observed, Place, container, scripts};
use depslim_formats::shell;
use depslim_model::{Command, Stage};
use std::collections::{BTreeMap, BTreeSet};

/// Settles what one file alone cannot say. Gets every command file of the analysed root with its path.
///
/// * A container file whose name says development makes the production image when there is no other.
/// * Compose files, platform files and build commands say which stage of a container file ships, and its build context.
/// * A service's command is run by the entry point of its image.
/// * A script runs where the command that calls it runs.
pub fn settle(files: &mut [(String, Observed)]) {
    let builds = all_builds(files);
    settle_containers(files, &builds);
    put_behind_entrypoints(files);
    for (_, observed) in files.iter_mut() {
        observed.parsed = None;
    }
    scripts::settle(files);
    settle_scripts(files);
    // What a shell script of production runs by name runs there too.
    scripts::settle(files);
}

fn all_builds(files: &[(String, Observed)]) -> Vec<Build> {
    let declared = files.iter().flat_map(|(_, observed)| observed.builds.iter().cloned());
    let commanded = files
        .iter()
        .flat_map(|(path, observed)| observed.commands.iter().filter_map(|command| build_command(path, command)));
    declared.chain(commanded).collect()
}

/// `docker build -f FILE --target STAGE CONTEXT` and its kin.
fn build_command(path: &str, command: &Command) -> Option<Build> {
    let words = &command.words;
    let program = shell::base_name(words.first()?);
    let at = match program {
        "docker" | "podman" | "buildah" | "nerdctl" => {
            words.iter().position(|word| word == "build" || word == "bud")?
        }
        "docker-buildx" => 0,
        _ => return None,
    };
    let mut file = None;
    let mut target = None;
    let mut context = None;
    let mut rest = words.iter().skip(at + 1);
    while let Some(word) = rest.next() {
        let (option, value) =
            word.split_once('=').map_or((word.as_str(), None), |(option, value)| (option, Some(value)));
        let mut value = || value.map(str::to_owned).or_else(|| rest.next().cloned());
        match option {
            "-f" | "--file" => file = value(),
            "--target" => target = value(),
            "-t" | "--tag" | "--build-arg" | "--platform" | "--cache-from" | "--cache-to" | "--secret" | "--ssh"
            | "--label" | "--network" | "--progress" | "--output" | "-o" | "--iidfile" | "--build-context"
            | "--builder" | "--format" => {
                value();
            }
            option if option.starts_with('-') => {}
            _ => context = Some(word.clone()),
        }
    }
    let folder =
        below_root(folder_of(path), command.workdir.as_deref().filter(|dir| !dir.starts_with('/')).unwrap_or("."))?;
    let context = below_root(&folder, context.as_deref().filter(|context| !context.contains("://")).unwrap_or("."))?;
    let file = match &file {
        // Unlike in a compose file, `-f` is relative to where the command runs.
        Some(file) => below_root(&folder, file)?,
        None => below_root(&context, "Dockerfile")?,
    };
    let dev = target.as_deref().is_some_and(says_development);
    Some(Build { context, file, target, dev, line: command.line, ..Build::default() })
}

/// Folders whose container files never make the production image.
const NEVER: &[&str] =
    &[".devcontainer", "tests", "test", "e2e", "ci", ".ci", "docs", "examples", "example", "benchmarks"];

fn settle_containers(files: &mut [(String, Observed)], builds: &[Build]) {
    let alone = files.iter().filter(|(_, observed)| observed.parsed.is_some()).count() == 1;
    for (path, observed) in files.iter_mut() {
        let Some(parsed) = observed.parsed.as_deref() else { continue };
        let never = folder_of(path).split('/').any(|folder| NEVER.contains(&folder));
        let named_dev = paths::is_for_development(path);
        let dev = named_dev && (!alone || never);
        let mine = || builds.iter().filter(|build| build.file == *path);
        let shipping = || mine().filter(|build| !build.dev);
        let context = shipping().chain(mine()).map(|build| build.context.as_str()).next();
        let context = context.or(observed.context.as_deref()).unwrap_or_default().to_owned();
        let mut targets: BTreeSet<usize> = BTreeSet::new();
        let mut by_default = false;
        for build in shipping() {
            match build.target.as_deref().and_then(|target| parsed.find(target)) {
                Some(stage) if !build.target.as_deref().is_some_and(says_development) => {
                    targets.insert(stage);
                }
                Some(_) => {}
                None => by_default = true,
            }
        }
        if by_default {
            targets.extend(container::last_for_production(parsed, dev));
        }
        if dev == named_dev && targets.is_empty() && observed.context.as_deref() == Some(context.as_str()) {
            continue;
        }
        let targets: Vec<usize> = targets.into_iter().collect();
        *observed = container::observe(path, parsed.clone(), dev, &targets, &context);
    }
}

/// A service's `command` replaces the `CMD`: what runs is the `ENTRYPOINT` with it behind.
fn put_behind_entrypoints(files: &mut [(String, Observed)]) {
    let mut entrypoints: BTreeMap<(String, Option<String>), Vec<String>> = BTreeMap::new();
    for build in files.iter().flat_map(|(_, observed)| &observed.builds).filter(|build| !build.command.is_empty()) {
        let Some(parsed) = files.iter().find(|(path, _)| *path == build.file).and_then(|(_, o)| o.parsed.as_deref())
        else {
            continue;
        };
        let stage = build.target.as_deref().and_then(|target| parsed.find(target));
        let stage = stage.or_else(|| container::last_for_production(parsed, build.dev));
        if let Some(words) = stage.and_then(|stage| container::entrypoint(parsed, stage)) {
            entrypoints.insert((build.file.clone(), build.target.clone()), words);
        }
    }
    for (_, observed) in files.iter_mut() {
        for build in observed.builds.clone().into_iter().filter(|build| !build.command.is_empty()) {
            let Some(words) = entrypoints.get(&(build.file, build.target)) else { continue };
            let all: Vec<String> = words.iter().chain(&build.command).cloned().collect();
            let stage = if build.dev { Stage::Dev } else { Stage::Run };
            observed.exec(&all, build.command_line, &Place { stage, workdir: None, variables: &[] });
        }
    }
}

/// A script gets the stage of the command that calls it, and passes it on to the scripts that it calls.
fn settle_scripts(files: &mut [(String, Observed)]) {
    let scripts = Scripts::of(files);
    if scripts.by_path.is_empty() {
        return;
    }
    for stage in [Stage::Run, Stage::ImageBuild, Stage::Builder] {
        let mut open: Vec<usize> = (0..files.len()).collect();
        while let Some(caller) = open.pop() {
            let Some((path, observed)) = files.get(caller) else { continue };
            let calls = observed.commands.iter().filter(|command| command.stage == stage);
            let called: BTreeSet<usize> =
                calls.filter_map(|command| scripts.called(files, path, observed, command)).collect();
            for script in called {
                let Some((_, observed)) = files.get_mut(script) else { continue };
                let mut changed = false;
                for command in
                    observed.commands.iter_mut().filter(|command| matches!(command.stage, Stage::Dev | Stage::Ci))
                {
                    command.stage = stage;
                    changed = true;
                }
                if changed {
                    open.push(script);
                }
            }
        }
    }
}

struct Scripts {
    by_path: BTreeMap<String, usize>,
    by_name: BTreeMap<String, Vec<usize>>,
}

impl Scripts {
    fn of(files: &[(String, Observed)]) -> Self {
        let mut scripts = Self { by_path: BTreeMap::new(), by_name: BTreeMap::new() };
        for (index, (path, observed)) in files.iter().enumerate() {
            if paths::kind(path) == Some(paths::Kind::Script) && !observed.commands.is_empty() {
                scripts.by_path.insert(path.clone(), index);
                scripts.by_name.entry(file_name(path).to_owned()).or_default().push(index);
            }
        }
        scripts
    }

    /// The script that a command calls.
    fn called(&self, files: &[(String, Observed)], path: &str, caller: &Observed, command: &Command) -> Option<usize> {
        let program = command.words.first()?;
        let script = match shell::base_name(program) {
            name if shell::is_shell(name) || name == "." || name == "source" => {
                command.words.iter().skip(1).find(|word| !word.starts_with(['-', '+']))?
            }
            _ => program,
        };
        let exact =
            |candidates: Vec<String>| candidates.iter().find_map(|candidate| self.by_path.get(candidate)).copied();
        if let Some(same_name) = self.by_name.get(file_name(script)) {
            // A name that only one script has means that script, wherever the image keeps it.
            let only = same_name.first().filter(|_| same_name.len() == 1).copied();
            return exact(candidates(files, path, caller, command, script)).or(only);
        }
        // A script that the image has under another name, in a folder where programs are looked up.
        let absolute = script.starts_with('/');
        let bare = !script.contains('/') && command.stage == Stage::Run;
        if absolute || bare {
            let places = if absolute { &[""][..] } else { PROGRAM_FOLDERS };
            return places.iter().find_map(|place| exact(in_images(files, caller, &format!("{place}{script}"))));
        }
        None
    }
}

/// Where an image looks for programs.
const PROGRAM_FOLDERS: &[&str] = &["/usr/local/bin/", "/usr/bin/", "/bin/", "/usr/local/sbin/", "/"];

/// Paths below the root that a script's name in a command may mean, the likeliest first.
fn candidates(
    files: &[(String, Observed)],
    path: &str,
    caller: &Observed,
    command: &Command,
    script: &str,
) -> Vec<String> {
    let folder = folder_of(path);
    let context = caller.context.as_deref();
    let mut found = Vec::new();
    let workdir = command.workdir.as_deref().unwrap_or(".");
    let in_image = if script.starts_with('/') { Some(script.to_owned()) } else { None };
    let in_image = in_image.or_else(|| workdir.starts_with('/').then(|| join(workdir, script)));
    match in_image {
        Some(in_image) => found.extend(in_images(files, caller, &in_image)),
        None => found.extend(below_root(folder, &join(workdir, script))),
    }
    let script = script.trim_start_matches('/');
    found.extend(context.and_then(|context| below_root(context, script)));
    found.extend(below_root(folder, script));
    found.extend(below_root("", script));
    found
}

/// Paths below the root that a path in an image may come from: the caller's own image first.
fn in_images(files: &[(String, Observed)], caller: &Observed, path: &str) -> Vec<String> {
    let others = files.iter().map(|(_, observed)| observed).filter(|observed| observed.context.is_some());
    let images = std::iter::once(caller).filter(|caller| caller.context.is_some()).chain(others);
    let sources = images.flat_map(|observed| {
        let context = observed.context.as_deref().unwrap_or_default();
        observed.layout.sources(path).into_iter().filter_map(move |source| below_root(context, &source))
    });
    sources.collect()
}
