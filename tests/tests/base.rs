//! `--base` with a git reference: what a branch changed, and that nothing of the repository's configuration is run to find out.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage up has to fail")]

use depslim_tests::git::{commit, git, head, init, put};
use depslim_tests::small::{ALL, Small};
use depslim_tests::venv::{SITE, install};
use depslim_tests::{command, copy, depslim, project, run, stderr, stdout};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;
use tempfile::TempDir;

/// A lock of these packages: name, version, bytes of the wheel.
fn lock(packages: &[(&str, &str, u64)]) -> String {
    let mut text = "version = 1\nrequires-python = \">=3.12\"\n\n".to_owned();
    text += "[[package]]\nname = \"shop\"\nversion = \"1.0\"\nsource = { virtual = \".\" }\ndependencies = [\n";
    for (name, ..) in packages {
        let _ = writeln!(text, "    {{ name = \"{name}\" }},");
    }
    text += "]\n";
    for (name, version, size) in packages {
        let _ = write!(
            text,
            "\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = {{ registry = \"https://example.invalid/simple\" }}\n\
             wheels = [\n    {{ url = \"https://example.invalid/{name}-{version}-py3-none-any.whl\", hash = \"sha256:00\", size = {size} }},\n]\n"
        );
    }
    text
}

fn manifest(lines: &[&str]) -> String {
    let lines: String = lines.iter().flat_map(|line| ["    \"", line, "\",\n"]).collect();
    format!("[project]\nname = \"shop\"\nversion = \"1.0\"\nrequires-python = \">=3.12\"\ndependencies = [\n{lines}]\n")
}

/// A shop whose main branch declares and uses `wren`, and declares `idle` for nothing.
fn shop() -> TempDir {
    let folder = project(&[
        (".gitignore", ".venv/\n"),
        ("pyproject.toml", &manifest(&["wren==1.0", "idle==2.0"])),
        ("uv.lock", &lock(&[("wren", "1.0", 100), ("idle", "2.0", 50)])),
        ("shop/__init__.py", ""),
        ("shop/main.py", "import wren\nwren.sing()\n"),
        (".venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.12.1\n"),
    ]);
    install(folder.path(), "wren", "1.0", 3_000_000);
    install(folder.path(), "idle", "2.0", 1_000_000);
    init(folder.path());
    commit(folder.path(), "first");
    run(git(folder.path()).args(["checkout", "--quiet", "-b", "topic"]));
    folder
}

fn json(folder: &Path, arguments: &[&str]) -> (Value, Option<i32>) {
    let output = depslim(folder, &[arguments, &["--output-format", "json"]].concat());
    let value = serde_json::from_str(&stdout(&output)).unwrap_or_else(|e| panic!("{e}: {}", stderr(&output)));
    (value, output.status.code())
}

/// Codes and packages of findings that the base does not have.
fn news(report: &Value) -> Vec<String> {
    let new = report["findings"].as_array().unwrap().iter().filter(|finding| finding["new"] == true);
    let mut new: Vec<String> = new.map(|finding| finding["fingerprint"].as_str().unwrap().to_owned()).collect();
    new.sort();
    new
}

/// Packages that changed: name, change, what is estimated.
fn changes(report: &Value) -> Vec<(String, Option<i64>, bool)> {
    let all = report["difference"]["packages"].as_array().unwrap().iter();
    let estimated = |change: &Value| ["before", "after"].iter().any(|side| change[side]["estimated"] == true);
    all.map(|c| (c["name"].as_str().unwrap().to_owned(), c["prod_delta"].as_i64(), estimated(c))).collect()
}

#[test]
fn a_branch_that_changes_nothing_has_no_news() {
    let folder = shop();
    let (report, code) = json(folder.path(), &["--base", "main"]);
    assert_eq!((news(&report), changes(&report)), (vec![], vec![]));
    assert_eq!(report["difference"]["comparable"], true);
    assert_eq!(report["source"]["base_commit"], head(folder.path()).as_str());
    assert_eq!(code, Some(0), "that idle is never used was known");
    let (_, code) = json(folder.path(), &[]);
    assert_eq!(code, Some(1));
}

#[test]
fn what_a_branch_adds_is_measured_and_what_it_breaks_counts() {
    let folder = shop();
    put(folder.path(), "pyproject.toml", &manifest(&["wren==1.0", "idle==2.0", "owl==0.5"]));
    put(folder.path(), "uv.lock", &lock(&[("wren", "1.0", 100), ("idle", "2.0", 50), ("owl", "0.5", 70)]));
    install(folder.path(), "owl", "0.5", 2_000_000);
    for state in ["in the work tree", "committed"] {
        let (report, code) = json(folder.path(), &["--base", "main"]);
        assert_eq!(news(&report), ["SLIM001:.#python:pypi/owl"], "{state}");
        assert_eq!(code, Some(1), "{state}");
        let [(name, Some(delta), false)] = &changes(&report)[..] else { panic!("{:?}", changes(&report)) };
        assert!(name == "owl" && (2_000_000..2_000_500).contains(delta), "{name} {delta}");
        assert_eq!(report["difference"]["estimated"], false);
        if state == "in the work tree" {
            commit(folder.path(), "owl");
        }
    }
    let text = stdout(&depslim(folder.path(), &["--base", "main"]));
    assert!(text.contains("Against base  +2.0 MB"), "{text}");
    assert!(text.contains("+2.0 MB   owl new 0.5"), "{text}");
    let text = stdout(&depslim(folder.path(), &["--base", "main", "--output-format", "markdown"]));
    assert!(text.starts_with("### depslim: production grows by 2.0 MB"), "{text}");
}

#[test]
fn the_last_use_of_a_package_may_go_on_a_branch() {
    let folder = shop();
    put(folder.path(), "shop/main.py", "print('quiet')\n");
    let (report, code) = json(folder.path(), &["--base", "main"]);
    assert_eq!((news(&report), code), (vec!["SLIM001:.#python:pypi/wren".to_owned()], Some(1)));
    // The same, when the file that used it is gone.
    fs_err::remove_file(folder.path().join("shop/main.py")).unwrap();
    let (report, _) = json(folder.path(), &["--base", "main"]);
    assert_eq!(news(&report), ["SLIM001:.#python:pypi/wren"]);
}

#[test]
fn sizes_of_what_is_not_installed_any_more_are_estimates() {
    let folder = shop();
    put(folder.path(), "pyproject.toml", &manifest(&["wren==1.1"]));
    put(folder.path(), "uv.lock", &lock(&[("wren", "1.1", 110)]));
    fs_err::remove_dir_all(folder.path().join(SITE)).unwrap();
    install(folder.path(), "wren", "1.1", 3_300_000);
    let (report, code) = json(folder.path(), &["--base", "main"]);
    assert_eq!(code, Some(0));
    assert_eq!(report["difference"]["estimated"], true);
    let changed = changes(&report);
    let of = |name: &str| changed.iter().find(|(n, ..)| n == name).cloned().unwrap();
    // 3.3 MB came out of 110 bytes: 100 bytes made 3.0 MB, and 50 bytes 1.5 MB.
    let (_, Some(wren), true) = of("wren") else { panic!("{changed:?}") };
    let (_, Some(idle), true) = of("idle") else { panic!("{changed:?}") };
    assert!((299_000..301_000).contains(&wren), "{wren}");
    assert!((-1_501_000..-1_499_000).contains(&idle), "{idle}");
    let text = stdout(&depslim(folder.path(), &["--base", "main"]));
    assert!(text.contains("~-1.5 MB   idle gone 2.0") && text.contains("~+300.0 kB   wren 1.0 -> 1.1"), "{text}");
    assert!(text.contains("Against base  ~-1.2 MB"), "{text}");
}

#[test]
fn a_base_is_where_the_branch_began() {
    let folder = shop();
    let began = head(folder.path());
    commit_on_main(folder.path());
    let (report, _) = json(folder.path(), &["--base", "main"]);
    assert_eq!(report["source"]["base_commit"], began.as_str());
    assert_eq!(changes(&report), []);
}

/// Takes `idle` out on the main branch, and comes back.
fn commit_on_main(folder: &Path) {
    run(git(folder).args(["checkout", "--quiet", "main"]));
    put(folder, "pyproject.toml", &manifest(&["wren==1.0"]));
    put(folder, "uv.lock", &lock(&[("wren", "1.0", 100)]));
    commit(folder, "without idle");
    run(git(folder).args(["checkout", "--quiet", "topic"]));
}

#[test]
fn folders_and_new_projects_are_compared_too() {
    let folder = shop();
    put(folder.path(), "tools/requirements.txt", "idle==2.0\n");
    put(folder.path(), "tools/run.py", "print()\n");
    let (report, _) = json(&folder.path().join("tools"), &["--base", "main"]);
    assert_eq!(report["source"]["folder"], "tools");
    assert!(news(&report).contains(&"SLIM001:.#python:pypi/idle".to_owned()), "{report}");
    commit(folder.path(), "tools");
    let (report, code) = json(&folder.path().join("tools"), &["--base", "HEAD"]);
    assert_eq!((news(&report), code), (vec![], Some(0)));
}

#[test]
fn a_base_report_and_a_base_commit_agree() {
    let folder = shop();
    run(&mut command(folder.path(), &["-q", "--exit-zero", "-o", "base.json"]));
    put(folder.path(), "pyproject.toml", &manifest(&["wren==1.0", "idle==2.0", "owl==0.5"]));
    put(folder.path(), "uv.lock", &lock(&[("wren", "1.0", 100), ("idle", "2.0", 50), ("owl", "0.5", 70)]));
    install(folder.path(), "owl", "0.5", 2_000_000);
    let (by_file, _) = json(folder.path(), &["--base", "base.json"]);
    let (by_commit, _) = json(folder.path(), &["--base", "main"]);
    assert_eq!(news(&by_file), news(&by_commit));
    assert_eq!(changes(&by_file), changes(&by_commit));
    assert_eq!(by_file["difference"]["prod"], by_commit["difference"]["prod"]);
}

#[test]
fn budgets_of_growth_are_about_the_branch() {
    let folder = shop();
    put(folder.path(), "depslim.toml", "[budget]\nprod-total = \"3.5 MB\"\nprod-growth = \"1 MB\"\n");
    let (report, code) = json(folder.path(), &["--base", "main", "--select", "SLIM006,SLIM007"]);
    assert_eq!((news(&report), code), (vec![], Some(0)), "it was over the budget before");
    put(folder.path(), "pyproject.toml", &manifest(&["wren==1.0", "idle==2.0", "owl==0.5"]));
    put(folder.path(), "uv.lock", &lock(&[("wren", "1.0", 100), ("idle", "2.0", 50), ("owl", "0.5", 70)]));
    install(folder.path(), "owl", "0.5", 2_000_000);
    let (report, code) = json(folder.path(), &["--base", "main", "--select", "SLIM006,SLIM007"]);
    assert_eq!((news(&report), code), (vec!["SLIM007:.#python:".to_owned()], Some(1)));
}

#[test]
fn what_can_not_be_compared_with_is_said() {
    let folder = shop();
    for (base, expect) in [
        ("no-such-branch", "neither a report file nor a commit"),
        ("--upload-pack=touch x", "neither a report file nor a commit"),
        ("base.json", "no such file"),
    ] {
        let output = depslim(folder.path(), &[&format!("--base={base}")]);
        assert_eq!(output.status.code(), Some(2), "{base}");
        assert!(stderr(&output).contains(expect), "{base}: {}", stderr(&output));
    }
    let bare = project(&[("requirements.txt", "idle==2.0\n")]);
    let output = depslim(bare.path(), &["--base", "main"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("is in no git repository"), "{}", stderr(&output));
}

#[test]
fn every_language_is_compared() {
    for small in ALL {
        let (made, of) = (small.make(), small.ecosystem);
        let folder = made.path();
        let whole = fs_err::read_to_string(folder.join(small.manifest)).unwrap();
        put(folder, small.manifest, &whole.replacen(small.line, "", 1));
        init(folder);
        commit(folder, "first");
        run(git(folder).args(["checkout", "--quiet", "-b", "topic"]));
        let (report, code) = json(folder, &["--base", "main"]);
        assert_eq!((news(&report), changes(&report), code), (vec![], vec![], Some(0)), "{of}");

        put(folder, small.manifest, &whole);
        let (report, code) = json(folder, &["--base", "main"]);
        let name = small.unused.trim_start_matches("pkg:").replace("guava/", "guava:");
        assert_eq!((news(&report), code), (vec![format!("SLIM001:.#{of}:{name}")], Some(1)), "{of}");
        let changed: Vec<(String, Option<i64>, bool)> = changes(&report);
        let [(changed, delta, _)] = &changed[..] else { panic!("{of}: {changed:?}") };
        assert!(small.unused.replace(':', "/").ends_with(&changed.replace(':', "/")), "{of}: {changed}");
        let measured = delta.is_some_and(|delta| (1_000_000..1_001_000).contains(&delta));
        assert_eq!(measured, matches!(of, "python" | "node"), "{of}: {delta:?}");

        let bytes = |jobs: &str| depslim(folder, &["--base", "main", "--jobs", jobs, "--output-format", "json"]).stdout;
        assert!(bytes("1") == bytes("8"), "{of}");

        // The last use of a package goes on the branch, and so does its file.
        put(folder, small.manifest, &whole.replacen(small.line, "", 1));
        let code = |(file, text): &&(&str, &str)| *file != small.manifest && text.contains(small.fly);
        let (code_file, _) = small.files.iter().find(code).unwrap();
        let text = fs_err::read_to_string(folder.join(code_file)).unwrap();
        let kept: Vec<&str> = text.lines().filter(|line| !line.contains(small.fly)).collect();
        put(folder, code_file, &kept.join("\n"));
        let (report, _) = json(folder, &["--base", "main"]);
        let new = news(&report);
        assert!(matches!(&new[..], [one] if one.starts_with("SLIM001:") && one.ends_with(small.used)), "{of}: {new:?}");
    }
}

/// In a repository of several projects only those are looked at again that something changed for: the result is that of two whole runs.
#[test]
fn what_has_not_changed_is_as_it_was() {
    let made: Vec<TempDir> = ALL.iter().map(Small::make).collect();
    let folder = tempfile::tempdir().unwrap();
    for (small, made) in ALL.iter().zip(&made) {
        copy(made.path(), &folder.path().join(small.ecosystem));
    }
    put(folder.path(), "Dockerfile", "FROM python:3.12\nCOPY python /app\nCMD [\"python\", \"app.py\"]\n");
    put(folder.path(), "notes.txt", "one\n");
    let path = folder.path();
    init(path);
    commit(path, "first");
    run(&mut command(path, &["-q", "--exit-zero", "-o", ".git/base.json"]));
    let both = |what: &str| {
        let (by_commit, _) = json(path, &["--base", "main"]);
        let (by_report, _) = json(path, &["--base", ".git/base.json"]);
        assert_eq!(news(&by_commit), news(&by_report), "{what}");
        assert_eq!(changes(&by_commit), changes(&by_report), "{what}");
        assert_eq!(by_commit["difference"]["prod"], by_report["difference"]["prod"], "{what}");
        news(&by_commit).len()
    };
    assert_eq!(both("nothing"), 0);
    put(path, "notes.txt", "two\n");
    put(path, "node/readme.md", "new\n");
    assert_eq!(both("what nobody reads"), 0);
    for small in ALL {
        let place = format!("{}/{}", small.ecosystem, small.manifest);
        let whole = fs_err::read_to_string(path.join(&place)).unwrap();
        put(path, &place, &whole.replacen(small.line, "", 1));
        assert_eq!(both(&place), 0, "{place}: a line less is no news");
        put(path, &place, &whole);
        let code = |(file, text): &&(&str, &str)| *file != small.manifest && text.contains(small.fly);
        let (file, text) = small.files.iter().find(code).unwrap();
        let kept: Vec<&str> = text.lines().filter(|line| !line.contains(small.fly)).collect();
        put(path, &format!("{}/{file}", small.ecosystem), &kept.join("\n"));
        assert!(both(file) > 0, "{file}");
        put(path, &format!("{}/{file}", small.ecosystem), text);
    }
    put(path, "Dockerfile", "FROM python:3.12\nCOPY python /app\nRUN pip install dodo\nCMD [\"dodo\"]\n");
    both("Dockerfile");
}

#[test]
fn runs_and_thread_counts_give_the_same_bytes() {
    let folder = shop();
    put(folder.path(), "shop/main.py", "print('quiet')\n");
    let bytes = |jobs: &str, format: &str| {
        depslim(folder.path(), &["--base", "main", "--jobs", jobs, "--output-format", format]).stdout
    };
    for format in ["json", "jsonl", "markdown", "sarif", "gitlab", "github", "concise"] {
        let first = bytes("1", format);
        assert!(!first.is_empty(), "{format}");
        assert!(first == bytes("8", format) && first == bytes("1", format), "{format}");
    }
}

/// Every setting of a repository that can start a program, each leading to the trap.
fn booby_trap(folder: &Path, trap: &Path) {
    let trap = trap.display();
    let attributes = "* filter=evil diff=evil merge=evil\n";
    put(folder, ".gitattributes", attributes);
    put(folder, ".git/info/attributes", attributes);
    for hook in ["post-index-change", "pre-auto-gc", "reference-transaction", "post-checkout", "fsmonitor-watchman"] {
        put(folder, &format!("traps/{hook}"), &format!("#!/bin/sh\nexec '{trap}'\n"));
        run(std::process::Command::new("chmod").arg("+x").arg(folder.join("traps").join(hook)));
    }
    let config = format!(
        "[core]\n\tfsmonitor = {trap}\n\thooksPath = {0}/traps\n\tpager = {trap}\n\teditor = {trap}\n\tsshCommand = {trap}\n\
         \taskPass = {trap}\n\tgitProxy = {trap}\n\talternateRefsCommand = {trap}\n\tworktree = {0}/elsewhere\n\
         [alias]\n\tcat-file = !{trap}\n\tls-tree = !{trap}\n\trev-parse = !{trap}\n\tmerge-base = !{trap}\n\
         [pager]\n\tcat-file = {trap}\n\tls-tree = {trap}\n\
         [diff]\n\texternal = {trap}\n[diff \"evil\"]\n\ttextconv = {trap}\n\tcommand = {trap}\n\
         [filter \"evil\"]\n\tclean = {trap}\n\tsmudge = {trap}\n\tprocess = {trap}\n\trequired = true\n\
         [merge \"evil\"]\n\tdriver = {trap}\n[credential]\n\thelper = !{trap}\n[gpg]\n\tprogram = {trap}\n\
         [protocol]\n\tallow = always\n[protocol \"ext\"]\n\tallow = always\n[uploadpack]\n\tpackObjectsHook = {trap}\n\
         [extensions]\n\tpartialClone = origin\n\
         [remote \"origin\"]\n\turl = ext::{trap}\n\tpromisor = true\n\tuploadpack = {trap}\n\tpartialCloneFilter = blob:none\n\
         [include]\n\tpath = {0}/.git/more\n",
        folder.display()
    );
    let own = fs_err::read_to_string(folder.join(".git/config"))
        .unwrap()
        .replace("repositoryformatversion = 0", "repositoryformatversion = 1");
    put(folder, ".git/config", &(own + &config));
    put(folder, ".git/more", &format!("[core]\n\tfsmonitor = {trap}\n[trace2]\n\teventTarget = {trap}\n"));
}

#[test]
fn nothing_that_a_repository_configures_is_run() {
    let folder = shop();
    let path = folder.path();
    put(path, "pyproject.toml", &manifest(&["wren==1.0", "idle==2.0", "owl==0.5"]));
    put(path, "shop/main.py", "import owl\n");
    let outside = tempfile::tempdir().unwrap();
    let (mark, trap) = (outside.path().join("executed"), outside.path().join("trap"));
    put(outside.path(), "trap", &format!("#!/bin/sh\ntouch '{}'\n", mark.display()));
    run(std::process::Command::new("chmod").arg("+x").arg(&trap));
    // A `git` of the project's own, where a careless PATH would find it.
    fs_err::copy(&trap, path.join("git")).unwrap();
    booby_trap(path, &trap);
    let check = |what: &str| {
        for arguments in
            [&["--base", "main"][..], &["--base", "HEAD", "--output-format", "json"], &["--base", "nothing"]]
        {
            let mut command = command(path, arguments);
            command.env("PATH", format!(".:{}", std::env::var("PATH").unwrap()));
            let output = command.output().unwrap();
            assert!(!mark.exists(), "{what}: {arguments:?} ran a program\n{}", stderr(&output));
            assert!(output.status.code().is_some_and(|code| code < 3), "{what}: {}", stderr(&output));
        }
    };
    check("all objects are there");
    // An object that is missing is fetched by a git that may.
    let mut name = git(path);
    name.env("GIT_DIR", path.join(".git")).env("GIT_WORK_TREE", path);
    let object = run(name.args(["rev-parse", "main:pyproject.toml"]));
    let object = object.trim();
    fs_err::remove_file(path.join(".git/objects").join(&object[..2]).join(&object[2..])).unwrap();
    check("one object is missing");
    let output = depslim(path, &["--base", "main"]);
    assert!(stderr(&output).contains("is not in this clone"), "{}", stderr(&output));

    // The traps are armed: git itself falls into them.
    for arguments in [&["status"][..], &["cat-file", "-p", object]] {
        let _ =
            git(path).env("GIT_DIR", path.join(".git")).env("GIT_WORK_TREE", path).args(arguments).output().unwrap();
        assert!(mark.exists(), "{arguments:?} did not run the trap: it proves nothing");
        fs_err::remove_file(&mark).unwrap();
    }
}
