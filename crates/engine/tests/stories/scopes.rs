//! Which files of the project are production: conventions, and what production reaches.

use crate::teller::{story, tell};
use depslim_model::Confidence;

/// `honey` is used in `FILE` only; `LINE` stands in production.
const FARM: &str = "
    == toy.list
    honey
    == FILE
    use honey
    == farm/main.toy
    LINE
    ++ honey 1
    ";

fn farm(file: &str, line: &str) -> String {
    tell(&FARM.replace("FILE", file).replace("LINE", line)).findings()
}

#[test]
fn conventions_tell_tests_documentation_and_tools() {
    for file in ["tests/a.toy", "farm/tests/a.toy", "farm/test_a.toy", "docs/conf.toy", "tools/a.toy"] {
        assert_eq!(farm(file, ""), "SLIM002 honey", "{file}");
    }
    for file in ["farm/contest_a.toy", "tests/live/a.toy", "a.toy"] {
        assert_eq!(farm(file, ""), "", "{file}");
    }
}

#[test]
fn what_production_imports_is_production_wherever_it_lies() {
    for line in ["use tools.a", "use tools a", "  use tools.a", "try use tools.a", "load tools.a", "use ..tools.a"] {
        assert_eq!(farm("tools/a.toy", line), "", "{line}");
    }
    assert_eq!(farm("tools/a.toy", "type use tools.a"), "SLIM002 honey");
}

#[test]
fn what_production_imports_reaches_on() {
    let seen = tell(
        "
        == toy.list
        honey
        == farm/main.toy
        use tools.a
        == tools/a.toy
        use .b
        == tools/b.toy
        use honey
        ++ honey 1
        ",
    );
    assert_eq!(seen.findings(), "");
    assert_eq!(seen.why("honey"), ["import tools/b.toy:1 import honey"]);
}

#[test]
fn what_a_start_command_runs_is_production_wherever_it_lies() {
    for command in ["toyrun tools.a", "toyrun tools/a.toy", "toyrun ./tools/a.toy", "toyget exec toyrun tools.a"] {
        let seen = tell(&format!(
            "
            == toy.list
            honey
            == tools/a.toy
            use .b
            == tools/b.toy
            use honey
            == Dockerfile
            FROM toy:2
            CMD {command}
            ++ honey 1
            "
        ));
        assert_eq!(seen.findings(), "", "{command}");
    }
}

#[test]
fn what_a_manifest_starts_is_production_wherever_it_lies() {
    for target in ["tools.a", "tools/a.toy"] {
        let seen = tell(&format!(
            "
            == toy.list
            @start {target}
            honey
            == tools/a.toy
            use honey
            ++ honey 1
            "
        ));
        assert_eq!(seen.findings(), "", "{target}");
    }
}

#[test]
fn what_a_manifest_starts_may_be_a_packages() {
    let seen = tell(
        "
        == toy.list
        @start honey.main
        honey
        == farm/main.toy
        ++ honey 1
        == toybox/honey/main.toy
        ",
    );
    assert_eq!(seen.findings(), "");
}

#[test]
fn what_a_makefile_runs_of_the_tools_stays_development() {
    let seen = tell(
        "
        == toy.list
        honey
        == tools/a.toy
        use honey
        == Makefile
        seed:
        \ttoyrun tools.a
        ++ honey 1
        ",
    );
    assert_eq!(seen.findings(), "SLIM002 honey");
}

#[test]
fn own_code_that_the_walk_leaves_out_counts_when_it_is_imported() {
    // Generated code is often ignored by version control, and runs all the same.
    for line in ["use farm.made.store", "use farm.made store", "use .made.store", "  use farm.made.store"] {
        let seen = tell(&format!(
            "
            == .gitignore
            farm/made/
            == toy.list
            honey
            wax
            == farm/main.toy
            {line}
            == farm/made/store.toy
            use honey
            use .seal
            == farm/made/seal.toy
            use wax
            == farm/made/other.toy
            use moonlight
            ++ honey 1
            ++ wax 1
            "
        ));
        assert_eq!(seen.findings(), "", "{line}");
        assert_eq!(seen.why("honey"), ["import farm/made/store.toy:1 import honey"], "{line}");
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_a_link_out_of_the_tree_is_a_blind_spot() {
    let elsewhere = tempfile::tempdir().unwrap();
    let story = story(
        "
        == toy.list
        honey
        == farm/main.toy
        use common.store
        ++ honey 1
        ",
    );
    std::os::unix::fs::symlink(elsewhere.path(), story.root().join("common")).unwrap();
    let seen = story.run();
    assert_eq!(seen.seat().package("honey").usage.confidence, Confidence::Medium);
    assert_eq!(
        seen.analysis.notes.iter().map(|n| n.message.as_str()).collect::<Vec<_>>(),
        ["a link to a folder outside of what is analysed: not read"]
    );
    std::os::unix::fs::symlink(story.root().join("farm"), story.root().join("again")).unwrap();
    fs_err::remove_file(story.root().join("common")).unwrap();
    let seen = story.run();
    assert_eq!(seen.seat().package("honey").usage.confidence, Confidence::High);
    assert_eq!(seen.analysis.notes, []);
}

#[test]
fn types_in_tests_are_for_development() {
    assert_eq!(
        tell(&FARM.replace("FILE", "tests/a.toy").replace("use honey", "type use honey").replace("LINE", ""))
            .findings(),
        "SLIM002 honey"
    );
}

#[test]
fn what_only_builds_the_project_is_not_production() {
    assert_eq!(farm("build.toy", ""), "SLIM002 honey");
    assert_eq!(farm("build.toy", "use build"), "");
}

#[test]
fn own_code_outside_of_the_projects_folder_counts_when_it_is_imported() {
    // A service beside code that it shares with others: `common` has no manifest, and runs wherever it is imported.
    let seen = tell(
        "
        == services/mill/toy.list
        honey
        wax
        == services/mill/main.toy
        use common.store
        == common/store.toy
        use honey
        use .seal
        == common/seal.toy
        use wax
        == common/other.toy
        use moonlight
        ++ services/mill/toybox/honey 1
        ++ services/mill/toybox/wax 1
        ",
    );
    assert_eq!(seen.findings(), "");
    assert_eq!(seen.why("wax"), ["import common/seal.toy:1 import wax"]);
    assert_eq!(seen.project().observed.unresolved, []);
}

#[test]
fn a_test_that_uses_a_package_without_importing_it_uses_it() {
    let seen = tell(
        "
        == toy.list
        pigeon-post
        twine
        kite-string
        == farm/main.toy
        == tests/a.toy
        set QUEUE = pigeon://loft
        text \"twine.knots\"
        ++ pigeon-post 1
        ++ twine 1
        == toybox/twine/knots.toy
        ++ kite-string 1
        ",
    );
    assert_eq!(seen.findings(), "SLIM001 kite-string, SLIM002 pigeon-post, SLIM002 twine");
    assert_eq!(seen.why("twine"), ["string tests/a.toy:2 \"twine.knots\""]);
}

#[test]
fn a_test_that_production_reaches_is_read_like_production() {
    let seen = tell(
        "
        == toy.list
        pigeon-post
        == farm/main.toy
        use tests.a
        == tests/a.toy
        set QUEUE = pigeon://loft
        ++ pigeon-post 1
        ",
    );
    assert_eq!(seen.verdicts(), "pigeon-post used");
}
