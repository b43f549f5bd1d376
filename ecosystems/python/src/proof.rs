//! How it is shown that a slimmed environment still runs: every production module is imported, and tracebacks are read.

use depslim_model::proof::{Copied, Lack, Missing, Proof, Script, Trial, Trim, Variable, Watching, pinned};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

/// What is said of proofs.
pub(crate) const PROOF: Proof = Proof {
    copy: Copied::Installed,
    programs: &["bin", "Scripts"],
    placed: &["bin/*", "pyvenv.cfg", "**/*.pth", "**/*.egg-link"],
    variables,
    trial,
    missing,
    place,
    places_follow: false,
    pin: pinned,
    prepare: None,
    made: &[],
    watch,
    loaded: |line| Some(line.to_owned()),
    about: &["**/*.dist-info/**", "**/*.egg-info/**", "**/*.egg-info", "**/*.pth", "**/EGG-INFO/**"],
    trims: TRIMS,
};

/// What lies in wheels beside what runs.
const TRIMS: &[Trim] = &[
    Trim { kind: "tests", globs: &["**/tests/**", "**/test/**", "**/test_*.py", "**/conftest.py"] },
    Trim { kind: "stubs", globs: &["**/*.pyi"] },
    Trim {
        kind: "headers",
        globs: &[
            "**/*.h",
            "**/*.hh",
            "**/*.hpp",
            "**/*.hxx",
            "**/*.cuh",
            "**/*.pxd",
            "**/*.pyx",
            "**/*.pxi",
            "**/*.c",
            "**/*.cc",
            "**/*.cpp",
            "**/*.cu",
            "**/*.f90",
            "**/*.pyf",
            "**/*.cmake",
            "**/*.pc",
        ],
    },
    Trim { kind: "archives", globs: &["**/*.a", "**/*.lib"] },
    Trim { kind: "maps", globs: &["**/*.js.map", "**/*.css.map", "**/*.mjs.map"] },
    Trim {
        kind: "docs",
        globs: &[
            "**/docs/**",
            "**/doc/**",
            "**/examples/**",
            "**/benchmarks/**",
            "**/*.rst",
            "share/man/**",
            "share/doc/**",
        ],
    },
    Trim { kind: "platforms", globs: &["**/*.exe", "**/*.dll", "**/*.dylib", "**/*.pyd"] },
    Trim {
        kind: "locales",
        globs: &[
            "**/locale/**/*.po",
            "**/locale/**/*.mo",
            "**/locales/**/*.po",
            "**/locales/**/*.mo",
            "**/locale-data/*.dat",
        ],
    },
    Trim {
        kind: "data",
        globs: &["**/data/**", "**/datasets/**", "**/*.csv", "**/*.csv.gz", "**/*.npz", "**/*.parquet"],
    },
];

/// The interpreter tells what it executes and opens through an audit hook ([PEP 578](https://peps.python.org/pep-0578/)) that a
/// `sitecustomize` of depslim's sets; one that the environment has runs as well.
fn watch(trial: &Trial<'_>) -> Watching {
    let folder = trial.scratch.join("watch").to_string_lossy().into_owned();
    Watching {
        variables: vec![
            ("PYTHONPATH".to_owned(), folder, ":".to_owned()),
            // What was compiled elsewhere would hide which source was loaded.
            ("PYTHONPYCACHEPREFIX".to_owned(), String::new(), String::new()),
            ("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned(), String::new()),
        ],
        files: vec![("watch/sitecustomize.py".to_owned(), include_str!("../data/watch.py").to_owned())],
        into: "watch/loaded".to_owned(),
        opens_all: false,
    }
}

fn variables(trial: &Trial<'_>) -> Vec<Variable> {
    let set = |name: &str, value: &Path| Variable::Set(name.to_owned(), value.to_string_lossy().into_owned());
    let unset = |name: &str| Variable::Unset(name.to_owned());
    let mut all = vec![
        Variable::Set("PYTHONNOUSERSITE".to_owned(), "1".to_owned()),
        Variable::Set("PYTHONUNBUFFERED".to_owned(), "1".to_owned()),
        unset("PYTHONHOME"),
    ];
    if trial.derived {
        all.push(Variable::Set("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned()));
    } else {
        // Compiled once for all runs; nothing can be written beside the sources.
        all.push(set("PYTHONPYCACHEPREFIX", &trial.scratch.join("compiled")));
    }
    // An environment of its own has its packages below `lib`; a folder that packages were copied into is found by the path alone.
    match trial.trees.first() {
        Some(tree) if trial.sites.iter().any(|site| site != tree && site.ends_with("site-packages")) => {
            all.push(set("VIRTUAL_ENV", tree));
        }
        _ if !trial.sites.is_empty() => {
            let paths: Vec<String> = trial.sites.iter().map(|site| site.to_string_lossy().into_owned()).collect();
            all.push(Variable::Set("PYTHONPATH".to_owned(), paths.join(":")));
        }
        _ => {}
    }
    all
}

/// Files that are run, not imported: what they do at import is the program itself.
const PROGRAMS: &[&str] = &["__main__.py", "setup.py", "conftest.py", "noxfile.py", "fabfile.py"];

fn trial(trial: &Trial<'_>) -> Result<Script, String> {
    let all: BTreeSet<&str> = trial.files.iter().map(String::as_str).collect();
    let mut text = String::new();
    if let Some(settings) = trial.texts.iter().filter(|(name, _)| name == "manage.py").find_map(|(_, t)| settings(t)) {
        let _ = writeln!(text, "setup\t{settings}");
    }
    let mut count = 0;
    for file in &all {
        let name = file.rsplit('/').next().unwrap_or(file);
        if PROGRAMS.contains(&name) || file.contains(['\t', '\n']) {
            continue;
        }
        let Some((root, module)) = module_of(file, &all) else { continue };
        let _ = writeln!(text, "import\t{root}\t{module}\t{file}");
        count += 1;
    }
    if count == 0 {
        return Err("production has no module that could be imported; name a command: depslim prove -- COMMAND".into());
    }
    let script = trial.scratch.join("prove.py");
    Ok(Script {
        words: vec!["python".to_owned(), script.to_string_lossy().into_owned()],
        files: vec![
            ("prove.py".to_owned(), include_str!("../data/prove.py").to_owned()),
            ("modules.txt".to_owned(), text),
        ],
        results: Some("results.txt".to_owned()),
        about: if count == 1 { "imports 1 module".to_owned() } else { format!("imports {count} modules") },
    })
}

/// The folder that a file's module is looked up in, and the module's name: above the outermost folder with an `__init__.py`; a file
/// outside of such folders is named from the top, or from `src`.
fn module_of(file: &str, all: &BTreeSet<&str>) -> Option<(String, String)> {
    let stem = file.strip_suffix(".py")?;
    let (mut folder, mut parts) = match stem.rsplit_once('/') {
        Some((folder, name)) => (folder, vec![name]),
        None => ("", vec![stem]),
    };
    let is_package = |folder: &str| all.contains(format!("{folder}/__init__.py").as_str());
    let top = if !folder.is_empty() && is_package(folder) {
        while !folder.is_empty() && is_package(folder) {
            let (above, name) = folder.rsplit_once('/').unwrap_or(("", folder));
            parts.insert(0, name);
            folder = above;
        }
        folder
    } else {
        let (top, below) = match folder.strip_prefix("src") {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => ("src", rest.trim_start_matches('/')),
            _ => ("", folder),
        };
        for (at, part) in below.split('/').filter(|part| !part.is_empty()).enumerate() {
            parts.insert(at, part);
        }
        top
    };
    if parts.last() == Some(&"__init__") {
        parts.pop();
    }
    let whole = parts.iter().all(|part| !part.is_empty() && !part.contains('.'));
    (whole && !parts.is_empty()).then(|| (top.to_owned(), parts.join(".")))
}

/// The settings module that `manage.py` names.
fn settings(text: &str) -> Option<&str> {
    let rest = text.split_once("DJANGO_SETTINGS_MODULE")?.1;
    // The quote that ends the variable's name, then those around the value.
    let value = rest.split(['"', '\'']).nth(2)?;
    let named = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    (!value.is_empty() && value.chars().all(named)).then_some(value)
}

/// What a line of a traceback lacks.
fn missing(line: &str) -> Vec<Missing> {
    let mut found = Vec::new();
    if let Some(rest) = after(line, "No module named ") {
        let name = quoted(rest).unwrap_or_else(|| rest.split([' ', ';', ',']).next().unwrap_or_default());
        found.push(Missing::new(Lack::Module, name.trim_end_matches(".__main__")));
    }
    if let Some(rest) = after(line, "cannot import name ")
        && let (Some(name), Some(module)) = (quoted(rest), after(rest, " from ").and_then(quoted))
    {
        found.push(Missing::new(Lack::Module, format!("{module}.{name}")));
    }
    if let Some(rest) = after(line, "No package metadata was found for ") {
        found.push(Missing::new(Lack::Package, word(rest)));
    }
    if let Some(rest) = after(line, "DistributionNotFound: The ").or_else(|| after(line, "PackageNotFoundError: ")) {
        let name = quoted(rest).unwrap_or_else(|| word(rest));
        if !name.starts_with("No package") && !name.eq_ignore_ascii_case("no") {
            found.push(Missing::new(Lack::Package, word(name)));
        }
    }
    if let Some(rest) = after(line, "pip install ") {
        let end = rest.find(['`', '"', '\'', ')', ';', '\n']).filter(|at| *at > 0).unwrap_or(rest.len());
        let words = rest.get(..end).unwrap_or(rest).split_whitespace();
        let names = words.filter(|word| !word.starts_with('-')).map(|w| word(w.trim_start_matches(['\'', '"'])));
        found.extend(names.filter(|name| !name.is_empty()).map(|name| Missing::new(Lack::Package, name)));
    }
    found
}

/// `  File "/app/main.py", line 3, in <module>`.
fn place(line: &str) -> Option<(String, u32)> {
    let rest = line.trim_start().strip_prefix("File \"")?;
    let (file, rest) = rest.split_once("\", line ")?;
    if file.starts_with('<') {
        return None;
    }
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    Some((file.to_owned(), digits.parse().ok()?))
}

fn after<'a>(text: &'a str, before: &str) -> Option<&'a str> {
    text.split_once(before).map(|(_, rest)| rest)
}

/// What stands in quotes at the beginning.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text[1..].split_once(quote).map(|(name, _)| name)
}

/// The name at the beginning: letters, digits, `-`, `_` and `.` ([names](https://packaging.python.org/en/latest/specifications/name-normalization/)).
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

#[cfg(test)]
mod tests;
