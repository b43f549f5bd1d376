//! A lock with vendored packages: what stays on without a line, and what leaves.

use super::{Locked, Without};
use depslim_model::{Facts, Host, Settings, Source};
use rustc_hash::FxHashMap;
use std::path::Path;

/// A farm whose barn has `lines`; `middle` requires `straw` with `fine`, and `hay` brings `seed` with the feature `sown`.
fn check(lines: &str, ask: impl Fn(&Locked<'_>, usize)) {
    let folder = tempfile::tempdir().unwrap();
    let packages = [
        (
            "hay",
            "[features]\ndefault = [\"dry\"]\ndry = []\nsown = [\"dep:seed\"]\nweak = [\"seed?/big\"]\n[dependencies]\nseed = { version = \"1\", optional = true }\n",
        ),
        ("middle", "[dependencies]\nstraw = { version = \"1\", features = [\"fine\"] }\n"),
        ("seed", "[features]\nbig = []\n"),
        ("straw", "[features]\nfine = [\"cut\"]\ncut = []\ngold = []\n"),
    ];
    for (name, more) in packages {
        let place = folder.path().join("vendor").join(name);
        fs_err::create_dir_all(&place).unwrap();
        fs_err::write(place.join("Cargo.toml"), format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\n{more}"))
            .unwrap();
    }
    let settings = Settings::default();
    let manifest = format!("[package]\nname = \"barn\"\nversion = \"0.1.0\"\n[dependencies]\n{lines}");
    let manifest =
        crate::manifest::read(&Source { path: "Cargo.toml", bytes: manifest.as_bytes(), settings: &settings });
    let package = |name: &str, edges: &str| {
        format!(
            "[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"registry+https://example.invalid\"\ndependencies = [{edges}]\n"
        )
    };
    let lock = format!(
        "version = 4\n[[package]]\nname = \"barn\"\nversion = \"0.1.0\"\ndependencies = [\"hay\", \"middle\", \"straw\"]\n{}{}{}{}",
        package("hay", "\"seed\""),
        package("middle", "\"straw\""),
        package("seed", ""),
        package("straw", ""),
    );
    let lock = crate::manifest::lock::read(&Source { path: "Cargo.lock", bytes: lock.as_bytes(), settings: &settings });
    let host = Host { project: folder.path(), root: folder.path(), variable: &|_| None, settings: &settings };
    let own: FxHashMap<&str, &Facts> = [("barn", &manifest)].into_iter().collect();
    let locked = Locked::of(&host, "", &lock, &own).unwrap();
    let barn = locked.member("barn").unwrap();
    ask(&locked, barn);
}

fn lost(lines: &str, line: &str, expect: Option<&[&str]>) {
    check(lines, |locked, barn| {
        let lost = locked.lost(barn, line, "");
        assert_eq!(lost, expect.map(|all| all.iter().map(|one| (*one).to_owned()).collect()), "{lines}");
    });
}

#[test]
fn a_line_that_changes_nothing_loses_nothing() {
    lost("middle = \"1\"\nstraw = { version = \"1\", features = [\"fine\"] }\n", "straw", Some(&[]));
    lost("middle = \"1\"\nstraw = { version = \"1\", features = [\"cut\"] }\n", "straw", Some(&[]));
}

#[test]
fn features_that_nobody_else_turns_on_are_lost() {
    lost("middle = \"1\"\nstraw = { version = \"1\", features = [\"gold\"] }\n", "straw", Some(&["gold of straw"]));
    // Without its line, nobody has it.
    lost("straw = { version = \"1\", features = [\"gold\"] }\n", "straw", Some(&[]));
    // What others bring on some platforms only stays there.
    let some = |feature: &str| {
        let line = format!("straw = {{ version = \"1\", features = [\"{feature}\"] }}\n");
        line + "[target.'cfg(unix)'.dependencies]\nmiddle = \"1\"\n"
    };
    lost(&some("fine"), "straw", Some(&[]));
    lost(&some("gold"), "straw", Some(&["gold of straw"]));
}

#[test]
fn what_is_not_on_this_disk_is_not_known() {
    lost("middle = \"1\"\n", "straw", None);
    check("hay = \"1\"\n", |locked, _| assert!(locked.folder(99.min(locked.packages.len() - 1)).is_some()));
}

#[test]
fn packages_leave_with_the_feature_that_brings_them() {
    check("hay = { version = \"1\", features = [\"sown\", \"weak\"] }\n", |locked, barn| {
        let hay = locked.target(barn, "hay", Some("1")).unwrap();
        let left = ["default".to_owned(), "weak".to_owned()];
        let without = [(barn, "hay", &left[..])];
        let freed = locked.freed(&Without { features: &without, ..Without::default() });
        assert_eq!(freed.iter().map(|at| locked.name(*at)).collect::<Vec<_>>(), ["seed"]);
        assert_eq!(locked.expansion(hay, "sown"), Some(vec!["sown".to_owned(), "dep:seed".to_owned()]));
        assert_eq!(locked.expansion(hay, "nothing"), None);
        assert_eq!(locked.defaults(hay), ["dry"]);
        assert_eq!(locked.alone(hay).len(), 1);
    });
}

#[test]
fn folders_that_are_not_there_say_nothing() {
    let settings = Settings::default();
    let nowhere = Path::new("nowhere");
    let host = Host { project: nowhere, root: nowhere, variable: &|_| None, settings: &settings };
    let lock =
        crate::manifest::lock::read(&Source { path: "Cargo.lock", bytes: b"version = 4\n", settings: &settings });
    assert!(Locked::of(&host, "", &lock, &FxHashMap::default()).is_none());
}
