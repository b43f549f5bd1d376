//! What is used without an import: settings, strings, URLs, and plug-ins of what is used.

use crate::teller::tell;
use depslim_model::Confidence;

#[test]
fn a_setting_that_names_a_module_uses_it() {
    let seen = tell(
        "
        == toy.list
        paint
        == farm/settings.toy
        set ENGINE = paint.oil
        ++ paint 1
        == toybox/paint/oil.toy
        ",
    );
    assert_eq!(seen.verdicts(), "paint used");
    assert_eq!(seen.why("paint"), ["setting farm/settings.toy:1 ENGINE = paint.oil"]);
}

#[test]
fn a_setting_in_a_file_of_settings_counts_too() {
    let seen = tell(
        "
        == toy.list
        paint
        == farm.toyrc
        set ENGINE = paint
        ++ paint 1
        ",
    );
    assert_eq!(seen.why("paint"), ["setting farm.toyrc:1 ENGINE = paint"]);
}

#[test]
fn a_setting_may_name_something_in_a_module() {
    let seen = tell(
        "
        == toy.list
        paint
        == farm/settings.toy
        set ENGINE = paint.oil.Oil
        ++ paint 1
        == toybox/paint/oil.toy
        ",
    );
    assert_eq!(seen.verdicts(), "paint used");
}

#[test]
fn a_text_may_name_something_behind_a_colon() {
    let text = "
        == toy.list
        paint
        == farm/main.toy
        LINE
        ++ paint 1
        == toybox/paint/oil.toy
        ";
    for line in ["text \"paint.oil:Oil\"", "set HANDLER = paint.oil:Oil"] {
        assert_eq!(tell(&text.replace("LINE", line)).verdicts(), "paint used", "{line}");
    }
    for line in ["text \"paint.water:Water\"", "text \"paint.oil:\"", "text \":paint.oil\"", "text \"12:30\""] {
        assert_eq!(tell(&text.replace("LINE", line)).verdicts(), "paint unused", "{line}");
    }
}

#[test]
fn a_text_that_looks_like_a_module_is_none_unless_it_is_there() {
    let text = "
        == toy.list
        paint
        == farm/main.toy
        text \"TEXT\"
        ++ paint 1
        == toybox/paint/oil.toy
        ";
    assert_eq!(tell(&text.replace("TEXT", "paint.oil")).findings(), "");
    for missing in ["paint.water", "paint", "paint.", "paint oil", "paint/oil"] {
        assert_eq!(tell(&text.replace("TEXT", missing)).findings(), "SLIM001 paint", "{missing}");
    }
}

#[test]
fn a_text_that_begins_like_own_code_may_still_be_the_packages() {
    let seen = tell(
        "
        == toy.list
        paint
        == paint/start.toy
        == farm/settings.toy
        set ENGINE = paint.oil
        ++ paint 1
        == toybox/paint/oil.toy
        ",
    );
    assert_eq!(seen.findings(), "");
}

#[test]
fn a_computed_name_may_begin_with_a_module() {
    let text = "
        == toy.list
        paint
        == farm/main.toy
        computed load BEGINNING
        ++ paint 1
        == toybox/paint/oil/start.toy
        ";
    for beginning in ["paint.", "paint.oil.", "paint.oil.sun"] {
        let seen = tell(&text.replace("BEGINNING", beginning));
        assert_eq!(seen.verdicts(), "paint used", "{beginning}");
        assert_eq!(seen.project().observed.blind, [("farm/main.toy".to_owned(), 1, "load".to_owned())]);
    }
    for beginning in ["", "pa", "other.", "."] {
        assert_eq!(tell(&text.replace("BEGINNING", beginning)).verdicts(), "paint unused", "{beginning}");
    }
}

#[test]
fn own_code_below_a_computed_name_is_production_wherever_it_lies() {
    for beginning in ["tools.tasks.", "..tools.tasks."] {
        let seen = tell(&format!(
            "
            == toy.list
            honey
            wax
            == farm/main.toy
            computed load {beginning}
            == tools/tasks/a.toy
            use honey
            == tools/other.toy
            use wax
            ++ honey 1
            ++ wax 1
            "
        ));
        assert_eq!(seen.findings(), "SLIM002 wax", "{beginning}");
    }
}

#[test]
fn own_code_that_a_setting_names_is_production_wherever_it_lies() {
    let seen = tell(
        "
        == toy.list
        honey
        == farm/settings.toy
        set PARTS = tools.a
        == tools/start.toy
        == tools/a.toy
        use honey
        ++ honey 1
        ",
    );
    assert_eq!(seen.findings(), "");
}

#[test]
fn a_text_that_names_own_code_uses_no_package_of_that_name() {
    let seen = tell(
        "
        == toy.list
        paint
        == paint/start.toy
        == paint/oil.toy
        == farm/settings.toy
        set ENGINE = paint.oil
        ++ paint 1
        ",
    );
    assert_eq!(seen.findings(), "SLIM001 paint");
}

#[test]
fn settings_of_tests_are_for_development() {
    let seen = tell(
        "
        == toy.list
        paint
        == tests/settings.toyrc
        set ENGINE = paint
        == tests/conf.toy
        set ENGINE = paint
        ++ paint 1
        ",
    );
    assert_eq!(seen.findings(), "SLIM002 paint");
}

#[test]
fn what_only_settings_of_some_installation_name_is_doubtful() {
    let seen = tell(
        "
        == toy.list
        paint
        ink
        == farm/main.toy
        use ink
        == tools/place.toyrc
        set ENGINE = paint
        ++ paint 1
        ++ ink 1
        ",
    );
    assert_eq!(seen.verdicts(), "ink used, paint development");
    assert_eq!(seen.findings(), "");
    assert_eq!(seen.seat().package("paint").usage.confidence, Confidence::Low);
}

#[test]
fn a_driver_is_named_by_the_scheme_of_a_url() {
    let seen = tell(
        "
        == toy.list
        pigeon-mail
        == farm/settings.toy
        set QUEUE = pigeon+fast://loft
        ++ pigeon-mail 1
        ++ pigeon-post 1
        ",
    );
    assert_eq!(seen.verdicts(), "pigeon-mail used, pigeon-post unused");
    assert_eq!(seen.why("pigeon-mail"), ["url farm/settings.toy:1 the driver is chosen by the scheme (pigeon-driver)"]);
}

#[test]
fn a_driver_that_a_variable_of_the_container_names_is_used() {
    let seen = tell(
        "
        == toy.list
        pigeon-mail
        == Dockerfile
        FROM toy:2
        ENV QUEUE_URL=pigeon://loft
        ++ pigeon-mail 1
        ",
    );
    assert_eq!(seen.findings(), "");
}

/// `kite` loads every mailer that is installed, and an engine when something names it.
const KITE: &str = "
    == toy.list
    kite
    kite-extra
    == farm/main.toy
    HOST
    LINE
    ++ kite 1
    ++ kite-extra 1
    plugin kite.GROUP swallow kite_extra.main
    == toybox/kite_extra/main.toy
    use honey
    ++ honey 1
    ";

fn kite(host: &str, group: &str, line: &str) -> crate::teller::Seen {
    tell(&KITE.replace("HOST", host).replace("GROUP", group).replace("LINE", line))
}

#[test]
fn a_host_that_loads_all_plug_ins_uses_them() {
    let seen = kite("use kite", "mailers", "");
    assert_eq!(seen.verdicts(), "honey used, kite used, kite-extra used");
    assert_eq!(seen.why("kite-extra"), ["plugin plug-in \"swallow\" (kite.mailers) of kite"]);
    assert_eq!(seen.why("honey"), ["import toybox/kite_extra/main.toy:1 import honey"]);
}

#[test]
fn a_plug_in_of_nobody_is_unused() {
    assert_eq!(kite("", "mailers", "").findings(), "SLIM001 kite, SLIM001 kite-extra");
}

#[test]
fn a_plug_in_that_has_to_be_named_is_used_when_it_is() {
    assert_eq!(kite("use kite", "engines", "").findings(), "SLIM001 kite-extra");
    for line in [
        "set ENGINE = swallow",
        "call kite.open swallow",
        "call kite.open kind=swallow",
        "text \"swallow\"",
        "text \"swallow://x\"",
    ] {
        assert_eq!(kite("use kite", "engines", line).verdicts(), "honey used, kite used, kite-extra used", "{line}");
    }
}

#[test]
fn a_plug_in_may_be_named_on_a_command_line() {
    for line in ["serve -k swallow farm.main", "serve --kind=swallow farm.main"] {
        let seen = tell(&format!(
            "
            == toy.list
            web-server
            swallow-workers
            == Procfile
            web: {line}
            ++ web-server 1
            program serve
            ++ swallow-workers 1
            plugin serve.workers swallow swallow_workers
            "
        ));
        assert_eq!(seen.verdicts(), "swallow-workers used, web-server used", "{line}");
    }
}

#[test]
fn a_plug_in_of_a_development_tool_is_for_development() {
    let seen = tell(
        "
        == toy.list
        spelling
        dev:
        checker
        == farm/main.toy
        ++ checker 1
        ++ spelling 1
        plugin checker.rules spelling spelling
        ",
    );
    assert_eq!(seen.verdicts(), "checker development, spelling development");
    assert_eq!(seen.findings(), "SLIM002 spelling");
}

#[test]
fn a_host_that_only_comes_along_loads_its_plug_ins_too() {
    let seen = tell(
        "
        == toy.list
        kite-kit
        swallow
        == farm/main.toy
        use kite_kit
        ++ kite-kit 1
        needs kite
        ++ kite 1
        ++ swallow 1
        plugin kite.mailers swallow swallow
        ",
    );
    assert_eq!(seen.verdicts(), "kite transitive, kite-kit used, swallow used");
}

#[test]
fn plug_ins_are_known_by_name_when_nothing_is_installed() {
    let seen = tell(
        "
        == toy.list
        kite
        kite-mail-owl
        == farm/main.toy
        use kite
        ",
    );
    assert_eq!(seen.verdicts(), "kite used, kite-mail-owl used");
}

#[test]
fn plug_ins_of_plug_ins_are_found() {
    let seen = tell(
        "
        == toy.list
        kite
        herd
        lamb
        == farm/main.toy
        use kite
        set WOOL = lamb
        ++ kite 1
        ++ herd 1
        plugin kite.mailers herd herd
        ++ lamb 1
        plugin herd.members lamb lamb.main
        ",
    );
    assert_eq!(seen.verdicts(), "herd used, kite used, lamb used");
}
