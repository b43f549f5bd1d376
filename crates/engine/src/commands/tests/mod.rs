//! One small file of each kind, with the lines that its commands stand on.

mod containers;
mod others;

use super::*;
use proptest::prelude::*;

/// `line stage words`, with ` in FOLDER` when the folder is not the file's own.
fn show(observed: &Observed) -> Vec<String> {
    let commands = observed.commands.iter().map(|command| {
        let stage = match command.stage {
            Stage::Run => "run",
            Stage::ImageBuild => "image",
            Stage::Builder => "builder",
            Stage::Dev => "dev",
            Stage::Ci => "ci",
        };
        let folder = match command.workdir.as_deref() {
            Some(".") => String::new(),
            Some(folder) => format!(" in {folder}"),
            None => " in ?".to_owned(),
        };
        format!("{} {stage} {}{folder}", command.line, command.words.join(" "))
    });
    commands.collect()
}

#[track_caller]
fn check(path: &str, text: &str, expect: &[&str]) -> Observed {
    assert!(is_command_file(path), "{path}");
    let observed = read(path, text.as_bytes());
    assert_eq!(show(&observed), expect, "{path}:\n{text}");
    observed
}

#[track_caller]
fn check_variables(observed: &Observed, expect: &[(&str, &str, u32)]) {
    let found: Vec<_> =
        observed.variables.iter().map(|(name, value, line)| (name.as_str(), value.as_str(), *line)).collect();
    assert_eq!(found, expect);
}

/// Reads and settles several files; shows what each says.
fn settled(files: &[(&str, &str)]) -> Vec<(String, Vec<String>)> {
    let mut all: Vec<_> = files.iter().map(|(path, text)| ((*path).to_owned(), read(path, text.as_bytes()))).collect();
    settle(&mut all);
    all.iter().map(|(path, observed)| (path.clone(), show(observed))).collect()
}

#[track_caller]
fn check_settled(files: &[(&str, &str)], expect: &[(&str, &[&str])]) {
    let found = settled(files);
    let found: Vec<(&str, Vec<&str>)> =
        found.iter().map(|(path, lines)| (path.as_str(), lines.iter().map(String::as_str).collect())).collect();
    let expect: Vec<(&str, Vec<&str>)> = expect.iter().map(|(path, lines)| (*path, lines.to_vec())).collect();
    assert_eq!(found, expect);
}

/// A path of each kind.
const PATHS: &[&str] = &[
    "Dockerfile",
    "docker-compose.yml",
    "deploy/web.yaml",
    ".github/workflows/ci.yml",
    ".pre-commit-config.yaml",
    "Jenkinsfile",
    "fly.toml",
    "render.yaml",
    "app.json",
    "Procfile",
    "crontab",
    "supervisord.conf",
    "web.service",
    ".env",
    "Makefile",
    "justfile",
    "pyproject.toml",
    "Taskfile.yml",
    "tox.ini",
    "noxfile.py",
    "run.sh",
    "bin/start",
];

proptest! {
    #[test]
    fn any_bytes_read_as_any_kind(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..100),
            "([\\[\\]{}:=,#|\\\\\"'$ \\n\\t-]|[a-c]|FROM a\\n|RUN |CMD |<<E|\\{\\{|\\}\\}|%\\}|run: |command: |services:\\n|image: |build: |kind: |apiVersion: |cmd = |\\[program:x\\]\\n|\\[testenv\\]\\n|commands = |sh '|\\.run\\(|ExecStart=|\\* \\* \\* \\* \\* |ä){0,60}".prop_map(String::into_bytes),
        ],
        kind in 0..PATHS.len(),
    ) {
        let count = bytes.split(|byte| *byte == b'\n').count() + 1;
        let observed = read(PATHS[kind], &bytes);
        for command in &observed.commands {
            prop_assert!(command.line >= 1 && (command.line as usize) <= count, "{} {:?}", PATHS[kind], command);
            prop_assert!(!command.words.is_empty());
        }
        for (_, _, line) in &observed.variables {
            prop_assert!((*line as usize) <= count);
        }
        let mut files = vec![(PATHS[kind].to_owned(), observed), ("bin/start".to_owned(), read("bin/start", b"#!/bin/sh\nserve\n"))];
        settle(&mut files);
        prop_assert!(files.iter().all(|(_, observed)| observed.parsed.is_none()));
    }
}

#[test]
fn broken_files_are_harmless() {
    for path in PATHS {
        for text in [
            &b"\xff\xfe\x00"[..],
            b"[[[",
            b"{{",
            b"\t\\\n\\",
            b"FROM\n\nRUN <<X",
            b": : :\n - -",
            b"",
            b"\0\0",
            b"\xEF\xBB\xBF#",
        ] {
            let _ = read(path, text);
        }
        let _ = read(path, "{{ [ ( $( ` ".repeat(3000).as_bytes());
        let _ = read(path, "- {a: [\n".repeat(3000).as_bytes());
    }
}

#[test]
fn other_files_are_not_asked() {
    for path in
        ["README.md", "app/main.py", "Dockerfile.dockerignore", "data/x.json", "LICENSE", "tests/cassettes/a.yaml"]
    {
        assert!(!is_command_file(path), "{path}");
    }
    assert_eq!(read("bin/start", b"#!/usr/bin/env python3\nimport x\n"), Observed::default());
    assert_eq!(read("bin/start", b"\x7fELF\0\0\0\0"), Observed::default());
    assert_eq!(read("config/data.yaml", b"command: serve\n").commands, []);
}
