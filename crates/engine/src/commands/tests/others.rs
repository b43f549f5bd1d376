//! The other kinds of command files.

use super::*;

#[test]
fn workflows() {
    let observed = check(
        ".github/workflows/ci.yml",
        "env:\n  DB_URL: pg://x\njobs:\n  t:\n    steps:\n      - uses: checkout@v4\n        with: {install: true}\n      - run: |\n          check a\n          check ${{ matrix.x }} b\n      - run: look\n        working-directory: api\n      - run: print('x')\n        shell: python\n",
        &["9 ci check a in ../..", "10 ci check ${{ matrix.x }} b in ../..", "11 ci look in ../../api"],
    );
    check_variables(&observed, &[("DB_URL", "pg://x", 2)]);
    check(
        ".gitlab-ci.yml",
        "t:\n  image: a\n  before_script: [prepare]\n  script:\n    - check a\n    - check b --all\n",
        &["3 ci prepare", "5 ci check a", "6 ci check b --all"],
    );
    check(
        ".circleci/config.yml",
        "jobs:\n  t:\n    steps:\n      - run: look << parameters.x >>\n      - run:\n          name: n\n          command: |\n            check\n",
        &["4 ci look ${parameters.x} in ..", "8 ci check in .."],
    );
    check("azure-pipelines.yml", "steps:\n- bash: check\n- script: look\n", &["2 ci check", "3 ci look"]);
    check(".travis.yml", "install: fetch x\nscript:\n  - check\n", &["1 ci fetch x", "3 ci check"]);
    check("cloudbuild.yaml", "steps:\n- name: gcr.io/x/docker\n  args: [push, a]\n", &["3 ci docker push a"]);
    check(
        "Jenkinsfile",
        "node {\n  sh 'check a'\n  sh(script: \"look ${X}\", returnStdout: true)\n  sh '''\n    one\n    two\n  '''\n  push 'x'\n}\n",
        &["2 ci check a", "3 ci look ${X}", "5 ci one", "6 ci two"],
    );
    check(
        ".pre-commit-config.yaml",
        "repos:\n- repo: local\n  hooks:\n  - id: x\n    entry: look --all\n",
        &["5 dev look --all"],
    );
}

#[test]
fn process_managers() {
    check(
        "Procfile",
        "web: serve app --port $PORT\n# x\nrelease: cd api && migrate\n",
        &["1 run serve app --port $PORT", "3 run migrate in api"],
    );
    check("Procfile.dev", "web: watch-it\n", &["1 dev watch-it"]);
    let observed = check(
        "deploy/crontab",
        "URL=pg://x\n0 3 * * * clean --all %in\n@daily sweep\n*/5 1-3 * JAN MON tick\n",
        &["2 run clean --all in ?", "3 run sweep in ?", "4 run tick in ?"],
    );
    check_variables(&observed, &[("URL", "pg://x", 1)]);
    check("etc/cron.d/job", "0 3 * * * root clean --all\n", &["1 run clean --all in ?"]);
    let observed = check(
        "conf/app.conf",
        "[supervisord]\nnodaemon=true\n[program:web]\ndirectory=/srv\ncommand=serve app ; the web\n  --port 80\nenvironment=A=\"x\",B=y\n[program:job]\ncommand=work\n",
        &["5 run serve app --port 80 in /srv", "9 run work in ?"],
    );
    check_variables(&observed, &[("A", "x", 7), ("B", "y", 7)]);
    check("circus.ini", "[watcher:web]\ncmd = serve\nargs = app\n", &["2 run serve app in ?"]);
    check(
        "uwsgi.ini",
        "[uwsgi]\nchdir = /srv\nmodule = app.wsgi:application\nattach-daemon = work\n",
        &["1 run uwsgi in /srv", "3 run uwsgi --module app.wsgi:application in /srv", "4 run work in /srv"],
    );
    check("app.ini", "[app]\ncommand = x\n", &[]);
    let observed = check(
        "web.service",
        "[Service]\nWorkingDirectory=/srv\nEnvironment=\"A=1 2\" B=3\nExecStartPre=-/bin/prepare\nExecStart=/usr/bin/serve app \\\n  --all\n",
        &["4 run /bin/prepare in /srv", "5 run /usr/bin/serve app --all in /srv"],
    );
    check_variables(&observed, &[("A", "1 2", 3), ("B", "3", 3)]);
    let observed = check(".env.example", "# x\nexport URL=\"pg://x\" # why\nEMPTY=\n", &[]);
    check_variables(&observed, &[("URL", "pg://x", 2)]);
}

#[test]
fn build_files() {
    check(
        "Makefile",
        "VENV := .venv\nTOOL ?= $(VENV)/bin/check\n\ntest: deps\n\t@$(TOOL) \\\n\t  --all $(ARGS)\n\t-cd api && look $$HOME\n\t$(foreach x,y,z) run\nX = 1\n",
        &["5 dev ${VENV}/bin/check --all ${ARGS}", "7 dev look $HOME in api", "8 dev ${} run"],
    );
    check(
        "justfile",
        "tool := \"check\"\ntest *args:\n    @{{tool}} --all {{args}}\n    cd api && look\n\nscript:\n    #!/usr/bin/env bash\n    set -e\n\n    one\n\nother:\n    #!/usr/bin/env python3\n    print(1)\n",
        &["3 dev check --all ${args}", "4 dev look in api", "10 dev one"],
    );
    check(
        "Taskfile.yml",
        "tasks:\n  t:\n    dir: api\n    cmds:\n      - check {{.X}}\n      - cmd: look\n",
        &["5 dev check ${.X} in api", "6 dev look"],
    );
    check(
        "tox.ini",
        "[tox]\nenvlist = a\n[testenv]\ndeps = x\ncommands =\n    check --all {posargs:tests} \\\n      -q\n    lint,py3{11,12}: -look {toxinidir}/x\n[testenv:doc]\nchangedir = doc\ncommands_pre = {envpython} -m build\n",
        &["6 dev check --all tests -q", "8 dev look ./x", "11 dev python -m build in doc"],
    );
    check(
        "noxfile.py",
        "@nox.session\ndef t(session):\n    session.run(\"check\", \"--all\", *args)\n    session.run_always(\n        'look', '.',\n    )\n    session.run(f\"x\")\n",
        &["3 dev check --all", "4 dev look ."],
    );
    check("tasks.py", "@task\ndef t(c):\n    c.run(\"check && look\")\n", &["3 dev check", "3 dev look"]);
}

#[test]
fn tables_of_tasks() {
    check(
        "pyproject.toml",
        r#"[tool.poe.tasks]
lint = "look ."
serve = { cmd = "serve app" }
all = [{ shell = "one | two" }, "lint"]
[tool.taskipy.tasks]
t = { cmd = "check t" }
[tool.pdm.scripts]
p = { cmd = ["check", "p q"] }
c = { composite = ["one", "two"] }
[tool.hatch.envs.default.scripts]
h = ["check h", "look h"]
[tool.pixi.feature.x.tasks]
f = "check f"
[tool.tox]
legacy_tox_ini = """
[testenv]
commands = check l
"""
"#,
        &[
            "2 dev look .",
            "3 dev serve app",
            "4 dev one",
            "4 dev two",
            "4 dev lint",
            "6 dev check t",
            "8 dev check p q",
            "9 dev one",
            "9 dev two",
            "11 dev check h",
            "11 dev look h",
            "13 dev check f",
            "17 dev check l",
        ],
    );
    check("Pipfile", "[scripts]\nt = \"check\"\n", &["2 dev check"]);
    check("mise.toml", "[tasks.t]\nrun = [\"check\", \"look\"]\n", &["2 dev check", "2 dev look"]);
    check("pyproject.toml", "[project]\nname = \"x\"\n[project.scripts]\nx = \"a:b\"\n", &[]);
    assert_eq!(read("pyproject.toml", b"[broken").problems, [], "the reader of manifests says so");
}

#[test]
fn platforms() {
    check(
        "fly.toml",
        "[processes]\nweb = \"serve app\"\n[deploy]\nrelease_command = \"migrate\"\n[env]\nURL = \"pg://x\"\n[build]\ndockerfile = \"Dockerfile.fly\"\n",
        &["2 run serve app", "4 run migrate"],
    );
    let observed = check(
        "render.yaml",
        "services:\n  - type: web\n    rootDir: api\n    buildCommand: fetch\n    startCommand: serve app\n    envVars:\n      - key: URL\n        value: pg://x\n",
        &["4 image fetch in api", "5 run serve app in api"],
    );
    check_variables(&observed, &[("URL", "pg://x", 7)]);
    check("app.yaml", "runtime: x\nentrypoint: serve -b :$PORT app\n", &["2 run serve -b :$PORT app"]);
    check("heroku.yml", "build:\n  docker:\n    web: Dockerfile\nrun:\n  web: serve\n", &["5 run serve"]);
    check(
        "app.json",
        "{\n  \"scripts\": {\"postdeploy\": \"migrate\"},\n  \"env\": {\"URL\": {\"value\": \"pg://x\"}}\n}\n",
        &["2 run migrate"],
    );
    check(
        "railway.json",
        "{\"build\": {\"buildCommand\": \"fetch\"},\n \"deploy\": {\"startCommand\": \"serve\"}}\n",
        &["1 image fetch", "2 run serve"],
    );
    check(
        "nixpacks.toml",
        "[phases.build]\ncmds = [\"fetch\"]\n[start]\ncmd = \"serve\"\n",
        &["4 run serve", "2 image fetch"],
    );
    check(
        "serverless.yml",
        "functions:\n  a:\n    handler: src/web.main\nprovider:\n  environment:\n    URL: pg://x\n",
        &["3 run handler: src/web.main"],
    );
    check("template.yaml", "R:\n  P:\n    CodeUri: fn/\n    Handler: web.main\n", &["4 run handler: web.main fn"]);
    check(
        "project.toml",
        "[[io.buildpacks.build.env]]\nname = \"GOOGLE_ENTRYPOINT\"\nvalue = \"serve app\"\n",
        &["3 run serve app"],
    );
    check(
        ".devcontainer/devcontainer.json",
        "{\n  // note\n  \"postCreateCommand\": \"fetch\",\n}\n",
        &["3 dev fetch"],
    );
    check(
        "services/apprunner.yaml",
        "build:\n  commands:\n    build:\n      - fetch\nrun:\n  command: serve\n",
        &["4 image fetch", "6 run serve"],
    );
}

#[test]
fn scripts() {
    let observed = check(
        "tools/run.sh",
        "set -e\nexport URL=pg://x\ncd \"$(dirname \"$0\")\"\nA=1 serve app\n",
        &["3 dev dirname $0 in ?", "4 dev serve app"],
    );
    check_variables(&observed, &[("URL", "pg://x", 2), ("A", "1", 4)]);
    check("bin/start-web", "#!/usr/bin/env bash\nserve app\n", &["2 dev serve app in ?"]);
    check("root/etc/services.d/web/run", "#!/usr/bin/with-contenv sh\nserve app\n", &["2 run serve app in ?"]);
    assert_eq!(show(&read_script("serve", Stage::Run)), ["1 run serve in ?"]);
}
