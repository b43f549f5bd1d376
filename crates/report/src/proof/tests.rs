//! What `depslim prove` prints.

use super::*;
use depslim_model::report::{Failed, Origin, SCHEMA, Summary, Tool};
use depslim_model::{Evidence, EvidenceKind};
use insta::assert_snapshot;

fn said(proved: Proved) -> String {
    let package = Package { id: "pkg:zig/lens@2.1".to_owned(), direct: true, ..Package::default() };
    let project =
        Project { id: "api#zig".to_owned(), proof: Some(proved), packages: vec![package], ..Project::default() };
    let report = Report {
        schema: SCHEMA.into(),
        tool: Tool::default(),
        target: String::new(),
        source: Origin::default(),
        summary: Summary::default(),
        projects: vec![project],
        findings: Vec::new(),
        ignored: Vec::new(),
        notes: Vec::new(),
        difference: None,
    };
    proof(&report, &View::default())
}

fn run(outcome: Outcome) -> Proved {
    Proved {
        outcome,
        command: vec!["app".to_owned(), "--check".to_owned()],
        sandbox: "in a sandbox without network, project read-only".to_owned(),
        runs: 1,
        left_out: vec!["pkg:zig/paint@1".to_owned()],
        left_out_bytes: 1_500_000,
        ..Proved::default()
    }
}

fn lens(by_trying: bool) -> PutBack {
    let said = |file: Option<&str>, text: &str| Evidence {
        kind: EvidenceKind::Run,
        file: file.map(str::to_owned),
        line: file.map(|_| 12),
        installed: true,
        text: text.to_owned(),
        ..Evidence::default()
    };
    let evidence = vec![said(Some("lib/glass.zig"), "no lens"), said(None, "line 41 of the output: no lens")];
    PutBack {
        package: "pkg:zig/lens@2.1".to_owned(),
        name: "lens".to_owned(),
        pin: "lens@2.1".to_owned(),
        bytes: 600_000,
        brought: vec!["pkg:zig/wax@1".to_owned()],
        by_trying,
        evidence: if by_trying { Vec::new() } else { evidence },
    }
}

#[test]
fn a_proof_names_its_command_and_what_was_left_out() {
    assert_snapshot!(said(run(Outcome::Proved)), @r#"
    proved  api#zig  it runs on what production would ship
      ran          app --check
      how          once, in a sandbox without network, project read-only
      left out     1 package, 1.5 MB
    "#);
}

#[test]
fn what_fails_anyway_is_not_counted_and_said() {
    let failed = |name: &str| Failed { name: name.to_owned(), reason: "no database".to_owned() };
    let failed_anyway = ["a", "b", "c", "d"].map(failed).to_vec();
    let proved = Proved { about: "imports 9 modules".to_owned(), passed: 5, failed_anyway, ..run(Outcome::Proved) };
    assert_snapshot!(said(proved), @r#"
    proved  api#zig  it runs on what production would ship, as far as it could be tried
      ran          imports 9 modules: 5 went well
      how          once, in a sandbox without network, project read-only
      left out     1 package, 1.5 MB
      not counted  4 more fail with everything installed too, and say nothing
                   a  no database
                   b  no database
                   c  no database
                   1 more (-v)
    "#);
}

#[test]
fn what_had_to_be_put_back_carries_its_place_in_the_output() {
    assert_snapshot!(said(Proved { put_back: vec![lens(false)], runs: 3, ..run(Outcome::Mended) }), @r#"
    not proved  api#zig  it does not run without lens
      ran          app --check
      how          3 times, in a sandbox without network, project read-only
      left out     1 package, 1.5 MB

    put back lens@2.1 with 1 package that it requires                                           600.0 kB
      --> installed lib/glass.zig:12
       = line 41 of the output: no lens

    With these it runs. To keep them: depslim prove --write
    "#);
}

#[test]
fn a_list_is_refuted_and_mended() {
    let put_back = vec![lens(true)];
    assert_snapshot!(said(Proved { put_back, list: Some("prod.list".to_owned()), ..run(Outcome::Mended) }), @r#"
    refuted  api#zig  it does not run on what prod.list installs, which lacks lens
      ran          app --check
      how          once, in a sandbox without network, project read-only
      left out     1 package, 1.5 MB

    put back lens@2.1 with 1 package that it requires                                           600.0 kB
       = no line of the output names it: it was found by leaving packages out and putting them back

    With these it runs. Add to prod.list:
      lens@2.1
    "#);
}

#[test]
fn nothing_proved_shows_the_end_of_the_output() {
    let notes = vec!["it fails with everything installed too: ended with exit code 1".to_owned()];
    let output = vec!["boom \u{1b}[31m".to_owned(), "::error::x".to_owned()];
    assert_snapshot!(said(Proved { notes, output, ..run(Outcome::Nothing) }), @r#"
    nothing proved  api#zig
      ran          app --check
      how          once, in a sandbox without network, project read-only
      note         it fails with everything installed too: ended with exit code 1

    the end of its output:
      boom \u{1b}[31m
      \u{3a}:error::x
    "#);
}
