//! What comments say to tools: references, JSX pragmas, test environments, types in documentation.

use depslim_model::{How, Strength, Use};

/// Uses in one comment, each with its offset in it.
pub(super) fn read(comment: &str) -> Vec<(usize, Use)> {
    let mut uses = Vec::new();
    let mut add = |at: usize, name: &str, value: &str, strength: Strength| {
        if !name.is_empty() {
            let used = Use { how: How::Dynamic, name: name.to_owned(), value: value.to_owned(), strength, line: 0 };
            uses.push((at, used));
        }
    };
    if let Some(rest) = comment.strip_prefix("///").map(str::trim_start).filter(|rest| rest.starts_with("<reference")) {
        // `/// <reference types="x" />`; a `path` is a file, a `lib` belongs to the compiler.
        if let Some((_, value)) = rest.split_once("types=") {
            let name = value.trim_start_matches(['"', '\'']).split(['"', '\'']).next().unwrap_or_default();
            add(0, name, "reference types", Strength::Types);
        }
    }
    for (pragma, value) in
        [("@jsxImportSource", "JSX"), ("@jest-environment", "environment"), ("@vitest-environment", "environment")]
    {
        for (at, _) in comment.match_indices(pragma) {
            let rest = &comment[at + pragma.len()..];
            let word = rest.split_whitespace().next().unwrap_or_default();
            if value == "JSX" {
                add(at, &format!("{word}/jsx-runtime"), value, Strength::Hard);
            } else {
                add(at, word, value, Strength::Lazy);
                add(at, &format!("jest-environment-{word}"), value, Strength::Lazy);
            }
        }
    }
    // `@type {import("x").Y}`
    for (at, _) in comment.match_indices("import(") {
        let rest = &comment[at + "import(".len()..];
        if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')) {
            let name = rest[1..].split(quote).next().unwrap_or_default();
            if name.len() < 200 && !name.contains(char::is_whitespace) {
                add(at, name, "import", Strength::Types);
            }
        }
    }
    uses
}
