//! Stories of images: small projects with container files, from a folder to findings.

#![expect(clippy::unwrap_used, reason = "a story that can't be set up fails")]

use depslim::model::{Code, Confidence, Finding, Report};
use depslim::policy::Date;
use depslim::{Options, analyze};
use std::path::Path;

fn tell(files: &[(&str, &str)]) -> (tempfile::TempDir, Report) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), files);
    let report = read(folder.path(), "2026-11-21");
    (folder, report)
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = folder.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
}

fn read(folder: &Path, today: &str) -> Report {
    let options = Options { today: Some(today.parse::<Date>().unwrap()), ..Options::default() };
    analyze(folder, &options).unwrap()
}

fn of(report: &Report, code: Code) -> Vec<&Finding> {
    report.findings.iter().filter(|f| f.code == code).collect()
}

fn place(finding: &Finding) -> (String, u32) {
    let at = finding.location.as_ref().unwrap();
    (at.file.clone(), at.line)
}

const LOCK: &str = r#"version = 1
requires-python = ">=3.12"
[[package]]
name = "orchard"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "psycopg2" }, { name = "lightgbm" }]
[[package]]
name = "psycopg2"
version = "2.9.10"
source = { registry = "https://r.example.invalid/simple" }
sdist = { url = "https://r.example.invalid/f/psycopg2-2.9.10.tar.gz", hash = "sha256:aa", size = 380000 }
[[package]]
name = "lightgbm"
version = "4.5.0"
source = { registry = "https://r.example.invalid/simple" }
wheels = [{ url = "https://r.example.invalid/f/lightgbm-4.5.0-py3-none-manylinux_2_28_x86_64.whl", hash = "sha256:bb", size = 3600000 }]
"#;

const PROJECT: &str = "[project]\nname = \"orchard\"\nversion = \"0.1.0\"\nrequires-python = \">=3.12\"\ndependencies = [\"psycopg2\", \"lightgbm\"]\n";

#[test]
fn a_full_image_becomes_a_slim_one_by_the_lock_alone() {
    let (_folder, report) = tell(&[
        ("pyproject.toml", PROJECT),
        ("uv.lock", LOCK),
        ("app.py", "import psycopg2\nimport lightgbm\n"),
        (
            "Dockerfile",
            "FROM python:3.12-bookworm\nRUN pip install --no-cache-dir .\nHEALTHCHECK CMD curl -f http://localhost\nCMD [\"python\", \"app.py\"]\n",
        ),
    ]);
    let image = report.projects[0].image.as_ref().unwrap();
    assert_eq!(image.current.as_deref(), Some("python:3.12-bookworm"));
    assert_eq!(image.recommended.as_deref(), Some("python:3.12-slim-bookworm"));
    assert_eq!(image.system_packages, ["curl", "libgomp1", "libpq5"]);
    assert_eq!(image.confidence, Confidence::Medium);
    assert_eq!(image.reasons[0], "not alpine: 1 wheel is glibc-only");
    for reason in [
        "keeps glibc: 1 package has no musllinux wheel: lightgbm",
        "curl: Dockerfile:3 runs curl",
        "libgomp1: lightgbm links libgomp.so.1",
        "libpq5: psycopg2 links libpq.so.5",
        "built from source, in a stage that has a compiler: psycopg2",
        "nothing is installed: what files link was not seen",
    ] {
        assert!(image.reasons.iter().any(|r| r.starts_with(reason)), "{reason}: {:?}", image.reasons);
    }
    let found = of(&report, Code::HeavierBase);
    assert_eq!(found.len(), 1);
    assert_eq!(place(found[0]), ("Dockerfile".to_owned(), 1));
    assert_eq!(found[0].message, "python:3.12-bookworm can be python:3.12-slim-bookworm with curl, libgomp1, libpq5");
    assert!(found[0].bytes > 900_000_000);
    assert!(of(&report, Code::EndOfLifeBase).is_empty());
}

#[test]
fn what_installed_files_link_decides() {
    let folder = tempfile::tempdir().unwrap();
    let site = ".venv/lib/python3.12/site-packages";
    let at = |file: &str| format!("{site}/{file}");
    let record = "plumjam/__init__.py,,\nplumjam/_cut.so,,\nplumjam/_core.so,,\nplumjam-1.0.dist-info/METADATA,,\nplumjam-1.0.dist-info/RECORD,,\n";
    write(
        folder.path(),
        &[
            ("requirements.txt", "plumjam==1.0\n"),
            ("app.py", "import plumjam\n"),
            ("Dockerfile", "FROM python:3.12\nCMD [\"python\", \"app.py\"]\n"),
            (".venv/pyvenv.cfg", "version = 3.12.1\n"),
            (".venv/bin/python", ""),
            (&at("plumjam/__init__.py"), ""),
            (&at("plumjam/_cut.so"), "\u{7f}ELF\u{2}\u{1}\u{1}"),
            (&at("plumjam-1.0.dist-info/METADATA"), "Metadata-Version: 2.1\nName: plumjam\nVersion: 1.0\n"),
            (&at("plumjam-1.0.dist-info/RECORD"), record),
        ],
    );
    // A compiled file that is sure to be there: this test itself.
    fs_err::copy(std::env::current_exe().unwrap(), folder.path().join(at("plumjam/_core.so"))).unwrap();
    let report = read(folder.path(), "2026-11-21");
    let image = report.projects[0].image.as_ref().unwrap();
    assert_eq!(image.recommended.as_deref(), Some("python:3.12-slim-trixie"));
    assert!(image.reasons[0].starts_with("not alpine: no lock says"), "{:?}", image.reasons);
    let glibc = |r: &String| r.starts_with("needs GLIBC_") && r.ends_with("plumjam/_core.so");
    assert!(image.reasons.iter().any(glibc), "{:?}", image.reasons);
    let damaged: Vec<_> = report.notes.iter().filter(|n| n.message.starts_with("damaged ELF file")).collect();
    assert_eq!(damaged.len(), 1);
    assert_eq!(damaged[0].file.as_deref(), Some(at("plumjam/_cut.so").as_str()));
}

#[test]
fn what_has_ended_depends_on_the_day_and_on_nothing_else() {
    let (folder, report) = tell(&[
        ("requirements.txt", "requests==2.32.0\n"),
        ("app.py", "import requests\n"),
        ("Dockerfile", "# the base\nFROM python:3.10-slim-bookworm\nCMD [\"python\", \"app.py\"]\n"),
    ]);
    let found = of(&report, Code::EndOfLifeBase);
    assert_eq!(found.len(), 1);
    assert_eq!(place(found[0]), ("Dockerfile".to_owned(), 2));
    assert_eq!(found[0].message, "python:3.10-slim-bookworm gets no security fixes");
    assert!(found[0].evidence.iter().any(|e| e.text.starts_with("Python 3.10 ended on 2026-10-31")));
    assert_eq!(found[0].help, ["nearest that is maintained: python:3.11-slim-bookworm"]);
    assert!(of(&read(folder.path(), "2026-10-31"), Code::EndOfLifeBase).is_empty());
    assert_eq!(read(folder.path(), "2026-11-21"), report);
}

#[test]
fn what_the_build_leaves_behind_is_named_with_its_lines() {
    let (_folder, report) = tell(&[
        ("requirements.txt", "requests==2.32.0\n"),
        ("app.py", "import requests\n"),
        (
            "Dockerfile",
            "FROM python:3.12-slim AS build\nRUN apt-get update && apt-get install -y gcc\nRUN pip install requests\nFROM python:3.12-slim\nRUN apt-get update \\\n && apt-get install -y libpq-dev\nRUN pip install -r requirements.txt\nCOPY app.py .\nCMD [\"python\", \"app.py\"]\n",
        ),
    ]);
    let found: Vec<_> = of(&report, Code::DevInImage).into_iter().map(|f| (place(f).1, f.message.as_str())).collect();
    assert_eq!(
        found,
        [
            (6, "the image keeps what only its build needs: libpq-dev"),
            (6, "the image keeps the package lists of apt"),
            (7, "the image keeps the cache of pip"),
        ]
    );
    assert!(of(&report, Code::HeavierBase).is_empty() && of(&report, Code::BuildContext).is_empty());
}

#[test]
fn what_copy_sends_is_weighed() {
    let junk = "x".repeat(3_000_000);
    let (folder, report) = tell(&[
        ("requirements.txt", "requests==2.32.0\n"),
        ("app.py", "import requests\n"),
        (".git/objects/pack/p", junk.as_str()),
        (
            "Dockerfile",
            "FROM python:3.12-slim\nRUN pip install --no-cache-dir -r requirements.txt\nCOPY . .\nCMD [\"python\", \"app.py\"]\n",
        ),
    ]);
    let found = of(&report, Code::BuildContext);
    assert_eq!(found.len(), 1);
    assert_eq!(place(found[0]), ("Dockerfile".to_owned(), 3));
    assert_eq!((found[0].bytes, found[0].confidence), (3_000_000, Confidence::High));
    assert_eq!(found[0].help, [".git 3.0 MB", "no .dockerignore in the project's folder"]);
    write(folder.path(), &[(".dockerignore", ".git\n")]);
    assert!(of(&read(folder.path(), "2026-11-21"), Code::BuildContext).is_empty());
}

#[test]
fn a_project_without_container_files_hears_nothing_of_images() {
    let (_folder, report) = tell(&[("requirements.txt", "requests==2.32.0\n"), ("app.py", "import requests\n")]);
    assert_eq!(report.projects[0].image, None);
}

#[test]
fn what_is_started_and_who_by() {
    let (_folder, report) = tell(&[
        ("requirements.txt", "flask==3.0.0\n"),
        ("app.py", "import flask\n"),
        (
            "Dockerfile",
            "FROM python:3.12-slim\nWORKDIR /srv\nCOPY . .\nRUN pip install --no-cache-dir -r requirements.txt\nRUN chown -R 1000 /srv\nCMD flask run --host 0.0.0.0\n",
        ),
    ]);
    let found: Vec<_> =
        of(&report, Code::DevInImage).into_iter().map(|f| (place(f).1, f.message.as_str(), f.bytes > 100)).collect();
    assert_eq!(
        found,
        [
            (5, "the image holds /srv twice: a step changes the owner or mode of files of an earlier layer", true),
            (6, "the image starts a server for development: `flask run --host 0.0.0.0`", false),
        ]
    );
    let reasons = &report.projects[0].image.as_ref().unwrap().reasons;
    assert!(reasons.iter().any(|r| r == "runs as root: Dockerfile names no user"), "{reasons:?}");
}

#[test]
fn a_runtime_that_only_sends_files() {
    let (_folder, report) = tell(&[
        ("requirements.txt", "mkdocs==1.6.0\n"),
        ("hook.py", "import mkdocs\n"),
        (
            "Dockerfile",
            "FROM python:3.12-slim\nRUN pip install --no-cache-dir mkdocs && mkdocs build\nCMD [\"python\", \"-m\", \"http.server\", \"80\"]\n",
        ),
    ]);
    let found = of(&report, Code::RuntimeNotNeeded);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (place(found[0]).1, found[0].message.as_str()),
        (3, "the image serves files with `python -m http.server 80`")
    );
    assert!(found[0].bytes > 90_000_000, "{}", found[0].bytes);
}
