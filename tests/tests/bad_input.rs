//! Broken input gives one clear word that names file and line; the rest of the tree is still reported, and nothing is written.

use depslim_tests::{depslim, project, stderr, stdout};

fn check(files: &[(&str, &str)], code: i32, expect: &[&str]) {
    let folder = project(files);
    let output = depslim(folder.path(), &["check"]);
    let all = format!("{}{}", stdout(&output), stderr(&output));
    assert_eq!(output.status.code(), Some(code), "{all}");
    for text in expect {
        assert!(all.contains(text), "{text:?} is not in:\n{all}");
    }
    assert!(!all.contains("panicked"), "{all}");
    assert!(!folder.path().join("slim").exists());
}

#[test]
fn a_broken_manifest_is_named_with_its_line() {
    check(&[("pyproject.toml", "[project]\nname = \"wren\"\ndependencies = [\"tqdm\"\n")], 2, &["pyproject.toml:3"]);
    check(&[("Pipfile", "[packages\ntqdm = \"*\"\n")], 2, &["Pipfile:1"]);
}

#[test]
fn a_broken_lock_is_named_and_the_manifest_still_counts() {
    check(
        &[
            ("pyproject.toml", "[project]\nname = \"wren\"\nversion = \"1\"\ndependencies = [\"tqdm\", \"black\"]\n"),
            ("uv.lock", "version = 1\n[[package]\nname = \"tqdm\"\n"),
            ("wren.py", "import tqdm\n"),
        ],
        2,
        &["uv.lock:2", "black"],
    );
}

#[test]
fn one_broken_project_does_not_hide_the_others() {
    check(
        &[
            ("services/owl/pyproject.toml", "[project\n"),
            ("services/wren/requirements.txt", "tqdm==4.67.1\nblack==24.1.0\n"),
            ("services/wren/app.py", "import tqdm\n"),
        ],
        2,
        &["services/owl/pyproject.toml:1", "black"],
    );
}

#[test]
fn a_strange_line_is_a_warning() {
    check(
        &[("requirements.txt", "tqdm==4.67.1\n???\nblack==24.1.0\n"), ("app.py", "import tqdm\n")],
        1,
        &["requirements.txt:2", "black"],
    );
}

#[test]
fn a_source_that_does_not_parse_lowers_confidence_only() {
    check(&[("requirements.txt", "tqdm==4.67.1\n"), ("app.py", "import tqdm\ndef (:\n")], 0, &["app.py:2"]);
}

#[test]
fn an_empty_folder_says_what_was_looked_for() {
    check(&[("notes.md", "x")], 3, &["nothing to analyse", "pyproject.toml", "requirements"]);
}
