//! What has to hold for every function of the table, whatever it is given.

use super::ECOSYSTEM;
use depslim_engine::rules::{Rules, World};
use depslim_model::ecosystem::{Action, Change};
use depslim_model::{Facts, Layer, Settings, Source, Target};
use proptest::prelude::*;

/// Texts that are likely to be nearly right: pieces of the formats in any order.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "use ",
        "a::b",
        "::",
        "{",
        "}",
        "(",
        ")",
        "#[",
        "]",
        "#![cfg(test)]",
        "cfg_attr(test, ",
        "mod x;",
        "mod y {",
        "extern crate a;",
        "macro_rules! m ",
        "=> ",
        "$x:expr",
        "$(",
        ")*",
        "#[macro_export]",
        "include!(",
        "\"a::b\"",
        "r#\"",
        "\"",
        "'a",
        "//! ```\n",
        "/// ```\n",
        "/*",
        "*/",
        "m!(a, b => c)",
        "#[path = \"x.rs\"]",
        "[package]\n",
        "name = \"a\"\n",
        "[dependencies]\n",
        "a = \"1\"\n",
        "a.workspace = true\n",
        "[features]\n",
        "x = [\"dep:a\", \"a?/b\"]\n",
        "[[package]]\n",
        "version = \"1.0.0\"\n",
        "dependencies = [\n \"a 1.0.0\",\n]\n",
        "\n",
        "\r\n",
        "\u{feff}",
        "\0",
        "é",
        ",",
        ";",
        "<",
        ">",
        "#",
        "!",
    ]);
    let pieces = prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![pieces, prop::collection::vec(any::<u8>(), 0..300)]
}

proptest! {
    #[test]
    fn readers_take_any_bytes(bytes in nearly()) {
        for reader in ECOSYSTEM.readers {
            let source = Source { path: "barn/Cargo.toml", bytes: &bytes, settings: &Settings::default() };
            let facts = (reader.read)(&source);
            let lines = bytes.split(|b| *b == b'\n').count() as u32 + 1;
            let said = facts.problems.iter().filter(|p| p.line > 0).map(|p| p.line).chain(facts.uses.iter().map(|u| u.line));
            for line in said.chain(facts.dev_uses.iter().map(|u| u.line)).chain(facts.requires.iter().map(|r| r.line)) {
                prop_assert!((1..=lines).contains(&line), "{}: line {line} of {lines}", reader.name);
            }
            prop_assert_eq!(&facts, &(reader.read)(&source));
        }
    }

    #[test]
    fn joins_take_any_files(manifest in nearly(), lock in nearly(), code in prop::collection::vec(nearly(), 0..4)) {
        let settings = Settings::default();
        let read = |path: &str, bytes: &[u8]| -> (String, Facts) {
            let name = path.rsplit('/').next().unwrap_or_default();
            let reader = ECOSYSTEM.readers.iter().find(|r| r.globs.iter().any(|g| *g == name || name.ends_with(g.trim_start_matches('*'))));
            (path.to_owned(), (reader.unwrap().read)(&Source { path, bytes, settings: &settings }))
        };
        let mut head = b"[package]\nname = \"barn\"\n".to_vec();
        head.extend(manifest);
        let mut manifests = vec![read("Cargo.toml", &head), read("Cargo.lock", &lock)];
        (ECOSYSTEM.workspace.unwrap())(&mut manifests);
        let names = ["src/lib.rs", "src/x.rs", "build.rs", "tests/t.rs"];
        let code: Vec<(String, Facts)> = code.iter().zip(names).map(|(bytes, path)| read(path, bytes)).collect();
        let joined = (ECOSYSTEM.join.unwrap())(&manifests, code.clone());
        prop_assert_eq!(joined, (ECOSYSTEM.join.unwrap())(&manifests, code));
    }

    #[test]
    fn pure_functions_take_any_text(text in ".{0,60}", other in ".{0,60}") {
        let target = Target::default();
        (ECOSYSTEM.home)(&text);
        (ECOSYSTEM.standard)(&text, &target);
        (ECOSYSTEM.holds)(&text, &target, &[&other]);
        let canonical = (ECOSYSTEM.canonical)(&text);
        prop_assert_eq!((ECOSYSTEM.canonical)(&canonical), canonical);
    }

    #[test]
    fn edits_take_any_text(bytes in nearly(), line in 0_u32..9) {
        for path in ["Cargo.toml", "Cargo.lock"] {
            for action in [Action::Remove, Action::MoveToDev, Action::DropFeature("gold".into())] {
                let source = Source { path, bytes: &bytes, settings: &Settings::default() };
                // Whether it fits the text is not the point here.
                let _ = (ECOSYSTEM.edit)(&source, &[Change { package: "a".into(), line, action }]);
            }
        }
    }
}

#[test]
fn manifests_come_before_sources() {
    let layers: Vec<Layer> = ECOSYSTEM.readers.iter().map(|r| r.layer).collect();
    assert!(layers.starts_with(&[Layer::Manifest, Layer::Manifest]));
}

#[test]
fn every_rule_fires_on_its_example_and_not_on_its_counterexample() {
    let rules = Rules::parse(ECOSYSTEM.rules, ECOSYSTEM.separator, ECOSYSTEM.canonical).unwrap();
    for example in Rules::examples(ECOSYSTEM.rules).unwrap() {
        let names: Vec<&str> = example.packages.iter().chain(&example.with).map(String::as_str).collect();
        let world = World::declared(names.iter().copied());
        let fires = |text: &str| {
            let source = Source { path: "src/lib.rs", bytes: text.as_bytes(), settings: &Settings::default() };
            let uses = crate::source::read(&source).uses;
            rules.implied(&uses, &world).into_iter().any(|hit| hit.rule == example.rule)
        };
        assert!(fires(&example.example), "{}: silent on {:?}", example.rule, example.example);
        assert!(!example.counter.as_deref().is_some_and(fires), "{}: fires on {:?}", example.rule, example.counter);
    }
}
