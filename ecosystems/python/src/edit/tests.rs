//! Edits, file by file: what is left, that it reads back, and that the same changes change nothing more.

use super::edit;
use crate::manifest;
use crate::names::canonical;
use depslim_model::ecosystem::{Action, Change};
use depslim_model::{Facts, Settings, Source};
use proptest::prelude::*;

fn change(package: &str, line: u32, action: Action) -> Change {
    Change { package: package.to_owned(), line, action }
}

fn run(path: &str, text: &str, changes: &[Change]) -> Result<String, String> {
    let settings = Settings::default();
    edit(&Source { path, bytes: text.as_bytes(), settings: &settings }, changes)
}

fn facts(path: &str, text: &str) -> Facts {
    let settings = Settings::default();
    manifest::read(&Source { path, bytes: text.as_bytes(), settings: &settings }).expect("a manifest")
}

/// The edited text; the packages that are gone are gone, the others are declared as before.
fn check(path: &str, text: &str, changes: &[Change]) -> String {
    let after = run(path, text, changes).expect("an edit");
    let names = |text: &str| {
        let mut names: Vec<_> = facts(path, text).requires.iter().map(|r| canonical(&r.name)).collect();
        names.sort();
        names.dedup();
        names
    };
    let removed: Vec<_> =
        changes.iter().filter(|c| c.action == Action::Remove).map(|c| canonical(&c.package)).collect();
    let left: Vec<_> = names(text).into_iter().filter(|n| !removed.contains(n)).collect();
    let kept: Vec<_> = names(&after).into_iter().filter(|n| !removed.contains(n)).collect();
    if changes.iter().all(|c| c.action == Action::Remove) {
        assert_eq!(names(&after), left);
    }
    assert!(kept.iter().all(|n| left.contains(n)), "{kept:?} {left:?}");
    after
}

const LIST: &str = "# Web\nplum==1.0 \\\n    --hash=sha256:aa\n    # via pear\npear[jam,tea]>=1  # keep me?\r\n\n-r base.txt\nfig ; os_name == 'nt'\n";

#[test]
fn lists_lose_whole_logical_lines() {
    insta::assert_snapshot!(check("requirements.txt", LIST, &[change("Plum", 2, Action::Remove), change("fig", 8, Action::Remove)]), @"
    # Web
    pear[jam,tea]>=1  # keep me?

    -r base.txt
    ");
    insta::assert_snapshot!(check("requirements.txt", LIST, &[change("pear", 5, Action::MoveToDev)]), @r"
    # Web
    plum==1.0 \
        --hash=sha256:aa
        # via pear

    -r base.txt
    fig ; os_name == 'nt'
    ");
    insta::assert_snapshot!(check("requirements.txt", LIST, &[change("pear", 5, Action::DropFeature("Jam".into()))]), @r"
    # Web
    plum==1.0 \
        --hash=sha256:aa
        # via pear
    pear[tea]>=1  # keep me?

    -r base.txt
    fig ; os_name == 'nt'
    ");
}

const STANDARD: &str = r#"[project]
name = "orchard"
dependencies = [
    "plum>=1",  # why
    "pear[jam]",
    "fig",
]
# tools
[tool.x]
y = 1
"#;

#[test]
fn standard_tables() {
    insta::assert_snapshot!(check("pyproject.toml", STANDARD, &[change("plum", 4, Action::Remove), change("fig", 6, Action::Remove)]), @r#"
    [project]
    name = "orchard"
    dependencies = [
        "pear[jam]",
    ]
    # tools
    [tool.x]
    y = 1
    "#);
    insta::assert_snapshot!(check("pyproject.toml", STANDARD, &[change("plum", 4, Action::MoveToDev), change("fig", 6, Action::MoveToDev)]), @r#"
    [project]
    name = "orchard"
    dependencies = [
        "pear[jam]",
    ]
    # tools
    [tool.x]
    y = 1

    [dependency-groups]
    dev = ["plum>=1", "fig"]
    "#);
    insta::assert_snapshot!(check("pyproject.toml", STANDARD, &[change("pear", 5, Action::DropFeature("jam".into()))]), @r#"
    [project]
    name = "orchard"
    dependencies = [
        "plum>=1",  # why
        "pear",
        "fig",
    ]
    # tools
    [tool.x]
    y = 1
    "#);
    insta::assert_snapshot!(check("pyproject.toml", "[project]\nname='a'\ndependencies=['a1','b1','c1']\n", &[change("b1", 3, Action::Remove), change("c1", 3, Action::Remove)]), @"
    [project]
    name='a'
    dependencies=['a1']
    ");
}

#[test]
fn moves_go_to_the_group_that_is_there() {
    let base = "[project]\nname='a'\ndependencies=['plum>=1', 'pytest']\n";
    let moved = [change("pytest", 3, Action::MoveToDev)];
    insta::assert_snapshot!(check("pyproject.toml", &format!("{base}[dependency-groups]\ndev = [\n  'ruff', # lint\n]\n"), &moved), @r#"
    [project]
    name='a'
    dependencies=['plum>=1']
    [dependency-groups]
    dev = [
      'ruff', # lint
      "pytest",
    ]
    "#);
    insta::assert_snapshot!(check("pyproject.toml", &format!("{base}[dependency-groups]\nlint = ['ruff']\n"), &moved), @r#"
    [project]
    name='a'
    dependencies=['plum>=1']
    [dependency-groups]
    lint = ['ruff']
    dev = ["pytest"]
    "#);
    insta::assert_snapshot!(check("pyproject.toml", &format!("{base}[tool.uv]\ndev-dependencies = []\n"), &moved), @r#"
    [project]
    name='a'
    dependencies=['plum>=1']
    [tool.uv]
    dev-dependencies = ["pytest"]
    "#);
    insta::assert_snapshot!(check("pyproject.toml", &format!("{base}[tool.pdm.dev-dependencies]\ntest = ['ruff']\n"), &moved), @r#"
    [project]
    name='a'
    dependencies=['plum>=1']
    [tool.pdm.dev-dependencies]
    test = ['ruff', "pytest"]
    "#);
    insta::assert_snapshot!(check("pyproject.toml", &format!("{base}[project.optional-dependencies]\ns3 = []\ntest = ['ruff']\n"), &moved), @r#"
    [project]
    name='a'
    dependencies=['plum>=1']
    [project.optional-dependencies]
    s3 = []
    test = ['ruff', "pytest"]
    "#);
    insta::assert_snapshot!(check("pyproject.toml", &format!("{base}[tool.poetry]\n"), &moved), @r#"
    [project]
    name='a'
    dependencies=['plum>=1']
    [tool.poetry]

    [tool.poetry.group.dev.dependencies]
    pytest = "*"
    "#);
    insta::assert_snapshot!(check("pyproject.toml", &format!("{base}[dependency-groups]\ndev = ['PyTest>=7']\n"), &moved), @"
    [project]
    name='a'
    dependencies=['plum>=1']
    [dependency-groups]
    dev = ['PyTest>=7']
    ");
}

const POETRY: &str = r#"[tool.poetry.dependencies]
python = "^3.11"
plum = "^1"  # why
pear = { version = "2", extras = ["jam", "tea"], optional = true }
pytest = [
    { version = "7", python = "<3.12" },
    { version = "8", python = ">=3.12" },
]

[tool.poetry.dependencies.fig]
version = "3"
extras = ["x"]

[tool.poetry.extras]
s3 = ["pear", "plum"]
"#;

#[test]
fn poetry_tables() {
    insta::assert_snapshot!(check("pyproject.toml", POETRY, &[change("plum", 3, Action::Remove), change("fig", 10, Action::Remove)]), @r#"
    [tool.poetry.dependencies]
    python = "^3.11"
    pear = { version = "2", extras = ["jam", "tea"], optional = true }
    pytest = [
        { version = "7", python = "<3.12" },
        { version = "8", python = ">=3.12" },
    ]

    [tool.poetry.extras]
    s3 = ["pear"]
    "#);
    insta::assert_snapshot!(check("pyproject.toml", POETRY, &[change("pytest", 6, Action::MoveToDev), change("fig", 10, Action::MoveToDev)]), @r#"
    [tool.poetry.dependencies]
    python = "^3.11"
    plum = "^1"  # why
    pear = { version = "2", extras = ["jam", "tea"], optional = true }

    [tool.poetry.extras]
    s3 = ["pear", "plum"]

    [tool.poetry.group.dev.dependencies]
    pytest = [
        { version = "7", python = "<3.12" },
        { version = "8", python = ">=3.12" },
    ]
    fig = { version = "3", extras = ["x"] }
    "#);
    insta::assert_snapshot!(check("pyproject.toml", POETRY, &[change("pear", 4, Action::DropFeature("jam".into())), change("fig", 10, Action::DropFeature("x".into()))]), @r#"
    [tool.poetry.dependencies]
    python = "^3.11"
    plum = "^1"  # why
    pear = { version = "2", extras = ["tea"], optional = true }
    pytest = [
        { version = "7", python = "<3.12" },
        { version = "8", python = ">=3.12" },
    ]

    [tool.poetry.dependencies.fig]
    version = "3"

    [tool.poetry.extras]
    s3 = ["pear", "plum"]
    "#);
    insta::assert_snapshot!(check("pyproject.toml", "[tool.poetry.dependencies]\nplum='1'\n[tool.poetry.dev-dependencies]\nruff='*'\n", &[change("plum", 2, Action::MoveToDev)]), @"
    [tool.poetry.dependencies]
    [tool.poetry.dev-dependencies]
    ruff='*'
    plum = '1'
    ");
}

#[test]
fn pipfiles() {
    let text =
        "[packages]\nplum = \"*\"\npear = {version = \"*\", extras = [\"jam\"]}\n\n[dev-packages]\npytest = \"*\"\n";
    insta::assert_snapshot!(check("Pipfile", text, &[change("plum", 2, Action::MoveToDev), change("pear", 3, Action::DropFeature("jam".into()))]), @r#"
    [packages]
    pear = {version = "*"}

    [dev-packages]
    pytest = "*"
    plum = "*"
    "#);
    insta::assert_snapshot!(check("Pipfile", "[packages]\nplum = \"*\"\n", &[change("plum", 2, Action::MoveToDev)]), @r#"
    [packages]

    [dev-packages]
    plum = "*"
    "#);
}

#[test]
fn setup_cfg() {
    let text = "[options]\ninstall_requires =\n    plum[jam]>=1  # why\n    pear\n[options.extras_require]\ndev =\n    ruff\ns3 = fig\n";
    insta::assert_snapshot!(check("setup.cfg", text, &[change("pear", 4, Action::Remove)]), @"
    [options]
    install_requires =
        plum[jam]>=1  # why
    [options.extras_require]
    dev =
        ruff
    s3 = fig
    ");
    insta::assert_snapshot!(check("setup.cfg", text, &[change("pear", 4, Action::MoveToDev), change("plum", 3, Action::DropFeature("jam".into()))]), @"
    [options]
    install_requires =
        plum>=1  # why
    [options.extras_require]
    dev =
        ruff
        pear
    s3 = fig
    ");
    assert_eq!(
        run("setup.cfg", "[options]\ninstall_requires = plum\n", &[change("plum", 2, Action::MoveToDev)]),
        Err("setup.cfg:2: plum has no group to move to here: move it by hand".to_owned())
    );
}

const CODE: &str = r#"from setuptools import setup

setup(
    name="orchard",
    install_requires=[
        "plum>=1",  # jam
        # Tools.
        'pear[tea]', "fig",
        "sloe"
    ],
    extras_require={"s3": ["hay"], "dev": ["ruff"]},
)
"#;

#[test]
fn lists_in_setup_py() {
    let remove = |package, line| change(package, line, Action::Remove);
    insta::assert_snapshot!(check("setup.py", CODE, &[remove("plum", 6), remove("fig", 8), remove("sloe", 9)]), @r#"
    from setuptools import setup

    setup(
        name="orchard",
        install_requires=[
            # Tools.
            'pear[tea]',
        ],
        extras_require={"s3": ["hay"], "dev": ["ruff"]},
    )
    "#);
    insta::assert_snapshot!(check("setup.py", CODE, &[change("pear", 8, Action::MoveToDev), remove("hay", 11)]), @r#"
    from setuptools import setup

    setup(
        name="orchard",
        install_requires=[
            "plum>=1",  # jam
            # Tools.
            "fig",
            "sloe"
        ],
        extras_require={"s3": [], "dev": ["ruff", 'pear[tea]']},
    )
    "#);
}

#[test]
fn what_setup_py_computes_is_for_people_to_edit() {
    for (list, action) in [
        ("['plum'] + MORE", None),
        ("['plum']", Some(Action::MoveToDev)),
        ("('plum',)", Some(Action::Remove)),
        ("[('plum')]", Some(Action::Remove)),
        ("['plum>=' + V]", Some(Action::Remove)),
        ("'plum\\npear'", Some(Action::Remove)),
        ("'plum pear'.split()", Some(Action::Remove)),
    ] {
        let text = format!("from setuptools import setup\nMORE = ['fig']\nV = '1'\nsetup(install_requires={list})\n");
        let of = |action| run("setup.py", &text, &[change("plum", 4, action)]);
        match action {
            Some(action) => assert!(of(action).is_err(), "{list}"),
            None => assert_eq!(of(Action::Remove).as_deref(), Ok(text.replace("'plum'", "").as_str()), "{list}"),
        }
    }
}

#[test]
fn what_is_not_there_changes_nothing() {
    for changes in [vec![], vec![change("plum", 3, Action::Remove)], vec![change("sloe", 2, Action::Remove)]] {
        assert_eq!(run("requirements.txt", LIST, &changes).as_deref(), Ok(LIST));
    }
}

#[test]
fn files_that_cannot_be_edited_are_refused() {
    let settings = Settings::default();
    let utf16: Vec<u8> = "\u{FEFF}plum\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let refused = edit(&Source { path: "requirements.txt", bytes: &utf16, settings: &settings }, &[]);
    assert_eq!(refused, Err("not UTF-8: save it as UTF-8 first".to_owned()));
    assert!(run("x.cfg", "plum", &[change("plum", 1, Action::Remove)]).is_err());
}

#[test]
fn a_byte_order_mark_stays() {
    let after = run("requirements.txt", "\u{FEFF}plum\r\npear\r\n", &[change("plum", 1, Action::Remove)]);
    assert_eq!(after.as_deref(), Ok("\u{FEFF}pear\r\n"));
}

fn item() -> impl Strategy<Value = (String, bool)> {
    ("[a-e]{1,2}", "(\\[x\\])?(>=1)?", any::<bool>()).prop_map(|(name, rest, gone)| (format!("{name}{rest}"), gone))
}

proptest! {
    /// Removing any of a file's declarations leaves the others, in every layout, and a second time changes nothing.
    #[test]
    fn what_is_not_removed_stays(
        items in proptest::collection::vec(item(), 1..7),
        layout in 0..7_usize,
        comment in prop_oneof![Just(""), Just("  # x, y")],
        end in prop_oneof![Just("\n"), Just("\r\n")],
    ) {
        let mut items: Vec<(String, bool)> = items;
        items.sort();
        items.dedup_by(|a, b| a.0 == b.0);
        let quoted: Vec<String> = items.iter().map(|(t, _)| format!("\"{t}\"")).collect();
        let (path, text) = match layout {
            0 => ("requirements.txt", items.iter().map(|(t, _)| format!("{t}{comment}{end}")).collect::<Vec<_>>().concat()),
            1 => ("pyproject.toml", format!("[project]{end}dependencies = [{}]{comment}{end}", quoted.join(", "))),
            2 => ("pyproject.toml", format!("[project]{end}dependencies = [{end}{}]{end}", quoted.iter().map(|q| format!("    {q},{comment}{end}")).collect::<Vec<_>>().concat())),
            3 => ("pyproject.toml", format!("[dependency-groups]{end}main = [{end}{}{end}]{end}", quoted.iter().map(|q| format!("  {q}")).collect::<Vec<_>>().join(&format!(",{end}")))),
            4 => ("setup.py", format!("from setuptools import setup{end}setup(install_requires=[{}]){comment}{end}", quoted.join(", "))),
            5 => ("setup.py", format!("import setuptools{end}needs = [{end}{}]{end}setuptools.setup({end}    install_requires=needs,{end}){end}", quoted.iter().map(|q| format!("    {q},{comment}{end}")).collect::<Vec<_>>().concat())),
            _ => ("setup.cfg", format!("[options]{end}install_requires ={end}{}", items.iter().map(|(t, _)| format!("    {t}{comment}{end}")).collect::<Vec<_>>().concat())),
        };
        let before = facts(path, &text);
        prop_assert_eq!(before.requires.len(), items.len());
        let changes: Vec<Change> = before.requires.iter().zip(&items).filter(|(_, (_, gone))| *gone)
            .map(|(r, _)| change(&r.name, r.line, Action::Remove)).collect();
        // Two lines with one name on one line of the file cannot be told apart.
        let names: Vec<_> = before.requires.iter().map(|r| (r.line, canonical(&r.name))).collect();
        let unique = names.iter().collect::<std::collections::BTreeSet<_>>().len() == names.len();
        let after = run(path, &text, &changes).expect("an edit");
        if unique {
            let kept: Vec<&str> = items.iter().filter(|(_, gone)| !gone).map(|(t, _)| t.as_str()).collect();
            let left = facts(path, &after);
            let told: Vec<String> = left.requires.iter().map(|r| {
                let extras = if r.features.is_empty() { String::new() } else { format!("[{}]", r.features.join(",")) };
                format!("{}{extras}{}", r.name, r.version.as_deref().unwrap_or_default())
            }).collect();
            prop_assert_eq!(told, kept);
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..120), file in 0..5_usize, line in 0..6_u32) {
        let path = ["requirements.txt", "pyproject.toml", "Pipfile", "setup.cfg", "setup.py"][file];
        let settings = Settings::default();
        for action in [Action::Remove, Action::MoveToDev, Action::DropFeature("x".into())] {
            let _ = edit(&Source { path, bytes: &bytes, settings: &settings }, &[change("a", line, action)]);
        }
    }
}
