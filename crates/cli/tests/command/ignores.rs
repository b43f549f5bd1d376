//! Ignores beside the line, in the configuration and in a baseline.

use crate::bench::shop;

#[test]
fn a_comment_hides_the_finding_and_keeps_the_package() {
    let bench = shop();
    let before = bench.json(&[])["summary"]["removable_bytes"].as_u64();
    bench.write(
        "requirements.txt",
        "# what the shop needs\nplum==2.1\nquince==0.9  # depslim: ignore[SLIM001] loaded by the kiosk\ndamson==3.0\n",
    );
    assert_eq!(bench.findings(&[]), ["SLIM002 damson"]);
    assert_eq!(bench.ignored(&[]), ["SLIM001:.#python:pypi/quince inline loaded by the kiosk"]);
    assert!(bench.json(&[])["summary"]["removable_bytes"].as_u64() < before);
    assert!(bench.run(&["debug", "plan"]).out.contains("kept: loaded by the kiosk"));
}

#[test]
fn the_configuration_hides_until_its_day() {
    let bench = shop();
    let write = |until: &str| {
        let ignore =
            format!("[[ignore]]\npackage = 'pypi:QUINCE'\nrules = ['SLIM001']\nreason = 'soon'\nuntil = {until}\n");
        bench.write("depslim.toml", &ignore);
    };
    // The day of these runs is 2026-11-21.
    write("2026-11-21");
    assert_eq!(bench.findings(&[]), ["SLIM002 damson"]);
    assert_eq!(bench.ignored(&[]), ["SLIM001:.#python:pypi/quince config soon"]);
    write("2026-11-20");
    assert_eq!(bench.findings(&[]), ["SLIM001 quince", "SLIM002 damson", "SLIM092 depslim.toml"]);
}

#[test]
fn an_ignore_that_hides_nothing_is_told() {
    let bench = shop();
    bench.write(
        "pyproject.toml",
        "[tool.depslim]\n[[tool.depslim.ignore]]\npackage = 'python:medlar'\n[[tool.depslim.ignore]]\npackage = 'go:medlar'\n",
    );
    let report = bench.json(&["--select", "SLIM092"]);
    let place = &report["findings"][0]["location"];
    assert_eq!((&place["file"], &place["line"]), (&"pyproject.toml".into(), &2.into()), "{report}");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_baseline_hides_what_is_known() {
    let bench = shop();
    let run = bench.run(&["--write-baseline"]);
    assert_eq!((run.code, run.err.as_str()), (0, "wrote depslim-baseline.json   2 findings\n"), "{}", run.all());
    assert_eq!(
        bench.read("depslim-baseline.json"),
        "{\n  \"schema\": \"depslim.baseline/1\",\n  \"findings\": [\n    \"SLIM001:.#python:pypi/quince\",\n    \
         \"SLIM002:.#python:pypi/damson\"\n  ]\n}\n"
    );
    assert_eq!(bench.run(&["--baseline", "depslim-baseline.json"]).code, 0);
    bench.write("depslim.toml", "baseline = 'depslim-baseline.json'\n");
    assert_eq!(bench.findings(&[]), [""; 0]);
    bench.write("requirements.txt", "plum==2.1\nsloe==1.0\n\nquince==0.9\ndamson==3.0\n");
    bench.install("", "sloe", "1.0", 30_000);
    assert_eq!(bench.findings(&[]), ["SLIM001 sloe"]);
    bench.write("depslim-baseline.json", "{}");
    let run = bench.run(&[]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("depslim-baseline.json: not a baseline"), "{}", run.err);
}
