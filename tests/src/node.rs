//! Clients of Node, installed once a run, and applications that are started and asked.

use crate::{binary, run};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Once, OnceLock};

/// What each client is installed from: the versions that the stories were written with.
const CLIENTS: &[(&str, &str)] =
    &[("pnpm", "pnpm@10.34.8"), ("yarn1", "yarn@1.22.22"), ("yarn4", "@yarnpkg/cli-dist@4.18.1")];

/// The file tracer that lists are compared with, and what asks it: bytes of the files below the first argument that the others load.
const TRACER: (&str, &str, &str) = (
    "@vercel/nft",
    "1.11.5",
    r"import { nodeFileTrace } from '@vercel/nft';
import fs from 'node:fs';
import path from 'node:path';
const [base, ...entries] = process.argv.slice(2);
const { fileList } = await nodeFileTrace(entries.map((entry) => path.resolve(base, entry)), { base });
let bytes = 0;
for (const file of fileList) bytes += fs.lstatSync(path.join(base, file)).size;
console.log(bytes);
",
);

/// Bytes of the files that another tracer finds a program to load.
///
/// # Panics
/// When it can't be installed or fails.
pub fn traced_by_another(folder: &Path, entry: &str) -> u64 {
    // Tests run side by side: one installs, the others wait.
    static MADE: Once = Once::new();
    let (name, version, script) = TRACER;
    let prefix = binary().parent().map_or_else(PathBuf::new, Path::to_owned).join("stories").join("node-tracer");
    let asked = prefix.join("trace.mjs");
    MADE.call_once(|| {
        run(quiet(Command::new("npm"))
            .args(["install", "--no-audit", "--no-fund", "--ignore-scripts", &format!("{name}@{version}")])
            .arg("--prefix")
            .arg(&prefix));
        fs_err::write(&asked, script).unwrap_or_else(|e| panic!("{e}"));
    });
    let folder = fs_err::canonicalize(folder).unwrap_or_else(|e| panic!("{e}"));
    let said = run(quiet(Command::new("node")).arg(asked).arg(folder).arg(entry));
    said.trim().parse().unwrap_or_else(|e| panic!("{said}: {e}"))
}

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
    answers(folder, server, &["/"]).remove(0)
}

/// The same for several paths.
///
/// # Panics
/// As [`answer`].
pub fn answers(folder: &Path, server: &str, paths: &[&str]) -> Vec<String> {
    let mut command = Command::new("node");
    ask(command.current_dir(folder).arg(server).env("PORT", "0").env("NODE_ENV", "production"), paths)
}

/// The same for any program.
///
/// # Panics
/// As [`answer`].
pub fn ask(server: &mut Command, paths: &[&str]) -> Vec<String> {
    let started = server.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = started.unwrap_or_else(|e| panic!("{server:?} can't be started: {e}"));
    let said = child.stdout.take().map(BufReader::new);
    let line = said.and_then(|lines| lines.lines().map_while(Result::ok).find(|line| line.contains("listening on")));
    let port = line.as_deref().and_then(|line| line.rsplit(' ').next()?.parse::<u16>().ok());
    let answers = port.map(|port| paths.iter().map(|path| page(port, path)).collect());
    let _ = child.kill();
    let output = child.wait_with_output().unwrap_or_else(|e| panic!("{e}"));
    answers.unwrap_or_else(|| panic!("{server:?} did not start:\n{}", String::from_utf8_lossy(&output.stderr)))
}

fn page(port: u16, path: &str) -> String {
    let mut text = Vec::new();
    let asked = TcpStream::connect(("127.0.0.1", port)).and_then(|mut stream| {
        stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").as_bytes())?;
        stream.read_to_end(&mut text)
    });
    if let Err(e) = asked {
        panic!("the server does not answer: {e}");
    }
    String::from_utf8_lossy(&text).into_owned()
}
