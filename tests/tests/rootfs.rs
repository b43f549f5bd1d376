//! A file system of its own for the bundled application: it starts there, with nothing else around it.

#![expect(clippy::unwrap_used, reason = "what a story needs and does not get fails it")]

use depslim_tests::system::{as_root, inside, machine};
use depslim_tests::{command, depslim, project, run, stderr, stdout, storefront, tools, uv};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Collects a project of this machine into a new folder; gives the folder and what was printed.
fn collect(project: &Path, into: &Path) -> (PathBuf, String) {
    let rootfs = into.join("rootfs");
    let output =
        command(project, &["export", "--out-dir"]).arg(into.join("slim")).arg("--rootfs").arg(&rootfs).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    (rootfs, stdout(&output) + &stderr(&output))
}

/// The bytes that the first line of the output states.
fn stated(said: &str) -> u64 {
    let line = said.lines().find(|l| l.starts_with("wrote ")).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    let at = words.iter().position(|w| *w == "bytes").unwrap();
    words[at - 1].replace(',', "").parse().unwrap()
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn the_application_starts_in_a_chroot_that_holds_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (rootfs, said) = collect(storefront(), folder.path());
    assert!(!said.contains("not found"), "{said}");
    // Each number is that of the files: bytes of what was written, links by their text.
    let find = ["-printf", "%y %s\n"];
    let listed = run(Command::new("find").arg(&rootfs).args(["-not", "-type", "d"]).args(find));
    let bytes: u64 = listed.lines().map(|l| l[2..].parse::<u64>().unwrap()).sum();
    assert_eq!(stated(&said), bytes);
    let parts: u64 = said
        .lines()
        .filter(|l| l.starts_with("  "))
        .map(|l| {
            let words: Vec<&str> = l.split_whitespace().collect();
            words[words.len() - 3].replace(',', "").parse::<u64>().unwrap()
        })
        .sum();
    assert_eq!(parts, bytes, "{said}");

    let site = storefront().join(".venv");
    let start = "import os, ssl, sqlite3, ctypes.util, lzma, bz2, hashlib, zoneinfo, pwd, tempfile, socket\n\
        import django; django.setup()\n\
        import storefront.wsgi, storefront.urls, storefront.celery, catalog.tasks, reports.views, gunicorn.app.wsgiapp\n\
        import psycopg, redis, PIL._imaging, pandas\n\
        import importlib.metadata as metadata\n\
        assert metadata.version('django').startswith('5.'), metadata.version('django')\n\
        assert ssl.create_default_context().get_ca_certs(), 'certificates'\n\
        zoneinfo.ZoneInfo('Europe/Paris'); tempfile.TemporaryFile()\n\
        print(pwd.getpwuid(os.getuid()).pw_name, os.getuid(), os.path.exists('/bin/sh'), socket.gethostbyname('localhost'))";
    let python = site.join("bin/python");
    let at =
        |words: &[&str]| inside(&rootfs, storefront(), &[("DJANGO_SETTINGS_MODULE", "storefront.settings")], words);
    fs_err::write(folder.path().join("hosts"), "127.0.0.1 localhost\n").unwrap();
    run(as_root("cp").arg(folder.path().join("hosts")).arg(rootfs.join("etc/hosts")));
    let told = run(&mut at(&[python.to_str().unwrap(), "-c", start]));
    assert_eq!(told.trim(), "app 10001 False 127.0.0.1");
    run(&mut at(&[python.to_str().unwrap(), "manage.py", "check"]));
    let gunicorn = site.join("bin/gunicorn");
    run(&mut at(&[gunicorn.to_str().unwrap(), "--check-config", "storefront.wsgi:application"]));
    for gone in ["twilio", "pytest", "IPython"] {
        let output = at(&[python.to_str().unwrap(), "-c", &format!("import {gone}")]).output().unwrap();
        assert!(stderr(&output).contains("ModuleNotFoundError"), "{gone}: {}", stderr(&output));
    }
    let scratch = fs_err::read_to_string(folder.path().join("slim/Dockerfile.scratch")).unwrap();
    assert!(scratch.contains("FROM scratch\nCOPY . /\n") && scratch.contains("USER 10001:10001\n"), "{scratch}");
    let words =
        format!("CMD [\"{}\", \"storefront.wsgi:application\", \"--bind\", \"0.0.0.0:8000\"]", gunicorn.display());
    assert!(scratch.contains(&words), "{scratch}");
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn a_server_of_node_answers_from_nothing_but_its_runtime_and_packages() {
    // Not below /tmp, which is empty in the made system.
    let stories = depslim_tests::binary().parent().unwrap().join("stories");
    fs_err::create_dir_all(&stories).unwrap();
    let place = tempfile::tempdir_in(stories).unwrap();
    let app = place.path().canonicalize().unwrap().join("guestbook");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    depslim_tests::copy(&root.join("fixtures/apps/guestbook"), &app);
    run(Command::new("npm").args(["install", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(&app));
    let folder = tempfile::tempdir().unwrap();
    let (rootfs, said) = collect(&app, folder.path());
    // Packages bring scripts for shells; no library is lacking.
    assert!(!said.contains(".so"), "{said}");
    for (name, there) in [("express", true), ("ejs", true), ("mocha", false), ("nodemon", false)] {
        assert_eq!(rootfs.join(&app.to_string_lossy()[1..]).join("node_modules").join(name).exists(), there, "{name}");
    }
    assert!(!rootfs.join("bin/sh").exists());
    let scratch = folder.path().join("slim/Dockerfile.scratch");
    depslim_tests::images::build("story/node-scratch", &scratch, &rootfs, None);
    let page = depslim_tests::images::answer("story/node-scratch");
    assert!(page.contains("200 OK"), "{page}");
}

/// A package with a compiled module, as people make them: it links a library of its own in a private folder, that one links a
/// library of the system, and a third is loaded by name.
#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn libraries_that_a_package_finds_by_its_own_paths_come_along() {
    machine();
    let made = project(&[
        (
            "pyproject.toml",
            "[project]\nname = \"wren\"\nversion = \"1\"\nrequires-python = \">=3.9\"\ndependencies = [\"plum\"]\n",
        ),
        ("app.py", "import plum\nprint(plum.answer(), plum.stone())\n"),
        ("Dockerfile", "FROM python:3.12\nCOPY . .\nCMD [\"python\", \"app.py\"]\n"),
        ("c/kernel.c", "#include <zlib.h>\nint kernel(void) { return zlibVersion()[0] == '1' ? 42 : 0; }\n"),
        ("c/plum.c", "int kernel(void);\nint answer(void) { return kernel(); }\n"),
        ("c/stone.c", "int stone(void) { return 7; }\n"),
    ]);
    // Not below /tmp, which is empty in the made system.
    let place = tempfile::tempdir_in(storefront().parent().unwrap()).unwrap();
    let folder = place.path().canonicalize().unwrap();
    depslim_tests::copy(made.path(), &folder);
    run(uv().current_dir(&folder).args(["venv", "--quiet", "--python"]).arg(tools().join("python")).arg(".venv"));
    let python = folder.join(".venv/bin/python");
    let site = run(Command::new(&python).args(["-c", "import site; print(site.getsitepackages()[0])"]));
    let site = PathBuf::from(site.trim());
    fs_err::create_dir_all(site.join("plum")).unwrap();
    fs_err::create_dir_all(site.join("plum.libs")).unwrap();
    let cc = |arguments: &[&str]| {
        run(Command::new("cc").current_dir(folder.join("c")).args(["-shared", "-fPIC"]).args(arguments))
    };
    let libs = site.join("plum.libs");
    let private = folder.join("private");
    fs_err::create_dir_all(&private).unwrap();
    cc(&["kernel.c", "-lz", "-o", libs.join("libkernel.so.3").to_str().unwrap(), "-Wl,-soname,libkernel.so.3"]);
    let module = site.join("plum/_plum.so");
    let origin = "-Wl,-rpath,$ORIGIN/../plum.libs";
    let kernel = libs.join("libkernel.so.3");
    cc(&["plum.c", kernel.to_str().unwrap(), origin, "-o", module.to_str().unwrap()]);
    cc(&["stone.c", "-Wl,-soname,libstone.so.1", "-o", private.join("libstone.so.1").to_str().unwrap()]);
    // Linked through a folder that only this file names, and not brought by any package.
    let back = format!("-Wl,--disable-new-dtags,-rpath,{}", private.display());
    let stone = private.join("libstone.so.1");
    cc(&[
        "-x",
        "c",
        "/dev/null",
        "-x",
        "none",
        "-Wl,--no-as-needed",
        stone.to_str().unwrap(),
        &back,
        "-o",
        site.join("plum/_stone.so").to_str().unwrap(),
    ]);
    let init = "import ctypes, pathlib\nhere = pathlib.Path(__file__).parent\nanswer = ctypes.CDLL(str(here / '_plum.so')).answer\nstone = ctypes.CDLL(str(here / '_stone.so')).stone\n";
    fs_err::write(site.join("plum/__init__.py"), init).unwrap();
    let about = site.join("plum-1.0.dist-info");
    fs_err::create_dir_all(&about).unwrap();
    fs_err::write(about.join("METADATA"), "Metadata-Version: 2.1\nName: plum\nVersion: 1.0\n").unwrap();
    let record = "plum/__init__.py,,\nplum/_plum.so,,\nplum/_stone.so,,\nplum.libs/libkernel.so.3,,\nplum-1.0.dist-info/METADATA,,\nplum-1.0.dist-info/RECORD,,\n";
    fs_err::write(about.join("RECORD"), record).unwrap();

    let out = tempfile::tempdir().unwrap();
    let (rootfs, said) = collect(&folder, out.path());
    assert!(!said.contains("not found"), "{said}");
    let start = || inside(&rootfs, &folder, &[], &[python.to_str().unwrap(), "app.py"]);
    assert_eq!(run(&mut start()).trim(), "42 7");

    // Without the one that is found through the private folder, depslim says so, and the program fails for that very reason.
    fs_err::remove_file(&stone).unwrap();
    let lacking = tempfile::tempdir().unwrap();
    let (rootfs, said) = collect(&folder, lacking.path());
    assert!(
        said.contains("not found: ") && said.contains("libstone.so.1, which ") && said.contains("plum/_stone.so links"),
        "{said}"
    );
    let output = inside(&rootfs, &folder, &[], &[python.to_str().unwrap(), "app.py"]).output().unwrap();
    assert!(stderr(&output).contains("libstone.so.1: cannot open shared object file"), "{}", stderr(&output));
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let folder =
        project(&[("pyproject.toml", "[project]\nname = \"wren\"\nversion = \"1\"\ndependencies = [\"plum\"]\n")]);
    let output = depslim(folder.path(), &["export", "--rootfs", "made"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("nothing is installed here"), "{}", stderr(&output));
    assert!(!folder.path().join("made").exists());
}
