//! The ignore file: sends what the container file reads, and leaves at home what no build step reads.

use crate::context::{NEEDLESS, NEEDLESS_AT_TOP};
use crate::dockerignore::Ignores;

/// What is known of the build context.
#[derive(Debug, Clone, Copy)]
pub struct Reads<'a> {
    /// Paths that build steps read: `.` for all, patterns as container files have them.
    pub paths: &'a [String],
    /// The project's own ignore file, and the folder that its patterns speak of, relative to the build context.
    pub own: Option<(&'a str, &'a str)>,
    /// Files that production is known to use, relative to the build context.
    pub used: &'a [String],
    /// Environments of packages in the context: folders that hold what the build installs anew.
    pub environments: &'a [String],
    /// Version of depslim.
    pub tool: &'a str,
}

/// Files that every build makes anew, wherever they lie.
const EVERYWHERE: &[&str] = &["**/*.pyc", "**/.DS_Store", "**/*.swp"];

/// Writes it.
pub fn ignore(reads: &Reads<'_>) -> String {
    let all = reads.paths.iter().any(|p| is_all(p));
    let mut lines: Vec<String> = Vec::new();
    lines.push(format!("# Written by depslim {}: what no step of the container file beside it reads.", reads.tool));
    lines.push("# BuildKit and buildah take it because of its name; for other builders, copy it to the top of the build context.".to_owned());
    if !all {
        lines.push("*".to_owned());
        lines.extend(reads.paths.iter().map(|p| format!("!{}", p.trim_end_matches('/'))));
    }
    if let Some((text, folder)) = reads.own {
        lines.extend(own_lines(text, folder));
    }
    let explicit: Vec<&str> = reads.paths.iter().map(|p| p.trim_end_matches('/')).filter(|p| !is_all(p)).collect();
    let hides_nothing = |pattern: &str| {
        let one = Ignores::read(pattern);
        !explicit.iter().any(|p| one.leaves_out(p)) && !reads.used.iter().any(|p| one.leaves_out(p))
    };
    let needless = NEEDLESS.iter().map(|n| format!("**/{n}"));
    let at_top = NEEDLESS_AT_TOP.iter().filter(|_| all).map(|n| (*n).to_owned());
    let environments = reads.environments.iter().filter(|e| !is_all(e)).cloned();
    let everywhere = EVERYWHERE.iter().map(|n| (*n).to_owned());
    lines.extend(needless.chain(at_top).chain(environments).chain(everywhere).filter(|p| hides_nothing(p)));
    // What a step names by itself comes along, whatever was said before.
    let so_far = Ignores::read(&lines.join("\n"));
    let hidden: Vec<String> = explicit.iter().filter(|p| so_far.leaves_out(p)).map(|p| format!("!{p}")).collect();
    lines.extend(hidden);
    lines.push(String::new());
    lines.join("\n")
}

fn is_all(path: &str) -> bool {
    matches!(path.trim_end_matches('/'), "." | "" | "*" | "./*")
}

/// The project's own patterns, made to speak of the build context.
fn own_lines(text: &str, folder: &str) -> Vec<String> {
    const MAX_LINES: usize = 2000;
    text.trim_start_matches('\u{feff}')
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .take(MAX_LINES)
        .map(|line| {
            let (sign, pattern) = line.strip_prefix('!').map_or(("", line), |p| ("!", p.trim()));
            match folder {
                "" | "." => line.to_owned(),
                folder => format!("{sign}{folder}/{}", pattern.trim_start_matches('/')),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
