//! Manifests and locks.

pub(crate) mod package_json;
mod tsconfig;

use depslim_model::{Layer, Reader};

/// Readers of manifests and locks.
pub(crate) const READERS: &[Reader] = &[
    Reader { name: "package.json", layer: Layer::Manifest, globs: &["package.json"], read: package_json::read },
    Reader {
        name: "tsconfig.json",
        layer: Layer::Code,
        globs: &["tsconfig.json", "tsconfig.*.json", "jsconfig.json"],
        read: tsconfig::read,
    },
];
