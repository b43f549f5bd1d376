//! The policy on small reports written by hand.

use super::*;
use depslim_model::report::{Declared, Measure, Note, Origin, Summary, Tool};
use depslim_model::{Edit, Fix, Location, Package};

/// A report on two projects, `.#zig` and `web#elm`, both measured.
fn report(findings: Vec<Finding>) -> Report {
    let project = |path: &str, ecosystem: &str, bytes: u64| Project {
        id: format!("{path}#{ecosystem}"),
        ecosystem: ecosystem.to_owned(),
        path: path.to_owned(),
        measure: Measure::Installed,
        prod_bytes: bytes,
        ..Project::default()
    };
    Report {
        schema: depslim_model::report::SCHEMA.to_owned(),
        tool: Tool::default(),
        target: String::new(),
        source: Origin::default(),
        summary: Summary::default(),
        projects: vec![project(".", "zig", 90_000_000), project("web", "elm", 30_000_000)],
        findings,
        ignored: Vec::new(),
        notes: Vec::new(),
        difference: None,
    }
}

/// A finding with high confidence at `file:line`.
fn finding(code: Code, project: &str, package: &str, place: &str) -> Finding {
    let (file, line) = place.split_once(':').unwrap();
    let (_, ecosystem) = project.split_once('#').unwrap();
    Finding {
        code,
        name: code.name().to_owned(),
        severity: code.severity(),
        confidence: Confidence::High,
        new: false,
        project: project.to_owned(),
        package: format!("pkg:{ecosystem}/{package}@1.0"),
        bytes: 10_000_000,
        packages: 0,
        message: format!("{package} is never used"),
        location: Some(Location { file: file.to_owned(), line: line.parse().unwrap(), column: 1 }),
        evidence: Vec::new(),
        help: Vec::new(),
        fix: Some(Fix {
            applicable: depslim_model::report::Applicable::Safe,
            edits: vec![Edit { file: file.to_owned(), start: 0, end: 1, text: String::new() }],
            lines: None,
            changes: Vec::new(),
        }),
        fingerprint: format!("{code}:{project}:{ecosystem}/{package}"),
        url: code.url().map(str::to_owned),
    }
}

fn twilio() -> Finding {
    finding(Code::Unused, ".#zig", "twilio", "deps.txt:3")
}

fn policy() -> Policy {
    Policy::new("2026-11-21".parse().unwrap())
}

fn ignore(package: &str, rules: &[Code]) -> Ignore {
    Ignore {
        package: Some(PackagePattern::parse(package).unwrap()),
        rules: rules.to_vec(),
        reason: Some("started by the platform".to_owned()),
        place: Some(Location { file: "depslim.toml".to_owned(), line: 7, column: 1 }),
        only_here: true,
        ..Ignore::default()
    }
}

/// Applies a policy and shows what is left: `severity CODE package-or-message`, then `- fingerprint (by: reason)`.
fn check(findings: Vec<Finding>, policy: &Policy, inline: &[(&str, &str)], expect: &[&str]) -> Report {
    let mut report = report(findings);
    let inline: Vec<_> = inline.iter().flat_map(|(file, text)| inline::scan(file, text)).collect();
    apply(&mut report, policy, &inline, None);
    assert_eq!(show(&report), expect);
    report
}

fn show(report: &Report) -> Vec<String> {
    let findings = report.findings.iter().map(|f| format!("{} {} {}", f.severity, f.code, f.message));
    let ignored = report.ignored.iter().map(|i| {
        let reason = i.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        format!("- {} ({}{reason})", i.fingerprint, i.by)
    });
    findings.chain(ignored).collect()
}

#[test]
fn without_a_policy_findings_have_the_severity_of_their_rule() {
    let report = check(
        vec![
            twilio(),
            finding(Code::Heavy, "web#elm", "plot", "a:1"),
            finding(Code::RemovableFiles, "web#elm", "x", "b:1"),
        ],
        &policy(),
        &[],
        &["error SLIM001 twilio is never used", "warning SLIM003 plot is never used"],
    );
    assert_eq!((report.summary.errors, report.summary.warnings), (1, 1));
    assert!(report.findings.iter().all(|finding| finding.new));
    assert_eq!(policy().exit_code(&report), exit::FINDINGS);
}

#[test]
fn one_case_may_be_milder_than_its_rule_until_the_user_says_otherwise() {
    let idle = || Finding { severity: Severity::Warn, ..twilio() };
    check(vec![idle()], &policy(), &[], &["warning SLIM001 twilio is never used"]);
    let rules = BTreeMap::from([(Code::Unused, Severity::Error)]);
    check(vec![idle()], &Policy { rules, ..policy() }, &[], &["error SLIM001 twilio is never used"]);
}

#[test]
fn rules_change_severities_per_folder() {
    let mut policy = policy();
    policy.rules = BTreeMap::from([(Code::Unused, Severity::Warn), (Code::Heavy, Severity::Off)]);
    policy.folders = vec![
        FolderPolicy {
            path: "web".to_owned(),
            rules: BTreeMap::from([(Code::Heavy, Severity::Error)]),
            ..FolderPolicy::default()
        },
        FolderPolicy {
            path: "webshop".to_owned(),
            rules: BTreeMap::from([(Code::Unused, Severity::Off)]),
            ..FolderPolicy::default()
        },
    ];
    check(
        vec![
            twilio(),
            finding(Code::Heavy, ".#zig", "plot", "a:1"),
            finding(Code::Heavy, "web#elm", "charts", "b:1"),
            finding(Code::Unused, "web#elm", "spare", "b:2"),
        ],
        &policy,
        &[],
        &[
            "warning SLIM001 twilio is never used",
            "error SLIM003 charts is never used",
            "warning SLIM001 spare is never used",
        ],
    );
}

#[test]
fn selecting_rules_leaves_the_others_out() {
    let findings = || {
        vec![
            twilio(),
            finding(Code::DevInProd, ".#zig", "pytest", "a:1"),
            finding(Code::RemovableFiles, ".#zig", "x", "b:1"),
        ]
    };
    let select = |select: &[Code], deselect: &[Code]| Policy {
        select: (!select.is_empty()).then(|| select.iter().copied().collect()),
        deselect: deselect.iter().copied().collect(),
        ..policy()
    };
    check(findings(), &select(&[Code::DevInProd], &[]), &[], &["error SLIM002 pytest is never used"]);
    check(findings(), &select(&[], &[Code::Unused]), &[], &["error SLIM002 pytest is never used"]);
    // A rule that is off by default is on when it is asked for.
    check(findings(), &select(&[Code::RemovableFiles], &[]), &[], &["warning SLIM054 x is never used"]);
    check(findings(), &select(&[Code::Unused], &[Code::Unused]), &[], &[]);
}

#[test]
fn doubt_is_never_an_error_and_never_fixed() {
    let doubtful = Finding { confidence: Confidence::Low, ..twilio() };
    let report = check(vec![doubtful], &policy(), &[], &["warning SLIM001 twilio is never used"]);
    assert_eq!(report.findings[0].fix, None);
    assert_eq!(policy().exit_code(&report), exit::CLEAN);
}

#[test]
fn comments_hide_what_stands_beside_or_below_them() {
    let hidden = "- SLIM001:.#zig:zig/twilio (inline: called by cron)";
    for text in [
        "a\nb\ntwilio # depslim: ignore[SLIM001] called by cron",
        "a\n# depslim: ignore[SLIM001] called by cron\ntwilio",
    ] {
        check(vec![twilio()], &policy(), &[("deps.txt", text)], &[hidden]);
    }
    check(
        vec![twilio()],
        &policy(),
        &[("deps.txt", "a\nb # depslim: ignore[SLIM001] called by cron\ntwilio")],
        &["error SLIM001 twilio is never used", "warning SLIM092 this ignore of SLIM001 matches no finding"],
    );
    check(
        vec![twilio()],
        &policy(),
        &[("web/deps.txt", "a\nb\ntwilio # depslim: ignore[SLIM001, SLIM002]")],
        &["error SLIM001 twilio is never used", "warning SLIM092 this ignore of SLIM001, SLIM002 matches no finding"],
    );
}

#[test]
fn a_comment_at_the_declaration_hides_a_finding_at_the_use() {
    let mut report = report(vec![finding(Code::Heavy, ".#zig", "plot", "src/chart.zig:7")]);
    report.projects[0].packages.push(Package {
        id: "pkg:zig/plot@1.0".to_owned(),
        name: "plot".to_owned(),
        declared: vec![Declared { file: "deps.txt".to_owned(), line: 1, ..Declared::default() }],
        ..Package::default()
    });
    assert_eq!(inline::files(&report).into_iter().collect::<Vec<_>>(), ["deps.txt", "src/chart.zig"]);
    let inline = inline::scan("deps.txt", "plot # depslim: ignore[heavy-dependency] one chart is enough");
    apply(&mut report, &policy(), &inline, None);
    assert_eq!(show(&report), ["- SLIM003:.#zig:zig/plot (inline: one chart is enough)"]);
}

#[test]
fn the_configuration_hides_by_package_rule_and_folder() {
    let hidden = "- SLIM001:.#zig:zig/twilio (config: started by the platform)";
    let with = |ignore: Ignore| Policy { ignores: vec![ignore], ..policy() };
    check(vec![twilio()], &with(ignore("zig:twi*", &[Code::Unused])), &[], &[hidden]);
    check(vec![twilio()], &with(ignore("twilio", &[])), &[], &[hidden]);
    check(
        vec![twilio()],
        &with(Ignore { path: Some("web".to_owned()), ..ignore("zig:twilio", &[Code::Unused]) }),
        &[],
        &["error SLIM001 twilio is never used"],
    );
    check(
        vec![twilio()],
        &with(ignore("zig:twilio", &[Code::DevInProd])),
        &[],
        &[
            "error SLIM001 twilio is never used",
            "warning SLIM092 the ignore of zig:twilio matches no finding of SLIM002",
        ],
    );
}

#[test]
fn an_ignore_ends_after_its_last_day() {
    let until = |day: &str| {
        let ignore = Ignore { until: Some(day.parse().unwrap()), ..ignore("zig:twilio", &[Code::Unused]) };
        Policy { ignores: vec![ignore], ..policy() }
    };
    let hidden = "- SLIM001:.#zig:zig/twilio (config: started by the platform)";
    check(vec![twilio()], &until("2026-11-21"), &[], &[hidden]);
    let report = check(
        vec![twilio()],
        &until("2026-11-20"),
        &[],
        &["error SLIM001 twilio is never used", "warning SLIM092 the ignore of zig:twilio ended on 2026-11-20"],
    );
    assert_eq!(report.findings[1].location.as_ref().map(|at| (at.file.as_str(), at.line)), Some(("depslim.toml", 7)));
}

#[test]
fn an_ignore_is_called_useless_only_when_the_run_looked_for_it() {
    let useless = ignore("zig:gone", &[Code::Unused]);
    let with = |ignore: Ignore| Policy { ignores: vec![ignore], ..policy() };
    check(
        vec![],
        &with(useless.clone()),
        &[],
        &["warning SLIM092 the ignore of zig:gone matches no finding of SLIM001"],
    );
    // It is also about what lies outside the analysed root.
    check(vec![], &with(Ignore { only_here: false, ..useless.clone() }), &[], &[]);
    // No project of its ecosystem, or in its folder, was analysed.
    check(vec![], &with(ignore("npm:gone", &[Code::Unused])), &[], &[]);
    check(vec![], &with(Ignore { path: Some("api".to_owned()), ..useless.clone() }), &[], &[]);
    // Its rule is off.
    check(vec![], &Policy { deselect: BTreeSet::from([Code::Unused]), ..with(useless.clone()) }, &[], &[]);
    // The project that it may be about could not be read.
    let mut report = report(vec![]);
    report.projects[0].failed = Some("deps.txt:3: no such thing".to_owned());
    apply(&mut report, &with(useless.clone()), &[], None);
    assert_eq!(show(&report), [""; 0]);
    // Nothing is installed: what it hides may show up once something is.
    report.projects[0].failed = None;
    report.projects[0].measure = Measure::Unknown;
    apply(&mut report, &with(useless), &[], None);
    assert_eq!(report.findings[0].confidence, Confidence::Low);
}

#[test]
fn the_baseline_hides_what_is_known() {
    let mut baseline = Baseline::default();
    let mut before = report(vec![twilio()]);
    apply(&mut before, &policy(), &[], None);
    baseline.record(&before);
    let policy = Policy { baseline: Some(baseline), ..policy() };
    check(
        vec![twilio(), finding(Code::Unused, ".#zig", "fresh", "deps.txt:9")],
        &policy,
        &[],
        &["error SLIM001 fresh is never used", "- SLIM001:.#zig:zig/twilio (baseline)"],
    );
}

#[test]
fn recording_a_part_of_the_tree_keeps_the_rest() {
    let known = |text: &str| text.to_owned();
    let mut baseline = Baseline {
        fingerprints: [known("SLIM001:web#elm:elm/old"), known("SLIM001:api#zig:zig/other")].into(),
        root: "web".to_owned(),
    };
    baseline.record(&report(vec![finding(Code::Unused, ".#zig", "twilio", "deps.txt:3")]));
    assert_eq!(
        baseline.fingerprints.into_iter().collect::<Vec<_>>(),
        ["SLIM001:api#zig:zig/other", "SLIM001:web#zig:zig/twilio"]
    );
}

#[test]
fn budgets_are_per_project_and_off_until_set() {
    let limit =
        |bytes| Some(Limit { bytes, place: Some(Location { file: "depslim.toml".to_owned(), line: 4, column: 1 }) });
    let mut policy = policy();
    policy.budget.prod_total = limit(50_000_000);
    check(vec![], &policy, &[], &["error SLIM006 production is 90.0 MB, 40.0 MB over the budget of 50.0 MB"]);
    policy.folders = vec![FolderPolicy {
        path: "web".to_owned(),
        budget: Budget { prod_total: limit(29_000_000), prod_growth: None },
        ..FolderPolicy::default()
    }];
    let report = check(
        vec![],
        &policy,
        &[],
        &[
            "error SLIM006 production is 90.0 MB, 40.0 MB over the budget of 50.0 MB",
            "error SLIM006 production is 30.0 MB, 1.0 MB over the budget of 29.0 MB",
        ],
    );
    assert_eq!(report.findings[1].project, "web#elm");
}

#[test]
fn growth_is_measured_against_the_base() {
    let mut policy = policy();
    policy.budget.prod_growth = Some(Limit { bytes: 5_000_000, place: None });
    let mut base = report(vec![twilio()]);
    base.projects[0].prod_bytes = 79_000_000;
    base.projects[1].prod_bytes = 26_000_000;
    let mut head = report(vec![twilio(), finding(Code::Unused, "web#elm", "fresh", "web/deps.txt:1")]);
    apply(&mut head, &policy, &[], Some(&base));
    assert_eq!(
        show(&head),
        [
            "error SLIM007 production grows by 11.0 MB (79.0 MB → 90.0 MB), more than the 5.0 MB that the budget allows",
            "error SLIM001 twilio is never used",
            "error SLIM001 fresh is never used",
        ]
    );
    assert_eq!(head.findings.iter().map(|finding| finding.new).collect::<Vec<_>>(), [true, false, true]);
    // A base that was estimated says nothing about growth of what was measured.
    base.projects[0].measure = Measure::Estimated;
    let mut head = report(vec![]);
    apply(&mut head, &policy, &[], Some(&base));
    assert_eq!(show(&head), [""; 0]);
}

#[test]
fn exit_codes_follow_severity_newness_and_folders() {
    let exit = |change: &dyn Fn(&mut Policy, &mut Report), findings: Vec<Finding>, base: Option<&Report>| {
        let (mut policy, mut report) = (policy(), report(findings));
        change(&mut policy, &mut report);
        apply(&mut report, &policy, &[], base);
        policy.exit_code(&report)
    };
    let heavy = || finding(Code::Heavy, "web#elm", "plot", "a:1");
    assert_eq!(exit(&|_, _| {}, vec![], None), exit::CLEAN);
    assert_eq!(exit(&|_, _| {}, vec![heavy()], None), exit::CLEAN);
    assert_eq!(exit(&|policy, _| policy.fail_on = FailOn::Warn, vec![heavy()], None), exit::FINDINGS);
    assert_eq!(exit(&|policy, _| policy.fail_on = FailOn::Never, vec![twilio()], None), exit::CLEAN);
    let web = |level| FolderPolicy { path: "web".to_owned(), fail_on: Some(level), ..FolderPolicy::default() };
    assert_eq!(exit(&|policy, _| policy.folders = vec![web(FailOn::Warn)], vec![heavy()], None), exit::FINDINGS);
    assert_eq!(exit(&|policy, _| policy.folders = vec![web(FailOn::Never)], vec![twilio()], None), exit::FINDINGS);
    // Known in the base: hidden there or not.
    let base = report(vec![twilio()]);
    assert_eq!(exit(&|_, _| {}, vec![twilio()], Some(&base)), exit::CLEAN);
    // What could not be read comes first.
    let fatal = Note { message: "deps.txt:3: no such thing".to_owned(), fatal: true, ..Note::default() };
    assert_eq!(exit(&|_, report| report.notes.push(fatal.clone()), vec![twilio()], None), exit::ERROR);
    assert_eq!(exit(&|_, report| report.projects[1].failed = Some("x".to_owned()), vec![], None), exit::ERROR);
}

#[test]
fn folders_hold_what_is_below_them() {
    for (path, folder, expect) in [
        ("a/b", "a", true),
        ("a", "a", true),
        ("ab", "a", false),
        ("a", ".", true),
        ("a", "", true),
        ("a", "./a/", true),
        (".", "a", false),
    ] {
        assert_eq!(within(path, folder), expect, "{path} {folder}");
    }
}
