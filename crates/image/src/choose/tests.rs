//! Situations and what is chosen for them.

use super::*;
use crate::scan::Place;
use depslim_model::Confidence;
use proptest::prelude::*;

const TODAY: &str = "2026-11-21";

fn package(name: &str, glibc: Fit, musl: Fit) -> Package {
    Package { name: name.to_owned(), installed: true, bytes: 10_000_000, glibc, musl }
}

fn needs(libraries: &[(&str, &str)], glibc: &str) -> Needs {
    let place =
        |file: &str| Place { package: file.split('/').next().unwrap_or_default().to_owned(), file: file.to_owned() };
    let mut needs = Needs { read: 3, ..Needs::default() };
    for (soname, file) in libraries {
        needs.libraries.insert((*soname).to_owned(), place(file));
        needs.glibc.insert(place(file).package, place(file));
    }
    needs.versions[0] = Some((Version::parse(glibc).unwrap(), place("quince/_core.so")));
    needs
}

fn situation<'a>(current: &'a str, needs: Option<&'a Needs>, packages: &'a [Package]) -> Situation<'a> {
    Situation {
        language: "python",
        current,
        version: Some("3.12"),
        today: TODAY,
        flavors: &[],
        registry: None,
        needs,
        packages,
        programs: &[],
    }
}

fn shown(choice: &Choice) -> String {
    let image = &choice.image;
    let to = image.recommended.as_deref().unwrap_or("-");
    let mut text = format!(
        "{} -> {to} + [{}] {} saves {}\n",
        image.current.as_deref().unwrap_or("-"),
        image.system_packages.join(" "),
        image.confidence,
        choice.saves
    );
    for line in image.reasons.iter().chain(&choice.ended) {
        text.push_str(line);
        text.push('\n');
    }
    text
}

#[test]
fn a_full_image_becomes_a_slim_one_with_what_the_files_link() {
    let needs = needs(
        &[("libpq.so.5", "quince/_core.so"), ("libc.so.6", "quince/_core.so"), ("libz.so.1", "plum/_speed.so")],
        "2.28",
    );
    let packages = [
        package("quince", Fit::Built(Some(4)), Fit::Source),
        package("plum", Fit::Built(Some(4)), Fit::Built(Some(2))),
        package("pear", Fit::Portable, Fit::Portable),
    ];
    insta::assert_snapshot!(shown(&choose(&situation("python:3.12", Some(&needs), &packages))), @"
    python:3.12 -> python:3.12-slim-trixie + [libpq5] medium saves 980580000
    not alpine: 1 wheel is glibc-only
    keeps glibc: 1 package has no musllinux wheel: quince
    needs GLIBC_2.28: quince/_core.so
    libpq5: quince/_core.so links libpq.so.5
    not full: about 1.1 GB with the packages instead of 149.4 MB
    not distroless: it has version 3.13 only
    base 119.4 MB instead of ~1.1 GB, catalogue of 2026-11-21
    ");
}

#[test]
fn the_release_that_the_tag_names_stays_while_it_is_maintained() {
    let packages = [package("pear", Fit::Portable, Fit::Portable)];
    let needs = Needs::default();
    let of = |current: &str, today: &str| {
        let choice = choose(&Situation { today, ..situation(current, Some(&needs), &packages) });
        (choice.image.recommended.unwrap_or_default(), choice.ended)
    };
    assert_eq!(of("python:3.12-bookworm", TODAY), ("python:3.12-slim-bookworm".to_owned(), vec![]));
    assert_eq!(
        of("r.example.invalid/library/python:3.12.4-slim-bookworm", TODAY),
        ("r.example.invalid/library/python:3.12.4-slim-bookworm".to_owned(), vec![])
    );
    let (recommended, ended) = of("python:3.12-bookworm", "2028-08-01");
    assert_eq!(recommended, "python:3.12-slim-trixie");
    assert_eq!(ended, ["Debian 12 (bookworm) ended on 2028-06-30"]);
}

#[test]
fn what_has_ended_is_never_recommended() {
    insta::assert_snapshot!(shown(&choose(&situation("python:3.9-slim-buster", None, &[]))), @"
    python:3.9-slim-buster -> python:3.11-slim-trixie + [] low saves 0
    version 3.9 gets no fixes any more; lock the dependencies for 3.11 and test
    not alpine: another C library, on which nothing was tried; it would fit by what is known, about 60.8 MB with the packages instead of 124.5 MB
    not full: about 1.1 GB with the packages instead of 124.5 MB
    not distroless: it has version 3.13 only
    nothing is installed: what files link was not seen
    Python 3.9 ended on 2025-10-31
    Debian 10 (buster) ended on 2024-06-30
    ");
    for today in ["2026-11-21", "2027-12-01", "2029-01-01", "2030-07-01"] {
        for base in bases("python") {
            let choice = choose(&Situation { today, ..situation(base.image, None, &[]) });
            let Some(recommended) = choice.image.recommended else { continue };
            let tag = Tag::parse(&recommended, "python");
            let Some(tag) = tag else { continue };
            let version = tag.version.clone().unwrap();
            for release in [Release::find("python", &version), tag.stands_on("python", &version)].into_iter().flatten()
            {
                assert!(!release.has_ended(today), "{today}: {} -> {recommended}", base.image);
            }
        }
    }
}

#[test]
fn libraries_that_one_release_lacks_decide_between_releases() {
    let needs = needs(&[("libldap-2.5.so.0", "ldap/_ldap.so")], "2.17");
    let packages = [package("ldap", Fit::Source, Fit::Source)];
    let choice = choose(&situation("python:3.12", Some(&needs), &packages));
    assert_eq!(choice.image.recommended.as_deref(), Some("python:3.12-slim-bookworm"));
    assert_eq!(choice.image.system_packages, ["libldap-2.5-0"]);
    assert!(
        choice.image.reasons.iter().any(|r| r.starts_with("not slim on trixie: ldap/_ldap.so links libldap-2.5.so.0")),
        "{:?}",
        choice.image.reasons
    );
    assert_eq!(choice.from_source, ["ldap"]);
}

#[test]
fn a_base_that_is_too_old_is_refused_with_file_and_version() {
    let needs = needs(&[], "2.38");
    let choice = choose(&situation("python:3.12-slim-bookworm", Some(&needs), &[]));
    assert!(
        choice.image.reasons.iter().any(|r| r == "not slim on bookworm: quince/_core.so needs GLIBC_2.38, it has 2.36"),
        "{:?}",
        choice.image.reasons
    );
}

#[test]
fn what_no_header_shows_comes_from_the_table() {
    let packages =
        [package("python-magic", Fit::Portable, Fit::Portable), package("psycopg", Fit::Portable, Fit::Portable)];
    let none = Needs::default();
    let of =
        |current: &str, packages: &[Package]| choose(&situation(current, Some(&none), packages)).image.system_packages;
    assert_eq!(of("python:3.12", &packages), ["libmagic-mgc", "libmagic1t64", "libpq5"]);
    assert_eq!(of("python:3.12-bookworm", &packages[1..]), ["libpq5"]);
    let mut bundled = packages.to_vec();
    bundled.push(package("psycopg-binary", Fit::Built(None), Fit::Built(None)));
    assert_eq!(of("python:3.12", &bundled[1..]), Vec::<String>::new());
}

#[test]
fn without_an_environment_the_lock_and_the_table_tell() {
    let mut packages =
        vec![package("psycopg2", Fit::Source, Fit::Source), package("lightgbm", Fit::Built(Some(3)), Fit::Source)];
    for package in &mut packages {
        package.installed = false;
    }
    let choice = choose(&situation("python:3.12", None, &packages));
    assert_eq!(choice.image.system_packages, ["libgomp1", "libpq5"]);
    assert_eq!(
        (choice.image.confidence, choice.from_source.as_slice()),
        (Confidence::Medium, ["psycopg2".to_owned()].as_slice())
    );
    assert_eq!(choice.image.reasons[0], "not alpine: 1 wheel is glibc-only");
}

#[test]
fn programs_that_the_image_starts_come_along() {
    let programs =
        [("curl".to_owned(), "Dockerfile:9".to_owned()), ("gunicorn".to_owned(), "Dockerfile:10".to_owned())];
    let none = Needs::default();
    let choice = choose(&Situation { programs: &programs, ..situation("python:3.12", Some(&none), &[]) });
    assert_eq!(choice.image.system_packages, ["curl"]);
    assert!(choice.image.reasons.contains(&"curl: Dockerfile:9 runs curl".to_owned()));
}

#[test]
fn another_c_library_is_chosen_only_when_asked_for() {
    let none = Needs::default();
    let packages = [package("pear", Fit::Portable, Fit::Portable)];
    let base = situation("python:3.12", Some(&none), &packages);
    assert_eq!(choose(&base).image.recommended.as_deref(), Some("python:3.12-slim-trixie"));
    let flavors = ["alpine".to_owned(), "slim".to_owned()];
    assert_eq!(
        choose(&Situation { flavors: &flavors, ..base }).image.recommended.as_deref(),
        Some("python:3.12-alpine3.24")
    );
    let only = [package("quince", Fit::Built(None), Fit::Source)];
    assert_eq!(
        choose(&Situation { flavors: &flavors, packages: &only, ..base }).image.recommended.as_deref(),
        Some("python:3.12-slim-trixie")
    );
}

#[test]
fn images_that_are_not_known_are_left_alone() {
    for current in ["somebody/python:3.12", "ubuntu:24.04", "scratch", "python:3.99"] {
        let choice = choose(&situation(current, None, &[]));
        assert_eq!((choice.image.recommended, choice.saves), (None, 0), "{current}");
        assert_eq!(choice.image.reasons.len(), 1, "{current}");
    }
    assert_eq!(choose(&situation("debian:buster-slim", None, &[])).ended, ["Debian 10 (buster) ended on 2024-06-30"]);
}

#[test]
fn a_base_that_is_right_is_kept() {
    let none = Needs::default();
    for current in ["python:3.12-slim", "python:3.12-slim-trixie", "python:3.12-slim-bookworm", "python:3.12-alpine"] {
        let choice = choose(&situation(current, Some(&none), &[]));
        assert_eq!((choice.image.recommended.as_deref(), choice.saves), (Some(current), 0));
        assert_eq!(choice.image.confidence, Confidence::High);
    }
}

#[test]
fn a_files_name_says_where_it_fits() {
    for (file, expect) in [
        ("plum-1.0-py3-none-any.whl", Fit::Portable),
        ("plum-1.0-cp312-cp312-musllinux_1_2_x86_64.whl", Fit::Built(Some(7))),
        ("plum-1.0.tar.gz", Fit::Source),
        ("", Fit::Unknown),
    ] {
        assert_eq!(Fit::of(file, Some(7)), expect, "{file}");
    }
}

proptest! {
    #[test]
    fn no_reference_panics(current in ".{0,40}", today in ".{0,12}") {
        let _ = choose(&Situation { today: &today, ..situation(&current, None, &[]) });
    }
}
