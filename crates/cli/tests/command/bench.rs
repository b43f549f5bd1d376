//! A project on disk with a hand-made environment, and a binary that is run in it with a clean set of variables.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder.
pub(crate) struct Bench {
    dir: tempfile::TempDir,
}

/// What a run left behind.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A folder without anything.
pub(crate) fn empty() -> Bench {
    Bench { dir: tempfile::tempdir().unwrap() }
}

/// A shop that imports `plum`, tests with `damson`, declares `quince` for nothing, and has all three installed. Line 3 of its
/// list is `quince`, line 4 `damson`.
pub(crate) fn shop() -> Bench {
    let bench = empty();
    bench.fill("");
    bench
}

/// A shop where nothing is to be said: it declares `plum` and imports it.
pub(crate) fn clean() -> Bench {
    let bench = shop();
    bench.write("requirements.txt", "plum==2.1\n");
    bench.remove("tests/test_shop.py");
    bench
}

impl Bench {
    /// Puts the shop into a folder.
    pub(crate) fn fill(&self, folder: &str) {
        let at = |path: &str| if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
        self.write(&at("requirements.txt"), "# what the shop needs\nplum==2.1\nquince==0.9\ndamson==3.0\n");
        self.write(&at("shop/__init__.py"), "");
        self.write(&at("shop/till.py"), "import plum\n\nplum.ripen()\n");
        self.write(
            &at("tests/test_shop.py"),
            "import damson\nimport shop.till\n\n\ndef test_till():\n    damson.check()\n",
        );
        self.write(&at(".venv/pyvenv.cfg"), "home = /usr/bin\nversion = 3.11.7\n");
        for (name, version, bytes) in [("plum", "2.1", 9_000), ("quince", "0.9", 40_000), ("damson", "3.0", 20_000)] {
            self.install(folder, name, version, bytes);
        }
    }

    /// Writes an installed package of one module into the environment of a folder.
    pub(crate) fn install(&self, folder: &str, name: &str, version: &str, bytes: usize) {
        let site = Path::new(folder).join(".venv/lib/python3.11/site-packages");
        let info = format!("{name}-{version}.dist-info");
        let module = format!("{name}/__init__.py");
        let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n");
        let record = format!("{module},,\n{info}/METADATA,,\n{info}/RECORD,,\n");
        let filler = "# a line that only takes room\n";
        self.write(&site.join(module).to_string_lossy(), &filler.repeat(bytes / filler.len()));
        self.write(&site.join(&info).join("METADATA").to_string_lossy(), &metadata);
        self.write(&site.join(&info).join("RECORD").to_string_lossy(), &record);
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.file(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs_err::read_to_string(self.file(path)).unwrap()
    }

    pub(crate) fn remove(&self, path: &str) {
        fs_err::remove_file(self.file(path)).unwrap();
    }

    /// Every file of the project, without the environment.
    pub(crate) fn files(&self) -> Vec<String> {
        fn list(folder: &Path, root: &Path, into: &mut Vec<String>) {
            for entry in fs_err::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.ends_with(".venv") {
                    list(&path, root, into);
                } else if path.is_file() {
                    into.push(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
                }
            }
        }
        let mut files = Vec::new();
        list(self.path(), self.path(), &mut files);
        files.sort();
        files
    }

    /// `depslim`, ready to run in the folder, on a known day, with no variables but these.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_depslim"));
        command.args(arguments).current_dir(self.path()).env_clear().stdin(Stdio::null());
        command.env("HOME", self.path()).env("SOURCE_DATE_EPOCH", "1795219200");
        command
    }

    /// Runs `depslim` with arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.command(arguments).output().unwrap().into()
    }

    /// The same with variables, `NAME=value`.
    pub(crate) fn run_with(&self, variables: &[&str], arguments: &[&str]) -> Run {
        let mut command = self.command(arguments);
        command.envs(variables.iter().filter_map(|pair| pair.split_once('=')));
        command.output().unwrap().into()
    }

    /// Runs and reads what is printed as JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let run = self.run(&[&["--output-format", "json"], arguments].concat());
        serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}{}", run.out, run.err))
    }

    /// `CODE name` of every finding, sorted: the name is the package's, or the file's where there is none.
    pub(crate) fn findings(&self, arguments: &[&str]) -> Vec<String> {
        let report = self.json(arguments);
        let mut found: Vec<String> = report["findings"].as_array().unwrap().iter().map(finding).collect();
        found.sort();
        found
    }

    /// `fingerprint by reason` of everything that is hidden.
    pub(crate) fn ignored(&self, arguments: &[&str]) -> Vec<String> {
        let report = self.json(arguments);
        let one = |ignored: &serde_json::Value| {
            let reason = ignored["reason"].as_str().unwrap_or("-");
            format!("{} {} {reason}", ignored["fingerprint"].as_str().unwrap(), ignored["by"].as_str().unwrap())
        };
        report["ignored"].as_array().unwrap().iter().map(one).collect()
    }
}

fn finding(finding: &serde_json::Value) -> String {
    let package = finding["package"].as_str().unwrap_or_default();
    let name = package.rsplit('/').next().and_then(|name| name.split('@').next()).unwrap_or_default();
    let name = if name.is_empty() { finding["location"]["file"].as_str().unwrap_or_default() } else { name };
    format!("{} {name}", finding["code"].as_str().unwrap_or_default()).trim().to_owned()
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Run {
    /// Both streams, for a failed assertion.
    pub(crate) fn all(&self) -> String {
        format!("exit {}\n-- stdout\n{}-- stderr\n{}", self.code, self.out, self.err)
    }
}
