//! What a file is seen to use, by small texts.

use super::{read, read_markdown};
use depslim_model::{Facts, How, Settings, Source, Use};

fn facts(text: &str) -> Facts {
    read(&Source { path: "src/lib.rs", bytes: text.as_bytes(), settings: &Settings::default() })
}

/// Names of one list, each with its line; imports plain, paths elsewhere with `.`, strings with `"`.
fn names(uses: &[Use]) -> Vec<String> {
    let mark = |how| match how {
        How::Import => Some(""),
        How::Name => Some("."),
        How::Text => Some("\""),
        _ => None,
    };
    uses.iter().filter_map(|used| Some(format!("{}{}:{}", mark(used.how)?, used.name, used.line))).collect()
}

fn check(text: &str, production: &[&str], tests: &[&str]) {
    let facts = facts(text);
    assert_eq!(names(&facts.uses), production, "production: {text}");
    assert_eq!(names(&facts.dev_uses), tests, "tests: {text}");
}

#[test]
fn imports_begin_with_crates() {
    check("use apple::b::{c, d::*};", &["apple::b:1"], &[]);
    check("use ::apple; pub use pear; extern crate plum as p;", &["apple:1", "pear:1", "plum:1"], &[]);
    check("use {apple::a, pear::{self, b}};", &["apple::a:1", "pear:1", "pear::b:1"], &[]);
    check("use apple as a;\nfn f() { a::x(); }", &["apple:1"], &[]);
    check("use apple as _;", &["apple:1"], &[]);
    check("use std::{sync::Arc, time::Duration}; use crate::apple; use self::x; use super::y;", &[], &[]);
    check("fn f() -> impl Sized + use<'a, T> { apple::x() }", &[".apple::x:1"], &[]);
}

#[test]
fn paths_begin_with_crates() {
    check("fn f() { apple::b(); let x = ::pear::C; }", &[".apple::b:1", ".pear::C:1"], &[]);
    check("impl apple::T for pear::U<plum::V> { }", &[".apple::T:1", ".pear::U:1", ".plum::V:1"], &[]);
    check("fn f() { <fig::T as Kind>::d(); x.collect::<Vec<_>>(); Vec::<u8>::new(); u8::MAX; }", &[".fig::T:1"], &[]);
    check("fn f() { for x in 0..apple::END {} }", &[".apple::END:1"], &[]);
    check(
        "fn f() { apple::say!(pear::x, \"{}\", 1); vec![plum::y]; }",
        &[".apple::say:1", ".pear::x:1", ".plum::y:1"],
        &[],
    );
    check("plug! { crate_path ::apple; }", &[".crate_path::apple:1", ".apple:1"], &[]);
    check("fn f() -> ::apple::X { r#fig::y() }", &[".apple::X:1", ".fig::y:1"], &[]);
}

#[test]
fn what_is_named_here_is_no_crate() {
    check("mod http { pub fn h() {} } fn f() { http::h() }", &[], &[]);
    check("use crate::web::http;\nfn f() { http::h() }", &[], &[]);
    check("use nix::libc;\nfn f() { libc::x() }", &["nix::libc:1"], &[]);
    check("use std::time::{self, Duration};\nfn f() { time::now() }", &[], &[]);
    // A module sees nothing of what is around it, unless it asks.
    check("mod http;\nmod b { fn f() { http::h() } }", &[".http::h:2"], &[]);
    check("mod http;\nmod b { use super::*; fn f() { http::h() } }", &[], &[]);
    check("mod http;\nfn f() { ::http::h() }", &[".http::h:2"], &[]);
    check("use plum_macros::plum;\nfn f() { plum::x() }", &["plum_macros::plum:1", ".plum::x:2"], &[]);
    check("mod plum;\nuse plum::plum;\nfn f() { plum::x() }", &[], &[]);
    check("#[cfg(unix)] mod plum;\nuse plum::X;", &[".plum::X:2"], &[]);
    check("use Colour::*; use Shape;", &[], &[]);
    // Under a condition it may be absent.
    check("#[cfg(unix)] use nix::libc;\nfn f() { libc::x() }", &["nix::libc:1", ".libc::x:2"], &[]);
    check("fn f() { use crate::plum; plum::x() } fn g() { plum::y() }", &[".plum::y:1"], &[]);
}

#[test]
fn a_glob_may_bring_what_is_imported() {
    check("use super::*;\nuse plum::X;", &[".plum::X:2"], &[]);
    check("use bevy::prelude::*;\nuse plum::X;", &["bevy::prelude:1", "plum::X:2"], &[]);
}

#[test]
fn comments_and_strings_are_no_code() {
    check("// apple::f()\n/* pear::f() */ const S: &str = \"x\";", &[], &[]);
    check("fn f() { let s = \"stringonly::f\"; }", &["\"stringonly::f:1"], &[]);
    assert_eq!(facts("const S: &str = \"plum::f\";").uses[0].value, "string");
}

#[test]
fn attributes_name_crates() {
    check("#[derive(apple::A, B)] #[pear::c(plum::D)] struct S;", &[".apple::A:1", ".pear::c:1", ".plum::D:1"], &[]);
    check(
        "#[serde(with = \"fig_bytes\", rename = \"kiwi\", default = \"melon::f\")] struct S;",
        &["\"fig_bytes:1", "\"melon::f:1"],
        &[],
    );
    check("#[cfg(feature = \"kiwi\")] #[allow(clippy::all)] #[doc = \"a::b\"] fn f() {}", &[], &[]);
    check("#[cfg_attr(feature = \"x\", derive(apple::A))] struct S;", &[".apple::A:1"], &[]);
    check("#![warn(rust_2018_idioms)] #![pear::all]", &[".pear::all:1"], &[]);
}

#[test]
fn tests_are_told_apart() {
    check("#[cfg(test)] mod tests { fn t() { apple::f() } }\nfn g() { pear::g() }", &[".pear::g:2"], &[".apple::f:1"]);
    check("#[test] fn t() { apple::f() }\nfn g() { pear::g() }", &[".pear::g:2"], &[".apple::f:1"]);
    check("#[tokio::test]\nasync fn t() { apple::f() }", &[".tokio::test:1"], &[".apple::f:2"]);
    check("#[cfg(test)] use apple::X;\nuse pear::Y;", &["pear::Y:2"], &["apple::X:1"]);
    check(
        "#[cfg(all(test, unix))] const A: apple::B = apple::B { x: 1 };\nfn g() { pear::g() }",
        &[".pear::g:2"],
        &[".apple::B:1"],
    );
    check("#[cfg(any(test, feature = \"x\"))] use apple::X;", &["apple::X:1"], &[]);
    check("#[cfg(not(test))] use apple::X;", &["apple::X:1"], &[]);
    check("#![cfg(test)]\nuse apple::X;", &[], &["apple::X:2"]);
    check("mod a {\n#![cfg(test)]\nuse apple::X; }\nuse pear::Y;", &["pear::Y:4"], &["apple::X:3"]);
    check("#[cfg_attr(test, derive(apple::A))] struct S(pear::B);", &[".pear::B:1"], &[".apple::A:1"]);
    check("struct S { #[cfg(test)] a: apple::A, b: pear::B }", &[".pear::B:1"], &[".apple::A:1"]);
    check(
        "#[cfg(test)] impl<A, B> T<A, B> for apple::S { fn f() { fig::x() } }\nuse pear::Y;",
        &["pear::Y:2"],
        &[".apple::S:1", ".fig::x:1"],
    );
    check(
        "#[cfg(test)] pub(crate) fn f(a: apple::A, b: fig::B) { }\nuse pear::Y;",
        &["pear::Y:2"],
        &[".apple::A:1", ".fig::B:1"],
    );
}

#[test]
fn examples_of_documentation_are_tests() {
    check("/// ```\n/// use apple::X;\n/// ```\nfn f() {}", &[], &["apple::X:2"]);
    check("//! ```text\n//! apple::x()\n//! ```", &[], &[]);
    let read = read_markdown(&Source {
        path: "README.md",
        bytes: b"# x\n```rust\nuse fig::Y;\n```\n",
        settings: &Settings::default(),
    });
    assert_eq!(names(&read.dev_uses), ["fig::Y:3"]);
}

#[test]
fn other_files_are_linked() {
    let facts = facts(
        "mod a;\nmod b { mod c; }\n#[path = \"x/y.rs\"] mod d;\n#[cfg(test)] mod tests;\ninclude!(\"e.rs\");\n#![doc = include_str!(\"../README.md\")]\n#[cfg_attr(unix, path = \"u.rs\")] mod f;\ninclude!(concat!(env!(\"OUT_DIR\"), \"/g.rs\"));",
    );
    let links = |uses: &[Use]| -> Vec<(String, String)> {
        uses.iter().filter(|u| u.how == How::Load).map(|u| (u.name.clone(), u.value.clone())).collect()
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        links(&facts.uses),
        [
            pair("a", "mod"),
            pair("b/c", "mod"),
            pair("x/y.rs", "path"),
            pair("e.rs", "include"),
            pair("u.rs", "path"),
            pair("f", "mod")
        ]
    );
    assert_eq!(links(&facts.dev_uses), [pair("tests", "mod"), pair("../README.md", "doc")]);
    assert!(facts.uses.iter().any(|u| u.how == How::Computed && u.line == 8));
}

#[test]
fn macros_are_told_with_their_rules() {
    let facts = facts(
        "#[macro_export]\nmacro_rules! say { ($a:expr) => { big_fluent::x($a) } }\nfn f() { say!(1); println!(\"x\"); }",
    );
    let of = |how| {
        facts.uses.iter().filter(|u| u.how == how).map(|u| (u.name.as_str(), u.value.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(of(How::Setting), [("say!", "$expr\tbig_fluent\n")]);
    assert_eq!(of(How::Call), [("say!", "L")]);
    assert_eq!(of(How::Name), [("big_fluent::x", "")]);
    let facts = self::facts("#[error(\"{}\", say!(\"a\", \"b\" => c))] struct S;");
    assert!(facts.uses.iter().any(|u| u.how == How::Call && u.value == "L,L=>I"));
}

#[test]
fn broken_text_is_read_as_far_as_it_goes() {
    check("use apple::{a, b", &["apple::a:1", "apple::b:1"], &[]);
    check("#[cfg(test", &[], &[]);
    check("}}} fn f() { apple::x() ", &[".apple::x:1"], &[]);
    let deep = format!("{}use apple::x;", "{".repeat(100_000));
    check(&deep, &["apple::x:1"], &[]);
    let nested = format!("use apple::{}x", "{a::".repeat(50_000));
    assert!(!facts(&nested).uses.is_empty());
}
