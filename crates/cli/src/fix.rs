//! `--fix`, `--unsafe-fixes`, `--diff`: writes what the library computed, or prints it as a patch.

use crate::args::Fixing;
use crate::session::Session;
use crate::stop::{Outcome, Stop};
use crate::write::{cause, print, say, write};
use anstyle::{AnsiColor, Style};
use depslim::Options;
use depslim::fix::{Edited, fix};
use depslim_model::{Confidence, Finding, Project, Report, Severity};
use similar::{ChangeTag, TextDiff};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

/// Lines of context around a change in a patch.
const CONTEXT: usize = 3;

/// Fixes, or shows the patch. Gives the fingerprints of the findings that are resolved.
///
/// # Errors
/// When a manifest changed since it was analysed, or can't be written.
pub(crate) fn run(
    session: &Session,
    root: &Path,
    report: &Report,
    options: &Options,
    flags: &Fixing,
) -> Outcome<BTreeSet<String>> {
    let chosen = |finding: &Finding| chosen(finding, flags.unsafe_fixes);
    let fixed = fix(report, options, chosen, |file| fs_err::read(root.join(file)));
    for refused in &fixed.refused {
        say(format_args!("not fixed: {}: {}", session.shown(&root.join(&refused.file)), refused.reason));
    }
    for edited in &fixed.edited {
        let path = root.join(&edited.file);
        let shown = session.shown(&path);
        if flags.diff {
            print(&patch(&shown, edited, session.terminal.color))?;
            continue;
        }
        // Somebody may have saved the file in the meantime: their text is worth more than ours.
        let now = fs_err::read(&path).map_err(|error| Stop::error(format_args!("{shown}: {}", cause(&error))))?;
        if now != edited.before {
            return Err(Stop::error(format_args!("{shown} changed while it was read; run again")));
        }
        write(&path, edited.after.as_bytes())?;
        if session.quiet < 2 {
            say(format_args!("fixed {shown}: {}", edited.changes.join(", ")));
        }
    }
    if !flags.diff && session.quiet < 2 {
        for command in locks(report, &fixed.edited) {
            say(format_args!("next: {command}"));
        }
    }
    Ok(fixed.edited.into_iter().flat_map(|edited| edited.resolves).collect())
}

/// High confidence, and medium when that is asked for; never low.
fn chosen(finding: &Finding, unsafe_fixes: bool) -> bool {
    let least = if unsafe_fixes { Confidence::Medium } else { Confidence::High };
    finding.severity > Severity::Off && finding.confidence >= least
}

/// A unified diff, as `git apply` and `patch -p1` read it.
fn patch(path: &str, edited: &Edited, color: bool) -> String {
    let before = String::from_utf8_lossy(&edited.before);
    let diff = TextDiff::from_lines(before.as_ref(), &edited.after);
    let painted = |style: Style, text: &str| {
        let line = text.trim_end_matches('\n');
        if color { format!("{style}{line}{style:#}\n") } else { format!("{line}\n") }
    };
    let bold = Style::new().bold();
    let mut out = painted(bold, &format!("--- a/{path}")) + &painted(bold, &format!("+++ b/{path}"));
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        out += &painted(AnsiColor::Cyan.on_default(), &hunk.header().to_string());
        for change in hunk.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ('-', AnsiColor::Red.on_default()),
                ChangeTag::Insert => ('+', AnsiColor::Green.on_default()),
                ChangeTag::Equal => (' ', Style::new()),
            };
            out += &painted(style, &format!("{sign}{}", change.value()));
            if change.missing_newline() {
                let _ = writeln!(out, "\\ No newline at end of file");
            }
        }
    }
    out
}

/// Commands that bring the locks of the edited manifests up to date.
fn locks(report: &Report, edited: &[Edited]) -> BTreeSet<String> {
    let touched = |project: &&Project| {
        let mut declared = project.packages.iter().flat_map(|package| &package.declared);
        declared.any(|declared| edited.iter().any(|edited| edited.file == declared.file))
    };
    let locked = |project: &&Project| {
        // A lock that was edited with its manifest is up to date.
        project.lockfile.as_ref().is_some_and(|lock| edited.iter().all(|edited| edited.file != *lock))
    };
    let projects = report.projects.iter().filter(touched).filter(locked);
    projects.filter_map(lock).collect()
}

/// The command that brings a project's lock up to date.
fn lock(project: &Project) -> Option<String> {
    let command = match project.manager.as_deref()? {
        "uv" => "uv lock".to_owned(),
        "poetry" => "poetry lock".to_owned(),
        "pdm" => "pdm lock".to_owned(),
        "pipenv" => "pipenv lock".to_owned(),
        "pip-compile" | "pip-tools" => format!("pip-compile {}", inside(project.manifest.as_deref()?, &project.path)),
        "npm" => "npm install --package-lock-only".to_owned(),
        "pnpm" => "pnpm install --lockfile-only".to_owned(),
        "yarn" => "yarn install".to_owned(),
        "go" => "go mod tidy".to_owned(),
        "cargo" => "cargo update --workspace".to_owned(),
        _ => return None,
    };
    Some(if project.path == "." { command } else { format!("cd {} && {command}", project.path) })
}

/// A path as seen from a folder that holds it.
fn inside<'p>(path: &'p str, folder: &str) -> &'p str {
    path.strip_prefix(folder).map_or(path, |rest| rest.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(before: &str, after: &str) -> Edited {
        Edited {
            file: "deps.txt".to_owned(),
            before: before.into(),
            after: after.to_owned(),
            changes: Vec::new(),
            resolves: BTreeSet::new(),
        }
    }

    #[test]
    fn a_patch_can_be_applied() {
        let edited = edited("a\nb\nc\ntwilio==9\nd\ne\nf\ng\n", "a\nb\nc\nd\ne\nf\ng\n");
        insta::assert_snapshot!(patch("api/deps.txt", &edited, false), @r"
        --- a/api/deps.txt
        +++ b/api/deps.txt
        @@ -1,7 +1,6 @@
         a
         b
         c
        -twilio==9
         d
         e
         f
        ");
    }

    #[test]
    fn a_missing_last_line_end_and_windows_line_ends_are_kept() {
        let patched = patch("deps.txt", &edited("a\r\ntwilio", "a\r\n"), false);
        assert_eq!(
            patched,
            "--- a/deps.txt\n+++ b/deps.txt\n@@ -1,2 +1 @@\n a\r\n-twilio\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn the_lock_command_is_the_managers_own() {
        let project = |manager: &str, path: &str| Project {
            manager: Some(manager.to_owned()),
            path: path.to_owned(),
            manifest: Some("api/requirements/base.in".to_owned()),
            ..Project::default()
        };
        assert_eq!(lock(&project("uv", ".")).as_deref(), Some("uv lock"));
        assert_eq!(lock(&project("poetry", "api")).as_deref(), Some("cd api && poetry lock"));
        assert_eq!(lock(&project("pip-compile", "api")).as_deref(), Some("cd api && pip-compile requirements/base.in"));
        assert_eq!(lock(&project("go", "tools")).as_deref(), Some("cd tools && go mod tidy"));
        assert_eq!(lock(&project("pnpm", ".")).as_deref(), Some("pnpm install --lockfile-only"));
        assert_eq!(lock(&project("pip", ".")), None);
    }
}
