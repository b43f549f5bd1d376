//! Requirements in every form, and what pip would refuse.

use super::*;
use crate::names::canonical;
use proptest::prelude::*;
use std::fmt::Write as _;

/// `name [extras] {constraint} ; condition @ origin !problem`, each part only when there is one.
fn told(r: &Requirement) -> String {
    let mut out = r.name.clone();
    if !r.extras.is_empty() {
        _ = write!(out, " [{}]", r.extras.join("|"));
    }
    for (sign, part) in [(" {", &r.constraint), (" ; ", &r.condition), (" @ ", &r.origin), (" !", &r.problem)] {
        if let Some(part) = part {
            _ = write!(out, "{sign}{part}");
        }
    }
    out.trim().to_owned()
}

fn check(text: &str, expect: &str) {
    assert_eq!(told(&parse(text)), expect, "{text}");
}

#[test]
fn names_and_specifiers() {
    check("plum", "plum");
    check("  plum==1.2.3 ", "plum {==1.2.3");
    check("Plum_Tree.x==2024.1", "Plum_Tree.x {==2024.1");
    check("plum == 1.2", "plum {== 1.2");
    check("plum>=1,<2", "plum {>=1,<2");
    check("plum >=1, <2,", "plum {>=1, <2");
    check("plum (>=1.0)", "plum {>=1.0");
    check("plum[a, b_c,]~=1.0", "plum [a|b_c] {~=1.0");
    check("plum [a]", "plum [a]");
    check("plum[]", "plum");
    check("plum==1.0.*", "plum {==1.0.*");
    check("plum===anything-goes", "plum {===anything-goes");
    check("plum==1.0rc1", "plum {==1.0rc1");
    check("plum==1.0+cu118", "plum {==1.0+cu118");
    check("plum!=1.5,>=1", "plum {!=1.5,>=1");
}

#[test]
fn markers() {
    check("plum;python_version<'3.8'", "plum ; python_version<'3.8'");
    check("plum>=1 ; os_name == 'nt' and extra == 'x'", "plum {>=1 ; os_name == 'nt' and extra == 'x'");
    check("plum[a]==1.0 ; (sys_platform == \"linux\")", "plum [a] {==1.0 ; (sys_platform == \"linux\")");
    check("plum==1.0;", "plum {==1.0");
}

#[test]
fn urls_after_a_name() {
    check("plum @ https://h.example.invalid/p.zip", "plum @ https://h.example.invalid/p.zip");
    check(
        "plum[x]@git+https://a:b@h.example.invalid/r.git@v1 ; os_name=='nt'",
        "plum [x] ; os_name=='nt' @ git+https://h.example.invalid/r.git@v1",
    );
    check("plum @ file:///srv/a;b.zip", "plum @ file:///srv/a;b.zip");
    check(
        "plum @ https://h.example.invalid/p.zip; os_name=='nt'",
        "plum ; os_name=='nt' @ https://h.example.invalid/p.zip",
    );
    check("plum @", "plum !`plum @`: no URL after `@`");
}

#[test]
fn urls_alone_are_named_by_their_egg_only() {
    check(
        "git+https://h.example.invalid/o/pear-repo.git@1.0#egg=plum",
        "plum @ git+https://h.example.invalid/o/pear-repo.git@1.0#egg=plum",
    );
    check(
        "git+https://h.example.invalid/r#subdirectory=py&egg=plum[a,b]",
        "plum [a|b] @ git+https://h.example.invalid/r#subdirectory=py&egg=plum[a,b]",
    );
    check(
        "git+https://h.example.invalid/r#egg=plum==1.0 ; os_name=='nt'",
        "plum ; os_name=='nt' @ git+https://h.example.invalid/r#egg=plum==1.0",
    );
    check(
        "git+ssh://git@h.example.invalid/o/r.git#egg=plum-tree",
        "plum-tree @ git+ssh://git@h.example.invalid/o/r.git#egg=plum-tree",
    );
    check(
        "git+https://t0k:en@h.example.invalid/o/pear.git",
        "@ git+https://h.example.invalid/o/pear.git !`git+https://h.example.invalid/o/pear.git`: the URL does not say the package's name; write `name @ URL`",
    );
    check(
        "https://h.example.invalid/o/pear/archive/v1.tar.gz",
        "@ https://h.example.invalid/o/pear/archive/v1.tar.gz !`https://h.example.invalid/o/pear/archive/v1.tar.gz`: the URL does not say the package's name; write `name @ URL`",
    );
}

#[test]
fn wheels_say_their_name_and_version() {
    check(
        "https://h.example.invalid/w/plum_tree-1.2-py3-none-any.whl#sha256=00",
        "plum_tree {==1.2 @ https://h.example.invalid/w/plum_tree-1.2-py3-none-any.whl#sha256=00",
    );
    check(
        "./w/plum-1.2-1-cp311-cp311-manylinux_2_17_x86_64.whl[x]",
        "plum [x] {==1.2 @ ./w/plum-1.2-1-cp311-cp311-manylinux_2_17_x86_64.whl",
    );
    check(
        "plum-1.2%2Bcpu-py3-none-any.whl ; os_name=='nt'",
        "plum {==1.2+cpu ; os_name=='nt' @ plum-1.2%2Bcpu-py3-none-any.whl",
    );
    check(
        "notawheel.whl",
        "@ notawheel.whl !`notawheel.whl`: the URL does not say the package's name; write `name @ URL`",
    );
}

#[test]
fn folders_have_no_name_and_need_none() {
    check(".", "@ .");
    check(".[dev,test]", "[dev|test] @ .");
    check("./libs/plum", "@ ./libs/plum");
    check("libs/plum[a]", "[a] @ libs/plum");
    check("../plum ; python_version > '3'", "; python_version > '3' @ ../plum");
    check("/srv/plum", "@ /srv/plum");
    check("file:./plum", "@ file:./plum");
    check(r"C:\plum", r"@ C:\plum");
}

#[test]
fn what_pip_refuses_is_said_and_the_name_counts() {
    check("plum>=1.x", "plum {>=1.x !plum: `>=1.x` is not a version specifier that pip accepts");
    check("plum=1.0", "plum {=1.0 !plum: `=1.0` is not a version specifier that pip accepts");
    check("plum 1.0", "plum {1.0 !plum: `1.0` is not a version specifier that pip accepts");
    check("plum[a", "plum !`plum[a`: the extras have no closing bracket");
    for text in ["", "==1.0", "plum- >=1", "-plum", "plüm", "{{ x }}==1", "@ https://x.example.invalid"] {
        let found = parse(text);
        assert!(found.is_void() && found.problem.is_some(), "{text}: {found:?}");
    }
    check("{{ x }}", "!`{{ x }}`: a template, not a requirement; not read");
}

#[test]
fn messages_hold_no_secrets_and_are_short() {
    let found = parse(&format!("%https://a:hunter2@h.example.invalid/{}", "x".repeat(500)));
    let message = found.problem.expect("it is no requirement");
    assert!(!message.contains("hunter2") && message.len() < 200, "{message}");
}

/// On what both accept, the fields are those of `pep508_rs`.
fn agrees(text: &str) {
    let Ok(theirs) = pep508_rs::Requirement::<pep508_rs::VerbatimUrl>::from_str(text) else { return };
    let ours = parse(text);
    assert_eq!(canonical(&ours.name), theirs.name.to_string(), "{text}");
    assert_eq!(
        ours.extras.iter().map(|e| canonical(e)).collect::<Vec<_>>(),
        theirs.extras.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "{text}"
    );
    if let Some(pep508_rs::VersionOrUrl::VersionSpecifier(specifiers)) = theirs.version_or_url {
        let ours = ours.constraint.map_or_else(VersionSpecifiers::empty, |c| c.parse().expect("theirs parsed it"));
        assert_eq!(ours, specifiers, "{text}");
    }
}

proptest! {
    #[test]
    fn fields_are_those_of_pep508_rs(
        name in "[A-Za-z0-9]([A-Za-z0-9._-]{0,6}[A-Za-z0-9])?",
        extras in proptest::option::of("\\[[a-z0-9]{1,3}( ?, ?[a-z0-9]{1,3}){0,2}\\]"),
        constraint in proptest::option::of(" ?(==|>=|<|~=|!=) ?[0-9]\\.[0-9](, ?<[0-9]{1,2})?"),
        marker in proptest::option::of(" ?; ?(os_name|python_version) ?== ?'[0-9]\\.[0-9]'"),
    ) {
        let part = |p: Option<String>| p.unwrap_or_default();
        agrees(&format!("{name}{}{}{}", part(extras), part(constraint), part(marker)));
    }

    #[test]
    fn no_text_panics(text in "\\PC*") {
        parse(&text);
    }

    #[test]
    fn no_requirement_like_text_panics(text in "[a-z0-9.@#;\\[\\]=<>%/: \\\\é-]{0,30}") {
        let found = parse(&text);
        prop_assert!(!found.is_void() || found.problem.is_some());
    }
}
