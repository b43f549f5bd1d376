//! The tables of what runtimes are made of and what programs take from a system beside what they link.

use super::tree::Part;

const RUNTIMES: &str = include_str!("../../data/runtimes.tsv");
const SYSTEM: &str = include_str!("../../data/rootfs.tsv");

/// What a language's runtime is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Runtime {
    /// Programs, relative to the environment, in order of preference.
    pub(super) programs: Vec<&'static str>,
    /// Files beside them, relative to the environment.
    pub(super) files: Vec<&'static str>,
    /// Folders, relative to the prefix of the program.
    pub(super) libraries: Vec<String>,
    /// Globs of what is left out of those folders, unless a file of the project holds the word.
    pub(super) except: Vec<(&'static str, Option<&'static str>)>,
}

/// The runtime of a language; `None` for languages whose programs need none or none is known of.
pub(super) fn runtime(language: &str, version: &str) -> Option<Runtime> {
    let mut runtime = Runtime::default();
    for line in rows(RUNTIMES) {
        let mut columns = line.split('\t');
        if columns.next() != Some(language) {
            continue;
        }
        let (part, what, unless) = (columns.next()?, columns.next()?, columns.next().filter(|u| !u.is_empty()));
        match part {
            "program" => runtime.programs.push(what),
            "file" => runtime.files.push(what),
            "library" => runtime.libraries.push(what.replace("{version}", version)),
            _ => runtime.except.push((what, unless)),
        }
    }
    (!runtime.programs.is_empty()).then_some(runtime)
}

/// When a row of the system's table counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// Always.
    Always,
    /// A program asks for a loader whose name begins so.
    Loader(&'static str),
    /// A library was collected whose name begins so.
    Library(&'static str),
    /// A kept file holds the word.
    Mention(&'static str),
}

/// What a row asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// A library, by name.
    Library(&'static str),
    /// A file or folder, without some names in it.
    Path(&'static str, Vec<&'static str>),
}

/// One row of what programs take from a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) when: When,
    pub(super) what: What,
    pub(super) part: Part,
}

/// All rows; those whose words are not known are passed by (a test says that there are none).
pub(super) fn system() -> impl Iterator<Item = Row> {
    rows(SYSTEM).filter_map(row)
}

fn row(line: &'static str) -> Option<Row> {
    let mut columns = line.split('\t');
    let (when, what, part) = (columns.next()?, columns.next()?, columns.next()?);
    let when = match when.split_once(':') {
        None if when == "always" => When::Always,
        Some(("loader", name)) => When::Loader(name),
        Some(("library", name)) => When::Library(name),
        Some(("mention", word)) => When::Mention(word),
        _ => return None,
    };
    let mut words = what.split(' ');
    let what = match (words.next()?, words.next()?) {
        ("library", name) => What::Library(name),
        ("path", path) => What::Path(path, words.filter_map(|word| word.strip_prefix('!')).collect()),
        _ => return None,
    };
    let part = match part {
        "libraries" => Part::Libraries,
        "certificates" => Part::Certificates,
        "time zones" => Part::TimeZones,
        "system" => Part::System,
        _ => return None,
    };
    Some(Row { when, what, part })
}

fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_understood_and_has_its_reason() {
        assert_eq!(system().count(), rows(SYSTEM).count());
        for line in rows(SYSTEM) {
            assert!(line.split('\t').nth(3).is_some_and(|why| !why.is_empty()), "{line}");
        }
        for line in rows(RUNTIMES) {
            assert_eq!(line.split('\t').count(), 5, "{line}");
            assert!(["program", "file", "library", "except"].contains(&line.split('\t').nth(1).unwrap()), "{line}");
        }
    }

    #[test]
    fn a_runtime_has_programs_and_folders() {
        let python = runtime("python", "3.12").unwrap();
        assert_eq!(python.programs, ["bin/python3", "bin/python"]);
        assert_eq!(python.libraries[0], "lib/python3.12");
        assert!(python.except.contains(&("idlelib/**", Some("idlelib"))));
        assert_eq!(runtime("toy", "1"), None);
    }
}
