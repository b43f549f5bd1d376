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
const PROGRAMS: &[(&str, &str)] =
    &[("debootstrap", "debootstrap"), ("buildah", "buildah"), ("bwrap", "bubblewrap"), ("cc", "gcc libc6-dev")];

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
        let there = |program: &str| {
            let paths = std::env::var("PATH").unwrap_or_default();
            paths.split(':').chain(["/usr/sbin", "/sbin"]).any(|folder| Path::new(folder).join(program).exists())
        };
        let lacking: Vec<&str> =
            PROGRAMS.iter().filter(|(program, _)| !there(program)).flat_map(|(_, names)| names.split(' ')).collect();
        // The header of zlib is what the made packages are compiled with.
        let header = if Path::new("/usr/include/zlib.h").exists() { None } else { Some("zlib1g-dev") };
        let wanted: Vec<&str> = lacking.into_iter().chain(header).collect();
        if !wanted.is_empty() {
            apt(&["update", "--quiet"]);
            apt(&[&["install", "--quiet", "--yes", "--no-install-recommends"], wanted.as_slice()].concat());
        }
    });
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

/// A Debian release as small as `debootstrap` makes it, with these packages, below the build folder; made once and kept.
///
/// # Panics
/// When it can't be made.
pub fn debian(suite: &str, packages: &[&str]) -> PathBuf {
    static MAKING: Mutex<()> = Mutex::new(());
    let _one = MAKING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    machine();
    let name = [&[suite], packages].concat().join("+");
    let into = crate::binary().parent().map_or_else(PathBuf::new, Path::to_owned).join("stories/systems").join(name);
    let done = into.with_extension("done");
    if done.exists() {
        return into;
    }
    run(as_root("rm").args(["-rf", "--one-file-system"]).arg(&into));
    run(Command::new("mkdir").arg("-p").arg(&into));
    let mut command = as_root("/usr/sbin/debootstrap");
    command.arg("--variant=minbase");
    if !packages.is_empty() {
        command.arg(format!("--include={}", packages.join(",")));
    }
    run(command.arg(suite).arg(&into));
    // What the slim images of Debian leave out (their `.slimify-excludes`), and downloads.
    let less = ["var/cache/apt", "var/lib/apt/lists", "usr/share/man", "usr/share/locale", "usr/share/info"];
    run(as_root("rm").arg("-rf").args(less.map(|folder| into.join(folder))));
    run(as_root("find").arg(into.join("usr/share/doc")).args(["-type", "f", "-not", "-name", "copyright", "-delete"]));
    fs_err::write(done, "").unwrap_or_else(|e| panic!("{e}"));
    into
}
