//! Lines of a manifest as features see them.

use depslim_model::{Facts, Group, How, Require};
use rustc_hash::FxHashMap;

/// A line of a manifest.
#[derive(Debug)]
pub(super) struct Line {
    /// The name that the manifest knows it by.
    pub(super) key: String,
    /// The same as features say it.
    pub(super) dep: String,
    /// The table: empty for `[dependencies]`.
    pub(super) table: String,
    /// The package that it leads to.
    pub(super) target: Option<usize>,
    /// Features of the package that it turns on, `default` among them.
    pub(super) features: Vec<String>,
    pub(super) optional: bool,
    /// It holds on some platforms only.
    pub(super) conditional: bool,
}

/// All lines.
pub(super) fn lines(
    facts: &Facts,
    target: impl Fn(&str, Option<&str>) -> Option<usize>,
    key: impl Fn(&Require) -> &str,
) -> Vec<Line> {
    let own = facts.requires.iter().filter(|r| r.from.is_none());
    let line = |require: &Require| Line {
        key: key(require).to_owned(),
        dep: ["dep:", key(require)].concat(),
        table: require.group_name.clone().unwrap_or_default(),
        target: target(&require.name, require.version.as_deref()),
        features: require.features.clone(),
        optional: require.group == Group::Optional,
        conditional: require.condition.is_some(),
    };
    own.map(line).collect()
}

/// The table of features.
pub(super) fn features(facts: &Facts) -> FxHashMap<String, Vec<String>> {
    let named = facts.provides.iter().take(1).flat_map(|own| &own.features);
    let mut all: FxHashMap<String, Vec<String>> = named.map(|name| (name.clone(), Vec::new())).collect();
    for said in facts.uses.iter().filter(|u| u.how == How::Setting) {
        if let Some(name) = said.name.strip_prefix("features.") {
            all.entry(name.to_owned()).or_default().push(said.value.clone());
        }
    }
    all
}
