//! Programs that load a module named on their command line: servers, workers, task runners.

/// How a program names what it loads.
struct Loader {
    program: &'static str,
    /// Options whose value is a module, a dotted path, or `module:attribute`.
    options: &'static [&'static str],
    /// Whether words that are no options name modules too, and after which sub-command.
    words: Words,
}

enum Words {
    None,
    /// Every word of the form `module:attribute` or a dotted path.
    Any,
    /// The words behind one of these sub-commands.
    Behind(&'static [&'static str]),
}

const LOADERS: &[Loader] = &[
    Loader {
        program: "gunicorn",
        options: &["-k", "--worker-class", "--logger-class", "-c", "--config"],
        words: Words::Any,
    },
    Loader { program: "uvicorn", options: &["--app-dir", "--ws", "--http", "--loop"], words: Words::Any },
    Loader { program: "hypercorn", options: &["-k", "--worker-class", "-c", "--config"], words: Words::Any },
    Loader { program: "daphne", options: &[], words: Words::Any },
    Loader { program: "granian", options: &[], words: Words::Any },
    Loader { program: "waitress-serve", options: &["--call"], words: Words::Any },
    Loader { program: "uwsgi", options: &["--module", "-w", "--wsgi"], words: Words::None },
    Loader {
        program: "celery",
        options: &["-A", "--app", "-P", "--pool", "--scheduler", "-S", "--loader", "--config"],
        words: Words::None,
    },
    Loader { program: "flask", options: &["--app", "-A"], words: Words::None },
    Loader { program: "dramatiq", options: &[], words: Words::Any },
    Loader { program: "huey_consumer", options: &[], words: Words::Any },
    Loader { program: "huey_consumer.py", options: &[], words: Words::Any },
    Loader {
        program: "rq",
        options: &["-c", "--config", "-w", "--worker-class", "--job-class", "--queue-class"],
        words: Words::None,
    },
    Loader { program: "arq", options: &[], words: Words::Any },
    Loader { program: "taskiq", options: &[], words: Words::Behind(&["worker", "scheduler"]) },
    Loader { program: "faust", options: &["-A", "--app"], words: Words::None },
    Loader { program: "nameko", options: &[], words: Words::Behind(&["run"]) },
    Loader { program: "pserve", options: &[], words: Words::None },
    Loader { program: "streamlit", options: &[], words: Words::Behind(&["run"]) },
    Loader { program: "fastapi", options: &["--app"], words: Words::Behind(&["run", "dev"]) },
    Loader { program: "chainlit", options: &[], words: Words::Behind(&["run"]) },
    Loader { program: "django-admin", options: &["--settings"], words: Words::None },
    Loader { program: "manage.py", options: &["--settings"], words: Words::None },
    Loader { program: "opentelemetry-instrument", options: &[], words: Words::None },
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
