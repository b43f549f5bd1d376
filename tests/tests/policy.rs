//! Budgets, baselines, ignores and annotations, as a pull request's run meets them: what counts, what is hidden, what is said.

use depslim_tests::git::{commit, init, put};
use depslim_tests::venv::install;
use depslim_tests::{command, depslim, project, stdout};
use std::fmt::Write as _;
use std::path::Path;
use tempfile::TempDir;

/// A shop that uses the wren (3 MB), and declares these birds for nothing.
fn shop(idle: &[&str]) -> TempDir {
    let mut lines = "wren==1.0\n".to_owned();
    for name in idle {
        let _ = writeln!(lines, "{name}==1.0");
    }
    let folder = project(&[(".gitignore", ".venv/\n"), ("requirements.txt", &lines), ("app.py", "import wren\n")]);
    install(folder.path(), "wren", "1.0", 3_000_000);
    for name in idle {
        install(folder.path(), name, "1.0", 1_000_000);
    }
    folder
}

fn text(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let run = depslim(folder, arguments);
    // Long lines are broken where a terminal ends.
    (run.status.code(), stdout(&run).split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn a_budget_says_how_much_it_is_passed_by() {
    let folder = shop(&["dodo"]);
    let path = folder.path();
    init(path);
    commit(path, "first");
    put(path, "depslim.toml", "[budget]\nprod-total = \"3.5 MB\"\nprod-growth = \"500 kB\"\n");
    let (code, said) = text(path, &["--ignore", "SLIM001"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("error[SLIM006] over-budget: production is 4.0 MB, 500."), "{said}");
    assert!(said.contains("over the budget of 3.5 MB") && said.contains("--> depslim.toml:2"), "{said}");
    // A branch that adds more than it may, while the total was too much before.
    put(path, "requirements.txt", "wren==1.0\ndodo==1.0\nowl==1.0\n");
    put(path, "app.py", "import wren, owl\n");
    install(path, "owl", "1.0", 700_000);
    let (code, said) = text(path, &["--base", "HEAD", "--ignore", "SLIM001"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("error[SLIM007] growth: production grows by 700."), "{said}");
    assert!(
        said.contains("more than the 500.0 kB that the budget allows") && said.contains("depslim.toml:3"),
        "{said}"
    );
    assert!(!said.contains("error[SLIM006]"), "it was over the budget before\n{said}");
    // Off until set, and not asked for without a base.
    put(path, "depslim.toml", "");
    assert_eq!(text(path, &["--base", "HEAD", "--ignore", "SLIM001"]).0, Some(0));
}

#[test]
fn a_baseline_is_by_name_and_not_by_line() {
    let folder = shop(&["dodo", "kiwi"]);
    let path = folder.path();
    assert_eq!(text(path, &[]).0, Some(1));
    assert_eq!(text(path, &["--write-baseline"]).0, Some(0));
    // The lines move: what is known stays known.
    put(path, "requirements.txt", "# birds\n\nkiwi==1.0\nwren==1.0\ndodo==1.0\n");
    let (code, said) = text(path, &["--baseline", "depslim-baseline.json"]);
    assert!(code == Some(0) && !said.contains("SLIM001"), "{said}");
    put(path, "requirements.txt", "kiwi==1.0\nwren==1.0\ndodo==1.0\nemu==1.0\n");
    install(path, "emu", "1.0", 10_000);
    let (code, said) = text(path, &["--baseline", "depslim-baseline.json"]);
    assert!(code == Some(1) && said.contains("emu is never used") && !said.contains("dodo is never"), "{said}");
}

#[test]
fn an_ignore_ends_on_its_day_and_says_so() {
    let folder = shop(&["dodo"]);
    let path = folder.path();
    let ignore =
        "[[ignore]]\npackage = \"pypi:dodo\"\nrules = [\"SLIM001\"]\nreason = \"the exhibition\"\nuntil = 2026-06-30\n";
    put(path, "depslim.toml", ignore);
    let on = |day: &str| {
        // Noon of that day, as seconds since 1970.
        let run = command(path, &[]).env("SOURCE_DATE_EPOCH", day).output().unwrap();
        (run.status.code(), stdout(&run).split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let (code, said) = on("1782820800");
    assert!(code == Some(0) && !said.contains("SLIM092"), "{said}");
    let (code, said) = on("1782907200");
    assert!(code == Some(1) && said.contains("error[SLIM001] unused-dependency: dodo is never used"), "{said}");
    assert!(said.contains("warning[SLIM092] unused-ignore: the ignore of pypi:dodo ended on 2026-06-30"), "{said}");
    assert!(said.contains("--> depslim.toml:"), "{said}");
    put(path, "depslim.toml", &ignore.replace("dodo", "moa"));
    let (_, said) = on("1782820800");
    assert!(said.contains("warning[SLIM092] unused-ignore: the ignore of pypi:moa matches no finding"), "{said}");
}

/// GitHub shows ten annotations of each level in a step, and drops the rest without a word.
#[test]
fn ten_annotations_a_level_and_a_number_for_the_rest() {
    let names: Vec<String> = (1..=13).map(|n| format!("bird{n:02}")).collect();
    let folder = shop(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let summary = folder.path().join(".venv/summary.md");
    let run = command(folder.path(), &[])
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output()
        .unwrap();
    let said = stdout(&run);
    let annotations: Vec<&str> = said.lines().filter(|line| line.starts_with("::")).collect();
    let errors = annotations.iter().filter(|line| line.starts_with("::error")).count();
    assert_eq!((run.status.code(), errors), (Some(1), 10), "{said}");
    assert!(annotations[0].starts_with("::error file=requirements.txt,line=2,"), "{said}");
    assert!(said.contains("depslim: 3 errors more without an annotation"), "{said}");
    // The text and the summary have all of them.
    for name in &names {
        assert!(said.contains(&format!("{name} is never used")), "{name}");
    }
    assert!(fs_err::read_to_string(summary).unwrap().contains("bird13"));
}
