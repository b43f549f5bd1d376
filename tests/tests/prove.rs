//! What a proof shows, and what it leaves alone. The commands are of the shell, and what is installed is made up, so that these need
//! nothing but a build; what a proof does with really installed packages is told in the stories of the applications.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage up has to fail")]

use depslim_model::report::{Outcome, Proved};
use depslim_model::{Code, Confidence, Report};
use depslim_tests::{command, project, stderr, stdout};
use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const SITE: &str = ".venv/lib/python3.12/site-packages";

/// An application that imports `glasswork`; nobody is seen to use `lenswork` and `waxwork`.
fn app() -> TempDir {
    let mut files: Vec<(String, String)> = vec![
        ("requirements.txt".to_owned(), "glasswork==1.0\nlenswork==2.0\nwaxwork==3.0\n".to_owned()),
        ("main.py".to_owned(), "import glasswork\n".to_owned()),
        (".venv/pyvenv.cfg".to_owned(), "home = /nowhere\nversion = 3.12.1\n".to_owned()),
    ];
    for (name, version) in [("glasswork", "1.0"), ("lenswork", "2.0"), ("waxwork", "3.0")] {
        let info = format!("{name}-{version}.dist-info");
        let record = format!("{name}/__init__.py,,\n{info}/METADATA,,\n{info}/RECORD,,\n");
        files.push((format!("{SITE}/{name}/__init__.py"), format!("# {name}\n")));
        // Nobody records what is compiled or written later.
        files.push((format!("{SITE}/{name}/__pycache__/__init__.cpython-312.pyc"), name.to_owned()));
        files.push((format!("{SITE}/{name}/cache/state.bin"), name.to_owned()));
        files.push((
            format!("{SITE}/{info}/METADATA"),
            format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"),
        ));
        files.push((format!("{SITE}/{info}/RECORD"), record));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    project(&files)
}

/// A folder for copies, and what lies in it.
struct Cache(TempDir);

impl Cache {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn flag(&self) -> String {
        format!("--cache-dir={}", self.0.path().display())
    }

    /// What lies there beside the folder itself.
    fn left(&self) -> Vec<PathBuf> {
        let folder = self.0.path().join("prove");
        fs_err::read_dir(folder).map_or_else(|_| Vec::new(), |entries| entries.map(|e| e.unwrap().path()).collect())
    }
}

/// Programs of the machine without bubblewrap: a proof without a sandbox.
fn without_bubblewrap() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for program in ["sh", "sleep", "cat", "setsid", "true", "false", "rm", "grep"] {
        let found = ["/bin", "/usr/bin"].map(|bin| Path::new(bin).join(program)).into_iter().find(|path| path.exists());
        symlink(found.unwrap(), folder.path().join(program)).unwrap();
    }
    folder
}

fn prove(app: &TempDir, cache: &Cache, flags: &[&str], script: &str) -> Output {
    let flag = cache.flag();
    let mut all = vec!["prove", &flag];
    all.extend(flags);
    all.extend(["--", "sh", "-c", script]);
    command(app.path(), &all).output().unwrap()
}

fn shown(output: &Output) -> Report {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}{}", stdout(output), stderr(output)))
}

fn proved(output: &Output) -> Proved {
    shown(output).projects[0].proof.clone().unwrap()
}

fn put_back(proved: &Proved) -> Vec<&str> {
    proved.put_back.iter().map(|back| back.name.as_str()).collect()
}

/// Every file below a folder: bytes, time, kind, inode.
fn state(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, i64, i64, u32, u64)> {
    let (mut all, mut open) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(path) = open.pop() {
        let about = fs_err::symlink_metadata(&path).unwrap();
        let bytes = if about.is_file() { fs_err::read(&path).unwrap() } else { Vec::new() };
        if about.is_dir() {
            open.extend(fs_err::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        all.insert(path, (bytes, about.mtime(), about.mtime_nsec(), about.mode(), about.ino()));
    }
    all
}

#[test]
fn what_is_left_out_is_gone_and_the_findings_on_it_are_verified() {
    let (app, cache) = (app(), Cache::new());
    let before = state(app.path());
    // A folder that holds only what a package once wrote would count as a module.
    let script =
        format!("test -f {SITE}/glasswork/__init__.py && test -f {SITE}/glasswork/cache/state.bin && ls {SITE}");
    let output = prove(&app, &cache, &["--output-format=json"], &format!("{script} && test ! -e {SITE}/lenswork"));
    let report = shown(&output);
    let proof = report.projects[0].proof.as_ref().unwrap();
    assert_eq!((output.status.code(), proof.outcome, proof.runs), (Some(0), Outcome::Proved, 1), "{proof:?}");
    assert_eq!(proof.left_out, ["pkg:pypi/lenswork@2.0", "pkg:pypi/waxwork@3.0"]);
    let verified: Vec<&str> = report
        .findings
        .iter()
        .filter(|f| f.code == Code::Unused && f.confidence == Confidence::Verified)
        .map(|f| f.package.as_str())
        .collect();
    assert_eq!(verified, ["pkg:pypi/lenswork@2.0", "pkg:pypi/waxwork@3.0"]);
    assert_eq!(state(app.path()), before);
    assert_eq!(cache.left(), Vec::<PathBuf>::new());
}

#[test]
fn a_failure_is_read_and_the_one_package_is_put_back() {
    let (app, cache) = (app(), Cache::new());
    let script = format!(
        "test -e {SITE}/lenswork && exit 0; printf 'Traceback:\\n  File \"main.py\", line 7, in <module>\\n\\377\\n'; \
         echo \"ModuleNotFoundError: No module named 'lenswork.parts'\"; exit 1"
    );
    let output = prove(&app, &cache, &["--output-format=json"], &script);
    let proof = proved(&output);
    assert_eq!((output.status.code(), proof.outcome), (Some(1), Outcome::Mended), "{proof:?}");
    assert_eq!(put_back(&proof), ["lenswork"]);
    assert_eq!(proof.left_out, ["pkg:pypi/waxwork@3.0"]);
    let evidence = &proof.put_back[0].evidence;
    assert_eq!((evidence[0].file.as_deref(), evidence[0].line), (Some("main.py"), Some(7)));
    assert!(evidence[1].text.starts_with("line 4 of the output: ModuleNotFoundError"), "{}", evidence[1].text);
    let findings = shown(&output).findings;
    assert!(findings.iter().all(|f| f.code != Code::Unused || f.package != "pkg:pypi/lenswork@2.0"));
}

#[test]
fn a_failure_that_says_nothing_is_found_by_trying() {
    let (app, cache) = (app(), Cache::new());
    let output = prove(&app, &cache, &["--output-format=json"], &format!("test -e {SITE}/waxwork"));
    let proof = proved(&output);
    assert_eq!((output.status.code(), put_back(&proof)), (Some(1), vec!["waxwork"]), "{proof:?}");
    assert!(proof.put_back[0].by_trying);
    let both =
        prove(&app, &cache, &["--output-format=json"], &format!("test -e {SITE}/waxwork && test -e {SITE}/lenswork"));
    assert_eq!(proved(&both).put_back.len(), 2);
}

#[test]
fn a_name_that_is_merely_said_is_not_put_back() {
    let (app, cache) = (app(), Cache::new());
    let script = format!(
        "test -e {SITE}/waxwork && exit 0; echo \"ModuleNotFoundError: No module named 'waxwork'\"; \
         echo \"lenswork: No module named 'lenswork', going on without\"; exit 1"
    );
    let proof = proved(&prove(&app, &cache, &["--output-format=json"], &script));
    assert_eq!((proof.outcome, put_back(&proof)), (Outcome::Mended, vec!["waxwork"]));
}

#[test]
fn what_fails_with_everything_installed_proves_nothing() {
    let (app, cache) = (app(), Cache::new());
    let output = prove(&app, &cache, &[], "echo out of luck >&2; exit 7");
    assert_eq!(output.status.code(), Some(2));
    let text = stdout(&output);
    assert!(text.contains("nothing proved") && text.contains("exit code 7") && text.contains("out of luck"), "{text}");
}

#[test]
fn a_list_is_refuted_and_what_it_lacks_is_named() {
    let (app, cache) = (app(), Cache::new());
    fs_err::write(app.path().join("requirements.prod.txt"), "waxwork==3.0\nlenswork==2.1\n").unwrap();
    let script = format!("test -e {SITE}/glasswork || {{ echo \"No module named 'glasswork'\"; exit 1; }}");
    let output = prove(&app, &cache, &["--list=requirements.prod.txt"], &script);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("refuted") && text.contains("Add to requirements.prod.txt:\n  glasswork==1.0\n"), "{text}");
    assert!(text.contains("requirements.prod.txt:2 asks for lenswork 2.1; 2.0 is installed here"), "{text}");
    let none = prove(&app, &cache, &["--list=main.py"], "true");
    assert_eq!(none.status.code(), Some(2));
    assert!(stderr(&none).contains("main.py is no list that depslim can read"), "{}", stderr(&none));
}

#[test]
fn packages_can_be_there_for_the_run_alone() {
    let (app, cache) = (app(), Cache::new());
    let script = format!("test -e {SITE}/waxwork && test ! -e {SITE}/lenswork");
    let output = prove(&app, &cache, &["--with=WaxWork"], &script);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let unknown = prove(&app, &cache, &["--with=pewter"], &script);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("--with pewter: no package of this name"), "{}", stderr(&unknown));
}

#[test]
fn nothing_that_a_run_writes_reaches_the_original() {
    let (app, cache) = (app(), Cache::new());
    let before = state(app.path());
    let script = format!("echo x >> {SITE}/glasswork/__init__.py; echo x > new.txt; rm -rf .venv main.py; true");
    let bare = without_bubblewrap();
    let flag = cache.flag();
    let runs: [(&[&str], bool); 3] = [(&[], true), (&["--writable"], true), (&[], false)];
    for (flags, sandbox) in runs {
        let all = [&["prove", &flag, "--output-format=json"], flags, &["--", "sh", "-c", &script]].concat();
        let mut command = command(app.path(), &all);
        if !sandbox {
            command.env("PATH", bare.path());
        }
        let output = command.output().unwrap();
        assert_eq!(state(app.path()), before, "{flags:?}");
        let proof = proved(&output);
        assert!(
            sandbox || !proof.isolated && proof.sandbox.contains("bubblewrap (bwrap) is not installed"),
            "{proof:?}"
        );
        assert_eq!(output.status.code(), Some(0));
    }
    assert_eq!(cache.left(), Vec::<PathBuf>::new());
}

#[test]
fn a_copy_in_another_place_speaks_of_that_place() {
    let (app, cache) = (app(), Cache::new());
    let place = fs_err::canonicalize(app.path()).unwrap().join(".venv");
    let script = app.path().join(".venv/bin/tool");
    fs_err::create_dir_all(script.parent().unwrap()).unwrap();
    fs_err::write(&script, format!("#!/bin/sh\n# made for {}/bin/python\necho tool \"$0\"\n", place.display()))
        .unwrap();
    fs_err::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let bare = without_bubblewrap();
    let flag = cache.flag();
    let words = "while read -r line; do case $line in *made*) echo \"$line\"; esac; done < .venv/bin/tool; tool; echo $VIRTUAL_ENV; exit 9";
    let output = command(app.path(), &["prove", &flag, "--output-format=json", "--", "sh", "-c", words])
        .env("PATH", bare.path())
        .output()
        .unwrap();
    let said = proved(&output).output.join("\n");
    assert!(!said.contains(&place.display().to_string()), "{said}");
    let here = fs_err::canonicalize(cache.0.path()).unwrap().display().to_string();
    assert_eq!(said.lines().filter(|line| line.contains(&here) && line.contains("/.venv")).count(), 3, "{said}");
}

#[test]
fn a_command_that_never_ends_is_ended() {
    let (app, cache) = (app(), Cache::new());
    let bare = without_bubblewrap();
    for sandbox in [true, false] {
        let start = Instant::now();
        let flag = cache.flag();
        let words = "(setsid sleep 54321 &); sleep 54321";
        let mut command = command(app.path(), &["prove", &flag, "--timeout=1", "--", "sh", "-c", words]);
        if !sandbox {
            command.env("PATH", bare.path());
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(stdout(&output).contains("did not end within 1 s"), "{}", stdout(&output));
        assert!(start.elapsed() < Duration::from_mins(1));
        assert!(!runs("54321"), "something still runs");
        assert_eq!(cache.left(), Vec::<PathBuf>::new());
    }
}

#[test]
fn what_was_put_back_is_recorded_with_its_reason_and_counts_from_then_on() {
    let (app, cache) = (app(), Cache::new());
    fs_err::write(app.path().join("depslim.toml"), "# ours\nheavy = \"1 MB\"\n").unwrap();
    let script = format!("test -e {SITE}/lenswork || {{ echo \"No module named 'lenswork'\"; exit 1; }}");
    let output = prove(&app, &cache, &["--write"], &script);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let config = fs_err::read_to_string(app.path().join("depslim.toml")).unwrap();
    assert!(config.starts_with("# ours\nheavy = \"1 MB\"\n"), "{config}");
    assert!(
        config.contains("package = \"pypi:lenswork\"") && config.contains("No module named 'lenswork'"),
        "{config}"
    );
    let again = prove(&app, &cache, &["--output-format=json"], &script);
    assert_eq!((again.status.code(), proved(&again).left_out), (Some(0), vec!["pkg:pypi/waxwork@3.0".to_owned()]));
}

/// Kills a proof at moments spread over its time; each time the next one finds nothing in its way, and leaves nothing.
#[test]
fn killed_at_any_moment_it_leaves_no_half_written_file_and_no_stray_copy() {
    let cache = Cache::new();
    let script = format!("sleep 0.05; test -e {SITE}/lenswork || {{ echo \"No module named 'lenswork'\"; exit 1; }}");
    let flag = cache.flag();
    let all = ["prove", &flag, "--write", "--", "sh", "-c", &script];
    let whole = {
        let app = app();
        let start = Instant::now();
        assert_eq!(command(app.path(), &all).output().unwrap().status.code(), Some(1));
        start.elapsed()
    };
    let mut killed = 0;
    for moment in 0..20_u32 {
        let app = app();
        let before = state(&app.path().join(".venv"));
        let mut child = command(app.path(), &all).stdout(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole * moment / 20);
        killed += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(state(&app.path().join(".venv")), before);
        let mut names: Vec<_> =
            fs_err::read_dir(app.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        if names.contains(&"depslim.toml".to_owned()) {
            let config = fs_err::read_to_string(app.path().join("depslim.toml")).unwrap();
            assert!(config.starts_with("[[ignore]]\n") && config.ends_with("\"\n"), "{config}");
            names.retain(|name| name != "depslim.toml");
        }
        assert_eq!(names, [".venv", "main.py", "requirements.txt"]);
    }
    assert!(killed >= 10, "only {killed} of 20 were killed before they ended");
    let app = app();
    assert_eq!(command(app.path(), &all).output().unwrap().status.code(), Some(1));
    assert_eq!(cache.left(), Vec::<PathBuf>::new());
}

#[test]
fn asked_to_stop_it_takes_everything_with_it() {
    let (app, cache) = (app(), Cache::new());
    let flag = cache.flag();
    let words = "echo > $DEPSLIM_PROVE/scratch/started; sleep 65432";
    let mut child = command(app.path(), &["prove", &flag, "--", "sh", "-c", words])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let started = || cache.left().iter().any(|folder| folder.join("scratch/started").exists());
    while !started() && start.elapsed() < Duration::from_mins(1) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let kill = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!runs("65432"), "something still runs");
    assert_eq!(cache.left(), Vec::<PathBuf>::new());
}

/// Whether a process with this word on its command line runs.
fn runs(word: &str) -> bool {
    let sleeps = |entry: fs_err::DirEntry| {
        let line = fs_err::read(entry.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).starts_with(&format!("sleep\0{word}"))
    };
    fs_err::read_dir("/proc").unwrap().flatten().any(sleeps)
}

/// A command in a view of the machine with a small disk at one place and a read-only folder at another.
fn cramped(small: &Path, read_only: &Path, arguments: &[&str]) -> Output {
    depslim_tests::system::machine();
    let mut command = depslim_tests::system::as_root("bwrap");
    command.args(["--bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--size", "1000000", "--tmpfs"]).arg(small);
    command.arg("--ro-bind").arg(read_only).arg(read_only).arg("--chdir").arg(read_only);
    command.arg("--").arg(depslim_tests::binary()).args(arguments).output().unwrap()
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn a_full_disk_is_said_and_nothing_stays_on_it() {
    let (app, cache) = (app(), Cache::new());
    fs_err::write(app.path().join(format!("{SITE}/glasswork/blob.bin")), vec![7; 4_000_000]).unwrap();
    let before = state(app.path());
    let flag = cache.flag();
    let output = cramped(cache.0.path(), app.path(), &["prove", &flag, "--", "true"]);
    assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
    assert!(stderr(&output).contains("no space left for the copy"), "{}", stderr(&output));
    assert_eq!(state(app.path()), before);
    let outside = prove(&app, &cache, &[], "true");
    assert_eq!(outside.status.code(), Some(0), "{}", stderr(&outside));
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn a_read_only_project_is_proved_and_what_can_not_be_recorded_is_said() {
    let (app, cache, elsewhere) = (app(), Cache::new(), tempfile::tempdir().unwrap());
    let script = format!("test -e {SITE}/lenswork || {{ echo \"No module named 'lenswork'\"; exit 1; }}");
    let flag = cache.flag();
    let output = cramped(elsewhere.path(), app.path(), &["prove", &flag, "--write", "--", "sh", "-c", &script]);
    assert!(stdout(&output).contains("does not run without lenswork"), "{}{}", stdout(&output), stderr(&output));
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("depslim.toml"), "{}", stderr(&output));
    assert!(!app.path().join("depslim.toml").exists());
}

#[test]
fn lines_of_a_manifest_are_put_back_where_a_project_is_built() {
    let cache = Cache::new();
    let manifest = "[package]\nname = \"lamp\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nwick = \"1\" # ours\nwaxwork = \"2\"\n";
    let app = project(&[("Cargo.toml", manifest), ("src/main.rs", "fn main() {}\n")]);
    let script = "grep -q wick Cargo.toml && exit 0; echo 'error[E0432]: unresolved import `wick::Flame`'; \
        echo ' --> src/main.rs:1:5'; exit 101";
    let output = prove(&app, &cache, &["--output-format=json"], script);
    let proof = proved(&output);
    assert_eq!((output.status.code(), put_back(&proof)), (Some(1), vec!["wick"]), "{proof:?}");
    assert_eq!(proof.left_out, ["pkg:cargo/waxwork"]);
    let at = &proof.put_back[0].evidence[0];
    assert_eq!((at.file.as_deref(), at.line), (Some("src/main.rs"), Some(1)));
    assert_eq!(fs_err::read_to_string(app.path().join("Cargo.toml")).unwrap(), manifest);
}
