//! Programs that start another program: what they wrap is a command of its own.

use super::reader::Reader;
use super::words::assignment;
use super::{Output, Simple, base_name, is_shell};
use std::collections::BTreeMap;

/// Adds a command, and what it wraps behind it. Of a wrapper only its own words are kept.
pub(super) fn emit(mut command: Simple, variables: &BTreeMap<String, String>, out: &mut Output) {
    let Some(program) = command.words.first() else { return };
    if matches!(program.as_str(), "" | "[" | ":") {
        return;
    }
    let Some(inner) = unwrap(&command.words) else {
        out.script.commands.push(command);
        return;
    };
    let (line, folder) = (command.line, command.folder.clone());
    let assignments = inner.assignments;
    command.words.truncate(inner.own);
    out.script.commands.push(command);
    for text in inner.texts {
        if out.enter(text.len()) {
            Reader::new(&text, line, variables.clone(), out).in_folder(folder.clone()).run();
            out.leave();
        }
    }
    if !inner.words.is_empty() && out.enter(inner.words.len()) {
        emit(Simple { words: inner.words, assignments, line, folder }, variables, out);
        out.leave();
    }
}

/// What stands inside a wrapper.
#[derive(Default)]
struct Inner {
    /// How many words belong to the wrapper itself.
    own: usize,
    /// The wrapped argument list, or empty.
    words: Vec<String>,
    /// Wrapped shell texts.
    texts: Vec<String>,
    assignments: Vec<(String, String)>,
}

/// How a program wraps another one.
struct Wrapper {
    /// Name of the program, without folder.
    program: &'static str,
    /// Words that must follow before it wraps (`run`), options between them allowed; alternatives separated by `|`.
    sub: &'static [&'static str],
    /// Options whose value is the next word.
    values: &'static [&'static str],
    /// Options whose value is a shell text.
    texts: &'static [&'static str],
    /// Words that are neither options nor the command.
    skip: usize,
    /// Where the command starts.
    rest: Rest,
}

#[derive(Clone, Copy, PartialEq)]
enum Rest {
    /// Behind the options and the skipped words.
    Command,
    /// Behind `--` only.
    Dashes,
    /// All that is left is one shell text.
    Text,
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
const WRAPPERS: &[Wrapper] = &[
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
    dashes("nodemon", &[]),
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

fn unwrap(words: &[String]) -> Option<Inner> {
    let program = base_name(words.first()?);
    if is_shell(program) && program != "busybox" {
        return shell_text(words);
    }
    match program {
        "trap" => return trap(words),
        "find" => return find_exec(words),
        _ => {}
    }
    WRAPPERS.iter().filter(|wrapper| is_one_of(wrapper.program, program)).find_map(|wrapper| wrapped(wrapper, words))
}

fn wrapped(wrapper: &Wrapper, words: &[String]) -> Option<Inner> {
    let mut inner = Inner::default();
    let mut subcommands = wrapper.sub.iter().peekable();
    let mut skip = wrapper.skip;
    let mut at = 1;
    while let Some(word) = words.get(at) {
        if word == "--" {
            if subcommands.peek().is_some() {
                return None;
            }
            // What `--` separates from the options is the command, unless a word of the wrapper's own still has to come.
            at += 1 + if wrapper.rest == Rest::Dashes { 0 } else { skip.min(1) };
            return take(inner, words, at, wrapper);
        }
        if wrapper.texts.contains(&word.as_str()) {
            inner.texts.extend(words.get(at + 1).cloned());
            inner.own = at + 1;
            return (!inner.texts.is_empty()).then_some(inner);
        }
        if word.len() > 1 && word.starts_with('-') {
            if matches!(word.as_str(), "-m" | "--module") && wrapper.program == "uv" && subcommands.peek().is_none() {
                // `uv run -m tool` runs `python -m tool`.
                inner.own = at;
                inner.words = ["python", "-m"].map(String::from).into_iter().chain(words[at + 1..].to_vec()).collect();
                return (inner.words.len() > 2).then_some(inner);
            }
            if matches!((wrapper.program, word.as_str()), ("env", "-S" | "--split-string")) {
                inner.own = at + 1;
                inner.texts.extend(words.get(at + 1).cloned());
                return Some(inner);
            }
            if wrapper.program == "command" {
                // `command -v NAME` asks, it does not run.
                return None;
            }
            at += if wrapper.values.contains(&word.as_str()) { 2 } else { 1 };
            continue;
        }
        if let Some(sub) = subcommands.peek() {
            if !is_one_of(sub, word) {
                return None;
            }
            subcommands.next();
            at += 1;
            continue;
        }
        if let Some((name, value)) = assignment(word)
            && wrapper.rest == Rest::Command
        {
            inner.assignments.push((name.to_owned(), value.to_owned()));
            at += 1;
            continue;
        }
        if wrapper.rest == Rest::Dashes || skip > 0 {
            skip = skip.saturating_sub(1);
            at += 1;
            continue;
        }
        break;
    }
    if subcommands.peek().is_some() || wrapper.rest == Rest::Dashes {
        return None;
    }
    take(inner, words, at, wrapper)
}

fn take(mut inner: Inner, words: &[String], at: usize, wrapper: &Wrapper) -> Option<Inner> {
    let rest = words.get(at..).filter(|rest| !rest.is_empty())?;
    inner.own = at;
    match wrapper.rest {
        Rest::Text => inner.texts.push(rest.join(" ")),
        _ => inner.words = rest.to_vec(),
    }
    Some(inner)
}

/// `sh -c TEXT NAME ARGS…`, `bash -lc TEXT`.
fn shell_text(words: &[String]) -> Option<Inner> {
    let mut is_text = false;
    let mut at = 1;
    while let Some(word) = words.get(at) {
        if !word.starts_with(['-', '+']) || word.len() < 2 {
            break;
        }
        let short = !word.starts_with("--");
        is_text |= short && word.contains('c');
        let takes_value = (short && word.ends_with(['o', 'O'])) || matches!(word.as_str(), "--rcfile" | "--init-file");
        at += if takes_value { 2 } else { 1 };
    }
    let text = words.get(at).filter(|_| is_text)?;
    let mut inner = Inner { own: at, texts: vec![text.clone()], ..Inner::default() };
    if text.contains("$@") || text.contains("$*") {
        inner.words = words.get(at + 2..).unwrap_or_default().to_vec();
    }
    Some(inner)
}

/// `trap TEXT SIGNAL…`.
fn trap(words: &[String]) -> Option<Inner> {
    let text = words.get(1).filter(|text| words.len() > 2 && !text.starts_with('-') && !text.is_empty())?;
    Some(Inner { own: 1, texts: vec![text.clone()], ..Inner::default() })
}

/// `find … -exec COMMAND {} +`.
fn find_exec(words: &[String]) -> Option<Inner> {
    let own = words.iter().position(|word| matches!(word.as_str(), "-exec" | "-execdir" | "-ok"))? + 1;
    let inner: Vec<_> = words[own..].iter().take_while(|word| !matches!(word.as_str(), ";" | "+")).cloned().collect();
    (!inner.is_empty()).then_some(Inner { own, words: inner, ..Inner::default() })
}

fn is_one_of(names: &str, name: &str) -> bool {
    names == name || names.contains('|') && names.split('|').any(|candidate| candidate == name)
}
