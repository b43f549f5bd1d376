//! Every rule has a page in `docs/rules`, and the pages say what the program says.

use depslim_model::{Code, Severity};
use depslim_report::{View, explain};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules")
}

fn read(name: &str) -> String {
    fs_err::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{error}"))
}

/// Words with one space between them: pages and terminals wrap lines in different places.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn default_of(code: Code) -> &'static str {
    match code.severity() {
        Severity::Error => "error",
        Severity::Warn => "warning",
        Severity::Off => "off",
    }
}

#[test]
fn every_rule_has_its_page() {
    for code in Code::ALL {
        let page = read(&format!("{code}.md"));
        assert!(page.starts_with(&format!("# {code}: {}\n", code.name())), "{code}: title");
        let text = words(&page);
        let definition = code.definition();
        let capital = format!("{}{}.", definition[..1].to_uppercase(), &definition[1..]);
        assert!(text.contains(&capital), "{code}: definition");
        assert!(text.contains(&format!("Default: **{}**", default_of(*code))), "{code}: default severity");
        let mut last = 0;
        for title in ["Why it matters", "Example", "How depslim decides", "What to do", "When to ignore it, and how"] {
            let at = page.find(&format!("\n## {title}\n")).unwrap_or_else(|| panic!("{code}: {title}"));
            assert!(at > last, "{code}: order of {title}");
            last = at;
        }
        let example = page.split("## Example").nth(1).unwrap();
        assert!(example.contains(&format!("[{code}] {}: ", code.name())), "{code}: its example shows it");
        let ignore = page.rsplit("## When to ignore it").next().unwrap();
        let ways = [
            format!("depslim: ignore[{code}]"),
            format!("\"{code}\""),
            format!("{code} = \""),
            "[budget]".into(),
            "[java]".into(),
        ];
        assert!(ways.iter().any(|way| ignore.contains(way.as_str())), "{code}: how to ignore it");
    }
}

/// `depslim why SLIM001` and the page give the same reasons and the same advice.
#[test]
fn pages_and_program_agree() {
    for code in Code::ALL {
        let page = words(&read(&format!("{code}.md")));
        let told = explain(*code, &View { width: 10_000, ..View::default() });
        let lines: Vec<&str> = told.lines().map(str::trim).collect();
        for title in ["Why it matters", "What to do"] {
            let at = lines.iter().position(|line| *line == title).unwrap();
            assert!(page.contains(lines[at + 1]), "{code}: {title}: {}", lines[at + 1]);
        }
    }
}

#[test]
fn the_index_lists_every_rule_and_nothing_else() {
    let index = read("README.md");
    let rows: Vec<&str> = index.lines().filter(|line| line.starts_with("| [SLIM")).collect();
    let expect: Vec<String> = Code::ALL
        .iter()
        .map(|code| {
            format!("| [{code}]({code}.md) | {} | {} | {} |", code.name(), default_of(*code), code.definition())
        })
        .collect();
    assert_eq!(rows, expect);
    let mut files: Vec<String> = fs_err::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    files.sort();
    let pages: Vec<String> = Code::ALL.iter().map(|code| format!("{code}.md")).collect();
    assert_eq!(files, pages);
}
