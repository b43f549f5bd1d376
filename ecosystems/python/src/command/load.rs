//! Programs that load a module named on their command line: servers, workers, task runners.

/// How a program names what it loads.
struct Loader {
    program: &'static str,
    /// Options whose value is a module, a dotted path, or `module:attribute`.
    options: &'static [&'static str],
    /// Whether words that are no options name modules too, and after which sub-command.
    words: Words,
    /// What it looks for where nobody names a module.
    default: Option<&'static str>,
}

impl Loader {
    const fn new(program: &'static str, options: &'static [&'static str], words: Words) -> Self {
        Self { program, options, words, default: None }
    }
}

enum Words {
    None,
    /// Every word of the form `module:attribute` or a dotted path.
    Any,
    /// The words behind one of these sub-commands.
    Behind(&'static [&'static str]),
}

const LOADERS: &[Loader] = &[
    Loader::new("gunicorn", &["-k", "--worker-class", "--logger-class", "-c", "--config"], Words::Any),
    Loader::new("uvicorn", &["--app-dir", "--ws", "--http", "--loop"], Words::Any),
    Loader::new("hypercorn", &["-k", "--worker-class", "-c", "--config"], Words::Any),
    Loader::new("daphne", &[], Words::Any),
    Loader::new("granian", &[], Words::Any),
    Loader::new("waitress-serve", &["--call"], Words::Any),
    Loader::new("uwsgi", &["--module", "-w", "--wsgi"], Words::None),
    Loader::new("celery", &["-A", "--app", "-P", "--pool", "--scheduler", "-S", "--loader", "--config"], Words::None),
    Loader::new("flask", &["--app", "-A"], Words::None),
    Loader::new("dramatiq", &[], Words::Any),
    Loader::new("huey_consumer", &[], Words::Any),
    Loader::new("huey_consumer.py", &[], Words::Any),
    Loader::new("rq", &["-c", "--config", "-w", "--worker-class", "--job-class", "--queue-class"], Words::None),
    Loader::new("arq", &[], Words::Any),
    Loader::new("taskiq", &[], Words::Behind(&["worker", "scheduler"])),
    Loader::new("faust", &["-A", "--app"], Words::None),
    Loader::new("nameko", &[], Words::Behind(&["run"])),
    Loader::new("pserve", &[], Words::None),
    Loader::new("streamlit", &[], Words::Behind(&["run"])),
    Loader::new("fastapi", &["--app"], Words::Behind(&["run", "dev"])),
    Loader::new("chainlit", &[], Words::Behind(&["run"])),
    Loader::new("django-admin", &["--settings"], Words::None),
    Loader::new("manage.py", &["--settings"], Words::None),
    Loader { default: Some("locustfile"), ..Loader::new("locust", &["-f", "--locustfile"], Words::None) },
    Loader::new("sanic", &[], Words::Any),
    Loader::new("litestar", &["--app"], Words::None),
    Loader::new("quart", &["--app", "-A"], Words::None),
    Loader::new("aiohttp.web", &[], Words::Any),
    Loader::new("bokeh", &[], Words::Behind(&["serve"])),
    Loader::new("panel", &[], Words::Behind(&["serve"])),
    Loader::new("solara", &[], Words::Behind(&["run"])),
    Loader::new("luigi", &["--module"], Words::None),
    Loader::new("dagster", &["-f", "--python-file", "-m", "--module-name"], Words::None),
    Loader::new("dagster-webserver", &["-f", "--python-file", "-m", "--module-name"], Words::None),
    Loader::new("mitmdump", &["-s", "--scripts"], Words::None),
    Loader::new("opentelemetry-instrument", &[], Words::None),
];

/// Modules that a command loads.
pub(super) fn modules(program: &str, arguments: &[String]) -> Vec<String> {
    let Some(loader) = LOADERS.iter().find(|l| l.program == program) else { return Vec::new() };
    let mut found = Vec::new();
    let mut behind = matches!(loader.words, Words::Any);
    let mut at = 0;
    while at < arguments.len() {
        let word = arguments[at].as_str();
        at += 1;
        if word.starts_with('-') {
            let (option, value) = word.split_once('=').map_or((word, None), |(o, v)| (o, Some(v.to_owned())));
            if loader.options.contains(&option) {
                let value = value.or_else(|| arguments.get(at).cloned());
                at += usize::from(!word.contains('='));
                found.extend(value.as_deref().and_then(module));
            }
            continue;
        }
        if behind {
            found.extend(module(word).filter(|_| word.contains([':', '.']) || !matches!(loader.words, Words::Any)));
        } else if let Words::Behind(commands) = loader.words {
            behind = commands.contains(&word);
        }
    }
    if found.is_empty() {
        found.extend(loader.default.map(str::to_owned));
    }
    found
}

/// `pkg.mod:app`, `pkg.mod.Class`, `pkg/mod.py` → `pkg.mod…`; `None` for what can't be a module.
fn module(text: &str) -> Option<String> {
    let text = text.strip_prefix("python:").unwrap_or(text);
    let text = text.split([':', '(']).next().unwrap_or(text);
    let dotted = match text.strip_suffix(".py") {
        Some(path) => path.trim_start_matches("./").trim_start_matches('/').replace('/', "."),
        None => text.to_owned(),
    };
    let good = !dotted.is_empty()
        && dotted.split('.').all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        });
    good.then_some(dotted)
}
