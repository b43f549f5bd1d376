//! Bytes: whose they are, what goes with whom, and that the parts are the whole.

use crate::teller::{story, tell};

const FARM: &str = "
    == toy.list
    paint [gold]
    ink
    checker
    == farm/main.toy
    use paint
    ++ paint 1
    needs oil
    needs shared
    extra gold
    needs leaf if extra gold
    bytes 100
    ++ oil 1
    bytes 20
    ++ leaf 1
    bytes 3000
    ++ shared 1
    bytes 7
    ++ ink 1
    needs shared
    needs water
    bytes 50000
    ++ water 1
    bytes 600000
    ++ checker 1
    bytes 8000000
    == toybox/stray
    abc
    ";

#[test]
fn the_parts_are_the_whole() {
    let seen = tell(FARM);
    let tree = seen.project().report.tree.clone().unwrap();
    assert_eq!(tree.total_bytes, tree.packages_bytes + tree.unowned_bytes + tree.folders_bytes);
    assert_eq!(tree.unowned.iter().map(|p| (p.path.as_str(), p.bytes)).collect::<Vec<_>>(), [("stray", 4)]);
    let packages: u64 = seen.project().report.packages.iter().filter_map(|p| p.installed_bytes).sum();
    assert_eq!(packages, tree.packages_bytes);
}

#[test]
fn what_goes_with_a_package_is_what_nobody_else_needs() {
    let seen = tell(FARM);
    let own = |name: &str| seen.seat().package(name).installed_bytes.unwrap();
    let gone = |name: &str| (seen.seat().package(name).exclusive_bytes, seen.seat().package(name).exclusive_packages);
    assert_eq!(gone("ink"), (own("ink") + own("water"), 2));
    assert_eq!(gone("paint"), (own("paint") + own("oil") + own("leaf"), 3));
    assert_eq!(gone("shared"), (own("shared"), 1));
    let extra = &seen.seat().package("paint").extras[0];
    assert_eq!((extra.name.as_str(), extra.exclusive_bytes), ("gold", own("leaf")));
}

#[test]
fn totals_tell_production_from_development() {
    let seen = tell(FARM);
    let own = |names: &[&str]| names.iter().map(|n| seen.seat().package(n).installed_bytes.unwrap()).sum::<u64>();
    let report = &seen.project().report;
    // The checker is declared for production, so it ships today.
    assert_eq!(report.prod_bytes, own(&["paint", "oil", "leaf", "shared", "ink", "water", "checker"]));
    assert_eq!(report.removable_bytes, own(&["ink", "water", "checker"]));
    assert_eq!(report.dev_bytes, 0);
    let moved = tell(&FARM.replacen("    checker\n", "    dev:\n    checker\n", 1));
    assert_eq!(moved.project().report.dev_bytes, own(&["checker"]));
}

#[test]
fn removable_bytes_are_what_following_all_findings_frees() {
    let seen = tell(FARM);
    let freed: u64 = seen
        .project()
        .findings
        .iter()
        .filter(|f| ["SLIM001", "SLIM002"].contains(&f.code.code()))
        .map(|f| f.bytes)
        .sum();
    assert_eq!(freed, seen.project().report.removable_bytes);
}

#[test]
fn compiled_files_belong_to_their_source() {
    let story = story(
        "
        == toy.list
        paint
        == farm/main.toy
        use paint
        ++ paint 1
        ",
    );
    story.write("toybox/meta/paint.meta", b"package paint 1\nmodule paint\nfile ../paint/start.toy\n");
    let before = story.run().seat().package("paint").installed_bytes.unwrap();
    story.write("toybox/paint/start.toyc", &[b'x'; 500]);
    let after = story.run();
    assert_eq!(after.seat().package("paint").installed_bytes.unwrap(), before + 500);
    assert_eq!(after.project().report.tree.as_ref().unwrap().unowned_bytes, 0);
}
