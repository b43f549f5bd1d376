//! What depslim says that a base lacks, and what happens on such a base: each artefact is tried on systems that hold what it needs,
//! and on ones that do not.

#![expect(clippy::unwrap_used, reason = "what a story needs and does not get fails it")]

use depslim_image::catalogue::Contents;
use depslim_image::{Installed, scan};
use depslim_tests::system::{SHOWN, debian, debian_with, distroless, machine, musl, nothing, on};
use depslim_tests::{binary, run, stderr, stdout, tools, uv};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A system that exists here, and what the catalogue says that it holds.
fn system(name: &str) -> (PathBuf, Contents) {
    let c = ["libc6"];
    let cc = |gcc| [&c[..], &["libgcc-s1", "libstdc++6", "libgomp1", gcc]].concat();
    let known = |name| Contents::find(name).unwrap();
    match name {
        "scratch" => (nothing(), Contents::NOTHING),
        "musl" => (musl(), known("alpine-3.20")),
        "base 12" => (distroless("bookworm", &c), known("dl-base-nossl-debian12")),
        "cc 12" => (distroless("bookworm", &cc("gcc-12-base")), known("dl-cc-debian12")),
        "cc 13" => (distroless("trixie", &[cc("gcc-14-base"), vec!["zlib1g"]].concat()), known("dl-cc-debian13")),
        "slim 12" => (debian("bookworm"), known("debian-bookworm-slim")),
        "slim 13" => (debian("trixie"), known("debian-trixie-slim")),
        other => panic!("no system is called {other}"),
    }
}

/// How an artefact is tried.
#[derive(Clone, Copy)]
enum Try<'a> {
    /// It is started, with these arguments.
    Start(&'a [&'a str]),
    /// The loader of the system loads it: what an interpreter would have it do.
    Load,
}

/// Tries the file of a folder on systems: what each lacks by depslim's word (nothing, or what comes first), and what happens.
fn check(folder: &Path, file: &str, how: Try<'_>, expect: &[(&str, &str)]) {
    machine();
    let all: Vec<String> = run(Command::new("find").arg(folder).args(["-type", "f", "-printf", "%P\n"]))
        .lines()
        .map(str::to_owned)
        .collect();
    let installed = Installed { package: "artefact".into(), site: folder.to_owned(), files: all };
    let needs = scan(&[installed], "x86_64");
    assert!(needs.damaged.is_empty(), "{:?}", needs.damaged);
    for (name, lacking) in expect {
        let (root, contents) = system(name);
        let lacks: Vec<String> = contents.lacks(&needs).into_iter().map(|(what, _)| what).collect();
        assert_eq!(lacks.first().map_or("", String::as_str), *lacking, "{file} on {name}: {lacks:?}");
        let path = format!("{SHOWN}/{file}");
        let output = match how {
            Try::Start(arguments) => on(&root, folder, &[&[path.as_str()], arguments].concat()).output().unwrap(),
            Try::Load => on(&root, folder, &["/lib64/ld-linux-x86-64.so.2", "--list", &path]).output().unwrap(),
        };
        let said = stdout(&output) + &stderr(&output);
        let works = output.status.success() && !said.contains("not found");
        assert_eq!(works, lacks.is_empty(), "{file} on {name}: predicted {lacks:?}, it says\n{said}");
        if lacking.starts_with("ld-") {
            assert!(said.contains("No such file or directory"), "{file} on {name}: {said}");
        } else if !works {
            assert!(lacks.iter().any(|what| said.contains(what.as_str())), "{file} on {name}: {lacks:?}\n{said}");
        }
    }
}

/// A folder for artefacts of this run.
fn artefact(name: &str) -> PathBuf {
    let folder = binary().parent().unwrap().join("stories/artefacts").join(name);
    fs_err::create_dir_all(folder.join("bin")).unwrap();
    folder
}

/// Compiles a program that says hello.
fn hello(name: &str, compiler: &str, arguments: &[&str]) -> PathBuf {
    machine();
    let folder = artefact(name);
    let sources = tempfile::tempdir().unwrap();
    let (file, text) = match compiler {
        "rustc" => ("hello.rs", "fn main() { println!(\"hello\"); }\n"),
        _ => ("hello.c", "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }\n"),
    };
    fs_err::write(sources.path().join(file), text).unwrap();
    run(Command::new(compiler).arg(sources.path().join(file)).args(arguments).arg("-o").arg(folder.join("bin/hello")));
    folder
}

/// Really published packages, unpacked: the newest that are known to be there.
fn packages() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let into = binary().parent().unwrap().join("stories/artefacts/packages");
        let wanted =
            ["pillow==13.0.0", "psycopg2-binary==2.9.13", "lightgbm==4.7.0", "pycurl==7.49.0", "cryptography==50.0.2"];
        for package in wanted {
            let name = package.split('=').next().unwrap();
            if into.join(name).exists() {
                continue;
            }
            let python = tools().join("python");
            let mut command = uv();
            command.args(["pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--python"]).arg(python);
            run(command.arg("--target").arg(into.join(name)).arg(package));
        }
        into
    })
}

/// The one file of a package whose name begins so.
fn module(package: &str, name: &str) -> String {
    let folder = packages().join(package);
    let found =
        run(Command::new("find").arg(&folder).args(["-name", &format!("{name}*so"), "-type", "f", "-printf", "%P\n"]));
    found.lines().next().unwrap_or_else(|| panic!("{package} has no {name}")).to_owned()
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn a_program_of_c() {
    check(
        &hello("c", "cc", &[]),
        "bin/hello",
        Try::Start(&[]),
        &[
            ("scratch", "ld-linux"),
            ("musl", "ld-linux"),
            ("base 12", ""),
            ("cc 13", ""),
            ("slim 12", ""),
            ("slim 13", ""),
        ],
    );
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn a_static_program_needs_nothing() {
    let all = [("scratch", ""), ("musl", ""), ("base 12", ""), ("slim 13", "")];
    check(&hello("static", "cc", &["-static"]), "bin/hello", Try::Start(&[]), &all);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn a_program_for_musl() {
    check(
        &hello("musl", "musl-gcc", &[]),
        "bin/hello",
        Try::Start(&[]),
        &[("musl", ""), ("scratch", "ld-musl"), ("slim 12", "ld-musl"), ("slim 13", "ld-musl")],
    );
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn a_program_of_rust() {
    check(
        &hello("rust", "rustc", &["-O"]),
        "bin/hello",
        Try::Start(&[]),
        &[("scratch", "ld-linux"), ("musl", "ld-linux"), ("base 12", "libgcc_s.so.1"), ("cc 12", ""), ("slim 13", "")],
    );
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn a_program_of_a_newer_release() {
    let folder = artefact("newer");
    fs_err::copy(debian("trixie").join("usr/bin/sort"), folder.join("bin/sort")).unwrap();
    let lacking = needed(&folder);
    check(&folder, "bin/sort", Try::Start(&["--version"]), &[("slim 13", ""), ("slim 12", &lacking)]);
}

/// What the newer program needs and the older release does not hold: a version of the C library, or a library beside it.
fn needed(folder: &Path) -> String {
    let installed = Installed { package: "sort".into(), site: folder.to_owned(), files: vec!["bin/sort".into()] };
    let needs = scan(&[installed], "x86_64");
    let lacks = Contents::find("debian-bookworm-slim").unwrap().lacks(&needs);
    let (what, _) = lacks.first().unwrap_or_else(|| panic!("nothing is lacking: {needs:?}"));
    assert!(what.starts_with("GLIBC_2.") || what.starts_with("libcrypto"), "{what}");
    what.clone()
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn a_java_runtime() {
    machine();
    let folder = artefact("java");
    if !folder.join("runtime").exists() {
        run(Command::new("jlink")
            .args(["--add-modules", "java.base", "--strip-debug", "--output"])
            .arg(folder.join("runtime")));
    }
    let runtime = folder.join("runtime");
    let expect = [("scratch", "ld-linux"), ("cc 12", "libz.so.1"), ("cc 13", ""), ("slim 12", ""), ("slim 13", "")];
    check(&runtime, "bin/java", Try::Start(&["-version"]), &expect);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn pictures() {
    let folder = packages().join("pillow");
    let file = module("pillow", "_imaging.");
    check(&folder, &file, Try::Load, &[("cc 12", "libz.so.1"), ("cc 13", ""), ("slim 12", ""), ("slim 13", "")]);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn a_database_driver() {
    let folder = packages().join("psycopg2-binary");
    let file = module("psycopg2-binary", "_psycopg.");
    check(&folder, &file, Try::Load, &[("cc 12", "libz.so.1"), ("cc 13", ""), ("slim 12", "")]);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn transfers() {
    let folder = packages().join("pycurl");
    let file = module("pycurl", "_pycurl.");
    check(&folder, &file, Try::Load, &[("cc 12", "libz.so.1"), ("cc 13", ""), ("slim 13", "")]);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn cryptography() {
    let folder = packages().join("cryptography");
    let file = module("cryptography", "_rust.");
    check(&folder, &file, Try::Load, &[("base 12", "libgcc_s.so.1"), ("cc 12", ""), ("slim 12", ""), ("slim 13", "")]);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn machine_learning_and_the_system_package_that_it_needs() {
    let folder = packages().join("lightgbm");
    let file = module("lightgbm", "lib_lightgbm.");
    check(&folder, &file, Try::Load, &[("slim 12", "libgomp.so.1"), ("slim 13", "libgomp.so.1"), ("cc 13", "")]);
    // What depslim says to install there: the package that the tables name for the library.
    let package = depslim_image::catalogue::package_of("libgomp.so.1", "bookworm").unwrap();
    let path = format!("{SHOWN}/{file}");
    let root = debian_with("bookworm", &[package]);
    let said = run(&mut on(&root, &folder, &["/lib64/ld-linux-x86-64.so.2", "--list", &path]));
    assert!(said.contains("libgomp.so.1 => /") && !said.contains("not found"), "{said}");
}
