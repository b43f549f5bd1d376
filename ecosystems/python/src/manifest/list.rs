//! Requirements lists: `requirements*.txt`, `*.in`, `requirements/*.txt`, `constraints*.txt`, and what `pip-compile`, `uv`, Poetry,
//! PDM and Pipenv write in that format.

use super::classify::{self, Listed};
use super::credentials::without_credentials;
use super::requirement::{self, shown};
use crate::names::canonical;
use depslim_formats::requirements::{self, Line};
use depslim_formats::text;
use depslim_model::{Artifact, Facts, Include, Manifest, Problem, Provide, Require, Role, Source};
use std::collections::BTreeSet;

/// Reads a list.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let decoded = text::decode(source.bytes);
    if is_of_a_chart(&decoded.text) {
        return Facts::default();
    }
    let lexed = requirements::read(&decoded.text);
    let mut listed = classify::list(source);
    let compiler = compiler(&lexed.lines);
    if compiler.is_some() && listed.role != Role::Constraints {
        listed.role = Role::Lock;
    }
    let found = take(lexed, decoded.file_offset(), &listed);
    if let Some(problem) = other_format(source, &found) {
        return Facts::broken(problem);
    }
    Facts {
        manifest: Some(Manifest {
            role: listed.role,
            manager: compiler.map(str::to_owned),
            includes: found.includes,
            ..Manifest::default()
        }),
        requires: found.requires,
        provides: found.provides,
        problems: decoded.problems.iter().cloned().chain(found.problems).collect(),
        ..Facts::default()
    }
}

/// What lines of a list say.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) includes: Vec<Include>,
    pub(super) requires: Vec<Require>,
    pub(super) provides: Vec<Provide>,
    pub(super) problems: Vec<Problem>,
    /// Requirements, by their place, with those who asked for them.
    annotated: Vec<(usize, Vec<String>)>,
    /// Lines that hold a requirement or an option.
    lines: usize,
}

/// What some lines say that stand in another file; no line numbers and spans of that file.
pub(super) fn lines(text: &str, listed: &Listed) -> Found {
    take(requirements::read(text), None, listed)
}

fn take(lexed: requirements::Requirements, offset: Option<usize>, listed: &Listed) -> Found {
    let mut found = Found::default();
    for line in &lexed.lines {
        take_line(line, offset, listed, &mut found);
    }
    untangle(&mut found);
    found
        .problems
        .extend(lexed.problems.into_iter().map(|p| Problem { message: without_credentials(&p.message), ..p }));
    found
}

/// True for the lock of a Helm chart, which has the same name: YAML that begins with the charts it depends on.
fn is_of_a_chart(text: &str) -> bool {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    first == Some("dependencies:")
}

/// A text whose lines are mostly no requirements is something else, whatever its name: prose, a list of system packages.
fn other_format(source: &Source<'_>, found: &Found) -> Option<Problem> {
    let mut bad: Vec<u32> = found.problems.iter().map(|p| p.line).collect();
    bad.dedup();
    if bad.len() < 4 || bad.len() * 2 <= found.lines {
        return None;
    }
    let message = "most lines are not requirements: not read as a list of them";
    let plain = matches!(source.file_name(), "requirements.txt" | "requirements.in");
    Some(if plain { Problem::fatal(bad[0], message) } else { Problem::at(bad[0], message) })
}

fn take_line(line: &Line, offset: Option<usize>, listed: &Listed, found: &mut Found) {
    found.lines += usize::from(line.requirement.is_some() || !line.options.is_empty());
    for option in &line.options {
        let role = match option.name.as_str() {
            "--requirement" => Role::Manifest,
            "--constraint" => Role::Constraints,
            "--editable" => {
                if let Some(value) = &option.value {
                    take_requirement(value, line, offset, listed, found);
                }
                continue;
            }
            _ => continue,
        };
        if let Some(path) = option.value.as_deref() {
            take_include(path, role, option.line, found);
        }
    }
    let Some(written) = &line.requirement else { return };
    match glued_include(&written.text) {
        Some((name, flag, path)) => {
            take_requirement(name, line, offset, listed, found);
            let role = if flag == "-c" { Role::Constraints } else { Role::Manifest };
            let message =
                format!("{}: a line break is missing before `{flag} {path}`; pip reads one name here", shown(name));
            found.problems.push(Problem::at(line.number, message));
            take_include(path, role, line.number, found);
        }
        None => take_requirement(&written.text, line, offset, listed, found),
    }
}

/// `plum-r other.txt`: two files that were put together, the first without its last line end.
fn glued_include(text: &str) -> Option<(&str, &'static str, &str)> {
    let (name, path) = text.split_once(char::is_whitespace)?;
    let (path, file) = (path.trim(), path.trim().rsplit('/').next()?);
    let is_file = [".txt", ".in"].iter().any(|end| file.ends_with(end)) && !path.contains(char::is_whitespace);
    let flag = ["-r", "-c"].into_iter().find(|flag| name.ends_with(flag) && name.len() > 2)?;
    is_file.then(|| (name.trim_end_matches(flag), flag, path))
}

fn take_include(path: &str, role: Role, line: u32, found: &mut Found) {
    if path.contains("://") {
        found.problems.push(Problem::at(line, format!("{}: a list at a URL is not read", shown(path))));
    } else if path.contains("${") {
        found.problems.push(Problem::at(line, format!("{}: a path with a variable is not read", shown(path))));
    } else {
        found.includes.push(Include { path: path.replace('\\', "/"), role, line });
    }
}

fn take_requirement(text: &str, line: &Line, offset: Option<usize>, listed: &Listed, found: &mut Found) {
    let parsed = requirement::parse(text);
    found.problems.extend(parsed.problem_at(line.number));
    if parsed.is_void() {
        return;
    }
    let hashes: Vec<&str> = line.option_values("--hash").collect();
    if !parsed.name.is_empty() && (listed.role == Role::Lock || !hashes.is_empty()) && listed.role != Role::Constraints
    {
        let version = parsed.constraint.as_deref().and_then(exact);
        if version.is_some() || parsed.origin.is_some() {
            found.provides.push(Provide {
                package: parsed.name.clone(),
                version: version.unwrap_or_default().to_owned(),
                artifacts: hashes.iter().map(|h| Artifact { hash: Some(hash(h)), ..Artifact::default() }).collect(),
                origin: parsed.origin.clone(),
                line: line.number,
                ..Provide::default()
            });
        }
    }
    let (sources, comment) = via(line);
    let require = Require {
        group: listed.group,
        group_name: listed.name.clone(),
        span: offset.map(|o| line.removal.start + o..line.removal.end + o),
        comment: comment.map(|c| without_credentials(&c)),
        ..parsed.declared(line.number)
    };
    if listed.role == Role::Lock && !require.name.is_empty() && !sources.is_empty() {
        found.annotated.push((found.requires.len(), sources));
    }
    found.requires.push(require);
}

/// Of a compiled list, what its comments say: lines that only other packages of the list ask for become their edges.
fn untangle(found: &mut Found) {
    let pinned: BTreeSet<String> = found.requires.iter().map(|r| canonical(&r.name)).collect();
    let mut edges = Vec::new();
    let mut indirect = BTreeSet::new();
    for (at, sources) in &found.annotated {
        let own: Vec<_> =
            sources.iter().filter_map(|s| package(s)).filter(|name| pinned.contains(&canonical(name))).collect();
        edges.extend(own.iter().map(|from| edge(from, &found.requires[*at])));
        // A constraint pins; it asks for nothing.
        if sources
            .iter()
            .all(|s| s.starts_with("-c") || package(s).is_some_and(|name| pinned.contains(&canonical(name))))
            && !own.is_empty()
        {
            indirect.insert(*at);
        }
    }
    let mut at = 0;
    found.requires.retain(|_| {
        at += 1;
        !indirect.contains(&(at - 1))
    });
    found.requires.extend(edges);
}

/// The edge that `# via plum` speaks of. Its condition is the pinned line's own.
fn edge(from: &str, require: &Require) -> Require {
    Require {
        from: Some(from.to_owned()),
        name: require.name.clone(),
        features: require.features.clone(),
        version: require.version.clone(),
        condition: require.condition.clone(),
        line: require.line,
        ..Require::default()
    }
}

/// The package that a source names; `None` for files: `-r requirements.in`, `plum (pyproject.toml)`, `plum:dev`.
fn package(source: &str) -> Option<&str> {
    let file = source.starts_with('-') || source.contains(['(', '/', ':']) || source.ends_with(".in");
    source.split(['[', ' ']).next().filter(|name| !file && !name.is_empty())
}

/// Who asked for a compiled line, and all that is written beside it as one comment.
fn via(line: &Line) -> (Vec<String>, Option<String>) {
    let mut sources: Vec<String> = Vec::new();
    let mut open = false;
    let mut parts: Vec<String> = Vec::new();
    for comment in line.comment.iter().chain(&line.below) {
        let text = comment.trim();
        match text.strip_prefix("via") {
            Some(rest) if rest.is_empty() || rest.starts_with([' ', ':']) => {
                open = true;
                let named = rest.trim_start_matches(':').split(',').map(str::trim).filter(|s| !s.is_empty());
                sources.extend(named.map(str::to_owned));
            }
            _ if open && line.below.contains(comment) => sources.push(text.to_owned()),
            _ => parts.push(text.to_owned()),
        }
    }
    if !sources.is_empty() {
        parts.push(format!("via {}", sources.join(", ")));
    }
    (sources, Some(parts.join("; ")).filter(|c| !c.is_empty()))
}

/// The version of `==1.2`; `None` for wildcards and for more than one specifier.
pub(crate) fn exact(constraint: &str) -> Option<&str> {
    let version = constraint.strip_prefix("===").or_else(|| constraint.strip_prefix("=="))?.trim();
    (!version.is_empty() && !version.contains(['*', ',', ' '])).then_some(version)
}

fn hash(option: &str) -> String {
    option.replacen('=', ":", usize::from(!option.contains(':')))
}

/// The tool that wrote the list, by what it writes at the top.
fn compiler(lines: &[Line]) -> Option<&'static str> {
    let head: Vec<String> = lines
        .iter()
        .take_while(|line| line.requirement.is_none())
        .take(16)
        .filter_map(|line| line.comment.as_deref())
        .map(str::to_ascii_lowercase)
        .collect();
    let says = |words: &[&str]| head.iter().any(|line| words.iter().all(|word| line.contains(word)));
    if says(&["autogenerated", "by uv"])
        || head.iter().any(|l| l.starts_with("uv pip compile") || l.starts_with("uv export"))
    {
        Some("uv")
    } else if says(&["pip-compile"]) || says(&["autogenerated by pip"]) {
        Some("pip-tools")
    } else if says(&["pipenv"]) {
        Some("pipenv")
    } else if says(&["@generated by pdm"]) {
        Some("pdm")
    } else if says(&["generated by rye"]) {
        Some("rye")
    } else if says(&["generated", "poetry"]) {
        Some("poetry")
    } else {
        // Any list whose lines all say who asked for them was compiled, whatever became of its first lines.
        let pinned = lines.iter().filter(|l| l.requirement.is_some());
        let (all, annotated) = pinned.fold((0, 0), |(all, annotated), line| {
            (
                all + 1,
                annotated
                    + usize::from(line.below.first().or(line.comment.as_ref()).is_some_and(|c| c.starts_with("via"))),
            )
        });
        (all > 2 && annotated * 10 >= all * 9).then_some("pip-tools")
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_facts, show, source};
    use super::*;
    use proptest::prelude::*;

    fn check(path: &str, text: &str) -> String {
        show(text.as_bytes(), &read(&source(path, text.as_bytes())))
    }

    #[test]
    fn the_lock_of_a_chart_is_no_list() {
        let text = "# made by helm\ndependencies:\n- name: postgresql\n  version: 1.2.3\n";
        let facts = read(&source("chart/requirements.lock", text.as_bytes()));
        assert_eq!(facts, depslim_model::Facts::default());
    }

    #[test]
    fn a_list_people_write() {
        insta::assert_snapshot!(check("requirements.txt", "# Web\nPlum[fast]>=1,<2 ; os_name == 'posix'  # keep: CVE-1\n-r base.txt\n-c limits.txt\n-e .[dev]\n-e git+https://t:k@h.example.invalid/r.git@v1#egg=pear&subdirectory=p\nquince==1.0 --hash=sha256:aa\n"), @r"
        manifest
        3: includes base.txt as requirements
        4: includes limits.txt as constraints
        2: Plum[fast] >=1,<2 ; os_name == 'posix' # keep: CVE-1 -Plum[fast]>=1,<2 ; os_name == \'posix\'  # keep: CVE-1\n
        5: ?[dev] @ . --e .[dev]\n
        6: pear @ git+https://h.example.invalid/r.git@v1#egg=pear&subdirectory=p --e git+https://t:k@h.example.invalid/r.git@v1#egg=pear&subdirectory=p\n
        7: quince ==1.0 -quince==1.0 --hash=sha256:aa\n
        7: provides quince 1.0 < sha256:aa ->
        ");
    }

    #[test]
    fn a_list_that_a_compiler_wrote() {
        insta::assert_snapshot!(check("requirements.txt", "# This file was autogenerated by uv via the following command:\n#    uv pip compile requirements.in -o requirements.txt\nplum==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via -r requirements.in\npear[x]==2.0 ; os_name == 'posix' \\\n    --hash=sha256:cc\n    # via\n    #   plum\n    #   quince\nfig==3\n    # via app (pyproject.toml)\n"), @r"
        lock manager=uv
        3: plum ==1.0 # via -r requirements.in -plum==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via -r requirements.in\n
        7: pear[x] ==2.0 ; os_name == 'posix' # via plum, quince -pear[x]==2.0 ; os_name == \'posix\' \\\n    --hash=sha256:cc\n    # via\n    #   plum\n    #   quince\n
        12: fig ==3 # via app (pyproject.toml) -fig==3\n    # via app (pyproject.toml)\n
        7: plum -> pear[x] ==2.0 ; os_name == 'posix'
        3: provides plum 1.0 < sha256:aa -> < sha256:bb ->
        7: provides pear 2.0 < sha256:cc ->
        12: provides fig 3
        ");
    }

    #[test]
    fn lists_of_other_tools() {
        insta::assert_snapshot!(check("requirements.txt", "# Please do not edit it manually.\n# This file is @generated by PDM.\nplum==1.0 ; python_version >= \"3.9\"\n"), @r#"
        lock manager=pdm
        3: plum ==1.0 ; python_version >= "3.9" -plum==1.0 ; python_version >= \"3.9\"\n
        3: provides plum 1.0
        "#);
        insta::assert_snapshot!(check("requirements-dev.lock", "# generated by rye\n-e file:.\nplum==1.0\n    # via pear\n"), @r"
        lock manager=rye
        2: ? @ file:. (dev:dev) --e file:.\n
        3: plum ==1.0 (dev:dev) # via pear -plum==1.0\n    # via pear\n
        3: provides plum 1.0
        ");
        insta::assert_snapshot!(check("requirements.txt", "plum==1.0  # via pear\npear==1.0  # via -r x.in\nfig==2  # via pear, plum\n"), @r"
        lock manager=pip-tools
        2: pear ==1.0 # via -r x.in -pear==1.0  # via -r x.in\n
        1: pear -> plum ==1.0
        3: pear -> fig ==2
        3: plum -> fig ==2
        1: provides plum 1.0
        2: provides pear 1.0
        3: provides fig 2
        ");
    }

    #[test]
    fn constraints_pin_and_ask_for_nothing() {
        insta::assert_snapshot!(check("constraints.txt", "plum==1.0 --hash=sha256:aa\n"), @r"
        constraints
        1: plum ==1.0 -plum==1.0 --hash=sha256:aa\n
        ");
    }

    #[test]
    fn lines_that_pip_would_refuse() {
        insta::assert_snapshot!(check("requirements.txt", "plum=1\n<<<<<<< HEAD\ntypes-pear-r other.txt\n-r https://u:secret@h.example.invalid/r.txt\n-r ${HERE}/x.txt\n--index-url https://u:secret@h.example.invalid\ngit+https://h.example.invalid/o/fig.git\n"), @"1: fatal: most lines are not requirements: not read as a list of them");
    }

    #[test]
    fn marks_line_ends_and_encodings() {
        insta::assert_snapshot!(check("requirements.txt", "\u{FEFF}plum==1.0\r\npear \\\r\n  >=2\r\nfig"), @r"
        manifest
        1: plum ==1.0 -plum==1.0\r\n
        2: pear >=2 -pear \\\r\n  >=2\r\n
        4: fig -fig
        ");
        let utf16: Vec<u8> = "\u{FEFF}plum\r\npear\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        insta::assert_snapshot!(show(&utf16, &read(&source("requirements.txt", &utf16))), @"
        manifest
        1: plum
        2: pear
        ");
    }

    #[test]
    fn prose_and_other_formats_are_no_lists() {
        let prose = "The system must run.\nIt shall be fast.\nUsers log in.\nIt is secure.\n";
        insta::assert_snapshot!(check("functional-requirements.txt", prose), @"1: problem: most lines are not requirements: not read as a list of them");
        insta::assert_snapshot!(check("requirements.txt", "<<<<<<< HEAD\n=======\n{{ x }}\n>>>>>>> b\nplum\n"), @"1: fatal: most lines are not requirements: not read as a list of them");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            check_facts(&bytes, &read(&source("requirements.txt", &bytes)));
        }

        #[test]
        fn no_list_like_text_panics(text in "([a-z]{1,4}|==1.0|-r |# via|-e |--hash=|\\\\\n|\n|    | ;|@|\\[|\\]|://|\u{FEFF}|é){0,30}") {
            check_facts(text.as_bytes(), &read(&source("requirements.txt", text.as_bytes())));
        }
    }
}
