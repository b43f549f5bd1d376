//! `paths` and `baseUrl` of `tsconfig.json` and `jsconfig.json`: names that stand for files of the project.
//!
//! Source: the reference of `tsconfig.json` in the documentation of TypeScript.

use depslim_formats::json::{self, Dialect};
use depslim_formats::text::decode;
use depslim_model::{Alias, Facts, Source};

/// Reads the names. A file that is broken is for its compiler to complain about.
pub(super) fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let Ok(doc) = json::parse(&decoded.text, Dialect::Comments) else { return Facts::default() };
    let Some(options) = doc.at(&["compilerOptions"]) else { return Facts::default() };
    let base = options.get("baseUrl").and_then(|node| node.text());
    let below = |target: &str| match base.map(|base| base.trim_end_matches('/')) {
        Some(base) if !base.is_empty() && base != "." && base != "./" => {
            format!("{base}/{}", target.trim_start_matches("./"))
        }
        _ => target.to_owned(),
    };
    let mut aliases = Vec::new();
    for (name, node) in options.get("paths").into_iter().flat_map(|paths| paths.entries()) {
        let targets: Vec<String> = node.strings().map(|(target, _)| below(target)).collect();
        if name.matches('*').count() < 2 && !targets.is_empty() {
            aliases.push(Alias { name: name.to_owned(), targets, public: false, line: node.line() });
        }
    }
    if let Some(node) = options.get("baseUrl").filter(|_| base.is_some()) {
        aliases.push(Alias { name: "*".into(), targets: vec![below("*")], public: false, line: node.line() });
    }
    Facts { aliases, ..Facts::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;

    fn check(text: &str, expect: &[(&str, &str)]) {
        let facts = read(&Source { path: "tsconfig.json", bytes: text.as_bytes(), settings: &Settings::default() });
        let said: Vec<_> = facts.aliases.iter().map(|a| (a.name.as_str(), a.targets[0].as_str())).collect();
        assert_eq!(said, expect, "{text}");
    }

    #[test]
    fn paths_stand_below_the_base() {
        check(r#"{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}"#, &[("@/*", "./src/*")]);
        check(
            r#"{/* all */ "compilerOptions": {"baseUrl": "./src", "paths": {"~/*": ["./*"],}}}"#,
            &[("~/*", "./src/*"), ("*", "./src/*")],
        );
        check(r#"{"compilerOptions": {"baseUrl": "."}}"#, &[("*", "*")]);
        check(r#"{"extends": "./base.json"}"#, &[]);
        check("{", &[]);
    }
}
