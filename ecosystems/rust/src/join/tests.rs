//! Small trees: which packages their files are seen to use, and for whom.

use super::join;
use crate::ECOSYSTEM;
use depslim_model::{Facts, Group, Host, Layer, Settings, Source};

/// Reads a tree of files and joins it; gives the uses of the package in `folder`: `package place group`.
fn uses(files: &[(&str, &str)], folder: &str) -> Vec<String> {
    uses_below(std::path::Path::new("nowhere"), files, folder)
}

/// The same, for a tree that is on this disk.
fn uses_below(root: &std::path::Path, files: &[(&str, &str)], folder: &str) -> Vec<String> {
    let settings = Settings::default();
    let read = |layer: Layer| -> Vec<(String, Facts)> {
        let mut all = Vec::new();
        for (path, text) in files {
            let name = path.rsplit('/').next().unwrap_or(path);
            let fits = |glob: &&str| glob.strip_prefix('*').map_or(*glob == name, |end| name.ends_with(end));
            let reader = ECOSYSTEM.readers.iter().find(|r| r.layer == layer && r.globs.iter().any(&fits));
            if let Some(reader) = reader {
                all.push((
                    (*path).to_owned(),
                    (reader.read)(&Source { path, bytes: text.as_bytes(), settings: &settings }),
                ));
            }
        }
        all
    };
    let mut manifests = read(Layer::Manifest);
    crate::manifest::workspace::settle(&mut manifests);
    let host = Host { project: root, root, variable: &|_| None, settings: &settings };
    let joined = join(&host, &manifests, read(Layer::Code));
    let mut found = Vec::new();
    for (path, facts) in joined.get(folder).into_iter().flatten() {
        let group = match facts.group {
            Some(Group::Prod) => "code",
            Some(Group::Build) => "build",
            _ => "tests",
        };
        for (used, group) in facts.uses.iter().map(|u| (u, group)).chain(facts.dev_uses.iter().map(|u| (u, "tests"))) {
            found.push(format!("{} {path}:{} {group}", used.value, used.line));
        }
    }
    found.sort();
    found.dedup();
    found
}

fn check(files: &[(&str, &str)], folder: &str, expect: &[&str]) {
    assert_eq!(uses(files, folder), expect);
}

#[test]
fn names_lead_to_lines() {
    let manifest = "[package]\nname = \"barn\"\n[dependencies]\nbig-hay = \"1\"\ndry = { package = \"straw\", version = \"1\" }\nidle = \"1\"\n[dev-dependencies]\nmice = \"1\"\n[build-dependencies]\nnails = \"1\"\n";
    check(
        &[
            ("Cargo.toml", manifest),
            ("src/lib.rs", "use big_hay::X; mod a; #[cfg(test)] mod tests;"),
            ("src/a.rs", "fn f() { dry::x(); nails::y(); }\n#[test] fn t() { mice::z() }"),
            ("src/tests.rs", "use big_hay::Y;"),
            ("tests/it.rs", "use mice::W;\nmod common;"),
            ("tests/common/mod.rs", "use dry::q;"),
            ("build.rs", "fn main() { nails::x(); big_hay::y(); }"),
        ],
        "",
        &[
            "big-hay src/lib.rs:1 code",
            "big-hay src/tests.rs:1 tests",
            "mice src/a.rs:2 tests",
            "mice tests/it.rs:1 tests",
            "nails build.rs:1 build",
            "straw src/a.rs:1 code",
            "straw tests/common/mod.rs:1 tests",
        ],
    );
}

#[test]
fn libraries_may_have_another_name() {
    let app = "[package]\nname = \"app\"\n[dependencies]\ntiny-door = { path = \"../door\" }\nrust-ini = \"1\"\nmd-99 = \"1\"\n";
    check(
        &[
            ("app/Cargo.toml", app),
            ("app/src/main.rs", "use ini::Ini;\nuse td::X;\nuse md99::Y;"),
            ("door/Cargo.toml", "[package]\nname = \"tiny-door\"\n[lib]\nname = \"td\"\n"),
        ],
        "app",
        &["md-99 app/src/main.rs:3 code", "rust-ini app/src/main.rs:1 code", "tiny-door app/src/main.rs:2 code"],
    );
}

#[test]
fn macros_of_other_packages_name_crates_where_they_are_called() {
    let core = "#[macro_export]\nmacro_rules! say { ($id:expr) => { $crate::x($id) }; ($id:expr, $($k:expr => $v:expr),+) => { fluent_bits::f() } }";
    let member =
        "[package]\nname = \"NAME\"\n[dependencies]\ncore-bits = { path = \"../core\" }\nfluent-bits = \"1\"\n";
    let files = [
        ("core/Cargo.toml", "[package]\nname = \"core-bits\"\n[dependencies]\nfluent-bits = \"1\"\n".to_owned()),
        ("core/src/lib.rs", core.to_owned()),
        ("a/Cargo.toml", member.replace("NAME", "a")),
        ("a/src/lib.rs", "use core_bits::say;\nfn f() { say!(\"x\", \"k\" => 1) }".to_owned()),
        ("b/Cargo.toml", member.replace("NAME", "b")),
        ("b/src/lib.rs", "use core_bits::say;\nfn f() { say!(\"x\") }".to_owned()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    check(&files, "a", &["core-bits a/src/lib.rs:1 code", "fluent-bits a/src/lib.rs:2 code"]);
    check(&files, "b", &["core-bits b/src/lib.rs:1 code"]);
}

#[test]
fn procedural_macros_and_build_scripts_write_names() {
    let app = "[package]\nname = \"app\"\n[dependencies]\nmaker = { path = \"../maker\" }\nwritten = \"1\"\nmade = \"1\"\nidle = \"1\"\n";
    check(
        &[
            ("app/Cargo.toml", app),
            ("app/src/lib.rs", "#[maker::go] struct S;\ninclude!(concat!(env!(\"OUT_DIR\"), \"/x.rs\"));"),
            ("app/build.rs", "fn main() {\n  let s = \"fn f() { ::made::g() }\"; }"),
            ("maker/Cargo.toml", "[package]\nname = \"maker\"\n[lib]\nproc-macro = true\n"),
            ("maker/src/lib.rs", "fn go() { quote! { ::written::x() } }"),
        ],
        "app",
        &[
            " app/src/lib.rs:2 code",
            "made app/build.rs:2 code",
            "maker app/src/lib.rs:1 code",
            "written app/Cargo.toml:5 code",
        ],
    );
}

#[test]
fn lines_may_count_without_being_named() {
    let lock = "[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"bits\",\n \"other\",\n \"pin\",\n \"plain\",\n]\n\n[[package]]\nname = \"other\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\ndependencies = [\n \"bits\",\n \"forward\",\n \"pin\",\n \"plain\",\n]\n";
    let app = "[package]\nname = \"app\"\n[features]\nf = [\"forward/x\"]\n[dependencies]\nother = \"1\"\nbits = { version = \"1\", features = [\"vendored\"] }\npin = \"=1.2.3\"\nplain = \"1\"\nforward = \"1\"\nlonely = { version = \"1\", features = [\"x\"] }\n[package.metadata.cargo-shear]\nignored = [\"lonely\"]\n";
    let expect = [
        "bits Cargo.toml:7 code",
        "forward Cargo.toml:4 code",
        "lonely Cargo.toml:13 code",
        "other src/lib.rs:1 code",
        "pin Cargo.toml:8 code",
    ];
    check(&[("Cargo.toml", app), ("Cargo.lock", lock), ("src/lib.rs", "use other::X;")], "", &expect);
}

#[test]
fn features_that_others_turn_on_are_no_reason() {
    let lock = "[[package]]\nname = \"a\"\nversion = \"0.1.0\"\ndependencies = [\"bits\"]\n\n[[package]]\nname = \"b\"\nversion = \"0.1.0\"\ndependencies = [\"bits\"]\n";
    let manifest = |name: &str| {
        format!("[package]\nname = \"{name}\"\n[dependencies]\nbits = {{ version = \"1\", features = [\"fs\"] }}\n")
    };
    let (a, b) = (manifest("a"), manifest("b"));
    let files = [
        ("Cargo.lock", lock),
        ("a/Cargo.toml", &a),
        ("a/src/lib.rs", ""),
        ("b/Cargo.toml", &b),
        ("b/src/lib.rs", "use bits::X;"),
    ];
    check(&files, "a", &[]);
}

#[test]
fn documentation_takes_files_in() {
    let manifest = "[package]\nname = \"a\"\n[dependencies]\nhay = \"1\"\noats = \"1\"\n";
    check(
        &[
            ("a/Cargo.toml", manifest),
            ("a/src/lib.rs", "#![doc = include_str!(\"../README.md\")]"),
            ("a/README.md", "```\nuse hay::X;\n```\n"),
            ("a/NOTES.md", "```\nuse oats::X;\n```\n"),
        ],
        "a",
        &["hay a/README.md:2 tests"],
    );
}

#[test]
fn a_library_that_names_itself_writes_for_its_callers() {
    let files = [
        ("error/Cargo.toml", "[package]\nname = \"big-error\"\n"),
        ("error/src/lib.rs", "plug! { crate_path ::big_error; }"),
        ("plain/Cargo.toml", "[package]\nname = \"plain\"\n"),
        ("plain/src/lib.rs", "pub fn f() {}"),
        ("plain/src/main.rs", "fn main() { plain::f() }"),
        (
            "app/Cargo.toml",
            "[package]\nname = \"app\"\n[dependencies]\nbig-error = { path = \"../error\" }\nplain = { path = \"../plain\" }\n",
        ),
        ("app/src/lib.rs", ""),
    ];
    check(&files, "app", &["big-error app/Cargo.toml:4 code"]);
}

#[test]
fn what_the_author_says_counts() {
    let manifest = "[package]\nname = \"a\"\n[dependencies]\nhay = \"1\" # used by the macros of barn\noats = \"1\" # nice\n[build-dependencies]\nrye = \"1\" # needed\n";
    check(&[("Cargo.toml", manifest), ("src/lib.rs", "")], "", &["hay Cargo.toml:4 code", "rye Cargo.toml:7 build"]);
}

#[test]
fn packages_without_code_gather_features_and_artifacts_are_programs() {
    let files = [
        (
            "hack/Cargo.toml",
            "[package]\nname = \"hack\"\n[dependencies]\nhay = { version = \"1\", features = [\"cut\"] }\n",
        ),
        ("hack/src/lib.rs", "// nothing\n"),
        (
            "app/Cargo.toml",
            "[package]\nname = \"app\"\n[dependencies]\nhack = { path = \"../hack\" }\ntool = { version = \"1\", artifact = \"bin\" }\nidle = \"1\"\n",
        ),
        ("app/src/lib.rs", ""),
    ];
    check(&files, "app", &["hack app/Cargo.toml:4 code", "tool app/Cargo.toml:5 code"]);
}

#[test]
fn a_target_may_lie_in_the_folder_of_another_package() {
    let files = [
        (
            "pens/Cargo.toml",
            "[package]\nname = \"pens\"\n[dev-dependencies]\nhay = \"1\"\n[[test]]\nname = \"t\"\npath = \"tests/t.rs\"\nharness = false\n",
        ),
        ("pens/tests/Cargo.toml", "[package]\nname = \"pens\"\n[dependencies]\noats = \"1\"\n"),
        ("pens/tests/t.rs", "fn main() -> hay::Result<()> { hay::run() }"),
    ];
    check(&files, "pens", &["hay pens/tests/t.rs:1 tests"]);
}

#[test]
fn macros_of_a_family_name_the_crate_that_they_belong_to() {
    let files = [
        (
            "Cargo.toml",
            "[package]\nname = \"barn\"\n[dependencies]\nstrum = \"1\"\nstrum-macros = \"1\"\nrye = \"1\"\n[dev-dependencies]\nquick = \"1\"\nquick_macros = \"1\"\n",
        ),
        (
            "src/lib.rs",
            "#[derive(strum_macros::Named)] struct S;\n#[cfg(test)] mod tests { #[quick_macros::quick] fn f() {} }",
        ),
    ];
    check(
        &files,
        "",
        &[
            "quick Cargo.toml:8 tests",
            "quick_macros src/lib.rs:2 tests",
            "strum Cargo.toml:4 code",
            "strum-macros src/lib.rs:1 code",
        ],
    );
}

#[test]
fn procedural_macros_name_crates_in_strings_and_documentation_links_to_them() {
    let files = [
        (
            "app/Cargo.toml",
            "[package]\nname = \"app\"\n[dependencies]\nmaker = { path = \"../maker\" }\nbig-oats = \"1\"\nlinked = \"1\"\nidle = \"1\"\nfeatures-told = \"1\"\nlogged = \"1\"\n",
        ),
        (
            "app/src/lib.rs",
            "#![doc = features_told::told!(x = r\"y\")]\n//! See [`linked::Thing`].\n#[maker::go] struct S;\nmacro_rules! say { () => { #[cfg(feature = \"l\")] ::logged::say!() } }",
        ),
        ("maker/Cargo.toml", "[package]\nname = \"maker\"\n[lib]\nproc-macro = true\n"),
        ("maker/src/lib.rs", "fn go() { find_crate(\"big-oats\"); x.is_ident(\"idle\") }"),
    ];
    check(
        &files,
        "app",
        &[
            "big-oats app/Cargo.toml:5 code",
            "features-told app/src/lib.rs:1 code",
            "linked app/Cargo.toml:6 code",
            "logged app/src/lib.rs:4 code",
            "maker app/src/lib.rs:3 code",
        ],
    );
}

#[test]
fn what_turns_on_how_a_library_is_linked_stays_in_every_package() {
    let manifest = |name: &str| {
        format!(
            "[package]\nname = \"{name}\"\n[dependencies]\nglass-sys = {{ version = \"1\", features = [\"vendored\"] }}\npins = {{ version = \"1\", features = [\"js\"] }}\n"
        )
    };
    let (a, b) = (manifest("a"), manifest("b"));
    let files = [
        ("a/Cargo.toml", a.as_str()),
        ("a/src/lib.rs", "//"),
        ("b/Cargo.toml", b.as_str()),
        ("b/src/lib.rs", "use glass_sys::X;"),
    ];
    check(&files, "a", &["glass-sys a/Cargo.toml:4 code", "pins a/Cargo.toml:5 code"]);
}

#[test]
fn a_package_that_is_there_for_its_tests_ships_nothing_else() {
    let manifest = "[package]\nname = \"barn\"\n[dependencies]\nhay = \"1\"\n";
    for (library, expect) in [
        ("//! Empty.\n#![no_std]\n", "hay tests/it.rs:1 code"),
        ("pub fn cows() -> u8 { 7 }\n", "hay tests/it.rs:1 tests"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs_err::create_dir(folder.path().join("src")).unwrap();
        fs_err::write(folder.path().join("src/lib.rs"), library).unwrap();
        let files = [("Cargo.toml", manifest), ("src/lib.rs", library), ("tests/it.rs", "use hay::X;")];
        assert_eq!(uses_below(folder.path(), &files, ""), [expect], "{library}");
    }
}

#[test]
fn versions_that_are_named_for_others_stay() {
    let manifest = "[package]\nname = \"barn\"\n[dependencies]\n# fix minimal-versions\nhay = \"1\"\noats = \"1\"\n";
    check(
        &[("Cargo.toml", manifest), ("src/lib.rs", "use std::fmt;\n")],
        "",
        &["hay Cargo.toml:5 code", "oats Cargo.toml:6 code"],
    );
}
