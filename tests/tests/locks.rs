//! Trimmed manifests of Poetry and PDM: the project's own client makes the lock that goes with them, from an index on this machine.

#![expect(clippy::unwrap_used, reason = "what a story needs and does not get fails it")]

use depslim_tests::venv::install_with;
use depslim_tests::{run, stderr, tools, with_clients};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A package index with plum (which requires pear), two versions of pear, and sloe (which requires hay).
struct Index {
    server: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Index {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/index.py");
        let mut server = Command::new(tools().join("python"))
            .arg(script)
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Self { server, url: format!("http://127.0.0.1:{}/simple/", port.trim()), _folder: folder }
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A project that declares plum and sloe, uses plum, and has locked pear 1.1 though 1.4 is there.
fn project(source: &str, lock: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| fs_err::write(folder.path().join(path), text).unwrap();
    let manifest = |pin: &str| {
        format!(
            "[project]\nname = \"farm\"\nversion = \"1\"\nrequires-python = \">=3.11\"\ndependencies = [\n    \"plum>=1\",\n    \"sloe\",\n{pin}]\n\n{source}"
        )
    };
    write("farm.py", "import plum\n");
    // The older pear is asked for once, so that the lock holds it.
    write("pyproject.toml", &manifest("    \"pear<1.2\",\n"));
    client(folder.path(), lock);
    write("pyproject.toml", &manifest(""));
    let relock: Vec<&str> = match lock {
        ["pdm", ..] => vec!["pdm", "lock", "--update-reuse"],
        other => other.to_vec(),
    };
    client(folder.path(), &relock);
    // Made last: clients have ideas of their own about such a folder.
    for (name, version, requires) in
        [("plum", "1.0", &["pear"][..]), ("pear", "1.1", &[]), ("sloe", "2.0", &["hay"]), ("hay", "3.0", &[])]
    {
        let requires: Vec<String> = requires.iter().map(|name| (*name).to_owned()).collect();
        install_with(folder.path(), name, version, 1000, &requires);
    }
    folder
}

fn client(folder: &Path, words: &[&str]) {
    run(Command::new(tools().join(words[0])).args(&words[1..]).current_dir(folder).env_remove("VIRTUAL_ENV"));
}

/// Exports, and gives the trimmed manifest and its lock.
fn export(folder: &Path, lock: &str) -> (String, String) {
    let out = folder.join("slim");
    let output = with_clients(folder, &["export", "--out-dir", out.to_str().unwrap()]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let read =
        |name: &str| fs_err::read_to_string(out.join(name)).unwrap_or_else(|e| panic!("{e}: {}", stderr(&output)));
    (read("pyproject.toml"), read(lock))
}

fn locked(lock: &str) -> Vec<&str> {
    let names = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    names.filter(|name| *name != "farm").collect()
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn poetry_locks_what_is_left() {
    let index = Index::new();
    let source = format!("[[tool.poetry.source]]\nname = \"farm\"\nurl = \"{}\"\npriority = \"primary\"\n", index.url);
    let folder = project(&source, &["poetry", "lock", "--no-interaction"]);
    let before = fs_err::read_to_string(folder.path().join("poetry.lock")).unwrap();
    assert_eq!(locked(&before), ["hay", "pear", "plum", "sloe"]);
    let (manifest, lock) = export(folder.path(), "poetry.lock");
    assert!(!manifest.contains("sloe") && manifest.contains("\"plum>=1\""), "{manifest}");
    assert_eq!(locked(&lock), ["pear", "plum"]);
    assert!(lock.contains("version = \"1.1\""), "versions that may stay, stay: {lock}");
    client(&folder.path().join("slim"), &["poetry", "check", "--lock", "--no-interaction"]);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn pdm_locks_what_is_left() {
    let index = Index::new();
    let source = format!("[[tool.pdm.source]]\nname = \"pypi\"\nurl = \"{}\"\nverify_ssl = false\n", index.url);
    let folder = project(&source, &["pdm", "lock"]);
    let before = fs_err::read_to_string(folder.path().join("pdm.lock")).unwrap();
    assert_eq!(locked(&before), ["hay", "pear", "plum", "sloe"]);
    let (manifest, lock) = export(folder.path(), "pdm.lock");
    assert!(!manifest.contains("sloe") && manifest.contains("\"plum>=1\""), "{manifest}");
    assert_eq!(locked(&lock), ["pear", "plum"]);
    assert!(lock.contains("version = \"1.1\""), "versions that may stay, stay: {lock}");
    client(&folder.path().join("slim"), &["pdm", "lock", "--check"]);
}
