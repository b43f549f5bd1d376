//! The bundled application, really installed: what depslim says of it, and that what it writes down runs.

#![expect(clippy::unwrap_used, reason = "what a story needs and does not get fails it")]

use depslim_model::report::{Outcome, Proved};
use depslim_model::{Code, Report, Scope};
use depslim_tests::{depslim, run, stderr, stdout, storefront, tools, uv, with_clients};
use std::collections::BTreeSet;
use std::process::Command;

fn report(arguments: &[&str]) -> Report {
    let mut all = vec!["check", "--output-format", "json"];
    all.extend(arguments);
    let output = depslim(storefront(), &all);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn names(report: &Report, code: Code) -> BTreeSet<String> {
    let bare = |id: &str| id.trim_start_matches("pkg:pypi/").split('@').next().unwrap_or_default().to_owned();
    report.findings.iter().filter(|f| f.code == code).map(|f| bare(&f.package)).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn verdicts_are_the_ones_its_readme_states() {
    let report = report(&[]);
    assert_eq!(names(&report, Code::Unused), set(&["twilio"]));
    assert_eq!(names(&report, Code::DevInProd), set(&["pytest", "ipython"]));
    assert_eq!(names(&report, Code::Heavy), set(&["pandas"]));
    let heavy = report.findings.iter().find(|f| f.code == Code::Heavy).unwrap();
    let place = heavy.location.as_ref().unwrap();
    assert_eq!((place.file.as_str(), place.line), ("reports/export.py", 1));
    assert!(
        report
            .findings
            .iter()
            .any(|f| f.code == Code::DevInImage && f.location.as_ref().is_some_and(|l| l.file == "Dockerfile"))
    );
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn uses_that_no_import_shows_carry_their_place() {
    let report = report(&[]);
    let package = |name: &str| report.projects[0].packages.iter().find(|p| p.name.eq_ignore_ascii_case(name)).unwrap();
    for (name, file) in [
        ("gunicorn", "Dockerfile"),
        ("whitenoise", "storefront/settings.py"),
        ("psycopg", "storefront/settings.py"),
        ("pillow", "catalog/models.py"),
    ] {
        let found = package(name);
        assert_eq!(found.scope, Scope::Prod, "{name}");
        assert!(
            found.usage.evidence.iter().any(|e| e.file.as_deref() == Some(file)),
            "{name}: {:?}",
            found.usage.evidence
        );
    }
    assert_eq!(package("redis").scope, Scope::Prod);
    assert_eq!(package("ruff").scope, Scope::Dev);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn the_parts_sum_to_what_du_says() {
    let report = report(&[]);
    let project = &report.projects[0];
    let tree = project.tree.as_ref().unwrap();
    let parts: u64 = project.packages.iter().filter_map(|p| p.installed_bytes).sum();
    assert_eq!(parts, tree.packages_bytes);
    assert_eq!(tree.packages_bytes + tree.unowned_bytes + tree.folders_bytes, tree.total_bytes);
    let du = run(Command::new("du").args(["-s", "--apparent-size", "--block-size=1"]).arg(storefront().join(".venv")));
    assert_eq!(du.split_whitespace().next().unwrap().parse::<u64>().unwrap(), tree.total_bytes);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn what_ships_today_is_what_the_client_would_install() {
    let report = report(&[]);
    let export = run(uv().current_dir(storefront()).args([
        "export",
        "--frozen",
        "--no-dev",
        "--no-hashes",
        "--no-annotate",
        "--no-header",
    ]));
    let theirs: BTreeSet<String> = export
        .lines()
        .filter(|l| !l.contains("sys_platform == 'win32'") && !l.contains("platform_system == 'Windows'"))
        .filter_map(|l| l.split("==").next().map(|n| n.trim().to_lowercase().replace('_', "-")))
        .filter(|n| !n.is_empty())
        .collect();
    let ours: BTreeSet<String> = report.projects[0]
        .packages
        .iter()
        .filter(|p| p.ships)
        .map(|p| p.name.to_lowercase().replace(['_', '.'], "-"))
        .collect();
    assert_eq!(ours, theirs);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn the_exported_list_installs_and_the_application_starts_on_it() {
    let out = tempfile::tempdir().unwrap();
    let output = with_clients(storefront(), &["export", "--out-dir", out.path().to_str().unwrap()]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let list = out.path().join("requirements.prod.txt");
    let text = fs_err::read_to_string(&list).unwrap();
    let lower = text.to_lowercase();
    assert!(lower.contains("django==") && lower.contains("--hash=sha256:") && !lower.contains("twilio"), "{text}");

    let fresh = out.path().join("fresh");
    run(uv().args(["venv", "--quiet", "--python"]).arg(tools().join("python")).arg(&fresh));
    let python = fresh.join("bin/python");
    run(uv()
        .args(["pip", "install", "--quiet", "--no-deps", "--require-hashes", "--python"])
        .arg(&python)
        .arg("-r")
        .arg(&list));
    let start = "import django; django.setup()\nimport storefront.wsgi, storefront.urls, storefront.celery, catalog.tasks, reports.views, gunicorn.app.wsgiapp, psycopg, redis, PIL.Image";
    run(Command::new(&python)
        .current_dir(storefront())
        .env("DJANGO_SETTINGS_MODULE", "storefront.settings")
        .args(["-B", "-c", start]));
    run(Command::new(&python).current_dir(storefront()).args(["-B", "manage.py", "check"]));
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn the_trimmed_manifest_is_accepted_by_the_client() {
    let out = tempfile::tempdir().unwrap();
    let output = with_clients(storefront(), &["export", "--out-dir", out.path().to_str().unwrap()]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let manifest = fs_err::read_to_string(out.path().join("pyproject.toml")).unwrap();
    assert!(!manifest.contains("twilio") && manifest.contains("# catalog.models.Product.picture"), "{manifest}");
    run(uv().current_dir(out.path()).args(["lock", "--check", "--quiet"]));
    let lock = fs_err::read_to_string(out.path().join("uv.lock")).unwrap();
    assert!(!lock.contains("name = \"twilio\"") && lock.contains("name = \"django\""));
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn fixing_leaves_a_manifest_that_the_client_locks_and_nothing_to_fix() {
    let copy = tempfile::tempdir().unwrap();
    for file in ["pyproject.toml", "uv.lock", "manage.py", "Dockerfile", "compose.yaml"] {
        fs_err::copy(storefront().join(file), copy.path().join(file)).unwrap();
    }
    for folder in ["storefront", "catalog", "reports", "tests"] {
        depslim_tests::copy(&storefront().join(folder), &copy.path().join(folder));
    }
    run(uv().current_dir(copy.path()).args(["sync", "--frozen", "--quiet"]));
    let first = depslim(copy.path(), &["--fix", "--unsafe-fixes"]);
    assert!(matches!(first.status.code(), Some(0 | 1)), "{}", stderr(&first));
    let manifest = fs_err::read_to_string(copy.path().join("pyproject.toml")).unwrap();
    assert!(!manifest.contains("twilio") && manifest.contains("# catalog.models.Product.picture"), "{manifest}");
    run(uv().current_dir(copy.path()).args(["lock", "--quiet"]));
    let second = depslim(copy.path(), &["--diff", "--unsafe-fixes"]);
    assert_eq!(stdout(&second).trim(), "", "a second run still wants to change something");
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn the_same_input_gives_the_same_bytes() {
    let json = |jobs: &str| stdout(&depslim(storefront(), &["check", "--output-format", "json", "--jobs", jobs]));
    let one = json("1");
    assert_eq!(one, json("1"));
    assert_eq!(one, json("8"));
}

fn proof(arguments: &[&str]) -> (Option<i32>, Proved) {
    depslim_tests::system::machine();
    let cache = tempfile::tempdir().unwrap();
    let flag = format!("--cache-dir={}", cache.path().display());
    let output = depslim(storefront(), &[&["prove", &flag, "--output-format", "json"], arguments].concat());
    let report: Report =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}{}", stdout(&output), stderr(&output)));
    (output.status.code(), report.projects[0].proof.clone().unwrap())
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn every_module_of_production_is_imported_on_what_would_ship() {
    let (code, proof) = proof(&[]);
    assert_eq!((code, proof.outcome), (Some(0), Outcome::Proved), "{proof:?}");
    for name in ["twilio", "pytest", "ipython", "ruff"] {
        assert!(proof.left_out.iter().any(|id| id.starts_with(&format!("pkg:pypi/{name}@"))), "{name} is still there");
    }
    assert!(proof.passed >= 5, "{proof:?}");
}

/// pandas brings more tests than code, and Django a folder `test` that its own commands name.
#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn what_nothing_loads_of_the_packages_that_stay_goes() {
    depslim_tests::system::programs(&[("strace", "strace"), ("strip", "binutils")]);
    let (code, proof) = proof(&["--trim"]);
    assert_eq!((code, proof.outcome), (Some(0), Outcome::Proved), "{proof:?}");
    let trimmed = proof.trimmed.unwrap();
    let goes: Vec<&str> = trimmed.packages.iter().flat_map(|one| &one.remove).map(String::as_str).collect();
    assert!(goes.iter().any(|path| path.ends_with("/pandas/tests/")), "{goes:?}");
    for part in ["/django/test/", ".dist-info", "LICENSE"] {
        assert!(!goes.iter().any(|path| path.contains(part)), "{part} goes: {goes:?}");
    }
    assert!(trimmed.stays.iter().any(|one| one.package.starts_with("pkg:pypi/django@") && one.kind == "tests"));
    for (kind, least) in [("tests", 10_000_000), ("debug", 1_000_000), ("headers", 100_000)] {
        let kind = trimmed.kinds.iter().find(|one| one.kind == kind).unwrap_or_else(|| panic!("{kind}: {trimmed:?}"));
        assert!(kind.before_bytes - kind.after_bytes > least, "{kind:?}");
    }
    let gone: u64 = trimmed.kinds.iter().map(|kind| kind.before_bytes - kind.after_bytes).sum();
    assert_eq!(gone, trimmed.before_bytes - trimmed.after_bytes);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn a_hand_made_list_is_refuted_with_the_package_that_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("requirements.prod.txt");
    let names = "django\nhttpx\nsentry-sdk\npython-dateutil\ncelery[redis]\ngunicorn\npsycopg\nwhitenoise\npillow\n";
    fs_err::write(&list, names).unwrap();
    let list = format!("--list={}", list.display());
    let (code, proof) = proof(&[&list, "--", "python", "-c", "import reports.export"]);
    assert_eq!((code, proof.outcome), (Some(1), Outcome::Mended), "{proof:?}");
    let back: Vec<&str> = proof.put_back.iter().map(|back| back.name.as_str()).collect();
    assert_eq!(back, ["pandas"]);
    let at = &proof.put_back[0].evidence[0];
    assert_eq!((at.file.as_deref(), at.line), (Some("reports/export.py"), Some(1)));
}
