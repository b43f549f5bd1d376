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

/// A program whose `go.mod` was edited by hand: a wrong mark, a line without its mark, one that nothing needs, one that is there twice,
/// and one that lacks.
fn untidy() -> tempfile::TempDir {
    project(&[
        (
            "go.mod",
            "module farm.example/barn\n\ngo 1.24\n\nrequire (\n\t// names of bales\n\tgithub.com/google/uuid v1.6.0 // indirect\n\n\tgithub.com/pkg/errors v0.9.1\n\tgithub.com/spf13/cobra v1.8.1\n\tgithub.com/spf13/cobra v1.8.0\n\tgithub.com/spf13/pflag v1.0.5\n)\n",
        ),
        (
            "main.go",
            "package main\n\nimport (\n\t\"fmt\"\n\n\t\"github.com/google/uuid\"\n\t\"github.com/spf13/cobra\"\n)\n\nfunc main() {\n\tbarn := &cobra.Command{Use: \"barn\", Run: func(*cobra.Command, []string) { fmt.Println(\"bale\", uuid.Nil) }}\n\tif barn.Execute() != nil {\n\t\tpanic(\"no bale\")\n\t}\n}\n",
        ),
    ])
}

#[test]
#[ignore = "installs real packages"]
fn what_is_exported_is_what_go_mod_tidy_writes_and_its_program_runs_alone() {
    let (folder, other) = (untidy(), untidy());
    check(&go(other.path(), &["mod", "tidy"]));
    let told = beside_the_cache(folder.path(), &["--output-format", "json", "--exit-zero"]);
    let report: Value = serde_json::from_str(&stdout(&told)).unwrap_or_else(|e| panic!("{e}: {}", stderr(&told)));
    let findings = report["findings"].as_array().unwrap().iter();
    let messages: Vec<String> = findings
        .map(|f| format!("{} {}", f["code"].as_str().unwrap(), f["message"].as_str().unwrap()))
        .filter(|message| message.starts_with("SLIM0"))
        .collect();
    for expect in [
        "SLIM001 github.com/pkg/errors is never used",
        "SLIM010 github.com/google/uuid is marked `// indirect`, and imported by the project itself",
        "SLIM010 github.com/inconshreveable/mousetrap is part of the build, and go.mod does not list it",
        "SLIM010 github.com/spf13/cobra is listed twice",
        "SLIM010 github.com/spf13/pflag is not imported by the project itself, and not marked `// indirect`",
    ] {
        assert!(messages.iter().any(|message| message == expect), "{expect}: {messages:#?}");
    }
    assert_eq!(messages.len(), 5, "{messages:#?}");
    let image = &report["projects"][0]["image"];
    assert_eq!(image["recommended"], "scratch", "{image}");
    let run = beside_the_cache(folder.path(), &["export"]);
    for name in ["go.mod", "go.sum"] {
        let text = fs_err::read_to_string(folder.path().join("slim").join(name))
            .unwrap_or_else(|e| panic!("{e}: {}{}", stdout(&run), stderr(&run)));
        assert_eq!(text, fs_err::read_to_string(other.path().join(name)).unwrap(), "{name}");
        fs_err::write(folder.path().join(name), text).unwrap();
    }
    fs_err::remove_dir_all(folder.path().join("slim")).unwrap();
    assert_eq!(check(&go(folder.path(), &["mod", "tidy", "-diff"])), "");
    let build = Command::new("go")
        .args(["build", "-mod=readonly", "-trimpath", "-o", "barn", "."])
        .current_dir(folder.path())
        .envs([("GOTOOLCHAIN", "local"), ("GOFLAGS", ""), ("CGO_ENABLED", "0")])
        .output()
        .unwrap();
    check(&build);
    let run = Command::new("bwrap")
        .args(["--unshare-all", "--ro-bind"])
        .arg(folder.path().join("barn"))
        .args(["/barn", "--clearenv", "/barn"])
        .output()
        .unwrap();
    assert_eq!(stdout(&run), "bale 00000000-0000-0000-0000-000000000000\n", "{}", stderr(&run));
    // The same by the fixes alone.
    let fixed = untidy();
    check(&beside_the_cache(fixed.path(), &["--fix", "--unsafe-fixes", "--exit-zero"]));
    let text = fs_err::read_to_string(fixed.path().join("go.mod")).unwrap();
    assert_eq!(text, fs_err::read_to_string(other.path().join("go.mod")).unwrap());
}

#[test]
#[ignore = "installs real packages"]
fn what_a_program_asks_of_the_system_decides_on_its_image() {
    let program = |imports: &str, body: &str| {
        let manifest = "module farm.example/barn\n\ngo 1.24\n";
        let dockerfile = "FROM golang:1.26 AS build\nCOPY . .\nRUN go build -o /barn .\n\nFROM debian:13\nCOPY --from=build /barn /barn\nENTRYPOINT [\"/barn\"]\n";
        let source = format!("package main\n\nimport (\n{imports})\n\nfunc main() {{ {body} }}\n");
        project(&[("go.mod", manifest), ("main.go", &source), ("Dockerfile", dockerfile)])
    };
    let image = |folder: &Path| {
        let run = depslim(folder, &["--output-format", "json", "--exit-zero"]);
        let report: Value = serde_json::from_str(&stdout(&run)).unwrap_or_else(|e| panic!("{e}: {}", stderr(&run)));
        let reasons = report["projects"][0]["image"]["reasons"].to_string();
        (report["projects"][0]["image"]["recommended"].as_str().unwrap_or_default().to_owned(), reasons)
    };
    let silent = program("\t\"fmt\"\n", "fmt.Println(\"hay\")");
    assert_eq!(image(silent.path()).0, "scratch");
    let (base, why) = image(program("\t\"net/http\"\n", "http.Get(\"https://hay.example\")").path());
    assert!(base.contains("distroless/static") && why.contains("needs certificates: main.go:4"), "{base} {why}");
    let (base, why) = image(program("\t\"time\"\n", "time.LoadLocation(\"Europe/Berlin\")").path());
    assert!(base.contains("distroless/static") && why.contains("needs time zones: main.go:7"), "{base} {why}");
    let zones = program("\t\"time\"\n\t_ \"time/tzdata\"\n", "time.LoadLocation(\"Europe/Berlin\")");
    assert_eq!(image(zones.path()).0, "scratch");
    let (base, why) = image(program("\t\"C\"\n", "").path());
    assert!(base.contains("distroless/cc") && why.contains("links the C library: main.go:4"), "{base} {why}");
    // What the file tells of how it was linked, not what it records of its build.
    let link = |cgo: &str, folder: &Path| {
        let build = Command::new("go")
            .args(["build", "-o", "barn", "."])
            .current_dir(folder)
            .envs([("GOTOOLCHAIN", "local"), ("GOFLAGS", ""), ("CGO_ENABLED", cgo)])
            .output()
            .unwrap();
        check(&build);
        image(folder).1
    };
    let network = program("\t\"net\"\n", "net.Dial(\"tcp\", \"hay.example:80\")");
    assert!(link("0", network.path()).contains("barn is linked statically"));
    let dynamic = link("1", network.path());
    assert!(dynamic.contains("links libc.so.6") && dynamic.contains("built with CGO_ENABLED=0"), "{dynamic}");
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
