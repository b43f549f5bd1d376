//! Configuration files of the application as data: URLs whose scheme names a driver, dotted paths that name a class.

use depslim_model::{Facts, How, Layer, Reader, Source, Strength, Use};

/// Larger files are data, not configuration. Bytes.
const LARGEST: usize = 512 * 1024;

/// Files that configure tools of development, locks and manifests: they name nothing that production loads.
const NOT_OURS: &[&str] = &[
    "pyproject.toml",
    "setup.cfg",
    "tox.ini",
    "mypy.ini",
    ".mypy.ini",
    "pytest.ini",
    ".flake8",
    ".coveragerc",
    "ruff.toml",
    ".ruff.toml",
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "Pipfile.lock",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "mkdocs.yml",
    ".pre-commit-config.yaml",
    "renovate.json",
    "codecov.yml",
    ".readthedocs.yaml",
    ".readthedocs.yml",
    "pnpm-lock.yaml",
    "openapi.json",
    "openapi.yaml",
    "composer.json",
    "Cargo.toml",
    "pixi.toml",
    "environment.yml",
];

pub(crate) const READER: Reader = Reader {
    name: "configuration",
    layer: Layer::Config,
    globs: &[
        ".env",
        ".env.*",
        "*.env",
        "*.ini",
        "*.cfg",
        "*.conf",
        "*.yaml",
        "*.yml",
        "*.toml",
        "*{config,settings,logging,conf}*.json",
    ],
    read,
};

/// Reads `key = value`, `key: value` and `"key": "value"` lines of any such format; nothing is parsed beyond that.
fn read(source: &Source<'_>) -> Facts {
    let mut facts = Facts::default();
    let name = source.file_name();
    if source.bytes.len() > LARGEST
        || NOT_OURS.contains(&name)
        || source.path.starts_with(".github/")
        || source.bytes.contains(&0)
    {
        return facts;
    }
    if let Some(code) = as_code(source) {
        return code;
    }
    let text = String::from_utf8_lossy(source.bytes);
    for (at, line) in text.lines().enumerate() {
        let line_number = at as u32 + 1;
        let line = line.trim();
        if line.starts_with(['#', ';']) || line.is_empty() {
            continue;
        }
        let (key, value) = key_and_value(line);
        for scheme in schemes(value) {
            facts.uses.push(used(How::Url, scheme.to_ascii_lowercase(), key.to_owned(), line_number));
        }
        for path in dotted_paths(value) {
            facts.uses.push(used(How::Text, path.to_owned(), key.to_owned(), line_number));
        }
    }
    facts
}

/// Settings that are split over `*.conf` files are Python: the program executes them.
fn as_code(source: &Source<'_>) -> Option<Facts> {
    let text = std::str::from_utf8(source.bytes).ok().filter(|_| source.path.ends_with(".conf"))?;
    let opens = |line: &str| {
        line.split_once(" = ").is_some_and(|(name, value)| {
            name.len() > 3
                && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
                && value.starts_with(['(', '[', '{', '\'', '"'])
        })
    };
    if !text.lines().any(opens) {
        return None;
    }
    let code = crate::source::read(&Source { path: "settings.py", bytes: source.bytes, settings: source.settings });
    code.problems.is_empty().then_some(code)
}

fn used(how: How, name: String, value: String, line: u32) -> Use {
    Use { how, name, value, strength: Strength::Lazy, line }
}

fn key_and_value(line: &str) -> (&str, &str) {
    let line = line.strip_prefix("export ").or_else(|| line.strip_prefix("- ")).unwrap_or(line);
    let colon = line.find(": ").or_else(|| line.ends_with(':').then(|| line.len() - 1));
    let cut = match (line.find('='), colon) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    match cut {
        Some(at) if line[..at].len() < 100 => (line[..at].trim().trim_matches(['"', '\'']), line[at + 1..].trim()),
        _ => ("", line),
    }
}

/// Schemes of the URLs in a text: `postgresql+asyncpg` of `postgresql+asyncpg://…`.
fn schemes(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("://").filter_map(|(at, _)| {
        let start = text[..at]
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '+' || c == '-' || c == '_'))
            .map_or(0, |i| i + 1);
        let scheme = &text[start..at];
        let plain = ["http", "https", "ws", "wss", "file", "ftp", "ssh", "git", "tcp", "udp", "unix"].contains(&scheme);
        (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && !plain).then_some(scheme)
    })
}

/// Words of the form `a.b.c` (also `a.b:c`) whose every part is a name, with at least two dots or a class at the end: a file name
/// or a host looks alike with fewer.
fn dotted_paths(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).filter(|word| {
        let parts: Vec<&str> = word.split('.').collect();
        let names = parts.iter().all(|p| p.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'));
        let class = parts.last().is_some_and(|p| p.starts_with(|c: char| c.is_ascii_uppercase()));
        names && (parts.len() >= 3 || (parts.len() == 2 && class))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;

    fn check(path: &str, text: &str, expect: &[(How, &str, &str, u32)]) {
        let facts = read(&Source { path, bytes: text.as_bytes(), settings: &Settings::default() });
        let found: Vec<_> = facts.uses.iter().map(|u| (u.how, u.name.as_str(), u.value.as_str(), u.line)).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn urls_and_classes_are_seen_with_their_keys() {
        check(
            "deploy/.env",
            "# x\nDATABASE_URL=postgresql+asyncpg://u:secret@db/x\n",
            &[(How::Url, "postgresql+asyncpg", "DATABASE_URL", 2)],
        );
        check(
            "logging.yaml",
            "handlers:\n  json:\n    class: pigeon.logs.JsonHandler\n",
            &[(How::Text, "pigeon.logs.JsonHandler", "class", 3)],
        );
        check("alembic.ini", "sqlalchemy.url = mysql://x\n", &[(How::Url, "mysql", "sqlalchemy.url", 1)]);
        check("a.json", "  \"formatter\": \"owl.Formatter\",\n", &[(How::Text, "owl.Formatter", "formatter", 1)]);
    }

    #[test]
    fn settings_that_are_executed_are_code() {
        check(
            "shop/settings/10-base.conf",
            "import os\nINSTALLED_APPS = (\n    'pigeon',\n    'owl.apps',\n)\n",
            &[
                (How::Import, "os", "", 1),
                (How::Setting, "INSTALLED_APPS", "pigeon", 3),
                (How::Setting, "INSTALLED_APPS", "owl.apps", 4),
                (How::Text, "owl.apps", "INSTALLED_APPS", 4),
            ],
        );
        check("nginx.conf", "server {\n  NAME = 'x';\n}\n", &[]);
        check(
            "a.conf",
            "SINK = 'x'\nclass = pigeon.logs.Handler {\n",
            &[(How::Text, "pigeon.logs.Handler", "class", 2)],
        );
    }

    #[test]
    fn hosts_files_and_tools_are_not_uses() {
        check("a.yaml", "url: https://example.invalid/a.b\nfile: notes.txt\nversion: 1.2.3\n", &[]);
        check("mypy.ini", "plugins = pigeon.mypy.plugin\n", &[]);
        check("a.ini", "\0a.b.c = d.e.f", &[]);
    }
}
