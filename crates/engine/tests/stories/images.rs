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
