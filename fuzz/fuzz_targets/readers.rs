//! Every reader of every registered ecosystem, every reader of command files, and the readers of the image, on any bytes.
//!
//! The first byte picks the reader, the rest is the file. A reader must end, must not panic, must say the same twice, and must not
//! speak of lines that are not there.

#![no_main]

use depslim_model::{Ecosystem, Facts, Reader, Settings, Source};
use depslim_registry::ECOSYSTEMS;
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

/// A path that each kind of command file is known by.
const COMMAND_FILES: &[&str] = &[
    "Dockerfile",
    "compose.yaml",
    "Procfile",
    "supervisord.conf",
    "web.service",
    "deploy.yaml",
    "Makefile",
    "justfile",
    ".github/workflows/ci.yml",
    ".gitlab-ci.yml",
    "start.sh",
    "package.json",
];

fuzz_target!(|data: &[u8]| {
    let Some((&choice, bytes)) = data.split_first() else { return };
    let readers: Vec<(&Ecosystem, &Reader)> =
        ECOSYSTEMS.iter().flat_map(|e| e.readers.iter().map(move |reader| (*e, reader))).collect();
    let choice = usize::from(choice) % (readers.len() + COMMAND_FILES.len() + 2);
    if let Some((ecosystem, reader)) = readers.get(choice) {
        read(ecosystem, reader, bytes);
    } else if let Some(path) = COMMAND_FILES.get(choice - readers.len()) {
        let observed = depslim_engine::commands::read(path, bytes);
        for command in &observed.commands {
            for ecosystem in ECOSYSTEMS {
                (ecosystem.command)(command);
            }
        }
    } else if choice % 2 == 0 {
        let _ = depslim_image::read_elf(Cursor::new(bytes));
    } else {
        let ignores = depslim_image::Ignores::read(&String::from_utf8_lossy(bytes));
        ignores.leaves_out("services/api/main.py");
    }
});

fn read(ecosystem: &Ecosystem, reader: &Reader, bytes: &[u8]) {
    let settings = Settings::default();
    for glob in reader.globs {
        // A name that the glob asks for.
        let path = glob.replace("**/", "a/").replace('*', "x").replace(['{', '}', '[', ']'], "");
        let source = Source { path: &path, bytes, settings: &settings };
        let facts = (reader.read)(&source);
        let lines = 1 + bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u32;
        for line in lines_of(&facts) {
            // UTF-16 has fewer bytes that look like line ends than lines, and never more lines than pairs of bytes.
            let most = lines.max(bytes.len() as u32 / 2 + 1);
            assert!(line <= most, "{} {}: line {line} of {most}", ecosystem.name, reader.name);
        }
        assert_eq!(facts, (reader.read)(&source), "{} {}", ecosystem.name, reader.name);
    }
}

fn lines_of(facts: &Facts) -> impl Iterator<Item = u32> {
    let requires = facts.requires.iter().map(|r| r.line);
    let uses = facts.uses.iter().map(|u| u.line);
    let entries = facts.entries.iter().map(|e| e.line);
    requires.chain(uses).chain(entries).chain(facts.problems.iter().map(|p| p.line))
}
