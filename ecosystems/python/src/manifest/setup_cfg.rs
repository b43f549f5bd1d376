//! `setup.cfg` ([setuptools' declarative configuration](https://setuptools.pypa.io/en/latest/userguide/declarative_config.html)).

use super::classify;
use super::place;
use super::requirement;
use depslim_formats::ini::{self, Dialect, Entry, Value};
use depslim_formats::text::{LineIndex, decode};
use depslim_model::{Facts, Group, Include, Manifest, Require, Role, Source};

/// Reads the file.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let ini = ini::read(&decoded.text, Dialect::Python);
    let about = |section: &str, key: &str| {
        let values = &ini.get(section, key)?.values;
        values.first().map(|v| v.text.clone())
    };
    let mut reader = Reader {
        lines: LineIndex::new(&decoded.text),
        offset: decoded.file_offset(),
        manifest: Manifest {
            role: Role::Manifest,
            name: about("metadata", "name").filter(|n| !n.starts_with("attr:")),
            runtime: about("options", "python_requires"),
            ..Manifest::default()
        },
        facts: Facts { problems: decoded.problems.clone(), ..Facts::default() },
    };
    for section in &ini.sections {
        for entry in &section.entries {
            match (section.name.as_str(), entry.key.as_str()) {
                ("options", "install_requires") => reader.take(entry, Group::Prod, None),
                ("options", "setup_requires") => reader.take(entry, Group::Build, None),
                ("options", "tests_require") => reader.take(entry, Group::Dev, Some("test")),
                ("options.extras_require", extra) => {
                    reader.take(entry, classify::group(extra, source.settings), Some(extra));
                }
                _ => {}
            }
        }
    }
    let Reader { manifest, mut facts, .. } = reader;
    let says = !facts.requires.is_empty() || !manifest.includes.is_empty() || manifest.name.is_some();
    // Most files of this name configure tools only; their strange lines are those tools' business.
    facts.manifest = says.then_some(manifest);
    if says {
        let inside =
            |line: u32| ini.sections.iter().rfind(|s| s.line <= line).is_some_and(|s| s.name.starts_with("options"));
        facts.problems.extend(ini.problems.into_iter().filter(|p| inside(p.line)));
    }
    facts
}

struct Reader<'t> {
    lines: LineIndex<'t>,
    offset: Option<usize>,
    manifest: Manifest,
    facts: Facts,
}

impl Reader<'_> {
    fn take(&mut self, entry: &Entry, group: Group, name: Option<&str>) {
        let file = entry.values.first().and_then(|v| v.text.strip_prefix("file:"));
        if file.is_some() {
            // What an extra reads from a file is for that extra; the file's own name says whether it is for development.
            let paths = entry.values.iter().map(|v| (v.text.strip_prefix("file:").unwrap_or(&v.text), v.line));
            for (paths, line) in paths {
                let paths = paths.split(',').map(str::trim).filter(|p| !p.is_empty() && group == Group::Prod);
                self.manifest.includes.extend(paths.map(|p| Include {
                    path: p.to_owned(),
                    role: Role::Manifest,
                    line,
                }));
            }
            return;
        }
        let alone = entry.values.len() == 1;
        for value in &entry.values {
            let on_key_line = value.line == entry.line;
            // On one line, setuptools takes a semicolon for the end of a requirement; with quotes it can only start a marker.
            if alone && on_key_line && value.text.contains(';') && !value.text.contains(['"', '\'']) {
                for part in value.text.split(';') {
                    self.push(part, value, None, group, name);
                }
                continue;
            }
            let span = match (on_key_line, alone) {
                (true, true) => Some(entry.span.clone()),
                (true, false) => None,
                (false, _) => Some(self.lines.full_range(value.line)),
            };
            self.push(&value.text, value, span, group, name);
        }
    }

    fn push(
        &mut self,
        text: &str,
        value: &Value,
        span: Option<std::ops::Range<usize>>,
        group: Group,
        name: Option<&str>,
    ) {
        let parsed = requirement::parse(ini::without_comment(text, &['#']));
        self.facts.problems.extend(parsed.problem_at(value.line));
        if parsed.is_void() {
            return;
        }
        self.facts.requires.push(Require {
            group,
            group_name: name.map(str::to_owned),
            span: span.zip(self.offset).map(|(s, o)| s.start + o..s.end + o),
            comment: place::comment(text),
            ..parsed.declared(value.line)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_facts, show, source};
    use super::*;
    use proptest::prelude::*;

    const SAMPLE: &str = "[metadata]\nname = orchard\n[options]\npython_requires = >=3.9\ninstall_requires =\n    plum>=1,<2\n    # Web\n    pear[jam] ; python_version < '3.12'  # keep\n    fig @ git+https://u:secret@h.example.invalid/fig.git\n\nsetup_requires = setuptools_scm\ntests_require = pytest; kiwi\n\n[options.extras_require]\ns3 = quince\ndocs =\n    sphinx\n    !broken\nodd\nfiles = file: more.txt\n[tool:pytest]\nnothing\n";

    fn check(text: &str) -> String {
        show(text.as_bytes(), &read(&source("setup.cfg", text.as_bytes())))
    }

    #[test]
    fn requirements_by_section() {
        insta::assert_snapshot!(check(SAMPLE), @r"
        manifest name=orchard runtime=>=3.9
        6: plum >=1,<2 -    plum>=1,<2\n
        8: pear[jam] ; python_version < '3.12' # keep -    pear[jam] ; python_version < \'3.12\'  # keep\n
        9: fig @ git+https://h.example.invalid/fig.git -    fig @ git+https://u:secret@h.example.invalid/fig.git\n
        11: setuptools_scm (build) -setup_requires = setuptools_scm\n
        12: pytest (dev:test)
        12: kiwi (dev:test)
        15: quince (optional:s3) -s3 = quince\n
        17: sphinx (dev:docs) -    sphinx\n
        18: problem: `!broken`: not a requirement; write `name`, `name==1.0` or `name @ URL`
        19: problem: neither a section nor a key with a value
        ");
    }

    #[test]
    fn requirements_in_files() {
        insta::assert_snapshot!(check("[options]\ninstall_requires = file: requirements.in, more.txt\n"), @"
        manifest
        2: includes requirements.in as requirements
        2: includes more.txt as requirements
        ");
    }

    #[test]
    fn a_file_for_tools_only_is_no_manifest() {
        insta::assert_snapshot!(check("[flake8]\nmax-line-length = 100\nodd\n"), @"");
    }

    proptest! {
        #[test]
        fn no_cut_panics(cut in 0..SAMPLE.len()) {
            check_facts(&SAMPLE.as_bytes()[..cut], &read(&source("setup.cfg", &SAMPLE.as_bytes()[..cut])));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            check_facts(&bytes, &read(&source("setup.cfg", &bytes)));
        }
    }
}
