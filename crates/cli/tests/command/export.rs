//! `depslim export`.

use crate::bench::{clean, shop};

#[test]
fn what_production_needs_is_written_into_a_folder_of_its_own() {
    let bench = shop();
    let before = bench.files();
    let run = bench.run(&["export"]);
    assert_eq!(run.code, 0, "{}", run.all());
    assert!(run.out.contains("wrote slim/requirements.prod.txt"), "{}", run.out);
    let list = bench.read("slim/requirements.prod.txt");
    let packages: Vec<_> =
        list.lines().filter(|line| line.contains("==")).map(|line| line.split(['=', ' ']).next().unwrap()).collect();
    assert_eq!(packages, ["plum"], "{list}");
    assert!(list.contains("shop/till.py:1"), "{list}");
    let written = bench.files();
    assert!(before.iter().all(|file| written.contains(file)));
    assert!(written.iter().all(|file| before.contains(file) || file.starts_with("slim/")), "{written:?}");
}

#[test]
fn check_says_whether_the_files_are_current() {
    let bench = shop();
    let run = bench.run(&["export", "--check"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.contains("slim/requirements.prod.txt is missing; run depslim export"), "{}", run.err);
    assert_eq!(bench.run(&["export"]).code, 0);
    let run = bench.run(&["export", "--check"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    bench.write("shop/till.py", "import plum\nimport quince\n");
    let run = bench.run(&["export", "--check"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("slim/requirements.prod.txt is not what export would write"), "{}", run.err);
    assert_eq!(bench.run(&["export"]).code, 0);
    assert_eq!(bench.run(&["export", "--check"]).code, 0);
}

#[test]
fn the_folder_can_be_chosen() {
    let bench = clean();
    assert_eq!(bench.run(&["export", "--out-dir", "deploy/prod"]).code, 0);
    assert!(bench.file("deploy/prod/requirements.prod.txt").is_file());
    bench.write("depslim.toml", "export.out-dir = 'made'\n");
    assert_eq!(bench.run(&["export"]).code, 0);
    assert!(bench.file("made/requirements.prod.txt").is_file());
}

#[test]
fn nothing_that_people_wrote_is_written_over() {
    let bench = clean();
    let run = bench.run(&["export", "--out-dir", "."]);
    assert_eq!(run.code, 2, "{}", run.all());
    assert!(run.err.contains("holds the project itself"), "{}", run.err);
    bench.write("slim/requirements.prod.txt", "plum\n");
    let run = bench.run(&["export"]);
    assert_eq!(run.code, 2, "{}", run.all());
    assert!(run.err.contains("slim/requirements.prod.txt was not written by depslim"), "{}", run.err);
    assert_eq!(bench.read("slim/requirements.prod.txt"), "plum\n");
    assert_eq!(bench.files().iter().filter(|file| file.starts_with("slim/")).count(), 1);
}

#[test]
fn what_was_exported_is_no_project() {
    let bench = shop();
    let before = bench.findings(&[]);
    for out in ["slim", "deploy"] {
        assert_eq!(bench.run(&["export", "--out-dir", out]).code, 0);
    }
    assert_eq!(bench.findings(&[]), before);
    assert_eq!(bench.run(&["export", "--check", "--out-dir", "deploy"]).code, 0);
}

#[test]
fn what_an_ignore_keeps_is_exported() {
    let bench = shop();
    bench
        .write("depslim.toml", "[[ignore]]\npackage = 'quince'\nrules = ['SLIM001']\nreason = 'loaded by the kiosk'\n");
    assert_eq!(bench.run(&["export"]).code, 0);
    let list = bench.read("slim/requirements.prod.txt");
    assert!(list.contains("quince==0.9") && list.contains("loaded by the kiosk"), "{list}");
}
