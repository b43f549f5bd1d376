//! Whom a list or a named group is for, told by its name; the configuration has the last word.

use depslim_model::ecosystem::group_from_name;
use depslim_model::{Group, Role, Settings, Source};

/// What a requirements list is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Whom its lines are for.
    pub(crate) group: Group,
    /// The word of its name that says so (`dev`, `docs`, `gpu`).
    pub(crate) name: Option<String>,
    /// What the file is for.
    pub(crate) role: Role,
}

/// Words that make a list one of production; several name no more than the format.
const PRODUCTION: &[&str] = &["prod", "production", "prd"];

/// Words of lists that every install takes.
const COMMON: &[&str] = &[
    "all", "app", "base", "common", "core", "default", "deploy", "full", "main", "project", "pypi", "run", "runtime",
    "server", "shared", "stage", "staging",
];

/// Words that name the format.
const FORMAT: &[&str] = &[
    "conda",
    "env",
    "environment",
    "in",
    "lock",
    "pip",
    "pip3",
    "python",
    "py",
    "req",
    "reqs",
    "requirement",
    "requirements",
    "require",
    "requires",
    "txt",
    "for",
];

/// Words of development lists beside those that every language uses.
const DEVELOPMENT: &[&str] = &[
    "build",
    "benchmarks",
    "demo",
    "doctest",
    "e2e",
    "example",
    "flake8",
    "functional",
    "github",
    "integration",
    "jupyter",
    "latest",
    "mindeps",
    "minimum",
    "mypy",
    "nightly",
    "nox",
    "oldest",
    "optional-dev",
    "perf",
    "profiling",
    "pylint",
    "pytest",
    "release",
    "rtd",
    "sphinx",
    "tox",
    "tutorial",
    "unittest",
    "upstream",
];

/// Folders whose lists are for tooling, wherever in the path they stand.
const TOOLING_FOLDERS: &[&str] = &[
    ".ci",
    ".circleci",
    ".devcontainer",
    ".github",
    ".gitlab",
    "bench",
    "benchmark",
    "benchmarks",
    "ci",
    "binder",
    ".binder",
    "demo",
    "demos",
    "doc",
    "docs",
    "e2e",
    "example",
    "examples",
    "integration_tests",
    "notebooks",
    "sphinx",
    "test",
    "testing",
    "tests",
    "tool",
    "tooling",
    "tools",
];

/// Folders that only hold lists: their project is the folder above.
const LIST_FOLDERS: &[&str] =
    &["dependencies", "deps", "pip", "pip-requirements", "req", "reqs", "requirement", "requirements", "requires"];

/// Folders that only hold environments, beside the code of the folder above.
const ENVIRONMENT_FOLDERS: &[&str] =
    &[".binder", "binder", "conda", "conda-envs", "conda_envs", "env", "environment", "environments", "envs"];

/// What a requirements list is for, by its path and the configuration.
pub(crate) fn list(source: &Source<'_>) -> Listed {
    let words = words(stem(source.file_name()));
    let dev = words.iter().find(|w| is_dev_word(w)).cloned();
    let configured =
        |key: &str| source.settings.list(key).iter().map(|path| closeness(path, source.path)).max().unwrap_or(0);
    match (configured("requirements"), configured("requirements-dev")) {
        (0, 0) => {}
        (prod, development) if prod >= development => return Listed::default(),
        _ => return Listed { group: Group::Dev, name: dev.or_else(|| Some("dev".into())), role: Role::Manifest },
    }
    let role = if words.iter().any(|w| w.starts_with("constraint")) {
        Role::Constraints
    } else {
        lock_role(source.file_name(), &words)
    };
    if dev.is_some() {
        return Listed { group: Group::Dev, name: dev, role };
    }
    if let Some(folder) = source.folder().split('/').find(|f| is_tooling_folder(f)) {
        return Listed { group: Group::Dev, name: Some(folder.to_owned()), role };
    }
    if words.iter().any(|w| PRODUCTION.contains(&w.as_str())) {
        let role = if role == Role::Manifest { Role::ProductionList } else { role };
        return Listed { group: Group::Prod, name: None, role };
    }
    let special = words.iter().find(|w| !is_plain_word(w)).cloned();
    // In a folder of lists, `requirements/api.txt` is as likely a program's as a feature's; settling decides when all are known.
    match special {
        Some(name) if role == Role::Manifest || role == Role::Lock => {
            Listed { group: Group::Optional, name: Some(name), role }
        }
        _ => Listed { group: Group::Prod, name: None, role },
    }
}

/// True for a folder whose lists are for tooling: by its name, or by a name that begins with documentation (`docs_theme`).
fn is_tooling_folder(folder: &str) -> bool {
    let first = folder.split(['-', '_']).next().unwrap_or(folder);
    TOOLING_FOLDERS.contains(&folder) || matches!(first, "doc" | "docs")
}

/// What a named group or extra is for, by its name and the configuration.
pub(crate) fn group(name: &str, settings: &Settings) -> Group {
    let lower = name.to_ascii_lowercase();
    if settings.list("dev-groups").iter().any(|dev| dev.eq_ignore_ascii_case(name)) {
        return Group::Dev;
    }
    if settings.has("dev-groups") {
        // A list of all development groups leaves the others to production.
        return if is_production_group(&lower) { Group::Prod } else { Group::Optional };
    }
    if is_production_group(&lower) {
        return Group::Prod;
    }
    if words(&lower).iter().any(|w| is_dev_word(w)) { Group::Dev } else { group_from_name(&lower) }
}

/// The folder of the project that a manifest speaks of: `requirements/prod.txt` speaks of the folder above.
pub(crate) fn home(path: &str) -> String {
    let (mut folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let environment = [".yml", ".yaml"].iter().any(|end| file.ends_with(end));
    if is_list(file) || environment {
        loop {
            let (above, last) = folder.rsplit_once('/').unwrap_or(("", folder));
            let last = last.to_ascii_lowercase();
            let holds_lists = !environment && LIST_FOLDERS.contains(&last.as_str());
            if !holds_lists && !ENVIRONMENT_FOLDERS.contains(&last.as_str()) {
                break;
            }
            folder = above;
        }
    }
    folder.to_owned()
}

/// True when an extra or group of this name is what production installs without asking.
fn is_production_group(lower: &str) -> bool {
    PRODUCTION.contains(&lower) || matches!(lower, "main" | "default" | "base" | "runtime")
}

fn is_list(file: &str) -> bool {
    [".txt", ".in", ".lock", ".pip"].iter().any(|end| file.ends_with(end))
        && file != "uv.lock"
        && file != "poetry.lock"
        && file != "pdm.lock"
}

fn lock_role(file: &str, words: &[String]) -> Role {
    let says = |word: &str| words.iter().any(|w| w == word);
    let lock = file.ends_with(".lock")
        || says("lock")
        || says("locked")
        || says("frozen")
        || says("freeze")
        || says("compiled")
        || says("pinned");
    if lock { Role::Lock } else { Role::Manifest }
}

fn is_dev_word(word: &str) -> bool {
    DEVELOPMENT.contains(&word) || group_from_name(word) == Group::Dev
}

fn is_plain_word(word: &str) -> bool {
    FORMAT.contains(&word)
        || COMMON.contains(&word)
        || matches!(word, "locked" | "frozen" | "freeze" | "compiled" | "pinned")
        || word.bytes().all(|b| b.is_ascii_digit())
        // `py311`, `linux`, `x86_64`: the same list for one platform.
        || word.strip_prefix("py").is_some_and(|v| v.bytes().all(|b| b.is_ascii_digit()))
        || matches!(word, "linux" | "x86" | "amd64" | "arm64" | "aarch64" | "cpu")
}

fn stem(file: &str) -> &str {
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

fn words(name: &str) -> Vec<String> {
    name.split(['-', '_', '.', ' ']).filter(|w| !w.is_empty()).map(str::to_ascii_lowercase).collect()
}

/// How well a path of the configuration names a file: 2 for the file itself, 1 for the end of its path, 0 for another file.
fn closeness(configured: &str, path: &str) -> u8 {
    let configured = configured.trim_start_matches("./");
    if path == configured {
        return 2;
    }
    u8::from(path.strip_suffix(configured).is_some_and(|front| front.ends_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn settings(pairs: &[(&str, &[&str])]) -> Settings {
        let map: BTreeMap<_, _> =
            pairs.iter().map(|(k, v)| ((*k).to_owned(), v.iter().map(|s| (*s).to_owned()).collect())).collect();
        Settings(map)
    }

    fn told(path: &str, settings: &Settings) -> String {
        let found = list(&Source { path, bytes: b"", settings });
        format!("{:?} {:?} {}", found.role, found.group, found.name.unwrap_or_default()).trim().to_owned()
    }

    fn check(path: &str, expect: &str) {
        assert_eq!(told(path, &Settings::default()), expect, "{path}");
    }

    #[test]
    fn names_of_lists() {
        check("requirements.txt", "Manifest Prod");
        check("requirements.in", "Manifest Prod");
        check("requirements/base.txt", "Manifest Prod");
        check("svc/requirements-py311.txt", "Manifest Prod");
        check("requirements-dev.txt", "Manifest Dev dev");
        check("dev-requirements.txt", "Manifest Dev dev");
        check("requirements_test.txt", "Manifest Dev test");
        check("test-requirements.in", "Manifest Dev test");
        check("requirements_for_test_common.in", "Manifest Dev test");
        check("requirements/local.txt", "Manifest Dev local");
        check("requirements/ci.txt", "Manifest Dev ci");
        check("requirements/mypy.txt", "Manifest Dev mypy");
        check("requirements.prod.txt", "ProductionList Prod");
        check("prod-requirements.txt", "ProductionList Prod");
        check("requirements/production.txt", "ProductionList Prod");
        check("requirements-gpu.txt", "Manifest Optional gpu");
        check("requirements-freqai-rl.txt", "Manifest Optional freqai");
        check("constraints.txt", "Constraints Prod");
        check("requirements/constraints-dev.txt", "Constraints Dev dev");
        check("requirements.lock", "Lock Prod");
        check("requirements-dev.lock", "Lock Dev dev");
        check("requirements-frozen.txt", "Lock Prod");
    }

    #[test]
    fn folders_of_tooling() {
        check("docs/requirements.txt", "Manifest Dev docs");
        check("tests/e2e/requirements.txt", "Manifest Dev tests");
        check(".github/requirements.txt", "Manifest Dev .github");
        check("tools/deploy/requirements.txt", "Manifest Dev tools");
        check("services/api/requirements.txt", "Manifest Prod");
    }

    #[test]
    fn the_configuration_has_the_last_word() {
        let settings = settings(&[
            ("requirements", &["docs/requirements.txt", "gpu.txt"]),
            ("requirements-dev", &["requirements.txt"]),
        ]);
        assert_eq!(told("docs/requirements.txt", &settings), "Manifest Prod");
        assert_eq!(told("services/gpu.txt", &settings), "Manifest Prod");
        assert_eq!(told("requirements.txt", &settings), "Manifest Dev dev");
        assert_eq!(told("xrequirements.txt", &settings), "Manifest Optional xrequirements");
    }

    #[test]
    fn names_of_groups() {
        let none = Settings::default();
        for (name, expect) in [
            ("dev", Group::Dev),
            ("Test", Group::Dev),
            ("unit-tests", Group::Dev),
            ("docs_build", Group::Dev),
            ("mypy", Group::Dev),
            ("github-actions", Group::Dev),
            ("main", Group::Prod),
            ("production", Group::Prod),
            ("s3", Group::Optional),
            ("all", Group::Optional),
            ("protest", Group::Optional),
        ] {
            assert_eq!(group(name, &none), expect, "{name}");
        }
        let own = settings(&[("dev-groups", &["qa-team"])]);
        assert_eq!(group("QA-team", &own), Group::Dev);
        assert_eq!(group("test", &own), Group::Optional);
        assert_eq!(group("main", &own), Group::Prod);
    }

    #[test]
    fn lists_in_their_own_folder_speak_of_the_folder_above() {
        for (path, expect) in [
            ("requirements.txt", ""),
            ("requirements/base.txt", ""),
            ("svc/api/requirements/in/dev.in", "svc/api/requirements/in"),
            ("svc/requirements/dev.in", "svc"),
            ("svc/pyproject.toml", "svc"),
            ("requirements/uv.lock", "requirements"),
            ("docs/requirements.txt", "docs"),
            ("envs/environment.yaml", ""),
            ("svc/conda/environment.yml", "svc"),
            (".binder/requirements.txt", ""),
            ("requirements/environment.yml", "requirements"),
            ("conda/pixi.toml", "conda"),
        ] {
            assert_eq!(home(path), expect, "{path}");
        }
    }
}
