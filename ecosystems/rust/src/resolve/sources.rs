//! Manifests of locked packages: vendored beside the lock, or where cargo keeps sources.

use crate::manifest;
use depslim_formats::text::decode;
use depslim_formats::toml;
use depslim_model::{Facts, Host};
use std::path::PathBuf;

/// Folders that hold packages' sources.
pub(super) struct Sources(Vec<PathBuf>);

impl Sources {
    /// Those that a lock in a folder of the tree may have.
    pub(super) fn of(host: &Host<'_>, folder: &str) -> Self {
        Self(crate::environment::sources(host, &host.root.join(folder)))
    }

    /// The folder of a package.
    pub(super) fn folder(&self, name: &str, version: &str) -> Option<PathBuf> {
        // `cargo vendor` leaves the version out unless there are several.
        let names = [format!("{name}-{version}"), name.to_owned()];
        let places = self.0.iter().flat_map(|place| names.iter().map(move |name| place.join(name)));
        places.into_iter().find(|folder| folder.join("Cargo.toml").is_file())
    }

    /// What a package's manifest says.
    pub(super) fn manifest(&self, name: &str, version: &str) -> Option<Facts> {
        let bytes = fs_err::read(self.folder(name, version)?.join("Cargo.toml")).ok()?;
        let decoded = decode(&bytes);
        let doc = toml::parse(&decoded.text).ok()?;
        let mut facts = Facts::default();
        manifest::read_doc(&doc, &mut facts);
        facts.provides.first().is_some_and(|own| own.package == name && own.version == version).then_some(facts)
    }
}
