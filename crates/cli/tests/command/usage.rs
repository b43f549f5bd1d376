//! What is said about the command line itself.

use crate::bench::{clean, empty};
use std::io::Read as _;
use std::process::{Command, Stdio};

#[test]
fn version_and_help_are_results() {
    let bench = empty();
    let run = bench.run(&["--version"]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "depslim 0.1.0\n", ""));
    for arguments in
        [&["--help"][..], &["-h"], &["check", "--help"], &["why", "-h"], &["export", "-h"], &["debug", "-h"]]
    {
        let run = bench.run(arguments);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{arguments:?}");
        assert!(run.out.contains("Usage: depslim"), "{arguments:?}: {}", run.out);
    }
}

#[test]
fn the_help_names_every_command_and_hides_what_is_hidden() {
    let help = empty().run(&["--help"]).out;
    for word in [
        "check",
        "why",
        "export",
        "debug",
        "--base",
        "--fail-on",
        "--output-format",
        "--fix",
        "--baseline",
        "Exit codes",
    ] {
        assert!(help.contains(word), "{word}");
    }
    assert!(!help.contains("generate"), "{help}");
}

#[test]
fn wrong_usage_goes_to_standard_error_with_exit_code_2() {
    let bench = empty();
    for (arguments, expect) in [
        (&["--no-such-flag"][..], "unexpected argument '--no-such-flag'"),
        (&["--fail-on", "eror"], "a similar value exists: 'error'"),
        (&["--select", "SLIM0001"], "did you mean `SLIM001`?"),
        (&["nowhere"], "depslim: nowhere: no such folder"),
        (&["chekc"], "did you mean `depslim check`?"),
        (&["why"], "PACKAGE or RULE"),
        (&["why", "SLIM01"], "no rule `SLIM01`; did you mean `SLIM001`?"),
        (&["debug", "grph"], "'graph'"),
        (&["--base", "gone.json"], "--base gone.json: no such file"),
        (&["--base", "origin/main"], "is in no git repository"),
        (&["--baseline", "gone.json"], "nothing to analyse"),
        (&["--top", "3", "export"], "depslim export --top"),
        (&["--config", "a.toml", "--config", "b.toml"], "--config names two files"),
        (&["-o", "report.pdf"], ".json .jsonl .sarif .md .html"),
    ] {
        let run = bench.run(arguments);
        let code = if expect == "nothing to analyse" { 3 } else { 2 };
        assert_eq!((run.code, run.out.as_str()), (code, ""), "{arguments:?}: {}", run.all());
        assert!(run.err.contains(expect), "{arguments:?}: {}", run.err);
    }
}

#[test]
fn a_file_is_no_folder() {
    let bench = clean();
    let run = bench.run(&["requirements.txt"]);
    assert_eq!(run.code, 2);
    assert_eq!(run.err, "depslim: requirements.txt is a file; name its folder: depslim .\n");
}

#[test]
fn a_rule_is_explained_without_a_project() {
    let run = empty().run(&["why", "dev-in-prod"]);
    assert_eq!(run.code, 0, "{}", run.all());
    assert!(run.out.starts_with("SLIM002 dev-in-prod\n"), "{}", run.out);
}

#[test]
fn schemas_man_page_and_completions_are_generated() {
    let bench = empty();
    for (what, title) in [("report", "Report"), ("config", "depslim")] {
        let run = bench.run(&["generate", "schema", what]);
        let schema: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!((run.code, schema["title"].as_str()), (0, Some(title)));
    }
    assert!(bench.run(&["generate", "man"]).out.contains(".TH depslim 1"));
    for (shell, sign) in [
        ("bash", "_depslim()"),
        ("zsh", "#compdef depslim"),
        ("fish", "complete -c depslim"),
        ("powershell", "depslim"),
    ] {
        let run = bench.run(&["generate", "completions", shell]);
        assert_eq!(run.code, 0);
        assert!(run.out.contains(sign), "{shell}");
    }
}

#[test]
fn who_stops_reading_is_no_failure() {
    let bench = empty();
    let mut child = bench
        .command(&["generate", "completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}

#[test]
fn cargo_finds_its_subcommand() {
    let bench = empty();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_cargo-slim-deps"))
            .args(arguments)
            .current_dir(bench.path())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, out, _) = run(&["slim-deps", "--help"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("Usage: cargo slim-deps"), "{out}");
    let (code, out, err) = run(&["slim-deps"]);
    assert_eq!((code, out.as_str()), (Some(3), ""));
    assert!(err.contains("looked for Cargo.toml"), "{err}");
}

#[test]
fn cargos_flags_choose_packages() {
    let bench = empty();
    bench.write("Cargo.toml", "[workspace]\nmembers = [\"barn\", \"farm\"]\nresolver = \"3\"\n");
    for name in ["barn", "farm"] {
        let manifest =
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n\n[dependencies]\nbig-{name}-hay = \"1\"\n");
        bench.write(&format!("{name}/Cargo.toml"), &manifest);
        bench.write(&format!("{name}/src/lib.rs"), "");
    }
    let run = |folder: &str, arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_cargo-slim-deps"))
            .args(["slim-deps", "--output-format", "concise"])
            .args(arguments)
            .current_dir(bench.path().join(folder))
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap())
    };
    let both = |out: &str| (out.contains("big-barn-hay"), out.contains("big-farm-hay"));
    for (folder, arguments, expect) in [
        ("", &[][..], (true, true)),
        ("", &["-p", "barn"], (true, false)),
        ("", &["--package", "barn", "-p", "farm"], (true, true)),
        ("barn", &[], (true, false)),
        ("barn/src", &["--workspace"], (true, true)),
        ("", &["--manifest-path", "farm/Cargo.toml"], (false, true)),
        ("", &["--features", "a b", "--offline"], (true, true)),
        ("", &["--all-features"], (true, true)),
    ] {
        let (code, out) = run(folder, arguments);
        assert_eq!((code, both(&out)), (Some(1), expect), "{folder} {arguments:?}: {out}");
    }
    for (arguments, expect) in [
        (&["-p", "cellar"][..], "no package is called \"cellar\"; there are barn, farm"),
        (&["--manifest-path", "cellar/Cargo.toml"], "cellar/Cargo.toml: no such manifest"),
        (&["--locked"], "no Cargo.lock"),
        (&["--frozen"], "no Cargo.lock"),
    ] {
        let (code, out) = run("", arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {out}");
        assert!(out.contains(expect), "{arguments:?}: {out}");
    }
    // What is a flag of cargo's is none of depslim's own.
    assert_eq!(bench.run(&["-p", "barn"]).code, 2);
}
