//! Manifests and locks.

mod bun_lock;
pub(crate) mod lock;
pub(crate) mod npm_lock;
pub(crate) mod package_json;
pub(crate) mod pnpm_lock;
mod settle;
#[cfg(test)]
mod testing;
mod tsconfig;
pub(crate) mod yarn_lock;

pub(crate) use settle::{settle, workspace};

use depslim_model::{Layer, Reader};

/// Readers of manifests and locks.
pub(crate) const READERS: &[Reader] = &[
    Reader { name: "package.json", layer: Layer::Manifest, globs: &["package.json"], read: package_json::read },
    Reader {
        name: "package-lock.json",
        layer: Layer::Manifest,
        globs: &["package-lock.json", "npm-shrinkwrap.json"],
        read: npm_lock::read,
    },
    Reader { name: "yarn.lock", layer: Layer::Manifest, globs: &["yarn.lock"], read: yarn_lock::read },
    Reader { name: "pnpm-lock.yaml", layer: Layer::Manifest, globs: &["pnpm-lock.yaml"], read: pnpm_lock::read },
    Reader { name: "bun.lock", layer: Layer::Manifest, globs: &["bun.lock"], read: bun_lock::read },
    Reader {
        name: "tsconfig.json",
        layer: Layer::Code,
        globs: &["tsconfig.json", "tsconfig.*.json", "jsconfig.json"],
        read: tsconfig::read,
    },
];
