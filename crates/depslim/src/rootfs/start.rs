//! How the collected program is started: the container file around it.

use crate::image::files::ContainerFile;
use depslim_formats::dockerfile::{Form, Kind};
use depslim_formats::shell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What a container file is made from.
pub(super) struct Start<'a> {
    /// The project's own, which says what is started.
    pub(super) container: Option<&'a ContainerFile<'a>>,
    /// The environment, as it is called in the image.
    pub(super) environment: &'a Path,
    /// It has a folder of programs.
    pub(super) programs: bool,
    /// The runtime's program, likewise.
    pub(super) interpreter: &'a Path,
    /// The project's folder, likewise.
    pub(super) folder: &'a Path,
    /// Whether a path is in the image.
    pub(super) has: &'a dyn Fn(&Path) -> bool,
    /// The user's number.
    pub(super) user: u32,
    /// Version of depslim.
    pub(super) tool: &'a str,
    /// The folder with the files.
    pub(super) into: &'a Path,
}

/// The text, and what it lacks.
pub(super) struct Written {
    pub(super) text: String,
    pub(super) note: Option<String>,
}

/// Writes it. The build context is the collected folder itself.
pub(super) fn dockerfile(start: &Start<'_>) -> Written {
    let bin = folders(start).into_iter().next().unwrap_or_default();
    let mut text = format!(
        "# syntax=docker/dockerfile:1\n# Written by depslim {}. The context is the folder that `depslim export --rootfs` made:\n#   docker build --file Dockerfile.scratch {}\nFROM scratch\nCOPY . /\nENV PATH={}\n",
        start.tool,
        start.into.file_name().unwrap_or_default().display(),
        bin.display()
    );
    let (variables, ports) = start.container.map(settings).unwrap_or_default();
    for (name, value) in variables {
        if is_secret(&name) {
            let _ = writeln!(text, "# {name} is not copied: what is secret is given when the container starts");
        } else if name != "PATH" {
            let _ = writeln!(text, "ENV {name}={}", quoted(&value).replace('$', "\\$"));
        }
    }
    let _ = write!(text, "WORKDIR {}\nUSER {user}:{user}\n", start.folder.display(), user = start.user);
    for port in ports {
        let _ = writeln!(text, "EXPOSE {port}");
    }
    let note = match command(start) {
        Ok(words) => {
            let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
            let _ = writeln!(text, "CMD [{}]", words.join(", "));
            None
        }
        Err(why) => {
            let _ = writeln!(text, "# No CMD: {why}");
            Some(format!("Dockerfile.scratch has no CMD: {why}"))
        }
    };
    Written { text, note }
}

/// Variables and ports that the project's container file sets for what ships.
fn settings(container: &ContainerFile<'_>) -> (BTreeMap<String, String>, Vec<String>) {
    let parsed = &container.parsed;
    let (mut variables, mut ports) = (BTreeMap::new(), Vec::new());
    let chain = parsed.final_stage().map(|stage| parsed.chain(stage)).unwrap_or_default();
    for instruction in chain.iter().rev().flat_map(|stage| &parsed.stages[*stage].instructions) {
        match &instruction.kind {
            Kind::Env(list) => {
                variables.extend(list.iter().filter_map(|v| Some((v.name.clone(), v.value.clone()?))));
            }
            Kind::Other(word, words) if word == "EXPOSE" => {
                ports.extend(words.iter().filter(|w| !w.contains('$')).cloned());
            }
            _ => {}
        }
    }
    ports.dedup();
    (variables, ports)
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["SECRET", "TOKEN", "PASSWORD", "PASSWD", "CREDENTIAL", "PRIVATE", "_KEY", "APIKEY", "DSN"]
        .iter()
        .any(|w| name.contains(w))
}

/// What the container file starts, without programs that only start another (`uv run`) and without a shell: there is none.
fn command(start: &Start<'_>) -> Result<Vec<String>, String> {
    let container = start.container.ok_or("no container file says what is started")?;
    let parsed = &container.parsed;
    let chain = parsed.final_stage().map(|stage| parsed.chain(stage)).unwrap_or_default();
    let instructions: Vec<_> = chain.iter().rev().flat_map(|stage| &parsed.stages[*stage].instructions).collect();
    let entry =
        instructions.iter().rev().find_map(|i| if let Kind::Entrypoint(form) = &i.kind { Some(form) } else { None });
    let cmd = instructions.iter().rev().find_map(|i| if let Kind::Cmd(form) = &i.kind { Some(form) } else { None });
    let mut words = entry.map(words).transpose()?.unwrap_or_default();
    if !matches!(entry, Some(Form::Shell { .. })) {
        words.extend(cmd.map(self::words).transpose()?.unwrap_or_default());
    }
    if words.is_empty() {
        return Err(format!("{} starts nothing", container.path));
    }
    let steps = shell::exec(&words, 0, &BTreeMap::new());
    let mut shells = steps.iter().filter(|s| shell::is_shell(shell::base_name(&s.words[0])));
    if let Some(step) = shells.next() {
        return Err(format!("{} starts {}, and there is no shell", container.path, step.words.join(" ")));
    }
    let inner = steps.last().map(|step| step.words.clone()).unwrap_or_default();
    let (program, arguments) = inner.split_first().ok_or("nothing is started")?;
    let mut named = folders(start).into_iter().map(|folder| folder.join(shell::base_name(program)));
    let path = if program.starts_with('/') && (start.has)(Path::new(program)) {
        program.clone()
    } else if let Some(path) = named.find(|path| (start.has)(path)) {
        path.display().to_string()
    } else {
        return Err(format!("{} starts {program}, which was not collected", container.path));
    };
    Ok([path].into_iter().chain(arguments.iter().cloned()).collect())
}

/// Where programs lie: in the environment when it has some, and beside the runtime.
fn folders(start: &Start<'_>) -> Vec<PathBuf> {
    let own = start.programs.then(|| start.environment.join("bin"));
    own.into_iter().chain(start.interpreter.parent().map(Path::to_owned)).collect()
}

/// The words of a command; of a shell's text only when a shell would do nothing but split it.
fn words(form: &Form) -> Result<Vec<String>, String> {
    match form {
        Form::Exec(words) => Ok(words.clone()),
        Form::Shell { text, .. } => {
            let text = text.trim();
            if text.contains(['&', '|', ';', '$', '`', '<', '>', '(', '\n', '*', '~']) {
                return Err(format!("`{text}` needs a shell, and there is none"));
            }
            Ok(shell::read(text).commands.last().map(|command| command.words.clone()).unwrap_or_default())
        }
    }
}

/// A word as JSON and container files both read it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_engine::commands;
    use depslim_formats::dockerfile;

    /// The Dockerfile of a shop whose image holds what `has` says.
    fn image(file: &str, has: &dyn Fn(&Path) -> bool) -> Written {
        let observed = commands::read("Dockerfile", file.as_bytes());
        let container = ContainerFile {
            path: "Dockerfile",
            observed: &observed,
            base: &observed.images[0],
            parsed: dockerfile::read(file),
        };
        dockerfile(&Start {
            container: Some(&container),
            environment: Path::new("/srv/shop/.venv"),
            programs: true,
            interpreter: Path::new("/srv/shop/.venv/bin/python"),
            folder: Path::new("/srv/shop"),
            has,
            user: 10_001,
            tool: "0",
            into: Path::new("made"),
        })
    }

    fn check(file: &str, expect: &str) {
        let there = ["/srv/shop/.venv/bin/till", "/srv/shop/.venv/bin/python"];
        let written = image(file, &|path| there.iter().any(|program| path == Path::new(program)));
        let last = written.text.lines().last().unwrap_or_default().to_owned();
        assert_eq!(last, expect, "{}", written.text);
        assert_eq!(written.note.is_some(), last.starts_with('#'));
    }

    #[test]
    fn what_is_started_is_the_program_itself() {
        let run = r#"CMD ["/srv/shop/.venv/bin/till", "--port", "80"]"#;
        check("FROM x:1\nCMD [\"till\", \"--port\", \"80\"]\n", run);
        check("FROM x:1\nCMD [\"uv\", \"run\", \"till\", \"--port\", \"80\"]\n", run);
        check("FROM x:1\nENTRYPOINT [\"tini\", \"--\", \"till\"]\nCMD [\"--port\", \"80\"]\n", run);
        check("FROM x:1\nCMD till --port 80\n", run);
        check("FROM x:1\nCMD python -m till\n", r#"CMD ["/srv/shop/.venv/bin/python", "-m", "till"]"#);
    }

    #[test]
    fn what_needs_a_shell_is_said() {
        check("FROM x:1\n", "# No CMD: Dockerfile starts nothing");
        check("FROM x:1\nCMD till && tell\n", "# No CMD: `till && tell` needs a shell, and there is none");
        check("FROM x:1\nCMD [\"sh\", \"-c\", \"till\"]\n", "# No CMD: Dockerfile starts sh -c, and there is no shell");
        check("FROM x:1\nCMD [\"nginx\"]\n", "# No CMD: Dockerfile starts nginx, which was not collected");
    }

    #[test]
    fn settings_come_along_and_secrets_do_not() {
        let file = "FROM x:1\nENV SHOP=a\\ b SHOP_TOKEN=hunter2 PATH=/x\nEXPOSE 8000\nCMD [\"till\"]\n";
        let written = image(file, &|_| true);
        assert!(!written.text.contains("hunter2"), "{}", written.text);
        insta::assert_snapshot!(written.text, @r#"
        # syntax=docker/dockerfile:1
        # Written by depslim 0. The context is the folder that `depslim export --rootfs` made:
        #   docker build --file Dockerfile.scratch made
        FROM scratch
        COPY . /
        ENV PATH=/srv/shop/.venv/bin
        ENV SHOP="a b"
        # SHOP_TOKEN is not copied: what is secret is given when the container starts
        WORKDIR /srv/shop
        USER 10001:10001
        EXPOSE 8000
        CMD ["/srv/shop/.venv/bin/till"]
        "#);
    }
}
