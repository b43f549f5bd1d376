//! Commands that start a server which no production image should have: for development, or a language's own for files that any web
//! server can send.

use depslim_formats::shell::base_name;

const SERVERS: &str = include_str!("../data/servers.tsv");

/// What a command starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Server {
    /// True for one that sends files which were built before.
    pub files: bool,
    /// The words that say so.
    pub words: &'static str,
    /// What production has instead.
    pub instead: &'static str,
}

/// Words that may stand in front of what is started.
const STARTERS: &[&str] = &[
    "python",
    "python3",
    "-m",
    "npx",
    "pnpx",
    "bunx",
    "pnpm",
    "yarn",
    "npm",
    "bun",
    "exec",
    "dlx",
    "run",
    "uv",
    "poetry",
    "pipenv",
    "pdm",
    "tini",
    "dumb-init",
    "--",
    "-y",
    "--yes",
    "--no-install",
    "-u",
    "node",
    "env",
];

/// Whether a command starts such a server.
pub fn server(words: &[String]) -> Option<Server> {
    let plain: Vec<&str> = words.iter().map(|w| base_name(w)).collect();
    let start = plain.iter().position(|w| !STARTERS.contains(w) && !w.contains('='))?;
    let behind = &plain[start..];
    let mut found = None;
    for line in SERVERS.lines().filter(|l| !l.starts_with('#')) {
        let mut columns = line.split('\t');
        let (Some(kind), Some(wanted), Some(instead)) = (columns.next(), columns.next(), columns.next()) else {
            continue;
        };
        let mut rest = behind.iter();
        let mut parts = wanted.split(' ');
        // A builder's other commands are none: `vite build` serves nothing.
        let first = parts.next().is_some_and(|first| rest.next() == Some(&first));
        let alone = !wanted.contains(' ') && wanted == "vite" && behind.get(1).is_some_and(|w| !w.starts_with('-'));
        if first && !alone && parts.all(|part| rest.any(|w| *w == part)) {
            found = Some(Server { files: kind == "static", words: wanted, instead });
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(command: &str, expect: Option<(bool, &str)>) {
        let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
        assert_eq!(server(&words).map(|s| (s.files, s.words)), expect, "{command}");
    }

    #[test]
    fn development_and_files_are_told_apart() {
        check("flask --app x run --host 0.0.0.0", Some((false, "flask run")));
        check("python manage.py runserver 0.0.0.0:8000", Some((false, "manage.py runserver")));
        check("python3 -m flask run", Some((false, "flask run")));
        check("uv run uvicorn main:app --reload", Some((false, "uvicorn --reload")));
        check("npx serve -s build", Some((true, "serve")));
        check("python -m http.server 80", Some((true, "http.server")));
        check("/app/node_modules/.bin/vite preview", Some((true, "vite preview")));
        check("vite --host", Some((true, "vite")));
    }

    #[test]
    fn what_production_runs_is_neither() {
        for command in [
            "uvicorn main:app",
            "gunicorn shop:app",
            "python manage.py migrate",
            "vite build",
            "fastapi run",
            "python serve.py",
            "node server.js",
            "flask db upgrade",
            "next start",
            "",
        ] {
            check(command, None);
        }
    }
}
