//! What has to hold for every function of the table, whatever it is given.

use super::ECOSYSTEM;
use depslim_model::ecosystem::{Action, Change};
use depslim_model::{Command, Settings, Source, Target};
use proptest::prelude::*;

/// Texts that are likely to be nearly right: pieces of the formats in any order.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "use ",
        "try ",
        "type ",
        "set ",
        "= ",
        "text \"",
        "://",
        "@include ",
        "dev:",
        "optional ",
        "package ",
        "needs ",
        "[",
        "]",
        ",",
        " if ",
        "extra ",
        "not ",
        "#",
        "\n",
        "\r\n",
        " ",
        ".",
        "..",
        "paint",
        "1",
        ">=",
        "\u{feff}",
        "\0",
        "é",
    ]);
    let pieces = prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![pieces, prop::collection::vec(any::<u8>(), 0..200)]
}

proptest! {
    #[test]
    fn readers_take_any_bytes(bytes in nearly()) {
        for reader in ECOSYSTEM.readers {
            let source = Source { path: "farm/toy.list", bytes: &bytes, settings: &Settings::default() };
            let facts = (reader.read)(&source);
            let lines = bytes.split(|b| *b == b'\n').count() as u32;
            let said = facts.problems.iter().map(|p| p.line).chain(facts.uses.iter().map(|u| u.line));
            for line in said.chain(facts.requires.iter().map(|r| r.line)) {
                prop_assert!((1..=lines).contains(&line), "{}: line {line} of {lines}", reader.name);
            }
            prop_assert_eq!(&facts, &(reader.read)(&source));
        }
    }

    #[test]
    fn pure_functions_take_any_text(text in ".{0,60}", other in ".{0,60}") {
        let target = Target::default();
        (ECOSYSTEM.home)(&text);
        (ECOSYSTEM.locate)(&text);
        (ECOSYSTEM.absolute)(&other, &text);
        (ECOSYSTEM.standard)(&text, &target);
        (ECOSYSTEM.derived_from)(&text);
        (ECOSYSTEM.runtime_of_image)(&text);
        (ECOSYSTEM.holds)(&text, &target, &[&other]);
        let canonical = (ECOSYSTEM.canonical)(&text);
        prop_assert_eq!((ECOSYSTEM.canonical)(&canonical), canonical);
        let words = text.split(' ').map(str::to_owned).collect();
        let stage = depslim_model::Stage::Run;
        (ECOSYSTEM.command)(&Command { words, stage, line: 1, workdir: None, variables: Vec::new() });
    }

    #[test]
    fn edits_take_any_text(bytes in nearly(), line in 0_u32..9) {
        for action in [Action::Remove, Action::MoveToDev, Action::DropFeature("gold".into())] {
            let source = Source { path: "toy.list", bytes: &bytes, settings: &Settings::default() };
            // Whether it fits the text is not the point here.
            let _ = (ECOSYSTEM.edit)(&source, &[Change { package: "paint".into(), line, action }]);
        }
    }
}
