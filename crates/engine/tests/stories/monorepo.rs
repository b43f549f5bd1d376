//! Several projects in one tree: nested ones, shared environments and locks, lists for documentation.

use crate::teller::tell;

#[test]
fn each_project_is_judged_by_its_own_code() {
    let seen = tell(
        "
        == barn/toy.list
        paint
        ink
        == barn/main.toy
        use paint
        == mill/toy.list
        paint
        ink
        == mill/main.toy
        use ink
        ++ barn/toybox/paint 1
        ++ barn/toybox/ink 1
        ++ mill/toybox/paint 1
        ++ mill/toybox/ink 1
        ",
    );
    assert_eq!(seen.folders(), ["barn", "mill"]);
    assert_eq!(seen.project_in("barn").findings(), "SLIM001 ink");
    assert_eq!(seen.project_in("mill").findings(), "SLIM001 paint");
    assert_eq!(seen.project_in("mill").why("ink"), ["import mill/main.toy:1 import ink"]);
}

#[test]
fn projects_may_share_an_environment() {
    let seen = tell(
        "
        == barn/toy.list
        paint
        == barn/main.toy
        use paint
        == mill/toy.list
        ink
        == mill/main.toy
        use ink
        ++ paint 1
        bytes 40
        ++ ink 1
        ",
    );
    for folder in ["barn", "mill"] {
        assert_eq!(seen.project_in(folder).findings(), "", "{folder}");
        assert_eq!(seen.project_in(folder).0.report.environment.as_deref(), Some("toybox"));
    }
    let tree = |folder: &str| seen.project_in(folder).0.report.tree.clone().unwrap().total_bytes;
    assert_eq!(tree("barn"), tree("mill"));
}

#[test]
fn a_nested_project_is_not_the_outer_ones_code() {
    let seen = tell(
        "
        == toy.list
        paint
        ink
        == main.toy
        use paint
        == mill/toy.list
        ink
        == mill/main.toy
        use ink
        ++ paint 1
        ++ ink 1
        ++ mill/toybox/ink 1
        ",
    );
    assert_eq!(seen.project_in(".").findings(), "SLIM001 ink");
    assert_eq!(seen.project_in("mill").findings(), "");
}

#[test]
fn a_list_around_projects_may_be_the_one_that_they_are_run_from() {
    let list = "
        == toy.list
        ink
        == tests/test_all.toy
        use paint
        == mill/toy.list
        ink
        == mill/main.toy
        use ink
        ";
    // Said in a low voice, unless the outer folder has production of its own.
    assert_eq!(tell(list).project_in(".").findings(), "");
    let outer = [list, "== main.toy\nuse paint\n"].concat();
    assert_eq!(tell(&outer).project_in(".").findings(), "SLIM001 ink");
}

#[test]
fn what_a_nested_project_uses_without_declaring_it_is_the_outer_ones() {
    // People install the outer list for all folders; a folder's own list only adds to it.
    let seen = tell(
        "
        == toy.list
        paint
        ink
        == main.toy
        use paint
        == mill/toy.list
        honey
        == mill/main.toy
        use honey
        use ink
        ++ paint 1
        ++ ink 1
        ++ honey 1
        ",
    );
    assert_eq!(seen.project_in(".").status("ink").to_string(), "used");
    assert_eq!(seen.project_in(".").why("ink"), ["import mill/main.toy:2 import ink"]);
}

#[test]
fn code_of_another_project_that_is_imported_runs_here_too() {
    let seen = tell(
        "
        == mill/toy.list
        @project mill
        honey
        == mill/main.toy
        use store.shelf
        == store/toy.list
        @project store
        honey
        == store/store/shelf.toy
        use honey
        ++ honey 1
        ",
    );
    assert_eq!(seen.project_in("mill").findings(), "");
    assert_eq!(seen.project_in("mill").why("honey"), ["import store/store/shelf.toy:1 import honey"]);
}

#[test]
fn a_list_for_the_documentation_belongs_to_the_project_around_it() {
    let seen = tell(
        "
        == toy.list
        paint
        == docs/toy.list
        ink
        == farm/main.toy
        use paint
        == docs/conf.toy
        use ink
        ++ paint 1
        ++ ink 1
        ",
    );
    assert_eq!(seen.folders(), ["."]);
    assert_eq!(seen.verdicts(), "ink development, paint used");
    assert_eq!(seen.findings(), "");
}

#[test]
fn a_list_for_the_documentation_alone_is_a_project() {
    let seen = tell(
        "
        == docs/toy.list
        ink
        == docs/conf.toy
        use ink
        ",
    );
    assert_eq!(seen.folders(), ["docs"]);
}

#[test]
fn a_list_that_another_one_includes_belongs_to_it() {
    let seen = tell(
        "
        == toy.list
        @include lists/base.list
        @include shared/more.list
        @include lists/missing.list
        paint
        == lists/base.list
        ink
        == shared/more.list
        @include ../toy.list
        honey
        == farm/main.toy
        use paint
        ++ paint 1
        ++ ink 1
        ++ honey 1
        ",
    );
    assert_eq!(seen.project_in(".").findings(), "SLIM001 honey, SLIM001 ink");
}

#[test]
fn a_lock_above_is_a_members_when_it_names_it() {
    let text = "
        == toy.lock
        package barn 0
        own
        package paint 3
        needs oil
        package oil 1
        == barn/toy.list
        @project NAME
        paint
        oil
        == barn/main.toy
        use paint
        ";
    let member = tell(&text.replace("NAME", "barn"));
    assert_eq!(member.project_in("barn").verdicts(), "oil transitive, paint used");
    let stranger = tell(&text.replace("NAME", "mill"));
    assert_eq!(stranger.project_in("barn").verdicts(), "oil unused, paint used");
}

#[test]
fn a_members_name_is_compared_in_its_canonical_form() {
    let seen = tell(
        "
        == toy.lock
        package big-barn 0
        own
        package paint 3
        == barn/toy.list
        @project Big_Barn
        paint
        == barn/main.toy
        use paint
        ",
    );
    assert_eq!(seen.project_in("barn").0.report.lockfile.as_deref(), Some("toy.lock"));
}

#[test]
fn somebody_elses_environment_tells_nothing() {
    let seen = tell(
        "
        == barn/toy.list
        paint
        ink
        honey
        wax
        oil
        == barn/main.toy
        use paint
        ++ tar 1
        ++ chalk 1
        ",
    );
    assert_eq!(seen.project_in("barn").0.report.environment, None);
}

#[test]
fn an_environment_without_development_is_the_projects_all_the_same() {
    let seen = tell(
        "
        == toy.list
        paint
        dev:
        a
        b
        c
        d
        e
        == farm/main.toy
        use paint
        ++ paint 1
        ",
    );
    assert_eq!(seen.project().report.environment.as_deref(), Some("toybox"));
}

#[test]
fn container_files_above_concern_all_projects() {
    let seen = tell(
        "
        == barn/toy.list
        web-server
        == mill/toy.list
        web-server
        == Dockerfile
        FROM toy:2
        CMD serve farm.main
        ",
    );
    for folder in ["barn", "mill"] {
        assert_eq!(seen.project_in(folder).verdicts(), "web-server used", "{folder}");
    }
}

#[test]
fn container_files_of_another_project_concern_it_alone() {
    let seen = tell(
        "
        == barn/toy.list
        web-server
        == barn/main.toy
        == mill/toy.list
        web-server
        == mill/Dockerfile
        FROM toy:2
        CMD serve mill.main
        ",
    );
    assert_eq!(seen.project_in("barn").verdicts(), "web-server unused");
    assert_eq!(seen.project_in("mill").verdicts(), "web-server used");
}

#[test]
fn a_list_in_a_folder_without_code_speaks_of_the_code_around_it() {
    let seen = tell(
        "
        == deploy/lists/toy.list
        honey
        wax
        == farm/main.toy
        use honey
        ++ honey 1
        ++ wax 1
        ",
    );
    assert_eq!(seen.folders(), ["."]);
    assert_eq!(seen.findings(), "SLIM001 wax");
}

#[test]
fn a_list_without_any_code_is_doubtful() {
    let seen = tell(
        "
        == toy.list
        honey
        ++ honey 1
        ",
    );
    assert_eq!((seen.findings().as_str(), seen.doubts().as_str()), ("", "SLIM001 honey"));
    // What is doubtful stays.
    assert_eq!(seen.kept(), ["honey"]);
}

#[test]
fn a_list_for_development_that_adds_to_another_projects_own_is_that_ones() {
    let seen = tell(
        "
        == toy.list
        @include barn/toy.list
        dev:
        mirror
        == barn/toy.list
        honey
        == barn/main.toy
        use honey
        ++ barn/toybox/honey 1
        ++ barn/toybox/mirror 1
        ",
    );
    assert_eq!(seen.folders(), ["barn"]);
    assert_eq!(seen.project_in("barn").verdicts(), "honey used, mirror development");
    assert_eq!(seen.project_in("barn").findings(), "");
}

#[test]
fn projects_in_folders_of_test_data_are_left_out_and_said() {
    let seen = tell(
        "
        == toy.list
        paint
        == farm/main.toy
        use paint
        == tests/fixtures/barn/toy.list
        ink
        == tests/fixtures/barn/main.toy
        ++ paint 1
        ",
    );
    assert_eq!(seen.folders(), ["."]);
    assert_eq!(seen.findings(), "");
    let notes: Vec<&str> = seen.analysis.notes.iter().map(|n| n.message.as_str()).collect();
    assert_eq!(
        notes,
        ["1 project lies in a folder of test data (fixtures, testdata): left out; name the folder to analyse it"]
    );
}

#[test]
fn what_another_projects_code_imports_is_for_that_one_to_declare() {
    let seen = tell(
        "
        == barn/toy.list
        paint
        == barn/main.toy
        use paint
        use silo
        == mill/toy.list
        honey
        == mill/silo.toy
        use honey
        ++ barn/toybox/paint 1
        ++ barn/toybox/honey 1
        ++ mill/toybox/honey 1
        ",
    );
    assert_eq!(seen.project_in("barn").findings(), "");
    assert_eq!(seen.project_in("mill").findings(), "");
}
