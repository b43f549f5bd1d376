//! `--diff`, `--fix` and `--unsafe-fixes` on a project of each language: the patch is what the fix does, the fix leaves nothing to fix,
//! and a second one changes nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage up has to fail")]

use depslim_tests::git::{git, init, put};
use depslim_tests::small::{ALL, Small};
use depslim_tests::{depslim, run, stderr, stdout};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Findings about declared packages: rule and confidence, by package.
fn verdicts(folder: &Path) -> BTreeMap<String, (String, String)> {
    let run = depslim(folder, &["--output-format", "json", "--exit-zero"]);
    let report: Value = serde_json::from_str(&stdout(&run)).unwrap_or_else(|e| panic!("{e}: {}", stderr(&run)));
    let findings = report["findings"].as_array().unwrap().iter();
    let about = findings.filter(|f| matches!(f["code"].as_str(), Some("SLIM001" | "SLIM002")));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let unversioned = |value: &Value| text(value).split('@').next().unwrap().to_owned();
    about.map(|f| (unversioned(&f["package"]), (text(&f["code"]), text(&f["confidence"])))).collect()
}

fn read(folder: &Path, small: &Small) -> String {
    fs_err::read_to_string(folder.join(small.manifest)).unwrap()
}

/// What is printed for `--diff` does to the manifest what `--fix` does, and printing it writes nothing.
fn patched(folder: &Path, small: &Small, flags: &[&str]) -> String {
    let before = read(folder, small);
    let shown = depslim(folder, &[&["--diff"], flags].concat());
    assert_eq!(read(folder, small), before, "{}: --diff wrote", small.ecosystem);
    let patch = stdout(&shown);
    if patch.is_empty() {
        return before;
    }
    put(folder, ".git/fix.patch", &patch);
    run(git(folder).args(["apply", ".git/fix.patch"]));
    let after = read(folder, small);
    fs_err::write(folder.join(small.manifest), before).unwrap();
    after
}

#[test]
fn a_fix_is_its_patch_and_leaves_nothing_to_fix() {
    for small in ALL {
        let (made, of) = (small.make(), small.ecosystem);
        let folder = made.path();
        init(folder);
        let before = read(folder, small);
        let found = verdicts(folder);
        let codes: BTreeMap<&str, &str> = found.iter().map(|(p, (code, _))| (p.as_str(), code.as_str())).collect();
        assert_eq!(codes, [(small.unused, "SLIM001"), (small.tests_only, "SLIM002")].into(), "{of}");
        let sure = |package: &str| found[package].1 == "high";

        // What is certain, and no more.
        let safe = patched(folder, small, &[]);
        let fixed = depslim(folder, &["--fix"]);
        assert_eq!(read(folder, small), safe, "{of}: --fix did something else than --diff\n{}", stderr(&fixed));
        let name = |package: &str| package.rsplit('/').next().unwrap().to_owned();
        assert_eq!(!safe.contains(&name(small.unused)), sure(small.unused), "{of}\n{safe}");
        assert_eq!(stderr(&fixed).contains("fixed "), safe != before, "{of}: {}", stderr(&fixed));

        // What is likely too.
        let all = patched(folder, small, &["--unsafe-fixes"]);
        depslim(folder, &["--fix", "--unsafe-fixes"]);
        assert_eq!(read(folder, small), all, "{of}");
        assert!(!all.contains(&name(small.unused)) && all.contains(small.used), "{of}\n{all}");
        assert!(all.contains(&name(small.tests_only)), "{of}: moved, not removed\n{all}");
        let left = verdicts(folder);
        // The manifest of Go has one list for all: there is nowhere to move a line to.
        let stays = if of == "go" { vec![small.tests_only] } else { vec![] };
        assert_eq!(left.keys().map(String::as_str).collect::<Vec<_>>(), stays, "{of}\n{all}");
        let checked = depslim(folder, &[]);
        assert_eq!(checked.status.code(), Some(0), "{of}: {}", stdout(&checked));

        // Again.
        let again = depslim(folder, &["--fix", "--unsafe-fixes"]);
        assert_eq!((read(folder, small), stderr(&again)), (all, String::new()), "{of}");
        assert_eq!(stdout(&depslim(folder, &["--diff", "--unsafe-fixes"])), "", "{of}");
        // Only the manifest was touched.
        for (file, text) in small.files.iter().filter(|(file, _)| *file != small.manifest) {
            assert_eq!(fs_err::read_to_string(folder.join(file)).unwrap(), *text, "{of}: {file}");
        }
    }
}

#[test]
fn certain_fixes_are_certain_where_everything_is_installed() {
    for small in ALL.iter().filter(|small| small.ecosystem != "java") {
        let made = small.make();
        let found = verdicts(made.path());
        assert_eq!(found[small.unused].1, "high", "{}: {found:?}", small.ecosystem);
    }
}
