//! Which files a package's modules stand for: `exports`, else `main`.
//!
//! Source: "Package entry points" in the documentation of Node.

use depslim_formats::json::{Kind, Node};
use depslim_model::Export;

/// Conditions that hold on no server: for type checkers, browsers, other runtimes, and while developing.
const NEVER: &[&str] = &[
    "types",
    "browser",
    "deno",
    "bun",
    "react-native",
    "worker",
    "workerd",
    "edge-light",
    "electron",
    "development",
    "netlify",
    "fastly",
    "worklet",
    "react-server",
    "style",
    "sass",
    "less",
];

/// Endings of files that a `main` without one may mean.
const ENDINGS: &[&str] = &["", ".js", ".cjs", ".mjs", ".json", ".node", "/index.js", "/index.json", "/index.node"];

/// How deep conditions are followed.
const DEEPEST: u32 = 12;

/// The modules that a package supplies, and the files of those whose names do not tell them.
pub(super) fn read(root: Node<'_>, name: &str) -> (Vec<String>, Vec<Export>) {
    let modules = vec![name.to_owned()];
    let Some(exports) = root.get("exports") else { return (modules, vec![main(root, name)]) };
    let mut found = Vec::new();
    for (path, node) in paths(exports) {
        let mut files: Vec<String> = files(node).iter().map(|file| file.trim_start_matches("./").to_owned()).collect();
        let mut module = format!("{name}{}", path.trim_start_matches('.'));
        if module.ends_with('/') {
            module.push('*');
            for file in &mut files {
                file.push('*');
            }
        }
        if !files.is_empty() {
            found.push(Export { module, files: files.into_iter().map(|file| vec![file]).collect() });
        }
    }
    // Bundlers and old versions look at `main` all the same.
    if !found.iter().any(|export| export.module == name) {
        found.push(main(root, name));
    }
    (modules, found)
}

/// The paths of `exports` with their targets; `.` for one that names none.
pub(crate) fn paths(exports: Node<'_>) -> Vec<(&str, Node<'_>)> {
    let by_path = exports.kind() == Kind::Object && exports.entries().any(|(key, _)| key.starts_with('.'));
    if by_path { exports.entries().filter(|(key, _)| key.starts_with('.')).collect() } else { vec![(".", exports)] }
}

/// The files that a target may mean on a server, as written.
pub(crate) fn files(target: Node<'_>) -> Vec<String> {
    let mut files = Vec::new();
    leaves(target, &mut files, 0);
    files
}

/// Whether the entry of the package names its types.
pub(super) fn has_types(root: Node<'_>) -> bool {
    fn within(node: Node<'_>, depth: u32) -> bool {
        depth < DEEPEST
            && node.entries().any(|(key, node)| {
                key.starts_with("types") || ((key == "." || !key.starts_with('.')) && within(node, depth + 1))
            })
    }
    root.get("exports").is_some_and(|exports| within(exports, 0))
}

fn main(root: Node<'_>, name: &str) -> Export {
    let said = root.get("main").or_else(|| root.get("module")).and_then(|node| node.text());
    let said = said.map(|main| main.trim_start_matches("./").trim_end_matches('/')).filter(|main| !main.is_empty());
    let mut files: Vec<String> =
        said.into_iter().flat_map(|main| ENDINGS.iter().map(move |ending| format!("{main}{ending}"))).collect();
    files.extend(ENDINGS.iter().filter(|ending| ending.starts_with('.')).map(|ending| format!("index{ending}")));
    Export { module: name.to_owned(), files: vec![files] }
}

/// The files that a target may mean on a server: where `import` and `require` differ, both.
fn leaves(node: Node<'_>, files: &mut Vec<String>, depth: u32) {
    if depth >= DEEPEST {
        return;
    }
    match node.kind() {
        Kind::String => {
            let Some(file) = node.text().filter(|file| !file.ends_with(".d.ts")) else { return };
            if !files.iter().any(|known| known == file) {
                files.push(file.to_owned());
            }
        }
        // Alternatives for runtimes that do not know the first form.
        Kind::Array => {
            if let Some(first) = node.items().find(|item| item.kind() != Kind::Null) {
                leaves(first, files, depth + 1);
            }
        }
        Kind::Object => {
            let has = |condition: &str| node.entries().any(|(key, _)| key == condition);
            let told_apart = has("node") || (has("import") && has("require"));
            for (condition, target) in node.entries() {
                let never = NEVER.contains(&condition) || condition.starts_with("types@");
                let rest = told_apart && matches!(condition, "default" | "module");
                let other = has("node") && matches!(condition, "import" | "require");
                if !never && !rest && !other {
                    leaves(target, files, depth + 1);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_formats::json::{Dialect, parse};

    fn check(text: &str, expect: &[(&str, &[&str])]) {
        let doc = parse(text, Dialect::Strict).unwrap();
        let (modules, exports) = read(doc.root(), "plum");
        assert_eq!(modules, ["plum"]);
        let found: Vec<(&str, Vec<&str>)> = exports
            .iter()
            .map(|e| (e.module.as_str(), e.files.iter().map(|step| step[0].as_str()).collect()))
            .collect();
        let expect: Vec<(&str, Vec<&str>)> = expect.iter().map(|(module, files)| (*module, files.to_vec())).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn main_is_a_file_a_folder_or_the_index() {
        check(r#"{"main": "./lib/plum"}"#, &[("plum", &["lib/plum"])]);
        check(r#"{"module": "esm/x.js"}"#, &[("plum", &["esm/x.js"])]);
        check("{}", &[("plum", &["index.js"])]);
        check(r#"{"main": ""}"#, &[("plum", &["index.js"])]);
    }

    #[test]
    fn conditions_of_servers_are_followed() {
        check(r#"{"exports": "./a.js"}"#, &[("plum", &["a.js"])]);
        check(
            r#"{"exports": {"types": "./a.d.ts", "import": {"types": "x", "default": "./a.mjs"}, "require": "./a.cjs", "default": "./b.js"}}"#,
            &[("plum", &["a.mjs", "a.cjs"])],
        );
        check(r#"{"exports": {"node": {"import": "./n.mjs"}, "default": "./web.js"}}"#, &[("plum", &["n.mjs"])]);
        check(r#"{"exports": [{"import": "./a.mjs"}, "./b.js"]}"#, &[("plum", &["a.mjs"])]);
    }

    #[test]
    fn paths_become_modules() {
        check(
            r#"{"main": "m.js", "exports": {"./package.json": "./package.json", "./lib/*": "./dist/*.js", "./old/": "./old/", "./gone": null}}"#,
            &[
                ("plum/package.json", &["package.json"]),
                ("plum/lib/*", &["dist/*.js"]),
                ("plum/old/*", &["old/*"]),
                ("plum", &["m.js"]),
            ],
        );
    }

    #[test]
    fn types_are_seen_in_the_entry() {
        let typed = |text: &str| has_types(parse(text, Dialect::Strict).unwrap().root());
        assert!(typed(r#"{"exports": {".": {"import": {"types": "./a.d.ts"}}}}"#));
        assert!(!typed(r#"{"exports": {".": "./a.js", "./types": {"types": "./a.d.ts"}}}"#));
        assert!(!typed("{}"));
    }
}
