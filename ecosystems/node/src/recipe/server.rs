//! How an image of a server is built: what was exported is installed in a stage of its own, and its `node_modules` are taken along.

use super::{CACHES, built, version};
use depslim_model::recipe::{Recipe, RecipeRequest, Step};
use serde_json::Value;

/// Where the program lies unless the project's own container file says it.
const FOLDER: &str = "/app";

/// The recipe of a program that runs as it is written, or as its build writes it.
pub(super) fn recipe(
    request: &RecipeRequest<'_>,
    manifest: &Value,
    own: &dyn Fn(&str) -> bool,
) -> Result<Recipe, String> {
    let script = |name: &str| manifest.get("scripts").and_then(|s| s.get(name)).and_then(Value::as_str);
    let start = start(manifest, script("start"));
    if let Some(build) = built::Build::of(request, &start, &script)? {
        return build.recipe(request, manifest, own);
    }
    let (lock, install, cache) = install(request, manifest)?;
    let folder = folder(request);
    let modules = format!("{}/node_modules", folder.trim_end_matches('/'));
    let mut steps = vec![Step::Folder(folder)];
    let settings: Vec<String> = [".npmrc", ".yarnrc.yml", ".yarnrc"]
        .iter()
        .filter(|name| request.texts.iter().any(|(path, _)| path == *name))
        .map(|name| (*name).to_owned())
        .collect();
    if !settings.is_empty() {
        steps.push(Step::Copy { sources: settings, to: "./".to_owned() });
    }
    let exported = vec!["package.json".to_owned(), lock.to_owned()];
    steps.push(Step::CopyExported { sources: exported, to: "./".to_owned() });
    steps.push(Step::Run { command: install, caches: vec![cache.to_owned()] });
    Ok(Recipe { steps, results: vec![(modules.clone(), modules)], start, ..runtime() })
}

/// The folder of the program in the image.
pub(super) fn folder(request: &RecipeRequest<'_>) -> String {
    let known = |path: &str| path.starts_with('/') && path.len() > 1;
    let workdir = || request.commands.iter().rev().find_map(|c| c.workdir.clone()).filter(|path| known(path));
    request.folder.filter(|path| known(path)).map(str::to_owned).or_else(workdir).unwrap_or_else(|| FOLDER.to_owned())
}

/// What every server's image has.
pub(super) fn runtime() -> Recipe {
    Recipe {
        variables: vec![("NODE_ENV".to_owned(), "production".to_owned())],
        client_variables: &["NPM_CONFIG_", "npm_config_", "YARN_", "PNPM_"],
        bootstraps: &[
            "corepack enable",
            "npm install -g pnpm",
            "npm install -g yarn",
            "npm i -g pnpm",
            "npm i -g yarn",
        ],
        environments: &["node_modules"],
        probe_url: &["node", "-e", "fetch('{url}').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"],
        probe_port: &[
            "node",
            "-e",
            "require('net').connect({port}).on('connect', () => process.exit(0)).on('error', () => process.exit(1))",
        ],
        needless: &["node_modules"],
        ..Recipe::default()
    }
}

/// `node server.js`, from the script that starts it or the file that is its entry.
fn start(manifest: &Value, script: Option<&str>) -> Vec<String> {
    let said: Vec<&str> = script.unwrap_or_default().split_whitespace().collect();
    match (said.as_slice(), manifest.get("main").and_then(Value::as_str)) {
        (["node", file], _) if !file.starts_with('-') => vec!["node".to_owned(), (*file).to_owned()],
        ([], Some(main)) => vec!["node".to_owned(), main.to_owned()],
        _ => Vec::new(),
    }
}

/// The exported lock, the command that installs it, and the client's cache.
pub(super) fn install(
    request: &RecipeRequest<'_>,
    manifest: &Value,
) -> Result<(&'static str, String, &'static str), String> {
    let exported = |name: &str| request.exported.iter().any(|path| path == name);
    if !exported("package.json") {
        return Err("no lock of production could be written for it".into());
    }
    for lock in ["npm-shrinkwrap.json", "package-lock.json"] {
        if exported(lock) {
            return Ok((lock, "npm ci --omit=dev".to_owned(), CACHES.0));
        }
    }
    if exported("pnpm-lock.yaml") {
        let client = version(manifest, "pnpm", "10");
        return Ok(("pnpm-lock.yaml", format!("npx --yes pnpm@{client} install --frozen-lockfile --prod"), CACHES.2));
    }
    let lock = request.sources.iter().find(|source| source.file_name() == "yarn.lock");
    let lock = lock.filter(|_| exported("yarn.lock")).ok_or("no lock of production could be written for it")?;
    if memchr::memmem::find(lock.bytes, b"__metadata:").is_none() {
        let client = version(manifest, "yarn", "1.22.22");
        let install = format!("npx --yes yarn@{client} install --frozen-lockfile --production");
        return Ok(("yarn.lock", install, CACHES.1));
    }
    let settings = request.texts.iter().find(|(path, _)| path == ".yarnrc.yml").map_or("", |(_, text)| text);
    if !settings.lines().any(|line| line.trim().replace(' ', "") == "nodeLinker:node-modules") {
        return Err("its packages are not laid out in node_modules (nodeLinker in .yarnrc.yml)".into());
    }
    let client = version(manifest, "yarn", "4");
    let install = format!("npx --yes @yarnpkg/cli-dist@{client} install --immutable");
    Ok(("yarn.lock", install, "/root/.yarn/berry/cache"))
}
