//! `cargo xtask images`: what images of the bundled applications weigh, built as their own container files say and as depslim writes
//! them. Prints the table of `docs/image-sizes.md`.

use depslim_image::catalogue::bases;
use depslim_tests::images::{build, buildah, files_in, layers, mounted};
use depslim_tests::python::{FULL, SLIM, full, full_base, slim_base};
use depslim_tests::system::{as_root, distroless, on};
use depslim_tests::{command, copy, run, stderr, stdout, with_clients};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Published bases that can't be made of Debian's packages: bytes uncompressed, amd64, and where the figure is from.
const PUBLISHED: &[(&str, u64, &str)] = &[
    ("node:24", 1_230_000_000, "docker-library/repo-info, 2026-09-09"),
    ("node:24-alpine", 170_800_000, "docker-library/repo-info, 2026-09"),
    ("nginx:1.31-alpine-slim", 12_830_000, "docker-library/repo-info, 2026-09-17"),
    ("golang:1.27-alpine", 252_700_000, "docker-library/repo-info, 2026-08-19"),
    ("eclipse-temurin:21-jre-noble", 287_500_000, "docker-library/repo-info, 2026-08-21"),
];

/// For static programs of Rust.
const TARGET: &str = "x86_64-unknown-linux-musl";

/// An application of Python: its folder below `fixtures/apps`, and what must be importable in each of its images.
const PYTHON: &[(&str, &str, &str)] = &[
    ("blog", "Django + MariaDB", "import MySQLdb, PIL._imaging, markdown, blog.wsgi"),
    ("notes/api", "FastAPI", "import app.main, multipart, email_validator, uvicorn"),
    (
        "newsroom",
        "Django + supervisor",
        "import newsroom.wsgi, newsroom.celery, feeds.tasks, supervisor.supervisord, gunicorn",
    ),
    ("charts", "Flask + pandas", "import app, gunicorn"),
    ("hello/python", "Python, a request", "import httpx, ssl; assert ssl.create_default_context().get_ca_certs()"),
];

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|w| name.starts_with(w.as_str()));
    let mut table = String::from("| application | before | slim | scratch |\n|---|--:|--:|--:|\n");
    if PYTHON.iter().any(|(name, _, _)| is_wanted(name)) {
        full_base();
        slim_base();
    }
    for (name, title, imports) in PYTHON.iter().filter(|(name, _, _)| is_wanted(name)) {
        let row = python(name, imports);
        tell(&format!("{name}: {row:?}"));
        let _ = writeln!(table, "| `{name}`: {title} | {} | {} | {} |", row[0], row[1], row[2]);
    }
    if is_wanted("notes/web") {
        let _ = writeln!(table, "{}", web());
    }
    for line in [go, rust, java, node].into_iter().filter(|_| is_wanted("hello/programs")).flat_map(|of| of()) {
        let _ = writeln!(table, "{line}");
    }
    tell("");
    print(&table);
}

/// What one application weighs: as its container file says, as the one that depslim writes says, and from nothing.
fn python(name: &str, imports: &str) -> [String; 3] {
    tell(&format!("{name}: installing …"));
    let system = full();
    let short = name.replace('/', "-");
    let inside = PathBuf::from("/srv").join(&short);
    let project = system.join(format!("srv/{short}"));
    run(as_root("rm").arg("-rf").arg(&project));
    let fixture =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).join("fixtures/apps").join(name);
    copy(&fixture, &project);
    let within = |words: &[&str]| {
        let bundle = "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt";
        run(as_root("/usr/sbin/chroot").arg(&system).args(["/usr/bin/env", "-C"]).arg(&inside).arg(bundle).args(words))
    };
    within(&["python3", "-m", "venv", "--without-pip", ".venv"]);
    let python = format!("--python={}/.venv/bin/python", inside.display());
    within(&["python3", "-m", "pip", "--quiet", &python, "install", "--no-compile", "-r", "requirements.txt"]);

    tell(&format!("{name}: exporting …"));
    let output = with_clients(&project, &["export"]).output().unwrap_or_else(|e| panic!("{e}"));
    assert!(output.status.success(), "{}", stderr(&output));
    let folder = tempfile::tempdir_in(project.parent().unwrap_or(Path::new("/"))).unwrap_or_else(|e| panic!("{e}"));
    let rootfs = folder.path().join("rootfs");
    let mut collect = command(&project, &["export", "--out-dir"]);
    let output =
        collect.arg(folder.path().join("slim")).arg("--from").arg(&system).arg("--rootfs").arg(&rootfs).output();
    let output = output.unwrap_or_else(|e| panic!("{e}"));
    assert!(output.status.success(), "{}", stderr(&output));
    tell(&(stdout(&output) + &stderr(&output)));

    tell(&format!("{name}: building …"));
    let scratch = format!("scratch/{short}");
    build(&scratch, &folder.path().join("slim/Dockerfile.scratch"), &rootfs, None);
    let venv = inside.join(".venv/bin/python");
    works(&scratch, &inside, &venv.to_string_lossy(), imports);
    let from_nothing: u64 = layers(&scratch).iter().sum();

    let slim = format!("slim/{short}");
    let ignore = project.join("slim/Dockerfile.dockerignore");
    build(&slim, &project.join("slim/Dockerfile"), &project, Some(&ignore));
    works(&slim, &workdir(&slim), "/opt/venv/bin/python", imports);
    let slim = on_base(&slim, SLIM);

    let before = format!("before/{short}");
    run(as_root("rm").arg("-rf").arg(project.join(".venv")));
    build(&before, &project.join("Dockerfile"), &project, None);
    let before = on_base(&before, FULL);
    for image in ["scratch", "slim", "before"] {
        let _ = buildah(&["rmi", "--force", &format!("{image}/{short}")]).output();
    }
    run(as_root("rm").arg("-rf").arg(&project));
    [before, slim, format!("**{}**", megabytes(from_nothing))]
}

/// The published base's bytes and those of the layers that were built on the one made here.
fn on_base(name: &str, base: &str) -> String {
    let reference = base.rsplit('/').next().unwrap_or(base);
    let published = bases("python").find(|b| b.image == reference).map_or(0, |b| b.about());
    let own: u64 = layers(name).iter().skip(layers(base).len()).sum();
    format!("{} + {} = **{}**", megabytes(published), megabytes(own), megabytes(published + own))
}

fn workdir(name: &str) -> PathBuf {
    PathBuf::from(depslim_tests::images::start(name).1)
}

/// The program's modules load in the image, by its own interpreter, read-only and without rights.
fn works(name: &str, folder: &Path, python: &str, imports: &str) {
    mounted(name, |system| {
        let mut command =
            depslim_tests::system::inside(system, folder, &[("PYTHONDONTWRITEBYTECODE", "1")], &[python, "-c"]);
        run(command.arg(imports));
    });
}

/// The front end: what its build makes, served by nginx; before, with all that building it takes.
fn web() -> String {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    copy(&root.join("fixtures/apps/notes/web"), folder.path());
    let npm = |words: &[&str]| run(Command::new("npm").current_dir(folder.path()).args(words));
    npm(&["install", "--no-audit", "--no-fund", "--loglevel=error"]);
    npm(&["run", "build", "--silent"]);
    let (all, built) = (files_in(folder.path()), files_in(&folder.path().join("dist")));
    format!("| `notes/web`: React | {} | {} | |", sum("node:24", all), sum("nginx:1.31-alpine-slim", built))
}

fn go() -> Vec<String> {
    let compile = |program: &str, into: &Path| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
        let mut command = Command::new("go");
        command.current_dir(root.join("fixtures/apps/hello/go")).env("CGO_ENABLED", "0");
        run(command.args(["build", "-trimpath", "-ldflags", "-s -w", "-o"]).arg(into).arg(format!("./{program}")));
    };
    let mut lines = Vec::new();
    for (program, title) in [("hello", "Go, hello"), ("net", "Go, a request")] {
        let folder = static_folder(program == "net");
        compile(program, &folder.path().join("program"));
        let size = from_nothing(folder.path());
        let before = sum("golang:1.27-alpine", files_in(&folder.path().join("program")));
        lines.push(format!("| {title} | {before} | | **{}** |", megabytes(size)));
    }
    lines
}

fn rust() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    // The target's own library is small and static; the one of the GNU C library is twice as large.
    run(Command::new("rustup").args(["target", "add", TARGET]));
    let mut lines = Vec::new();
    for (program, title) in [("hello", "Rust, hello"), ("net", "Rust, a request")] {
        let folder = static_folder(false);
        let mut command = Command::new("rustc");
        command
            .arg(root.join(format!("fixtures/apps/hello/rust/{program}.rs")))
            .arg("-o")
            .arg(folder.path().join("program"));
        let flags = ["opt-level=z", "lto=fat", "codegen-units=1", "panic=abort", "strip=symbols"];
        run(command.args(["--edition", "2024", "--target", TARGET]).args(flags.iter().flat_map(|flag| ["-C", flag])));
        lines.push(format!("| {title} | not measured | | **{}** |", megabytes(from_nothing(folder.path()))));
    }
    lines
}

/// A runtime with what the program needs of it, on a system with the C and C++ libraries and zlib.
fn java() -> Vec<String> {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let source = root.join("fixtures/apps/hello/java/Hello.java");
    run(Command::new("javac").arg("-d").arg(folder.path()).arg(source));
    let runtime = folder.path().join("runtime");
    let less = ["--strip-java-debug-attributes", "--no-man-pages", "--no-header-files", "--compress=2"];
    run(Command::new("jlink").args(["--add-modules", "java.base"]).args(less).arg("--output").arg(&runtime));
    let packages = ["libc6", "libgcc-s1", "libstdc++6", "gcc-14-base", "zlib1g"];
    let system = distroless("trixie", &packages);
    let said = run(&mut on(&system, folder.path(), &["/shown/runtime/bin/java", "-cp", "/shown", "Hello"]));
    assert_eq!(said, "hello\n");
    depslim_tests::images::import("docker.io/story/cc:13", &system);
    let file = folder.path().join("Dockerfile");
    let text = "FROM docker.io/story/cc:13\nCOPY runtime /opt/java\nCOPY Hello.class /app/\nUSER 10001:10001\nCMD [\"/opt/java/bin/java\", \"-cp\", \"/app\", \"Hello\"]\n";
    fs_err::write(&file, text).unwrap_or_else(|e| panic!("{e}"));
    build("after/java", &file, folder.path(), None);
    let size: u64 = layers("after/java").iter().sum();
    let before = sum("eclipse-temurin:21-jre-noble", files_in(&folder.path().join("Hello.class")));
    vec![format!("| Java, hello | {before} | **{}** | |", megabytes(size))]
}

fn node() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let own = files_in(&root.join("fixtures/apps/hello/node"));
    vec![format!("| Node, hello | {} | {} | |", sum("node:24", own), sum("node:24-alpine", own))]
}

/// A folder for a static program, with certificates when it asks servers over TLS.
fn static_folder(certificates: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    if certificates {
        let place = folder.path().join("etc/ssl/certs");
        fs_err::create_dir_all(&place).unwrap_or_else(|e| panic!("{e}"));
        fs_err::copy("/etc/ssl/certs/ca-certificates.crt", place.join("ca-certificates.crt"))
            .unwrap_or_else(|e| panic!("{e}"));
    }
    folder
}

/// Builds an image of a folder alone, starts its program there, and gives its bytes.
fn from_nothing(folder: &Path) -> u64 {
    let files = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let file = files.path().join("Dockerfile");
    fs_err::write(&file, "FROM scratch\nCOPY . /\nUSER 10001:10001\nCMD [\"/program\"]\n")
        .unwrap_or_else(|e| panic!("{e}"));
    build("after/static", &file, folder, None);
    run(&mut on(&depslim_tests::system::nothing(), folder, &["/shown/program"]));
    layers("after/static").iter().sum()
}

fn sum(base: &str, own: u64) -> String {
    let (_, published, _) = PUBLISHED.iter().find(|(name, _, _)| *name == base).unwrap_or_else(|| panic!("{base}"));
    format!("{} + {} = **{}** ¹", megabytes(*published), megabytes(own), megabytes(published + own))
}

fn megabytes(bytes: u64) -> String {
    let tenths = (bytes + 50_000) / 100_000;
    if bytes < 10_000_000 {
        return format!("{}.{:02} MB", (bytes + 5_000) / 1_000_000, (bytes + 5_000) / 10_000 % 100);
    }
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

#[expect(clippy::print_stdout, reason = "the table is what the program is for")]
fn print(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "a person waits for minutes and wants to know what for")]
fn tell(text: &str) {
    eprintln!("{text}");
}
