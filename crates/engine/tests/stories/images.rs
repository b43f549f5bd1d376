//! SLIM051: what an image installs, development along with it or not.

use crate::teller::tell;
use depslim_model::Code;

fn image(install: &str) -> crate::teller::Seen {
    tell(&format!(
        "
        == toy.list
        paint
        dev:
        checker
        optional docs:
        ink
        == lists/dev.list
        mirror
        == farm/main.toy
        use paint
        == Dockerfile
        FROM toy:2
        {install}
        CMD toyrun farm.main
        ++ paint 1
        ++ checker 1
        needs brush
        bytes 5000
        ++ brush 1
        ++ mirror 1
        ++ ink 1
        "
    ))
}

#[test]
fn an_image_that_installs_for_production_only_is_fine() {
    for install in [
        "RUN toyget install --no-dev",
        "RUN toyget install",
        "RUN toyget install -r toy.list",
        "RUN toyget install --dev --without dev --without docs",
        "RUN toyget install paint",
    ] {
        assert_eq!(image(install).findings(), "", "{install}");
    }
}

#[test]
fn an_image_that_takes_development_along_is_told_so() {
    for (install, count) in [
        ("RUN toyget install --dev", 4),
        ("RUN toyget install --with dev", 3),
        ("RUN toyget install -r toy.list -r lists/dev.list", 1),
        ("RUN toyget install -r toy.list --dev", 3),
    ] {
        let seen = image(install);
        assert_eq!(seen.findings(), "SLIM051", "{install}");
        let finding = seen.seat().finding(Code::DevInImage);
        let things = if count == 1 { "package" } else { "packages" };
        assert_eq!(
            finding.message,
            format!("the image installs {count} {things} that only development needs"),
            "{install}"
        );
        assert_eq!(finding.location.as_ref().map(|l| (l.file.as_str(), l.line)), Some(("Dockerfile", 2)));
        assert_eq!(finding.evidence[0].text, install.trim_start_matches("RUN "));
    }
}

#[test]
fn the_bytes_of_development_in_the_image_are_counted() {
    let seen = image("RUN toyget install --with dev");
    let bytes = |name| seen.seat().package(name).installed_bytes.unwrap();
    assert_eq!(seen.seat().finding(Code::DevInImage).bytes, bytes("checker") + bytes("brush") + bytes("mirror"));
    assert_eq!(seen.seat().finding(Code::DevInImage).help[0], "among them checker, mirror, brush");
}

#[test]
fn what_development_shares_with_production_is_not_counted() {
    let seen = tell(
        "
        == toy.list
        paint
        dev:
        paint-tools
        == farm/main.toy
        use paint
        == Dockerfile
        FROM toy:2
        RUN toyget install --dev
        ++ paint 1
        needs oil
        ++ oil 1
        ++ paint-tools 1
        needs oil
        ",
    );
    assert_eq!(
        seen.seat().finding(Code::DevInImage).message,
        "the image installs 1 package that only development needs"
    );
}

#[test]
fn an_image_for_development_may_install_all() {
    let seen = tell(
        "
        == toy.list
        paint
        dev:
        mirror
        == farm/main.toy
        use paint
        == Dockerfile
        FROM toy:2
        RUN toyget install
        == Dockerfile.dev
        FROM toy:2
        RUN toyget install --dev
        ++ paint 1
        ++ mirror 1
        ",
    );
    assert_eq!(seen.findings(), "");
}

/// What is said of an image whose container file begins with a stage that installs for development.
fn staged(rest: &str) -> String {
    let seen = tell(&format!(
        "
        == toy.list
        paint
        dev:
        mirror
        == farm/main.toy
        use paint
        == Dockerfile
        FROM toy:2 AS pages
        RUN toyget install --dev
        {rest}
        ++ paint 1
        ++ mirror 1
        "
    ));
    seen.findings()
}

#[test]
fn a_stage_whose_packages_stay_behind_may_install_all() {
    for rest in [
        "FROM toy:2\nRUN toyget install\nCOPY --from=pages /farm/static /www",
        "FROM toy:2\nRUN toyget install",
        "FROM toy:2 AS release\nRUN toyget install\nFROM release AS farm-unittests\nRUN toyget install --dev",
    ] {
        assert_eq!(staged(&rest.replace('\n', "\n        ")), "", "{rest}");
    }
    for rest in [
        "FROM toy:2\nCOPY --from=pages /farm /farm",
        "FROM pages AS more\nFROM toy:2\nCOPY --from=more /box /box",
        "FROM pages\nCMD toyrun farm.main",
        "FROM toy:2\nRUN --mount=type=bind,from=pages,source=/wheels,target=/wheels toyget install",
    ] {
        assert_eq!(staged(&rest.replace('\n', "\n        ")), "SLIM051", "{rest}");
    }
}

#[test]
fn what_production_uses_is_not_what_only_development_needs() {
    let seen = tell(
        "
        == toy.list
        dev:
        paint
        == farm/main.toy
        use paint
        == Dockerfile
        FROM toy:2
        RUN toyget install --dev
        ++ paint 1
        ",
    );
    assert_eq!(seen.findings(), "SLIM004 paint");
}
