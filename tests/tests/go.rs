//! Stories of Go: what `go mod tidy` would say, images that hold nothing else, programs taken apart, and what is never run.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage up has to fail")]

use depslim_tests::images::builder_steps;
use depslim_tests::{command, depslim, project, stderr, stdout};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

/// Findings about requirements by module: rule, with a `?` where confidence is low.
fn verdicts(folder: &Path) -> BTreeMap<String, String> {
    let run = depslim(folder, &["--ecosystem", "go", "--output-format", "json", "--exit-zero"]);
    let report: Value = serde_json::from_str(&stdout(&run)).unwrap_or_else(|e| panic!("{e}: {}", stderr(&run)));
    let findings = report["findings"].as_array().unwrap();
    let about = findings.iter().filter(|f| matches!(f["code"].as_str(), Some("SLIM001" | "SLIM002")));
    about
        .map(|f| {
            let purl = f["package"].as_str().unwrap().trim_start_matches("pkg:golang/");
            let doubt = if f["confidence"] == "low" { "?" } else { "" };
            (purl.split('@').next().unwrap().to_owned(), format!("{}{doubt}", f["code"].as_str().unwrap()))
        })
        .collect()
}

/// A line of the manifest for each way to need a module, and code that needs it so.
fn barn() -> Vec<(&'static str, &'static str)> {
    vec![
        (
            "go.mod",
            "module farm.example/barn\n\ngo 1.24\n\nrequire (\n\tplain.example v1.0.0\n\tblank.example/driver v1.0.0\n\twindows.example v1.0.0\n\ttagged.example v1.0.0\n\tchecked.example v1.0.0\n\ttooled.example v1.0.0\n\tby-hand.example v1.0.0\n\tidle.example v1.0.0\n\tplain.example/deeper v1.0.0\n\tspelled.example v1.0.0\n\tvendored-name.example v1.0.0\n)\n\ntool tooled.example/cmd/mow\n",
        ),
        (
            "main.go",
            "// spelled.example is only spelled\npackage main\n\nimport (\n\t\"fmt\"\n\n\t_ \"blank.example/driver/sql\"\n\thay \"plain.example/deep\"\n)\n\nfunc main() { fmt.Println(hay.New(), \"idle.example\") }\n",
        ),
        ("roof_windows.go", "package main\n\nimport \"windows.example\"\n\nvar _ = windows.Roof\n"),
        ("custom.go", "//go:build custom\n\npackage main\n\nimport \"tagged.example\"\n"),
        ("main_test.go", "package main_test\n\nimport \"checked.example/assert\"\n"),
        ("gen.go", "//go:build ignore\n\npackage main\n\nimport \"by-hand.example\"\n"),
        ("testdata/x.go", "package x\n\nimport \"vendored-name.example\"\n"),
    ]
}

#[test]
fn every_way_to_need_a_module_counts() {
    let folder = project(&barn());
    let expect = [
        ("by-hand.example", "SLIM002"),
        ("checked.example", "SLIM002"),
        ("idle.example", "SLIM001"),
        ("plain.example/deeper", "SLIM001"),
        ("spelled.example", "SLIM001"),
        ("tooled.example", "SLIM002"),
        ("vendored-name.example", "SLIM001"),
    ];
    let expect: BTreeMap<String, String> = expect.iter().map(|(m, c)| ((*m).to_owned(), (*c).to_owned())).collect();
    assert_eq!(verdicts(folder.path()), expect);
}

#[test]
fn what_only_tests_use_is_no_error() {
    let folder = project(&[
        ("go.mod", "module farm.example/barn\n\ngo 1.24\n\nrequire checked.example v1.0.0\n"),
        ("main.go", "package main\n\nfunc main() {}\n"),
        ("main_test.go", "package main\n\nimport \"checked.example\"\n"),
    ]);
    let run = depslim(folder.path(), &[]);
    assert_eq!(run.status.code(), Some(0), "{}", stdout(&run));
    assert!(stdout(&run).contains("warning[SLIM002]"), "{}", stdout(&run));
}

#[test]
fn code_that_is_not_there_yet_hides_what_it_uses() {
    let folder = project(&[
        ("go.mod", "module farm.example/barn\n\ngo 1.24\n\nrequire hay.example v1.0.0\n"),
        ("main.go", "package main\n\nimport \"farm.example/barn/generated\"\n\nfunc main() { generated.Run() }\n"),
    ]);
    assert_eq!(verdicts(folder.path()), [("hay.example".to_owned(), "SLIM001?".to_owned())].into());
}

#[test]
fn a_fix_takes_out_the_line_alone() {
    let folder = project(&barn());
    let before = fs_err::read_to_string(folder.path().join("go.mod")).unwrap();
    let run = depslim(folder.path(), &["--fix", "--unsafe-fixes", "--exit-zero"]);
    let after = fs_err::read_to_string(folder.path().join("go.mod")).unwrap();
    let gone = ["idle.example", "plain.example/deeper", "spelled.example", "vendored-name.example"];
    let expect = gone.iter().fold(before, |text, module| text.replace(&format!("\t{module} v1.0.0\n"), ""));
    assert_eq!(after, expect, "{}{}", stdout(&run), stderr(&run));
}

fn go(folder: &Path, arguments: &[&str]) -> Output {
    Command::new("go")
        .args(arguments)
        .current_dir(folder)
        .env("GOTOOLCHAIN", "local")
        .env("GOFLAGS", "")
        .output()
        .unwrap()
}

fn check(run: &Output) -> String {
    assert!(run.status.success(), "{}{}", stdout(run), stderr(run));
    stdout(run)
}

/// A program with a real module, one more in its manifest, and what `go` makes of it.
fn real() -> tempfile::TempDir {
    let folder = project(&[
        (
            "go.mod",
            "module farm.example/barn\n\ngo 1.24\n\nrequire (\n\tgithub.com/google/uuid v1.6.0\n\tgithub.com/pkg/errors v0.9.1 // once wrapped errors\n)\n",
        ),
        (
            "main.go",
            "package main\n\nimport (\n\t\"fmt\"\n\n\t\"github.com/google/uuid\"\n)\n\nfunc main() { fmt.Println(uuid.Nil) }\n",
        ),
    ]);
    check(&go(folder.path(), &["mod", "download", "all"]));
    folder
}

/// depslim where it finds the modules that `go` downloaded.
fn beside_the_cache(folder: &Path, arguments: &[&str]) -> Output {
    let cache = check(&go(folder, &["env", "GOMODCACHE"]));
    command(folder, arguments).env("GOMODCACHE", cache.trim()).output().unwrap()
}

#[test]
#[ignore = "installs real packages"]
fn go_finds_nothing_to_tidy_in_what_is_exported() {
    let folder = real();
    assert_eq!(verdicts(folder.path()), [("github.com/pkg/errors".to_owned(), "SLIM001".to_owned())].into());
    let run = beside_the_cache(folder.path(), &["export"]);
    for name in ["go.mod", "go.sum"] {
        let text = fs_err::read(folder.path().join("slim").join(name))
            .unwrap_or_else(|e| panic!("{e}: {}{}", stdout(&run), stderr(&run)));
        fs_err::write(folder.path().join(name), text).unwrap();
    }
    fs_err::remove_dir_all(folder.path().join("slim")).unwrap();
    check(&go(folder.path(), &["build", "-mod=readonly", "./..."]));
    let manifest = check(&go(folder.path(), &["list", "-m", "all"]));
    assert!(!manifest.contains("pkg/errors"), "{manifest}");
    // Nothing is left to say about the requirements.
    assert_eq!(check(&go(folder.path(), &["mod", "tidy", "-diff"])), "");
}

#[test]
#[ignore = "installs real packages"]
fn the_written_image_holds_a_program_that_needs_nothing_else() {
    let folder = real();
    let run = beside_the_cache(folder.path(), &["export"]);
    let written =
        fs_err::read_to_string(folder.path().join("slim/Dockerfile")).unwrap_or_else(|_| panic!("{}", stderr(&run)));
    assert!(written.contains("FROM gcr.io/distroless/static-"), "{written}");
    assert!(written.contains("ENTRYPOINT [\"/usr/local/bin/barn\"]"), "{written}");
    // The builder stage, as it is written, here instead of in an image.
    let out = folder.path().join("out");
    let steps = builder_steps(&written, &out);
    assert_eq!(steps.len(), 2, "{written}");
    for step in steps {
        let run = Command::new("sh").args(["-e", "-c", &step]).current_dir(folder.path()).output().unwrap();
        assert!(run.status.success(), "{step}: {}", stderr(&run));
    }
    let run = Command::new("bwrap")
        .args(["--unshare-all", "--ro-bind"])
        .arg(out.join("barn"))
        .args(["/usr/local/bin/barn", "--clearenv", "/usr/local/bin/barn"])
        .output()
        .unwrap();
    assert_eq!(stdout(&run), "00000000-0000-0000-0000-000000000000\n", "{}", stderr(&run));
}

#[test]
#[ignore = "installs real packages"]
fn packages_weigh_what_the_program_holds_of_them() {
    let folder = real();
    for (name, linker) in [("plain", ""), ("stripped", "-s -w")] {
        check(&go(folder.path(), &["build", "-ldflags", linker, "-o", name, "."]));
        fs_err::write(folder.path().join("depslim.toml"), format!("[go]\nbinary = \"{name}\"\n")).unwrap();
        let run = beside_the_cache(folder.path(), &["--output-format", "json", "--exit-zero"]);
        let report: Value = serde_json::from_str(&stdout(&run)).unwrap_or_else(|e| panic!("{e}: {}", stderr(&run)));
        let packages = report["projects"][0]["packages"].as_array().unwrap();
        let of = |module: &str| {
            let found = packages.iter().find(|p| p["id"].as_str().unwrap().contains(module));
            found.and_then(|p| p["binary_bytes"].as_u64()).unwrap_or_else(|| panic!("{packages:?}"))
        };
        assert!((1_000..200_000).contains(&of("google/uuid")), "{name}: {}", of("google/uuid"));
        assert_eq!(of("pkg/errors"), 0, "{name}");
        let notes: Vec<&str> =
            report["notes"].as_array().unwrap().iter().filter_map(|n| n["message"].as_str()).collect();
        assert!(notes.iter().any(|n| n.contains("of unknown origin")), "{notes:?}");
    }
}
