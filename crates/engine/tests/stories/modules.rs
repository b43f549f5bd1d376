//! Names of modules: the project's own, a package's, several packages', the runtime's.

use crate::teller::{story, tell};

#[test]
fn a_modules_name_need_not_be_its_packages() {
    let seen = tell(
        "
        == toy.list
        big-paint
        == farm/main.toy
        use colours.oil
        ++ big-paint 1
        module colours
        ",
    );
    assert_eq!(seen.verdicts(), "big-paint used");
}

#[test]
fn modules_of_what_is_not_installed_are_told_by_the_table_or_by_the_name() {
    let seen = tell(
        "
        == toy.list
        big-paint
        kite-toy
        hay_stack
        herd-cow
        == farm/main.toy
        use paint
        use kite
        use hay_stack
        use herd.cow
        ",
    );
    assert_eq!(seen.verdicts(), "big-paint used, hay_stack used, herd-cow used, kite-toy used");
}

#[test]
fn the_configuration_can_say_which_modules_a_package_has() {
    let text = "
        == toy.list
        paint-two
        == farm/main.toy
        use brush
        ";
    assert_eq!(tell(text).doubts(), "SLIM001 paint-two");
    assert_eq!(story(text).setting("module-map.paint-two", "brush").run().findings(), "");
}

#[test]
fn own_code_that_is_called_like_a_package_does_not_hide_a_declared_one() {
    // `use paint.oil` finds the project's own folder, which has no `oil`: the package answers.
    let seen = tell(
        "
        == toy.list
        paint
        == paint/start.toy
        == farm/main.toy
        use paint.oil
        ++ paint 1
        == toybox/paint/oil.toy
        ",
    );
    assert_eq!(seen.findings(), "");
}

#[test]
fn a_file_beside_its_importer_does_not_hide_a_declared_package() {
    let seen = tell(
        "
        == toy.list
        paint
        == farm/paint.toy
        use paint
        == farm/main.toy
        use farm.paint
        ++ paint 1
        ",
    );
    assert_eq!(seen.verdicts(), "paint used");
}

#[test]
fn own_code_called_like_a_package_that_nobody_declares_is_no_use_of_it() {
    let seen = tell(
        "
        == toy.list
        ink
        == tools.toy
        use ink
        == farm/main.toy
        use tools
        ++ ink 1
        ++ tools 1
        ",
    );
    assert_eq!(seen.verdicts(), "ink used, tools unused");
    assert_eq!(seen.findings(), "");
}

#[test]
fn a_shared_namespace_belongs_to_whoever_has_the_file() {
    let seen = tell(
        "
        == toy.list
        herd-cow
        herd-sheep
        == farm/main.toy
        use herd.cow
        ++ herd-cow 1
        module herd.cow
        ++ herd-sheep 1
        module herd.sheep
        ",
    );
    assert_eq!(seen.verdicts(), "herd-cow used, herd-sheep unused");
}

#[test]
fn packages_of_one_module_are_told_apart_by_their_files() {
    let seen = tell(
        "
        == toy.list
        herd-cow
        herd-sheep
        == farm/main.toy
        use herd cow
        ++ herd-cow 1
        module -
        == toybox/meta/herd-cow.meta
        package herd-cow 1
        module herd
        file ../herd/cow.toy
        == toybox/meta/herd-sheep.meta
        package herd-sheep 1
        module herd
        file ../herd/sheep.toy
        == toybox/herd/cow.toy
        == toybox/herd/sheep.toy
        ",
    );
    assert_eq!(seen.verdicts(), "herd-cow used, herd-sheep unused");
}

#[test]
fn packages_of_one_module_that_can_not_be_told_apart_are_all_used() {
    let seen = tell(
        "
        == toy.list
        herd-cow
        herd-sheep
        == farm/main.toy
        use herd
        ++ herd-cow 1
        module herd
        ++ herd-sheep 1
        module herd
        ",
    );
    assert_eq!(seen.verdicts(), "herd-cow used, herd-sheep used");
}

#[test]
fn the_file_of_a_shared_beginning_is_followed_for_its_owner() {
    // `herd/start.toy` is the cow's; it loads the bell also for somebody who asks for the sheep.
    let seen = tell(
        "
        == toy.list
        herd-cow
        herd-sheep
        bell
        == farm/main.toy
        use herd.sheep
        ++ herd-cow 1
        module herd.cow
        file herd/start.toy
        == toybox/herd/start.toy
        use bell
        ++ herd-sheep 1
        module herd.sheep
        ++ bell 1
        ",
    );
    assert_eq!(seen.why("bell"), ["import toybox/herd/start.toy:1 import bell"]);
}

#[test]
fn the_owner_of_a_file_that_everybody_executes_is_needed() {
    // Without the cow's `herd/start.toy`, `herd.sheep` would still be found, as a namespace: but it is the cow's code that runs.
    let seen = tell(
        "
        == toy.list
        herd-cow
        herd-sheep
        == farm/main.toy
        use herd.sheep
        ++ herd-cow 1
        module herd
        ++ herd-sheep 1
        module herd.sheep
        ",
    );
    assert_eq!(seen.findings(), "");
}

#[test]
fn a_module_of_the_projects_own_namespace_folder_is_its_own() {
    let seen = tell(
        "
        == toy.list
        barn
        == farm/main.toy
        use barn.hay
        == barn/hay.toy
        ",
    );
    assert_eq!(seen.folders(), ["."]);
    assert_eq!(seen.project().observed.unresolved, []);
}

#[test]
fn a_namespace_that_the_project_shares_with_a_package_uses_the_package() {
    let seen = tell(
        "
        == toy.list
        herd-cow
        == farm/main.toy
        use herd.cow
        use herd.goat
        == herd/goat.toy
        ++ herd-cow 1
        module herd.cow
        ",
    );
    assert_eq!(seen.verdicts(), "herd-cow used");
}

#[test]
fn relative_names_are_the_projects_own() {
    let seen = tell(
        "
        == toy.list
        paint
        ink
        == farm/main.toy
        use .paint
        use . ink
        use ..paint
        == farm/paint.toy
        == farm/ink.toy
        ++ paint 1
        ++ ink 1
        ",
    );
    assert_eq!(seen.findings(), "SLIM001 ink, SLIM001 paint");
}

#[test]
fn the_runtimes_modules_are_nobodys() {
    let seen = tell(
        "
        == toy.list
        paint
        == farm/main.toy
        use std.text
        use paint
        ++ paint 1
        ",
    );
    assert_eq!(seen.project().observed.unresolved, []);
}

#[test]
fn a_module_that_the_targets_runtime_lacks_is_missed() {
    let text = "
        == toy.list
        @runtime >=RUNTIME
        paint
        == farm/main.toy
        use std.mail
        ";
    assert_eq!(tell(&text.replace("RUNTIME", "2.1")).project().observed.unresolved, []);
    let missed = tell(&text.replace("RUNTIME", "3.0")).project().observed.unresolved.clone();
    assert_eq!(missed, [("std.mail".to_owned(), "farm/main.toy".to_owned(), 1)]);
}

#[test]
fn folders_that_the_program_adds_are_looked_in() {
    let seen = tell(
        "
        == toy.list
        paint
        == farm/main.toy
        root lib
        use brush
        == lib/brush.toy
        use paint
        == elsewhere/brush.toy
        ++ paint 1
        ",
    );
    assert_eq!(seen.project().observed.unresolved, []);
    assert_eq!(seen.findings(), "");
}

#[test]
fn what_nothing_supplies_is_remembered() {
    let seen = tell(
        "
        == toy.list
        paint
        == farm/main.toy
        use paint
        use moonlight.silver
        try use starlight
        ++ paint 1
        ",
    );
    assert_eq!(seen.project().observed.unresolved, [("moonlight.silver".to_owned(), "farm/main.toy".to_owned(), 2)]);
}
