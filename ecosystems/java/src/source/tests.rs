//! Source files and what they use.

use super::*;
use depslim_model::Settings;

fn facts(path: &str, text: &str) -> Facts {
    read(&Source { path, bytes: text.as_bytes(), settings: &Settings::default() })
}

fn said(path: &str, text: &str) -> Vec<String> {
    let uses = facts(path, text).uses;
    uses.iter()
        .map(|used| {
            let value = if used.value.is_empty() { String::new() } else { format!(" {}", used.value) };
            format!("{}: {:?} {}{value}", used.line, used.how, used.name)
        })
        .collect()
}

#[test]
fn imports_of_each_language() {
    for (path, text, expect) in [
        (
            "Barn.java",
            "package farm;\nimport feed.Hay;\nimport static feed.Oats.MAX;",
            // What lies in the file's own package needs no import.
            vec!["1: Import farm *", "2: Import feed.Hay", "3: Import feed.Oats.MAX"],
        ),
        ("Barn.java", "import feed.*;\nimport static feed.Oats.*;", vec!["1: Import feed *", "2: Import feed.Oats *"]),
        (
            "Barn.kt",
            "import feed.hay as h\nimport feed.`in`.Oats\n",
            vec!["1: Import feed.hay", "2: Import feed.in.Oats"],
        ),
        (
            "Barn.scala",
            "import feed._\nimport feed.{Hay, Oats => O, _}",
            vec!["1: Import feed *", "2: Import feed.Hay", "2: Import feed.Oats", "2: Import feed *"],
        ),
        ("Barn.scala", "import feed.Hay, loft.*", vec!["1: Import feed.Hay", "1: Import loft *"]),
        ("Barn.groovy", "import feed.Hay\nimport feed.Oats as O", vec!["1: Import feed.Hay", "2: Import feed.Oats"]),
        ("Barn.java", "// import feed.No;\n/* import feed.No; */\nString s = \"import feed;\";", vec![]),
    ] {
        assert_eq!(said(path, text), expect, "{text}");
    }
}

#[test]
fn full_names_and_strings_in_code() {
    for (text, expect) in [
        ("class A { feed.dry.Hay h = feed.dry.Hay.of(1); }", vec!["1: Import feed.dry.Hay"]),
        ("@feed.dry.Mark class A {}", vec!["1: Import feed.dry.Mark"]),
        ("int x = hay.Bale + this.hay.loft.Bale;", vec![]),
        ("Class.forName(\"feed.Hay\");", vec!["1: Text feed.Hay"]),
        ("Class.forName(name);", vec!["1: Computed Class.forName"]),
        ("String u = \"jdbc:harvest://barn/x\";", vec!["1: Url jdbc:harvest"]),
        ("char c = '\"'; String s = \"feed.Hay\";", vec!["1: Text feed.Hay"]),
        (
            "String s = \"\"\"\n  feed.Hay \"\"\";\nfeed.dry.Oats o;",
            vec!["1: Text feed.Hay", "3: Import feed.dry.Oats"],
        ),
    ] {
        assert_eq!(said("A.java", text), expect, "{text}");
    }
}

#[test]
fn a_file_tells_its_root_and_package() {
    for (path, text, root) in [
        ("src/main/java/farm/barn/A.java", "package farm.barn;", Some("src/main/java")),
        ("src/A.java", "", Some("src")),
        ("farm/A.java", "package farm;", Some("")),
        ("src/other/A.java", "package farm;", None),
    ] {
        assert_eq!(facts(path, text).module_roots.first().map(String::as_str), root, "{path}");
    }
    for (text, expect) in [
        ("@Deep(x = 1) package farm.barn;", "farm.barn"),
        ("@file:JvmName(\"X\")\npackage farm", "farm"),
        ("class A {}", ""),
        ("/* package no; */ package yes;", "yes"),
    ] {
        assert_eq!(package_of(text.as_bytes()), expect, "{text}");
    }
}

#[test]
fn what_never_ends_ends() {
    for text in
        ["import", "import static", "\"", "\"\"\"", "'", "/*", "package", "import a.{", "`", "a.", "Class.forName("]
    {
        for path in ["A.java", "A.scala"] {
            facts(path, text);
        }
    }
    facts("A.java", &"{".repeat(1_000_000));
}
