//! The table of wrappers: which programs start another program, and where its words begin.

/// How a program wraps another one.
pub(super) struct Wrapper {
    /// Name of the program, without folder.
    pub(super) program: &'static str,
    /// Words that must follow before it wraps (`run`), options between them allowed; alternatives separated by `|`.
    pub(super) sub: &'static [&'static str],
    /// Options whose value is the next word.
    pub(super) values: &'static [&'static str],
    /// Options whose value is a shell text.
    pub(super) texts: &'static [&'static str],
    /// Words that are neither options nor the command.
    pub(super) skip: usize,
    /// Where the command starts.
    pub(super) rest: Rest,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Rest {
    /// Behind the options and the skipped words.
    Command,
    /// Behind `--` only.
    Dashes,
    /// All that is left is one shell text.
    Text,
    /// Each word that is left is a shell text.
    Texts,
}

const fn plain(program: &'static str, values: &'static [&'static str]) -> Wrapper {
    Wrapper { program, sub: &[], values, texts: &[], skip: 0, rest: Rest::Command }
}

const fn run(program: &'static str, sub: &'static [&'static str], values: &'static [&'static str]) -> Wrapper {
    Wrapper { program, sub, values, texts: &[], skip: 0, rest: Rest::Command }
}

const fn skipping(program: &'static str, values: &'static [&'static str], skip: usize) -> Wrapper {
    Wrapper { program, sub: &[], values, texts: &[], skip, rest: Rest::Command }
}

const fn dashes(program: &'static str, sub: &'static [&'static str]) -> Wrapper {
    Wrapper { program, sub, values: &[], texts: &[], skip: 0, rest: Rest::Dashes }
}

const fn text(program: &'static str, values: &'static [&'static str]) -> Wrapper {
    Wrapper { program, sub: &[], values, texts: &[], skip: 0, rest: Rest::Text }
}

const fn user(program: &'static str, values: &'static [&'static str], skip: usize) -> Wrapper {
    Wrapper { program, sub: &[], values, texts: &["-c", "--command"], skip, rest: Rest::Command }
}

const COMPOSE: &[&str] = &[
    "-f",
    "--file",
    "-p",
    "--project-name",
    "--profile",
    "--env-file",
    "--project-directory",
    "-e",
    "--env",
    "-u",
    "--user",
    "-w",
    "--workdir",
    "-v",
    "--volume",
    "--publish",
    "--name",
    "--entrypoint",
    "-l",
    "--label",
    "--index",
];
const DOCKER: &[&str] = &[
    "-v",
    "--volume",
    "-e",
    "--env",
    "-p",
    "--publish",
    "-w",
    "--workdir",
    "-u",
    "--user",
    "--name",
    "--network",
    "--net",
    "--entrypoint",
    "-l",
    "--label",
    "--mount",
    "--env-file",
    "--platform",
    "--hostname",
    "-h",
    "--memory",
    "-m",
    "--cpus",
    "--link",
    "--restart",
    "--add-host",
    "--device",
    "--shm-size",
    "--ulimit",
    "--tmpfs",
    "--log-driver",
    "--log-opt",
    "-c",
    "--context",
    "-H",
    "--host",
    "--gpus",
];
const UV: &[&str] = &[
    "--with",
    "--with-editable",
    "--with-requirements",
    "--group",
    "--no-group",
    "--only-group",
    "--extra",
    "--no-extra",
    "--python",
    "-p",
    "--project",
    "--package",
    "--directory",
    "--env-file",
    "--index-url",
    "-i",
    "--extra-index-url",
    "--index",
    "--default-index",
    "--find-links",
    "-f",
    "--config-file",
    "--cache-dir",
    "--refresh-package",
    "-P",
    "--upgrade-package",
    "--python-platform",
    "--color",
    "--exclude-newer",
    "--link-mode",
    "-C",
    "--config-setting",
    "-w",
    "--from",
];
const OPENTELEMETRY: &[&str] = &[
    "--traces_exporter",
    "--metrics_exporter",
    "--logs_exporter",
    "--exporter_otlp_endpoint",
    "--service_name",
    "--id_generator",
    "--propagator",
    "--exporter_otlp_protocol",
];

/// The wrappers that container files, process files and scripts use.
pub(super) const WRAPPERS: &[Wrapper] = &[
    plain("exec", &["-a"]),
    plain("command", &[]),
    plain("builtin", &[]),
    plain("env", &["-u", "--unset", "-C", "--chdir"]),
    plain("sudo", &["-u", "--user", "-g", "--group", "-h", "-p", "-C", "-D", "-R", "-r", "-t", "-T", "-U"]),
    plain("doas", &["-u", "-C"]),
    plain("nohup", &[]),
    plain("setsid", &[]),
    plain("time", &["-f", "--format", "-o", "--output"]),
    plain("nice", &["-n", "--adjustment"]),
    plain("ionice", &["-c", "-n", "--class", "--classdata"]),
    plain("stdbuf", &["-i", "-o", "-e"]),
    skipping("timeout", &["-s", "--signal", "-k", "--kill-after"], 1),
    skipping("taskset", &[], 1),
    plain("numactl", &[]),
    plain("prlimit", &[]),
    plain("catchsegv", &[]),
    plain("strace", &["-e", "-o", "-p", "-s"]),
    plain("valgrind", &[]),
    plain("busybox", &[]),
    plain("tini", &["-p", "-e"]),
    plain("tini-static", &["-p", "-e"]),
    plain("docker-init", &[]),
    plain("dumb-init", &["-r", "--rewrite"]),
    plain("catatonit", &[]),
    plain("my_init", &[]),
    plain("with-contenv", &[]),
    skipping("su-exec", &[], 1),
    skipping("gosu", &[], 1),
    skipping("s6-setuidgid", &[], 1),
    skipping("setuser", &[], 1),
    skipping("chroot", &[], 1),
    plain("chpst", &["-u", "-U", "-b", "-e", "-n", "-l", "-L", "-m", "-o", "-p"]),
    plain("setpriv", &["--reuid", "--regid", "--groups", "--inh-caps", "--bounding-set"]),
    user("su", &["-s", "--shell", "-g", "-G"], 9),
    user("runuser", &["-u", "--user", "-g", "-G", "-s", "--shell"], 0),
    user("flock", &["-w", "--timeout", "-E"], 1),
    user("script", &[], 9),
    text("eval", &[]),
    text("watch", &["-n", "--interval"]),
    plain(
        "xargs",
        &["-I", "-n", "-P", "-L", "-d", "-a", "-s", "-E", "--max-args", "--max-procs", "--delimiter", "--arg-file"],
    ),
    plain("xvfb-run", &["-s", "--server-args", "-n", "-e", "-w", "-p", "-f"]),
    plain("dbus-run-session", &[]),
    plain("unbuffer", &[]),
    dashes("wait-for-it.sh", &[]),
    dashes("wait-for-it", &[]),
    dashes("wait-for.sh", &[]),
    dashes("wait-for", &[]),
    dashes("wait-on", &[]),
    plain(
        "dockerize",
        &["-wait", "-template", "-stdout", "-stderr", "-timeout", "-wait-retry-interval", "-env", "-poll-interval"],
    ),
    plain("docker-entrypoint.sh", &[]),
    plain("docker-entrypoint", &[]),
    plain("entrypoint.sh", &[]),
    plain("entrypoint", &[]),
    run("uv", &["run"], UV),
    run("uv", &["tool", "run"], UV),
    plain("uvx", UV),
    run("poetry", &["run"], &["-C", "--directory", "-P", "--project"]),
    run("pipenv", &["run"], &["--python"]),
    run("pdm", &["run"], &["-p", "--project", "-s", "--site-packages", "--env-file"]),
    run("hatch", &["run"], &["-e", "--env", "-p", "--project"]),
    run("hatch", &["env", "run"], &["-e", "--env"]),
    run("rye", &["run"], &["--pyproject"]),
    run("pixi", &["run"], &["-e", "--environment", "--manifest-path"]),
    run("conda|mamba|micromamba", &["run"], &["-n", "--name", "-p", "--prefix", "--cwd"]),
    run("pyenv|asdf|rbenv|nodenv", &["exec"], &[]),
    run("mise", &["exec|x"], &["-C"]),
    skipping("pipx", &["--spec", "--python", "--pip-args"], 1),
    run("bundle", &["exec"], &[]),
    Wrapper {
        program: "npx",
        sub: &[],
        values: &["-p", "--package", "-w", "--workspace"],
        texts: &["-c", "--call"],
        skip: 0,
        rest: Rest::Command,
    },
    run("npm", &["exec|x"], &["-p", "--package"]),
    run("pnpm|yarn", &["exec|dlx"], &["-C", "--dir", "--filter", "-F"]),
    run("bunx", &[], &[]),
    plain("cross-env", &[]),
    plain("cross-env-shell", &[]),
    run("dotenv", &["run"], &["-f", "--file", "-q"]),
    run("honcho|foreman|forego", &["run"], &["-e", "--env", "-f", "-d"]),
    run("heroku", &["run"], &["-a", "--app", "-s", "--size"]),
    run("direnv", &["exec"], &[]),
    dashes("doppler", &["run"]),
    dashes("infisical", &["run"]),
    dashes("op", &["run"]),
    dashes("chamber", &["exec"]),
    dashes("aws-vault", &["exec"]),
    dashes("kubectl", &["exec"]),
    dashes("watchmedo", &["auto-restart"]),
    Wrapper {
        program: "nodemon|tsc-watch",
        sub: &[],
        values: &["-e", "--ext", "-w", "--watch", "-i", "--ignore", "--config", "--delay"],
        texts: &["-x", "--exec", "--onSuccess", "--onFailure", "--onCompilationComplete", "--onFirstSuccess"],
        skip: 0,
        rest: Rest::Dashes,
    },
    Wrapper {
        program: "concurrently|conc|start-server-and-test|start-test|server-test|stmux",
        sub: &[],
        values: &[
            "-n",
            "--names",
            "-c",
            "--prefix-colors",
            "-p",
            "--prefix",
            "-s",
            "--success",
            "-m",
            "--max-processes",
        ],
        texts: &[],
        skip: 0,
        rest: Rest::Texts,
    },
    plain("env-cmd", &["-f", "--file", "-r", "--rc-file", "-e", "--environments"]),
    dashes("dotenv", &[]),
    plain("dotenv", &["-e", "-v", "-p", "-c"]),
    run("dotenvx|dotenv-vault", &["run"], &["-f", "-e", "--env-file"]),
    plain("nyc|c8", &["-r", "--reporter", "-x", "--exclude", "-n", "--include", "--report-dir", "-t", "--temp-dir"]),
    plain("run-if-ci|is-ci-cli|with-env", &[]),
    plain("opentelemetry-instrument", OPENTELEMETRY),
    plain("ddtrace-run", &[]),
    run("newrelic-admin", &["run-program"], &[]),
    plain("newrelic-admin-run-program", &[]),
    dashes("py-spy", &["record"]),
    Wrapper {
        program: "docker",
        sub: &["compose", "run|exec"],
        values: COMPOSE,
        texts: &[],
        skip: 1,
        rest: Rest::Command,
    },
    Wrapper {
        program: "docker-compose|podman-compose",
        sub: &["run|exec"],
        values: COMPOSE,
        texts: &[],
        skip: 1,
        rest: Rest::Command,
    },
    Wrapper { program: "docker|podman", sub: &["run|exec"], values: DOCKER, texts: &[], skip: 1, rest: Rest::Command },
];
