//! Commands that install packages: pip, uv, poetry, pdm, pipenv, conda, and what their flags take in or leave out.

use crate::manifest::requirement;
use depslim_model::{Command, Install, Require};

/// Reads an installing command; `None` when it is none.
pub(super) fn read(program: &str, arguments: &[String], command: &Command) -> Option<Install> {
    let mut words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let client = match program {
        "uv" if words.first() == Some(&"pip") => {
            words.remove(0);
            "pip"
        }
        "pip" | "pip2" | "pip3" => "pip",
        name if name.strip_prefix("pip3.").is_some_and(|v| v.chars().all(|c| c.is_ascii_digit())) => "pip",
        "uv" | "poetry" | "pdm" | "pipenv" | "conda" | "mamba" | "micromamba" => program,
        _ => return None,
    };
    // Options in front of the sub-command (`poetry --no-interaction install`).
    while words.first().is_some_and(|w| w.starts_with('-')) {
        words.remove(0);
    }
    let (sub, rest) = words.split_first()?;
    let mut install = Install {
        client: client.to_owned(),
        stage: command.stage,
        line: command.line,
        text: crate::manifest::without_credentials(&command.words.join(" ")),
        ..Install::default()
    };
    let mut flags = Flags::new(rest);
    match (client, *sub) {
        // What is made into wheels is what will be installed from them.
        ("pip", "install" | "sync" | "wheel") => pip(&mut flags, &mut install),
        ("uv", "sync") => uv(&mut flags, command, &mut install),
        ("poetry", "install" | "sync") => poetry(&mut flags, &mut install),
        ("pdm", "install" | "sync") => pdm(&mut flags, &mut install),
        ("pipenv", "install" | "sync") => pipenv(&mut flags, &mut install),
        ("conda" | "mamba" | "micromamba", "env" | "install" | "create") => conda(&mut flags, &mut install),
        _ => return None,
    }
    Some(install)
}

fn pip(flags: &mut Flags<'_>, install: &mut Install) {
    while let Some(word) = flags.next() {
        match word.name {
            "-r" | "--requirement" | "--requirements" => install.files.extend(flags.value(&word)),
            "--group" => {
                if let Some(group) = flags.value(&word) {
                    let (file, name) =
                        group.rsplit_once(':').map_or((None, group.as_str()), |(f, n)| (Some(f.to_owned()), n));
                    install.groups.push(name.to_owned());
                    install.files.extend(file);
                    install.dev = Some(false);
                }
            }
            "-e" | "--editable" => {
                if let Some(path) = flags.value(&word) {
                    own(&path, install);
                }
            }
            "-c" | "--constraint" | "-i" | "--index-url" | "--extra-index-url" | "-f" | "--find-links" | "--target"
            | "-t" | "--prefix" | "--root" | "--platform" | "--python-version" | "--implementation" | "--abi"
            | "--no-binary" | "--only-binary" | "--progress-bar" | "--trusted-host" | "--timeout" | "--retries"
            | "--cache-dir" | "--python" | "--config-settings" | "-C" | "--global-option" | "--log" | "--proxy"
            | "--upgrade-strategy" | "--src" | "--report" | "--build-constraint" | "--override" | "--exclude-newer"
            | "--index-strategy" | "--link-mode" | "--extra" | "-w" | "--wheel-dir" => {
                flags.value(&word);
            }
            name if name.starts_with('-') || name.contains('*') => {}
            name if name == "." || name.starts_with("./") || name.starts_with(".[") || name.starts_with('/') => {
                own(name, install);
            }
            name if install.client == "pip" && install.text.starts_with("uv pip sync") => {
                install.files.push(name.to_owned());
            }
            name if name.contains(['$', '`', '(']) => {}
            name => install.packages.push(package(name, install.line)),
        }
    }
}

/// The project itself, with extras.
fn own(path: &str, install: &mut Install) {
    if path.ends_with(".whl") || path.ends_with(".tar.gz") {
        return;
    }
    install.project = true;
    install.dev.get_or_insert(false);
    if let Some((_, extras)) = path.split_once('[') {
        install
            .groups
            .extend(extras.trim_end_matches(']').split(',').map(|e| e.trim().to_owned()).filter(|e| !e.is_empty()));
    }
}

fn package(text: &str, line: u32) -> Require {
    requirement::parse(text).declared(line)
}

fn uv(flags: &mut Flags<'_>, command: &Command, install: &mut Install) {
    let set = |name: &str| {
        command
            .variables
            .iter()
            .any(|(n, v)| n == name && !["", "0", "false"].contains(&v.to_ascii_lowercase().as_str()))
    };
    let value = |name: &str| command.variables.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
    install.project = true;
    install.dev = Some(!(set("UV_NO_DEV") || set("UV_NO_DEFAULT_GROUPS")));
    if let Some(groups) = value("UV_NO_GROUP") {
        install.without.extend(groups.split([' ', ',']).map(str::to_owned));
    }
    while let Some(word) = flags.next() {
        match word.name {
            "--no-dev" | "--no-default-groups" => install.dev = Some(false),
            "--dev" | "--only-dev" => install.dev = Some(true),
            "--all-groups" => install.groups.push("*".into()),
            "--all-extras" => install.groups.push("*extras".into()),
            "--group" | "--extra" => install.groups.extend(flags.value(&word)),
            "--only-group" => {
                install.groups.extend(flags.value(&word));
                install.dev = Some(false);
            }
            "--no-group" | "--no-extra" => install.without.extend(flags.value(&word)),
            "--package"
            | "--python"
            | "-p"
            | "--directory"
            | "--project"
            | "--index-url"
            | "--extra-index-url"
            | "--cache-dir"
            | "--link-mode"
            | "--no-install-package"
            | "--no-binary-package"
            | "--no-build-package"
            | "--refresh-package"
            | "--config-file"
            | "--exclude-newer" => {
                flags.value(&word);
            }
            _ => {}
        }
    }
}

fn poetry(flags: &mut Flags<'_>, install: &mut Install) {
    install.project = true;
    install.dev = Some(true);
    let listed = |text: String| -> Vec<String> {
        text.split([',', ' ']).map(|g| g.trim().to_owned()).filter(|g| !g.is_empty()).collect()
    };
    while let Some(word) = flags.next() {
        match word.name {
            "--no-dev" => install.dev = Some(false),
            "--only" => {
                let groups = flags.value(&word).map(listed).unwrap_or_default();
                install.dev = Some(false);
                install.groups.extend(groups.into_iter().filter(|g| g != "main"));
            }
            "--without" => install.without.extend(flags.value(&word).map(listed).unwrap_or_default()),
            "--with" | "-E" | "--extras" => install.groups.extend(flags.value(&word).map(listed).unwrap_or_default()),
            "--all-extras" => install.groups.push("*extras".into()),
            "--all-groups" => install.groups.push("*".into()),
            "-C" | "--directory" | "-P" | "--project" => {
                flags.value(&word);
            }
            _ => {}
        }
    }
}

fn pdm(flags: &mut Flags<'_>, install: &mut Install) {
    install.project = true;
    install.dev = Some(true);
    while let Some(word) = flags.next() {
        match word.name {
            "--prod" | "--production" | "--no-dev" => install.dev = Some(false),
            "-d" | "--dev" => install.dev = Some(true),
            "-G" | "--group" | "--with" => {
                let groups = flags.value(&word).unwrap_or_default();
                install
                    .groups
                    .extend(groups.split(',').map(|g| if g == ":all" { "*".to_owned() } else { g.trim().to_owned() }));
            }
            "--without" => {
                install.without.extend(flags.value(&word).unwrap_or_default().split(',').map(|g| g.trim().to_owned()));
            }
            "-L" | "--lockfile" | "-p" | "--project" => {
                flags.value(&word);
            }
            _ => {}
        }
    }
}

fn pipenv(flags: &mut Flags<'_>, install: &mut Install) {
    install.dev = Some(false);
    while let Some(word) = flags.next() {
        match word.name {
            "-d" | "--dev" | "--dev-only" => install.dev = Some(true),
            "--categories" => {
                install.groups.extend(flags.value(&word).unwrap_or_default().split([',', ' ']).map(str::to_owned));
            }
            "-r" | "--requirements" => install.files.extend(flags.value(&word)),
            "--python" | "-i" | "--index" | "--pypi-mirror" | "--extra-pip-args" => {
                flags.value(&word);
            }
            name if name.starts_with('-') => {}
            name => install.packages.push(package(name, install.line)),
        }
    }
    install.project = install.files.is_empty() && install.packages.is_empty();
}

fn conda(flags: &mut Flags<'_>, install: &mut Install) {
    while let Some(word) = flags.next() {
        match word.name {
            "-f" | "--file" => install.files.extend(flags.value(&word)),
            "-n" | "--name" | "-p" | "--prefix" | "-c" | "--channel" => {
                flags.value(&word);
            }
            name if name.starts_with('-') || ["create", "update"].contains(&name) => {}
            name => install.packages.push(Require {
                name: name.split(['=', '<', '>']).next().unwrap_or(name).to_owned(),
                line: install.line,
                ..Require::default()
            }),
        }
    }
}

/// The words of a command line, options with `=` taken apart.
struct Flags<'a> {
    words: &'a [&'a str],
    at: usize,
}

/// One word: an option with its `=value`, or a plain word.
struct Word<'a> {
    name: &'a str,
    value: Option<&'a str>,
}

impl<'a> Flags<'a> {
    fn new(words: &'a [&'a str]) -> Self {
        Self { words, at: 0 }
    }

    fn next(&mut self) -> Option<Word<'a>> {
        let word = *self.words.get(self.at)?;
        self.at += 1;
        if word.starts_with("--")
            && let Some((name, value)) = word.split_once('=')
        {
            return Some(Word { name, value: Some(value) });
        }
        // `-rlist.txt`, `-Gtest`: the value sticks to a short option.
        let sticks = word.len() > 2
            && word.starts_with('-')
            && !word.starts_with("--")
            && ["-r", "-e", "-c", "-G", "-E"].contains(&&word[..2]);
        if sticks {
            return Some(Word { name: &word[..2], value: Some(&word[2..]) });
        }
        Some(Word { name: word, value: None })
    }

    /// The value of an option: behind its `=`, else the next word.
    fn value(&mut self, word: &Word<'a>) -> Option<String> {
        if let Some(value) = word.value {
            return Some(value.to_owned());
        }
        let next = self.words.get(self.at)?;
        self.at += 1;
        Some((*next).to_owned())
    }
}
