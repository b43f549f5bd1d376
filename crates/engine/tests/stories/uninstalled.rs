//! Packages that are not installed: what they supply is a guess, what they require is told by tables or by nobody.

use crate::teller::tell;
use depslim_model::report::Status;

#[test]
fn a_module_is_found_by_a_name_that_differs_in_case_and_separators() {
    for module in ["pebblepath", "PebblePath", "pebble_path", "Pebble_Path.stones"] {
        let seen = tell(&format!(
            "
            == toy.list
            pebble-path
            == toy.lock
            package pebble-path 2
            == farm/main.toy
            use {module}
            "
        ));
        assert_eq!((seen.findings(), seen.doubts()), (String::new(), String::new()), "{module}");
    }
}

#[test]
fn a_lock_does_not_say_what_a_package_supplies() {
    let text = "
        == toy.list
        pebble
        ink
        == toy.lock
        package pebble 2
        package ink 2
        == farm/main.toy
        LINE
        ";
    // What a table tells of is surely not what is imported; the other may be it, or may be loaded by something out of sight.
    for line in ["use gravel", "use paint", ""] {
        let seen = tell(&text.replace("LINE", line));
        assert_eq!((seen.findings().as_str(), seen.doubts().as_str()), ("SLIM001 ink", "SLIM001 pebble"), "{line}");
    }
}

#[test]
fn a_part_that_comes_with_a_package_is_named_after_it() {
    let seen = tell(
        "
        == toy.list
        checker
        == farm/main.toy
        use checker_parts
        ",
    );
    assert_eq!((seen.findings().as_str(), seen.doubts().as_str()), ("", "SLIM002 checker"));
}

#[test]
fn what_nobody_tells_the_requirements_of_may_require_its_family() {
    let seen = tell(
        "
        == toy.list
        granite-client
        granite-core
        ink
        == farm/main.toy
        use granite_client
        ",
    );
    assert_eq!((seen.findings().as_str(), seen.doubts().as_str()), ("SLIM001 ink", "SLIM001 granite-core"));
}

#[test]
fn modules_of_the_runtime_come_before_packages_that_only_development_declares() {
    let seen = tell(
        "
        == toy.list
        dev:
        std
        == farm/main.toy
        use std.text
        ",
    );
    assert_eq!(seen.findings(), "");
    assert_ne!(seen.seat().status("std"), Status::Used);
}

#[test]
fn a_fork_is_named_after_what_it_stands_in_for() {
    let seen = tell(
        "
        == toy.list
        paint-ng
        ink
        == farm/main.toy
        use paint
        ",
    );
    assert_eq!((seen.findings().as_str(), seen.doubts().as_str()), ("SLIM001 ink", "SLIM001 paint-ng"));
}

#[test]
fn a_version_of_a_module_is_of_the_package_that_supplies_the_module() {
    let seen = tell(
        "
        == toy.list
        gravel-pit
        == farm/main.toy
        use gravel_pit_v2.stones
        ",
    );
    assert_eq!(seen.verdicts(), "gravel-pit used");
}
