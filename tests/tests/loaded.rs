//! What a proof sees of what a run loads: packages that stay unused, files that nothing needs, and the class path of Java. The
//! interpreter, the compiler and the virtual machine are real ones; the packages are made up.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage up has to fail")]

use depslim_model::report::{Outcome, Proved, Report, Stays};
use depslim_tests::system::programs;
use depslim_tests::{command, git, run, stderr, stdout, tools, uv};
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

fn proved(output: &Output) -> Proved {
    let report: Report =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}{}", stdout(output), stderr(output)));
    report.projects[0].proof.clone().unwrap()
}

/// Installs a package by hand: its files below its own folder, and what it requires.
fn install(site: &Path, name: &str, requires: &str, files: &[(&str, &str)]) {
    let info = format!("{name}-1.0.dist-info");
    let mut record = format!("{info}/METADATA,,\n{info}/RECORD,,\n{info}/LICENSE,,\n");
    for (path, text) in files {
        git::put(site, &format!("{name}/{path}"), text);
        record.extend([name, "/", path, ",,\n"]);
    }
    let requires = if requires.is_empty() { String::new() } else { format!("Requires-Dist: {requires}\n") };
    git::put(
        site,
        &format!("{info}/METADATA"),
        &format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requires}"),
    );
    git::put(site, &format!("{info}/LICENSE"), "yours\n");
    git::put(site, &format!("{info}/RECORD"), &record);
}

/// An application whose packages have folders of tests that are needed in one way or another, or not at all.
fn greenhouse() -> TempDir {
    let app = tempfile::tempdir().unwrap();
    run(uv().args(["venv", "--quiet", "--python"]).arg(tools().join("python")).arg(app.path().join(".venv")));
    let lib = app.path().join(".venv/lib");
    let version = fs_err::read_dir(&lib).unwrap().next().unwrap().unwrap().path();
    let site = version.join("site-packages");
    let tests = ("tests/__init__.py", "TESTS = True\n");
    let names = ["seedwork", "rootwork", "latework", "stubwork", "standwork"];
    // Nobody needs these tests; `idlework` comes along and is never loaded.
    install(
        &site,
        "seedwork",
        "idlework",
        &[
            ("__init__.py", ""),
            tests,
            ("tests/data.txt", "x"),
            ("tests/LICENSE", "theirs"),
            ("__init__.pyi", "x: int\n"),
        ],
    );
    install(&site, "idlework", "", &[("__init__.py", "")]);
    // Loaded at import.
    install(
        &site,
        "rootwork",
        "",
        &[("__init__.py", "import importlib\nimportlib.import_module(__name__ + '.te' + 'sts')\n"), tests],
    );
    // Named in a function that this run never calls.
    install(
        &site,
        "latework",
        "",
        &[("__init__.py", "def check():\n    from latework import tests\n    return tests\n"), tests],
    );
    // Reads its own stub.
    install(&site, "stubwork", "", &[("__init__.py", "open(__file__ + 'i').read()\n"), ("__init__.pyi", "")]);
    // Looks whether its tests are there, without a word of complaint.
    let looks = "import os, sys\nif not os.path.isdir(os.path.join(os.path.dirname(__file__), 'te' + 'sts')):\n    sys.exit(7)\n";
    install(&site, "standwork", "", &[("__init__.py", looks), tests]);
    let requirements: String = names.iter().flat_map(|name| [*name, "==1.0\n"]).collect();
    git::put(app.path(), "requirements.txt", &requirements);
    let imports: String = names.iter().flat_map(|name| ["import ", *name, "\n"]).collect();
    git::put(app.path(), "main.py", &imports);
    app
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn what_nothing_loads_goes_and_what_anything_needs_stays() {
    programs(&[("strace", "strace"), ("bwrap", "bubblewrap"), ("strip", "binutils")]);
    let (app, cache) = (greenhouse(), tempfile::tempdir().unwrap());
    let flag = format!("--cache-dir={}", cache.path().display());
    let before = state(app.path());
    let all = ["prove", &flag, "--trim", "--watch", "--output-format=json", "--", "python", "main.py"];
    let output = command(app.path(), &all).output().unwrap();
    let proof = proved(&output);
    assert_eq!((output.status.code(), proof.outcome), (Some(0), Outcome::Proved), "{proof:?}");
    assert_eq!(state(app.path()), before, "the original was touched");

    let watched = proof.watched.unwrap();
    let idle: Vec<&str> = watched.idle.iter().map(|one| one.package.as_str()).collect();
    assert_eq!(idle, ["pkg:pypi/idlework@1.0"], "{}", watched.how);

    let trimmed = proof.trimmed.unwrap();
    let gone: Vec<(&str, Vec<&str>)> = trimmed
        .packages
        .iter()
        .map(|one| {
            (
                one.package.as_str(),
                one.remove.iter().map(|path| path.rsplit("site-packages/").next().unwrap()).collect(),
            )
        })
        .collect();
    let expect = vec!["seedwork/__init__.pyi", "seedwork/tests/__init__.py", "seedwork/tests/data.txt"];
    let mut sorted = gone.clone();
    for (_, paths) in &mut sorted {
        paths.sort_unstable();
    }
    assert_eq!(sorted, [("pkg:pypi/seedwork@1.0", expect)], "a licence keeps its folder");
    assert_eq!(trimmed.before_bytes - trimmed.after_bytes, 13 + 1 + 7);
    let why = |name: &str| -> &Stays {
        trimmed
            .stays
            .iter()
            .find(|one| one.package == format!("pkg:pypi/{name}@1.0"))
            .unwrap_or_else(|| panic!("{name}: {trimmed:?}"))
    };
    assert!(why("rootwork").why.starts_with("the run loads "), "{:?}", why("rootwork"));
    assert_eq!(why("latework").why, "named at latework/__init__.py:2");
    assert!(why("stubwork").why.ends_with("stubwork/__init__.pyi"), "{:?}", why("stubwork"));
    assert!(why("standwork").why.starts_with("it fails without"), "{:?}", why("standwork"));
    assert!(fs_err::read_dir(cache.path().join("prove")).is_err(), "a copy was left behind");
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn what_goes_is_written_down_and_becomes_a_step_of_the_image() {
    programs(&[("strace", "strace"), ("bwrap", "bubblewrap"), ("strip", "binutils")]);
    let (app, cache) = (greenhouse(), tempfile::tempdir().unwrap());
    git::put(
        app.path(),
        "Dockerfile",
        "FROM python:3.13\nCOPY . /app\nWORKDIR /app\nRUN pip install -r requirements.txt\nCMD [\"python\", \"main.py\"]\n",
    );
    let flag = format!("--cache-dir={}", cache.path().display());
    let export = || {
        let output = command(app.path(), &["export", "--out-dir=slim"]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
        fs_err::read_to_string(app.path().join("slim/Dockerfile")).unwrap()
    };
    assert!(!export().contains("depslim-trim"), "nothing was shown yet");
    let all = ["prove", &flag, "--trim", "--write", "--", "python", "main.py"];
    let output = command(app.path(), &all).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("trimmed"), "{}", stdout(&output));
    let list = fs_err::read_to_string(app.path().join("depslim-trim.txt")).unwrap();
    assert!(list.contains("\npkg:pypi/seedwork@1.0\n  remove lib/python3."), "{list}");
    let container = export();
    let step = container.split("\nRUN ").find(|step| step.contains("sh /tmp/depslim/depslim-trim.sh")).unwrap();
    assert!(step.contains(" install ") && step.contains("&& sh /tmp/depslim/depslim-trim.sh /"), "{container}");
    // On what an image would have installed, the script does what the proof did.
    let into = tempfile::tempdir().unwrap();
    run(Command::new("cp").args(["--archive", "--no-target-directory"]).arg(app.path().join(".venv")).arg(into.path()));
    run(Command::new("sh").arg(app.path().join("slim/depslim-trim.sh")).arg(into.path()));
    let left = run(Command::new("find")
        .arg(into.path())
        .args(["-path", "*work/*", "-name", "*.py*", "-not", "-name", "*.pyc"]));
    assert!(!left.contains("seedwork/tests/__init__.py") && left.contains("rootwork/tests/__init__.py"), "{left}");
    // Another version is another matter.
    let stale = list.replace("seedwork@1.0", "seedwork@0.9");
    fs_err::write(app.path().join("depslim-trim.txt"), stale).unwrap();
    let container = export();
    assert!(container.contains("not out of pkg:pypi/seedwork@0.9"), "{container}");
    assert!(!container.contains("sh /tmp/depslim"), "a list for another version was used");
}

/// Compiles one class into a jar of a local repository.
fn artifact(home: &Path, name: &str, package: &str, source: &str) {
    let folder = tempfile::tempdir().unwrap();
    let class = source.split("class ").nth(1).unwrap().split([' ', '{']).next().unwrap();
    git::put(folder.path(), &format!("{class}.java"), &format!("package {package};\n{source}\n"));
    run(Command::new("javac").current_dir(folder.path()).args(["-d", "out", &format!("{class}.java")]));
    let place = home.join(format!(".m2/repository/feed/{name}/1"));
    fs_err::create_dir_all(&place).unwrap();
    run(Command::new("jar")
        .args(["--create", "--file"])
        .arg(place.join(format!("{name}-1.jar")))
        .arg("-C")
        .arg(folder.path().join("out"))
        .arg("."));
    let pom = format!(
        "<project><modelVersion>4.0.0</modelVersion><groupId>feed</groupId><artifactId>{name}</artifactId><version>1</version></project>"
    );
    git::put(&place, &format!("{name}-1.pom"), &pom);
}

/// A compiled project that uses `hay` as everybody sees, `oats` and a part of the runtime as nobody sees, and `straw` not at all.
fn barn(home: &Path) -> TempDir {
    artifact(home, "hay", "hay", "public class Hay { public static String bale() { return \"bale\"; } }");
    artifact(home, "oats", "oats", "public class Oats { }");
    artifact(home, "straw", "straw", "public class Straw { }");
    let app = tempfile::tempdir().unwrap();
    let lines: String = ["hay", "oats", "straw"]
        .map(|name| {
            format!(
                "<dependency><groupId>feed</groupId><artifactId>{name}</artifactId><version>1</version></dependency>\n"
            )
        })
        .concat();
    git::put(
        app.path(),
        "pom.xml",
        &format!(
            "<project><modelVersion>4.0.0</modelVersion><groupId>farm</groupId><artifactId>barn</artifactId><version>1</version>\n<dependencies>\n{lines}</dependencies></project>\n"
        ),
    );
    let source = "package farm;\nimport hay.Hay;\npublic class Barn {\n  public static void main(String[] words) throws Exception {\n    System.out.println(Hay.bale());\n    for (String word : words) Class.forName(word.replace('_', '.'));\n  }\n}\n";
    git::put(app.path(), "src/main/java/farm/Barn.java", source);
    let hay = home.join(".m2/repository/feed/hay/1/hay-1.jar");
    run(Command::new("javac").current_dir(app.path()).arg("-cp").arg(hay).args([
        "-d",
        "target/classes",
        "src/main/java/farm/Barn.java",
    ]));
    app
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn a_trimmed_class_path_is_proved_on_a_runtime_of_its_own() {
    programs(&[("jlink", "default-jdk-headless"), ("bwrap", "bubblewrap")]);
    let (home, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let app = barn(home.path());
    let flag = format!("--cache-dir={}", cache.path().display());
    let prove = |more: &[&str]| {
        let all = [&["prove", &flag, "--output-format=json"], more].concat();
        command(app.path(), &all).env("HOME", home.path()).output().unwrap()
    };
    let before = (state(app.path()), state(home.path()));

    let output = prove(&["--watch"]);
    let proof = proved(&output);
    assert_eq!((output.status.code(), proof.outcome, proof.passed), (Some(0), Outcome::Proved, 1), "{proof:?}");
    assert_eq!(proof.left_out, ["pkg:maven/feed/oats@1", "pkg:maven/feed/straw@1"]);
    assert!(proof.notes.iter().any(|note| note.ends_with("modules, made by jlink")), "{:?}", proof.notes);
    let watched = proof.watched.unwrap();
    assert!(watched.idle.is_empty() && watched.packages == 1, "{watched:?}");

    // What only the words of the failure tell: an artifact, and a module of the runtime.
    let output = prove(&["--", "java", "farm.Barn", "oats_Oats", "java_sql_Date"]);
    let proof = proved(&output);
    assert_eq!((output.status.code(), proof.outcome), (Some(1), Outcome::Mended), "{proof:?}");
    let mut back: Vec<&str> = proof.put_back.iter().map(|back| back.name.as_str()).collect();
    back.sort_unstable();
    assert_eq!(back, ["feed:oats", "java.sql"]);
    assert_eq!(proof.left_out, ["pkg:maven/feed/straw@1"]);
    let oats = proof.put_back.iter().find(|back| back.name == "feed:oats").unwrap();
    assert_eq!(oats.evidence[0].file.as_deref(), Some("farm/Barn.java"), "{oats:?}");
    assert!(oats.evidence[1].text.contains("ClassNotFoundException: oats.Oats"), "{oats:?}");

    assert_eq!((state(app.path()), state(home.path())), before, "the original was touched");
    assert!(fs_err::read_dir(cache.path().join("prove")).is_err(), "a copy was left behind");
}

/// Every file below a folder, with its bytes.
fn state(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let (mut all, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(path) = open.pop() {
        let about = fs_err::symlink_metadata(&path).unwrap();
        if about.is_dir() {
            open.extend(fs_err::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if about.is_file() {
            all.push((path.display().to_string(), fs_err::read(&path).unwrap()));
        }
    }
    all.sort();
    all
}
