//! The shape of `rules.toml`, as it stands in the file.

use super::names::Text;
use super::swaps::{Lighter, SwapKind};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "E: Deserialize<'de>"))]
pub(super) struct File<E> {
    #[serde(rename = "use", default = "Vec::new")]
    pub(super) uses: Vec<RawUse<E>>,
    pub(super) urls: Option<RawUrls>,
    pub(super) names: Option<Text>,
    #[serde(rename = "plugin", default)]
    pub(super) plugins: Vec<RawPlugin>,
    #[serde(rename = "accelerator", default)]
    pub(super) accelerators: Vec<RawAccelerator>,
    pub(super) scopes: Option<RawScopes>,
    #[serde(default)]
    pub(super) lighter: Vec<RawLighter>,
    #[serde(rename = "role", default)]
    pub(super) roles: Vec<RawRole>,
    #[serde(rename = "aggregator", default)]
    pub(super) aggregators: Vec<RawAggregator>,
}

/// `E` is what examples are read into: nothing, unless somebody wants them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", bound(deserialize = "E: Deserialize<'de>"))]
pub(super) struct RawUse<E> {
    pub(super) id: String,
    pub(super) on: String,
    #[serde(rename = "match")]
    pub(super) patterns: String,
    #[serde(default)]
    pub(super) value: Vec<String>,
    #[serde(default)]
    pub(super) needs: String,
    #[serde(default)]
    pub(super) any_of: String,
    #[serde(default)]
    pub(super) first_of: String,
    #[serde(default)]
    pub(super) plugins: String,
    #[serde(default)]
    pub(super) with: String,
    pub(super) strength: Option<String>,
    pub(super) reason: String,
    #[serde(default = "Option::default")]
    pub(super) example: Option<E>,
    #[serde(default = "Option::default")]
    pub(super) counter: Option<E>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct RawUrls {
    pub(super) keywords: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPlugin {
    pub(super) groups: String,
    #[serde(default)]
    pub(super) hosts: String,
    pub(super) auto: bool,
    #[serde(default)]
    pub(super) runtime: bool,
    #[serde(default)]
    pub(super) packages: String,
    pub(super) reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAccelerator {
    pub(super) packages: String,
    pub(super) hosts: String,
    pub(super) reason: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct RawScopes {
    pub(super) dev: String,
    pub(super) dev_except: String,
    pub(super) build: String,
    pub(super) bundle: String,
    pub(super) dev_paths: String,
    pub(super) dev_paths_except: String,
    pub(super) build_paths: String,
    pub(super) dev_imports: String,
    pub(super) dev_in_full: String,
    pub(super) started: String,
    pub(super) dev_servers: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawLighter {
    pub(super) heavy: String,
    pub(super) extra: Option<String>,
    pub(super) lighter: Option<String>,
    pub(super) own_mb: Vec<f64>,
    pub(super) closure_mb: Option<Vec<f64>>,
    pub(super) kind: SwapKind,
    #[serde(default)]
    pub(super) note: String,
    #[serde(default)]
    pub(super) covers: String,
}

impl From<RawLighter> for Lighter {
    fn from(raw: RawLighter) -> Self {
        let bytes = |list: Option<&Vec<f64>>, at: usize| {
            let megabytes = list?.get(at).copied().filter(|mb| mb.is_finite() && *mb >= 0.0)?;
            #[expect(clippy::cast_sign_loss, reason = "negative values are filtered in the line above")]
            Some((megabytes * 1e6).round() as u64)
        };
        Self {
            heavy_own: bytes(Some(&raw.own_mb), 0),
            lighter_own: bytes(Some(&raw.own_mb), 1),
            heavy_closure: bytes(raw.closure_mb.as_ref(), 0),
            lighter_closure: bytes(raw.closure_mb.as_ref(), 1),
            heavy: raw.heavy,
            extra: raw.extra,
            lighter: raw.lighter,
            kind: raw.kind,
            note: raw.note,
            covers: raw.covers,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRole {
    pub(super) id: String,
    pub(super) packages: String,
    pub(super) note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAggregator {
    pub(super) package: String,
    pub(super) brings: String,
}
