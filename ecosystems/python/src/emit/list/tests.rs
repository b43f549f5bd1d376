//! The list, and that reading it back and writing it again gives the same bytes.

use super::{emit, reread};
use crate::manifest::exact;
use crate::names::canonical;
use depslim_model::ecosystem::{Kept, Plan};
use depslim_model::{Artifact, Facts, Settings, Source, Target};
use proptest::prelude::*;

static SETTINGS: Settings = Settings(std::collections::BTreeMap::new());

fn source<'a>(path: &'a str, text: &'a str) -> Source<'a> {
    Source { path, bytes: text.as_bytes(), settings: &SETTINGS }
}

fn plan(keep: Vec<Kept>) -> Plan {
    let target = Target { runtime: Some("3.11".into()), ..Target::default() };
    Plan { project: ".".into(), tool: "0.1.0".into(), target, keep, ..Plan::default() }
}

fn kept(package: &str, version: &str, why: &str) -> Kept {
    let version = (!version.is_empty()).then(|| version.to_owned());
    Kept { package: package.into(), version, why: why.into(), ..Kept::default() }
}

fn hashed(mut kept: Kept, hashes: &[&str]) -> Kept {
    kept.artifacts = hashes.iter().map(|h| Artifact { hash: Some((*h).to_owned()), ..Artifact::default() }).collect();
    kept
}

/// The plan that a written list stands for.
fn back(facts: &Facts) -> Plan {
    let keep = facts.requires.iter().filter(|r| r.from.is_none()).map(|r| {
        let comment = r.comment.clone().unwrap_or_default();
        let why = if r.origin.as_deref().is_some_and(|o| !o.contains("://")) {
            comment.split_once(':').map_or(String::new(), |(_, why)| why.trim().to_owned())
        } else {
            comment
        };
        let provide = facts.provides.iter().find(|p| p.package == r.name);
        Kept {
            package: r.name.clone(),
            version: r.version.as_deref().and_then(exact).map(str::to_owned),
            constraint: r.version.clone(),
            features: r.features.clone(),
            condition: r.condition.clone(),
            origin: r.origin.clone(),
            artifacts: provide.map(|p| p.artifacts.clone()).unwrap_or_default(),
            why,
            ..Kept::default()
        }
    });
    plan(keep.collect())
}

/// The list, after the checks that hold for every one.
fn check(plan: &Plan, sources: &[Source<'_>]) -> String {
    let [emission] = &emit(plan, sources).expect("a list")[..] else { panic!("one file") };
    let facts = reread(&source(&emission.path, &emission.content));
    assert_eq!(facts.problems, [], "{}", emission.content);
    let mut names: Vec<_> = facts.requires.iter().map(|r| canonical(&r.name)).collect();
    names.sort();
    let mut wanted: Vec<_> =
        plan.keep.iter().filter(|k| k.origin.as_deref() != Some(".")).map(|k| canonical(&k.package)).collect();
    wanted.sort();
    assert_eq!(names, wanted);
    let again = emit(&back(&facts), &[]).expect("a list");
    let body = |text: &str| {
        text.lines().filter(|l| !l.starts_with('#') && !l.starts_with("--")).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(body(&again[0].content), body(&emission.content), "reading and writing again changes nothing");
    format!("{}\n{}", emission.summary, emission.content)
}

#[test]
fn pinned_with_hashes() {
    let plan = plan(vec![
        Kept {
            features: vec!["jam".into()],
            bytes: Some(1_500_000),
            ..hashed(kept("Plum_Tree", "1.0", "imported at app/main.py:6"), &["sha256:bb", "sha256:aa", "md5:cc"])
        },
        Kept {
            needed_by: vec!["a".into(), "b".into(), "c".into(), "d".into()],
            condition: Some("python_version < '3.12'".into()),
            bytes: Some(500_000),
            ..hashed(kept("fig", "2", ""), &["sha256:dd"])
        },
        Kept { origin: Some(".".into()), ..kept("orchard", "0.1", "") },
    ]);
    insta::assert_snapshot!(check(&plan, &[]), @r"
    2 packages, pinned with hashes, 2.0 MB
    # Written by depslim 0.1.0: what production needs, and why (linux-x86_64-glibc, Python 3.11).
    # Install: pip install --no-deps -r requirements.prod.txt   (or: uv pip sync requirements.prod.txt)
    fig==2 ; python_version < '3.12' \
        --hash=sha256:dd
        # needed by a, b, c and 1 more
    Plum_Tree[jam]==1.0 \
        --hash=sha256:aa \
        --hash=sha256:bb
        # imported at app/main.py:6
    ");
}

#[test]
fn hashes_come_from_the_lock_too() {
    let lock = source(
        "uv.lock",
        "[[package]]\nname='fig'\nversion='2'\nwheels=[{url='https://r.example.invalid/fig-2-py3-none-any.whl', hash='sha256:dd'}]\n",
    );
    insta::assert_snapshot!(check(&plan(vec![kept("Fig", "2", "")]), &[lock]), @r"
    1 package, pinned with hashes from uv.lock
    # Written by depslim 0.1.0: what production needs, and why (linux-x86_64-glibc, Python 3.11).
    # Install: pip install --no-deps -r requirements.prod.txt   (or: uv pip sync requirements.prod.txt)
    Fig==2 \
        --hash=sha256:dd
    ");
}

#[test]
fn hashes_for_all_or_for_none() {
    let plan = plan(vec![
        hashed(kept("plum", "1.0", "imported at a.py:1"), &["sha256:aa"]),
        kept("fig", "2", "needed by plum"),
        Kept { origin: Some("git+https://u:secret@h.example.invalid/pear.git@abc".into()), ..kept("pear", "3", "") },
        Kept {
            origin: Some("libs/shed".into()),
            features: vec!["x".into()],
            ..kept("shed", "0", "imported at a.py:2")
        },
        Kept { constraint: Some("^1".into()), direct: true, ..kept("sloe", "", "") },
        Kept { constraint: Some(">=1,<2".into()), ..kept("kiwi", "", "") },
        kept("pytz", "2004d", ""),
    ]);
    insta::assert_snapshot!(check(&plan, &[]), @"
    7 packages, versions of some unknown
    # Written by depslim 0.1.0: what production needs, and why (linux-x86_64-glibc, Python 3.11).
    # Install: pip install --no-deps -r requirements.prod.txt   (or: uv pip sync requirements.prod.txt)
    # No hashes, since pip takes them for all or for none: there is none for fig, kiwi, pear and 3 more.
    fig==2  # needed by plum
    kiwi>=1,<2
    pear @ git+https://h.example.invalid/pear.git@abc
    plum==1.0  # imported at a.py:1
    pytz===2004d
    ./libs/shed[x]  # shed: imported at a.py:2
    sloe  # declared by the project
    ");
}

#[test]
fn archives_at_urls_can_be_hashed() {
    let at = |url: &str| Kept { origin: Some(url.into()), ..hashed(kept("pear", "3", ""), &["sha256:aa"]) };
    insta::assert_snapshot!(check(&plan(vec![at("https://h.example.invalid/pear-3.zip")]), &[]), @r"
    1 package, pinned with hashes
    # Written by depslim 0.1.0: what production needs, and why (linux-x86_64-glibc, Python 3.11).
    # Install: pip install --no-deps -r requirements.prod.txt   (or: uv pip sync requirements.prod.txt)
    pear @ https://h.example.invalid/pear-3.zip \
        --hash=sha256:aa
    ");
}

#[test]
fn indexes_are_kept_and_their_credentials_are_not() {
    let sources = [
        source(
            "requirements.txt",
            "--index-url https://u:secret@r.example.invalid/simple\n--extra-index-url https://${TOKEN}@x.example.invalid/simple\n--pre\nfig\n",
        ),
        source("requirements-dev.txt", "--extra-index-url https://dev.example.invalid/simple\n"),
        source(
            "pyproject.toml",
            "[[tool.uv.index]]\nname='torch'\nurl='https://t.example.invalid/cpu'\nexplicit=true\n[[tool.uv.index]]\nurl='https://main.example.invalid/simple'\ndefault=true\n",
        ),
        source("Pipfile", "[[source]]\nurl='https://r.example.invalid/simple'\n"),
    ];
    insta::assert_snapshot!(check(&plan(vec![kept("fig", "2", "")]), &sources), @"
    1 package, pinned
    # Written by depslim 0.1.0: what production needs, and why (linux-x86_64-glibc, Python 3.11).
    # Install: pip install --no-deps -r requirements.prod.txt   (or: uv pip sync requirements.prod.txt)
    # Credentials of package indexes are left out: set them in pip's or uv's own configuration.
    --index-url https://r.example.invalid/simple
    --extra-index-url https://${TOKEN}@x.example.invalid/simple
    --pre
    --extra-index-url https://t.example.invalid/cpu
    --extra-index-url https://main.example.invalid/simple
    fig==2
    ");
}

#[test]
fn nothing_to_write() {
    assert_eq!(emit(&plan(vec![]), &[]), Err("production needs no packages".to_owned()));
}

fn any_kept() -> impl Strategy<Value = Kept> {
    (
        "[a-zA-Z][a-zA-Z0-9]{0,5}([._-][a-z0-9]{1,3})?",
        proptest::option::of("[0-9]{1,2}\\.[0-9]{1,2}(\\+cpu)?"),
        proptest::collection::vec("[a-z]{1,3}", 0..3),
        proptest::option::of(Just("python_version < '3.12' or os_name == \"nt\"".to_owned())),
        proptest::option::of(prop_oneof![
            Just("git+https://h.example.invalid/x.git@main#subdirectory=y"),
            Just("./libs/x"),
            Just("https://h.example.invalid/x.zip")
        ]),
        proptest::collection::vec("sha256:[0-9a-f]{4}", 0..3),
        "(imported at [a-z/]{1,9}\\.py:[0-9]|\\PC{0,12}| \n#x)",
    )
        .prop_map(|(package, version, features, condition, origin, hashes, why)| Kept {
            package,
            version,
            features,
            condition,
            origin: origin.map(str::to_owned),
            artifacts: hashes.into_iter().map(|h| Artifact { hash: Some(h), ..Artifact::default() }).collect(),
            why,
            ..Kept::default()
        })
}

proptest! {
    #[test]
    fn any_plan_reads_back(keep in proptest::collection::vec(any_kept(), 1..6)) {
        let mut keep = keep;
        keep.sort_by_key(|k| canonical(&k.package));
        keep.dedup_by_key(|k| canonical(&k.package));
        check(&plan(keep), &[]);
    }
}
