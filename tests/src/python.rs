//! Bases for images of Python, made of Debian's own packages, under the names of the published images.

use crate::images::import;
use crate::system::{as_root, debian_with};
use crate::{run, tools};
use std::path::{Path, PathBuf};

/// The full image of Python 3.13, and the slim one.
pub const FULL: &str = "docker.io/library/python:3.13";
/// The slim image of Python 3.13 on the same release.
pub const SLIM: &str = "docker.io/library/python:3.13-slim-trixie";

/// What both have.
const RUNTIME: &[&str] = &["python3", "python3-venv", "python3-pip", "ca-certificates", "tzdata", "netbase"];

/// What the full one has beside that, of what the stories compile with.
const COMPILERS: &[&str] =
    &["build-essential", "python3-dev", "pkg-config", "default-libmysqlclient-dev", "libpq-dev", "curl"];

/// A system with Python and compilers.
///
/// # Panics
/// When it can't be made.
pub fn full() -> PathBuf {
    as_published(debian_with("trixie", &[RUNTIME, COMPILERS].concat()))
}

/// A system with Python only.
///
/// # Panics
/// When it can't be made.
pub fn slim() -> PathBuf {
    let system = as_published(debian_with("trixie", RUNTIME));
    // The published slim images have the headers of their interpreter, and nothing else of what compiling takes.
    if !system.join("usr/include/python3.13/Python.h").exists() {
        let headers = "cd /tmp && apt-get update --quiet && apt-get download --quiet libpython3.13-dev \
            && dpkg-deb --fsys-tarfile libpython3.13-dev_*.deb | tar -x -C / ./usr/include && rm -rf libpython3.13-dev_*.deb /var/lib/apt/lists/*";
        run(as_root("/usr/sbin/chroot").arg(&system).args(["/bin/sh", "-e", "-c", headers]));
    }
    system
}

/// Puts the slim one into the store, and the image that `uv` is copied from.
///
/// # Panics
/// When an image can't be made.
pub fn slim_base() {
    import(SLIM, &slim());
    let version = run(crate::uv().arg("--version"));
    let version = version.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    fs_err::copy(tools().join("uv"), folder.path().join("uv")).unwrap_or_else(|e| panic!("{e}"));
    import(&format!("ghcr.io/astral-sh/uv:{version}"), folder.path());
}

/// Puts the full one into the store.
///
/// # Panics
/// When the image can't be made.
pub fn full_base() {
    import(FULL, &full());
}

/// The published images call the interpreter `python` and let `pip` install into it; and what lets this machine reach a package
/// index has to be there.
fn as_published(system: PathBuf) -> PathBuf {
    let run_in = |words: &[&str]| run(as_root("/usr/sbin/chroot").arg(&system).args(words));
    run_in(&["/bin/ln", "--symbolic", "--force", "/usr/bin/python3", "/usr/local/bin/python"]);
    run_in(&["/usr/bin/find", "/usr/lib", "-name", "EXTERNALLY-MANAGED", "-delete"]);
    // What Debian's published images say to their package manager: keep no downloads and no index, leave out documentation.
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    for (path, text) in [("etc/apt/apt.conf.d/docker-clean", CLEAN), ("etc/dpkg/dpkg.cfg.d/docker", EXCLUDES)] {
        let made = folder.path().join("made");
        fs_err::write(&made, text).unwrap_or_else(|e| panic!("{e}"));
        run(as_root("cp").arg(made).arg(system.join(path)));
    }
    let bundle = Path::new("/etc/ssl/certs/ca-certificates.crt");
    if bundle.exists() {
        run(as_root("cp").arg(bundle).arg(system.join("etc/ssl/certs")));
    }
    run(as_root("cp").arg("/etc/resolv.conf").arg(system.join("etc/resolv.conf")));
    system
}

const CLEAN: &str = r#"DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
"#;

const EXCLUDES: &str = "path-exclude /usr/share/doc/*\npath-include /usr/share/doc/*/copyright\npath-exclude /usr/share/man/*\npath-exclude /usr/share/locale/*\npath-exclude /usr/share/info/*\n";
