//! Command lines as they stand in container files and scripts.

use super::interpret;
use depslim_model::{Command, How, Stage};

fn command(text: &str) -> Command {
    Command {
        words: depslim_formats::shell::split(text),
        stage: Stage::Run,
        line: 7,
        workdir: None,
        variables: Vec::new(),
    }
}

fn uses(text: &str, expect: &[(How, &str, &str)]) {
    let facts = interpret(&command(text));
    let found: Vec<_> = facts.uses.iter().map(|u| (u.how, u.name.as_str(), u.value.as_str())).collect();
    assert_eq!(found, expect, "{text}");
    assert!(facts.uses.iter().all(|u| u.line == 7));
}

#[test]
fn servers_and_workers_load_modules() {
    uses(
        "/venv/bin/gunicorn shop.wsgi:application -k gevent --bind 0.0.0.0:80",
        &[
            (How::Command, "gunicorn", "shop.wsgi:application -k gevent --bind 0.0.0.0:80"),
            (How::Load, "shop.wsgi", "gunicorn"),
            (How::Load, "gevent", "gunicorn"),
        ],
    );
    uses(
        "celery -A shop.jobs worker -P eventlet",
        &[
            (How::Command, "celery", "-A shop.jobs worker -P eventlet"),
            (How::Load, "shop.jobs", "celery"),
            (How::Load, "eventlet", "celery"),
        ],
    );
    uses("uvicorn main:app", &[(How::Command, "uvicorn", "main:app"), (How::Load, "main", "uvicorn")]);
    uses(
        "fastapi run app/main.py",
        &[(How::Command, "fastapi", "run app/main.py"), (How::Load, "app.main", "fastapi")],
    );
    uses(
        "locust --headless -u 10",
        &[(How::Command, "locust", "--headless -u 10"), (How::Load, "locustfile", "locust")],
    );
    uses(
        "locust -f load/users.py",
        &[(How::Command, "locust", "-f load/users.py"), (How::Load, "load.users", "locust")],
    );
    uses("flask --app=shop run", &[(How::Command, "flask", "--app=shop run"), (How::Load, "shop", "flask")]);
}

#[test]
fn the_interpreter_runs_modules_scripts_and_code() {
    uses(
        "python -m uvicorn main:app",
        &[
            (How::Load, "uvicorn", "python -m"),
            (How::Load, "uvicorn.__main__", "python -m"),
            (How::Command, "uvicorn", "main:app"),
            (How::Load, "main", "uvicorn"),
        ],
    );
    uses(
        "python3.12 -u scripts/seed.py --all",
        &[(How::Command, "seed.py", "--all"), (How::Load, "scripts.seed", "python")],
    );
    uses(
        "python manage.py runserver_plus",
        &[(How::Command, "manage.py", "runserver_plus"), (How::Load, "manage", "python")],
    );
    let facts = interpret(&command("python -c 'import wren'"));
    assert!(facts.uses.iter().any(|u| u.how == How::Import && u.name == "wren" && u.line == 7));
}

#[test]
fn words_of_the_shell_are_no_programs() {
    for text in ["test -f x", "[ -z $A ]", "echo celery", "$RUN x", "A=1"] {
        uses(text, &[]);
    }
}

fn install(text: &str) -> depslim_model::Install {
    let facts = interpret(&command(text));
    assert_eq!(facts.installs.len(), 1, "{text}");
    facts.installs[0].clone()
}

#[test]
fn pip_names_files_packages_and_the_project() {
    let found = install("pip install --no-cache-dir -r requirements.txt -rmore.txt 'wren[fast]>=1' uwsgi");
    assert_eq!(found.files, ["requirements.txt", "more.txt"]);
    assert_eq!(found.packages.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["wren", "uwsgi"]);
    let found = install("python -m pip install -e .[test,docs]");
    assert_eq!((found.project, found.groups.join(" ")), (true, "test docs".to_owned()));
    let found = install("uv pip install --system --group pyproject.toml:main --requirement=a.txt");
    assert_eq!((found.groups.join(" "), found.files.join(" ")), ("main".to_owned(), "pyproject.toml a.txt".to_owned()));
}

#[test]
fn groups_come_along_or_stay_out() {
    for (text, dev, groups, without) in [
        ("uv sync --frozen", Some(true), "", ""),
        ("uv sync --no-dev --extra s3", Some(false), "s3", ""),
        ("uv sync --no-group test", Some(true), "", "test"),
        ("uv sync --all-groups", Some(true), "*", ""),
        ("poetry install --no-root", Some(true), "", ""),
        ("poetry install --only main,worker", Some(false), "worker", ""),
        ("poetry install --without dev,docs --with ops", Some(true), "ops", "dev docs"),
        ("poetry install --no-dev", Some(false), "", ""),
        ("pdm sync --prod -G ops", Some(false), "ops", ""),
        ("pipenv install --system --deploy", Some(false), "", ""),
        ("pipenv sync --dev", Some(true), "", ""),
    ] {
        let found = install(text);
        assert!(found.project, "{text}");
        assert_eq!(
            (found.dev, found.groups.join(" ").as_str(), found.without.join(" ").as_str()),
            (dev, groups, without),
            "{text}"
        );
    }
}

#[test]
fn a_variable_can_leave_development_out() {
    let mut line = command("uv sync --frozen");
    line.variables.push(("UV_NO_DEV".into(), "1".into()));
    assert_eq!(interpret(&line).installs[0].dev, Some(false));
}

#[test]
fn other_commands_of_the_clients_install_nothing() {
    for text in ["pip --version", "uv lock", "poetry run x", "pip", "conda activate x"] {
        assert!(interpret(&command(text)).installs.is_empty(), "{text}");
    }
}
