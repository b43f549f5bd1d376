//! The Express application, really installed by each client: what is exported installs frozen, and the application answers on it.

#![expect(clippy::unwrap_used, reason = "what a story can't set up fails it")]

use depslim_tests::node::{answer, client};
use depslim_tests::{copy, run, stderr, stdout, with_clients};
use std::path::{Path, PathBuf};

/// What each client is told: to lock and install, to install what was exported without changing a letter of its lock, and to lock
/// again after a manifest was edited.
struct Clients {
    name: &'static str,
    install: &'static [&'static str],
    frozen: &'static [&'static str],
    lock: &'static [&'static str],
    file: &'static str,
}

const NPM: Clients = Clients {
    name: "npm",
    install: &["install", "--ignore-scripts", "--no-audit", "--no-fund"],
    frozen: &["ci", "--no-audit", "--no-fund"],
    lock: &["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"],
    file: "package-lock.json",
};
const PNPM: Clients = Clients {
    name: "pnpm",
    install: &["install", "--no-frozen-lockfile", "--ignore-scripts"],
    frozen: &["install", "--frozen-lockfile"],
    lock: &["install", "--lockfile-only", "--no-frozen-lockfile"],
    file: "pnpm-lock.yaml",
};
const YARN_1: Clients = Clients {
    name: "yarn1",
    install: &["install", "--ignore-scripts", "--non-interactive"],
    frozen: &["install", "--frozen-lockfile", "--non-interactive"],
    lock: &["install", "--ignore-scripts", "--non-interactive"],
    file: "yarn.lock",
};
const YARN_4: Clients = Clients {
    name: "yarn4",
    install: &["install", "--no-immutable", "--mode=skip-build"],
    frozen: &["install", "--immutable"],
    lock: &["install", "--no-immutable", "--mode=update-lockfile"],
    file: "yarn.lock",
};

/// The application with everything installed, in a folder of its own.
fn installed(clients: &Clients) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let app = folder.path().join("app");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    copy(&root.join("fixtures/apps/guestbook"), &app);
    settings(&app);
    run(client(clients.name).current_dir(&app).args(clients.install));
    (folder, app)
}

/// Later versions of yarn are told to lay packages out as the others do, and where this project ends.
fn settings(folder: &Path) {
    fs_err::write(folder.join(".yarnrc.yml"), "nodeLinker: node-modules\nenableGlobalCache: true\n").unwrap();
}

/// Names of the packages in a folder's `node_modules`, pnpm's store included.
fn packages(folder: &Path) -> String {
    let list = |folder: PathBuf| {
        let entries = fs_err::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    let modules = folder.join("node_modules");
    [list(modules.clone()), list(modules.join(".pnpm"))].concat().join(" ")
}

fn exported_is_accepted(clients: &Clients) {
    let (folder, app) = installed(clients);
    let out = folder.path().join("out");
    let output = with_clients(&app, &["export", "--out-dir", out.to_str().unwrap()]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let manifest = fs_err::read_to_string(out.join("package.json")).unwrap();
    for (name, stays) in
        [("express", true), ("pino", true), ("ejs", true), ("moment", false), ("nodemon", false), ("mocha", false)]
    {
        assert_eq!(manifest.contains(&format!("    \"{name}\": \"")), stays, "{name} in {manifest}");
    }
    let lock = fs_err::read_to_string(out.join(clients.file)).unwrap();
    for gone in ["moment", "nodemon", "mocha", "chokidar", "pino-pretty"] {
        assert!(!lock.contains(gone), "{gone} in {lock}");
    }

    settings(&out);
    run(client(clients.name).current_dir(&out).args(clients.frozen));
    assert_eq!(fs_err::read_to_string(out.join(clients.file)).unwrap(), lock, "the client changed the lock");
    let there = packages(&out);
    assert!(there.contains("express") && !there.contains("moment") && !there.contains("mocha"), "{there}");
    for part in ["lib", "views"] {
        copy(&app.join(part), &out.join(part));
    }
    fs_err::copy(app.join("server.js"), out.join("server.js")).unwrap();
    let page = answer(&out, "server.js");
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("<li>Grace</li>"), "{page}");
}

fn fixed_is_locked_again(clients: &Clients) {
    let (_folder, app) = installed(clients);
    let before = fs_err::read_to_string(app.join("package.json")).unwrap();
    let first = with_clients(&app, &["--fix", "--unsafe-fixes"]).output().unwrap();
    assert!(matches!(first.status.code(), Some(0 | 1)), "{}", stderr(&first));
    let after = fs_err::read_to_string(app.join("package.json")).unwrap();
    let lines = |text: &str, wanted: bool, other: &str| -> Vec<String> {
        let theirs: Vec<&str> = other.lines().map(|line| line.trim_end_matches(',')).collect();
        let own = text.lines().map(|line| line.trim_end_matches(','));
        own.filter(|line| theirs.contains(line) != wanted).map(str::to_owned).collect()
    };
    assert!(lines(&after, true, &before).is_empty(), "lines that were not there before: {after}");
    assert!(!after.contains("\"moment\"") && after.contains("    \"nodemon\": \"3.1.9\""), "{after}");
    run(client(clients.name).current_dir(&app).args(clients.lock));
    run(client(clients.name).current_dir(&app).args(clients.frozen));
    let second = with_clients(&app, &["--diff", "--unsafe-fixes"]).output().unwrap();
    assert_eq!(stdout(&second).trim(), "", "a second run still wants to change something");
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn npm_takes_what_is_exported() {
    exported_is_accepted(&NPM);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn pnpm_takes_what_is_exported() {
    exported_is_accepted(&PNPM);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn yarn_1_takes_what_is_exported() {
    exported_is_accepted(&YARN_1);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn yarn_4_takes_what_is_exported() {
    exported_is_accepted(&YARN_4);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn fixing_leaves_a_manifest_that_npm_locks_and_nothing_to_fix() {
    fixed_is_locked_again(&NPM);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn fixing_leaves_a_manifest_that_pnpm_locks_and_nothing_to_fix() {
    fixed_is_locked_again(&PNPM);
}
