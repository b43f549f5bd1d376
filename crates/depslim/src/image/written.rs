//! What `export` writes of images: a container file in stages, and its ignore file, for one project.

use super::files::{self, ContainerFile};
use super::{look, packages, programs};
use super::{needless, starts};
use crate::Options;
use depslim_engine::Project;
use depslim_formats::dockerfile::{self, Dockerfile, Form, Kind};
use depslim_formats::shell::base_name;
use depslim_formats::text::decode;
use depslim_image::catalogue::Release;
use depslim_image::emit::{Blueprint, Reads, Start, asks, base_of, configuration, distribution, ignore, port, write};
use depslim_image::{Choice, Classify, Item, Own, Situation, Tag, catalogue, choose, own};
use depslim_model::recipe::{Recipe, RecipeRequest};
use depslim_model::{Command, Emission, Runtime, Source, Stage};
use std::collections::BTreeSet;
use std::path::Path;

/// What was written for one project.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) files: Vec<Emission>,
    pub(crate) notes: Vec<String>,
}

/// Name of the container file.
const NAME: &str = "Dockerfile";
/// Name of the web server's configuration.
const CONFIGURATION: &str = "nginx.conf";

/// Writes them, with a prefix to their names where another project of the folder has the plain ones. An error says why there is none for this project.
pub(crate) fn written(
    root: &Path,
    project: &Project,
    options: &Options,
    sources: &[Source<'_>],
    exported: &[Emission],
    prefix: Option<&str>,
) -> Result<Written, String> {
    let recipe =
        project.ecosystem.recipe.ok_or_else(|| format!("no image of {} can be written", project.ecosystem.name))?;
    let out = options.out_dir.as_deref().ok_or("the output folder lies outside of the build context")?;
    let containers = files::of(&|path| root.join(path), project);
    let container = containers.first();
    let stage = container.and_then(|c| shipped(&c.parsed, c.base.line));
    let place = Place::of(project, container, out);
    let exported_paths: Vec<String> = exported.iter().map(|e| e.path.clone()).collect();

    // What is recognised as the language's own does not depend on what is chosen.
    let commands: Vec<Command> = container
        .map(|c| {
            let built = c
                .observed
                .commands
                .iter()
                .filter(|c| matches!(c.stage, Stage::ImageBuild | Stage::Builder | Stage::Run));
            built.cloned().collect()
        })
        .unwrap_or_default();
    let (variables, taken) = settings(container, stage);
    let folder = container.zip(stage).and_then(|(c, stage)| working_folder(&c.parsed, stage));
    let sends_files = container.map(|c| starts::sends_files(root, project, c));
    let set: Vec<(String, String)> = project
        .commands
        .iter()
        .flat_map(|(_, o)| &o.variables)
        .map(|(name, value, _)| (name.clone(), value.clone()))
        .collect();
    let texts = texts(root, project);
    let entries: Vec<String> = project.observed.entries.iter().cloned().collect();
    let ask = |base: &str, from_source: &[String]| {
        recipe(&RecipeRequest {
            plan: &project.plan,
            sources,
            exported: &exported_paths,
            commands: &commands,
            variables: &variables,
            taken: &taken,
            folder: folder.as_deref(),
            base,
            from_source,
            sends_files,
            set: &set,
            texts: &texts,
            entries: &entries,
            needs: &project.observed.needs,
        })
    };
    let first = ask("", &[])?;
    let start = start(root, project, container);
    if container.is_none() && start.is_none() && project.commands.iter().any(|(_, o)| o.context.is_some()) {
        return Err("the container files here build something else, and no file says what starts this".to_owned());
    }
    let mut own = container.zip(stage).map(|(c, stage)| read_own(root, project, c, stage, &first));
    if let Some(own) = own.as_mut().filter(|own| own.entrypoint.is_none())
        && let Some((form, _)) = own.command.as_mut()
        && let Some(program) = starts::behind_a_script(root, project, form)
    {
        *form = program;
    }

    let choice = decide(root, project, options, container, own.as_ref());
    let alpine = container.is_some_and(|c| c.base.reference.contains("alpine"));
    let with_shell = own.as_ref().and_then(|own| distribution(&first, own, alpine));
    let stands = with_shell.as_ref().map(|(base, _)| *base).or_else(|| base_of(first.runtime));
    let named = |name: &str| prefix.map_or_else(|| name.to_owned(), |prefix| format!("{prefix}.{name}"));
    // A stage that only builds may have all that its image has now.
    let kept = choice.image.current.clone().filter(|_| stands.is_some() && choice.ended.is_empty());
    let built_on = first.builder.clone().filter(|_| stands.is_some());
    let base = built_on.or(kept).or_else(|| choice.image.recommended.clone()).ok_or_else(|| {
        choice.image.reasons.first().cloned().unwrap_or_else(|| "no maintained base image fits".to_owned())
    })?;
    if choice.image.current.as_deref() == Some(&base) && !choice.ended.is_empty() {
        return Err(format!("{base} gets no security fixes, and nothing else fits"));
    }
    let mut notes = Vec::new();
    let mut system = choice.system.clone();
    if let (Some(own), Some(container), None) = (own.as_mut(), container, stands) {
        let left_out = needless::take(root, project, container, own, &choice);
        notes.extend(left_out);
        for item in &own.items {
            if let Item::Run { command, line, .. } = item {
                for (package, why) in lacking(command, *line, choice.family) {
                    if !own.system.contains_key(&package) && !system.iter().any(|(name, _)| *name == package) {
                        system.push((package, why));
                    }
                }
            }
        }
    }
    if let Some(own) = own.as_mut() {
        notes.extend(renamed(
            own,
            &final_suite(with_shell.as_ref().map_or(base.as_str(), |(base, _)| base.image), project),
        ));
    }
    let mut build = choice.build.clone();
    if let Some(kept) = project.plan.keep.iter().find(|k| k.origin.as_deref().is_some_and(|o| o.starts_with("git+"))) {
        build.push(("git".to_owned(), format!("{} comes from a repository", kept.package)));
    }
    let compiled: Vec<String> = choice.from_source.iter().chain(&choice.maybe_from_source).cloned().collect();
    let mut recipe = ask(&base, &compiled)?;
    let trimmed = crate::trim::applied(root, project, &mut recipe, &named(crate::trim::SCRIPT));
    notes.extend(trimmed.iter().map(|(_, note)| note.clone()));
    let several = project.commands.iter().flat_map(|(_, o)| &o.builds).any(|b| !b.dev && !b.command.is_empty());
    let root_needed = own.as_ref().and_then(|own| needs_root(container, own));
    let settings = options.settings_in("image", &project.files.folder);
    let registry = settings.one("registry").filter(|r| !r.is_empty() && !r.starts_with("docker.io"));
    // What has a shell and a package manager is written as an image of a runtime is.
    let final_base = match (&with_shell, registry) {
        (Some((base, _)), Some(registry)) => format!("{}/{}", registry.trim_end_matches('/'), base.image),
        (Some((base, _)), None) => base.image.to_owned(),
        (None, _) => base.clone(),
    };
    let mut because = because(&choice, stands.map_or(base.as_str(), |s| s.image), stands.is_some());
    because.extend(notes.iter().cloned());
    because.extend(with_shell.iter().map(|(base, why)| format!("Base: {}, since {why}.", base.image)));
    let folder = own.as_ref().map(|own| home(own, project, &place)).unwrap_or_default();
    let written = write(&Blueprint {
        recipe: &recipe,
        own: own.as_ref(),
        base: &final_base,
        stands: stands.filter(|_| with_shell.is_none()),
        registry,
        alpine: match &with_shell {
            Some((base, _)) => base.release.is_some_and(|release| release.name == "alpine"),
            None => choice.family == "alpine",
        },
        system: &system,
        build: &build,
        project: &place.project,
        own_context: &place.own_context,
        folder: &folder,
        out: &place.out,
        start: start.as_ref(),
        several,
        root: root_needed.as_deref(),
        because: &because,
        name: &named(NAME),
        configuration: &named(CONFIGURATION),
        tool: env!("CARGO_PKG_VERSION"),
    });
    notes.extend(written.notes.clone());
    notes.extend(clients(container, &recipe));
    notes.extend(stranger(project, own.as_ref(), sources));
    let ignored = ignored(root, project, container, &place, &written.reads, &recipe);
    let problems = dockerfile::read(&written.dockerfile).problems;
    if let Some(problem) = problems.first() {
        return Err(format!("it does not read back: line {}: {}", problem.line, problem.message));
    }
    let summary = match stands {
        Some(stands) => format!("FROM {}, built on {base}", stands.image),
        None => format!("FROM {base}{}", extra(&system, own.as_ref())),
    };
    let emission = |path: &str, content: &str, summary: &str| Emission {
        path: path.to_owned(),
        content: content.to_owned(),
        summary: summary.to_owned(),
        complete: None,
    };
    let mut files = vec![
        emission(&named(NAME), &written.dockerfile, &summary),
        emission(&named("Dockerfile.dockerignore"), &ignored, "what no step of it reads"),
        emission(
            &prefix.map_or_else(|| ".dockerignore".to_owned(), |p| format!("{p}.dockerignore")),
            &ignored,
            "the same, for builders that look for that name only",
        ),
    ];
    files.extend(trimmed.and_then(|(script, _)| script));
    if recipe.runtime == Runtime::Files {
        let port = port(own.as_ref().unwrap_or(&Own::default()));
        files.push(emission(
            &named(CONFIGURATION),
            &configuration(port, env!("CARGO_PKG_VERSION")),
            &format!("how the web server sends the files, on port {port}"),
        ));
    }
    Ok(Written { files, notes })
}

/// Small files at the top of the project's folder, of its `src` and of the programs there, which may say how it is built and what is started.
pub(crate) fn texts(root: &Path, project: &Project) -> Vec<(String, String)> {
    const MAX_BYTES: u64 = 64_000;
    const MAX_FILES: usize = 200;
    let small = |entry: &fs_err::DirEntry| entry.metadata().is_ok_and(|m| m.is_file() && m.len() <= MAX_BYTES);
    let below = |prefix: &str| -> Vec<(String, String)> {
        let entries = fs_err::read_dir(root.join(&project.files.folder).join(prefix)).into_iter().flatten().flatten();
        let text = |entry: fs_err::DirEntry| String::from_utf8(fs_err::read(entry.path()).ok()?).ok();
        let named = entries
            .filter(small)
            .take(MAX_FILES)
            .filter_map(|entry| Some((format!("{prefix}{}", entry.file_name().to_string_lossy()), text(entry)?)));
        named.collect()
    };
    let mut texts = below("");
    texts.extend(below("src/"));
    // Programs have a file or a folder each there.
    texts.extend(below("src/bin/"));
    let programs = fs_err::read_dir(root.join(&project.files.folder).join("src/bin")).into_iter().flatten().flatten();
    let folders = programs.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).take(MAX_FILES);
    for folder in folders {
        texts.extend(below(&format!("src/bin/{}/", folder.file_name().to_string_lossy())));
    }
    texts.sort();
    texts
}

fn extra(system: &[(String, String)], own: Option<&Own>) -> String {
    let mut names: BTreeSet<&str> = system.iter().map(|(name, _)| name.as_str()).collect();
    names.extend(own.iter().flat_map(|o| o.system.keys().map(String::as_str)));
    if names.is_empty() { String::new() } else { format!(" + {}", names.into_iter().collect::<Vec<_>>().join(", ")) }
}

/// Where things lie, relative to the build context.
struct Place {
    /// The build context, relative to the analysed root; empty for the root itself.
    context: String,
    project: String,
    own_context: String,
    out: String,
}

impl Place {
    /// The own container file's build context, or the project's folder, if the output folder lies in it; else the root.
    fn of(project: &Project, container: Option<&ContainerFile<'_>>, out: &str) -> Self {
        let folder = project.files.folder.as_str();
        let out = if folder.is_empty() { out.to_owned() } else { format!("{out}/{folder}") };
        let wanted = container.and_then(|c| c.observed.context.as_deref()).unwrap_or(folder).trim_end_matches('/');
        let fits = below(&out, wanted).is_some() && below(folder, wanted).is_some();
        let context = if fits { wanted.to_owned() } else { String::new() };
        Self {
            project: below(folder, &context).unwrap_or_default().to_owned(),
            own_context: below(wanted, &context).unwrap_or_default().to_owned(),
            out: below(&out, &context).unwrap_or(&out).to_owned(),
            context,
        }
    }
}

/// Where the project's folder lies in the image: where all of it, or one of its manifests, is copied to.
fn home(own: &Own, project: &Project, place: &Place) -> String {
    let inside = below(&place.project, &place.own_context).unwrap_or(&place.project);
    let manifests: Vec<&str> = project.files.manifests.iter().filter_map(|m| m.path.rsplit('/').next()).collect();
    let copied = own.items.iter().rev().find_map(|item| {
        let Item::Copy { sources, to, .. } = item else { return None };
        sources.iter().find_map(|source| {
            let source = source.trim_end_matches('/');
            let (folder, name) = source.rsplit_once('/').unwrap_or(("", source));
            if source == "." {
                let to = to.trim_end_matches('/');
                return Some(if inside.is_empty() { to.to_owned() } else { format!("{to}/{inside}") });
            }
            let manifest = folder == inside && manifests.contains(&name);
            let to = to.strip_suffix(&format!("/{name}")).filter(|_| manifest).unwrap_or(to);
            (source == inside || manifest).then(|| to.trim_end_matches('/').to_owned())
        })
    });
    copied.or_else(|| own.folder.clone()).filter(|f| f.len() > 1).unwrap_or_default()
}

/// A path as it is seen from a folder above it.
fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() {
        return Some(path);
    }
    let rest = path.strip_prefix(folder)?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }
}

/// The stage that ships: the last one that stands on the base, development left out.
pub(super) fn shipped(file: &Dockerfile, base: u32) -> Option<usize> {
    let stands = |stage: &usize| {
        let root = file.chain(*stage).last().and_then(|at| file.stages.get(*at));
        root.is_some_and(|root| root.line == base)
    };
    let says = |stage: &usize| {
        let name = file.stages.get(*stage).and_then(|s| s.name.clone()).unwrap_or_default().to_ascii_lowercase();
        name.split(['-', '_', '.']).any(|word| {
            ["dev", "develop", "development", "test", "tests", "testing", "debug", "ci", "lint"].contains(&word)
        })
    };
    let all: Vec<usize> = (0..file.stages.len()).filter(stands).collect();
    all.iter().rfind(|s| !says(s)).or_else(|| all.last()).copied()
}

/// The folder that a stage ends in.
fn working_folder(file: &Dockerfile, stage: usize) -> Option<String> {
    let chain = file.chain(stage).into_iter().rev().filter_map(|at| file.stages.get(at));
    let paths = chain.flat_map(|stage| &stage.instructions).filter(|i| !i.on_build);
    paths.fold(None, |folder: Option<String>, instruction| match &instruction.kind {
        Kind::Workdir(path) if path.starts_with('/') => Some(path.clone()),
        Kind::Workdir(path) => Some(format!("{}/{path}", folder.as_deref().unwrap_or_default().trim_end_matches('/'))),
        _ => folder,
    })
}

/// Variables of the stage that ships, and what it takes out of other stages.
#[expect(clippy::type_complexity, reason = "two lists of pairs that are used once")]
fn settings(
    container: Option<&ContainerFile<'_>>,
    stage: Option<usize>,
) -> (Vec<(String, String)>, Vec<(String, String)>) {
    let (Some(container), Some(stage)) = (container, stage) else { return <_>::default() };
    let variables = container
        .parsed
        .stages
        .get(stage)
        .map(|s| s.variables.iter().map(|(n, v)| (n.clone(), v.clone())).collect())
        .unwrap_or_default();
    let taken = container.observed.copies.iter().filter(|c| c.final_stage && c.from.is_some());
    let taken = taken.flat_map(|c| c.sources.iter().map(|s| (s.clone(), c.destination.clone()))).collect();
    (variables, taken)
}

fn read_own(root: &Path, project: &Project, container: &ContainerFile<'_>, stage: usize, recipe: &Recipe) -> Own {
    let text = fs_err::read(root.join(container.path)).map(|b| decode(&b).text.into_owned()).unwrap_or_default();
    let language = project.ecosystem;
    let context = container.observed.context.clone().unwrap_or_else(|| project.files.folder.clone());
    let context = root.join(context);
    let exists = |path: &str| {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        match name.split_once('*') {
            Some((front, behind)) => {
                fs_err::read_dir(context.join(folder)).into_iter().flatten().flatten().any(|entry| {
                    let name = entry.file_name().to_string_lossy().into_owned();
                    name.len() >= front.len() + behind.len() && name.starts_with(front) && name.ends_with(behind)
                })
            }
            None => context.join(path).exists(),
        }
    };
    let installs = |words: &[String]| {
        let command =
            Command { words: words.to_vec(), stage: Stage::ImageBuild, line: 1, workdir: None, variables: Vec::new() };
        !(language.command)(&command).installs.is_empty()
    };
    // Tags of what builds may say nothing of the version.
    let repository =
        |image: &str| image.split(['@', ':']).next().and_then(|path| path.rsplit('/').next()).map(str::to_owned);
    let builder = recipe.builder.as_deref().and_then(repository);
    own(
        &text,
        &container.parsed,
        stage,
        &Classify {
            is_language: &|image| {
                (language.runtime_of_image)(image).is_some()
                    || Tag::parse(image, language.name).is_some()
                    || (builder.is_some() && repository(image) == builder)
            },
            installs: &installs,
            bootstraps: recipe.bootstraps,
            environments: recipe.environments,
            client_variables: recipe.client_variables,
            exists: recipe.builds().then_some(&exists),
        },
    )
}

/// Chooses the base for what is written: as for the report, without what only a health check would need that is written anew.
fn decide(
    root: &Path,
    project: &Project,
    options: &Options,
    container: Option<&ContainerFile<'_>>,
    own: Option<&Own>,
) -> Choice {
    let today = options.today.map_or_else(|| catalogue::day().to_owned(), |day| day.to_string());
    let settings = options.settings_in("image", &project.files.folder);
    let language = project.ecosystem.name;
    let runtime = project.target.runtime.as_deref().and_then(|v| catalogue::version_of(language, v));
    let current = container
        .map(|c| c.base.reference.clone())
        .filter(|reference| Tag::parse(reference, language).is_some())
        .or_else(|| {
            let version = container.and_then(|c| (project.ecosystem.runtime_of_image)(&c.base.reference));
            Some(format!("{language}:{}", version.as_deref().or(runtime)?))
        })
        .unwrap_or_else(|| language.to_owned());
    let newest = catalogue::maintained(language, &today);
    let mut notes = Vec::new();
    let needs = project.environment.is_some().then(|| look(root, project, &mut notes));
    let mut run = container.map(programs).unwrap_or_default();
    if let (Some(own), Some(container)) = (own, container)
        && let Some((_, form, line)) = &own.health
        && asks(form)
    {
        let end =
            container.parsed.stages.iter().flat_map(|s| &s.instructions).map(|i| i.line).filter(|l| l > line).min();
        run.retain(|(_, place)| {
            let at: u32 = place.rsplit(':').next().and_then(|n| n.parse().ok()).unwrap_or(0);
            !(*line..end.unwrap_or(u32::MAX)).contains(&at)
        });
    }
    choose(&Situation {
        language,
        current: &current,
        version: runtime.or(newest),
        today: &today,
        flavors: settings.list("flavors"),
        registry: settings.one("registry"),
        needs: needs.as_ref(),
        packages: &packages(project),
        programs: &run,
    })
}

/// The system packages of programs that a kept step runs and a slim image lacks.
fn lacking(command: &str, line: u32, family: &str) -> Vec<(String, String)> {
    if family != "slim" {
        return Vec::new();
    }
    let script = depslim_formats::shell::read(command);
    let programs = script.commands.iter().filter_map(|c| c.words.first()).map(|p| base_name(p));
    programs
        .filter_map(|p| {
            Some((
                catalogue::package_of_program(p)?.to_owned(),
                format!("line {line} of the project's own file runs {p}"),
            ))
        })
        .collect()
}

/// The Debian release that an image stands on; empty when it is another distribution, or not known.
fn final_suite(base: &str, project: &Project) -> String {
    let named = |word: &str| Release::of_codename(word);
    let told = base.split([':', '-']).find_map(named);
    let floating = || {
        let language = project.ecosystem.name;
        let tag = Tag::parse(base, language)?;
        tag.stands_on(language, tag.version.as_deref()?)
    };
    told.or_else(floating).and_then(|release| release.codename).unwrap_or_default().to_owned()
}

/// Gives the packages that the own container file installs the names that they have in the release that is written for.
fn renamed(own: &mut Own, suite: &str) -> Vec<String> {
    let changed: Vec<(String, &'static str)> =
        own.system.keys().filter_map(|name| Some((name.clone(), catalogue::renamed(name, suite)?))).collect();
    let rename = |(old, new): (String, &'static str)| {
        if let Some(line) = own.system.remove(&old) {
            own.system.insert(new.to_owned(), line);
        }
        format!("{old} is called {new} in {suite}")
    };
    changed.into_iter().map(rename).collect()
}

/// What starts the program by a file other than a container file.
fn start(root: &Path, project: &Project, container: Option<&ContainerFile<'_>>) -> Option<Start> {
    if container.is_some() {
        return None;
    }
    let folder = project.files.folder.as_str();
    let builds = project.commands.iter().flat_map(|(path, o)| o.builds.iter().map(move |b| (path, b)));
    let here = |context: &str| context.trim_matches(['.', '/']) == folder;
    let mut built = builds.filter(|(_, b)| !b.dev && !b.command.is_empty() && here(&b.context));
    if let Some((path, build)) = built.next() {
        let place = format!("{path}:{}", build.command_line);
        return Some(Start { form: Form::Exec(build.command.clone()), place });
    }
    let (path, observed) = project.commands.iter().find(|(path, _)| path.ends_with("Procfile"))?;
    // The process that answers the web, else the first.
    let text = fs_err::read(root.join(path)).map(|b| decode(&b).text.into_owned()).unwrap_or_default();
    let (line, text) = text
        .lines()
        .zip(1u32..)
        .filter_map(|(line, at)| Some((at, line.split_once(':').filter(|(name, _)| !name.trim().starts_with('#'))?)))
        .map(|(at, (name, command))| (at, name.trim().to_owned(), command.trim().to_owned()))
        .min_by_key(|(at, name, _)| (name != "web", *at))
        .map(|(at, _, command)| (at, command))?;
    let is_known = observed.commands.iter().any(|c| c.line == line);
    is_known.then(|| Start { form: Form::Shell { text, line }, place: format!("{path}:{line}") })
}

/// Programs that only root may run, where the program is started.
const FOR_ROOT: &[&str] = &[
    "gosu", "su-exec", "su", "setpriv", "runuser", "chown", "service", "cron", "crond", "sshd", "nginx", "apt-get",
    "usermod", "mount",
];

fn needs_root(container: Option<&ContainerFile<'_>>, own: &Own) -> Option<String> {
    let own_user =
        own.user.as_deref().is_some_and(|u| !u.is_empty() && u != "root" && u != "0" && !u.starts_with("0:"));
    if own_user {
        return None;
    }
    let container = container?;
    // Who installs one of these means to start as root and to go on as somebody else.
    if let Some((package, line)) = own.system.iter().find(|(name, _)| ["gosu", "su-exec"].contains(&name.as_str())) {
        return Some(format!("{}:{line} installs {package}, by which it changes the user itself", container.path));
    }
    let starts = container.observed.commands.iter().filter(|c| c.stage == Stage::Run);
    starts
        .filter_map(|c| Some((base_name(c.words.first()?), c.line)))
        .find(|(program, _)| FOR_ROOT.contains(program))
        .map(|(program, line)| format!("what {}:{line} starts runs {program}", container.path))
}

/// Clients that the program is started with from a script, and that the image does not have.
fn clients(container: Option<&ContainerFile<'_>>, recipe: &Recipe) -> Vec<String> {
    let Some(container) = container else { return Vec::new() };
    let scripts = container.observed.commands.iter().filter(|c| c.stage == Stage::Run);
    let direct = container.parsed.stages.iter().flat_map(|s| &s.instructions).map(|i| i.line).collect::<BTreeSet<_>>();
    scripts
        .filter(|c| !direct.contains(&c.line))
        .filter_map(|c| {
            let (runner, _) = recipe.runners.iter().find(|(runner, _)| runner.iter().zip(&c.words).all(|(r, w)| r == w) && c.words.len() >= runner.len())?;
            Some(format!("a script that starts the program runs `{}`, which the image does not have: start the program by its own name", runner.join(" ")))
        })
        .collect()
}

/// What starts the image, when everything is installed here and nothing of it brings that program.
fn stranger(project: &Project, own: Option<&Own>, sources: &[Source<'_>]) -> Option<String> {
    let (form, line) = own?.entrypoint.as_ref().or(own?.command.as_ref())?;
    let Form::Exec(words) = form else { return None };
    let program = words.first().filter(|p| !p.contains(['/', '$', '.']))?;
    let nodes: Vec<_> = project.verdicts.kept.packages().map(|p| project.graph.node(p)).collect();
    let seen = project.environment.is_some() && project.plan.keep.iter().all(|k| k.bytes.is_some());
    let brought = nodes.iter().any(|n| n.provide.programs.iter().any(|p| p == program));
    let named = sources.iter().any(|s| String::from_utf8_lossy(s.bytes).contains(program.as_str()));
    let runtime = program.starts_with(project.ecosystem.name) || depslim_formats::shell::is_shell(program);
    let strange = seen && !brought && !named && !runtime;
    strange.then(|| format!("line {line} of the project's own file starts {program}, which no installed package brings: add it to the dependencies"))
}

/// What decided, for the comment above the file.
fn because(choice: &Choice, base: &str, apart: bool) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(current) = choice.image.current.as_deref().filter(|c| *c != base && !apart) {
        lines.push(format!("Base: {base} instead of {current}."));
    }
    if apart {
        // Of the builder's base only its version matters.
        lines.extend(choice.image.reasons.iter().filter(|r| r.starts_with("version ")).cloned());
        return lines;
    }
    lines.extend(
        choice
            .image
            .reasons
            .iter()
            .filter(|r| !choice.system.iter().any(|(name, _)| r.starts_with(&format!("{name}:"))))
            .take(4)
            .cloned(),
    );
    lines
}

fn ignored(
    root: &Path,
    project: &Project,
    container: Option<&ContainerFile<'_>>,
    place: &Place,
    reads: &[String],
    recipe: &Recipe,
) -> String {
    let own_context = container.and_then(|c| c.observed.context.as_deref()).unwrap_or(&project.files.folder);
    let beside = container.and_then(|c| fs_err::read(root.join(format!("{}.dockerignore", c.path))).ok());
    let own = beside.or_else(|| fs_err::read(root.join(own_context).join(".dockerignore")).ok());
    let own = own.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let mut used: Vec<String> = project
        .report
        .packages
        .iter()
        .flat_map(|p| &p.usage.evidence)
        .filter_map(|e| e.file.clone())
        .filter_map(|file| below(&file, &place.context).map(str::to_owned))
        .collect();
    if recipe.reads_all {
        used.extend(["tests", "test", "docs", "doc"].map(|folder| format!("{folder}/.")));
    }
    used.sort();
    used.dedup();
    let mut environments: Vec<String> = project
        .environment
        .iter()
        .map(|e| files::relative(root, &e.tree))
        .filter(|tree| !tree.starts_with('/') && !tree.starts_with(".."))
        .filter_map(|tree| below(&tree, &place.context).map(str::to_owned))
        .collect();
    environments.extend(recipe.needless.iter().map(|folder| (*folder).to_owned()));
    environments.sort();
    environments.dedup();
    ignore(&Reads {
        paths: reads,
        own: own.as_deref().map(|text| (text, place.own_context.as_str())),
        used: &used,
        environments: &environments,
        tool: env!("CARGO_PKG_VERSION"),
    })
}
