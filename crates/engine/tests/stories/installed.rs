//! Through the installed packages: what a package that runs loads is needed, whatever its metadata says.

use crate::teller::tell;
use depslim_model::Confidence;

/// A project that uses `hive`, which holds `LINE`; `honey` is declared, and nothing else says why.
const HIVE: &str = "
    == toy.list
    hive
    honey
    == farm/main.toy
    use hive
    ++ hive 1
    LINE
    ++ honey 1
    ";

#[test]
fn a_hard_import_of_an_installed_package_is_followed() {
    let seen = tell(&HIVE.replace("LINE", "use honey"));
    assert_eq!(seen.verdicts(), "hive used, honey used");
    assert_eq!(seen.why("honey"), ["import toybox/hive/start.toy:1 import honey"]);
    assert_eq!(seen.findings(), "");
}

#[test]
fn a_guarded_or_late_import_of_an_installed_package_is_no_use_but_a_doubt() {
    for line in ["try use honey", "  use honey"] {
        let seen = tell(&HIVE.replace("LINE", line));
        assert_eq!(seen.verdicts(), "hive used, honey unused", "{line}");
        assert_eq!(seen.seat().package("honey").usage.confidence, Confidence::Medium, "{line}");
        assert_eq!(seen.why("honey")[1..], ["import toybox/hive/start.toy:1 import honey"], "{line}");
    }
}

#[test]
fn a_guarded_import_of_an_installed_package_demands_nothing() {
    let seen = tell(&HIVE.replace("LINE", "try use honey").replacen("honey\n", "\n", 1));
    assert_eq!(seen.verdicts(), "hive used, honey unused");
    assert_eq!(seen.kept(), ["hive"]);
    assert_eq!(seen.findings(), "");
}

#[test]
fn a_type_import_of_an_installed_package_is_none() {
    assert_eq!(tell(&HIVE.replace("LINE", "type use honey")).findings(), "SLIM001 honey");
}

#[test]
fn hard_imports_are_followed_through_files_and_packages() {
    let seen = tell(
        "
        == toy.list
        hive
        honey
        == farm/main.toy
        use hive
        ++ hive 1
        use .comb
        == toybox/hive/comb.toy
        use wax
        ++ wax 1
        use honey
        ++ honey 1
        ",
    );
    assert_eq!(seen.why("wax"), ["import toybox/hive/comb.toy:1 import wax"]);
    assert_eq!(seen.why("honey"), ["import toybox/wax/start.toy:1 import honey"]);
    assert_eq!(seen.verdicts(), "hive used, honey used, wax used");
    assert_eq!(seen.findings(), "SLIM004 wax");
}

#[test]
fn files_that_nothing_loads_are_not_followed() {
    let seen = tell(
        "
        == toy.list
        hive
        honey
        == farm/main.toy
        use hive
        ++ hive 1
        == toybox/hive/extra.toy
        use honey
        ++ honey 1
        ",
    );
    assert_eq!(seen.findings(), "SLIM001 honey");
}

#[test]
fn the_file_that_is_asked_for_is_followed() {
    for line in
        ["use hive.extra", "use hive extra", "load hive.extra", "set ENGINE = hive.extra", "text \"hive.extra\""]
    {
        let seen = tell(&format!(
            "
            == toy.list
            hive
            honey
            == farm/main.toy
            {line}
            ++ hive 1
            == toybox/hive/extra.toy
            use honey
            ++ honey 1
            "
        ));
        assert_eq!(seen.findings(), "", "{line}");
    }
}

#[test]
fn late_imports_of_own_code_are_followed_into_the_package() {
    let seen = tell(&HIVE.replace("use hive", "  use hive").replace("LINE", "use honey"));
    assert_eq!(seen.findings(), "");
}

#[test]
fn what_tests_load_is_not_production() {
    let seen = tell(
        "
        == toy.list
        hive
        honey
        == tests/test_hive.toy
        use hive
        ++ hive 1
        use honey
        ++ honey 1
        ",
    );
    assert_eq!(seen.verdicts(), "hive development, honey development");
    assert_eq!(seen.findings(), "SLIM002 hive, SLIM002 honey");
}

#[test]
fn a_program_starts_what_its_package_loads() {
    let seen = tell(
        "
        == toy.list
        hive
        honey
        == Procfile
        web: buzz --loud
        ++ hive 1
        program buzz
        plugin programs buzz hive.cli
        == toybox/hive/cli.toy
        use honey
        ++ honey 1
        ",
    );
    assert_eq!(seen.verdicts(), "hive used, honey used");
    assert_eq!(seen.findings(), "");
}

#[test]
fn a_package_that_loads_itself_is_no_use_of_it() {
    let seen = tell(
        "
        == toy.list
        hive
        == farm/main.toy
        ++ hive 1
        use hive.comb
        == toybox/hive/comb.toy
        use hive
        ",
    );
    assert_eq!(seen.findings(), "SLIM001 hive");
}

#[test]
fn what_an_undeclared_package_loads_is_needed_too() {
    // What runs without being declared runs all the same, with all that it requires.
    let seen = tell(
        "
        == toy.list
        wax
        == farm/main.toy
        use hive
        ++ hive 1
        needs wax
        ++ wax 1
        ",
    );
    assert_eq!(seen.verdicts(), "hive used, wax transitive");
    assert_eq!(seen.findings(), "SLIM004 hive");
    assert_eq!(seen.kept(), ["hive", "wax"]);
}
