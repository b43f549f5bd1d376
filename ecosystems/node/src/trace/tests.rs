//! What is kept of small trees, file by file.

use super::*;
use depslim_model::Target;
use depslim_model::ecosystem::TracedPackage;

/// A tree of files; those under `kept` are the packages that production keeps.
struct Tree {
    folder: tempfile::TempDir,
    kept: Vec<String>,
    loaded: Vec<String>,
}

fn tree(files: &[(&str, &str)]) -> Tree {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = Vec::new();
    for (file, text) in files {
        let path = folder.path().join(file);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
        if let Some(package) = file.strip_suffix("/package.json").filter(|file| file.starts_with("node_modules/")) {
            kept.push(package.to_owned());
        }
    }
    Tree { folder, kept, loaded: Vec::new() }
}

impl Tree {
    fn traced(&self, starts: &[&str]) -> Traced {
        let root = fs_err::canonicalize(self.folder.path()).unwrap();
        let packages: Vec<TracedPackage> = self
            .kept
            .iter()
            .map(|path| TracedPackage {
                name: path.rsplit_once("node_modules/").unwrap().1.to_owned(),
                folder: root.join(path),
                loaded: self.loaded.contains(path),
            })
            .collect();
        let target = Target { os: "linux".into(), arch: "x86_64".into(), libc: "glibc".into(), ..Target::default() };
        let starts: Vec<PathBuf> = starts.iter().map(|start| root.join(start)).collect();
        let sources = vec![root.join("src/only.ts")];
        let (root, project) = (root.as_path(), root.as_path());
        trace(&TraceRequest { root, project, starts: &starts, sources: &sources, packages: &packages, target: &target })
    }

    /// What is kept, manifests left out.
    fn check(&self, starts: &[&str], expect: &[&str]) {
        let root = fs_err::canonicalize(self.folder.path()).unwrap();
        let traced = self.traced(starts);
        let found: Vec<String> = traced
            .files
            .iter()
            .map(|file| file.strip_prefix(&root).unwrap().to_string_lossy().into_owned())
            .filter(|file| !file.ends_with("package.json"))
            .collect();
        assert_eq!(found, expect);
    }
}

#[test]
fn modules_lead_to_files() {
    let tree = tree(&[
        ("app.js", "const plum = require('plum'); import('./late.mjs')"),
        ("late.mjs", "import 'pear'; export * from 'plum/deep'"),
        ("unused.js", ""),
        ("node_modules/plum/package.json", r#"{"main": "lib", "version": "1"}"#),
        ("node_modules/plum/lib/index.js", "require('./a')"),
        ("node_modules/plum/lib/a.json", "{}"),
        ("node_modules/plum/lib/b.js", ""),
        ("node_modules/plum/deep.js", "require('fs'); require('pit')"),
        ("node_modules/plum/LICENSE", "free"),
        ("node_modules/plum/README.md", "read me"),
        ("node_modules/plum/node_modules/pit/package.json", "{}"),
        ("node_modules/plum/node_modules/pit/index.js", ""),
        ("node_modules/pear/package.json", r#"{"exports": {"import": "./x.mjs", "require": "./x.cjs"}}"#),
        ("node_modules/pear/x.mjs", ""),
        ("node_modules/pear/x.cjs", ""),
    ]);
    tree.check(
        &["app"],
        &[
            "app.js",
            "late.mjs",
            "node_modules/pear/x.mjs",
            "node_modules/plum/LICENSE",
            "node_modules/plum/deep.js",
            "node_modules/plum/lib/a.json",
            "node_modules/plum/lib/index.js",
            "node_modules/plum/node_modules/pit/index.js",
        ],
    );
    let traced = tree.traced(&["app.js"]);
    let manifests = traced.files.iter().filter(|file| file.ends_with("package.json")).count();
    assert_eq!(manifests, 3, "each package that is reached keeps its manifest");
}

#[test]
fn files_beside_the_code_are_kept() {
    let tree = tree(&[
        ("bin/run", "#!/usr/bin/env node\nrequire('plum'); app.set('views', 'views'); read('./data/x.txt')"),
        ("views/a.html", ""),
        ("data/x.txt", ""),
        ("data/y.txt", ""),
        ("node_modules/plum/package.json", "{}"),
        ("node_modules/plum/index.js", "exports.dir = () => path.join(__dirname, 'assets'); require('./lang/' + l)"),
        ("node_modules/plum/assets/style.css", ""),
        ("node_modules/plum/assets/style.css.map", ""),
        ("node_modules/plum/lang/en.js", ""),
        ("node_modules/plum/other/x.js", ""),
    ]);
    tree.check(
        &["bin/run"],
        &[
            "bin/run",
            "data/x.txt",
            "node_modules/plum/assets/style.css",
            "node_modules/plum/index.js",
            "node_modules/plum/lang/en.js",
            "views/a.html",
        ],
    );
}

#[test]
fn what_production_does_not_keep_is_not_followed_on_a_whim() {
    let mut tree = tree(&[
        ("app.js", "require('plum')"),
        ("node_modules/plum/package.json", r#"{"peerDependencies": {"pear": "*", "fig": "*"}}"#),
        (
            "node_modules/plum/index.js",
            "try { require('pear') } catch {}\nfunction f() { load('fig'); require(name) }\nrequire('nut')",
        ),
        ("node_modules/pear/package.json", "{}"),
        ("node_modules/pear/index.js", ""),
        ("node_modules/fig/package.json", "{}"),
        ("node_modules/fig/index.js", ""),
        ("node_modules/nut/package.json", "{}"),
        ("node_modules/nut/index.js", ""),
    ]);
    tree.kept.retain(|path| path != "node_modules/pear" && path != "node_modules/nut");
    let expect = ["app.js", "node_modules/fig/index.js", "node_modules/nut/index.js", "node_modules/plum/index.js"];
    tree.check(&["app.js"], &expect);
}

#[test]
fn native_code_and_what_it_links_come_along() {
    let tree = tree(&[
        ("app.js", "require('plum')"),
        ("node_modules/plum/package.json", r#"{"optionalDependencies": {"@plum/linux-x64": "1"}}"#),
        ("node_modules/plum/index.js", "require(`@plum/${platform}/plum.node`)"),
        (
            "node_modules/@plum/linux-x64/package.json",
            r#"{"os": ["linux"], "optionalDependencies": {"@plum/libs": "1"}}"#,
        ),
        ("node_modules/@plum/linux-x64/plum.node", ""),
        ("node_modules/@plum/libs/package.json", r#"{"os": ["linux"]}"#),
        ("node_modules/@plum/libs/lib/libplum.so.2", ""),
    ]);
    tree.check(
        &["app.js"],
        &[
            "app.js",
            "node_modules/@plum/libs/lib/libplum.so.2",
            "node_modules/@plum/linux-x64/plum.node",
            "node_modules/plum/index.js",
        ],
    );
}

#[test]
fn what_is_used_by_its_name_alone_starts_too() {
    let mut tree = tree(&[
        ("app.js", "log({ target: 'pretty' })"),
        ("node_modules/pretty/package.json", r#"{"main": "./x.js", "bin": {"pretty": "bin.js"}}"#),
        ("node_modules/pretty/x.js", ""),
        ("node_modules/pretty/bin.js", ""),
    ]);
    tree.check(&["app.js"], &["app.js", "node_modules/pretty/x.js"]);
    tree.loaded = vec!["node_modules/pretty".to_owned()];
    tree.check(&["app.js"], &["app.js", "node_modules/pretty/bin.js", "node_modules/pretty/x.js"]);
}

#[cfg(unix)]
#[test]
fn links_are_listed_and_followed_once() {
    let tree = tree(&[
        ("app.js", "require('plum')"),
        ("node_modules/.pnpm/plum@1/node_modules/plum/package.json", "{}"),
        ("node_modules/.pnpm/plum@1/node_modules/plum/index.js", "require('pit')"),
        ("node_modules/.pnpm/pit@1/node_modules/pit/package.json", "{}"),
        ("node_modules/.pnpm/pit@1/node_modules/pit/index.js", "require('plum')"),
    ]);
    let site = tree.folder.path().join("node_modules");
    let link = |to: &str, from: &str| std::os::unix::fs::symlink(to, site.join(from)).unwrap();
    link(".pnpm/plum@1/node_modules/plum", "plum");
    link("../../pit@1/node_modules/pit", ".pnpm/plum@1/node_modules/pit");
    link("../../plum@1/node_modules/plum", ".pnpm/pit@1/node_modules/plum");
    link("loop", "loop");
    tree.check(
        &["app.js"],
        &[
            "app.js",
            "node_modules/.pnpm/pit@1/node_modules/pit/index.js",
            "node_modules/.pnpm/pit@1/node_modules/plum",
            "node_modules/.pnpm/plum@1/node_modules/pit",
            "node_modules/.pnpm/plum@1/node_modules/plum/index.js",
            "node_modules/plum",
        ],
    );
}

#[test]
fn without_a_start_the_sources_are_traced() {
    let tree = tree(&[
        ("src/only.ts", "import { x } from './x.js'; import type { T } from 'pear'; import 'plum'"),
        ("src/x.ts", ""),
        ("node_modules/plum/package.json", "{}"),
        ("node_modules/plum/index.js", ""),
        ("node_modules/pear/package.json", "{}"),
        ("node_modules/pear/index.js", ""),
    ]);
    tree.check(&["dist/main.js"], &["node_modules/plum/index.js", "src/only.ts", "src/x.ts"]);
    assert_eq!(tree.traced(&["dist/main"]).notes.len(), 1);
}

#[test]
fn nothing_outside_of_the_root_and_no_loop_is_followed() {
    let tree = tree(&[
        (
            "app.js",
            "require('../../../etc/passwd'); require('./app'); path.join(__dirname, '..', name); require('./b')",
        ),
        ("b/package.json", r#"{"main": "../b"}"#),
        ("b/index.js", ""),
    ]);
    tree.check(&["app.js"], &["app.js", "b/index.js"]);
}
