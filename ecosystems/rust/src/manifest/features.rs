//! Features that are turned on: which optional lines count then
//! ([features](https://doc.rust-lang.org/cargo/reference/features.html)).

use depslim_formats::toml::Doc;
use depslim_model::{Facts, Group, Settings};
use std::collections::BTreeSet;

/// A condition that never holds.
const NEVER: &str = "cfg(any())";

/// Marks the optional lines that the features of the settings leave out; without any, all count.
pub(super) fn choose(doc: &Doc<'_>, settings: &Settings, facts: &mut Facts) {
    if !settings.has("features") {
        return;
    }
    let package = facts.manifest.as_ref().and_then(|m| m.name.clone()).unwrap_or_default();
    let asked = settings.list("features").iter().filter_map(|feature| match feature.split_once('/') {
        Some((of, feature)) if of == package => Some(feature),
        Some(_) => None,
        None => Some(feature.as_str()),
    });
    let on = turned_on(doc, asked);
    for require in facts.requires.iter_mut().filter(|r| r.from.is_none() && r.group == Group::Optional) {
        if !on.contains(super::workspace::key(require)) {
            require.condition =
                Some(match require.condition.as_deref().and_then(|c| c.strip_prefix("cfg(")?.strip_suffix(')')) {
                    Some(inner) => format!("cfg(all({inner}, any()))"),
                    None => NEVER.to_owned(),
                });
        }
    }
}

/// Keys of optional lines that some features lead to.
fn turned_on<'d>(doc: &'d Doc<'_>, asked: impl Iterator<Item = &'d str>) -> BTreeSet<&'d str> {
    let table = doc.at(&["features"]);
    let mut on: BTreeSet<&str> = BTreeSet::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut work: Vec<&str> = asked.collect();
    while let Some(feature) = work.pop() {
        if !seen.insert(feature) {
            continue;
        }
        if let Some(line) = feature.strip_prefix("dep:") {
            on.insert(line);
        } else if let Some((line, _)) = feature.split_once('/') {
            // `x?/y` asks for nothing that is not there anyway.
            if !line.ends_with('?') {
                on.insert(line);
                work.push(line);
            }
        } else {
            // A feature of the table, or the name of an optional line.
            match table.and_then(|t| t.get(feature)) {
                Some(values) => work.extend(values.items().filter_map(|v| v.text())),
                None => drop(on.insert(feature)),
            }
        }
    }
    on
}

#[cfg(test)]
mod tests {
    use depslim_model::{Settings, Source};

    fn check(features: &[&str], expect: &[&str]) {
        let text = "[package]\nname = \"barn\"\n[features]\ndefault = [\"cows\"]\ncows = [\"dep:hay\"]\npigs = [\"oats/fine\", \"rye?/x\"]\n[dependencies]\nhay = { version = \"1\", optional = true }\noats = { version = \"1\", optional = true }\nrye = { version = \"1\", optional = true }\nstraw = \"1\"\n";
        let mut settings = Settings::default();
        settings.0.insert("features".into(), features.iter().map(|f| (*f).to_owned()).collect());
        let facts = crate::manifest::read(&Source { path: "Cargo.toml", bytes: text.as_bytes(), settings: &settings });
        let on: Vec<&str> = facts.requires.iter().filter(|r| r.condition.is_none()).map(|r| r.name.as_str()).collect();
        assert_eq!(on, expect, "{features:?}");
    }

    #[test]
    fn features_lead_to_optional_lines() {
        check(&["default"], &["hay", "straw"]);
        check(&[], &["straw"]);
        check(&["pigs"], &["oats", "straw"]);
        check(&["barn/pigs", "shed/cows"], &["oats", "straw"]);
        check(&["rye"], &["rye", "straw"]);
    }
}
