//! Stories of exported container files: from a folder to the file that builds its image.

#![expect(clippy::unwrap_used, reason = "a story that can't be set up fails")]

use depslim::policy::Date;
use depslim::{Exported, Options, export};

/// A folder with these files, and what `export` writes for its projects.
fn tell(files: &[(&str, &str)]) -> Vec<Exported> {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    let options = Options { today: Some("2026-11-21".parse::<Date>().unwrap()), ..Options::default() };
    export(folder.path(), &options).unwrap()
}

fn file<'e>(exported: &'e Exported, name: &str) -> &'e str {
    exported.files.iter().find(|f| f.path == name).map_or("", |f| f.content.as_str())
}

/// The container file without comments.
fn dockerfile(exported: &Exported) -> String {
    let lines = file(exported, "Dockerfile").lines().filter(|l| !l.starts_with('#') && !l.is_empty());
    lines.map(|l| format!("{l}\n")).collect::<Vec<_>>().concat()
}

#[test]
fn a_list_and_a_container_file() {
    let exported = tell(&[
        ("requirements.txt", "flask==3.0.0\ngunicorn==22.0.0\nmysqlclient==2.2.4\n"),
        ("shop/__init__.py", "import flask\nimport MySQLdb\n"),
        (
            "Dockerfile",
            "FROM python:3.12\nWORKDIR /srv\nRUN apt-get update && apt-get install -y default-libmysqlclient-dev gcc postgresql-client\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\nEXPOSE 8000\nHEALTHCHECK CMD curl -f http://localhost:8000/\nCMD gunicorn shop:app --bind 0.0.0.0:8000\n",
        ),
    ]);
    insta::assert_snapshot!(dockerfile(&exported[0]), @r#"
    FROM python:3.12-slim-trixie AS build
    RUN apt-get update \
     && apt-get install -y --no-install-recommends default-libmysqlclient-dev gcc libc6-dev pkg-config \
     && rm -rf /var/lib/apt/lists/*
    WORKDIR /srv
    RUN python -m venv --without-pip /opt/venv
    COPY slim/requirements.prod.txt /tmp/slim/
    RUN --mount=type=cache,target=/root/.cache/pip \
        pip --python /opt/venv install --no-compile -r /tmp/slim/requirements.prod.txt
    FROM python:3.12-slim-trixie
    RUN apt-get update \
     && apt-get install -y --no-install-recommends libmariadb3 \
     && rm -rf /var/lib/apt/lists/* \
     && groupadd -r -g 10001 app && useradd -l -r -u 10001 -g app -d /srv app \
     && install -d -o 10001 -g 10001 /srv
    COPY --from=build /opt/venv /opt/venv
    ENV PATH=/opt/venv/bin:$PATH \
        VIRTUAL_ENV=/opt/venv \
        PYTHONUNBUFFERED=1
    WORKDIR /srv
    COPY --chown=10001:10001 . /srv/
    EXPOSE 8000
    USER 10001:10001
    HEALTHCHECK CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8000/', timeout=4).read(1)"]
    CMD ["gunicorn", "shop:app", "--bind", "0.0.0.0:8000"]
    "#);
    assert!(
        exported[0].notes.iter().any(|n| n.starts_with("left out: postgresql-client (Dockerfile:3)")),
        "{:?}",
        exported[0].notes
    );
    assert_eq!(file(&exported[0], ".dockerignore"), file(&exported[0], "Dockerfile.dockerignore"));
    assert!(file(&exported[0], ".dockerignore").contains("\n**/.git\n"));
}

#[test]
fn a_project_of_uv_that_is_a_package_below_the_build_context() {
    let lock = "version = 1\nrequires-python = \">=3.12\"\n[[package]]\nname = \"orchard\"\nversion = \"0.1.0\"\nsource = { editable = \".\" }\ndependencies = [{ name = \"flask\" }]\n[[package]]\nname = \"flask\"\nversion = \"3.0.0\"\nsource = { registry = \"https://r.example.invalid/simple\" }\nwheels = [{ url = \"https://r.example.invalid/f/flask-3.0.0-py3-none-any.whl\", hash = \"sha256:bb\", size = 100 }]\n";
    let exported = tell(&[
        (
            "api/pyproject.toml",
            "[project]\nname = \"orchard\"\nversion = \"0.1.0\"\nreadme = \"README.md\"\nrequires-python = \">=3.12\"\ndependencies = [\"flask\"]\n[project.scripts]\norchard = \"orchard:main\"\n[build-system]\nrequires = [\"hatchling\"]\n",
        ),
        ("api/uv.lock", lock),
        ("api/README.md", "about\n"),
        ("api/src/orchard/__init__.py", "import flask\n"),
        ("api/.dockerignore", "*.md\n"),
        (
            "api/Dockerfile",
            "FROM python:3.12-slim\nCOPY --from=ghcr.io/astral-sh/uv:0.9.0 /uv /bin/uv\nENV UV_COMPILE_BYTECODE=1\nWORKDIR /app\nCOPY . .\nRUN uv sync --frozen --no-dev\nENV PATH=/app/.venv/bin:$PATH\nUSER 1000\nCMD [\"uv\", \"run\", \"--no-sync\", \"orchard\"]\n",
        ),
    ]);
    insta::assert_snapshot!(dockerfile(&exported[0]), @r#"
    FROM python:3.12-slim AS build
    WORKDIR /app
    COPY --from=ghcr.io/astral-sh/uv:0.13.8 /uv /usr/local/bin/uv
    ENV UV_LINK_MODE=copy \
        UV_PYTHON_DOWNLOADS=never
    RUN uv venv --no-project /opt/venv
    COPY slim/api/requirements.prod.txt /tmp/slim/
    RUN --mount=type=cache,target=/root/.cache/uv \
        uv pip install --python /opt/venv --no-deps -r /tmp/slim/requirements.prod.txt
    COPY api/README.md README.md
    COPY api .
    RUN --mount=type=cache,target=/root/.cache/uv \
        uv pip install --python /opt/venv --no-deps -e .
    FROM python:3.12-slim
    RUN groupadd -r -g 1000 app && useradd -l -r -u 1000 -g app -d /app app \
     && install -d -o 1000 -g 1000 /app
    COPY --from=build /opt/venv /opt/venv
    ENV PATH=/opt/venv/bin:$PATH \
        VIRTUAL_ENV=/opt/venv \
        PYTHONUNBUFFERED=1
    WORKDIR /app
    COPY --chown=1000:1000 api /app/
    USER 1000:1000
    CMD ["orchard"]
    "#);
    let ignore = file(&exported[0], ".dockerignore");
    assert!(ignore.contains("\napi/*.md\n") && ignore.contains("\n!api/README.md\n"), "{ignore}");
}

#[test]
fn what_starts_a_project_without_a_container_file() {
    let exported = tell(&[
        ("requirements.txt", "flask==3.0.0\ngunicorn==22.0.0\n"),
        ("runtime.txt", "python-3.12.1\n"),
        ("app.py", "import flask\n"),
        ("Procfile", "worker: python app.py work\nweb: gunicorn app:app --bind 0.0.0.0:$PORT\n"),
    ]);
    let text = dockerfile(&exported[0]);
    assert!(text.ends_with("CMD [\"sh\", \"-c\", \"exec gunicorn app:app --bind 0.0.0.0:$PORT\"]\n"), "{text}");
    assert!(file(&exported[0], "Dockerfile").contains("# from Procfile:2\n"));
}

#[test]
fn an_image_of_something_else_is_not_written_over() {
    let exported = tell(&[
        ("requirements.txt", "flask==3.0.0\n"),
        ("app.py", "import flask\n"),
        ("Dockerfile", "FROM nginx:1.29\nCOPY . /usr/share/nginx/html\n"),
    ]);
    assert_eq!(file(&exported[0], "Dockerfile"), "");
    assert!(
        exported[0].skipped.iter().any(|s| s.starts_with("Dockerfile: the container files here build something else")),
        "{:?}",
        exported[0].skipped
    );
}

#[test]
fn what_has_ended_is_never_written() {
    let exported = tell(&[
        ("requirements.txt", "flask==3.0.0\n"),
        ("app.py", "import flask\n"),
        (
            "Dockerfile",
            "FROM python:3.8-slim-buster\nRUN pip install -r requirements.txt\nCMD [\"python\", \"app.py\"]\n",
        ),
    ]);
    let text = dockerfile(&exported[0]);
    assert!(!text.contains("3.8") && !text.contains("buster"), "{text}");
    assert!(text.starts_with("FROM python:3.1"), "{text}");
}

#[test]
fn a_front_end_beside_a_back_end() {
    let exported = tell(&[
        ("requirements.txt", "flask==3.0.0\n"),
        ("app.py", "import flask\n"),
        (
            "Dockerfile",
            "FROM python:3.12-slim\nCOPY . /app\nRUN pip install -r requirements.txt\nCMD [\"python\", \"app.py\"]\n",
        ),
        (
            "package.json",
            "{\"name\": \"w\", \"scripts\": {\"start\": \"react-scripts start\", \"build\": \"react-scripts build\"}, \"dependencies\": {\"react\": \"18.0.0\"}}",
        ),
        (
            "package-lock.json",
            "{\"name\": \"w\", \"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"react\": \"18.0.0\"}}, \"node_modules/react\": {\"version\": \"18.0.0\"}}}",
        ),
        ("src/index.js", "import 'react';\n"),
        (
            "Dockerfile.web",
            "FROM node:22\nCOPY package*.json ./\nRUN npm ci --legacy-peer-deps\nCOPY . .\nEXPOSE 3000\nCMD [\"npm\", \"start\"]\n",
        ),
    ]);
    let names: Vec<Vec<&str>> = exported
        .iter()
        .map(|e| {
            e.files.iter().map(|f| f.path.as_str()).filter(|p| p.contains("ocker") || p.contains("nginx")).collect()
        })
        .collect();
    let web = exported.iter().position(|e| e.project.ends_with("#node")).unwrap();
    let plain = names.iter().flatten().filter(|n| **n == "Dockerfile").count();
    assert_eq!(plain, 1, "{names:?}");
    let name = names[web].iter().find(|n| n.ends_with("ockerfile")).unwrap();
    let text = file(&exported[web], name);
    assert!(
        text.contains("npm ci --legacy-peer-deps\n")
            && text.contains("\nCOPY --from=build /app/build /usr/share/nginx/html\n"),
        "{text}"
    );
    let configuration = names[web].iter().find(|n| n.ends_with("nginx.conf")).unwrap();
    assert!(text.contains(&format!("\nCOPY slim/{configuration} /etc/nginx/nginx.conf\n")), "{text}");
    assert!(file(&exported[web], configuration).contains("listen 3000;"));
}
