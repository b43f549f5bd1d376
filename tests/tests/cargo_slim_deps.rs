//! Stories of `cargo slim-deps`: cargo finds and calls it, and its flags mean what they mean elsewhere in cargo.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage up has to fail")]

use depslim_tests::{binary, project, stderr, stdout};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

/// Runs a command of cargo's, with `cargo-slim-deps` on the path and a home that holds nothing.
fn cargo(folder: &Path, arguments: &[&str]) -> Output {
    let programs = binary().parent().unwrap().to_owned();
    assert!(programs.join("cargo-slim-deps").exists(), "run `cargo build --workspace` first");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(folder)
        .env("PATH", path)
        .env("CARGO_HOME", folder.join("no-home"))
        .env_remove("GITHUB_ACTIONS")
        .output()
        .unwrap()
}

/// `project: package` of the findings about lines.
fn told(output: &Output) -> BTreeSet<String> {
    let report: Value = serde_json::from_str(&stdout(output)).unwrap_or_else(|e| panic!("{e}: {}", stderr(output)));
    let findings = report["findings"].as_array().unwrap().iter().filter(|f| f["code"] == "SLIM001");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings.map(|f| format!("{}: {}", text(&f["project"]), text(&f["package"]))).collect()
}

fn check(folder: &Path, arguments: &[&str], expect: &[&str]) {
    let all: Vec<&str> = ["slim-deps"]
        .into_iter()
        .chain(arguments.iter().copied())
        .chain(["--output-format", "json", "--exit-zero"])
        .collect();
    let expect: BTreeSet<String> = expect.iter().map(|text| (*text).to_owned()).collect();
    assert_eq!(told(&cargo(folder, &all)), expect, "{arguments:?}");
}

const BARN: &str = "crates/barn#rust: pkg:cargo/hay@1.0.0";
const SHED: &str = "crates/shed#rust: pkg:cargo/rye@1.0.0";

fn farm() -> tempfile::TempDir {
    let member = |name: &str, line: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[features]\nfast = [\"dep:oats\"]\n\n[dependencies]\n{line} = \"1\"\noats = {{ version = \"1\", optional = true }}\n"
        )
    };
    let locked = |name: &str| {
        format!(
            "\n[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"registry+https://example.invalid/index\"\n"
        )
    };
    let own = |name: &str, line: &str| {
        format!(
            "\n[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\ndependencies = [\n \"{line}\",\n \"oats\",\n]\n"
        )
    };
    let lock = [
        "version = 4\n".to_owned(),
        own("barn", "hay"),
        locked("hay"),
        locked("oats"),
        locked("rye"),
        own("shed", "rye"),
    ]
    .concat();
    project(&[
        ("Cargo.toml", "[workspace]\nresolver = \"2\"\nmembers = [\"crates/*\"]\n"),
        ("Cargo.lock", &lock),
        ("crates/barn/Cargo.toml", &member("barn", "hay")),
        ("crates/barn/src/lib.rs", "#[cfg(feature = \"fast\")]\npub use oats::feed;\n"),
        ("crates/shed/Cargo.toml", &member("shed", "rye")),
        ("crates/shed/src/lib.rs", "#[cfg(feature = \"fast\")]\npub use oats::feed;\n"),
    ])
}

#[test]
fn cargo_lists_it_and_shows_its_help() {
    let folder = farm();
    let help = stdout(&cargo(folder.path(), &["help", "slim-deps"]));
    for text in
        ["cargo slim-deps", "--manifest-path", "--workspace", "--package", "--locked", "--frozen", "--message-format"]
    {
        assert!(help.contains(text), "{text}: {help}");
    }
    assert!(stdout(&cargo(folder.path(), &["--list"])).contains("slim-deps"));
}

#[test]
fn packages_are_chosen_as_in_cargo() {
    let folder = farm();
    let root = folder.path();
    check(root, &[], &[BARN, SHED]);
    check(root, &["--workspace"], &[BARN, SHED]);
    check(root, &["-p", "barn"], &[BARN]);
    check(root, &["-p", "barn", "--package", "shed"], &[BARN, SHED]);
    // Inside of a member it is the one that is meant.
    check(&root.join("crates/shed/src"), &[], &[SHED]);
    check(&root.join("crates/shed"), &["--workspace"], &[BARN, SHED]);
    check(&root.join("crates/shed"), &["--manifest-path", "../barn/Cargo.toml"], &[BARN]);
    let wrong = cargo(root, &["slim-deps", "--manifest-path", "nowhere/Cargo.toml"]);
    assert!(stderr(&wrong).contains("nowhere/Cargo.toml: no such manifest"), "{}", stderr(&wrong));
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn locks_are_asked_for_as_in_cargo() {
    let folder = farm();
    for flag in ["--locked", "--frozen", "--offline"] {
        check(folder.path(), &[flag], &[BARN, SHED]);
    }
    let manifest = folder.path().join("crates/barn/Cargo.toml");
    let text = fs_err::read_to_string(&manifest).unwrap();
    fs_err::write(&manifest, text + "straw = \"1\"\n").unwrap();
    for (flag, code) in [("--locked", 2), ("--frozen", 2), ("--offline", 0)] {
        let run = cargo(folder.path(), &["slim-deps", flag, "--exit-zero"]);
        assert_eq!(run.status.code(), Some(code), "{flag}: {}", stderr(&run));
        assert_eq!(stderr(&run).contains("the lock does not know straw"), code == 2, "{flag}");
    }
    fs_err::remove_file(folder.path().join("Cargo.lock")).unwrap();
    assert!(stderr(&cargo(folder.path(), &["slim-deps", "--locked"])).contains("no Cargo.lock"));
}

#[test]
fn features_say_what_ships() {
    let folder = farm();
    let ships = |arguments: &[&str]| {
        let all: Vec<&str> = ["slim-deps", "-p", "barn", "--output-format", "json", "--exit-zero"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        let report: Value = serde_json::from_str(&stdout(&cargo(folder.path(), &all))).unwrap();
        let packages = report["projects"][0]["packages"].as_array().unwrap().clone();
        packages.iter().any(|p| p["name"] == "oats" && p["ships"] == true)
    };
    assert!(ships(&[]) && ships(&["--all-features"]) && ships(&["--features", "fast"]) && ships(&["-F", "barn/fast"]));
    assert!(!ships(&["--no-default-features"]) && !ships(&["--features", "shed/fast"]));
}

#[test]
fn formats_have_cargos_names() {
    let folder = farm();
    let run = |format: &str| {
        stdout(&cargo(folder.path(), &["slim-deps", "-p", "barn", "--message-format", format, "--exit-zero"]))
    };
    assert!(run("human").contains("  --> crates/barn/Cargo.toml:10"), "{}", run("human"));
    assert!(run("short").contains("crates/barn/Cargo.toml:10: SLIM001 hay is never used"), "{}", run("short"));
    let lines: Vec<Value> = run("json").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["record"] == "finding" && line["code"] == "SLIM001"), "{lines:?}");
}

#[test]
fn what_an_unused_line_frees_is_said_and_ranks_it() {
    let folder = farm();
    let lock = folder.path().join("Cargo.lock");
    // Another package brings rye, and hay brings two more.
    let text = fs_err::read_to_string(&lock).unwrap();
    let locked = |name: &str, edges: &str| {
        format!("name = \"{name}\"\nversion = \"1.0.0\"\nsource = \"registry+https://example.invalid/index\"\n{edges}")
    };
    let text = text
        .replace(&locked("hay", ""), &locked("hay", "dependencies = [\n \"dust\",\n]\n"))
        .replace(&locked("oats", ""), &locked("oats", "dependencies = [\n \"rye\",\n]\n"));
    fs_err::write(&lock, text + "\n[[package]]\n" + &locked("dust", "")).unwrap();
    let run = cargo(folder.path(), &["slim-deps", "--output-format", "json", "--exit-zero"]);
    let report: Value = serde_json::from_str(&stdout(&run)).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let frees = |name: &str| {
        let found =
            findings.iter().find(|f| f["package"] == format!("pkg:cargo/{name}@1.0.0") && f["code"] == "SLIM001");
        found.unwrap().get("packages").and_then(Value::as_u64).unwrap_or(0)
    };
    assert_eq!((frees("hay"), frees("rye")), (2, 0));
    let text = stdout(&cargo(folder.path(), &["slim-deps", "--exit-zero"]));
    assert!(text.contains("frees 2 packages"), "{text}");
    let rye = findings.iter().find(|f| f["package"] == "pkg:cargo/rye@1.0.0" && f["code"] == "SLIM001").unwrap();
    assert!(rye["help"].to_string().contains("frees no package by itself"), "{rye}");
}
