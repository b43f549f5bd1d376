//! From the words of a failure to the unit that is missing.

use crate::case::Case;
use crate::claims::Claims;
use depslim_model::proof::{Lack, Missing};
use std::collections::BTreeSet;

/// A unit that a run asked for, and where it said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The unit.
    pub(crate) unit: usize,
    /// Line of the output.
    pub(crate) line: u32,
    /// What stands there.
    pub(crate) text: String,
    /// The place that asked: file and line, as the output names them.
    pub(crate) by: Option<(String, u32)>,
}

/// Reads the groups of units that a line may ask for.
type Reads<'a> = dyn Fn(&str) -> Vec<Vec<usize>> + 'a;

/// How many lines from a failure the place that asked is looked for.
const NEAR: usize = 40;

/// The units that an output asks for, each once, the most telling first: the last error is what ended the run, and what an ecosystem
/// reads beats a name that merely stands in a complaint.
pub(crate) fn asked(
    case: &Case,
    claims: &Claims,
    lines: &[(u32, String)],
    is_out: &dyn Fn(usize) -> bool,
) -> Vec<Asked> {
    let mut found: Vec<Asked> = Vec::new();
    // Each gives groups of units; any one of a group may be what is missing.
    let readers: [&Reads<'_>; 2] = [
        &|line| {
            let missing = (case.proof.missing)(line).into_iter().chain(common(line));
            let groups: Vec<Vec<usize>> = missing.map(|missing| suppliers(case, claims, &missing)).collect();
            groups.into_iter().rev().collect()
        },
        &|line| named(case, line).into_iter().map(|unit| vec![unit]).collect(),
    ];
    for reader in readers {
        for (at, (number, line)) in lines.iter().enumerate().rev() {
            // A line that a program fills a screen with is no message.
            if line.len() > 4000 {
                continue;
            }
            for group in reader(line) {
                let group: Vec<usize> = group.into_iter().filter(|unit| is_out(*unit)).collect();
                if group.is_empty() {
                    continue;
                }
                let by = place(case, lines, at);
                let unit = likeliest(case, &group, by.as_ref());
                if !found.iter().any(|asked| asked.unit == unit) {
                    found.push(Asked { unit, line: *number, text: line.trim().to_owned(), by });
                }
            }
        }
    }
    found
}

/// The place that asked for what a line says is missing.
fn place(case: &Case, lines: &[(u32, String)], at: usize) -> Option<(String, u32)> {
    let here = (case.proof.place)(&lines[at].1);
    let near: Box<dyn Iterator<Item = &(u32, String)>> = if case.proof.places_follow {
        Box::new(lines[at + 1..].iter().take(NEAR))
    } else {
        Box::new(lines[at.saturating_sub(NEAR)..at].iter().rev())
    };
    here.or_else(|| near.into_iter().find_map(|(_, line)| (case.proof.place)(line)))
}

/// Of units that share a namespace, the one that the place that asks is known to use; else the one that the others stand on.
fn likeliest(case: &Case, group: &[usize], by: Option<&(String, u32)>) -> usize {
    let asks = |unit: &usize| {
        let ends = |path: &str, file: &str| {
            path.strip_suffix(file).is_some_and(|before| before.is_empty() || before.ends_with('/'))
        };
        by.is_some_and(|(path, at)| case.units[*unit].seen.iter().any(|(file, line)| line == at && ends(path, file)))
    };
    let carries = |unit: &usize| group.iter().filter(|other| case.units[**other].needs.contains(unit)).count();
    let rank = |unit: &&usize| (asks(unit), carries(unit), std::cmp::Reverse(**unit));
    group.iter().max_by_key(rank).copied().unwrap_or_default()
}

/// The units that supply what is missing.
fn suppliers(case: &Case, claims: &Claims, missing: &Missing) -> Vec<usize> {
    let name = missing.name.as_str();
    let found: BTreeSet<usize> = match missing.what {
        Lack::Module => return module(case, claims, name),
        Lack::Package => package(case, name).collect(),
        Lack::Library => claims.called(name.rsplit('/').next().unwrap_or(name)),
        // The runtime's, not a package's.
        Lack::Part => BTreeSet::new(),
        Lack::Program => {
            (0..case.units.len()).filter(|at| case.units[*at].programs.iter().any(|p| p == name)).collect()
        }
        Lack::File => {
            let path = std::path::Path::new(name);
            if path.is_absolute() {
                claims.owners(path).iter().copied().collect()
            } else {
                case.sites.iter().flat_map(|site| claims.owners(&site.join(path)).iter().copied()).collect()
            }
        }
    };
    found.into_iter().collect()
}

fn package<'a>(case: &'a Case, name: &str) -> impl Iterator<Item = usize> + 'a {
    let canonical = (case.ecosystem.canonical)(name);
    (0..case.units.len()).filter(move |at| case.units[*at].canonical == canonical)
}

/// Who supplies a module: by the files that it stands for, then by names in a folder, then by what is said of a package.
fn module(case: &Case, claims: &Claims, name: &str) -> Vec<usize> {
    let separator = case.ecosystem.separator;
    let parts: Vec<&str> = name.split(separator).collect();
    for length in (1..=parts.len()).rev() {
        let prefix = parts[..length].join(separator);
        let files = (case.ecosystem.locate)(&prefix).pop().unwrap_or_default().into_iter();
        let by_file: BTreeSet<usize> = files
            .flat_map(|file| case.sites.iter().flat_map(move |site| claims.owners(&site.join(&file)).iter().copied()))
            .collect();
        if !by_file.is_empty() {
            return by_file.into_iter().collect();
        }
        let (last, folders) = (parts[length - 1], parts[..length - 1].join("/"));
        let by_name: BTreeSet<usize> =
            case.sites.iter().flat_map(|site| claims.named(&site.join(&folders), last)).collect();
        if !by_name.is_empty() {
            return by_name.into_iter().collect();
        }
        let says = |at: &usize| case.units[*at].modules.contains(&prefix);
        let by_word: Vec<usize> = (0..case.units.len()).filter(says).collect();
        if !by_word.is_empty() {
            return by_word;
        }
    }
    package(case, name).collect()
}

/// What every system says of missing programs and libraries.
fn common(line: &str) -> Vec<Missing> {
    let mut found = Vec::new();
    let lower = line.to_ascii_lowercase();
    if lower.contains("cannot open shared object file") || lower.contains("error loading shared library") {
        let words = line.split(|c: char| c.is_whitespace() || matches!(c, ':' | '\'' | '"' | '(' | ')'));
        found.extend(words.filter(|word| word.contains(".so")).map(|word| Missing::new(Lack::Library, word)));
    }
    // `sh: 1: gunicorn: not found`, `bash: gunicorn: command not found`, `bwrap: execvp gunicorn: No such file or directory`.
    let ends = ["not found", "no such file or directory", "enoent"].iter().any(|end| lower.trim_end().ends_with(end));
    if ends {
        let words = line.split([':', ' ']).map(|word| word.trim_matches(['\'', '"', '`']));
        let names = words.map(|word| word.rsplit('/').next().unwrap_or(word)).filter(|word| !word.is_empty());
        found.extend(names.map(|word| Missing::new(Lack::Program, word)));
    }
    if lower.contains("no such file or directory: ") || lower.contains("spawn ") && lower.contains("enoent") {
        let quoted = line.split(['\'', '"']).nth(1).or_else(|| line.split("spawn ").nth(1)?.split(' ').next());
        let name = quoted.unwrap_or_default();
        found.push(Missing::new(Lack::Program, name.rsplit('/').next().unwrap_or(name)));
        found.push(Missing::new(Lack::File, name));
    }
    found
}

/// Words with which programs complain that something is not installed.
const COMPLAINTS: &[&str] = &[
    "install",
    "missing",
    "require",
    "not found",
    "can't load",
    "cannot load",
    "error loading",
    "import",
    "unresolved",
];

/// Units that a complaint names: `email-validator is not installed`.
fn named(case: &Case, line: &str) -> Vec<usize> {
    let lower = line.to_ascii_lowercase();
    if !COMPLAINTS.iter().any(|word| lower.contains(word)) {
        return Vec::new();
    }
    let word = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '/'));
    let words = line.split(word).map(|word| word.trim_matches(['.', '/', '-']));
    words.filter(|word| word.len() > 2).flat_map(|word| package(case, word)).collect()
}
