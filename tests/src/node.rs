//! Clients of Node, installed once a run, and applications that are started and asked.

use crate::{binary, run};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// What each client is installed from: the versions that the stories were written with.
const CLIENTS: &[(&str, &str)] =
    &[("pnpm", "pnpm@10.34.8"), ("yarn1", "yarn@1.22.22"), ("yarn4", "@yarnpkg/cli-dist@4.18.1")];

/// A client by its name: `npm` is the machine's own, `pnpm`, `yarn1` and `yarn4` are installed.
///
/// # Panics
/// When it can't be installed.
pub fn client(name: &str) -> Command {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    if name == "npm" {
        return quiet(Command::new("npm"));
    }
    let folder = MADE.get_or_init(|| {
        let into = binary().parent().map_or_else(PathBuf::new, Path::to_owned).join("stories").join("node-clients");
        for (name, package) in CLIENTS {
            let prefix = into.join(name);
            if !prefix.join("node_modules").exists() {
                run(quiet(Command::new("npm"))
                    .args(["install", "--no-audit", "--no-fund", package])
                    .arg("--prefix")
                    .arg(&prefix));
            }
        }
        into
    });
    let program = if name == "pnpm" { "pnpm" } else { "yarn" };
    quiet(Command::new(folder.join(name).join("node_modules/.bin").join(program)))
}

fn quiet(mut command: Command) -> Command {
    command.env("COREPACK_ENABLE_STRICT", "0").env("YARN_ENABLE_TELEMETRY", "0").env("CI", "true");
    command.env_remove("NODE_OPTIONS");
    command
}

/// Starts a server that says `listening on PORT`, asks it for its first page, and stops it.
///
/// # Panics
/// When it does not start, or does not answer.
pub fn answer(folder: &Path, server: &str) -> String {
    let mut child = Command::new("node")
        .current_dir(folder)
        .arg(server)
        .env("PORT", "0")
        .env("NODE_ENV", "production")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("node can't be started: {e}"));
    let said = child.stdout.take().map(BufReader::new);
    let line = said.and_then(|lines| lines.lines().map_while(Result::ok).find(|line| line.contains("listening on")));
    let answer = line.as_deref().and_then(|line| line.rsplit(' ').next()?.parse::<u16>().ok()).map(page);
    let _ = child.kill();
    let output = child.wait_with_output().unwrap_or_else(|e| panic!("{e}"));
    answer.unwrap_or_else(|| panic!("{server} did not start:\n{}", String::from_utf8_lossy(&output.stderr)))
}

fn page(port: u16) -> String {
    let mut text = String::new();
    let asked = TcpStream::connect(("127.0.0.1", port)).and_then(|mut stream| {
        stream.write_all(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        stream.read_to_string(&mut text)
    });
    if let Err(e) = asked {
        panic!("the server does not answer: {e}");
    }
    text
}
