//! Nothing of the project is executed, and no credential is printed.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage up has to fail")]

use depslim_tests::{depslim, project, stderr, stdout};
use std::path::Path;

/// A program that leaves a mark when it runs.
fn trap(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    if let Some(parent) = path.parent() {
        fs_err::create_dir_all(parent).unwrap();
    }
    fs_err::write(&path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs_err::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[test]
fn nothing_of_the_project_is_run() {
    let folder = project(&[
        ("requirements.txt", "tqdm==4.67.1\nblack==24.1.0\n"),
        ("app/main.py", "import tqdm\n"),
        (".venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.7\n"),
        (".venv/lib/python3.11/site-packages/tqdm/__init__.py", ""),
        (
            ".venv/lib/python3.11/site-packages/tqdm-4.67.1.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: tqdm\nVersion: 4.67.1\n",
        ),
        (
            ".venv/lib/python3.11/site-packages/tqdm-4.67.1.dist-info/RECORD",
            "tqdm/__init__.py,,\ntqdm-4.67.1.dist-info/METADATA,,\ntqdm-4.67.1.dist-info/RECORD,,\n",
        ),
    ]);
    let mark = folder.path().join("executed");
    let python = format!("open({:?}, 'w')\n", mark.display().to_string());
    let shell = format!("#!/bin/sh\ntouch '{}'\n", mark.display());
    for path in [
        "setup.py",
        "conftest.py",
        "app/conftest.py",
        "sitecustomize.py",
        ".venv/lib/python3.11/site-packages/sitecustomize.py",
    ] {
        trap(folder.path(), path, &python);
    }
    trap(
        folder.path(),
        ".venv/lib/python3.11/site-packages/evil.pth",
        &format!("import os; os.system(\"touch '{}'\")\n", mark.display()),
    );
    for path in [
        ".venv/bin/python",
        ".venv/bin/python3",
        ".venv/bin/pip",
        "uv",
        "pip",
        "python",
        "git",
        "gradlew",
        "mvnw",
        ".git/hooks/post-index-change",
    ] {
        trap(folder.path(), path, &shell);
    }
    fs_err::create_dir_all(folder.path().join(".git")).unwrap();
    fs_err::write(
        folder.path().join(".git/config"),
        format!("[core]\n\tfsmonitor = {0}/git\n\thooksPath = {0}\n\tpager = {0}/git\n", folder.path().display()),
    )
    .unwrap();
    fs_err::write(folder.path().join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    for arguments in
        [&["check"][..], &["check", "--output-format", "json"], &["why", "tqdm"], &["export"], &["debug", "uses"]]
    {
        let output = depslim(folder.path(), arguments);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{arguments:?}: {}", stderr(&output));
        assert!(!mark.exists(), "{arguments:?} ran something of the project");
    }
}

#[test]
fn credentials_are_never_printed() {
    let folder = project(&[
        (
            "requirements.txt",
            "--index-url https://robin:hunter2@example.invalid/simple\n--extra-index-url https://token-hunter2@example.invalid/x\nwren @ https://robin:hunter2@example.invalid/wren-1.0-py3-none-any.whl\ngit+https://hunter2@example.invalid/owl.git#egg=owl\nblack==24.1.0\n",
        ),
        ("app.py", "import wren\nDATABASE_URL = 'postgresql://robin:hunter2@db/x'\n"),
        (
            "compose.yaml",
            "services:\n  web:\n    command: wren run\n    environment:\n      DATABASE_URL: postgresql://robin:hunter2@db/x\n",
        ),
    ]);
    for arguments in [
        &["check", "-v"][..],
        &["check", "--output-format", "json"],
        &["check", "--output-format", "sarif"],
        &["check", "--output-format", "markdown"],
        &["why", "wren"],
        &["debug", "facts"],
        &["debug", "uses"],
        &["debug", "plan"],
        &["export"],
    ] {
        let output = depslim(folder.path(), arguments);
        let all = stdout(&output) + &stderr(&output);
        assert!(!all.contains("hunter2"), "{arguments:?} printed a secret:\n{all}");
    }
    for entry in fs_err::read_dir(folder.path().join("slim")).into_iter().flatten().flatten() {
        let text = fs_err::read_to_string(entry.path()).unwrap_or_default();
        assert!(!text.contains("hunter2"), "{} holds a secret", entry.path().display());
    }
}
