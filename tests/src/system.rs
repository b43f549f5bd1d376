//! Root file systems and images without a container engine: programs of the machine's package manager, installed when a test needs
//! them, and folders that stand for systems.

use crate::run;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

/// The user that programs run as in a made system, by number.
pub const USER: &str = "10001";

/// Programs that the stories of images start, with the Debian packages that bring them.
const PROGRAMS: &[(&str, &str)] = &[
    ("debootstrap", "debootstrap"),
    ("buildah", "buildah"),
    ("bwrap", "bubblewrap"),
    ("cc", "gcc libc6-dev"),
    ("musl-gcc", "musl-tools"),
    ("jlink", "default-jdk-headless"),
];

/// A command as root: as it is for root, else through `sudo`.
pub fn as_root(program: impl AsRef<OsStr>) -> Command {
    static ROOT: OnceLock<bool> = OnceLock::new();
    if *ROOT.get_or_init(|| run(Command::new("id").arg("-u")).trim() == "0") {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["--non-interactive", "--"]).arg(program);
    command
}

/// Sees to it that the programs are there, once a run.
///
/// # Panics
/// When they can't be installed: a story of images that can't be told fails.
pub fn machine() {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        let lacking: Vec<&str> =
            PROGRAMS.iter().filter(|(program, _)| !there(program)).flat_map(|(_, names)| names.split(' ')).collect();
        let files = [
            // What the made packages are compiled with, and what Debian's releases are signed with.
            ("/usr/include/zlib.h", "zlib1g-dev"),
            ("/usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring"),
        ];
        let files = files.iter().filter(|(file, _)| !Path::new(file).exists()).map(|(_, name)| *name);
        let wanted: Vec<&str> = lacking.into_iter().chain(files).collect();
        install(&wanted);
    });
}

/// Sees to it that programs are there: (program, Debian packages that bring it).
///
/// # Panics
/// When they can't be installed.
pub fn programs(wanted: &[(&str, &str)]) {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let lacking = wanted.iter().filter(|(program, _)| !there(program));
    install(&lacking.flat_map(|(_, names)| names.split(' ')).collect::<Vec<_>>());
}

/// Whether a program can be started.
fn there(program: &str) -> bool {
    let paths = std::env::var("PATH").unwrap_or_default();
    paths.split(':').chain(["/usr/sbin", "/sbin"]).any(|folder| Path::new(folder).join(program).exists())
}

fn install(packages: &[&str]) {
    if !packages.is_empty() {
        apt(&["update", "--quiet"]);
        apt(&[&["install", "--quiet", "--yes", "--no-install-recommends"], packages].concat());
    }
}

fn apt(arguments: &[&str]) {
    run(as_root("env").args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(arguments));
}

/// A command in a folder that stands for a whole system: read-only, without network, as a user without rights.
pub fn inside(system: &Path, folder: &Path, variables: &[(&str, &str)], words: &[&str]) -> Command {
    machine();
    let mut command = as_root("bwrap");
    command.args(["--unshare-all", "--die-with-parent", "--clearenv", "--uid", USER, "--gid", USER, "--ro-bind"]);
    command.arg(system).args(["/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]);
    for (name, value) in variables {
        command.args(["--setenv", name, value]);
    }
    command.arg("--chdir").arg(folder).args(words);
    command
}

/// A command on a folder of this machine's that the system shows as [`SHOWN`].
pub fn on(system: &Path, shown: &Path, words: &[&str]) -> Command {
    let mut command = as_root("bwrap");
    command.args(["--unshare-all", "--die-with-parent", "--clearenv", "--uid", USER, "--gid", USER, "--ro-bind"]);
    command.arg(system).args(["/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--ro-bind"]);
    command.arg(shown).args([SHOWN, "--chdir", SHOWN]).args(words);
    command
}

/// A Debian release as small as `debootstrap` makes it, less what the slim images leave out; made once and kept below the build
/// folder.
///
/// # Panics
/// When it can't be made.
pub fn debian(suite: &str) -> PathBuf {
    made(suite, |into| {
        run(as_root("/usr/sbin/debootstrap").arg("--variant=minbase").arg(suite).arg(into));
        slim(into);
    })
}

/// The same with more packages.
///
/// # Panics
/// When it can't be made.
pub fn debian_with(suite: &str, packages: &[&str]) -> PathBuf {
    let base = debian(suite);
    made(&format!("{suite}+{}", packages.join("+")), |into| {
        run(as_root("cp").args(["--archive", "--no-target-directory"]).arg(&base).arg(into));
        run(as_root("cp").arg("/etc/resolv.conf").arg(into.join("etc/resolv.conf")));
        let apt = |arguments: &[&str]| {
            let mut command = as_root("/usr/sbin/chroot");
            run(command.arg(into).args(["/usr/bin/env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(arguments));
        };
        // Some packages look at what runs while they are set up.
        with_processes(into, || {
            apt(&["update", "--quiet"]);
            apt(&[&["install", "--quiet", "--yes", "--no-install-recommends"], packages].concat());
        });
        slim(into);
    })
}

/// Only the files of some packages of a release, as distroless images are made.
///
/// # Panics
/// When it can't be made.
pub fn distroless(suite: &str, packages: &[&str]) -> PathBuf {
    // What is not in the smallest system has to be installed before it can be taken from there.
    let base = debian_with(suite, &["libgomp1"]);
    made(&format!("distroless-{suite}+{}", packages.join("+")), |into| {
        let mut list = as_root("/usr/sbin/chroot");
        let files = run(list.arg(&base).args(["/usr/bin/dpkg", "--listfiles"]).args(packages));
        let mut files: Vec<&str> = files.lines().filter(|f| f.len() > 2).map(|f| f.trim_start_matches('/')).collect();
        // Only what slim images still have, and no folders: some of their names are links in a merged system.
        files.retain(|file| {
            let (about, leads) = (fs_err::symlink_metadata(base.join(file)), fs_err::metadata(base.join(file)));
            about.is_ok() && !leads.is_ok_and(|to| to.is_dir())
        });
        for (link, folder) in [("lib", "usr/lib"), ("lib64", "usr/lib64")] {
            run(as_root("mkdir").arg("-p").arg(into.join(folder)));
            run(as_root("ln").args(["-s", folder]).arg(into.join(link)));
        }
        let names = into.with_extension("files");
        fs_err::write(&names, files.join("\n")).unwrap_or_else(|e| panic!("{e}"));
        let archive = into.with_extension("tar");
        run(as_root("tar").arg("-C").arg(&base).arg("-cf").arg(&archive).arg("--files-from").arg(&names));
        run(as_root("tar").arg("-C").arg(into).args(["--keep-directory-symlink", "-xf"]).arg(&archive));
        run(as_root("rm").arg(&archive));
    })
}

/// Does something while a system sees what runs, in `/proc`.
///
/// # Panics
/// When that can't be shown.
pub fn with_processes(system: &Path, work: impl FnOnce()) {
    run(as_root("mount").args(["-t", "proc", "proc"]).arg(system.join("proc")));
    work();
    run(as_root("umount").arg(system.join("proc")));
}

/// The same with programs and files of this machine's, by what `fill` does with the folder.
///
/// # Panics
/// When it can't be made.
pub fn debian_filled(name: &str, packages: &[&str], fill: impl FnOnce(&Path)) -> PathBuf {
    let base = debian_with("trixie", packages);
    made(&format!("trixie-for-{name}"), |into| {
        run(as_root("cp").args(["--archive", "--no-target-directory"]).arg(&base).arg(into));
        fill(into);
    })
}

/// A system of a few files, by what `fill` does with the folder.
///
/// # Panics
/// When it can't be made.
pub fn filled(name: &str, fill: impl FnOnce(&Path)) -> PathBuf {
    made(name, fill)
}

/// A system that holds nothing.
///
/// # Panics
/// When it can't be made.
pub fn nothing() -> PathBuf {
    made("nothing", |_| {})
}

/// A system that holds the C library musl and nothing else.
///
/// # Panics
/// When it can't be made.
pub fn musl() -> PathBuf {
    made("musl", |into| {
        run(as_root("mkdir").arg(into.join("lib")));
        let loader = "/lib/ld-musl-x86_64.so.1";
        run(as_root("cp").args(["--dereference", loader]).arg(into.join("lib")));
    })
}

/// Where a file lies in a made system when [`inside`] is told to show it there: each has this folder.
pub const SHOWN: &str = "/shown";

/// Makes a system below the build folder, unless an earlier run did.
fn made(name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    static MAKING: Mutex<()> = Mutex::new(());
    machine();
    let into = crate::binary().parent().map_or_else(PathBuf::new, Path::to_owned).join("stories/systems").join(name);
    let done = into.with_extension("done");
    let is_done = || done.exists();
    if is_done() {
        return into;
    }
    let _one = MAKING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if !is_done() {
        let _ = as_root("umount").arg(into.join("proc")).output();
        run(as_root("rm").args(["-rf", "--one-file-system"]).arg(&into));
        run(Command::new("mkdir").arg("-p").arg(&into));
        make(&into);
        for folder in ["proc", "dev", "tmp", &SHOWN[1..]] {
            run(as_root("mkdir").arg("-p").arg(into.join(folder)));
        }
        fs_err::write(&done, "").unwrap_or_else(|e| panic!("{e}"));
    }
    into
}

/// Takes out what the slim images of Debian leave out, and downloads.
fn slim(system: &Path) {
    let less = ["var/cache/apt", "var/lib/apt/lists", "usr/share/man", "usr/share/locale", "usr/share/info"];
    run(as_root("rm").arg("-rf").args(less.map(|folder| system.join(folder))));
    let doc = system.join("usr/share/doc");
    run(as_root("find").arg(doc).args(["-type", "f", "-not", "-name", "copyright", "-delete"]));
}
