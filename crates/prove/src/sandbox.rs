//! What a run is kept from: bubblewrap shows it the machine read-only, without network, with the copy in the place of the original.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How runs are kept from the world.
#[derive(Debug, Clone)]
pub(crate) struct Sandbox {
    program: Option<PathBuf>,
    network: bool,
    /// Why there is none.
    lacking: &'static str,
}

/// What a run sees where it lies not.
#[derive(Debug, Clone)]
pub(crate) struct Mount {
    /// The folder.
    pub(crate) from: PathBuf,
    /// Where it is seen.
    pub(crate) at: PathBuf,
    /// Whether it may be written to.
    pub(crate) writable: bool,
}

impl Sandbox {
    /// Looks for bubblewrap and tries it.
    pub(crate) fn find(network: bool) -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path).map(|folder| folder.join("bwrap")).find(|program| program.is_file());
        let Some(program) = found.filter(|_| cfg!(target_os = "linux")) else {
            return Self { program: None, network, lacking: "bubblewrap (bwrap) is not installed" };
        };
        let mut trial = Command::new(&program);
        trial.args(base(network)).args(["--", "true"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if trial.status().is_ok_and(|status| status.success()) {
            return Self { program: Some(program), network, lacking: "" };
        }
        Self { program: None, network, lacking: "bubblewrap (bwrap) may not make namespaces here" }
    }

    /// Whether runs are kept from anything.
    pub(crate) fn is_on(&self) -> bool {
        self.program.is_some()
    }

    /// What runs are kept from, for people.
    pub(crate) fn about(&self, writable: bool) -> String {
        let network = if self.network { "with network" } else { "without network" };
        let project = if writable { "on a copy of the project" } else { "project read-only" };
        match self.program {
            Some(_) => format!("in a sandbox {network}, {project}"),
            None => format!("without a sandbox ({}): on a copy of the project, with network", self.lacking),
        }
    }

    /// A command that runs `words` in `folder`. Mounts come in order: later ones lie over earlier ones.
    pub(crate) fn command(&self, words: &[String], folder: &Path, mounts: &[Mount], search: &[PathBuf]) -> Command {
        let Some(program) = &self.program else {
            let (first, rest) = words.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
            // The search path of the run counts, not that of depslim.
            let found =
                search.iter().map(|place| place.join(first)).find(|path| !first.contains('/') && path.is_file());
            let mut command = Command::new(found.unwrap_or_else(|| PathBuf::from(first)));
            command.args(rest).current_dir(folder);
            return command;
        };
        let mut command = Command::new(program);
        command.args(base(self.network));
        // Programs that somebody put below a folder that is empty in the sandbox.
        for place in search.iter().filter(|place| is_hidden(place) && place.is_dir()) {
            command.arg("--ro-bind").arg(place).arg(place);
        }
        for mount in mounts {
            command.arg(if mount.writable { "--bind" } else { "--ro-bind" }).arg(&mount.from).arg(&mount.at);
        }
        command.arg("--chdir").arg(folder).arg("--").args(words);
        command
    }
}

/// Folders that are empty in the sandbox: sockets and temporary files of others are nobody's business.
const EMPTY: &[&str] = &["/tmp", "/run", "/var/tmp"];

/// What NixOS keeps its programs behind.
const RUN: &[&str] = &["/run/current-system", "/run/wrappers"];

fn is_hidden(path: &Path) -> bool {
    EMPTY.iter().any(|folder| path.starts_with(folder))
}

fn base(network: bool) -> Vec<&'static str> {
    let mut words = vec!["--die-with-parent", "--unshare-pid", "--unshare-ipc", "--unshare-uts"];
    if !network {
        words.push("--unshare-net");
    }
    // Root in the sandbox could mount things anew.
    words.extend(["--cap-drop", "CAP_SYS_ADMIN", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]);
    for folder in EMPTY.iter().filter(|folder| Path::new(folder).is_dir() && !(network && **folder == "/run")) {
        words.extend(["--tmpfs", folder]);
    }
    if !network {
        for folder in RUN.iter().filter(|folder| Path::new(folder).exists()) {
            words.extend(["--ro-bind", folder, folder]);
        }
    }
    words
}
