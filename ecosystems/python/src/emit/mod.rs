//! What `export` writes: a pinned list with reasons, a PEP 751 lock, the project's own manifest trimmed.

mod list;
mod options;
mod project;
mod pylock;

use crate::manifest;
use crate::names::canonical;
use depslim_model::ecosystem::{Kept, Plan};
use depslim_model::{Emitter, Facts, Source, human};

/// All that `export` can write for Python.
pub(crate) const EMITTERS: &[Emitter] = &[
    Emitter { name: list::NAME, emit: list::emit, direct_only: false, reread: list::reread },
    Emitter { name: pylock::NAME, emit: pylock::emit, direct_only: false, reread: manifest::read_any },
    Emitter { name: "pyproject.toml", emit: project::emit, direct_only: true, reread: project::reread },
];

/// The first line of every file: who wrote it, and that it may be written again. No time: the same plan gives the same bytes.
fn signature(plan: &Plan) -> String {
    let runtime = plan.target.runtime.as_ref().map_or(String::new(), |r| format!(", Python {r}"));
    format!("# Written by depslim {}: what production needs, and why ({}{runtime}).\n", plan.tool, plan.target)
}

/// Why a package stays, in one line.
fn reason(kept: &Kept) -> String {
    let why = if !kept.why.is_empty() {
        kept.why.clone()
    } else if kept.needed_by.is_empty() {
        if kept.direct { "declared by the project".to_owned() } else { String::new() }
    } else {
        let shown = kept.needed_by.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        let more = kept.needed_by.len().saturating_sub(3);
        format!("needed by {shown}{}", if more > 0 { format!(" and {more} more") } else { String::new() })
    };
    let words = why
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    // A comment's last backslash would join the next line to it.
    let text = words.trim_start_matches(['#', ' ']).trim_end_matches(['\\', ' ']);
    manifest::without_credentials(text)
}

/// The packages in the order of their canonical names.
fn sorted(plan: &Plan) -> Vec<&Kept> {
    let mut kept: Vec<&Kept> = plan.keep.iter().filter(|k| k.origin.as_deref() != Some(".")).collect();
    kept.sort_by_cached_key(|k| (canonical(&k.package), k.version.clone()));
    kept
}

/// `54 packages …, 241.4 MB`.
fn summary(kept: &[&Kept], what: &str) -> String {
    let bytes: Option<u64> = kept.iter().map(|k| k.bytes).sum();
    let size = bytes.filter(|b| *b > 0).map_or(String::new(), |b| format!(", {}", human(b)));
    let noun = if kept.len() == 1 { "package" } else { "packages" };
    format!("{} {noun}{what}{size}", kept.len())
}

/// What the sources say, each by its own reader.
fn read_all<'a>(sources: &[Source<'a>]) -> Vec<(&'a str, Facts)> {
    sources.iter().map(|source| (source.path, manifest::read_any(source))).collect()
}
