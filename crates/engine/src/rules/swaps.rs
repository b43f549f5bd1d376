//! Other packages for the same job: lighter replacements, duplicate roles, packages that only bring others.

use super::pattern::{matches, words};
use depslim_model::Bytes;
use serde::Deserialize;

/// A lighter replacement, with measured sizes. Own: the package alone; closure: with everything that it requires.
#[derive(Debug, Clone)]
pub struct Lighter {
    /// The heavy package.
    pub heavy: String,
    /// Set when it is about this extra (feature) of the heavy package.
    pub extra: Option<String>,
    /// What to use instead; `None` when it should leave production without one.
    pub lighter: Option<String>,
    /// Bytes of the heavy package alone.
    pub heavy_own: Option<Bytes>,
    /// Bytes of the lighter one alone.
    pub lighter_own: Option<Bytes>,
    /// Bytes of the heavy package and what it requires.
    pub heavy_closure: Option<Bytes>,
    /// Bytes of the lighter one and what it requires.
    pub lighter_closure: Option<Bytes>,
    /// What the change takes.
    pub kind: SwapKind,
    /// What to know before.
    pub note: String,
    pub(super) covers: String,
}

/// What a replacement takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SwapKind {
    /// The same modules and names: only the declaration changes.
    DropIn,
    /// Only an extra (feature) is dropped.
    Extra,
    /// The same package from another index.
    Index,
    /// Another package with a part of the same modules.
    Part,
    /// A setting changes.
    Config,
    /// Code changes.
    Code,
    /// It belongs to development.
    Dev,
    /// It belongs to the build.
    Build,
    /// It belongs into an image of its own.
    Image,
    /// Files inside it can be left out.
    Trim,
    /// A system package does it.
    System,
}

impl Lighter {
    /// Whether the replacement serves every one of these names (relative to the heavy package: `DataFrame.groupby`). A drop-in
    /// always does; for the rest the rule has to say so, and no names at all are no proof.
    pub fn covers<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> bool {
        if self.kind == SwapKind::DropIn {
            return true;
        }
        let mut any = false;
        names.into_iter().all(|name| {
            any = true;
            words(&self.covers).any(|pattern| matches(pattern, name))
        }) && any
    }
}

/// Packages that do the same job: more than one of them in production is one too many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Name of the role, kebab-case.
    pub id: String,
    /// The packages.
    pub packages: Vec<String>,
    /// What to say.
    pub note: String,
}

/// A package that is declared for what it brings: used when anything that it brings is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aggregator {
    /// The package.
    pub package: String,
    /// What it brings, known also when nothing is installed.
    pub brings: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::super::Rules;
    use super::SwapKind;

    #[test]
    fn a_replacement_has_to_cover_every_name() {
        let rules = Rules::parse(
            r#"
            [[lighter]]
            heavy = "tables"
            lighter = "sheets"
            own-mb = [43.4, 0.9]
            closure-mb = [97.1, 0.9]
            kind = "code"
            covers = "read_sheet Frame.to_sheet"
            [[lighter]]
            heavy = "vision"
            lighter = "vision-headless"
            own-mb = [196.0, 159.5]
            kind = "drop-in"
            "#,
            ".",
            str::to_owned,
        )
        .unwrap();
        let [tables, vision] = rules.lighter.as_slice() else { panic!("two replacements") };
        assert_eq!((tables.heavy_own, tables.lighter_closure), (Some(43_400_000), Some(900_000)));
        assert!(tables.covers(["read_sheet", "Frame.to_sheet"]));
        assert!(!tables.covers(["read_sheet", "Frame.groupby"]));
        assert!(!tables.covers([]));
        assert_eq!((vision.kind, vision.heavy_closure), (SwapKind::DropIn, None));
        assert!(vision.covers(["anything"]));
    }
}
