//! `cargo xtask requirements ENVIRONMENT...`: adds what installed distributions require to the table of known requirements.

use crate::say;
use crate::tools::{python_tools, root};
use anyhow::{Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};

/// Evaluates conditions with the reference implementation (`packaging`), and prints `name: requirement …` lines.
const COLLECT: &str = r"
import glob, re, sys
from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement

def canonical(name):
    return re.sub(r'[-_.]+', '-', name).lower()

for root in sys.argv[1:]:
    for path in glob.glob(root + '/**/*.dist-info/METADATA', recursive=True):
        name, required = None, set()
        for line in open(path, encoding='utf-8', errors='replace'):
            if not line.strip():
                break
            if line.startswith('Name:'):
                name = canonical(line[5:].strip())
            if line.startswith('Requires-Dist:'):
                try:
                    requirement = Requirement(line[14:].strip())
                except InvalidRequirement:
                    continue
                for version in ('3.9', '3.10', '3.11', '3.12', '3.13', '3.14'):
                    values = default_environment() | {'python_version': version, 'python_full_version': version + '.0', 'sys_platform': 'linux', 'platform_system': 'Linux', 'os_name': 'posix', 'extra': ''}
                    if requirement.marker is None or requirement.marker.evaluate(values):
                        required.add(canonical(requirement.name))
        if name:
            print(name + ':', *sorted(required))
";

pub(crate) fn run(environments: &[String]) -> Result<()> {
    if environments.is_empty() {
        bail!("name at least one environment: cargo xtask requirements .venv");
    }
    let python = python_tools()?.join("python");
    let mut child =
        Command::new(python).arg("-").args(environments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(COLLECT.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("the environments can't be read");
    }
    let file = root().join("ecosystems/python/data/requirements.txt");
    let text = fs_err::read_to_string(&file)?;
    let mut table: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let found = String::from_utf8_lossy(&output.stdout).into_owned();
    for line in text.lines().filter(|l| !l.starts_with('#')).chain(found.lines()) {
        if let Some((name, names)) = line.split_once(':') {
            table.entry(name.to_owned()).or_default().extend(names.split_whitespace().map(str::to_owned));
        }
    }
    let mut new: String = text.split_inclusive('\n').filter(|l| l.starts_with('#')).collect();
    for (name, names) in &table {
        new.push_str(
            &format!("{name}: {}", names.iter().cloned().collect::<Vec<_>>().join(" ")).trim_end().replace(": :", ":"),
        );
        new.push('\n');
    }
    fs_err::write(&file, new)?;
    say(&format!("{} distributions in {}", table.len(), file.display()));
    Ok(())
}
