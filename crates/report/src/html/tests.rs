//! The page: what is in it, that nothing in it comes from elsewhere, that foreign text stays text.

use super::*;
use crate::fixtures;
use serde_json::Value as Json;

fn data(page: &str) -> Json {
    let (_, rest) = page.split_once(r#"<script type="application/json" id="data">"#).unwrap();
    let (json, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(json).unwrap()
}

#[test]
fn the_page_without_its_script_and_style() {
    let page = html(&fixtures::django(), &View::default());
    let (head, body) = page.split_once("<body>").unwrap();
    assert!(head.starts_with("<!doctype html>") && head.contains("default-src 'none'"));
    let (body, _) = body.split_once(r#"<script type="application/json""#).unwrap();
    insta::assert_snapshot!(body.replace("\n\n", "\n"));
}

#[test]
fn several_projects_and_broken_ones() {
    let page = html(&fixtures::monorepo(), &View::default());
    assert!(page.contains(r#"<td class="name">services&#x2f;billing</td>"#));
    assert!(page.contains("is not closed"));
    let data = data(&page);
    let projects: Vec<&str> =
        data["packages"].as_array().unwrap().iter().map(|p| p["project"].as_str().unwrap()).collect();
    assert!(projects.contains(&"web") && projects.contains(&"services/api"));
}

#[test]
fn a_page_about_nothing_still_stands() {
    for report in [fixtures::empty(), fixtures::clean(), fixtures::estimated()] {
        let page = html(&report, &View::default());
        assert!(page.trim_end().ends_with("</html>"), "{page}");
        data(&page);
    }
    assert!(!html(&fixtures::empty(), &View::default()).contains(r#"id="map""#));
}

#[test]
fn nothing_is_loaded_and_only_rules_are_linked() {
    for report in [fixtures::django(), fixtures::monorepo(), fixtures::hostile()] {
        // The template engine spells `/` in text as a character reference.
        let page = html(&report, &View::default()).replace("&#x2f;", "/");
        let urls: Vec<&str> = page
            .match_indices("://")
            .map(|(at, _)| {
                let start = page[..at].rfind(|c: char| !c.is_ascii_alphabetic()).map_or(0, |start| start + 1);
                let end = page[at..].find(['"', '\'', ' ', '<', ')']).map_or(page.len(), |end| at + end);
                &page[start..end]
            })
            .collect();
        let rules: Vec<&str> = depslim_model::Code::ALL.iter().filter_map(|code| code.url()).collect();
        assert_eq!(urls.is_empty(), rules.is_empty());
        for url in urls {
            assert!(rules.contains(&url), "{url}");
        }
        for word in ["src=\"", "<link", "@import", "url(", "fetch(", "XMLHttpRequest", "innerHTML", "eval(", "<iframe"]
        {
            assert!(!page.contains(word), "{word}");
        }
    }
}

#[test]
fn foreign_text_is_only_text() {
    let page = html(&fixtures::hostile(), &View::default());
    assert!(!page.contains("<img"), "markup");
    assert!(!page.contains("javascript:"), "links");
    assert_eq!(page.matches("<script").count(), 2);
    assert_eq!(page.matches("</script").count(), 2);
    assert!(!page.chars().any(|c| c.is_control() && c != '\n'));
    assert!(!page.contains('\u{202e}'));
    let data = data(&page);
    assert!(data["packages"][0]["name"].as_str().unwrap().contains("</script><img src=x onerror=alert(1)>"));
}

#[test]
fn five_thousand_packages_fit_in_a_page() {
    let page = html(&fixtures::large(5000), &View::default());
    assert!(page.len() < 4_000_000, "{}", page.len());
    let data = data(&page);
    assert_eq!(data["packages"].as_array().unwrap().len(), 5000);
    assert_eq!(data["nodes"].as_array().unwrap().iter().filter(|node| node.get("package").is_some()).count(), 5000);
}

#[test]
fn the_same_report_gives_the_same_page() {
    let report = fixtures::monorepo();
    assert_eq!(html(&report, &View::default()), html(&report.clone(), &View::default()));
}
