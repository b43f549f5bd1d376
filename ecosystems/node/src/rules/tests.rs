//! Every rule against its own example, read by the readers of this crate.

use super::RULES;
use crate::ECOSYSTEM;
use depslim_engine::rules::{Example, Rules, World};
use depslim_formats::shell;
use depslim_model::{Command, Layer, Settings, Source, Stage, Use};

fn rules() -> Rules {
    Rules::parse(RULES, ECOSYSTEM.separator, ECOSYSTEM.canonical).unwrap_or_else(|bad| panic!("{bad}"))
}

/// What the example's rule is about decides how it is read: all that an application holds is source or commands.
fn uses(example: &Example, text: &str) -> Vec<Use> {
    if example.on.first().is_some_and(|on| on == "command") {
        let script = shell::read(text);
        assert!(!script.commands.is_empty(), "{}: no command in {text}", example.rule);
        let facts = script.commands.into_iter().map(|simple| {
            (ECOSYSTEM.command)(&Command {
                words: simple.words,
                stage: Stage::Run,
                line: simple.line,
                workdir: None,
                variables: simple.assignments,
            })
        });
        return facts.flat_map(|facts| facts.uses).collect();
    }
    let settings = Settings::default();
    // An example in another language than JavaScript says in its first line what its file is called.
    let (path, text) = match text.trim_start().strip_prefix("// path: ").and_then(|rest| rest.split_once('\n')) {
        Some((path, text)) => (path, text),
        None => ("harbour/app.ts", text),
    };
    let source = Source { path, bytes: text.as_bytes(), settings: &settings };
    let readers = ECOSYSTEM.readers.iter().filter(|reader| matches!(reader.layer, Layer::Code | Layer::Config));
    let asked = readers.filter(|reader| {
        reader
            .globs
            .iter()
            .any(|glob| globset::Glob::new(&format!("**/{glob}")).unwrap().compile_matcher().is_match(path))
    });
    asked.flat_map(|reader| (reader.read)(&source).uses).collect()
}

/// A world that has all the rule speaks of; a pattern is there as one name that it matches.
fn world(example: &Example) -> World {
    let names: Vec<String> = example.packages.iter().chain(&example.with).map(|name| name.replace('*', "x")).collect();
    World::declared(names.iter().map(String::as_str))
}

fn fired(rules: &Rules, example: &Example, text: &str) -> Vec<String> {
    let world = world(example);
    let implied = match example.on.first().map(String::as_str) {
        Some("file") => rules.implied_by_files(&[text], &world),
        Some("package") => rules.implied_by_packages(&[text], &world),
        _ => rules.implied(&uses(example, text), &world),
    };
    implied.into_iter().filter(|hit| hit.rule == example.rule).map(|hit| hit.package.to_owned()).collect()
}

#[test]
fn every_rule_fires_on_its_example_and_not_on_its_counterexample() {
    let rules = rules();
    let examples = Rules::examples(RULES).unwrap_or_else(|bad| panic!("{bad}"));
    let mut wrong = Vec::new();
    for example in &examples {
        let hits = fired(&rules, example, &example.example);
        for package in example.packages.iter().map(|name| name.replace('*', "x")) {
            if !hits.contains(&package) {
                wrong.push(format!("{}: does not say {package} for {:?}", example.rule, example.example));
            }
        }
        if let Some(counter) = &example.counter
            && !fired(&rules, example, counter).is_empty()
        {
            wrong.push(format!("{}: fires on {counter:?}", example.rule));
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{} of {} rules:\n{}", wrong.len(), examples.len(), wrong.join("\n"));
}

#[test]
fn what_runs_reads_is_what_the_test_checks() {
    let quick = Rules::of(&ECOSYSTEM);
    let checked = rules();
    assert_eq!(format!("{quick:?}"), format!("{checked:?}"));
    assert!(!quick.lighter.is_empty() && !quick.roles.is_empty() && !quick.accelerators.is_empty());
}
