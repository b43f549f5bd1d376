//! The container files that depslim writes, really built.

use depslim_tests::images::{build, layers, mounted, start};
use depslim_tests::python::slim_base;
use depslim_tests::system::inside;
use depslim_tests::{run, stderr, storefront, with_clients};
use std::path::Path;

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn the_written_container_file_builds_and_what_it_starts_is_there() {
    slim_base();
    // The storefront on the release whose Python the bases have.
    let place = tempfile::tempdir_in(storefront().parent().unwrap()).unwrap();
    let project = place.path().join("storefront");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    depslim_tests::copy(&root.join("fixtures/apps/storefront"), &project);
    fs_err::copy(storefront().join("uv.lock"), project.join("uv.lock")).unwrap();
    let file = fs_err::read_to_string(project.join("Dockerfile")).unwrap().replace("python:3.11", "python:3.13");
    fs_err::write(project.join("Dockerfile"), file).unwrap();
    let output = with_clients(&project, &["export"]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let written = project.join("slim/Dockerfile");
    let text = fs_err::read_to_string(&written).unwrap();
    assert!(text.contains("FROM python:3.13-slim-trixie"), "{text}");

    build("story/storefront", &written, &project, Some(&project.join("slim/Dockerfile.dockerignore")));
    let (words, folder) = start("story/storefront");
    assert_eq!(words, ["gunicorn", "storefront.wsgi:application", "--bind", "0.0.0.0:8000"]);
    mounted("story/storefront", |system| {
        let python = "/opt/venv/bin/python";
        let at = |words: &[&str]| {
            inside(system, Path::new(&folder), &[("PATH", "/opt/venv/bin:/usr/local/bin:/usr/bin:/bin")], words)
        };
        run(&mut at(&[python, "-B", "manage.py", "check"]));
        run(&mut at(&["/opt/venv/bin/gunicorn", "--check-config", "storefront.wsgi:application"]));
        assert!(!system.join("srv/.venv").exists());
        let output = at(&[python, "-c", "import twilio"]).output().unwrap();
        assert!(stderr(&output).contains("ModuleNotFoundError"), "{}", stderr(&output));
    });
    // The base, and what is put on it.
    assert!(layers("story/storefront").len() > 2);
}
