//! What has to hold for every function of the table, whatever it is given.

use super::ECOSYSTEM;
use depslim_engine::rules::Rules;
use depslim_model::ecosystem::{Action, Change};
use depslim_model::{Command, Settings, Source, Stage, Target};
use proptest::prelude::*;

/// Texts that are likely to be nearly right: pieces of the formats in any order.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\"dependencies\": {",
        "\"plum\"",
        "\"^1.2\"",
        "\"bin\": ",
        "\"name\": ",
        "\"*\"",
        "packages:",
        "  ",
        "\n",
        "\r\n",
        "- ",
        "'",
        "@",
        "/",
        "lockfileVersion",
        "&a",
        "*a",
        "import ",
        "require(",
        ")",
        "from ",
        "`",
        "${",
        "//",
        "/*",
        "*/",
        "#",
        "\u{feff}",
        "\0",
        "é",
        "1",
    ]);
    let pieces = prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![pieces, prop::collection::vec(any::<u8>(), 0..200)]
}

#[test]
fn the_rules_are_valid() {
    Rules::parse(ECOSYSTEM.rules, ECOSYSTEM.separator, ECOSYSTEM.canonical).unwrap_or_else(|bad| panic!("{bad}"));
}

proptest! {
    #[test]
    fn readers_take_any_bytes(bytes in nearly()) {
        for reader in ECOSYSTEM.readers {
            let path = reader.globs[0].replace('*', "plum");
            let source = Source { path: &path, bytes: &bytes, settings: &Settings::default() };
            let facts = (reader.read)(&source);
            let lines = bytes.split(|b| *b == b'\n').count() as u32;
            let said = facts.problems.iter().map(|p| p.line).chain(facts.uses.iter().map(|u| u.line));
            for line in said.chain(facts.requires.iter().map(|r| r.line)) {
                prop_assert!((0..=lines).contains(&line), "{}: line {line} of {lines}", reader.name);
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
        (ECOSYSTEM.command)(&Command { words, stage: Stage::Run, line: 1, workdir: None, variables: Vec::new() });
    }

    #[test]
    fn edits_take_any_text(bytes in nearly(), line in 0_u32..9) {
        for action in [Action::Remove, Action::MoveToDev, Action::DropFeature("gold".into())] {
            let source = Source { path: "package.json", bytes: &bytes, settings: &Settings::default() };
            // Whether it fits the text is not the point here.
            let _ = (ECOSYSTEM.edit)(&source, &[Change { package: "plum".into(), line, action }]);
        }
    }
}
