//! Exit codes: 0 nothing to fix, 1 findings, 2 something is wrong, 3 nothing to analyse.

use crate::bench::{Bench, clean, empty, shop};

/// The exit code of a run, with its streams should it be another.
fn check(bench: &Bench, arguments: &[&str], expect: i32) {
    let run = bench.run(arguments);
    assert_eq!(run.code, expect, "{arguments:?}: {}", run.all());
}

#[test]
fn a_clean_project_is_silent_and_exits_with_0() {
    let bench = clean();
    check(&bench, &[], 0);
    check(&bench, &["--fail-on", "warn"], 0);
    assert_eq!(bench.findings(&[]), [""; 0]);
    let run = bench.run(&["-q"]);
    assert_eq!(run.err, "");
}

#[test]
fn findings_exit_with_1_unless_the_level_says_otherwise() {
    let bench = shop();
    assert_eq!(bench.findings(&[]), ["SLIM001 quince", "SLIM002 damson"]);
    check(&bench, &[], 1);
    check(&bench, &["check"], 1);
    check(&bench, &["check", "."], 1);
    check(&bench, &["--exit-zero"], 0);
    check(&bench, &["--fail-on", "never"], 0);
    check(&bench, &["--fail-on", "warn"], 1);
    check(&bench, &["--select", "SLIM003"], 0);
    check(&bench, &["--ignore", "unused-dependency,SLIM002"], 0);
    check(&bench, &["--config", "rules.SLIM001=warn", "--ignore", "SLIM002"], 0);
    check(&bench, &["--config", "rules.SLIM001=warn", "--ignore", "SLIM002", "--fail-on", "warn"], 1);
}

#[test]
fn flags_beat_variables_and_variables_beat_the_file() {
    let bench = shop();
    bench.write("depslim.toml", "fail-on = 'never'\n");
    for (variables, arguments, expect) in [
        (&[][..], &[][..], 0),
        (&["DEPSLIM_FAIL_ON=error"][..], &[], 1),
        (&["DEPSLIM_FAIL_ON=error"], &["--fail-on", "never"], 0),
        (&["DEPSLIM_FAIL_ON=error"], &["--exit-zero"], 0),
        (&["DEPSLIM_EXIT_ZERO=1"], &["--fail-on", "error"], 1),
        (&["DEPSLIM_FAIL_ON="], &[], 0),
        (&["DEPSLIM_ISOLATED=1"], &[], 1),
        (&["DEPSLIM_CONFIG=fail-on=error"], &[], 1),
        (&["DEPSLIM_IGNORE=SLIM001,SLIM002", "DEPSLIM_FAIL_ON=warn"], &[], 0),
    ] {
        let run = bench.run_with(variables, arguments);
        assert_eq!(run.code, expect, "{variables:?} {arguments:?}: {}", run.all());
    }
}

#[test]
fn an_empty_folder_has_nothing_to_analyse() {
    let bench = empty();
    let run = bench.run(&[]);
    assert_eq!((run.code, run.out.as_str()), (3, ""));
    assert!(run.err.starts_with("depslim: nothing to analyse in "), "{}", run.err);
    assert!(run.err.contains("pyproject.toml"), "{}", run.err);
    check(&bench, &["--allow-empty"], 0);
    check(&bench, &["why", "plum"], 3);
    check(&bench, &["export"], 3);
    check(&bench, &["debug", "facts"], 3);
    check(&bench, &["--ecosystem", "go"], 3);
}

#[test]
fn a_broken_manifest_exits_with_2_and_the_others_are_reported() {
    let bench = shop();
    bench.write("billing/pyproject.toml", "[project]\nname = \"billing\"\ndependencies = [\n");
    let run = bench.run(&["--exit-zero"]);
    assert_eq!(run.code, 2, "{}", run.all());
    assert!(run.out.contains("billing/pyproject.toml") && run.out.contains("quince"), "{}", run.out);
}

#[test]
fn a_wrong_configuration_exits_with_2_and_names_its_line() {
    let bench = shop();
    bench.write("depslim.toml", "fail-on = 'warn'\nexlude = ['x']\n[budget]\nprod-total = 'much'\n");
    let run = bench.run(&[]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert_eq!(
        run.err,
        "depslim: depslim.toml:2: unknown key `exlude`; did you mean `exclude`?\n\
         depslim: depslim.toml:4: `budget.prod-total`: `much` is no size; write it as `25 MB`\n"
    );
    check(&bench, &["--isolated"], 1);
}

#[test]
fn only_what_the_base_lacks_counts() {
    let bench = shop();
    check(&bench, &["-o", "base.json", "-qq"], 1);
    check(&bench, &["--base", "base.json"], 0);
    bench.write("requirements.txt", "# what the shop needs\nplum==2.1\nquince==0.9\ndamson==3.0\nsloe==1.0\n");
    bench.install("", "sloe", "1.0", 30_000);
    let run = bench.run(&["--base", "base.json"]);
    assert_eq!(run.code, 1, "{}", run.all());
    let report = bench.json(&["--base", "base.json"]);
    let new: Vec<_> = report["findings"].as_array().unwrap().iter().filter(|finding| finding["new"] == true).collect();
    assert_eq!(new.len(), 1);
    assert_eq!(new[0]["package"], "pkg:pypi/sloe@1.0");
    assert!(report["summary"]["base_prod_bytes"].as_u64() < report["summary"]["prod_bytes"].as_u64());
    check(&bench, &["--base", "base.json", "--config", "budget.prod-growth=10 kB", "--ignore", "SLIM001"], 1);
    check(&bench, &["--base", "base.json", "--config", "budget.prod-growth=1 MB", "--ignore", "SLIM001"], 0);
}

#[test]
fn a_base_that_is_no_report_is_refused() {
    let bench = shop();
    for (text, expect) in [
        ("{", "not valid JSON"),
        ("{\"schema\": \"depslim.report/9\"}", "schema is `depslim.report/9`; this version reads `depslim.report/1`"),
        ("{\"schema\": \"depslim.report/1\"}", "not a report"),
    ] {
        bench.write("base.json", text);
        let run = bench.run(&["--base", "base.json"]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{text}");
        assert!(run.err.contains("--base base.json: ") && run.err.contains(expect), "{}", run.err);
    }
}

#[test]
fn budgets_fail_when_they_are_set() {
    let bench = clean();
    check(&bench, &["--config", "budget.prod-total=1 MB"], 0);
    let run = bench.run(&["--config", "budget.prod-total=1 kB"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("error[SLIM006] over-budget"), "{}", run.out);
}
