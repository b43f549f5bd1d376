//! Stories of Rust: declarations that are easily misjudged, what is never run, locks after a fix, and depslim itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage up has to fail")]

use depslim_tests::images::builder_steps;
use depslim_tests::{depslim, project, stderr, stdout};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Findings about declarations by package, in one project: rule, with a `?` where confidence is low.
fn verdicts(folder: &Path, project: &str) -> BTreeMap<String, String> {
    let run = depslim(folder, &["--ecosystem", "rust", "--output-format", "json", "--exit-zero"]);
    let report: Value = serde_json::from_str(&stdout(&run)).unwrap_or_else(|e| panic!("{e}: {}", stderr(&run)));
    let findings = report["findings"].as_array().unwrap();
    let here = findings.iter().filter(|f| f["project"] == format!("{project}#rust").as_str());
    here.filter(|f| matches!(f["code"].as_str(), Some("SLIM001" | "SLIM002")))
        .map(|f| {
            let name =
                f["package"].as_str().unwrap().trim_start_matches("pkg:cargo/").split('@').next().unwrap().to_owned();
            let doubt = if f["confidence"] == "low" { "?" } else { "" };
            (name, format!("{}{doubt}", f["code"].as_str().unwrap()))
        })
        .collect()
}

/// A library of the workspace that holds what the stable uses.
fn library(name: &str, more: &str, code: &str) -> [(String, String); 2] {
    [
        (
            format!("libs/{name}/Cargo.toml"),
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{more}"),
        ),
        (format!("libs/{name}/src/lib.rs"), code.to_owned()),
    ]
}

const PLAIN: &[&str] = &[
    "oats",
    "rye",
    "inner",
    "attribute-made",
    "derive-made",
    "true-name",
    "clock",
    "web",
    "said-only",
    "quoted",
    "checked",
    "driven",
    "shown",
    "timed",
    "switched",
    "switched-in-vain",
    "old-style",
    "carried",
    "handed-on",
    "written-by-build",
    "passed",
    "qualified",
    "called-otherwise",
    "unnamed",
    "glass",
    "exampled",
    "idle-in-tests",
    "hammer",
    "idle-nail",
];

const STABLE: &str = r#"[package]
name = "stable"
version = "0.1.0"
edition = "2021"

[features]
fast = ["dep:switched"]
vain = ["dep:switched-in-vain"]
forwarded = ["tuned/quick"]

[dependencies]
oats = { path = "../libs/oats" }
rye = { path = "../libs/rye" }
ruled = { path = "../libs/ruled" }
inner = { path = "../libs/inner" }
scribe = { path = "../libs/scribe" }
attribute-made = { path = "../libs/attribute-made" }
derive-made = { path = "../libs/derive-made" }
nick = { path = "../libs/true-name", package = "true-name" }
short-lib = { path = "../libs/short-lib" }
middle = { path = "../libs/middle" }
tuned = { path = "../libs/tuned", features = ["quick"] }
clock = { path = "../libs/clock" }
web = { path = "../libs/web" }
said-only = { path = "../libs/said-only" }
quoted = { path = "../libs/quoted" }
checked = { path = "../libs/checked" }
driven = { path = "../libs/driven" }
shown = { path = "../libs/shown" }
timed = { path = "../libs/timed" }
switched = { path = "../libs/switched", optional = true }
switched-in-vain = { path = "../libs/switched-in-vain", optional = true }
old-style = { path = "../libs/old-style" }
carried = { path = "../libs/carried" }
handed-on = { path = "../libs/handed-on" }
written-by-build = { path = "../libs/written-by-build" }
passed = { path = "../libs/passed" }
qualified = { path = "../libs/qualified" }
called-otherwise = { path = "../libs/called-otherwise" }
unnamed = { path = "../libs/unnamed" }

[target.'cfg(windows)'.dependencies]
glass = { path = "../libs/glass" }

[dev-dependencies]
exampled = { path = "../libs/exampled" }
idle-in-tests = { path = "../libs/idle-in-tests" }

[build-dependencies]
hammer = { path = "../libs/hammer" }
idle-nail = { path = "../libs/idle-nail" }
"#;

const CODE: &str = r#"//! A stable.
use std::{cell::Cell, clock as _, time::Duration};
extern crate old_style;
pub use handed_on;
use unnamed as _;
use called_otherwise as other;
mod net { pub mod web { pub fn listen() {} } }
use crate::net::web::{self};
// said_only::feed() did this once
include!(concat!(env!("OUT_DIR"), "/made.rs"));
#[scribe::fill]
pub fn open() {
    oats::feed();
    ruled::ask!();
    nick::feed();
    sl::feed();
    middle::feed();
    web::listen();
    old_style::feed();
    other::feed();
    let _ = (Cell::new(1), Duration::from_secs(1), "quoted::feed");
}
macro_rules! call { ($path:path) => { $path() } }
pub fn calls() { call!(passed::feed); <qualified::Hay as Eat>::eat(); }
trait Eat { fn eat(); }
#[derive(scribe::Write)]
#[scribe(path = "derive_made::Hay")]
pub struct Stall;
#[cfg(windows)]
pub fn see() { glass::feed() }
#[cfg(feature = "fast")]
pub fn run() { switched::feed() }
/// ```
/// exampled::feed();
/// ```
pub fn shown() {}
#[cfg(test)]
mod tests {
    #[test]
    fn eats() { checked::feed() }
}
"#;

fn stable() -> tempfile::TempDir {
    let mut files: Vec<(String, String)> = Vec::new();
    for name in PLAIN {
        files.extend(library(name, "", "pub fn feed() {}\npub struct Hay;\n"));
    }
    files.extend(library("short-lib", "[lib]\nname = \"sl\"\n", "pub fn feed() {}\n"));
    files.extend(library(
        "tuned",
        "[features]\nquick = []\n",
        "#[cfg(feature = \"quick\")] pub fn quick() {}\npub fn feed() {}\n",
    ));
    let middle = "[dependencies]\ntuned = { path = \"../tuned\" }\ncarried = { path = \"../carried\" }\n";
    files.extend(library("middle", middle, "pub fn feed() { tuned::feed(); carried::feed(); }\n"));
    files.extend(library("ruled", "", "#[macro_export]\nmacro_rules! ask { () => { ::inner::feed() } }\n"));
    let scribe = "use proc_macro::TokenStream;\n#[proc_macro_attribute]\npub fn fill(_: TokenStream, item: TokenStream) -> TokenStream { let mut all = item; all.extend(\"const _: fn() = ::attribute_made::feed;\".parse::<TokenStream>()); all }\n#[proc_macro_derive(Write, attributes(scribe))]\npub fn write(_: TokenStream) -> TokenStream { \"const _: Option<::derive_made::Hay> = None;\".parse().unwrap_or_default() }\n";
    files.extend(library("scribe", "[lib]\nproc-macro = true\n", scribe));
    let build = "fn main() { hammer::feed(); let out = std::env::var(\"OUT_DIR\").unwrap_or_default(); let _ = std::fs::write(format!(\"{out}/made.rs\"), \"pub fn made() { ::written_by_build::feed() }\"); }\n";
    for (path, text) in [
        ("Cargo.toml", "[workspace]\nresolver = \"2\"\nmembers = [\"stable\", \"libs/*\"]\n"),
        ("stable/Cargo.toml", STABLE),
        ("stable/build.rs", build),
        ("stable/src/lib.rs", CODE),
        ("stable/tests/drive.rs", "#[test] fn drives() { driven::feed() }\n"),
        ("stable/examples/show.rs", "fn main() { shown::feed() }\n"),
        ("stable/benches/time.rs", "fn main() { timed::feed() }\n"),
    ] {
        files.push((path.to_owned(), text.to_owned()));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let folder = project(&files);
    let edges: String = {
        let names = STABLE.lines().filter_map(|line| line.split_once(" = { path = \"../libs/"));
        let mut names: Vec<&str> = names.filter_map(|(_, rest)| rest.split('"').next()).collect();
        names.sort_unstable();
        names.iter().map(|name| [" \"", name, "\",\n"].concat()).collect()
    };
    let mut packages: Vec<(String, String)> = PLAIN
        .iter()
        .chain(&["ruled", "scribe", "short-lib", "tuned"])
        .map(|n| ((*n).to_owned(), String::new()))
        .collect();
    packages.push(("middle".into(), " \"carried\",\n \"tuned\",\n".into()));
    packages.push(("stable".into(), edges));
    packages.sort();
    let mut lock = String::from(
        "# This file is automatically @generated by Cargo.\n# It is not intended for manual editing.\nversion = 4\n",
    );
    for (name, edges) in packages {
        lock += &["\n[[package]]\nname = \"", &name, "\"\nversion = \"0.1.0\"\n"].concat();
        if !edges.is_empty() {
            lock += &["dependencies = [\n", &edges, "]\n"].concat();
        }
    }
    fs_err::write(folder.path().join("Cargo.lock"), lock).unwrap();
    folder
}

#[test]
fn thirty_four_declarations_are_judged_right() {
    let folder = stable();
    let declared = STABLE.matches("path = \"../libs/").count();
    let expect: BTreeMap<String, String> = [
        ("rye", "SLIM001"),
        ("clock", "SLIM001"),
        ("web", "SLIM001"),
        ("said-only", "SLIM001"),
        ("quoted", "SLIM001"),
        ("switched-in-vain", "SLIM001"),
        ("carried", "SLIM001"),
        ("idle-in-tests", "SLIM001"),
        ("idle-nail", "SLIM001"),
        ("checked", "SLIM002"),
        ("driven", "SLIM002"),
        ("shown", "SLIM002"),
        ("timed", "SLIM002"),
    ]
    .map(|(name, code)| (name.to_owned(), code.to_owned()))
    .into();
    assert_eq!(declared, 34);
    let found: BTreeMap<String, String> =
        verdicts(folder.path(), "stable").into_iter().filter(|(_, code)| !code.ends_with('?')).collect();
    assert_eq!(found, expect);
}

/// `cargo metadata --locked` without a network: what it says of the lock.
fn cargo_accepts(folder: &Path) -> Result<(), String> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--offline", "--format-version", "1"])
        .current_dir(folder)
        .output()
        .unwrap();
    if output.status.success() { Ok(()) } else { Err(stderr(&output)) }
}

#[test]
fn what_is_fixed_builds_from_the_same_lock() {
    let folder = stable();
    assert_eq!(cargo_accepts(folder.path()), Ok(()));
    let run = depslim(folder.path(), &["--ecosystem", "rust", "--fix", "--unsafe-fixes"]);
    assert!(stderr(&run).contains("fixed Cargo.lock"), "{}", stderr(&run));
    assert_eq!(cargo_accepts(folder.path()), Ok(()));
    let left = verdicts(folder.path(), "stable");
    assert!(left.values().all(|code| code.ends_with('?')), "{left:?}");
    let manifest = fs_err::read_to_string(folder.path().join("stable/Cargo.toml")).unwrap();
    assert!(manifest.contains("vain = []") && !manifest.contains("said-only"), "{manifest}");
}

#[test]
fn nothing_of_a_hostile_project_is_run() {
    let folder = project(&[
        (
            "Cargo.toml",
            "[package]\nname = \"farm\"\nversion = \"0.1.0\"\nbuild = \"build.rs\"\n\n[dependencies]\nhay = \"1\"\n",
        ),
        ("src/lib.rs", "use hay::X;\n"),
        (
            ".cargo/config.toml",
            "[build]\nrustc-wrapper = \"./bait\"\nrustc = \"./bait\"\n[alias]\nmetadata = \"run\"\n[env]\nX = \"1\"\n",
        ),
        ("rust-toolchain.toml", "[toolchain]\npath = \"./bait-toolchain\"\n"),
    ]);
    let mark = folder.path().join("executed");
    fs_err::write(folder.path().join("build.rs"), format!("fn main() {{ std::fs::write({mark:?}, \"\").unwrap(); }}"))
        .unwrap();
    for path in ["bait", "bait-toolchain/bin/cargo", "bait-toolchain/bin/rustc", "cargo", "rustc"] {
        let path = folder.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, format!("#!/bin/sh\ntouch '{}'\n", mark.display())).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs_err::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    for arguments in [&["--exit-zero"][..], &["why", "hay"], &["export"]] {
        let run = depslim(folder.path(), arguments);
        assert!(run.status.code().is_some_and(|code| code < 3), "{arguments:?}: {}", stderr(&run));
        assert!(!mark.exists(), "{arguments:?} ran something");
    }
}

#[test]
fn broken_input_of_a_workspace_is_named_and_the_rest_is_reported() {
    let member =
        |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n[dependencies]\nhay = \"1\"\n");
    let deep = format!("fn f() {{ {} }}\n", "(".repeat(200_000));
    let values = format!("[package]\nname = \"deep\"\nversion = {}\n", "[".repeat(100_000));
    let folder = project(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"*\"]\n"),
        (
            "Cargo.lock",
            "version = 4\n\n[[package]]\nname = \"barn\"\nversion = \"0.1.0\"\ndependencies = [\n \"hay\",\n",
        ),
        ("barn/Cargo.toml", &member("barn")),
        ("barn/src/lib.rs", &deep),
        ("cut/Cargo.toml", "[package]\nname = \"cut\nversion = \"0.1.0\"\n"),
        ("cut/src/lib.rs", ""),
        ("nested/Cargo.toml", &values),
        ("nested/src/lib.rs", ""),
        ("dos/Cargo.toml", &format!("\u{FEFF}{}", member("dos").replace('\n', "\r\n"))),
        ("dos/src/lib.rs", "\u{FEFF}// nothing\r\n"),
    ]);
    fs_err::write(folder.path().join("barn/src/binary.rs"), b"use \xff\xfe::\0hay;\n/* never closed \"").unwrap();
    let run = depslim(folder.path(), &["--ecosystem", "rust"]);
    let all = stdout(&run) + &stderr(&run);
    assert_eq!(run.status.code(), Some(2), "{all}");
    for text in ["Cargo.lock:", "cut/Cargo.toml:2", "nested/Cargo.toml:3", "barn/Cargo.toml:5", "dos/Cargo.toml:5"] {
        assert!(all.contains(text), "{text:?} is not in:\n{all}");
    }
    assert!(!all.contains("panicked"), "{all}");
    // Nothing is written over what can't be read.
    let before = fs_err::read(folder.path().join("cut/Cargo.toml")).unwrap();
    depslim(folder.path(), &["--ecosystem", "rust", "--fix", "--unsafe-fixes"]);
    assert_eq!(fs_err::read(folder.path().join("cut/Cargo.toml")).unwrap(), before);
}

#[test]
fn depslim_is_clean_itself() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let run = depslim(root, &["--ecosystem", "rust", "--output-format", "json", "--exit-zero"]);
    let report: Value = serde_json::from_str(&stdout(&run)).unwrap_or_else(|e| panic!("{e}: {}", stderr(&run)));
    let findings = report["findings"].as_array().unwrap().iter();
    let told: Vec<String> = findings
        .filter(|f| matches!(f["code"].as_str(), Some("SLIM001" | "SLIM002" | "SLIM004")))
        .map(|f| format!("{}: {}", f["location"]["file"], f["message"]))
        .collect();
    assert!(report["projects"].as_array().unwrap().len() > 10);
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn the_root_of_a_workspace_loses_what_its_last_member_gives_up() {
    let member = |name: &str, lines: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\n{lines}")
    };
    let folder = project(&[
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"barn\", \"shed\"]\n\n[workspace.dependencies]\n# for the cows\nhay = \"1\"\nfeed = { package = \"oats\", version = \"1\" }\nrye = \"1\"\nold = \"1\"\n",
        ),
        ("barn/Cargo.toml", &member("barn", "hay.workspace = true\nfeed.workspace = true\nrye.workspace = true\n")),
        ("barn/src/lib.rs", "use hay::X;\n"),
        ("shed/Cargo.toml", &member("shed", "feed = { workspace = true }\nrye.workspace = true\n")),
        ("shed/src/lib.rs", "use rye::X;\n"),
    ]);
    let run = depslim(folder.path(), &["--ecosystem", "rust", "--fix", "--unsafe-fixes", "--exit-zero"]);
    let read = |path: &str| fs_err::read_to_string(folder.path().join(path)).unwrap();
    assert_eq!(
        read("Cargo.toml"),
        "[workspace]\nmembers = [\"barn\", \"shed\"]\n\n[workspace.dependencies]\n# for the cows\nhay = \"1\"\nrye = \"1\"\n",
        "{}",
        stderr(&run)
    );
    assert_eq!(read("barn/Cargo.toml"), member("barn", "hay.workspace = true\n"));
    assert_eq!(read("shed/Cargo.toml"), member("shed", "rye.workspace = true\n"));
}

/// A workspace with real packages: lines that nobody uses, one for tests only, one that a feature forwards to, renamed ones.
fn real() -> tempfile::TempDir {
    project(&[
        (
            "Cargo.toml",
            "[workspace]\nresolver = \"2\"\nmembers = [\"barn\", \"shed\"]\n\n[workspace.dependencies]\nitoa = \"1\"\nfast = { package = \"ryu\", version = \"1\" }\ncfg-if = \"1\"\nsemver = { version = \"1\", default-features = false }\n",
        ),
        (
            "barn/Cargo.toml",
            "[package]\nname = \"barn\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[features]\nall = [\"dep:either\", \"semver/std\"]\n\n[dependencies]\nshed = { path = \"../shed\" }\nitoa.workspace = true\nfast.workspace = true # nobody knows why\ncfg-if.workspace = true\neither = { version = \"1\", optional = true }\nscopeguard = \"1\"\nsemver = { workspace = true }\n",
        ),
        (
            "barn/src/lib.rs",
            "pub fn n() -> String { itoa::Buffer::new().format(shed::one()).to_owned() }\npub fn v() -> semver::Version { semver::Version::new(1, 0, 0) }\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn t() { let _guard = scopeguard::guard(1, |_| ()); }\n}\n",
        ),
        (
            "shed/Cargo.toml",
            "[package]\nname = \"shed\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\ncfg-if = { workspace = true }\n",
        ),
        (
            "shed/src/lib.rs",
            "cfg_if::cfg_if! { if #[cfg(unix)] { pub fn one() -> u8 { 1 } } else { pub fn one() -> u8 { 2 } } }\n",
        ),
    ])
}

/// Runs cargo; its words when it fails.
fn cargo(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .output()
        .unwrap();
    if output.status.success() { Ok(()) } else { Err(stderr(&output)) }
}

#[test]
#[ignore = "installs real packages"]
fn a_real_workspace_builds_from_its_lock_before_and_after() {
    let folder = real();
    let all = ["check", "--workspace", "--all-targets", "--all-features", "--locked"];
    assert_eq!(cargo(folder.path(), &["generate-lockfile"]), Ok(()));
    assert_eq!(cargo(folder.path(), &all), Ok(()));
    let run = depslim(folder.path(), &["--ecosystem", "rust", "--fix", "--unsafe-fixes", "--exit-zero"]);
    assert_eq!(cargo(folder.path(), &all), Ok(()), "{}", stderr(&run));
    let read = |path: &str| fs_err::read_to_string(folder.path().join(path)).unwrap();
    let lock = read("Cargo.lock");
    for gone in ["ryu", "either"] {
        assert!(!lock.contains(&format!("\"{gone}\"")), "{gone}: {lock}");
    }
    for kept in ["itoa", "cfg-if", "semver", "scopeguard"] {
        assert!(lock.contains(&format!("\"{kept}\"")), "{kept}: {lock}");
    }
    assert!(!read("Cargo.toml").contains("ryu"));
    let barn = read("barn/Cargo.toml");
    assert!(
        barn.contains("[dev-dependencies]\nscopeguard = \"1\"") && barn.contains("all = [\"semver/std\"]"),
        "{barn}"
    );
}

#[test]
#[ignore = "installs real packages"]
fn the_written_image_holds_a_program_that_needs_nothing_else() {
    let folder = project(&[
        (
            "Cargo.toml",
            "[package]\nname = \"barn\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nitoa = \"1\"\nryu = \"1\"\n",
        ),
        ("src/main.rs", "fn main() { println!(\"{} cows\", itoa::Buffer::new().format(42_u8)); }\n"),
    ]);
    assert_eq!(cargo(folder.path(), &["generate-lockfile"]), Ok(()));
    let run = depslim(folder.path(), &["export"]);
    let written =
        fs_err::read_to_string(folder.path().join("slim/Dockerfile")).unwrap_or_else(|_| panic!("{}", stderr(&run)));
    assert!(written.contains("FROM gcr.io/distroless/static-"), "{written}");
    assert!(written.contains("ENTRYPOINT [\"/usr/local/bin/barn\"]"), "{written}");
    // The builder stage, as it is written, here instead of in an image.
    let out = folder.path().join("out");
    let steps = builder_steps(&written, &out);
    assert!(steps.len() >= 3, "{written}");
    let home = folder.path().to_owned();
    for step in steps {
        let run = Command::new("sh").args(["-e", "-c", &step]).current_dir(&home).output().unwrap();
        assert!(run.status.success(), "{step}: {}", stderr(&run));
    }
    let run = Command::new("bwrap")
        .args(["--unshare-all", "--ro-bind"])
        .arg(out.join("barn"))
        .args(["/usr/local/bin/barn", "--clearenv", "/usr/local/bin/barn"])
        .output()
        .unwrap();
    assert_eq!(stdout(&run), "42 cows\n", "{}", stderr(&run));
}
