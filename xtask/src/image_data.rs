//! `cargo xtask image-data FILES...`: makes the tables of `crates/image/data` again from catalogue files that the user gives.

use crate::say;
use crate::tools::root;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

/// Languages whose base images the tables hold.
const LANGUAGES: &[&str] = &["python", "node", "nginx"];

/// Debian releases whose packages the tables name.
const SUITES: &[&str] = &["bookworm", "trixie"];

pub(crate) fn run(files: &[String]) -> Result<()> {
    if files.is_empty() {
        bail!(
            "name at least one file: a catalogue of images, of packages with system needs, or of shared libraries (docs/image.md)"
        );
    }
    for file in files {
        let text = fs_err::read_to_string(file)?;
        let value: Value = serde_json::from_str(&text).with_context(|| format!("{file} is not JSON"))?;
        let day = string(&value, "generated")
            .with_context(|| format!("{file} does not say when it was made (`generated`)"))?;
        if value.get("images").is_some() {
            write("bases.tsv", &bases(&value, day))?;
            write("contents.tsv", &contents(&value, day))?;
            let path = folder().join("releases.tsv");
            write("releases.tsv", &releases(&value, day, &fs_err::read_to_string(path).unwrap_or_default()))?;
        } else if value.get("entries").is_some() {
            write("needs.tsv", &needs(&value, day))?;
        } else if value.get("sonames").is_some() {
            write("sonames.tsv", &sonames(&value, day))?;
        } else {
            bail!("{file}: neither images, entries nor sonames are in it");
        }
    }
    Ok(())
}

fn folder() -> std::path::PathBuf {
    root().join("crates/image/data")
}

fn write(name: &str, text: &str) -> Result<()> {
    let path = folder().join(name);
    fs_err::write(&path, text)?;
    say(&format!("{} rows in {}", text.lines().filter(|l| !l.starts_with('#')).count(), Path::new(name).display()));
    Ok(())
}

fn string<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str()
}

fn list<'v>(value: &'v Value, key: &str) -> Vec<&'v str> {
    value.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn bytes(megabytes: Option<&Value>) -> Option<u64> {
    // Catalogues give megabytes with at most two decimals.
    let text = megabytes?.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part: String = part.chars().chain("000000".chars()).take(6).collect();
    Some(whole.parse::<u64>().ok()? * 1_000_000 + part.parse::<u64>().ok()?)
}

/// One row an image: what it is built on, its C library, its bytes (lowest and highest) and the day they were measured.
fn bases(value: &Value, day: &str) -> String {
    let mut text = format!(
        "# Base images, as catalogued on {day}. Bytes are uncompressed, amd64; a day says when they were measured\n# (docker-library/repo-info, or a rebuild from the same packages), `-` that they are a range of the family's measured ones.\n# image\tfamily\tlanguage\tversion\tos\tos version\tlibc\tlibc version\tlowest bytes\thighest bytes\tmeasured\tcontents\tfurther libraries\n"
    );
    let mut rows = BTreeSet::new();
    for image in value["images"].as_array().into_iter().flatten() {
        let language = string(image, "language").unwrap_or_default();
        if !LANGUAGES.contains(&language) {
            continue;
        }
        let measured = bytes(image["uncompressed"].get("mb"));
        let low = measured.or_else(|| bytes(image["estimate"]["uncompressed_mb"].get(0)));
        let high = measured.or_else(|| bytes(image["estimate"]["uncompressed_mb"].get(1)));
        let (Some(low), Some(high), Some(name)) = (low, high, string(image, "image")) else { continue };
        let part = |key: &str| string(image, key).unwrap_or("-");
        let contents = string(image, "sonames_ref")
            .map_or_else(|| format!("{}-{}", part("os"), part("os_version")), str::to_owned);
        rows.insert(format!(
            "{name}\t{}\t{language}\t{}\t{}\t{}\t{}\t{}\t{low}\t{high}\t{}\t{contents}\t{}",
            part("family"),
            part("language_version"),
            part("os"),
            part("os_version"),
            string(&image["libc"], "kind").unwrap_or("-"),
            string(&image["libc"], "version").unwrap_or("-"),
            string(&image["uncompressed"], "date").unwrap_or("-"),
            list(image, "extra_sonames").join(" "),
        ));
    }
    for row in &rows {
        text.extend([row.trim_end(), "\n"]);
    }
    text
}

/// One row a root file system: versions of its C and C++ libraries, and the shared libraries in it.
fn contents(value: &Value, day: &str) -> String {
    let mut text = format!(
        "# What root file systems hold, read from rebuilt ones on {day}.\n# contents\tglibc\tGLIBCXX\tCXXABI\tshared libraries\n"
    );
    for (name, held) in value["rootfs"].as_object().into_iter().flatten() {
        let version = |key: &str| string(held, key).unwrap_or("-");
        let libraries: BTreeSet<&str> =
            held["sonames"].as_object().into_iter().flatten().map(|(soname, _)| soname.as_str()).collect();
        let libraries = libraries.into_iter().collect::<Vec<_>>().join(" ");
        let _ =
            writeln!(text, "{name}\t{}\t{}\t{}\t{libraries}", version("glibc"), version("glibcxx"), version("cxxabi"));
    }
    text
}

/// One row a release: the day its support ends, and the day its long-term support ends. Rows that are there already stay when the
/// catalogue does not speak of them: nobody makes images of old releases any more, but people still use them.
fn releases(value: &Value, day: &str, before: &str) -> String {
    let mut rows: BTreeMap<(String, Vec<u32>), String> = BTreeMap::new();
    let source = string(value, "eol_source").unwrap_or("-");
    let key =
        |name: &str, version: &str| (name.to_owned(), version.split('.').filter_map(|p| p.parse().ok()).collect());
    for line in before.lines().filter(|l| !l.starts_with('#')) {
        let mut columns = line.split('\t');
        if let (Some(name), Some(version)) = (columns.next(), columns.next()) {
            rows.insert(key(name, version), line.to_owned());
        }
    }
    for image in value["images"].as_array().into_iter().flatten() {
        let parts =
            [("language", "language_version", "language_eol", ""), ("os", "os_version", "os_eol", "os_lts_eol")];
        for (name, version, end, extended) in parts {
            let (Some(name), Some(version), Some(end)) =
                (string(image, name), string(image, version), string(image, end))
            else {
                continue;
            };
            let known = name == "debian" || name == "alpine" || LANGUAGES.contains(&name);
            if known && version.starts_with(|c: char| c.is_ascii_digit()) {
                let codename =
                    rows.get(&key(name, version)).and_then(|row| row.split('\t').nth(2)).unwrap_or("-").to_owned();
                let extended = string(image, extended).unwrap_or("-");
                rows.insert(key(name, version), format!("{name}\t{version}\t{codename}\t{end}\t{extended}\t{source}"));
            }
        }
    }
    let mut text = format!(
        "# When releases get their last security fix, each with its source and its day; catalogue of {day}.\n# name\tversion\tcodename\tend of support\tend of long-term support\tsource\n"
    );
    for row in rows.values() {
        text.extend([row, "\n"]);
    }
    text
}

/// One row a package: what of the system it needs when it runs, by Debian release.
fn needs(value: &Value, day: &str) -> String {
    let mut text = format!(
        "# System packages that packages need when they run, as catalogued on {day}: from their documentation, their source and a\n# scan of the wheels published then. `link`: linked, `dlopen`: loaded by name, `exec`: run, `data`: read.\n# `wheel`: shared libraries that the published wheel takes from the system, `-` when there was none.\n# ecosystem\tpackage\tload\t{}\tshared libraries\twheel\tbuild packages of Debian\tof Alpine\n",
        SUITES.join("\t")
    );
    let mut rows = BTreeSet::new();
    for entry in value["entries"].as_array().into_iter().flatten() {
        let (Some(ecosystem), Some(package), Some(load)) =
            (string(entry, "ecosystem"), string(entry, "package"), string(entry, "load"))
        else {
            continue;
        };
        let suites: Vec<String> =
            SUITES.iter().map(|suite| list(&entry["runtime"], &format!("debian_{suite}")).join(" ")).collect();
        let wheel = &entry["wheel_2026_11"]["gnu"];
        let wheel = if wheel.is_object() { list(wheel, "external_sonames").join(" ") } else { "-".to_owned() };
        let needs_something = suites.iter().any(|s| !s.is_empty());
        if LANGUAGES.contains(&ecosystem) && needs_something && !package.contains([' ', '[']) {
            rows.insert(format!(
                "{ecosystem}\t{package}\t{load}\t{}\t{}\t{wheel}\t{}\t{}",
                suites.join("\t"),
                list(&entry["runtime"], "sonames").join(" "),
                list(&entry["build"], "debian").join(" "),
                list(&entry["build"], "alpine").join(" "),
            ));
        }
    }
    for row in &rows {
        text.extend([row, "\n"]);
    }
    text
}

/// One row a shared library: the package that holds it, by Debian release. `=`: the same package as in the release before.
fn sonames(value: &Value, day: &str) -> String {
    let mut text = format!(
        "# Packages that hold shared libraries, from Debian's Contents indices (main, amd64) on {day}. `-`: none, `=`: as before.\n# library\t{}\n",
        SUITES.join("\t")
    );
    let mut rows = BTreeSet::new();
    for (soname, packages) in value["sonames"].as_object().into_iter().flatten() {
        if !is_soname(soname) {
            continue;
        }
        let mut before = "";
        let mut row = soname.clone();
        for suite in SUITES {
            let package = list(packages, suite).into_iter().next().unwrap_or("-");
            let _ = write!(row, "\t{}", if package == before { "=" } else { package });
            before = package;
        }
        rows.insert(row);
    }
    for row in &rows {
        text.extend([row, "\n"]);
    }
    text
}

/// `libpq.so.5`, `libdb-5.3.so`; not `libpq.so.5.15`, which is a file's name and nobody's need, nor `_speedups.so`.
fn is_soname(name: &str) -> bool {
    let Some((front, version)) = name.split_once(".so") else { return false };
    let version = version.strip_prefix('.').unwrap_or(version);
    front.starts_with("lib")
        && version.matches('.').count() <= 1
        && (!version.is_empty() || front.contains(|c: char| c.is_ascii_digit()))
}
