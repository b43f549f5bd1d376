//! Notebooks, scripts, broken and hostile files.

use super::{facts, imports, shown};
use crate::source::{depth, read, skim};
use depslim_model::{Facts, Group, How, Settings, Source};

#[test]
fn notebooks() {
    let text = r#"{
 "cells": [
  {"cell_type": "markdown", "source": ["import no\n"]},
  {"cell_type": "code", "metadata": {}, "outputs": [], "source": [
    "%pip install -q pandas 'httpx[http2]>=0.2' -r more.txt\n",
    "!pip3 install lxml\n",
    "%matplotlib inline\n",
    "import pandas as pd\n",
    "if x:\n",
    "    !uv pip install polars --index-url https://me:pw@example.invalid/\n",
    "    df = !ls\n",
    "pd.read_csv?"
  ]},
  {"cell_type": "code", "source": "%%time\nimport a\nimport b"},
  {"cell_type": "code", "source": ["%%bash\n", "import -window root x.png\n", "python -m pip install rich\n"]},
  {"cell_type": "code", "source": ["def broken(:\n"]},
  {"cell_type": "code", "source": ["await c()\n", "pd.DataFrame()\n", "\n"]}
 ],
 "metadata": {"kernelspec": {"name": "python3", "language": "python"}}, "nbformat": 4
}"#;
    let facts = facts("shop/x.ipynb", text.as_bytes());
    insta::assert_snapshot!(shown(&facts, &[How::Import, How::Name]), @r"
    8 hard import pandas
    14 hard import a
    14 hard import b
    17 hard name pandas.DataFrame
    ");
    let installs: Vec<_> = facts
        .installs
        .iter()
        .map(|one| {
            (
                one.line,
                one.client.as_str(),
                one.packages.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(),
                one.files.join(" "),
            )
        })
        .collect();
    assert_eq!(
        installs,
        [
            (5, "pip", vec!["pandas", "httpx"], "more.txt".to_owned()),
            (6, "pip", vec!["lxml"], String::new()),
            (10, "pip", vec!["polars"], String::new()),
            (15, "pip", vec!["rich"], String::new()),
        ]
    );
    assert_eq!(facts.problems.iter().map(|one| (one.line, one.fatal)).collect::<Vec<_>>(), [(16, false)]);
    assert!(!format!("{facts:?}").contains("me:pw"), "credentials stay in the file");
}

#[test]
fn notebooks_of_other_kinds() {
    let old = facts(
        "x.ipynb",
        br#"{"worksheets": [{"cells": [{"cell_type": "code", "input": ["import a"]}]}], "nbformat": 3}"#,
    );
    assert_eq!(shown(&old, &[How::Import]), "1 hard a\n");
    let other = facts("x.ipynb", br#"{"cells": [{"cell_type": "code", "source": ["library(dplyr)"]}], "metadata": {"language_info": {"name": "R"}}}"#);
    assert_eq!(other, Facts::default());
    let broken = facts("x.ipynb", b"{\n\"cells\": [}");
    assert_eq!(broken.problems.iter().map(|one| one.line).collect::<Vec<_>>(), [2]);
}

#[test]
fn metadata_of_scripts() {
    let script = facts("x.py", b"#!/usr/bin/env -S uv run\n# /// script\n# requires-python = \">=3.11\"\n# dependencies = [\n#   \"requests<3\",\n#   \"rich[jupyter] ; python_version < '3.13'\",\n# ]\n# ///\nimport requests\n");
    let requires: Vec<_> = script
        .requires
        .iter()
        .map(|one| (one.line, one.name.as_str(), one.version.as_deref(), one.group, one.group_name.as_deref()))
        .collect();
    assert_eq!(
        requires,
        [(5, "requests", Some("<3"), Group::Dev, Some("script")), (6, "rich", None, Group::Dev, Some("script")),]
    );
    assert_eq!(script.requires[1].condition.as_deref(), Some("python_version < '3.13'"));
    assert_eq!((script.manifest, script.problems), (None, Vec::new()));
    let broken = facts("x.py", b"# /// script\n# dependencies = [\n# ///\n");
    assert_eq!(broken.problems.iter().map(|one| one.line).collect::<Vec<_>>(), [2]);
    let open = facts("x.py", b"# /// script\n# dependencies = ['a']\nimport b\n");
    assert_eq!(open.requires, []);
}

#[test]
fn syntax_errors_keep_what_was_understood() {
    let broken = facts("x.py", b"import a\nprint 'x'\ndef f(:\n  import b\nimport c\n");
    insta::assert_snapshot!(shown(&broken, &[How::Import]), @r"
    1 hard a
    4 lazy b
    5 hard c
    ");
    let problem = &broken.problems[0];
    assert_eq!((broken.problems.len(), problem.line, problem.fatal), (1, 2, false), "{}", problem.message);
}

/// Conditions in conditions.
fn nested(levels: usize) -> String {
    let lines: Vec<String> = (0..levels).map(|level| format!("{}if x:\n", " ".repeat(level))).collect();
    lines.concat()
}

#[test]
fn hostile_files_end() {
    for (text, line) in [
        (format!("import a\nx = {}", "(".repeat(10_000)), 2),
        (format!("import a\nx = 1{}", " + 1".repeat(100_000)), 2),
        (format!("import a\n{}", nested(300)), 102),
    ] {
        let facts = facts("x.py", text.as_bytes());
        assert_eq!(shown(&facts, &[How::Import]), "1 hard a\n");
        assert_eq!(facts.problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [line]);
    }
    // Deep, but within what people write: parsed with a larger stack.
    for text in [
        format!("import a\nx = 1{}\n", " + 1".repeat(9_000)),
        format!("import a\nx = a{}\n", ".b()".repeat(5_000)),
        format!("import a\nx = {}1\n", "-".repeat(30_000)),
        format!("import a\nx = {}1\n", "not ".repeat(9_000)),
        format!("import a\nx = {}1\n", "lambda:".repeat(5_000)),
        format!("import a\nx = {}1{}\n", "(".repeat(150), ")".repeat(150)),
        format!("import a\nx = {}1\n", "1 if a else ".repeat(3_000)),
        format!("import a\nx = 2{}\n", " ** 2".repeat(6_000)),
    ] {
        let facts = facts("x.py", text.as_bytes());
        assert_eq!(shown(&facts, &[How::Import]), "1 hard a\n");
        assert_eq!(facts.problems, [], "{}", &text[..40]);
    }
}

#[test]
fn what_counts_as_shallow_fits_on_a_thread() {
    let indented = nested(98) + &" ".repeat(98);
    let work = move || {
        for expression in [
            format!("{}1", "-".repeat(950)),
            format!("1{}", "+1".repeat(480)),
            format!("a{}", ".b".repeat(480)),
            format!("a{}", "[0]".repeat(300)),
            format!("{}1", "not ".repeat(240)),
            format!("{}1", "lambda:".repeat(135)),
            format!("{}1{}", "[".repeat(190), "]".repeat(190)),
            format!("{}1{}", "f(".repeat(190), ")".repeat(190)),
            format!("{}1{}", "{1:".repeat(190), "}".repeat(190)),
        ] {
            let text = format!("import a\n{indented}x = {expression}\n");
            assert_eq!(depth::measure(text.as_bytes()), depth::Depth::Shallow, "{expression}");
            let facts = facts("x.py", text.as_bytes());
            assert_eq!(
                (shown(&facts, &[How::Import]), facts.problems.len()),
                ("1 hard a\n".to_owned(), 0),
                "{expression}"
            );
        }
    };
    // The stack that the standard library and thread pools give to a thread.
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).expect("a thread").join().expect("no overflow");
}

#[test]
fn large_and_odd_files_are_read() {
    let line = format!("import a\nx = [{}]\nimport b\n", "'0123456789', ".repeat(400_000));
    assert!(line.len() > 5_000_000);
    insta::assert_snapshot!(imports(&line), @r"
    1 hard a
    3 hard b
    ");
    let nul = facts("x.py", b"import a\nx = '\0'\nimport b\n");
    assert_eq!(shown(&nul, &[How::Import]), "1 hard a\n3 hard b\n");
    assert_eq!(facts("x.py", b"").uses, []);
    assert_eq!(facts("x.py", b"\xff\xfe\x00").uses, []);
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
        check_any("x.py", &bytes);
        check_any("x.ipynb", &bytes);
    }

    #[test]
    fn any_python_like_text_is_read(text in "(import |from |try:|except |:|\n|  |\\(|\\)|\"|'|f'|\\{|\\}|\\\\|a|\\.|,|as |if |def f\\(\\):|lambda |\t|#|;|=|match x:|case ){0,60}") {
        check_any("x.py", text.as_bytes());
        let notebook = serde_json::json!({"cells": [{"cell_type": "code", "source": text}]}).to_string();
        check_any("x.ipynb", notebook.as_bytes());
    }
}

fn check_any(path: &str, bytes: &[u8]) {
    let source = Source { path, bytes, settings: &Settings::default() };
    let (parsed, scanned) = (read(&source), skim(&source));
    assert_eq!(parsed, read(&source), "the same bytes, the same facts");
    let lines = bytes.iter().filter(|&&byte| byte == b'\n' || byte == b'\r').count() as u32 + 1;
    for line in parsed.uses.iter().chain(&scanned.uses).map(|one| one.line) {
        assert!((1..=lines).contains(&line), "line {line} of {lines}");
    }
    assert!(parsed.problems.iter().all(|problem| problem.line <= lines && !problem.fatal));
}
