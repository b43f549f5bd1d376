//! How an image is built. Of a front end everything is installed and bundled in a stage of its own, and a web server sends the result;
//! of a server what was exported is installed there, and taken along, with what its build writes.

mod built;
mod server;

use depslim_model::Command;
use depslim_model::recipe::{Recipe, RecipeRequest, Runtime, Step};
use serde_json::Value;

/// Programs that turn a front end into files, and the folder that they write to unless told otherwise.
const BUILDERS: &[(&str, &str)] = &[
    ("react-scripts build", "build"),
    ("craco build", "build"),
    ("react-app-rewired build", "build"),
    ("vite build", "dist"),
    ("vue-cli-service build", "dist"),
    ("parcel build", "dist"),
    ("gatsby build", "public"),
    ("eleventy", "_site"),
];
/// Programs that serve a front end while it is developed.
const SERVERS: &[&str] = &[
    "react-scripts",
    "craco",
    "react-app-rewired",
    "vite",
    "vue-cli-service",
    "parcel",
    "gatsby",
    "serve",
    "http-server",
];
/// Beginnings of variables that bundlers put into what they write.
const BUILT_IN: &[&str] = &["REACT_APP_", "VITE_", "VUE_APP_", "GATSBY_"];
/// Where the web server of the final stage looks for files.
const FILES: &str = "/usr/share/nginx/html";
/// Where the front end is built.
const FOLDER: &str = "/app";

/// Where npm, yarn and pnpm keep what they fetched.
const CACHES: (&str, &str, &str) = ("/root/.npm", "/usr/local/share/.cache/yarn", "/root/.local/share/pnpm/store");

/// The recipe.
pub(crate) fn recipe(request: &RecipeRequest<'_>) -> Result<Recipe, String> {
    let folder = if request.plan.project == "." { "" } else { request.plan.project.as_str() };
    let here = |path: &str| path.rsplit_once('/').map_or("", |(above, _)| above) == folder;
    let own = |name: &str| request.sources.iter().find(|s| s.file_name() == name && here(s.path));
    let manifest = own("package.json").ok_or("it has no package.json of its own")?;
    let manifest: Value =
        serde_json::from_slice(manifest.bytes).map_err(|_| "package.json can't be read".to_owned())?;
    let script = |name: &str| manifest.get("scripts").and_then(|s| s.get(name)).and_then(Value::as_str);
    let bundled = |build: &str| BUILDERS.iter().find(|(words, _)| build.split("&&").any(|part| runs(part, words)));
    let Some((build, (_, default))) = script("build").and_then(|build| Some((build, bundled(build)?))) else {
        return server::recipe(request, &manifest, &|name| own(name).is_some());
    };
    let serves = script("start").map(|start| SERVERS.iter().any(|s| start.split_whitespace().any(|w| w == *s)));
    if request.sends_files == Some(false) || (request.sends_files.is_none() && serves == Some(false)) {
        return Err(
            "it builds a front end and starts a server of its own: which of them the image is for is not known".into(),
        );
    }
    let out = output(build, request).unwrap_or_else(|| (*default).to_owned());
    let (install, lock, cache) = install(request, &manifest, &|name| own(name).is_some())?;
    let mut steps = vec![Step::Folder(FOLDER.to_owned())];
    // What runs while packages are installed may read any file of the project.
    let hooks = ["preinstall", "install", "postinstall", "prepare"].iter().any(|name| script(name).is_some());
    let whole = Step::Copy { sources: vec![".".to_owned()], to: ".".to_owned() };
    if hooks
        || manifest.get("workspaces").is_some()
        || request.texts.iter().any(|(name, _)| name == ".npmrc" || name == ".yarnrc")
    {
        steps.push(whole.clone());
    } else {
        steps.push(Step::Copy { sources: vec!["package.json".to_owned(), lock.to_owned()], to: "./".to_owned() });
    }
    let run = |command: String| Step::Run { command, caches: vec![cache.to_owned()] };
    steps.push(run(install));
    if !steps.contains(&whole) {
        steps.push(whole);
    }
    steps.push(run("npm run build".to_owned()));
    let mut remarks = Vec::new();
    if let Some(proxy) = manifest.get("proxy").and_then(Value::as_str) {
        remarks.push(format!("package.json sends what is no file to {proxy} while it is developed: the web server in front has to do that"));
    }
    let mut build_variables: Vec<(String, String)> = request
        .set
        .iter()
        .filter(|(name, value)| BUILT_IN.iter().any(|b| name.starts_with(b)) && !value.contains('$'))
        .cloned()
        .collect();
    build_variables.sort();
    build_variables.dedup_by(|a, b| a.0 == b.0);
    if !build_variables.is_empty() {
        remarks.push("variables are built into the files: give them with --build-arg, no container can change them when it starts".to_owned());
    }
    Ok(Recipe {
        runtime: Runtime::Files,
        build_variables,
        steps,
        results: vec![(format!("{FOLDER}/{out}"), FILES.to_owned())],
        remarks,
        ..Recipe::default()
    })
}

/// Whether a part of a script runs a program with a subcommand.
fn runs(part: &str, words: &str) -> bool {
    let plain: Vec<&str> =
        part.split_whitespace().filter(|w| !w.contains('=') && *w != "cross-env" && *w != "npx").collect();
    let wanted: Vec<&str> = words.split(' ').collect();
    plain.starts_with(&wanted)
}

/// The folder that the build is told to write to.
fn output(build: &str, request: &RecipeRequest<'_>) -> Option<String> {
    let words: Vec<&str> = build.split_whitespace().collect();
    let told = words.iter().enumerate().find_map(|(at, word)| {
        let flags = ["--outDir", "--out-dir", "--dest", "--dist-dir", "--output"];
        match word.split_once('=') {
            Some((flag, value)) if flags.contains(&flag) || flag == "BUILD_PATH" => Some((*value).to_owned()),
            None if flags.contains(word) => words.get(at + 1).map(|v| (*v).to_owned()),
            _ => None,
        }
    });
    let configured = || {
        let configuration = request
            .texts
            .iter()
            .find(|(name, _)| name.starts_with("vite.config.") || name.starts_with("vue.config."))?;
        let behind = ["outDir", "outputDir"]
            .iter()
            .find_map(|key| configuration.1.split_once(&format!("{key}:")))?
            .1
            .trim_start();
        let quote = behind.chars().next().filter(|c| ['\'', '"', '`'].contains(c))?;
        behind[1..].split(quote).next().map(str::to_owned)
    };
    let path = told.or_else(configured)?;
    let plain = path.trim_matches(['\'', '"']).trim_start_matches("./").trim_end_matches('/').to_owned();
    (!plain.is_empty() && !plain.contains("..") && !plain.starts_with('/') && !plain.contains('$')).then_some(plain)
}

/// The command that installs what the lock says, the lock, and the client's cache.
fn install(
    request: &RecipeRequest<'_>,
    manifest: &Value,
    has: &dyn Fn(&str) -> bool,
) -> Result<(String, &'static str, &'static str), String> {
    let version = |name: &str, otherwise: &str| version(manifest, name, otherwise);
    if has("package-lock.json") {
        // What the project's own file has to tell the client, it has to be told here too.
        let flags: Vec<&str> = request
            .commands
            .iter()
            .filter(|c| is_npm_ci(c))
            .flat_map(|c| c.words.iter().skip(2))
            .map(String::as_str)
            .filter(|w| {
                w.starts_with("--") && !w.starts_with("--omit") && !w.starts_with("--prod") && !w.starts_with("--only")
            })
            .collect();
        let flags: String = flags.iter().map(|f| [" ", f].concat()).collect::<Vec<_>>().concat();
        return Ok((format!("npm ci{flags}"), "package-lock.json", CACHES.0));
    }
    if has("yarn.lock") {
        return Ok((
            format!("npx --yes yarn@{} install --frozen-lockfile", version("yarn", "1.22.22")),
            "yarn.lock",
            CACHES.1,
        ));
    }
    if has("pnpm-lock.yaml") {
        return Ok((
            format!("npx --yes pnpm@{} install --frozen-lockfile", version("pnpm", "10")),
            "pnpm-lock.yaml",
            CACHES.2,
        ));
    }
    Err("it has no lock of npm, yarn or pnpm, so two builds would not be the same".into())
}

/// The version of a client that the manifest asks for.
fn version(manifest: &Value, name: &str, otherwise: &str) -> String {
    let manager = manifest.get("packageManager").and_then(Value::as_str);
    let said = manager.and_then(|m| m.strip_prefix(name)?.strip_prefix('@'));
    let plain = said
        .map(|m| m.split('+').next().unwrap_or(m))
        .filter(|m| m.chars().all(|c| c.is_ascii_alphanumeric() || c == '.'));
    plain.unwrap_or(otherwise).to_owned()
}

fn is_npm_ci(command: &Command) -> bool {
    matches!(command.words.as_slice(), [npm, verb, ..] if npm == "npm" && (verb == "ci" || verb == "install" || verb == "i"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::ecosystem::Plan;
    use depslim_model::recipe::Makes;
    use depslim_model::{Settings, Source};

    fn check(
        manifest: &str,
        lock: &str,
        own: &[&str],
        texts: &[(&str, &str)],
        sends_files: Option<bool>,
    ) -> Result<Recipe, String> {
        let settings = Settings::default();
        let plan = Plan { project: "web".to_owned(), ..Plan::default() };
        let lock = format!("web/{lock}");
        let sources = [
            Source { path: "web/package.json", bytes: manifest.as_bytes(), settings: &settings },
            Source { path: &lock, bytes: b"", settings: &settings },
        ];
        let commands: Vec<Command> = own
            .iter()
            .map(|c| Command {
                words: c.split(' ').map(str::to_owned).collect(),
                stage: depslim_model::Stage::ImageBuild,
                line: 1,
                workdir: None,
                variables: Vec::new(),
            })
            .collect();
        let texts: Vec<(String, String)> = texts.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        recipe(&RecipeRequest {
            plan: &plan,
            sources: &sources,
            exported: &[],
            commands: &commands,
            variables: &[],
            taken: &[],
            folder: None,
            base: "node:24-alpine",
            from_source: &[],
            sends_files,
            set: &[("VITE_API".to_owned(), "/api".to_owned()), ("OTHER".to_owned(), "x".to_owned())],
            texts: &texts,
            entries: &[],
            needs: &[],
        })
    }

    fn commands(recipe: &Recipe) -> Vec<&str> {
        recipe
            .steps
            .iter()
            .filter_map(|s| if let Step::Run { command, .. } = s { Some(command.as_str()) } else { None })
            .collect()
    }

    #[test]
    fn a_front_end_becomes_files() {
        let found = check(
            r#"{"scripts": {"start": "react-scripts start", "build": "react-scripts build"}}"#,
            "package-lock.json",
            &["npm ci --legacy-peer-deps --omit=dev"],
            &[],
            Some(true),
        )
        .unwrap();
        assert_eq!(commands(&found), ["npm ci --legacy-peer-deps", "npm run build"]);
        assert_eq!((found.runtime, found.results), (Runtime::Files, vec![("/app/build".to_owned(), FILES.to_owned())]));
        assert_eq!(found.build_variables, [("VITE_API".to_owned(), "/api".to_owned())]);
    }

    #[test]
    fn the_folder_is_where_the_build_is_told_to_write() {
        for (build, texts, expect) in [
            ("tsc && vite build", &[][..], "/app/dist"),
            ("vite build --outDir out/web", &[], "/app/out/web"),
            ("vite build", &[("vite.config.ts", "build: { outDir: './site' }")], "/app/site"),
            ("BUILD_PATH=x react-scripts build", &[], "/app/x"),
            ("vite build --outDir ../up", &[], "/app/dist"),
        ] {
            let found =
                check(&format!(r#"{{"scripts": {{"build": "{build}"}}}}"#), "yarn.lock", &[], texts, None).unwrap();
            assert_eq!(found.results[0].0, expect, "{build}");
        }
    }

    #[test]
    fn what_runs_at_install_gets_all_files_first() {
        let found = check(
            r#"{"packageManager": "pnpm@9.1.0+sha1.a", "scripts": {"build": "vite build", "postinstall": "patch"}}"#,
            "pnpm-lock.yaml",
            &[],
            &[],
            None,
        )
        .unwrap();
        assert_eq!(commands(&found), ["npx --yes pnpm@9.1.0 install --frozen-lockfile", "npm run build"]);
        assert_eq!(found.steps[1], Step::Copy { sources: vec![".".to_owned()], to: ".".to_owned() });
    }

    #[test]
    fn servers_take_along_what_was_exported() {
        let settings = Settings::default();
        let manifest = br#"{"main": "server.js", "scripts": {"start": "node server.js"}}"#;
        let sources = [Source { path: "package.json", bytes: manifest, settings: &settings }];
        let plan = Plan { project: ".".to_owned(), ..Plan::default() };
        let command = Command {
            words: ["node", "server.js"].map(str::to_owned).into(),
            stage: depslim_model::Stage::Run,
            line: 1,
            workdir: Some("/srv".to_owned()),
            variables: Vec::new(),
        };
        let found = recipe(&RecipeRequest {
            plan: &plan,
            sources: &sources,
            exported: &["package.json".to_owned(), "package-lock.json".to_owned()],
            commands: &[command],
            variables: &[],
            taken: &[],
            folder: None,
            base: "node:24-alpine",
            from_source: &[],
            sends_files: Some(false),
            set: &[],
            texts: &[],
            entries: &[],
            needs: &[],
        })
        .unwrap();
        assert_eq!(commands(&found), ["npm ci --omit=dev"]);
        assert_eq!(found.results, [("/srv/node_modules".to_owned(), "/srv/node_modules".to_owned())]);
        assert_eq!((found.runtime, found.start), (Runtime::Language, vec!["node".to_owned(), "server.js".to_owned()]));
    }

    /// The recipe of a server: its manifest, what its image starts, names of files at the top with their text, and what is exported.
    fn server(manifest: &str, start: &str, texts: &[(&str, &str)], exported: &[&str]) -> Result<Recipe, String> {
        let settings = Settings::default();
        let sources = [
            Source { path: "package.json", bytes: manifest.as_bytes(), settings: &settings },
            Source { path: "package-lock.json", bytes: b"{}", settings: &settings },
        ];
        let commands = [Command {
            words: start.split(' ').map(str::to_owned).collect(),
            stage: depslim_model::Stage::Run,
            line: 1,
            workdir: Some("/srv".to_owned()),
            variables: Vec::new(),
        }];
        recipe(&RecipeRequest {
            plan: &Plan { project: ".".to_owned(), ..Plan::default() },
            sources: &sources,
            exported: &exported.iter().map(|e| (*e).to_owned()).collect::<Vec<_>>(),
            commands: if start.is_empty() { &[] } else { &commands },
            variables: &[],
            taken: &[("/srv/dist".to_owned(), "/srv/dist".to_owned())],
            folder: None,
            base: "node:24-alpine",
            from_source: &[],
            sends_files: Some(false),
            set: &[],
            texts: &texts.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>(),
            entries: &[],
            needs: &[],
        })
    }

    const LOCKED: &[&str] = &["package.json", "package-lock.json"];

    #[test]
    fn what_is_built_first_is_built_with_everything_and_runs_with_little() {
        let manifest = r#"{"scripts": {"build": "tsc", "start:prod": "node dist/main.js", "start": "nest start"}}"#;
        for start in ["", "node dist/main.js", "npm run start:prod", "node /srv/dist/main.js"] {
            let found = server(manifest, start, &[(".npmrc", "")], LOCKED).unwrap_or_else(|e| panic!("{start}: {e}"));
            assert_eq!(commands(&found), ["npm ci", "npm run build", "npm ci --omit=dev"], "{start}");
            let place = if start.is_empty() { "/app" } else { "/srv" };
            let expect = [
                ("/production/node_modules".to_owned(), format!("{place}/node_modules")),
                (format!("{place}/package.json"), format!("{place}/package.json")),
                (format!("{place}/dist"), format!("{place}/dist")),
            ];
            assert_eq!(found.results, expect, "{start}");
            assert_eq!(found.start[0], "node", "{start}");
            assert!(found.start[1].ends_with("dist/main.js") && found.makes == Makes::Program, "{start}");
        }
    }

    #[test]
    fn frameworks_say_what_their_builds_write() {
        let script = |build: &str, start: &str| format!(r#"{{"scripts": {{"build": "{build}", "start": "{start}"}}}}"#);
        let next = script("next build", "next start -p 80");
        let alone = [("next.config.mjs", "export default { output: 'standalone' }")];
        for (manifest, texts, expect, start) in [
            (&next, &alone[..], "/app /app/.next/static /app/public", "node server.js"),
            (
                &next,
                &[("next.config.js", "")],
                "/app/node_modules /app/package.json /app/.next /app/public /app/next.config.js",
                "node_modules/.bin/next start -p 80",
            ),
            (
                &script("nest build", "nest start"),
                &[],
                "/app/node_modules /app/package.json /app/dist",
                "node dist/main",
            ),
            (
                &script("nuxt build", "nuxt start"),
                &[],
                "/app/package.json /app/.output",
                "node .output/server/index.mjs",
            ),
            (
                &script("remix vite:build", "remix-serve ./build/server/index.js"),
                &[],
                "/app/node_modules /app/package.json /app/build",
                "node_modules/.bin/remix-serve ./build/server/index.js",
            ),
        ] {
            let found = server(manifest, "", texts, LOCKED).unwrap_or_else(|e| panic!("{manifest}: {e}"));
            let results: Vec<&str> = found.results.iter().map(|(_, to)| to.as_str()).collect();
            assert_eq!((results.join(" ").as_str(), found.start.join(" ").as_str()), (expect, start), "{manifest}");
        }
    }

    #[test]
    fn hooks_of_the_project_are_for_its_sources() {
        let manifest = r#"{"scripts": {"build": "tsc", "start": "node dist/x.js", "prepare": "husky"}}"#;
        let found = server(manifest, "", &[], LOCKED).unwrap();
        let last = commands(&found).pop().unwrap().to_owned();
        assert!(last.starts_with("npm pkg delete scripts.preinstall") && last.ends_with("npm ci --omit=dev"), "{last}");
        assert_eq!(found.remarks.len(), 1);
    }

    #[test]
    fn what_nobody_can_run_or_build_is_not_written() {
        for (manifest, start, exported, why) in [
            (r#"{"scripts": {"build": "tsc", "start": "node dist/main.js"}}"#, "", &[][..], "no lock of production"),
            (
                r#"{"scripts": {"start": "node dist/main.js"}}"#,
                "",
                LOCKED,
                "what it starts is built first, and no script",
            ),
            (r#"{"scripts": {"start": "ts-node src/main.ts"}}"#, "", LOCKED, "src/main.ts is started as it is written"),
        ] {
            let found = server(manifest, start, &[], exported).unwrap_err();
            assert!(found.starts_with(why), "{found}");
        }
        for (manifest, lock, why) in [
            (
                r#"{"scripts": {"build": "vite build", "start": "node server.js"}}"#,
                "yarn.lock",
                "it builds a front end",
            ),
            (r#"{"scripts": {"build": "vite build"}}"#, "other.lock", "it has no lock"),
            (r#"{"scripts": {}}"#, "yarn.lock", "no lock of production"),
            ("[", "yarn.lock", "package.json can't be read"),
        ] {
            let found = check(manifest, lock, &[], &[], None).unwrap_err();
            assert!(found.starts_with(why), "{found}");
        }
    }

    #[test]
    fn the_table_of_frameworks_is_sorted_and_whole() {
        let lines: Vec<&str> = include_str!("../../data/builds.txt").lines().filter(|l| !l.starts_with('#')).collect();
        assert!(lines.is_sorted());
        assert!(lines.iter().all(|line| line.split('\t').count() == 5), "{lines:?}");
    }
}
