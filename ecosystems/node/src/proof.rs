//! How it is shown that a pruned `node_modules` still carries production: what production's code names is loaded, and the words of
//! Node and its bundlers are read.

use depslim_model::proof::{Copied, Lack, Missing, Proof, Script, Trial, Trim, Variable, Watching};
use std::fmt::Write as _;

/// What is said of proofs.
pub(crate) const PROOF: Proof = Proof {
    copy: Copied::Installed,
    programs: &[".bin"],
    placed: &[".bin/*"],
    variables,
    trial,
    missing,
    place,
    places_follow: true,
    pin: |name, version| if version.is_empty() { name.to_owned() } else { format!("{name}@{version}") },
    prepare: None,
    made: &[],
    watch,
    loaded: |line| Some(line.to_owned()),
    about: &["**/package.json", ".package-lock.json", ".yarn-integrity", ".modules.yaml"],
    trims: TRIMS,
};

/// What packages publish beside what runs.
const TRIMS: &[Trim] = &[
    Trim { kind: "tests", globs: &["**/tests/**", "**/test/**", "**/__tests__/**", "**/*.test.js", "**/*.spec.js"] },
    Trim { kind: "stubs", globs: &["**/*.d.ts", "**/*.d.mts", "**/*.d.cts", "**/*.flow", "**/*.tsbuildinfo"] },
    Trim { kind: "headers", globs: &["**/*.h", "**/*.hpp", "**/*.c", "**/*.cc", "**/*.cpp", "**/*.gyp", "**/*.gypi"] },
    Trim { kind: "archives", globs: &["**/*.a", "**/*.lib", "**/*.o"] },
    Trim { kind: "maps", globs: &["**/*.map"] },
    Trim { kind: "docs", globs: &["**/docs/**", "**/examples/**", "**/*.md", "**/*.markdown", "**/man/*.1"] },
    Trim {
        kind: "platforms",
        globs: &[
            "**/prebuilds/darwin-*/**",
            "**/prebuilds/win32-*/**",
            "**/prebuilds/android-*/**",
            "**/prebuilds/ios-*/**",
            "**/prebuilds/freebsd-*/**",
            "**/*.dll",
            "**/*.dylib",
            "**/*.exe",
            "**/*.bat",
            "**/*.ps1",
        ],
    },
    Trim { kind: "locales", globs: &["**/locale/**", "**/locales/**", "**/i18n/**"] },
    Trim { kind: "data", globs: &["**/data/**", "**/assets/**", "**/*.csv"] },
];

/// Node tells what it loads through a module that is required before all others; so do the processes that it starts.
fn watch(trial: &Trial<'_>) -> Watching {
    let script = trial.scratch.join("watch/watch.cjs").to_string_lossy().into_owned();
    Watching {
        variables: vec![("NODE_OPTIONS".to_owned(), format!("--require \"{script}\""), " ".to_owned())],
        files: vec![("watch/watch.cjs".to_owned(), include_str!("../data/watch.cjs").to_owned())],
        into: "watch/loaded".to_owned(),
        opens_all: false,
    }
}

fn variables(_trial: &Trial<'_>) -> Vec<Variable> {
    ["NODE_PATH", "NODE_OPTIONS"].map(|name| Variable::Unset(name.to_owned())).to_vec()
}

/// Endings of what only a bundler can load.
const ASSETS: &[&str] = &[
    "css", "scss", "sass", "less", "styl", "svg", "png", "jpg", "gif", "woff", "woff2", "vue", "svelte", "html", "md",
];

fn trial(trial: &Trial<'_>) -> Result<Script, String> {
    let ending = |name: &str| name.rsplit('/').next().and_then(|last| last.rsplit_once('.')).map(|(_, e)| e.to_owned());
    let is_asset = |name: &str| ending(name).is_some_and(|ending| ASSETS.contains(&ending.as_str()));
    let modules = trial.modules.iter().filter(|name| !is_asset(name) && !name.contains(['\n', '?', '!']));
    // Configurations are run by the tools that they configure.
    let runs = |file: &&String| {
        ending(file).is_some_and(|ending| ["js", "mjs", "cjs"].contains(&ending.as_str()))
            && !file.contains(".config.")
            && !file.contains('\n')
    };
    let mut text = String::new();
    let mut count = [0_u32; 2];
    for module in modules {
        let _ = writeln!(text, "{module}");
        count[0] += 1;
    }
    for file in trial.files.iter().filter(runs) {
        let _ = writeln!(text, "./{file}");
        count[1] += 1;
    }
    if count == [0, 0] {
        return Err("production names no package and has no file that node could load; name a command: depslim prove -- COMMAND".into());
    }
    let script = trial.scratch.join("prove.cjs").to_string_lossy().into_owned();
    let quoted = script.replace('\\', "\\\\").replace('"', "\\\"");
    Ok(Script {
        words: vec!["node".to_owned(), "-e".to_owned(), format!("require(\"{quoted}\")((name) => import(name))")],
        files: vec![
            ("prove.cjs".to_owned(), include_str!("../data/prove.cjs").to_owned()),
            ("modules.txt".to_owned(), text),
        ],
        results: Some("results.txt".to_owned()),
        about: format!("loads {} modules that production names and {} files", count[0], count[1]),
    })
}

/// Words before the name of what is missing.
const LACKS: &[&str] = &[
    "Cannot find module ",
    "Cannot find package ",
    "Can't resolve ",
    "Could not resolve ",
    "Failed to resolve import ",
    "failed to resolve import ",
    "Unable to resolve dependency ",
];

fn missing(line: &str) -> Vec<Missing> {
    let named = LACKS.iter().filter_map(|words| line.split_once(words)).filter_map(|(_, rest)| {
        let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'))?;
        rest[1..].split_once(quote).map(|(name, _)| name)
    });
    let packages = named.filter_map(package);
    packages.map(|name| Missing::new(Lack::Package, name)).collect()
}

/// The package of a module's name or of a path in `node_modules`; `None` for a file of the project.
fn package(name: &str) -> Option<String> {
    let name = match name.rfind("node_modules/") {
        Some(at) => &name[at + "node_modules/".len()..],
        None if name.starts_with(['.', '/', '#']) || name.contains(":\\") => return None,
        None => name,
    };
    let mut parts = name.split('/');
    let first = parts.next().filter(|first| !first.is_empty())?;
    if first.starts_with('@') { Some(format!("{first}/{}", parts.next()?)) } else { Some(first.to_owned()) }
}

/// `    at Object.<anonymous> (/app/server.js:3:15)`, `imported from /app/server.mjs`, `- /app/server.js`.
fn place(line: &str) -> Option<(String, u32)> {
    if let Some((_, file)) = line.split_once(" imported from ") {
        return Some((file.trim().trim_start_matches("file://").to_owned(), 0))
            .filter(|(file, _)| file.starts_with('/'));
    }
    let text = line.trim();
    if let Some(file) = text.strip_prefix("- /") {
        return Some((format!("/{file}"), 0));
    }
    let spot = text.strip_prefix("at ")?;
    let spot = spot.rsplit_once('(').map_or(spot, |(_, spot)| spot).trim_end_matches(')');
    let mut parts = spot.rsplitn(3, ':');
    let (_column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
    let file = file.trim_start_matches("file://");
    (file.starts_with('/')).then_some(())?;
    Some((file.to_owned(), line.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_name_what_is_missing() {
        for (line, expect) in [
            ("Error: Cannot find module 'express'", vec!["express"]),
            ("Error: Cannot find module 'lodash/fp'", vec!["lodash"]),
            (
                "Error [ERR_MODULE_NOT_FOUND]: Cannot find package '@nestjs/core' imported from /app/a.mjs",
                vec!["@nestjs/core"],
            ),
            ("Cannot find module '/app/node_modules/a/node_modules/@b/c/index.js'", vec!["@b/c"]),
            ("Module not found: Error: Can't resolve 'react' in '/app/src'", vec!["react"]),
            ("[vite]: Rollup failed to resolve import \"vue\" from \"/app/main.ts\".", vec!["vue"]),
            (
                "src/a.ts(1,8): error TS2307: Cannot find module 'zod' or its corresponding type declarations.",
                vec!["zod"],
            ),
            ("Error: Cannot find module './local'", vec![]),
            ("Error: Cannot find module '/app/server.js'", vec![]),
            ("Cannot find module '", vec![]),
            ("Cannot find module '@scope'", vec![]),
            ("all is well", vec![]),
        ] {
            let names: Vec<String> = missing(line).into_iter().map(|missing| missing.name).collect();
            assert_eq!(names, expect, "{line}");
        }
    }

    #[test]
    fn frames_are_places() {
        for (line, expect) in [
            ("    at Object.<anonymous> (/app/server.js:3:15)", Some(("/app/server.js", 3))),
            ("    at file:///app/server.mjs:7:1", Some(("/app/server.mjs", 7))),
            ("    at node:internal/modules/cjs/loader:1143:15", None),
            ("Cannot find package 'x' imported from /app/a.mjs", Some(("/app/a.mjs", 0))),
            ("- /app/a.js", Some(("/app/a.js", 0))),
            ("at", None),
        ] {
            assert_eq!(place(line), expect.map(|(file, line)| (file.to_owned(), line)), "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_line_is_read(line in "\\PC*", name in "[a-z@/.'\"`:()-]{0,20}") {
            for line in [line, format!("Cannot find module {name}"), format!("at {name}"), format!("x imported from {name}")] {
                let _ = (missing(&line), place(&line));
            }
        }
    }
}
