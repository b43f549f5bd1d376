//! What is found beside unused lines: heavy packages, lighter ones, lists that would not start, locks that are stale.

use crate::teller::{story, tell};
use depslim_model::ecosystem::Action;
use depslim_model::report::{Applicable, Measure};
use depslim_model::{Code, Confidence, Severity};

#[test]
fn a_heavy_package_that_few_files_use_is_shown_with_what_it_is_used_for() {
    let text = "
        == toy.list
        abacus
        == farm/sums.toy
        use abacus
        call abacus.count 3
        == farm/main.toy
        use farm.sums
        ++ abacus 1
        needs beads
        needs wire
        bytes 700
        ++ beads 1
        bytes 2000
        ++ wire 1
        bytes 300
        ";
    let seen = story(text).heavy(2500).run();
    let finding = seen.seat().finding(Code::Heavy);
    assert_eq!(finding.message, "abacus is used in 1 file");
    assert_eq!(finding.location.as_ref().map(|l| (l.file.as_str(), l.line)), Some(("farm/sums.toy", 1)));
    assert_eq!(finding.help[1], "used: count");
    assert_eq!(finding.severity, Severity::Warn);
    let abacus = seen.seat().package("abacus");
    assert_eq!((abacus.exclusive_packages, finding.bytes), (3, abacus.exclusive_bytes));
    assert!(
        finding.help[0].starts_with("abacus ") && finding.help[0].contains(" + beads 2.1 kB + 1 other "),
        "{:?}",
        finding.help
    );
    assert_eq!(story(text).heavy(10_000).run().findings(), "");
}

#[test]
fn what_many_files_use_is_not_heavy() {
    let seen = story(
        "
        == toy.list
        abacus
        == farm/a.toy
        use abacus
        == farm/b.toy
        use abacus
        == farm/c.toy
        use abacus
        ++ abacus 1
        bytes 3000
        ",
    );
    assert_eq!(seen.heavy(1000).run().findings(), "");
}

#[test]
fn a_lighter_package_is_named_when_it_does_all_that_is_used() {
    let text = "
        == toy.list
        abacus
        == farm/a.toy
        use abacus
        call abacus.NAME 3
        ++ abacus 1
        bytes 300000
        ";
    let seen = tell(&text.replace("NAME", "count"));
    assert_eq!(seen.seat().finding(Code::Lighter).message, "fingers does what this project uses of abacus");
    assert_eq!(tell(&text.replace("NAME", "multiply")).findings(), "");
}

/// A project whose own list is right, and a list for production that people keep by hand.
const LIST: &str = "
    == toy.list
    paint
    ink
    honey
    == toy.prod
    paint
    LINE
    == farm/main.toy
    use paint
    use honey
    try use ink
    ++ paint 1
    needs oil
    ++ oil 1
    ++ ink 1
    ++ honey 1
    use wax
    ++ wax 1
    ";

#[test]
fn a_list_for_production_that_would_not_start_is_an_error() {
    let seen = tell(&LIST.replace("LINE", "ink"));
    let finding = seen.seat().finding(Code::UnprovedList);
    assert_eq!(finding.message, "toy.prod lacks honey and wax");
    assert_eq!(finding.location.as_ref().map(|l| l.file.as_str()), Some("toy.prod"));
    assert_eq!((finding.severity, finding.confidence), (Severity::Error, Confidence::High));
    let evidence: Vec<String> = finding.evidence.iter().map(crate::teller::shown).collect();
    assert_eq!(
        evidence,
        ["import farm/main.toy:2 honey: import honey", "import toybox/honey/start.toy:1 wax: import wax"]
    );
    assert_eq!(finding.fingerprint, "SLIM057:.#toy:toy.prod");
}

#[test]
fn a_list_for_production_may_leave_out_what_comes_along_or_is_optional() {
    let seen = tell(&LIST.replace("LINE", "honey\n    wax"));
    assert!(!seen.findings().contains("SLIM057"), "{}", seen.findings());
}

#[test]
fn a_list_for_production_may_hold_too_much() {
    let seen = tell(&LIST.replace("LINE", "oil\n    checker").replace("ink\n    honey", "ink\n    honey\n    checker"));
    let finding = seen.seat().finding(Code::UnprovedList);
    assert_eq!(finding.help, ["and keeps checker without need"]);
}

#[test]
fn a_list_for_production_is_told_the_line_that_brings_what_it_lacks() {
    let seen = tell(
        "
        == toy.list
        bundle
        paint
        == toy.prod
        paint
        == farm/main.toy
        use paint
        use oil
        ++ paint 1
        ++ bundle 1
        needs oil
        ++ oil 1
        ",
    );
    let finding = seen.seat().finding(Code::UnprovedList);
    assert_eq!(finding.message, "toy.prod lacks bundle");
    assert_eq!(
        finding.evidence.iter().map(crate::teller::shown).collect::<Vec<_>>(),
        ["import farm/main.toy:2 oil: import oil"]
    );
}

#[test]
fn a_condition_in_a_list_for_production_counts() {
    let text = LIST.replace("LINE", "honey if musl\n    wax");
    assert_eq!(tell(&text).seat().finding(Code::UnprovedList).message, "toy.prod lacks honey");
    assert!(!story(&text).on("linux-x86_64-musl").run().findings().contains("SLIM057"));
}

#[test]
fn a_list_for_production_that_stands_alone_is_the_manifest() {
    let seen = tell(
        "
        == toy.prod
        paint
        ink
        == farm/main.toy
        use paint
        use honey
        ++ paint 1
        ++ ink 1
        ++ honey 1
        ",
    );
    assert_eq!(seen.findings(), "SLIM001 ink, SLIM004 honey");
}

#[test]
fn nothing_installed_is_said_and_is_no_error() {
    let seen = tell(
        "
        == toy.list
        paint
        == farm/main.toy
        use paint
        ",
    );
    let finding = seen.seat().finding(Code::NotMeasured);
    assert_eq!(
        (finding.message.as_str(), finding.severity),
        ("no installed environment found: sizes are unknown", Severity::Warn)
    );
    assert_eq!(seen.project().report.measure, Measure::Unknown);
    assert_eq!(seen.verdicts(), "paint used");
}

#[test]
fn a_lock_gives_estimates_where_nothing_is_installed() {
    let text = "
        == toy.list
        paint
        ink
        == toy.lock
        package paint 2
        needs oil
        artifact paint-2-any.box 900
        artifact paint-2-musl.box 700
        package oil 1
        artifact oil-1-any.box 50
        package ink 1
        artifact ink-1-any.box 8
        == farm/main.toy
        use paint
        ";
    let seen = tell(text);
    assert_eq!(seen.verdicts(), "ink unused, oil transitive, paint used");
    let project = &seen.project().report;
    assert_eq!((project.measure, project.prod_bytes, project.removable_bytes), (Measure::Estimated, 958, 8));
    assert_eq!(project.lockfile.as_deref(), Some("toy.lock"));
    let paint = seen.seat().package("paint");
    assert_eq!((paint.estimated_bytes, paint.installed_bytes, paint.exclusive_bytes), (Some(900), None, 950));
    let musl = story(text).on("linux-x86_64-musl").run();
    assert_eq!(musl.seat().package("paint").estimated_bytes, Some(700));
}

#[test]
fn a_lock_that_disagrees_with_what_is_installed_is_stale() {
    let seen = tell(
        "
        == toy.list
        paint
        ink
        == toy.lock
        package paint 3
        package ink 1
        == farm/main.toy
        use paint
        use ink
        ++ paint 2
        ",
    );
    let finding = seen.seat().finding(Code::StaleLock);
    assert_eq!(
        finding.message,
        "toybox and the manifest disagree: 1 declared package is not installed, 1 of other versions than the lock's"
    );
    assert_eq!(finding.help, ["not installed: ink", "paint 2 (lock: 3)"]);
}

#[test]
fn a_lock_that_agrees_is_not_stale() {
    let seen = tell(
        "
        == toy.list
        paint
        == toy.lock
        package paint 2
        == farm/main.toy
        use paint
        ++ paint 2
        ",
    );
    assert_eq!(seen.findings(), "");
}

#[test]
fn a_line_that_only_repeats_a_development_line_just_goes() {
    let seen = tell(
        "
        == toy.list
        mirror
        paint
        dev:
        mirror
        == farm/main.toy
        use paint
        == tests/a.toy
        use mirror
        ++ mirror 1
        ++ paint 1
        ",
    );
    assert_eq!(seen.findings(), "SLIM002 mirror");
    assert_eq!(
        seen.project().plan.changes["toy.list"].iter().map(|c| (c.line, &c.action)).collect::<Vec<_>>(),
        [(1, &Action::Remove)]
    );
    let fixed = seen.fixed("toy.list", Code::DevInProd);
    assert_eq!(fixed, "paint\ndev:\nmirror\n");
}

#[test]
fn a_fix_does_what_the_finding_says() {
    let seen = tell(
        "
        == toy.list
        # fences
        ink    # for signs
        checker
        paint
        ink if glibc
        == farm/main.toy
        use paint
        ++ ink 1
        ++ paint 1
        ++ checker 1
        ",
    );
    assert_eq!(seen.fixed("toy.list", Code::Unused), "# fences\nchecker\npaint\n");
    assert_eq!(
        seen.fixed("toy.list", Code::DevInProd),
        "# fences\nink    # for signs\npaint\nink if glibc\ndev:\nchecker\n"
    );
    assert_eq!(seen.seat().finding(Code::Unused).fix.as_ref().map(|f| f.applicable), Some(Applicable::Safe));
}

#[test]
fn two_lines_that_move_are_one_edit() {
    let seen = tell(
        "
        == toy.list
        checker
        paint
        checker if glibc
        == farm/main.toy
        use paint
        ++ paint 1
        ++ checker 1
        ",
    );
    assert_eq!(seen.fixed("toy.list", Code::DevInProd), "paint\ndev:\nchecker\nchecker if glibc\n");
}

#[test]
fn what_is_doubtful_is_never_fixed() {
    let seen = tell(
        "
        == toy.list
        paint
        == farm/main.toy
        use brush
        ",
    );
    assert_eq!(seen.doubts(), "SLIM001 paint");
    assert_eq!(seen.seat().finding(Code::Unused).fix, None);
    assert!(seen.project().plan.changes.is_empty());
}

#[test]
fn blind_spots_lower_the_confidence() {
    let text = "
        == toy.list
        paint
        == farm/main.toy
        LINE
        ++ paint 1
        ";
    let confidence = |line: &str| tell(&text.replace("LINE", line)).seat().package("paint").usage.confidence;
    assert_eq!(confidence(""), Confidence::High);
    assert_eq!(confidence("computed load"), Confidence::Medium);
    assert_eq!(confidence("this is no statement"), Confidence::Medium);
}

#[test]
fn a_script_that_nothing_starts_may_be_a_developers_own() {
    let text = "
        == toy.list
        paint
        dev:
        honey
        == farm/main.toy
        use paint
        LINE
        == fill.toy
        use honey
        ++ paint 1
        ++ honey 1
        ";
    let seen = tell(&text.replace("LINE", ""));
    assert_eq!((seen.findings().as_str(), seen.doubts().as_str()), ("", "SLIM004 honey"));
    let seen = tell(&text.replace("LINE", "use fill"));
    assert_eq!((seen.findings().as_str(), seen.doubts().as_str()), ("SLIM004 honey", ""));
}

#[test]
fn what_an_undeclared_package_brings_is_not_missing_by_itself() {
    let seen = tell(
        "
        == toy.list
        paint
        dev:
        shell
        == farm/main.toy
        use paint
          use shell
        ++ paint 1
        ++ shell 1
        needs prompt
        use prompt
        ++ prompt 1
        ",
    );
    assert_eq!((seen.findings().as_str(), seen.doubts().as_str()), ("", ""));
}

#[test]
fn one_word_of_a_setting_is_no_development_tool() {
    let seen = tell(
        "
        == toy.list
        paint
        dev:
        honey
        == farm/main.toy
        use paint
        set STYLE = honey
        ++ paint 1
        ++ honey 1
        needs wax
        use wax
        ++ wax 1
        ",
    );
    assert_eq!(seen.findings(), "");
    assert_eq!(seen.kept(), ["paint"]);
}

#[test]
fn what_tests_need_that_production_imports_in_passing_is_a_doubt() {
    let seen = tell(
        "
        == toy.list
        paint
        dev:
        honey
        == farm/main.toy
        use paint
        try use tests.seeds
        == tests/seeds.toy
        use honey
        ++ paint 1
        ++ honey 1
        ",
    );
    assert_eq!((seen.findings().as_str(), seen.doubts().as_str()), ("", "SLIM004 honey"));
}

#[test]
fn what_the_build_puts_together_need_not_be_declared_for_production() {
    let text = "
        == toy.list
        paint
        dev:
        honey
        TOOL
        == farm/main.toy
        use paint
        use honey
        ++ paint 1
        ++ honey 1
        ++ press 1
        ";
    let seen = tell(&text.replace("TOOL", "press"));
    assert_eq!((seen.findings().as_str(), seen.doubts().contains("SLIM004 honey")), ("", true));
    let seen = tell(&text.replace("TOOL", ""));
    assert_eq!((seen.findings().as_str(), seen.doubts().as_str()), ("SLIM004 honey", ""));
}
