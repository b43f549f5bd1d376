//! Ignores that stand in the project's own files: `# depslim: ignore[SLIM001] started by supervisord`.
//!
//! On the line of the finding, or alone on the line above it. A rule has to be named; a reason is encouraged.

use depslim_model::{Code, Report};
use std::collections::{BTreeMap, BTreeSet};

const MARK: &str = "depslim: ignore";

/// One ignore comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlineIgnore {
    /// File that holds it, as the report writes paths.
    pub file: String,
    /// Line of the comment, from 1.
    pub line: u32,
    /// The line it speaks about: its own, or the one below when the comment stands alone.
    pub target: u32,
    /// The rules it hides.
    pub rules: Vec<Code>,
    /// What is wrong with it: no rule named, an unknown rule.
    pub problems: Vec<String>,
    /// Why, in the author's words.
    pub reason: Option<String>,
}

/// The files of a report that may hold ignores: those that a finding points to and those that declare packages.
pub fn files(report: &Report) -> BTreeSet<String> {
    let found = report.findings.iter().filter_map(|finding| finding.location.as_ref().map(|at| at.file.clone()));
    let declared = report.projects.iter().flat_map(|project| {
        let places = project.packages.iter().flat_map(|package| &package.declared).map(|place| place.file.clone());
        project.manifest.iter().cloned().chain(places)
    });
    found.chain(declared).collect()
}

/// Lines whose packages stay because a comment beside them hides that they are unused, with the reason.
pub(crate) fn kept(file: &str, text: &str) -> BTreeMap<u32, String> {
    let about_use =
        |ignore: &InlineIgnore| ignore.rules.iter().any(|rule| matches!(rule, Code::Unused | Code::DevInProd));
    let reason = |ignore: InlineIgnore| ignore.reason.unwrap_or_else(|| "ignored without a reason".to_owned());
    scan(file, text).into_iter().filter(about_use).map(|ignore| (ignore.target, reason(ignore))).collect()
}

/// The ignores of one file, in the comment style that its name asks for.
pub fn scan(file: &str, text: &str) -> Vec<InlineIgnore> {
    let style = Style::of(file);
    let mut found: Vec<InlineIgnore> = Vec::new();
    // Comments that stand alone and wait for the next line that is not one of them.
    let mut waiting: Vec<usize> = Vec::new();
    for (line, content) in (1_u32..).zip(text.lines()) {
        match style.comment(content) {
            Some((before, body)) => {
                let mut ignore = parse(body, style.closer);
                file.clone_into(&mut ignore.file);
                (ignore.line, ignore.target) = (line, line);
                if before.trim().is_empty() {
                    waiting.push(found.len());
                } else {
                    release(&mut found, &mut waiting, line);
                }
                found.push(ignore);
            }
            None => release(&mut found, &mut waiting, line),
        }
    }
    found
}

/// Points the waiting comments to the line that follows them.
fn release(found: &mut [InlineIgnore], waiting: &mut Vec<usize>, line: u32) {
    for index in waiting.drain(..) {
        found[index].target = line;
    }
}

/// How comments look in a kind of file.
struct Style {
    openers: &'static [&'static str],
    closer: Option<&'static str>,
}

impl Style {
    fn of(file: &str) -> Self {
        let name = file.rsplit('/').next().unwrap_or(file);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
        match extension.as_str() {
            "mod" | "js" | "cjs" | "mjs" | "ts" | "cts" | "mts" | "jsx" | "tsx" | "go" | "rs" | "java" | "kt"
            | "kts" | "gradle" | "jsonc" | "json5" => Self { openers: &["//"], closer: None },
            "xml" | "html" | "htm" | "md" | "svg" => Self { openers: &["<!--"], closer: Some("-->") },
            "cfg" | "ini" | "conf" => Self { openers: &["#", ";"], closer: None },
            // JSON has no comments: `[[ignore]]` is the way there.
            "json" | "lock" => Self { openers: &[], closer: None },
            _ => Self { openers: &["#"], closer: None },
        }
    }

    /// What stands before the ignore comment of a line, and its body. Other comments before it are no obstacle.
    fn comment<'t>(&self, line: &'t str) -> Option<(&'t str, &'t str)> {
        self.openers.iter().find_map(|opener| {
            line.match_indices(opener).find_map(|(at, _)| {
                let body = line[at + opener.len()..].trim_start();
                // `ignored by hand` is prose.
                let rest = body.strip_prefix(MARK)?;
                (!rest.starts_with(char::is_alphanumeric)).then(|| (&line[..at], body))
            })
        })
    }
}

/// Reads `depslim: ignore[A, B] reason`.
fn parse(body: &str, closer: Option<&str>) -> InlineIgnore {
    let body = closer.and_then(|closer| body.find(closer)).map_or(body, |end| &body[..end]);
    let rest = &body[MARK.len()..];
    let (codes, reason) = match rest.strip_prefix('[') {
        Some(list) => list.split_once(']').unwrap_or_default(),
        None => ("", rest),
    };
    let (mut rules, mut problems) = (Vec::new(), Vec::new());
    for code in codes.split(',').map(str::trim).filter(|code| !code.is_empty()) {
        match Code::find(code) {
            Some(code) if rules.contains(&code) => {}
            Some(code) => rules.push(code),
            None => problems.push(format!("no rule `{code}`")),
        }
    }
    if rules.is_empty() && problems.is_empty() {
        problems.push("names no rule; write `ignore[SLIM001]`".to_owned());
    }
    let reason = Some(reason.trim()).filter(|reason| !reason.is_empty()).map(str::to_owned);
    InlineIgnore { file: String::new(), line: 0, target: 0, rules, problems, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `line→target CODES reason !problems`, one per ignore.
    fn check(file: &str, text: &str, expect: &[&str]) {
        let shown: Vec<String> = scan(file, text)
            .iter()
            .map(|ignore| {
                let rules: Vec<_> = ignore.rules.iter().map(|rule| rule.code()).collect();
                let mut line = format!("{}→{} {}", ignore.line, ignore.target, rules.join("+"));
                for part in ignore.reason.iter().cloned().chain(ignore.problems.iter().map(|p| format!("!{p}"))) {
                    line = format!("{line} {part}");
                }
                line
            })
            .collect();
        assert_eq!(shown, expect, "{file}: {text}");
    }

    #[test]
    fn a_trailing_comment_speaks_about_its_own_line() {
        check(
            "deploy/base.txt",
            "flask\ngunicorn==20.1.0  # depslim: ignore[SLIM001] started by supervisord\nredis\n",
            &["2→2 SLIM001 started by supervisord"],
        );
        check("pyproject.toml", "  \"gunicorn\", # depslim: ignore[unused-dependency]", &["1→1 SLIM001"]);
    }

    #[test]
    fn a_comment_alone_speaks_about_the_next_line() {
        check("r.txt", "# depslim: ignore[SLIM001, SLIM003] why\ngunicorn\n", &["1→2 SLIM001+SLIM003 why"]);
        check(
            "r.txt",
            "# depslim: ignore[SLIM001] a\n# depslim: ignore[SLIM002] b\ngunicorn # depslim: ignore[SLIM003] c\n",
            &["1→3 SLIM001 a", "2→3 SLIM002 b", "3→3 SLIM003 c"],
        );
        check("r.txt", "# depslim: ignore[SLIM001] at the end", &["1→1 SLIM001 at the end"]);
    }

    #[test]
    fn comments_look_as_their_file_asks() {
        check("go.mod", "example.invalid/x v1 // depslim: ignore[SLIM001] plugin", &["1→1 SLIM001 plugin"]);
        check("svc/pom.xml", "<!-- depslim: ignore[SLIM001] agent -->\n<dependency>", &["1→2 SLIM001 agent"]);
        check("setup.cfg", "; depslim: ignore[SLIM002] x\nrequests", &["1→2 SLIM002 x"]);
        check("Dockerfile", "FROM a # depslim: ignore[SLIM050]", &["1→1 SLIM050"]);
        check("package.json", "\"a\": \"1\", // depslim: ignore[SLIM001] x", &[]);
        check("pyproject.toml", "'a', // depslim: ignore[SLIM001] x", &[]);
    }

    #[test]
    fn other_comments_and_signs_before_it_are_no_obstacle() {
        check("r.txt", "a @ https://example.invalid/a#egg=a # pinned # depslim: ignore[SLIM001] x", &["1→1 SLIM001 x"]);
        check("go.mod", "a v1 // indirect // depslim: ignore[SLIM001] x", &["1→1 SLIM001 x"]);
    }

    #[test]
    fn an_ignore_names_rules_that_exist() {
        check("r.txt", "a # depslim: ignore", &["1→1  !names no rule; write `ignore[SLIM001]`"]);
        check("r.txt", "a # depslim: ignore[] x", &["1→1  x !names no rule; write `ignore[SLIM001]`"]);
        check("r.txt", "a # depslim: ignore[SLIM01,SLIM001] x", &["1→1 SLIM001 x !no rule `SLIM01`"]);
        check("r.txt", "a # depslim: ignore[SLIM001", &["1→1  !names no rule; write `ignore[SLIM001]`"]);
        check("r.txt", "a # depslim: ignored for years", &[]);
    }

    #[test]
    fn windows_line_ends_change_nothing() {
        check("r.txt", "# depslim: ignore[SLIM001] why\r\ngunicorn\r\n", &["1→2 SLIM001 why"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC*", mark in "(# |// |<!-- )?depslim: ignore\\PC{0,9}") {
            for file in ["a.toml", "go.mod", "pom.xml", "x.cfg"] {
                let text = format!("{text}{mark}\n{text}");
                let lines = text.lines().count();
                for ignore in scan(file, &text) {
                    proptest::prop_assert!(ignore.line >= 1 && ignore.target as usize <= lines);
                }
            }
        }
    }
}
