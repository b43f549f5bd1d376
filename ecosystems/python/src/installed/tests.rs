//! Distributions made by hand, read as a whole.

use super::*;
use depslim_model::{Group, Owns, Settings};
use proptest::prelude::*;
use tempfile::TempDir;

/// Writes files below `lib/python3.11/site-packages` of a new environment.
fn site(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (path, text) in files {
        let path = dir.path().join("lib/python3.11/site-packages").join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    dir
}

fn read_in(dir: &TempDir, metadata: &str) -> Facts {
    read(&dir.path().join("lib/python3.11/site-packages").join(metadata))
}

/// Facts in few lines.
fn shown(facts: &Facts) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out += text.trim_end();
        out.push('\n');
    };
    for p in &facts.provides {
        line(format!("{} {}", p.package, p.version));
        for (name, values) in [("modules", &p.modules), ("programs", &p.programs), ("extras", &p.features)] {
            if !values.is_empty() {
                line(format!("  {name}: {}", values.join(" ")));
            }
        }
        for plugin in &p.plugins {
            line(format!("  plugin: {} {} = {}", plugin.group, plugin.name, plugin.target));
        }
        match &p.owns {
            Owns::Nothing => {}
            Owns::Files(paths) => line(format!("  files: {}", paths.join(" "))),
            Owns::Trees(paths) => line(format!("  trees: {}", paths.join(" "))),
        }
        if let Some(license) = &p.license {
            line(format!("  license: {license}"));
        }
        if p.first_party || p.origin.is_some() {
            line(format!("  origin: {} first party: {}", p.origin.as_deref().unwrap_or("-"), p.first_party));
        }
    }
    for r in &facts.requires {
        let extra = if r.group == Group::Optional { r.group_name.as_deref().unwrap_or("?") } else { "" };
        let condition = r.condition.as_deref().map(|c| format!("; {c}")).unwrap_or_default();
        let (from, features) = (r.from.as_deref().unwrap_or("?"), r.features.join(","));
        line(format!(
            "{from}:{} -> {} [{features}] {} {condition} {extra}",
            r.line,
            r.name,
            r.version.as_deref().unwrap_or("")
        ));
    }
    for root in &facts.module_roots {
        line(format!("root: {root}"));
    }
    for problem in &facts.problems {
        line(format!("problem {}: {}", problem.line, problem.message));
    }
    out
}

const METADATA: &str = "Metadata-Version: 2.4
Name: Plum_Jam
Version: 1.2.3
Summary: Jam
License-Expression: MIT
License: Some long
        text of a licence
Classifier: License :: OSI Approved :: BSD License
Requires-Dist: fruit[fresh,ripe]<3,>=2
Requires-Dist: sugar (>=1.0) ; python_version < \"3.12\"
Requires-Dist: boto3 ; extra == 's3'
Requires-Dist: jar @ https://user:secret@example.invalid/jar.whl ; extra == \"jar\" and sys_platform == 'linux'
Provides-Extra: s3
Provides-Extra: jar
Description-Content-Type: text/markdown

Name: not a header any more
Requires-Dist: never
";

#[test]
fn a_distribution_as_pip_leaves_it() {
    let dir = site(&[
        ("plum_jam-1.2.3.dist-info/METADATA", METADATA),
        (
            "plum_jam-1.2.3.dist-info/RECORD",
            "../../../bin/plum,sha256=x,200\n../../../share/man/man1/plum.1,sha256=x,9\n__pycache__/plum_one.cpython-311.pyc,,\n\
             plum/__init__.py,sha256=x,1\nplum/_fast.cpython-311-x86_64-linux-gnu.so,sha256=x,5\nplum_one.py,sha256=x,3\n\
             plum_jam-1.2.3.dist-info/RECORD,,\n",
        ),
        (
            "plum_jam-1.2.3.dist-info/entry_points.txt",
            "[console_scripts]\nplum = plum.cli:main\nplum-jam = plum.cli:jam\n\n[pytest11]\nplum = plum.testing\n",
        ),
        ("plum_jam-1.2.3.dist-info/INSTALLER", "pip\n"),
        ("plum_jam-1.2.3.dist-info/top_level.txt", "ignored_when_there_is_a_record\n"),
    ]);
    insta::assert_snapshot!(shown(&read_in(&dir, "plum_jam-1.2.3.dist-info/METADATA")), @r#"
    Plum_Jam 1.2.3
      modules: plum plum_one
      programs: plum plum-jam
      extras: s3 jar
      plugin: pytest11 plum = plum.testing
      files: ../../../../bin/plum ../../../../share/man/man1/plum.1 ../__pycache__/plum_one.cpython-311.pyc ../plum/__init__.py ../plum/_fast.cpython-311-x86_64-linux-gnu.so ../plum_one.py ../plum_jam-1.2.3.dist-info/RECORD ./
      license: MIT
    Plum_Jam:9 -> fruit [fresh,ripe] <3,>=2
    Plum_Jam:10 -> sugar [] >=1.0 ; python_version < "3.12"
    Plum_Jam:11 -> boto3 []  ; extra == 's3' s3
    Plum_Jam:12 -> jar []  ; extra == "jar" and sys_platform == 'linux' jar
    "#);
}

#[test]
fn an_editable_install() {
    let dir = site(&[
        ("plum-0.1.dist-info/METADATA", "Name: plum\nVersion: 0.1\n"),
        ("plum-0.1.dist-info/RECORD", "__editable__.plum-0.1.pth,sha256=x,20\nplum-0.1.dist-info/METADATA,,\n"),
        ("plum-0.1.dist-info/direct_url.json", r#"{"url": "file:///srv/plum", "dir_info": {"editable": true}}"#),
        ("__editable__.plum-0.1.pth", "/srv/plum/src\n"),
    ]);
    insta::assert_snapshot!(shown(&read_in(&dir, "plum-0.1.dist-info/METADATA")), @r"
    plum 0.1
      files: ../__editable__.plum-0.1.pth ../plum-0.1.dist-info/METADATA ./
      origin: file:///srv/plum first party: true
    ");
    insta::assert_snapshot!(shown(&read_in(&dir, "__editable__.plum-0.1.pth")), @"root: /srv/plum/src");
}

#[test]
fn namespaces_declared_the_old_ways() {
    let dir = site(&[
        ("zope.event-4.dist-info/METADATA", "Name: zope.event\nVersion: 4\n"),
        (
            "zope.event-4.dist-info/RECORD",
            "zope/event/__init__.py,,9\nzope/__init__.py,,60\nzope.event-4.dist-info/namespace_packages.txt,,5\n",
        ),
        ("zope.event-4.dist-info/namespace_packages.txt", "zope\n"),
        ("backports.zoneinfo-1.dist-info/METADATA", "Name: backports.zoneinfo\nVersion: 1\n"),
        ("backports.zoneinfo-1.dist-info/RECORD", "backports/__init__.py,,70\nbackports/zoneinfo/__init__.py,,9\n"),
        ("backports/__init__.py", "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"),
        ("small-1.dist-info/METADATA", "Name: small\nVersion: 1\n"),
        ("small-1.dist-info/RECORD", "small/__init__.py,,70\nsmall/part/__init__.py,,9\n"),
        ("small/__init__.py", "from .part import *\n"),
    ]);
    let modules = |metadata: &str| read_in(&dir, metadata).provides[0].modules.clone();
    assert_eq!(modules("zope.event-4.dist-info/METADATA"), ["zope.event"]);
    assert_eq!(modules("backports.zoneinfo-1.dist-info/METADATA"), ["backports.zoneinfo"]);
    assert_eq!(modules("small-1.dist-info/METADATA"), ["small"]);
}

#[test]
fn a_distribution_of_the_operating_system() {
    let dir = site(&[
        ("plum-2.dist-info/METADATA", "Name: plum\nVersion: 2\n"),
        ("plum-2.dist-info/top_level.txt", "_plum\nplum\nplum_one\nmissing\n../../etc\n"),
        ("_plum.cpython-311-x86_64-linux-gnu.so", ""),
        ("plum/__init__.py", ""),
        ("plum_one.py", ""),
        ("jam-1.egg-info", "Metadata-Version: 1.1\nName: jam\nVersion: 1\n"),
        ("jam.py", ""),
        ("Py_Yaml-3.egg-info/PKG-INFO", "Name: Py.Yaml\nVersion: 3\n"),
        ("py_yaml/__init__.py", ""),
    ]);
    insta::assert_snapshot!(shown(&read_in(&dir, "plum-2.dist-info/METADATA")), @r"
    plum 2
      modules: _plum plum plum_one
      trees: . ../_plum.cpython-311-x86_64-linux-gnu.so ../plum ../plum_one.py
    ");
    insta::assert_snapshot!(shown(&read_in(&dir, "jam-1.egg-info")), @r"
    jam 1
      modules: jam
      trees: jam-1.egg-info jam.py
    ");
    insta::assert_snapshot!(shown(&read_in(&dir, "Py_Yaml-3.egg-info/PKG-INFO")), @r"
    Py.Yaml 3
      modules: py_yaml
      trees: . ../py_yaml
    ");
}

#[test]
fn eggs() {
    let dir = site(&[
        ("plum-1.egg-info/PKG-INFO", "Name: plum\nVersion: 1\nLicense: BSD\n"),
        ("plum-1.egg-info/requires.txt", "six\n\n[s3]\nboto\n"),
        ("plum-1.egg-info/entry_points.txt", "[console_scripts]\nplum = plum:main\n"),
        (
            "plum-1.egg-info/installed-files.txt",
            "../plum/__init__.py\n../plum_one.py\n../../../../bin/plum\nPKG-INFO\n",
        ),
        ("jam-2-py3.11.egg/EGG-INFO/PKG-INFO", "Name: jam\nVersion: 2\n"),
        ("jam-2-py3.11.egg/EGG-INFO/top_level.txt", "jam\n"),
        ("mine.egg-link", "/srv/mine\n."),
    ]);
    insta::assert_snapshot!(shown(&read_in(&dir, "plum-1.egg-info/PKG-INFO")), @r"
    plum 1
      modules: plum plum_one
      programs: plum
      files: ../plum/__init__.py ../plum_one.py ../../../../bin/plum PKG-INFO ./
      license: BSD
    plum:1 -> six []
    plum:4 -> boto []  ; extra == 's3' s3
    ");
    insta::assert_snapshot!(shown(&read_in(&dir, "jam-2-py3.11.egg/EGG-INFO/PKG-INFO")), @r"
    jam 2
      modules: jam
      trees: ..
    ");
    insta::assert_snapshot!(shown(&read_in(&dir, "mine.egg-link")), @r"
    mine
      files: mine.egg-link
      origin: /srv/mine first party: true
    ");
}

#[test]
fn conda_packages() {
    let dir = site(&[
        ("torch-2.1.dist-info/METADATA", "Name: torch\nVersion: 2.1\nRequires-Dist: sympy\n"),
        (
            "torch-2.1.dist-info/RECORD",
            "torch/__init__.py,,1\n../../../bin/torchrun,,2\ntorch-2.1.dist-info/METADATA,,\n",
        ),
        (
            "../../../conda-meta/pytorch-2.1-py311.json",
            r#"{"name": "pytorch", "version": "2.1", "depends": ["python >=3.11,<3.12", "blas"], "license": "BSD 3-Clause", "files": [
                "bin/torchrun", "lib/libtorch.so", "lib/python3.11/site-packages/torch/__init__.py",
                "lib/python3.11/site-packages/torch-2.1.dist-info/METADATA", "lib/python3.11/site-packages/torch/__pycache__/x.pyc"]}"#,
        ),
        (
            "../../../conda-meta/zlib-1.3-h1.json",
            r#"{"name": "zlib", "version": "1.3", "license": "Zlib", "url": "https://t:oken@conda.example.invalid/zlib.conda",
                "files": ["lib/libz.so.1"], "paths_data": {"paths": [{"_path": "lib/libz.so.1", "sha256": "x"}]}}"#,
        ),
        ("../../../conda-meta/broken.json", "{\n  \"name\": 3,\n}"),
    ]);
    insta::assert_snapshot!(shown(&read_in(&dir, "../../../conda-meta/pytorch-2.1-py311.json")), @r"
    torch 2.1
      files: ../lib/libtorch.so ../lib/python3.11/site-packages/torch/__pycache__/x.pyc
      license: BSD 3-Clause
    torch:0 -> python [] >=3.11,<3.12
    torch:0 -> blas []
    ");
    insta::assert_snapshot!(shown(&read_in(&dir, "../../../conda-meta/zlib-1.3-h1.json")), @r"
    zlib 1.3
      files: ../lib/libz.so.1
      license: Zlib
      origin: https://conda.example.invalid/zlib.conda first party: false
    ");
    insta::assert_snapshot!(shown(&read_in(&dir, "../../../conda-meta/broken.json")), @"problem 2: not a conda package: invalid type: integer `3`, expected a string");
}

#[test]
fn what_is_broken_is_told_and_the_rest_counts() {
    let dir = site(&[
        ("plum-1.dist-info/METADATA", "Version: 1\nthis is no header\nRequires-Dist: ok\nRequires-Dist: !!!\n"),
        ("plum-1.dist-info/RECORD", "plum/__init__.py,,1\n,sha256=x,1\nplum/cut"),
        ("plum-1.dist-info/entry_points.txt", "oops\n[console_scripts]\nplum = plum:main\n"),
        ("plum-1.dist-info/direct_url.json", "{"),
        ("gone-3.dist-info/RECORD", "gone.py,,1\n"),
        ("empty-1.dist-info/REQUESTED", ""),
    ]);
    insta::assert_snapshot!(shown(&read_in(&dir, "plum-1.dist-info/METADATA")), @r"
    plum 1
      modules: plum
      programs: plum
      files: ../plum/__init__.py ../plum/cut ./
    plum:3 -> ok []
    problem 2: not a `Name: value` header: ignored
    problem 0: METADATA has no Name: taken from the name of plum-1.dist-info
    problem 4: `!!!`: not a requirement; write `name`, `name==1.0` or `name @ URL`
    problem 0: RECORD:2: no path: ignored
    problem 0: RECORD:3: cut off: no columns for hash and size
    problem 0: entry_points.txt:1: not a `name = module:attribute` line of a section: ignored
    problem 0: direct_url.json:1: not JSON: where it came from stays unknown
    ");
    insta::assert_snapshot!(shown(&read_in(&dir, "gone-3.dist-info/METADATA")), @r"
    gone 3
      modules: gone
      files: ../gone.py ./
    problem 0: is missing
    ");
    insta::assert_snapshot!(shown(&read_in(&dir, "empty-1.dist-info/METADATA")), @"problem 0: is missing, and so is RECORD: what is left of a distribution is ignored");
    insta::assert_snapshot!(shown(&read_in(&dir, "nowhere.egg-link")), @"problem 0: is missing");
}

#[test]
fn headers_stop_at_the_description_however_long() {
    let requires: Vec<String> = (0..3000).map(|n| format!("Requires-Dist: fruit-{n}\r\n")).collect();
    let requires = requires.concat();
    let text = format!("Name: plum\r\nVersion: 1\r\n{requires}\r\n{}", "Requires-Dist: never\r\n".repeat(100_000));
    let dir = site(&[("plum-1.dist-info/METADATA", &text), ("plum-1.dist-info/RECORD", "plum.py,,\n")]);
    let facts = read_in(&dir, "plum-1.dist-info/METADATA");
    assert_eq!((facts.requires.len(), facts.requires[2999].name.as_str()), (3000, "fruit-2999"));
    assert_eq!((facts.requires[2999].line, facts.problems), (3002, vec![]));
}

#[test]
fn metadata_that_is_a_folder_is_a_problem() {
    let dir = site(&[("plum-1.dist-info/METADATA/x", ""), ("plum-1.dist-info/RECORD/x", "")]);
    let facts = read_in(&dir, "plum-1.dist-info/METADATA");
    assert_eq!((facts.provides[0].package.as_str(), facts.problems.len()), ("plum", 2));
}

#[test]
fn a_named_pipe_is_not_waited_for() {
    let dir = site(&[("plum-1.dist-info/RECORD", "plum.py,,1\n")]);
    let pipe = dir.path().join("lib/python3.11/site-packages/plum-1.dist-info/METADATA");
    assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
    let facts = read_in(&dir, "plum-1.dist-info/METADATA");
    assert_eq!(
        (facts.provides[0].modules.clone(), facts.problems[0].message.as_str()),
        (vec!["plum".to_owned()], "not a regular file: not read")
    );
}

#[test]
fn readers_of_single_files_say_the_same() {
    let check = |path: &str, text: &str, expect: &str| {
        let reader = READERS
            .iter()
            .find(|r| r.globs.iter().any(|g| path.ends_with(g.trim_start_matches('*')) || g.contains("meta")))
            .unwrap();
        let source = Source { path, bytes: text.as_bytes(), settings: &Settings::default() };
        assert_eq!(shown(&(reader.read)(&source)), expect, "{path}");
    };
    check("lib/plum-1.dist-info/METADATA", "Name: Plum\nVersion: 1\n", "Plum 1\n");
    check("lib/plum-1.dist-info/RECORD", "plum.py,,1\n", "plum 1\n  modules: plum\n  files: ../plum.py\n");
    check("lib/plum-1.dist-info/entry_points.txt", "[x]\ny = z\n", "plum 1\n  plugin: x y = z\n");
    check("lib/plum-1.egg-info/requires.txt", "six\n", "plum:1 -> six []\n");
    check("conda-meta/plum-1-0.json", r#"{"name": "plum", "version": "1"}"#, "plum 1\n  files:\n");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "(\\PC|[\\n\"',:={}\\[\\];#]){0,120}") {
        let settings = Settings::default();
        for reader in READERS {
            for bytes in [&bytes[..], text.as_bytes()] {
                for path in ["a/plum-1.dist-info/METADATA", "x.egg-info", ""] {
                    let facts = (reader.read)(&Source { path, bytes, settings: &settings });
                    let lines = bytes.split(|byte| *byte == b'\n').count() as u32;
                    prop_assert!(facts.problems.iter().all(|p| p.line <= lines && !p.fatal));
                    prop_assert!(facts.requires.iter().all(|r| (1..=lines).contains(&r.line) || reader.name == "conda-meta"));
                }
            }
        }
    }

    #[test]
    fn no_folder_panics(files in prop::collection::vec((0..NAMES.len(), prop::collection::vec(any::<u8>(), 0..60), "(\\PC|[\n,=:\\[\\]]){0,40}"), 0..6)) {
        let dir = TempDir::new().unwrap();
        for (name, bytes, text) in &files {
            let path = dir.path().join(NAMES[*name]);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, [text.as_bytes(), bytes].concat()).unwrap();
        }
        for name in NAMES {
            let facts = read(&dir.path().join(name));
            prop_assert!(facts.provides.len() <= 1);
        }
    }
}

const NAMES: &[&str] = &[
    "plum-1.dist-info/METADATA",
    "plum-1.dist-info/RECORD",
    "plum-1.dist-info/entry_points.txt",
    "plum-1.dist-info/direct_url.json",
    "plum-1.dist-info/top_level.txt",
    "plum-1.dist-info/namespace_packages.txt",
    "jam.egg-info/PKG-INFO",
    "jam.egg-info/requires.txt",
    "jam.egg-info/installed-files.txt",
    "one.egg-info",
    "one.egg-link",
    "one.pth",
    "conda-meta/one.json",
];
