//! What every function of an ecosystem's table has to hold to, whatever it is given.
//!
//! Each ecosystem lists pieces of its formats in `fixtures/pieces.txt`, one a line with `\n`, `\r` and `\0` escaped; texts are made
//! of them in any order, so that they are likely to be nearly right.

use depslim_model::ecosystem::{Action, Change};
use depslim_model::{Command, Ecosystem, Facts, Host, Layer, Settings, Source, Stage, Target};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use table::{all, path};

mod table;

/// Pieces of the ecosystem's formats, and of every format.
fn pieces(ecosystem: &Ecosystem) -> Vec<String> {
    let path = format!("{}/../../ecosystems/{}/fixtures/pieces.txt", env!("CARGO_MANIFEST_DIR"), ecosystem.name);
    let text = fs_err::read_to_string(path).unwrap_or_else(|error| panic!("{error}"));
    let own = text.lines().map(|line| line.replace("\\n", "\n").replace("\\r", "\r").replace("\\0", "\0"));
    let shared = ["\n", "\r\n", " ", "  ", ".", "..", ",", "1", "\"", "'", "#", "/", "é", "\u{feff}", "\0"];
    own.chain(shared.map(str::to_owned)).collect()
}

/// Lines as the most generous of languages counts them: a carriage return alone ends one too.
fn lines(bytes: &[u8]) -> u32 {
    let ends = |at: &usize| bytes[*at] == b'\n' || bytes[*at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
    1 + (0..bytes.len()).filter(ends).count() as u32
}

fn nearly(ecosystem: &Ecosystem) -> impl Strategy<Value = Vec<u8>> + use<> {
    let piece = prop::sample::select(pieces(ecosystem));
    let pieces = prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![3 => pieces, 1 => prop::collection::vec(any::<u8>(), 0..300)]
}

/// Runs a property for every ecosystem, and says of which it does not hold.
fn each<S: Strategy>(
    of: impl Fn(&'static Ecosystem) -> S,
    holds: impl Fn(&Ecosystem, S::Value) -> Result<(), TestCaseError>,
) {
    for ecosystem in all() {
        let outcome = TestRunner::default().run(&of(ecosystem), |value| holds(ecosystem, value));
        outcome.unwrap_or_else(|error| panic!("{}: {error}", ecosystem.name));
    }
}

#[test]
fn readers_take_any_bytes_and_name_lines_that_exist() {
    each(nearly, |ecosystem, bytes| {
        for reader in ecosystem.readers {
            for glob in reader.globs {
                let path = path(glob);
                let settings = Settings::default();
                let source = Source { path: &path, bytes: &bytes, settings: &settings };
                let facts = (reader.read)(&source);
                let lines = lines(&bytes);
                let uses = facts.uses.iter().chain(&facts.dev_uses).map(|u| u.line);
                let said = facts.problems.iter().map(|p| p.line).chain(uses);
                for line in said.chain(facts.requires.iter().map(|r| r.line)) {
                    prop_assert!(line <= lines, "{} on {path}: line {line} of {lines}", reader.name);
                }
                prop_assert_eq!(&facts, &(reader.read)(&source), "{} on {} reads twice differently", reader.name, path);
            }
        }
        Ok(())
    });
}

#[test]
fn joins_take_any_files() {
    let files = |ecosystem: &'static Ecosystem| prop::collection::vec(nearly(ecosystem), 6);
    each(files, |ecosystem, texts| {
        let settings = Settings::default();
        let read = |layer: Layer| -> Vec<(String, Facts)> {
            let readers = ecosystem.readers.iter().filter(|reader| reader.layer == layer);
            let paths = readers.flat_map(|reader| reader.globs.iter().map(move |glob| (reader, path(glob))));
            let read = paths.zip(texts.iter().cycle()).map(|((reader, path), bytes)| {
                let facts = (reader.read)(&Source { path: &path, bytes, settings: &settings });
                (path, facts)
            });
            read.collect()
        };
        let mut manifests = read(Layer::Manifest);
        if let Some(workspace) = ecosystem.workspace {
            workspace(&mut manifests);
        }
        if let Some(join) = ecosystem.join {
            let code = read(Layer::Code);
            let nowhere = std::path::Path::new("nowhere");
            let host = Host { project: nowhere, root: nowhere, variable: &|_| None, settings: &settings };
            prop_assert_eq!(join(&host, &manifests, code.clone()), join(&host, &manifests, code));
        }
        Ok(())
    });
}

#[test]
fn pure_functions_take_any_text() {
    each(
        |_| (".{0,60}", ".{0,60}"),
        |ecosystem, (text, other)| {
            let target = Target::default();
            (ecosystem.home)(&text);
            (ecosystem.locate)(&text);
            (ecosystem.absolute)(&other, &text);
            (ecosystem.standard)(&text, &target);
            (ecosystem.derived_from)(&text);
            (ecosystem.runtime_of_image)(&text);
            (ecosystem.holds)(&text, &target, &[&other]);
            let canonical = (ecosystem.canonical)(&text);
            prop_assert_eq!((ecosystem.canonical)(&canonical), canonical);
            let words = text.split(' ').map(str::to_owned).collect();
            let command = Command { words, stage: Stage::Run, line: 1, workdir: None, variables: Vec::new() };
            (ecosystem.command)(&command);
            Ok(())
        },
    );
}

#[test]
fn edits_take_any_text() {
    each(
        |ecosystem| (nearly(ecosystem), 0_u32..9),
        |ecosystem, (bytes, line)| {
            let manifests = ecosystem.readers.iter().filter(|reader| reader.layer == Layer::Manifest);
            for path in manifests.flat_map(|reader| reader.globs.iter().map(|glob| path(glob))) {
                for action in [Action::Remove, Action::MoveToDev, Action::DropFeature("gold".into())] {
                    let settings = Settings::default();
                    let source = Source { path: &path, bytes: &bytes, settings: &settings };
                    // Whether it fits the text is not the point here.
                    let _ = (ecosystem.edit)(&source, &[Change { package: "plum".into(), line, action }]);
                }
            }
            Ok(())
        },
    );
}

#[test]
fn manifests_come_before_all_else() {
    for ecosystem in all() {
        let layers: Vec<bool> = ecosystem.readers.iter().map(|reader| reader.layer == Layer::Manifest).collect();
        assert!(layers.is_sorted_by(|a, b| a >= b), "{}", ecosystem.name);
    }
}
