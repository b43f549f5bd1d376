//! `entry_points.txt`: programs and plug-ins.

use depslim_model::{Facts, Plugin, Problem, Provide, Source};

/// What the file registers.
#[derive(Debug, Default)]
pub(super) struct EntryPoints {
    pub(super) programs: Vec<String>,
    pub(super) plugins: Vec<Plugin>,
    pub(super) problems: Vec<Problem>,
}

/// The reader's view of a file: the package that the folder's name says, with its programs and plug-ins.
pub(super) fn read(source: &Source<'_>) -> Facts {
    let (package, version) = super::name_and_version(super::folder_name(source));
    let found = parse(source.bytes);
    let provide = Provide {
        package: package.to_owned(),
        version: version.to_owned(),
        programs: found.programs,
        plugins: found.plugins,
        ..Provide::default()
    };
    Facts { provides: vec![provide], problems: found.problems, ..Facts::default() }
}

/// Reads the file: sections of `name = module:attribute [extras]`.
pub(super) fn parse(bytes: &[u8]) -> EntryPoints {
    let text = super::text(bytes);
    let mut out = EntryPoints::default();
    let mut group: Option<&str> = None;
    for (line, text) in super::lines(&text) {
        if text.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            group = Some(name.trim());
            continue;
        }
        let (Some(group), Some((name, target))) = (group, text.split_once('=')) else {
            out.problems.push(Problem::at(line, "not a `name = module:attribute` line of a section: ignored"));
            continue;
        };
        // Extras behind the target are read by nobody any more.
        let target = target.split('[').next().unwrap_or(target).trim();
        let name = name.trim().to_owned();
        if matches!(group, "console_scripts" | "gui_scripts") {
            out.programs.push(name);
        } else {
            out.plugins.push(Plugin { group: group.to_owned(), name, target: target.to_owned() });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn check(text: &str, expect: &str) {
        let found = parse(text.as_bytes());
        let mut out = found.programs;
        out.extend(found.plugins.iter().map(|p| format!("{} | {} | {}", p.group, p.name, p.target)));
        out.extend(found.problems.iter().map(|p| format!("problem at {}", p.line)));
        let expect: Vec<&str> = expect.lines().collect();
        assert_eq!(out, expect, "{text}");
    }

    #[test]
    fn programs_and_plugins() {
        check(
            "\u{feff}[console_scripts]\r\nplum = plum.cli:main\r\nplum2=plum.cli:two [fast]\r\n\r\n[gui_scripts]\nplumw = plum:w\n
# pytest looks here\n[pytest11]\nplum = plum.pytest\n[sqlalchemy.dialects]\nplum.fast = plum.sa:Dialect",
            "plum\nplum2\nplumw\npytest11 | plum | plum.pytest\nsqlalchemy.dialects | plum.fast | plum.sa:Dialect\n",
        );
    }

    #[test]
    fn strange_lines_are_told() {
        check("early = x\n[pytest11]\nnothing\nok = x", "pytest11 | ok | x\nproblem at 1\nproblem at 3\n");
        check("", "");
    }
}
