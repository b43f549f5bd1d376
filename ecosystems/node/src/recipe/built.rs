//! How an image of a server is built whose program a build writes: everything is installed and built in a stage of its own, what was
//! exported is installed beside it, and the image has the latter and what the build wrote.

use super::install as install_all;
use super::server::{folder, install, runtime};
use depslim_model::Stage;
use depslim_model::recipe::{Makes, Recipe, RecipeRequest, Step};
use serde_json::Value;

/// Where packages of production are installed, in the builder stage.
const PRODUCTION: &str = "/production";
/// The folder of files that are sent as they are.
const PUBLIC: &str = "public";
/// Takes the project's own hooks out of the manifest: they prepare its sources, and those of packages stay.
const WITHOUT_HOOKS: &str =
    "npm pkg delete scripts.preinstall scripts.install scripts.postinstall scripts.prepare \\\n    && ";
/// Folders that builds write programs to.
const BUILT: &[&str] =
    &["dist", "build", "out", ".next", ".output", ".nuxt", ".svelte-kit", "lib-dist", "compiled", "lib"];
/// Programs that run sources of other languages as they are.
const RUNNERS: &[&str] = &["tsx", "ts-node", "ts-node-dev", "esno", "vite-node", "bun"];

/// A line of the table.
#[derive(Clone, Copy)]
struct Framework {
    starts: &'static str,
    builds: &'static str,
    writes: &'static str,
    alone: bool,
    start: &'static str,
}

/// What is built, and what of it is started.
pub(super) struct Build {
    /// What the build writes that the program needs, relative to the project.
    writes: Vec<String>,
    /// The image needs no packages beside it.
    alone: bool,
    start: Vec<String>,
    /// It goes into the image as one folder that holds all (`standalone` of Next.js).
    standalone: bool,
}

impl Build {
    /// How it is built; `None` when the program runs as it is written.
    pub(super) fn of<'a>(
        request: &RecipeRequest<'_>,
        start: &[String],
        script: &dyn Fn(&str) -> Option<&'a str>,
    ) -> Result<Option<Self>, String> {
        let built = |path: &str| {
            let path = path.trim_start_matches("./").trim_start_matches('/');
            let first = path.split('/').next().unwrap_or_default();
            // A folder that is there without a build is none that a build fills.
            BUILT.contains(&first) && (first != "lib" || script("build").is_some())
        };
        let source = |word: &str| [".ts", ".tsx", ".mts", ".cts"].iter().any(|ending| word.ends_with(ending));
        let commands: Vec<Vec<String>> = commands(request, script);
        let framework = commands.iter().find_map(|words| {
            let text = words.join(" ");
            let plain = text.strip_prefix("npx ").unwrap_or(&text);
            table().find(|f| plain.starts_with(f.starts))
        });
        if let Some(framework) = framework {
            let build = script("build").unwrap_or_default();
            let table: Vec<Framework> = table().filter(|f| f.starts == framework.starts).collect();
            let framework = table.iter().find(|f| build.contains(f.builds)).copied().unwrap_or(framework);
            let standalone = request.texts.iter().any(|(name, text)| {
                name.starts_with("next.config.") && text.contains("output") && text.contains("standalone")
            });
            let own = commands.iter().find(|words| words.join(" ").contains(framework.starts));
            return Ok(Some(framework.build(standalone && framework.writes == ".next", own)));
        }
        let words = || commands.iter().flatten().map(String::as_str).chain(start.iter().map(String::as_str));
        let runner = |word: &str| RUNNERS.contains(&word) && request.plan.keep.iter().any(|kept| kept.package == word);
        if let Some(word) = words().find(|word| source(word))
            && !words().any(runner)
        {
            return Err(format!("{word} is started as it is written, and no package of production can run it"));
        }
        let folder = folder(request);
        let inside = |word: &str| {
            let prefix = format!("{}/", folder.trim_end_matches('/'));
            word.strip_prefix(prefix.as_str()).unwrap_or(word).to_owned()
        };
        let Some(path) = words().map(inside).find(|word| built(word)) else { return Ok(None) };
        let first = path.trim_start_matches("./").trim_start_matches('/').split('/').next().unwrap_or_default();
        let start = commands.iter().find(|words| words.first().is_some_and(|p| p == "node")).cloned();
        Ok(Some(Self {
            writes: vec![first.to_owned()],
            alone: first == ".output",
            start: start.unwrap_or_else(|| start_of(&path)),
            standalone: false,
        }))
    }

    /// Whether the program reads a file of settings when it starts.
    fn reads(&self, name: &str) -> bool {
        name.starts_with("next.config.") && self.writes.iter().any(|path| path == ".next")
    }

    /// The recipe.
    pub(super) fn recipe(
        &self,
        request: &RecipeRequest<'_>,
        manifest: &Value,
        own: &dyn Fn(&str) -> bool,
    ) -> Result<Recipe, String> {
        let script = |name: &str| manifest.get("scripts").and_then(|s| s.get(name)).and_then(Value::as_str);
        if script("build").is_none() {
            return Err("what it starts is built first, and no script called build says how".into());
        }
        let folder = folder(request);
        let place = folder.trim_end_matches('/');
        let (all, lock, cache) = install_all(request, manifest, own)?;
        let hooks = ["preinstall", "install", "postinstall", "prepare"].iter().any(|name| script(name).is_some());
        let settings: Vec<String> = [".npmrc", ".yarnrc.yml", ".yarnrc"]
            .iter()
            .filter(|name| request.texts.iter().any(|(path, _)| path == *name))
            .map(|name| (*name).to_owned())
            .collect();
        let run = |command: String| Step::Run { command, caches: vec![cache.to_owned()] };
        let whole = Step::Copy { sources: vec![".".to_owned()], to: ".".to_owned() };
        let mut steps = vec![Step::Folder(folder.clone())];
        if hooks || manifest.get("workspaces").is_some() {
            steps.push(whole.clone());
        } else {
            let lists = ["package.json".to_owned(), lock.to_owned()].into_iter().chain(settings.iter().cloned());
            steps.push(Step::Copy { sources: lists.collect(), to: "./".to_owned() });
        }
        let early = steps.contains(&whole);
        if !early {
            steps.push(run(all.clone()));
            steps.push(whole);
        }
        // A folder for what is sent as it is may be there or not.
        let public =
            if self.standalone || self.writes.iter().any(|w| w == PUBLIC) { " && mkdir -p public" } else { "" };
        // Nothing is copied in between: one step is enough.
        let before = if early { format!("{all} \\\n    && ") } else { String::new() };
        steps.push(run(format!("{before}npm run build{public}")));
        let mut results = Vec::new();
        if self.standalone {
            results.push((format!("{place}/.next/standalone"), place.to_owned()));
            results.push((format!("{place}/.next/static"), format!("{place}/.next/static")));
            results.push((format!("{place}/public"), format!("{place}/public")));
        } else {
            if !self.alone {
                let (lock, install, cache) = install(request, manifest)?;
                steps.push(Step::Folder(PRODUCTION.to_owned()));
                if !settings.is_empty() {
                    steps.push(Step::Copy { sources: settings, to: "./".to_owned() });
                }
                let exported = vec!["package.json".to_owned(), lock.to_owned()];
                steps.push(Step::CopyExported { sources: exported, to: "./".to_owned() });
                let before = if hooks { WITHOUT_HOOKS } else { "" };
                steps.push(Step::Run { command: format!("{before}{install}"), caches: vec![cache.to_owned()] });
                results.push((format!("{PRODUCTION}/node_modules"), format!("{place}/node_modules")));
            }
            results.push((format!("{place}/package.json"), format!("{place}/package.json")));
            let settings = request.texts.iter().map(|(name, _)| name).filter(|name| self.reads(name));
            let taken = self.writes.iter().chain(settings);
            results.extend(taken.map(|path| (format!("{place}/{path}"), format!("{place}/{path}"))));
        }
        let mut remarks = Vec::new();
        if hooks && !self.alone && !self.standalone {
            remarks.push(
                "the project's own hooks run where it is built, not where packages of production are installed"
                    .to_owned(),
            );
        }
        Ok(Recipe {
            steps,
            results,
            start: self.start.clone(),
            makes: if self.alone || self.standalone { Makes::Everything } else { Makes::Program },
            remarks,
            bootstraps: BOOTSTRAPS,
            environments: ENVIRONMENTS,
            needless: NEEDLESS,
            // A build may read any file.
            reads_all: true,
            ..runtime()
        })
    }
}

/// Parts of command lines that the builder stage does already.
const BOOTSTRAPS: &[&str] = &[
    "corepack enable",
    "install -g pnpm",
    "install -g yarn",
    "i -g pnpm",
    "i -g yarn",
    "npm run build",
    "yarn build",
    "yarn run build",
    "pnpm build",
    "pnpm run build",
    "npm prune",
    "yarn cache clean",
    "npm cache clean",
    "npx tsc",
    "npx next build",
    "npx nest build",
];
/// What a build writes, wherever the own container file takes it from.
const ENVIRONMENTS: &[&str] =
    &["node_modules", "/dist", "/build", "/out", "/.next", "/.output", "/.nuxt", "/.svelte-kit", "/compiled"];
/// Folders that a build fills anew.
const NEEDLESS: &[&str] = &["node_modules", "dist", ".next", ".output", ".nuxt", ".svelte-kit"];

impl Framework {
    fn build(self, standalone: bool, own: Option<&Vec<String>>) -> Build {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let start = match (self.start, own) {
            _ if standalone => words("node server.js"),
            // Its own arguments say what is served.
            ("-" | "node_modules/.bin/next start", Some(own)) => {
                let own: Vec<&String> = own.iter().filter(|word| *word != "npx").collect();
                let (program, rest) = own.split_first().map_or(("", &[][..]), |(p, rest)| (p.as_str(), rest));
                let program = program.rsplit('/').next().unwrap_or_default();
                std::iter::once(format!("node_modules/.bin/{program}"))
                    .chain(rest.iter().map(|w| (*w).clone()))
                    .collect()
            }
            ("-", None) => Vec::new(),
            (start, _) => words(start),
        };
        let mut writes = vec![self.writes.to_owned()];
        // What is sent as it is lies beside what was built.
        if self.writes == ".next" {
            writes.push(PUBLIC.to_owned());
        }
        Build { writes, alone: self.alone, start, standalone }
    }
}

fn table() -> impl Iterator<Item = Framework> {
    include_str!("../../data/builds.txt").lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut parts = line.split('\t');
        let (starts, builds, writes) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Framework { starts, builds, writes, alone: parts.next()? == "alone", start: parts.next()? })
    })
}

/// What is started: by the own container file and, where that calls a script or says nothing, by the script.
fn commands<'a>(request: &RecipeRequest<'_>, script: &dyn Fn(&str) -> Option<&'a str>) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> =
        request.commands.iter().filter(|c| c.stage == Stage::Run).map(|c| c.words.clone()).collect();
    let called: Vec<&str> = found.iter().filter_map(|words| called(words)).collect();
    let names = if found.is_empty() { vec!["start:prod", "start"] } else { called };
    let texts = names.into_iter().find_map(script);
    let said =
        texts.map(|text| text.split("&&").map(|part| part.split_whitespace().map(str::to_owned).collect::<Vec<_>>()));
    for words in said.into_iter().flatten() {
        let words: Vec<String> = words.into_iter().skip_while(|w| w.contains('=') || w == "cross-env").collect();
        if words.first().is_some_and(|first| first == "node") && words.iter().any(|word| word.contains('$')) {
            continue;
        }
        found.push(words);
    }
    found
}

/// The script that a client runs (`npm run start:prod`).
fn called(words: &[String]) -> Option<&str> {
    let mut rest = words.iter().map(String::as_str).filter(|word| !word.starts_with('-'));
    let client = rest.next()?.rsplit('/').next()?;
    ["npm", "yarn", "pnpm"].contains(&client).then_some(())?;
    match rest.next()? {
        "run" | "run-script" => rest.next(),
        name => Some(name),
    }
}

fn start_of(path: &str) -> Vec<String> {
    vec!["node".to_owned(), path.trim_start_matches("./").to_owned()]
}
