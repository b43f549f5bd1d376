//! Who needs a package: used, brought along, optional, declared for what it brings, and nobody.

use crate::teller::{story, tell};
use depslim_model::Confidence;

#[test]
fn what_is_imported_is_used_and_what_is_not_is_not() {
    let seen = tell(
        "
        == toy.list
        paint >=2
        ink
        == farm/main.toy
        # the fence
        use paint
        ++ paint 2.1
        ++ ink 1
        ",
    );
    assert_eq!(seen.verdicts(), "ink unused, paint used");
    assert_eq!(seen.findings(), "SLIM001 ink");
    assert_eq!(seen.why("paint"), ["import farm/main.toy:2 import paint"]);
    let finding = seen.seat().finding(depslim_model::Code::Unused);
    assert_eq!(finding.message, "ink is never used");
    assert_eq!(finding.location.as_ref().map(|l| (l.file.as_str(), l.line)), Some(("toy.list", 2)));
    assert_eq!(finding.package, "pkg:toy/ink@1");
    assert_eq!(finding.fingerprint, "SLIM001:.#toy:toy/ink");
    assert_eq!(seen.kept(), ["paint"]);
}

#[test]
fn names_of_packages_are_compared_in_their_canonical_form() {
    let seen = tell(
        "
        == toy.list
        Big_Paint
        == farm/main.toy
        use colours
        ++ big-paint 1
        module colours
        ",
    );
    assert_eq!(seen.verdicts(), "big-paint used");
}

#[test]
fn what_tests_use_is_for_development() {
    let seen = tell(
        "
        == toy.list
        paint
        mirror
        == farm/main.toy
        use paint
        == tests/test_fence.toy
        use paint
        use mirror
        ++ paint 1
        ++ mirror 1
        ",
    );
    assert_eq!(seen.verdicts(), "mirror development, paint used");
    assert_eq!(seen.findings(), "SLIM002 mirror");
    assert_eq!(seen.why("mirror"), ["import tests/test_fence.toy:2 import mirror"]);
    assert_eq!(seen.kept(), ["paint"]);
}

#[test]
fn a_known_tool_is_for_development_unless_production_imports_it() {
    let text = "
        == toy.list
        checker
        == farm/main.toy
        USE
        ++ checker 1
        ";
    assert_eq!(tell(&text.replace("USE", "")).findings(), "SLIM002 checker");
    assert_eq!(tell(&text.replace("USE", "use checker")).findings(), "");
}

#[test]
fn what_a_used_package_requires_is_kept_and_its_line_is_a_pin() {
    let seen = tell(
        "
        == toy.list
        paint
        oil =3
        == farm/main.toy
        use paint
        ++ paint 1
        needs oil
        ++ oil 3
        needs seed
        ++ seed 1
        ",
    );
    assert_eq!(seen.verdicts(), "oil transitive, paint used, seed transitive");
    assert_eq!(seen.findings(), "");
    assert_eq!(seen.why("oil"), ["metadata required by paint"]);
    assert_eq!(seen.kept(), ["oil", "paint", "seed"]);
}

#[test]
fn a_tool_that_something_used_requires_stays() {
    let seen = tell(
        "
        == toy.list
        paint
        checker
        == farm/main.toy
        use paint
        ++ paint 1
        needs checker
        ++ checker 1
        ",
    );
    assert_eq!(seen.verdicts(), "checker transitive, paint used");
}

#[test]
fn what_only_an_unused_package_requires_is_not_needed() {
    let seen = tell(
        "
        == toy.list
        paint
        oil
        == farm/main.toy
        ++ paint 1
        needs oil
        ++ oil 3
        ",
    );
    assert_eq!(seen.findings(), "SLIM001 oil, SLIM001 paint");
}

#[test]
fn what_a_circle_of_packages_requires_is_needed_once() {
    let seen = tell(
        "
        == toy.list
        hen
        fox
        == farm/main.toy
        use hen
        ++ hen 1
        needs egg
        ++ egg 1
        needs hen
        ++ fox 1
        needs vixen
        ++ vixen 1
        needs fox
        ",
    );
    assert_eq!(seen.verdicts(), "egg transitive, fox unused, hen used, vixen unused");
    assert_eq!(seen.findings(), "SLIM001 fox");
}

#[test]
fn a_package_that_only_brings_others_is_used_when_one_of_them_is() {
    let text = "
        == toy.list
        colours
        == farm/main.toy
        USE
        ++ colours 1
        module -
        needs red
        needs blue
        ++ red 1
        ++ blue 1
        ";
    let seen = tell(&text.replace("USE", "use red"));
    assert_eq!(seen.verdicts(), "blue transitive, colours used, red used");
    assert_eq!(seen.why("colours"), ["metadata brings red, which is used", "import farm/main.toy:1 import red"]);
    assert_eq!(seen.findings(), "");
    assert_eq!(tell(&text.replace("USE", "")).findings(), "SLIM001 colours");
}

#[test]
fn a_listed_aggregator_may_have_modules() {
    let seen = tell(
        "
        == toy.list
        all-colours
        == farm/main.toy
        use red
        ++ all-colours 1
        needs red
        ++ red 1
        ",
    );
    assert_eq!(seen.verdicts(), "all-colours used, red used");
}

#[test]
fn what_a_package_brings_is_known_by_a_table_when_nothing_is_installed() {
    let seen = tell(
        "
        == toy.list
        all-colours
        big-paint
        oil
        == farm/main.toy
        use red
        use paint
        ",
    );
    assert_eq!(seen.verdicts(), "all-colours used, big-paint used, blue transitive, oil transitive, red used");
    assert_eq!(seen.findings(), "");
}

#[test]
fn a_package_without_modules_may_bring_through_an_extra() {
    let seen = tell(
        "
        == toy.list
        colours [bright]
        == farm/main.toy
        use red
        ++ colours 1
        module -
        extra bright
        needs red if extra bright
        ++ red 1
        ",
    );
    assert_eq!(seen.verdicts(), "colours used, red used");
    assert_eq!(seen.findings(), "");
}

#[test]
fn a_guarded_import_in_own_code_is_a_use() {
    let seen = tell(
        "
        == toy.list
        paint
        ink
        == farm/main.toy
        try use paint
        call fence
          use ink
        ++ paint 1
        ++ ink 1
        ",
    );
    assert_eq!(seen.verdicts(), "ink used, paint used");
}

#[test]
fn what_only_type_checkers_look_at_is_optional_and_kept() {
    let seen = tell(
        "
        == toy.list
        shapes
        == farm/main.toy
        type use shapes
        ++ shapes 1
        ",
    );
    assert_eq!(seen.verdicts(), "shapes optional");
    assert_eq!(seen.findings(), "");
    assert_eq!(seen.kept(), ["shapes"]);
}

#[test]
fn an_accelerator_of_something_used_is_kept() {
    let seen = tell(
        "
        == toy.list
        abacus
        swift-numbers
        == farm/main.toy
        use abacus
        ++ abacus 1
        ++ swift-numbers 1
        ",
    );
    assert_eq!(seen.verdicts(), "abacus used, swift-numbers optional");
    assert_eq!(seen.why("swift-numbers"), ["rule it counts faster when this is there"]);
    assert_eq!(seen.findings(), "");
}

#[test]
fn an_accelerator_of_something_that_only_comes_along_is_kept_too() {
    let seen = tell(
        "
        == toy.list
        maths
        swift-numbers
        == farm/main.toy
        use maths
        ++ maths 1
        needs abacus
        ++ abacus 1
        ++ swift-numbers 1
        ",
    );
    assert_eq!(seen.verdicts(), "abacus transitive, maths used, swift-numbers optional");
}

#[test]
fn a_condition_that_does_not_hold_on_the_target_declares_nothing() {
    let text = "
        == toy.list
        paint
        tar if musl
        == farm/main.toy
        use paint
        ++ paint 1
        needs chalk if musl
        needs oil if glibc
        ++ oil 1
        ++ tar 1
        ++ chalk 1
        ";
    assert_eq!(tell(text).verdicts(), "chalk unused, oil transitive, paint used, tar unused");
    assert_eq!(tell(text).findings(), "");
    let musl = story(text).on("linux-x86_64-musl").run();
    assert_eq!(musl.verdicts(), "chalk transitive, oil unused, paint used, tar unused");
    assert_eq!(musl.findings(), "SLIM001 tar");
}

#[test]
fn an_extra_that_is_asked_for_keeps_what_it_brings() {
    let text = "
        == toy.list
        paint [gold]
        == farm/main.toy
        use paint
        USE
        ++ paint 1
        extra gold
        needs leaf if extra gold
        ++ leaf 1
        bytes 500
        ";
    let used = tell(&text.replace("USE", "use leaf"));
    assert_eq!(used.verdicts(), "leaf used, paint used");
    assert_eq!(used.findings(), "");
    let unused = tell(&text.replace("USE", ""));
    assert_eq!(unused.verdicts(), "leaf transitive, paint used");
    assert_eq!(unused.findings(), "SLIM008 paint");
    let finding = unused.seat().finding(depslim_model::Code::UnusedExtra);
    assert_eq!(finding.message, "paint[gold]: nothing that the extra brings is used");
    assert_eq!(finding.fingerprint, "SLIM008:.#toy:toy/paint[gold]");
    assert_eq!(unused.kept(), ["leaf", "paint"]);
}

#[test]
fn an_extra_is_used_when_the_package_looks_for_what_it_brings() {
    let seen = tell(
        "
        == toy.list
        paint [gold]
        == farm/main.toy
        use paint
        ++ paint 1
        extra gold
        needs leaf if extra gold
        try use leaf
        ++ leaf 1
        ",
    );
    assert_eq!(seen.findings(), "");
}

#[test]
fn the_extra_of_a_pin_is_kept() {
    // Nothing imports oil itself: paint brings it, and the line only asks for more of it.
    let seen = tell(
        "
        == toy.list
        paint
        oil [fast]
        == farm/main.toy
        use paint
        ++ paint 1
        needs oil
        ++ oil 1
        extra fast
        needs rocket if extra fast
          use rocket
        ++ rocket 1
        needs fuel
        ++ fuel 1
        ",
    );
    assert_eq!(seen.verdicts(), "fuel transitive, oil transitive, paint used, rocket transitive");
    assert_eq!(seen.kept(), ["fuel", "oil", "paint", "rocket"]);
}

#[test]
fn an_extra_that_nobody_asks_for_brings_nothing() {
    let seen = tell(
        "
        == toy.list
        paint
        leaf
        == farm/main.toy
        use paint
        ++ paint 1
        extra gold
        needs leaf if extra gold
        ++ leaf 1
        ",
    );
    assert_eq!(seen.findings(), "SLIM001 leaf");
}

#[test]
fn an_extra_may_ask_for_an_extra() {
    let seen = tell(
        "
        == toy.list
        paint [all]
        == farm/main.toy
        use paint
        use leaf
        ++ paint 1
        extra all
        extra gold
        needs paint [gold] if extra all
        needs leaf if extra gold
        ++ leaf 1
        ",
    );
    assert_eq!(seen.verdicts(), "leaf used, paint used");
    assert_eq!(seen.findings(), "");
}

#[test]
fn two_lines_of_one_package_are_found_together() {
    let seen = tell(
        "
        == toy.list
        paint if glibc
        paint >=2
        == farm/main.toy
        ++ paint 2
        ",
    );
    let finding = seen.seat().finding(depslim_model::Code::Unused);
    assert_eq!(finding.help.first().map(String::as_str), Some("also declared at toy.list:2"));
}

#[test]
fn what_the_configuration_keeps_stays_and_is_judged_all_the_same() {
    let text = "
        == toy.list
        paint
        oil
        == farm/main.toy
        ++ paint 1
        needs oil
        ++ oil 1
        ";
    let seen = story(text).keeping("paint", "the platform starts it").run();
    assert_eq!(seen.verdicts(), "oil unused, paint unused");
    assert_eq!(seen.kept(), ["oil", "paint"]);
    assert!(seen.project().plan.changes.values().flatten().all(|change| change.package != "paint"));
}

#[test]
fn what_a_comment_keeps_stays_and_is_judged_all_the_same() {
    let seen = tell(
        "
        == toy.list
        paint # stays: the platform starts it
        oil
        == farm/main.toy
        ++ paint 1
        ++ oil 1
        ",
    );
    assert_eq!(seen.verdicts(), "oil unused, paint unused");
    assert_eq!(seen.kept(), ["paint"]);
}

#[test]
fn a_declared_package_that_is_not_installed_is_judged_with_less_confidence() {
    let seen = tell(
        "
        == toy.list
        paint
        ink
        chalk
        == farm/main.toy
        use paint
        use ink
        ++ paint 1
        ",
    );
    assert_eq!(seen.verdicts(), "chalk unused, ink used, paint used");
    assert_eq!(seen.seat().package("chalk").usage.confidence, Confidence::Medium);
    assert_eq!(seen.findings(), "SLIM001 chalk, SLIM091");
}

#[test]
fn a_package_of_unknown_modules_may_be_what_nobody_else_supplies() {
    let seen = tell(
        "
        == toy.list
        chalk
        == farm/main.toy
        use board
        ",
    );
    assert_eq!((seen.findings(), seen.doubts()), (String::new(), "SLIM001 chalk".to_owned()));
}

#[test]
fn development_lines_are_no_finding() {
    let seen = tell(
        "
        == toy.list
        paint
        dev:
        checker
        mirror
        build:
        carpenter
        == farm/main.toy
        use paint
        ++ paint 1
        ++ checker 1
        ++ mirror 1
        ++ carpenter 1
        ",
    );
    assert_eq!(seen.findings(), "");
    assert_eq!(seen.kept(), ["paint"]);
}

#[test]
fn what_production_imports_has_to_be_declared_for_it() {
    let seen = tell(
        "
        == toy.list
        paint
        dev:
        mirror
        == farm/main.toy
        use paint
        use oil
        use mirror
        use lamp
        ++ paint 1
        needs oil
        ++ oil 1
        ++ mirror 1
        ++ lamp 1
        ",
    );
    assert_eq!(seen.verdicts(), "lamp used, mirror used, oil used, paint used");
    assert_eq!(seen.findings(), "SLIM004 lamp, SLIM004 mirror");
    assert_eq!(seen.doubts(), "SLIM004 oil");
    let undeclared: Vec<_> =
        seen.project().findings.iter().map(|f| (f.message.as_str(), f.confidence.to_string())).collect();
    assert!(
        undeclared.contains(&("oil is imported, but only comes along with another package", "low".into())),
        "{undeclared:?}"
    );
    assert!(
        undeclared.contains(&("mirror runs in production, but is declared for dev only", "high".into())),
        "{undeclared:?}"
    );
    assert!(
        undeclared.contains(&("lamp is imported, but nothing that production declares brings it", "high".into())),
        "{undeclared:?}"
    );
    assert_eq!(seen.kept(), ["lamp", "mirror", "oil", "paint"]);
}
