//! Bases for images of compiled programs, of Node and of Java, made of Debian's own packages and of this machine's tools, under the
//! names of the published images.

use crate::images::{import, import_with};
use crate::run;
use crate::system::{as_root, debian, debian_filled, distroless, filled, with_processes};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a compiler of another language needs of the system.
const COMPILERS: &[&str] = &["ca-certificates", "gcc", "libc6-dev"];

/// The image of Node 24, and the slim one on the same release: with this machine's Node and npm.
pub const NODE_FULL: &str = "docker.io/library/node:24";
/// The slim one.
pub const NODE: &str = "docker.io/library/node:24-trixie-slim";
/// The images that programs of Go and Rust are built in; their toolchains are this machine's, shown to the build.
pub const GO: &str = "docker.io/library/golang:1.27-trixie";
/// Of Rust.
pub const RUST: &str = "docker.io/library/rust:1-slim-trixie";
/// The image that programs of Java are built in: with Debian's own Maven and JDK.
pub const MAVEN: &str = "docker.io/library/maven:3.9-eclipse-temurin-21";
/// What programs stand on: that link nothing, or C and C++ libraries; and what has a shell.
pub const STATIC: &str = "gcr.io/distroless/static-debian13:nonroot";
/// With C and C++ libraries.
pub const LIBRARIES: &str = "gcr.io/distroless/cc-debian13:nonroot";
/// With a shell.
pub const DEBIAN: &str = "docker.io/library/debian:trixie-slim";

/// The image of Node with this machine's own.
///
/// # Panics
/// When it can't be made.
pub fn node() {
    let system = debian_filled("node", &["ca-certificates"], |into| {
        trusted(into);
        let node = run(Command::new("node").args(["-p", "process.execPath"]));
        let npm = run(Command::new("npm").args(["root", "--global"]));
        let local = into.join("usr/local");
        run(as_root("mkdir").arg("-p").arg(local.join("bin")).arg(local.join("lib/node_modules")));
        run(as_root("cp").arg("--dereference").arg(node.trim()).arg(local.join("bin/node")));
        run(as_root("cp")
            .args(["--archive"])
            .arg(Path::new(npm.trim()).join("npm"))
            .arg(local.join("lib/node_modules")));
        for name in ["npm", "npx"] {
            let program = format!("../lib/node_modules/npm/bin/{name}-cli.js");
            run(as_root("ln").args(["--symbolic", "--force", &program]).arg(local.join("bin").join(name)));
        }
    });
    for name in [NODE, NODE_FULL] {
        import(name, &system);
    }
}

/// The image that Go compiles in, and the folders that the build has to be shown.
///
/// # Panics
/// When it can't be made.
pub fn go() -> Vec<(PathBuf, String)> {
    let path = "/usr/local/go/bin:/usr/local/bin:/usr/bin:/bin";
    import_with(GO, &compilers(), &[("PATH", path), ("GOTOOLCHAIN", "local"), ("GOPATH", "/go")]);
    vec![(PathBuf::from(run(Command::new("go").args(["env", "GOROOT"])).trim()), "/usr/local/go:ro".to_owned())]
}

/// The image that Rust compiles in, and the folders that the build has to be shown.
///
/// # Panics
/// When it can't be made.
pub fn rust() -> Vec<(PathBuf, String)> {
    let toolchain = PathBuf::from(run(Command::new("rustc").args(["--print", "sysroot"])).trim());
    let name = toolchain.file_name().unwrap_or_default().to_string_lossy().into_owned();
    // What the image's own step would do: the standard library of the other target.
    run(Command::new("rustup").args(["target", "add", "x86_64-unknown-linux-musl"]));
    let there = format!("/usr/local/rustup/toolchains/{name}");
    let path = format!("{there}/bin:/opt/cargo/bin:/usr/local/bin:/usr/bin:/bin");
    // As the published image has it, so that `rustup` finds its toolchain where it is shown.
    let home = [
        ("PATH", path.as_str()),
        ("CARGO_HOME", "/usr/local/cargo"),
        ("RUSTUP_HOME", "/usr/local/rustup"),
        ("RUSTUP_TOOLCHAIN", &name),
    ];
    import_with(RUST, &compilers(), &home);
    let cargo = std::env::var_os("CARGO_HOME").map_or_else(|| home_folder().join(".cargo"), PathBuf::from);
    vec![(toolchain, format!("{there}:ro")), (cargo.join("bin"), "/opt/cargo/bin:ro".to_owned())]
}

fn home_folder() -> PathBuf {
    PathBuf::from(std::env::var_os("HOME").unwrap_or_default())
}

/// The image that Java is built in.
///
/// # Panics
/// When it can't be made.
pub fn maven() {
    let packages = ["ca-certificates", "openjdk-21-jdk-headless", "maven"];
    import(MAVEN, &debian_filled("maven", &packages, trusted));
}

/// What programs stand on.
///
/// # Panics
/// When an image can't be made.
pub fn finals() {
    import(STATIC, &filled("distroless-static", users));
    let packages = ["libc6", "libgcc-s1", "libstdc++6", "libgomp1", "gcc-14-base", "zlib1g", "libssl3t64", "libzstd1"];
    let system = distroless("trixie", &packages);
    run(as_root("mkdir").arg("-p").arg(system.join("etc/ssl/certs")).arg(system.join("tmp")));
    users(&system);
    import(LIBRARIES, &system);
    import(DEBIAN, &debian("trixie"));
}

/// What the smallest image holds: certificates and users.
fn users(into: &Path) {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    run(as_root("mkdir").arg("-p").arg(into.join("etc/ssl/certs")).arg(into.join("home/nonroot")));
    let accounts = [
        ("passwd", "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n"),
        ("group", "root:x:0:\nnonroot:x:65532:\n"),
    ];
    for (name, text) in accounts {
        fs_err::write(folder.path().join(name), text).unwrap_or_else(|e| panic!("{e}"));
        run(as_root("cp").arg(folder.path().join(name)).arg(into.join("etc").join(name)));
    }
    run(as_root("cp").arg("/etc/ssl/certs/ca-certificates.crt").arg(into.join("etc/ssl/certs")));
}

fn compilers() -> PathBuf {
    debian_filled("compilers", COMPILERS, trusted)
}

/// Trusts whom this machine trusts.
fn trusted(system: &Path) {
    run(as_root("cp")
        .args(["--archive", "--dereference", "/usr/local/share/ca-certificates"])
        .arg(system.join("usr/local/share")));
    // Java has a list of its own, which it makes from the other one.
    with_processes(system, || {
        run(as_root("/usr/sbin/chroot").arg(system).args(["/usr/sbin/update-ca-certificates", "--fresh"]));
    });
    run(as_root("cp").arg("/etc/resolv.conf").arg(system.join("etc/resolv.conf")));
}
