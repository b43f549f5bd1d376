//! What the SARIF standard and code scanning ask of a log, checked field by field, and one log as it is.

use super::*;
use crate::fixtures;
use serde_json::Value;

fn parse(report: &Report, view: &View) -> Value {
    serde_json::from_str(&sarif(report, view)).unwrap()
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value}"))
}

fn check_location(location: &Value) {
    let physical = &location["physicalLocation"];
    let uri = text(&physical["artifactLocation"]["uri"]);
    assert!(
        !uri.is_empty() && !uri.starts_with('/') && uri.is_ascii() && !uri.contains([' ', ':', '\\', '<']),
        "{uri}"
    );
    assert_eq!(physical["artifactLocation"]["uriBaseId"], "%SRCROOT%");
    assert!(physical["region"]["startLine"].as_u64().unwrap() >= 1);
    if let Some(column) = physical["region"].get("startColumn") {
        assert!(column.as_u64().unwrap() >= 1);
    }
}

/// Required members and value sets of the 2.1.0 schema, for the objects that are written.
fn check(log: &Value) {
    assert_eq!(log["version"], "2.1.0");
    assert!(text(&log["$schema"]).contains("sarif-2.1.0"));
    for run in list(log, "runs") {
        let driver = &run["tool"]["driver"];
        assert!(!text(&driver["name"]).is_empty());
        let rules = list(driver, "rules");
        let ids: Vec<&str> = rules.iter().map(|rule| text(&rule["id"])).collect();
        let mut unique = ids.clone();
        unique.dedup();
        assert_eq!(ids, unique);
        for rule in rules {
            for key in ["shortDescription", "fullDescription", "help"] {
                assert!(!text(&rule[key]["text"]).is_empty());
            }
            // An address is optional, and a dead one is worse than none.
            let home = rule.get("helpUri").is_none_or(|page| text(page).starts_with("https://"));
            assert!(home, "{rule}");
            assert!(["none", "note", "warning", "error"].contains(&text(&rule["defaultConfiguration"]["level"])));
        }
        for invocation in list(run, "invocations") {
            assert!(invocation["executionSuccessful"].is_boolean());
            for notification in list(invocation, "toolExecutionNotifications") {
                assert!(!text(&notification["message"]["text"]).is_empty());
                list(notification, "locations").iter().for_each(check_location);
            }
        }
        for result in list(run, "results") {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(text(&result["ruleId"]), ids[index]);
            assert!(!text(&result["message"]["text"]).is_empty());
            assert!(["note", "warning", "error"].contains(&text(&result["level"])));
            assert_eq!(list(result, "locations").len(), 1);
            list(result, "locations").iter().for_each(check_location);
            list(result, "relatedLocations").iter().for_each(check_location);
            assert!(text(&result["partialFingerprints"]["depslim/v1"]).starts_with(text(&result["ruleId"])));
            for fix in list(result, "fixes") {
                assert!(!list(fix, "artifactChanges").is_empty());
                for change in list(fix, "artifactChanges") {
                    assert!(!list(change, "replacements").is_empty());
                    for replacement in list(change, "replacements") {
                        let region = &replacement["deletedRegion"];
                        assert!(region["byteOffset"].is_u64() && region["byteLength"].is_u64());
                        // A binary region can only be replaced by binary content.
                        if let Some(content) = replacement.get("insertedContent") {
                            assert!(content["binary"].is_string() && content.get("text").is_none());
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn every_log_has_what_the_standard_requires() {
    for verbose in [0, 1] {
        for report in [
            fixtures::django(),
            fixtures::monorepo(),
            fixtures::empty(),
            fixtures::clean(),
            fixtures::estimated(),
            fixtures::hostile(),
        ] {
            for prefix in ["", "services/my shop"] {
                check(&parse(&report, &View { verbose, prefix: prefix.into(), ..View::default() }));
            }
        }
    }
}

#[test]
fn a_log_as_it_is() {
    let mut report = fixtures::django();
    report.findings.retain(|f| f.code == Code::DevInProd);
    insta::assert_snapshot!(sarif(&report, &View::default()));
}

#[test]
fn only_rules_that_are_used_are_listed() {
    let log = parse(&fixtures::django(), &View::default());
    let ids: Vec<&str> =
        list(&log["runs"][0]["tool"]["driver"], "rules").iter().map(|rule| text(&rule["id"])).collect();
    assert_eq!(ids, ["SLIM001", "SLIM002", "SLIM003"]);
}

#[test]
fn a_base_is_told_by_result() {
    let mut report = fixtures::django();
    report.findings[0].new = false;
    report.source.base_commit = Some("9c1d0e7".into());
    let log = parse(&report, &View::default());
    let states: Vec<(&str, &str)> = list(&log["runs"][0], "results")
        .iter()
        .map(|result| (text(&result["ruleId"]), text(&result["baselineState"])))
        .collect();
    assert_eq!(states, [("SLIM002", "new"), ("SLIM001", "new"), ("SLIM003", "unchanged")]);
}

#[test]
fn a_broken_manifest_is_a_failed_run() {
    let log = parse(&fixtures::monorepo(), &View::default());
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
    assert_eq!(parse(&fixtures::django(), &View::default())["runs"][0]["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn base64_is_that_of_the_rfc() {
    for (bytes, expect) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ] {
        assert_eq!(base64(bytes.as_bytes()), expect);
    }
}
