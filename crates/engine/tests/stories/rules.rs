//! Rules: what one says is used is used, with the file, the line and the rule as evidence. And every example in the toy language's
//! rules fires when it stands in a project, every counter-example does not.

use crate::teller::{Seen, tell};
use depslim_engine::rules::{Example, Rules};
use depslim_model::report::Status;
use depslim_toy::ECOSYSTEM;

/// A project that declares packages, has them installed, and holds one file.
fn project(packages: &[&str], file: &str, text: &str) -> Seen {
    told(packages, packages, file, text, "")
}

fn told(declared: &[&str], installed: &[&str], file: &str, text: &str, rest: &str) -> Seen {
    let lines = declared.join("\n");
    let boxes = installed.iter().map(|name| format!("++ {name} 1")).collect::<Vec<_>>().join("\n");
    tell(&format!("== toy.list\n{lines}\n== farm/empty.toy\n== {file}\n{text}\n{boxes}\n{rest}"))
}

#[test]
fn a_file_that_imports_a_stage_plays() {
    let play = "use stage.light\nuse plum\n";
    let seen = |rest: &str| told(&["plum", "stage"], &["plum", "stage"], "farm/play.toy", play, rest);
    assert_eq!(seen("").seat().status("plum"), Status::Development);
    // Production that needs it makes it production.
    assert_eq!(seen("== farm/main.toy\nuse farm.play\n").seat().status("plum"), Status::Used);
}

#[test]
fn each_kind_of_rule_leaves_its_evidence() {
    for (package, file, text, evidence) in [
        (
            "mail-checker",
            "a.toy",
            "use kite.forms MailField",
            "trigger a.toy:1 the field checks addresses with it (mail-field)",
        ),
        (
            "mail-checker",
            "a.toy",
            "\ncall kite.forms.MailField",
            "trigger a.toy:2 the field checks addresses with it (mail-field)",
        ),
        (
            "cookie-signer",
            "a.toy",
            "load kite.sessions",
            "trigger a.toy:1 sessions are kept in signed cookies (signed-sessions)",
        ),
        (
            "swift-parser",
            "a.toy",
            "call soup.Soup swift-html",
            "trigger a.toy:1 the parser is named by a string (soup-parser)",
        ),
        (
            "ink",
            "a.toyrc",
            "set ENGINES = kite.engines.ink",
            "setting a.toyrc:1 the framework's module only wraps the package (ink-templates)",
        ),
        (
            "pigeon-post",
            "a.toy",
            "text \"pigeon://loft\"",
            "url a.toy:1 the driver is chosen by the scheme (pigeon-driver)",
        ),
        (
            "green-workers",
            "Procfile",
            "web: serve -k green farm.main",
            "script Procfile:1 the server loads this kind of worker by name (green-workers)",
        ),
        (
            "green-workers",
            "Dockerfile",
            "FROM toy:2\nCMD serve -k green farm.main",
            "dockerfile Dockerfile:2 the server loads this kind of worker by name (green-workers)",
        ),
        (
            "migrator",
            "farm/migrations.ini",
            "",
            "trigger farm/migrations.ini the program that reads this file is run by hand when the data changes (migrations)",
        ),
    ] {
        let seen = project(&[package], file, text);
        assert_eq!(seen.verdicts(), format!("{package} used"), "{text}");
        assert_eq!(seen.why(package), [evidence], "{text}");
    }
}

#[test]
fn a_rule_may_ask_for_company() {
    assert_eq!(project(&["bucket-client"], "a.toy", "set STORAGE = bucket").findings(), "SLIM001 bucket-client");
    let seen = project(&["bucket-client", "kite"], "a.toy", "set STORAGE = bucket\nuse kite");
    assert_eq!(seen.why("bucket-client"), ["setting a.toy:1 the framework stores files through it (bucket-storage)"]);
}

#[test]
fn a_rule_about_a_package_fires_when_it_is_kept() {
    let seen = project(&["clock", "zone-data"], "a.toy", "use clock");
    assert_eq!(
        seen.why("zone-data"),
        ["plugin clock: the clock reads its tables from it when the system has none (zone-data)"]
    );
    assert_eq!(project(&["clock", "zone-data"], "a.toy", "").findings(), "SLIM001 clock, SLIM001 zone-data");
    let brought = tell(
        "
        == toy.list
        tower
        zone-data
        == a.toy
        use tower
        ++ tower 1
        needs clock
        ++ clock 1
        ++ zone-data 1
        ",
    );
    assert_eq!(brought.verdicts(), "clock transitive, tower used, zone-data used");
}

#[test]
fn a_rule_may_turn_on_all_plug_ins_of_a_group() {
    let seen = tell(
        "
        == toy.list
        tracer-web
        == Procfile
        web: tracer run farm.main
        ++ tracer-web 1
        plugin tracer.parts web tracer_web
        ",
    );
    assert_eq!(seen.verdicts(), "tracer-web used");
}

#[test]
fn a_rule_that_fires_in_tests_is_for_development() {
    let seen = project(&["mail-checker"], "tests/a.toy", "use kite.forms MailField");
    assert_eq!(seen.findings(), "SLIM002 mail-checker");
}

#[test]
fn what_a_rule_names_loads_what_it_loads() {
    let seen = tell(
        "
        == toy.list
        pigeon-post
        honey
        == a.toy
        set QUEUE = pigeon://loft
        ++ pigeon-post 1
        use honey
        ++ honey 1
        ",
    );
    assert_eq!(seen.why("honey"), ["import toybox/pigeon_post/start.toy:1 import honey"]);
}

#[test]
fn a_rule_never_conjures_up_a_package() {
    let seen = project(&["kite"], "a.toy", "use kite.forms MailField\nset QUEUE = pigeon://loft");
    assert_eq!(seen.verdicts(), "kite used");
}

#[test]
fn the_rules_of_the_toy_language_are_good() {
    let rules = Rules::parse(ECOSYSTEM.rules, ECOSYSTEM.separator, ECOSYSTEM.canonical).map(|_| ());
    assert_eq!(rules, Ok(()));
}

#[test]
fn examples_fire_and_counter_examples_do_not() {
    let examples = Rules::examples(ECOSYSTEM.rules).unwrap();
    assert_eq!(
        examples.iter().filter(|e| e.counter.is_none()).map(|e| &e.rule).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
    for example in examples {
        assert!(fires(&example, &example.example), "{}: {:?} does not fire", example.rule, example.example);
        let counter = example.counter.clone().unwrap();
        assert!(!fires(&example, &counter), "{}: {counter:?} fires", example.rule);
    }
}

/// Whether a text makes the rule's packages used, in a project that has them and the company that the rule asks for.
fn fires(example: &Example, text: &str) -> bool {
    let mut packages: Vec<&str> = example.packages.iter().map(String::as_str).collect();
    let (file, text, kept) = match example.on.first().map(String::as_str) {
        Some("command") => ("Procfile", format!("web: {text}"), None),
        Some("file") => (text, String::new(), None),
        Some("package") => ("main.toy", format!("use {}", text.replace('-', "_")), Some(text)),
        _ => ("main.toy", text.to_owned(), None),
    };
    let company = example.with.iter().map(String::as_str).chain(kept);
    let installed: Vec<&str> = packages.iter().copied().chain(company).collect();
    let plugin = example.plugins.first().map(|group| format!("++ part 1\nplugin {group} part part"));
    packages.extend(plugin.is_some().then_some("part"));
    let declared: Vec<&str> = installed.iter().copied().chain(plugin.is_some().then_some("part")).collect();
    let seen = told(&declared, &installed, file, &text, plugin.as_deref().unwrap_or_default());
    packages.iter().all(|package| {
        let usage = &seen.seat().package(package).usage;
        usage.status == Status::Used && usage.evidence.iter().any(|e| e.rule.as_ref() == Some(&example.rule))
    })
}
