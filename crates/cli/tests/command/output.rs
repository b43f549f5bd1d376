//! What goes where: standard output, standard error, files; colours; formats.

use crate::bench::{clean, shop};

#[test]
fn the_result_is_all_there_is_on_standard_output() {
    let bench = shop();
    let run = bench.run(&[]);
    assert!(run.out.starts_with("depslim 0.1.0   python"), "{}", run.out);
    assert_eq!(run.err, "");
    for format in ["json", "sarif", "gitlab"] {
        let run = bench.run(&["-v", "--output-format", format]);
        assert!(serde_json::from_str::<serde_json::Value>(&run.out).is_ok(), "{format}: {}", run.out);
        assert_eq!(run.err, "configuration: none\n", "{format}");
    }
    for line in bench.run(&["--output-format", "jsonl"]).out.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
    for (format, sign) in [("concise", "requirements.txt:3: SLIM001"), ("github", "::error "), ("markdown", "quince")] {
        let run = bench.run(&["--output-format", format]);
        assert!(run.out.contains(sign), "{format}: {}", run.out);
    }
}

#[test]
fn quiet_says_less_and_twice_quiet_nothing() {
    let bench = shop();
    let (plain, quiet, silent) = (bench.run(&[]), bench.run(&["-q"]), bench.run(&["-qq"]));
    assert!(plain.out.contains("Production") && !quiet.out.contains("Production"), "{}", quiet.out);
    assert!(quiet.out.contains("SLIM001"), "{}", quiet.out);
    assert_eq!((silent.out.as_str(), silent.err.as_str(), silent.code), ("", "", 1));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let bench = shop();
    let once = bench.run(&["--output-format", "json"]).out;
    for arguments in [
        &["--output-format", "json"][..],
        &["--output-format", "json", "--jobs", "1"],
        &["--output-format", "json", "-v"],
    ] {
        assert_eq!(bench.run(arguments).out, once, "{arguments:?}");
    }
}

#[test]
fn colours_follow_the_wishes_of_the_reader() {
    let bench = shop();
    let colored = |variables: &[&str], arguments: &[&str]| bench.run_with(variables, arguments).out.contains('\u{1b}');
    assert!(!colored(&[], &[]));
    assert!(colored(&["FORCE_COLOR=1"], &[]));
    assert!(colored(&["CLICOLOR_FORCE=1"], &[]));
    assert!(colored(&["NO_COLOR=1"], &["--color", "always"]));
    assert!(!colored(&["NO_COLOR=1", "FORCE_COLOR=1", "CLICOLOR_FORCE=1"], &[]));
    assert!(!colored(&["FORCE_COLOR=1"], &["--color", "never"]));
    assert!(!colored(&["FORCE_COLOR=1"], &["--output-format", "json"]));
}

#[test]
fn files_are_written_by_their_extension_beside_the_result() {
    let bench = shop();
    let files = ["r.json", "r.jsonl", "r.sarif", "r.md", "sub.html"];
    let arguments: Vec<&str> = files.iter().flat_map(|file| ["-o", file]).collect();
    let run = bench.run(&arguments);
    assert!(run.out.contains("SLIM001"));
    for (file, sign) in files.iter().zip(["depslim.report/1", "\"record\":", "2.1.0", "quince", "<!doctype html>"]) {
        let text = bench.read(file);
        assert!(text.to_lowercase().contains(&sign.to_lowercase()), "{file}: {text}");
    }
    assert_eq!(bench.read("r.json"), bench.run(&["--output-format", "json"]).out);
    assert!(!bench.read("r.md").contains('\u{1b}'));
}

#[test]
fn a_file_that_can_not_be_written_is_named() {
    let bench = shop();
    fs_err::create_dir(bench.file("taken.json")).unwrap();
    let run = bench.run(&["-o", "taken.json"]);
    assert_eq!(run.code, 2);
    assert!(run.err.ends_with("taken.json: is a folder\n"), "{}", run.err);
    let run = bench.run(&["-o", "no/such/r.json"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("no/such/r.json: no such file or folder"), "{}", run.err);
}

#[test]
fn nothing_is_written_unless_asked_for() {
    let bench = shop();
    let before = bench.files();
    for arguments in
        [&[][..], &["--diff"], &["why", "plum"], &["debug", "plan"], &["export", "--check"], &["--select", "SLIM001"]]
    {
        let run = bench.run(arguments);
        assert_ne!(run.code, 2, "{arguments:?}: {}", run.all());
        assert_eq!(bench.files(), before, "{arguments:?}");
    }
}

#[test]
fn on_github_annotations_and_a_summary_are_added() {
    let bench = shop();
    bench.write("summary.md", "before\n");
    let summary = format!("GITHUB_STEP_SUMMARY={}", bench.file("summary.md").display());
    let variables = ["GITHUB_ACTIONS=true", summary.as_str()];
    let run = bench.run_with(&variables, &[]);
    assert!(run.out.starts_with("depslim 0.1.0"), "{}", run.out);
    assert!(run.out.contains("\n::error file=requirements.txt,line=3"), "{}", run.out);
    let text = bench.read("summary.md");
    assert!(text.starts_with("before\n") && text.contains("quince"), "{text}");
    // Whoever asks for a format gets that format and nothing else.
    let run = bench.run_with(&variables, &["--output-format", "json"]);
    assert!(serde_json::from_str::<serde_json::Value>(&run.out).is_ok());
    assert_eq!(bench.read("summary.md"), text);
}

#[test]
fn what_platforms_read_is_about_the_repository() {
    let bench = crate::bench::empty();
    bench.fill("services/till");
    bench.write(".git/HEAD", "ref: refs/heads/main\n");
    let run = bench.run(&["services/till", "--output-format", "github"]);
    assert!(run.out.contains("file=services/till/requirements.txt"), "{}", run.out);
    let report = bench.json(&["services/till"]);
    assert_eq!(report["findings"][0]["location"]["file"], "requirements.txt");
}

#[test]
fn several_folders_make_one_report() {
    let bench = crate::bench::empty();
    bench.fill("services/till");
    bench.fill("kiosk");
    bench.fill("unrelated");
    let report = bench.json(&["services/till", "kiosk", "kiosk/shop"]);
    let ids: Vec<_> =
        report["projects"].as_array().unwrap().iter().map(|project| project["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["kiosk#python", "services/till#python"]);
    let places: std::collections::BTreeSet<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["location"]["file"].as_str().unwrap())
        .collect();
    assert_eq!(places.into_iter().collect::<Vec<_>>(), ["kiosk/requirements.txt", "services/till/requirements.txt"]);
    let sum: u64 =
        report["projects"].as_array().unwrap().iter().map(|project| project["prod_bytes"].as_u64().unwrap()).sum();
    assert_eq!(report["summary"]["prod_bytes"], sum);
}

#[test]
fn a_package_is_explained_and_a_near_miss_is_recognised() {
    let bench = shop();
    let run = bench.run(&["why", "Plum"]);
    assert_eq!(run.code, 0, "{}", run.all());
    assert!(run.out.contains("plum 2.1") && run.out.contains("shop/till.py:1"), "{}", run.out);
    let run = bench.run(&["why", "quinze"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("did you mean `quince`?"), "{}", run.err);
}

#[test]
fn every_stage_can_be_printed() {
    let bench = clean();
    for stage in ["facts", "graph", "uses", "plan", "sizes"] {
        let run = bench.run(&["debug", stage]);
        let data: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!((run.code, &data[0]["project"]), (0, &".#python".into()), "{stage}");
    }
}
