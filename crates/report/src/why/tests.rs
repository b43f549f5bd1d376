//! What `depslim why` says about packages of the made-up reports.

use super::*;
use crate::fixtures;

fn ask(report: &Report, query: &str) -> String {
    why(report, query, &View::default()).unwrap()
}

#[test]
fn a_heavy_package() {
    insta::assert_snapshot!(ask(&fixtures::django(), "pandas"), @r"
    pandas 2.2.3   pkg:pypi/pandas@2.2.3

      Size      72.3 MB installed, 1 538 files
      Removal   frees 118.6 MB from production: itself and 4 packages that only it needs: numpy 44.1 MB,
                python-dateutil 900.0 kB, pytz 700.0 kB, tzdata 600.0 kB
      Verdict   used (high confidence)
      Declared  pyproject.toml:21 (prod)

    Used at   3 places in 1 file of the project
      reports/export.py:7   import pandas as pd

    Names used  DataFrame.groupby, DataFrame.to_csv

    warning[SLIM003] heavy-dependency: pandas is used in 1 file   frees 118.6 MB
      --> reports/export.py:7
       = pandas 72.3 MB + numpy 44.1 MB + 3 others 2.2 MB that nothing else needs
       = import pandas as pd
       = used: groupby, to_csv. The standard library has csv and itertools.groupby
       = explained by depslim why SLIM003
    ");
}

#[test]
fn a_package_that_others_bring() {
    insta::assert_snapshot!(ask(&fixtures::django(), "vine"), @r"
    vine 5.1.0   pkg:pypi/vine@5.1.0

      Size      200.0 kB installed, 4 files
      Removal   frees 200.0 kB once nothing needs it
      Verdict   needed by something that is used (high confidence)
      Declared  nowhere; other packages bring it

    Brought in by
      celery -> vine
      kombu -> vine
    ");
}

#[test]
fn a_package_that_looks_unused() {
    insta::assert_snapshot!(ask(&fixtures::django(), "uvicorn"), @r"
    uvicorn 0.32.0   pkg:pypi/uvicorn@0.32.0

      Size      700.0 kB installed, 14 files
      Removal   frees 14.8 MB from production: itself and 1 package that only it needs: uvloop 14.1 MB
      Verdict   used (high confidence)
      Declared  pyproject.toml:26 (prod)

    Used at
      Dockerfile:31   gunicorn -k uvicorn.workers.UvicornWorker shop.asgi

    Extras
      standard      14.1 MB   used
      docs         300.0 kB   not used
    ");
}

#[test]
fn a_package_that_only_an_installed_one_imports() {
    insta::assert_snapshot!(ask(&fixtures::django(), "httpx"), @r"
    httpx 0.27.2   pkg:pypi/httpx@0.27.2

      Size      1.1 MB installed, 23 files
      Removal   frees 1.1 MB from production
      Verdict   used (high confidence)
      Declared  pyproject.toml:29 (prod)

    Used at
      installed lib/python3.12/site-packages/authlib/oauth2/client.py:12
          import httpx
    ");
}

#[test]
fn a_pin() {
    insta::assert_snapshot!(ask(&fixtures::django(), "kombu"), @r"
    kombu 5.4.2   pkg:pypi/kombu@5.4.2

      Size      3.1 MB installed, 65 files
      Removal   frees nothing from production: others need it too
      Verdict   not used itself, but something used needs it: the declaration only pins it (high
                confidence)
      Declared  pyproject.toml:23 (prod)

    Brought in by
      celery -> kombu
    ");
}

#[test]
fn an_unused_package() {
    insta::assert_snapshot!(ask(&fixtures::django(), "twilio"), @r"
    twilio 9.3.0   pkg:pypi/twilio@9.3.0

      Size      9.8 MB installed, 208 files
      Removal   frees 9.8 MB from production
      Verdict   no use was found (high confidence)
      Declared  pyproject.toml:18 (prod)

    error[SLIM001] unused-dependency: twilio is never used   frees 9.8 MB
      --> pyproject.toml:18
       = searched 212 files (python source, settings, templates, Dockerfile, Procfile, CI): no use
       = explained by depslim why SLIM001
    ");
}

#[test]
fn an_estimated_one() {
    insta::assert_snapshot!(ask(&fixtures::estimated(), "pandas"), @r"
    pandas 2.2.3   pkg:pypi/pandas@2.2.3

      Size      ~18.1 MB, estimated from the download size of uv.lock
      Removal   frees ~29.6 MB from production: itself and 4 packages that only it needs: numpy ~11.0
                MB, python-dateutil ~225.0 kB, pytz ~175.0 kB, tzdata ~150.0 kB
      Verdict   used (high confidence)
      Declared  pyproject.toml:21 (prod)

    Used at   3 places in 1 file of the project
      reports/export.py:7   import pandas as pd

    Names used  DataFrame.groupby, DataFrame.to_csv
    ");
}

#[test]
fn packages_are_found_in_many_ways() {
    let report = fixtures::django();
    for query in [
        "psycopg-pool",
        "Psycopg_Pool",
        "psycopg.pool",
        "pypi:psycopg_pool",
        "python:psycopg-pool",
        "pkg:pypi/psycopg-pool",
        "pkg:pypi/psycopg-pool@3.2.4",
    ] {
        assert!(ask(&report, query).starts_with("psycopg-pool 3.2.4 "), "{query}");
    }
    // Another package whose name begins the same is not meant.
    assert!(ask(&report, "psycopg").starts_with("psycopg 3.2.3 "));
}

#[test]
fn a_package_of_several_projects_is_explained_for_each() {
    let mut report = fixtures::monorepo();
    let pandas = report.projects[1].packages.iter().find(|p| p.name == "pandas").unwrap().clone();
    report.projects[4].packages.push(pandas);
    let text = ask(&report, "pandas");
    assert!(text.contains("   services/api\n") && text.contains("   web\n"), "{text}");
}

#[test]
fn a_name_that_is_not_there_is_answered_with_its_neighbours() {
    let error = |query| why(&fixtures::django(), query, &View::default()).unwrap_err().to_string();
    assert_eq!(error("pandsa"), "no package `pandsa` in this project; did you mean `pandas`?");
    assert_eq!(
        error("leftpad"),
        "no package `leftpad` in this project; `depslim -v --scope all` lists the largest ones"
    );
    assert!(!error("\x1b[2J").contains('\x1b'));
}

#[test]
fn what_goes_is_named_only_when_it_adds_up() {
    let mut report = fixtures::django();
    let pandas = report.projects[0].packages.iter_mut().find(|p| p.name == "pandas").unwrap();
    pandas.exclusive_bytes -= 1;
    let text = ask(&report, "pandas");
    assert!(text.contains("itself and 4 packages that only it needs\n"), "{text}");
}

#[test]
fn circles_end() {
    let mut report = fixtures::django();
    for package in &mut report.projects[0].packages {
        if package.name == "celery" {
            package.required_by = vec!["pkg:pypi/vine@5.1.0".into(), "pkg:pypi/gone@1".into()];
        }
    }
    assert!(ask(&report, "vine").contains("celery -> vine"));
    assert!(ask(&report, "celery").contains("kombu"));
}

#[test]
fn foreign_text_is_harmless() {
    let report = fixtures::hostile();
    for package in &report.projects[0].packages {
        let text = ask(&report, &package.id);
        assert!(!text.replace('\n', "").chars().any(char::is_control), "{text}");
        assert!(text.lines().all(|line| !line.trim_start().starts_with("::")), "{text}");
        assert!(!text.contains("##["));
    }
}
