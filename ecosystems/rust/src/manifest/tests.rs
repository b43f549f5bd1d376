//! What manifests are seen to declare.

use super::{read, workspace};
use depslim_model::{Facts, Group, How, Settings, Source};

fn facts(text: &str) -> Facts {
    read(&Source { path: "Cargo.toml", bytes: text.as_bytes(), settings: &Settings::default() })
}

/// `name(alias) group condition features line`, what is not there left out.
fn lines(facts: &Facts) -> Vec<String> {
    facts
        .requires
        .iter()
        .filter(|r| r.from.is_none())
        .map(|r| {
            let alias = r.alias.as_ref().map(|a| format!("({a})")).unwrap_or_default();
            let condition = r.condition.as_ref().map(|c| format!(" {c}")).unwrap_or_default();
            let features = if r.features.is_empty() { String::new() } else { format!(" [{}]", r.features.join(",")) };
            format!("{}{alias} {:?}{condition}{features} {}", r.name, r.group, r.line)
        })
        .collect()
}

#[test]
fn tables_of_dependencies_are_read() {
    let facts = facts(
        r#"[package]
name = "barn"
[dependencies]
hay = "1"
dry = { package = "straw", version = "2", default-features = false, features = ["cut"] }
oats = { path = "../oats", optional = true }
[dependencies.rye]
version = "1"
[dev-dependencies]
mice = "1"
[target.'cfg(windows)'.build-dependencies]
nails.version = "1"
"#,
    );
    assert_eq!(
        lines(&facts),
        [
            "hay Prod [default] 4",
            "straw(dry) Prod [cut] 5",
            "oats Optional [default] 6",
            "rye Prod [default] 7",
            "mice Dev [default] 10",
            "nails Build cfg(windows) [default] 12",
        ]
    );
    assert_eq!(facts.manifest.unwrap().name.as_deref(), Some("barn"));
}

#[test]
fn members_inherit_from_their_workspace() {
    let root = facts(
        "[workspace]\nmembers = [\"a\"]\n[workspace.dependencies]\nhay = { version = \"1\", features = [\"cut\"] }\ndry = { package = \"straw\", version = \"2\", default-features = false }\nold = \"1\"\n",
    );
    let member = facts(
        "[package]\nname = \"a\"\n[dependencies]\nhay.workspace = true\ndry = { workspace = true, features = [\"x\"] }\nlost.workspace = true\n",
    );
    let mut all = vec![("Cargo.toml".to_owned(), root), ("a/Cargo.toml".to_owned(), member)];
    workspace::settle(&mut all);
    assert_eq!(lines(&all[1].1), ["hay Prod [cut,default] 4", "straw(dry) Prod [x] 5", "lost Prod 6"]);
    assert_eq!(all[1].1.requires[0].version.as_deref(), Some("1"));
    // What nobody inherits is declared in vain.
    assert_eq!(lines(&all[0].1), ["old Dev [default] 6"]);
}

#[test]
fn a_member_that_can_not_be_read_may_inherit_anything() {
    let mut all = vec![
        ("Cargo.toml".to_owned(), facts("[workspace]\n[workspace.dependencies]\nhay = \"1\"\n")),
        ("a/Cargo.toml".to_owned(), facts("[package\n")),
    ];
    workspace::settle(&mut all);
    assert_eq!(lines(&all[0].1), Vec::<String>::new());
}

#[test]
fn targets_and_features_are_read() {
    let facts = facts(
        "[package]\nname = \"barn-door\"\nbuild = \"make.rs\"\n[lib]\nname = \"door\"\nproc-macro = true\npath = \"src/door.rs\"\n[[bench]]\nname = \"b\"\npath = \"b.rs\"\n[features]\ndefault = [\"dep:hay\", \"oats/x\"]\n[package.metadata.cargo-machete]\nignored = [\"hay\"]\n",
    );
    let entries: Vec<(&str, Group)> = facts.entries.iter().map(|e| (e.target.as_str(), e.group)).collect();
    assert_eq!(entries, [("src/door.rs", Group::Prod), ("b.rs", Group::Dev), ("make.rs", Group::Build)]);
    assert_eq!(facts.provides[0].modules, ["door"]);
    assert_eq!(facts.provides[0].plugins[0].group, super::PROC_MACRO);
    let settings: Vec<(&str, &str)> =
        facts.uses.iter().filter(|u| u.how == How::Setting).map(|u| (u.name.as_str(), u.value.as_str())).collect();
    assert_eq!(
        settings,
        [("features.default", "dep:hay"), ("features.default", "oats/x"), ("ignored by cargo-machete", "hay")]
    );
}

#[test]
fn notes_stand_beside_or_above() {
    let facts = facts(
        "[package]\nname = \"a\"\n[dependencies]\n# pinned until straw is fixed\nhay = \"=1.2\"\noats = \"1\" # for speed\n# Networking\nrye = \"1\"\nbran = \"1\"\n",
    );
    let notes: Vec<Option<&str>> = facts.requires.iter().map(|r| r.comment.as_deref()).collect();
    assert_eq!(notes, [Some("pinned until straw is fixed"), Some("for speed"), None, None]);
    let facts = self::facts(
        "[package]\nname = \"a\"\n[dependencies]\n# Fix minimal-versions\nhay = \"1.2\"\noats = \"1\"\n\nrye = \"1\"\n",
    );
    let notes: Vec<Option<&str>> = facts.requires.iter().map(|r| r.comment.as_deref()).collect();
    assert_eq!(notes, [Some("Fix minimal-versions"), Some("Fix minimal-versions"), None]);
}

#[test]
fn credentials_are_left_out() {
    let facts =
        facts("[package]\nname = \"a\"\n[dependencies]\nhay = { git = \"https://me:word@example.invalid/hay\" }\n");
    assert_eq!(facts.requires[0].origin.as_deref(), Some("https://example.invalid/hay"));
}

#[test]
fn strange_manifests_are_read_as_far_as_they_go() {
    assert!(facts("[package\n").problems[0].fatal);
    assert!(!facts("x = 1\n").problems[0].fatal);
    for text in [
        "[dependencies]\nhay = 1\n",
        "dependencies = 3\n[package]\nname = 7\n",
        "target = 1\nworkspace = 2\nfeatures = 4\n",
    ] {
        let read = facts(text);
        assert!(read.problems.iter().all(|p| !p.fatal), "{text}");
    }
}
