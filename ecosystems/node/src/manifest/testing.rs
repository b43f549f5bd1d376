//! What the tests of all lock readers share: facts as short lines.

use depslim_model::{Facts, Group, Settings, Source};

pub(super) fn facts(read: fn(&Source<'_>) -> Facts, text: &str) -> Facts {
    read(&Source { path: "lock", bytes: text.as_bytes(), settings: &Settings::default() })
}

/// `own NAME = KEY` for the project's lines, then `KEY: NAME VERSION` by key with `  NAME = KEY` for what each requires.
pub(super) fn check(read: fn(&Source<'_>) -> Facts, text: &str, expect: &[&str]) {
    let facts = facts(read, text);
    assert_eq!(facts.problems, [], "{text}");
    let line = |require: &depslim_model::Require| {
        let peer = match (require.peer, &require.condition) {
            (true, Some(_)) => " (optional peer)",
            (true, None) => " (peer)",
            (false, _) => "",
        };
        let dev = if require.group == Group::Dev { " (dev)" } else { "" };
        format!("{} = {}{dev}{peer}", require.name, require.key.as_deref().unwrap_or("?"))
    };
    let mut own: Vec<String> =
        facts.requires.iter().filter(|r| r.from.is_none()).map(|r| format!("own {}", line(r))).collect();
    own.sort();
    let mut provides = facts.provides.clone();
    provides.sort_by(|a, b| a.key.cmp(&b.key));
    for provide in provides {
        let key = provide.key.as_deref().unwrap_or("?");
        let what = provide.origin.map_or_else(|| provide.version.clone(), |folder| format!("in {folder}"));
        let when = provide.condition.map_or_else(String::new, |condition| format!(" if {condition}"));
        own.push(format!("{key}: {} {what}{when}", provide.package));
        own.extend(
            facts.requires.iter().filter(|r| r.from_key.as_deref() == Some(key)).map(|r| format!("  {}", line(r))),
        );
    }
    assert_eq!(own, expect, "{text}");
}
