//! Every rule of every ecosystem against its own example, read by that ecosystem's own readers.

use depslim_engine::rules::{Example, Known, Rules, World};
use depslim_formats::shell;
use depslim_model::{Command, Ecosystem, Layer, Reader, Settings, Source, Stage, Use};
use table::{all, path};

mod table;

/// A package that is there only because it registers plug-ins.
const PLUGGED: &str = "plugged-in";

fn rules(ecosystem: &Ecosystem) -> Rules {
    Rules::parse(ecosystem.rules, ecosystem.separator, ecosystem.canonical)
        .unwrap_or_else(|bad| panic!("{}: {bad}", ecosystem.name))
}

fn asks(reader: &Reader, path: &str) -> bool {
    reader
        .globs
        .iter()
        .any(|glob| globset::Glob::new(&format!("**/{glob}")).is_ok_and(|glob| glob.compile_matcher().is_match(path)))
}

/// What an example's file is called: what its first line says, else a file of the first kind that the ecosystem reads as source.
fn file<'t>(ecosystem: &Ecosystem, text: &'t str) -> (String, &'t str) {
    let said = text.trim_start().strip_prefix("// path: ").and_then(|rest| rest.split_once('\n'));
    if let Some((path, text)) = said {
        return (path.to_owned(), text);
    }
    let code = ecosystem.readers.iter().filter(|reader| reader.layer == Layer::Code);
    let kind = code.flat_map(|reader| reader.globs).find(|glob| glob.starts_with("*."));
    (kind.map(|glob| path(glob)).unwrap_or_default(), text)
}

/// What the example's rule is about decides how it is read: all that an application holds is source or commands.
fn uses(ecosystem: &Ecosystem, example: &Example, text: &str) -> Vec<Use> {
    if example.on.first().is_some_and(|on| on == "command") {
        let script = shell::read(text);
        assert!(!script.commands.is_empty(), "{}: no command in {text}", example.rule);
        let facts = script.commands.into_iter().map(|simple| {
            (ecosystem.command)(&Command {
                words: simple.words,
                stage: Stage::Run,
                line: simple.line,
                workdir: None,
                variables: simple.assignments,
            })
        });
        return facts.flat_map(|facts| facts.uses).collect();
    }
    let (path, text) = file(ecosystem, text);
    let settings = Settings::default();
    let source = Source { path: &path, bytes: text.as_bytes(), settings: &settings };
    // What a build is told stands in its manifest.
    let wanted = |reader: &&Reader| matches!(reader.layer, Layer::Code | Layer::Config | Layer::Manifest);
    let readers = ecosystem.readers.iter().filter(wanted);
    let mut uses = Vec::new();
    for reader in readers.filter(|reader| asks(reader, &path)) {
        let facts = (reader.read)(&source);
        assert!(facts.problems.is_empty(), "{} of {}: {:?}", example.rule, ecosystem.name, facts.problems);
        uses.extend(facts.uses);
    }
    uses
}

/// The packages that an example has to name: a pattern is there as one name that it matches.
fn expected(example: &Example) -> Vec<String> {
    let plugged = example.plugins.first().map(|_| PLUGGED.to_owned());
    example.packages.iter().map(|name| name.replace('*', "x")).chain(plugged).collect()
}

/// A world that has all the rule speaks of.
fn world(example: &Example) -> World {
    let with = example.with.iter().map(|name| name.replace('*', "x"));
    let names: Vec<String> = expected(example).into_iter().chain(with).collect();
    let mut world = World::declared(names.iter().map(String::as_str));
    if let Some(group) = example.plugins.first() {
        let groups = vec![group.replace('*', "x")];
        world.packages.insert(PLUGGED.to_owned(), Known { declared: true, groups, ..Known::default() });
    }
    world
}

fn fired(ecosystem: &Ecosystem, rules: &Rules, example: &Example, text: &str) -> Vec<String> {
    let world = world(example);
    let implied = match example.on.first().map(String::as_str) {
        Some("file") => rules.implied_by_files(&[text], &world),
        Some("package") => rules.implied_by_packages(&[text], &world),
        _ => rules.implied(&uses(ecosystem, example, text), &world),
    };
    implied.into_iter().filter(|hit| hit.rule == example.rule).map(|hit| hit.package.to_owned()).collect()
}

#[test]
fn every_file_has_the_form_that_is_read_fast() {
    for ecosystem in all() {
        assert!(Rules::is_plain(ecosystem.rules), "{}", ecosystem.name);
        // The fast reading is the one that runs; this is what the careful one makes of the same text.
        assert_eq!(format!("{:?}", Rules::of(ecosystem)), format!("{:?}", rules(ecosystem)), "{}", ecosystem.name);
    }
}

#[test]
fn every_rule_fires_on_its_example_and_not_on_its_counterexample() {
    let mut wrong = Vec::new();
    for ecosystem in all() {
        let rules = rules(ecosystem);
        let examples = Rules::examples(ecosystem.rules).unwrap_or_else(|bad| panic!("{}: {bad}", ecosystem.name));
        for example in &examples {
            let expected = expected(example);
            assert!(!expected.is_empty(), "{} of {}: names no package", example.rule, ecosystem.name);
            let hits = fired(ecosystem, &rules, example, &example.example);
            for package in expected.iter().filter(|package| !hits.contains(package)) {
                wrong.push(format!("{} of {}: does not say {package}", example.rule, ecosystem.name));
            }
            if example.counter.as_ref().is_some_and(|text| !fired(ecosystem, &rules, example, text).is_empty()) {
                wrong.push(format!("{} of {}: fires on its counter-example", example.rule, ecosystem.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_runs_reads_is_what_the_test_checks() {
    for ecosystem in all() {
        assert_eq!(format!("{:?}", Rules::of(ecosystem)), format!("{:?}", rules(ecosystem)), "{}", ecosystem.name);
    }
}
