//! A made system, and what is collected from it.

use super::*;
use crate::testing::{Made, library};
use std::os::unix::fs::{PermissionsExt as _, symlink};

/// A made program: a library with a program header that names a loader.
fn program(needed: &[&str], loader: &str) -> Vec<u8> {
    let mut file = library(&Made { needed, ..Made::default() });
    let at = file.len() as u64;
    let mut header = Vec::new();
    header.extend(3u32.to_le_bytes());
    header.extend(4u32.to_le_bytes());
    header.extend((at + 56).to_le_bytes());
    header.extend([0u8; 16]);
    let length = loader.len() as u64 + 1;
    header.extend(length.to_le_bytes());
    header.extend(length.to_le_bytes());
    header.extend(1u64.to_le_bytes());
    file.extend(header);
    file.extend(loader.bytes().chain([0]));
    file[32..40].copy_from_slice(&at.to_le_bytes());
    file[56..58].copy_from_slice(&1u16.to_le_bytes());
    file
}

struct Bench {
    folder: tempfile::TempDir,
    source: Source,
}

impl Bench {
    /// A system with an interpreter, its library, and an environment at /srv/shop/.venv.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("system");
        let bench = Self { folder, source: Source { root, own: Vec::new() } };
        let links = |needed: &[&str]| library(&Made { needed, ..Made::default() });
        bench.file("/usr/lib64/ld-linux-x86-64.so.2", &links(&[]));
        bench.file("/etc/ld.so.conf", b"/usr/local/lib\n");
        bench.file(
            "/usr/local/bin/python3.12",
            &program(&["libpython3.12.so.1.0", "libc.so.6"], "/lib64/ld-linux-x86-64.so.2"),
        );
        bench.file("/usr/local/lib/libpython3.12.so.1.0", &links(&["libm.so.6"]));
        bench.file("/usr/local/lib/python3.12/os.py", b"");
        bench.file("/usr/local/lib/python3.12/test/test_os.py", b"");
        bench.file("/usr/local/lib/python3.12/idlelib/idle.py", b"");
        bench.file("/usr/local/lib/python3.12/json/__pycache__/x.pyc", b"");
        bench.file("/usr/local/lib/python3.12/site-packages/pip.py", b"");
        bench.file("/usr/local/lib/python3.12/lib-dynload/_ssl.cpython-312.so", &links(&["libssl.so.3"]));
        for name in ["libc.so.6", "libm.so.6", "libgcc_s.so.1", "libmagic.so.1", "libunused.so.1"] {
            bench.file(&format!("/usr/lib/x86_64-linux-gnu/{name}"), &links(&[]));
        }
        bench.file("/usr/lib/x86_64-linux-gnu/libssl.so.3", &links(&["libcrypto.so.3"]));
        bench.file("/usr/lib/x86_64-linux-gnu/libcrypto.so.3.0.2", &links(&[]));
        bench.link("/usr/lib/x86_64-linux-gnu/libcrypto.so.3", "libcrypto.so.3.0.2");
        bench.file("/usr/lib/x86_64-linux-gnu/ossl-modules/legacy.so", &links(&["libcrypto.so.3", "libz.so.1"]));
        bench.file("/usr/share/ca-certificates/plum.crt", b"certificate");
        bench.link("/etc/ssl/certs/plum.pem", "/usr/share/ca-certificates/plum.crt");
        bench.file("/etc/ssl/private/key.pem", b"secret");
        bench.file("/usr/share/misc/magic.mgc", b"magic");
        bench.file("/usr/share/zoneinfo/Europe/Paris", b"TZif");
        bench.file("/usr/share/zoneinfo/right/Europe/Paris", b"TZif");
        bench.link("/lib", "usr/lib");
        bench.link("/lib64", "usr/lib64");
        bench.link("/srv/shop/.venv/bin/python3", "/usr/local/bin/python3.12");
        bench.link("/srv/shop/.venv/bin/python", "python3");
        bench.file("/srv/shop/.venv/pyvenv.cfg", b"home = /usr/local/bin\n");
        bench
    }

    fn file(&self, path: &str, bytes: &[u8]) {
        let place = self.source.on_disk(Path::new(path));
        fs_err::create_dir_all(place.parent().unwrap()).unwrap();
        fs_err::write(place, bytes).unwrap();
    }

    fn link(&self, path: &str, text: &str) {
        let place = self.source.on_disk(Path::new(path));
        fs_err::create_dir_all(place.parent().unwrap()).unwrap();
        symlink(text, place).unwrap();
    }

    fn wanted(&self, packages: &[(&str, Vec<u8>)]) -> Wanted {
        let packages = packages.iter().map(|(file, bytes)| {
            let path = format!("/srv/shop/.venv/lib/python3.12/site-packages/{file}");
            self.file(&path, bytes);
            PathBuf::from(path)
        });
        Wanted {
            language: "python".to_owned(),
            version: "3.12".to_owned(),
            environment: "/srv/shop/.venv".into(),
            packages: packages.collect(),
            user: 10_001,
            ..Wanted::default()
        }
    }

    fn collect(&self, packages: &[(&str, Vec<u8>)]) -> Collected {
        collect(&self.source, &self.wanted(packages)).unwrap()
    }
}

fn check(collected: &Collected, here: &[&str], not_here: &[&str]) {
    for path in here {
        assert!(collected.tree.has(Path::new(path)), "{path} is missing");
    }
    for path in not_here {
        assert!(!collected.tree.has(Path::new(path)), "{path} is there");
    }
}

#[test]
fn the_interpreter_comes_with_its_library_and_all_that_they_link() {
    let collected = Bench::new().collect(&[]);
    assert_eq!(collected.interpreter, Path::new("/usr/local/bin/python3.12"));
    check(
        &collected,
        &[
            "/srv/shop/.venv/bin/python",
            "/srv/shop/.venv/pyvenv.cfg",
            "/usr/local/lib/python3.12/os.py",
            "/usr/local/lib/python3.12/lib-dynload/_ssl.cpython-312.so",
            "/usr/local/lib/libpython3.12.so.1.0",
            "/lib64",
            "/usr/lib64/ld-linux-x86-64.so.2",
            "/usr/lib/x86_64-linux-gnu/libcrypto.so.3",
            "/usr/lib/x86_64-linux-gnu/libcrypto.so.3.0.2",
            "/usr/lib/x86_64-linux-gnu/libgcc_s.so.1",
            "/usr/lib/x86_64-linux-gnu/ossl-modules/legacy.so",
            "/etc/ssl/certs/plum.pem",
            "/usr/share/ca-certificates/plum.crt",
            "/etc/passwd",
            "/tmp",
        ],
        &[
            "/usr/local/lib/python3.12/test",
            "/usr/local/lib/python3.12/idlelib",
            "/usr/local/lib/python3.12/site-packages",
            "/usr/local/lib/python3.12/json/__pycache__",
            "/usr/lib/x86_64-linux-gnu/libunused.so.1",
            "/usr/lib/x86_64-linux-gnu/libmagic.so.1",
            "/etc/ssl/private",
            "/usr/share/zoneinfo",
        ],
    );
    // What a library that is loaded by name links counts as well.
    let legacy = PathBuf::from("/usr/lib/x86_64-linux-gnu/ossl-modules/legacy.so");
    assert_eq!(collected.missing, [Missing::Library { name: "libz.so.1".into(), by: legacy }]);
}

#[test]
fn what_kept_files_load_by_name_or_read_comes_along() {
    let bench = Bench::new();
    let magic = b"ctypes.util.find_library('magic')".to_vec();
    let collected = bench.collect(&[("plum/magic.py", magic.clone()), ("plum/days.py", b"import zoneinfo".to_vec())]);
    check(
        &collected,
        &["/usr/lib/x86_64-linux-gnu/libmagic.so.1", "/usr/share/misc/magic.mgc", "/usr/share/zoneinfo/Europe/Paris"],
        &["/usr/share/zoneinfo/right"],
    );
    let mut wanted = bench.wanted(&[("plum/magic.py", magic)]);
    wanted.supplied = wanted.packages.clone();
    let collected = collect(&bench.source, &wanted).unwrap();
    check(&collected, &[], &["/usr/lib/x86_64-linux-gnu/libmagic.so.1"]);
}

#[test]
fn what_is_not_there_is_named_with_the_file_that_needs_it() {
    let bench = Bench::new();
    let made = |needed: &[&str], search| library(&Made { needed, search, ..Made::default() });
    let mut wanted = bench.wanted(&[
        ("plum/_plum.so", made(&["libquince-1a.so.5", "libmedlar.so.2"], Some("$ORIGIN/../plum.libs"))),
        ("plum.libs/libquince-1a.so.5", made(&["libc.so.6"], None)),
        ("other/_other.so", made(&["libquince-1a.so.5"], None)),
    ]);
    bench.file("/srv/shop/.venv/bin/plum", b"#!/bin/sh\n");
    wanted.packages.push("/srv/shop/.venv/bin/plum".into());
    wanted.by_name.push(("sloe".into(), vec!["libsloe.so.1".into(), "libsloe.so.2".into()]));
    wanted.by_name.push(("medick".into(), vec!["libmagic.so.1".into(), "libmagic.so.9".into()]));
    let collected = collect(&bench.source, &wanted).unwrap();
    let site = "/srv/shop/.venv/lib/python3.12/site-packages";
    let missing: Vec<&Missing> = collected
        .missing
        .iter()
        .filter(|m| !matches!(m, Missing::Library { name, .. } if name == "libz.so.1"))
        .collect();
    assert_eq!(
        missing,
        [
            &Missing::Library { name: "libmedlar.so.2".into(), by: format!("{site}/plum/_plum.so").into() },
            &Missing::ByName { names: vec!["libsloe.so.1".into(), "libsloe.so.2".into()], by: "sloe".into() },
            &Missing::Program { path: "/bin/sh".into(), by: "/srv/shop/.venv/bin/plum".into() },
        ]
    );
}

#[test]
fn what_is_written_is_what_was_counted_and_nothing_is_written_over() {
    let bench = Bench::new();
    let collected = bench.collect(&[("plum/__init__.py", b"x = 1\n".to_vec())]);
    let into = bench.folder.path().join("made/rootfs");
    collected.tree.write(&into).unwrap();
    let (mut bytes, mut files, mut open) = (0, 0, vec![into.clone()]);
    while let Some(folder) = open.pop() {
        for entry in fs_err::read_dir(folder).unwrap().map(Result::unwrap) {
            let about = fs_err::symlink_metadata(entry.path()).unwrap();
            if about.is_dir() {
                open.push(entry.path());
            } else {
                bytes += about.len();
                files += u64::from(about.is_file());
            }
        }
    }
    let sums = collected.tree.sums();
    assert_eq!(sums.values().map(|s| (s.bytes, s.files)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1)), (bytes, files));
    assert_eq!(sums[&Part::Packages], Sum { files: 1, bytes: 6 });
    let mode = |path: &str| fs_err::metadata(into.join(path)).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode("tmp"), mode("etc/passwd"), mode("usr")), (0o1777, 0o644, 0o755));
    let cached = cache::read(&fs_err::read(into.join("etc/ld.so.cache")).unwrap());
    assert!(cached.iter().any(|c| c.path == Path::new("/usr/local/lib/libpython3.12.so.1.0")), "{cached:?}");
    let error = collected.tree.write(&into).unwrap_err().to_string();
    assert!(error.ends_with("is not empty; name a folder that does not exist yet"), "{error}");
    let beside: Vec<_> = fs_err::read_dir(into.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(beside, ["rootfs"], "nothing half-done stays");
}

#[test]
fn words_of_the_project_bring_back_what_is_left_out_of_the_standard_library() {
    let bench = Bench::new();
    let mut wanted = bench.wanted(&[]);
    bench.file("/srv/shop/app.py", b"import idlelib\n");
    wanted.application.push("/srv/shop/app.py".into());
    let collected = collect(&bench.source, &wanted).unwrap();
    check(
        &collected,
        &["/usr/local/lib/python3.12/idlelib/idle.py", "/srv/shop/app.py"],
        &["/usr/local/lib/python3.12/test"],
    );
}

#[test]
fn without_an_interpreter_nothing_is_collected() {
    let says = |bench: &Bench, change: &dyn Fn(&mut Wanted)| {
        let mut wanted = bench.wanted(&[]);
        change(&mut wanted);
        collect(&bench.source, &wanted).unwrap_err().to_string()
    };
    let bench = Bench::new();
    assert_eq!(
        says(&bench, &|w| w.environment = "/srv/other".into()),
        "no interpreter: /srv/other/bin/python3 leads to no program here"
    );
    assert_eq!(
        says(&bench, &|w| w.version = "3.9".into()),
        "no standard library: /usr/local/lib/python3.9 is not here"
    );
    bench.file("/usr/local/bin/python3.12", b"#!/bin/sh\n");
    assert_eq!(says(&bench, &|_| ()), "/usr/local/bin/python3.12 is a script, not the interpreter itself");
    assert_eq!(says(&bench, &|w| w.language = "toy".into()), "no runtime of toy is known that could be collected");
}

#[test]
fn records_and_licences_of_the_distribution_come_along() {
    let bench = Bench::new();
    bench.file("/var/lib/dpkg/info/libssl3:amd64.list", b"/.\n/usr\n/lib/x86_64-linux-gnu/libssl.so.3\n");
    bench.file("/var/lib/dpkg/info/other.list", b"/.\n/usr/lib/x86_64-linux-gnu/libunused.so.1\n");
    let record = "Package: libssl3\nStatus: install ok installed\nVersion: 3.0\n";
    bench.file("/var/lib/dpkg/status", format!("Package: other\nVersion: 1\n\n{record}\n").as_bytes());
    bench.file("/usr/share/doc/libssl3/copyright", b"licence");
    let collected = bench.collect(&[]);
    assert_eq!(collected.records.iter().collect::<Vec<_>>(), ["libssl3"]);
    check(
        &collected,
        &["/var/lib/dpkg/status.d/libssl3", "/usr/share/doc/libssl3/copyright"],
        &["/var/lib/dpkg/status.d/other"],
    );
}
