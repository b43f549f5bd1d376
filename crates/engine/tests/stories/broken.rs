//! Broken files: one project fails, the others are reported; nothing that can't be read makes a package look unused.

use crate::teller::{story, tell};
use depslim_model::Confidence;

#[test]
fn a_broken_manifest_fails_its_project_alone() {
    let story = story(
        "
        == barn/main.toy
        use paint
        == mill/toy.list
        paint
        == mill/main.toy
        use paint
        ",
    );
    story.write("barn/toy.list", b"paint\n\xff\xfe\n");
    let seen = story.run();
    assert_eq!(seen.folders(), ["barn", "mill"]);
    let barn = seen.project_in("barn");
    let why = "not UTF-8: save the file in that encoding";
    assert_eq!(barn.0.report.failed, Some(format!("barn/toy.list:2: {why}")));
    assert_eq!(barn.notes(), [format!("barn/toy.list:2 {why} (fatal)")]);
    assert_eq!(barn.0.findings, []);
    assert_eq!(seen.project_in("mill").0.report.failed, None);
    assert_eq!(seen.project_in("mill").verdicts(), "paint used");
}

#[test]
fn a_strange_line_is_a_note_and_the_rest_counts() {
    let seen = tell(
        "
        == toy.list
        paint
        ???
        ink
        == farm/main.toy
        use paint
        ++ paint 1
        ++ ink 1
        ",
    );
    assert_eq!(seen.findings(), "SLIM001 ink");
    assert_eq!(seen.seat().notes(), ["toy.list:2 `???` is no requirement: write `name >=1 [extra] if condition`"]);
}

#[test]
fn a_broken_lock_is_said_and_the_manifest_counts() {
    let seen = tell(
        "
        == toy.list
        paint
        == toy.lock
        <<<<<<< ours
        package paint 2
        == farm/main.toy
        use paint
        ",
    );
    assert_eq!(seen.verdicts(), "paint used");
    assert_eq!(seen.project().report.failed, None);
    assert_eq!(seen.seat().notes(), ["toy.lock:1 `<<<<<<< ours` says nothing about a package (fatal)"]);
}

#[test]
fn a_source_file_that_is_no_text_lowers_the_confidence() {
    let story = story(
        "
        == toy.list
        paint
        ink
        == farm/main.toy
        use paint
        ++ paint 1
        ++ ink 1
        ",
    );
    assert_eq!(story.run().seat().package("ink").usage.confidence, Confidence::High);
    story.write("farm/odd.toy", b"use in\xffk\n");
    let seen = story.run();
    assert_eq!(seen.seat().package("ink").usage.confidence, Confidence::Medium);
    assert_eq!(seen.seat().notes(), ["farm/odd.toy:1 not UTF-8: save the file in that encoding"]);
    assert_eq!((seen.project().report.files_read, seen.project().report.files_unread), (2, 1));
}

#[test]
fn broken_metadata_is_said() {
    let story = story(
        "
        == toy.list
        paint
        == farm/main.toy
        use paint
        ++ paint 1
        ",
    );
    story.write("toybox/meta/ink.meta", b"package\n");
    let seen = story.run();
    assert_eq!(seen.verdicts(), "paint used");
    assert_eq!(seen.seat().notes(), ["toybox/meta/ink.meta:1 `package` says nothing about a package"]);
}

#[test]
fn what_is_left_of_a_package_without_files_is_no_module() {
    // Its metadata is there, its source is not: it still counts as supplying the module.
    let seen = tell(
        "
        == toy.list
        paint
        == farm/main.toy
        use paint.oil
        == toybox/meta/paint.meta
        package paint 1
        module paint
        ",
    );
    assert_eq!(seen.verdicts(), "paint used");
}

#[test]
fn files_of_no_use_are_left_alone() {
    let story = story(
        "
        == toy.list
        paint
        == farm/main.toy
        use paint
        ++ paint 1
        ",
    );
    story.write("farm/picture.png", b"\x89PNG\r\n\x1a\n\0\0\0");
    story.write("farm/deep.toy", "use ".repeat(10_000).as_bytes());
    story.write("farm/empty.toy", b"");
    assert_eq!(story.run().verdicts(), "paint used");
}

#[test]
fn a_folder_without_manifests_has_no_project() {
    let seen = tell("== farm/main.toy\nuse paint\n");
    assert_eq!(seen.folders(), Vec::<&str>::new());
    assert_eq!(seen.analysis.tree.files.len(), 1);
}
