//! What all locks have in common: packages by key, edges between keys, and the lines of the project.

use depslim_model::{Artifact, Facts, Group, Manifest, Problem, Provide, Require, Role};

/// A table of dependencies, as locks and manifests name them.
pub(super) const TABLES: &[(&str, Group, bool)] = &[
    ("dependencies", Group::Prod, false),
    ("optionalDependencies", Group::Prod, false),
    ("devDependencies", Group::Dev, false),
    ("peerDependencies", Group::Prod, true),
];

/// Facts of a lock that a client wrote.
pub(super) fn of(manager: &str) -> Facts {
    let manifest = Manifest { role: Role::Lock, manager: Some(manager.to_owned()), ..Manifest::default() };
    Facts { manifest: Some(manifest), ..Facts::default() }
}

/// Half a lock is none: what it does not say would look like nobody's need.
pub(super) fn broken(manager: &str, problem: Problem) -> Facts {
    Facts { problems: vec![Problem { fatal: true, ..problem }], ..of(manager) }
}

/// A locked package.
pub(super) fn package(name: &str, version: &str, key: &str, line: u32) -> Provide {
    Provide {
        package: name.to_owned(),
        version: version.to_owned(),
        key: Some(key.to_owned()),
        line,
        ..Provide::default()
    }
}

/// A member of the workspace, in a folder relative to the lock's.
pub(super) fn member(name: &str, folder: &str, key: &str, line: u32) -> Provide {
    let origin = Some(folder.to_owned());
    Provide { first_party: true, origin, ..package(name, "", key, line) }
}

/// The archive of a package: its checksum, and the URL that it comes from without credentials.
pub(super) fn archive(name: &str, version: &str, hash: Option<&str>) -> Vec<Artifact> {
    let file = format!("{}-{version}.tgz", name.rsplit('/').next().unwrap_or(name));
    hash.map(|hash| Artifact { file, hash: Some(hash.to_owned()), bytes: None }).into_iter().collect()
}

/// An edge; `owner` is the name and key of who requires it, none for the project itself.
pub(super) fn edge(owner: Option<(&str, &str)>, name: &str, key: Option<&str>, line: u32) -> Require {
    Require {
        from: owner.map(|(name, _)| name.to_owned()),
        from_key: owner.map(|(_, key)| key.to_owned()),
        name: name.to_owned(),
        key: key.map(str::to_owned),
        line,
        ..Require::default()
    }
}

/// The name in `name@range`, also where it begins with a scope.
pub(crate) fn split(descriptor: &str) -> Option<(&str, &str)> {
    let at = descriptor.get(1..)?.find('@')? + 1;
    Some((&descriptor[..at], &descriptor[at + 1..]))
}
