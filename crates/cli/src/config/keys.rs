//! Every key of the configuration: name, kind of value, meaning. Checking, suggestions and the JSON Schema follow from it.

use depslim_model::Code;

/// A key.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// What it does, in one line.
    pub(crate) about: &'static str,
}

/// What a value has to be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// A string.
    Text,
    /// A list of strings, or one string.
    Texts,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list of these words.
    Choices(&'static [&'static str]),
    /// One of these words, or true or false.
    ChoiceOrFlag(&'static [&'static str]),
    /// Bytes: `"25 MB"`, or a number.
    Size,
    /// A number, zero or more.
    Count,
    /// A day: `2027-06-30`.
    Date,
    /// A platform: `linux-x86_64-glibc`.
    Target,
    /// A package: `pypi:gunicorn`.
    Package,
    /// A list of rules, by code or name.
    Rules,
    /// Rules with their severities.
    Severities,
    /// Names with lists of strings.
    TextsByName,
    /// A table with these keys.
    Table(&'static [Key]),
    /// Tables with these keys, one or more.
    Tables(&'static [Key]),
    /// Tables with all keys of the top level but some, and a `path`.
    Projects,
}

/// Ecosystems and the package URL types that stand for them in `package = "…"`.
pub(crate) const ECOSYSTEMS: &[(&str, &str)] =
    &[("python", "pypi"), ("node", "npm"), ("java", "maven"), ("go", "golang"), ("rust", "cargo")];

/// The names of the ecosystems.
pub(crate) const ECOSYSTEM_NAMES: &[&str] = &["python", "node", "java", "go", "rust"];

/// Words for severities.
pub(crate) const SEVERITIES: &[&str] = &["error", "warn", "off"];

/// Words for the level that fails a run.
pub(crate) const LEVELS: &[&str] = &["error", "warn", "never"];

/// Keys of the top level that a `[[project]]` cannot have: they are about the run, not about a folder.
pub(crate) const RUN_ONLY: &[&str] = &["extends", "baseline", "project", "export", "comment"];

/// A key, its kind, and what it does.
const fn key(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key { name, kind, about }
}

/// The top level.
pub(crate) const KEYS: &[Key] = &[
    key("extends", Kind::Text, "Another configuration file; this one is merged over it"),
    key("exclude", Kind::Texts, "Files and folders to leave out, beside .gitignore and the defaults"),
    key("ecosystems", Kind::Choices(ECOSYSTEM_NAMES), "Ecosystems to look for; all by default"),
    key("fail-on", Kind::Choice(LEVELS), "Lowest severity that makes depslim exit with 1"),
    key(
        "heavy",
        Kind::Size,
        "From which size on a package that few places use is reported (SLIM003), with what only it needs",
    ),
    key("baseline", Kind::Text, "File of known findings to hide"),
    key("target", Kind::Target, "Platform that lockfiles are read for"),
    key("rules", Kind::Severities, "Severity of rules, by code or name"),
    key("budget", Kind::Table(BUDGET), "How large production may be"),
    key("ignore", Kind::Tables(IGNORE), "Findings to hide"),
    key("project", Kind::Projects, "What differs in a folder"),
    key("python", Kind::Table(PYTHON), "Python"),
    key("node", Kind::Table(NODE), "Node"),
    key("java", Kind::Table(JAVA), "Java"),
    key("go", Kind::Table(GO), "Go"),
    key("rust", Kind::Table(RUST), "Rust"),
    key("image", Kind::Table(IMAGE), "The container image"),
    key("export", Kind::Table(EXPORT), "depslim export"),
    key("comment", Kind::Table(COMMENT), "depslim comment"),
];

const BUDGET: &[Key] = &[
    key("prod-total", Kind::Size, "Most bytes of production (SLIM006)"),
    key("prod-growth", Kind::Size, "Most bytes that production may grow against the base (SLIM007)"),
];

const IGNORE: &[Key] = &[
    key("package", Kind::Package, "The package, as ecosystem:name; globs are allowed"),
    key("rules", Kind::Rules, "The rules to hide; all by default"),
    key("path", Kind::Text, "Folder that the project has to be in"),
    key("reason", Kind::Text, "Why"),
    key("until", Kind::Date, "The last day on which the ignore counts"),
];

const PYTHON: &[Key] = &[
    key("environment", Kind::Texts, "Folder of the virtual environment"),
    key("dev-groups", Kind::Texts, "Extras and groups that are development"),
    key("requirements", Kind::Texts, "Requirements files of production"),
    key("requirements-dev", Kind::Texts, "Requirements files of development"),
    key("module-map", Kind::TextsByName, "Import names that a distribution supplies"),
];

const NODE: &[Key] = &[
    key("install-dir", Kind::Text, "Folder that packages are installed in"),
    key("bundled", Kind::ChoiceOrFlag(&["auto"]), "Whether only the bundle ships, not node_modules"),
];

const JAVA: &[Key] = &[
    key("artifact", Kind::Texts, "The archives that ship"),
    key("add-modules", Kind::Texts, "Modules that are kept even if jdeps cannot see them"),
];

const GO: &[Key] = &[
    key("packages", Kind::Texts, "Packages that are built"),
    key("binary", Kind::Text, "The binary that ships"),
    key("tags", Kind::Texts, "Build tags"),
];

const RUST: &[Key] =
    &[key("binary", Kind::Text, "The binary that ships"), key("features", Kind::Texts, "Features that are on")];

const IMAGE: &[Key] = &[
    key("dockerfile", Kind::Text, "The Dockerfile of production"),
    key(
        "flavors",
        Kind::Choices(&["slim", "alpine", "distroless", "scratch"]),
        "Families of base images that are allowed, in order of preference",
    ),
    key("registry", Kind::Text, "Where base images come from"),
];

const EXPORT: &[Key] = &[key("out-dir", Kind::Text, "Folder that depslim export writes to")];

const COMMENT: &[Key] = &[
    key("mode", Kind::Choice(&["on-change", "always", "never"]), "When to comment on a pull request"),
    key("min-delta", Kind::Size, "Below this change no new comment is made"),
    key("suggestions", Kind::Count, "Inline suggestions per pull request"),
];

/// The keys of one `[[project]]`.
pub(crate) fn project_keys() -> impl Iterator<Item = &'static Key> + Clone {
    const PATH: Key = key("path", Kind::Text, "The folder");
    std::iter::once(&PATH).chain(KEYS.iter().filter(|key| !RUN_ONLY.contains(&key.name)))
}

/// The codes and names of all rules.
pub(crate) fn rule_words() -> impl Iterator<Item = &'static str> + Clone {
    Code::ALL.iter().flat_map(|code| [code.code(), code.name()])
}
