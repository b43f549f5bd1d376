//! What a proof takes out of the packages that stay, on disk: a list beside the project, which `export` makes a step of the image.

use depslim_engine::Project;
use depslim_model::recipe::{Recipe, Step};
use depslim_model::report::{Proved, Trimmed, TrimmedPackage};
use depslim_model::{Emission, Runtime};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

/// Name of the list, in the project's folder.
pub const LIST: &str = "depslim-trim.txt";

/// Name of the script that the builder stage runs.
pub(crate) const SCRIPT: &str = "depslim-trim.sh";

/// Where the builder stage has it.
const PLACE: &str = "/tmp/depslim/";

/// The list that a proof gives: what goes, package by package, and what was run to show that nothing needs it. What the list held before
/// of packages of other kinds stays in it. `None` when nothing goes.
pub fn list(proved: &Proved, before: &str) -> Option<String> {
    let trimmed: &Trimmed = proved.trimmed.as_ref().filter(|trimmed| !trimmed.packages.is_empty())?;
    let ran = if proved.about.is_empty() { proved.command.join(" ") } else { proved.about.clone() };
    let mut text = format!(
        "# Written by depslim prove --trim: files of production's packages that nothing loads. It ran without them:\n#   {}\n\
         # depslim export takes them out of the image, for packages of these versions alone.\n",
        ran.lines().next().unwrap_or_default()
    );
    let kind = |package: &TrimmedPackage| package.package.split('/').next().map(str::to_owned);
    let kinds: BTreeSet<Option<String>> = trimmed.packages.iter().map(kind).collect();
    let others = read(before).into_iter().filter(|package| !kinds.contains(&kind(package)));
    for package in trimmed.packages.iter().cloned().chain(others) {
        let _ = writeln!(text, "{}", package.package);
        for (word, paths) in [("remove", &package.remove), ("strip", &package.strip)] {
            for path in paths.iter().filter(|path| is_plain(path)) {
                let _ = writeln!(text, "  {word} {path}");
            }
        }
    }
    Some(text)
}

/// Reads a list: lines that are none are left out.
fn read(text: &str) -> Vec<TrimmedPackage> {
    let mut all: Vec<TrimmedPackage> = Vec::new();
    for line in text.lines().map(|line| line.trim_end_matches('\r')) {
        match line.strip_prefix("  ") {
            None if line.starts_with("pkg:") => {
                all.push(TrimmedPackage { package: line.to_owned(), ..TrimmedPackage::default() });
            }
            Some(rest) => {
                let Some((package, (word, path))) = all.last_mut().zip(rest.split_once(' ')) else { continue };
                match word {
                    "remove" if is_plain(path) => package.remove.push(path.to_owned()),
                    "strip" if is_plain(path) => package.strip.push(path.to_owned()),
                    _ => {}
                }
            }
            None => {}
        }
    }
    all
}

/// Whether a path stays in the tree, and in one line of a script.
fn is_plain(path: &str) -> bool {
    let whole = path.trim_end_matches('/');
    !whole.is_empty()
        && !whole.starts_with('/')
        && whole.split('/').all(|part| !part.is_empty() && part != ".." && part != ".")
        && !path.contains(|c: char| c.is_control() || c == '\\')
}

/// Adds the step to a recipe, where the project has a list that still fits: the file that it needs, and what to tell.
/// The script is called by `name`; there is none where no version fits.
pub(crate) fn applied(
    root: &Path,
    project: &Project,
    recipe: &mut Recipe,
    name: &str,
) -> Option<(Option<Emission>, String)> {
    let text = fs_err::read_to_string(root.join(&project.files.folder).join(LIST)).ok()?;
    if recipe.runtime != Runtime::Language {
        return None;
    }
    let ids: BTreeSet<&str> = project.report.packages.iter().map(|package| package.id.as_str()).collect();
    let own = format!("pkg:{}/", project.ecosystem.purl);
    let (fits, old): (Vec<TrimmedPackage>, Vec<TrimmedPackage>) = read(&text)
        .into_iter()
        .filter(|package| package.package.starts_with(&own))
        .partition(|package| ids.contains(package.package.as_str()));
    let names = old.iter().map(|package| package.package.as_str()).collect::<Vec<_>>().join(", ");
    let stale = if old.is_empty() {
        String::new()
    } else {
        format!("; not out of {names}, which are of another version now: depslim prove --trim --write")
    };
    if fits.is_empty() && old.is_empty() {
        return None;
    }
    if fits.is_empty() {
        return Some((None, format!("nothing goes out of packages{stale}")));
    }
    let place = recipe.results.first().map(|(place, _)| place.clone())?;
    let at = recipe.steps.iter().rposition(|step| matches!(step, Step::Run { .. }))?;
    if let Step::Run { command, .. } = &mut recipe.steps[at] {
        let _ = write!(command, " \\\n && sh {PLACE}{name} {place}");
    }
    recipe.steps.insert(at, Step::CopyExported { sources: vec![name.to_owned()], to: PLACE.to_owned() });
    let packages = if fits.len() == 1 { "1 package".to_owned() } else { format!("{} packages", fits.len()) };
    let note = format!("files that nothing loads go out of {packages}, as {LIST} says{stale}");
    let emission = Emission {
        path: name.to_owned(),
        content: script(&fits),
        summary: "takes files that nothing loads out of the packages".to_owned(),
        complete: None,
    };
    Some((Some(emission), note))
}

/// A script for the builder stage: its first word is the folder that packages are installed in.
fn script(packages: &[TrimmedPackage]) -> String {
    let lines = |of: fn(&TrimmedPackage) -> &Vec<String>| -> String {
        packages.iter().flat_map(of).flat_map(|path| [path.as_str(), "\n"]).collect()
    };
    let (remove, strip) = (lines(|package| &package.remove), lines(|package| &package.strip));
    let mut text = format!(
        "#!/bin/sh\n# Written by depslim {}: takes files that nothing loads out of the packages, as {LIST} says.\nset -eu\ncd \"$1\"\n",
        env!("CARGO_PKG_VERSION")
    );
    if !remove.is_empty() {
        let _ = write!(text, "while read -r path; do rm -rf -- \"$path\"; done << 'END'\n{remove}END\n");
    }
    if !strip.is_empty() {
        text.push_str(
            "if ! command -v strip > /dev/null; then\n  if command -v apk > /dev/null; then apk add --no-cache binutils\n  \
             else apt-get update && apt-get install -y --no-install-recommends binutils; fi\nfi\n",
        );
        let _ = write!(
            text,
            "while read -r path; do if [ -f \"$path\" ]; then strip --strip-unneeded -- \"$path\"; fi; done << 'END'\n{strip}END\n"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trimmed() -> Proved {
        let package = TrimmedPackage {
            package: "pkg:pypi/hay@1.0".to_owned(),
            bytes: 7,
            remove: vec!["lib/hay/tests/".to_owned(), "lib/hay/x y.pyi".to_owned(), "../out".to_owned()],
            strip: vec!["lib/hay/_hay.so".to_owned()],
        };
        let trimmed = Trimmed { packages: vec![package], ..Trimmed::default() };
        Proved { command: vec!["pytest".to_owned()], trimmed: Some(trimmed), ..Proved::default() }
    }

    #[test]
    fn a_list_reads_back_and_leads_nowhere_else() {
        let text = list(&trimmed(), "").unwrap();
        assert!(text.contains("It ran without them:\n#   pytest\n"), "{text}");
        let read = read(&text);
        assert_eq!(read[0].package, "pkg:pypi/hay@1.0");
        assert_eq!(read[0].remove, ["lib/hay/tests/", "lib/hay/x y.pyi"]);
        assert_eq!(read[0].strip, ["lib/hay/_hay.so"]);
        let other =
            super::list(&trimmed(), "pkg:npm/straw@1\n  remove straw/docs/\npkg:pypi/hay@0.9\n  remove old\n").unwrap();
        assert!(other.contains("pkg:npm/straw@1\n  remove straw/docs/\n") && !other.contains("hay@0.9"), "{other}");
        for path in ["", "/", "/etc/passwd", "a/../b", "a//b", "a\nb", "./a", "END\r"] {
            assert!(!is_plain(path), "{path:?}");
        }
    }

    #[test]
    fn nothing_is_written_where_nothing_goes() {
        assert_eq!(list(&Proved::default(), ""), None);
        assert_eq!(list(&Proved { trimmed: Some(Trimmed::default()), ..Proved::default() }, ""), None);
        assert!(read("  remove x\nnonsense\n\u{0}").is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn the_script_takes_out_what_the_list_says_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let put = |path: &str| {
            let path = folder.path().join(path);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, "x").unwrap();
        };
        for path in ["lib/hay/tests/a.py", "lib/hay/x y.pyi", "lib/hay/x", "y.pyi", "lib/hay/tests.py"] {
            put(path);
        }
        let packages = [TrimmedPackage { strip: Vec::new(), ..read(&list(&trimmed(), "").unwrap())[0].clone() }];
        let ran =
            std::process::Command::new("sh").arg("-c").arg(script(&packages)).arg("sh").arg(folder.path()).status();
        assert!(ran.unwrap().success());
        let there = |path: &str| folder.path().join(path).exists();
        assert!(!there("lib/hay/tests") && !there("lib/hay/x y.pyi"));
        assert!(there("lib/hay/x") && there("y.pyi") && there("lib/hay/tests.py"));
    }
}
