//! What tracebacks say, and what modules are called.

use super::*;
use proptest::prelude::*;

fn said(line: &str) -> Vec<String> {
    missing(line).into_iter().map(|missing| format!("{:?} {}", missing.what, missing.name)).collect()
}

#[test]
fn lines_name_what_is_missing() {
    for (line, expect) in [
        ("ModuleNotFoundError: No module named 'httpx'", vec!["Module httpx"]),
        ("ModuleNotFoundError: No module named 'google.cloud'; 'google' is not a package", vec!["Module google.cloud"]),
        ("/app/.venv/bin/python: No module named uvicorn", vec!["Module uvicorn"]),
        ("/app/.venv/bin/python: No module named flower.__main__; 'flower' is a package", vec!["Module flower"]),
        ("ImportError: cannot import name 'aio' from 'redis' (/app/redis/__init__.py)", vec!["Module redis.aio"]),
        (
            "importlib.metadata.PackageNotFoundError: No package metadata was found for email-validator",
            vec!["Package email-validator"],
        ),
        ("importlib_metadata.PackageNotFoundError: opentelemetry-api", vec!["Package opentelemetry-api"]),
        (
            "pkg_resources.DistributionNotFound: The 'zope.interface>=5' distribution was not found and is required by pyramid",
            vec!["Package zope.interface"],
        ),
        (
            "ImportError: email-validator is not installed, run `pip install 'pydantic[email]'`",
            vec!["Package pydantic"],
        ),
        ("RuntimeError: pip install python-multipart", vec!["Package python-multipart"]),
        ("all is well", vec![]),
        ("No module named ", vec!["Module "]),
        ("pip install ", vec![]),
    ] {
        assert_eq!(said(line), expect, "{line}");
    }
}

#[test]
fn frames_are_places() {
    for (line, expect) in [
        ("  File \"/app/main.py\", line 3, in <module>", Some(("/app/main.py", 3))),
        ("  File \"<frozen importlib._bootstrap>\", line 1204, in _gcd_import", None),
        ("  File \"/app/main.py\", line 99999999999, in x", None),
        ("File \"", None),
    ] {
        assert_eq!(place(line), expect.map(|(file, line)| (file.to_owned(), line)), "{line}");
    }
}

#[test]
fn modules_are_named_from_their_outermost_package() {
    let all: BTreeSet<&str> = ["app/__init__.py", "app/api/__init__.py", "api/app/__init__.py"].into();
    for (file, expect) in [
        ("main.py", Some(("", "main"))),
        ("app/main.py", Some(("", "app.main"))),
        ("app/api/__init__.py", Some(("", "app.api"))),
        ("api/app/x.py", Some(("api", "app.x"))),
        ("scripts/seed.py", Some(("", "scripts.seed"))),
        ("src/core/x.py", Some(("src", "core.x"))),
        ("src/main.py", Some(("src", "main"))),
        ("srcs/main.py", Some(("", "srcs.main"))),
        ("app/a.b.py", None),
        ("app/data.json", None),
    ] {
        assert_eq!(module_of(file, &all), expect.map(|(root, name)| (root.to_owned(), name.to_owned())), "{file}");
    }
}

#[test]
fn the_settings_of_a_program_are_found() {
    let text = "os.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", 'shop.settings')";
    assert_eq!(settings(text), Some("shop.settings"));
    assert_eq!(settings("DJANGO_SETTINGS_MODULE"), None);
    assert_eq!(settings("x = 'DJANGO_SETTINGS_MODULE', f'{x}'"), None);
}

proptest! {
    #[test]
    fn any_line_is_read(line in "\\PC*", name in "[a-zA-Z0-9._'\"` -]{0,20}") {
        for line in [line.clone(), format!("No module named {name}"), format!("pip install {name}"), format!("File \"{line}\", line {name}")] {
            let _ = (missing(&line), place(&line), settings(&line));
        }
    }
}
