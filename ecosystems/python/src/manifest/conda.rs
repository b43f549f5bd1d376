//! Conda's `environment.yml`: its packages by their names on `PyPI`, and the list that it hands to pip.

use super::classify::{self, Listed};
use super::conda_names;
use super::list;
use super::place;
use crate::names::canonical;
use depslim_formats::text::{LineIndex, decode};
use depslim_formats::yaml::{self, Kind};
use depslim_model::{Facts, Manifest, Problem, Require, Source};

/// Reads the file.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let read = yaml::read(&decoded.text);
    if let Some(problem) = read.problems.first() {
        // Half a list of dependencies says wrong things about the other half.
        let message = problem.message.split(';').next().unwrap_or_default();
        return Facts::broken(Problem::fatal(problem.line, message));
    }
    let Some(dependencies) = read.first().and_then(|root| root.get("dependencies")) else {
        return Facts { problems: decoded.problems.clone(), ..Facts::default() };
    };
    let listed = classify::list(source);
    let lines = LineIndex::new(&decoded.text);
    let mut manifest = Manifest { role: listed.role, manager: Some("conda".into()), ..Manifest::default() };
    let mut facts = Facts { problems: decoded.problems.clone(), ..Facts::default() };
    let place = Place { lines: &lines, offset: decoded.file_offset(), listed: &listed };
    for item in dependencies.items() {
        match item.kind() {
            Kind::Scalar => take_conda(item.text().unwrap_or_default(), item.line(), &place, &mut manifest, &mut facts),
            Kind::Mapping => {
                for (text, line) in item.get("pip").iter().flat_map(yaml::Node::strings) {
                    take_pip(text, line, &place, &mut manifest, &mut facts);
                }
            }
            Kind::Null | Kind::Sequence => {
                facts.problems.push(Problem::at(item.line(), "neither a package nor a list for pip"));
            }
        }
    }
    facts.manifest = Some(manifest);
    facts
}

struct Place<'a> {
    lines: &'a LineIndex<'a>,
    offset: Option<usize>,
    listed: &'a Listed,
}

impl Place<'_> {
    /// The declaration on this line, with what goes when it goes: the line, where it holds nothing else.
    fn declared(&self, require: Require, line: u32) -> Require {
        let text = &self.lines.text()[self.lines.range(line)];
        let alone = text.trim_start().starts_with("- ");
        let span = alone.then(|| self.lines.full_range(line)).zip(self.offset).map(|(s, o)| s.start + o..s.end + o);
        Require {
            group: self.listed.group,
            group_name: self.listed.name.clone(),
            span,
            comment: place::comment(text),
            line,
            ..require
        }
    }
}

/// `channel::name=1.2=build`, `name >=1,<2`, `name[version='>=1']`.
fn take_conda(text: &str, line: u32, place: &Place<'_>, manifest: &mut Manifest, facts: &mut Facts) {
    let text = text.rsplit_once("::").map_or(text, |(_, name)| name).trim();
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.')).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        facts.problems.push(Problem::at(line, "not a conda package"));
        return;
    }
    let version = version(rest);
    if canonical(name) == "python" {
        manifest.runtime = version;
        return;
    }
    let Some(name) = conda_names::pypi(name) else { return };
    facts.requires.push(place.declared(Require { name, version, ..Require::default() }, line));
}

/// A version as PEP 440 writes it: conda's `=1.2` means `==1.2.*`, and a build behind a second `=` says nothing of the version.
fn version(rest: &str) -> Option<String> {
    let rest = rest.trim();
    let rest = match rest.strip_prefix('[') {
        Some(inner) => inner.split("version=").nth(1)?.trim_matches(|c| matches!(c, '\'' | '"' | ']')),
        None => rest,
    };
    let rest = rest.split_whitespace().next()?;
    if let Some(exact) = rest.strip_prefix("==") {
        return Some(format!("=={}", exact.split('=').next()?));
    }
    if let Some(fuzzy) = rest.strip_prefix('=') {
        let version = fuzzy.split('=').next()?.trim_end_matches(".*").trim_end_matches('*');
        return (!version.is_empty()).then(|| format!("=={version}.*"));
    }
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        return Some(format!("=={}", rest.split('=').next()?));
    }
    (rest != "*").then(|| rest.to_owned())
}

/// An item of the list for pip: whatever a requirements list may hold.
fn take_pip(text: &str, line: u32, place: &Place<'_>, manifest: &mut Manifest, facts: &mut Facts) {
    let found = list::lines(text, place.listed);
    manifest.includes.extend(found.includes.into_iter().map(|i| depslim_model::Include { line, ..i }));
    facts.problems.extend(found.problems.into_iter().map(|p| Problem { line, ..p }));
    facts.requires.extend(found.requires.into_iter().map(|r| place.declared(r, line)));
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_facts, show, source};
    use super::*;
    use proptest::prelude::*;

    const SAMPLE: &str = "name: orchard\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n  - conda-forge::pytorch=2.1=py311_0  # why\n  - plum >=1,<2\n  - pear==1.0\n  - kiwi 3\n  - \"quince[version='>=4']\"\n  - sloe=*\n  - libpq\n  - pip\n  - pip:\n    - fig==1.0\n    - -r more.txt\n    - -e .\n    - git+https://u:secret@h.example.invalid/medlar#egg=medlar\n    - '!'\n";

    fn check(path: &str, text: &str) -> String {
        show(text.as_bytes(), &read(&source(path, text.as_bytes())))
    }

    #[test]
    fn packages_of_conda_and_of_pip() {
        insta::assert_snapshot!(check("environment.yml", SAMPLE), @r#"
        manifest manager=conda runtime===3.11.*
        15: includes more.txt as requirements
        5: torch ==2.1.* # why -  - conda-forge::pytorch=2.1=py311_0  # why\n
        6: plum >=1,<2 -  - plum >=1,<2\n
        7: pear ==1.0 -  - pear==1.0\n
        8: kiwi ==3 -  - kiwi 3\n
        9: quince >=4 -  - \"quince[version=\'>=4\']\"\n
        10: sloe -  - sloe=*\n
        14: fig ==1.0 -    - fig==1.0\n
        16: ? @ . -    - -e .\n
        17: medlar @ git+https://h.example.invalid/medlar#egg=medlar -    - git+https://u:secret@h.example.invalid/medlar#egg=medlar\n
        18: problem: `!`: not a requirement; write `name`, `name==1.0` or `name @ URL`
        "#);
    }

    #[test]
    fn what_can_go_wrong() {
        insta::assert_snapshot!(check("environment-dev.yaml", "dependencies: [plum, {pip: pear}, [x], '=1']\n"), @"
        manifest manager=conda
        1: plum (dev:dev)
        1: pear (dev:dev)
        1: problem: neither a package nor a list for pip
        1: problem: not a conda package
        ");
        insta::assert_snapshot!(check("environment.yml", "dependencies:\n  - plum\n  - {pear: [\n"), @"4: fatal: not valid YAML: while parsing a node, did not find expected node content");
        insta::assert_snapshot!(check("environment.yml", "stage: production\n"), @"");
    }

    proptest! {
        #[test]
        fn no_cut_panics(cut in 0..SAMPLE.len()) {
            check_facts(&SAMPLE.as_bytes()[..cut], &read(&source("environment.yml", &SAMPLE.as_bytes()[..cut])));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            check_facts(&bytes, &read(&source("environment.yml", &bytes)));
        }
    }
}
